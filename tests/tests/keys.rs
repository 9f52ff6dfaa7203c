//! The semantic key as a property: what it does not depend on, over all recorded cases, and what it does.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::sync::Arc;

use cfunc_cli::replay::{case_request_with, find_cases};
use cfunc_compiler::{
    Backend, CompilationContext, CompilationOptions, CompileRequest, Interpreter, PassLevel, Source, compile,
};
use cfunc_tests::{Reformatting, context, key, key_request, path};

/// Keys in hexadecimal, by case. Cases that do not compile have none.
type Keys = BTreeMap<PathBuf, String>;

fn cases() -> Vec<PathBuf> {
    find_cases(&[path("corpus")]).expect("the corpus is readable")
}

fn keys<'a>(context: &CompilationContext, cases: impl IntoIterator<Item = &'a PathBuf>) -> Keys {
    cases.into_iter().filter_map(|case| Some((case.clone(), key(context, &key_request(case))?))).collect()
}

/// The cases in an order that a number decides.
fn shuffled(cases: &[PathBuf], seed: u64) -> Vec<&PathBuf> {
    let mut state = seed;
    let mut random = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut order: Vec<(u64, &PathBuf)> = cases.iter().map(|case| (random(), case)).collect();
    order.sort();
    order.into_iter().map(|(_, case)| case).collect()
}

#[test]
fn keys_do_not_depend_on_order_or_context() {
    let cases = cases();
    let first = keys(&context(), &cases);
    assert!(first.len() > 250, "most cases compile: {}", first.len());
    let shared = context();
    for seed in [1, 2] {
        assert_eq!(keys(&shared, shuffled(&cases, seed)), first);
    }
}

#[test]
fn keys_do_not_depend_on_threads() {
    let cases = cases();
    let shared = context();
    let first = keys(&shared, &cases);
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (cases, shared, first) = (&cases, &shared, &first);
            scope.spawn(move || assert_eq!(keys(shared, shuffled(cases, thread)), *first));
        }
    });
}

