//! Building a function: instructions at a cursor, variables turned into SSA at the end.

use cfunc_models::{Effects, Representation, RuntimeFunction};
use smallvec::SmallVec;
use thiserror::Error;

use crate::ssa::SsaState;
use crate::{
    BinaryOperation, Block, Callee, ConvertOperation, DataId, FloatCondition, Function, FunctionId, InstructionData,
    IntegerCondition, JumpTarget, MemoryClass, Module, Signature, StackSlot, TargetProperty, Terminator,
    UnaryOperation, Value, Variable,
};

/// How many instructions there is room for from the start: a small node has no more, a large one grows.
const EXPECTED_INSTRUCTIONS: usize = 48;

/// Builds one function of a module.
///
/// Instructions go to the end of the current block. After a terminator there is no current block: what is emitted then
/// goes to a fresh block that nothing reaches, and disappears. Mutable variables may be defined and used in any block
/// in any order; [`FunctionBuilder::finish`] gives them block parameters where paths meet. A variable read on a path
/// that did not define it is 0.
pub struct FunctionBuilder<'module> {
    module: &'module mut Module,
    function: Function,
    current: Block,
    ssa: SsaState,
    /// Blocks that are filled later than by whoever jumps to them first.
    later: Vec<Block>,
    returns: u32,
    misuse: Option<Misuse>,
}

/// What must not be done with a builder, or not by who does it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum Misuse {
    /// A value of one representation for a variable of another; the variable keeps what it had.
    #[error("it gives a variable of {expected} a value of {found}")]
    VariableRepresentation {
        /// The variable's.
        expected: Representation,
        /// The value's.
        found: Representation,
    },
    /// A parameter for a block in which a variable was read already.
    #[error("it adds a parameter to {0} after it read a variable there")]
    LateParameter(Block),
    /// A jump to the block that the function begins with.
    #[error("it jumps to the entry of the function")]
    JumpToEntry,
    /// A return.
    #[error("it ends the function, of which it emits a part")]
    Return,
    /// A block that is jumped to and has no end.
    #[error("it jumps to {0} and leaves it without an end")]
    OpenBlock(Block),
    /// The block that was current has no end, and another is current.
    #[error("it goes on with another block without a jump from {0}")]
    NoJump(Block),
}

/// How far a function was built: see [`FunctionBuilder::check_since`].
#[derive(Clone, Copy, Debug)]
pub struct Checkpoint {
    current: Block,
    blocks: usize,
    returns: u32,
}

impl<'module> FunctionBuilder<'module> {
    /// Starts a function; the entry block has the signature's parameters and is current.
    pub fn new(module: &'module mut Module, name: &str, signature: Signature) -> Self {
        let mut function = Function::new(name, signature);
        function.reserve(EXPECTED_INSTRUCTIONS);
        let entry = function.add_block();
        function.layout.push(entry);
        for representation in function.signature.parameters.clone() {
            function.add_block_parameter(entry, representation);
        }
        Self { module, function, current: entry, ssa: SsaState::default(), later: Vec::new(), returns: 0, misuse: None }
    }

    /// How far the function is built, before some of it is left to others.
    pub fn checkpoint(&self) -> Checkpoint {
        Checkpoint { current: self.current, blocks: self.function.blocks.len(), returns: self.returns }
    }

    /// Whether what was built since then is a part that others go on from: it leaves no block open but the current one.
    ///
    /// # Errors
    ///
    /// The first [`Misuse`] that is found.
    pub fn check_since(&mut self, checkpoint: Checkpoint) -> Result<(), Misuse> {
        if let Some(misuse) = self.misuse.take() {
            return Err(misuse);
        }
        if self.returns != checkpoint.returns {
            return Err(Misuse::Return);
        }
        let is_open = |block: Block| block != self.current && self.function.block(block).terminator.is_none();
        if is_open(checkpoint.current) {
            return Err(Misuse::NoJump(checkpoint.current));
        }
        let mut since = (checkpoint.blocks..self.function.blocks.len()).map(Block::from_index);
        let open =
            since.find(|block| is_open(*block) && self.ssa.has_predecessor(*block) && !self.later.contains(block));
        open.map_or(Ok(()), |block| Err(Misuse::OpenBlock(block)))
    }

