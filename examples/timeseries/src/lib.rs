//! Time series as a host's own extension, written against the facade alone.
//!
//! - Inputs `x: Ts[float]`, or `x: Ts` where the type is that of the edge that the host binds: `x.last`, or `x` alone, is
//!   the newest value, `x.ticked`, `x.valid` and `x.count` say what became of it.
//! - Baskets `b: Basket[Ts[float], "AAPL", "MSFT"]`, or `b: Basket[Ts[float]]` with the keys of the edges that the host
//!   binds: `b["AAPL"].last`, `b[i].ticked`, `len(b)`.
//! - Outputs `-> Ts[float]`, and several, `-> (Ts[float], Ts[int])`.
//! - `alarm(condition, level)` is the condition, and tells the host's runtime where it holds.
//! - `Book`, a pointer to a host's order book: `b[i].bid(0)`, `b["AAPL"].spread`, `x.level(1).size`.
//! - The metadata `ts_inputs`, `ts_edges` and `ts_rates`.
//!
//! The signals extension has the category order 0; the two categories here have 1 and 2, and fit beside it or alone.

mod alarm;
mod annotations;
mod book;
mod category;
mod edges;
mod node;
mod reads;

use cfunc_compiler::{Extension, ExtensionId, Registrar, RegistrationError};

pub use book::{Book, LEVELS};
pub use edges::{Edge, type_of_edge};
pub use node::{Runtime, Series, TimeSeriesNode, symbols};

/// The extension that brings time series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TimeSeries;

impl Extension for TimeSeries {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.timeseries", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        annotations::register(registrar)?;
        category::register(registrar);
        reads::register(registrar);
        edges::register(registrar);
        alarm::register(registrar)?;
        book::register(registrar)
    }
}
