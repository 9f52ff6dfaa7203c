//! Decimal numbers with six places as a type of their own, written against the facade alone.
//!
//! A value is one `int64` that counts millionths, in registers as in a host's cell. Ints become decimals where one meets
//! the other; floats do so only through `Decimal(x)`, and a decimal becomes a float through `float(d)`, or with a warning
//! where a float is declared.
//!
//! `a * b` and `a / b` are rounded to the nearest millionth, halves up. What does not fit into 64 bits wraps, or fails
//! with OverflowError in a compilation with checked integers, as for `int`.

mod arithmetic;
mod values;

use cfunc_compiler::ast::{BinaryOperator, CompareOperator, UnaryOperator};
use cfunc_compiler::ir::{BinaryOperation, ConvertOperation, FloatCondition, IntegerCondition, UnaryOperation};
use cfunc_compiler::{
    CellForm, Conversion, DataModel, DiagnosticCode, Extension, ExtensionId, Loss, LowerContext, LowerError,
    NodeErrorKind, Operand, Operation, Registrar, RegistrationError, Representation, RuntimeFunction, Type, exact,
};

pub use values::{PLACES, SCALE, divide, multiply, parse, record};

use arithmetic::{delegate, emit_divide, emit_multiply, scaled};

/// The name of the type, of its constructor, and of the kind of its dynamic values.
pub const NAME: &str = "Decimal";

const TO_FLOAT: Loss = Loss {
    code: DiagnosticCode { id: "DECIMAL01", title: "decimal stored as a float" },
    message: "it is rounded to the nearest double",
    hint: "declare it as Decimal, or write `float(…)` where it is meant",
    refuses_literals: false,
};

/// The extension that brings `Decimal`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Decimals;

impl Extension for Decimals {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.decimal", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let decimal = registrar.define_type(NAME, DataModel::Scalar(Representation::I64), CellForm::Scalar)?;
        values::register(registrar, decimal);
        register_conversions(registrar, decimal);
        register_arithmetic(registrar, decimal);
        register_comparisons(registrar, decimal);
        Ok(())
    }
}

fn register_conversions(registrar: &mut Registrar<'_>, decimal: Type) {
    let (integer, float) = (Type::INT64, Type::FLOAT64);
    registrar
        .lower_cast(exact(integer), exact(decimal), Conversion::Safe, |b, _from, to, operand| scaled(b, to, &operand));
    registrar.unify(decimal, integer, decimal);
    registrar.lower_lossy_cast(exact(decimal), exact(float), TO_FLOAT, |b, _from, _to, operand| to_float(b, &operand));

    let constructor = registrar.function(NAME);
    registrar.builtin(constructor, &[decimal], decimal, |_b, _signature, operands| Ok(operands[0].clone()));
    registrar
        .builtin(constructor, &[integer], decimal, |b, signature, operands| scaled(b, signature.result, &operands[0]));
    registrar.builtin(constructor, &[float], decimal, |b, signature, operands| {
        Ok(nearest(b, signature.result, &operands[0]))
    });
    let function = registrar.function("float");
    registrar.builtin(function, &[decimal], float, |b, _signature, operands| to_float(b, &operands[0]));
    let function = registrar.function("int");
    registrar.builtin(function, &[decimal], integer, |b, signature, operands| {
        let scale = b.int64(SCALE);
        let whole = b.binary(BinaryOperation::SignedDivide, operands[0].value(), scale);
        Ok(Operand::scalar(signature.result, whole))
    });
}

/// The double that is nearest to the decimal.
fn to_float(b: &mut LowerContext<'_, '_>, decimal: &Operand) -> Result<Operand, LowerError> {
    let scale = b.int64(SCALE);
    let quotient = b.call_runtime(RuntimeFunction::IntegerQuotient, &[decimal.value(), scale]);
    let quotient = quotient.ok_or_else(|| LowerError::new("a quotient has a value"))?;
    Ok(Operand::scalar(Type::FLOAT64, quotient))
}