    /// Says that a block is filled later than by whoever jumps to it: [`FunctionBuilder::check_since`] does not mind.
    pub fn fill_later(&mut self, block: Block) {
        self.later.push(block);
    }

    /// The module that the function will belong to.
    pub fn module(&mut self) -> &mut Module {
        self.module
    }

    /// The function as far as it is built; variables are not resolved in it.
    pub fn function(&self) -> &Function {
        &self.function
    }

    /// The n-th parameter of the function.
    pub fn parameter(&self, index: usize) -> Value {
        self.function.block(self.function.layout[0]).parameters[index]
    }

    /// The representation of a value.
    pub fn representation(&self, value: Value) -> Representation {
        self.function.representation(value)
    }

    /// The value of an integer constant, where `value` is one.
    pub fn integer_constant_of(&self, value: Value) -> Option<i64> {
        match self.function.defining_instruction(value) {
            Some(InstructionData::IntegerConstant { value, .. }) => Some(*value),
            _ => None,
        }
    }

    /// The value of a float constant, where `value` is one.
    pub fn float_constant_of(&self, value: Value) -> Option<f64> {
        match self.function.defining_instruction(value) {
            Some(InstructionData::FloatConstant { bits }) => Some(f64::from_bits(*bits)),
            _ => None,
        }
    }

    /// Changes what the function returns, before anything returns: what it returns may be known late.
    pub fn set_results(&mut self, results: &[Representation]) {
        self.function.signature.results = results.into();
    }

    // Blocks.

    /// A new block, placed in the layout when it is first switched to.
    pub fn create_block(&mut self) -> Block {
        self.function.add_block()
    }

    /// A new block that is rarely reached.
    pub fn create_cold_block(&mut self) -> Block {
        let block = self.function.add_block();
        self.function.block_mut(block).cold = true;
        block
    }

    /// Adds a parameter to a block; jumps to it give one argument for each, in order.
    pub fn add_block_parameter(&mut self, block: Block, representation: Representation) -> Value {
        if self.ssa.has_variable_parameters(block) {
            self.note(Misuse::LateParameter(block));
        }
        self.function.add_block_parameter(block, representation)
    }

    /// Makes a block current.
    pub fn switch_to(&mut self, block: Block) {
        if !self.ssa.is_placed(block) && block != self.function.layout[0] {
            self.ssa.place(block);
            self.function.layout.push(block);
        }
        self.current = block;
    }

    /// The current block.
    pub fn current_block(&self) -> Block {
        self.current
    }

    /// Whether the current block has ended.
    pub fn is_terminated(&self) -> bool {
        self.function.block(self.current).terminator.is_some()
    }

    // Variables.

    /// A new mutable variable.
    pub fn declare_variable(&mut self, representation: Representation) -> Variable {
        self.ssa.declare(representation)
    }

    fn note(&mut self, misuse: Misuse) {
        self.misuse.get_or_insert(misuse);
    }

    /// Gives a variable a value from here on, of its representation.
    pub fn define_variable(&mut self, variable: Variable, value: Value) {
        let (expected, found) = (self.ssa.representation(variable), self.representation(value));
        if expected != found {
            return self.note(Misuse::VariableRepresentation { expected, found });
        }
        let block = self.writable_block();
        self.ssa.define(block, variable, value);
    }

    /// The value of a variable here.
    pub fn use_variable(&mut self, variable: Variable) -> Value {
        let block = self.writable_block();
        self.ssa.read(&mut self.function, block, variable)
    }

    // Instructions.

    fn writable_block(&mut self) -> Block {
        if self.is_terminated() {
            let dead = self.create_block();
            self.switch_to(dead);
        }
        self.current
    }

    /// Emits an instruction with results of these representations; the other methods do it with the checks each needs.
    pub fn emit(&mut self, data: InstructionData, results: &[Representation]) -> SmallVec<[Value; 1]> {
        let block = self.writable_block();
        let instruction = self.function.add_instruction(data, results);
        let instructions = &mut self.function.block_mut(block).instructions;
        if instructions.is_empty() {
            instructions.reserve(EXPECTED_INSTRUCTIONS / 3);
        }
        instructions.push(instruction);
        self.function.results[instruction.index()].clone()
    }

    fn emit_one(&mut self, data: InstructionData, result: Representation) -> Value {
        self.emit(data, &[result])[0]
    }

