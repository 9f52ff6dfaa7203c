//! What rules of an extension are held to: whatever they do, there is an error that names them, and no more.

use cfunc_compiler::ir::{BinaryOperation, IntegerCondition};
use cfunc_compiler::{
    CallableParameter, CellForm, CompilationContext, CompileError, Conversion, DataModel, Extension, ExtensionId,
    Field, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError, Representation, Severity,
    Signature, Type, TypeSpec, TypingAnswer, Value, ValueSpec, compile, defaults, exact,
};

use crate::common::{on_every_engine, request};

/// Registers what a test says.
struct Probe<F>(F);

impl<F: Fn(&mut Registrar<'_>) + Send + Sync> Extension for Probe<F> {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("probe", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        self.0(registrar);
        Ok(())
    }
}

fn build(
    register: impl Fn(&mut Registrar<'_>) + Send + Sync + 'static,
) -> Result<CompilationContext, RegistrationError> {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Probe(register)).build()
}

/// What is said of `return <expression>` in a node with the inputs `k: Signal[int]` and `x: Signal[float]`.
#[track_caller]
fn refusal(register: impl Fn(&mut Registrar<'_>) + Send + Sync + 'static, expression: &str) -> String {
    refusal_of(
        register,
        &format!("def f(k: Signal[int], x: Signal[float]) -> Signal[float]:\n    return {expression}\n"),
    )
}

#[track_caller]
fn refusal_of(register: impl Fn(&mut Registrar<'_>) + Send + Sync + 'static, text: &str) -> String {
    let context = build(register).expect("rules that can be registered");
    match compile(&context, &request(text)) {
        Ok(_) => panic!("it compiles:\n{text}"),
        Err(CompileError::Diagnostics { diagnostics, .. }) => {
            let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error);
            let said: Vec<String> =
                errors.map(|diagnostic| format!("{} {}", diagnostic.code.id, diagnostic.message)).collect();
            said.join("\n")
        }
        Err(other) => panic!("no diagnostics, but: {other}"),
    }
}

#[track_caller]
fn build_refusal(register: impl Fn(&mut Registrar<'_>) + Send + Sync + 'static) -> String {
    build(register).expect_err("it cannot be built").to_string()
}

type Emit = fn(&mut LowerContext<'_, '_>, &Signature, &[Operand]) -> Result<Operand, LowerError>;

/// A function `probe(int) -> float` of this rule.
fn probe(emit: Emit) -> impl Fn(&mut Registrar<'_>) + Send + Sync + 'static {
    move |registrar| {
        let function = registrar.function("probe");
        registrar.builtin(function, &[Type::INT64], Type::FLOAT64, emit);
    }
}

/// The refusal of a node that calls `probe` of this rule.
#[track_caller]
fn check(emit: Emit, expected: &str) {
    let expected = format!("E0901 the rule `probe(int)` of the extension `probe`: {expected}");
    for expression in ["probe(k)", "probe(k) if k > 0 else x"] {
        // Which blocks and values stand before it is not of interest.
        let unnumbered = |text: &str| text.replace(|character: char| character.is_ascii_digit(), "");
        assert_eq!(unnumbered(&refusal(probe(emit), expression)), unnumbered(&expected));
    }
}

#[test]
fn a_rule_gives_what_its_signature_says() {
    check(
        |b, signature, _| Ok(Operand::scalar(signature.result, b.int64(1))),
        "component 0 of its float is i64, not f64",
    );
    check(
        |_, signature, _| Ok(Operand::new(signature.result, &[])),
        "it gives 0 components where a value of type float has 1",
    );
    check(|_, _, operands| Ok(operands[0].clone()), "it gives a value of type int where it is typed float");
    let converts = |registrar: &mut Registrar<'_>| {
        let money = registrar.define_type("Money", DataModel::Scalar(Representation::I64), CellForm::Scalar).unwrap();
        let function = registrar.function("Money");
        registrar.builtin(function, &[Type::INT64], money, |_, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        registrar.lower_cast(exact(money), exact(Type::FLOAT64), Conversion::Safe, |_, _, to, operand| {
            Ok(Operand::scalar(to, operand.value()))
        });
    };
    assert_eq!(
        refusal(converts, "Money(k)"),
        "E0901 the rule `cast(Money -> float)` of the extension `probe`: component 0 of its float is i64, not f64"
    );
}

#[test]
fn a_rule_leaves_one_block_open() {
    check(
        |b, signature, operands| {
            let (filled, empty) = (b.create_block(), b.create_block());
            let positive = b.integer_compare_constant(IntegerCondition::SignedGreater, operands[0].value(), 0);
            b.branch(positive, filled, empty);
            b.switch_to(filled);
            Ok(Operand::scalar(signature.result, b.float64(1.0)))
        },
        "it jumps to block1 and leaves it without an end",
    );
    check(
        |b, signature, _| {
            let other = b.create_block();
            b.switch_to(other);
            Ok(Operand::scalar(signature.result, b.float64(1.0)))
        },
        "it goes on with another block without a jump from block0",
    );
    check(
        |b, signature, _| {
            b.return_values(&[]);
            Ok(Operand::scalar(signature.result, b.float64(1.0)))
        },
        "it ends the function, of which it emits a part",
    );
}

#[test]
fn what_a_rule_does_wrong_with_the_builder_is_no_panic() {
    check(
        |b, signature, _| {
            let variable = b.declare_variable(Representation::F64);
            let one = b.int64(1);
            b.define_variable(variable, one);
            Ok(Operand::scalar(signature.result, b.use_variable(variable)))
        },
        "it gives a variable of f64 a value of i64",
    );
    check(
        |_, signature, operands| Ok(Operand::scalar(signature.result, operands[7].value())),
        "it panicked: index out of bounds: the len is 1 but the index is 7",
    );
}

#[test]
fn what_the_verifier_finds_names_the_rule() {
    check(
        |b, signature, operands| {
            let one = b.float64(1.0);
            let sum = b.binary(BinaryOperation::FloatAdd, one, operands[0].value());
            Ok(Operand::scalar(signature.result, sum))
        },
        "function \"entry\", `v12: f64 = fadd v11, v10`: an operand is i64, not f64",
    );
}

#[test]
fn rules_do_not_ask_each_other_without_an_end() {
    let lowered = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("probe");
        registrar.builtin(function, &[Type::INT64], Type::FLOAT64, move |b, _, operands| b.call(function, operands));
    };
    let message = "rules ask each other without an end";
    assert_eq!(
        refusal(lowered, "probe(k)"),
        format!("E0901 the rule `probe(int)` of the extension `probe`: {message}")
    );
    let typed = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("probe");
        registrar.type_callable(function, move |call| {
            let arguments = call.arguments.to_vec();
            match call.resolve(function, &arguments) {
                Ok(found) => TypingAnswer::Signature(found.signature),
                Err(error) => TypingAnswer::No(call.describe(&error)),
            }
        });
    };
    let said = refusal(typed, "probe(k)");
    assert!(said.starts_with("E0304 `probe` is not defined for int"), "{said}");
}

/// `total(x, …)` with a typing closure that does not look at keywords.
fn total(registrar: &mut Registrar<'_>) {
    let total = registrar.function("total");
    registrar.type_callable(total, |call| {
        TypingAnswer::Signature(Signature::new(&vec![Type::FLOAT64; call.arguments.len()], Type::FLOAT64))
    });
    let rest = TypeSpec::VariableArguments(Box::new(exact(Type::FLOAT64)));
    registrar.lower_builtin(total, [rest], |_, signature, operands| {
        Ok(Operand::scalar(signature.result, operands[0].value()))
    });
}

#[test]
fn keywords_are_not_dropped() {
    for (keyword, ty) in [("100.0", "float"), ("'a'", "str")] {
        let said = refusal(total, &format!("total(k, scale={keyword})"));
        assert_eq!(said, format!("E0304 `total` is not defined for int and `scale={ty}`"));
    }
    let truth = |registrar: &mut Registrar<'_>| {
        let money = registrar.define_type("Money", DataModel::Scalar(Representation::I64), CellForm::Scalar).unwrap();
        let function = registrar.function("Money");
        registrar.builtin(function, &[Type::INT64], money, |_, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        registrar.signature(Operation::Truth, &[money], Type::NONE);
        registrar.lower_builtin(Operation::Truth, [exact(money)], |_, _, _| Ok(Operand::new(Type::NONE, &[])));
    };
    let expected = "E0901 the rule `truth value(Money) -> None` of the extension `probe` gives no bool";
    assert_eq!(refusal(truth, "1.0 if Money(k) else 2.0"), expected);
    let wrong = |registrar: &mut Registrar<'_>| {
        let two = registrar.function("two");
        registrar.type_callable(two, |_| {
            TypingAnswer::Signature(Signature::new(&[Type::FLOAT64, Type::FLOAT64], Type::FLOAT64))
        });
        registrar.lower_builtin(two, [exact(Type::FLOAT64), exact(Type::FLOAT64)], |_, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[1].value()))
        });
    };
    let expected = "E0901 the rule `two(…)` of the extension `probe` answers with 2 parameters for 1 arguments";
    assert_eq!(refusal(wrong, "two(x)"), expected);
}

