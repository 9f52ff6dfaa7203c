//! Texts as numbers: what rules are registered for by name, frozen with the context.

use std::sync::Arc;

use cfunc_models::{Value, ValueKind};
use foldhash::HashMap;

/// Numbers for texts, from 0 on.
#[derive(Clone, Debug, Default)]
pub(crate) struct Interner {
    numbers: HashMap<Arc<str>, u32>,
    texts: Vec<Arc<str>>,
}

impl Interner {
    /// The number of a text, given on first use.
    pub(crate) fn intern(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).unwrap_or(u32::MAX);
        let text: Arc<str> = text.into();
        self.texts.push(Arc::clone(&text));
        self.numbers.insert(text, number);
        number
    }

    /// The number of a text, where it has one. Nothing is allocated.
    pub(crate) fn find(&self, text: &str) -> Option<u32> {
        self.numbers.get(text).copied()
    }

    /// The text of a number.
    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}

/// A kind of value that a rule may be for, by number: the built-in ones, then those of records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct KindId(u32);

impl KindId {
    pub(crate) const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The kinds of values that rules are registered for.
#[derive(Clone, Debug)]
pub(crate) struct Kinds {
    names: Interner,
}

impl Default for Kinds {
    fn default() -> Self {
        let mut names = Interner::default();
        for kind in ValueKind::ALL {
            names.intern(kind.name());
        }
        Self { names }
    }
}

impl Kinds {
    /// The number of a kind by name, given on first use.
    pub(crate) fn intern(&mut self, name: &str) -> KindId {
        KindId(self.names.intern(name))
    }

    /// The kind of a value; `None` for a record that no rule is for. A record names its type by text, as whoever made
    /// it may know no context: that is looked up here.
    pub(crate) fn of(&self, value: &Value) -> Option<KindId> {
        match value.built_in_kind() {
            Ok(kind) => Some(KindId(kind as u32)),
            Err(name) => self.names.find(name).map(KindId),
        }
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::{Value, ValueKind};

    use super::{Interner, Kinds};

    #[test]
    fn texts_have_one_number() {
        let mut interner = Interner::default();
        assert_eq!((interner.intern("a"), interner.intern("b"), interner.intern("a")), (0, 1, 0));
        assert_eq!((interner.find("b"), interner.find("c")), (Some(1), None));
        assert_eq!(interner.text(1), "b");
    }

    #[test]
    fn built_in_kinds_are_numbered_as_they_are_named() {
        let mut kinds = Kinds::default();
        for kind in ValueKind::ALL {
            assert_eq!(kinds.intern(kind.name()).index(), kind as usize);
        }
        let record = Value::Record("Price".to_owned(), Vec::new());
        assert_eq!(kinds.of(&record), None);
        let price = kinds.intern("Price");
        assert_eq!(kinds.of(&record), Some(price));
        assert_eq!(price.index(), ValueKind::ALL.len());
    }
}
