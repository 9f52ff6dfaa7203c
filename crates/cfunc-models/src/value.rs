//! Dynamic values: constants of the source, values bound by a host, results that are boxed.

use std::fmt;

use crate::{HostObject, HostValue};

/// A value whose type is known at run time of the compiler only.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Python's None.
    None,
    /// A truth value.
    Boolean(bool),
    /// A signed 64-bit integer.
    Integer(i64),
    /// An integer beyond 64 bits, on the way to another value: what a node holds is within them. `None` where it is
    /// beyond 128 bits too, and nothing more is known of it. Boxed, so that other values and the trees that hold them stay
    /// small.
    LargeInteger(Option<Box<i128>>),
    /// An IEEE double.
    Float(f64),
    /// A text.
    Text(String),
    /// An instant, in nanoseconds since 1970-01-01T00:00:00 UTC.
    Datetime(i64),
    /// A duration in nanoseconds.
    Timedelta(i64),
    /// A tuple.
    Tuple(Vec<Value>),
    /// A list.
    List(Vec<Value>),
    /// A dict, in insertion order.
    Dict(Vec<(Value, Value)>),
    /// A value of a registered type, by the type's name and its fields.
    Record(String, Vec<(String, Value)>),
    /// An object of the host's own: an argument of a call or its result, never a constant.
    Host(HostValue),
}

/// A kind of value that is built in. Records are of the kind that their type's name is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum ValueKind {
    /// None.
    None,
    /// Truth values.
    Boolean,
    /// Integers.
    Integer,
    /// Floats.
    Float,
    /// Texts.
    Text,
    /// Instants.
    Datetime,
    /// Durations.
    Timedelta,
    /// Tuples.
    Tuple,
    /// Lists.
    List,
    /// Dicts.
    Dict,
}

impl ValueKind {
    /// Every kind, in the order of their numbers.
    pub const ALL: [Self; 10] = [
        Self::None,
        Self::Boolean,
        Self::Integer,
        Self::Float,
        Self::Text,
        Self::Datetime,
        Self::Timedelta,
        Self::Tuple,
        Self::List,
        Self::Dict,
    ];

    /// As a user would say it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Boolean => "bool",
            Self::Integer => "int",
            Self::Float => "float",
            Self::Text => "str",
            Self::Datetime => "datetime",
            Self::Timedelta => "timedelta",
            Self::Tuple => "tuple",
            Self::List => "list",
            Self::Dict => "dict",
        }
    }
}

impl Value {
    /// Whether it is a container, which may change after it was made.
    pub const fn is_mutable(&self) -> bool {
        matches!(self, Self::List(_) | Self::Dict(_))
    }

    /// An integer of any size up to 128 bits; `None` stands for a larger one.
    pub fn integer(value: Option<i128>) -> Self {
        match value.map(i64::try_from) {
            Some(Ok(value)) => Self::Integer(value),
            Some(Err(_)) | None => Self::LargeInteger(value.map(Box::new)),
        }
    }

    /// Whether it is beyond what a node can hold, or has such a part.
    pub fn is_too_large(&self) -> bool {
        match self {
            Self::LargeInteger(_) => true,
            Self::Tuple(values) | Self::List(values) => values.iter().any(Self::is_too_large),
            Self::Dict(entries) => entries.iter().any(|(key, value)| key.is_too_large() || value.is_too_large()),
            Self::Record(_, fields) => fields.iter().any(|(_, value)| value.is_too_large()),
            Self::None
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Datetime(_)
            | Self::Timedelta(_)
            | Self::Host(_) => false,
        }
    }

    /// Whether it is of a kind that literals are written for: numbers and texts.
    pub const fn is_literal(&self) -> bool {
        matches!(self, Self::Boolean(_) | Self::Integer(_) | Self::LargeInteger(_) | Self::Float(_) | Self::Text(_))
    }

    /// The kind of values that are types: what `int` is as an argument of `isinstance`.
    pub const TYPE_KIND: &'static str = "type";

    /// A type as a value, by its name.
    pub fn type_object(name: &str) -> Self {
        Self::Record(Self::TYPE_KIND.to_owned(), vec![("name".to_owned(), Self::Text(name.to_owned()))])
    }

