//! The specialisations of a dispatcher: found without a lock, added under one.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use arc_swap::{ArcSwap, Guard};

use super::fingerprint::Fingerprint;
use super::specialisation::Specialisation;
use crate::CallError;

/// What happens where a call would need one specialisation more than there may be.
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

/// The specialisations in the order of compilation.
pub(crate) type Published = Guard<Arc<Vec<Arc<Specialisation>>>>;

/// One that is being compiled, for all that wait for it.
type Pending = Arc<OnceLock<Result<Arc<Specialisation>, CallError>>>;

/// All specialisations.
pub(crate) struct Table {
    published: ArcSwap<Vec<Arc<Specialisation>>>,
    pending: Mutex<HashMap<Box<str>, Pending>>,
    limit: Option<Limit>,
    /// Calls so far, where the policy asks who was called when.
    clock: Option<AtomicU64>,
    compilations: AtomicU64,
}

impl Table {
    pub(crate) fn new(limit: Option<Limit>) -> Self {
        let counts = limit.is_some_and(|limit| limit.policy == LimitPolicy::DropLeastRecentlyUsed);
        Self {
            published: ArcSwap::default(),
            pending: Mutex::default(),
            limit,
            clock: counts.then(AtomicU64::default),
            compilations: AtomicU64::new(0),
        }
    }

    /// What there is now.
    #[inline]
    pub(crate) fn published(&self) -> Published {
        self.published.load()
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
        if let Some(found) = by_key(&self.published(), &key) {
            return Ok(Arc::clone(found));
        }
        let pending = {
            let mut pending = self.lock();
            // It may have been published meanwhile.
            let published = self.published();
            if let Some(found) = by_key(&published, &key) {
                return Ok(Arc::clone(found));
            }
            if let Some(Limit { most, policy: LimitPolicy::Refuse }) = self.limit
                && !pending.contains_key(&key)
                && published.len() + pending.len() >= most
            {
                return Err(CallError::Limit { limit: most, signature: describe(&key) });
            }
            Arc::clone(pending.entry(key.clone()).or_default())
        };
        let _running = Finish { table: self, key: &key, of: &pending };
        let compiled = pending.get_or_init(|| {
            self.compilations.fetch_add(1, Ordering::Relaxed);
            let compiled = Arc::new(compile(key.clone())?);
            self.publish(&compiled);
            Ok(compiled)
        });
        compiled.clone()
    }

    fn publish(&self, added: &Arc<Specialisation>) {
        let _lock = self.lock();
        let mut all: Vec<_> = self.published().iter().cloned().collect();
        if let Some(Limit { most, policy }) = self.limit {
            while !all.is_empty() && all.len() >= most {
                let oldest = match policy {
                    LimitPolicy::Refuse => break,
                    LimitPolicy::DropOldest => Some(0),
                    LimitPolicy::DropLeastRecentlyUsed => {
                        let used = |one: &Arc<Specialisation>| one.used.load(Ordering::Relaxed);
                        all.iter().enumerate().min_by_key(|(_, one)| used(one)).map(|(index, _)| index)
                    }
                };
                all.remove(oldest.unwrap_or(0));
            }
        }
        if let Some(clock) = &self.clock {
            added.note_use(clock.fetch_add(1, Ordering::Relaxed) + 1);
        }
        all.push(Arc::clone(added));
        self.published.store(Arc::new(all));
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Box<str>, Pending>> {
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
        if pending.get(self.key).is_some_and(|current| Arc::ptr_eq(current, self.of)) {
            pending.remove(self.key);
        }
    }
}

/// The one for kinds of arguments.
#[inline]
pub(crate) fn by_fingerprint(
    published: &[Arc<Specialisation>],
    fingerprint: Fingerprint,
) -> Option<&Arc<Specialisation>> {
    published.iter().find(|one| one.fingerprint == Some(fingerprint))
}

fn by_key<'a>(published: &'a [Arc<Specialisation>], key: &str) -> Option<&'a Arc<Specialisation>> {
    published.iter().find(|one| *one.key == *key)
}

/// A key as a user reads it.
fn describe(key: &str) -> String {
    let types: Vec<&str> = key.split_terminator(';').map(|part| part.split('>').next().unwrap_or(part)).collect();
    format!("({})", types.join(", "))
}