    /// An integer constant (or the null pointer), within the signed range of its representation.
    pub fn integer_constant(&mut self, representation: Representation, value: i64) -> Value {
        self.emit_one(InstructionData::IntegerConstant { representation, value }, representation)
    }

    /// An i64 constant.
    pub fn int64(&mut self, value: i64) -> Value {
        self.integer_constant(Representation::I64, value)
    }

    /// A truth value: i8 of 0 or 1.
    pub fn boolean(&mut self, value: bool) -> Value {
        self.integer_constant(Representation::I8, i64::from(value))
    }

    /// A double constant.
    pub fn float64(&mut self, value: f64) -> Value {
        self.emit_one(InstructionData::FloatConstant { bits: value.to_bits() }, Representation::F64)
    }

    /// The zero of a representation.
    pub fn zero(&mut self, representation: Representation) -> Value {
        match representation {
            Representation::F64 => self.float64(0.0),
            _ => self.integer_constant(representation, 0),
        }
    }

    /// Whether something is so of the target: an i8 of 0 or 1 that is known when a backend makes code. For branches between
    /// two ways to the same result.
    pub fn target_property(&mut self, property: TargetProperty) -> Value {
        self.emit_one(InstructionData::TargetProperty { property }, Representation::I8)
    }

    /// The address of a data object, moved by an offset in bytes.
    pub fn data_address(&mut self, data: DataId, offset: u32) -> Value {
        self.emit_one(InstructionData::DataAddress { data, offset }, Representation::Pointer)
    }

    /// A new stack slot; size and alignment in bytes.
    pub fn create_stack_slot(&mut self, size: u32, alignment: u32) -> StackSlot {
        self.function.add_stack_slot(size, alignment)
    }

    /// The address of a stack slot.
    pub fn stack_address(&mut self, slot: StackSlot) -> Value {
        self.emit_one(InstructionData::StackAddress { slot }, Representation::Pointer)
    }

    /// An operation of one operand.
    pub fn unary(&mut self, operation: UnaryOperation, operand: Value) -> Value {
        let representation = self.representation(operand);
        self.emit_one(InstructionData::Unary { operation, operand }, representation)
    }

    /// An operation of two operands.
    pub fn binary(&mut self, operation: BinaryOperation, left: Value, right: Value) -> Value {
        let representation = self.representation(left);
        self.emit_one(InstructionData::Binary { operation, left, right }, representation)
    }

    /// Compares integers or pointers: i8 of 0 or 1.
    pub fn integer_compare(&mut self, condition: IntegerCondition, left: Value, right: Value) -> Value {
        self.emit_one(InstructionData::IntegerCompare { condition, left, right }, Representation::I8)
    }

    /// Compares an integer with a constant: i8 of 0 or 1.
    pub fn integer_compare_constant(&mut self, condition: IntegerCondition, left: Value, right: i64) -> Value {
        let right = self.integer_constant(self.representation(left), right);
        self.integer_compare(condition, left, right)
    }

    /// Compares doubles: i8 of 0 or 1.
    pub fn float_compare(&mut self, condition: FloatCondition, left: Value, right: Value) -> Value {
        self.emit_one(InstructionData::FloatCompare { condition, left, right }, Representation::I8)
    }

    /// One of two values by an i8 condition.
    pub fn select(&mut self, condition: Value, if_true: Value, if_false: Value) -> Value {
        let representation = self.representation(if_true);
        self.emit_one(InstructionData::Select { condition, if_true, if_false }, representation)
    }

    /// Another representation of a value.
    pub fn convert(&mut self, operation: ConvertOperation, operand: Value, to: Representation) -> Value {
        self.emit_one(InstructionData::Convert { operation, operand, to }, to)
    }

    /// The i8 of 0 or 1 that is 1 where the i8 `value` is 0.
    pub fn logical_not(&mut self, value: Value) -> Value {
        self.integer_compare_constant(IntegerCondition::Equal, value, 0)
    }

    /// Reads memory; the offset is in bytes.
    pub fn load(&mut self, representation: Representation, address: Value, offset: i32, class: MemoryClass) -> Value {
        self.emit_one(InstructionData::Load { representation, address, offset, class }, representation)
    }

    /// Writes memory; the offset is in bytes.
    pub fn store(&mut self, value: Value, address: Value, offset: i32, class: MemoryClass) {
        self.emit(InstructionData::Store { value, address, offset, class }, &[]);
    }

