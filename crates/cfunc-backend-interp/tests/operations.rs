//! Every operation on edge values, against Rust's own arithmetic.

use cfunc_backend_interp::run_function;
use cfunc_ir::{
    BinaryOperation, ConvertOperation, FloatCondition, FunctionBuilder, FunctionId, IntegerCondition, Module,
    Signature, UnaryOperation, Value,
};
use cfunc_models::Representation::{self, F64, I8, I16, I32, I64, I128, Pointer};

const INTEGERS: &[i128] = &[
    0,
    1,
    -1,
    2,
    7,
    -8,
    63,
    64,
    65,
    100,
    i8::MAX as i128,
    i8::MIN as i128,
    i16::MAX as i128,
    i16::MIN as i128,
    i32::MAX as i128,
    i32::MIN as i128,
    i64::MAX as i128,
    i64::MIN as i128,
    (1 << 53) + 1,
    i128::MAX,
    i128::MIN,
    0x0123_4567_89AB_CDEF_0123_4567_89AB_CDEF,
];

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    1.5,
    2.5,
    -2.5,
    -0.3,
    1e300,
    -1e300,
    5e-324,
    4_503_599_627_370_497.5,
    9_223_372_036_854_774_784.0,
    9_223_372_036_854_775_808.0,
    -9_223_372_036_854_775_808.0,
    -9.3e18,
    f64::MAX,
    f64::MIN_POSITIVE,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::NAN,
    -f64::NAN,
];

