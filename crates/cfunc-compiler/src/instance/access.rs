//! Reading and writing the cells of an instance.

use std::any::type_name;
use std::marker::PhantomData;

use cfunc_models::{Representation, Type, TypeTable, Value};

use super::cell::{self, CellKind, CellValue};
use super::{InputHandle, NodeInstance, OutputHandle, memory};
use crate::{AccessError, CfuncStruct};

impl NodeInstance {
    // Typed: checked once, then a few machine instructions.

    /// The input of a name, as a `T`.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchInput`], [`AccessError::TypeMismatch`]; [`AccessError::IsStruct`] for a struct with addresses
    /// in it, which [`NodeInstance::set_struct`] writes.
    pub fn input<T: CellValue>(&self, name: &str) -> Result<InputHandle<T>, AccessError> {
        let index = self.input_index(name).ok_or_else(|| AccessError::NoSuchInput(name.to_owned()))?;
        let slot = &self.slots.inputs[index];
        let fingerprint = self.check_kind::<T>(name, slot.kind, slot.ty)?;
        if self.unit.types.memory_layout(slot.ty).is_some_and(|memory| !memory.is_data(&self.unit.types)) {
            return Err(AccessError::IsStruct { ty: self.unit.types.name(slot.ty).to_owned() });
        }
        Ok(InputHandle { index: position(index), fingerprint, ty: PhantomData })
    }

    /// The output at a position, as a `T`.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`], [`AccessError::TypeMismatch`].
    pub fn output<T: CellValue>(&self, index: usize) -> Result<OutputHandle<T>, AccessError> {
        let count = self.slots.outputs.len();
        let slot = self.slots.outputs.get(index).ok_or(AccessError::NoSuchIndex { what: "output", index, count })?;
        let fingerprint = self.check_kind::<T>(self.output_name(index), slot.kind, slot.ty)?;
        Ok(OutputHandle { index: position(index), fingerprint, ty: PhantomData })
    }

    /// The output of a name, as a `T`.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchOutput`], [`AccessError::TypeMismatch`].
    pub fn output_named<T: CellValue>(&self, name: &str) -> Result<OutputHandle<T>, AccessError> {
        let outputs = &self.unit.function().outputs;
        let index = outputs.iter().position(|output| output.name.as_deref() == Some(name));
        self.output(index.ok_or_else(|| AccessError::NoSuchOutput(name.to_owned()))?)
    }

    /// Writes an input's cell and marks it as ticked, until the end of the next tick, and as valid.
    ///
    /// # Panics
    ///
    /// With a handle of another result that does not fit this one.
    #[inline]
    pub fn set<T: CellValue>(&mut self, input: InputHandle<T>, value: T) {
        let slot = &self.slots.inputs[input.index as usize];
        let same = !cell::is_struct::<T>() || slot.fingerprint == input.fingerprint;
        assert!(cell::fits::<T>(slot.kind) && same, "the handle is of another result");
        // SAFETY: the slot's pointers lead into the arena, the cell is of a kind that fits.
        unsafe {
            cell::write(slot.cell, value);
            slot.ticked.write(1);
            slot.valid.write(1);
        }
    }

    /// The value of an output where the last tick wrote it.
    ///
    /// # Panics
    ///
    /// As [`NodeInstance::set`].
    #[inline]
    pub fn ticked<T: CellValue>(&self, output: OutputHandle<T>) -> Option<T> {
        let slot = &self.slots.outputs[output.index as usize];
        let same = !cell::is_struct::<T>() || slot.fingerprint == output.fingerprint;
        assert!(cell::fits::<T>(slot.kind) && same, "the handle is of another result");
        // SAFETY: the slot's pointers lead into the arena, the cell is of a kind that fits.
        unsafe { (slot.ticked.read() != 0).then(|| cell::read(slot.cell)) }
    }

    // Dynamic: by position and value.

    /// The position of the input of a name.
    pub fn input_index(&self, name: &str) -> Option<usize> {
        self.unit.inputs.iter().position(|input| *input.name == *name)
    }

    /// The position of the state of a name.
    pub fn state_index(&self, name: &str) -> Option<usize> {
        self.unit.function().states.iter().position(|state| *state.name == *name)
    }

