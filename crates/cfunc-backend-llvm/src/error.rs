//! Why a module that a host puts together is refused something.

use cfunc_backend::BackendError;
use thiserror::Error;

/// Why a module of many functions is refused something. It is as it was before, but for [`BackendError::Internal`].
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum ModuleError {
    /// What fails for one function alone as well.
    #[error(transparent)]
    Backend(#[from] BackendError),
    /// A function that does not go with those that the module holds.
    #[error("`{function}` cannot be added to the module: {reason}")]
    Conflict {
        /// The native name of the function.
        function: String,
        /// What does not fit.
        reason: String,
    },
    /// Bitcode that cannot be linked into the module.
    #[error("the bitcode cannot be linked: {0}")]
    Bitcode(String),
    /// The module is optimised: nothing is added to it any more.
    #[error("the module is optimised already: add results and link bitcode before")]
    Optimized,
}
