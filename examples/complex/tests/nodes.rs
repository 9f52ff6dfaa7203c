//! Every node on every engine, against the same in Rust.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationOptions, CompilationResult, CompileRequest, ErrorModel, NodeErrorKind,
    NodeInstance, Source, Value, backends_at_all_levels, compile, defaults,
};
use cfunc_example_complex::{ComplexNumbers, record};

type Complex = (f64, f64);

const SAMPLES: [Complex; 7] =
    [(0.0, 0.0), (1.0, 0.0), (0.0, -1.0), (1.5, -2.25), (-3.0, 0.125), (1e200, -3e200), (0.1, 0.7)];

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(ComplexNumbers).build().expect("the extensions fit together")
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
    let mut node = compiled(request).instantiate().expect("complex numbers have cells");
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

fn of(value: Complex) -> Value {
    record(value.0, value.1)
}

/// The same values, any nan being the same as any other.
#[track_caller]
fn assert_same(found: &[Value], expected: &[Value]) {
    let same = |found: &Value, expected: &Value| format!("{found}") == format!("{expected}");
    let all = found.len() == expected.len() && found.iter().zip(expected).all(|(found, other)| same(found, other));
    assert!(all, "{found:?} where {expected:?} is right");
}

fn multiply(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

fn divide(a: Complex, b: Complex) -> Complex {
    if b.0.abs() >= b.1.abs() {
        let ratio = b.1 / b.0;
        let divisor = b.0 + b.1 * ratio;
        ((a.0 + a.1 * ratio) / divisor, (a.1 - a.0 * ratio) / divisor)
    } else {
        let ratio = b.0 / b.1;
        let divisor = b.1 + b.0 * ratio;
        ((a.0 * ratio + a.1) / divisor, (a.1 * ratio - a.0) / divisor)
    }
}

fn power(base: Complex, exponent: i64) -> Complex {
    let (mut result, mut square, mut rest) = ((1.0, 0.0), base, exponent.unsigned_abs());
    while rest != 0 {
        if rest % 2 == 1 {
            result = multiply(result, square);
        }
        square = multiply(square, square);
        rest /= 2;
    }
    if exponent < 0 { divide((1.0, 0.0), result) } else { result }
}

#[test]
fn arithmetic_of_the_parts() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("arithmetic", engine));
        for a in SAMPLES {
            for b in SAMPLES {
                let expected =
                    [(a.0 + b.0, a.1 + b.1), (a.0 - b.0, a.1 - b.1), multiply(a, b), divide(a, b), (-a.0, -a.1)];
                assert_same(&tick(&mut node, &[of(a), of(b)]), &expected.map(of));
            }
        }
    }
}

#[test]
fn ints_and_floats_become_complex() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("mixed", engine));
        for a in SAMPLES {
            let (n, x) = (3, -0.5);
            let whole = 3.0;
            let expected = [
                of((a.0 + whole, a.1 + 0.0)),
                of((x - a.0, 0.0 - a.1)),
                of(multiply(multiply((whole, 0.0), a), (x, 0.0))),
                of((a.0 + 0.0, a.1 + 2.0)),
                // Numbers among themselves stay what they are.
                Value::Float(whole / x),
            ];
            assert_same(&tick(&mut node, &[of(a), Value::Integer(n), Value::Float(x)]), &expected);
        }
    }
}

#[test]
fn attributes_and_functions() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("parts", engine));
        for a in [(0.0, 0.0), (1.0, 0.0), (1.5, -2.25), (-3.0, 0.125)] {
            let outputs = tick(&mut node, &[of(a)]);
            assert_same(&outputs[..2], &[Value::Float(a.0), Value::Float(a.1)]);
            assert_same(&outputs[4..5], &[of((a.0, -a.1))]);
            // The host's library may differ from the runtime's in the last bit.
            let near = |found: &Value, expected: f64| match found {
                Value::Float(found) => (found - expected).abs() <= 4.0 * f64::EPSILON * expected.abs(),
                _ => false,
            };
            assert!(near(&outputs[2], a.0.hypot(a.1)), "{outputs:?}");
            assert!(near(&outputs[3], a.1.atan2(a.0)), "{outputs:?}");
            let Value::Record(_, exponential) = &outputs[5] else { panic!("{outputs:?}") };
            assert!(near(&exponential[0].1, a.0.exp() * a.1.cos()), "{outputs:?}");
            assert!(near(&exponential[1].1, a.0.exp() * a.1.sin()), "{outputs:?}");
        }
    }
}

#[test]
fn comparisons_and_truth() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("compared", engine));
        for (a, x) in [((2.0, 0.0), 2.0), ((2.0, 1.0), 2.0), ((0.0, -0.0), 1.0), ((0.0, f64::NAN), 0.0)] {
            let equal = a.0 == x && a.1 == 0.0;
            let expected = [equal, !equal, a != (0.0, 0.0)].map(Value::Boolean);
            assert_eq!(tick(&mut node, &[of(a), Value::Float(x)]), expected);
        }
    }
}

#[test]
fn a_float_and_a_complex_join_as_complex() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("joined", engine));
        for a in [(2.5, 0.0), (2.5, -1.0)] {
            assert_same(&tick(&mut node, &[Value::Float(a.0), Value::Float(a.1)]), &[of(a)]);
        }
    }
}

#[test]
fn states_and_constants_are_complex() {
    let step = (0.6, 0.8);
    for engine in backends_at_all_levels() {
        let mut node = started(&request("rotated", engine).constant("step", of(step)));
        let (mut total, mut turn) = ((-1.0, 0.0), (1.0, 0.0));
        for x in [2.0, -0.5, 3.0] {
            turn = multiply(turn, step);
            let change = multiply((x, 0.0), turn);
            total = (total.0 + change.0, total.1 + change.1);
            assert_same(&tick(&mut node, &[Value::Float(x)]), &[of(total), of(turn)]);
        }
    }
}

#[test]
fn powers_are_a_loop() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("powers", engine));
        for base in [(1.5, -2.25), (0.6, 0.8), (-1.0, 0.0)] {
            for exponent in [0, 1, 2, 7, 31, -1, -5, i64::MIN, i64::MAX] {
                let expected = power(base, exponent);
                assert_same(&tick(&mut node, &[of(base), Value::Integer(exponent)]), &[of(expected)]);
            }
        }
    }
}

#[test]
fn errors_are_pythons_where_they_are_asked_for() {
    let options = CompilationOptions { error_model: ErrorModel::Python, ..CompilationOptions::default() };
    for engine in backends_at_all_levels() {
        let mut node = started(&request("arithmetic", Arc::clone(&engine)).options(options.clone()));
        node.set_value(0, &of((1.0, 1.0))).expect("a complex number");
        let error = node.execute().expect_err("by zero");
        assert_eq!(
            (error.kind, error.message.as_str()),
            (NodeErrorKind::ZeroDivisionError, "complex division by zero")
        );

        let mut node = started(&request("parts", engine).options(options.clone()));
        node.set_value(0, &of((1e4, 0.0))).expect("a complex number");
        assert_eq!(node.execute().expect_err("beyond doubles").kind, NodeErrorKind::OverflowError);
    }
}
