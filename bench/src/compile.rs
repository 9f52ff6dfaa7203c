//! From source text to a function that can be called: beside the bare parser and the bare code generator, by stage, and
//! beside the peer.

use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow};
use cfunc_compiler::{
    CompilationContext, CompilationOptions, CompilationResult, CompileRequest, Observer, OptimizationLevel, Stage,
    SymbolTable, compile, compile_observed,
};

use crate::bare::{self, BareCode, BareUnit};
use crate::cases::{self, ALPHA, Case, EMA};
use crate::engine_times;
use crate::goals::Each;
use crate::peer::{PACKAGE, PeerFigures};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, count, digits};

/// How many times its floor the moving average may take.
const EMA_GOAL: f64 = 2.2;

/// How many times its floor a recorded case may take.
const CASE_GOAL: f64 = 3.0;

/// How many times faster than the peer makes up for that.
const PEER_GOAL: f64 = 200.0;

/// Compilations of each kind in a row, before the next kind's turn.
const BATCH: usize = 16;

/// Measures compilation.
///
/// # Errors
///
/// A source does not compile, or a floor cannot be measured.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let mut part = Part::new("compile", "Compilation");
    part.paragraph(
        "Source text to callable pointer, warm, default options, on one thread, no cache of results. The floor is the \
         sum of two bare libraries, each measured in the same rounds: `rustpython-parser` on the same text, and \
         `cranelift-jit` with a new target and a new module, optimisation level speed, no verifier. What is dropped is \
         dropped outside of the measured time, on all sides. Microseconds.",
    );
    // The floors come first: an observer is a call more for each stage.
    let (ema, _) = measure(&context, &cases::ema(), EMA, settings, || bare::compile_ema(ALPHA))?;
    let ratio = ema.ratio;
    part.paragraph("The moving average of four lines; the code generator's part is the same node written by hand:");
    let mut table = Table::new(&["`ema`", "microseconds"]);
    let parts = [
        ("whole compilation", ema.whole),
        ("bare parser", ema.parser),
        ("bare code generator", ema.generator),
        ("both, one right after the other", ema.both),
    ];
    for (name, spread) in parts {
        table.row([name.to_owned(), spread.to_string()]);
    }
    let goal = format!("`ema`, compilation to its floor, at most {EMA_GOAL}");
    let reached = part.goal(goal, digits(ratio.median), ratio.median <= EMA_GOAL);
    table.row(["**ratio to the floor**".to_owned(), format!("**{ratio}**, goal at most {EMA_GOAL}: {reached}")]);
    table.row(["ratio to both, one right after the other".to_owned(), ema.ratio_to_both.to_string()]);
    part.table(&table);
    part.paragraph(
        "The floor adds up two loops, each of which has the caches of the processor for itself. What parses and then \
         generates code, as every compiler does, finds the caches full of the other: that is the third figure.",
    );

    let cases = cases::scalar_cases(&settings.corpus)?;
    let mut rows = Vec::new();
    let mut left_out = Vec::new();
    for case in cases.iter().step_by(settings.compile_every) {
        match measure_case(&context, case, settings) {
            Ok(figures) => rows.push((case, figures)),
            Err(error) => left_out.push(format!("`{}` ({error:#})", case.name)),
        }
    }
    part.paragraph("By stage, with an observer that reads a clock, which makes the whole a little slower:");
    part.table(&stages(&context, settings)?);
    case_table(&mut part, &rows, settings);
    let measured: Vec<&Case> = rows.iter().map(|(case, _)| *case).collect();
    engine_times::add_to(&mut part, &context, settings, &measured)?;
    if !left_out.is_empty() {
        part.paragraph(format!("Left out: {}.", left_out.join(", ")));
    }
    Ok(part)
}

/// The context of a user: the built-ins and signals.
pub(crate) fn context() -> Result<CompilationContext> {
    let builder = CompilationContext::builder().with(cfunc_compiler::defaults()).with(cfunc_signals::extension());
    builder.build().map_err(|error| anyhow!("the context: {error}"))
}

/// What was measured of one source, in microseconds.
struct Figures {
    whole: Spread,
    parser: Spread,
    generator: Spread,
    /// The bare parser and right after it the bare code generator.
    both: Spread,
    /// Whole to floor, of the medians of each round.
    ratio: Spread,
    /// Whole to [`Figures::both`], of the medians of each round.
    ratio_to_both: Spread,
}

