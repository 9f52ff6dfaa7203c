//! Signatures: given, declared by annotations, chosen among, limited.

use cfunc_compiler::{CallError, CompileRequest, Dispatcher, LimitPolicy, Source, Type, Value};

use crate::common::context;
use crate::dispatch::{dispatcher, float, int, list};

fn request(text: &str) -> CompileRequest {
    CompileRequest::new(Source::new("f.py", text)).function("f")
}

fn signatures(dispatcher: &Dispatcher) -> Vec<String> {
    dispatcher.specialisations().iter().map(|one| one.signature()).collect()
}

#[test]
fn each_signature_is_compiled_once() {
    let text = "def f(x, y):\n    return x + y if isinstance(x, (int, float)) else x\n";
    let dispatcher = dispatcher(text);
    assert_eq!(dispatcher.compilations(), 0, "nothing is compiled before the first call");
    for _ in 0..3 {
        assert_eq!(dispatcher.call(&mut [int(1), int(2)]).unwrap(), int(3));
        assert_eq!(dispatcher.call(&mut [float(1.0), int(2)]).unwrap(), float(3.0));
        assert_eq!(dispatcher.call(&mut [list([1]), list([2])]).unwrap(), list([1]));
    }
    assert_eq!(dispatcher.compilations(), 3);
    assert_eq!(
        signatures(&dispatcher),
        ["(int, int) -> int", "(float, int) -> float", "(list[int], list[int]) -> list[int]"]
    );
    let first = &dispatcher.specialisations()[0];
    assert_eq!(first.result_type(), "int");
    assert!(first.compiled().native_name().ends_with(first.compiled().semantic_key()));
}

#[test]
fn signatures_are_compiled_ahead() {
    let dispatcher = dispatcher("def f(x, xs):\n    return x + xs[0]\n");
    assert_eq!(dispatcher.compile("(float, list[int])").unwrap().signature(), "(float, list[int]) -> float");
    assert_eq!(dispatcher.call(&mut [float(1.0), list([2])]).unwrap(), float(3.0));
    assert_eq!(dispatcher.compilations(), 1);
    let error = dispatcher.compile("(float, flaot)").unwrap_err();
    assert!(error.to_string().contains("`flaot` is no type"), "{error}");
    let error = dispatcher.compile("(float, list[int]").unwrap_err();
    assert!(error.to_string().contains("E0001"), "{error}");
    let scalars = Dispatcher::new(&context(), Source::new("f.py", "def f(x): return x\n"), "f").unwrap();
    assert_eq!(scalars.compile_types(&[Type::FLOAT64]).unwrap().signature(), "(float) -> float");
}

#[test]
fn annotated_parameters_convert() {
    let dispatcher = dispatcher("def f(x: float, xs: list[float]):\n    xs.append(x / 2)\n    return x\n");
    let mut arguments = [int(3), list([1, 2])];
    assert_eq!(dispatcher.call(&mut arguments).unwrap(), float(3.0));
    // Elements that no assignment reached are the values that they were.
    assert_eq!(arguments[1], Value::List(vec![int(1), int(2), float(1.5)]));
    let error = dispatcher.call(&mut [Value::None, list([1.0])]).unwrap_err();
    assert!(matches!(&error, CallError::Unbox { argument, .. } if argument == "x"), "{error:?}");
    // What is no type says nothing.
    let loose = crate::dispatch::dispatcher("def f(x: Anything, y: 'Unknown'):\n    return x + y\n");
    assert_eq!(loose.call(&mut [int(1), int(2)]).unwrap(), int(3));
}

