//! Times: arithmetic in nanoseconds, and the constructors, against CPython.

use cfunc_context::FoldArguments;
use cfunc_models::{ErrorModel, Type, Value};

use crate::harness::{Input, ask_python, callable, compile_inputs, context, options, python, show, word};

const NANOSECONDS: [i64; 12] = [
    0,
    1,
    -1,
    3,
    -7,
    1_000,
    1_500_000_000,
    -86_400_000_000_000,
    9_007_199_254_740_993,
    1_577_836_800_123_456_789,
    i64::MAX,
    i64::MIN,
];

#[test]
fn durations_compute_as_in_python() {
    let context = context();
    let timedelta = context.types().lookup("timedelta").unwrap();
    let durations = NANOSECONDS.map(Value::Timedelta);
    let integers = [1, -1, 2, 3, -7, 1_000_000].map(Value::Integer).to_vec();
    let floats = [0.5, -0.1, 2.5, 1.0, 1e-9].map(Value::Float).to_vec();
    let nonzero: Vec<Value> = durations.iter().filter(|value| **value != Value::Timedelta(0)).cloned().collect();
    let small: Vec<Value> = [1, -3, 1_000, 86_400_000_000_000].map(Value::Timedelta).to_vec();
    let rows: [(&str, Type, &[Value], &str); 9] = [
        ("+", timedelta, &durations, "a + b"),
        ("-", timedelta, &durations, "a - b"),
        ("*", Type::INT64, &integers, "a * b"),
        ("*", Type::FLOAT64, &floats, "min(max(round(a * Fraction(b)), MIN), 2**63 - 1)"),
        ("//", Type::INT64, &integers, "idiv(a, b)"),
        ("/", Type::INT64, &integers, "round(Fraction(a, b))"),
        ("//", timedelta, &nonzero, "idiv(a, b)"),
        ("%", timedelta, &nonzero, "imod(a, b)"),
        ("/", timedelta, &small, "a / b"),
    ];
    for (name, right_type, rights, expression) in rows {
        let pairs: Vec<(&Value, &Value)> =
            durations.iter().flat_map(|left| rights.iter().map(move |right| (left, right))).collect();
        let number = |value: &Value| match value {
            Value::Timedelta(nanoseconds) => format!("({nanoseconds})"),
            other => python(other),
        };
        let expressions: Vec<String> =
            pairs.iter().map(|(a, b)| format!("(lambda a, b: {expression})({}, {})", number(a), number(b))).collect();
        let Some(expected) = ask_python(&expressions) else { return };
        let inputs = [Input::Parameter(timedelta), Input::Parameter(right_type)];
        let called = callable(&context, name, 2);
        let compiled = compile_inputs(&context, called, &inputs, &options(ErrorModel::Numpy));
        for ((left, right), expected) in pairs.iter().zip(&expected) {
            let found = show(&compiled.run(&[word(left), word(right)]), compiled.result);
            assert_eq!(&found, expected, "{left} {name} {right}");
        }
    }
}

#[test]
fn members_of_durations_are_those_of_python() {
    let context = context();
    let timedelta = context.types().lookup("timedelta").unwrap();
    let registry = context.registry();
    let members = [
        (registry.method(context.types(), timedelta, registry.member("total_seconds")), "a / 10**9"),
        (registry.attribute(context.types(), timedelta, registry.member("days")), "a // (86400 * 10**9)"),
        (registry.attribute(context.types(), timedelta, registry.member("seconds")), "a // 10**9 % 86400"),
        (registry.attribute(context.types(), timedelta, registry.member("microseconds")), "a // 1000 % 10**6"),
    ];
    for (called, expression) in members {
        let expressions: Vec<String> =
            NANOSECONDS.iter().map(|value| format!("(lambda a: {expression})({value})")).collect();
        let Some(expected) = ask_python(&expressions) else { return };
        let called = called.expect("a member");
        let compiled = compile_inputs(&context, called, &[Input::Parameter(timedelta)], &options(ErrorModel::Numpy));
        for (value, expected) in NANOSECONDS.iter().zip(&expected) {
            let found = show(&compiled.run(&[value.cast_unsigned()]), compiled.result);
            assert_eq!(&found, expected, "{expression} of {value}");
        }
    }
}

#[test]
fn division_by_zero_is_zero_or_an_error() {
    let context = context();
    let timedelta = context.types().lookup("timedelta").unwrap();
    let inputs = [Input::Parameter(timedelta), Input::Parameter(Type::INT64)];
    for name in ["/", "//"] {
        let called = callable(&context, name, 2);
        let quiet = compile_inputs(&context, called, &inputs, &options(ErrorModel::Numpy));
        assert_eq!(quiet.run(&[5, 0]), Ok(vec![0]));
        let loud = compile_inputs(&context, called, &inputs, &options(ErrorModel::Python));
        let message = "integer division or modulo by zero".to_owned();
        assert_eq!(loud.run(&[5, 0]), Err(("ZeroDivisionError".to_owned(), message)));
    }
}

