//! Ranges: what a loop over one sees, length, membership.

use cfunc_context::{LowerContext, LowerError, Operand, Operation};
use cfunc_ir::{BinaryOperation, IntegerCondition};
use cfunc_models::{ErrorModel, Representation, Type, Value};

use crate::harness::{Compiled, Input, callable, compile_inputs, compile_with, context, options};

const MAX: i64 = i64::MAX;
const MIN: i64 = i64::MIN;

const RANGES: [(i64, i64, i64); 24] = [
    (0, 5, 1),
    (5, 0, 1),
    (-3, 3, 1),
    (0, 10, 3),
    (0, 9, 3),
    (10, 0, -1),
    (10, 0, -3),
    (0, 10, -1),
    (7, 7, 2),
    (MAX - 3, MAX, 1),
    (MAX - 3, MAX, 2),
    (MIN, MIN + 3, 1),
    (MIN + 3, MIN, -1),
    (MIN + 3, MIN, -2),
    (MIN, MAX, MAX),
    (MAX, MIN, MIN),
    (MIN, MAX, 1 << 62),
    (MAX, MIN, -(1 << 61)),
    (0, MIN, MIN),
    (-1, MIN, MIN),
    (MIN, MAX, MIN),
    (MAX, MIN, MAX),
    (0, MAX, MAX),
    (0, MAX, MAX - 1),
];

fn elements((start, stop, step): (i64, i64, i64)) -> Vec<i64> {
    let (mut current, stop, step) = (i128::from(start), i128::from(stop), i128::from(step));
    let mut elements = Vec::new();
    while if step > 0 { current < stop } else { current > stop } {
        elements.push(i64::try_from(current).unwrap());
        current += step;
    }
    elements
}

/// A polynomial of the elements in their order, which tells sequences apart.
fn digest(elements: &[i64]) -> i64 {
    elements.iter().fold(17, |digest: i64, element| digest.wrapping_mul(31).wrapping_add(*element))
}

/// The digest of what a loop over `range(…)` of the operands sees.
fn digest_loop(b: &mut LowerContext<'_, '_>, operands: &[Operand]) -> Result<Operand, LowerError> {
    let called = callable(b.context, "range", operands.len());
    let range = b.call(called, operands)?;
    let start = b.call(Operation::IterationStart, &[range])?;
    let digest = b.declare_variable(Representation::I64);
    let first = b.int64(17);
    b.define_variable(digest, first);
    let state: Vec<_> = start.values.iter().map(|_| b.declare_variable(Representation::I64)).collect();
    for (variable, value) in state.iter().zip(&start.values) {
        b.define_variable(*variable, *value);
    }
    let (head, body, done) = (b.create_block(), b.create_block(), b.create_block());
    b.jump(head, &[]);
    b.switch_to(head);
    let values: Vec<_> = state.iter().map(|variable| b.use_variable(*variable)).collect();
    let current = Operand::new(start.ty, &values);
    let more = b.call(Operation::IterationHasNext, std::slice::from_ref(&current))?;
    b.branch(more.value(), body, done);
    b.switch_to(body);
    let element = b.call(Operation::IterationValue, std::slice::from_ref(&current))?;
    let (factor, old) = (b.int64(31), b.use_variable(digest));
    let scaled = b.binary(BinaryOperation::IntegerMultiply, old, factor);
    let new = b.binary(BinaryOperation::IntegerAdd, scaled, element.value());
    b.define_variable(digest, new);
    let next = b.call(Operation::IterationAdvance, &[current])?;
    for (variable, value) in state.iter().zip(&next.values) {
        b.define_variable(*variable, *value);
    }
    b.jump(head, &[]);
    b.switch_to(done);
    Ok(Operand::scalar(Type::INT64, b.use_variable(digest)))
}

fn length(b: &mut LowerContext<'_, '_>, operands: &[Operand]) -> Result<Operand, LowerError> {
    let called = callable(b.context, "range", operands.len());
    let range = b.call(called, operands)?;
    let len = callable(b.context, "len", 1);
    b.call(len, &[range])
}

fn contains(b: &mut LowerContext<'_, '_>, operands: &[Operand]) -> Result<Operand, LowerError> {
    let (value, bounds) = operands.split_first().expect("a value");
    let called = callable(b.context, "range", bounds.len());
    let range = b.call(called, bounds)?;
    b.call(Operation::Contains, &[range, value.clone()])
}

const PARAMETER: Input = Input::Parameter(Type::INT64);

fn constant(value: i64) -> Input {
    Input::Constant(Type::INT64, Value::Integer(value))
}

#[track_caller]
fn run(compiled: &Compiled, words: &[i64]) -> i64 {
    let words: Vec<u64> = words.iter().map(|word| word.cast_unsigned()).collect();
    compiled.run(&words).expect("no error")[0].cast_signed()
}

#[test]
fn loops_see_the_elements() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    let general = compile_with(&context, &[PARAMETER, PARAMETER, PARAMETER], &options, digest_loop);
    let unit = compile_with(&context, &[PARAMETER, PARAMETER], &options, digest_loop);
    let single = compile_with(&context, &[PARAMETER], &options, digest_loop);
    for range in RANGES {
        let (start, stop, step) = range;
        let expected = digest(&elements(range));
        assert_eq!(run(&general, &[start, stop, step]), expected, "{range:?}");
        let special = compile_with(&context, &[PARAMETER, PARAMETER, constant(step)], &options, digest_loop);
        assert_eq!(run(&special, &[start, stop]), expected, "{range:?} with a constant step");
        if step == 1 {
            assert_eq!(run(&unit, &[start, stop]), expected, "{range:?} without a step");
            if start == 0 {
                assert_eq!(run(&single, &[stop]), expected, "{range:?} without a start");
            }
        }
    }
}

