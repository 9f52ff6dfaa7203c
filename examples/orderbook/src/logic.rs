//! The logic of the nodes in Rust: what they are compared with, result by result, and raced against.

use crate::book::OrderBook;
use crate::events::{OPEN, SYMBOLS};
use crate::records::{Bar, Flags, Quote, Side, Trade};

/// `imbalance`.
pub fn imbalance(book: &OrderBook, levels: usize) -> Option<f64> {
    let (mut bid, mut ask) = (0, 0);
    for index in 0..levels {
        bid += book.level(Side::BUY, index).map_or(0, |level| level.size);
        ask += book.level(Side::SELL, index).map_or(0, |level| level.size);
    }
    (bid + ask != 0).then(|| (bid - ask) as f64 / (bid + ask) as f64)
}

/// `microprice`.
pub fn microprice(book: &OrderBook) -> Option<f64> {
    let (bid, ask) = (book.level(Side::BUY, 0)?, book.level(Side::SELL, 0)?);
    Some((bid.price * ask.size as f64 + ask.price * bid.size as f64) / (bid.size + ask.size) as f64)
}

/// What `sweeps` tells.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Sweep {
    /// Who traded.
    pub side: Side,
    /// How many prices.
    pub levels: i64,
    /// How much.
    pub volume: i64,
    /// Whether one of the trades was large.
    pub block: bool,
}

/// `sweeps`.
#[derive(Clone, Debug, Default)]
pub struct Sweeps {
    /// How far trades of one sweep are apart at most, in nanoseconds.
    pub window: i64,
    /// How many trades a sweep has at least.
    pub least: i64,
    last: Trade,
    flags: Flags,
    levels: i64,
    volume: i64,
}

impl Sweeps {
    /// A detector that has seen nothing.
    pub fn new(window: i64, least: i64) -> Self {
        Self { window, least, ..Self::default() }
    }

    /// Takes a trade.
    pub fn trade(&mut self, trade: &Trade) -> Option<Sweep> {
        let is_near = trade.side == self.last.side && trade.time - self.last.time <= self.window;
        let is_beyond =
            if trade.side == Side::BUY { trade.price > self.last.price } else { trade.price < self.last.price };
        if !(is_near && is_beyond) {
            (self.levels, self.volume, self.flags) = (0, 0, Flags::default());
        }
        self.levels += 1;
        self.volume += trade.size;
        self.flags |= trade.flags;
        self.last = *trade;
        let block = self.flags.contains(Flags::BLOCK);
        let sweep = Sweep { side: trade.side, levels: self.levels, volume: self.volume, block };
        (self.levels >= self.least).then_some(sweep)
    }
}

/// `bars`.
#[derive(Clone, Debug, Default)]
pub struct Bars {
    /// How long a bar is, in nanoseconds.
    pub length: i64,
    bar: Bar,
    turnover: f64,
}

impl Bars {
    /// Bars of a length, without trades.
    pub fn new(length: i64) -> Self {
        Self { length, ..Self::default() }
    }

    /// Takes a trade; gives the bar that has ended, with its average price.
    pub fn trade(&mut self, trade: &Trade) -> Option<(Bar, f64)> {
        let mut ended = None;
        if self.bar.trades > 0 && trade.time - self.bar.start >= self.length {
            ended = Some((self.bar, self.turnover / self.bar.volume as f64));
            self.bar.trades = 0;
        }
        if self.bar.trades == 0 {
            let start = trade.time - (trade.time - OPEN).rem_euclid(self.length);
            self.bar = Bar { start, open: trade.price, high: trade.price, low: trade.price, ..Bar::default() };
            self.turnover = 0.0;
        }
        let bar = &mut self.bar;
        bar.high = if trade.price > bar.high { trade.price } else { bar.high };
        bar.low = if trade.price < bar.low { trade.price } else { bar.low };
        bar.close = trade.price;
        bar.volume += trade.size;
        if trade.side == Side::BUY {
            bar.bought += trade.size;
        }
        bar.trades += 1;
        bar.flags |= trade.flags;
        self.turnover += trade.price * trade.size as f64;
        ended
    }
}

/// `maker`.
#[derive(Clone, Debug)]
pub struct Maker {
    edge: f64,
    limit: i64,
    quotes: Vec<Quote>,
    positions: Vec<i64>,
    cash: f64,
}

impl Maker {
    /// A market maker that has nothing.
    pub fn new(edge: f64, limit: i64) -> Self {
        let count = SYMBOLS.len();
        Self { edge, limit, quotes: vec![Quote::default(); count], positions: vec![0; count], cash: 0.0 }
    }

    /// Takes what happened to the book of a symbol.
    pub fn event(
        &mut self,
        books: [&OrderBook; SYMBOLS.len()],
        symbol: usize,
        trade: Option<&Trade>,
    ) -> Option<(Quote, i64, f64)> {
        let mine = self.quotes[symbol];
        let position = &mut self.positions[symbol];
        match trade {
            Some(trade) if trade.flags.contains(Flags::HIDDEN) => {}
            Some(trade) if trade.side == Side::SELL && trade.price <= mine.bid => {
                let size = trade.size.min(mine.bid_size);
                *position += size;
                self.cash -= size as f64 * mine.bid;
            }
            Some(trade) if trade.side == Side::BUY && trade.price >= mine.ask => {
                let size = trade.size.min(mine.ask_size);
                *position -= size;
                self.cash += size as f64 * mine.ask;
            }
            _ => {}
        }
        let best = |symbol: usize, side| books[symbol].level(side, 0).map(|level| level.price);
        let middle = (best(symbol, Side::BUY)? + best(symbol, Side::SELL)?) / 2.0;
        let shift = self.edge * *position as f64 / self.limit as f64;
        let quote = Quote {
            bid: middle - self.edge - shift,
            ask: middle + self.edge - shift,
            bid_size: (self.limit - *position).clamp(0, 100),
            ask_size: (self.limit + *position).clamp(0, 100),
        };
        self.quotes[symbol] = quote;
        Some((quote, *position, best(0, Side::BUY)? / best(1, Side::BUY)?))
    }

    /// What it has of each symbol.
    pub fn positions(&self) -> &[i64] {
        &self.positions
    }
}
