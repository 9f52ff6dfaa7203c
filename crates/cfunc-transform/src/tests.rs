use std::sync::Arc;

use cfunc_context::{
    CompilationContext, ExpressionNode, Extension, ExtensionId, HandlerResult, ModuleScope, Registrar,
    RegistrationError, StatementNode, TransformApi,
};
use cfunc_models::{
    AbiParameter, AbiRole, Diagnostic, Diagnostics, FunctionModel, OutputModel, ParameterModel, ReportedDeclarations,
    Representation, StateModel, Type, Value, codes,
};
use cfunc_sources::{CONSTANT_CATEGORY, InitFilter, MarkedFunction, SourceCategory, VariableFactory, VariableSource};
use cfunc_syntax::ast::{
    BinaryOperator, Binding, Expression, ExpressionKind, FunctionDefinition, Member, Module, Statement, StatementKind,
};
use cfunc_syntax::visit::{Visitor, walk_expression, walk_statements};
use cfunc_syntax::{Limits, builders, functions, parse, print_statements};
use expect_test::{Expect, expect};

use crate::transform;

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
        let pointer = |name: &str, role, element| AbiParameter {
            name: name.to_owned(),
            representation: Representation::Pointer,
            role,
            element,
        };
        vec![pointer("cells", AbiRole::Cells, None), pointer("flags", AbiRole::Ticked, Some(Representation::I8))]
    }

    fn init_filter(&self) -> InitFilter {
        InitFilter::OnExecute
    }

    fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
        let parameter = factory.parameter("cells").expect("it is this category's");
        for (index, input) in (0u32..).zip(function.parameters.iter().filter(|input| *input.category == *"in")) {
            factory.add(&input.name, input.ty, VariableSource::Input { parameter, index });
        }
    }
}

/// `twice(a)` is `a + a`, `same(a)` is `a`, `again(a)` asks for itself, `no()` is wrong; the statement `emit(a)` writes
/// the first output by a local of its own, `nothing()` goes.
fn called<'a>(api: &dyn TransformApi, expression: &'a Expression) -> Option<(String, &'a [Expression])> {
    let ExpressionKind::Call { function, arguments, .. } = &expression.kind else { return None };
    let marker = api.definition_of(function)?.marker.clone()?;
    Some((marker.0.to_string(), arguments))
}

fn handle_call(api: &mut dyn TransformApi, call: &Expression) -> HandlerResult<Option<Expression>> {
    let Some((name, arguments)) = called(api, call) else { return Ok(None) };
    match (name.as_str(), arguments) {
        ("twice", [argument]) => {
            let argument = api.transform(argument.clone());
            Ok(Some(builders::binary(call.span, argument.clone(), BinaryOperator::Add, argument)))
        }
        ("same", [argument]) => Ok(Some(api.transform(argument.clone()))),
        ("again", _) => Ok(Some(api.transform(call.clone()))),
        ("no", _) => Err(Box::new(Diagnostic::error(codes::EXTENSION, call.span, "no means no"))),
        _ => Ok(None),
    }
}

fn handle_statement(api: &mut dyn TransformApi, statement: &Statement) -> HandlerResult<Option<Vec<Statement>>> {
    let StatementKind::Expression(expression) = &statement.kind else { return Ok(None) };
    let Some((name, arguments)) = called(api, expression) else { return Ok(None) };
    match (name.as_str(), arguments) {
        ("emit", [argument]) => {
            let span = expression.span;
            let local = builders::name(span, "_emitted");
            let argument = api.transform(argument.clone());
            let output = api.output(0).expect("the test has outputs");
            let store = builders::store_output(span, output, local.clone());
            Ok(Some(vec![builders::assign(span, local, argument), store]))
        }
        ("nothing", _) => Ok(Some(Vec::new())),
        _ => Ok(None),
    }
}

impl Extension for TestExtension {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        for marker in ["twice", "same", "again", "no", "emit", "nothing"] {
            registrar.marker(marker)?;
        }
        registrar.constant_name("math.pi", 3.5)?;
        registrar.function("math.sqrt");
        registrar.function("range");
        registrar.source_category(TestCategory);
        registrar.before_expression(ExpressionNode::Call, 0, handle_call);
        registrar.before_statement(StatementNode::Expression, 0, handle_statement);
        Ok(())
    }
}

