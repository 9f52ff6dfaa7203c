//! Constants of owned types: shared static data, or a value of the call's own where the function may change it.

use std::collections::BTreeSet;

use cfunc_context::{LowerError, Registry};
use cfunc_infer::{Fallback, TypedExpression, TypedExpressionKind, TypedStatement};
use cfunc_models::{Representation, Type, TypeTable, VariableId};
use cfunc_sources::{VariableSource, Variables};

use crate::frame::Lowering;

impl Lowering<'_, '_> {
    /// Makes the values of constants that the body may change, before anything of it runs: every name for one of them
    /// sees the changes of this call, and the constant stays what it is.
    pub(crate) fn copy_constants(&mut self, body: &[TypedStatement]) -> Result<(), LowerError> {
        let (function, context) = (self.function, self.context);
        let mut finder = Finder {
            variables: &function.variables,
            registry: context.registry(),
            types: self.types,
            changed: BTreeSet::new(),
        };
        finder.statements(body);
        for variable in finder.changed {
            let model = function.variables.get(variable);
            let VariableSource::Constant(value) = &model.source else { continue };
            let Some((copy, rule)) = context.registry().constant_copy(self.types, model.ty) else { continue };
            let constant = self.rules().constant(model.ty, value)?;
            let mark = self.owned.mark();
            let mut rules = self.rules();
            let made = rules.within_rule(rule, |rules| copy(rules, &constant))?;
            rules.in_rule = true;
            let taken = rules.take(&made)?;
            let own = self.builder.declare_variable(Representation::Pointer);
            self.builder.define_variable(own, taken.value());
            self.lasting.push(own);
            self.owned.note_lasting(own, model.ty);
            self.own_constants.insert(variable, own);
            self.end_statement(mark)?;
        }
        Ok(())
    }
}

/// Finds constants of owned types that are used otherwise than by what reads only.
struct Finder<'a> {
    variables: &'a Variables,
    registry: &'a Registry,
    types: &'a TypeTable,
    changed: BTreeSet<VariableId>,
}

impl Finder<'_> {
    fn statements(&mut self, statements: &[TypedStatement]) {
        for statement in statements {
            statement.value().into_iter().for_each(|value| self.kept(value));
            statement.blocks().into_iter().for_each(|block| self.statements(block));
        }
    }

    fn constant(&self, expression: &TypedExpression) -> Option<VariableId> {
        match expression.kind {
            TypedExpressionKind::Variable(variable) => {
                let model = self.variables.get(variable);
                let is_one = matches!(model.source, VariableSource::Constant(_))
                    && self.registry.constant_copy(self.types, model.ty).is_some();
                is_one.then_some(variable)
            }
            _ => None,
        }
    }

    /// An operand of what only reads.
    fn read(&mut self, expression: &TypedExpression) {
        if self.constant(expression).is_none() {
            self.kept(expression);
        }
    }

    /// An expression whose value may be changed or kept.
    fn kept(&mut self, expression: &TypedExpression) {
        if let Some(variable) = self.constant(expression) {
            self.changed.insert(variable);
            return;
        }
        match &expression.kind {
            TypedExpressionKind::Constant(_)
            | TypedExpressionKind::Slot(_)
            | TypedExpressionKind::Variable(_)
            | TypedExpressionKind::AbiElement { .. }
            | TypedExpressionKind::AbiParameter(_) => {}
            TypedExpressionKind::AbiElementAt { index, .. } | TypedExpressionKind::InputAt { index, .. } => {
                self.kept(index);
            }
            TypedExpressionKind::CheckedSlot { fallback, .. } => {
                if let Fallback::Value(below) = fallback {
                    self.kept(below);
                }
            }
            TypedExpressionKind::Call { resolution, arguments } => {
                let reads = resolution.callable.is_some_and(|callable| self.registry.is_reader(callable));
                for argument in arguments {
                    if reads { self.read(argument) } else { self.kept(argument) }
                }
            }
            // A helper may change what it is given.
            TypedExpressionKind::HelperCall { arguments, .. } => {
                arguments.iter().for_each(|argument| self.kept(argument));
            }
            TypedExpressionKind::Cast(operand) => self.kept(operand),
            TypedExpressionKind::ShortCircuit { left, right, .. } => {
                let truth = expression.ty == Type::BOOLEAN;
                for operand in [left, right] {
                    if truth { self.read(operand) } else { self.kept(operand) }
                }
            }
            TypedExpressionKind::Conditional { test, body, or_else, .. } => {
                [test, body, or_else].into_iter().for_each(|part| self.kept(part));
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.statements(statements);
                self.kept(value);
            }
            TypedExpressionKind::Comparisons { first, rest } => {
                self.read(first);
                rest.iter().for_each(|comparison| self.read(&comparison.right));
            }
            TypedExpressionKind::Not(operand) => self.read(operand),
        }
    }
}
