//! What the operations compute. A register holds the bits of a value in its low bits; those above are 0.

use cfunc_ir::{BinaryOperation, ConvertOperation, FloatCondition, IntegerCondition, UnaryOperation};
use cfunc_models::Representation;

/// The width in bits.
fn width(representation: Representation) -> u32 {
    8 * representation.size()
}

/// The low bits that a representation has.
pub(crate) fn truncate(bits: u128, representation: Representation) -> u128 {
    bits & (u128::MAX >> (128 - width(representation)))
}

/// The number that the bits stand for.
pub(crate) fn signed(bits: u128, representation: Representation) -> i128 {
    let unused = 128 - width(representation);
    (bits << unused).cast_signed() >> unused
}

/// The register of a number, wrapping.
pub(crate) fn register(number: i128, representation: Representation) -> u128 {
    truncate(number.cast_unsigned(), representation)
}

/// The low 64 bits.
pub(crate) fn low_word(bits: u128) -> u64 {
    let bytes = bits.to_le_bytes();
    let (low, _) = bytes.split_at(8);
    low.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte))
}

/// A register as a word of the C boundary: narrow integers are sign-extended.
pub(crate) fn word(bits: u128, representation: Representation) -> u64 {
    low_word(signed(bits, representation).cast_unsigned())
}

fn float(bits: u128) -> f64 {
    f64::from_bits(low_word(bits))
}

fn float_register(value: f64) -> u128 {
    u128::from(value.to_bits())
}

const SIGN: u128 = 1 << 63;

pub(crate) fn unary(operation: UnaryOperation, operand: u128, representation: Representation) -> u128 {
    match operation {
        UnaryOperation::IntegerNegate => truncate(operand.wrapping_neg(), representation),
        UnaryOperation::IntegerNot => truncate(!operand, representation),
        UnaryOperation::FloatNegate => operand ^ SIGN,
        UnaryOperation::FloatAbsolute => operand & !SIGN,
        UnaryOperation::FloatSquareRoot => float_register(float(operand).sqrt()),
        UnaryOperation::FloatFloor => float_register(float(operand).floor()),
        UnaryOperation::FloatCeil => float_register(float(operand).ceil()),
        UnaryOperation::FloatTruncate => float_register(float(operand).trunc()),
        UnaryOperation::FloatNearest => float_register(float(operand).round_ties_even()),
    }
}

/// The result; or why there is none.
pub(crate) fn binary(
    operation: BinaryOperation,
    left: u128,
    right: u128,
    representation: Representation,
) -> Result<u128, &'static str> {
    let count = || {
        let bits = right & u128::from(width(representation) - 1);
        u32::try_from(bits).unwrap_or(0)
    };
    Ok(match operation {
        BinaryOperation::IntegerAdd => truncate(left.wrapping_add(right), representation),
        BinaryOperation::IntegerSubtract => truncate(left.wrapping_sub(right), representation),
        BinaryOperation::IntegerMultiply => truncate(left.wrapping_mul(right), representation),
        BinaryOperation::SignedDivide | BinaryOperation::SignedRemainder => {
            let (dividend, divisor) = (signed(left, representation), signed(right, representation));
            let quotient = divide(dividend, divisor, representation)?;
            match operation {
                BinaryOperation::SignedDivide => register(quotient, representation),
                _ => register(dividend - quotient * divisor, representation),
            }
        }
        BinaryOperation::BitAnd => left & right,
        BinaryOperation::BitOr => left | right,
        BinaryOperation::BitXor => left ^ right,
        BinaryOperation::ShiftLeft => truncate(left << count(), representation),
        BinaryOperation::ShiftRightSigned => register(signed(left, representation) >> count(), representation),
        BinaryOperation::ShiftRightUnsigned => left >> count(),
        BinaryOperation::FloatAdd => float_register(float(left) + float(right)),
        BinaryOperation::FloatSubtract => float_register(float(left) - float(right)),
        BinaryOperation::FloatMultiply => float_register(float(left) * float(right)),
        BinaryOperation::FloatDivide => float_register(float(left) / float(right)),
        BinaryOperation::FloatCopySign => left & !SIGN | right & SIGN,
    })
}

fn divide(dividend: i128, divisor: i128, representation: Representation) -> Result<i128, &'static str> {
    let minimum = i128::MIN >> (128 - width(representation));
    if divisor == 0 {
        return Err("division by zero");
    }
    if dividend == minimum && divisor == -1 {
        return Err("division of the minimum by -1");
    }
    Ok(dividend / divisor)
}

pub(crate) fn integer_compare(
    condition: IntegerCondition,
    left: u128,
    right: u128,
    representation: Representation,
) -> bool {
    let signed_left = signed(left, representation);
    let signed_right = signed(right, representation);
    match condition {
        IntegerCondition::Equal => left == right,
        IntegerCondition::NotEqual => left != right,
        IntegerCondition::SignedLess => signed_left < signed_right,
        IntegerCondition::SignedLessOrEqual => signed_left <= signed_right,
        IntegerCondition::SignedGreater => signed_left > signed_right,
        IntegerCondition::SignedGreaterOrEqual => signed_left >= signed_right,
        IntegerCondition::UnsignedLess => left < right,
        IntegerCondition::UnsignedLessOrEqual => left <= right,
        IntegerCondition::UnsignedGreater => left > right,
        IntegerCondition::UnsignedGreaterOrEqual => left >= right,
    }
}

pub(crate) fn float_compare(condition: FloatCondition, left: u128, right: u128) -> bool {
    let (left, right) = (float(left), float(right));
    let unordered = left.is_nan() || right.is_nan();
    match condition {
        FloatCondition::Equal => left == right,
        FloatCondition::NotEqual => left != right,
        FloatCondition::Less => left < right,
        FloatCondition::LessOrEqual => left <= right,
        FloatCondition::Greater => left > right,
        FloatCondition::GreaterOrEqual => left >= right,
        FloatCondition::Unordered => unordered,
        FloatCondition::Ordered => !unordered,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the casts are what the operations are: saturating, and rounded to nearest even"
)]
pub(crate) fn convert(operation: ConvertOperation, operand: u128, from: Representation, to: Representation) -> u128 {
    match operation {
        ConvertOperation::SignExtend => register(signed(operand, from), to),
        ConvertOperation::ZeroExtend | ConvertOperation::Bitcast | ConvertOperation::PointerToInteger => operand,
        ConvertOperation::Truncate => truncate(operand, to),
        ConvertOperation::SignedToFloat => float_register(signed(operand, from) as f64),
        ConvertOperation::FloatToSignedSaturating => register(i128::from(float(operand) as i64), to),
    }
}
