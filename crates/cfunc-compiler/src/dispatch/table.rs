//! The specialisations of a dispatcher: found without a lock, added under one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::ArcSwap;

use super::fingerprint::Fingerprint;
use super::specialisation::Specialisation;
use crate::{CallError, CompileError};

/// What happens where a call would need one specialisation more than there may be. Those of signatures that were given are
/// never dropped: where there are no others, the call fails.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LimitPolicy {
    /// The call fails with [`CallError::Limit`].
    #[default]
    Refuse,
    /// The one that was compiled first goes.
    DropOldest,
    /// The one goes whose latest call is longest ago.
    DropLeastRecentlyUsed,
}

/// How many specialisations there may be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Limit {
    pub(crate) most: usize,
    pub(crate) policy: LimitPolicy,
}

/// How many there are in a part of a list.
const CHUNK: usize = 8;

/// A list that is only added to, which is read without a lock and without counting who does.
#[derive(Default)]
struct Chunk {
    slots: [OnceLock<Arc<Specialisation>>; CHUNK],
    next: OnceLock<Box<Chunk>>,
}

impl Chunk {
    #[inline]
    fn find(&self, is_wanted: impl Fn(&Specialisation) -> bool) -> Option<&Arc<Specialisation>> {
        let mut chunk = self;
        loop {
            for slot in &chunk.slots {
                let found = slot.get()?;
                if is_wanted(found) {
                    return Some(found);
                }
            }
            chunk = chunk.next.get()?;
        }
    }

    fn all(&self) -> Vec<Arc<Specialisation>> {
        let mut all = Vec::new();
        let mut chunk = Some(self);
        while let Some(current) = chunk {
            all.extend(current.slots.iter().filter_map(OnceLock::get).cloned());
            chunk = current.next.get().map(|next| &**next);
        }
        all
    }

    /// Adds one; under the lock of the table.
    fn push(&self, mut added: Arc<Specialisation>) {
        let mut chunk = self;
        loop {
            for slot in &chunk.slots {
                match slot.set(added) {
                    Ok(()) => return,
                    Err(back) => added = back,
                }
            }
            chunk = chunk.next.get_or_init(Box::default);
        }
    }
}

/// The specialisations in the order of compilation.
enum Store {
    /// Where none is ever dropped.
    Kept(Chunk),
    /// Replaced as a whole; who calls one keeps it.
    Replaced(ArcSwap<Vec<Arc<Specialisation>>>),
}

/// One that is being compiled, for all that wait for it.
type Pending = Arc<OnceLock<Result<Arc<Specialisation>, CallError>>>;

/// The most failures that are remembered: signatures come from outside.
const MOST_FAILURES: usize = 64;

/// What is under the lock.
#[derive(Default)]
struct Compilations {
    running: HashMap<Box<str>, Pending>,
    /// Why there is no specialisation.
    failed: HashMap<Box<str>, CallError>,
}

/// All specialisations.
pub(crate) struct Table {
    store: Store,
    pending: Mutex<Compilations>,
    limit: Option<Limit>,
    /// Calls so far, where the policy asks who was called when.
    clock: Option<AtomicU64>,
    compilations: AtomicU64,
}

impl Table {
    pub(crate) fn new(limit: Option<Limit>) -> Self {
        let counts = limit.is_some_and(|limit| limit.policy == LimitPolicy::DropLeastRecentlyUsed);
        let drops = limit.is_some_and(|limit| limit.policy != LimitPolicy::Refuse);
        Self {
            store: if drops { Store::Replaced(ArcSwap::default()) } else { Store::Kept(Chunk::default()) },
            pending: Mutex::default(),
            limit,
            clock: counts.then(AtomicU64::default),
            compilations: AtomicU64::new(0),
        }
    }

    /// What there is now.
    pub(crate) fn all(&self) -> Vec<Arc<Specialisation>> {
        match &self.store {
            Store::Kept(chunk) => chunk.all(),
            Store::Replaced(all) => all.load().to_vec(),
        }
    }

    /// Does something with the one for kinds of arguments, where it is there.
    #[inline]
    pub(crate) fn with_kinds<T>(&self, fingerprint: Fingerprint, call: impl FnOnce(&Specialisation) -> T) -> Option<T> {
        let is_wanted = |one: &Specialisation| one.fingerprint == Some(fingerprint);
        match &self.store {
            Store::Kept(chunk) => chunk.find(is_wanted).map(|found| call(found)),
            Store::Replaced(all) => {
                let all = all.load();
                let found = all.iter().find(|one| is_wanted(one))?;
                self.note_use(found);
                Some(call(found))
            }
        }
    }

