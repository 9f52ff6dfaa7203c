//! Every node on every engine says what its logic in Rust says.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, Extension, ExtensionId, NodeErrorKind, Registrar, RegistrationError, Source, backends,
    backends_at_all_levels, check, compile, defaults,
};
use cfunc_example_orderbook::contest::{Chunk, Contestant, Tally, run};
use cfunc_example_orderbook::{
    Bars, Failure, Imbalance, Maker, Market, Microprice, OrderBook, OrderBooks, Side, Sweeps, Trade, context, request,
};
use cfunc_example_timeseries::{Runtime, TimeSeries, TimeSeriesNode};

fn books() -> CompilationContext {
    context().expect("the extensions fit together")
}

/// As many events as an engine runs in a moment.
fn events(engine: &Arc<dyn Backend>) -> usize {
    if engine.name() == "interpreter" { 4_000 } else { 20_000 }
}

/// Runs a node beside Rust; gives it to `between` before each chunk, with how many events there were.
#[track_caller]
fn contest<C: Contestant>(
    contestant: &mut C,
    engine: &Arc<dyn Backend>,
    mut between: impl FnMut(&mut C, usize) -> Result<(), Failure>,
) -> Tally {
    let (mut market, mut chunk, mut tally, mut done) = (Market::new(7), Chunk::new(), Tally::default(), 0);
    let count = events(engine);
    while done < count {
        between(contestant, done).unwrap_or_else(|failure| panic!("{}: {failure}", C::NAME));
        chunk.fill(&mut market, count - done);
        run(contestant, &chunk, &mut tally).unwrap_or_else(|ended| panic!("{}: {ended}", C::NAME));
        done += chunk.len();
    }
    tally
}

#[track_caller]
fn made<C>(contestant: Result<C, Failure>) -> C {
    contestant.unwrap_or_else(|failure| panic!("{failure}"))
}

#[test]
fn imbalance_and_microprice_are_those_of_rust() {
    for engine in backends_at_all_levels() {
        let tally = contest(&mut made(Imbalance::new(&books(), &engine)), &engine, |_, _| Ok(()));
        assert_eq!(tally.events, tally.outputs, "there is always something in the book");
        let tally = contest(&mut made(Microprice::new(&books(), &engine)), &engine, |_, _| Ok(()));
        assert_eq!(tally.events, tally.outputs);
    }
}

#[test]
fn sweeps_and_bars_are_those_of_rust() {
    for engine in backends_at_all_levels() {
        let tally = contest(&mut made(Sweeps::new(&books(), &engine)), &engine, |_, _| Ok(()));
        assert!(tally.outputs > 0 && tally.outputs < tally.events, "{tally:?}");
        let tally = contest(&mut made(Bars::new(&books(), &engine)), &engine, |_, _| Ok(()));
        assert!(tally.outputs > 0 && tally.outputs < tally.events, "{tally:?}");
    }
}

#[test]
fn nodes_that_take_over_from_a_snapshot_go_on_as_those_before() {
    for engine in backends_at_all_levels() {
        let mut changes = 0;
        let tally = contest(&mut made(Sweeps::new(&books(), &engine)), &engine, |sweeps, done| {
            changes += 1;
            if done > 0 { sweeps.replace() } else { Ok(()) }
        });
        assert!(changes > 10 && tally.outputs > 0, "{tally:?}");
        let tally =
            contest(
                &mut made(Bars::new(&books(), &engine)),
                &engine,
                |bars, done| {
                    if done > 0 { bars.replace() } else { Ok(()) }
                },
            );
        assert!(tally.outputs > 0, "{tally:?}");
    }
}

#[test]
fn the_maker_is_that_of_rust_and_settles_when_it_stops() {
    for engine in backends_at_all_levels() {
        let mut maker = made(Maker::new(&books(), &engine));
        let tally = contest(&mut maker, &engine, |_, _| Ok(()));
        assert_eq!(tally.events, tally.outputs);
        let (settled, positions) = made(maker.stop());
        assert_eq!(settled, positions);
        assert!(settled.iter().any(|position| *position != 0), "{settled:?}");
    }
}

