//! Why a module that a host puts together is refused something.

use cfunc_backend::BackendError;
use thiserror::Error;

/// How many symbols an error names.
const MOST_NAMED: usize = 10;

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
    /// Bitcode that cannot be linked into the module, or whose assembly is wrong.
    #[error("the bitcode cannot be linked: {0}")]
    Bitcode(String),
    /// Symbols that bitcode needs, and that neither it nor a result of the module defines or declares.
    #[error("{}", undefined(symbols))]
    Undefined {
        /// All of them, sorted.
        symbols: Vec<String>,
    },
    /// The module is optimised: nothing is added to it any more.
    #[error("the module is optimised already: add results and link bitcode before")]
    Optimized,
}

/// Names symbols, and says what makes them known.
fn undefined(symbols: &[String]) -> String {
    let named: Vec<String> = symbols.iter().take(MOST_NAMED).map(|symbol| format!("`{symbol}`")).collect();
    let more = match symbols.len().saturating_sub(MOST_NAMED) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!(
        "the bitcode needs {}{more}, which nothing of the module defines: `LlvmModule::provide` makes functions of the host \
         known to it",
        named.join(", ")
    )
}
