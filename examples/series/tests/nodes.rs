//! Every node on every engine; after each, no series is left.

use std::sync::Arc;

use cfunc_compiler::{
    AccessError, Backend, CompilationContext, CompileRequest, NodeError, NodeErrorKind, NodeInstance, SnapshotError,
    Source, Value, backends_at_all_levels, compile, defaults,
};
use cfunc_example_series::{Series, SharedSeries, live, peak, symbols};

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(SharedSeries);
    builder.build().expect("the extensions fit together")
}

fn started(function: &str, engine: Arc<dyn Backend>) -> NodeInstance {
    let request = CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py"))).function(function);
    let request = request.backend(engine).symbols(Arc::new(symbols()));
    let result = compile(&context(), &request).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("pointers have cells");
    node.start().expect("START");
    node
}

/// Runs a node over ticks of its first inputs, with the outputs or the error of each; nothing is left at the end.
#[track_caller]
fn ticks(function: &str, inputs: &[&[Value]], expected: &[Result<&[Value], NodeErrorKind>]) {
    for engine in backends_at_all_levels() {
        let mut node = started(function, Arc::clone(&engine));
        for (values, expected) in inputs.iter().zip(expected) {
            for (index, value) in values.iter().enumerate() {
                node.set_value(index, value).expect("a value of the input's type");
            }
            let found: Result<(), NodeError> = node.execute();
            match (found, expected) {
                (Ok(()), Ok(expected)) => {
                    let found: Vec<Value> = (0..expected.len()).filter_map(|index| node.output_value(index)).collect();
                    assert_eq!(found, *expected, "{function} of {values:?} on {}", engine.name());
                }
                (Err(error), Err(kind)) => assert_eq!(error.kind, *kind, "{error}"),
                (found, expected) => panic!("{function} of {values:?}: {found:?}, not {expected:?}"),
            }
        }
        drop(node);
        assert_eq!(live(), 0, "{function} on {} leaves series behind", engine.name());
    }
}

fn float(value: f64) -> Value {
    Value::Float(value)
}

#[test]
fn a_state_owns_its_series_until_stop() {
    ticks(
        "kept",
        &[&[float(1.0)], &[float(2.0)], &[float(6.0)]],
        &[Ok(&[float(1.0)]), Ok(&[float(1.5)]), Ok(&[float(3.0)])],
    );
}

#[test]
fn names_share_and_rebinding_frees() {
    for engine in backends_at_all_levels() {
        let mut node = started("churned", engine);
        for (rounds, expected) in [(0, 0), (1, 2), (1000, 1000 * 3 - 1)] {
            node.set_value(0, &Value::Integer(rounds)).expect("an int");
            node.execute().expect("a tick");
            assert_eq!(node.output_value(0), Some(Value::Integer(expected)));
            assert_eq!(live(), 0);
        }
        assert!(peak() <= 3, "{} at once in a loop of rebinding", peak());
    }
}

#[test]
fn a_state_can_be_replaced_while_a_name_holds_the_old_one() {
    let row = |old, new, same| [Value::Integer(old), Value::Integer(new), Value::Boolean(same)];
    ticks(
        "replaced",
        &[&[float(1.0)], &[float(3.0)], &[float(0.5)]],
        &[Ok(&row(2, 2, true)), Ok(&row(4, 0, false)), Ok(&row(2, 2, true))],
    );
}

#[test]
fn paths_that_meet_own_what_they_bring() {
    ticks(
        "chosen",
        &[&[float(-1.0)], &[float(3.0)], &[float(7.0)], &[float(13.0)]],
        &[Ok(&[float(2.0)]), Ok(&[float(3.0)]), Ok(&[float(8.0)]), Ok(&[float(6.0)])],
    );
}

#[test]
fn an_output_owns_its_series_until_the_next() {
    for engine in backends_at_all_levels() {
        let mut node = started("published", engine);
        for (value, expected) in [(1.0, Some(vec![1.0])), (-1.0, None), (200.0, Some(vec![1.0, 200.0, 1.0, 200.0]))] {
            node.set_value(0, &float(value)).expect("a float");
            node.execute().expect("a tick");
            let published = node.output_pointer(0).map(|pointer| {
                // SAFETY: the node owns the series until it writes the output again, and runs on this thread.
                unsafe { &*pointer.cast::<Series>() }.values()
            });
            assert_eq!(published, expected);
        }
        assert_eq!(live(), 2, "the state's and the output's");
        let refused = node.set_state_value(0, &Value::None);
        assert!(matches!(refused, Err(AccessError::OwnedByNode { .. })), "{refused:?}");
        node.stop().expect("STOP");
        assert_eq!(live(), 0);
        node.start().expect("START again");
        node.set_value(0, &float(4.0)).expect("a float");
        node.execute().expect("a tick");
        assert_eq!(live(), 1);
        drop(node);
        assert_eq!(live(), 0);
    }
}

