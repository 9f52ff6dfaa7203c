//! `**`: integers stay integers, a float base takes integer and float exponents.
//!
//! A float with an integer exponent is multiplied out (as in the reference, whose bits differ from those of `pow`) up
//! to an exponent of 2**16; with a float exponent it is `pow`, where the constant exponents 2.0, -1.0 and 0.5 are the
//! multiplication, division and square root that give the same, but rounded correctly.

use cfunc_context::{LowerContext, Operation, Registrar};
use cfunc_ir::{BinaryOperation, FloatCondition, IntegerCondition, UnaryOperation, Value};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};
use cfunc_syntax::ast::BinaryOperator;

use crate::emit::{binary, both, call, either, guard_overflow, integer_to_float, python_errors};
use crate::integer::multiply;
use crate::math_errors::finite_unless_given;

/// The largest magnitude of an integer exponent that is multiplied out.
pub(crate) const LARGEST_MULTIPLIED_EXPONENT: i64 = 1 << 16;

pub(crate) const ZERO_TO_NEGATIVE_POWER: &str = "0.0 cannot be raised to a negative power";

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let operation = Operation::Binary(BinaryOperator::Power);
    binary(registrar, operation, [Type::INT64; 2], Type::INT64, integer_power);
    binary(registrar, operation, [Type::FLOAT64; 2], Type::FLOAT64, float_power);
    binary(registrar, operation, [Type::FLOAT64, Type::INT64], Type::FLOAT64, float_power_of_integer);
    binary(registrar, operation, [Type::INT64, Type::FLOAT64], Type::FLOAT64, |b, base, exponent| {
        let base = integer_to_float(b, base);
        float_power(b, base, exponent)
    });
}

fn integer_power(b: &mut LowerContext<'_, '_>, base: Value, exponent: Value) -> Value {
    match b.integer_constant_of(exponent) {
        Some(0) => return b.int64(1),
        Some(1) => return base,
        Some(2) => return multiply(b, base, base),
        Some(3) => {
            let square = multiply(b, base, base);
            return multiply(b, square, base);
        }
        Some(4) => {
            let square = multiply(b, base, base);
            return multiply(b, square, square);
        }
        _ => {}
    }
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, exponent, 0);
    if python_errors(b) {
        let positive = b.logical_not(negative);
        let nonzero = b.integer_compare_constant(IntegerCondition::NotEqual, base, 0);
        let defined = either(b, positive, nonzero);
        b.guard(defined, NodeErrorKind::ZeroDivisionError, ZERO_TO_NEGATIVE_POWER);
        b.guard(positive, NodeErrorKind::ValueError, "an int to a negative power is no int");
    }
    let result = call(b, RuntimeFunction::IntegerPower, &[base, exponent]);
    if b.options.checked_integers {
        let fits = integer_power_fits(b, base, exponent, result);
        let fits = either(b, negative, fits);
        guard_overflow(b, fits);
    }
    result
}

/// Whether a power did not wrap: it is near the power as computed in doubles, which a wrapped one is not.
fn integer_power_fits(b: &mut LowerContext<'_, '_>, base: Value, exponent: Value, result: Value) -> Value {
    // -1, 0 and 1 always do; the sign of a power of -1 is lost where the exponent is rounded to a double.
    let one = b.int64(1);
    let shifted = b.binary(BinaryOperation::IntegerAdd, base, one);
    let unit = b.integer_compare_constant(IntegerCondition::UnsignedLess, shifted, 3);
    let base = integer_to_float(b, base);
    let exponent = integer_to_float(b, exponent);
    let estimate = call(b, RuntimeFunction::MathPow, &[base, exponent]);
    let magnitude = b.unary(UnaryOperation::FloatAbsolute, estimate);
    // 2**64: beyond it nothing fits, and an infinite estimate would be near anything.
    let limit = b.float64(18_446_744_073_709_551_616.0);
    let bounded = b.float_compare(FloatCondition::Less, magnitude, limit);
    let result = integer_to_float(b, result);
    let difference = b.binary(BinaryOperation::FloatSubtract, estimate, result);
    let difference = b.unary(UnaryOperation::FloatAbsolute, difference);
    let share = b.float64(1.0 / f64::from(1 << 30));
    let tolerance = b.binary(BinaryOperation::FloatMultiply, magnitude, share);
    let near = b.float_compare(FloatCondition::LessOrEqual, difference, tolerance);
    let near = both(b, bounded, near);
    either(b, unit, near)
}

