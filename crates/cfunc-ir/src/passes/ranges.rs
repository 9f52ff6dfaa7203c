//! Reasoning about ranges: comparisons that the branches on the way here, and the bounds of what is compared, decide.
//!
//! A block that one edge of a branch leads to knows what the branch asked, and so does what it dominates. The counter of
//! a loop that counts upwards is known not to be below its first value, so inside of `0 <= i < n` checks of `i` against
//! 0 and `n` go away. Steps may be of any size that is not negative, also of one known at run time only. Only truths that
//! hold whenever the comparison runs are used; integers wrap, and no step of a counter is trusted that could.

use cfunc_models::Representation;

use crate::dominators::DominatorTree;
use crate::passes::fold::{is_truth, opposite_condition};
use crate::passes::hash::WordMap;
use crate::passes::subject::{Subject, integer_of};
use crate::{
    BinaryOperation, Block, ConvertOperation, Function, InstructionData, IntegerCondition, MemoryClass, Terminator,
    Value, ValueDefinition,
};

/// How many truths are looked at for one question.
const LONGEST_SEARCH: usize = 24;
/// How deep a value is followed through what computes it.
const DEEPEST: usize = 4;
/// No fact.
const NONE: u32 = u32::MAX;

/// Which of less, equal and greater are possible.
const LESS: u8 = 1;
const EQUAL: u8 = 2;
const GREATER: u8 = 4;

/// Decides the comparisons of the function that can be.
pub(crate) fn ranges(subject: &mut Subject<'_>) {
    let tree = subject.tree();
    let mut facts = Facts { heads: vec![NONE; tree.order().len()], list: Vec::new(), lowest: WordMap::default() };
    for position in 0..tree.order().len() {
        facts.enter(subject.function, &tree, position);
        if facts.list.is_empty() {
            continue;
        }
        let block = tree.order()[position];
        for index in 0..subject.function.block(block).instructions.len() {
            let instruction = subject.function.block(block).instructions[index];
            let InstructionData::IntegerCompare { condition, left, right } = subject.function.instruction(instruction)
            else {
                continue;
            };
            let decided = facts.decide(subject.function, position, *condition, *left, *right);
            if let Some(truth) = decided
                && subject.changes.allow()
            {
                subject.function.instructions[instruction.index()] =
                    InstructionData::IntegerConstant { representation: Representation::I8, value: i64::from(truth) };
            }
        }
    }
}

/// A comparison that holds.
#[derive(Clone, Copy)]
struct Fact {
    condition: IntegerCondition,
    left: Value,
    right: Value,
    /// The one that was there before.
    next: u32,
}

/// An edge to a block: where it comes from, the argument for a parameter, and what holds on it.
type Edge = (usize, Value, Option<(IntegerCondition, Value, Value)>);

/// What is known where.
struct Facts {
    /// By position: the newest fact that holds in the block.
    heads: Vec<u32>,
    list: Vec<Fact>,
    /// What counters are not below.
    lowest: WordMap<Value, i64>,
}

impl Facts {
    /// What holds at the start of a block: what does in the block that dominates it, and what the one edge says.
    fn enter(&mut self, function: &Function, tree: &DominatorTree, position: usize) {
        if position == 0 {
            return;
        }
        self.heads[position] = self.heads[tree.immediate(position)];
        let block = tree.order()[position];
        if let [from] = tree.predecessors(position) {
            let terminator = function.block(tree.order()[*from as usize]).terminator.as_ref();
            if let Some(Terminator::Branch { condition, if_true, .. }) = terminator {
                self.learn(function, position, *condition, if_true.block == block, 2);
            }
            return;
        }
        for (place, parameter) in function.block(block).parameters.iter().enumerate() {
            self.meet(function, tree, position, place, *parameter);
        }
    }

    fn add(&mut self, position: usize, condition: IntegerCondition, left: Value, right: Value) {
        let next = self.heads[position];
        self.heads[position] = u32::try_from(self.list.len()).unwrap_or(NONE);
        self.list.push(Fact { condition, left, right, next });
    }

    /// What a condition says that is known to hold, or not to.
    fn learn(&mut self, function: &Function, position: usize, condition: Value, holds: bool, depth: usize) {
        match function.defining_instruction(condition) {
            Some(InstructionData::IntegerCompare { condition, left, right }) => {
                let condition = if holds { *condition } else { opposite_condition(*condition) };
                self.add(position, condition, *left, *right);
            }
            Some(InstructionData::Binary { operation: BinaryOperation::BitAnd, left, right })
                if holds && depth > 0 && is_truth(function, *left) && is_truth(function, *right) =>
            {
                self.learn(function, position, *left, true, depth - 1);
                self.learn(function, position, *right, true, depth - 1);
            }
            _ => {}
        }
    }

