//! A source text and the name it is known by.

use std::fmt;
use std::sync::Arc;

use cfunc_models::{LineColumn, LineIndex, Span};

/// A source text with the name that diagnostics call it by. Cheap to clone.
#[derive(Clone, PartialEq, Eq)]
pub struct Source {
    name: Arc<str>,
    text: Arc<str>,
}

impl Source {
    /// A text; the name is a file's path as a user would write it, or any other.
    pub fn new(name: impl Into<String>, text: impl Into<Arc<str>>) -> Self {
        Self { name: name.into().into(), text: text.into() }
    }

    /// The name that diagnostics call it by.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column where a span starts. Indexes the lines anew: for messages, not for loops.
    pub fn position(&self, span: Span) -> LineColumn {
        LineIndex::new(&self.text).position(&self.text, span.start)
    }
}

impl fmt::Debug for Source {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Source").field("name", &self.name).field("bytes", &self.text.len()).finish()
    }
}
