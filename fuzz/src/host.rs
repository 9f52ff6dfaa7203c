//! What a host brings for programs: structs, an enumeration, flags. How values of all kinds are written as words.

use cfunc_compiler::{
    Extension, ExtensionId, FieldDescription, FieldType, RegisterStructs as _, Registrar, RegistrationError,
    StructDescription, StructReference, Value,
};
use serde_json::{Value as Json, json};

use crate::kind::Kind;

/// How a field lies in memory: as a cell of its kind, of which a word may be the second, a float of 32 bits, or an integer
/// of so many bits, with a sign or without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Memory {
    Cell,
    Second,
    Single,
    Signed(u8),
    Unsigned(u8),
}

/// A field of a struct; an array where there are more than one.
#[derive(Clone, Copy, Debug)]
struct Part {
    name: &'static str,
    kind: Kind,
    offset: usize,
    memory: Memory,
    count: u32,
    default: Option<i64>,
}

const fn part(name: &'static str, kind: Kind, offset: usize, memory: Memory) -> Part {
    Part { name, kind, offset, memory, count: 1, default: None }
}

const fn parts(name: &'static str, kind: Kind, offset: usize, memory: Memory, count: u32) -> Part {
    Part { count, ..part(name, kind, offset, memory) }
}

const POINT: &[Part] = &[
    part("x", Kind::Float, 0, Memory::Cell),
    part("n", Kind::Int, 8, Memory::Signed(32)),
    Part { default: Some(1), ..part("k", Kind::Int, 12, Memory::Unsigned(8)) },
    Part { default: Some(2), ..part("mode", Kind::Mode, 13, Memory::Signed(8)) },
];

const TRADE: &[Part] = &[
    part("price", Kind::Float, 0, Memory::Cell),
    part("size", Kind::Int, 8, Memory::Signed(16)),
    part("mode", Kind::Mode, 10, Memory::Cell),
    part("hidden", Kind::Bool, 12, Memory::Cell),
    part("total", Kind::Int, 16, Memory::Unsigned(64)),
    part("at", Kind::Time, 24, Memory::Cell),
    part("span", Kind::Delta, 32, Memory::Cell),
    part("marks", Kind::Marks, 48, Memory::Cell),
    part("point", Kind::Point, 64, Memory::Cell),
    part("ratio", Kind::Float, 40, Memory::Single),
    Part { default: Some(7), ..part("level", Kind::Int, 44, Memory::Signed(8)) },
];

const GRID: &[Part] = &[
    parts("cells", Kind::Int, 0, Memory::Signed(64), 4),
    parts("rates", Kind::Float, 32, Memory::Single, 3),
    parts("small", Kind::Int, 44, Memory::Signed(8), 4),
    part("corner", Kind::Point, 48, Memory::Cell),
    parts("points", Kind::Point, 64, Memory::Cell, 2),
    parts("modes", Kind::Mode, 96, Memory::Signed(8), 2),
];

/// Size and alignment, and the fields.
const fn structure(kind: Kind) -> Option<(usize, usize, &'static [Part])> {
    match kind {
        Kind::Point => Some((16, 8, POINT)),
        Kind::Trade => Some((80, 16, TRADE)),
        Kind::Grid => Some((104, 8, GRID)),
        _ => None,
    }
}

/// The members of an enumeration: of the module or of the host.
pub(crate) const fn members(kind: Kind) -> &'static [(&'static str, i64)] {
    match kind {
        Kind::Side => &[("BUY", 1), ("SELL", -1)],
        Kind::Level => &[("LOW", 1), ("HIGH", 10)],
        Kind::Flag | Kind::Flags => &[("A", 0), ("B", 5), ("C", 63), ("D", 64), ("E", 127)],
        Kind::Mode => &[("IDLE", 0), ("RUN", 2), ("HALT", -7)],
        Kind::Mark | Kind::Marks => &[("P", 0), ("Q", 31), ("R", 64), ("S", 126)],
        _ => &[],
    }
}

/// Registers `Mode`, `Mark`, `Point`, `Trade` and `Grid`.
#[derive(Clone, Copy, Debug)]
pub struct HostTypes;

impl Extension for HostTypes {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("fuzz", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        for kind in [Kind::Mode, Kind::Mark] {
            registrar.enumeration(kind.name(), members(kind).iter().copied())?;
        }
        for kind in Kind::STRUCTS {
            let Some((size, alignment, parts)) = structure(kind) else { continue };
            let fields = parts.iter().map(|part| {
                let field = FieldDescription::new(part.name, part.offset, field_type(part));
                match (part.default, part.kind) {
                    (Some(value), _) => field.default(value),
                    (None, Kind::Float) if part.memory == Memory::Single && part.count == 1 => field.default(0.5),
                    (None, _) => field,
                }
            });
            let description = StructDescription::new(kind.name(), size, alignment);
            registrar.structure_described(&fields.fold(description, StructDescription::field))?;
        }
        Ok(())
    }
}

