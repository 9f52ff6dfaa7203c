//! Methods of lists.

use cfunc_context::{
    CallableParameter, LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer,
};
use cfunc_ir::{BinaryOperation, IntegerCondition, Value as IrValue};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};

use crate::container::{checked_position, from_end, guard_memory};
use crate::emit::call;
use crate::iteration::{iteration_of, result_of};
use crate::list::{
    End, ListFamily, append, close, data, element_of, length, load_element, load_from, made, store_element, type_method,
};
use crate::tuple::NOT_MINE;
use crate::tuple_comparison::EQUAL;

pub(crate) fn register(registrar: &mut Registrar<'_>, lists: ListFamily) {
    register_ends(registrar, lists);
    register_places(registrar, lists);
    register_search(registrar, lists);
    register_whole(registrar, lists);
    register_extend(registrar, lists);
    register_sort(registrar, lists);
}

fn none(signature: &Signature) -> Operand {
    Operand::new(signature.result, &[])
}

fn register_ends(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || TypeSpec::Constructor(lists.constructor);
    let method = registrar.method(lists.constructor, "append");
    type_method(registrar, lists, method, |_call, list, element| Some(Signature::new(&[list, element], Type::NONE)));
    registrar.lower_builtin(method, [family(), TypeSpec::Any], |b, signature, operands| {
        append(b, &operands[0], &operands[1]);
        Ok(none(signature))
    });

    let method = registrar.method(lists.constructor, "pop");
    registrar
        .parameters(method, [CallableParameter::required("self"), CallableParameter::with_default("index", -1i64)]);
    type_method(registrar, lists, method, |_call, list, element| Some(Signature::new(&[list, Type::INT64], element)));
    registrar.lower_builtin(method, [family(), TypeSpec::Exact(Type::INT64)], |b, _signature, operands| {
        let length = length(b, operands[0].value());
        let data = data(b, operands[0].value());
        let some = b.integer_compare_constant(IntegerCondition::NotEqual, length, 0);
        b.guard(some, NodeErrorKind::IndexError, "pop from empty list");
        let end = End::of(b, operands[1].value());
        let position = match end {
            // Of a list that is not empty, both ends are there.
            End::Front | End::Back => from_end(b, operands[1].value(), length),
            End::Unknown => checked_position(b, operands[1].value(), length, "pop index out of range"),
        };
        let (ty, _) = element_of(b, operands[0].ty);
        let element = load_from(b, ty, data, position);
        close(b, &operands[0], (position, length), end);
        Ok(element)
    });
}

fn register_places(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || TypeSpec::Constructor(lists.constructor);
    let method = registrar.method(lists.constructor, "insert");
    type_method(registrar, lists, method, |_call, list, element| {
        Some(Signature::new(&[list, Type::INT64, element], Type::NONE))
    });
    let specs = [family(), TypeSpec::Exact(Type::INT64), TypeSpec::Any];
    registrar.lower_builtin(method, specs, |b, signature, operands| {
        let list = operands[0].value();
        let length = length(b, list);
        let position = from_end(b, operands[1].value(), length);
        // Outside it is the nearest end.
        let zero = b.int64(0);
        let before = b.integer_compare(IntegerCondition::SignedLess, position, zero);
        let position = b.select(before, zero, position);
        let after = b.integer_compare(IntegerCondition::SignedGreater, position, length);
        let position = b.select(after, length, position);
        let opened = call(b, RuntimeFunction::ListOpen, &[list, position]);
        guard_memory(b, opened);
        store_element(b, &operands[0], position, &operands[2]);
        Ok(none(signature))
    });
}

/// Goes through a list from a position on until an element equals a value; gives the position, the length where there is
/// none.
fn find(
    b: &mut LowerContext<'_, '_>,
    list: &Operand,
    value: &Operand,
    (start, stop): (IrValue, IrValue),
) -> Result<IrValue, LowerError> {
    let position = b.declare_variable(Representation::I64);
    b.define_variable(position, start);
    let (head, round, next, done) = (b.create_block(), b.create_block(), b.create_block(), b.create_block());
    b.jump(head, &[]);
    b.switch_to(head);
    let here = b.use_variable(position);
    let more = b.integer_compare(IntegerCondition::SignedLess, here, stop);
    b.branch(more, round, done);
    b.switch_to(round);
    let element = load_element(b, list, here);
    let equal = b.call(EQUAL, &[element, value.clone()])?.value();
    b.branch(equal, done, next);
    b.switch_to(next);
    let one = b.int64(1);
    let following = b.binary(BinaryOperation::IntegerAdd, here, one);
    b.define_variable(position, following);
    b.jump(head, &[]);
    b.switch_to(done);
    Ok(b.use_variable(position))
}

fn found(b: &mut LowerContext<'_, '_>, list: &Operand, value: &Operand) -> Result<(IrValue, IrValue), LowerError> {
    let (zero, length) = (b.int64(0), length(b, list.value()));
    let position = find(b, list, value, (zero, length))?;
    let found = b.integer_compare(IntegerCondition::SignedLess, position, length);
    Ok((position, found))
}

