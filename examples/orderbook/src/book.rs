//! The host's order book: what is bid and asked of one symbol, by price level.

use crate::records::{Level, Side};

/// How many price levels of a side a book holds at most; the ones farthest from the best are dropped.
pub const DEPTH: usize = 64;

/// Prices are whole numbers of ticks; this is what a tick is worth.
pub const TICK: f64 = 0.01;

/// One side of a book, the best level first.
#[derive(Clone, Debug)]
struct Half {
    levels: [Level; DEPTH],
    /// The prices of the levels, in ticks.
    ticks: [i64; DEPTH],
    count: usize,
    /// 1 where a lower price is better, which the asks are, else -1.
    direction: i64,
}

impl Half {
    fn new(direction: i64) -> Self {
        Self { levels: [Level::default(); DEPTH], ticks: [0; DEPTH], count: 0, direction }
    }

    /// Where the level of a price is, or where it would be.
    fn position(&self, price: i64) -> Result<usize, usize> {
        let rank = |price: i64| price * self.direction;
        self.ticks[..self.count].binary_search_by_key(&rank(price), |known| rank(*known))
    }

    fn size(&self, price: i64) -> i64 {
        self.position(price).map_or(0, |index| self.levels[index].size)
    }

    fn set(&mut self, price: i64, size: i64) {
        match self.position(price) {
            Ok(index) if size > 0 => self.levels[index].size = size,
            Ok(index) => {
                self.levels.copy_within(index + 1..self.count, index);
                self.ticks.copy_within(index + 1..self.count, index);
                self.count -= 1;
            }
            Err(_) if size <= 0 => {}
            Err(DEPTH) => {}
            Err(index) => {
                let moved = self.count.min(DEPTH - 1);
                self.levels.copy_within(index..moved, index + 1);
                self.ticks.copy_within(index..moved, index + 1);
                self.levels[index] = Level { price: TICK * price as f64, size };
                self.ticks[index] = price;
                self.count = moved + 1;
            }
        }
    }
}

/// The order book of one symbol.
#[derive(Clone, Debug)]
pub struct OrderBook {
    bids: Half,
    asks: Half,
}

impl Default for OrderBook {
    fn default() -> Self {
        Self::new()
    }
}

impl OrderBook {
    /// A book without orders.
    pub fn new() -> Self {
        Self { bids: Half::new(-1), asks: Half::new(1) }
    }

    fn half(&self, side: Side) -> &Half {
        if side == Side::BUY { &self.bids } else { &self.asks }
    }

    /// Sets how much is bid or asked at a price in ticks; 0 takes the level away.
    pub fn set(&mut self, side: Side, price: i64, size: i64) {
        let half = if side == Side::BUY { &mut self.bids } else { &mut self.asks };
        half.set(price, size);
    }

    /// How much is bid or asked at a price in ticks.
    pub fn size_at(&self, side: Side, price: i64) -> i64 {
        self.half(side).size(price)
    }

    /// The best price of a side in ticks; `None` where there is none.
    pub fn best(&self, side: Side) -> Option<i64> {
        let half = self.half(side);
        half.ticks[..half.count].first().copied()
    }

    /// How many levels a side has.
    pub fn depth(&self, side: Side) -> usize {
        self.half(side).count
    }

    /// A level, the best one at 0; `None` beyond the last.
    pub fn level(&self, side: Side, index: usize) -> Option<&Level> {
        let half = self.half(side);
        half.levels[..half.count].get(index)
    }
}

#[cfg(test)]
mod tests {
    use super::{DEPTH, OrderBook};
    use crate::records::Side;

    #[test]
    fn levels_are_sorted_and_found() {
        let mut book = OrderBook::new();
        for (price, size) in [(100, 5), (102, 7), (99, 1), (101, 3)] {
            book.set(Side::BUY, price, size);
            book.set(Side::SELL, 10 + price, size);
        }
        let sizes = |book: &OrderBook, side| -> Vec<i64> {
            (0..book.depth(side)).filter_map(|index| book.level(side, index)).map(|level| level.size).collect()
        };
        assert_eq!(sizes(&book, Side::BUY), [7, 3, 5, 1]);
        assert_eq!(sizes(&book, Side::SELL), [1, 5, 3, 7]);
        assert_eq!((book.best(Side::BUY), book.best(Side::SELL)), (Some(102), Some(109)));
        book.set(Side::BUY, 102, 0);
        book.set(Side::BUY, 98, 0);
        book.set(Side::BUY, 100, 9);
        assert_eq!(sizes(&book, Side::BUY), [3, 9, 1]);
        assert_eq!((book.size_at(Side::BUY, 100), book.size_at(Side::BUY, 102)), (9, 0));
        assert!(book.level(Side::BUY, 3).is_none());
    }

    #[test]
    fn the_levels_farthest_away_are_dropped() {
        let mut book = OrderBook::new();
        for price in 0..2 * DEPTH as i64 {
            book.set(Side::BUY, price, 1 + price);
            book.set(Side::SELL, price, 1 + price);
        }
        assert_eq!((book.depth(Side::BUY), book.depth(Side::SELL)), (DEPTH, DEPTH));
        assert_eq!((book.best(Side::BUY), book.best(Side::SELL)), (Some(2 * DEPTH as i64 - 1), Some(0)));
        assert_eq!(book.size_at(Side::SELL, DEPTH as i64), 0);
    }
}
