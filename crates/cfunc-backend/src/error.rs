//! Why a backend gave no code.

use thiserror::Error;

/// Why a backend gave no code. None of these is the fault of a node's author.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum BackendError {
    /// The backend is not in this build, or what it needs is not on this machine.
    #[error("the {backend} backend is not available: {reason}")]
    Unavailable {
        /// Which backend.
        backend: &'static str,
        /// Why, and what brings it.
        reason: String,
    },
    /// A symbol that nothing registered.
    #[error("no function is registered for the symbol `{symbol}`")]
    UndefinedSymbol {
        /// The symbol.
        symbol: String,
    },
    /// A form of output that the backend does not have.
    #[error("the {backend} backend has no {kind} output")]
    NoSuchText {
        /// Which backend.
        backend: &'static str,
        /// What was asked for.
        kind: &'static str,
    },
    /// Something valid that this backend does not do.
    #[error("the {backend} backend does not support {feature}")]
    Unsupported {
        /// Which backend.
        backend: &'static str,
        /// What it does not do, and for which symbol or object.
        feature: String,
    },
    /// The module is not valid, or the code generator refused it: a bug of the compiler.
    #[error("internal error of the compiler in the {backend} backend: {message}")]
    Internal {
        /// Which backend.
        backend: &'static str,
        /// What it said.
        message: String,
    },
}
