//! `/`, `//` and `%` of integers: towards negative infinity, the remainder with the divisor's sign.
//!
//! Without Python's error model a division by zero gives 0, as the smallest integer divided by -1 does.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, Value};
use cfunc_models::{Representation, Type};
use cfunc_syntax::ast::BinaryOperator;

use crate::emit::{
    INTEGER_DIVISION_BY_ZERO, binary, boolean_to_integer, both, either, guard_integer_divisor, guard_overflow,
    integer_to_float,
};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let parameters = [Type::INT64; 2];
    binary(registrar, Operation::Binary(BinaryOperator::FloorDivide), parameters, Type::INT64, floor_divide);
    binary(registrar, Operation::Binary(BinaryOperator::Modulo), parameters, Type::INT64, modulo);
    binary(registrar, Operation::Binary(BinaryOperator::Divide), parameters, Type::FLOAT64, true_divide);
}

/// The quotient of both as doubles.
fn true_divide(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    guard_integer_divisor(b, right, "division by zero");
    let left = integer_to_float(b, left);
    let right = integer_to_float(b, right);
    b.binary(BinaryOperation::FloatDivide, left, right)
}

pub(crate) fn floor_divide(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    guard_integer_divisor(b, right, INTEGER_DIVISION_BY_ZERO);
    match b.integer_constant_of(right) {
        Some(0) => b.int64(0),
        Some(-1) => {
            let smallest = b.integer_compare_constant(IntegerCondition::Equal, left, i64::MIN);
            if b.options.checked_integers {
                let fits = b.logical_not(smallest);
                guard_overflow(b, fits);
            }
            let zero = b.int64(0);
            let negated = b.binary(BinaryOperation::IntegerSubtract, zero, left);
            b.select(smallest, zero, negated)
        }
        Some(constant) if constant > 0 && constant & (constant - 1) == 0 => {
            let count = b.int64(i64::from(constant.trailing_zeros()));
            b.binary(BinaryOperation::ShiftRightSigned, left, count)
        }
        Some(_) => {
            let (quotient, _, adjust) = divide(b, left, right);
            let adjust = boolean_to_integer(b, adjust);
            b.binary(BinaryOperation::IntegerSubtract, quotient, adjust)
        }
        None => by_variable(b, left, right, BinaryOperation::SignedDivide, negate_or_zero, |b| {
            let (quotient, _, adjust) = divide(b, left, right);
            let adjust = boolean_to_integer(b, adjust);
            b.binary(BinaryOperation::IntegerSubtract, quotient, adjust)
        }),
    }
}

pub(crate) fn modulo(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    guard_integer_divisor(b, right, "integer modulo by zero");
    match b.integer_constant_of(right) {
        Some(0 | -1) => b.int64(0),
        Some(constant) if constant > 0 && constant & (constant - 1) == 0 => {
            let mask = b.int64(constant - 1);
            b.binary(BinaryOperation::BitAnd, left, mask)
        }
        Some(_) => adjusted_remainder(b, left, right),
        None => by_variable(
            b,
            left,
            right,
            BinaryOperation::SignedRemainder,
            |b, _left, _right| b.int64(0),
            |b| adjusted_remainder(b, left, right),
        ),
    }
}

fn adjusted_remainder(b: &mut LowerContext<'_, '_>, left: Value, divisor: Value) -> Value {
    let (_, rest, adjust) = divide(b, left, divisor);
    let adjusted = b.binary(BinaryOperation::IntegerAdd, rest, divisor);
    b.select(adjust, adjusted, rest)
}

/// Division by what is not known when the node is compiled, in three ways: both operands below 2^31 and not negative,
/// which is common, needs no rounding, and is several times faster on 32 bits than on 64; divisors 0 and -1, for which
/// the machine's division is undefined or may be; everything else.
fn by_variable(
    b: &mut LowerContext<'_, '_>,
    left: Value,
    right: Value,
    small_operation: BinaryOperation,
    special: impl FnOnce(&mut LowerContext<'_, '_>, Value, Value) -> Value,
    general: impl FnOnce(&mut LowerContext<'_, '_>) -> Value,
) -> Value {
    let (small, large, join) = (b.create_block(), b.create_block(), b.create_block());
    let (small_divide, large_divide, large_special) = (b.create_block(), b.create_block(), b.create_cold_block());
    let result = b.add_block_parameter(join, Representation::I64);
    let zero = b.int64(0);

    let bits = b.binary(BinaryOperation::BitOr, left, right);
    let count = b.int64(31);
    let high = b.binary(BinaryOperation::ShiftRightUnsigned, bits, count);
    let is_large = non_zero(b, high);
    b.branch(is_large, large, small);

    b.switch_to(small);
    let divisible = non_zero(b, right);
    b.branch_with(divisible, (small_divide, &[]), (join, &[zero]));
    b.switch_to(small_divide);
    let narrow =
        |b: &mut LowerContext<'_, '_>, value| b.convert(ConvertOperation::Truncate, value, Representation::I32);
    let (small_left, small_right) = (narrow(b, left), narrow(b, right));
    let divided = b.binary(small_operation, small_left, small_right);
    let widened = b.convert(ConvertOperation::SignExtend, divided, Representation::I64);
    b.jump(join, &[widened]);

    b.switch_to(large);
    let one = b.int64(1);
    let above = b.binary(BinaryOperation::IntegerAdd, right, one);
    let is_special = b.integer_compare_constant(IntegerCondition::UnsignedLessOrEqual, above, 1);
    b.branch(is_special, large_special, large_divide);
    b.switch_to(large_special);
    let value = special(b, left, right);
    b.jump(join, &[value]);
    b.switch_to(large_divide);
    let value = general(b);
    b.jump(join, &[value]);

    b.switch_to(join);
    result
}

fn non_zero(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    b.integer_compare_constant(IntegerCondition::NotEqual, value, 0)
}

/// The quotient by a divisor of 0 or -1: 0, or the negation, which for the smallest integer is beyond 64 bits.
fn negate_or_zero(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    let smallest = b.integer_compare_constant(IntegerCondition::Equal, left, i64::MIN);
    let by_zero = b.integer_compare_constant(IntegerCondition::Equal, right, 0);
    if b.options.checked_integers {
        let fits = b.logical_not(smallest);
        let fits = either(b, fits, by_zero);
        guard_overflow(b, fits);
    }
    let zero = b.int64(0);
    let negated = b.binary(BinaryOperation::IntegerSubtract, zero, left);
    let undefined = either(b, by_zero, smallest);
    b.select(undefined, zero, negated)
}

/// Quotient and remainder towards zero, and whether both are one divisor away from those towards negative infinity.
fn divide(b: &mut LowerContext<'_, '_>, left: Value, divisor: Value) -> (Value, Value, Value) {
    let quotient = b.binary(BinaryOperation::SignedDivide, left, divisor);
    let product = b.binary(BinaryOperation::IntegerMultiply, quotient, divisor);
    let rest = b.binary(BinaryOperation::IntegerSubtract, left, product);
    let adjust = match b.integer_constant_of(divisor) {
        Some(constant) if constant > 0 => b.integer_compare_constant(IntegerCondition::SignedLess, rest, 0),
        Some(_) => b.integer_compare_constant(IntegerCondition::SignedGreater, rest, 0),
        None => {
            let signs = b.binary(BinaryOperation::BitXor, rest, divisor);
            let differ = b.integer_compare_constant(IntegerCondition::SignedLess, signs, 0);
            let inexact = b.integer_compare_constant(IntegerCondition::NotEqual, rest, 0);
            both(b, differ, inexact)
        }
    };
    (quotient, rest, adjust)
}
