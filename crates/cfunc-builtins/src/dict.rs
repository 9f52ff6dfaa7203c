//! Dicts: their types, how they are made, constants, and entries by key.
//!
//! A dict is a pointer at the runtime's `cfunc_dict`. Keys are integers of up to 64 bits, values up to 64 bits of data.
//! A look-up is one call of the runtime, which gives the address of the entry.

use cfunc_context::{
    CallableId, Conversion, ItemPart, ItemsForm, LowerContext, LowerError, NativeFunction, Operand, Operation,
    Registrar, RegistrationError, Registry, Signature, SnapshotForm, TypeSpec, TypingAnswer, TypingContext, ValueRole,
    ValueSpec,
};
use cfunc_ir::{ConvertOperation, IntegerCondition, MemoryClass, Relocation, RelocationTarget, Value as IrValue};
use cfunc_models::{
    CellForm, DataModel, Diagnostic, MissingKey, NodeErrorKind, Representation, RuntimeFunction, Type, TypeConstructor,
    TypeTable, Value, codes,
};

use crate::container::{self, DICT_MAGIC, Family, guard_present, kind_of};
use crate::emit::call;
use crate::list::{data_id, is_plain, type_argument, word_of};

/// The fields of `cfunc_dict`, in bytes from its start.
pub(crate) const LENGTH: i32 = 16;
pub(crate) const USED: i32 = 24;
pub(crate) const ENTRIES: i32 = 32;
const LIVE: usize = 40;
const SLOTS: usize = 48;
const CAPACITY: usize = 56;
const FILLED: usize = 64;
const SHIFT: usize = 72;
const HEADER_BYTES: usize = 88;

/// The bytes of an entry, and where its value stands.
pub(crate) const ENTRY_BYTES: i64 = 16;
pub(crate) const VALUE: i32 = 8;

/// The kind of the value that `create_new_dict(…)` is where it is known: the initial value of a state.
const NEW_DICT: &str = "create_new_dict";

/// The families of dicts, and of the empty display.
#[derive(Clone, Copy)]
pub(crate) struct DictFamily {
    pub(crate) constructor: TypeConstructor,
    pub(crate) empty: Type,
}

fn is_key(types: &TypeTable, ty: Type) -> bool {
    let components = types.components(ty);
    is_plain(types, ty) && matches!(components.as_slice(), [key] if key.is_integer() && key.size() <= 8)
}

fn is_value(types: &TypeTable, ty: Type) -> bool {
    let components = types.components(ty);
    is_plain(types, ty) && matches!(components.as_slice(), [value] if value.size() <= 8)
}

pub(crate) fn not_kept(types: &TypeTable, key: Type, value: Type) -> String {
    if is_key(types, key) {
        format!("values of type {} are not kept in dicts", types.name(value))
    } else {
        format!("values of type {} are not keys of dicts", types.name(key))
    }
}

impl DictFamily {
    /// Dicts of a type of keys and one of values, where there are such.
    pub(crate) fn of(self, types: &mut TypeTable, key: Type, value: Type) -> Option<Type> {
        let value = types.kept(value)?;
        if !is_key(types, key) || !is_value(types, value) {
            return None;
        }
        let name = format!("dict[{}, {}]", types.name(key), types.written_name(value));
        let model = DataModel::Scalar(Representation::Pointer);
        Some(types.apply(self.constructor, &[key, value], &name, model, CellForm::Container))
    }

