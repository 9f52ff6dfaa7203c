//! The loops of a function: headers, what they hold, how they nest.

use crate::dominators::DominatorTree;
use crate::passes::subject::integer_of;
use crate::{
    BinaryOperation, Block, Function, InstructionData, IntegerCondition, JumpTarget, Terminator, Value, ValueDefinition,
};

/// No loop.
pub(crate) const NO_LOOP: u32 = u32::MAX;

/// One loop: what can reach its header again without leaving what the header dominates.
pub(crate) struct Loop {
    /// The position of the header.
    pub(crate) header: usize,
    /// The loop around it, or [`NO_LOOP`].
    pub(crate) parent: u32,
    /// The positions of its blocks, those of inner loops too.
    pub(crate) blocks: Vec<usize>,
}

/// All loops of a function, outer ones before inner ones.
pub(crate) struct Loops {
    pub(crate) all: Vec<Loop>,
    /// By position: the innermost loop around a block.
    innermost: Vec<u32>,
}

impl Loops {
    pub(crate) fn new(tree: &DominatorTree) -> Self {
        let blocks = tree.order().len();
        let dominates = |above: usize, below: usize| tree.dominates(tree.order()[above], tree.order()[below]);
        let is_latch = |header: usize, from: usize| from >= header && dominates(header, from);
        let headers: Vec<usize> = (0..blocks)
            .filter(|header| tree.predecessors(*header).iter().any(|from| is_latch(*header, *from as usize)))
            .collect();
        let mut all: Vec<Loop> =
            headers.iter().map(|header| Loop { header: *header, parent: NO_LOOP, blocks: Vec::new() }).collect();
        let mut innermost = vec![NO_LOOP; blocks];
        if all.is_empty() {
            return Self { all, innermost };
        }
        // Inner headers come later, so from last to first a block meets its innermost loop first.
        let mut work = Vec::new();
        for index in (0..all.len()).rev() {
            let number = u32::try_from(index).unwrap_or(NO_LOOP);
            let header = all[index].header;
            let latches = tree.predecessors(header).iter().map(|from| *from as usize);
            work.extend(latches.filter(|from| is_latch(header, *from)));
            claim(&mut innermost, &mut all, header, number);
            while let Some(position) = work.pop() {
                let mut inner = innermost[position];
                if inner == NO_LOOP {
                    innermost[position] = number;
                    work.extend(tree.predecessors(position).iter().map(|from| *from as usize));
                    continue;
                }
                while all[inner as usize].parent != NO_LOOP {
                    inner = all[inner as usize].parent;
                }
                if inner != number {
                    all[inner as usize].parent = number;
                    work.extend(tree.predecessors(all[inner as usize].header).iter().map(|from| *from as usize));
                }
            }
        }
        for (position, inner) in innermost.iter().enumerate() {
            let mut inner = *inner;
            while inner != NO_LOOP {
                all[inner as usize].blocks.push(position);
                inner = all[inner as usize].parent;
            }
        }
        Self { all, innermost }
    }

    /// Whether a block is in a loop.
    pub(crate) fn contains(&self, number: usize, position: usize) -> bool {
        let mut inner = self.innermost[position];
        while inner != NO_LOOP {
            if inner as usize == number {
                return true;
            }
            inner = self.all[inner as usize].parent;
        }
        false
    }

    /// The innermost loop around a block, or [`NO_LOOP`].
    pub(crate) fn innermost(&self, position: usize) -> u32 {
        self.innermost[position]
    }

    /// The edges that leave a loop: the position they come from, and which edge of its terminator they are.
    pub(crate) fn exits(&self, function: &Function, tree: &DominatorTree, number: usize) -> Vec<(usize, usize)> {
        let mut exits = Vec::new();
        for position in &self.all[number].blocks {
            let terminator = function.block(tree.order()[*position]).terminator.iter();
            for (edge, target) in terminator.flat_map(Terminator::targets).enumerate() {
                if !self.contains(number, tree.position(target.block)) {
                    exits.push((*position, edge));
                }
            }
        }
        exits
    }

    /// Whether a loop surely ends: a block that every round passes leaves it unless a value that moves by a constant has
    /// not reached a bound that stays.
    pub(crate) fn is_counted(
        &self,
        function: &Function,
        tree: &DominatorTree,
        definitions: &[u32],
        number: usize,
    ) -> bool {
        let header = self.all[number].header;
        let latches: Vec<usize> = tree
            .predecessors(header)
            .iter()
            .map(|from| *from as usize)
            .filter(|from| self.contains(number, *from))
            .collect();
        let mut passed_always =
            tree.dominators_of_all(latches.iter().copied()).take_while(|position| *position >= header);
        passed_always.any(|position| self.counts(function, tree, definitions, (number, position), &latches))
    }

    fn counts(
        &self,
        function: &Function,
        tree: &DominatorTree,
        definitions: &[u32],
        (number, position): (usize, usize),
        latches: &[usize],
    ) -> bool {
        let Some(Terminator::Branch { condition, if_true, if_false }) =
            &function.block(tree.order()[position]).terminator
        else {
            return false;
        };
        let stays = |target: &JumpTarget| self.contains(number, tree.position(target.block));
        if !stays(if_true) || stays(if_false) {
            return false;
        }
        let Some(InstructionData::IntegerCompare { condition, left, right }) =
            function.defining_instruction(*condition)
        else {
            return false;
        };
        let rises = match condition {
            IntegerCondition::SignedLess | IntegerCondition::SignedLessOrEqual => true,
            IntegerCondition::SignedGreater | IntegerCondition::SignedGreaterOrEqual => false,
            _ => return false,
        };
        let header = tree.order()[self.all[number].header];
        let counter = match step_of(function, *left) {
            Some((counter, _)) => counter,
            None => *left,
        };
        let ValueDefinition::Parameter(block, place) = function.definition(counter) else {
            return false;
        };
        // At the largest number a bound that is included is never passed.
        let strict = matches!(condition, IntegerCondition::SignedLess | IntegerCondition::SignedGreater);
        let defined = definitions[right.index()] as usize;
        let stays =
            integer_of(function, *right).is_some() || (defined < tree.order().len() && !self.contains(number, defined));
        if block != header || !strict || !stays {
            return false;
        }
        latches.iter().all(|latch| {
            let terminator = function.block(tree.order()[*latch]).terminator.iter();
            let mut back = terminator.flat_map(Terminator::targets).filter(|target| target.block == header);
            back.all(|target| {
                let next = target.arguments.get(place as usize).and_then(|next| step_of(function, *next));
                next.is_some_and(|(from, step)| from == counter && if rises { step > 0 } else { step < 0 })
            })
        })
    }
}