pub(crate) fn float_power(b: &mut LowerContext<'_, '_>, base: Value, exponent: Value) -> Value {
    let constant = b.float_constant_of(exponent);
    if python_errors(b) && constant.is_none_or(|constant| constant < 0.0) {
        let zero = b.float64(0.0);
        let nonzero = b.float_compare(FloatCondition::NotEqual, base, zero);
        // The power of -infinity is an infinity, no error.
        let negative = b.float_compare(FloatCondition::Less, exponent, zero);
        let lowest = b.float64(f64::NEG_INFINITY);
        let finite = b.float_compare(FloatCondition::NotEqual, exponent, lowest);
        let refused = both(b, negative, finite);
        let accepted = b.logical_not(refused);
        let defined = either(b, nonzero, accepted);
        b.guard(defined, NodeErrorKind::ZeroDivisionError, ZERO_TO_NEGATIVE_POWER);
    }
    let result = match constant {
        Some(2.0) => b.binary(BinaryOperation::FloatMultiply, base, base),
        Some(-1.0) => {
            let one = b.float64(1.0);
            b.binary(BinaryOperation::FloatDivide, one, base)
        }
        Some(0.5) => {
            // pow differs from the root for -infinity, and for -0.0, where it gives 0.0.
            let root = b.unary(UnaryOperation::FloatSquareRoot, base);
            let root = b.unary(UnaryOperation::FloatAbsolute, root);
            let (infinity, lowest) = (b.float64(f64::INFINITY), b.float64(f64::NEG_INFINITY));
            let is_lowest = b.float_compare(FloatCondition::Equal, base, lowest);
            b.select(is_lowest, infinity, root)
        }
        _ => call(b, RuntimeFunction::MathPow, &[base, exponent]),
    };
    guard_power(b, &[base, exponent], result);
    result
}

/// In Python's error model: ValueError for a negative base with a broken exponent, whose power is no float, and
/// OverflowError.
fn guard_power(b: &mut LowerContext<'_, '_>, arguments: &[Value], result: Value) {
    if !python_errors(b) {
        return;
    }
    let mut proper = b.float_compare(FloatCondition::Ordered, result, result);
    for argument in arguments {
        let is_nan = b.float_compare(FloatCondition::Unordered, *argument, *argument);
        proper = either(b, proper, is_nan);
    }
    b.guard(proper, NodeErrorKind::ValueError, "a negative number to a broken power is no float");
    let proper = finite_unless_given(b, arguments, result);
    b.guard(proper, NodeErrorKind::OverflowError, "(34, 'Numerical result out of range')");
}

pub(crate) fn float_power_of_integer(b: &mut LowerContext<'_, '_>, base: Value, exponent: Value) -> Value {
    let constant = b.integer_constant_of(exponent);
    if python_errors(b) && constant.is_none_or(|constant| constant < 0) {
        let zero = b.float64(0.0);
        let nonzero = b.float_compare(FloatCondition::NotEqual, base, zero);
        let positive = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, exponent, 0);
        let defined = either(b, nonzero, positive);
        b.guard(defined, NodeErrorKind::ZeroDivisionError, ZERO_TO_NEGATIVE_POWER);
    }
    let result = match constant {
        Some(constant) if constant.unsigned_abs() <= LARGEST_MULTIPLIED_EXPONENT.unsigned_abs() => {
            let power = multiplied_out(b, base, constant.unsigned_abs());
            if constant < 0 { reciprocal(b, power, None) } else { power }
        }
        Some(_) => {
            let exponent = integer_to_float(b, exponent);
            call(b, RuntimeFunction::MathPow, &[base, exponent])
        }
        None => power_loop(b, base, exponent),
    };
    guard_power(b, &[base], result);
    result
}

