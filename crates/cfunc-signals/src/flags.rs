//! `x.ticked()` and `x.valid()`.

use cfunc_compiler::ast::{Expression, ExpressionKind, Intrinsic};
use cfunc_compiler::{CallHandler, Diagnostic, TransformApi, Type, codes};

use crate::category::{INPUT_TICKED, INPUT_VALID, signals};

/// Rewrites `x.ticked()` and `x.valid()` of inputs. They speak of the input also where its name was assigned to.
pub(crate) struct FlagCall;

impl CallHandler for FlagCall {
    fn handle(&self, api: &mut dyn TransformApi, call: &Expression) -> Result<Option<Expression>, Box<Diagnostic>> {
        let ExpressionKind::Call { function, arguments, keywords } = &call.kind else { return Ok(None) };
        let ExpressionKind::Attribute { value, attribute, .. } = &function.kind else { return Ok(None) };
        let array = match &**attribute {
            "ticked" => INPUT_TICKED,
            "valid" => INPUT_VALID,
            _ => return Ok(None),
        };
        let ExpressionKind::Name { name, .. } = &value.kind else { return Ok(None) };
        let index = (0u32..).zip(signals(api.function())).find(|(_, signal)| signal.name == *name);
        let Some((index, _)) = index else { return Ok(None) };
        if !arguments.is_empty() || !keywords.is_empty() {
            let message = format!("`{name}.{attribute}()` takes no arguments");
            return Err(Box::new(Diagnostic::error(codes::CALL_ARGUMENTS, call.span, message)));
        }
        let Some(parameter) = api.abi_parameter(array) else { return Ok(None) };
        let intrinsic = Intrinsic::AbiElement { parameter, index, ty: Type::BOOLEAN };
        let kind = ExpressionKind::Intrinsic { intrinsic, arguments: Vec::new() };
        Ok(Some(Expression { span: call.span, kind }))
    }
}
