//! How the time of each stage grows with the length of a function and of a file.

use std::collections::BTreeMap;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow};
use cfunc_compiler::{CompilationContext, CompileRequest, Observer, Source, check, compile_observed};

use crate::clock::processor_time;
use crate::compile::context;
use crate::goals::Each;
use crate::report::{Part, Table};
use crate::scale_sources::{SHAPES, Shape, file};
use crate::settings::Settings;
use crate::stages;
use crate::statistics::{self, digits};

/// Lines of the functions that are measured; the last two are compared.
const LINES: [usize; 3] = [100, 1_000, 10_000];

/// Functions of the files that are measured; the last two are compared.
const FUNCTIONS: [usize; 3] = [50, 500, 5_000];

/// How much more a line of the longest function may take than one of the middle, over our own stages.
const GOAL: f64 = 1.15;

/// The stages of the compiler itself, in order. The code generator's is the rest.
const STAGES: [&str; 7] = ["parse", "analyze", "transform", "infer", "lower", "key", "passes"];

/// The name of the code generator's stage.
const BACKEND: &str = "backend";

/// Measures growth.
///
/// # Errors
///
/// A source does not compile.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let mut part = Part::new("scale", "Growth");
    part.paragraph(format!(
        "Time per line of functions of {} lines in several shapes, by stage: microseconds of processor time of all threads, as \
         a source that is nested deeply is compiled on a thread with room for it; the least of several compilations, of each \
         figure on its own, so that stages may add up to somewhat less than the whole. Growth is that of the longest over \
         that of the one before; linear is 1. The goal is at most {GOAL} for the sum of our own stages, without the code \
         generator: from 3,000 instructions of the IR on, it allocates registers in a single pass and leaves its optimiser \
         out, which take more than linear time. `whole` is all of a compilation.",
        LINES.map(|lines| digits(lines as f64)).join(", ")
    ));
    let mut head = vec!["shape", "lines"];
    head.extend(STAGES);
    head.extend(["own stages", BACKEND, "whole"]);
    let mut times = Table::new(&head);
    let mut head = vec!["growth"];
    head.extend(STAGES);
    head.extend(["own stages", BACKEND, "whole", "goal"]);
    let mut growths = Table::new(&head);
    // A quick look has some of the shapes.
    let every = if settings.quick && settings.only.is_none() { 4 } else { 1 };
    let mut each = Each::new(format!("growth of the time of our own stages, at most {GOAL}, each shape"));
    let is_wanted = |shape: &&Shape| settings.only.as_deref().is_none_or(|only| shape.name == only);
    let shapes = || SHAPES.iter().filter(is_wanted).step_by(every);
    for shape in shapes() {
        let mut last = Vec::new();
        for lines in LINES {
            let measured = measure(&context, shape, lines, settings.scale_rounds)?;
            eprintln!("scale {}, {lines} lines: {measured:.2?}", shape.name);
            let name = if lines == LINES[0] { shape.name.to_owned() } else { String::new() };
            times.row([name, digits(lines as f64)].into_iter().chain(measured.iter().copied().map(digits)));
            last.push(measured);
        }
        let [.., before, longest] = last.as_slice() else { continue };
        growths.row(growth_row(shape.name, before, longest, &mut each));
    }
    part.table(&growths);
    part.goal_of_each(each);
    part.paragraph(
        "The least of several compilations is one for which the allocator had its pages already, so hardly any of it is \
         the kernel's. What grows beside the instructions, which are counted below, is the time that they wait for memory: \
         the trees and the code of a function take about 3 kilobytes a line. Those of 100 lines stay in the caches of one \
         core from stage to stage, those of 1,000 nearly do; those of 10,000 come from main memory, or from the cache that \
         all cores and the machine's other guests share.",
    );
    part.paragraph(
        "The code generator has no goal here, and its growth says where it changes its ways: below 1, the shorter function is the \
         one that is still optimised. The single pass goes over all values that are alive, at the head of every block and for \
         every block that leads there, which is blocks times values: in `many returns` the constant of each test is alive up \
         to its return, and all returns stand behind all tests; in `many locals, ifs` the locals of the first half are \
         read in the second.",
    );
    part.table(&times);
    count_instructions(&mut part, settings)?;
    if settings.only.is_none() {
        files(&mut part, &context, settings)?;
    }
    Ok(part)
}

