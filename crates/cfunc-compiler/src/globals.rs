//! What a host hands to a compilation besides the source: functions written in Python, a signature.

use cfunc_context::{CompilationContext, HostGlobals, ModuleScope, OtherFunction};
use cfunc_infer::MAXIMUM_HELPER_NESTING;
use cfunc_models::{Diagnostic, Diagnostics, Span, codes};
use cfunc_sources::RuleFunctionId;
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition};
use cfunc_syntax::visit::{Visitor, walk_expression};
use cfunc_syntax::{Limits, ParseOutcome, functions, parse, pick};

use crate::{CompileError, CompileRequest};

/// The functions that a request brings, parsed.
#[derive(Default)]
pub(crate) struct HostFunctions {
    parsed: Vec<(String, ParseOutcome)>,
}

impl HostFunctions {
    /// Parses the functions of a request.
    pub(crate) fn parse(request: &CompileRequest) -> Result<Self, CompileError> {
        if let Some((name, value)) = request.global_values.iter().find(|(_, value)| value.has_host_object()) {
            let message = format!("the global `{name}` is given an object of the host, of kind {}", value.kind());
            let diagnostic = Diagnostic::error(codes::CONSTANT_TYPE, Span::default(), message).expected("a constant");
            let diagnostic =
                diagnostic.hint("give what the object stands for: nothing of it could be in a semantic key");
            return Err(CompileError::Diagnostics { source: request.source.clone(), diagnostics: diagnostic.into() });
        }
        let mut parsed = Vec::with_capacity(request.global_functions.len());
        for (name, source) in &request.global_functions {
            let mut outcome = parse(source.text(), &Limits::default());
            if !outcome.diagnostics.has_errors()
                && let Err(diagnostics) = pick(&outcome.module, Some(name))
            {
                outcome.diagnostics.extend(diagnostics);
            }
            if outcome.diagnostics.has_errors() {
                let diagnostics = outcome.diagnostics;
                return Err(CompileError::Diagnostics { source: source.clone(), diagnostics });
            }
            parsed.push((name.clone(), outcome));
        }
        Ok(Self { parsed })
    }

    /// How deep the stages recurse into what is here and in the context.
    pub(crate) fn depth(&self, context: &CompilationContext) -> usize {
        let registered = context.python_functions().iter().map(|function| function.depth);
        let of_rules = context.rule_functions().iter().filter_map(|function| Some(function.module.as_ref()?.1));
        let registered = registered.chain(of_rules);
        let given = self.parsed.iter().map(|(_, outcome)| outcome.depth);
        registered.chain(given).max().map_or(0, |depth| depth.saturating_mul(1 + MAXIMUM_HELPER_NESTING))
    }

    /// The names of each module: of those that the context brings, then of those given.
    pub(crate) fn scopes<'a>(&'a self, context: &'a CompilationContext) -> Vec<ModuleScope<'a>> {
        let registered = context.python_functions().iter().map(|function| &*function.module);
        let of_rules = context.rule_functions().iter().filter_map(|function| Some(&*function.module.as_ref()?.0));
        let registered = registered.chain(of_rules);
        let given = self.parsed.iter().map(|(_, outcome)| &outcome.module);
        registered.chain(given).map(|module| ModuleScope::foreign(context, module)).collect()
    }

    /// The names that the source finds bound.
    pub(crate) fn globals<'a>(
        &'a self,
        context: &'a CompilationContext,
        scopes: &'a [ModuleScope<'a>],
        request: &CompileRequest,
    ) -> HostGlobals<'a> {
        let mut globals = HostGlobals { values: request.global_values.clone(), ..HostGlobals::default() };
        let (registered, rest) = scopes.split_at(context.python_functions().len().min(scopes.len()));
        let of_rules = (0u32..).map(RuleFunctionId).zip(context.rule_functions());
        let of_rules: Vec<_> = of_rules.filter_map(|(id, rule)| Some((id, rule, &rule.module.as_ref()?.0))).collect();
        let (foreign, given) = rest.split_at(of_rules.len().min(rest.len()));
        for (scope, (id, function, module)) in foreign.iter().zip(of_rules) {
            if let Ok(definition) = pick(module, Some(&*function.name)) {
                globals.of_rules.push((id, OtherFunction { scope, definition }));
            }
        }
        for (scope, function) in registered.iter().zip(context.python_functions()) {
            if let Ok(definition) = pick(&function.module, Some(&*function.name)) {
                globals.registered.push((function.global, OtherFunction { scope, definition }));
            }
        }
        for (scope, (name, outcome)) in given.iter().zip(&self.parsed) {
            if let Ok(definition) = pick(&outcome.module, Some(name)) {
                globals.functions.push((name.clone(), OtherFunction { scope, definition }));
            }
        }
        globals
    }
}

