//! Branch simplification: jumps instead of branches that are decided, jumps past blocks that do nothing, jumps through
//! blocks whose branch the jump's own arguments decide, selects instead of branches that only choose values, and blocks
//! that only one jump reaches appended to it.

use std::cell::OnceCell;

use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::passes::fold::{Folded, compare_integers, fold_instruction};
use crate::passes::subject::{Subject, integer_of};
use crate::ssa::{remove_unreachable, rewrite};
use crate::{
    Block, Function, Instruction, InstructionData, IntegerCondition, JumpTarget, Terminator, Value, ValueDefinition,
};

/// How many blocks a jump is led through at most.
const LONGEST_THREAD: usize = 16;
/// How many values a branch may choose to become selects.
const MOST_SELECTS: usize = 2;

/// Simplifies the branches of the function.
pub(crate) fn branches(subject: &mut Subject<'_>) {
    let before = subject.changes.made();
    simplify(subject);
    if subject.changes.made() != before {
        subject.flow_changed();
    }
}

fn simplify(subject: &mut Subject<'_>) {
    // Each round can open the next; a bound keeps the work linear.
    for round in 0..2 {
        let before = subject.changes.made();
        let local = LocalBlocks::default();
        for index in 0..subject.function.layout.len() {
            let block = subject.function.layout[index];
            simplify_condition(subject, block);
            thread(subject, block, &local);
            choose(subject, block);
        }
        if round > 0 && subject.changes.made() == before {
            return;
        }
        remove_unreachable(subject.function);
        merge(subject);
        if subject.changes.made() == before {
            return;
        }
    }
}

/// Which blocks define values that only they and the arguments of their jumps use; found when it is first asked for.
#[derive(Default)]
struct LocalBlocks(OnceCell<Vec<bool>>);

impl LocalBlocks {
    fn has(&self, function: &Function, block: Block) -> bool {
        self.0.get_or_init(|| local_blocks(function))[block.index()]
    }
}

/// Which blocks define values that only they and the arguments of their jumps use.
fn local_blocks(function: &Function) -> Vec<bool> {
    let mut local = vec![true; function.blocks.len()];
    let mut home = vec![u32::MAX; function.values.len()];
    for block in &function.layout {
        let number = u32::try_from(block.index()).unwrap_or(u32::MAX);
        let data = function.block(*block);
        let results = data.instructions.iter().flat_map(|instruction| function.results(*instruction));
        for value in data.parameters.iter().chain(results) {
            home[value.index()] = number;
        }
    }
    for block in &function.layout {
        let mut note = |value: Value| {
            let defined = home[value.index()] as usize;
            if defined != block.index()
                && let Some(local) = local.get_mut(defined)
            {
                *local = false;
            }
        };
        let data = function.block(*block);
        for instruction in &data.instructions {
            function.instruction(*instruction).for_each_operand(&mut note);
        }
        if let Some(terminator) = &data.terminator {
            terminator.for_each_operand(&mut note);
        }
    }
    local
}

/// Branches on constants, on a truth value compared with 0, and to one place both ways.
fn simplify_condition(subject: &mut Subject<'_>, block: Block) {
    // Each step takes a comparison off the condition.
    for _ in 0..4 {
        let function = &*subject.function;
        let Some(Terminator::Branch { condition, if_true, if_false }) = &function.block(block).terminator else {
            return;
        };
        let simpler = if if_true == if_false {
            Terminator::Jump(if_true.clone())
        } else if let Some(constant) = integer_of(function, *condition) {
            Terminator::Jump(if constant != 0 { if_true.clone() } else { if_false.clone() })
        } else {
            let Some(InstructionData::IntegerCompare { condition: comparison, left, right }) =
                function.defining_instruction(*condition)
            else {
                return;
            };
            if function.representation(*left) != Representation::I8 || integer_of(function, *right) != Some(0) {
                return;
            }
            let (if_true, if_false) = match comparison {
                IntegerCondition::NotEqual => (if_true, if_false),
                IntegerCondition::Equal => (if_false, if_true),
                _ => return,
            };
            Terminator::Branch { condition: *left, if_true: if_true.clone(), if_false: if_false.clone() }
        };
        if !subject.changes.allow() {
            return;
        }
        subject.function.block_mut(block).terminator = Some(simpler);
    }
}

