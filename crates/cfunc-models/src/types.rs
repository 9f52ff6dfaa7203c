//! Types, their layouts, and the table that holds them.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use smallvec::SmallVec;

use crate::TOO_DEEP;
use crate::memory_layout::MemoryLayout;
use crate::struct_types::Kept;

/// How one component of a value is held in the IR and in memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Representation {
    /// 8-bit integer; truth values are 0 or 1 of it.
    I8,
    /// 16-bit integer.
    I16,
    /// 32-bit integer.
    I32,
    /// 64-bit integer.
    I64,
    /// 128-bit integer.
    I128,
    /// IEEE double.
    F64,
    /// An address.
    Pointer,
}

impl Representation {
    /// Size in bytes, which is also the alignment; pointers are 8 bytes.
    pub const fn size(self) -> u32 {
        match self {
            Self::I8 => 1,
            Self::I16 => 2,
            Self::I32 => 4,
            Self::I64 | Self::F64 | Self::Pointer => 8,
            Self::I128 => 16,
        }
    }

    /// The name in the IR's text form.
    pub const fn name(self) -> &'static str {
        match self {
            Self::I8 => "i8",
            Self::I16 => "i16",
            Self::I32 => "i32",
            Self::I64 => "i64",
            Self::I128 => "i128",
            Self::F64 => "f64",
            Self::Pointer => "ptr",
        }
    }

    /// Whether it is one of the integers.
    pub const fn is_integer(self) -> bool {
        !matches!(self, Self::F64 | Self::Pointer)
    }
}

impl fmt::Display for Representation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A type, as a handle into a [`TypeTable`]. Handles of a table stay valid in every table made on top of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Type(u32);

impl Type {
    /// The type of None; no components.
    pub const NONE: Self = Self(0);
    /// Truth values: one i8 of 0 or 1; a cell is one byte, any non-zero byte reads as true.
    pub const BOOLEAN: Self = Self(1);
    /// Signed 64-bit integers.
    pub const INT64: Self = Self(2);
    /// IEEE doubles.
    pub const FLOAT64: Self = Self(3);
    /// String literals: the address of static data, whose form is a matter of the rules of texts.
    pub const TEXT: Self = Self(4);
    /// What an expression has that is not a value (a module, a function, a class); no components.
    pub const OBJECT: Self = Self(5);

    /// The position in the table.
    pub const fn index(self) -> usize {
        self.0 as usize
    }
}

/// The family that a type belongs to: `int` alone, or all of `Tuple[…]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeConstructor(u32);

/// A set of families, such as all numbers, that rules can be written for as one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TypeClass(u32);

/// A named component of a type held as several values.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Field {
    /// The component's name; `0`, `1` … for tuples.
    pub name: String,
    /// Its type.
    pub ty: Type,
}

/// How a value of a type is held while a function runs.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum DataModel {
    /// Nothing at run time.
    Empty,
    /// One IR value.
    Scalar(Representation),
    /// The IR values of all fields, one after the other.
    Fields(Box<[Field]>),
}

/// How a value of a type is held in a cell of the ABI.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CellForm {
    /// It cannot be in a cell.
    None,
    /// The cell holds the one component.
    Scalar,
    /// The cell is one byte; any non-zero byte reads as 1.
    Truth,
    /// The slot is the container: START puts its pointer there, STOP takes it away.
    Container,
    /// The slot is the address of an object of the host, of which nothing is known: for inputs alone.
    Object,
    /// The slot points at the host's buffer, which holds the components one after the other, each aligned to its size.
    Buffer,
    /// The cell is as many bytes, the lowest first, of the one component, an integer; those above them are 0. Aligned to
    /// the largest power of two within them, at most 8.
    Packed(u8),
    /// The slot points at the host's memory with the layout of the type ([`TypeTable::memory_layout`]), and a value is
    /// that address.
    Place,
}

impl CellForm {
    /// The alignment in bytes of a cell of so many packed bytes.
    pub const fn packed_alignment(bytes: u8) -> u32 {
        match bytes {
            0 | 1 => 1,
            2 | 3 => 2,
            4..=7 => 4,
            _ => 8,
        }
    }
}

/// What a table knows of a type.
#[derive(Clone, Debug, PartialEq)]
pub struct TypeDefinition {
    /// As a user writes and reads it.
    pub name: String,
    /// The family it belongs to.
    pub constructor: TypeConstructor,
    /// What the family is applied to.
    pub parameters: Box<[Type]>,
    /// How it is held while a function runs.
    pub model: DataModel,
    /// How it is held in a cell.
    pub cell: CellForm,
    /// The integers that its values are, by name, where it is an enumeration.
    pub members: Box<[(String, i64)]>,
    /// Other names of those values.
    pub aliases: Box<[(String, i64)]>,
    /// The enumeration of whose members its values are sets, a bit each, where it is one of such sets.
    pub set_of: Option<Type>,
    /// What lies in memory where its values point, where that is known.
    pub memory: Option<Arc<MemoryLayout>>,
}

