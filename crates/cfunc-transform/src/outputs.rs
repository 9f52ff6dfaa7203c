//! `return`: values to outputs.

use std::sync::Arc;

use cfunc_models::{Diagnostic, Span, Value, codes};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, Intrinsic, LocalId, Name, Statement, StatementKind};
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
                    // What `finally` does comes after the value.
                    if self.finally_depth == 0 { value } else { self.evaluated(0, value, result) }
                });
                result.push(builders::return_statement(span, value));
                return;
            }
        }
        let mut stores = Vec::new();
        if let Some(mut value) = value {
            if is_lowered(&value) {
                // What became of a `return` was given to a handler.
                self.expression(&mut value);
                result.push(builders::return_statement(span, Some(value)));
                return;
            }
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
                ExpressionKind::Tuple(values)
                    if values.iter().all(|value| !matches!(value.kind, ExpressionKind::Starred(_))) =>
                {
                    self.several(values, value.span, result, &mut stores);
                }
                _ => self.single(value, result, &mut stores),
            }
        }
        if self.finally_depth == 0 {
            result.append(&mut stores);
        }
        // What follows may still drop the return, or write outputs itself.
        let stores: Vec<Expression> = stores.into_iter().filter_map(stored_expression).collect();
        let is_deferred = !stores.is_empty();
        let deferred = is_deferred.then(|| builders::tuple(span, stores));
        result.push(builders::return_statement(span, deferred));
    }

    fn single(&mut self, mut value: Expression, result: &mut Vec<Statement>, stores: &mut Vec<Statement>) {
        if is_none(&value) {
            return;
        }
        self.expression(&mut value);
        if self.function.outputs.is_empty() {
            return self.more(1, value.span);
        }
        // How many values it is, and if it may be None, is a matter of its type.
        let value = if self.finally_depth == 0 { value } else { self.evaluated(0, value, result) };
        stores.push(builders::store_outputs(value.span, value));
    }

    fn several(
        &mut self,
        mut values: Vec<Expression>,
        span: Span,
        result: &mut Vec<Statement>,
        stores: &mut Vec<Statement>,
    ) {
        values.iter_mut().for_each(|value| self.expression(value));
        let outputs = self.function.outputs.len();
        if values.len() > outputs || values.is_empty() {
            return self.more(values.len(), span);
        }
        if values.len() < outputs {
            self.fewer(values.len(), span);
        }
        // All are evaluated before the first is stored: an error in one leaves every output as it was.
        for (position, value) in (0u32..).zip(values) {
            let Some(output) = self.variables.output(position).filter(|_| !is_none(&value)) else { continue };
            let stored = self.evaluated(position as usize, value, result);
            stores.push(builders::store_output(stored.span, output, stored));
        }
    }

    /// A returned value as it is now: a constant, or the local that it is kept in until it is stored.
    fn evaluated(&mut self, position: usize, value: Expression, result: &mut Vec<Statement>) -> Expression {
        if matches!(value.kind, ExpressionKind::Constant(_)) {
            return value;
        }
        let span = value.span;
        // Inside of a `finally`, a value returned before it may still be kept.
        let local = self.returned_local(position + self.inside_finally * self.function.outputs.len().max(1));
        let name = Arc::clone(&self.locals[local.0 as usize].name);
        let target = builders::bound_name(span, name, Binding::Local(local));
        result.push(builders::assign(span, target.clone(), value));
        target
    }

    /// The local that holds the returned value of a position until all are evaluated.
    fn returned_local(&mut self, position: usize) -> LocalId {
        while self.returned.len() <= position {
            let mut name: Name = format!("_return_{}", self.returned.len()).into();
            while self.own_binding(&name).is_some() {
                name = format!("_{name}").into();
            }
            let local = self.add_local(name, None);
            self.locals[local.0 as usize].passes_on = true;
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

/// The expression of a statement that stores an output.
fn stored_expression(statement: Statement) -> Option<Expression> {
    match statement.kind {
        StatementKind::Expression(expression) => Some(expression),
        _ => None,
    }
}

/// Whether it is what a `return` that is followed by a `finally` stores when it leaves the function.
fn is_lowered(value: &Expression) -> bool {
    let is_store = |value: &Expression| {
        let ExpressionKind::Intrinsic { intrinsic, .. } = &value.kind else { return false };
        matches!(intrinsic, Intrinsic::StoreOutput { .. } | Intrinsic::StoreOutputs)
    };
    matches!(&value.kind, ExpressionKind::Tuple(stores) if !stores.is_empty() && stores.iter().all(is_store))
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