#[test]
fn lengths_and_members_are_those_of_python() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    let three = [PARAMETER, PARAMETER, PARAMETER];
    let length_of = compile_with(&context, &three, &options, length);
    let unit_length = compile_with(&context, &[PARAMETER, PARAMETER], &options, length);
    let four = [PARAMETER, PARAMETER, PARAMETER, PARAMETER];
    let member_of = compile_with(&context, &four, &options, contains);
    let unit_member = compile_with(&context, &three, &options, contains);
    for range in RANGES {
        let (start, stop, step) = range;
        let elements = elements(range);
        assert_eq!(run(&length_of, &[start, stop, step]), i64::try_from(elements.len()).unwrap(), "{range:?}");
        let near = elements.iter().flat_map(|element| [-1, 0, 1].map(|step| element.wrapping_add(step)));
        for value in near.chain([start, stop, 0, MIN, MAX]) {
            let expected = i64::from(elements.contains(&value));
            assert_eq!(run(&member_of, &[value, start, stop, step]), expected, "{value} in {range:?}");
            if step == 1 {
                assert_eq!(run(&unit_member, &[value, start, stop]), expected, "{value} in {range:?}");
            }
        }
        if step == 1 {
            assert_eq!(run(&unit_length, &[start, stop]), i64::try_from(elements.len()).unwrap());
        }
    }
}

#[test]
fn lengths_with_a_constant_end_and_step_are_those_of_python() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    for range in RANGES {
        let (start, stop, step) = range;
        let expected = i64::try_from(elements(range).len()).unwrap();
        let from = compile_with(&context, &[constant(start), PARAMETER, constant(step)], &options, length);
        assert_eq!(run(&from, &[stop]), expected, "{range:?} from a constant");
        let to = compile_with(&context, &[PARAMETER, constant(stop), constant(step)], &options, length);
        assert_eq!(run(&to, &[start]), expected, "{range:?} to a constant");
    }
}

#[test]
fn a_length_that_surely_fits_is_not_checked() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    let checked = |inputs: &[Input]| {
        let text = compile_with(&context, inputs, &options, length).text();
        text.contains("branch") && text.contains("does not fit")
    };
    assert!(!checked(&[PARAMETER]));
    assert!(!checked(&[constant(0), PARAMETER, constant(3)]));
    assert!(!checked(&[PARAMETER, constant(-1), constant(2)]));
    assert!(!checked(&[PARAMETER, constant(0), constant(-1)]));
    assert!(checked(&[constant(-1), PARAMETER]));
    assert!(checked(&[PARAMETER, constant(0), constant(1)]));
    assert!(checked(&[PARAMETER, constant(-1), constant(-1)]));
    let error = ("OverflowError".to_owned(), "the length of the range does not fit into 64 bits".to_owned());
    let from = compile_with(&context, &[constant(-1), PARAMETER], &options, length);
    assert_eq!(from.run(&[MAX.cast_unsigned()]), Err(error));
}

#[test]
fn a_literal_step_of_one_is_a_range_without_a_step() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    let called = callable(&context, "range", 3);
    let name = |step| {
        let inputs = [PARAMETER, PARAMETER, constant(step)];
        let compiled = compile_inputs(&context, called, &inputs, &options);
        context.types().name(compiled.result).to_owned()
    };
    assert_eq!(name(1), "range");
    assert_eq!(name(2), "range with a step");
}

#[test]
fn loops_divide_nothing() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    for inputs in [vec![PARAMETER], vec![PARAMETER, PARAMETER, constant(-3)], vec![PARAMETER; 3]] {
        let text = compile_with(&context, &inputs, &options, digest_loop).text();
        assert!(!text.contains("sdiv"), "{text}");
    }
}

#[test]
fn a_zero_step_is_an_error() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    let error = Err(("ValueError".to_owned(), "range() arg 3 must not be zero".to_owned()));
    let general = compile_with(&context, &[PARAMETER, PARAMETER, PARAMETER], &options, digest_loop);
    assert_eq!(general.run(&[0, 5, 0]), error);
    let special = compile_with(&context, &[PARAMETER, PARAMETER, constant(0)], &options, digest_loop);
    assert_eq!(special.run(&[0, 5]), error);
}

#[test]
fn ranges_of_both_kinds_unify() {
    let (context, options) = (context(), options(ErrorModel::Numpy));
    let compiled = compile_with(&context, &[PARAMETER, PARAMETER], &options, |b, operands| {
        let called = callable(b.context, "range", 2);
        let range = b.call(called, operands)?;
        let stepped = b.types.lookup("range with a step").expect("the type");
        let mut types = b.types.clone();
        assert_eq!(b.context.registry().unify(&mut types, stepped, range.ty, b.uses).map(|(ty, _)| ty), Some(stepped));
        let cast = b.cast(range, stepped)?;
        let condition = b.integer_compare_constant(IntegerCondition::Equal, cast.values[2], 1);
        let length = b.call(Operation::Length, &[cast])?;
        let zero = b.int64(0);
        Ok(Operand::scalar(Type::INT64, b.select(condition, length.value(), zero)))
    });
    assert_eq!(run(&compiled, &[2, 7]), 5);
}
