//! Arithmetic of numbers as Python does it where a source is read: ints without bounds (128 bits here), powers of floats
//! by the C library's `pow`, and an error where Python raises.

use cfunc_models::Value;
use cfunc_syntax::ast::BinaryOperator;

use crate::fold_numbers::{float, floats, undefined};
use crate::power::ZERO_TO_NEGATIVE_POWER;

/// The message for an int that nothing more is known of.
pub(crate) const BEYOND_128_BITS: &str = "an integer on the way is beyond 128 bits";

const DIVISION_BY_ZERO: &str = "division by zero";

/// An integer as far as it is known; the outer option is for what is no integer.
#[expect(clippy::option_option, reason = "one is whether it is an integer, the other whether its bits are known")]
pub(crate) fn whole(value: &Value) -> Option<Option<i128>> {
    match value {
        Value::Integer(value) => Some(Some(i128::from(*value))),
        Value::LargeInteger(value) => Some(value.as_deref().copied()),
        _ => None,
    }
}

/// The nearest double.
#[expect(clippy::cast_precision_loss, reason = "rounding to nearest is what the conversion means")]
pub(crate) const fn nearest(value: i128) -> f64 {
    value as f64
}

/// `int` of a float.
pub(crate) fn whole_part(value: f64) -> Result<Value, String> {
    if value.is_nan() {
        return Err("cannot convert float NaN to integer".to_owned());
    }
    if value.is_infinite() {
        return Err("cannot convert float infinity to integer".to_owned());
    }
    let whole = value.trunc();
    #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
    let known = (whole.abs() < 127.0_f64.exp2()).then_some(whole as i128);
    Ok(Value::integer(known))
}

/// An operator of two numbers; `None` where one is none.
pub(crate) fn exact_numbers(operator: BinaryOperator, left: &Value, right: &Value) -> Option<Result<Value, String>> {
    match (whole(left), whole(right)) {
        (Some(Some(left)), Some(Some(right))) => Some(integers(operator, left, right)),
        (Some(_), Some(_)) => Some(Err(BEYOND_128_BITS.to_owned())),
        _ => match (as_float(left)?, as_float(right)?) {
            (Ok(left), Ok(right)) => Some(exact_floats(operator, left, right)),
            (Err(message), _) | (_, Err(message)) => Some(Err(message)),
        },
    }
}

fn as_float(value: &Value) -> Option<Result<f64, String>> {
    Some(match value {
        Value::Float(value) => Ok(*value),
        Value::Integer(value) => Ok(float(*value)),
        Value::LargeInteger(value) => value.as_deref().copied().map(nearest).ok_or_else(|| BEYOND_128_BITS.to_owned()),
        _ => return None,
    })
}

fn integers(operator: BinaryOperator, left: i128, right: i128) -> Result<Value, String> {
    let divisor = || if right == 0 { Err(DIVISION_BY_ZERO.to_owned()) } else { Ok(right) };
    let count = || u32::try_from(right.min(128)).map_err(|_| "negative shift count".to_owned());
    Ok(Value::integer(match operator {
        BinaryOperator::Add => left.checked_add(right),
        BinaryOperator::Subtract => left.checked_sub(right),
        BinaryOperator::Multiply => left.checked_mul(right),
        BinaryOperator::Divide => return Ok(Value::Float(quotient(left, divisor()?))),
        BinaryOperator::FloorDivide => left.checked_div(divisor()?).map(|quotient| {
            let rest = left % right;
            if rest != 0 && (rest < 0) != (right < 0) { quotient - 1 } else { quotient }
        }),
        BinaryOperator::Modulo => left
            .checked_rem(divisor()?)
            .map(|rest| if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }),
        BinaryOperator::Power if right < 0 => return power(nearest(left), nearest(right)).map(Value::Float),
        BinaryOperator::Power => integer_power(left, right),
        BinaryOperator::LeftShift => match count()? {
            _ if left == 0 => Some(0),
            count @ 0..=126 => Some(left << count).filter(|shifted| shifted >> count == left),
            _ => None,
        },
        BinaryOperator::RightShift => Some(left >> count()?.min(127)),
        BinaryOperator::BitAnd => Some(left & right),
        BinaryOperator::BitOr => Some(left | right),
        BinaryOperator::BitXor => Some(left ^ right),
        BinaryOperator::MatrixMultiply => return Err(undefined(operator, "int", "int")),
    }))
}

/// A power with an exponent of at least 0, where it is within 128 bits.
fn integer_power(base: i128, exponent: i128) -> Option<i128> {
    match (base, exponent) {
        (_, 0) | (1, _) => Some(1),
        (0, _) => Some(0),
        (-1, _) => Some(if exponent % 2 == 0 { 1 } else { -1 }),
        _ => base.checked_pow(u32::try_from(exponent).ok()?),
    }
}

