//! Units as a whole: memory, control flow, calls, linking, ownership.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cfunc_compiler::ir::{
    BinaryOperation, DataObject, FunctionBuilder, InstructionData, IntegerCondition, MemoryClass, Module, Relocation,
    RelocationTarget, Signature, Terminator, Value,
};
use cfunc_compiler::{BackendError, CompilationOptions, CompiledCode, Effects, Representation, SymbolTable};

use crate::support::{compile, define, engines, entry, module, options};

const POINTER: Representation = Representation::Pointer;
const I64: Representation = Representation::I64;
const F64: Representation = Representation::F64;

fn cell(builder: &mut FunctionBuilder<'_>, parameter: usize) -> Value {
    let slots = builder.parameter(parameter);
    builder.load(POINTER, slots, 0, MemoryClass::Slot)
}

/// `state = output = state + alpha * (input - state)` on EXECUTE.
fn ema() -> Module {
    let parameters = [POINTER, POINTER, POINTER, Representation::I8, POINTER];
    module(&parameters, &[], |builder| {
        let (execute, done) = (builder.create_block(), builder.create_block());
        let phase = builder.parameter(3);
        let is_execute = builder.integer_compare_constant(IntegerCondition::Equal, phase, 0);
        builder.branch(is_execute, execute, done);
        builder.switch_to(execute);
        let input = cell(builder, 4);
        let input = builder.load(F64, input, 0, MemoryClass::Input);
        let state_cell = cell(builder, 2);
        let state = builder.load(F64, state_cell, 0, MemoryClass::State);
        let alpha = builder.float64(0.1);
        let difference = builder.binary(BinaryOperation::FloatSubtract, input, state);
        let step = builder.binary(BinaryOperation::FloatMultiply, alpha, difference);
        let next = builder.binary(BinaryOperation::FloatAdd, state, step);
        builder.store(next, state_cell, 0, MemoryClass::State);
        let output = cell(builder, 0);
        builder.store(next, output, 0, MemoryClass::Output);
        let ticked = builder.parameter(1);
        let one = builder.boolean(true);
        builder.store(one, ticked, 0, MemoryClass::OutputTicked);
        builder.jump(done, &[]);
        builder.switch_to(done);
        builder.return_values(&[]);
    })
}

/// Runs ten ticks of `ema` through `call`, which gets words of the entry's signature, and checks every result.
fn check_ema(call: impl Fn([u64; 5])) {
    let (mut state, mut output, mut input, mut ticked) = (0.0_f64, 0.0_f64, 0.0_f64, 0_i8);
    let mut expected = 0.0_f64;
    for round in 0..10 {
        let states = [(&raw mut state) as u64];
        let outputs = [(&raw mut output) as u64];
        let inputs = [(&raw mut input) as u64];
        // SAFETY: the cell is alive and nobody else uses it.
        unsafe { (&raw mut input).write_volatile(f64::from(round) * 1.5) };
        // The bits above the low eight of the phase are not the callee's business.
        let phase = if round == 5 { 0xab01 } else { 0xab00 };
        call([
            outputs.as_ptr() as u64,
            (&raw mut ticked) as u64,
            states.as_ptr() as u64,
            phase,
            inputs.as_ptr() as u64,
        ]);
        if round != 5 {
            expected += 0.1 * (f64::from(round) * 1.5 - expected);
        }
        // SAFETY: the cells are alive.
        let found = unsafe { ((&raw const state).read_volatile(), (&raw const output).read_volatile()) };
        assert_eq!(found, (expected, expected), "round {round}");
    }
    // SAFETY: the cell is alive.
    assert_eq!(unsafe { (&raw const ticked).read_volatile() }, 1);
}

#[test]
fn ema_through_call_and_through_the_pointer() {
    for engine in engines() {
        let code = compile(&ema(), &engine);
        // SAFETY: the words are those of the entry's signature.
        check_ema(|words| unsafe { code.call(&words) });
        type Function = unsafe extern "C" fn(u64, u64, u64, u64, u64);
        // SAFETY: the entry takes five words; of the fourth it reads the low byte.
        let function: Function = unsafe { entry(&code) };
        // SAFETY: as above.
        check_ema(|words| unsafe { function(words[0], words[1], words[2], words[3], words[4]) });
        assert!(code.size() > 0 && code.size() < 4096, "{}", code.size());
    }
}

