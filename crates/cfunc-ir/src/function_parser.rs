//! Reads the lines of one function in the text form.

use std::collections::HashMap;

use cfunc_models::Representation;
use smallvec::SmallVec;

use crate::lexer::{Line, Token};
use crate::parser::{accept, end, expect, index, keyword, number, numbered, representation, signed_offset, word};
use crate::{
    BinaryOperation, Block, Callee, ConvertOperation, DataId, ExternalId, FloatCondition, Function, FunctionId,
    InstructionData, IntegerCondition, JumpTarget, MemoryClass, StackSlot, TargetProperty, Terminator, UnaryOperation,
    Value,
};

type Definitions = SmallVec<[(usize, Representation); 1]>;

/// A function of which some lines are read. Operands and jump targets hold the numbers of the text until
/// [`FunctionParser::finish`] gives them the entities that these name, since uses may precede definitions.
pub(crate) struct FunctionParser {
    function: Function,
    values: HashMap<usize, Value>,
    blocks: HashMap<usize, Block>,
    /// The line of every instruction, by instruction, and of every terminator, by block.
    instruction_lines: Vec<usize>,
    terminator_lines: Vec<usize>,
    /// The block whose lines are being read.
    current: Option<Block>,
}

impl FunctionParser {
    pub(crate) fn new(function: Function) -> Self {
        Self {
            function,
            values: HashMap::new(),
            blocks: HashMap::new(),
            instruction_lines: Vec::new(),
            terminator_lines: Vec::new(),
            current: None,
        }
    }

    pub(crate) fn read_line(&mut self, line_number: usize, line: &mut Line<'_>) -> Result<(), String> {
        let first = word(line)?;
        match numbered(first, "block") {
            Some(block) => self.read_block(line_number, block, line),
            None => match numbered(first, "slot") {
                Some(slot) => self.read_slot(slot, line),
                None => self.read_statement(line_number, first, line),
            },
        }?;
        end(line)
    }

    /// The function, with every number replaced by what it names; else the line of one that names nothing.
    pub(crate) fn finish(mut self) -> Result<Function, (usize, String)> {
        let last = self.terminator_lines.last().copied().unwrap_or(1);
        if let Some(open) = self.current {
            return Err((
                last.max(self.instruction_lines.last().copied().unwrap_or(1)),
                format!("block {} has no terminator", open.index()),
            ));
        }
        for (data, line) in self.function.instructions.iter_mut().zip(&self.instruction_lines) {
            let mut missing = None;
            data.for_each_operand_mut(|value| resolve(&self.values, value, &mut missing));
            report(missing, *line)?;
        }
        for (data, line) in self.function.blocks.iter_mut().zip(&self.terminator_lines) {
            let Some(terminator) = &mut data.terminator else {
                continue;
            };
            let mut missing = None;
            terminator.for_each_operand_mut(|value| resolve(&self.values, value, &mut missing));
            report(missing, *line)?;
            for target in terminator.targets_mut() {
                match self.blocks.get(&target.block.index()) {
                    Some(block) => target.block = *block,
                    None => {
                        let message = format!("{} is not in the function", target.block);
                        return Err((*line, message));
                    }
                }
            }
        }
        Ok(self.function)
    }

    fn read_slot(&mut self, slot: usize, line: &mut Line<'_>) -> Result<(), String> {
        let position = self.function.stack_slots.len();
        if slot != position || !self.function.layout.is_empty() {
            return Err(format!("stack slots come before blocks and in order; the next is slot{position}"));
        }
        expect(line, &Token::Mark('='))?;
        keyword(line, "stack")?;
        let size = number(line)?;
        keyword(line, "align")?;
        let alignment = number(line)?;
        self.function.add_stack_slot(size, alignment);
        Ok(())
    }

    fn read_block(&mut self, line_number: usize, number: usize, line: &mut Line<'_>) -> Result<(), String> {
        if self.current.is_some() {
            return Err("the block before has no terminator".to_owned());
        }
        let block = self.function.add_block();
        self.function.layout.push(block);
        self.terminator_lines.push(line_number);
        if self.blocks.insert(number, block).is_some() {
            return Err(format!("block{number} stands twice in the function"));
        }
        if accept(line, &Token::Mark('('))? {
            loop {
                let value = index(line, "v")?;
                expect(line, &Token::Mark(':'))?;
                let representation = representation(line)?;
                let parameter = self.function.add_block_parameter(block, representation);
                self.define(value, parameter)?;
                if accept(line, &Token::Mark(')'))? {
                    break;
                }
                expect(line, &Token::Mark(','))?;
            }
        }
        expect(line, &Token::Mark(':'))?;
        self.function.block_mut(block).cold = accept(line, &Token::Word("cold"))?;
        self.current = Some(block);
        Ok(())
    }

