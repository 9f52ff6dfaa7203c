//! `Ts[T]`, `Basket[Ts[T], …]`, and what the host binds to them.

use cfunc_compiler::ast::{Expression, ExpressionKind, Parameter};
use cfunc_compiler::visit::{Visitor, walk_expression, walk_statements};
use cfunc_compiler::{
    AnalysisApi, BoundArgument, CellForm, Diagnostic, HandlerResult, InputHandler, OutputDeclaration, OutputHandler,
    OutputModel, ParameterDeclaration, Registrar, RegistrationError, Type, Value, codes,
};

use crate::category::SERIES;
use crate::edges::Edge;

const TS: &str = "Ts";
const BASKET: &str = "Basket";

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    registrar.marker(TS)?;
    registrar.marker(BASKET)?;
    registrar.input_handler(SeriesInput);
    registrar.output_handler(SeriesOutput);
    Ok(())
}

struct SeriesInput;

impl InputHandler for SeriesInput {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> HandlerResult<Option<ParameterDeclaration>> {
        if let ExpressionKind::Subscript { value, index } = &annotation.kind
            && api.is_marker(value, BASKET)
        {
            return basket(api, parameter, index).map(Some);
        }
        if api.is_marker(annotation, BASKET) {
            return Err(wrong(annotation, "the basket says nothing of its series", "`Basket[Ts[<type>], <keys>…]`"));
        }
        let bound = edges(api, &parameter.name);
        Ok(series(api, annotation, bound.first().copied())?.map(|ty| ParameterDeclaration::new(ty, SERIES)))
    }

    fn bind(
        &self,
        _api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        declaration: &ParameterDeclaration,
        argument: &BoundArgument,
    ) -> HandlerResult<Option<Value>> {
        let is_basket = declaration.value.is_some();
        let fits = match argument {
            BoundArgument::Value(_) => false,
            BoundArgument::Object(object) if is_basket => object.downcast_ref::<Vec<Edge>>().is_some(),
            BoundArgument::Object(object) => object.downcast_ref::<Edge>().is_some(),
        };
        if fits {
            // The keys are in the declaration already.
            return Ok(declaration.value.clone());
        }
        let expected = if is_basket { "edges of the host, by key" } else { "an edge of the host" };
        let message =
            format!("what is bound to `{}` is no {}", parameter.name, if is_basket { "basket" } else { "edge" });
        let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, parameter.span, message).expected(expected);
        Err(Box::new(diagnostic.hint("bind it by `CompileRequest::object`")))
    }
}

/// The edges that are bound to a parameter.
fn edges<'a>(api: &AnalysisApi<'a>, parameter: &str) -> Vec<&'a Edge> {
    let Some(object) = api.bindings.object(parameter) else { return Vec::new() };
    match object.downcast_ref::<Vec<Edge>>() {
        Some(edges) => edges.iter().collect(),
        None => object.downcast_ref::<Edge>().into_iter().collect(),
    }
}

/// `Ts[T]`, or `Ts` of what the bound edge carries.
fn series(api: &mut AnalysisApi<'_>, annotation: &Expression, edge: Option<&Edge>) -> HandlerResult<Option<Type>> {
    let ty = if api.is_marker(annotation, TS) {
        let of_edge = edge.and_then(|edge| api.type_of_object(&edge.as_object()));
        match of_edge {
            Some(ty) => ty,
            // Without a host any type will do.
            None if api.bindings.may_be_unbound() => Type::FLOAT64,
            None => {
                return Err(wrong(annotation, "nothing says the type of the series", "`Ts[<type>]`, or a bound edge"));
            }
        }
    } else {
        match &annotation.kind {
            ExpressionKind::Subscript { value, index } if api.is_marker(value, TS) => match api.type_of(index) {
                Some(ty) => ty,
                None => return Err(wrong(index, "this is no type that a series can have", "a registered type")),
            },
            _ => return Ok(None),
        }
    };
    match api.types.definition(ty).cell {
        CellForm::Scalar
        | CellForm::Truth
        | CellForm::Object
        | CellForm::Packed(_)
        | CellForm::Buffer
        | CellForm::Place => Ok(Some(ty)),
        CellForm::None | CellForm::Container => {
            Err(wrong(annotation, "a series cannot be of this type", "a type that a cell holds"))
        }
    }
}

