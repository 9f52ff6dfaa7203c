//! What a host hands to a compilation besides the source: values, functions, bodies, a signature, a parsed tree.

use std::sync::Arc;

use crate::common::{compiled, context, on_every_engine, request};
use cfunc_compiler::{
    CompilationContext, CompileRequest, Extension, ExtensionId, Limits, NodeErrorKind, Registrar, RegistrationError,
    Source, check_decorated, compile, defaults, parse,
};

/// What a node of one int input gives for a value.
#[track_caller]
fn run(context: &CompilationContext, request: &CompileRequest, x: i64) -> i64 {
    let result = compile(context, request).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("ints have cells");
    let (input, output) = (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
    node.start().expect("START");
    node.set(input, x);
    node.execute().expect("a tick");
    node.ticked(output).expect("it ticks")
}

#[test]
fn values_and_functions_of_the_host() {
    let text = "
def f(x: Signal[int]) -> Signal[int]:
    return clamp(x * FACTOR, 5)
";
    let clamp = "
LOW = 1

def clamp(value, high, low=LOW):
    return smaller(larger(value, low), high)

def larger(a, b):
    return a if a > b else b

def smaller(a, b):
    return a if a < b else b
";
    on_every_engine(|engine| {
        let request =
            request(text).global("FACTOR", 2).global_function("clamp", Source::new("clamp.py", clamp)).backend(engine);
        for (x, expected) in [(-3, 1), (2, 4), (50, 5)] {
            assert_eq!(run(&context(), &request, x), expected);
        }
        let other = request.clone().global("FACTOR", 3);
        assert_eq!(run(&context(), &other, 1), 3);
        assert_ne!(compiled(&request).semantic_key(), compiled(&other).semantic_key());
    });
    let without = compile(&context(), &request(text)).expect_err("the names are not known");
    assert_eq!(without.to_string().matches("E0101").count(), 2, "{without}");
    let wrong =
        request(text).global("FACTOR", 2).global_function("clamp", Source::new("clamp.py", "def clap(): pass\n"));
    let error = compile(&context(), &wrong).expect_err("it defines no such function").to_string();
    assert!(error.contains("clamp.py") && error.contains("E0006"), "{error}");
    let inside = "def clamp(value, high):\n    return value + unknown\n";
    let wrong = request(text).global("FACTOR", 2).global_function("clamp", Source::new("clamp.py", inside));
    let error = compile(&context(), &wrong).expect_err("it uses an unknown name").to_string();
    assert!(error.contains("in `clamp`: the name `unknown` is not known"), "{error}");
}

/// Brings a function written in Python.
struct Indicators;

impl Extension for Indicators {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("indicators", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.python_function(
            "indicators.scaled",
            "BASE = 10\n\ndef scaled(x, by=BASE):\n    if by < 0:\n        return x << by\n    return x * by\n",
        )
    }
}

#[test]
fn registered_functions_are_python() {
    let context = || {
        let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
        builder.with(Indicators).build().expect("the extensions fit together")
    };
    let text = "
from indicators import scaled as times
import indicators

def f(x: Signal[int]) -> Signal[int]:
    return times(x) + indicators.scaled(x, by=x)
";
    on_every_engine(|engine| {
        let request = request(text).backend(engine);
        assert_eq!(run(&context(), &request, 3), 39);
        let result = compile(&context(), &request).expect("it compiles");
        let mut node = result.instantiate().expect("ints have cells");
        let x = node.input::<i64>("x").expect("an input");
        node.start().expect("START");
        node.set(x, -1);
        let error = node.execute().expect_err("a negative shift");
        assert_eq!(error.kind, NodeErrorKind::ValueError);
    });
}

#[test]
fn python_that_is_not_right_is_not_registered() {
    struct Broken(&'static str);
    impl Extension for Broken {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("broken", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            registrar.python_function("f", self.0)
        }
    }
    for source in ["def f(:\n", "def g(): pass\n"] {
        let error = CompilationContext::builder().with(Broken(source)).build().expect_err("it is not right");
        assert!(matches!(error, RegistrationError::Other(_)), "{error}");
    }
}

#[test]
fn a_decorator_that_is_nearly_the_one_of_nodes_is_told() {
    let text = "@fw.noed(1)\ndef f(x: Signal[int]) -> Signal[int]:\n    return x\n\n@other\ndef g(x):\n    return x\n";
    let source = Source::new("node.py", text);
    let said: Vec<String> = check_decorated(&context(), &source, Some("fw.node"))
        .iter()
        .map(|diagnostic| format!("{} {}", diagnostic.code.id, diagnostic.message))
        .collect();
    assert_eq!(said, ["W0105 `f` is no node: its decorator is `noed`, not `node`"]);
    let request = request(text).function("f").decorator("node");
    let warned = compiled(&request).warnings().iter().any(|warning| warning.code.id == "W0105");
    assert!(warned, "what is compiled by its name is told as well");
}

#[test]
fn bodies_of_the_host() {
    let text = "
STEP = 4

def f(x: Signal[int]) -> Signal[int]:
    n: State[int] = 1
    n += x
    return n
";
    let body = |text: &str| parse(text, &Limits::default()).module.body;
    on_every_engine(|engine| {
        let plain = request(text).backend(engine);
        let started = plain.clone().start_body(body("i = STEP * 2\nn = i + n\n"));
        assert_eq!((run(&context(), &plain, 5), run(&context(), &started, 5)), (6, 14));
        let stopped = started.clone().stop_body(body("n = 1 << (0 - n)\n"));
        let keys = [&plain, &started, &stopped].map(|request| compiled(request).semantic_key().to_owned());
        assert!(keys[0] != keys[1] && keys[1] != keys[2] && keys[0] != keys[2], "{keys:?}");
        let mut node = compiled(&stopped).instantiate().expect("ints have cells");
        node.start().expect("START");
        let error = node.stop().expect_err("a negative shift");
        assert_eq!(error.kind, NodeErrorKind::ValueError);
    });
}

#[test]
fn a_signature_and_a_tree_of_the_host() {
    let text = "
def f(x, k):
    return x * k
";
    on_every_engine(|engine| {
        let request = request(text).signature("(x: Signal[int], k: int = 7) -> Signal[int]").backend(engine);
        assert_eq!(run(&context(), &request, 6), 42);
        assert_eq!(run(&context(), &request.clone().constant("k", -2), 6), -12);
        let parsed = request.clone().parsed(Arc::new(parse(text, &Limits::default())));
        assert_eq!(run(&context(), &parsed, 6), 42);
        assert_eq!(compiled(&parsed).semantic_hash(), compiled(&request).semantic_hash());
    });
    for wrong in ["(x: Signal[int]", "(x: Signal[int], k: int = 7) -> Signal[int]:\n  pass\ndef g()", ") -> int"] {
        let error = compile(&context(), &request(text).signature(wrong)).expect_err("it is no signature").to_string();
        assert!(error.contains("E0001") && error.contains("signature"), "{error}");
    }
}

#[test]
fn the_only_node_of_a_source_need_not_be_named() {
    let text = "
def twice(value):
    return 2 * value

def f(x: Signal[int]) -> Signal[int]:
    n: State[int] = 0
    return twice(x) + n

@f.start
def begin():
    n = 1
";
    let context = context();
    let unnamed = |text: &str| CompileRequest::new(Source::new("nodes.py", text));
    assert_eq!(run(&context, &unnamed(text), 20), 41);
    let two = format!("{text}\ndef g(x: Signal[int]) -> Signal[int]:\n    return x\n");
    let error = compile(&context, &unnamed(&two)).expect_err("which one?").to_string();
    assert!(error.contains("holds 2 nodes") && error.contains("name one of `f`, `g`"), "{error}");
    // Where a decorator makes the nodes, annotations do not.
    let marked = two.replace("def g", "@node\ndef g");
    assert_eq!(run(&context, &unnamed(&marked).decorator("node"), 20), 20);
}
