//! What LLVM makes of one unit, and what its backend does not do.

#[cfg(not(feature = "llvm"))]
use cfunc_backend::BackendError;

use crate::unit::Unit;
use crate::{CompilationResult, CompileError, CompiledCall};

impl CompilationResult {
    /// The function in LLVM's intermediate representation, optimised as the options say, verified: one exported function of
    /// the native name, and what it needs besides, internal. Whichever backend made the code, this is LLVM's.
    ///
    /// # Errors
    ///
    /// [`CompileError::Backend`] with [`BackendError::Unavailable`](crate::BackendError::Unavailable) in builds without the feature `llvm`, and where there is
    /// no LLVM.
    pub fn llvm_ir(&self) -> Result<String, CompileError> {
        ir(&self.unit)
    }

    /// What [`CompilationResult::llvm_ir`] is the text of, as bitcode.
    ///
    /// # Errors
    ///
    /// As [`CompilationResult::llvm_ir`].
    pub fn llvm_bitcode(&self) -> Result<Vec<u8>, CompileError> {
        bitcode(&self.unit)
    }

    /// Those of the options, by the names of their fields, that ask for something which the backend of this result does
    /// not do.
    pub fn ignored_options(&self) -> Vec<&'static str> {
        self.unit.backend.ignored_options(self.unit.options())
    }
}

impl CompiledCall {
    /// As [`CompilationResult::llvm_ir`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn llvm_ir(&self) -> Result<String, CompileError> {
        ir(&self.unit)
    }

    /// As [`CompilationResult::llvm_bitcode`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn llvm_bitcode(&self) -> Result<Vec<u8>, CompileError> {
        bitcode(&self.unit)
    }

    /// As [`CompilationResult::ignored_options`].
    pub fn ignored_options(&self) -> Vec<&'static str> {
        self.unit.backend.ignored_options(self.unit.options())
    }
}

#[cfg(feature = "llvm")]
fn ir(unit: &Unit) -> Result<String, CompileError> {
    use cfunc_backend::{Backend as _, CodeText};

    Ok(crate::engines::llvm()?.text(&unit.products()?.module, unit.options(), CodeText::Intermediate)?)
}

#[cfg(feature = "llvm")]
fn bitcode(unit: &Unit) -> Result<Vec<u8>, CompileError> {
    Ok(crate::engines::llvm()?.bitcode(&unit.products()?.module, unit.options())?)
}

#[cfg(not(feature = "llvm"))]
fn ir(_unit: &Unit) -> Result<String, CompileError> {
    Err(without_feature())
}

#[cfg(not(feature = "llvm"))]
fn bitcode(_unit: &Unit) -> Result<Vec<u8>, CompileError> {
    Err(without_feature())
}

#[cfg(not(feature = "llvm"))]
fn without_feature() -> CompileError {
    let reason = "this build is without the feature `llvm` of cfunc-compiler, which brings it".to_owned();
    BackendError::Unavailable { backend: "llvm", reason }.into()
}
