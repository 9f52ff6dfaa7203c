//! The passes: what makes the code of simple lowering rules good on every backend.
//!
//! A pass takes one function and leaves one that does the same: every call of it gives the same results, writes the same
//! memory before anything can observe it, and touches no memory that the path taken would not have touched. Passes know
//! the IR alone, never the source language. docs/passes.md shows each with an example.

mod bits;
mod branches;
mod cells;
mod changes;
mod dead_code;
mod dead_stores;
mod fold;
mod guards;
mod hash;
mod hoist;
mod inline;
mod location;
mod loops;
mod memory;
mod number;
mod pipeline;
mod ranges;
mod repair;
mod rotate;
mod subject;

pub(crate) use hash::WordMap;
pub use pipeline::{Pass, PassError, PassLevel, PassObserver, PassStatistics, Pipeline};
