//! Functions without frames on x86-64: what they look like, and that their callers notice nothing.

use cfunc_compiler::ir::{BinaryOperation, IntegerCondition, MemoryClass, Module, Value};
use cfunc_compiler::{CodeText, CompilationOptions, Representation};

use super::support::{compile, define, engines, entry, module};

const POINTER: Representation = Representation::Pointer;
const I64: Representation = Representation::I64;

/// What Cranelift makes of a module.
fn text(module: &Module) -> String {
    let engines = engines();
    let cranelift = engines.iter().find(|engine| engine.name() == "cranelift").expect("the default engine");
    cranelift.text(module, &CompilationOptions::default(), CodeText::Assembly).unwrap()
}

/// `if words[0] < 0 { words[1] } else { words[0] + words[1] }`, stored, with two returns and parameters that nothing uses.
fn leaf(parameters: &[Representation]) -> Module {
    module(parameters, &[], |builder| {
        let words = builder.parameter(0);
        let (first, second) =
            (builder.load(I64, words, 0, MemoryClass::Foreign), builder.load(I64, words, 8, MemoryClass::Foreign));
        let (negative, other) = (builder.create_block(), builder.create_block());
        let is_negative = builder.integer_compare_constant(IntegerCondition::SignedLess, first, 0);
        builder.branch(is_negative, negative, other);
        builder.switch_to(negative);
        builder.store(second, words, 16, MemoryClass::Foreign);
        builder.return_values(&[]);
        builder.switch_to(other);
        let sum = builder.binary(BinaryOperation::IntegerAdd, first, second);
        builder.store(sum, words, 16, MemoryClass::Foreign);
        builder.return_values(&[]);
    })
}

#[track_caller]
fn check_leaf(module: &Module) {
    for engine in engines() {
        let code = compile(module, &engine);
        // SAFETY: the entry takes at most these words.
        let function: unsafe extern "C" fn(*mut i64, u64, u64, u64, u64, u64, u64, u64) = unsafe { entry(&code) };
        for (first, expected) in [(-1, 5), (3, 8)] {
            let mut words = [first, 5, 0];
            // SAFETY: the words are there.
            unsafe { function(words.as_mut_ptr(), 1, 2, 3, 4, 5, 6, 7) };
            assert_eq!(words[2], expected);
        }
    }
}

#[test]
fn leaves_have_no_frame() {
    let module = leaf(&[POINTER; 3]);
    let text = text(&module);
    assert!(!text.contains("rbp") && text.contains("retq"), "{text}");
    check_leaf(&module);
}

#[test]
fn parameters_on_the_stack_are_left_out_where_nothing_uses_them() {
    let module = leaf(&[POINTER; 8]);
    let text = text(&module);
    assert!(!text.contains("rbp"), "{text}");
    check_leaf(&module);
}

#[test]
fn parameters_on_the_stack_that_are_used_need_a_frame() {
    let module = module(&[I64; 8], &[I64], |builder| {
        let (first, last) = (builder.parameter(0), builder.parameter(7));
        let difference = builder.binary(BinaryOperation::IntegerSubtract, first, last);
        builder.return_values(&[difference]);
    });
    let text = text(&module);
    assert!(text.contains("popq %rbp\n  retq") && !text.contains("movq %rbp, %rsp"), "{text}");
    for engine in engines() {
        let code = compile(&module, &engine);
        // SAFETY: the entry has this signature.
        let function: unsafe extern "C" fn(i64, i64, i64, i64, i64, i64, i64, i64) -> i64 = unsafe { entry(&code) };
        // SAFETY: it only computes.
        assert_eq!(unsafe { function(50, 1, 2, 3, 4, 5, 6, 8) }, 42);
    }
}

