//! Global value numbering: what was computed on every path to here is not computed again.
//!
//! Numbered are operations without effects, reads of memory that is not written during a call (arrays of cells, inputs,
//! host flags, constants) and calls of pure functions. A value takes the place of another only where its definition
//! dominates it, so nothing moves to where it was not computed. On the way, branches whose condition an enclosing branch
//! has decided are decided too.

use cfunc_models::Effects;

use crate::dominators::DominatorTree;
use crate::passes::hash::WordHasher;
use crate::passes::subject::{Subject, integer_of, is_never_written, is_pure};
use crate::ssa::{remove_unreachable, rewrite};
use crate::{BinaryOperation, Block, Function, Instruction, InstructionData, IntegerCondition, Terminator, Value};
use std::hash::{Hash, Hasher};

/// No entry.
const EMPTY: u32 = u32::MAX;

/// Numbers the values of the function.
pub(crate) fn number(subject: &mut Subject<'_>) {
    let tree = subject.tree();
    let count: usize = tree.order().iter().map(|block| subject.function.block(*block).instructions.len()).sum();
    let mut table = Table::new(count);
    let mut replacement: Vec<Option<Value>> = vec![None; subject.function.values.len()];
    let (mut replaced, mut decided) = (false, false);
    for position in 0..tree.order().len() {
        let block = tree.order()[position];
        let mut instructions = std::mem::take(&mut subject.function.block_mut(block).instructions);
        let mut stopped = false;
        // One after the other closes ranks: taking each out on its own would move all that follow, every time.
        instructions.retain(|instruction| {
            if stopped {
                return true;
            }
            let known = stands(subject, &tree, &mut table, &replacement, (*instruction, block), replaced);
            let Some(known) = known else {
                return true;
            };
            if !subject.changes.allow() {
                stopped = true;
                return true;
            }
            for position in 0..subject.function.results(*instruction).len() {
                let (new, old) =
                    (subject.function.results(known)[position], subject.function.results(*instruction)[position]);
                replacement[old.index()] = Some(new);
            }
            replaced = true;
            false
        });
        subject.function.block_mut(block).instructions = instructions;
        if stopped {
            break;
        }
        if let Some(terminator) = &mut subject.function.block_mut(block).terminator
            && replaced
        {
            terminator.for_each_operand_mut(|value| substitute(value, &replacement));
        }
        decided |= decide(subject, &tree, position);
    }
    if decided {
        subject.flow_changed();
        // The passes after this one give new arguments to jumps from blocks in the tree only.
        remove_unreachable(subject.function);
    }
    finish(subject.function, &replacement, replaced);
}

/// The instruction that computes the same as another and stands for it, once the operands of that one are the values
/// that stand for them.
fn stands(
    subject: &mut Subject<'_>,
    tree: &DominatorTree,
    table: &mut Table,
    replacement: &[Option<Value>],
    (instruction, block): (Instruction, Block),
    replaced: bool,
) -> Option<Instruction> {
    if replaced {
        let data = &mut subject.function.instructions[instruction.index()];
        data.for_each_operand_mut(|value| substitute(value, replacement));
    }
    order_operands(subject.function, instruction);
    if !is_numbered(subject, instruction) {
        return None;
    }
    table.insert(subject.function, tree, instruction, block)
}

fn substitute(value: &mut Value, replacement: &[Option<Value>]) {
    if let Some(other) = replacement[value.index()] {
        *value = other;
    }
}

/// What is used along a back edge, and in blocks that no path reaches, was not rewritten on the way.
fn finish(function: &mut Function, replacement: &[Option<Value>], replaced: bool) {
    if replaced {
        rewrite(function, replacement);
    }
}

