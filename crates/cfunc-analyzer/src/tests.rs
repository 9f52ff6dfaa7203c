use cfunc_context::{
    AnalysisApi, Bindings, BoundArgument, CompilationContext, Extension, ExtensionId, InputHandler, ModuleScope,
    Operation, OutputDeclaration, OutputHandler, ParameterDeclaration, Registrar, RegistrationError,
};
use cfunc_models::{AbiParameter, Diagnostic, Diagnostics, FunctionModel, OutputModel, Type, TypeTable, Value, codes};
use cfunc_sources::{InitFilter, SourceCategory, VariableFactory};
use cfunc_syntax::ast::{Expression, ExpressionKind, Parameter, UnaryOperator};
use cfunc_syntax::{Limits, functions, parse};
use expect_test::{Expect, expect};

use crate::{analyze, is_node};

/// Types, the marker of states, and inputs `In[type]` and outputs `Out[type]` of a category of its own.
struct TestExtension;

struct TestCategory;

impl SourceCategory for TestCategory {
    fn id(&self) -> &str {
        "in"
    }

    fn order(&self) -> i32 {
        0
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        Vec::new()
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::OnExecute
    }

    fn create_variables(&self, _function: &FunctionModel, _factory: &mut VariableFactory<'_>) {}
}

struct TestHandler;

fn inner(api: &mut AnalysisApi<'_>, marker: &str, annotation: &Expression) -> Result<Option<Type>, Box<Diagnostic>> {
    match &annotation.kind {
        ExpressionKind::Subscript { value, index } if api.is_marker(value, marker) => match api.type_of(index) {
            Some(ty) => Ok(Some(ty)),
            None => Err(Box::new(Diagnostic::error(codes::UNKNOWN_ANNOTATION, index.span, "no type"))),
        },
        _ => Ok(None),
    }
}

impl InputHandler for TestHandler {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> Result<Option<ParameterDeclaration>, Box<Diagnostic>> {
        let category = if &*parameter.name == "lost" { "elsewhere" } else { "in" };
        Ok(inner(api, "In", annotation)?.map(|ty| ParameterDeclaration::new(ty, category)))
    }
}

impl OutputHandler for TestHandler {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        annotation: &Expression,
    ) -> Result<Option<OutputDeclaration>, Box<Diagnostic>> {
        if api.is_marker(annotation, "Nothing") {
            return Ok(Some(OutputDeclaration { outputs: Vec::new(), named: false }));
        }
        let ty = inner(api, "Out", annotation)?;
        Ok(ty.map(|ty| OutputDeclaration { outputs: vec![OutputModel { name: None, ty }], named: false }))
    }
}

impl Extension for TestExtension {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        for (name, ty) in [("int", Type::INT64), ("float", Type::FLOAT64), ("bool", Type::BOOLEAN), ("str", Type::TEXT)]
        {
            registrar.type_name(name, ty)?;
            let constructor = registrar.types().definition(ty).constructor;
            registrar.convert_value(constructor, move |value| match (ty, value) {
                (Type::INT64, Value::Boolean(value)) => Some(Value::Integer(i64::from(*value))),
                (Type::FLOAT64, Value::Integer(value)) => Some(Value::Float(*value as f64)),
                (Type::INT64, Value::Integer(_))
                | (Type::FLOAT64, Value::Float(_))
                | (Type::BOOLEAN, Value::Boolean(_))
                | (Type::TEXT, Value::Text(_)) => Some(value.clone()),
                _ => None,
            });
        }
        for marker in ["State", "In", "Out", "Nothing"] {
            registrar.marker(marker)?;
        }
        registrar.constant_name("math.pi", 3.5)?;
        registrar.fold(Operation::Unary(UnaryOperator::Negate), |arguments| match arguments.positional {
            [Value::Integer(value)] => Ok(Value::Integer(-value)),
            [Value::Float(value)] => Ok(Value::Float(-value)),
            _ => Err("this has no negative".to_owned()),
        });
        registrar.source_category(TestCategory);
        registrar.input_handler(TestHandler);
        registrar.output_handler(TestHandler);
        Ok(())
    }
}

fn context() -> CompilationContext {
    CompilationContext::builder().with(TestExtension).build().expect("the test extension is consistent")
}

