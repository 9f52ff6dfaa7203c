//! Intervals as arguments and results of calls with dynamic values, on every engine.

use cfunc_compiler::{
    CallError, CompilationContext, CompileRequest, Dispatcher, NodeErrorKind, Source, Value, backends_at_all_levels,
    defaults,
};
use cfunc_example_interval::{Intervals, record};

fn dispatchers(text: &str) -> Vec<Dispatcher> {
    let context = CompilationContext::builder().with(defaults()).with(Intervals).build().expect("they fit together");
    let request = CompileRequest::new(Source::new("f.py", text)).function("f");
    let made = |backend| Dispatcher::builder(&context, request.clone().backend(backend)).build();
    backends_at_all_levels()
        .into_iter()
        .map(|backend| made(backend).unwrap_or_else(|error| panic!("{error}")))
        .collect()
}

#[test]
fn intervals_go_in_and_come_out() {
    let text = "def f(a, x):\n    return Interval(min(a.lo, x), max(a.hi, x)), x in a, a.width\n";
    for f in dispatchers(text) {
        let result = f.call(&mut [record(0.0, 1.5), Value::Float(2.0)]).expect("it is called");
        assert_eq!(result, Value::Tuple(vec![record(0.0, 2.0), Value::Boolean(false), Value::Float(1.5)]));
        assert_eq!(f.specialisations()[0].signature(), "(Interval, float) -> tuple[Interval, bool, float]");
    }
}

#[test]
fn what_is_no_interval_is_refused_and_errors_are_the_nodes() {
    for f in dispatchers("def f(a, x):\n    return Interval(a.lo, x)\n") {
        assert_eq!(f.call(&mut [record(0.0, 1.0), Value::Float(0.5)]).expect("it is called"), record(0.0, 0.5));
        let error = f.call(&mut [record(2.0, 1.0), Value::Float(0.5)]).expect_err("its bounds are reversed");
        assert!(matches!(&error, CallError::Unbox { argument, .. } if argument == "a"), "{error:?}");
        assert!(error.to_string().ends_with("is no interval"), "{error}");
        match f.call(&mut [record(0.0, 1.0), Value::Float(-0.5)]) {
            Err(CallError::Node(raised)) => {
                assert_eq!((raised.error.kind, &*raised.error.message), (NodeErrorKind::ValueError, "lo > hi"));
                assert_eq!(raised.position, Some(("f.py".to_owned(), 2, 12)));
            }
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn lists_of_intervals_are_changed() {
    let text = "def f(held, x):\n    held[0] = Interval(x, x + 1.0)\n    held.append(held[1])\n    return len(held)\n";
    for f in dispatchers(text) {
        let mut arguments = [Value::List(vec![record(0.0, 1.0), record(5.0, 6.0)]), Value::Float(2.0)];
        assert_eq!(f.call(&mut arguments).expect("it is called"), Value::Integer(3));
        assert_eq!(arguments[0], Value::List(vec![record(2.0, 3.0), record(5.0, 6.0), record(5.0, 6.0)]));
        let wrong = [record(0.0, 1.0), record(0.0, 1.0), record(2.0, 1.0)];
        let error = f.call(&mut [Value::List(wrong.into()), Value::Float(2.0)]).expect_err("the third is none");
        assert!(error.to_string().starts_with("the argument `held`: element 2: "), "{error}");
    }
}
