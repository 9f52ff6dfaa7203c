//! Functions of a host: types, effects, errors, objects.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use cfunc_compiler::{
    CType, CellForm, CompilationContext, CompilationResult, CompileError, CompileRequest, DataModel, Datetime, Effects,
    Extension, ExtensionId, ForeignArgument, ForeignError, ForeignFunction, ForeignObject, ForeignResult,
    ForeignStatus, ForeignType, Interpreter, NodeErrorKind, NodeInstance, Registrar, RegistrationError, Representation,
    SymbolTable, Timedelta, Type, Value, compile, defaults, foreign_function,
};

use crate::common::{on_every_engine, request};

/// What nodes know as an `OrderBook`.
struct OrderBook {
    bids: Vec<f64>,
    reads: AtomicI64,
    writes: i64,
}

// SAFETY: the tests give books and nothing else as values of the type.
unsafe impl ForeignObject for OrderBook {
    const TYPE: &'static str = "OrderBook";
}

impl OrderBook {
    fn new(bids: &[f64]) -> Self {
        Self { bids: bids.to_vec(), reads: AtomicI64::new(0), writes: 0 }
    }
}

fn bid_book(book: &OrderBook, level: u32) -> Result<f64, ForeignError> {
    book.reads.fetch_add(1, Ordering::Relaxed);
    let message = || ForeignError::new(NodeErrorKind::IndexError, format!("there is no level {level}"));
    book.bids.get(level as usize).copied().ok_or_else(message)
}

fn best_book(book: &OrderBook) -> f64 {
    book.reads.fetch_add(1, Ordering::Relaxed);
    assert!(!book.bids.is_empty(), "the book is empty");
    book.bids[0]
}

fn add_book(book: &mut OrderBook, bid: f64) {
    book.writes += 1;
    book.bids.push(bid);
}

fn merge_book(book: &mut OrderBook, other: &OrderBook) -> i64 {
    book.bids.extend(&other.bids);
    i64::try_from(book.bids.len()).expect("few bids")
}

fn deeper_book<'a>(book: &'a OrderBook, other: &'a OrderBook) -> Option<&'a OrderBook> {
    match book.bids.len().cmp(&other.bids.len()) {
        std::cmp::Ordering::Less => Some(other),
        std::cmp::Ordering::Equal => None,
        std::cmp::Ordering::Greater => Some(book),
    }
}

/// As C declares it, with the object by its address.
extern "C" fn depth_book(book: *const OrderBook) -> i32 {
    // SAFETY: the node has the address of a book.
    i32::try_from(unsafe { &*book }.bids.len()).expect("few bids")
}

struct Books;

impl Extension for Books {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("books", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let book = registrar.opaque_type("OrderBook")?;
        registrar.foreign_methods(
            book,
            "book",
            [
                foreign_function!(fn bid_book(book: &OrderBook, level: u32) -> Result<f64, ForeignError>)
                    .raises([NodeErrorKind::IndexError])
                    .effects(Effects::ReadsInternal),
                foreign_function!(fn best_book(book: &OrderBook) -> f64).effects(Effects::Reads),
                foreign_function!(fn add_book(book: &mut OrderBook, bid: f64)),
                foreign_function!(fn merge_book(book: &mut OrderBook, other: &OrderBook) -> i64),
                foreign_function!(fn deeper_book(book: &OrderBook, other: &OrderBook) -> Option<&OrderBook>),
                // Described by its symbol alone.
                ForeignFunction::new("depth")
                    .parameter("book", book)
                    .result(ForeignType::new(Type::INT64, CType::Int32))
                    .effects(Effects::Reads),
            ],
        )
    }
}

fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Books).build().expect("the extensions fit together")
}

fn symbols() -> SymbolTable {
    let mut symbols = SymbolTable::new();
    // SAFETY: the function is of the types that are described, and lives as long as the program.
    unsafe { symbols.register("depth_book", depth_book as *const u8) };
    symbols
}

#[track_caller]
fn compiled(request: &CompileRequest) -> CompilationResult {
    compile(&context(), request).unwrap_or_else(|error| panic!("{error}"))
}

