//! Structs of a host: fields read and written where they lie, copies, states, outputs, on every engine.

use std::sync::{Arc, Mutex};

use cfunc_compiler::{
    Backend, CompilationContext, CompileError, Extension, ExtensionId, FieldDescription, FieldType, MetadataValue,
    NodeErrorKind, NodeInstance, RegisterStructs, Registrar, RegistrationError, StructDescription, StructReference,
    Value, compile, defaults,
};

use crate::common::{on_every_engine, request};

/// `Trade`, `Quote` with two of them inside, and `Book`, which holds an array.
struct Structs;

fn trade() -> StructDescription {
    StructDescription::new("Trade", 24, 8)
        .field(FieldDescription::new("price", 0, FieldType::Float64))
        .field(FieldDescription::new("size", 8, FieldType::Int32))
        .field(FieldDescription::new("hidden", 12, FieldType::Boolean).default(false))
        .field(FieldDescription::new("venue", 14, FieldType::UInt16).default(0).read_only())
        .field(FieldDescription::new("time", 16, FieldType::Named("datetime".to_owned())).default(Value::Datetime(0)))
}

fn quote() -> StructDescription {
    let inside = || FieldType::Struct(StructReference::named("Trade"));
    StructDescription::new("Pair", 56, 8)
        .field(FieldDescription::new("first", 0, inside()))
        .field(FieldDescription::new("second", 24, inside()))
        .field(FieldDescription::new("weight", 48, FieldType::Float32).default(0.5))
}

fn book() -> StructDescription {
    let array = |element, length| FieldType::Array(Box::new(element), length);
    StructDescription::new("Book", 96, 8)
        .field(FieldDescription::new("levels", 0, array(FieldType::Float64, 4)))
        .field(FieldDescription::new("counts", 32, array(FieldType::Int16, 4)))
        .field(FieldDescription::new("last", 40, array(FieldType::Struct(StructReference::named("Trade")), 2)))
        .field(FieldDescription::new("depth", 88, FieldType::UInt8))
}

impl Extension for Structs {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("test.structs", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.structure_described(&trade())?;
        registrar.structure_described(&quote())?;
        registrar.structure_described(&book())?;
        Ok(())
    }
}

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Structs);
    builder.build().expect("the extensions fit together")
}

#[track_caller]
fn started(text: &str, engine: Arc<dyn Backend>) -> NodeInstance {
    let result =
        compile(&context(), &request(text).function("f").backend(engine)).unwrap_or_else(|error| panic!("{error}"));
    let mut node = result.instantiate().expect("structs have cells");
    node.start().expect("START");
    node
}

fn record(name: &str, fields: &[(&str, Value)]) -> Value {
    let fields = fields.iter().map(|(name, value)| ((*name).to_owned(), value.clone()));
    Value::Record(name.to_owned(), fields.collect())
}

fn a_trade(price: f64, size: i64) -> Value {
    record(
        "Trade",
        &[
            ("price", Value::Float(price)),
            ("size", Value::Integer(size)),
            ("hidden", Value::Boolean(false)),
            ("venue", Value::Integer(65_000)),
            ("time", Value::Datetime(7)),
        ],
    )
}

/// What a node gives for inputs, as the values of all outputs.
#[track_caller]
fn check(text: &str, inputs: &[Value], expected: &[Value]) {
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        for (index, value) in inputs.iter().enumerate() {
            node.set_value(index, value).expect("it fits");
        }
        node.execute().unwrap_or_else(|error| panic!("{error}"));
        let outputs: Vec<Value> = (0..expected.len()).map(|index| node.output_value(index).expect("ticked")).collect();
        assert_eq!(outputs, expected);
    });
}

/// The first diagnostic of a text that is wrong.
#[track_caller]
fn refused(text: &str) -> (String, String, String) {
    let error = compile(&context(), &request(text).function("f")).err().unwrap_or_else(|| panic!("{text}"));
    let CompileError::Diagnostics { diagnostics, .. } = &error else { panic!("{error}") };
    let first = diagnostics.iter().next().expect("a diagnostic");
    (first.code.id.to_owned(), first.message.clone(), first.hint.clone().unwrap_or_default())
}

