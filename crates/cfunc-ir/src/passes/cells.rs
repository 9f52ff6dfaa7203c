//! Cells to values: within one call, the contents of a place in memory are a value from the first access on.
//!
//! Three steps, on the places that [`Location`] tells apart:
//!
//! 1. A place that every entry into a loop surely reads or writes later, and that nothing in the loop may change behind
//!    its back, is read before the loop. Nothing is read on a path that would not have read or written it: the host may
//!    pass NULL for what a path does not use.
//! 2. A place that a loop writes, and that nothing in the loop may observe, is written on the ways out of the loop
//!    instead, each of which has the value at hand.
//! 3. A read of a place whose contents are known on every path to it becomes that value; where paths meet, a parameter
//!    of the block. A write of what is there already goes away.
//!
//! After calls that may write nothing is known but what they cannot touch, and they stand as they are: what they may read
//! has been written before.

use crate::dominators::DominatorTree;
use crate::passes::bits::{self, BitRows};
use crate::passes::branches::resolve;
use crate::passes::hash::WordMap;
use crate::passes::location::{Location, Root};
use crate::passes::loops::{Loops, NO_LOOP, NewBlocks, definition_positions, edge_block, preheader};
use crate::passes::memory::{Accesses, Event};
use crate::passes::repair::Repair;
use crate::passes::subject::Subject;
use crate::ssa::rewrite;
use crate::{Block, Function, Instruction, InstructionData, MemoryClass, Terminator, Value};
use cfunc_models::Representation;

/// The most ways out of a loop on which one place is written.
const MOST_EXITS: usize = 6;

/// How long chains of pointers in memory are that are followed: from a slot to a container, to its elements.
const MOST_ROUNDS: usize = 3;

/// Turns cells of the function into values.
pub(crate) fn cells(subject: &mut Subject<'_>) {
    for _ in 0..MOST_ROUNDS {
        // What stands behind two reads of one pointer is one place once the pointer is one value.
        if !cells_once(subject) {
            return;
        }
    }
}

/// One round; whether places are one now that were not.
fn cells_once(subject: &mut Subject<'_>) -> bool {
    let mut tree = subject.tree();
    let mut accesses = Accesses::new(subject, &tree);
    let mut loops = Loops::new(&tree);
    if accesses.count == 0 || (loops.all.is_empty() && !has_repetition(&accesses)) {
        return false;
    }
    let mut known = Known::new(&accesses, &tree);
    let mut sinks = Vec::new();
    if !loops.all.is_empty() {
        if read_before_loops(subject, &tree, &loops, &accesses, &known) {
            tree = subject.tree();
            loops = Loops::new(&tree);
            accesses = Accesses::new(subject, &tree);
            known = Known::new(&accesses, &tree);
        }
        if accesses.has_stores {
            sinks = plan_sinks(subject, &tree, &loops, &accesses, &known);
        }
        if sinks.iter().any(|sink| sink.splits) {
            subject.flow_changed();
            tree = subject.tree();
            accesses = Accesses::new(subject, &tree);
            known = Known::new(&accesses, &tree);
        }
    }
    Rewriting::new(subject, &tree, &accesses, &known).run(&sinks)
}

/// Whether a place is accessed more than once.
fn has_repetition(accesses: &Accesses) -> bool {
    let mut seen = vec![0u64; accesses.count.div_ceil(64)];
    accesses.events.iter().any(|(_, event)| match event {
        Event::Load(place) | Event::Store(place) => {
            let again = bits::has(&seen, *place);
            bits::set(&mut seen, *place);
            again
        }
        _ => false,
    })
}

/// The places whose contents are known: every path has accessed them, and nothing may have changed them since.
struct Known {
    at_start: BitRows,
    at_end: BitRows,
}

