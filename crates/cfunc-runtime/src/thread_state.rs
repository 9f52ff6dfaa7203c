//! The per-thread state of nested calls.

use std::marker::PhantomData;

use crate::error::ErrorRecord;
use crate::settings::RawSettings;

/// `cfunc_thread_state` of the header.
#[repr(C)]
struct ThreadState {
    settings: RawSettings,
    reserved: [u64; 4],
    error_pending: i32,
    padding: u32,
    error: ErrorRecord,
}

// SAFETY: declared as in cfunc_runtime.h.
unsafe extern "C" {
    fn cfunc_thread_state_save(saved: *mut ThreadState);
    fn cfunc_thread_state_restore(saved: *const ThreadState);
}

/// The saved state of the calling thread: while it lives, the thread has a state of its own; dropping it puts the saved
/// one back.
///
/// An instance whose `execute` may be entered from within another call holds one, so that the inner call neither sees
/// nor loses an error of the outer one. It cannot move to another thread. Several end in the reverse order of their
/// making, as locals do.
#[must_use = "the state comes back at once if this is dropped"]
pub struct SavedThreadState {
    state: Box<ThreadState>,
    /// The state belongs to this thread.
    not_send: PhantomData<*const ()>,
}

impl SavedThreadState {
    /// Saves the state of the calling thread and gives it a fresh one.
    pub fn save() -> Self {
        let mut state = Box::new(ThreadState {
            settings: RawSettings::NONE,
            reserved: [0; 4],
            error_pending: 0,
            padding: 0,
            error: ErrorRecord::EMPTY,
        });
        // SAFETY: the state is a cfunc_thread_state that C may fill.
        unsafe { cfunc_thread_state_save(&raw mut *state) };
        Self { state, not_send: PhantomData }
    }
}

impl Drop for SavedThreadState {
    fn drop(&mut self) {
        // SAFETY: the state was filled by cfunc_thread_state_save on this thread.
        unsafe { cfunc_thread_state_restore(&raw const *self.state) };
    }
}

#[cfg(test)]
mod tests {
    use super::SavedThreadState;
    use crate::{error_pending, raise_error, take_error};
    use cfunc_models::SiteId;

    #[test]
    fn nested_states_are_apart() {
        // SAFETY: null is allowed.
        unsafe { raise_error(std::ptr::null(), SiteId(1)) };
        let outer = SavedThreadState::save();
        assert!(!error_pending(), "the inner state is fresh");
        // SAFETY: null is allowed.
        unsafe { raise_error(std::ptr::null(), SiteId(2)) };
        let inner = SavedThreadState::save();
        assert!(!error_pending());
        drop(inner);
        assert_eq!(take_error().map(|error| error.site), Some(SiteId(2)));
        drop(outer);
        assert_eq!(take_error().map(|error| error.site), Some(SiteId(1)));
    }

    #[test]
    fn restoring_drops_what_the_inner_state_left() {
        let saved = SavedThreadState::save();
        // SAFETY: null is allowed.
        unsafe { raise_error(std::ptr::null(), SiteId(3)) };
        drop(saved);
        assert!(!error_pending());
    }
}