    /// Writes an input's cell and marks it as ticked and valid.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`], [`AccessError::ValueMismatch`]; [`AccessError::RecordMismatch`] where a record is not
    /// one of the input's struct; [`AccessError::HoldsAddress`] for all but None where the cell is a pointer, which
    /// [`NodeInstance::set_pointer`] writes.
    pub fn set_value(&mut self, index: usize, value: &Value) -> Result<(), AccessError> {
        self.set_cell(index, value)?;
        self.set_ticked(index, true)?;
        self.set_valid(index, true)
    }

    /// Writes an input's cell, and no flag.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::set_value`].
    pub fn set_cell(&mut self, index: usize, value: &Value) -> Result<(), AccessError> {
        let slot = self.input_slot(index)?;
        if slot.kind == CellKind::Object || (slot.kind == CellKind::Pointer && *value != Value::None) {
            return Err(AccessError::HoldsAddress { ty: self.unit.types.name(slot.ty).to_owned() });
        }
        // As the initial value of a state, None is bytes that are all zero; no host means those by it.
        if slot.kind == CellKind::Place && *value == Value::None {
            let (value, ty) = (value.to_string(), self.unit.types.name(slot.ty).to_owned());
            return Err(AccessError::ValueMismatch { value, ty });
        }
        // SAFETY: the slot's cell is of its type, in the arena.
        unsafe { self.write_value(slot.cell, slot.kind, slot.ty, value) }
    }

