//! Sources made to exhaust a compiler: an error in under a second, on a stack of 2 MB.

use std::time::{Duration, Instant};

use cfunc_compiler::{Source, check};
use cfunc_tests::context;

/// A node whose body is the given lines.
fn node(body: &str) -> String {
    format!("@node\ndef n(x: Signal[int]) -> Signal[int]:\n{body}\n    return x\n")
}

/// The severest machine is slow and shared; a second is the goal, an answer in bounded time is what is tested.
const PATIENCE: Duration = Duration::from_secs(20);

#[track_caller]
fn check_refused(what: &str, source: String) {
    let started = Instant::now();
    let refused = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || check(&context(), &Source::new("deep.py", source)).has_errors())
        .expect("a thread")
        .join()
        .expect("no panic");
    assert!(refused, "{what} is refused");
    assert!(started.elapsed() < PATIENCE, "{what} took {:?}", started.elapsed());
}

#[test]
fn sixty_thousand_of_anything_is_refused() {
    const MANY: usize = 60_000;
    let repeated = |open: &str, inner: &str, close: &str| {
        node(&format!("    y = {}{inner}{}", open.repeat(MANY), close.repeat(MANY)))
    };
    check_refused("parentheses", repeated("(", "x", ")"));
    check_refused("unary operators", repeated("-", "x", ""));
    check_refused("negations", repeated("not ", "x", ""));
    check_refused("attributes", repeated("", "x", ".a"));
    check_refused("calls", repeated("", "x", "()"));
    check_refused("subscripts", repeated("", "x", "[0]"));
    check_refused("comparisons", repeated("", "x", " < x"));
    check_refused("conditional expressions", repeated("", "x", " if x else x"));
    check_refused("powers", repeated("", "x", " ** x"));
    check_refused("lambdas", repeated("lambda: ", "x", ""));
    check_refused("elifs", node(&format!("    if x:\n        pass\n{}", "    elif x:\n        pass\n".repeat(MANY))));
    check_refused("digits", node(&format!("    y = {}", "9".repeat(MANY))));
    let nested: String = (0..1_000).map(|depth| format!("{}if x:\n", "    ".repeat(depth + 1))).collect();
    check_refused("indentation", node(&format!("{nested}{}pass", "    ".repeat(1_001))));
}

#[test]
fn what_is_just_allowed_compiles() {
    // As deep as the limits let it be, on the same small stack.
    let depth = 90;
    let nested: String = (0..depth).map(|level| format!("{}if x > {level}:\n", "    ".repeat(level + 1))).collect();
    let source =
        node(&format!("    y = 0\n{nested}{}y = {}x{}", "    ".repeat(depth + 1), "(".repeat(90), ")".repeat(90)));
    let diagnostics = std::thread::Builder::new()
        .stack_size(2 << 20)
        .spawn(move || check(&context(), &Source::new("deep.py", source)))
        .expect("a thread")
        .join()
        .expect("no panic");
    assert!(!diagnostics.has_errors(), "{diagnostics}");
}
