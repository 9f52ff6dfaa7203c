//! What a host wants of the calls of a thread: interruption, deadline, where print goes.

use std::any::Any;
use std::ffi::{c_char, c_void};
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::AtomicU32;
use std::time::Duration;

/// `cfunc_call_settings` of the header.
#[repr(C)]
pub(crate) struct RawSettings {
    interrupt_flag: *const u32,
    deadline: i64,
    print_hook: Option<unsafe extern "C" fn(*mut c_void, *const c_char, usize)>,
    print_data: *mut c_void,
}

impl RawSettings {
    pub(crate) const NONE: Self =
        Self { interrupt_flag: std::ptr::null(), deadline: 0, print_hook: None, print_data: std::ptr::null_mut() };
}

// SAFETY: declared as in cfunc_runtime.h.
unsafe extern "C" {
    fn cfunc_call_settings_exchange(settings: *mut RawSettings);
    safe fn cfunc_clock() -> i64;
}

/// Receives what nodes print, a call of `print` in one piece where it has no more than 1024 bytes.
pub struct PrintHook {
    function: Box<dyn FnMut(&str) + Send>,
    /// What the function panicked with: generated code cannot be unwound.
    panic: Option<Box<dyn Any + Send>>,
}

impl PrintHook {
    /// A hook that calls a function.
    pub fn new(function: impl FnMut(&str) + Send + 'static) -> Self {
        Self { function: Box::new(function), panic: None }
    }
}

impl fmt::Debug for PrintHook {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("PrintHook").finish_non_exhaustive()
    }
}

/// Hands a text to a hook.
///
/// # Safety
///
/// `data` is a [`PrintHook`] that nothing else uses during the call; `text` points at `length` bytes.
unsafe extern "C" fn print(data: *mut c_void, text: *const c_char, length: usize) {
    // SAFETY: the caller's promise.
    let (hook, bytes) =
        unsafe { (&mut *data.cast::<PrintHook>(), std::slice::from_raw_parts(text.cast::<u8>(), length)) };
    if hook.panic.is_some() {
        return;
    }
    let text = String::from_utf8_lossy(bytes);
    hook.panic = catch_unwind(AssertUnwindSafe(|| (hook.function)(&text))).err();
}

/// What a host wants of a call.
#[derive(Debug, Default)]
pub struct CallSettings<'a> {
    /// Interruptible code ends with the error Interrupted soon after this became anything but 0.
    pub interrupt_flag: Option<&'a AtomicU32>,
    /// It ends with it, too, once so much time has passed.
    pub time_left: Option<Duration>,
    /// Where print goes; to the standard error stream without one.
    pub print: Option<&'a mut PrintHook>,
}

impl CallSettings<'_> {
    /// Runs something with these settings for compiled code that it calls on this thread; those of before come back.
    ///
    /// # Panics
    ///
    /// When the print hook panicked, after the call.
    pub fn run<R>(self, call: impl FnOnce() -> R) -> R {
        let deadline = self.time_left.map_or(0, |left| {
            let left = i64::try_from(left.as_nanos()).unwrap_or(i64::MAX);
            // 0 would be no deadline.
            cfunc_clock().saturating_add(left).max(1)
        });
        let hook: *mut PrintHook = self.print.map_or(std::ptr::null_mut(), std::ptr::from_mut);
        let settings = RawSettings {
            interrupt_flag: self.interrupt_flag.map_or(std::ptr::null(), |flag| flag.as_ptr().cast_const()),
            deadline,
            print_hook: if hook.is_null() { None } else { Some(print) },
            print_data: hook.cast(),
        };
        let active = Active::set(settings);
        let result = call();
        drop(active);
        if !hook.is_null() {
            // SAFETY: the hook was borrowed for the call, in which only `print` used it.
            if let Some(panic) = unsafe { (*hook).panic.take() } {
                resume_unwind(panic);
            }
        }
        result
    }
}

/// Settings that are set until this is dropped.
struct Active(RawSettings);

impl Active {
    fn set(mut settings: RawSettings) -> Self {
        // SAFETY: the settings point at what lives during the call, as `CallSettings::run` borrows it.
        unsafe { cfunc_call_settings_exchange(&raw mut settings) };
        Self(settings)
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        // SAFETY: what was set before is still good: it was set by a call around this one.
        unsafe { cfunc_call_settings_exchange(&raw mut self.0) };
    }
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicU32, Ordering};
    use std::sync::mpsc::channel;
    use std::time::Duration;

    use cfunc_models::RuntimeFunction;

    use super::{CallSettings, PrintHook};
    use crate::invoke;

    fn poll() -> u64 {
        // SAFETY: no pointers.
        unsafe { invoke(RuntimeFunction::Poll, &[]) }
    }

    fn print_seven() {
        // SAFETY: no pointers.
        unsafe {
            invoke(RuntimeFunction::PrintInteger, &[7]);
            invoke(RuntimeFunction::PrintEnd, &[]);
        }
    }

    #[test]
    fn flag_and_deadline_are_polled_within_the_call_alone() {
        let flag = AtomicU32::new(0);
        let settings = || CallSettings { interrupt_flag: Some(&flag), ..CallSettings::default() };
        assert_eq!(settings().run(poll), 0);
        flag.store(1, Ordering::Relaxed);
        assert_eq!(poll(), 0);
        assert_eq!(settings().run(poll), 1);
        assert_eq!(settings().run(|| CallSettings::default().run(poll)), 0);
        let timed = |time| CallSettings { time_left: Some(time), ..CallSettings::default() };
        assert_eq!(timed(Duration::MAX).run(poll), 0);
        assert_eq!(timed(Duration::ZERO).run(poll), 1);
    }

    #[test]
    fn a_hook_receives_what_is_printed() {
        let (sender, receiver) = channel();
        let mut hook = PrintHook::new(move |text| sender.send(text.to_owned()).expect("the receiver lives"));
        let settings = CallSettings { print: Some(&mut hook), ..CallSettings::default() };
        settings.run(print_seven);
        assert_eq!(receiver.try_iter().collect::<Vec<_>>(), ["7"]);
    }

    #[test]
    fn a_panic_of_a_hook_comes_out_after_the_call() {
        let mut hook = PrintHook::new(|_| panic!("no paper"));
        let settings = CallSettings { print: Some(&mut hook), ..CallSettings::default() };
        let mut ended = false;
        let outcome = catch_unwind(AssertUnwindSafe(|| {
            settings.run(|| {
                print_seven();
                ended = true;
            });
        }));
        assert!(outcome.is_err() && ended);
        assert_eq!(poll(), 0);
    }
}