/// The decimal that is nearest to a float; ties of millionths go to the even one.
fn nearest(b: &mut LowerContext<'_, '_>, decimal: Type, float: &Operand) -> Operand {
    let scale = b.float64(values::FLOAT_SCALE);
    let units = b.binary(BinaryOperation::FloatMultiply, float.value(), scale);
    let rounded = b.unary(UnaryOperation::FloatNearest, units);
    let magnitude = b.unary(UnaryOperation::FloatAbsolute, rounded);
    let limit = b.float64(values::FLOAT_LIMIT);
    // Not the case either where it is not a number.
    let fits = b.float_compare(FloatCondition::Less, magnitude, limit);
    b.guard(fits, NodeErrorKind::ValueError, values::BEYOND_RANGE);
    let units = b.convert(ConvertOperation::FloatToSignedSaturating, rounded, Representation::I64);
    Operand::scalar(decimal, units)
}

fn register_arithmetic(registrar: &mut Registrar<'_>, decimal: Type) {
    // Sums of counts are counts of the sum: the rules of int do them, overflow checks included.
    for operator in [BinaryOperator::Add, BinaryOperator::Subtract] {
        registrar.builtin(Operation::Binary(operator), &[decimal; 2], decimal, move |b, signature, operands| {
            delegate(b, Operation::Binary(operator), operands, signature.result)
        });
    }
    // So are multiples by an int, for which no operand is scaled.
    let multiply = Operation::Binary(BinaryOperator::Multiply);
    for parameters in [[decimal, Type::INT64], [Type::INT64, decimal]] {
        registrar.builtin(multiply, &parameters, decimal, move |b, signature, operands| {
            delegate(b, multiply, operands, signature.result)
        });
    }
    registrar.builtin(multiply, &[decimal; 2], decimal, |b, signature, operands| {
        emit_multiply(b, signature.result, operands[0].value(), operands[1].value())
    });
    registrar.builtin(Operation::Binary(BinaryOperator::Divide), &[decimal; 2], decimal, |b, signature, operands| {
        emit_divide(b, signature.result, operands[0].value(), operands[1].value())
    });
    for operator in [UnaryOperator::Negate, UnaryOperator::Plus] {
        registrar.builtin(Operation::Unary(operator), &[decimal], decimal, move |b, signature, operands| {
            delegate(b, Operation::Unary(operator), operands, signature.result)
        });
    }
    let absolute = registrar.function("abs");
    registrar.builtin(absolute, &[decimal], decimal, move |b, signature, operands| {
        delegate(b, absolute, operands, signature.result)
    });
}

/// Comparisons and truth; `min` and `max` need no more.
fn register_comparisons(registrar: &mut Registrar<'_>, decimal: Type) {
    for (operator, condition) in [
        (CompareOperator::Equal, IntegerCondition::Equal),
        (CompareOperator::NotEqual, IntegerCondition::NotEqual),
        (CompareOperator::Less, IntegerCondition::SignedLess),
        (CompareOperator::LessOrEqual, IntegerCondition::SignedLessOrEqual),
        (CompareOperator::Greater, IntegerCondition::SignedGreater),
        (CompareOperator::GreaterOrEqual, IntegerCondition::SignedGreaterOrEqual),
    ] {
        let parameters = [decimal; 2];
        registrar.builtin(Operation::Compare(operator), &parameters, Type::BOOLEAN, move |b, signature, operands| {
            let result = b.integer_compare(condition, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, result))
        });
    }
    let boolean = registrar.function("bool");
    for callable in [Operation::Truth.id(), boolean] {
        registrar.builtin(callable, &[decimal], Type::BOOLEAN, |b, signature, operands| {
            let result = b.integer_compare_constant(IntegerCondition::NotEqual, operands[0].value(), 0);
            Ok(Operand::scalar(signature.result, result))
        });
    }
}