/// Counts the instructions of our own stages for functions of the last two lengths.
fn count_instructions(part: &mut Part, settings: &Settings) -> Result<()> {
    if settings.quick {
        part.paragraph("Instructions were not counted: that takes minutes.");
        return Ok(());
    }
    if !stages::is_available() {
        part.paragraph("Instructions were not counted: valgrind is not installed.");
        return Ok(());
    }
    let [.., middle, longest] = LINES;
    part.paragraph(format!(
        "Instructions of the same stages, counted by callgrind: growth from {} to {} lines, and in the last column how many \
         of all stages a line of the longest takes. The goal is at most {GOAL} for every stage that has a hundredth of them \
         or more.",
        digits(middle as f64),
        digits(longest as f64)
    ));
    let mut head = vec!["growth of instructions"];
    head.extend(STAGES);
    head.extend(["own stages", "goal", "a line"]);
    let mut table = Table::new(&head);
    let mut each =
        Each::new(format!("growth of the instructions of our own stages, at most {GOAL}, each shape and stage"));
    for shape in SHAPES.iter().filter(|shape| settings.only.as_deref().is_none_or(|only| shape.name == only)) {
        let mut counts = Vec::new();
        for lines in [middle, longest] {
            let count = shape.source(lines).lines().count() as f64;
            let mut stages = stages::count(shape, lines, &STAGES)?;
            stages.push(stages.iter().sum());
            stages.iter_mut().for_each(|stage| *stage /= count);
            eprintln!("scale {}, {lines} lines, instructions: {stages:.0?}", shape.name);
            counts.push(stages);
        }
        let (before, after) = (&counts[0], &counts[1]);
        let all = after[STAGES.len()];
        let growths: Vec<f64> = before.iter().zip(after).map(|(before, after)| after / before).collect();
        let counted = growths.iter().zip(after).filter(|(_, count)| **count >= all / 100.0);
        let most = counted.map(|(growth, _)| *growth).max_by(f64::total_cmp).unwrap_or(0.0);
        let reached = each.row(shape.name, &format!("{most:.2}"), most <= GOAL);
        let figures = growths.iter().map(|growth| format!("{growth:.2}"));
        let ends = [reached.to_owned(), digits(all)];
        table.row([shape.name.to_owned()].into_iter().chain(figures).chain(ends));
    }
    part.table(&table);
    part.goal_of_each(each);
    Ok(())
}

/// Growth of each figure, and whether that of our own stages reaches the goal.
fn growth_row(name: &str, before: &[f64], longest: &[f64], each: &mut Each) -> Vec<String> {
    let growths: Vec<f64> = before.iter().zip(longest).map(|(before, longest)| longest / before).collect();
    let own = growths.get(STAGES.len()).copied().unwrap_or(f64::INFINITY);
    let reached = each.row(name, &format!("{own:.2}"), own <= GOAL);
    let figures = growths.iter().map(|growth| format!("{growth:.2}"));
    [name.to_owned()].into_iter().chain(figures).chain([reached.to_owned()]).collect()
}

/// Microseconds per line: of each stage, of all of our own, of the code generator, of the whole.
fn measure(context: &CompilationContext, shape: &Shape, lines: usize, rounds: usize) -> Result<Vec<f64>> {
    let text = shape.source(lines);
    let count = text.lines().count() as f64;
    let request = CompileRequest::new(Source::new("scale.py", text)).function("f").reuse(false);
    let mut least: Option<Vec<f64>> = None;
    // What is short is measured more often: a moment of something else weighs more there.
    for _ in 0..rounds * (10_000 / lines).clamp(1, 20) {
        let mut clock = Clock::default();
        let begin = processor_time();
        let result =
            compile_observed(context, &request, &mut clock).map_err(|error| anyhow!("{}: {error}", shape.name))?;
        let whole = (processor_time() - begin).as_secs_f64() * 1e6;
        drop(result);
        let stage = |name: &str| clock.stages.get(name).copied().unwrap_or(0.0);
        let mut times: Vec<f64> = STAGES.iter().map(|name| stage(name)).collect();
        times.extend([0.0, stage(BACKEND), whole]);
        let least = least.get_or_insert_with(|| times.clone());
        least.iter_mut().zip(&times).for_each(|(least, time)| *least = least.min(*time));
    }
    let mut least = least.context("no rounds")?;
    least[STAGES.len()] = least[..STAGES.len()].iter().sum();
    least.iter_mut().for_each(|time| *time /= count);
    Ok(least)
}

