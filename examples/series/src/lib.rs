//! A type whose values are pointers that somebody owns, written against the facade alone.
//!
//! A `Series` is a growing array of floats. Names share it by reference, as names share a list in Python; it is freed
//! when the last owner lets go. The extension says how a value gets one more owner and how one lets go, and hands over
//! what its rules make. Locals, branches, loops, states, outputs and errors need no further line.

mod host;

use cfunc_compiler::ast::{BinaryOperator, CompareOperator};
use cfunc_compiler::ir::{IntegerCondition, Signature as IrSignature, Value as IrValue};
use cfunc_compiler::{
    CellForm, DataModel, Effects, Extension, ExtensionId, Field, ItemPart, ItemsForm, LowerContext, LowerError,
    NativeFunction, NodeErrorKind, Operand, Operation, Registrar, RegistrationError, Representation, SnapshotForm,
    Type, Value,
};

pub use host::{Series, live, peak, symbols};

/// The name of the type, and of the function that makes an empty one.
const NAME: &str = "Series";

/// The extension that brings `Series`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SharedSeries;

impl Extension for SharedSeries {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.series", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let series = registrar.define_type(NAME, DataModel::Scalar(Representation::Pointer), CellForm::Scalar)?;
        let constructor = registrar.types().definition(series).constructor;
        registrar.ownership(
            constructor,
            |b, series| {
                call(b, host::RETAIN, &[series.value()], None)?;
                Ok(series.clone())
            },
            |b, series| call(b, host::RELEASE, &[series.value()], None).map(|_| ()),
        );
        // What a state holds is saved as its floats.
        let host = |symbol: &'static str| NativeFunction::Symbol(symbol.into());
        registrar.snapshot(constructor, move |_types, _series| {
            SnapshotForm::Items(ItemsForm {
                parts: vec![ItemPart { ty: Type::FLOAT64, offset: 0, extended: false }],
                size: 8,
                make: host(host::NEW),
                make_arguments: Vec::new(),
                read: host(host::READ),
                append: host(host::EXTEND),
                release: host(host::RELEASE),
            })
        });
        // A state starts without one: its cell is NULL, which counts as false.
        registrar.convert_value(constructor, |value| matches!(value, Value::None).then_some(Value::None));
        let make = registrar.function(NAME);
        registrar.builtin(make, &[], series, |b, signature, _operands| made(b, signature.result, host::NEW, &[]));
        let add = Operation::Binary(BinaryOperator::Add);
        registrar.builtin(add, &[series; 2], series, |b, signature, operands| {
            let parts = [present(b, &operands[0]), present(b, &operands[1])];
            made(b, signature.result, host::JOINED, &parts)
        });
        register_reads(registrar, series);
        let append = registrar.method(constructor, "append");
        registrar.builtin(append, &[series, Type::FLOAT64], Type::NONE, |b, signature, operands| {
            let target = present(b, &operands[0]);
            call(b, host::APPEND, &[target, operands[1].value()], None)?;
            Ok(Operand::new(signature.result, &[]))
        });
        register_iteration(registrar, series);
        Ok(())
    }
}

fn register_reads(registrar: &mut Registrar<'_>, series: Type) {
    registrar.builtin(Operation::Truth, &[series], Type::BOOLEAN, |b, signature, operands| {
        let given = b.integer_compare_constant(IntegerCondition::NotEqual, operands[0].value(), 0);
        Ok(Operand::scalar(signature.result, given))
    });
    registrar.builtin(Operation::Length, &[series], Type::INT64, |b, signature, operands| {
        let series = present(b, &operands[0]);
        Ok(Operand::scalar(signature.result, length(b, series)?))
    });
    registrar.builtin(Operation::GetItem, &[series, Type::INT64], Type::FLOAT64, |b, signature, operands| {
        let (series, index) = (present(b, &operands[0]), operands[1].value());
        let length = length(b, series)?;
        let inside = b.integer_compare(IntegerCondition::UnsignedLess, index, length);
        b.guard(inside, NodeErrorKind::IndexError, "series index out of range");
        let item = call(b, host::ITEM, &[series, index], Some(Representation::F64))?;
        Ok(Operand::scalar(signature.result, item))
    });
    let is = Operation::Compare(CompareOperator::Is);
    registrar.builtin(is, &[series; 2], Type::BOOLEAN, |b, signature, operands| {
        let same = b.integer_compare(IntegerCondition::Equal, operands[0].value(), operands[1].value());
        Ok(Operand::scalar(signature.result, same))
    });
    registrar.lower_getattr(series, "mean", Type::FLOAT64, |b, operand| {
        let series = present(b, operand);
        let length = length(b, series)?;
        let some = b.integer_compare_constant(IntegerCondition::NotEqual, length, 0);
        b.guard(some, NodeErrorKind::ValueError, "the mean of an empty series");
        let mean = call(b, host::MEAN, &[series], Some(Representation::F64))?;
        Ok(Operand::scalar(Type::FLOAT64, mean))
    });
}

