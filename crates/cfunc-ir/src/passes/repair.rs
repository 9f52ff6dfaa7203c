//! Values for variables after the fact: block parameters where paths with different values meet.

use crate::dominators::DominatorTree;
use crate::passes::hash::WordMap;
use crate::ssa::{prepend_zero, remove_redundant_parameters};
use crate::{Function, Value};
use cfunc_models::Representation;

/// Gives values to uses of variables whose definitions are known at the ends of blocks. Only what is asked for costs
/// anything. Nothing recurses.
pub(crate) struct Repair<'a> {
    tree: &'a DominatorTree,
    /// By variable and position of the block.
    ends: WordMap<(u32, u32), Value>,
    entries: WordMap<(u32, u32), Value>,
    /// Parameters that wait for their arguments, in the order of their creation.
    pending: Vec<(u32, u32)>,
}

impl<'a> Repair<'a> {
    pub(crate) fn new(tree: &'a DominatorTree) -> Self {
        Self { tree, ends: WordMap::default(), entries: WordMap::default(), pending: Vec::new() }
    }

    /// Says what a variable is at the end of a block.
    pub(crate) fn define(&mut self, variable: u32, position: usize, value: Value) {
        self.ends.insert((variable, number(position)), value);
    }

    /// What a variable is at the end of a block.
    pub(crate) fn at_end(
        &mut self,
        function: &mut Function,
        variable: u32,
        representation: Representation,
        position: usize,
    ) -> Value {
        match self.ends.get(&(variable, number(position))) {
            Some(value) => *value,
            None => self.at_start(function, variable, representation, position),
        }
    }

    /// What a variable is at the start of a block. A variable that a path does not define is 0 there.
    pub(crate) fn at_start(
        &mut self,
        function: &mut Function,
        variable: u32,
        representation: Representation,
        mut position: usize,
    ) -> Value {
        let mut path = Vec::new();
        let value = loop {
            if let Some(value) = self.entries.get(&(variable, number(position))) {
                break *value;
            }
            path.push(position);
            match self.tree.predecessors(position) {
                [] => break prepend_zero(function, representation),
                [only] => {
                    if let Some(value) = self.ends.get(&(variable, *only)) {
                        break *value;
                    }
                    position = *only as usize;
                }
                _ => {
                    self.pending.push((variable, number(position)));
                    break function.add_block_parameter(self.tree.order()[position], representation);
                }
            }
        };
        for position in path {
            self.entries.insert((variable, number(position)), value);
        }
        value
    }

    /// Gives every new parameter its arguments, lets other changes be made, and takes those parameters out again that are
    /// always one value.
    pub(crate) fn finish(mut self, function: &mut Function, change: impl FnOnce(&mut Function)) {
        let mut next = 0;
        while let Some((variable, position)) = self.pending.get(next).copied() {
            next += 1;
            let position = position as usize;
            let block = self.tree.order()[position];
            let representation = function.representation(self.entries[&(variable, number(position))]);
            let mut last = None;
            for predecessor in self.tree.predecessors(position) {
                // Both edges of a branch may lead here.
                if last.replace(*predecessor) == Some(*predecessor) {
                    continue;
                }
                let from = *predecessor as usize;
                let value = self.at_end(function, variable, representation, from);
                if let Some(terminator) = &mut function.block_mut(self.tree.order()[from]).terminator {
                    for target in terminator.targets_mut().filter(|target| target.block == block) {
                        target.arguments.push(value);
                    }
                }
            }
        }
        change(function);
        if next > 0 {
            remove_redundant_parameters(function);
        }
    }
}

fn number(position: usize) -> u32 {
    u32::try_from(position).unwrap_or(u32::MAX)
}
