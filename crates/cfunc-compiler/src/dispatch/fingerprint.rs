//! What the kinds of arguments say of their types, in one word: four bits an argument, and their number.

use cfunc_context::Registry;
use cfunc_models::{Type, Value, ValueKind};

/// The most arguments of a fingerprint; the four bits above them hold how many there are.
const MOST_ARGUMENTS: usize = 15;
/// The kinds whose values may all have one type; the code of each is its position plus one.
const KINDS: [ValueKind; 6] = [
    ValueKind::None,
    ValueKind::Boolean,
    ValueKind::Integer,
    ValueKind::Float,
    ValueKind::Datetime,
    ValueKind::Timedelta,
];
/// The code of a default.
const DEFAULT: u64 = 15;

/// The types of the kinds of values, where they depend on the kind alone.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Uniform {
    types: [Option<Type>; KINDS.len()],
}

impl Uniform {
    pub(crate) fn new(registry: &Registry) -> Self {
        Self { types: KINDS.map(|kind| registry.type_of_kind(kind)) }
    }

    /// The fingerprint of arguments of certain types; `None` where no fingerprint of values stands for them.
    pub(crate) fn of_types(&self, types: impl IntoIterator<Item = Option<Type>>) -> Option<Fingerprint> {
        let mut fingerprint = Fingerprint::default();
        for ty in types {
            let code = match ty {
                None => DEFAULT,
                Some(ty) => (1..).zip(&self.types).find(|(_, known)| **known == Some(ty))?.0,
            };
            fingerprint.push(code)?;
        }
        Some(fingerprint)
    }
}

/// The kinds of arguments.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Fingerprint {
    bits: u64,
    count: u32,
}

impl Fingerprint {
    #[inline]
    fn push(&mut self, code: u64) -> Option<()> {
        if self.count as usize >= MOST_ARGUMENTS {
            return None;
        }
        self.bits |= code << (4 * self.count);
        self.count += 1;
        Some(())
    }

    /// That of values; `None` where one is of a kind whose values may have several types.
    #[inline]
    pub(crate) fn of_values(values: &[Value]) -> Option<Self> {
        let mut fingerprint = Self::default();
        for value in values {
            let code = match value {
                Value::None => 1,
                Value::Boolean(_) => 2,
                Value::Integer(_) => 3,
                Value::Float(_) => 4,
                Value::Datetime(_) => 5,
                Value::Timedelta(_) => 6,
                _ => return None,
            };
            fingerprint.push(code)?;
        }
        Some(fingerprint)
    }

    /// With so many defaults after it.
    #[inline]
    pub(crate) fn with_defaults(mut self, count: usize) -> Option<Self> {
        for _ in 0..count {
            self.push(DEFAULT)?;
        }
        Some(self)
    }
}
