//! The context that a thread is working in.

use std::cell::RefCell;
use std::marker::PhantomData;
use std::sync::OnceLock;

use cfunc_builtins::defaults;
use cfunc_context::CompilationContext;

thread_local! {
    /// Contexts entered and not left on this thread, the innermost last.
    static ENTERED: RefCell<Vec<CompilationContext>> = const { RefCell::new(Vec::new()) };
}

/// Makes a context the current one of this thread until the guard is dropped; the one before is current again then.
/// Other threads, new ones too, see nothing of it.
///
/// Nothing in the compiler reads the current context: it is for hosts that would else pass it through many layers.
pub fn enter(context: &CompilationContext) -> EnteredContext {
    let depth = ENTERED.with_borrow_mut(|entered| {
        entered.push(context.clone());
        entered.len()
    });
    EnteredContext { depth, not_send: PhantomData }
}

/// The context entered last on this thread; where none is, one of the built-ins alone, which is made once and is the same
/// for all threads.
pub fn current() -> CompilationContext {
    static BUILT_IN: OnceLock<CompilationContext> = OnceLock::new();
    let entered = ENTERED.with_borrow(|entered| entered.last().cloned());
    entered.unwrap_or_else(|| {
        let built_in = BUILT_IN.get_or_init(|| {
            let context = CompilationContext::builder().with(defaults()).build();
            context.expect("the built-ins fit together, whatever the host does")
        });
        built_in.clone()
    })
}

/// Leaves a context when dropped, with all that were entered after it.
#[must_use = "the context is left at once if this is dropped"]
#[derive(Debug)]
pub struct EnteredContext {
    /// How many contexts are entered with this one.
    depth: usize,
    /// It belongs to its thread.
    not_send: PhantomData<*const ()>,
}

impl Drop for EnteredContext {
    fn drop(&mut self) {
        // The contexts are dropped after the borrow ends; a thread that is ending has no list any more.
        let left = ENTERED.try_with(|entered| {
            let mut entered = entered.borrow_mut();
            let keep = self.depth.saturating_sub(1).min(entered.len());
            entered.split_off(keep)
        });
        drop(left);
    }
}
