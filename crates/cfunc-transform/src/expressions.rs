//! Expressions, transformed in place: the walk needs no more stack than the depth of the tree.

use std::sync::Arc;

use cfunc_context::CallHandler;
use cfunc_models::{Diagnostic, Span, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind};

use crate::transformer::{REPORTED, Transformer};
use crate::unsupported::{DOUBLE_STARRED, refused_expression};

/// How many handlers may be asked inside of each other: more than a source can nest calls.
const NESTED_HANDLERS: usize = 300;

impl Transformer<'_> {
    /// Transforms an expression that is read.
    pub(crate) fn expression(&mut self, expression: &mut Expression) {
        self.operand(expression);
        self.within_range(expression);
    }

    /// Transforms an expression whose value may be part of one that is evaluated here: an int of any size.
    fn operand(&mut self, expression: &mut Expression) {
        if self.is_full() {
            return;
        }
        match &mut expression.kind {
            ExpressionKind::Constant(_) => {}
            ExpressionKind::Name { .. } => self.name(expression),
            ExpressionKind::Attribute { .. } => self.attribute(expression),
            ExpressionKind::Call { .. } => self.call(expression),
            ExpressionKind::Subscript { .. } => self.subscript(expression),
            ExpressionKind::Unary { operand, .. } => {
                self.operand(operand);
                self.fold(expression);
            }
            ExpressionKind::Binary { left, right, .. } => {
                self.operand(left);
                self.operand(right);
                self.fold(expression);
            }
            ExpressionKind::Compare { left, rest } => {
                self.expression(left);
                rest.iter_mut().for_each(|(_, operand)| self.expression(operand));
            }
            ExpressionKind::Conditional { test, body, or_else } => {
                self.expression(test);
                self.expression(body);
                self.expression(or_else);
            }
            ExpressionKind::Slice { lower, upper, step } => {
                for part in [lower, upper, step].into_iter().flatten() {
                    self.expression(part);
                }
            }
            ExpressionKind::Boolean { values, .. }
            | ExpressionKind::Tuple(values)
            | ExpressionKind::List(values)
            | ExpressionKind::Intrinsic { arguments: values, .. } => {
                values.iter_mut().for_each(|value| self.expression(value));
            }
            ExpressionKind::Walrus { target, value } => {
                self.expression(value);
                self.target(target);
            }
            ExpressionKind::Starred(value) => self.expression(value),
            ExpressionKind::Dict(entries) => {
                for (key, value) in entries {
                    if let Some(key) = key {
                        self.expression(key);
                    }
                    self.expression(value);
                }
            }
            ExpressionKind::Unsupported(_) => self.refused(expression),
        }
    }

    fn refused(&mut self, expression: &mut Expression) {
        if let Some(refusal) = refused_expression(&expression.kind) {
            self.refuse(expression, refusal.diagnostic(expression.span));
        }
    }

    fn subscript(&mut self, expression: &mut Expression) {
        if self.array_element(expression) {
            return;
        }
        if let ExpressionKind::Subscript { value, index } = &mut expression.kind {
            self.expression(value);
            self.expression(index);
        }
    }

    fn call(&mut self, expression: &mut Expression) {
        if self.asks_handlers && self.handled_call(expression) {
            return;
        }
        let ExpressionKind::Call { function, arguments, keywords } = &mut expression.kind else { return };
        self.expression(function);
        arguments.iter_mut().for_each(|argument| self.expression(argument));
        for keyword in keywords {
            self.expression(&mut keyword.value);
            if keyword.name.is_none()
                && let Some(refusal) = DOUBLE_STARRED
            {
                self.report(refusal.diagnostic(keyword.span));
            }
        }
        // What a call of it would be is not known: nothing is said of the call.
        if function.kind == REPORTED {
            expression.kind = REPORTED;
        }
    }

    /// Puts the answer of the first handler that has one in the place of a call.
    fn handled_call(&mut self, expression: &mut Expression) -> bool {
        if !self.enter_handler(expression.span) {
            return false;
        }
        let scope = self.scope;
        let answer = scope
            .context()
            .call_handlers()
            .find_map(|handler: &Arc<dyn CallHandler>| handler.handle(self, expression).transpose());
        self.nested_handlers -= 1;
        match answer {
            None => false,
            Some(Ok(mut answer)) => {
                self.without_handlers(|transformer| transformer.expression(&mut answer));
                *expression = answer;
                true
            }
            Some(Err(diagnostic)) => {
                self.refuse(expression, *diagnostic);
                true
            }
        }
    }

    /// Counts a handler that is asked; `false` where handlers ask for each other without end.
    pub(crate) fn enter_handler(&mut self, span: Span) -> bool {
        if self.nested_handlers >= NESTED_HANDLERS {
            let message = "a handler asks for its own call again and again";
            let hint = "the handler must transform parts of the call, not the call itself";
            self.report(Diagnostic::error(codes::EXTENSION, span, message).hint(hint));
            return false;
        }
        self.nested_handlers += 1;
        true
    }

    /// Works on what a handler answered.
    pub(crate) fn without_handlers(&mut self, work: impl FnOnce(&mut Self)) {
        let asked = std::mem::replace(&mut self.asks_handlers, false);
        work(self);
        self.asks_handlers = asked;
    }
}
