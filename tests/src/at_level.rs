//! An engine at an optimisation level of one's own.

use std::sync::Arc;

use cfunc_compiler::ir::Module;
use cfunc_compiler::{
    Backend, BackendError, CodeText, CompilationOptions, CompiledCode, OptimizationLevel, SymbolTable, backends,
};

/// An engine whose code is made at one level, whatever options ask for.
#[derive(Debug)]
pub struct AtLevel {
    /// What it is called in failures.
    pub name: &'static str,
    /// The level.
    pub level: OptimizationLevel,
    /// The engine.
    pub engine: Arc<dyn Backend>,
}

impl AtLevel {
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

/// Every engine of this build, as options have it by default; LLVM, where it is there, at its other levels besides, which
/// are other passes and another code generator.
pub fn engines_at_all_levels() -> Vec<Arc<dyn Backend>> {
    let mut engines = backends();
    if let Some(llvm) = engines.iter().find(|engine| engine.name() == "llvm").cloned() {
        for (name, level) in [("llvm-none", OptimizationLevel::None), ("llvm-quick", OptimizationLevel::Quick)] {
            engines.push(Arc::new(AtLevel { name, level, engine: Arc::clone(&llvm) }));
        }
    }
    engines
}

/// Every engine of this build at a level at which code is there soon, for tests that compile much and are not about code.
pub fn engines_that_are_quick() -> Vec<Arc<dyn Backend>> {
    let quick = |engine: Arc<dyn Backend>| match engine.name() {
        "llvm" => Arc::new(AtLevel { name: "llvm-quick", level: OptimizationLevel::Quick, engine }),
        _ => engine,
    };
    backends().into_iter().map(quick).collect()
}
