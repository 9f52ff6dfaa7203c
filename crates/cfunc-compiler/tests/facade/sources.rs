//! Source categories and what they make: every kind of variable, parameters that the host supplies.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cfunc_compiler::ast::{BinaryOperator, Expression, Parameter};
use cfunc_compiler::ir::ConvertOperation;
use cfunc_compiler::{
    AbiParameter, AbiRole, AccessError, AnalysisApi, CellForm, CompilationContext, CompilationResult, DataModel,
    Extension, ExtensionId, FunctionModel, HandlerResult, InitFilter, InputHandler, KeyedNames, MetadataMap,
    MetadataValue, NodeErrorKind, NodeInstance, Operand, ParameterDeclaration, Registrar, RegistrationError,
    Representation, SourceCategory, Span, Type, TypeTable, Value, VariableFactory, VariableSource, builders, check,
    compile, defaults,
};

use crate::common::{on_every_engine, request};

type Make = fn(&FunctionModel, &mut VariableFactory<'_>);

/// A category of one parameter.
#[derive(Clone, Copy)]
struct Category {
    id: &'static str,
    order: i32,
    parameter: (&'static str, Representation),
    role: AbiRole,
    init_filter: InitFilter,
    make: Make,
}

impl SourceCategory for Category {
    fn id(&self) -> &str {
        self.id
    }

    fn order(&self) -> i32 {
        self.order
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        let (name, representation) = (self.parameter.0.to_owned(), self.parameter.1);
        vec![AbiParameter { name, representation, role: self.role, element: None }]
    }

    fn init_filter(&self) -> InitFilter {
        self.init_filter
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        (self.make)(function, factory);
    }

    fn result_metadata(&self, function: &FunctionModel, _types: &TypeTable) -> MetadataMap {
        let count = function.parameters.iter().filter(|parameter| *parameter.category == *self.id).count();
        let count = MetadataValue::Integer(i64::try_from(count).unwrap_or(i64::MAX));
        MetadataMap::from_iter([(format!("of {}", self.id), count)])
    }
}

impl Category {
    fn new(id: &'static str, order: i32, make: Make) -> Self {
        let parameter = (id, Representation::Pointer);
        Self { id, order, parameter, role: AbiRole::Custom, init_filter: InitFilter::OnExecute, make }
    }
}

/// `x: Opaque` is a pointer of the host.
struct OpaqueInput(Type);

impl InputHandler for OpaqueInput {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        _parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        Ok(api.is_marker(annotation, "Opaque").then(|| ParameterDeclaration::new(self.0, "opaque")))
    }
}

struct Categories(Vec<Category>);

impl Extension for Categories {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("categories", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.marker("Opaque")?;
        let pointer = DataModel::Scalar(Representation::Pointer);
        let opaque = registrar.types_mut().define("opaque", pointer, CellForm::None);
        let address = registrar.function("address");
        registrar.builtin(address, &[opaque], Type::INT64, |b, signature, operands| {
            let address = b.convert(ConvertOperation::PointerToInteger, operands[0].value(), Representation::I64);
            Ok(Operand::scalar(signature.result, address))
        });
        registrar.input_handler(OpaqueInput(opaque));
        self.0.iter().for_each(|category| registrar.source_category(*category));
        Ok(())
    }
}

fn built(categories: &[Category]) -> Result<CompilationContext, RegistrationError> {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Categories(categories.to_vec())).build()
}

#[track_caller]
fn context(categories: &[Category]) -> CompilationContext {
    built(categories).expect("they fit together")
}

#[track_caller]
fn compiled(context: &CompilationContext, text: &str, engine: Arc<dyn cfunc_compiler::Backend>) -> CompilationResult {
    compile(context, &request(text).function("f").backend(engine)).unwrap_or_else(|error| panic!("{error}"))
}

/// What a node of the input `x` and an output gives.
#[track_caller]
fn tick(node: &mut NodeInstance, x: i64) -> i64 {
    let (input, output) = (node.input::<i64>("x").expect("an int"), node.output::<i64>(0).expect("an int"));
    node.set(input, x);
    node.execute().expect("a tick");
    node.ticked(output).expect("it ticks")
}

