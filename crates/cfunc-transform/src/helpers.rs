//! Helpers: plain functions of a module that nodes call, and the bodies that START and STOP run.

use std::sync::Arc;

use cfunc_context::{LifecycleFunction, ModuleNameKind, ModuleScope, ScopeEntry, fold_default};
use cfunc_models::{
    Diagnostic, Diagnostics, FunctionModel, LifecyclePhase, ReportedDeclarations, Severity, Span, TypeTable, Value,
    codes,
};
use cfunc_sources::{
    HelperParameter, InitFilter, MarkedCall, MarkedFunction, MarkedHelper, RuleFunctionId, RuleHelpers, Variables,
};
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition, HelperId, Name, ParameterKind, Statement};
use cfunc_syntax::builders;
use foldhash::{HashMap, HashSet};

use crate::transformer::{Role, Transformer, statements_of};

/// The annotation that declares a state.
const STATE_MARKER: &str = "State";

/// The helpers that were met so far.
#[derive(Default)]
pub(crate) struct Helpers<'a> {
    ids: HashMap<*const FunctionDefinition, HelperId>,
    found: Vec<(&'a ModuleScope<'a>, &'a FunctionDefinition)>,
}

impl<'a> Helpers<'a> {
    pub(crate) fn contains(&self, id: HelperId) -> bool {
        (id.0 as usize) < self.found.len()
    }

    /// The id of a helper, whose body is transformed later.
    pub(crate) fn id_of(&mut self, scope: &'a ModuleScope<'a>, definition: &'a FunctionDefinition) -> HelperId {
        *self.ids.entry(std::ptr::from_ref(definition)).or_insert_with(|| {
            self.found.push((scope, definition));
            HelperId(u32::try_from(self.found.len() - 1).unwrap_or(u32::MAX))
        })
    }
}

/// Transforms every helper that was met, and those that they call.
pub(crate) fn transform_helpers<'a>(
    (scope, types): (&'a ModuleScope<'a>, &'a TypeTable),
    mut helpers: Helpers<'a>,
    node: &Variables,
    diagnostics: &mut Diagnostics,
) -> Vec<MarkedHelper> {
    let mut marked = Vec::new();
    if helpers.found.is_empty() {
        return marked;
    }
    let of_node: Arc<HashSet<Name>> = Arc::new(node.names().cloned().collect());
    while let Some((own, definition)) = helpers.found.get(marked.len()).copied() {
        let is_foreign = !std::ptr::eq(own, scope);
        let (name, span) = (Arc::clone(&definition.name), definition.name_span);
        let mut transformer =
            Transformer::new((own, types), empty_model(&name, span), Variables::default(), Role::Helper);
        transformer.root = scope;
        transformer.of_node = Arc::clone(&of_node);
        transformer.helpers = helpers;
        let parameters = transformer.helper_parameters(definition);
        let source = statements_of(&definition.body);
        transformer.add_locals(source);
        let body = transformer.block(source.to_vec());
        let result = transformer.add_local("result".into(), None);
        let Transformer { function, variables, locals, annotations, helpers: met, diagnostics: reported, .. } =
            transformer;
        helpers = met;
        // What they underline is of another text.
        let mut reported: Vec<Diagnostic> = reported.into_iter().collect();
        if is_foreign {
            reported.iter_mut().for_each(|diagnostic| *diagnostic = elsewhere(diagnostic, &name));
        }
        reported.into_iter().for_each(|diagnostic| diagnostics.push(diagnostic));
        let function = MarkedFunction { locals, annotations, body, ..MarkedFunction::new(function, variables) };
        marked.push(MarkedHelper { parameters, result, function, is_foreign });
    }
    marked
}

/// Binds the names of a plain function that a host calls, and those of the helpers that it calls.
///
/// As with [`crate::transform`], the diagnostics hold errors and warnings.
pub fn transform_call<'a>(
    scope: &'a ModuleScope<'a>,
    types: &'a TypeTable,
    definition: &'a FunctionDefinition,
) -> (MarkedCall, Diagnostics) {
    let mut diagnostics = Diagnostics::new();
    let mut helpers = Helpers::default();
    let function = helpers.id_of(scope, definition);
    let helpers = transform_helpers((scope, types), helpers, &Variables::default(), &mut diagnostics);
    let of_rules = transform_rule_helpers(scope, types);
    diagnostics.sort();
    let (name, span) = (Arc::clone(&definition.name), definition.name_span);
    (MarkedCall { name, span, function, helpers, of_rules }, diagnostics)
}

