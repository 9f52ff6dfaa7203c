//! The nodes of `nodes.py`, each beside its logic in Rust.

mod books;
mod maker;
mod trades;

use std::fmt;
use std::sync::Arc;

use cfunc_compiler::{
    AccessError, Backend, CellValue, CompilationResult, CompileError, CompileRequest, InstantiateError, NodeError,
    OutputHandle, SnapshotError, Source,
};
use cfunc_example_timeseries::{Runtime, TimeSeriesNode, symbols};

pub use self::books::{BookNode, Imbalance, Microprice, OfBook, OfImbalance, OfMicroprice};
pub use self::maker::Maker;
pub use self::trades::{BarOutputs, Bars, OfTrades, SweepOutputs, Sweeps, TradeNodes};
use crate::events::SYMBOLS;

/// Why a node cannot be made, or does not go on.
#[derive(Debug)]
pub enum Failure {
    /// It does not compile.
    Compile(CompileError),
    /// It has no instance.
    Instantiate(InstantiateError),
    /// Its inputs or outputs are not what they should be.
    Access(AccessError),
    /// A call ended with an error.
    Node(NodeError),
    /// What it holds does not become that of another one.
    Snapshot(SnapshotError),
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Compile(error) => error.fmt(formatter),
            Self::Instantiate(error) => error.fmt(formatter),
            Self::Access(error) => error.fmt(formatter),
            Self::Node(error) => error.fmt(formatter),
            Self::Snapshot(error) => error.fmt(formatter),
        }
    }
}

impl std::error::Error for Failure {}

macro_rules! failures {
    ($($variant:ident($error:ty),)*) => {$(
        impl From<$error> for Failure {
            fn from(error: $error) -> Self {
                Self::$variant(error)
            }
        }
    )*};
}

failures! {
    Compile(CompileError),
    Instantiate(InstantiateError),
    Access(AccessError),
    Node(NodeError),
    Snapshot(SnapshotError),
}

/// The request for a node of `nodes.py`, by its name.
pub fn request(node: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py")))
        .function(node)
        .symbols(Arc::new(symbols()))
        .backend(engine)
}

/// A node whose objects the host has not given yet.
fn created(result: &CompilationResult) -> Result<TimeSeriesNode, Failure> {
    Ok(TimeSeriesNode::new(result, Arc::new(Runtime::default()))?)
}

fn started(result: &CompilationResult) -> Result<TimeSeriesNode, Failure> {
    let mut node = created(result)?;
    node.start()?;
    Ok(node)
}

/// One started node for each symbol.
fn by_symbol<T>(make: impl FnMut(&str) -> Result<T, Failure>) -> Result<[T; SYMBOLS.len()], Failure> {
    let all = SYMBOLS.into_iter().map(make).collect::<Result<Vec<T>, Failure>>()?;
    Ok(all.try_into().unwrap_or_else(|_| unreachable!("one for each symbol")))
}

fn output<T: CellValue>(node: &TimeSeriesNode, name: &str) -> Result<OutputHandle<T>, Failure> {
    Ok(node.instance().output_named(name)?)
}
