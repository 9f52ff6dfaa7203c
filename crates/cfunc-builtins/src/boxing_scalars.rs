//! Boxing and unboxing of None, truth values and numbers; texts and classes, which no call takes.

use cfunc_context::{BoxError, NativeValue, Registrar, exact};
use cfunc_models::{Type, Value};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    registrar.unbox_value(exact(Type::NONE), |_context, _ty, value| match value {
        Value::None => NativeValue::components([]),
        other => expected("None", other),
    });
    registrar.box_value(exact(Type::NONE), |_context, _cells| Ok(Value::None));

    registrar.unbox_word(
        exact(Type::BOOLEAN),
        |value| match value {
            Value::Boolean(value) => Some((*value).into()),
            _ => None,
        },
        |_context, _ty, value| expected("bool", value),
    );
    registrar.box_word(exact(Type::BOOLEAN), |bits| Value::Boolean(bits != 0));

    registrar.unbox_word(
        exact(Type::INT64),
        |value| match value {
            Value::Integer(value) => Some(value.cast_unsigned()),
            Value::Boolean(value) => Some((*value).into()),
            _ => None,
        },
        |_context, _ty, value| number_expected("int", value),
    );
    registrar.box_word(exact(Type::INT64), |bits| Value::Integer(bits.cast_signed()));

    registrar.unbox_word(
        exact(Type::FLOAT64),
        |value| match value {
            Value::Float(value) => Some(value.to_bits()),
            #[expect(clippy::cast_precision_loss, reason = "rounding to nearest is what the conversion means")]
            Value::Integer(value) => Some((*value as f64).to_bits()),
            Value::Boolean(value) => Some(f64::from(u8::from(*value)).to_bits()),
            _ => None,
        },
        |_context, _ty, value| number_expected("float", value),
    );
    registrar.box_word(exact(Type::FLOAT64), |bits| Value::Float(f64::from_bits(bits)));

    registrar.explain_untyped("str", |_registry, _types, _value| Some(NO_TEXTS.to_owned()));
    registrar.explain_untyped(Value::TYPE_KIND, |_registry, _types, _value| {
        Some("classes are known at compile time only, and no function takes one as an argument".to_owned())
    });
    registrar.unbox_value(exact(Type::TEXT), |_context, _ty, _value| NativeValue::error(NO_TEXTS));
    registrar.box_value(exact(Type::TEXT), |_context, _cells| Err(BoxError::new(NO_TEXT_RESULTS)));
}

const TOO_LARGE: &str = "an int beyond 64 bits";
const NO_TEXT_RESULTS: &str = "texts are known at compile time only, and no function gives a str as a result";
const NO_TEXTS: &str = "texts are known at compile time only, and no function takes a str as an argument";

/// The error of a value that is no number of the type.
#[cold]
fn number_expected(ty: &str, value: &Value) -> NativeValue {
    match value {
        Value::LargeInteger(_) => NativeValue::error(TOO_LARGE),
        other => expected(ty, other),
    }
}

/// The error of a value of another kind.
#[cold]
pub(crate) fn expected(ty: &str, value: &Value) -> NativeValue {
    NativeValue::error(format!("{ty} expected, not a value of kind {}", value.kind()))
}
