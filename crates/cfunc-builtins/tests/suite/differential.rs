//! Operators and functions of numbers against CPython, on all pairs of edge values.

use crate::harness::{Input, agree, ask_python, callable, compile_inputs, context, options, python, show, word};
use std::collections::HashMap;

use cfunc_context::CompilationContext;
use cfunc_models::{ErrorModel, Type, Value};

const INTEGERS: [i64; 24] = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    7,
    -7,
    10,
    -16,
    63,
    64,
    65,
    100,
    1 << 31,
    (1 << 53) + 1,
    -(1 << 53) - 1,
    12_345_678_901_234,
    -98_765_432_109,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
];

const FLOATS: [f64; 23] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    0.1,
    3.0,
    -7.0,
    2.675,
    5e-324,
    1e-308,
    1e308,
    -1.797_693_134_862_315_7e308,
    9_007_199_254_740_993.0,
    9.3e18,
    -1e30,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

const BOOLEAN: Type = Type::BOOLEAN;
const INTEGER: Type = Type::INT64;
const FLOAT: Type = Type::FLOAT64;

fn values(ty: Type) -> Vec<Value> {
    if ty == BOOLEAN {
        vec![Value::Boolean(false), Value::Boolean(true)]
    } else if ty == INTEGER {
        INTEGERS.iter().copied().map(Value::Integer).collect()
    } else {
        FLOATS.iter().copied().map(Value::Float).collect()
    }
}

/// A callable, the types of its operands, and what it is in Python, of `a` and `b`.
struct Row {
    name: &'static str,
    types: &'static [Type],
    expression: &'static str,
    ulps: u64,
}

const fn row(name: &'static str, types: &'static [Type], expression: &'static str) -> Row {
    Row { name, types, expression, ulps: 0 }
}

const fn near(name: &'static str, types: &'static [Type], expression: &'static str) -> Row {
    Row { name, types, expression, ulps: 2 }
}

fn combinations(types: &[Type]) -> Vec<Vec<Value>> {
    types.iter().fold(vec![Vec::new()], |all, ty| {
        let extend = |prefix: Vec<Value>| {
            values(*ty).into_iter().map(move |value| prefix.iter().cloned().chain([value]).collect::<Vec<_>>())
        };
        all.into_iter().flat_map(extend).collect()
    })
}

fn expression(row: &Row, values: &[Value]) -> String {
    let names = ["a", "b", "c"];
    let bound: Vec<String> =
        values.iter().zip(names).map(|(value, name)| format!("{name}={}", python(value))).collect();
    format!("(lambda {}: {})()", bound.join(", "), row.expression)
}

/// Runs every row on all combinations of values, with parameters, and with the last operand a constant.
#[track_caller]
fn check(context: &CompilationContext, rows: &[Row], error_model: ErrorModel, with_constants: bool) {
    let options = options(error_model);
    let cases: Vec<Vec<Vec<Value>>> = rows.iter().map(|row| combinations(row.types)).collect();
    let expressions: Vec<String> =
        rows.iter().zip(&cases).flat_map(|(row, cases)| cases.iter().map(|case| expression(row, case))).collect();
    let Some(expected) = ask_python(&expressions) else { return };
    let mut failures = Vec::new();
    let mut index = 0;
    for (row, cases) in rows.iter().zip(&cases) {
        let called = callable(context, row.name, row.types.len());
        let parameters: Vec<Input> = row.types.iter().copied().map(Input::Parameter).collect();
        let general = compile_inputs(context, called, &parameters, &options);
        let mut specials = HashMap::new();
        for case in cases {
            let words: Vec<u64> = case.iter().map(word).collect();
            let mut found = vec![show(&general.run(&words), general.result)];
            if with_constants {
                let last = case.len() - 1;
                let special = specials.entry(words[last]).or_insert_with(|| {
                    let mut inputs = parameters.clone();
                    inputs[last] = Input::Constant(row.types[last], case[last].clone());
                    compile_inputs(context, called, &inputs, &options)
                });
                found.push(show(&special.run(&words[..last]), special.result));
            }
            for found in found {
                if !agree(&found, &expected[index], row.ulps) {
                    failures.push(format!("{} of {case:?}: {found}, CPython {}", row.name, expected[index]));
                }
            }
            index += 1;
        }
    }
    let shown: Vec<&String> = failures.iter().take(40).collect();
    assert!(failures.is_empty(), "{} differ: {shown:#?}", failures.len());
}

