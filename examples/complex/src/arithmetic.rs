//! What generated code does with the two parts.

use cfunc_compiler::ir::{
    BinaryOperation, FloatCondition, IntegerCondition, UnaryOperation, Value as IrValue, Variable,
};
use cfunc_compiler::{ErrorModel, LowerContext, NodeErrorKind, Operand, Representation};

/// The real and the imaginary part.
pub(crate) type Parts = (IrValue, IrValue);

/// Emits an operation on two complex numbers.
pub(crate) type Emitter = fn(&mut LowerContext<'_, '_>, Parts, Parts) -> Parts;

/// The components, in the order of the fields.
pub(crate) fn parts(complex: &Operand) -> Parts {
    (complex.values[0], complex.values[1])
}

pub(crate) fn add(b: &mut LowerContext<'_, '_>, left: Parts, right: Parts) -> Parts {
    let real = b.binary(BinaryOperation::FloatAdd, left.0, right.0);
    (real, b.binary(BinaryOperation::FloatAdd, left.1, right.1))
}

pub(crate) fn subtract(b: &mut LowerContext<'_, '_>, left: Parts, right: Parts) -> Parts {
    let real = b.binary(BinaryOperation::FloatSubtract, left.0, right.0);
    (real, b.binary(BinaryOperation::FloatSubtract, left.1, right.1))
}

pub(crate) fn multiply(b: &mut LowerContext<'_, '_>, left: Parts, right: Parts) -> Parts {
    let mut product = |left, right| b.binary(BinaryOperation::FloatMultiply, left, right);
    let (reals, imaginaries) = (product(left.0, right.0), product(left.1, right.1));
    let (outer, inner) = (product(left.0, right.1), product(left.1, right.0));
    let real = b.binary(BinaryOperation::FloatSubtract, reals, imaginaries);
    (real, b.binary(BinaryOperation::FloatAdd, outer, inner))
}

/// Smith's way: the smaller part of the divisor over the larger one, so that no square overflows.
pub(crate) fn divide(b: &mut LowerContext<'_, '_>, left: Parts, right: Parts) -> Parts {
    if b.options.error_model == ErrorModel::Python {
        let zero = b.float64(0.0);
        let real = b.float_compare(FloatCondition::NotEqual, right.0, zero);
        let imaginary = b.float_compare(FloatCondition::NotEqual, right.1, zero);
        let nonzero = b.binary(BinaryOperation::BitOr, real, imaginary);
        b.guard(nonzero, NodeErrorKind::ZeroDivisionError, "complex division by zero");
    }
    let real = b.unary(UnaryOperation::FloatAbsolute, right.0);
    let imaginary = b.unary(UnaryOperation::FloatAbsolute, right.1);
    let real_is_larger = b.float_compare(FloatCondition::GreaterOrEqual, real, imaginary);
    let larger = b.select(real_is_larger, right.0, right.1);
    let smaller = b.select(real_is_larger, right.1, right.0);
    let ratio = b.binary(BinaryOperation::FloatDivide, smaller, larger);
    let scaled = b.binary(BinaryOperation::FloatMultiply, smaller, ratio);
    let divisor = b.binary(BinaryOperation::FloatAdd, larger, scaled);
    let real_scaled = b.binary(BinaryOperation::FloatMultiply, left.0, ratio);
    let imaginary_scaled = b.binary(BinaryOperation::FloatMultiply, left.1, ratio);
    // By a larger real part: (a + b*r, b - a*r); by a larger imaginary one: (a*r + b, b*r - a).
    let first = b.select(real_is_larger, left.0, real_scaled);
    let second = b.select(real_is_larger, imaginary_scaled, left.1);
    let third = b.select(real_is_larger, left.1, imaginary_scaled);
    let fourth = b.select(real_is_larger, real_scaled, left.0);
    let real = b.binary(BinaryOperation::FloatAdd, first, second);
    let imaginary = b.binary(BinaryOperation::FloatSubtract, third, fourth);
    let real = b.binary(BinaryOperation::FloatDivide, real, divisor);
    (real, b.binary(BinaryOperation::FloatDivide, imaginary, divisor))
}

/// A whole power by squaring: a loop over the bits of the exponent's magnitude, then a reciprocal for negative ones.
pub(crate) fn power(b: &mut LowerContext<'_, '_>, base: Parts, exponent: IrValue) -> Parts {
    let result = [Representation::F64; 2].map(|part| b.declare_variable(part));
    let square = [Representation::F64; 2].map(|part| b.declare_variable(part));
    let rest = b.declare_variable(Representation::I64);
    let (zero, one) = (b.float64(0.0), b.float64(1.0));
    b.define_variable(result[0], one);
    b.define_variable(result[1], zero);
    b.define_variable(square[0], base.0);
    b.define_variable(square[1], base.1);
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, exponent, 0);
    let negated = b.unary(UnaryOperation::IntegerNegate, exponent);
    let magnitude = b.select(negative, negated, exponent);
    b.define_variable(rest, magnitude);
    let [head, body, odd, next, exit, invert, join] = std::array::from_fn(|_| b.create_block());
    b.jump(head, &[]);

    b.switch_to(head);
    let left = b.use_variable(rest);
    let more = b.integer_compare_constant(IntegerCondition::NotEqual, left, 0);
    b.branch(more, body, exit);

    b.switch_to(body);
    let bit = b.int64(1);
    let is_odd = b.binary(BinaryOperation::BitAnd, left, bit);
    let is_odd = b.integer_compare_constant(IntegerCondition::NotEqual, is_odd, 0);
    b.branch(is_odd, odd, next);

    b.switch_to(odd);
    let (so_far, factor) = (read(b, result), read(b, square));
    let product = multiply(b, so_far, factor);
    write(b, result, product);
    b.jump(next, &[]);

    b.switch_to(next);
    let factor = read(b, square);
    let squared = multiply(b, factor, factor);
    write(b, square, squared);
    // The magnitude of the smallest exponent is 2**63, unsigned.
    let halved = b.binary(BinaryOperation::ShiftRightUnsigned, left, bit);
    b.define_variable(rest, halved);
    b.jump(head, &[]);

    b.switch_to(exit);
    b.branch(negative, invert, join);

    b.switch_to(invert);
    let (positive, unit) = (read(b, result), (b.float64(1.0), b.float64(0.0)));
    let inverse = divide(b, unit, positive);
    write(b, result, inverse);
    b.jump(join, &[]);

    b.switch_to(join);
    read(b, result)
}

fn read(b: &mut LowerContext<'_, '_>, variables: [Variable; 2]) -> Parts {
    (b.use_variable(variables[0]), b.use_variable(variables[1]))
}

fn write(b: &mut LowerContext<'_, '_>, variables: [Variable; 2], parts: Parts) {
    b.define_variable(variables[0], parts.0);
    b.define_variable(variables[1], parts.1);
}
