//! The semantic keys of cases.

use std::path::Path;
use std::sync::Arc;

use cfunc_cli::replay::case_request;
use cfunc_compiler::{CompilationContext, CompileRequest, Interpreter, compile};

/// A case, with the engine whose code is made fastest: keys do not depend on it.
///
/// # Panics
///
/// The case is not readable.
pub fn key_request(case: &Path) -> CompileRequest {
    case_request(case).expect("a readable case").backend(Arc::new(Interpreter::new()))
}

/// The whole key of a request in hexadecimal; `None` where it does not compile.
pub fn key(context: &CompilationContext, request: &CompileRequest) -> Option<String> {
    let hash = *compile(context, &request.clone().reuse(false)).ok()?.semantic_hash();
    Some(hash.iter().map(|byte| format!("{byte:02x}")).collect())
}