fn print_model(types: &TypeTable, model: &FunctionModel) -> String {
    let mut text = format!("{}\n", model.name);
    for parameter in &model.parameters {
        text += &format!("  {} {}: {}", parameter.category, parameter.name, types.name(parameter.ty));
        text += &parameter.value.as_ref().map(|value| format!(" = {value}")).unwrap_or_default();
        text.push('\n');
    }
    for state in &model.states {
        text += &format!("  state {}: {} = {}\n", state.name, types.name(state.ty), state.initial);
    }
    for output in &model.outputs {
        text += &format!("  output {}\n", types.name(output.ty));
    }
    text
}

/// Each diagnostic under the line it is about.
fn print_diagnostics(source: &str, diagnostics: &Diagnostics) -> String {
    let mut text = String::new();
    for diagnostic in diagnostics {
        let (start, end) = (diagnostic.span.start as usize, diagnostic.span.end as usize);
        let line_start = source[..start].rfind('\n').map_or(0, |index| index + 1);
        let line = source[line_start..].lines().next().unwrap_or_default();
        let underline = "^".repeat((end - start).clamp(1, (line_start + line.len() - start).max(1)));
        // The bar keeps the indentation when the expectation is moved.
        text += &format!("| {line}\n| {}{underline} {diagnostic}\n", " ".repeat(start - line_start));
        for note in &diagnostic.notes {
            text += &format!("  note: {}: {}\n", note.span.text(source), note.message);
        }
    }
    text
}

#[track_caller]
fn check_with(source: &str, constants: &[(&str, Value)], mut bindings: Bindings, expect: Expect) {
    let context = context();
    let outcome = parse(source, &Limits::default());
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    let scope = ModuleScope::new(&context, &outcome.module);
    let definition = functions(&outcome.module).next().expect("a function");
    let mut types = TypeTable::layer(context.types());
    for (name, value) in constants {
        bindings.bind(*name, BoundArgument::Value(value.clone()));
    }
    let (model, diagnostics) = analyze(&scope, &mut types, definition, &bindings);
    expect.assert_eq(&if diagnostics.has_errors() {
        print_diagnostics(source, &diagnostics)
    } else {
        print_model(&types, &model)
    });
}

#[track_caller]
fn check(source: &str, expect: Expect) {
    check_with(source, &[], Bindings::default(), expect);
}

