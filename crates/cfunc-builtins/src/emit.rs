//! What the rules of several topics share: registering by plain functions over IR values, and guards.

use cfunc_context::{CallableId, LowerContext, Operand, Registrar};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, Value};
use cfunc_models::{ErrorModel, NodeErrorKind, Representation, RuntimeFunction, Type};

/// The message of CPython for `//` of integers by zero; also of durations.
pub(crate) const INTEGER_DIVISION_BY_ZERO: &str = "integer division or modulo by zero";

/// The message of every checked integer operation.
pub(crate) const INTEGER_OVERFLOW: &str = "the result does not fit into 64 bits";

/// Emits IR for one operand of one component.
pub(crate) type UnaryEmitter = fn(&mut LowerContext<'_, '_>, Value) -> Value;

/// Emits IR for two operands of one component each.
pub(crate) type BinaryEmitter = fn(&mut LowerContext<'_, '_>, Value, Value) -> Value;

/// Registers an operation or function of one operand.
pub(crate) fn unary(
    registrar: &mut Registrar<'_>,
    callable: impl Into<CallableId>,
    parameter: Type,
    result: Type,
    emitter: UnaryEmitter,
) {
    registrar.builtin(callable, &[parameter], result, move |b, signature, operands| {
        Ok(Operand::scalar(signature.result, emitter(b, operands[0].value())))
    });
}

/// Registers an operation or function of two operands.
pub(crate) fn binary(
    registrar: &mut Registrar<'_>,
    callable: impl Into<CallableId>,
    parameters: [Type; 2],
    result: Type,
    emitter: BinaryEmitter,
) {
    registrar.builtin(callable, &parameters, result, move |b, signature, operands| {
        Ok(Operand::scalar(signature.result, emitter(b, operands[0].value(), operands[1].value())))
    });
}

/// The value itself.
pub(crate) fn same(_b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    value
}

/// Whether Python's error model is chosen.
pub(crate) fn python_errors(b: &LowerContext<'_, '_>) -> bool {
    b.options.error_model == ErrorModel::Python
}

/// In Python's error model: fails with ZeroDivisionError where an integer divisor is 0.
pub(crate) fn guard_integer_divisor(b: &mut LowerContext<'_, '_>, divisor: Value, message: &str) {
    if !python_errors(b) {
        return;
    }
    match b.integer_constant_of(divisor) {
        Some(0) => b.fail(NodeErrorKind::ZeroDivisionError, message),
        Some(_) => {}
        None => {
            let nonzero = b.integer_compare_constant(IntegerCondition::NotEqual, divisor, 0);
            b.guard(nonzero, NodeErrorKind::ZeroDivisionError, message);
        }
    }
}

/// Fails with OverflowError where the condition does not hold; for checked integers alone.
pub(crate) fn guard_overflow(b: &mut LowerContext<'_, '_>, fits: Value) {
    b.guard(fits, NodeErrorKind::OverflowError, INTEGER_OVERFLOW);
}

/// An integer as a double; a constant stays one.
pub(crate) fn integer_to_float(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    match b.integer_constant_of(value) {
        #[expect(clippy::cast_precision_loss, reason = "rounding to nearest is what the conversion means")]
        Some(constant) => b.float64(constant as f64),
        None => b.convert(ConvertOperation::SignedToFloat, value, Representation::F64),
    }
}

/// A truth value as an integer; a constant stays one.
pub(crate) fn boolean_to_integer(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    match b.integer_constant_of(value) {
        Some(constant) => b.int64(constant),
        None => b.convert(ConvertOperation::ZeroExtend, value, Representation::I64),
    }
}

/// Both of two truth values.
pub(crate) fn both(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    b.binary(BinaryOperation::BitAnd, left, right)
}

/// One or both of two truth values.
pub(crate) fn either(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    b.binary(BinaryOperation::BitOr, left, right)
}

/// The result of a runtime function that has one.
pub(crate) fn call(b: &mut LowerContext<'_, '_>, function: RuntimeFunction, arguments: &[Value]) -> Value {
    match b.call_runtime(function, arguments) {
        Some(result) => result,
        None => unreachable!("{function:?} has a result"),
    }
}

/// Unsigned quotient and remainder; the divisor is from 1 to 2**63.
pub(crate) fn unsigned_divide(b: &mut LowerContext<'_, '_>, dividend: Value, divisor: Value) -> (Value, Value) {
    // Halved, the dividend is not negative, so that signed division gives a quotient that is at most 1 too small.
    let zero = b.int64(0);
    let one = b.int64(1);
    let half = b.binary(BinaryOperation::ShiftRightUnsigned, dividend, one);
    let largest = b.integer_compare(IntegerCondition::SignedLess, divisor, zero);
    let positive = b.select(largest, one, divisor);
    let quotient = b.binary(BinaryOperation::SignedDivide, half, positive);
    let quotient = b.binary(BinaryOperation::ShiftLeft, quotient, one);
    // By 2**63 the quotient is 0 or 1, which the correction alone gives.
    let quotient = b.select(largest, zero, quotient);
    let product = b.binary(BinaryOperation::IntegerMultiply, quotient, divisor);
    let rest = b.binary(BinaryOperation::IntegerSubtract, dividend, product);
    let more = b.integer_compare(IntegerCondition::UnsignedGreaterOrEqual, rest, divisor);
    let corrected = b.binary(BinaryOperation::IntegerAdd, quotient, one);
    let lower = b.binary(BinaryOperation::IntegerSubtract, rest, divisor);
    let quotient = b.select(more, corrected, quotient);
    let rest = b.select(more, lower, rest);
    (quotient, rest)
}
