//! An engine behind passes of one's own.

use std::sync::Arc;

use cfunc_compiler::ir::{Module, Pipeline};
use cfunc_compiler::{Backend, BackendError, CodeText, CompilationOptions, CompiledCode, SymbolTable};

/// An engine that gets what a pipeline makes of a module. Compiled at the pass level `none`, it gets what was lowered.
#[derive(Debug)]
pub struct Passed {
    /// What runs over each module.
    pub pipeline: Pipeline,
    /// The engine.
    pub engine: Arc<dyn Backend>,
}

impl Passed {
    fn module(&self, module: &Module) -> Result<Module, BackendError> {
        let mut module = module.clone();
        match self.pipeline.run(&mut module) {
            Ok(_) => Ok(module),
            Err(error) => Err(BackendError::Internal { backend: self.name(), message: error.to_string() }),
        }
    }
}

impl Backend for Passed {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        self.engine.compile(&self.module(module)?, symbols, options)
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        self.engine.text(&self.module(module)?, options, kind)
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        self.engine.ignored_options(options)
    }
}
