//! The panic of any part of an extension is told with its name, and the host goes on.

use cfunc_compiler::ast::{ClassDefinition, Expression, Parameter};
use cfunc_compiler::{
    AbiParameter, AbiRole, AnalysisApi, CellForm, ClassApi, ClassDeclaration, ClassHandler, CompilationContext,
    Conversion, CustomType, DataModel, Diagnostic, Extension, ExtensionId, Field, FunctionModel, HandlerResult,
    HostObject, InitFilter, InputHandler, MetadataMap, ModuleScope, Operand, ParameterDeclaration, Registrar,
    RegistrationError, Representation, Source, SourceCategory, StatementNode, Type, TypeConstructor, TypeSpec,
    TypeTable, TypingAnswer, Value, ValueSpec, VariableFactory, builders, check, compile, defaults, exact,
    node_functions,
};

use crate::common::{body, build_with, context_with, refused, request};

/// A part that panics where it is named.
#[derive(Clone, Copy)]
struct Faulty(&'static str);

impl Faulty {
    fn at(self, place: &str) {
        assert!(self.0 != place, "at {place}");
    }
}

impl SourceCategory for Faulty {
    fn id(&self) -> &str {
        self.at("id");
        "faulty"
    }

    fn order(&self) -> i32 {
        self.at("order");
        5
    }

    fn parameters(&self) -> Vec<AbiParameter> {
        self.at("parameters");
        let (name, representation) = ("faults".to_owned(), Representation::Pointer);
        vec![AbiParameter { name, representation, role: AbiRole::Cells, element: None }]
    }

    fn init_filter(&self) -> InitFilter {
        self.at("init_filter");
        InitFilter::OnExecute
    }

    fn create_variables(&self, _function: &FunctionModel, _factory: &mut VariableFactory<'_>) {
        self.at("create_variables");
    }

    fn result_metadata(&self, _function: &FunctionModel, _types: &TypeTable) -> MetadataMap {
        self.at("result_metadata");
        MetadataMap::new()
    }
}

impl ClassHandler for Faulty {
    fn define(
        &self,
        _api: &mut ClassApi<'_, '_>,
        _class: &ClassDefinition,
    ) -> Result<Option<ClassDeclaration>, Box<Diagnostic>> {
        self.at("define");
        Ok(None)
    }
}

impl CustomType for Faulty {
    fn type_of_annotation(&self, _: &ModuleScope<'_>, _: &mut TypeTable, _annotation: &Expression) -> Option<Type> {
        self.at("type_of_annotation");
        None
    }

    fn type_of_value(&self, _types: &mut TypeTable, value: &Value) -> Option<Type> {
        if matches!(value, Value::Record(..)) {
            self.at("type_of_value");
        }
        None
    }

    fn accepts_on_return(&self, _types: &TypeTable, _declared: Type, returned: Type) -> Option<bool> {
        self.at("accepts_on_return");
        (self.0 == "refuses").then_some(returned != Type::BOOLEAN)
    }
}

impl InputHandler for Faulty {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        if !api.is_marker(annotation, "Edge") {
            return Ok(None);
        }
        let object = api.bindings.object(&parameter.name);
        let ty = object.and_then(|object| api.type_of_object(object)).unwrap_or(Type::INT64);
        Ok(Some(ParameterDeclaration::new(ty, "signal")))
    }
}

#[test]
fn while_a_context_is_built() {
    for place in ["id", "order", "parameters", "init_filter"] {
        let error = build_with(move |registrar| {
            registrar.source_category(Faulty(place));
            Ok(())
        });
        let error = error.expect_err("it panics").to_string();
        assert_eq!(error, format!("a source category of `probe@3` panicked: at {place}"));
    }
    let error = build_with(|_registrar| panic!("no registration")).expect_err("it panics").to_string();
    assert_eq!(error, "`Extension::register` of `probe@3` panicked: no registration");
    struct Unnamed;
    impl Extension for Unnamed {
        fn id(&self) -> ExtensionId {
            panic!("no name")
        }

        fn register(&self, _registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            Ok(())
        }
    }
    let error = CompilationContext::builder().with(Unnamed).build().expect_err("it panics").to_string();
    assert!(error.contains("an extension without an id") && error.contains("panicked: no name"), "{error}");
    let builder = CompilationContext::builder().with(defaults()).without_rule(|_rule| panic!("no opinion"));
    let error = builder.build().expect_err("it panics").to_string();
    assert_eq!(error, "a condition of `without_rule` panicked: no opinion");
}

