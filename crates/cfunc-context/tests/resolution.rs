//! Which rules are found for an operation, and what is said where none are.

use cfunc_context::{
    Argument, Arrangement, CallableId, CallableParameter, CompilationContext, Conversion, Extension, ExtensionId, Loss,
    LowerContext, LowerError, Operand, Registrar, RegistrationError, Resolution, ResolveError, RuleUses, Signature,
    TypeSpec, TypingAnswer, ValueRole, ValueSpec, exact,
};
use cfunc_models::{CellForm, DataModel, Representation, Span, Type, TypeTable, Value, codes};
use cfunc_syntax::ast::Member;

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

fn context(register: impl Fn(&mut Registrar<'_>) + Send + Sync + 'static) -> CompilationContext {
    CompilationContext::builder().with(Probe(register)).build().expect("rules that can be registered")
}

/// Conversions as of the built-ins: bool to int is a promotion, both to float are safe, back is lossy.
fn number_casts(registrar: &mut Registrar<'_>) {
    fn cast(_: &mut LowerContext<'_, '_>, _: Type, to: Type, operand: Operand) -> Result<Operand, LowerError> {
        Ok(Operand { ty: to, ..operand })
    }
    let (boolean, integer, float) = (exact(Type::BOOLEAN), exact(Type::INT64), exact(Type::FLOAT64));
    registrar.lower_cast(boolean.clone(), integer.clone(), Conversion::Promotion, cast);
    registrar.lower_cast(boolean, float.clone(), Conversion::Safe, cast);
    registrar.lower_cast(integer.clone(), float.clone(), Conversion::Safe, cast);
    let loss = Loss { code: codes::FLOAT_TRUNCATED, message: "the fraction", hint: "none", refuses_literals: false };
    registrar.lower_lossy_cast(float, integer, loss, cast);
}

fn nothing(_: &mut LowerContext<'_, '_>, signature: &Signature, _: &[Operand]) -> Result<Operand, LowerError> {
    Ok(Operand::new(signature.result, &[]))
}

fn callable(context: &CompilationContext, name: &str) -> CallableId {
    let globals = context.globals();
    globals.get(globals.lookup(name).expect("a name")).callable.expect("a function")
}

fn argument(ty: Type) -> Argument {
    Argument { ty, constant: None, span: Span::default() }
}

fn resolve(context: &CompilationContext, arguments: &[Type]) -> Result<Resolution, ResolveError> {
    resolve_keywords(context, arguments, &[])
}

fn resolve_keywords(
    context: &CompilationContext,
    arguments: &[Type],
    keywords: &[(&str, Type)],
) -> Result<Resolution, ResolveError> {
    let mut types = TypeTable::layer(context.types());
    let arguments: Vec<Argument> = arguments.iter().copied().map(argument).collect();
    let keywords: Vec<_> = keywords.iter().map(|(name, ty)| ((*name).into(), argument(*ty))).collect();
    context.registry().resolve(
        &mut types,
        callable(context, "f"),
        &arguments,
        &keywords,
        Span::default(),
        &mut RuleUses::default(),
    )
}

/// The names of the rules that `f` is typed and lowered by.
#[track_caller]
fn check(context: &CompilationContext, arguments: &[Type], typing: &str, lowering: &str) {
    let found = resolve(context, arguments).unwrap_or_else(|error| panic!("{}", describe(context, &error)));
    let name = |rule| context.registry().rule(rule).name.as_str();
    assert_eq!((name(found.typing), name(found.lowering)), (typing, lowering));
}

fn describe(context: &CompilationContext, error: &ResolveError) -> String {
    error.describe(context.types(), context.registry())
}

const BOOL: Type = Type::BOOLEAN;
const INT: Type = Type::INT64;
const FLOAT: Type = Type::FLOAT64;

#[test]
fn exact_signatures_come_before_closures_and_those_before_casts() {
    let context = context(|registrar| {
        number_casts(registrar);
        let f = registrar.function("f");
        registrar.type_callable(f, |call| match call.arguments {
            [one] if one.ty != Type::FLOAT64 => TypingAnswer::Signature(Signature::new(&[one.ty], Type::NONE)),
            _ => TypingAnswer::No("not one that is no float".to_owned()),
        });
        registrar.signature(f, &[Type::INT64], Type::INT64);
        registrar.signature(f, &[Type::FLOAT64], Type::FLOAT64);
        registrar.lower_builtin(f, [TypeSpec::Any], nothing);
    });
    check(&context, &[INT], "f(int) -> int", "f(Any)");
    check(&context, &[FLOAT], "f(float) -> float", "f(Any)");
    // Both signatures could take a bool, converted; the closure is asked before.
    check(&context, &[BOOL], "f(…)", "f(Any)");
}

#[test]
fn the_latest_of_equal_signatures_and_closures_is_in_force() {
    let context = context(|registrar| {
        let f = registrar.function("f");
        registrar.signature(f, &[Type::INT64], Type::INT64);
        registrar.signature(f, &[Type::INT64], Type::NONE);
        for result in [Type::INT64, Type::BOOLEAN] {
            registrar.type_callable(f, move |call| match call.arguments {
                [one] => TypingAnswer::Signature(Signature::new(&[one.ty], result)),
                _ => TypingAnswer::No("one argument".to_owned()),
            });
        }
        registrar.lower_builtin(f, [TypeSpec::Any], nothing);
    });
    check(&context, &[INT], "f(int) -> None", "f(Any)");
    assert_eq!(resolve(&context, &[FLOAT]).map(|found| found.signature.result), Ok(BOOL));
}

#[test]
fn fewer_safe_conversions_win_then_fewer_promotions_then_the_first() {
    let overloads = |signatures: &'static [[Type; 2]]| {
        context(move |registrar| {
            number_casts(registrar);
            let f = registrar.function("f");
            for signature in signatures {
                registrar.builtin(f, signature, Type::NONE, nothing);
            }
        })
    };
    // A promotion of both costs less than one safe conversion.
    let context = overloads(&[[FLOAT, BOOL], [INT, INT]]);
    check(&context, &[BOOL, BOOL], "f(int, int) -> None", "f(int, int)");
    let context = overloads(&[[INT, INT], [INT, BOOL]]);
    check(&context, &[BOOL, BOOL], "f(int, bool) -> None", "f(int, bool)");
    let context = overloads(&[[BOOL, FLOAT], [FLOAT, BOOL]]);
    check(&context, &[BOOL, BOOL], "f(bool, float) -> None", "f(bool, float)");
    // A lossy conversion is never chosen.
    let context = overloads(&[[INT, INT]]);
    assert!(matches!(resolve(&context, &[FLOAT, INT]), Err(ResolveError::NoRule { .. })));
}

