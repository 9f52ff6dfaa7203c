//! Values as cases write them.

use cfunc_compiler::Value;
use serde_json::{Map, Value as Json};

use crate::time::parse_iso;

/// What a slot holds, by the type's name in the case.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SlotKind {
    Integer,
    Float,
    Boolean,
    Datetime,
    Timedelta,
    /// An enum, by its integer value.
    Enumeration,
    /// A set of members of an enum: their names, positions for bits of no member; of a state's initial value the bits as
    /// an integer.
    Set,
    /// A list or dict, whose contents a case does not see.
    Container,
}

impl SlotKind {
    /// Reads the name of a type.
    pub(super) fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "int" => Self::Integer,
            "float" => Self::Float,
            "bool" => Self::Boolean,
            "datetime" => Self::Datetime,
            "timedelta" => Self::Timedelta,
            "enum" => Self::Enumeration,
            "set" => Self::Set,
            _ if name.ends_with(']') && (name.starts_with("list[") || name.starts_with("dict[")) => Self::Container,
            _ => return None,
        })
    }

    /// The value of a cell; times are integers in nanoseconds.
    pub(super) fn value(self, json: &Json) -> Result<Value, String> {
        let wrong = || format!("{json} is not a value of {self:?}");
        match self {
            Self::Integer | Self::Enumeration | Self::Container => json.as_i64().map(Value::Integer),
            Self::Set => match json {
                Json::Array(elements) => {
                    let elements: Result<Vec<Value>, String> = elements.iter().map(scalar).collect();
                    elements.ok().map(Value::List)
                }
                _ => {
                    let bits = json.as_i64().map(i128::from).or_else(|| json.as_u64().map(i128::from));
                    bits.map(|bits| Value::integer(Some(bits)))
                }
            },
            Self::Datetime => json.as_i64().map(Value::Datetime),
            Self::Timedelta => json.as_i64().map(Value::Timedelta),
            Self::Float => float(json).map(Value::Float),
            Self::Boolean => match json {
                Json::Bool(value) => Some(Value::Boolean(*value)),
                _ => json.as_i64().filter(|value| matches!(value, 0 | 1)).map(|value| Value::Boolean(value == 1)),
            },
        }
        .ok_or_else(wrong)
    }
}

/// A float, or an integer that is one exactly, or the text of what JSON has no number for.
fn float(json: &Json) -> Option<f64> {
    match json {
        Json::String(text) => special_float(text),
        Json::Number(number) => match number.as_i64() {
            Some(integer) => exact_float(integer),
            // Integers beyond 64 bits would be read as rounded floats otherwise.
            None if number.is_u64() => None,
            None => number.as_f64(),
        },
        _ => None,
    }
}

fn exact_float(integer: i64) -> Option<f64> {
    #[expect(clippy::cast_precision_loss, reason = "what is lost is looked for")]
    let value = integer as f64;
    #[expect(clippy::cast_possible_truncation, reason = "128 bits hold every double made of a 64-bit integer")]
    let back = value as i128;
    (back == i128::from(integer)).then_some(value)
}

fn special_float(text: &str) -> Option<f64> {
    match text {
        "nan" => Some(f64::NAN),
        "inf" => Some(f64::INFINITY),
        "-inf" => Some(f64::NEG_INFINITY),
        _ => None,
    }
}

/// A value of a constant parameter.
pub(super) fn constant(json: &Json) -> Result<Value, String> {
    match json {
        Json::Array(items) => items.iter().map(scalar).collect::<Result<_, _>>().map(Value::List),
        Json::Object(object) => tagged(object),
        _ => scalar(json),
    }
}

fn scalar(json: &Json) -> Result<Value, String> {
    match json {
        Json::Null => Some(Value::None),
        Json::Bool(value) => Some(Value::Boolean(*value)),
        Json::Number(number) if number.is_i64() => number.as_i64().map(Value::Integer),
        Json::Number(number) if number.is_f64() => number.as_f64().map(Value::Float),
        Json::String(text) => special_float(text).map(Value::Float).or_else(|| Some(Value::Text(text.clone()))),
        Json::Object(object) => return tagged(object),
        Json::Array(_) | Json::Number(_) => None,
    }
    .ok_or_else(|| format!("{json} is not a constant"))
}

