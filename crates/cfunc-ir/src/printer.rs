//! The text form of a module: complete, stable, and readable by [`parse_module`](crate::parse_module).
//!
//! ```text
//! entry fn1                                                the function that the host calls, where there is one
//! unit_descriptor data0                                    where there is one
//! ext0 = external "cfunc_math_sin" (f64) -> (f64) pure     what calls may do
//! data0 = data "table" align 8 "abc\00\00\00\00\00"        bytes beyond printable ASCII as two hexadecimal digits
//!     reloc 0 data1+16                                     at offset 0, the address of data1 moved by 16 bytes
//! site0 = site IndexError "list index out of range" 12..20 kind, message, span in the source
//! fn0 = function "helper" (i64, ptr) -> (i64) {
//!     slot0 = stack 16 align 8
//! block0(v0: i64, v1: ptr):
//!     v2: i64 = iconst 5
//!     v3: f64 = fconst 0.5                                 or inf, -inf, nan 0x7ff8000000000000
//!     v4: ptr = data_address data0+0
//!     v5: ptr = stack_address slot0
//!     v6: i64 = iadd v0, v2                                all unary and binary operations
//!     v7: i8 = icmp slt v0, v6
//!     v8: i8 = fcmp lt v3, v3
//!     v9: i64 = select v7, v0, v6
//!     v10: i64 = sext v7                                   all conversions
//!     v11: i64 = load state v1+8                           memory class, address, offset
//!     store stack v11, v5+0
//!     v12: ptr = ptr_add v1, v11
//!     v13: f64 = call ext0(v3)
//!     branch v7, block1(v11), block2
//! block1(v14: i64):
//!     return v14
//! block2: cold
//!     unreachable                                          or: jump block1(v9)
//! }
//! ```
//!
//! Blocks are numbered by their place in the layout and values in the order in which the layout defines them, so two
//! functions that differ only in the order of their construction, or in what is dead, print alike. What a function uses
//! but no block of its layout defines prints as `v?` or `block?`, which does not parse. A constant, load or conversion
//! shows the representation of its result, which the verifier knows to be that of the instruction. A block without
//! terminator, as there is during construction, ends in `unterminated`, which does not parse either.

use std::fmt::{self, Display, Formatter, Write};

use cfunc_models::{Effects, Representation};

use crate::numbering::{Numbering, UNNUMBERED};
use crate::{
    Block, BlockData, Callee, DataId, DataObject, ExternalId, Function, FunctionId, Instruction, InstructionData,
    JumpTarget, Module, RelocationTarget, Signature, StackSlot, Terminator, Value,
};

impl Display for Module {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        if let Some(entry) = self.entry {
            writeln!(formatter, "entry {entry}")?;
        }
        if let Some(data) = self.unit_descriptor {
            writeln!(formatter, "unit_descriptor {data}")?;
        }
        for (index, external) in self.externals.iter().enumerate() {
            let id = ExternalId::from_index(index);
            write!(formatter, "{id} = external ")?;
            write_text(formatter, &external.symbol)?;
            writeln!(formatter, " {} {}", external.signature, effects_name(external.effects))?;
        }
        for (index, object) in self.data.iter().enumerate() {
            write_data(formatter, DataId::from_index(index), object)?;
        }
        for (index, site) in self.sites.iter().enumerate() {
            write!(formatter, "site{index} = site {} ", site.kind.name())?;
            write_text(formatter, &site.message)?;
            writeln!(formatter, " {}..{}", site.span.start, site.span.end)?;
        }
        for (index, function) in self.functions.iter().enumerate() {
            write!(formatter, "{} = {function}", FunctionId::from_index(index))?;
        }
        Ok(())
    }
}

impl Display for Function {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        formatter.write_str("function ")?;
        write_text(formatter, &self.name)?;
        writeln!(formatter, " {} {{", self.signature)?;
        for (index, slot) in self.stack_slots.iter().enumerate() {
            let id = StackSlot::from_index(index);
            writeln!(formatter, "    {id} = stack {} align {}", slot.size, slot.alignment)?;
        }
        let printer = FunctionPrinter { function: self, numbering: &Numbering::new(self) };
        for block in &self.layout {
            let Some(data) = self.blocks.get(block.index()) else {
                writeln!(formatter, "block?:")?;
                continue;
            };
            printer.write_block(formatter, *block, data)?;
        }
        formatter.write_str("}\n")
    }
}

impl Display for Signature {
    fn fmt(&self, formatter: &mut Formatter<'_>) -> fmt::Result {
        write_representations(formatter, &self.parameters)?;
        if !self.results.is_empty() {
            formatter.write_str(" -> ")?;
            write_representations(formatter, &self.results)?;
        }
        Ok(())
    }
}

