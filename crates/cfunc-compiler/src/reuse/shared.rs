//! Units that live, found again by what they were compiled from.
//!
//! The table lies on the context and owns nothing: a unit lives as long as a result or an instance of it, and takes its entry
//! with it when it goes. So there are as many entries as units, nothing is held that a host let go of, and nothing has to be
//! thrown out. An entry is found by a hash; whether it is the one is decided by comparing all that was ordered.
//!
//! Orders that are being compiled are in a second list, so that who orders the same meanwhile waits instead of compiling it
//! too. Nobody waits from within a compilation (a handler may compile), so that two cannot wait for each other.

use std::cell::Cell;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hasher};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use cfunc_context::CompilationContext;
use foldhash::fast::RandomState;
use smallvec::SmallVec;

use crate::reuse::order::{Order, can_be_compared, fingerprint};
use crate::unit::Unit;
use crate::{ArgumentTypes, CompileError, CompileRequest};

/// How long somebody waits for the same compilation of somebody else, who may never come back: a handler may wait for
/// another thread, which waits here.
const PATIENCE: Duration = Duration::from_secs(10);

/// Below this many the table is not made smaller.
const KEPT_CAPACITY: usize = 256;

/// The table of a context.
#[derive(Default)]
struct SharedUnits {
    hasher: RandomState,
    inner: Mutex<Inner>,
}

#[derive(Default)]
struct Inner {
    /// Units that live, by fingerprint.
    living: HashMap<u64, SmallVec<[Weak<Unit>; 1]>, RandomState>,
    /// What is being compiled.
    running: Vec<Arc<Running>>,
}

/// A compilation that others may wait for.
struct Running {
    fingerprint: u64,
    order: Arc<Order>,
    state: Mutex<State>,
    ended: Condvar,
}

enum State {
    Compiling,
    Failed,
    Compiled(Arc<Unit>),
}

/// What was found of an order.
enum Found {
    Living(Arc<Unit>),
    Running(Arc<Running>),
    Nothing(Arc<Running>),
}

thread_local! {
    /// How many compilations run on this thread.
    static COMPILING: Cell<u32> = const { Cell::new(0) };
}

/// Runs a part of a compilation in which handlers and rules are asked.
pub(crate) fn compiling<T>(work: impl FnOnce() -> T) -> T {
    struct Ends;
    impl Drop for Ends {
        fn drop(&mut self) {
            COMPILING.set(COMPILING.get() - 1);
        }
    }
    COMPILING.set(COMPILING.get() + 1);
    let _ends = Ends;
    work()
}

/// The unit of a request: one that lives, one that somebody else is just compiling, or a new one.
pub(crate) fn shared(
    context: &CompilationContext,
    request: &CompileRequest,
    arguments: Option<&ArgumentTypes>,
    compile: impl FnOnce(Option<Arc<Order>>) -> Result<Arc<Unit>, CompileError>,
) -> Result<Arc<Unit>, CompileError> {
    if !request.reuse || !can_be_compared(context, request, arguments) {
        return compile(None);
    }
    let Some(units) = context.attached::<SharedUnits>() else {
        return compile(None);
    };
    let running = match units.find(context, request, arguments) {
        Found::Living(unit) => {
            tracing::debug!("an equal result lives");
            return Ok(unit);
        }
        Found::Running(running) => {
            if COMPILING.get() == 0
                && let Some(unit) = running.wait()
            {
                return Ok(unit);
            }
            // What failed for the other fails here as well, with diagnostics of its own.
            return compile(None);
        }
        Found::Nothing(running) => running,
    };
    let mut landing = Landing { units, running, unit: None };
    let unit = compile(Some(Arc::clone(&landing.running.order)))?;
    landing.unit = Some(Arc::clone(&unit));
    Ok(unit)
}

/// Takes the entry of a unit that goes away.
pub(crate) fn forget(unit: &mut Unit) {
    let Some(fingerprint) = unit.fingerprint.get() else { return };
    let Some(units) = unit.context.attached::<SharedUnits>() else { return };
    let mut inner = units.lock();
    if let Some(entries) = inner.living.get_mut(fingerprint) {
        entries.retain(|entry| !std::ptr::eq(entry.as_ptr(), unit));
        if entries.is_empty() {
            inner.living.remove(fingerprint);
        }
    }
    let used = inner.living.len().max(KEPT_CAPACITY);
    if inner.living.capacity() > 8 * used {
        inner.living.shrink_to(2 * used);
    }
}

impl SharedUnits {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // Nothing panics between changes that belong together.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn find(&self, context: &CompilationContext, request: &CompileRequest, arguments: Option<&ArgumentTypes>) -> Found {
        let mut hasher = self.hasher.build_hasher();
        fingerprint(request, arguments, &mut hasher);
        let fingerprint = hasher.finish();
        // A unit whose last owner this becomes goes away where it is dropped, and takes its entry under the same lock.
        let mut others: SmallVec<[Arc<Unit>; 2]> = SmallVec::new();
        let mut inner = self.lock();
        for entry in inner.living.get(&fingerprint).into_iter().flatten() {
            let Some(unit) = entry.upgrade() else { continue };
            if unit.order.is_same(request, arguments) {
                drop(inner);
                return Found::Living(unit);
            }
            others.push(unit);
        }
        let is_same =
            |running: &&Arc<Running>| running.fingerprint == fingerprint && running.order.is_same(request, arguments);
        if let Some(running) = inner.running.iter().find(is_same) {
            let running = Arc::clone(running);
            drop(inner);
            return Found::Running(running);
        }
        let running = Arc::new(Running {
            fingerprint,
            order: Arc::new(Order::new(context, request, arguments)),
            state: Mutex::new(State::Compiling),
            ended: Condvar::new(),
        });
        inner.running.push(Arc::clone(&running));
        drop(inner);
        Found::Nothing(running)
    }
}

impl Running {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What the other compilation gives; `None` where it fails, or takes too long.
    fn wait(&self) -> Option<Arc<Unit>> {
        let is_compiling = |state: &mut State| matches!(state, State::Compiling);
        let waited = self.ended.wait_timeout_while(self.lock(), PATIENCE, is_compiling);
        match &*waited.unwrap_or_else(PoisonError::into_inner).0 {
            State::Compiled(unit) => Some(Arc::clone(unit)),
            State::Compiling | State::Failed => None,
        }
    }
}

/// Ends a compilation, however it ends, and tells those who wait.
struct Landing<'a> {
    units: &'a SharedUnits,
    running: Arc<Running>,
    /// What was compiled.
    unit: Option<Arc<Unit>>,
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        let fingerprint = self.running.fingerprint;
        let mut inner = self.units.lock();
        inner.running.retain(|running| !Arc::ptr_eq(running, &self.running));
        if let Some(unit) = &self.unit {
            // Set once, before anybody else can find the unit.
            let _set = unit.fingerprint.set(fingerprint);
            inner.living.entry(fingerprint).or_default().push(Arc::downgrade(unit));
        }
        drop(inner);
        *self.running.lock() = self.unit.take().map_or(State::Failed, State::Compiled);
        self.running.ended.notify_all();
    }
}