#[test]
fn entries_of_other_signatures_are_called_with_words() {
    let parameters = [
        POINTER,
        Representation::I8,
        Representation::I16,
        Representation::I32,
        I64,
        F64,
        Representation::I128,
        I64,
        F64,
        Representation::I8,
    ];
    let module = module(&parameters, &[I64], |builder| {
        let output = builder.parameter(0);
        for index in 1..10 {
            let value = builder.parameter(index);
            let offset = i32::try_from(index).unwrap() * 16;
            builder.store(value, output, offset, MemoryClass::Foreign);
        }
        let result = builder.int64(7);
        builder.return_values(&[result]);
    });
    for engine in engines() {
        let code = compile(&module, &engine);
        let mut output = [[0_u64; 2]; 10];
        let negative = (-3_i64) as u64;
        let words = [
            output.as_mut_ptr() as u64,
            negative,
            negative,
            negative,
            negative,
            2.5_f64.to_bits(),
            negative,
            11,
            (-0.5_f64).to_bits(),
            5,
        ];
        // SAFETY: the words are those of the entry's signature.
        unsafe { code.call(&words) };
        let expected = [
            [0, 0],
            [0xfd, 0],
            [0xfffd, 0],
            [0xffff_fffd, 0],
            [negative, 0],
            [2.5_f64.to_bits(), 0],
            [negative, u64::MAX],
            [11, 0],
            [(-0.5_f64).to_bits(), 0],
            [5, 0],
        ];
        assert_eq!(output, expected);
    }
}

#[test]
fn a_store_between_loads_is_seen() {
    // What is not written during a call is no memory to store to, and LLVM is told so.
    let kept = [MemoryClass::Slot, MemoryClass::Input, MemoryClass::HostFlag, MemoryClass::Constant];
    for class in MemoryClass::ALL.iter().filter(|class| !kept.contains(class)) {
        for other in [*class, MemoryClass::Any] {
            // Two parameters that hold the same address, so that nothing but the class tells that they overlap.
            let module = module(&[POINTER, POINTER], &[I64], |builder| {
                let (left, right) = (builder.parameter(0), builder.parameter(1));
                let before = builder.load(I64, left, 0, *class);
                let one = builder.int64(1);
                let more = builder.binary(BinaryOperation::IntegerAdd, before, one);
                builder.store(more, right, 0, other);
                let middle = builder.load(I64, left, 0, *class);
                let more = builder.binary(BinaryOperation::IntegerAdd, middle, one);
                builder.store(more, right, 0, *class);
                let after = builder.load(I64, left, 0, other);
                let sum = builder.binary(BinaryOperation::IntegerMultiply, before, middle);
                let sum = builder.binary(BinaryOperation::IntegerMultiply, sum, after);
                builder.return_values(&[sum]);
            });
            for engine in engines() {
                let code = compile(&module, &engine);
                let mut memory = 5_i64;
                type Function = unsafe extern "C" fn(*mut i64, *mut i64) -> i64;
                // SAFETY: the entry has this signature.
                let function: Function = unsafe { entry(&code) };
                let address = &raw mut memory;
                // SAFETY: the address is valid.
                assert_eq!(unsafe { function(address, address) }, 5 * 6 * 7, "{class:?}");
            }
        }
    }
}

#[test]
fn stores_that_a_load_of_any_class_sees_are_kept() {
    // state[0] = 1; seen = any[0]; state[0] = 2; return seen
    let module = module(&[POINTER], &[I64], |builder| {
        let address = builder.parameter(0);
        let first = builder.int64(1);
        builder.store(first, address, 0, MemoryClass::State);
        let seen = builder.load(I64, address, 0, MemoryClass::Any);
        let second = builder.int64(2);
        builder.store(second, address, 0, MemoryClass::State);
        let again = builder.load(I64, address, 0, MemoryClass::Any);
        let ten = builder.int64(10);
        let seen = builder.binary(BinaryOperation::IntegerMultiply, seen, ten);
        let sum = builder.binary(BinaryOperation::IntegerAdd, seen, again);
        builder.return_values(&[sum]);
    });
    for engine in engines() {
        let code = compile(&module, &engine);
        let mut memory = 0_i64;
        // SAFETY: the entry has this signature.
        let function: unsafe extern "C" fn(*mut i64) -> i64 = unsafe { entry(&code) };
        // SAFETY: the address is valid.
        assert_eq!(unsafe { function(&raw mut memory) }, 12);
    }
}

