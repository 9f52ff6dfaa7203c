//! `cfunc check`.

use crate::common::Folder;

#[test]
fn good_files() {
    let folder = Folder::with(
        "@node\ndef f(x: Signal[float], k: float) -> Signal[float]:\n    return x * k\n\n\n\
         @node\ndef g(x: Signal[int]) -> Signal[int]:\n    return x + 1\n",
        "",
    );
    let outcome = folder.cfunc(&["check", "node.py"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (0, ""), "{}", outcome.errors);
    assert_eq!(outcome.errors, "node.py: 2 node functions, 0 errors, 0 warnings\n");
}

#[test]
fn every_function_is_reported() {
    let folder = Folder::with(
        "@node\ndef f(x: Signal[float]) -> Signal[float]:\n    return missing_one\n\n\n\
         @node\ndef g(x: Signal[int]) -> Signal[int]:\n    return missing_two\n",
        "",
    );
    let outcome = folder.cfunc(&["check", "node.py"]);
    assert_eq!(outcome.status, 1);
    for part in ["missing_one", "node.py:3:12", "missing_two", "node.py:8:12", "2 errors"] {
        assert!(outcome.errors.contains(part), "no `{part}` in: {}", outcome.errors);
    }
}

#[test]
fn what_cannot_be_checked() {
    let folder = Folder::with("def f(:\n", "");
    assert_eq!(folder.cfunc(&["check", "node.py"]).status, 1);
    assert_eq!(folder.cfunc(&["check", "none.py"]).status, 2);
    assert_eq!(folder.cfunc(&["check"]).status, 2);
}

#[test]
fn what_is_too_deep_is_refused_in_time() {
    for open in ["(", "[", "not ", "-", "f("] {
        let folder = Folder::with(
            &format!("@node\ndef f(x: Signal[int]) -> Signal[int]:\n    return {}x\n", open.repeat(60_000)),
            "",
        );
        let start = std::time::Instant::now();
        let outcome = folder.cfunc(&["check", "node.py"]);
        assert_eq!(outcome.status, 1, "{open}");
        assert!(start.elapsed().as_secs_f64() < 5.0, "{open}");
        assert!(outcome.errors.len() < 20_000, "{open}");
    }
}
