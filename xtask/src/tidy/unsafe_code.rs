//! `unsafe`: where it may stand, and that each use says why it is sound.

use super::Violation;
use super::rust_text::{Line, split};
use super::workspace::File;

/// Packages that may hold unsafe code: the C runtime's wrappers, the engines' memory access, code ownership, the call
/// boundary, and suites and benches that call compiled code as a C host does.
const ALLOWED: &[&str] = &[
    "cfunc-runtime",
    "cfunc-backend",
    "cfunc-backend-interp",
    "cfunc-backend-cranelift",
    "cfunc-backend-llvm",
    "cfunc-compiler",
    // Who describes a function of a host promises that it is one.
    "cfunc-context",
    "cfunc-tests",
    "cfunc-bench",
    // Hosts hand over pointers to memory of their own.
    "cfunc-example-series",
    "cfunc-example-record-pointer",
    "cfunc-example-timeseries",
    "cfunc-example-orderbook",
];

/// Unsafe code stands in few packages, each use with its reason.
pub(super) fn check(file: &File) -> Vec<Violation> {
    let lines = split(&file.text);
    let allowed = ALLOWED.contains(&file.package());
    let mut violations = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        if !uses_unsafe(&line.code) {
            continue;
        }
        if !allowed {
            let message = "unsafe code stands in the runtime, the engines and the facade only";
            violations.push(Violation::new(&file.path, index + 1, message));
        } else if !has_reason(&lines, index) {
            let message = "unsafe without a SAFETY comment (a Safety section for functions) that says why it is sound";
            violations.push(Violation::new(&file.path, index + 1, message));
        }
    }
    violations
}

/// Whether the word stands on the line, other than in the type of a function pointer.
fn uses_unsafe(code: &str) -> bool {
    code.match_indices("unsafe").any(|(at, word)| {
        let before = code[..at].chars().next_back();
        let after = &code[at + word.len()..];
        let is_part_of_a_word = |character: char| character.is_alphanumeric() || character == '_';
        if before.is_some_and(is_part_of_a_word) || after.starts_with(is_part_of_a_word) {
            return false;
        }
        // `unsafe(no_mangle)` is an attribute: the block or function it is on has its own reason.
        !is_function_pointer(after) && !after.starts_with('(')
    })
}

/// ` extern "C" fn(…)`: a type, no use.
fn is_function_pointer(after: &str) -> bool {
    let mut after = after.trim_start();
    if let Some(rest) = after.strip_prefix("extern") {
        after = rest.trim_start().trim_start_matches("\"\"").trim_start();
    }
    after.strip_prefix("fn").is_some_and(|rest| rest.trim_start().starts_with('('))
}

/// Whether the reason stands on the line itself, above it, or above the statement that it belongs to.
fn has_reason(lines: &[Line], index: usize) -> bool {
    if is_reason(&lines[index].comment) || implements_a_trait(lines, index) {
        return true;
    }
    let mut above = index;
    while above > 0 {
        above -= 1;
        let line = &lines[above];
        let code = line.code.trim();
        if is_reason(&line.comment) {
            return true;
        }
        let goes_on = code.is_empty() && !line.comment.is_empty() || code.starts_with("#[") || !ends_a_statement(code);
        if !goes_on {
            return false;
        }
    }
    false
}

/// Whether the line is an unsafe function of a trait's implementation: the trait says what callers must keep.
fn implements_a_trait(lines: &[Line], index: usize) -> bool {
    let indentation = |code: &str| code.len() - code.trim_start().len();
    let code = &lines[index].code;
    if !code.trim_start().starts_with("unsafe fn ") && !code.trim_start().starts_with("unsafe extern ") {
        return false;
    }
    let around = |line: &&Line| !line.code.trim().is_empty() && indentation(&line.code) < indentation(code);
    lines[..index].iter().rev().find(around).is_some_and(|line| {
        let code = line.code.trim_start();
        (code.starts_with("impl") || code.starts_with("unsafe impl")) && code.contains(" for ")
    })
}

fn is_reason(comment: &str) -> bool {
    comment.contains("SAFETY:") || comment.contains("# Safety")
}

/// Whether what follows such a line is a statement or item of its own.
fn ends_a_statement(code: &str) -> bool {
    code.is_empty() || code.ends_with(';') || code.ends_with('{') || code.ends_with('}')
}

#[cfg(test)]
mod tests {
    use super::check;
    use crate::tidy::workspace::File;

    const CLEAN: [usize; 0] = [];

    fn lines(package: &str, text: &str) -> Vec<usize> {
        let file = File::new(format!("crates/{package}/src/a.rs"), text);
        check(&file).into_iter().map(|violation| violation.line).collect()
    }

    #[test]
    fn unsafe_code_in_another_crate_is_found() {
        assert_eq!(lines("cfunc-lower", "// SAFETY: none.\nlet a = unsafe { f() };\n"), [2]);
        assert_eq!(lines("cfunc-lower", "#![forbid(unsafe_code)]\nlet unsafe_x = \"unsafe\"; // unsafe\n"), CLEAN);
    }

    #[test]
    fn a_missing_reason_is_found() {
        assert_eq!(lines("cfunc-runtime", "let a = unsafe { f() };\n"), [1]);
        assert_eq!(lines("cfunc-runtime", "// SAFETY: one.\nlet a = 1;\nlet b = unsafe { f() };\n"), [3]);
        assert_eq!(lines("cfunc-runtime", "unsafe impl Send for A {}\n"), [1]);
        assert_eq!(lines("cfunc-runtime", "/// Calls.\npub unsafe fn f() {}\n"), [2]);
        assert_eq!(lines("cfunc-runtime", "impl Unit {\n    unsafe fn call(&self) {\n    }\n}\n"), [2]);
    }

    #[test]
    fn reasons_are_seen_where_they_may_stand() {
        for text in [
            "let a = unsafe { f() }; // SAFETY: reason.\n",
            "// SAFETY: a reason\n// of two lines.\nlet a =\n    unsafe { f() };\n",
            "/// # Safety\n///\n/// Reason.\n#[inline]\npub unsafe fn f() {}\n",
            "impl Code for Unit {\n    /// Calls.\n    unsafe fn call(&self) {\n    }\n}\n",
            "type F = unsafe extern \"C\" fn(u64);\ntype G = unsafe fn();\n",
        ] {
            assert_eq!(lines("cfunc-runtime", text), CLEAN, "{text}");
        }
    }
}
