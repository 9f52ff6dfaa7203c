//! Dynamic values as JSON, for programs: what JSON has no form for is an object with a tag. docs/command.md has the forms,
//! which are those of recorded cases where cases have them.

use cfunc_compiler::{TypeTable, Value};
use serde_json::{Map, Value as Json, json};

use crate::repr::{member, members_of};
use crate::time::{parse_iso, write_instant};

/// A value as JSON; the types say how members of sets are called.
pub(crate) fn to_json(types: Option<&TypeTable>, value: &Value) -> Json {
    let all = |values: &[Value]| Json::Array(values.iter().map(|value| to_json(types, value)).collect());
    if let Some((class, bits)) = value.known_set() {
        let members = members_of(types, class, bits);
        let members = members.into_iter().map(|(name, position)| name.map_or(json!(position), Json::String));
        return json!({"$set": class, "members": Json::Array(members.collect())});
    }
    match value {
        Value::None => Json::Null,
        Value::Boolean(value) => Json::Bool(*value),
        Value::Integer(value) => json!(value),
        Value::Float(value) if value.is_nan() => json!("nan"),
        Value::Float(value) if value.is_infinite() => json!(if *value > 0.0 { "inf" } else { "-inf" }),
        Value::Float(value) => json!(value),
        Value::Text(text) => json!(text),
        Value::Datetime(nanoseconds) => {
            let mut text = Vec::new();
            write_instant(*nanoseconds, &mut text);
            json!({"$datetime": String::from_utf8_lossy(&text)})
        }
        Value::Timedelta(nanoseconds) if nanoseconds % 1_000 == 0 => json!({"$timedelta_us": nanoseconds / 1_000}),
        Value::Timedelta(nanoseconds) => json!({"$timedelta_ns": nanoseconds}),
        Value::List(values) => all(values),
        Value::Tuple(values) => json!({"$tuple": all(values)}),
        Value::Dict(entries) => {
            let entries =
                entries.iter().map(|(key, value)| Json::Array(vec![to_json(types, key), to_json(types, value)]));
            json!({"$dict": Json::Array(entries.collect())})
        }
        Value::Record(class, fields) => match member(fields) {
            Some((name, _)) => json!(format!("{class}.{name}")),
            None => {
                let fields = fields.iter().map(|(name, value)| (name.clone(), to_json(types, value)));
                let fields: Map<String, Json> = fields.collect();
                json!({"$record": class, "fields": fields})
            }
        },
        Value::LargeInteger(_) | Value::Host(_) => json!({"$repr": value.to_string()}),
    }
}

/// The value that JSON stands for. `named` gives what a text stands for, such as the member of an enumeration.
pub(crate) fn from_json(json: &Json, named: &dyn Fn(&str) -> Option<Value>) -> Result<Value, String> {
    let all = |values: &[Json]| values.iter().map(|value| from_json(value, named)).collect::<Result<Vec<_>, _>>();
    match json {
        Json::Null => Ok(Value::None),
        Json::Bool(value) => Ok(Value::Boolean(*value)),
        Json::Number(number) => match (number.as_i64(), number.as_f64()) {
            (Some(integer), _) => Ok(Value::Integer(integer)),
            (None, Some(float)) if number.is_f64() => Ok(Value::Float(float)),
            _ => Err(format!("{number} does not fit a 64-bit int")),
        },
        Json::String(text) => Ok(match text.as_str() {
            "nan" => Value::Float(f64::NAN),
            "inf" => Value::Float(f64::INFINITY),
            "-inf" => Value::Float(f64::NEG_INFINITY),
            _ => named(text).unwrap_or_else(|| Value::Text(text.clone())),
        }),
        Json::Array(values) => all(values).map(Value::List),
        Json::Object(object) => tagged(object, named),
    }
}

