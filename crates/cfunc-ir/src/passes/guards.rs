//! Guards that are the same in every round of a loop go before it, where calls could follow them out.
//!
//! A check that leaves the loop keeps every call behind it inside, since the first round may not get so far. Where what
//! it asks does not change, it is asked once before the loop; then what follows it is made by every round.

use cfunc_models::Effects;

use crate::dominators::DominatorTree;
use crate::passes::hoist::{Written, passed_always, written};
use crate::passes::loops::{Loops, NewBlocks, definition_positions, preheader};
use crate::passes::subject::Subject;
use crate::{Block, Function, InstructionData, JumpTarget, Terminator, Value, ValueDefinition};

/// The most blocks that a way out of a loop is followed through: the way of an error is short.
const MOST_BLOCKS: usize = 64;

/// Moves one guard out of one loop, if there is one behind which a call may follow; whether there was.
pub(crate) fn move_guard(subject: &mut Subject<'_>) -> bool {
    if subject.changes.is_spent() || !subject.function.layout.iter().any(|block| reads_in(subject, *block)) {
        return false;
    }
    let tree = subject.tree();
    let loops = Loops::new(&tree);
    let definitions = definition_positions(subject.function, &tree);
    for number in (0..loops.all.len()).rev() {
        if let Some(guard) = movable(subject, &tree, &loops, &definitions, number)
            && subject.changes.allow()
        {
            apply(subject.function, &tree, &loops, number, &guard);
            subject.flow_changed();
            return true;
        }
    }
    false
}

/// Whether a block makes a call that only reads.
fn reads_in(subject: &Subject<'_>, block: Block) -> bool {
    let data = subject.function.block(block);
    data.instructions.iter().any(|instruction| match subject.function.instruction(*instruction) {
        InstructionData::Call { callee, .. } => {
            matches!(subject.effects(*callee), Effects::Pure | Effects::ReadsInternal | Effects::Reads)
        }
        _ => false,
    })
}

/// A branch of a loop that leads out, or on.
struct Guard {
    block: Block,
    condition: Value,
    /// Whether it leads out where the condition is true.
    leaves_if_true: bool,
    out: JumpTarget,
    on: JumpTarget,
    /// Constants of the loop that are used outside, or on the way there.
    constants: Vec<Value>,
}

/// The first guard of a loop that may stand before it: every round passes it before all other ways out, it asks what
/// does not change, nothing is written on the way to it, and what follows outside uses constants of the loop alone.
fn movable(
    subject: &Subject<'_>,
    tree: &DominatorTree,
    loops: &Loops,
    definitions: &[u32],
    number: usize,
) -> Option<Guard> {
    let function = &*subject.function;
    let blocks = &loops.all[number].blocks;
    let is_innermost = blocks.iter().all(|position| loops.innermost(*position) as usize == number);
    if !is_innermost || written(subject, tree, loops, number) != Written::Nothing {
        return None;
    }
    let has_calls = blocks.iter().any(|position| reads_in(subject, tree.order()[*position]));
    if !has_calls {
        return None;
    }
    let is_outside = |value: Value| {
        let defined = definitions[value.index()];
        defined != u32::MAX && !loops.contains(number, defined as usize)
    };
    let always = passed_always(subject, tree, loops, number);
    always.iter().find_map(|position| {
        let block = tree.order()[*position];
        let Some(Terminator::Branch { condition, if_true, if_false }) = &function.block(block).terminator else {
            return None;
        };
        let stays = |target: &JumpTarget| loops.contains(number, tree.position(target.block));
        let header = tree.order()[loops.all[number].header];
        let (leaves_if_true, out, on) = match (stays(if_true), stays(if_false)) {
            (true, false) => (false, if_false, if_true),
            (false, true) => (true, if_true, if_false),
            _ => return None,
        };
        // The test at the end of a loop is no guard: it leads back.
        if on.block == header || !is_outside(*condition) {
            return None;
        }
        let is_inside = |value: Value| {
            let defined = definitions[value.index()];
            defined != u32::MAX && loops.contains(number, defined as usize)
        };
        let constants = constants_used(function, out, is_inside)?;
        Some(Guard { block, condition: *condition, leaves_if_true, out: out.clone(), on: on.clone(), constants })
    })
}

/// The constants of a loop that are used by what a way out of it leads to; `None` where another value of the loop is.
fn constants_used(function: &Function, out: &JumpTarget, is_inside: impl Fn(Value) -> bool) -> Option<Vec<Value>> {
    let mut constants = Vec::new();
    let mut others = false;
    let mut note = |value: Value| {
        if !is_inside(value) {
            return;
        }
        match function.defining_instruction(value) {
            Some(InstructionData::IntegerConstant { .. } | InstructionData::FloatConstant { .. }) => {
                if !constants.contains(&value) {
                    constants.push(value);
                }
            }
            _ => others = true,
        }
    };
    out.arguments.iter().copied().for_each(&mut note);
    let mut seen = vec![out.block];
    let mut next = 0;
    while let Some(block) = seen.get(next).copied() {
        next += 1;
        if next > MOST_BLOCKS {
            return None;
        }
        let data = function.block(block);
        for instruction in &data.instructions {
            function.instruction(*instruction).for_each_operand(&mut note);
        }
        if let Some(terminator) = &data.terminator {
            terminator.for_each_operand(&mut note);
            for target in terminator.targets() {
                if !seen.contains(&target.block) {
                    seen.push(target.block);
                }
            }
        }
    }
    (!others).then_some(constants)
}

fn apply(function: &mut Function, tree: &DominatorTree, loops: &Loops, number: usize, guard: &Guard) {
    let mut added = NewBlocks::default();
    let before = preheader(function, tree, loops, number, &mut added);
    let header = tree.order()[loops.all[number].header];
    let entered = function.add_block();
    added.add(entered, header);
    function.block_mut(entered).terminator = function.block_mut(before).terminator.take();
    // Constants are as good before the loop, from where they are seen everywhere behind it.
    for constant in &guard.constants {
        let ValueDefinition::Result(instruction, _) = function.definition(*constant) else { continue };
        for position in &loops.all[number].blocks {
            function.block_mut(tree.order()[*position]).instructions.retain(|other| *other != instruction);
        }
        function.block_mut(before).instructions.push(instruction);
    }
    let out = guard.out.clone();
    let entered = JumpTarget { block: entered, arguments: Default::default() };
    let (if_true, if_false) = if guard.leaves_if_true { (out, entered) } else { (entered, out) };
    function.block_mut(before).terminator = Some(Terminator::Branch { condition: guard.condition, if_true, if_false });
    function.block_mut(guard.block).terminator = Some(Terminator::Jump(guard.on.clone()));
    added.place(function);
}
