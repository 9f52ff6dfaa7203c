//! Loop rotation: the test at the top of a loop moves to its end, and a copy of it stands before the loop.
//!
//! A round is one jump shorter, and once the loop is entered, its body surely runs: what the body reads in every round
//! may then be read before the loop.

use smallvec::SmallVec;

use crate::dominators::DominatorTree;
use crate::passes::hash::WordMap;
use crate::passes::loops::{Loops, definition_positions};
use crate::passes::repair::Repair;
use crate::passes::subject::Subject;
use crate::{Block, Function, InstructionData, JumpTarget, MemoryClass, Terminator, Value};

/// The most instructions that a test has for it to be copied.
const LARGEST_TEST: usize = 8;
/// The most loops of one function that are rotated: each costs a look at the whole function.
const MOST_LOOPS: usize = 32;

/// Rotates the loops of the function.
pub(crate) fn rotate(subject: &mut Subject<'_>) {
    if !may_loop(subject.function) {
        return;
    }
    let mut seen = vec![false; subject.function.blocks.len()];
    for _ in 0..MOST_LOOPS {
        let tree = subject.tree();
        let loops = Loops::new(&tree);
        let next = (0..loops.all.len()).find_map(|number| {
            let header = tree.order()[loops.all[number].header];
            let new = seen.get(header.index()) == Some(&false);
            new.then_some(())?;
            seen[header.index()] = true;
            candidate(subject.function, &tree, &loops, number)
        });
        let Some(candidate) = next else {
            return;
        };
        if !subject.changes.allow() {
            return;
        }
        apply(subject.function, &candidate);
        subject.flow_changed();
        // The body is the header now; once more would only repeat it.
        seen[candidate.body.index()] = true;
    }
}

/// Whether an edge goes against the order of the layout, as one of every loop does.
pub(crate) fn may_loop(function: &Function) -> bool {
    let mut placed = vec![false; function.blocks.len()];
    function.layout.iter().any(|block| {
        placed[block.index()] = true;
        let mut targets = function.block(*block).terminator.iter().flat_map(Terminator::targets);
        targets.any(|target| placed[target.block.index()])
    })
}

/// A loop to rotate.
struct Candidate {
    header: Block,
    /// Where a round goes on after the test.
    body: Block,
    /// The blocks outside of the loop with edges to the header.
    outside: Vec<Block>,
}

fn candidate(function: &Function, tree: &DominatorTree, loops: &Loops, number: usize) -> Option<Candidate> {
    let position = loops.all[number].header;
    let header = tree.order()[position];
    let data = function.block(header);
    let Some(Terminator::Branch { if_true, if_false, .. }) = &data.terminator else {
        return None;
    };
    let inside = |target: &JumpTarget| loops.contains(number, tree.position(target.block));
    let (body, exit) = if inside(if_true) { (if_true, if_false) } else { (if_false, if_true) };
    let leaves = inside(body) && !inside(exit);
    let body_alone = tree.predecessors(tree.position(body.block)).len() == 1;
    if !leaves || body.block == header || !body_alone || data.instructions.len() > LARGEST_TEST {
        return None;
    }
    let outside = tree.predecessors(position).iter().map(|from| *from as usize);
    let outside: Vec<Block> =
        outside.filter(|from| !loops.contains(number, *from)).map(|from| tree.order()[from]).collect();
    Some(Candidate { header, body: body.block, outside })
}