const OPERATORS: &[Row] = &[
    row("+", &[INTEGER, INTEGER], "a + b"),
    row("-", &[INTEGER, INTEGER], "a - b"),
    row("*", &[INTEGER, INTEGER], "a * b"),
    row("/", &[INTEGER, INTEGER], "fdiv(a, b)"),
    row("//", &[INTEGER, INTEGER], "idiv(a, b)"),
    row("%", &[INTEGER, INTEGER], "imod(a, b)"),
    row("**", &[INTEGER, INTEGER], "ipow(a, b)"),
    row("<<", &[INTEGER, INTEGER], "shl(a, b)"),
    row(">>", &[INTEGER, INTEGER], "shr(a, b)"),
    row("&", &[INTEGER, INTEGER], "a & b"),
    row("|", &[INTEGER, INTEGER], "a | b"),
    row("^", &[INTEGER, INTEGER], "a ^ b"),
    row("+", &[FLOAT, FLOAT], "a + b"),
    row("-", &[FLOAT, FLOAT], "a - b"),
    row("*", &[FLOAT, FLOAT], "a * b"),
    row("/", &[FLOAT, FLOAT], "fdiv(a, b)"),
    row("%", &[FLOAT, FLOAT], "fmodulo(a, b)"),
    row("**", &[FLOAT, FLOAT], "fpow(a, b)"),
    row("**", &[FLOAT, INTEGER], "fipow(a, b)"),
    row("**", &[INTEGER, FLOAT], "fpow(a, b)"),
    row("+", &[INTEGER, FLOAT], "float(a) + b"),
    row("-", &[FLOAT, INTEGER], "a - float(b)"),
    row("/", &[INTEGER, FLOAT], "fdiv(a, b)"),
    row("%", &[FLOAT, INTEGER], "fmodulo(a, b)"),
    row("+", &[BOOLEAN, BOOLEAN], "a + b"),
    row("-", &[BOOLEAN, INTEGER], "a - b"),
    row("*", &[BOOLEAN, FLOAT], "a * b"),
    row("/", &[BOOLEAN, BOOLEAN], "fdiv(a, b)"),
    row("//", &[INTEGER, BOOLEAN], "idiv(a, b)"),
    row("**", &[BOOLEAN, BOOLEAN], "a ** b"),
    row("<<", &[BOOLEAN, INTEGER], "shl(a, b)"),
    row("&", &[BOOLEAN, BOOLEAN], "a & b"),
    row("|", &[BOOLEAN, BOOLEAN], "a | b"),
    row("^", &[BOOLEAN, BOOLEAN], "a ^ b"),
    row("&", &[BOOLEAN, INTEGER], "a & b"),
    row("pow", &[INTEGER, INTEGER], "ipow(a, b)"),
    row("pow", &[FLOAT, INTEGER], "fipow(a, b)"),
];

const COMPARISONS: &[Row] = &[
    row("==", &[INTEGER, INTEGER], "a == b"),
    row("!=", &[INTEGER, INTEGER], "a != b"),
    row("<", &[INTEGER, INTEGER], "a < b"),
    row("<=", &[INTEGER, INTEGER], "a <= b"),
    row(">", &[INTEGER, INTEGER], "a > b"),
    row(">=", &[INTEGER, INTEGER], "a >= b"),
    row("==", &[FLOAT, FLOAT], "a == b"),
    row("!=", &[FLOAT, FLOAT], "a != b"),
    row("<", &[FLOAT, FLOAT], "a < b"),
    row("<=", &[FLOAT, FLOAT], "a <= b"),
    row(">", &[FLOAT, FLOAT], "a > b"),
    row(">=", &[FLOAT, FLOAT], "a >= b"),
    row("==", &[INTEGER, FLOAT], "float(a) == b"),
    row("<", &[FLOAT, INTEGER], "a < float(b)"),
    row("==", &[BOOLEAN, BOOLEAN], "a == b"),
    row("<", &[BOOLEAN, BOOLEAN], "a < b"),
    row(">=", &[BOOLEAN, INTEGER], "a >= b"),
    row("!=", &[BOOLEAN, FLOAT], "a != b"),
    row("min", &[INTEGER, INTEGER], "min(a, b)"),
    row("max", &[INTEGER, INTEGER], "max(a, b)"),
    row("min", &[FLOAT, FLOAT], "min(a, b)"),
    row("max", &[FLOAT, FLOAT], "max(a, b)"),
    row("min", &[INTEGER, FLOAT], "min(float(a), b)"),
    row("max", &[BOOLEAN, BOOLEAN], "max(a, b)"),
    row("max", &[BOOLEAN, FLOAT, BOOLEAN], "max(float(a), b, float(c))"),
];

