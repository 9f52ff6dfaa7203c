//! What is evaluated at compile time gives what generated code gives.

use cfunc_context::{FoldArguments, Registry, RuleUses, ValueRole};
use cfunc_models::{ErrorModel, Type, TypeTable, Value};

use crate::harness::{Input, callable, compile_inputs, context, options, show, word};

fn values() -> Vec<Value> {
    let integers = [0, 1, -1, 2, -3, 7, 63, 64, 70_000, (1 << 53) + 1, i64::MAX, i64::MIN];
    let floats =
        [0.0, -0.0, 0.5, -1.0, 2.0, 2.5, -7.25, 0.1, 1e-300, 1e19, -1e300, f64::INFINITY, f64::NEG_INFINITY, f64::NAN];
    let times = [0, 1, -1, 3, 1_500, -86_400_000_000_000, i64::MAX, i64::MIN];
    let mut values = vec![Value::Boolean(false), Value::Boolean(true)];
    values.extend(integers.map(Value::Integer));
    values.extend(floats.map(Value::Float));
    values.extend(times.map(Value::Datetime));
    values.extend(times.map(Value::Timedelta));
    values
}

fn type_of(registry: &Registry, types: &mut TypeTable, value: &Value) -> Type {
    registry.type_of(types, value, ValueRole::Constant).expect("a value of a built-in type").0
}

#[test]
fn folds_agree_with_generated_code() {
    let context = context();
    let registry = context.registry();
    let mut types = TypeTable::layer(context.types());
    let binary = ["+", "-", "*", "/", "//", "%", "**", "<<", ">>", "&", "|", "^", "==", "!=", "<", "<=", ">", ">="];
    let functions = ["min", "max", "pow"];
    let unary = ["-", "+", "~", "truth value", "abs", "int", "float", "bool"];
    let names = binary.iter().chain(&functions).map(|name| (*name, 2)).chain(unary.iter().map(|name| (*name, 1)));
    let mut compared = 0;
    for (name, count) in names {
        let called = callable(&context, name, count);
        let fold = registry.fold(called).unwrap_or_else(|| panic!("no fold of {name}"));
        let mut compiled = std::collections::HashMap::new();
        // A second operand is of no matter to what takes one.
        let rights = if count == 1 { vec![Value::None] } else { values() };
        for left in values() {
            for right in rights.iter().cloned() {
                let all = [left.clone(), right];
                let arguments = &all[..count];
                let argument_types: Vec<Type> =
                    arguments.iter().map(|value| type_of(registry, &mut types, value)).collect();
                let folded = fold(&FoldArguments { positional: arguments, keywords: &[], exact: false });
                let described: Vec<cfunc_context::Argument> = argument_types
                    .iter()
                    .map(|ty| cfunc_context::Argument { ty: *ty, constant: None, span: cfunc_models::Span::default() })
                    .collect();
                let span = cfunc_models::Span::default();
                let Ok(resolution) =
                    registry.resolve(&mut types, called, &described, &[], span, &mut RuleUses::default())
                else {
                    assert!(folded.is_err(), "{name} of {arguments:?} is folded to {folded:?} but not typed");
                    continue;
                };
                let compiled = compiled.entry(argument_types.clone()).or_insert_with(|| {
                    let inputs: Vec<Input> = argument_types.iter().copied().map(Input::Parameter).collect();
                    compile_inputs(&context, called, &inputs, &options(ErrorModel::Numpy))
                });
                let words: Vec<u64> = arguments.iter().map(word).collect();
                let found = compiled.run(&words);
                match (&folded, &found) {
                    (Ok(folded), Ok(_)) => {
                        assert_eq!(type_of(registry, &mut types, folded), resolution.signature.result);
                        let folded = show(&Ok(vec![word(folded)]), resolution.signature.result);
                        assert_eq!(folded, show(&found, compiled.result), "{name} of {arguments:?}");
                        compared += 1;
                    }
                    (Err(message), Err((_, raised))) => assert_eq!(message, raised),
                    // Times beside floats in min and max are left to generated code.
                    (Err(_), Ok(_)) => assert!(["min", "max"].contains(&name), "{name} of {arguments:?}: {folded:?}"),
                    (Ok(_), Err(error)) => panic!("{name} of {arguments:?} is folded but fails with {error:?}"),
                }
            }
        }
    }
    assert!(compared > 10_000, "{compared}");
}

#[track_caller]
fn check(name: &str, arguments: &[Value], expected: Result<Value, &str>) {
    let context = context();
    let fold = context.registry().fold(callable(&context, name, 0)).expect("a fold");
    match (fold(&FoldArguments { positional: arguments, keywords: &[], exact: false }), expected) {
        (Ok(found), Ok(expected)) => assert!(found.same_bits(&expected), "{found} {expected}"),
        (Err(found), Err(expected)) => assert_eq!(found, expected),
        (found, expected) => panic!("{found:?} {expected:?}"),
    }
}

#[test]
fn texts_are_read_as_floats() {
    check("float", &["inf".into()], Ok(f64::INFINITY.into()));
    check("float", &[" -Infinity ".into()], Ok(f64::NEG_INFINITY.into()));
    check("float", &["1_000.5e-1".into()], Ok(100.05.into()));
    check("float", &["1__0".into()], Err("could not convert string to float: \"1__0\""));
    check("float", &["".into()], Err("could not convert string to float: \"\""));
    check("len", &["äb".into()], Ok(2_i64.into()));
    check("ord", &["ä".into()], Ok(228_i64.into()));
    check("ord", &["ab".into()], Err("ord takes a text of one character"));
}
