//! Operators of literals and bound constants, evaluated as Python's compiler does it before anything runs.
//!
//! What the operators mean is asked of the registered folds, which module constants and defaults are evaluated by too.
//! Where they give an error, such as for a division by zero, the operation is left to be done at run time.

use cfunc_context::{FoldArguments, Operation};
use cfunc_models::{Diagnostic, Value, codes};
use cfunc_sources::VariableSource;
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, Intrinsic, UnaryOperator};
use cfunc_syntax::integer_range;

use crate::transformer::Transformer;

impl Transformer<'_> {
    /// Puts the value of an operation in its place, where its operands are known.
    pub(crate) fn fold(&mut self, expression: &mut Expression) {
        let (operation, operands, is_signed_literal) = match &expression.kind {
            ExpressionKind::Unary { operator, operand } if *operator != UnaryOperator::Not => {
                let is_literal = matches!(operand.kind, ExpressionKind::Constant(_));
                (Operation::Unary(*operator), vec![&**operand], is_literal)
            }
            ExpressionKind::Binary { operator, left, right } => {
                (Operation::Binary(*operator), vec![&**left, &**right], false)
            }
            _ => return self.parts_within_range(expression),
        };
        let values: Option<Vec<Value>> = operands.iter().map(|operand| self.known(operand).cloned()).collect();
        let folded = values.and_then(|values| {
            let arguments = FoldArguments { positional: &values, keywords: &[], exact: true };
            self.scope.fold(operation.id(), &arguments, expression.span)
        });
        let Some(value) = folded.filter(Value::is_literal) else {
            let is_foldable = self.scope.context().registry().is_foldable(operation.id());
            let too_large = |operand: &&Expression| self.known(operand).is_some_and(Value::is_too_large);
            if !is_foldable && operands.iter().any(too_large) {
                let message = format!("`{}` is not defined for ints beyond 64 bits", operation.name());
                let diagnostic = Diagnostic::error(codes::NO_RULE, expression.span, message);
                return self.refuse(expression, diagnostic.hint("write a number that fits into 64 bits"));
            }
            return self.parts_within_range(expression);
        };
        let constant = ExpressionKind::Constant(value);
        expression.kind = if is_signed_literal {
            constant
        } else {
            let operand = Expression::new(expression.span, constant);
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Folded, arguments: vec![operand] }
        };
    }

    /// The value of a literal or a bound constant, or of an operation that was evaluated.
    fn known<'a>(&'a self, expression: &'a Expression) -> Option<&'a Value> {
        let value = match &expression.kind {
            ExpressionKind::Constant(value) => value,
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Folded, arguments } => self.known(arguments.first()?)?,
            ExpressionKind::Name { binding: Binding::Variable(id), .. } => match &self.variables.get(*id).source {
                VariableSource::Constant(value) => value,
                _ => return None,
            },
            _ => return None,
        };
        value.is_literal().then_some(value)
    }

    fn parts_within_range(&mut self, expression: &mut Expression) {
        match &mut expression.kind {
            ExpressionKind::Unary { operand, .. } => self.within_range(operand),
            ExpressionKind::Binary { left, right, .. } => {
                self.within_range(left);
                self.within_range(right);
            }
            _ => {}
        }
    }

    /// Refuses an int that is known and beyond what a node holds.
    pub(crate) fn within_range(&mut self, expression: &mut Expression) {
        let is_constant = matches!(
            expression.kind,
            ExpressionKind::Constant(_) | ExpressionKind::Intrinsic { intrinsic: Intrinsic::Folded, .. }
        );
        if is_constant && self.known(expression).is_some_and(Value::is_too_large) {
            let diagnostic = integer_range(expression.span);
            self.refuse(expression, diagnostic);
        }
    }
}