    /// The name of the type that a value is.
    pub fn type_name(&self) -> Option<&str> {
        match self {
            Self::Record(kind, fields) if kind == Self::TYPE_KIND => match fields.as_slice() {
                [(_, Self::Text(name))] => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// The field of a record that stands for an object of the host.
    const OBJECT_FIELD: &'static str = "object";

    /// An object of the host as a value: of an opaque type, by the name that the host gives the object. The name is part of
    /// semantic keys, the address is found when code is made.
    pub fn object(type_name: &str, name: &str) -> Self {
        Self::Record(type_name.to_owned(), vec![(Self::OBJECT_FIELD.to_owned(), Self::Text(name.to_owned()))])
    }

    /// The name of the object that a value stands for.
    pub fn object_name(&self) -> Option<&str> {
        match self {
            Self::Record(_, fields) => match fields.as_slice() {
                [(field, Self::Text(name))] if field == Self::OBJECT_FIELD => Some(name),
                _ => None,
            },
            _ => None,
        }
    }

    /// An object of the host's own as a value of a kind.
    pub fn host(kind: &str, object: HostObject) -> Self {
        Self::Host(HostValue::new(kind, object))
    }

    /// Whether it is an object of the host's own, or has one as a part.
    pub fn has_host_object(&self) -> bool {
        match self {
            Self::Host(_) => true,
            Self::Tuple(values) | Self::List(values) => values.iter().any(Self::has_host_object),
            Self::Dict(entries) => entries.iter().any(|(key, value)| key.has_host_object() || value.has_host_object()),
            Self::Record(_, fields) => fields.iter().any(|(_, value)| value.has_host_object()),
            Self::None
            | Self::Boolean(_)
            | Self::Integer(_)
            | Self::LargeInteger(_)
            | Self::Float(_)
            | Self::Text(_)
            | Self::Datetime(_)
            | Self::Timedelta(_) => false,
        }
    }

    /// What kind of value it is, as a user would say it.
    pub fn kind(&self) -> &str {
        match self.built_in_kind() {
            Ok(kind) => kind.name(),
            Err(record) => record,
        }
    }

    /// The kind of a built-in value.
    ///
    /// # Errors
    ///
    /// Of a record there is none: the name of its type; nor of an object of the host: its kind.
    pub fn built_in_kind(&self) -> Result<ValueKind, &str> {
        Ok(match self {
            Self::None => ValueKind::None,
            Self::Boolean(_) => ValueKind::Boolean,
            Self::Integer(_) | Self::LargeInteger(_) => ValueKind::Integer,
            Self::Float(_) => ValueKind::Float,
            Self::Text(_) => ValueKind::Text,
            Self::Datetime(_) => ValueKind::Datetime,
            Self::Timedelta(_) => ValueKind::Timedelta,
            Self::Tuple(_) => ValueKind::Tuple,
            Self::List(_) => ValueKind::List,
            Self::Dict(_) => ValueKind::Dict,
            Self::Record(name, _) => return Err(name.as_str()),
            Self::Host(host) => return Err(host.kind()),
        })
    }

    /// Whether two values are the same to the last bit (unlike `==`, nan is nan and 0.0 is not -0.0).
    pub fn same_bits(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Float(left), Self::Float(right)) => left.to_bits() == right.to_bits(),
            (Self::Tuple(left), Self::Tuple(right)) | (Self::List(left), Self::List(right)) => {
                left.len() == right.len() && left.iter().zip(right).all(|(left, right)| left.same_bits(right))
            }
            (Self::Dict(left), Self::Dict(right)) => {
                left.len() == right.len()
                    && left
                        .iter()
                        .zip(right)
                        .all(|(left, right)| left.0.same_bits(&right.0) && left.1.same_bits(&right.1))
            }
            (Self::Record(left_name, left), Self::Record(right_name, right)) => {
                left_name == right_name
                    && left.len() == right.len()
                    && left.iter().zip(right).all(|(left, right)| left.0 == right.0 && left.1.same_bits(&right.1))
            }
            _ => self == other,
        }
    }
}

impl fmt::Display for Value {
    /// As Python's `repr`; times as their nanoseconds.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sequence = |formatter: &mut fmt::Formatter<'_>, values: &[Self]| {
            for (index, value) in values.iter().enumerate() {
                if index > 0 {
                    formatter.write_str(", ")?;
                }
                write!(formatter, "{value}")?;
            }
            Ok(())
        };
        match self {
            Self::None => formatter.write_str("None"),
            Self::Boolean(true) => formatter.write_str("True"),
            Self::Boolean(false) => formatter.write_str("False"),
            Self::Integer(value) => write!(formatter, "{value}"),
            Self::LargeInteger(Some(value)) => write!(formatter, "{value}"),
            Self::LargeInteger(None) => formatter.write_str("an int beyond 128 bits"),
            Self::Float(value) if value.is_nan() => formatter.write_str("nan"),
            Self::Float(value) if value.is_infinite() => formatter.write_str(if *value > 0.0 { "inf" } else { "-inf" }),
            Self::Float(value) => write!(formatter, "{value:?}"),
            Self::Text(value) => write!(formatter, "{value:?}"),
            Self::Datetime(value) => write!(formatter, "datetime({value} ns)"),
            Self::Timedelta(value) => write!(formatter, "timedelta({value} ns)"),
            Self::Tuple(values) => {
                formatter.write_str("(")?;
                sequence(formatter, values)?;
                formatter.write_str(if values.len() == 1 { ",)" } else { ")" })
            }
            Self::List(values) => {
                formatter.write_str("[")?;
                sequence(formatter, values)?;
                formatter.write_str("]")
            }
            Self::Dict(entries) => {
                formatter.write_str("{")?;
                for (index, (key, value)) in entries.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    write!(formatter, "{key}: {value}")?;
                }
                formatter.write_str("}")
            }
            Self::Record(name, fields) => {
                write!(formatter, "{name}(")?;
                for (index, (field, value)) in fields.iter().enumerate() {
                    if index > 0 {
                        formatter.write_str(", ")?;
                    }
                    write!(formatter, "{field}={value}")?;
                }
                formatter.write_str(")")
            }
            Self::Host(host) => write!(formatter, "{host}"),
        }
    }
}

macro_rules! value_from {
    ($($type:ty => $variant:ident),*) => {
        $(impl From<$type> for Value {
            fn from(value: $type) -> Self {
                Self::$variant(value.into())
            }
        })*
    };
}

value_from!(bool => Boolean, i64 => Integer, i32 => Integer, f64 => Float, &str => Text, String => Text);