fn basket(api: &mut AnalysisApi<'_>, parameter: &Parameter, index: &Expression) -> HandlerResult<ParameterDeclaration> {
    let (first, keys) = match &index.kind {
        ExpressionKind::Tuple(parts) => match parts.split_first() {
            Some((first, keys)) => (first, keys),
            None => return Err(wrong(index, "the basket is empty", "`Basket[Ts[<type>], <keys>…]`")),
        },
        _ => (index, &[][..]),
    };
    let bound = edges(api, &parameter.name);
    let Some(ty) = series(api, first, bound.first().copied())? else {
        return Err(wrong(first, "a basket is of series", "`Ts[<type>]`"));
    };
    let mut names = Vec::new();
    for key in keys {
        match api.value_of(key) {
            Some(Ok(Value::Text(name))) if !names.contains(&Value::Text(name.clone())) => names.push(Value::Text(name)),
            Some(Ok(Value::Text(_))) => return Err(wrong(key, "two series have this key", "keys of their own")),
            Some(Err(diagnostic)) => return Err(diagnostic),
            _ => return Err(wrong(key, "a key is a text", "a text that is known at compile time")),
        }
    }
    if keys.is_empty() {
        names.extend(bound.iter().map(|edge| Value::Text(edge.name.clone())));
        if names.is_empty() && api.bindings.may_be_unbound() {
            // Without a host the node's own body says which series it wants.
            let mut wanted = Keys { basket: &parameter.name, found: Vec::new() };
            walk_statements(&mut wanted, &api.definition.body);
            names.extend(wanted.found.into_iter().map(Value::Text));
            names.push(Value::Text("any".to_owned()));
        }
    } else if !bound.is_empty() && !bound.iter().map(|edge| &edge.name).eq(names.iter().filter_map(text)) {
        return Err(wrong(index, "the bound edges have other keys", "edges with the keys of the basket, in order"));
    }
    if names.is_empty() {
        return Err(wrong(index, "nothing says which series are in the basket", "keys, or bound edges"));
    }
    Ok(ParameterDeclaration::new(ty, SERIES).with_value(Value::List(names)))
}

/// The texts by which a body reads a basket.
struct Keys<'a> {
    basket: &'a str,
    found: Vec<String>,
}

impl Visitor for Keys<'_> {
    fn expression(&mut self, expression: &Expression) {
        if let ExpressionKind::Subscript { value, index } = &expression.kind
            && let ExpressionKind::Name { name, .. } = &value.kind
            && **name == *self.basket
            && let ExpressionKind::Constant(Value::Text(key)) = &index.kind
            && !self.found.contains(key)
        {
            self.found.push(key.clone());
        }
        walk_expression(self, expression);
    }
}

fn text(value: &Value) -> Option<&String> {
    match value {
        Value::Text(text) => Some(text),
        _ => None,
    }
}

struct SeriesOutput;

impl OutputHandler for SeriesOutput {
    fn parse(&self, api: &mut AnalysisApi<'_>, annotation: &Expression) -> HandlerResult<Option<OutputDeclaration>> {
        let single = std::slice::from_ref(annotation);
        let parts = match &annotation.kind {
            ExpressionKind::Tuple(parts) => parts.as_slice(),
            _ => single,
        };
        let mut outputs = Vec::with_capacity(parts.len());
        for part in parts {
            match series(api, part, None)? {
                Some(ty) => outputs.push(OutputModel { name: None, ty }),
                None => return Ok(None),
            }
        }
        Ok(Some(OutputDeclaration { outputs, named: false }))
    }
}

fn wrong(place: &Expression, message: &str, expected: &str) -> Box<Diagnostic> {
    Box::new(Diagnostic::error(codes::UNKNOWN_ANNOTATION, place.span, message).expected(expected))
}