#[test]
fn loads_stay_behind_the_branch_that_protects_them() {
    let module = module(&[Representation::I8, POINTER], &[I64], |builder| {
        let (used, unused) = (builder.create_block(), builder.create_block());
        let condition = builder.parameter(0);
        builder.branch(condition, used, unused);
        builder.switch_to(unused);
        let nothing = builder.int64(-1);
        builder.return_values(&[nothing]);
        builder.switch_to(used);
        let repeat = builder.create_block();
        let counter = builder.add_block_parameter(repeat, I64);
        let sum = builder.add_block_parameter(repeat, I64);
        let zero = builder.int64(0);
        builder.jump(repeat, &[zero, zero]);
        builder.switch_to(repeat);
        let slots = builder.parameter(1);
        let cell = builder.load(POINTER, slots, 0, MemoryClass::Slot);
        let value = builder.load(I64, cell, 0, MemoryClass::Input);
        let sum = builder.binary(BinaryOperation::IntegerAdd, sum, value);
        let one = builder.int64(1);
        let counter = builder.binary(BinaryOperation::IntegerAdd, counter, one);
        let more = builder.integer_compare_constant(IntegerCondition::SignedLess, counter, 4);
        let done = builder.create_block();
        builder.branch_with(more, (repeat, &[counter, sum]), (done, &[]));
        builder.switch_to(done);
        builder.return_values(&[sum]);
    });
    for engine in engines() {
        let code = compile(&module, &engine);
        type Function = unsafe extern "C" fn(i8, *const *const i64) -> i64;
        // SAFETY: the entry has this signature.
        let function: Function = unsafe { entry(&code) };
        let value = 21_i64;
        // SAFETY: the array is read only where the condition holds.
        unsafe {
            assert_eq!(function(0, std::ptr::null()), -1);
            assert_eq!(function(1, &(&raw const value)), 84);
        }
    }
}

#[test]
fn blocks_may_be_laid_out_before_what_dominates_them() {
    let module = module(&[I64], &[I64], |builder| {
        let (late, early) = (builder.create_block(), builder.create_block());
        builder.jump(early, &[]);
        builder.switch_to(late);
        let placeholder = builder.parameter(0);
        builder.return_values(&[placeholder]);
        builder.switch_to(early);
        let one = builder.int64(1);
        let argument = builder.parameter(0);
        builder.binary(BinaryOperation::IntegerAdd, argument, one);
        builder.jump(late, &[]);
    });
    let mut module = module;
    let function = &mut module.functions[0];
    let sum = function.values.len() - 1;
    for block in &mut function.blocks {
        if let Some(Terminator::Return(values)) = &mut block.terminator {
            values[0] = Value::from_index(sum);
        }
    }
    for engine in engines() {
        let code = compile(&module, &engine);
        // SAFETY: the entry has this signature.
        let function: extern "C" fn(i64) -> i64 = unsafe { entry(&code) };
        assert_eq!(function(41), 42);
    }
}

#[test]
fn the_entry_block_may_be_a_loop() {
    let mut module = module(&[I64], &[I64], |builder| {
        let (repeat, done) = (builder.current_block(), builder.create_block());
        let value = builder.parameter(0);
        let three = builder.int64(3);
        let next = builder.binary(BinaryOperation::IntegerMultiply, value, three);
        let small = builder.integer_compare_constant(IntegerCondition::SignedLess, next, 100);
        builder.branch_with(small, (done, &[]), (done, &[]));
        builder.switch_to(done);
        builder.return_values(&[next]);
        assert_eq!(repeat.index(), 0);
    });
    let function = &mut module.functions[0];
    let entry_block = function.entry();
    let product = function.results(function.block(entry_block).instructions[1])[0];
    if let Some(Terminator::Branch { if_true, .. }) = &mut function.blocks[0].terminator {
        if_true.block = entry_block;
        if_true.arguments.push(product);
    }
    for engine in engines() {
        let code = compile(&module, &engine);
        // SAFETY: the entry has this signature.
        let function: extern "C" fn(i64) -> i64 = unsafe { entry(&code) };
        assert_eq!([function(1), function(50)], [243, 150]);
    }
}

