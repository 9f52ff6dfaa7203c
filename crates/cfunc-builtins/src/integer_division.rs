//! `/`, `//` and `%` of integers: towards negative infinity, the remainder with the divisor's sign.
//!
//! Without Python's error model a division by zero gives 0, as the smallest integer divided by -1 does.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, IntegerCondition, Value};
use cfunc_models::Type;
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
        None => {
            let (invalid, overflow) = undivisible(b, left, right);
            if b.options.checked_integers {
                let fits = b.logical_not(overflow);
                guard_overflow(b, fits);
            }
            let one = b.int64(1);
            let divisor = b.select(invalid, one, right);
            let (quotient, _, adjust) = divide(b, left, divisor);
            let adjust = boolean_to_integer(b, adjust);
            let floored = b.binary(BinaryOperation::IntegerSubtract, quotient, adjust);
            let zero = b.int64(0);
            b.select(invalid, zero, floored)
        }
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
        None => {
            // By 1 instead, the remainder is the 0 that is wanted.
            let (invalid, _) = undivisible(b, left, right);
            let one = b.int64(1);
            let divisor = b.select(invalid, one, right);
            adjusted_remainder(b, left, divisor)
        }
    }
}

fn adjusted_remainder(b: &mut LowerContext<'_, '_>, left: Value, divisor: Value) -> Value {
    let (_, rest, adjust) = divide(b, left, divisor);
    let adjusted = b.binary(BinaryOperation::IntegerAdd, rest, divisor);
    b.select(adjust, adjusted, rest)
}

/// Whether the divisor is 0 or the quotient beyond 64 bits, and the latter alone.
fn undivisible(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> (Value, Value) {
    let zero = b.integer_compare_constant(IntegerCondition::Equal, right, 0);
    let minus_one = b.integer_compare_constant(IntegerCondition::Equal, right, -1);
    let smallest = b.integer_compare_constant(IntegerCondition::Equal, left, i64::MIN);
    let overflow = both(b, minus_one, smallest);
    (either(b, zero, overflow), overflow)
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