fn register_search(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || TypeSpec::Constructor(lists.constructor);
    let contains = Operation::Contains.id();
    let index = registrar.method(lists.constructor, "index");
    let count = registrar.method(lists.constructor, "count");
    let remove = registrar.method(lists.constructor, "remove");
    let forms = [(contains, Type::BOOLEAN), (index, Type::INT64), (count, Type::INT64), (remove, Type::NONE)];
    for (callable, result) in forms {
        registrar.type_callable(callable, move |call| {
            let [list, value] = call.arguments else { return NOT_MINE };
            let (list, value) = (list.ty, value.ty);
            let Some(element) = lists.element(call.types, list) else { return NOT_MINE };
            match result_of(call, EQUAL, &[element, value]) {
                Some(_) => TypingAnswer::Signature(Signature::new(&[list, value], result)),
                None => {
                    let (element, value) = (call.types.name(element), call.types.name(value));
                    TypingAnswer::No(format!("{element} and {value} are not compared"))
                }
            }
        });
    }
    let specs = || [family(), TypeSpec::Any];
    registrar.lower_builtin(contains, specs(), |b, signature, operands| {
        let (_, found) = found(b, &operands[0], &operands[1])?;
        Ok(Operand::scalar(signature.result, found))
    });
    registrar.lower_builtin(index, specs(), |b, signature, operands| {
        let (position, found) = found(b, &operands[0], &operands[1])?;
        b.guard(found, NodeErrorKind::ValueError, "list.index(x): x not in list");
        Ok(Operand::scalar(signature.result, position))
    });
    registrar.lower_builtin(remove, specs(), |b, signature, operands| {
        let (position, found) = found(b, &operands[0], &operands[1])?;
        b.guard(found, NodeErrorKind::ValueError, "list.remove(x): x not in list");
        b.call_runtime(RuntimeFunction::ListClose, &[operands[0].value(), position]);
        Ok(none(signature))
    });
    registrar.lower_builtin(count, specs(), |b, signature, operands| {
        let total = b.declare_variable(Representation::I64);
        let position = b.declare_variable(Representation::I64);
        let zero = b.int64(0);
        b.define_variable(total, zero);
        b.define_variable(position, zero);
        let length = length(b, operands[0].value());
        let (head, round, done) = (b.create_block(), b.create_block(), b.create_block());
        b.jump(head, &[]);
        b.switch_to(head);
        let here = b.use_variable(position);
        let more = b.integer_compare(IntegerCondition::SignedLess, here, length);
        b.branch(more, round, done);
        b.switch_to(round);
        let element = load_element(b, &operands[0], here);
        let equal = b.call(EQUAL, &[element, operands[1].clone()])?.value();
        let equal = crate::emit::boolean_to_integer(b, equal);
        let (so_far, one) = (b.use_variable(total), b.int64(1));
        let more = b.binary(BinaryOperation::IntegerAdd, so_far, equal);
        b.define_variable(total, more);
        let next = b.binary(BinaryOperation::IntegerAdd, here, one);
        b.define_variable(position, next);
        b.jump(head, &[]);
        b.switch_to(done);
        Ok(Operand::scalar(signature.result, b.use_variable(total)))
    });
    // From a start, to a stop: bounds as of a slice.
    type_method(registrar, lists, index, |call, list, element| {
        let parameters = [list, element, Type::INT64, Type::INT64];
        let given = call.arguments.len();
        matches!(given, 3 | 4).then(|| Signature::new(&parameters[..given], Type::INT64))
    });
    for given in [3, 4] {
        let mut specs = vec![family(), TypeSpec::Any];
        specs.resize(given, TypeSpec::Exact(Type::INT64));
        registrar.lower_builtin(index, specs, |b, signature, operands| {
            let length = length(b, operands[0].value());
            let bound = |b: &mut LowerContext<'_, '_>, position: usize| {
                let index = operands.get(position).map_or(length, Operand::value);
                let (bound, zero) = (from_end(b, index, length), b.int64(0));
                let before = b.integer_compare(IntegerCondition::SignedLess, bound, zero);
                let bound = b.select(before, zero, bound);
                let after = b.integer_compare(IntegerCondition::SignedGreater, bound, length);
                b.select(after, length, bound)
            };
            let (start, stop) = (bound(b, 2), bound(b, 3));
            let position = find(b, &operands[0], &operands[1], (start, stop))?;
            let found = b.integer_compare(IntegerCondition::SignedLess, position, stop);
            b.guard(found, NodeErrorKind::ValueError, "list.index(x): x not in list");
            Ok(Operand::scalar(signature.result, position))
        });
    }
    for callable in [contains, index, count] {
        registrar.reads_only(callable);
    }
}