#[test]
fn an_error_releases_what_the_call_made() {
    let index = |index| [float(2.0), Value::Integer(index)];
    ticks(
        "failing",
        &[&index(1), &index(2), &index(3), &index(-1), &index(0)],
        &[
            Ok(&[float(4.0)]),
            Err(NodeErrorKind::IndexError),
            Err(NodeErrorKind::IndexError),
            Err(NodeErrorKind::IndexError),
            Ok(&[float(4.0)]),
        ],
    );
}

#[test]
fn an_error_that_is_caught_releases_what_the_statement_made() {
    let tick = |x, index| [float(x), Value::Integer(index)];
    ticks(
        "caught",
        &[&tick(1.0, 0), &tick(2.0, 2), &tick(1.0, 9), &tick(600.0, 9), &tick(1.0, 1)],
        &[Ok(&[float(6.0)]), Ok(&[float(12.0)]), Ok(&[float(6.0)]), Ok(&[float(1200.0)]), Ok(&[float(6.0)])],
    );
}

#[test]
fn an_iteration_holds_what_it_goes_through() {
    ticks("rebound", &[&[float(1.0)], &[float(200.0)]], &[Ok(&[float(5.0)]), Ok(&[float(400.0)])]);
}

#[test]
fn a_test_releases_what_it_made_in_every_round() {
    ticks("tested", &[&[float(3.0)], &[float(0.0)]], &[Ok(&[Value::Integer(3)]), Ok(&[Value::Integer(0)])]);
}

#[test]
fn a_name_that_is_not_bound_owns_nothing() {
    ticks("unbound", &[&[float(1.0)], &[float(-1.0)]], &[Ok(&[float(1.0)]), Err(NodeErrorKind::UnboundLocalError)]);
}

#[test]
fn tuples_own_what_they_hold() {
    let int = |value: i64| Value::Integer(value);
    ticks(
        "pairs",
        &[&[int(0)], &[int(1)], &[int(2)], &[int(6)]],
        &[Ok(&[int(0)]), Ok(&[int(2)]), Ok(&[int(6)]), Ok(&[int(92)])],
    );
}

#[test]
fn what_may_be_none_owns_what_is_there() {
    ticks(
        "optional",
        &[&[float(-1.0)], &[float(0.5)], &[float(3.0)]],
        &[Ok(&[float(0.0)]), Ok(&[float(6.0)]), Ok(&[float(36.0)])],
    );
}

#[test]
fn tuples_and_what_may_be_none_are_released_where_errors_are_caught() {
    let tick = |x, i| [float(x), Value::Integer(i)];
    ticks(
        "guarded",
        &[&tick(2.0, 0), &tick(2.0, 1), &tick(2.0, 2), &tick(-3.0, 4), &tick(2.0, 9), &tick(2.0, 1)],
        &[
            Ok(&[float(606.0)]),
            Ok(&[float(604.0)]),
            Ok(&[float(602.0)]),
            Ok(&[float(600.0)]),
            Err(NodeErrorKind::IndexError),
            Ok(&[float(604.0)]),
        ],
    );
}

#[test]
fn a_snapshot_carries_the_series_of_a_state() {
    for engine in backends_at_all_levels() {
        let mut node = started("kept", Arc::clone(&engine));
        let tick = |node: &mut NodeInstance, value: f64| {
            node.set_value(0, &float(value)).expect("a float");
            node.execute().expect("a tick");
            node.output_value(0)
        };
        let empty = node.snapshot().expect("there is no series yet");
        tick(&mut node, 1.0);
        tick(&mut node, 2.0);
        let snapshot = node.snapshot().expect("the extension says how");
        let mut other = started("kept", Arc::clone(&engine));
        tick(&mut other, 100.0);
        other.restore(&snapshot).expect("of the same node");
        assert_eq!(live(), 2, "what it held is freed");
        assert_eq!(tick(&mut other, 6.0), Some(float(3.0)));
        assert_eq!(tick(&mut node, 6.0), Some(float(3.0)));
        other.restore(&empty).expect("of the same node");
        assert_eq!((live(), tick(&mut other, 5.0)), (1, Some(float(5.0))));
        drop((node, other));
        assert_eq!(live(), 0);
    }
}

#[test]
fn one_series_in_two_states_is_not_parted() {
    let text = "\
def twice(x: Signal[float]) -> Signal[float]:
    a: State[Series] = None
    b: State[Series] = None
    a = a or Series()
    a.append(x)
    b = a
    return b.mean
";
    let request = CompileRequest::new(Source::new("twice.py", text)).symbols(Arc::new(symbols()));
    let mut node = compile(&context(), &request).expect("it compiles").instantiate().expect("pointers have cells");
    node.start().expect("START");
    assert!(node.snapshot().is_ok());
    node.set_value(0, &float(1.0)).expect("a float");
    node.execute().expect("a tick");
    let shared = SnapshotError::Shared { first: "a".to_owned(), second: "b".to_owned() };
    assert_eq!(node.snapshot(), Err(shared));
}
