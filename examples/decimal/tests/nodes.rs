//! Every node on every engine, against the same in Rust.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationOptions, CompilationResult, CompileError, CompileRequest, ErrorModel,
    NodeErrorKind, NodeInstance, Source, Value, backends, backends_at_all_levels, codes, compile, defaults,
};
use cfunc_example_decimal::{Decimals, SCALE, divide, multiply, parse, record};

/// Counts of every size and sign, with products and quotients that need more than 64 bits on the way.
const COUNTS: [i64; 15] = [
    0,
    1,
    -1,
    499_999,
    500_000,
    -500_000,
    1_000_000,
    -1_000_000,
    3_000_001,
    -7_250_000,
    123_456_789_012,
    -987_654_321_098_765,
    4_611_686_018_427_387_904,
    i64::MAX,
    -i64::MAX,
];

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Decimals);
    builder.build().expect("the extensions fit together")
}

fn request(function: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py"))).function(function).backend(engine)
}

#[track_caller]
fn compiled(request: &CompileRequest) -> CompilationResult {
    compile(&context(), request).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn started(request: &CompileRequest) -> NodeInstance {
    let mut node = compiled(request).instantiate().expect("decimals have cells");
    node.start().expect("START");
    node
}

/// Sets all inputs and runs one tick; the outputs' values.
#[track_caller]
fn tick(node: &mut NodeInstance, inputs: &[Value]) -> Vec<Value> {
    for (index, value) in inputs.iter().enumerate() {
        node.set_value(index, value).expect("it fits the input");
    }
    node.execute().expect("a tick");
    (0..).map_while(|index| node.output_value(index)).collect()
}

fn counts(values: &[i64]) -> Vec<Value> {
    values.iter().copied().map(Value::Integer).collect()
}

#[test]
fn arithmetic_is_that_of_counts() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("arithmetic", engine));
        for a in COUNTS {
            for b in COUNTS {
                let expected = [a.wrapping_add(b), a.wrapping_sub(b), multiply(a, b), -a, a.abs(), a.min(b)];
                // A cell takes the dynamic value of a decimal and its count alike.
                assert_eq!(tick(&mut node, &[record(a), Value::Integer(b)]), counts(&expected), "{a} and {b}");
            }
        }
    }
}

#[test]
fn quotients_are_exact_to_half_a_count() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("quotient", engine));
        for a in COUNTS {
            for b in COUNTS {
                match divide(a, b) {
                    Some(expected) => {
                        assert_eq!(tick(&mut node, &[record(a), record(b)]), counts(&[expected]), "{a}/{b}")
                    }
                    None => {
                        node.set_value(1, &record(b)).expect("a decimal");
                        let error = node.execute().expect_err("division by zero");
                        assert_eq!(error.kind, NodeErrorKind::ZeroDivisionError);
                        assert_eq!(error.message, "decimal division by zero");
                    }
                }
            }
        }
    }
}