/// Leads the edges of a block past blocks that only jump on, and through blocks whose branch is decided.
fn thread(subject: &mut Subject<'_>, block: Block, local: &LocalBlocks) {
    let edges = subject.function.block(block).terminator.iter().flat_map(Terminator::targets).count();
    for edge in 0..edges {
        for _ in 0..LONGEST_THREAD {
            let terminator = subject.function.block(block).terminator.as_ref();
            let Some(target) = terminator.and_then(|terminator| terminator.targets().nth(edge)) else {
                return;
            };
            let Some(next) = next_target(subject.function, target, local) else {
                break;
            };
            if next.block == target.block || !subject.changes.allow() {
                break;
            }
            let terminator = subject.function.block_mut(block).terminator.as_mut();
            if let Some(target) = terminator.and_then(|terminator| terminator.targets_mut().nth(edge)) {
                *target = next;
            }
        }
    }
    // A branch that returns both ways, and a jump to a return, end here.
    let Some(Terminator::Jump(target)) = &subject.function.block(block).terminator else {
        return;
    };
    let through = subject.function.block(target.block);
    if let Some(Terminator::Return(values)) = &through.terminator
        && through.instructions.is_empty()
        && local.has(subject.function, target.block)
    {
        let mut values = values.clone();
        for value in &mut values {
            *value = argument(subject.function, target, *value);
        }
        if subject.changes.allow() {
            subject.function.block_mut(block).terminator = Some(Terminator::Return(values));
        }
    }
}

/// What a value of the target's block is for this edge: parameters are its arguments.
fn argument(function: &Function, target: &JumpTarget, value: Value) -> Value {
    match function.definition(value) {
        ValueDefinition::Parameter(block, position) if block == target.block => target.arguments[position as usize],
        _ => value,
    }
}

/// Where an edge may go instead of to a block that does nothing for it.
fn next_target(function: &Function, target: &JumpTarget, local: &LocalBlocks) -> Option<JumpTarget> {
    let data = function.block(target.block);
    if data.instructions.len() > 3 {
        return None;
    }
    let next = match data.terminator.as_ref()? {
        Terminator::Jump(next) => next,
        Terminator::Branch { condition, if_true, if_false } => {
            if condition_for(function, target, *condition)? {
                if_true
            } else {
                if_false
            }
        }
        Terminator::Return(_) | Terminator::Unreachable => return None,
    };
    // What the block computes is not there on the new way; only what is decided may be left out.
    let inside = |value: Value| match function.definition(value) {
        ValueDefinition::Result(instruction, _) => data.instructions.contains(&instruction),
        ValueDefinition::Parameter(..) => false,
    };
    if !local.has(function, target.block)
        || next.arguments.iter().any(|value| inside(*value))
        || !data.instructions.iter().all(|one| is_silent(function, *one))
    {
        return None;
    }
    let arguments = next.arguments.iter().map(|value| argument(function, target, *value)).collect();
    Some(JumpTarget { block: next.block, arguments })
}

/// Whether nothing is missing where an instruction is left out whose results are not used.
fn is_silent(function: &Function, instruction: Instruction) -> bool {
    !matches!(function.instruction(instruction), InstructionData::Store { .. } | InstructionData::Call { .. })
}

/// Which way a block's branch goes for an edge to it, where the edge's arguments decide that.
fn condition_for(function: &Function, target: &JumpTarget, condition: Value) -> Option<bool> {
    let value = argument(function, target, condition);
    if let Some(constant) = integer_of(function, value) {
        return Some(constant != 0);
    }
    let InstructionData::IntegerCompare { condition, left, right } = function.defining_instruction(value)? else {
        return None;
    };
    let (left, right) = (argument(function, target, *left), argument(function, target, *right));
    let (left_value, right_value) = (integer_of(function, left)?, integer_of(function, right)?);
    let width = 8 * function.representation(left).size();
    (width <= 64).then(|| compare_integers(*condition, left_value, right_value, width))
}

