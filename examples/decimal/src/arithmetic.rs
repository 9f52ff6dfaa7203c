//! What generated code does with millionths.

use cfunc_compiler::ast::BinaryOperator;
use cfunc_compiler::ir::{BinaryOperation, ConvertOperation, IntegerCondition, UnaryOperation, Value as IrValue};
use cfunc_compiler::{CallableId, LowerContext, LowerError, NodeErrorKind, Operand, Operation, Representation, Type};

use crate::values::{BEYOND_RANGE, DIVISION_BY_ZERO, SCALE};

/// What the rule of `int` for the same operation gives for the counts of millionths.
pub(crate) fn delegate(
    b: &mut LowerContext<'_, '_>,
    callable: impl Into<CallableId>,
    operands: &[Operand],
    result: Type,
) -> Result<Operand, LowerError> {
    let counts: Vec<Operand> = operands.iter().map(|operand| integer(operand.value())).collect();
    Ok(Operand::scalar(result, b.call(callable, &counts)?.value()))
}

fn integer(value: IrValue) -> Operand {
    Operand::scalar(Type::INT64, value)
}

/// An int as a decimal.
pub(crate) fn scaled(b: &mut LowerContext<'_, '_>, decimal: Type, whole: &Operand) -> Result<Operand, LowerError> {
    let scale = b.int64(SCALE);
    delegate(b, Operation::Binary(BinaryOperator::Multiply), &[whole.clone(), integer(scale)], decimal)
}

/// Quotient and remainder towards negative infinity, by the rules of int.
fn floor_divide(
    b: &mut LowerContext<'_, '_>,
    dividend: IrValue,
    divisor: IrValue,
) -> Result<(IrValue, IrValue), LowerError> {
    let operands = [integer(dividend), integer(divisor)];
    let quotient = b.call(Operation::Binary(BinaryOperator::FloorDivide), &operands)?;
    let remainder = b.call(Operation::Binary(BinaryOperator::Modulo), &operands)?;
    Ok((quotient.value(), remainder.value()))
}

/// `left * right / SCALE`, without a product that needs 128 bits: only the fractions' product is divided.
pub(crate) fn emit_multiply(
    b: &mut LowerContext<'_, '_>,
    decimal: Type,
    left: IrValue,
    right: IrValue,
) -> Result<Operand, LowerError> {
    let scale = b.int64(SCALE);
    let (left_whole, left_rest) = floor_divide(b, left, scale)?;
    let (right_whole, right_rest) = floor_divide(b, right, scale)?;
    let wholes = b.binary(BinaryOperation::IntegerMultiply, left_whole, right);
    let crossed = b.binary(BinaryOperation::IntegerMultiply, left_rest, right_whole);
    let rests = b.binary(BinaryOperation::IntegerMultiply, left_rest, right_rest);
    let half = b.int64(SCALE / 2);
    let rests = b.binary(BinaryOperation::IntegerAdd, rests, half);
    let (rests, _) = floor_divide(b, rests, scale)?;
    let sum = b.binary(BinaryOperation::IntegerAdd, wholes, crossed);
    let product = b.binary(BinaryOperation::IntegerAdd, sum, rests);
    guard_quotient(b, product, [left, right], scale);
    Ok(Operand::scalar(decimal, product))
}

