//! A request that is compiled again while its result lives.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, CompileRequest, Source, compile};

use crate::cases::{self, ALPHA, EMA};
use crate::compile::context;
use crate::goals::Each;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, count, digits};

/// Microseconds that a repeated compilation may take.
const GOAL: f64 = 10.0;

/// Compilations of a kind in a row, before the next kind's turn.
const BATCH: usize = 16;

/// Lines of the longest source.
const LONG: usize = 1_000;

/// Measures repeated compilation.
///
/// # Errors
///
/// A source does not compile, or nothing is shared.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let begin = Instant::now();
    let context = context()?;
    let built = begin.elapsed().as_secs_f64() * 1e6;
    let begin = Instant::now();
    let kept = compile(&context, &ema()).map_err(|error| anyhow!("{error}"))?;
    let first = begin.elapsed().as_secs_f64() * 1e6;
    drop(kept);

    // Each twice: equal, and of other allocations.
    let (sources, equal) = (sources(settings)?, sources(settings)?);
    let mut table = Table::new(&["source", "bytes", "not looked for", "not found", "found", "goal"]);
    let mut slowest = 0.0_f64;
    let mut each = Each::new(format!("compiling the same again under {GOAL} µs, each source"));
    for ((name, request), (_, equal)) in sources.iter().zip(&equal) {
        let figures = measure(&context, request, equal, settings)?;
        slowest = slowest.max(figures.found.median);
        table.row([
            name.clone(),
            count(request.source().text().len()),
            figures.without.to_string(),
            figures.missed.to_string(),
            figures.found.to_string(),
            each.row(name, &digits(figures.found.median), figures.found.median < GOAL).to_owned(),
        ]);
    }
    let mut part = Part::new("repeat", "Compiling the same again");
    part.paragraph(
        "An equal request in the same context, made anew with a text of its own, while a result of the first lives: code, \
         types and metadata are shared. Beside it the same request without a result that lives, with the look into the \
         table and without (`reuse(false)`). Microseconds; results are dropped outside of the measured time.",
    );
    part.table(&table);
    let reached = part.goal_of_each(each);
    part.paragraph(format!("Found in at most {} µs, goal under {GOAL} µs: reached by {reached}.", digits(slowest)));
    part.paragraph(format!(
        "The first compilation of the process, of `ema`, took {} µs, with the target of the code generator; the context \
         before it {} µs. Both once.",
        digits(first),
        digits(built)
    ));
    Ok(part)
}

/// What is compiled, with names.
fn sources(settings: &Settings) -> Result<Vec<(String, CompileRequest)>> {
    let mut sources = vec![("`ema`".to_owned(), ema())];
    let corpus = cases::cases_for_passes(&settings.corpus)?;
    let streaming = corpus.into_iter().filter(|case| case.name.starts_with("streaming/"));
    sources.extend(streaming.map(|case| (format!("`{}`", case.name), case.request.reuse(true))));
    sources.push((format!("{} lines", digits(LONG as f64)), CompileRequest::new(Source::new("long.py", long()))));
    Ok(sources)
}

/// The moving average, from the table where it is there.
fn ema() -> CompileRequest {
    CompileRequest::new(Source::new("ema.py", EMA)).constant("alpha", ALPHA)
}

/// A long source.
fn long() -> String {
    let mut text = "def f(x: Signal[float]) -> Signal[float]:\n    y = x\n".to_owned();
    for line in 0..LONG {
        text.push_str(&format!("    y = y * {line}.5 + x\n"));
    }
    text.push_str("    return y\n");
    text
}

/// What was measured of one source, in microseconds.
struct Figures {
    /// Without a look into the table.
    without: Spread,
    /// With a look, and nothing in it.
    missed: Spread,
    /// While an equal result lives.
    found: Spread,
}

fn measure(
    context: &CompilationContext,
    request: &CompileRequest,
    equal: &CompileRequest,
    settings: &Settings,
) -> Result<Figures> {
    let alone = equal.clone().reuse(false);
    let (mut without, mut missed, mut found) = (Vec::new(), Vec::new(), Vec::new());
    let timed = |request: &CompileRequest| -> Result<_> {
        let begin = Instant::now();
        let result = compile(context, black_box(request)).map_err(|error| anyhow!("{error}"))?;
        Ok((begin.elapsed().as_nanos() as f64 / 1e3, result))
    };
    for round in 0..=settings.compile_rounds {
        let mut samples = [Vec::new(), Vec::new(), Vec::new()];
        for _ in 0..BATCH {
            samples[0].push(timed(&alone)?.0);
            samples[1].push(timed(equal)?.0);
        }
        let kept = compile(context, request).map_err(|error| anyhow!("{error}"))?;
        for _ in 0..BATCH {
            let (time, result) = timed(equal)?;
            ensure!(result.function_pointer() == kept.function_pointer(), "the code is not shared");
            samples[2].push(time);
        }
        // The first round warms caches and scratch.
        if round > 0 {
            let [alone, no_hit, hit] = samples;
            without.extend(alone);
            missed.extend(no_hit);
            found.extend(hit);
        }
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    Ok(Figures { without: of(&without)?, missed: of(&missed)?, found: of(&found)? })
}
