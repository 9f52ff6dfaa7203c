//! The pipeline.

use std::collections::HashSet;
use std::sync::Arc;

use cfunc_analyzer::{analyze, is_node, lint, misspelled_decorator};
use cfunc_context::{Bindings, CompilationContext, LifecycleFunction, ModuleScope, catch_panics};
use cfunc_infer::infer;
use cfunc_lower::lower;
use cfunc_models::{CompilationOptions, Diagnostic, Diagnostics, FunctionModel, Severity, Span, TypeTable, codes};
use cfunc_syntax::ast::{FunctionDefinition, Module};
use cfunc_syntax::{Limits, ParseOutcome, functions, parse, pick};
use cfunc_transform::transform;

use crate::build::{Front, Made, build, make};
use crate::findings::{Findings, MOST_DIAGNOSTICS};
use crate::globals::{HostFunctions, depth_of, with_signature};
use crate::instance::cell_holds;
use crate::print::print_marked;
use crate::reuse::order::Order;
use crate::reuse::shared::shared;
use crate::stack::{room_for, with_stack_for};
use crate::unit::Unit;
use crate::{CompilationResult, CompileError, CompileRequest, Metadata, Source};

/// Is told of the stages of a compilation as they begin and end: `parse`, `analyze`, `transform`, `infer`, `lower`,
/// `key`, `passes`, `backend`. A stage that fails ends too. Whoever wants durations reads a clock here.
pub trait Observer: Send {
    /// A stage begins.
    fn begin(&mut self, stage: &'static str);

    /// The stage that began last ends.
    fn end(&mut self, stage: &'static str);
}

/// Observes nothing.
pub(crate) struct Unobserved;

impl Observer for Unobserved {
    fn begin(&mut self, _stage: &'static str) {}

    fn end(&mut self, _stage: &'static str) {}
}

/// Runs one stage, in a span of its name and under the observer's eyes.
macro_rules! stage {
    ($observer:expr, $name:literal, $work:expr) => {{
        $observer.begin($name);
        let product = tracing::debug_span!($name).in_scope(|| $work);
        $observer.end($name);
        product
    }};
}
pub(crate) use stage;

/// Compiles one function. Where a result of an equal request in the same context lives, or an instance of one, or it is
/// being compiled just now, the result is a clone of that: see [`CompileRequest::reuse`].
///
/// # Errors
///
/// [`CompileError::Diagnostics`] with all that can be found wrong in one run, up to a hundred by place in the source.
pub fn compile(context: &CompilationContext, request: &CompileRequest) -> Result<CompilationResult, CompileError> {
    let unit = shared(context, request, None, |order| compile_unit(context, request, order, &mut Unobserved))?;
    Ok(CompilationResult { unit })
}

/// Compiles one function, whether or not a result of an equal request lives, and tells the observer of each stage.
///
/// # Errors
///
/// As [`compile`].
pub fn compile_observed(
    context: &CompilationContext,
    request: &CompileRequest,
    observer: &mut dyn Observer,
) -> Result<CompilationResult, CompileError> {
    let unit = compile_unit(context, request, None, observer)?;
    Ok(CompilationResult { unit })
}

/// Compiles a request; the order is that of the same request, where there is one already.
fn compile_unit(
    context: &CompilationContext,
    request: &CompileRequest,
    order: Option<Arc<Order>>,
    observer: &mut dyn Observer,
) -> Result<Arc<Unit>, CompileError> {
    made_node(context, request, observer, move |made, found, observer| {
        let order = order.unwrap_or_else(|| Arc::new(Order::new(context, request, None)));
        build((context, request), order, made, found, observer)
    })
}

/// The stages before the backend, and then what is to be done on the same stack.
pub(crate) fn made_node<T: Send>(
    context: &CompilationContext,
    request: &CompileRequest,
    observer: &mut dyn Observer,
    then: impl FnOnce(Made, &mut Findings<'_>, &mut dyn Observer) -> Result<T, CompileError> + Send,
) -> Result<T, CompileError> {
    // The tree of a file of many functions is not copied for each of them.
    let outcome = match &request.parsed {
        Some(outcome) => Arc::clone(outcome),
        None => Arc::new(stage!(observer, "parse", parse(request.source.text(), &Limits::default()))),
    };
    let functions = HostFunctions::parse(request)?;
    let depth = functions.depth(context).max(depth_of(context, &outcome));
    with_stack_for(depth, move || run(context, request, (outcome, depth), &functions, observer, then))
}

/// The stages in order, each from the product of the one before.
fn run<T>(
    context: &CompilationContext,
    request: &CompileRequest,
    (parsed, depth): (Arc<ParseOutcome>, usize),
    functions: &HostFunctions,
    observer: &mut dyn Observer,
    then: impl FnOnce(Made, &mut Findings<'_>, &mut dyn Observer) -> Result<T, CompileError>,
) -> Result<T, CompileError> {
    let source = &request.source;
    let mut found = Findings { source, diagnostics: Diagnostics::new() };
    found.all_of(parsed.diagnostics.clone())?;
    let picked = found.of(picked(context, request, &parsed.module))?;
    let declared = found.of(request.signature.as_deref().map(|text| with_signature(picked, text)).transpose())?;
    let definition = declared.as_ref().unwrap_or(picked);
    let stages = catch_panics(|| {
        let made = stages(context, request, (&parsed, depth), functions, definition, &mut found, observer)?;
        then(made, &mut found, observer)
    });
    stages.unwrap_or_else(|panic| {
        found.all_of(panic.diagnostic(context.registry(), definition.name_span).into())?;
        Err(CompileError::Internal(panic.message))
    })
}

/// The stages after a function was picked.
fn stages(
    context: &CompilationContext,
    request: &CompileRequest,
    (parsed, depth): (&ParseOutcome, usize),
    functions: &HostFunctions,
    definition: &FunctionDefinition,
    found: &mut Findings<'_>,
    observer: &mut dyn Observer,
) -> Result<Made, CompileError> {
    let foreign = functions.scopes(context);
    let globals = functions.globals(context, &foreign, request);
    let mut scope = ModuleScope::with_globals(context, &parsed.module, &globals);
    scope.set_maximum_depth(room_for(depth));
    if let Some(name) = &request.decorator {
        scope.set_node_decorator(name.as_str().into());
    }
    for (phase, body) in &request.bodies {
        let node = Arc::clone(&definition.name);
        scope.add_lifecycle_function(LifecycleFunction { node, phase: *phase, definition: body });
    }
    let mut types = scope.types().clone();
    let (function, reported) = stage!(observer, "analyze", analyze(&scope, &mut types, definition, &request.bindings));
    found.diagnostics.extend_later(reported);
    let mut warnings = lint(&scope, definition, &function);
    warnings.extend(misspelled_decorator(&scope, definition).map(Diagnostics::from).unwrap_or_default());
    let (marked, reported) = stage!(observer, "transform", transform(&scope, &types, definition, function));
    let transformed = print_marked(&marked);
    let attached = context.process_signals(&marked.function, &marked.variables, &types, &request.bindings);
    let attached = match attached {
        Ok(attached) => attached,
        Err(wrong) => {
            found.diagnostics.extend_later(wrong);
            Default::default()
        }
    };
    let inferred = stage!(observer, "infer", infer(&scope, &mut types, marked));
    // What one stage found does not keep the next from finding more: all of it comes out together.
    found.diagnostics.extend_later(reported);
    let typed = found.of(inferred)?;
    if !found.diagnostics.has_errors() {
        found.all_of(unfit_states(&types, &typed.function))?;
    }
    found.all_of(typed.warnings.clone())?;
    found.diagnostics.extend_later(warnings);
    let mut metadata = context.layout().result_metadata(&typed.function, &types);
    metadata.extend(attached);
    let front = Front { scope: &scope, types, typed, transformed, metadata: Metadata::new(metadata) };
    make(request, front, depth, found, observer)
}

/// Initial values that their cells cannot hold: what an extension converts one to may be another than the type's model.
fn unfit_states(types: &TypeTable, function: &FunctionModel) -> Diagnostics {
    let mut found = Diagnostics::new();
    for state in function.states.iter().filter(|state| !cell_holds(types, state.ty, &state.initial)) {
        let ty = types.name(state.ty);
        let message = format!(
            "the initial value of `{}` becomes {}, which no cell of type {ty} holds",
            state.name, state.initial
        );
        let diagnostic = Diagnostic::error(codes::EXTENSION, state.span, message);
        found.push(diagnostic.hint(format!("the extension that brings {ty} must convert it to what a cell holds")));
    }
    found
}

/// What is wrong with the node functions of a source, warnings included, without values for their constants. Nothing is
/// compiled. At most a hundred diagnostics come out, by place in the source, errors before warnings where there are more.
pub fn check(context: &CompilationContext, source: &Source) -> Diagnostics {
    check_decorated(context, source, None)
}

/// As [`check`], of the functions that a decorator makes nodes ([`CompileRequest::decorator`]).
pub fn check_decorated(context: &CompilationContext, source: &Source, decorator: Option<&str>) -> Diagnostics {
    let outcome = parse(source.text(), &Limits::default());
    let functions_of_context = HostFunctions::default();
    let depth = functions_of_context.depth(context).max(depth_of(context, &outcome));
    let checked = with_stack_for(depth, move || {
        let checked =
            catch_panics(|| check_parsed(context, source, (outcome, depth), &functions_of_context, decorator));
        Ok(checked.unwrap_or_else(|panic| panic.diagnostic(context.registry(), Span::default()).into()))
    });
    checked.unwrap_or_else(|error| {
        let diagnostic = Diagnostic::error(codes::EXTENSION, Span::default(), error.to_string());
        Diagnostics::from(diagnostic.hint("this is not the source's fault: report it to who made the extension"))
    })
}

fn check_parsed(
    context: &CompilationContext,
    source: &Source,
    (outcome, depth): (ParseOutcome, usize),
    functions_of_context: &HostFunctions,
    decorator: Option<&str>,
) -> Diagnostics {
    let mut diagnostics = outcome.diagnostics;
    let foreign = functions_of_context.scopes(context);
    let globals = functions_of_context.globals(context, &foreign, &CompileRequest::new(source.clone()));
    let mut scope = ModuleScope::with_globals(context, &outcome.module, &globals);
    scope.set_maximum_depth(room_for(depth));
    if let Some(name) = decorator {
        scope.set_node_decorator(name.into());
    }
    if functions(&outcome.module).next().is_none() && !diagnostics.has_errors() {
        // The error says what a source needs.
        diagnostics.extend(pick(&outcome.module, None).err().unwrap_or_default());
    }
    // What is left of a source after an error tells little of what it uses.
    let is_whole = !diagnostics.has_errors();
    let mut found = Diagnostics::new();
    let mut errors = 0;
    for definition in functions(&outcome.module) {
        if !is_node(&scope, definition) {
            found.extend(misspelled_decorator(&scope, definition).map(Diagnostics::from).unwrap_or_default());
            continue;
        }
        let of_function = catch_panics(|| check_function(context, &scope, definition, is_whole))
            .unwrap_or_else(|panic| panic.diagnostic(context.registry(), definition.name_span).into());
        errors += of_function.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
        found.extend(of_function);
        if errors >= MOST_DIAGNOSTICS {
            break;
        }
        // Warnings alone go on to the last function, which may have an error.
        found.limit(2 * MOST_DIAGNOSTICS);
    }
    diagnostics.extend_later(found);
    diagnostics.sort();
    diagnostics.limit(MOST_DIAGNOSTICS);
    diagnostics
}

/// `is_whole` says whether all of the function's module could be parsed.
fn check_function(
    context: &CompilationContext,
    scope: &ModuleScope<'_>,
    definition: &FunctionDefinition,
    is_whole: bool,
) -> Diagnostics {
    let mut types = scope.types().clone();
    let (function, mut diagnostics) = analyze(scope, &mut types, definition, &Bindings::unbound());
    let warnings = is_whole.then(|| lint(scope, definition, &function));
    let (marked, reported) = transform(scope, &types, definition, function);
    diagnostics.extend_later(reported);
    // Options choose among rules when code is emitted; they do not change what is right.
    let options = CompilationOptions::default();
    match infer(scope, &mut types, marked) {
        Err(found) => diagnostics.extend_later(found),
        Ok(typed) => {
            if !diagnostics.has_errors() {
                diagnostics.extend(unfit_states(&types, &typed.function));
            }
            // Rules may still find something wrong when they emit.
            if is_whole && !diagnostics.has_errors() {
                diagnostics.extend(lower(context, &types, &options, &typed).err().unwrap_or_default());
            }
            diagnostics.extend_later(typed.warnings);
        }
    }
    if !diagnostics.has_errors() {
        diagnostics.extend_later(warnings.unwrap_or_default());
    }
    diagnostics
}

/// The names of the node functions of a source, in order; of several with one name the last counts, as in Python.
///
/// # Errors
///
/// What keeps the source from being parsed.
pub fn node_functions(context: &CompilationContext, source: &Source) -> Result<Vec<String>, Diagnostics> {
    decorated_functions(context, source, None)
}

/// As [`node_functions`], of the functions that a decorator makes nodes ([`CompileRequest::decorator`]).
///
/// # Errors
///
/// As [`node_functions`].
pub fn decorated_functions(
    context: &CompilationContext,
    source: &Source,
    decorator: Option<&str>,
) -> Result<Vec<String>, Diagnostics> {
    let outcome = parse(source.text(), &Limits::default());
    if outcome.diagnostics.has_errors() {
        return Err(outcome.diagnostics);
    }
    nodes_of(context, &outcome.module, decorator)
}

/// The names of the nodes of a module, or what is wrong with an extension that was asked about it.
fn nodes_of(
    context: &CompilationContext,
    module: &Module,
    decorator: Option<&str>,
) -> Result<Vec<String>, Diagnostics> {
    let named = catch_panics(|| names_of_nodes(context, module, decorator));
    named.map_err(|panic| panic.diagnostic(context.registry(), Span::default()).into())
}

fn names_of_nodes(context: &CompilationContext, module: &Module, decorator: Option<&str>) -> Vec<String> {
    let mut scope = ModuleScope::new(context, module);
    if let Some(name) = decorator {
        scope.set_node_decorator(name.into());
    }
    let definitions: Vec<&FunctionDefinition> = functions(module).collect();
    let mut seen: HashSet<&str> = HashSet::new();
    let last = definitions.into_iter().rev().filter(|definition| seen.insert(&definition.name));
    let nodes = last.filter(|definition| is_node(&scope, definition));
    let mut names: Vec<String> = nodes.map(|definition| definition.name.to_string()).collect();
    names.reverse();
    names
}

/// The function that a request names; else the only one, or the one node beside helpers and bodies of START and STOP.
fn picked<'a>(
    context: &CompilationContext,
    request: &CompileRequest,
    module: &'a Module,
) -> Result<&'a FunctionDefinition, Diagnostics> {
    let name = request.function.as_deref();
    if name.is_some() || functions(module).nth(1).is_none() {
        return pick(module, name);
    }
    match &*nodes_of(context, module, request.decorator.as_deref())? {
        [] => pick(module, None),
        [node] => pick(module, Some(node)),
        nodes => {
            let last = functions(module).filter(|definition| nodes.contains(&definition.name.to_string())).last();
            let span = last.map_or(Span::default(), |definition| definition.name_span);
            let names: Vec<String> = nodes.iter().map(|node| format!("`{node}`")).collect();
            let message = format!("the source holds {} nodes", nodes.len());
            Err(Diagnostic::error(codes::FUNCTION_NOT_FOUND, span, message)
                .expected("the name of the node to compile")
                .hint(format!("name one of {}", names.join(", ")))
                .into())
        }
    }
}