impl Known {
    fn new(accesses: &Accesses, tree: &DominatorTree) -> Self {
        let blocks = tree.order().len();
        let (mut at_start, mut at_end) = (BitRows::new(blocks, accesses.count), BitRows::new(blocks, accesses.count));
        at_end.fill();
        at_start.fill();
        at_start.row_mut(0).fill(0);
        let mut row = vec![0; at_end.row(0).len()];
        let mut changed = true;
        while changed {
            changed = false;
            for position in 0..blocks {
                if position > 0 {
                    row.fill(u64::MAX);
                    for from in tree.predecessors(position) {
                        bits::keep(&mut row, at_end.row(*from as usize));
                    }
                    accesses.reset(position, &mut row);
                    at_start.row_mut(position).copy_from_slice(&row);
                } else {
                    row.fill(0);
                }
                for (_, event) in accesses.of_block(position) {
                    step(accesses, *event, &mut row);
                }
                if row != at_end.row(position) {
                    at_end.row_mut(position).copy_from_slice(&row);
                    changed = true;
                }
            }
        }
        Self { at_start, at_end }
    }
}

/// Forwards over one event.
fn step(accesses: &Accesses, event: Event, known: &mut [u64]) {
    accesses.invalidate(event, known);
    if let Event::Load(place) | Event::Store(place) = event {
        bits::set(known, place);
    }
}

/// By block, the places that every path from its start surely accesses, before a call that may not come back.
fn expected(subject: &Subject<'_>, tree: &DominatorTree, loops: &Loops, accesses: &Accesses) -> BitRows {
    let blocks = tree.order().len();
    let definitions = definition_positions(subject.function, tree);
    let mut counted = vec![false; blocks];
    for number in 0..loops.all.len() {
        counted[loops.all[number].header] = loops.is_counted(subject.function, tree, &definitions, number);
    }
    let mut expected = BitRows::new(blocks, accesses.count);
    expected.fill();
    let mut row = vec![0; expected.row(0).len()];
    let mut changed = true;
    while changed {
        changed = false;
        for position in (0..blocks).rev() {
            let terminator = subject.function.block(tree.order()[position]).terminator.as_ref();
            let goes_on = matches!(terminator, Some(Terminator::Jump(_) | Terminator::Branch { .. }));
            row.fill(if goes_on { u64::MAX } else { 0 });
            for target in terminator.into_iter().flat_map(Terminator::targets) {
                let to = tree.position(target.block);
                if to > position || counted[to] {
                    bits::keep(&mut row, expected.row(to));
                } else {
                    // The loop may never end, and nothing after it is certain.
                    row.fill(0);
                }
            }
            for (_, event) in accesses.of_block(position).iter().rev() {
                match event {
                    Event::Load(place) | Event::Store(place) => bits::set(&mut row, *place),
                    Event::Writes => row.fill(0),
                    Event::OtherLoad
                    | Event::OtherStore
                    | Event::Reads
                    | Event::ReadsInternal
                    | Event::WritesInternal => {}
                }
            }
            accesses.reset(position, &mut row);
            if row != expected.row(position) {
                expected.row_mut(position).copy_from_slice(&row);
                changed = true;
            }
        }
    }
    expected
}

/// What the blocks of a loop do to places.
struct LoopAccesses {
    loaded: Vec<u64>,
    stored: Vec<u64>,
    /// Places that something in the loop may change other than by a store to the place itself.
    changed: Vec<u64>,
    /// Places that calls in the loop, or accesses to places that are not followed, may read or write.
    observed: Vec<u64>,
}

impl LoopAccesses {
    fn new(accesses: &Accesses, loops: &Loops, number: usize) -> Self {
        let words = accesses.count.div_ceil(64);
        let (mut loaded, mut stored) = (vec![0; words], vec![0; words]);
        let mut kept = vec![u64::MAX; words];
        let mut unobserved = vec![u64::MAX; words];
        for position in &loops.all[number].blocks {
            accesses.reset(*position, &mut kept);
            for (_, event) in accesses.of_block(*position) {
                accesses.invalidate(*event, &mut kept);
                match event {
                    Event::Load(place) => bits::set(&mut loaded, *place),
                    Event::Store(place) => bits::set(&mut stored, *place),
                    Event::OtherLoad | Event::OtherStore => unobserved.fill(0),
                    Event::Reads | Event::ReadsInternal | Event::Writes | Event::WritesInternal => {
                        accesses.observe(*event, &mut unobserved);
                    }
                }
            }
        }
        let changed = kept.iter().map(|word| !word).collect();
        let observed = unobserved.iter().map(|word| !word).collect();
        Self { loaded, stored, changed, observed }
    }
}

