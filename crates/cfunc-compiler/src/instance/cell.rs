//! Cells: what they hold, and how Rust values and dynamic values get in and out.

use cfunc_models::{CellForm, DataModel, Representation, Type, TypeDefinition, TypeTable, Value};

use super::memory;
use crate::CfuncStruct;

/// An instant, in nanoseconds since 1970-01-01T00:00:00 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Datetime(pub i64);

/// A duration in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Timedelta(pub i64);

/// What a cell holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CellKind {
    /// One byte; any but 0 is true.
    Truth,
    Int8,
    Int16,
    Int32,
    Int64,
    Int128,
    Float64,
    /// An address in the host's memory.
    Pointer,
    /// An i64 of nanoseconds.
    Datetime,
    /// An i64 of nanoseconds.
    Timedelta,
    /// An object of the host; the slot holds its address.
    Object,
    /// The 64 bits of a set, which are no number.
    Set64,
    /// The lowest bytes of an integer.
    Packed,
    /// The host's buffer with the components of the type.
    Buffer,
    /// A container that the node owns.
    Container,
    /// The host's memory with the layout of a struct.
    Place,
}

impl CellKind {
    /// How a type is held; `None` where it is not.
    pub(super) fn of(types: &TypeTable, ty: Type) -> Option<Self> {
        let definition = types.definition(ty);
        Some(match (definition.cell, &definition.model) {
            (CellForm::Truth, _) => Self::Truth,
            (CellForm::Scalar, DataModel::Scalar(representation)) => match representation {
                Representation::I8 => Self::Int8,
                Representation::I16 => Self::Int16,
                Representation::I32 => Self::Int32,
                Representation::I64 if definition.set_of.is_some() => Self::Set64,
                Representation::I64 => match definition.name.as_str() {
                    "datetime" => Self::Datetime,
                    "timedelta" => Self::Timedelta,
                    _ => Self::Int64,
                },
                Representation::I128 => Self::Int128,
                Representation::F64 => Self::Float64,
                Representation::Pointer => Self::Pointer,
            },
            (CellForm::Object, _) => Self::Object,
            (CellForm::Packed(_), DataModel::Scalar(_)) => Self::Packed,
            (CellForm::Buffer, _) => Self::Buffer,
            (CellForm::Place, _) => Self::Place,
            (CellForm::Container, _) => Self::Container,
            (CellForm::Scalar | CellForm::Packed(_) | CellForm::None, _) => return None,
        })
    }
}

pub(super) mod sealed {
    use cfunc_models::{Type, TypeTable};

    /// Keeps [`CellValue`](super::CellValue) to the types that a cell can hold: a foreign implementation could read
    /// beyond one.
    pub trait Sealed {
        #[doc(hidden)]
        const KINDS: u32;
        /// What tells the layout of a struct from others; `None` where a cell of the type holds another one.
        #[doc(hidden)]
        fn fingerprint(types: &TypeTable, ty: Type) -> Option<u64> {
            let _ = (types, ty);
            Some(0)
        }
        #[doc(hidden)]
        type Memory: Copy;
        #[doc(hidden)]
        fn from_memory(memory: Self::Memory) -> Self;
        #[doc(hidden)]
        fn into_memory(self) -> Self::Memory;
    }
}

/// Structs that a derive describes: what makes them values of cells.
pub trait StructCell: CfuncStruct {}

impl<T: StructCell> sealed::Sealed for T {
    const KINDS: u32 = bit(CellKind::Place);
    type Memory = T;

    fn fingerprint(types: &TypeTable, ty: Type) -> Option<u64> {
        let mut types = types.clone();
        // A struct of the name that is there already is compared with the description.
        let described = types.define_structure(&T::description(), &mut |_types, _name| None);
        (described == Ok(ty)).then(|| memory::fingerprint(&types, ty))
    }

    #[inline]
    fn from_memory(memory: T) -> T {
        memory
    }

    #[inline]
    fn into_memory(self) -> T {
        self
    }
}

impl<T: StructCell> CellValue for T {}

