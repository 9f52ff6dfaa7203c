//! Reading the tree.

use crate::ast::{Expression, ExpressionKind, FunctionDefinition, Pattern, PatternKind, Statement, StatementKind};
use crate::walks::walks;

pub use crate::assigned::{assigned_names, target_names};

/// Sees every node of a tree in the order of the source text. A method that is overridden calls the `walk_` function
/// of its node to go on inside it.
pub trait Visitor {
    /// A statement.
    fn statement(&mut self, statement: &Statement) {
        walk_statement(self, statement);
    }

    /// An expression, targets and annotations included.
    fn expression(&mut self, expression: &Expression) {
        walk_expression(self, expression);
    }

    /// A pattern.
    fn pattern(&mut self, pattern: &Pattern) {
        walk_pattern(self, pattern);
    }
}

walks!(
    Visitor,
    [],
    [walk_statements, walk_expressions, walk_statement, walk_expression, walk_pattern],
    walk_definition,
);

/// Shows the parts of a function definition: decorators, parameters, return annotation, body.
pub fn walk_function<V: Visitor + ?Sized>(visitor: &mut V, function: &FunctionDefinition) {
    walk_expressions(visitor, &function.decorators);
    for parameter in &function.parameters {
        walk_expressions(visitor, &parameter.annotation);
        walk_expressions(visitor, &parameter.default);
    }
    walk_expressions(visitor, &function.returns);
    walk_statements(visitor, &function.body);
}

/// Shows the parts of a definition of a function or a class.
fn walk_definition<V: Visitor + ?Sized>(visitor: &mut V, statement: &Statement) {
    match &statement.kind {
        StatementKind::FunctionDefinition(function) => walk_function(visitor, function),
        StatementKind::ClassDefinition(class) => {
            walk_expressions(visitor, &class.decorators);
            walk_expressions(visitor, &class.bases);
            walk_statements(visitor, &class.body);
        }
        _ => {}
    }
}
