//! Methods of dicts, and their comparison.

use cfunc_context::{
    LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer, TypingContext,
};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};
use cfunc_syntax::ast::CompareOperator;

use crate::container::guard_memory;
use crate::dict::{
    DictFamily, ENTRIES, ENTRY_BYTES, VALUE, find, guard_found, insert, length, load_key, load_value, made, type_method,
};
use crate::emit::call;
use crate::iteration::result_of;
use crate::optional::OptionalFamily;
use crate::tuple::{NOT_MINE, TupleFamily};
use crate::tuple_comparison::EQUAL;

pub(crate) fn register(
    registrar: &mut Registrar<'_>,
    dicts: DictFamily,
    tuples: TupleFamily,
    optionals: OptionalFamily,
) {
    register_get(registrar, dicts, optionals);
    register_setdefault(registrar, dicts);
    register_pop(registrar, dicts, tuples);
    register_whole(registrar, dicts);
    register_comparison(registrar, dicts);
}

fn none(signature: &Signature) -> Operand {
    Operand::new(signature.result, &[])
}

/// The type of an entry's value or of a default: what both have in common.
fn value_or_default(call: &mut TypingContext<'_>, value: Type) -> Option<Type> {
    let default = call.arguments.get(2)?.ty;
    call.unify(value, default)
}

/// One of two values by whether an entry is there; only the one is evaluated.
fn entry_or(
    b: &mut LowerContext<'_, '_>,
    entry: IrValue,
    ty: Type,
    there: impl FnOnce(&mut LowerContext<'_, '_>) -> Result<Operand, LowerError>,
    absent: impl FnOnce(&mut LowerContext<'_, '_>) -> Result<Operand, LowerError>,
) -> Result<Operand, LowerError> {
    let types = b.types;
    let variables: Vec<_> = types.components(ty).iter().map(|component| b.declare_variable(*component)).collect();
    let (found, missing, done) = (b.create_block(), b.create_block(), b.create_block());
    let is_there = b.integer_compare_constant(IntegerCondition::NotEqual, entry, 0);
    b.branch(is_there, found, missing);
    b.switch_to(found);
    let value = there(b)?;
    variables.iter().zip(&value.values).for_each(|(variable, value)| b.define_variable(*variable, *value));
    b.jump(done, &[]);
    b.switch_to(missing);
    let value = absent(b)?;
    variables.iter().zip(&value.values).for_each(|(variable, value)| b.define_variable(*variable, *value));
    b.jump(done, &[]);
    b.switch_to(done);
    let values: Vec<IrValue> = variables.iter().map(|variable| b.use_variable(*variable)).collect();
    Ok(Operand::new(ty, &values))
}

fn register_get(registrar: &mut Registrar<'_>, dicts: DictFamily, optionals: OptionalFamily) {
    let get = registrar.method(dicts.constructor, "get");
    type_method(registrar, dicts, get, move |call, dict, (key, value)| match call.arguments.len() {
        2 => Some(Signature::new(&[dict, key], optionals.of(call.types, value)?)),
        3 => {
            let result = value_or_default(call, value)?;
            Some(Signature::new(&[dict, key, result], result))
        }
        _ => None,
    });
    let specs = |count: usize| {
        let mut specs = vec![TypeSpec::Constructor(dicts.constructor)];
        specs.resize(count, TypeSpec::Any);
        specs
    };
    registrar.lower_builtin(get, specs(2), |b, signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        let (dict, result) = (operands[0].ty, signature.result);
        entry_or(
            b,
            entry,
            result,
            |b| {
                let value = load_value(b, dict, entry);
                b.cast(value, result)
            },
            |b| b.cast(Operand::new(Type::NONE, &[]), result),
        )
    });
    registrar.lower_builtin(get, specs(3), |b, signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        let (dict, result) = (operands[0].ty, signature.result);
        let there = |b: &mut LowerContext<'_, '_>| {
            let value = load_value(b, dict, entry);
            b.cast(value, result)
        };
        entry_or(b, entry, result, there, |_b| Ok(operands[2].clone()))
    });
    registrar.reads_only(get);
}

