//! What rules and handlers cost that a function does not use: the same compilation in a context without and with many
//! more.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use cfunc_compiler::ast::{BinaryOperator, Expression, ExpressionKind, Parameter, StatementKind};
use cfunc_compiler::{
    AnalysisApi, CellForm, CompilationContext, CompileRequest, Conversion, CustomType, DataModel, ExpressionNode,
    Extension, ExtensionId, HandlerResult, InputHandler, ModuleScope, Operand, Operation, ParameterDeclaration,
    Registrar, RegistrationError, Representation, Source, StatementNode, TransformApi, Type, TypeTable, compile, exact,
};

use crate::cases;
use crate::goals::Each;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::Spread;

/// How many rules are added.
const EXTRA_RULES: usize = 500;

/// How many times as long compilation may take with them.
const GOAL: f64 = 1.02;

/// How many handlers are added.
const EXTRA_HANDLERS: usize = 50;

/// How many times as long compilation may take with them.
const GOAL_OF_HANDLERS: f64 = 1.05;

/// Rounds for each round of the other parts: the difference is small beside the noise of a round.
const ROUNDS: usize = 20;

/// Compilations in a row, before the other context's turn.
const BATCH: usize = 16;

/// Types that nothing else knows, each with rules for operations that the measured function uses on other types.
struct Unused;

impl Extension for Unused {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("unused", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        // Five a type: signature and lowering of `+` and of `*`, and a conversion. The first type gives it a target.
        let model = || DataModel::Scalar(Representation::F64);
        let first = registrar.define_type("Unused", model(), CellForm::Scalar)?;
        for number in 0..EXTRA_RULES / 5 {
            let ty = registrar.define_type(&format!("Unused{number}"), model(), CellForm::Scalar)?;
            for operator in [BinaryOperator::Add, BinaryOperator::Multiply] {
                registrar.builtin(Operation::Binary(operator), &[ty, ty], ty, |_b, signature, operands| {
                    Ok(Operand::scalar(signature.result, operands[0].value()))
                });
            }
            registrar.lower_cast(exact(ty), exact(first), Conversion::Safe, |_b, _from, to, operand| {
                Ok(Operand::scalar(to, operand.value()))
            });
        }
        Ok(())
    }
}

/// Handlers of every kind that look at what they are asked about, as those of an extension do, and find that it is not
/// theirs.
struct Idle;

/// The marker that none of the measured functions uses.
const IDLE: &str = "idle";

impl Extension for Idle {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("idle", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.marker(IDLE)?;
        let model = DataModel::Scalar(Representation::F64);
        let ty = registrar.define_type("Idle", model, CellForm::Scalar)?;
        let family = registrar.types().definition(ty).constructor;
        let expressions = [
            ExpressionNode::Call,
            ExpressionNode::Subscript,
            ExpressionNode::Attribute,
            ExpressionNode::Compare,
            ExpressionNode::Name,
        ];
        let statements = [
            StatementNode::Expression,
            StatementNode::Return,
            StatementNode::Assign,
            StatementNode::AugmentedAssign,
            StatementNode::For,
        ];
        for priority in 0..3 {
            for node in expressions {
                registrar.before_expression(node, priority, |api, expression| {
                    Ok(is_idle(api, expression).then(|| expression.clone()))
                });
            }
            for node in statements {
                registrar.before_statement(node, priority, |api, statement| {
                    let (StatementKind::Expression(value)
                    | StatementKind::Return(Some(value))
                    | StatementKind::Assign { value, .. }
                    | StatementKind::AugmentedAssign { value, .. }
                    | StatementKind::For { iterable: value, .. }) = &statement.kind
                    else {
                        return Ok(None);
                    };
                    Ok(is_idle(api, value).then(|| vec![statement.clone()]))
                });
            }
        }
        for number in 0..10 {
            registrar.custom_type(number, IdleType);
        }
        for _ in 0..5 {
            registrar.input_handler(IdleInput);
            registrar.attribute_accessor(family, 0, |_api, _access| Ok(None));
        }
        Ok(())
    }
}

/// Whether an expression is a call, an element, an attribute or a comparison of the marker, or the marker.
fn is_idle(api: &dyn TransformApi, expression: &Expression) -> bool {
    let of = match &expression.kind {
        ExpressionKind::Call { function, .. } => function,
        ExpressionKind::Subscript { value, .. } | ExpressionKind::Attribute { value, .. } => value,
        ExpressionKind::Compare { left, .. } => left,
        _ => expression,
    };
    let marker = api.definition_of(of).and_then(|definition| definition.marker.as_ref());
    marker.is_some_and(|marker| *marker.0 == *IDLE)
}

struct IdleType;

impl CustomType for IdleType {
    fn type_of_annotation(&self, scope: &ModuleScope<'_>, _: &mut TypeTable, annotation: &Expression) -> Option<Type> {
        let marker = scope.definition_of(annotation)?.marker.as_ref()?;
        (*marker.0 == *IDLE).then_some(Type::INT64)
    }

