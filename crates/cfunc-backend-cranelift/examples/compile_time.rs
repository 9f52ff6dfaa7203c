//! Prints how long it takes from IR to code that can be called, for the exponential moving average of an input.
//!
//! `cargo run --release -p cfunc-backend-cranelift --example compile_time`

use std::error::Error;
use std::time::{Duration, Instant};

use cfunc_backend::{Backend, SymbolTable};
use cfunc_backend_cranelift::CraneliftBackend;
use cfunc_ir::{BinaryOperation, FunctionBuilder, IntegerCondition, MemoryClass, Module, Signature, Value};
use cfunc_models::{CompilationOptions, OptimizationLevel, Representation};

const ROUNDS: u32 = 2_000;

/// The parameters of a node with the signals extension.
const PARAMETERS: [Representation; 7] = [
    Representation::Pointer,
    Representation::Pointer,
    Representation::Pointer,
    Representation::I8,
    Representation::Pointer,
    Representation::Pointer,
    Representation::Pointer,
];

/// The cell of the first slot of a pointer array.
fn cell(builder: &mut FunctionBuilder<'_>, parameter: usize) -> Value {
    let slots = builder.parameter(parameter);
    builder.load(Representation::Pointer, slots, 0, MemoryClass::Slot)
}

/// On EXECUTE, and only where the input ticked: `state = state + alpha * (input - state)`, which is also the output.
fn ema() -> Module {
    let mut module = Module::new();
    let signature = Signature::new(&PARAMETERS, &[]);
    let mut builder = FunctionBuilder::new(&mut module, "ema", signature);
    let execute = builder.create_block();
    let update = builder.create_block();
    let done = builder.create_block();
    let phase = builder.parameter(3);
    let is_execute = builder.integer_compare_constant(IntegerCondition::Equal, phase, 0);
    builder.branch(is_execute, execute, done);
    builder.switch_to(execute);
    let flags = builder.parameter(5);
    let ticked = builder.load(Representation::I8, flags, 0, MemoryClass::HostFlag);
    builder.branch(ticked, update, done);
    builder.switch_to(update);
    let input = cell(&mut builder, 4);
    let input = builder.load(Representation::F64, input, 0, MemoryClass::Input);
    let state_cell = cell(&mut builder, 2);
    let state = builder.load(Representation::F64, state_cell, 0, MemoryClass::State);
    let alpha = builder.float64(0.1);
    let difference = builder.binary(BinaryOperation::FloatSubtract, input, state);
    let step = builder.binary(BinaryOperation::FloatMultiply, alpha, difference);
    let next = builder.binary(BinaryOperation::FloatAdd, state, step);
    builder.store(next, state_cell, 0, MemoryClass::State);
    let output = cell(&mut builder, 0);
    builder.store(next, output, 0, MemoryClass::Output);
    let output_ticked = builder.parameter(1);
    let one = builder.boolean(true);
    builder.store(one, output_ticked, 0, MemoryClass::OutputTicked);
    builder.jump(done, &[]);
    builder.switch_to(done);
    builder.return_values(&[]);
    module.entry = Some(builder.finish());
    module
}

/// A chain of ifs over one input, of so many lines: what long user functions look like.
fn long(lines: i64) -> Module {
    let mut module = Module::new();
    let signature = Signature::new(&PARAMETERS, &[]);
    let mut builder = FunctionBuilder::new(&mut module, "long", signature);
    let variable = builder.declare_variable(Representation::I64);
    let other = builder.declare_variable(Representation::I64);
    let input = cell(&mut builder, 4);
    let input = builder.load(Representation::I64, input, 0, MemoryClass::Input);
    builder.define_variable(variable, input);
    builder.define_variable(other, input);
    for line in 0..lines {
        let (then, next) = (builder.create_block(), builder.create_block());
        let value = builder.use_variable(variable);
        let condition = builder.integer_compare_constant(IntegerCondition::SignedGreater, value, line);
        builder.branch(condition, then, next);
        builder.switch_to(then);
        let constant = builder.int64(line + 3);
        let value = builder.use_variable(if line % 3 == 0 { other } else { variable });
        let sum = builder.binary(BinaryOperation::IntegerAdd, value, constant);
        builder.define_variable(if line % 2 == 0 { other } else { variable }, sum);
        builder.jump(next, &[]);
        builder.switch_to(next);
    }
    let (left, right) = (builder.use_variable(variable), builder.use_variable(other));
    let result = builder.binary(BinaryOperation::BitXor, left, right);
    let output = cell(&mut builder, 0);
    builder.store(result, output, 0, MemoryClass::Output);
    builder.return_values(&[]);
    module.entry = Some(builder.finish());
    module
}

fn median(
    backend: &CraneliftBackend,
    module: &Module,
    options: &CompilationOptions,
    rounds: u32,
) -> Result<Duration, Box<dyn Error>> {
    let symbols = SymbolTable::new();
    let mut times = Vec::new();
    for _ in 0..rounds {
        let start = Instant::now();
        let code = backend.compile(module, &symbols, options)?;
        times.push(start.elapsed());
        drop(code);
    }
    times.sort_unstable();
    Ok(times[times.len() / 2])
}

fn main() -> Result<(), Box<dyn Error>> {
    let backend = CraneliftBackend::new();
    let options = CompilationOptions::default();
    let unoptimized =
        CompilationOptions { optimization_level: OptimizationLevel::None, ..CompilationOptions::default() };
    let module = ema();
    println!("ema, speed: {:?}", median(&backend, &module, &options, ROUNDS)?);
    println!("ema, none: {:?}", median(&backend, &module, &unoptimized, ROUNDS)?);
    for lines in [100, 300, 600, 1_000, 2_000, 4_000, 10_000] {
        let module = long(lines);
        let instructions = module.functions[0].instructions.len();
        println!(
            "{lines} lines of ifs, {instructions} instructions: {:?}, none: {:?}",
            median(&backend, &module, &options, 5)?,
            median(&backend, &module, &unoptimized, 5)?
        );
    }
    for threads in [1_u32, 2, 4] {
        let start = Instant::now();
        std::thread::scope(|scope| {
            for _ in 0..threads {
                scope.spawn(|| {
                    for _ in 0..ROUNDS {
                        let code = backend.compile(&module, &SymbolTable::new(), &options);
                        assert!(code.is_ok());
                    }
                });
            }
        });
        let total = f64::from(threads * ROUNDS) / start.elapsed().as_secs_f64();
        println!("{threads} threads: {total:.0} compilations a second");
    }
    Ok(())
}
