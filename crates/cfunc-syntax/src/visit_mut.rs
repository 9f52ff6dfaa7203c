//! Changing the tree in place.

use crate::ast::{Expression, ExpressionKind, Pattern, PatternKind, Statement, StatementKind};
use crate::walks::walks;

/// Sees every node of a tree and may change it. A method that is overridden calls the `walk_` function of its node to go
/// on inside it. The bodies of nested functions and classes are not looked into.
pub trait VisitorMut {
    /// A statement.
    fn statement(&mut self, statement: &mut Statement) {
        walk_statement_mut(self, statement);
    }

    /// An expression, targets and annotations included.
    fn expression(&mut self, expression: &mut Expression) {
        walk_expression_mut(self, expression);
    }

    /// A pattern.
    fn pattern(&mut self, pattern: &mut Pattern) {
        walk_pattern_mut(self, pattern);
    }
}

walks!(
    VisitorMut,
    [mut],
    [walk_statements_mut, walk_expressions_mut, walk_statement_mut, walk_expression_mut, walk_pattern_mut],
    stay_outside,
);

/// What a definition of a function or a class holds is not looked into.
fn stay_outside<V: VisitorMut + ?Sized>(_visitor: &mut V, _statement: &mut Statement) {}
