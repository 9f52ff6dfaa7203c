//! What registered rules cost that a function does not use: the same compilation in a context without and with many more.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use cfunc_compiler::ast::BinaryOperator;
use cfunc_compiler::{
    CellForm, CompilationContext, CompileRequest, Conversion, DataModel, Extension, ExtensionId, Operand, Operation,
    Registrar, RegistrationError, Representation, Source, compile, exact,
};

use crate::cases;
use crate::report::{Part, Table, verdict};
use crate::settings::Settings;
use crate::statistics::Spread;

/// How many rules are added.
const EXTRA_RULES: usize = 500;

/// How many times as long compilation may take with them.
const GOAL: f64 = 1.02;

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

/// The moving average of ints: one operand is converted.
const MIXED: &str = "\
def mixed(x: Signal[int], alpha: float) -> Signal[float]:
    y: State[float] = 0.0
    y = alpha * x + (1.0 - alpha) * y
    return y
";

fn context(with_unused: bool) -> Result<CompilationContext> {
    let builder = CompilationContext::builder().with(cfunc_compiler::defaults()).with(cfunc_signals::extension());
    let builder = if with_unused { builder.with(Unused) } else { builder };
    builder.build().map_err(|error| anyhow!("the context: {error}"))
}

/// Measures compilation with and without rules that match nothing, interleaved.
///
/// # Errors
///
/// The source does not compile.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let contexts = [context(false)?, context(true)?];
    let count = |context: &CompilationContext| context.registry().rules().count();
    anyhow::ensure!(count(&contexts[0]) + EXTRA_RULES == count(&contexts[1]), "the rules are not as many as announced");
    let mut part = Part::new("rules", "Registered rules");
    part.paragraph(format!(
        "Compilation again, in the context of a user ({} rules), and in one with {EXTRA_RULES} rules more that are for \
         types it does not have: signatures and lowering rules of the operators it uses, and conversions. Operators of \
         `ema` are found by its exact types, one of `mixed` among all signatures of the operator. Microseconds.",
        count(&contexts[0])
    ));
    let mut table = Table::new(&["", "without them", "with them", "**difference, of the medians of each round**"]);
    let mixed = CompileRequest::new(Source::new("mixed.py", MIXED)).constant("alpha", cases::ALPHA);
    for (name, request) in [("`ema`", cases::ema()), ("`mixed`", mixed)] {
        table.row(measure(name, &request, &contexts, settings)?);
    }
    part.table(&table);
    Ok(part)
}

/// A row of the table.
fn measure(
    name: &str,
    request: &CompileRequest,
    contexts: &[CompilationContext; 2],
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
    let per_cent = (ratio.median - 1.0) * 100.0;
    let goal = (GOAL - 1.0) * 100.0;
    Ok([
        name.to_owned(),
        of(&times[0])?.to_string(),
        of(&times[1])?.to_string(),
        format!("**{per_cent:+.2} %**, goal less than {goal:.0} %: {}", verdict(ratio.median < GOAL)),
    ])
}
