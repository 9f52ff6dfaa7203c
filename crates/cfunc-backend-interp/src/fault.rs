//! What ends a call that the IR leaves undefined.

use thiserror::Error;

/// A call that the interpreter ended: a bug of the compiler, or an instruction budget that ran out.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
#[error("{reason} at `{instruction}` of function {function:?}")]
pub struct Fault {
    /// The name of the function.
    pub function: String,
    /// The instruction as in the text form, or the block whose terminator it was.
    pub instruction: String,
    /// What is wrong.
    pub reason: String,
}
