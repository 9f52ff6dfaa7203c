//! Expressions, transformed in place: the walk needs no more stack than the depth of the tree.

use cfunc_models::{Diagnostic, codes};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind};
use cfunc_syntax::dismantle;

use crate::transformer::{REPORTED, Role, Transformer};
use crate::unsupported::{DOUBLE_STARRED, refused_expression};

/// What a handler whose answer is refused so should do.
const ANSWER_HINT: &str = "the handler must take what it answers with from the `TransformApi` that it is given, whose `phase` is `None` in helpers";

/// Takes a tree apart that is nested too deeply. Apart from the walk, to keep its frames small.
#[cold]
#[inline(never)]
pub(crate) fn give_up(expression: &mut Expression) {
    let reported = Expression::new(expression.span, REPORTED);
    dismantle(std::mem::replace(expression, reported));
}

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
        if !self.descend(expression.span) {
            return give_up(expression);
        }
        self.refuse_misnamed(expression);
        match self.asked_expression(&expression.kind) {
            Some(node) if self.before_expression(node, expression) => {}
            Some(node) if !self.context().expression_handlers(node).after.is_empty() => {
                let original = expression.clone();
                self.expression_kind(expression);
                self.after_expression(node, &original, expression);
            }
            Some(_) | None => self.expression_kind(expression),
        }
        self.nesting -= 1;
    }

    /// Refuses a node of an answer that names what is none of this function.
    pub(crate) fn refuse_misnamed(&mut self, expression: &mut Expression) {
        if let Some(extension) = self.answering
            && let Some(what) = self.misnamed(expression)
        {
            let message = format!("a handler of `{extension}` answers with {what}");
            self.refuse(expression, Diagnostic::error(codes::EXTENSION, expression.span, message).hint(ANSWER_HINT));
        }
    }

    /// What is wrong with a node of an answer that names by number what is none of this function.
    fn misnamed(&self, expression: &Expression) -> Option<&'static str> {
        if let ExpressionKind::Name { binding, .. } = &expression.kind {
            let known = match binding {
                Binding::Local(id) => (id.0 as usize) < self.locals.len(),
                Binding::Global(id) => self.context().globals().contains(*id),
                Binding::Helper(id) => self.helpers.contains(*id),
                Binding::Unresolved | Binding::Variable(_) => true,
            };
            if !known {
                return Some("a name of another function");
            }
        }
        let of = (&self.function, &self.variables, self.role == Role::Helper);
        self.context().layout().misnamed(expression, of)
    }

    fn expression_kind(&mut self, expression: &mut Expression) {
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
            ExpressionKind::Sequence(sequence) => {
                if self.refuse_leaving(&sequence.statements) {
                    expression.kind = REPORTED;
                    return;
                }
                self.in_place(&mut sequence.statements);
                self.expression(&mut sequence.value);
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
        if self.array_element(expression) || self.keyed_element(expression) {
            return;
        }
        if let ExpressionKind::Subscript { value, index } = &mut expression.kind {
            self.expression(value);
            self.expression(index);
        }
    }

    fn call(&mut self, expression: &mut Expression) {
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
}
