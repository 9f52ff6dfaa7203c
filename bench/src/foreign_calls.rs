//! What a call of a Rust function costs a node, beside a direct call in Rust.

use std::hint::black_box;
use std::sync::Arc;
use std::time::Instant;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{
    CompilationContext, CompileRequest, Effects, Extension, ExtensionId, ForeignObject, Registrar, RegistrationError,
    Source, SymbolTable, Value, compile, defaults, foreign_function,
};

use crate::goals::Each;
use crate::host::{Host, function};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits};

/// How many nanoseconds more than a direct call a call may take.
const GOAL: f64 = 5.0;

/// Calls of the function in a call of the node.
const CALLS: i64 = 1_000;

/// Calls of the node in a sample.
const COLUMN: usize = 16;

/// How many numbers a probe has.
const NUMBERS: usize = 16;

/// An object of the host.
#[derive(Clone, Debug)]
struct Probe {
    numbers: [Number; NUMBERS],
    sum: i64,
}

/// A part of a probe.
#[derive(Clone, Copy, Debug)]
struct Number {
    value: i64,
}

// SAFETY: the probe of this module is the only object of the type.
unsafe impl ForeignObject for Probe {
    const TYPE: &'static str = "Probe";
}

// SAFETY: as above, of a probe's parts.
unsafe impl ForeignObject for Number {
    const TYPE: &'static str = "Number";
}

impl Probe {
    /// The name by which nodes are bound to it.
    const NAME: &'static str = "the_probe";

    fn new() -> Self {
        Self { numbers: std::array::from_fn(|index| Number { value: 3 * index as i64 }), sum: 0 }
    }
}

fn mixed(first: i64, second: i64) -> i64 {
    first ^ second
}

fn number_probe(probe: &Probe, index: i64) -> i64 {
    usize::try_from(index).ok().and_then(|index| probe.numbers.get(index)).map_or(0, |number| number.value)
}

fn checked_probe(probe: &Probe, index: i64) -> Result<i64, String> {
    let number = usize::try_from(index).ok().and_then(|index| probe.numbers.get(index));
    number.map(|number| number.value).ok_or_else(|| format!("there is no number {index}"))
}

fn find_probe(probe: &Probe, index: i64) -> Option<&Number> {
    probe.numbers.get(usize::try_from(index).ok()?)
}

fn value_number(number: &Number) -> i64 {
    number.value
}

fn change_probe(probe: &mut Probe, by: i64) -> i64 {
    probe.sum += by;
    probe.sum
}

struct Probes;

impl Extension for Probes {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("bench.probes", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let number = registrar.opaque_type(Number::TYPE)?;
        let probe = registrar.opaque_type(Probe::TYPE)?;
        let reads = Effects::ReadsInternal;
        registrar
            .foreign_function(foreign_function!(fn mixed(first: i64, second: i64) -> i64).effects(Effects::Pure))?;
        registrar.foreign_methods(
            number,
            "number",
            [foreign_function!(fn value_number(number: &Number) -> i64).effects(reads)],
        )?;
        let methods = [
            foreign_function!(fn number_probe(probe: &Probe, index: i64) -> i64).effects(reads),
            foreign_function!(fn checked_probe(probe: &Probe, index: i64) -> Result<i64, String>).effects(reads),
            foreign_function!(fn find_probe(probe: &Probe, index: i64) -> Option<&Number>).effects(reads),
            foreign_function!(fn change_probe(probe: &mut Probe, by: i64) -> i64),
        ];
        registrar.foreign_methods(probe, "probe", methods)
    }
}

/// A way to call, and the same in Rust. What is called there is an address that the compiler does not know, so that neither
/// is inlined.
struct Way {
    signature: &'static str,
    call: &'static str,
    /// How many calls the expression makes.
    calls: f64,
    rust: fn(&mut Probe, i64) -> i64,
}

