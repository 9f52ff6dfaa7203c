//! `try`, `raise` and `assert`.

use cfunc_models::{Diagnostic, Span, codes};
use cfunc_syntax::ast::{ExceptHandler, Expression, ExpressionKind, Name, Statement};

use crate::transformer::{REPORTED, Transformer};

impl Transformer<'_> {
    /// Transforms the parts of a `try` in the order of the source.
    pub(crate) fn try_statement(
        &mut self,
        body: &mut Vec<Statement>,
        handlers: &mut [ExceptHandler],
        or_else: &mut Vec<Statement>,
        finally: &mut Vec<Statement>,
    ) {
        let followed = usize::from(!finally.is_empty());
        self.finally_depth += followed;
        self.in_place(body);
        handlers.iter_mut().for_each(|handler| self.handler(handler));
        self.in_place(or_else);
        self.finally_depth -= followed;
        self.inside_finally += followed;
        self.in_place(finally);
        self.inside_finally -= followed;
    }

    fn handler(&mut self, handler: &mut ExceptHandler) {
        if let Some(exception) = &mut handler.exception {
            self.expression(exception);
        }
        match &handler.name {
            Some(name) if self.is_state(name) => {
                let message = format!("the state `{name}` cannot hold an exception");
                let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, handler.span.head(), message);
                self.report(diagnostic.hint("use a name of its own after `as`"));
                self.in_place(&mut handler.body);
            }
            Some(name) => {
                self.exception_names.push(Name::clone(name));
                self.in_place(&mut handler.body);
                self.exception_names.pop();
            }
            None => self.in_place(&mut handler.body),
        }
    }

    /// What a `raise` raises: a class, a call of one, or the name after `as` of a clause around it.
    pub(crate) fn raised(&mut self, exception: &mut Expression) {
        match &mut exception.kind {
            ExpressionKind::Name { name, binding } if self.exception_names.contains(name) => {
                if let Some(own) = self.own_binding(name) {
                    *binding = own;
                }
            }
            ExpressionKind::Call { function, arguments, keywords } => {
                self.expression(function);
                arguments.iter_mut().for_each(|argument| self.expression(argument));
                keywords.iter_mut().for_each(|keyword| self.expression(&mut keyword.value));
                if function.kind == REPORTED {
                    exception.kind = REPORTED;
                }
            }
            _ => self.expression(exception),
        }
    }

    /// What is wrong with reading a name that holds an exception.
    pub(crate) fn exception_read(&self, name: &str, span: Span) -> Option<Diagnostic> {
        if !self.exception_names.iter().any(|known| **known == *name) {
            return None;
        }
        let message = format!("`{name}` is an exception, which a node can only raise again");
        let hint = "tell errors apart by clauses of their classes: `except KeyError:`";
        Some(Diagnostic::error(codes::NOT_A_VALUE, span, message).hint(hint))
    }
}
