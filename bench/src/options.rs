//! What options cost: the same node with one of them and without.

use std::hint::black_box;
use std::num::NonZeroU64;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{
    CompilationContext, CompilationOptions, CompileRequest, ErrorModel, NodeInstance, Source, compile,
};

use crate::compile::context;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::Spread;

/// Compilations whose code lies at different addresses; each round takes another one.
const COPIES: usize = 4;

/// Slices of a round, whose median is the round's figure.
const SLICES: usize = 9;

/// A node that is run.
struct Bench {
    name: &'static str,
    text: &'static str,
    /// Ticks in a slice.
    ticks: usize,
}

const BENCHES: [Bench; 3] = [
    Bench {
        name: "scalar",
        text: "\
def node(x: Signal[float]) -> Signal[float]:
    mean: State[float] = 0.0
    count: State[int] = 0
    count += 1
    mean += (x - mean) / count
    return mean
",
        ticks: 4_096,
    },
    Bench {
        name: "loop of 1,000",
        text: "\
def node(x: Signal[float]) -> Signal[float]:
    bits = 0
    total = 0.0
    for i in range(1000):
        bits += (i ^ bits) & 255
        total += x / (i + 1.0)
    return total + bits
",
        ticks: 32,
    },
    Bench {
        name: "list of 64",
        text: "\
def node(x: Signal[float]) -> Signal[float]:
    window: State[list[float]] = []
    window.append(x)
    if len(window) > 64:
        window.pop(0)
    scaled: list[float] = []
    for value in window:
        scaled.append(value - x)
    total = 0.0
    for i in range(len(scaled)):
        total += scaled[i] * scaled[i]
    return total / len(scaled)
",
        ticks: 512,
    },
];

/// What is set.
struct Setting {
    name: &'static str,
    options: fn(CompilationOptions) -> CompilationOptions,
    instance: fn(&mut NodeInstance) -> Result<()>,
}

/// The options. What each is compared with is the default.
const SETTINGS: [Setting; 6] = [
    Setting { name: "interruptible", options: interruptible, instance: |_| Ok(()) },
    Setting {
        name: "interruptible, with a handle",
        options: interruptible,
        instance: |node| {
            node.interrupt_handle();
            Ok(())
        },
    },
    Setting {
        name: "interruptible, deadline of a second",
        options: interruptible,
        instance: |node| {
            node.set_deadline(Some(Duration::from_secs(1)));
            Ok(())
        },
    },
    Setting {
        name: "checked integers",
        options: |options| CompilationOptions { checked_integers: true, ..options },
        instance: |_| Ok(()),
    },
    Setting {
        name: "Python error model",
        options: |options| CompilationOptions { error_model: ErrorModel::Python, ..options },
        instance: |_| Ok(()),
    },
    Setting {
        name: "memory limit of 1 MB",
        options: |options| options,
        instance: |node| node.set_memory_limit(NonZeroU64::new(1 << 20)).map_err(|error| anyhow!("{error:?}")),
    },
];

fn interruptible(options: CompilationOptions) -> CompilationOptions {
    CompilationOptions { interruptible: true, ..options }
}

/// Measures options.
///
/// # Errors
///
/// A node does not compile or fails, or gives something else with an option.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let mut part = Part::new("options", "Cost of options");
    part.paragraph(
        "Nanoseconds a tick through `NodeInstance` (`set`, `execute`, `ticked`) with one option, and of the same node without \
         any, in slices that run in turn. No option ends a call here. A deadline, a handle of interruption and a limit of memory \
         are settings of the instance, which are handed to the thread for each call; the others are compiled in.",
    );
    let mut table = Table::new(&["node", "by", "without", "with", "with to without"]);
    for bench in &BENCHES {
        for setting in &SETTINGS {
            let [without, with, ratio] = measure(&context, settings, bench, setting)
                .with_context(|| format!("{}, {}", bench.name, setting.name))?;
            eprintln!("options {}, {}: {ratio}", bench.name, setting.name);
            let times = [without, with, ratio].map(|spread| spread.to_string());
            table.row([bench.name.to_owned(), setting.name.to_owned()].into_iter().chain(times));
        }
    }
    part.table(&table);
    Ok(part)
}

fn instances(
    context: &CompilationContext,
    bench: &Bench,
    options: &CompilationOptions,
    set: fn(&mut NodeInstance) -> Result<()>,
) -> Result<Vec<NodeInstance>> {
    let make = |_| {
        let request = CompileRequest::new(Source::new("node.py", bench.text));
        // Each copy is code of its own.
        let request = request.options(options.clone()).reuse(false);
        let mut node = compile(context, &request).map_err(|error| anyhow!("{error}"))?.instantiate()?;
        set(&mut node)?;
        node.start().map_err(|error| anyhow!("{error:?}"))?;
        Ok(node)
    };
    (0..COPIES).map(make).collect()
}

/// Times without and with a setting, and the ratio of the medians of each round.
fn measure(context: &CompilationContext, settings: &Settings, bench: &Bench, setting: &Setting) -> Result<[Spread; 3]> {
    let plain = CompilationOptions::default();
    let mut nodes = [
        instances(context, bench, &plain, |_| Ok(()))?,
        instances(context, bench, &(setting.options)(plain.clone()), setting.instance)?,
    ];
    let mut samples = [Vec::new(), Vec::new(), Vec::new()];
    for round in 0..=settings.option_rounds {
        let mut slices = [Vec::new(), Vec::new()];
        let mut sums = [0.0; 2];
        for slice in 0..SLICES {
            // Whichever comes second finds other caches: they take turns.
            for which in if slice % 2 == 0 { [0, 1] } else { [1, 0] } {
                let (time, sum) = drive(&mut nodes[which][round % COPIES], bench.ticks)?;
                slices[which].push(time);
                sums[which] += sum;
            }
        }
        ensure!(sums[0].to_bits() == sums[1].to_bits(), "the results differ");
        let medians = slices.map(|times| Spread::of(&times).map_or(f64::NAN, |spread| spread.median));
        if round > 0 {
            samples[0].push(medians[0]);
            samples[1].push(medians[1]);
            samples[2].push(medians[1] / medians[0]);
        }
    }
    let mut spreads = samples.iter().map(|samples| Spread::of(samples).context("no rounds"));
    let mut next = || spreads.next().context("three figures")?;
    Ok([next()?, next()?, next()?])
}

/// Nanoseconds a tick, and the sum of what came out.
#[inline(never)]
fn drive(node: &mut NodeInstance, ticks: usize) -> Result<(f64, f64)> {
    let (input, output) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
    let mut sum = 0.0;
    let begin = Instant::now();
    for tick in 0..ticks {
        node.set(input, black_box(tick as f64 * 0.25));
        node.execute().map_err(|error| anyhow!("{error:?}"))?;
        sum += node.ticked(output).unwrap_or(0.0);
    }
    Ok((begin.elapsed().as_nanos() as f64 / ticks as f64, sum))
}
