//! Complex numbers as a type of their own, beside `int` and `float`, written against the facade alone.
//!
//! A value is two floats in registers. Ints, floats and truth values become complex where they meet one. Functions of
//! the parts are those of the built-ins, asked for by name, so that they follow the same error model.

mod arithmetic;
mod values;

use cfunc_compiler::ast::{BinaryOperator, CompareOperator, UnaryOperator};
use cfunc_compiler::ir::{BinaryOperation, FloatCondition, UnaryOperation};
use cfunc_compiler::{
    CallableParameter, CellForm, Conversion, DataModel, Extension, ExtensionId, Field, Operand, Operation, Registrar,
    RegistrationError, RuntimeFunction, Type, exact,
};

use arithmetic::{add, divide, multiply, parts, power, subtract};

pub use values::record;

/// The name of the type, of its constructor, and of the kind of its dynamic values.
pub const NAME: &str = "Complex";

/// The extension that brings `Complex`, and `exp` and `phase` of `cmath`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ComplexNumbers;

impl Extension for ComplexNumbers {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.complex", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let fields = ["real", "imag"].map(|name| Field { name: name.to_owned(), ty: Type::FLOAT64 });
        let complex = registrar.define_type(NAME, DataModel::Fields(fields.into()), CellForm::Buffer)?;
        values::register(registrar, complex);
        register_conversions(registrar, complex);
        register_operators(registrar, complex);
        register_members(registrar, complex);
        register_functions(registrar, complex);
        registrar.constant_name("cmath.i", record(0.0, 1.0))
    }
}

fn register_conversions(registrar: &mut Registrar<'_>, complex: Type) {
    for number in [Type::BOOLEAN, Type::INT64, Type::FLOAT64] {
        registrar.lower_cast(exact(number), exact(complex), Conversion::Safe, |b, _from, to, operand| {
            let real = b.cast(operand, Type::FLOAT64)?;
            let imaginary = b.float64(0.0);
            Ok(Operand::new(to, &[real.value(), imaginary]))
        });
        registrar.unify(number, complex, complex);
    }
    let function = registrar.function(NAME);
    let parameters = [CallableParameter::required("re"), CallableParameter::with_default("im", 0.0)];
    registrar.parameters(function, parameters);
    registrar.builtin(function, &[Type::FLOAT64; 2], complex, |b, signature, operands| {
        Ok(b.make(signature.result, operands))
    });
}

fn register_operators(registrar: &mut Registrar<'_>, complex: Type) {
    let operators: [(BinaryOperator, arithmetic::Emitter); 4] = [
        (BinaryOperator::Add, add),
        (BinaryOperator::Subtract, subtract),
        (BinaryOperator::Multiply, multiply),
        (BinaryOperator::Divide, divide),
    ];
    for (operator, emitter) in operators {
        registrar.builtin(Operation::Binary(operator), &[complex; 2], complex, move |b, signature, operands| {
            let (real, imaginary) = emitter(b, parts(&operands[0]), parts(&operands[1]));
            Ok(Operand::new(signature.result, &[real, imaginary]))
        });
    }
    let parameters = [complex, Type::INT64];
    registrar.builtin(Operation::Binary(BinaryOperator::Power), &parameters, complex, |b, signature, operands| {
        let (real, imaginary) = power(b, parts(&operands[0]), operands[1].value());
        Ok(Operand::new(signature.result, &[real, imaginary]))
    });
    registrar.builtin(Operation::Unary(UnaryOperator::Negate), &[complex], complex, |b, signature, operands| {
        let (real, imaginary) = parts(&operands[0]);
        let negated = [real, imaginary].map(|part| b.unary(UnaryOperation::FloatNegate, part));
        Ok(Operand::new(signature.result, &negated))
    });
    registrar.builtin(Operation::Unary(UnaryOperator::Plus), &[complex], complex, |_b, _signature, operands| {
        Ok(operands[0].clone())
    });
    for (operator, condition, both) in [
        (CompareOperator::Equal, FloatCondition::Equal, BinaryOperation::BitAnd),
        (CompareOperator::NotEqual, FloatCondition::NotEqual, BinaryOperation::BitOr),
    ] {
        let parameters = [complex; 2];
        registrar.builtin(Operation::Compare(operator), &parameters, Type::BOOLEAN, move |b, signature, operands| {
            let (left, right) = (parts(&operands[0]), parts(&operands[1]));
            let real = b.float_compare(condition, left.0, right.0);
            let imaginary = b.float_compare(condition, left.1, right.1);
            Ok(Operand::scalar(signature.result, b.binary(both, real, imaginary)))
        });
    }
    registrar.builtin(Operation::Truth, &[complex], Type::BOOLEAN, |b, signature, operands| {
        let (real, imaginary) = parts(&operands[0]);
        let zero = b.float64(0.0);
        let [real, imaginary] = [real, imaginary].map(|part| b.float_compare(FloatCondition::NotEqual, part, zero));
        Ok(Operand::scalar(signature.result, b.binary(BinaryOperation::BitOr, real, imaginary)))
    });
}

fn register_members(registrar: &mut Registrar<'_>, complex: Type) {
    for name in ["real", "imag"] {
        registrar.lower_getattr(complex, name, Type::FLOAT64, move |b, value| b.field(value, name));
    }
    let constructor = registrar.types().definition(complex).constructor;
    let conjugate = registrar.method(constructor, "conjugate");
    registrar.builtin(conjugate, &[complex], complex, |b, signature, operands| {
        let (real, imaginary) = parts(&operands[0]);
        let negated = b.unary(UnaryOperation::FloatNegate, imaginary);
        Ok(Operand::new(signature.result, &[real, negated]))
    });
}

fn register_functions(registrar: &mut Registrar<'_>, complex: Type) {
    // One of the runtime's functions, called as such: it does not overflow on the way to a result that fits.
    let absolute = registrar.function("abs");
    registrar.builtin(absolute, &[complex], Type::FLOAT64, |b, signature, operands| {
        let (real, imaginary) = parts(&operands[0]);
        let result = b.call_runtime(RuntimeFunction::MathHypot, &[real, imaginary]);
        Ok(Operand::new(signature.result, result.as_slice()))
    });
    let phase = registrar.function("cmath.phase");
    registrar.builtin(phase, &[complex], Type::FLOAT64, |b, signature, operands| {
        let (real, imaginary) = parts(&operands[0]);
        let result = b.call_runtime(RuntimeFunction::MathAtan2, &[imaginary, real]);
        Ok(Operand::new(signature.result, result.as_slice()))
    });
    // Rules of other functions: what `math.exp` does of an overflow, this does.
    let [exp, sin, cos] = ["math.exp", "math.sin", "math.cos"].map(|name| registrar.function(name));
    let function = registrar.function("cmath.exp");
    registrar.builtin(function, &[complex], complex, move |b, signature, operands| {
        let (real, imaginary) = (b.field(&operands[0], "real")?, b.field(&operands[0], "imag")?);
        let magnitude = b.call(exp, &[real])?.value();
        let (cosine, sine) = (b.call(cos, std::slice::from_ref(&imaginary))?, b.call(sin, &[imaginary])?);
        let parts = [cosine, sine].map(|part| b.binary(BinaryOperation::FloatMultiply, magnitude, part.value()));
        Ok(Operand::new(signature.result, &parts))
    });
}
