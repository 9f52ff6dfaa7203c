//! Extensions of a host's own: a category whose memory the host supplies, and a type of several words.

use std::sync::Arc;

use cfunc_compiler::ast::{Expression, Parameter};
use cfunc_compiler::ir::BinaryOperation;
use cfunc_compiler::{
    AbiParameter, AbiRole, AccessError, AnalysisApi, CellForm, CompilationContext, CompilationResult, DataModel,
    Diagnostic, Extension, ExtensionId, Field, FunctionModel, InitFilter, InputHandler, NodeErrorKind, Operand,
    ParameterDeclaration, Registrar, RegistrationError, Representation, SourceCategory, Type, Value, VariableFactory,
    VariableSource, compile, defaults,
};

use crate::common::{on_every_engine, request};

/// `x: Host` is a float in memory that the host supplies; `Interval` is a pair of floats.
struct HostExtension;

impl Extension for HostExtension {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("host", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.marker("Host")?;
        registrar.input_handler(HostInput);
        registrar.source_category(HostCategory);
        let field = |name: &str| Field { name: name.to_owned(), ty: Type::FLOAT64 };
        let fields = DataModel::Fields([field("low"), field("high")].into());
        let interval = registrar.define_type("Interval", fields, CellForm::Buffer)?;
        let constructor = registrar.types().definition(interval).constructor;
        let width = registrar.attribute(constructor, "width");
        registrar.builtin(width, &[interval], Type::FLOAT64, |context, _signature, operands| {
            let (low, high) = (operands[0].values[0], operands[0].values[1]);
            Ok(Operand::scalar(Type::FLOAT64, context.binary(BinaryOperation::FloatSubtract, high, low)))
        });
        Ok(())
    }
}

struct HostInput;

impl InputHandler for HostInput {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        _parameter: &Parameter,
        annotation: &Expression,
    ) -> Result<Option<ParameterDeclaration>, Box<Diagnostic>> {
        let found = api.is_marker(annotation, "Host");
        Ok(found.then(|| ParameterDeclaration { ty: Type::FLOAT64, category: "host".into() }))
    }
}

struct HostCategory;

impl SourceCategory for HostCategory {
    fn id(&self) -> &str {
        "host"
    }

    fn order(&self) -> i32 {
        1
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        vec![AbiParameter {
            name: "host_cells".to_owned(),
            representation: Representation::Pointer,
            role: AbiRole::Custom,
            element: None,
        }]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::OnExecute
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let Some(parameter) = factory.parameter("host_cells") else { return };
        let declared = function.parameters.iter().filter(|parameter| *parameter.category == *"host");
        for (index, variable) in (0u32..).zip(declared) {
            factory.add(&variable.name, variable.ty, VariableSource::Input { parameter, index });
        }
    }
}

pub(crate) fn result(text: &str, engine: Arc<dyn cfunc_compiler::Backend>) -> CompilationResult {
    let context = CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .with(HostExtension)
        .build()
        .expect("the extensions fit together");
    match compile(&context, &request(text).backend(engine)) {
        Ok(result) => result,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn the_host_supplies_what_it_declared() {
    let text = "
def shifted(a: Signal[float], offset: Host, scale: Host) -> Signal[float]:
    return a * scale + offset
";
    on_every_engine(|engine| {
        let result = result(text, engine);
        let inputs: Vec<&str> = result.inputs().iter().map(|input| &*input.name).collect();
        assert_eq!(inputs, ["a"], "the host's own cells are no slots of an instance");
        // The cells outlive the node, which is dropped first.
        let (mut offset, mut scale) = (1.0f64, 3.0f64);
        let cells = [&raw mut offset, &raw mut scale];
        let mut node = result.instantiate().expect("floats have cells");
        let error = node.start().expect_err("nothing is supplied yet");
        assert_eq!(error.kind, NodeErrorKind::Lifecycle);
        assert!(error.message.contains("`host_cells`"), "{error}");
        // SAFETY: the name is refused.
        let unknown = unsafe { node.supply("inputs", std::ptr::null()) };
        assert_eq!(unknown, Err(AccessError::NoSuchParameter("inputs".to_owned())));
        // SAFETY: two cells of floats, in the order of the parameters, which live as long as the node.
        unsafe { node.supply("host_cells", cells.as_ptr().cast()) }.expect("it is declared");
        node.start().expect("START");
        let (a, out) = (node.input::<f64>("a").expect("an input"), node.output::<f64>(0).expect("an output"));
        node.set(a, 2.0);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(7.0));
        // SAFETY: the cell is alive, and no call is under way.
        unsafe { cells[0].write(-6.0) };
        node.set(a, 2.0);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(0.0));
    });
}

#[test]
fn values_of_several_words_have_buffers() {
    let text = "
def widths(a: Signal[Interval]) -> Annotated[Outputs, {\"width\": float, \"same\": Interval}]:
    return a.width, a
";
    let interval = |low: f64, high: f64| {
        let fields = vec![("low".to_owned(), Value::Float(low)), ("high".to_owned(), Value::Float(high))];
        Value::Record("Interval".to_owned(), fields)
    };
    on_every_engine(|engine| {
        let mut node = result(text, engine).instantiate().expect("buffers are cells");
        assert!(matches!(node.input::<f64>("a"), Err(AccessError::TypeMismatch { .. })));
        // SAFETY: the function has no variables there, so nothing reads it.
        unsafe { node.supply("host_cells", std::ptr::null()) }.expect("it is declared");
        node.start().expect("START");
        node.set_value(0, &interval(1.5, 4.0)).expect("an interval");
        node.execute().expect("a tick");
        assert_eq!(node.output_value(0), Some(Value::Float(2.5)));
        assert_eq!(node.output_value(1), Some(interval(1.5, 4.0)));
        assert_eq!(node.output_bytes(1).map(<[u8]>::len), Some(16));
        let error = node.set_value(0, &Value::Float(1.0)).expect_err("a float is no interval");
        assert_eq!(error.to_string(), "1.0 does not fit a cell of type Interval");
        node.set_bytes(0, &[0; 16]).expect("two floats");
        node.set_ticked(0, true).expect("an input");
        node.execute().expect("a tick");
        assert_eq!(node.output_value(0), Some(Value::Float(0.0)));
    });
}