fn nothing(_function: &FunctionModel, _factory: &mut VariableFactory<'_>) {}

fn names(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let read = || builders::name(Span::default(), "x");
    let sum = builders::binary(Span::default(), read(), BinaryOperator::Add, read());
    factory.add(&"twice".into(), Type::INT64, VariableSource::Expression(Box::new(sum)));
    factory.add(&"five".into(), Type::INT64, VariableSource::Constant(Value::Integer(5)));
    // One more name of the input, and a copy of the variable.
    let x = factory.variables().lookup("x").expect("signals are of an earlier category");
    factory.alias(&"also".into(), x);
    let source = factory.variables().get(x).source.clone();
    factory.add(&"copy".into(), Type::INT64, source);
}

#[test]
fn expressions_constants_aliases_and_copies() {
    let context = context(&[Category::new("names", 1, names)]);
    let text = "
def f(x: Signal[int]) -> Signal[int]:
    total = 0
    for i in range(2):
        total += twice
    return 1000 * total + 100 * five + 10 * also + copy
";
    on_every_engine(|engine| {
        let result = compiled(&context, text, engine);
        assert_eq!(result.inputs().len(), 1, "a copy is no slot of its own");
        let mut node = result.instantiate().expect("ints have cells");
        // SAFETY: nothing is read through it.
        unsafe { node.supply("names", std::ptr::null()) }.expect("it is declared");
        node.start().expect("START");
        assert_eq!(tick(&mut node, 3), 12_533);
    });
}

fn itself(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    for (name, other) in [("left", "right"), ("right", "left")] {
        let read = || builders::name(Span::default(), other);
        let sum = builders::binary(Span::default(), read(), BinaryOperator::Add, read());
        factory.add(&name.into(), Type::INT64, VariableSource::Expression(Box::new(sum)));
    }
}

#[test]
fn an_expression_of_itself_is_refused() {
    let context = context(&[Category::new("endless", 1, itself)]);
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    return left\n";
    let found = check(&context, request(text).source()).to_string();
    assert!(found.contains("what stands for `left` is made of `left` itself"), "{found}");
}

fn opaque(function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("opaque") else { return };
    let declared = function.parameters.iter().filter(|parameter| *parameter.category == *"opaque");
    for (index, variable) in (0u32..).zip(declared) {
        factory.add(&variable.name, variable.ty, VariableSource::Pointer { parameter, index });
    }
}

#[test]
fn pointers_are_passed_on_and_not_read_through() {
    let context = context(&[Category::new("opaque", 1, opaque)]);
    let text = "
def f(x: Signal[int], a: Opaque, b: Opaque) -> Signal[int]:
    return address(b) - address(a) + x
";
    on_every_engine(|engine| {
        let result = compiled(&context, text, engine);
        assert_eq!(result.metadata().get("of opaque"), Some(&MetadataValue::Integer(2)));
        let mut node = result.instantiate().expect("ints have cells");
        // Addresses that nothing may read.
        let addresses: [*const u8; 2] = [std::ptr::without_provenance(16), std::ptr::without_provenance(58)];
        // SAFETY: two addresses, in the order of the parameters, which live as long as the node.
        unsafe { node.supply("opaque", addresses.as_ptr().cast()) }.expect("it is declared");
        node.start().expect("START");
        assert_eq!(tick(&mut node, 100), 142);
    });
    let text = "def f(x: Signal[int], a: Opaque) -> Signal[int]:\n    return a + x\n";
    let found = check(&context, request(text).source()).to_string();
    assert!(found.contains("opaque") && !found.contains("E0901"), "{found}");
}

fn hidden(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    factory.add(&"hidden".into(), Type::INT64, VariableSource::Constant(Value::Integer(7)));
}

#[test]
fn what_is_never_there_is_no_value() {
    let of = |init_filter| Category { init_filter, ..Category::new("hidden", 1, hidden) };
    let text = "
def f(x: Signal[int]) -> Signal[int]:
    return x + hidden

@f.stop
def stopped():
    print(hidden)
";
    let found = |filter| check(&context(&[of(filter)]), request(text).source()).to_string();
    assert_eq!(found(InitFilter::Always), "");
    let on_execute = found(InitFilter::OnExecute);
    assert!(on_execute.contains("the input `hidden` is not there in STOP"), "{on_execute}");
    assert!(!on_execute.contains("no value"), "{on_execute}");
    let never = found(InitFilter::Never);
    assert!(never.contains("`hidden` is not a value"), "{never}");
}

#[test]
fn equal_categories_are_refused() {
    let wrong = |categories: &[Category]| built(categories).expect_err("they are equal").to_string();
    let found = wrong(&[Category::new("a", 0, nothing)]);
    assert!(found.contains("`signal`") && found.contains("`a`") && found.contains("the order 0"), "{found}");
    let found = wrong(&[Category::new("a", 1, nothing), Category::new("a", 2, nothing)]);
    assert_eq!(found, "two source categories have the id `a`");
    let found = wrong(&[Category::new("signal", 3, nothing)]);
    assert_eq!(found, "two source categories have the id `signal`");
    let parameter = ("inputs", Representation::Pointer);
    let found = wrong(&[Category { parameter, ..Category::new("a", 1, nothing) }]);
    assert_eq!(found, "two ABI parameters have the name `inputs`");
    // Any other order has its place in the signature.
    let context = context(&[Category::new("b", i32::MAX, nothing), Category::new("a", 7, nothing)]);
    let names: Vec<&str> = context.layout().parameters().iter().map(|parameter| &*parameter.name).collect();
    assert_eq!(names[7..], ["a", "b"]);
}

fn flags_as_cells(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("flags") else { return };
    factory.add(&"flag".into(), Type::INT64, VariableSource::Input { parameter, index: 0 });
}

fn beyond_the_states(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("state") else { return };
    factory.add(&"beyond".into(), Type::INT64, VariableSource::State { parameter, index: 1 });
}

fn output_in_cells(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("flags") else { return };
    factory.add(&"out".into(), Type::INT64, VariableSource::Output { parameter, index: 0, ticked: parameter });
}

/// Compiled code would follow pointers where there are none.
#[test]
fn variables_where_no_cells_are_kept_are_refused() {
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    s: State[int] = 0\n    return x + s\n";
    let wrong: [(AbiRole, Make, &str); 4] = [
        (AbiRole::Ticked, flags_as_cells, "its variable `flag` into `flags`"),
        (AbiRole::Valid, flags_as_cells, "its variable `flag` into `flags`"),
        (AbiRole::Custom, beyond_the_states, "its variable `beyond` into `state`"),
        (AbiRole::Cells, output_in_cells, "its variable `out` into `flags`"),
    ];
    for (role, make, expected) in wrong {
        let parameter = ("flags", Representation::Pointer);
        let context = context(&[Category { parameter, role, ..Category::new("wrong", 1, make) }]);
        let error = compile(&context, &request(text)).expect_err("it is misplaced");
        let error = error.to_string();
        assert!(error.contains("E0901") && error.contains("`wrong`") && error.contains(expected), "{error}");
    }
    let parameter = ("flags", Representation::I64);
    let category = Category { parameter, role: AbiRole::Cells, ..Category::new("wrong", 1, nothing) };
    let error = built(&[category]).expect_err("an array is a pointer").to_string();
    assert!(error.starts_with("the ABI parameter `flags` is an array by its role, and must be a pointer"), "{error}");
    assert!(error.contains("pass it as `Pointer`") && error.contains("role `Custom`"), "{error}");
    for name in ["", "a b", "1st", "ü"] {
        let error =
            built(&[Category { parameter: (name, Representation::Pointer), ..Category::new("wrong", 1, nothing) }]);
        let error = error.expect_err("no header can write it").to_string();
        assert!(error.contains("`wrong`") && error.contains("no identifier"), "{error}");
    }
}

fn hides(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    factory.add(&"x".into(), Type::INT64, VariableSource::Constant(Value::Integer(7)));
}

fn twice(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    for value in [7, 8] {
        factory.add(&"seven".into(), Type::INT64, VariableSource::Constant(Value::Integer(value)));
    }
}

fn unlike(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("unlike") else { return };
    factory.add(&"narrow".into(), Type::BOOLEAN, VariableSource::Input { parameter, index: 0 });
    factory.add(&"wide".into(), Type::FLOAT64, VariableSource::Input { parameter, index: 0 });
}

/// Reads would find the one or the other; a cell would be read beyond its end.
#[test]
fn variables_that_clash_are_refused() {
    let cells = |make| Category { role: AbiRole::Cells, ..Category::new("unlike", 1, make) };
    for (make, place, expected) in [
        (hides as Make, "node.py:1:7", "the source categories `signal` and `unlike` both have a variable `x`"),
        (twice, "node.py:1:5", "the source category `unlike` gives the name `seven` to two variables"),
        (unlike, "node.py:1:5", "reads the cell of `narrow`, of type bool, as `wide` of type float"),
    ] {
        let text = "def f(x: Signal[int]) -> Signal[int]:\n    return x\n";
        let error = compile(&context(&[cells(make)]), &request(text)).expect_err("they clash").to_string();
        assert!(error.contains("E0901") && error.contains(place) && error.contains(expected), "{error}");
    }
    // A name that the category does not touch may be of a local.
    let text = "def f(y: Signal[int]) -> Signal[int]:\n    x = y\n    return x\n";
    compile(&context(&[cells(hides)]), &request(text)).expect("the local hides it");
}

#[test]
fn helpers_see_their_arguments_alone() {
    let text = "
def h(v):
    return now + v

def f(x: Signal[int]) -> Signal[int]:
    return h(x)
";
    let error = compile(&clock(), &request(text).function("f")).expect_err("it is the node's").to_string();
    assert!(error.contains("node.py:3:12") && error.contains("the name `now` is not known"), "{error}");
    assert!(error.contains("give `now` as an argument"), "{error}");
    let text = text.replace("h(v)", "h(v, now)").replace("h(x)", "h(x, now)");
    compile(&clock(), &request(&text).function("f")).expect("an argument");
}

fn now(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("now") else { return };
    let value = builders::abi_parameter(Span::default(), parameter, Type::INT64);
    factory.add(&"now".into(), Type::INT64, VariableSource::Expression(Box::new(value)));
}

const CLOCK: &str = "
def f(x: Signal[int]) -> Signal[int]:
    started: State[int] = 0
    return 100 * started + 10 * now + x

@f.start
def start():
    started = now
";

fn clock() -> CompilationContext {
    let parameter = ("now", Representation::I64);
    context(&[Category { parameter, init_filter: InitFilter::Always, ..Category::new("clock", 1, now) }])
}

#[test]
fn a_number_is_supplied() {
    let context = clock();
    on_every_engine(|engine| {
        let mut node = compiled(&context, CLOCK, engine).instantiate().expect("ints have cells");
        let error = node.start().expect_err("nothing is supplied yet");
        assert_eq!(error.kind, NodeErrorKind::Lifecycle);
        assert_eq!(node.supply_integer("nov", 1), Err(AccessError::NoSuchParameter("nov".to_owned())));
        // SAFETY: it is refused.
        let wrong = unsafe { node.supply("now", std::ptr::null()) }.expect_err("it is no pointer");
        assert_eq!(wrong.to_string(), "`now` is of type i64, which a pointer does not fit");
        node.supply_integer("now", -2).expect("an integer");
        node.start().expect("START");
        node.supply_integer("now", 3).expect("an integer");
        assert_eq!(tick(&mut node, 4), -200 + 30 + 4);
        node.supply_integer("now", i64::MIN / 10).expect("an integer");
        assert_eq!(tick(&mut node, 300), i64::MIN / 10 * 10 + 100);
    });
}

#[test]
fn a_number_is_asked_for_before_each_call() {
    let context = clock();
    on_every_engine(|engine| {
        let mut node = compiled(&context, CLOCK, engine).instantiate().expect("ints have cells");
        let calls = Arc::new(AtomicI64::new(0));
        let counted = Arc::clone(&calls);
        node.supply_integer_with("now", move || counted.fetch_add(1, Ordering::Relaxed) + 1).expect("an integer");
        assert_eq!(calls.load(Ordering::Relaxed), 0);
        node.start().expect("START");
        assert_eq!(tick(&mut node, 5), 100 + 20 + 5);
        assert_eq!(tick(&mut node, 6), 100 + 30 + 6);
        // A number in its place: it is asked no more.
        node.supply_integer("now", 9).expect("an integer");
        assert_eq!(tick(&mut node, 7), 100 + 90 + 7);
        node.stop().expect("STOP");
        assert_eq!(calls.load(Ordering::Relaxed), 3);
    });
}

#[test]
fn a_supplier_that_panics_leaves_the_node_alive() {
    let context = clock();
    on_every_engine(|engine| {
        let mut node = compiled(&context, CLOCK, engine).instantiate().expect("ints have cells");
        let mut left = 2;
        let supplier = move || {
            left -= 1;
            assert!(left >= 0, "no time is left");
            left
        };
        node.supply_integer_with("now", supplier).expect("an integer");
        node.start().expect("START");
        assert_eq!(tick(&mut node, 1), 101);
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| node.execute()));
        assert!(panicked.is_err());
        assert!(node.is_started());
        // Its drop runs STOP, and asks nobody.
        drop(node);
    });
}

