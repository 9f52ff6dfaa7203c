//! Nodes that take the trades of one symbol.

use std::fmt;
use std::sync::Arc;

use cfunc_compiler::{Backend, CompilationContext, CompilationResult, CompileRequest, OutputHandle, Value, compile};
use cfunc_example_timeseries::{Series, TimeSeriesNode};

use super::{Failure, by_symbol, output, request, started};
use crate::contest::{Chunk, Contestant, WORDS, Words};
use crate::events::{Event, SYMBOLS};
use crate::logic::{self, Sweep};
use crate::records::{Bar, Side, Trade};

/// How far trades of one sweep are apart at most: half a second.
const WINDOW: i64 = 500_000_000;
/// How many trades a sweep has at least.
const LEAST: i64 = 3;
/// How long a bar is: a second.
const LENGTH: i64 = 1_000_000_000;

/// A node that takes trades, by the handles to its outputs.
pub trait OfTrades: fmt::Debug + Sized {
    /// Its name.
    const NAME: &'static str;
    /// What it gives.
    type Output: Words + fmt::Debug;
    /// The same in Rust.
    type Logic: fmt::Debug;

    /// Gives its constants.
    fn constants(request: CompileRequest) -> CompileRequest;

    /// Finds its outputs.
    ///
    /// # Errors
    ///
    /// Where one is not there, or of another type.
    fn outputs(node: &TimeSeriesNode) -> Result<Self, Failure>;

    /// What the last tick gave.
    fn ticked(&self, node: &TimeSeriesNode) -> Option<Self::Output>;

    /// The logic at its begin.
    fn begin() -> Self::Logic;

    /// Gives the logic a trade.
    fn trade(logic: &mut Self::Logic, trade: &Trade) -> Option<Self::Output>;
}

/// The outputs of `sweeps`.
#[derive(Debug)]
pub struct SweepOutputs {
    side: OutputHandle<i16>,
    levels: OutputHandle<i64>,
    volume: OutputHandle<i64>,
    block: OutputHandle<bool>,
}

impl OfTrades for SweepOutputs {
    const NAME: &'static str = "sweeps";
    type Output = Sweep;
    type Logic = logic::Sweeps;

    fn constants(request: CompileRequest) -> CompileRequest {
        request.constant("window", Value::Timedelta(WINDOW)).constant("least", LEAST)
    }

    fn outputs(node: &TimeSeriesNode) -> Result<Self, Failure> {
        Ok(Self {
            side: output(node, "side")?,
            levels: output(node, "levels")?,
            volume: output(node, "volume")?,
            block: output(node, "block")?,
        })
    }

    #[inline]
    fn ticked(&self, node: &TimeSeriesNode) -> Option<Sweep> {
        let node = node.instance();
        // They tick together.
        let side = node.ticked(self.side)?;
        let (levels, volume) = (node.ticked(self.levels)?, node.ticked(self.volume)?);
        Some(Sweep { side: Side::from_number(side), levels, volume, block: node.ticked(self.block)? })
    }

    fn begin() -> logic::Sweeps {
        logic::Sweeps::new(WINDOW, LEAST)
    }

    #[inline]
    fn trade(logic: &mut logic::Sweeps, trade: &Trade) -> Option<Sweep> {
        logic.trade(trade)
    }
}

/// The outputs of `bars`.
#[derive(Debug)]
pub struct BarOutputs {
    bar: OutputHandle<Bar>,
    average: OutputHandle<f64>,
}

impl OfTrades for BarOutputs {
    const NAME: &'static str = "bars";
    type Output = (Bar, f64);
    type Logic = logic::Bars;

    fn constants(request: CompileRequest) -> CompileRequest {
        request.constant("length", Value::Timedelta(LENGTH))
    }

    fn outputs(node: &TimeSeriesNode) -> Result<Self, Failure> {
        Ok(Self { bar: output(node, "bar")?, average: output(node, "average")? })
    }

    #[inline]
    fn ticked(&self, node: &TimeSeriesNode) -> Option<(Bar, f64)> {
        let node = node.instance();
        Some((node.ticked(self.bar)?, node.ticked(self.average)?))
    }

    fn begin() -> logic::Bars {
        logic::Bars::new(LENGTH)
    }

    #[inline]
    fn trade(logic: &mut logic::Bars, trade: &Trade) -> Option<(Bar, f64)> {
        logic.trade(trade)
    }
}

/// `sweeps`, for each symbol.
pub type Sweeps = TradeNodes<SweepOutputs>;

/// `bars`, for each symbol.
pub type Bars = TradeNodes<BarOutputs>;

/// A node of one symbol.
#[derive(Debug)]
struct Single<T> {
    node: TimeSeriesNode,
    trade: Series<Trade>,
    outputs: T,
}

impl<T: OfTrades> Single<T> {
    fn new(result: &CompilationResult) -> Result<Self, Failure> {
        let node = started(result)?;
        Ok(Self { trade: node.series("trade")?, outputs: T::outputs(&node)?, node })
    }
}

/// Nodes that take trades, one for each symbol.
#[derive(Debug)]
pub struct TradeNodes<T: OfTrades> {
    result: CompilationResult,
    nodes: [Single<T>; SYMBOLS.len()],
    logic: [T::Logic; SYMBOLS.len()],
}

impl<T: OfTrades> TradeNodes<T> {
    /// The nodes.
    ///
    /// # Errors
    ///
    /// Where they cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let result = compile(context, &T::constants(request(T::NAME, Arc::clone(engine))))?;
        let nodes = by_symbol(|_| Single::new(&result))?;
        Ok(Self { result, nodes, logic: std::array::from_fn(|_| T::begin()) })
    }

    /// Makes new nodes that hold what those before held.
    ///
    /// # Errors
    ///
    /// Where a node cannot be made, or takes no snapshot.
    pub fn replace(&mut self) -> Result<(), Failure> {
        for old in &mut self.nodes {
            let mut new = Single::new(&self.result)?;
            new.node.restore(&old.node.instance().snapshot()?)?;
            *old = new;
        }
        Ok(())
    }
}

impl<T: OfTrades> Contestant for TradeNodes<T> {
    const NAME: &'static str = T::NAME;
    type Output = T::Output;

    fn concerns(event: &Event) -> bool {
        event.trade.is_some()
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<T::Output>, Failure> {
        let event = chunk.event(index);
        let Some(trade) = event.trade else { return Ok(None) };
        let single = &mut self.nodes[event.symbol];
        single.node.tick_as(single.trade, trade);
        single.node.execute()?;
        Ok(single.outputs.ticked(&single.node))
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<T::Output> {
        let event = chunk.event(index);
        T::trade(&mut self.logic[event.symbol], event.trade.as_ref()?)
    }
}

impl Words for Sweep {
    fn words(&self) -> [u64; WORDS] {
        let words = [self.side.sign(), self.levels, self.volume, self.block.into(), 0, 0, 0, 0, 0];
        words.map(i64::cast_unsigned)
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
