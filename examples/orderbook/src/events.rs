//! A market that is made up: the same events for the same seed, on every machine.

use crate::book::{OrderBook, TICK};
use crate::records::{Flags, Side, Trade};

/// The symbols of the market.
pub const SYMBOLS: [&str; 3] = ["AAPL", "MSFT", "IBM"];

/// When the market opens, in nanoseconds since 1970: 2024-01-02 14:30 in UTC.
pub const OPEN: i64 = 1_704_205_800_000_000_000;

/// How many levels a side has at least before anything is taken from it.
const LEAST_LEVELS: usize = 4;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Event {
    /// When, in nanoseconds since 1970.
    pub time: i64,
    /// The position of the symbol in [`SYMBOLS`]; its book has changed.
    pub symbol: usize,
    /// The trade, where it was one.
    pub trade: Option<Trade>,
}

/// Random numbers: splitmix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
#[derive(Clone, Debug)]
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number from 0 to below `end`.
    fn below(&mut self, end: i64) -> i64 {
        (self.next() % end.unsigned_abs().max(1)) as i64
    }
}

/// Books, and the events that change them one after the other.
#[derive(Clone, Debug)]
pub struct Market {
    /// One book a symbol, in the order of [`SYMBOLS`]; at addresses that do not change.
    books: Box<[OrderBook]>,
    random: Random,
    time: i64,
}

impl Market {
    /// A market with books that are filled already.
    pub fn new(seed: u64) -> Self {
        let mut random = Random(seed);
        let books = (10_000..).step_by(2_500).take(SYMBOLS.len()).map(|middle| {
            let mut book = OrderBook::new();
            for distance in 1..=12 {
                book.set(Side::BUY, middle - distance, 100 * (1 + random.below(9)));
                book.set(Side::SELL, middle + distance, 100 * (1 + random.below(9)));
            }
            book
        });
        let books = books.collect();
        Self { books, random, time: OPEN }
    }

    /// The books, in the order of [`SYMBOLS`].
    pub fn books(&self) -> &[OrderBook] {
        &self.books
    }

    /// Lets the next thing happen.
    pub fn advance(&mut self) -> Event {
        self.time += 1 + self.random.below(3_000_000);
        let symbol = self.random.below(SYMBOLS.len() as i64) as usize;
        let side = if self.random.below(2) == 0 { Side::BUY } else { Side::SELL };
        let trade = match self.random.below(10) {
            0..=1 => self.take(symbol, side),
            2..=4 => {
                self.cancel(symbol, side);
                None
            }
            _ => {
                self.place(symbol, side);
                None
            }
        };
        Event { time: self.time, symbol, trade }
    }

    /// Adds to a level near the best one, or makes a new one between the sides.
    fn place(&mut self, symbol: usize, side: Side) {
        let (distance, size) = (self.random.below(10) - 1, 100 * (1 + self.random.below(5)));
        let book = &mut self.books[symbol];
        let (Some(own), Some(other)) = (book.best(side), book.best(side.other())) else { return };
        let mut price = own - side.sign() * distance;
        if (other - price) * side.sign() <= 0 {
            price = own;
        }
        book.set(side, price, book.size_at(side, price) + size);
    }

    /// Takes some orders back.
    fn cancel(&mut self, symbol: usize, side: Side) {
        let (index, part) = (self.random.below(6) as usize, 1 + self.random.below(3));
        let book = &mut self.books[symbol];
        if book.depth(side) < LEAST_LEVELS {
            return;
        }
        let Some(best) = book.best(side) else { return };
        let price = best - side.sign() * index as i64;
        let size = book.size_at(side, price);
        book.set(side, price, size - size * part / 3);
    }

    /// An order that is filled at once, from the levels of the other side; the last of its fills is the trade.
    fn take(&mut self, symbol: usize, side: Side) -> Option<Trade> {
        let mut left = 100 * (1 + self.random.below(12));
        let hidden = self.random.below(20) == 0;
        let book = &mut self.books[symbol];
        let (mut filled, mut price) = (0, 0);
        while left > 0 && book.depth(side.other()) >= LEAST_LEVELS {
            price = book.best(side.other())?;
            let there = book.size_at(side.other(), price);
            let taken = there.min(left);
            book.set(side.other(), price, there - taken);
            left -= taken;
            filled += taken;
        }
        if filled == 0 {
            return None;
        }
        let mut flags = Flags::AGGRESSOR;
        if hidden {
            flags |= Flags::HIDDEN;
        }
        if left > 0 {
            flags |= Flags::IMMEDIATE;
        }
        if filled >= 1_000 {
            flags |= Flags::BLOCK;
        }
        Some(Trade { time: self.time, price: TICK * price as f64, size: filled, side, flags })
    }
}

#[cfg(test)]
mod tests {
    use super::Market;
    use crate::records::Side;

    #[test]
    fn the_same_seed_gives_the_same_events() {
        let (mut one, mut other) = (Market::new(7), Market::new(7));
        for _ in 0..10_000 {
            assert_eq!(one.advance(), other.advance());
        }
        assert_ne!(Market::new(8).advance(), Market::new(7).advance());
    }

    #[test]
    fn the_market_goes_on() {
        let mut market = Market::new(1);
        let (mut trades, mut symbols, mut time) = (0, [0; 3], 0);
        for _ in 0..100_000 {
            let event = market.advance();
            assert!(event.time > time);
            time = event.time;
            trades += usize::from(event.trade.is_some());
            symbols[event.symbol] += 1;
            for book in market.books() {
                let (bid, ask) = (book.best(Side::BUY).expect("bids"), book.best(Side::SELL).expect("asks"));
                assert!(bid < ask, "{bid} {ask}");
            }
        }
        assert!(trades > 15_000, "{trades}");
        assert!(symbols.iter().all(|count| *count > 30_000), "{symbols:?}");
    }
}
