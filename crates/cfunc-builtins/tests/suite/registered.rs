//! What is registered besides operators: names, types of values, conversions of values, casts, unifications.

use cfunc_context::{Argument, Conversion, Operation, ResolveError, RuleUses, ValueRole};
use cfunc_models::{Span, Type, TypeTable, Value, codes};
use cfunc_syntax::ast::BinaryOperator;

use crate::harness::{callable, context};

fn types_of(names: &[&str]) -> Vec<Type> {
    let context = context();
    names.iter().map(|name| context.types().lookup(name).unwrap_or_else(|| panic!("no type {name}"))).collect()
}

#[test]
fn names_are_types_constants_and_markers() {
    let context = context();
    let globals = context.globals();
    for name in ["bool", "int", "float", "str", "datetime", "timedelta"] {
        let definition = globals.get(globals.lookup(name).expect("a name"));
        assert_eq!(definition.ty, context.types().lookup(name), "{name}");
    }
    let module = globals.get(globals.lookup("datetime").unwrap());
    assert_eq!(globals.get(module.members["timedelta"]).ty, context.types().lookup("timedelta"));
    let state = globals.get(globals.lookup("State").unwrap());
    assert_eq!(state.marker.as_ref().map(|marker| &*marker.0), Some("State"));
    let math = globals.get(globals.lookup("math").unwrap());
    assert_eq!(globals.get(math.members["pi"]).value, Some(Value::Float(std::f64::consts::PI)));
    let zone = globals.get(globals.lookup("timezone").unwrap());
    let utc = globals.get(zone.members["utc"]).value.clone().unwrap();
    let mut types = TypeTable::layer(context.types());
    let found = context.registry().type_of(&mut types, &utc, ValueRole::Constant).map(|(ty, _)| ty);
    assert_eq!(found, context.types().lookup("timezone"));
}

#[test]
fn values_are_converted_where_their_type_accepts_them() {
    let context = context();
    let check = |ty: &str, value: Value, expected: Option<Value>| {
        let ty = types_of(&[ty])[0];
        let found = context.registry().convert_value(context.types(), ty, &value).map(|(value, _)| value);
        let same = match (&found, &expected) {
            (Some(found), Some(expected)) => found.same_bits(expected),
            (None, None) => true,
            _ => false,
        };
        assert!(same, "{value} as {}: {found:?}", context.types().name(ty));
    };
    check("int", Value::Boolean(true), Some(Value::Integer(1)));
    check("int", Value::Float(1.0), None);
    check("int", Value::Timedelta(1), None);
    check("float", Value::Integer((1 << 53) + 1), Some(Value::Float(9_007_199_254_740_992.0)));
    check("float", Value::Float(-0.0), Some(Value::Float(-0.0)));
    check("float", Value::Text("1".to_owned()), None);
    check("bool", Value::Boolean(true), Some(Value::Boolean(true)));
    check("bool", Value::Integer(1), None);
    check("datetime", Value::Integer(5), Some(Value::Datetime(5)));
    check("datetime", Value::Float(-5.9), Some(Value::Datetime(-5)));
    check("datetime", Value::Timedelta(5), None);
    check("timedelta", Value::Timedelta(5), Some(Value::Timedelta(5)));
    check("timedelta", Value::Float(1e19), None);
    check("timedelta", Value::Float(f64::NAN), None);
    check("timedelta", Value::Boolean(true), None);
    check("str", Value::Text("a".to_owned()), Some(Value::Text("a".to_owned())));
    check("None", Value::Integer(0), None);
}

#[test]
fn casts_say_what_they_lose() {
    let context = context();
    let check = |from: &str, to: &str, conversion: Conversion, code: Option<&str>, refuses: bool| {
        let types = types_of(&[from, to]);
        let cast = context.registry().cast(context.types(), types[0], types[1]).expect("a cast");
        assert_eq!(cast.conversion, conversion, "{from} to {to}");
        assert_eq!(cast.loss.map(|loss| loss.code.id), code, "{from} to {to}");
        assert_eq!(cast.loss.is_some_and(|loss| loss.refuses_literals), refuses, "{from} to {to}");
    };
    check("bool", "int", Conversion::Promotion, None, false);
    check("bool", "float", Conversion::Safe, None, false);
    check("int", "float", Conversion::Safe, None, false);
    check("float", "int", Conversion::Lossy, Some(codes::FLOAT_TRUNCATED.id), true);
    check("int", "bool", Conversion::Lossy, Some(codes::NUMBER_TO_BOOLEAN.id), false);
    check("datetime", "int", Conversion::Lossy, Some(codes::TIME_MIXED.id), false);
    check("float", "timedelta", Conversion::Lossy, Some(codes::TIME_MIXED.id), false);
    let types = types_of(&["str", "int"]);
    assert!(context.registry().cast(context.types(), types[0], types[1]).is_none());
}

