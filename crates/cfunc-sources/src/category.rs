//! What a source category is.

use std::sync::Arc;

use cfunc_models::{AbiParameter, AbiParameterId, FunctionModel, MetadataMap, Type, TypeTable, VariableId};

use crate::{InitFilter, SignatureLayout, VariableModel, VariableSource, Variables};

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
}
