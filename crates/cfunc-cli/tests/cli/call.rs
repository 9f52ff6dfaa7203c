//! `cfunc call`.

use serde_json::{Value, json};

use crate::common::{Folder, Outcome};

const SOURCE: &str = "\
from datetime import datetime, timedelta, timezone
from enum import Enum

class Side(Enum):
    BUY = 1
    SELL = 2

def scale(xs, by=2):
    for i in range(len(xs)):
        xs[i] *= by
    return sum(xs)

def other(side):
    return Side.SELL if side == Side.BUY else Side.BUY

def sides(first, rest: EnumSet[Side]):
    return rest | EnumSet(first)

def later(when, by):
    return when + by, when - datetime(2020, 1, 1, tzinfo=timezone.utc)

def item(xs, i):
    xs.append(i)
    return xs[i]

def count(table):
    table[7] = 1.5
    return table, len(table)

def forever(n):
    while n > 0:
        n += 1
    return n
";

fn folder() -> Folder {
    Folder::with(SOURCE, "")
}

#[track_caller]
fn gives(arguments: &[&str], expected: &str) {
    let outcome = folder().cfunc(&[&["call"], arguments].concat());
    assert_eq!((outcome.status, outcome.output.as_str()), (0, expected), "{}", outcome.errors);
}

#[track_caller]
fn fails(outcome: &Outcome, status: i32, parts: &[&str]) {
    assert_eq!(outcome.status, status, "{}", outcome.errors);
    for part in parts {
        assert!(outcome.errors.contains(part), "no `{part}` in: {}", outcome.errors);
    }
}

#[test]
fn values_go_in_as_python_writes_them_and_come_out_so() {
    gives(&["node.py::scale", "[1, 2]"], "6\n");
    gives(&["node.py::scale", "[1, -2.5]", "by=0.5"], "-0.75\n");
    gives(&["node.py::scale", "--show-arguments", "[1.0, 1.0, 1.0]", "3"], "9.0\nxs = [3.0, 3.0, 3.0]\nby = 3\n");
    gives(&["node.py::other", "Side.BUY"], "<Side.SELL: 2>\n");
    gives(&["node.py::sides", "Side.SELL", "[Side.BUY]"], "{<Side.BUY: 1>, <Side.SELL: 2>}\n");
    gives(
        &["node.py::later", "datetime(2020, 1, 2, tzinfo=timezone.utc)", "timedelta(hours=1)"],
        "(datetime.datetime(2020, 1, 2, 1, 0, tzinfo=datetime.timezone.utc), datetime.timedelta(days=1))\n",
    );
    // As the other commands take times and durations.
    gives(
        &["node.py::later", "2020-01-02T00:00:00.5Z", "250ms"],
        "(datetime.datetime(2020, 1, 2, 0, 0, 0, 750000, tzinfo=datetime.timezone.utc), \
         datetime.timedelta(days=1, microseconds=500000))\n",
    );
    gives(&["node.py::count", "{1: 2}", "--signature", "(dict[int, float],)"], "({1: 2.0, 7: 1.5}, 2)\n");
    for engine in ["interpreter", "cranelift"] {
        gives(&["node.py::item", "[5, 6]", "-1", "--engine", engine], "-1\n");
    }
}

#[test]
fn programs_talk_json() {
    let folder = folder();
    let call = |arguments: &[&str]| {
        let outcome = folder.cfunc(&[&["call", "--json"], arguments].concat());
        let json: Value = serde_json::from_str(&outcome.output).unwrap_or_else(|_| panic!("{outcome:?}"));
        (outcome.status, json)
    };
    let expected = json!({"result": 7.5, "arguments": {"xs": [3.0, 4.5], "by": 3}});
    assert_eq!(call(&["node.py::scale", "[1, 1.5]", "by=3"]), (0, expected));
    let expected = json!({"result": "Side.BUY", "arguments": {"side": "Side.SELL"}});
    assert_eq!(call(&["node.py::other", "\"Side.SELL\""]), (0, expected));
    let expected = json!({
        "result": {"$tuple": [{"$datetime": "1970-01-01T00:00:00.000005Z"}, {"$timedelta_us": -1_577_836_800_000_000i64}]},
        "arguments": {"when": {"$datetime": "1970-01-01T00:00:00Z"}, "by": {"$timedelta_us": 5}},
    });
    let time = "{\"$datetime\": \"1970-01-01\"}";
    assert_eq!(call(&["node.py::later", time, "{\"$timedelta_us\": 5}"]), (0, expected));
    let set = json!({"$set": "Side", "members": ["BUY", "SELL"]});
    let expected =
        json!({"result": set, "arguments": {"first": "Side.BUY", "rest": {"$set": "Side", "members": ["SELL"]}}});
    let rest = "{\"$set\": \"Side\", \"members\": [\"SELL\"]}";
    assert_eq!(call(&["node.py::sides", "\"Side.BUY\"", rest]), (0, expected));
    let (status, json) = call(&["node.py::item", "[1]", "9"]);
    assert_eq!(status, 1);
    assert_eq!(json["error"]["kind"], "IndexError");
    assert_eq!((&json["error"]["file"], &json["error"]["line"]), (&json!("node.py"), &json!(24)));
    // What it changed before it failed is there.
    assert_eq!(json["arguments"]["xs"], json!([1, 9]));
    fails(&folder.cfunc(&["call", "--json", "node.py::scale", "[1,"]), 2, &["argument 1: no JSON:"]);
    fails(&folder.cfunc(&["call", "--json", "node.py::scale", "{\"a\": 1}"]), 2, &["argument 1", "is no value"]);
}

