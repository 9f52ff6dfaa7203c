//! `set_output("name", value)`.

use cfunc_compiler::ast::{Expression, ExpressionKind, Statement, StatementKind};
use cfunc_compiler::{Diagnostic, FunctionModel, HandlerResult, TransformApi, Value, builders, closest, codes};

/// The name that is called.
pub(crate) const SET_OUTPUT: &str = "set_output";

/// Whether a call is one of `set_output`, and no name of the function hides it.
fn is_set_output(api: &dyn TransformApi, function: &Expression) -> bool {
    let marker = api.definition_of(function).and_then(|definition| definition.marker.as_ref());
    marker.is_some_and(|marker| *marker.0 == *SET_OUTPUT)
}

/// Refuses `set_output` anywhere but as a statement of its own.
pub(crate) fn called(api: &mut dyn TransformApi, call: &Expression) -> HandlerResult<Option<Expression>> {
    match &call.kind {
        ExpressionKind::Call { function, .. } if is_set_output(api, function) => {
            let diagnostic = Diagnostic::error(codes::SET_OUTPUT, call.span, "`set_output` has no value");
            Err(Box::new(diagnostic.hint("write it as a statement of its own")))
        }
        _ => Ok(None),
    }
}

/// Rewrites `set_output` as a statement.
pub(crate) fn stated(api: &mut dyn TransformApi, statement: &Statement) -> HandlerResult<Option<Vec<Statement>>> {
    let StatementKind::Expression(expression) = &statement.kind else { return Ok(None) };
    let ExpressionKind::Call { function, arguments, keywords } = &expression.kind else { return Ok(None) };
    if !is_set_output(api, function) {
        return Ok(None);
    }
    let wrong = |place: &Expression, message: &str| {
        let diagnostic = Diagnostic::error(codes::SET_OUTPUT, place.span, message);
        let hint = "name the output by a string, and write the value behind it";
        Box::new(diagnostic.expected("`set_output(\"<name>\", <value>)`").hint(hint))
    };
    let (name, value) = match (arguments.as_slice(), keywords.as_slice()) {
        ([name, value], []) => (name, value),
        _ => return Err(wrong(expression, "`set_output` takes a name and a value")),
    };
    let ExpressionKind::Constant(Value::Text(text)) = &name.kind else {
        return Err(wrong(name, "the name of the output is not a string literal"));
    };
    if api.function().reported.outputs {
        let value = api.transform(value.clone());
        return Ok(Some(vec![builders::expression_statement(value)]));
    }
    let position = position(api.function(), text, name)?;
    if matches!(value.kind, ExpressionKind::Constant(Value::None)) {
        let diagnostic = wrong(value, "None cannot be written to an output");
        return Err(Box::new(diagnostic.hint("leave the call out: an output that is not written does not tick")));
    }
    let value = api.transform(value.clone());
    let Some(output) = api.output(position) else { return Ok(None) };
    Ok(Some(vec![builders::store_output(expression.span, output, value)]))
}

/// The position of the output of a name.
fn position(function: &FunctionModel, text: &str, place: &Expression) -> Result<u32, Box<Diagnostic>> {
    let names = function.outputs.iter().filter_map(|output| output.name.as_deref());
    let found = (0u32..).zip(&function.outputs).find(|(_, output)| output.name.as_deref() == Some(text));
    match found {
        Some((position, _)) => Ok(position),
        None if function.outputs.iter().all(|output| output.name.is_none()) => {
            let diagnostic = Diagnostic::error(codes::SET_OUTPUT, place.span, "the function has no named outputs")
                .expected("outputs with names");
            Err(Box::new(diagnostic.hint("use `return`, or declare `Annotated[Outputs, {…}]`")))
        }
        None => {
            let diagnostic =
                Diagnostic::error(codes::UNKNOWN_OUTPUT, place.span, format!("there is no output `{text}`"));
            let near = closest(text, names.clone());
            let diagnostic = diagnostic.expected(format!("one of {}", names.collect::<Vec<_>>().join(", ")));
            Err(Box::new(match near {
                Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
                None => diagnostic.hint("name an output of the return annotation"),
            }))
        }
    }
}