/// Whether cells that are read and written as a `T` hold structs.
pub(super) const fn is_struct<T: CellValue>() -> bool {
    T::KINDS == bit(CellKind::Place)
}

/// Rust types that cells are read and written as: `f64`; `i64` (ints, datetimes and timedeltas, the latter in
/// nanoseconds); [`Datetime`]; [`Timedelta`]; `bool`; `i8`, `i16`, `i32`, `i128` for enums and enumsets of that width;
/// structs with `#[derive(CfuncStruct)]`; [`Member`](crate::Member) and [`MemberSet`](crate::MemberSet) of enums with
/// `#[derive(CfuncEnum)]`.
pub trait CellValue: sealed::Sealed + Copy {}

pub(super) const fn bit(kind: CellKind) -> u32 {
    1 << kind as u32
}

macro_rules! cell_values {
    ($($type:ty as $memory:ty: $($kind:ident)|+, $from:expr, $into:expr;)*) => {
        $(
            impl sealed::Sealed for $type {
                const KINDS: u32 = $(bit(CellKind::$kind))|+;
                type Memory = $memory;
                #[inline]
                fn from_memory(memory: $memory) -> Self {
                    $from(memory)
                }
                #[inline]
                fn into_memory(self) -> $memory {
                    $into(self)
                }
            }
            impl CellValue for $type {}
        )*
    };
}

cell_values! {
    bool as u8: Truth, |memory| memory != 0, u8::from;
    i8 as i8: Int8, |memory| memory, |value| value;
    i16 as i16: Int16, |memory| memory, |value| value;
    i32 as i32: Int32, |memory| memory, |value| value;
    i64 as i64: Int64 | Datetime | Timedelta | Set64, |memory| memory, |value| value;
    i128 as i128: Int128, |memory| memory, |value| value;
    f64 as f64: Float64, |memory| memory, |value| value;
    Datetime as i64: Datetime, Datetime, |value: Self| value.0;
    Timedelta as i64: Timedelta, Timedelta, |value: Self| value.0;
}

/// Whether a cell of this kind holds a `T`.
#[inline]
pub(super) fn fits<T: CellValue>(kind: CellKind) -> bool {
    T::KINDS & bit(kind) != 0
}

/// Reads a cell.
///
/// # Safety
///
/// `cell` is an aligned cell of a kind that [`fits`] `T`.
#[inline]
pub(super) unsafe fn read<T: CellValue>(cell: *const u8) -> T {
    // SAFETY: the caller vouches for the cell; every bit pattern is a value of the memory types.
    T::from_memory(unsafe { cell.cast::<T::Memory>().read() })
}

/// Writes a cell.
///
/// # Safety
///
/// As for [`read`].
#[inline]
pub(super) unsafe fn write<T: CellValue>(cell: *mut u8, value: T) {
    // SAFETY: the caller vouches for the cell.
    unsafe { cell.cast::<T::Memory>().write(value.into_memory()) }
}

/// Whether a value can lie in a cell of a type; containers are made by START, from none.
pub(crate) fn holds(types: &TypeTable, ty: Type, value: &Value) -> bool {
    match (CellKind::of(types, ty), value) {
        // The common ones, without a detour over bytes.
        (Some(CellKind::Float64), Value::Float(_))
        | (Some(CellKind::Int64), Value::Integer(_))
        | (Some(CellKind::Truth), Value::Boolean(_))
        | (Some(CellKind::Container), _) => true,
        (Some(_), _) => encode(types, ty, value).is_some(),
        (None, _) => false,
    }
}

/// The bytes of a value as they lie in a cell of a type, at most 16 for a scalar; `None` where it does not fit.
///
/// The order of bytes is the machine's.
pub(super) fn encode(types: &TypeTable, ty: Type, value: &Value) -> Option<Vec<u8>> {
    if CellKind::of(types, ty) == Some(CellKind::Place) {
        return memory::encode(types, ty, value);
    }
    let mut bytes = vec![0; types.cell_layout(ty).0 as usize];
    let (offsets, _) = types.layout(ty);
    let mut components = Vec::with_capacity(offsets.len());
    flatten(types, ty, value, &mut components)?;
    for (offset, component) in offsets.iter().zip(&components) {
        let start = *offset as usize;
        // A set that is a cell of its own has no more bytes than that.
        let component = component.get(..component.len().min(bytes.len()))?;
        bytes.get_mut(start..start + component.len())?.copy_from_slice(component);
    }
    Some(bytes)
}