/// Transforms the functions that rules call.
pub(crate) fn transform_rule_helpers<'a>(scope: &'a ModuleScope<'a>, types: &'a TypeTable) -> RuleHelpers {
    let mut helpers = Helpers::default();
    let mut functions = Vec::new();
    for (id, function) in (0u32..).map(RuleFunctionId).zip(scope.context().rule_functions()) {
        let found = match &function.module {
            Some(_) => scope.function_of_rules(id).map(|found| (found.scope, found.definition)),
            None => match scope.lookup(&function.name) {
                Some(ScopeEntry::Module(own)) => match &scope.own(own).kind {
                    ModuleNameKind::Function(definition) => Some((scope, *definition)),
                    ModuleNameKind::Foreign(found) => Some((found.scope, found.definition)),
                    ModuleNameKind::Value | ModuleNameKind::Class(_) | ModuleNameKind::Unknown(_) => None,
                },
                Some(ScopeEntry::Global(_) | ScopeEntry::UnknownModule) | None => None,
            },
        };
        if let Some((own, definition)) = found {
            functions.push((id, helpers.id_of(own, definition)));
        }
    }
    let mut diagnostics = Diagnostics::new();
    let helpers = transform_helpers((scope, types), helpers, &Variables::default(), &mut diagnostics);
    let problem = diagnostics.iter().find(|diagnostic| diagnostic.severity == Severity::Error);
    let problem = problem.map(|diagnostic| diagnostic.message.clone());
    RuleHelpers { helpers, functions, problem }
}

/// A diagnostic of a function that stands in another text, which has no place in the source that is compiled.
fn elsewhere(diagnostic: &Diagnostic, function: &str) -> Diagnostic {
    let mut moved = diagnostic.clone();
    moved.message = format!("in `{function}`: {}", diagnostic.message);
    moved.span = Span::default();
    moved.notes.clear();
    moved
}

fn empty_model(name: &Arc<str>, span: Span) -> FunctionModel {
    FunctionModel {
        annotated: Vec::new(),
        name: Arc::clone(name),
        span,
        parameters: Vec::new(),
        outputs: Vec::new(),
        named_outputs: false,
        states: Vec::new(),
        reported: ReportedDeclarations::default(),
    }
}

impl<'a> Transformer<'a> {
    /// The parameters of a helper, each a local.
    fn helper_parameters(&mut self, definition: &'a FunctionDefinition) -> Vec<HelperParameter> {
        if definition.is_async {
            let message = format!("the helper `{}` is an `async def`", definition.name);
            let diagnostic = Diagnostic::error(codes::UNSUPPORTED, definition.name_span, message);
            self.report(diagnostic.hint("nothing waits in a node: use `def`"));
        }
        let mut parameters = Vec::with_capacity(definition.parameters.len());
        for parameter in &definition.parameters {
            let local = self.add_local(Arc::clone(&parameter.name), None);
            if matches!(parameter.kind, ParameterKind::VariadicPositional | ParameterKind::VariadicKeyword) {
                let message = format!("the helper `{}` takes any number of arguments", definition.name);
                let diagnostic = Diagnostic::error(codes::PARAMETER_KIND, parameter.span, message);
                self.report(diagnostic.hint("name every argument as a parameter of its own"));
            }
            let default = parameter.default.as_ref().and_then(|default| self.helper_default(definition, default));
            let (name, span, kind) = (Arc::clone(&parameter.name), parameter.span, parameter.kind);
            parameters.push(HelperParameter { name, span, kind, local, default });
        }
        parameters
    }

    fn helper_default(&mut self, definition: &FunctionDefinition, default: &Expression) -> Option<Value> {
        let diagnostic = match fold_default(self.scope, definition, default) {
            Some(Ok(value)) => return Some(value),
            Some(Err(diagnostic)) => *diagnostic,
            None => Diagnostic::error(codes::CONSTANT_TYPE, default.span, "this default is not known at compile time")
                .expected("an expression made of literals and constants")
                .hint("write a literal, or the name of a constant"),
        };
        self.report(diagnostic);
        // A value keeps calls without the argument from being reported too.
        Some(Value::None)
    }

