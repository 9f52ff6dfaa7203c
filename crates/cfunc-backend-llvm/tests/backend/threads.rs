//! Many threads that link in one session at a time.

use std::sync::Barrier;

use cfunc_backend::{Backend, SymbolTable};
use cfunc_ir::{MemoryClass, Module};
use cfunc_models::{CompilationOptions, OptimizationLevel};

use super::support::{backend, node_module};

const THREADS: i64 = 16;
const ROUNDS: i64 = 60;

/// `out[0] = number`.
fn module(number: i64) -> Module {
    node_module(|builder, _values, out| {
        let number = builder.int64(number);
        builder.store(number, out, 0, MemoryClass::Foreign);
    })
}

#[test]
fn each_thread_gets_its_own_code() {
    let Some(llvm) = backend() else { return };
    let start = Barrier::new(usize::try_from(THREADS).unwrap());
    let options = CompilationOptions { optimization_level: OptimizationLevel::None, ..CompilationOptions::default() };
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (llvm, start, options) = (&llvm, &start, &options);
            scope.spawn(move || {
                start.wait();
                for round in 0..ROUNDS {
                    let number = thread * ROUNDS + round;
                    let code = llvm.compile(&module(number), &SymbolTable::new(), options).unwrap();
                    let mut out = -1_i64;
                    // SAFETY: the entry has this signature, and writes one word.
                    unsafe { code.call(&[0, (&raw mut out) as u64, 0, 0]) };
                    assert_eq!(out, number);
                }
            });
        }
    });
}
