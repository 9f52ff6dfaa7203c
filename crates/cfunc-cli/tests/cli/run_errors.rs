//! `cfunc run`: what is wrong with data, nodes and arguments.

use crate::common::{Folder, Outcome};

const DOUBLE: &str = "@node\ndef double(x: Signal[float]) -> Signal[float]:\n    return x * 2.0\n";

const SHIFT: &str = "@node\ndef shift(x: Signal[int]) -> Signal[int]:\n    return 1 << x\n";

#[track_caller]
fn fails(outcome: &Outcome, status: i32, parts: &[&str]) {
    assert_eq!(outcome.status, status, "{}", outcome.errors);
    for part in parts {
        assert!(outcome.errors.contains(part), "no `{part}` in: {}", outcome.errors);
    }
}

#[test]
fn a_bad_cell_names_its_place_and_what_is_written_is_complete() {
    let folder = Folder::with(DOUBLE, "a,x\n1,1\n2,2\n3,two\n4,4\n");
    let outcome = folder.run(&["--output", "out.csv"]);
    fails(&outcome, 1, &["data.csv: row 3 (line 4), column `x`: expected a float, found `two`"]);
    assert_eq!(folder.read("out.csv"), "row,double\n1,2.0\n2,4.0\n");
    let outcome = folder.run(&[]);
    assert_eq!((outcome.status, outcome.output.as_str()), (1, "row,double\n1,2.0\n2,4.0\n"));
    // What skips node errors does not skip data that cannot be read.
    fails(&folder.run(&["--on-error", "skip"]), 1, &["row 3"]);
}

#[test]
fn bad_cells_of_every_type() {
    for (ty, cell, expected) in [
        ("int", "1.5", "expected an int, found `1.5`"),
        ("int", "9223372036854775808", "expected an int that fits 64 bits"),
        ("float", "1;5", "expected a float"),
        ("bool", "yes", "expected true, false, 1 or 0, found `yes`"),
        ("datetime", "1/4/1999", "expected an ISO 8601 time"),
        ("datetime", "1500-01-01", "expected a time between the years 1677 and 2262"),
        ("timedelta", "1 fortnight", "expected a duration"),
    ] {
        let node = format!("@node\ndef f(x: Signal[{ty}]) -> Signal[{ty}]:\n    return x\n");
        let outcome = Folder::with(&node, format!("x\n{cell}\n")).run(&[]);
        fails(&outcome, 1, &["data.csv: row 1 (line 2), column `x`", expected]);
        assert_eq!(outcome.output, "row,f\n");
    }
    let node = "@node\ndef f(x: Signal[datetime]) -> Signal[datetime]:\n    return x\n";
    let outcome = Folder::with(node, "x\n1999-01-04\n").run(&["--time-format=%m/%d/%Y"]);
    fails(&outcome, 1, &["expected a time of the form `%m/%d/%Y`, found `1999-01-04`"]);
}

#[test]
fn files_that_are_no_tables() {
    fails(&Folder::with(DOUBLE, "").run(&[]), 1, &["data.csv is empty"]);
    let ragged = Folder::with(DOUBLE, "x,y\n1,2\n3\n").run(&[]);
    fails(&ragged, 1, &["data.csv: row 2 (line 3): expected 2 cells, as in the header, found 1"]);
    assert_eq!(ragged.output, "row,double\n1,2.0\n");
    fails(&Folder::with(DOUBLE, "x,y,x\n1,2,3\n").run(&[]), 1, &["the column `x` stands twice"]);
    // Twice is no harm where nothing reads the column.
    assert_eq!(Folder::with(DOUBLE, "x,y,y\n1,2,3\n").run(&[]).status, 0);
    let missing = Folder::with(DOUBLE, "Open,Close\n1,2\n");
    fails(&missing.run(&[]), 2, &["no column `x`", "`Open`, `Close`", "--column x=COLUMN"]);
    fails(&missing.run(&["--column", "x=close"]), 2, &["no column `close`", "did you mean `Close`?"]);
}

#[test]
fn node_errors_stop_the_run() {
    let folder = Folder::with(SHIFT, "x\n1\n-1\n2\n");
    let outcome = folder.run(&["--output", "out.csv"]);
    fails(&outcome, 1, &["node.py:3:12: error: ValueError at row 2: negative shift count"]);
    assert_eq!(folder.read("out.csv"), "row,shift\n1,2\n");
    let summary: Vec<_> =
        outcome.errors.lines().filter(|line| line.starts_with("errors") || line.starts_with("rows ")).collect();
    assert_eq!(
        summary.iter().map(|line| line.split_whitespace().last()).collect::<Vec<_>>(),
        [Some("2"), Some("1"), Some("1")]
    );
}

