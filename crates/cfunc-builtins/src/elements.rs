//! Elements of one type by an index that is known at run time only.

use cfunc_context::{LowerContext, Operand};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value};
use cfunc_models::{NodeErrorKind, Representation, Type};

/// Up to how many elements are chosen from where they are; more are put into memory first.
pub(crate) const MOST_SELECTED: usize = 4;

/// An index as a position from 0: negative ones count from the end. Fails with IndexError beyond the length.
pub(crate) fn checked_index(b: &mut LowerContext<'_, '_>, index: Value, length: i64, message: &str) -> Value {
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, index, 0);
    let length = b.int64(length);
    let from_end = b.binary(BinaryOperation::IntegerAdd, index, length);
    let position = b.select(negative, from_end, index);
    let inside = b.integer_compare(IntegerCondition::UnsignedLess, position, length);
    b.guard(inside, NodeErrorKind::IndexError, message);
    position
}

/// The element of a position that is inside; all are of the type given.
pub(crate) fn element_at(b: &mut LowerContext<'_, '_>, ty: Type, elements: &[Operand], position: Value) -> Operand {
    if elements.len() > MOST_SELECTED {
        let (address, class) = in_memory(b, ty, elements);
        return load_element(b, ty, address, class, position);
    }
    let Some((first, rest)) = elements.split_first() else { return Operand::new(ty, &[]) };
    let mut chosen = first.clone();
    for (index, element) in (1i64..).zip(rest) {
        let here = b.integer_compare_constant(IntegerCondition::Equal, position, index);
        let pairs = element.values.iter().zip(&chosen.values);
        let values: Vec<Value> = pairs.map(|(element, chosen)| b.select(here, *element, *chosen)).collect();
        chosen = Operand::new(ty, &values);
    }
    chosen
}

/// The address of elements that were put one after the other: static data where all are constants, else the stack.
pub(crate) fn in_memory(b: &mut LowerContext<'_, '_>, ty: Type, elements: &[Operand]) -> (Value, MemoryClass) {
    let types = b.types;
    let (offsets, size) = types.layout(ty);
    let size = size as usize;
    let mut bytes = vec![0u8; size * elements.len()];
    let mut constant = true;
    for (index, element) in elements.iter().enumerate() {
        for (value, offset) in element.values.iter().zip(&offsets) {
            let word = b
                .integer_constant_of(*value)
                .or_else(|| b.float_constant_of(*value).map(|value| value.to_bits().cast_signed()));
            let width = b.representation(*value).size() as usize;
            match word.filter(|_| width <= 8) {
                Some(word) => {
                    let start = index * size + *offset as usize;
                    bytes[start..start + width].copy_from_slice(&word.to_le_bytes()[..width]);
                }
                None => constant = false,
            }
        }
    }
    if constant && !bytes.is_empty() {
        return (b.static_data(16, bytes, Vec::new()), MemoryClass::Constant);
    }
    let slot = b.create_stack_slot(u32::try_from(bytes.len().max(1)).unwrap_or(u32::MAX), 16);
    let address = b.stack_address(slot);
    for (index, element) in elements.iter().enumerate() {
        for (value, offset) in element.values.iter().zip(&offsets) {
            let offset = i32::try_from(index * size + *offset as usize).unwrap_or(i32::MAX);
            b.store(*value, address, offset, MemoryClass::Stack);
        }
    }
    (address, MemoryClass::Stack)
}

/// The element of a position in memory.
pub(crate) fn load_element(
    b: &mut LowerContext<'_, '_>,
    ty: Type,
    address: Value,
    class: MemoryClass,
    position: Value,
) -> Operand {
    let types = b.types;
    let components = types.components(ty);
    let (offsets, size) = types.layout(ty);
    let size = b.int64(i64::from(size));
    let distance = b.binary(BinaryOperation::IntegerMultiply, position, size);
    let address = b.pointer_add(address, distance);
    let pairs = components.iter().zip(&offsets);
    let values: Vec<Value> = pairs
        .map(|(component, offset): (&Representation, &u32)| {
            b.load(*component, address, i32::try_from(*offset).unwrap_or(i32::MAX), class)
        })
        .collect();
    Operand::new(ty, &values)
}
