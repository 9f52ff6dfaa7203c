//! What the tests share.

use std::sync::Arc;

use cfunc_compiler::ir::{FunctionBuilder, FunctionId, Module, Signature};
use cfunc_compiler::{Backend, CompilationOptions, CompiledCode, Representation, SymbolTable, backends_at_all_levels};

/// The engines that make machine code, at every level.
pub(crate) fn engines() -> Vec<Arc<dyn Backend>> {
    let engines = backends_at_all_levels().into_iter().filter(|engine| engine.name() != "interpreter");
    let engines: Vec<_> = engines.collect();
    assert!(engines.len() >= 2, "there is one, at two levels");
    engines
}

/// What modules are compiled with: checked, so that a test of a module that is not valid fails.
pub(crate) fn options() -> CompilationOptions {
    CompilationOptions { verify: true, ..CompilationOptions::default() }
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
pub(crate) fn compile(module: &Module, engine: &Arc<dyn Backend>) -> Arc<dyn CompiledCode> {
    engine.compile(module, &SymbolTable::new(), &options()).unwrap()
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
