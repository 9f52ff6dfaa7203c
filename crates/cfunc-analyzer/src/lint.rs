//! What is allowed and hardly meant.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostics, FunctionModel};
use cfunc_syntax::ast::FunctionDefinition;

use crate::decorators::misspelled_bodies;
use crate::unknown::misspelled_annotation;
use crate::unreachable::unreachable;
use crate::unused::unused;

/// Warnings about a function without errors: what it declares and does not use, statements that are never run,
/// bodies of START and STOP that are not its own. `function` is what [`analyze`](crate::analyze()) made of it.
pub fn lint(scope: &ModuleScope<'_>, definition: &FunctionDefinition, function: &FunctionModel) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    unused(scope, definition, function, &mut diagnostics);
    unreachable(&definition.body, &mut diagnostics);
    misspelled_bodies(scope, definition, &mut diagnostics);
    diagnostics.sort();
    diagnostics
}

/// Warnings about a plain function that is compiled for a host: statements that are never run, annotations that are nearly
/// types.
pub fn lint_plain(scope: &ModuleScope<'_>, definition: &FunctionDefinition) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    let parameters = definition.parameters.iter().filter_map(|parameter| {
        misspelled_annotation(scope, parameter.annotation.as_ref()?, &format!("the parameter `{}`", parameter.name))
    });
    parameters.for_each(|found| diagnostics.push(found));
    if let Some(found) =
        definition.returns.as_ref().and_then(|one| misspelled_annotation(scope, one, "what is returned"))
    {
        diagnostics.push(found);
    }
    unreachable(&definition.body, &mut diagnostics);
    diagnostics.sort();
    diagnostics
}
