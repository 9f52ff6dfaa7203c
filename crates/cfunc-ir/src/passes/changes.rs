//! The budget of changes: how a miscompile is found by bisection.

/// Counts the changes that passes make, and refuses those beyond a limit.
#[derive(Debug)]
pub(crate) struct Changes {
    made: u64,
    limit: u64,
}

impl Changes {
    /// Allows so many changes.
    pub(crate) const fn up_to(limit: u64) -> Self {
        Self { made: 0, limit }
    }

    /// Whether the next change may be made. It counts as made then, so it must be made. What only keeps the result of
    /// other changes tidy (dead values, empty blocks) is no change of its own.
    pub(crate) const fn allow(&mut self) -> bool {
        let allowed = self.made < self.limit;
        if allowed {
            self.made += 1;
        }
        allowed
    }

    /// How many were made.
    pub(crate) const fn made(&self) -> u64 {
        self.made
    }

    /// Whether no more are allowed.
    pub(crate) const fn is_spent(&self) -> bool {
        self.made >= self.limit
    }
}
