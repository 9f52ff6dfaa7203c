//! Iteration of dicts in the order of insertion, and their views: `keys()`, `values()`, `items()`.
//!
//! The position is that of the next entry, or the end. A dict whose size changed since the iteration began ends it with a
//! RuntimeError, at the next step, also after the last entry; so does one with other keys whose entries are not where
//! they were.

use cfunc_context::{Conversion, LowerContext, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type, TypeConstructor, TypeTable};

use crate::container::holder;
use crate::dict::{DictFamily, ENTRIES, ENTRY_BYTES, USED, find, length, load_key, load_value, type_method};
use crate::emit::call;
use crate::tuple::{NOT_MINE, TupleFamily};

/// What an iteration gives of each entry.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Key,
    Value,
    Item,
}

/// The dict that a view or a state of an iteration is of.
fn dict_of(types: &TypeTable, holders: TypeConstructor, ty: Type) -> Option<Type> {
    let definition = types.definition(ty);
    (definition.constructor == holders).then(|| definition.parameters.first().copied()).flatten()
}

pub(crate) fn register(registrar: &mut Registrar<'_>, dicts: DictFamily, tuples: TupleFamily) {
    for (part, name) in [(Part::Key, "keys"), (Part::Value, "values"), (Part::Item, "items")] {
        let iterators = register_iterator(registrar, dicts, tuples, part, name);
        let family: &'static str = match part {
            Part::Key => "dict keys",
            Part::Value => "dict values",
            Part::Item => "dict items",
        };
        let views = registrar.types_mut().define_constructor(family);
        crate::iteration::add_iterable(registrar, views);
        let method = registrar.method(dicts.constructor, name);
        type_method(registrar, dicts, method, move |call, dict, _parts| {
            Some(Signature::new(&[dict], holder(call.types, views, family, dict, &[])))
        });
        registrar.lower_builtin(method, [TypeSpec::Constructor(dicts.constructor)], |_b, signature, operands| {
            Ok(Operand::new(signature.result, &operands[0].values))
        });
        registrar.reads_only(method);
        register_view(registrar, views, iterators, name);
        if part == Part::Key {
            register_key_membership(registrar, dicts, views);
            type_method(registrar, dicts, Operation::IterationStart, move |call, dict, _parts| {
                let state = iterator(call.types, iterators, name, dict);
                Some(Signature::new(&[dict], state))
            });
            registrar.lower_builtin(
                Operation::IterationStart,
                [TypeSpec::Constructor(dicts.constructor)],
                |b, signature, operands| Ok(start(b, signature.result, operands[0].value())),
            );
        }
    }
}

fn iterator(types: &mut TypeTable, iterators: TypeConstructor, name: &str, dict: Type) -> Type {
    holder(types, iterators, &format!("iterator of dict {name}"), dict, &["position", "length", "used"])
}

fn start(b: &mut LowerContext<'_, '_>, ty: Type, dict: IrValue) -> Operand {
    let (first, length, used) = (b.int64(0), length(b, dict), used(b, dict));
    let position = next(b, dict, first);
    Operand::new(ty, &[dict, position, length, used])
}

fn register_view(
    registrar: &mut Registrar<'_>,
    views: TypeConstructor,
    iterators: TypeConstructor,
    name: &'static str,
) {
    registrar.type_callable(Operation::IterationStart, move |call| {
        let [view] = call.arguments else { return NOT_MINE };
        let view = view.ty;
        let Some(dict) = dict_of(call.types, views, view) else { return NOT_MINE };
        let state = iterator(call.types, iterators, name, dict);
        TypingAnswer::Signature(Signature::new(&[view], state))
    });
    let specs = || [TypeSpec::Constructor(views)];
    registrar.lower_builtin(Operation::IterationStart, specs(), |b, signature, operands| {
        Ok(start(b, signature.result, operands[0].value()))
    });
    registrar.type_callable(Operation::Length, move |call| match call.arguments {
        [view] if dict_of(call.types, views, view.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[view.ty], Type::INT64))
        }
        _ => NOT_MINE,
    });
    registrar.lower_builtin(Operation::Length, specs(), |b, signature, operands| {
        Ok(Operand::scalar(signature.result, length(b, operands[0].value())))
    });
}

/// `k in d.keys()`.
fn register_key_membership(registrar: &mut Registrar<'_>, dicts: DictFamily, views: TypeConstructor) {
    registrar.type_callable(Operation::Contains, move |call| {
        let [view, key] = call.arguments else { return NOT_MINE };
        let (view, key) = (view.ty, key.ty);
        let parts = dict_of(call.types, views, view).and_then(|dict| dicts.parts(call.types, dict));
        let Some((wanted, _)) = parts else { return NOT_MINE };
        if key == wanted || call.cast(key, wanted).is_some_and(|cast| cast.conversion != Conversion::Lossy) {
            TypingAnswer::Signature(Signature::new(&[view, wanted], Type::BOOLEAN))
        } else {
            NOT_MINE
        }
    });
    let specs = [TypeSpec::Constructor(views), TypeSpec::Any];
    registrar.lower_builtin(Operation::Contains, specs, move |b, signature, operands| {
        let ty = dict_of(b.types, views, operands[0].ty).unwrap_or(Type::NONE);
        let entry = find(b, &Operand::scalar(ty, operands[0].value()), &operands[1]);
        let found = b.integer_compare_constant(IntegerCondition::NotEqual, entry, 0);
        Ok(Operand::scalar(signature.result, found))
    });
}