#[test]
fn variable_arguments_take_none_or_many_and_are_least_specific() {
    let rest = |each| TypeSpec::VariableArguments(Box::new(each));
    let context = context(move |registrar| {
        let f = registrar.function("f");
        registrar.type_callable(f, |call| {
            let types: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
            TypingAnswer::Signature(Signature::new(&types, Type::NONE))
        });
        registrar.lower_builtin(f, [exact(INT), rest(TypeSpec::Any)], nothing);
        registrar.lower_builtin(f, [exact(INT), rest(exact(INT))], nothing);
        registrar.lower_builtin(f, [exact(INT), exact(INT)], nothing);
        registrar.lower_builtin(f, [rest(exact(FLOAT))], nothing);
        registrar.lower_builtin(f, [], nothing);
    });
    check(&context, &[INT, INT], "f(…)", "f(int, int)");
    check(&context, &[INT, INT, INT], "f(…)", "f(int, *int)");
    check(&context, &[INT, FLOAT, INT], "f(…)", "f(int, *Any)");
    check(&context, &[FLOAT; 5], "f(…)", "f(*float)");
    check(&context, &[], "f(…)", "f()");
    let Err(error) = resolve(&context, &[FLOAT, INT]) else { panic!("no rule is for float and int") };
    assert_eq!(describe(&context, &error), "`f` is typed for float and int but nothing lowers it");
}

#[test]
fn variable_arguments_stand_last() {
    let wrong = |registrar: &mut Registrar<'_>| {
        let f = registrar.function("f");
        let rest = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
        registrar.lower_builtin(f, [rest, TypeSpec::Any], nothing);
    };
    let built = CompilationContext::builder().with(Probe(wrong)).build();
    let message = "f(*Any, Any): variable arguments are the last specification";
    assert_eq!(built.err().map(|error| error.to_string()).as_deref(), Some(message));
}