    /// What holds of a parameter on every edge: the condition of an edge that comes from further down, if the others
    /// keep it too. Of a counter that stays below a bound, also where it starts.
    fn meet(&mut self, function: &Function, tree: &DominatorTree, position: usize, place: usize, parameter: Value) {
        if function.representation(parameter) != Representation::I64 {
            return;
        }
        let block = tree.order()[position];
        let mut edges = Vec::new();
        let mut last = None;
        for from in tree.predecessors(position) {
            if last.replace(*from) == Some(*from) {
                // Both edges of a branch: nothing is known of which.
                return;
            }
            let terminator = function.block(tree.order()[*from as usize]).terminator.as_ref();
            let Some(target) =
                terminator.and_then(|terminator| terminator.targets().find(|target| target.block == block))
            else {
                return;
            };
            edges.push((
                *from as usize,
                target.arguments[place],
                edge_condition(function, tree, *from as usize, block),
            ));
        }
        // A bound that an edge from below asks for: `next < bound`.
        let back = edges.iter().find(|(from, ..)| *from >= position).copied();
        let Some((_, next, asked)) = back else {
            return;
        };
        if let Some((condition, left, bound)) = asked
            && left == next
            && matches!(
                condition,
                IntegerCondition::SignedLess
                    | IntegerCondition::SignedLessOrEqual
                    | IntegerCondition::SignedGreater
                    | IntegerCondition::SignedGreaterOrEqual
                    | IntegerCondition::NotEqual
            )
            && self.is_before(function, tree, position, bound)
            && edges.iter().all(|(from, argument, asked)| {
                let asks = asked.is_some_and(|(held, left, right)| {
                    left == *argument && same(function, right, bound) && implies(held, condition)
                });
                asks || (*from < position && self.decide(function, *from, condition, *argument, bound) == Some(true))
            })
        {
            self.add(position, condition, parameter, bound);
        }
        self.count(function, tree, position, parameter, &edges);
    }

    /// Whether a value is defined before a block, so that it stays while the block is come to again and again.
    fn is_before(&self, function: &Function, tree: &DominatorTree, position: usize, value: Value) -> bool {
        if integer_of(function, value).is_some() {
            return true;
        }
        match function.definition(value) {
            ValueDefinition::Parameter(block, _) => {
                tree.is_reachable(block)
                    && tree.position(block) < position
                    && tree.dominates(block, tree.order()[position])
            }
            ValueDefinition::Result(instruction, _) => {
                let mut above = position;
                for _ in 0..LONGEST_SEARCH {
                    let next = tree.immediate(above);
                    if next == above {
                        return false;
                    }
                    above = next;
                    if function.block(tree.order()[above]).instructions.contains(&instruction) {
                        return true;
                    }
                }
                false
            }
        }
    }

    /// The lowest value of a counter: the lowest that it begins with, or 0, if no round makes it less. Proved by induction: with
    /// the counter not below that, and below what the loop asks of it, what the next round gets is not below it either.
    /// An addition that may wrap has no bounds here, and proves nothing.
    fn count(&mut self, function: &Function, tree: &DominatorTree, position: usize, parameter: Value, edges: &[Edge]) {
        let header = tree.order()[position];
        let mut lowest = i64::MAX;
        for (from, argument, _) in edges {
            if *from < position {
                lowest = lowest.min(self.interval(function, *from, *argument, DEEPEST).0);
            } else if !tree.dominates(header, tree.order()[*from]) {
                return;
            }
        }
        if lowest == i64::MIN {
            return;
        }
        let before = self.heads[position];
        // Where the header itself asks, the loop goes on only where it got the one answer.
        if let Some(Terminator::Branch { condition, if_true, if_false }) = &function.block(header).terminator {
            for (inside, holds) in [(if_true.block, true), (if_false.block, false)] {
                let leads_on = tree.predecessors(tree.position(inside)).len() == 1
                    && edges
                        .iter()
                        .filter(|(from, ..)| *from >= position)
                        .all(|(from, ..)| tree.dominates(inside, tree.order()[*from]));
                if leads_on && if_true.block != if_false.block {
                    self.learn(function, position, *condition, holds, 2);
                }
            }
        }
        // A counter that begins above 0 and gets less may stay above 0 still.
        for lowest in [lowest, lowest.min(0)] {
            self.lowest.insert(parameter, lowest);
            let mut rounds = edges.iter().filter(|(from, ..)| *from >= position);
            if rounds.all(|(_, next, _)| self.interval(function, position, *next, DEEPEST).0 >= lowest) {
                break;
            }
            self.lowest.remove(&parameter);
        }
        self.heads[position] = before;
    }