/// Step 1.
fn read_before_loops(
    subject: &mut Subject<'_>,
    tree: &DominatorTree,
    loops: &Loops,
    accesses: &Accesses,
    known: &Known,
) -> bool {
    let expected = expected(subject, tree, loops, accesses);
    let definitions = definition_positions(subject.function, tree);
    // By loop: the places that are read before it or before one around it.
    let mut read = BitRows::new(loops.all.len(), accesses.count);
    let (mut any, mut blocks) = (false, NewBlocks::default());
    for number in 0..loops.all.len() {
        let header = loops.all[number].header;
        let inside = LoopAccesses::new(accesses, loops, number);
        let parent = loops.all[number].parent;
        let mut before = None;
        for place in 0..accesses.count {
            let location = *accesses.locations.place(place);
            let covered = parent != NO_LOOP && read.has(parent as usize, place);
            if covered {
                read.set(number, place);
            }
            let used = bits::has(&inside.loaded, place)
                || (bits::has(&inside.stored, place)
                    && !matches!(location.class, MemoryClass::Output | MemoryClass::OutputTicked));
            if covered
                || !used
                || !expected.has(header, place)
                || known.at_start.has(header, place)
                || bits::has(&inside.changed, place)
                || !is_addressable(&location, tree, &definitions, header)
                || !subject.changes.allow()
            {
                continue;
            }
            let up = Climb { function: subject.function, tree, loops, accesses, expected: &expected };
            let block = match up.earliest(number, place, &definitions) {
                Some(block) => block,
                None => *before.get_or_insert_with(|| preheader(subject.function, tree, loops, number, &mut blocks)),
            };
            let (address, offset) = address(subject.function, &location, block, None);
            let data = InstructionData::Load {
                representation: location.representation,
                address,
                offset,
                class: location.class,
            };
            let load = subject.function.add_instruction(data, &[location.representation]);
            subject.function.block_mut(block).instructions.push(load);
            read.set(number, place);
            any = true;
        }
    }
    if blocks.place(subject.function) {
        subject.flow_changed();
    }
    any
}

/// The way up from a block, for a read that may as well come earlier.
struct Climb<'a> {
    function: &'a Function,
    tree: &'a DominatorTree,
    loops: &'a Loops,
    accesses: &'a Accesses,
    expected: &'a BitRows,
}

impl Climb<'_> {
    /// The first block up the way from a loop at whose end a place may be read, so that other ways from there know it
    /// too; `None` where no block before the loop surely leads to an access.
    fn earliest(&self, number: usize, place: usize, definitions: &[u32]) -> Option<Block> {
        let here = &self.loops.all[number];
        let from = self.tree.predecessors(here.header).iter().map(|from| *from as usize);
        let mut outside = from.filter(|from| !self.loops.contains(number, *from));
        let (mut position, None) = (outside.next()?, outside.next()) else {
            return None;
        };
        if self.loops.innermost(position) != here.parent || !self.is_certain_after(position, place) {
            return None;
        }
        while let [above] = self.tree.predecessors(position) {
            let above = *above as usize;
            if self.loops.innermost(above) != here.parent
                || !self.is_certain_after(above, place)
                || !self.is_kept_by(position, place)
                || !is_addressable(self.accesses.locations.place(place), self.tree, definitions, position)
            {
                break;
            }
            position = above;
        }
        Some(self.tree.order()[position])
    }

    /// Whether every way on from the end of a block accesses a place.
    fn is_certain_after(&self, position: usize, place: usize) -> bool {
        let terminator = self.function.block(self.tree.order()[position]).terminator.as_ref();
        let mut targets = terminator.into_iter().flat_map(Terminator::targets);
        targets.all(|target| {
            let mut to = target.block;
            // Blocks that were added lead to the header of a loop.
            if to.index() >= self.tree.blocks()
                && let Some(Terminator::Jump(next)) = &self.function.block(to).terminator
            {
                to = next.block;
            }
            to.index() < self.tree.blocks() && self.expected.has(self.tree.position(to), place)
        })
    }

    /// Whether nothing in a block may change a place.
    fn is_kept_by(&self, position: usize, place: usize) -> bool {
        let mut kept = vec![u64::MAX; self.accesses.count.div_ceil(64)];
        self.accesses.reset(position, &mut kept);
        for (_, event) in self.accesses.of_block(position) {
            self.accesses.invalidate(*event, &mut kept);
        }
        bits::has(&kept, place)
    }
}