#[test]
fn an_ambiguity_names_both_rules() {
    let context = context(|registrar| {
        let f = registrar.function("f");
        registrar.signature(f, &[INT, FLOAT], Type::NONE);
        registrar.lower_builtin(f, [exact(INT), TypeSpec::Any], nothing);
        registrar.lower_builtin(f, [TypeSpec::Any, exact(FLOAT)], nothing);
    });
    let error = resolve(&context, &[INT, FLOAT]).expect_err("each is more specific at one argument");
    assert!(matches!(error, ResolveError::Ambiguous { .. }), "{error:?}");
    let expected = "`f` is typed for int and float, which the rule `f(int, Any)` of the extension `probe` and the rule \
                    `f(Any, float)` of the extension `probe` fit equally well";
    assert_eq!(describe(&context, &error), expected);
}

#[test]
fn types_are_more_specific_than_families_than_classes_than_any() {
    // Rules are added from the least specific on; each is found as long as no better one is there.
    for count in 1..=4usize {
        let context = context(move |registrar| {
            let f = registrar.function("f");
            let types = registrar.types_mut();
            let class = types.define_class("number");
            let family = types.definition(INT).constructor;
            types.add_to_class(class, family);
            registrar.signature(f, &[INT], Type::NONE);
            registrar.signature(f, &[FLOAT], Type::NONE);
            let specs = [TypeSpec::Any, TypeSpec::Class(class), TypeSpec::Constructor(family), exact(INT)];
            // In the reverse order, so that the order of registration is seen not to matter.
            for spec in specs.into_iter().take(count).rev() {
                registrar.lower_builtin(f, [spec], nothing);
            }
        });
        let expected = ["f(Any)", "f(number)", "f(int[…])", "f(int)"][count - 1];
        check(&context, &[INT], "f(int) -> None", expected);
        check(&context, &[FLOAT], "f(float) -> None", "f(Any)");
    }
}

#[test]
fn keywords_and_defaults_come_to_their_parameters_in_the_order_of_evaluation() {
    let context = context(|registrar| {
        number_casts(registrar);
        registrar.type_of_value(ValueSpec::kind("int"), |_types, _value, _role| Some(INT));
        let f = registrar.function("f");
        let named = [
            CallableParameter::required("a"),
            CallableParameter::with_default("b", 7i64),
            CallableParameter::with_default("c", 8i64),
        ];
        registrar.parameters(f, named);
        registrar.builtin(f, &[INT, INT, FLOAT], Type::NONE, nothing);
    });
    let arrangement = |arguments: &[Type], keywords: &[(&str, Type)]| {
        let found = resolve_keywords(&context, arguments, keywords);
        found.map_err(|error| describe(&context, &error)).map(|found| found.arrangement.map(|arrangement| *arrangement))
    };
    let arranged = |defaults: &[i64], positions: &[usize]| {
        let defaults = defaults.iter().copied().map(Value::Integer).collect();
        Ok(Some(Arrangement { defaults, positions: positions.to_vec() }))
    };
    assert_eq!(arrangement(&[INT, INT, FLOAT], &[]), Ok(None));
    assert_eq!(arrangement(&[INT], &[]), arranged(&[7, 8], &[0, 1, 2]));
    // Arguments are evaluated as written: c, then b, then a. Parameters take them by position in that order.
    let reversed = [("c", FLOAT), ("b", INT), ("a", INT)];
    assert_eq!(arrangement(&[], &reversed), arranged(&[], &[2, 1, 0]));
    assert_eq!(arrangement(&[INT], &[("c", INT)]), arranged(&[7], &[0, 2, 1]));
    let wrong = |arguments: &[Type], keywords: &[(&str, Type)]| arrangement(arguments, keywords).unwrap_err();
    assert_eq!(wrong(&[INT], &[("d", INT)]), "`f` cannot be called so: it has no parameter `d`");
    assert_eq!(wrong(&[INT], &[("a", INT)]), "`f` cannot be called so: `a` is given twice");
    assert_eq!(wrong(&[], &[("b", INT)]), "`f` cannot be called so: no argument is given for `a`");
}

