//! What arguments and results of calls are made of, and how they are written as words for the oracle.

use cfunc_compiler::Value;
use serde_json::{Value as Json, json};

use crate::host::{argument, words_of_argument};
use crate::kind::Kind;
use crate::random::Random;
use crate::values;

/// The type of an argument or of a result.
#[derive(Clone, Debug, PartialEq)]
pub enum Shape {
    /// Nothing but None.
    None,
    /// A value of one of the kinds that cells may have.
    Plain(Kind),
    /// A tuple.
    Tuple(Vec<Self>),
    /// A value or None.
    Optional(Box<Self>),
    /// A list.
    List(Box<Self>),
    /// A dict, by its keys and values.
    Dict(Box<Self>, Box<Self>),
}

impl Shape {
    /// Of values of a kind, where numbers are of another.
    pub fn of(kind: Kind, number: Kind) -> Self {
        let list = |element| Self::List(Box::new(Self::of(element, number)));
        let dict = |key, value| Self::Dict(Box::new(Self::of(key, number)), Box::new(Self::of(value, number)));
        let tuple = |parts: &[Kind]| Self::Tuple(parts.iter().map(|part| Self::of(*part, number)).collect());
        match kind {
            Kind::Number => Self::Plain(number),
            Kind::Rough => Self::Plain(Kind::Float),
            Kind::Triple => tuple(&[Kind::Int; 3]),
            Kind::Pair => tuple(&[Kind::Int, Kind::Float]),
            Kind::Nested => {
                Self::Tuple(vec![Self::Plain(Kind::Int), Self::Plain(Kind::Int), tuple(&[Kind::Float, Kind::Bool])])
            }
            Kind::OptionalInt => Self::Optional(Box::new(Self::Plain(Kind::Int))),
            Kind::OptionalFloat => Self::Optional(Box::new(Self::Plain(Kind::Float))),
            Kind::Ints => list(Kind::Int),
            Kind::Floats => list(Kind::Float),
            Kind::Bools => list(Kind::Bool),
            Kind::Points => list(Kind::Point),
            Kind::Modes => list(Kind::Mode),
            Kind::MarkSets => list(Kind::Marks),
            Kind::Numbers => list(Kind::Number),
            Kind::IntDict => dict(Kind::Int, Kind::Int),
            Kind::FloatDict => dict(Kind::Int, Kind::Float),
            Kind::SideDict => dict(Kind::Side, Kind::Int),
            Kind::NumberDict => dict(Kind::Int, Kind::Number),
            plain => Self::Plain(plain),
        }
    }

    /// As an annotation or a signature writes it.
    pub fn annotation(&self) -> String {
        match self {
            Self::None => "None".to_owned(),
            Self::Plain(kind) => kind.name().to_owned(),
            Self::Tuple(parts) => {
                let parts: Vec<String> = parts.iter().map(Self::annotation).collect();
                format!("tuple[{}]", parts.join(", "))
            }
            Self::Optional(inner) => format!("{} | None", inner.annotation()),
            Self::List(element) => format!("list[{}]", element.annotation()),
            Self::Dict(key, value) => format!("dict[{}, {}]", key.annotation(), value.annotation()),
        }
    }

    /// Whether annotations can say it.
    pub(crate) const fn has_annotation(&self) -> bool {
        !matches!(self, Self::None | Self::Tuple(_) | Self::Optional(_))
    }

    /// As the oracle reads it.
    pub(crate) fn json(&self) -> Json {
        match self {
            Self::None => Json::Null,
            Self::Plain(kind) => json!(kind.name()),
            Self::Tuple(parts) => json!(["tuple", parts.iter().map(Self::json).collect::<Vec<_>>()]),
            Self::Optional(inner) => json!(["optional", inner.json()]),
            Self::List(element) => json!(["list", element.json()]),
            Self::Dict(key, value) => json!(["dict", key.json(), value.json()]),
        }
    }

    /// Whether it is of lists or dicts.
    pub(crate) const fn is_container(&self) -> bool {
        matches!(self, Self::List(_) | Self::Dict(..))
    }