impl TypeDefinition {
    /// The member of an enumeration that a name stands for, with the integer that it is.
    pub fn member_named(&self, name: &str) -> Option<&(String, i64)> {
        let number = self.aliases.iter().find(|(alias, _)| alias == name).map(|(_, number)| *number);
        match number {
            Some(number) => self.members.iter().find(|(_, known)| *known == number),
            None => self.members.iter().find(|(known, _)| known == name),
        }
    }

    /// As [`TypeDefinition::member_named`], where the name may stand behind that of the class: `Side.BUY`.
    pub fn member_written(&self, text: &str) -> Option<&(String, i64)> {
        let name = text.strip_prefix(self.name.as_str()).and_then(|rest| rest.strip_prefix('.'));
        self.member_named(name.unwrap_or(text))
    }
}

/// How deep types may be nested: what walks them recurses.
const MOST_DEPTH: u32 = 100;
/// How many types those of the fields of a type may be made of, itself counted: each is code wherever one is moved.
const MOST_PARTS: u32 = 10_000;

/// How much a type is made of.
#[derive(Clone, Copy, Debug)]
struct Extent {
    depth: u32,
    parts: u32,
}

/// Types by handle: a frozen base, shared, and what was added since.
///
/// Equal definitions (by name, family and parameters) have equal handles. Cloning is cheap after [`TypeTable::freeze`].
#[derive(Clone, Debug)]
pub struct TypeTable {
    base: Option<Arc<TypeTable>>,
    first: u32,
    definitions: Vec<TypeDefinition>,
    /// Of each definition.
    extents: Vec<Extent>,
    by_name: HashMap<String, Type>,
    constructors: Vec<String>,
    first_constructor: u32,
    /// Classes of this layer, by name and members; a class stays in the layer that defined it.
    classes: Vec<(String, Vec<TypeConstructor>)>,
    first_class: u32,
    /// Of types whose values are kept in another one.
    kept: HashMap<Type, Kept>,
}

impl Default for TypeTable {
    fn default() -> Self {
        Self::new()
    }
}

impl TypeTable {
    /// The types that literals have.
    pub fn new() -> Self {
        let mut table = Self {
            base: None,
            first: 0,
            definitions: Vec::new(),
            extents: Vec::new(),
            by_name: HashMap::new(),
            constructors: Vec::new(),
            first_constructor: 0,
            classes: Vec::new(),
            first_class: 0,
            kept: HashMap::new(),
        };
        for (name, model, cell) in [
            ("None", DataModel::Empty, CellForm::None),
            ("bool", DataModel::Scalar(Representation::I8), CellForm::Truth),
            ("int", DataModel::Scalar(Representation::I64), CellForm::Scalar),
            ("float", DataModel::Scalar(Representation::F64), CellForm::Scalar),
            ("str", DataModel::Scalar(Representation::Pointer), CellForm::None),
            ("object", DataModel::Empty, CellForm::None),
        ] {
            table.define(name, model, cell);
        }
        table
    }

    /// A table on top of this one, which is shared from now on.
    #[must_use]
    pub fn freeze(self) -> Arc<Self> {
        Arc::new(self)
    }

    /// An empty layer on a shared table.
    pub fn layer(base: &Arc<Self>) -> Self {
        Self {
            first: base.len(),
            first_constructor: base.first_constructor + u32::try_from(base.constructors.len()).unwrap_or(u32::MAX),
            first_class: base.first_class + u32::try_from(base.classes.len()).unwrap_or(u32::MAX),
            base: Some(Arc::clone(base)),
            definitions: Vec::new(),
            extents: Vec::new(),
            by_name: HashMap::new(),
            constructors: Vec::new(),
            classes: Vec::new(),
            kept: HashMap::new(),
        }
    }

    /// Every type, in the order of definition.
    pub fn all(&self) -> impl Iterator<Item = Type> + use<> {
        (0..self.len()).map(Type)
    }

    fn len(&self) -> u32 {
        self.first + u32::try_from(self.definitions.len()).unwrap_or(u32::MAX)
    }

    /// Defines a type that is a family of its own. A name that exists already is given a new definition: the
    /// latest one is found by name, older handles keep theirs.
    ///
    /// # Panics
    ///
    /// Where the fields are of types that are nested more than a hundred deep, or made of more than 10,000 parts. In an
    /// extension that becomes an error which names it.
    pub fn define(&mut self, name: &str, model: DataModel, cell: CellForm) -> Type {
        let constructor = self.define_constructor(name);
        self.push(TypeDefinition {
            name: name.to_owned(),
            constructor,
            parameters: Box::default(),
            model,
            cell,
            members: Box::default(),
            aliases: Box::default(),
            set_of: None,
            memory: None,
        })
    }