    /// The facts that hold in a block, the newest first.
    fn known(&self, position: usize) -> impl Iterator<Item = &Fact> {
        let mut next = self.heads[position];
        std::iter::from_fn(move || {
            let fact = self.list.get(next as usize)?;
            next = fact.next;
            Some(fact)
        })
        .take(LONGEST_SEARCH)
    }

    /// Whether a comparison holds in a block, where that is known.
    fn decide(
        &self,
        function: &Function,
        position: usize,
        condition: IntegerCondition,
        left: Value,
        right: Value,
    ) -> Option<bool> {
        let (left, right) = (chosen(function, left), chosen(function, right));
        if left == right {
            return answer(EQUAL, outcomes(condition).1);
        }
        if function.representation(left) != Representation::I64 {
            return self.decide_unordered(function, position, condition, left, right);
        }
        let mut possible = LESS | EQUAL | GREATER;
        let mut possible_unsigned = possible;
        for fact in self.known(position) {
            let swapped = same(function, fact.left, right) && same(function, fact.right, left);
            let straight = same(function, fact.left, left) && same(function, fact.right, right);
            if !swapped && !straight {
                continue;
            }
            let (signed, set) = outcomes(fact.condition);
            let set = if swapped { mirrored(set) } else { set };
            if signed != Some(false) {
                possible &= set;
            }
            if signed != Some(true) {
                possible_unsigned &= set;
            }
        }
        let (a, b) =
            (self.interval(function, position, left, DEEPEST), self.interval(function, position, right, DEEPEST));
        possible &= compare_intervals(a, b);
        if a.0 >= 0 && b.0 >= 0 {
            possible &= possible_unsigned;
            possible_unsigned &= possible;
        } else if a.0 >= 0 && possible & (LESS | EQUAL) == possible {
            // Not below 0 and not above the other, which is not below 0 then either.
            possible_unsigned &= possible;
        }
        if possible == EQUAL {
            possible_unsigned = EQUAL;
        } else if possible & EQUAL == 0 {
            possible_unsigned &= !EQUAL;
        }
        let (signed, wanted) = outcomes(condition);
        let possible = if signed == Some(false) { possible_unsigned } else { possible };
        answer(possible, wanted)
    }

    /// Of pointers and narrow integers only what was asked before is known.
    fn decide_unordered(
        &self,
        function: &Function,
        position: usize,
        condition: IntegerCondition,
        left: Value,
        right: Value,
    ) -> Option<bool> {
        let (signed, wanted) = outcomes(condition);
        if signed.is_some() {
            return None;
        }
        let mut possible = LESS | EQUAL | GREATER;
        for fact in self.known(position) {
            let matches = same(function, fact.left, left) && same(function, fact.right, right);
            // Equality of one representation says nothing of constants of another.
            if matches && function.representation(fact.left) == function.representation(left) {
                possible &= outcomes(fact.condition).1;
            }
            let other = same(function, fact.left, left) && fact.condition == IntegerCondition::Equal;
            if other
                && function.representation(fact.left) == function.representation(left)
                && let (Some(is), Some(asked)) = (integer_of(function, fact.right), integer_of(function, right))
                && is != asked
            {
                possible &= LESS | GREATER;
            }
        }
        answer(possible, wanted)
    }

    /// The lowest and highest signed number that a value of 64 bits may be in a block.
    fn interval(&self, function: &Function, position: usize, value: Value, depth: usize) -> (i64, i64) {
        let (mut low, mut high) = self.computed(function, position, value, depth);
        if let Some(lowest) = self.lowest.get(&value) {
            low = low.max(*lowest);
        }
        if integer_of(function, value).is_some() || depth == 0 {
            return (low, high);
        }
        for fact in self.known(position) {
            let (condition, other) = if fact.left == value {
                (fact.condition, fact.right)
            } else if fact.right == value {
                (mirrored_condition(fact.condition), fact.left)
            } else {
                continue;
            };
            let bound = match integer_of(function, other) {
                Some(bound) => (bound, bound),
                None => self.computed(function, position, other, depth - 1),
            };
            match condition {
                IntegerCondition::Equal => {
                    low = low.max(bound.0);
                    high = high.min(bound.1);
                }
                IntegerCondition::SignedLess => high = high.min(bound.1.saturating_sub(1)),
                IntegerCondition::SignedLessOrEqual => high = high.min(bound.1),
                IntegerCondition::SignedGreater => low = low.max(bound.0.saturating_add(1)),
                IntegerCondition::SignedGreaterOrEqual => low = low.max(bound.0),
                // Below a number that is not negative as an unsigned one: between 0 and it.
                IntegerCondition::UnsignedLess | IntegerCondition::UnsignedLessOrEqual if bound.0 >= 0 => {
                    low = low.max(0);
                    high = high.min(bound.1 - i64::from(condition == IntegerCondition::UnsignedLess));
                }
                _ => {}
            }
        }
        (low, high)
    }

