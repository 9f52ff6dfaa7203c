//! Functions of Python code that rules call: typed on request, apart from the node.

use cfunc_context::{CompilationContext, PythonFunctions, RuleUses, ValueRole};
use cfunc_models::{Diagnostic, Severity, Span, Type, TypeTable, Value, codes};
use cfunc_sources::{MarkedHelper, RuleFunctionId, RuleHelpers};
use cfunc_syntax::ast::ParameterKind;

use crate::helpers::{ArgumentKey, Specialisations};
use crate::infer::Inference;
use crate::typed::{SpecialisationId, TypedHelper};

/// The functions of Python code that rules may call.
#[derive(Clone, Debug)]
pub struct PythonTyper {
    context: CompilationContext,
    marked: RuleHelpers,
}

/// A function that was typed for some arguments.
#[derive(Clone, Debug)]
pub struct TypedRuleFunction {
    /// It, and the helpers that it calls.
    pub helpers: Vec<TypedHelper>,
    /// Which of them it is.
    pub entry: SpecialisationId,
    /// The type of what it gives.
    pub result: Type,
    /// What stands for the parameters that no argument is given for.
    pub defaults: Vec<(Type, Value)>,
}

impl PythonTyper {
    /// Those of a compilation; `None` where there are none.
    pub(crate) fn new(context: &CompilationContext, marked: RuleHelpers) -> Option<Self> {
        let known = !context.rule_functions().is_empty();
        known.then(|| Self { context: context.clone(), marked })
    }

    /// A function for arguments of these types; `uses` is the record of who asks.
    ///
    /// # Errors
    ///
    /// What is wrong with it for these types, at `span`.
    pub fn specialise(
        &self,
        types: &mut TypeTable,
        uses: &RuleUses,
        function: RuleFunctionId,
        arguments: &[Type],
        span: Span,
    ) -> Result<TypedRuleFunction, Box<Diagnostic>> {
        let name = self.name(function);
        let extension = |message: String| Box::new(Diagnostic::error(codes::EXTENSION, span, message));
        let found = self.marked.functions.iter().find(|(known, _)| *known == function);
        let Some((_, id)) = found else {
            let message = format!("a rule calls `{name}`, which the module does not define");
            return Err(Box::new(extension(message).hint(format!("write a function `{name}` beside the node"))));
        };
        if let Some(problem) = &self.marked.problem {
            return Err(extension(format!("a rule calls `{name}`: {problem}")));
        }
        let helpers = &self.marked.helpers;
        let helper = &helpers[id.0 as usize];
        let (keys, defaults) = self.keys(types, helper, arguments).map_err(|reason| {
            extension(format!("a rule calls `{name}` with {} arguments: {reason}", arguments.len()))
        })?;
        let mut specialisations = Specialisations::default();
        let (outcome, diagnostics) = {
            let (context, helpers) = (&self.context, &self.marked.helpers);
            let mut inference =
                Inference::of_helpers((context, None), types, (helpers, *id), &mut specialisations, uses.nested());
            let outcome = inference.specialise(*id, keys, span);
            (outcome, inference.diagnostics)
        };
        let reported = diagnostics.iter().chain(outcome.iter().flat_map(|outcome| &outcome.diagnostics));
        let first = reported.clone().find(|diagnostic| diagnostic.severity == Severity::Error).cloned();
        match (outcome.and_then(|outcome| Some((outcome.helper?, outcome.result))), first) {
            (Some((entry, result)), _) => {
                Ok(TypedRuleFunction { helpers: specialisations.typed, entry, result, defaults })
            }
            (None, Some(mut diagnostic)) => {
                // What it underlines may be of another text, and is not where the rule is asked.
                diagnostic.message = format!("in `{name}`, which a rule calls: {}", diagnostic.message);
                diagnostic.span = span;
                diagnostic.notes.clear();
                Err(Box::new(diagnostic))
            }
            (None, None) => Err(extension(format!("`{name}`, which a rule calls, is not typed"))),
        }
    }

    /// The arguments as the specialisation is looked up by them, defaults included.
    #[expect(clippy::type_complexity, reason = "two lists that are made together, once")]
    fn keys(
        &self,
        types: &mut TypeTable,
        helper: &MarkedHelper,
        arguments: &[Type],
    ) -> Result<(Vec<ArgumentKey>, Vec<(Type, Value)>), String> {
        let key = |ty: Type| (ty, (ty == Type::NONE).then_some(Value::None));
        let mut keys: Vec<ArgumentKey> = arguments.iter().map(|ty| key(*ty)).collect();
        let by_position = helper.parameters.iter().filter(|parameter| parameter.kind != ParameterKind::KeywordOnly);
        if arguments.len() > by_position.count() {
            return Err("it takes fewer by position".to_owned());
        }
        let mut defaults = Vec::new();
        for parameter in &helper.parameters[arguments.len()..] {
            let Some(value) = &parameter.default else {
                return Err(format!("there is none for `{}`", parameter.name));
            };
            let found = self.context.registry().type_of(types, value, ValueRole::Constant);
            let (ty, _) = found.ok_or_else(|| format!("the default of `{}` has no type", parameter.name))?;
            keys.push(key(ty));
            defaults.push((ty, value.clone()));
        }
        Ok((keys, defaults))
    }
}

impl PythonFunctions for PythonTyper {
    fn result(
        &self,
        types: &mut TypeTable,
        uses: &RuleUses,
        function: RuleFunctionId,
        arguments: &[Type],
        span: Span,
    ) -> Result<Type, Box<Diagnostic>> {
        self.specialise(types, uses, function, arguments, span).map(|typed| typed.result)
    }

    fn name(&self, function: RuleFunctionId) -> &str {
        self.context.rule_functions().get(function.0 as usize).map_or("", |function| &function.name)
    }
}