#[test]
fn fields_are_read() {
    let text = "
def f(t: Signal[Trade]) -> Annotated[Outputs, {'a': float, 'b': int, 'c': bool, 'd': int}]:
    return t.price * t.size, t.size, t.hidden, t.venue
";
    let expected = [Value::Float(-5.0), Value::Integer(-2), Value::Boolean(false), Value::Integer(65_000)];
    check(text, &[a_trade(2.5, -2)], &expected);
}

#[test]
fn fields_of_states_are_written_and_whole_structs_too() {
    let text = "
def f(t: Signal[Trade]) -> Annotated[Outputs, {'last': Trade, 'total': float}]:
    last: State[Trade] = Trade(price=1.0, size=3)
    sum: State[Trade] = Trade(0.0, 0)
    sum.price += t.price
    sum.size -= t.size
    before = last
    last = t
    last.price = before.price
    return last, sum.price + sum.size
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        for (price, size, expected, total) in [(5.0, 2, 1.0, 3.0), (7.0, 4, 1.0, 6.0)] {
            node.set_value(0, &a_trade(price, size)).expect("a trade");
            node.execute().expect("a tick");
            assert_eq!(node.output_value(0), Some(a_trade(expected, size)));
            assert_eq!(node.output_value(1), Some(Value::Float(total)));
            assert_eq!(node.output_bytes(0).map(<[u8]>::len), Some(24));
        }
    });
}

#[test]
fn metadata_says_sizes_and_initial_values() {
    let text = "
def f(t: Signal[Trade]) -> Signal[float]:
    last: State[Trade] = Trade(price=1, size=3)
    book: State[Book] = None
    count: State[int] = 0
    count += 1
    last = t
    book.levels[0] = t.price
    return last.price
";
    let result = compile(&context(), &request(text).function("f")).unwrap_or_else(|error| panic!("{error}"));
    let metadata = result.metadata();
    let get = |name: &str| metadata.get(name).cloned();
    assert_eq!(get("state_names"), Some(MetadataValue::Texts(["book", "count", "last"].map(str::to_owned).into())));
    assert_eq!(get("struct_state_indices"), Some(MetadataValue::Integers(vec![0, 2])));
    assert_eq!(get("struct_state_sizes"), Some(MetadataValue::Integers(vec![96, 24])));
    let initial = record(
        "Trade",
        &[
            ("price", Value::Float(1.0)),
            ("size", Value::Integer(3)),
            ("hidden", Value::Boolean(false)),
            ("venue", Value::Integer(0)),
            ("time", Value::Datetime(0)),
        ],
    );
    let expected = vec![Value::None, Value::Integer(0), initial];
    assert_eq!(get("state_values"), Some(MetadataValue::Values(expected)));
}

#[test]
fn names_hold_copies() {
    let text = "
def better(a, b):
    return a if a.price >= b.price else b

def f(t: Signal[Trade], u: Signal[Trade]) -> Annotated[Outputs, {'a': float, 'b': Trade, 'c': int, 'd': bool}]:
    last: State[Trade] = Trade(0.0, 1)
    previous: State[Trade] = Trade(0.0, 1)
    a = last
    last = t
    previous, last = last, u
    kept = (a, last)
    trades = [t, u, last]
    trades.append(a)
    best = better(t, u)
    if t.size > 100:
        a = Trade(9.0, 9)
    return trades[3].price + kept[1].price + a.size, best, previous.size, t == previous and t != u
";
    let expected = [Value::Float(0.0 + 3.0 + 1.0), a_trade(5.0, 2), Value::Integer(2), Value::Boolean(true)];
    check(text, &[a_trade(5.0, 2), a_trade(3.0, 4)], &expected);
}

#[test]
fn helpers_update_fields_through_their_parameters() {
    let text = "
def update(total, trade, factor=1):
    total.price += trade.price * factor
    total.size += trade.size

def f(t: Signal[Trade]) -> Signal[float]:
    total: State[Trade] = Trade(0.0, 0)
    update(total, t)
    update(total, t, factor=2)
    update(total, Trade(price=100.0, size=1))
    return total.price + total.size
";
    check(text, &[a_trade(1.5, 2)], &[Value::Float(109.5)]);
}