/// The bytes of every component of a value.
fn flatten(types: &TypeTable, ty: Type, value: &Value, components: &mut Vec<Vec<u8>>) -> Option<()> {
    match &types.definition(ty).model {
        DataModel::Empty => matches!(value, Value::None).then_some(()),
        DataModel::Scalar(_) => {
            if types.definition(ty).set_of.is_some() {
                components.push(set_bytes(types, ty, types.set_bits(ty, value)?));
                return Some(());
            }
            if let Some(number) = member_number(types.definition(ty), value) {
                components.push(scalar(CellKind::of(types, ty)?, &Value::Integer(number))?);
                return Some(());
            }
            // A record of one field is what constants of a host's own type are written as.
            let value = match value {
                Value::Record(name, fields) if name == types.name(ty) => match fields.as_slice() {
                    [(_, only)] => only,
                    _ => return None,
                },
                other => other,
            };
            components.push(scalar(CellKind::of(types, ty)?, value)?);
            Some(())
        }
        DataModel::Fields(fields) => {
            let values: Vec<&Value> = match value {
                Value::Record(_, given) => fields
                    .iter()
                    .map(|field| given.iter().find(|(name, _)| *name == field.name).map(|(_, value)| value))
                    .collect::<Option<_>>()?,
                Value::Tuple(values) => values.iter().collect(),
                _ => return None,
            };
            if values.len() != fields.len() {
                return None;
            }
            fields.iter().zip(values).try_for_each(|(field, value)| flatten(types, field.ty, value, components))
        }
    }
}

/// The integer of a member of an enumeration, which is given by its name or as a record of its class.
pub(super) fn member_number(enumeration: &TypeDefinition, value: &Value) -> Option<i64> {
    match value {
        Value::Text(name) => enumeration.member_written(name).map(|(_, number)| *number),
        Value::Record(class, fields) if *class == enumeration.name && !enumeration.members.is_empty() => {
            match fields.iter().find(|(field, _)| field == "value") {
                Some((_, Value::Integer(number))) => Some(*number),
                _ => None,
            }
        }
        _ => None,
    }
}

/// The bits of a set as they lie in memory, in all bytes of the representation.
fn set_bytes(types: &TypeTable, ty: Type, bits: u128) -> Vec<u8> {
    let mut bytes = bits.to_le_bytes().to_vec();
    bytes.truncate(types.layout(ty).1 as usize);
    if types.definition(ty).cell == CellForm::Scalar && cfg!(target_endian = "big") {
        bytes.reverse();
    }
    bytes
}

/// The bits of a set, from the bytes of its cell or, within a buffer, from those of its representation.
fn set_bits(types: &TypeTable, ty: Type, bytes: &[u8]) -> Option<u128> {
    let mut word = [0; 16];
    let bytes = bytes.get(..types.cell_layout(ty).0 as usize)?;
    word[..bytes.len()].copy_from_slice(bytes);
    if types.definition(ty).cell == CellForm::Scalar && cfg!(target_endian = "big") {
        word[..bytes.len()].reverse();
    }
    Some(u128::from_le_bytes(word))
}

