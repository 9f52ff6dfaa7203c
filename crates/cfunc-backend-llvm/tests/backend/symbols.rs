//! Functions of a host that are called like functions of the C library.

use std::ffi::c_void;

#[cfg(cfunc_llvm)]
use cfunc_backend::CodeText;
use cfunc_backend::{Backend, BackendError, SymbolTable};
#[cfg(cfunc_llvm)]
use cfunc_backend_llvm::{ModuleAssembly, ModuleError};
use cfunc_ir::{MemoryClass, Module, Signature, UnaryOperation};
use cfunc_models::{CompilationOptions, Effects, OptimizationLevel, Representation, TargetCpu};

use super::support::{backend, node_module};

/// No rounding: what a host calls `floor` is its own matter.
extern "C" fn floor(value: f64) -> f64 {
    value * 100.0
}

/// Nothing that copies memory.
extern "C" fn memcpy(value: f64) -> f64 {
    value + 1.0
}

/// `out[0] = floor of the host(in[0])`, `out[1] = memcpy of the host(in[0])`, `out[2] = the largest integer of in[0]`.
fn module() -> Module {
    node_module(|builder, values, out| {
        let value = builder.load(Representation::F64, values, 0, MemoryClass::Foreign);
        for (symbol, offset) in [("floor", 0), ("memcpy", 8)] {
            let signature = Signature::new(&[Representation::F64], &[Representation::F64]);
            let result = builder.call_external_values(symbol, signature, Effects::Writes, &[value])[0];
            builder.store(result, out, offset, MemoryClass::Foreign);
        }
        let rounded = builder.unary(UnaryOperation::FloatFloor, value);
        builder.store(rounded, out, 16, MemoryClass::Foreign);
    })
}

#[test]
fn functions_of_a_host_are_not_those_that_llvm_calls_by_the_same_name() {
    let Some(llvm) = backend() else { return };
    let mut symbols = SymbolTable::new();
    for (symbol, address) in [("floor", floor as *const u8), ("memcpy", memcpy as *const u8)] {
        // SAFETY: the functions have the signature that the module calls them by.
        unsafe { symbols.register(symbol, address) };
    }
    // Without an instruction that rounds, LLVM calls a function for it.
    let plain = TargetCpu::Named { name: "x86-64".to_owned(), features: String::new() };
    let cpus = if cfg!(target_arch = "x86_64") { vec![TargetCpu::Host, plain] } else { vec![TargetCpu::Host] };
    for optimization_level in [OptimizationLevel::None, OptimizationLevel::Speed] {
        for target_cpu in &cpus {
            let options = CompilationOptions {
                optimization_level,
                target_cpu: target_cpu.clone(),
                ..CompilationOptions::default()
            };
            let code = llvm.compile(&module(), &symbols, &options).unwrap();
            let (input, mut out) = (2.75_f64, [0.0_f64; 3]);
            let words = [(&raw const input) as u64, out.as_mut_ptr() as u64, std::ptr::null::<c_void>() as u64, 0];
            // SAFETY: the entry has this signature, and reads and writes as many values.
            unsafe { code.call(&words) };
            assert_eq!(out, [275.0, 3.75, 2.0], "{options:?}");
        }
    }
}

#[test]
fn symbols_that_nothing_registers_are_refused_before_code_is_made() {
    let Some(llvm) = backend() else { return };
    let refused = llvm.compile(&module(), &SymbolTable::new(), &CompilationOptions::default()).unwrap_err();
    assert_eq!(refused, BackendError::UndefinedSymbol { symbol: "floor".to_owned() });
}

#[cfg(cfunc_llvm)]
#[test]
fn names_that_mean_something_to_linkers_mean_nothing_in_code() {
    let Some(llvm) = backend() else { return };
    extern "C" fn tenfold(value: f64) -> f64 {
        value * 10.0
    }
    for symbol in
        ["_GLOBAL_OFFSET_TABLE_", "_DYNAMIC", "__dso_handle", "price@VERSION_2.2", "\u{1}price", "a b", "price"]
    {
        let module = node_module(|builder, values, out| {
            let value = builder.load(Representation::F64, values, 0, MemoryClass::Foreign);
            let signature = Signature::new(&[Representation::F64], &[Representation::F64]);
            let result = builder.call_external_values(symbol, signature, Effects::Writes, &[value])[0];
            builder.store(result, out, 0, MemoryClass::Foreign);
        });
        let mut symbols = SymbolTable::new();
        // SAFETY: the function has the signature that the module calls it by.
        unsafe { symbols.register(symbol, tenfold as *const u8) };
        let options = CompilationOptions::default();
        let mut codes = vec![llvm.compile(&module, &symbols, &options).unwrap()];
        let text = llvm.text(&module, &options, CodeText::Intermediate).unwrap();
        assert!(text.contains(symbol.trim_start_matches('\u{1}')), "{text}");
        let mut assembly = ModuleAssembly::new(&llvm, &options).unwrap();
        assembly.add(&module, &symbols, &options).unwrap();
        match assembly.object() {
            Ok(_) => assert!(["price", "a b"].contains(&symbol), "{symbol}"),
            Err(ModuleError::Backend(BackendError::Unsupported { feature, .. })) => {
                assert!(feature.contains(&format!("`{symbol}`, which means something to linkers")), "{feature}");
            }
            Err(other) => panic!("{symbol}: {other}"),
        }
        codes.extend(assembly.load().unwrap().into_values());
        for code in codes {
            let (input, mut out) = (2.5_f64, 0.0_f64);
            let words = [(&raw const input) as u64, (&raw mut out) as u64, 0, 0];
            // SAFETY: the entry has this signature, and reads and writes one value.
            unsafe { code.call(&words) };
            assert_eq!(out, 25.0, "{symbol}");
        }
    }
}
