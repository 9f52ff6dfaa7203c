//! What is known of the operations of a compiled function, and what becomes of those that no rule is for.

use cfunc_compiler::{
    CellForm, CompilationContext, CompileError, Conversion, DataModel, Extension, ExtensionId, Operand, Operation,
    Registrar, RegistrationError, Representation, Stage, Type, UseKind, Value, ast::BinaryOperator, compile, defaults,
    exact,
};

use crate::common::{on_every_engine, request};

/// `Token` is an int that converts to one, and has no truth value of its own.
struct Tokens;

impl Extension for Tokens {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("tokens", 3)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let model = DataModel::Scalar(Representation::I64);
        let token = registrar.define_type("Token", model, CellForm::Scalar)?;
        let function = registrar.function("Token");
        registrar.builtin(function, &[Type::INT64], token, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        registrar.lower_cast(exact(token), exact(Type::FLOAT64), Conversion::Safe, |b, _from, to, operand| {
            let operation = cfunc_compiler::ir::ConvertOperation::SignedToFloat;
            Ok(Operand::scalar(to, b.convert(operation, operand.value(), Representation::F64)))
        });
        // They unify, but nothing converts one to the other.
        registrar.unify(token, Type::BOOLEAN, token);
        Ok(())
    }
}

fn context() -> CompilationContext {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .with(Tokens)
        .build()
        .expect("the extensions fit together")
}

#[test]
fn a_truth_value_may_take_a_conversion() {
    let text = "
def tested(x: Signal[int]) -> Signal[int]:
    token = Token(x)
    count = 1 if token else 0
    other = token or Token(7)
    if other and token:
        count += 2
    return count
";
    on_every_engine(|engine| {
        let result = compile(&context(), &request(text).backend(engine)).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("ints have cells");
        let (x, out) = (node.input::<i64>("x").expect("an input"), node.output::<i64>(0).expect("an output"));
        node.start().expect("START");
        for (value, expected) in [(5, 3), (0, 0)] {
            node.set(x, value);
            node.execute().expect("a tick");
            assert_eq!(node.ticked(out), Some(expected));
        }
    });
}

#[test]
fn what_is_wrong_in_a_loop_is_reported_whatever_it_is_assigned_to() {
    let once = "
def f(x: Signal[int]) -> Signal[int]:
    b = x
    while b > 0:
        b = b % 'a'
    return b
";
    let nested = "
def f(x: Signal[int]) -> Signal[int]:
    b = x
    for i in range(3):
        for j in range(b):
            b = b % 'a'
    return b
";
    for text in [once, nested] {
        let error = compile(&context(), &request(text)).expect_err("no rule is for int and str");
        let CompileError::Diagnostics { diagnostics, .. } = error else { panic!("{error}") };
        let said: Vec<(&str, &str)> =
            diagnostics.iter().map(|diagnostic| (diagnostic.code.id, &*diagnostic.message)).collect();
        assert_eq!(said, [("E0301", "`%` is not defined for int and str")]);
    }
}