    /// Writes the bytes of an input's cell or buffer as they are, and no flag; as many as its type has.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`]; [`AccessError::ValueMismatch`] for another number of bytes, and for types that hold
    /// pointers, which bytes alone do not make.
    pub fn set_bytes(&mut self, index: usize, bytes: &[u8]) -> Result<(), AccessError> {
        let slot = self.input_slot(index)?;
        let types = &self.unit.types;
        let holds_pointers = match types.memory_layout(slot.ty) {
            Some(layout) => !layout.is_data(types) || !memory::truths_are_right(types, slot.ty, bytes),
            None => types.components(slot.ty).contains(&Representation::Pointer),
        };
        if holds_pointers || bytes.len() != self.size(slot.ty) {
            let value = format!("a block of {} bytes", bytes.len());
            return Err(AccessError::ValueMismatch { value, ty: self.unit.types.name(slot.ty).to_owned() });
        }
        // SAFETY: the cell has room for a value of its type; every bit pattern is one.
        unsafe { slot.cell.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
        Ok(())
    }

    /// Writes an input's cell of an opaque pointer, or the slot of an object of the host, and marks the input as ticked and
    /// valid. Until then the pointer is NULL.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`], [`AccessError::ValueMismatch`] for an input of another type, [`AccessError::IsStruct`]
    /// for a struct, which is copied into the node by [`NodeInstance::set_struct`].
    ///
    /// # Safety
    ///
    /// The pointer is NULL, unless it is an object, or what the rules of the input's type take it for, from now until another one is given or
    /// the node is dropped, on every thread that the node is called or dropped on.
    #[inline]
    pub unsafe fn set_pointer(&mut self, index: usize, pointer: *mut u8) -> Result<(), AccessError> {
        let slot = self.input_slot(index)?;
        if !matches!(slot.kind, CellKind::Pointer | CellKind::Object) {
            return Err(self.no_pointer(slot.ty));
        }
        // Generated code gets the address as a word, and makes a pointer of it again.
        let address = pointer.expose_provenance();
        // SAFETY: the cell, or the slot that is the object, has room for an address; the flags are in the arena.
        unsafe {
            slot.cell.cast::<usize>().write(address);
            slot.ticked.write(1);
            slot.valid.write(1);
        }
        Ok(())
    }

    #[cold]
    fn no_pointer(&self, ty: Type) -> AccessError {
        let name = self.unit.types.name(ty).to_owned();
        if self.unit.types.memory_layout(ty).is_some() {
            return AccessError::IsStruct { ty: name };
        }
        AccessError::ValueMismatch { value: "a pointer".to_owned(), ty: name }
    }

    /// Writes an input's struct, which may hold addresses, and marks it as ticked and valid. Structs without addresses are
    /// written by [`NodeInstance::set`] too.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`], [`AccessError::TypeMismatch`] for an input of another type.
    ///
    /// # Safety
    ///
    /// Every address in the struct is NULL or that of what its field's type says, from now until another value is given or
    /// the node is dropped, on every thread that the node is called or dropped on; so are those in what is found there. A
    /// node that assigns such structs, or what is found in them, to states keeps the addresses until it is dropped.
    pub unsafe fn set_struct<T: CellValue + CfuncStruct>(
        &mut self,
        index: usize,
        value: &T,
    ) -> Result<(), AccessError> {
        let slot = self.input_slot(index)?;
        self.check_kind::<T>(&self.unit.inputs[index].name, slot.kind, slot.ty)?;
        // SAFETY: the cell is of the struct's type.
        unsafe { cell::write(slot.cell, *value) };
        self.set_ticked(index, true)?;
        self.set_valid(index, true)
    }

    /// Marks an input as ticked for the next tick, or not.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`].
    pub fn set_ticked(&mut self, index: usize, ticked: bool) -> Result<(), AccessError> {
        // SAFETY: the flag is in the arena.
        unsafe { self.input_slot(index)?.ticked.write(u8::from(ticked)) };
        Ok(())
    }

    /// Marks an input as valid, or not.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`].
    pub fn set_valid(&mut self, index: usize, valid: bool) -> Result<(), AccessError> {
        // SAFETY: the flag is in the arena.
        unsafe { self.input_slot(index)?.valid.write(u8::from(valid)) };
        Ok(())
    }

    /// The value of the output at a position; `None` where the last tick did not write it, where there is none, and
    /// where no [`Value`] can hold it, as of a struct with an address that is not NULL. A member of an enumeration is its
    /// integer, a set of members the list of their names, a struct a record.
    pub fn output_value(&self, index: usize) -> Option<Value> {
        let slot = self.slots.outputs.get(index)?;
        // SAFETY: the flag is in the arena.
        if unsafe { slot.ticked.read() } == 0 {
            return None;
        }
        // SAFETY: the cell is of its type, in the arena.
        unsafe { self.read_value(slot.cell, slot.kind, slot.ty) }
    }

    /// The address in the cell of an output of a pointer type; `None` where the last tick did not write it, and where
    /// there is no such output. What is there belongs to the node, where its type has ownership hooks: until the node
    /// writes the output again or is stopped.
    pub fn output_pointer(&self, index: usize) -> Option<*mut u8> {
        let slot = self.slots.outputs.get(index)?;
        // SAFETY: the flag is in the arena.
        if slot.kind != CellKind::Pointer || unsafe { slot.ticked.read() } == 0 {
            return None;
        }
        // SAFETY: the cell holds an address, which compiled code wrote as a word.
        let address = unsafe { slot.cell.cast::<usize>().read() };
        Some(std::ptr::with_exposed_provenance_mut(address))
    }

    /// The bytes of an output's cell or buffer; `None` where the last tick did not write it, and where there is none.
    pub fn output_bytes(&self, index: usize) -> Option<&[u8]> {
        let slot = self.slots.outputs.get(index)?;
        // SAFETY: the flag is in the arena; the cell has as many bytes as its type, and nothing writes them while the
        // instance is borrowed.
        unsafe { (slot.ticked.read() != 0).then(|| std::slice::from_raw_parts(slot.cell, self.size(slot.ty))) }
    }

    /// What a state holds; `None` for containers, where there is none, and where no [`Value`] can hold it.
    pub fn state_value(&self, index: usize) -> Option<Value> {
        let slot = self.slots.states.get(index)?;
        // SAFETY: the cell is of its type, in the arena.
        unsafe { self.read_value(slot.cell, slot.kind, slot.ty) }
    }

    /// Changes what a state holds, between ticks.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchIndex`], [`AccessError::ValueMismatch`], [`AccessError::OwnedByNode`] for containers and for
    /// types with ownership hooks.
    pub fn set_state_value(&mut self, index: usize, value: &Value) -> Result<(), AccessError> {
        let count = self.slots.states.len();
        let slot = self.slots.states.get(index).ok_or(AccessError::NoSuchIndex { what: "state", index, count })?;
        let owned = !self.unit.context.registry().owned_components(&self.unit.types, slot.ty).is_empty();
        if slot.kind == CellKind::Container || owned {
            let (name, ty) = (self.unit.function().states[index].name.to_string(), self.unit.types.name(slot.ty));
            return Err(AccessError::OwnedByNode { name, ty: ty.to_owned() });
        }
        self.write_state(index, value)
    }

    pub(super) fn write_state(&mut self, index: usize, value: &Value) -> Result<(), AccessError> {
        let slot = &self.slots.states[index];
        // SAFETY: the cell is of its type, in the arena.
        unsafe { self.write_value(slot.cell, slot.kind, slot.ty, value) }
    }

    #[inline]
    fn input_slot(&self, index: usize) -> Result<&super::slots::InputSlot, AccessError> {
        let count = self.slots.inputs.len();
        self.slots.inputs.get(index).ok_or(AccessError::NoSuchIndex { what: "input", index, count })
    }

    fn output_name(&self, index: usize) -> &str {
        let function = self.unit.function();
        function.outputs.get(index).and_then(|output| output.name.as_deref()).unwrap_or(&function.name)
    }

    fn size(&self, ty: Type) -> usize {
        self.unit.types.cell_layout(ty).0 as usize
    }

    fn check_kind<T: CellValue>(&self, name: &str, kind: CellKind, ty: Type) -> Result<u64, AccessError> {
        if cell::fits::<T>(kind)
            && let Some(fingerprint) = T::fingerprint(&self.unit.types, ty)
        {
            return Ok(fingerprint);
        }
        let ty = self.unit.types.name(ty).to_owned();
        Err(AccessError::TypeMismatch { name: name.to_owned(), ty, asked: type_name::<T>() })
    }

    /// # Safety
    ///
    /// `target` is a cell of that type and kind, which nothing else uses meanwhile.
    unsafe fn write_value(&self, target: *mut u8, kind: CellKind, ty: Type, value: &Value) -> Result<(), AccessError> {
        match (kind, value) {
            // The common ones, without a detour over bytes.
            // SAFETY: the caller's promise.
            (CellKind::Float64, Value::Float(value)) => unsafe { cell::write(target, *value) },
            // SAFETY: the caller's promise.
            (CellKind::Int64, Value::Integer(value)) => unsafe { cell::write(target, *value) },
            // SAFETY: the caller's promise.
            (CellKind::Truth, Value::Boolean(value)) => unsafe { cell::write(target, *value) },
            _ => {
                let types = &self.unit.types;
                let bytes = cell::encode(types, ty, value).ok_or_else(|| misfit(types, ty, value))?;
                // SAFETY: the cell has room for the bytes of a value of its type.
                unsafe { target.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len()) };
            }
        }
        Ok(())
    }