fn cells(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("cells") else { return };
    factory.add(&"cell".into(), Type::INT64, VariableSource::Input { parameter, index: 0 });
}

#[test]
fn a_pointer_is_asked_for_before_each_call() {
    static VALUES: [i64; 2] = [10, 20];
    let context = context(&[Category::new("cells", 1, cells)]);
    let text = "def f(x: Signal[int]) -> Signal[int]:\n    return x + cell\n";
    on_every_engine(|engine| {
        let mut node = compiled(&context, text, engine).instantiate().expect("ints have cells");
        assert!(matches!(node.supply_integer("cells", 1), Err(AccessError::TypeMismatch { .. })));
        let mut array = Box::new(0);
        let mut calls = 0;
        let supplier = move || {
            *array = std::ptr::from_ref(&VALUES[calls % 2]).expose_provenance();
            calls += 1;
            std::ptr::from_ref(&*array).cast()
        };
        // SAFETY: an array of one pointer to an int, which is there until the next call or the drop of the node.
        unsafe { node.supply_with("cells", supplier) }.expect("a pointer");
        // START is given the first.
        node.start().expect("START");
        assert_eq!([1, 2, 3].map(|x| tick(&mut node, x)), [21, 12, 23]);
        node.stop().expect("STOP");
    });
}