#[test]
fn while_declarations_are_read() {
    let with = |place: &'static str| {
        context_with(move |registrar| {
            registrar.source_category(Faulty(place));
            registrar.class_handler(Faulty(place));
            registrar.custom_type(0, Faulty(place));
            Ok(())
        })
    };
    let text = "
class Mode:
    FAST = 1

def f(x: Signal[int], k: int = 3) -> Signal[float]:
    return x + k + Mode.FAST
";
    for (place, whose) in [
        ("create_variables", "a source category of `probe@3`"),
        ("define", "a class handler of `probe@3`"),
        ("type_of_annotation", "a custom type of `probe@3`"),
        ("accepts_on_return", "a custom type of `probe@3`"),
    ] {
        let without = if place == "define" { text.to_owned() } else { text.replace(" + Mode.FAST", "") };
        let found = check(&with(place), request(&without).source()).to_string();
        assert!(
            found.contains("E0901") && found.contains(&format!("{whose} panicked: at {place}")),
            "{place}: {found}"
        );
        let found = refused(&with(place), &without);
        assert!(
            found.contains("E0901") && found.contains(&format!("{whose} panicked: at {place}")),
            "{place}: {found}"
        );
    }
    // Metadata is asked for where a function is compiled.
    let found = refused(&with("result_metadata"), &text.replace(" + Mode.FAST", ""));
    assert!(found.contains("a source category of `probe@3` panicked: at result_metadata"), "{found}");
    // What is wrong with a class is told where it is used.
    assert_eq!(node_functions(&with("define"), &Source::new("node.py", text)).expect("a node"), ["f"]);
    let odd = Value::Record("Odd".to_owned(), Vec::new());
    let request = request(&body("return ODD.value")).global("ODD", odd);
    let found = compile(&with("type_of_value"), &request).expect_err("it panics").to_string();
    assert!(
        found.contains("E0901") && found.contains("a custom type of `probe@3` panicked: at type_of_value"),
        "{found}"
    );
}

#[test]
fn an_output_may_refuse_what_converts() {
    let context = context_with(|registrar| {
        registrar.custom_type(0, Faulty("refuses"));
        Ok(())
    });
    crate::common::gives(&context, &request(&body("return x + 1")), 1, 2);
    let found = refused(&context, &body("return x > 1"));
    assert!(
        found.contains("E0302") && found.contains("of type bool, which an output of type int does not take"),
        "{found}"
    );
}

#[test]
fn the_function_that_types_objects() {
    let context = context_with(|registrar| {
        registrar.marker("Edge")?;
        registrar.input_handler(Faulty(""));
        Ok(())
    });
    let text = "def f(x: Edge) -> Signal[int]:\n    return x\n";
    let request = request(text).object("x", HostObject::new(1u8)).type_of_objects(|_api, _object| panic!("untyped"));
    let found = compile(&context, &request).expect_err("it panics").to_string();
    assert!(
        found.contains("E0901") && found.contains("the function of `type_of_objects` panicked: untyped"),
        "{found}"
    );
}

/// A type of one int, its family and its maker, `Box(n)`.
fn boxes(registrar: &mut Registrar<'_>) -> Result<(Type, TypeConstructor), RegistrationError> {
    let fields = [Field { name: "value".to_owned(), ty: Type::INT64 }];
    let ty = registrar.define_type("Box", DataModel::Fields(fields.into()), CellForm::Buffer)?;
    let make = registrar.function("Box");
    registrar.builtin(make, &[Type::INT64], ty, |b, signature, operands| Ok(b.make(signature.result, operands)));
    let family = registrar.types().definition(ty).constructor;
    Ok((ty, family))
}

