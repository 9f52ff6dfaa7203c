//! Plain functions that a host calls: one helper, typed for the types of the host's arguments.

use std::sync::Arc;

use cfunc_context::{Conversion, ModuleScope, PythonFunctions, RuleUses, UseKind, ValueRole};
use cfunc_models::{
    DataModel, Diagnostic, Diagnostics, FunctionModel, ParameterModel, ReportedDeclarations, Type, TypeTable, Value,
    codes,
};
use cfunc_sources::{HelperParameter, MarkedCall, Variables};

use crate::copies::stale_copies;
use crate::helpers::{ArgumentKey, Specialisations, without_repetitions};
use crate::infer::Inference;
use crate::rule_helpers::PythonTyper;
use crate::sharing::Examined;
use crate::typed::{CallArgument, TypedCall, TypedFunction};

/// The category of the arguments in the model of such a function.
const ARGUMENT: &str = "argument";

/// What is known of a parameter of a plain function before it is typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CallParameter {
    /// The type of what the host gives; `None` where the default stands.
    pub given: Option<Type>,
    /// The type that it is declared of, which arguments are converted to.
    pub declared: Option<Type>,
}

/// Types a plain function for a host's call. The parameters are as many as the function has.
///
/// # Errors
///
/// All diagnostics that can be found in one run, when an error is among them.
pub fn infer_call(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    mut marked: MarkedCall,
    parameters: &[CallParameter],
) -> Result<TypedFunction, Diagnostics> {
    let context = scope.context();
    let registry = context.registry();
    let mut type_of = |value: &Value| registry.type_of(types, value, ValueRole::Constant).map(|(ty, _)| ty);
    for helper in marked.helpers.iter_mut().chain(&mut marked.of_rules.helpers) {
        helper.function.variables.type_constants(&mut type_of);
    }
    let python = PythonTyper::new(context, std::mem::take(&mut marked.of_rules)).map(Arc::new);
    let functions = python.clone().map(|typer| typer as Arc<dyn PythonFunctions>);
    let uses = RuleUses::default().with_python(functions);
    let (id, span) = (marked.function, marked.span);
    let helper = &marked.helpers[id.0 as usize];
    let mut found = Diagnostics::new();
    let mut specialisations = Specialisations::default();
    let mut inference =
        Inference::of_helpers((context, Some(scope)), types, (&marked.helpers, id), &mut specialisations, uses);
    let arguments: Vec<CallArgument> = (helper.parameters.iter().zip(parameters))
        .filter_map(|(parameter, known)| inference.call_argument(parameter, *known))
        .collect();
    let keys: Vec<ArgumentKey> = arguments.iter().map(|argument| inference.call_key(argument)).collect();
    let is_complete = arguments.len() == helper.parameters.len();
    let outcome = if is_complete { inference.specialise(id, keys, span) } else { None };
    let (diagnostics, mut uses) = (inference.diagnostics, inference.uses);
    let reported = outcome.iter().flat_map(|outcome| outcome.diagnostics.iter().cloned());
    let all = diagnostics.into_iter().chain(reported).collect();
    without_repetitions(all).into_iter().for_each(|diagnostic| found.push(diagnostic));
    let Some((function, outcome)) = outcome.and_then(|outcome| Some((outcome.helper?, outcome))) else {
        if !found.has_errors() {
            found.push(Diagnostic::error(codes::EXTENSION, span, format!("`{}` is not typed", marked.name)));
        }
        return Err(found);
    };
    if types.definition(outcome.result).model == DataModel::Empty && outcome.constant.is_none() {
        let message =
            format!("`{}` returns {}, which is known at compile time alone", marked.name, types.name(outcome.result));
        let diagnostic = Diagnostic::error(codes::NOT_A_VALUE, span, message).expected("one value on all paths");
        found.push(diagnostic.hint("return a number or a member of an enumeration that says which it is"));
    }
    let helpers = specialisations.typed;
    let own = &helpers[function.0 as usize].function;
    let (variables, slots, edges) = (&own.variables, &*own.slots, &*own.edges);
    let examined = Examined { context, types, variables, slots, edges, helpers: &helpers };
    let stale = stale_copies(examined, [&[], &own.body, &[]]);
    stale.into_iter().for_each(|diagnostic| found.push(diagnostic));
    if found.has_errors() {
        return Err(found);
    }
    let models = helper.parameters.iter().zip(&arguments).map(|(parameter, argument)| ParameterModel {
        name: Arc::clone(&parameter.name),
        span: parameter.span,
        ty: argument.given,
        category: ARGUMENT.into(),
        value: argument.default.clone(),
    });
    let model = FunctionModel {
        annotated: Vec::new(),
        name: Arc::clone(&marked.name),
        span,
        parameters: models.collect(),
        outputs: Vec::new(),
        named_outputs: false,
        states: Vec::new(),
        reported: ReportedDeclarations::default(),
    };
    for helper in &helpers {
        uses.append(&helper.function.uses);
    }
    let result = types.place_of_copy(outcome.result).unwrap_or(outcome.result);
    Ok(TypedFunction {
        function: model,
        variables: Variables::default(),
        slots: Vec::new(),
        edges: Vec::new(),
        selected: Vec::new(),
        tracked: Vec::new(),
        start: Vec::new(),
        body: Vec::new(),
        stop: Vec::new(),
        uses,
        warnings: found,
        helpers,
        python,
        call: Some(TypedCall { function, arguments, result, constant: outcome.constant }),
    })
}

