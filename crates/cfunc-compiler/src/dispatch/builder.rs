//! How a dispatcher is made.

use std::num::NonZeroU64;
use std::sync::Arc;
use std::sync::atomic::AtomicU32;
use std::time::Duration;

use cfunc_context::CompilationContext;

use super::settings::Settings;
use super::table::{Limit, LimitPolicy};
use crate::{ArgumentTypes, CallError, CompileRequest, Dispatcher};

/// What a [`Dispatcher`] is made of.
#[derive(Clone, Debug)]
pub struct DispatcherBuilder {
    pub(super) context: CompilationContext,
    pub(super) request: CompileRequest,
    pub(super) signatures: Vec<ArgumentTypes>,
    pub(super) is_closed: bool,
    pub(super) limit: Option<Limit>,
    pub(super) settings: Settings,
}

impl DispatcherBuilder {
    pub(super) fn new(context: &CompilationContext, request: CompileRequest) -> Self {
        Self {
            context: context.clone(),
            request,
            signatures: Vec::new(),
            is_closed: false,
            limit: None,
            settings: Settings::default(),
        }
    }

    /// Types that the function is compiled for at once, in the order in which they are preferred.
    #[must_use]
    pub fn signatures<T: Into<ArgumentTypes>>(mut self, signatures: impl IntoIterator<Item = T>) -> Self {
        self.signatures.extend(signatures.into_iter().map(Into::into));
        self
    }

    /// Calls are for one of the signatures alone: that which the arguments are of, or convert to best without losing
    /// anything. Values are unboxed as its types; of one that only code converts, that conversion is compiled when it is
    /// needed. A limit says nothing then. The build refuses a dispatcher without signatures.
    #[must_use]
    pub const fn closed(mut self) -> Self {
        self.is_closed = true;
        self
    }

    /// How many signatures the function is compiled for at most, and what happens where a call would need another one. At
    /// least one is kept, and so are all that were given.
    #[must_use]
    pub fn limit(mut self, most: usize, policy: LimitPolicy) -> Self {
        self.limit = Some(Limit { most: most.max(1), policy });
        self
    }

    /// Ends each call that takes longer with an error of kind `Interrupted`, where the function is compiled with
    /// [`interruptible`](crate::CompilationOptions::interruptible).
    #[must_use]
    pub const fn deadline(mut self, time: Duration) -> Self {
        self.settings.deadline = Some(time);
        self
    }

    /// Lets calls be interrupted, by [`Dispatcher::interrupt_handle`], where the function is compiled with
    /// [`interruptible`](crate::CompilationOptions::interruptible).
    #[must_use]
    pub fn interruptible(mut self) -> Self {
        self.settings.interrupt = Some(Arc::new(AtomicU32::new(0)));
        self
    }

    /// Limits the bytes that the containers of each call may use, those of its arguments included. What needs more ends
    /// with an error of kind `MemoryLimit`, or is not unboxed.
    #[must_use]
    pub const fn memory_limit(mut self, bytes: NonZeroU64) -> Self {
        self.settings.memory = Some(bytes);
        self
    }

    /// Gives what `print` writes to a function, on the thread of the call, instead of to the standard error stream. A panic
    /// of the function comes out of the call after it ended.
    #[must_use]
    pub fn print_hook(mut self, hook: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.settings.print = Some(Arc::new(hook));
        self
    }

    /// Makes the dispatcher, and compiles the function for the signatures that were given.
    ///
    /// # Errors
    ///
    /// [`CallError::Compile`] where there is no such function, or it is not compiled for a signature;
    /// [`CallError::Unbox`] and [`CallError::Box`] where values of its types have no rules.
    pub fn build(self) -> Result<Dispatcher, CallError> {
        Dispatcher::build(self)
    }
}
