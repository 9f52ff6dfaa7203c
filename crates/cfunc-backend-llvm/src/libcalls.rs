//! Functions that LLVM itself may call for an operation: those of C that copy and fill memory, and arithmetic that the
//! machine has no instruction for.

/// Symbols and addresses, for every unit: which of them code calls shows only in the object.
pub(crate) fn libcalls() -> [(&'static str, *const u8); 10] {
    [
        ("memcpy", memcpy as *const u8),
        ("memmove", memmove as *const u8),
        ("memset", memset as *const u8),
        ("memcmp", memcmp as *const u8),
        ("floor", floor as *const u8),
        ("ceil", ceil as *const u8),
        ("trunc", truncate as *const u8),
        ("roundeven", round_even as *const u8),
        ("__divti3", divide_wide as *const u8),
        ("__modti3", remainder_wide as *const u8),
    ]
}

unsafe extern "C" {
    fn memcpy(to: *mut u8, from: *const u8, count: usize) -> *mut u8;
    fn memmove(to: *mut u8, from: *const u8, count: usize) -> *mut u8;
    fn memset(to: *mut u8, byte: i32, count: usize) -> *mut u8;
    fn memcmp(left: *const u8, right: *const u8, count: usize) -> i32;
}

extern "C" fn floor(value: f64) -> f64 {
    value.floor()
}

extern "C" fn ceil(value: f64) -> f64 {
    value.ceil()
}

extern "C" fn truncate(value: f64) -> f64 {
    value.trunc()
}

extern "C" fn round_even(value: f64) -> f64 {
    value.round_ties_even()
}

/// Operands whose quotient does not exist are undefined in the IR; they give 0 since nothing may panic here.
extern "C" fn divide_wide(left: i128, right: i128) -> i128 {
    left.checked_div(right).unwrap_or(0)
}

extern "C" fn remainder_wide(left: i128, right: i128) -> i128 {
    left.checked_rem(right).unwrap_or(0)
}