impl Function {
    /// One instruction as the text form shows it, for messages. It numbers the whole function first.
    pub fn instruction_text(&self, instruction: Instruction) -> String {
        let numbering = Numbering::new(self);
        let mut text = String::new();
        let printer = FunctionPrinter { function: self, numbering: &numbering };
        // Writing to a string does not fail.
        let _ = printer.write_instruction(&mut text, instruction);
        text
    }

    /// The number of a block in the text form: its place in the layout.
    pub fn block_text(&self, block: Block) -> String {
        match self.layout.iter().position(|placed| *placed == block) {
            Some(position) => format!("block{position}"),
            None => "block?".to_owned(),
        }
    }
}

/// The word for effects in the text form.
pub(crate) const fn effects_name(effects: Effects) -> &'static str {
    match effects {
        Effects::Pure => "pure",
        Effects::Reads => "reads",
        Effects::Writes => "writes",
        Effects::ReadsInternal => "reads_internal",
        Effects::WritesInternal => "writes_internal",
    }
}

fn write_data(formatter: &mut Formatter<'_>, id: DataId, object: &DataObject) -> fmt::Result {
    write!(formatter, "{id} = data ")?;
    write_text(formatter, &object.name)?;
    write!(formatter, " align {} \"", object.alignment)?;
    for byte in &object.contents {
        write_byte(formatter, *byte)?;
    }
    formatter.write_str("\"\n")?;
    for relocation in &object.relocations {
        write!(formatter, "    reloc {} ", relocation.offset)?;
        match &relocation.target {
            RelocationTarget::Data(data) => write!(formatter, "{data}")?,
            RelocationTarget::Function(function) => write!(formatter, "{function}")?,
            RelocationTarget::Object(symbol) => {
                formatter.write_str("object ")?;
                write_text(formatter, symbol)?;
                formatter.write_char(' ')?;
            }
        }
        writeln!(formatter, "{:+}", relocation.addend)?;
    }
    Ok(())
}

/// Quoted; control characters, quotes and backslashes as hexadecimal digits.
fn write_text(formatter: &mut Formatter<'_>, text: &str) -> fmt::Result {
    formatter.write_char('"')?;
    for character in text.chars() {
        match u8::try_from(character) {
            Ok(byte) if byte.is_ascii() => write_byte(formatter, byte)?,
            _ => formatter.write_char(character)?,
        }
    }
    formatter.write_char('"')
}

fn write_byte(formatter: &mut Formatter<'_>, byte: u8) -> fmt::Result {
    match byte {
        b'"' | b'\\' => write!(formatter, "\\{}", char::from(byte)),
        b' '..=b'~' => formatter.write_char(char::from(byte)),
        _ => write!(formatter, "\\{byte:02x}"),
    }
}

fn write_representations(formatter: &mut Formatter<'_>, representations: &[Representation]) -> fmt::Result {
    formatter.write_char('(')?;
    for (index, representation) in representations.iter().enumerate() {
        let comma = if index == 0 { "" } else { ", " };
        write!(formatter, "{comma}{representation}")?;
    }
    formatter.write_char(')')
}

struct FunctionPrinter<'function> {
    function: &'function Function,
    numbering: &'function Numbering,
}