fn apply(function: &mut Function, candidate: &Candidate) {
    let header = candidate.header;
    let data = function.block(header).clone();
    let copy = function.add_block();
    let mut copies: WordMap<Value, Value> = WordMap::default();
    for parameter in &data.parameters {
        let representation = function.representation(*parameter);
        copies.insert(*parameter, function.add_block_parameter(copy, representation));
    }
    for instruction in &data.instructions {
        let mut copied = function.instruction(*instruction).clone();
        copied.for_each_operand_mut(|value| *value = *copies.get(value).unwrap_or(value));
        let results: SmallVec<[_; 2]> =
            function.results(*instruction).iter().map(|value| function.representation(*value)).collect();
        let added = function.add_instruction(copied, &results);
        for (position, old) in function.results(*instruction).to_vec().into_iter().enumerate() {
            copies.insert(old, function.results(added)[position]);
        }
        function.block_mut(copy).instructions.push(added);
    }
    let mut terminator = data.terminator.clone();
    if let Some(terminator) = &mut terminator {
        terminator.for_each_operand_mut(|value| *value = *copies.get(value).unwrap_or(value));
    }
    function.block_mut(copy).terminator = terminator;
    function.block_mut(copy).cold = data.cold;
    for from in &candidate.outside {
        if let Some(terminator) = &mut function.block_mut(*from).terminator {
            for target in terminator.targets_mut().filter(|target| target.block == header) {
                target.block = copy;
            }
        }
    }
    let place = function.layout.iter().position(|block| *block == header).unwrap_or(0);
    function.layout.insert(place, copy);
    reconnect(function, header, copy, &copies);
}

/// What the header defined is now defined in two places; elsewhere it is what the path taken says.
fn reconnect(function: &mut Function, header: Block, copy: Block, copies: &WordMap<Value, Value>) {
    let tree = DominatorTree::new(function);
    let definitions = definition_positions(function, &tree);
    let (header_position, copy_position) = (tree.position(header), tree.position(copy));
    let defined_there = |value: Value| definitions[value.index()] as usize == header_position;
    let mut repair = Repair::new(&tree);
    for (old, new) in copies {
        repair.define(number(*old), header_position, *old);
        repair.define(number(*old), copy_position, *new);
    }
    let mut uses: Vec<(Value, Value)> = Vec::new();
    for position in 0..tree.order().len() {
        if position == header_position || position == copy_position {
            continue;
        }
        let block = tree.order()[position];
        uses.clear();
        let mut note = |value: Value| {
            if defined_there(value) && !uses.iter().any(|(old, _)| *old == value) {
                uses.push((value, value));
            }
        };
        for instruction in &function.block(block).instructions {
            function.instruction(*instruction).for_each_operand(&mut note);
        }
        if let Some(terminator) = &function.block(block).terminator {
            terminator.for_each_operand(&mut note);
        }
        for (old, new) in &mut uses {
            *new = match repeated(function, *old, defined_there) {
                // A parameter would hide which cell it is, or that it is a constant.
                Some(data) => {
                    let added = function.add_instruction(data, &[function.representation(*old)]);
                    function.block_mut(block).instructions.insert(0, added);
                    function.results(added)[0]
                }
                None => repair.at_start(function, number(*old), function.representation(*old), position),
            };
        }
        if uses.is_empty() {
            continue;
        }
        let replace = |value: &mut Value| {
            if let Some((_, new)) = uses.iter().find(|(old, _)| old == value) {
                *value = *new;
            }
        };
        for index in 0..function.block(block).instructions.len() {
            let instruction = function.block(block).instructions[index];
            function.instructions[instruction.index()].for_each_operand_mut(replace);
        }
        if let Some(terminator) = &mut function.block_mut(block).terminator {
            terminator.for_each_operand_mut(replace);
        }
    }
    repair.finish(function, |_| {});
}

/// What computes a value of the header anew where it is used, for values that are better computed than passed on:
/// constants and elements of arrays of cells. The header ran before, so this reads nothing that was not read.
fn repeated(function: &Function, value: Value, defined_there: impl Fn(Value) -> bool) -> Option<InstructionData> {
    match function.defining_instruction(value)? {
        data @ (InstructionData::IntegerConstant { .. } | InstructionData::FloatConstant { .. }) => Some(data.clone()),
        data @ InstructionData::Load { address, class: MemoryClass::Slot, .. } if !defined_there(*address) => {
            Some(data.clone())
        }
        _ => None,
    }
}

fn number(value: Value) -> u32 {
    u32::try_from(value.index()).unwrap_or(u32::MAX)
}
