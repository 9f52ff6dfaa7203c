//! Casts between numbers, unifications, and the functions `int`, `float` and `bool`.

use cfunc_context::{Conversion, Loss, LowerContext, Operand, Registrar, exact};
use cfunc_ir::{ConvertOperation, FloatCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, Representation, Type, codes};

use crate::boolean::{float_truth, integer_truth};
use crate::emit::{UnaryEmitter, boolean_to_integer, integer_to_float, python_errors, same, unary};

/// What a number that is stored as a truth value loses.
pub(crate) const NUMBER_TO_BOOLEAN: Loss = Loss {
    code: codes::NUMBER_TO_BOOLEAN,
    message: "only whether the number is zero is kept",
    hint: "write a comparison or `bool(…)` where it is meant",
    refuses_literals: false,
};

const FLOAT_TRUNCATED: Loss = Loss {
    code: codes::FLOAT_TRUNCATED,
    message: "the fraction is dropped",
    hint: "write `int(…)` where it is meant, or declare it as float",
    refuses_literals: true,
};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let (boolean, integer, float) = (Type::BOOLEAN, Type::INT64, Type::FLOAT64);
    cast(registrar, boolean, integer, Conversion::Promotion, boolean_to_integer);
    cast(registrar, boolean, float, Conversion::Safe, boolean_to_float);
    cast(registrar, integer, float, Conversion::Safe, integer_to_float);
    lossy_cast(registrar, float, integer, FLOAT_TRUNCATED, float_to_integer);
    lossy_cast(registrar, float, boolean, NUMBER_TO_BOOLEAN, float_truth);
    lossy_cast(registrar, integer, boolean, NUMBER_TO_BOOLEAN, integer_truth);

    registrar.unify(boolean, integer, integer);
    registrar.unify(boolean, float, float);
    registrar.unify(integer, float, float);

    let function = registrar.function("int");
    registrar.builtin(function, &[], integer, |b, signature, _| Ok(Operand::scalar(signature.result, b.int64(0))));
    unary(registrar, function, boolean, integer, boolean_to_integer);
    unary(registrar, function, integer, integer, same);
    unary(registrar, function, float, integer, float_to_integer);

    let function = registrar.function("float");
    registrar.builtin(function, &[], float, |b, signature, _| Ok(Operand::scalar(signature.result, b.float64(0.0))));
    unary(registrar, function, boolean, float, boolean_to_float);
    unary(registrar, function, integer, float, integer_to_float);
    unary(registrar, function, float, float, same);

    let function = registrar.function("bool");
    registrar
        .builtin(function, &[], boolean, |b, signature, _| Ok(Operand::scalar(signature.result, b.boolean(false))));
    unary(registrar, function, boolean, boolean, same);
    unary(registrar, function, integer, boolean, integer_truth);
    unary(registrar, function, float, boolean, float_truth);
}

fn cast(registrar: &mut Registrar<'_>, from: Type, to: Type, conversion: Conversion, emitter: UnaryEmitter) {
    registrar.lower_cast(exact(from), exact(to), conversion, move |b, _from, to, operand| {
        Ok(Operand::scalar(to, emitter(b, operand.value())))
    });
}

/// Registers a lossy conversion between types of one component.
pub(crate) fn lossy_cast(registrar: &mut Registrar<'_>, from: Type, to: Type, loss: Loss, emitter: UnaryEmitter) {
    registrar.lower_lossy_cast(exact(from), exact(to), loss, move |b, _from, to, operand| {
        Ok(Operand::scalar(to, emitter(b, operand.value())))
    });
}

fn boolean_to_float(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    let integer = boolean_to_integer(b, value);
    integer_to_float(b, integer)
}

/// Towards zero; beyond 64 bits saturates and nan gives 0, or fails in Python's error model.
pub(crate) fn float_to_integer(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    if python_errors(b) {
        guard_integer_range(b, value);
    }
    b.convert(ConvertOperation::FloatToSignedSaturating, value, Representation::I64)
}

fn guard_integer_range(b: &mut LowerContext<'_, '_>, value: Value) {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0; // 2**63: the integers are from its negation up to below it
    if b.float_constant_of(value).is_some_and(|constant| (-LIMIT..LIMIT).contains(&constant)) {
        return;
    }
    let is_number = b.float_compare(FloatCondition::Ordered, value, value);
    b.guard(is_number, NodeErrorKind::ValueError, "cannot convert float NaN to integer");
    let magnitude = b.unary(UnaryOperation::FloatAbsolute, value);
    let infinity = b.float64(f64::INFINITY);
    let finite = b.float_compare(FloatCondition::Less, magnitude, infinity);
    b.guard(finite, NodeErrorKind::OverflowError, "cannot convert float infinity to integer");
    let (lowest, limit) = (b.float64(-LIMIT), b.float64(LIMIT));
    let not_below = b.float_compare(FloatCondition::GreaterOrEqual, value, lowest);
    let not_above = b.float_compare(FloatCondition::Less, value, limit);
    let fits = crate::emit::both(b, not_below, not_above);
    b.guard(fits, NodeErrorKind::OverflowError, "float too large to convert to a 64-bit integer");
}