/// An iteration holds the series that it goes through: a field of an owned type in a type of several values.
fn register_iteration(registrar: &mut Registrar<'_>, series: Type) {
    let fields = [("series", series), ("next", Type::INT64)].map(|(name, ty)| Field { name: name.to_owned(), ty });
    let model = DataModel::Fields(fields.into());
    let iterator = registrar.types_mut().define("iterator of a Series", model, CellForm::None);
    registrar.builtin(Operation::IterationStart, &[series], iterator, |b, signature, operands| {
        let (series, first) = (present(b, &operands[0]), b.int64(0));
        Ok(Operand::new(signature.result, &[series, first]))
    });
    registrar.builtin(Operation::IterationHasNext, &[iterator], Type::BOOLEAN, |b, signature, operands| {
        let length = length(b, operands[0].values[0])?;
        let more = b.integer_compare(IntegerCondition::SignedLess, operands[0].values[1], length);
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.builtin(Operation::IterationValue, &[iterator], Type::FLOAT64, |b, signature, operands| {
        let item = call(b, host::ITEM, &operands[0].values, Some(Representation::F64))?;
        Ok(Operand::scalar(signature.result, item))
    });
    registrar.builtin(Operation::IterationAdvance, &[iterator], iterator, |b, signature, operands| {
        let one = b.int64(1);
        let next = b.binary(cfunc_compiler::ir::BinaryOperation::IntegerAdd, operands[0].values[1], one);
        Ok(Operand::new(signature.result, &[operands[0].values[0], next]))
    });
}

/// A new series of one of the host's functions, which is handed over.
fn made(b: &mut LowerContext<'_, '_>, ty: Type, symbol: &str, arguments: &[IrValue]) -> Result<Operand, LowerError> {
    let series = Operand::scalar(ty, call(b, symbol, arguments, Some(Representation::Pointer))?);
    b.own(&series);
    Ok(series)
}

/// The series, where there is one.
fn present(b: &mut LowerContext<'_, '_>, series: &Operand) -> IrValue {
    let given = b.integer_compare_constant(IntegerCondition::NotEqual, series.value(), 0);
    b.guard(given, NodeErrorKind::ValueError, "there is no series");
    series.value()
}

fn length(b: &mut LowerContext<'_, '_>, series: IrValue) -> Result<IrValue, LowerError> {
    call(b, host::LENGTH, &[series], Some(Representation::I64))
}

/// A call of one of the host's functions; where it gives nothing, what comes back is its first argument.
fn call(
    b: &mut LowerContext<'_, '_>,
    symbol: &str,
    arguments: &[IrValue],
    result: Option<Representation>,
) -> Result<IrValue, LowerError> {
    let parameters: Vec<Representation> = arguments.iter().map(|argument| b.representation(*argument)).collect();
    let signature = IrSignature::new(&parameters, result.as_slice());
    match (b.call_external(symbol, signature, Effects::Writes, arguments), arguments.first()) {
        (Some(value), _) => Ok(value),
        (None, Some(first)) if result.is_none() => Ok(*first),
        _ => Err(LowerError::new(format!("`{symbol}` gives nothing"))),
    }
}
