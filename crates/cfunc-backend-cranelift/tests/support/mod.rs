//! What the tests of this backend share.

use std::sync::Arc;

use cfunc_backend::{Backend, CompiledCode, SymbolTable};
use cfunc_backend_cranelift::CraneliftBackend;
use cfunc_ir::{FunctionBuilder, FunctionId, Module, Signature};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

/// Both levels, so that every test also covers the single-pass register allocator.
pub(crate) fn levels() -> [CompilationOptions; 2] {
    [OptimizationLevel::Speed, OptimizationLevel::None].map(|optimization_level| CompilationOptions {
        optimization_level,
        verify: true,
        ..CompilationOptions::default()
    })
}

/// Adds a function to a module.
pub(crate) fn define(
    module: &mut Module,
    name: &str,
    parameters: &[Representation],
    results: &[Representation],
    body: impl FnOnce(&mut FunctionBuilder<'_>),
) -> FunctionId {
    let mut builder = FunctionBuilder::new(module, name, Signature::new(parameters, results));
    body(&mut builder);
    builder.finish()
}

/// A module of one function, which is the entry.
pub(crate) fn module(
    parameters: &[Representation],
    results: &[Representation],
    body: impl FnOnce(&mut FunctionBuilder<'_>),
) -> Module {
    let mut module = Module::new();
    module.entry = Some(define(&mut module, "tested", parameters, results, body));
    module
}

/// Compiles a module that needs no symbols but the runtime's.
#[track_caller]
pub(crate) fn compile(module: &Module, options: &CompilationOptions) -> Arc<dyn CompiledCode> {
    CraneliftBackend::new().compile(module, &SymbolTable::new(), options).unwrap()
}

/// The entry as a function pointer.
///
/// # Safety
///
/// `Function` is the type of the entry.
#[track_caller]
pub(crate) unsafe fn entry<Function: Copy>(code: &Arc<dyn CompiledCode>) -> Function {
    let address = code.entry_address().unwrap();
    assert_eq!(size_of::<Function>(), size_of_val(&address));
    // SAFETY: pointers to functions and data have the same size here, and the caller vouches for the type.
    unsafe { std::mem::transmute_copy(&address) }
}
