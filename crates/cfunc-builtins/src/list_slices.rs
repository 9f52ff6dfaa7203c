//! Slices of lists, read and deleted, and comparison of lists.

use cfunc_context::{LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};
use cfunc_syntax::ast::CompareOperator;

use crate::emit::{both, call};
use crate::iteration::result_of;
use crate::list::{ListFamily, length, load_element, made};
use crate::slice::SliceFamily;
use crate::tuple::{NOT_MINE, parts};
use crate::tuple_comparison::EQUAL;

pub(crate) fn register(registrar: &mut Registrar<'_>, lists: ListFamily, slices: SliceFamily) {
    for (operation, is_read) in [(Operation::GetItem, true), (Operation::DeleteItem, false)] {
        registrar.type_callable(operation, move |call| {
            let [list, slice] = call.arguments else { return NOT_MINE };
            if lists.element(call.types, list.ty).is_none() || !slices.is_slice(call.types, slice.ty) {
                return NOT_MINE;
            }
            let result = if is_read { list.ty } else { Type::NONE };
            TypingAnswer::Signature(Signature::new(&[list.ty, slice.ty], result))
        });
        let specs = [TypeSpec::Constructor(lists.constructor), TypeSpec::Constructor(slices.constructor)];
        registrar.lower_builtin(operation, specs, move |b, signature, operands| {
            let list = operands[0].value();
            let (start, count, step) = bounds(b, list, &operands[1]);
            if is_read {
                let slice = call(b, RuntimeFunction::ListSlice, &[list, start, count, step]);
                return Ok(made(b, signature.result, slice));
            }
            b.call_runtime(RuntimeFunction::ListDelete, &[list, start, count, step]);
            Ok(Operand::new(signature.result, &[]))
        });
    }
    register_comparison(registrar, lists);
}

/// Start, number of elements and step of a slice of a list.
fn bounds(b: &mut LowerContext<'_, '_>, list: IrValue, slice: &Operand) -> (IrValue, IrValue, IrValue) {
    let parts = parts(b, slice);
    let slot = b.create_stack_slot(16, 8);
    let start_address = b.stack_address(slot);
    let (eight, zero) = (b.int64(8), b.int64(0));
    let stop_address = b.pointer_add(start_address, eight);
    let mut flags = 0;
    for (part, (address, flag)) in parts.iter().zip([(start_address, 1), (stop_address, 2)]) {
        let value = part.values.first().copied();
        if value.is_some() {
            flags |= flag;
        }
        b.store(value.unwrap_or(zero), address, 0, MemoryClass::Any);
    }
    let step = match parts.get(2).and_then(|step| step.values.first().copied()) {
        Some(step) => {
            const ZERO: &str = "slice step cannot be zero";
            match b.integer_constant_of(step) {
                Some(0) => b.fail(NodeErrorKind::ValueError, ZERO),
                Some(_) => {}
                None => {
                    let moves = b.integer_compare_constant(IntegerCondition::NotEqual, step, 0);
                    b.guard(moves, NodeErrorKind::ValueError, ZERO);
                }
            }
            step
        }
        None => b.int64(1),
    };
    let length = length(b, list);
    let flags = b.int64(flags);
    let count = call(b, RuntimeFunction::SliceLength, &[length, start_address, stop_address, step, flags]);
    let start = b.load(Representation::I64, start_address, 0, MemoryClass::Any);
    (start, count, step)
}

fn register_comparison(registrar: &mut Registrar<'_>, lists: ListFamily) {
    for operator in [CompareOperator::Equal, CompareOperator::NotEqual] {
        let operation = Operation::Compare(operator);
        registrar.type_callable(operation, move |call| {
            let [left, right] = call.arguments else { return NOT_MINE };
            let (left, right) = (left.ty, right.ty);
            let of = |ty: Type| lists.element(call.types, ty);
            match (of(left), of(right)) {
                (Some(first), Some(second)) => match result_of(call, EQUAL, &[first, second]) {
                    Some(_) => TypingAnswer::Signature(Signature::new(&[left, right], Type::BOOLEAN)),
                    None => TypingAnswer::No("their elements are not compared".to_owned()),
                },
                (Some(_), None) if right == lists.empty => {
                    TypingAnswer::Signature(Signature::new(&[left, left], Type::BOOLEAN))
                }
                (None, Some(_)) if left == lists.empty => {
                    TypingAnswer::Signature(Signature::new(&[right, right], Type::BOOLEAN))
                }
                _ => NOT_MINE,
            }
        });
        let family = || TypeSpec::Constructor(lists.constructor);
        registrar.lower_builtin(operation, [family(), family()], move |b, signature, operands| {
            let equal = equal(b, &operands[0], &operands[1])?;
            let result = if operator == CompareOperator::Equal { equal } else { b.logical_not(equal) };
            Ok(Operand::scalar(signature.result, result))
        });
        registrar.reads_only(operation);
    }
}

/// Whether two lists are of one length and have equal elements.
fn equal(b: &mut LowerContext<'_, '_>, left: &Operand, right: &Operand) -> Result<IrValue, LowerError> {
    let (position, result) = (b.declare_variable(Representation::I64), b.declare_variable(Representation::I8));
    let zero = b.int64(0);
    b.define_variable(position, zero);
    let count = length(b, left.value());
    let other = length(b, right.value());
    let same = b.integer_compare(IntegerCondition::Equal, count, other);
    b.define_variable(result, same);
    let (head, round, next, done) = (b.create_block(), b.create_block(), b.create_block(), b.create_block());
    b.branch(same, head, done);
    b.switch_to(head);
    let here = b.use_variable(position);
    let more = b.integer_compare(IntegerCondition::SignedLess, here, count);
    b.branch(more, round, done);
    b.switch_to(round);
    let pair = [load_element(b, left, here), load_element(b, right, here)];
    let equal = b.call(EQUAL, &pair)?.value();
    let so_far = b.use_variable(result);
    let both = both(b, so_far, equal);
    b.define_variable(result, both);
    b.branch(equal, next, done);
    b.switch_to(next);
    let one = b.int64(1);
    let following = b.binary(BinaryOperation::IntegerAdd, here, one);
    b.define_variable(position, following);
    b.jump(head, &[]);
    b.switch_to(done);
    Ok(b.use_variable(result))
}
