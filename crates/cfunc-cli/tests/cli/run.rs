//! `cfunc run`: columns, cells, outputs, summary.

use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::common::{Folder, Outcome};

const DOUBLE: &str = "@node\ndef double(x: Signal[float]) -> Signal[float]:\n    return x * 2.0\n";

const SUM: &str = "\
@node
def total(x: Signal[float], y: Signal[int]) -> Signal[float]:
    if x.valid() and y.valid():
        return x + y
";

#[track_caller]
fn succeeds(outcome: Outcome) -> String {
    assert_eq!(outcome.status, 0, "{}", outcome.errors);
    outcome.output
}

/// The entry of a summary.
#[track_caller]
fn entry<'a>(outcome: &'a Outcome, name: &str) -> &'a str {
    let line = outcome.errors.lines().find(|line| line.starts_with(name));
    line.unwrap_or_else(|| panic!("no {name} in {}", outcome.errors))[name.len()..].trim()
}

#[test]
fn outputs_have_a_row_and_a_column_by_the_function() {
    let folder = Folder::with(DOUBLE, "x\n1\n0.1\n-0.00001\n1e300\nnan\n");
    let outcome = folder.run(&[]);
    assert_eq!(succeeds(outcome), "row,double\n1,2.0\n2,0.2\n3,-2e-05\n4,2e+300\n5,nan\n");
}

