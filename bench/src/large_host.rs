//! The host of the larger nodes: its structs, its order books with functions, and what comes in.

use cfunc_compiler::{
    AbiConfig, CfuncStruct, CompilationContext, Effects, Extension, ExtensionId, ForeignObject, RegisterStructs,
    Registrar, RegistrationError, Value, defaults, foreign_function,
};
use cfunc_example_orderbook::{OrderBook, Side};

use crate::host::NodeFunction;
use crate::host::RowForm;
use crate::large_rust::{Imbalance, Kalman, SizeFunction, Strategy, leaked};

/// The trades of a span of time.
#[derive(Clone, Copy, Debug, Default, CfuncStruct)]
#[repr(C)]
struct Bar {
    #[cfunc(datetime, default = Value::Datetime(0))]
    start: i64,
    #[cfunc(default = 0.0)]
    open: f64,
    #[cfunc(default = 0.0)]
    high: f64,
    #[cfunc(default = 0.0)]
    low: f64,
    #[cfunc(default = 0.0)]
    close: f64,
    #[cfunc(default = 0)]
    volume: i64,
    #[cfunc(default = 0)]
    trades: i64,
}

/// What was gained and lost.
#[derive(Clone, Copy, Debug, Default, CfuncStruct)]
#[repr(C)]
struct Account {
    #[cfunc(default = 0)]
    day: i64,
    #[cfunc(default = 0.0)]
    realised: f64,
    #[cfunc(default = 0.0)]
    fees: f64,
    #[cfunc(default = 0.0)]
    carried: f64,
    #[cfunc(default = 0)]
    orders: i64,
    #[cfunc(default = 0)]
    wins: i64,
    #[cfunc(default = 0)]
    losses: i64,
    #[cfunc(default = 0)]
    streak: i64,
    #[cfunc(default = false)]
    halted: bool,
}

/// What may be lost.
#[derive(Clone, Copy, Debug, Default, CfuncStruct)]
#[repr(C)]
struct Risk {
    #[cfunc(default = 0.0)]
    peak: f64,
    #[cfunc(datetime, default = Value::Datetime(0))]
    peaked: i64,
    #[cfunc(default = 0.0)]
    drawdown: f64,
    #[cfunc(default = 0.0)]
    gross: f64,
    #[cfunc(default = 0.0)]
    spread: f64,
}

fn size(book: &OrderBook, side: Side, index: i64) -> i64 {
    usize::try_from(index).ok().and_then(|index| book.level(side, index)).map_or(0, |level| level.size)
}

fn bid_size_book(book: &OrderBook, index: i64) -> i64 {
    size(book, Side::BUY, index)
}

fn ask_size_book(book: &OrderBook, index: i64) -> i64 {
    size(book, Side::SELL, index)
}

/// The same for code that calls by the C ABI.
extern "C" fn bid_size(book: &OrderBook, index: i64) -> i64 {
    bid_size_book(book, index)
}

extern "C" fn ask_size(book: &OrderBook, index: i64) -> i64 {
    ask_size_book(book, index)
}

/// The host as an extension.
struct Desk;

impl Extension for Desk {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("bench.desk", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        registrar.structure::<Bar>()?;
        registrar.structure::<Account>()?;
        registrar.structure::<Risk>()?;
        let book = registrar.opaque_type(OrderBook::TYPE)?;
        let methods = [
            foreign_function!(fn bid_size_book(book: &OrderBook, index: i64) -> i64),
            foreign_function!(fn ask_size_book(book: &OrderBook, index: i64) -> i64),
        ];
        registrar.foreign_methods(book, "book", methods.map(|method| method.effects(Effects::ReadsInternal)))
    }
}

/// The context of the larger nodes.
///
/// # Errors
///
/// Where the extensions do not fit together.
pub(crate) fn context() -> Result<CompilationContext, RegistrationError> {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(Desk);
    builder.abi(AbiConfig::default()).build()
}

/// A constant of a node, on either side.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Constant {
    Integer(i64),
    Float(f64),
}

impl Constant {
    /// What a request binds.
    pub(crate) fn value(self) -> Value {
        match self {
            Self::Integer(value) => Value::Integer(value),
            Self::Float(value) => Value::Float(value),
        }
    }

    /// What a process of Python gets.
    pub(crate) fn json(self) -> serde_json::Value {
        match self {
            Self::Integer(value) => value.into(),
            Self::Float(value) => value.into(),
        }
    }
}

/// What comes in, the same in each run.
pub(crate) struct Column {
    /// The words of the rows.
    pub(crate) rows: Vec<u64>,
    /// What they are.
    pub(crate) form: RowForm,
    /// What a process of Python gets in their place.
    pub(crate) python: Vec<u64>,
    /// The words a row of it has for each object.
    pub(crate) python_width: usize,
    /// What rows lead to.
    _books: Vec<OrderBook>,
}

/// One of the larger nodes.
pub(crate) struct Bench {
    /// The file and the function.
    pub(crate) name: &'static str,
    /// What it is, for the document.
    pub(crate) what: &'static str,
    pub(crate) inputs: &'static [&'static str],
    pub(crate) outputs: &'static [(&'static str, &'static str)],
    pub(crate) constants: &'static [(&'static str, Constant)],
    /// Calls in a slice of machine code, of the interpreter, and of CPython.
    pub(crate) calls: [usize; 3],
    pub(crate) column: fn() -> Column,
    /// The node in Rust, and its state.
    pub(crate) rust: fn() -> (NodeFunction, *mut std::ffi::c_void),
    /// Whether the peer is asked.
    pub(crate) for_peer: bool,
}

