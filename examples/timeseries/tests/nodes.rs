//! Every node on every engine, as its host runs it.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationResult, CompileError, CompileRequest, HostObject, MetadataValue,
    NodeErrorKind, Source, Value, backends, backends_at_all_levels, check, compile, defaults,
};
use cfunc_example_timeseries::{Book, Edge, Runtime, TimeSeries, TimeSeriesNode, symbols, type_of_edge};

fn context() -> CompilationContext {
    CompilationContext::builder().with(defaults()).with(TimeSeries).build().expect("the extensions fit together")
}

fn request(function: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py")))
        .function(function)
        .symbols(Arc::new(symbols()))
        .type_of_objects(type_of_edge)
        .backend(engine)
}

#[track_caller]
fn compiled(request: &CompileRequest) -> CompilationResult {
    compile(&context(), request).unwrap_or_else(|error| panic!("{error}"))
}

#[track_caller]
fn node(request: &CompileRequest) -> (TimeSeriesNode, Arc<Runtime>) {
    let runtime = Arc::new(Runtime::default());
    let mut node = TimeSeriesNode::new(&compiled(request), Arc::clone(&runtime)).expect("series have cells");
    node.start().expect("START");
    (node, runtime)
}

fn edge(name: &str, ty: &'static str, rate: i64) -> Edge {
    Edge { name: name.to_owned(), ty, rate }
}

fn float(value: f64) -> Option<Value> {
    Some(Value::Float(value))
}

fn int(value: i64) -> Option<Value> {
    Some(Value::Integer(value))
}

#[test]
fn a_series_tells_what_became_of_it() {
    for engine in backends_at_all_levels() {
        let (mut node, _) = node(&request("newest", Arc::clone(&engine)));
        node.execute().expect("a tick");
        assert_eq!(node.outputs(1), [None], "nothing ticked");
        node.tick(1, &Value::Integer(3)).expect("an int");
        node.execute().expect("a tick");
        assert_eq!(node.outputs(1), [float(3.0)]);
        node.tick(0, &Value::Float(0.5)).expect("a float");
        node.execute().expect("a tick");
        assert_eq!(node.outputs(1), [float(3.5)]);

        let (mut node, _) = self::node(&request("counted", engine));
        for (series, expected) in [(0, [1, 0]), (1, [1, 11]), (1, [1, 21]), (0, [2, 21])] {
            node.tick(series, &Value::Float(1.0)).expect("a float");
            node.execute().expect("a tick");
            assert_eq!(node.outputs(2), expected.map(int));
        }
    }
}

#[test]
fn the_type_of_an_edge_is_the_series() {
    for engine in backends_at_all_levels() {
        for (ty, value, expected) in [("int", Value::Integer(3), 1.5), ("float", Value::Float(5.0), 2.5)] {
            let request = request("untyped", Arc::clone(&engine)).object("x", edge("x", ty, 7).as_object());
            let (mut node, _) = node(&request);
            node.tick(0, &value).expect("a value of the edge's type");
            node.execute().expect("a tick");
            assert_eq!(node.outputs(1), [float(expected)]);
        }
    }
    let engine = || backends().remove(0);
    let keys = ["int", "float"].map(|ty| {
        let bound = request("untyped", engine()).object("x", edge("x", ty, 7).as_object());
        compiled(&bound).semantic_key().to_owned()
    });
    assert_ne!(keys[0], keys[1]);
    // The object itself is no part of the key, what the handler makes of it is.
    let other = request("untyped", engine()).object("x", edge("other", "int", 1).as_object());
    assert_eq!(compiled(&other).semantic_key(), keys[0]);

    for request in [request("untyped", engine()), request("untyped", engine()).object("x", HostObject::new("no edge"))]
    {
        let CompileError::Diagnostics { diagnostics, .. } = compile(&context(), &request).expect_err("no type") else {
            panic!("diagnostics are wanted");
        };
        assert!(diagnostics.to_string().contains("nothing says the type of the series"), "{diagnostics}");
    }
    let wrong = request("newest", engine()).object("y", HostObject::new(3));
    let error = compile(&context(), &wrong).expect_err("no edge").to_string();
    assert!(error.contains("what is bound to `y` is no edge"), "{error}");
    let wrong = request("newest", engine()).constant("y", 3);
    let error = compile(&context(), &wrong).expect_err("no constant").to_string();
    assert!(error.contains("what is bound to `y` is no edge"), "{error}");
}

#[test]
fn baskets_are_read_by_key_and_by_position() {
    for engine in backends_at_all_levels() {
        let (mut node, _) = node(&request("best", Arc::clone(&engine)));
        let mut tick = |values: &[(usize, f64)], expected: [Option<Value>; 3]| {
            for (series, value) in values {
                node.tick(*series, &Value::Float(*value)).expect("a float");
            }
            node.execute().expect("a tick");
            assert_eq!(node.outputs(3), expected);
        };
        tick(&[(0, 1.0)], [float(1.0), int(0), int(1)]);
        tick(&[(2, 5.0)], [float(5.0), int(2), int(1)]);
        tick(&[(0, 2.0), (2, 4.0)], [float(4.0), int(2), int(4)]);
        tick(&[(1, 9.0)], [float(9.0), int(1), int(1)]);
    }
}