/// How deep the stages recurse: into the tree, once for each helper that is called from another.
pub(crate) fn depth_of(context: &CompilationContext, outcome: &ParseOutcome) -> usize {
    // Rules may call any function.
    let of_rules = context.rule_functions().iter().any(|function| function.module.is_none());
    let helpers = if of_rules { functions(&outcome.module).count() } else { outcome.functions_mentioned };
    outcome.depth.saturating_mul(1 + helpers.min(MAXIMUM_HELPER_NESTING))
}

/// A function with the parameters and the return annotation of a signature, `(x: Signal[int]) -> Signal[int]`, in the
/// place of its own. What is wrong in it is reported at the function's name.
pub(crate) fn with_signature(
    definition: &FunctionDefinition,
    signature: &str,
) -> Result<FunctionDefinition, Diagnostics> {
    let span = definition.name_span;
    let wrong = |message: String| {
        let diagnostic = Diagnostic::error(codes::SYNTAX, span, message);
        Diagnostics::from(diagnostic.expected("`(<parameter>: <annotation>, …) -> <annotation>`"))
    };
    let outcome = parse(&format!("def signature{signature}: pass\n"), &Limits::default());
    let first = outcome.diagnostics.iter().next().map(|diagnostic| diagnostic.message.clone());
    if let Some(message) = first {
        return Err(wrong(format!("the signature given for `{}`: {message}", definition.name)));
    }
    let mut declared = match (pick(&outcome.module, Some("signature")), outcome.module.body.len()) {
        (Ok(declared), 1) => declared.clone(),
        _ => return Err(wrong(format!("the signature given for `{}` is none", definition.name))),
    };
    for parameter in &mut declared.parameters {
        parameter.span = span;
        parameter.annotation.iter_mut().chain(&mut parameter.default).for_each(|part| relocate(part, span));
    }
    declared.returns.iter_mut().for_each(|part| relocate(part, span));
    let parts = declared.parameters.iter().flat_map(|parameter| parameter.annotation.iter().chain(&parameter.default));
    let mut places = Places { span, elsewhere: false };
    parts.chain(&declared.returns).for_each(|part| places.expression(part));
    if places.elsewhere {
        return Err(wrong(format!("the signature given for `{}` holds what signatures do not have", definition.name)));
    }
    let (parameters, returns) = (declared.parameters, declared.returns);
    Ok(FunctionDefinition { parameters, returns, ..definition.clone() })
}

/// Gives an expression of another text a place in the source.
fn relocate(expression: &mut Expression, span: Span) {
    expression.span = span;
    match &mut expression.kind {
        ExpressionKind::Attribute { value, .. } | ExpressionKind::Unary { operand: value, .. } => relocate(value, span),
        ExpressionKind::Subscript { value, index } => {
            relocate(value, span);
            relocate(index, span);
        }
        ExpressionKind::Binary { left, right, .. } => {
            relocate(left, span);
            relocate(right, span);
        }
        ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
            elements.iter_mut().for_each(|element| relocate(element, span));
        }
        ExpressionKind::Dict(entries) => {
            for (key, value) in entries {
                key.iter_mut().for_each(|key| relocate(key, span));
                relocate(value, span);
            }
        }
        ExpressionKind::Call { function, arguments, keywords } => {
            relocate(function, span);
            arguments.iter_mut().for_each(|argument| relocate(argument, span));
            keywords.iter_mut().for_each(|keyword| relocate(&mut keyword.value, span));
        }
        // What holds other expressions is found by their places.
        _ => {}
    }
}

/// Whether a part of an expression stands elsewhere than at one place.
struct Places {
    span: Span,
    elsewhere: bool,
}

impl Visitor for Places {
    fn expression(&mut self, expression: &Expression) {
        self.elsewhere |= expression.span != self.span;
        walk_expression(self, expression);
    }
}
