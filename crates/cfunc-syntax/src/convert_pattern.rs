//! From the parser's patterns to ours.

use cfunc_models::Value;
use rustpython_parser::ast as parser_ast;
use rustpython_parser::ast::{Constant, Ranged};

use crate::ast::{Pattern, PatternKind};
use crate::convert::{Converter, name};

/// The name that a pattern binds; the parser gives no place for it but the pattern's.
fn captured(identifier: &parser_ast::Identifier, span: cfunc_models::Span) -> crate::ast::Expression {
    crate::builders::name(span, name(identifier))
}

impl Converter<'_> {
    /// Converts a pattern of a `case` clause.
    pub(crate) fn pattern(&mut self, pattern: parser_ast::Pattern) -> Pattern {
        let span = self.span(pattern.range());
        let kind = match pattern {
            parser_ast::Pattern::MatchValue(pattern) => PatternKind::Value(self.expression(*pattern.value)),
            parser_ast::Pattern::MatchSingleton(pattern) => match pattern.value {
                Constant::Bool(value) => PatternKind::Singleton(Value::Boolean(value)),
                _ => PatternKind::Singleton(Value::None),
            },
            parser_ast::Pattern::MatchSequence(pattern) => PatternKind::Sequence(self.patterns(pattern.patterns)),
            parser_ast::Pattern::MatchOr(pattern) => PatternKind::Or(self.patterns(pattern.patterns)),
            parser_ast::Pattern::MatchStar(pattern) => {
                PatternKind::Star(pattern.name.as_ref().map(|identifier| captured(identifier, span)))
            }
            parser_ast::Pattern::MatchAs(pattern) => match (pattern.pattern, pattern.name) {
                (Some(inner), Some(identifier)) => {
                    PatternKind::As(Box::new(self.pattern(*inner)), captured(&identifier, span))
                }
                (Some(inner), None) => return self.pattern(*inner),
                (None, identifier) => {
                    PatternKind::Capture(identifier.as_ref().map(|identifier| captured(identifier, span)))
                }
            },
            parser_ast::Pattern::MatchMapping(_) => PatternKind::Unsupported("a mapping pattern"),
            parser_ast::Pattern::MatchClass(_) => PatternKind::Unsupported("a class pattern"),
        };
        Pattern { span, kind }
    }

    fn patterns(&mut self, patterns: Vec<parser_ast::Pattern>) -> Vec<Pattern> {
        patterns.into_iter().map(|pattern| self.pattern(pattern)).collect()
    }
}
