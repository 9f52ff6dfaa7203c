//! Changing the tree in place.

use crate::ast::{Expression, ExpressionKind, Pattern, PatternKind, Statement, StatementKind};

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

/// Shows each statement of a list to `visitor`.
pub fn walk_statements_mut<V: VisitorMut + ?Sized>(visitor: &mut V, statements: &mut [Statement]) {
    statements.iter_mut().for_each(|statement| visitor.statement(statement));
}

fn walk_all<'a, V: VisitorMut + ?Sized>(visitor: &mut V, expressions: impl IntoIterator<Item = &'a mut Expression>) {
    expressions.into_iter().for_each(|expression| visitor.expression(expression));
}

/// Shows the parts of a statement to `visitor`.
pub fn walk_statement_mut<V: VisitorMut + ?Sized>(visitor: &mut V, statement: &mut Statement) {
    match &mut statement.kind {
        StatementKind::Return(value) => walk_all(visitor, value),
        StatementKind::Assign { targets, value } => {
            walk_all(visitor, targets);
            visitor.expression(value);
        }
        StatementKind::AugmentedAssign { target, value, .. } => {
            visitor.expression(target);
            visitor.expression(value);
        }
        StatementKind::AnnotatedAssign { target, annotation, value } => {
            visitor.expression(target);
            visitor.expression(annotation);
            walk_all(visitor, value);
        }
        StatementKind::For { target, iterable, body, or_else } => {
            visitor.expression(target);
            visitor.expression(iterable);
            walk_statements_mut(visitor, body);
            walk_statements_mut(visitor, or_else);
        }
        StatementKind::While { test, body, or_else } | StatementKind::If { test, body, or_else } => {
            visitor.expression(test);
            walk_statements_mut(visitor, body);
            walk_statements_mut(visitor, or_else);
        }
        StatementKind::Expression(value) => visitor.expression(value),
        StatementKind::Assert { test, message } => {
            visitor.expression(test);
            walk_all(visitor, message);
        }
        StatementKind::Raise { exception, cause } => {
            walk_all(visitor, exception);
            walk_all(visitor, cause);
        }
        StatementKind::Try { body, handlers, or_else, finally } => {
            walk_statements_mut(visitor, body);
            for handler in handlers {
                walk_all(visitor, &mut handler.exception);
                walk_statements_mut(visitor, &mut handler.body);
            }
            walk_statements_mut(visitor, or_else);
            walk_statements_mut(visitor, finally);
        }
        StatementKind::Match { subject, cases } => {
            visitor.expression(subject);
            for case in cases {
                visitor.pattern(&mut case.pattern);
                walk_all(visitor, &mut case.guard);
                walk_statements_mut(visitor, &mut case.body);
            }
        }
        StatementKind::Delete(targets) => walk_all(visitor, targets),
        StatementKind::FunctionDefinition(_)
        | StatementKind::ClassDefinition(_)
        | StatementKind::Pass
        | StatementKind::Break
        | StatementKind::Continue
        | StatementKind::Import(_)
        | StatementKind::ImportFrom { .. }
        | StatementKind::Global(_)
        | StatementKind::Nonlocal(_)
        | StatementKind::Unsupported(_) => {}
    }
}

/// Shows the operands of an expression to `visitor`.
pub fn walk_expression_mut<V: VisitorMut + ?Sized>(visitor: &mut V, expression: &mut Expression) {
    match &mut expression.kind {
        ExpressionKind::Constant(_) | ExpressionKind::Name { .. } | ExpressionKind::Unsupported(_) => {}
        ExpressionKind::Attribute { value, .. }
        | ExpressionKind::Starred(value)
        | ExpressionKind::Unary { operand: value, .. } => visitor.expression(value),
        ExpressionKind::Call { function, arguments, keywords } => {
            visitor.expression(function);
            walk_all(visitor, arguments);
            walk_all(visitor, keywords.iter_mut().map(|keyword| &mut keyword.value));
        }
        ExpressionKind::Binary { left, right, .. }
        | ExpressionKind::Subscript { value: left, index: right }
        | ExpressionKind::Walrus { target: left, value: right } => {
            visitor.expression(left);
            visitor.expression(right);
        }
        ExpressionKind::Compare { left, rest } => {
            visitor.expression(left);
            walk_all(visitor, rest.iter_mut().map(|(_, operand)| operand));
        }
        ExpressionKind::Conditional { test, body, or_else } => {
            visitor.expression(body);
            visitor.expression(test);
            visitor.expression(or_else);
        }
        ExpressionKind::Slice { lower, upper, step } => {
            walk_all(visitor, lower.as_deref_mut());
            walk_all(visitor, upper.as_deref_mut());
            walk_all(visitor, step.as_deref_mut());
        }
        ExpressionKind::Boolean { values, .. }
        | ExpressionKind::Tuple(values)
        | ExpressionKind::List(values)
        | ExpressionKind::Intrinsic { arguments: values, .. } => walk_all(visitor, values),
        ExpressionKind::Dict(entries) => {
            for (key, value) in entries {
                walk_all(visitor, key);
                visitor.expression(value);
            }
        }
        ExpressionKind::Sequence(sequence) => {
            walk_statements_mut(visitor, &mut sequence.statements);
            visitor.expression(&mut sequence.value);
        }
    }
}

/// Shows the parts of a pattern to `visitor`.
pub fn walk_pattern_mut<V: VisitorMut + ?Sized>(visitor: &mut V, pattern: &mut Pattern) {
    match &mut pattern.kind {
        PatternKind::Value(value) => visitor.expression(value),
        PatternKind::As(inner, target) => {
            visitor.pattern(inner);
            visitor.expression(target);
        }
        PatternKind::Capture(Some(target)) | PatternKind::Star(Some(target)) => visitor.expression(target),
        PatternKind::Or(patterns) | PatternKind::Sequence(patterns) => {
            patterns.iter_mut().for_each(|pattern| visitor.pattern(pattern));
        }
        PatternKind::Singleton(_)
        | PatternKind::Capture(None)
        | PatternKind::Star(None)
        | PatternKind::Unsupported(_) => {}
    }
}
