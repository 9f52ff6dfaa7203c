//! Time zones, and datetimes that remember one: those made with a fixed offset, until they go into a cell.
//!
//! A zoned datetime is an instant with the offset of its local time. It is a datetime wherever one is asked for; only
//! its members (`hour`, `weekday()` …) are those of its zone.

use cfunc_context::{CallableId, Conversion, FoldArguments, Operand, Registrar, ValueSpec, exact};
use cfunc_models::{CellForm, DataModel, Field, Representation, Type, Value};

use crate::constants::not_a_constant;

/// The kind of constants that remember an offset.
pub(crate) const ZONED: &str = "zoned datetime";

/// A time zone of a fixed offset as a constant.
pub(crate) fn zone(offset: i64) -> Value {
    Value::Record("timezone".to_owned(), vec![("offset".to_owned(), Value::Timedelta(offset))])
}

/// The offset of a constant that is a time zone.
pub(crate) fn offset_of(zone: &Value) -> Option<i64> {
    match zone {
        Value::Record(name, parts) if name == "timezone" => match parts.as_slice() {
            [(_, Value::Timedelta(offset))] => Some(*offset),
            _ => None,
        },
        _ => None,
    }
}

/// An instant as a constant, which remembers an offset other than 0.
pub(crate) fn instant(nanoseconds: i64, offset: i64) -> Value {
    if offset == 0 {
        return Value::Datetime(nanoseconds);
    }
    let fields = [("instant", Value::Datetime(nanoseconds)), ("offset", Value::Timedelta(offset))];
    Value::Record(ZONED.to_owned(), fields.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The nanoseconds and the offset of a constant that is a datetime.
pub(crate) fn parts_of(value: &Value) -> Option<(i64, i64)> {
    match value {
        Value::Datetime(nanoseconds) => Some((*nanoseconds, 0)),
        Value::Record(name, fields) if name == ZONED => match fields.as_slice() {
            [(_, Value::Datetime(nanoseconds)), (_, Value::Timedelta(offset))] => Some((*nanoseconds, *offset)),
            _ => None,
        },
        _ => None,
    }
}

/// Defines the types of time zones and of zoned datetimes.
pub(crate) fn define(registrar: &mut Registrar<'_>, datetime: Type, timedelta: Type) -> (Type, Type) {
    let types = registrar.types_mut();
    let zone = types.define("timezone", DataModel::Scalar(Representation::I64), CellForm::None);
    let fields = [("instant", datetime), ("offset", timedelta)].map(|(name, ty)| Field { name: name.to_owned(), ty });
    let zoned = types.define(ZONED, DataModel::Fields(fields.into()), CellForm::None);
    (zone, zoned)
}

pub(crate) fn register(registrar: &mut Registrar<'_>, datetime: Type, zone: Type, zoned: Type) {
    registrar.type_of_value(ValueSpec::kind("timezone"), move |_types, _value, _role| Some(zone));
    let constructor = registrar.types().definition(zone).constructor;
    registrar.lower_constant(constructor, |b, ty, value| match offset_of(value) {
        Some(offset) => Ok(Operand::scalar(ty, b.int64(offset))),
        None => Err(not_a_constant("timezone", value)),
    });
    registrar.type_of_value(ValueSpec::kind(ZONED), move |_types, _value, _role| Some(zoned));
    let constructor = registrar.types().definition(zoned).constructor;
    registrar.convert_value(constructor, |value| parts_of(value).map(|_| value.clone()));
    registrar.lower_constant(constructor, |b, ty, value| match parts_of(value) {
        Some((nanoseconds, offset)) => {
            let parts = [b.int64(nanoseconds), b.int64(offset)];
            Ok(Operand::new(ty, &parts))
        }
        None => Err(not_a_constant("datetime", value)),
    });
    crate::boxing_times::register_zoned(registrar, zoned);
    registrar.lower_cast(exact(zoned), exact(datetime), Conversion::Promotion, |_b, _from, to, operand| {
        Ok(Operand::scalar(to, operand.values[0]))
    });
    registrar.lower_cast(exact(datetime), exact(zoned), Conversion::Safe, |b, _from, to, operand| {
        let offset = b.int64(0);
        Ok(Operand::new(to, &[operand.value(), offset]))
    });
    registrar.unify(datetime, zoned, zoned);
}

/// A fold for which constants that remember an offset are instants; what is moved by a duration keeps the offset.
pub(crate) fn fold(
    registrar: &mut Registrar<'_>,
    callable: impl Into<CallableId>,
    plain: impl Fn(&FoldArguments<'_>) -> Result<Value, String> + Send + Sync + 'static,
) {
    registrar.fold(callable, move |arguments| {
        if arguments.positional.iter().all(|value| value.kind() != ZONED) {
            return plain(arguments);
        }
        let in_utc = |value: &Value| parts_of(value).map_or_else(|| value.clone(), |parts| Value::Datetime(parts.0));
        let positional: Vec<Value> = arguments.positional.iter().map(in_utc).collect();
        let result =
            plain(&FoldArguments { positional: &positional, keywords: arguments.keywords, exact: arguments.exact })?;
        let Value::Datetime(nanoseconds) = result else { return Ok(result) };
        // One of them, for `min` and `max`; else the one that was moved.
        let given: Vec<(i64, i64)> = arguments.positional.iter().filter_map(parts_of).collect();
        let taken = given.iter().find(|parts| parts.0 == nanoseconds).or_else(|| given.first());
        Ok(instant(nanoseconds, taken.map_or(0, |parts| parts.1)))
    });
}
