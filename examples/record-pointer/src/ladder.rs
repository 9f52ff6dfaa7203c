//! A pointer to a host's array as a type with all the operations of a sequence: items, length, membership, iteration,
//! and a call; beside it a function over static data and one of the host's.

use std::mem::offset_of;

use cfunc_compiler::ir::{
    BinaryOperation, FloatCondition, IntegerCondition, MemoryClass, Signature as IrSignature, Value,
};
use cfunc_compiler::{
    CellForm, DataModel, Effects, Extension, ExtensionId, Field, LowerContext, NodeErrorKind, Operand, Operation,
    Registrar, RegistrationError, Representation, Type,
};

/// How many levels a ladder has room for.
pub const CAPACITY: usize = 8;

/// The symbol of the host's function that `venue_of` calls: `int64_t (int64_t)`.
pub const VENUE_SYMBOL: &str = "example_ladder_venue";

/// What `tick_size` looks up, by the magnitude of a price: below 1, 10, 100, and from there on.
const TICK_SIZES: [f64; 4] = [0.0001, 0.001, 0.01, 0.05];

/// The host's array, with the layout of C.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
#[repr(C)]
pub struct Ladder {
    /// How many levels are in use, at most [`CAPACITY`].
    pub length: i64,
    /// Prices by level.
    pub prices: [f64; CAPACITY],
}

/// The extension that brings `Ladder`, `tick_size` and `venue_of`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ladders;

impl Extension for Ladders {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.ladder", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let (float, int, boolean) = (Type::FLOAT64, Type::INT64, Type::BOOLEAN);
        let ladder = registrar.define_type("Ladder", DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
        registrar.builtin(Operation::GetItem, &[ladder, int], float, |b, signature, operands| {
            let address = level(b, operands[0].value(), operands[1].value());
            Ok(Operand::scalar(signature.result, load_price(b, address)))
        });
        // A call of a ladder reads a level: `ladder(0)`.
        registrar.builtin(Operation::Call, &[ladder, int], float, |b, _signature, operands| {
            b.call(Operation::GetItem, operands)
        });
        registrar.builtin(Operation::SetItem, &[ladder, int, float], Type::NONE, |b, signature, operands| {
            let address = level(b, operands[0].value(), operands[1].value());
            b.store(operands[2].value(), address, 0, MemoryClass::Foreign);
            Ok(Operand::new(signature.result, &[]))
        });
        registrar.builtin(Operation::DeleteItem, &[ladder, int], Type::NONE, |b, signature, operands| {
            let address = level(b, operands[0].value(), operands[1].value());
            let zero = b.float64(0.0);
            b.store(zero, address, 0, MemoryClass::Foreign);
            Ok(Operand::new(signature.result, &[]))
        });
        registrar.builtin(Operation::Length, &[ladder], int, |b, signature, operands| {
            Ok(Operand::scalar(signature.result, length(b, operands[0].value())))
        });
        registrar.builtin(Operation::Truth, &[ladder], boolean, |b, signature, operands| {
            let length = length(b, operands[0].value());
            let some = b.integer_compare_constant(IntegerCondition::SignedGreater, length, 0);
            Ok(Operand::scalar(signature.result, some))
        });
        registrar.builtin(Operation::Contains, &[ladder, float], boolean, |b, signature, operands| {
            Ok(Operand::scalar(signature.result, contains(b, operands[0].value(), operands[1].value())))
        });
        register_iteration(registrar, ladder);
        register_functions(registrar);
        Ok(())
    }
}

