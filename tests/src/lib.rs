//! End-to-end cases and suites of the cfunc compiler; what is shared between the suites is here.

use std::path::PathBuf;

use cfunc_compiler::{CompilationContext, defaults};

/// The context that nodes of the cases are compiled in: the built-ins and signals.
///
/// # Panics
///
/// When they cannot be registered together, which a test then shows.
pub fn context() -> CompilationContext {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .build()
        .expect("the built-ins and signals register together")
}

/// A file of this package, by its path from the package's folder.
pub fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(relative)
}
