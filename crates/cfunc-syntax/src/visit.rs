//! Reading the tree.

use std::collections::HashSet;

use crate::ast::{
    Expression, ExpressionKind, FunctionDefinition, Name, Pattern, PatternKind, Statement, StatementKind,
};

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

/// Shows each statement of a list to `visitor`.
pub fn walk_statements<V: Visitor + ?Sized>(visitor: &mut V, statements: &[Statement]) {
    for statement in statements {
        visitor.statement(statement);
    }
}

fn walk_expressions<'a, V: Visitor + ?Sized>(visitor: &mut V, expressions: impl IntoIterator<Item = &'a Expression>) {
    for expression in expressions {
        visitor.expression(expression);
    }
}

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

/// Shows the parts of a statement to `visitor`.
pub fn walk_statement<V: Visitor + ?Sized>(visitor: &mut V, statement: &Statement) {
    match &statement.kind {
        StatementKind::FunctionDefinition(function) => walk_function(visitor, function),
        StatementKind::ClassDefinition(class) => {
            walk_expressions(visitor, &class.decorators);
            walk_expressions(visitor, &class.bases);
            walk_statements(visitor, &class.body);
        }
        StatementKind::Return(value) => walk_expressions(visitor, value),
        StatementKind::Assign { targets, value } => {
            walk_expressions(visitor, targets);
            visitor.expression(value);
        }
        StatementKind::AugmentedAssign { target, value, .. } => {
            visitor.expression(target);
            visitor.expression(value);
        }
        StatementKind::AnnotatedAssign { target, annotation, value } => {
            visitor.expression(target);
            visitor.expression(annotation);
            walk_expressions(visitor, value);
        }
        StatementKind::For { target, iterable, body, or_else } => {
            visitor.expression(target);
            visitor.expression(iterable);
            walk_statements(visitor, body);
            walk_statements(visitor, or_else);
        }
        StatementKind::While { test, body, or_else } | StatementKind::If { test, body, or_else } => {
            visitor.expression(test);
            walk_statements(visitor, body);
            walk_statements(visitor, or_else);
        }
        StatementKind::Expression(value) => visitor.expression(value),
        StatementKind::Assert { test, message } => {
            visitor.expression(test);
            walk_expressions(visitor, message);
        }
        StatementKind::Raise { exception, cause } => {
            walk_expressions(visitor, exception);
            walk_expressions(visitor, cause);
        }
        StatementKind::Try { body, handlers, or_else, finally } => {
            walk_statements(visitor, body);
            for handler in handlers {
                walk_expressions(visitor, &handler.exception);
                walk_statements(visitor, &handler.body);
            }
            walk_statements(visitor, or_else);
            walk_statements(visitor, finally);
        }
        StatementKind::Match { subject, cases } => {
            visitor.expression(subject);
            for case in cases {
                visitor.pattern(&case.pattern);
                walk_expressions(visitor, &case.guard);
                walk_statements(visitor, &case.body);
            }
        }
        StatementKind::Delete(targets) => walk_expressions(visitor, targets),
        StatementKind::Pass
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
pub fn walk_expression<V: Visitor + ?Sized>(visitor: &mut V, expression: &Expression) {
    match &expression.kind {
        ExpressionKind::Constant(_) | ExpressionKind::Name { .. } | ExpressionKind::Unsupported(_) => {}
        ExpressionKind::Attribute { value, .. } | ExpressionKind::Starred(value) => {
            visitor.expression(value);
        }
        ExpressionKind::Unary { operand, .. } => visitor.expression(operand),
        ExpressionKind::Call { function, arguments, keywords } => {
            visitor.expression(function);
            walk_expressions(visitor, arguments);
            walk_expressions(visitor, keywords.iter().map(|keyword| &keyword.value));
        }
        ExpressionKind::Binary { left, right, .. } => {
            visitor.expression(left);
            visitor.expression(right);
        }
        ExpressionKind::Compare { left, rest } => {
            visitor.expression(left);
            walk_expressions(visitor, rest.iter().map(|(_, operand)| operand));
        }
        ExpressionKind::Conditional { test, body, or_else } => {
            visitor.expression(body);
            visitor.expression(test);
            visitor.expression(or_else);
        }
        ExpressionKind::Subscript { value, index } => {
            visitor.expression(value);
            visitor.expression(index);
        }
        ExpressionKind::Slice { lower, upper, step } => {
            walk_expressions(visitor, lower.as_deref());
            walk_expressions(visitor, upper.as_deref());
            walk_expressions(visitor, step.as_deref());
        }
        ExpressionKind::Boolean { values, .. }
        | ExpressionKind::Tuple(values)
        | ExpressionKind::List(values)
        | ExpressionKind::Intrinsic { arguments: values, .. } => walk_expressions(visitor, values),
        ExpressionKind::Dict(entries) => {
            for (key, value) in entries {
                walk_expressions(visitor, key);
                visitor.expression(value);
            }
        }
        ExpressionKind::Walrus { target, value } => {
            visitor.expression(target);
            visitor.expression(value);
        }
        ExpressionKind::Sequence(sequence) => {
            walk_statements(visitor, &sequence.statements);
            visitor.expression(&sequence.value);
        }
    }
}

/// Shows the parts of a pattern to `visitor`.
pub fn walk_pattern<V: Visitor + ?Sized>(visitor: &mut V, pattern: &Pattern) {
    match &pattern.kind {
        PatternKind::Value(value) => visitor.expression(value),
        PatternKind::As(inner, target) => {
            visitor.pattern(inner);
            visitor.expression(target);
        }
        PatternKind::Capture(Some(target)) | PatternKind::Star(Some(target)) => visitor.expression(target),
        PatternKind::Or(patterns) | PatternKind::Sequence(patterns) => {
            for pattern in patterns {
                visitor.pattern(pattern);
            }
        }
        PatternKind::Singleton(_)
        | PatternKind::Capture(None)
        | PatternKind::Star(None)
        | PatternKind::Unsupported(_) => {}
    }
}

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

    fn import(&mut self, alias: &crate::ast::ImportAlias) {
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
