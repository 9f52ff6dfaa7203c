//! What nodes call: the methods of books and ledgers, and a function.

use std::sync::{Mutex, PoisonError};

use cfunc_compiler::{Datetime, Effects, ForeignObject, Registrar, RegistrationError, foreign_function};

use crate::book::OrderBook;
use crate::events::OPEN;
use crate::records::{Level, Side};

/// What became of the positions of nodes that were stopped.
#[derive(Debug, Default)]
pub struct Ledger {
    positions: Mutex<Vec<i64>>,
}

impl Ledger {
    /// The name that the host gives its ledger.
    pub const NAME: &'static str = "house";

    /// The positions that were settled since the last look.
    pub fn take(&self) -> Vec<i64> {
        std::mem::take(&mut self.positions.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

// SAFETY: the host gives books, and nothing else, as values of this type.
unsafe impl ForeignObject for OrderBook {
    const TYPE: &'static str = "OrderBook";
}

// SAFETY: the host gives ledgers, and nothing else, as values of this type.
unsafe impl ForeignObject for Ledger {
    const TYPE: &'static str = "Ledger";
}

fn level(book: &OrderBook, side: Side, level: i64) -> Option<&Level> {
    book.level(side, usize::try_from(level).ok()?)
}

fn bid_book(book: &OrderBook, index: i64) -> Option<&Level> {
    level(book, Side::BUY, index)
}

fn ask_book(book: &OrderBook, index: i64) -> Option<&Level> {
    level(book, Side::SELL, index)
}

fn bid_size_book(book: &OrderBook, index: i64) -> i64 {
    bid_book(book, index).map_or(0, |level| level.size)
}

fn ask_size_book(book: &OrderBook, index: i64) -> i64 {
    ask_book(book, index).map_or(0, |level| level.size)
}

fn depth_book(book: &OrderBook, side: Side) -> u32 {
    // There are at most as many levels as `DEPTH`.
    u32::try_from(book.depth(side)).unwrap_or(u32::MAX)
}

fn settle_ledger(ledger: &Ledger, position: i64) {
    ledger.positions.lock().unwrap_or_else(PoisonError::into_inner).push(position);
}

fn opening() -> Datetime {
    Datetime(OPEN)
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    let book = registrar.opaque_type(OrderBook::TYPE)?;
    // What they read is the book, which is no cell of a node.
    let methods = [
        foreign_function!(fn bid_book(book: &OrderBook, index: i64) -> Option<&Level>),
        foreign_function!(fn ask_book(book: &OrderBook, index: i64) -> Option<&Level>),
        foreign_function!(fn bid_size_book(book: &OrderBook, index: i64) -> i64),
        foreign_function!(fn ask_size_book(book: &OrderBook, index: i64) -> i64),
        foreign_function!(fn depth_book(book: &OrderBook, side: Side) -> u32),
    ];
    registrar.foreign_methods(book, "book", methods.map(|method| method.effects(Effects::ReadsInternal)))?;
    let ledger = registrar.opaque_type(Ledger::TYPE)?;
    let settle = foreign_function!(fn settle_ledger(ledger: &Ledger, position: i64));
    registrar.foreign_methods(ledger, "ledger", [settle])?;
    registrar.foreign_function(foreign_function!(fn opening() -> Datetime).effects(Effects::Pure))
}
