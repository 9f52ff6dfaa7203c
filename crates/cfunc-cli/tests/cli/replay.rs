//! `cfunc replay`.

use crate::common::Folder;

const NODE: &str = "\
@node
def count(x: Signal[float]) -> Signal[float]:
    n: State[int] = 0
    if x.ticked():
        n += 1
    if n > 1 and x.valid():
        return x / n
";

const CASE: &str = r#"{
    "function": "count", "constants": {}, "inputs": [{"name": "x", "type": "float"}],
    "outputs": [{"name": null, "type": "float"}], "state_slots": [{"name": "n", "type": "int"}], "state_values": [0],
    "nrt_state_indices": [], "compare": "exact",
    "ticks": [
        {"values": [8.0], "ticked": [1], "valid": [1]},
        {"values": [null], "ticked": [1], "valid": [1]},
        {"values": ["nan"], "ticked": [0], "valid": [1]},
        {"values": [1.0], "ticked": [1], "valid": [0]}
    ],
    "expected": [
        {"outputs": [null], "ticked": [0]}, {"outputs": [4.0], "ticked": [1]},
        {"outputs": ["nan"], "ticked": [1]}, {"outputs": [null], "ticked": [0]}
    ],
    "state_after": [3]
}"#;

/// A folder with the case, in which one text is replaced by another.
fn folder(from: &str, to: &str) -> Folder {
    let folder = Folder::new();
    folder.write("cases/deep/down/case.py", NODE);
    let case = CASE.replacen(from, to, 1);
    assert!(from.is_empty() || case != CASE, "{from}");
    folder.write("cases/deep/down/case.json", case);
    folder
}

#[test]
fn a_good_case_passes_at_any_depth() {
    let folder = folder("", "");
    let outcome = folder.cfunc(&["replay", "cases"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (0, "1 passed, 0 failed\n"), "{}", outcome.errors);
    let outcome = folder.cfunc(&["replay", "cases/deep", "cases/deep/down/case.json"]);
    assert_eq!(outcome.output, "1 passed, 0 failed\n", "a case that is named twice counts once");
}

#[test]
fn every_difference_fails_on_every_engine() {
    for (from, to, line) in [
        ("[4.0]", "[4.000000000000001]", "tick 2: the output: expected 4.000000000000001, got 4.0"),
        (
            r#"{"outputs": [null], "ticked": [0]}"#,
            r#"{"outputs": [8.0], "ticked": [1]}"#,
            "tick 1: the output: expected 8.0, got no tick",
        ),
        (
            r#"{"outputs": [4.0], "ticked": [1]}"#,
            r#"{"outputs": [null], "ticked": [0]}"#,
            "tick 2: the output: expected no tick, got 4.0",
        ),
        (r#"["nan"], "ticked": [1]}"#, r#"[1.0], "ticked": [1]}"#, "tick 3: the output: expected 1.0, got nan"),
        (r#""state_after": [3]"#, r#""state_after": [4]"#, "the state `n` after the last tick: expected 4, got 3"),
        (r#""state_values": [0]"#, r#""state_values": [1]"#, "state_values: expected [1], got [0]"),
        (r#""nrt_state_indices": []"#, r#""nrt_state_indices": [0]"#, "nrt_state_indices: expected [0], got []"),
        (
            r#"{"name": "n", "type": "int"}"#,
            r#"{"name": "m", "type": "int"}"#,
            "the order of the state slots: expected [m], got [n]",
        ),
        (
            r#"{"name": null, "type": "float"}"#,
            r#"{"name": "y", "type": "float"}"#,
            "the outputs: expected [y: float], got [float]",
        ),
        (
            r#"{"outputs": [null], "ticked": [0]}"#,
            r#"{"outputs": [null], "ticked": [0], "error": "KeyError"}"#,
            "tick 1: the node error: expected KeyError, got no error",
        ),
        (r#""constants": {}"#, r#""constants": {"k": 1}"#, "compilation: expected success"),
    ] {
        let outcome = folder(from, to).cfunc(&["replay", "cases"]);
        assert_eq!(outcome.status, 1, "{to}");
        assert!(outcome.output.ends_with("\n0 passed, 1 failed\n"), "{}", outcome.output);
        for engine in ["interpreter", "cranelift"] {
            let found = outcome
                .output
                .lines()
                .any(|text| text.contains("case.json") && text.contains(&format!("[{engine}]")) && text.contains(line));
            assert!(found, "no `{line}` for {engine} in: {}", outcome.output);
        }
    }
}

#[test]
fn what_is_not_known_fails() {
    for (from, to, part) in [
        (r#""compare": "exact""#, r#""compare": "exact", "surprise": 1"#, "surprise"),
        (r#""compare": "exact""#, r#""compare": "exact", "options": {"fast": true}"#, "fast"),
        (r#""compare": "exact""#, r#""compare": "roughly""#, "roughly"),
        (r#""type": "float""#, r#""type": "set[int]""#, "set[int]"),
        ("{", "", "expected"),
    ] {
        let outcome = folder(from, to).cfunc(&["replay", "cases"]);
        assert_eq!(outcome.status, 1, "{to}");
        assert!(
            outcome.output.contains(part) && outcome.output.ends_with("0 passed, 1 failed\n"),
            "{}",
            outcome.output
        );
    }
    let lonely = Folder::new();
    lonely.write("case.json", CASE);
    let outcome = lonely.cfunc(&["replay", "."]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.output.contains("a readable Python file"), "{}", outcome.output);
}

#[test]
fn nothing_to_replay() {
    let folder = Folder::new();
    let outcome = folder.cfunc(&["replay", "."]);
    assert_eq!((outcome.status, outcome.output.as_str()), (1, "0 passed, 0 failed\n"));
    assert_eq!(folder.cfunc(&["replay", "none"]).status, 2);
    assert_eq!(folder.cfunc(&["replay"]).status, 2);
    folder.write("a.txt", "");
    assert_eq!(folder.cfunc(&["replay", "a.txt"]).status, 2);
}
