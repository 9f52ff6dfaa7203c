//! Where series live, and what the host hands to every call besides.

use std::sync::Arc;

use cfunc_compiler::{
    AbiParameter, AbiRole, FunctionModel, InitFilter, KeyedNames, MetadataMap, MetadataValue, ParameterModel,
    Registrar, Representation, SourceCategory, TypeTable, Value, VariableFactory, VariableSource,
};

/// The category of series, and of the memory that they live in.
pub(crate) const SERIES: &str = "timeseries";
const VALUES: &str = "ts_values";
pub(crate) const TICKED: &str = "ts_ticked";
pub(crate) const VALID: &str = "ts_valid";
/// How often each series has ticked.
pub(crate) const COUNTS: &str = "ts_counts";
/// What the host keeps for all nodes.
pub(crate) const RUNTIME: &str = "ts_runtime";

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    registrar.source_category(SeriesCategory);
    registrar.source_category(RuntimeCategory);
}

fn pointer(name: &str, role: AbiRole, element: Option<Representation>) -> AbiParameter {
    AbiParameter { name: name.to_owned(), representation: Representation::Pointer, role, element }
}

/// The keys of a basket; `None` for a single series.
fn keys(parameter: &ParameterModel) -> Option<Vec<Arc<str>>> {
    let Some(Value::List(keys)) = &parameter.value else { return None };
    let text = |key: &Value| match key {
        Value::Text(text) => Some(text.as_str().into()),
        _ => None,
    };
    Some(keys.iter().filter_map(text).collect())
}

/// The series of a function, each with its parameter; those of a basket one by one.
fn series(function: &FunctionModel) -> impl Iterator<Item = &ParameterModel> {
    function.parameters.iter().filter(|parameter| *parameter.category == *SERIES)
}

struct SeriesCategory;

impl SourceCategory for SeriesCategory {
    fn id(&self) -> &str {
        SERIES
    }

    fn order(&self) -> i32 {
        1
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        vec![
            pointer(VALUES, AbiRole::Cells, None),
            pointer(TICKED, AbiRole::Ticked, Some(Representation::I8)),
            pointer(VALID, AbiRole::Valid, Some(Representation::I8)),
            pointer(COUNTS, AbiRole::Custom, Some(Representation::I64)),
        ]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::OnExecute
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let Some(parameter) = factory.parameter(VALUES) else { return };
        let mut index = 0;
        for model in series(function) {
            match keys(model) {
                Some(keys) => {
                    factory.add_keyed(&model.name, model.ty, (parameter, index), KeyedNames::Keys(&keys));
                    index += u32::try_from(keys.len()).unwrap_or(u32::MAX);
                }
                None => {
                    factory.add(&model.name, model.ty, VariableSource::Input { parameter, index });
                    index += 1;
                }
            }
        }
    }

    /// `ts_inputs`: the names of the series in the order of their slots.
    fn result_metadata(&self, function: &FunctionModel, _types: &TypeTable) -> MetadataMap {
        let names = series(function).flat_map(|model| match keys(model) {
            Some(keys) => keys.iter().map(|key| format!("{}[\"{key}\"]", model.name)).collect(),
            None => vec![model.name.to_string()],
        });
        MetadataMap::from_iter([("ts_inputs".to_owned(), MetadataValue::Texts(names.collect()))])
    }
}

/// One parameter, which is there in every phase.
struct RuntimeCategory;

impl SourceCategory for RuntimeCategory {
    fn id(&self) -> &str {
        "timeseries.runtime"
    }

    fn order(&self) -> i32 {
        2
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        vec![pointer(RUNTIME, AbiRole::Custom, None)]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::Always
    }

    fn create_variables(&self, _function: &FunctionModel, _factory: &mut VariableFactory<'_>) {}
}