#[test]
fn the_edges_of_the_host_are_the_keys() {
    let edges = vec![edge("AAPL", "float", 10), edge("MSFT", "float", 20), edge("IBM", "float", 5)];
    for engine in backends_at_all_levels() {
        let request = request("picked", Arc::clone(&engine))
            .object("b", HostObject::new(edges.clone()))
            .object("i", edge("index", "int", 1).as_object());
        let result = compiled(&request);
        let texts = |name: &str| match result.metadata().get(name) {
            Some(MetadataValue::Texts(texts)) => texts.clone(),
            other => panic!("{name}: {other:?}"),
        };
        assert_eq!(texts("ts_inputs"), ["b[\"AAPL\"]", "b[\"MSFT\"]", "b[\"IBM\"]", "i"]);
        assert_eq!(texts("ts_edges"), ["AAPL", "MSFT", "IBM", "index"]);
        assert_eq!(result.metadata().get("ts_rates"), Some(&MetadataValue::Integers(vec![10, 20, 5, 1])));
        let names: Vec<&str> = result.inputs().iter().map(|input| &*input.name).collect();
        assert_eq!(names, texts("ts_inputs"));

        let (mut node, _) = node(&request);
        for (series, value) in [1.0, 2.0, 4.0].into_iter().enumerate() {
            node.tick(series, &Value::Float(value)).expect("a float");
        }
        for (index, expected) in [(0, -1.0), (1, 0.0), (2, 2.0), (-1, 2.0), (-3, -1.0)] {
            node.tick(3, &Value::Integer(index)).expect("an int");
            node.execute().expect("a tick");
            assert_eq!(node.outputs(1), [float(expected)], "{index}");
        }
        for index in [3, -4, i64::MAX, i64::MIN] {
            node.tick(3, &Value::Integer(index)).expect("an int");
            assert_eq!(node.execute().expect_err("beyond the basket").kind, NodeErrorKind::IndexError, "{index}");
        }
    }
}

#[test]
fn alarms_are_raised_where_python_would_call() {
    for engine in backends_at_all_levels() {
        let request = request("alarms", Arc::clone(&engine)).constant("limit", 10.0);
        let (mut node, runtime) = node(&request);
        let mut tick = |value: f64, alarms: &[i64], level: i64| {
            node.tick(0, &Value::Float(value)).expect("a float");
            node.execute().expect("a tick");
            assert_eq!(runtime.take_alarms(), alarms, "{value}");
            assert_eq!(node.outputs(1), [int(level)], "{value}");
        };
        tick(5.0, &[], 9);
        tick(10.0, &[200, 201], 8);
        tick(-1.0, &[100], 8);
        // The loop's test raises one each round; `calls` is a state.
        tick(11.0, &[0, 1, 2], 9);
        tick(11.0, &[], 9);
        tick(200.0, &[101], 8);
        // STOP has the runtime too.
        drop(node);
        assert_eq!(runtime.take_alarms(), [300]);
    }
}

#[test]
fn books_are_read_by_chains() {
    let mut books = [
        Book { price: 1.25, bids: [1.0, 0.5, 0.0, 0.0], asks: [1.5, 2.0, 0.0, 0.0], sizes: [3.0, 4.0, 0.0, 0.0] },
        Book { price: 7.0, bids: [6.0, 5.0, 0.0, 0.0], asks: [9.0, 9.5, 0.0, 0.0], sizes: [8.0, 2.5, 0.0, 0.0] },
    ];
    let [first, second] = &mut books;
    let pointers = [&raw mut *first, &raw mut *second];
    for engine in backends_at_all_levels() {
        let (mut node, _) = node(&request("books", Arc::clone(&engine)));
        node.tick(2, &Value::Integer(0)).expect("an int");
        assert_eq!(node.execute().expect_err("no books").kind, NodeErrorKind::ValueError);
        for (series, book) in pointers.into_iter().enumerate() {
            // SAFETY: the books outlive the node, and nothing else uses them.
            unsafe { node.tick_pointer(series, book.cast()) }.expect("a book");
        }
        for (index, bid, spread) in [(0, 1.0, 3.0), (1, 6.0, 0.5)] {
            node.tick(2, &Value::Integer(index)).expect("an int");
            node.execute().expect("a tick");
            assert_eq!(node.outputs(4), [float(bid), float(1.25), float(spread), float(2.5)]);
        }
    }
}

