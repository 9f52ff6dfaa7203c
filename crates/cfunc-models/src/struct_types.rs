//! Types of structs and arrays: made of descriptions, which are checked.

use std::fmt::Write as _;
use std::sync::Arc;

use crate::memory_layout::{ArrayLayout, FieldForm, MemoryLayout, StructField, StructLayout};
use crate::struct_description::{FieldDescription, FieldType, StructDescription, StructReference};
use crate::{CellForm, DataModel, Field, Representation, Type, TypeConstructor, TypeTable};

/// The most bytes of a struct.
const MOST_BYTES: usize = 1 << 28;
/// The most alignment: that of the memory of node instances.
const MOST_ALIGNMENT: usize = 16;
/// The most components of a copy: what a node's code grows with.
const MOST_COPIED: usize = 128;
/// How deep structs and arrays may lie in each other.
const MOST_DEPTH: usize = 32;

/// Into what type values are turned where they are kept: bound to a name, put into a tuple, list or dict.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kept {
    /// Values of this type.
    As(Type),
    /// They cannot be kept: the reason, as the end of a sentence.
    Not(String),
}

impl TypeTable {
    /// The family of copies of structs.
    pub const COPIES: &'static str = "copy";
    /// The family of arrays.
    pub const ARRAYS: &'static str = "array";
    /// The family of addresses of structs that may be NULL, which is None.
    pub const ADDRESSES: &'static str = "address";
    /// The family of structs that are made while a node is compiled.
    pub const STRUCTS: &'static str = "struct";

    /// What lies at the address that a value of a type is.
    pub fn memory_layout(&self, ty: Type) -> Option<&MemoryLayout> {
        self.definition(ty).memory.as_deref()
    }

    /// The struct that a type is of: a place, or a copy of one. With the type of the place.
    pub fn struct_of(&self, ty: Type) -> Option<(Type, &StructLayout)> {
        let definition = self.definition(ty);
        match &definition.memory {
            Some(memory) => memory.as_struct().map(|layout| (ty, layout)),
            None => {
                let place = self.place_of_copy(ty)?;
                Some((place, self.memory_layout(place)?.as_struct()?))
            }
        }
    }

    /// The type of the places that values of a type are copies of.
    pub fn place_of_copy(&self, ty: Type) -> Option<Type> {
        self.definition(ty).parameters.first().copied().filter(|_| self.is_copy(ty))
    }

    /// The type of the places that values of a type are addresses of, or None.
    pub fn place_of_address(&self, ty: Type) -> Option<Type> {
        let definition = self.definition(ty);
        let place = definition.parameters.first().copied()?;
        (self.constructor_name(definition.constructor) == Self::ADDRESSES).then_some(place)
    }

    /// The type of addresses of places, or None; `None` where the built-ins are not registered.
    pub fn address_of(&mut self, place: Type) -> Option<Type> {
        let family = self.constructor(Self::ADDRESSES)?;
        let name = format!("{} | None", self.name(place));
        Some(self.apply(family, &[place], &name, DataModel::Scalar(Representation::Pointer), CellForm::None))
    }

    /// Whether values of a type are copies of structs.
    pub fn is_copy(&self, ty: Type) -> bool {
        let definition = self.definition(ty);
        definition.parameters.len() == 1
            && matches!(definition.cell, CellForm::Buffer)
            && self.constructor_name(definition.constructor) == Self::COPIES
    }

    /// The type as a user writes it: of copies, that of the struct.
    pub fn written_name(&self, ty: Type) -> &str {
        self.name(self.place_of_copy(ty).unwrap_or(ty))
    }

    /// Size and alignment in bytes of the cell or buffer of a type; of a place, of what lies there.
    pub fn cell_layout(&self, ty: Type) -> (u32, u32) {
        let definition = self.definition(ty);
        if let (CellForm::Place, Some(memory)) = (definition.cell, &definition.memory) {
            return memory.size_and_alignment();
        }
        if let CellForm::Packed(bytes) = definition.cell {
            return (bytes.into(), CellForm::packed_alignment(bytes));
        }
        let alignment = self.components(ty).iter().map(|component| component.size()).max().unwrap_or(1);
        (self.layout(ty).1, alignment)
    }

    /// The type that values of this one are kept in, where that is another one.
    pub fn kept_form(&self, ty: Type) -> Option<&Kept> {
        self.kept_here(ty).or_else(|| self.base_table().and_then(|base| base.kept_form(ty)))
    }

    /// The type that values of this one are kept in: itself, mostly. `None` where they cannot be kept.
    pub fn kept(&self, ty: Type) -> Option<Type> {
        match self.kept_form(ty) {
            None => Some(ty),
            Some(Kept::As(kept)) => Some(*kept),
            Some(Kept::Not(_)) => None,
        }
    }

