//! Rules that box and unbox: which one is in force, clean-ups on every path, mistakes of rules, objects of a host.

use std::sync::{Arc, Mutex};

use cfunc_compiler::{
    BoxError, CallError, CompilationContext, Dispatcher, HostObject, NativeValue, NativeWord, Registrar,
    RegistrationError, Source, Type, TypeSpec, Value, ValueSpec, compile, defaults, exact,
};
use cfunc_runtime::MemoryAccount;

use crate::common::{build_with, context_with, request};
use crate::dispatch::{float, int, list};

/// What happened, in order.
type Log = Arc<Mutex<Vec<String>>>;

fn noted(log: &Log) -> Vec<String> {
    std::mem::take(&mut *log.lock().expect("nobody panicked with it"))
}

fn note(log: &Log, what: impl Into<String>) {
    log.lock().expect("nobody panicked with it").push(what.into());
}

/// An int as an object of a host; one below zero is none.
fn object(value: i64) -> Value {
    Value::host("probe.int", HostObject::new(value))
}

/// A context where ints may be objects of the host, which note when they are cleaned up.
fn with_objects(log: &Log) -> CompilationContext {
    let log = Arc::clone(log);
    context_with(move |registrar| {
        let log = Arc::clone(&log);
        registrar.type_of_value(ValueSpec::kind("probe.int"), |_types, _value, _role| Some(Type::INT64));
        registrar.unbox_kind("probe.int", exact(Type::INT64), move |_context, _ty, value| {
            let Value::Host(host) = value else { return NativeValue::error("no object") };
            let number = *host.downcast_ref::<i64>().expect("ints are made so");
            let log = Arc::clone(&log);
            note(&log, format!("unbox {number}"));
            if number < 0 {
                return NativeValue::error(format!("{number} is below zero"))
                    .with_clean_up(move || note(&log, format!("clean {number}")));
            }
            assert!(number != 13, "13 is odd");
            NativeValue::scalar(NativeWord::int64(number)).with_clean_up(move || note(&log, format!("clean {number}")))
        });
        Ok(())
    })
}

fn dispatcher(context: &CompilationContext, text: &str) -> Dispatcher {
    Dispatcher::new(context, Source::new("f.py", text), "f").unwrap_or_else(|error| panic!("{error}"))
}

/// What a call gives that leaves no container behind.
#[track_caller]
fn without_leaks<T>(work: impl FnOnce() -> T) -> T {
    let mut account = MemoryAccount::new(0);
    let result = account.run(work);
    assert_eq!(account.used(), 0);
    result
}

#[test]
fn nothing_is_left_of_a_list_whose_third_element_fails() {
    let log = Log::default();
    let sum = dispatcher(&with_objects(&log), "def f(start, xs):\n    return start + sum(xs)\n");
    let call = |numbers: &[i64]| {
        let numbers = Value::List(numbers.iter().map(|number| object(*number)).collect());
        without_leaks(|| {
            sum.call(&mut [list([0.5]), numbers.clone()]).map(|_| ()).and(sum.call(&mut [int(1), numbers]))
        })
    };
    // Compiled for an int first, so that the list is what fails.
    assert_eq!(without_leaks(|| sum.call(&mut [int(1), Value::List(vec![object(2), object(3)])])).unwrap(), int(6));
    assert_eq!(noted(&log), ["unbox 2", "unbox 3", "unbox 2", "clean 2", "unbox 3", "clean 3", "clean 3", "clean 2"]);
    let error = without_leaks(|| {
        sum.call(&mut [int(1), Value::List(vec![object(2), object(3), object(-4), object(5)])]).unwrap_err()
    });
    assert_eq!(error.to_string(), "the argument `xs`: element 2: -4 is below zero");
    assert!(matches!(&error, CallError::Unbox { argument, .. } if argument == "xs"), "{error:?}");
    assert_eq!(noted(&log), ["unbox 2", "unbox 3", "unbox -4", "clean -4", "clean 3", "clean 2"]);
    assert!(call(&[1]).is_err());
}