    fn by_key(&self, key: &str) -> Option<Arc<Specialisation>> {
        match &self.store {
            Store::Kept(chunk) => chunk.find(|one| *one.key == *key).cloned(),
            Store::Replaced(all) => all.load().iter().find(|one| *one.key == *key).cloned(),
        }
    }

    /// How many compilations there were.
    pub(crate) fn compilations(&self) -> u64 {
        self.compilations.load(Ordering::Relaxed)
    }

    /// Notes that one is called.
    #[inline]
    pub(crate) fn note_use(&self, specialisation: &Specialisation) {
        if let Some(clock) = &self.clock {
            specialisation.note_use(clock.fetch_add(1, Ordering::Relaxed) + 1);
        }
    }

    /// The one of a key, compiled where it is not there. Of several threads that ask for one at a time, one compiles it
    /// and the others wait; those that ask for others do not.
    pub(crate) fn get_or_compile(
        &self,
        key: Box<str>,
        compile: impl FnOnce(Box<str>) -> Result<Specialisation, CallError>,
    ) -> Result<Arc<Specialisation>, CallError> {
        if let Some(found) = self.by_key(&key) {
            return Ok(found);
        }
        let pending = {
            let mut pending = self.lock();
            // It may have been published meanwhile.
            if let Some(found) = self.by_key(&key) {
                return Ok(found);
            }
            if let Some(error) = pending.failed.get(&key) {
                return Err(error.clone());
            }
            if let Some(Limit { most, policy }) = self.limit
                && !pending.running.contains_key(&key)
                && self.is_full(most, policy, pending.running.len())
            {
                return Err(CallError::Limit { limit: most, signature: describe(&key) });
            }
            Arc::clone(pending.running.entry(key.clone()).or_default())
        };
        let _running = Finish { table: self, key: &key, of: &pending };
        let compiled = pending.get_or_init(|| {
            self.compilations.fetch_add(1, Ordering::Relaxed);
            let compiled = Arc::new(compile(key.clone()).inspect_err(|error| self.note_failure(&key, error))?);
            self.publish(&compiled);
            Ok(compiled)
        });
        compiled.clone()
    }

    /// Whether there may be no more, with so many that are being compiled.
    fn is_full(&self, most: usize, policy: LimitPolicy, running: usize) -> bool {
        let all = self.all();
        match policy {
            LimitPolicy::Refuse => all.len() + running >= most,
            LimitPolicy::DropOldest | LimitPolicy::DropLeastRecentlyUsed => {
                all.iter().filter(|one| one.is_kept).count() >= most
            }
        }
    }

    /// Remembers what is wrong with a signature, where it is wrong at every time.
    fn note_failure(&self, key: &str, error: &CallError) {
        let is_lasting = match error {
            CallError::Compile(error) => matches!(&**error, CompileError::Diagnostics { .. }),
            CallError::Unbox { .. } | CallError::Box { .. } => true,
            _ => false,
        };
        if is_lasting {
            let mut pending = self.lock();
            if pending.failed.len() >= MOST_FAILURES {
                pending.failed.clear();
            }
            pending.failed.insert(key.into(), error.clone());
        }
    }

    fn publish(&self, added: &Arc<Specialisation>) {
        let _lock = self.lock();
        let published = match &self.store {
            Store::Kept(chunk) => return chunk.push(Arc::clone(added)),
            Store::Replaced(published) => published,
        };
        let mut all = published.load().to_vec();
        let most = self.limit.map_or(usize::MAX, |limit| limit.most);
        while !all.is_empty() && all.len() >= most {
            let used = |one: &Arc<Specialisation>| one.used.load(Ordering::Relaxed);
            let others = all.iter().enumerate().filter(|(_, one)| !one.is_kept);
            // Without a clock all were used at the same time, and the first is the oldest.
            let Some((least, _)) = others.min_by_key(|(_, one)| used(one)) else { break };
            all.remove(least);
        }
        self.note_use(added);
        all.push(Arc::clone(added));
        published.store(Arc::new(all));
    }

    fn lock(&self) -> MutexGuard<'_, Compilations> {
        // Nothing is left half done under the lock.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Takes a compilation that is over out of those that are waited for, also where it panicked.
struct Finish<'a> {
    table: &'a Table,
    key: &'a str,
    of: &'a Pending,
}

impl Drop for Finish<'_> {
    fn drop(&mut self) {
        let mut pending = self.table.lock();
        // Another one of the same key may have begun.
        if pending.running.get(self.key).is_some_and(|current| Arc::ptr_eq(current, self.of)) {
            pending.running.remove(self.key);
        }
    }
}

/// A key as a user reads it.
fn describe(key: &str) -> String {
    let types: Vec<&str> = key.split_terminator(';').map(|part| part.split('>').next().unwrap_or(part)).collect();
    format!("({})", types.join(", "))
}
