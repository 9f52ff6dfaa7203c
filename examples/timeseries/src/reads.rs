//! `x.last`, `x.ticked`, `x.valid`, `x.count`, of a series or of one in a basket.

use cfunc_compiler::ast::{Expression, ExpressionKind};
use cfunc_compiler::{
    ExpressionNode, HandlerResult, InputReference, Registrar, TransformApi, Type, VariableSource, builders,
};

use crate::category::{COUNTS, SERIES, TICKED, VALID};

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    registrar.before_expression(ExpressionNode::Attribute, 0, read);
}

fn read(api: &mut dyn TransformApi, expression: &Expression) -> HandlerResult<Option<Expression>> {
    let ExpressionKind::Attribute { value, attribute, .. } = &expression.kind else { return Ok(None) };
    let (array, ty) = match &**attribute {
        "last" => (None, Type::NONE),
        "ticked" => (Some(TICKED), Type::BOOLEAN),
        "valid" => (Some(VALID), Type::BOOLEAN),
        "count" => (Some(COUNTS), Type::INT64),
        _ => return Ok(None),
    };
    let (series, length, index) = match api.input_of(value) {
        Some(InputReference::Input(id)) => (id, None, None),
        Some(InputReference::Element { container, span, index }) => {
            (container, Some((span.first, span.length)), Some(index.clone()))
        }
        None => return Ok(None),
    };
    let model = api.variables().get(series);
    if *model.category != *SERIES {
        return Ok(None);
    }
    let position = match model.source {
        VariableSource::Input { index, .. } => index,
        _ => 0,
    };
    let span = expression.span;
    let Some(array) = array else {
        // The newest value is what the series itself is where a value is wanted.
        return Ok(Some(api.transform(Expression::clone(value))));
    };
    let Some(parameter) = api.abi_parameter(array) else { return Ok(None) };
    Ok(Some(match (length, index) {
        (Some(length), Some(index)) => {
            let index = api.transform(index);
            builders::abi_element_at(span, parameter, length, ty, index)
        }
        _ => builders::abi_element(span, parameter, position, ty),
    }))
}
