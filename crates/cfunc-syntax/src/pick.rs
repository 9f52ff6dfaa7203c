//! Which function of a module is meant.

use cfunc_models::{Diagnostic, Diagnostics, Span, codes};

use crate::ast::{FunctionDefinition, Module, StatementKind};
use crate::suggest::closest;

/// The functions defined at module level, in order; `async def` included.
pub fn functions(module: &Module) -> impl Iterator<Item = &FunctionDefinition> {
    module.body.iter().filter_map(|statement| match &statement.kind {
        StatementKind::FunctionDefinition(function) => Some(&**function),
        _ => None,
    })
}

/// The function called `name`, or without a name the only one. Of several with one name the last counts, as in
/// Python.
///
/// # Errors
///
/// [`codes::FUNCTION_NOT_FOUND`] with the names there are.
pub fn pick<'a>(module: &'a Module, name: Option<&str>) -> Result<&'a FunctionDefinition, Diagnostics> {
    match name {
        Some(name) => functions(module)
            .filter(|function| &*function.name == name)
            .last()
            .ok_or_else(|| not_found(module, name).into()),
        None => only_function(module),
    }
}

fn only_function(module: &Module) -> Result<&FunctionDefinition, Diagnostics> {
    let names = distinct_names(module);
    let mut last = functions(module).collect::<Vec<_>>();
    match (last.pop(), names.len()) {
        (Some(function), 1) => Ok(function),
        (Some(function), _) => Err(Diagnostic::error(
            codes::FUNCTION_NOT_FOUND,
            function.name_span,
            format!("the source defines {} functions", names.len()),
        )
        .expected("the name of the function to compile")
        .hint(format!("name one of {}", list(&names)))
        .into()),
        (None, _) => Err(no_function().into()),
    }
}

fn not_found(module: &Module, name: &str) -> Diagnostic {
    let names = distinct_names(module);
    if names.is_empty() {
        return no_function();
    }
    let diagnostic = Diagnostic::error(
        codes::FUNCTION_NOT_FOUND,
        Span::default(),
        format!("the source defines no function `{name}`"),
    )
    .expected(format!("one of {}", list(&names)));
    match closest(name, names.iter().copied()) {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
        None => diagnostic.hint("name a function that is defined at column 0"),
    }
}

fn no_function() -> Diagnostic {
    Diagnostic::error(codes::FUNCTION_NOT_FOUND, Span::default(), "the source defines no function")
        .expected("a function definition")
        .hint("write the node as a `def` at column 0")
}

fn distinct_names(module: &Module) -> Vec<&str> {
    let mut seen = std::collections::HashSet::new();
    functions(module).map(|function| &*function.name).filter(|name| seen.insert(*name)).collect()
}

/// The first names, quoted.
fn list(names: &[&str]) -> String {
    const SHOWN: usize = 10;
    let mut text = names.iter().take(SHOWN).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
    if names.len() > SHOWN {
        text.push_str(&format!(" and {} more", names.len() - SHOWN));
    }
    text
}