#[test]
fn calls_need_a_frame() {
    let mut module = Module::new();
    let double = define(&mut module, "double", &[I64], &[I64], |builder| {
        let value = builder.parameter(0);
        let double = builder.binary(BinaryOperation::IntegerAdd, value, value);
        builder.return_values(&[double]);
    });
    let tested = define(&mut module, "tested", &[I64], &[I64], |builder| {
        let value = builder.parameter(0);
        let double = builder.call_function(double, &[value])[0];
        let sum = builder.binary(BinaryOperation::IntegerAdd, value, double);
        builder.return_values(&[sum]);
    });
    module.entry = Some(tested);
    let text = text(&module);
    let (callee, caller) = text.split_once("; tested").unwrap();
    assert!(!callee.contains("rbp"), "{text}");
    assert!(caller.contains("movq %rsp, %rbp") && !caller.contains("movq %rbp, %rsp"), "{text}");
    for engine in engines() {
        let code = compile(&module, &engine);
        // SAFETY: the entry has this signature.
        let function: unsafe extern "C" fn(i64) -> i64 = unsafe { entry(&code) };
        // SAFETY: it only computes.
        assert_eq!(unsafe { function(14) }, 42);
    }
}

#[test]
fn values_that_do_not_fit_registers_are_kept_without_a_frame() {
    const COUNT: usize = 40;
    let module = module(&[POINTER], &[I64], |builder| {
        let words = builder.parameter(0);
        let at = |index: usize| i32::try_from(8 * index).unwrap();
        let values: Vec<Value> =
            (0..COUNT).map(|index| builder.load(I64, words, at(index), MemoryClass::State)).collect();
        // All of them are needed after the memory has changed.
        for index in 0..COUNT {
            let other = values[(index + 1) % COUNT];
            let sum = builder.binary(BinaryOperation::IntegerMultiply, values[index], other);
            builder.store(sum, words, at(index), MemoryClass::State);
        }
        let mut sum = values[0];
        for value in &values[1..] {
            sum = builder.binary(BinaryOperation::IntegerAdd, sum, *value);
        }
        builder.return_values(&[sum]);
    });
    let text = text(&module);
    assert!(text.contains("%rsp") && !text.contains("rbp"), "{text}");
    for engine in engines() {
        let code = compile(&module, &engine);
        // SAFETY: the entry has this signature.
        let function: unsafe extern "C" fn(*mut i64) -> i64 = unsafe { entry(&code) };
        let before: Vec<i64> = (0..COUNT as i64).map(|index| index * index + 1).collect();
        let mut words = before.clone();
        // SAFETY: the words are there.
        assert_eq!(unsafe { function(words.as_mut_ptr()) }, before.iter().sum::<i64>());
        for index in 0..COUNT {
            assert_eq!(words[index], before[index] * before[(index + 1) % COUNT]);
        }
    }
}

/// The bytes that functions end with, read as an integer with others around them.
const LIKE_AN_END: i64 = i64::from_le_bytes([0x11, 0x48, 0x89, 0xec, 0x5d, 0xc3, 0x22, 0x33]);

#[test]
fn constants_that_look_like_the_end_of_a_function_stay() {
    let module = module(&[], &[I64], |builder| {
        let constant = builder.int64(LIKE_AN_END);
        builder.return_values(&[constant]);
    });
    check_constant(&module);
}

#[test]
fn constants_that_look_like_an_end_do_not_stand_for_a_return_that_is_never_reached() {
    let module = module(&[I64], &[I64], |builder| {
        let (value, constant) = (builder.parameter(0), builder.int64(LIKE_AN_END));
        let (here, never) = (builder.create_block(), builder.create_block());
        // Code generators see that, and leave the other block out.
        let is_same = builder.integer_compare(IntegerCondition::Equal, value, value);
        builder.branch(is_same, here, never);
        builder.switch_to(here);
        builder.return_values(&[constant]);
        builder.switch_to(never);
        builder.return_values(&[value]);
    });
    check_constant(&module);
}

#[track_caller]
fn check_constant(module: &Module) {
    for engine in engines() {
        let code = compile(module, &engine);
        // SAFETY: the entry takes at most this word.
        let function: unsafe extern "C" fn(i64) -> i64 = unsafe { entry(&code) };
        // SAFETY: it only computes.
        assert_eq!(unsafe { function(5) }, LIKE_AN_END, "{}", engine.name());
    }
}