#[test]
fn parameters_states_and_outputs() {
    check_with(
        "import anything as a\ndef f(x: In[float], /, k: int, *, on: 'bool' = True, y: a.In[a.int]) -> Out[int]:\n    \
         return k\n",
        &[("k", Value::Boolean(true))],
        Bindings::default(),
        expect![[r#"
            f
              in x: float
              constant k: int = 1
              constant on: bool = True
              in y: int
              output int
        "#]],
    );
}

#[test]
fn states_in_slot_order_at_any_depth() {
    check(
        "def f(x: In[int]) -> Out[int]:\n    b: State[bool] = True\n    if x:\n        z: State[int] = -3\n        \
         while x:\n            Z: State[float] = 2\n    else:\n        é: State[float] = -math.pi\n    a: State[bool] = \
         False\n    y: int = 3\n    return 1\n",
        expect![[r#"
            f
              in x: int
              state Z: float = 2.0
              state z: int = -3
              state é: float = -3.5
              state a: bool = False
              state b: bool = True
              output int
        "#]],
    );
}

#[test]
fn invalid_states() {
    check(
        "def f(x: In[int], k: int = 1) -> Out[int]:\n    a: State = 1\n    b: State[int]\n    c: State[int] = 1\n    c: \
         State[int] = 2\n    x: State[int] = 0\n    d: State[integer] = 0\n    e: State[int] = x\n    g: State[int] = \
         1.5\n    h: State[str] = 'a'\n    i: State[bool] = -True\n    t[0]: State[int] = 1\n    return 1\n",
        expect![[r#"
            |     a: State = 1
            |        ^^^^^ [E0203] the state `a` has no type; expected `State[<type>]` (name the type of the state in brackets)
            |     b: State[int]
            |     ^^^^^^^^^^^^^ [E0203] the state `b` has no initial value (add `= <initial>`: what the state holds before the first tick)
            |     c: State[int] = 2
            |     ^ [E0203] the state `c` has a name that is taken (give the state a name of its own)
              note: c: the first declaration
            |     x: State[int] = 0
            |     ^ [E0203] the state `x` has a name that is taken (give the state a name of its own)
              note: x: In[int]: the parameter of that name
            |     d: State[integer] = 0
            |              ^^^^^^^ [E0203] the annotation of the state `d` uses the unknown name `integer`; expected a registered type (annotations are made of registered names: `In`, `Nothing`, `Out`, `State`, `bool`, `float`, `int`, `str`)
            |     e: State[int] = x
            |                     ^ [E0203] the initial value of `e` is not known at compile time; expected an expression made of literals and constants (begin with a literal, and assign to the state in the first tick)
            |     g: State[int] = 1.5
            |                     ^^^ [E0203] the initial value of `g` is of type `float`; expected a value of type `int` (write such a value, or change the type of the state)
            |     h: State[str] = 'a'
            |              ^^^ [E0203] a value of type `str` cannot be a state; expected a type that a cell holds (keep the numbers it is made of in states of their own)
            |     i: State[bool] = -True
            |                      ^^^^^ [E0402] this has no negative (this is evaluated at compile time: give it arguments that it has a value for)
            |     t[0]: State[int] = 1
            |     ^^^^ [E0203] a state is declared for a name alone (write `name: State[<type>] = <initial>`)
        "#]],
    );
}

#[test]
fn invalid_parameters() {
    check(
        "async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):\n    \
         pass\n",
        expect![[r#"
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |           ^ [E0401] the node `f` is an `async def` (a node is called once a tick and never waits: use `def`)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |           ^ [E0204] `f` has no return annotation; expected the outputs after `->` (write `-> <outputs>:` at the end of the line)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |             ^ [E0201] the parameter `x` has no annotation; expected what it is: an input, or the type of a constant (write `x: <type>`)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                      ^^^^ [E0202] no type
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                ^^^ [E0202] the annotation of the parameter `z` uses the unknown name `Inn`; expected a registered kind of input, or the registered type of a constant (did you mean `In`?)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                           ^^^^^^^^^ [E0205] `args` takes any number of arguments (name every input and constant as a parameter of its own)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                                         ^^^^^^^^^^ [E0202] nothing registered understands the annotation of the parameter `w` (a state is declared in the body: `name: State[<type>] = <initial>`)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                                                          ^ [E0202] the annotation of the parameter `v` uses the unknown name `b`; expected a registered kind of input, or the registered type of a constant (annotations are made of registered names: `In`, `Nothing`, `Out`, `State`, `bool`, `float`, `int`, `str`)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                                                                ^ [E0202] nothing registered understands the annotation of the parameter `u`; expected a registered kind of input, or the registered type of a constant (annotations are made of registered names: `In`, `Nothing`, `Out`, `State`, `bool`, `float`, `int`, `str`)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                                                                   ^^^^^^^^^^^^^ [E0901] the source category `elsewhere` of `lost` is not registered (the extension of its input handler must register the category)
            | async def f(x, y: In[flot], z: Inn[int], *args: int, w: State[int], v: a.b, u: 3, lost: In[int], **k: int):
            |                                                                                                    ^^^^^^ [E0205] `k` takes any number of arguments (name every input and constant as a parameter of its own)
        "#]],
    );
}

#[test]
fn constants() {
    let source = "def f(x: In[int], k: int, q: float = x, r: int = 1.5, s: int = -2) -> Out[int]:\n    return k\n";
    let bound = [("k", Value::Float(1.0)), ("x", Value::Integer(1)), ("qq", Value::Integer(1))];
    check_with(
        source,
        &bound,
        Bindings::default(),
        expect![[r#"
            | def f(x: In[int], k: int, q: float = x, r: int = 1.5, s: int = -2) -> Out[int]:
            |     ^ [E0603] `f` has no constant `qq` (did you mean `q`?)
            | def f(x: In[int], k: int, q: float = x, r: int = 1.5, s: int = -2) -> Out[int]:
            |       ^^^^^^^^^^ [E0603] a value is bound to `x`, which is no constant (annotate the parameter with a plain type, or bind no value)
            | def f(x: In[int], k: int, q: float = x, r: int = 1.5, s: int = -2) -> Out[int]:
            |                   ^^^^^^ [E0602] the bound value of the constant `k` is of type `float`; expected a value of type `int` (give a value of that type, or annotate `k` with another)
            | def f(x: In[int], k: int, q: float = x, r: int = 1.5, s: int = -2) -> Out[int]:
            |                                      ^ [E0602] the default of `q` is not known at compile time; expected an expression made of literals and constants (write a literal, or bind a value when compiling)
            | def f(x: In[int], k: int, q: float = x, r: int = 1.5, s: int = -2) -> Out[int]:
            |                                         ^^^^^^ [E0602] the default of the constant `r` is of type `float`; expected a value of type `int` (give a value of that type, or annotate `r` with another)
        "#]],
    );
    let source = "def f(k: int, m: float, t: str) -> Out[int]:\n    return k\n";
    check(
        source,
        expect![[r#"
            | def f(k: int, m: float, t: str) -> Out[int]:
            |       ^^^^^^ [E0601] the constant `k` is not bound; expected a value of type `int` (bind a value when compiling, or give it a default)
            | def f(k: int, m: float, t: str) -> Out[int]:
            |               ^^^^^^^^ [E0601] the constant `m` is not bound; expected a value of type `float` (bind a value when compiling, or give it a default)
            | def f(k: int, m: float, t: str) -> Out[int]:
            |                         ^^^^^^ [E0601] the constant `t` is not bound; expected a value of type `str` (bind a value when compiling, or give it a default)
        "#]],
    );
    check_with(
        source,
        &[],
        Bindings::unbound(),
        expect![[r#"
        f
          constant k: int = 1
          constant m: float = 1.0
          constant t: str = "a"
          output int
    "#]],
    );
}

#[test]
fn return_annotations() {
    check(
        "def f(x: In[int]) -> Outt[int]:\n    return 1\n",
        expect![[r#"
            | def f(x: In[int]) -> Outt[int]:
            |                      ^^^^ [E0204] the annotation of the return value uses the unknown name `Outt`; expected a registered kind of output (did you mean `Out`?)
        "#]],
    );
    check(
        "def f(x: In[int]) -> int:\n    return 1\n",
        expect![[r#"
            | def f(x: In[int]) -> int:
            |                      ^^^ [E0204] nothing registered understands the annotation of the return value; expected a registered kind of output (annotations are made of registered names: `In`, `Nothing`, `Out`, `State`, `bool`, `float`, `int`, `str`)
        "#]],
    );
    check(
        "def f(x: In[int]) -> Out[str]:\n    return 1\n",
        expect![[r#"
            | def f(x: In[int]) -> Out[str]:
            |                      ^^^^^^^^ [E0204] a value of type `str` cannot be an output; expected a type that a cell holds (give out the numbers it is made of one by one)
        "#]],
    );
    check(
        "def f(x: In[int]) -> None:\n    return 1\n",
        expect![[r#"
            | def f(x: In[int]) -> None:
            |                      ^^^^ [E0204] nothing registered understands the annotation of the return value; expected a registered kind of output (annotations are made of registered names: `In`, `Nothing`, `Out`, `State`, `bool`, `float`, `int`, `str`)
        "#]],
    );
    check(
        "def f() -> Out[int]:\n    return 1\n",
        expect![[r#"
        f
          output int
    "#]],
    );
    check(
        "def f() -> Nothing:\n    return\n",
        expect![[r#"
            | def f() -> Nothing:
            |            ^^^^^^^ [E0204] `f` has neither parameters nor outputs (a node without inputs needs an output)
        "#]],
    );
}

#[test]
fn which_functions_are_nodes() {
    let context = context();
    let source = "@node\ndef a(x): pass\n@p\n@q\ndef b(x): pass\ndef c(x: In[int]): pass\ndef d(x) -> Out[wrong]: \
                  pass\ndef e(x: int) -> int: pass\n@a.start\ndef g() -> Out[int]: pass\ndef h(): pass\n";
    let outcome = parse(source, &Limits::default());
    let scope = ModuleScope::new(&context, &outcome.module);
    let nodes: Vec<&str> = functions(&outcome.module)
        .filter(|function| is_node(&scope, function))
        .map(|function| &*function.name)
        .collect();
    assert_eq!(nodes, ["c", "d"]);
}

#[test]
fn a_decorator_says_what_is_a_node_where_the_host_names_it() {
    let context = context();
    let source = "@node\ndef a(x): pass\n@p\n@f.node(1)\ndef b(x: In[int]): pass\ndef c(x: In[int]): pass\n\
                  @node.p\ndef d() -> Out[int]: pass\n@node\ndef e(x: Inn[int]): pass\n@a.start\ndef g(): pass\n";
    let outcome = parse(source, &Limits::default());
    let nodes = |decorator: Option<&str>| -> Vec<&str> {
        let mut scope = ModuleScope::new(&context, &outcome.module);
        if let Some(name) = decorator {
            scope.set_node_decorator(name.into());
        }
        functions(&outcome.module)
            .filter(|function| is_node(&scope, function))
            .map(|function| &*function.name)
            .collect()
    };
    assert_eq!(nodes(None), ["b", "c", "d", "e"]);
    assert_eq!(nodes(Some("node")), ["a", "b", "e"]);
    assert_eq!(nodes(Some("f.node")), ["b"]);
    assert_eq!(nodes(Some("g.node")), Vec::<&str>::new());
}