pub(super) fn scalar(kind: CellKind, value: &Value) -> Option<Vec<u8>> {
    let integer = match value {
        Value::Integer(value) => Some(*value),
        Value::Boolean(value) => Some(i64::from(*value)),
        _ => None,
    };
    Some(match (kind, value) {
        (CellKind::Truth, Value::Boolean(value)) => vec![u8::from(*value)],
        (CellKind::Int8, _) => i8::try_from(integer?).ok()?.to_ne_bytes().to_vec(),
        (CellKind::Int16, _) => i16::try_from(integer?).ok()?.to_ne_bytes().to_vec(),
        (CellKind::Int32, _) => i32::try_from(integer?).ok()?.to_ne_bytes().to_vec(),
        (CellKind::Int64, _) => integer?.to_ne_bytes().to_vec(),
        (CellKind::Int128, Value::LargeInteger(Some(value))) => value.to_ne_bytes().to_vec(),
        (CellKind::Int128, _) => i128::from(integer?).to_ne_bytes().to_vec(),
        (CellKind::Float64, Value::Float(value)) => value.to_ne_bytes().to_vec(),
        #[expect(clippy::cast_precision_loss, reason = "ints widen to floats as in Python, to the nearest")]
        (CellKind::Float64, _) => (integer? as f64).to_ne_bytes().to_vec(),
        // A count of nanoseconds is what the cell holds.
        (CellKind::Datetime, Value::Datetime(value) | Value::Integer(value))
        | (CellKind::Timedelta, Value::Timedelta(value) | Value::Integer(value)) => value.to_ne_bytes().to_vec(),
        // No other address comes from a value.
        (CellKind::Pointer, Value::None) => 0usize.to_ne_bytes().to_vec(),
        (
            CellKind::Truth
            | CellKind::Pointer
            | CellKind::Datetime
            | CellKind::Timedelta
            | CellKind::Object
            | CellKind::Set64
            | CellKind::Packed
            | CellKind::Buffer
            | CellKind::Place
            | CellKind::Container,
            _,
        ) => return None,
    })
}

/// The value that the bytes of a cell of a type are, of a set the list of its members; `None` where no [`Value`] can hold
/// it, or the bytes are too few.
pub(super) fn decode(types: &TypeTable, ty: Type, bytes: &[u8]) -> Option<Value> {
    if CellKind::of(types, ty) == Some(CellKind::Place) {
        return memory::decode(types, ty, bytes);
    }
    let (offsets, _) = types.layout(ty);
    let mut offsets = offsets.iter().map(|offset| *offset as usize);
    gather(types, ty, bytes, &mut offsets)
}

fn gather(types: &TypeTable, ty: Type, bytes: &[u8], offsets: &mut dyn Iterator<Item = usize>) -> Option<Value> {
    let definition = types.definition(ty);
    match &definition.model {
        DataModel::Empty => Some(Value::None),
        DataModel::Scalar(_) if definition.set_of.is_some() => {
            let bits = set_bits(types, ty, bytes.get(offsets.next()?..)?)?;
            Some(types.set_elements(ty, bits))
        }
        DataModel::Scalar(_) => scalar_value(CellKind::of(types, ty)?, bytes.get(offsets.next()?..)?),
        DataModel::Fields(fields) => {
            let values = fields.iter().map(|field| gather(types, field.ty, bytes, offsets));
            let values: Vec<Value> = values.collect::<Option<_>>()?;
            // The fields of tuples are named by their positions.
            let positional = (0usize..).zip(fields).all(|(index, field)| field.name == index.to_string());
            Some(if positional {
                Value::Tuple(values)
            } else {
                let names = fields.iter().map(|field| field.name.clone());
                Value::Record(definition.name.clone(), names.zip(values).collect())
            })
        }
    }
}

