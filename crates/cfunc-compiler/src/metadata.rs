//! Metadata of a compilation result.

use std::fmt;

use cfunc_models::{MetadataMap, MetadataValue, TypeTable, Value};

/// What a host needs to know of a compiled function besides its address: slots, names, initial values. By name, in the
/// order of the source categories; the common ones have getters.
#[derive(Clone, Debug, PartialEq)]
pub struct Metadata {
    map: MetadataMap,
}

impl Metadata {
    pub(crate) fn new(map: MetadataMap) -> Self {
        Self { map }
    }

    /// An entry by name.
    pub fn get(&self, name: &str) -> Option<&MetadataValue> {
        self.map.get(name)
    }

    /// All entries in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &MetadataValue)> {
        self.map.iter().map(|(name, value)| (name.as_str(), value))
    }

    /// Initial values of the states, in slot order.
    pub fn state_values(&self) -> &[Value] {
        match self.get("state_values") {
            Some(MetadataValue::Values(values)) => values,
            _ => &[],
        }
    }

    /// Names of the states, in slot order.
    pub fn state_names(&self) -> &[String] {
        self.texts("state_names")
    }

    /// The state slots that are containers: NULL before START, the container's pointer until STOP.
    pub fn nrt_state_indices(&self) -> &[i64] {
        self.integers("nrt_state_indices")
    }

    /// The state slots that point at a buffer of the host's.
    pub fn struct_state_indices(&self) -> &[i64] {
        self.integers("struct_state_indices")
    }

    /// Sizes in bytes of those buffers, in the order of [`Metadata::struct_state_indices`].
    pub fn struct_state_sizes(&self) -> &[i64] {
        self.integers("struct_state_sizes")
    }

    /// Names of the signal inputs in slot order, where the signals extension is registered.
    pub fn ordered_input_signals(&self) -> &[String] {
        self.texts("ordered_input_signals")
    }

    fn integers(&self, name: &str) -> &[i64] {
        match self.get(name) {
            Some(MetadataValue::Integers(values)) => values,
            _ => &[],
        }
    }

    fn texts(&self, name: &str) -> &[String] {
        match self.get(name) {
            Some(MetadataValue::Texts(values)) => values,
            _ => &[],
        }
    }

    /// `name = value`, a line each, types by their names.
    pub(crate) fn lines(&self, types: &TypeTable, sink: &mut impl fmt::Write) -> fmt::Result {
        for (name, value) in self.iter() {
            write!(sink, "{name} = ")?;
            match value {
                MetadataValue::Integer(value) => write!(sink, "{value}")?,
                MetadataValue::Text(value) => write!(sink, "{value:?}")?,
                MetadataValue::Texts(values) => list(sink, values, |text| format!("{text:?}"))?,
                MetadataValue::Integers(values) => list(sink, values, ToString::to_string)?,
                MetadataValue::Values(values) => list(sink, values, ToString::to_string)?,
                MetadataValue::Types(values) => list(sink, values, |ty| types.name(*ty).to_owned())?,
            }
            writeln!(sink)?;
        }
        Ok(())
    }
}

fn list<T>(sink: &mut impl fmt::Write, items: &[T], text: impl Fn(&T) -> String) -> fmt::Result {
    let items: Vec<String> = items.iter().map(text).collect();
    write!(sink, "[{}]", items.join(", "))
}
