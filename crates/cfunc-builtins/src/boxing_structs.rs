//! Boxing and unboxing of structs: records of their fields. A place is memory that the call borrows, which is written back
//! where the call changed it; a copy is the fields themselves.

use std::rc::Rc;

use cfunc_context::{BoxError, BoxingContext, NativeBuffer, NativeCells, NativeValue, NativeWord, Registrar, TypeSpec};
use cfunc_models::{
    CellForm, DataModel, FieldForm, MemoryLayout, MemoryPart, Representation, Type, TypeClass, TypeConstructor,
    TypeTable, Value,
};
use smallvec::SmallVec;

use crate::boxing_scalars::expected;

pub(crate) fn register(registrar: &mut Registrar<'_>, structs: TypeClass, copies: TypeConstructor) {
    registrar.unbox_value(TypeSpec::Class(structs), |context, ty, value| {
        let mut native = NativeValue::default();
        let mut buffer = match encoded(context, ty, value, &mut native) {
            Ok(buffer) => buffer,
            Err(reason) => return NativeValue::error(reason),
        };
        let mut place = NativeValue::scalar(NativeWord::address(buffer.address()));
        place.hold(native);
        let buffer = Rc::new(buffer);
        let written = Rc::clone(&buffer);
        place.with_clean_up(move || drop(buffer)).with_write_back(move |context, value| {
            let now = decode(context, ty, written.bytes())?;
            update(value, now);
            Ok(())
        })
    });
    registrar.box_value(TypeSpec::Class(structs), |context, cells| match cells.memory() {
        Some(bytes) => decode(context, cells.ty(), bytes),
        None => Err(BoxError::new("there is no struct: its address is NULL")),
    });
    registrar.unbox_value(TypeSpec::Constructor(copies), |context, ty, value| {
        let Some((place, _)) = context.types().struct_of(ty) else { return NativeValue::error("it is no struct") };
        let mut held = NativeValue::default();
        let words = encoded(context, place, value, &mut held).map(|buffer| {
            let mut words = SmallVec::<[NativeWord; 8]>::new();
            read_fields(context.types(), place, buffer.bytes(), &mut words);
            words
        });
        match words {
            Ok(words) => {
                let mut copy = NativeValue::components(words);
                copy.hold(held);
                copy
            }
            Err(reason) => NativeValue::error(reason),
        }
    });
    registrar.box_value(TypeSpec::Constructor(copies), |context, cells| {
        let types = context.types();
        let Some((place, layout)) = types.struct_of(cells.ty()) else { return Err(BoxError::new("it is no struct")) };
        let parts = cells.fields();
        let fields = layout.fields.iter().zip(&parts).map(|(field, part)| {
            let value = match field.form {
                FieldForm::Address => address(part.word(), &field.name)?,
                _ => context.box_value(part).map_err(|error| error.within(&in_field(&field.name)))?,
            };
            Ok((field.name.clone(), value))
        });
        let fields = fields.collect::<Result<_, BoxError>>()?;
        Ok(Value::Record(types.name(place).to_owned(), fields))
    });
}

/// Addresses of structs that may be NULL come out as what lies there, or None.
pub(crate) fn register_addresses(registrar: &mut Registrar<'_>, addresses: TypeConstructor) {
    registrar.box_value(TypeSpec::Constructor(addresses), |context, cells| {
        let place = context.types().place_of_address(cells.ty());
        match (place, cells.memory()) {
            (Some(place), Some(bytes)) => decode(context, place, bytes),
            _ => Ok(Value::None),
        }
    });
}

fn in_field(name: &str) -> String {
    format!("field `{name}`")
}

/// The bytes of a struct of which a record has the fields; what the fields leave to be cleaned up goes to `held`.
fn encoded(
    context: &BoxingContext<'_>,
    place: Type,
    value: &Value,
    held: &mut NativeValue,
) -> Result<NativeBuffer, String> {
    let memory = context.types().memory_layout(place).ok_or("it is no struct")?;
    let mut buffer = NativeBuffer::zeroed(memory.size_and_alignment().0 as usize);
    encode(context, place, value, buffer.bytes_mut(), held)?;
    Ok(buffer)
}

