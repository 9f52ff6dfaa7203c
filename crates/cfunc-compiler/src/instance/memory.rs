//! Structs in cells: dynamic values to bytes and back, by the layout of a type.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use cfunc_models::{CellForm, FieldForm, MemoryLayout, MemoryPart, Representation, Type, TypeTable, Value};

use super::cell::{self, CellKind, scalar, scalar_value};

/// What tells the layout of a struct from others: a hash of names, types and offsets. 0 for what is no struct.
pub(super) fn fingerprint(types: &TypeTable, ty: Type) -> u64 {
    let Some(memory) = types.memory_layout(ty) else { return 0 };
    let mut hash = DefaultHasher::new();
    describe(types, ty, memory, &mut hash);
    hash.finish() | 1
}

fn describe(types: &TypeTable, ty: Type, memory: &MemoryLayout, hash: &mut DefaultHasher) {
    (types.name(ty), memory.size_and_alignment()).hash(hash);
    for part in memory.parts() {
        (part.name, part.offset, part.form, types.name(part.ty)).hash(hash);
        if let (FieldForm::Inside, Some(inside)) = (part.form, types.memory_layout(part.ty)) {
            describe(types, part.ty, inside, hash);
        }
    }
}

/// Whether every truth value in the bytes of a place is 0 or 1, as Rust's are.
pub(super) fn truths_are_right(types: &TypeTable, ty: Type, bytes: &[u8]) -> bool {
    let Some(memory) = types.memory_layout(ty) else { return true };
    memory.parts().iter().all(|part| match (part.form, bytes.get(part.offset as usize..)) {
        (_, None) => false,
        (FieldForm::Inside, Some(bytes)) => truths_are_right(types, part.ty, bytes),
        (FieldForm::Cell, Some(bytes)) if types.definition(part.ty).cell == CellForm::Truth => {
            bytes.first().is_some_and(|byte| *byte < 2)
        }
        _ => true,
    })
}

/// The bytes of a value as they lie at a place: a record of all fields, or None for bytes that are all zero. What lies
/// between the fields is zero.
pub(super) fn encode(types: &TypeTable, ty: Type, value: &Value) -> Option<Vec<u8>> {
    let (size, _) = types.memory_layout(ty)?.size_and_alignment();
    let mut bytes = vec![0; size as usize];
    write(types, ty, value, &mut bytes)?;
    Some(bytes)
}

fn write(types: &TypeTable, ty: Type, value: &Value, bytes: &mut [u8]) -> Option<()> {
    if *value == Value::None {
        return Some(());
    }
    let memory = types.memory_layout(ty)?;
    let parts = memory.parts();
    let values: Vec<&Value> = match (memory, value) {
        (MemoryLayout::Struct(layout), Value::Record(_, given)) => {
            if given.len() != layout.fields.len() {
                return None;
            }
            let field = |name: &str| given.iter().find(|(given, _)| given == name).map(|(_, value)| value);
            layout.fields.iter().map(|wanted| field(&wanted.name)).collect::<Option<_>>()?
        }
        (_, Value::Tuple(values) | Value::List(values)) => values.iter().collect(),
        _ => return None,
    };
    if values.len() != parts.len() {
        return None;
    }
    parts.iter().zip(values).try_for_each(|(part, value)| write_part(types, part, value, bytes))
}

/// Writes a field or element of what begins with the bytes.
fn write_part(types: &TypeTable, part: &MemoryPart<'_>, value: &Value, bytes: &mut [u8]) -> Option<()> {
    let bytes = bytes.get_mut(part.offset as usize..)?;
    let written = match part.form {
        FieldForm::Inside => return write(types, part.ty, value, bytes),
        FieldForm::Integer { memory, signed } => integer_bytes(memory, signed, number(types, part.ty, value)?)?,
        #[expect(clippy::cast_possible_truncation, reason = "a float of the struct is a single")]
        FieldForm::Float32 => (as_float(value)? as f32).to_ne_bytes().to_vec(),
        FieldForm::Address => matches!(value, Value::None).then(|| vec![0; 8])?,
        FieldForm::Cell if types.definition(part.ty).set_of.is_some() => cell::encode(types, part.ty, value)?,
        FieldForm::Cell => match cell::member_number(types.definition(part.ty), value) {
            Some(number) => scalar(CellKind::of(types, part.ty)?, &Value::Integer(number))?,
            None => scalar(CellKind::of(types, part.ty)?, value)?,
        },
    };
    bytes.get_mut(..written.len())?.copy_from_slice(&written);
    Some(())
}