fn exact_floats(operator: BinaryOperator, left: f64, right: f64) -> Result<Value, String> {
    match operator {
        BinaryOperator::Power => power(left, right).map(Value::Float),
        BinaryOperator::Divide | BinaryOperator::FloorDivide | BinaryOperator::Modulo if right == 0.0 => {
            Err(DIVISION_BY_ZERO.to_owned())
        }
        _ => floats(operator, left, right),
    }
}

/// The power that the C library computes, which generated code calls for two floats.
fn power(base: f64, exponent: f64) -> Result<f64, String> {
    if base == 0.0 && exponent < 0.0 && exponent.is_finite() {
        return Err(ZERO_TO_NEGATIVE_POWER.to_owned());
    }
    let power = base.powf(exponent);
    let given = base.is_finite() && exponent.is_finite();
    if given && power.is_nan() {
        return Err("a negative number to a broken power is no float".to_owned());
    }
    if given && power.is_infinite() {
        return Err("(34, 'Numerical result out of range')".to_owned());
    }
    Ok(power)
}

/// The quotient of two integers, rounded once; the divisor is not 0.
fn quotient(left: i128, right: i128) -> f64 {
    let (dividend, divisor) = (left.unsigned_abs(), right.unsigned_abs());
    let (mut digits, mut rest) = (dividend / divisor, dividend % divisor);
    // Binary digits after the point, until there are more than a double has; the last stands for all that follow.
    let mut places = 0;
    while rest != 0 && digits >> 64 == 0 {
        rest <<= 1;
        digits <<= 1;
        if rest >= divisor {
            rest -= divisor;
            digits |= 1;
        }
        places += 1;
    }
    digits |= u128::from(rest != 0);
    #[expect(clippy::cast_precision_loss, reason = "this is the one rounding")]
    let magnitude = digits as f64 * (-f64::from(places)).exp2();
    if (left < 0) == (right < 0) { magnitude } else { -magnitude }
}

#[cfg(test)]
mod tests {
    use cfunc_models::Value;
    use cfunc_syntax::ast::BinaryOperator;

    use super::{exact_numbers, whole_part};

    #[track_caller]
    fn check(operator: BinaryOperator, left: impl Into<Value>, right: impl Into<Value>, expected: Result<Value, &str>) {
        let found = exact_numbers(operator, &left.into(), &right.into()).expect("numbers");
        match (&found, &expected) {
            (Ok(found), Ok(expected)) => assert!(found.same_bits(expected), "{found} {expected}"),
            (found, expected) => {
                assert_eq!(found.as_ref().map_err(String::as_str), expected.as_ref().map_err(|text| *text))
            }
        }
    }

    /// Expectations are CPython's.
    #[test]
    fn numbers_are_those_of_python() {
        use BinaryOperator::{Add, Divide, FloorDivide, LeftShift, Modulo, Multiply, Power, RightShift, Subtract};
        let large = |value: i128| Value::LargeInteger(Some(Box::new(value)));
        check(Power, 10, -2, Ok(0.01.into()));
        check(Power, 10, 20, Ok(large(100_000_000_000_000_000_000)));
        check(Power, -1, i64::MAX, Ok((-1).into()));
        check(Power, 10, 100, Ok(Value::LargeInteger(None)));
        check(Power, 1.1, 13, Ok(3.452_271_214_393_104.into()));
        check(Power, 2.5, -3, Ok(0.064.into()));
        check(Power, 0, -1, Err("0.0 cannot be raised to a negative power"));
        check(Power, -8, 0.5, Err("a negative number to a broken power is no float"));
        check(Power, 10.0, 400, Err("(34, 'Numerical result out of range')"));
        check(Divide, 9_007_199_254_740_993_i64, 3, Ok(3_002_399_751_580_331.0.into()));
        check(Divide, large(27_021_597_764_222_979), -3, Ok((-9_007_199_254_740_992.0).into()));
        check(Divide, i64::MAX, 3, Ok(3.074_457_345_618_258_4e18.into()));
        check(Divide, 0, 7, Ok(0.0.into()));
        check(Divide, 1, 0, Err("division by zero"));
        check(FloorDivide, large(-(1 << 70)), 1_i64 << 60, Ok((-1024).into()));
        check(FloorDivide, -7, 2, Ok((-4).into()));
        check(Modulo, -7, large(1 << 64), Ok(large((1 << 64) - 7)));
        check(LeftShift, 1, 64, Ok(large(1 << 64)));
        check(LeftShift, -1, 127, Ok(Value::LargeInteger(None)));
        check(LeftShift, 1, -1, Err("negative shift count"));
        check(RightShift, large(1 << 70), 1000, Ok(0.into()));
        check(Multiply, i64::MIN, i64::MIN, Ok(large(1 << 126)));
        check(Add, i64::MAX, 1, Ok(large(1 << 63)));
        check(Subtract, large(1 << 63), 1, Ok(i64::MAX.into()));
        assert_eq!(whole_part(1e20), Ok(large(100_000_000_000_000_000_000)));
    }
}
