//! Annotations: `Signal[T]`, and `Annotated[Outputs, {…}]`.

use std::sync::Arc;

use cfunc_compiler::ast::{Expression, ExpressionKind, Parameter};
use cfunc_compiler::{
    AnalysisApi, CellForm, Diagnostic, DiagnosticCode, InputHandler, ModuleScope, OutputDeclaration, OutputHandler,
    OutputModel, ParameterDeclaration, Type, Value, closest, codes,
};

use crate::category::SIGNAL_CATEGORY;

/// The marker of inputs and single outputs.
pub(crate) const SIGNAL: &str = "Signal";
/// The marker of named outputs.
pub(crate) const OUTPUTS: &str = "Outputs";
/// Python's `typing.Annotated`.
pub(crate) const ANNOTATED: &str = "Annotated";

/// How many outputs a function may have: more than any host wires, few enough to be looked up one by one.
const MOST_OUTPUTS: usize = 1_000;

/// How many types a hint names.
const SHOWN_TYPES: usize = 8;

/// Reads `x: Signal[T]`.
pub(crate) struct SignalInput;

impl InputHandler for SignalInput {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        parameter: &Parameter,
        annotation: &Expression,
    ) -> Result<Option<ParameterDeclaration>, Box<Diagnostic>> {
        let ty = signal(api, annotation, codes::UNKNOWN_ANNOTATION)?;
        if let (Some(_), Some(default)) = (ty, &parameter.default) {
            let name = &parameter.name;
            let message = format!("the signal `{name}` has a default");
            let diagnostic = Diagnostic::error(codes::PARAMETER_KIND, default.span, message);
            return Err(Box::new(
                diagnostic.hint(format!("leave it out: `{name}.valid()` tells whether the signal has a value")),
            ));
        }
        Ok(ty.map(|ty| ParameterDeclaration::new(ty, SIGNAL_CATEGORY)))
    }
}

/// Reads `-> Signal[T]` and `-> Annotated[Outputs, {…}]`.
pub(crate) struct SignalOutput;

impl OutputHandler for SignalOutput {
    fn parse(
        &self,
        api: &mut AnalysisApi<'_>,
        annotation: &Expression,
    ) -> Result<Option<OutputDeclaration>, Box<Diagnostic>> {
        if let Some(ty) = signal(api, annotation, codes::RETURN_ANNOTATION)? {
            let outputs = vec![OutputModel { name: None, ty }];
            return Ok(Some(OutputDeclaration { outputs, named: false }));
        }
        if api.is_marker(annotation, OUTPUTS) {
            return Err(Box::new(outputs_error(annotation, "the outputs have no names and types")));
        }
        let ExpressionKind::Subscript { value, index } = &annotation.kind else { return Ok(None) };
        if api.is_marker(value, OUTPUTS) {
            return Err(Box::new(outputs_error(annotation, "`Outputs` takes no brackets")));
        }
        if !api.is_marker(value, ANNOTATED) {
            return Ok(None);
        }
        let ExpressionKind::Tuple(parts) = &index.kind else { return Ok(None) };
        match parts.as_slice() {
            [marker, fields] if api.is_marker(marker, OUTPUTS) => match &fields.kind {
                ExpressionKind::Dict(entries) => {
                    Ok(Some(OutputDeclaration { outputs: named_outputs(api, fields, entries)?, named: true }))
                }
                _ => Err(Box::new(outputs_error(fields, "the outputs are not a dict of names and types"))),
            },
            [marker, ..] if api.is_marker(marker, OUTPUTS) => {
                Err(Box::new(outputs_error(annotation, "`Outputs` is annotated with one dict")))
            }
            _ => Ok(None),
        }
    }
}

fn outputs_error(place: &Expression, message: &str) -> Diagnostic {
    Diagnostic::error(codes::RETURN_ANNOTATION, place.span, message)
        .expected("`Annotated[Outputs, {\"name\": <type>, …}]`")
        .hint("name every output and its type: `Annotated[Outputs, {\"high\": float, \"low\": float}]`")
}

/// The type of a signal, where the annotation is one.
fn signal(
    api: &mut AnalysisApi<'_>,
    annotation: &Expression,
    code: DiagnosticCode,
) -> Result<Option<Type>, Box<Diagnostic>> {
    if api.is_marker(annotation, SIGNAL) {
        let diagnostic = Diagnostic::error(code, annotation.span, "the signal has no type");
        return Err(Box::new(diagnostic.expected("`Signal[<type>]`").hint("name its type: `Signal[float]`")));
    }
    match &annotation.kind {
        ExpressionKind::Subscript { value, index } if api.is_marker(value, SIGNAL) => {
            cell_type(api, index, code, "a signal").map(Some)
        }
        _ => Ok(None),
    }
}

