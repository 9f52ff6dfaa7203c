//! Plain functions called with dynamic values: arguments, results, errors.

use std::num::NonZeroU64;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use cfunc_compiler::{
    CallError, CompilationOptions, CompileRequest, Dispatcher, NodeErrorKind, Source, Value, backends_at_all_levels,
};

use crate::common::context;

/// The function `f` of a text, on each engine.
pub(crate) fn dispatchers(text: &str) -> Vec<Dispatcher> {
    let request = CompileRequest::new(Source::new("f.py", text)).function("f");
    let of = |backend| Dispatcher::builder(&context(), request.clone().backend(backend)).build();
    backends_at_all_levels().into_iter().map(|backend| of(backend).unwrap_or_else(|error| panic!("{error}"))).collect()
}

pub(crate) fn dispatcher(text: &str) -> Dispatcher {
    Dispatcher::new(&context(), Source::new("f.py", text), "f").unwrap_or_else(|error| panic!("{error}"))
}

pub(crate) fn list<T: Into<Value>>(values: impl IntoIterator<Item = T>) -> Value {
    Value::List(values.into_iter().map(Into::into).collect())
}

pub(crate) fn float(value: f64) -> Value {
    Value::Float(value)
}

pub(crate) fn int(value: i64) -> Value {
    Value::Integer(value)
}

/// What a call gives, the same on each engine.
#[track_caller]
fn check(text: &str, arguments: &[Value], expected: &Value) {
    for dispatcher in dispatchers(text) {
        let called = dispatcher.call(&mut arguments.to_vec());
        assert_eq!(called.as_ref().ok(), Some(expected), "{called:?} of {dispatcher:?}");
        // Once more, as it is compiled now.
        assert_eq!(dispatcher.call(&mut arguments.to_vec()).ok().as_ref(), Some(expected));
        assert_eq!(dispatcher.compilations(), 1);
    }
}

#[test]
fn scalars() {
    check("def f(x, y):\n    return x * y\n", &[float(1.5), int(4)], &float(6.0));
    check("def f(x, y):\n    return x // y\n", &[int(-7), int(2)], &int(-4));
    check("def f(x):\n    return x > 0\n", &[int(1)], &Value::Boolean(true));
    check("def f(x):\n    return not x\n", &[Value::Boolean(true)], &Value::Boolean(false));
    check("def f(x):\n    y = x\n", &[int(1)], &Value::None);
    check("def f(x):\n    return x is None\n", &[Value::None], &Value::Boolean(true));
    check("def f():\n    return 5\n", &[], &int(5));
    let day = Value::Timedelta(86_400_000_000_000);
    check("def f(t, d):\n    return t + d\n", &[Value::Datetime(0), day], &Value::Datetime(86_400_000_000_000));
}

#[test]
fn tuples_and_optionals() {
    let pair = Value::Tuple(vec![int(3), float(0.5)]);
    check("def f(p):\n    return p[1], p[0] + 1, p[0] > 2\n", &[pair], &{
        Value::Tuple(vec![float(0.5), int(4), Value::Boolean(true)])
    });
    let text = "def f(x):\n    if x > 0:\n        return x\n    return None\n";
    check(text, &[int(4)], &int(4));
    check(text, &[int(-4)], &Value::None);
}

#[test]
fn texts_known_while_compiling_are_no_results_at_run_time() {
    let error = dispatcher("def f(x):\n    return 'a'\n").call(&mut [int(1)]).unwrap_err();
    assert!(matches!(error, CallError::Box { argument: None, .. }), "{error:?}");
    let error = dispatcher("def f(x):\n    return 1\n").call(&mut [Value::Text("a".to_owned())]).unwrap_err();
    assert!(matches!(&error, CallError::Typing { argument: Some(name), .. } if name == "x"), "{error:?}");
}