impl Inference<'_> {
    /// What a parameter gets; `None` where that was reported.
    fn call_argument(&mut self, parameter: &HelperParameter, known: CallParameter) -> Option<CallArgument> {
        let registry = self.context.registry();
        let default = match known.given {
            Some(_) => None,
            None => parameter.default.clone(),
        };
        let given = match (known.given, &default) {
            (Some(ty), _) => ty,
            (None, Some(value)) => {
                let Some((ty, rule)) = registry.type_of(self.types, value, ValueRole::Constant) else {
                    let message = format!("the default of `{}` is of no known type", parameter.name);
                    let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, parameter.span, message);
                    self.report(diagnostic.hint("give it an argument, or another default"));
                    return None;
                };
                self.uses.add(UseKind::Typeof, rule, parameter.span, &[], ty);
                ty
            }
            (None, None) => {
                let message = format!("there is no argument for `{}`", parameter.name);
                let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, parameter.span, message);
                self.report(diagnostic.hint("give each parameter without a default one argument"));
                return None;
            }
        };
        let taken = known.declared.unwrap_or(given);
        if self.types.definition(taken).model == DataModel::Empty && default.is_none() && taken != Type::NONE {
            let message =
                format!("`{}` is of type {}, of which no value is passed", parameter.name, self.type_name(taken));
            let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, parameter.span, message);
            self.report(diagnostic.hint("make it a constant of the module, or the default of the parameter"));
            return None;
        }
        if given == taken {
            return Some(CallArgument { given, taken, default });
        }
        let cast = registry.cast(self.types, given, taken);
        let Some(cast) = cast.filter(|cast| matches!(cast.conversion, Conversion::Promotion | Conversion::Safe)) else {
            let (found, expected) = (self.type_name(given).to_owned(), self.type_name(taken).to_owned());
            let message = format!("`{}` is given {found}, which does not convert to {expected}", parameter.name);
            let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, parameter.span, message);
            let diagnostic = diagnostic.expected(format!("{expected}, or a type that every value of is one"));
            self.report(diagnostic.hint("convert it before the call, or change the annotation"));
            return None;
        };
        self.uses.add(UseKind::Cast, cast.rule, parameter.span, &[given], taken);
        if let Some(value) = &default
            && let Some((value, rule)) = registry.convert_value(self.types, taken, value)
        {
            self.uses.add(UseKind::Convert, rule, parameter.span, &[given], taken);
            return Some(CallArgument { given: taken, taken, default: Some(value) });
        }
        Some(CallArgument { given, taken, default })
    }

    /// The argument as specialisations are looked up by it.
    fn call_key(&self, argument: &CallArgument) -> ArgumentKey {
        let is_empty = self.types.definition(argument.taken).model == DataModel::Empty;
        let value = argument.default.clone().or_else(|| (argument.taken == Type::NONE).then_some(Value::None));
        (argument.taken, value.filter(|_| is_empty))
    }
}
