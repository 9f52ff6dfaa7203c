//! Diagnostics: what a user did wrong, where, and what to do about it.

use std::collections::BTreeSet;
use std::fmt;

use crate::{DiagnosticCode, LineIndex, Span};

/// How grave a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    /// Compilation went on; the result may not be what was meant.
    Warning,
    /// No result.
    Error,
}

/// A further place that explains a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiagnosticNote {
    /// Where.
    pub span: Span,
    /// What is there.
    pub message: String,
}

/// One thing that is wrong with what a user gave, with its place in the source.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// The stable code.
    pub code: DiagnosticCode,
    /// Error or warning.
    pub severity: Severity,
    /// Where it is wrong.
    pub span: Span,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What was expected there.
    pub expected: Option<String>,
    /// What to do about it.
    pub hint: Option<String>,
    /// Further places.
    pub notes: Vec<DiagnosticNote>,
}

impl Diagnostic {
    /// An error.
    pub fn error(code: DiagnosticCode, span: Span, message: impl Into<String>) -> Self {
        Self {
            code,
            severity: Severity::Error,
            span,
            message: message.into(),
            expected: None,
            hint: None,
            notes: Vec::new(),
        }
    }

    /// A warning.
    pub fn warning(code: DiagnosticCode, span: Span, message: impl Into<String>) -> Self {
        Self { severity: Severity::Warning, ..Self::error(code, span, message) }
    }

    /// Says what was expected.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<String>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// Says what to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Points at a further place.
    #[must_use]
    pub fn note(mut self, span: Span, message: impl Into<String>) -> Self {
        self.notes.push(DiagnosticNote { span, message: message.into() });
        self
    }

    /// `name:line:column: error[E0101]: message`, with expectation and hint on lines of their own.
    pub fn render(&self, name: &str, source: &str) -> String {
        let position = LineIndex::new(source).position(source, self.span.start);
        let severity = match self.severity {
            Severity::Warning => "warning",
            Severity::Error => "error",
        };
        let mut text =
            format!("{name}:{}:{}: {severity}[{}]: {}", position.line, position.column, self.code.id, self.message);
        if let Some(expected) = &self.expected {
            text.push_str(&format!("\n  expected: {expected}"));
        }
        if let Some(hint) = &self.hint {
            text.push_str(&format!("\n  hint: {hint}"));
        }
        text
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "[{}] {}", self.code.id, self.message)?;
        if let Some(expected) = &self.expected {
            write!(formatter, "; expected {expected}")?;
        }
        if let Some(hint) = &self.hint {
            write!(formatter, " ({hint})")?;
        }
        Ok(())
    }
}

/// All diagnostics of one run, in the order they were found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Diagnostics {
    list: Vec<Diagnostic>,
    /// Places and codes in the list, so that repetitions are found without comparing with all of it.
    places: BTreeSet<(Span, &'static str)>,
}

impl Diagnostics {
    /// None yet.
    pub const fn new() -> Self {
        Self { list: Vec::new(), places: BTreeSet::new() }
    }

    /// Adds one; an exact repetition is dropped.
    pub fn push(&mut self, diagnostic: Diagnostic) {
        let new = self.places.insert((diagnostic.span, diagnostic.code.id));
        if new || !self.list.contains(&diagnostic) {
            self.list.push(diagnostic);
        }
    }

    /// Adds all of another run.
    pub fn extend(&mut self, other: Self) {
        for diagnostic in other.list {
            self.push(diagnostic);
        }
    }

    /// Adds what a later stage found. Of a place where an error is known already it says nothing new, in other words.
    pub fn extend_later(&mut self, other: Self) {
        let known: BTreeSet<Span> =
            self.iter().filter(|known| known.severity == Severity::Error).map(|known| known.span).collect();
        for diagnostic in other.list {
            if !known.contains(&diagnostic.span) {
                self.push(diagnostic);
            }
        }
    }

