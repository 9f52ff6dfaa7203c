//! Operators of integers but division and power: 64 bits, wrapping, or checked where the compilation asks for it.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, IntegerCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, Type};
use cfunc_syntax::ast::{BinaryOperator, UnaryOperator};

use crate::emit::{BinaryEmitter, UnaryEmitter, binary, both, either, guard_overflow, same, unary};

const NEGATIVE_SHIFT_COUNT: &str = "negative shift count";

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let operators: [(BinaryOperator, BinaryEmitter); 8] = [
        (BinaryOperator::Add, add),
        (BinaryOperator::Subtract, subtract),
        (BinaryOperator::Multiply, multiply),
        (BinaryOperator::LeftShift, shift_left),
        (BinaryOperator::RightShift, shift_right),
        (BinaryOperator::BitAnd, |b, left, right| b.binary(BinaryOperation::BitAnd, left, right)),
        (BinaryOperator::BitOr, |b, left, right| b.binary(BinaryOperation::BitOr, left, right)),
        (BinaryOperator::BitXor, |b, left, right| b.binary(BinaryOperation::BitXor, left, right)),
    ];
    for (operator, emitter) in operators {
        binary(registrar, Operation::Binary(operator), [Type::INT64; 2], Type::INT64, emitter);
    }
    let operators: [(UnaryOperator, UnaryEmitter); 3] = [
        (UnaryOperator::Negate, negate),
        (UnaryOperator::Plus, same),
        (UnaryOperator::Invert, |b, value| b.unary(UnaryOperation::IntegerNot, value)),
    ];
    for (operator, emitter) in operators {
        unary(registrar, Operation::Unary(operator), Type::INT64, Type::INT64, emitter);
    }
}

pub(crate) fn add(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    let sum = b.binary(BinaryOperation::IntegerAdd, left, right);
    if b.options.checked_integers {
        // It wrapped where the sum's sign is neither operand's.
        let from_left = b.binary(BinaryOperation::BitXor, left, sum);
        let from_right = b.binary(BinaryOperation::BitXor, right, sum);
        let wrapped = b.binary(BinaryOperation::BitAnd, from_left, from_right);
        let fits = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, wrapped, 0);
        guard_overflow(b, fits);
    }
    sum
}

pub(crate) fn subtract(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    let difference = b.binary(BinaryOperation::IntegerSubtract, left, right);
    if b.options.checked_integers {
        // It wrapped where the operands' signs differ and the result's is not the left one's.
        let operands = b.binary(BinaryOperation::BitXor, left, right);
        let result = b.binary(BinaryOperation::BitXor, left, difference);
        let wrapped = b.binary(BinaryOperation::BitAnd, operands, result);
        let fits = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, wrapped, 0);
        guard_overflow(b, fits);
    }
    difference
}

pub(crate) fn multiply(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    let product = b.binary(BinaryOperation::IntegerMultiply, left, right);
    if b.options.checked_integers {
        // Dividing the product gives the other factor back unless it wrapped; factors that cannot be divided by
        // (0, and -1 with the smallest product) are told apart first.
        let zero = b.integer_compare_constant(IntegerCondition::Equal, left, 0);
        let minus_one = b.integer_compare_constant(IntegerCondition::Equal, left, -1);
        let special = either(b, zero, minus_one);
        let one = b.int64(1);
        let divisor = b.select(special, one, left);
        let quotient = b.binary(BinaryOperation::SignedDivide, product, divisor);
        let divides = b.integer_compare(IntegerCondition::Equal, quotient, right);
        let negatable = b.integer_compare_constant(IntegerCondition::NotEqual, right, i64::MIN);
        let special_fits = either(b, zero, negatable);
        let fits = b.select(special, special_fits, divides);
        guard_overflow(b, fits);
    }
    product
}

pub(crate) fn negate(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    // The negation of a literal is a literal, so that rules for constant operands see it.
    if let Some(constant) = b.integer_constant_of(value)
        && constant != i64::MIN
    {
        return b.int64(-constant);
    }
    guard_negatable(b, value);
    b.unary(UnaryOperation::IntegerNegate, value)
}

pub(crate) fn absolute(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    guard_negatable(b, value);
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, value, 0);
    let negated = b.unary(UnaryOperation::IntegerNegate, value);
    b.select(negative, negated, value)
}

fn guard_negatable(b: &mut LowerContext<'_, '_>, value: Value) {
    if b.options.checked_integers {
        let fits = b.integer_compare_constant(IntegerCondition::NotEqual, value, i64::MIN);
        guard_overflow(b, fits);
    }
}

/// The count as it is known: `Ok` of a constant from 0 to 63, `Err` of whether it is in that range.
fn shift_count(b: &mut LowerContext<'_, '_>, count: Value) -> Result<(), Value> {
    match b.integer_constant_of(count) {
        Some(0..64) => return Ok(()),
        Some(constant) if constant < 0 => b.fail(NodeErrorKind::ValueError, NEGATIVE_SHIFT_COUNT),
        Some(_) => {}
        None => {
            let valid = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, count, 0);
            b.guard(valid, NodeErrorKind::ValueError, NEGATIVE_SHIFT_COUNT);
        }
    }
    Err(b.integer_compare_constant(IntegerCondition::SignedLess, count, 64))
}

fn shift_left(b: &mut LowerContext<'_, '_>, value: Value, count: Value) -> Value {
    let in_range = shift_count(b, count);
    let shifted = b.binary(BinaryOperation::ShiftLeft, value, count);
    if b.options.checked_integers {
        let back = b.binary(BinaryOperation::ShiftRightSigned, shifted, count);
        let mut fits = b.integer_compare(IntegerCondition::Equal, back, value);
        if let Err(in_range) = in_range {
            let zero = b.integer_compare_constant(IntegerCondition::Equal, value, 0);
            fits = both(b, fits, in_range);
            fits = either(b, fits, zero);
        }
        guard_overflow(b, fits);
    }
    match in_range {
        Ok(()) => shifted,
        Err(in_range) => {
            let zero = b.int64(0);
            b.select(in_range, shifted, zero)
        }
    }
}

fn shift_right(b: &mut LowerContext<'_, '_>, value: Value, count: Value) -> Value {
    let count = match shift_count(b, count) {
        Ok(()) => count,
        Err(in_range) => {
            // 63 leaves the sign alone, as every greater count.
            let all = b.int64(63);
            b.select(in_range, count, all)
        }
    };
    b.binary(BinaryOperation::ShiftRightSigned, value, count)
}