fn register_whole(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || [TypeSpec::Constructor(lists.constructor)];
    for (name, function) in [("clear", RuntimeFunction::ListClear), ("reverse", RuntimeFunction::ListReverse)] {
        let method = registrar.method(lists.constructor, name);
        type_method(registrar, lists, method, |_call, list, _element| Some(Signature::new(&[list], Type::NONE)));
        registrar.lower_builtin(method, family(), move |b, signature, operands| {
            b.call_runtime(function, &[operands[0].value()]);
            Ok(none(signature))
        });
    }
    // `list(xs)` copies too.
    let copy = registrar.method(lists.constructor, "copy");
    let list = registrar.function("list");
    for callable in [copy, list] {
        type_method(registrar, lists, callable, |_call, list, _element| Some(Signature::new(&[list], list)));
        registrar.lower_builtin(callable, family(), |b, signature, operands| {
            let list = operands[0].value();
            let (length, zero, one) = (length(b, list), b.int64(0), b.int64(1));
            let copy = call(b, RuntimeFunction::ListSlice, &[list, zero, length, one]);
            Ok(made(b, signature.result, copy))
        });
        registrar.reads_only(callable);
    }
}

/// `extend` of a list calls the runtime, also of the list itself; of everything else that is iterated, each element is
/// appended.
fn register_extend(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || TypeSpec::Constructor(lists.constructor);
    let method = registrar.method(lists.constructor, "extend");
    registrar.type_callable(method, move |call| {
        let [list, other] = call.arguments else { return NOT_MINE };
        let (list, other) = (list.ty, other.ty);
        let Some(element) = lists.element(call.types, list) else { return NOT_MINE };
        if list == other || other == lists.empty {
            return TypingAnswer::Signature(Signature::new(&[list, list], Type::NONE));
        }
        let added = match iteration_of(call, Operation::IterationStart, other) {
            Ok((_, added)) => added,
            Err(reason) => return TypingAnswer::No(reason),
        };
        let fits = added == element
            || call.cast(added, element).is_some_and(|cast| cast.conversion != cfunc_context::Conversion::Lossy);
        if !fits {
            let (added, element) = (call.types.name(added), call.types.name(element));
            return TypingAnswer::No(format!("{added} does not convert to {element}"));
        }
        TypingAnswer::Signature(Signature::new(&[list, other], Type::NONE))
    });
    registrar.lower_builtin(method, [family(), TypeSpec::Any], |b, signature, operands| {
        if operands[0].ty == operands[1].ty {
            let values = [operands[0].value(), operands[1].value()];
            let extended = call(b, RuntimeFunction::ListExtend, &values);
            guard_memory(b, extended);
            return Ok(none(signature));
        }
        let list = operands[0].clone();
        let (element, _) = element_of(b, list.ty);
        crate::iteration::for_each(b, &operands[1], |b, value| {
            let value = b.cast(value, element)?;
            append(b, &list, &value);
            Ok(None)
        })?;
        Ok(none(signature))
    });
}

fn register_sort(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let orders: Vec<(Type, RuntimeFunction)> = [
        ("int", RuntimeFunction::ListSortInteger),
        ("datetime", RuntimeFunction::ListSortInteger),
        ("timedelta", RuntimeFunction::ListSortInteger),
        ("float", RuntimeFunction::ListSortFloat),
        ("bool", RuntimeFunction::ListSortByte),
    ]
    .into_iter()
    .filter_map(|(name, function)| registrar.types().lookup(name).map(|ty| (ty, function)))
    .collect();
    let order = move |ty: Type| orders.iter().find(|(ordered, _)| *ordered == ty).map(|(_, function)| *function);
    let sort = registrar.method(lists.constructor, "sort");
    let sorted = registrar.function("sorted");
    for (callable, name) in [(sort, "self"), (sorted, "iterable")] {
        registrar.parameters(
            callable,
            [CallableParameter::required(name), CallableParameter::with_default("reverse", false)],
        );
        let order = order.clone();
        let known = order.clone();
        type_method(registrar, lists, callable, move |_call, list, element| {
            known(element)?;
            let result = if name == "self" { Type::NONE } else { list };
            Some(Signature::new(&[list, Type::BOOLEAN], result))
        });
        let specs = [TypeSpec::Constructor(lists.constructor), TypeSpec::Exact(Type::BOOLEAN)];
        registrar.lower_builtin(callable, specs, move |b, signature, operands| {
            let (element, _) = element_of(b, operands[0].ty);
            let Some(function) = order(element) else { return Err(LowerError::new("elements without an order")) };
            let target = if signature.result == Type::NONE {
                operands[0].clone()
            } else {
                let list = operands[0].value();
                let (length, zero, one) = (length(b, list), b.int64(0), b.int64(1));
                let copy = call(b, RuntimeFunction::ListSlice, &[list, zero, length, one]);
                made(b, signature.result, copy)
            };
            let sorted = call(b, function, &[target.value(), operands[1].value()]);
            guard_memory(b, sorted);
            Ok(if signature.result == Type::NONE { none(signature) } else { target })
        });
    }
    registrar.type_callable(sorted, move |call| match call.arguments.first() {
        Some(argument) if lists.element(call.types, argument.ty).is_none() => {
            TypingAnswer::No("it takes a list: put the elements into one, `sorted([a, b])`".to_owned())
        }
        _ => NOT_MINE,
    });
    registrar.reads_only(sorted);
}
