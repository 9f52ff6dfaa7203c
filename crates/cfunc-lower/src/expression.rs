//! Expressions.

use cfunc_context::{LowerError, Operand, Resolution};
use cfunc_infer::{Fallback, TypedExpression, TypedExpressionKind};
use cfunc_models::{NodeErrorKind, Type, Value};
use cfunc_syntax::ast::BooleanOperator;
use smallvec::SmallVec;

use crate::frame::Lowering;

impl Lowering<'_, '_> {
    /// Emits an expression.
    pub(crate) fn expression(&mut self, expression: &TypedExpression) -> Result<Operand, LowerError> {
        let outer = std::mem::replace(&mut self.span, expression.span);
        let operand = self.expression_kind(expression)?;
        self.span = outer;
        // What rules give was checked where they returned.
        if operand.ty != expression.ty {
            self.span = expression.span;
            let (expected, found) = (self.types.name(expression.ty), self.types.name(operand.ty));
            return Err(LowerError::new(format!("a value of type {found} where it is typed {expected}")));
        }
        Ok(operand)
    }

    fn expression_kind(&mut self, expression: &TypedExpression) -> Result<Operand, LowerError> {
        let ty = expression.ty;
        match &expression.kind {
            TypedExpressionKind::Constant(value) => self.rules().constant(ty, value),
            TypedExpressionKind::Slot(slot) => Ok(self.read_slot(*slot)),
            TypedExpressionKind::CheckedSlot { slot, local, fallback } => {
                let bound = self.is_bound(*local);
                match fallback {
                    Fallback::Error => {
                        let name = &self.function.slots[slot.0 as usize].name;
                        let message =
                            format!("cannot access local variable '{name}' where it is not associated with a value");
                        self.rules().guard(bound, NodeErrorKind::UnboundLocalError, &message);
                        let operand = self.read_slot(*slot);
                        self.cast(operand, ty)
                    }
                    Fallback::Value(below) => self.either(
                        bound,
                        ty,
                        |lowering| {
                            let operand = lowering.read_slot(*slot);
                            lowering.cast(operand, ty)
                        },
                        |lowering| lowering.expression(below),
                    ),
                }
            }
            TypedExpressionKind::Variable(variable) => self.load_variable(*variable),
            TypedExpressionKind::AbiElement { parameter, index } => self.load_abi_element(*parameter, *index, ty),
            TypedExpressionKind::AbiElementAt { parameter, first, length, index } => {
                let index = self.expression(index)?.only_value()?;
                self.load_abi_element_at(*parameter, (*first, *length), index, ty)
            }
            TypedExpressionKind::AbiParameter(parameter) => self.abi_value(*parameter, ty),
            TypedExpressionKind::InputAt { container, index } => {
                let index = self.expression(index)?.only_value()?;
                self.load_input_at(*container, index)
            }
            TypedExpressionKind::Call { resolution, arguments } => {
                let mut operands = self.operands(arguments)?;
                let mut constants: SmallVec<[Option<Value>; 3]> =
                    arguments.iter().map(|argument| argument.constant.clone()).collect();
                if let Some(arrangement) = &resolution.arrangement {
                    operands = arrangement.positions.iter().map(|position| operands[*position].clone()).collect();
                    constants = arrangement.positions.iter().map(|position| constants[*position].clone()).collect();
                }
                self.apply_known(resolution, &operands, &constants)
            }
            TypedExpressionKind::HelperCall { helper, arguments, positions } => {
                let operands = self.operands(arguments)?;
                let arranged: SmallVec<[Operand; 3]> =
                    positions.iter().map(|position| operands[*position].clone()).collect();
                self.call_helper(*helper, &arranged)
            }
            TypedExpressionKind::Cast(operand) => {
                let operand = self.expression(operand)?;
                self.cast(operand, ty)
            }
            TypedExpressionKind::ShortCircuit { operator, left, truth, right, edges } => {
                let left = self.expression(left)?;
                let holds = match truth {
                    Some(truth) => {
                        let tested = match truth.signature.parameters.first() {
                            Some(wanted) => self.cast(left.clone(), *wanted)?,
                            None => left.clone(),
                        };
                        self.apply(truth, &[tested])?.value()
                    }
                    None => left.value(),
                };
                let keep = move |lowering: &mut Self| {
                    edges.iter().try_for_each(|[kept, _]| lowering.edge(*kept))?;
                    lowering.cast(left, ty)
                };
                let go_on = |lowering: &mut Self| {
                    let operand = lowering.expression(right)?;
                    edges.iter().try_for_each(|[_, gone_on]| lowering.edge(*gone_on))?;
                    Ok(operand)
                };
                match operator {
                    BooleanOperator::And => self.either(holds, ty, go_on, keep),
                    BooleanOperator::Or => self.either(holds, ty, keep, go_on),
                }
            }
            TypedExpressionKind::Conditional { test, body, or_else, edges } => {
                let variables = self.result_variables(ty);
                let (taken, not_taken, join) =
                    (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
                self.condition(test, taken, not_taken)?;
                for (position, (block, value)) in [(taken, body), (not_taken, or_else)].into_iter().enumerate() {
                    self.builder.switch_to(block);
                    let operand = self.expression(value)?;
                    edges.iter().try_for_each(|edges| self.edge(edges[position]))?;
                    self.define_result(&variables, &operand)?;
                    self.builder.jump(join, &[]);
                }
                self.builder.switch_to(join);
                Ok(self.use_result(ty, &variables))
            }
            TypedExpressionKind::Comparisons { .. } => {
                let variables = self.result_variables(ty);
                let (holds, fails, join) =
                    (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
                self.condition(expression, holds, fails)?;
                for (block, value) in [(holds, true), (fails, false)] {
                    self.builder.switch_to(block);
                    let operand = Operand::scalar(Type::BOOLEAN, self.builder.boolean(value));
                    self.define_result(&variables, &operand)?;
                    self.builder.jump(join, &[]);
                }
                self.builder.switch_to(join);
                Ok(self.use_result(ty, &variables))
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.statements(statements)?;
                self.expression(value)
            }
            TypedExpressionKind::Not(operand) => {
                let value = self.expression(operand)?.value();
                Ok(Operand::scalar(ty, self.builder.logical_not(value)))
            }
        }
    }

    /// Values of arguments, all of them evaluated before one is converted, since a conversion may fail.
    fn operands(&mut self, arguments: &[TypedExpression]) -> Result<SmallVec<[Operand; 3]>, LowerError> {
        let mut operands = SmallVec::<[Operand; 3]>::new();
        for argument in arguments {
            operands.push(match &argument.kind {
                TypedExpressionKind::Cast(unconverted) => self.expression(unconverted)?,
                _ => self.expression(argument)?,
            });
        }
        for (operand, argument) in operands.iter_mut().zip(arguments) {
            if matches!(argument.kind, TypedExpressionKind::Cast(_)) {
                *operand = self.cast(operand.clone(), argument.ty)?;
            }
        }
        Ok(operands)
    }

    /// One of two values by an i8 condition; only the one is evaluated.
    fn either(
        &mut self,
        condition: cfunc_ir::Value,
        ty: Type,
        if_true: impl FnOnce(&mut Self) -> Result<Operand, LowerError>,
        if_false: impl FnOnce(&mut Self) -> Result<Operand, LowerError>,
    ) -> Result<Operand, LowerError> {
        let variables = self.result_variables(ty);
        let (taken, not_taken, join) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        self.builder.branch(condition, taken, not_taken);
        self.builder.switch_to(taken);
        let operand = if_true(self)?;
        self.define_result(&variables, &operand)?;
        self.builder.jump(join, &[]);
        self.builder.switch_to(not_taken);
        let operand = if_false(self)?;
        self.define_result(&variables, &operand)?;
        self.builder.jump(join, &[]);
        self.builder.switch_to(join);
        Ok(self.use_result(ty, &variables))
    }

    /// The operation that was resolved, on operands of its signature's types.
    pub(crate) fn apply(&mut self, resolution: &Resolution, operands: &[Operand]) -> Result<Operand, LowerError> {
        self.apply_known(resolution, operands, &[])
    }

    /// The operation that was resolved, with the values of operands that are known at compile time.
    fn apply_known(
        &mut self,
        resolution: &Resolution,
        operands: &[Operand],
        constants: &[Option<Value>],
    ) -> Result<Operand, LowerError> {
        let mut rules = self.rules();
        rules.attribute = resolution.attribute.as_deref();
        rules.constants = constants;
        rules.apply(resolution, operands)
    }

    /// A value of another type, by the registered conversion.
    pub(crate) fn cast(&mut self, operand: Operand, ty: Type) -> Result<Operand, LowerError> {
        self.rules().cast(operand, ty)
    }
}