    /// Leaves the first `most` in order, errors before warnings, for somebody to read.
    pub fn limit(&mut self, most: usize) {
        if self.list.len() <= most {
            return;
        }
        let errors = self.list.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count().min(most);
        let (mut errors, mut warnings) = (errors, most - errors);
        self.list.retain(|diagnostic| {
            let left = match diagnostic.severity {
                Severity::Error => &mut errors,
                Severity::Warning => &mut warnings,
            };
            let keep = *left > 0;
            *left = left.saturating_sub(1);
            keep
        });
        self.places = self.list.iter().map(|diagnostic| (diagnostic.span, diagnostic.code.id)).collect();
    }

    /// Whether an error, not only warnings, is among them.
    pub fn has_errors(&self) -> bool {
        self.list.iter().any(|diagnostic| diagnostic.severity == Severity::Error)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.list.len()
    }

    /// In the order found.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.list.iter()
    }

    /// Orders by place in the source.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|diagnostic| (diagnostic.span.start, diagnostic.span.end));
    }

    /// Every diagnostic rendered as by [`Diagnostic::render`], a line or more each.
    pub fn render(&self, name: &str, source: &str) -> String {
        self.list.iter().map(|diagnostic| diagnostic.render(name, source)).collect::<Vec<_>>().join("\n")
    }
}

impl From<Diagnostic> for Diagnostics {
    fn from(diagnostic: Diagnostic) -> Self {
        let mut diagnostics = Self::new();
        diagnostics.push(diagnostic);
        diagnostics
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl IntoIterator for Diagnostics {
    type Item = Diagnostic;
    type IntoIter = std::vec::IntoIter<Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.list.into_iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, diagnostic) in self.list.iter().enumerate() {
            if index > 0 {
                writeln!(formatter)?;
            }
            write!(formatter, "{diagnostic}")?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}

#[cfg(test)]
mod tests {
    use super::{Diagnostic, Diagnostics};
    use crate::{Span, codes};

    fn error(start: u32, message: &str) -> Diagnostic {
        Diagnostic::error(codes::NO_RULE, Span::new(start, start + 1), message)
    }

    fn warning(start: u32) -> Diagnostic {
        Diagnostic::warning(codes::FLOAT_TRUNCATED, Span::new(start, start + 1), "lost")
    }

    fn messages(diagnostics: &Diagnostics) -> Vec<&str> {
        diagnostics.iter().map(|diagnostic| diagnostic.message.as_str()).collect()
    }

    #[test]
    fn repetitions_are_dropped_and_others_of_a_place_are_not() {
        let mut diagnostics = Diagnostics::new();
        for diagnostic in [error(0, "a"), error(0, "b"), error(0, "a"), error(1, "a")] {
            diagnostics.push(diagnostic);
        }
        assert_eq!(messages(&diagnostics), ["a", "b", "a"]);
    }

    #[test]
    fn a_later_stage_says_nothing_of_a_known_error() {
        let mut diagnostics = Diagnostics::from(error(0, "first"));
        diagnostics.push(warning(4));
        let mut later = Diagnostics::from(error(0, "other words"));
        later.push(error(2, "more"));
        later.push(error(4, "worse than a warning"));
        diagnostics.extend_later(later);
        assert_eq!(messages(&diagnostics), ["first", "lost", "more", "worse than a warning"]);
    }

    #[test]
    fn errors_are_kept_before_warnings() {
        let mut diagnostics = Diagnostics::new();
        for start in 0..3 {
            diagnostics.push(warning(start * 10));
            diagnostics.push(error(start * 10 + 5, "e"));
        }
        diagnostics.limit(4);
        assert_eq!(messages(&diagnostics), ["lost", "e", "e", "e"]);
        diagnostics.limit(2);
        assert_eq!(messages(&diagnostics), ["e", "e"]);
        assert!(diagnostics.has_errors());
    }
}
