//! The engines of this build.

use std::sync::{Arc, OnceLock};

use cfunc_backend::{Backend, BackendError};
use cfunc_backend_interp::Interpreter;

/// The engine that is used where a request names none: Cranelift where it is in the build, else the interpreter. One
/// for the whole process, since engines hold what they have learnt of the machine and nothing else.
///
/// # Errors
///
/// [`BackendError::Unavailable`] where the engine cannot work on this machine.
pub fn default_backend() -> Result<Arc<dyn Backend>, BackendError> {
    Ok(engines().last().map_or_else(|| Arc::new(Interpreter::new()) as Arc<dyn Backend>, Arc::clone))
}

/// Every engine of this build, the interpreter first.
pub fn backends() -> Vec<Arc<dyn Backend>> {
    engines().to_vec()
}

fn engines() -> &'static [Arc<dyn Backend>] {
    static ENGINES: OnceLock<Vec<Arc<dyn Backend>>> = OnceLock::new();
    ENGINES.get_or_init(|| {
        vec![
            Arc::new(Interpreter::new()),
            #[cfg(feature = "cranelift")]
            Arc::new(cfunc_backend_cranelift::CraneliftBackend::new()),
        ]
    })
}
