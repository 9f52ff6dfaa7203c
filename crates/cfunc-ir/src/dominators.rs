//! The dominator tree of a function.
//!
//! After Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm". Predecessors are folded from the last in
//! reverse postorder to the first, so that a block which all others reach, as an error exit is, costs one walk up the
//! tree and not one a predecessor. Nothing recurses.

use crate::{Block, Function};

/// No position: an unreachable block.
const NONE: u32 = u32::MAX;

/// Which block dominates which; blocks that no path reaches are in no relation.
pub(crate) struct DominatorTree {
    /// The blocks that can be reached, in reverse postorder.
    order: Vec<Block>,
    /// The position of a block in reverse postorder.
    positions: Vec<u32>,
    /// By position: where the predecessors of a block begin in `predecessors`; and one more, the end of all.
    predecessor_starts: Vec<u32>,
    /// Positions, descending for each block, one an edge.
    predecessors: Vec<u32>,
    /// By position: the position of the immediate dominator.
    immediate: Vec<u32>,
    /// By position: where the subtree of the block begins in a preorder of the tree, and how many blocks it has.
    subtrees: Vec<(u32, u32)>,
}

impl DominatorTree {
    /// The tree of a function with an entry, whose jump targets are blocks that it has.
    pub(crate) fn new(function: &Function) -> Self {
        let order = reverse_postorder(function);
        let mut positions = vec![NONE; function.blocks.len()];
        for (position, block) in (0..).zip(&order) {
            positions[block.index()] = position;
        }
        let (predecessor_starts, predecessors) = predecessors(function, &order, &positions);
        let immediate = immediate_dominators(&predecessor_starts, &predecessors);
        let subtrees = subtrees(&immediate);
        Self { order, positions, predecessor_starts, predecessors, immediate, subtrees }
    }

    /// The blocks that can be reached, in reverse postorder.
    pub(crate) fn order(&self) -> &[Block] {
        &self.order
    }

    /// The position of a reachable block in the order.
    pub(crate) fn position(&self, block: Block) -> usize {
        self.positions[block.index()] as usize
    }

    /// The positions from which edges lead to the block of a position, one an edge.
    pub(crate) fn predecessors(&self, position: usize) -> &[u32] {
        predecessors_of(&self.predecessor_starts, &self.predecessors, position)
    }

    /// The position of the immediate dominator; of the entry, its own.
    pub(crate) fn immediate(&self, position: usize) -> usize {
        self.immediate[position] as usize
    }

    /// Where the blocks that the block of a position dominates begin in a preorder of the tree, itself first, and how many
    /// they are.
    pub(crate) fn subtree(&self, position: usize) -> (u32, u32) {
        self.subtrees[position]
    }

    /// How many blocks the function had, those that no path reaches among them.
    pub(crate) fn blocks(&self) -> usize {
        self.positions.len()
    }

    pub(crate) fn is_reachable(&self, block: Block) -> bool {
        self.positions[block.index()] != NONE
    }

    /// Whether every path to `block` goes through `dominator`, which may be the block itself; both are reachable.
    pub(crate) fn dominates(&self, dominator: Block, block: Block) -> bool {
        let (start, size) = self.subtrees[self.positions[dominator.index()] as usize];
        let (inner, _) = self.subtrees[self.positions[block.index()] as usize];
        start <= inner && inner - start < size
    }
}

fn successors(function: &Function, block: Block) -> impl Iterator<Item = Block> {
    function.block(block).terminator.iter().flat_map(|terminator| terminator.targets().map(|target| target.block))
}

fn reverse_postorder(function: &Function) -> Vec<Block> {
    let mut order = Vec::new();
    let mut seen = vec![false; function.blocks.len()];
    let entry = function.entry();
    seen[entry.index()] = true;
    // A block, and how many of its successors were looked at.
    let mut stack = vec![(entry, 0)];
    while let Some((block, next)) = stack.last_mut() {
        let successor = successors(function, *block).nth(*next);
        *next += 1;
        match successor {
            Some(successor) if seen[successor.index()] => {}
            Some(successor) => {
                seen[successor.index()] = true;
                stack.push((successor, 0));
            }
            None => {
                order.push(*block);
                stack.pop();
            }
        }
    }
    order.reverse();
    order
}

fn predecessors_of<'a>(starts: &[u32], predecessors: &'a [u32], position: usize) -> &'a [u32] {
    &predecessors[starts[position] as usize..starts[position + 1] as usize]
}

/// The predecessors of every block, by position, and where each block's begin.
fn predecessors(function: &Function, order: &[Block], positions: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut ends = vec![0; order.len() + 1];
    for block in order {
        for successor in successors(function, *block) {
            ends[positions[successor.index()] as usize] += 1;
        }
    }
    let mut total = 0;
    for end in &mut ends {
        total += *end;
        *end = total;
    }
    let mut predecessors = vec![0; total as usize];
    // Filled from the end of each list, in ascending order, so that each is descending.
    for (position, block) in (0..).zip(order) {
        for successor in successors(function, *block) {
            let end = &mut ends[positions[successor.index()] as usize];
            *end -= 1;
            predecessors[*end as usize] = position;
        }
    }
    (ends, predecessors)
}

/// The position of the immediate dominator, by position; that of the entry is itself.
fn immediate_dominators(starts: &[u32], predecessors: &[u32]) -> Vec<u32> {
    let blocks = starts.len() - 1;
    let mut immediate = vec![NONE; blocks];
    immediate[0] = 0;
    let mut changed = true;
    while changed {
        changed = false;
        for block in 1..blocks {
            let mut common = NONE;
            for predecessor in predecessors_of(starts, predecessors, block) {
                if immediate[*predecessor as usize] == NONE {
                    continue;
                }
                common = match common {
                    NONE => *predecessor,
                    other => intersect(&immediate, other, *predecessor),
                };
            }
            if immediate[block] != common {
                immediate[block] = common;
                changed = true;
            }
        }
    }
    immediate
}

fn intersect(immediate: &[u32], mut left: u32, mut right: u32) -> u32 {
    while left != right {
        if left > right {
            left = immediate[left as usize];
        } else {
            right = immediate[right as usize];
        }
    }
    left
}

/// A dominator stands before what it dominates, so two sweeps over the positions number the tree.
fn subtrees(immediate: &[u32]) -> Vec<(u32, u32)> {
    let mut subtrees = vec![(0, 1); immediate.len()];
    for position in (1..immediate.len()).rev() {
        let size: u32 = subtrees[position].1;
        subtrees[immediate[position] as usize].1 += size;
    }
    // Where the next child of a block begins.
    let mut next = vec![1; immediate.len()];
    for position in 1..immediate.len() {
        let parent = immediate[position] as usize;
        subtrees[position].0 = next[parent];
        next[position] = next[parent] + 1;
        next[parent] += subtrees[position].1;
    }
    subtrees
}
