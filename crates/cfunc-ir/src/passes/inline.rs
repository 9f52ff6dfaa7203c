//! Inlining: small functions of the module take the place of their calls.
//!
//! Functions stand before those that call them, so what is inlined has been through the passes, and nothing recurses.

use smallvec::SmallVec;

use crate::passes::subject::Subject;
use crate::{
    Block, Callee, Function, Instruction, InstructionData, JumpTarget, StackSlot, Terminator, Value, ValueDefinition,
};

/// The most instructions of a function that is inlined.
const LARGEST: usize = 40;
/// The most instructions that a function may have for anything to be inlined into it.
const LARGEST_CALLER: usize = 2_000;
/// The most bytes of stack that inlined functions may bring along.
const MOST_STACK: u32 = 4_096;

/// Inlines calls in the function.
pub(crate) fn inline(subject: &mut Subject<'_>) {
    if subject.callees.is_empty() {
        return;
    }
    let mut size = size(subject.function);
    let mut stack: u32 = 0;
    // The layout grows: the rest of a block comes after what was inlined, and is looked at in its turn.
    let mut index = 0;
    while let Some(block) = subject.function.layout.get(index).copied() {
        index += 1;
        let instructions = &subject.function.block(block).instructions;
        let call = instructions.iter().enumerate().find_map(|(position, instruction)| {
            let InstructionData::Call { callee: Callee::Function(callee), .. } =
                subject.function.instruction(*instruction)
            else {
                return None;
            };
            let callee = subject.callees.get(callee.index())?;
            let frame: u32 = callee.stack_slots.iter().map(|slot| slot.size).sum();
            let small = self::size(callee) <= LARGEST && stack.saturating_add(frame) <= MOST_STACK;
            small.then_some((position, *instruction, callee, frame))
        });
        let Some((position, instruction, callee, frame)) = call else {
            continue;
        };
        if size > LARGEST_CALLER || !subject.changes.allow() {
            return;
        }
        *subject.tree = None;
        size += self::size(callee);
        stack += frame;
        index += inline_call(subject.function, (block, position, instruction), index, callee);
    }
}

/// How many instructions the blocks of a function have.
fn size(function: &Function) -> usize {
    function.layout.iter().map(|block| function.block(*block).instructions.len() + 1).sum()
}

/// Puts a function in the place of a call; gives how many blocks come before the one that goes on after it.
fn inline_call(
    function: &mut Function,
    (block, position, call): (Block, usize, Instruction),
    place: usize,
    callee: &Function,
) -> usize {
    let InstructionData::Call { arguments, .. } = function.instruction(call).clone() else {
        return 0;
    };
    // What comes after the call goes on in a block of its own, with the results as parameters.
    let rest = function.add_block();
    let cold = function.block(block).cold;
    let tail = function.block_mut(block).instructions.split_off(position + 1);
    function.block_mut(block).instructions.pop();
    let terminator = function.block_mut(block).terminator.take();
    let after = function.block_mut(rest);
    after.instructions = tail;
    after.terminator = terminator;
    after.cold = cold;
    let results = function.results(call).to_vec();
    for (number, value) in (0..).zip(results) {
        function.block_mut(rest).parameters.push(value);
        function.values[value.index()].1 = ValueDefinition::Parameter(rest, number);
    }

    let slots = function.stack_slots.len();
    function.stack_slots.extend(callee.stack_slots.iter().copied());
    let blocks: Vec<Block> = callee.layout.iter().map(|_| function.add_block()).collect();
    let mut copied_blocks: Vec<Option<Block>> = vec![None; callee.blocks.len()];
    let mut copied: Vec<Option<Value>> = vec![None; callee.values.len()];
    for (from, to) in callee.layout.iter().zip(&blocks) {
        copied_blocks[from.index()] = Some(*to);
        function.block_mut(*to).cold = callee.block(*from).cold || cold;
        if *from == callee.entry() {
            for (parameter, argument) in callee.block(*from).parameters.iter().zip(&arguments) {
                copied[parameter.index()] = Some(*argument);
            }
            continue;
        }
        for parameter in &callee.block(*from).parameters {
            copied[parameter.index()] = Some(function.add_block_parameter(*to, callee.representation(*parameter)));
        }
    }
    // Uses may stand before definitions in the layout, so values come first and operands after.
    let mut pairs = Vec::new();
    for (from, to) in callee.layout.iter().zip(&blocks) {
        for instruction in &callee.block(*from).instructions {
            let results: SmallVec<[_; 2]> =
                callee.results(*instruction).iter().map(|value| callee.representation(*value)).collect();
            let mut data = callee.instruction(*instruction).clone();
            if let InstructionData::StackAddress { slot } = &mut data {
                *slot = StackSlot::from_index(slot.index() + slots);
            }
            let added = function.add_instruction(data, &results);
            for (old, new) in callee.results(*instruction).iter().zip(&function.results[added.index()]) {
                copied[old.index()] = Some(*new);
            }
            function.block_mut(*to).instructions.push(added);
            pairs.push(added);
        }
    }
    let replace = |value: &mut Value| {
        if let Some(new) = copied.get(value.index()).copied().flatten() {
            *value = new;
        }
    };
    for added in pairs {
        function.instructions[added.index()].for_each_operand_mut(replace);
    }
    for (from, to) in callee.layout.iter().zip(&blocks) {
        let mut terminator = callee.block(*from).terminator.clone();
        if let Some(terminator) = &mut terminator {
            terminator.for_each_operand_mut(replace);
            for target in terminator.targets_mut() {
                if let Some(block) = copied_blocks[target.block.index()] {
                    target.block = block;
                }
            }
            if let Terminator::Return(values) = terminator {
                let arguments = std::mem::take(values);
                *terminator = Terminator::Jump(JumpTarget { block: rest, arguments });
            }
        }
        function.block_mut(*to).terminator = terminator;
    }
    function.block_mut(block).terminator =
        Some(Terminator::Jump(JumpTarget { block: blocks[0], arguments: SmallVec::new() }));
    let count = blocks.len();
    function.layout.splice(place..place, blocks.into_iter().chain([rest]));
    count
}
