//! Operators of floats but power: IEEE doubles.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, FloatCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, RuntimeFunction, Type};
use cfunc_syntax::ast::{BinaryOperator, UnaryOperator};

use crate::emit::{BinaryEmitter, binary, call, python_errors, same, unary};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let operators: [(BinaryOperator, BinaryEmitter); 6] = [
        (BinaryOperator::Add, |b, left, right| b.binary(BinaryOperation::FloatAdd, left, right)),
        (BinaryOperator::Subtract, |b, left, right| b.binary(BinaryOperation::FloatSubtract, left, right)),
        (BinaryOperator::Multiply, |b, left, right| b.binary(BinaryOperation::FloatMultiply, left, right)),
        (BinaryOperator::Divide, divide),
        (BinaryOperator::FloorDivide, floor_divide),
        (BinaryOperator::Modulo, modulo),
    ];
    for (operator, emitter) in operators {
        binary(registrar, Operation::Binary(operator), [Type::FLOAT64; 2], Type::FLOAT64, emitter);
    }
    unary(registrar, Operation::Unary(UnaryOperator::Negate), Type::FLOAT64, Type::FLOAT64, negate);
    unary(registrar, Operation::Unary(UnaryOperator::Plus), Type::FLOAT64, Type::FLOAT64, same);
}

fn negate(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    match b.float_constant_of(value) {
        Some(constant) => b.float64(-constant),
        None => b.unary(UnaryOperation::FloatNegate, value),
    }
}

pub(crate) fn divide(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    guard_divisor(b, right, "float division by zero");
    b.binary(BinaryOperation::FloatDivide, left, right)
}

fn floor_divide(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    guard_divisor(b, right, "float floor division by zero");
    call(b, RuntimeFunction::FloatFloorDivide, &[left, right])
}

fn modulo(b: &mut LowerContext<'_, '_>, left: Value, right: Value) -> Value {
    guard_divisor(b, right, "float modulo");
    call(b, RuntimeFunction::FloatModulo, &[left, right])
}

/// In Python's error model: fails with ZeroDivisionError where a divisor is 0.0 or -0.0.
pub(crate) fn guard_divisor(b: &mut LowerContext<'_, '_>, divisor: Value, message: &str) {
    if !python_errors(b) {
        return;
    }
    match b.float_constant_of(divisor) {
        Some(0.0) => b.fail(NodeErrorKind::ZeroDivisionError, message),
        Some(_) => {}
        None => {
            let zero = b.float64(0.0);
            let nonzero = b.float_compare(FloatCondition::NotEqual, divisor, zero);
            b.guard(nonzero, NodeErrorKind::ZeroDivisionError, message);
        }
    }
}