/// A model by the test's own conventions: a parameter without annotation is an input, one with a constant of 7;
/// every annotated assignment of a name that begins with `s` is a state; as many outputs as `-> n` says.
fn model(definition: &FunctionDefinition) -> FunctionModel {
    struct States(Vec<StateModel>);
    impl Visitor for States {
        fn statement(&mut self, statement: &Statement) {
            if let StatementKind::AnnotatedAssign { target, .. } = &statement.kind
                && let ExpressionKind::Name { name, .. } = &target.kind
                && name.starts_with('s')
                && !self.0.iter().any(|state| state.name == *name)
            {
                let initial = Value::Integer(0);
                self.0.push(StateModel { name: Arc::clone(name), span: target.span, ty: Type::INT64, initial });
            }
            cfunc_syntax::visit::walk_statement(self, statement);
        }
    }
    let mut states = States(Vec::new());
    walk_statements(&mut states, &definition.body);
    let outputs = match definition.returns.as_ref().map(|returns| &returns.kind) {
        Some(ExpressionKind::Constant(Value::Integer(count))) => *count,
        _ => 1,
    };
    let parameters = definition.parameters.iter().map(|parameter| ParameterModel {
        name: Arc::clone(&parameter.name),
        span: parameter.span,
        ty: Type::INT64,
        category: if parameter.annotation.is_some() { CONSTANT_CATEGORY.into() } else { "in".into() },
        value: parameter.annotation.as_ref().map(|_| Value::Integer(7)),
    });
    FunctionModel {
        annotated: Vec::new(),
        name: Arc::clone(&definition.name),
        span: definition.name_span,
        parameters: parameters.collect(),
        outputs: (0..outputs).map(|_| OutputModel { name: None, ty: Type::INT64 }).collect(),
        named_outputs: outputs > 1,
        states: states.0,
        reported: ReportedDeclarations::default(),
    }
}

/// Writes what every name is bound to into the names: `x$in`, `y$local`, `range$global`; unbound ones keep theirs.
fn print_bound(marked: &MarkedFunction) -> String {
    let mut body = marked.body.clone();
    for statement in &mut body {
        annotate_statement(marked, statement);
    }
    let mut text = print_statements(&body);
    for local in &marked.locals {
        if let Some(shadowed) = local.shadows {
            text += &format!("# {} shadows {}\n", local.name, marked.variables.get(shadowed).category);
        }
    }
    text
}

fn annotate_statement(marked: &MarkedFunction, statement: &mut Statement) {
    let blocks: Vec<&mut Vec<Statement>> = match &mut statement.kind {
        StatementKind::For { target, iterable, body, or_else } => {
            annotate(marked, target);
            annotate(marked, iterable);
            vec![body, or_else]
        }
        StatementKind::While { test, body, or_else } | StatementKind::If { test, body, or_else } => {
            annotate(marked, test);
            vec![body, or_else]
        }
        StatementKind::Assign { targets, value } => {
            targets.iter_mut().for_each(|target| annotate(marked, target));
            annotate(marked, value);
            Vec::new()
        }
        StatementKind::AugmentedAssign { target, value, .. } => {
            annotate(marked, target);
            annotate(marked, value);
            Vec::new()
        }
        StatementKind::Expression(value) => {
            annotate(marked, value);
            Vec::new()
        }
        _ => Vec::new(),
    };
    for block in blocks {
        block.iter_mut().for_each(|statement| annotate_statement(marked, statement));
    }
}

