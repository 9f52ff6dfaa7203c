//! Decorators that are nearly what means something.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostic, Diagnostics, Span, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition};
use cfunc_syntax::closest;

const PHASES: [&str; 2] = ["start", "stop"];

/// Warns of a function that is no node, under a decorator that is nearly the one that makes nodes. There is none where
/// the host named no decorator.
pub fn misspelled_decorator(scope: &ModuleScope<'_>, definition: &FunctionDefinition) -> Option<Diagnostic> {
    if scope.has_node_decorator(definition) != Some(false) {
        return None;
    }
    let wanted = scope.node_decorator()?;
    let last = wanted.rsplit('.').next().unwrap_or(wanted);
    definition.decorators.iter().find_map(|decorator| {
        let called = match &decorator.kind {
            ExpressionKind::Call { function, .. } => function,
            _ => decorator,
        };
        let name = match &called.kind {
            ExpressionKind::Name { name, .. } | ExpressionKind::Attribute { attribute: name, .. } => name,
            _ => return None,
        };
        closest(name, [last])?;
        let message = format!("`{}` is no node: its decorator is `{name}`, not `{last}`", definition.name);
        Some(Diagnostic::warning(codes::MISSPELLED_DECORATOR, called.span, message).hint(did_you_mean(last)))
    })
}

/// Warns of functions that are nearly the bodies of START and STOP of a node: `@node.strat`, `@nod.start`. A body that
/// stands before its node is an error, as it is in Python.
pub(crate) fn misspelled_bodies(
    scope: &ModuleScope<'_>,
    definition: &FunctionDefinition,
    diagnostics: &mut Diagnostics,
) {
    for function in scope.oddly_decorated() {
        for decorator in &function.decorators {
            if let Some(diagnostic) = misspelled_body(scope, definition, function, decorator) {
                diagnostics.push(diagnostic);
            }
        }
    }
}

fn misspelled_body(
    scope: &ModuleScope<'_>,
    node: &FunctionDefinition,
    function: &FunctionDefinition,
    decorator: &Expression,
) -> Option<Diagnostic> {
    let ExpressionKind::Attribute { value, attribute, .. } = &decorator.kind else { return None };
    let ExpressionKind::Name { name, .. } = &value.kind else { return None };
    let is_phase = PHASES.contains(&&**attribute);
    if is_phase && *name == node.name && function.name_span.start < node.name_span.start {
        let message = format!("`{name}.{attribute}` stands before `{name}`, which is not bound there");
        let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, decorator.span, message);
        return Some(diagnostic.note(node.name_span, "bound here").hint("move it below the node"));
    }
    let (near, span): (&str, Span) = if *name == node.name {
        (closest(attribute, PHASES)?, decorator.span)
    } else if is_phase && scope.lookup(name).is_none() {
        (closest(name, [&*node.name])?, value.span)
    } else {
        return None;
    };
    let message = format!("`{}` is run by no node: nothing is known of `{name}.{attribute}`", function.name);
    Some(Diagnostic::warning(codes::MISSPELLED_DECORATOR, span, message).hint(did_you_mean(near)))
}

fn did_you_mean(near: &str) -> String {
    format!("did you mean `{near}`?")
}