#[test]
fn checked_integers_find_what_does_not_fit() {
    let options = CompilationOptions { checked_integers: true, ..CompilationOptions::default() };
    let fits = |exact: i128| i64::try_from(exact).is_ok();
    for engine in backends_at_all_levels() {
        let mut divided = started(&request("quotient", Arc::clone(&engine)).options(options.clone()));
        let text = "def product(a: Signal[Decimal], b: Signal[Decimal]) -> Signal[Decimal]:\n    return a * b\n";
        let product = CompileRequest::new(Source::new("product.py", text)).options(options.clone()).backend(engine);
        let mut product = started(&product);
        for a in COUNTS {
            for b in COUNTS {
                let (wide_a, wide_b, scale) = (i128::from(a), i128::from(b), i128::from(SCALE));
                let half_up = |dividend: i128, divisor: i128| {
                    (2 * dividend * divisor.signum() + divisor.abs()).div_euclid(2 * divisor.abs())
                };
                let cases = [
                    (&mut product, Some(half_up(wide_a * wide_b, scale))),
                    (&mut divided, (b != 0).then(|| half_up(wide_a * scale, wide_b))),
                ];
                for (node, exact) in cases {
                    let Some(exact) = exact else { continue };
                    for (index, count) in [a, b].into_iter().enumerate() {
                        node.set_value(index, &record(count)).expect("a decimal");
                    }
                    match node.execute() {
                        Ok(()) => assert!(fits(exact), "{a} and {b} do not fit"),
                        Err(error) => {
                            assert_eq!(error.kind, NodeErrorKind::OverflowError);
                            assert!(!fits(exact), "{a} and {b} fit");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn ints_mix_with_decimals() {
    let fee = parse("0.25").expect("a decimal");
    // What a host binds for a decimal: its dynamic value, a text, a number.
    for bound in [record(fee), Value::from("0.25"), Value::Float(0.25)] {
        for engine in backends_at_all_levels() {
            let mut node = started(&request("bill", engine).constant("fee", bound.clone()));
            for (price, count) in [(1_990_000, 3), (-10_000, 7)] {
                let total = price * count + fee;
                let each = divide(total, count * SCALE).expect("there are some");
                let expected = counts(&[total, each, 2 * total, total - SCALE]);
                assert_eq!(tick(&mut node, &[record(price), Value::Integer(count)]), expected);
            }
        }
    }
}

#[test]
fn conversions_keep_what_they_can() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("conversions", engine));
        for (d, n, x) in [(-1_750_000, 3, 0.1), (i64::MAX, -9, -2.000_000_5), (5, 0, 1e12)] {
            let outputs = tick(&mut node, &[record(d), Value::Integer(n), Value::Float(x)]);
            let text = format!("{}{}.{:06}", if d < 0 { "-" } else { "" }, d.abs() / SCALE, d.abs() % SCALE);
            let nearest: f64 = text.parse().expect("a number");
            #[expect(clippy::cast_possible_truncation, reason = "the samples are in range")]
            let units = (x * 1e6).round_ties_even() as i64;
            let mut expected = vec![Value::Float(nearest)];
            expected.extend(counts(&[d / SCALE, n * SCALE, units, d]));
            assert_eq!(outputs, expected);
        }
        for x in [1e13, f64::NAN, f64::NEG_INFINITY] {
            node.set_value(2, &Value::Float(x)).expect("a float");
            assert_eq!(node.execute().expect_err("out of range").kind, NodeErrorKind::ValueError);
        }
    }
}

#[test]
fn comparisons_with_ints() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("comparisons", engine));
        for (count, n) in [(2_500_000, 2), (2_000_000, 2), (0, 2), (-1, 0)] {
            let other = n * SCALE;
            let expected = [count < other, count <= other, count == other, count != other, other < count, count != 0];
            assert_eq!(tick(&mut node, &[record(count), Value::Integer(n)]), expected.map(Value::Boolean));
        }
    }
}

#[test]
fn an_int_and_a_decimal_join_as_a_decimal() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("joined", engine));
        assert_eq!(tick(&mut node, &[record(2_500_000), Value::Integer(2)]), counts(&[2_500_000]));
        assert_eq!(tick(&mut node, &[record(2_500_000), Value::Integer(3)]), counts(&[3_000_000]));
    }
}

#[test]
fn a_state_starts_with_what_was_computed() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("balance", engine));
        let mut held = parse("-1.625").expect("a decimal");
        assert_eq!(node.state_value(0), Some(Value::Integer(held)));
        for change in [100_000, 5_000_000, -20_000_001, 3] {
            held = (held + change).min(3_000_000);
            assert_eq!(tick(&mut node, &[record(change)]), counts(&[held]));
        }
    }
}

#[test]
fn floats_are_not_mixed_in_silently() {
    let result = compiled(&request("as_float", Arc::clone(&backends()[0])));
    let warning = result.warnings().iter().next().expect("a warning");
    assert!(warning.message.contains("nearest double"), "{}", warning.message);

    let text = "def f(a: Signal[Decimal]) -> Signal[Decimal]:\n    return a + 0.5\n";
    let error = compile(&context(), &CompileRequest::new(Source::new("f.py", text))).expect_err("a float");
    let CompileError::Diagnostics { diagnostics, .. } = &error else { panic!("{error}") };
    let found = diagnostics.iter().next().expect("a diagnostic");
    assert_eq!(found.code, codes::NO_RULE);
    assert!(found.message.contains("`+` is not defined for Decimal and float"), "{}", found.message);

    let text = "def f(a: Signal[Decimal]) -> Signal[Decimal]:\n    s: State[Decimal] = Decimal(1) / 0\n    return a\n";
    let error = compile(&context(), &CompileRequest::new(Source::new("f.py", text))).expect_err("division by zero");
    assert!(error.to_string().contains("decimal division by zero"), "{error}");
}

#[test]
fn division_by_zero_fails_in_each_error_model() {
    for error_model in [ErrorModel::Numpy, ErrorModel::Python] {
        let options = CompilationOptions { error_model, ..CompilationOptions::default() };
        for engine in backends_at_all_levels() {
            let mut node = started(&request("quotient", engine).options(options.clone()));
            node.set_value(0, &record(SCALE)).expect("a decimal");
            assert_eq!(node.execute().expect_err("by zero").message, "decimal division by zero");
        }
    }
}