/// Puts the operands of what commutes into one order: constants to the right, else by number.
fn order_operands(function: &mut Function, instruction: Instruction) {
    let (left, right) = match function.instruction(instruction) {
        InstructionData::Binary {
            operation:
                BinaryOperation::IntegerAdd
                | BinaryOperation::IntegerMultiply
                | BinaryOperation::BitAnd
                | BinaryOperation::BitOr
                | BinaryOperation::BitXor,
            left,
            right,
        }
        | InstructionData::IntegerCompare {
            condition: IntegerCondition::Equal | IntegerCondition::NotEqual,
            left,
            right,
        } => (*left, *right),
        _ => return,
    };
    let rank = |value: Value| (integer_of(function, value).is_some(), value);
    if rank(left) <= rank(right) {
        return;
    }
    let mut operands = [right, left].into_iter();
    function.instructions[instruction.index()].for_each_operand_mut(|value| {
        *value = operands.next().unwrap_or(*value);
    });
}

fn is_numbered(subject: &Subject<'_>, instruction: Instruction) -> bool {
    let data = subject.function.instruction(instruction);
    match data {
        InstructionData::Load { class, .. } => is_never_written(*class),
        InstructionData::Call { callee, .. } => subject.effects(*callee) == Effects::Pure,
        _ => is_pure(data),
    }
}

/// Decides the branch of a block where the one block that leads here has branched on the same condition; says whether it
/// did.
fn decide(subject: &mut Subject<'_>, tree: &DominatorTree, position: usize) -> bool {
    let block = tree.order()[position];
    let Some(Terminator::Branch { condition, .. }) = &subject.function.block(block).terminator else {
        return false;
    };
    let condition = *condition;
    // Up the tree while each block has one predecessor; a bound keeps the work linear.
    let mut at = position;
    for _ in 0..32 {
        let [predecessor] = tree.predecessors(at) else {
            // A join says nothing, but what dominates it still holds.
            let above = tree.immediate(at);
            if above == at {
                return false;
            }
            at = above;
            continue;
        };
        let above = tree.order()[*predecessor as usize];
        if let Some(Terminator::Branch { condition: known, if_true, if_false }) =
            &subject.function.block(above).terminator
            && *known == condition
            && if_true.block != if_false.block
        {
            let holds = if_true.block == tree.order()[at];
            return jump_instead(subject, block, holds);
        }
        at = *predecessor as usize;
    }
    false
}

fn jump_instead(subject: &mut Subject<'_>, block: Block, holds: bool) -> bool {
    let data = subject.function.block_mut(block);
    match data.terminator.take() {
        Some(Terminator::Branch { if_true, if_false, .. }) if subject.changes.allow() => {
            data.terminator = Some(Terminator::Jump(if holds { if_true } else { if_false }));
            true
        }
        terminator => {
            data.terminator = terminator;
            false
        }
    }
}

/// Instructions by what they compute: open addressing over instructions, which are their own keys.
struct Table {
    slots: Vec<(u32, u32)>,
    mask: usize,
}

impl Table {
    fn new(instructions: usize) -> Self {
        let capacity = (2 * instructions + 1).next_power_of_two();
        Self { slots: vec![(EMPTY, 0); capacity], mask: capacity - 1 }
    }

    /// An instruction that computes the same and dominates; else the instruction stands for what it computes.
    fn insert(
        &mut self,
        function: &Function,
        tree: &DominatorTree,
        instruction: Instruction,
        block: Block,
    ) -> Option<Instruction> {
        let data = function.instruction(instruction);
        let mut hasher = WordHasher::default();
        data.hash(&mut hasher);
        #[expect(clippy::cast_possible_truncation, reason = "a hash; the mask takes the low bits")]
        let mut slot = hasher.finish() as usize & self.mask;
        let place = |block: Block| u32::try_from(block.index()).unwrap_or(EMPTY);
        let number = u32::try_from(instruction.index()).unwrap_or(EMPTY);
        loop {
            let (known, known_block) = self.slots[slot];
            if known == EMPTY {
                self.slots[slot] = (number, place(block));
                return None;
            }
            let known = Instruction::from_index(known as usize);
            if function.instruction(known) == data {
                if tree.dominates(Block::from_index(known_block as usize), block) {
                    return Some(known);
                }
                // On another path; what comes next is more likely to be below this one.
                self.slots[slot] = (number, place(block));
                return None;
            }
            slot = (slot + 1) & self.mask;
        }
    }
}
