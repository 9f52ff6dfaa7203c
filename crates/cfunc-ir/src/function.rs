//! A function: blocks in order, values, stack slots.

use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::{Block, Instruction, InstructionData, StackSlot, Terminator, Value};

/// Parameters and results of a function, by representation.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct Signature {
    /// Parameters in order.
    pub parameters: SmallVec<[Representation; 8]>,
    /// Results in order; functions that C calls or that are external have at most one.
    pub results: SmallVec<[Representation; 2]>,
}

impl Signature {
    /// A signature of these parameters and results.
    pub fn new(parameters: &[Representation], results: &[Representation]) -> Self {
        Self { parameters: parameters.into(), results: results.into() }
    }
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueDefinition {
    /// The n-th parameter of a block; those of the entry block are the function's.
    Parameter(Block, u32),
    /// The n-th result of an instruction.
    Result(Instruction, u32),
}

/// One basic block.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BlockData {
    /// Its parameters.
    pub parameters: SmallVec<[Value; 4]>,
    /// Its instructions in order.
    pub instructions: Vec<Instruction>,
    /// How it ends; `None` only while it is being built.
    pub terminator: Option<Terminator>,
    /// Whether it is rarely reached: error exits.
    pub cold: bool,
}

/// A piece of the stack frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct StackSlotData {
    /// Size in bytes.
    pub size: u32,
    /// Alignment in bytes, a power of two up to 16.
    pub alignment: u32,
}

/// A function.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Function {
    /// Its name within the module.
    pub name: String,
    /// Parameters and results.
    pub signature: Signature,
    /// Blocks by [`Block`]; those that are not in `layout` are dead.
    pub blocks: Vec<BlockData>,
    /// The blocks in order; the entry first.
    pub layout: Vec<Block>,
    /// Instructions by [`Instruction`].
    pub instructions: Vec<InstructionData>,
    /// Results by [`Instruction`].
    pub results: Vec<SmallVec<[Value; 1]>>,
    /// Representation and definition by [`Value`].
    pub values: Vec<(Representation, ValueDefinition)>,
    /// Stack slots by [`StackSlot`].
    pub stack_slots: Vec<StackSlotData>,
}

impl Function {
    /// A function without blocks.
    pub fn new(name: &str, signature: Signature) -> Self {
        Self {
            name: name.to_owned(),
            signature,
            blocks: Vec::new(),
            layout: Vec::new(),
            instructions: Vec::new(),
            results: Vec::new(),
            values: Vec::new(),
            stack_slots: Vec::new(),
        }
    }

    /// Makes room for so many instructions, and for as many blocks and values as they come with.
    pub(crate) fn reserve(&mut self, instructions: usize) {
        self.instructions.reserve(instructions);
        self.results.reserve(instructions);
        self.values.reserve(instructions);
        self.blocks.reserve(instructions / 8);
        self.layout.reserve(instructions / 8);
    }

    /// The entry block.
    ///
    /// # Panics
    ///
    /// When there is no block.
    pub fn entry(&self) -> Block {
        self.layout[0]
    }

    /// Whether a call of the function would be undefined, as of one that the passes emptied because nothing calls it.
    pub fn is_unreachable(&self) -> bool {
        let entry = self.block(self.entry());
        entry.instructions.is_empty() && matches!(entry.terminator, Some(Terminator::Unreachable))
    }

    /// The data of a block.
    pub fn block(&self, block: Block) -> &BlockData {
        &self.blocks[block.index()]
    }

    /// The data of a block, to change it.
    pub fn block_mut(&mut self, block: Block) -> &mut BlockData {
        &mut self.blocks[block.index()]
    }

    /// The data of an instruction.
    pub fn instruction(&self, instruction: Instruction) -> &InstructionData {
        &self.instructions[instruction.index()]
    }

    /// The results of an instruction.
    pub fn results(&self, instruction: Instruction) -> &[Value] {
        &self.results[instruction.index()]
    }

    /// The representation of a value.
    pub fn representation(&self, value: Value) -> Representation {
        self.values[value.index()].0
    }

    /// Where a value comes from.
    pub fn definition(&self, value: Value) -> ValueDefinition {
        self.values[value.index()].1
    }

    /// The instruction that gives a value, where it is one.
    pub fn defining_instruction(&self, value: Value) -> Option<&InstructionData> {
        match self.definition(value) {
            ValueDefinition::Result(instruction, _) => Some(self.instruction(instruction)),
            ValueDefinition::Parameter(..) => None,
        }
    }

    /// Adds a block that is not in the layout yet.
    pub fn add_block(&mut self) -> Block {
        self.blocks.push(BlockData::default());
        Block::from_index(self.blocks.len() - 1)
    }

    /// Adds a value.
    pub fn add_value(&mut self, representation: Representation, definition: ValueDefinition) -> Value {
        self.values.push((representation, definition));
        Value::from_index(self.values.len() - 1)
    }

    /// Adds a parameter to a block.
    pub fn add_block_parameter(&mut self, block: Block, representation: Representation) -> Value {
        let position = u32::try_from(self.block(block).parameters.len()).unwrap_or(u32::MAX);
        let value = self.add_value(representation, ValueDefinition::Parameter(block, position));
        self.block_mut(block).parameters.push(value);
        value
    }

    /// Adds an instruction, in no block yet, with results of these representations.
    pub fn add_instruction(&mut self, data: InstructionData, results: &[Representation]) -> Instruction {
        let instruction = Instruction::from_index(self.instructions.len());
        self.instructions.push(data);
        let mut values = SmallVec::new();
        for (position, representation) in results.iter().enumerate() {
            let position = u32::try_from(position).unwrap_or(u32::MAX);
            values.push(self.add_value(*representation, ValueDefinition::Result(instruction, position)));
        }
        self.results.push(values);
        instruction
    }

    /// Adds a stack slot; size and alignment in bytes.
    pub fn add_stack_slot(&mut self, size: u32, alignment: u32) -> StackSlot {
        self.stack_slots.push(StackSlotData { size, alignment });
        StackSlot::from_index(self.stack_slots.len() - 1)
    }
}
