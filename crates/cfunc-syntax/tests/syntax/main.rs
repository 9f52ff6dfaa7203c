//! Tests of the crate through its public API.

mod errors;
mod limits;
mod printing;
mod round_trip;
mod trees;

use cfunc_syntax::ast::Module;
use cfunc_syntax::{Limits, ParseOutcome, parse};

/// Parses within the default limits.
fn parsed(source: &str) -> ParseOutcome {
    parse(source, &Limits::default())
}

/// Parses what is right.
#[track_caller]
fn module(source: &str) -> Module {
    let outcome = parsed(source);
    assert!(outcome.diagnostics.is_empty(), "{}\n{source}", outcome.diagnostics.render("test.py", source));
    outcome.module
}

/// The tree as text without its spans, to compare trees of different texts.
fn shape(module: &Module) -> String {
    let text = format!("{module:?}");
    let mut result = String::with_capacity(text.len());
    let mut rest = text.as_str();
    while let Some(start) = rest.find("Span {") {
        result.push_str(&rest[..start]);
        let end = rest[start..].find('}').map_or(rest.len(), |end| start + end + 1);
        rest = &rest[end..];
    }
    result.push_str(rest);
    result
}

/// Runs on a thread of the size that the standard library gives by default.
fn on_small_stack<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    std::thread::scope(|scope| {
        std::thread::Builder::new()
            .stack_size(2 << 20)
            .spawn_scoped(scope, work)
            .expect("a thread starts")
            .join()
            .expect("the work does not panic")
    })
}
