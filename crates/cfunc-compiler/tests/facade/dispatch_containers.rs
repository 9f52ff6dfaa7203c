//! Lists and dicts as arguments and results: by reference, as containers, let go on every path.

use cfunc_compiler::{CallArgument, CallError, Container, NodeErrorKind, Value};
use cfunc_runtime::MemoryAccount;

use crate::common::context;
use crate::dispatch::{dispatcher, dispatchers, float, int, list};

/// Runs something that must leave no container behind on this thread.
#[track_caller]
fn without_leaks(work: impl FnOnce()) {
    // The counters are those of all threads.
    let mut account = MemoryAccount::new(0);
    account.run(work);
    assert_eq!(account.used(), 0);
}

#[test]
fn what_a_function_changes_is_seen() {
    let text = "def f(xs, d):\n    xs.append(4)\n    xs[0] = 7\n    d[5] = 0.5\n    return len(xs)\n";
    for dispatcher in dispatchers(text) {
        without_leaks(|| {
            let mut arguments = [list([1, 2]), Value::Dict(vec![(int(1), float(2.0))])];
            assert_eq!(dispatcher.call(&mut arguments).unwrap(), int(3));
            assert_eq!(arguments[0], list([7, 2, 4]));
            assert_eq!(arguments[1], Value::Dict(vec![(int(1), float(2.0)), (int(5), float(0.5))]));
        });
    }
}

#[test]
fn what_a_function_changed_before_it_failed_is_seen() {
    let text = "def f(xs):\n    xs.append(4)\n    xs[9] = 1\n";
    for dispatcher in dispatchers(text) {
        without_leaks(|| {
            let mut arguments = [list([1, 2])];
            let error = dispatcher.call(&mut arguments).unwrap_err();
            assert!(matches!(&error, CallError::Node(raised) if raised.error.kind == NodeErrorKind::IndexError));
            assert_eq!(arguments[0], list([1, 2, 4]));
        });
    }
}

#[test]
fn results_are_containers_of_their_own() {
    let text =
        "def f(xs, n):\n    ys = [0.0]\n    ys.pop()\n    for x in xs:\n        ys.append(x * n)\n    return ys\n";
    for dispatcher in dispatchers(text) {
        without_leaks(|| {
            let mut arguments = [list([1.5, 2.0]), int(2)];
            assert_eq!(dispatcher.call(&mut arguments).unwrap(), list([3.0, 4.0]));
            assert_eq!(arguments[0], list([1.5, 2.0]));
        });
    }
    for dispatcher in dispatchers("def f(xs):\n    return xs, len(xs)\n") {
        without_leaks(|| {
            let called = dispatcher.call(&mut [list([1, 2])]).unwrap();
            assert_eq!(called, Value::Tuple(vec![list([1, 2]), int(2)]));
        });
    }
}

#[test]
fn containers_are_passed_as_they_are() {
    let text = "def f(xs, ys):\n    xs.append(len(ys))\n    return xs\n";
    for dispatcher in dispatchers(text) {
        without_leaks(|| {
            let xs = Container::from_value(&context(), &list([10])).unwrap();
            // Of another context than that of the dispatcher.
            let error = dispatcher.call_arguments(&mut [CallArgument::Container(&xs), CallArgument::Container(&xs)]);
            assert!(matches!(error, Err(CallError::Typing { .. })), "{error:?}");

            let xs = Container::from_value(dispatcher.context(), &list([10])).unwrap();
            let again = xs.clone();
            let call = |one: &Container, other: &Container| {
                let arguments = &mut [CallArgument::Container(one), CallArgument::Container(other)];
                dispatcher.call_arguments(arguments).unwrap().into_container().unwrap()
            };
            // One list under two names, as in Python.
            let result = call(&xs, &again);
            assert!(result.is_same(&xs));
            assert_eq!(again.to_value().unwrap(), list([10, 1]));
            assert_eq!(again.len().unwrap(), 2);
            let ys = dispatcher.container(&list([1, 2, 3])).unwrap();
            drop(call(&xs, &ys));
            assert_eq!(result.to_value().unwrap(), list([10, 1, 3]));
            assert_eq!((xs.type_name(), ys.is_empty().unwrap()), ("list[int]", false));
        });
        assert_eq!(dispatcher.compilations(), 1);
    }
}

#[test]
fn values_and_containers_go_together() {
    let text = "def f(xs, ys):\n    for y in ys:\n        xs.append(y)\n    ys[0] = 9\n";
    let dispatcher = dispatcher(text);
    without_leaks(|| {
        let xs = dispatcher.container(&list([1])).unwrap();
        let mut ys = list([2, 3]);
        let arguments = &mut [CallArgument::Container(&xs), CallArgument::Value(&mut ys)];
        assert_eq!(dispatcher.call_arguments(arguments).unwrap().into_value().unwrap(), Value::None);
        assert_eq!(xs.to_value().unwrap(), list([1, 2, 3]));
        assert_eq!(ys, list([9, 3]));
    });
}

#[test]
fn containers_are_given_by_keyword_too() {
    for dispatcher in dispatchers("def f(xs, by=1, *, ys):\n    xs.append(by + len(ys))\n    return ys\n") {
        without_leaks(|| {
            let xs = dispatcher.container(&list([1])).unwrap();
            let keywords = &mut [("ys", CallArgument::Container(&xs))];
            let given = dispatcher.call_arguments_with(&mut [CallArgument::Container(&xs)], keywords).unwrap();
            assert!(given.into_container().unwrap().is_same(&xs));
            assert_eq!(xs.to_value().unwrap(), list([1, 2]));
            let error = dispatcher.call_arguments_with(&mut [], &mut [("zs", CallArgument::Container(&xs))]);
            assert!(matches!(error, Err(CallError::Arguments(_))), "{error:?}");
        });
    }
}

#[test]
fn nothing_is_left_of_arguments_that_do_not_fit() {
    let dispatcher = dispatcher("def f(xs: list[int], ys: list[int]):\n    return len(xs) + len(ys)\n");
    without_leaks(|| {
        assert_eq!(dispatcher.call(&mut [list([1]), list([2, 3])]).unwrap(), int(3));
        // The third element of the second list is none.
        let wrong = Value::List(vec![int(1), int(2), float(2.5)]);
        let error = dispatcher.call(&mut [list([1]), wrong]).unwrap_err();
        assert!(matches!(&error, CallError::Unbox { argument, .. } if argument == "ys"), "{error:?}");
        assert!(error.to_string().contains("element 2"), "{error}");
        // An empty list has the type of the annotation.
        assert_eq!(dispatcher.call(&mut [list::<i64>([]), list([2, 3])]).unwrap(), int(2));
    });
}

#[test]
fn a_default_list_is_new_for_each_call() {
    let text = "ZEROS = [0, 0]\n\ndef f(x, xs=[1]):\n    xs.append(x)\n    return xs\n";
    for dispatcher in dispatchers(text) {
        without_leaks(|| {
            assert_eq!(dispatcher.call(&mut [int(5)]).unwrap(), list([1, 5]));
            assert_eq!(dispatcher.call(&mut [int(6)]).unwrap(), list([1, 6]));
        });
    }
}
