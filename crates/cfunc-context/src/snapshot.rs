//! How the states of a type are saved, and made anew from what was saved.
//!
//! A node's states are saved by whoever owns their cells, with nothing but descriptions: plain data needs none, a
//! container says that it is a sequence of items and which native functions read and append them. Nothing is emitted,
//! so a snapshot costs a node nothing that it does not take.

use std::borrow::Cow;
use std::sync::Arc;

use cfunc_models::{CellForm, DataModel, Representation, RuntimeFunction, Type, TypeConstructor, TypeTable};

use crate::panics::asked;
use crate::{Registrar, Registry, catch_panics};

/// A native function that takes and gives integers of 64 bits and pointers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NativeFunction {
    /// One of the C runtime.
    Runtime(RuntimeFunction),
    /// One that the host registers with the compilation's symbols.
    Symbol(Cow<'static, str>),
}

/// A plain value within an item.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ItemPart {
    /// The type of the value; its components are plain data.
    pub ty: Type,
    /// Where it begins, in bytes from the start of the item.
    pub offset: u32,
    /// Whether memory holds its one integer with its sign extended to 64 bits.
    pub extended: bool,
}

/// A container as a sequence of items, each of so many bytes in a buffer, aligned to 16. The order of items is part of
/// what is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ItemsForm {
    /// What an item holds; at least one component. Bytes between them are zero when items are appended.
    pub parts: Vec<ItemPart>,
    /// Bytes from the start of an item to that of the next.
    pub size: u32,
    /// `void *make(…)`: an empty container with one owner, of [`ItemsForm::make_arguments`]; NULL where there is no memory.
    pub make: NativeFunction,
    /// What `make` is given: at most four words.
    pub make_arguments: Vec<i64>,
    /// `int64_t read(const void *container, int64_t *cursor, void *items, int64_t count)`: copies up to `count` items from
    /// the cursor on, which is 0 at first, moves the cursor, and gives how many; 0 at the end.
    pub read: NativeFunction,
    /// `int8_t append(void *container, const void *items, int64_t count)`: adds items at the end. 1; 0 where there is no
    /// memory; below 0 where an item cannot be there, as a key that is there already.
    pub append: NativeFunction,
    /// `void release(void *container)`: an owner less.
    pub release: NativeFunction,
}

/// How a state of a type is saved.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SnapshotForm {
    /// Its components, one after the other; any bytes are a value of the type. What plain data has without a rule.
    Plain,
    /// A pointer at a container, which the cell owns; NULL is none.
    Items(ItemsForm),
    /// Not at all: the reason, as the end of a sentence.
    Refused(String),
}

/// Says how the states of a type of a family are saved.
pub type SnapshotRule = Arc<dyn Fn(&TypeTable, Type) -> SnapshotForm + Send + Sync>;

impl Registrar<'_> {
    /// Says how states of a family of types are saved. Types of plain data need no rule, unless not all bytes are right
    /// for them; types of pointers, and those with ownership hooks or code for START and STOP, are refused without one.
    pub fn snapshot(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&TypeTable, Type) -> SnapshotForm + Send + Sync + 'static,
    ) {
        let name = format!("snapshot({})", self.types.constructor_name(constructor));
        if let Some(first) = self.registry.snapshots.get(&constructor).map(|(_, first)| *first) {
            return self.refuse_duplicate(first, name);
        }
        let Some(id) = self.new_rule(name) else { return };
        self.registry.snapshots.insert(constructor, (Arc::new(rule), id));
    }
}

impl Registry {
    /// How a state of a type is saved: by the rule of its family, else as plain data where it is that. What a rule says is
    /// checked against the type, so that plain forms hold no pointers and items lie within their size.
    pub fn snapshot_form(&self, types: &TypeTable, ty: Type) -> SnapshotForm {
        let definition = types.definition(ty);
        let form = match self.snapshots.get(&definition.constructor) {
            Some((rule, id)) => catch_panics(|| asked(*id, None, || rule(types, ty))).unwrap_or_else(|panic| {
                let rule = panic.describe(self);
                SnapshotForm::Refused(format!("{rule} panicked: {}", panic.message))
            }),
            None if self.state_lifecycle(types, ty).is_some() || !self.owned_components(types, ty).is_empty() => {
                SnapshotForm::Refused(
                    "its type says how values are made and let go, but not how they are saved".to_owned(),
                )
            }
            None => SnapshotForm::Plain,
        };
        let refused = |reason: &str| SnapshotForm::Refused(reason.to_owned());
        match &form {
            SnapshotForm::Plain if !is_plain(types, ty) => refused("it holds an address"),
            SnapshotForm::Items(_) if definition.model != DataModel::Scalar(Representation::Pointer) => {
                refused("its rule describes a container, and it is no pointer")
            }
            SnapshotForm::Items(items) if !items.is_sound(types) => refused("its rule describes items that cannot be"),
            SnapshotForm::Plain | SnapshotForm::Items(_) | SnapshotForm::Refused(_) => form,
        }
    }
}

impl ItemsForm {
    fn is_sound(&self, types: &TypeTable) -> bool {
        let fits = |part: &ItemPart| {
            let components = types.components(part.ty);
            let bytes = if part.extended { 8 } else { types.layout(part.ty).1 };
            let extends = matches!(components.as_slice(), [only] if only.is_integer() && only.size() <= 8);
            is_plain(types, part.ty)
                && !components.is_empty()
                && part.offset.checked_add(bytes).is_some_and(|end| end <= self.size)
                && (!part.extended || extends)
        };
        !self.parts.is_empty() && self.parts.iter().all(fits) && self.make_arguments.len() <= 4
    }
}

/// Whether a type is of data alone, which a cell or buffer can hold.
fn is_plain(types: &TypeTable, ty: Type) -> bool {
    if let (CellForm::Place, Some(memory)) = (types.definition(ty).cell, types.memory_layout(ty)) {
        return memory.is_data(types);
    }
    !matches!(types.definition(ty).cell, CellForm::None | CellForm::Container)
        && !types.components(ty).contains(&Representation::Pointer)
}
