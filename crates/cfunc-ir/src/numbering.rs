//! Canonical numbers: blocks by their place in the layout, values by the order in which the layout defines them.

use crate::{Block, Function, Value};

/// The number of what no block of the layout holds or defines.
pub(crate) const UNNUMBERED: u32 = u32::MAX;

/// The canonical numbers of one function. They depend on the layout alone, not on the order in which the function was
/// built or on what is dead in its tables; the text form and the canonical encoding both use them.
#[derive(Default)]
pub(crate) struct Numbering {
    values: Vec<u32>,
    blocks: Vec<u32>,
}

impl Numbering {
    pub(crate) fn new(function: &Function) -> Self {
        let mut numbering = Self::default();
        numbering.reset(function);
        numbering
    }

    /// Numbers another function in the same memory.
    pub(crate) fn reset(&mut self, function: &Function) {
        self.values.clear();
        self.values.resize(function.values.len(), UNNUMBERED);
        self.blocks.clear();
        self.blocks.resize(function.blocks.len(), UNNUMBERED);
        let mut next = 0;
        let mut next_block = 0;
        for block in &function.layout {
            let Some(data) = function.blocks.get(block.index()) else {
                continue;
            };
            self.blocks[block.index()] = next_block;
            next_block += 1;
            for value in &data.parameters {
                number(&mut self.values, *value, &mut next);
            }
            for instruction in &data.instructions {
                for value in function.results.get(instruction.index()).into_iter().flatten() {
                    number(&mut self.values, *value, &mut next);
                }
            }
        }
    }

    pub(crate) fn value(&self, value: Value) -> u32 {
        self.values.get(value.index()).copied().unwrap_or(UNNUMBERED)
    }

    pub(crate) fn block(&self, block: Block) -> u32 {
        self.blocks.get(block.index()).copied().unwrap_or(UNNUMBERED)
    }
}

fn number(values: &mut [u32], value: Value, next: &mut u32) {
    if let Some(number) = values.get_mut(value.index())
        && *number == UNNUMBERED
    {
        *number = *next;
        *next += 1;
    }
}
