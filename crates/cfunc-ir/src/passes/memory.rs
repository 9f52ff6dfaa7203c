//! The accesses of a function, block by block, and what each leaves of what was known.

use cfunc_models::Effects;

use crate::dominators::DominatorTree;
use crate::passes::bits::{self, BitRows};
use crate::passes::location::{Location, Locations, Root, private_slots};
use crate::passes::loops::definition_positions;
use crate::passes::subject::{Subject, is_cell_or_slot, is_never_written};
use crate::{Function, Instruction, InstructionData, Value, ValueDefinition};

/// The most places that are followed in one function: the work is blocks times places.
const MOST_PLACES: usize = 512;
/// The most blocks times places.
const LARGEST_TABLE: usize = 1 << 22;

/// What an instruction does to memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Event {
    /// Reads a place.
    Load(usize),
    /// Writes a place.
    Store(usize),
    /// Reads a place that is not followed.
    OtherLoad,
    /// Writes a place that is not followed.
    OtherStore,
    /// A call that may read anything.
    Reads,
    /// A call that may read anything but cells and slots.
    ReadsInternal,
    /// A call that may write anything, and may not come back.
    Writes,
    /// A call that may read and write anything but cells and slots.
    WritesInternal,
}

/// The accesses of a function. Rows are positions in the tree's order.
pub(crate) struct Accesses {
    pub(crate) locations: Locations,
    /// In the order of the blocks.
    pub(crate) events: Vec<(Instruction, Event)>,
    /// Where the events of a block begin; and one more, the end of all.
    starts: Vec<usize>,
    /// By place: which other places a store to it may change.
    overlaps: BitRows,
    /// By block: the places whose root it defines, which are other places from there on; empty where there are none.
    resets: BitRows,
    /// The places that a call may write.
    pub(crate) exposed: BitRows,
    /// Those of them that are neither cells nor slots.
    internal: BitRows,
    /// The places that are ever written.
    written: BitRows,
    /// How many places there are.
    pub(crate) count: usize,
    /// Whether a place is written.
    pub(crate) has_stores: bool,
}

impl Accesses {
    /// Finds the accesses of all blocks that can be reached.
    pub(crate) fn new(subject: &Subject<'_>, tree: &DominatorTree) -> Self {
        let function = &*subject.function;
        let mut accesses = Self {
            locations: Locations::default(),
            events: Vec::with_capacity(16),
            starts: Vec::with_capacity(tree.order().len() + 1),
            overlaps: BitRows::new(0, 0),
            resets: BitRows::new(0, 0),
            exposed: BitRows::new(0, 0),
            internal: BitRows::new(0, 0),
            written: BitRows::new(0, 0),
            count: 0,
            has_stores: false,
        };
        let limit = MOST_PLACES.min(LARGEST_TABLE / tree.order().len());
        for block in tree.order() {
            accesses.starts.push(accesses.events.len());
            for instruction in &function.block(*block).instructions {
                let event = match function.instruction(*instruction) {
                    InstructionData::Load { .. } | InstructionData::Store { .. } => {
                        let Some(location) = Location::of(function, *instruction) else {
                            continue;
                        };
                        accesses.access(function.instruction(*instruction), location, limit)
                    }
                    InstructionData::Call { callee, .. } => match subject.effects(*callee) {
                        Effects::Pure => continue,
                        Effects::Reads => Event::Reads,
                        Effects::ReadsInternal => Event::ReadsInternal,
                        Effects::Writes => Event::Writes,
                        Effects::WritesInternal => Event::WritesInternal,
                    },
                    _ => continue,
                };
                accesses.events.push((*instruction, event));
            }
        }
        accesses.starts.push(accesses.events.len());
        accesses.count = accesses.locations.places().len().min(limit);
        accesses.relate(&private_slots(function));
        accesses.find_resets(function, tree);
        accesses
    }

    fn access(&mut self, data: &InstructionData, location: Location, limit: usize) -> Event {
        let store = matches!(data, InstructionData::Store { .. });
        self.has_stores |= store;
        let number = self.locations.number(location);
        match (store, number < limit) {
            (false, true) => Event::Load(number),
            (true, true) => Event::Store(number),
            (false, false) => Event::OtherLoad,
            (true, false) => Event::OtherStore,
        }
    }

