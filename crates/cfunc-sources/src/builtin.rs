//! The built-in categories: constants, outputs, state, lifecycle.

use std::sync::Arc;

use cfunc_models::{
    AbiParameter, AbiRole, CellForm, FunctionModel, MetadataMap, MetadataValue, Representation, TypeTable,
};

use crate::{InitFilter, SourceCategory, VariableFactory, VariableSource};

/// The id of the category of constant parameters.
pub const CONSTANT_CATEGORY: &str = "constant";
/// The id of the category of outputs.
pub const OUTPUT_CATEGORY: &str = "output";
/// The id of the category of states.
pub const STATE_CATEGORY: &str = "state";
/// The id of the category of the lifecycle phase.
pub const LIFECYCLE_CATEGORY: &str = "lifecycle";

/// The categories that every context has.
pub fn builtin_categories() -> Vec<Arc<dyn SourceCategory>> {
    vec![Arc::new(ConstantCategory), Arc::new(OutputCategory), Arc::new(StateCategory), Arc::new(LifecycleCategory)]
}

fn pointer(name: &str, role: AbiRole, element: Option<Representation>) -> AbiParameter {
    AbiParameter { name: name.to_owned(), representation: Representation::Pointer, role, element }
}

struct ConstantCategory;

impl SourceCategory for ConstantCategory {
    fn id(&self) -> &str {
        CONSTANT_CATEGORY
    }

    fn order(&self) -> i32 {
        -4
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        Vec::new()
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::Always
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        for parameter in function.parameters.iter().filter(|parameter| *parameter.category == *CONSTANT_CATEGORY) {
            if let Some(value) = &parameter.value {
                factory.add(&parameter.name, parameter.ty, VariableSource::Constant(value.clone()));
            }
        }
    }
}

struct OutputCategory;

impl SourceCategory for OutputCategory {
    fn id(&self) -> &str {
        OUTPUT_CATEGORY
    }

    fn order(&self) -> i32 {
        -3
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        vec![
            pointer("outputs", AbiRole::Outputs, None),
            pointer("output_ticked", AbiRole::OutputTicked, Some(Representation::I8)),
        ]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::OnExecute
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let (Some(parameter), Some(ticked)) = (factory.parameter("outputs"), factory.parameter("output_ticked")) else {
            return;
        };
        for (index, output) in (0u32..).zip(&function.outputs) {
            let name = output.name.clone().unwrap_or_else(|| Arc::clone(&function.name));
            factory.add(&name, output.ty, VariableSource::Output { parameter, ticked, index });
        }
    }
}

struct StateCategory;

impl SourceCategory for StateCategory {
    fn id(&self) -> &str {
        STATE_CATEGORY
    }

    fn order(&self) -> i32 {
        -2
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        vec![pointer("state", AbiRole::State, None)]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::Always
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let Some(parameter) = factory.parameter("state") else { return };
        for (index, state) in (0u32..).zip(&function.states) {
            factory.add(&state.name, state.ty, VariableSource::State { parameter, index });
        }
    }

    /// `state_names`, `state_types` and `state_values` in slot order; `nrt_state_indices`, the slots that are
    /// containers; `struct_state_indices` and `struct_state_sizes`, the slots that point at a buffer of so many bytes.
    fn result_metadata(&self, function: &FunctionModel, types: &TypeTable) -> MetadataMap {
        let states = &function.states;
        // Those of other categories follow.
        let mut metadata = MetadataMap::with_capacity(12);
        let names = states.iter().map(|state| state.name.to_string()).collect();
        metadata.insert("state_names".to_owned(), MetadataValue::Texts(names));
        metadata.insert("state_types".to_owned(), MetadataValue::Types(states.iter().map(|state| state.ty).collect()));
        // What a container holds is what START makes of it: its slot begins as NULL.
        let initial = |state: &cfunc_models::StateModel| match types.definition(state.ty).cell {
            CellForm::Container => cfunc_models::Value::Integer(0),
            _ => state.initial.clone(),
        };
        let values = states.iter().map(initial).collect();
        metadata.insert("state_values".to_owned(), MetadataValue::Values(values));
        let slots = |forms: &'static [CellForm]| {
            let states = (0i64..).zip(states);
            states.filter(move |(_, state)| forms.contains(&types.definition(state.ty).cell))
        };
        let indices = |forms| MetadataValue::Integers(slots(forms).map(|(index, _)| index).collect());
        let buffers = &[CellForm::Buffer, CellForm::Place];
        metadata.insert("nrt_state_indices".to_owned(), indices(&[CellForm::Container]));
        metadata.insert("struct_state_indices".to_owned(), indices(buffers));
        let sizes = slots(buffers).map(|(_, state)| i64::from(types.cell_layout(state.ty).0)).collect();
        metadata.insert("struct_state_sizes".to_owned(), MetadataValue::Integers(sizes));
        metadata
    }
}

struct LifecycleCategory;

impl SourceCategory for LifecycleCategory {
    fn id(&self) -> &str {
        LIFECYCLE_CATEGORY
    }

    fn order(&self) -> i32 {
        -1
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        vec![AbiParameter {
            name: "lifecycle_phase".to_owned(),
            representation: Representation::I8,
            role: AbiRole::Phase,
            element: None,
        }]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::Never
    }

    fn create_variables(&self, _function: &FunctionModel, _factory: &mut VariableFactory<'_>) {}
}
