//! `range`: ranges as values, their iteration, length and membership.
//!
//! A range whose step is 1 is a type of its own: (start, stop), iterated as (current, stop), so that its loop is one
//! comparison and one addition. Any other is (start, stop, step), iterated as (current, distance, step, magnitude of
//! the step), the distance being how far the end is, as an unsigned number: it cannot overflow, and needs no division.

use cfunc_context::{Conversion, LowerContext, Operand, Operation, Registrar, Signature, TypingAnswer, exact};
use cfunc_ir::{BinaryOperation, IntegerCondition, UnaryOperation, Value};
use cfunc_models::{CellForm, DataModel, Field, NodeErrorKind, Type, Value as ConstantValue};

use crate::emit::{boolean_to_integer, both, unsigned_divide};

/// The types of ranges and of their iterations.
pub(crate) struct RangeTypes {
    pub(crate) unit: Type,
    unit_iterator: Type,
    pub(crate) stepped: Type,
    stepped_iterator: Type,
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> RangeTypes {
    let types = RangeTypes {
        unit: define(registrar, "range", &["start", "stop"]),
        unit_iterator: define(registrar, "range iterator", &["current", "stop"]),
        stepped: define(registrar, "range with a step", &["start", "stop", "step"]),
        stepped_iterator: define(
            registrar,
            "iterator of a range with a step",
            &["current", "distance", "step", "magnitude"],
        ),
    };
    register_constructors(registrar, &types);
    register_unit(registrar, &types);
    register_stepped(registrar, &types);
    registrar.lower_cast(exact(types.unit), exact(types.stepped), Conversion::Safe, |b, _from, to, operand| {
        let step = b.int64(1);
        Ok(Operand::new(to, &[operand.values[0], operand.values[1], step]))
    });
    registrar.unify(types.unit, types.stepped, types.stepped);
    register_reversed(registrar, &types);
    for range in [types.unit, types.stepped] {
        let constructor = registrar.types().definition(range).constructor;
        crate::iteration::add_iterable(registrar, constructor);
    }
    types
}

/// From the last element down to the first; no end that is not an element is computed, so nothing overflows.
fn register_reversed(registrar: &mut Registrar<'_>, types: &RangeTypes) {
    for range in [types.unit, types.stepped] {
        let operation = Operation::ReversedIterationStart;
        registrar.builtin(operation, &[range], types.stepped_iterator, |b, signature, operands| {
            let values = &operands[0].values;
            let step = match values.get(2) {
                Some(step) => *step,
                None => b.int64(1),
            };
            let (_, magnitude) = direction(b, step);
            let count = count(b, values);
            let (zero, one) = (b.int64(0), b.int64(1));
            let steps = b.binary(BinaryOperation::IntegerSubtract, count, one);
            let way = b.binary(BinaryOperation::IntegerMultiply, steps, step);
            let last = b.binary(BinaryOperation::IntegerAdd, values[0], way);
            let distance = b.binary(BinaryOperation::IntegerMultiply, steps, magnitude);
            let distance = b.binary(BinaryOperation::IntegerAdd, distance, one);
            let some = b.integer_compare_constant(IntegerCondition::NotEqual, count, 0);
            let distance = b.select(some, distance, zero);
            let back = b.unary(UnaryOperation::IntegerNegate, step);
            Ok(Operand::new(signature.result, &[last, distance, back, magnitude]))
        });
    }
}

/// How many elements a range has, as an unsigned number: one for each whole or begun step.
pub(crate) fn count(b: &mut LowerContext<'_, '_>, range: &[Value]) -> Value {
    if range.len() == 2 {
        return reach(b, range[0], range[1]);
    }
    if let Some((low, high, magnitude)) = short_distance(b, range) {
        // The steps that lead beyond the first element, and that one.
        let some = b.integer_compare(IntegerCondition::SignedLess, low, high);
        let (zero, one, magnitude) = (b.int64(0), b.int64(1), b.int64(magnitude));
        let difference = b.binary(BinaryOperation::IntegerSubtract, high, low);
        let way = b.binary(BinaryOperation::IntegerSubtract, difference, one);
        let steps = b.binary(BinaryOperation::SignedDivide, way, magnitude);
        let count = b.binary(BinaryOperation::IntegerAdd, steps, one);
        return b.select(some, count, zero);
    }
    let (distance, magnitude) = distance(b, range);
    let (quotient, rest) = unsigned_divide(b, distance, magnitude);
    let begun = b.integer_compare_constant(IntegerCondition::NotEqual, rest, 0);
    let begun = boolean_to_integer(b, begun);
    b.binary(BinaryOperation::IntegerAdd, quotient, begun)
}

/// Lower end, higher end and the magnitude of the step of a range whose ends are less than 2^63 apart whatever the one
/// that is not constant is, and whose step is constant: how far they are apart is a signed number.
fn short_distance(b: &LowerContext<'_, '_>, range: &[Value]) -> Option<(Value, Value, i64)> {
    let step = match range.get(2) {
        Some(step) => b.integer_constant_of(*step)?,
        None => 1,
    };
    let (low, high) = if step < 0 { (range[1], range[0]) } else { (range[0], range[1]) };
    let is_short = b.integer_constant_of(low).is_some_and(|low| low >= 0)
        || b.integer_constant_of(high).is_some_and(|high| high < 0);
    let magnitude = step.checked_abs().filter(|magnitude| *magnitude > 0)?;
    is_short.then_some((low, high, magnitude))
}

fn define(registrar: &mut Registrar<'_>, name: &str, fields: &[&str]) -> Type {
    let fields = fields.iter().map(|name| Field { name: (*name).to_owned(), ty: Type::INT64 }).collect();
    registrar.types_mut().define(name, DataModel::Fields(fields), CellForm::None)
}

fn register_constructors(registrar: &mut Registrar<'_>, types: &RangeTypes) {
    let integer = Type::INT64;
    let (unit, stepped) = (types.unit, types.stepped);
    let function = registrar.function("range");
    registrar.builtin(function, &[integer], unit, |b, signature, operands| {
        let start = b.int64(0);
        Ok(Operand::new(signature.result, &[start, operands[0].value()]))
    });
    registrar.builtin(function, &[integer; 2], unit, |_b, signature, operands| {
        Ok(Operand::new(signature.result, &[operands[0].value(), operands[1].value()]))
    });
    registrar.type_callable(function, move |call| {
        let promoted = |argument: &cfunc_context::Argument| [Type::INT64, Type::BOOLEAN].contains(&argument.ty);
        if call.arguments.len() != 3 || !call.keywords.is_empty() || !call.arguments.iter().all(promoted) {
            return TypingAnswer::No("it takes one to three integers".to_owned());
        }
        let by_one = call.arguments[2].constant == Some(ConstantValue::Integer(1));
        TypingAnswer::Signature(Signature::new(&[Type::INT64; 3], if by_one { unit } else { stepped }))
    });
    registrar.lower_builtin(
        function,
        [exact(integer), exact(integer), exact(integer)],
        move |b, signature, operands| {
            let (start, stop, step) = (operands[0].value(), operands[1].value(), operands[2].value());
            if signature.result == unit {
                return Ok(Operand::new(unit, &[start, stop]));
            }
            const ZERO_STEP: &str = "range() arg 3 must not be zero";
            match b.integer_constant_of(step) {
                Some(0) => b.fail(NodeErrorKind::ValueError, ZERO_STEP),
                Some(_) => {}
                None => {
                    let valid = b.integer_compare_constant(IntegerCondition::NotEqual, step, 0);
                    b.guard(valid, NodeErrorKind::ValueError, ZERO_STEP);
                }
            }
            Ok(Operand::new(stepped, &[start, stop, step]))
        },
    );
}

fn register_unit(registrar: &mut Registrar<'_>, types: &RangeTypes) {
    let (range, iterator) = (types.unit, types.unit_iterator);
    let (integer, boolean) = (Type::INT64, Type::BOOLEAN);
    registrar.builtin(Operation::IterationStart, &[range], iterator, |_b, signature, operands| {
        Ok(Operand::new(signature.result, &operands[0].values))
    });
    registrar.builtin(Operation::IterationHasNext, &[iterator], boolean, |b, signature, operands| {
        let more = b.integer_compare(IntegerCondition::SignedLess, operands[0].values[0], operands[0].values[1]);
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.builtin(Operation::IterationValue, &[iterator], integer, |_b, signature, operands| {
        Ok(Operand::scalar(signature.result, operands[0].values[0]))
    });
    registrar.builtin(Operation::IterationAdvance, &[iterator], iterator, |b, signature, operands| {
        let one = b.int64(1);
        let next = b.binary(BinaryOperation::IntegerAdd, operands[0].values[0], one);
        Ok(Operand::new(signature.result, &[next, operands[0].values[1]]))
    });
    registrar.builtin(Operation::Length, &[range], integer, |b, signature, operands| {
        let length = length(b, &operands[0].values);
        Ok(Operand::scalar(signature.result, length))
    });
    registrar.builtin(Operation::Contains, &[range, integer], boolean, |b, signature, operands| {
        let inside = between(b, operands[0].values[0], operands[1].value(), operands[0].values[1]);
        Ok(Operand::scalar(signature.result, inside))
    });
    register_attributes(registrar, range, &["start", "stop"]);
    let constructor = registrar.types().definition(range).constructor;
    let step = registrar.attribute(constructor, "step");
    registrar.builtin(step, &[range], integer, |b, signature, _| Ok(Operand::scalar(signature.result, b.int64(1))));
}

fn register_stepped(registrar: &mut Registrar<'_>, types: &RangeTypes) {
    let (range, iterator) = (types.stepped, types.stepped_iterator);
    let (integer, boolean) = (Type::INT64, Type::BOOLEAN);
    registrar.builtin(Operation::IterationStart, &[range], iterator, |b, signature, operands| {
        let (distance, magnitude) = distance(b, &operands[0].values);
        let (start, step) = (operands[0].values[0], operands[0].values[2]);
        Ok(Operand::new(signature.result, &[start, distance, step, magnitude]))
    });
    registrar.builtin(Operation::IterationHasNext, &[iterator], boolean, |b, signature, operands| {
        let more = b.integer_compare_constant(IntegerCondition::NotEqual, operands[0].values[1], 0);
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.builtin(Operation::IterationValue, &[iterator], integer, |_b, signature, operands| {
        Ok(Operand::scalar(signature.result, operands[0].values[0]))
    });
    registrar.builtin(Operation::IterationAdvance, &[iterator], iterator, |b, signature, operands| {
        let [current, distance, step, magnitude] = [0, 1, 2, 3].map(|index: usize| operands[0].values[index]);
        let next = b.binary(BinaryOperation::IntegerAdd, current, step);
        let more = b.integer_compare(IntegerCondition::UnsignedGreater, distance, magnitude);
        let rest = b.binary(BinaryOperation::IntegerSubtract, distance, magnitude);
        let zero = b.int64(0);
        let rest = b.select(more, rest, zero);
        Ok(Operand::new(signature.result, &[next, rest, step, magnitude]))
    });
    registrar.builtin(Operation::Length, &[range], integer, |b, signature, operands| {
        let length = length(b, &operands[0].values);
        Ok(Operand::scalar(signature.result, length))
    });
    registrar.builtin(Operation::Contains, &[range, integer], boolean, |b, signature, operands| {
        let [start, stop, step] = [0, 1, 2].map(|index: usize| operands[0].values[index]);
        let value = operands[1].value();
        let (descending, magnitude) = direction(b, step);
        let above = between(b, start, value, stop);
        let not_after = b.integer_compare(IntegerCondition::SignedLessOrEqual, value, start);
        let before_stop = b.integer_compare(IntegerCondition::SignedGreater, value, stop);
        let below = both(b, not_after, before_stop);
        let inside = b.select(descending, below, above);
        let up = b.binary(BinaryOperation::IntegerSubtract, value, start);
        let down = b.binary(BinaryOperation::IntegerSubtract, start, value);
        let offset = b.select(descending, down, up);
        let (_, rest) = unsigned_divide(b, offset, magnitude);
        let reached = b.integer_compare_constant(IntegerCondition::Equal, rest, 0);
        let result = both(b, inside, reached);
        Ok(Operand::scalar(signature.result, result))
    });
    register_attributes(registrar, range, &["start", "stop", "step"]);
}

fn register_attributes(registrar: &mut Registrar<'_>, range: Type, names: &[&str]) {
    let constructor = registrar.types().definition(range).constructor;
    for (index, name) in names.iter().enumerate() {
        let attribute = registrar.attribute(constructor, name);
        registrar.builtin(attribute, &[range], Type::INT64, move |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].values[index]))
        });
    }
}

/// Whether `start <= value < stop`.
fn between(b: &mut LowerContext<'_, '_>, start: Value, value: Value, stop: Value) -> Value {
    let not_before = b.integer_compare(IntegerCondition::SignedLessOrEqual, start, value);
    let before_stop = b.integer_compare(IntegerCondition::SignedLess, value, stop);
    both(b, not_before, before_stop)
}

/// Whether a step goes down, and its magnitude as an unsigned number.
fn direction(b: &mut LowerContext<'_, '_>, step: Value) -> (Value, Value) {
    if let Some(constant) = b.integer_constant_of(step) {
        let descending = b.boolean(constant < 0);
        return (descending, b.int64(constant.wrapping_abs()));
    }
    let descending = b.integer_compare_constant(IntegerCondition::SignedLess, step, 0);
    let negated = b.unary(UnaryOperation::IntegerNegate, step);
    let magnitude = b.select(descending, negated, step);
    (descending, magnitude)
}

/// How far the end of a range with a step is, and the magnitude of the step, as unsigned numbers.
fn distance(b: &mut LowerContext<'_, '_>, range: &[Value]) -> (Value, Value) {
    let (start, stop) = (range[0], range[1]);
    let (descending, magnitude) = direction(b, range[2]);
    let distance = match b.integer_constant_of(descending) {
        Some(0) => reach(b, start, stop),
        Some(_) => reach(b, stop, start),
        None => {
            let low = b.select(descending, stop, start);
            let high = b.select(descending, start, stop);
            reach(b, low, high)
        }
    };
    (distance, magnitude)
}

/// How far one number is below another, as an unsigned number, or 0.
fn reach(b: &mut LowerContext<'_, '_>, low: Value, high: Value) -> Value {
    let some = b.integer_compare(IntegerCondition::SignedLess, low, high);
    let difference = b.binary(BinaryOperation::IntegerSubtract, high, low);
    let zero = b.int64(0);
    b.select(some, difference, zero)
}

/// The length of a range; fails where it is beyond 64 bits.
fn length(b: &mut LowerContext<'_, '_>, range: &[Value]) -> Value {
    let length = count(b, range);
    if short_distance(b, range).is_some() {
        return length;
    }
    let fits = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, length, 0);
    b.guard(fits, NodeErrorKind::OverflowError, "the length of the range does not fit into 64 bits");
    length
}