pub(super) fn scalar_value(kind: CellKind, bytes: &[u8]) -> Option<Value> {
    Some(match kind {
        CellKind::Truth => Value::Boolean(*bytes.first()? != 0),
        CellKind::Int8 => Value::Integer(i8::from_ne_bytes(*bytes.first_chunk()?).into()),
        CellKind::Int16 => Value::Integer(i16::from_ne_bytes(*bytes.first_chunk()?).into()),
        CellKind::Int32 => Value::Integer(i32::from_ne_bytes(*bytes.first_chunk()?).into()),
        CellKind::Int64 => Value::Integer(i64::from_ne_bytes(*bytes.first_chunk()?)),
        CellKind::Int128 => Value::integer(Some(i128::from_ne_bytes(*bytes.first_chunk()?))),
        CellKind::Float64 => Value::Float(f64::from_ne_bytes(*bytes.first_chunk()?)),
        CellKind::Datetime => Value::Datetime(i64::from_ne_bytes(*bytes.first_chunk()?)),
        CellKind::Timedelta => Value::Timedelta(i64::from_ne_bytes(*bytes.first_chunk()?)),
        CellKind::Pointer if bytes.first_chunk() == Some(&[0; 8]) => Value::None,
        CellKind::Set64
        | CellKind::Packed
        | CellKind::Pointer
        | CellKind::Object
        | CellKind::Buffer
        | CellKind::Place
        | CellKind::Container => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{decode, encode};
    use cfunc_models::{CellForm, DataModel, Field, Representation, Type, TypeTable, Value};

    #[test]
    fn a_record_of_one_field_is_a_scalar_of_its_type() {
        let mut types = TypeTable::new();
        let count = types.define("Count", DataModel::Scalar(Representation::I64), CellForm::Scalar);
        let record = |name: &str, fields: &[i64]| {
            let fields = fields.iter().map(|value| ("units".to_owned(), Value::Integer(*value)));
            Value::Record(name.to_owned(), fields.collect())
        };
        assert_eq!(encode(&types, count, &record("Count", &[-7])), Some((-7i64).to_ne_bytes().to_vec()));
        assert_eq!(encode(&types, count, &record("Other", &[-7])), None);
        assert_eq!(encode(&types, count, &record("Count", &[1, 2])), None);
        assert_eq!(encode(&types, count, &record("Count", &[])), None);
    }

    #[test]
    fn only_none_is_a_pointer() {
        let mut types = TypeTable::new();
        let pointer = types.define("Handle", DataModel::Scalar(Representation::Pointer), CellForm::Scalar);
        assert_eq!(encode(&types, pointer, &Value::Integer(8)), None);
        assert_eq!(encode(&types, pointer, &Value::None), Some(vec![0; 8]));
        assert_eq!(decode(&types, pointer, &[0; 8]), Some(Value::None));
        assert_eq!(decode(&types, pointer, &[8, 0, 0, 0, 0, 0, 0, 0]), None);
    }

    #[test]
    fn values_come_back() {
        let mut types = TypeTable::new();
        let enumeration = types.define("Side", DataModel::Scalar(Representation::I16), CellForm::Scalar);
        let datetime = types.define("datetime", DataModel::Scalar(Representation::I64), CellForm::Scalar);
        let fields = [("flag", Type::BOOLEAN), ("price", Type::FLOAT64), ("side", enumeration)];
        let fields = fields.map(|(name, ty)| Field { name: name.to_owned(), ty });
        let order = types.define("Order", DataModel::Fields(fields.into()), CellForm::Buffer);
        let record = |side| {
            let fields =
                [("flag", Value::Boolean(true)), ("price", Value::Float(-0.0)), ("side", Value::Integer(side))];
            Value::Record("Order".to_owned(), fields.map(|(name, value)| (name.to_owned(), value)).into())
        };
        for (ty, value) in [
            (Type::BOOLEAN, Value::Boolean(true)),
            (Type::INT64, Value::Integer(i64::MIN)),
            (Type::FLOAT64, Value::Float(f64::NAN)),
            (datetime, Value::Datetime(-1)),
            (enumeration, Value::Integer(-3)),
            (order, record(7)),
        ] {
            let bytes = encode(&types, ty, &value).expect("it fits");
            assert_eq!(bytes.len(), types.layout(ty).1 as usize);
            assert!(decode(&types, ty, &bytes).expect("it is a value").same_bits(&value));
        }
        assert_eq!(encode(&types, order, &record(40_000)), None, "beyond 16 bits");
        assert_eq!(encode(&types, Type::BOOLEAN, &Value::Integer(1)), None);
        assert_eq!(encode(&types, Type::INT64, &Value::Float(1.0)), None);
        assert_eq!(decode(&types, Type::INT64, &[0; 4]), None);
        assert_eq!(decode(&types, Type::BOOLEAN, &[7]), Some(Value::Boolean(true)), "any byte but 0 is true");
    }
}
