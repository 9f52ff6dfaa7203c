//! The global names that source code can use: functions, modules, classes, constants, markers.

use std::sync::Arc;

use cfunc_models::{NodeErrorKind, Type, TypeTable, Value};
use cfunc_syntax::ast::{GlobalId, Module, Name};
use foldhash::HashMap;

use crate::CallableId;

/// A name with a meaning in annotations alone, told apart by who registered it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Marker(pub Arc<str>);

/// The type that a family makes of the types in the brackets of an annotation.
#[derive(Clone)]
pub struct TypeFamily(pub TypeFamilyRule);

/// Makes a type of the types in the brackets of an annotation, or says why there is none of these.
pub type TypeFamilyRule = Arc<dyn Fn(&mut TypeTable, &[Type]) -> Result<Type, String> + Send + Sync>;

impl std::fmt::Debug for TypeFamily {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("TypeFamily")
    }
}

/// What a global name stands for; one name may be several things, as `int` is a type and a function.
#[derive(Clone, Debug, Default)]
pub struct GlobalDefinition {
    /// Its full name: `math.sqrt`.
    pub name: String,
    /// What a call of it calls.
    pub callable: Option<CallableId>,
    /// The type it is in an annotation.
    pub ty: Option<Type>,
    /// The family of types it is in an annotation: `list` of `list[int]`.
    pub family: Option<TypeFamily>,
    /// The family of types it is in annotations and signatures of plain functions, where it is none elsewhere: of values
    /// that no cell holds.
    pub argument_family: Option<TypeFamily>,
    /// Its value.
    pub value: Option<Value>,
    /// What it is in an annotation, where that is no type.
    pub marker: Option<Marker>,
    /// The kind of error it is, where it is a class of exceptions.
    pub exception: Option<NodeErrorKind>,
    /// What its attributes stand for: members of a module or class.
    pub members: HashMap<Arc<str>, GlobalId>,
}

/// A function that an extension brings as Python code.
#[derive(Clone, Debug)]
pub struct PythonFunction {
    /// The name that stands for it.
    pub global: GlobalId,
    /// Its own name in the module.
    pub name: Name,
    /// Where it is defined.
    pub module: Arc<Module>,
    /// An upper bound of the depth of the module's tree.
    pub depth: usize,
}

/// All global names of a context.
#[derive(Clone, Debug, Default)]
pub struct Globals {
    pub(crate) definitions: Vec<GlobalDefinition>,
    pub(crate) by_name: HashMap<Arc<str>, GlobalId>,
}

impl Globals {
    /// The global of a name without a dot.
    pub fn lookup(&self, name: &str) -> Option<GlobalId> {
        self.by_name.get(name).copied()
    }

    /// What a global stands for.
    pub fn get(&self, id: GlobalId) -> &GlobalDefinition {
        &self.definitions[id.0 as usize]
    }

    /// Whether there is a global of this number.
    pub fn contains(&self, id: GlobalId) -> bool {
        (id.0 as usize) < self.definitions.len()
    }

    /// All names without a dot, in no order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(|name| &**name)
    }

    /// A global that no source can name; the label is for texts.
    pub(crate) fn define_private(&mut self, label: &str) -> GlobalId {
        let id = GlobalId(u32::try_from(self.definitions.len()).unwrap_or(u32::MAX));
        self.definitions.push(GlobalDefinition { name: label.to_owned(), ..GlobalDefinition::default() });
        id
    }

    /// The global of a dotted name.
    pub fn lookup_path(&self, path: &str) -> Option<GlobalId> {
        let mut parts = path.split('.');
        let mut id = self.lookup(parts.next()?)?;
        for part in parts {
            id = self.get(id).members.get(part).copied()?;
        }
        Some(id)
    }

    /// The id of a dotted name, made on first use with its parents.
    pub(crate) fn define(&mut self, path: &str) -> GlobalId {
        let (parent, last) = match path.rsplit_once('.') {
            Some((parent, last)) => (Some(self.define(parent)), last),
            None => (None, path),
        };
        let existing = match parent {
            Some(parent) => self.definitions[parent.0 as usize].members.get(last),
            None => self.by_name.get(last),
        };
        if let Some(id) = existing {
            return *id;
        }
        let id = GlobalId(u32::try_from(self.definitions.len()).unwrap_or(u32::MAX));
        self.definitions.push(GlobalDefinition { name: path.to_owned(), ..GlobalDefinition::default() });
        match parent {
            Some(parent) => self.definitions[parent.0 as usize].members.insert(last.into(), id),
            None => self.by_name.insert(last.into(), id),
        };
        id
    }
}