    /// Defines an enumeration of a family: its values are integers of a representation, by name; aliases are other names
    /// of the same integers.
    pub fn define_enumeration(
        &mut self,
        constructor: TypeConstructor,
        name: &str,
        representation: Representation,
        members: Vec<(String, i64)>,
        aliases: Vec<(String, i64)>,
    ) -> Type {
        self.push(TypeDefinition {
            name: name.to_owned(),
            constructor,
            parameters: Box::default(),
            model: DataModel::Scalar(representation),
            cell: CellForm::Scalar,
            members: members.into(),
            aliases: aliases.into(),
            set_of: None,
            memory: None,
        })
    }

    /// Defines a family of types, such as all tuples.
    pub fn define_constructor(&mut self, name: &str) -> TypeConstructor {
        let id = self.first_constructor + u32::try_from(self.constructors.len()).unwrap_or(u32::MAX);
        self.constructors.push(name.to_owned());
        TypeConstructor(id)
    }

    /// The class of a name, defined on first use in the layer that is being built.
    pub fn define_class(&mut self, name: &str) -> TypeClass {
        if let Some(found) = self.lookup_class(name) {
            return found;
        }
        let id = self.first_class + u32::try_from(self.classes.len()).unwrap_or(u32::MAX);
        self.classes.push((name.to_owned(), Vec::new()));
        TypeClass(id)
    }

    /// The class of a name.
    pub fn lookup_class(&self, name: &str) -> Option<TypeClass> {
        let here = (self.first_class..).zip(&self.classes).find(|(_, (known, _))| known == name);
        here.map(|(id, _)| TypeClass(id)).or_else(|| self.base.as_ref().and_then(|base| base.lookup_class(name)))
    }

    /// Adds a family to a class; without effect on a class of a lower layer, which is shared and does not change.
    pub fn add_to_class(&mut self, class: TypeClass, constructor: TypeConstructor) {
        let index = class.0.checked_sub(self.first_class).map(|index| index as usize);
        if let Some((_, members)) = index.and_then(|index| self.classes.get_mut(index))
            && !members.contains(&constructor)
        {
            members.push(constructor);
        }
    }

    /// The name of a class.
    pub fn class_name(&self, class: TypeClass) -> &str {
        self.class(class).map_or("", |(name, _)| name)
    }

    /// Whether a type is of a family of a class.
    pub fn is_in_class(&self, class: TypeClass, ty: Type) -> bool {
        self.class(class).is_some_and(|(_, members)| members.contains(&self.definition(ty).constructor))
    }

    fn class(&self, class: TypeClass) -> Option<&(String, Vec<TypeConstructor>)> {
        match class.0.checked_sub(self.first_class) {
            Some(index) => self.classes.get(index as usize),
            None => self.base.as_ref().and_then(|base| base.class(class)),
        }
    }

    /// The name of a family.
    pub fn constructor_name(&self, constructor: TypeConstructor) -> &str {
        match constructor.0.checked_sub(self.first_constructor) {
            Some(index) => self.constructors.get(index as usize).map_or("", String::as_str),
            None => self.base.as_ref().map_or("", |base| base.constructor_name(constructor)),
        }
    }

    /// The family of a name; the latest that has it.
    pub fn constructor(&self, name: &str) -> Option<TypeConstructor> {
        let here = (self.first_constructor..).zip(&self.constructors).filter(|(_, known)| *known == name).last();
        let found = here.map(|(id, _)| TypeConstructor(id));
        found.or_else(|| self.base.as_ref().and_then(|base| base.constructor(name)))
    }

    /// Says in which type values of another one are kept. The type is of this layer, or nothing is said of it yet.
    pub fn set_kept(&mut self, ty: Type, kept: Kept) {
        self.kept.insert(ty, kept);
    }

    pub(crate) fn kept_here(&self, ty: Type) -> Option<&Kept> {
        self.kept.get(&ty)
    }

    pub(crate) fn base_table(&self) -> Option<&Self> {
        self.base.as_deref()
    }

    /// A definition of this layer.
    pub(crate) fn definition_mut(&mut self, ty: Type) -> Option<&mut TypeDefinition> {
        let index = ty.0.checked_sub(self.first)?;
        self.definitions.get_mut(index as usize)
    }

