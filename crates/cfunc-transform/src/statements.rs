//! Statements.

use std::sync::Arc;

use cfunc_context::StatementNode;
use cfunc_models::{Diagnostic, codes};
use cfunc_syntax::ast::{
    Binding, Expression, ExpressionKind, Intrinsic, Pattern, PatternKind, Statement, StatementKind,
};
use cfunc_syntax::visit::assigned_names;
use cfunc_syntax::{builders, dismantle_statement};

use crate::expressions::give_up;
use crate::transformer::{REPORTED, Role, Transformer, is_constant_statement};
use crate::unsupported::refused_statement;

/// As [`give_up`], of a statement.
#[cold]
#[inline(never)]
fn give_up_statement(statement: &mut Statement) {
    dismantle_statement(std::mem::replace(statement, builders::pass(statement.span)));
}

impl Transformer<'_> {
    /// Transforms the statements of a block; one that had statements keeps at least `pass`.
    pub(crate) fn block(&mut self, statements: Vec<Statement>) -> Vec<Statement> {
        let first = statements.first().map(|statement| statement.span);
        let mut result = Vec::with_capacity(statements.len());
        for statement in statements {
            if self.is_full() {
                break;
            }
            self.statement(statement, &mut result);
        }
        if let Some(span) = first.filter(|_| result.is_empty()) {
            result.push(builders::pass(span));
        }
        result
    }

    pub(crate) fn in_place(&mut self, statements: &mut Vec<Statement>) {
        let taken = std::mem::take(statements);
        *statements = self.block(taken);
    }

    fn statement(&mut self, mut statement: Statement, result: &mut Vec<Statement>) {
        if !self.descend(statement.span) {
            return give_up_statement(&mut statement);
        }
        match self.asked_statement(&statement) {
            None => self.statement_kind(statement, result),
            Some(node) => self.asked_about(node, statement, result),
        }
        self.nesting -= 1;
    }

    fn asked_about(&mut self, node: StatementNode, statement: Statement, result: &mut Vec<Statement>) {
        match self.before_statement(node, &statement) {
            Some(answer) => result.extend(answer),
            None if self.context().statement_handlers(node).after.is_empty() => {
                self.statement_kind(statement, result);
            }
            None => {
                let original = statement.clone();
                let mut transformed = Vec::new();
                self.statement_kind(statement, &mut transformed);
                result.extend(self.after_statement(node, &original, transformed));
            }
        }
    }

    /// Apart from the walk, to keep its frames small.
    #[cold]
    #[inline(never)]
    fn refuse_statement(&mut self, statement: &Statement, result: &mut Vec<Statement>) {
        let span = statement.span;
        let Some(refusal) = refused_statement(&statement.kind) else { return };
        self.report(refusal.diagnostic(span));
        // What it would bind is bound, so that later reads are not reported too.
        for name in assigned_names(std::slice::from_ref(statement)) {
            let mut target = builders::name(span, name);
            self.target(&mut target);
            result.push(builders::assign(span, target, Expression::new(span, REPORTED)));
        }
    }

    fn statement_kind(&mut self, mut statement: Statement, result: &mut Vec<Statement>) {
        let span = statement.span;
        if refused_statement(&statement.kind).is_some() {
            return self.refuse_statement(&statement, result);
        }
        if self.is_alias(&statement) {
            return;
        }
        match &mut statement.kind {
            StatementKind::Return(value) => {
                let value = value.take();
                return self.returned(value, span, result);
            }
            StatementKind::Expression(_) => return self.expression_statement(statement, result),
            StatementKind::AnnotatedAssign { .. } => return self.annotated_assign(statement, result),
            StatementKind::Global(_) => return,
            StatementKind::Assign { targets, value } => {
                if !self.custom_assignment(targets, value) {
                    self.expression(value);
                }
                targets.iter_mut().for_each(|target| self.target(target));
            }
            StatementKind::AugmentedAssign { target, value, .. } => {
                self.expression(value);
                self.target(target);
            }
            StatementKind::For { target, iterable, body, or_else } => {
                self.expression(iterable);
                self.target(target);
                self.in_place(body);
                self.in_place(or_else);
            }
            StatementKind::While { test, body, or_else } | StatementKind::If { test, body, or_else } => {
                self.expression(test);
                self.in_place(body);
                self.in_place(or_else);
            }
            StatementKind::Match { subject, cases } => {
                self.expression(subject);
                for case in cases {
                    self.pattern(&mut case.pattern);
                    if let Some(guard) = &mut case.guard {
                        self.expression(guard);
                    }
                    self.in_place(&mut case.body);
                }
            }
            StatementKind::Try { body, handlers, or_else, finally } => {
                self.try_statement(body, handlers, or_else, finally);
            }
            StatementKind::Raise { exception, cause } => {
                exception.iter_mut().chain(cause).for_each(|exception| self.raised(exception));
            }
            StatementKind::Assert { test, message } => {
                self.expression(test);
                message.iter_mut().for_each(|message| self.expression(message));
            }
            StatementKind::Delete(targets) => targets.iter_mut().for_each(|target| self.target(target)),
            _ => {}
        }
        result.push(statement);
    }

    /// Binds the names that a pattern captures, and what its values stand for.
    fn pattern(&mut self, pattern: &mut Pattern) {
        match &mut pattern.kind {
            PatternKind::Value(value) => self.expression(value),
            PatternKind::Capture(Some(target)) | PatternKind::Star(Some(target)) => self.target(target),
            PatternKind::As(inner, target) => {
                self.pattern(inner);
                self.target(target);
            }
            PatternKind::Or(patterns) | PatternKind::Sequence(patterns) => {
                patterns.iter_mut().for_each(|pattern| self.pattern(pattern));
            }
            PatternKind::Unsupported(construct) => {
                let message = format!("{construct} is not supported in a node");
                let diagnostic = Diagnostic::error(codes::UNSUPPORTED, pattern.span, message);
                self.report(diagnostic.hint("use `if` and `elif`"));
            }
            PatternKind::Singleton(_) | PatternKind::Capture(None) | PatternKind::Star(None) => {}
        }
    }

    fn annotated_assign(&mut self, statement: Statement, result: &mut Vec<Statement>) {
        let StatementKind::AnnotatedAssign { mut target, value, annotation } = statement.kind else { return };
        self.refuse_state(&annotation);
        if self.declarations.contains(&target.span) {
            return;
        }
        // Without a value it says that the name is a local, which is known already.
        let Some(mut value) = value else { return };
        // In a text of its own an annotation means what it means there, and that is not asked here.
        if self.role != Role::Execute && std::ptr::eq(self.scope, self.root) {
            self.annotations.push((target.span, annotation));
        }
        if !self.custom_assignment(std::slice::from_ref(&target), &mut value) {
            self.expression(&mut value);
        }
        self.target(&mut target);
        result.push(builders::assign(statement.span, target, value));
    }

    fn expression_statement(&mut self, mut statement: Statement, result: &mut Vec<Statement>) {
        if is_constant_statement(&statement) {
            return;
        }
        let StatementKind::Expression(expression) = &mut statement.kind else { return };
        self.expression(expression);
        result.push(statement);
    }

    /// Binds what is assigned to.
    pub(crate) fn target(&mut self, target: &mut Expression) {
        if !self.descend(target.span) {
            return give_up(target);
        }
        self.refuse_misnamed(target);
        self.target_kind(target);
        self.nesting -= 1;
    }

    fn target_kind(&mut self, target: &mut Expression) {
        match &mut target.kind {
            ExpressionKind::Name { name, binding } => {
                if *binding == Binding::Unresolved {
                    match self.own_binding(name) {
                        Some(own) => match self.absent_in(own) {
                            Some(phase) => self.refuse_in_lifecycle(target, phase),
                            None => *binding = own,
                        },
                        None if self.is_reported(name) => target.kind = REPORTED,
                        // A handler assigns to a name of its own.
                        None => *binding = Binding::Local(self.add_local(Arc::clone(name), None)),
                    }
                }
            }
            ExpressionKind::Tuple(elements) => elements.iter_mut().for_each(|element| self.target(element)),
            ExpressionKind::List(elements) => {
                elements.iter_mut().for_each(|element| self.target(element));
                // `[a, b] = value` unpacks as `(a, b) = value` does.
                target.kind = ExpressionKind::Tuple(std::mem::take(elements));
            }
            ExpressionKind::Starred(inner) => self.target(inner),
            ExpressionKind::Subscript { .. } => self.subscript_target(target),
            ExpressionKind::Attribute { value, attribute, member } => {
                self.member(attribute, member);
                self.expression(value);
            }
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. } => {}
            _ => {
                let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, target.span, "this cannot be assigned to");
                let diagnostic = diagnostic.expected("a name, an attribute or a subscript");
                self.refuse(target, diagnostic.hint("assign to a name of its own"));
            }
        }
    }

    fn subscript_target(&mut self, target: &mut Expression) {
        if let Some((name, _)) = self.subscripted_array(target) {
            let message = format!("the elements of `{name}` are not assigned to");
            let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, target.span, message);
            return self.refuse(target, diagnostic.hint("outputs tick where a value is returned"));
        }
        if let ExpressionKind::Subscript { value, index } = &mut target.kind {
            self.expression(value);
            self.expression(index);
        }
    }
}
