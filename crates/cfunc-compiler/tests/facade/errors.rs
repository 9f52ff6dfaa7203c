//! Compile errors and node errors, with their places.

use std::sync::{Arc, Mutex};

use crate::common::{EMA, compiled, context, on_every_engine, request};
use cfunc_compiler::{
    CompilationOptions, CompileError, ErrorModel, NodeErrorKind, Observer, SiteId, Source, check, compile,
    compile_observed, node_functions,
};

/// Divides where the line is known: 4, from column 12.
const DIVIDE: &str = "\
def divide(a: Signal[int], b: Signal[int]) -> Signal[int]:
    if a == 0:
        return 0
    return a // b
";

#[test]
fn a_node_error_has_a_place() {
    let options = CompilationOptions { error_model: ErrorModel::Python, ..CompilationOptions::default() };
    on_every_engine(|engine| {
        let result = compiled(&request(DIVIDE).options(options.clone()).backend(engine));
        let mut node = result.instantiate().expect("ints have cells");
        let (a, b) = (node.input::<i64>("a").expect("an input"), node.input::<i64>("b").expect("an input"));
        let out = node.output::<i64>(0).expect("an output");
        node.start().expect("START");
        node.set(a, 7);
        node.set(b, 0);
        let error = node.execute().expect_err("a division by zero");
        assert_eq!(error.kind, NodeErrorKind::ZeroDivisionError);
        assert_eq!(error.native_name, result.native_name());
        assert_eq!(result.error_position(&error), Some(("node.py", 4, 12)));
        assert_eq!(node.ticked(out), None);
        // The error was taken: it is not there at the next tick, nor for other nodes of the thread.
        node.set(a, 7);
        node.set(b, 2);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(3));

        let other = compiled(&request(EMA).constant("alpha", 0.5));
        assert_eq!(other.error_position(&error), None, "an error of another function");
    });
}

#[test]
fn every_error_is_reported() {
    let text = "\
def broken(a: Signal[int]) -> Signal[int]:
    b = missing_one + 1
    c = missing_two + 1
    return a
";
    let error = compile(&context(), &request(text)).expect_err("two names are unknown");
    let CompileError::Diagnostics { source, diagnostics } = &error else { panic!("{error:?}") };
    assert_eq!(source.name(), "node.py");
    assert_eq!(diagnostics.len(), 2, "{error}");
    let text = error.to_string();
    assert!(text.starts_with("node.py:2:9: error["), "{text}");
    assert!(text.contains("node.py:3:9: error["), "{text}");
}

#[test]
fn a_constant_must_be_bound_to_compile_and_need_not_to_check() {
    let error = compile(&context(), &request(EMA)).expect_err("alpha has no value");
    assert!(error.to_string().contains("alpha"), "{error}");
    let diagnostics = check(&context(), &Source::new("node.py", EMA));
    assert!(diagnostics.is_empty(), "{diagnostics}");
}

#[test]
fn a_check_covers_all_nodes() {
    let text = format!(
        "{EMA}\n{DIVIDE}\ndef helper(x):\n    return x\n\ndef bad(x: Signal[int]) -> Signal[int]:\n    return nothing\n"
    );
    let source = Source::new("node.py", text);
    assert_eq!(node_functions(&context(), &source).expect("it parses"), ["ema", "divide", "bad"]);
    let diagnostics = check(&context(), &source);
    assert_eq!(diagnostics.len(), 1, "{diagnostics}");
    assert!(diagnostics.to_string().contains("nothing"), "{diagnostics}");
    assert!(check(&context(), &Source::new("empty.py", "")).has_errors());
    assert!(node_functions(&context(), &Source::new("bad.py", "def (")).is_err());
}

/// Notes the stages as they begin and end.
#[derive(Clone, Default)]
struct Notes(Arc<Mutex<Vec<String>>>);

impl Observer for Notes {
    fn begin(&mut self, stage: &'static str) {
        self.0.lock().expect("nobody panics").push(format!("+{stage}"));
    }

    fn end(&mut self, stage: &'static str) {
        self.0.lock().expect("nobody panics").push(format!("-{stage}"));
    }
}

