//! Nodes and their logic in Rust on the same events: whether they say the same, and how long each takes.
//!
//! Events come in chunks, each with the book as it was after it: a clock that is read for every event would take as long
//! as what it measures.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use cfunc_compiler::{Backend, CompilationContext};

use crate::book::OrderBook;
use crate::events::{Event, Market, SYMBOLS};
use crate::nodes::{Bars, Failure, Imbalance, Maker, Microprice, Sweeps};

/// How many events a chunk has; its books fit into the caches of most machines.
const EVENTS: usize = 128;

/// How many words an output has at most.
pub const WORDS: usize = 9;

/// What a node gives, bit by bit.
pub trait Words {
    /// The bits; zero where there are fewer.
    fn words(&self) -> [u64; WORDS];
}

impl Words for f64 {
    fn words(&self) -> [u64; WORDS] {
        let mut words = [0; WORDS];
        words[0] = self.to_bits();
        words
    }
}

/// A node, and the same in Rust.
pub trait Contestant {
    /// The name of the node.
    const NAME: &'static str;
    /// What it gives.
    type Output: Words + fmt::Debug;

    /// Whether it is called for an event.
    fn concerns(event: &Event) -> bool;

    /// Says that the events of a chunk come next.
    ///
    /// # Errors
    ///
    /// Where the node does not take its books.
    fn begin(&mut self, _chunk: &Chunk) -> Result<(), Failure> {
        Ok(())
    }

    /// Runs the node on an event of the chunk.
    ///
    /// # Errors
    ///
    /// What ended the call.
    ///
    /// # Safety
    ///
    /// [`Contestant::begin`] was told of the chunk, and neither was it changed since, nor another one begun.
    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<Self::Output>, Failure>;

    /// The same in Rust.
    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<Self::Output>;
}

/// Events one after the other, each with the book of its symbol after it.
#[derive(Debug)]
pub struct Chunk {
    events: Vec<Event>,
    /// The books before the first event, by symbol, and the one after each event.
    books: Vec<OrderBook>,
    /// Where the newest book of each symbol is, after each event.
    newest: Vec<[usize; SYMBOLS.len()]>,
}

impl Chunk {
    /// A chunk without events.
    pub fn new() -> Self {
        Self { events: Vec::new(), books: Vec::new(), newest: Vec::new() }
    }

    /// Replaces what is there by the next events of a market, at most so many.
    pub fn fill(&mut self, market: &mut Market, most: usize) {
        self.events.clear();
        self.books.clear();
        self.newest.clear();
        self.books.extend_from_slice(market.books());
        let mut newest: [usize; SYMBOLS.len()] = std::array::from_fn(|symbol| symbol);
        for _ in 0..EVENTS.min(most) {
            let event = market.advance();
            newest[event.symbol] = self.books.len();
            self.books.push(market.books()[event.symbol].clone());
            self.newest.push(newest);
            self.events.push(event);
        }
    }

    /// How many events there are.
    pub fn len(&self) -> usize {
        self.events.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.events.is_empty()
    }

    /// The event at a position.
    pub fn event(&self, index: usize) -> &Event {
        &self.events[index]
    }

    /// The book that an event changed, after it.
    pub fn book(&self, index: usize) -> &OrderBook {
        &self.books[SYMBOLS.len() + index]
    }

    /// The books of all symbols after an event.
    pub fn books(&self, index: usize) -> [&OrderBook; SYMBOLS.len()] {
        self.newest[index].map(|book| &self.books[book])
    }

    /// The address of [`Chunk::book`], for nodes, which read it.
    pub fn address(&self, index: usize) -> *mut u8 {
        std::ptr::from_ref(self.book(index)).cast_mut().cast()
    }

    /// The address of a symbol's book before the first event.
    pub fn first_address(&self, symbol: usize) -> *mut u8 {
        std::ptr::from_ref(&self.books[symbol]).cast_mut().cast()
    }
}

impl Default for Chunk {
    fn default() -> Self {
        Self::new()
    }
}

/// What a contestant has done so far.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// The chunks of events.
    pub chunks: u64,
    /// The events that it was called for.
    pub events: u64,
    /// How often it gave something.
    pub outputs: u64,
    /// What the node took: inputs, EXECUTE, outputs.
    pub node: Duration,
    /// What the same took in Rust.
    pub logic: Duration,
}

