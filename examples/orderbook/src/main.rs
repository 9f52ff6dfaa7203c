//! Runs the nodes and the same logic in Rust on a market that is made up, compares all they give, and tells how long each
//! takes: `cfunc-example-orderbook [seed [events]]`.

use std::error::Error;
use std::io::{Write, stdout};

use cfunc_compiler::default_backend;
use cfunc_example_orderbook::contest::{Chunk, Contestant, Ended, Tally, run};
use cfunc_example_orderbook::{Bars, Imbalance, Maker, Market, Microprice, Sweeps, context};

/// Whatever the nodes are, a run is as long as this.
const EVENTS: usize = 1_000_000;

/// A contestant and what it has done.
struct Entry<C> {
    contestant: C,
    tally: Tally,
}

impl<C: Contestant> Entry<C> {
    fn new(contestant: C) -> Self {
        Self { contestant, tally: Tally::default() }
    }

    fn run(&mut self, chunk: &Chunk) -> Result<(), Ended> {
        run(&mut self.contestant, chunk, &mut self.tally)
    }

    fn report(&self, out: &mut impl Write) -> std::io::Result<()> {
        let (Tally { events, outputs, .. }, (node, logic)) = (self.tally, self.tally.nanoseconds());
        let ratio = node / logic;
        writeln!(out, "{:<12} {events:>9} {outputs:>9} {node:>9.1} {logic:>9.1} {ratio:>7.2}", C::NAME)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let seed: u64 = arguments.next().map_or(Ok(1), |text| text.parse())?;
    let count: usize = arguments.next().map_or(Ok(EVENTS), |text| text.parse())?;

    let (context, engine) = (context()?, default_backend()?);
    let mut imbalance = Entry::new(Imbalance::new(&context, &engine)?);
    let mut microprice = Entry::new(Microprice::new(&context, &engine)?);
    let mut sweeps = Entry::new(Sweeps::new(&context, &engine)?);
    let mut bars = Entry::new(Bars::new(&context, &engine)?);
    let mut maker = Entry::new(Maker::new(&context, &engine)?);

    let (mut market, mut chunk, mut left) = (Market::new(seed), Chunk::new(), count);
    while left > 0 {
        chunk.fill(&mut market, left);
        imbalance.run(&chunk)?;
        microprice.run(&chunk)?;
        sweeps.run(&chunk)?;
        bars.run(&chunk)?;
        maker.run(&chunk)?;
        left -= chunk.len();
    }

    let mut out = stdout().lock();
    writeln!(out, "seed {seed}: {count} events; every output is that of Rust, to the bit")?;
    writeln!(out, "{:<12} {:>9} {:>9} {:>9} {:>9} {:>7}", "node", "events", "outputs", "ns", "Rust ns", "ratio")?;
    imbalance.report(&mut out)?;
    microprice.report(&mut out)?;
    sweeps.report(&mut out)?;
    bars.report(&mut out)?;
    maker.report(&mut out)?;
    let (settled, positions) = maker.contestant.stop()?;
    if settled != positions {
        return Err(format!("the maker settled {settled:?}, Rust {positions:?}").into());
    }
    writeln!(out, "the maker settled {settled:?}")?;
    Ok(())
}
