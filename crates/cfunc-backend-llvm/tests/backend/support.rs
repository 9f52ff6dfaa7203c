//! What the tests share.

use cfunc_backend::BackendError;
use cfunc_backend_llvm::LlvmBackend;
use cfunc_ir::{FunctionBuilder, Module, Signature, Value};
use cfunc_models::Representation;

/// The backend; `None`, and a line that says so, where there is no LLVM.
pub(crate) fn backend() -> Option<LlvmBackend> {
    match LlvmBackend::new() {
        Err(BackendError::Unavailable { reason, .. }) => {
            eprintln!("left out: {reason}");
            None
        }
        made => Some(made.unwrap()),
    }
}

/// A module of one function with the signature of a node's: the body is given the first two of its pointers.
pub(crate) fn node_module(body: impl FnOnce(&mut FunctionBuilder<'_>, Value, Value)) -> Module {
    let pointer = Representation::Pointer;
    let mut module = Module::new();
    let signature = Signature::new(&[pointer, pointer, pointer, Representation::I8], &[]);
    let mut builder = FunctionBuilder::new(&mut module, "tested", signature);
    let (values, out) = (builder.parameter(0), builder.parameter(1));
    body(&mut builder, values, out);
    builder.return_values(&[]);
    let entry = builder.finish();
    module.entry = Some(entry);
    module
}