fn encode(
    context: &BoxingContext<'_>,
    place: Type,
    value: &Value,
    bytes: &mut [u8],
    held: &mut NativeValue,
) -> Result<(), String> {
    let types = context.types();
    let name = types.name(place);
    let wrong = || expected(name, value).message().unwrap_or_default().to_owned();
    match (types.memory_layout(place), value) {
        (Some(MemoryLayout::Struct(layout)), Value::Record(kind, given)) if kind == name => {
            if let Some((unknown, _)) = given.iter().find(|(field, _)| layout.field(field).is_none()) {
                return Err(format!("{name} has no field `{unknown}`"));
            }
            for field in &layout.fields {
                let given = given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value);
                let value = given.or(field.default.as_ref());
                let value = value.ok_or_else(|| format!("{name} is given no value for its field `{}`", field.name))?;
                let part = MemoryPart { name: Some(&field.name), offset: field.offset, ty: field.ty, form: field.form };
                encode_part(context, &part, value, bytes, held)
                    .map_err(|reason| format!("{}: {reason}", in_field(&field.name)))?;
            }
            Ok(())
        }
        (Some(memory @ MemoryLayout::Array(array)), Value::List(values) | Value::Tuple(values)) => {
            if values.len() != array.length as usize {
                return Err(format!("{} elements expected, not {}", array.length, values.len()));
            }
            for (index, (part, value)) in memory.parts().iter().zip(values).enumerate() {
                encode_part(context, part, value, bytes, held)
                    .map_err(|reason| format!("element {index}: {reason}"))?;
            }
            Ok(())
        }
        _ => Err(wrong()),
    }
}

fn encode_part(
    context: &BoxingContext<'_>,
    part: &MemoryPart<'_>,
    value: &Value,
    bytes: &mut [u8],
    held: &mut NativeValue,
) -> Result<(), String> {
    let types = context.types();
    let bytes = &mut bytes[part.offset as usize..];
    match part.form {
        FieldForm::Inside => return encode(context, part.ty, value, bytes, held),
        FieldForm::Address if *value == Value::None => return Ok(()),
        FieldForm::Address => return Err("an address is not given by a value, other than None for NULL".to_owned()),
        FieldForm::Cell | FieldForm::Float32 | FieldForm::Integer { .. } => {}
    }
    let native = context.unbox(part.ty, value);
    if let Some(reason) = native.message() {
        return Err(reason.to_owned());
    }
    let (word, representation) = match (native.words(), representation(types, part.ty)) {
        ([word], Some(representation)) => (*word, representation),
        _ => return Err(format!("a value of type {} is no number", types.name(part.ty))),
    };
    held.hold(native);
    match part.form {
        FieldForm::Integer { memory, signed } => {
            let number = word.as_integer(representation);
            let fits = match (memory.size(), signed) {
                (8.., _) => true,
                (size, true) => (i64::MIN >> (64 - 8 * size)..=i64::MAX >> (64 - 8 * size)).contains(&number),
                (size, false) => (0..1i64 << (8 * size)).contains(&number),
            };
            if !fits {
                let sign = if signed { "" } else { "unsigned " };
                return Err(format!("{number} does not fit into {sign}{} bits", 8 * memory.size()));
            }
            NativeWord::int64(number).truncated(memory).write(memory, bytes);
        }
        #[expect(clippy::cast_possible_truncation, reason = "the field is a single")]
        FieldForm::Float32 => bytes[..4].copy_from_slice(&(word.as_float64() as f32).to_ne_bytes()),
        _ => match types.definition(part.ty).cell {
            CellForm::Packed(count) => {
                bytes[..count.into()].copy_from_slice(&word.bits().to_le_bytes()[..count.into()]);
            }
            _ => word.write(representation, bytes),
        },
    }
    Ok(())
}

/// The representation of a type of one component.
fn representation(types: &TypeTable, ty: Type) -> Option<Representation> {
    match types.definition(ty).model {
        DataModel::Scalar(representation) => Some(representation),
        DataModel::Empty | DataModel::Fields(_) => None,
    }
}