/// `Money(cents, currency=978)`, which can be evaluated at compile time.
fn money(registrar: &mut Registrar<'_>) {
    let field = |name: &str| Field { name: name.to_owned(), ty: Type::INT64 };
    let fields = DataModel::Fields([field("cents"), field("currency")].into());
    let money = registrar.define_type("Money", fields, CellForm::Buffer).expect("a new name");
    let family = registrar.types().definition(money).constructor;
    let function = registrar.function("Money");
    registrar
        .parameters(function, [CallableParameter::required("cents"), CallableParameter::with_default("currency", 978)]);
    registrar
        .builtin(function, &[Type::INT64; 2], money, |b, signature, operands| Ok(b.make(signature.result, operands)));
    registrar.fold(function, |arguments| match arguments.positional {
        [cents, currency] => Ok(Value::Record(
            "Money".to_owned(),
            vec![("cents".to_owned(), cents.clone()), ("currency".to_owned(), currency.clone())],
        )),
        _ => Err("Money takes two".to_owned()),
    });
    registrar.type_of_value(ValueSpec::kind("Money"), move |_, _, _| Some(money));
    registrar.lower_constant(family, |b, ty, value| {
        let Value::Record(_, fields) = value else { return Err(LowerError::new("no money")) };
        let values: Vec<_> = fields
            .iter()
            .map(|(_, value)| match value {
                Value::Integer(value) => b.int64(*value),
                _ => b.int64(0),
            })
            .collect();
        Ok(Operand::new(ty, &values))
    });
    registrar.convert_value(family, |value| match value {
        Value::Record(name, _) if name == "Money" => Some(value.clone()),
        Value::Text(_) => Some(value.clone()),
        _ => None,
    });
    registrar.lower_getattr(money, "currency", Type::INT64, |b, value| b.field(value, "currency"));
}