impl FunctionPrinter<'_> {
    fn write_block(&self, out: &mut impl Write, block: Block, data: &BlockData) -> fmt::Result {
        self.write_block_name(out, block)?;
        for (index, value) in data.parameters.iter().enumerate() {
            out.write_str(if index == 0 { "(" } else { ", " })?;
            self.write_definition(out, *value)?;
        }
        let close = if data.parameters.is_empty() { "" } else { ")" };
        let cold = if data.cold { " cold" } else { "" };
        writeln!(out, "{close}:{cold}")?;
        for instruction in &data.instructions {
            out.write_str("    ")?;
            self.write_instruction(out, *instruction)?;
            out.write_char('\n')?;
        }
        out.write_str("    ")?;
        self.write_terminator(out, data.terminator.as_ref())?;
        out.write_char('\n')
    }

    fn write_value(&self, out: &mut impl Write, value: Value) -> fmt::Result {
        match self.numbering.value(value) {
            UNNUMBERED => out.write_str("v?"),
            number => write!(out, "v{number}"),
        }
    }

    fn write_block_name(&self, out: &mut impl Write, block: Block) -> fmt::Result {
        match self.numbering.block(block) {
            UNNUMBERED => out.write_str("block?"),
            number => write!(out, "block{number}"),
        }
    }

    fn write_definition(&self, out: &mut impl Write, value: Value) -> fmt::Result {
        self.write_value(out, value)?;
        match self.function.values.get(value.index()) {
            Some((representation, _)) => write!(out, ": {representation}"),
            None => out.write_str(": ?"),
        }
    }

    fn write_values(&self, out: &mut impl Write, values: &[Value]) -> fmt::Result {
        for (index, value) in values.iter().enumerate() {
            out.write_str(if index == 0 { "" } else { ", " })?;
            self.write_value(out, *value)?;
        }
        Ok(())
    }

    fn write_instruction(&self, out: &mut impl Write, instruction: Instruction) -> fmt::Result {
        let index = instruction.index();
        let (Some(data), Some(results)) = (self.function.instructions.get(index), self.function.results.get(index))
        else {
            return out.write_str("inst?");
        };
        for (index, value) in results.iter().enumerate() {
            out.write_str(if index == 0 { "" } else { ", " })?;
            self.write_definition(out, *value)?;
        }
        if !results.is_empty() {
            out.write_str(" = ")?;
        }
        self.write_operation(out, data)
    }

    fn write_operation(&self, out: &mut impl Write, data: &InstructionData) -> fmt::Result {
        match data {
            InstructionData::IntegerConstant { value, .. } => write!(out, "iconst {value}"),
            InstructionData::FloatConstant { bits } => {
                let value = f64::from_bits(*bits);
                if value.is_nan() { write!(out, "fconst nan {bits:#018x}") } else { write!(out, "fconst {value:?}") }
            }
            InstructionData::TargetProperty { property } => write!(out, "target_property {}", property.name()),
            InstructionData::DataAddress { data, offset } => {
                write!(out, "data_address {data}+{offset}")
            }
            InstructionData::StackAddress { slot } => write!(out, "stack_address {slot}"),
            InstructionData::Unary { operation, operand } => {
                write!(out, "{} ", operation.name())?;
                self.write_value(out, *operand)
            }
            InstructionData::Binary { operation, left, right } => {
                write!(out, "{} ", operation.name())?;
                self.write_values(out, &[*left, *right])
            }
            InstructionData::IntegerCompare { condition, left, right } => {
                write!(out, "icmp {} ", condition.name())?;
                self.write_values(out, &[*left, *right])
            }
            InstructionData::FloatCompare { condition, left, right } => {
                write!(out, "fcmp {} ", condition.name())?;
                self.write_values(out, &[*left, *right])
            }
            InstructionData::Select { condition, if_true, if_false } => {
                out.write_str("select ")?;
                self.write_values(out, &[*condition, *if_true, *if_false])
            }
            InstructionData::Convert { operation, operand, .. } => {
                write!(out, "{} ", operation.name())?;
                self.write_value(out, *operand)
            }
            InstructionData::Load { address, offset, class, .. } => {
                write!(out, "load {} ", class.name())?;
                self.write_value(out, *address)?;
                write!(out, "{offset:+}")
            }
            InstructionData::Store { value, address, offset, class } => {
                write!(out, "store {} ", class.name())?;
                self.write_values(out, &[*value, *address])?;
                write!(out, "{offset:+}")
            }
            InstructionData::PointerAdd { address, offset } => {
                out.write_str("ptr_add ")?;
                self.write_values(out, &[*address, *offset])
            }
            InstructionData::Call { callee, arguments } => {
                match callee {
                    Callee::Function(function) => write!(out, "call {function}(")?,
                    Callee::External(external) => write!(out, "call {external}(")?,
                }
                self.write_values(out, arguments)?;
                out.write_char(')')
            }
        }
    }

    fn write_terminator(&self, out: &mut impl Write, terminator: Option<&Terminator>) -> fmt::Result {
        match terminator {
            Some(Terminator::Jump(target)) => {
                out.write_str("jump ")?;
                self.write_target(out, target)
            }
            Some(Terminator::Branch { condition, if_true, if_false }) => {
                out.write_str("branch ")?;
                self.write_value(out, *condition)?;
                out.write_str(", ")?;
                self.write_target(out, if_true)?;
                out.write_str(", ")?;
                self.write_target(out, if_false)
            }
            Some(Terminator::Return(values)) => {
                let space = if values.is_empty() { "" } else { " " };
                write!(out, "return{space}")?;
                self.write_values(out, values)
            }
            Some(Terminator::Unreachable) => out.write_str("unreachable"),
            None => out.write_str("unterminated"),
        }
    }

    fn write_target(&self, out: &mut impl Write, target: &JumpTarget) -> fmt::Result {
        self.write_block_name(out, target.block)?;
        if target.arguments.is_empty() {
            return Ok(());
        }
        out.write_char('(')?;
        self.write_values(out, &target.arguments)?;
        out.write_char(')')
    }
}
