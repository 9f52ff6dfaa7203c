//! The loop that executes instructions.
//!
//! Calls within the module push frames of their own, so that the host's stack does not grow with them.

use cfunc_ir::{
    Block, Callee, ExternalId, Function, FunctionId, Instruction, InstructionData, JumpTarget, TargetProperty,
    Terminator, Value,
};
use cfunc_models::{Representation, RuntimeFunction};
use smallvec::SmallVec;

use crate::arithmetic::{binary, convert, float_compare, integer_compare, low_word, register, truncate, unary, word};
use crate::fault::Fault;
use crate::memory::{Buffer, Memory, record_error};
use crate::program::{ExternalTarget, Program};

/// Fresh stack slots are filled with this, so that a read of what was not written shows.
const UNWRITTEN: u8 = 0xA5;

type Registers = SmallVec<[u128; 4]>;

/// Calls a function with registers for its parameters; the registers of its results.
pub(crate) fn run(
    program: &Program,
    memory: Memory,
    function: FunctionId,
    arguments: &[u128],
    budget: Option<u64>,
) -> Result<Vec<u128>, Fault> {
    let mut machine = Machine { program, memory, registers: Vec::new(), frames: Vec::new(), budget, current: None };
    for buffer in &program.data {
        machine.memory.add(buffer);
    }
    machine.enter(function, arguments);
    loop {
        match machine.step() {
            Ok(None) => {}
            Ok(Some(results)) => return Ok(results),
            Err(reason) => return Err(machine.fault(reason)),
        }
    }
}

struct Frame {
    function: FunctionId,
    block: Block,
    /// The instruction of the block to execute next; the terminator comes after the last.
    next: usize,
    /// Where its registers begin.
    registers: usize,
    slots: Vec<Buffer>,
}

struct Machine<'program> {
    program: &'program Program,
    memory: Memory,
    /// The registers of all frames, one a value.
    registers: Vec<u128>,
    frames: Vec<Frame>,
    budget: Option<u64>,
    /// What is executed now; `None` for the terminator of the innermost frame's block.
    current: Option<Instruction>,
}

impl<'program> Machine<'program> {
    fn enter(&mut self, id: FunctionId, arguments: &[u128]) {
        let function = self.program.module.function(id);
        let slots: Vec<Buffer> =
            function.stack_slots.iter().map(|slot| Buffer::filled(slot.size as usize, UNWRITTEN)).collect();
        for slot in &slots {
            self.memory.add(slot);
        }
        let start = self.registers.len();
        self.registers.resize(start + function.values.len(), 0);
        let block = function.entry();
        for (parameter, argument) in function.block(block).parameters.iter().zip(arguments) {
            self.registers[start + parameter.index()] = *argument;
        }
        self.frames.push(Frame { function: id, block, next: 0, registers: start, slots });
    }

    /// Ends the innermost call. Its results, where it was the outermost.
    fn leave(&mut self, results: &[u128]) -> Option<Vec<u128>> {
        if let Some(frame) = self.frames.pop() {
            for slot in &frame.slots {
                self.memory.remove(slot);
            }
            self.registers.truncate(frame.registers);
        }
        let Some(caller) = self.frames.last() else {
            return Some(results.to_vec());
        };
        let function = self.program.module.function(caller.function);
        let call = function.block(caller.block).instructions[caller.next - 1];
        self.set_results(function.results(call), results);
        None
    }

    fn frame(&mut self) -> &mut Frame {
        self.frames.last_mut().expect("a call is running")
    }

    fn get(&self, value: Value) -> u128 {
        let start = self.frames.last().map_or(0, |frame| frame.registers);
        self.registers[start + value.index()]
    }

    fn get_all(&self, values: &[Value]) -> Registers {
        values.iter().map(|value| self.get(*value)).collect()
    }

    fn set_results(&mut self, values: &[Value], results: &[u128]) {
        let start = self.frame().registers;
        for (value, result) in values.iter().zip(results) {
            self.registers[start + value.index()] = *result;
        }
    }

    /// Executes one instruction or terminator; the results of the outermost call when that ended.
    fn step(&mut self) -> Result<Option<Vec<u128>>, String> {
        let program = self.program;
        let frame = self.frame();
        let function = program.module.function(frame.function);
        let block = function.block(frame.block);
        let instruction = block.instructions.get(frame.next).copied();
        frame.next += 1;
        self.current = instruction;
        if let Some(budget) = &mut self.budget {
            *budget = budget.checked_sub(1).ok_or("the instruction budget ran out")?;
        }
        match instruction {
            Some(instruction) => {
                self.execute(function, instruction)?;
                Ok(None)
            }
            None => self.terminate(function, block.terminator.as_ref()),
        }
    }

    fn execute(&mut self, function: &'program Function, instruction: Instruction) -> Result<(), String> {
        let result = match function.instruction(instruction) {
            InstructionData::Store { value, address, offset, .. } => {
                let address = low_word(self.get(*address)).wrapping_add_signed(i64::from(*offset));
                let size = function.representation(*value).size();
                let bits = self.get(*value);
                return Ok(self.memory.store(address, size, bits)?);
            }
            InstructionData::Call { callee, arguments } => {
                let arguments = self.get_all(arguments);
                match callee {
                    Callee::Function(callee) => self.enter(*callee, &arguments),
                    Callee::External(external) => {
                        let results = self.call_external(*external, &arguments)?;
                        self.set_results(function.results(instruction), &results);
                    }
                }
                return Ok(());
            }
            data => self.evaluate(function, data)?,
        };
        self.set_results(function.results(instruction), &[result]);
        Ok(())
    }

