//! Room for the recursion that a deeply nested source needs.

use std::thread;

use crate::CompileError;
use crate::reuse::shared::compiling;

/// Depth of the tree up to which the caller's stack is surely enough.
const SHALLOW: usize = 60;
/// Stack bytes that all stages take per level of the tree, generously; memory that is not touched costs nothing.
const BYTES_PER_LEVEL: usize = 96 << 10;

/// Levels that handlers may add to a tree: there is as much room beyond what the tree of a source needs.
const ADDED_LEVELS: usize = 24;

/// How deep handlers may make a tree of this depth.
pub(crate) fn room_for(depth: usize) -> usize {
    depth.max(SHALLOW).saturating_add(ADDED_LEVELS)
}

/// Runs `work` with stack enough for a tree of this depth: on the caller's stack where that is surely enough, else on
/// a thread of its own, under the caller's tracing subscriber and span.
pub(crate) fn with_stack_for<T: Send>(
    depth: usize,
    work: impl FnOnce() -> Result<T, CompileError> + Send,
) -> Result<T, CompileError> {
    if depth <= SHALLOW {
        return compiling(work);
    }
    let (dispatcher, span) = (tracing::dispatcher::get_default(Clone::clone), tracing::Span::current());
    thread::scope(|scope| {
        let thread = thread::Builder::new()
            .name("cfunc-compile".to_owned())
            .stack_size((4 << 20) + depth.saturating_mul(BYTES_PER_LEVEL).min(5 << 28))
            .spawn_scoped(scope, || {
                compiling(|| tracing::dispatcher::with_default(&dispatcher, || span.in_scope(work)))
            })
            .map_err(|error| CompileError::Internal(format!("no thread for a deeply nested source: {error}")))?;
        match thread.join() {
            Ok(result) => result,
            // The panic is a bug, and its message was reported there.
            Err(panic) => std::panic::resume_unwind(panic),
        }
    })
}
