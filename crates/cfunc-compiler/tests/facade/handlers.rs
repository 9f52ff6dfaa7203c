//! Handlers of every kind of node and elaborators: order, short circuit, chaining, and what is wrong with answers.

use std::sync::{Arc, Mutex};

use cfunc_compiler::ast::{BinaryOperator, Binding, Expression, ExpressionKind, LocalId, StatementKind};
use cfunc_compiler::{
    AbiParameter, AbiParameterId, AssignedPlace, CellForm, DataModel, ExpressionNode, Field, FunctionModel, InitFilter,
    Operand, Registrar, RegistrationError, Representation, SourceCategory, StatementNode, Type, Value, VariableFactory,
    VariableId, VariableSource, builders, compile,
};

use crate::common::{body, context_with as context, gives, refused, request};

fn is_named(expression: &Expression, wanted: &str) -> bool {
    matches!(&expression.kind, ExpressionKind::Name { name, .. } if **name == *wanted)
}

fn plus(expression: Expression, number: i64) -> Expression {
    let span = expression.span;
    builders::binary(span, expression, BinaryOperator::Add, builders::constant(span, number))
}

#[test]
fn priorities_short_circuit_and_chains() {
    let log: Arc<Mutex<Vec<&'static str>>> = Arc::default();
    let kept = Arc::clone(&log);
    let context = context(move |registrar| {
        registrar.function("g");
        registrar.function("h");
        // Registered in another order than they are asked in.
        for (priority, name, answers) in
            [(5, "third", false), (-1, "first", false), (2, "second", true), (5, "fourth", false)]
        {
            let log = Arc::clone(&kept);
            registrar.before_expression(ExpressionNode::Call, priority, move |_api, call| {
                log.lock().expect("no panic").push(name);
                let ExpressionKind::Call { function, .. } = &call.kind else { return Ok(None) };
                let answer = builders::constant(call.span, 40);
                Ok((answers && is_named(function, "g")).then_some(answer))
            });
        }
        for (priority, name, number) in [(1, "after second", 10), (0, "after first", 1)] {
            let log = Arc::clone(&kept);
            registrar.after_expression(ExpressionNode::Call, priority, move |_api, original, result| {
                log.lock().expect("no panic").push(name);
                assert!(matches!(original.kind, ExpressionKind::Call { .. }));
                let twice = builders::binary(
                    result.span,
                    result,
                    BinaryOperator::Multiply,
                    builders::constant(original.span, 2),
                );
                Ok(plus(twice, number))
            });
        }
        Ok(())
    });
    let taken = || std::mem::take(&mut *log.lock().expect("no panic"));
    gives(&context, &request(&body("return g()")), 0, 40);
    let asked = taken();
    assert!(!asked.is_empty() && asked.chunks(2).all(|pair| pair == ["first", "second"]), "{asked:?}");
    // Nobody answers before: those after each get what the one before gave.
    gives(&context, &request(&body("return abs(x)")), -3, (3 * 2 + 1) * 2 + 10);
    let asked = taken();
    let expected = ["first", "second", "third", "fourth", "after first", "after second"];
    assert!(!asked.is_empty() && asked.chunks(6).all(|all| all == expected), "{asked:?}");
}