#[test]
fn the_summary_goes_to_standard_error() {
    let folder = Folder::with(DOUBLE, "x\n1\n\"\"\n3\n");
    let outcome = folder.run(&["--output", "out.csv"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (0, ""));
    assert_eq!(folder.read("out.csv"), "row,double\n1,2.0\n3,6.0\n");
    assert_eq!(entry(&outcome, "rows "), "3");
    assert_eq!(entry(&outcome, "ticks "), "2");
    assert_eq!(entry(&outcome, "rows written "), "2");
    assert_eq!(entry(&outcome, "errors "), "0");
    assert!(entry(&outcome, "compile time ").ends_with('s'));
    assert!(entry(&outcome, "native name ").starts_with("_gc_numba_"));
}

#[test]
fn enums_and_sets_are_columns_and_constants() {
    let node = "\
from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = -1
    ASK = -1

class Flag(Enum):
    A = 0
    B = 90

@node
def route(
    side: Signal[Side], flags: Signal[EnumSet[Flag]], usual: Side, never: EnumSet[Flag], also: EnumSet[Flag]
) -> Annotated[Outputs, {\"side\": Side, \"flags\": EnumSet[Flag], \"usual\": bool}]:
    print(side, flags - never)
    return side, (flags | also) - never, side is usual
";
    let data = "side,flags\nBUY,A|B\nSide.ASK,{}\n-1, Flag.B | 0\n1,A\n,B\n";
    let folder = Folder::with(node, data);
    let constants = ["--const", "usual=SELL", "--const", "never=[A]", "--const", "also=[]"];
    for engine in ["interpreter", "cranelift"] {
        let outcome = folder.run(&[&constants[..], &["--engine", engine]].concat());
        assert_eq!(outcome.status, 0, "{}", outcome.errors);
        let rows = "1,BUY,B,false\n2,SELL,{},true\n3,SELL,B,true\n4,BUY,{},false\n5,BUY,B,false\n";
        assert_eq!(outcome.output, format!("row,side,flags,usual\n{rows}"), "{engine}");
        for printed in ["Side.BUY EnumSet(Flag.B)\n", "Side.SELL EnumSet(Flag)\n"] {
            assert!(outcome.errors.contains(printed), "{}", outcome.errors);
        }
    }
    for (data, expected) in [
        ("side,flags\nBYU,A\n", "row 1 (line 2), column `side`: expected a member of Side: BUY, SELL, found `BYU`"),
        ("side,flags\n2,A\n", "expected a member of Side: BUY, SELL, found `2`"),
        ("side,flags\nBUY,A C\n", "expected members of Flag such as `A|B`, or `{}`, of A, B, found `A C`"),
    ] {
        let outcome = Folder::with(node, data).run(&constants);
        assert_eq!(outcome.status, 1, "{}", outcome.errors);
        assert!(outcome.errors.contains(expected), "{}", outcome.errors);
    }
    let wrong = ["--const", "usual=HOLD", "--const", "never=[A]", "--const", "also=[]"];
    let outcome = folder.run(&wrong);
    assert_eq!(outcome.status, 2, "{}", outcome.errors);
    assert!(outcome.errors.contains("E0602"), "{}", outcome.errors);
}

#[test]
fn every_type_of_column_and_output() {
    let node = "\
@node
def copy(
    i: Signal[int], f: Signal[float], b: Signal[bool], t: Signal[datetime], d: Signal[timedelta]
) -> Annotated[Outputs, {\"i2\": int, \"f2\": float, \"b2\": bool, \"t2\": datetime, \"d2\": timedelta}]:
    return i, f, b, t, d
";
    let folder = Folder::with(
        node,
        "d,t,b,f,i\n\
         1.5s,1970-01-02,true,0.1,-9223372036854775808\n\
         -2,2020-02-29T12:30:00.25+01:00,0,inf,+7\n",
    );
    assert_eq!(
        succeeds(folder.run(&[])),
        "row,i2,f2,b2,t2,d2\n\
         1,-9223372036854775808,0.1,true,1970-01-02T00:00:00Z,1.5s\n\
         2,7,inf,false,2020-02-29T11:30:00.25Z,-2s\n"
    );
}

#[test]
fn empty_cells_do_not_tick_and_rows_without_a_tick_are_left_out() {
    let node = "\
@node
def flags(x: Signal[int], y: Signal[int]) -> Signal[int]:
    n: State[int] = 0
    n += 1
    return n * 10000 + x.ticked() * 1000 + x.valid() * 100 + y.ticked() * 10 + y.valid()
";
    let folder = Folder::with(node, "x,y\n,\n5,\n,\n,6\n5,6\n");
    // Rows 1 and 3 are not executed: the counter stands still.
    assert_eq!(succeeds(folder.run(&[])), "row,flags\n2,11100\n4,20111\n5,31111\n");
    let folder = Folder::with(SUM, "x,y\n1,\n,2\n3,\n");
    assert_eq!(succeeds(folder.run(&[])), "row,total\n2,3.0\n3,5.0\n");
}

#[test]
fn outputs_that_did_not_tick_are_empty() {
    let node = "\
@node
def sides(x: Signal[int]) -> Annotated[Outputs, {\"even\": int, \"odd\": int}]:
    if x % 2 == 0:
        set_output(\"even\", x)
    elif x > 1:
        set_output(\"odd\", x)
";
    let folder = Folder::with(node, "x\n1\n2\n3\n");
    assert_eq!(succeeds(folder.run(&[])), "row,even,odd\n2,2,\n3,,3\n");
}

#[test]
fn columns_map_and_names_are_case_sensitive() {
    let folder = Folder::with(SUM, "X,Close,x\n100,2,1\n");
    assert_eq!(succeeds(folder.run(&["--column", "y=Close"])), "row,total\n1,3.0\n");
    assert_eq!(succeeds(folder.run(&["--column", "y=Close", "--column", "x=X"])), "row,total\n1,102.0\n");
    assert_eq!(succeeds(folder.run(&["--column=y=Close", "--column=x=Close"])), "row,total\n1,4.0\n");
}

#[test]
fn forms_of_csv() {
    let expected = "row,double\n1,2.0\n2,4.0\n";
    for data in [
        "x,note\n1,a\n2,b\n",
        "\u{feff}x,note\r\n1,a\r\n2,b\r\n",
        "\"x\",\"note\"\n\"1\",\"a, \"\"b\"\"\nc\"\n\"2\",\"\"",
        "note , x \na, 1 \nb,\t2\n",
        "x,note\n\n1,a\n\n2,b\n\n",
    ] {
        assert_eq!(succeeds(Folder::with(DOUBLE, data).run(&[])), expected, "{data:?}");
    }
    assert_eq!(succeeds(Folder::with(DOUBLE, "x\n").run(&[])), "row,double\n");
    assert_eq!(succeeds(Folder::with(DOUBLE, "x").run(&[])), "row,double\n");
    // Columns that nothing reads may hold anything, even what is not UTF-8.
    assert_eq!(succeeds(Folder::with(DOUBLE, b"x,\xff\n1,\xfe\n2,\n").run(&[])), expected);
}

#[test]
fn limit_counts_rows() {
    let folder = Folder::with(DOUBLE, "x\n1\n\"\"\n3\nbad\n");
    assert_eq!(succeeds(folder.run(&["--limit", "3"])), "row,double\n1,2.0\n3,6.0\n");
    assert_eq!(succeeds(folder.run(&["--limit", "0"])), "row,double\n");
}

#[test]
fn time_formats() {
    let node = "@node\ndef when(t: Signal[datetime]) -> Signal[datetime]:\n    return t\n";
    let folder = Folder::with(node, "t\n1/4/1999\n12/31/2018\n");
    assert_eq!(
        succeeds(folder.run(&["--time-format", "%m/%d/%Y"])),
        "row,when\n1,1999-01-04T00:00:00Z\n2,2018-12-31T00:00:00Z\n"
    );
    let folder = Folder::with(node, "t\n2020-01-01 01:00:00 +0100\n");
    assert_eq!(succeeds(folder.run(&["--time-format=%Y-%m-%d %H:%M:%S %z"])), "row,when\n1,2020-01-01T00:00:00Z\n");
}

#[test]
fn constants() {
    let node = "\
@node
def scale(x: Signal[float], factor: float, offset: int, on: bool, start: datetime, step: timedelta) -> Signal[float]:
    if on and start < start + step:
        return x * factor + offset
";
    let folder = Folder::with(node, "x\n2\n");
    let constants = ["--const=factor=-0.5", "--const", "offset=-3", "--const", "on=true"];
    let times = ["--const", "start=2020-01-01T00:00:00Z", "--const", "step=250ms"];
    assert_eq!(succeeds(folder.run(&[constants.as_slice(), &times].concat())), "row,scale\n1,-4.0\n");
}

#[test]
fn a_function_is_named_where_there_are_several() {
    let second = DOUBLE.replace("double", "twice").replace("* 2.0", "* 3.0");
    let folder = Folder::with(&format!("{DOUBLE}\n\n{second}"), "x\n1\n");
    let outcome = folder.cfunc(&["run", "node.py::twice", "--input", "data.csv"]);
    assert_eq!(succeeds(outcome), "row,twice\n1,3.0\n");
    let outcome = folder.run(&[]);
    assert_eq!(outcome.status, 2);
    assert!(outcome.errors.contains("double, twice"), "{}", outcome.errors);
}

#[test]
fn engines_and_error_models() {
    let node = "@node\ndef divide(x: Signal[int]) -> Signal[int]:\n    return 10 // x\n";
    let folder = Folder::with(node, "x\n5\n0\n");
    for engine in ["interpreter", "cranelift"] {
        assert_eq!(succeeds(folder.run(&["--engine", engine])), "row,divide\n1,2\n2,0\n");
        let outcome = folder.run(&["--engine", engine, "--error-model", "python"]);
        assert_eq!((outcome.status, outcome.output.as_str()), (1, "row,divide\n1,2\n"));
        assert!(outcome.errors.contains("ZeroDivisionError"), "{}", outcome.errors);
    }
}

#[test]
fn standard_input() {
    let folder = Folder::with(DOUBLE, "");
    let mut command = folder.command(&["run", "node.py", "--input", "-"]);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    child.stdin.take().expect("a pipe").write_all(b"x\n1\n").expect("it reads");
    let outcome: Outcome = child.wait_with_output().expect("it ends").into();
    assert_eq!(succeeds(outcome), "row,double\n1,2.0\n");
}

#[test]
fn a_reader_that_goes_away_ends_the_run_quietly() {
    let data: String = std::iter::once("x\n".to_owned()).chain((0..200_000).map(|row| format!("{row}\n"))).collect();
    let folder = Folder::with(DOUBLE, data);
    let mut command = folder.command(&["run", "node.py", "--input", "data.csv"]);
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("it starts");
    let mut line = String::new();
    BufReader::new(child.stdout.take().expect("a pipe")).read_line(&mut line).expect("it writes");
    assert_eq!(line, "row,double\n");
    let outcome: Outcome = child.wait_with_output().expect("it ends").into();
    assert_eq!((outcome.status, outcome.errors.as_str()), (0, ""));
}

#[test]
fn a_log_is_written_only_where_it_is_asked_for() {
    let folder = Folder::with(DOUBLE, "x\n1\n");
    let arguments = ["run", "node.py", "--input", "data.csv"];
    let silent = folder.cfunc(&arguments);
    let logged: Outcome = folder.command(&arguments).env("CFUNC_LOG", "trace").output().expect("it starts").into();
    assert!(logged.errors.lines().count() > silent.errors.lines().count(), "{}", logged.errors);
    assert_eq!(succeeds(logged), succeeds(silent));
    let wrong: Outcome = folder.command(&arguments).env("CFUNC_LOG", "a=b=c").output().expect("it starts").into();
    assert_eq!(wrong.status, 2);
    assert!(wrong.errors.contains("CFUNC_LOG"), "{}", wrong.errors);
}