    fn define(&mut self, number: usize, value: Value) -> Result<(), String> {
        match self.values.insert(number, value) {
            None => Ok(()),
            Some(_) => Err(format!("v{number} is defined twice")),
        }
    }

    fn read_statement<'text>(
        &mut self,
        line_number: usize,
        first: &'text str,
        line: &mut Line<'text>,
    ) -> Result<(), String> {
        let Some(block) = self.current else {
            return Err("an instruction outside of a block".to_owned());
        };
        if let Some(terminator) = read_terminator(first, line)? {
            self.terminator_lines[block.index()] = line_number;
            self.function.block_mut(block).terminator = Some(terminator);
            self.current = None;
            return Ok(());
        }
        let (definitions, operation) = read_definitions(first, line)?;
        let data = read_operation(operation, &definitions, line)?;
        let representations: SmallVec<[Representation; 2]> =
            definitions.iter().map(|(_, representation)| *representation).collect();
        let instruction = self.function.add_instruction(data, &representations);
        self.instruction_lines.push(line_number);
        self.function.block_mut(block).instructions.push(instruction);
        for (position, (number, _)) in definitions.iter().enumerate() {
            let value = self.function.results(instruction)[position];
            self.define(*number, value)?;
        }
        Ok(())
    }
}

fn resolve(values: &HashMap<usize, Value>, value: &mut Value, missing: &mut Option<Value>) {
    match values.get(&value.index()) {
        Some(defined) => *value = *defined,
        None => *missing = Some(*value),
    }
}

fn report(missing: Option<Value>, line: usize) -> Result<(), (usize, String)> {
    match missing {
        None => Ok(()),
        Some(value) => Err((line, format!("{value} is defined nowhere in the function"))),
    }
}

/// `v1: i64, v2: f64 =`, where `first` is the word that the line begins with; and the word of the operation.
fn read_definitions<'text>(first: &'text str, line: &mut Line<'text>) -> Result<(Definitions, &'text str), String> {
    let mut definitions = Definitions::new();
    let Some(mut value) = numbered(first, "v") else {
        return Ok((definitions, first));
    };
    loop {
        expect(line, &Token::Mark(':'))?;
        definitions.push((value, representation(line)?));
        if accept(line, &Token::Mark('='))? {
            return Ok((definitions, word(line)?));
        }
        expect(line, &Token::Mark(','))?;
        value = index(line, "v")?;
    }
}

fn read_terminator(first: &str, line: &mut Line<'_>) -> Result<Option<Terminator>, String> {
    Ok(Some(match first {
        "jump" => Terminator::Jump(target(line)?),
        "branch" => {
            let condition = value(line)?;
            expect(line, &Token::Mark(','))?;
            let if_true = target(line)?;
            expect(line, &Token::Mark(','))?;
            let if_false = target(line)?;
            Terminator::Branch { condition, if_true, if_false }
        }
        "return" => Terminator::Return(match line.peek() {
            Token::End => SmallVec::new(),
            _ => values(line)?,
        }),
        "unreachable" => Terminator::Unreachable,
        _ => return Ok(None),
    }))
}

fn read_operation(
    name: &str,
    definitions: &[(usize, Representation)],
    line: &mut Line<'_>,
) -> Result<InstructionData, String> {
    let results = match name {
        "call" => definitions.len(),
        "store" => 0,
        _ => 1,
    };
    if definitions.len() != results {
        return Err(format!("`{name}` defines {results} values, not {}", definitions.len()));
    }
    let result = definitions.first().map(|(_, representation)| *representation);
    if let Some(data) = read_table_operation(name, result, line)? {
        return Ok(data);
    }
    match (name, result) {
        ("iconst", Some(representation)) => {
            Ok(InstructionData::IntegerConstant { representation, value: number(line)? })
        }
        ("fconst", _) => Ok(InstructionData::FloatConstant { bits: float(line)? }),
        ("target_property", _) => Ok(InstructionData::TargetProperty { property: property(line)? }),
        ("data_address", _) => Ok(InstructionData::DataAddress {
            data: DataId::from_index(index(line, "data")?),
            offset: signed_offset(line)?,
        }),
        ("stack_address", _) => Ok(InstructionData::StackAddress { slot: StackSlot::from_index(index(line, "slot")?) }),
        ("select", _) => {
            let [condition, if_true, if_false] = operands(line)?;
            Ok(InstructionData::Select { condition, if_true, if_false })
        }
        ("load", Some(representation)) => {
            let class = class(line)?;
            Ok(InstructionData::Load { representation, address: value(line)?, offset: signed_offset(line)?, class })
        }
        ("store", _) => {
            let class = class(line)?;
            let [value, address] = operands(line)?;
            Ok(InstructionData::Store { value, address, offset: signed_offset(line)?, class })
        }
        ("ptr_add", _) => {
            let [address, offset] = operands(line)?;
            Ok(InstructionData::PointerAdd { address, offset })
        }
        ("call", _) => call(line),
        _ => Err(format!("`{name}` is no operation")),
    }
}

