//! The traits that a backend implements.

use std::fmt;
use std::sync::Arc;

use cfunc_ir::Module;
use cfunc_models::CompilationOptions;

use crate::{BackendError, SymbolTable};

/// A text form of what a backend makes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CodeText {
    /// The backend's own IR, optimised: CLIF or LLVM IR.
    Intermediate,
    /// Machine code, disassembled.
    Assembly,
}

/// Turns IR into code that can be called.
pub trait Backend: fmt::Debug + Send + Sync {
    /// Its name: `interpreter`, `cranelift`, `llvm`.
    fn name(&self) -> &'static str;

    /// Code for a module, whose entry is its exported function.
    ///
    /// # Errors
    ///
    /// [`BackendError`]; every symbol is checked before code is made.
    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError>;

    /// What the backend makes of a module, as text.
    ///
    /// # Errors
    ///
    /// [`BackendError`], [`BackendError::NoSuchText`] where the backend has no such form.
    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError>;

    /// Those of the options, by the names of their fields, that ask for something which this backend does not do. Code is
    /// the same as without them.
    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str>;
}

/// Code of one compiled unit; freed when the last owner drops it.
pub trait CompiledCode: fmt::Debug + Send + Sync {
    /// The address of the entry, with the C calling convention; `None` where there is no native code.
    fn entry_address(&self) -> Option<*const u8>;

    /// The size in bytes of code and data.
    fn size(&self) -> usize;

    /// Calls the entry. Arguments are the words of the entry's signature in order: pointers and i64 as they are, f64 by
    /// its bits, narrower integers sign-extended.
    ///
    /// # Safety
    ///
    /// The arguments fit the signature, and pointers are valid for what the function reads and writes through them.
    unsafe fn call(&self, arguments: &[u64]);

    /// Calls an entry with the signature of functions that hosts call, `int32_t f(void *result, void *const *arguments)`,
    /// with these two addresses as words; what it returns: 0, or another number where an error was recorded. For code of
    /// another signature it is not 0, and nothing is called.
    ///
    /// # Safety
    ///
    /// The addresses are valid for what the function reads and writes through them.
    unsafe fn call_function(&self, result: u64, arguments: u64) -> i32;
}
