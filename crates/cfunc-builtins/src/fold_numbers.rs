//! Arithmetic on numbers that are known at compile time, as generated code does it without Python's error model.

use cfunc_models::Value;
use cfunc_syntax::ast::BinaryOperator;

use crate::power::{LARGEST_MULTIPLIED_EXPONENT, ZERO_TO_NEGATIVE_POWER};

/// An operator of two integers; the error is a message for the user.
pub(crate) fn integers(operator: BinaryOperator, left: i64, right: i64) -> Result<Value, String> {
    Ok(Value::Integer(match operator {
        BinaryOperator::Add => left.wrapping_add(right),
        BinaryOperator::Subtract => left.wrapping_sub(right),
        BinaryOperator::Multiply => left.wrapping_mul(right),
        BinaryOperator::Divide => return Ok(Value::Float(float(left) / float(right))),
        BinaryOperator::FloorDivide => floor_divide(left, right),
        BinaryOperator::Modulo => modulo(left, right),
        BinaryOperator::Power => integer_power(left, right),
        BinaryOperator::LeftShift => match shift_count(right)? {
            count @ 0..64 => left << count,
            _ => 0,
        },
        BinaryOperator::RightShift => left >> shift_count(right)?.min(63),
        BinaryOperator::BitAnd => left & right,
        BinaryOperator::BitOr => left | right,
        BinaryOperator::BitXor => left ^ right,
        BinaryOperator::MatrixMultiply => return Err(undefined(operator, "int", "int")),
    }))
}

/// An operator of two floats; the error is a message for the user.
pub(crate) fn floats(operator: BinaryOperator, left: f64, right: f64) -> Result<Value, String> {
    Ok(Value::Float(match operator {
        BinaryOperator::Add => left + right,
        BinaryOperator::Subtract => left - right,
        BinaryOperator::Multiply => left * right,
        BinaryOperator::Divide => left / right,
        BinaryOperator::FloorDivide => float_floor_divide(left, right),
        BinaryOperator::Modulo => float_modulo(left, right),
        BinaryOperator::Power => float_power(left, right),
        BinaryOperator::LeftShift
        | BinaryOperator::RightShift
        | BinaryOperator::BitAnd
        | BinaryOperator::BitOr
        | BinaryOperator::BitXor
        | BinaryOperator::MatrixMultiply => return Err(undefined(operator, "float", "float")),
    }))
}

/// The message for an operator that types do not have.
pub(crate) fn undefined(operator: BinaryOperator, left: &str, right: &str) -> String {
    format!("`{}` is not defined for {left} and {right}", operator.text())
}

/// The nearest double.
#[expect(clippy::cast_precision_loss, reason = "rounding to nearest is what the conversion means")]
pub(crate) const fn float(value: i64) -> f64 {
    value as f64
}

fn shift_count(count: i64) -> Result<u32, String> {
    if count < 0 {
        return Err("negative shift count".to_owned());
    }
    Ok(u32::try_from(count).unwrap_or(u32::MAX))
}

/// Towards negative infinity; 0 for what cannot be divided.
pub(crate) const fn floor_divide(left: i64, right: i64) -> i64 {
    let (Some(quotient), Some(rest)) = (left.checked_div(right), left.checked_rem(right)) else { return 0 };
    if rest != 0 && (rest < 0) != (right < 0) { quotient - 1 } else { quotient }
}

/// With the divisor's sign; 0 for what cannot be divided.
pub(crate) const fn modulo(left: i64, right: i64) -> i64 {
    let Some(rest) = left.checked_rem(right) else { return 0 };
    if rest != 0 && (rest < 0) != (right < 0) { rest + right } else { rest }
}

fn integer_power(base: i64, exponent: i64) -> i64 {
    if exponent < 0 {
        return match base {
            1 => 1,
            -1 if exponent % 2 == 0 => 1,
            -1 => -1,
            _ => 0,
        };
    }
    let (mut result, mut square, mut rest) = (1_i64, base, exponent);
    while rest != 0 {
        if rest & 1 == 1 {
            result = result.wrapping_mul(square);
        }
        square = square.wrapping_mul(square);
        rest >>= 1;
    }
    result
}

/// `pow` of three integers, the result with the sign of the modulus; the error is CPython's.
pub(crate) fn power_modulo(base: i64, exponent: i64, modulus: i64) -> Result<i64, String> {
    if modulus == 0 {
        return Err("pow() 3rd argument cannot be 0".to_owned());
    }
    let unit = i128::from(modulus.unsigned_abs());
    let mut square = i128::from(base).rem_euclid(unit);
    if exponent < 0 {
        // Euclid's algorithm, with the factor of the base in each rest.
        let (mut divisor, mut rest, mut before, mut factor) = (unit, square, 0_i128, 1_i128);
        while rest != 0 {
            let quotient = divisor / rest;
            (divisor, rest) = (rest, divisor % rest);
            (before, factor) = (factor, before - quotient * factor);
        }
        if divisor != 1 {
            return Err("base is not invertible for the given modulus".to_owned());
        }
        square = before.rem_euclid(unit);
    }
    let (mut power, mut rest) = (1 % unit, exponent.unsigned_abs());
    while rest != 0 {
        if rest & 1 == 1 {
            power = power * square % unit;
        }
        square = square * square % unit;
        rest >>= 1;
    }
    let signed = if modulus < 0 && power != 0 { power - unit } else { power };
    i64::try_from(signed).map_err(|_| "the result does not fit into 64 bits".to_owned())
}

fn float_modulo(left: f64, right: f64) -> f64 {
    if right == 0.0 {
        return f64::NAN;
    }
    let rest = left % right;
    if rest == 0.0 {
        0.0_f64.copysign(right)
    } else if (rest < 0.0) != (right < 0.0) {
        rest + right
    } else {
        rest
    }
}

