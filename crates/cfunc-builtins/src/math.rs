//! The module `math`.

use cfunc_context::{CallableId, LowerContext, Operand, Registrar, RegistrationError, TypeSpec};
use cfunc_ir::{BinaryOperation, ConvertOperation, FloatCondition, IntegerCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};

use crate::emit::{UnaryEmitter, binary, boolean_to_integer, call, integer_to_float, same, unary};
use crate::float::divide;
use crate::functions::{is_nan, rounded_to_integer};
use crate::math_errors::{Infinite, guard_result, is_finite};

/// Functions of one float, with what their infinite results of finite arguments mean.
const FUNCTIONS_OF_ONE: [(&str, RuntimeFunction, Infinite); 24] = [
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
];

/// Functions of two floats.
const FUNCTIONS_OF_TWO: [(&str, RuntimeFunction, Infinite); 6] = [
    ("atan2", RuntimeFunction::MathAtan2, Infinite::Proper),
    ("fmod", RuntimeFunction::MathFmod, Infinite::Proper),
    ("hypot", RuntimeFunction::MathHypot, Infinite::Overflow),
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
    register_inline(registrar);
    register_roundings(registrar);
    register_integer_functions(registrar);
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

fn register_integer_functions(registrar: &mut Registrar<'_>) {
    let integer = Type::INT64;
    let function = registrar.function("math.gcd");
    registrar.type_callable(function, |call| {
        let promoted = |argument: &cfunc_context::Argument| [Type::INT64, Type::BOOLEAN].contains(&argument.ty);
        if !call.keywords.is_empty() || !call.arguments.iter().all(promoted) {
            return cfunc_context::TypingAnswer::No("it takes integers".to_owned());
        }
        let parameters = vec![Type::INT64; call.arguments.len()];
        cfunc_context::TypingAnswer::Signature(cfunc_context::Signature::new(&parameters, Type::INT64))
    });
    let specs = [TypeSpec::VariableArguments(Box::new(TypeSpec::Exact(integer)))];
    registrar.lower_builtin(function, specs, |b, signature, operands| {
        let mut divisor = b.int64(0);
        for operand in operands {
            divisor = call(b, RuntimeFunction::IntegerGcd, &[divisor, operand.value()]);
        }
        Ok(Operand::scalar(signature.result, divisor))
    });
    let function: CallableId = registrar.function("math.isqrt");
    unary(registrar, function, integer, integer, integer_square_root);
}

/// The greatest integer whose square is not above the value.
fn integer_square_root(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    let valid = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, value, 0);
    b.guard(valid, NodeErrorKind::ValueError, "isqrt() argument must be nonnegative");
    // The root of the value as a double is off by one at most. Squares are below 2**64: compared as unsigned.
    let float = integer_to_float(b, value);
    let root = b.unary(UnaryOperation::FloatSquareRoot, float);
    let root = b.convert(ConvertOperation::FloatToSignedSaturating, root, Representation::I64);
    let one = b.int64(1);
    let square = b.binary(BinaryOperation::IntegerMultiply, root, root);
    let above = b.integer_compare(IntegerCondition::UnsignedGreater, square, value);
    let lower = b.binary(BinaryOperation::IntegerSubtract, root, one);
    let root = b.select(above, lower, root);
    let next = b.binary(BinaryOperation::IntegerAdd, root, one);
    let square = b.binary(BinaryOperation::IntegerMultiply, next, next);
    let fits = b.integer_compare(IntegerCondition::UnsignedLessOrEqual, square, value);
    b.select(fits, next, root)
}