#[test]
fn folds_get_arguments_in_the_places_of_their_parameters() {
    let node = |initial: &str| {
        format!("def f(k: Signal[int]) -> Signal[int]:\n    s: State[Money] = {initial}\n    return s.currency + k\n")
    };
    on_every_engine(|engine| {
        let context = build(money).expect("it can be registered");
        for (initial, expected) in [("Money(0)", 979), ("Money(currency=5, cents=0)", 6)] {
            let result = compile(&context, &request(&node(initial)).backend(engine.clone())).expect("a node");
            let mut node = result.instantiate().expect("a cell");
            node.start().expect("it starts");
            node.set_value(0, &Value::Integer(1)).expect("an int");
            node.execute().expect("no error");
            assert_eq!(node.output_value(0), Some(Value::Integer(expected)));
            node.stop().expect("it stops");
        }
    });
    let wrong = refusal_of(money, &node("Money(0, curency=5)"));
    assert_eq!(wrong, "E0402 `Money` cannot be called so: it has no parameter `curency`");
    let wrong = refusal(money, "Money(0, curency=5).currency * 1.0");
    assert_eq!(wrong, "E0304 `Money` cannot be called so: it has no parameter `curency`");
    let wrong = refusal_of(money, &node("'a'"));
    assert_eq!(wrong, "E0901 the initial value of `s` becomes \"a\", which no cell of type Money holds");
}

#[test]
fn a_fold_gives_what_the_operation_is_typed_with() {
    let wrong = |registrar: &mut Registrar<'_>| {
        probe(|b, signature, _| Ok(Operand::scalar(signature.result, b.float64(1.0))))(registrar);
        let function = registrar.function("probe");
        registrar.fold(function, |_| Ok(Value::from("one")));
    };
    assert_eq!(
        refusal(wrong, "probe(1)"),
        "E0901 the rule `fold(probe)` of the extension `probe` gives a value of type str where the operation is typed float"
    );
}

