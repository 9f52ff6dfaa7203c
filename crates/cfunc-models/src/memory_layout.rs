//! What lies where in memory that a host owns: structs and fixed arrays, as C lays them out.

use crate::{Representation, Type, TypeTable, Value};

/// How a value lies in memory of a struct or array.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FieldForm {
    /// As in a cell of its type.
    Cell,
    /// An integer of this representation; nodes see it in that of its type. One of 64 bits without a sign is seen as the
    /// int64 of the same bits.
    Integer {
        /// One of the integers up to 64 bits.
        memory: Representation,
        /// Whether its highest bit is a sign.
        signed: bool,
    },
    /// An IEEE single; nodes see a double.
    Float32,
    /// A struct or array, which lies here itself.
    Inside,
    /// The address of a struct, or of something opaque.
    Address,
}

impl FieldForm {
    /// Size and alignment in bytes of a value of a type.
    pub fn size_and_alignment(self, types: &TypeTable, ty: Type) -> (u32, u32) {
        match self {
            Self::Integer { memory, .. } => (memory.size(), memory.size()),
            Self::Float32 => (4, 4),
            Self::Address => (8, 8),
            Self::Cell => types.cell_layout(ty),
            Self::Inside => types.memory_layout(ty).map_or((0, 1), MemoryLayout::size_and_alignment),
        }
    }
}

/// A field of a struct.
#[derive(Clone, Debug, PartialEq)]
pub struct StructField {
    /// Its name.
    pub name: String,
    /// Bytes from the start of the struct.
    pub offset: u32,
    /// Its type, as nodes see it.
    pub ty: Type,
    /// How it lies in memory.
    pub form: FieldForm,
    /// Whether nodes may not assign to it.
    pub read_only: bool,
    /// What the constructor puts there when it is given nothing.
    pub default: Option<Value>,
}

/// A struct.
#[derive(Clone, Debug, PartialEq)]
pub struct StructLayout {
    /// Bytes.
    pub size: u32,
    /// In bytes, a power of two.
    pub alignment: u32,
    /// In the order of the constructor's parameters.
    pub fields: Vec<StructField>,
}

impl StructLayout {
    /// The field of a name.
    pub fn field(&self, name: &str) -> Option<&StructField> {
        self.fields.iter().find(|field| field.name == name)
    }
}

/// An array of fixed length.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArrayLayout {
    /// The type of its elements, as nodes see them.
    pub element: Type,
    /// How an element lies in memory.
    pub form: FieldForm,
    /// Bytes from one element to the next.
    pub stride: u32,
    /// In bytes.
    pub alignment: u32,
    /// How many elements there are.
    pub length: u32,
}

/// What lies at the address that a value of a type is.
#[derive(Clone, Debug, PartialEq)]
pub enum MemoryLayout {
    /// A struct.
    Struct(StructLayout),
    /// An array.
    Array(ArrayLayout),
}

impl MemoryLayout {
    /// Size and alignment in bytes.
    pub const fn size_and_alignment(&self) -> (u32, u32) {
        match self {
            Self::Struct(layout) => (layout.size, layout.alignment),
            Self::Array(layout) => (layout.stride * layout.length, layout.alignment),
        }
    }

    /// Whether it is data alone, without addresses.
    pub fn is_data(&self, types: &TypeTable) -> bool {
        let is_data = |form: FieldForm, ty: Type| match form {
            FieldForm::Address => false,
            FieldForm::Inside => types.memory_layout(ty).is_none_or(|inside| inside.is_data(types)),
            FieldForm::Cell | FieldForm::Float32 | FieldForm::Integer { .. } => true,
        };
        match self {
            Self::Struct(layout) => layout.fields.iter().all(|field| is_data(field.form, field.ty)),
            Self::Array(array) => is_data(array.form, array.element),
        }
    }

    /// The struct that it is.
    pub const fn as_struct(&self) -> Option<&StructLayout> {
        match self {
            Self::Struct(layout) => Some(layout),
            Self::Array(_) => None,
        }
    }

    /// The array that it is.
    pub const fn as_array(&self) -> Option<&ArrayLayout> {
        match self {
            Self::Array(layout) => Some(layout),
            Self::Struct(_) => None,
        }
    }

    /// The parts: name or index, offset, type and form of each, in order.
    pub fn parts(&self) -> Vec<MemoryPart<'_>> {
        match self {
            Self::Struct(layout) => {
                let part = |field: &'_ StructField| (field.offset, field.ty, field.form);
                let parts = layout.fields.iter().map(|field| (Some(field.name.as_str()), part(field)));
                parts.map(|(name, (offset, ty, form))| MemoryPart { name, offset, ty, form }).collect()
            }
            Self::Array(ArrayLayout { element, form, stride, length, .. }) => (0..*length)
                .map(|index| MemoryPart { name: None, offset: index * stride, ty: *element, form: *form })
                .collect(),
        }
    }
}

/// A field of a struct, or an element of an array.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MemoryPart<'a> {
    /// The field's name; elements have none.
    pub name: Option<&'a str>,
    /// Bytes from the start.
    pub offset: u32,
    /// Its type, as nodes see it.
    pub ty: Type,
    /// How it lies in memory.
    pub form: FieldForm,
}