/// An iteration is the ladder and the next level: two values in registers.
fn register_iteration(registrar: &mut Registrar<'_>, ladder: Type) {
    let fields = [("ladder", ladder), ("next", Type::INT64)].map(|(name, ty)| Field { name: name.to_owned(), ty });
    let model = DataModel::Fields(fields.into());
    let iterator = registrar.types_mut().define("iterator of a Ladder", model, CellForm::None);
    registrar.builtin(Operation::IterationStart, &[ladder], iterator, |b, signature, operands| {
        let first = b.int64(0);
        Ok(Operand::new(signature.result, &[operands[0].value(), first]))
    });
    registrar.builtin(Operation::IterationHasNext, &[iterator], Type::BOOLEAN, |b, signature, operands| {
        let length = length(b, operands[0].values[0]);
        let more = b.integer_compare(IntegerCondition::SignedLess, operands[0].values[1], length);
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.builtin(Operation::IterationValue, &[iterator], Type::FLOAT64, |b, signature, operands| {
        let address = unchecked_level(b, operands[0].values[0], operands[0].values[1]);
        Ok(Operand::scalar(signature.result, load_price(b, address)))
    });
    registrar.builtin(Operation::IterationAdvance, &[iterator], iterator, |b, signature, operands| {
        let one = b.int64(1);
        let next = b.binary(BinaryOperation::IntegerAdd, operands[0].values[1], one);
        Ok(Operand::new(signature.result, &[operands[0].values[0], next]))
    });
}

fn register_functions(registrar: &mut Registrar<'_>) {
    let tick_size = registrar.function("tick_size");
    registrar.builtin(tick_size, &[Type::FLOAT64], Type::FLOAT64, |b, signature, operands| {
        let table = TICK_SIZES.iter().flat_map(|size| size.to_le_bytes()).collect();
        let table = b.static_data(8, table, Vec::new());
        let mut offset = b.int64(0);
        for (bound, bytes) in [(1.0, 8), (10.0, 16), (100.0, 24)] {
            let (bound, bytes) = (b.float64(bound), b.int64(bytes));
            let above = b.float_compare(FloatCondition::GreaterOrEqual, operands[0].value(), bound);
            offset = b.select(above, bytes, offset);
        }
        let address = b.pointer_add(table, offset);
        let size = b.load(Representation::F64, address, 0, MemoryClass::Constant);
        Ok(Operand::scalar(signature.result, size))
    });
    let venue_of = registrar.function("venue_of");
    registrar.builtin(venue_of, &[Type::INT64], Type::INT64, |b, signature, operands| {
        let native = IrSignature::new(&[Representation::I64], &[Representation::I64]);
        let venue = b.call_external(VENUE_SYMBOL, native, Effects::Reads, &[operands[0].value()]);
        let venue = venue.ok_or_else(|| cfunc_compiler::LowerError::new("the host's function has a result"))?;
        Ok(Operand::scalar(signature.result, venue))
    });
}

/// The length; fails where the host gave no ladder.
fn length(b: &mut LowerContext<'_, '_>, ladder: Value) -> Value {
    let present = b.integer_compare_constant(IntegerCondition::NotEqual, ladder, 0);
    b.guard(present, NodeErrorKind::ValueError, "there is no ladder");
    b.load(Representation::I64, ladder, 0, MemoryClass::Foreign)
}

/// The address of a level, which must be in use.
fn level(b: &mut LowerContext<'_, '_>, ladder: Value, index: Value) -> Value {
    let length = length(b, ladder);
    let inside = b.integer_compare(IntegerCondition::UnsignedLess, index, length);
    b.guard(inside, NodeErrorKind::IndexError, "ladder index out of range");
    unchecked_level(b, ladder, index)
}

fn unchecked_level(b: &mut LowerContext<'_, '_>, ladder: Value, index: Value) -> Value {
    let three = b.int64(3);
    let bytes = b.binary(BinaryOperation::ShiftLeft, index, three);
    let prices = b.pointer_add(ladder, bytes);
    let offset = b.int64(i64::try_from(offset_of!(Ladder, prices)).unwrap_or(0));
    b.pointer_add(prices, offset)
}

fn load_price(b: &mut LowerContext<'_, '_>, address: Value) -> Value {
    b.load(Representation::F64, address, 0, MemoryClass::Foreign)
}

/// A loop emitted by a rule: whether a level has a price.
fn contains(b: &mut LowerContext<'_, '_>, ladder: Value, price: Value) -> Value {
    let length = length(b, ladder);
    let (head, body, next, done) = (b.create_block(), b.create_block(), b.create_block(), b.create_block());
    let index = b.add_block_parameter(head, Representation::I64);
    let found = b.add_block_parameter(done, Representation::I8);
    let zero = b.int64(0);
    b.jump(head, &[zero]);
    b.switch_to(head);
    let more = b.integer_compare(IntegerCondition::SignedLess, index, length);
    let no = b.boolean(false);
    b.branch_with(more, (body, &[]), (done, &[no]));
    b.switch_to(body);
    let address = unchecked_level(b, ladder, index);
    let here = load_price(b, address);
    let equal = b.float_compare(FloatCondition::Equal, here, price);
    b.branch_with(equal, (done, &[equal]), (next, &[]));
    b.switch_to(next);
    let one = b.int64(1);
    let following = b.binary(BinaryOperation::IntegerAdd, index, one);
    b.jump(head, &[following]);
    b.switch_to(done);
    found
}
