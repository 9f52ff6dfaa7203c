//! Runs the nodes and the same logic in Rust on a market that is made up, compares all they give, and tells how long each
//! takes: `cfunc-example-orderbook [seed [events]]`.

use std::error::Error;
use std::io::{Write, stdout};
use std::str::FromStr;

use cfunc_compiler::default_backend;
use cfunc_example_orderbook::contest::{Race, race};
use cfunc_example_orderbook::context;

/// Whatever the nodes are, a run is as long as this.
const EVENTS: usize = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed = number(arguments.next(), 1)?;
    let count = number(arguments.next(), EVENTS)?;
    let Race { tallies, settled } = race(&context()?, &default_backend()?, seed, count)?;

    let mut out = stdout().lock();
    writeln!(out, "seed {seed}: {count} events; every output is that of Rust, to the bit")?;
    writeln!(out, "{:<12} {:>9} {:>9} {:>9} {:>9} {:>7}", "node", "events", "outputs", "ns", "Rust ns", "ratio")?;
    for (name, tally) in tallies {
        let (node, logic) = tally.nanoseconds();
        let (events, outputs, ratio) = (tally.events, tally.outputs, node / logic);
        writeln!(out, "{name:<12} {events:>9} {outputs:>9} {node:>9.1} {logic:>9.1} {ratio:>7.2}")?;
    }
    writeln!(out, "the maker settled {settled:?}")?;
    Ok(())
}

/// An argument, where there is one.
fn number<T: FromStr>(argument: Option<String>, default: T) -> Result<T, String> {
    let Some(text) = argument else { return Ok(default) };
    text.parse().map_err(|_| format!("`{text}` is no number: cfunc-example-orderbook [SEED [EVENTS]]"))
}