#[test]
fn node_errors_are_skipped_and_counted() {
    let folder = Folder::with(SHIFT, "x\n1\n-1\n-1\n-1\n-1\n-1\n-1\n-1\n2\n");
    let outcome = folder.run(&["--on-error", "skip"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (0, "row,shift\n1,2\n9,4\n"));
    assert_eq!(outcome.errors.matches("ValueError").count(), 5);
    fails(&outcome, 0, &["… and 2 more errors"]);
}

#[test]
fn compile_errors_show_the_source() {
    let folder = Folder::with("@node\ndef f(x: Signal[float]) -> Signal[float]:\n    return unknown_name\n", "x\n1\n");
    let outcome = folder.run(&["--output", "out.csv"]);
    fails(&outcome, 1, &["error", "unknown_name", "node.py:3:12", "return unknown_name"]);
    assert!(!folder.path("out.csv").exists());
    fails(&Folder::with("def f(:\n", "x\n").run(&[]), 1, &["node.py:1:"]);
    fails(&Folder::with("x = 1\n", "x\n").run(&[]), 1, &["no node function"]);
    fails(&Folder::with("", "x\n").run(&[]), 1, &["no node function"]);
    let folder = Folder::with("", "x\n");
    folder.write("node.py", b"# \xff\n");
    fails(&folder.run(&[]), 1, &["node.py:1: the source is not UTF-8"]);
}

#[test]
fn arguments_that_make_no_sense() {
    let folder = Folder::with(DOUBLE, "x\n1\n");
    for (arguments, parts) in [
        (vec!["--const", "a"], vec!["`a` is not of the form NAME=VALUE"]),
        (vec!["--const", "a=so-on"], vec!["--const a", "`so-on` is not a constant", "a duration"]),
        (vec!["--const", "a=1", "--const", "a=2"], vec!["`a` is given twice"]),
        (vec!["--column", "z=x"], vec!["no input `z`", "`x`"]),
        (vec!["--column", "x"], vec!["NAME=VALUE"]),
        (vec!["--column", "x=x", "--column", "x=x"], vec!["given twice"]),
        (vec!["--time-format", "%H:%M"], vec!["--time-format", "%H:%M"]),
        (vec!["--limit=-1"], vec!["--limit"]),
        (vec!["--on-error", "explode"], vec!["stop", "skip"]),
        (vec!["--engine", "steam"], vec!["interpreter"]),
        (vec!["--output", "data.csv"], vec!["--output is the file that --input reads"]),
        (vec!["--output", "./data.csv"], vec!["--output is the file that --input reads"]),
        (vec!["--output", "node.py"], vec!["--output is the file that holds the node"]),
        (vec!["--snapshot-out", "../none/../data.csv"], vec!["--snapshot-out", "no such folder"]),
        (vec!["--snapshot-out", "data.csv"], vec!["--snapshot-out is the file that --input reads"]),
        (vec!["--snapshot-out", "node.py"], vec!["--snapshot-out is the file that holds the node"]),
        (vec!["--output", "o.csv", "--snapshot-out", "./o.csv"], vec!["--output and --snapshot-out are one file"]),
        (vec!["--output", "o.csv", "--restore", "o.csv"], vec!["--output is the file that --restore reads"]),
        (vec!["--snapshot-out", "no/such/folder.bin"], vec!["cannot write no/such/folder.bin", "no such folder"]),
        (vec!["--output", "no/such/folder.csv"], vec!["cannot write no/such/folder.csv"]),
        (vec!["--outptu", "x.csv"], vec!["--outptu"]),
    ] {
        fails(&folder.run(&arguments), 2, &parts);
    }
    assert_eq!(folder.read("data.csv"), "x\n1\n");
    fails(&folder.cfunc(&["run", "node.py", "--input", "none.csv"]), 2, &["cannot read none.csv"]);
    fails(&folder.cfunc(&["run", "none.py", "--input", "data.csv"]), 2, &["cannot read none.py"]);
    fails(&folder.cfunc(&["run", "node.py", "--input", "."]), 2, &["folder"]);
    fails(&folder.cfunc(&["run", "node.py"]), 2, &["--input"]);
    fails(&folder.cfunc(&["run", "node.py::duoble", "--input", "data.csv"]), 2, &["double"]);
    fails(&folder.cfunc(&[]), 2, &["Usage"]);
    fails(&folder.run(&["--const", "gamma=1"]), 2, &["gamma"]);
}

#[test]
fn what_only_the_command_line_can_mend_ends_with_2() {
    let node = "@node\ndef f(x: Signal[float], k: float) -> Signal[float]:\n    return x * k\n";
    let folder = Folder::with(node, "x\n1\n");
    fails(&folder.run(&[]), 2, &["E0601", "`k`"]);
    fails(&folder.run(&["--const", "k=true", "--const", "j=1"]), 2, &["E0603", "`j`"]);
    fails(&folder.run(&["--const", "k=5s"]), 2, &["E0602", "`k`"]);
    fails(&folder.run(&["--const", "j=1", "--const", "x=1"]), 2, &["E0601", "E0603"]);
    // The source is wrong as well, whatever the command line says.
    folder.write("node.py", node.replace("x * k", "x * kk"));
    fails(&folder.run(&["--const", "j=1"]), 1, &["E0601", "E0603", "E0101"]);
    folder.write("node.py", node.replace("k: float", "k: int = 1.5"));
    fails(&folder.run(&[]), 1, &["E0602"]);
}