#[test]
fn a_book_without_levels_is_no_price() {
    for engine in backends_at_all_levels() {
        let result = compile(&books(), &request("microprice", Arc::clone(&engine))).expect("it compiles");
        let mut node = TimeSeriesNode::new(&result, Arc::new(Runtime::default())).expect("series have cells");
        assert_eq!(node.start().expect_err("no book").kind, NodeErrorKind::Lifecycle);
        let mut book = OrderBook::new();
        book.set(Side::BUY, 100, 5);
        // SAFETY: the book outlives the node, and is not used otherwise meanwhile.
        unsafe { node.tick_pointer(0, (&raw mut book).cast()) }.expect("a book");
        node.start().expect("START");
        node.execute().expect("a tick");
        assert_eq!(node.outputs(1), [None]);
        drop(node);
        // What is not there is an error where it is read.
        let text = "def f(book: Ts[OrderBook]) -> Ts[float]:\n    return book.ask(0).price\n";
        let request = cfunc_compiler::CompileRequest::new(Source::new("f.py", text)).backend(engine);
        let result = compile(&books(), &request).expect("it compiles");
        let mut node = TimeSeriesNode::new(&result, Arc::new(Runtime::default())).expect("series have cells");
        // SAFETY: as above.
        unsafe { node.tick_pointer(0, (&raw mut book).cast()) }.expect("a book");
        node.start().expect("START");
        assert_eq!(node.execute().expect_err("no level").kind, NodeErrorKind::ValueError);
    }
}

#[test]
fn structs_go_in_as_they_are() {
    let result = compile(
        &books(),
        &request("sweeps", backends().remove(0))
            .constant("window", cfunc_compiler::Value::Timedelta(1))
            .constant("least", 2),
    )
    .expect("it compiles");
    let node = TimeSeriesNode::new(&result, Arc::new(Runtime::default())).expect("series have cells");
    node.series::<Trade>("trade").expect("a trade");
    assert!(node.series::<cfunc_example_orderbook::Bar>("trade").is_err());
    assert!(node.series::<f64>("trade").is_err());
}

#[test]
fn wrong_names_are_told_with_the_right_ones() {
    let cases = [
        ("def f(trade: Ts[Trade]) -> Ts[float]:\n    return trade.prise\n", "did you mean `price`?"),
        (
            "def f(trade: Ts[Trade]) -> Ts[float]:\n    bar: State[Bar] = Bar()\n    bar.volumes += 1\n    return 1.0\n",
            "`volume`",
        ),
        ("def f(book: Ts[OrderBook]) -> Ts[int]:\n    return book.bid_sizes(0)\n", "`bid_size`"),
        ("def f(book: Ts[OrderBook]) -> Ts[int]:\n    return book.depth(1)\n", "Side"),
        ("def f(trade: Ts[Trade]) -> Ts[Trade]:\n    return Trade(prise=1.0)\n", "price"),
        ("def f(trade: Ts[Trade]) -> Ts[bool]:\n    return OrderFlag.BLOK in trade.flags\n", "`BLOCK`"),
        ("def f(trade: Ts[Trade]) -> Ts[bool]:\n    return trade.side is Side.BYE\n", "`BUY`"),
    ];
    for (text, expected) in cases {
        let found = check(&books(), &Source::new("f.py", text)).to_string();
        assert!(found.contains(expected), "{text}{found}");
    }
    let found = check(&books(), &Source::new("nodes.py", include_str!("../nodes.py")));
    assert!(found.is_empty(), "{found}");
}

#[test]
fn other_widths_are_refused() {
    let builder = CompilationContext::builder().with(defaults()).with(TimeSeries).with(OrderBooks);
    let error = builder.build().err().map(|error| error.to_string()).unwrap_or_default();
    assert!(error.contains("OrderBooks::abi()"), "{error}");

    struct Wrong;
    impl Extension for Wrong {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("test.wrong", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            registrar.enumeration("Side", [("BUY", 1)]).map(|_| ())
        }
    }
    let builder = CompilationContext::builder().with(defaults()).with(TimeSeries).with(OrderBooks).with(Wrong);
    assert!(builder.abi(OrderBooks::abi()).build().is_err(), "there is a `Side` already");
}