/// `{"$datetime": …}`, `{"$timedelta_us": …}`, `{"$dict": …}`; the first two may say their `nanos` as well.
fn tagged(object: &Map<String, Json>) -> Result<Value, String> {
    let unknown = || format!("{} is not a constant", Json::Object(object.clone()));
    let tag = object.keys().find(|key| key.starts_with('$')).ok_or_else(unknown)?;
    if object.keys().any(|key| key != tag && key != "nanos") {
        return Err(unknown());
    }
    let content = &object[tag];
    let value = match tag.as_str() {
        "$datetime" => content
            .as_str()
            .and_then(|text| parse_iso(text.as_bytes()).ok())
            .map(Value::Datetime)
            .ok_or_else(unknown)?,
        "$timedelta_us" => content
            .as_i64()
            .and_then(|microseconds| microseconds.checked_mul(1_000))
            .map(Value::Timedelta)
            .ok_or_else(unknown)?,
        "$dict" => {
            let entries =
                content.as_array().ok_or_else(unknown)?.iter().map(|entry| match entry.as_array().map(Vec::as_slice) {
                    Some([key, value]) => Ok((scalar(key)?, scalar(value)?)),
                    _ => Err(unknown()),
                });
            Value::Dict(entries.collect::<Result<_, _>>()?)
        }
        _ => return Err(unknown()),
    };
    if let Some(nanos) = object.get("nanos") {
        let same = matches!(value, Value::Datetime(value) | Value::Timedelta(value) if nanos.as_i64() == Some(value));
        if !same {
            return Err(format!("{}: `nanos` is another time", Json::Object(object.clone())));
        }
    }
    Ok(value)
}

#[cfg(test)]
mod tests {
    use super::{SlotKind, constant};
    use cfunc_compiler::Value;
    use serde_json::from_str;

    #[track_caller]
    fn cell(kind: SlotKind, text: &str) -> Result<Value, String> {
        kind.value(&from_str(text).expect("JSON"))
    }

    #[track_caller]
    fn read(text: &str) -> Result<Value, String> {
        constant(&from_str(text).expect("JSON"))
    }

    #[test]
    fn cells() {
        assert_eq!(cell(SlotKind::Integer, "-9223372036854775808"), Ok(Value::Integer(i64::MIN)));
        assert!(cell(SlotKind::Integer, "9223372036854775808").is_err());
        assert!(cell(SlotKind::Integer, "1.0").is_err());
        assert!(cell(SlotKind::Float, "-0.0").is_ok_and(|value| value.same_bits(&Value::Float(-0.0))));
        assert_eq!(cell(SlotKind::Float, "2"), Ok(Value::Float(2.0)));
        assert!(cell(SlotKind::Float, "9007199254740993").is_err());
        assert!(cell(SlotKind::Float, "9223372036854775807").is_err());
        assert_eq!(cell(SlotKind::Float, "\"-inf\""), Ok(Value::Float(f64::NEG_INFINITY)));
        assert_eq!(cell(SlotKind::Float, "0.30000000000000004"), Ok(Value::Float(0.1 + 0.2)));
        assert!(cell(SlotKind::Float, "\"big\"").is_err());
        assert_eq!(cell(SlotKind::Boolean, "1"), Ok(Value::Boolean(true)));
        assert!(cell(SlotKind::Boolean, "2").is_err());
        assert_eq!(cell(SlotKind::Datetime, "5"), Ok(Value::Datetime(5)));
        assert!(cell(SlotKind::Datetime, "\"2020-01-01\"").is_err());
        assert_eq!(SlotKind::parse("dict[int,int]"), Some(SlotKind::Container));
        assert_eq!(SlotKind::parse("set[int]"), None);
    }

    #[test]
    fn constants() {
        assert_eq!(read("5"), Ok(Value::Integer(5)));
        assert_eq!(read("5.0"), Ok(Value::Float(5.0)));
        assert_eq!(read("[1, true]"), Ok(Value::List(vec![Value::Integer(1), Value::Boolean(true)])));
        assert_eq!(read(r#"{"$datetime": "1970-01-01T00:00:01+00:00"}"#), Ok(Value::Datetime(1_000_000_000)));
        assert_eq!(
            read(r#"{"$datetime": "1970-01-01T00:00:01+00:00", "nanos": 1000000000}"#),
            Ok(Value::Datetime(1_000_000_000))
        );
        assert_eq!(read(r#"{"$timedelta_us": -5}"#), Ok(Value::Timedelta(-5000)));
        assert_eq!(read(r#"{"$dict": [[1, 2.5]]}"#), Ok(Value::Dict(vec![(Value::Integer(1), Value::Float(2.5))])));
        for text in [
            r#"{"$time": 1}"#,
            r#"{"$datetime": "soon"}"#,
            r#"{"$datetime": "1970-01-01T00:00:01+00:00", "nanos": 1}"#,
            r#"{"$timedelta_us": 1, "unit": "us"}"#,
            r#"{"$timedelta_us": 9223372036854775807}"#,
            r#"{"$dict": [[1]]}"#,
            "{}",
            "[[1]]",
            "18446744073709551615",
        ] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
