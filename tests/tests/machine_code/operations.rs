//! Every operation of the IR on edge values, against Rust's arithmetic.

use std::sync::Arc;

use cfunc_compiler::ir::{
    BinaryOperation, ConvertOperation, FloatCondition, FunctionBuilder, IntegerCondition, MemoryClass, UnaryOperation,
    Value,
};
use cfunc_compiler::{Backend, Representation};

use crate::support::{compile, engines, entry, module};

const INTEGERS: [Representation; 5] =
    [Representation::I8, Representation::I16, Representation::I32, Representation::I64, Representation::I128];

const FLOATS: [f64; 24] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    -0.5,
    1.5,
    2.5,
    -2.5,
    -1.5,
    0.49999999999999994,
    4503599627370497.5,
    1e15,
    -1e19,
    9.223372036854775e18,
    9.223372036854776e18,
    -9.223372036854776e18,
    f64::MIN_POSITIVE,
    5e-324,
    f64::MAX,
    f64::MIN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
];

fn bits(representation: Representation) -> u32 {
    representation.size() * 8
}

/// The number that the low bits of `value` are in a representation.
fn wrap(value: i128, representation: Representation) -> i128 {
    let unused = 128 - bits(representation);
    value << unused >> unused
}

fn unsigned(value: i128, representation: Representation) -> u128 {
    let unused = 128 - bits(representation);
    (value as u128) << unused >> unused
}

fn operands(representation: Representation) -> Vec<i128> {
    let minimum = -1_i128 << (bits(representation) - 1);
    let maximum = !minimum;
    let mut values = vec![minimum, minimum + 1, maximum, maximum - 1];
    values.extend([0, 1, -1, 2, -2, 3, 7, -7, 8, 63, 64, 100, -100]);
    values.extend(
        [0x5a5a_1234_5678_9abc_def0_1357_2468_aceb, -0x7654_3210_0fed_cba9].map(|value| wrap(value, representation)),
    );
    values
}

/// One operand or result in memory, 16 bytes apart.
type Cells = Vec<[u8; 16]>;

fn load(builder: &mut FunctionBuilder<'_>, representation: Representation, index: i32) -> Value {
    let base = builder.parameter(0);
    builder.load(representation, base, index * 16, MemoryClass::Foreign)
}

fn store(builder: &mut FunctionBuilder<'_>, value: Value, index: i32) {
    let base = builder.parameter(1);
    builder.store(value, base, index * 16, MemoryClass::State);
}

