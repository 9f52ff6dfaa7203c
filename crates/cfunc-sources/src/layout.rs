//! The signature of compiled functions: the parameters of all categories, by order.

use std::sync::Arc;

use cfunc_models::{
    AbiParameter, AbiParameterId, AbiRole, FunctionModel, MetadataMap, Representation, TypeTable, Value,
};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, Intrinsic};
use foldhash::HashMap;

use crate::{SourceCategory, VariableFactory, VariableModel, VariableSource, Variables};

const NOT_A_VARIABLE: &str = "a variable that is none of the function";

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
    /// A parameter whose name is no identifier of C: its category, and the name.
    ParameterName(String, String),
}

impl std::fmt::Display for LayoutError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::DuplicateId(id) => write!(formatter, "two source categories have the id `{id}`"),
            Self::DuplicateOrder(order, first, second) => {
                write!(formatter, "the source categories `{first}` and `{second}` both have the order {order}")
            }
            Self::DuplicateParameter(name) => write!(formatter, "two ABI parameters have the name `{name}`"),
            Self::ParameterName(category, name) => write!(
                formatter,
                "the source category `{category}` names an ABI parameter {name:?}, which is no identifier: use letters, \
                 digits and `_`"
            ),
            Self::ArrayByValue(name) => {
                write!(
                    formatter,
                    "the ABI parameter `{name}` is an array by its role, and must be a pointer: pass it as `Pointer`, or \
                     give it the role `Custom` where it is one value that the host supplies"
                )
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
    /// [`LayoutError`] for equal ids, orders or parameter names, names that are no identifiers, and arrays that are no
    /// pointers.
    pub fn new(mut categories: Vec<Arc<dyn SourceCategory>>) -> Result<Self, LayoutError> {
        categories.sort_by_key(|category| category.order());
        let (mut parameters, mut owners) = (Vec::new(), Vec::new());
        let (mut by_name, mut ids) = (HashMap::default(), Vec::<Arc<str>>::new());
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
                if !is_identifier(&parameter.name) {
                    return Err(LayoutError::ParameterName(category.id().to_owned(), parameter.name));
                }
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

    /// How many elements the array has that a parameter is, in an instance of this function; `None` where it is none that
    /// an instance keeps: a value of its own, or what the host supplies.
    pub fn array_length(
        &self,
        parameter: AbiParameterId,
        function: &FunctionModel,
        variables: &Variables,
    ) -> Option<u32> {
        let count = |length: usize| Some(u32::try_from(length).unwrap_or(u32::MAX));
        match self.parameters.get(parameter.0 as usize)?.role {
            AbiRole::Custom | AbiRole::Phase => None,
            AbiRole::Outputs | AbiRole::OutputTicked => count(function.outputs.len()),
            AbiRole::State => count(function.states.len()),
            AbiRole::Cells | AbiRole::Ticked | AbiRole::Valid => {
                let owner = self.owners.get(parameter.0 as usize);
                let of_category = variables.iter().filter_map(|(_, variable)| match &variable.source {
                    VariableSource::Input { parameter, index } | VariableSource::Pointer { parameter, index } => {
                        (self.owners.get(parameter.0 as usize) == owner).then_some(*index)
                    }
                    _ => None,
                });
                Some(of_category.max().map_or(0, |largest| largest.saturating_add(1)))
            }
        }
    }

    /// What is wrong with a node that names things of the function, or of the context, by their numbers: in what an
    /// extension answers it may be of another one. `is_helper` says that the node stands in a helper.
    pub fn misnamed(
        &self,
        expression: &Expression,
        (function, variables, is_helper): (&FunctionModel, &Variables, bool),
    ) -> Option<&'static str> {
        let intrinsic = match &expression.kind {
            ExpressionKind::Name { binding: Binding::Variable(id), .. } => {
                return (id.0 as usize >= variables.len()).then_some(NOT_A_VARIABLE);
            }
            ExpressionKind::Intrinsic { intrinsic, .. } => intrinsic,
            _ => return None,
        };
        let arguments = match &expression.kind {
            ExpressionKind::Intrinsic { arguments, .. } => arguments.as_slice(),
            _ => &[],
        };
        let of_array = |parameter: AbiParameterId, end: Option<i64>| {
            if self.parameters.get(parameter.0 as usize).is_none() {
                return Some("a parameter of another context");
            }
            if is_helper {
                return Some("a parameter of the node in a helper, which is not given it");
            }
            let length = self.array_length(parameter, function, variables);
            let fits = end.is_some_and(|end| length.is_none_or(|length| end <= i64::from(length)));
            (!fits).then_some("an element beyond the end of an array of the node")
        };
        match intrinsic {
            Intrinsic::AbiElement { parameter, index, .. } => of_array(*parameter, Some(i64::from(*index) + 1)),
            Intrinsic::AbiElementAt { parameter, .. } => {
                let end = match arguments {
                    [_, first, length] => match (&first.kind, &length.kind) {
                        (
                            ExpressionKind::Constant(Value::Integer(first)),
                            ExpressionKind::Constant(Value::Integer(length)),
                        ) => first.checked_add(*length).filter(|_| *first >= 0 && *length >= 0),
                        _ => None,
                    },
                    _ => None,
                };
                of_array(*parameter, end)
            }
            Intrinsic::AbiParameter { parameter, .. } => of_array(*parameter, Some(0)),
            Intrinsic::InputAt { variable } => {
                let is_container = (variable.0 as usize) < variables.len()
                    && matches!(variables.get(*variable).source, VariableSource::Keyed(_));
                (!is_container).then_some(NOT_A_VARIABLE)
            }
            Intrinsic::StoreOutput { variable } => {
                let is_output = (variable.0 as usize) < variables.len()
                    && matches!(variables.get(*variable).source, VariableSource::Output { .. });
                (!is_output).then_some("a store to what is no output of the function")
            }
            Intrinsic::StoreOutputs => is_helper.then_some("a store to outputs in a helper, which has none"),
            Intrinsic::Held(_) | Intrinsic::Folded | Intrinsic::Reported => None,
        }
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

/// Whether headers and sources can write a name.
fn is_identifier(name: &str) -> bool {
    let mut characters = name.chars();
    characters.next().is_some_and(|first| first.is_ascii_alphabetic() || first == '_')
        && characters.all(|next| next.is_ascii_alphanumeric() || next == '_')
}
