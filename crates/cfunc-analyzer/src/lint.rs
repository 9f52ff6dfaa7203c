//! What is allowed and hardly meant.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostics, FunctionModel};
use cfunc_syntax::ast::FunctionDefinition;

use crate::decorators::misspelled_bodies;
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

/// Warnings about a plain function that is compiled for a host: statements that are never run.
pub fn lint_plain(definition: &FunctionDefinition) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    unreachable(&definition.body, &mut diagnostics);
    diagnostics.sort();
    diagnostics
}
