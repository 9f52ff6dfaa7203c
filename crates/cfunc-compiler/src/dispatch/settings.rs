//! What a host wants of the calls of a dispatcher.

use std::fmt;
use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cfunc_models::NodeErrorKind;
use cfunc_runtime::{CallSettings, MemoryAccount, NodeError, PrintHook};

/// Where `print` goes.
pub(crate) type Printer = Arc<dyn Fn(&str) + Send + Sync>;

/// What was set for the calls.
#[derive(Clone, Default)]
pub(crate) struct Settings {
    pub(crate) interrupt: Option<Arc<AtomicU32>>,
    pub(crate) deadline: Option<Duration>,
    pub(crate) print: Option<Printer>,
    /// The most bytes that the containers of one call may use.
    pub(crate) memory: Option<NonZeroU64>,
}

impl Settings {
    /// Whether nothing was set.
    #[inline]
    pub(crate) fn is_plain(&self) -> bool {
        self.interrupt.is_none() && self.deadline.is_none() && self.print.is_none() && self.memory.is_none()
    }

    /// Runs a whole call, arguments and result included, with what was set.
    pub(crate) fn run<T>(&self, call: impl FnOnce() -> T) -> T {
        let limited = || match self.memory {
            Some(bytes) => MemoryAccount::new(bytes.get()).run(call),
            None => call(),
        };
        if self.interrupt.is_none() && self.deadline.is_none() && self.print.is_none() {
            return limited();
        }
        let mut hook = self.print.clone().map(|print| PrintHook::new(move |text| print(text)));
        let settings =
            CallSettings { interrupt_flag: self.interrupt.as_deref(), time_left: self.deadline, print: hook.as_mut() };
        settings.run(limited)
    }

    /// A request that ended a call is used up. Says which of the settings it was that ended a call.
    pub(crate) fn note(&self, error: &mut NodeError) {
        match error.kind {
            NodeErrorKind::Interrupted => {
                let was_asked = self.interrupt.as_ref().is_some_and(|flag| flag.swap(0, Ordering::AcqRel) != 0);
                if let Some(deadline) = self.deadline.filter(|_| !was_asked) {
                    error.message = format!("the call took longer than its deadline of {deadline:?}");
                }
            }
            NodeErrorKind::MemoryLimit => {
                if let Some(bytes) = self.memory {
                    error.message = format!("the containers of the call are larger than its limit of {bytes} bytes");
                }
            }
            _ => {}
        }
    }
}

impl fmt::Debug for Settings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Settings")
            .field("deadline", &self.deadline)
            .field("memory", &self.memory)
            .finish_non_exhaustive()
    }
}
