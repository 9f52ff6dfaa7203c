//! Random modules give the same results as on the reference engine.

use cfunc_compiler::ir::testing::{FLAG_BYTES, RESULT_WORDS, random_inputs, random_module};
use cfunc_compiler::{Backend, CompiledCode, Interpreter, SymbolTable};

use super::support::{compile, engines, options};

/// Modules for each engine, and for those that take milliseconds a module.
const MODULES: u64 = 300;
const MODULES_OF_SLOW: u64 = 100;

/// What the entry of a random module writes.
fn run(code: &dyn CompiledCode, inputs: &[u64], choice: u64) -> ([u64; RESULT_WORDS], [u8; FLAG_BYTES]) {
    let mut results = [0; RESULT_WORDS];
    let mut flags = [0; FLAG_BYTES];
    let words = [results.as_mut_ptr() as u64, flags.as_mut_ptr() as u64, inputs.as_ptr() as u64, choice];
    // SAFETY: random modules have an entry of this signature, and arrays of these lengths.
    unsafe { code.call(&words) };
    (results, flags)
}

/// One nan for all.
fn with_one_nan(results: [u64; RESULT_WORDS]) -> [u64; RESULT_WORDS] {
    results.map(|word| if f64::from_bits(word).is_nan() { f64::NAN.to_bits() } else { word })
}

#[test]
fn random_modules_agree_with_the_interpreter() {
    let (interpreter, engines) = (Interpreter::new(), engines());
    for seed in 0..MODULES {
        let module = random_module(seed, 5 + seed as usize % 40);
        let reference = interpreter.compile(&module, &SymbolTable::new(), &options()).unwrap();
        for engine in &engines {
            // Which nan an operation gives, LLVM leaves open.
            let is_llvm = engine.name().starts_with("llvm");
            if is_llvm && seed >= MODULES_OF_SLOW {
                continue;
            }
            let code = compile(&module, engine);
            for round in 0..6 {
                let inputs = random_inputs(seed * 100 + round);
                let (mut expected, mut found) = (run(&*reference, &inputs, round % 3), run(&*code, &inputs, round % 3));
                if is_llvm {
                    (expected.0, found.0) = (with_one_nan(expected.0), with_one_nan(found.0));
                }
                assert_eq!(found, expected, "seed {seed}, {}, inputs {round}", engine.name());
            }
        }
    }
}