    /// The result of an instruction that has one and calls nothing.
    fn evaluate(&self, function: &Function, data: &InstructionData) -> Result<u128, String> {
        Ok(match data {
            InstructionData::IntegerConstant { representation, value } => register(i128::from(*value), *representation),
            InstructionData::FloatConstant { bits } => u128::from(*bits),
            InstructionData::TargetProperty { property } => u128::from(match property {
                // Small operands go one way and large ones the other, so that both are tried.
                TargetProperty::ShortDivision => true,
            }),
            InstructionData::DataAddress { data, offset } => {
                let start = self.program.data[data.index()].address();
                u128::from(start.wrapping_add(u64::from(*offset)))
            }
            InstructionData::StackAddress { slot } => {
                let slots = self.frames.last().map(|frame| &frame.slots);
                slots.map_or(0, |slots| u128::from(slots[slot.index()].address()))
            }
            InstructionData::Unary { operation, operand } => {
                unary(*operation, self.get(*operand), function.representation(*operand))
            }
            InstructionData::Binary { operation, left, right } => {
                binary(*operation, self.get(*left), self.get(*right), function.representation(*left))?
            }
            InstructionData::IntegerCompare { condition, left, right } => u128::from(integer_compare(
                *condition,
                self.get(*left),
                self.get(*right),
                function.representation(*left),
            )),
            InstructionData::FloatCompare { condition, left, right } => {
                u128::from(float_compare(*condition, self.get(*left), self.get(*right)))
            }
            InstructionData::Select { condition, if_true, if_false } => {
                let chosen = if self.get(*condition) == 0 { if_false } else { if_true };
                self.get(*chosen)
            }
            InstructionData::Convert { operation, operand, to } => {
                convert(*operation, self.get(*operand), function.representation(*operand), *to)
            }
            InstructionData::Load { representation, address, offset, .. } => {
                let address = low_word(self.get(*address)).wrapping_add_signed(i64::from(*offset));
                self.memory.load(address, representation.size())?
            }
            InstructionData::PointerAdd { address, offset } => {
                let moved = self.get(*address).wrapping_add(self.get(*offset));
                truncate(moved, Representation::Pointer)
            }
            InstructionData::Store { .. } | InstructionData::Call { .. } => {
                return Err("an instruction without one result is not evaluated".to_owned());
            }
        })
    }

    fn call_external(&self, external: ExternalId, arguments: &[u128]) -> Result<Registers, &'static str> {
        let signature = &self.program.module.external(external).signature;
        if let ExternalTarget::Foreign(function) = &self.program.externals[external.index()] {
            let results = self.memory.call_foreign(function, arguments)?;
            let results = results.iter().zip(&signature.results);
            return Ok(results.map(|(bits, representation)| truncate(*bits, *representation)).collect());
        }
        let words: SmallVec<[u64; 8]> = arguments
            .iter()
            .zip(&signature.parameters)
            .map(|(bits, representation)| word(*bits, *representation))
            .collect();
        let result = match &self.program.externals[external.index()] {
            ExternalTarget::Runtime(RuntimeFunction::ErrorRaise) if self.memory.is_own() => {
                self.raise(&words)?;
                0
            }
            ExternalTarget::Runtime(function) => self.memory.call_runtime(*function, &words)?,
            ExternalTarget::Foreign(_) => return Err("a function of the host is called apart"),
        };
        let results = signature.results.iter();
        Ok(results.map(|representation| truncate(u128::from(result), *representation)).collect())
    }

    /// Records a node error without following the pointer to the unit descriptor, which the module may not have named.
    fn raise(&self, words: &[u64]) -> Result<(), &'static str> {
        let sites = &self.program.module.sites;
        let site = words
            .get(1)
            .and_then(|site| sites.get(usize::try_from(*site).ok()?))
            .ok_or("an error site that the module does not have")?;
        record_error("", site.clone());
        Ok(())
    }

    fn terminate(&mut self, function: &Function, terminator: Option<&Terminator>) -> Result<Option<Vec<u128>>, String> {
        match terminator {
            Some(Terminator::Jump(target)) => self.jump(function, target),
            Some(Terminator::Branch { condition, if_true, if_false }) => {
                let target = if self.get(*condition) == 0 { if_false } else { if_true };
                self.jump(function, target);
            }
            Some(Terminator::Return(values)) => {
                let results = self.get_all(values);
                return Ok(self.leave(&results));
            }
            Some(Terminator::Unreachable) | None => {
                return Err("what cannot be reached was reached".to_owned());
            }
        }
        Ok(None)
    }

    /// All arguments are read before any parameter is written: they may be parameters of the same block.
    fn jump(&mut self, function: &Function, target: &JumpTarget) {
        let arguments = self.get_all(&target.arguments);
        self.set_results(&function.block(target.block).parameters, &arguments);
        let frame = self.frame();
        frame.block = target.block;
        frame.next = 0;
    }

    /// Names the place that execution is at.
    fn fault(&self, reason: String) -> Fault {
        let Some(frame) = self.frames.last() else {
            return Fault { function: String::new(), instruction: String::new(), reason };
        };
        let function = self.program.module.function(frame.function);
        let instruction = match self.current {
            Some(instruction) => function.instruction_text(instruction),
            None => format!("the end of {}", function.block_text(frame.block)),
        };
        Fault { function: function.name.clone(), instruction, reason }
    }
}
