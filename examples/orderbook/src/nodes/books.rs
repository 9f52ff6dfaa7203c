//! Nodes of one book and one float.

use std::fmt;
use std::marker::PhantomData;
use std::sync::Arc;

use cfunc_compiler::{Backend, CompilationContext, CompileRequest, OutputHandle, compile};
use cfunc_example_timeseries::TimeSeriesNode;

use super::{Failure, created, request};
use crate::book::OrderBook;
use crate::contest::{Chunk, Contestant};
use crate::events::Event;
use crate::logic;

/// How many levels `imbalance` looks at.
const LEVELS: usize = 5;

/// A node that makes a float of a book.
pub trait OfBook: fmt::Debug {
    /// Its name.
    const NAME: &'static str;

    /// Gives its constants.
    fn constants(request: CompileRequest) -> CompileRequest {
        request
    }

    /// The same in Rust.
    fn logic(book: &OrderBook) -> Option<f64>;
}

/// What the node `imbalance` is.
#[derive(Debug)]
pub enum OfImbalance {}

impl OfBook for OfImbalance {
    const NAME: &'static str = "imbalance";

    fn constants(request: CompileRequest) -> CompileRequest {
        request.constant("levels", LEVELS as i64)
    }

    #[inline]
    fn logic(book: &OrderBook) -> Option<f64> {
        logic::imbalance(book, LEVELS)
    }
}

/// What the node `microprice` is.
#[derive(Debug)]
pub enum OfMicroprice {}

impl OfBook for OfMicroprice {
    const NAME: &'static str = "microprice";

    #[inline]
    fn logic(book: &OrderBook) -> Option<f64> {
        logic::microprice(book)
    }
}

/// `imbalance`.
pub type Imbalance = BookNode<OfImbalance>;

/// `microprice`.
pub type Microprice = BookNode<OfMicroprice>;

/// A node of one book and one float.
#[derive(Debug)]
pub struct BookNode<T> {
    node: TimeSeriesNode,
    result: OutputHandle<f64>,
    kind: PhantomData<T>,
}

impl<T: OfBook> BookNode<T> {
    /// The node.
    ///
    /// # Errors
    ///
    /// Where it cannot be made.
    pub fn new(context: &CompilationContext, engine: &Arc<dyn Backend>) -> Result<Self, Failure> {
        let node = created(&compile(context, &T::constants(request(T::NAME, Arc::clone(engine))))?)?;
        let result = node.instance().output(0)?;
        Ok(Self { node, result, kind: PhantomData })
    }
}

impl<T: OfBook> Contestant for BookNode<T> {
    const NAME: &'static str = T::NAME;
    type Output = f64;

    fn concerns(_event: &Event) -> bool {
        true
    }

    fn begin(&mut self, chunk: &Chunk) -> Result<(), Failure> {
        // SAFETY: nothing changes the book while the chunk is gone through, and the node runs then alone; START reads none.
        unsafe { self.node.tick_pointer(0, chunk.first_address(0)) }?;
        if !self.node.instance().is_started() {
            self.node.start()?;
        }
        Ok(())
    }

    unsafe fn node(&mut self, chunk: &Chunk, index: usize) -> Result<Option<f64>, Failure> {
        // SAFETY: the book is there, and nothing changes it, until the node has another one, which is before its next
        // tick.
        unsafe { self.node.tick_pointer(0, chunk.address(index)) }?;
        self.node.execute()?;
        Ok(self.node.instance().ticked(self.result))
    }

    fn logic(&mut self, chunk: &Chunk, index: usize) -> Option<f64> {
        T::logic(chunk.book(index))
    }
}