#[test]
fn calls_within_the_module_with_many_results() {
    let mut module = Module::new();
    let all = [I64, F64, Representation::I8, Representation::I128, I64, POINTER];
    let many = define(&mut module, "many", &all, &all, |builder| {
        let mut values: Vec<Value> = (0..all.len()).map(|index| builder.parameter(index)).collect();
        let one = builder.int64(1);
        values[0] = builder.binary(BinaryOperation::IntegerAdd, values[0], one);
        builder.return_values(&values);
    });
    let caller = define(&mut module, "caller", &[POINTER, I64, F64], &[], |builder| {
        let output = builder.parameter(0);
        let (word, number) = (builder.parameter(1), builder.parameter(2));
        let byte = builder.integer_constant(Representation::I8, -2);
        let wide = builder.integer_constant(Representation::I128, -3);
        let results = builder.call_function(many, &[word, number, byte, wide, word, output]);
        for (index, result) in (0..).zip(results) {
            builder.store(result, output, index * 16, MemoryClass::Foreign);
        }
    });
    module.entry = Some(caller);
    for engine in engines() {
        let code = compile(&module, &engine);
        let mut output = [[0_u64; 2]; 6];
        let address = output.as_mut_ptr() as u64;
        // SAFETY: the words are those of the entry's signature.
        unsafe { code.call(&[address, 9, 1.5_f64.to_bits()]) };
        let expected = [[10, 0], [1.5_f64.to_bits(), 0], [0xfe, 0], [(-3_i64) as u64, u64::MAX], [9, 0], [address, 0]];
        assert_eq!(output, expected);
    }
}

#[test]
fn data_objects_with_relocations() {
    let mut module = Module::new();
    let bytes = module.add_data(DataObject {
        name: "bytes".to_owned(),
        alignment: 1,
        contents: vec![1, 2, 3],
        relocations: Vec::new(),
    });
    let seven = define(&mut module, "seven", &[], &[I64], |builder| {
        let seven = builder.int64(7);
        builder.return_values(&[seven]);
    });
    let table = module.add_data(DataObject {
        name: "table".to_owned(),
        alignment: 16,
        contents: vec![0xee; 32],
        relocations: vec![
            Relocation { offset: 8, target: RelocationTarget::Data(bytes), addend: 2 },
            Relocation { offset: 16, target: RelocationTarget::Function(seven), addend: 0 },
        ],
    });
    let address = define(&mut module, "address", &[], &[POINTER], |builder| {
        let address = builder.data_address(table, 8);
        builder.return_values(&[address]);
    });
    module.entry = Some(address);
    for engine in engines() {
        let code = compile(&module, &engine);
        // SAFETY: the entry has this signature.
        let function: extern "C" fn() -> *const u64 = unsafe { entry(&code) };
        let found = function();
        assert_eq!(found as usize % 16, 8);
        // SAFETY: the table has these words.
        let words = unsafe { [found.sub(1).read(), found.read(), found.add(1).read(), found.add(2).read()] };
        assert_eq!([words[0], words[3]], [0xeeee_eeee_eeee_eeee; 2]);
        // SAFETY: the second word is the address of the third byte.
        assert_eq!(unsafe { (words[1] as *const u8).read() }, 3);
        // SAFETY: the third word is the address of a function without parameters.
        let seven = unsafe { std::mem::transmute::<u64, extern "C" fn() -> i64>(words[2]) };
        assert_eq!(seven(), 7);
    }
}

static CALLS: AtomicI64 = AtomicI64::new(0);

extern "C" fn note(value: i64, factor: f64, small: i8) -> f64 {
    CALLS.fetch_add(value, Ordering::Relaxed);
    value as f64 * factor + f64::from(small)
}

fn calls_note() -> Module {
    module(&[I64, F64], &[F64], |builder| {
        let (value, factor) = (builder.parameter(0), builder.parameter(1));
        let small = builder.integer_constant(Representation::I8, -5);
        let signature = Signature::new(&[I64, F64, Representation::I8], &[F64]);
        let arguments = [value, factor, small];
        let result = builder.call_external("test_note", signature, Effects::Writes, &arguments).unwrap();
        builder.return_values(&[result]);
    })
}

#[test]
fn external_functions_are_called() {
    let mut symbols = SymbolTable::new();
    // SAFETY: the function has the signature that the module declares, and lives forever.
    unsafe { symbols.register("test_note", note as *const u8) };
    for engine in engines() {
        CALLS.store(0, Ordering::Relaxed);
        let code = engine.compile(&calls_note(), &symbols, &options()).unwrap();
        // SAFETY: the entry has this signature.
        let function: extern "C" fn(i64, f64) -> f64 = unsafe { entry(&code) };
        assert_eq!(function(6, 2.5), 10.0);
        assert_eq!(CALLS.load(Ordering::Relaxed), 6);
    }
}

#[test]
fn missing_symbols_are_reported() {
    for engine in engines() {
        let result = engine.compile(&calls_note(), &SymbolTable::new(), &options());
        let expected = BackendError::UndefinedSymbol { symbol: "test_note".to_owned() };
        assert_eq!(result.err(), Some(expected));
    }
}

