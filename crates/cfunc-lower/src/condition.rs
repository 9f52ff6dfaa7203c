//! Truth values that only choose a way: jumps instead of values.

use cfunc_context::{LowerError, Operand};
use cfunc_infer::{Comparison, TypedExpression, TypedExpressionKind};
use cfunc_ir::{Block, Value};
use cfunc_models::{Type, Value as Constant};
use cfunc_syntax::ast::BooleanOperator;

use crate::frame::Lowering;

impl Lowering<'_, '_> {
    /// Goes on with one of two blocks by a truth value.
    pub(crate) fn condition(
        &mut self,
        test: &TypedExpression,
        if_true: Block,
        if_false: Block,
    ) -> Result<(), LowerError> {
        match &test.kind {
            TypedExpressionKind::Constant(Constant::Boolean(value)) => {
                self.builder.jump(if *value { if_true } else { if_false }, &[]);
                Ok(())
            }
            TypedExpressionKind::Not(operand) => self.condition(operand, if_false, if_true),
            TypedExpressionKind::ShortCircuit { operator, left, right, edges: None, .. }
                if test.ty == Type::BOOLEAN =>
            {
                // Of a truth value, the left operand is one too.
                if left.ty != Type::BOOLEAN {
                    return self.condition_by_value(test, if_true, if_false);
                }
                let next = self.builder.create_block();
                match operator {
                    BooleanOperator::And => self.condition(left, next, if_false)?,
                    BooleanOperator::Or => self.condition(left, if_true, next)?,
                }
                self.builder.switch_to(next);
                self.condition(right, if_true, if_false)
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.statements(statements)?;
                self.condition(value, if_true, if_false)
            }
            TypedExpressionKind::Comparisons { first, rest } => {
                let operand = self.expression(first)?;
                self.comparisons(operand, rest, if_true, if_false)
            }
            _ => self.condition_by_value(test, if_true, if_false),
        }
    }

    fn condition_by_value(
        &mut self,
        test: &TypedExpression,
        if_true: Block,
        if_false: Block,
    ) -> Result<(), LowerError> {
        let value = self.expression(test)?.value();
        self.builder.branch(value, if_true, if_false);
        Ok(())
    }

    /// Comparisons one after the other, each operand evaluated once and only while all before hold.
    pub(crate) fn comparisons(
        &mut self,
        first: Operand,
        rest: &[Comparison],
        if_true: Block,
        if_false: Block,
    ) -> Result<(), LowerError> {
        let mut left = first;
        for (position, comparison) in rest.iter().enumerate() {
            let right = self.expression(&comparison.right)?;
            let holds = self.compare(comparison, left, right.clone())?;
            let last = position + 1 == rest.len();
            let next = if last { if_true } else { self.builder.create_block() };
            if comparison.negated {
                self.builder.branch(holds, if_false, next);
            } else {
                self.builder.branch(holds, next, if_false);
            }
            if !last {
                self.builder.switch_to(next);
            }
            left = right;
        }
        Ok(())
    }

    fn compare(&mut self, comparison: &Comparison, left: Operand, right: Operand) -> Result<Value, LowerError> {
        let operands = if comparison.swapped { [right, left] } else { [left, right] };
        let mut arguments = smallvec::SmallVec::<[Operand; 3]>::new();
        for (operand, ty) in operands.into_iter().zip(&comparison.resolution.signature.parameters) {
            arguments.push(self.cast(operand, *ty)?);
        }
        let result = self.apply(&comparison.resolution, &arguments)?;
        if result.ty != Type::BOOLEAN {
            return Err(LowerError::new("a comparison in a chain does not give a truth value"));
        }
        Ok(result.value())
    }
}
