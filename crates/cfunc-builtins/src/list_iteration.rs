//! Iteration of lists, from both ends. The length is read at each step, so that a list that changes is gone through as
//! in CPython.

use cfunc_context::{Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_ir::{BinaryOperation, IntegerCondition};
use cfunc_models::{Type, TypeTable};

use crate::container::{holder, is_within};
use crate::list::{ListFamily, length, load_element, type_method};
use crate::tuple::NOT_MINE;

/// A direction: its family, and whether it goes from the start.
struct Direction {
    family: &'static str,
    start: Operation,
    forward: bool,
}

const DIRECTIONS: [Direction; 2] = [
    Direction { family: "list iterator", start: Operation::IterationStart, forward: true },
    Direction { family: "reversed list iterator", start: Operation::ReversedIterationStart, forward: false },
];

pub(crate) fn register(registrar: &mut Registrar<'_>, lists: ListFamily) {
    for direction in DIRECTIONS {
        register_direction(registrar, lists, &direction);
    }
    for operation in [Operation::IterationStart, Operation::ReversedIterationStart] {
        registrar.reads_only(operation);
    }
}

fn register_direction(registrar: &mut Registrar<'_>, lists: ListFamily, direction: &Direction) {
    let Direction { family, start, forward } = *direction;
    let iterators = registrar.types_mut().define_constructor(family);
    let list_of = move |types: &TypeTable, state: Type| {
        let definition = types.definition(state);
        (definition.constructor == iterators).then(|| definition.parameters.first().copied()).flatten()
    };
    type_method(registrar, lists, start, move |call, list, _element| {
        let iterator = holder(call.types, iterators, family, list, &["position"]);
        Some(Signature::new(&[list], iterator))
    });
    registrar.lower_builtin(start, [TypeSpec::Constructor(lists.constructor)], move |b, signature, operands| {
        let list = operands[0].value();
        let position = if forward {
            b.int64(0)
        } else {
            let (length, one) = (length(b, list), b.int64(1));
            b.binary(BinaryOperation::IntegerSubtract, length, one)
        };
        Ok(Operand::new(signature.result, &[list, position]))
    });
    registrar.type_callable(Operation::IterationHasNext, move |call| match call.arguments {
        [state] if list_of(call.types, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], Type::BOOLEAN))
        }
        _ => NOT_MINE,
    });
    registrar.type_callable(Operation::IterationValue, move |call| {
        let [state] = call.arguments else { return NOT_MINE };
        let element = list_of(call.types, state.ty).and_then(|list| lists.element(call.types, list));
        element.map_or(NOT_MINE, |element| TypingAnswer::Signature(Signature::new(&[state.ty], element)))
    });
    registrar.type_callable(Operation::IterationAdvance, move |call| match call.arguments {
        [state] if list_of(call.types, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], state.ty))
        }
        _ => NOT_MINE,
    });
    let specs = || [TypeSpec::Constructor(iterators)];
    registrar.lower_builtin(Operation::IterationHasNext, specs(), move |b, signature, operands| {
        let (list, position) = (operands[0].values[0], operands[0].values[1]);
        let length = length(b, list);
        let more = if forward {
            b.integer_compare(IntegerCondition::SignedLess, position, length)
        } else {
            is_within(b, position, length)
        };
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.lower_builtin(Operation::IterationValue, specs(), move |b, _signature, operands| {
        let list = list_of(b.types, operands[0].ty).unwrap_or(Type::NONE);
        Ok(load_element(b, &Operand::scalar(list, operands[0].values[0]), operands[0].values[1]))
    });
    registrar.lower_builtin(Operation::IterationAdvance, specs(), move |b, signature, operands| {
        let one = b.int64(1);
        let step = if forward { BinaryOperation::IntegerAdd } else { BinaryOperation::IntegerSubtract };
        let next = b.binary(step, operands[0].values[1], one);
        Ok(Operand::new(signature.result, &[operands[0].values[0], next]))
    });
}
