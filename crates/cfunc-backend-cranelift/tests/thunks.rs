//! Calls of rare functions go through thunks: loops keep their registers, and nothing else is different.

use std::sync::Arc;
use std::thread;

use cfunc_backend::{Backend, CodeText, CompiledCode, SymbolTable};
use cfunc_backend_cranelift::CraneliftBackend;
use cfunc_backend_interp::Interpreter;
use cfunc_ir::{BinaryOperation, ConvertOperation, FunctionBuilder, IntegerCondition, MemoryClass, Module, Signature};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation, RuntimeFunction};

const POINTER: Representation = Representation::Pointer;
const I64: Representation = Representation::I64;
const F64: Representation = Representation::F64;

/// Words that the entry reads and writes: floats, then integers.
const FLOATS: usize = 12;
const WORDS: usize = FLOATS + 4;

/// A loop of so many rounds over variables, which are the words of the argument, that polls in each fourth.
fn polls(rounds: i64) -> Module {
    let mut module = Module::new();
    let mut b = FunctionBuilder::new(&mut module, "entry", Signature::new(&[POINTER], &[]));
    let state = b.parameter(0);
    let (head, cold, next, done) = (b.create_block(), b.create_cold_block(), b.create_block(), b.create_block());
    let mut variables = Vec::new();
    for (index, offset) in (0..WORDS).zip((0..).step_by(8)) {
        let representation = if index < FLOATS { F64 } else { I64 };
        let variable = b.declare_variable(representation);
        let value = b.load(representation, state, offset, MemoryClass::State);
        b.define_variable(variable, value);
        variables.push(variable);
    }
    let counter = b.declare_variable(I64);
    let zero = b.int64(0);
    b.define_variable(counter, zero);
    b.jump(head, &[]);

    b.switch_to(head);
    for index in (1..WORDS).filter(|index| *index != FLOATS) {
        let operation = if index < FLOATS { BinaryOperation::FloatAdd } else { BinaryOperation::IntegerAdd };
        let (left, right) = (b.use_variable(variables[index]), b.use_variable(variables[index - 1]));
        let sum = b.binary(operation, left, right);
        b.define_variable(variables[index], sum);
    }
    let (count, three) = (b.use_variable(counter), b.int64(3));
    let bits = b.binary(BinaryOperation::BitAnd, count, three);
    let is_due = b.integer_compare_constant(IntegerCondition::Equal, bits, 0);
    b.branch(is_due, cold, next);

    b.switch_to(cold);
    let ends = b.call_runtime(RuntimeFunction::Poll, &[]).expect("it gives something");
    let ends = b.convert(ConvertOperation::SignExtend, ends, I64);
    let (last, one) = (b.use_variable(variables[WORDS - 1]), b.int64(1));
    let sum = b.binary(BinaryOperation::IntegerAdd, last, ends);
    let sum = b.binary(BinaryOperation::IntegerAdd, sum, one);
    b.define_variable(variables[WORDS - 1], sum);
    b.jump(next, &[]);

    b.switch_to(next);
    let (count, one) = (b.use_variable(counter), b.int64(1));
    let more = b.binary(BinaryOperation::IntegerAdd, count, one);
    b.define_variable(counter, more);
    let again = b.integer_compare_constant(IntegerCondition::SignedLess, more, rounds);
    b.branch(again, head, done);

    b.switch_to(done);
    for (variable, offset) in variables.iter().zip((0..).step_by(8)) {
        let value = b.use_variable(*variable);
        b.store(value, state, offset, MemoryClass::State);
    }
    b.return_values(&[]);
    module.entry = Some(b.finish());
    module
}

fn run(code: &dyn CompiledCode) -> [u64; WORDS] {
    let mut state = [0; WORDS];
    for (index, word) in state.iter_mut().enumerate() {
        *word = if index < FLOATS { (index as f64 * 0.37 + 0.1).to_bits() } else { index as u64 + 3 };
    }
    let address = (&raw mut state) as u64;
    // SAFETY: the entry reads and writes so many words.
    unsafe { code.call(&[address]) };
    state
}

fn options(optimization_level: OptimizationLevel) -> CompilationOptions {
    CompilationOptions { optimization_level, ..CompilationOptions::default() }
}

fn compile(engine: &dyn Backend, module: &Module, level: OptimizationLevel) -> Arc<dyn CompiledCode> {
    engine.compile(module, &SymbolTable::new(), &options(level)).unwrap()
}

#[test]
fn values_survive_rare_calls() {
    let engine = CraneliftBackend::new();
    for rounds in [1, 2, 50, 1_000] {
        let module = polls(rounds);
        let expected = run(&*compile(&Interpreter::strict(), &module, OptimizationLevel::Speed));
        for level in [OptimizationLevel::Speed, OptimizationLevel::None] {
            assert_eq!(run(&*compile(&engine, &module, level)), expected, "{rounds} rounds, {level:?}");
        }
    }
}

#[test]
fn loops_keep_their_registers() {
    let module = polls(1_000);
    let text = |level, kind| CraneliftBackend::new().text(&module, &options(level), kind).unwrap();
    let has_thunk = |level| text(level, CodeText::Intermediate).contains("preserve_all");
    // Windows keeps registers of floats, and has no thunks.
    assert_eq!(has_thunk(OptimizationLevel::Speed), !cfg!(windows));
    assert!(!has_thunk(OptimizationLevel::None), "every value is on the stack between blocks");
    if cfg!(all(target_arch = "x86_64", not(windows))) {
        let text = text(OptimizationLevel::Speed, CodeText::Assembly);
        assert!(!text.lines().any(|line| line.contains("(%rsp)") && line.contains("xmm")), "{text}");
    }
}

#[test]
fn thunks_live_as_long_as_code_that_calls_them() {
    let module = polls(50);
    let expected = run(&*compile(&Interpreter::strict(), &module, OptimizationLevel::Speed));
    // Threads that want the same thunk at once, and an engine that goes before the code that it made.
    let engine = Arc::new(CraneliftBackend::new());
    let threads = [(); 4].map(|()| {
        let (engine, module) = (Arc::clone(&engine), module.clone());
        thread::spawn(move || compile(&*engine, &module, OptimizationLevel::Speed))
    });
    drop(engine);
    for thread in threads {
        let code = thread.join().unwrap();
        // Its thunk would take the place of one that is gone.
        let other = CraneliftBackend::new();
        let other = compile(&other, &polls(1), OptimizationLevel::Speed);
        assert_eq!(run(&*code), expected);
        assert_ne!(run(&*other), expected);
    }
}
