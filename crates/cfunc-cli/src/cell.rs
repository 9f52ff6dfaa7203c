//! Cells of a CSV file as values of inputs, and values of outputs as cells.

use std::fmt;

use cfunc_compiler::{Type, TypeTable, Value};

use crate::members::Members;
use crate::number::{IntegerProblem, parse_boolean, parse_float, parse_integer, write_float, write_integer};
use crate::time::{TimeFormat, TimeProblem, parse_duration, parse_iso, parse_seconds, write_duration, write_instant};

/// The types that a column can hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum CellKind {
    /// `int`.
    Integer,
    /// `float`.
    Float,
    /// `bool`.
    Boolean,
    /// `datetime`.
    Datetime,
    /// `timedelta`.
    Timedelta,
    /// An enum.
    Member(Members),
    /// A set of members of an enum.
    Set(Members),
}

impl CellKind {
    /// The kind of column that feeds an input of a type, if there is one.
    pub(crate) fn of(types: &TypeTable, ty: Type) -> Option<Self> {
        match types.name(ty) {
            "int" => Some(Self::Integer),
            "float" => Some(Self::Float),
            "bool" => Some(Self::Boolean),
            "datetime" => Some(Self::Datetime),
            "timedelta" => Some(Self::Timedelta),
            _ => {
                let definition = types.definition(ty);
                let of_set = definition.set_of.map(|members| Self::Set(Members::of(types, members)));
                of_set.or_else(|| (!definition.members.is_empty()).then(|| Self::Member(Members::of(types, ty))))
            }
        }
    }

    /// Reads a cell that is not empty.
    pub(crate) fn parse(&self, text: &[u8], format: Option<&TimeFormat>) -> Result<Value, Expected> {
        let as_text = || std::str::from_utf8(text).ok();
        match self {
            Self::Integer => parse_integer(text).map(Value::Integer).map_err(|problem| match problem {
                IntegerProblem::Form => Expected("an int".to_owned()),
                IntegerProblem::Range => Expected("an int that fits 64 bits".to_owned()),
            }),
            Self::Float => parse_float(text).map(Value::Float).ok_or_else(|| Expected("a float".to_owned())),
            Self::Boolean => {
                parse_boolean(text).map(Value::Boolean).ok_or_else(|| Expected("true, false, 1 or 0".to_owned()))
            }
            Self::Datetime => {
                let parsed = match format {
                    Some(format) => format.parse(text),
                    None => parse_iso(text),
                };
                parsed.map(Value::Datetime).map_err(|problem| match (problem, format) {
                    (TimeProblem::Range, _) => Expected("a time between the years 1677 and 2262".to_owned()),
                    (TimeProblem::Form, Some(format)) => Expected(format!("a time of the form `{}`", format.text())),
                    (TimeProblem::Form, None) => {
                        Expected("an ISO 8601 time (for other forms see --time-format)".to_owned())
                    }
                })
            }
            Self::Timedelta => as_text()
                .and_then(|text| parse_duration(text).or_else(|| parse_seconds(text)))
                .map(Value::Timedelta)
                .ok_or_else(|| Expected("a duration such as `1.5s` or `250ms`, or a number of seconds".to_owned())),
            Self::Member(members) => {
                as_text().and_then(|text| members.member(text)).ok_or_else(|| Expected(members.expected(false)))
            }
            Self::Set(members) => {
                as_text().and_then(|text| members.set(text)).ok_or_else(|| Expected(members.expected(true)))
            }
        }
    }
}

/// What should have been in a cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Expected(String);

