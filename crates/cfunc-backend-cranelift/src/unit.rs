//! Finished code of one module.

use std::fmt;
use std::sync::Arc;

use cfunc_backend::{CompiledCode, NativeEntry, call_function, call_native};

use crate::memory::ExecutableMemory;
use crate::preserving::Thunks;

/// How the entry is called with a list of words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Calling {
    /// It has the signature of compiled nodes.
    Node,
    /// It has the signature of functions that hosts call.
    Function,
    /// It has another signature; the code at this address takes the list's address, and calls it.
    Trampoline(*const u8),
}

/// Code and data of one module, in memory of their own, which goes back to the pool with the unit.
pub(crate) struct CompiledUnit {
    #[expect(dead_code, reason = "held for its drop")]
    memory: ExecutableMemory,
    #[expect(dead_code, reason = "held as long as code that calls thunks")]
    thunks: Option<Arc<Thunks>>,
    entry: *const u8,
    calling: Calling,
    size: usize,
}

impl CompiledUnit {
    /// A unit of published memory; `entry` and the trampoline's address point into it. `thunks` are those that it calls,
    /// where it calls any.
    pub(crate) fn new(
        memory: ExecutableMemory,
        thunks: Option<Arc<Thunks>>,
        entry: *const u8,
        calling: Calling,
        size: usize,
    ) -> Self {
        Self { memory, thunks, entry, calling, size }
    }
}

// SAFETY: the memory is published: nothing writes it any more, any thread may run it, and any may free it, which the
// last owner does. The addresses point into it.
unsafe impl Send for CompiledUnit {}
// SAFETY: as above.
unsafe impl Sync for CompiledUnit {}

impl fmt::Debug for CompiledUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompiledUnit")
            .field("entry", &self.entry)
            .field("size", &self.size)
            .finish_non_exhaustive()
    }
}

impl CompiledCode for CompiledUnit {
    fn entry_address(&self) -> Option<*const u8> {
        Some(self.entry)
    }

    fn size(&self) -> usize {
        self.size
    }

    unsafe fn call(&self, arguments: &[u64]) {
        match self.calling {
            Calling::Node => {
                // SAFETY: the entry has the signature of compiled nodes, and lives as long as `self`; the caller
                // vouches for the arguments.
                let called = unsafe { call_native(NativeEntry(self.entry), arguments) };
                debug_assert!(called, "as many arguments as the entry has parameters");
            }
            Calling::Function => {
                debug_assert_eq!(arguments.len(), 2, "as many arguments as the entry has parameters");
                if let [result, arguments] = arguments {
                    // SAFETY: the entry has this signature, and lives as long as `self`; the caller vouches for the
                    // arguments.
                    let _status = unsafe { call_function(self.entry, *result, *arguments) };
                }
            }
            Calling::Trampoline(trampoline) => {
                type Trampoline = unsafe extern "C" fn(*const u64);
                // SAFETY: the trampoline was made with this signature, and lives as long as `self`.
                let trampoline = unsafe { std::mem::transmute::<*const u8, Trampoline>(trampoline) };
                // SAFETY: it reads as many words as the entry has parameters; the caller vouches for them.
                unsafe { trampoline(arguments.as_ptr()) };
            }
        }
    }

    unsafe fn call_function(&self, result: u64, arguments: u64) -> i32 {
        match self.calling {
            // SAFETY: the entry has this signature, and lives as long as `self`; the caller vouches for the addresses.
            Calling::Function => unsafe { call_function(self.entry, result, arguments) },
            Calling::Node | Calling::Trampoline(_) => 1,
        }
    }
}
