//! What handlers are given.

use std::sync::Arc;

use cfunc_context::{CompilationContext, GlobalDefinition, InputReference, TransformApi, fold_constant};
use cfunc_models::{
    AbiParameterId, Diagnostic, FunctionModel, LifecyclePhase, Span, Type, TypeTable, Value, VariableId,
};
use cfunc_sources::{CONSTANT_CATEGORY, InitFilter, KeyedInputs, VariableModel, VariableSource, Variables};
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, GlobalId, Name, Statement};
use cfunc_syntax::{builders, is_too_deep};

use crate::transformer::{Role, Transformer};

impl TransformApi for Transformer<'_> {
    fn function(&self) -> &FunctionModel {
        &self.function
    }

    fn types(&self) -> &TypeTable {
        self.types
    }

    fn context(&self) -> &CompilationContext {
        self.scope.context()
    }

    fn phase(&self) -> Option<LifecyclePhase> {
        match self.role {
            Role::Execute => Some(LifecyclePhase::Execute),
            Role::Lifecycle(phase) => Some(phase),
            Role::Helper => None,
        }
    }

    fn variables(&self) -> &Variables {
        &self.variables
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

    fn container_of(&self, expression: &Expression) -> Option<&KeyedInputs> {
        self.container(expression).map(|(_, keyed)| keyed)
    }

    fn input_of<'e>(&self, expression: &'e Expression) -> Option<InputReference<'e>> {
        self.input_reference(expression)
    }

    fn output(&self, position: u32) -> Option<VariableId> {
        self.variables.output(position).filter(|_| self.role == Role::Execute)
    }

    fn abi_parameter(&self, name: &str) -> Option<AbiParameterId> {
        let layout = self.scope.context().layout();
        let parameter = layout.lookup(name)?;
        let is_there = match self.role {
            Role::Execute => true,
            Role::Lifecycle(_) => {
                layout.category_of(parameter).is_some_and(|owner| owner.init_filter() == InitFilter::Always)
            }
            // A helper is a function of its own, which is not given what the node is given.
            Role::Helper => false,
        };
        is_there.then_some(parameter)
    }

    fn definition_of(&self, expression: &Expression) -> Option<&GlobalDefinition> {
        self.global_of(expression).map(|id| self.scope.context().globals().get(id))
    }

    fn value_of(&self, expression: &Expression) -> Option<Value> {
        if is_too_deep(expression) {
            return None;
        }
        if let ExpressionKind::Name { name, binding } = &expression.kind {
            let binding = if *binding == Binding::Unresolved { self.own_binding(name) } else { Some(*binding) };
            match binding {
                Some(Binding::Variable(id)) => {
                    return match &self.variables.get(id).source {
                        VariableSource::Constant(value) => Some(value.clone()),
                        _ => None,
                    };
                }
                Some(Binding::Local(_)) => return None,
                _ => {}
            }
        }
        // Names of the function hide those of the module.
        let mut hidden = Hidden { transformer: self, found: false };
        cfunc_syntax::visit::Visitor::expression(&mut hidden, expression);
        if hidden.found {
            return None;
        }
        fold_constant(self.scope, expression)?.ok()
    }

    fn registered(&self, id: GlobalId, span: Span) -> Expression {
        builders::bound_name(span, self.scope.context().globals().get(id).name.as_str(), Binding::Global(id))
    }

    fn registered_name(&self, path: &str, span: Span) -> Option<Expression> {
        let id = self.scope.context().globals().lookup_path(path)?;
        Some(self.registered(id, span))
    }

    fn new_local(&mut self, hint: &str, span: Span) -> Expression {
        let mut name: Name = format!("_{hint}").into();
        let mut number = 1;
        while self.own_binding(&name).is_some() || self.is_module_name(&name) {
            name = format!("_{hint}_{number}").into();
            number += 1;
        }
        let local = self.add_local(Arc::clone(&name), None);
        builders::bound_name(span, name, Binding::Local(local))
    }

    fn new_variable(&mut self, name: &str, ty: Type, source: VariableSource) -> VariableId {
        let owner = source.parameter().and_then(|parameter| self.scope.context().layout().category_of(parameter));
        let (category, init_filter) = match owner {
            Some(owner) => (owner.id().into(), owner.init_filter()),
            None => (CONSTANT_CATEGORY.into(), InitFilter::Always),
        };
        self.variables.add_unnamed(VariableModel { name: name.into(), ty, category, source, init_filter })
    }

    fn variable(&self, variable: VariableId, span: Span) -> Expression {
        builders::bound_name(span, Arc::clone(&self.variables.get(variable).name), Binding::Variable(variable))
    }

    fn transform(&mut self, mut expression: Expression) -> Expression {
        let asked = std::mem::replace(&mut self.asks_handlers, true);
        self.expression(&mut expression);
        self.asks_handlers = asked;
        expression
    }

    fn transform_statements(&mut self, statements: Vec<Statement>) -> Vec<Statement> {
        let asked = std::mem::replace(&mut self.asks_handlers, true);
        let transformed = self.block(statements);
        self.asks_handlers = asked;
        transformed
    }

    fn report(&mut self, diagnostic: Diagnostic) {
        Transformer::report(self, diagnostic);
    }
}

/// Whether an expression names something of the function.
struct Hidden<'a, 'b> {
    transformer: &'a Transformer<'b>,
    found: bool,
}

impl cfunc_syntax::visit::Visitor for Hidden<'_, '_> {
    fn expression(&mut self, expression: &Expression) {
        if let ExpressionKind::Name { name, .. } = &expression.kind {
            self.found |= self.transformer.own_binding(name).is_some();
        }
        cfunc_syntax::visit::walk_expression(self, expression);
    }
}