/// The operations that have tables of their names.
fn read_table_operation(
    name: &str,
    result: Option<Representation>,
    line: &mut Line<'_>,
) -> Result<Option<InstructionData>, String> {
    if let Some(operation) = find(UnaryOperation::ALL, name, UnaryOperation::name) {
        let operand = value(line)?;
        return Ok(Some(InstructionData::Unary { operation, operand }));
    }
    if let Some(operation) = find(BinaryOperation::ALL, name, BinaryOperation::name) {
        let [left, right] = operands(line)?;
        return Ok(Some(InstructionData::Binary { operation, left, right }));
    }
    if let (Some(operation), Some(to)) = (find(ConvertOperation::ALL, name, ConvertOperation::name), result) {
        let operand = value(line)?;
        return Ok(Some(InstructionData::Convert { operation, operand, to }));
    }
    match name {
        "icmp" => {
            let condition = word(line)?;
            let condition = find(IntegerCondition::ALL, condition, IntegerCondition::name)
                .ok_or_else(|| format!("`{condition}` is no condition of icmp"))?;
            let [left, right] = operands(line)?;
            Ok(Some(InstructionData::IntegerCompare { condition, left, right }))
        }
        "fcmp" => {
            let condition = word(line)?;
            let condition = find(FloatCondition::ALL, condition, FloatCondition::name)
                .ok_or_else(|| format!("`{condition}` is no condition of fcmp"))?;
            let [left, right] = operands(line)?;
            Ok(Some(InstructionData::FloatCompare { condition, left, right }))
        }
        _ => Ok(None),
    }
}

fn find<T: Copy>(all: &[T], text: &str, name: impl Fn(T) -> &'static str) -> Option<T> {
    all.iter().copied().find(|item| name(*item) == text)
}

fn value(line: &mut Line<'_>) -> Result<Value, String> {
    index(line, "v").map(Value::from_index)
}

fn values(line: &mut Line<'_>) -> Result<SmallVec<[Value; 4]>, String> {
    let mut values = SmallVec::new();
    loop {
        values.push(value(line)?);
        if !accept(line, &Token::Mark(','))? {
            return Ok(values);
        }
    }
}

fn operands<const COUNT: usize>(line: &mut Line<'_>) -> Result<[Value; COUNT], String> {
    let values = values(line)?;
    <[Value; COUNT]>::try_from(values.as_slice())
        .map_err(|_| format!("expected {COUNT} operands, found {}", values.len()))
}

/// `(v1, v2)`, where the opening parenthesis is read.
fn arguments(line: &mut Line<'_>) -> Result<SmallVec<[Value; 4]>, String> {
    if accept(line, &Token::Mark(')'))? {
        return Ok(SmallVec::new());
    }
    let values = values(line)?;
    expect(line, &Token::Mark(')'))?;
    Ok(values)
}

fn target(line: &mut Line<'_>) -> Result<JumpTarget, String> {
    let block = Block::from_index(index(line, "block")?);
    let arguments = if accept(line, &Token::Mark('('))? { arguments(line)? } else { SmallVec::new() };
    Ok(JumpTarget { block, arguments })
}

fn call(line: &mut Line<'_>) -> Result<InstructionData, String> {
    let word = word(line)?;
    let callee = if let Some(function) = numbered(word, "fn") {
        Callee::Function(FunctionId::from_index(function))
    } else if let Some(external) = numbered(word, "ext") {
        Callee::External(ExternalId::from_index(external))
    } else {
        return Err(format!("`{word}` is nothing to call"));
    };
    expect(line, &Token::Mark('('))?;
    Ok(InstructionData::Call { callee, arguments: arguments(line)? })
}

fn class(line: &mut Line<'_>) -> Result<MemoryClass, String> {
    let word = word(line)?;
    find(MemoryClass::ALL, word, MemoryClass::name).ok_or_else(|| format!("`{word}` is no class of memory"))
}

fn property(line: &mut Line<'_>) -> Result<TargetProperty, String> {
    let word = word(line)?;
    find(TargetProperty::ALL, word, TargetProperty::name).ok_or_else(|| format!("`{word}` is no property of targets"))
}

/// The bits of a double: as Rust prints it, or `nan` and all bits.
fn float(line: &mut Line<'_>) -> Result<u64, String> {
    if accept(line, &Token::Word("nan"))? {
        let word = word(line)?;
        return word
            .strip_prefix("0x")
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()))
            .and_then(|digits| u64::from_str_radix(digits, 16).ok())
            .filter(|bits| f64::from_bits(*bits).is_nan())
            .ok_or_else(|| format!("`{word}` is not the bits of a nan"));
    }
    let value: f64 = number(line)?;
    if value.is_nan() {
        return Err("a nan is written with its bits".to_owned());
    }
    Ok(value.to_bits())
}