/// Whether the address of a place can be had before a header.
fn is_addressable(location: &Location, tree: &DominatorTree, definitions: &[u32], header: usize) -> bool {
    let before = |value: Value| {
        let position = definitions[value.index()] as usize;
        position < tree.order().len()
            && position != header
            && tree.dominates(tree.order()[position], tree.order()[header])
    };
    let near = i32::try_from(location.offset).is_ok();
    near && match location.root {
        Root::Pointer(value) => before(value),
        Root::Cell(array, element) => before(array) && i32::try_from(element).is_ok(),
        Root::Stack(_) | Root::Data(_) => true,
    }
}

/// The address of a place, made at the end of a block, or at a place in it that is counted on.
fn address(function: &mut Function, location: &Location, block: Block, mut place: Option<&mut usize>) -> (Value, i32) {
    let offset = i32::try_from(location.offset).unwrap_or(0);
    let data = match location.root {
        Root::Pointer(value) => return (value, offset),
        Root::Cell(array, element) => InstructionData::Load {
            representation: Representation::Pointer,
            address: array,
            offset: i32::try_from(element).unwrap_or(0),
            class: MemoryClass::Slot,
        },
        Root::Stack(slot) => InstructionData::StackAddress { slot },
        Root::Data(data) => InstructionData::DataAddress { data, offset: 0 },
    };
    let instruction = function.add_instruction(data, &[Representation::Pointer]);
    insert(function, block, instruction, &mut place);
    (function.results(instruction)[0], offset)
}

fn insert(function: &mut Function, block: Block, instruction: Instruction, place: &mut Option<&mut usize>) {
    let instructions = &mut function.block_mut(block).instructions;
    match place {
        Some(place) => {
            instructions.insert(**place, instruction);
            **place += 1;
        }
        None => instructions.push(instruction),
    }
}

/// A place whose stores in a loop move to the ways out of it.
struct Sink {
    location: Location,
    /// The stores in the loop.
    stores: Vec<Instruction>,
    /// Blocks that only a way out of the loop reaches.
    exits: Vec<Block>,
    /// Whether blocks were added.
    splits: bool,
}

/// Step 2: which stores move, with the blocks they move to.
fn plan_sinks(
    subject: &mut Subject<'_>,
    tree: &DominatorTree,
    loops: &Loops,
    accesses: &Accesses,
    known: &Known,
) -> Vec<Sink> {
    let mut sinks: Vec<Sink> = Vec::new();
    let mut sunk = BitRows::new(loops.all.len(), accesses.count);
    let definitions = definition_positions(subject.function, tree);
    // One block an edge serves all places.
    let mut blocks: WordMap<(u32, u32), Block> = WordMap::default();
    let mut added = NewBlocks::default();
    let all_exits: Vec<_> = (0..loops.all.len()).map(|number| loops.exits(subject.function, tree, number)).collect();
    for (number, exits) in all_exits.iter().enumerate() {
        let parent = loops.all[number].parent;
        if parent != NO_LOOP {
            let above = sunk.row(parent as usize).to_vec();
            bits::add(sunk.row_mut(number), &above);
        }
        let inside = LoopAccesses::new(accesses, loops, number);
        let mut sinkable = inside.stored.clone();
        bits::remove(&mut sinkable, &inside.observed);
        if sinkable.iter().all(|word| *word == 0) {
            continue;
        }
        if exits.is_empty() || exits.len() > MOST_EXITS {
            continue;
        }
        let header = loops.all[number].header;
        for place in (0..accesses.count).filter(|place| bits::has(&sinkable, *place)) {
            let location = *accesses.locations.place(place);
            let others_overlap = (0..accesses.count).any(|other| {
                accesses.overlap(place, other) && (bits::has(&inside.loaded, other) || bits::has(&inside.stored, other))
            });
            let known_inside = known.at_start.has(header, place) || !bits::has(&inside.loaded, place);
            if sunk.has(number, place)
                || others_overlap
                || !known_inside
                || !exits.iter().all(|(from, _)| known.at_end.has(*from, place))
                || !is_addressable(&location, tree, &definitions, header)
                || !subject.changes.allow()
            {
                continue;
            }
            sunk.set(number, place);
            let mut splits = false;
            let mut ends = Vec::with_capacity(exits.len());
            for (from, edge) in exits {
                let known = (self::number(*from), self::number(*edge));
                if let Some(block) = blocks.get(&known) {
                    ends.push(*block);
                    continue;
                }
                let from_block = tree.order()[*from];
                let target = subject.function.block(from_block).terminator.as_ref();
                let target = target.and_then(|terminator| terminator.targets().nth(*edge)).map(|target| target.block);
                let alone = target.is_some_and(|target| tree.predecessors(tree.position(target)).len() == 1);
                if let Some(block) = edge_block(subject.function, from_block, *edge, alone, &mut added) {
                    splits |= !alone;
                    blocks.insert(known, block);
                    ends.push(block);
                }
            }
            let stores = loops.all[number].blocks.iter().flat_map(|position| accesses.of_block(*position));
            let stores = stores.filter(|(_, event)| *event == Event::Store(place)).map(|(store, _)| *store).collect();
            sinks.push(Sink { location, stores, exits: ends, splits });
        }
    }
    added.place(subject.function);
    sinks
}