/// What is wrong with a record that does not fit a struct, by the field; `None` for what is no record or no struct.
pub(super) fn misfit(types: &TypeTable, ty: Type, value: &Value) -> Option<String> {
    let memory = types.memory_layout(ty)?;
    let (layout, Value::Record(_, given)) = (memory.as_struct()?, value) else { return None };
    if let Some((name, _)) = given.iter().find(|(name, _)| layout.field(name).is_none()) {
        return Some(format!("it has no field `{name}`"));
    }
    let mut bytes = vec![0; memory.size_and_alignment().0 as usize];
    for part in memory.parts() {
        let name = part.name.unwrap_or_default();
        let mut values = given.iter().filter(|(given, _)| given == name).map(|(_, value)| value);
        let reason = match (values.next(), values.next()) {
            (None, _) => format!("there is no value for `{name}`"),
            (Some(_), Some(_)) => format!("there are two values for `{name}`"),
            (Some(value), None) if write_part(types, &part, value, &mut bytes).is_some() => continue,
            (Some(value), None) => match misfit(types, part.ty, value) {
                Some(reason) => format!("in `{name}`: {reason}"),
                None if part.form == FieldForm::Address => {
                    format!("`{name}` is an address, of which None alone is given")
                }
                None => format!("{value} does not fit `{name}`"),
            },
        };
        return Some(reason);
    }
    None
}

/// The integer that a value of a type is: a member of an enumeration, a time.
fn number(types: &TypeTable, ty: Type, value: &Value) -> Option<i64> {
    match (CellKind::of(types, ty), value) {
        (_, Value::Integer(number))
        | (Some(CellKind::Datetime), Value::Datetime(number))
        | (Some(CellKind::Timedelta), Value::Timedelta(number)) => Some(*number),
        _ => cell::member_number(types.definition(ty), value),
    }
}

fn as_float(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        #[expect(clippy::cast_precision_loss, reason = "ints widen to floats as in Python, to the nearest")]
        Value::Integer(value) => Some(*value as f64),
        _ => None,
    }
}

fn integer_bytes(memory: Representation, signed: bool, value: i64) -> Option<Vec<u8>> {
    Some(match (memory, signed) {
        (Representation::I8, true) => i8::try_from(value).ok()?.to_ne_bytes().to_vec(),
        (Representation::I8, false) => u8::try_from(value).ok()?.to_ne_bytes().to_vec(),
        (Representation::I16, true) => i16::try_from(value).ok()?.to_ne_bytes().to_vec(),
        (Representation::I16, false) => u16::try_from(value).ok()?.to_ne_bytes().to_vec(),
        (Representation::I32, true) => i32::try_from(value).ok()?.to_ne_bytes().to_vec(),
        (Representation::I32, false) => u32::try_from(value).ok()?.to_ne_bytes().to_vec(),
        _ => value.to_ne_bytes().to_vec(),
    })
}

/// The value of the bytes at a place: a record of its fields; `None` where no [`Value`] can hold one, such as an address
/// that is not NULL.
pub(super) fn decode(types: &TypeTable, ty: Type, bytes: &[u8]) -> Option<Value> {
    let memory = types.memory_layout(ty)?;
    let parts = memory.parts();
    let values = parts.iter().map(|part| {
        let bytes = bytes.get(part.offset as usize..)?;
        part_value(types, part, bytes)
    });
    let values: Vec<Value> = values.collect::<Option<_>>()?;
    Some(match memory {
        MemoryLayout::Array(_) => Value::List(values),
        MemoryLayout::Struct(_) => {
            let names = parts.iter().map(|part| part.name.unwrap_or_default().to_owned());
            Value::Record(types.name(ty).to_owned(), names.zip(values).collect())
        }
    })
}

fn part_value(types: &TypeTable, part: &MemoryPart<'_>, bytes: &[u8]) -> Option<Value> {
    Some(match part.form {
        FieldForm::Inside => decode(types, part.ty, bytes)?,
        FieldForm::Integer { memory, signed } => {
            let number = integer_of(memory, signed, bytes)?;
            match CellKind::of(types, part.ty) {
                Some(CellKind::Datetime) => Value::Datetime(number),
                Some(CellKind::Timedelta) => Value::Timedelta(number),
                _ => Value::Integer(number),
            }
        }
        FieldForm::Float32 => Value::Float(f32::from_ne_bytes(*bytes.first_chunk()?).into()),
        FieldForm::Address => (bytes.first_chunk() == Some(&[0; 8])).then_some(Value::None)?,
        FieldForm::Cell if types.definition(part.ty).set_of.is_some() => cell::decode(types, part.ty, bytes)?,
        FieldForm::Cell => scalar_value(CellKind::of(types, part.ty)?, bytes)?,
    })
}

fn integer_of(memory: Representation, signed: bool, bytes: &[u8]) -> Option<i64> {
    Some(match (memory, signed) {
        (Representation::I8, true) => i8::from_ne_bytes(*bytes.first_chunk()?).into(),
        (Representation::I8, false) => u8::from_ne_bytes(*bytes.first_chunk()?).into(),
        (Representation::I16, true) => i16::from_ne_bytes(*bytes.first_chunk()?).into(),
        (Representation::I16, false) => u16::from_ne_bytes(*bytes.first_chunk()?).into(),
        (Representation::I32, true) => i32::from_ne_bytes(*bytes.first_chunk()?).into(),
        (Representation::I32, false) => u32::from_ne_bytes(*bytes.first_chunk()?).into(),
        _ => i64::from_ne_bytes(*bytes.first_chunk()?),
    })
}
