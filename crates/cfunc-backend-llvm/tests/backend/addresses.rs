//! Addresses that are made of integers.

use cfunc_backend::{Backend, SymbolTable};
use cfunc_ir::{MemoryClass, Module};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

use super::support::{backend, node_module};

/// `out[0] = the float at the address that the integer in[0] is`.
fn module() -> Module {
    node_module(|builder, values, out| {
        let integer = builder.load(Representation::I64, values, 0, MemoryClass::Foreign);
        let null = builder.zero(Representation::Pointer);
        let address = builder.pointer_add(null, integer);
        let value = builder.load(Representation::F64, address, 0, MemoryClass::Foreign);
        builder.store(value, out, 0, MemoryClass::Foreign);
    })
}

#[test]
fn an_integer_from_null_is_an_address() {
    let Some(llvm) = backend() else { return };
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
