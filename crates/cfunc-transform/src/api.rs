//! What handlers are given.

use cfunc_context::{GlobalDefinition, TransformApi};
use cfunc_models::{AbiParameterId, Diagnostic, FunctionModel, VariableId};
use cfunc_sources::VariableModel;
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind};

use crate::transformer::{Role, Transformer};

impl TransformApi for Transformer<'_> {
    fn function(&self) -> &FunctionModel {
        &self.function
    }

    fn variable_of(&self, expression: &Expression) -> Option<(VariableId, &VariableModel)> {
        let ExpressionKind::Name { name, binding } = &expression.kind else { return None };
        let binding = if *binding == Binding::Unresolved { self.own_binding(name)? } else { *binding };
        if self.absent_in(binding).is_some() {
            return None;
        }
        match binding {
            Binding::Variable(id) => Some((id, self.variables.get(id))),
            Binding::Unresolved | Binding::Local(_) | Binding::Global(_) | Binding::Helper(_) => None,
        }
    }

    fn output(&self, position: u32) -> Option<VariableId> {
        self.variables.output(position).filter(|_| self.role == Role::Execute)
    }

    fn abi_parameter(&self, name: &str) -> Option<AbiParameterId> {
        // What the arrays tell of is there in EXECUTE alone, and for the node itself.
        (self.role == Role::Execute).then(|| self.scope.context().layout().lookup(name)).flatten()
    }

    fn definition_of(&self, expression: &Expression) -> Option<&GlobalDefinition> {
        self.global_of(expression).map(|id| self.scope.context().globals().get(id))
    }

    fn transform(&mut self, mut expression: Expression) -> Expression {
        self.expression(&mut expression);
        expression
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        Transformer::report(self, diagnostic);
    }
}