#[test]
fn operations_have_places_signatures_and_rules() {
    let text = "
def shown(x: Signal[int], k: float) -> Signal[float]:
    n: State[int] = 0
    y = 0
    for i in range(x):
        y = y + k
    n = min(n, i if x > 0 else 1)
    return float(1 < n < y) + y + Token(x)
";
    let result = compile(&context(), &request(text).constant("k", 0.5)).unwrap_or_else(|error| panic!("{error}"));
    let operations = result.operations().expect("known");
    let at = |place: &str, name: &str| {
        let all = operations.iter().filter(|operation| operation.span.text(text) == place && operation.name == name);
        let text = all.map(|operation| {
            let (typed, lowered) = (operation.typed_by.info, operation.lowered_by.info);
            format!(
                "{}: {} [{}], {} [{}]",
                operation.signature, typed.name, typed.extension, lowered.name, lowered.extension
            )
        });
        text.collect::<Vec<_>>()
    };
    let both = |rule: &str, signature: &str| vec![format!("{signature}: {rule}, {rule}")];
    assert_eq!(at("Token(x)", "Token"), ["(int) -> Token: Token(int) -> Token [tokens@3], Token(int) [tokens@3]"]);
    assert_eq!(at("Token(x)", "cast"), both("cast(Token -> float) [tokens@3]", "(Token) -> float"));
    assert_eq!(at("0.5", "constant"), Vec::<String>::new(), "a bound constant stands where it is used");
    assert_eq!(at("k", "constant"), both("constant(float) [builtins@1]", "() -> float"));
    // The local is an int before the loop, and a float at its head.
    assert!(operations.iter().any(|operation| {
        operation.name == "cast"
            && operation.signature == "(int) -> float"
            && operation.span.text(text).starts_with("for")
    }));
    // What `min` left to another rule, and each comparison of a chain with its conversions.
    assert_eq!(
        at("1 < n < y", "<"),
        ["(float, float) -> bool: <(float, float) -> bool [builtins@1], <(float, float) [builtins@1]"]
    );
    assert!(
        operations.iter().any(|operation| { operation.name == "<" && operation.span.text(text).starts_with("min(") })
    );
    for operation in &operations {
        assert_eq!(result.context().registry().rule(operation.lowered_by.id), operation.lowered_by.info);
    }
    let shown = result.dump(Stage::Types).expect("a text");
    for part in ["typed by Token(int) -> Token [tokens@3]", "y.", "<- ", "cast(int -> float) [builtins@1]"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn paths_that_nothing_converts_are_told_where_the_name_is_read() {
    let text = "
def joined(x: Signal[int]) -> Signal[float]:
    if x > 0:
        token = Token(x)
    else:
        token = x == 0
    return token
";
    let Err(CompileError::Diagnostics { diagnostics, .. }) = compile(&context(), &request(text)) else {
        panic!("a bool does not become a token");
    };
    let found: Vec<(&str, &str)> =
        diagnostics.iter().map(|diagnostic| (diagnostic.code.id, diagnostic.span.text(text))).collect();
    assert_eq!(found, [("E0303", "token")], "{diagnostics}");
}

/// The uses of a kind as text.
fn recorded(result: &cfunc_compiler::CompilationResult, kind: UseKind) -> Vec<String> {
    let text = result.source().text();
    let all = result.operations().expect("known").into_iter().filter(|operation| operation.kind == kind);
    all.map(|used| {
        let rule = used.typed_by.info;
        format!("{} {}: {} [{}]", used.span.text(text), used.signature, rule.name, rule.extension.name)
    })
    .collect()
}

#[test]
fn what_is_asked_of_values_and_where_paths_meet_is_recorded() {
    let text = "
def known(x: Signal[int], k: float = 1 + 1) -> Signal[float]:
    n: State[int] = 3
    y = n if x > 0 else k
    if x > 2:
        y = x
    return y + (2 - 5)
";
    let result = compile(&context(), &request(text)).unwrap_or_else(|error| panic!("{error}"));
    let typeofs = recorded(&result, UseKind::Typeof);
    assert_eq!(typeofs.len(), 3, "{typeofs:?}");
    assert!(typeofs.iter().all(|used| used.ends_with(" () -> int: typeof(int) [builtins]")), "{typeofs:?}");
    assert_eq!(
        recorded(&result, UseKind::Unify),
        [
            "n if x > 0 else k (int, float) -> float: unify(int, float) -> float [builtins]",
            "if x > 2:\n        y = x (int, float) -> float: unify(int, float) -> float [builtins]",
        ]
    );
    let converted = recorded(&result, UseKind::Convert);
    assert!(converted.contains(&"3 () -> int: convert(int) [builtins]".to_owned()), "{converted:?}");
    assert!(converted.iter().any(|used| used.ends_with(" () -> float: convert(float) [builtins]")), "{converted:?}");
    assert_eq!(
        recorded(&result, UseKind::Fold),
        ["1 + 1 () -> object: fold(+) [builtins]", "2 - 5 () -> object: fold(-) [builtins]"]
    );
    let shown = result.dump(Stage::Types).expect("a text");
    for line in
        ["    5:5 unify(int, float) -> float: unify(int, float) -> float [builtins@1]\n", "    3:21 convert() -> int"]
    {
        assert!(shown.contains(line), "{line}: {shown}");
    }
}

#[test]
fn rules_that_a_loop_asked_before_its_types_settled_are_provisional() {
    let text = "
def settled(x: Signal[int]) -> Signal[float]:
    y = 0
    for i in range(x):
        y = y + 0.5 * y + y * y
    return y
";
    let result = compile(&context(), &request(text)).unwrap_or_else(|error| panic!("{error}"));
    let provisional = result.provisional_rules().expect("known");
    let is_provisional = |name: &str| provisional.iter().any(|rule| rule.info.name == name);
    let is_used = |name: &str| {
        let operations = result.operations().expect("known");
        operations.iter().any(|used| [used.typed_by, used.lowered_by].iter().any(|rule| rule.info.name == name))
    };
    assert!(is_provisional("*(int, int) -> int") && is_provisional("*(int, int)"));
    assert!(!is_used("*(int, int) -> int") && is_used("*(float, float) -> float"));
    assert!(!is_provisional("-(int, int) -> int"));
    // What the round before unified holds for the round that stands.
    assert_eq!(recorded(&result, UseKind::Unify).len(), 1);
}

/// `Twice(x)` is made of a cast, a constant and a call that its rule asks for.
struct Twice;

impl Extension for Twice {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("twice", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let function = registrar.function("Twice");
        registrar.builtin(function, &[Type::INT64], Type::FLOAT64, |b, signature, operands| {
            let value = b.cast(operands[0].clone(), signature.result)?;
            let two = b.constant(Type::INT64, &Value::Integer(2))?;
            b.call(Operation::Binary(BinaryOperator::Multiply), &[value, two])
        });
        Ok(())
    }
}

#[test]
fn what_a_rule_leaves_to_others_is_recorded() {
    let text = "
def doubled(x: Signal[int]) -> Signal[float]:
    return Twice(x)
";
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Twice);
    let result =
        compile(&builder.build().expect("a context"), &request(text)).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(recorded(&result, UseKind::Constant), ["Twice(x) () -> int: constant(int) [builtins]"]);
    let cast = "Twice(x) (int) -> float: cast(int -> float) [builtins]";
    assert_eq!(recorded(&result, UseKind::Cast), [cast, cast]);
    assert_eq!(
        recorded(&result, UseKind::Operation),
        [
            "Twice(x) (int) -> float: Twice(int) -> float [twice]",
            "Twice(x) (float, float) -> float: *(float, float) -> float [builtins]",
        ]
    );
}