fn annotate(marked: &MarkedFunction, expression: &mut Expression) {
    match &mut expression.kind {
        ExpressionKind::Name { name, binding } => {
            let kind = match *binding {
                Binding::Unresolved => "?",
                Binding::Local(id) => {
                    assert_eq!(marked.locals[id.0 as usize].name, *name);
                    "local"
                }
                Binding::Variable(id) => {
                    assert_eq!(marked.variables.get(id).name, *name);
                    &marked.variables.get(id).category
                }
                Binding::Global(_) => "global",
                Binding::Helper(_) => "helper",
            };
            *name = format!("{name}${kind}").into();
        }
        ExpressionKind::Attribute { value, attribute, member } => {
            assert_ne!(*member, Member::Unresolved, "{attribute}");
            annotate(marked, value);
        }
        ExpressionKind::Unary { operand: value, .. } => annotate(marked, value),
        ExpressionKind::Call { function, arguments, keywords } => {
            annotate(marked, function);
            arguments.iter_mut().for_each(|argument| annotate(marked, argument));
            keywords.iter_mut().for_each(|keyword| annotate(marked, &mut keyword.value));
        }
        ExpressionKind::Binary { left, right, .. }
        | ExpressionKind::Subscript { value: left, index: right }
        | ExpressionKind::Walrus { target: left, value: right } => {
            annotate(marked, left);
            annotate(marked, right);
        }
        ExpressionKind::Compare { left, rest } => {
            annotate(marked, left);
            rest.iter_mut().for_each(|(_, operand)| annotate(marked, operand));
        }
        ExpressionKind::Conditional { test, body, or_else } => {
            annotate(marked, test);
            annotate(marked, body);
            annotate(marked, or_else);
        }
        ExpressionKind::Tuple(values)
        | ExpressionKind::Boolean { values, .. }
        | ExpressionKind::Intrinsic { arguments: values, .. } => {
            values.iter_mut().for_each(|value| annotate(marked, value));
        }
        _ => {}
    }
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
    }
    text
}

fn run(source: &str) -> (Module, MarkedFunction, Diagnostics) {
    let context = CompilationContext::builder().with(TestExtension).build().expect("the test extension is consistent");
    let outcome = parse(source, &Limits::default());
    assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
    let scope = ModuleScope::new(&context, &outcome.module);
    let definition = functions(&outcome.module).next().expect("a function");
    let (marked, diagnostics) = transform(&scope, scope.types(), definition, model(definition));
    (outcome.module, marked, diagnostics)
}

#[track_caller]
fn check(source: &str, expect: Expect) {
    let (_, marked, diagnostics) = run(source);
    expect.assert_eq(&(print_bound(&marked) + &print_diagnostics(source, &diagnostics)));
}

/// The diagnostics alone.
#[track_caller]
fn check_errors(source: &str, expect: Expect) {
    expect.assert_eq(&print_diagnostics(source, &run(source).2));
}

