//! Expressions of constants, as a host's user writes them beside a module: arguments of calls.

use cfunc_context::{CompilationContext, ModuleScope, ScopeEntry, catch_panics, fold_constant};
use cfunc_models::{Diagnostic, Diagnostics, Span, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, StatementKind};
use cfunc_syntax::{Limits, ParseOutcome, closest, parse};

use crate::findings::Findings;
use crate::globals::{HostFunctions, depth_of};
use crate::stack::{room_for, with_stack_for};
use crate::{CompileError, CompileRequest, Source};

/// The value of an expression that is made of literals, of what a module binds (its constants, classes and imports), and
/// of operations and functions that are evaluated at compile time: `[1, 2.5]`, `Side.BUY`, `timedelta(seconds=3)`. Numbers
/// are Python's, of which one beyond 64 bits is no value.
///
/// # Errors
///
/// [`CompileError::Diagnostics`] of the expression, or of the module where that cannot be parsed.
pub fn evaluate(context: &CompilationContext, module: &Source, expression: &Source) -> Result<Value, CompileError> {
    let outcome = parsed(module)?;
    let text = parsed(expression)?;
    let functions = HostFunctions::default();
    let depth = functions.depth(context).max(depth_of(context, &outcome)).max(text.depth);
    with_stack_for(depth, move || {
        let evaluated = catch_panics(|| value_of(context, module, (&outcome, &text), (depth, &functions)));
        let wrong = match evaluated {
            Ok(Ok(value)) => return Ok(value),
            Ok(Err(wrong)) => *wrong,
            Err(panic) => panic.diagnostic(context.registry(), Span::default()),
        };
        Err(CompileError::Diagnostics { source: expression.clone(), diagnostics: wrong.into() })
    })
}

fn parsed(source: &Source) -> Result<ParseOutcome, CompileError> {
    let outcome = parse(source.text(), &Limits::default());
    let mut found = Findings { source, diagnostics: Diagnostics::new() };
    found.all_of(outcome.diagnostics.clone())?;
    Ok(outcome)
}

fn value_of(
    context: &CompilationContext,
    module: &Source,
    (outcome, text): (&ParseOutcome, &ParseOutcome),
    (depth, functions): (usize, &HostFunctions),
) -> Result<Value, Box<Diagnostic>> {
    let foreign = functions.scopes(context);
    let globals = functions.globals(context, &foreign, &CompileRequest::new(module.clone()));
    let mut scope = ModuleScope::with_globals(context, &outcome.module, &globals);
    scope.set_maximum_depth(room_for(depth));
    let expression = only_expression(text)?;
    fold_constant(&scope, expression).unwrap_or_else(|| {
        let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, expression.span, "this has no value at compile time");
        let diagnostic = diagnostic.expected("literals, and what the file binds or can be evaluated");
        Err(Box::new(unknown_name(&scope, expression).unwrap_or(diagnostic)))
    })
}

/// What is said of an expression that is a name which stands for nothing, or of a class without such a member.
fn unknown_name(scope: &ModuleScope<'_>, expression: &Expression) -> Option<Diagnostic> {
    match &expression.kind {
        ExpressionKind::Name { name, .. } if scope.lookup(name).is_none() => {
            let message = format!("nothing is called `{name}` here");
            let near = closest(name, scope.names());
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => format!("a text stands in quotes: '{name}'"),
            };
            Some(Diagnostic::error(codes::CONSTANT_VALUE, expression.span, message).hint(hint))
        }
        ExpressionKind::Attribute { value, attribute, .. } => {
            let Some(ScopeEntry::Module(class)) = scope.resolve(value) else { return unknown_name(scope, value) };
            if scope.value_of(expression).is_some() {
                return None;
            }
            let (class, types) = (&scope.own(class).definition, scope.types());
            let names = class.ty.map(|ty| types.definition(ty).members.iter().map(|(name, _)| name.as_str()));
            let message = format!("`{}` has no member `{attribute}`", class.name);
            let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, expression.span, message);
            let names: Vec<&str> = names.into_iter().flatten().collect();
            Some(if names.is_empty() {
                diagnostic
            } else {
                diagnostic.expected(format!("one of: {}", names.join(", ")))
            })
        }
        ExpressionKind::List(parts) | ExpressionKind::Tuple(parts) => {
            parts.iter().find_map(|part| unknown_name(scope, part))
        }
        _ => None,
    }
}

fn only_expression(text: &ParseOutcome) -> Result<&Expression, Box<Diagnostic>> {
    let wrong = |span: Span| {
        let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, span, "this is no value");
        Err(Box::new(diagnostic.expected("one expression")))
    };
    match text.module.body.as_slice() {
        [statement] => match &statement.kind {
            StatementKind::Expression(expression) => Ok(expression),
            _ => wrong(statement.span),
        },
        [] => wrong(Span::default()),
        [_, second, ..] => wrong(second.span),
    }
}