#[test]
fn structs_lie_inside_of_structs() {
    let text = "
def f(p: Signal[Pair], t: Signal[Trade]) -> Annotated[Outputs, {'a': Pair, 'b': float, 'c': float}]:
    kept: State[Pair] = Pair(Trade(0.0, 0), second=Trade(1.0, 1))
    kept.first = t
    kept.second.size += p.second.size
    kept.weight = 0.1
    inner = kept.second
    whole = kept
    return kept, whole.first.price + inner.size, whole.weight
";
    let pair = |first: Value, second: Value, weight: f64| {
        record("Pair", &[("first", first), ("second", second), ("weight", Value::Float(weight))])
    };
    let input = pair(a_trade(1.0, 2), a_trade(3.0, 4), 0.5);
    let made = record(
        "Trade",
        &[
            ("price", Value::Float(1.0)),
            ("size", Value::Integer(5)),
            ("hidden", Value::Boolean(false)),
            ("venue", Value::Integer(0)),
            ("time", Value::Datetime(0)),
        ],
    );
    let weight = f64::from(0.1f32);
    let expected = [pair(a_trade(8.0, 9), made, weight), Value::Float(13.0), Value::Float(weight)];
    check(text, &[input, a_trade(8.0, 9)], &expected);
}

#[test]
fn arrays_have_elements_within_their_bounds() {
    let text = "
def f(i: Signal[int], v: Signal[float], t: Signal[Trade]) -> Annotated[Outputs, {'a': float, 'b': int, 'c': float, 'd': bool, 'e': float, 'g': float}]:
    book: State[Book] = None
    book.levels[i] = v
    book.counts[-1] += 3
    book.last[1] = t
    book.last[0].price = 0.25
    total = 0.0
    for trade in book.last:
        total += trade.price
    for level in reversed(book.levels):
        total += level
    return sum(book.levels), len(book.counts) + book.counts[3], total, v in book.levels, max(book.levels), book.last[i].price
";
    let expected = [
        Value::Float(2.5),
        Value::Integer(7),
        Value::Float(6.75),
        Value::Boolean(true),
        Value::Float(2.5),
        Value::Float(4.0),
    ];
    check(text, &[Value::Integer(1), Value::Float(2.5), a_trade(4.0, 1)], &expected);
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        for index in [4, -5, i64::MIN] {
            node.set_value(0, &Value::Integer(index)).expect("an int");
            let error = node.execute().expect_err("out of range");
            assert_eq!((error.kind, error.message.as_str()), (NodeErrorKind::IndexError, "array index out of range"));
        }
    });
}

#[test]
fn arrays_are_unpacked() {
    let text = "
def f(t: Signal[Trade]) -> Annotated[Outputs, {'a': float, 'b': int, 'c': float, 'd': float}]:
    book: State[Book] = None
    book.levels[0] = 1.5
    book.levels[3] = 4.0
    book.counts[2] = 7
    book.last[1] = t
    first, second, third, last = book.levels
    one, *between, four = book.counts
    before, after = book.last
    book.last[1].price = 9.0
    match book.levels:
        case [_, _, found, 4.0]:
            found += 0.25
        case _:
            found = -1.0
    return first - last, between[1] + len(between), after.price + before.price, found
";
    let expected = [Value::Float(-2.5), Value::Integer(9), Value::Float(4.0), Value::Float(0.25)];
    check(text, &[a_trade(4.0, 1)], &expected);
    for (line, code, message) in [
        ("a, b = book.levels", "E0104", "4 values for 2 targets"),
        ("a = book.levels[1:3]", "E0301", "an array of a host has no slices"),
    ] {
        let text =
            format!("def f(x: Signal[int]) -> Signal[int]:\n    book: State[Book] = None\n    {line}\n    return x\n");
        let (found, reason, _) = refused(&text);
        assert!(found == code && reason.contains(message), "{line}: {found} {reason}");
    }
}

