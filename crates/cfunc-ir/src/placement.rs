//! Where variables need block parameters.
//!
//! After Cytron et al., "Efficiently Computing Static Single Assignment Form and the Control Dependence Graph" (TOPLAS
//! 1991): a variable may need a parameter where paths from its definitions first meet, which is the iterated dominance
//! frontier of the blocks that define it; everywhere else it is what it is at the end of the nearest block above in the
//! dominator tree that defines it or has such a parameter. Only parameters that something asks for are made. The work for
//! a variable follows its own definitions and reads, not the length of the function.

use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::dominators::DominatorTree;
use crate::ssa::zero;
use crate::{Block, Function, Instruction, Value, ValueDefinition};

/// No position, no point.
const NONE: u32 = u32::MAX;

/// Gives values to reads of variables, one variable after the other.
pub(crate) struct Placement<'a, Ends> {
    function: &'a mut Function,
    tree: &'a DominatorTree,
    /// By position: the blocks that one of its predecessors, but not itself alone, leads to: its dominance frontier.
    frontiers: Vec<SmallVec<[u32; 2]>>,
    /// By position.
    marks: Vec<Marks>,
    /// How many variables there were so far.
    number: u32,
    representation: Representation,
    /// What the variable is at the end of a block that defines it.
    ends: Option<Ends>,
    /// Where the variable may change, in preorder of the dominator tree.
    points: Vec<Point>,
    /// From which place on in that preorder which point is the innermost around a block, ascending by place; of several
    /// with one place the last counts.
    boundaries: Vec<(u32, u32)>,
    /// Parameters that wait for their arguments.
    pending: Vec<u32>,
    /// What the variable is where nothing defined it.
    zero: Option<Value>,
    /// Zeros for the start of the function.
    zeros: Vec<Instruction>,
}

/// What a block is to variables: to the one of the number that was put down last.
#[derive(Clone, Default)]
struct Marks {
    defines: u32,
    joins: u32,
    has_parameter: u32,
    parameter: Option<Value>,
}

/// A block that defines the variable or may have a parameter for it.
struct Point {
    /// Its place in a preorder of the dominator tree.
    start: u32,
    /// The end of its subtree there.
    end: u32,
    position: u32,
}

/// The boundary where the innermost point around ends, if it does so until a place.
fn left(around: &mut SmallVec<[u32; 8]>, points: &[Point], until: u32) -> Option<(u32, u32)> {
    let end = points[*around.last()? as usize].end;
    if end > until {
        return None;
    }
    around.pop();
    // Beyond the entry, which ends last, nothing is asked for.
    Some((end, around.last().copied().unwrap_or(0)))
}

impl<'a, Ends: Fn(Block) -> Option<Value>> Placement<'a, Ends> {
    /// For a function and its dominator tree.
    pub(crate) fn new(function: &'a mut Function, tree: &'a DominatorTree) -> Self {
        Self {
            function,
            tree,
            frontiers: frontiers(tree),
            marks: vec![Marks::default(); tree.order().len()],
            number: 0,
            representation: Representation::I64,
            ends: None,
            points: Vec::new(),
            boundaries: Vec::new(),
            pending: Vec::new(),
            zero: None,
            zeros: Vec::new(),
        }
    }

    /// Goes on to the next variable, with the blocks that define it and what it is at their ends.
    pub(crate) fn variable(&mut self, representation: Representation, definitions: &[Block], ends: Ends) {
        self.number += 1;
        self.representation = representation;
        self.ends = Some(ends);
        self.zero = None;
        self.points.clear();
        // All paths begin at the entry, which counts as a definition of 0.
        self.add_point(0);
        let reachable = definitions.iter().filter(|block| self.tree.is_reachable(**block));
        let mut work: SmallVec<[u32; 8]> = SmallVec::new();
        for position in reachable.map(|block| self.tree.position(*block)) {
            if self.marks[position].defines != self.number {
                self.marks[position].defines = self.number;
                work.push(u32::try_from(position).unwrap_or(NONE));
            }
        }
        let mut next = 0;
        while let Some(position) = work.get(next).map(|position| *position as usize) {
            next += 1;
            if position != 0 {
                self.add_point(position);
            }
            for join in &self.frontiers[position] {
                let marks = &mut self.marks[*join as usize];
                let known = marks.joins == self.number || marks.defines == self.number;
                marks.joins = self.number;
                if !known {
                    work.push(*join);
                }
            }
        }
        self.points.sort_unstable_by_key(|point| point.start);
        self.boundaries.clear();
        let mut around: SmallVec<[u32; 8]> = SmallVec::new();
        for (index, point) in (0..).zip(&self.points) {
            self.boundaries.extend(std::iter::from_fn(|| left(&mut around, &self.points, point.start)));
            self.boundaries.push((point.start, index));
            around.push(index);
        }
        self.boundaries.extend(std::iter::from_fn(|| left(&mut around, &self.points, u32::MAX)));
    }

