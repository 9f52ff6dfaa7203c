//! Functions of the module `math` whose arguments and results are integers, and `pow` with a modulus.
//!
//! Arguments outside of the domain, and results beyond 64 bits, are node errors in every error model; what is beyond 64
//! bits on the way to a result does not matter.

use cfunc_context::{CallableId, LowerContext, Operand, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};

use crate::emit::{binary, call, either, guard_overflow, integer_to_float, unary};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let integer = Type::INT64;
    register_of_any_number(registrar, "math.gcd", 0, RuntimeFunction::IntegerGcd);
    register_of_any_number(registrar, "math.lcm", 1, RuntimeFunction::IntegerLcm);
    let function = registrar.function("math.isqrt");
    unary(registrar, function, integer, integer, integer_square_root);
    let function = registrar.function("math.factorial");
    unary(registrar, function, integer, integer, factorial);
    let function = registrar.function("math.comb");
    binary(registrar, function, [integer; 2], integer, |b, count, taken| {
        chosen(b, RuntimeFunction::IntegerCombinations, count, taken)
    });
    let function = registrar.function("math.perm");
    binary(registrar, function, [integer; 2], integer, |b, count, taken| {
        chosen(b, RuntimeFunction::IntegerPermutations, count, taken)
    });
    unary(registrar, function, integer, integer, factorial);
    registrar.builtin(function, &[integer, Type::NONE], integer, |b, signature, operands| {
        let product = factorial(b, operands[0].value());
        Ok(Operand::scalar(signature.result, product))
    });
}

/// Registers a function that takes integers one by one, from `start` on.
fn register_of_any_number(registrar: &mut Registrar<'_>, name: &str, start: i64, runtime: RuntimeFunction) {
    let function: CallableId = registrar.function(name);
    registrar.type_callable(function, |call| {
        if let Some((keyword, _)) = call.keywords.first() {
            return TypingAnswer::No(format!("it takes no keyword argument `{keyword}`"));
        }
        if !call.arguments.iter().all(|argument| [Type::INT64, Type::BOOLEAN].contains(&argument.ty)) {
            return TypingAnswer::No("it takes integers".to_owned());
        }
        TypingAnswer::Signature(Signature::new(&vec![Type::INT64; call.arguments.len()], Type::INT64))
    });
    let specs = [TypeSpec::VariableArguments(Box::new(TypeSpec::Exact(Type::INT64)))];
    registrar.lower_builtin(function, specs, move |b, signature, operands| {
        let mut taken = b.int64(start);
        for operand in operands {
            taken = call(b, runtime, &[taken, operand.value()]);
        }
        guard_not_negative(b, taken);
        Ok(Operand::scalar(signature.result, taken))
    });
}

/// Fails where a function has no result within 64 bits, for which it gives a negative number.
fn guard_not_negative(b: &mut LowerContext<'_, '_>, result: Value) {
    if b.integer_constant_of(result).is_none() {
        let fits = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, result, 0);
        guard_overflow(b, fits);
    }
}

/// Fails with a message where an argument is negative.
fn guard_argument(b: &mut LowerContext<'_, '_>, argument: Value, message: &str) {
    if b.integer_constant_of(argument).is_none_or(|constant| constant < 0) {
        let valid = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, argument, 0);
        b.guard(valid, NodeErrorKind::ValueError, message);
    }
}

fn factorial(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    guard_argument(b, value, "factorial() not defined for negative values");
    let product = call(b, RuntimeFunction::IntegerFactorial, &[value]);
    guard_not_negative(b, product);
    product
}

fn chosen(b: &mut LowerContext<'_, '_>, runtime: RuntimeFunction, count: Value, taken: Value) -> Value {
    guard_argument(b, count, "n must be a non-negative integer");
    guard_argument(b, taken, "k must be a non-negative integer");
    let ways = call(b, runtime, &[count, taken]);
    guard_not_negative(b, ways);
    ways
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

/// `pow` with three integers.
pub(crate) fn power_modulo(b: &mut LowerContext<'_, '_>, base: Value, exponent: Value, modulus: Value) -> Value {
    let nonzero = b.integer_compare_constant(IntegerCondition::NotEqual, modulus, 0);
    b.guard(nonzero, NodeErrorKind::ValueError, "pow() 3rd argument cannot be 0");
    if b.integer_constant_of(exponent).is_none_or(|constant| constant < 0) {
        let positive = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, exponent, 0);
        let divisor = call(b, RuntimeFunction::IntegerGcd, &[base, modulus]);
        let coprime = b.integer_compare_constant(IntegerCondition::Equal, divisor, 1);
        let invertible = either(b, positive, coprime);
        b.guard(invertible, NodeErrorKind::ValueError, "base is not invertible for the given modulus");
    }
    call(b, RuntimeFunction::IntegerPowerModulo, &[base, exponent, modulus])
}