#[test]
fn structs_are_printed_with_their_fields() {
    let text = "
def f(t: Signal[Trade], q: Signal[Pair]) -> Signal[int]:
    print(t, 'and', Trade(price=0.5, size=2))
    print(q)
    return 1
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        let printed = Arc::new(Mutex::new(String::new()));
        let sink = Arc::clone(&printed);
        node.set_print_hook(move |text| sink.lock().expect("no panic").push_str(text));
        node.set_value(0, &a_trade(-1.5, 3)).expect("a trade");
        node.execute().expect("a tick");
        let printed = printed.lock().expect("no panic");
        let trade = |price: &str, size: i64| {
            format!("Trade(price={price}, size={size}, hidden=False, venue=0, time=1970-01-01 00:00:00+00:00)")
        };
        let given = trade("-1.5", 3).replace("venue=0", "venue=65000").replace("00:00+00", "00:00.000000007+00");
        let zero = trade("0.0", 0);
        let made = trade("0.5", 2);
        let expected = format!("{given} and {made}\nPair(first={zero}, second={zero}, weight=0.0)\n");
        assert_eq!(*printed, expected);
    });
    let text = "def f(b: Signal[Book]) -> Signal[int]:\n    print(b)\n    return 1\n";
    let (code, reason, _) = refused(text);
    assert!(code == "E0304" && reason.contains("Book"), "{code} {reason}");
}

#[test]
fn membership_in_an_array_alone() {
    let text = "
def f(v: Signal[float]) -> Signal[bool]:
    book: State[Book] = None
    book.levels[2] = 2.5
    return v in book.levels
";
    for (value, expected) in [(2.5, true), (0.0, true), (1.0, false)] {
        check(text, &[Value::Float(value)], &[Value::Boolean(expected)]);
    }
}

#[test]
fn what_does_not_fit_a_field_is_an_error() {
    let text = "
def f(x: Signal[int]) -> Signal[int]:
    last: State[Trade] = Trade(0.0, 0)
    book: State[Book] = None
    if x > 0:
        last.size = x
    else:
        book.depth = x + 255
    made = Trade(1.0, x)
    return last.size + book.depth + made.size
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        for (x, expected) in [
            (2_147_483_647, Ok(2 * 2_147_483_647)),
            (2_147_483_648, Err("32 bits of `size`")),
            (-255, Ok(2_147_483_392)),
            (-256, Err("8 unsigned bits of `depth`")),
            (-0, Ok(2_147_483_902)),
        ] {
            node.set_value(0, &Value::Integer(x)).expect("an int");
            match (node.execute(), expected) {
                (Ok(()), Ok(expected)) => assert_eq!(node.output_value(0), Some(Value::Integer(expected)), "{x}"),
                (Err(error), Err(expected)) => {
                    assert_eq!(error.kind, NodeErrorKind::OverflowError);
                    assert!(error.message.contains(expected), "{}", error.message);
                }
                (found, _) => panic!("{x}: {found:?}"),
            }
        }
    });
}

#[test]
fn what_is_wrong_is_said() {
    let node = |statement: &str| {
        format!(
            "def f(t: Signal[Trade], b: Signal[Book]) -> Signal[float]:\n    last: State[Trade] = Trade(0.0, 0)\n    \
             {statement}\n    return t.price\n"
        )
    };
    for (statement, code, message, hint) in [
        ("x = t.prize", "E0305", "Trade has no attribute `prize`", "did you mean `price`?"),
        ("last.prize = 1.0", "E0305", "`prize`", "did you mean `price`?"),
        ("last.venue = 1", "E0305", "`venue`", "it can be read only"),
        ("c = last\n    c.price = 1.0", "E0305", "`price`", "a name holds a copy"),
        ("c = b", "E0308", "Book cannot be kept in a name: its field `levels` is not copied", "use it where it is"),
        ("c = [b]", "E0308", "in a list", "use it where it is"),
        ("c = b.levels", "E0308", "array[float, 4]", "use it where it is"),
        ("last = Trade(t.price)", "E0304", "`Trade` is given no value for `size`", "add `size=<value>`"),
        ("last = Trade(1.0)", "E0304", "`Trade` is given no value for `size`", "add `size=<value>`"),
        ("last = Trade()", "E0304", "`Trade` is given no value for `price`, `size`", "`price=<value>`, `size=<value>`"),
        ("x = b.levels[4]", "E0301", "the index 4 is beyond an array of 4 elements", "or -4 to -1"),
        ("x = b.levels[-5]", "E0301", "the index -5 is beyond", ""),
        ("last = Trade(hidden=True)", "E0304", "`price`", ""),
        ("last = Trade(1.0, 2, colour=3)", "E0304", "`colour`", ""),
        ("last = b", "E0302", "Book", ""),
        ("x = Book()", "E0308", "Book has no constructor", "one by one"),
        ("last.size = 1.5", "E0302", "", ""),
    ] {
        let (found_code, found, found_hint) = refused(&node(statement));
        assert!(
            found_code == code && found.contains(message) && found_hint.contains(hint),
            "{statement}: {found_code} {found} ({found_hint})"
        );
    }
}

