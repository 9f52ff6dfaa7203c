//! What the host brings: the series itself, and the functions that compiled code calls.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use cfunc_compiler::SymbolTable;

pub(crate) const NEW: &str = "example_series_new";
pub(crate) const RETAIN: &str = "example_series_retain";
pub(crate) const RELEASE: &str = "example_series_release";
pub(crate) const JOINED: &str = "example_series_joined";
pub(crate) const APPEND: &str = "example_series_append";
pub(crate) const LENGTH: &str = "example_series_length";
pub(crate) const ITEM: &str = "example_series_item";
pub(crate) const MEAN: &str = "example_series_mean";
pub(crate) const READ: &str = "example_series_read";
pub(crate) const EXTEND: &str = "example_series_extend";

thread_local! {
    static LIVE: Cell<i64> = const { Cell::new(0) };
    static PEAK: Cell<i64> = const { Cell::new(0) };
}

/// How many series this thread made that are not freed.
pub fn live() -> i64 {
    LIVE.get()
}

/// The most series of this thread that were there at once.
pub fn peak() -> i64 {
    PEAK.get()
}

/// A growing array of floats. Compiled code holds addresses of it, each of which counts as an owner.
#[derive(Debug, Default)]
pub struct Series {
    values: RefCell<Vec<f64>>,
}

impl Series {
    fn leak(values: Vec<f64>) -> *const Self {
        LIVE.set(LIVE.get() + 1);
        PEAK.set(PEAK.get().max(LIVE.get()));
        Rc::into_raw(Rc::new(Self { values: RefCell::new(values) }))
    }

    /// What is in it.
    pub fn values(&self) -> Vec<f64> {
        self.values.borrow().clone()
    }
}

impl Drop for Series {
    fn drop(&mut self) {
        LIVE.set(LIVE.get() - 1);
    }
}

/// The functions by their symbols, for [`cfunc_compiler::CompileRequest::symbols`].
pub fn symbols() -> SymbolTable {
    let mut symbols = SymbolTable::new();
    let functions: [(&str, *const u8); 10] = [
        (NEW, new as *const u8),
        (RETAIN, retain as *const u8),
        (RELEASE, release as *const u8),
        (JOINED, joined as *const u8),
        (APPEND, append as *const u8),
        (LENGTH, length as *const u8),
        (ITEM, item as *const u8),
        (MEAN, mean as *const u8),
        (READ, read as *const u8),
        (EXTEND, extend as *const u8),
    ];
    for (name, address) in functions {
        // SAFETY: the rules of the extension declare these signatures, and call them with live series on the thread
        // that the node runs on.
        unsafe { symbols.register(name, address) };
    }
    symbols
}

// A node stays on the thread that it was made on: counts of owners are not atomic. An instance that moves between
// threads would want `Arc`.

extern "C" fn new() -> *const Series {
    Series::leak(Vec::new())
}

/// # Safety
///
/// A live series.
unsafe extern "C" fn retain(series: *const Series) {
    // SAFETY: the address came from `leak`, and an owner is alive.
    unsafe { Rc::increment_strong_count(series) };
}

/// # Safety
///
/// A live series, of which the caller is an owner and is none afterwards.
unsafe extern "C" fn release(series: *const Series) {
    // SAFETY: the address came from `leak`, and the caller gives up its count.
    unsafe { Rc::decrement_strong_count(series) };
}

/// # Safety
///
/// Live series.
unsafe extern "C" fn joined(left: *const Series, right: *const Series) -> *const Series {
    // SAFETY: owners of both are alive during the call.
    let (mut values, right) = unsafe { ((*left).values(), (*right).values()) };
    values.extend(right);
    Series::leak(values)
}

/// # Safety
///
/// A live series.
unsafe extern "C" fn append(series: *const Series, value: f64) {
    // SAFETY: an owner is alive during the call.
    unsafe { &*series }.values.borrow_mut().push(value);
}

/// # Safety
///
/// A live series.
unsafe extern "C" fn length(series: *const Series) -> i64 {
    // SAFETY: an owner is alive during the call.
    i64::try_from(unsafe { &*series }.values.borrow().len()).unwrap_or(i64::MAX)
}

/// # Safety
///
/// A live series.
unsafe extern "C" fn item(series: *const Series, index: i64) -> f64 {
    // SAFETY: an owner is alive during the call.
    let values = unsafe { &*series }.values.borrow();
    usize::try_from(index).ok().and_then(|index| values.get(index).copied()).unwrap_or(f64::NAN)
}

/// # Safety
///
/// A live series that is not empty.
unsafe extern "C" fn mean(series: *const Series) -> f64 {
    // SAFETY: an owner is alive during the call.
    let values = unsafe { &*series }.values.borrow();
    #[expect(clippy::cast_precision_loss, reason = "lengths are far below 2^53")]
    let count = values.len() as f64;
    values.iter().sum::<f64>() / count
}

/// # Safety
///
/// A live series, a number of floats that were read, and room for `count` floats.
unsafe extern "C" fn read(series: *const Series, cursor: *mut i64, items: *mut f64, count: i64) -> i64 {
    // SAFETY: an owner is alive during the call.
    let values = unsafe { &*series }.values.borrow();
    // SAFETY: the cursor is the caller's.
    let start = usize::try_from(unsafe { *cursor }).unwrap_or(usize::MAX).min(values.len());
    let read = values[start..].len().min(usize::try_from(count).unwrap_or(0));
    // SAFETY: the caller has room for so many, and the cursor is the caller's.
    unsafe {
        items.copy_from_nonoverlapping(values[start..].as_ptr(), read);
        *cursor += read as i64;
    }
    read as i64
}

/// # Safety
///
/// A live series, and `count` floats.
unsafe extern "C" fn extend(series: *const Series, items: *const f64, count: i64) -> i8 {
    // SAFETY: the caller has so many floats there.
    let items = unsafe { std::slice::from_raw_parts(items, usize::try_from(count).unwrap_or(0)) };
    // SAFETY: an owner is alive during the call.
    unsafe { &*series }.values.borrow_mut().extend_from_slice(items);
    1
}