fn row(_function: &FunctionModel, factory: &mut VariableFactory<'_>) {
    let Some(parameter) = factory.parameter("row") else { return };
    let row = factory.add_keyed(&"row".into(), Type::INT64, (parameter, 1), KeyedNames::Positions(3));
    factory.alias(&"line".into(), row);
    factory.add_keyed(&"none".into(), Type::INT64, (parameter, 0), KeyedNames::Positions(0));
}

#[test]
fn containers_by_position() {
    static VALUES: [i64; 4] = [1, 20, 300, 4000];
    let context = context(&[Category::new("row", 1, row)]);
    let text = "
def f(x: Signal[int]) -> Signal[int]:
    total = 0
    for i in range(len(row)):
        total += row[i]
    return total + line[x] * 10000 + row[-1]
";
    let cells = VALUES.each_ref().map(std::ptr::from_ref);
    on_every_engine(|engine| {
        let mut node = compiled(&context, text, engine).instantiate().expect("ints have cells");
        // SAFETY: four pointers to ints, which outlive the node.
        unsafe { node.supply("row", cells.as_ptr().cast()) }.expect("it is declared");
        node.start().expect("START");
        let expected = [20, 300, 4000, 4000, 20].map(|at| 4320 + at * 10_000 + 4000);
        assert_eq!([0, 1, 2, -1, -3].map(|x| tick(&mut node, x)), expected);
        for x in [3, -4, i64::MAX, i64::MIN] {
            let input = node.input::<i64>("x").expect("an int");
            node.set(input, x);
            assert_eq!(node.execute().expect_err("beyond the row").kind, NodeErrorKind::IndexError);
        }
    });
    for (line, expected) in [
        ("row[3]", "0 to 2"),
        ("row[-4]", "0 to 2"),
        ("none[0]", "it is empty"),
        ("row['a']", "0 to 2"),
        ("row", "container of inputs"),
        ("none[x]", "known at run time only"),
    ] {
        let text = format!("def f(x: Signal[int]) -> Signal[int]:\n    return {line}\n");
        let found = check(&context, request(&text).source()).to_string();
        assert!(found.contains(expected) && !found.contains("E0901"), "{line}: {found}");
    }
}