fn field_type(part: &Part) -> FieldType {
    let one = match (part.memory, part.kind) {
        (Memory::Cell, kind) if structure(kind).is_some() => FieldType::Struct(StructReference::named(kind.name())),
        (Memory::Cell, Kind::Float) => FieldType::Float64,
        (Memory::Cell, Kind::Bool) => FieldType::Boolean,
        (Memory::Cell | Memory::Second, kind) => FieldType::Named(kind.name().to_owned()),
        (Memory::Single, _) => FieldType::Float32,
        (Memory::Signed(8), _) => FieldType::Int8,
        (Memory::Signed(16), _) => FieldType::Int16,
        (Memory::Signed(32), _) => FieldType::Int32,
        (Memory::Signed(_), _) => FieldType::Int64,
        (Memory::Unsigned(8), _) => FieldType::UInt8,
        (Memory::Unsigned(_), _) => FieldType::UInt64,
    };
    let one = if part.kind == Kind::Mode && part.memory != Memory::Cell { one.integers_of("Mode") } else { one };
    if part.count == 1 { one } else { FieldType::Array(Box::new(one), part.count) }
}

/// What a word of a value is, and the bits that memory has for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Word {
    pub(crate) kind: Kind,
    memory: Memory,
}

impl Word {
    /// A random word as what memory can hold.
    pub(crate) fn fitting(self, word: i64) -> i64 {
        match self.memory {
            Memory::Single => f64::from(f64::from_bits(word.cast_unsigned()) as f32).to_bits().cast_signed(),
            Memory::Signed(bits) => word << (64 - bits) >> (64 - bits),
            Memory::Unsigned(bits) => (word.cast_unsigned() << (64 - bits) >> (64 - bits)).cast_signed(),
            Memory::Cell | Memory::Second => word,
        }
    }

    /// Whether it is the second one of a set.
    pub(crate) fn is_second(self) -> bool {
        self.memory == Memory::Second
    }
}

/// The words that values of a kind are made of: one for each number in it, two for a set.
pub(crate) fn words_of(kind: Kind) -> Vec<Word> {
    let one = Word { kind, memory: Memory::Cell };
    match (structure(kind), kind) {
        (Some((_, _, parts)), _) => parts
            .iter()
            .flat_map(|part| {
                let mut words = words_of(part.kind);
                if let [word] = words.as_mut_slice() {
                    word.memory = part.memory;
                }
                words.repeat(part.count as usize)
            })
            .collect(),
        (None, Kind::Flags | Kind::Marks) => vec![one, Word { kind, memory: Memory::Second }],
        (None, _) => vec![one],
    }
}

/// The value that words are.
pub fn value(kind: Kind, words: &[i64]) -> Value {
    made(kind, &mut words.iter().copied())
}

fn made(kind: Kind, words: &mut impl Iterator<Item = i64>) -> Value {
    if let Some((_, _, parts)) = structure(kind) {
        let fields = parts.iter().map(|part| {
            let value = match part.count {
                1 => made(part.kind, words),
                count => Value::List((0..count).map(|_| made(part.kind, words)).collect()),
            };
            (part.name.to_owned(), value)
        });
        return Value::Record(kind.name().to_owned(), fields.collect());
    }
    let word = words.next().unwrap_or_default();
    match kind {
        Kind::Float | Kind::Rough => Value::Float(f64::from_bits(word.cast_unsigned())),
        Kind::Bool => Value::Boolean(word != 0),
        Kind::Delta => Value::Timedelta(word),
        Kind::Time => Value::Datetime(word),
        Kind::Flags | Kind::Marks => {
            let bits =
                u128::from(word.cast_unsigned()) | u128::from(words.next().unwrap_or_default().cast_unsigned()) << 64;
            Value::integer(Some(bits.cast_signed()))
        }
        _ => Value::Integer(word),
    }
}

/// The words of a value; `None` where it is none of the kind.
pub(crate) fn words(kind: Kind, value: &Value) -> Option<Vec<i64>> {
    let mut words = Vec::new();
    flatten(kind, value, &mut words)?;
    Some(words)
}

fn flatten(kind: Kind, value: &Value, words: &mut Vec<i64>) -> Option<()> {
    if let Some((_, _, parts)) = structure(kind) {
        let Value::Record(_, fields) = value else { return None };
        for part in parts {
            let (_, value) = fields.iter().find(|(name, _)| name == part.name)?;
            match value {
                Value::List(values) if part.count > 1 => {
                    values.iter().try_for_each(|value| flatten(part.kind, value, words))?;
                }
                value => flatten(part.kind, value, words)?,
            }
        }
        return Some(());
    }
    let word = match value {
        Value::Integer(word) | Value::Datetime(word) | Value::Timedelta(word) => *word,
        Value::Boolean(truth) => i64::from(*truth),
        Value::Float(float) => float.to_bits().cast_signed(),
        Value::List(elements) => {
            let bits = elements.iter().try_fold(0_u128, |bits, element| {
                let position = match element {
                    Value::Integer(position) => *position,
                    Value::Text(name) => members(kind).iter().find(|(known, _)| known == name)?.1,
                    _ => return None,
                };
                Some(bits | 1_u128.checked_shl(u32::try_from(position).ok()?)?)
            })?;
            words.push((bits as u64).cast_signed());
            ((bits >> 64) as u64).cast_signed()
        }
        _ => return None,
    };
    words.push(word);
    Some(())
}

