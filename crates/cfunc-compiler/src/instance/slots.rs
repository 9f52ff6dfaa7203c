//! Where the cells, flags and pointer arrays of one instance lie.

use std::ops::Range;

use cfunc_models::{AbiParameterId, AbiRole, Type};

use super::arena::{Arena, ArenaPlan};
use super::cell::CellKind;
use super::memory;
use crate::InstantiateError;
use crate::unit::Unit;

/// One input.
pub(super) struct InputSlot {
    /// The cell or buffer; for an object of the host the element of the array, which holds its address.
    pub(super) cell: *mut u8,
    /// One byte; a byte that nobody reads where the category has no such flags.
    pub(super) ticked: *mut u8,
    /// As `ticked`.
    pub(super) valid: *mut u8,
    pub(super) kind: CellKind,
    pub(super) ty: Type,
    /// Of a struct, what tells its layout from others.
    pub(super) fingerprint: u64,
}

/// One output.
pub(super) struct OutputSlot {
    pub(super) cell: *mut u8,
    pub(super) ticked: *mut u8,
    pub(super) kind: CellKind,
    pub(super) ty: Type,
    /// As of an input.
    pub(super) fingerprint: u64,
}

/// One state.
pub(super) struct StateSlot {
    /// The cell or buffer; for a container the element of the state array, which holds its address.
    pub(super) cell: *mut u8,
    pub(super) kind: CellKind,
    pub(super) ty: Type,
}

/// Flags that are cleared together: 64-bit words, whole.
pub(super) struct Flags {
    start: *mut u64,
    words: usize,
}

impl Flags {
    fn new(arena: &Arena, bytes: &Range<usize>) -> Self {
        Self { start: arena.at(bytes.start).cast(), words: (bytes.end - bytes.start) / 8 }
    }

    /// Clears all flags.
    ///
    /// # Safety
    ///
    /// The arena lives.
    #[inline]
    pub(super) unsafe fn clear(&self) {
        match self.words {
            0 => {}
            // Up to eight flags are one store; a loop would become a call of memset.
            // SAFETY: the word is within the arena, aligned, and of flags alone.
            1 => unsafe { self.start.write(0) },
            // SAFETY: as above, for all of them.
            words => unsafe { self.start.write_bytes(0, words) },
        }
    }
}

/// What an ABI parameter that is not an array of the instance's gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Supply {
    Missing,
    Given,
}

/// The memory of one instance.
pub(super) struct Slots {
    pub(super) inputs: Box<[InputSlot]>,
    pub(super) outputs: Box<[OutputSlot]>,
    pub(super) states: Box<[StateSlot]>,
    pub(super) output_ticked: Flags,
    pub(super) input_ticked: Flags,
    /// The words of the entry's signature; addresses, and the phase.
    pub(super) words: Box<[u64]>,
    /// Parameters of the signature that the host supplies, by their position.
    pub(super) supplied: Vec<(usize, Supply)>,
    /// Last, so that the pointers into it go first.
    #[expect(dead_code, reason = "held for its drop")]
    arena: Arena,
}

/// One array of an ABI parameter: `length` pointers or flags at an offset.
struct Array {
    offset: usize,
    length: usize,
}