#[test]
fn every_kind_of_expression() {
    let context = context(|registrar| {
        registrar.marker("magic")?;
        registrar.before_expression(ExpressionNode::Name, 0, |_api, name| {
            Ok(is_named(name, "magic").then(|| builders::constant(name.span, 42)))
        });
        registrar.before_expression(ExpressionNode::Attribute, 0, |api, attribute| {
            let ExpressionKind::Attribute { value, attribute: name, .. } = &attribute.kind else { return Ok(None) };
            if &**name != "doubled" {
                return Ok(None);
            }
            let held = api.new_local("doubled", attribute.span);
            let value = api.transform(Expression::clone(value));
            let statements = vec![builders::assign(attribute.span, held.clone(), value)];
            let sum = builders::binary(attribute.span, held.clone(), BinaryOperator::Add, held);
            Ok(Some(builders::sequence(attribute.span, statements, sum)))
        });
        registrar.before_expression(ExpressionNode::Subscript, 0, |api, subscript| {
            let ExpressionKind::Subscript { value, index } = &subscript.kind else { return Ok(None) };
            if api.variable_of(value).is_none_or(|(_, variable)| variable.ty != Type::INT64) {
                return Ok(None);
            }
            let (value, index) = (api.transform(Expression::clone(value)), api.transform(Expression::clone(index)));
            Ok(Some(builders::binary(subscript.span, value, BinaryOperator::Power, index)))
        });
        registrar.after_expression(ExpressionNode::Compare, 0, |_api, original, result| {
            Ok(builders::conditional(
                original.span,
                result,
                builders::constant(original.span, 7),
                builders::constant(original.span, 3),
            ))
        });
        Ok(())
    });
    gives(&context, &request(&body("return magic + x")), 1, 43);
    gives(&context, &request(&body("return (x + magic).doubled")), 1, 86);
    gives(&context, &request(&body("return x[2] + x[x]")), 3, 9 + 27);
    gives(&context, &request(&body("return (x < 2) * 10 + (1 < x < magic)")), 5, 37);
    // A handler's own locals hide nothing of the source.
    gives(&context, &request(&body("_doubled = 5; return x.doubled + _doubled")), 4, 13);
}

#[test]
fn every_kind_of_statement() {
    let context = context(|registrar| {
        registrar.marker("ignore")?;
        registrar.marker("twice")?;
        registrar.before_statement(StatementNode::Expression, 0, |_api, statement| {
            let StatementKind::Expression(expression) = &statement.kind else { return Ok(None) };
            Ok(is_named(expression, "ignore").then(Vec::new))
        });
        registrar.before_statement(StatementNode::Return, 0, |api, statement| {
            let StatementKind::Return(Some(value)) = &statement.kind else { return Ok(None) };
            let value = api.transform(value.clone());
            Ok(Some(vec![builders::return_statement(statement.span, Some(plus(value, 1)))]))
        });
        registrar.after_statement(StatementNode::Return, 0, |_api, _original, result| Ok(result));
        registrar.after_statement(StatementNode::Assign, 0, |_api, original, mut result| {
            let StatementKind::Assign { targets, .. } = &original.kind else { return Ok(result) };
            if is_named(&targets[0], "bumped") {
                let one = builders::constant(original.span, 1);
                result.push(builders::augmented_assign(original.span, targets[0].clone(), BinaryOperator::Add, one));
            }
            Ok(result)
        });
        registrar.before_statement(StatementNode::AugmentedAssign, 0, |api, statement| {
            let StatementKind::AugmentedAssign { target, operator: BinaryOperator::MatrixMultiply, value } =
                &statement.kind
            else {
                return Ok(None);
            };
            let value = api.transform(value.clone());
            Ok(Some(vec![builders::assign(statement.span, target.clone(), value)]))
        });
        registrar.before_statement(StatementNode::For, 0, |api, statement| {
            let StatementKind::For { target, iterable, body, .. } = &statement.kind else { return Ok(None) };
            let ExpressionKind::Call { function, arguments, .. } = &iterable.kind else { return Ok(None) };
            if !is_named(function, "twice") {
                return Ok(None);
            }
            let span = statement.span;
            let held = api.new_local("value", span);
            let value = api.transform(arguments[0].clone());
            let mut setup = vec![builders::assign(span, held.clone(), value)];
            let range = api.registered_name("range", span);
            let Some(range) = range else { return Ok(None) };
            let mut inner = vec![builders::assign(span, target.clone(), held)];
            inner.extend(api.transform_statements(body.clone()));
            let counter = api.new_local("round", span);
            let times = builders::call(span, range, vec![builders::constant(span, 2)]);
            setup.push(builders::for_statement(span, counter, times, inner));
            Ok(Some(setup))
        });
        Ok(())
    });
    gives(&context, &request(&body("ignore; return x")), 1, 2);
    gives(&context, &request(&body("bumped = x; return bumped")), 1, 3);
    gives(&context, &request(&body("y = 1; y @= x; return y")), 9, 10);
    let loops =
        "t = 0\n    for v in twice(x * 2):\n        t += v\n        if t > 100:\n            break\n    return t";
    gives(&context, &request(&body(loops)), 3, 13);
    gives(&context, &request(&body(loops)), 60, 121);
    // What a `finally` follows is stored when the function is left.
    let tried = "try:\n        return x\n    finally:\n        bumped = 3";
    gives(&context, &request(&body(tried)), 5, 6);
}

