//! Prints values and patterns.

use std::fmt::Write;

use cfunc_models::Value;

use super::{Item, PatternPlace, Precedence, Printer};
use crate::ast::{Expression, Pattern, PatternKind};

impl<'a> Printer<'a> {
    pub(super) fn value(&mut self, value: &'a Value, place: Precedence) {
        let negative = match value {
            Value::Integer(value) => *value < 0,
            Value::LargeInteger(value) => value.as_ref().is_some_and(|value| **value < 0),
            Value::Float(value) => value.is_finite() && value.is_sign_negative(),
            _ => false,
        };
        // `-1 ** 2` is `-(1 ** 2)`, `1.real` is a number and a name.
        let parentheses = match value {
            Value::Integer(_) | Value::LargeInteger(_) if place == Precedence::Primary => true,
            _ => negative && place > Precedence::Unary,
        };
        // Only numbers need them, and numbers are written at once.
        if parentheses {
            self.output.push('(');
        }
        self.bare_value(value);
        if parentheses {
            self.output.push(')');
        }
    }

    fn bare_value(&mut self, value: &'a Value) {
        match value {
            Value::None => self.output.push_str("None"),
            Value::Boolean(true) => self.output.push_str("True"),
            Value::Boolean(false) => self.output.push_str("False"),
            Value::Float(value) => self.float(*value),
            Value::Text(text) => self.string(text),
            Value::Integer(_) | Value::LargeInteger(_) | Value::Datetime(_) | Value::Timedelta(_) => {
                self.write(format_args!("{value}"));
            }
            Value::Tuple(values) => {
                self.text("(");
                self.values(values);
                self.text(if values.len() == 1 { ",)" } else { ")" });
            }
            Value::List(values) => {
                self.text("[");
                self.values(values);
                self.text("]");
            }
            Value::Dict(entries) => {
                self.text("{");
                for (index, (key, value)) in entries.iter().enumerate() {
                    self.comma(index);
                    self.push(Item::Value(key, Precedence::Conditional));
                    self.text(": ");
                    self.push(Item::Value(value, Precedence::Conditional));
                }
                self.text("}");
            }
            Value::Record(name, fields) => {
                self.push(Item::Name(name));
                self.text("(");
                for (index, (field, value)) in fields.iter().enumerate() {
                    self.comma(index);
                    self.push(Item::Name(field));
                    self.text("=");
                    self.push(Item::Value(value, Precedence::Conditional));
                }
                self.text(")");
            }
            // No tree holds one: they are no constants.
            Value::Host(host) => self.push(Item::Name(host.kind())),
        }
    }

    fn values(&mut self, values: &'a [Value]) {
        for (index, value) in values.iter().enumerate() {
            self.comma(index);
            self.push(Item::Value(value, Precedence::Conditional));
        }
    }

    fn write(&mut self, arguments: std::fmt::Arguments<'_>) {
        // Writing to a String cannot fail.
        let _ = self.output.write_fmt(arguments);
    }

    fn float(&mut self, value: f64) {
        if value.is_nan() {
            // Equal text must mean equal bits, so a nan other than the usual one says which it is.
            if value.to_bits() == f64::NAN.to_bits() {
                self.output.push_str("float(\"nan\")");
            } else {
                self.write(format_args!("__float_bits__({:#018x})", value.to_bits()));
            }
        } else if value.is_infinite() {
            let sign = if value > 0.0 { "" } else { "-" };
            self.write(format_args!("float(\"{sign}inf\")"));
        } else {
            // The shortest digits that read back to the same double.
            self.write(format_args!("{value:?}"));
        }
    }

    fn string(&mut self, text: &str) {
        self.output.push('"');
        for character in text.chars() {
            match character {
                '"' => self.output.push_str("\\\""),
                '\\' => self.output.push_str("\\\\"),
                '\n' => self.output.push_str("\\n"),
                '\r' => self.output.push_str("\\r"),
                '\t' => self.output.push_str("\\t"),
                ' '..='~' => self.output.push(character),
                '\0'..='\u{ff}' => self.write(format_args!("\\x{:02x}", u32::from(character))),
                _ if character.is_alphanumeric() => self.output.push(character),
                '\u{100}'..='\u{ffff}' => {
                    self.write(format_args!("\\u{:04x}", u32::from(character)));
                }
                _ => self.write(format_args!("\\U{:08x}", u32::from(character))),
            }
        }
        self.output.push('"');
    }

    fn captured(&mut self, target: Option<&'a Expression>) {
        match target {
            Some(target) => self.push(Item::Expression(target, Precedence::Bare)),
            None => self.text("_"),
        }
    }

    pub(super) fn pattern(&mut self, pattern: &'a Pattern, place: PatternPlace) {
        let parentheses = match &pattern.kind {
            PatternKind::As(..) => place != PatternPlace::Open,
            PatternKind::Or(_) => place == PatternPlace::Closed,
            _ => false,
        };
        if parentheses {
            self.text("(");
        }
        match &pattern.kind {
            PatternKind::Value(value) => self.push(Item::Expression(value, Precedence::Sum)),
            PatternKind::Singleton(value) => self.push(Item::Value(value, Precedence::Bare)),
            PatternKind::Capture(target) => self.captured(target.as_ref()),
            PatternKind::As(inner, name) => {
                self.push(Item::Pattern(inner, PatternPlace::Alternative));
                self.text(" as ");
                self.captured(Some(name));
            }
            PatternKind::Or(patterns) => {
                for (index, pattern) in patterns.iter().enumerate() {
                    if index > 0 {
                        self.text(" | ");
                    }
                    self.push(Item::Pattern(pattern, PatternPlace::Closed));
                }
            }
            PatternKind::Sequence(patterns) => {
                self.text("[");
                for (index, pattern) in patterns.iter().enumerate() {
                    self.comma(index);
                    self.push(Item::Pattern(pattern, PatternPlace::Open));
                }
                self.text("]");
            }
            PatternKind::Star(target) => {
                self.text("*");
                self.captured(target.as_ref());
            }
            PatternKind::Unsupported(what) => self.unsupported(what),
        }
        if parentheses {
            self.text(")");
        }
    }
}
