//! What LLVM makes of results: its text and bitcode of one.

use cfunc_backend::BackendError;

use crate::{CompilationResult, CompileError};

impl CompilationResult {
    /// The function in LLVM's intermediate representation, optimised as the options say, verified: one exported function of
    /// the native name, and what it needs besides, internal. Whichever backend made the code, this is LLVM's.
    ///
    /// # Errors
    ///
    /// [`CompileError::Backend`] with [`BackendError::Unavailable`] in builds without the feature `llvm`, and where there is
    /// no LLVM.
    pub fn llvm_ir(&self) -> Result<String, CompileError> {
        Ok(ir(self)?)
    }

    /// What [`CompilationResult::llvm_ir`] is the text of, as bitcode.
    ///
    /// # Errors
    ///
    /// As [`CompilationResult::llvm_ir`].
    pub fn llvm_bitcode(&self) -> Result<Vec<u8>, CompileError> {
        Ok(bitcode(self)?)
    }

    /// Those of the options, by the names of their fields, that ask for something which the backend of this result does
    /// not do.
    pub fn ignored_options(&self) -> Vec<&'static str> {
        self.unit.backend.ignored_options(&self.unit.options)
    }
}

#[cfg(feature = "llvm")]
fn ir(result: &CompilationResult) -> Result<String, BackendError> {
    use cfunc_backend::{Backend as _, CodeText};

    let unit = &result.unit;
    crate::engines::llvm()?.text(&unit.module, &unit.options, CodeText::Intermediate)
}

#[cfg(feature = "llvm")]
fn bitcode(result: &CompilationResult) -> Result<Vec<u8>, BackendError> {
    let unit = &result.unit;
    crate::engines::llvm()?.bitcode(&unit.module, &unit.options)
}

#[cfg(not(feature = "llvm"))]
fn ir(_result: &CompilationResult) -> Result<String, BackendError> {
    Err(without_feature())
}

#[cfg(not(feature = "llvm"))]
fn bitcode(_result: &CompilationResult) -> Result<Vec<u8>, BackendError> {
    Err(without_feature())
}

#[cfg(not(feature = "llvm"))]
fn without_feature() -> BackendError {
    let reason = "this build is without the feature `llvm` of cfunc-compiler, which brings it".to_owned();
    BackendError::Unavailable { backend: "llvm", reason }
}