    fn lower_assignment(
        &self,
        api: &mut dyn TransformApi,
        _target: &Expression,
        value: &Expression,
    ) -> HandlerResult<Option<Expression>> {
        Ok(is_idle(api, value).then(|| value.clone()))
    }
}

struct IdleInput;

impl InputHandler for IdleInput {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        _parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        Ok(api.is_marker(annotation, IDLE).then(|| ParameterDeclaration::constant(Type::INT64)))
    }
}

/// The moving average of ints: one operand is converted.
const MIXED: &str = "\
def mixed(x: Signal[int], alpha: float) -> Signal[float]:
    y: State[float] = 0.0
    y = alpha * x + (1.0 - alpha) * y
    return y
";

fn context(with: Option<impl Extension + 'static>) -> Result<CompilationContext> {
    let builder = CompilationContext::builder().with(cfunc_compiler::defaults()).with(cfunc_signals::extension());
    let builder = match with {
        Some(extension) => builder.with(extension),
        None => builder,
    };
    builder.build().map_err(|error| anyhow!("the context: {error}"))
}

/// Measures compilation with and without rules that match nothing, interleaved.
///
/// # Errors
///
/// The source does not compile.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let contexts = [context(None::<Unused>)?, context(Some(Unused))?];
    let count = |context: &CompilationContext| context.registry().rules().count();
    anyhow::ensure!(count(&contexts[0]) + EXTRA_RULES == count(&contexts[1]), "the rules are not as many as announced");
    let mut part = Part::new("rules", "Registered rules and handlers");
    part.paragraph(format!(
        "Compilation again, in the context of a user ({} rules), and in one with {EXTRA_RULES} rules more that are for \
         types it does not have: signatures and lowering rules of the operators it uses, and conversions. Operators of \
         `ema` are found by its exact types, one of `mixed` among all signatures of the operator. Microseconds.",
        count(&contexts[0])
    ));
    let mixed = || CompileRequest::new(Source::new("mixed.py", MIXED)).constant("alpha", cases::ALPHA).reuse(false);
    let requests = || [("`ema`", cases::ema()), ("`mixed`", mixed())];
    let mut each =
        Each::new(format!("compilation with {EXTRA_RULES} rules more, less than {:.0} % longer", per_cent(GOAL)));
    part.table(&table(&requests(), &contexts, GOAL, &mut each, settings)?);
    part.goal_of_each(each);
    let [without, _] = contexts;
    let contexts = [without, context(Some(Idle))?];
    part.paragraph(format!(
        "The same with {EXTRA_HANDLERS} handlers that look at what they are asked about and pass it on: three of each \
         kind of node that is rewritten, ten custom types, five that read parameters, five elaborators."
    ));
    let most = per_cent(GOAL_OF_HANDLERS);
    let mut each = Each::new(format!("compilation with {EXTRA_HANDLERS} handlers, less than {most:.0} % longer"));
    part.table(&table(&requests(), &contexts, GOAL_OF_HANDLERS, &mut each, settings)?);
    part.goal_of_each(each);
    Ok(part)
}

/// What compilations cost in either context.
fn table(
    requests: &[(&str, CompileRequest)],
    contexts: &[CompilationContext; 2],
    goal: f64,
    each: &mut Each,
    settings: &Settings,
) -> Result<Table> {
    let mut table = Table::new(&["", "without them", "with them", "**difference, of the medians of each round**"]);
    for (name, request) in requests {
        table.row(measure(name, request, contexts, goal, each, settings)?);
    }
    Ok(table)
}

/// A row of the table.
fn measure(
    name: &str,
    request: &CompileRequest,
    contexts: &[CompilationContext; 2],
    goal: f64,
    each: &mut Each,
    settings: &Settings,
) -> Result<[String; 4]> {
    let mut times = [Vec::new(), Vec::new()];
    let mut ratios = Vec::new();
    for round in 0..=settings.compile_rounds * ROUNDS {
        let mut medians = [0.0; 2];
        // Whichever comes second finds other caches: they take turns.
        for which in if round % 2 == 0 { [0, 1] } else { [1, 0] } {
            let mut batch = Vec::with_capacity(BATCH);
            for _ in 0..BATCH {
                let begin = Instant::now();
                let result = compile(&contexts[which], request).map_err(|error| anyhow!("{error}"))?;
                batch.push(begin.elapsed().as_nanos() as f64 / 1e3);
                drop(black_box(result));
            }
            medians[which] = Spread::of(&batch).map_or(0.0, |all| all.median);
            // The first round warms caches and scratch.
            if round > 0 {
                times[which].extend(batch);
            }
        }
        if round > 0 {
            ratios.push(medians[1] / medians[0]);
        }
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    let ratio = of(&ratios)?;
    let difference = format!("{:+.2} %", per_cent(ratio.median));
    let reached = each.row(name, &difference, ratio.median < goal);
    Ok([
        name.to_owned(),
        of(&times[0])?.to_string(),
        of(&times[1])?.to_string(),
        format!("**{difference}**, goal less than {:.0} %: {reached}", per_cent(goal)),
    ])
}

/// How much more than once something is, in hundredths.
fn per_cent(ratio: f64) -> f64 {
    (ratio - 1.0) * 100.0
}