#[test]
fn wrong_answers_are_diagnostics() {
    let context = context(|registrar| {
        for marker in ["leaves", "panics", "deep", "again"] {
            registrar.marker(marker)?;
        }
        registrar.before_expression(ExpressionNode::Call, 0, |api, call| {
            let ExpressionKind::Call { function, arguments, .. } = &call.kind else { return Ok(None) };
            let Some(marker) = api.definition_of(function).and_then(|definition| definition.marker.clone()) else {
                return Ok(None);
            };
            let span = call.span;
            match &*marker.0 {
                "leaves" => {
                    let statements = vec![builders::return_statement(span, None)];
                    Ok(Some(builders::sequence(span, statements, builders::constant(span, 1))))
                }
                "panics" => panic!("of the handler"),
                "deep" => {
                    let argument = api.transform(arguments[0].clone());
                    Ok(Some((0..30).fold(argument, |inner, _| plus(inner, 0))))
                }
                "again" => Ok(Some(api.transform(call.clone()))),
                _ => Ok(None),
            }
        });
        Ok(())
    });
    let found = refused(&context, &body("return leaves()"));
    assert!(found.contains("E0901") && found.contains("`probe@3` answers with statements that leave"), "{found}");
    let found = refused(&context, &body("return panics() + again()"));
    assert!(found.contains("a handler of `probe@3` panicked: of the handler"), "{found}");
    assert!(found.contains("a handler of `probe@3` asks for its own node again and again"), "{found}");
    gives(&context, &request(&body("return deep(deep(x))")), 4, 4);
    let nested = format!("return {}x{}", "deep(".repeat(20), ")".repeat(20));
    let found = refused(&context, &body(&nested));
    assert!(found.contains("E0003") && found.contains("`probe@3`"), "{found}");
}

/// A type of one int, `Box(n)`.
fn boxes(registrar: &mut Registrar<'_>) -> Result<(Type, cfunc_compiler::TypeConstructor), RegistrationError> {
    let fields = [Field { name: "value".to_owned(), ty: Type::INT64 }];
    let ty = registrar.define_type("Box", DataModel::Fields(fields.into()), CellForm::Buffer)?;
    let make = registrar.function("Box");
    registrar.builtin(make, &[Type::INT64], ty, |b, signature, operands| Ok(b.make(signature.result, operands)));
    registrar.lower_getattr(ty, "value", Type::INT64, |b, value| b.field(value, "value"));
    let family = registrar.types().definition(ty).constructor;
    Ok((ty, family))
}