fn pointer(registrar: &mut Registrar<'_>) -> Type {
    registrar.define_type("Token", DataModel::Scalar(Representation::Pointer), CellForm::Scalar).expect("a new name")
}

fn own(registrar: &mut Registrar<'_>, ty: Type) {
    let family = registrar.types().definition(ty).constructor;
    registrar.ownership(family, |_, token| Ok(token.clone()), |_, _| Ok(()));
}

#[test]
fn ownership_is_of_pointers_once_and_whole() {
    let number = |registrar: &mut Registrar<'_>| {
        let ty = registrar.define_type("Token", DataModel::Scalar(Representation::I64), CellForm::Scalar).unwrap();
        own(registrar, ty);
    };
    assert_eq!(build_refusal(number), "copy(Token): a value of type Token is not one pointer, and nothing owns it");
    let twice = |registrar: &mut Registrar<'_>| {
        let ty = pointer(registrar);
        own(registrar, ty);
        own(registrar, ty);
    };
    assert_eq!(
        build_refusal(twice),
        "`copy(Token)` is registered by `probe@1` and by `probe@1`: leave one out with `without_rule`"
    );
    let without = |names: &'static [&str]| {
        let builder = CompilationContext::builder().with(Probe(|registrar: &mut Registrar<'_>| {
            let ty = pointer(registrar);
            own(registrar, ty);
        }));
        builder.without_rule(|rule| names.contains(&&*rule.name)).build().map(|_| ()).map_err(|error| error.to_string())
    };
    let half = "of `copy(Token)` and `release(Token)` one alone is left out: leave out both or none";
    assert_eq!(without(&["copy(Token)"]), Err(half.to_owned()));
    assert_eq!(without(&["release(Token)"]), Err(half.to_owned()));
    assert_eq!(without(&["copy(Token)", "release(Token)"]), Ok(()));
    let missed = "condition 0 of `without_rule` holds for no rule that is registered (counted from 0)";
    assert_eq!(without(&["copy(Tocken)"]), Err(missed.to_owned()));
}

#[test]
fn what_contradicts_itself_is_not_registered() {
    let cast = |_: &mut LowerContext<'_, '_>, _: Type, _: Type, operand: Operand| Ok(operand);
    let lossy = move |registrar: &mut Registrar<'_>| {
        registrar.lower_cast(exact(Type::INT64), exact(Type::BOOLEAN), Conversion::Lossy, cast);
    };
    assert_eq!(
        build_refusal(lossy),
        "cast(int -> bool): a lossy conversion is registered by `lower_lossy_cast`, which says what it loses"
    );
    let replaced = move |registrar: &mut Registrar<'_>| {
        registrar.lower_cast(exact(Type::INT64), exact(Type::FLOAT64), Conversion::Safe, cast);
    };
    let second = "is registered by `builtins@1` and by `probe@1`: leave one out with `without_rule`";
    assert_eq!(build_refusal(replaced), format!("`cast(int -> float)` {second}"));
    let lowered = |registrar: &mut Registrar<'_>| {
        registrar.lower_builtin(Operation::Length, [exact(Type::FLOAT64)], |_, _, _| Err(LowerError::new("never")));
        registrar.lower_builtin(Operation::Length, [exact(Type::FLOAT64)], |_, _, _| Err(LowerError::new("never")));
    };
    assert_eq!(
        build_refusal(lowered),
        "`len(float)` is registered by `probe@1` and by `probe@1`: leave one out with `without_rule`"
    );
    let named = |names: [CallableParameter; 2]| {
        move |registrar: &mut Registrar<'_>| {
            let function = registrar.function("probe");
            registrar.parameters(function, names.clone());
        }
    };
    let (a, b) = (CallableParameter::with_default("a", 1), CallableParameter::required("b"));
    assert_eq!(
        build_refusal(named([a.clone(), b])),
        "the parameters of `probe`: `b` is required and follows `a`, which is not"
    );
    assert_eq!(build_refusal(named([a.clone(), a])), "the parameters of `probe`: two have the name `a`");
    let setter = |registrar: &mut Registrar<'_>| {
        money(registrar);
        let ty = registrar.types().lookup("Money").expect("it was defined");
        registrar.lower_setattr(ty, "cents", Type::INT64, |_, _, _| Ok(()));
    };
    let copied = "values of the type are copied, so that writing an attribute changes nothing";
    assert_eq!(build_refusal(setter), format!(".cents =(Money, int): {copied}"));
}

