//! The signature of compiled functions: the parameters of all categories, by order.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_models::{AbiParameter, AbiParameterId, AbiRole, FunctionModel, MetadataMap, Representation, TypeTable};

use crate::{SourceCategory, VariableFactory, VariableModel, VariableSource, Variables};

/// Two categories that cannot stand beside each other.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LayoutError {
    /// Two of one id.
    DuplicateId(String),
    /// Two of one order: the order and both ids.
    DuplicateOrder(i32, String, String),
    /// Two parameters of one name.
    DuplicateParameter(String),
    /// A parameter that is an array by its role, and is not passed as a pointer.
    ArrayByValue(String),
}

impl std::fmt::Display for LayoutError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DuplicateId(id) => write!(formatter, "two source categories have the id `{id}`"),
            Self::DuplicateOrder(order, first, second) => {
                write!(formatter, "the source categories `{first}` and `{second}` both have the order {order}")
            }
            Self::DuplicateParameter(name) => write!(formatter, "two ABI parameters have the name `{name}`"),
            Self::ArrayByValue(name) => {
                write!(formatter, "the ABI parameter `{name}` is an array by its role, and must be a pointer")
            }
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
    /// [`LayoutError`] for equal ids, orders or parameter names, and for arrays that are no pointers.
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
                let by_value = matches!(parameter.role, AbiRole::Phase | AbiRole::Custom);
                if !by_value && parameter.representation != Representation::Pointer {
                    return Err(LayoutError::ArrayByValue(parameter.name));
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

    /// The first variable that a category put where no host keeps a cell of its kind, with the parameter: into an array
    /// of flags, say, or beyond the states. Compiled code would follow what is no pointer.
    pub fn misplaced<'a>(
        &'a self,
        function: &FunctionModel,
        variables: &'a Variables,
    ) -> Option<(&'a VariableModel, &'a AbiParameter)> {
        // What is custom is the host's own duty.
        let fits = |parameter: &AbiParameter, index: u32, flag: bool| match parameter.role {
            AbiRole::Custom => parameter.representation == Representation::Pointer,
            AbiRole::Cells => !flag,
            AbiRole::State => !flag && (index as usize) < function.states.len(),
            AbiRole::Outputs => !flag && (index as usize) < function.outputs.len(),
            AbiRole::OutputTicked => flag && (index as usize) < function.outputs.len(),
            AbiRole::Phase | AbiRole::Ticked | AbiRole::Valid => false,
        };
        variables.iter().find_map(|(_, variable)| {
            let places = match &variable.source {
                VariableSource::Input { parameter, index }
                | VariableSource::State { parameter, index }
                | VariableSource::Pointer { parameter, index } => [Some((*parameter, *index, false)), None],
                VariableSource::Output { parameter, index, ticked } => {
                    [Some((*parameter, *index, false)), Some((*ticked, *index, true))]
                }
                VariableSource::Keyed(_) | VariableSource::Expression(_) | VariableSource::Constant(_) => [None, None],
            };
            places.into_iter().flatten().find_map(|(id, index, flag)| {
                let parameter = self.parameters.get(id.0 as usize)?;
                let is_output = matches!(variable.source, VariableSource::Output { .. });
                // Cells are made for what is read, not for what is written.
                let is_wrong = !fits(parameter, index, flag) || (is_output && parameter.role == AbiRole::Cells);
                is_wrong.then_some((variable, parameter))
            })
        })
    }

    /// The metadata of all categories, in their order; a name that two give is the later one's.
    pub fn result_metadata(&self, function: &FunctionModel, types: &TypeTable) -> MetadataMap {
        let mut metadata = MetadataMap::new();
        for category in &self.categories {
            let entries = category.result_metadata(function, types);
            if metadata.is_empty() {
                metadata = entries;
            } else {
                metadata.extend(entries);
            }
        }
        metadata
    }
}
