//! Engines for tests that compile much, and with other options than those of their tests.

use std::sync::Arc;

use cfunc_compiler::ir::Module;
use cfunc_compiler::{
    AtLevel, Backend, BackendError, CodeText, CompilationOptions, CompiledCode, OptimizationLevel, SymbolTable,
    backends,
};

/// Every engine of this build at a level at which code is there soon, for tests that compile much and are not about code.
pub fn engines_that_are_quick() -> Vec<Arc<dyn Backend>> {
    let quick = |engine: Arc<dyn Backend>| match engine.name() {
        "llvm" => Arc::new(AtLevel::new("llvm-quick", engine, OptimizationLevel::Quick)) as Arc<dyn Backend>,
        _ => engine,
    };
    backends().into_iter().map(quick).collect()
}

/// The engines of this build that inline what they can, asked to: LLVM at its quick level, where the functions of the
/// runtime that lists and dicts need are bodies in code, if the build has their bitcode.
pub fn engines_that_inline() -> Vec<Arc<dyn Backend>> {
    let asked = CompilationOptions { force_inline: true, ..CompilationOptions::default() };
    let engines = engines_that_are_quick().into_iter();
    let engines = engines.filter(|engine| !engine.ignored_options(&asked).contains(&"force_inline"));
    engines.map(|engine| Arc::new(Inlining { engine }) as Arc<dyn Backend>).collect()
}

/// An engine that is asked to inline all, whatever options say.
#[derive(Debug)]
struct Inlining {
    engine: Arc<dyn Backend>,
}

impl Inlining {
    fn options(options: &CompilationOptions) -> CompilationOptions {
        CompilationOptions { force_inline: true, ..options.clone() }
    }
}

impl Backend for Inlining {
    fn name(&self) -> &'static str {
        "llvm-inlining"
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        self.engine.compile(module, symbols, &Self::options(options))
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        self.engine.text(module, &Self::options(options), kind)
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        self.engine.ignored_options(&Self::options(options))
    }
}
