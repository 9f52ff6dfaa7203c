//! From source text to ticks, on every engine.

use crate::common::{EMA, compiled, on_every_engine, request};
use cfunc_compiler::{AccessError, NodeErrorKind, Stage, Type, Value};

#[test]
fn an_average_runs() {
    on_every_engine(|engine| {
        let result = compiled(&request(EMA).constant("alpha", 0.5).backend(engine));
        assert_eq!(result.function_name(), "ema");
        assert_eq!(result.native_name(), format!("_gc_numba_{}", result.semantic_key()));
        assert_eq!(result.semantic_key().len(), 16);
        let [input] = result.inputs() else { panic!("{:?}", result.inputs()) };
        assert_eq!((&*input.name, input.ty), ("x", Type::FLOAT64));
        let [output] = result.outputs() else { panic!("{:?}", result.outputs()) };
        assert_eq!((&output.name, output.ty), (&None, Type::FLOAT64));
        let [state] = result.states() else { panic!("{:?}", result.states()) };
        assert_eq!((&*state.name, state.ty, &state.initial), ("average", Type::FLOAT64, &Value::Float(0.0)));
        assert_eq!(result.metadata().state_values(), [Value::Float(0.0)]);
        assert_eq!(result.metadata().ordered_input_signals(), ["x"]);
        assert!(result.named_outputs().is_none());
        assert!(result.warnings().is_empty(), "{}", result.warnings());

        let mut node = result.instantiate().expect("floats have cells");
        let (x, out) = (node.input::<f64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
        node.start().expect("START");
        let mut expected = 0.0;
        for price in [1.0, 2.0, -4.0, 0.25] {
            expected = 0.5 * price + (1.0 - 0.5) * expected;
            node.set(x, price);
            node.execute().expect("a tick");
            assert_eq!(node.ticked(out), Some(expected));
            assert_eq!(node.output_value(0), Some(Value::Float(expected)));
            assert_eq!(node.state_value(0), Some(Value::Float(expected)));
        }
        node.stop().expect("STOP");
        node.start().expect("a stopped node starts again");
        assert_eq!(node.state_value(0), Some(Value::Float(0.0)), "from its initial states");
    });
}

#[test]
fn outputs_have_names() {
    let text = "
def split(x: Signal[int]) -> Annotated[Outputs, {\"low\": int, \"high\": int}]:
    if x < 0:
        return x, None
    return None, x
";
    on_every_engine(|engine| {
        let result = compiled(&request(text).backend(engine));
        assert_eq!(result.named_outputs(), Some(vec![("low", Type::INT64), ("high", Type::INT64)]));
        let mut node = result.instantiate().expect("ints have cells");
        let x = node.input::<i64>("x").expect("an input");
        let low = node.output_named::<i64>("low").expect("an output");
        let high = node.output_named::<i64>("high").expect("an output");
        node.start().expect("START");
        node.set(x, -3);
        node.execute().expect("a tick");
        assert_eq!((node.ticked(low), node.ticked(high)), (Some(-3), None));
        node.set(x, 4);
        node.execute().expect("a tick");
        assert_eq!((node.ticked(low), node.ticked(high)), (None, Some(4)));
        assert_eq!(node.output_value(0), None);
        assert_eq!(node.output_bytes(1), Some(&4i64.to_ne_bytes()[..]));
        let missing = node.output_named::<i64>("middle").map(|_| ());
        assert_eq!(missing, Err(AccessError::NoSuchOutput("middle".to_owned())));
    });
}

#[test]
fn flags_follow_the_ticks() {
    let text = "
def newest(a: Signal[int], b: Signal[int]) -> Signal[int]:
    if a.ticked() and b.valid():
        return a + b
";
    on_every_engine(|engine| {
        let mut node = compiled(&request(text).backend(engine)).instantiate().expect("ints have cells");
        let (a, b) = (node.input::<i64>("a").expect("an input"), node.input::<i64>("b").expect("an input"));
        let out = node.output::<i64>(0).expect("an output");
        node.start().expect("START");
        node.set(a, 1);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), None, "b is not valid yet");
        node.set(b, 10);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), None, "a did not tick for this call");
        node.set(a, 2);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(12));
        node.set_valid(1, false).expect("b");
        node.set_value(0, &Value::Integer(3)).expect("a");
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), None, "b is not valid any more");
        node.set_cell(0, &Value::Integer(5)).expect("a");
        node.set_valid(1, true).expect("b");
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), None, "a cell alone is no tick");
        node.set_ticked(0, true).expect("a");
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(15));
    });
}