    /// The body that a phase runs.
    pub(crate) fn lifecycle(&mut self, phase: LifecyclePhase) -> Vec<Statement> {
        let scope = self.scope;
        let node = Arc::clone(&self.function.name);
        let of_phase = |body: &&LifecycleFunction<'_>| body.phase == phase && body.node == node;
        let mut bodies = scope.lifecycle_functions().iter().filter(of_phase).map(|body| body.definition);
        let Some(definition) = bodies.next() else { return Vec::new() };
        for second in bodies {
            let message = format!("`{}` has a body for this phase already", self.function.name);
            let diagnostic = Diagnostic::error(codes::DUPLICATE_NAME, second.name_span, message);
            self.report(diagnostic.note(definition.name_span, "the first").hint("write both in one function"));
        }
        if let Some(parameter) = definition.parameters.first() {
            let message = format!("`{}` is run by the node's lifecycle and takes no arguments", definition.name);
            let diagnostic = Diagnostic::error(codes::PARAMETER_KIND, parameter.span, message);
            self.report(diagnostic.hint("states, constants and names of the module are seen without parameters"));
        }
        if definition.is_async {
            let message = format!("`{}` is an `async def`", definition.name);
            self.report(Diagnostic::error(codes::UNSUPPORTED, definition.name_span, message).hint("use `def`"));
        }
        self.role = Role::Lifecycle(phase);
        // What only EXECUTE has is not there for handlers either; locals are the body's own.
        let outputs = std::mem::take(&mut self.function.outputs);
        let parameters = self.function.parameters.clone();
        let variables = &self.variables;
        self.function.parameters.retain(|parameter| {
            let variable = variables.lookup(&parameter.name).map(|id| variables.get(id));
            variable.is_none_or(|variable| variable.init_filter == InitFilter::Always)
        });
        let locals = std::mem::take(&mut self.local_ids);
        self.returned.clear();
        let source = statements_of(&definition.body);
        self.add_locals(source);
        let body = self.block(source.to_vec());
        self.local_ids = locals;
        self.function.outputs = outputs;
        self.function.parameters = parameters;
        self.role = Role::Execute;
        body
    }

    /// Reports an input or output that is used where it is not.
    pub(crate) fn refuse_in_lifecycle(&mut self, expression: &mut Expression, phase: LifecyclePhase) {
        let ExpressionKind::Name { name, .. } = &expression.kind else { return };
        let phase = if phase == LifecyclePhase::Start { "START" } else { "STOP" };
        let message = format!("the input `{name}` is not there in {phase}");
        let diagnostic = Diagnostic::error(codes::INVALID_PLACE, expression.span, message);
        let diagnostic = diagnostic.expected("states, constants and names of the module");
        let hint = match self.container(expression) {
            Some(_) => format!("keep what it needs in a state; how many inputs there are is known: `len({name})`"),
            None => "keep what it needs in a state".to_owned(),
        };
        self.refuse(expression, diagnostic.hint(hint));
    }

    /// `return` in a body that has no outputs.
    pub(crate) fn returned_in_lifecycle(&mut self, value: Option<Expression>, span: Span, result: &mut Vec<Statement>) {
        if let Some(value) = value
            && !matches!(value.kind, ExpressionKind::Constant(Value::None))
        {
            let diagnostic = Diagnostic::error(codes::OUTPUT_COUNT, value.span, "START and STOP write no outputs");
            self.report(diagnostic.hint("use `return` alone"));
        }
        result.push(builders::return_statement(span, None));
    }

    /// Whether a function has the decorator of nodes or, where none was named, their annotations: it is called by a host
    /// alone.
    pub(crate) fn is_node(&self, definition: &FunctionDefinition) -> bool {
        if let Some(is_node) = self.scope.has_node_decorator(definition) {
            return is_node;
        }
        let annotations = definition.parameters.iter().filter_map(|parameter| parameter.annotation.as_ref());
        annotations.chain(&definition.returns).any(|annotation| {
            let marked = match &annotation.kind {
                ExpressionKind::Subscript { value, .. } => &**value,
                _ => annotation,
            };
            self.scope.definition_of(marked).is_some_and(|definition| definition.marker.is_some())
        })
    }

    /// Reports the declaration of a state where there are none.
    pub(crate) fn refuse_state(&mut self, annotation: &Expression) {
        let marked = match &annotation.kind {
            ExpressionKind::Subscript { value, .. } => &**value,
            _ => annotation,
        };
        let marker = self.scope.definition_of(marked).and_then(|definition| definition.marker.as_ref());
        if self.role != Role::Execute && marker.is_some_and(|marker| *marker.0 == *STATE_MARKER) {
            let message = "a state is declared in the node's own body alone";
            let diagnostic = Diagnostic::error(codes::STATE_DECLARATION, annotation.span, message);
            self.report(match self.role {
                Role::Helper => diagnostic.hint("give the helper the value as an argument, and return the new one"),
                Role::Execute | Role::Lifecycle(_) => diagnostic.hint("the states of the node are seen by their names"),
            });
        }
    }
}
