//! Finished code of one function.

use std::fmt;
use std::sync::Arc;

use cfunc_backend::{CompiledCode, NativeEntry, call_function, call_native, is_function_signature, is_node_signature};
use cfunc_ir::Signature;

use crate::jit::LinkedCode;

/// How an entry is called with a list of words.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Calling {
    /// It has the signature of compiled nodes.
    Node,
    /// It has the signature of functions that hosts call.
    Function,
    /// It has another signature: what takes the list's address and calls it stands here among the addresses.
    Trampoline(usize),
}

impl Calling {
    /// That of a signature, whose trampoline stands at `trampoline` if it has one.
    pub(crate) fn of(signature: &Signature, trampoline: usize) -> Self {
        if is_node_signature(signature) {
            Self::Node
        } else if is_function_signature(signature) {
            Self::Function
        } else {
            Self::Trampoline(trampoline)
        }
    }
}

/// Code that was linked, alone or with others: which of its addresses is the entry, and how that is called.
pub(crate) struct CompiledUnit {
    code: Arc<LinkedCode>,
    entry: usize,
    calling: Calling,
}

impl CompiledUnit {
    pub(crate) const fn new(code: Arc<LinkedCode>, entry: usize, calling: Calling) -> Self {
        Self { code, entry, calling }
    }

    fn address(&self, index: usize) -> Option<*const u8> {
        let address = usize::try_from(*self.code.addresses.get(index)?).ok()?;
        Some(std::ptr::with_exposed_provenance(address))
    }
}

impl fmt::Debug for CompiledUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompiledUnit")
            .field("entry", &self.address(self.entry))
            .field("size", &self.code.size)
            .finish_non_exhaustive()
    }
}

impl CompiledCode for CompiledUnit {
    fn entry_address(&self) -> Option<*const u8> {
        self.address(self.entry)
    }

    fn size(&self) -> usize {
        self.code.size
    }

    unsafe fn call(&self, arguments: &[u64]) {
        let target = match self.calling {
            Calling::Node | Calling::Function => self.entry,
            Calling::Trampoline(index) => index,
        };
        let Some(target) = self.address(target) else {
            debug_assert!(false, "linked code has its addresses");
            return;
        };
        match (self.calling, arguments) {
            (Calling::Node, _) => {
                // SAFETY: the entry has the signature of compiled nodes, and lives as long as `self`; the caller vouches
                // for the arguments.
                let called = unsafe { call_native(NativeEntry(target), arguments) };
                debug_assert!(called, "as many arguments as the entry has parameters");
            }
            (Calling::Function, [result, arguments]) => {
                // SAFETY: the entry has this signature, and lives as long as `self`; the caller vouches for the
                // arguments.
                let _status = unsafe { call_function(target, *result, *arguments) };
            }
            (Calling::Function, _) => debug_assert!(false, "as many arguments as the entry has parameters"),
            (Calling::Trampoline(_), _) => {
                type Trampoline = unsafe extern "C" fn(*const u64);
                // SAFETY: the trampoline was made with this signature, and lives as long as `self`.
                let trampoline = unsafe { std::mem::transmute::<*const u8, Trampoline>(target) };
                // SAFETY: it reads as many words as the entry has parameters; the caller vouches for them.
                unsafe { trampoline(arguments.as_ptr()) };
            }
        }
    }

    unsafe fn call_function(&self, result: u64, arguments: u64) -> i32 {
        match (self.calling, self.address(self.entry)) {
            // SAFETY: the entry has this signature, and lives as long as `self`; the caller vouches for the addresses.
            (Calling::Function, Some(entry)) => unsafe { call_function(entry, result, arguments) },
            _ => 1,
        }
    }
}
