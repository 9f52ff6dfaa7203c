//! Every node on every engine, against the same in Rust.

use std::fmt::Write as _;
use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompileError, CompileRequest, NodeInstance, Source, Value, backends_at_all_levels,
    codes, compile, defaults,
};
use cfunc_example_variadic::Variadic;

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Variadic);
    builder.build().expect("the extensions fit together")
}

fn request(function: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py"))).function(function).backend(engine)
}

#[track_caller]
fn started(request: &CompileRequest) -> NodeInstance {
    let result = compile(&context(), request).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("numbers have cells");
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

fn floats(values: &[f64]) -> Vec<Value> {
    values.iter().copied().map(Value::Float).collect()
}

#[test]
fn maximum_of_any_number() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("greatest", engine));
        for (a, b, x) in [(3i32, 7i32, 5.5f64), (-4, -9, -2.0), (0, 1, f64::INFINITY), (12, 2, -3.0)] {
            let (wide_a, wide_b) = (f64::from(a), f64::from(b));
            let many = [x, 0.0, wide_a, -1.5, wide_b, x * x, 1.0].into_iter().fold(f64::NEG_INFINITY, f64::max);
            let expected = [
                Value::from(a),
                Value::from(a.max(b)),
                Value::Float(wide_a.max(x).max(wide_b)),
                Value::Integer(i64::from(a > 0 || b > 0)),
                Value::Float(many),
            ];
            assert_eq!(tick(&mut node, &[Value::from(a), Value::from(b), Value::Float(x)]), expected);
        }
    }
}

#[test]
fn clamp_all_takes_none_and_many() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("sums", engine));
        for (lo, x, n) in [(-1.0, 3.0, 9), (0.5, -7.0, 2), (4.0, 4.5, -100)] {
            let wide = f64::from(n);
            let clamp = |value: f64| value.clamp(lo, 5.0);
            let expected = floats(&[0.0, clamp(x), clamp(x) + clamp(wide) + clamp(-x)]);
            assert_eq!(tick(&mut node, &[Value::Float(lo), Value::Float(x), Value::from(n)]), expected);
        }
    }
}

#[test]
fn a_hundred_arguments() {
    let count = 100;
    let mut text = "def f(x: Signal[float]) -> Signal[float]:\n    return clamp_all(0, 50".to_owned();
    for index in 0..count {
        write!(text, ", x + {index}").expect("a text takes all");
    }
    text.push_str(")\n");
    for engine in backends_at_all_levels() {
        let mut node = started(&CompileRequest::new(Source::new("f.py", text.as_str())).backend(engine));
        let expected: f64 = (0..count).map(|index| (-10.5 + f64::from(index)).clamp(0.0, 50.0)).sum();
        assert_eq!(tick(&mut node, &[Value::Float(-10.5)]), floats(&[expected]));
    }
}

#[test]
fn arguments_by_name_and_defaults() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("bounds", engine));
        for (x, lo) in [(-3.0f64, 0.25), (0.75, 0.5), (40.0, 0.125), (0.9, 0.95)] {
            let expected =
                [(0.0, 1.0), (lo, 1.0), (0.0, 10.0), (lo, 2.0 * lo), (-1.0, lo)].map(|(lo, hi)| x.clamp(lo, hi));
            assert_eq!(tick(&mut node, &[Value::Float(x), Value::Float(lo)]), floats(&expected));
        }
    }
}

#[test]
fn calls_that_do_not_fit_say_why() {
    for (call, reason) in [
        ("maximum()", "it takes one or more numbers"),
        ("maximum(x, \"a\")", "float and str have no common type"),
        ("maximum(x, key=x)", "it takes no keyword argument `key`"),
        ("clamp_all(x)", "it takes `lo`, `hi` and any number of values"),
        ("clamp_all(x, x, \"a\")", "str does not convert to float"),
        ("clamp(x, low=0)", "it has no parameter `low`"),
        ("clamp(x, 0.5, lo=0)", "`lo` is given twice"),
        ("clamp(lo=0)", "no argument is given for `x`"),
        ("clamp()", "it takes 3 arguments, not 0"),
        ("clamp(x, x, x, x)", "it takes 3 arguments, not 4"),
        ("clamp(\"a\")", "str does not convert to float"),
    ] {
        let text = format!("def f(x: Signal[float]) -> Signal[float]:\n    return {call}\n");
        let error = compile(&context(), &CompileRequest::new(Source::new("f.py", text))).expect_err(call);
        let CompileError::Diagnostics { diagnostics, .. } = &error else { panic!("{error}") };
        let found = diagnostics.iter().next().expect("a diagnostic");
        assert!([codes::NO_RULE, codes::CALL_ARGUMENTS].contains(&found.code), "{call}: {error}");
        assert!(error.to_string().contains(reason), "{call}: {error}");
    }
}
