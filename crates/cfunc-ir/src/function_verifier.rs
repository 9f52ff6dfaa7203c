//! The rules of one function; the list of them is in `verifier.rs`.

use cfunc_models::Representation::{self, F64, I8, I16, I32, I64, I128, Pointer};
use cfunc_models::RuntimeFunction;

use crate::dominators::DominatorTree;
use crate::verifier::{MAXIMUM_FRAME_SIZE, Report, is_alignment};
use crate::{
    BinaryOperation, Block, Callee, ConvertOperation, Function, FunctionId, Instruction, InstructionData, JumpTarget,
    MemoryClass, Module, Signature, Terminator, UnaryOperation, Value, ValueDefinition,
};

/// Checks rules 6 to 17. Later checks rely on what earlier ones found right, so they are left out after a violation.
pub(crate) fn verify_function(module: &Module, id: FunctionId, report: &mut Report) {
    let function = module.function(id);
    let mut verifier = FunctionVerifier {
        module,
        id,
        function,
        definitions: vec![None; function.values.len()],
        placed: vec![false; function.blocks.len()],
        report,
    };
    let before = verifier.report.count();
    verifier.verify_structure();
    if verifier.report.count() == before {
        verifier.verify_contents();
    }
    if verifier.report.count() == before {
        verifier.verify_dominance();
    }
}

/// Where a value is defined: the block, and the number of instructions that precede its uses in it.
type Position = (Block, usize);

struct FunctionVerifier<'module> {
    module: &'module Module,
    id: FunctionId,
    function: &'module Function,
    definitions: Vec<Option<Position>>,
    placed: Vec<bool>,
    report: &'module mut Report,
}

