//! Many threads that link in one session at a time.

use std::sync::Barrier;

use cfunc_backend::{Backend, BackendError, SymbolTable};
use cfunc_backend_llvm::LlvmBackend;
use cfunc_ir::{FunctionBuilder, MemoryClass, Module, Signature};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

const THREADS: i64 = 16;
const ROUNDS: i64 = 60;

/// `out[0] = number`.
fn module(number: i64) -> Module {
    let pointer = Representation::Pointer;
    let mut module = Module::new();
    let signature = Signature::new(&[pointer, pointer, pointer, Representation::I8], &[]);
    let mut builder = FunctionBuilder::new(&mut module, "tested", signature);
    let out = builder.parameter(1);
    let number = builder.int64(number);
    builder.store(number, out, 0, MemoryClass::Foreign);
    builder.return_values(&[]);
    let entry = builder.finish();
    module.entry = Some(entry);
    module
}

#[test]
fn each_thread_gets_its_own_code() {
    let llvm = match LlvmBackend::new() {
        Err(BackendError::Unavailable { reason, .. }) => return eprintln!("left out: {reason}"),
        made => made.unwrap(),
    };
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
