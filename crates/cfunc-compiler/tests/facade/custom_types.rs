//! Custom types: which of them has an annotation, a value, a state, an assignment; what their states do at START and STOP.

use std::cell::Cell;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use cfunc_compiler::ast::{Expression, ExpressionKind, Parameter};
use cfunc_compiler::ir::Signature;
use cfunc_compiler::{
    AnalysisApi, BoundArgument, CellForm, CompilationContext, CompileRequest, CustomType, DataModel, Diagnostic,
    Effects, Extension, ExtensionId, HandlerResult, InputHandler, ModuleScope, Operand, OutputDeclaration,
    OutputHandler, ParameterDeclaration, Registrar, RegistrationError, Representation, StateDeclaration, SymbolTable,
    TransformApi, Type, TypeTable, Value, builders, check, codes, compile, defaults, register_all,
};

use crate::common::{gives, on_every_engine, request};

/// A type of tenths of a per cent, by the name `Share`.
struct Share {
    ty: Type,
    name: &'static str,
}

/// Thousandths of what a value of a share says: `"2.5%"` is 25.
fn thousandths(value: &Value) -> Option<i64> {
    let Value::Text(text) = value else { return None };
    let number = text.strip_suffix('%')?.parse::<f64>().ok()? * 10.0;
    #[expect(clippy::cast_possible_truncation, reason = "floats beyond ints become the nearest")]
    (number.fract() == 0.0).then_some(number as i64)
}

fn share(number: i64) -> Value {
    Value::Record("Share".to_owned(), vec![("thousandths".to_owned(), Value::Integer(number))])
}

fn is_call_of(expression: &Expression, wanted: &str) -> bool {
    let ExpressionKind::Call { function, .. } = &expression.kind else { return false };
    matches!(&function.kind, ExpressionKind::Name { name, .. } if **name == *wanted)
}

impl CustomType for Share {
    fn type_of_annotation(&self, _: &ModuleScope<'_>, _: &mut TypeTable, annotation: &Expression) -> Option<Type> {
        matches!(&annotation.kind, ExpressionKind::Name { name, .. } if **name == *self.name).then_some(self.ty)
    }

    fn type_of_value(&self, _types: &mut TypeTable, value: &Value) -> Option<Type> {
        matches!(value, Value::Record(kind, _) if kind == "Share").then_some(self.ty)
    }

    fn parse_input(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        let Some(ty) = self.type_of_annotation(api.scope, api.types, annotation) else { return Ok(None) };
        if parameter.name.starts_with('_') {
            let message = "a share has a name that is seen";
            return Err(Box::new(Diagnostic::error(codes::PARAMETER_KIND, parameter.span, message)));
        }
        Ok(Some(ParameterDeclaration::constant(ty)))
    }

    fn bind_input(
        &self,
        _api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        _declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        match argument {
            BoundArgument::Value(value) if thousandths(value).is_some() => Ok(thousandths(value).map(share)),
            _ => {
                let message = format!("`{}` takes a share such as \"2.5%\"", parameter.name);
                Err(Box::new(Diagnostic::error(codes::CONSTANT_TYPE, parameter.span, message)))
            }
        }
    }

    fn parse_state(
        &self,
        api: &mut AnalysisApi<'_>,
        _name: &str,
        annotation: &Expression,
        initial: Option<&Expression>,
    ) -> HandlerResult<Option<StateDeclaration>> {
        let Some(ty) = self.type_of_annotation(api.scope, api.types, annotation) else { return Ok(None) };
        let initial = initial.and_then(|initial| api.value_of(initial)).transpose()?;
        let initial = initial.as_ref().and_then(thousandths).map(Value::Integer);
        Ok(initial.map(|initial| StateDeclaration { ty, initial }))
    }

    fn lower_assignment(
        &self,
        api: &mut dyn TransformApi,
        _target: &Expression,
        value: &Expression,
    ) -> HandlerResult<Option<Expression>> {
        if !is_call_of(value, "share") {
            return Ok(None);
        }
        let ExpressionKind::Call { arguments, .. } = &value.kind else { return Ok(None) };
        let Some(number) = api.value_of(&arguments[0]).as_ref().and_then(thousandths) else {
            let message = "`share` takes a share such as \"2.5%\"";
            return Err(Box::new(Diagnostic::error(codes::CONSTANT_TYPE, value.span, message)));
        };
        Ok(Some(builders::constant(value.span, share(number))))
    }
}

thread_local! {
    static OPEN: Cell<i64> = const { Cell::new(0) };
}

extern "C" fn count_shares(change: i64) -> i64 {
    OPEN.set(OPEN.get() + change);
    OPEN.get()
}

struct Shares;