    /// The same by what computes the value.
    fn computed(&self, function: &Function, position: usize, value: Value, depth: usize) -> (i64, i64) {
        const ALL: (i64, i64) = (i64::MIN, i64::MAX);
        if let Some(value) = integer_of(function, value) {
            return (value, value);
        }
        if depth == 0 {
            return ALL;
        }
        let of = |value: Value| self.interval(function, position, value, depth - 1);
        match function.defining_instruction(value) {
            Some(InstructionData::IntegerCompare { .. }) => (0, 1),
            Some(InstructionData::Load { class: MemoryClass::Length, .. }) => (0, MemoryClass::LARGEST_LENGTH),
            Some(InstructionData::Convert { operation: ConvertOperation::ZeroExtend, operand, .. }) => {
                match function.representation(*operand) {
                    Representation::I8 if is_truth(function, *operand) => (0, 1),
                    Representation::I8 => (0, i64::from(u8::MAX)),
                    Representation::I16 => (0, i64::from(u16::MAX)),
                    Representation::I32 => (0, i64::from(u32::MAX)),
                    _ => ALL,
                }
            }
            Some(InstructionData::Convert { operation: ConvertOperation::SignExtend, operand, .. }) => {
                match function.representation(*operand) {
                    Representation::I8 => (i64::from(i8::MIN), i64::from(i8::MAX)),
                    Representation::I16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
                    Representation::I32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
                    _ => ALL,
                }
            }
            Some(InstructionData::Select { if_true, if_false, .. }) => {
                let (left, right) = (of(*if_true), of(*if_false));
                (left.0.min(right.0), left.1.max(right.1))
            }
            Some(InstructionData::Binary { operation, left, right }) => {
                let (a, b) = (of(*left), of(*right));
                match operation {
                    BinaryOperation::BitAnd if b.0 >= 0 => (0, b.1),
                    BinaryOperation::BitAnd if a.0 >= 0 => (0, a.1),
                    BinaryOperation::IntegerAdd => a.0.checked_add(b.0).zip(a.1.checked_add(b.1)).unwrap_or(ALL),
                    BinaryOperation::IntegerSubtract => a.0.checked_sub(b.1).zip(a.1.checked_sub(b.0)).unwrap_or(ALL),
                    BinaryOperation::IntegerMultiply => product(a, b).unwrap_or(ALL),
                    BinaryOperation::ShiftRightSigned => match integer_of(function, *right) {
                        Some(count @ 0..=63) => (a.0 >> count, a.1 >> count),
                        _ => ALL,
                    },
                    BinaryOperation::SignedRemainder => match integer_of(function, *right).map(i64::checked_abs) {
                        Some(Some(divisor)) if divisor > 0 => (if a.0 >= 0 { 0 } else { 1 - divisor }, divisor - 1),
                        _ => ALL,
                    },
                    _ => ALL,
                }
            }
            _ => ALL,
        }
    }
}

/// The bounds of the product of two numbers, of which none wraps: those of the products of the bounds.
fn product(left: (i64, i64), right: (i64, i64)) -> Option<(i64, i64)> {
    let first = left.0.checked_mul(right.0)?;
    let others = [left.0.checked_mul(right.1)?, left.1.checked_mul(right.0)?, left.1.checked_mul(right.1)?];
    Some(others.iter().fold((first, first), |(low, high), number| (low.min(*number), high.max(*number))))
}