#[test]
fn durations_are_made_as_in_python() {
    let context = context();
    let fold = context.registry().fold(callable(&context, "timedelta", 0)).unwrap();
    let names = ["days", "seconds", "microseconds", "milliseconds", "minutes", "hours", "weeks"];
    let floats = [0.5, -0.5, 1.5, 2.5e-6, 3.5e-6, -0.1, 1.1, 1e-7, 0.001, 1_234.567_891, 1e4 / 3.0];
    let mut cases: Vec<Vec<(&str, Value)>> = Vec::new();
    for name in names {
        cases.extend(floats.iter().map(|value| vec![(name, Value::Float(*value))]));
        cases.push(vec![(name, Value::Integer(-7))]);
        for other in names.into_iter().filter(|other| *other != name) {
            for value in [0.5, -0.3, 1.000_000_5] {
                cases.push(vec![(name, Value::Float(0.1 + value)), (other, Value::Float(value))]);
                cases.push(vec![(name, Value::Integer(3)), (other, Value::Float(value * 1e-6))]);
            }
        }
    }
    let expressions: Vec<String> = cases
        .iter()
        .map(|case| {
            let arguments: Vec<String> = case.iter().map(|(name, value)| format!("{name}={}", python(value))).collect();
            format!("timedelta({}) // timedelta(microseconds=1) * 1000", arguments.join(", "))
        })
        .collect();
    let Some(expected) = ask_python(&expressions) else { return };
    for (case, expected) in cases.iter().zip(&expected) {
        let keywords: Vec<_> = case.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        match fold(&FoldArguments { positional: &[], keywords: &keywords, exact: false }) {
            Ok(Value::Timedelta(nanoseconds)) => assert_eq!(format!("i {nanoseconds}"), *expected, "{case:?}"),
            other => panic!("{case:?}: {other:?}"),
        }
    }
}

fn zone(nanoseconds: i64) -> Value {
    Value::Record("timezone".to_owned(), vec![("offset".to_owned(), Value::Timedelta(nanoseconds))])
}

#[test]
fn instants_are_made_as_in_python() {
    let context = context();
    let fold = context.registry().fold(callable(&context, "datetime.datetime", 0)).unwrap();
    let datetime = context.types().lookup("datetime").unwrap();
    let mut cases: Vec<([i64; 7], i64)> = Vec::new();
    for year in (1678..2262).step_by(7).chain([1900, 1970, 2000, 2024, 2100]) {
        for (month, day) in [(1, 1), (2, 28), (3, 1), (12, 31)] {
            cases.push(([year, month, day, 13, 59, 1, 123_456], 0));
        }
    }
    cases.push(([2000, 2, 29, 0, 0, 0, 0], -18_000));
    cases.push(([2020, 1, 1, 5, 30, 0, 0], 19_800));
    let expressions: Vec<String> = cases
        .iter()
        .map(|(fields, offset)| {
            let zone = format!("timezone(timedelta(seconds={offset}))");
            let fields = fields.map(|field| field.to_string()).join(", ");
            let epoch = "datetime(1970, 1, 1, tzinfo=timezone.utc)";
            format!("(datetime({fields}, {zone}) - {epoch}) // timedelta(microseconds=1) * 1000")
        })
        .collect();
    let Some(expected) = ask_python(&expressions) else { return };
    for ((fields, offset), expected) in cases.iter().zip(&expected) {
        let positional: Vec<Value> = fields.map(Value::Integer).to_vec();
        let keywords = [("tzinfo".into(), zone(offset * 1_000_000_000))];
        let made =
            fold(&FoldArguments { positional: &positional, keywords: &keywords, exact: false }).expect("an instant");
        // With an offset it remembers that, until it is stored as an instant.
        match context.registry().convert_value(context.types(), datetime, &made) {
            Some((Value::Datetime(nanoseconds), _)) => assert_eq!(format!("i {nanoseconds}"), *expected, "{fields:?}"),
            other => panic!("{fields:?}: {other:?}"),
        }
    }
}

#[test]
fn what_names_no_instant_is_refused() {
    let context = context();
    let check = |name: &str, positional: &[Value], keywords: &[(&str, Value)], expected: &str| {
        let fold = context.registry().fold(callable(&context, name, 0)).unwrap();
        let keywords: Vec<_> = keywords.iter().map(|(name, value)| ((*name).into(), value.clone())).collect();
        let message = fold(&FoldArguments { positional, keywords: &keywords, exact: false }).expect_err("a message");
        assert!(message.contains(expected), "{message}");
    };
    let date = |year: i64, month: i64, day: i64| [year, month, day].map(Value::Integer);
    let utc = [("tzinfo", zone(0))];
    check("datetime", &date(2020, 1, 1), &[], "add `tzinfo=timezone.utc`");
    check("datetime", &date(2020, 13, 1), &utc, "month is in 1..12, not 13");
    check("datetime", &date(2021, 2, 29), &utc, "day is out of range");
    check("datetime", &date(2300, 1, 1), &utc, "outside of the years 1678 to 2261");
    check("datetime", &date(0, 1, 1), &utc, "year is in 1..9999");
    check("datetime", &date(i64::MAX, i64::MAX, i64::MIN), &utc, "year is in 1..9999");
    check("datetime", &[Value::Integer(2020)], &utc, "needs a month");
    check("datetime", &date(2020, 1, 1), &[("tz", zone(0))], "no parameter `tz`");
    check("datetime", &date(2020, 1, 1), &[("year", Value::Integer(1))], "`year` twice");
    check("datetime", &date(2020, 1, 1), &[("fold", Value::Integer(2)), ("tzinfo", zone(0))], "0 or 1");
    check("timedelta", &[Value::Integer(200_000)], &[], "292 years");
    check("timedelta", &[Value::Float(f64::NAN)], &[], "out of range");
    check("timedelta", &vec![Value::Integer(1); 8], &[], "at most 7");
    check("timedelta", &[Value::Text("1".to_owned())], &[], "is a number, not str");
    check("timezone", &[Value::Timedelta(86_400_000_000_000)], &[], "less than a day");
    check("timezone", &[Value::Integer(1)], &[], "takes an offset");
}
