//! A compact binary encoding of what a module means, for hashing.
//!
//! Equal encodings mean equal behaviour, whoever built the module and in which order: blocks and values have canonical
//! numbers, externals and data are numbered by first use and left out where nothing uses them. Not in it, since no
//! behaviour depends on them: names of functions and data, cold flags, spans of error sites, the contents of the unit
//! descriptor (they hold the name that is made from the hash), entities outside of the layout.
//!
//! Every part is self-delimiting: counts precede lists, numbers are LEB128, signed ones zigzag. So the encoding can be
//! read back without doubt, and modules that differ in meaning differ in it. The module is to be verified: the
//! representations that operands determine are not repeated.
//!
//! ```text
//! module      version, function count, functions, entry (0, or its number + 1), externals, data, sites
//! function    parameters, results, stack slots (size, alignment), block count, blocks
//! block       parameters, instruction count, instructions, terminator
//! instruction one byte for the operation, then immediates and operands in the order of the fields
//! external    symbol, parameters, results, effects
//! data        0 for the unit descriptor; else alignment, contents, relocations (offset, target, addend)
//! site        code of the kind, message
//! ```

use cfunc_models::{Effects, Representation};

use crate::numbering::{Numbering, UNNUMBERED};
use crate::{
    BinaryOperation, Callee, ConvertOperation, FloatCondition, Function, InstructionData, IntegerCondition, JumpTarget,
    MemoryClass, Module, RelocationTarget, Signature, TargetProperty, Terminator, UnaryOperation, Value,
};

/// The version of this encoding; part of it.
const VERSION: u8 = 1;

// The first byte of an instruction or terminator.
const INTEGER_CONSTANT: u8 = 0x00;
const FLOAT_CONSTANT: u8 = 0x01;
const DATA_ADDRESS: u8 = 0x02;
const STACK_ADDRESS: u8 = 0x03;
const SELECT: u8 = 0x04;
const POINTER_ADD: u8 = 0x05;
const CALL_FUNCTION: u8 = 0x06;
const CALL_EXTERNAL: u8 = 0x07;
const JUMP: u8 = 0x08;
const BRANCH: u8 = 0x09;
const RETURN: u8 = 0x0A;
const UNREACHABLE: u8 = 0x0B;
const UNTERMINATED: u8 = 0x0C;
const TARGET_PROPERTY: u8 = 0x0D;
const UNARY: u8 = 0x10;
const BINARY: u8 = 0x20;
const INTEGER_COMPARE: u8 = 0x40;
const FLOAT_COMPARE: u8 = 0x50;
const CONVERT: u8 = 0x60;
const LOAD: u8 = 0x80;
const STORE: u8 = 0xA0;

// Each table fits between its first byte and the next.
const _: () = assert!(
    TargetProperty::ALL.len() <= 3
        && UnaryOperation::ALL.len() <= 16
        && BinaryOperation::ALL.len() <= 32
        && IntegerCondition::ALL.len() <= 16
        && FloatCondition::ALL.len() <= 16
        && ConvertOperation::ALL.len() <= 32
        && MemoryClass::ALL.len() <= 32
);

/// Gives the canonical encoding of a verified module to `sink`, in pieces whose boundaries mean nothing.
pub fn encode_canonical(module: &Module, sink: &mut impl FnMut(&[u8])) {
    let mut encoder = Encoder {
        module,
        bytes: Vec::with_capacity(1024),
        numbering: Numbering::default(),
        externals: FirstUse::new(module.externals.len()),
        data: FirstUse::new(module.data.len()),
    };
    encoder.bytes.push(VERSION);
    encoder.count(module.functions.len());
    for function in &module.functions {
        encoder.function(function);
        sink(&encoder.bytes);
        encoder.bytes.clear();
    }
    encoder.count(module.entry.map_or(0, |entry| entry.index() + 1));
    encoder.externals();
    encoder.data();
    encoder.count(module.sites.len());
    for site in &module.sites {
        encoder.signed(i64::from(site.kind.code()));
        encoder.text(site.message.as_bytes());
    }
    sink(&encoder.bytes);
}

/// Numbers by first use.
struct FirstUse {
    numbers: Vec<u32>,
    order: Vec<usize>,
}

