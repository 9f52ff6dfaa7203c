//! Dynamic values: constants of the source and those that a host binds.

use cfunc_compiler::ast::{BinaryOperator, UnaryOperator};
use cfunc_compiler::{
    FoldArguments, LowerError, NativeValue, Operand, Operation, Registrar, Type, Value, ValueSpec, exact,
};

use crate::NAME;

/// How many decimal places a value has.
pub const PLACES: usize = 6;

/// How many counts make one.
pub const SCALE: i64 = 1_000_000;

/// [`SCALE`] as a double.
pub(crate) const FLOAT_SCALE: f64 = 1e6;

/// Counts that are below this in magnitude fit: 2**63.
pub(crate) const FLOAT_LIMIT: f64 = 9_223_372_036_854_775_808.0;

pub(crate) const BEYOND_RANGE: &str = "the decimal is out of range";
pub(crate) const DIVISION_BY_ZERO: &str = "decimal division by zero";

/// The dynamic value of a count of millionths.
pub fn record(units: i64) -> Value {
    Value::Record(NAME.to_owned(), vec![("units".to_owned(), Value::Integer(units))])
}

/// The product of two counts, as generated code gives it.
pub fn multiply(left: i64, right: i64) -> i64 {
    nearest_quotient(i128::from(left) * i128::from(right), SCALE.into())
}

/// The quotient of two counts, as generated code gives it; `None` by zero.
pub fn divide(left: i64, right: i64) -> Option<i64> {
    (right != 0).then(|| nearest_quotient(i128::from(left) * i128::from(SCALE), right.into()))
}

/// To the nearest, halves up.
fn nearest_quotient(dividend: i128, divisor: i128) -> i64 {
    let sign = divisor.signum();
    let rounded = (2 * dividend * sign + divisor.abs()).div_euclid(2 * divisor.abs());
    #[expect(clippy::cast_possible_truncation, reason = "wrapping is what generated code does")]
    let wrapped = rounded as i64;
    wrapped
}

/// The count of a text such as `-12.5`: a sign, digits, and up to six places after a point.
pub fn parse(text: &str) -> Option<i64> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, places) = digits.split_once('.').unwrap_or((digits, ""));
    let are_digits = whole.bytes().chain(places.bytes()).all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || places.len() > PLACES || !are_digits || digits.ends_with('.') {
        return None;
    }
    let count: i128 = format!("{whole}{places:0<PLACES$}").parse().ok()?;
    i64::try_from(if negative { -count } else { count }).ok()
}

/// The count of what a host may bind and a source may write for a decimal.
fn units_of(value: &Value) -> Option<i64> {
    match value {
        Value::Record(name, fields) if name == NAME => match fields.as_slice() {
            [(field, Value::Integer(units))] if field == "units" => Some(*units),
            _ => None,
        },
        Value::Integer(whole) => whole.checked_mul(SCALE),
        Value::Float(value) => {
            let units = (value * FLOAT_SCALE).round_ties_even();
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            (units.abs() < FLOAT_LIMIT).then_some(units as i64)
        }
        Value::Text(text) => parse(text),
        _ => None,
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>, decimal: Type) {
    registrar.type_of_value(ValueSpec::kind(NAME), move |_types, _value, _role| Some(decimal));
    let constructor = registrar.types().definition(decimal).constructor;
    registrar.convert_value(constructor, |value| units_of(value).map(record));
    registrar.lower_constant(constructor, |b, ty, value| match units_of(value) {
        Some(units) => Ok(Operand::scalar(ty, b.int64(units))),
        None => Err(LowerError::new(format!("{value} is no decimal"))),
    });

    // Arguments and results of calls with dynamic values.
    registrar.unbox_word(
        exact(decimal),
        |value| units_of(value).map(i64::cast_unsigned),
        |_context, _ty, value| NativeValue::error(format!("{value} is no decimal")),
    );
    registrar.box_word(exact(decimal), |bits| record(bits.cast_signed()));

    // `Decimal("0.1")` has no other rule: texts are there at compile time alone.
    let function = registrar.function(NAME);
    registrar.fold(function, |arguments| match (arguments.positional, arguments.keywords) {
        ([value], []) => units_of(value).map(record).ok_or_else(|| format!("{value} is no decimal")),
        _ => Err(format!("{NAME} takes one argument")),
    });
    fold_binary(registrar, BinaryOperator::Add, |left, right| Ok(left.wrapping_add(right)));
    fold_binary(registrar, BinaryOperator::Subtract, |left, right| Ok(left.wrapping_sub(right)));
    fold_binary(registrar, BinaryOperator::Multiply, |left, right| Ok(multiply(left, right)));
    fold_binary(registrar, BinaryOperator::Divide, |left, right| {
        divide(left, right).ok_or_else(|| DIVISION_BY_ZERO.to_owned())
    });
    fold_unary(registrar, Operation::Unary(UnaryOperator::Negate), |units| record(units.wrapping_neg()));
    fold_unary(registrar, Operation::Unary(UnaryOperator::Plus), record);
    let boolean = registrar.function("bool");
    for callable in [Operation::Truth.id(), boolean] {
        registrar.fold_kind(callable, NAME, |arguments| one(arguments).map(|units| Value::Boolean(units != 0)));
    }
}

fn fold_binary(registrar: &mut Registrar<'_>, operator: BinaryOperator, fold: fn(i64, i64) -> Result<i64, String>) {
    registrar.fold_kind(Operation::Binary(operator), NAME, move |arguments| match arguments.positional {
        // A float beside a decimal is refused, as in generated code.
        [Value::Float(_), _] | [_, Value::Float(_)] => Err("a float is no decimal".to_owned()),
        [left, right] => match (units_of(left), units_of(right)) {
            (Some(left), Some(right)) => fold(left, right).map(record),
            _ => Err(format!("{left} and {right} are not both decimals")),
        },
        _ => Err("two operands are needed".to_owned()),
    });
}

fn fold_unary(registrar: &mut Registrar<'_>, operation: Operation, fold: fn(i64) -> Value) {
    registrar.fold_kind(operation, NAME, move |arguments| one(arguments).map(fold));
}

fn one(arguments: &FoldArguments<'_>) -> Result<i64, String> {
    match arguments.positional {
        [value] => units_of(value).ok_or_else(|| format!("{value} is no decimal")),
        _ => Err("one operand is needed".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::{divide, multiply, parse};

    #[test]
    fn texts_are_read_exactly() {
        assert_eq!(parse("0.1"), Some(100_000));
        assert_eq!(parse("-12.000001"), Some(-12_000_001));
        assert_eq!(parse("+7"), Some(7_000_000));
        assert_eq!(parse("-9223372036854.775808"), Some(i64::MIN));
        for wrong in ["", ".5", "1.", "1.0000001", "1e3", "--1", "9223372036854.775808", "1 "] {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn results_are_rounded_halves_up() {
        assert_eq!(multiply(1, 500_000), 1);
        assert_eq!(multiply(-1, 500_000), 0);
        assert_eq!(multiply(-3, 500_000), -1);
        assert_eq!(divide(1_000_000, 3_000_000), Some(333_333));
        assert_eq!(divide(2_000_000, -3_000_000), Some(-666_667));
        assert_eq!(divide(1, 0), None);
    }
}
