//! Order books and trades, written against the facade and another extension, that of time series.
//!
//! - Structs of the host: `Trade`, `Bar`, `Quote` and `PriceLevel`, in inputs, states, outputs and lists.
//! - The enum `Side`, and sets of `OrderFlag`, in structs and by themselves.
//! - `OrderBook`, an object of the host, with methods that are Rust functions: `book.bid(0).price`, `book.depth(side)`.
//! - `Ledger`, an object that is bound by its name, and `opening()`, a function.
//!
//! `nodes.py` has nodes that use them, [`logic`] the same in Rust, and [`contest`] runs both on a market that is made up.
//! The binary does that for a million events, and tells how long each takes.

mod book;
pub mod contest;
mod events;
mod functions;
pub mod logic;
mod nodes;
mod records;

use cfunc_compiler::{
    AbiConfig, CompilationContext, Extension, ExtensionId, RegisterStructs, Registrar, RegistrationError, defaults,
};
use cfunc_example_timeseries::TimeSeries;

pub use book::{DEPTH, OrderBook, TICK};
pub use events::{Event, Market, OPEN, SYMBOLS};
pub use functions::Ledger;
pub use nodes::{
    BarOutputs, Bars, BookNode, Failure, Imbalance, Maker, Microprice, OfBook, OfImbalance, OfMicroprice, OfTrades,
    SweepOutputs, Sweeps, TradeNodes, request,
};
pub use records::{Bar, Flags, Level, Quote, Side, Trade};

/// The extension that brings order books; it stands behind that of time series.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OrderBooks;

impl OrderBooks {
    /// The widths that [`Side`] and [`Flags`] have.
    pub fn abi() -> AbiConfig {
        AbiConfig { enum_width: 16, enumset_width: 32, ..AbiConfig::default() }
    }
}

impl Extension for OrderBooks {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.orderbook", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let (abi, own) = (registrar.abi(), Self::abi());
        if (abi.enum_width, abi.enumset_width) != (own.enum_width, own.enumset_width) {
            let message =
                "order books have enums of 16 bits and sets of 32: build the context with `OrderBooks::abi()`";
            return Err(RegistrationError::Other(message.to_owned()));
        }
        registrar.enumeration(records::SIDE, Side::MEMBERS)?;
        registrar.enumeration(records::ORDER_FLAG, Flags::MEMBERS)?;
        registrar.structure::<Level>()?;
        registrar.structure::<Trade>()?;
        registrar.structure::<Bar>()?;
        registrar.structure::<Quote>()?;
        functions::register(registrar)
    }
}

/// A context of the built-ins, signals, time series and order books.
///
/// # Errors
///
/// Where the extensions do not fit together.
pub fn context() -> Result<CompilationContext, RegistrationError> {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .with(TimeSeries)
        .with(OrderBooks)
        .abi(OrderBooks::abi())
        .build()
}
