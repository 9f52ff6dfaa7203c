//! Values in memory of a host: how fields of structs and elements of arrays are read and written where they lie.
//!
//! All of it is memory of foreign code to the passes: rules of extensions that reach the same structs by their addresses
//! see what nodes write, and the other way round.

use cfunc_context::{LowerContext, LowerError, Operand, Operation};
use cfunc_ir::{ConvertOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{
    CellForm, DataModel, FieldForm, MemoryLayout, NodeErrorKind, Representation, RuntimeFunction, StructLayout, Type,
};
use smallvec::SmallVec;

use crate::emit::call;

/// The most loads that copying a struct is made of; more bytes are moved by a call.
const MOST_CHUNKS: u32 = 16;

/// Where a value lies, and what errors call it.
pub(crate) struct Place<'a> {
    pub(crate) address: IrValue,
    /// In bytes from the address.
    pub(crate) offset: u32,
    pub(crate) ty: Type,
    pub(crate) form: FieldForm,
    pub(crate) name: &'a str,
}

/// An offset of a field, which is within 32 bits.
fn offset_of(offset: u32) -> i32 {
    i32::try_from(offset).unwrap_or(i32::MAX)
}

/// The representation of a type of one component.
fn held(b: &LowerContext<'_, '_>, ty: Type) -> Result<Representation, LowerError> {
    match b.types.definition(ty).model {
        DataModel::Scalar(representation) => Ok(representation),
        DataModel::Empty | DataModel::Fields(_) => {
            Err(LowerError::new(format!("a field of type {} is no number", b.types.name(ty))))
        }
    }
}

/// An integer in another width; the sign tells how it is made wider.
fn resized(b: &mut LowerContext<'_, '_>, value: IrValue, to: Representation, signed: bool) -> IrValue {
    let from = b.representation(value);
    if from.size() > to.size() {
        return b.convert(ConvertOperation::Truncate, value, to);
    }
    if from == to {
        return value;
    }
    b.convert(if signed { ConvertOperation::SignExtend } else { ConvertOperation::ZeroExtend }, value, to)
}

/// Reads a value. Of what lies inside, it is the address.
pub(crate) fn load(b: &mut LowerContext<'_, '_>, place: &Place<'_>) -> Result<Operand, LowerError> {
    let (address, offset, ty) = (place.address, offset_of(place.offset), place.ty);
    let value = match place.form {
        FieldForm::Inside => {
            let distance = b.int64(i64::from(place.offset));
            b.pointer_add(address, distance)
        }
        FieldForm::Integer { memory, signed } => {
            let loaded = b.load(memory, address, offset, MemoryClass::Foreign);
            let wanted = held(b, ty)?;
            resized(b, loaded, wanted, signed)
        }
        FieldForm::Float32 => {
            let bits = b.load(Representation::I32, address, offset, MemoryClass::Foreign);
            call(b, RuntimeFunction::SingleToDouble, &[bits])
        }
        FieldForm::Address => {
            let loaded = b.load(Representation::Pointer, address, offset, MemoryClass::Foreign);
            if b.types.memory_layout(ty).is_some() {
                guard_address(b, loaded, place.name);
            }
            loaded
        }
        FieldForm::Cell => {
            let held = held(b, ty)?;
            match b.types.definition(ty).cell {
                CellForm::Truth => {
                    let loaded = b.load(held, address, offset, MemoryClass::Foreign);
                    b.integer_compare_constant(IntegerCondition::NotEqual, loaded, 0)
                }
                CellForm::Packed(bytes) => {
                    let alignment = CellForm::packed_alignment(bytes);
                    b.load_packed((held, bytes.into()), (address, offset), alignment, MemoryClass::Foreign)
                }
                _ => b.load(held, address, offset, MemoryClass::Foreign),
            }
        }
    };
    Ok(Operand::scalar(ty, value))
}

/// Fails where there is nothing at an address.
pub(crate) fn guard_address(b: &mut LowerContext<'_, '_>, address: IrValue, name: &str) {
    let present = b.integer_compare_constant(IntegerCondition::NotEqual, address, 0);
    b.guard(present, NodeErrorKind::ValueError, &format!("`{name}` is NULL: there is no struct"));
}

/// A value as memory of a form can hold it; fails where it does not fit.
pub(crate) fn fitted(
    b: &mut LowerContext<'_, '_>,
    (ty, form, name): (Type, FieldForm, &str),
    value: IrValue,
) -> Result<IrValue, LowerError> {
    match form {
        FieldForm::Integer { memory, signed } => {
            let held = held(b, ty)?;
            if held.size() <= memory.size() && (signed || held.size() == memory.size()) {
                return Ok(value);
            }
            let narrow = resized(b, value, memory, signed);
            let back = resized(b, narrow, held, signed);
            let fits = b.integer_compare(IntegerCondition::Equal, back, value);
            let message = match signed {
                true => format!("the value does not fit into the {} bits of `{name}`", 8 * memory.size()),
                false => format!("the value does not fit into the {} unsigned bits of `{name}`", 8 * memory.size()),
            };
            b.guard(fits, NodeErrorKind::OverflowError, &message);
            Ok(value)
        }
        FieldForm::Float32 => {
            let bits = call(b, RuntimeFunction::DoubleToSingle, &[value]);
            Ok(call(b, RuntimeFunction::SingleToDouble, &[bits]))
        }
        FieldForm::Cell | FieldForm::Inside | FieldForm::Address => Ok(value),
    }
}