impl FunctionVerifier<'_> {
    fn fail(&mut self, message: impl Into<String>) {
        let name = &self.function.name;
        self.report.add(|| format!("function {name:?}"), message.into());
    }

    fn fail_block(&mut self, block: Block, message: impl Into<String>) {
        let function = self.function;
        let last = function.blocks.get(block.index()).and_then(|data| data.instructions.last().copied());
        let place = || format!("function {:?}, {}", function.name, function.block_text(block));
        self.report.add_at(Some(&function.name), last, place, message.into());
    }

    fn fail_instruction(&mut self, instruction: Instruction, message: impl Into<String>) {
        let function = self.function;
        self.report.add_at(
            Some(&function.name),
            Some(instruction),
            || {
                let text = function.instruction_text(instruction);
                format!("function {:?}, `{text}`", function.name)
            },
            message.into(),
        );
    }

    // Rules 6 to 10, but for dominance: what is named exists, and stands where it says.

    fn verify_structure(&mut self) {
        self.verify_frame();
        let Some(entry) = self.function.layout.first().copied() else {
            return self.fail("there is no entry block");
        };
        let mut instructions = vec![false; self.function.instructions.len()];
        if self.function.results.len() != self.function.instructions.len() {
            return self.fail("results and instructions are not equally many");
        }
        for block in &self.function.layout {
            match self.placed.get_mut(block.index()) {
                None => return self.fail(format!("the layout names {block}, which does not exist")),
                Some(placed) if *placed => {
                    return self.fail(format!("{block} stands twice in the layout"));
                }
                Some(placed) => *placed = true,
            }
            let data = self.function.block(*block);
            for (position, value) in (0..).zip(&data.parameters) {
                let definition = ValueDefinition::Parameter(*block, position);
                self.define(*value, definition, (*block, 0));
            }
            for (index, instruction) in data.instructions.iter().enumerate() {
                match instructions.get_mut(instruction.index()) {
                    None => return self.fail_block(*block, "an instruction does not exist"),
                    Some(placed) if *placed => {
                        return self.fail_instruction(*instruction, "stands twice in the layout");
                    }
                    Some(placed) => *placed = true,
                }
                let results = &self.function.results[instruction.index()];
                for (position, value) in (0..).zip(results) {
                    let definition = ValueDefinition::Result(*instruction, position);
                    self.define(*value, definition, (*block, index + 1));
                }
            }
        }
        self.verify_operands_exist();
        self.verify_terminators_exist(entry);
    }

    fn verify_frame(&mut self) {
        let mut total = 0;
        for slot in &self.function.stack_slots {
            total += u64::from(slot.size);
            if slot.size == 0 || !is_alignment(slot.alignment) {
                self.fail("a stack slot is empty, or its alignment is not a power of two up to 16");
            }
        }
        if total > MAXIMUM_FRAME_SIZE {
            self.fail(format!("the stack slots take {total} bytes of {MAXIMUM_FRAME_SIZE}"));
        }
    }

    fn define(&mut self, value: Value, definition: ValueDefinition, position: Position) {
        match self.function.values.get(value.index()) {
            None => return self.fail_block(position.0, format!("{value} does not exist")),
            Some((_, stated)) if *stated != definition => {
                let message = format!("{value} is not where its definition says");
                return self.fail_block(position.0, message);
            }
            Some(_) => {}
        }
        if self.definitions[value.index()].replace(position).is_some() {
            self.fail_block(position.0, format!("{value} is defined twice"));
        }
    }

    fn is_defined(&self, value: Value) -> bool {
        self.definitions.get(value.index()).is_some_and(Option::is_some)
    }

    fn verify_operands_exist(&mut self) {
        for block in &self.function.layout {
            for instruction in &self.function.block(*block).instructions {
                let mut missing = false;
                let data = self.function.instruction(*instruction);
                data.for_each_operand(|value| missing |= !self.is_defined(value));
                if missing {
                    self.fail_instruction(*instruction, "an operand is defined nowhere");
                }
            }
        }
    }

    fn verify_terminators_exist(&mut self, entry: Block) {
        for block in &self.function.layout {
            let Some(terminator) = &self.function.block(*block).terminator else {
                self.fail_block(*block, "there is no terminator");
                continue;
            };
            let mut missing = false;
            terminator.for_each_operand(|value| missing |= !self.is_defined(value));
            if missing {
                self.fail_block(*block, "an operand of the terminator is defined nowhere");
            }
            for target in terminator.targets() {
                if target.block == entry {
                    self.fail_block(*block, "jumps to the entry block");
                } else if self.placed.get(target.block.index()) != Some(&true) {
                    self.fail_block(*block, "jumps to a block that is not in the layout");
                }
            }
        }
    }

    // Rules 11 to 17, and the signature.

    fn verify_contents(&mut self) {
        let entry = self.function.entry();
        let parameters = &self.function.block(entry).parameters;
        if !self.match_all(parameters, &self.function.signature.parameters) {
            self.fail("the entry block's parameters are not those of the signature");
        }
        for block in &self.function.layout {
            let data = self.function.block(*block);
            for instruction in &data.instructions {
                if self.report.is_full() {
                    return;
                }
                if let Err(message) = self.verify_instruction(*instruction) {
                    self.fail_instruction(*instruction, message);
                }
            }
            if let Some(terminator) = &data.terminator
                && let Err(message) = self.verify_terminator(terminator)
            {
                self.fail_block(*block, message);
            }
        }
    }

    fn representation(&self, value: Value) -> Representation {
        self.function.representation(value)
    }

    fn match_all(&self, values: &[Value], expected: &[Representation]) -> bool {
        let found = values.iter().map(|value| self.representation(*value));
        found.eq(expected.iter().copied())
    }

    fn expect(&self, value: Value, expected: Representation) -> Result<(), String> {
        let found = self.representation(value);
        if found == expected {
            return Ok(());
        }
        Err(format!("an operand is {found}, not {expected}"))
    }

    fn same(&self, left: Value, right: Value) -> Result<Representation, String> {
        let representation = self.representation(left);
        self.expect(right, representation)?;
        Ok(representation)
    }

    fn verify_instruction(&self, instruction: Instruction) -> Result<(), String> {
        let data = self.function.instruction(instruction);
        let results = self.function.results(instruction);
        let result = match data {
            InstructionData::Store { value: _, address, class, .. } => {
                self.expect(*address, Pointer)?;
                if is_read_only(*class) {
                    return Err(format!("memory of class {} is not written", class.name()));
                }
                None
            }
            InstructionData::Call { callee, arguments } => {
                return self.verify_call(*callee, arguments, results);
            }
            _ => Some(self.result_of(data)?),
        };
        if self.match_all(results, result.as_slice()) {
            return Ok(());
        }
        Err(match result {
            Some(result) => format!("there is not one result of {result}"),
            None => "there is a result".to_owned(),
        })
    }

    /// The representation of the one result, where operands and immediates are right.
    fn result_of(&self, data: &InstructionData) -> Result<Representation, String> {
        match data {
            InstructionData::IntegerConstant { representation, value } => {
                if !constant_fits(*representation, *value) {
                    return Err(format!("{value} is no constant of {representation}"));
                }
                Ok(*representation)
            }
            InstructionData::FloatConstant { .. } => Ok(F64),
            InstructionData::TargetProperty { .. } => Ok(I8),
            InstructionData::DataAddress { data, offset } => {
                let Some(object) = self.module.data.get(data.index()) else {
                    return Err(format!("{data} does not exist"));
                };
                let unit_descriptor = self.module.unit_descriptor == Some(*data);
                let limit = if unit_descriptor { 0 } else { object.contents.len() };
                if *offset as usize > limit {
                    return Err("the offset is beyond the object".to_owned());
                }
                Ok(Pointer)
            }
            InstructionData::StackAddress { slot } => {
                if slot.index() >= self.function.stack_slots.len() {
                    return Err(format!("{slot} does not exist"));
                }
                Ok(Pointer)
            }
            InstructionData::Unary { operation, operand } => {
                let representation = self.representation(*operand);
                let fits = if is_float_unary(*operation) { representation == F64 } else { representation.is_integer() };
                applies(fits, representation)
            }
            InstructionData::Binary { operation, left, right } => {
                let representation = self.same(*left, *right)?;
                applies(binary_fits(*operation, representation), representation)
            }
            InstructionData::IntegerCompare { left, right, .. } => {
                let representation = self.same(*left, *right)?;
                applies(representation != F64, representation)?;
                Ok(I8)
            }
            InstructionData::FloatCompare { left, right, .. } => {
                self.expect(*left, F64)?;
                self.expect(*right, F64)?;
                Ok(I8)
            }
            InstructionData::Select { condition, if_true, if_false } => {
                self.expect(*condition, I8)?;
                self.same(*if_true, *if_false)
            }
            InstructionData::Convert { operation, operand, to } => {
                let from = self.representation(*operand);
                if !convert_fits(*operation, from, *to) {
                    return Err(format!("does not convert {from} to {to}"));
                }
                Ok(*to)
            }
            InstructionData::Load { representation, address, .. } => {
                self.expect(*address, Pointer)?;
                Ok(*representation)
            }
            InstructionData::PointerAdd { address, offset } => {
                self.expect(*address, Pointer)?;
                self.expect(*offset, I64)?;
                Ok(Pointer)
            }
            InstructionData::Store { .. } | InstructionData::Call { .. } => Err("has no one result".to_owned()),
        }
    }

    fn verify_call(&self, callee: Callee, arguments: &[Value], results: &[Value]) -> Result<(), String> {
        let signature: &Signature = match callee {
            Callee::Function(function) => {
                if function >= self.id {
                    return Err("calls a function that does not stand before it".to_owned());
                }
                &self.module.function(function).signature
            }
            Callee::External(external) => match self.module.externals.get(external.index()) {
                None => return Err(format!("{external} does not exist")),
                Some(external) => {
                    self.verify_site(&external.symbol, arguments)?;
                    &external.signature
                }
            },
        };
        if !self.match_all(arguments, &signature.parameters) {
            return Err(format!("arguments do not match {signature}"));
        }
        if !self.match_all(results, &signature.results) {
            return Err(format!("results do not match {signature}"));
        }
        Ok(())
    }

    fn verify_site(&self, symbol: &str, arguments: &[Value]) -> Result<(), String> {
        if symbol != RuntimeFunction::ErrorRaise.description().symbol {
            return Ok(());
        }
        let site = arguments.get(1).and_then(|site| self.function.defining_instruction(*site));
        let Some(InstructionData::IntegerConstant { value, .. }) = site else {
            return Ok(());
        };
        // A failed call of a function gives one more than the number of its site, and 0 stands for none. Where passes find that
        // it cannot fail, the path that would raise it raises -1 until they find that it is never taken.
        if *value == -1 || usize::try_from(*value).is_ok_and(|site| site < self.module.sites.len()) {
            return Ok(());
        }
        Err(format!("site{value} does not exist"))
    }

    fn verify_terminator(&self, terminator: &Terminator) -> Result<(), String> {
        match terminator {
            Terminator::Jump(target) => self.verify_target(target),
            Terminator::Branch { condition, if_true, if_false } => {
                self.expect(*condition, I8)?;
                self.verify_target(if_true)?;
                self.verify_target(if_false)
            }
            Terminator::Return(values) => {
                if self.match_all(values, &self.function.signature.results) {
                    return Ok(());
                }
                Err("returned values do not match the signature".to_owned())
            }
            Terminator::Unreachable => Ok(()),
        }
    }

    fn verify_target(&self, target: &JumpTarget) -> Result<(), String> {
        let parameters = &self.function.block(target.block).parameters;
        let found = target.arguments.iter().map(|value| self.representation(*value));
        let expected = parameters.iter().map(|value| self.representation(*value));
        if found.eq(expected) {
            return Ok(());
        }
        Err("jump arguments do not match the parameters of their block".to_owned())
    }

    // Rule 9.

    fn verify_dominance(&mut self) {
        let tree = DominatorTree::new(self.function);
        for block in &self.function.layout {
            if !tree.is_reachable(*block) {
                continue;
            }
            let data = self.function.block(*block);
            for (index, instruction) in data.instructions.iter().enumerate() {
                let mut dominated = true;
                self.function.instruction(*instruction).for_each_operand(|value| {
                    dominated &= self.is_available(&tree, value, (*block, index));
                });
                if !dominated {
                    self.fail_instruction(*instruction, "an operand does not dominate its use");
                }
            }
            if let Some(terminator) = &data.terminator {
                let mut dominated = true;
                let end = (*block, data.instructions.len());
                terminator.for_each_operand(|value| {
                    dominated &= self.is_available(&tree, value, end);
                });
                if !dominated {
                    let message = "an operand of the terminator does not dominate its use";
                    self.fail_block(*block, message);
                }
            }
        }
    }

    fn is_available(&self, tree: &DominatorTree, value: Value, place: Position) -> bool {
        match self.definitions[value.index()] {
            Some((block, ready)) if block == place.0 => ready <= place.1,
            Some((block, _)) => tree.is_reachable(block) && tree.dominates(block, place.0),
            None => false,
        }
    }
}