/// The component of a field that is one, as nodes see it.
fn read_part(types: &TypeTable, part: &MemoryPart<'_>, bytes: &[u8]) -> NativeWord {
    let Some(held) = representation(types, part.ty) else { return NativeWord::default() };
    match part.form {
        FieldForm::Integer { memory, signed: true } => {
            NativeWord::int64(NativeWord::read(memory, bytes).as_integer(memory)).truncated(held)
        }
        FieldForm::Integer { memory, signed: false } => NativeWord::read(memory, bytes).truncated(held),
        FieldForm::Float32 => {
            let mut single = [0; 4];
            single.copy_from_slice(&bytes[..4]);
            NativeWord::float64(f32::from_ne_bytes(single).into())
        }
        FieldForm::Address | FieldForm::Inside => NativeWord::read(Representation::Pointer, bytes),
        FieldForm::Cell => match types.definition(part.ty).cell {
            CellForm::Truth => NativeWord::boolean(bytes[0] != 0),
            CellForm::Packed(count) => {
                let mut all = [0; 16];
                all[..count.into()].copy_from_slice(&bytes[..count.into()]);
                NativeWord::int128(i128::from_le_bytes(all))
            }
            _ => NativeWord::read(held, bytes),
        },
    }
}

/// The components of a copy of what lies at a place.
fn read_fields(types: &TypeTable, place: Type, bytes: &[u8], words: &mut SmallVec<[NativeWord; 8]>) {
    let Some(memory) = types.memory_layout(place) else { return };
    for part in memory.parts() {
        let bytes = &bytes[part.offset as usize..];
        match part.form {
            FieldForm::Inside => read_fields(types, part.ty, bytes, words),
            _ => words.push(read_part(types, &part, bytes)),
        }
    }
}

/// An address is None where it is NULL.
fn address(word: NativeWord, name: &str) -> Result<Value, BoxError> {
    match word.bits() {
        0 => Ok(Value::None),
        _ => Err(BoxError::new(format!("{}: an address has no value", in_field(name)))),
    }
}

/// The value of what lies at a place: a record of its fields, or a list of its elements.
fn decode(context: &BoxingContext<'_>, place: Type, bytes: &[u8]) -> Result<Value, BoxError> {
    let types = context.types();
    let memory = types.memory_layout(place).ok_or_else(|| BoxError::new("it is no struct"))?;
    let parts = memory.parts();
    let value = |part: &MemoryPart<'_>| {
        let (name, bytes) = (part.name.unwrap_or("an element"), &bytes[part.offset as usize..]);
        match part.form {
            FieldForm::Inside => decode(context, part.ty, bytes),
            FieldForm::Address => address(read_part(types, part, bytes), name),
            FieldForm::Cell | FieldForm::Float32 | FieldForm::Integer { .. } => {
                let words = [read_part(types, part, bytes)];
                let cells = NativeCells::of_data(types, part.ty, &words);
                let cells = cells.ok_or_else(|| BoxError::new(format!("{} is no number", in_field(name))))?;
                context.box_value(&cells).map_err(|error| error.within(&in_field(name)))
            }
        }
    };
    let values = parts.iter().map(value).collect::<Result<Vec<Value>, BoxError>>()?;
    Ok(match memory {
        MemoryLayout::Array(_) => Value::List(values),
        MemoryLayout::Struct(_) => {
            let names = parts.iter().map(|part| part.name.unwrap_or_default().to_owned());
            Value::Record(types.name(place).to_owned(), names.zip(values).collect())
        }
    })
}

/// Puts what a record is now in the place of what it was, field by field in the order that it had.
fn update(value: &mut Value, now: Value) {
    match (value, now) {
        (Value::Record(kind, fields), Value::Record(now_kind, now)) if *kind == now_kind => {
            for (name, now) in now {
                match fields.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, value)) => update(value, now),
                    None => fields.push((name, now)),
                }
            }
        }
        (value, now) => {
            if !value.same_bits(&now) {
                *value = now;
            }
        }
    }
}