    /// The types of keys and values, where a type is of dicts.
    pub(crate) fn parts(self, types: &TypeTable, ty: Type) -> Option<(Type, Type)> {
        let definition = types.definition(ty);
        match *definition.parameters {
            [key, value] if definition.constructor == self.constructor => Some((key, value)),
            _ => None,
        }
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<DictFamily, RegistrationError> {
    let constructor = registrar.types_mut().define_constructor("dict");
    let empty = registrar.types_mut().define("empty dict", DataModel::Empty, CellForm::None);
    let dicts = DictFamily { constructor, empty };
    for name in ["NumbaDict", "dict", "Dict", "typing.Dict"] {
        registrar.type_family(name, move |types, parameters| match parameters {
            [key, value] => dicts.of(types, *key, *value).ok_or_else(|| not_kept(types, *key, *value)),
            _ => Err(format!("`{name}` takes two types, those of keys and values")),
        })?;
    }
    let family = Family {
        magic: DICT_MAGIC,
        class: MemoryClass::Dict,
        release: RuntimeFunction::DictRelease,
        make,
        copy: |b, dict| call(b, RuntimeFunction::DictCopy, &[dict]),
    };
    crate::iteration::add_iterable(registrar, constructor);
    container::register(registrar, constructor, family);
    registrar.snapshot(constructor, snapshot);
    register_values(registrar, dicts);
    register_creation(registrar, dicts);
    register_items(registrar, dicts);
    Ok(dicts)
}

/// A dict is saved as its entries, in the order of insertion: keys have 64 bits there.
fn snapshot(types: &TypeTable, dict: Type) -> SnapshotForm {
    let [key, value] = *types.definition(dict).parameters else {
        return SnapshotForm::Refused("it has no types of keys and values".to_owned());
    };
    SnapshotForm::Items(ItemsForm {
        parts: vec![
            ItemPart { ty: key, offset: 0, extended: true },
            ItemPart { ty: value, offset: VALUE.unsigned_abs(), extended: false },
        ],
        size: u32::try_from(ENTRY_BYTES).unwrap_or(u32::MAX),
        make: NativeFunction::Runtime(RuntimeFunction::DictNew),
        make_arguments: vec![kind_of(types, dict)],
        read: NativeFunction::Runtime(RuntimeFunction::DictRead),
        append: NativeFunction::Runtime(RuntimeFunction::DictAppend),
        release: NativeFunction::Runtime(RuntimeFunction::DictRelease),
    })
}

// Parts that other files use.

/// The types of keys and values of a dict.
pub(crate) fn types_of(b: &LowerContext<'_, '_>, dict: Type) -> (Type, Type) {
    match *b.types.definition(dict).parameters {
        [key, value] => (key, value),
        _ => (Type::NONE, Type::NONE),
    }
}

/// A key as the runtime has it.
pub(crate) fn key_word(b: &mut LowerContext<'_, '_>, key: &Operand) -> IrValue {
    match b.representation(key.value()) {
        Representation::I64 => key.value(),
        _ => match b.integer_constant_of(key.value()) {
            Some(constant) => b.int64(constant),
            None => b.convert(ConvertOperation::SignExtend, key.value(), Representation::I64),
        },
    }
}

/// The key of an entry.
pub(crate) fn load_key(b: &mut LowerContext<'_, '_>, dict: Type, entry: IrValue) -> Operand {
    let (key, _) = types_of(b, dict);
    let representation = b.types.components(key)[0];
    Operand::scalar(key, b.load(representation, entry, 0, MemoryClass::Dict))
}

/// The value of an entry.
pub(crate) fn load_value(b: &mut LowerContext<'_, '_>, dict: Type, entry: IrValue) -> Operand {
    let (_, value) = types_of(b, dict);
    let representation = b.types.components(value)[0];
    Operand::scalar(value, b.load(representation, entry, VALUE, MemoryClass::Dict))
}

pub(crate) fn length(b: &mut LowerContext<'_, '_>, dict: IrValue) -> IrValue {
    b.load(Representation::I64, dict, LENGTH, MemoryClass::Length)
}

/// The entry of a key; NULL where there is none.
pub(crate) fn find(b: &mut LowerContext<'_, '_>, dict: &Operand, key: &Operand) -> IrValue {
    let key = key_word(b, key);
    call(b, RuntimeFunction::DictFind, &[dict.value(), key])
}

/// The entry of a key, made where there is none.
pub(crate) fn insert(b: &mut LowerContext<'_, '_>, dict: &Operand, key: &Operand) -> IrValue {
    let key = key_word(b, key);
    let entry = call(b, RuntimeFunction::DictInsert, &[dict.value(), key]);
    guard_present(b, entry);
    entry
}

pub(crate) fn set(b: &mut LowerContext<'_, '_>, dict: &Operand, key: &Operand, value: &Operand) {
    let entry = insert(b, dict, key);
    b.store(value.value(), entry, VALUE, MemoryClass::Dict);
}

/// The value of an entry, zero where it is NULL.
fn value_or_zero(b: &mut LowerContext<'_, '_>, dict: Type, entry: IrValue) -> Operand {
    let (_, value) = types_of(b, dict);
    let representation = b.types.components(value)[0];
    let (there, done) = (b.create_block(), b.create_block());
    let variable = b.declare_variable(representation);
    let zero = b.zero(representation);
    b.define_variable(variable, zero);
    let found = b.integer_compare_constant(IntegerCondition::NotEqual, entry, 0);
    b.branch(found, there, done);
    b.switch_to(there);
    let held = load_value(b, dict, entry);
    b.define_variable(variable, held.value());
    b.jump(done, &[]);
    b.switch_to(done);
    Operand::scalar(value, b.use_variable(variable))
}

/// Fails with KeyError where an entry is NULL.
pub(crate) fn guard_found(b: &mut LowerContext<'_, '_>, entry: IrValue) {
    let found = b.integer_compare_constant(IntegerCondition::NotEqual, entry, 0);
    b.guard(found, NodeErrorKind::KeyError, "the dict has no such key");
}

/// A dict that the runtime made, handed over; NULL was no memory.
pub(crate) fn made(b: &mut LowerContext<'_, '_>, ty: Type, dict: IrValue) -> Operand {
    let dict = Operand::scalar(ty, dict);
    b.own(&dict);
    guard_present(b, dict.value());
    dict
}

fn new_dict(b: &mut LowerContext<'_, '_>, ty: Type) -> Operand {
    let kind = kind_of(b.types, ty);
    let kind = b.int64(kind);
    let dict = call(b, RuntimeFunction::DictNew, &[kind]);
    made(b, ty, dict)
}

// Values.

fn make(b: &mut LowerContext<'_, '_>, ty: Type, value: &Value) -> Result<IrValue, LowerError> {
    let (key, element) = types_of(b, ty);
    let dict = new_dict(b, ty);
    if let Value::Dict(entries) = value {
        for (name, value) in entries {
            let (name, value) = (b.constant(key, name)?, b.constant(element, value)?);
            set(b, &dict, &name, &value);
        }
    }
    Ok(dict.value())
}

fn register_values(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    registrar.convert_compound(dicts.constructor, move |registry: &Registry, types, ty, value| {
        let (key_type, value_type) = dicts.parts(types, ty)?;
        match value {
            Value::Dict(entries) => {
                let mut converted: Vec<(Value, Value)> = Vec::with_capacity(entries.len());
                for (key, value) in entries {
                    let key = registry.convert_value(types, key_type, key)?.0;
                    let value = registry.convert_value(types, value_type, value)?.0;
                    // The last value of a key stays, in the place of the first.
                    match converted.iter_mut().find(|(known, _)| known.same_bits(&key)) {
                        Some(entry) => entry.1 = value,
                        None => converted.push((key, value)),
                    }
                }
                Some(Value::Dict(converted))
            }
            Value::Record(kind, fields) if kind == NEW_DICT => match fields.as_slice() {
                [(_, Value::Text(key)), (_, Value::Text(value))]
                    if key == types.name(key_type) && value == types.name(value_type) =>
                {
                    Some(Value::Dict(Vec::new()))
                }
                _ => None,
            },
            _ => None,
        }
    });
    registrar.type_of_compound(ValueSpec::kind(NEW_DICT), move |_registry, types, value, _role| match value {
        Value::Record(_, fields) => match fields.as_slice() {
            [(_, Value::Text(key)), (_, Value::Text(value))] => {
                let (key, value) = (types.lookup(key)?, types.lookup(value)?);
                dicts.of(types, key, value)
            }
            _ => None,
        },
        _ => None,
    });
    registrar.type_of_compound(ValueSpec::kind("dict"), move |registry, types, value, role| {
        let Value::Dict(entries) = value else { return None };
        let mut parts: Option<(Type, Type)> = None;
        for (key, value) in entries {
            let key = registry.type_of(types, key, role)?.0;
            let value = registry.type_of(types, value, role)?.0;
            let mut both = |left, right| {
                registry.unify(types, left, right, &mut cfunc_context::RuleUses::default()).map(|(ty, _)| ty)
            };
            parts = Some(match parts {
                None => (key, value),
                Some((keys, values)) => (both(keys, key)?, both(values, value)?),
            });
        }
        match parts {
            Some((key, value)) => dicts.of(types, key, value),
            None if role == ValueRole::Constant => Some(dicts.empty),
            None => None,
        }
    });
    registrar.lower_constant(dicts.constructor, constant);
    let empty = registrar.types().definition(dicts.empty).constructor;
    registrar.lower_constant(empty, |_b, ty, _value| Ok(Operand::new(ty, &[])));
    registrar.incomplete(empty);
    registrar.lower_cast(
        TypeSpec::Exact(dicts.empty),
        TypeSpec::Constructor(dicts.constructor),
        Conversion::Promotion,
        |b, _from, to, _operand| Ok(new_dict(b, to)),
    );
    registrar.unify_with(move |types, left, right| {
        (left == dicts.empty && dicts.parts(types, right).is_some()).then_some(right)
    });
}

/// The hash of a key, as the runtime has it.
fn hash_of(key: i64) -> u64 {
    let bits = key.cast_unsigned();
    (bits ^ (bits >> 32)).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

/// The slots that the runtime looks at together: groups begin at multiples of it.
const GROUP_SLOTS: usize = 4;

/// The hash table of keys in their order, and 64 less its logarithm: a slot has the position plus 1 in as many low bits as
/// choose a slot, and bits of the hash above them. At most half of it is full. A key is in the slot that its hash chooses,
/// or in its group, or in one after it with no free slot between.
fn hash_table(keys: &[i64]) -> (Vec<u32>, u32) {
    let count = (2 * keys.len()).next_power_of_two().max(GROUP_SLOTS);
    let mask = count - 1;
    let shift = 64 - count.trailing_zeros();
    let mut slots = vec![0u32; count];
    for (position, key) in (1u64..).zip(keys) {
        let hash = hash_of(*key);
        let mut index = usize::try_from(hash >> shift).unwrap_or(0);
        if slots[index] != 0 {
            index -= index % GROUP_SLOTS;
        }
        while slots[index] != 0 {
            index = (index + 1) & mask;
        }
        let mark = hash & u64::from(u32::MAX) & !(mask as u64);
        slots[index] = u32::try_from(position | mark).unwrap_or(u32::MAX);
    }
    (slots, shift)
}

/// A dict as static data: its users are below zero, so nobody counts or frees it, and it is in no state's slot, so it
/// has no tag.
fn constant(b: &mut LowerContext<'_, '_>, ty: Type, value: &Value) -> Result<Operand, LowerError> {
    let Value::Dict(entries) = value else {
        return Err(LowerError::new(format!("{value} is no constant of type {}", b.types.name(ty))));
    };
    let (key_type, value_type) = types_of(b, ty);
    let mut keys = Vec::with_capacity(entries.len());
    let mut bytes = Vec::with_capacity(16 * entries.len());
    for (key, value) in entries {
        let (key, value) = (b.constant(key_type, key)?, b.constant(value_type, value)?);
        let (key, value) = (word_of(b, key.value())?, word_of(b, value.value())?);
        keys.push(key);
        bytes.extend_from_slice(&key.to_le_bytes());
        bytes.extend_from_slice(&value.to_le_bytes());
    }
    bytes.resize(bytes.len().max(8), 0);
    let (slots, shift) = hash_table(&keys);
    let entries = data_id(b, 16, bytes, Vec::new());
    let live = data_id(b, 8, vec![1; keys.len().max(1)], Vec::new());
    let slots = data_id(b, 8, slots.iter().flat_map(|slot| slot.to_le_bytes()).collect(), Vec::new());
    let count = i64::try_from(keys.len()).unwrap_or(i64::MAX);
    let mut header = vec![0u8; HEADER_BYTES];
    let kind = kind_of(b.types, ty);
    let words = [
        (8, -1),
        (LENGTH as usize, count),
        (USED as usize, count),
        (CAPACITY, count),
        (FILLED, count),
        (SHIFT, i64::from(shift) | (kind << 32)),
    ];
    for (offset, word) in words {
        header[offset..offset + 8].copy_from_slice(&word.to_le_bytes());
    }
    let relocation = |offset: usize, data| Relocation {
        offset: u32::try_from(offset).unwrap_or(0),
        target: RelocationTarget::Data(data),
        addend: 0,
    };
    let relocations = vec![relocation(ENTRIES as usize, entries), relocation(LIVE, live), relocation(SLOTS, slots)];
    let header = data_id(b, 16, header, relocations);
    Ok(Operand::scalar(ty, b.data_address(header, 0)))
}

// Making dicts.

fn register_creation(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    let create = registrar.function("create_new_dict");
    registrar.type_callable(create, move |call| {
        let [key, value] = call.arguments else {
            return TypingAnswer::No("it takes the types of keys and values".to_owned());
        };
        let parameters = [key.ty, value.ty];
        let (Some(key), Some(value)) = (type_argument(call, key), type_argument(call, value)) else {
            return TypingAnswer::No("its arguments are types".to_owned());
        };
        match dicts.of(call.types, key, value) {
            Some(dict) => TypingAnswer::Signature(Signature::new(&parameters, dict)),
            None => TypingAnswer::No(not_kept(call.types, key, value)),
        }
    });
    registrar.lower_builtin(create, [TypeSpec::Any, TypeSpec::Any], |b, signature, _operands| {
        Ok(new_dict(b, signature.result))
    });
    registrar.fold(create, |arguments| {
        let names: Option<Vec<&str>> = arguments.positional.iter().map(Value::type_name).collect();
        match names.as_deref() {
            Some([key, value]) => Ok(Value::Record(
                NEW_DICT.to_owned(),
                vec![
                    ("key".to_owned(), Value::Text((*key).to_owned())),
                    ("value".to_owned(), Value::Text((*value).to_owned())),
                ],
            )),
            _ => Err("create_new_dict takes the types of keys and values".to_owned()),
        }
    });

    registrar.type_callable(Operation::MakeDict, move |call| {
        if call.arguments.is_empty() {
            return TypingAnswer::Signature(Signature::new(&[], dicts.empty));
        }
        let mut parts = [call.arguments[0].ty, call.arguments[1].ty];
        for position in 2..call.arguments.len() {
            let other = call.arguments[position].ty;
            let part = position % 2;
            match call.unify(parts[part], other) {
                Some(ty) => parts[part] = ty,
                None => {
                    let (left, right) = (call.types.name(parts[part]), call.types.name(other));
                    let what = if part == 0 { "keys" } else { "values" };
                    let message = format!("a dict has {what} of one type, and not {left} and {right}");
                    let span = call.arguments[position].span;
                    let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, span, message);
                    return TypingAnswer::Error(Box::new(diagnostic.hint("convert them to one type")));
                }
            }
        }
        let [key, value] = parts;
        let parameters: Vec<Type> = (0..call.arguments.len()).map(|position| parts[position % 2]).collect();
        match dicts.of(call.types, key, value) {
            Some(dict) => TypingAnswer::Signature(Signature::new(&parameters, dict)),
            None => TypingAnswer::No(not_kept(call.types, key, value)),
        }
    });
    let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
    registrar.lower_builtin(Operation::MakeDict, [any], move |b, signature, operands| {
        if signature.result == dicts.empty {
            return Ok(Operand::new(signature.result, &[]));
        }
        let dict = new_dict(b, signature.result);
        for pair in operands.chunks(2) {
            set(b, &dict, &pair[0], &pair[1]);
        }
        Ok(dict)
    });
}

/// Types an operation or method of dicts by the types of the dict, of its keys and of its values.
pub(crate) fn type_method(
    registrar: &mut Registrar<'_>,
    dicts: DictFamily,
    callable: impl Into<CallableId>,
    answer: impl Fn(&mut TypingContext<'_>, Type, (Type, Type)) -> Option<Signature> + Send + Sync + 'static,
) {
    container::type_method(registrar, callable, move |call, dict| {
        let parts = dicts.parts(call.types, dict)?;
        answer(call, dict, parts)
    });
}

fn register_items(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    let family = || TypeSpec::Constructor(dicts.constructor);
    type_method(registrar, dicts, Operation::GetItem, |_call, dict, (key, value)| {
        Some(Signature::new(&[dict, key], value))
    });
    registrar.lower_builtin(Operation::GetItem, [family(), TypeSpec::Any], |b, _signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        if b.options.missing_key == MissingKey::Zero {
            return Ok(value_or_zero(b, operands[0].ty, entry));
        }
        guard_found(b, entry);
        Ok(load_value(b, operands[0].ty, entry))
    });
    type_method(registrar, dicts, Operation::SetItem, |_call, dict, (key, value)| {
        Some(Signature::new(&[dict, key, value], Type::NONE))
    });
    let specs = [family(), TypeSpec::Any, TypeSpec::Any];
    registrar.lower_builtin(Operation::SetItem, specs, |b, signature, operands| {
        set(b, &operands[0], &operands[1], &operands[2]);
        Ok(Operand::new(signature.result, &[]))
    });
    type_method(registrar, dicts, Operation::DeleteItem, |_call, dict, (key, _value)| {
        Some(Signature::new(&[dict, key], Type::NONE))
    });
    registrar.lower_builtin(Operation::DeleteItem, [family(), TypeSpec::Any], |b, signature, operands| {
        let entry = find(b, &operands[0], &operands[1]);
        guard_found(b, entry);
        b.call_runtime(RuntimeFunction::DictRemove, &[operands[0].value(), entry]);
        Ok(Operand::new(signature.result, &[]))
    });
    let contains = Operation::Contains.id();
    let method = registrar.method(dicts.constructor, "contains");
    for callable in [contains, method] {
        type_method(registrar, dicts, callable, |_call, dict, (key, _value)| {
            Some(Signature::new(&[dict, key], Type::BOOLEAN))
        });
        registrar.lower_builtin(callable, [family(), TypeSpec::Any], |b, signature, operands| {
            let entry = find(b, &operands[0], &operands[1]);
            let found = b.integer_compare_constant(IntegerCondition::NotEqual, entry, 0);
            Ok(Operand::scalar(signature.result, found))
        });
        registrar.reads_only(callable);
    }
    type_method(registrar, dicts, Operation::Length, |_call, dict, _parts| Some(Signature::new(&[dict], Type::INT64)));
    registrar.lower_builtin(Operation::Length, [family()], |b, signature, operands| {
        Ok(Operand::scalar(signature.result, length(b, operands[0].value())))
    });
    let function = registrar.function("bool");
    for truth in [Operation::Truth.id(), function] {
        type_method(registrar, dicts, truth, |_call, dict, _parts| Some(Signature::new(&[dict], Type::BOOLEAN)));
        registrar.lower_builtin(truth, [family()], |b, signature, operands| {
            let length = length(b, operands[0].value());
            let some = b.integer_compare_constant(IntegerCondition::NotEqual, length, 0);
            Ok(Operand::scalar(signature.result, some))
        });
    }
}

#[cfg(test)]
mod tests {
    use super::{GROUP_SLOTS, hash_of, hash_table};

    #[test]
    fn every_key_is_found_where_the_runtime_looks_for_it() {
        let keys: Vec<i64> = (-50..50).map(|index: i64| index * 0x1_0000_0001).chain([i64::MIN, i64::MAX]).collect();
        let (slots, shift) = hash_table(&keys);
        for (position, key) in (1u64..).zip(&keys) {
            let hash = hash_of(*key);
            let mask = slots.len() as u64 - 1;
            let mut group = usize::try_from(hash >> shift).unwrap() / GROUP_SLOTS * GROUP_SLOTS;
            let index = loop {
                let mut of_group = group..group + GROUP_SLOTS;
                if let Some(index) = of_group.clone().find(|index| u64::from(slots[*index]) & mask == position) {
                    break index;
                }
                assert!(of_group.all(|index| slots[index] != 0), "key {key} is not there");
                group = (group + GROUP_SLOTS) % slots.len();
            };
            assert_eq!(u64::from(slots[index]) & !mask, hash & 0xffff_ffff & !mask);
        }
    }
}
