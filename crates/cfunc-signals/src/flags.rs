//! `x.ticked()` and `x.valid()`.

use cfunc_compiler::ast::{Expression, ExpressionKind, Intrinsic, Name};
use cfunc_compiler::{CallHandler, Diagnostic, TransformApi, Type, codes};

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
pub(crate) struct FlagCall;

impl CallHandler for FlagCall {
    fn handle(&self, api: &mut dyn TransformApi, call: &Expression) -> Result<Option<Expression>, Box<Diagnostic>> {
        let ExpressionKind::Call { function, arguments, keywords } = &call.kind else { return Ok(None) };
        let Some(Flag { name, attribute, array, index }) = flag(api, function) else { return Ok(None) };
        if !arguments.is_empty() || !keywords.is_empty() {
            let message = format!("`{name}.{attribute}()` takes no arguments");
            let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, call.span, message).expected("no arguments");
            return Err(Box::new(diagnostic.hint(format!("write `{name}.{attribute}()`"))));
        }
        let Some(parameter) = api.abi_parameter(array) else { return Ok(None) };
        let intrinsic = Intrinsic::AbiElement { parameter, index, ty: Type::BOOLEAN };
        let kind = ExpressionKind::Intrinsic { intrinsic, arguments: Vec::new() };
        Ok(Some(Expression { span: call.span, kind }))
    }

    fn uncalled(&self, api: &dyn TransformApi, attribute: &Expression) -> Option<Diagnostic> {
        let Flag { name, attribute: flag, .. } = flag(api, attribute)?;
        let message = format!("`{name}.{flag}` is a method, not a value");
        let diagnostic = Diagnostic::error(codes::NOT_A_VALUE, attribute.span, message);
        Some(diagnostic.expected("a value").hint(format!("call it: `{name}.{flag}()`")))
    }
}