const FUNCTIONS_OF_ONE: &[Row] = &[
    row("+", &[BOOLEAN], "+a"),
    row("~", &[BOOLEAN], "~int(a)"),
    row("~", &[INTEGER], "~a"),
    row("truth value", &[INTEGER], "bool(a)"),
    row("truth value", &[FLOAT], "bool(a)"),
    row("truth value", &[BOOLEAN], "bool(a)"),
    row("abs", &[INTEGER], "abs(a)"),
    row("abs", &[FLOAT], "abs(a)"),
    row("abs", &[BOOLEAN], "abs(a)"),
    row("int", &[BOOLEAN], "int(a)"),
    row("int", &[INTEGER], "a"),
    row("int", &[FLOAT], "fint(a)"),
    row("float", &[BOOLEAN], "float(a)"),
    row("float", &[INTEGER], "float(a)"),
    row("float", &[FLOAT], "a"),
    row("bool", &[INTEGER], "bool(a)"),
    row("bool", &[FLOAT], "bool(a)"),
    row("round", &[INTEGER], "a"),
    row("round", &[FLOAT], "rounding(round, a)"),
    row("math.floor", &[FLOAT], "rounding(math.floor, a)"),
    row("math.ceil", &[FLOAT], "rounding(math.ceil, a)"),
    row("math.trunc", &[FLOAT], "rounding(math.trunc, a)"),
    row("math.floor", &[BOOLEAN], "int(a)"),
    row("math.ceil", &[INTEGER], "a"),
    row("math.fabs", &[FLOAT], "math.fabs(a)"),
    row("math.sqrt", &[FLOAT], "quiet(math.sqrt, a)"),
    row("math.isnan", &[FLOAT], "math.isnan(a)"),
    row("math.isinf", &[FLOAT], "math.isinf(a)"),
    row("math.isfinite", &[FLOAT], "math.isfinite(a)"),
    row("math.isnan", &[INTEGER], "False"),
    row("math.isqrt", &[INTEGER], "math.isqrt(a)"),
    row("math.factorial", &[INTEGER], "fits(math.factorial(min(a, 30)))"),
    row("math.perm", &[INTEGER], "fits(math.factorial(min(a, 30)))"),
    row("math.lcm", &[INTEGER], "fits(math.lcm(a))"),
    row("math.ulp", &[FLOAT], "math.ulp(a)"),
    row("math.ulp", &[INTEGER], "math.ulp(a)"),
    row("math.degrees", &[FLOAT], "math.degrees(a)"),
    row("math.radians", &[FLOAT], "math.radians(a)"),
    near("math.exp", &[FLOAT], "quiet(math.exp, a)"),
    near("math.sin", &[FLOAT], "quiet(math.sin, a)"),
    near("math.tanh", &[FLOAT], "quiet(math.tanh, a)"),
    near("math.acos", &[FLOAT], "quiet(math.acos, a)"),
    near("math.erf", &[FLOAT], "quiet(math.erf, a)"),
    near("math.log", &[FLOAT], "quiet(math.log, a, pole=lambda a: -math.inf if a == 0 else math.nan)"),
    near("math.log1p", &[FLOAT], "quiet(math.log1p, a, pole=lambda a: -math.inf if a == -1 else math.nan)"),
    near("math.log", &[INTEGER], "quiet(math.log, float(a), pole=lambda a: -math.inf if a == 0 else math.nan)"),
    near("math.atan", &[BOOLEAN], "math.atan(a)"),
];

const FUNCTIONS_OF_TWO: &[Row] = &[
    row("round", &[INTEGER, INTEGER], "round(a, max(b, -100))"),
    row("math.gcd", &[INTEGER, INTEGER], "fits(math.gcd(a, b))"),
    row("math.lcm", &[INTEGER, INTEGER], "fits(math.lcm(a, b))"),
    row("math.comb", &[INTEGER, INTEGER], "comb(a, b)"),
    row("math.perm", &[INTEGER, INTEGER], "perm(a, b)"),
    row("pow", &[INTEGER, INTEGER, INTEGER], "pow(a, b, c)"),
    row("pow", &[BOOLEAN, BOOLEAN, INTEGER], "pow(a, b, c)"),
    row("math.gcd", &[INTEGER, BOOLEAN], "fits(math.gcd(a, b))"),
    row("max", &[INTEGER, BOOLEAN], "max(a, b) + 0"),
    row("min", &[FLOAT, INTEGER], "min(a, float(b))"),
    row(
        "math.copysign",
        &[FLOAT, FLOAT],
        "math.copysign(a, b) if a == a and b == b else math.nan if a != a else abs(a)",
    ),
    row("math.nextafter", &[FLOAT, FLOAT], "math.nextafter(a, b)"),
    row("math.fmod", &[FLOAT, FLOAT], "quiet(math.fmod, a, b)"),
    row("math.remainder", &[FLOAT, FLOAT], "quiet(math.remainder, a, b)"),
    row("math.hypot", &[FLOAT, FLOAT], "quiet(math.hypot, a, b)"),
    row("math.ldexp", &[FLOAT, INTEGER], "ldexp(a, b)"),
    near("math.atan2", &[FLOAT, FLOAT], "math.atan2(a, b)"),
];