fn tagged(object: &Map<String, Json>, named: &dyn Fn(&str) -> Option<Value>) -> Result<Value, String> {
    let wrong = || {
        let tags = ["$tuple", "$dict", "$datetime", "$timedelta_us", "$timedelta_ns", "$record", "$set"];
        let text = Json::Object(object.clone());
        match object.keys().find(|key| tags.contains(&key.as_str())) {
            Some(tag) => format!("{text} is no value: what stands beside `{tag}` is not what it takes"),
            None => format!("{text} is no value: a dict is written as {{\"$dict\": [[KEY, VALUE], …]}}"),
        }
    };
    let entries: Vec<(&str, &Json)> = object.iter().map(|(name, content)| (name.as_str(), content)).collect();
    match entries.as_slice() {
        [("$tuple", Json::Array(values))] => {
            let values: Result<Vec<Value>, String> = values.iter().map(|value| from_json(value, named)).collect();
            values.map(Value::Tuple)
        }
        [("$dict", Json::Array(entries))] => {
            let entries = entries.iter().map(|entry| match entry.as_array().map(Vec::as_slice) {
                Some([key, value]) => Ok((from_json(key, named)?, from_json(value, named)?)),
                _ => Err(format!("the entry {entry} is no pair of a key and a value")),
            });
            entries.collect::<Result<_, _>>().map(Value::Dict)
        }
        [("$datetime", Json::String(text))] => {
            parse_iso(text.as_bytes()).map(Value::Datetime).map_err(|_| format!("`{text}` is no ISO 8601 time"))
        }
        [("$timedelta_us", Json::Number(count))] => {
            let nanoseconds = count.as_i64().and_then(|count| count.checked_mul(1_000));
            nanoseconds.map(Value::Timedelta).ok_or_else(wrong)
        }
        [("$timedelta_ns", Json::Number(count))] => count.as_i64().map(Value::Timedelta).ok_or_else(wrong),
        [("$record", Json::String(class)), ("fields", Json::Object(fields))]
        | [("fields", Json::Object(fields)), ("$record", Json::String(class))] => {
            let fields = fields.iter().map(|(name, value)| Ok((name.clone(), from_json(value, named)?)));
            fields.collect::<Result<_, String>>().map(|fields| Value::Record(class.clone(), fields))
        }
        [("$set", Json::String(class)), ("members", Json::Array(members))]
        | [("members", Json::Array(members)), ("$set", Json::String(class))] => {
            let position = |json: &Json| match json {
                Json::String(name) => match named(&format!("{class}.{name}")) {
                    Some(Value::Record(_, fields)) => member(&fields).map(|(_, value)| value),
                    _ => None,
                },
                _ => json.as_i64(),
            };
            let bits = members.iter().try_fold(0u128, |bits, json| {
                let position = u32::try_from(position(json)?).ok()?;
                Some(bits | 1u128.checked_shl(position)?)
            });
            bits.map(|bits| Value::set_of_members(class, bits)).ok_or_else(wrong)
        }
        _ => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::{from_json, to_json};
    use cfunc_compiler::Value;

    #[test]
    fn values_come_back() {
        let record = vec![("lo".to_owned(), Value::Float(0.5)), ("hi".to_owned(), Value::Float(1.0))];
        for value in [
            Value::None,
            Value::Boolean(true),
            Value::Integer(i64::MIN),
            Value::Float(1.0),
            Value::Float(-0.0),
            Value::Float(f64::NAN),
            Value::Float(f64::NEG_INFINITY),
            Value::Datetime(1),
            Value::Timedelta(5_000),
            Value::Timedelta(5_001),
            Value::set_of_members("Side", 9),
            Value::List(vec![Value::Tuple(vec![Value::Integer(1), Value::Float(2.0)])]),
            Value::Dict(vec![(Value::Integer(1), Value::List(Vec::new()))]),
            Value::Record("Interval".to_owned(), record),
        ] {
            let json = to_json(None, &value).to_string();
            let read = from_json(&serde_json::from_str(&json).expect("it is JSON"), &|_| None);
            assert!(read.as_ref().is_ok_and(|read| read.same_bits(&value)), "{json}: {read:?}");
        }
    }

    #[test]
    fn names_are_looked_up_and_the_rest_is_refused() {
        let read = |text: &str| {
            let named = |name: &str| (name == "Side.BUY").then_some(Value::Integer(1));
            from_json(&serde_json::from_str(text).expect("it is JSON"), &named)
        };
        assert_eq!(read("[\"Side.BUY\", \"other\"]"), Ok(Value::List(vec![Value::Integer(1), Value::from("other")])));
        for text in ["18446744073709551615", "{}", "{\"a\": 1}", "{\"$dict\": [[1]]}", "{\"$datetime\": \"soon\"}"] {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