#[test]
fn it_stands_beside_signals() {
    let context = CompilationContext::builder()
        .with(TimeSeries)
        .with(cfunc_signals::extension())
        .with(defaults())
        .build()
        .expect("the category orders differ");
    let parameters: Vec<&str> = context.layout().parameters().iter().map(|parameter| &*parameter.name).collect();
    let expected =
        ["inputs", "input_ticked", "input_valid", "ts_values", "ts_ticked", "ts_valid", "ts_counts", "ts_runtime"];
    assert_eq!(parameters[4..], expected);
    for engine in backends_at_all_levels() {
        let result = compile(&context, &request("mixed", engine)).unwrap_or_else(|error| panic!("{error}"));
        let mut node = TimeSeriesNode::new(&result, Arc::new(Runtime::default())).expect("series have cells");
        node.start().expect("START");
        // Slots are in the order of the categories.
        node.tick(1, &Value::Float(1.5)).expect("a float");
        node.execute().expect("a tick");
        assert_eq!(node.outputs(1), [float(1.5)]);
        node.tick(0, &Value::Float(2.0)).expect("a float");
        node.execute().expect("a tick");
        assert_eq!(node.outputs(1), [float(3.5)]);
    }
}

#[test]
fn the_length_of_a_basket_is_known_in_every_phase() {
    let text = "
def f(b: Basket[Ts[int], \"a\", \"b\", \"c\"]) -> (Ts[int], Ts[int]):
    seen: State[list[int]] = []
    started: State[int] = 0
    seen[0] += b[1]
    return len(seen), started

@f.start
def _():
    for _ in range(len(b)):
        seen.append(0)
    started = len(b)

@f.stop
def _():
    started = -len(b)
";
    for engine in backends_at_all_levels() {
        let request = CompileRequest::new(Source::new("f.py", text)).backend(engine);
        let (mut node, _) = node(&request);
        node.tick(1, &Value::Integer(5)).expect("an int");
        node.execute().expect("a tick");
        assert_eq!(node.outputs(2), [int(3), int(3)]);
        node.stop().expect("STOP");
        let started = node.instance().state_index("started").expect("a state");
        assert_eq!(node.instance().state_value(started), int(-3));
    }
}

#[test]
fn wrong_uses_are_diagnostics() {
    let cases = [
        ("def f(b: Basket[Ts[int], \"a\", \"b\"]) -> Ts[int]:\n    return b[\"c\"]\n", "has no input"),
        ("def f(b: Basket[Ts[int], \"aa\", \"b\"]) -> Ts[int]:\n    return b[\"ab\"]\n", "did you mean \"aa\"?"),
        ("def f(b: Basket[Ts[int], \"a\"]) -> Ts[int]:\n    return b\n", "is a container of inputs"),
        ("def f(b: Basket[Ts[int], \"a\"]) -> Ts[int]:\n    return b[2]\n", "has no input"),
        ("def f(b: Basket[Ts[int], \"a\", \"a\"]) -> Ts[int]:\n    return b[0]\n", "two series have this key"),
        ("def f(b: Basket[int, \"a\"]) -> Ts[int]:\n    return b[0]\n", "a basket is of series"),
        ("def f(x: Ts[int]) -> Ts[int]:\n    return x.lst\n", "no attribute"),
        ("def f(x: Ts[int]) -> Ts[int]:\n    return alarm(x)\n", "a condition and a level"),
        ("def f(x: Ts[Book]) -> Ts[float]:\n    return x.bid()\n", "takes the number of a level"),
        ("def f(x: Ts[Book]) -> Ts[float]:\n    return x.bidd(0)\n", "no method"),
        (
            "def f(x: Ts[int]) -> Ts[int]:\n    return g(x)\ndef g(v):\n    return alarm(v > 1, 1)\n",
            "not given to a helper",
        ),
        ("def f(x: Ts[int]) -> (Ts[int], Ts[int]):\n    return x, x, x\n", "3 values returned for 2 outputs"),
        ("def f(x: Ts[list[int]]) -> Ts[int]:\n    return 1\n", "cannot be of this type"),
        (
            "def f(b: Basket[Ts[int], \"a\"]) -> Ts[int]:\n    n: State[int] = 0\n    return n\n\
             @f.start\ndef _():\n    n = b[0]\n",
            "how many inputs there are is known: `len(b)`",
        ),
        (
            "def f(x: Ts[int]) -> Ts[int]:\n    n: State[int] = 0\n    return n\n@f.start\ndef _():\n    n = len(x)\n",
            "the input `x` is not there in START",
        ),
    ];
    for (text, expected) in cases {
        let found = check(&context(), &Source::new("f.py", text)).to_string();
        assert!(found.contains(expected), "{text}{found}");
        assert!(!found.contains("E0901"), "{text}{found}");
    }
    // Without a host, the nodes of the example are right.
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(TimeSeries);
    let context = builder.build().expect("the extensions fit together");
    let found = check(&context, &Source::new("nodes.py", include_str!("../nodes.py")));
    assert!(found.is_empty(), "{found}");
}
