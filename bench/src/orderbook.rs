//! The order books of `examples/orderbook`: its nodes beside the same logic in Rust, as a host of time series runs them.

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::default_backend;
use cfunc_example_orderbook::contest::{Race, Tally, race};
use cfunc_example_orderbook::context;

use crate::foreign_calls;
use crate::machine::COMPILED_FOR;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{Spread, digits};

/// The seed of the market.
const SEED: u64 = 1;

/// What a node took in the rounds.
#[derive(Clone, Debug, Default)]
struct Samples {
    node: Vec<f64>,
    logic: Vec<f64>,
    ratio: Vec<f64>,
}

impl Samples {
    fn add(&mut self, tally: Tally) {
        let (node, logic) = tally.nanoseconds();
        self.node.push(node);
        self.logic.push(logic);
        self.ratio.push(node / logic);
    }
}

/// Measures the nodes, and what calls of functions of a host cost.
///
/// # Errors
///
/// A node does not compile or fails, or does not give what Rust gives.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let mut part = Part::new("orderbook", "Order books");
    nodes(settings, &mut part)?;
    foreign_calls::measure(settings, &mut part)?;
    Ok(part)
}

fn nodes(settings: &Settings, part: &mut Part) -> Result<()> {
    let failed = |error: &dyn std::fmt::Display| anyhow!("{error}");
    let context = context().map_err(|error| failed(&error))?;
    let engine = default_backend().map_err(|error| failed(&error))?;
    let mut tallies: Option<[(&str, Tally); 5]> = None;
    let mut samples: [Samples; 5] = Default::default();
    for round in 0..=settings.orderbook_rounds {
        let Race { tallies: found, .. } =
            race(&context, &engine, SEED, settings.orderbook_events).map_err(|error| failed(&error))?;
        for ((samples, (name, tally)), before) in samples.iter_mut().zip(found).zip(tallies.unwrap_or(found)) {
            ensure!((tally.events, tally.outputs) == (before.1.events, before.1.outputs), "{name} gave something else");
            // The first one brings code and memory into the caches.
            if round > 0 {
                samples.add(tally);
            }
        }
        tallies = Some(found);
    }
    let events = digits(settings.orderbook_events as f64);
    part.paragraph(format!(
        "The nodes of `examples/orderbook` on {events} events of its market, the same in each round: nanoseconds an event \
         that concerns the node, of all that a host does for it: the typed handles that set the inputs, EXECUTE, those that \
         read the outputs. Rust is the same logic, inlined into the loop over the events where the compiler of Rust \
         wants it. Both run in turn, 128 events at a time, of which about 20 are trades, and every output is compared to \
         the bit. Node and Rust change places from one 128 to the next."
    ));
    part.paragraph(COMPILED_FOR);
    // The engine that hosts have by default.
    let engine = if engine.name() == "cranelift" { "Cranelift" } else { engine.name() };
    let mut table = Table::new(&[
        "node",
        "events",
        "outputs",
        engine,
        "Rust",
        &format!("{engine} to Rust"),
        "millions of events a second",
    ]);
    for (samples, (name, tally)) in samples.iter().zip(tallies.context("no rounds")?) {
        let of = |samples: &[f64]| Spread::of(samples).context("no rounds");
        let node = of(&samples.node)?;
        eprintln!("orderbook {name}: {node} ns");
        table.row([
            format!("`{name}`"),
            digits(tally.events as f64),
            digits(tally.outputs as f64),
            node.to_string(),
            of(&samples.logic)?.to_string(),
            of(&samples.ratio)?.to_string(),
            digits(1e3 / node.median),
        ]);
    }
    part.table(&table);
    Ok(())
}
