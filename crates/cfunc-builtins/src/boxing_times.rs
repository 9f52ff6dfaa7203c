//! Boxing and unboxing of instants and durations: their nanoseconds.

use cfunc_context::{NativeValue, NativeWord, Registrar, exact};
use cfunc_models::{Type, Value};

use crate::boxing_scalars::expected;

pub(crate) fn register(registrar: &mut Registrar<'_>, datetime: Type, timedelta: Type) {
    registrar.unbox_value(exact(datetime), |_context, _ty, value| match value {
        Value::Datetime(nanoseconds) => NativeValue::scalar(NativeWord::int64(*nanoseconds)),
        other => expected("datetime", other),
    });
    registrar.box_value(exact(datetime), |_context, cells| Ok(Value::Datetime(cells.word().as_int64())));
    registrar.unbox_value(exact(timedelta), |_context, _ty, value| match value {
        Value::Timedelta(nanoseconds) => NativeValue::scalar(NativeWord::int64(*nanoseconds)),
        other => expected("timedelta", other),
    });
    registrar.box_value(exact(timedelta), |_context, cells| Ok(Value::Timedelta(cells.word().as_int64())));
}
