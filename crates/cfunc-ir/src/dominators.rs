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

    /// The blocks that dominate all of some positions, innermost first, the entry last; none where there are no positions.
    pub(crate) fn dominators_of_all(&self, positions: impl IntoIterator<Item = usize>) -> impl Iterator<Item = usize> {
        let mut positions = positions.into_iter().map(|position| (self.subtrees[position].0, position));
        // A subtree is one range of the preorder: one that holds the ends of a set holds the set.
        let first = positions.next();
        let mut range = first.map_or((0, 0), |(start, _)| (start, start));
        positions.for_each(|(start, _)| range = (range.0.min(start), range.1.max(start)));
        let holds_all = move |position: usize| {
            let (start, size) = self.subtrees[position];
            start <= range.0 && range.1 - start < size
        };
        let above = move |position: &usize| Some(self.immediate(*position)).filter(|above| above != position);
        std::iter::successors(first.map(|(_, position)| position), above).skip_while(move |at| !holds_all(*at))
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
    let mut jumps = Jumps::new(blocks);
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
                    other => match &jumps {
                        Some(jumps) => jumps.intersect(&immediate, other, *predecessor),
                        None => intersect(&immediate, other, *predecessor),
                    },
                };
            }
            match &mut jumps {
                _ if immediate[block] == common => {}
                Some(jumps) if immediate[block] == NONE => jumps.add(block, common),
                // Only where loops are entered at several places: what lies below is somewhere else now.
                _ => jumps = None,
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

/// Steps up the tree that pass over many blocks: after Myers, "An Applicative Random-Access Stack" (IPL 1983), each block
/// knows one dominator further up, so that any that two blocks have in common is found in a number of steps that is
/// logarithmic in their depth. A block that ways from every line of a long function lead to, as the exit of a loop with
/// many `break`s is, would else cost the product of both.
struct Jumps {
    depths: Vec<u32>,
    /// By position: a block further up.
    jumps: Vec<u32>,
}

impl Jumps {
    /// How many blocks a function has for which this is less work than one step after the other.
    const LEAST_BLOCKS: usize = 128;

    /// For so many blocks, of which the entry is known; nothing for few.
    fn new(blocks: usize) -> Option<Self> {
        (blocks >= Self::LEAST_BLOCKS).then(|| Self { depths: vec![0; blocks], jumps: vec![0; blocks] })
    }

    /// Adds a block below one that is known.
    fn add(&mut self, block: usize, above: u32) {
        let far = self.jumps[above as usize];
        let farther = self.jumps[far as usize];
        let [depth, far_depth, farther_depth] = [above, far, farther].map(|position| self.depths[position as usize]);
        self.depths[block] = depth + 1;
        self.jumps[block] = if depth - far_depth == far_depth - farther_depth { farther } else { above };
    }

    fn intersect(&self, immediate: &[u32], left: u32, right: u32) -> u32 {
        let depth = |position: u32| self.depths[position as usize];
        let jump = |position: u32| self.jumps[position as usize];
        let above = |position: u32| immediate[position as usize];
        let (mut left, mut right) = if depth(left) < depth(right) { (right, left) } else { (left, right) };
        while depth(left) > depth(right) {
            left = if depth(jump(left)) < depth(right) { above(left) } else { jump(left) };
        }
        // Blocks of one depth jump to one depth.
        while left != right {
            (left, right) = match (jump(left), jump(right)) {
                (one, other) if one == other => (above(left), above(right)),
                further => further,
            };
        }
        left
    }
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

#[cfg(test)]
mod tests {
    use super::{Jumps, NONE, immediate_dominators};

    /// Numbers that are the same in every run.
    struct Numbers(u64);

    impl Numbers {
        fn below(&mut self, limit: usize) -> usize {
            self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(self.0 >> 33).unwrap_or(0) % limit
        }
    }

    /// By definition: what stands on every way, of which the one below all others is immediate.
    fn by_definition(predecessors: &[Vec<usize>]) -> Vec<u32> {
        let blocks = predecessors.len();
        let mut dominators = vec![vec![true; blocks]; blocks];
        dominators[0] = (0..blocks).map(|block| block == 0).collect();
        let mut changed = true;
        while changed {
            changed = false;
            for block in 1..blocks {
                let on_all = |above: usize| predecessors[block].iter().all(|from| dominators[*from][above]);
                let found: Vec<bool> = (0..blocks).map(|above| above == block || on_all(above)).collect();
                changed |= found != dominators[block];
                dominators[block] = found;
            }
        }
        let count = |block: usize| dominators[block].iter().filter(|dominates| **dominates).count();
        let above = |block: usize| {
            let strict = (0..blocks).filter(|above| *above != block && dominators[block][*above]);
            u32::try_from(strict.max_by_key(|above| count(*above)).unwrap_or(0)).unwrap_or(NONE)
        };
        (0..blocks).map(above).collect()
    }

    #[test]
    fn immediate_dominators_of_functions_of_many_blocks() {
        const BLOCKS: usize = Jumps::LEAST_BLOCKS + 40;
        let mut numbers = Numbers(1);
        for near in [1, 2, 5, BLOCKS] {
            for back_edges in [0, 3, 30] {
                let mut predecessors: Vec<Vec<usize>> = vec![Vec::new(); BLOCKS];
                for (block, from) in predecessors.iter_mut().enumerate().skip(1) {
                    // Reverse postorder: some way into a block comes from one before it.
                    from.push(block - 1 - numbers.below(near.min(block)));
                    if numbers.below(3) == 0 {
                        from.push(numbers.below(block));
                    }
                }
                for _ in 0..back_edges {
                    let header = 1 + numbers.below(BLOCKS - 1);
                    predecessors[header].push(header + numbers.below(BLOCKS - header));
                }
                let mut starts = vec![0];
                for from in &mut predecessors {
                    from.sort_unstable_by_key(|position| std::cmp::Reverse(*position));
                    starts.push(starts[starts.len() - 1] + u32::try_from(from.len()).unwrap_or(0));
                }
                let edges: Vec<u32> = predecessors.iter().flatten().map(|from| u32::try_from(*from).unwrap()).collect();
                assert_eq!(immediate_dominators(&starts, &edges), by_definition(&predecessors), "{near}, {back_edges}");
            }
        }
    }
}
