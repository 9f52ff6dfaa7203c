//! The backend where there is no LLVM.

use std::collections::HashMap;
use std::convert::Infallible;
use std::sync::Arc;

use cfunc_backend::{Backend, BackendError, CodeText, CompiledCode, SymbolTable};
use cfunc_ir::Module;
use cfunc_models::CompilationOptions;

use crate::ModuleError;

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

    /// Never any.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`], always.
    pub fn bitcode(&self, _module: &Module, _options: &CompilationOptions) -> Result<Vec<u8>, BackendError> {
        Err(unavailable())
    }
}

/// Stands for a module of many functions; there never is one.
#[derive(Debug)]
pub struct ModuleAssembly {
    never: Infallible,
}

impl ModuleAssembly {
    /// Never one.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`], always.
    pub fn new(_backend: &LlvmBackend, _options: &CompilationOptions) -> Result<Self, ModuleError> {
        Err(unavailable().into())
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn add(
        &mut self,
        _unit: &Module,
        _symbols: &SymbolTable,
        _options: &CompilationOptions,
    ) -> Result<(), ModuleError> {
        match self.never {}
    }

    /// Never called.
    pub fn provide(&mut self, _symbols: &SymbolTable) {
        match self.never {}
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn link_bitcode(&mut self, _bitcode: &[u8], _internalize: bool) -> Result<(), ModuleError> {
        match self.never {}
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn link_complete_bitcode(&mut self, _bitcode: &[u8], _internalize: bool) -> Result<(), ModuleError> {
        match self.never {}
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn link_runtime(&mut self) -> Result<(), ModuleError> {
        match self.never {}
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn optimize(&mut self) -> Result<(), ModuleError> {
        match self.never {}
    }

    /// Never called.
    pub fn text(&self) -> String {
        match self.never {}
    }

    /// Never called.
    pub fn bitcode(&self) -> Vec<u8> {
        match self.never {}
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn object(&self) -> Result<Vec<u8>, ModuleError> {
        match self.never {}
    }

    /// Never called.
    ///
    /// # Errors
    ///
    /// None: there is no module.
    pub fn load(&self) -> Result<HashMap<String, Arc<dyn CompiledCode>>, ModuleError> {
        match self.never {}
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

    fn ignored_options(&self, _options: &CompilationOptions) -> Vec<&'static str> {
        Vec::new()
    }
}
