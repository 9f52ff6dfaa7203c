//! The engines for machine code that are measured side by side.

use std::sync::Arc;

use cfunc_compiler::{Backend, CompilationContext, CompilationOptions, CompilationResult, CompileRequest, compile};
use cfunc_compiler::{Interpreter, OptimizationLevel};

use anyhow::{Result, anyhow};

/// An engine, with how much it is asked to do.
#[derive(Clone, Debug)]
pub(crate) struct Engine {
    /// What tables call it.
    pub(crate) name: &'static str,
    level: OptimizationLevel,
    backend: Option<Arc<dyn Backend>>,
}

impl Engine {
    /// The engine that a request has by default, which is Cranelift.
    pub(crate) fn cranelift() -> Self {
        Self { name: "Cranelift", level: OptimizationLevel::Speed, backend: None }
    }

    /// The interpreter.
    pub(crate) fn interpreter() -> Self {
        let backend: Arc<dyn Backend> = Arc::new(Interpreter::new());
        Self { name: "interpreter", level: OptimizationLevel::Speed, backend: Some(backend) }
    }

    /// LLVM with its optimiser at O3, and its fast tier; or why there is none.
    pub(crate) fn llvm() -> Result<[Self; 2], String> {
        #[cfg(feature = "llvm")]
        {
            let backend = cfunc_compiler::llvm_backend().map_err(|error| error.to_string())?;
            let tier = |name, level| Self { name, level, backend: Some(Arc::clone(&backend)) };
            Ok([tier("LLVM O3", OptimizationLevel::Speed), tier("LLVM O1", OptimizationLevel::Quick)])
        }
        #[cfg(not(feature = "llvm"))]
        Err("the benches were built without the feature `llvm`".to_owned())
    }

    /// A request's compilation by this engine.
    pub(crate) fn compile(&self, context: &CompilationContext, request: &CompileRequest) -> Result<CompilationResult> {
        let options = CompilationOptions { optimization_level: self.level, ..CompilationOptions::default() };
        let mut request = request.clone().options(options);
        if let Some(backend) = &self.backend {
            request = request.backend(Arc::clone(backend));
        }
        compile(context, &request).map_err(|error| anyhow!("{error}"))
    }
}
