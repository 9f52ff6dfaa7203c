//! Boxing and unboxing of None, truth values and numbers; texts and classes, which no call takes.

use cfunc_context::{NativeValue, NativeWord, Registrar, exact};
use cfunc_models::{Type, Value};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    registrar.unbox_value(exact(Type::NONE), |_context, _ty, value| match value {
        Value::None => NativeValue::components([]),
        other => expected("None", other),
    });
    registrar.box_value(exact(Type::NONE), |_context, _cells| Ok(Value::None));

    registrar.unbox_value(exact(Type::BOOLEAN), |_context, _ty, value| match value {
        Value::Boolean(value) => NativeValue::scalar(NativeWord::boolean(*value)),
        other => expected("bool", other),
    });
    registrar.box_value(exact(Type::BOOLEAN), |_context, cells| Ok(Value::Boolean(cells.word().as_boolean())));

    registrar.unbox_value(exact(Type::INT64), |_context, _ty, value| match value {
        Value::Integer(value) => NativeValue::scalar(NativeWord::int64(*value)),
        Value::Boolean(value) => NativeValue::scalar(NativeWord::int64((*value).into())),
        Value::LargeInteger(_) => NativeValue::error(TOO_LARGE),
        other => expected("int", other),
    });
    registrar.box_value(exact(Type::INT64), |_context, cells| Ok(Value::Integer(cells.word().as_int64())));

    registrar.unbox_value(exact(Type::FLOAT64), |_context, _ty, value| match value {
        Value::Float(value) => NativeValue::scalar(NativeWord::float64(*value)),
        #[expect(clippy::cast_precision_loss, reason = "rounding to nearest is what the conversion means")]
        Value::Integer(value) => NativeValue::scalar(NativeWord::float64(*value as f64)),
        Value::Boolean(value) => NativeValue::scalar(NativeWord::float64(u8::from(*value).into())),
        Value::LargeInteger(_) => NativeValue::error(TOO_LARGE),
        other => expected("float", other),
    });
    registrar.box_value(exact(Type::FLOAT64), |_context, cells| Ok(Value::Float(cells.word().as_float64())));

    registrar.explain_untyped("str", |_registry, _types, _value| Some(NO_TEXTS.to_owned()));
    registrar.explain_untyped(Value::TYPE_KIND, |_registry, _types, _value| {
        Some("classes are known at compile time only, and no function takes one as an argument".to_owned())
    });
    registrar.unbox_value(exact(Type::TEXT), |_context, _ty, _value| NativeValue::error(NO_TEXTS));
}

const TOO_LARGE: &str = "an int beyond 64 bits";
const NO_TEXTS: &str = "texts are known at compile time only, and no function takes a str as an argument";

/// The error of a value of another kind.
#[cold]
pub(crate) fn expected(ty: &str, value: &Value) -> NativeValue {
    NativeValue::error(format!("{ty} expected, not a value of kind {}", value.kind()))
}