    /// The member of a family for these parameters, defined on first use; `name` is its full name.
    ///
    /// # Panics
    ///
    /// As [`TypeTable::define`].
    pub fn apply(
        &mut self,
        constructor: TypeConstructor,
        parameters: &[Type],
        name: &str,
        model: DataModel,
        cell: CellForm,
    ) -> Type {
        if let Some(found) = self.lookup(name) {
            let definition = self.definition(found);
            if definition.constructor == constructor && *definition.parameters == *parameters {
                return found;
            }
        }
        let (name, parameters) = (name.to_owned(), parameters.into());
        self.push(TypeDefinition {
            name,
            constructor,
            parameters,
            model,
            cell,
            members: Box::default(),
            aliases: Box::default(),
            set_of: None,
            memory: None,
        })
    }

    /// The sets of members of an enumeration, a bit each, defined on first use: an integer, in a cell of as many bytes.
    pub(crate) fn apply_set(
        &mut self,
        constructor: TypeConstructor,
        members: Type,
        representation: Representation,
        cell: CellForm,
    ) -> Type {
        let name = format!("{}[{}]", self.constructor_name(constructor), self.name(members));
        let ty = self.apply(constructor, &[members], &name, DataModel::Scalar(representation), cell);
        // One that was there already is of a lower layer perhaps, which does not change.
        if let Some(index) = ty.0.checked_sub(self.first) {
            self.definitions[index as usize].set_of = Some(members);
        }
        ty
    }

    /// # Panics
    ///
    /// Where types are nested deeper, or have more parts, than there is room for.
    #[track_caller]
    fn push(&mut self, definition: TypeDefinition) -> Type {
        let fields = match &definition.model {
            DataModel::Fields(fields) => &**fields,
            DataModel::Empty | DataModel::Scalar(_) => &[],
        };
        let inner = fields.iter().map(|field| field.ty).chain(definition.parameters.iter().copied());
        let depth = inner.map(|ty| self.extent(ty).depth).max().unwrap_or(0) + 1;
        let parts = fields.iter().fold(1u32, |sum, field| sum.saturating_add(self.extent(field.ty).parts));
        assert!(depth <= MOST_DEPTH && parts <= MOST_PARTS, "{TOO_DEEP}");
        self.extents.push(Extent { depth, parts });
        let ty = Type(self.len());
        self.by_name.insert(definition.name.clone(), ty);
        self.definitions.push(definition);
        ty
    }

    fn extent(&self, ty: Type) -> Extent {
        match &self.base {
            Some(base) if ty.0 < self.first => base.extent(ty),
            _ => self.extents[(ty.0 - self.first) as usize],
        }
    }

    /// The type of that full name.
    pub fn lookup(&self, name: &str) -> Option<Type> {
        self.by_name.get(name).copied().or_else(|| self.base.as_ref().and_then(|base| base.lookup(name)))
    }

    /// What is known of a type.
    ///
    /// # Panics
    ///
    /// When the handle is of another table.
    pub fn definition(&self, ty: Type) -> &TypeDefinition {
        if ty.0 >= self.first {
            return &self.definitions[(ty.0 - self.first) as usize];
        }
        match &self.base {
            Some(base) => base.definition(ty),
            None => unreachable!("a table without a base starts at 0"),
        }
    }

    /// The name as a user writes and reads it.
    pub fn name(&self, ty: Type) -> &str {
        &self.definition(ty).name
    }

    /// The IR values that hold a value of the type, in order.
    pub fn components(&self, ty: Type) -> SmallVec<[Representation; 4]> {
        let mut components = SmallVec::new();
        self.push_components(ty, &mut components);
        components
    }

    fn push_components(&self, ty: Type, components: &mut SmallVec<[Representation; 4]>) {
        match &self.definition(ty).model {
            DataModel::Empty => {}
            DataModel::Scalar(representation) => components.push(*representation),
            DataModel::Fields(fields) => {
                for field in fields {
                    self.push_components(field.ty, components);
                }
            }
        }
    }

    /// Offsets in bytes of the components in memory, and the size in bytes of the whole, as a C struct has them.
    pub fn layout(&self, ty: Type) -> (SmallVec<[u32; 4]>, u32) {
        let mut offsets = SmallVec::new();
        let (mut size, mut alignment) = (0u32, 1u32);
        for component in self.components(ty) {
            size = size.next_multiple_of(component.size());
            alignment = alignment.max(component.size());
            offsets.push(size);
            size += component.size();
        }
        (offsets, size.next_multiple_of(alignment))
    }

    /// The size in bytes that orders state slots: that of the cell, 8 for what a slot points at.
    pub fn slot_size(&self, ty: Type) -> u32 {
        match self.definition(ty).cell {
            CellForm::Scalar | CellForm::Truth => self.layout(ty).1,
            CellForm::Packed(bytes) => u32::from(bytes),
            CellForm::Container | CellForm::Object | CellForm::Buffer | CellForm::Place | CellForm::None => 8,
        }
    }
}
