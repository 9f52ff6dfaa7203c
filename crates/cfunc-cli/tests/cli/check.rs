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
fn a_decorator_names_nodes() {
    let folder = Folder::with(
        "@cached\ndef helper(x):\n    return x\n\n\n@node\ndef f(x: Signal[float]) -> Signal[float]:\n    return helper(x)\n",
        "",
    );
    let outcome = folder.cfunc(&["check", "node.py"]);
    assert_eq!((outcome.status, &*outcome.errors), (0, "node.py: 1 node function, 0 errors, 0 warnings\n"));
    let outcome = folder.cfunc(&["check", "node.py", "--decorator", "node"]);
    assert_eq!((outcome.status, &*outcome.errors), (0, "node.py: 1 node function, 0 errors, 0 warnings\n"));
    let outcome = folder.cfunc(&["check", "node.py", "--decorator", "cached"]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.errors.contains("1 node function") && outcome.errors.contains("`x`"), "{}", outcome.errors);
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

/// A warning, and an error behind characters of several bytes.
const WARNED: &str = "@node\ndef f(x: Signal[int], y: Signal[int]) -> Signal[int]:\n    return x\n";
const WRONG: &str = "@node\ndef f(x: Signal[int]) -> Signal[int]:\n    return len('é𝄞') + valeu\n";

fn json_lines(text: &str) -> Vec<serde_json::Value> {
    text.lines().map(|line| serde_json::from_str(line).expect("an object a line")).collect()
}

#[test]
fn json_for_editors() {
    let folder = Folder::with(WRONG, "x\n1\n");
    let outcome = folder.cfunc(&["check", "node.py", "--format", "json"]);
    assert_eq!(outcome.status, 1, "{}", outcome.errors);
    assert_eq!(outcome.errors, "node.py: 1 node function, 1 error, 0 warnings\n");
    let [entry] = json_lines(&outcome.output).try_into().expect("one object");
    assert_eq!(
        (&entry["code"], &entry["severity"], &entry["file"]),
        (&"E0101".into(), &"error".into(), &"node.py".into())
    );
    let expected = serde_json::json!({"line": 3, "column": 24, "column_utf8": 28, "column_utf16": 25, "offset": 71});
    assert_eq!(entry["start"], expected);
    assert_eq!(entry["end"]["offset"], 76);
    // The other commands write data to standard output, so theirs go to standard error.
    for outcome in
        [folder.run(&["--format", "json"]), folder.cfunc(&["emit", "node.py", "--kind", "ir", "--format", "json"])]
    {
        assert_eq!((outcome.status, outcome.output.as_str()), (1, ""));
        assert_eq!(json_lines(&outcome.errors), std::slice::from_ref(&entry));
    }
    folder.write("node.py", "def f(:\n\n\ndef g(x: Signal[int]) -> Signal[int]:\n    return valeu\n");
    let outcome = folder.cfunc(&["check", "node.py", "--format=json"]);
    let codes: Vec<_> = json_lines(&outcome.output).iter().map(|entry| entry["code"].clone()).collect();
    assert_eq!(codes, ["E0001", "E0101"]);
}

#[test]
fn warnings_can_be_denied() {
    let folder = Folder::with(WARNED, "");
    let outcome = folder.cfunc(&["check", "node.py"]);
    assert_eq!(outcome.status, 0, "{}", outcome.errors);
    for part in ["W0101", "`y`", "1 node function, 0 errors, 1 warning", "cfunc explain W0101"] {
        assert!(outcome.errors.contains(part), "no `{part}` in: {}", outcome.errors);
    }
    assert_eq!(folder.cfunc(&["check", "node.py", "--deny-warnings"]).status, 1);
    folder.write("node.py", WARNED.replace("return x", "return x + y"));
    assert_eq!(folder.cfunc(&["check", "node.py", "--deny-warnings"]).status, 0);
}

#[test]
fn codes_are_explained() {
    let folder = Folder::new();
    let outcome = folder.cfunc(&["explain", "e0101"]);
    assert_eq!(outcome.status, 0, "{}", outcome.errors);
    assert!(outcome.output.starts_with("# E0101: unknown name\n"), "{}", outcome.output);
    let outcome = folder.cfunc(&["explain"]);
    assert_eq!(outcome.status, 0);
    let codes = cfunc_compiler::DIAGNOSTIC_CODES;
    assert_eq!(outcome.output.lines().count(), codes.len());
    assert!(outcome.output.contains("W0101  unused input\n"), "{}", outcome.output);
    let outcome = folder.cfunc(&["explain", "E0199"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (2, ""));
    assert!(outcome.errors.contains("no code `E0199`"), "{}", outcome.errors);
}
