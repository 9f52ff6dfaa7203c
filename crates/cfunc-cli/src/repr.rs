//! Dynamic values as Python's `repr` writes them.

use cfunc_compiler::{TypeTable, Value};

use crate::number::write_float;
use crate::time::{civil, write_duration, write_instant};

/// Nanoseconds of what Python's times count.
const MICROSECOND: i64 = 1_000;
const SECOND: i64 = 1_000_000_000;
const DAY: i64 = 86_400 * SECOND;

/// What a member of an enumeration, or a position that is none's, is called in a set.
pub(crate) fn members_of(types: Option<&TypeTable>, class: &str, bits: u128) -> Vec<(Option<String>, i64)> {
    let members = types.and_then(|types| types.lookup(class).map(|ty| &types.definition(ty).members));
    let member = |position: i64| {
        let found = members.and_then(|members| members.iter().find(|(_, known)| *known == position));
        (found.map(|(name, _)| name.clone()), position)
    };
    (0..128).filter(|position| bits >> position & 1 == 1).map(member).collect()
}

/// A value as Python's `repr` writes it; the types say how members of sets are called. Times that are no whole microseconds, which Python has none of, are an ISO 8601
/// time or a number of seconds, `0.000000001s`.
pub(crate) fn repr(types: Option<&TypeTable>, value: &Value) -> String {
    let mut output = Vec::new();
    write(types, value, &mut output);
    String::from_utf8_lossy(&output).into_owned()
}

fn write(types: Option<&TypeTable>, value: &Value, output: &mut Vec<u8>) {
    if let Some((class, bits)) = value.known_set() {
        return write_set(class, &members_of(types, class, bits), output);
    }
    match value {
        Value::Float(value) => write_float(*value, output),
        Value::Text(text) => write_text(text, output),
        Value::Datetime(nanoseconds) => write_datetime(*nanoseconds, output),
        Value::Timedelta(nanoseconds) => write_timedelta(*nanoseconds, output),
        Value::Tuple(values) => {
            output.push(b'(');
            write_all(types, values, output);
            output.extend_from_slice(if values.len() == 1 { b",)" } else { b")" });
        }
        Value::List(values) => {
            output.push(b'[');
            write_all(types, values, output);
            output.push(b']');
        }
        Value::Dict(entries) => {
            output.push(b'{');
            for (index, (key, value)) in entries.iter().enumerate() {
                separate(index, output);
                write(types, key, output);
                output.extend_from_slice(b": ");
                write(types, value, output);
            }
            output.push(b'}');
        }
        Value::Record(class, fields) => match member(fields) {
            Some((name, number)) => output.extend_from_slice(format!("<{class}.{name}: {number}>").as_bytes()),
            None => {
                output.extend_from_slice(class.as_bytes());
                output.push(b'(');
                for (index, (name, value)) in fields.iter().enumerate() {
                    separate(index, output);
                    output.extend_from_slice(name.as_bytes());
                    output.push(b'=');
                    write(types, value, output);
                }
                output.push(b')');
            }
        },
        Value::None | Value::Boolean(_) | Value::Integer(_) | Value::LargeInteger(_) | Value::Host(_) => {
            output.extend_from_slice(value.to_string().as_bytes());
        }
    }
}

fn write_all(types: Option<&TypeTable>, values: &[Value], output: &mut Vec<u8>) {
    for (index, value) in values.iter().enumerate() {
        separate(index, output);
        write(types, value, output);
    }
}

/// A set as Python writes one of its members.
fn write_set(class: &str, members: &[(Option<String>, i64)], output: &mut Vec<u8>) {
    if members.is_empty() {
        return output.extend_from_slice(b"set()");
    }
    output.push(b'{');
    for (index, (name, position)) in members.iter().enumerate() {
        separate(index, output);
        match name {
            Some(name) => output.extend_from_slice(format!("<{class}.{name}: {position}>").as_bytes()),
            None => output.extend_from_slice(position.to_string().as_bytes()),
        }
    }
    output.push(b'}');
}

fn separate(index: usize, output: &mut Vec<u8>) {
    if index > 0 {
        output.extend_from_slice(b", ");
    }
}

/// The name and value of a member of an enumeration, by the fields of its record.
pub(crate) fn member(fields: &[(String, Value)]) -> Option<(&str, i64)> {
    match fields {
        [(name_field, Value::Text(name)), (value_field, Value::Integer(value)), ..]
            if name_field == "name" && value_field == "value" =>
        {
            Some((name, *value))
        }
        _ => None,
    }
}