impl fmt::Display for Expected {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// Appends the value of an output.
pub(crate) fn write_value(value: &Value, output: &mut Vec<u8>) {
    match value {
        Value::Float(value) => write_float(*value, output),
        Value::Integer(value) => write_integer(*value, output),
        Value::Boolean(value) => output.extend_from_slice(if *value { b"true".as_slice() } else { b"false" }),
        Value::Datetime(value) => write_instant(*value, output),
        Value::Timedelta(value) => write_duration(*value, output),
        Value::Text(value) => write_quoted(value.as_bytes(), output),
        other => write_quoted(other.to_string().as_bytes(), output),
    }
}

/// Appends a text as one cell, quoted where it must be.
pub(crate) fn write_quoted(text: &[u8], output: &mut Vec<u8>) {
    if !text.iter().any(|byte| matches!(byte, b',' | b'"' | b'\n' | b'\r')) {
        output.extend_from_slice(text);
        return;
    }
    output.push(b'"');
    for byte in text {
        if *byte == b'"' {
            output.push(b'"');
        }
        output.push(*byte);
    }
    output.push(b'"');
}

/// A cell as a message shows it: quoted with backticks, control characters escaped, long ones cut.
pub(crate) fn shown(cell: &[u8]) -> String {
    const MOST_CHARACTERS: usize = 60;
    let text = String::from_utf8_lossy(cell);
    let mut shown: String = text.chars().take(MOST_CHARACTERS).flat_map(escape).collect();
    if text.chars().count() > MOST_CHARACTERS {
        shown.push('…');
    }
    format!("`{shown}`")
}

fn escape(letter: char) -> Vec<char> {
    if letter.is_control() { letter.escape_default().collect() } else { vec![letter] }
}

#[cfg(test)]
mod tests {
    use super::{CellKind, shown, write_quoted, write_value};
    use cfunc_compiler::Value;

    #[test]
    fn cells_read() {
        assert_eq!(CellKind::Integer.parse(b"5", None), Ok(Value::Integer(5)));
        assert_eq!(CellKind::Float.parse(b"5", None), Ok(Value::Float(5.0)));
        assert_eq!(CellKind::Boolean.parse(b"1", None), Ok(Value::Boolean(true)));
        assert_eq!(CellKind::Datetime.parse(b"1970-01-01", None), Ok(Value::Datetime(0)));
        assert_eq!(CellKind::Timedelta.parse(b"250ms", None), Ok(Value::Timedelta(250_000_000)));
        assert_eq!(CellKind::Timedelta.parse(b"2", None), Ok(Value::Timedelta(2_000_000_000)));
    }

    #[test]
    fn cells_say_what_was_expected() {
        for (kind, text, expected) in [
            (CellKind::Integer, "1.5", "an int"),
            (CellKind::Integer, "99999999999999999999", "an int that fits 64 bits"),
            (CellKind::Float, "x", "a float"),
            (CellKind::Boolean, "2", "true, false, 1 or 0"),
            (CellKind::Datetime, "1/4/1999", "an ISO 8601 time (for other forms see --time-format)"),
            (CellKind::Datetime, "1500-01-01", "a time between the years 1677 and 2262"),
            (CellKind::Timedelta, "soon", "a duration such as `1.5s` or `250ms`, or a number of seconds"),
        ] {
            let problem = kind.parse(text.as_bytes(), None).expect_err(text);
            assert_eq!(problem.to_string(), expected);
        }
    }

    #[test]
    fn values_print() {
        for (value, expected) in [
            (Value::Float(0.1), "0.1"),
            (Value::Integer(-3), "-3"),
            (Value::Boolean(true), "true"),
            (Value::Datetime(0), "1970-01-01T00:00:00Z"),
            (Value::Timedelta(1_500_000_000), "1.5s"),
            (Value::List(vec![Value::Integer(1), Value::Integer(2)]), "\"[1, 2]\""),
        ] {
            let mut text = Vec::new();
            write_value(&value, &mut text);
            assert_eq!(String::from_utf8_lossy(&text), expected);
        }
    }

    #[test]
    fn quoting_and_showing() {
        let mut text = Vec::new();
        write_quoted(b"a\"b", &mut text);
        assert_eq!(text, b"\"a\"\"b\"");
        assert_eq!(shown(b"a\nb"), "`a\\nb`");
        assert_eq!(shown("x".repeat(100).as_bytes()).chars().count(), 63);
    }
}
