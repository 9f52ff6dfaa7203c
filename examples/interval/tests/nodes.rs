//! Every node on every engine, against the same in Rust.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationResult, CompileError, CompileRequest, NodeErrorKind, NodeInstance, Source,
    Value, backends, backends_at_all_levels, codes, compile, defaults,
};
use cfunc_example_interval::{Intervals, record};

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Intervals);
    builder.build().expect("the extensions fit together")
}

fn request(function: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py"))).function(function).backend(engine)
}

#[track_caller]
fn compiled(request: &CompileRequest) -> CompilationResult {
    compile(&context(), request).unwrap_or_else(|error| panic!("{error}"))
}

/// A started node on each engine.
#[track_caller]
fn on_every_engine(function: &str, constants: &[(&str, Value)], test: impl Fn(NodeInstance)) {
    assert!(!backends_at_all_levels().is_empty());
    for engine in backends_at_all_levels() {
        let request = constants
            .iter()
            .fold(request(function, engine), |request, (name, value)| request.constant(*name, value.clone()));
        let mut node = compiled(&request).instantiate().expect("intervals have cells");
        node.start().expect("START");
        test(node);
    }
}

/// Sets all inputs and runs one tick.
#[track_caller]
fn tick(node: &mut NodeInstance, inputs: &[Value]) {
    for (index, value) in inputs.iter().enumerate() {
        node.set_value(index, value).expect("it fits the input");
    }
    node.execute().expect("a tick");
}

#[test]
fn the_constructor_checks_the_order() {
    on_every_engine("span", &[], |mut node| {
        tick(&mut node, &[Value::Float(-1.5), Value::Float(2.0)]);
        assert_eq!(node.output_value(0), Some(record(-1.5, 2.0)));
        assert_eq!(node.output_value(1), Some(Value::Float(3.5)));
        node.set_value(0, &Value::Float(2.5)).expect("a float");
        let error = node.execute().expect_err("2.5 is above 2.0");
        assert_eq!((error.kind, error.message.as_str()), (NodeErrorKind::ValueError, "lo > hi"));
        assert_eq!(node.output_value(0), None);
    });
}

#[test]
fn a_local_crosses_a_join() {
    on_every_engine("from_zero", &[], |mut node| {
        for x in [3.0, -0.25, 0.0] {
            tick(&mut node, &[Value::Float(x)]);
            assert_eq!(node.output_value(0), Some(if x >= 0.0 { record(0.0, x) } else { record(x, 0.0) }));
        }
    });
}

#[test]
fn a_state_holds_an_interval() {
    on_every_engine("seen", &[], |mut node| {
        let (mut lo, mut hi) = (0.0f64, 1.0f64);
        for x in [0.5, 2.0, -1.0, 1.5, 1.0, 7.25] {
            let widened = !(lo..=hi).contains(&x);
            (lo, hi) = (lo.min(x), hi.max(x));
            tick(&mut node, &[Value::Float(x)]);
            assert_eq!(node.output_value(0), Some(record(lo, hi)));
            assert_eq!(node.output_value(1), Some(Value::Boolean(widened)));
            assert_eq!(node.state_value(0), Some(record(lo, hi)));
        }
        node.stop().expect("STOP");
        node.start().expect("a second START");
        assert_eq!(node.state_value(0), Some(record(0.0, 1.0)), "the initial state is back");
    });
}

#[test]
fn inputs_are_structs_of_the_host() {
    on_every_engine("common", &[], |mut node| {
        tick(&mut node, &[record(0.0, 4.0), record(1.0, 6.0)]);
        assert_eq!(node.output_value(0), Some(record(1.0, 4.0)));
        tick(&mut node, &[record(1.0, 6.0), record(1.0, 6.0)]);
        assert_eq!(node.output_value(0), Some(record(1.0, 6.0)));
        // The cell is the C struct of two doubles.
        let bytes: Vec<u8> = [2.0f64, 3.0].into_iter().flat_map(f64::to_ne_bytes).collect();
        node.set_bytes(1, &bytes).expect("two doubles");
        node.set_ticked(1, true).expect("an input");
        node.execute().expect("a tick");
        assert_eq!(node.output_bytes(0), Some(bytes.as_slice()));
        node.set_value(0, &record(4.0, 5.0)).expect("an interval");
        let error = node.execute().expect_err("the two are apart");
        assert_eq!(error.kind, NodeErrorKind::ValueError);
    });
}

#[test]
fn constants_are_bound_and_registered() {
    on_every_engine("inside", &[("band", record(2.0, 3.0))], |mut node| {
        for x in -1..5 {
            tick(&mut node, &[Value::Integer(x)]);
            assert_eq!(node.output_value(0), Some(Value::Boolean((2..=3).contains(&x))));
            assert_eq!(node.output_value(1), Some(Value::Boolean((0..=1).contains(&x))));
        }
    });
}

#[test]
fn a_loop_carries_an_interval() {
    let x = 0.3;
    on_every_engine("halvings", &[("x", Value::Float(x))], |mut node| {
        let (mut lo, mut hi, mut steps) = (-1.0, 3.0, 0);
        while hi - lo > 0.125 {
            let middle = lo + (hi - lo) / 2.0;
            if x <= middle {
                hi = middle
            } else {
                lo = middle
            }
            steps += 1;
        }
        tick(&mut node, &[record(-1.0, 3.0)]);
        assert_eq!(node.output_value(0), Some(record(lo, hi)));
        assert_eq!(node.output_value(1), Some(Value::Integer(steps)));
    });
}

#[test]
fn a_list_holds_intervals() {
    on_every_engine("recent", &[], |mut node| {
        let mut held: Vec<(f64, f64)> = Vec::new();
        for x in [0.5, -2.0, 3.0, -0.25, 8.0, 1.0] {
            held.push(if x > 0.0 { (x, x + 1.0) } else { (2.0 * x, x) });
            held.drain(..held.len().saturating_sub(3));
            let lo = held.iter().fold(f64::INFINITY, |least, each| least.min(each.0));
            let hi = held.iter().fold(f64::NEG_INFINITY, |most, each| most.max(each.1));
            let widest = held.iter().fold(0.0f64, |most, each| most.max(each.1 - each.0));
            tick(&mut node, &[Value::Float(x)]);
            assert_eq!(node.output_value(0), Some(record(lo, hi)));
            assert_eq!(node.output_value(1), Some(Value::Integer(held.len() as i64)));
            assert_eq!(node.output_value(2), Some(Value::Float(widest)));
            assert_eq!(node.output_value(3), Some(Value::Boolean(true)));
            let snapshot = node.snapshot().expect("intervals are plain");
            node.restore(&snapshot).expect("its own");
        }
    });
}

#[test]
fn what_is_no_interval_is_refused() {
    for value in [record(3.0, 2.0), Value::Float(1.0), Value::Record("Interval".to_owned(), Vec::new())] {
        let request = request("inside", Arc::clone(&backends()[0])).constant("band", value);
        let error = compile(&context(), &request).expect_err("no interval");
        let CompileError::Diagnostics { diagnostics, .. } = &error else { panic!("{error}") };
        assert_eq!(diagnostics.iter().next().map(|diagnostic| diagnostic.code), Some(codes::CONSTANT_TYPE), "{error}");
    }
    let text =
        "def f(x: Signal[float]) -> Signal[float]:\n    held: State[Interval] = Interval(2, hi=1)\n    return x\n";
    let error = compile(&context(), &CompileRequest::new(Source::new("f.py", text))).expect_err("wrong order");
    assert!(error.to_string().contains("lo > hi"), "{error}");
}
