//! What every backend provides: code for a module of IR, owned and freed with its last user.
//!
//! A backend knows representations and IR, never the types of the source language. Only the facade names a concrete
//! backend.

mod at_level;
mod backend;
mod call;
mod convention;
mod error;
mod guard;
mod symbols;

pub use at_level::AtLevel;
pub use backend::{Backend, CodeText, CompiledCode};
pub use call::{NativeEntry, call_function, call_native, is_function_signature, is_node_signature};
pub use convention::{ArgumentPlace, ArgumentPlaces, FLOAT_REGISTERS, INTEGER_REGISTERS};
pub use error::BackendError;
pub use guard::guard_generator;
pub use symbols::SymbolTable;