impl Extension for Shares {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("shares", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.marker("share")?;
        let model = || DataModel::Scalar(Representation::I64);
        let ty = registrar.types_mut().define("share", model(), CellForm::Scalar);
        let family = registrar.types().definition(ty).constructor;
        registrar.convert_value(family, |value| match value {
            Value::Record(kind, _) => (kind == "Share").then(|| value.clone()),
            Value::Integer(_) => Some(value.clone()),
            _ => None,
        });
        registrar.lower_constant(family, |b, ty, value| {
            let number = match value {
                Value::Record(_, fields) => fields.first().map(|(_, number)| number),
                number => Some(number),
            };
            let number = if let Some(Value::Integer(number)) = number { *number } else { 0 };
            let number = b.int64(number);
            Ok(Operand::scalar(ty, number))
        });
        let of = registrar.method(family, "of");
        registrar.builtin(of, &[ty, Type::INT64], Type::INT64, |b, signature, operands| {
            let product = b.binary(
                cfunc_compiler::ir::BinaryOperation::IntegerMultiply,
                operands[0].value(),
                operands[1].value(),
            );
            Ok(Operand::scalar(signature.result, product))
        });
        let native = || Signature::new(&[Representation::I64], &[Representation::I64]);
        registrar.state_lifecycle(
            family,
            move |b, state| {
                let one = b.int64(1);
                let open = b.call_external_value("count_shares", native(), Effects::Writes, &[one])?;
                let before = b.load(Representation::I64, state.address, 0, state.class);
                let sum = b.binary(cfunc_compiler::ir::BinaryOperation::IntegerAdd, before, open);
                b.store(sum, state.address, 0, state.class);
                Ok(())
            },
            |_b, _state| Ok(()),
            move |b, _state| {
                let less = b.int64(-1);
                b.call_external_value("count_shares", native(), Effects::Writes, &[less])?;
                Ok(())
            },
        );
        registrar.custom_type(0, Share { ty, name: "Share" });
        Ok(())
    }
}

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Shares).build().expect("the extensions fit together")
}

const TAXED: &str = "
def f(x: Signal[int], rate: Share) -> Signal[int]:
    kept: State[Share] = START_RATE
    extra = share('0.5%')
    return rate.of(x) * 1000000 + kept.of(x) * 1000 + extra.of(x)
";

fn taxed() -> CompileRequest {
    request(TAXED).global("START_RATE", "1%").constant("rate", "2.5%")
}

#[test]
fn declarations_values_and_states() {
    let context = context();
    let mut symbols = SymbolTable::new();
    // SAFETY: the function has the signature that the rules declare, and may be called from every thread.
    unsafe { symbols.register("count_shares", count_shares as *const u8) };
    let symbols = Arc::new(symbols);
    on_every_engine(|engine| {
        let wanted = taxed().symbols(Arc::clone(&symbols)).backend(engine);
        let result = compile(&context, &wanted).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("ints have cells");
        let (x, out) = (node.input::<i64>("x").expect("an int"), node.output::<i64>(0).expect("an int"));
        OPEN.set(0);
        node.start().expect("START");
        assert_eq!(OPEN.get(), 1, "the type's own code at START");
        node.set(x, 2);
        node.execute().expect("a tick");
        // 25 thousandths; 10 of the state and 1 that START added; 5 of the assignment.
        assert_eq!(node.ticked(out), Some(50_022_010));
        node.stop().expect("STOP");
        assert_eq!(OPEN.get(), 0, "and at STOP");
    });
    let wrong = |request: &CompileRequest| compile(&context, request).expect_err("it is wrong").to_string();
    let found = wrong(&taxed().constant("rate", "much"));
    assert!(found.contains("`rate` takes a share such as"), "{found}");
    let found = wrong(&request(&TAXED.replace("0.5%", "half")).constant("rate", "1%").global("START_RATE", "1%"));
    assert!(found.contains("`share` takes a share such as"), "{found}");
    let found = wrong(&request(&TAXED.replace("rate", "_rate")).constant("_rate", "1%").global("START_RATE", "1%"));
    assert!(found.contains("a share has a name that is seen"), "{found}");
}

/// Two custom types of one name, with priorities.
struct Rivals([(i32, Type); 2]);

impl Extension for Rivals {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("rivals", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        for (priority, ty) in self.0 {
            registrar.custom_type(priority, Share { ty, name: "Rival" });
        }
        // A registered name, which comes after all of them.
        let model = DataModel::Scalar(Representation::F64);
        registrar.define_type("Rival", model, CellForm::Scalar)?;
        Ok(())
    }
}

#[test]
fn assignments_with_annotations_and_several_targets() {
    let text = "
def f(x: Signal[int]) -> Signal[int]:
    first = second = share('0.5%')
    third: Share = share('1%')
    return first.of(x) * 10000 + second.of(x) * 100 + third.of(x)
";
    gives(&context(), &request(text), 2, 101_020);
    let text = text.replace("1%", "half");
    let found = check(&context(), request(&text).source()).to_string();
    assert!(found.contains("`share` takes a share such as"), "{found}");
}