impl Tally {
    /// Nanoseconds that an event took, of the node and in Rust.
    pub fn nanoseconds(&self) -> (f64, f64) {
        let each = |time: Duration| time.as_secs_f64() * 1e9 / self.events.max(1) as f64;
        (each(self.node), each(self.logic))
    }
}

/// Why a contest ended.
#[derive(Debug)]
pub enum Ended {
    /// The node failed.
    Failure(Failure),
    /// The node and Rust do not agree.
    Difference(String),
}

impl fmt::Display for Ended {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Failure(failure) => failure.fmt(formatter),
            Self::Difference(text) => formatter.write_str(text),
        }
    }
}

impl std::error::Error for Ended {}

impl From<Failure> for Ended {
    fn from(failure: Failure) -> Self {
        Self::Failure(failure)
    }
}

/// Runs a node and the same in Rust on a chunk, and compares every output to the bit.
///
/// # Errors
///
/// Where the node fails, or an output differs.
pub fn run<C: Contestant>(contestant: &mut C, chunk: &Chunk, tally: &mut Tally) -> Result<(), Ended> {
    contestant.begin(chunk)?;
    let concerned: Vec<usize> = (0..chunk.events.len()).filter(|index| C::concerns(chunk.event(*index))).collect();
    let (mut of_node, mut of_logic) = (Vec::with_capacity(concerned.len()), Vec::with_capacity(concerned.len()));
    // Each is first in half of the chunks: the second finds the books in the nearest cache.
    let node_is_first = tally.chunks.is_multiple_of(2);
    tally.chunks += 1;
    for turn in [node_is_first, !node_is_first] {
        let before = Instant::now();
        if turn {
            for index in &concerned {
                // SAFETY: the chunk was begun above, and is borrowed since.
                of_node.push(unsafe { contestant.node(chunk, *index) }?);
            }
            tally.node += before.elapsed();
        } else {
            of_logic.extend(concerned.iter().map(|index| contestant.logic(chunk, *index)));
            tally.logic += before.elapsed();
        }
    }
    for ((index, node), logic) in concerned.iter().zip(&of_node).zip(&of_logic) {
        if node.as_ref().map(Words::words) != logic.as_ref().map(Words::words) {
            let (name, event) = (C::NAME, chunk.event(*index));
            return Err(Ended::Difference(format!("{name} gives {node:?}, Rust {logic:?}, for {event:?}")));
        }
    }
    tally.events += concerned.len() as u64;
    tally.outputs += of_node.iter().flatten().count() as u64;
    Ok(())
}

/// A contestant and what it has done.
#[derive(Debug)]
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

    fn tally(&self) -> (&'static str, Tally) {
        (C::NAME, self.tally)
    }
}

/// What all nodes did on a market.
#[derive(Clone, Debug)]
pub struct Race {
    /// Each node by its name.
    pub tallies: [(&'static str, Tally); 5],
    /// What the market maker settled, by symbol.
    pub settled: Vec<i64>,
}

/// Runs all nodes, and the same in Rust, on the first so many events of the market of a seed.
///
/// # Errors
///
/// Where a node cannot be made or fails, or does not give what Rust gives.
pub fn race(context: &CompilationContext, engine: &Arc<dyn Backend>, seed: u64, events: usize) -> Result<Race, Ended> {
    let mut imbalance = Entry::new(Imbalance::new(context, engine)?);
    let mut microprice = Entry::new(Microprice::new(context, engine)?);
    let mut sweeps = Entry::new(Sweeps::new(context, engine)?);
    let mut bars = Entry::new(Bars::new(context, engine)?);
    let mut maker = Entry::new(Maker::new(context, engine)?);
    let (mut market, mut chunk, mut left) = (Market::new(seed), Chunk::new(), events);
    while left > 0 {
        chunk.fill(&mut market, left);
        imbalance.run(&chunk)?;
        microprice.run(&chunk)?;
        sweeps.run(&chunk)?;
        bars.run(&chunk)?;
        maker.run(&chunk)?;
        left -= chunk.len();
    }
    let tallies = [imbalance.tally(), microprice.tally(), sweeps.tally(), bars.tally(), maker.tally()];
    let (settled, positions) = maker.contestant.stop()?;
    if settled != positions {
        return Err(Ended::Difference(format!("the maker settled {settled:?}, Rust {positions:?}")));
    }
    Ok(Race { tallies, settled })
}
