//! An interval of two floats as a type of its own, written against the facade alone.
//!
//! A value is two components, `lo` and `hi`, which live in registers while a node runs. Nothing but the rules below is
//! needed for it to be a local, a state, a constant, an input or an output; a cell is the C struct of the two.

use cfunc_compiler::ast::CompareOperator;
use cfunc_compiler::ir::{BinaryOperation, FloatCondition, Value as IrValue};
use cfunc_compiler::{
    BoxError, CallableParameter, CellForm, DataModel, Extension, ExtensionId, Field, FoldArguments, LowerContext,
    LowerError, NativeValue, NativeWord, NodeErrorKind, Operand, Operation, Registrar, RegistrationError, Type, Value,
    ValueSpec, exact,
};

/// The name of the type, of its constructor, and of the kind of its dynamic values.
const NAME: &str = "Interval";

/// What the constructor says of bounds in the wrong order.
const WRONG_ORDER: &str = "lo > hi";

/// The extension that brings `Interval` and the constant `UNIT_INTERVAL`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Intervals;

impl Extension for Intervals {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.interval", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let fields = ["lo", "hi"].map(|name| Field { name: name.to_owned(), ty: Type::FLOAT64 });
        let interval = registrar.define_type(NAME, DataModel::Fields(fields.into()), CellForm::Buffer)?;
        register_constants(registrar, interval);
        register_boxing(registrar, interval);
        register_constructor(registrar, interval);
        register_attributes(registrar, interval);
        register_operations(registrar, interval);
        registrar.constant_name("UNIT_INTERVAL", record(0.0, 1.0))
    }
}

/// The dynamic value of an interval.
pub fn record(lo: f64, hi: f64) -> Value {
    let fields = [("lo", lo), ("hi", hi)].map(|(name, bound)| (name.to_owned(), Value::Float(bound)));
    Value::Record(NAME.to_owned(), fields.into())
}

/// The bounds of a dynamic value, where it is an interval.
fn bounds(value: &Value) -> Option<(f64, f64)> {
    let Value::Record(name, fields) = value else { return None };
    let field = |wanted: &str| {
        let found = fields.iter().find(|(name, _)| name == wanted)?;
        number(&found.1)
    };
    let (lo, hi) = (field("lo")?, field("hi")?);
    (name == NAME && fields.len() == 2 && in_order(lo, hi)).then_some((lo, hi))
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        #[expect(clippy::cast_precision_loss, reason = "ints widen to floats as in Python, to the nearest")]
        Value::Integer(value) => Some(*value as f64),
        _ => None,
    }
}

/// Bounds that are not numbers are in no order, so in no wrong one.
fn in_order(lo: f64, hi: f64) -> bool {
    lo.partial_cmp(&hi).is_none_or(std::cmp::Ordering::is_le)
}

/// Dynamic values: their type, which of them the type accepts, and how they come into the code.
fn register_constants(registrar: &mut Registrar<'_>, interval: Type) {
    registrar.type_of_value(ValueSpec::kind(NAME), move |_types, _value, _role| Some(interval));
    let constructor = registrar.types().definition(interval).constructor;
    registrar.convert_value(constructor, |value| bounds(value).map(|(lo, hi)| record(lo, hi)));
    registrar.lower_constant(constructor, |b, ty, value| match bounds(value) {
        Some((lo, hi)) => {
            let components = [b.float64(lo), b.float64(hi)];
            Ok(Operand::new(ty, &components))
        }
        None => Err(LowerError::new(format!("{value} is no interval"))),
    });
}

/// Arguments and results of calls with dynamic values.
fn register_boxing(registrar: &mut Registrar<'_>, interval: Type) {
    registrar.unbox_value(exact(interval), |_context, _ty, value| match bounds(value) {
        Some((lo, hi)) => NativeValue::components([lo, hi].map(NativeWord::float64)),
        None => NativeValue::error(format!("{value} is no interval")),
    });
    registrar.box_value(exact(interval), |_context, cells| match cells.words() {
        [lo, hi] => Ok(record(lo.as_float64(), hi.as_float64())),
        _ => Err(BoxError::new("an interval has two bounds")),
    });
}

