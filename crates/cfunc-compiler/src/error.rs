//! What can fail between a source text and a running node.

use std::error::Error;
use std::fmt;

use cfunc_backend::BackendError;
use cfunc_models::{Diagnostics, NodeErrorKind};

use crate::Source;

/// Why there is no compilation result.
#[derive(Clone, Debug)]
pub enum CompileError {
    /// The source is wrong; all that was found, warnings included. Displays each as `name:line:column: …`.
    Diagnostics {
        /// The source that the spans refer to.
        source: Source,
        /// What is wrong with it.
        diagnostics: Diagnostics,
    },
    /// The backend gave no code.
    Backend(BackendError),
    /// A bug of the compiler or of an extension; nothing that the author of the source can mend.
    Internal(String),
}

impl fmt::Display for CompileError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Diagnostics { source, diagnostics } => {
                formatter.write_str(&diagnostics.render(source.name(), source.text()))
            }
            Self::Backend(error) => error.fmt(formatter),
            Self::Internal(message) => write!(formatter, "internal error of the compiler: {message}"),
        }
    }
}

impl Error for CompileError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            // Displayed whole already.
            Self::Diagnostics { .. } | Self::Internal(_) => None,
            Self::Backend(error) => error.source(),
        }
    }
}

impl From<BackendError> for CompileError {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

/// Why a compilation result cannot be run by a [`NodeInstance`](crate::NodeInstance).
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InstantiateError {
    /// A variable of a type that has no cell.
    #[error("`{name}` of type {ty} has no cell that an instance could own")]
    NoCell {
        /// The variable.
        name: String,
        /// Its type.
        ty: String,
    },
    /// An initial state that does not fit its cell.
    #[error("the initial value of the state `{name}`: {error}")]
    InitialState {
        /// The state.
        name: String,
        /// What is wrong with the value.
        error: AccessError,
    },
    /// A result that is not in the module whose code is to run it.
    #[error("`{native_name}` is not in the module: {reason}")]
    NotInModule {
        /// The native name of the result.
        native_name: String,
        /// What the module has of this name, if anything.
        reason: String,
    },
}

/// Why a node cannot be saved, or made anew from a snapshot.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SnapshotError {
    /// A state of a type that is not saved.
    #[error("the state `{state}` of type {ty} cannot be saved: {reason}")]
    Refused {
        /// The state.
        state: String,
        /// Its type.
        ty: String,
        /// Why not.
        reason: String,
    },
    /// Two states that hold one value, which would be two after a restore.
    #[error("the states `{first}` and `{second}` hold one value, which a snapshot would part")]
    Shared {
        /// A state.
        first: String,
        /// The other one.
        second: String,
    },
    /// Bytes that do not begin as a snapshot does.
    #[error("it is no snapshot of a node")]
    NotASnapshot,
    /// A snapshot of another version of the format.
    #[error("the snapshot has version {found} of the format, and version {known} alone is known")]
    Version {
        /// Its version.
        found: u32,
        /// The version that is read here.
        known: u32,
    },
    /// A snapshot that is not as it was written.
    #[error("the snapshot is damaged: {0}")]
    Damaged(String),
    /// A snapshot of another function, by the semantic keys of both.
    #[error("the snapshot is of a node with the key {found}, and this one has the key {expected}")]
    OtherFunction {
        /// The key in the snapshot.
        found: String,
        /// The key of the node.
        expected: String,
    },
    /// A snapshot of a function with other states.
    #[error("the snapshot is of other states: {0}")]
    OtherStates(String),
    /// A snapshot of a started node, for one that the host has not supplied with all that it must.
    #[error("the host has not supplied the parameter `{0}`, which it does before `restore`")]
    NotSupplied(String),
    /// A snapshot of a started node, for one with an input that is an object of the host, which the host has not given.
    #[error("the host has not said which object the input `{0}` is: `set_pointer` comes before `restore`")]
    ObjectMissing(String),
    /// No memory for what a state holds: the process has none, or the node's limit is too low.
    #[error("{}: there is no memory for what the state `{state}` holds", kind.name())]
    Memory {
        /// The state.
        state: String,
        /// [`NodeErrorKind::MemoryError`] or [`NodeErrorKind::MemoryLimit`].
        kind: NodeErrorKind,
    },
}

impl SnapshotError {
    pub(crate) fn damaged(what: &str) -> Self {
        Self::Damaged(what.to_owned())
    }
}

/// Why a cell of a [`NodeInstance`](crate::NodeInstance) cannot be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AccessError {
    /// No input of that name.
    #[error("there is no input `{0}`")]
    NoSuchInput(String),
    /// No output of that name.
    #[error("there is no output `{0}`")]
    NoSuchOutput(String),
    /// No state of that name.
    #[error("there is no state `{0}`")]
    NoSuchState(String),
    /// No ABI parameter of that name that a host supplies.
    #[error("there is no parameter `{0}` that a host supplies")]
    NoSuchParameter(String),
    /// A position beyond the last slot.
    #[error("there is no {what} {index}; there are {count}")]
    NoSuchIndex {
        /// `input`, `output` or `state`.
        what: &'static str,
        /// The position asked for.
        index: usize,
        /// How many there are.
        count: usize,
    },
    /// A cell of another type than asked for.
    #[error("`{name}` is of type {ty}, which {asked} does not fit")]
    TypeMismatch {
        /// The variable.
        name: String,
        /// Its type.
        ty: String,
        /// The Rust type asked for.
        asked: &'static str,
    },
    /// A value that does not fit the cell.
    #[error("{value} does not fit a cell of type {ty}")]
    ValueMismatch {
        /// The value, as Python writes it.
        value: String,
        /// The type of the cell.
        ty: String,
    },
    /// A record that does not fit a struct, by what is wrong with it.
    #[error("the value does not fit the struct {ty}: {reason}")]
    RecordMismatch {
        /// The struct.
        ty: String,
        /// Which field it is, and why.
        reason: String,
    },
    /// A value for a cell that holds an address.
    #[error("a cell of type {ty} holds an address: give it with `set_pointer`")]
    HoldsAddress {
        /// The type of the cell.
        ty: String,
    },
    /// A struct with addresses in it, or a pointer in the place of a struct.
    #[error("{ty} is a struct: give it with `set_struct`, as one that may hold addresses")]
    IsStruct {
        /// The struct.
        ty: String,
    },
    /// The node owns the contents, as of lists and dicts.
    #[error("`{name}` of type {ty} belongs to the node alone")]
    OwnedByNode {
        /// The variable.
        name: String,
        /// Its type.
        ty: String,
    },
}