#[test]
fn invalid_modules_are_errors() {
    let check = |module: &Module| {
        for engine in engines() {
            let result = engine.compile(module, &SymbolTable::new(), &options());
            assert!(matches!(result, Err(BackendError::Internal { .. })), "{}: {result:?}", engine.name());
        }
    };
    let mut no_entry = ema();
    no_entry.entry = None;
    check(&no_entry);
    let mut no_terminator = ema();
    no_terminator.functions[0].blocks[0].terminator = None;
    check(&no_terminator);
    let mut missing_value = ema();
    missing_value.functions[0].blocks[0].instructions.clear();
    check(&missing_value);
    let mut wrong_type = ema();
    for data in &mut wrong_type.functions[0].instructions {
        if let InstructionData::Binary { operation, .. } = data {
            *operation = BinaryOperation::IntegerAdd;
        }
    }
    check(&wrong_type);
}

#[cfg(target_os = "linux")]
fn resident_pages() -> u64 {
    let text = std::fs::read_to_string("/proc/self/statm").unwrap();
    text.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[cfg(target_os = "linux")]
#[test]
fn rounds_of_compiling_and_dropping_hold_no_memory() {
    let module = ema();
    for engine in engines() {
        // LLVM takes a hundred times as long.
        let rounds = if engine.name().starts_with("llvm") { 400 } else { 2_000 };
        let mut addresses = HashSet::new();
        let mut round = |count: usize| {
            addresses.clear();
            for _ in 0..count {
                let code = compile(&module, &engine);
                // SAFETY: the words are those of the entry's signature.
                check_ema(|words| unsafe { code.call(&words) });
                addresses.insert(code.entry_address());
            }
            addresses.len()
        };
        round(rounds / 10);
        let before = resident_pages();
        let places = round(rounds);
        let after = resident_pages();
        // Other tests of this process run at the same time and take some places and pages; units that leaked would have
        // a place for each round.
        assert!(places < rounds / 4, "{}: {places} places", engine.name());
        assert!(after < before + 1_500, "{}: from {before} to {after} pages", engine.name());
    }
}

#[test]
fn eight_threads_compile_and_run() {
    let module = Arc::new(ema());
    let kept: Vec<Arc<dyn CompiledCode>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..8)
            .map(|_| {
                let module = Arc::clone(&module);
                scope.spawn(move || {
                    let mut kept = Vec::new();
                    // The engines are those of the process; on each thread they take turns.
                    for (round, engine) in (0..40).zip(engines().into_iter().cycle()) {
                        let code = compile(&module, &engine);
                        // SAFETY: the words are those of the entry's signature.
                        check_ema(|words| unsafe { code.call(&words) });
                        if round % 4 == 0 {
                            kept.push(code);
                        }
                    }
                    kept
                })
            })
            .collect();
        threads.into_iter().flat_map(|thread| thread.join().unwrap()).collect()
    });
    assert_eq!(kept.len(), 80);
    for code in kept {
        // SAFETY: the words are those of the entry's signature.
        check_ema(|words| unsafe { code.call(&words) });
    }
}

#[test]
fn long_functions_compile_and_run() {
    // A chain of 8,000 ifs: beyond the size at which the register allocator changes.
    let module = module(&[I64], &[I64], |builder| {
        let variable = builder.declare_variable(I64);
        let argument = builder.parameter(0);
        builder.define_variable(variable, argument);
        for index in 0..4_000 {
            let (then, next) = (builder.create_block(), builder.create_block());
            let value = builder.use_variable(variable);
            let condition = builder.integer_compare_constant(IntegerCondition::SignedGreater, value, index);
            builder.branch(condition, then, next);
            builder.switch_to(then);
            let one = builder.int64(1);
            let sum = builder.binary(BinaryOperation::IntegerAdd, value, one);
            builder.define_variable(variable, sum);
            builder.jump(next, &[]);
            builder.switch_to(next);
        }
        let value = builder.use_variable(variable);
        builder.return_values(&[value]);
    });
    for engine in engines() {
        let code = engine.compile(&module, &SymbolTable::new(), &CompilationOptions::default()).unwrap();
        // SAFETY: the entry has this signature.
        let function: extern "C" fn(i64) -> i64 = unsafe { entry(&code) };
        assert_eq!([function(0), function(1), function(-9)], [0, 4_001, -9], "{}", engine.name());
    }
}
