//! The backend's front: options in, code or text out, errors as values.

use std::fmt;
use std::sync::Arc;

use cfunc_backend::{Backend, BackendError, CodeText, CompiledCode, SymbolTable, guard_generator};
use cfunc_ir::Module;
use cfunc_models::{CompilationOptions, OptimizationLevel, TargetCpu};

use crate::compile::{compile_module, print_module};
use crate::isa::Targets;
use crate::preserving::Thunks;

/// Makes machine code for the host with Cranelift. Holds the targets and thunks it has built; make one and share it.
#[derive(Default)]
pub struct CraneliftBackend {
    targets: Targets,
    thunks: Arc<Thunks>,
}

impl CraneliftBackend {
    /// The backend's name.
    pub const NAME: &'static str = "cranelift";

    /// A backend for this host. Targets are built when a compilation first needs them.
    pub fn new() -> Self {
        Self::default()
    }
}

impl fmt::Debug for CraneliftBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("CraneliftBackend").finish()
    }
}

impl Backend for CraneliftBackend {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        let unit = guarded(|| compile_module(&self.targets, &self.thunks, module, symbols, options))?;
        Ok(Arc::new(unit))
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        guarded(|| print_module(&self.targets, module, options, kind))
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        let asked = [
            // Cranelift changes no arithmetic, inlines nothing by itself, and is quick as it is.
            (options.fastmath, "fastmath"),
            (options.force_inline, "force_inline"),
            (options.optimization_level == OptimizationLevel::Quick, "optimization_level"),
            (options.target_cpu != TargetCpu::default(), "target_cpu"),
        ];
        asked.into_iter().filter_map(|(is_asked, name)| is_asked.then_some(name)).collect()
    }
}

/// Runs the code generator; a panic inside it becomes an error, as hosts must never see one.
fn guarded<T>(work: impl FnOnce() -> Result<T, BackendError>) -> Result<T, BackendError> {
    // Whatever a panic leaves behind half-done is scratch that is taken out of its place before use and lost with
    // the panic, so nothing broken can be observed afterwards.
    guard_generator(CraneliftBackend::NAME, work)
}

/// An error that is a bug of the compiler.
pub(crate) fn internal(message: impl fmt::Display) -> BackendError {
    BackendError::Internal { backend: CraneliftBackend::NAME, message: message.to_string() }
}

/// An error of a machine that the backend cannot serve.
pub(crate) fn unavailable(reason: impl fmt::Display) -> BackendError {
    BackendError::Unavailable { backend: CraneliftBackend::NAME, reason: reason.to_string() }
}
