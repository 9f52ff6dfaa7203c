//! Every node on every engine, on records of the test.

use std::sync::Arc;

use cfunc_compiler::{
    AccessError, Backend, CompilationContext, CompileError, CompileRequest, NodeErrorKind, NodeInstance, Source,
    SymbolTable, Value, backends_at_all_levels, codes, compile, defaults,
};
use cfunc_example_record_pointer::{Ladder, Ladders, Quote, Quotes, VENUE_SYMBOL};

fn context() -> CompilationContext {
    let builder =
        CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Quotes).with(Ladders);
    builder.build().expect("the extensions fit together")
}

fn request(function: &str, engine: Arc<dyn Backend>) -> CompileRequest {
    CompileRequest::new(Source::new("nodes.py", include_str!("../nodes.py"))).function(function).backend(engine)
}

/// A node that was given a record for each of its first inputs. Records outlive their node: a test declares them first.
#[track_caller]
fn started(request: &CompileRequest, records: &[*mut Quote]) -> NodeInstance {
    let result = compile(&context(), request).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("pointers have cells");
    for (index, record) in records.iter().enumerate() {
        // SAFETY: NULL or a record that lives as long as the node, which no other thread uses.
        unsafe { node.set_pointer(index, record.cast()) }.expect("an input of pointers");
    }
    node.start().expect("START");
    node
}

fn outputs(node: &NodeInstance) -> Vec<Value> {
    (0..).map_while(|index| node.output_value(index)).collect()
}

const QUOTE: Quote = Quote { bid: 9.5, ask: 10.0, volume: 1 << 40, venue: -7, orders: -300, halted: 2 };

#[test]
fn fields_are_read_where_they_lie() {
    for engine in backends_at_all_levels() {
        let mut quote = QUOTE;
        let record = &raw mut quote;
        let mut node = started(&request("shown", engine), &[record]);
        node.execute().expect("a tick");
        let expected = [
            Value::Float(0.5),
            Value::Float(9.75),
            Value::Integer(1 << 40),
            Value::Integer(-7),
            Value::Integer(-300),
            Value::Boolean(true),
        ];
        assert_eq!(outputs(&node), expected);
        // The host writes to its record between ticks.
        // SAFETY: the record is alive, and no call is under way.
        unsafe { (*record).halted = 0 };
        node.execute().expect("a tick");
        assert_eq!(node.output_value(5), Some(Value::Boolean(false)));
    }
}

#[test]
fn fields_are_written_where_they_lie() {
    for engine in backends_at_all_levels() {
        let mut quote = Quote { volume: 10, orders: 4, halted: 0, ..QUOTE };
        let record = &raw mut quote;
        let mut node = started(&request("filled", engine), &[record]);
        node.set_value(1, &Value::Integer(3)).expect("an int");
        node.execute().expect("a tick");
        assert_eq!(outputs(&node), [Value::Integer(7)]);
        // SAFETY: the record is alive, and no call is under way.
        assert_eq!(unsafe { *record }, Quote { volume: 7, orders: 3, halted: 0, ..QUOTE });
        node.set_value(1, &Value::Integer(8)).expect("an int");
        node.execute().expect("a tick");
        // SAFETY: as above.
        assert_eq!(unsafe { *record }, Quote { bid: 0.0, volume: -1, orders: 2, halted: 1, ..QUOTE });
    }
}

#[test]
fn pointers_cross_joins_and_leave() {
    for engine in backends_at_all_levels() {
        let (mut low, mut high) = (QUOTE, Quote { bid: 9.75, ..QUOTE });
        let records = [&raw mut low, &raw mut high];
        for [a, b] in [[0, 1], [1, 0]] {
            let mut node = started(&request("better", Arc::clone(&engine)), &[records[a], records[b]]);
            node.execute().expect("a tick");
            assert_eq!(outputs(&node), [Value::Float(9.75), Value::Boolean(a == 1)], "no value is a pointer");
            assert_eq!(node.output_bytes(2), Some(records[1].addr().to_ne_bytes().as_slice()));
        }
    }
}

