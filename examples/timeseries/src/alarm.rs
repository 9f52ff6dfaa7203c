//! `alarm(condition, level)`: the condition, and where it holds the host's runtime is told.

use cfunc_compiler::ast::{Expression, ExpressionKind};
use cfunc_compiler::ir::Signature;
use cfunc_compiler::{
    CellForm, DataModel, Diagnostic, Effects, ExpressionNode, HandlerResult, Operand, PrivateFunction, Registrar,
    RegistrationError, Representation, TransformApi, Type, builders, codes,
};

use crate::category::RUNTIME;

const ALARM: &str = "alarm";
/// The symbol of the host's function.
pub(crate) const ALARM_SYMBOL: &str = "ts_alarm";

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    registrar.marker(ALARM)?;
    // A pointer that nodes cannot name.
    let runtime = DataModel::Scalar(Representation::Pointer);
    let runtime = registrar.types_mut().define("timeseries runtime", runtime, CellForm::None);
    let raise = registrar.private_function("raise alarm");
    registrar.builtin(raise.callable, &[runtime, Type::INT64], Type::NONE, |b, signature, operands| {
        let native = Signature::new(&[Representation::Pointer, Representation::I64], &[]);
        b.call_external(ALARM_SYMBOL, native, Effects::Writes, &[operands[0].value(), operands[1].value()]);
        Ok(Operand::new(signature.result, &[]))
    });
    registrar.before_expression(ExpressionNode::Call, 0, move |api, call| alarm(api, call, raise, runtime));
    Ok(())
}

fn alarm(
    api: &mut dyn TransformApi,
    call: &Expression,
    raise: PrivateFunction,
    runtime: Type,
) -> HandlerResult<Option<Expression>> {
    let ExpressionKind::Call { function, arguments, keywords } = &call.kind else { return Ok(None) };
    let marker = api.definition_of(function).and_then(|definition| definition.marker.as_ref());
    if marker.is_none_or(|marker| *marker.0 != *ALARM) {
        return Ok(None);
    }
    let span = call.span;
    let ([condition, level], []) = (arguments.as_slice(), keywords.as_slice()) else {
        let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, span, "`alarm` takes a condition and a level");
        return Err(Box::new(diagnostic.expected("`alarm(<condition>, <level>)`")));
    };
    let Some(parameter) = api.abi_parameter(RUNTIME) else {
        let diagnostic = Diagnostic::error(codes::INVALID_PLACE, span, "the host's runtime is not given to a helper");
        return Err(Box::new(diagnostic.hint("return the condition, and raise the alarm in the node")));
    };
    let holds = api.new_local("alarm", span);
    let weight = api.new_local("level", span);
    let (condition, level) = (api.transform(condition.clone()), api.transform(level.clone()));
    let told = builders::call(
        span,
        api.registered(raise.global, span),
        vec![builders::abi_parameter(span, parameter, runtime), weight.clone()],
    );
    // Both are evaluated once and in their order, wherever the call stands.
    let statements = vec![
        builders::assign(span, holds.clone(), condition),
        builders::assign(span, weight, level),
        builders::if_statement(span, holds.clone(), vec![builders::expression_statement(told)], Vec::new()),
    ];
    Ok(Some(builders::sequence(span, statements, holds)))
}