/// What is done with a file.
type Work = fn(&CompilationContext, &Source, usize) -> Result<()>;

/// Measures files of many functions.
fn files(part: &mut Part, context: &CompilationContext, settings: &Settings) -> Result<()> {
    part.paragraph(
        "Files of many functions, half of them helpers and half of them nodes that each use one and a constant of the \
         module. Microseconds of processor time per function of the file: to check all of it, to compile its last node, and \
         to compile each node once from one tree with passes and the interpreter in the place of the code generator.",
    );
    let works: [(&str, Work); 3] =
        [("check", check_all), ("compile the last node", compile_last), ("compile every node", compile_all)];
    let mut head = vec!["work".to_owned()];
    head.extend(FUNCTIONS.map(|functions| format!("{} functions", statistics::count(functions))));
    head.extend(["growth", "goal"].map(str::to_owned));
    let head: Vec<&str> = head.iter().map(String::as_str).collect();
    let mut table = Table::new(&head);
    let mut each = Each::new(format!("growth of the time of files of many functions, at most {GOAL}, each work"));
    for (name, work) in works {
        let mut row = vec![name.to_owned()];
        let mut times = Vec::new();
        for functions in FUNCTIONS {
            let source = Source::new("scale.py", file(functions));
            let mut least = f64::INFINITY;
            for _ in 0..settings.scale_rounds * (5_000 / functions).clamp(1, 10) {
                let begin = processor_time();
                work(context, &source, functions)?;
                least = least.min((processor_time() - begin).as_secs_f64() * 1e6);
            }
            eprintln!("scale {name}, {functions} functions: {:.2}", least / functions as f64);
            times.push(least / functions as f64);
        }
        row.extend(times.iter().copied().map(digits));
        let growth = times[2] / times[1];
        let growth_text = format!("{growth:.2}");
        let reached = each.row(name, &growth_text, growth <= GOAL).to_owned();
        row.extend([growth_text, reached]);
        table.row(row);
    }
    part.table(&table);
    part.goal_of_each(each);
    Ok(())
}

fn check_all(context: &CompilationContext, source: &Source, _functions: usize) -> Result<()> {
    let found = check(context, source);
    anyhow::ensure!(!found.has_errors(), "the file has errors: {:?}", found.iter().next());
    Ok(())
}

fn compile_last(context: &CompilationContext, source: &Source, functions: usize) -> Result<()> {
    let request = CompileRequest::new(source.clone()).function(format!("node_{}", functions / 2 - 1)).reuse(false);
    cfunc_compiler::compile(context, &request).map_err(|error| anyhow!("{error}"))?;
    Ok(())
}

fn compile_all(context: &CompilationContext, source: &Source, functions: usize) -> Result<()> {
    let parsed = Arc::new(cfunc_compiler::parse(source.text(), &cfunc_compiler::Limits::default()));
    let engine: Arc<dyn cfunc_compiler::Backend> = Arc::new(cfunc_compiler::Interpreter::new());
    for index in 0..functions / 2 {
        let request = CompileRequest::new(source.clone()).function(format!("node_{index}")).reuse(false);
        let request = request.parsed(Arc::clone(&parsed)).backend(Arc::clone(&engine));
        cfunc_compiler::compile(context, &request).map_err(|error| anyhow!("{error}"))?;
    }
    Ok(())
}

/// Processor time of each stage in microseconds.
#[derive(Default)]
struct Clock {
    begin: std::time::Duration,
    stages: BTreeMap<&'static str, f64>,
}

impl Observer for Clock {
    fn begin(&mut self, _stage: &'static str) {
        self.begin = processor_time();
    }

    fn end(&mut self, stage: &'static str) {
        *self.stages.entry(stage).or_default() += (processor_time() - self.begin).as_secs_f64() * 1e6;
    }
}
