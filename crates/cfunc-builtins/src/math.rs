//! The module `math`.

use cfunc_context::{CallableParameter, LowerContext, Operand, Registrar, RegistrationError};
use cfunc_ir::{BinaryOperation, FloatCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, RuntimeFunction, Type};

use crate::emit::{
    UnaryEmitter, binary, boolean_to_integer, both, call, either, integer_to_float, python_errors, same, unary,
};
use crate::float::divide;
use crate::functions::{is_nan, rounded_to_integer};
use crate::math_errors::{Infinite, guard_result, is_finite};
use crate::power::float_power_of_integer;

/// Functions of one float, with what their infinite results of finite arguments mean.
const FUNCTIONS_OF_ONE: [(&str, RuntimeFunction, Infinite); 25] = [
    ("acos", RuntimeFunction::MathAcos, Infinite::Proper),
    ("acosh", RuntimeFunction::MathAcosh, Infinite::Proper),
    ("asin", RuntimeFunction::MathAsin, Infinite::Proper),
    ("asinh", RuntimeFunction::MathAsinh, Infinite::Proper),
    ("atan", RuntimeFunction::MathAtan, Infinite::Proper),
    ("atanh", RuntimeFunction::MathAtanh, Infinite::Pole),
    ("cbrt", RuntimeFunction::MathCbrt, Infinite::Proper),
    ("cos", RuntimeFunction::MathCos, Infinite::Proper),
    ("cosh", RuntimeFunction::MathCosh, Infinite::Overflow),
    ("erf", RuntimeFunction::MathErf, Infinite::Proper),
    ("erfc", RuntimeFunction::MathErfc, Infinite::Proper),
    ("exp", RuntimeFunction::MathExp, Infinite::Overflow),
    ("exp2", RuntimeFunction::MathExp2, Infinite::Overflow),
    ("expm1", RuntimeFunction::MathExpm1, Infinite::Overflow),
    ("gamma", RuntimeFunction::MathGamma, Infinite::PoleAtNonPositiveIntegers),
    ("lgamma", RuntimeFunction::MathLgamma, Infinite::PoleAtNonPositiveIntegers),
    ("log", RuntimeFunction::MathLog, Infinite::Pole),
    ("log10", RuntimeFunction::MathLog10, Infinite::Pole),
    ("log1p", RuntimeFunction::MathLog1p, Infinite::Pole),
    ("log2", RuntimeFunction::MathLog2, Infinite::Pole),
    ("sin", RuntimeFunction::MathSin, Infinite::Proper),
    ("sinh", RuntimeFunction::MathSinh, Infinite::Overflow),
    ("tan", RuntimeFunction::MathTan, Infinite::Proper),
    ("tanh", RuntimeFunction::MathTanh, Infinite::Proper),
    ("ulp", RuntimeFunction::MathUlp, Infinite::Proper),
];

/// Functions of two floats.
const FUNCTIONS_OF_TWO: [(&str, RuntimeFunction, Infinite); 5] = [
    ("atan2", RuntimeFunction::MathAtan2, Infinite::Proper),
    ("fmod", RuntimeFunction::MathFmod, Infinite::Proper),
    ("nextafter", RuntimeFunction::MathNextafter, Infinite::Proper),
    ("pow", RuntimeFunction::MathPow, Infinite::PoleAtZero),
    ("remainder", RuntimeFunction::MathRemainder, Infinite::Proper),
];

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    for (name, value) in [
        ("math.pi", std::f64::consts::PI),
        ("math.e", std::f64::consts::E),
        ("math.tau", std::f64::consts::TAU),
        ("math.inf", f64::INFINITY),
        ("math.nan", f64::NAN),
    ] {
        registrar.constant_name(name, value)?;
    }
    let float = Type::FLOAT64;
    for (name, runtime, infinite) in FUNCTIONS_OF_ONE {
        let function = registrar.function(&format!("math.{name}"));
        registrar.builtin(function, &[float], float, move |b, signature, operands| {
            let arguments = [operands[0].value()];
            let result = call(b, runtime, &arguments);
            guard_result(b, &arguments, result, infinite);
            Ok(Operand::scalar(signature.result, result))
        });
    }
    for (name, runtime, infinite) in FUNCTIONS_OF_TWO {
        let function = registrar.function(&format!("math.{name}"));
        registrar.builtin(function, &[float; 2], float, move |b, signature, operands| {
            let arguments = [operands[0].value(), operands[1].value()];
            let result = call(b, runtime, &arguments);
            guard_result(b, &arguments, result, infinite);
            Ok(Operand::scalar(signature.result, result))
        });
    }
    // An int exponent is that of `**`, as in the reference; Python's error model has Python's `pow` of two floats.
    let function = registrar.function("math.pow");
    binary(registrar, function, [float, Type::INT64], float, |b, base, exponent| {
        if !python_errors(b) {
            return float_power_of_integer(b, base, exponent);
        }
        let arguments = [base, integer_to_float(b, exponent)];
        let result = call(b, RuntimeFunction::MathPow, &arguments);
        guard_result(b, &arguments, result, Infinite::PoleAtZero);
        result
    });
    register_inline(registrar);
    register_closeness(registrar);
    register_roundings(registrar);
    crate::math_integers::register(registrar);
    crate::math_sums::register(registrar);
    Ok(())
}