/// A node with a book at each input of the type; it lives no longer than the books.
fn started(result: &CompilationResult, books: &mut [OrderBook]) -> NodeInstance {
    let mut node = result.instantiate().expect("its variables have cells");
    let mut books = books.iter_mut();
    for index in 0..result.inputs().len() {
        if result.types().name(result.inputs()[index].ty) == "OrderBook" {
            let book: *mut OrderBook = books.next().expect("a book an input");
            // SAFETY: the book outlives the node in each test.
            unsafe { node.set_pointer(index, book.cast()) }.expect("an input of a book");
        }
    }
    node.start().expect("START");
    node
}

const LOOPS: &str = "
def reads(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    total = 0.0
    for _ in range(n):
        total += book.best()
    return total

def reads_in_state(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    total: State[float] = 0.0
    for _ in range(n):
        total += book.bid(1)
    return total

def reads_behind_checks(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    total = 0.0
    for _ in range(n):
        total += book.best() + book.bid(n - 999) * book.bid(0)
    return total

def reads_behind_a_failure(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    total = 0.0
    for i in range(n):
        try:
            total += book.best() + book.bid(n) + book.best()
        except IndexError:
            total += 1.0
    return total

def writes(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    for i in range(n):
        book.add(i)
    return float(book.depth())

def reads_between_writes(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    total = 0.0
    for i in range(n):
        total += book.best()
        book.add(i)
    return total
";

#[test]
fn effects_are_obeyed() {
    on_every_engine(|engine| {
        for (function, result, reads, writes) in [
            ("reads", 2_000.0, 1, 0),
            ("reads_in_state", 3_000.0, 1, 0),
            ("reads_behind_checks", 8_000.0, 3, 0),
            ("writes", 1_002.0, 0, 1_000),
            ("reads_between_writes", 2_000.0, 1_000, 1_000),
        ] {
            let wanted = request(LOOPS).function(function).symbols(Arc::new(symbols())).backend(Arc::clone(&engine));
            let mut books = [OrderBook::new(&[2.0, 3.0])];
            let mut node = started(&compiled(&wanted), &mut books);
            let (n, out) = (node.input::<i64>("n").expect("an int"), node.output::<f64>(0).expect("a float"));
            node.set(n, 1_000);
            node.execute().expect("a tick");
            assert_eq!(node.ticked(out), Some(result), "{function}");
            drop(node);
            assert_eq!(books[0].reads.load(Ordering::Relaxed), reads, "{function} reads on {}", engine.name());
            assert_eq!(books[0].writes, writes, "{function} writes on {}", engine.name());
        }
    });
}

const ERRORS: &str = "
def plain(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    return book.bid(n) + book.best()

def caught(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    try:
        return book.bid(n)
    except IndexError:
        return -1.0

def caught_panic(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    try:
        return book.best()
    except ForeignError:
        return -2.0

def raised_again(book: Signal[OrderBook], n: Signal[int]) -> Signal[float]:
    try:
        return book.bid(n)
    except IndexError:
        try:
            return book.bid(n + 1)
        except LookupError:
            pass
        raise

def twice(book: Signal[OrderBook], n: Signal[int]) -> Signal[int]:
    return book.merge(book)

def deeper(book: Signal[OrderBook], other: Signal[OrderBook], n: Signal[int]) -> Signal[bool]:
    return book.deeper(other) is other
";

/// What a function of `ERRORS` ends with.
fn fails(
    engine: &Arc<dyn cfunc_compiler::Backend>,
    function: &str,
    bids: &[f64],
    n: i64,
) -> Option<(NodeErrorKind, String)> {
    let wanted = request(ERRORS).function(function).symbols(Arc::new(symbols())).backend(Arc::clone(engine));
    let mut books = [OrderBook::new(bids), OrderBook::new(&[9.0, 8.0])];
    let mut node = started(&compiled(&wanted), &mut books);
    if let Some(n_at) = node.input_index("n") {
        node.set_value(n_at, &Value::Integer(n)).expect("an int");
    }
    node.execute().err().map(|error| (error.kind, error.message))
}

#[test]
fn errors_and_panics_are_node_errors() {
    on_every_engine(|engine| {
        let fails = |function: &str, bids: &[f64], n| fails(&engine, function, bids, n);
        let error = |kind, message: &str| Some((kind, message.to_owned()));
        assert_eq!(fails("plain", &[1.0], 0), None);
        assert_eq!(fails("plain", &[1.0], 7), error(NodeErrorKind::IndexError, "there is no level 7"));
        let narrow = "`bid_book` takes an integer of 32 bits without a sign here";
        assert_eq!(fails("plain", &[1.0], -1), error(NodeErrorKind::OverflowError, narrow));
        assert_eq!(fails("caught", &[], 0), None);
        assert_eq!(fails("caught_panic", &[], 0), None);
        // The message of the later failure is not taken for that of the one before.
        let (kind, message) = fails("raised_again", &[], 3).expect("it fails");
        assert_eq!(kind, NodeErrorKind::IndexError);
        assert!(!message.contains('4'), "{message}");
        let twice = "`merge_book` changes an object that is given to it twice";
        assert_eq!(fails("twice", &[], 0), error(NodeErrorKind::ValueError, twice));
        assert_eq!(fails("deeper", &[1.0], 0), None);
        let none = "`deeper_book` gave no OrderBook";
        assert_eq!(fails("deeper", &[1.0, 2.0], 0), error(NodeErrorKind::ValueError, none));
    });
}

#[test]
fn a_panic_ends_the_call_with_its_message() {
    let text = "def f(book: Signal[OrderBook]) -> Signal[float]:\n    return book.best()\n";
    on_every_engine(|engine| {
        let result = compiled(&request(text).backend(engine));
        let mut books = [OrderBook::new(&[])];
        let mut node = started(&result, &mut books);
        for _ in 0..2 {
            let error = node.execute().expect_err("it panics");
            assert_eq!((error.kind, &*error.message), (NodeErrorKind::ForeignError, "it panicked: the book is empty"));
        }
    });
}

#[test]
fn objects_are_given_before_start() {
    let text = "def f(book: Signal[OrderBook]) -> Signal[float]:\n    return book.best()\n";
    let result = compiled(&request(text));
    let mut node = result.instantiate().expect("an object has a slot");
    let error = node.start().expect_err("there is no book");
    assert!(error.message.contains("which object the input `book` is"), "{error}");
    assert!(node.set_value(0, &Value::None).is_err());
    // Neither outputs nor states hold objects.
    for text in [
        "def f(book: Signal[OrderBook]) -> Signal[OrderBook]:\n    return book\n",
        "def f(x: Signal[int]) -> Signal[int]:\n    book: State[OrderBook] = 0\n    return x\n",
    ] {
        let error = compile(&context(), &request(text)).expect_err("it has no cell").to_string();
        assert!(error.contains("cannot be"), "{error}");
    }
}

#[test]
fn what_is_missing_is_told_where_it_is_used() {
    let text = "def f(book: Signal[OrderBook]) -> Signal[int]:\n    return book.depth()\n";
    let mut other = SymbolTable::new();
    // SAFETY: nothing calls it.
    unsafe { other.register("dept_book", depth_book as *const u8) };
    let error = compile(&context(), &request(text).symbols(Arc::new(other))).expect_err("it is not there");
    let CompileError::Diagnostics { diagnostics, .. } = error else { panic!("{error}") };
    let found = diagnostics.iter().next().expect("one");
    assert_eq!((found.code.id, found.span.text(text)), ("E0604", "book.depth()"));
    assert!(found.message.contains("`depth_book`"), "{}", found.message);
    assert!(found.hint.as_ref().is_some_and(|hint| hint.contains("did you mean `dept_book`?")), "{:?}", found.hint);
    // Wrong arguments are told with the candidates, as those of any callable.
    let wrong = "def f(book: Signal[OrderBook]) -> Signal[int]:\n    book.add('x')\n    return 1\n";
    let error = compile(&context(), &request(wrong)).expect_err("a text is no float").to_string();
    assert!(error.contains("E0304") && error.contains("OrderBook, float"), "{error}");
}

const BOUND: &str = "
def f(book: OrderBook, x: Signal[int]) -> Signal[float]:
    best = book
    if x > 1:
        return best.best()
    return book.bid(1)
";

fn with_book(name: &str, book: &OrderBook) -> CompileRequest {
    let mut symbols = symbols();
    // SAFETY: the book outlives the code in each test, and is not written meanwhile.
    unsafe { symbols.register_object(name, std::ptr::from_ref(book).cast()) };
    request(BOUND).constant("book", Value::object("OrderBook", name)).symbols(Arc::new(symbols))
}

#[test]
fn bound_objects_are_known_by_name() {
    let (first, second) = (OrderBook::new(&[1.0, 2.0]), OrderBook::new(&[10.0, 20.0]));
    on_every_engine(|engine| {
        for (book, x, expected) in [(&first, 2, 1.0), (&second, 2, 10.0), (&second, 1, 20.0)] {
            let result = compiled(&with_book("aapl", book).backend(Arc::clone(&engine)));
            let mut node = result.instantiate().expect("an int has a cell");
            let (input, output) = (node.input::<i64>("x").expect("an int"), node.output::<f64>(0).expect("a float"));
            node.start().expect("START");
            node.set(input, x);
            node.execute().expect("a tick");
            assert_eq!(node.ticked(output), Some(expected));
        }
    });
    let key = |name, book| compiled(&with_book(name, book)).semantic_key().to_owned();
    assert_eq!(key("aapl", &first), key("aapl", &second));
    assert_ne!(key("aapl", &first), key("msft", &first));
    // Code that holds an address of the host is the same for every address but in one place.
    let without = request(BOUND).constant("book", Value::object("OrderBook", "aapl"));
    let error = compile(&context(), &without).expect_err("it is not registered").to_string();
    assert!(error.contains("E0604") && error.contains("`aapl`"), "{error}");
    let other = request(BOUND).constant("book", 3);
    let error = compile(&context(), &other).expect_err("an int is no book").to_string();
    assert!(error.contains("E0602"), "{error}");
    // What no linker could take for a name.
    for name in ["", "aa\0pl"] {
        on_every_engine(|engine| {
            let error = compile(&context(), &with_book(name, &first).backend(engine)).expect_err("no name").to_string();
            assert!(error.contains("E0602") && error.contains(&format!("by the name {name:?}")), "{error}");
        });
    }
}

// Types of C, as a C header would have them.

extern "C" fn narrow(a: i8, b: i16, c: i32, d: u8, e: u16, f: u32, g: bool) -> u8 {
    let sum = i64::from(a) + i64::from(b) + i64::from(c) + i64::from(d) + i64::from(e) + i64::from(f) + i64::from(g);
    sum.to_le_bytes()[0]
}

extern "C" fn halved(x: f32, when: i64, span: i64) -> f32 {
    if when == 1_000 && span == 7_000 { x / 2.0 } else { 0.0 }
}

extern "C" fn parts(x: f64, whole: *mut i64, rest: *mut f32) -> bool {
    // SAFETY: compiled code passes places of its frame.
    unsafe {
        #[expect(clippy::cast_possible_truncation, reason = "the test's numbers are small")]
        whole.write(x.trunc() as i64);
        #[expect(clippy::cast_possible_truncation, reason = "a float of C")]
        rest.write(x.fract() as f32);
    }
    x < 0.0
}

extern "C" fn checked_root(x: f64, out: *mut f64) -> i32 {
    if x < 0.0 {
        return if x < -100.0 { 9 } else { 3 };
    }
    // SAFETY: compiled code passes a place of its frame.
    unsafe { out.write(x.sqrt()) };
    0
}

fn moved(when: Datetime, by: Timedelta) -> Datetime {
    Datetime(when.0 + by.0)
}

fn mixed(a: i8, b: u16, c: f32, d: bool, e: u64) -> f32 {
    f32::from(a) + f32::from(b) + c + f32::from(u8::from(d)) + e as f32
}

struct Types;

impl Extension for Types {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("types", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let int = |form| ForeignType::new(Type::INT64, form);
        let single = || ForeignType::new(Type::FLOAT64, CType::Float32);
        // SAFETY: the functions are of the types that are said, and live as long as the program.
        let at = |function: ForeignFunction, address: *const u8| unsafe { function.address(address) };
        registrar.foreign_function(at(
            ForeignFunction::new("c.narrow")
                .parameter("a", int(CType::Int8))
                .parameter("b", int(CType::Int16))
                .parameter("c", int(CType::Int32))
                .parameter("d", int(CType::UnsignedInt8))
                .parameter("e", int(CType::UnsignedInt16))
                .parameter("f", int(CType::UnsignedInt32))
                .parameter_with_default("g", Type::BOOLEAN, true)
                .result(int(CType::UnsignedInt8))
                .effects(Effects::Pure),
            narrow as *const u8,
        ))?;
        registrar.foreign_function(at(
            ForeignFunction::new("halved")
                .parameter("x", single())
                .parameter("when", "datetime")
                .parameter("span", "timedelta")
                .result(single())
                .effects(Effects::Pure),
            halved as *const u8,
        ))?;
        registrar.foreign_function(at(
            ForeignFunction::new("parts")
                .parameter("x", Type::FLOAT64)
                .out_parameter(Type::INT64)
                .out_parameter(single())
                .result(Type::BOOLEAN)
                .effects(Effects::Pure),
            parts as *const u8,
        ))?;
        registrar.foreign_function(at(
            ForeignFunction::new("root")
                .parameter("x", Type::FLOAT64)
                .result(Type::FLOAT64)
                .effects(Effects::Pure)
                .status([ForeignStatus::new(3, NodeErrorKind::ValueError, "a root of less than nothing")]),
            checked_root as *const u8,
        ))?;
        registrar.foreign_function(foreign_function!(fn moved(when: Datetime, by: Timedelta) -> Datetime))?;
        registrar.foreign_function(foreign_function!(
            fn mixed(a: i8, b: u16, c: f32, d: bool, e: u64) -> f32
        ))
    }
}

fn typed_context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(Types).build().expect("the extensions fit together")
}

const TYPED: &str = "
def narrowed(x: Signal[int]) -> Signal[int]:
    return c.narrow(x, b=x - 1, c=2147483647, d=255, e=65535, f=4294967295)

def single(x: Signal[int]) -> Signal[float]:
    return halved(x / 8, datetime(1970, 1, 1, 0, 0, 0, 1, timezone.utc), timedelta(microseconds=7))

def in_parts(x: Signal[int]) -> Signal[float]:
    negative, whole, rest = parts(x / 4)
    return whole + rest * 100 + (1000 if negative else 0)

def root_of(x: Signal[int]) -> Signal[float]:
    return root(x)

def of_rust(x: Signal[int]) -> Signal[float]:
    return mixed(x, 65535, 0.5, x > 0, 10) + 0.0

def times(x: Signal[datetime]) -> Signal[datetime]:
    return moved(x, timedelta(seconds=1))
";

#[test]
fn values_are_what_c_has_them_as() {
    let context = typed_context();
    on_every_engine(|engine| {
        let node = |function: &str| {
            let text = format!("from datetime import datetime, timedelta, timezone\n{TYPED}");
            let wanted = request(&text).function(function).backend(Arc::clone(&engine));
            let result = compile(&context, &wanted).unwrap_or_else(|error| panic!("{error}"));
            let mut node = result.instantiate().expect("they have cells");
            node.start().expect("START");
            node
        };
        let tick = |function: &str, x: i64| -> Result<Value, (NodeErrorKind, String)> {
            let mut node = node(function);
            node.set_value(0, &Value::Integer(x)).expect("an int");
            node.execute().map_err(|error| (error.kind, error.message))?;
            Ok(node.output_value(0).expect("it ticks"))
        };
        let sum = |a: i64, b: i64| (a + b + 2_147_483_647 + 255 + 65_535 + 4_294_967_295 + 1).to_le_bytes()[0];
        for x in [-128, -1, 0, 127] {
            assert_eq!(tick("narrowed", x), Ok(Value::Integer(sum(x, x - 1).into())), "{x}");
        }
        let (kind, message) = tick("narrowed", 128).expect_err("it has 9 bits");
        assert_eq!((kind, &*message), (NodeErrorKind::OverflowError, "`c.narrow` takes an integer of 8 bits here"));
        assert_eq!(tick("single", 3), Ok(Value::Float(0.1875)));
        assert_eq!(tick("in_parts", 5), Ok(Value::Float(26.0)));
        assert_eq!(tick("in_parts", -5), Ok(Value::Float(1000.0 - 26.0)));
        assert_eq!(tick("root_of", 9), Ok(Value::Float(3.0)));
        let (kind, message) = tick("root_of", -9).expect_err("there is no root");
        assert_eq!((kind, &*message), (NodeErrorKind::ValueError, "a root of less than nothing"));
        let (kind, message) = tick("root_of", -900).expect_err("there is no root");
        assert_eq!((kind, &*message), (NodeErrorKind::ForeignError, "`root` failed"));
        assert_eq!(tick("of_rust", -3), Ok(Value::Float(65_542.5)));
        let mut node = node("times");
        node.set_value(0, &Value::Datetime(5)).expect("an instant");
        node.execute().expect("a tick");
        assert_eq!(node.output_value(0), Some(Value::Datetime(1_000_000_005)));
    });
}

/// 128 flags, and eight, as sets have them.
#[derive(Clone, Copy)]
struct Flags(u128);

// SAFETY: C has `__int128` for the type.
unsafe impl ForeignArgument for Flags {
    type Native = u128;

    fn foreign_type() -> ForeignType {
        ForeignType::from("Flags")
    }

    unsafe fn from_native(native: u128) -> Result<Self, &'static str> {
        Ok(Self(native))
    }
}

impl ForeignResult for Flags {
    const IS_WIDE: bool = true;

    fn foreign_type() -> Option<ForeignType> {
        Some(ForeignType::from("Flags"))
    }

    fn into_bits(self) -> Result<u128, ForeignError> {
        Ok(self.0)
    }
}

fn complement(flags: Flags, first: i64) -> Result<Flags, String> {
    if first == 0 {
        Err("there is no first".to_owned())
    } else {
        Ok(Flags(!flags.0 - u128::from(first.cast_unsigned())))
    }
}

extern "C" fn counted(narrow: u8, wide: u128, side: i16) -> i64 {
    i64::from(narrow) * 1_000_000 + i64::from(wide.count_ones()) * 1_000 + i64::from(side)
}

struct Sets;

impl Extension for Sets {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("sets", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        let define = |registrar: &mut Registrar<'_>, name, model| {
            registrar.define_type(name, DataModel::Scalar(model), CellForm::Scalar)
        };
        let flags = define(registrar, "Flags", Representation::I128)?;
        let narrow = define(registrar, "Narrow", Representation::I8)?;
        let side = define(registrar, "Side", Representation::I16)?;
        let family = registrar.types().definition(narrow).constructor;
        registrar.unsigned_in_c(family);
        registrar
            .foreign_function(foreign_function!(fn complement(flags: Flags, first: i64) -> Result<Flags, String>))?;
        let counted_flags = ForeignFunction::new("counted")
            .parameter("narrow", narrow)
            .parameter("wide", flags)
            .parameter("side", side)
            .result(Type::INT64)
            .effects(Effects::Pure);
        // SAFETY: the function is of the types that are said.
        registrar.foreign_function(unsafe { counted_flags.address(counted as *const u8) })
    }
}

#[test]
fn enums_and_sets_of_every_width() {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    let context = builder.with(Sets).build().expect("the extensions fit together");
    let text = "
def flip(flags: Signal[Flags], n: Signal[int]) -> Signal[Flags]:
    return complement(flags, n)

def count(flags: Signal[Flags], narrow: Signal[Narrow], side: Signal[Side]) -> Signal[int]:
    return counted(narrow, flags, side)
";
    on_every_engine(|engine| {
        let node = |function: &str| {
            let wanted = request(text).function(function).backend(Arc::clone(&engine));
            let result = compile(&context, &wanted).unwrap_or_else(|error| panic!("{error}"));
            let mut node = result.instantiate().expect("they have cells");
            node.start().expect("START");
            node
        };
        let all = 0x0123_4567_89ab_cdef_0011_2233_4455_6677_i128;
        let mut flip = node("flip");
        let flags = flip.input::<i128>("flags").expect("128 bits");
        let (n, out) = (flip.input::<i64>("n").expect("an int"), flip.output::<i128>(0).expect("128 bits"));
        flip.set(flags, all);
        flip.set(n, 5);
        flip.execute().expect("a tick");
        assert_eq!(flip.ticked(out), Some(!all - 5));
        flip.set(n, 0);
        assert_eq!(flip.execute().expect_err("it fails").message, "there is no first");
        let mut count = node("count");
        let flags = count.input::<i128>("flags").expect("128 bits");
        let (narrow, side) = (count.input::<i8>("narrow").expect("8 bits"), count.input::<i16>("side").expect("16"));
        let out = count.output::<i64>(0).expect("an int");
        count.set(flags, all);
        count.set(narrow, -56);
        count.set(side, -3);
        count.execute().expect("a tick");
        assert_eq!(count.ticked(out), Some(200_000_000 + i64::from(all.count_ones()) * 1_000 - 3));
    });
}

#[test]
fn registrations_that_cannot_be_are_refused() {
    type Register = fn(&mut Registrar<'_>) -> Result<(), RegistrationError>;
    struct Wrong(Register);
    impl Extension for Wrong {
        fn id(&self) -> ExtensionId {
            ExtensionId::new("wrong", 1)
        }

        fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
            (self.0)(registrar)
        }
    }
    let cases: [(Register, &str); 6] = [
        (|r| r.foreign_function(ForeignFunction::new("f").parameter("x", "Nothing")), "there is no type `Nothing`"),
        (|r| r.foreign_function(ForeignFunction::new("f").parameter("x", Type::TEXT)), "does not take or give `str`"),
        (
            |r| r.foreign_function(ForeignFunction::new("f").result(ForeignType::new(Type::FLOAT64, CType::Int8))),
            "`float` as Int8",
        ),
        (|r| r.foreign_function(ForeignFunction::new("cfunc_poll")), "begin with `cfunc_`"),
        (
            |r| {
                r.foreign_function(ForeignFunction::new("f").symbol("s"))?;
                r.foreign_function(ForeignFunction::new("g").symbol("s").result(Type::INT64))
            },
            "registered with other types",
        ),
        (
            |r| {
                let book = r.opaque_type("OrderBook")?;
                r.foreign_methods(book, "book", [ForeignFunction::new("price").result(Type::FLOAT64)])
            },
            "first parameter is the object, a `OrderBook`",
        ),
    ];
    for (register, expected) in cases {
        let built = CompilationContext::builder().with(defaults()).with(Wrong(register)).build();
        let error = built.expect_err("it cannot be").to_string();
        assert!(error.contains(expected), "{error}");
    }
}

#[test]
fn failures_that_are_caught_in_a_loop_are_each_caught() {
    on_every_engine(|engine| {
        let wanted = request(LOOPS).function("reads_behind_a_failure").symbols(Arc::new(symbols())).backend(engine);
        let mut books = [OrderBook::new(&[2.0])];
        let mut node = started(&compiled(&wanted), &mut books);
        let (n, out) = (node.input::<i64>("n").expect("an int"), node.output::<f64>(0).expect("a float"));
        node.set(n, 1_000);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(1_000.0));
        node.set(n, 0);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(out), Some(0.0));
    });
}

#[test]
fn the_reference_engine_calls_them_as_they_are_written() {
    // Without passes every call of the source is one call.
    let engine: Arc<dyn cfunc_compiler::Backend> = Arc::new(Interpreter::strict());
    let options = cfunc_compiler::CompilationOptions {
        passes: cfunc_compiler::PassLevel::None,
        ..cfunc_compiler::CompilationOptions::default()
    };
    let wanted = request(LOOPS).function("reads").options(options).symbols(Arc::new(symbols())).backend(engine);
    let mut books = [OrderBook::new(&[2.0])];
    let mut node = started(&compiled(&wanted), &mut books);
    let n = node.input::<i64>("n").expect("an int");
    node.set(n, 1_000);
    node.execute().expect("a tick");
    drop(node);
    assert_eq!(books[0].reads.load(Ordering::Relaxed), 1_000);
}
