//! Structs as hosts describe them: by hand, by a derive on a Rust struct, or computed from whatever the host has.

use crate::Value;

/// How a field lies in memory, and what nodes see of it.
#[derive(Clone, Debug, PartialEq)]
pub enum FieldType {
    /// `int8_t`; an int.
    Int8,
    /// `int16_t`; an int.
    Int16,
    /// `int32_t`; an int.
    Int32,
    /// `int64_t`; an int.
    Int64,
    /// `uint8_t`; an int.
    UInt8,
    /// `uint16_t`; an int.
    UInt16,
    /// `uint32_t`; an int.
    UInt32,
    /// `uint64_t`; the int of the same 64 bits.
    UInt64,
    /// `float`; a float.
    Float32,
    /// `double`; a float.
    Float64,
    /// One byte: 0, or anything else for true; written as 0 or 1.
    Boolean,
    /// A type of the context by its name, as it lies in a cell: `datetime`, `timedelta`, an enumeration or set in the
    /// width of the ABI's configuration.
    Named(String),
    /// A type of the context by its name whose values are integers, an enumeration or a time, held in one of the integers
    /// here.
    IntegersOf(String, Box<FieldType>),
    /// A struct inside.
    Struct(StructReference),
    /// The address of a struct. NULL is a node error where it is followed.
    Pointer(StructReference),
    /// The address of a struct, or NULL, which nodes see as None.
    Nullable(StructReference),
    /// The address of something opaque: a type of the context by its name.
    Opaque(String),
    /// So many of a kind, one after the other.
    Array(Box<FieldType>, u32),
}

impl FieldType {
    /// Integers that hold values of a type of the context, by its name: an enumeration or a time. Of arrays it holds for
    /// the elements.
    #[must_use]
    pub fn integers_of(self, name: &str) -> Self {
        match self {
            Self::Array(element, length) => Self::Array(Box::new(element.integers_of(name)), length),
            integer => Self::IntegersOf(name.to_owned(), Box::new(integer)),
        }
    }

    /// Addresses of structs that nodes see as None where they are NULL; of arrays it holds for the elements. Other types
    /// stay as they are.
    #[must_use]
    pub fn nullable(self) -> Self {
        match self {
            Self::Array(element, length) => Self::Array(Box::new(element.nullable()), length),
            Self::Pointer(reference) => Self::Nullable(reference),
            other => other,
        }
    }
}

/// Another struct: by its name, and by its description where it may have to be made.
#[derive(Clone, Debug)]
pub struct StructReference {
    /// Its name.
    pub name: String,
    /// Describes it; it is asked where no type has the name.
    pub describe: Option<fn() -> StructDescription>,
}

impl StructReference {
    /// The struct of a name, which is there already.
    pub fn named(name: &str) -> Self {
        Self { name: name.to_owned(), describe: None }
    }

    /// The struct of a Rust type.
    pub fn of<T: DescribedStruct>() -> Self {
        Self { name: T::NAME.to_owned(), describe: Some(T::description) }
    }
}

impl PartialEq for StructReference {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl Eq for StructReference {}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq)]
pub struct FieldDescription {
    /// Its name in nodes.
    pub name: String,
    /// Bytes from the start of the struct.
    pub offset: usize,
    /// How it lies in memory, and what nodes see of it.
    pub ty: FieldType,
    /// How many bytes it has, where that is known beside its type: another number is refused.
    pub size: Option<usize>,
    /// Whether nodes may not assign to it.
    pub read_only: bool,
    /// What the constructor puts there when it is given nothing.
    pub default: Option<Value>,
}

impl FieldDescription {
    /// A field that nodes read and write.
    pub fn new(name: &str, offset: usize, ty: FieldType) -> Self {
        Self { name: name.to_owned(), offset, ty, size: None, read_only: false, default: None }
    }

    /// It has so many bytes: a type that has another number is refused.
    #[must_use]
    pub fn sized(self, size: usize) -> Self {
        Self { size: Some(size), ..self }
    }

    /// Nodes may not assign to it. The constructor takes it all the same.
    #[must_use]
    pub fn read_only(self) -> Self {
        Self { read_only: true, ..self }
    }

    /// What the constructor puts there when it is given nothing.
    #[must_use]
    pub fn default(self, value: impl Into<Value>) -> Self {
        Self { default: Some(value.into()), ..self }
    }
}

/// A struct: its name in nodes, and what C says of it.
#[derive(Clone, Debug, PartialEq)]
pub struct StructDescription {
    /// Its name.
    pub name: String,
    /// Bytes.
    pub size: usize,
    /// In bytes.
    pub alignment: usize,
    /// In the order in which the constructor takes them.
    pub fields: Vec<FieldDescription>,
}

impl StructDescription {
    /// A struct without fields yet.
    pub fn new(name: &str, size: usize, alignment: usize) -> Self {
        Self { name: name.to_owned(), size, alignment, fields: Vec::new() }
    }

    /// With one field more.
    #[must_use]
    pub fn field(mut self, field: FieldDescription) -> Self {
        self.fields.push(field);
        self
    }
}

/// Rust types that describe a struct of nodes. `#[derive(CfuncStruct)]` of the facade implements it.
pub trait DescribedStruct: 'static {
    /// The struct's name in nodes.
    const NAME: &'static str;

    /// What lies where.
    fn description() -> StructDescription;
}