    /// A random value. Where ints may stand for floats, all may, or those alone after a float that says what a list is of.
    pub(crate) fn random(&self, random: &mut Random, least: usize, ints: Ints) -> Value {
        match self {
            Self::None => Value::None,
            Self::Plain(Kind::Float) if ints == Ints::Everywhere && random.percent(30) => {
                Value::Integer(values::int_literal(random))
            }
            Self::Plain(Kind::Int) if ints == Ints::Everywhere && random.percent(15) => {
                Value::Boolean(random.percent(50))
            }
            Self::Plain(kind) => argument(*kind, &values::argument(random, *kind)),
            Self::Tuple(parts) => {
                Value::Tuple(parts.iter().map(|part| part.random(random, least, Ints::Nowhere)).collect())
            }
            Self::Optional(inner) if random.percent(70) => inner.random(random, least, Ints::Nowhere),
            Self::Optional(_) => Value::None,
            Self::List(element) => {
                let count = random.between(least, 6);
                Value::List((0..count).map(|index| element.random(random, least, ints.after(index))).collect())
            }
            Self::Dict(key, value) => {
                let mut entries: Vec<(Value, Value)> = Vec::new();
                for index in 0..random.between(least, 5) {
                    let key = match **key {
                        Self::Plain(Kind::Int) if random.percent(80) => Value::Integer(random.below(9) as i64),
                        ref key => key.random(random, least, Ints::Nowhere),
                    };
                    let value = value.random(random, least, ints.after(index));
                    if !entries.iter().any(|(known, _)| *known == key) {
                        entries.push((key, value));
                    }
                }
                Value::Dict(entries)
            }
        }
    }

    /// The words of a value; `None` where it is none of this shape. Of what was converted when it went in, ints and truth
    /// values may be where others are expected.
    pub(crate) fn words(&self, value: &Value, converted: bool) -> Option<Vec<i64>> {
        let mut words = Vec::new();
        self.write(value, converted, &mut words)?;
        Some(words)
    }

    fn write(&self, value: &Value, converted: bool, words: &mut Vec<i64>) -> Option<()> {
        let length = |count: usize| i64::try_from(count).ok();
        match (self, value) {
            (Self::None, Value::None) => Some(()),
            (Self::Plain(Kind::Float), Value::Integer(number)) if converted => {
                words.push((*number as f64).to_bits().cast_signed());
                Some(())
            }
            (Self::Plain(Kind::Int), Value::Boolean(truth)) if converted => {
                words.push(i64::from(*truth));
                Some(())
            }
            (Self::Plain(kind), value) => {
                words.extend(words_of_argument(*kind, value)?);
                Some(())
            }
            (Self::Tuple(parts), Value::Tuple(values)) if parts.len() == values.len() => {
                parts.iter().zip(values).try_for_each(|(part, value)| part.write(value, converted, words))
            }
            (Self::Optional(_), Value::None) => {
                words.push(0);
                Some(())
            }
            (Self::Optional(inner), value) => {
                words.push(1);
                inner.write(value, converted, words)
            }
            (Self::List(element), Value::List(values)) => {
                words.push(length(values.len())?);
                values.iter().try_for_each(|value| element.write(value, converted, words))
            }
            (Self::Dict(key, element), Value::Dict(entries)) => {
                words.push(length(entries.len())?);
                entries.iter().try_for_each(|(name, value)| {
                    key.write(name, converted, words)?;
                    element.write(value, converted, words)
                })
            }
            _ => None,
        }
    }
}

/// Where ints are given for floats, and truth values for ints.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ints {
    /// Nowhere.
    Nowhere,
    /// After the first element of a list or dict, which says what it is of.
    AfterTheFirst,
    /// Everywhere: an annotation says what they become.
    Everywhere,
}

impl Ints {
    const fn after(self, index: usize) -> Self {
        match self {
            Self::AfterTheFirst if index > 0 => Self::Everywhere,
            Self::AfterTheFirst | Self::Nowhere => Self::Nowhere,
            Self::Everywhere => Self::Everywhere,
        }
    }
}