/// `Interval(lo, hi)`: emitted where a bound is known at run time only, and evaluated for constants.
fn register_constructor(registrar: &mut Registrar<'_>, interval: Type) {
    let function = registrar.function(NAME);
    registrar.parameters(function, ["lo", "hi"].map(CallableParameter::required));
    registrar.builtin(function, &[Type::FLOAT64; 2], interval, |b, signature, operands| {
        let reversed = b.float_compare(FloatCondition::Greater, operands[0].value(), operands[1].value());
        let in_order = b.logical_not(reversed);
        b.guard(in_order, NodeErrorKind::ValueError, WRONG_ORDER);
        Ok(b.make(signature.result, operands))
    });
    registrar.fold(function, |arguments| {
        if arguments.positional.len() + arguments.keywords.len() != 2 {
            return Err(format!("{NAME} takes `lo` and `hi`"));
        }
        let (lo, hi) = (argument(arguments, 0, "lo")?, argument(arguments, 1, "hi")?);
        if in_order(lo, hi) { Ok(record(lo, hi)) } else { Err(WRONG_ORDER.to_owned()) }
    });
}

/// A bound given by position or by name.
fn argument(arguments: &FoldArguments<'_>, position: usize, name: &str) -> Result<f64, String> {
    let named = || arguments.keywords.iter().find(|(keyword, _)| **keyword == *name).map(|(_, value)| value);
    let given = arguments.positional.get(position).or_else(named);
    given.and_then(number).ok_or_else(|| format!("`{name}` of {NAME} is a number"))
}

fn register_attributes(registrar: &mut Registrar<'_>, interval: Type) {
    for name in ["lo", "hi"] {
        registrar.lower_getattr(interval, name, Type::FLOAT64, move |b, value| b.field(value, name));
    }
    registrar.lower_getattr(interval, "width", Type::FLOAT64, |b, value| {
        let (lo, hi) = parts(value);
        Ok(Operand::scalar(Type::FLOAT64, b.binary(BinaryOperation::FloatSubtract, hi, lo)))
    });
}

fn register_operations(registrar: &mut Registrar<'_>, interval: Type) {
    registrar.builtin(Operation::Contains, &[interval, Type::FLOAT64], Type::BOOLEAN, |b, signature, operands| {
        let ((lo, hi), value) = (parts(&operands[0]), operands[1].value());
        let above = b.float_compare(FloatCondition::LessOrEqual, lo, value);
        let below = b.float_compare(FloatCondition::LessOrEqual, value, hi);
        Ok(Operand::scalar(signature.result, b.binary(BinaryOperation::BitAnd, above, below)))
    });
    for (operator, negated) in [(CompareOperator::Equal, false), (CompareOperator::NotEqual, true)] {
        let parameters = [interval; 2];
        registrar.builtin(Operation::Compare(operator), &parameters, Type::BOOLEAN, move |b, signature, operands| {
            let equal = equal(b, &operands[0], &operands[1]);
            let result = if negated { b.logical_not(equal) } else { equal };
            Ok(Operand::scalar(signature.result, result))
        });
    }
}

fn equal(b: &mut LowerContext<'_, '_>, left: &Operand, right: &Operand) -> IrValue {
    let ((left_lo, left_hi), (right_lo, right_hi)) = (parts(left), parts(right));
    let lo = b.float_compare(FloatCondition::Equal, left_lo, right_lo);
    let hi = b.float_compare(FloatCondition::Equal, left_hi, right_hi);
    b.binary(BinaryOperation::BitAnd, lo, hi)
}

/// The components, in the order of the fields.
fn parts(interval: &Operand) -> (IrValue, IrValue) {
    (interval.values[0], interval.values[1])
}