/// Step 3.
struct Rewriting<'a, 'b, 'c> {
    subject: &'a mut Subject<'b>,
    tree: &'c DominatorTree,
    accesses: &'c Accesses,
    known: &'c Known,
    repair: Repair<'c>,
    replacement: Vec<Option<Value>>,
    removed: Vec<bool>,
    ends_noted: bool,
    any: bool,
    /// Whether a pointer that was read is another value now.
    pointers: bool,
}

impl<'a, 'b, 'c> Rewriting<'a, 'b, 'c> {
    fn new(subject: &'a mut Subject<'b>, tree: &'c DominatorTree, accesses: &'c Accesses, known: &'c Known) -> Self {
        let replacement = vec![None; subject.function.values.len()];
        let removed = vec![false; subject.function.instructions.len()];
        Self {
            subject,
            tree,
            accesses,
            known,
            repair: Repair::new(tree),
            replacement,
            removed,
            ends_noted: false,
            any: false,
            pointers: false,
        }
    }

    /// Gives whether a pointer that was read is another value now.
    fn run(mut self, sinks: &[Sink]) -> bool {
        let mut forced = vec![false; self.accesses.count];
        for sink in sinks {
            for store in &sink.stores {
                self.removed[store.index()] = true;
            }
            if let Some(place) = (0..self.accesses.count).find(|place| self.place(*place) == sink.location) {
                forced[place] = true;
            }
        }
        for position in 0..self.tree.order().len() {
            self.block(position, &forced);
        }
        for sink in sinks {
            self.sink(sink);
        }
        if !self.any && sinks.is_empty() {
            return false;
        }
        resolve(&mut self.replacement);
        let removed = self.removed;
        for block in self.tree.order() {
            let data = self.subject.function.block_mut(*block);
            data.instructions.retain(|instruction| removed.get(instruction.index()) != Some(&true));
        }
        // New parameters get their arguments first, in terms of what is replaced next.
        let replacement = std::mem::take(&mut self.replacement);
        self.repair.finish(self.subject.function, |function| {
            let mut replacement = replacement;
            replacement.resize(function.values.len(), None);
            rewrite(function, &replacement);
        });
        self.pointers
    }

    fn place(&self, place: usize) -> Location {
        *self.accesses.locations.place(place)
    }

    /// What a place that is known holds at the start of a block.
    fn at_start(&mut self, place: usize, position: usize) -> Value {
        self.note_ends();
        let representation = self.place(place).representation;
        self.repair.at_start(self.subject.function, number(place), representation, position)
    }

