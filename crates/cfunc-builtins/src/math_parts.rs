//! `math.frexp` and `math.modf`: a number as its parts, a tuple of two.

use cfunc_context::{Operand, Registrar, RegistrationError};
use cfunc_ir::{BinaryOperation, FloatCondition, UnaryOperation};
use cfunc_models::{RuntimeFunction, Type};

use crate::emit::call;
use crate::tuple::TupleFamily;

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) -> Result<(), RegistrationError> {
    let float = Type::FLOAT64;
    let mut pair = |second| {
        let ty = tuples.of(registrar.types_mut(), &[float, second]);
        ty.ok_or_else(|| RegistrationError::Other("two numbers do not make a tuple".to_owned()))
    };
    let (with_exponent, with_integer) = (pair(Type::INT64)?, pair(float)?);
    let function = registrar.function("math.frexp");
    registrar.builtin(function, &[float], with_exponent, |b, signature, operands| {
        let number = operands[0].value();
        let significand = call(b, RuntimeFunction::MathFrexpSignificand, &[number]);
        let exponent = call(b, RuntimeFunction::MathFrexpExponent, &[number]);
        Ok(Operand::new(signature.result, &[significand, exponent]))
    });
    let function = registrar.function("math.modf");
    registrar.builtin(function, &[float], with_integer, |b, signature, operands| {
        let number = operands[0].value();
        let integer = b.unary(UnaryOperation::FloatTruncate, number);
        // What has no fraction has one of zero, an infinity too; both parts have the sign of the number.
        let rest = b.binary(BinaryOperation::FloatSubtract, number, integer);
        let whole = b.float_compare(FloatCondition::Equal, number, integer);
        let zero = b.float64(0.0);
        let fraction = b.select(whole, zero, rest);
        let fraction = b.binary(BinaryOperation::FloatCopySign, fraction, number);
        Ok(Operand::new(signature.result, &[fraction, integer]))
    });
    Ok(())
}
