//! Dynamic values: constants of the source and those that a host binds.

use cfunc_compiler::ast::{BinaryOperator, UnaryOperator};
use cfunc_compiler::{
    BoxError, LowerError, NativeValue, NativeWord, Operand, Operation, Registrar, Type, Value, ValueSpec, exact,
};

use crate::NAME;

/// The dynamic value of a complex number.
pub fn record(real: f64, imaginary: f64) -> Value {
    let fields = [("real", real), ("imag", imaginary)].map(|(name, part)| (name.to_owned(), Value::Float(part)));
    Value::Record(NAME.to_owned(), fields.into())
}

/// The parts of what counts as a complex number.
fn parts_of(value: &Value) -> Option<(f64, f64)> {
    match value {
        Value::Record(name, fields) if name == NAME => match fields.as_slice() {
            [(real_name, real), (imaginary_name, imaginary)] if real_name == "real" && imaginary_name == "imag" => {
                Some((number(real)?, number(imaginary)?))
            }
            _ => None,
        },
        other => Some((number(other)?, 0.0)),
    }
}

fn number(value: &Value) -> Option<f64> {
    match value {
        Value::Float(value) => Some(*value),
        #[expect(clippy::cast_precision_loss, reason = "ints widen to floats as in Python, to the nearest")]
        Value::Integer(value) => Some(*value as f64),
        Value::Boolean(value) => Some(f64::from(u8::from(*value))),
        _ => None,
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>, complex: Type) {
    registrar.type_of_value(ValueSpec::kind(NAME), move |_types, _value, _role| Some(complex));
    let constructor = registrar.types().definition(complex).constructor;
    registrar.convert_value(constructor, |value| parts_of(value).map(|(real, imaginary)| record(real, imaginary)));
    registrar.lower_constant(constructor, |b, ty, value| match parts_of(value) {
        Some((real, imaginary)) => {
            let parts = [b.float64(real), b.float64(imaginary)];
            Ok(Operand::new(ty, &parts))
        }
        None => Err(LowerError::new(format!("{value} is no complex number"))),
    });

    // Arguments and results of calls with dynamic values.
    registrar.unbox_value(exact(complex), |_context, _ty, value| match parts_of(value) {
        Some((real, imaginary)) => NativeValue::components([real, imaginary].map(NativeWord::float64)),
        None => NativeValue::error(format!("{value} is no complex number")),
    });
    registrar.box_value(exact(complex), |_context, cells| match cells.words() {
        [real, imaginary] => Ok(record(real.as_float64(), imaginary.as_float64())),
        _ => Err(BoxError::new("a complex number has two parts")),
    });

    let function = registrar.function(NAME);
    registrar.fold(function, |arguments| {
        let named =
            |wanted: &str| arguments.keywords.iter().find(|(name, _)| **name == *wanted).map(|(_, value)| value);
        let given = arguments.positional.len() + arguments.keywords.len();
        let used = ["re", "im"].into_iter().filter(|name| named(name).is_some()).count() + arguments.positional.len();
        if given > 2 || used != given {
            return Err(format!("{NAME} takes `re` and `im`"));
        }
        let real = arguments.positional.first().or_else(|| named("re")).and_then(number);
        let imaginary = arguments.positional.get(1).or_else(|| named("im")).map_or(Some(0.0), number);
        let parts = real.zip(imaginary);
        parts.map(|(real, imaginary)| record(real, imaginary)).ok_or_else(|| format!("{NAME} takes one or two numbers"))
    });
    for (operator, sign) in [(BinaryOperator::Add, 1.0), (BinaryOperator::Subtract, -1.0)] {
        registrar.fold_kind(Operation::Binary(operator), NAME, move |arguments| match arguments.positional {
            [left, right] => {
                let parts = parts_of(left).zip(parts_of(right));
                let (left, right) = parts.ok_or_else(|| "no complex numbers".to_owned())?;
                Ok(record(left.0 + sign * right.0, left.1 + sign * right.1))
            }
            _ => Err("two operands are needed".to_owned()),
        });
    }
    registrar.fold_kind(Operation::Unary(UnaryOperator::Negate), NAME, |arguments| {
        let parts = arguments.positional.first().and_then(parts_of);
        parts.map(|(real, imaginary)| record(-real, -imaginary)).ok_or_else(|| "one operand is needed".to_owned())
    });
    registrar.fold_kind(Operation::Truth, NAME, |arguments| {
        let parts = arguments.positional.first().and_then(parts_of);
        parts.map(|parts| Value::Boolean(parts != (0.0, 0.0))).ok_or_else(|| "one operand is needed".to_owned())
    });
}