#[test]
fn keys_do_not_depend_on_the_process() {
    let output = Command::new(env!("CARGO_BIN_EXE_keys")).output().expect("the other program runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let printed = String::from_utf8(output.stdout).expect("text");
    let there: Keys = printed
        .lines()
        .filter_map(|line| line.rsplit_once(": "))
        .map(|(case, key)| (PathBuf::from(case), key.to_owned()))
        .collect();
    assert_eq!(there, keys(&context(), &cases()));
}

#[test]
fn keys_do_not_depend_on_formatting() {
    let context = context();
    let mut wrong = Vec::new();
    let mut changed = 0;
    let engine: Arc<dyn Backend> = Arc::new(Interpreter::new());
    for case in &cases() {
        let request = key_request(case);
        let Some(expected) = key(&context, &request) else { continue };
        let text = request.source().text();
        for way in Reformatting::ALL {
            let other = way.apply(text);
            changed += usize::from(other != text);
            let other = case_request_with(case, Source::new("elsewhere.py", other)).expect("a readable case");
            let other = other.backend(Arc::clone(&engine));
            match compile(&context, &other) {
                Ok(_) if key(&context, &other).as_ref() == Some(&expected) => {}
                Ok(_) => wrong.push(format!("{}: {way:?} changes the key", case.display())),
                Err(error) => wrong.push(format!("{}: {way:?}: {error}", case.display())),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(changed > 1_000, "the cases are written in other ways: {changed}");
}

/// A module in which everything that can change a key has its place.
const MODULE: &str = "\
from enum import Enum, IntEnum

LEVEL = 3
TABLE = (1, 2, 5)

class Side(Enum):
    BUY = 1
    SELL = -1

def scaled(value, factor=LEVEL):
    if value > 10:
        return value * factor
    return inner(value)

def inner(value):
    return value + 1

@node
def f(x: Signal[int], y: Signal[float], k: int) -> Annotated[Outputs, {\"a\": int, \"b\": float}]:
    count: State[int] = 7
    mean: State[float] = 0.5
    side: State[Side] = Side.BUY
    if x > LEVEL + TABLE[1]:
        side = Side.SELL
    for i in range(k):
        try:
            count += scaled(x - i) // i
        except ValueError:
            count = 0
    mean = mean * 0.25 + y
    set_output(\"a\", count + side.value)
    set_output(\"b\", mean)

@f.start
def begin():
    count = 1

@f.stop
def end():
    count = 2
";

#[test]
fn every_change_of_meaning_changes_the_key() {
    let context = context();
    let engine: Arc<dyn Backend> = Arc::new(Interpreter::new());
    let of = |text: &str, k: i64| {
        let request = CompileRequest::new(Source::new("module.py", text)).function("f").constant("k", k);
        match compile(&context, &request.backend(Arc::clone(&engine))) {
            Ok(result) => *result.semantic_hash(),
            Err(error) => panic!("{error}\n{text}"),
        }
    };
    let edited = |from: &str, to: &str| {
        assert_eq!(MODULE.matches(from).count(), 1, "`{from}` names one place");
        of(&MODULE.replace(from, to), 4)
    };
    let mut seen = BTreeMap::from([(of(MODULE, 4), "nothing".to_owned())]);
    let mut differs = |hash: [u8; 32], change: String| {
        if let Some(before) = seen.insert(hash, change.clone()) {
            panic!("{change} gives the key of: {before}");
        }
    };
    differs(of(MODULE, 5), "a constant parameter".to_owned());
    for (from, to) in [
        // Module constants, by value and by type.
        ("LEVEL = 3", "LEVEL = 4"),
        ("LEVEL = 3", "LEVEL = 3.0"),
        ("(1, 2, 5)", "(1, 3, 5)"),
        // Members of an enum.
        ("SELL = -1", "SELL = -2"),
        ("BUY = 1", "BUY = 2"),
        // Helpers, those of helpers among them, and their defaults.
        ("value > 10", "value > 11"),
        ("value > 10", "value >= 10"),
        ("value * factor", "value * factor * factor"),
        ("value + 1", "value - 1"),
        ("factor=LEVEL", "factor=8"),
        // States: initial values, names, types.
        ("State[int] = 7", "State[int] = 8"),
        ("State[float] = 0.5", "State[float] = -0.5"),
        ("= Side.BUY", "= Side.SELL"),
        ("State[int] = 7", "State[float] = 7.0"),
        // Types of inputs and outputs, names of outputs, the order of what is declared.
        ("y: Signal[float]", "y: Signal[int]"),
        ("\"a\": int,", "\"a\": float,"),
        ("x: Signal[int], y: Signal[float]", "y: Signal[float], x: Signal[int]"),
        ("{\"a\": int, \"b\": float}", "{\"b\": float, \"a\": int}"),
        // Code: operators, order, control flow, what is caught.
        ("* 0.25 + y", "* 0.25 - y"),
        ("mean * 0.25", "0.25 * mean"),
        ("x - i) // i", "x - i) % i"),
        ("except ValueError", "except OverflowError"),
        ("            count = 0", "            count = -1"),
        ("range(k)", "range(1, k)"),
        ("set_output(\"b\", mean)", "set_output(\"b\", mean)\n    set_output(\"b\", mean)"),
        // Bodies of START and STOP.
        ("count = 1", "count = 3"),
        ("count = 2", "count = 5"),
    ] {
        differs(edited(from, to), format!("`{from}` to `{to}`"));
    }
    // Without a body of START at all.
    let start = "@f.start\ndef begin():\n    count = 1\n\n";
    differs(edited(start, ""), "no body of START".to_owned());
}

#[test]
fn what_is_not_used_does_not_count() {
    let context = context();
    let engine: Arc<dyn Backend> = Arc::new(Interpreter::new());
    let of = |text: &str, level: PassLevel| {
        let options = CompilationOptions {
            passes: level,
            pass_limit: (level == PassLevel::Full).then_some(3),
            force_inline: level == PassLevel::None,
            ..CompilationOptions::default()
        };
        let request =
            CompileRequest::new(Source::new("module.py", text)).function("f").constant("k", 4).options(options);
        let request = request.backend(Arc::clone(&engine));
        *compile(&context, &request).expect("it compiles").semantic_hash()
    };
    let plain = of(MODULE, PassLevel::Fast);
    assert_eq!(of(MODULE, PassLevel::None), plain);
    assert_eq!(of(MODULE, PassLevel::Full), plain);
    let beside = "UNUSED = 9\n\ndef unused(value):\n    return value\n\n";
    assert_eq!(of(&format!("{beside}{MODULE}"), PassLevel::Fast), plain);
    assert_eq!(of(&format!("{MODULE}\n{beside}"), PassLevel::Fast), plain);
    let documented = MODULE.replace("def inner(value):\n", "def inner(value):\n    # one more\n\n");
    assert_eq!(of(&documented, PassLevel::Fast), plain);
}
