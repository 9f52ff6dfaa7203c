//! From variables to block parameters.

use std::collections::{HashMap, HashSet};
use std::time::{Duration, Instant};

use cfunc_ir::testing::random_module;
use cfunc_ir::{
    BinaryOperation, FunctionBuilder, IntegerCondition, Module, Signature, Terminator, Value, Variable, verify,
};
use cfunc_models::Representation::{F64, I8, I64};
use expect_test::{Expect, expect};

#[track_caller]
fn check(module: &Module, expected: &Expect) {
    expected.assert_eq(&module.to_string());
    verify(module).unwrap_or_else(|errors| panic!("{errors}\n{module}"));
}

fn parameter_count(module: &Module) -> usize {
    let function = &module.functions[0];
    let blocks = function.layout.iter().skip(1);
    blocks.map(|block| function.block(*block).parameters.len()).sum()
}

#[test]
fn a_loop_keeps_the_parameters_that_change() {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "sum", Signature::new(&[I64], &[I64]));
    let bound = builder.parameter(0);
    let (limit, sum, index) =
        (builder.declare_variable(I64), builder.declare_variable(I64), builder.declare_variable(I64));
    builder.define_variable(limit, bound);
    let zero = builder.int64(0);
    builder.define_variable(index, zero);
    // `sum` is not defined before the loop: 0.
    let (head, body, exit) = (builder.create_block(), builder.create_block(), builder.create_block());
    builder.jump(head, &[]);
    builder.switch_to(head);
    let (now, end) = (builder.use_variable(index), builder.use_variable(limit));
    let more = builder.integer_compare(IntegerCondition::SignedLess, now, end);
    builder.branch(more, body, exit);
    builder.switch_to(body);
    let (before, now) = (builder.use_variable(sum), builder.use_variable(index));
    let after = builder.binary(BinaryOperation::IntegerAdd, before, now);
    builder.define_variable(sum, after);
    let one = builder.int64(1);
    let next = builder.binary(BinaryOperation::IntegerAdd, now, one);
    builder.define_variable(index, next);
    builder.jump(head, &[]);
    builder.switch_to(exit);
    let result = builder.use_variable(sum);
    builder.return_values(&[result]);
    builder.finish();
    check(
        &module,
        &expect![[r#"
            fn0 = function "sum" (i64) -> (i64) {
            block0(v0: i64):
                v1: i64 = iconst 0
                v2: i64 = iconst 0
                jump block1(v1, v2)
            block1(v3: i64, v4: i64):
                v5: i8 = icmp slt v4, v0
                branch v5, block2, block3
            block2:
                v6: i64 = iadd v3, v4
                v7: i64 = iconst 1
                v8: i64 = iadd v4, v7
                jump block1(v6, v8)
            block3:
                return v3
            }
        "#]],
    );
}

#[test]
fn code_after_a_return_disappears_and_open_blocks_end() {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[I8], &[]));
    let condition = builder.parameter(0);
    let variable = builder.declare_variable(F64);
    let (left, open) = (builder.create_block(), builder.create_block());
    builder.branch(condition, left, open);
    builder.switch_to(left);
    builder.return_values(&[]);
    // Dead: reads and defines a variable, and jumps to what is reached otherwise too.
    let read = builder.use_variable(variable);
    builder.define_variable(variable, read);
    builder.jump(open, &[]);
    builder.finish();
    check(
        &module,
        &expect![[r#"
        fn0 = function "f" (i8) {
        block0(v0: i8):
            branch v0, block1, block2
        block1:
            return
        block2:
            unreachable
        }
    "#]],
    );
}

/// Both edges of a branch to one block carry their arguments.
#[test]
fn both_edges_of_a_branch_to_one_block() {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[I8, I64], &[I64]));
    let (condition, value) = (builder.parameter(0), builder.parameter(1));
    let variable = builder.declare_variable(I64);
    builder.define_variable(variable, value);
    let join = builder.create_block();
    let merged = builder.add_block_parameter(join, I64);
    let one = builder.int64(1);
    builder.branch_with(condition, (join, &[value]), (join, &[one]));
    builder.switch_to(join);
    let read = builder.use_variable(variable);
    let sum = builder.binary(BinaryOperation::IntegerAdd, read, merged);
    builder.return_values(&[sum]);
    builder.finish();
    check(
        &module,
        &expect![[r#"
        fn0 = function "f" (i8, i64) -> (i64) {
        block0(v0: i8, v1: i64):
            v2: i64 = iconst 1
            branch v0, block1(v1), block1(v2)
        block1(v3: i64):
            v4: i64 = iadd v1, v3
            return v4
        }
    "#]],
    );
}

/// `if c: x += 1`, many times over, with a second variable that never changes, and one read at the end alone.
fn if_chain(length: usize, variables: usize) -> Module {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[I8, I64], &[I64]));
    let (condition, start) = (builder.parameter(0), builder.parameter(1));
    let declared: Vec<Variable> = (0..variables).map(|_| builder.declare_variable(I64)).collect();
    for variable in &declared {
        builder.define_variable(*variable, start);
    }
    for _ in 0..length {
        let (then, join) = (builder.create_block(), builder.create_block());
        builder.branch(condition, then, join);
        builder.switch_to(then);
        let value = builder.use_variable(declared[0]);
        let constant = builder.use_variable(declared[1]);
        let sum = builder.binary(BinaryOperation::IntegerAdd, value, constant);
        builder.define_variable(declared[0], sum);
        builder.jump(join, &[]);
        builder.switch_to(join);
    }
    let mut result = builder.use_variable(declared[0]);
    for variable in &declared[1..] {
        let value = builder.use_variable(*variable);
        result = builder.binary(BinaryOperation::BitXor, result, value);
    }
    builder.return_values(&[result]);
    builder.finish();
    module
}

