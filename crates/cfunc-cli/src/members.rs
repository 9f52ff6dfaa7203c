//! Members of an enum, and sets of them, as a cell of a file has them.

use cfunc_compiler::{Type, TypeTable, Value};

use crate::number::parse_integer;

/// What stands between the members of a set.
const SEPARATOR: char = '|';
/// The set without members: an empty cell is no value.
const EMPTY: &str = "{}";

/// The members of an enum.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Members {
    class: String,
    /// The first name of each value comes first.
    names: Vec<(String, i64)>,
    aliases: Vec<(String, i64)>,
}

impl Members {
    /// Those of an enum.
    pub(crate) fn of(types: &TypeTable, ty: Type) -> Self {
        let definition = types.definition(ty);
        Self {
            class: definition.name.clone(),
            names: definition.members.to_vec(),
            aliases: definition.aliases.to_vec(),
        }
    }

    /// The value of a member: its name, perhaps behind that of the class, or its integer.
    pub(crate) fn member(&self, text: &str) -> Option<Value> {
        let name = text.strip_prefix(self.class.as_str()).and_then(|rest| rest.strip_prefix('.')).unwrap_or(text);
        let mut all = self.names.iter().chain(&self.aliases);
        let value = match all.find(|(known, _)| known == name) {
            Some((_, value)) => *value,
            None => parse_integer(name.as_bytes()).ok().filter(|value| self.name_of(*value).is_some())?,
        };
        Some(Value::Integer(value))
    }

    /// The members of a set: `A|B`.
    pub(crate) fn set(&self, text: &str) -> Option<Value> {
        if text == EMPTY {
            return Some(Value::List(Vec::new()));
        }
        let members = text.split(SEPARATOR).map(|member| self.member(member.trim()));
        members.collect::<Option<_>>().map(Value::List)
    }

    fn name_of(&self, value: i64) -> Option<&str> {
        self.names.iter().find(|(_, known)| *known == value).map(|(name, _)| name.as_str())
    }

    /// The name of the member of a value; the integer where there is none.
    pub(crate) fn written(&self, value: Value) -> Value {
        match &value {
            Value::Integer(number) => self.name_of(*number).map_or(value, Value::from),
            _ => value,
        }
    }

    /// What a cell of a member, or of a set of them, should have had.
    pub(crate) fn expected(&self, of_set: bool) -> String {
        const SHOWN: usize = 8;
        let more = if self.names.len() > SHOWN { ", …" } else { "" };
        let names: Vec<&str> = self.names.iter().take(SHOWN).map(|(name, _)| name.as_str()).collect();
        let names = names.join(", ");
        if of_set {
            format!("members of {} such as `A|B`, or `{EMPTY}`, of {names}{more}", self.class)
        } else {
            format!("a member of {}: {names}{more}", self.class)
        }
    }
}

/// A set as it is written: its members, which are texts and integers.
pub(crate) fn written_set(members: &[Value]) -> Value {
    if members.is_empty() {
        return Value::from(EMPTY);
    }
    let members: Vec<String> = members
        .iter()
        .map(|member| match member {
            Value::Text(name) => name.clone(),
            other => other.to_string(),
        })
        .collect();
    Value::Text(members.join(&SEPARATOR.to_string()))
}

#[cfg(test)]
mod tests {
    use super::{Members, written_set};
    use cfunc_compiler::Value;

    fn members() -> Members {
        let named = |names: &[(&str, i64)]| names.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect();
        Members { class: "Flag".to_owned(), names: named(&[("A", 0), ("B", 5)]), aliases: named(&[("C", 5)]) }
    }

    #[test]
    fn members_read() {
        for (text, expected) in
            [("A", Some(0)), ("Flag.B", Some(5)), ("C", Some(5)), ("5", Some(5)), ("4", None), ("D", None), ("", None)]
        {
            assert_eq!(members().member(text), expected.map(Value::Integer), "{text}");
        }
        assert_eq!(members().expected(false), "a member of Flag: A, B");
    }

    #[test]
    fn sets_read_and_print() {
        let set = |values: &[i64]| Some(Value::List(values.iter().map(|value| Value::Integer(*value)).collect()));
        for (text, expected) in [
            ("{}", set(&[])),
            ("A", set(&[0])),
            ("A|Flag.B", set(&[0, 5])),
            (" B | 0 ", set(&[5, 0])),
            ("A|", None),
            ("A|D", None),
        ] {
            assert_eq!(members().set(text), expected, "{text}");
        }
        assert_eq!(written_set(&[]), Value::from("{}"));
        assert_eq!(written_set(&[Value::from("A"), Value::Integer(7)]), Value::from("A|7"));
        assert_eq!(members().written(Value::Integer(5)), Value::from("B"));
        assert_eq!(members().written(Value::Integer(6)), Value::Integer(6));
    }
}