    fn relate(&mut self, private: &[bool]) {
        let places = &self.locations.places()[..self.count];
        self.exposed = BitRows::new(1, self.count);
        self.internal = BitRows::new(1, self.count);
        self.written = BitRows::new(1, self.count);
        for (number, place) in places.iter().enumerate() {
            if !is_never_written(place.class) {
                self.written.set(0, number);
            }
            let hidden = matches!(place.root, Root::Stack(slot) if private[slot.index()]);
            if !hidden && !is_never_written(place.class) {
                self.exposed.set(0, number);
                if !is_cell_or_slot(place.class) {
                    self.internal.set(0, number);
                }
            }
        }
        let rows = if self.has_stores { self.count } else { 0 };
        self.overlaps = BitRows::new(rows, self.count);
        // What is never written overlaps with nothing that is.
        let written = |number: &usize| !is_never_written(places[*number].class);
        let written: Vec<usize> = (0..rows).filter(written).collect();
        for (index, number) in written.iter().enumerate() {
            for other in &written[..index] {
                if places[*number].may_overlap(&places[*other]) {
                    self.overlaps.set(*number, *other);
                    self.overlaps.set(*other, *number);
                }
            }
        }
    }

    fn find_resets(&mut self, function: &Function, tree: &DominatorTree) {
        let entry = function.entry();
        let moving = |value: Value| match function.definition(value) {
            ValueDefinition::Parameter(block, _) => block != entry,
            ValueDefinition::Result(..) => true,
        };
        let places = &self.locations.places()[..self.count];
        let roots = places.iter().enumerate().filter_map(|(number, place)| match place.root {
            Root::Pointer(value) | Root::Cell(value, _) if moving(value) => Some((number, value)),
            _ => None,
        });
        let mut definitions = Vec::new();
        for (number, root) in roots {
            if definitions.is_empty() {
                definitions = definition_positions(function, tree);
                self.resets = BitRows::new(tree.order().len(), self.count);
            }
            let position = definitions[root.index()] as usize;
            if position < tree.order().len() {
                self.resets.set(position, number);
            }
        }
    }

    /// Takes out of a row, at the start of a block, the places that are other places from there on.
    pub(crate) fn reset(&self, position: usize, row: &mut [u64]) {
        if self.resets.rows() > 0 {
            bits::remove(row, self.resets.row(position));
        }
    }

    /// The events of the block of a position.
    pub(crate) fn of_block(&self, position: usize) -> &[(Instruction, Event)] {
        &self.events[self.starts[position]..self.starts[position + 1]]
    }

    /// Takes what an event may change out of a row of places whose contents are known.
    pub(crate) fn invalidate(&self, event: Event, known: &mut [u64]) {
        match event {
            Event::Load(_) | Event::OtherLoad | Event::Reads | Event::ReadsInternal => {}
            Event::Store(place) => bits::remove(known, self.overlaps.row(place)),
            // A store to somewhere may change all that is ever written.
            Event::OtherStore => bits::remove(known, self.written.row(0)),
            Event::Writes => bits::remove(known, self.exposed.row(0)),
            Event::WritesInternal => bits::remove(known, self.internal.row(0)),
        }
    }

    /// Takes what an event may read out of a row of places whose contents nobody reads.
    pub(crate) fn observe(&self, event: Event, unread: &mut [u64]) {
        match event {
            Event::Load(place) => {
                unread[place / 64] &= !(1 << (place % 64));
                bits::remove(unread, self.overlaps.row(place));
            }
            Event::Store(_) | Event::OtherStore => {}
            Event::OtherLoad => bits::remove(unread, self.written.row(0)),
            Event::Reads | Event::Writes => bits::remove(unread, self.exposed.row(0)),
            Event::ReadsInternal | Event::WritesInternal => bits::remove(unread, self.internal.row(0)),
        }
    }

    /// Whether two places may have bytes in common.
    pub(crate) fn overlap(&self, left: usize, right: usize) -> bool {
        self.overlaps.has(left, right)
    }

    /// Whether a return shows a place to others: all but the function's own frame.
    pub(crate) fn is_visible(&self, place: usize) -> bool {
        !matches!(self.locations.place(place).root, Root::Stack(_))
    }
}
