//! `return`: values to outputs.

use std::sync::Arc;

use cfunc_models::{Diagnostic, Span, Value, codes};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, LocalId, Name, Statement};
use cfunc_syntax::builders;

use crate::transformer::{Role, Transformer};

impl Transformer<'_> {
    /// Stores what is returned, then returns without a value. A None in a place leaves that output as it is.
    pub(crate) fn returned(&mut self, value: Option<Expression>, span: Span, result: &mut Vec<Statement>) {
        match self.role {
            Role::Execute => {}
            Role::Lifecycle(_) => return self.returned_in_lifecycle(value, span, result),
            Role::Helper => {
                let value = value.map(|mut value| {
                    self.expression(&mut value);
                    value
                });
                result.push(builders::return_statement(span, value));
                return;
            }
        }
        if let Some(value) = value {
            if self.function.reported.outputs {
                // Whether it fits is not known; what is wrong inside of it is.
                let values = match value.kind {
                    ExpressionKind::Tuple(values) => values,
                    _ => vec![value],
                };
                for mut value in values {
                    self.expression(&mut value);
                    result.push(builders::expression_statement(value));
                }
                result.push(builders::return_statement(span, None));
                return;
            }
            match value.kind {
                ExpressionKind::Tuple(values) => self.several(values, value.span, result),
                _ => self.single(value, result),
            }
        }
        result.push(builders::return_statement(span, None));
    }

    fn single(&mut self, mut value: Expression, result: &mut Vec<Statement>) {
        let outputs = self.function.outputs.len();
        if is_none(&value) {
            return;
        }
        if outputs > 1 {
            self.fewer(1, value.span);
        }
        self.expression(&mut value);
        match self.variables.output(0) {
            Some(output) => result.push(builders::store_output(value.span, output, value)),
            None => self.more(1, value.span),
        }
    }

    fn several(&mut self, mut values: Vec<Expression>, span: Span, result: &mut Vec<Statement>) {
        values.iter_mut().for_each(|value| self.expression(value));
        let outputs = self.function.outputs.len();
        if values.len() > outputs || values.is_empty() {
            return self.more(values.len(), span);
        }
        if values.len() < outputs {
            self.fewer(values.len(), span);
        }
        // All are evaluated before the first is stored: an error in one leaves every output as it was.
        let mut stores = Vec::new();
        for (position, value) in (0u32..).zip(values) {
            let Some(output) = self.variables.output(position).filter(|_| !is_none(&value)) else { continue };
            let span = value.span;
            let stored = if matches!(value.kind, ExpressionKind::Constant(_)) {
                value
            } else {
                let local = self.returned_local(position as usize);
                let name = Arc::clone(&self.locals[local.0 as usize].name);
                let target = builders::bound_name(span, name, Binding::Local(local));
                result.push(builders::assign(span, target.clone(), value));
                target
            };
            stores.push(builders::store_output(span, output, stored));
        }
        result.extend(stores);
    }

    /// The local that holds the returned value of a position until all are evaluated.
    fn returned_local(&mut self, position: usize) -> LocalId {
        while self.returned.len() <= position {
            let mut name: Name = format!("_return_{}", self.returned.len()).into();
            while self.own_binding(&name).is_some() {
                name = format!("_{name}").into();
            }
            let local = self.add_local(name, None);
            self.returned.push(local);
        }
        self.returned[position]
    }

    fn fewer(&mut self, values: usize, span: Span) {
        let message = format!("{} for {}", count(values, "value"), count(self.function.outputs.len(), "output"));
        let diagnostic = Diagnostic::warning(codes::FEWER_OUTPUTS, span, message);
        self.report(diagnostic.hint("outputs without a value do not tick; write None for them"));
    }

    fn more(&mut self, values: usize, span: Span) {
        let outputs = self.function.outputs.len();
        let message = format!("{} returned for {}", count(values, "value"), count(outputs, "output"));
        let diagnostic = Diagnostic::error(codes::OUTPUT_COUNT, span, message);
        self.report(match outputs {
            0 => diagnostic.hint("the function has no outputs: use `return` alone"),
            _ => diagnostic
                .expected(format!("at most {}", count(outputs, "value")))
                .hint("return one value for each output, or declare more outputs"),
        });
    }
}

fn is_none(expression: &Expression) -> bool {
    matches!(expression.kind, ExpressionKind::Constant(Value::None))
}

fn count(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("one {what}"),
        _ => format!("{number} {what}s"),
    }
}
