//! What is allowed and hardly meant.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostics, FunctionModel};
use cfunc_syntax::ast::FunctionDefinition;

use crate::unreachable::unreachable;
use crate::unused::unused;

/// Warnings about a function without errors: what it declares and does not use, statements that are never run. `function`
/// is what [`analyze`](crate::analyze()) made of it.
pub fn lint(scope: &ModuleScope<'_>, definition: &FunctionDefinition, function: &FunctionModel) -> Diagnostics {
    let mut diagnostics = Diagnostics::new();
    unused(scope, definition, function, &mut diagnostics);
    unreachable(&definition.body, &mut diagnostics);
    diagnostics.sort();
    diagnostics
}