#[test]
fn elaborators_say_what_members_stand_for() {
    let context = context(|registrar| {
        let (_, family) = boxes(registrar)?;
        registrar.attribute_accessor(family, 0, |_api, access| {
            let value = builders::attribute(access.span, access.base.expression(), "value");
            Ok(match access.name {
                "twice" => Some(builders::binary(access.span, value.clone(), BinaryOperator::Add, value)),
                // An elaborator of an elaborator's answer.
                "fourfold" => {
                    let twice = builders::attribute(access.span, access.base.expression(), "twice");
                    Some(builders::binary(
                        access.span,
                        twice,
                        BinaryOperator::Multiply,
                        builders::constant(access.span, 2),
                    ))
                }
                _ => None,
            })
        });
        // Asked first, answers for one name.
        registrar.attribute_accessor(family, -1, |_api, access| {
            Ok((access.name == "first").then(|| builders::constant(access.span, 1)))
        });
        registrar.method_call_handler(family, 0, |api, call| {
            if call.name != "plus" {
                return Ok(None);
            }
            // Statements and a local of its own; the globals that the host handed to the compile.
            let span = call.span;
            let Some(Value::Integer(step)) = api.global_value("STEP") else { return Ok(None) };
            let total = api.new_local("total", span);
            let value = builders::attribute(span, call.base.expression(), "value");
            let mut statements = vec![builders::assign(span, total.clone(), value)];
            for argument in call.arguments.iter().chain(call.keywords.iter().map(|(_, value)| value)) {
                let more = builders::binary(
                    span,
                    argument.expression(),
                    BinaryOperator::Multiply,
                    builders::constant(span, step),
                );
                statements.push(builders::augmented_assign(span, total.clone(), BinaryOperator::Add, more));
            }
            let make = builders::name(span, "Box");
            Ok(Some(builders::sequence(span, statements, builders::call(span, make, vec![total]))))
        });
        Ok(())
    });
    let request = |line: &str| request(&body(line)).global("STEP", 10);
    gives(&context, &request("return Box(x).twice"), 3, 6);
    gives(&context, &request("return Box(x + 1).fourfold + Box(2).first"), 3, 17);
    gives(&context, &request("return Box(x).plus(1).plus(2, more=3).twice"), 3, 126);
    // A chain as the argument of a chain.
    gives(&context, &request("return Box(x).plus(Box(2).plus(x).value).twice"), 3, 646);
    gives(
        &context,
        &request("return Box(x).plus(Box(x).plus(Box(1).first).twice, more=Box(x).twice).fourfold"),
        1,
        4 * 241,
    );
    // In a loop that is typed more than once, a condition, and a short circuit.
    let looped = "t = 0\n    while Box(t).plus(0).value < 50 and (x or Box(x).twice):\n        t = Box(t).plus(x).value\n    return t";
    gives(&context, &request(looped), 2, 60);
    gives(&context, &request(looped), 0, 0);
}

