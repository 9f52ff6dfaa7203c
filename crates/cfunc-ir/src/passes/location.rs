//! Which memory an access touches, as far as the address says.

use cfunc_models::Representation;

use crate::passes::hash::WordMap;
use crate::passes::subject::{integer_of, is_never_written};
use crate::{DataId, Function, Instruction, InstructionData, MemoryClass, StackSlot, Value};

/// How many additions an address is followed through.
const LONGEST_CHAIN: usize = 32;

/// What an address counts from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Root {
    /// A pointer of which nothing is known.
    Pointer(Value),
    /// The cell that an element of an array of cells points at; the offset in the array in bytes.
    Cell(Value, i64),
    /// A stack slot.
    Stack(StackSlot),
    /// Static data.
    Data(DataId),
}

/// A place in memory, of one size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Location {
    pub(crate) class: MemoryClass,
    pub(crate) root: Root,
    /// From the root, in bytes.
    pub(crate) offset: i64,
    pub(crate) representation: Representation,
}

impl Location {
    /// The place that a load or store touches.
    pub(crate) fn of(function: &Function, instruction: Instruction) -> Option<Self> {
        let (address, offset, class, representation) = match function.instruction(instruction) {
            InstructionData::Load { representation, address, offset, class } => {
                (*address, *offset, *class, *representation)
            }
            InstructionData::Store { value, address, offset, class } => {
                (*address, *offset, *class, function.representation(*value))
            }
            _ => return None,
        };
        let (root, moved) = root_of(function, address);
        Some(Self { class, root, offset: moved.wrapping_add(i64::from(offset)), representation })
    }

    /// Whether a write of one may change what a read of the other gives.
    pub(crate) fn may_overlap(&self, other: &Self) -> bool {
        if self.class != other.class && self.class != MemoryClass::Any && other.class != MemoryClass::Any {
            return false;
        }
        if is_never_written(self.class) || is_never_written(other.class) {
            return false;
        }
        if self.root == other.root {
            return self.touches(other);
        }
        match (self.root, other.root) {
            // The cells of one call are distinct memory; the inputs that may share one are not written.
            (Root::Cell(..), Root::Cell(..)) => {
                self.class != other.class || !matches!(self.class, MemoryClass::State | MemoryClass::Output)
            }
            (Root::Stack(_) | Root::Data(_), Root::Stack(_) | Root::Data(_)) => false,
            _ => true,
        }
    }

    /// Whether two places from one root have bytes in common.
    fn touches(&self, other: &Self) -> bool {
        let end = |place: &Self| place.offset.saturating_add(i64::from(place.representation.size()));
        self.offset < end(other) && other.offset < end(self)
    }
}

/// What an address counts from, and how far from it.
fn root_of(function: &Function, mut address: Value) -> (Root, i64) {
    let mut moved = 0i64;
    for _ in 0..LONGEST_CHAIN {
        match function.defining_instruction(address) {
            Some(InstructionData::PointerAdd { address: base, offset }) => {
                let Some(offset) = integer_of(function, *offset) else {
                    break;
                };
                moved = moved.wrapping_add(offset);
                address = *base;
            }
            Some(InstructionData::Load { address: array, offset, class: MemoryClass::Slot, .. }) => {
                let element = Some(i64::from(*offset)).filter(|_| is_plain(function, *array));
                return match element {
                    Some(element) => (Root::Cell(*array, element), moved),
                    None => (Root::Pointer(address), moved),
                };
            }
            Some(InstructionData::StackAddress { slot }) => return (Root::Stack(*slot), moved),
            Some(InstructionData::DataAddress { data, offset }) => {
                return (Root::Data(*data), moved.wrapping_add(i64::from(*offset)));
            }
            _ => break,
        }
    }
    (Root::Pointer(address), moved)
}

/// Whether a pointer to an array is no sum, so that one place in the array has one spelling.
fn is_plain(function: &Function, array: Value) -> bool {
    !matches!(function.defining_instruction(array), Some(InstructionData::PointerAdd { .. }))
}

/// The places of a function, numbered.
#[derive(Default)]
pub(crate) struct Locations {
    numbers: WordMap<Location, u32>,
    places: Vec<Location>,
}

impl Locations {
    /// The number of a place, a new one where it has none.
    pub(crate) fn number(&mut self, location: Location) -> usize {
        let next = u32::try_from(self.places.len()).unwrap_or(u32::MAX);
        let number = *self.numbers.entry(location).or_insert(next);
        if number == next {
            self.places.push(location);
        }
        number as usize
    }

    /// The place of a number.
    pub(crate) fn place(&self, number: usize) -> &Location {
        &self.places[number]
    }

    /// All places.
    pub(crate) fn places(&self) -> &[Location] {
        &self.places
    }
}

/// Which stack slots no pointer leads to but those that loads and stores use at once, by number: what a call cannot
/// touch.
pub(crate) fn private_slots(function: &Function) -> Vec<bool> {
    let mut private = vec![true; function.stack_slots.len()];
    if private.is_empty() {
        return private;
    }
    let mut expose = |value: Value| {
        if let Some(InstructionData::StackAddress { slot }) = function.defining_instruction(value) {
            private[slot.index()] = false;
        }
    };
    for block in &function.layout {
        let data = function.block(*block);
        for instruction in &data.instructions {
            match function.instruction(*instruction) {
                InstructionData::Load { .. } => {}
                InstructionData::Store { value, .. } => expose(*value),
                other => other.for_each_operand(&mut expose),
            }
        }
        if let Some(terminator) = &data.terminator {
            terminator.for_each_operand(&mut expose);
        }
    }
    private
}
