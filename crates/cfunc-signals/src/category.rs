//! Where signals live: three parameters of the signature.

use cfunc_compiler::{
    AbiParameter, AbiRole, FunctionModel, InitFilter, MetadataMap, MetadataValue, ParameterModel, Representation,
    SourceCategory, TypeTable, VariableFactory, VariableSource,
};

/// The id of the category of signals.
pub(crate) const SIGNAL_CATEGORY: &str = "signal";
/// The parameter that points at the cells.
const INPUTS: &str = "inputs";
/// The parameter that says which signals ticked for this call.
pub(crate) const INPUT_TICKED: &str = "input_ticked";
/// The parameter that says which signals ever ticked.
pub(crate) const INPUT_VALID: &str = "input_valid";

/// The signals of a function, in slot order: that of its parameters.
pub(crate) fn signals(function: &FunctionModel) -> impl Iterator<Item = &ParameterModel> {
    function.parameters.iter().filter(|parameter| *parameter.category == *SIGNAL_CATEGORY)
}

pub(crate) struct SignalCategory;

impl SourceCategory for SignalCategory {
    fn id(&self) -> &str {
        SIGNAL_CATEGORY
    }

    fn order(&self) -> i32 {
        0
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        let pointer = |name: &str, role, element| AbiParameter {
            name: name.to_owned(),
            representation: Representation::Pointer,
            role,
            element,
        };
        vec![
            pointer(INPUTS, AbiRole::Cells, None),
            pointer(INPUT_TICKED, AbiRole::Ticked, Some(Representation::I8)),
            pointer(INPUT_VALID, AbiRole::Valid, Some(Representation::I8)),
        ]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::OnExecute
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let Some(parameter) = factory.parameter(INPUTS) else { return };
        for (index, signal) in (0u32..).zip(signals(function)) {
            factory.add(&signal.name, signal.ty, VariableSource::Input { parameter, index });
        }
    }

    /// `ordered_input_signals` and `input_types`: names and types in slot order.
    fn result_metadata(&self, function: &FunctionModel, _types: &TypeTable) -> MetadataMap {
        let names = signals(function).map(|signal| signal.name.to_string()).collect();
        let types = signals(function).map(|signal| signal.ty).collect();
        MetadataMap::from_iter([
            ("ordered_input_signals".to_owned(), MetadataValue::Texts(names)),
            ("input_types".to_owned(), MetadataValue::Types(types)),
        ])
    }
}