/// The comparison of 64-bit integers that holds on the edge from a block to another.
fn edge_condition(
    function: &Function,
    tree: &DominatorTree,
    from: usize,
    to: Block,
) -> Option<(IntegerCondition, Value, Value)> {
    let Some(Terminator::Branch { condition, if_true, if_false }) = &function.block(tree.order()[from]).terminator
    else {
        return None;
    };
    let InstructionData::IntegerCompare { condition, left, right } = function.defining_instruction(*condition)? else {
        return None;
    };
    if if_true.block == if_false.block {
        return None;
    }
    let condition = if if_true.block == to { *condition } else { opposite_condition(*condition) };
    Some((condition, *left, *right))
}

/// What a select gives whose condition has been decided.
fn chosen(function: &Function, mut value: Value) -> Value {
    for _ in 0..DEEPEST {
        let Some(InstructionData::Select { condition, if_true, if_false }) = function.defining_instruction(value)
        else {
            break;
        };
        let Some(condition) = integer_of(function, *condition) else {
            break;
        };
        value = if condition != 0 { *if_true } else { *if_false };
    }
    value
}

/// Whether two values are one, or constants of one number.
fn same(function: &Function, left: Value, right: Value) -> bool {
    left == right
        || (integer_of(function, left).is_some()
            && integer_of(function, left) == integer_of(function, right)
            && function.representation(left) == function.representation(right))
}

/// Whether a comparison is one of signed numbers, where it matters, and for which outcomes it holds.
const fn outcomes(condition: IntegerCondition) -> (Option<bool>, u8) {
    match condition {
        IntegerCondition::Equal => (None, EQUAL),
        IntegerCondition::NotEqual => (None, LESS | GREATER),
        IntegerCondition::SignedLess => (Some(true), LESS),
        IntegerCondition::SignedLessOrEqual => (Some(true), LESS | EQUAL),
        IntegerCondition::SignedGreater => (Some(true), GREATER),
        IntegerCondition::SignedGreaterOrEqual => (Some(true), GREATER | EQUAL),
        IntegerCondition::UnsignedLess => (Some(false), LESS),
        IntegerCondition::UnsignedLessOrEqual => (Some(false), LESS | EQUAL),
        IntegerCondition::UnsignedGreater => (Some(false), GREATER),
        IntegerCondition::UnsignedGreaterOrEqual => (Some(false), GREATER | EQUAL),
    }
}

/// Whether one comparison holds wherever another does.
const fn implies(held: IntegerCondition, asked: IntegerCondition) -> bool {
    let ((held_signed, held), (asked_signed, asked)) = (outcomes(held), outcomes(asked));
    let comparable = match (held_signed, asked_signed) {
        (Some(held), Some(asked)) => held == asked,
        _ => true,
    };
    comparable && held & !asked == 0
}

/// The outcomes with the sides swapped.
const fn mirrored(set: u8) -> u8 {
    let less = if set & GREATER != 0 { LESS } else { 0 };
    let greater = if set & LESS != 0 { GREATER } else { 0 };
    set & EQUAL | less | greater
}

/// The condition with the sides swapped.
const fn mirrored_condition(condition: IntegerCondition) -> IntegerCondition {
    match condition {
        IntegerCondition::Equal | IntegerCondition::NotEqual => condition,
        IntegerCondition::SignedLess => IntegerCondition::SignedGreater,
        IntegerCondition::SignedLessOrEqual => IntegerCondition::SignedGreaterOrEqual,
        IntegerCondition::SignedGreater => IntegerCondition::SignedLess,
        IntegerCondition::SignedGreaterOrEqual => IntegerCondition::SignedLessOrEqual,
        IntegerCondition::UnsignedLess => IntegerCondition::UnsignedGreater,
        IntegerCondition::UnsignedLessOrEqual => IntegerCondition::UnsignedGreaterOrEqual,
        IntegerCondition::UnsignedGreater => IntegerCondition::UnsignedLess,
        IntegerCondition::UnsignedGreaterOrEqual => IntegerCondition::UnsignedLessOrEqual,
    }
}

/// The possible outcomes between two intervals.
const fn compare_intervals(left: (i64, i64), right: (i64, i64)) -> u8 {
    let less = if left.0 < right.1 { LESS } else { 0 };
    let greater = if left.1 > right.0 { GREATER } else { 0 };
    let equal = if left.0 <= right.1 && right.0 <= left.1 { EQUAL } else { 0 };
    less | equal | greater
}

/// What a comparison gives of these possible outcomes. Where none is possible, the code does not run.
const fn answer(possible: u8, wanted: u8) -> Option<bool> {
    if possible == 0 {
        None
    } else if possible & !wanted == 0 {
        Some(true)
    } else if possible & wanted == 0 {
        Some(false)
    } else {
        None
    }
}
