//! An engine at an optimisation level of its own.

use std::sync::Arc;

use cfunc_ir::Module;
use cfunc_models::{CompilationOptions, OptimizationLevel};

use crate::{Backend, BackendError, CodeText, CompiledCode, SymbolTable};

/// A backend whose code is made at one level, whatever options ask for. Code of another level is other code, for which
/// tests have an engine more.
#[derive(Debug)]
pub struct AtLevel {
    name: &'static str,
    engine: Arc<dyn Backend>,
    level: OptimizationLevel,
}

impl AtLevel {
    /// The engine at a level, by a name of its own.
    pub fn new(name: &'static str, engine: Arc<dyn Backend>, level: OptimizationLevel) -> Self {
        Self { name, engine, level }
    }

    fn options(&self, options: &CompilationOptions) -> CompilationOptions {
        CompilationOptions { optimization_level: self.level, ..options.clone() }
    }
}

impl Backend for AtLevel {
    fn name(&self) -> &'static str {
        self.name
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        self.engine.compile(module, symbols, &self.options(options))
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        self.engine.text(module, &self.options(options), kind)
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        self.engine.ignored_options(&self.options(options))
    }
}
