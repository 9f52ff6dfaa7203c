//! The memory of containers: counters, what one owner may use, and allocators of the host.

use std::ffi::c_void;

/// `cfunc_memory_counters` of the header: what is allocated, over all threads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[repr(C)]
pub struct MemoryCounters {
    /// Blocks that are not freed.
    pub blocks: i64,
    /// Bytes in them, as they were asked for.
    pub bytes: i64,
    /// Allocations and reallocations so far, failed ones included.
    pub allocations: i64,
}

impl MemoryCounters {
    /// The counters as they are now.
    pub fn read() -> Self {
        let mut counters = Self::default();
        // SAFETY: the struct is that of the header, and is written only.
        unsafe { cfunc_memory_counters_read(&raw mut counters) };
        counters
    }
}

/// `cfunc_memory_account` of the header: what one owner uses and may use, in bytes.
#[derive(Debug, Default)]
#[repr(C)]
pub struct MemoryAccount {
    used: u64,
    limit: u64,
}

impl MemoryAccount {
    /// An account of which nothing is used, with the most bytes that may be; 0: no limit.
    pub const fn new(limit: u64) -> Self {
        Self { used: 0, limit }
    }

    /// Bytes in use.
    pub const fn used(&self) -> u64 {
        self.used
    }

    /// The most bytes that may be in use; 0: no limit.
    pub const fn limit(&self) -> u64 {
        self.limit
    }

    /// Changes the most bytes that may be in use; what is in use already stays so.
    pub const fn set_limit(&mut self, limit: u64) {
        self.limit = limit;
    }

    /// Runs something while allocations on this thread count against the account. What is freed there should have been
    /// allocated there.
    pub fn run<T>(&mut self, work: impl FnOnce() -> T) -> T {
        struct Restore(*mut MemoryAccount);
        impl Drop for Restore {
            fn drop(&mut self) {
                // SAFETY: the account before, whose owner is in a call of `run` further up, or none.
                unsafe { cfunc_memory_account_set(self.0) };
            }
        }
        // SAFETY: the account lives until `Restore` puts the other back, also where the work unwinds.
        let before = unsafe { cfunc_memory_account_set(std::ptr::from_mut(self)) };
        let _restore = Restore(before);
        work()
    }
}

/// `cfunc_allocator` of the header: where the memory of containers comes from.
#[derive(Clone, Copy, Debug)]
#[repr(C)]
pub struct Allocator {
    /// Gives a block of a size, aligned as malloc does; NULL: there is none.
    pub allocate: unsafe extern "C" fn(user: *mut c_void, size: usize) -> *mut c_void,
    /// Gives a block another size, from the one it was asked for with; NULL: it is as before.
    pub reallocate:
        unsafe extern "C" fn(user: *mut c_void, block: *mut c_void, old_size: usize, new_size: usize) -> *mut c_void,
    /// Takes a block back.
    pub release: unsafe extern "C" fn(user: *mut c_void, block: *mut c_void, size: usize),
    /// Handed to each function.
    pub user: *mut c_void,
}

impl Allocator {
    /// Makes containers of the whole process use this allocator. `false`, and nothing changes, when memory was allocated
    /// already or an allocator was set before.
    ///
    /// # Safety
    ///
    /// The functions do what their fields say, on any thread, as long as the process lives.
    pub unsafe fn install(&self) -> bool {
        // SAFETY: the struct is that of the header, and is copied.
        unsafe { cfunc_set_allocator(std::ptr::from_ref(self)) != 0 }
    }
}

// SAFETY: declared as in cfunc_containers.h.
unsafe extern "C" {
    fn cfunc_memory_counters_read(out: *mut MemoryCounters);
    fn cfunc_memory_account_set(account: *mut MemoryAccount) -> *mut MemoryAccount;
    fn cfunc_set_allocator(allocator: *const Allocator) -> i32;
}

#[cfg(test)]
mod tests {
    use cfunc_models::{NodeErrorKind, RuntimeFunction};

    use super::{MemoryAccount, MemoryCounters};
    use crate::invoke;

    #[test]
    fn accounts_limit_and_counters_come_back() {
        let before = MemoryCounters::read();
        let mut account = MemoryAccount::new(200);
        account.run(|| {
            // SAFETY: no pointers are given, and the list is released once.
            unsafe {
                let list = invoke(RuntimeFunction::ListNew, &[8, 1]);
                assert_ne!(list, 0);
                assert_eq!(invoke(RuntimeFunction::ListNew, &[8, 1]), 0);
                let failure = invoke(RuntimeFunction::MemoryFailure, &[]);
                assert_eq!(failure, NodeErrorKind::MemoryLimit.code() as u64);
                invoke(RuntimeFunction::ListRelease, &[list]);
            }
        });
        assert_eq!(account.used(), 0);
        assert_eq!(MemoryCounters::read().blocks, before.blocks);
    }
}