fn write_text(text: &str, output: &mut Vec<u8>) {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut written = String::with_capacity(text.len() + 2);
    written.push(quote);
    for letter in text.chars() {
        match letter {
            '\\' => written.push_str("\\\\"),
            '\n' => written.push_str("\\n"),
            '\r' => written.push_str("\\r"),
            '\t' => written.push_str("\\t"),
            _ if letter == quote => {
                written.push('\\');
                written.push(letter);
            }
            _ if letter.is_ascii_control() => written.push_str(&format!("\\x{:02x}", u32::from(letter))),
            _ => written.push(letter),
        }
    }
    written.push(quote);
    output.extend_from_slice(written.as_bytes());
}

fn write_datetime(nanoseconds: i64, output: &mut Vec<u8>) {
    if nanoseconds % MICROSECOND != 0 {
        return write_instant(nanoseconds, output);
    }
    let parts = civil(nanoseconds);
    // Seconds and microseconds are left out where they are 0, as Python does; the minute never.
    let length = match parts {
        [_, _, _, _, _, 0, 0] => 5,
        [_, _, _, _, _, _, 0] => 6,
        _ => 7,
    };
    let parts: Vec<String> = parts[..length].iter().map(i64::to_string).collect();
    output
        .extend_from_slice(format!("datetime.datetime({}, tzinfo=datetime.timezone.utc)", parts.join(", ")).as_bytes());
}

fn write_timedelta(nanoseconds: i64, output: &mut Vec<u8>) {
    if nanoseconds % MICROSECOND != 0 {
        return write_duration(nanoseconds, output);
    }
    let (days, rest) = (nanoseconds.div_euclid(DAY), nanoseconds.rem_euclid(DAY));
    let parts = [("days", days), ("seconds", rest / SECOND), ("microseconds", rest % SECOND / MICROSECOND)];
    let parts: Vec<String> =
        parts.iter().filter(|(_, count)| *count != 0).map(|(name, count)| format!("{name}={count}")).collect();
    let parts = if parts.is_empty() { "0".to_owned() } else { parts.join(", ") };
    output.extend_from_slice(format!("datetime.timedelta({parts})").as_bytes());
}

#[cfg(test)]
mod tests {
    use super::repr;
    use cfunc_compiler::Value;

    #[test]
    fn as_python_writes_them() {
        let integers = |values: &[i64]| values.iter().map(|value| Value::Integer(*value)).collect::<Vec<_>>();
        let field = |name: &str, value: Value| (name.to_owned(), value);
        for (value, expected) in [
            (Value::None, "None"),
            (Value::Boolean(true), "True"),
            (Value::Integer(-7), "-7"),
            (Value::Float(1.0), "1.0"),
            (Value::Float(1e16), "1e+16"),
            (Value::Float(1e-5), "1e-05"),
            (Value::Float(-0.0), "-0.0"),
            (Value::Float(f64::NAN), "nan"),
            (Value::Text("it's".to_owned()), "\"it's\""),
            (Value::Text("a\n\\\u{1}".to_owned()), "'a\\n\\\\\\x01'"),
            (Value::Tuple(Vec::new()), "()"),
            (Value::Tuple(integers(&[1])), "(1,)"),
            (Value::List(integers(&[1, 2])), "[1, 2]"),
            (Value::Dict(vec![(Value::Integer(1), Value::Float(2.5))]), "{1: 2.5}"),
            (Value::set_of_members("Side", 0), "set()"),
            (Value::set_of_members("Side", 5), "{0, 2}"),
            (Value::Datetime(0), "datetime.datetime(1970, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)"),
            (Value::Datetime(1_000_000_000), "datetime.datetime(1970, 1, 1, 0, 0, 1, tzinfo=datetime.timezone.utc)"),
            (
                Value::Datetime(-1_000),
                "datetime.datetime(1969, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.timezone.utc)",
            ),
            (Value::Datetime(1), "1970-01-01T00:00:00.000000001Z"),
            (Value::Timedelta(0), "datetime.timedelta(0)"),
            (Value::Timedelta(-1_000), "datetime.timedelta(days=-1, seconds=86399, microseconds=999999)"),
            (Value::Timedelta(90_000_000_000), "datetime.timedelta(seconds=90)"),
            (
                Value::Record(
                    "Interval".to_owned(),
                    vec![field("lo", Value::Float(0.0)), field("hi", Value::Float(1.0))],
                ),
                "Interval(lo=0.0, hi=1.0)",
            ),
            (
                Value::Record(
                    "Side".to_owned(),
                    vec![field("name", Value::from("BUY")), field("value", Value::Integer(1))],
                ),
                "<Side.BUY: 1>",
            ),
        ] {
            assert_eq!(repr(None, &value), expected);
        }
    }
}