/// Runs `body` on cells in memory; returns the first `results` cells written.
fn run(engine: &Arc<dyn Backend>, body: impl Fn(&mut FunctionBuilder<'_>)) -> impl Fn(&[[u8; 16]], usize) -> Cells {
    let parameters = [Representation::Pointer, Representation::Pointer];
    let module = module(&parameters, &[], body);
    let code = compile(&module, engine);
    move |input, results| {
        let mut output = vec![[0_u8; 16]; results];
        type Function = unsafe extern "C" fn(*const [u8; 16], *mut [u8; 16]);
        // SAFETY: the entry has this signature.
        let function: Function = unsafe { entry(&code) };
        // SAFETY: both arrays are as long as the bodies of this file read and write.
        unsafe { function(input.as_ptr(), output.as_mut_ptr()) };
        output
    }
}

fn integer(cell: [u8; 16], representation: Representation) -> i128 {
    wrap(i128::from_le_bytes(cell), representation)
}

fn float(cell: [u8; 16]) -> f64 {
    f64::from_bits(i128::from_le_bytes(cell) as u64)
}

fn float_cell(value: f64) -> [u8; 16] {
    i128::from(value.to_bits()).to_le_bytes()
}

#[track_caller]
fn same(found: f64, expected: f64, context: &str) {
    let equal = found.to_bits() == expected.to_bits() || (found.is_nan() && expected.is_nan());
    assert!(equal, "{context}: {found} instead of {expected}");
}

fn integer_result(operation: BinaryOperation, representation: Representation, left: i128, right: i128) -> Option<i128> {
    let minimum = -1_i128 << (bits(representation) - 1);
    let undefined = right == 0 || (left == minimum && right == -1);
    let count = right as u32 % bits(representation);
    let result = match operation {
        BinaryOperation::IntegerAdd => left.wrapping_add(right),
        BinaryOperation::IntegerSubtract => left.wrapping_sub(right),
        BinaryOperation::IntegerMultiply => left.wrapping_mul(right),
        BinaryOperation::SignedDivide if undefined => return None,
        BinaryOperation::SignedDivide => left / right,
        BinaryOperation::SignedRemainder if undefined => return None,
        BinaryOperation::SignedRemainder => left % right,
        BinaryOperation::BitAnd => left & right,
        BinaryOperation::BitOr => left | right,
        BinaryOperation::BitXor => left ^ right,
        BinaryOperation::ShiftLeft => left << count,
        BinaryOperation::ShiftRightSigned => left >> count,
        BinaryOperation::ShiftRightUnsigned => (unsigned(left, representation) >> count) as i128,
        BinaryOperation::FloatAdd
        | BinaryOperation::FloatSubtract
        | BinaryOperation::FloatMultiply
        | BinaryOperation::FloatDivide
        | BinaryOperation::FloatCopySign => return None,
    };
    Some(wrap(result, representation))
}

fn integer_binaries() -> impl Iterator<Item = BinaryOperation> {
    let is_integer = |operation: &BinaryOperation| integer_result(*operation, Representation::I64, 8, 2).is_some();
    BinaryOperation::ALL.iter().copied().filter(is_integer)
}

#[test]
fn integer_operations_on_values() {
    for engine in engines() {
        assert_eq!(integer_binaries().count(), 11);
        for representation in INTEGERS {
            for operation in integer_binaries() {
                let function = run(&engine, |builder| {
                    let left = load(builder, representation, 0);
                    let right = load(builder, representation, 1);
                    let result = builder.binary(operation, left, right);
                    store(builder, result, 0);
                });
                for left in operands(representation) {
                    for right in operands(representation) {
                        let expected = integer_result(operation, representation, left, right);
                        let Some(expected) = expected else { continue };
                        let output = function(&[left.to_le_bytes(), right.to_le_bytes()], 1);
                        let found = integer(output[0], representation);
                        let name = operation.name();
                        assert_eq!(found, expected, "{name} {representation:?} {left} {right}");
                    }
                }
            }
        }
    }
}

#[test]
fn integer_operations_on_constants() {
    for engine in engines() {
        for representation in INTEGERS {
            let constants: Vec<i64> =
                operands(representation).into_iter().filter_map(|value| i64::try_from(value).ok()).collect();
            for operation in integer_binaries() {
                let mut cases = Vec::new();
                for left in &constants {
                    for right in &constants {
                        let (left, right) = (*left, *right);
                        let (wide_left, wide_right) = (i128::from(left), i128::from(right));
                        if let Some(expected) = integer_result(operation, representation, wide_left, wide_right) {
                            cases.push((left, right, expected));
                        }
                    }
                }
                let function = run(&engine, |builder| {
                    for (index, (left, right, _)) in (0..).zip(&cases) {
                        let left = builder.integer_constant(representation, *left);
                        let right = builder.integer_constant(representation, *right);
                        let result = builder.binary(operation, left, right);
                        store(builder, result, index);
                    }
                });
                let output = function(&[], cases.len());
                for ((left, right, expected), cell) in cases.iter().zip(output) {
                    let found = integer(cell, representation);
                    let name = operation.name();
                    assert_eq!(found, *expected, "{name} {representation:?} {left} {right}");
                }
            }
        }
    }
}

#[test]
fn integer_comparisons_and_selects() {
    for engine in engines() {
        for representation in INTEGERS {
            for condition in IntegerCondition::ALL {
                let function = run(&engine, |builder| {
                    let left = load(builder, representation, 0);
                    let right = load(builder, representation, 1);
                    let result = builder.integer_compare(*condition, left, right);
                    store(builder, result, 0);
                    let chosen = builder.select(result, left, right);
                    store(builder, chosen, 1);
                });
                for left in operands(representation) {
                    for right in operands(representation) {
                        let unsigned_left = unsigned(left, representation);
                        let unsigned_right = unsigned(right, representation);
                        let expected = match condition {
                            IntegerCondition::Equal => left == right,
                            IntegerCondition::NotEqual => left != right,
                            IntegerCondition::SignedLess => left < right,
                            IntegerCondition::SignedLessOrEqual => left <= right,
                            IntegerCondition::SignedGreater => left > right,
                            IntegerCondition::SignedGreaterOrEqual => left >= right,
                            IntegerCondition::UnsignedLess => unsigned_left < unsigned_right,
                            IntegerCondition::UnsignedLessOrEqual => unsigned_left <= unsigned_right,
                            IntegerCondition::UnsignedGreater => unsigned_left > unsigned_right,
                            IntegerCondition::UnsignedGreaterOrEqual => unsigned_left >= unsigned_right,
                        };
                        let output = function(&[left.to_le_bytes(), right.to_le_bytes()], 2);
                        let context = format!("{condition:?} {representation:?} {left} {right}");
                        assert_eq!(output[0][0], u8::from(expected), "{context}");
                        let chosen = if expected { left } else { right };
                        assert_eq!(integer(output[1], representation), chosen, "{context}");
                    }
                }
            }
        }
    }
}

#[test]
fn selects_and_branches_take_any_nonzero_byte_as_true() {
    for engine in engines() {
        let function = run(&engine, |builder| {
            let condition = load(builder, Representation::I8, 0);
            let (yes, no) = (builder.float64(1.0), builder.float64(2.0));
            let chosen = builder.select(condition, yes, no);
            store(builder, chosen, 0);
            let (if_true, if_false) = (builder.create_block(), builder.create_cold_block());
            let end = builder.create_block();
            let result = builder.add_block_parameter(end, Representation::F64);
            builder.branch(condition, if_true, if_false);
            builder.switch_to(if_false);
            builder.jump(end, &[no]);
            builder.switch_to(if_true);
            builder.jump(end, &[yes]);
            builder.switch_to(end);
            store(builder, result, 1);
        });
        for byte in 0..=255_u8 {
            let mut cell = [0xff; 16];
            cell[0] = byte;
            let expected = if byte == 0 { 2.0 } else { 1.0 };
            let output = function(&[cell], 2);
            assert_eq!([float(output[0]), float(output[1])], [expected; 2], "{byte}");
        }
    }
}

#[test]
fn integer_unary_operations() {
    for engine in engines() {
        for representation in INTEGERS {
            let function = run(&engine, |builder| {
                let operand = load(builder, representation, 0);
                let negated = builder.unary(UnaryOperation::IntegerNegate, operand);
                store(builder, negated, 0);
                let complement = builder.unary(UnaryOperation::IntegerNot, operand);
                store(builder, complement, 1);
            });
            for operand in operands(representation) {
                let output = function(&[operand.to_le_bytes()], 2);
                let expected = wrap(operand.wrapping_neg(), representation);
                assert_eq!(integer(output[0], representation), expected);
                assert_eq!(integer(output[1], representation), !operand);
            }
        }
    }
}

#[test]
fn integer_conversions() {
    for engine in engines() {
        for (position, from) in INTEGERS.into_iter().enumerate() {
            for to in INTEGERS.into_iter().skip(position + 1) {
                let function = run(&engine, |builder| {
                    let operand = load(builder, from, 0);
                    let wide = builder.convert(ConvertOperation::SignExtend, operand, to);
                    store(builder, wide, 0);
                    let wide = builder.convert(ConvertOperation::ZeroExtend, operand, to);
                    store(builder, wide, 1);
                    let operand = load(builder, to, 1);
                    let narrow = builder.convert(ConvertOperation::Truncate, operand, from);
                    store(builder, narrow, 2);
                });
                for (value, wide) in operands(from).into_iter().zip(operands(to)) {
                    let output = function(&[value.to_le_bytes(), wide.to_le_bytes()], 3);
                    assert_eq!(integer(output[0], to), value);
                    assert_eq!(integer(output[1], to), wrap(unsigned(value, from) as i128, to));
                    assert_eq!(integer(output[2], from), wrap(wide, from));
                }
            }
        }
    }
}

#[test]
fn float_conversions() {
    for engine in engines() {
        let function = run(&engine, |builder| {
            let value = load(builder, Representation::F64, 0);
            let saturated = ConvertOperation::FloatToSignedSaturating;
            let saturated = builder.convert(saturated, value, Representation::I64);
            store(builder, saturated, 0);
            let bits = builder.convert(ConvertOperation::Bitcast, value, Representation::I64);
            store(builder, bits, 1);
            let back = builder.convert(ConvertOperation::Bitcast, bits, Representation::F64);
            store(builder, back, 2);
            let value = load(builder, Representation::I64, 1);
            let number = ConvertOperation::SignedToFloat;
            let number = builder.convert(number, value, Representation::F64);
            store(builder, number, 3);
            let pointer = builder.parameter(0);
            let address = ConvertOperation::PointerToInteger;
            let address = builder.convert(address, pointer, Representation::I64);
            store(builder, address, 4);
        });
        for value in FLOATS {
            for number in operands(Representation::I64) {
                let input = [float_cell(value), number.to_le_bytes()];
                let output = function(&input, 5);
                assert_eq!(integer(output[0], Representation::I64), i128::from(value as i64));
                assert_eq!(output[1], output[2]);
                assert_eq!(float(output[1]).to_bits(), value.to_bits());
                same(float(output[3]), number as i64 as f64, "conversion");
                let address = integer(output[4], Representation::I64) as u64;
                assert_eq!(address, input.as_ptr() as u64);
            }
        }
    }
}

#[test]
fn float_unary_operations() {
    for engine in engines() {
        for operation in UnaryOperation::ALL {
            let reference: fn(f64) -> f64 = match operation {
                UnaryOperation::IntegerNegate | UnaryOperation::IntegerNot => continue,
                UnaryOperation::FloatNegate => |value| -value,
                UnaryOperation::FloatAbsolute => f64::abs,
                UnaryOperation::FloatSquareRoot => f64::sqrt,
                UnaryOperation::FloatFloor => f64::floor,
                UnaryOperation::FloatCeil => f64::ceil,
                UnaryOperation::FloatTruncate => f64::trunc,
                UnaryOperation::FloatNearest => f64::round_ties_even,
            };
            let function = run(&engine, |builder| {
                let operand = load(builder, Representation::F64, 0);
                let result = builder.unary(*operation, operand);
                store(builder, result, 0);
                for (index, operand) in (1..).zip(FLOATS) {
                    let operand = builder.float64(operand);
                    let result = builder.unary(*operation, operand);
                    store(builder, result, index);
                }
            });
            for (index, operand) in FLOATS.into_iter().enumerate() {
                let output = function(&[float_cell(operand)], FLOATS.len() + 1);
                let context = format!("{} {operand}", operation.name());
                same(float(output[0]), reference(operand), &context);
                same(float(output[index + 1]), reference(operand), &context);
            }
        }
    }
}

#[test]
fn float_binary_operations() {
    for engine in engines() {
        for operation in BinaryOperation::ALL {
            let reference: fn(f64, f64) -> f64 = match operation {
                BinaryOperation::FloatAdd => |left, right| left + right,
                BinaryOperation::FloatSubtract => |left, right| left - right,
                BinaryOperation::FloatMultiply => |left, right| left * right,
                BinaryOperation::FloatDivide => |left, right| left / right,
                BinaryOperation::FloatCopySign => f64::copysign,
                _ => continue,
            };
            let function = run(&engine, |builder| {
                let left = load(builder, Representation::F64, 0);
                let right = load(builder, Representation::F64, 1);
                let result = builder.binary(*operation, left, right);
                store(builder, result, 0);
            });
            for left in FLOATS {
                for right in FLOATS {
                    let output = function(&[float_cell(left), float_cell(right)], 1);
                    let context = format!("{} {left} {right}", operation.name());
                    same(float(output[0]), reference(left, right), &context);
                }
            }
        }
    }
}

#[test]
fn float_comparisons() {
    for engine in engines() {
        for condition in FloatCondition::ALL {
            let function = run(&engine, |builder| {
                let left = load(builder, Representation::F64, 0);
                let right = load(builder, Representation::F64, 1);
                let result = builder.float_compare(*condition, left, right);
                store(builder, result, 0);
            });
            for left in FLOATS {
                for right in FLOATS {
                    let expected = match condition {
                        FloatCondition::Equal => left == right,
                        FloatCondition::NotEqual => left != right,
                        FloatCondition::Less => left < right,
                        FloatCondition::LessOrEqual => left <= right,
                        FloatCondition::Greater => left > right,
                        FloatCondition::GreaterOrEqual => left >= right,
                        FloatCondition::Unordered => left.is_nan() || right.is_nan(),
                        FloatCondition::Ordered => !left.is_nan() && !right.is_nan(),
                    };
                    let output = function(&[float_cell(left), float_cell(right)], 1);
                    assert_eq!(output[0][0], u8::from(expected), "{condition:?} {left} {right}");
                }
            }
        }
    }
}

#[test]
fn constants_of_every_representation() {
    for engine in engines() {
        for representation in INTEGERS {
            let constants: Vec<i64> =
                operands(representation).into_iter().filter_map(|value| i64::try_from(value).ok()).collect();
            let function = run(&engine, |builder| {
                for (index, constant) in (0..).zip(&constants) {
                    let value = builder.integer_constant(representation, *constant);
                    store(builder, value, index);
                }
                let null = builder.zero(Representation::Pointer);
                store(builder, null, i32::try_from(constants.len()).unwrap());
            });
            let output = function(&[], constants.len() + 1);
            for (constant, cell) in constants.iter().zip(&output) {
                assert_eq!(integer(*cell, representation), i128::from(*constant));
            }
            assert_eq!(output[constants.len()], [0; 16]);
        }
    }
}
