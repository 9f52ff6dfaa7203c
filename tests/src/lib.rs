//! End-to-end cases and suites of the cfunc compiler; what is shared between the suites is here.

mod engines;
mod front_end;
mod keys;
mod passed;
mod properties;
mod reformat;
mod resume;

use std::path::PathBuf;

use cfunc_compiler::{CompilationContext, defaults};

pub use engines::{engines_that_are_quick, engines_that_inline};
pub use front_end::{FRAGMENTS, Mutation, front_end_holds, mutated};
pub use keys::{key, key_request};
pub use passed::Passed;
pub use properties::property_configuration;
pub use reformat::Reformatting;
pub use resume::{ResumableCase, ResumableCases, ResumeJob};

/// The context that nodes of the cases are compiled in: the built-ins and signals.
///
/// # Panics
///
/// When they cannot be registered together, which a test then shows.
pub fn context() -> CompilationContext {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .build()
        .expect("the built-ins and signals register together")
}

/// A file of this package, by its path from the package's folder.
pub fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative)
}

/// A source with `# … 300 lines like the one before` written out, and the line of `text` that each of its lines comes
/// from.
///
/// # Panics
///
/// When the number cannot be read.
pub fn expand(text: &str) -> (String, Vec<u32>) {
    let mut expanded = String::new();
    let mut lines = Vec::new();
    let mut before = "";
    for (number, line) in (1u32..).zip(text.lines()) {
        let count = line.strip_prefix("# … ").and_then(|rest| rest.split_once(" lines like the one before"));
        let (line, count) = match count {
            Some((count, _)) => (before, count.parse().expect("a number of lines")),
            None => (line, 1),
        };
        for _ in 0..count {
            expanded.push_str(line);
            expanded.push('\n');
            lines.push(number);
        }
        before = line;
    }
    // Where the text ends without a line end, its last line is the place after it.
    lines.push(lines.last().copied().unwrap_or(1));
    (expanded, lines)
}
