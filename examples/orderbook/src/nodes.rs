//! The nodes of `nodes.py`, each beside its logic in Rust.

use std::fmt;
use std::sync::Arc;

use cfunc_compiler::{
    AccessError, Backend, CellValue, CompilationContext, CompilationResult, CompileError, CompileRequest,
    InstantiateError, NodeError, OutputHandle, SnapshotError, Source, Value, compile,
};
use cfunc_example_timeseries::{Runtime, Series, TimeSeriesNode, symbols};

use crate::contest::{Chunk, Contestant, WORDS, Words};
use crate::events::{Event, SYMBOLS};
use crate::functions::Ledger;
use crate::logic::{self, Sweep};
use crate::records::{Bar, Quote, Side, Trade};

/// How many levels `imbalance` looks at.
const LEVELS: usize = 5;
/// How far trades of one sweep are apart at most: half a second.
const WINDOW: i64 = 500_000_000;
/// How many trades a sweep has at least.
const LEAST: i64 = 3;
/// How long a bar is: a second.
const LENGTH: i64 = 1_000_000_000;
/// How far the market maker's prices are from the middle.
const EDGE: f64 = 0.02;
/// How much it has at most.
const LIMIT: i64 = 1_000;

/// Why a node cannot be made, or does not go on.
#[derive(Debug)]
pub enum Failure {
    /// It does not compile.
    Compile(CompileError),
    /// It has no instance.
    Instantiate(InstantiateError),
    /// Its inputs or outputs are not what they should be.
    Access(AccessError),
    /// A call ended with an error.
    Node(NodeError),
    /// What it holds does not become that of another one.
    Snapshot(SnapshotError),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compile(error) => error.fmt(formatter),
            Self::Instantiate(error) => error.fmt(formatter),
            Self::Access(error) => error.fmt(formatter),
            Self::Node(error) => error.fmt(formatter),
            Self::Snapshot(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Failure {}

macro_rules! failures {
    ($($variant:ident($error:ty),)*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

failures! {
    Compile(CompileError),
    Instantiate(InstantiateError),
    Access(AccessError),
    Node(NodeError),
    Snapshot(SnapshotError),
}

/// The request for a node of `nodes.py`, by its name.
pub fn request(node: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py")))
        .function(node)
        .symbols(Arc::new(symbols()))
        .backend(engine)
}

/// A node whose objects the host has not given yet.
fn created(result: &CompilationResult) -> Result<TimeSeriesNode, Failure> {
    Ok(TimeSeriesNode::new(result, Arc::new(Runtime::default()))?)
}

fn started(result: &CompilationResult) -> Result<TimeSeriesNode, Failure> {
    let mut node = created(result)?;
    node.start()?;
    Ok(node)
}

/// One started node for each symbol.
fn by_symbol<T>(make: impl FnMut(&str) -> Result<T, Failure>) -> Result<[T; SYMBOLS.len()], Failure> {
    let all = SYMBOLS.into_iter().map(make).collect::<Result<Vec<T>, Failure>>()?;
    Ok(all.try_into().unwrap_or_else(|_| unreachable!("one for each symbol")))
}

fn output<T: CellValue>(node: &TimeSeriesNode, name: &str) -> Result<OutputHandle<T>, Failure> {
    Ok(node.instance().output_named(name)?)
}

/// A node of one book and one float.
#[derive(Debug)]
struct OfBook {
    node: TimeSeriesNode,
    result: OutputHandle<f64>,
}

impl OfBook {
    fn new(result: &CompilationResult) -> Result<Self, Failure> {
        let node = created(result)?;
        let result = node.instance().output(0)?;
        Ok(Self { node, result })
    }

    fn run(&mut self, chunk: &Chunk, index: usize) -> Result<Option<f64>, Failure> {
        // SAFETY: the book is there, and nothing changes it, until the node has another one, which is before its next
        // tick.
        unsafe { self.node.tick_pointer(0, chunk.address(index)) }?;
        if !self.node.instance().is_started() {
            self.node.start()?;
        }
        self.node.execute()?;
        Ok(self.node.instance().ticked(self.result))
    }
}

/// `imbalance`.
#[derive(Debug)]
pub struct Imbalance(OfBook);

impl Imbalance {
    /// The node.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let request = request("imbalance", Arc::clone(engine)).constant("levels", LEVELS as i64);
        Ok(Self(OfBook::new(&compile(context, &request)?)?))
    }
}

impl Contestant for Imbalance {
    const NAME: &'static str = "imbalance";
    type Output = f64;

    fn concerns(_event: &Event) -> bool {
        true
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<f64>, Failure> {
        self.0.run(chunk, index)
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<f64> {
        logic::imbalance(chunk.book(index), LEVELS)
    }
}

/// `microprice`.
#[derive(Debug)]
pub struct Microprice(OfBook);

impl Microprice {
    /// The node.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let request = request("microprice", Arc::clone(engine));
        Ok(Self(OfBook::new(&compile(context, &request)?)?))
    }
}

impl Contestant for Microprice {
    const NAME: &'static str = "microprice";
    type Output = f64;

    fn concerns(_event: &Event) -> bool {
        true
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<f64>, Failure> {
        self.0.run(chunk, index)
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<f64> {
        logic::microprice(chunk.book(index))
    }
}

/// `sweeps` of a symbol.
#[derive(Debug)]
struct SweepsNode {
    node: TimeSeriesNode,
    trade: Series<Trade>,
    side: OutputHandle<i16>,
    levels: OutputHandle<i64>,
    volume: OutputHandle<i64>,
    block: OutputHandle<bool>,
}

impl SweepsNode {
    fn new(result: &CompilationResult) -> Result<Self, Failure> {
        let node = started(result)?;
        Ok(Self {
            trade: node.series("trade")?,
            side: output(&node, "side")?,
            levels: output(&node, "levels")?,
            volume: output(&node, "volume")?,
            block: output(&node, "block")?,
            node,
        })
    }

    fn run(&mut self, trade: &Trade) -> Result<Option<Sweep>, Failure> {
        self.node.tick_as(self.trade, *trade);
        self.node.execute()?;
        let node = self.node.instance();
        let all = (node.ticked(self.side), node.ticked(self.levels), node.ticked(self.volume), node.ticked(self.block));
        let (Some(side), Some(levels), Some(volume), Some(block)) = all else { return Ok(None) };
        Ok(Some(Sweep { side: Side::from_number(side), levels, volume, block }))
    }
}

/// `sweeps`, for each symbol.
#[derive(Debug)]
pub struct Sweeps {
    result: CompilationResult,
    nodes: [SweepsNode; SYMBOLS.len()],
    logic: [logic::Sweeps; SYMBOLS.len()],
}

impl Sweeps {
    /// The nodes.
    ///
    /// # Errors
    ///
    /// Where they cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let request =
            request("sweeps", Arc::clone(engine)).constant("window", Value::Timedelta(WINDOW)).constant("least", LEAST);
        let result = compile(context, &request)?;
        let nodes = by_symbol(|_| SweepsNode::new(&result))?;
        Ok(Self { result, nodes, logic: std::array::from_fn(|_| logic::Sweeps::new(WINDOW, LEAST)) })
    }

    /// Makes new nodes that hold what those before held.
    ///
    /// # Errors
    ///
    /// Where a node cannot be made, or takes no snapshot.
    pub fn replace(&mut self) -> Result<(), Failure> {
        for old in &mut self.nodes {
            let mut new = SweepsNode::new(&self.result)?;
            new.node.restore(&old.node.instance().snapshot()?)?;
            *old = new;
        }
        Ok(())
    }
}

impl Contestant for Sweeps {
    const NAME: &'static str = "sweeps";
    type Output = Sweep;

    fn concerns(event: &Event) -> bool {
        event.trade.is_some()
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<Sweep>, Failure> {
        let event = chunk.event(index);
        event.trade.as_ref().map_or(Ok(None), |trade| self.nodes[event.symbol].run(trade))
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<Sweep> {
        let event = chunk.event(index);
        self.logic[event.symbol].trade(event.trade.as_ref()?)
    }
}

impl Words for Sweep {
    fn words(&self) -> [u64; WORDS] {
        let words = [self.side.sign(), self.levels, self.volume, self.block.into(), 0, 0, 0, 0, 0];
        words.map(i64::cast_unsigned)
    }
}

/// `bars` of a symbol.
#[derive(Debug)]
struct BarsNode {
    node: TimeSeriesNode,
    trade: Series<Trade>,
    bar: OutputHandle<Bar>,
    average: OutputHandle<f64>,
}

impl BarsNode {
    fn new(result: &CompilationResult) -> Result<Self, Failure> {
        let node = started(result)?;
        Ok(Self { trade: node.series("trade")?, bar: output(&node, "bar")?, average: output(&node, "average")?, node })
    }

    fn run(&mut self, trade: &Trade) -> Result<Option<(Bar, f64)>, Failure> {
        self.node.tick_as(self.trade, *trade);
        self.node.execute()?;
        let node = self.node.instance();
        Ok(node.ticked(self.bar).zip(node.ticked(self.average)))
    }
}

/// `bars`, for each symbol.
#[derive(Debug)]
pub struct Bars {
    result: CompilationResult,
    nodes: [BarsNode; SYMBOLS.len()],
    logic: [logic::Bars; SYMBOLS.len()],
}

impl Bars {
    /// The nodes.
    ///
    /// # Errors
    ///
    /// Where they cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let request = request("bars", Arc::clone(engine)).constant("length", Value::Timedelta(LENGTH));
        let result = compile(context, &request)?;
        let nodes = by_symbol(|_| BarsNode::new(&result))?;
        Ok(Self { result, nodes, logic: std::array::from_fn(|_| logic::Bars::new(LENGTH)) })
    }

    /// Makes new nodes that hold what those before held.
    ///
    /// # Errors
    ///
    /// Where a node cannot be made, or takes no snapshot.
    pub fn replace(&mut self) -> Result<(), Failure> {
        for old in &mut self.nodes {
            let mut new = BarsNode::new(&self.result)?;
            new.node.restore(&old.node.instance().snapshot()?)?;
            *old = new;
        }
        Ok(())
    }
}

impl Contestant for Bars {
    const NAME: &'static str = "bars";
    type Output = (Bar, f64);

    fn concerns(event: &Event) -> bool {
        event.trade.is_some()
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<(Bar, f64)>, Failure> {
        let event = chunk.event(index);
        event.trade.as_ref().map_or(Ok(None), |trade| self.nodes[event.symbol].run(trade))
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<(Bar, f64)> {
        let event = chunk.event(index);
        self.logic[event.symbol].trade(event.trade.as_ref()?)
    }
}

impl Words for (Bar, f64) {
    fn words(&self) -> [u64; WORDS] {
        let (bar, average) = self;
        let counts = (u64::from(bar.trades.cast_unsigned()) << 32) | u64::from(bar.flags.0);
        [
            bar.start.cast_unsigned(),
            bar.open.to_bits(),
            bar.high.to_bits(),
            bar.low.to_bits(),
            bar.close.to_bits(),
            bar.volume.cast_unsigned(),
            bar.bought.cast_unsigned(),
            counts,
            average.to_bits(),
        ]
    }
}

/// `maker`.
#[derive(Debug)]
pub struct Maker {
    node: TimeSeriesNode,
    books: [usize; SYMBOLS.len()],
    trade: Series<Trade>,
    symbol: Series<i64>,
    quote: OutputHandle<Quote>,
    position: OutputHandle<i64>,
    lead: OutputHandle<f64>,
    logic: logic::Maker,
    // Behind the node, which is stopped while it is there.
    ledger: Arc<Ledger>,
}

impl Maker {
    /// The node.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let ledger = Arc::new(Ledger::default());
        let mut symbols = symbols();
        // SAFETY: the ledger outlives the node.
        unsafe { symbols.register_object(Ledger::NAME, Arc::as_ptr(&ledger).cast()) };
        let request = request("maker", Arc::clone(engine))
            .symbols(Arc::new(symbols))
            .constant("edge", EDGE)
            .constant("limit", LIMIT)
            .constant("ledger", Value::object("Ledger", Ledger::NAME));
        let node = created(&compile(context, &request)?)?;
        let books = by_symbol(|symbol| {
            let name = format!("books[\"{symbol}\"]");
            Ok(node.instance().input_index(&name).ok_or(AccessError::NoSuchInput(name))?)
        })?;
        Ok(Self {
            books,
            trade: node.series("trade")?,
            symbol: node.series("symbol")?,
            quote: output(&node, "quote")?,
            position: output(&node, "position")?,
            lead: output(&node, "lead")?,
            logic: logic::Maker::new(EDGE, LIMIT),
            node,
            ledger,
        })
    }

    /// Stops the node: the positions that it settled, and those of the logic.
    ///
    /// # Errors
    ///
    /// What ended STOP.
    pub fn stop(mut self) -> Result<(Vec<i64>, Vec<i64>), Failure> {
        self.node.stop()?;
        Ok((self.ledger.take(), self.logic.positions().to_vec()))
    }
}

impl Contestant for Maker {
    const NAME: &'static str = "maker";
    type Output = (Quote, i64, f64);

    fn concerns(_event: &Event) -> bool {
        true
    }

    fn begin(&mut self, chunk: &Chunk) -> Result<(), Failure> {
        for (symbol, input) in self.books.into_iter().enumerate() {
            // SAFETY: the books of the chunk are there, and nothing changes them, whenever the node runs; STOP reads none.
            unsafe { self.node.tick_pointer(input, chunk.first_address(symbol)) }?;
        }
        if !self.node.instance().is_started() {
            self.node.start()?;
        }
        Ok(())
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<Self::Output>, Failure> {
        let event = chunk.event(index);
        // SAFETY: as where a chunk begins.
        unsafe { self.node.tick_pointer(self.books[event.symbol], chunk.address(index)) }?;
        self.node.tick_as(self.symbol, event.symbol as i64);
        if let Some(trade) = event.trade {
            self.node.tick_as(self.trade, trade);
        }
        self.node.execute()?;
        let node = self.node.instance();
        let (quote, position, lead) = (node.ticked(self.quote), node.ticked(self.position), node.ticked(self.lead));
        Ok(quote.zip(position).zip(lead).map(|((quote, position), lead)| (quote, position, lead)))
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<Self::Output> {
        let event = chunk.event(index);
        self.logic.event(chunk.books(index), event.symbol, event.trade.as_ref())
    }
}

impl Words for (Quote, i64, f64) {
    fn words(&self) -> [u64; WORDS] {
        let (quote, position, lead) = self;
        [
            quote.bid.to_bits(),
            quote.ask.to_bits(),
            quote.bid_size.cast_unsigned(),
            quote.ask_size.cast_unsigned(),
            position.cast_unsigned(),
            lead.to_bits(),
            0,
            0,
            0,
        ]
    }
}
