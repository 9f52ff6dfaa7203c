//! Loop rotation: the test at the top of a loop moves to its end, and a copy of it stands before the loop.
//!
//! A round is one jump shorter, and once the loop is entered, its body surely runs: what the body reads in every round
//! may then be read before the loop.

use smallvec::SmallVec;

use crate::dominators::DominatorTree;
use crate::passes::hash::WordMap;
use crate::passes::loops::Loops;
use crate::passes::repair::Repair;
use crate::passes::subject::Subject;
use crate::{Block, Function, InstructionData, JumpTarget, MemoryClass, Terminator, Value, ValueDefinition};

/// The most instructions that a test has for it to be copied.
const LARGEST_TEST: usize = 8;

/// No position.
const NOWHERE: u32 = u32::MAX;

/// Rotates the loops of the function.
pub(crate) fn rotate(subject: &mut Subject<'_>) {
    if !may_loop(subject.function) {
        return;
    }
    let tree = subject.tree();
    let loops = Loops::new(&tree);
    let mut candidates: Vec<Candidate> = Vec::new();
    for number in 0..loops.all.len() {
        if let Some(candidate) = candidate(subject.function, &tree, &loops, number) {
            if !subject.changes.allow() {
                break;
            }
            candidates.push(candidate);
        }
    }
    if candidates.is_empty() {
        return;
    }
    apply(subject.function, &tree, &loops, &mut candidates);
    subject.flow_changed();
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
    /// Its number among the loops.
    number: usize,
    header: Block,
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
    // What a check ends with is no end of the loop: a copy of the check would gain nothing.
    let leaves = inside(body) && !inside(exit) && !function.block(exit.block).cold;
    let body_alone = tree.predecessors(tree.position(body.block)).len() == 1;
    if !leaves || body.block == header || !body_alone || data.instructions.len() > LARGEST_TEST {
        return None;
    }
    let outside = tree.predecessors(position).iter().map(|from| *from as usize);
    let outside: Vec<Block> =
        outside.filter(|from| !loops.contains(number, *from)).map(|from| tree.order()[from]).collect();
    Some(Candidate { number, header, outside })
}

/// Copies the tests of all of them; then one look at the whole function puts what they define in its place.
fn apply(function: &mut Function, tree: &DominatorTree, loops: &Loops, candidates: &mut [Candidate]) {
    let mut copies = Copies::default();
    let numbers: WordMap<Block, usize> =
        candidates.iter().enumerate().map(|(index, candidate)| (candidate.header, index)).collect();
    // The test of an earlier loop may lead to a later one: its copy then goes where the test goes by then.
    for index in (0..candidates.len()).rev() {
        let (earlier, rest) = candidates.split_at_mut(index);
        let Candidate { header, outside, .. } = &rest[0];
        let copy = copy_test(function, *header, &mut copies.values);
        for from in outside {
            if let Some(terminator) = &mut function.block_mut(*from).terminator {
                for target in terminator.targets_mut().filter(|target| target.block == *header) {
                    target.block = copy;
                }
            }
        }
        // Where loops are entered against the order of blocks, that one may lead to an earlier loop from outside.
        for target in function.block(copy).terminator.iter().flat_map(Terminator::targets) {
            let entered = numbers.get(&target.block).and_then(|index| earlier.get_mut(*index));
            if let Some(entered) = entered.filter(|entered| !loops.contains(entered.number, tree.position(*header))) {
                entered.outside.push(copy);
            }
        }
        copies.blocks.insert(*header, copy);
    }
    let mut layout = Vec::with_capacity(function.layout.len() + candidates.len());
    for block in &function.layout {
        layout.extend(copies.blocks.get(block).copied());
        layout.push(*block);
    }
    function.layout = layout;
    reconnect(function, &copies);
}

/// The copies of tests.
#[derive(Default)]
struct Copies {
    /// By header: the block that tests before the loop.
    blocks: WordMap<Block, Block>,
    /// By what a header defines: what its copy does.
    values: WordMap<Value, Value>,
}

/// Copies a header to a block that nothing leads to yet, and notes what stands for what.
fn copy_test(function: &mut Function, header: Block, copies: &mut WordMap<Value, Value>) -> Block {
    let data = function.block(header).clone();
    let copy = function.add_block();
    for parameter in &data.parameters {
        let representation = function.representation(*parameter);
        copies.insert(*parameter, function.add_block_parameter(copy, representation));
    }
    let own = |function: &Function, value: Value| match function.definition(value) {
        ValueDefinition::Parameter(block, _) => block == header,
        ValueDefinition::Result(instruction, _) => data.instructions.contains(&instruction),
    };
    for instruction in &data.instructions {
        let mut copied = function.instruction(*instruction).clone();
        copied.for_each_operand_mut(|value| {
            if own(function, *value) {
                *value = *copies.get(value).unwrap_or(value);
            }
        });
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
        terminator.for_each_operand_mut(|value| {
            if own(function, *value) {
                *value = *copies.get(value).unwrap_or(value);
            }
        });
    }
    function.block_mut(copy).terminator = terminator;
    function.block_mut(copy).cold = data.cold;
    copy
}

/// What headers defined is now defined in two places each; elsewhere it is what the path taken says.
fn reconnect(function: &mut Function, copies: &Copies) {
    let tree = DominatorTree::new(function);
    // By value: the position of the header that defines it.
    let mut defined = vec![NOWHERE; function.values.len()];
    // By position of a header: that of its copy.
    let mut copy_positions = vec![NOWHERE; tree.order().len()];
    let mut repair = Repair::new(&tree);
    for (header, copy) in &copies.blocks {
        let (header_position, copy_position) = (tree.position(*header), tree.position(*copy));
        copy_positions[header_position] = place(copy_position);
        let data = function.block(*header);
        let results = data.instructions.iter().flat_map(|instruction| function.results(*instruction));
        for old in data.parameters.iter().chain(results) {
            defined[old.index()] = place(header_position);
            repair.define(number(*old), header_position, *old);
            repair.define(number(*old), copy_position, copies.values[old]);
        }
    }
    let is_moved = |value: Value| defined.get(value.index()).is_some_and(|at| *at != NOWHERE);
    let mut uses: Vec<(Value, Value)> = Vec::new();
    for position in 0..tree.order().len() {
        let block = tree.order()[position];
        uses.clear();
        let mut note = |value: Value| {
            let at = defined[value.index()];
            let here = place(position);
            if at != NOWHERE
                && at != here
                && copy_positions[at as usize] != here
                && !uses.iter().any(|(old, _)| *old == value)
            {
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
            *new = match repeated(function, *old, is_moved) {
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
fn repeated(function: &Function, value: Value, is_moved: impl Fn(Value) -> bool) -> Option<InstructionData> {
    match function.defining_instruction(value)? {
        data @ (InstructionData::IntegerConstant { .. } | InstructionData::FloatConstant { .. }) => Some(data.clone()),
        data @ InstructionData::Load { address, class: MemoryClass::Slot, .. } if !is_moved(*address) => {
            Some(data.clone())
        }
        _ => None,
    }
}

fn number(value: Value) -> u32 {
    place(value.index())
}

fn place(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(NOWHERE)
}