/// Measures a source beside its floor, interleaved.
fn measure(
    context: &CompilationContext,
    request: &CompileRequest,
    text: &str,
    settings: &Settings,
    generate: impl Fn() -> Result<BareCode>,
) -> Result<(Figures, CompilationResult)> {
    let compiled = || compile(context, request).map_err(|error| anyhow!("{error}"));
    let result = compiled()?;
    let (mut whole, mut parser, mut generator, mut both) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    let (mut ratios, mut ratios_to_both) = (Vec::new(), Vec::new());
    for round in 0..=settings.compile_rounds {
        let batches = [
            batch(|| compiled().map(drop_later))?,
            batch(|| bare::parse(black_box(text)).map(drop_later))?,
            batch(|| generate().map(drop_later))?,
            batch(|| Ok(drop_later((bare::parse(black_box(text))?, generate()?))))?,
        ];
        // The first round warms caches and scratch.
        if round > 0 {
            let [own, parsed, generated, in_a_row] =
                batches.each_ref().map(|batch| Spread::of(batch).map_or(0.0, |all| all.median));
            ratios.push(own / (parsed + generated));
            ratios_to_both.push(own / in_a_row);
            let [own, parsed, generated, in_a_row] = batches;
            whole.extend(own);
            parser.extend(parsed);
            generator.extend(generated);
            both.extend(in_a_row);
        }
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    let figures = Figures {
        whole: of(&whole)?,
        parser: of(&parser)?,
        generator: of(&generator)?,
        both: of(&both)?,
        ratio: of(&ratios)?,
        ratio_to_both: of(&ratios_to_both)?,
    };
    Ok((figures, result))
}

/// A product that is to be dropped outside of the measured time.
fn drop_later<T: 'static>(product: T) -> Box<dyn std::any::Any> {
    Box::new(product)
}

/// Microseconds of each run of a batch.
fn batch(work: impl Fn() -> Result<Box<dyn std::any::Any>>) -> Result<Vec<f64>> {
    let mut times = Vec::with_capacity(BATCH);
    for _ in 0..BATCH {
        let begin = Instant::now();
        let product = work()?;
        times.push(begin.elapsed().as_nanos() as f64 / 1e3);
        drop(black_box(product));
    }
    Ok(times)
}

/// What was measured of a recorded case.
struct CaseFigures {
    figures: Figures,
    peer: Option<PeerFigures>,
}

fn measure_case(context: &CompilationContext, case: &Case, settings: &Settings) -> Result<CaseFigures> {
    let unoptimized =
        CompilationOptions { optimization_level: OptimizationLevel::None, ..CompilationOptions::default() };
    let plain = compile(context, &case.request.clone().options(unoptimized)).map_err(|error| anyhow!("{error}"))?;
    let unit = BareUnit::read(&plain.dump(Stage::Clif)?, &SymbolTable::new())?;
    let (figures, _) = measure(context, &case.request, &case.text, settings, || unit.compile())?;
    let peer = settings.peer.as_ref().and_then(|peer| {
        let measured = peer.measure(case);
        measured.map_err(|error| eprintln!("{}: {error:#}", case.name)).ok()
    });
    eprintln!("compile {}: {} times its floor", case.name, figures.ratio);
    Ok(CaseFigures { figures, peer })
}

