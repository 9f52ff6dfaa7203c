//! Loop-invariant motion: what gives the same in every round is computed before the loop.
//!
//! Moved are operations without effects; division, calls of pure functions and, out of loops that write nothing that they
//! may read, calls that only read memory move where every round of the loop makes them, so that nothing is computed that
//! was not. Guards that ask the same in every round move too, where calls stand behind them ([`guards`](super::guards)).
//! Reads of memory are the business of [`cells`](super::cells).

use cfunc_models::Effects;

use crate::dominators::DominatorTree;
use crate::passes::guards::move_guard;
use crate::passes::loops::{Loops, NewBlocks, definition_positions, preheader};
use crate::passes::rotate::may_loop;
use crate::passes::subject::{Subject, is_cell_or_slot, is_pure};
use crate::{BinaryOperation, Block, Instruction, InstructionData, Terminator};

/// The most guards that are moved in a function: after each, all of it is looked at anew.
const MOST_GUARDS: usize = 16;

/// Moves what does not change in the loops of the function.
pub(crate) fn hoist(subject: &mut Subject<'_>) {
    if !may_loop(subject.function) {
        return;
    }
    hoist_all(subject);
    for _ in 0..MOST_GUARDS {
        if !move_guard(subject) {
            return;
        }
        hoist_all(subject);
    }
}

fn hoist_all(subject: &mut Subject<'_>) {
    let tree = subject.tree();
    let loops = Loops::new(&tree);
    let mut definitions = definition_positions(subject.function, &tree);
    // All of it before blocks are added that the tree does not know.
    let always: Vec<_> = (0..loops.all.len()).map(|number| passed_always(subject, &tree, &loops, number)).collect();
    let mut added = NewBlocks::default();
    // Inner loops first: what leaves them may leave the loop around them next.
    for (number, always) in always.iter().enumerate().rev() {
        hoist_loop(subject, (&tree, &loops), (number, always), &mut definitions, &mut added);
    }
    if added.place(subject.function) {
        subject.flow_changed();
    }
}

fn hoist_loop(
    subject: &mut Subject<'_>,
    (tree, loops): (&DominatorTree, &Loops),
    (number, always): (usize, &[usize]),
    definitions: &mut Vec<u32>,
    added: &mut NewBlocks,
) {
    let written = written(subject, tree, loops, number);
    // A position before the loop, for what moves there.
    let mut outside = tree.predecessors(loops.all[number].header).iter();
    let Some(before) = outside.find(|from| !loops.contains(number, **from as usize)).copied() else {
        return;
    };
    let mut target: Option<Block> = None;
    for position in loops.all[number].blocks.clone() {
        let block = tree.order()[position];
        let certain = always.binary_search(&position).is_ok();
        let mut stays = 0;
        for index in 0..subject.function.block(block).instructions.len() {
            let instruction = subject.function.block(block).instructions[index];
            let data = subject.function.instruction(instruction);
            let movable = match data {
                // Constants cost nothing where they are.
                InstructionData::IntegerConstant { .. } | InstructionData::FloatConstant { .. } => false,
                InstructionData::Binary {
                    operation: BinaryOperation::SignedDivide | BinaryOperation::SignedRemainder,
                    ..
                } => certain,
                InstructionData::Call { callee, .. } => match subject.effects(*callee) {
                    Effects::Pure => certain,
                    Effects::Reads => certain && written == Written::Nothing,
                    Effects::ReadsInternal => certain && written < Written::Anything,
                    Effects::WritesInternal | Effects::Writes => false,
                },
                _ => is_pure(data),
            };
            if !movable || !is_invariant(subject, loops, number, definitions, instruction) || !subject.changes.allow() {
                subject.function.block_mut(block).instructions[stays] = instruction;
                stays += 1;
                continue;
            }
            let to = *target.get_or_insert_with(|| preheader(subject.function, tree, loops, number, added));
            // A new block before the loop has parameters.
            definitions.resize(subject.function.values.len(), before);
            let moved = with_constants(subject, to, before, loops, number, definitions, instruction);
            subject.function.instructions[instruction.index()] = moved;
            subject.function.block_mut(to).instructions.push(instruction);
            for value in subject.function.results(instruction) {
                definitions[value.index()] = before;
            }
        }
        subject.function.block_mut(block).instructions.truncate(stays);
    }
}

/// The instruction with constants of its own, which are put before the loop, in the place of those in the loop.
fn with_constants(
    subject: &mut Subject<'_>,
    to: Block,
    before: u32,
    loops: &Loops,
    number: usize,
    definitions: &mut Vec<u32>,
    instruction: Instruction,
) -> InstructionData {
    let mut data = subject.function.instruction(instruction).clone();
    data.for_each_operand_mut(|value| {
        if !loops.contains(number, definitions[value.index()] as usize) {
            return;
        }
        let Some(constant) = subject.function.defining_instruction(*value).cloned() else {
            return;
        };
        let representation = subject.function.representation(*value);
        let added = subject.function.add_instruction(constant, &[representation]);
        subject.function.block_mut(to).instructions.push(added);
        *value = subject.function.results(added)[0];
        definitions.push(before);
    });
    data
}

/// What a loop may write: nothing, cells and slots, or anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Written {
    Nothing,
    CellsAndSlots,
    Anything,
}

pub(crate) fn written(subject: &Subject<'_>, tree: &DominatorTree, loops: &Loops, number: usize) -> Written {
    let blocks = loops.all[number].blocks.iter().map(|position| subject.function.block(tree.order()[*position]));
    let written = blocks.flat_map(|data| &data.instructions).map(|instruction| {
        match subject.function.instruction(*instruction) {
            InstructionData::Store { class, .. } if is_cell_or_slot(*class) => Written::CellsAndSlots,
            InstructionData::Store { .. } => Written::Anything,
            InstructionData::Call { callee, .. } if subject.effects(*callee).writes() => Written::Anything,
            _ => Written::Nothing,
        }
    });
    written.max().unwrap_or(Written::Nothing)
}

/// The positions of the blocks that every round passes, and every way out; ascending.
pub(crate) fn passed_always(subject: &Subject<'_>, tree: &DominatorTree, loops: &Loops, number: usize) -> Vec<usize> {
    let header = loops.all[number].header;
    let ends = loops.all[number].blocks.iter().copied().filter(|position| {
        let targets = subject.function.block(tree.order()[*position]).terminator.iter();
        targets.flat_map(Terminator::targets).any(|target| {
            let to = tree.position(target.block);
            to == header || !loops.contains(number, to)
        })
    });
    let mut passed: Vec<usize> = tree.dominators_of_all(ends).take_while(|position| *position >= header).collect();
    passed.reverse();
    passed
}

/// Whether all operands of an instruction are there before the loop, or are constants.
fn is_invariant(
    subject: &Subject<'_>,
    loops: &Loops,
    number: usize,
    definitions: &[u32],
    instruction: Instruction,
) -> bool {
    let mut invariant = true;
    let data = subject.function.instruction(instruction);
    data.for_each_operand(|value| {
        let defined = definitions[value.index()];
        let constant = matches!(
            subject.function.defining_instruction(value),
            Some(InstructionData::IntegerConstant { .. } | InstructionData::FloatConstant { .. })
        );
        invariant &= constant || (defined != u32::MAX && !loops.contains(number, defined as usize));
    });
    invariant
}