const CAPITAL: f64 = 1_000_000.0;
const LIMIT: i64 = 800;
const NOISE: f64 = 0.05;
const DRIFT: f64 = 0.000_1;
const LEVELS: i64 = 5;

/// The larger nodes.
pub(crate) const BENCHES: [Bench; 3] = [
    Bench {
        name: "strategy",
        what: "200 lines with structs, dicts and times",
        inputs: &["datetime", "int", "float", "int"],
        outputs: &[("order", "int"), ("equity", "float"), ("score", "float"), ("spread", "float"), ("busiest", "int")],
        constants: &[("capital", Constant::Float(CAPITAL)), ("limit", Constant::Integer(LIMIT))],
        calls: [4096, 64, 256],
        column: trades,
        rust: || leaked(Strategy::new(CAPITAL, LIMIT)),
        for_peer: false,
    },
    Bench {
        name: "kalman",
        what: "a filter of 12 states on lists",
        inputs: &["int", "float"],
        outputs: &[("out", "float")],
        constants: &[("noise", Constant::Float(NOISE)), ("drift", Constant::Float(DRIFT))],
        calls: [64, 2, 4],
        column: measurements,
        rust: || leaked(Kalman::new(NOISE, DRIFT)),
        for_peer: true,
    },
    Bench {
        name: "imbalance",
        what: "of an order book of the host, asked through its functions",
        inputs: &[OrderBook::TYPE],
        outputs: &[("out", "float")],
        constants: &[("levels", Constant::Integer(LEVELS))],
        calls: [1024, 64, 256],
        column: books,
        rust: || {
            let functions: [SizeFunction; 2] = std::hint::black_box([bid_size, ask_size]);
            leaked(Imbalance { bid_size: functions[0], ask_size: functions[1], levels: LEVELS })
        },
        for_peer: false,
    },
];

/// What makes the node in C, with the host's values.
///
/// # Safety
///
/// The function is that of `bench/nodes/nodes.c` which makes this node.
pub(crate) unsafe fn made_in_c(name: &str, make: *mut std::ffi::c_void) -> *mut std::ffi::c_void {
    type Pointer = *mut std::ffi::c_void;
    // SAFETY: the functions have these signatures, the caller's promise.
    unsafe {
        match name {
            "strategy" => {
                std::mem::transmute::<Pointer, unsafe extern "C" fn(f64, i64) -> Pointer>(make)(CAPITAL, LIMIT)
            }
            "kalman" => std::mem::transmute::<Pointer, unsafe extern "C" fn(f64, f64) -> Pointer>(make)(NOISE, DRIFT),
            _ => {
                std::mem::transmute::<Pointer, unsafe extern "C" fn(SizeFunction, SizeFunction, i64) -> Pointer>(make)(
                    bid_size, ask_size, LEVELS,
                )
            }
        }
    }
}

/// Words that seem random, the same in each run.
fn random() -> impl Iterator<Item = u64> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    std::iter::repeat_with(move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 11
    })
}

/// A number from 0 up to 1.
fn share(word: u64) -> f64 {
    word as f64 / (1_u64 << 53) as f64
}

/// Trades of 16 symbols on one day, from 9:25 to about 16:10.
fn trades() -> Column {
    const COUNT: usize = 1 << 16;
    /// 2024-01-03, a Wednesday, 9:25, in nanoseconds since 1970.
    const BEGIN: i64 = (1_704_240_000 + 9 * 3_600 + 25 * 60) * 1_000_000_000;
    let mut words = random();
    let mut next = || words.next().unwrap_or_default();
    let mut prices = [100.0_f64; 16];
    let mut time = BEGIN;
    let mut rows = Vec::with_capacity(COUNT * 4);
    for _ in 0..COUNT {
        // CPython's times have microseconds.
        time += (next() % 740_000).cast_signed() * 1_000;
        let symbol = (next() % 16) as usize;
        prices[symbol] *= 1.0 + 0.002 * (share(next()) - 0.499);
        let size = 100 * (1 + next() % 5);
        rows.extend([time.cast_unsigned(), symbol as u64, prices[symbol].to_bits(), size]);
    }
    Column { python: rows.clone(), rows, form: RowForm::Cells, python_width: 1, _books: Vec::new() }
}

/// Places along the axes in turn, of something that moves.
fn measurements() -> Column {
    const COUNT: usize = 1_536;
    let mut words = random();
    let mut rows = Vec::with_capacity(COUNT * 2);
    for index in 0..COUNT {
        let axis = index % 3;
        let place = 0.01 * index as f64 * (axis as f64 + 1.0) + share(words.next().unwrap_or_default()) - 0.5;
        rows.extend([axis as u64, place.to_bits()]);
    }
    Column { python: rows.clone(), rows, form: RowForm::Cells, python_width: 1, _books: Vec::new() }
}

/// Books of ten levels a side.
fn books() -> Column {
    const COUNT: usize = 1 << 11;
    const DEPTH: i64 = 10;
    let mut words = random();
    let mut next = || (1 + words.next().unwrap_or_default() % 900).cast_signed();
    let mut python = Vec::new();
    let mut books = Vec::with_capacity(COUNT);
    for _ in 0..COUNT {
        let mut book = OrderBook::new();
        for level in 0..DEPTH {
            let sizes = [next(), next()];
            book.set(Side::BUY, 10_000 - level, sizes[0]);
            book.set(Side::SELL, 10_001 + level, sizes[1]);
            python.extend(sizes.map(i64::cast_unsigned));
        }
        books.push(book);
    }
    let rows = books.iter().map(|book| std::ptr::from_ref(book).expose_provenance() as u64).collect();
    Column { rows, form: RowForm::Objects, python, python_width: 2 * DEPTH as usize, _books: books }
}