/// Writes a value; fails where it does not fit.
pub(crate) fn store(b: &mut LowerContext<'_, '_>, place: &Place<'_>, value: &Operand) -> Result<(), LowerError> {
    if place.form != FieldForm::Inside {
        fitted(b, (place.ty, place.form, place.name), value.value())?;
    }
    store_fitting(b, place, value)
}

/// Writes a value that fits.
fn store_fitting(b: &mut LowerContext<'_, '_>, place: &Place<'_>, value: &Operand) -> Result<(), LowerError> {
    let (address, offset) = (place.address, offset_of(place.offset));
    let stored = match place.form {
        FieldForm::Inside => {
            let distance = b.int64(i64::from(place.offset));
            let inside = b.pointer_add(address, distance);
            b.call(Operation::CopyInto, &[Operand::scalar(place.ty, inside), value.clone()])?;
            return Ok(());
        }
        FieldForm::Integer { memory, signed } => resized(b, value.value(), memory, signed),
        FieldForm::Float32 => call(b, RuntimeFunction::DoubleToSingle, &[value.value()]),
        FieldForm::Cell => {
            if let CellForm::Packed(bytes) = b.types.definition(place.ty).cell {
                let alignment = CellForm::packed_alignment(bytes);
                b.store_packed((value.value(), bytes.into()), (address, offset), alignment, MemoryClass::Foreign);
                return Ok(());
            }
            value.value()
        }
        FieldForm::Address => value.value(),
    };
    b.store(stored, address, offset, MemoryClass::Foreign);
    Ok(())
}

/// Reads all fields of a struct: a copy, of the type given.
pub(crate) fn load_copy(b: &mut LowerContext<'_, '_>, place: &Operand, copy: Type) -> Result<Operand, LowerError> {
    let mut values = SmallVec::new();
    load_fields(b, place, &mut values)?;
    Ok(Operand { ty: copy, values })
}

fn load_fields(
    b: &mut LowerContext<'_, '_>,
    place: &Operand,
    values: &mut SmallVec<[IrValue; 2]>,
) -> Result<(), LowerError> {
    let types = b.types;
    for field in &layout_of(types, place.ty)?.fields {
        let (address, offset, ty, form) = (place.value(), field.offset, field.ty, field.form);
        // An address is copied as it is: nothing is read through it.
        if form == FieldForm::Address {
            values.push(b.load(Representation::Pointer, address, offset_of(offset), MemoryClass::Foreign));
            continue;
        }
        let value = load(b, &Place { address, offset, ty, form, name: &field.name })?;
        match form {
            FieldForm::Inside => load_fields(b, &value, values)?,
            _ => values.extend_from_slice(&value.values),
        }
    }
    Ok(())
}

/// Writes all fields of a copy, whose values fit.
pub(crate) fn store_copy(b: &mut LowerContext<'_, '_>, place: &Operand, copy: &Operand) -> Result<(), LowerError> {
    let types = b.types;
    for field in &layout_of(types, place.ty)?.fields {
        let value = b.field(copy, &field.name)?;
        let (address, offset, ty, form) = (place.value(), field.offset, field.ty, field.form);
        store_fitting(b, &Place { address, offset, ty, form, name: &field.name }, &value)?;
    }
    Ok(())
}

/// A copy in memory of the call's own, for what takes a place. Bytes between the fields are zero.
pub(crate) fn spill(b: &mut LowerContext<'_, '_>, place: Type, copy: &Operand) -> Result<Operand, LowerError> {
    let (size, alignment) = b.types.cell_layout(place);
    let slot = b.create_stack_slot(size, alignment);
    let address = b.stack_address(slot);
    let fields: u32 = copy.values.iter().map(|value| b.representation(*value).size()).sum();
    if fields != size {
        let chunk = chunk_of(alignment);
        let zero = b.zero(chunk);
        for offset in (0..size).step_by(chunk.size() as usize) {
            b.store(zero, address, offset_of(offset), MemoryClass::Foreign);
        }
    }
    let spilled = Operand::scalar(place, address);
    store_copy(b, &spilled, copy)?;
    Ok(spilled)
}

/// The largest integer that memory of an alignment is gone through by.
const fn chunk_of(alignment: u32) -> Representation {
    match alignment {
        1 => Representation::I8,
        2 => Representation::I16,
        4 => Representation::I32,
        _ => Representation::I64,
    }
}

/// Copies the bytes of a struct or array, those between fields too; the places may overlap.
pub(crate) fn move_bytes(b: &mut LowerContext<'_, '_>, to: &Operand, from: IrValue) -> Result<(), LowerError> {
    let layout = b.types.memory_layout(to.ty).map(MemoryLayout::size_and_alignment);
    let (size, alignment) = layout.ok_or_else(|| LowerError::new("what has no layout is not copied"))?;
    let chunk = chunk_of(alignment);
    if size / chunk.size() > MOST_CHUNKS {
        let size = b.int64(i64::from(size));
        b.call_runtime(RuntimeFunction::MoveBytes, &[to.value(), from, size]);
        return Ok(());
    }
    let offsets = (0..size).step_by(chunk.size() as usize).map(offset_of);
    let loaded: Vec<(i32, IrValue)> =
        offsets.map(|offset| (offset, b.load(chunk, from, offset, MemoryClass::Foreign))).collect();
    for (offset, value) in loaded {
        b.store(value, to.value(), offset, MemoryClass::Foreign);
    }
    Ok(())
}

/// The layout of a struct by its place.
pub(crate) fn layout_of(types: &cfunc_models::TypeTable, place: Type) -> Result<&StructLayout, LowerError> {
    let layout = types.memory_layout(place).and_then(MemoryLayout::as_struct);
    layout.ok_or_else(|| LowerError::new(format!("{} is no struct", types.name(place))))
}
