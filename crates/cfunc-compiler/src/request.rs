//! What is to be compiled, and how.

use std::sync::Arc;

use cfunc_backend::{Backend, SymbolTable};
use cfunc_models::{CompilationOptions, Value};

use crate::Source;

/// What [`compile`](crate::compile) is to compile: a function of a source, values for its constants, options.
#[derive(Clone, Debug)]
pub struct CompileRequest {
    pub(crate) source: Source,
    pub(crate) function: Option<String>,
    pub(crate) constants: Vec<(String, Value)>,
    pub(crate) options: CompilationOptions,
    pub(crate) backend: Option<Arc<dyn Backend>>,
    pub(crate) symbols: Arc<SymbolTable>,
}

impl CompileRequest {
    /// The only function of a source, with no constants bound, default options and the default backend.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            function: None,
            constants: Vec::new(),
            options: CompilationOptions::default(),
            backend: None,
            symbols: Arc::new(SymbolTable::new()),
        }
    }

    /// Names the function. Needed where the source defines more than one.
    #[must_use]
    pub fn function(mut self, name: impl Into<String>) -> Self {
        self.function = Some(name.into());
        self
    }

    /// Binds a constant parameter. Of several values for one name the last counts.
    #[must_use]
    pub fn constant(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        let (name, value) = (name.into(), value.into());
        self.constants.retain(|(bound, _)| *bound != name);
        self.constants.push((name, value));
        self
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: CompilationOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets the backend.
    #[must_use]
    pub fn backend(mut self, backend: Arc<dyn Backend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Gives the addresses of the host's own functions that registered rules call.
    #[must_use]
    pub fn symbols(mut self, symbols: Arc<SymbolTable>) -> Self {
        self.symbols = symbols;
        self
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