#[test]
fn keywords_and_defaults() {
    let text = "def f(a, b=2, *, c=3, d=None):\n    return (a, b, c) if d is None else (a, b, d)\n";
    let triple = |a, b, c| Value::Tuple(vec![int(a), int(b), int(c)]);
    for dispatcher in dispatchers(text) {
        assert_eq!(dispatcher.call(&mut [int(1)]).unwrap(), triple(1, 2, 3));
        assert_eq!(dispatcher.call(&mut [int(1), int(7)]).unwrap(), triple(1, 7, 3));
        assert_eq!(dispatcher.call_with(&mut [int(1)], &mut [("c", int(9))]).unwrap(), triple(1, 2, 9));
        let mut all = [("d", int(4)), ("b", int(5)), ("a", int(6))];
        assert_eq!(dispatcher.call_with(&mut [], &mut all).unwrap(), triple(6, 5, 4));
    }
    let dispatcher = dispatcher(text);
    let said = |positional: &[Value], keywords: &mut [(&str, Value)]| {
        let error = dispatcher.call_with(&mut positional.to_vec(), keywords).unwrap_err();
        assert!(matches!(error, CallError::Arguments(_)), "{error:?}");
        error.to_string()
    };
    // As CPython says it.
    assert_eq!(said(&[], &mut []), "f() missing 1 required positional argument: 'a'");
    assert_eq!(said(&[int(1), int(2), int(3)], &mut []), "f() takes from 1 to 2 positional arguments but 3 were given");
    assert_eq!(said(&[int(1)], &mut [("a", int(1))]), "f() got multiple values for argument 'a'");
    assert_eq!(said(&[int(1)], &mut [("e", int(1))]), "f() got an unexpected keyword argument 'e'");
}

#[test]
fn calls_without_an_argument_are_refused_as_python_does() {
    let said = |text: &str, count: usize| {
        let error = dispatcher(text).call(&mut vec![int(1); count]).unwrap_err();
        error.to_string()
    };
    assert_eq!(said("def f(): pass\n", 1), "f() takes 0 positional arguments but 1 was given");
    assert_eq!(said("def f(x): pass\n", 2), "f() takes 1 positional argument but 2 were given");
    assert_eq!(said("def f(x, y): pass\n", 0), "f() missing 2 required positional arguments: 'x' and 'y'");
    assert_eq!(said("def f(x, y, z): pass\n", 0), "f() missing 3 required positional arguments: 'x', 'y', and 'z'");
    assert_eq!(said("def f(*, k): pass\n", 0), "f() missing 1 required keyword-only argument: 'k'");
    let error = dispatcher("def f(x, /): pass\n").call_with(&mut [], &mut [("x", int(1))]).unwrap_err();
    assert_eq!(error.to_string(), "f() got some positional-only arguments passed as keyword arguments: 'x'");
}

#[test]
fn errors_say_what_and_where() {
    let text = "def half(x):\n    if x % 2 == 1:\n        raise ValueError('odd')\n    return x // 2\n\ndef f(x):\n    return half(x)\n";
    for dispatcher in dispatchers(text) {
        assert_eq!(dispatcher.call(&mut [int(8)]).unwrap(), int(4));
        let error = dispatcher.call(&mut [int(7)]).unwrap_err();
        let CallError::Node(raised) = &error else { panic!("{error:?}") };
        assert_eq!((raised.error.kind, &*raised.error.message), (NodeErrorKind::ValueError, "odd"));
        assert_eq!(raised.position, Some(("f.py".to_owned(), 3, 9)));
        assert_eq!(error.to_string(), "f.py:3:9: ValueError: odd");
        assert_eq!(dispatcher.call(&mut [int(8)]).unwrap(), int(4), "the error is gone");
    }
}

#[test]
fn sources_that_are_wrong_are_reported() {
    let wrong = |text: &str| Dispatcher::new(&context(), Source::new("f.py", text), "f").unwrap_err().to_string();
    assert!(wrong("def f(x:\n").contains("f.py:1:"), "{}", wrong("def f(x:\n"));
    assert!(wrong("def g(x): pass\n").contains("E0006"), "{}", wrong("def g(x): pass\n"));
    let error = dispatcher("def f(x):\n    return x.y\n").call(&mut [int(1)]).unwrap_err();
    assert!(matches!(error, CallError::Compile(_)), "{error:?}");
    assert!(error.to_string().contains("f.py:2:"), "{error}");
    let node = "def f(x: Signal[float]) -> Signal[float]:\n    return x\n";
    assert!(wrong(node).contains("`f` is a node, not a plain function"), "{}", wrong(node));
    let stateful = "def f(x):\n    n: State[int] = 0\n    return n\n";
    let error = dispatcher(stateful).call(&mut [int(1)]).unwrap_err();
    assert!(error.to_string().contains("E0203"), "{error}");
    // What is wrong with every call is told at once.
    let request = CompileRequest::new(Source::new("f.py", "def f(x):\n    return x\n")).constant("x", 1);
    let error = Dispatcher::builder(&context(), request).build().unwrap_err().to_string();
    assert!(error.contains("E0603") && error.contains("`x` is bound"), "{error}");
}

