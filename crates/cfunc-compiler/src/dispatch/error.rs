//! Why a call gave no value.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use cfunc_runtime::NodeError;

use crate::CompileError;

/// Why a call of a [`Dispatcher`](crate::Dispatcher) gave no value.
#[derive(Clone, Debug)]
pub enum CallError {
    /// The arguments do not fit the parameters: too many, one missing, one given twice, an unknown keyword.
    Arguments(String),
    /// An argument has no type, or the types fit none of the signatures that there are.
    Typing {
        /// The parameter; `None` where it is about all of them.
        argument: Option<String>,
        /// Why, in a sentence.
        message: String,
    },
    /// The function is not compiled for arguments of these types.
    Compile(Arc<CompileError>),
    /// An argument could not be unboxed.
    Unbox {
        /// The parameter.
        argument: String,
        /// Why, in a sentence.
        message: String,
    },
    /// What came out could not be boxed: the result, or the changes of an argument.
    Box {
        /// The parameter; `None` for the result.
        argument: Option<String>,
        /// Why, in a sentence.
        message: String,
    },
    /// The call ended with an error that nothing in the source stopped.
    Node(Box<RaisedError>),
    /// There are as many specialisations as there may be.
    Limit {
        /// How many there may be.
        limit: usize,
        /// The types for which there would have been another one.
        signature: String,
    },
    /// A rule of an extension broke its contract.
    Extension(String),
}

/// An error that ended a call, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RaisedError {
    /// Its kind, message and site.
    pub error: NodeError,
    /// The source's name, line and column, both from 1; `None` where no operation of the source raised it.
    pub position: Option<(String, u32, u32)>,
}

impl fmt::Display for RaisedError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some((source, line, column)) = &self.position {
            write!(formatter, "{source}:{line}:{column}: ")?;
        }
        self.error.kind.name().fmt(formatter)?;
        if self.error.message.is_empty() { Ok(()) } else { write!(formatter, ": {}", self.error.message) }
    }
}

impl fmt::Display for CallError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(message) | Self::Extension(message) => formatter.write_str(message),
            Self::Typing { argument: Some(name), message } => write!(formatter, "the argument `{name}`: {message}"),
            Self::Typing { argument: None, message } => formatter.write_str(message),
            Self::Compile(error) => error.fmt(formatter),
            Self::Unbox { argument, message } => write!(formatter, "the argument `{argument}`: {message}"),
            Self::Box { argument: Some(name), message } => {
                write!(formatter, "what became of the argument `{name}`: {message}")
            }
            Self::Box { argument: None, message } => write!(formatter, "the result: {message}"),
            Self::Node(raised) => raised.fmt(formatter),
            Self::Limit { limit, signature } => {
                let plural = if *limit == 1 { "signature" } else { "signatures" };
                write!(formatter, "the function is compiled for {limit} {plural}, and {signature} would be one more")
            }
        }
    }
}

impl Error for CallError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Compile(error) => error.source(),
            _ => None,
        }
    }
}
