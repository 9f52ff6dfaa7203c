//! Pointers to what a host owns as types of their own, written against the facade alone.
//!
//! A node sees `Quote` as a value with attributes; what it holds is the address of a [`Quote`] of the host, which the
//! cell of an input holds too. One pair of rules serves every attribute, from a table of the record's fields.

mod ladder;

use std::mem::offset_of;

use cfunc_compiler::ast::CompareOperator;
use cfunc_compiler::ir::{BinaryOperation, ConvertOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_compiler::{
    CellForm, DataModel, Extension, ExtensionId, LowerContext, LowerError, NodeErrorKind, Operand, Operation,
    Registrar, RegistrationError, Representation, Type,
};

pub use ladder::{CAPACITY, Ladder, Ladders, VENUE_SYMBOL};

/// The name of the type.
const NAME: &str = "Quote";

/// The host's record, with the layout of C.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Quote {
    /// What is bid.
    pub bid: f64,
    /// What is asked.
    pub ask: f64,
    /// How many are left.
    pub volume: i64,
    /// The number of the venue.
    pub venue: i32,
    /// How many orders there are.
    pub orders: i16,
    /// Whether trading is halted: 0, or any other byte.
    pub halted: u8,
}

/// A field of the record, as it lies in memory. Nodes see ints of 64 bits and truth values of 0 or 1.
struct Field {
    name: &'static str,
    offset: usize,
    memory: Representation,
    ty: Type,
}

const FIELDS: [Field; 6] = [
    Field { name: "bid", offset: offset_of!(Quote, bid), memory: Representation::F64, ty: Type::FLOAT64 },
    Field { name: "ask", offset: offset_of!(Quote, ask), memory: Representation::F64, ty: Type::FLOAT64 },
    Field { name: "volume", offset: offset_of!(Quote, volume), memory: Representation::I64, ty: Type::INT64 },
    Field { name: "venue", offset: offset_of!(Quote, venue), memory: Representation::I32, ty: Type::INT64 },
    Field { name: "orders", offset: offset_of!(Quote, orders), memory: Representation::I16, ty: Type::INT64 },
    Field { name: "halted", offset: offset_of!(Quote, halted), memory: Representation::I8, ty: Type::BOOLEAN },
];

/// The field that nodes may read and not write.
const READ_ONLY: &str = "venue";

/// The extension that brings `Quote`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Quotes;

impl Extension for Quotes {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.record_pointer", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let quote = registrar.define_type(NAME, DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
        let constructor = registrar.types().definition(quote).constructor;
        registrar.lower_getattr_generic(
            constructor,
            |_types, _ty, name| field(name).map(|field| field.ty),
            |b, signature, quote, name| {
                let field = field(name).ok_or_else(|| no_field(name))?;
                let value = read(b, quote.value(), field)?;
                Ok(Operand::scalar(signature.result, value))
            },
        );
        registrar.lower_setattr_generic(
            constructor,
            |_types, _ty, name| field(name).filter(|field| field.name != READ_ONLY).map(|field| field.ty),
            |b, quote, name, value| write(b, quote.value(), field(name).ok_or_else(|| no_field(name))?, value.value()),
        );
        // A rule for one name goes before those for every name: this attribute is no field.
        registrar.lower_getattr(quote, "mid", Type::FLOAT64, |b, quote| {
            let [bid, ask] = [&FIELDS[0], &FIELDS[1]].map(|field| read(b, quote.value(), field));
            let (bid, ask, half) = (bid?, ask?, b.float64(0.5));
            let sum = b.binary(BinaryOperation::FloatAdd, bid, ask);
            let mid = b.binary(BinaryOperation::FloatMultiply, sum, half);
            Ok(Operand::scalar(Type::FLOAT64, mid))
        });
        let is = Operation::Compare(CompareOperator::Is);
        registrar.builtin(is, &[quote; 2], Type::BOOLEAN, |b, signature, operands| {
            let same = b.integer_compare(IntegerCondition::Equal, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, same))
        });
        Ok(())
    }
}

fn field(name: &str) -> Option<&'static Field> {
    FIELDS.iter().find(|field| field.name == name)
}

fn no_field(name: &str) -> LowerError {
    LowerError::new(format!("{NAME} has no field `{name}`"))
}

/// Where the field lies from the start of the record.
fn offset(field: &Field) -> Result<i32, LowerError> {
    i32::try_from(field.offset).map_err(|_| LowerError::new(format!("`{}` lies too far inside", field.name)))
}

/// Fails where the host gave no record.
fn guard_record(b: &mut LowerContext<'_, '_>, quote: IrValue) {
    let present = b.integer_compare_constant(IntegerCondition::NotEqual, quote, 0);
    b.guard(present, NodeErrorKind::ValueError, "there is no quote");
}

fn read(b: &mut LowerContext<'_, '_>, quote: IrValue, field: &Field) -> Result<IrValue, LowerError> {
    guard_record(b, quote);
    let value = b.load(field.memory, quote, offset(field)?, MemoryClass::Foreign);
    Ok(if field.ty == Type::BOOLEAN {
        b.integer_compare_constant(IntegerCondition::NotEqual, value, 0)
    } else if field.ty == Type::INT64 && field.memory != Representation::I64 {
        b.convert(ConvertOperation::SignExtend, value, Representation::I64)
    } else {
        value
    })
}

fn write(b: &mut LowerContext<'_, '_>, quote: IrValue, field: &Field, value: IrValue) -> Result<(), LowerError> {
    guard_record(b, quote);
    let narrow = field.ty == Type::INT64 && field.memory != Representation::I64;
    let stored = if narrow { narrowed(b, field, value) } else { value };
    b.store(stored, quote, offset(field)?, MemoryClass::Foreign);
    Ok(())
}

/// An int in fewer bits; fails where it does not fit.
fn narrowed(b: &mut LowerContext<'_, '_>, field: &Field, value: IrValue) -> IrValue {
    let narrow = b.convert(ConvertOperation::Truncate, value, field.memory);
    let back = b.convert(ConvertOperation::SignExtend, narrow, Representation::I64);
    let fits = b.integer_compare(IntegerCondition::Equal, back, value);
    let message = format!("`{}` has {} bits", field.name, 8 * field.memory.size());
    b.guard(fits, NodeErrorKind::OverflowError, &message);
    narrow
}
