//! Which functions of a module are nodes.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostics, TypeTable};
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition};

use crate::analyze::Analyzer;

/// Whether a function looks like a node rather than a helper.
///
/// It does with a single decorator (which one is the host's matter), or where its annotations are those of a node: an
/// input handler knows a parameter's or an output handler the return annotation, be it right or wrong. The bodies of
/// START and STOP (`@node.start`, `@node.stop`) are no nodes.
pub fn is_node(scope: &ModuleScope<'_>, definition: &FunctionDefinition) -> bool {
    if definition.decorators.iter().any(|decorator| is_lifecycle(scope, decorator)) {
        return false;
    }
    if definition.decorators.len() == 1 {
        return true;
    }
    // What handlers add to this table is of no use to anyone.
    let mut types = TypeTable::layer(scope.context().types());
    let mut analyzer = Analyzer { scope, types: &mut types, diagnostics: Diagnostics::new() };
    let output = definition.returns.as_ref().is_some_and(|annotation| !matches!(analyzer.output(annotation), Ok(None)));
    output
        || definition.parameters.iter().any(|parameter| {
            let annotation = parameter.annotation.as_ref();
            annotation.is_some_and(|annotation| !matches!(analyzer.input(parameter, annotation), Ok(None)))
        })
}

/// `name.start` or `name.stop`, where `name` is nothing registered or imported.
fn is_lifecycle(scope: &ModuleScope<'_>, decorator: &Expression) -> bool {
    match &decorator.kind {
        ExpressionKind::Attribute { value, attribute, .. } if matches!(&**attribute, "start" | "stop") => {
            matches!(&value.kind, ExpressionKind::Name { name, .. } if scope.lookup(name).is_none())
        }
        _ => false,
    }
}
