//! The names that statements bind.

use std::collections::HashSet;

use crate::ast::{Expression, ExpressionKind, ImportAlias, Name, Pattern, PatternKind, Statement, StatementKind};
use crate::visit::{Visitor, walk_expression, walk_expressions, walk_pattern, walk_statement, walk_statements};

/// The names that statements bind in their own scope, in order of their first appearance.
///
/// Targets of assignments and loops, walrus, `except … as`, captures of patterns, imports, nested definitions.
/// The bodies of nested definitions are scopes of their own and not looked into.
pub fn assigned_names(statements: &[Statement]) -> Vec<Name> {
    let mut collector = AssignedNames::default();
    walk_statements(&mut collector, statements);
    collector.names
}

/// The names that a target binds: itself, or those of its elements.
pub fn target_names(target: &Expression) -> Vec<Name> {
    let mut collector = AssignedNames::default();
    collector.target(target);
    collector.names
}

#[derive(Default)]
struct AssignedNames {
    names: Vec<Name>,
    seen: HashSet<Name>,
}

impl AssignedNames {
    fn bind(&mut self, name: &Name) {
        if self.seen.insert(name.clone()) {
            self.names.push(name.clone());
        }
    }

    fn target(&mut self, target: &Expression) {
        match &target.kind {
            ExpressionKind::Name { name, .. } => self.bind(name),
            ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
                for element in elements {
                    self.target(element);
                }
            }
            ExpressionKind::Starred(inner) => self.target(inner),
            // `a.b = …` and `a[i] = …` bind nothing, but may hold a walrus.
            _ => self.expression(target),
        }
    }

    fn optional(&mut self, expression: Option<&Expression>) {
        if let Some(expression) = expression {
            self.expression(expression);
        }
    }

    fn import(&mut self, alias: &ImportAlias) {
        match &alias.alias {
            Some(name) => self.bind(name),
            None if &*alias.name == "*" => {}
            None => match alias.name.split_once('.') {
                Some((first, _)) => self.bind(&Name::from(first)),
                None => self.bind(&alias.name),
            },
        }
    }
}

impl Visitor for AssignedNames {
    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::FunctionDefinition(function) => {
                walk_expressions(self, &function.decorators);
                for parameter in &function.parameters {
                    self.optional(parameter.default.as_ref());
                }
                self.bind(&function.name);
            }
            StatementKind::ClassDefinition(class) => {
                walk_expressions(self, &class.decorators);
                walk_expressions(self, &class.bases);
                self.bind(&class.name);
            }
            StatementKind::Assign { targets, value } => {
                for target in targets {
                    self.target(target);
                }
                self.expression(value);
            }
            StatementKind::AugmentedAssign { target, value, .. } => {
                self.target(target);
                self.expression(value);
            }
            StatementKind::AnnotatedAssign { target, value, .. } => {
                self.target(target);
                self.optional(value.as_ref());
            }
            StatementKind::For { target, iterable, body, or_else } => {
                self.target(target);
                self.expression(iterable);
                walk_statements(self, body);
                walk_statements(self, or_else);
            }
            StatementKind::Try { body, handlers, or_else, finally } => {
                walk_statements(self, body);
                for handler in handlers {
                    self.optional(handler.exception.as_ref());
                    if let Some(name) = &handler.name {
                        self.bind(name);
                    }
                    walk_statements(self, &handler.body);
                }
                walk_statements(self, or_else);
                walk_statements(self, finally);
            }
            StatementKind::Import(aliases) | StatementKind::ImportFrom { names: aliases, .. } => {
                for alias in aliases {
                    self.import(alias);
                }
            }
            _ => walk_statement(self, statement),
        }
    }

    fn expression(&mut self, expression: &Expression) {
        if let ExpressionKind::Walrus { target, value } = &expression.kind {
            self.target(target);
            self.expression(value);
        } else {
            walk_expression(self, expression);
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        walk_pattern(self, pattern);
        if let PatternKind::Capture(Some(target)) | PatternKind::As(_, target) | PatternKind::Star(Some(target)) =
            &pattern.kind
        {
            self.target(target);
        }
    }
}
