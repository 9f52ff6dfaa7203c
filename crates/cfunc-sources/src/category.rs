//! What a source category is.

use std::sync::Arc;

use cfunc_models::{AbiParameter, AbiParameterId, FunctionModel, MetadataMap, Type, TypeTable, VariableId};

use crate::{InitFilter, KeyedInputs, SignatureLayout, VariableModel, VariableSource, Variables};

/// Brings parameters into the signature and makes variables of what a function declares.
pub trait SourceCategory: Send + Sync {
    /// Its id, unique in a context.
    fn id(&self) -> &str;

    /// Its place in the signature, unique in a context; extensions start at 0.
    fn order(&self) -> i32;

    /// The parameters it brings, in order.
    fn parameters(&self) -> Vec<AbiParameter>;

    /// In which phases its variables may be used.
    fn init_filter(&self) -> InitFilter;

    /// Makes the variables of a function.
    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>);

    /// What it adds to the metadata of a result, under names of its own.
    fn result_metadata(&self, function: &FunctionModel, types: &TypeTable) -> MetadataMap {
        let _ = (function, types);
        MetadataMap::new()
    }
}

/// Makes the variables of one category.
pub struct VariableFactory<'a> {
    pub(crate) layout: &'a SignatureLayout,
    pub(crate) category: Arc<str>,
    pub(crate) init_filter: InitFilter,
    pub(crate) variables: &'a mut Variables,
}

impl VariableFactory<'_> {
    /// A parameter of the signature, by name.
    pub fn parameter(&self, name: &str) -> Option<AbiParameterId> {
        self.layout.lookup(name)
    }

    /// Adds a variable of the category.
    pub fn add(&mut self, name: &Arc<str>, ty: Type, source: VariableSource) -> VariableId {
        self.variables.add(VariableModel {
            name: Arc::clone(name),
            ty,
            category: Arc::clone(&self.category),
            source,
            init_filter: self.init_filter,
        })
    }

    /// Adds a variable that no name of the source finds: an input of a container, say.
    pub fn add_unnamed(&mut self, name: &str, ty: Type, source: VariableSource) -> VariableId {
        self.variables.add_unnamed(VariableModel {
            name: name.into(),
            ty,
            category: Arc::clone(&self.category),
            source,
            init_filter: self.init_filter,
        })
    }

    /// Adds a container of inputs: of `length` positions or, with keys, of as many as there are keys, from `first` on in
    /// an array of pointers. Each is an input of its own, `name[0]` or `name["key"]`. The container's variable comes after
    /// theirs.
    pub fn add_keyed(
        &mut self,
        name: &Arc<str>,
        ty: Type,
        (parameter, first): (AbiParameterId, u32),
        keys: KeyedNames<'_>,
    ) -> VariableId {
        let labels: Vec<String> = match keys {
            KeyedNames::Positions(length) => (0..length).map(|index| format!("{name}[{index}]")).collect(),
            KeyedNames::Keys(keys) => keys.iter().map(|key| format!("{name}[\"{key}\"]")).collect(),
        };
        let children = (first..).zip(&labels);
        let children = children
            .map(|(index, label)| self.add_unnamed(label, ty, VariableSource::Input { parameter, index }))
            .collect();
        let keys = match keys {
            KeyedNames::Positions(_) => Vec::new(),
            KeyedNames::Keys(keys) => keys.to_vec(),
        };
        self.add(name, ty, VariableSource::Keyed(KeyedInputs { keys, children }))
    }

    /// Makes a variable known under one more name.
    pub fn alias(&mut self, name: &Arc<str>, variable: VariableId) {
        self.variables.alias(Arc::clone(name), variable);
    }

    /// The variables made so far, those of the categories before this one included.
    pub fn variables(&self) -> &Variables {
        self.variables
    }
}

/// What the inputs of a container are read by.
#[derive(Clone, Copy, Debug)]
pub enum KeyedNames<'a> {
    /// So many positions.
    Positions(u32),
    /// Texts; positions too.
    Keys(&'a [Arc<str>]),
}