#[test]
fn annotations_say_tuples_and_what_may_be_none() {
    for imports in ["", "from typing import Optional, Tuple\n"] {
        for (annotation, given, gives) in [
            ("tuple[int, float]", Value::Tuple(vec![int(1), int(2)]), Value::Tuple(vec![int(1), float(2.0)])),
            ("Tuple[int, float]", Value::Tuple(vec![int(1), int(2)]), Value::Tuple(vec![int(1), float(2.0)])),
            ("tuple[list[float], int]", Value::Tuple(vec![list([1]), int(2)]), {
                Value::Tuple(vec![list([1.0]), int(2)])
            }),
            ("Optional[float]", int(3), float(3.0)),
            ("Optional[float]", Value::None, Value::None),
            ("float | None", int(3), float(3.0)),
            ("None | float", Value::None, Value::None),
        ] {
            for dispatcher in crate::dispatch::dispatchers(&format!("{imports}def f(x: {annotation}):\n    return x\n"))
            {
                assert_eq!(dispatcher.call(&mut [given.clone()]).unwrap(), gives, "{annotation}");
            }
        }
    }
    let error = dispatcher("def f(x: tuple[int, float]):\n    return x\n").call(&mut [float(1.0)]).unwrap_err();
    assert_eq!(error.to_string(), "the argument `x`: tuple[int, float] expected, not a value of kind float");
    let error = dispatcher("def f(x: int | None):\n    return x\n").call(&mut [float(1.5)]).unwrap_err();
    assert!(matches!(&error, CallError::Unbox { argument, .. } if argument == "x"), "{error:?}");
    let given = dispatcher("def f(x, y):\n    return x[1] if y is None else x[0]\n");
    let compiled = given.compile("(tuple[int, float], int | None)").unwrap();
    assert_eq!(compiled.signature(), "(tuple[int, float], Optional[int]) -> float");
}

#[test]
fn annotations_that_make_no_type_are_refused() {
    for (annotation, reason) in [
        ("dict[str, int]", "values of type str are not keys of dicts"),
        ("list[list[int]]", "values of type list[int] are not kept in lists"),
        ("tuple[int, list[list[int]]]", "values of type list[int] are not kept in lists"),
    ] {
        let text = format!("def f(x: {annotation}):\n    return 1\n");
        let error = Dispatcher::new(&context(), Source::new("f.py", text), "f").unwrap_err().to_string();
        assert!(error.contains("E0202") && error.contains(reason) && error.contains("`x`"), "{error}");
    }
    // A family alone says nothing, as Python's own annotations.
    let text =
        "from typing import Sequence\ndef f(x: Sequence[list], y: Sequence[list[list[int]]]):\n    return len(x)\n";
    assert_eq!(dispatcher(text).call(&mut [list([1]), int(1)]).unwrap(), int(1));
    assert_eq!(dispatcher("def f(x: list):\n    return len(x)\n").call(&mut [list([1])]).unwrap(), int(1));
}

#[test]
fn functions_of_any_number_of_arguments_are_refused() {
    for parameters in ["*args", "x, **rest"] {
        let text = format!("def f({parameters}):\n    return 1\n");
        let error = Dispatcher::new(&context(), Source::new("f.py", text), "f").unwrap_err().to_string();
        assert!(error.contains("E0205"), "{error}");
    }
}

#[test]
fn statements_that_are_never_run_are_told() {
    let dispatcher = dispatcher("def f(x):\n    return x\n    y = 1\n");
    let compiled = dispatcher.compile("(int,)").unwrap();
    let codes: Vec<&str> = compiled.compiled().warnings().iter().map(|warning| warning.code.id).collect();
    assert_eq!(codes, ["W0104"]);
}

