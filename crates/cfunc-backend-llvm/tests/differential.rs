//! Random modules give the same results as on the reference engine.

use cfunc_backend::{Backend, BackendError, CompiledCode, SymbolTable};
use cfunc_backend_interp::Interpreter;
use cfunc_backend_llvm::LlvmBackend;
use cfunc_ir::testing::{FLAG_BYTES, RESULT_WORDS, random_inputs, random_module};
use cfunc_models::{CompilationOptions, OptimizationLevel};

/// What the entry of a random module writes. Which nan an operation gives, LLVM leaves open: all are one here.
fn run(code: &dyn CompiledCode, inputs: &[u64], choice: u64) -> ([u64; RESULT_WORDS], [u8; FLAG_BYTES]) {
    let mut results = [0; RESULT_WORDS];
    let mut flags = [0; FLAG_BYTES];
    let words = [results.as_mut_ptr() as u64, flags.as_mut_ptr() as u64, inputs.as_ptr() as u64, choice];
    // SAFETY: random modules have an entry of this signature, and arrays of these lengths.
    unsafe { code.call(&words) };
    (results.map(|word| if f64::from_bits(word).is_nan() { f64::NAN.to_bits() } else { word }), flags)
}

#[test]
fn random_modules_agree_with_the_interpreter() {
    let llvm = match LlvmBackend::new() {
        Err(BackendError::Unavailable { reason, .. }) => return eprintln!("left out: {reason}"),
        made => made.unwrap(),
    };
    let interpreter = Interpreter::new();
    let symbols = SymbolTable::new();
    let levels = [OptimizationLevel::Speed, OptimizationLevel::Quick, OptimizationLevel::None];
    let levels = levels.map(|optimization_level| CompilationOptions {
        optimization_level,
        verify: true,
        ..CompilationOptions::default()
    });
    for seed in 0..100 {
        let module = random_module(seed, 5 + seed as usize % 40);
        let reference = interpreter.compile(&module, &symbols, &CompilationOptions::default()).unwrap();
        for options in &levels {
            let code = llvm
                .compile(&module, &symbols, options)
                .unwrap_or_else(|error| panic!("seed {seed}, {:?}: {error}", options.optimization_level));
            for round in 0..6 {
                let inputs = random_inputs(seed * 100 + round);
                let expected = run(&*reference, &inputs, round % 3);
                let found = run(&*code, &inputs, round % 3);
                assert_eq!(found, expected, "seed {seed}, {:?}, inputs {round}", options.optimization_level);
            }
        }
    }
}