#[test]
fn a_chain_of_ifs_is_quick_and_does_not_recurse() {
    // A stack on which recursion over 20,000 blocks would not fit.
    let thread = std::thread::Builder::new().stack_size(256 * 1024);
    let finished = thread.spawn(|| {
        let start = Instant::now();
        let module = if_chain(10_000, 4);
        assert_eq!(module.functions[0].layout.len(), 20_001);
        assert_eq!(parameter_count(&module), 10_000);
        verify(&module).unwrap_or_else(|errors| panic!("{errors}"));
        let text = module.to_string();
        assert_eq!(cfunc_ir::parse_module(&text).map(|module| module.to_string()), Ok(text));
        start.elapsed()
    });
    let elapsed = finished.expect("a thread starts").join().expect("the thread ends");
    assert!(elapsed < Duration::from_secs(10), "{elapsed:?}");
}

/// One block that thousands jump to, as error exits do, and whose dominator is the entry.
#[test]
fn one_exit_of_many_blocks_is_verified_quickly() {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[I8], &[]));
    let condition = builder.parameter(0);
    let exit = builder.create_cold_block();
    for _ in 0..20_000 {
        let next = builder.create_block();
        builder.branch(condition, exit, next);
        builder.switch_to(next);
    }
    builder.return_values(&[]);
    builder.switch_to(exit);
    builder.finish();
    let start = Instant::now();
    verify(&module).unwrap_or_else(|errors| panic!("{errors}"));
    assert!(start.elapsed() < Duration::from_secs(3));
}

/// Loops inside of loops: a variable that none of them changes needs no parameter anywhere.
#[test]
fn nested_loops_have_no_parameters_for_what_they_do_not_change() {
    const DEPTH: usize = 200;
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&[I8, I64], &[I64]));
    let (condition, start) = (builder.parameter(0), builder.parameter(1));
    let (same, counter) = (builder.declare_variable(I64), builder.declare_variable(I64));
    builder.define_variable(same, start);
    builder.define_variable(counter, start);
    let mut open = Vec::new();
    for _ in 0..DEPTH {
        let (head, body, exit) = (builder.create_block(), builder.create_block(), builder.create_block());
        builder.jump(head, &[]);
        builder.switch_to(head);
        builder.branch(condition, body, exit);
        builder.switch_to(body);
        builder.use_variable(same);
        open.push((head, exit));
    }
    let (value, step) = (builder.use_variable(counter), builder.use_variable(same));
    let next = builder.binary(BinaryOperation::IntegerAdd, value, step);
    builder.define_variable(counter, next);
    while let Some((head, exit)) = open.pop() {
        builder.jump(head, &[]);
        builder.switch_to(exit);
        builder.use_variable(same);
    }
    let (value, step) = (builder.use_variable(counter), builder.use_variable(same));
    let result = builder.binary(BinaryOperation::BitXor, value, step);
    builder.return_values(&[result]);
    builder.finish();
    verify(&module).unwrap_or_else(|errors| panic!("{errors}"));
    // The counter alone, at the head of every loop.
    assert_eq!(parameter_count(&module), DEPTH);
}

/// Every parameter that is left takes at least two values other than itself.
#[test]
fn no_parameter_of_random_modules_is_redundant() {
    let mut parameters = 0;
    for seed in 0..300 {
        let module = random_module(seed, 60);
        for function in &module.functions {
            let mut arguments: HashMap<Value, HashSet<Value>> = HashMap::new();
            for block in &function.layout {
                let terminator = function.block(*block).terminator.as_ref();
                for target in terminator.into_iter().flat_map(Terminator::targets) {
                    let parameters = &function.block(target.block).parameters;
                    for (parameter, argument) in parameters.iter().zip(&target.arguments) {
                        if parameter != argument {
                            arguments.entry(*parameter).or_default().insert(*argument);
                        }
                    }
                }
            }
            parameters += arguments.len();
            for (parameter, values) in arguments {
                assert!(values.len() > 1, "{seed} {parameter} {}\n{module}", function.name);
            }
        }
    }
    assert!(parameters > 500, "{parameters}");
}