type Register = fn(&mut Registrar<'_>, Type, TypeConstructor) -> Result<(), RegistrationError>;

#[test]
fn rules_of_every_kind() {
    let kinds: &[(&str, Register, &str)] = &[
        (
            "type_callable",
            |r, _, _| {
                let probe = r.function("probe");
                r.type_callable(probe, |_call| panic!("odd"));
                Ok(())
            },
            "probe(x)",
        ),
        (
            "builtin",
            |r, _, _| {
                let probe = r.function("probe");
                r.builtin(probe, &[Type::INT64], Type::INT64, |_b, _signature, _operands| panic!("odd"));
                Ok(())
            },
            "probe(x)",
        ),
        (
            "lower_getattr",
            |r, ty, _| {
                r.lower_getattr(ty, "size", Type::INT64, |_b, _value| panic!("odd"));
                Ok(())
            },
            "Box(x).size",
        ),
        (
            "typing of lower_getattr_generic",
            |r, _, family| {
                r.lower_getattr_generic(
                    family,
                    |_types, _ty, _name| panic!("odd"),
                    |_b, _s, value, _name| Ok(value.clone()),
                );
                Ok(())
            },
            "Box(x).size",
        ),
        (
            "lower_getattr_generic",
            |r, _, family| {
                r.lower_getattr_generic(
                    family,
                    |_types, _ty, _name| Some(Type::INT64),
                    |_b, _s, _value, _name| panic!("odd"),
                );
                Ok(())
            },
            "Box(x).size",
        ),
        (
            "lower_cast",
            |r, ty, _| {
                r.lower_cast(exact(ty), exact(Type::INT64), Conversion::Safe, |_b, _from, _to, _value| panic!("odd"));
                Ok(())
            },
            "Box(x)",
        ),
        (
            "condition of lower_cast_where",
            |r, ty, _| {
                let condition = |_: &_, _: &_, _, _| panic!("odd");
                r.lower_cast_where(exact(ty), TypeSpec::Any, condition, |_b, _from, _to, value| Ok(value));
                Ok(())
            },
            "Box(x)",
        ),
        (
            "unify_with",
            |r, _, _| {
                r.unify_with(|_types, _left, _right| panic!("odd"));
                Ok(())
            },
            "int(bool(Box(x) if x else 1.5))",
        ),
        (
            "unwrap_with",
            |r, _, family| {
                r.unwrap_with(family, |_types, _ty| panic!("odd"));
                Ok(())
            },
            "Box(x) + 1",
        ),
        (
            "fold",
            |r, _, _| {
                let probe = r.function("probe");
                r.signature(probe, &[Type::INT64], Type::INT64);
                r.fold(probe, |_arguments| panic!("odd"));
                Ok(())
            },
            "K",
        ),
        (
            "lower_constant",
            |r, ty, family| {
                r.lower_constant(family, |_b, _ty, _value| panic!("odd"));
                r.type_of_value(ValueSpec::kind("Box"), move |_types, _value, _role| Some(ty));
                r.lower_getattr(ty, "value", Type::INT64, |b, value| b.field(value, "value"));
                Ok(())
            },
            "BOX.value",
        ),
        (
            "type_of_value",
            |r, _, _| {
                r.type_of_value(ValueSpec::kind("Box"), |_types, _value, _role| panic!("odd"));
                Ok(())
            },
            "BOX.value",
        ),
        (
            "convert_value",
            |r, _, family| {
                r.convert_value(family, |_value| panic!("odd"));
                Ok(())
            },
            "state",
        ),
        ("type_family", |r, _, _| r.type_family("Pile", |_types, _of| panic!("odd")), "pile"),
        (
            "start of state_lifecycle",
            |r, _, family| {
                r.convert_value(family, |_value| Some(Value::Tuple(vec![Value::Integer(0)])));
                r.state_lifecycle(family, |_b, _state| panic!("odd"), |_b, _state| Ok(()), |_b, _state| Ok(()));
                Ok(())
            },
            "state",
        ),
        (
            "stop of state_lifecycle",
            |r, _, family| {
                r.convert_value(family, |_value| Some(Value::Tuple(vec![Value::Integer(0)])));
                r.state_lifecycle(family, |_b, _state| Ok(()), |_b, _state| Ok(()), |_b, _state| panic!("odd"));
                Ok(())
            },
            "state",
        ),
        (
            "release of ownership",
            |r, _, _| {
                let ty = r.define_type("Own", DataModel::Scalar(Representation::Pointer), CellForm::None)?;
                let family = r.types().definition(ty).constructor;
                r.ownership(family, |_b, value| Ok(value.clone()), |_b, _value| panic!("odd"));
                let make = r.function("Own");
                r.builtin(make, &[Type::INT64], ty, |b, signature, _operands| {
                    let pointer = b.integer_constant(Representation::Pointer, 0);
                    let made = Operand::scalar(signature.result, pointer);
                    b.own(&made);
                    Ok(made)
                });
                Ok(())
            },
            "own",
        ),
    ];
    for (kind, register, line) in kinds {
        let context = context_with(move |registrar| {
            let (ty, family) = boxes(registrar)?;
            register(registrar, ty, family)
        });
        let text = match *line {
            "K" => format!("K = probe(3)\n\n{}", body("return K + x")),
            "state" => body("s: State[Box] = 3; return x"),
            "pile" => "def f(x: Signal[int], k: Pile[int]) -> Signal[int]:\n    return x\n".to_owned(),
            "own" => body("o = Own(x); return x"),
            line => body(&format!("return {line}")),
        };
        let members = vec![("value".to_owned(), Value::Integer(1))];
        let request = request(&text).global("BOX", Value::Record("Box".to_owned(), members));
        let found = match compile(&context, &request) {
            Ok(_) => panic!("{kind}: compiled"),
            Err(error) => error.to_string(),
        };
        assert!(found.contains("E0901") && found.contains("panicked: odd"), "{kind}: {found}");
        assert!(found.contains("of the extension `probe`") || found.contains("of `probe@3`"), "{kind}: {found}");
    }
}

#[test]
fn how_a_state_is_saved() {
    let context = context_with(|registrar| {
        let (_, family) = boxes(registrar)?;
        registrar.convert_value(family, |_value| Some(Value::Tuple(vec![Value::Integer(0)])));
        registrar.snapshot(family, |_types, _ty| panic!("odd"));
        Ok(())
    });
    let result = compile(&context, &request(&body("s: State[Box] = 3; return x"))).expect("it is right");
    let mut node = result.instantiate().expect("it has cells");
    node.start().expect("START");
    let error = node.snapshot().expect_err("its rule panics").to_string();
    assert!(error.contains("`snapshot(Box)` of the extension `probe` panicked: odd"), "{error}");
}

/// Rules that are asked about what a handler made.
#[test]
fn inside_of_what_a_handler_made() {
    for typing in [true, false] {
        let context = context_with(move |registrar| {
            let probe = registrar.private_function("hidden");
            if typing {
                registrar.type_callable(probe.callable, |_call| -> TypingAnswer { panic!("odd") });
            } else {
                registrar
                    .builtin(probe.callable, &[Type::INT64], Type::INT64, |_b, _signature, _operands| panic!("odd"));
            }
            registrar.after_statement(StatementNode::Assign, 0, move |api, original, mut result| {
                let span = original.span;
                let call = builders::call(span, api.registered(probe.global, span), vec![builders::name(span, "x")]);
                result.push(builders::expression_statement(call));
                Ok(result)
            });
            Ok(())
        });
        let error = compile(&context, &request(&body("y = x\n    return y"))).expect_err("it panics").to_string();
        assert!(error.contains("node.py:2:5") && error.contains("E0901"), "{error}");
        assert!(error.contains("`hidden(") && error.contains("of the extension `probe`: it panicked: odd"), "{error}");
    }
}