impl Slots {
    /// Plans and makes the memory of an instance. Flags come first, then cells, then arrays of pointers, so that what a
    /// call touches lies close together.
    pub(super) fn new(unit: &Unit) -> Result<Self, InstantiateError> {
        let parameters = unit.parameters();
        let function = unit.function();
        let categories = categories(unit);
        let places = &unit.places;
        let lengths: Vec<usize> = (0u32..)
            .map(AbiParameterId)
            .zip(parameters)
            .map(|(id, parameter)| match parameter.role {
                AbiRole::Outputs | AbiRole::OutputTicked => function.outputs.len(),
                AbiRole::State => function.states.len(),
                AbiRole::Cells => length(places.iter().filter(|place| place.0 == id).map(|place| place.1)),
                // As many as the largest array of cells of the category.
                AbiRole::Ticked | AbiRole::Valid => length(
                    places
                        .iter()
                        .filter(|place| categories[place.0.0 as usize] == categories[id.0 as usize])
                        .map(|place| place.1),
                ),
                AbiRole::Phase | AbiRole::Custom => 0,
            })
            .collect();

        let mut plan = ArenaPlan::default();
        let mut arrays: Vec<Array> =
            lengths.iter().map(|length| Array { offset: usize::MAX, length: *length }).collect();
        let mut flags = |plan: &mut ArenaPlan, role: AbiRole| {
            let start = plan.reserve(0, 8);
            for (array, _) in arrays.iter_mut().zip(parameters).filter(|(_, parameter)| parameter.role == role) {
                array.offset = plan.reserve(array.length.next_multiple_of(8), 8);
            }
            start..plan.reserve(0, 8)
        };
        let output_ticked = flags(&mut plan, AbiRole::OutputTicked);
        let input_ticked = flags(&mut plan, AbiRole::Ticked);
        let _valid = flags(&mut plan, AbiRole::Valid);
        let unread = plan.reserve(8, 8);

        let mut cell = |name: &str, ty: Type| {
            let kind = CellKind::of(&unit.types, ty);
            let (size, alignment) = unit.types.cell_layout(ty);
            let alignment = if size > 8 { 16 } else { 8.max(alignment as usize) };
            match kind {
                Some(kind) => Ok((kind, plan.reserve(size.max(8) as usize, alignment))),
                None => Err(InstantiateError::NoCell { name: name.to_owned(), ty: unit.types.name(ty).to_owned() }),
            }
        };
        let no_container = |name: &str, ty: Type, kind: CellKind| match kind {
            CellKind::Container | CellKind::Object => {
                Err(InstantiateError::NoCell { name: name.to_owned(), ty: unit.types.name(ty).to_owned() })
            }
            _ => Ok(()),
        };
        let mut input_cells = Vec::with_capacity(places.len());
        for variable in &unit.inputs {
            let (kind, offset) = cell(&variable.name, variable.ty)?;
            if kind != CellKind::Object {
                no_container(&variable.name, variable.ty, kind)?;
            }
            input_cells.push((kind, offset));
        }
        let mut output_cells = Vec::with_capacity(function.outputs.len());
        for output in &function.outputs {
            let name = output.name.as_deref().unwrap_or(&function.name);
            let (kind, offset) = cell(name, output.ty)?;
            no_container(name, output.ty, kind)?;
            output_cells.push((kind, offset));
        }
        let mut state_cells = Vec::with_capacity(function.states.len());
        for state in &function.states {
            state_cells.push(cell(&state.name, state.ty)?);
        }
        for (array, parameter) in arrays.iter_mut().zip(parameters) {
            if matches!(parameter.role, AbiRole::Outputs | AbiRole::State | AbiRole::Cells) {
                array.offset = plan.reserve(array.length * 8, 8);
            }
        }

        let arena = plan.build();
        let array_of = |role: AbiRole| {
            let found = parameters.iter().position(|parameter| parameter.role == role);
            found.map(|index| &arrays[index])
        };
        let element = |array: Option<&Array>, index: usize, size: usize| match array {
            Some(array) if index < array.length => arena.at(array.offset + index * size),
            _ => arena.at(unread),
        };
        let point = |array: &Array, index: usize, cell: *mut u8| {
            if index < array.length {
                // SAFETY: the array holds `length` pointers, aligned, in the arena.
                unsafe { arena.at(array.offset + index * 8).cast::<*mut u8>().write(cell) };
            }
        };

        let mut input_slots = Vec::with_capacity(places.len());
        for (((parameter, index), variable), (kind, offset)) in places.iter().zip(&unit.inputs).zip(&input_cells) {
            let (parameter, index) = (parameter.0 as usize, *index as usize);
            let flags_of = |role: AbiRole| {
                let mut all = (0..).zip(parameters);
                let found =
                    all.find(|(other, declared)| declared.role == role && categories[*other] == categories[parameter]);
                element(found.map(|(index, _)| &arrays[index]), index, 1)
            };
            let cell = if *kind == CellKind::Object {
                // The slot itself is the object; NULL until the host says which.
                element(Some(&arrays[parameter]), index, 8)
            } else {
                let cell = arena.at(*offset);
                point(&arrays[parameter], index, cell);
                cell
            };
            let (ticked, valid) = (flags_of(AbiRole::Ticked), flags_of(AbiRole::Valid));
            let (ty, fingerprint) = (variable.ty, memory::fingerprint(&unit.types, variable.ty));
            input_slots.push(InputSlot { cell, ticked, valid, kind: *kind, ty, fingerprint });
        }
        let mut output_slots = Vec::with_capacity(function.outputs.len());
        for (index, (output, (kind, offset))) in function.outputs.iter().zip(&output_cells).enumerate() {
            let cell = arena.at(*offset);
            if let Some(array) = array_of(AbiRole::Outputs) {
                point(array, index, cell);
            }
            let ticked = element(array_of(AbiRole::OutputTicked), index, 1);
            let (ty, fingerprint) = (output.ty, memory::fingerprint(&unit.types, output.ty));
            output_slots.push(OutputSlot { cell, ticked, kind: *kind, ty, fingerprint });
        }
        let mut state_slots = Vec::with_capacity(function.states.len());
        for (index, (state, (kind, offset))) in function.states.iter().zip(&state_cells).enumerate() {
            let array = array_of(AbiRole::State);
            let cell = if *kind == CellKind::Container {
                // The slot itself is the container; NULL until START.
                element(array, index, 8)
            } else {
                let cell = arena.at(*offset);
                if let Some(array) = array {
                    point(array, index, cell);
                }
                cell
            };
            state_slots.push(StateSlot { cell, kind: *kind, ty: state.ty });
        }

        let words = parameters.iter().zip(&arrays).map(|(parameter, array)| match parameter.role {
            AbiRole::Phase | AbiRole::Custom => 0,
            // Generated code gets the address as a word, and makes a pointer of it again.
            _ => arena.at(array.offset).expose_provenance() as u64,
        });
        let supplied = parameters.iter().enumerate().filter(|(_, parameter)| parameter.role == AbiRole::Custom);
        Ok(Self {
            inputs: input_slots.into(),
            outputs: output_slots.into(),
            states: state_slots.into(),
            output_ticked: Flags::new(&arena, &output_ticked),
            input_ticked: Flags::new(&arena, &input_ticked),
            words: words.collect(),
            supplied: supplied.map(|(index, _)| (index, Supply::Missing)).collect(),
            arena,
        })
    }
}

/// One past the largest index.
fn length(indices: impl Iterator<Item = u32>) -> usize {
    indices.max().map_or(0, |largest| largest as usize + 1)
}

/// The category of every parameter, by its position among the categories.
fn categories(unit: &Unit) -> Vec<usize> {
    let categories = unit.context.layout().categories().iter().enumerate();
    categories.flat_map(|(index, category)| category.parameters().into_iter().map(move |_| index)).collect()
}
