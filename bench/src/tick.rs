//! What a call costs once a function is compiled.

use std::ffi::c_void;
use std::hint::black_box;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, CompilationResult, NodeInstance, compile};

use crate::bare;
use crate::cases::{self, ALPHA};
use crate::compile::context;
use crate::host::{Host, NodeFunction, function};
use crate::machine::COMPILED_FOR;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits};
use crate::tick_cases;

/// How many times the time of the same function in Rust a call may take.
const GOAL: f64 = 1.1;

/// Prices that are fed in turn, and calls in a slice.
const COLUMN: usize = 4096;

/// Compilations whose code lies at different addresses; each round calls another one.
const COPIES: usize = 8;

/// The moving average as a node, written in Rust.
///
/// # Safety
///
/// The pointers are those of the ABI, for one float input, one float state and one float output.
unsafe extern "C" fn rust_ema(
    outputs: *mut *mut c_void,
    output_ticked: *mut i8,
    states: *mut *mut c_void,
    phase: i8,
    inputs: *mut *mut c_void,
    _input_ticked: *mut i8,
    _input_valid: *mut i8,
) {
    if phase != 0 {
        return;
    }
    // SAFETY: the caller's promise; each array has one pointer, which leads to a cell of 8 bytes.
    unsafe {
        let input = (*inputs).cast::<f64>().read();
        let state = (*states).cast::<f64>();
        let next = ALPHA * input + (1.0 - ALPHA) * state.read();
        state.write(next);
        (*outputs).cast::<f64>().write(next);
        output_ticked.write(1);
    }
}

/// Measures calls.
///
/// # Errors
///
/// A source does not compile, or results differ.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let mut part = Part::new("tick", "Ticks");
    part.paragraph(
        "Nanoseconds a call of EXECUTE under the C ABI: by address, on real arrays, in one loop that stores the next \
         input and calls. What is compared runs in turn in slices of 4,096 calls, so that what else the machine does hits \
         single slices; a round gives the median of its slices, and takes code at another address.",
    );
    part.paragraph(COMPILED_FOR);
    ema(&context, settings, &mut part)?;
    tick_cases::measure(&context, settings, &mut part)?;
    Ok(part)
}

/// A price series that wanders, the same in each run.
fn prices() -> Vec<f64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut price = 100.0;
    std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        price += (state >> 11) as f64 / (1_u64 << 53) as f64 - 0.5;
        price
    })
    .take(COLUMN)
    .collect()
}

fn compiled(context: &CompilationContext) -> Result<CompilationResult> {
    compile(context, &cases::ema()).map_err(|error| anyhow!("{error}"))
}

fn native(result: &CompilationResult) -> Result<NodeFunction> {
    Ok(function(result.function_pointer().context("no native code")?))
}

/// The bits of the average's last value after a run over the column.
fn last_value(result: &CompilationResult, node: NodeFunction, column: &[u64]) -> Result<(u64, bool)> {
    let host = Host::new(result)?;
    // SAFETY: all that is passed here is the moving average.
    unsafe { host.drive_one(node, column) };
    Ok(host.first_output())
}

fn ema(context: &CompilationContext, settings: &Settings, part: &mut Part) -> Result<()> {
    let prices = prices();
    let column: Vec<u64> = prices.iter().map(|price| price.to_bits()).collect();
    let results: Vec<CompilationResult> = (0..COPIES).map(|_| compiled(context)).collect::<Result<_>>()?;
    let bare = bare::compile_ema(ALPHA)?;
    let in_rust = black_box(rust_ema as NodeFunction);
    let expected = last_value(&results[0], in_rust, &column)?;
    for node in [native(&results[0])?, function(bare.address())] {
        ensure!(last_value(&results[0], node, &column)? == expected, "the moving averages differ");
    }
    let names = [
        "compiled, through the C ABI",
        "the same in Rust, opt-level 3, through the C ABI",
        "the same written by hand for the code generator",
        "`NodeInstance`: `set`, `execute`, `ticked`",
    ];
    let mut samples = names.map(|_| Vec::new());
    let mut ratios = Vec::new();
    for round in 0..=settings.tick_rounds {
        let result = &results[round % COPIES];
        let host = Host::new(result)?;
        let functions = [native(result)?, in_rust, function(bare.address())];
        // SAFETY: it is the moving average, which the host was made for.
        unsafe { host.start(functions[0]) };
        let mut instance = result.instantiate()?;
        instance.start().map_err(|error| anyhow!("{error:?}"))?;
        let mut slices = names.map(|_| Vec::new());
        for _ in 0..settings.tick_slices {
            for (times, node) in slices.iter_mut().zip(functions) {
                // SAFETY: all of them are the moving average, for one input, one state and one output.
                times.push(unsafe { host.drive_one(black_box(node), &column) });
            }
            slices[3].push(drive_instance(&mut instance, &prices)?);
        }
        if round > 0 {
            let medians = slices.map(|times| Spread::of(&times).map_or(f64::NAN, |times| times.median));
            samples.iter_mut().zip(medians).for_each(|(times, median)| times.push(median));
            ratios.push(medians[0] / medians[1]);
        }
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    let ratio = of(&ratios)?;
    part.paragraph("The moving average of four lines:");
    let mut table = Table::new(&["`ema`", "nanoseconds a call"]);
    for (name, times) in names.iter().zip(&samples) {
        table.row([(*name).to_owned(), of(times)?.to_string()]);
    }
    let goal = format!("`ema`, Cranelift to Rust through the same ABI, at most {GOAL}");
    let reached = part.goal(goal, digits(ratio.median), ratio.median <= GOAL);
    table.row(["**ratio to Rust**".to_owned(), format!("**{ratio}**, goal at most {GOAL}: {reached}")]);
    part.table(&table);
    Ok(())
}

/// Nanoseconds a tick of a node instance over the prices: the input set, executed, the output read.
#[inline(never)]
fn drive_instance(node: &mut NodeInstance, prices: &[f64]) -> Result<f64> {
    let (input, output) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
    let mut sum = 0.0;
    let begin = Instant::now();
    for price in prices {
        node.set(input, *price);
        node.execute().map_err(|error| anyhow!("{error:?}"))?;
        if let Some(value) = node.ticked(output) {
            sum += value;
        }
    }
    let time = begin.elapsed().as_nanos() as f64 / prices.len() as f64;
    ensure!(black_box(sum).is_finite(), "the average is finite");
    Ok(time)
}
