//! Names of the basic types, the types of values, and constants.

use cfunc_context::{LowerError, Operand, Registrar, RegistrationError, ValueRole, ValueSpec};
use cfunc_models::{Type, Value};

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    registrar.type_name("bool", Type::BOOLEAN)?;
    registrar.type_name("int", Type::INT64)?;
    registrar.type_name("float", Type::FLOAT64)?;
    registrar.type_name("str", Type::TEXT)?;
    let kinds = [("None", Type::NONE), ("bool", Type::BOOLEAN), ("int", Type::INT64), ("float", Type::FLOAT64)];
    for (kind, ty) in kinds {
        registrar.type_of_kind(kind, ty);
    }
    registrar.type_of_value(ValueSpec::kind("str"), |_types, _value, role| {
        (role == ValueRole::Constant).then_some(Type::TEXT)
    });
    // It has no components: nothing is known of it at run time.
    let none = registrar.types().definition(Type::NONE).constructor;
    registrar.lower_constant(none, |_b, ty, _value| Ok(Operand::new(ty, &[])));
    let constructor = |registrar: &Registrar<'_>, ty| registrar.types().definition(ty).constructor;

    let none = constructor(registrar, Type::NONE);
    registrar.convert_value(none, |value| matches!(value, Value::None).then_some(Value::None));
    let text = constructor(registrar, Type::TEXT);
    registrar.convert_value(text, |value| matches!(value, Value::Text(_)).then(|| value.clone()));

    let boolean = constructor(registrar, Type::BOOLEAN);
    registrar.convert_value(boolean, |value| matches!(value, Value::Boolean(_)).then(|| value.clone()));
    registrar.lower_constant(boolean, |b, ty, value| match value {
        Value::Boolean(value) => Ok(Operand::scalar(ty, b.boolean(*value))),
        other => Err(not_a_constant("bool", other)),
    });

    let integer = constructor(registrar, Type::INT64);
    registrar.convert_value(integer, convert_integer);
    registrar.lower_constant(integer, |b, ty, value| match convert_integer(value) {
        Some(Value::Integer(value)) => Ok(Operand::scalar(ty, b.int64(value))),
        _ => Err(not_a_constant("int", value)),
    });

    let float = constructor(registrar, Type::FLOAT64);
    registrar.convert_value(float, convert_float);
    registrar.lower_constant(float, |b, ty, value| match convert_float(value) {
        Some(Value::Float(value)) => Ok(Operand::scalar(ty, b.float64(value))),
        _ => Err(not_a_constant("float", value)),
    });
    Ok(())
}

pub(crate) fn not_a_constant(ty: &str, value: &Value) -> LowerError {
    LowerError::new(format!("{value} is no constant of type {ty}"))
}

fn convert_integer(value: &Value) -> Option<Value> {
    match value {
        Value::Integer(value) => Some(Value::Integer(*value)),
        Value::Boolean(value) => Some(Value::Integer(i64::from(*value))),
        _ => None,
    }
}

fn convert_float(value: &Value) -> Option<Value> {
    match value {
        Value::Float(value) => Some(Value::Float(*value)),
        #[expect(clippy::cast_precision_loss, reason = "rounding to nearest is what the conversion means")]
        Value::Integer(value) => Some(Value::Float(*value as f64)),
        Value::Boolean(value) => Some(Value::Float(f64::from(u8::from(*value)))),
        _ => None,
    }
}