fn case_table(part: &mut Part, rows: &[(&Case, CaseFigures)], settings: &Settings) {
    part.paragraph(
        "Recorded cases. The code generator's part of the floor compiles the CLIF that this compiler makes of the case, \
         as it is before optimisation; it starts from a copy of the finished CLIF, so building it costs nothing there.",
    );
    match &settings.peer_note {
        None => part.paragraph(format!(
            "The peer is `{PACKAGE}`, one process a case, right after our rounds of it: the first compilation of a process, \
             without the import, which is one figure, and the median of later ones, in milliseconds. The ratio to the peer \
             counts later ones."
        )),
        Some(note) => part.paragraph(format!("The peer was not measured: {note}.")),
    }
    let goal =
        format!("compilation of a case at most {CASE_GOAL} times its floor, or {PEER_GOAL} times faster than the peer");
    part.paragraph(format!("Goal for each: {goal}."));
    let mut each = Each::new(format!("{goal}, each"));
    let mut all_faster = Vec::new();
    let mut table = Table::new(&[
        "case",
        "ratio to the floor",
        "times faster than the peer",
        "whole",
        "bare parser",
        "bare code generator",
        "peer, first (ms)",
        "peer, later (ms)",
        "goal",
    ]);
    for (case, CaseFigures { figures, peer }) in rows {
        let (first, later, faster) = match peer {
            Some(PeerFigures::Measured { first, later, .. }) => {
                let later = Spread::of(later).map(|spread| spread.scaled(1e-6));
                (Some(first * 1e-6), later, later.map(|later| later.median * 1e3 / figures.whole.median))
            }
            Some(PeerFigures::Failed { error }) => {
                eprintln!("{}: the peer: {error}", case.name);
                (None, None, None)
            }
            None => (None, None, None),
        };
        let reached = figures.ratio.median <= CASE_GOAL || faster.is_some_and(|times| times >= PEER_GOAL);
        all_faster.extend(faster);
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), digits);
        table.row([
            format!("`{}`", case.name),
            figures.ratio.to_string(),
            number(faster),
            figures.whole.to_string(),
            digits(figures.parser.median),
            digits(figures.generator.median),
            number(first),
            later.map_or_else(|| "-".to_owned(), |spread| spread.to_string()),
            each.row(&format!("`{}`", case.name), &digits(figures.ratio.median), reached).to_owned(),
        ]);
    }
    part.table(&table);
    let reached = part.goal_of_each(each);
    part.paragraph(format!("Cases that reach their goal: {reached}."));
    if let Some(middle) = Spread::of(&all_faster) {
        let (cases, median) = (count(all_faster.len()), digits(middle.median));
        let goal = format!("compilation {PEER_GOAL} times faster than the peer, median of {cases} cases");
        let reached = part.goal(goal, median.clone(), middle.median >= PEER_GOAL);
        part.paragraph(format!(
            "Times faster than the peer, median of the {cases} cases: {median}, goal at least {PEER_GOAL}: {reached}."
        ));
    }
}

/// Adds up the time of each stage.
struct Clock {
    begin: Instant,
    stages: Vec<(&'static str, f64)>,
}

impl Observer for Clock {
    fn begin(&mut self, _stage: &'static str) {
        self.begin = Instant::now();
    }

    fn end(&mut self, stage: &'static str) {
        self.stages.push((stage, self.begin.elapsed().as_nanos() as f64 / 1e3));
    }
}

/// The moving average by stage.
fn stages(context: &CompilationContext, settings: &Settings) -> Result<Table> {
    let request = cases::ema();
    let mut samples: Vec<(&'static str, Vec<f64>)> = Vec::new();
    let mut add = |stage: &'static str, time: f64| match samples.iter_mut().find(|(name, _)| *name == stage) {
        Some((_, times)) => times.push(time),
        None => samples.push((stage, vec![time])),
    };
    let mut clock = Clock { begin: Instant::now(), stages: Vec::with_capacity(16) };
    for _ in 0..settings.compile_rounds * BATCH {
        clock.stages.clear();
        let begin = Instant::now();
        let result = compile_observed(context, &request, &mut clock).map_err(|error| anyhow!("{error}"))?;
        let whole = begin.elapsed().as_nanos() as f64 / 1e3;
        drop(result);
        let known: f64 = clock.stages.iter().map(|(_, time)| time).sum();
        clock.stages.iter().for_each(|(stage, time)| add(stage, *time));
        add("between the stages", whole - known);
        add("whole", whole);
    }
    let whole = samples.iter().find(|(name, _)| *name == "whole").and_then(|(_, times)| Spread::of(times));
    let whole = whole.context("no rounds")?.median;
    let mut table = Table::new(&["stage", "microseconds", "share"]);
    for (stage, times) in &samples {
        let spread = Spread::of(times).context("no rounds")?;
        table.row([format!("`{stage}`"), spread.to_string(), format!("{:.0} %", spread.median / whole * 100.0)]);
    }
    Ok(table)
}
