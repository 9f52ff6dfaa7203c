//! Calling native code under the ABI of compiled nodes, and that of functions.

use cfunc_ir::Signature;
use cfunc_models::Representation;

/// The address of a compiled node's entry: four fixed parameters, then pointers of the extension categories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NativeEntry(pub *const u8);

macro_rules! call_with {
    ($entry:expr, $fixed:expr, $extra:expr, $($index:tt)*) => {{
        type Function = unsafe extern "C" fn(u64, u64, u64, i8, $(call_with!(@word $index)),*);
        // SAFETY: the caller vouches that the entry has this signature; words and pointers are passed alike on
        // the supported 64-bit targets.
        let function = unsafe { std::mem::transmute::<*const u8, Function>($entry) };
        // SAFETY: the caller vouches for the arguments.
        unsafe { function($fixed[0], $fixed[1], $fixed[2], phase($fixed[3]), $($extra[$index]),*) }
    }};
    (@word $index:tt) => { u64 };
}

/// Calls an entry with the words of its signature in order: outputs, output_ticked, state, lifecycle_phase, then up to
/// eight words of the extension categories. Returns false, without a call, for other counts.
///
/// # Safety
///
/// The entry is live code with the C calling convention whose parameters are pointers or i64, but for the fourth, an
/// i8; there are as many as words; pointers are valid for what the code does with them.
#[inline]
pub unsafe fn call_native(entry: NativeEntry, arguments: &[u64]) -> bool {
    let Some((fixed, extra)) = arguments.split_at_checked(4) else {
        return false;
    };
    match extra.len() {
        0 => call_with!(entry.0, fixed, extra,),
        1 => call_with!(entry.0, fixed, extra, 0),
        2 => call_with!(entry.0, fixed, extra, 0 1),
        3 => call_with!(entry.0, fixed, extra, 0 1 2),
        4 => call_with!(entry.0, fixed, extra, 0 1 2 3),
        5 => call_with!(entry.0, fixed, extra, 0 1 2 3 4),
        6 => call_with!(entry.0, fixed, extra, 0 1 2 3 4 5),
        7 => call_with!(entry.0, fixed, extra, 0 1 2 3 4 5 6),
        8 => call_with!(entry.0, fixed, extra, 0 1 2 3 4 5 6 7),
        _ => return false,
    }
    true
}

/// Whether [`call_native`] can call an entry of this signature.
pub fn is_node_signature(signature: &Signature) -> bool {
    let Some((fixed, extra)) = signature.parameters.split_at_checked(4) else {
        return false;
    };
    let is_word = |one: &Representation| matches!(one, Representation::Pointer | Representation::I64);
    signature.results.is_empty()
        && fixed[..3].iter().all(is_word)
        && fixed[3] == Representation::I8
        && extra.len() <= 8
        && extra.iter().all(is_word)
}

/// Whether an entry has the signature of functions that hosts call, `int32_t f(void *result, void *const *arguments)`.
pub fn is_function_signature(signature: &Signature) -> bool {
    signature.parameters.as_slice() == [Representation::Pointer; 2]
        && signature.results.as_slice() == [Representation::I32]
}

/// Calls an entry with the signature of functions that hosts call.
///
/// # Safety
///
/// The entry is live code of [`is_function_signature`] with the C calling convention; the addresses are valid for what it
/// reads and writes through them.
pub unsafe fn call_function(entry: *const u8, result: u64, arguments: u64) -> i32 {
    type Function = unsafe extern "C" fn(u64, u64) -> i32;
    // SAFETY: the caller vouches that the entry has this signature; words and pointers are passed alike on the
    // supported 64-bit targets.
    let function = unsafe { std::mem::transmute::<*const u8, Function>(entry) };
    // SAFETY: the caller vouches for the addresses.
    unsafe { function(result, arguments) }
}

/// The low byte of a word, as an i8.
#[inline]
fn phase(word: u64) -> i8 {
    i8::from_le_bytes([word.to_le_bytes()[0]])
}