#[test]
fn what_does_not_fit_a_field_is_an_error() {
    for engine in backends_at_all_levels() {
        let mut quote = QUOTE;
        let mut node = started(&request("set_orders", engine), &[&raw mut quote]);
        for count in [0, -32_768, 32_767] {
            node.set_value(1, &Value::Integer(count)).expect("an int");
            node.execute().expect("a tick");
            assert_eq!(outputs(&node), [Value::Integer(count)]);
        }
        for count in [-32_769, 32_768, i64::MAX] {
            node.set_value(1, &Value::Integer(count)).expect("an int");
            let error = node.execute().expect_err("beyond 16 bits");
            assert_eq!((error.kind, error.message.as_str()), (NodeErrorKind::OverflowError, "`orders` has 16 bits"));
        }
    }
}

#[test]
fn a_node_without_a_record_fails_and_does_not_crash() {
    for engine in backends_at_all_levels() {
        for records in [&[][..], &[std::ptr::null_mut()]] {
            let mut node = started(&request("shown", Arc::clone(&engine)), records);
            let error = node.execute().expect_err("no record");
            assert_eq!((error.kind, error.message.as_str()), (NodeErrorKind::ValueError, "there is no quote"));
        }
    }
}

#[test]
fn addresses_come_through_set_pointer_alone() {
    for engine in backends_at_all_levels() {
        let mut node = started(&request("filled", engine), &[]);
        let refused = node.set_value(0, &Value::Integer(1));
        assert!(matches!(refused, Err(AccessError::HoldsAddress { .. })), "{refused:?}");
        for refused in [
            node.set_bytes(0, &[1; 8]),
            // SAFETY: it is refused, the input is an int.
            unsafe { node.set_pointer(1, std::ptr::null_mut()) },
        ] {
            assert!(matches!(refused, Err(AccessError::ValueMismatch { .. })), "{refused:?}");
        }
        assert!(matches!(node.input::<i64>("quote"), Err(AccessError::TypeMismatch { .. })));
    }
}

#[test]
fn names_outside_of_the_table_are_refused() {
    for (statement, message) in [
        ("y = quote.bis", "Quote has no attribute `bis`"),
        ("quote.venue = 1", "`venue`"),
        ("quote.mid = 1.0", "`mid`"),
    ] {
        let text = format!("def f(quote: Signal[Quote]) -> Signal[float]:\n    {statement}\n    return quote.bid\n");
        let error = compile(&context(), &CompileRequest::new(Source::new("f.py", text))).expect_err(statement);
        let CompileError::Diagnostics { diagnostics, .. } = &error else { panic!("{error}") };
        let found = diagnostics.iter().next().expect("a diagnostic");
        assert_eq!(found.code, codes::UNKNOWN_ATTRIBUTE, "{error}");
        assert!(found.message.contains(message), "{error}");
    }
}

extern "C" fn venue(levels: i64) -> i64 {
    levels * 100
}

/// The request with the host's function.
fn with_host(engine: Arc<dyn Backend>) -> CompileRequest {
    let mut symbols = SymbolTable::new();
    // SAFETY: the function has the signature that the rule declares, lives as long as the process, and is safe to call.
    unsafe { symbols.register(VENUE_SYMBOL, venue as *const u8) };
    request("swept", engine).symbols(Arc::new(symbols))
}

#[test]
fn a_ladder_has_the_operations_of_a_sequence() {
    for engine in backends_at_all_levels() {
        let mut ladder = Ladder { length: 3, prices: [1.5, 20.0, 3.0, 99.0, 0.0, 0.0, 0.0, 0.0] };
        let record = &raw mut ladder;
        let mut node = started(&with_host(engine), &[record.cast()]);
        node.set_value(1, &Value::Float(20.0)).expect("a float");
        node.execute().expect("a tick");
        let expected = [
            Value::Float(24.5),
            Value::Integer(3),
            Value::Boolean(true),
            Value::Float(2.0),
            Value::Float(0.01),
            Value::Integer(300),
        ];
        assert_eq!(outputs(&node), expected);
        // SAFETY: the record is alive, and no call is under way.
        let after = unsafe { *record };
        assert_eq!(after.prices[..4], [2.0, 20.0, 0.0, 99.0]);
        // SAFETY: as above.
        unsafe { (*record).length = 0 };
        let error = node.execute().expect_err("there is no first level");
        assert_eq!((error.kind, error.message.as_str()), (NodeErrorKind::IndexError, "ladder index out of range"));
    }
}

#[test]
fn a_function_of_the_host_must_be_given() {
    for engine in backends_at_all_levels() {
        let error = compile(&context(), &request("swept", engine)).expect_err("nothing has the symbol");
        assert!(error.to_string().contains(VENUE_SYMBOL), "{error}");
    }
}