/// The position of the first entry from a position on; where there is none, one that is not below the entries used.
fn next(b: &mut LowerContext<'_, '_>, dict: IrValue, position: IrValue) -> IrValue {
    let used = used(b, dict);
    let length = length(b, dict);
    let found = b.declare_variable(Representation::I64);
    b.define_variable(found, position);
    // Where nothing was removed, each position has an entry.
    let (gaps, done) = (b.create_block(), b.create_block());
    let full = b.integer_compare(IntegerCondition::Equal, used, length);
    b.branch(full, done, gaps);
    b.switch_to(gaps);
    let searched = call(b, RuntimeFunction::DictNext, &[dict, position]);
    let none = b.integer_compare_constant(IntegerCondition::SignedLess, searched, 0);
    let searched = b.select(none, used, searched);
    b.define_variable(found, searched);
    b.jump(done, &[]);
    b.switch_to(done);
    b.use_variable(found)
}

/// How many entries there are, removed ones included.
fn used(b: &mut LowerContext<'_, '_>, dict: IrValue) -> IrValue {
    b.load(Representation::I64, dict, USED, MemoryClass::Length)
}

fn entry_at(b: &mut LowerContext<'_, '_>, dict: IrValue, position: IrValue) -> IrValue {
    let entries = b.load(Representation::Pointer, dict, ENTRIES, MemoryClass::Dict);
    let size = b.int64(ENTRY_BYTES);
    let distance = b.binary(BinaryOperation::IntegerMultiply, position, size);
    b.pointer_add(entries, distance)
}

fn register_iterator(
    registrar: &mut Registrar<'_>,
    dicts: DictFamily,
    tuples: TupleFamily,
    part: Part,
    name: &'static str,
) -> TypeConstructor {
    let iterators = registrar.types_mut().define_constructor(&format!("iterator of dict {name}"));
    registrar.type_callable(Operation::IterationHasNext, move |call| match call.arguments {
        [state] if dict_of(call.types, iterators, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], Type::BOOLEAN))
        }
        _ => NOT_MINE,
    });
    registrar.type_callable(Operation::IterationValue, move |call| {
        let [state] = call.arguments else { return NOT_MINE };
        let state = state.ty;
        let parts = dict_of(call.types, iterators, state).and_then(|dict| dicts.parts(call.types, dict));
        let Some((key, value)) = parts else { return NOT_MINE };
        let given = match part {
            Part::Key => Some(key),
            Part::Value => Some(value),
            Part::Item => tuples.of(call.types, &[key, value]),
        };
        given.map_or(NOT_MINE, |given| TypingAnswer::Signature(Signature::new(&[state], given)))
    });
    registrar.type_callable(Operation::IterationAdvance, move |call| match call.arguments {
        [state] if dict_of(call.types, iterators, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], state.ty))
        }
        _ => NOT_MINE,
    });
    let specs = || [TypeSpec::Constructor(iterators)];
    registrar.lower_builtin(Operation::IterationHasNext, specs(), |b, signature, operands| {
        let [dict, position, length, entries] = [0, 1, 2, 3].map(|index: usize| operands[0].values[index]);
        let now = crate::dict::length(b, dict);
        let same = b.integer_compare(IntegerCondition::Equal, now, length);
        b.guard(same, NodeErrorKind::RuntimeError, "dictionary changed size during iteration");
        // With as many entries as before, positions are what they were unless one came behind the others.
        let used = used(b, dict);
        let same = b.integer_compare(IntegerCondition::Equal, used, entries);
        b.guard(same, NodeErrorKind::RuntimeError, "dictionary keys changed during iteration");
        let more = b.integer_compare(IntegerCondition::SignedLess, position, used);
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.lower_builtin(Operation::IterationValue, specs(), move |b, signature, operands| {
        let (dict, position) = (operands[0].values[0], operands[0].values[1]);
        let ty = dict_of(b.types, iterators, operands[0].ty).unwrap_or(Type::NONE);
        let entry = entry_at(b, dict, position);
        Ok(match part {
            Part::Key => load_key(b, ty, entry),
            Part::Value => load_value(b, ty, entry),
            Part::Item => {
                let parts = [load_key(b, ty, entry), load_value(b, ty, entry)];
                b.make(signature.result, &parts)
            }
        })
    });
    registrar.lower_builtin(Operation::IterationAdvance, specs(), |b, signature, operands| {
        let [dict, position, length, entries] = [0, 1, 2, 3].map(|index: usize| operands[0].values[index]);
        let one = b.int64(1);
        let following = b.binary(BinaryOperation::IntegerAdd, position, one);
        let following = next(b, dict, following);
        Ok(Operand::new(signature.result, &[dict, following, length, entries]))
    });
    iterators
}
