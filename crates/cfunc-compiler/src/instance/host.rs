//! What a host wants of the calls of a node: to interrupt them, and to see what they print.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use cfunc_models::NodeErrorKind;
use cfunc_runtime::{CallSettings, NodeError, PrintHook};

use super::NodeInstance;

/// Interrupts the calls of one node, from any thread.
///
/// Code compiled with [`interruptible`](crate::CompilationOptions::interruptible) looks for it in its loops, and ends
/// with an error of kind [`NodeErrorKind::Interrupted`]; the node goes on living. A request that comes between two calls
/// ends the next one that gets to a loop. The call that it ended has used it up.
#[derive(Clone, Debug)]
pub struct InterruptHandle(Arc<AtomicU32>);

impl InterruptHandle {
    pub(crate) fn new(flag: Arc<AtomicU32>) -> Self {
        Self(flag)
    }

    /// Asks for the running call to end, or for the next one.
    pub fn interrupt(&self) {
        self.0.store(1, Ordering::Release);
    }

    /// Takes the request back, where no call has ended by it.
    pub fn withdraw(&self) {
        self.0.store(0, Ordering::Release);
    }

    /// Whether there is a request that no call has ended by.
    pub fn is_requested(&self) -> bool {
        self.0.load(Ordering::Acquire) != 0
    }
}

/// What was set for the calls of a node.
#[derive(Debug, Default)]
pub(super) struct HostSettings {
    interrupt: Option<Arc<AtomicU32>>,
    deadline: Option<Duration>,
    print: Option<PrintHook>,
}

impl HostSettings {
    pub(super) fn settings(&mut self) -> CallSettings<'_> {
        CallSettings { interrupt_flag: self.interrupt.as_deref(), time_left: self.deadline, print: self.print.as_mut() }
    }

    /// A request that ended a call is used up.
    pub(super) fn note(&self, error: &NodeError) {
        if let (NodeErrorKind::Interrupted, Some(flag)) = (error.kind, &self.interrupt) {
            flag.store(0, Ordering::Release);
        }
    }
}

impl NodeInstance {
    /// What interrupts the calls of this node; every handle of a node is the same.
    pub fn interrupt_handle(&mut self) -> InterruptHandle {
        let flag = self.host_mut().interrupt.get_or_insert_with(Arc::default);
        InterruptHandle(Arc::clone(flag))
    }

    /// Ends each call that takes longer, START and STOP too, with an error of kind [`NodeErrorKind::Interrupted`]; the
    /// node goes on living. Code that is not compiled with
    /// [`interruptible`](crate::CompilationOptions::interruptible) runs to its end.
    pub fn set_deadline(&mut self, time: Option<Duration>) {
        self.host_mut().deadline = time;
    }

    /// Gives what `print` writes to a function, on the thread of the call, instead of to the standard error stream: a
    /// call of `print` in one piece where it has no more than 1024 bytes. A panic of the function comes out of the call
    /// of the node after it ended.
    pub fn set_print_hook(&mut self, hook: impl FnMut(&str) + Send + 'static) {
        self.host_mut().print = Some(PrintHook::new(hook));
    }

    fn host_mut(&mut self) -> &mut HostSettings {
        self.host.get_or_insert_with(Box::default)
    }
}