#[test]
fn what_is_not_compiled_is_not_tried_again() {
    let dispatcher = dispatcher("def f(x):\n    return x.y\n");
    let said: Vec<String> = (0..3).map(|_| dispatcher.call(&mut [int(1)]).unwrap_err().to_string()).collect();
    assert!(said[0].contains("f.py:2:") && said.iter().all(|one| *one == said[0]), "{said:?}");
    assert_eq!(dispatcher.compilations(), 1);
    assert!(dispatcher.call(&mut [float(1.0)]).is_err());
    assert_eq!(dispatcher.compilations(), 2);
}

#[test]
fn a_rule_less_argument_names_its_parameter() {
    let dispatcher = dispatcher("def f(x, y):\n    return x\n");
    let error = dispatcher.call(&mut [int(1), Value::LargeInteger(None)]).unwrap_err();
    assert!(error.to_string().starts_with("the argument `y`: "), "{error}");
    let mixed = Value::List(vec![int(1), Value::Text("a".to_owned())]);
    let error = dispatcher.call(&mut [mixed, int(1)]).unwrap_err();
    assert!(error.to_string().starts_with("the argument `x`: "), "{error}");
}

#[test]
fn deadlines_limits_and_prints_are_those_of_the_dispatcher() {
    let text = "def f(n):\n    total = 0\n    while n > 0:\n        total += n\n    return total\n";
    let options = CompilationOptions { interruptible: true, ..CompilationOptions::default() };
    let request = CompileRequest::new(Source::new("f.py", text)).options(options);
    for backend in backends_at_all_levels() {
        let builder = Dispatcher::builder(&context(), request.clone().backend(backend));
        let dispatcher = builder.deadline(Duration::from_millis(5)).build().unwrap();
        assert_eq!(dispatcher.call(&mut [int(0)]).unwrap(), int(0));
        let error = dispatcher.call(&mut [int(1)]).unwrap_err();
        assert!(
            matches!(&error, CallError::Node(raised) if raised.error.kind == NodeErrorKind::Interrupted),
            "{error}"
        );
        assert!(error.to_string().contains("the call took longer than its deadline of 5ms"), "{error}");
    }
    let dispatcher = Dispatcher::builder(&context(), request).interruptible().build().unwrap();
    let handle = dispatcher.interrupt_handle().unwrap();
    handle.interrupt();
    let error = dispatcher.call(&mut [int(1)]).unwrap_err();
    assert!(matches!(&error, CallError::Node(raised) if raised.error.kind == NodeErrorKind::Interrupted), "{error}");
    assert!(error.to_string().contains("the call was interrupted"), "{error}");
    assert!(!handle.is_requested());

    let text = "def f(n):\n    xs = [0]\n    for i in range(n):\n        xs.append(i)\n    print('made', len(xs))\n    return xs\n";
    let request = CompileRequest::new(Source::new("f.py", text));
    let printed = Arc::new(Mutex::new(String::new()));
    let sink = Arc::clone(&printed);
    let dispatcher = Dispatcher::builder(&context(), request)
        .memory_limit(NonZeroU64::new(4096).unwrap())
        .print_hook(move |text| sink.lock().unwrap().push_str(text))
        .build()
        .unwrap();
    assert_eq!(dispatcher.call(&mut [int(2)]).unwrap(), list([0, 0, 1]));
    assert_eq!(*printed.lock().unwrap(), "made 3\n");
    let error = dispatcher.call(&mut [int(100_000)]).unwrap_err();
    assert!(matches!(&error, CallError::Node(raised) if raised.error.kind == NodeErrorKind::MemoryLimit), "{error}");
    assert!(
        error.to_string().contains("the containers of the call are larger than its limit of 4096 bytes"),
        "{error}"
    );
    assert_eq!(dispatcher.call(&mut [int(2)]).unwrap(), list([0, 0, 1]), "each call has the limit for itself");
}

#[test]
fn options_change_what_a_call_does() {
    let text = "def f(x, y):\n    return x // y\n";
    let numpy = dispatcher(text);
    assert_eq!(numpy.call(&mut [int(1), int(0)]).unwrap(), int(0));
    let options =
        CompilationOptions { error_model: cfunc_compiler::ErrorModel::Python, ..CompilationOptions::default() };
    let request = CompileRequest::new(Source::new("f.py", text)).options(options);
    let python = Dispatcher::builder(&context(), request).build().unwrap();
    let error = python.call(&mut [int(1), int(0)]).unwrap_err();
    assert!(
        matches!(&error, CallError::Node(raised) if raised.error.kind == NodeErrorKind::ZeroDivisionError),
        "{error}"
    );
}