#[test]
fn annotations_that_are_nearly_types_are_told() {
    let warnings = |parameters: &str| {
        let dispatcher = dispatcher(&format!("from numpy import flota\n\ndef f({parameters}):\n    return x\n"));
        let compiled = dispatcher.compile("(int,)").unwrap();
        compiled.compiled().warnings().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let told = warnings("x: flaot");
    assert!(told.len() == 1 && told[0].contains("W0106") && told[0].contains("did you mean `float`?"), "{told:?}");
    for wrong in ["x: lsit[int]", "x: 'flaot'"] {
        assert_eq!(warnings(wrong).len(), 1, "{wrong}");
    }
    for meant in ["x: float", "x: Decimal", "x: flota", "x: bytes", "x: np.flaot", "x"] {
        assert_eq!(warnings(meant), [""; 0], "{meant}");
    }
}

#[test]
fn closed_dispatchers_choose_the_best_signature() {
    let text = "def f(x, y):\n    return x / y, x\n";
    let builder = Dispatcher::builder(&context(), request(text));
    let dispatcher = builder.signatures(["(float, float)", "(int, int)"]).closed().build().unwrap();
    assert_eq!(dispatcher.compilations(), 2);
    let call = |x: Value, y: Value| dispatcher.call(&mut [x, y]);
    let pair = |one: Value, other: Value| Value::Tuple(vec![one, other]);
    assert_eq!(call(int(3), int(2)).unwrap(), pair(float(1.5), int(3)));
    // bool is promoted to int, which is better than float.
    assert_eq!(call(Value::Boolean(true), int(2)).unwrap(), pair(float(0.5), int(1)));
    assert_eq!(call(int(3), float(2.0)).unwrap(), pair(float(1.5), float(3.0)));
    let error = call(int(3), Value::None).unwrap_err();
    assert_eq!(
        error.to_string(),
        "`f` is compiled for (float, float), (int, int) alone, and (int, None) is none that converts to one"
    );
    let error = dispatcher.compile("(int, float)").unwrap_err();
    assert!(matches!(error, CallError::Typing { argument: None, .. }), "{error:?}");
    assert_eq!(dispatcher.compile("(int, int)").unwrap().signature(), "(int, int) -> tuple[float, int]");
}

#[test]
fn closed_dispatchers_compile_their_signatures_alone() {
    for backend in cfunc_compiler::backends() {
        let request = request("def f(a, b, c):\n    return a * 100 + b * 10 + c\n").backend(backend);
        let builder = Dispatcher::builder(&context(), request);
        let builder = builder.signatures(["(int, int, int)", "(float, float, float)"]).closed();
        let dispatcher = builder.limit(1, LimitPolicy::DropOldest).build().unwrap();
        let call = |a: Value, b: Value, c: Value| dispatcher.call(&mut [a, b, c]).unwrap();
        for _ in 0..2 {
            assert_eq!(call(int(1), int(2), int(3)), int(123));
            assert_eq!(call(float(1.0), int(2), int(3)), float(123.0));
            assert_eq!(call(int(1), float(2.0), Value::Boolean(true)), float(121.0));
            assert_eq!(call(Value::Boolean(true), int(2), int(3)), int(123));
            assert_eq!(call(int(1), int(2), float(3.0)), float(123.0));
        }
        assert_eq!(dispatcher.compilations(), 2);
        assert_eq!(signatures(&dispatcher), ["(int, int, int) -> int", "(float, float, float) -> float"]);
    }
    let none = Dispatcher::builder(&context(), request("def f(x):\n    return x\n")).closed().build().unwrap_err();
    assert_eq!(none.to_string(), "calls are for given signatures alone, and none is given");
}

#[test]
fn signatures_of_more_types_than_parameters_are_refused() {
    let text = "def f(x):\n    return x\n";
    let builder = Dispatcher::builder(&context(), request(text)).signatures(["(int, int, int)"]);
    let error = builder.build().unwrap_err().to_string();
    assert!(error.contains("E0304") && error.contains("3 types are given for `f`, which has 1 parameter"), "{error}");
    let error = dispatcher(text).compile("(int, float)").unwrap_err().to_string();
    assert!(error.contains("E0304"), "{error}");
    let error = dispatcher(text).compile_types(&[Type::INT64; 2]).unwrap_err().to_string();
    assert!(error.contains("E0304"), "{error}");
}

#[test]
fn given_signatures_are_never_dropped() {
    let builder = || Dispatcher::builder(&context(), request("def f(x):\n    return x\n"));
    let dispatcher = builder().signatures(["(int,)"]).limit(2, LimitPolicy::DropOldest).build().unwrap();
    for value in [float(1.0), Value::Boolean(true), Value::None] {
        assert_eq!(dispatcher.call(&mut [value.clone()]).unwrap(), value);
    }
    assert_eq!(signatures(&dispatcher), ["(int) -> int", "(None) -> None"]);
    let full = builder().signatures(["(int,)"]).limit(1, LimitPolicy::DropOldest).build().unwrap();
    assert!(matches!(full.call(&mut [float(1.0)]), Err(CallError::Limit { limit: 1, .. })));
    assert_eq!(full.call(&mut [int(1)]).unwrap(), int(1));
}

#[test]
fn signatures_that_do_not_compile_are_refused_ahead() {
    let builder = Dispatcher::builder(&context(), request("def f(x):\n    return x[0]\n"));
    let error = builder.signatures(["(list[int],)", "(float,)"]).build().unwrap_err();
    assert!(matches!(error, CallError::Compile(_)), "{error:?}");
}

#[test]
fn a_limit_refuses() {
    let builder = Dispatcher::builder(&context(), request("def f(x):\n    return x\n"));
    let dispatcher = builder.limit(2, LimitPolicy::Refuse).build().unwrap();
    dispatcher.call(&mut [int(1)]).unwrap();
    dispatcher.call(&mut [float(1.0)]).unwrap();
    let error = dispatcher.call(&mut [Value::Boolean(true)]).unwrap_err();
    assert_eq!(error.to_string(), "the function is compiled for 2 signatures, and (bool) would be one more");
    assert_eq!(dispatcher.call(&mut [int(1)]).unwrap(), int(1));
    assert_eq!(dispatcher.compilations(), 2);
}

#[test]
fn a_limit_drops_the_oldest() {
    let builder = Dispatcher::builder(&context(), request("def f(x):\n    return x\n"));
    let dispatcher = builder.limit(2, LimitPolicy::DropOldest).build().unwrap();
    for value in [int(1), float(1.0), int(2), Value::Boolean(true)] {
        assert_eq!(dispatcher.call(&mut [value.clone()]).unwrap(), value);
    }
    assert_eq!(signatures(&dispatcher), ["(float) -> float", "(bool) -> bool"]);
    assert_eq!(dispatcher.call(&mut [int(3)]).unwrap(), int(3));
    assert_eq!(dispatcher.compilations(), 4);
}

#[test]
fn a_limit_drops_what_was_not_used_for_longest() {
    let builder = Dispatcher::builder(&context(), request("def f(x):\n    return x\n"));
    let dispatcher = builder.limit(2, LimitPolicy::DropLeastRecentlyUsed).build().unwrap();
    for value in [int(1), float(1.0), int(2), Value::Boolean(true)] {
        dispatcher.call(&mut [value]).unwrap();
    }
    assert_eq!(signatures(&dispatcher), ["(int) -> int", "(bool) -> bool"]);
    assert_eq!(dispatcher.compilations(), 3);
}

#[test]
fn specialisations_outlive_being_dropped() {
    let builder = Dispatcher::builder(&context(), request("def f(x):\n    return x\n"));
    let dispatcher = builder.limit(1, LimitPolicy::DropOldest).build().unwrap();
    let kept = dispatcher.compile("(float,)").unwrap();
    dispatcher.call(&mut [int(1)]).unwrap();
    drop(dispatcher);
    let (mut x, mut result) = (2.5_f64, 0.0_f64);
    let argument = std::ptr::from_mut(&mut x).cast::<u8>();
    // SAFETY: a cell of a float, and one for the result.
    unsafe { kept.compiled().call(std::ptr::from_mut(&mut result).cast(), [argument].as_ptr()) }.unwrap();
    assert_eq!(result, 2.5);
}