#[test]
fn types_unify_as_in_the_reference() {
    let context = context();
    for (left, right, expected) in [
        ("bool", "int", Some("int")),
        ("float", "bool", Some("float")),
        ("float", "int", Some("float")),
        ("datetime", "int", Some("int")),
        ("float", "timedelta", Some("float")),
        ("datetime", "timedelta", Some("int")),
        ("int", "str", None),
    ] {
        let types = types_of(&[left, right]);
        let mut layer = TypeTable::layer(context.types());
        let found = context.registry().unify(&mut layer, types[0], types[1], &mut RuleUses::default());
        assert_eq!(found.map(|(ty, _)| context.types().name(ty)), expected, "{left} and {right}");
    }
}

#[test]
fn operations_between_times_and_numbers_have_these_types() {
    let context = context();
    let check = |operator: BinaryOperator, left: &str, right: &str, expected: [&str; 3]| {
        let mut types = TypeTable::layer(context.types());
        let arguments: Vec<Argument> = types_of(&[left, right])
            .into_iter()
            .map(|ty| Argument { ty, constant: None, span: Span::default() })
            .collect();
        let operation = Operation::Binary(operator).id();
        let resolution = context
            .registry()
            .resolve(&mut types, operation, &arguments, &[], Span::default(), &mut RuleUses::default())
            .expect("a rule");
        let parameters = resolution.signature.parameters.iter().chain([&resolution.signature.result]);
        let found: Vec<&str> = parameters.map(|ty| types.name(*ty)).collect();
        assert_eq!(found, expected, "{left} {} {right}", operator.text());
    };
    use BinaryOperator::{Add, BitAnd, Divide, FloorDivide, Modulo, Multiply, Subtract};
    check(Subtract, "datetime", "datetime", ["datetime", "datetime", "timedelta"]);
    check(Add, "timedelta", "datetime", ["timedelta", "datetime", "datetime"]);
    check(Multiply, "int", "timedelta", ["int", "timedelta", "timedelta"]);
    check(Multiply, "timedelta", "bool", ["timedelta", "int", "timedelta"]);
    check(Divide, "timedelta", "int", ["timedelta", "int", "timedelta"]);
    check(Divide, "timedelta", "timedelta", ["timedelta", "timedelta", "float"]);
    check(FloorDivide, "timedelta", "timedelta", ["timedelta", "timedelta", "int"]);
    check(Add, "int", "timedelta", ["int", "int", "int"]);
    check(Subtract, "int", "datetime", ["int", "int", "int"]);
    check(Modulo, "int", "timedelta", ["int", "int", "int"]);
    check(Add, "datetime", "datetime", ["int", "int", "int"]);
    check(Multiply, "datetime", "bool", ["int", "int", "int"]);
    check(Add, "timedelta", "float", ["float", "float", "float"]);
    check(BitAnd, "timedelta", "bool", ["int", "int", "int"]);
}

#[test]
fn what_is_not_defined_is_refused() {
    let context = context();
    let refuse = |name: &str, names: &[&str]| {
        let mut types = TypeTable::layer(context.types());
        let arguments: Vec<Argument> =
            types_of(names).into_iter().map(|ty| Argument { ty, constant: None, span: Span::default() }).collect();
        let called = callable(&context, name, names.len());
        let registry = context.registry();
        registry
            .resolve(&mut types, called, &arguments, &[], Span::default(), &mut RuleUses::default())
            .expect_err("no rule")
    };
    for (name, types) in [
        ("@", &["int", "int"][..]),
        ("<<", &["float", "int"]),
        ("~", &["float"]),
        ("+", &["str", "int"]),
        ("min", &["int"]),
        ("min", &["int", "str"]),
        ("pow", &["int", "int", "float"]),
        ("math.factorial", &["float"]),
        ("math.lcm", &["timedelta"]),
        ("math.hypot", &["timedelta", "int"]),
        ("math.fsum", &["int"]),
        ("timedelta", &["str"; 7]),
        ("range", &["float"]),
        ("range", &["int", "int", "float"]),
        ("math.gcd", &["float", "int"]),
        ("math.sqrt", &["str"]),
        ("@", &["timedelta", "int"]),
        ("<<", &["timedelta", "float"]),
    ] {
        let error = refuse(name, types);
        assert!(matches!(error, ResolveError::NoRule { .. }), "{name} of {types:?}: {error:?}");
    }
    match refuse("datetime", &["int", "int", "int"]) {
        ResolveError::Diagnostic(diagnostic) => assert_eq!(diagnostic.code, codes::CONSTANT_VALUE),
        other => panic!("{other:?}"),
    }
}
