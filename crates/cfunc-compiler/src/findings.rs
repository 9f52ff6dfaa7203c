//! What a compilation found wrong so far.

use cfunc_models::Diagnostics;

use crate::{CompileError, Source};

/// How many diagnostics of a source are given; nobody reads more.
pub(crate) const MOST_DIAGNOSTICS: usize = 100;

/// What was found wrong so far.
pub(crate) struct Findings<'a> {
    pub(crate) source: &'a Source,
    pub(crate) diagnostics: Diagnostics,
}

impl Findings<'_> {
    /// Adds diagnostics, and fails where errors are among them.
    pub(crate) fn all_of(&mut self, diagnostics: Diagnostics) -> Result<(), CompileError> {
        self.diagnostics.extend_later(diagnostics);
        if !self.diagnostics.has_errors() {
            return Ok(());
        }
        let mut diagnostics = std::mem::take(&mut self.diagnostics);
        diagnostics.sort();
        diagnostics.limit(MOST_DIAGNOSTICS);
        Err(CompileError::Diagnostics { source: self.source.clone(), diagnostics })
    }

    /// What a stage gave, or what it found wrong.
    pub(crate) fn of<T>(&mut self, outcome: Result<T, Diagnostics>) -> Result<T, CompileError> {
        outcome.map_err(|diagnostics| match self.all_of(diagnostics) {
            Err(error) => error,
            Ok(()) => CompileError::Internal("a stage gave up without an error".to_owned()),
        })
    }
}