#[test]
fn a_node_error_names_its_place() {
    let folder = folder();
    let outcome = folder.cfunc(&["call", "node.py::item", "--show-arguments", "[1]", "9"]);
    fails(&outcome, 1, &["node.py:24:12: error: IndexError: "]);
    assert_eq!(outcome.output, "xs = [1, 9]\ni = 9\n");
    let outcome = folder.cfunc(&["call", "node.py::forever", "1", "--interruptible", "--deadline", "20"]);
    fails(&outcome, 1, &["error: Interrupted"]);
    fails(&folder.cfunc(&["call", "node.py::forever", "1", "--deadline", "20"]), 2, &["--interruptible"]);
}

#[test]
fn arguments_that_are_wrong_are_status_2() {
    let folder = folder();
    let call = |arguments: &[&str]| folder.cfunc(&[&["call"], arguments].concat());
    // A diagnostic of the argument, with its place.
    fails(&call(&["node.py::scale", "[1, 2"]), 2, &["argument 1:1:", "error["]);
    fails(&call(&["node.py::scale", "[1]", "3 +"]), 2, &["argument 2:1:"]);
    fails(&call(&["node.py::scale", "[1]", "unknown"]), 2, &["argument 2:1:1", "E0402"]);
    fails(&call(&["node.py::scale", "[1]", "1 / 0"]), 2, &["argument 2:1:1"]);
    fails(&call(&["node.py::scale", "[1]", "x = 3"]), 2, &["unexpected keyword argument 'x'"]);
    fails(&call(&["node.py::scale", "[]"]), 2, &["the argument `xs`: an empty list has no type of its own"]);
    fails(&call(&["node.py::scale", "'abc'"]), 2, &["the argument `xs`: texts are known at compile time only"]);
    fails(&call(&["node.py::scale"]), 2, &["scale() missing 1 required positional argument: 'xs'"]);
    fails(&call(&["node.py::scale", "by=1", "[1]"]), 2, &["argument 2: a positional argument follows"]);
    fails(&call(&["node.py::nothing", "1"]), 2, &["nothing"]);
    fails(&call(&["absent.py::scale", "1"]), 2, &["cannot read absent.py"]);
    fails(&call(&["node.py::scale", "(1, 2)", "--signature", "(list[int],)"]), 2, &["list[int]"]);
    let nested = format!("{}1{}", "(".repeat(5_000), ")".repeat(5_000));
    assert_eq!(call(&["node.py::scale", &nested]).status, 2);
}

#[test]
fn what_is_wrong_with_the_function_is_status_1() {
    let folder = Folder::with("def f(x):\n    return x + unknown\n", "");
    let outcome = folder.cfunc(&["call", "node.py", "1"]);
    fails(&outcome, 1, &["node.py:2:16", "E0101"]);
    let outcome = folder.cfunc(&["call", "node.py", "1", "--format", "json"]);
    let first: Value = serde_json::from_str(outcome.errors.lines().next().unwrap_or_default()).expect("JSON");
    assert_eq!((outcome.status, &first["code"]), (1, &json!("E0101")));
}

#[test]
fn warnings_of_plain_functions_are_shown() {
    let folder = Folder::with("def f(x):\n    return x\n    x = 1\n", "");
    let outcome = folder.cfunc(&["call", "node.py::f", "5"]);
    assert_eq!((outcome.status, outcome.output.as_str()), (0, "5\n"), "{}", outcome.errors);
    assert!(outcome.errors.contains("W0104"), "{}", outcome.errors);
    let outcome = folder.cfunc(&["check", "node.py"]);
    assert!(
        outcome.errors.contains("0 node functions") && outcome.errors.contains("`cfunc call`"),
        "{}",
        outcome.errors
    );
}

#[test]
fn arguments_that_stand_for_nothing_say_what_is_missing() {
    let folder = folder();
    let call = |arguments: &[&str]| folder.cfunc(&[&["call"], arguments].concat());
    fails(&call(&["node.py::other", "buy"]), 2, &["nothing is called `buy`", "'buy'"]);
    fails(&call(&["node.py::other", "Sied.BUY"]), 2, &["nothing is called `Sied`", "did you mean `Side`?"]);
    fails(&call(&["node.py::other", "Side.BOY"]), 2, &["`Side` has no member `BOY`", "one of: BUY, SELL"]);
    fails(&call(&["--json", "node.py::other", "\"Side.BOY\""]), 2, &["argument 1", "`Side` has no member `BOY`"]);
    fails(
        &call(&["--json", "node.py::item", "{\"a\": 1}", "1"]),
        2,
        &["a dict is written as {\"$dict\": [[KEY, VALUE], …]}"],
    );
    fails(
        &call(&["--signature", "(int, int, int)", "node.py::other", "1"]),
        1,
        &["E0304", "3 types are given for `other`"],
    );
}