/// The type that an annotation names, where the host can hold it in a cell.
fn cell_type(
    api: &mut AnalysisApi<'_>,
    annotation: &Expression,
    code: DiagnosticCode,
    what: &str,
) -> Result<Type, Box<Diagnostic>> {
    let Some(ty) = api.type_of(annotation) else {
        if let Some((span, reason)) = api.type_problem(annotation) {
            let message = format!("this is not a type that {what} can have: {reason}");
            let diagnostic = Diagnostic::error(code, span, message).expected("a registered type");
            return Err(Box::new(diagnostic.hint(ModuleScope::TYPE_PROBLEM_HINT)));
        }
        let diagnostic = Diagnostic::error(code, annotation.span, format!("this is not a type that {what} can have"))
            .expected("a registered type");
        let name = match &annotation.kind {
            ExpressionKind::Name { name, .. } => Some(name),
            ExpressionKind::Attribute { attribute, .. } => Some(attribute),
            _ => None,
        };
        let near = name.and_then(|name| near_type(api, name));
        return Err(Box::new(match near {
            Some(near) => diagnostic.hint(format!("did you mean `{near}`?")),
            None => {
                let names =
                    type_names(api).iter().take(SHOWN_TYPES).map(|name| format!("`{name}`")).collect::<Vec<_>>();
                diagnostic.hint(format!("write a type that is registered: {}", names.join(", ")))
            }
        }));
    };
    match api.types.definition(ty).cell {
        CellForm::Scalar
        | CellForm::Truth
        | CellForm::Object
        | CellForm::Packed(_)
        | CellForm::Buffer
        | CellForm::Place => Ok(ty),
        CellForm::None | CellForm::Container => {
            let message = format!("{what} cannot be of type `{}`", api.types.name(ty));
            let diagnostic = Diagnostic::error(code, annotation.span, message).expected("a type that a cell holds");
            Err(Box::new(diagnostic.hint("keep the value in a state, and let each number go in or out by itself")))
        }
    }
}

fn near_type(api: &AnalysisApi<'_>, name: &str) -> Option<String> {
    closest(name, type_names(api)).map(str::to_owned)
}

/// The names of types that have a cell, without a dot, in a fixed order.
fn type_names<'a>(api: &'a AnalysisApi<'_>) -> Vec<&'a str> {
    let globals = api.scope.context().globals();
    let has_cell = |name: &&str| {
        let ty = globals.lookup(name).and_then(|id| globals.get(id).ty);
        !name.contains('.') && ty.is_some_and(|ty| api.types.definition(ty).cell != CellForm::None)
    };
    let mut names: Vec<&str> = globals.names().filter(has_cell).collect();
    names.sort_unstable();
    names
}

fn named_outputs(
    api: &mut AnalysisApi<'_>,
    dict: &Expression,
    entries: &[(Option<Expression>, Expression)],
) -> Result<Vec<OutputModel>, Box<Diagnostic>> {
    if entries.is_empty() {
        return Err(Box::new(outputs_error(dict, "there are no outputs")));
    }
    if entries.len() > MOST_OUTPUTS {
        let message = format!("the function has {} outputs", entries.len());
        let diagnostic = Diagnostic::error(codes::LIMIT_COUNT, dict.span, message);
        return Err(Box::new(
            diagnostic.expected(format!("at most {MOST_OUTPUTS}")).hint("split the node into several"),
        ));
    }
    let mut outputs: Vec<OutputModel> = Vec::new();
    for (key, ty) in entries {
        let Some(key) = key else {
            return Err(Box::new(outputs_error(ty, "the outputs are named one by one")));
        };
        let ExpressionKind::Constant(Value::Text(name)) = &key.kind else {
            return Err(Box::new(outputs_error(key, "the name of an output is not a string literal")));
        };
        if outputs.iter().any(|output| output.name.as_deref() == Some(name)) {
            let message = format!("two outputs have the name `{name}`");
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, key.span, message);
            return Err(Box::new(diagnostic.hint("give each output a name of its own")));
        }
        let ty = cell_type(api, ty, codes::RETURN_ANNOTATION, "an output")?;
        outputs.push(OutputModel { name: Some(Arc::from(name.as_str())), ty });
    }
    Ok(outputs)
}