fn register_inline(registrar: &mut Registrar<'_>) {
    let (float, boolean) = (Type::FLOAT64, Type::BOOLEAN);
    let functions: [(&str, Type, UnaryEmitter); 7] = [
        ("sqrt", float, |b, value| {
            let root = b.unary(UnaryOperation::FloatSquareRoot, value);
            guard_result(b, &[value], root, Infinite::Proper);
            root
        }),
        ("fabs", float, |b, value| b.unary(UnaryOperation::FloatAbsolute, value)),
        ("degrees", float, |b, value| scale(b, value, 180.0 / std::f64::consts::PI)),
        ("radians", float, |b, value| scale(b, value, std::f64::consts::PI / 180.0)),
        ("isnan", boolean, is_nan),
        ("isfinite", boolean, is_finite),
        ("isinf", boolean, |b, value| {
            let magnitude = b.unary(UnaryOperation::FloatAbsolute, value);
            let infinity = b.float64(f64::INFINITY);
            b.float_compare(FloatCondition::Equal, magnitude, infinity)
        }),
    ];
    for (name, result, emitter) in functions {
        let function = registrar.function(&format!("math.{name}"));
        unary(registrar, function, float, result, emitter);
    }
    let function = registrar.function("math.copysign");
    binary(registrar, function, [float; 2], float, |b, magnitude, sign| {
        b.binary(BinaryOperation::FloatCopySign, magnitude, sign)
    });
    let function = registrar.function("math.ldexp");
    binary(registrar, function, [float, Type::INT64], float, |b, value, exponent| {
        let result = call(b, RuntimeFunction::MathLdexp, &[value, exponent]);
        guard_result(b, &[value], result, Infinite::Overflow);
        result
    });
    // With a base, the quotient of two logarithms, as in CPython.
    let function = registrar.function("math.log");
    binary(registrar, function, [float; 2], float, |b, value, base| {
        let mut logarithm = |value| {
            let result = call(b, RuntimeFunction::MathLog, &[value]);
            guard_result(b, &[value], result, Infinite::Pole);
            result
        };
        let (dividend, divisor) = (logarithm(value), logarithm(base));
        divide(b, dividend, divisor)
    });
}

/// Whether two numbers are within a share of the greater, or within a distance.
fn register_closeness(registrar: &mut Registrar<'_>) {
    let function = registrar.function("math.isclose");
    registrar.parameters(
        function,
        [
            CallableParameter::required("a"),
            CallableParameter::required("b"),
            CallableParameter::with_default("rel_tol", 1e-9),
            CallableParameter::with_default("abs_tol", 0.0),
        ],
    );
    registrar.builtin(function, &[Type::FLOAT64; 4], Type::BOOLEAN, |b, signature, operands| {
        let [left, right, relative, absolute] = [0, 1, 2, 3].map(|index| operands[index].value());
        for tolerance in [relative, absolute] {
            if b.float_constant_of(tolerance).is_none_or(|constant| constant < 0.0) {
                let zero = b.float64(0.0);
                let negative = b.float_compare(FloatCondition::Less, tolerance, zero);
                let valid = b.logical_not(negative);
                b.guard(valid, NodeErrorKind::ValueError, "tolerances must be non-negative");
            }
        }
        let equal = b.float_compare(FloatCondition::Equal, left, right);
        let difference = b.binary(BinaryOperation::FloatSubtract, right, left);
        let difference = b.unary(UnaryOperation::FloatAbsolute, difference);
        let mut near = b.float_compare(FloatCondition::LessOrEqual, difference, absolute);
        for number in [left, right] {
            let share = b.binary(BinaryOperation::FloatMultiply, relative, number);
            let share = b.unary(UnaryOperation::FloatAbsolute, share);
            let within = b.float_compare(FloatCondition::LessOrEqual, difference, share);
            near = either(b, near, within);
        }
        // An infinity is near itself alone, though any distance is within a share of it.
        for number in [left, right] {
            let finite = is_finite(b, number);
            near = both(b, near, finite);
        }
        let close = either(b, equal, near);
        Ok(Operand::scalar(signature.result, close))
    });
}

fn scale(b: &mut LowerContext<'_, '_>, value: Value, factor: f64) -> Value {
    let factor = b.float64(factor);
    b.binary(BinaryOperation::FloatMultiply, value, factor)
}

fn register_roundings(registrar: &mut Registrar<'_>) {
    let (integer, float) = (Type::INT64, Type::FLOAT64);
    let functions: [(&str, UnaryEmitter); 3] = [
        ("floor", |b, value| rounded_to_integer(b, value, UnaryOperation::FloatFloor)),
        ("ceil", |b, value| rounded_to_integer(b, value, UnaryOperation::FloatCeil)),
        ("trunc", |b, value| rounded_to_integer(b, value, UnaryOperation::FloatTruncate)),
    ];
    for (name, emitter) in functions {
        let function = registrar.function(&format!("math.{name}"));
        unary(registrar, function, Type::BOOLEAN, integer, boolean_to_integer);
        unary(registrar, function, integer, integer, same);
        unary(registrar, function, float, integer, emitter);
    }
}