    /// Makes the type of a struct, and those of all that it is made of. A name that has a struct of the same layout
    /// already stands for that. The families are those that the built-ins define; a struct is of the family that
    /// `family` gives for its name, by default of [`TypeTable::STRUCTS`].
    ///
    /// # Errors
    ///
    /// What is wrong with the description, in a sentence.
    pub fn define_structure(
        &mut self,
        description: &StructDescription,
        family: &mut dyn FnMut(&mut Self, &str) -> Option<TypeConstructor>,
    ) -> Result<Type, String> {
        let Some((copies, arrays)) = self.constructor(Self::COPIES).zip(self.constructor(Self::ARRAYS)) else {
            return Err(format!("the struct {} needs the built-ins, which are not registered", description.name));
        };
        let mut making = Making { types: self, copies, arrays, family };
        making.structure(description, 0)
    }
}

struct Making<'a> {
    types: &'a mut TypeTable,
    copies: TypeConstructor,
    arrays: TypeConstructor,
    family: &'a mut dyn FnMut(&mut TypeTable, &str) -> Option<TypeConstructor>,
}

impl Making<'_> {
    fn structure(&mut self, description: &StructDescription, depth: usize) -> Result<Type, String> {
        let name = &description.name;
        let known = self.types.lookup(name);
        if let Some(known) = known {
            let same = self.types.memory_layout(known).and_then(MemoryLayout::as_struct);
            let Some(same) = same else { return Err(format!("the name {name} is that of another type")) };
            return match (same.size as usize, same.fields.len()) == (description.size, description.fields.len()) {
                true => self.compare(known, description, depth),
                false => Err(format!("there are two structs {name}, which are not alike")),
            };
        }
        self.check(description)?;
        let constructor = match (self.family)(self.types, name) {
            Some(constructor) => constructor,
            None => self.types.constructor(TypeTable::STRUCTS).ok_or("the built-ins are not registered")?,
        };
        let model = DataModel::Scalar(Representation::Pointer);
        let ty = self.types.apply(constructor, &[], name, model, CellForm::Place);
        let layout = self.layout(description, depth)?;
        self.types.set_memory(ty, MemoryLayout::Struct(layout));
        self.add_copy(ty);
        Ok(ty)
    }

    /// A struct that is there, where a description is of it.
    fn compare(&mut self, known: Type, description: &StructDescription, depth: usize) -> Result<Type, String> {
        let layout = self.layout(description, depth)?;
        let same = self.types.memory_layout(known).and_then(MemoryLayout::as_struct) == Some(&layout);
        same.then_some(known).ok_or_else(|| format!("there are two structs {}, which are not alike", description.name))
    }

    fn layout(&mut self, description: &StructDescription, depth: usize) -> Result<StructLayout, String> {
        let mut fields = Vec::with_capacity(description.fields.len());
        for field in &description.fields {
            fields.push(self.field(description, field, depth)?);
        }
        let [size, alignment] = [description.size, description.alignment].map(narrow);
        Ok(StructLayout { size, alignment, fields })
    }

    fn check(&self, description: &StructDescription) -> Result<(), String> {
        let StructDescription { name, size, alignment, fields } = description;
        if !is_identifier(name) {
            return Err(format!("`{name}` is no name for a struct"));
        }
        if !alignment.is_power_of_two() || *alignment > MOST_ALIGNMENT {
            return Err(format!(
                "{name} is aligned to {alignment} bytes: a power of two up to {MOST_ALIGNMENT} is taken"
            ));
        }
        if *size == 0 || *size > MOST_BYTES || !size.is_multiple_of(*alignment) {
            return Err(format!("{name} has {size} bytes: a multiple of its alignment up to {MOST_BYTES} is taken"));
        }
        for (position, field) in fields.iter().enumerate() {
            if !is_identifier(&field.name) {
                return Err(format!("`{}` is no name for a field of {name}", field.name));
            }
            if fields[..position].iter().any(|before| before.name == field.name) {
                return Err(format!("{name} has two fields `{}`", field.name));
            }
        }
        Ok(())
    }

    fn field(
        &mut self,
        description: &StructDescription,
        field: &FieldDescription,
        depth: usize,
    ) -> Result<StructField, String> {
        let place = format!("the field `{}` of {}", field.name, description.name);
        let (ty, form) = self.form(&field.ty, &place, depth)?;
        let (size, alignment) = form.size_and_alignment(self.types, ty);
        if field.size.is_some_and(|wanted| wanted != size as usize) {
            let name = self.types.name(ty);
            return Err(format!("{place} has {} bytes, where {name} has {size}", field.size.unwrap_or(0)));
        }
        let end = field.offset.checked_add(size as usize);
        if end.is_none_or(|end| end > description.size) {
            return Err(format!("{place} lies beyond the end of the struct"));
        }
        if !field.offset.is_multiple_of(alignment as usize) || description.alignment < alignment as usize {
            return Err(format!("{place} is not aligned to {alignment} bytes; packed structs are not supported"));
        }
        Ok(StructField {
            name: field.name.clone(),
            offset: narrow(field.offset),
            ty,
            form,
            read_only: field.read_only,
            default: field.default.clone(),
        })
    }

    /// The type that nodes see, and how it lies in memory.
    fn form(&mut self, ty: &FieldType, place: &str, depth: usize) -> Result<(Type, FieldForm), String> {
        if depth > MOST_DEPTH {
            return Err(format!("{place} is nested more than {MOST_DEPTH} deep"));
        }
        if let Some(form) = integer_form(ty) {
            return Ok((Type::INT64, form));
        }
        Ok(match ty {
            FieldType::Float32 => (Type::FLOAT64, FieldForm::Float32),
            FieldType::Float64 => (Type::FLOAT64, FieldForm::Cell),
            FieldType::Boolean => (Type::BOOLEAN, FieldForm::Cell),
            FieldType::Named(name) => {
                let found = self.named(name, place)?;
                let definition = self.types.definition(found);
                let held = matches!(definition.cell, CellForm::Scalar | CellForm::Truth | CellForm::Packed(_));
                if !held || self.types.components(found).contains(&Representation::Pointer) {
                    return Err(format!("{place} is of type {name}, which is not held in memory by itself"));
                }
                (found, FieldForm::Cell)
            }
            FieldType::IntegersOf(name, memory) => {
                let found = self.named(name, place)?;
                let Some(form) = integer_form(memory) else {
                    return Err(format!("{place} is of type {name}, and lies in no integer"));
                };
                let definition = self.types.definition(found);
                let held = matches!(definition.model, DataModel::Scalar(held) if held.is_integer() && held.size() <= 8);
                if !held || definition.cell != CellForm::Scalar {
                    return Err(format!("{place} is of type {name}, whose values are no integers"));
                }
                (found, form)
            }
            FieldType::Struct(reference) => {
                let found = self.reference(reference, place, depth)?;
                if self.types.memory_layout(found).is_none() {
                    return Err(format!("{place} is inside of itself"));
                }
                if self.depth(found) >= MOST_DEPTH {
                    return Err(format!("{place} is nested more than {MOST_DEPTH} deep"));
                }
                (found, FieldForm::Inside)
            }
            FieldType::Pointer(reference) => (self.reference(reference, place, depth)?, FieldForm::Address),
            FieldType::Nullable(reference) => {
                let found = self.reference(reference, place, depth)?;
                (self.types.address_of(found).ok_or("the built-ins are not registered")?, FieldForm::Address)
            }
            FieldType::Opaque(name) => {
                let found = self.named(name, place)?;
                if self.types.definition(found).model != DataModel::Scalar(Representation::Pointer) {
                    return Err(format!("{place} is of type {name}, which is no pointer"));
                }
                (found, FieldForm::Address)
            }
            FieldType::Array(element, length) => (self.array(element, *length, place, depth)?, FieldForm::Inside),
            // The integers, which have a form.
            FieldType::Int8
            | FieldType::Int16
            | FieldType::Int32
            | FieldType::Int64
            | FieldType::UInt8
            | FieldType::UInt16
            | FieldType::UInt32
            | FieldType::UInt64 => return Err(format!("{place} has no form")),
        })
    }

    /// How deep what lies at a place is nested, which was bounded when its type was made.
    fn depth(&self, ty: Type) -> usize {
        let inside = |form: FieldForm, ty: Type| if form == FieldForm::Inside { self.depth(ty) } else { 0 };
        match self.types.memory_layout(ty) {
            Some(MemoryLayout::Struct(layout)) => {
                1 + layout.fields.iter().map(|field| inside(field.form, field.ty)).max().unwrap_or(0)
            }
            Some(MemoryLayout::Array(array)) => 1 + inside(array.form, array.element),
            None => 0,
        }
    }

    fn named(&self, name: &str, place: &str) -> Result<Type, String> {
        self.types.lookup(name).ok_or_else(|| format!("{place} is of type {name}, which is not registered"))
    }

    fn reference(&mut self, reference: &StructReference, place: &str, depth: usize) -> Result<Type, String> {
        match (self.types.lookup(&reference.name), reference.describe) {
            (Some(found), _) if self.types.definition(found).cell == CellForm::Place => Ok(found),
            (Some(_), _) => Err(format!("{place} is of type {}, which is no struct", reference.name)),
            (None, Some(describe)) => self.structure(&describe(), depth + 1),
            (None, None) => Err(format!("{place} is of type {}, which is not registered", reference.name)),
        }
    }

    fn array(&mut self, element: &FieldType, length: u32, place: &str, depth: usize) -> Result<Type, String> {
        let (ty, form) = self.form(element, place, depth + 1)?;
        let (stride, alignment) = form.size_and_alignment(self.types, ty);
        let bytes = u64::from(stride) * u64::from(length);
        if length == 0 || bytes > MOST_BYTES as u64 {
            return Err(format!("{place} is an array of {length} elements of {stride} bytes"));
        }
        let mut name = format!("{}[", TypeTable::ARRAYS);
        // The form is in the name: arrays of one type of elements may lie differently in memory.
        let _ = match form {
            FieldForm::Integer { memory, signed } => {
                let sign = if signed { "" } else { "u" };
                let of = if ty == Type::INT64 { String::new() } else { format!("{} as ", self.types.name(ty)) };
                write!(name, "{of}{sign}int{}", 8 * memory.size())
            }
            FieldForm::Float32 => write!(name, "float32"),
            FieldForm::Address => write!(name, "pointer to {}", self.types.name(ty)),
            FieldForm::Cell | FieldForm::Inside => write!(name, "{}", self.types.name(ty)),
        };
        let _ = write!(name, ", {length}]");
        let model = DataModel::Scalar(Representation::Pointer);
        let array = self.types.apply(self.arrays, &[ty], &name, model, CellForm::None);
        if self.types.memory_layout(array).is_none() {
            let layout = ArrayLayout { element: ty, form, stride, alignment, length };
            self.types.set_memory(array, MemoryLayout::Array(layout));
            self.types.set_kept(array, Kept::Not(format!("{name} is an array in memory of the host")));
        }
        Ok(array)
    }

    /// The type of copies of a struct, where it has one.
    fn add_copy(&mut self, place: Type) {
        let Some((_, layout)) = self.types.struct_of(place) else { return };
        let fields: Result<Vec<Field>, String> = layout
            .fields
            .iter()
            .map(|field| {
                let name = field.name.clone();
                match (field.form, self.types.kept_form(field.ty)) {
                    // What the address leads to stays where it is.
                    (FieldForm::Address, _) | (_, None) => Ok(Field { name, ty: field.ty }),
                    (_, Some(Kept::As(kept))) => Ok(Field { name, ty: *kept }),
                    (_, Some(Kept::Not(reason))) => Err(format!("its field `{name}` is not copied: {reason}")),
                }
            })
            .collect();
        let components =
            |fields: &[Field]| -> usize { fields.iter().map(|field| self.types.components(field.ty).len()).sum() };
        let kept = match fields {
            Ok(fields) if fields.is_empty() => Kept::Not("it has no fields".to_owned()),
            Ok(fields) if components(&fields) > MOST_COPIED => {
                Kept::Not(format!("it is made of more than {MOST_COPIED} numbers"))
            }
            Ok(fields) => {
                let name = format!("{}[{}]", TypeTable::COPIES, self.types.name(place));
                let model = DataModel::Fields(fields.into());
                Kept::As(self.types.apply(self.copies, &[place], &name, model, CellForm::Buffer))
            }
            Err(reason) => Kept::Not(reason),
        };
        self.types.set_kept(place, kept);
    }
}

fn integer_form(ty: &FieldType) -> Option<FieldForm> {
    let (memory, signed) = match ty {
        FieldType::Int8 => (Representation::I8, true),
        FieldType::Int16 => (Representation::I16, true),
        FieldType::Int32 => (Representation::I32, true),
        FieldType::Int64 => (Representation::I64, true),
        FieldType::UInt8 => (Representation::I8, false),
        FieldType::UInt16 => (Representation::I16, false),
        FieldType::UInt32 => (Representation::I32, false),
        FieldType::UInt64 => (Representation::I64, false),
        _ => return None,
    };
    Some(FieldForm::Integer { memory, signed })
}

fn is_identifier(name: &str) -> bool {
    let mut letters = name.chars();
    letters.next().is_some_and(|first| first.is_alphabetic() || first == '_')
        && letters.all(|letter| letter.is_alphanumeric() || letter == '_')
}

/// A number of bytes that was checked.
fn narrow(bytes: usize) -> u32 {
    u32::try_from(bytes).unwrap_or(u32::MAX)
}

impl TypeTable {
    fn set_memory(&mut self, ty: Type, layout: MemoryLayout) {
        if let Some(definition) = self.definition_mut(ty) {
            definition.memory = Some(Arc::new(layout));
        }
    }
}
