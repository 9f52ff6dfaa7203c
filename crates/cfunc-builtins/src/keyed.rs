//! `len` of a container of inputs: the number of them, which is known when a node is compiled, for START and STOP too.

use cfunc_context::{CallableId, ExpressionNode, Registrar};
use cfunc_models::Value;
use cfunc_syntax::ast::ExpressionKind;
use cfunc_syntax::builders;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let length: CallableId = registrar.function("len");
    registrar.before_expression(ExpressionNode::Call, 0, move |api, call| {
        let ExpressionKind::Call { function, arguments, keywords } = &call.kind else { return Ok(None) };
        let ([argument], []) = (arguments.as_slice(), keywords.as_slice()) else { return Ok(None) };
        let Some(keyed) = api.container_of(argument) else { return Ok(None) };
        let count = i64::try_from(keyed.children.len()).unwrap_or(i64::MAX);
        let is_length = api.definition_of(function).is_some_and(|definition| definition.callable == Some(length));
        Ok(is_length.then(|| builders::constant(call.span, Value::Integer(count))))
    });
}