fn register_setdefault(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    let method = registrar.method(dicts.constructor, "setdefault");
    type_method(registrar, dicts, method, |_call, dict, (key, value)| Some(Signature::new(&[dict, key, value], value)));
    let specs = [TypeSpec::Constructor(dicts.constructor), TypeSpec::Any, TypeSpec::Any];
    registrar.lower_builtin(method, specs, |b, signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        let dict = operands[0].ty;
        let there = |b: &mut LowerContext<'_, '_>| Ok(load_value(b, dict, entry));
        entry_or(b, entry, signature.result, there, |b| {
            let entry = insert(b, &operands[0], &operands[1]);
            b.store(operands[2].value(), entry, VALUE, MemoryClass::Dict);
            Ok(operands[2].clone())
        })
    });
}

fn register_pop(registrar: &mut Registrar<'_>, dicts: DictFamily, tuples: TupleFamily) {
    let family = || TypeSpec::Constructor(dicts.constructor);
    let pop = registrar.method(dicts.constructor, "pop");
    type_method(registrar, dicts, pop, |call, dict, (key, value)| match call.arguments.len() {
        2 => Some(Signature::new(&[dict, key], value)),
        3 => {
            let result = value_or_default(call, value)?;
            Some(Signature::new(&[dict, key, result], result))
        }
        _ => None,
    });
    registrar.lower_builtin(pop, [family(), TypeSpec::Any], |b, _signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        guard_found(b, entry);
        let value = load_value(b, operands[0].ty, entry);
        b.call_runtime(RuntimeFunction::DictRemove, &[operands[0].value(), entry]);
        Ok(value)
    });
    registrar.lower_builtin(pop, [family(), TypeSpec::Any, TypeSpec::Any], |b, signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        let (dict, result) = (operands[0].clone(), signature.result);
        let there = |b: &mut LowerContext<'_, '_>| {
            let value = load_value(b, dict.ty, entry);
            b.call_runtime(RuntimeFunction::DictRemove, &[dict.value(), entry]);
            b.cast(value, result)
        };
        entry_or(b, entry, result, there, |_b| Ok(operands[2].clone()))
    });

    let popitem = registrar.method(dicts.constructor, "popitem");
    type_method(registrar, dicts, popitem, move |call, dict, (key, value)| {
        Some(Signature::new(&[dict], tuples.of(call.types, &[key, value])?))
    });
    registrar.lower_builtin(popitem, [family()], |b, signature, operands| {
        let dict = &operands[0];
        let entry = call(b, RuntimeFunction::DictLast, &[dict.value()]);
        let some = b.integer_compare_constant(IntegerCondition::NotEqual, entry, 0);
        b.guard(some, NodeErrorKind::KeyError, "popitem(): dictionary is empty");
        let item = [load_key(b, dict.ty, entry), load_value(b, dict.ty, entry)];
        b.call_runtime(RuntimeFunction::DictRemove, &[dict.value(), entry]);
        Ok(b.make(signature.result, &item))
    });
}

fn register_whole(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    let family = || TypeSpec::Constructor(dicts.constructor);
    let clear = registrar.method(dicts.constructor, "clear");
    type_method(registrar, dicts, clear, |_call, dict, _parts| Some(Signature::new(&[dict], Type::NONE)));
    registrar.lower_builtin(clear, [family()], |b, signature, operands| {
        b.call_runtime(RuntimeFunction::DictClear, &[operands[0].value()]);
        Ok(none(signature))
    });
    // `dict(d)` copies too.
    let copy = registrar.method(dicts.constructor, "copy");
    let dict = registrar.function("dict");
    for callable in [copy, dict] {
        type_method(registrar, dicts, callable, |_call, dict, _parts| Some(Signature::new(&[dict], dict)));
        registrar.lower_builtin(callable, [family()], |b, signature, operands| {
            let copy = call(b, RuntimeFunction::DictCopy, &[operands[0].value()]);
            Ok(made(b, signature.result, copy))
        });
        registrar.reads_only(callable);
    }
    let update = registrar.method(dicts.constructor, "update");
    registrar.type_callable(update, move |call| {
        let [dict, other] = call.arguments else { return NOT_MINE };
        let (dict, other) = (dict.ty, other.ty);
        if dicts.parts(call.types, dict).is_none() {
            return NOT_MINE;
        }
        if other != dict && other != dicts.empty {
            return TypingAnswer::No(format!("its argument is a {}", call.types.name(dict)));
        }
        TypingAnswer::Signature(Signature::new(&[dict, dict], Type::NONE))
    });
    registrar.lower_builtin(update, [family(), family()], |b, signature, operands| {
        let updated = call(b, RuntimeFunction::DictUpdate, &[operands[0].value(), operands[1].value()]);
        guard_memory(b, updated);
        Ok(none(signature))
    });
}