/// A function of two parameters and one result.
fn function(
    parameters: [Representation; 2],
    result: Representation,
    body: impl Fn(&mut FunctionBuilder<'_>, Value, Value) -> Value,
) -> (Module, FunctionId) {
    let mut module = Module::new();
    let mut builder = FunctionBuilder::new(&mut module, "f", Signature::new(&parameters, &[result]));
    let (left, right) = (builder.parameter(0), builder.parameter(1));
    let value = body(&mut builder, left, right);
    builder.return_values(&[value]);
    let id = builder.finish();
    (module, id)
}

/// The words of a number: two for i128, with junk above narrow ones, which nothing may see.
fn words(number: i128, representation: Representation) -> Vec<u64> {
    let [low, high] = halves(number.cast_unsigned());
    match representation {
        I128 => vec![low, high],
        I64 | F64 | Pointer => vec![low],
        narrow => {
            let bits = 8 * narrow.size();
            vec![low & (u64::MAX >> (64 - bits)) | 0x5A5A_5A5A_5A5A_5A5A << bits]
        }
    }
}

fn halves(bits: u128) -> [u64; 2] {
    [u64::try_from(bits & u128::from(u64::MAX)).expect("64 bits"), u64::try_from(bits >> 64).expect("64 bits")]
}

/// The words of a result: sign-extended.
fn result_words(number: i128, representation: Representation) -> Vec<u64> {
    let [low, high] = halves(number.cast_unsigned());
    match representation {
        I128 => vec![low, high],
        _ => vec![low],
    }
}

/// What Rust computes in a type for a binary operation; `None` where it is not defined.
macro_rules! expected_binary {
    ($type:ty, $unsigned:ty, $operation:expr, $left:expr, $right:expr) => {{
        let (left, right) = ($left as $type, $right as $type);
        let count = (right as $unsigned % <$type>::BITS as $unsigned) as u32;
        let result: Option<$type> = match $operation {
            BinaryOperation::IntegerAdd => Some(left.wrapping_add(right)),
            BinaryOperation::IntegerSubtract => Some(left.wrapping_sub(right)),
            BinaryOperation::IntegerMultiply => Some(left.wrapping_mul(right)),
            BinaryOperation::SignedDivide => left.checked_div(right),
            BinaryOperation::SignedRemainder => left.checked_rem(right),
            BinaryOperation::BitAnd => Some(left & right),
            BinaryOperation::BitOr => Some(left | right),
            BinaryOperation::BitXor => Some(left ^ right),
            BinaryOperation::ShiftLeft => Some(left << count),
            BinaryOperation::ShiftRightSigned => Some(left >> count),
            BinaryOperation::ShiftRightUnsigned => Some((left as $unsigned >> count) as $type),
            other => panic!("{} is for floats", other.name()),
        };
        result.map(i128::from)
    }};
}

fn expected_binary(
    operation: BinaryOperation,
    left: i128,
    right: i128,
    representation: Representation,
) -> Option<i128> {
    match representation {
        I8 => expected_binary!(i8, u8, operation, left, right),
        I16 => expected_binary!(i16, u16, operation, left, right),
        I32 => expected_binary!(i32, u32, operation, left, right),
        I64 => expected_binary!(i64, u64, operation, left, right),
        _ => expected_binary!(i128, u128, operation, left, right),
    }
}

fn narrowed(number: i128, representation: Representation) -> i128 {
    match representation {
        I8 => i128::from(number as i8),
        I16 => i128::from(number as i16),
        I32 => i128::from(number as i32),
        I64 => i128::from(number as i64),
        _ => number,
    }
}

fn unsigned(number: i128, representation: Representation) -> u128 {
    match representation {
        I8 => u128::from(number as u8),
        I16 => u128::from(number as u16),
        I32 => u128::from(number as u32),
        I64 => u128::from(number as u64),
        _ => number.cast_unsigned(),
    }
}

const WIDTHS: &[Representation] = &[I8, I16, I32, I64, I128];

fn pairs<T: Copy>(list: &[T]) -> impl Iterator<Item = (T, T)> {
    list.iter().flat_map(|left| list.iter().map(|right| (*left, *right)))
}

#[test]
fn integer_binary_operations() {
    let operations = BinaryOperation::ALL.iter().filter(|operation| !operation.name().starts_with('f'));
    for operation in operations {
        for width in WIDTHS {
            let divides = matches!(operation, BinaryOperation::SignedDivide | BinaryOperation::SignedRemainder);
            if divides && *width == I128 {
                continue;
            }
            let (module, id) =
                function([*width; 2], *width, |builder, left, right| builder.binary(*operation, left, right));
            for (left, right) in pairs(INTEGERS) {
                let Some(expected) = expected_binary(*operation, left, right, *width) else {
                    continue;
                };
                let arguments = [words(left, *width), words(right, *width)].concat();
                assert_eq!(
                    run_function(&module, id, &arguments),
                    result_words(expected, *width),
                    "{} {width} {left} {right}",
                    operation.name()
                );
            }
        }
    }
}

#[test]
fn integer_unary_operations_comparisons_and_selection() {
    for width in WIDTHS {
        let (negate, id) =
            function([*width; 2], *width, |builder, value, _| builder.unary(UnaryOperation::IntegerNegate, value));
        let (complement, _) =
            function([*width; 2], *width, |builder, value, _| builder.unary(UnaryOperation::IntegerNot, value));
        for number in INTEGERS {
            let arguments = [words(*number, *width), words(0, *width)].concat();
            let expected = narrowed(narrowed(*number, *width).wrapping_neg(), *width);
            assert_eq!(run_function(&negate, id, &arguments), result_words(expected, *width));
            let expected = !narrowed(*number, *width);
            assert_eq!(run_function(&complement, id, &arguments), result_words(expected, *width));
        }
        for condition in IntegerCondition::ALL {
            let (module, id) = function([*width; 2], *width, |builder, left, right| {
                let condition = builder.integer_compare(*condition, left, right);
                builder.select(condition, left, right)
            });
            for (left, right) in pairs(INTEGERS) {
                let (a, b) = (narrowed(left, *width), narrowed(right, *width));
                let (c, d) = (unsigned(left, *width), unsigned(right, *width));
                let holds = match condition {
                    IntegerCondition::Equal => a == b,
                    IntegerCondition::NotEqual => a != b,
                    IntegerCondition::SignedLess => a < b,
                    IntegerCondition::SignedLessOrEqual => a <= b,
                    IntegerCondition::SignedGreater => a > b,
                    IntegerCondition::SignedGreaterOrEqual => a >= b,
                    IntegerCondition::UnsignedLess => c < d,
                    IntegerCondition::UnsignedLessOrEqual => c <= d,
                    IntegerCondition::UnsignedGreater => c > d,
                    IntegerCondition::UnsignedGreaterOrEqual => c >= d,
                };
                let arguments = [words(left, *width), words(right, *width)].concat();
                assert_eq!(
                    run_function(&module, id, &arguments),
                    result_words(if holds { a } else { b }, *width),
                    "{} {width} {left} {right}",
                    condition.name()
                );
            }
        }
    }
}

#[test]
fn integer_conversions() {
    for (from, to) in pairs(WIDTHS) {
        let operations: &[ConvertOperation] = if to.size() > from.size() {
            &[ConvertOperation::SignExtend, ConvertOperation::ZeroExtend]
        } else if to.size() < from.size() {
            &[ConvertOperation::Truncate]
        } else {
            continue;
        };
        for operation in operations {
            let (module, id) = function([from; 2], to, |builder, value, _| builder.convert(*operation, value, to));
            for number in INTEGERS {
                let expected = match operation {
                    ConvertOperation::ZeroExtend => unsigned(*number, from).cast_signed(),
                    _ => narrowed(narrowed(*number, from), to),
                };
                let arguments = [words(*number, from), words(0, from)].concat();
                assert_eq!(
                    run_function(&module, id, &arguments),
                    result_words(expected, to),
                    "{} {from} {to} {number}",
                    operation.name()
                );
            }
        }
    }
}

/// Equal bits, or both nan.
#[track_caller]
fn assert_float(found: u64, expected: f64, context: &str) {
    let value = f64::from_bits(found);
    if !(value.is_nan() && expected.is_nan()) {
        assert_eq!(found, expected.to_bits(), "{context}: {value} {expected}");
    }
}

#[test]
fn float_operations() {
    for operation in UnaryOperation::ALL {
        if !operation.name().starts_with('f') {
            continue;
        }
        let (module, id) = function([F64; 2], F64, |builder, value, _| builder.unary(*operation, value));
        for number in FLOATS {
            let expected = match operation {
                UnaryOperation::FloatNegate => -number,
                UnaryOperation::FloatAbsolute => number.abs(),
                UnaryOperation::FloatSquareRoot => number.sqrt(),
                UnaryOperation::FloatFloor => number.floor(),
                UnaryOperation::FloatCeil => number.ceil(),
                UnaryOperation::FloatTruncate => number.trunc(),
                _ => number.round_ties_even(),
            };
            let found = run_function(&module, id, &[number.to_bits(), 0])[0];
            assert_float(found, expected, &format!("{} {number}", operation.name()));
        }
    }
    for operation in BinaryOperation::ALL {
        if !operation.name().starts_with('f') {
            continue;
        }
        let (module, id) = function([F64; 2], F64, |builder, left, right| builder.binary(*operation, left, right));
        for (left, right) in pairs(FLOATS) {
            let expected = match operation {
                BinaryOperation::FloatAdd => left + right,
                BinaryOperation::FloatSubtract => left - right,
                BinaryOperation::FloatMultiply => left * right,
                BinaryOperation::FloatDivide => left / right,
                _ => left.copysign(right),
            };
            let found = run_function(&module, id, &[left.to_bits(), right.to_bits()])[0];
            let context = format!("{} {left} {right}", operation.name());
            assert_float(found, expected, &context);
        }
    }
}

#[test]
fn float_comparisons_and_conversions() {
    for condition in FloatCondition::ALL {
        let (module, id) =
            function([F64; 2], I8, |builder, left, right| builder.float_compare(*condition, left, right));
        for (left, right) in pairs(FLOATS) {
            let expected = match condition {
                FloatCondition::Equal => left == right,
                FloatCondition::NotEqual => left != right,
                FloatCondition::Less => left < right,
                FloatCondition::LessOrEqual => left <= right,
                FloatCondition::Greater => left > right,
                FloatCondition::GreaterOrEqual => left >= right,
                FloatCondition::Unordered => left.partial_cmp(&right).is_none(),
                FloatCondition::Ordered => left.partial_cmp(&right).is_some(),
            };
            assert_eq!(
                run_function(&module, id, &[left.to_bits(), right.to_bits()]),
                [u64::from(expected)],
                "{} {left} {right}",
                condition.name()
            );
        }
    }
    let convert = |operation, from: Representation, to| {
        function([from; 2], to, |builder, value, _| builder.convert(operation, value, to))
    };
    let (to_integer, id) = convert(ConvertOperation::FloatToSignedSaturating, F64, I64);
    let (bits, _) = convert(ConvertOperation::Bitcast, F64, I64);
    for number in FLOATS {
        let argument = [number.to_bits(), 0];
        assert_eq!(run_function(&to_integer, id, &argument), [(*number as i64).cast_unsigned()]);
        assert_eq!(run_function(&bits, id, &argument), [number.to_bits()]);
    }
    let (to_float, _) = convert(ConvertOperation::SignedToFloat, I64, F64);
    let (from_bits, _) = convert(ConvertOperation::Bitcast, I64, F64);
    for number in INTEGERS {
        let number = *number as i64;
        let argument = [number.cast_unsigned(), 0];
        assert_eq!(run_function(&to_float, id, &argument), [(number as f64).to_bits()]);
        assert_eq!(run_function(&from_bits, id, &argument), argument[..1]);
    }
}

/// Constants are sign-extended to what they are constants of.
#[test]
fn constants() {
    for width in WIDTHS {
        let minimum = i64::MIN >> (64 - 8 * width.size().min(8));
        let (module, id) = function([I64; 2], *width, |builder, _, _| builder.integer_constant(*width, minimum));
        let expected = result_words(i128::from(minimum), *width);
        assert_eq!(run_function(&module, id, &[0, 0]), expected, "{width}");
    }
    let (module, id) = function([I64; 2], Pointer, |builder, _, _| builder.zero(Pointer));
    assert_eq!(run_function(&module, id, &[0, 0]), [0]);
}