#[test]
fn stages_are_observed() {
    let notes = Notes::default();
    compile_observed(&context(), &request(EMA).constant("alpha", 0.5), &mut notes.clone()).expect("it compiles");
    let seen = notes.0.lock().expect("nobody panics").join(" ");
    assert_eq!(
        seen,
        "+parse -parse +analyze -analyze +transform -transform +infer -infer +lower -lower +key -key \
         +passes -passes +backend -backend"
    );
}

#[test]
fn deep_sources_compile_or_are_refused() {
    // On a thread with little stack: what is deep gets a stack of its own.
    let deep = |depth: usize| {
        let sum = "(".repeat(depth) + "x" + &" + 1)".repeat(depth);
        let blocks: String = (0..90).map(|level| format!("{}if x > {level}:\n", " ".repeat(level + 1))).collect();
        format!("def deep(x: Signal[int]) -> Signal[int]:\n{blocks}{}return {sum}\n", " ".repeat(91))
    };
    let thread = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let result = compiled(&request(&deep(120)));
        let mut node = result.instantiate().expect("ints have cells");
        let (x, out) = (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
        node.start().expect("START");
        node.set(x, 100);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(220));
        let error = compile(&context(), &request(&deep(100_000))).expect_err("too deep");
        assert!(matches!(error, CompileError::Diagnostics { .. }), "{error}");
    });
    thread.expect("a thread").join().expect("no overflow");
}

#[test]
fn warnings_come_with_the_result() {
    let result = compiled(&request("def f(x: Signal[float]) -> Signal[int]:\n    return x * 2.5\n"));
    assert_eq!(result.warnings().len(), 1, "{}", result.warnings());
    assert!(!result.warnings().has_errors());
}

#[test]
fn an_error_around_a_call_is_not_the_calls() {
    let options = CompilationOptions { error_model: ErrorModel::Python, ..CompilationOptions::default() };
    let mut node = compiled(&request(DIVIDE).options(options)).instantiate().expect("ints have cells");
    let (a, b) = (node.input::<i64>("a").expect("an input"), node.input::<i64>("b").expect("an input"));
    node.start().expect("START");
    // What a call around this one left: a host function that generated code calls may run nodes of its own.
    // SAFETY: null is allowed.
    unsafe { cfunc_runtime::raise_error(std::ptr::null(), SiteId(1)) };
    node.set(a, 8);
    node.set(b, 2);
    node.execute().expect("nothing is wrong with this call");
    node.set(a, 8);
    node.set(b, 0);
    let inner = node.execute().expect_err("a division by zero");
    assert_eq!(inner.kind, NodeErrorKind::ZeroDivisionError);
    let outer = cfunc_runtime::take_error().expect("it is still there");
    assert_eq!(outer.kind, NodeErrorKind::RuntimeError);
}

#[test]
fn rules_for_the_types_that_are_given_are_listed_first() {
    use cfunc_compiler::ast::BinaryOperator;
    use cfunc_compiler::{CellForm, DataModel, Dispatcher, Operand, Operation, Representation, Value, ValueSpec};
    let context = crate::common::context_with(|registrar| {
        let money = registrar.define_type("Money", DataModel::Scalar(Representation::I64), CellForm::Scalar)?;
        registrar.type_of_value(ValueSpec::kind("Money"), move |_types, _value, _role| Some(money));
        registrar.builtin(Operation::Binary(BinaryOperator::Add), &[money, money], money, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        Ok(())
    });
    let add = Dispatcher::new(&context, Source::new("f.py", "def f(a, b):\n    return a + b\n"), "f").unwrap();
    let money = Value::Record("Money".to_owned(), Vec::new());
    for mut arguments in [[money.clone(), Value::Integer(1)], [Value::Integer(1), money.clone()]] {
        let error = add.call(&mut arguments).unwrap_err().to_string();
        let listed = error.split("one of: ").nth(1).unwrap_or_else(|| panic!("{error}"));
        let position = |rule: &str| listed.find(rule).unwrap_or(usize::MAX);
        assert!(position("(Money, Money)") < position("(datetime"), "{error}");
        assert_ne!(position("(Money, Money)"), usize::MAX, "{error}");
    }
}
