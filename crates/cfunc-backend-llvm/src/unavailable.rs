//! The backend where there is no LLVM.

use std::sync::Arc;

use cfunc_backend::{Backend, BackendError, CodeText, CompiledCode, SymbolTable};
use cfunc_ir::Module;
use cfunc_models::CompilationOptions;

/// Stands for the backend in builds on machines without the library of LLVM: every request is refused.
#[derive(Clone, Copy, Debug, Default)]
pub struct LlvmBackend;

impl LlvmBackend {
    /// The backend's name.
    pub const NAME: &'static str = "llvm";

    /// Never one that works.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`], always.
    pub fn new() -> Result<Self, BackendError> {
        Err(unavailable())
    }
}

fn unavailable() -> BackendError {
    BackendError::Unavailable {
        backend: LlvmBackend::NAME,
        reason: "this build found no LLVM 22; install libllvm22 and build again".to_owned(),
    }
}

impl Backend for LlvmBackend {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn compile(
        &self,
        _module: &Module,
        _symbols: &SymbolTable,
        _options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        Err(unavailable())
    }

    fn text(&self, _module: &Module, _options: &CompilationOptions, _kind: CodeText) -> Result<String, BackendError> {
        Err(unavailable())
    }
}