    fn add_point(&mut self, position: usize) {
        let (start, size) = self.tree.subtree(position);
        let position = u32::try_from(position).unwrap_or(NONE);
        self.points.push(Point { start, end: start + size, position });
    }

    /// What the variable is at the start of a block other than the entry, where that is another value than `value`, which
    /// stood for it and becomes a parameter of the block otherwise.
    pub(crate) fn read(&mut self, position: usize, value: Value) -> Option<Value> {
        let marks = &self.marks[position];
        if marks.joins != self.number {
            return Some(self.at_end(self.tree.immediate(position)));
        }
        if marks.has_parameter == self.number {
            return marks.parameter;
        }
        let block = self.tree.order()[position];
        let parameters = &mut self.function.block_mut(block).parameters;
        parameters.push(value);
        let place = u32::try_from(parameters.len() - 1).unwrap_or(u32::MAX);
        self.function.values[value.index()].1 = ValueDefinition::Parameter(block, place);
        self.note_parameter(position, value);
        None
    }

    /// Gives the parameters that were asked for their arguments.
    pub(crate) fn give_arguments(&mut self) {
        let tree = self.tree;
        while let Some(position) = self.pending.pop() {
            let block = tree.order()[position as usize];
            let mut last = NONE;
            for predecessor in tree.predecessors(position as usize) {
                // Both edges of a branch may lead here.
                if std::mem::replace(&mut last, *predecessor) == *predecessor {
                    continue;
                }
                let value = self.at_end(*predecessor as usize);
                let from = tree.order()[*predecessor as usize];
                if let Some(terminator) = &mut self.function.block_mut(from).terminator {
                    for target in terminator.targets_mut().filter(|target| target.block == block) {
                        target.arguments.push(value);
                    }
                }
            }
        }
    }

    /// Puts zeros where they are before everything.
    pub(crate) fn finish(self) {
        let entry = self.function.entry();
        self.function.block_mut(entry).instructions.splice(0..0, self.zeros);
    }

    /// What the variable is at the end of a block.
    fn at_end(&mut self, position: usize) -> Value {
        let (start, _) = self.tree.subtree(position);
        // The entry is around all blocks.
        let next = self.boundaries.partition_point(|(place, _)| *place <= start);
        let (_, innermost) = self.boundaries[next - 1];
        let position = self.points[innermost as usize].position as usize;
        let block = self.tree.order()[position];
        let marks = &self.marks[position];
        if (marks.defines == self.number || position == 0)
            && let Some(value) = self.ends.as_ref().and_then(|ends| ends(block))
        {
            return value;
        }
        if position == 0 {
            return self.zero();
        }
        if marks.has_parameter == self.number
            && let Some(parameter) = marks.parameter
        {
            return parameter;
        }
        let parameter = self.function.add_block_parameter(block, self.representation);
        self.note_parameter(position, parameter);
        parameter
    }

    fn zero(&mut self) -> Value {
        if let Some(value) = self.zero {
            return value;
        }
        let (instruction, value) = zero(self.function, self.representation);
        self.zeros.push(instruction);
        *self.zero.insert(value)
    }

    fn note_parameter(&mut self, position: usize, parameter: Value) {
        let marks = &mut self.marks[position];
        (marks.has_parameter, marks.parameter) = (self.number, Some(parameter));
        self.pending.push(u32::try_from(position).unwrap_or(NONE));
    }
}

/// The dominance frontiers of all blocks, by position: after Cooper, Harvey and Kennedy, from every block where paths meet
/// up the tree from its predecessors to its dominator. A block that is passed again has been followed up before.
fn frontiers(tree: &DominatorTree) -> Vec<SmallVec<[u32; 2]>> {
    let mut frontiers: Vec<SmallVec<[u32; 2]>> = vec![SmallVec::new(); tree.order().len()];
    for (position, join) in (0..tree.order().len()).zip(0..) {
        let predecessors = tree.predecessors(position);
        if predecessors.len() < 2 {
            continue;
        }
        let end = tree.immediate(position);
        for predecessor in predecessors {
            let mut at = *predecessor as usize;
            while at != end && frontiers[at].last() != Some(&join) {
                frontiers[at].push(join);
                at = tree.immediate(at);
            }
        }
    }
    frontiers
}
