//! Passes preserve what modules do: each alone, all in random order, and the levels, on the interpreter and on Cranelift.

use cfunc_backend::{Backend, CompiledCode, SymbolTable};
use cfunc_backend_cranelift::CraneliftBackend;
use cfunc_backend_interp::Interpreter;
use cfunc_ir::testing::{
    CELLS, FLAG_BYTES, OPTIONAL_CELLS, RESULT_WORDS, RandomNumbers, random_inputs, random_module,
    random_module_in_memory, random_module_with_cells,
};
use cfunc_ir::{Module, Pass, PassLevel, Pipeline};
use cfunc_models::CompilationOptions;

/// What a call of the entry leaves.
#[derive(Debug, PartialEq)]
struct Left {
    results: [u64; RESULT_WORDS],
    flags: [u8; FLAG_BYTES],
    cells: [u64; CELLS],
}

fn run(code: &dyn CompiledCode, module: &Module, seed: u64) -> Left {
    let inputs = random_inputs(seed);
    let mut random = RandomNumbers::new(seed);
    let mut left = Left { results: [7; RESULT_WORDS], flags: [0; FLAG_BYTES], cells: [0; CELLS] };
    for (index, cell) in left.cells.iter_mut().enumerate() {
        *cell = if index % 2 == 0 { random.integer().cast_unsigned() } else { random.below(9) as u64 };
    }
    let pointers: Vec<u64> = (0..CELLS)
        .map(|index| {
            let absent = index >= CELLS - OPTIONAL_CELLS && random.below(2) == 0;
            if absent { 0 } else { (&raw mut left.cells[index]) as u64 }
        })
        .collect();
    let (results, flags) = (left.results.as_mut_ptr() as u64, left.flags.as_mut_ptr() as u64);
    let words = [results, flags, inputs.as_ptr() as u64, seed % 3, pointers.as_ptr() as u64];
    let parameters = module.function(module.entry.unwrap()).signature.parameters.len();
    // SAFETY: random modules have an entry of such a signature, and arrays of these lengths.
    unsafe { code.call(&words[..parameters]) };
    left
}

fn modules(seeds: std::ops::Range<u64>) -> impl Iterator<Item = (u64, Module)> {
    seeds.map(|seed| {
        let size = 5 + usize::try_from(seed % 45).unwrap();
        let module = match seed % 4 {
            0 => random_module(seed, size),
            1 => random_module_in_memory(seed, size),
            _ => random_module_with_cells(seed, size),
        };
        (seed, module)
    })
}

fn optimized(module: &Module, pipeline: &Pipeline, what: &str) -> Module {
    let mut module = module.clone();
    pipeline.clone().verify(true).run(&mut module).unwrap_or_else(|error| panic!("{what}: {error}"));
    module
}

fn compile(engine: &dyn Backend, module: &Module) -> std::sync::Arc<dyn CompiledCode> {
    engine.compile(module, &SymbolTable::new(), &CompilationOptions::default()).unwrap()
}

#[track_caller]
fn same(engine: &dyn Backend, before: &[Left], module: &Module, seed: u64, what: &str) {
    let code = compile(engine, module);
    for (round, expected) in (0..).zip(before) {
        let found = run(&*code, module, seed * 100 + round);
        assert_eq!(&found, expected, "seed {seed}, {what}, {}, inputs {round}\n{module}", engine.name());
    }
}

fn before(module: &Module, seed: u64) -> Vec<Left> {
    let code = compile(&Interpreter::strict(), module);
    (0..6).map(|round| run(&*code, module, seed * 100 + round)).collect()
}

/// So many seeds from the first; PROPTEST_CASES asks for more.
fn seeds(first: u64, count: u64) -> std::ops::Range<u64> {
    let asked = std::env::var("PROPTEST_CASES").ok().and_then(|cases| cases.parse().ok());
    first..first + count.max(asked.unwrap_or(0))
}

#[test]
fn each_pass_alone_preserves_results() {
    let interpreter = Interpreter::strict();
    for (seed, module) in modules(seeds(0, 200)) {
        let before = before(&module, seed);
        for pass in Pass::ALL {
            let after = optimized(&module, &Pipeline::new(&[*pass]), pass.name());
            same(&interpreter, &before, &after, seed, pass.name());
        }
    }
}

#[test]
fn passes_in_random_order_preserve_results() {
    let engines: [&dyn Backend; 2] = [&Interpreter::strict(), &CraneliftBackend::new()];
    for (seed, module) in modules(seeds(1_000_000, 200)) {
        let before = before(&module, seed);
        let mut random = RandomNumbers::new(seed);
        let order: Vec<Pass> = (0..12).map(|_| random.pick(Pass::ALL)).collect();
        let what = format!("{order:?}");
        let after = optimized(&module, &Pipeline::new(&order), &what);
        for engine in engines {
            same(engine, &before, &after, seed, &what);
        }
    }
}

#[test]
fn levels_preserve_results_wherever_they_stop() {
    let engines: [&dyn Backend; 2] = [&Interpreter::strict(), &CraneliftBackend::new()];
    for (seed, module) in modules(seeds(2_000_000, 100)) {
        let before = before(&module, seed);
        for level in [PassLevel::Fast, PassLevel::Full] {
            let what = format!("{level:?}");
            let after = optimized(&module, &Pipeline::of(level), &what);
            for engine in engines {
                same(engine, &before, &after, seed, &what);
            }
        }
        let mut all = module.clone();
        let changes = Pipeline::of(PassLevel::Full).verify(false).run(&mut all).unwrap();
        let limit = RandomNumbers::new(seed).bits() % (changes + 1);
        let what = format!("stopped after {limit} of {changes}");
        let after = optimized(&module, &Pipeline::of(PassLevel::Full).limit(limit), &what);
        same(engines[0], &before, &after, seed, &what);
    }
}