/// The position of the block that defines each value; that of what no reachable block defines is beyond all.
pub(crate) fn definition_positions(function: &Function, tree: &DominatorTree) -> Vec<u32> {
    let mut positions = vec![u32::MAX; function.values.len()];
    for (position, block) in (0..).zip(tree.order()) {
        let data = function.block(*block);
        let results = data.instructions.iter().flat_map(|instruction| function.results(*instruction));
        for value in data.parameters.iter().chain(results) {
            positions[value.index()] = position;
        }
    }
    positions
}

/// Takes a header that no inner loop holds.
fn claim(innermost: &mut [u32], all: &mut [Loop], header: usize, number: u32) {
    let inner = innermost[header];
    if inner == NO_LOOP {
        innermost[header] = number;
    } else {
        let mut outer = inner as usize;
        while all[outer].parent != NO_LOOP {
            outer = all[outer].parent as usize;
        }
        if outer != number as usize {
            all[outer].parent = number;
        }
    }
}

/// What a value is the sum of, where it is one of a value and a constant.
pub(crate) fn step_of(function: &Function, value: Value) -> Option<(Value, i64)> {
    match function.defining_instruction(value)? {
        InstructionData::Binary { operation: BinaryOperation::IntegerAdd, left, right } => {
            Some((*left, integer_of(function, *right)?))
        }
        InstructionData::Binary { operation: BinaryOperation::IntegerSubtract, left, right } => {
            Some((*left, integer_of(function, *right)?.checked_neg()?))
        }
        _ => None,
    }
}

/// New blocks that have no place in the layout yet, each with the block that it comes right before, in the order in which
/// they were added.
#[derive(Default)]
pub(crate) struct NewBlocks(Vec<(Block, Block)>);

impl NewBlocks {
    /// Adds one that comes right before another block.
    pub(crate) fn add(&mut self, block: Block, before: Block) {
        self.0.push((block, before));
    }

    /// Puts them into the layout, all at once: for each alone, the layout would be searched and moved. Whether there
    /// are any.
    pub(crate) fn place(self, function: &mut Function) -> bool {
        if self.0.is_empty() {
            return false;
        }
        let mut before: Vec<Option<Block>> = vec![None; function.blocks.len()];
        let mut last = None;
        for block in &function.layout {
            before[block.index()] = last.replace(*block);
        }
        for (block, next) in self.0 {
            before[block.index()] = before[next.index()].replace(block);
        }
        let placed = std::iter::successors(last, |block| before[block.index()]);
        let mut layout: Vec<Block> = placed.collect();
        layout.reverse();
        function.layout = layout;
        true
    }
}

/// A block through which all ways into a loop go and which leads nowhere else: the one before the header, or a new one.
pub(crate) fn preheader(
    function: &mut Function,
    tree: &DominatorTree,
    loops: &Loops,
    number: usize,
    added: &mut NewBlocks,
) -> Block {
    let header = tree.order()[loops.all[number].header];
    let outside: Vec<Block> = tree
        .predecessors(loops.all[number].header)
        .iter()
        .map(|from| *from as usize)
        .filter(|from| !loops.contains(number, *from))
        .map(|from| tree.order()[from])
        .collect();
    if let [only] = outside.as_slice()
        && let Some(Terminator::Jump(target)) = &function.block(*only).terminator
    {
        debug_assert_eq!(target.block, header, "the tree is that of the function");
        return *only;
    }
    let representations: Vec<_> =
        function.block(header).parameters.iter().map(|value| function.representation(*value)).collect();
    let block = function.add_block();
    let parameters =
        representations.into_iter().map(|representation| function.add_block_parameter(block, representation)).collect();
    for from in outside {
        if let Some(terminator) = &mut function.block_mut(from).terminator {
            for target in terminator.targets_mut().filter(|target| target.block == header) {
                target.block = block;
            }
        }
    }
    function.block_mut(block).terminator = Some(Terminator::Jump(JumpTarget { block: header, arguments: parameters }));
    added.0.push((block, header));
    block
}

/// A block on one edge alone: its target where no other edge leads there, or a new one.
pub(crate) fn edge_block(
    function: &mut Function,
    from: Block,
    edge: usize,
    alone: bool,
    added: &mut NewBlocks,
) -> Option<Block> {
    let target = function.block(from).terminator.as_ref()?.targets().nth(edge)?.clone();
    if alone {
        return Some(target.block);
    }
    let block = function.add_block();
    function.block_mut(block).cold = function.block(target.block).cold;
    added.0.push((block, target.block));
    function.block_mut(block).terminator = Some(Terminator::Jump(target));
    let target = function.block_mut(from).terminator.as_mut()?.targets_mut().nth(edge)?;
    *target = JumpTarget { block, arguments: Default::default() };
    Some(block)
}