fn register_comparison(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    for operator in [CompareOperator::Equal, CompareOperator::NotEqual] {
        let operation = Operation::Compare(operator);
        registrar.type_callable(operation, move |call| {
            let [left, right] = call.arguments else { return NOT_MINE };
            let (left, right) = (left.ty, right.ty);
            let (first, second) = (dicts.parts(call.types, left), dicts.parts(call.types, right));
            match (first, second) {
                (Some((key, first)), Some((other, second))) if key == other => {
                    match result_of(call, EQUAL, &[first, second]) {
                        Some(_) => TypingAnswer::Signature(Signature::new(&[left, right], Type::BOOLEAN)),
                        None => TypingAnswer::No("their values are not compared".to_owned()),
                    }
                }
                (Some(_), None) if right == dicts.empty => {
                    TypingAnswer::Signature(Signature::new(&[left, left], Type::BOOLEAN))
                }
                (None, Some(_)) if left == dicts.empty => {
                    TypingAnswer::Signature(Signature::new(&[right, right], Type::BOOLEAN))
                }
                _ => NOT_MINE,
            }
        });
        let family = || TypeSpec::Constructor(dicts.constructor);
        registrar.lower_builtin(operation, [family(), family()], move |b, signature, operands| {
            let equal = equal(b, &operands[0], &operands[1])?;
            let result = if operator == CompareOperator::Equal { equal } else { b.logical_not(equal) };
            Ok(Operand::scalar(signature.result, result))
        });
    }
}

/// Whether two dicts have as many entries, and each of the one has an equal one in the other.
fn equal(b: &mut LowerContext<'_, '_>, left: &Operand, right: &Operand) -> Result<IrValue, LowerError> {
    let (position, result) = (b.declare_variable(Representation::I64), b.declare_variable(Representation::I8));
    let zero = b.int64(0);
    b.define_variable(position, zero);
    let (count, other) = (length(b, left.value()), length(b, right.value()));
    let same = b.integer_compare(IntegerCondition::Equal, count, other);
    b.define_variable(result, same);
    let (head, round, compared, next) = (b.create_block(), b.create_block(), b.create_block(), b.create_block());
    let (differs, done) = (b.create_block(), b.create_block());
    b.branch(same, head, done);
    b.switch_to(head);
    let from = b.use_variable(position);
    let here = call(b, RuntimeFunction::DictNext, &[left.value(), from]);
    let more = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, here, 0);
    b.branch(more, round, done);
    b.switch_to(round);
    let entries = b.load(Representation::Pointer, left.value(), ENTRIES, MemoryClass::Dict);
    let size = b.int64(ENTRY_BYTES);
    let distance = b.binary(BinaryOperation::IntegerMultiply, here, size);
    let entry = b.pointer_add(entries, distance);
    let key = load_key(b, left.ty, entry);
    let counterpart = find(b, right, &key);
    let there = b.integer_compare_constant(IntegerCondition::NotEqual, counterpart, 0);
    b.branch(there, compared, differs);
    b.switch_to(compared);
    let pair = [load_value(b, left.ty, entry), load_value(b, right.ty, counterpart)];
    let equal = b.call(EQUAL, &pair)?.value();
    b.branch(equal, next, differs);
    b.switch_to(next);
    let one = b.int64(1);
    let following = b.binary(BinaryOperation::IntegerAdd, here, one);
    b.define_variable(position, following);
    b.jump(head, &[]);
    b.switch_to(differs);
    let no = b.boolean(false);
    b.define_variable(result, no);
    b.jump(done, &[]);
    b.switch_to(done);
    Ok(b.use_variable(result))
}