#[test]
fn an_extension_that_is_not_complete_is_told_what_it_lacks() {
    let untyped = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("probe");
        registrar.lower_builtin(function, [TypeSpec::Any], |_, _, _| Err(LowerError::new("never")));
    };
    let said = refusal(untyped, "probe(k)");
    assert_eq!(said, "E0304 `probe` is not defined for int: rules lower it, but none types it");
    let unlowered = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("probe");
        registrar.signature(function, &[Type::INT64], Type::FLOAT64);
        registrar.lower_builtin(function, [exact(Type::FLOAT64)], |_, _, _| Err(LowerError::new("never")));
    };
    let context = build(unlowered).expect("rules that can be registered");
    let text = "def f(k: Signal[int]) -> Signal[float]:\n    return probe(k)\n";
    let said = compile(&context, &request(text)).expect_err("nothing lowers it").to_string();
    assert!(said.contains("probe(float)"), "{said}");
}

#[test]
fn loops_of_rules_repeat_and_release() {
    let register = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("powers");
        registrar.builtin(function, &[Type::INT64, Type::FLOAT64], Type::FLOAT64, move |b, signature, operands| {
            let product = b.declare_variable(Representation::F64);
            let one = b.float64(1.0);
            b.define_variable(product, one);
            let factor = operands[1].value();
            b.repeat(operands[0].only_value()?, |b, _round| {
                let before = b.use_variable(product);
                let after = b.binary(BinaryOperation::FloatMultiply, before, factor);
                b.define_variable(product, after);
                Ok(())
            })?;
            Ok(Operand::scalar(signature.result, b.use_variable(product)))
        });
    };
    let text = "def f(k: Signal[int]) -> Signal[float]:\n    return powers(k, 3.0)\n";
    on_every_engine(|engine| {
        let context = build(register).expect("it can be registered");
        let mut node = compile(&context, &request(text).backend(engine)).expect("a node").instantiate().expect("cells");
        node.start().expect("it starts");
        for (rounds, expected) in [(-1, 1.0), (0, 1.0), (4, 81.0)] {
            node.set_value(0, &Value::Integer(rounds)).expect("an int");
            node.execute().expect("no error");
            assert_eq!(node.output_value(0), Some(Value::Float(expected)));
        }
    });
}

#[test]
fn a_panic_of_what_types_is_an_error_that_names_the_rule() {
    let typing = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("probe");
        registrar.type_callable(function, |call| TypingAnswer::No(call.types.name(call.arguments[7].ty).to_owned()));
    };
    let expected = "E0901 the rule `probe(…)` of the extension `probe`: it panicked: index out of bounds: the len is 1 but \
                    the index is 7";
    assert_eq!(refusal(typing, "probe(k)"), expected);
    let asked = |registrar: &mut Registrar<'_>| {
        let inner = registrar.function("inner");
        registrar.type_callable(inner, |_call| panic!("no {}", "types"));
        let function = registrar.function("probe");
        registrar.type_callable(function, move |call| match call.resolve(inner, call.arguments) {
            Ok(resolution) => TypingAnswer::Signature(resolution.signature),
            Err(_) => TypingAnswer::No("no".to_owned()),
        });
    };
    assert_eq!(refusal(asked, "probe(k)"), "E0901 the rule `inner(…)` of the extension `probe`: it panicked: no types");
    let unify = |registrar: &mut Registrar<'_>| {
        let odd = registrar.define_type("Odd", DataModel::Scalar(Representation::I64), CellForm::Scalar).unwrap();
        let function = registrar.function("odd");
        registrar.builtin(function, &[], odd, move |b, signature, _| Ok(Operand::scalar(signature.result, b.int64(1))));
        registrar.unify_with(move |_types, left, _right| if left == odd { panic!("odd") } else { None });
    };
    let said = refusal(unify, "odd() if k > 0 else x");
    assert!(said.starts_with("E0901 the rule `unify(…)` of the extension `probe`: it panicked: odd"), "{said}");
    let fold = |registrar: &mut Registrar<'_>| {
        let function = registrar.function("probe");
        registrar.fold(function, |_arguments| panic!("folded"));
    };
    let said = refusal_of(fold, "K = probe(1)\n\ndef f(x: Signal[int]) -> Signal[int]:\n    return x\n");
    assert_eq!(said, "E0901 the rule `fold(probe)` of the extension `probe`: it panicked: folded");
}