/// A branch to one block with different arguments selects them.
fn choose(subject: &mut Subject<'_>, block: Block) {
    let function = &*subject.function;
    let Some(Terminator::Branch { condition, if_true, if_false }) = &function.block(block).terminator else {
        return;
    };
    if if_true.block != if_false.block {
        return;
    }
    let pairs = || if_true.arguments.iter().zip(&if_false.arguments);
    let different = pairs().filter(|(left, right)| left != right);
    let wide = different.clone().any(|(left, _)| function.representation(*left) == Representation::I128);
    if wide || different.count() > MOST_SELECTS || !subject.changes.allow() {
        return;
    }
    let (condition, target) = (*condition, if_true.block);
    let pairs: SmallVec<[(Value, Value); 4]> = pairs().map(|(left, right)| (*left, *right)).collect();
    let mut arguments = SmallVec::new();
    for (if_true, if_false) in pairs {
        if if_true == if_false {
            arguments.push(if_true);
            continue;
        }
        let representation = subject.function.representation(if_true);
        let data = InstructionData::Select { condition, if_true, if_false };
        let select = subject.function.add_instruction(data, &[representation]);
        if let Some(Folded::Value(value)) = fold_instruction(subject.function, select) {
            arguments.push(value);
            continue;
        }
        subject.function.block_mut(block).instructions.push(select);
        arguments.push(subject.function.results(select)[0]);
    }
    subject.function.block_mut(block).terminator = Some(Terminator::Jump(JumpTarget { block: target, arguments }));
}

/// Appends blocks that only one jump reaches to the block that jumps.
fn merge(subject: &mut Subject<'_>) {
    let function = &mut *subject.function;
    let jumps = |block: &Block| matches!(function.block(*block).terminator, Some(Terminator::Jump(_)));
    if !function.layout.iter().any(jumps) {
        return;
    }
    let mut edges = vec![0u32; function.blocks.len()];
    for block in &function.layout {
        for target in function.block(*block).terminator.iter().flat_map(Terminator::targets) {
            edges[target.block.index()] += 1;
        }
    }
    let mut replacement: Vec<Option<Value>> = Vec::new();
    let mut merged = vec![false; function.blocks.len()];
    let mut any = false;
    'blocks: for index in 0..function.layout.len() {
        let block = function.layout[index];
        if merged[block.index()] {
            continue;
        }
        while let Some(Terminator::Jump(target)) = &function.block(block).terminator {
            let next = target.block;
            if edges[next.index()] != 1 || next == block || next == function.entry() {
                break;
            }
            if !subject.changes.allow() {
                break 'blocks;
            }
            let Some(Terminator::Jump(target)) = function.block_mut(block).terminator.take() else {
                break;
            };
            let data = std::mem::take(function.block_mut(next));
            if !data.parameters.is_empty() && replacement.is_empty() {
                replacement = vec![None; function.values.len()];
            }
            for (parameter, argument) in data.parameters.iter().zip(&target.arguments) {
                replacement[parameter.index()] = Some(*argument);
            }
            let start = function.block_mut(block);
            start.instructions.extend(data.instructions);
            start.terminator = data.terminator;
            merged[next.index()] = true;
            any = true;
        }
    }
    if any {
        function.layout.retain(|block| !merged[block.index()]);
    }
    if !replacement.is_empty() {
        resolve(&mut replacement);
        rewrite(function, &replacement);
    }
}

/// Leads every replaced value to one that is not replaced.
pub(crate) fn resolve(replacement: &mut [Option<Value>]) {
    for index in 0..replacement.len() {
        let mut last = replacement[index];
        while let Some(next) = last.and_then(|value: Value| replacement.get(value.index()).copied().flatten()) {
            last = Some(next);
        }
        replacement[index] = last;
    }
}
