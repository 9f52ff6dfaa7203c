//! Metadata of a compilation result, by name.

use indexmap::IndexMap;

use crate::{Type, Value};

/// One entry of a result's metadata.
#[derive(Clone, Debug, PartialEq)]
pub enum MetadataValue {
    /// A number.
    Integer(i64),
    /// A text.
    Text(String),
    /// Texts, for instance names in slot order.
    Texts(Vec<String>),
    /// Numbers, for instance slot indices or sizes in bytes.
    Integers(Vec<i64>),
    /// Dynamic values, for instance initial states in slot order.
    Values(Vec<Value>),
    /// Types in order.
    Types(Vec<Type>),
}

/// Metadata by name, in the order of the source categories that gave it.
pub type MetadataMap = IndexMap<String, MetadataValue>;