#[test]
fn elaborators_of_assignments_and_constants() {
    let context = context(|registrar| {
        let table = registrar.define_type("Table", DataModel::Scalar(Representation::I64), CellForm::Scalar)?;
        let make = registrar.function("Table");
        registrar.builtin(make, &[Type::INT64], table, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        let family = registrar.types().definition(table).constructor;
        let log = registrar.private_function("log");
        registrar.builtin(log.callable, &[Type::INT64], Type::NONE, |_b, signature, _operands| {
            Ok(Operand::new(signature.result, &[]))
        });
        registrar.assignment_handler(family, 0, move |api, assignment| {
            let span = assignment.span;
            let written = match &assignment.place {
                AssignedPlace::Attribute { name: "size", .. } => assignment.value.expression(),
                AssignedPlace::Subscript { index, .. } => {
                    builders::binary(span, index.expression(), BinaryOperator::Add, assignment.value.expression())
                }
                _ => return Ok(None),
            };
            Ok(Some(builders::call(span, api.registered(log.global, span), vec![written])))
        });
        // A table becomes the int that it is, where it is assigned to a name.
        let number = registrar.private_function("number");
        registrar.builtin(number.callable, &[table], Type::INT64, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
        registrar.assigned_value_handler(family, 0, move |api, assignment| {
            let is_number = matches!(&assignment.place, AssignedPlace::Local(name) if *name == "number")
                || matches!(&assignment.place, AssignedPlace::State(_, ty) if *ty == Type::INT64);
            let read = builders::call(
                assignment.span,
                api.registered(number.global, assignment.span),
                vec![assignment.value.expression()],
            );
            Ok(is_number.then_some(read))
        });
        registrar.attribute_lowerer("Mode", 0, |_api, access| {
            let Some(Value::Record(_, members)) = &access.base.constant else { return Ok(None) };
            let member = members.iter().find(|(name, _)| name == access.name);
            Ok(member.map(|(_, value)| builders::constant(access.span, value.clone())))
        });
        Ok(())
    });
    gives(&context, &request(&body("t = Table(x); t[3] = 4; t.size = x; number = t; return number + 1")), 5, 6);
    gives(&context, &request(&body("n: State[int] = 0; n = Table(x + 1); return n")), 5, 6);
    let found = refused(&context, &body("t = Table(x); t.width = 4; return x"));
    assert!(found.contains("no attribute to assign to: `width`"), "{found}");
    let members = vec![("FAST".to_owned(), Value::Integer(2)), ("SLOW".to_owned(), Value::Integer(9))];
    let mode = Value::Record("Mode".to_owned(), members);
    gives(&context, &request(&body("return Mode.SLOW * 10 + Mode.FAST")).global("Mode", mode.clone()), 0, 92);
    let found = compile(&context, &request(&body("return Mode.FASTT")).global("Mode", mode)).expect_err("no member");
    assert!(!found.to_string().contains("E0901"), "{found}");
}

#[test]
fn endless_elaboration_is_stopped() {
    let context = context(|registrar| {
        let (_, family) = boxes(registrar)?;
        registrar.attribute_accessor(family, 0, |_api, access| {
            let again = |name: &str| builders::attribute(access.span, access.base.expression(), name);
            let (left, right) = match access.name {
                "same" => return Ok(Some(again("same"))),
                "ping" => return Ok(Some(again("pong"))),
                "pong" => return Ok(Some(plus(again("ping"), 1))),
                "panics" => panic!("of the elaborator"),
                "unknown" => return Ok(Some(builders::name(access.span, "nothing_of_that_name"))),
                "leaves" => {
                    let statements = vec![builders::return_statement(access.span, None)];
                    return Ok(Some(builders::sequence(access.span, statements, again("value"))));
                }
                "deep" => return Ok(Some((0..100).fold(again("value"), |inner, _| plus(inner, 0)))),
                // Each level asks twice for the next one.
                name => match name.strip_prefix("tree").and_then(|level| level.parse::<u32>().ok()) {
                    Some(0) => return Ok(Some(again("value"))),
                    Some(level) => (again(&format!("tree{}", level - 1)), again(&format!("tree{}", level - 1))),
                    None => return Ok(None),
                },
            };
            Ok(Some(builders::binary(access.span, left, BinaryOperator::Add, right)))
        });
        registrar.method_call_handler(family, 0, |_api, call| {
            let again = builders::attribute(call.span, call.base.expression(), "again");
            Ok((call.name == "again").then(|| builders::call(call.span, again, Vec::new())))
        });
        Ok(())
    });
    gives(&context, &request(&body("return Box(x).tree4")), 3, 48);
    for (line, expected) in [
        ("return Box(x).same", "the elaboration of .same does not end: an elaborator of `probe@3`"),
        ("return Box(x).ping", "does not end: an elaborator of `probe@3`"),
        ("return Box(x).again()", "the elaboration of .again() does not end: an elaborator of `probe@3`"),
        ("return Box(x).tree14", "does not end: an elaborator of `probe@3`"),
        ("return Box(x).deep", "`probe@3` answers with a tree that is nested too deeply"),
        ("return Box(x).panics", "an elaborator of `probe@3` panicked: of the elaborator"),
        ("return Box(x).unknown", "`probe@3` answers with the name `nothing_of_that_name`"),
        ("return Box(x).leaves", "`probe@3` answers with statements that leave an expression"),
    ] {
        let found = refused(&context, &body(line));
        assert!(found.contains("E0901") && found.contains(expected), "{line}: {found}");
    }
    // Where the stack is deepest.
    let nested = format!("return {}Box(x).same{}", "(1 + ".repeat(50), ")".repeat(50));
    let found = refused(&context, &body(&nested));
    assert!(found.contains("does not end"), "{found}");
}

/// Numbers of another function or context in an answer: nothing is looked up by them.
#[test]
fn what_is_not_of_the_function_is_refused() {
    let context = context(|registrar| {
        for marker in ["local", "variable", "parameter", "element", "elements", "kept"] {
            registrar.marker(marker)?;
        }
        registrar.before_expression(ExpressionNode::Call, 0, |api, call| {
            let ExpressionKind::Call { function, .. } = &call.kind else { return Ok(None) };
            let ExpressionKind::Name { name, .. } = &function.kind else { return Ok(None) };
            let span = call.span;
            let ticked = api.context().layout().lookup("input_ticked").unwrap_or(AbiParameterId(99));
            Ok(Some(match &**name {
                "local" => builders::bound_name(span, "other", Binding::Local(LocalId(99))),
                "variable" => builders::bound_name(span, "other", Binding::Variable(VariableId(99))),
                "parameter" => builders::abi_parameter(span, AbiParameterId(99), Type::INT64),
                "element" => builders::abi_element(span, ticked, 1, Type::INT64),
                "elements" => builders::abi_element_at(span, ticked, (1, 1), Type::INT64, builders::constant(span, 0)),
                "kept" => builders::abi_element(span, ticked, 0, Type::INT64),
                _ => return Ok(None),
            }))
        });
        registrar.after_statement(StatementNode::AugmentedAssign, 0, |_api, original, _result| {
            let target = builders::bound_name(original.span, "other", Binding::Local(LocalId(99)));
            Ok(vec![builders::assign(original.span, target, builders::constant(original.span, 1))])
        });
        Ok(())
    });
    for (line, expected) in [
        ("return local()", "a name of another function"),
        ("return variable()", "a variable that is none of the function"),
        ("return parameter()", "a parameter of another context"),
        ("return element()", "an element beyond the end of an array of the node"),
        ("return elements()", "an element beyond the end of an array of the node"),
        ("y = 1; y += 1; return x", "a name of another function"),
    ] {
        let found = refused(&context, &body(line));
        assert!(found.contains("E0901") && found.contains(&format!("`probe@3` answers with {expected}")), "{found}");
    }
    gives(&context, &request(&body("return kept() + x")), 3, 4);
    // A helper is not given what the node is given: its own arguments stand in those places.
    let helper = format!("def h(a):\n    return kept() + a\n\n{}", body("return h(x)"));
    let found = compile(&context, &request(&helper).function("f")).expect_err("it is a helper").to_string();
    assert!(found.contains("a parameter of the node in a helper, which is not given it"), "{found}");
}

/// An output may have variables of an extension's own, by which handlers write it.
#[test]
fn outputs_of_an_extension() {
    struct Extra;
    impl SourceCategory for Extra {
        fn id(&self) -> &str {
            "extra"
        }

        fn order(&self) -> i32 {
            3
        }

        fn parameters(&self) -> Vec<AbiParameter> {
            Vec::new()
        }

        fn init_filter(&self) -> InitFilter {
            InitFilter::OnExecute
        }

        fn create_variables(&self, function: &FunctionModel, factory: &mut VariableFactory<'_>) {
            let parameters = (factory.parameter("outputs"), factory.parameter("output_ticked"));
            let ((Some(parameter), Some(ticked)), Some(last)) = (parameters, function.outputs.last()) else { return };
            let index = u32::try_from(function.outputs.len() - 1).unwrap_or(0);
            factory.add(&"<last>".into(), last.ty, VariableSource::Output { parameter, ticked, index });
        }
    }
    let context = context(|registrar| {
        registrar.source_category(Extra);
        registrar.marker("emit")?;
        registrar.before_statement(StatementNode::Expression, 0, |api, statement| {
            let StatementKind::Expression(call) = &statement.kind else { return Ok(None) };
            let ExpressionKind::Call { function, arguments, .. } = &call.kind else { return Ok(None) };
            if !is_named(function, "emit") {
                return Ok(None);
            }
            let last = api.variables().iter().find(|(_, variable)| &*variable.name == "<last>").map(|(id, _)| id);
            let Some(last) = last else { return Ok(None) };
            let value = api.transform(arguments[0].clone());
            Ok(Some(vec![builders::store_output(statement.span, last, value)]))
        });
        Ok(())
    });
    let text = "
def f(x: Signal[int]) -> Annotated[Outputs, {'low': int, 'high': float}]:
    if x > 2:
        emit(x * 2)
    return x
";
    crate::common::on_every_engine(|engine| {
        let result = compile(&context, &request(text).backend(engine)).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("numbers have cells");
        let (x, low, high) = (
            node.input::<i64>("x").expect("an int"),
            node.output::<i64>(0).expect("an int"),
            node.output::<f64>(1).expect("a float"),
        );
        node.start().expect("START");
        for (value, expected) in [(1, None), (3, Some(6.0)), (2, None)] {
            node.set(x, value);
            node.execute().expect("a tick");
            assert_eq!((node.ticked(low), node.ticked(high)), (Some(value), expected));
        }
    });
}
