//! Operators of truth values, and the truth of numbers.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, FloatCondition, IntegerCondition, Value};
use cfunc_models::Type;
use cfunc_syntax::ast::BinaryOperator;

use crate::emit::{binary, same, unary};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let parameters = [Type::BOOLEAN; 2];
    let mut bitwise = |operator, emitter| {
        binary(registrar, Operation::Binary(operator), parameters, Type::BOOLEAN, emitter);
    };
    bitwise(BinaryOperator::BitAnd, |b, left, right| b.binary(BinaryOperation::BitAnd, left, right));
    bitwise(BinaryOperator::BitOr, |b, left, right| b.binary(BinaryOperation::BitOr, left, right));
    bitwise(BinaryOperator::BitXor, |b, left, right| b.binary(BinaryOperation::BitXor, left, right));
    unary(registrar, Operation::Truth, Type::BOOLEAN, Type::BOOLEAN, same);
    unary(registrar, Operation::Truth, Type::INT64, Type::BOOLEAN, integer_truth);
    unary(registrar, Operation::Truth, Type::FLOAT64, Type::BOOLEAN, float_truth);
    registrar.builtin(Operation::Truth, &[Type::NONE], Type::BOOLEAN, |b, signature, _operands| {
        Ok(cfunc_context::Operand::scalar(signature.result, b.boolean(false)))
    });
}

/// Everything but 0.
pub(crate) fn integer_truth(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    b.integer_compare_constant(IntegerCondition::NotEqual, value, 0)
}

/// Everything but 0.0 and -0.0; nan is true.
pub(crate) fn float_truth(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    let zero = b.float64(0.0);
    b.float_compare(FloatCondition::NotEqual, value, zero)
}