#[test]
fn the_lowest_priority_that_matches_has_the_annotation() {
    let text = "def f(x: Signal[Rival]) -> Signal[Rival]:\n    return x\n";
    for (rivals, expected) in [
        ([(1, Type::INT64), (0, Type::FLOAT64)], Type::FLOAT64),
        ([(-3, Type::INT64), (0, Type::FLOAT64)], Type::INT64),
        // Of equal ones those registered first.
        ([(2, Type::BOOLEAN), (2, Type::FLOAT64)], Type::BOOLEAN),
    ] {
        let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
        let context = builder.with(Rivals(rivals)).build().expect("the extensions fit together");
        let result = compile(&context, &request(text)).unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(result.output_types(), [expected]);
        assert_eq!(result.inputs()[0].ty, expected);
    }
}

/// Built-ins, signals and a constant in one; it counts how often it was applied.
struct Bundle(Arc<AtomicUsize>);

impl Extension for Bundle {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("bundle", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        self.0.fetch_add(1, Ordering::Relaxed);
        register_all(registrar)?;
        cfunc_signals::extension().register(registrar)?;
        registrar.constant_name("BUNDLED", 5)
    }
}

#[test]
fn an_extension_bundles_others_and_has_no_effect_before_it_is_applied() {
    let applied = Arc::new(AtomicUsize::new(0));
    let bundle = Bundle(Arc::clone(&applied));
    let before = crate::common::context();
    let builder = CompilationContext::builder().with(bundle);
    assert_eq!(applied.load(Ordering::Relaxed), 0);
    let context = builder.build().expect("the built-ins fit together");
    assert_eq!(applied.load(Ordering::Relaxed), 1);
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    return max(x, BUNDLED)\n";
    assert_eq!(check(&context, request(text).source()).to_string(), "");
    let found = check(&before, request(text).source()).to_string();
    assert!(found.contains("`BUNDLED`"), "{found}");
    // The built-ins stand in the context by one way or the other.
    let twice = CompilationContext::builder().with(defaults()).with(Bundle(applied)).build();
    assert!(twice.is_err());
}

/// Everything that panics.
struct Faulty;

impl CustomType for Faulty {
    fn type_of_annotation(&self, _: &ModuleScope<'_>, _: &mut TypeTable, _annotation: &Expression) -> Option<Type> {
        None
    }

    fn lower_assignment(
        &self,
        _api: &mut dyn TransformApi,
        _target: &Expression,
        value: &Expression,
    ) -> HandlerResult<Option<Expression>> {
        assert!(!is_call_of(value, "abs"), "of an assignment");
        Ok(None)
    }
}

impl InputHandler for Faulty {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        assert!(!parameter.name.starts_with("wrong"), "of a parameter");
        Ok(api.is_marker(annotation, "faulty").then(|| ParameterDeclaration::constant(Type::INT64)))
    }

    fn bind(
        &self,
        _api: &mut AnalysisApi<'_>,
        _parameter: &Parameter,
        _declaration: &ParameterDeclaration,
        _argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        panic!("of a bound value")
    }
}

impl OutputHandler for Faulty {
    fn parse(&self, api: &mut AnalysisApi<'_>, annotation: &Expression) -> HandlerResult<Option<OutputDeclaration>> {
        assert!(!api.is_marker(annotation, "faulty"), "of an output");
        Ok(None)
    }
}

impl Extension for Faulty {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("faulty", 2)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.marker("faulty")?;
        registrar.custom_type(0, Self);
        registrar.input_handler(Self);
        registrar.output_handler(Self);
        registrar.signal_processor(|variable, _object, _info| {
            assert!(&*variable.name != "odd", "of a signal");
            Ok(())
        });
        Ok(())
    }
}

#[test]
fn panics_of_handlers_are_diagnostics() {
    let builder = CompilationContext::builder().with(defaults()).with(Faulty).with(cfunc_signals::extension());
    let context = builder.build().expect("the extensions fit together");
    for (text, expected) in [
        (
            "def f(x: Signal[int]) -> Signal[int]:\n    y = abs(x)\n    return y\n",
            "a custom type of `faulty@2` panicked: of an assignment",
        ),
        (
            "def f(wrong: Signal[int]) -> Signal[int]:\n    return 1\n",
            "an input handler of `faulty@2` panicked: of a parameter",
        ),
        (
            "def f(k: faulty) -> Signal[int]:\n    return k\n",
            "an input handler of `faulty@2` panicked: of a bound value",
        ),
        ("def f(x: Signal[int]) -> faulty:\n    return x\n", "an output handler of `faulty@2` panicked: of an output"),
        (
            "def f(odd: Signal[int]) -> Signal[int]:\n    return odd\n",
            "a signal processor of `faulty@2` panicked: of a signal",
        ),
    ] {
        let request = request(text);
        let request = if text.contains("k: faulty") { request.constant("k", 1) } else { request };
        let found = compile(&context, &request).expect_err("it is wrong").to_string();
        assert!(found.contains("E0901") && found.contains(expected), "{text}{found}");
    }
}