fn float_floor_divide(left: f64, right: f64) -> f64 {
    if right == 0.0 {
        return left / right;
    }
    let rest = left % right;
    let mut quotient = (left - rest) / right;
    if rest != 0.0 && (rest < 0.0) != (right < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(left / right);
    }
    // The quotient is integral but for the rounding of the division.
    let below = quotient.floor();
    if quotient - below > 0.5 { below + 1.0 } else { below }
}

fn float_power(base: f64, exponent: f64) -> f64 {
    if exponent == 2.0 {
        base * base
    } else if exponent == -1.0 {
        1.0 / base
    } else if exponent == 0.5 {
        if base == f64::NEG_INFINITY { f64::INFINITY } else { base.sqrt().abs() }
    } else {
        base.powf(exponent)
    }
}

/// A float with an integer exponent, by squaring; the error is that of a power of 0.
pub(crate) fn float_power_of_integer(base: f64, exponent: i64) -> Result<f64, String> {
    if exponent.unsigned_abs() > LARGEST_MULTIPLIED_EXPONENT.unsigned_abs() {
        return Ok(base.powf(float(exponent)));
    }
    let (mut result, mut square, mut rest) = (1.0, base, exponent.unsigned_abs());
    while rest != 0 {
        if rest & 1 == 1 {
            result *= square;
        }
        square *= square;
        rest >>= 1;
    }
    match exponent {
        0.. => Ok(result),
        _ if result == 0.0 => Err(ZERO_TO_NEGATIVE_POWER.to_owned()),
        _ => Ok(1.0 / result),
    }
}

/// The integer quotient rounded half to even; 0 for a zero divisor.
pub(crate) const fn rounded_quotient(dividend: i128, divisor: i128) -> i128 {
    if divisor == 0 {
        return 0;
    }
    let (quotient, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let twice = 2 * rest;
    let up = twice > divisor.abs() || (twice == divisor.abs() && quotient % 2 != 0);
    // The remainder is not negative: what it adds to the quotient has the divisor's sign.
    if up { quotient + divisor.signum() } else { quotient }
}

/// An integer times a double, rounded half to even, beyond 64 bits saturated; nan gives 0.
pub(crate) fn rounded_product(value: i64, factor: f64) -> i64 {
    if value == 0 || factor == 0.0 || factor.is_nan() {
        return 0;
    }
    if factor.is_infinite() {
        return if (value < 0) == (factor < 0.0) { i64::MAX } else { i64::MIN };
    }
    let (significand, exponent) = parts(factor);
    let product = i128::from(value) * significand;
    match exponent {
        // The product is below 2**117, and the smallest significand shifted by 12 beyond 64 bits.
        12.. => saturate(if product < 0 { i128::MIN } else { i128::MAX }),
        0.. if product.unsigned_abs() >> 64 != 0 => saturate(product),
        0.. => saturate(product << exponent),
        -126..0 => saturate(rounded_quotient(product, 1 << -exponent)),
        _ => 0,
    }
}

/// An integer divided by a double, rounded half to even, saturating; 0 for nan, as C's runtime has it.
pub(crate) fn rounded_float_quotient(value: i64, divisor: f64) -> i64 {
    if value == 0 || divisor.is_nan() || divisor.is_infinite() {
        return 0;
    }
    let extreme = saturate(if (value < 0) == divisor.is_sign_negative() { i128::MAX } else { i128::MIN });
    if divisor == 0.0 {
        return extreme;
    }
    let (significand, exponent) = parts(divisor);
    if exponent >= 12 {
        // The divisor is 2**64 at least: a half at most is left.
        return 0;
    }
    if exponent >= 0 {
        return saturate(rounded_quotient(i128::from(value), significand << exponent));
    }
    let shift = exponent.unsigned_abs();
    // Beyond 126 bits the quotient by less than 2**53 is far beyond 64.
    if 64 - value.unsigned_abs().leading_zeros() + shift > 126 {
        return extreme;
    }
    saturate(rounded_quotient(i128::from(value) << shift, significand))
}

/// A finite double as a signed integer of 53 bits at most and a power of two.
fn parts(value: f64) -> (i128, i32) {
    let bits = value.to_bits();
    let stored = i32::try_from(bits >> 52 & 0x7ff).unwrap_or(0);
    let fraction = i128::from(bits & ((1 << 52) - 1));
    let (significand, exponent) = if stored == 0 { (fraction, -1074) } else { (fraction | 1 << 52, stored - 1075) };
    (if value < 0.0 { -significand } else { significand }, exponent)
}

fn saturate(value: i128) -> i64 {
    i64::try_from(value).unwrap_or(if value < 0 { i64::MIN } else { i64::MAX })
}

/// The quotient of two integers, rounded once to a double; IEEE results for a zero divisor.
pub(crate) fn quotient(left: i64, right: i64) -> f64 {
    let (dividend, divisor) = (u128::from(left.unsigned_abs()), u128::from(right.unsigned_abs()));
    if dividend == 0 || divisor == 0 {
        return float(left) / float(right);
    }
    // At least 64 bits of quotient, the last of which also stands for all that follow.
    let shift = dividend.leading_zeros();
    let shifted = dividend << shift;
    let whole = (shifted / divisor) | u128::from(shifted % divisor != 0);
    #[expect(clippy::cast_precision_loss, reason = "this is the one rounding")]
    let magnitude = whole as f64 * (-f64::from(shift)).exp2();
    if (left < 0) == (right < 0) { magnitude } else { -magnitude }
}
