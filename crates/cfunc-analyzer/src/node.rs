//! Which functions of a module are nodes.

use cfunc_context::{ModuleScope, ScopeEntry};
use cfunc_models::TypeTable;
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition, Name};

use crate::analyze::Analyzer;

/// Whether a function looks like a node rather than a helper.
///
/// It does with a single decorator (which one is the host's matter), or where its annotations are those of a node: an
/// input handler knows a parameter's or an output handler the return annotation, be it right or wrong. The bodies of
/// START and STOP (`@node.start`, `@node.stop`) are no nodes.
pub fn is_node(scope: &ModuleScope<'_>, definition: &FunctionDefinition) -> bool {
    if definition.decorators.iter().any(|decorator| lifecycle_owner(scope, decorator).is_some()) {
        return false;
    }
    if definition.decorators.len() == 1 {
        return true;
    }
    // What handlers add to this table is of no use to anyone.
    let mut types = TypeTable::layer(scope.context().types());
    let mut analyzer = Analyzer::new(scope, &mut types);
    let output = definition.returns.as_ref().is_some_and(|annotation| !matches!(analyzer.output(annotation), Ok(None)));
    output
        || definition.parameters.iter().any(|parameter| {
            let annotation = parameter.annotation.as_ref();
            annotation.is_some_and(|annotation| !matches!(analyzer.input(parameter, annotation), Ok(None)))
        })
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
