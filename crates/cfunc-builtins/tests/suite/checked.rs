//! Checked integers: every result that does not fit is an OverflowError, every other is exact.

use cfunc_models::{CompilationOptions, Type};

use crate::harness::{Input, ask_python, callable, compile_inputs, context};

const VALUES: [i64; 26] = [
    0,
    1,
    -1,
    2,
    -2,
    3,
    -3,
    5,
    10,
    -10,
    31,
    32,
    62,
    63,
    64,
    1 << 31,
    -(1 << 31),
    1 << 32,
    3_037_000_499,
    3_037_000_500,
    -3_037_000_500,
    i64::MAX / 3,
    i64::MAX,
    i64::MAX - 1,
    i64::MIN,
    i64::MIN + 1,
];

#[test]
fn results_beyond_64_bits_are_errors() {
    let context = context();
    let options = CompilationOptions { checked_integers: true, ..CompilationOptions::default() };
    let rows = [
        ("+", 2, "a + b"),
        ("-", 2, "a - b"),
        ("*", 2, "a * b"),
        ("//", 2, "a // b if b else 0"),
        ("%", 2, "a % b if b else 0"),
        ("<<", 2, "a if b < 0 else a << min(b, 100)"),
        ("**", 2, "ipow(a, b) if b < 0 else a ** min(b, 200) if abs(a) > 1 else a ** (b % 2 or (2 if b else 0))"),
        ("-", 1, "-a"),
        ("abs", 1, "abs(a)"),
    ];
    for (name, count, expression) in rows {
        let mut pairs: Vec<(i64, i64)> = VALUES.iter().flat_map(|a| VALUES.map(|b| (*a, b))).collect();
        if name == "<<" {
            pairs.retain(|(_, count)| *count >= 0);
        }
        let shown: Vec<String> = pairs
            .iter()
            .map(|(a, b)| {
                let value = format!("(lambda a, b: {expression})({a}, {b})");
                format!("(lambda x: x if MIN <= x < 2**63 else [][x])({value})")
            })
            .collect();
        let Some(expected) = ask_python(&shown) else { return };
        let called = callable(&context, name, count);
        let compiled = compile_inputs(&context, called, &vec![Input::Parameter(Type::INT64); count], &options);
        for ((a, b), expected) in pairs.iter().zip(&expected) {
            let found = compiled.run(&[a.cast_unsigned(), b.cast_unsigned()][..count]);
            // The script fails with an IndexError where the result does not fit.
            match found {
                Ok(words) => assert_eq!(format!("i {}", words[0].cast_signed()), *expected, "{a} {name} {b}"),
                Err((kind, _)) => {
                    assert_eq!(kind, "OverflowError");
                    assert!(expected.starts_with("e IndexError"), "{a} {name} {b}: {expected}");
                }
            }
        }
    }
}