#[test]
fn structs_without_copies_are_returned_and_passed_on() {
    let text = "
def fill(book, price):
    book.levels[0] = price

def f(x: Signal[float]) -> Annotated[Outputs, {'book': Book, 'other': Book, 'n': float}]:
    book: State[Book] = None
    saved: State[Book] = None
    fill(book, x)
    book.depth = 7
    saved = book
    book.levels[3] = 0.5
    return book, saved, saved.levels[3]
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        node.set_value(0, &Value::Float(2.0)).expect("a float");
        node.execute().expect("a tick");
        let depth_of = |value: Option<Value>| match value {
            Some(Value::Record(name, fields)) if name == "Book" => fields[3].1.clone(),
            other => panic!("{other:?}"),
        };
        assert_eq!([0, 1].map(|index| depth_of(node.output_value(index))), [Value::Integer(7), Value::Integer(7)]);
        let levels = |last: f64| Value::List([2.0, 0.0, 0.0, last].map(Value::Float).into());
        for (index, last) in [(0, 0.5), (1, 0.0)] {
            let Some(Value::Record(_, fields)) = node.output_value(index) else { panic!("a record") };
            assert_eq!(fields[0].1, levels(last));
        }
        assert_eq!(node.output_value(2), Some(Value::Float(0.0)));
    });
}

#[test]
fn what_may_be_none_is_a_copy() {
    let text = "
def f(t: Signal[Trade], x: Signal[int]) -> Annotated[Outputs, {'t': Trade, 'p': float}]:
    best = None
    if x > 0:
        best = t
    if best is None:
        return None, -1.0
    return best, best.price
";
    on_every_engine(|engine| {
        let mut node = started(text, engine);
        node.set_value(0, &a_trade(2.0, 3)).expect("a trade");
        for (x, trade, price) in [(0, None, -1.0), (1, Some(a_trade(2.0, 3)), 2.0)] {
            node.set_value(1, &Value::Integer(x)).expect("an int");
            node.execute().expect("a tick");
            assert_eq!((node.output_value(0), node.output_value(1)), (trade, Some(Value::Float(price))));
        }
    });
}

#[test]
fn a_copy_that_grows_old_is_warned_of() {
    let warnings = |body: &str| -> Vec<String> {
        let text = format!(
            "def f(t: Signal[Trade]) -> Signal[float]:\n    last: State[Trade] = Trade(0.0, 0)\n    {}\n    return \
             last.price + t.size\n",
            body.replace('\n', "\n    ")
        );
        let result = compile(&context(), &request(&text)).unwrap_or_else(|error| panic!("{error}"));
        result.warnings().iter().map(|warning| format!("{} {}", warning.code.id, warning.message)).collect()
    };
    let stale = ["W0005 `now` holds a copy of `last`, which is assigned to in part later"];
    assert_eq!(warnings("now = last\nlast.price = now.price + 1.0"), stale);
    assert_eq!(warnings("now = last\nlast.size += now.size"), stale);
    assert_eq!(warnings("for _ in range(3):\n    last.price += 1.0\n    now = last"), stale);
    assert_eq!(warnings("last.price = 1.0\nnow = last"), [""; 0]);
    assert_eq!(warnings("now = last\nlast = t\nlast.price = now.price"), [""; 0]);
    assert_eq!(warnings("now = last\nnow = t\nlast.price = now.price"), [""; 0]);
    // Once each, however often a loop is gone through, and loops within loops in no more time than their text.
    assert_eq!(warnings("for _ in range(3):\n    now = last\n    last.price += now.price"), stale);
    let nested = |body: &str| -> String {
        let loops = (0..40).map(|depth| format!("{}for _ in range(1):\n", "    ".repeat(depth))).collect::<String>();
        format!("{loops}{0}last.price += 1.0\n{0}{body}", "    ".repeat(40))
    };
    assert_eq!(warnings(&nested("now = last")), stale);
    assert_eq!(warnings(&nested("pass")), [""; 0]);
}
