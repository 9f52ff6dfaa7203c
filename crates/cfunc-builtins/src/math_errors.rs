//! What Python's error model adds to mathematical functions: ValueError outside of the domain, OverflowError beyond
//! the range. The functions themselves give nan and infinities.

use cfunc_context::LowerContext;
use cfunc_ir::{FloatCondition, UnaryOperation, Value};
use cfunc_models::NodeErrorKind;

use crate::emit::{both, either, python_errors};

/// What an infinite result of finite arguments means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Infinite {
    /// A result too large: OverflowError.
    Overflow,
    /// A pole: ValueError.
    Pole,
    /// A pole where the first argument is an integer not above 0, else too large.
    PoleAtNonPositiveIntegers,
    /// A pole where the first argument is 0, else too large.
    PoleAtZero,
    /// A proper result.
    Proper,
}

/// Fails, in Python's error model, where CPython does.
pub(crate) fn guard_result(b: &mut LowerContext<'_, '_>, arguments: &[Value], result: Value, infinite: Infinite) {
    if !python_errors(b) {
        return;
    }
    let mut proper = b.float_compare(FloatCondition::Ordered, result, result);
    for argument in arguments {
        let is_nan = b.float_compare(FloatCondition::Unordered, *argument, *argument);
        proper = either(b, proper, is_nan);
    }
    b.guard(proper, NodeErrorKind::ValueError, "math domain error");
    match infinite {
        Infinite::Proper => {}
        Infinite::Pole => {
            let proper = finite_unless_given(b, arguments, result);
            b.guard(proper, NodeErrorKind::ValueError, "math domain error");
        }
        Infinite::Overflow => {
            let proper = finite_unless_given(b, arguments, result);
            b.guard(proper, NodeErrorKind::OverflowError, "math range error");
        }
        Infinite::PoleAtNonPositiveIntegers | Infinite::PoleAtZero => {
            let proper = finite_unless_given(b, arguments, result);
            let zero = b.float64(0.0);
            let pole = if infinite == Infinite::PoleAtZero {
                b.float_compare(FloatCondition::Equal, arguments[0], zero)
            } else {
                let floor = b.unary(UnaryOperation::FloatFloor, arguments[0]);
                let integral = b.float_compare(FloatCondition::Equal, floor, arguments[0]);
                let not_positive = b.float_compare(FloatCondition::LessOrEqual, arguments[0], zero);
                both(b, integral, not_positive)
            };
            let elsewhere = b.logical_not(pole);
            let no_pole = either(b, proper, elsewhere);
            b.guard(no_pole, NodeErrorKind::ValueError, "math domain error");
            b.guard(proper, NodeErrorKind::OverflowError, "math range error");
        }
    }
}

/// Whether the result is finite, or an argument is not.
pub(crate) fn finite_unless_given(b: &mut LowerContext<'_, '_>, arguments: &[Value], result: Value) -> Value {
    let mut proper = is_finite(b, result);
    for argument in arguments {
        let finite = is_finite(b, *argument);
        let given = b.logical_not(finite);
        proper = either(b, proper, given);
    }
    proper
}

/// Whether a value is neither nan nor infinite.
pub(crate) fn is_finite(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    let magnitude = b.unary(UnaryOperation::FloatAbsolute, value);
    let infinity = b.float64(f64::INFINITY);
    b.float_compare(FloatCondition::Less, magnitude, infinity)
}
