//! `x.ticked()` and `x.valid()`.

use cfunc_compiler::ast::{Expression, ExpressionKind, Name};
use cfunc_compiler::{Diagnostic, HandlerResult, TransformApi, Type, builders, codes};

use crate::category::{INPUT_TICKED, INPUT_VALID, signals};

/// A flag of an input, as it is written.
struct Flag<'a> {
    /// The input.
    name: &'a Name,
    /// `ticked` or `valid`.
    attribute: &'a Name,
    /// The array that holds it.
    array: &'static str,
    /// The position of the input.
    index: u32,
}

/// The flag that `x.ticked` or `x.valid` speaks of, where `x` is an input.
fn flag<'a>(api: &dyn TransformApi, expression: &'a Expression) -> Option<Flag<'a>> {
    let ExpressionKind::Attribute { value, attribute, .. } = &expression.kind else { return None };
    let array = match &**attribute {
        "ticked" => INPUT_TICKED,
        "valid" => INPUT_VALID,
        _ => return None,
    };
    let ExpressionKind::Name { name, .. } = &value.kind else { return None };
    let (index, _) = (0u32..).zip(signals(api.function())).find(|(_, signal)| signal.name == *name)?;
    Some(Flag { name, attribute, array, index })
}

/// Rewrites `x.ticked()` and `x.valid()` of inputs. They speak of the input also where its name was assigned to.
pub(crate) fn called(api: &mut dyn TransformApi, call: &Expression) -> HandlerResult<Option<Expression>> {
    let ExpressionKind::Call { function, arguments, keywords } = &call.kind else { return Ok(None) };
    let Some(Flag { name, attribute, array, index }) = flag(api, function) else { return Ok(None) };
    if !arguments.is_empty() || !keywords.is_empty() {
        let message = format!("`{name}.{attribute}()` takes no arguments");
        let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, call.span, message).expected("no arguments");
        return Err(Box::new(diagnostic.hint(format!("write `{name}.{attribute}()`"))));
    }
    let parameter = api.abi_parameter(array);
    Ok(parameter.map(|parameter| builders::abi_element(call.span, parameter, index, Type::BOOLEAN)))
}

/// Refuses `x.ticked` and `x.valid` without brackets.
pub(crate) fn uncalled(api: &mut dyn TransformApi, attribute: &Expression) -> HandlerResult<Option<Expression>> {
    let Some(Flag { name, attribute: flag, .. }) = flag(api, attribute) else { return Ok(None) };
    let message = format!("`{name}.{flag}` is a method, not a value");
    let diagnostic = Diagnostic::error(codes::NOT_A_VALUE, attribute.span, message);
    Err(Box::new(diagnostic.expected("a value").hint(format!("call it: `{name}.{flag}()`"))))
}
