//! The signature of compiled functions: the parameters of all categories, by order.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_models::{AbiParameter, AbiParameterId, FunctionModel, MetadataMap, TypeTable};

use crate::{SourceCategory, VariableFactory, Variables};

/// Two categories that cannot stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// Two of one id.
    DuplicateId(String),
    /// Two of one order: the order and both ids.
    DuplicateOrder(i32, String, String),
    /// Two parameters of one name.
    DuplicateParameter(String),
}

impl std::fmt::Display for LayoutError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DuplicateId(id) => write!(formatter, "two source categories have the id `{id}`"),
            Self::DuplicateOrder(order, first, second) => {
                write!(formatter, "the source categories `{first}` and `{second}` both have the order {order}")
            }
            Self::DuplicateParameter(name) => write!(formatter, "two ABI parameters have the name `{name}`"),
        }
    }
}

impl std::error::Error for LayoutError {}

/// The categories of a context in ascending order, and the signature they give.
#[derive(Clone)]
pub struct SignatureLayout {
    categories: Vec<Arc<dyn SourceCategory>>,
    ids: Vec<Arc<str>>,
    parameters: Vec<AbiParameter>,
    /// The position of the category of each parameter.
    owners: Vec<usize>,
    by_name: HashMap<String, AbiParameterId>,
}

impl std::fmt::Debug for SignatureLayout {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("SignatureLayout").field("categories", &self.ids).finish_non_exhaustive()
    }
}

impl SignatureLayout {
    /// Orders the categories and lays out their parameters.
    ///
    /// # Errors
    ///
    /// [`LayoutError`] for equal ids, orders or parameter names.
    pub fn new(mut categories: Vec<Arc<dyn SourceCategory>>) -> Result<Self, LayoutError> {
        categories.sort_by_key(|category| category.order());
        let (mut parameters, mut owners) = (Vec::new(), Vec::new());
        let (mut by_name, mut ids) = (HashMap::new(), Vec::<Arc<str>>::new());
        for (index, category) in categories.iter().enumerate() {
            if ids.iter().any(|id| **id == *category.id()) {
                return Err(LayoutError::DuplicateId(category.id().to_owned()));
            }
            if let Some(previous) = index.checked_sub(1).map(|index| &categories[index])
                && previous.order() == category.order()
            {
                let (first, second) = (previous.id().to_owned(), category.id().to_owned());
                return Err(LayoutError::DuplicateOrder(category.order(), first, second));
            }
            ids.push(category.id().into());
            for parameter in category.parameters() {
                let id = AbiParameterId(u32::try_from(parameters.len()).unwrap_or(u32::MAX));
                if by_name.insert(parameter.name.clone(), id).is_some() {
                    return Err(LayoutError::DuplicateParameter(parameter.name));
                }
                parameters.push(parameter);
                owners.push(index);
            }
        }
        Ok(Self { categories, ids, parameters, owners, by_name })
    }

    /// The parameters of the signature, in order.
    pub fn parameters(&self) -> &[AbiParameter] {
        &self.parameters
    }

    /// A parameter by name.
    pub fn lookup(&self, name: &str) -> Option<AbiParameterId> {
        self.by_name.get(name).copied()
    }

    /// The category that brings a parameter.
    pub fn category_of(&self, parameter: AbiParameterId) -> Option<&Arc<dyn SourceCategory>> {
        self.owners.get(parameter.0 as usize).and_then(|owner| self.categories.get(*owner))
    }

    /// The categories in order.
    pub fn categories(&self) -> &[Arc<dyn SourceCategory>] {
        &self.categories
    }

    /// The variables that the categories make of a function, in the order of the categories.
    pub fn create_variables(&self, function: &FunctionModel) -> Variables {
        let mut variables = Variables::default();
        for (category, id) in self.categories.iter().zip(&self.ids) {
            let mut factory = VariableFactory {
                layout: self,
                category: Arc::clone(id),
                init_filter: category.init_filter(),
                variables: &mut variables,
            };
            category.create_variables(function, &mut factory);
        }
        variables
    }

    /// The metadata of all categories, in their order; a name that two give is the later one's.
    pub fn result_metadata(&self, function: &FunctionModel, types: &TypeTable) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        for category in &self.categories {
            metadata.extend(category.result_metadata(function, types));
        }
        metadata
    }
}
