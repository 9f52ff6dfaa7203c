//! The backend.

use std::sync::Arc;

use cfunc_backend::{Backend, BackendError, CodeText, CompiledCode, SymbolTable};
use cfunc_ir::Module;
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation, TargetCpu};

use crate::code::InterpretedCode;
use crate::program::{NAME, Program, internal};

/// The backend that runs the IR itself.
///
/// It calls the functions of the C runtime, and registered foreign functions with up to 32 words of arguments beyond those
/// that registers pass; foreign functions of more, and data that holds addresses of functions, are refused with
/// [`BackendError::Unsupported`].
#[derive(Clone, Copy, Debug, Default)]
pub struct Interpreter {
    budget: Option<u64>,
    strict: bool,
}

impl Interpreter {
    /// An interpreter for hosts: a [`Fault`](crate::Fault) ends the call and becomes a node error of kind RuntimeError.
    pub fn new() -> Self {
        Self::default()
    }

    /// An interpreter for tests: a [`Fault`](crate::Fault) panics.
    pub fn strict() -> Self {
        Self { strict: true, ..Self::default() }
    }

    /// Ends a call with a fault after so many instructions and terminators, so that endless loops end.
    #[must_use]
    pub fn with_budget(self, instructions: u64) -> Self {
        Self { budget: Some(instructions), ..self }
    }
}

impl Backend for Interpreter {
    fn name(&self) -> &'static str {
        NAME
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        let verified = options.verify || cfg!(debug_assertions);
        let program = Program::new(module, symbols, verified)?;
        let Some(entry) = module.entry else {
            return Err(internal("the module has no entry".to_owned()));
        };
        if module.function(entry).signature.parameters.contains(&Representation::I128) {
            return Err(BackendError::Unsupported {
                backend: NAME,
                feature: "an entry with parameters of i128".to_owned(),
            });
        }
        Ok(Arc::new(InterpretedCode { program, entry, budget: self.budget, strict: self.strict }))
    }

    fn text(&self, module: &Module, _options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        match kind {
            CodeText::Intermediate => Ok(module.to_string()),
            CodeText::Assembly => Err(BackendError::NoSuchText { backend: NAME, kind: "assembly" }),
        }
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        // What only speaks of machine code.
        let asked = [
            (options.fastmath, "fastmath"),
            (options.force_inline, "force_inline"),
            (options.optimization_level != OptimizationLevel::default(), "optimization_level"),
            (options.target_cpu != TargetCpu::default(), "target_cpu"),
        ];
        asked.into_iter().filter_map(|(is_asked, name)| is_asked.then_some(name)).collect()
    }
}