fn ways() -> [Way; 5] {
    [
        Way {
            signature: "`fn(i64, i64) -> i64`",
            call: "mixed(i, x)",
            calls: 1.0,
            rust: |_, x| {
                let function = black_box(mixed as fn(i64, i64) -> i64);
                (0..CALLS).fold(0, |total, i| total + function(i, x))
            },
        },
        Way {
            signature: "`fn(&Probe, i64) -> i64`",
            call: "probe.number(i & 15)",
            calls: 1.0,
            rust: |probe, _| {
                let function = black_box(number_probe as fn(&Probe, i64) -> i64);
                (0..CALLS).fold(0, |total, i| total + function(probe, i & 15))
            },
        },
        Way {
            signature: "`fn(&Probe, i64) -> Result<i64, String>`",
            call: "probe.checked(i & 15)",
            calls: 1.0,
            rust: |probe, _| {
                let function = black_box(checked_probe as fn(&Probe, i64) -> Result<i64, String>);
                (0..CALLS).fold(0, |total, i| total + function(probe, i & 15).unwrap_or(0))
            },
        },
        Way {
            signature: "`fn(&Probe, i64) -> Option<&Number>`, `fn(&Number) -> i64`",
            call: "probe.find(i & 15).value()",
            calls: 2.0,
            rust: |probe, _| {
                let function = black_box(find_probe as fn(&Probe, i64) -> Option<&Number>);
                let value = black_box(value_number as fn(&Number) -> i64);
                (0..CALLS).fold(0, |total, i| total + function(probe, i & 15).map_or(0, value))
            },
        },
        Way {
            signature: "`fn(&mut Probe, i64) -> i64`",
            call: "probe.change(i)",
            calls: 1.0,
            rust: |probe, _| {
                let function = black_box(change_probe as fn(&mut Probe, i64) -> i64);
                (0..CALLS).fold(0, |total, i| total + function(probe, i))
            },
        },
    ]
}

/// Measures calls, each way beside its like in Rust.
///
/// # Errors
///
/// A node does not compile, or gives something else than Rust.
pub(crate) fn measure(settings: &Settings, part: &mut Part) -> Result<()> {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Probes);
    let context = builder.build().map_err(|error| anyhow!("{error}"))?;
    part.paragraph(
        "What a call of a Rust function costs, in nanoseconds, where it stands in a loop of a thousand: from a node, through the \
         thunk that `foreign_function!` makes, and in Rust, where the function is called by an address that the compiler \
         does not know. The loops take a nanosecond a round or less.",
    );
    let mut table = Table::new(&["function", "from a node", "in Rust", "more than in Rust", "goal"]);
    let mut each = Each::new(format!("a call of a Rust function at most {GOAL} ns more than in Rust, each"));
    for way in ways() {
        let (node, rust) = times(&context, settings, &way)?;
        let more = node.median - rust.median;
        table.row([
            way.signature.to_owned(),
            node.to_string(),
            rust.to_string(),
            digits(more),
            each.row(way.signature, &digits(more), more <= GOAL).to_owned(),
        ]);
    }
    part.table(&table);
    let reached = part.goal_of_each(each);
    part.paragraph(format!("The goal is at most {GOAL} nanoseconds more than in Rust, reached by {reached}."));
    Ok(())
}

fn times(context: &CompilationContext, settings: &Settings, way: &Way) -> Result<(Spread, Spread)> {
    let text = format!(
        "def calls(x: Signal[int], probe: Probe) -> Signal[int]:\n    total = 0\n    for i in range({CALLS}):\n        \
         total += {}\n    return total\n",
        way.call
    );
    let probe = Box::into_raw(Box::new(Probe::new()));
    let mut symbols = SymbolTable::new();
    // SAFETY: the probe is freed below, where the code is gone.
    unsafe { symbols.register_object(Probe::NAME, probe.cast_const().cast()) };
    let request = CompileRequest::new(Source::new("calls.py", text))
        .symbols(Arc::new(symbols))
        .constant("probe", Value::object(Probe::TYPE, Probe::NAME));
    let measured = measured(context, settings, way, &request);
    // SAFETY: made by `Box::into_raw` above, and nothing that leads to it is left.
    drop(unsafe { Box::from_raw(probe) });
    measured
}

fn measured(
    context: &CompilationContext,
    settings: &Settings,
    way: &Way,
    request: &CompileRequest,
) -> Result<(Spread, Spread)> {
    let result = compile(context, request).map_err(|error| anyhow!("{error}"))?;
    let node = function(result.function_pointer().context("no native code")?);
    let host = Host::new(&result)?;
    // SAFETY: the host was made for the node.
    unsafe { host.start(node) };
    let column: Vec<u64> = (0..COLUMN as u64).collect();
    let mut probe = Probe::new();
    let (mut of_node, mut of_rust) = (Vec::new(), Vec::new());
    let each = CALLS as f64 * way.calls;
    for _ in 0..settings.tick_rounds * 4 {
        // SAFETY: as above.
        of_node.push(unsafe { host.drive_one(black_box(node), &column) } / each);
        let (begin, mut last) = (Instant::now(), 0);
        for x in &column {
            last = black_box(way.rust)(&mut probe, x.cast_signed());
        }
        of_rust.push(begin.elapsed().as_nanos() as f64 / column.len() as f64 / each);
        ensure!(host.first_output() == (last.cast_unsigned(), true), "{} gives something else", way.signature);
    }
    let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
    Ok((of(&of_node)?, of(&of_rust)?))
}