    /// What places are at the ends of blocks that access them; noted when it is first asked for, as often nobody asks.
    fn note_ends(&mut self) {
        if std::mem::replace(&mut self.ends_noted, true) {
            return;
        }
        let mut row = vec![0u64; self.accesses.count.div_ceil(64)];
        let mut values: Vec<Option<Value>> = vec![None; self.accesses.count];
        let mut touched = Vec::new();
        for position in 0..self.tree.order().len() {
            row.fill(0);
            for (instruction, event) in self.accesses.of_block(position) {
                step(self.accesses, *event, &mut row);
                if let Event::Load(place) | Event::Store(place) = event {
                    values[*place] = self.contents(*instruction);
                    touched.push(*place);
                }
            }
            for place in touched.drain(..) {
                if let Some(value) = values[place].take()
                    && bits::has(&row, place)
                {
                    self.repair.define(number(place), position, value);
                }
            }
        }
    }

    /// What a place holds after an access.
    fn contents(&self, instruction: Instruction) -> Option<Value> {
        match self.subject.function.instruction(instruction) {
            InstructionData::Store { value, .. } => Some(*value),
            _ => self.subject.function.results(instruction).first().copied(),
        }
    }

    fn block(&mut self, position: usize, forced: &[bool]) {
        let accesses = self.accesses;
        let events = accesses.of_block(position);
        if events.is_empty() {
            return;
        }
        let mut row = self.known.at_start.row(position).to_vec();
        let mut current: Vec<Option<Value>> = Vec::new();
        for (instruction, event) in events {
            match event {
                Event::Load(place) if bits::has(&row, *place) && (forced[*place] || self.subject.changes.allow()) => {
                    let here = current.get(*place).copied().flatten();
                    let value = match here {
                        Some(value) => value,
                        None => self.at_start(*place, position),
                    };
                    let result = self.subject.function.results(*instruction)[0];
                    self.replacement[result.index()] = Some(value);
                    self.removed[instruction.index()] = true;
                    self.any = true;
                    // Cells are told apart by their places in arrays, whatever value their address is.
                    let address = accesses.locations.place(*place);
                    self.pointers |=
                        address.representation == Representation::Pointer && address.class != MemoryClass::Slot;
                    set_current(&mut current, accesses.count, *place, value);
                    continue;
                }
                Event::Store(place) if bits::has(&row, *place) => {
                    let here = current.get(*place).copied().flatten();
                    let stored = self.contents(*instruction).map(|value| self.replaced(value));
                    if here.is_some()
                        && here.map(|value| self.replaced(value)) == stored
                        && !self.removed[instruction.index()]
                        && self.subject.changes.allow()
                    {
                        self.removed[instruction.index()] = true;
                        self.any = true;
                        continue;
                    }
                }
                _ => {}
            }
            step(accesses, *event, &mut row);
            if let Event::Load(place) | Event::Store(place) = event
                && let Some(value) = self.contents(*instruction)
            {
                set_current(&mut current, accesses.count, *place, value);
            }
        }
    }

    fn replaced(&self, mut value: Value) -> Value {
        while let Some(next) = self.replacement.get(value.index()).copied().flatten() {
            value = next;
        }
        value
    }

    /// Writes a place on the ways out of its loop.
    fn sink(&mut self, sink: &Sink) {
        let Some(place) = (0..self.accesses.count).find(|place| self.place(*place) == sink.location) else {
            return;
        };
        for exit in &sink.exits {
            let position = self.tree.position(*exit);
            let value = self.at_start(place, position);
            let function = &mut *self.subject.function;
            let mut index = 0;
            let (address, offset) = address(function, &sink.location, *exit, Some(&mut index));
            let store = InstructionData::Store { value, address, offset, class: sink.location.class };
            let store = function.add_instruction(store, &[]);
            insert(function, *exit, store, &mut Some(&mut index));
            self.any = true;
        }
    }
}

fn set_current(current: &mut Vec<Option<Value>>, places: usize, place: usize, value: Value) {
    if current.is_empty() {
        current.resize(places, None);
    }
    current[place] = Some(value);
}

fn number(place: usize) -> u32 {
    u32::try_from(place).unwrap_or(u32::MAX)
}
