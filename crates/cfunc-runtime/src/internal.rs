//! Functions that the sources of the runtime share.

use std::ffi::c_void;

// SAFETY: declared as in memory.h of the runtime.
unsafe extern "C" {
    fn cfunc_internal_allocate(size: usize) -> *mut c_void;
    fn cfunc_internal_reallocate(block: *mut c_void, old_size: usize, new_size: usize) -> *mut c_void;
    fn cfunc_internal_release(block: *mut c_void, size: usize);
}

/// The address of a function that is no part of the runtime's interface, which functions of the runtime call wherever a
/// backend has inlined them; `None` for a symbol that they have no need of there.
pub fn internal_address(symbol: &str) -> Option<*const u8> {
    match symbol {
        "cfunc_internal_allocate" => Some(cfunc_internal_allocate as *const u8),
        "cfunc_internal_reallocate" => Some(cfunc_internal_reallocate as *const u8),
        "cfunc_internal_release" => Some(cfunc_internal_release as *const u8),
        _ => None,
    }
}