#[test]
fn candidates_say_why_each_does_not_fit() {
    let context = context(|registrar| {
        number_casts(registrar);
        let f = registrar.function("f");
        registrar.type_callable(f, |_call| TypingAnswer::No("it is not the day for it".to_owned()));
        registrar.builtin(f, &[INT], Type::NONE, nothing);
        registrar.builtin(f, &[INT, BOOL], Type::NONE, nothing);
    });
    let error = resolve_keywords(&context, &[FLOAT], &[]).expect_err("no rule is for a float");
    assert_eq!(describe(&context, &error), "`f` is not defined for float");
    let ResolveError::NoRule { candidates, arguments, .. } = error else { panic!("{error:?}") };
    assert_eq!(arguments, [FLOAT]);
    let said: Vec<(&str, &str)> = candidates
        .iter()
        .map(|candidate| (&*context.registry().rule(candidate.rule).name, &*candidate.reason))
        .collect();
    let expected = [
        ("f(…)", "it is not the day for it"),
        ("f(int) -> None", "float does not convert to int"),
        ("f(int, bool) -> None", "it takes 2 arguments, not 1"),
    ];
    assert_eq!(said, expected);
}

#[test]
fn a_typing_rule_may_end_the_search() {
    use cfunc_models::Diagnostic;
    let context = context(|registrar| {
        let f = registrar.function("f");
        registrar.type_callable(f, |call| {
            TypingAnswer::Error(Box::new(Diagnostic::error(codes::NO_RULE, call.span, "never")))
        });
        registrar.builtin(f, &[INT], Type::NONE, nothing);
        registrar.type_callable(f, |_call| TypingAnswer::No("not by this".to_owned()));
    });
    check(&context, &[INT], "f(int) -> None", "f(int)");
    let error = resolve(&context, &[FLOAT]).expect_err("the closure refuses");
    assert!(matches!(&error, ResolveError::Diagnostic(said) if said.message == "never"), "{error:?}");
}

#[test]
fn rules_for_a_kind_of_value_are_asked_before_rules_for_every_value() {
    let context = context(|registrar| {
        registrar.type_of_value(ValueSpec::kind("int"), |_types, value, _role| {
            matches!(value, Value::Integer(0..)).then_some(Type::INT64)
        });
        registrar.type_of_value(ValueSpec::Any, |_types, value, role| match (value, role) {
            (Value::Text(_), _) => None,
            (_, ValueRole::Argument) => Some(Type::BOOLEAN),
            (_, ValueRole::Constant) => Some(Type::FLOAT64),
        });
        registrar.type_of_value(ValueSpec::kind("int"), |_types, value, _role| {
            (*value == Value::Integer(7)).then_some(Type::NONE)
        });
    });
    let check = |value: Value, role, expected: Option<(Type, &str)>| {
        let mut types = TypeTable::layer(context.types());
        let found = context.registry().type_of(&mut types, &value, role);
        let rule = found.map(|(_, rule)| context.registry().rule(rule).name.as_str());
        assert_eq!(
            (found.map(|(ty, _)| ty), rule),
            (expected.map(|(ty, _)| ty), expected.map(|(_, rule)| rule)),
            "{value} {role:?}"
        );
    };
    check(Value::Integer(1), ValueRole::Constant, Some((INT, "typeof(int)")));
    check(Value::Integer(7), ValueRole::Constant, Some((Type::NONE, "typeof(int)")));
    check(Value::Integer(-1), ValueRole::Constant, Some((FLOAT, "typeof(Any)")));
    check(Value::Integer(-1), ValueRole::Argument, Some((BOOL, "typeof(Any)")));
    check(Value::Text("a".to_owned()), ValueRole::Argument, None);
}

/// A type `P` with the attribute `known`, and all whose names begin with `any_`.
fn with_attributes(registrar: &mut Registrar<'_>) {
    let ty = registrar
        .define_type("P", DataModel::Scalar(Representation::Pointer), CellForm::None)
        .expect("the first of its name");
    let family = registrar.types().definition(ty).constructor;
    registrar.lower_getattr(ty, "known", FLOAT, |_b, _value| Ok(Operand::new(FLOAT, &[])));
    registrar.lower_setattr(ty, "known", FLOAT, |_b, _value, _written| Ok(()));
    let typing = |_types: &mut TypeTable, _ty, name: &str| name.starts_with("any_").then_some(INT);
    registrar
        .lower_getattr_generic(family, typing, |_b, signature, _value, _name| Ok(Operand::new(signature.result, &[])));
    registrar.lower_setattr_generic(family, typing, |_b, _value, _name, _written| Ok(()));
}