/// The power with the negated exponent: where that with the exponent's magnitude is 0, the reference divides by it as
/// Python does. `wanted` says whether the exponent is negative, where that is known at run time only.
fn reciprocal(b: &mut LowerContext<'_, '_>, value: Value, wanted: Option<Value>) -> Value {
    // Python's error model has looked at the base; what is too small for a float is an overflow to it.
    if !python_errors(b) {
        let zero = b.float64(0.0);
        let mut defined = b.float_compare(FloatCondition::NotEqual, value, zero);
        if let Some(wanted) = wanted {
            let unused = b.logical_not(wanted);
            defined = either(b, defined, unused);
        }
        b.guard(defined, NodeErrorKind::ZeroDivisionError, ZERO_TO_NEGATIVE_POWER);
    }
    let one = b.float64(1.0);
    b.binary(BinaryOperation::FloatDivide, one, value)
}

/// The power by squaring, for an exponent that is known; at most 32 multiplications.
fn multiplied_out(b: &mut LowerContext<'_, '_>, base: Value, exponent: u64) -> Value {
    let mut result = None;
    let mut square = base;
    let mut rest = exponent;
    while rest != 0 {
        if rest & 1 == 1 {
            result = Some(match result {
                Some(result) => b.binary(BinaryOperation::FloatMultiply, result, square),
                None => square,
            });
        }
        rest >>= 1;
        if rest != 0 {
            square = b.binary(BinaryOperation::FloatMultiply, square, square);
        }
    }
    match result {
        Some(result) => result,
        None => b.float64(1.0),
    }
}

/// The power by squaring, as a loop, or by `pow` for an exponent too large to be multiplied out.
fn power_loop(b: &mut LowerContext<'_, '_>, base: Value, exponent: Value) -> Value {
    let (head, body, large) = (b.create_block(), b.create_block(), b.create_cold_block());
    let (finish, done) = (b.create_block(), b.create_block());
    let rest = b.add_block_parameter(head, Representation::I64);
    let square = b.add_block_parameter(head, Representation::F64);
    let product = b.add_block_parameter(head, Representation::F64);
    let power = b.add_block_parameter(done, Representation::F64);

    let one = b.float64(1.0);
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, exponent, 0);
    let negated = b.unary(UnaryOperation::IntegerNegate, exponent);
    let magnitude = b.select(negative, negated, exponent);
    let limit = LARGEST_MULTIPLIED_EXPONENT;
    let small = b.integer_compare_constant(IntegerCondition::UnsignedLessOrEqual, magnitude, limit);
    b.branch_with(small, (head, &[magnitude, base, one]), (large, &[]));

    b.switch_to(large);
    let exponent = integer_to_float(b, exponent);
    let result = call(b, RuntimeFunction::MathPow, &[base, exponent]);
    b.jump(done, &[result]);

    b.switch_to(head);
    let last = b.integer_compare_constant(IntegerCondition::Equal, rest, 0);
    b.branch_with(last, (finish, &[]), (body, &[]));

    b.switch_to(finish);
    let inverse = reciprocal(b, product, Some(negative));
    let result = b.select(negative, inverse, product);
    b.jump(done, &[result]);

    b.switch_to(body);
    let shift = b.int64(1);
    let odd = b.binary(BinaryOperation::BitAnd, rest, shift);
    let odd = b.integer_compare_constant(IntegerCondition::NotEqual, odd, 0);
    let multiplied = b.binary(BinaryOperation::FloatMultiply, product, square);
    let product = b.select(odd, multiplied, product);
    let square = b.binary(BinaryOperation::FloatMultiply, square, square);
    let rest = b.binary(BinaryOperation::ShiftRightUnsigned, rest, shift);
    b.jump(head, &[rest, square, product]);

    b.switch_to(done);
    power
}
