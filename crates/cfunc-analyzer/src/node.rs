//! Which functions of a module are nodes.

use cfunc_context::{Bindings, ModuleScope, ScopeEntry};
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition, Name};

use crate::analyze::Analyzer;

/// Whether a function looks like a node rather than a helper.
///
/// It does where it has the decorator that the host named. Where the host named none, it does where its annotations are
/// those of a node: an input handler knows a parameter's or an output handler the return annotation, be it right or
/// wrong. Under a single decorator annotations with brackets that mean nothing here count too: those of a node are
/// misspelled, or of an extension that is not there. The bodies of START and STOP (`@node.start`, `@node.stop`) are no
/// nodes.
pub fn is_node(scope: &ModuleScope<'_>, definition: &FunctionDefinition) -> bool {
    if definition.decorators.iter().any(|decorator| lifecycle_owner(scope, decorator).is_some()) {
        return false;
    }
    if let Some(is_node) = scope.has_node_decorator(definition) {
        return is_node;
    }
    let annotations = || {
        let parameters = definition.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
        parameters.chain(&definition.returns)
    };
    if definition.decorators.len() == 1 && annotations().any(|annotation| means_nothing(scope, annotation)) {
        return true;
    }
    // What handlers add to this table is of no use to anyone.
    let mut types = scope.types().clone();
    let bindings = Bindings::unbound();
    let mut analyzer = Analyzer::new(scope, &mut types, definition, &bindings);
    let output = definition.returns.as_ref().is_some_and(|annotation| !matches!(analyzer.output(annotation), Ok(None)));
    output
        || definition.parameters.iter().any(|parameter| {
            let annotation = parameter.annotation.as_ref();
            annotation.is_some_and(|annotation| !matches!(analyzer.input(parameter, annotation), Ok(None)))
        })
}

/// Whether an annotation is `X[…]` of an X that is nothing registered.
fn means_nothing(scope: &ModuleScope<'_>, annotation: &Expression) -> bool {
    match &annotation.kind {
        ExpressionKind::Subscript { value, .. } => scope.definition_of(value).is_none(),
        _ => false,
    }
}

/// The node of `name.start` or `name.stop`, where `name` is nothing registered or imported.
pub(crate) fn lifecycle_owner<'a>(scope: &ModuleScope<'_>, decorator: &'a Expression) -> Option<&'a Name> {
    match &decorator.kind {
        ExpressionKind::Attribute { value, attribute, .. } if matches!(&**attribute, "start" | "stop") => {
            let is_free = |name: &str| matches!(scope.lookup(name), None | Some(ScopeEntry::Module(_)));
            match &value.kind {
                ExpressionKind::Name { name, .. } if is_free(name) => Some(name),
                _ => None,
            }
        }
        _ => None,
    }
}