#[test]
fn cells_are_checked() {
    let mut node = compiled(&request(EMA).constant("alpha", 0.5)).instantiate().expect("floats have cells");
    let missing = node.input::<f64>("y").map(|_| ());
    assert_eq!(missing, Err(AccessError::NoSuchInput("y".to_owned())));
    assert!(matches!(node.input::<i64>("x"), Err(AccessError::TypeMismatch { .. })));
    assert!(matches!(node.output::<bool>(0), Err(AccessError::TypeMismatch { .. })));
    assert!(matches!(node.output::<f64>(1), Err(AccessError::NoSuchIndex { index: 1, count: 1, .. })));
    assert!(matches!(node.set_value(1, &Value::Float(0.0)), Err(AccessError::NoSuchIndex { .. })));
    let error = node.set_value(0, &Value::Text("a".to_owned())).expect_err("a text is no float");
    assert_eq!(error.to_string(), "\"a\" does not fit a cell of type float");
    node.set_value(0, &Value::Integer(3)).expect("an int widens");
    assert!(node.set_bytes(0, &[0; 4]).is_err());
    node.set_bytes(0, &2.5f64.to_ne_bytes()).expect("eight bytes");
    node.set_state_value(0, &Value::Float(1.0)).expect("a float state");
    assert_eq!(node.state_value(0), Some(Value::Float(1.0)));
    assert_eq!(node.state_value(1), None);
}

#[test]
fn a_node_lives_once_at_a_time() {
    let result = compiled(&request(EMA).constant("alpha", 0.5));
    let mut node = result.instantiate().expect("floats have cells");
    let misuse = |outcome: Result<(), cfunc_compiler::NodeError>| {
        let error = outcome.expect_err("the node is in another phase");
        assert_eq!(error.kind, NodeErrorKind::Lifecycle);
        assert_eq!(error.native_name, result.native_name());
        assert_eq!(result.error_position(&error), None);
    };
    misuse(node.execute());
    misuse(node.stop());
    node.start().expect("START");
    misuse(node.start());
    node.stop().expect("STOP");
    misuse(node.stop());
    misuse(node.execute());
}

#[test]
fn an_instance_outlives_its_result() {
    on_every_engine(|engine| {
        let result = compiled(&request(EMA).constant("alpha", 1.0).backend(engine));
        let mut node = result.instantiate().expect("floats have cells");
        let (x, out) = (node.input::<f64>("x").expect("an input"), node.output::<f64>(0).expect("an output"));
        drop(result);
        node.start().expect("START");
        node.set(x, 7.0);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(7.0));
    });
}

#[test]
fn every_stage_can_be_shown() {
    let result = compiled(&request(EMA).constant("alpha", 0.5));
    let shown = |stage| result.dump(stage).expect("the default engine has every text");
    assert!(shown(Stage::Transformed).contains("average"), "{}", shown(Stage::Transformed));
    assert!(shown(Stage::Types).contains("float"), "{}", shown(Stage::Types));
    assert!(shown(Stage::Ir).contains("fmul"), "{}", shown(Stage::Ir));
    let metadata = shown(Stage::Metadata);
    assert!(metadata.contains("state_values = [0.0]\n"), "{metadata}");
    assert!(metadata.contains("state_types = [float]\n"), "{metadata}");
    if cfg!(feature = "cranelift") {
        assert!(shown(Stage::Clif).contains("fmul"), "{}", shown(Stage::Clif));
        assert!(!shown(Stage::Assembly).is_empty());
    }
}
