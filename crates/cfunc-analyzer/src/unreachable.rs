//! Statements that control does not get to, by the flow of the source alone: no condition but `while True` is looked at.

use cfunc_models::{Diagnostic, Diagnostics, Span, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, Pattern, PatternKind, Statement, StatementKind};

/// Warns of the first statement of each block that what stands before it never lets control get to.
pub(crate) fn unreachable(body: &[Statement], diagnostics: &mut Diagnostics) {
    Flow { diagnostics, breaks: Vec::new() }.block(body);
}

struct Flow<'a> {
    diagnostics: &'a mut Diagnostics,
    /// Whether a `break` was seen of each loop around this place.
    breaks: Vec<bool>,
}

impl Flow<'_> {
    /// Whether control never leaves the block at its end.
    fn block(&mut self, statements: &[Statement]) -> bool {
        let mut left: Option<&Statement> = None;
        for statement in statements {
            if let Some(last) = left {
                let message = "control never gets to this statement";
                let diagnostic = Diagnostic::warning(codes::UNREACHABLE, statement.span, message)
                    .hint("leave it out, or what leaves the block before it");
                self.diagnostics.push(match leaving_word(&last.kind) {
                    Some(word) => diagnostic.note(last.span, format!("`{word}` leaves the block here")),
                    None => diagnostic.note(head(last.span), "no path gets past this statement"),
                });
                return true;
            }
            if self.leaves(&statement.kind) {
                left = Some(statement);
            }
        }
        left.is_some()
    }

    /// Whether control never gets past a statement.
    fn leaves(&mut self, statement: &StatementKind) -> bool {
        match statement {
            StatementKind::Return(_) | StatementKind::Raise { .. } | StatementKind::Continue => true,
            StatementKind::Break => {
                if let Some(seen) = self.breaks.last_mut() {
                    *seen = true;
                }
                true
            }
            StatementKind::If { body, or_else, .. } => {
                let body = self.block(body);
                self.block(or_else) && body
            }
            StatementKind::While { test, body, or_else } => {
                self.breaks.push(false);
                self.block(body);
                let broken = self.breaks.pop().unwrap_or(true);
                let after = self.block(or_else);
                !broken && (after || is_always_true(test))
            }
            StatementKind::For { body, or_else, .. } => {
                self.breaks.push(false);
                self.block(body);
                let broken = self.breaks.pop().unwrap_or(true);
                self.block(or_else) && !broken
            }
            StatementKind::Try { body, handlers, or_else, finally } => {
                let body = self.block(body);
                let or_else = self.block(or_else);
                let mut handled = true;
                for handler in handlers {
                    handled &= self.block(&handler.body);
                }
                self.block(finally) || ((body || or_else) && handled)
            }
            StatementKind::Match { cases, .. } => {
                let mut all = true;
                for case in cases {
                    all &= self.block(&case.body);
                }
                let complete =
                    cases.last().is_some_and(|case| case.guard.is_none() && matches_everything(&case.pattern));
                all && complete
            }
            _ => false,
        }
    }
}

fn leaving_word(statement: &StatementKind) -> Option<&'static str> {
    match statement {
        StatementKind::Return(_) => Some("return"),
        StatementKind::Raise { .. } => Some("raise"),
        StatementKind::Break => Some("break"),
        StatementKind::Continue => Some("continue"),
        _ => None,
    }
}

/// The begin of a statement with blocks, which are too long to be shown.
fn head(span: Span) -> Span {
    Span::new(span.start, span.start.saturating_add(1).min(span.end))
}

fn is_always_true(test: &Expression) -> bool {
    match &test.kind {
        ExpressionKind::Constant(Value::Boolean(value)) => *value,
        ExpressionKind::Constant(Value::Integer(value)) => *value != 0,
        _ => false,
    }
}

fn matches_everything(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Capture(_) => true,
        PatternKind::As(inner, _) => matches_everything(inner),
        PatternKind::Or(patterns) => patterns.iter().any(matches_everything),
        _ => false,
    }
}
