//! Containers of other types than a parameter takes: code must never take what is there for something else.

use cfunc_compiler::{
    CallArgument, CallError, CallResult, CompileRequest, Container, Dispatcher, Source, Value, backends,
};

use crate::common::context;
use crate::dispatch::{dispatchers, float, int, list};

fn call(dispatcher: &Dispatcher, container: &Container) -> Result<Value, CallError> {
    dispatcher.call_arguments(&mut [CallArgument::Container(container)]).and_then(CallResult::into_value)
}

/// The message of a typing error.
#[track_caller]
fn refused(outcome: Result<Value, CallError>) -> String {
    match outcome {
        Err(error @ CallError::Typing { .. }) => error.to_string(),
        other => panic!("{other:?}"),
    }
}

/// Values whose containers are of different types.
fn values() -> [Value; 5] {
    let dict = |value: Value| Value::Dict(vec![(int(1), value)]);
    [list([1, 2]), list([1.5, 2.5]), list([true, false]), dict(int(7)), dict(float(7.5))]
}

const TYPES: [&str; 5] = ["list[int]", "list[float]", "list[bool]", "dict[int, int]", "dict[int, float]"];

#[test]
fn an_annotated_parameter_takes_containers_of_its_type_alone() {
    for wanted in TYPES.into_iter().chain(["float", "int", "bool"]) {
        for dispatcher in dispatchers(&format!("def f(x: {wanted}):\n    return x\n")) {
            for (value, name) in values().into_iter().zip(TYPES) {
                let container = dispatcher.container(&value).unwrap();
                let outcome = call(&dispatcher, &container);
                if name == wanted {
                    assert_eq!(outcome.unwrap(), value);
                } else {
                    let expected = format!("the argument `x`: {wanted} expected, not a container of type {name}");
                    assert_eq!(refused(outcome), expected);
                }
                assert_eq!(container.to_value().unwrap(), value, "it is as it was");
            }
        }
    }
}

#[test]
fn given_signatures_take_containers_of_their_types() {
    for backend in backends() {
        let request = CompileRequest::new(Source::new("f.py", "def f(x):\n    return x\n")).function("f");
        let builder = || Dispatcher::builder(&context(), request.clone().backend(backend.clone()));
        let closed = builder().signatures(["(list[float],)", "(dict[int, int],)"]).closed().build().unwrap();
        let open = builder().signatures(["(list[float],)"]).build().unwrap();
        for (value, name) in values().into_iter().zip(TYPES) {
            let outcome = call(&closed, &closed.container(&value).unwrap());
            if ["list[float]", "dict[int, int]"].contains(&name) {
                assert_eq!(outcome.unwrap(), value);
            } else {
                assert!(refused(outcome).contains("is none that converts to one"));
            }
            // Others are compiled for where they come.
            assert_eq!(call(&open, &open.container(&value).unwrap()).unwrap(), value);
        }
        assert_eq!((closed.compilations(), open.compilations()), (2, 5));
    }
}

#[test]
fn values_are_converted_where_containers_are_refused() {
    for dispatcher in dispatchers("def f(x: list[float]):\n    x.append(0.5)\n    return x[0]\n") {
        let mut arguments = [list([1, 2])];
        assert_eq!(dispatcher.call(&mut arguments).unwrap(), float(1.0));
        assert_eq!(arguments[0], Value::List(vec![int(1), int(2), float(0.5)]));
    }
}

const SIDE: &str = "from enum import Enum\nclass Side(Enum):\n    BUY = 1\n    SELL = 2\n";
const OTHER_SIDE: &str = "from enum import Enum\nclass Side(Enum):\n    SELL = 1\n    BUY = 2\n";

/// The function of a text that begins with classes, on the context of another dispatcher.
fn beside(other: &Dispatcher, text: &str) -> Dispatcher {
    Dispatcher::new(other.context(), Source::new("g.py", text), "f").unwrap_or_else(|error| panic!("{error}"))
}

#[test]
fn enums_of_other_sources_are_others_though_their_names_are_the_same() {
    let body = "def f(x):\n    return x[0] == Side.BUY\n";
    let text = "def f(n):\n    sides = [Side.BUY]\n    for i in range(n - 1):\n        sides.append(Side.BUY)\n    return sides\n";
    for make in dispatchers(&format!("{SIDE}{text}")) {
        let buys = make.call_arguments(&mut [CallArgument::Value(&mut int(2))]).unwrap().into_container().unwrap();
        assert_eq!(buys.type_name(), "list[Side]");
        // The same class in another source is the same type.
        assert_eq!(call(&beside(&make, &format!("{SIDE}{body}")), &buys).unwrap(), Value::Boolean(true));
        for others in [OTHER_SIDE, "", "from enum import IntEnum\nclass Side(IntEnum):\n    BUY = 1\n    SELL = 2\n"] {
            let body = if others.is_empty() { "def f(x):\n    return len(x)\n" } else { body };
            let message = refused(call(&beside(&make, &format!("{others}{body}")), &buys));
            assert_eq!(message, "the argument `x`: a container of type list[Side] of another source");
        }
        let annotated = beside(&make, &format!("{OTHER_SIDE}def f(x: list[Side]):\n    return x[0] == Side.BUY\n"));
        refused(call(&annotated, &buys));
    }
}

#[test]
fn members_are_those_that_their_names_say() {
    let member = |name: &str, value: i64| {
        let fields = vec![("name".to_owned(), Value::from(name)), ("value".to_owned(), int(value))];
        Value::Record("Side".to_owned(), fields)
    };
    for dispatcher in dispatchers(&format!("{SIDE}def f(x):\n    return x == Side.BUY\n")) {
        assert_eq!(dispatcher.call(&mut [member("BUY", 1)]).unwrap(), Value::Boolean(true));
        let error = dispatcher.call(&mut [member("BUY", 2)]).unwrap_err();
        assert!(matches!(error, CallError::Unbox { .. }), "{error:?}");
        assert!(error.to_string().contains("is no member of Side"), "{error}");
    }
}
