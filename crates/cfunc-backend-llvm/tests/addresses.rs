//! Addresses that are made of integers.

use cfunc_backend::{Backend, BackendError, SymbolTable};
use cfunc_backend_llvm::LlvmBackend;
use cfunc_ir::{FunctionBuilder, MemoryClass, Module, Signature};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

/// `out[0] = the float at the address that the integer in[0] is`.
fn module() -> Module {
    let pointer = Representation::Pointer;
    let mut module = Module::new();
    let signature = Signature::new(&[pointer, pointer, pointer, Representation::I8], &[]);
    let mut builder = FunctionBuilder::new(&mut module, "tested", signature);
    let (values, out) = (builder.parameter(0), builder.parameter(1));
    let integer = builder.load(Representation::I64, values, 0, MemoryClass::Foreign);
    let null = builder.zero(pointer);
    let address = builder.pointer_add(null, integer);
    let value = builder.load(Representation::F64, address, 0, MemoryClass::Foreign);
    builder.store(value, out, 0, MemoryClass::Foreign);
    builder.return_values(&[]);
    let entry = builder.finish();
    module.entry = Some(entry);
    module
}

#[test]
fn an_integer_from_null_is_an_address() {
    let llvm = match LlvmBackend::new() {
        Err(BackendError::Unavailable { reason, .. }) => return eprintln!("left out: {reason}"),
        made => made.unwrap(),
    };
    for optimization_level in [OptimizationLevel::None, OptimizationLevel::Quick, OptimizationLevel::Speed] {
        let options = CompilationOptions { optimization_level, ..CompilationOptions::default() };
        let code = llvm.compile(&module(), &SymbolTable::new(), &options).unwrap();
        let (value, mut out) = (6.5_f64, 0.0_f64);
        let input = (&raw const value).expose_provenance() as u64;
        let words = [(&raw const input) as u64, (&raw mut out) as u64, 0, 0];
        // SAFETY: the entry has this signature; the integer is the address of a float, and there is one to write.
        unsafe { code.call(&words) };
        assert_eq!(out, 6.5, "{optimization_level:?}");
    }
}