fn applies(fits: bool, representation: Representation) -> Result<Representation, String> {
    if fits {
        return Ok(representation);
    }
    Err(format!("does not apply to {representation}"))
}

fn constant_fits(representation: Representation, value: i64) -> bool {
    match representation {
        I8 => i8::try_from(value).is_ok(),
        I16 => i16::try_from(value).is_ok(),
        I32 => i32::try_from(value).is_ok(),
        I64 | I128 => true,
        F64 => false,
        Pointer => value == 0,
    }
}

const fn is_read_only(class: MemoryClass) -> bool {
    matches!(class, MemoryClass::Slot | MemoryClass::Input | MemoryClass::HostFlag | MemoryClass::Constant)
}

const fn is_float_unary(operation: UnaryOperation) -> bool {
    match operation {
        UnaryOperation::IntegerNegate | UnaryOperation::IntegerNot => false,
        UnaryOperation::FloatNegate
        | UnaryOperation::FloatAbsolute
        | UnaryOperation::FloatSquareRoot
        | UnaryOperation::FloatFloor
        | UnaryOperation::FloatCeil
        | UnaryOperation::FloatTruncate
        | UnaryOperation::FloatNearest => true,
    }
}

fn binary_fits(operation: BinaryOperation, representation: Representation) -> bool {
    match operation {
        BinaryOperation::IntegerAdd
        | BinaryOperation::IntegerSubtract
        | BinaryOperation::IntegerMultiply
        | BinaryOperation::BitAnd
        | BinaryOperation::BitOr
        | BinaryOperation::BitXor
        | BinaryOperation::ShiftLeft
        | BinaryOperation::ShiftRightSigned
        | BinaryOperation::ShiftRightUnsigned => representation.is_integer(),
        BinaryOperation::SignedDivide | BinaryOperation::SignedRemainder => {
            representation.is_integer() && representation != I128
        }
        BinaryOperation::FloatAdd
        | BinaryOperation::FloatSubtract
        | BinaryOperation::FloatMultiply
        | BinaryOperation::FloatDivide
        | BinaryOperation::FloatCopySign => representation == F64,
    }
}

fn convert_fits(operation: ConvertOperation, from: Representation, to: Representation) -> bool {
    let integers = from.is_integer() && to.is_integer();
    match operation {
        ConvertOperation::SignExtend | ConvertOperation::ZeroExtend => integers && to.size() > from.size(),
        ConvertOperation::Truncate => integers && to.size() < from.size(),
        ConvertOperation::SignedToFloat => (from, to) == (I64, F64),
        ConvertOperation::FloatToSignedSaturating => (from, to) == (F64, I64),
        ConvertOperation::Bitcast => matches!((from, to), (I64, F64) | (F64, I64)),
        ConvertOperation::PointerToInteger => (from, to) == (Pointer, I64),
    }
}
