//! Constants of the command line as values.

use cfunc_compiler::Value;

use crate::number::{IntegerProblem, parse_boolean, parse_float, parse_integer};
use crate::time::{parse_duration, parse_iso};

const FORMS: &str = "a number, true, false, the name of a member of an enum, an ISO 8601 time, a duration such as `5s`, a list `[1, 2]` or a \
     dict `{1: 2.5}`";

/// Splits `name=value`.
pub(crate) fn split_assignment(text: &str) -> Result<(&str, &str), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.trim().is_empty() => Ok((name.trim(), value)),
        _ => Err(format!("`{text}` is not of the form NAME=VALUE")),
    }
}

/// Reads a constant: a scalar, or a list or dict of scalars.
pub(crate) fn parse_constant(text: &str) -> Result<Value, String> {
    let text = text.trim();
    if let Some(inner) = text.strip_prefix('[') {
        let inner = inner.strip_suffix(']').ok_or_else(|| format!("the list `{text}` does not end with `]`"))?;
        return elements(inner).map(parse_scalar).collect::<Result<_, _>>().map(Value::List);
    }
    if let Some(inner) = text.strip_prefix('{') {
        let inner = inner.strip_suffix('}').ok_or_else(|| format!("the dict `{text}` does not end with `}}`"))?;
        return elements(inner).map(parse_entry).collect::<Result<_, _>>().map(Value::Dict);
    }
    parse_scalar(text)
}

/// The parts between commas; a comma at the end adds none.
fn elements(text: &str) -> impl Iterator<Item = &str> {
    let text = text.trim();
    let text = text.strip_suffix(',').unwrap_or(text);
    text.split(',').filter(move |_| !text.is_empty())
}

fn parse_entry(text: &str) -> Result<(Value, Value), String> {
    let (key, value) =
        text.split_once(':').ok_or_else(|| format!("the entry `{}` of a dict has no `:`", text.trim()))?;
    Ok((parse_scalar(key)?, parse_scalar(value)?))
}

fn parse_scalar(text: &str) -> Result<Value, String> {
    let text = text.trim();
    match parse_integer(text.as_bytes()) {
        Ok(value) => return Ok(Value::Integer(value)),
        Err(IntegerProblem::Range) => return Err(format!("`{text}` does not fit a 64-bit int")),
        Err(IntegerProblem::Form) => {}
    }
    if let Some(value) = parse_boolean(text.as_bytes()) {
        return Ok(Value::Boolean(value));
    }
    if let Some(value) = parse_float(text.as_bytes()) {
        return Ok(Value::Float(value));
    }
    if let Some(value) = parse_duration(text) {
        return Ok(Value::Timedelta(value));
    }
    if let Ok(value) = parse_iso(text.as_bytes()) {
        return Ok(Value::Datetime(value));
    }
    if is_dotted_name(text) {
        return Ok(Value::Text(text.to_owned()));
    }
    Err(format!("`{text}` is not a constant: expected {FORMS}"))
}

/// Whether a text is a name, or names with dots between them: of a member of an enum, `BUY` or `Side.BUY`.
fn is_dotted_name(text: &str) -> bool {
    text.split('.').all(|part| {
        part.chars().all(|letter| letter.is_alphanumeric() || letter == '_')
            && part.starts_with(|first: char| first.is_alphabetic() || first == '_')
    })
}

#[cfg(test)]
mod tests {
    use super::{parse_constant, split_assignment};
    use cfunc_compiler::Value;

    #[test]
    fn scalars() {
        for (text, expected) in [
            ("5", Value::Integer(5)),
            ("-5", Value::Integer(-5)),
            ("0.1", Value::Float(0.1)),
            ("1e-3", Value::Float(0.001)),
            ("-inf", Value::Float(f64::NEG_INFINITY)),
            ("true", Value::Boolean(true)),
            ("False", Value::Boolean(false)),
            ("5s", Value::Timedelta(5_000_000_000)),
            ("-250ms", Value::Timedelta(-250_000_000)),
            ("BUY", Value::from("BUY")),
            ("Side.BUY", Value::from("Side.BUY")),
            ("1970-01-02", Value::Datetime(86_400_000_000_000)),
            ("1970-01-01T00:00:01Z", Value::Datetime(1_000_000_000)),
        ] {
            assert_eq!(parse_constant(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn containers() {
        assert_eq!(parse_constant("[]"), Ok(Value::List(Vec::new())));
        assert_eq!(
            parse_constant("[1, 2.5, true,]"),
            Ok(Value::List(vec![Value::Integer(1), Value::Float(2.5), Value::Boolean(true)]))
        );
        assert_eq!(parse_constant("{}"), Ok(Value::Dict(Vec::new())));
        assert_eq!(
            parse_constant("{1: 2.5, 2: 1970-01-01T00:00:00Z}"),
            Ok(Value::Dict(vec![(Value::Integer(1), Value::Float(2.5)), (Value::Integer(2), Value::Datetime(0)),]))
        );
    }

    #[test]
    fn what_is_no_constant() {
        for text in [
            "",
            "a-b",
            ".a",
            "1a",
            "[1",
            "[1,,2]",
            "[[1]]",
            "{1}",
            "{1:2",
            "5 apples",
            "99999999999999999999",
            "2020-13-01",
            "'a'",
        ] {
            assert!(parse_constant(text).is_err(), "{text}");
        }
        let nested = "[".repeat(100_000);
        assert!(parse_constant(&nested).is_err());
        assert_eq!(split_assignment("a=b=c"), Ok(("a", "b=c")));
        assert!(split_assignment("a").is_err());
        assert!(split_assignment("=1").is_err());
    }
}