#[test]
fn operators_are_those_of_the_numpy_model() {
    check(&context(), OPERATORS, ErrorModel::Numpy, true);
}

#[test]
fn floor_division_of_floats_is_that_of_the_numpy_model() {
    let rows = [row("//", &[FLOAT, FLOAT], "ffloor(a, b)"), row("//", &[INTEGER, FLOAT], "ffloor(a, b)")];
    check(&context(), &rows, ErrorModel::Numpy, true);
}

#[test]
fn comparisons_are_those_of_python() {
    check(&context(), COMPARISONS, ErrorModel::Numpy, true);
}

#[test]
fn functions_are_those_of_the_numpy_model() {
    check(&context(), FUNCTIONS_OF_ONE, ErrorModel::Numpy, true);
    check(&context(), FUNCTIONS_OF_TWO, ErrorModel::Numpy, false);
}

#[test]
fn negation_is_told_from_subtraction() {
    let context = context();
    let rows = [row("-", &[INTEGER], "-a"), row("-", &[FLOAT], "-a"), row("-", &[BOOLEAN], "-a")];
    check(&context, &rows, ErrorModel::Numpy, true);
}

#[test]
fn errors_are_those_of_python() {
    let rows = [
        row("/", &[INTEGER, INTEGER], "float(a) / float(b) if b else a / b"),
        row("/", &[FLOAT, FLOAT], "a / b"),
        row("//", &[INTEGER, INTEGER], "idiv(a, b) if b else a // b"),
        row("%", &[INTEGER, INTEGER], "imod(a, b) if b else a % b"),
        row("//", &[FLOAT, FLOAT], "a // b"),
        row("%", &[FLOAT, FLOAT], "a % b"),
        row("**", &[INTEGER, INTEGER], "ipow_error(a, b)"),
        row("**", &[FLOAT, FLOAT], "fpow_error(a, b)"),
        row("**", &[FLOAT, INTEGER], "fipow_error(a, b)"),
        row("<<", &[INTEGER, INTEGER], "shl(a, b)"),
        row("int", &[FLOAT], "fint_error(a)"),
        row("round", &[FLOAT], "fint_error(a) if not math.isfinite(a) else fint_error(float(round(a)))"),
        row("math.floor", &[FLOAT], "fint_error(a) if not math.isfinite(a) else fint_error(float(math.floor(a)))"),
        row("math.sqrt", &[FLOAT], "math.sqrt(a)"),
        near("math.exp", &[FLOAT], "math.exp(a)"),
        near("math.log", &[FLOAT], "math.log(a)"),
        near("math.log2", &[FLOAT], "math.log2(a)"),
        near("math.cosh", &[FLOAT], "math.cosh(a)"),
        near("math.sin", &[FLOAT], "math.sin(a)"),
        near("math.atanh", &[FLOAT], "math.atanh(a)"),
        near("math.gamma", &[FLOAT], "math.gamma(a)"),
        row("math.fmod", &[FLOAT, FLOAT], "math.fmod(a, b)"),
        row("math.pow", &[FLOAT, FLOAT], "math.pow(a, b)"),
        near("math.log", &[FLOAT, FLOAT], "math.log(a, b)"),
    ];
    check(&context(), &rows, ErrorModel::Python, true);
}

#[test]
fn roundings_to_digits_are_those_of_python() {
    let context = context();
    let called = callable(&context, "round", 2);
    let digits = [-400, -308, -20, -5, -1, 0, 1, 2, 3, 15, 17, 22, 300, 323, 400, i64::MAX, i64::MIN];
    let inputs = [Input::Parameter(FLOAT), Input::Parameter(INTEGER)];
    let compiled = compile_inputs(&context, called, &inputs, &options(ErrorModel::Numpy));
    let pairs: Vec<(f64, i64)> = FLOATS.iter().flat_map(|value| digits.map(|digits| (*value, digits))).collect();
    let expressions: Vec<String> =
        pairs.iter().map(|(value, digits)| format!("rnd(flt({}), {digits})", value.to_bits())).collect();
    let Some(expected) = ask_python(&expressions) else { return };
    for ((value, digits), expected) in pairs.iter().zip(&expected) {
        let found = show(&compiled.run(&[value.to_bits(), digits.cast_unsigned()]), compiled.result);
        assert_eq!(&found, expected, "round({value}, {digits})");
    }
}
