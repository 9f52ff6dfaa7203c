//! Boxing and unboxing of instants and durations: their nanoseconds.

use cfunc_context::{BoxError, Registrar, exact};
use cfunc_models::{Type, Value};

use crate::boxing_scalars::expected;

/// A host has the instant of a zoned datetime, as cells have.
pub(crate) fn register_zoned(registrar: &mut Registrar<'_>, zoned: Type) {
    registrar.box_value(exact(zoned), |context, cells| match &cells.fields()[..] {
        [instant, _] => context.box_value(instant),
        _ => Err(BoxError::new("it is no zoned datetime")),
    });
}

pub(crate) fn register(registrar: &mut Registrar<'_>, datetime: Type, timedelta: Type) {
    registrar.unbox_word(
        exact(datetime),
        |value| match value {
            Value::Datetime(nanoseconds) => Some(nanoseconds.cast_unsigned()),
            _ => None,
        },
        |_context, _ty, value| expected("datetime", value),
    );
    registrar.box_word(exact(datetime), |bits| Value::Datetime(bits.cast_signed()));
    registrar.unbox_word(
        exact(timedelta),
        |value| match value {
            Value::Timedelta(nanoseconds) => Some(nanoseconds.cast_unsigned()),
            _ => None,
        },
        |_context, _ty, value| expected("timedelta", value),
    );
    registrar.box_word(exact(timedelta), |bits| Value::Timedelta(bits.cast_signed()));
}