#[test]
fn a_rule_that_panics_is_named_and_what_was_made_before_is_let_go() {
    let log = Log::default();
    let first = dispatcher(&with_objects(&log), "def f(xs, d, x):\n    return xs[0] + x + len(d)\n");
    let arguments = |last| [list([1, 2]), Value::Dict(vec![(int(1), int(2))]), object(last)];
    assert_eq!(without_leaks(|| first.call(&mut arguments(7))).unwrap(), int(9));
    noted(&log);
    let hook = std::panic::take_hook();
    std::panic::set_hook(Box::new(|_| {}));
    let error = without_leaks(|| first.call(&mut arguments(13)).unwrap_err());
    let in_list = without_leaks(|| {
        let mut arguments = arguments(7);
        arguments[0] = Value::List(vec![object(1), object(13)]);
        first.call(&mut arguments).unwrap_err()
    });
    std::panic::set_hook(hook);
    for error in [error, in_list] {
        assert!(matches!(error, CallError::Extension(_)), "{error:?}");
        let text = error.to_string();
        assert!(text.contains("unbox(probe.int as int)") && text.contains("13 is odd"), "{text}");
    }
    assert_eq!(noted(&log), ["unbox 13", "unbox 1", "unbox 13", "clean 1"]);
    // Nothing is broken for calls after it.
    assert_eq!(first.call(&mut arguments(7)).unwrap(), int(9));
}

#[test]
fn what_a_call_did_not_change_stays_the_object_that_it_was() {
    let log = Log::default();
    let double = dispatcher(&with_objects(&log), "def f(xs):\n    xs[1] *= 2\n    xs.append(9)\n");
    let kept = object(5);
    let mut arguments = [Value::List(vec![kept.clone(), object(6)])];
    double.call(&mut arguments).unwrap();
    assert_eq!(arguments, [Value::List(vec![kept, int(12), int(9)])]);
    // Changes are written back before anything is cleaned up.
    let noted = noted(&log);
    let [.., before, last] = noted.as_slice() else { panic!("{noted:?}") };
    assert_eq!((before.as_str(), last.as_str()), ("clean 6", "clean 5"));
}

#[test]
fn a_call_that_fails_cleans_up_after_itself() {
    let log = Log::default();
    let index = dispatcher(&with_objects(&log), "def f(x, xs):\n    xs.append(x)\n    return xs[x]\n");
    let mut arguments = [object(8), list([1])];
    let error = without_leaks(|| index.call(&mut arguments).unwrap_err());
    assert!(matches!(error, CallError::Node(_)), "{error:?}");
    assert_eq!((noted(&log), &arguments[1]), (vec!["unbox 8".to_owned(), "clean 8".to_owned()], &list([1, 8])));
}

