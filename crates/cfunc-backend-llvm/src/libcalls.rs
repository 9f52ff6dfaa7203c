//! Functions that LLVM itself may call for an operation: those of C that copy, fill, compare and measure memory, and
//! arithmetic that the machine has no instruction for.

use std::ffi::c_void;

/// Symbols and addresses, for every unit: which of them code calls shows only in the object.
pub(crate) fn libcalls() -> [(&'static str, *const u8); 20] {
    [
        ("memcpy", memcpy as *const u8),
        ("memmove", memmove as *const u8),
        ("memset", memset as *const u8),
        ("memcmp", memcmp as *const u8),
        ("bcmp", memcmp as *const u8),
        ("strlen", strlen as *const u8),
        ("wcslen", wcslen as *const u8),
        ("floor", floor as *const u8),
        ("ceil", ceil as *const u8),
        ("trunc", truncate as *const u8),
        ("roundeven", round_even as *const u8),
        ("__multi3", multiply_wide as *const u8),
        ("__divti3", divide_wide as *const u8),
        ("__modti3", remainder_wide as *const u8),
        ("__udivti3", divide_unsigned as *const u8),
        ("__umodti3", remainder_unsigned as *const u8),
        ("__floattidf", wide_to_float as *const u8),
        ("__floatuntidf", unsigned_to_float as *const u8),
        ("__fixdfti", float_to_wide as *const u8),
        ("__fixunsdfti", float_to_unsigned as *const u8),
    ]
}

/// Whether LLVM may call a function by this name.
pub(crate) fn is_libcall(symbol: &str) -> bool {
    libcalls().iter().any(|(known, _)| *known == symbol)
}

// SAFETY: these are functions of C, of these signatures, in every process with a C library.
unsafe extern "C" {
    fn memcpy(to: *mut c_void, from: *const c_void, count: usize) -> *mut c_void;
    fn memmove(to: *mut c_void, from: *const c_void, count: usize) -> *mut c_void;
    fn memset(to: *mut c_void, byte: i32, count: usize) -> *mut c_void;
    fn memcmp(left: *const c_void, right: *const c_void, count: usize) -> i32;
    fn strlen(text: *const c_void) -> usize;
    fn wcslen(text: *const c_void) -> usize;
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

extern "C" fn multiply_wide(left: i128, right: i128) -> i128 {
    left.wrapping_mul(right)
}

/// Operands whose quotient does not exist are undefined in the IR; they give 0 since nothing may panic here.
extern "C" fn divide_wide(left: i128, right: i128) -> i128 {
    left.checked_div(right).unwrap_or(0)
}

extern "C" fn remainder_wide(left: i128, right: i128) -> i128 {
    left.checked_rem(right).unwrap_or(0)
}

extern "C" fn divide_unsigned(left: u128, right: u128) -> u128 {
    left.checked_div(right).unwrap_or(0)
}

extern "C" fn remainder_unsigned(left: u128, right: u128) -> u128 {
    left.checked_rem(right).unwrap_or(0)
}

#[expect(clippy::cast_precision_loss, reason = "the conversion rounds")]
extern "C" fn wide_to_float(value: i128) -> f64 {
    value as f64
}

#[expect(clippy::cast_precision_loss, reason = "the conversion rounds")]
extern "C" fn unsigned_to_float(value: u128) -> f64 {
    value as f64
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "the conversion saturates; the IR's own comparisons see to the rest"
)]
extern "C" fn float_to_wide(value: f64) -> i128 {
    value as i128
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the conversion saturates; the IR's own comparisons see to the rest"
)]
extern "C" fn float_to_unsigned(value: f64) -> u128 {
    value as u128
}