    /// # Safety
    ///
    /// `source` is a cell of that type and kind, which nothing writes meanwhile.
    unsafe fn read_value(&self, source: *const u8, kind: CellKind, ty: Type) -> Option<Value> {
        match kind {
            // SAFETY: the caller's promise.
            CellKind::Float64 => Some(Value::Float(unsafe { cell::read(source) })),
            // SAFETY: the caller's promise.
            CellKind::Int64 => Some(Value::Integer(unsafe { cell::read(source) })),
            CellKind::Container => None,
            _ => {
                // SAFETY: the cell has as many bytes as its type.
                let bytes = unsafe { std::slice::from_raw_parts(source, self.size(ty)) };
                cell::decode(&self.unit.types, ty, bytes)
            }
        }
    }
}

/// Why a value does not fit a cell.
#[cold]
fn misfit(types: &TypeTable, ty: Type, value: &Value) -> AccessError {
    let name = types.name(ty).to_owned();
    match memory::misfit(types, ty, value) {
        Some(reason) => AccessError::RecordMismatch { ty: name, reason },
        None => AccessError::ValueMismatch { value: value.to_string(), ty: name },
    }
}

fn position(index: usize) -> u32 {
    // Slots are numbered by 32 bits.
    u32::try_from(index).unwrap_or(u32::MAX)
}
