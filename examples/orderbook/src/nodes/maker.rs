//! The market maker.

use std::sync::Arc;

use cfunc_compiler::{AccessError, Backend, CompilationContext, OutputHandle, Value, compile};
use cfunc_example_timeseries::{Series, TimeSeriesNode, symbols};

use super::{Failure, by_symbol, created, output, request};
use crate::contest::{Chunk, Contestant, WORDS, Words};
use crate::events::{Event, SYMBOLS};
use crate::functions::Ledger;
use crate::logic;
use crate::records::{Quote, Trade};

/// How far the market maker's prices are from the middle.
const EDGE: f64 = 0.02;
/// How much it has at most.
const LIMIT: i64 = 1_000;

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