#[test]
fn every_name_is_bound() {
    check(
        "import math as m\nfrom math import sqrt as root\ndef f(x, y, k: int):\n    'docs'\n    global q\n    s: int = \
         0\n    a = b = x + k + m.pi + m.pi.real\n    s += 1\n    y: float = y * 2\n    (a, [s, k]) = root(a), (b, \
         1)\n    z: int\n    for i in range(3):\n        while (w := i) < s: pass\n    a = x[i].imag\n",
        expect![[r#"
            a$local = b$local = x$in + k$local + math.pi$global + math.pi$global.real
            s$state += 1
            y$local = y$local * 2
            a$local, (s$state, k$local) = math.sqrt$global(a$local), (b$local, 1)
            for i$local in range$global(3):
                while (w$local := i$local) < s$state:
                    pass
            a$local = x$in[i$local].imag
            # y shadows in
            # k shadows constant
        "#]],
    );
}

#[test]
fn unknown_names() {
    check_errors(
        "import other\nimport other.deep as d\ndef f(price, k: int):\n    total = 0\n    a = totl + prce + rnge + \
         unheard + other + other.twicee(1) + d.x.y\n    a = other.math.sqrt(c)\n",
        expect![[r#"
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |         ^^^^ [E0101] the name `totl` is not known (did you mean `total`?)
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |                ^^^^ [E0101] the name `prce` is not known (did you mean `price`?)
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |                       ^^^^ [E0101] the name `rnge` is not known (did you mean `range`?)
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |                              ^^^^^^^ [E0101] the name `unheard` is not known (assign it first, or make it a parameter)
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |                                        ^^^^^ [E0101] nothing is registered for the import `other` (the extension that brings it must be part of the context)
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |                                                      ^^^^^^ [E0101] nothing is registered for `other.twicee` (did you mean `twice`?)
            |     a = totl + prce + rnge + unheard + other + other.twicee(1) + d.x.y
            |                                                                    ^ [E0101] nothing is registered for `d.x` (the extension that brings it must be part of the context)
            |     a = other.math.sqrt(c)
            |                         ^ [E0101] the name `c` is not known (assign it first, or make it a parameter)
        "#]],
    );
}

#[test]
fn empty_blocks_keep_a_pass() {
    check(
        "def f(x):\n    if x:\n        s: int = 0\n    elif s:\n        'text'\n    else:\n        global q\n    while x:\n        \
         nothing()\n",
        expect![[r#"
            if x$in:
                pass
            elif s$state:
                pass
            else:
                pass
            while x$in:
                pass
        "#]],
    );
    check(
        "def f(x):\n    'docs'\n",
        expect![[r#"
        pass
    "#]],
    );
}

#[test]
fn returns_of_one_output() {
    check(
        "def f(x):\n    if x: return x + 1\n    if x: return None\n    return\n",
        expect![[r#"
            if x$in:
                __store_outputs__(None, x$in + 1)
                return
            if x$in:
                return
            return
        "#]],
    );
    check(
        "def f(x):\n    return (x, 1)\n",
        expect![[r#"
            return
            |     return (x, 1)
            |            ^^^^^^ [E0501] 2 values returned for one output; expected at most one value (return one value for each output, or declare more outputs)
        "#]],
    );
    check(
        "def f(x) -> 0:\n    return x\n",
        expect![[r#"
            return
            |     return x
            |            ^ [E0501] one value returned for no outputs (the function has no outputs: use `return` alone)
        "#]],
    );
    check(
        "def f(x):\n    return (x,)\n",
        expect![[r#"
        _return_0$local = x$in
        __store_output__(0, _return_0$local)
        return
    "#]],
    );
    check(
        "def f(x):\n    return ()\n",
        expect![[r#"
            return
            |     return ()
            |            ^^ [E0501] no values returned for one output; expected at most one value (return one value for each output, or declare more outputs)
        "#]],
    );
}

#[test]
fn returns_of_several_outputs() {
    check(
        "def f(x) -> 3:\n    _return_0 = x\n    if x: return x, None, _return_0 + y\n    if x: return 1, x\n    if x: \
         return x\n    return x, x, x, x\n",
        expect![[r#"
            _return_0$local = x$in
            if x$in:
                __return_0$local = x$in
                _return_2$local = _return_0$local + __reported__()
                __store_output__(0, __return_0$local)
                __store_output__(2, _return_2$local)
                return
            if x$in:
                _return_1$local = x$in
                __store_output__(0, 1)
                __store_output__(1, _return_1$local)
                return
            if x$in:
                __store_outputs__(None, x$in)
                return
            return
            |     if x: return x, None, _return_0 + y
            |                                       ^ [E0101] the name `y` is not known (assign it first, or make it a parameter)
            |     if x: return 1, x
            |                  ^^^^ [W0004] 2 values for 3 outputs (outputs without a value do not tick; write None for them)
            |     return x, x, x, x
            |            ^^^^^^^^^^ [E0501] 4 values returned for 3 outputs; expected at most 3 values (return one value for each output, or declare more outputs)
        "#]],
    );
}

#[test]
fn arrays_of_the_abi() {
    check(
        "def f(x, y, k: int) -> 3:\n    a = flags[0] + flags[1] * output_ticked[2]\n    return flags[2], flags[-1], \
         flags[x] + cells[0] + flags\n",
        expect![[r#"
            a$local = __abi_element__(5, 0) + __abi_element__(5, 1) * __abi_element__(1, 2)
            _return_0$local = __reported__()
            _return_1$local = __reported__()
            _return_2$local = __reported__() + __reported__()[0] + __reported__()
            __store_output__(1, _return_0$local)
            __store_output__(2, _return_1$local)
            __store_output__(3, _return_2$local)
            return
            |     return flags[2], flags[-1], flags[x] + cells[0] + flags
            |                  ^ [E0005] `flags` has no element 2; expected 0 to 1 (elements are numbered in the order of the parameters, from 0)
            |     return flags[2], flags[-1], flags[x] + cells[0] + flags
            |                            ^^ [E0005] `flags` has no element -1; expected 0 to 1 (elements are numbered in the order of the parameters, from 0)
            |     return flags[2], flags[-1], flags[x] + cells[0] + flags
            |                                       ^ [E0401] `flags` is read at an index that is known at run time only; expected an int literal (write an `if` for each element)
            |     return flags[2], flags[-1], flags[x] + cells[0] + flags
            |                                            ^^^^^ [E0101] the name `cells` is not known (assign it first, or make it a parameter)
            |     return flags[2], flags[-1], flags[x] + cells[0] + flags
            |                                                       ^^^^^ [E0307] `flags` is an array of flags, not a value (read one element: `flags[0]`)
        "#]],
    );
    check(
        "def f(x):\n    flags[0] = 1\n    flags[0] += 1\n",
        expect![[r#"
            __reported__() = 1
            __reported__() += 1
            |     flags[0] = 1
            |     ^^^^^^^^ [E0104] the elements of `flags` are not assigned to (outputs tick where a value is returned)
            |     flags[0] += 1
            |     ^^^^^^^^ [E0104] the elements of `flags` are not assigned to (outputs tick where a value is returned)
        "#]],
    );
    check(
        "def f(x):\n    flags = (1, 2)\n    return flags[x]\n",
        expect![[r#"
            flags$local = 1, 2
            __store_outputs__(None, flags$local[x$in])
            return
        "#]],
    );
}

#[test]
fn handlers() {
    check(
        "import lib\ndef f(x):\n    a = twice(lib.twice(x)) + range(twice(1))\n    emit(twice(a))\n    emit(1)\n    \
         range(twice(2))\n",
        expect![[r#"
            a$local = x$in + x$in + (x$in + x$in) + range$global(1 + 1)
            _emitted$local = a$local + a$local
            __store_output__(0, _emitted$local)
            _emitted$local = 1
            __store_output__(0, _emitted$local)
            range$global(2 + 2)
        "#]],
    );
    check(
        "def f(x, twice):\n    emit = 1\n    emit(2)\n    return twice(x)\n",
        expect![[r#"
            emit$local = 1
            emit$local(2)
            __store_outputs__(None, twice$in(x$in))
            return
        "#]],
    );
    check(
        "def f(x):\n    no()\n    y = no() + no(z)\n    return again(x)\n",
        expect![[r#"
            __reported__()
            y$local = __reported__() + __reported__()
            __store_outputs__(None, __reported__())
            return
            |     no()
            |     ^^^^ [E0901] no means no
            |     y = no() + no(z)
            |         ^^^^ [E0901] no means no
            |     y = no() + no(z)
            |                ^^^^^ [E0901] no means no
            |     return again(x)
            |            ^^^^^^^^ [E0901] a handler of `test@1` asks for its own node again and again (the handler must transform parts of the node, not the node itself)
        "#]],
    );
}

#[test]
fn what_nodes_do_not_have() {
    check_errors(
        "def f(x):\n    def g(): pass\n    class C: pass\n    import math\n    from math import pi\n    assert u1\n    raise \
         x\n    try:\n        u2\n    except: u3\n    match u4:\n        case 1: u5\n    del x\n    with x: pass\n    a = \
         [u6, 1]\n    b = {1: u7}\n    c = lambda: 1\n    d = [i for i in x]\n    x(*a, **b)\n    p, *q = a\n    yield\n    \
         e = (*a, 1)\n",
        expect![[r#"
            |     def g(): pass
            |     ^^^^^^^^^^^^^ [E0401] a function definition is not supported in a node (write its statements where it is called)
            |     class C: pass
            |     ^^^^^^^^^^^^^ [E0401] a class definition is not supported in a node (keep each value in a local or a state of its own)
            |     import math
            |     ^^^^^^^^^^^ [E0401] an import is not supported in a node (move the import to the top of the module)
            |     from math import pi
            |     ^^^^^^^^^^^^^^^^^^^ [E0401] an import is not supported in a node (move the import to the top of the module)
            |     assert u1
            |            ^^ [E0101] the name `u1` is not known (assign it first, or make it a parameter)
            |         u2
            |         ^^ [E0101] the name `u2` is not known (assign it first, or make it a parameter)
            |     except: u3
            |             ^^ [E0101] the name `u3` is not known (assign it first, or make it a parameter)
            |     match u4:
            |           ^^ [E0101] the name `u4` is not known (assign it first, or make it a parameter)
            |         case 1: u5
            |                 ^^ [E0101] the name `u5` is not known (assign it first, or make it a parameter)
            |     del x
            |     ^^^^^ [E0401] `del` of anything but a subscript is not supported in a node (leave it out: locals end with the call)
            |     with x: pass
            |     ^^^^^^^^^^^^ [E0401] `with` is not supported in a node (write the statements of its block without it)
            |     a = [u6, 1]
            |          ^^ [E0101] the name `u6` is not known (assign it first, or make it a parameter)
            |     b = {1: u7}
            |             ^^ [E0101] the name `u7` is not known (assign it first, or make it a parameter)
            |     c = lambda: 1
            |         ^^^^^^^^^ [E0401] `lambda` is not supported in a node (write the expression where it is used)
            |     d = [i for i in x]
            |         ^^^^^^^^^^^^^^ [E0401] a list comprehension is not supported in a node (fill a list in a `for` loop, with `append`)
            |     x(*a, **b)
            |           ^^^ [E0401] `**` before an argument is not supported in a node (name the arguments one by one)
            |     yield
            |     ^^^^^ [E0401] `yield` is not supported in a node (`return` a value, and keep what the next tick needs in a state)
        "#]],
    );
}

#[test]
fn deep_trees_fit_a_small_stack() {
    let mut source = "def f(x):\n    if x: a = 1\n".to_owned();
    for _ in 0..490 {
        source += "    elif x: a = 1\n";
    }
    source += &format!("    a = {}x{}\n", "same(".repeat(190), ")".repeat(190));
    source += &format!("    a = {}x{}\n", "range(".repeat(190), ")".repeat(190));
    source += &format!("    a = {}x\n", "-".repeat(240));
    source += &format!("    a = x{}\n", ".a".repeat(240));
    let worker = std::thread::Builder::new().stack_size(2 << 20).spawn(move || {
        let (_, marked, diagnostics) = run(&source);
        assert!(diagnostics.is_empty(), "{diagnostics}");
        marked.locals.len()
    });
    assert_eq!(worker.expect("a thread").join().expect("no overflow"), 1);
}

#[test]
fn nothing_stays_unbound() {
    struct Unbound(usize);
    impl Visitor for Unbound {
        fn expression(&mut self, expression: &Expression) {
            if let ExpressionKind::Name { binding: Binding::Unresolved, .. } = expression.kind {
                self.0 += 1;
            }
            walk_expression(self, expression);
        }
    }
    let source = "def f(x) -> 2:\n    a = x if x else (x, x[1:x:x], not x)\n    x, x = twice(x), x and x\n    emit(x)\n    \
                  range(key=x)\n    return -x, None if x < x < x else x\n";
    let (module, marked, diagnostics) = run(source);
    assert!(diagnostics.is_empty(), "{diagnostics}");
    let count = |statements: &[Statement]| {
        let mut unbound = Unbound(0);
        walk_statements(&mut unbound, statements);
        unbound.0
    };
    assert_ne!(count(&module.body), 0);
    assert_eq!(count(&marked.body), 0);
}

#[test]
fn many_errors_end_soon() {
    let mut source = "def f(x):\n".to_owned();
    for number in 0..9_000 {
        source += &format!("    local_{number} = unknown_{number}\n");
    }
    let elements: Vec<String> = (0..9_000).map(|number| format!("other_{number}")).collect();
    source += &format!("    return {}\n", elements.join(" , "));
    let (_, _, diagnostics) = run(&source);
    assert_eq!(diagnostics.len(), 100);
    assert!(diagnostics.has_errors());
}