/// The value that words are, as calls take it: members and sets say which enumeration they are of.
pub(crate) fn argument(kind: Kind, words: &[i64]) -> Value {
    given(kind, &mut words.iter().copied())
}

fn given(kind: Kind, words: &mut impl Iterator<Item = i64>) -> Value {
    if let Some((_, _, parts)) = structure(kind) {
        let fields = parts.iter().map(|part| {
            let value = match part.count {
                1 => given(part.kind, words),
                count => Value::List((0..count).map(|_| given(part.kind, words)).collect()),
            };
            (part.name.to_owned(), value)
        });
        return Value::Record(kind.name().to_owned(), fields.collect());
    }
    if let Kind::Flags | Kind::Marks = kind {
        let mut word = || u128::from(words.next().unwrap_or_default().cast_unsigned());
        return Value::set_of_members(class_of(kind), word() | word() << 64);
    }
    let Some((name, number)) = members(kind).first().map(|first| {
        let word = words.next().unwrap_or_default();
        *members(kind).iter().find(|(_, known)| *known == word).unwrap_or(first)
    }) else {
        return made(kind, words);
    };
    let fields = [("name", Value::Text(name.to_owned())), ("value", Value::Integer(number))];
    Value::Record(kind.name().to_owned(), fields.map(|(name, value)| (name.to_owned(), value)).into())
}

/// The enumeration whose members a set has.
const fn class_of(kind: Kind) -> &'static str {
    if matches!(kind, Kind::Flags) { Kind::Flag.name() } else { Kind::Mark.name() }
}

/// The words of what a call gave or changed; `None` where it is none of the kind.
pub(crate) fn words_of_argument(kind: Kind, value: &Value) -> Option<Vec<i64>> {
    if let Some((_, _, parts)) = structure(kind) {
        let Value::Record(class, fields) = value else { return None };
        if class != kind.name() || fields.len() != parts.len() {
            return None;
        }
        let mut words = Vec::new();
        for (part, (name, value)) in parts.iter().zip(fields) {
            let values = match value {
                Value::List(values) if part.count > 1 && values.len() == part.count as usize => values.as_slice(),
                value if part.count == 1 => std::slice::from_ref(value),
                _ => return None,
            };
            if name != part.name {
                return None;
            }
            for value in values {
                words.extend(words_of_argument(part.kind, value)?);
            }
        }
        return Some(words);
    }
    Some(match (kind, value) {
        (Kind::Int, Value::Integer(word))
        | (Kind::Time, Value::Datetime(word))
        | (Kind::Delta, Value::Timedelta(word)) => {
            vec![*word]
        }
        (Kind::Bool, Value::Boolean(truth)) => vec![i64::from(*truth)],
        // Any nan is as good as another one.
        (Kind::Float, Value::Float(float)) if float.is_nan() => vec![f64::NAN.to_bits().cast_signed()],
        (Kind::Float, Value::Float(float)) => vec![float.to_bits().cast_signed()],
        (Kind::Flags | Kind::Marks, value) => {
            let (class, bits) = value.known_set()?;
            if class != class_of(kind) {
                return None;
            }
            vec![(bits as u64).cast_signed(), ((bits >> 64) as u64).cast_signed()]
        }
        (kind, Value::Record(class, fields)) if class == kind.name() => {
            let field = |wanted: &str| fields.iter().find(|(name, _)| name == wanted).map(|(_, value)| value);
            let (Some(Value::Text(name)), Some(Value::Integer(number))) = (field("name"), field("value")) else {
                return None;
            };
            members(kind).contains(&(name.as_str(), *number)).then(|| vec![*number])?
        }
        _ => return None,
    })
}

/// What the oracle makes classes of.
pub(crate) fn classes() -> Json {
    let structs: serde_json::Map<String, Json> = Kind::STRUCTS
        .into_iter()
        .filter_map(|kind| {
            let fields: Vec<Json> = structure(kind)?
                .2
                .iter()
                .map(|part| {
                    let (bits, signed) = match part.memory {
                        Memory::Signed(bits) => (bits, true),
                        Memory::Unsigned(bits) => (bits, false),
                        Memory::Cell | Memory::Second | Memory::Single => (64, true),
                    };
                    let default = match part.memory {
                        Memory::Single if part.count == 1 => json!(0.5),
                        _ => json!(part.default),
                    };
                    let single = part.memory == Memory::Single;
                    json!([part.name, part.kind.name(), bits, signed, single, part.count, default])
                })
                .collect();
            Some((kind.name().to_owned(), json!(fields)))
        })
        .collect();
    let enumerations: serde_json::Map<String, Json> =
        [Kind::Mode, Kind::Mark].into_iter().map(|kind| (kind.name().to_owned(), json!(members(kind)))).collect();
    json!({"structs": structs, "enumerations": enumerations})
}