/// `left * SCALE / right`, bit by bit of the scale: quotient and remainder by `right` are kept of `left` times the bits
/// so far, so that nothing needs more than 64 bits.
pub(crate) fn emit_divide(
    b: &mut LowerContext<'_, '_>,
    decimal: Type,
    left: IrValue,
    right: IrValue,
) -> Result<Operand, LowerError> {
    let nonzero = b.integer_compare_constant(IntegerCondition::NotEqual, right, 0);
    b.guard(nonzero, NodeErrorKind::ZeroDivisionError, DIVISION_BY_ZERO);
    let (step, step_rest) = floor_divide(b, left, right)?;
    // The remainder has the divisor's sign: magnitudes, unsigned, give the same quotient.
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, right, 0);
    let divisor = magnitude(b, negative, right);
    let step_rest = magnitude(b, negative, step_rest);

    let quotient = b.declare_variable(Representation::I64);
    let rest = b.declare_variable(Representation::I64);
    let bit = b.declare_variable(Representation::I64);
    b.define_variable(quotient, step);
    b.define_variable(rest, step_rest);
    // The highest bit of the scale is what the variables start with.
    let next_bit = b.int64(i64::from(SCALE.ilog2()) - 1);
    b.define_variable(bit, next_bit);
    let (head, body, exit) = (b.create_block(), b.create_block(), b.create_block());
    b.jump(head, &[]);

    b.switch_to(head);
    let index = b.use_variable(bit);
    let more = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, index, 0);
    b.branch(more, body, exit);

    b.switch_to(body);
    let (current, current_rest) = (b.use_variable(quotient), b.use_variable(rest));
    let doubled = add(b, (current, current_rest), (current, current_rest), divisor);
    let (scale, zero, one) = (b.int64(SCALE), b.int64(0), b.int64(1));
    let shifted = b.binary(BinaryOperation::ShiftRightUnsigned, scale, index);
    let is_set = b.binary(BinaryOperation::BitAnd, shifted, one);
    let is_set = b.integer_compare(IntegerCondition::NotEqual, is_set, zero);
    let addend = (b.select(is_set, step, zero), b.select(is_set, step_rest, zero));
    let (sum, sum_rest) = add(b, doubled, addend, divisor);
    b.define_variable(quotient, sum);
    b.define_variable(rest, sum_rest);
    let next = b.binary(BinaryOperation::IntegerSubtract, index, one);
    b.define_variable(bit, next);
    b.jump(head, &[]);

    b.switch_to(exit);
    let (floor, rest) = (b.use_variable(quotient), b.use_variable(rest));
    let zero = b.int64(0);
    let (rounded, _) = add(b, (floor, rest), (zero, rest), divisor);
    let scale = b.int64(SCALE);
    guard_quotient(b, rounded, [left, scale], right);
    Ok(Operand::scalar(decimal, rounded))
}

fn magnitude(b: &mut LowerContext<'_, '_>, negative: IrValue, value: IrValue) -> IrValue {
    let negated = b.unary(UnaryOperation::IntegerNegate, value);
    b.select(negative, negated, value)
}

/// The sum of two quotients with remainders, which are unsigned and below the divisor.
fn add(
    b: &mut LowerContext<'_, '_>,
    left: (IrValue, IrValue),
    right: (IrValue, IrValue),
    divisor: IrValue,
) -> (IrValue, IrValue) {
    let quotient = b.binary(BinaryOperation::IntegerAdd, left.0, right.0);
    let rest = b.binary(BinaryOperation::IntegerAdd, left.1, right.1);
    let carries = b.integer_compare(IntegerCondition::UnsignedGreaterOrEqual, rest, divisor);
    let less = b.binary(BinaryOperation::IntegerSubtract, rest, divisor);
    let carry = b.convert(ConvertOperation::ZeroExtend, carries, Representation::I64);
    (b.binary(BinaryOperation::IntegerAdd, quotient, carry), b.select(carries, less, rest))
}

/// With checked integers: fails where the quotient of a product wrapped. Else it is at most half a divisor away.
fn guard_quotient(b: &mut LowerContext<'_, '_>, quotient: IrValue, product: [IrValue; 2], divisor: IrValue) {
    if !b.options.checked_integers {
        return;
    }
    let wide =
        |b: &mut LowerContext<'_, '_>, value| b.convert(ConvertOperation::SignExtend, value, Representation::I128);
    let [left, right] = product.map(|factor| wide(b, factor));
    let product = b.binary(BinaryOperation::IntegerMultiply, left, right);
    let (quotient, divisor) = (wide(b, quotient), wide(b, divisor));
    let back = b.binary(BinaryOperation::IntegerMultiply, quotient, divisor);
    let difference = b.binary(BinaryOperation::IntegerSubtract, product, back);
    let twice = b.binary(BinaryOperation::IntegerAdd, difference, difference);
    let absolute = |b: &mut LowerContext<'_, '_>, value| {
        let negative = b.integer_compare_constant(IntegerCondition::SignedLess, value, 0);
        magnitude(b, negative, value)
    };
    let (twice, divisor) = (absolute(b, twice), absolute(b, divisor));
    let near = b.integer_compare(IntegerCondition::SignedLessOrEqual, twice, divisor);
    b.guard(near, NodeErrorKind::OverflowError, BEYOND_RANGE);
}
