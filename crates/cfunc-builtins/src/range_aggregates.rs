//! `sum`, `min`, `max`, `any` and `all` of ranges, by their ends: a range may have more elements than anybody waits for.

use cfunc_context::{LowerContext, LowerError, Operand, Operation, Registrar, exact};
use cfunc_ir::{BinaryOperation, IntegerCondition, Value};
use cfunc_models::{NodeErrorKind, Type};

use crate::emit::{both, either};
use crate::range::RangeTypes;

pub(crate) fn register(registrar: &mut Registrar<'_>, types: &RangeTypes) {
    for range in [types.unit, types.stepped] {
        let function = registrar.function("sum");
        registrar.lower_builtin(function, [exact(range), exact(Type::INT64)], |b, signature, operands| {
            if b.options.checked_integers {
                return crate::aggregates::sum_one_by_one(b, signature, operands);
            }
            let ends = Ends::of(b, &operands[0])?;
            let sum = ends.sum(b);
            let sum = b.binary(BinaryOperation::IntegerAdd, operands[1].value(), sum);
            Ok(Operand::scalar(signature.result, sum))
        });
        for (name, smallest) in [("min", true), ("max", false)] {
            let function = registrar.function(name);
            registrar.lower_builtin(function, [exact(range)], move |b, signature, operands| {
                let ends = Ends::of(b, &operands[0])?;
                let some = b.integer_compare_constant(IntegerCondition::NotEqual, ends.count, 0);
                b.guard(some, NodeErrorKind::ValueError, &format!("{name}() arg is an empty sequence"));
                let descending = b.integer_compare_constant(IntegerCondition::SignedLess, ends.step, 0);
                let (low, high) = (ends.first, ends.last);
                let chosen = if smallest { b.select(descending, high, low) } else { b.select(descending, low, high) };
                Ok(Operand::scalar(signature.result, chosen))
            });
        }
        let function = registrar.function("any");
        registrar.lower_builtin(function, [exact(range)], |b, signature, operands| {
            // Of two elements one is not 0.
            let ends = Ends::of(b, &operands[0])?;
            let several = b.integer_compare_constant(IntegerCondition::UnsignedGreater, ends.count, 1);
            let some = b.integer_compare_constant(IntegerCondition::NotEqual, ends.count, 0);
            let first = b.integer_compare_constant(IntegerCondition::NotEqual, ends.first, 0);
            let one = both(b, some, first);
            let any = either(b, several, one);
            Ok(Operand::scalar(signature.result, any))
        });
        let function = registrar.function("all");
        registrar.lower_builtin(function, [exact(range)], |b, signature, operands| {
            let zero = Operand::scalar(Type::INT64, b.int64(0));
            let has_zero = b.call(Operation::Contains, &[operands[0].clone(), zero])?.value();
            Ok(Operand::scalar(signature.result, b.logical_not(has_zero)))
        });
    }
}

/// Where a range starts and ends.
struct Ends {
    /// How many elements it has, as an unsigned number.
    count: Value,
    first: Value,
    /// Where the last element is; without elements it means nothing.
    last: Value,
    step: Value,
}

impl Ends {
    fn of(b: &mut LowerContext<'_, '_>, range: &Operand) -> Result<Self, LowerError> {
        let [first, _, ..] = range.values[..] else { return Err(LowerError::new("a range has a start and a stop")) };
        let step = match range.values.get(2) {
            Some(step) => *step,
            None => b.int64(1),
        };
        let count = crate::range::count(b, &range.values);
        let one = b.int64(1);
        let steps = b.binary(BinaryOperation::IntegerSubtract, count, one);
        let way = b.binary(BinaryOperation::IntegerMultiply, steps, step);
        let last = b.binary(BinaryOperation::IntegerAdd, first, way);
        Ok(Self { count, first, last, step })
    }

    /// The sum of the elements, which wraps as adding one by one does.
    fn sum(&self, b: &mut LowerContext<'_, '_>) -> Value {
        // Of the count and the one below it, one is even: half their product is exact.
        let one = b.int64(1);
        let below = b.binary(BinaryOperation::IntegerSubtract, self.count, one);
        let odd = b.binary(BinaryOperation::BitAnd, self.count, one);
        let is_odd = b.integer_compare_constant(IntegerCondition::NotEqual, odd, 0);
        let even = b.select(is_odd, below, self.count);
        let other = b.select(is_odd, self.count, below);
        let half = b.binary(BinaryOperation::ShiftRightUnsigned, even, one);
        let pairs = b.binary(BinaryOperation::IntegerMultiply, half, other);
        let steps = b.binary(BinaryOperation::IntegerMultiply, pairs, self.step);
        let firsts = b.binary(BinaryOperation::IntegerMultiply, self.count, self.first);
        let sum = b.binary(BinaryOperation::IntegerAdd, firsts, steps);
        let zero = b.int64(0);
        let some = b.integer_compare_constant(IntegerCondition::NotEqual, self.count, 0);
        b.select(some, sum, zero)
    }
}
