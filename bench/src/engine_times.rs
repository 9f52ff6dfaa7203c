//! What compilation takes on each engine for machine code.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result};
use cfunc_compiler::{CompilationContext, CompileRequest};

use crate::cases::{self, Case};
use crate::engines::Engine;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, count, digits, geometric_mean};

/// The engines in the order of the table's columns.
const ENGINES: [&str; 3] = ["Cranelift", "LLVM O1", "LLVM O3"];

/// Compilations of each engine in a row, before the next one's turn.
const BATCH: usize = 4;

/// So many rounds of other parts are one here: LLVM takes long.
const ROUNDS: usize = 4;

/// What one source takes, in microseconds, by engine.
struct Times {
    times: [Spread; ENGINES.len()],
    /// To the first engine, of the medians of each round.
    ratios: [Spread; ENGINES.len()],
}

/// Adds the table, for the moving average and for cases.
///
/// # Errors
///
/// A source does not compile.
pub(crate) fn add_to(
    part: &mut Part,
    context: &CompilationContext,
    settings: &Settings,
    cases: &[&Case],
) -> Result<()> {
    let [speed, quick] = match Engine::llvm() {
        Ok(tiers) => tiers,
        Err(note) => {
            part.paragraph(format!("Compilation by LLVM was not measured: {note}."));
            return Ok(());
        }
    };
    let engines = [Engine::cranelift(), quick, speed];
    let rounds = (settings.compile_rounds / ROUNDS).max(3);
    let ema = measure(context, &engines, &cases::ema(), rounds)?;
    let mut found = Vec::new();
    for case in cases {
        found.push(measure(context, &engines, &case.request, rounds).with_context(|| case.name.clone())?);
    }
    part.paragraph(
        "Compilation on each engine, in turn, default options but for the level: source text to callable pointer, in microseconds. LLVM O1 is the level `Quick` of the \
         LLVM engine, LLVM O3 its level `Speed`. For the cases, geometric means of their medians and of their ratios.",
    );
    let mut table =
        Table::new(&["engines", ENGINES[0], ENGINES[1], ENGINES[2], "LLVM O1 to Cranelift", "LLVM O3 to Cranelift"]);
    let spreads = ema.times.iter().chain(&ema.ratios[1..]).map(Spread::to_string);
    table.row(std::iter::once("`ema`".to_owned()).chain(spreads));
    let mean = |of: &dyn Fn(&Times) -> f64| geometric_mean(found.iter().map(of)).map_or_else(|| "-".to_owned(), digits);
    let times = (0..ENGINES.len()).map(|engine| mean(&|times| times.times[engine].median));
    let ratios = (1..ENGINES.len()).map(|engine| mean(&|times| times.ratios[engine].median));
    let name = format!("geometric mean of {} cases", count(found.len()));
    table.row(std::iter::once(name).chain(times).chain(ratios));
    part.table(&table);
    Ok(())
}

/// Measures a source on all engines, interleaved.
fn measure(
    context: &CompilationContext,
    engines: &[Engine; ENGINES.len()],
    request: &CompileRequest,
    rounds: usize,
) -> Result<Times> {
    let (mut times, mut ratios) = (ENGINES.map(|_| Vec::new()), ENGINES.map(|_| Vec::new()));
    for round in 0..=rounds {
        let mut medians = ENGINES.map(|_| 0.0);
        for (engine, median) in engines.iter().zip(&mut medians) {
            let mut batch = Vec::with_capacity(BATCH);
            for _ in 0..BATCH {
                let begin = Instant::now();
                let result = engine.compile(context, request)?;
                batch.push(begin.elapsed().as_nanos() as f64 / 1e3);
                drop(black_box(result));
            }
            *median = Spread::of(&batch).context("no compilations")?.median;
        }
        // The first round warms caches and scratch.
        if round > 0 {
            times.iter_mut().zip(medians).for_each(|(times, median)| times.push(median));
            ratios.iter_mut().zip(medians).for_each(|(ratios, median)| ratios.push(median / medians[0]));
        }
    }
    let of = |samples: Vec<f64>| Spread::of(&samples).unwrap_or(Spread { low: 0.0, median: 0.0, high: 0.0 });
    Ok(Times { times: times.map(of), ratios: ratios.map(of) })
}