    /// A pointer moved by an i64 number of bytes.
    pub fn pointer_add(&mut self, address: Value, offset: Value) -> Value {
        self.emit_one(InstructionData::PointerAdd { address, offset }, Representation::Pointer)
    }

    /// Calls a function of the C runtime; its result, where it has one.
    pub fn call_runtime(&mut self, function: RuntimeFunction, arguments: &[Value]) -> Option<Value> {
        let external = self.module.declare_runtime(function);
        let results = function.description().result;
        let data = InstructionData::Call { callee: Callee::External(external), arguments: arguments.into() };
        self.emit(data, results.as_slice()).first().copied()
    }

    /// Calls an external function by symbol; its result, where it has one.
    pub fn call_external(
        &mut self,
        symbol: &str,
        signature: Signature,
        effects: Effects,
        arguments: &[Value],
    ) -> Option<Value> {
        self.call_external_values(symbol, signature, effects, arguments).first().copied()
    }

    /// As [`FunctionBuilder::call_external`], of all results: those that C returns in registers, two integers as a struct of
    /// two.
    pub fn call_external_values(
        &mut self,
        symbol: &str,
        signature: Signature,
        effects: Effects,
        arguments: &[Value],
    ) -> SmallVec<[Value; 2]> {
        let results = signature.results.clone();
        let external = self.module.declare_external(symbol, signature, effects);
        let data = InstructionData::Call { callee: Callee::External(external), arguments: arguments.into() };
        self.emit(data, &results).iter().copied().collect()
    }

    /// Calls a function of the same module that is finished already; its results.
    pub fn call_function(&mut self, function: FunctionId, arguments: &[Value]) -> SmallVec<[Value; 1]> {
        let results = self.module.function(function).signature.results.clone();
        let data = InstructionData::Call { callee: Callee::Function(function), arguments: arguments.into() };
        self.emit(data, &results)
    }

    // Terminators.

    fn terminate(&mut self, terminator: Terminator) {
        let block = self.writable_block();
        let entry = self.function.layout[0];
        if matches!(terminator, Terminator::Return(_)) {
            self.returns += 1;
        }
        for target in terminator.targets() {
            if target.block == entry {
                self.misuse.get_or_insert(Misuse::JumpToEntry);
            }
            self.ssa.note_edge(target.block);
        }
        self.function.block_mut(block).terminator = Some(terminator);
    }

    /// Goes on with a block.
    pub fn jump(&mut self, block: Block, arguments: &[Value]) {
        self.terminate(Terminator::Jump(JumpTarget { block, arguments: arguments.into() }));
    }

    /// Goes on with one of two blocks that take no arguments.
    pub fn branch(&mut self, condition: Value, if_true: Block, if_false: Block) {
        self.branch_with(condition, (if_true, &[]), (if_false, &[]));
    }

    /// Goes on with one of two blocks, with arguments.
    pub fn branch_with(&mut self, condition: Value, if_true: (Block, &[Value]), if_false: (Block, &[Value])) {
        self.terminate(Terminator::Branch {
            condition,
            if_true: JumpTarget { block: if_true.0, arguments: if_true.1.into() },
            if_false: JumpTarget { block: if_false.0, arguments: if_false.1.into() },
        });
    }

    /// Returns.
    pub fn return_values(&mut self, values: &[Value]) {
        self.terminate(Terminator::Return(values.into()));
    }

    /// Makes a block current that returns, without the return: for exits that turn out to have more to do.
    ///
    /// # Panics
    ///
    /// When the block does not end in a return.
    pub fn reopen(&mut self, block: Block) {
        let terminator = self.function.block_mut(block).terminator.take();
        assert!(matches!(terminator, Some(Terminator::Return(_))), "{block} is reopened and does not return");
        self.current = block;
    }

    /// Says that this cannot be reached.
    pub fn unreachable(&mut self) {
        self.terminate(Terminator::Unreachable);
    }

    /// Ends the function and adds it to the module: an open current block returns nothing, variables become block
    /// parameters, blocks that nothing reaches go away.
    pub fn finish(mut self) -> FunctionId {
        if !self.is_terminated() {
            self.return_values(&[]);
        }
        self.ssa.finish(&mut self.function);
        self.module.functions.push(self.function);
        FunctionId::from_index(self.module.functions.len() - 1)
    }
}
