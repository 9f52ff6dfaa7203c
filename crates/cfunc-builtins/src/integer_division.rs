//! `/`, `//` and `%` of integers: towards negative infinity, the remainder with the divisor's sign.
//!
//! Without Python's error model a division by zero gives 0, as the smallest integer divided by -1 does.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, TargetProperty, UnaryOperation, Value};
use cfunc_models::{Representation, Type};
use cfunc_syntax::ast::BinaryOperator;

use crate::emit::{INTEGER_DIVISION_BY_ZERO, binary, guard_integer_divisor, guard_overflow, integer_to_float};

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
        Some(-1) => negate(b, left),
        Some(constant) if constant > 0 && constant & (constant - 1) == 0 => {
            let count = b.int64(i64::from(constant.trailing_zeros()));
            b.binary(BinaryOperation::ShiftRightSigned, left, count)
        }
        Some(_) => quotient(b, left, right),
        None => by_variable(b, left, right, BinaryOperation::SignedDivide, negate, quotient),
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
        Some(_) => remainder(b, left, right),
        None => by_variable(b, left, right, BinaryOperation::SignedRemainder, |b, _left| b.int64(0), remainder),
    }
}

/// The quotient by what is neither 0 nor -1.
fn quotient(b: &mut LowerContext<'_, '_>, left: Value, divisor: Value) -> Value {
    let quotient = b.binary(BinaryOperation::SignedDivide, left, divisor);
    let (_, below) = truncated_rest(b, left, divisor);
    let count = b.int64(63);
    let sign = b.binary(BinaryOperation::ShiftRightSigned, below, count);
    b.binary(BinaryOperation::IntegerAdd, quotient, sign)
}

/// The remainder of a division by what is neither 0 nor -1.
fn remainder(b: &mut LowerContext<'_, '_>, left: Value, divisor: Value) -> Value {
    let (rest, below) = truncated_rest(b, left, divisor);
    let adjust = b.integer_compare_constant(IntegerCondition::SignedLess, below, 0);
    let adjusted = b.binary(BinaryOperation::IntegerAdd, rest, divisor);
    b.select(adjust, adjusted, rest)
}

/// What a division towards zero leaves, and a number that is below 0 where it leaves something on the other side of zero than
/// the divisor is: there one towards negative infinity gives one less, and leaves one divisor more.
fn truncated_rest(b: &mut LowerContext<'_, '_>, left: Value, divisor: Value) -> (Value, Value) {
    let rest = b.binary(BinaryOperation::SignedRemainder, left, divisor);
    let below = match b.integer_constant_of(divisor) {
        Some(constant) if constant > 0 => rest,
        Some(_) => b.unary(UnaryOperation::IntegerNegate, rest),
        None => {
            // What is left times the sign of the divisor: negated where all bits of the sign are set.
            let count = b.int64(63);
            let sign = b.binary(BinaryOperation::ShiftRightSigned, divisor, count);
            let flipped = b.binary(BinaryOperation::BitXor, rest, sign);
            b.binary(BinaryOperation::IntegerSubtract, flipped, sign)
        }
    };
    (rest, below)
}

/// Division by what is not known when the node is compiled, in four ways: a divisor of 0, by which everything is 0; both
/// operands below 2^31 and not negative, which is common, needs no rounding, and may be several times faster on 32 bits than
/// on 64, so that it is asked for where that pays on the target; a divisor of -1, by which the machine's division of the
/// smallest integer is undefined; everything else.
fn by_variable(
    b: &mut LowerContext<'_, '_>,
    left: Value,
    right: Value,
    small_operation: BinaryOperation,
    by_minus_one: impl FnOnce(&mut LowerContext<'_, '_>, Value) -> Value,
    general: impl FnOnce(&mut LowerContext<'_, '_>, Value, Value) -> Value,
) -> Value {
    let (divisible, ask, join) = (b.create_block(), b.create_block(), b.create_block());
    let (small, large) = (b.create_block(), b.create_block());
    let (minus_one, large_divide) = (b.create_cold_block(), b.create_block());
    let result = b.add_block_parameter(join, Representation::I64);

    let zero = b.int64(0);
    let non_zero = b.integer_compare_constant(IntegerCondition::NotEqual, right, 0);
    b.branch_with(non_zero, (divisible, &[]), (join, &[zero]));

    b.switch_to(divisible);
    let short_pays = b.target_property(TargetProperty::ShortDivision);
    b.branch(short_pays, ask, large);

    b.switch_to(ask);
    let bits = b.binary(BinaryOperation::BitOr, left, right);
    let count = b.int64(31);
    let high = b.binary(BinaryOperation::ShiftRightUnsigned, bits, count);
    let is_large = b.integer_compare_constant(IntegerCondition::NotEqual, high, 0);
    b.branch(is_large, large, small);

    b.switch_to(small);
    let narrow =
        |b: &mut LowerContext<'_, '_>, value| b.convert(ConvertOperation::Truncate, value, Representation::I32);
    let (small_left, small_right) = (narrow(b, left), narrow(b, right));
    let divided = b.binary(small_operation, small_left, small_right);
    let widened = b.convert(ConvertOperation::SignExtend, divided, Representation::I64);
    b.jump(join, &[widened]);

    b.switch_to(large);
    let is_minus_one = b.integer_compare_constant(IntegerCondition::Equal, right, -1);
    b.branch(is_minus_one, minus_one, large_divide);
    b.switch_to(minus_one);
    let value = by_minus_one(b, left);
    b.jump(join, &[value]);
    b.switch_to(large_divide);
    let value = general(b, left, right);
    b.jump(join, &[value]);

    b.switch_to(join);
    result
}

/// The negation, which for the smallest integer is beyond 64 bits.
fn negate(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    let smallest = b.integer_compare_constant(IntegerCondition::Equal, value, i64::MIN);
    if b.options.checked_integers {
        let fits = b.logical_not(smallest);
        guard_overflow(b, fits);
    }
    let zero = b.int64(0);
    let negated = b.binary(BinaryOperation::IntegerSubtract, zero, value);
    b.select(smallest, zero, negated)
}
