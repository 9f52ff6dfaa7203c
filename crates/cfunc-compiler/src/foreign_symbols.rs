//! The functions and objects of the host that a module needs: where they are, and what is missing.

use std::sync::Arc;

use cfunc_backend::SymbolTable;
use cfunc_context::{CompilationContext, RuleUses};
use cfunc_ir::Module;
use cfunc_models::{Diagnostic, Diagnostics, Span, codes};
use cfunc_syntax::closest;

use crate::CompileRequest;

/// The addresses that a module needs: those of the request, and for functions that it does not have those that were given
/// when they were registered.
///
/// # Errors
///
/// What has no address, each where it is used first, else at `function`.
pub(crate) fn symbols_of(
    context: &CompilationContext,
    request: &CompileRequest,
    module: &Module,
    uses: &RuleUses,
    function: Span,
) -> Result<Arc<SymbolTable>, Diagnostics> {
    let given = &request.symbols;
    let functions = module.host_functions().map(|(_, external)| external.symbol.as_str());
    let functions = functions.filter(|symbol| given.lookup(symbol).is_none());
    let objects = module.host_objects();
    let mut missing = Diagnostics::new();
    let span_of = |symbol: &str, is_object: bool| {
        let found = uses.symbols().iter().find(|used| used.is_object == is_object && used.symbol == symbol);
        found.map_or(function, |used| used.span)
    };
    let mut added: Option<SymbolTable> = None;
    for symbol in functions {
        let Some(address) = context.registry().foreign_address(symbol) else {
            let message = format!("no function of the host is known by the symbol `{symbol}`");
            let diagnostic = Diagnostic::error(codes::MISSING_SYMBOL, span_of(symbol, false), message);
            let known = given.symbols().chain(context.registry().foreign_symbols());
            let known = known.filter(|other| *other != symbol);
            let how = format!("the host registers it with the symbols of the compilation: `register(\"{symbol}\", …)`");
            missing.push(with_hint(diagnostic, closest(symbol, known), &how));
            continue;
        };
        let table = added.get_or_insert_with(|| SymbolTable::clone(given));
        // SAFETY: who registered the function said that it is one of these types and effects, which lives as long as code
        // calls it.
        unsafe { table.register(symbol, address) };
    }
    for name in objects.filter(|name| given.object(name).is_none()) {
        let message = format!("no object of the host is known by the name `{name}`");
        let diagnostic = Diagnostic::error(codes::MISSING_SYMBOL, span_of(name, true), message);
        let how = "the host registers it with the symbols of the compilation, by `register_object`";
        missing.push(with_hint(diagnostic, closest(name, given.objects()), how));
    }
    if missing.has_errors() {
        return Err(missing);
    }
    Ok(added.map_or_else(|| Arc::clone(given), Arc::new))
}

fn with_hint(diagnostic: Diagnostic, near: Option<&str>, how: &str) -> Diagnostic {
    match near {
        Some(near) => diagnostic.hint(format!("did you mean `{near}`? {how}")),
        None => diagnostic.hint(how),
    }
}