/// A context with the type `Pair` of two ints, and rules for it.
fn with_pairs(
    rules: impl Fn(&mut Registrar<'_>, Type) + Send + Sync + 'static,
) -> Result<CompilationContext, RegistrationError> {
    build_with(move |registrar| {
        use cfunc_compiler::{CellForm, DataModel, Field};
        let fields = ["a", "b"].map(|name| Field { name: name.to_owned(), ty: Type::INT64 });
        let pair = registrar.define_type("Pair", DataModel::Fields(fields.into()), CellForm::Buffer)?;
        registrar.type_of_value(ValueSpec::kind("Pair"), move |_types, _value, _role| Some(pair));
        registrar.lower_getattr(pair, "a", Type::INT64, |b, value| b.field(value, "a"));
        rules(registrar, pair);
        Ok(())
    })
}

fn a_pair() -> Value {
    Value::Record("Pair".to_owned(), Vec::new())
}

fn pair_of(a: i64) -> NativeValue {
    NativeValue::components([NativeWord::int64(a), NativeWord::int64(0)])
}

#[test]
fn the_most_specific_rule_is_in_force() {
    let context = with_pairs(|registrar, pair| {
        let family = registrar.types().definition(pair).constructor;
        registrar.unbox_value(TypeSpec::Any, |_context, _ty, _value| pair_of(1));
        registrar.unbox_value(exact(pair), |_context, _ty, _value| pair_of(3));
        registrar.unbox_value(TypeSpec::Constructor(family), |_context, _ty, _value| pair_of(2));
        registrar.box_value(TypeSpec::Constructor(family), |_context, cells| {
            Ok(Value::Tuple(cells.fields().iter().map(|field| Value::Integer(field.integer())).collect()))
        });
    });
    let context = context.expect("the rules fit together");
    assert_eq!(dispatcher(&context, "def f(p):\n    return p.a\n").call(&mut [a_pair()]).unwrap(), int(3));
    let pair = Value::Tuple(vec![int(3), int(0)]);
    assert_eq!(dispatcher(&context, "def f(p):\n    return p\n").call(&mut [a_pair()]).unwrap(), pair);
    let names: Vec<&str> = context.registry().rules().map(|(_, rule)| rule.name.as_str()).collect();
    for name in ["unbox(Pair)", "unbox(Pair[…])", "unbox(Any)", "box(Pair[…])", "unbox(int)", "box(list[…])"] {
        assert!(names.contains(&name), "no {name}");
    }
}

#[test]
fn rules_for_the_same_are_refused() {
    let twice = with_pairs(|registrar, pair| {
        registrar.unbox_value(exact(pair), |_context, _ty, _value| pair_of(1));
        registrar.unbox_value(exact(pair), |_context, _ty, _value| pair_of(2));
    });
    let error = twice.expect_err("there are two").to_string();
    assert!(error.contains("unbox(Pair)"), "{error}");
    let of_int = build_with(|registrar| {
        registrar.box_value(exact(Type::INT64), |_context, _cells| Ok(Value::None));
        Ok(())
    });
    assert!(of_int.expect_err("the built-ins have one").to_string().contains("box(int)"));
    let of_kind = build_with(|registrar| {
        registrar.unbox_kind("int", exact(Type::FLOAT64), |_context, _ty, _value| NativeValue::default());
        Ok(())
    });
    assert!(of_kind.expect_err("the kind is built in").to_string().contains("unbox(int as float)"));
    let any_number = build_with(|registrar| {
        let spec = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
        registrar.unbox_value(spec, |_context, _ty, _value| NativeValue::default());
        Ok(())
    });
    assert!(any_number.is_err());
}

#[test]
fn rules_are_left_out_by_name() {
    let builder = CompilationContext::builder().with(defaults()).without_rule(|rule| rule.name == "unbox(int)");
    let context = builder.build().expect("there is such a rule");
    let error = dispatcher(&context, "def f(x):\n    return x\n").call(&mut [int(1)]).unwrap_err();
    assert_eq!(error.to_string(), "the argument `x`: no rule unboxes values of type int");
}

#[test]
fn answers_that_do_not_fit_the_type_are_told() {
    let context = with_pairs(|registrar, pair| {
        registrar.unbox_value(exact(pair), |_context, _ty, _value| NativeValue::scalar(NativeWord::int64(1)));
        registrar.box_value(exact(pair), |_context, _cells| Err(BoxError::new("pairs stay where they are")));
    });
    let context = context.expect("the rules fit together");
    let error = dispatcher(&context, "def f(p):\n    return p.a\n").call(&mut [a_pair()]).unwrap_err().to_string();
    assert!(error.contains("unbox(Pair)") && error.contains("1 components") && error.contains("has 2"), "{error}");
    let context = with_pairs(|registrar, pair| {
        registrar.unbox_value(exact(pair), |_context, _ty, _value| pair_of(1));
        registrar.box_value(exact(pair), |_context, _cells| Err(BoxError::new("pairs stay where they are")));
    });
    let give = dispatcher(&context.expect("the rules fit together"), "def f(p):\n    return (p.a, [1, 2], p)\n");
    let error = without_leaks(|| give.call(&mut [a_pair()]).unwrap_err());
    assert_eq!(error.to_string(), "the result: element 2: pairs stay where they are");
    assert!(matches!(error, CallError::Box { argument: None, .. }), "{error:?}");
}

#[test]
fn what_has_no_type_says_why() {
    let log = Log::default();
    let give = dispatcher(&with_objects(&log), "def f(x):\n    return 1\n");
    for (value, reason) in [
        (Value::List(Vec::new()), "an empty list has no type of its own: a signature or an annotation must say it"),
        (Value::Dict(Vec::new()), "an empty dict has no types of its own: a signature or an annotation must say them"),
        (
            Value::List(vec![int(1), Value::from("a")]),
            "element 1: texts are known at compile time only, and no function takes a str as an argument",
        ),
        (Value::List(vec![int(1), Value::None]), "values of type Optional[int] are not kept in lists"),
        (
            Value::List(vec![float(1.0), Value::Tuple(vec![int(1)])]),
            "element 1 is of type tuple[int], which has no type in common with float",
        ),
        (Value::Dict(vec![(float(1.0), int(1))]), "values of type float are not keys of dicts"),
        (
            Value::Tuple(vec![int(1), Value::host("probe.other", HostObject::new(0))]),
            "element 1: a value of kind probe.other has no type as an argument",
        ),
        (Value::type_object("int"), "classes are known at compile time only, and no function takes one as an argument"),
    ] {
        let error = give.call(&mut [value]).unwrap_err();
        assert_eq!(error.to_string(), format!("the argument `x`: {reason}"));
        assert!(matches!(&error, CallError::Typing { argument: Some(_), .. }), "{error:?}");
    }
    let error = give.call(&mut [Value::integer(Some(1 << 70))]).unwrap_err();
    assert_eq!(error.to_string(), "the argument `x`: an int beyond 64 bits");
}

#[test]
fn objects_of_a_host_are_no_constants() {
    let context = context_with(|registrar| {
        registrar.type_of_value(ValueSpec::kind("probe.int"), |_types, _value, _role| Some(Type::INT64));
        Ok(())
    });
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    return x + K\n";
    let error = compile(&context, &request(text).global("K", object(1))).expect_err("it has no place in a key");
    assert!(error.to_string().contains("probe.int"), "{error}");
    let text = "def f(x: Signal[int], k: int) -> Signal[int]:\n    return x + k\n";
    let error = compile(&context, &request(text).constant("k", object(1))).expect_err("it has no place in a key");
    assert!(error.to_string().contains('k'), "{error}");
}

#[test]
fn the_rules_that_a_function_needs_are_listed() {
    use cfunc_compiler::UseKind;
    let log = Log::default();
    let f = dispatcher(&with_objects(&log), "def f(xs, d):\n    return xs[0], d\n");
    let compiled = f.compile("(list[float], dict[int, bool])").expect("it compiles");
    let used = |wanted: UseKind| {
        let operations = compiled.compiled().operations().expect("known");
        let of_kind = operations.iter().filter(|operation| operation.kind == wanted);
        of_kind.map(|operation| operation.lowered_by.info.name.clone()).collect::<Vec<_>>()
    };
    assert_eq!(used(UseKind::Unbox), ["unbox(list[…])", "unbox(float)", "unbox(dict[…])", "unbox(int)", "unbox(bool)"]);
    assert_eq!(used(UseKind::Box), ["box(tuple[…])", "box(float)", "box(dict[…])", "box(int)", "box(bool)"]);
}

#[test]
fn what_may_be_none_is_unboxed_as_what_it_may_be() {
    use cfunc_compiler::RuleUses;
    let context = context_with(|registrar| {
        registrar.type_of_compound(ValueSpec::kind("maybe"), |registry, types, _value, _role| {
            registry.unify(types, Type::NONE, Type::FLOAT64, &mut RuleUses::default()).map(|(ty, _)| ty)
        });
        registrar.unbox_kind("maybe", TypeSpec::Any, |context, ty, value| match value {
            Value::Host(host) => context.unbox(ty, host.downcast_ref::<Value>().unwrap_or(&Value::None)),
            _ => NativeValue::error("no object"),
        });
        Ok(())
    });
    let maybe = |value: Value| Value::host("maybe", HostObject::new(value));
    let give = dispatcher(&context, "def f(x):\n    if x is None:\n        return None\n    return x + 1.0\n");
    assert_eq!(give.call(&mut [maybe(float(1.5))]).unwrap(), float(2.5));
    assert_eq!(give.call(&mut [maybe(int(2))]).unwrap(), float(3.0));
    assert_eq!(give.call(&mut [maybe(Value::None)]).unwrap(), Value::None);
    let error = give.call(&mut [maybe(Value::from("a"))]).unwrap_err();
    assert_eq!(error.to_string(), "the argument `x`: float expected, not a value of kind str");
    assert_eq!(give.compilations(), 1);
}
