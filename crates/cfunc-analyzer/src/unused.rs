//! Inputs, constants and states that nothing reads.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostic, Diagnostics, FunctionModel, codes};
use cfunc_sources::CONSTANT_CATEGORY;
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition, Name, Statement, StatementKind};
use cfunc_syntax::visit::{Visitor, walk_expression, walk_statement, walk_statements};
use foldhash::HashSet;

use crate::states::state_annotation;

/// Warns of what a function declares and nothing reads. A name that begins with `_` says that this is meant.
///
/// The bodies of START and STOP of the same node, which see its states and constants, are looked into as well.
pub(crate) fn unused(
    scope: &ModuleScope<'_>,
    definition: &FunctionDefinition,
    function: &FunctionModel,
    diagnostics: &mut Diagnostics,
) {
    let mut names = Names { scope, read: HashSet::default(), written: HashSet::default() };
    walk_statements(&mut names, &definition.body);
    // Of the module and of a host; looking at all functions for each would make files slower than they are long.
    for body in scope.lifecycle_functions().iter().filter(|body| body.node == definition.name) {
        walk_statements(&mut names, &body.definition.body);
    }
    let Names { read, written, .. } = names;
    let is_meant = |name: &Name| name.starts_with('_') || read.contains(name);
    // The arrays of the ABI tell of inputs by their positions.
    let reads_arrays = read.iter().any(|name| scope.context().layout().lookup(name).is_some());
    for parameter in function.parameters.iter().filter(|parameter| !is_meant(&parameter.name)) {
        let name = &parameter.name;
        let diagnostic = if *parameter.category == *CONSTANT_CATEGORY {
            Diagnostic::warning(codes::UNUSED_CONSTANT, parameter.span, format!("the constant `{name}` is never read"))
                .hint(format!("leave it out, or call it `_{name}` if a host binds it all the same"))
        } else if reads_arrays {
            continue;
        } else {
            Diagnostic::warning(codes::UNUSED_INPUT, parameter.span, format!("the input `{name}` is never read"))
                .hint(format!("leave it out, or call it `_{name}` if its ticks alone are wanted"))
        };
        diagnostics.push(diagnostic);
    }
    for state in function.states.iter().filter(|state| !is_meant(&state.name)) {
        let name = &state.name;
        let what = if written.contains(name) { "assigned, but never read" } else { "never used" };
        let diagnostic = Diagnostic::warning(codes::UNUSED_STATE, state.span, format!("the state `{name}` is {what}"));
        diagnostics.push(
            diagnostic.hint(format!("leave it out, or call it `_{name}` if the host reads it between the ticks")),
        );
    }
}

/// Collects the names that are read and those that are assigned.
struct Names<'a, 'scope> {
    scope: &'a ModuleScope<'scope>,
    read: HashSet<Name>,
    written: HashSet<Name>,
}

impl Names<'_, '_> {
    fn target(&mut self, target: &Expression) {
        match &target.kind {
            ExpressionKind::Name { name, .. } => {
                self.written.insert(Name::clone(name));
            }
            ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
                elements.iter().for_each(|element| self.target(element));
            }
            ExpressionKind::Starred(inner) => self.target(inner),
            _ => self.expression(target),
        }
    }
}

impl Visitor for Names<'_, '_> {
    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::Assign { targets, value } => {
                targets.iter().for_each(|target| self.target(target));
                self.expression(value);
            }
            StatementKind::AnnotatedAssign { target, annotation, value } => {
                // The declaration of a state has no effect at run time.
                if state_annotation(self.scope, annotation).is_none() {
                    self.target(target);
                }
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            StatementKind::For { target, iterable, body, or_else } => {
                self.target(target);
                self.expression(iterable);
                walk_statements(self, body);
                walk_statements(self, or_else);
            }
            _ => walk_statement(self, statement),
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Name { name, .. } => {
                self.read.insert(Name::clone(name));
            }
            ExpressionKind::Walrus { target, value } => {
                self.target(target);
                self.expression(value);
            }
            _ => walk_expression(self, expression),
        }
    }
}
