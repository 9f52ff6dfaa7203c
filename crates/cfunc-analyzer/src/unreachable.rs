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

#[cfg(test)]
mod tests {
    use cfunc_models::{Diagnostics, LineIndex};
    use cfunc_syntax::{Limits, functions, parse};

    use super::unreachable;

    /// The body's lines that end in `# no` must be the ones that are found.
    #[track_caller]
    fn check(body: &str) {
        let body: String = body.lines().map(|line| format!("    {line}\n")).collect();
        let source = format!("def f():\n{body}");
        let outcome = parse(&source, &Limits::default());
        assert!(outcome.diagnostics.is_empty(), "{}", outcome.diagnostics);
        let mut found = Diagnostics::new();
        unreachable(&functions(&outcome.module).next().expect("a function").body, &mut found);
        let index = LineIndex::new(&source);
        let mut lines: Vec<u32> =
            found.iter().map(|diagnostic| index.position(&source, diagnostic.span.start).line).collect();
        lines.sort_unstable();
        let expected = (1u32..).zip(source.lines()).filter(|(_, line)| line.ends_with("# no"));
        assert_eq!(lines, expected.map(|(number, _)| number).collect::<Vec<_>>(), "{source}");
    }

    #[test]
    fn behind_what_leaves() {
        check("return 1\nx = 1  # no\ny = 1");
        check("raise ValueError\nx = 1  # no");
        check("if a:\n    return 1\nx = 1");
        check("if a:\n    return 1\n    x = 1  # no\nelif b:\n    return 2\nelse:\n    raise E\nx = 1  # no");
        check("def g():\n    return 1\nreturn g()");
    }

    #[test]
    fn loops() {
        check("for i in a:\n    continue\n    x = 1  # no\nx = 1");
        check("for i in a:\n    return 1\nx = 1");
        check("for i in a:\n    x = 1\nelse:\n    return 1\nx = 1  # no");
        check("for i in a:\n    break\nelse:\n    return 1\nx = 1");
        check("while True:\n    x = 1\nx = 1  # no");
        check("while 1:\n    for i in a:\n        break\nx = 1  # no");
        check("while True:\n    if a:\n        break\nx = 1");
        check("while a:\n    return 1\nx = 1");
        check("while False:\n    return 1\nx = 1");
    }

    #[test]
    fn try_and_match() {
        check("try:\n    return 1\nexcept E:\n    x = 1\nx = 1");
        check("try:\n    return 1\nexcept E:\n    return 2\nx = 1  # no");
        check("try:\n    x = 1\nexcept E:\n    return 2\nelse:\n    return 3\nx = 1  # no");
        check("try:\n    x = 1\nfinally:\n    return 2\nx = 1  # no");
        check("match a:\n    case 1:\n        return 1\n    case _:\n        return 2\nx = 1  # no");
        check("match a:\n    case 1:\n        return 1\n    case 2:\n        return 2\nx = 1");
        check("match a:\n    case _ if b:\n        return 1\nx = 1");
    }
}