impl FirstUse {
    fn new(count: usize) -> Self {
        Self { numbers: vec![UNNUMBERED; count], order: Vec::new() }
    }

    fn number(&mut self, index: usize) -> u32 {
        let number = &mut self.numbers[index];
        if *number == UNNUMBERED {
            *number = u32::try_from(self.order.len()).unwrap_or(UNNUMBERED);
            self.order.push(index);
        }
        *number
    }
}

struct Encoder<'module> {
    module: &'module Module,
    bytes: Vec<u8>,
    numbering: Numbering,
    externals: FirstUse,
    data: FirstUse,
}

impl Encoder<'_> {
    fn unsigned(&mut self, mut number: u64) {
        while number >= 0x80 {
            self.bytes.push(number.to_le_bytes()[0] | 0x80);
            number >>= 7;
        }
        self.bytes.push(number.to_le_bytes()[0]);
    }

    fn signed(&mut self, number: i64) {
        self.unsigned(((number << 1) ^ (number >> 63)).cast_unsigned());
    }

    fn count(&mut self, count: usize) {
        self.unsigned(count as u64);
    }

    fn text(&mut self, bytes: &[u8]) {
        self.count(bytes.len());
        self.bytes.extend_from_slice(bytes);
    }

    fn representation(&mut self, representation: Representation) {
        self.bytes.push(match representation {
            Representation::I8 => 0,
            Representation::I16 => 1,
            Representation::I32 => 2,
            Representation::I64 => 3,
            Representation::I128 => 4,
            Representation::F64 => 5,
            Representation::Pointer => 6,
        });
    }

    fn signature(&mut self, signature: &Signature) {
        for list in [signature.parameters.as_slice(), signature.results.as_slice()] {
            self.count(list.len());
            for representation in list {
                self.representation(*representation);
            }
        }
    }

    fn value(&mut self, value: Value) {
        let number = self.numbering.value(value);
        self.unsigned(u64::from(number));
    }

    fn values(&mut self, values: &[Value]) {
        self.count(values.len());
        for value in values {
            self.value(*value);
        }
    }

    fn function(&mut self, function: &Function) {
        self.numbering.reset(function);
        self.signature(&function.signature);
        self.count(function.stack_slots.len());
        for slot in &function.stack_slots {
            self.unsigned(u64::from(slot.size));
            self.unsigned(u64::from(slot.alignment));
        }
        self.count(function.layout.len());
        for block in &function.layout {
            let data = function.block(*block);
            self.count(data.parameters.len());
            for parameter in &data.parameters {
                self.representation(function.representation(*parameter));
            }
            self.count(data.instructions.len());
            for instruction in &data.instructions {
                self.instruction(function.instruction(*instruction));
            }
            self.terminator(data.terminator.as_ref());
        }
    }

    fn instruction(&mut self, data: &InstructionData) {
        match data {
            InstructionData::IntegerConstant { representation, value } => {
                self.bytes.push(INTEGER_CONSTANT);
                self.representation(*representation);
                self.signed(*value);
            }
            InstructionData::FloatConstant { bits } => {
                self.bytes.push(FLOAT_CONSTANT);
                self.bytes.extend_from_slice(&bits.to_le_bytes());
            }
            InstructionData::TargetProperty { property } => {
                self.bytes.push(TARGET_PROPERTY + *property as u8);
            }
            InstructionData::DataAddress { data, offset } => {
                self.bytes.push(DATA_ADDRESS);
                let number = self.data.number(data.index());
                self.unsigned(u64::from(number));
                self.unsigned(u64::from(*offset));
            }
            InstructionData::StackAddress { slot } => {
                self.bytes.push(STACK_ADDRESS);
                self.count(slot.index());
            }
            InstructionData::Unary { operation, operand } => {
                self.bytes.push(UNARY + *operation as u8);
                self.value(*operand);
            }
            InstructionData::Binary { operation, left, right } => {
                self.bytes.push(BINARY + *operation as u8);
                self.value(*left);
                self.value(*right);
            }
            InstructionData::IntegerCompare { condition, left, right } => {
                self.bytes.push(INTEGER_COMPARE + *condition as u8);
                self.value(*left);
                self.value(*right);
            }
            InstructionData::FloatCompare { condition, left, right } => {
                self.bytes.push(FLOAT_COMPARE + *condition as u8);
                self.value(*left);
                self.value(*right);
            }
            InstructionData::Select { condition, if_true, if_false } => {
                self.bytes.push(SELECT);
                self.value(*condition);
                self.value(*if_true);
                self.value(*if_false);
            }
            InstructionData::Convert { operation, operand, to } => {
                self.bytes.push(CONVERT + *operation as u8);
                self.value(*operand);
                self.representation(*to);
            }
            InstructionData::Load { representation, address, offset, class } => {
                self.bytes.push(LOAD + *class as u8);
                self.representation(*representation);
                self.value(*address);
                self.signed(i64::from(*offset));
            }
            InstructionData::Store { value, address, offset, class } => {
                self.bytes.push(STORE + *class as u8);
                self.value(*value);
                self.value(*address);
                self.signed(i64::from(*offset));
            }
            InstructionData::PointerAdd { address, offset } => {
                self.bytes.push(POINTER_ADD);
                self.value(*address);
                self.value(*offset);
            }
            InstructionData::Call { callee, arguments } => {
                match callee {
                    Callee::Function(function) => {
                        self.bytes.push(CALL_FUNCTION);
                        self.count(function.index());
                    }
                    Callee::External(external) => {
                        self.bytes.push(CALL_EXTERNAL);
                        let number = self.externals.number(external.index());
                        self.unsigned(u64::from(number));
                    }
                }
                self.values(arguments);
            }
        }
    }

    fn terminator(&mut self, terminator: Option<&Terminator>) {
        match terminator {
            Some(Terminator::Jump(target)) => {
                self.bytes.push(JUMP);
                self.target(target);
            }
            Some(Terminator::Branch { condition, if_true, if_false }) => {
                self.bytes.push(BRANCH);
                self.value(*condition);
                self.target(if_true);
                self.target(if_false);
            }
            Some(Terminator::Return(values)) => {
                self.bytes.push(RETURN);
                self.values(values);
            }
            Some(Terminator::Unreachable) => self.bytes.push(UNREACHABLE),
            None => self.bytes.push(UNTERMINATED),
        }
    }

    fn target(&mut self, target: &JumpTarget) {
        let number = self.numbering.block(target.block);
        self.unsigned(u64::from(number));
        self.values(&target.arguments);
    }

    fn externals(&mut self) {
        let order = std::mem::take(&mut self.externals.order);
        self.count(order.len());
        for index in order {
            let external = &self.module.externals[index];
            self.text(external.symbol.as_bytes());
            self.signature(&external.signature);
            self.bytes.push(match external.effects {
                Effects::Pure => 0,
                Effects::Reads => 1,
                Effects::Writes => 2,
                Effects::ReadsInternal => 3,
                Effects::WritesInternal => 4,
            });
        }
    }

    /// Data in the order of first use; relocations may name more, so the list ends with a 0xFF, which no alignment is.
    fn data(&mut self) {
        let mut next = 0;
        while let Some(index) = self.data.order.get(next).copied() {
            next += 1;
            let object = &self.module.data[index];
            if self.module.unit_descriptor.is_some_and(|descriptor| descriptor.index() == index) {
                self.bytes.push(0);
                continue;
            }
            self.bytes.push(u8::try_from(object.alignment).unwrap_or(u8::MAX - 1));
            self.text(&object.contents);
            self.count(object.relocations.len());
            for relocation in &object.relocations {
                self.unsigned(u64::from(relocation.offset));
                match &relocation.target {
                    RelocationTarget::Data(data) => {
                        self.bytes.push(0);
                        let number = self.data.number(data.index());
                        self.unsigned(u64::from(number));
                    }
                    RelocationTarget::Function(function) => {
                        self.bytes.push(1);
                        self.count(function.index());
                    }
                    RelocationTarget::Object(symbol) => {
                        self.bytes.push(2);
                        self.text(symbol.as_bytes());
                    }
                }
                self.signed(relocation.addend);
            }
        }
        self.bytes.push(u8::MAX);
    }
}