#[test]
fn generic_attributes_serve_what_no_rule_has_by_name() {
    let context = context(with_attributes);
    let mut types = TypeTable::layer(context.types());
    let ty = types.lookup("P").expect("a type");
    let registry = context.registry();
    for (found, parameters, result, rule) in [
        (registry.attribute(&types, ty, registry.member("known")), vec![ty], FLOAT, ".known(P)"),
        (registry.setter(&types, ty, registry.member("known")), vec![ty, FLOAT], Type::NONE, ".known =(P, float)"),
    ] {
        let arguments: Vec<Argument> = parameters.iter().copied().map(argument).collect();
        let found = registry
            .resolve(&mut types, found.expect("registered"), &arguments, &[], Span::default(), &mut RuleUses::default())
            .expect("exactly its types");
        assert_eq!(found.signature, Signature::new(&parameters, result));
        assert_eq!(registry.rule(found.lowering).name, rule);
    }
    assert_eq!(registry.member("any_name"), Member::Unregistered);
    assert_eq!(registry.attribute(&types, ty, registry.member("any_name")), None);
    assert_eq!(registry.member_names(&types, ty), ["known"]);
    let read = registry.generic_attribute(&mut types, ty, &"any_name".into()).expect("the fallback");
    assert_eq!((&*registry.rule(read.lowering).name, read.attribute.as_deref()), ("P.*", Some("any_name")));
    assert_eq!(read.signature, Signature::new(&[ty], INT));
    let write = registry.generic_setter(&mut types, ty, &"any_name".into()).expect("the fallback");
    assert_eq!(
        (&*registry.rule(write.lowering).name, write.signature),
        ("P.* =", Signature::new(&[ty, INT], Type::NONE))
    );
    assert_eq!(registry.generic_attribute(&mut types, ty, &"other".into()), None);
    assert_eq!(registry.generic_setter(&mut types, INT, &"any_name".into()), None);
}

#[test]
fn a_context_without_a_rule_is_as_if_it_had_not_been_registered() {
    let register = |registrar: &mut Registrar<'_>| {
        number_casts(registrar);
        with_attributes(registrar);
        let f = registrar.function("f");
        registrar.builtin(f, &[INT], INT, nothing);
        registrar.builtin(f, &[FLOAT], FLOAT, nothing);
        registrar.type_callable(f, |call| match call.arguments {
            [] => TypingAnswer::Signature(Signature::new(&[], Type::NONE)),
            _ => TypingAnswer::No("none".to_owned()),
        });
        registrar.lower_builtin(f, [], nothing);
        registrar
            .lower_constant(registrar.types().definition(INT).constructor, |_b, ty, _value| Ok(Operand::new(ty, &[])));
    };
    let without = |name: &'static str| {
        let builder = CompilationContext::builder().with(Probe(register));
        let context = builder
            .without_rule(move |rule| rule.name == name && rule.extension.name == "probe")
            .build()
            .expect("a context");
        assert_eq!(
            context.registry().rules().count() + 1,
            self::context(register).registry().rules().count(),
            "{name}"
        );
        context
    };
    check(&without("f(int) -> int"), &[INT], "f(float) -> float", "f(float)");
    let unlowered = without("f(int)");
    let error = resolve(&unlowered, &[INT]).expect_err("typed, but not lowered");
    assert_eq!(describe(&unlowered, &error), "`f` is typed for int but nothing lowers it");
    assert!(matches!(resolve(&without("f(…)"), &[]), Err(ResolveError::NoRule { .. })));
    let unconverted = without("cast(bool -> int)");
    assert!(unconverted.registry().cast(unconverted.types(), BOOL, INT).is_none());
    check(&unconverted, &[BOOL], "f(float) -> float", "f(float)");
    let inconstant = without("constant(int)");
    assert!(inconstant.registry().constant(inconstant.types(), INT).is_none());
    let plain = without("P.*");
    let mut types = TypeTable::layer(plain.types());
    let ty = types.lookup("P").expect("a type");
    assert_eq!(plain.registry().generic_attribute(&mut types, ty, &"any_name".into()), None);
    assert!(plain.registry().generic_setter(&mut types, ty, &"any_name".into()).is_some());
}
