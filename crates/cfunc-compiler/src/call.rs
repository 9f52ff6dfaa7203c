//! Plain functions, compiled to be called by a host.

use std::fmt::{self, Write};
use std::sync::Arc;

use cfunc_analyzer::{is_node, lint_plain};
use cfunc_backend::CompiledCode;
use cfunc_context::{CompilationContext, ModuleScope, catch_panics};
use cfunc_infer::{CallParameter, ResolvedOperation, RuleReference, TypedCall, infer_call};
use cfunc_ir::PassObserver;
use cfunc_models::{
    CellForm, CompilationOptions, Diagnostic, Diagnostics, MetadataMap, Representation, Type, TypeTable, Value, codes,
};
use cfunc_runtime::{NodeError, SavedThreadState, error_pending, take_error};
use cfunc_syntax::ast::{ExpressionKind, FunctionDefinition, ParameterKind};
use cfunc_syntax::{Limits, ParseOutcome, parse, pick};
use cfunc_transform::transform_call;

use crate::build::{Front, Made, build, make};
use crate::call_types::GivenAndTaken;
use crate::compile::{Unobserved, stage};
use crate::findings::Findings;
use crate::globals::{HostFunctions, depth_of, with_signature};
use crate::print::print_call;
use crate::reuse::order::Order;
use crate::reuse::shared::shared;
use crate::stack::{room_for, with_stack_for};
use crate::unit::Unit;
use crate::{ArgumentTypes, CompileError, CompileRequest, Metadata, Observer, Source, Stage};

/// Compiles a plain function, one without signals and states, to be called with arguments of certain types:
/// `int32_t f(void *result, void *const *arguments)`, as docs/abi.md describes.
///
/// Parameters with annotations that are types take values of those; arguments of other types are converted where every
/// value of theirs has an equal one. Other annotations say nothing.
///
/// What lives of an equal request and equal types is shared, as by [`compile`](crate::compile).
///
/// # Errors
///
/// [`CompileError::Diagnostics`] with all that can be found wrong in one run, up to a hundred by place in the source.
pub fn compile_call(
    context: &CompilationContext,
    request: &CompileRequest,
    arguments: &ArgumentTypes,
) -> Result<CompiledCall, CompileError> {
    let compile = |order| compile_unit(context, request, arguments, order, &mut Unobserved);
    CompiledCall::new(shared(context, request, Some(arguments), compile)?)
}

/// As [`compile_call`], whether or not an equal one lives, and tells the observer of each stage.
///
/// # Errors
///
/// As [`compile_call`].
pub fn compile_call_observed(
    context: &CompilationContext,
    request: &CompileRequest,
    arguments: &ArgumentTypes,
    observer: &mut dyn Observer,
) -> Result<CompiledCall, CompileError> {
    CompiledCall::new(compile_unit(context, request, arguments, None, observer)?)
}

/// Compiles a request; the order is that of the same request and types, where there is one already.
fn compile_unit(
    context: &CompilationContext,
    request: &CompileRequest,
    arguments: &ArgumentTypes,
    order: Option<Arc<Order>>,
    observer: &mut dyn Observer,
) -> Result<Arc<Unit>, CompileError> {
    made_call(context, request, arguments, observer, move |made, found, observer| {
        let order = order.unwrap_or_else(|| Arc::new(Order::new(context, request, Some(arguments))));
        build((context, request), order, made, found, observer)
    })
}

/// The stages before the backend, and then what is to be done on the same stack.
pub(crate) fn made_call<T: Send>(
    context: &CompilationContext,
    request: &CompileRequest,
    arguments: &ArgumentTypes,
    observer: &mut dyn Observer,
    then: impl FnOnce(Made, &mut Findings<'_>, &mut dyn Observer) -> Result<T, CompileError> + Send,
) -> Result<T, CompileError> {
    let outcome = match &request.parsed {
        Some(outcome) => Arc::clone(outcome),
        None => Arc::new(stage!(observer, "parse", parse(request.source.text(), &Limits::default()))),
    };
    let functions = HostFunctions::parse(request)?;
    let depth = functions.depth(context).max(depth_of(context, &outcome));
    with_stack_for(depth, move || {
        let mut found = Findings { source: &request.source, diagnostics: Diagnostics::new() };
        found.all_of(outcome.diagnostics.clone())?;
        let picked = found.of(pick(&outcome.module, request.function.as_deref()))?;
        let declared = found.of(request.signature.as_deref().map(|text| with_signature(picked, text)).transpose())?;
        let definition = declared.as_ref().unwrap_or(picked);
        let call = Call { context, request, outcome: &outcome, depth, functions: &functions, definition };
        let compiled = catch_panics(|| {
            let made = call.stages(arguments, &mut found, observer)?;
            then(made, &mut found, observer)
        });
        compiled.unwrap_or_else(|panic| {
            found.all_of(panic.diagnostic(context.registry(), definition.name_span).into())?;
            Err(CompileError::Internal(panic.message))
        })
    })
}

/// A unit without what calls of plain functions have.
fn no_call() -> CompileError {
    CompileError::Internal("a plain function was typed as a node".to_owned())
}

/// What is compiled.
struct Call<'a> {
    context: &'a CompilationContext,
    request: &'a CompileRequest,
    outcome: &'a ParseOutcome,
    depth: usize,
    functions: &'a HostFunctions,
    definition: &'a FunctionDefinition,
}

impl Call<'_> {
    fn stages(
        &self,
        arguments: &ArgumentTypes,
        found: &mut Findings<'_>,
        observer: &mut dyn Observer,
    ) -> Result<Made, CompileError> {
        let Self { context, request, outcome, depth, functions, definition } = *self;
        let foreign = functions.scopes(context);
        let globals = functions.globals(context, &foreign, request);
        let mut scope = ModuleScope::with_globals(context, &outcome.module, &globals);
        scope.set_maximum_depth(room_for(depth));
        if let Some(name) = &request.decorator {
            scope.set_node_decorator(name.as_str().into());
        }
        found.all_of(refuse_node(&scope, request, definition))?;
        let (mut types, given) = found.of(arguments.resolve(&scope, definition))?;
        found.all_of(refuse_annotations(&scope, &mut types, definition))?;
        let parameters = parameters(&scope, &mut types, definition, &given);
        let (marked, reported) = stage!(observer, "transform", transform_call(&scope, &types, definition));
        found.all_of(reported)?;
        let transformed = print_call(&marked);
        let mut typed = found.of(stage!(observer, "infer", infer_call(&scope, &mut types, marked, &parameters)))?;
        found.all_of(typed.warnings.clone())?;
        found.all_of(lint_plain(&scope, definition))?;
        let call = typed.call.as_ref().ok_or_else(no_call)?;
        let (registry, span) = (context.registry(), definition.name_span);
        for argument in call.arguments.iter().filter(|argument| argument.default.is_none()) {
            registry.note_unboxing(&types, argument.given, span, &mut typed.uses);
        }
        if call.constant.is_none() {
            registry.note_boxing(&types, call.result, span, &mut typed.uses);
        }
        let front = Front { scope: &scope, types, typed, transformed, metadata: Metadata::new(MetadataMap::default()) };
        make(request, front, depth, found, observer)
    }
}

/// What makes a function none that a host calls.
pub(crate) fn refuse_node(
    scope: &ModuleScope<'_>,
    request: &CompileRequest,
    definition: &FunctionDefinition,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    let (name, span) = (&definition.name, definition.name_span);
    if is_node(scope, definition) {
        let diagnostic =
            Diagnostic::error(codes::NOT_CALLABLE, span, format!("`{name}` is a node, not a plain function"));
        let diagnostic = diagnostic.expected("a function whose annotations are no signals and no states");
        found.push(diagnostic.hint("compile it as a node, or move what both need into a plain function"));
    }
    if let Some(bound) = request.bindings.names().next() {
        let message = format!("`{bound}` is bound, and `{name}` is a plain function, which has no constants");
        let diagnostic = Diagnostic::error(codes::UNKNOWN_CONSTANT, span, message);
        found.push(diagnostic.hint("give it as an argument, or as a global"));
    }
    found
}

/// Types in brackets that are known, and make no type: what they were meant to say cannot be held to.
pub(crate) fn refuse_annotations(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    definition: &FunctionDefinition,
) -> Diagnostics {
    let mut found = Diagnostics::new();
    for parameter in &definition.parameters {
        let annotation = parameter.annotation.as_ref();
        // What is none of the families here is Python's own, and says nothing.
        let of_family = annotation.filter(|one| match &one.kind {
            ExpressionKind::Subscript { value, .. } => {
                let definition = scope.definition_of(value);
                definition.is_some_and(|known| known.family.is_some() || known.argument_family.is_some())
            }
            _ => false,
        });
        let Some(annotation) = of_family.filter(|one| scope.argument_type_of(types, one).is_none()) else { continue };
        if let Some((span, reason)) = scope.type_problem(types, annotation) {
            let message = format!("the annotation of the parameter `{}`: {reason}", parameter.name);
            let diagnostic = Diagnostic::error(codes::UNKNOWN_ANNOTATION, span, message);
            found.push(diagnostic.expected("a type of arguments").hint(ModuleScope::TYPE_PROBLEM_HINT));
        }
    }
    found
}

/// What is known of each parameter.
fn parameters(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    definition: &FunctionDefinition,
    given: &[GivenAndTaken],
) -> Vec<CallParameter> {
    let all = given.iter().copied().chain(std::iter::repeat((None, None)));
    let known = definition.parameters.iter().zip(all).map(|(parameter, (given, taken))| {
        let annotation = parameter.annotation.as_ref();
        // Those of parameters for any number of arguments, which are refused, are of their elements.
        let is_one = !matches!(parameter.kind, ParameterKind::VariadicPositional | ParameterKind::VariadicKeyword);
        let declared = annotation.filter(|_| is_one).and_then(|annotation| scope.argument_type_of(types, annotation));
        CallParameter { given, declared: declared.or(taken) }
    });
    known.collect()
}

/// A plain function, compiled for arguments of certain types. Cheap to clone; the code lives as long as any clone.
#[derive(Clone)]
pub struct CompiledCall {
    pub(crate) unit: Arc<Unit>,
    call: Arc<TypedCall>,
}

impl CompiledCall {
    fn new(unit: Arc<Unit>) -> Result<Self, CompileError> {
        let call = unit.call.clone().ok_or_else(no_call)?;
        Ok(Self { unit, call })
    }

    /// The address of `int32_t f(void *result, void *const *arguments)`; `None` where the backend gives no native code.
    /// Valid while this or a clone lives.
    pub fn function_pointer(&self) -> Option<*const u8> {
        self.unit.code.entry_address()
    }

    /// The code itself.
    pub fn code(&self) -> &Arc<dyn CompiledCode> {
        &self.unit.code
    }

    /// The exported name: the prefix of the ABI and the semantic key.
    pub fn native_name(&self) -> &str {
        &self.unit.native_name
    }

    /// 16 hexadecimal digits over all that changes the meaning of the function.
    pub fn semantic_key(&self) -> &str {
        self.unit.semantic_key()
    }

    /// The whole hash that the semantic key is the start of.
    pub fn semantic_hash(&self) -> &[u8; 32] {
        &self.unit.hash
    }

    /// The name in the source.
    pub fn function_name(&self) -> &str {
        &self.unit.function().name
    }

    /// The source it was compiled from.
    pub fn source(&self) -> &Source {
        self.unit.source()
    }

    /// The options it was compiled with.
    pub fn options(&self) -> &CompilationOptions {
        self.unit.options()
    }

    /// The name of the backend that made the code.
    pub fn backend_name(&self) -> &'static str {
        self.unit.backend.name()
    }

    /// The context it was compiled in.
    pub fn context(&self) -> &CompilationContext {
        &self.unit.context
    }

    /// The types that all handles of this are of.
    pub fn types(&self) -> &TypeTable {
        &self.unit.types
    }

    /// The types of the arguments, in the order of the parameters; `None` for those that are left to their defaults, whose
    /// elements of `arguments` are not looked at.
    pub fn argument_types(&self) -> Vec<Option<Type>> {
        let arguments = &self.call.arguments;
        arguments.iter().map(|argument| Some(argument.given).filter(|_| argument.default.is_none())).collect()
    }

    /// The type of the result's cell.
    pub fn result_type(&self) -> Type {
        self.call.result
    }

    /// What every call gives that gives something, where that is known: None of a function that returns nothing, a text.
    pub fn known_result(&self) -> Option<&Value> {
        self.call.constant.as_ref()
    }

    /// The types of arguments and result as text: `(float, list[int]) -> float`. A default is written as `...`.
    pub fn signature(&self) -> String {
        let types = &self.unit.types;
        let argument = |ty: &Option<Type>| ty.map_or("...", |ty| types.written_name(ty));
        let arguments = self.argument_types();
        let arguments: Vec<&str> = arguments.iter().map(argument).collect();
        format!("({}) -> {}", arguments.join(", "), types.written_name(self.result_type()))
    }

    /// What may not be meant as it was written.
    pub fn warnings(&self) -> &Diagnostics {
        &self.unit.warnings
    }

    /// Where in the source an error of this function happened: the source's name, line and column, both from 1.
    /// `None` for errors of other functions, and for those that no operation of the source raised.
    pub fn error_position(&self, error: &NodeError) -> Option<(&str, u32, u32)> {
        self.unit.error_position(error)
    }

    /// Every use of rules, as [`crate::CompilationResult::operations`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn operations(&self) -> Result<Vec<ResolvedOperation<'_>>, CompileError> {
        self.unit.operations()
    }

    /// The rules that were asked on the way, as [`crate::CompilationResult::provisional_rules`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn provisional_rules(&self) -> Result<Vec<RuleReference<'_>>, CompileError> {
        self.unit.provisional_rules()
    }

    /// The product of a stage as text.
    ///
    /// # Errors
    ///
    /// [`CompileError::Backend`] where the backend has no such text.
    pub fn dump(&self, stage: Stage) -> Result<String, CompileError> {
        self.unit.dump(stage)
    }

    /// Runs the passes once more, as [`crate::CompilationResult::observe_passes`].
    ///
    /// # Errors
    ///
    /// [`CompileError::Internal`] where what worked once does not again.
    pub fn observe_passes(&self, observer: &mut dyn PassObserver) -> Result<(), CompileError> {
        self.unit.observe_passes(observer)
    }

    /// The declaration of the function in C, after a comment that says what the pointers lead to.
    pub fn c_declaration(&self) -> String {
        let types = &self.unit.types;
        let mut text = format!("/* {}{}\n", self.function_name(), self.signature());
        let parameters = self.unit.function().parameters.iter();
        for (index, (argument, parameter)) in self.call.arguments.iter().zip(parameters).enumerate() {
            let what = match argument.default {
                Some(_) => "not looked at".to_owned(),
                None => cell_in_c(types, argument.given, false),
            };
            // Writing to a String does not fail.
            let _infallible = writeln!(text, " * arguments[{index}], {}: {what}", parameter.name);
        }
        let result = cell_in_c(types, self.result_type(), true);
        let _infallible = writeln!(text, " * result: {result}\n */");
        let _infallible = writeln!(text, "int32_t {}(void *result, void *const *arguments);", self.native_name());
        text
    }

    /// Calls the function on cells, and takes the error that it leaves.
    ///
    /// # Errors
    ///
    /// What ended the call. Nothing was written to the result then.
    ///
    /// # Safety
    ///
    /// `arguments` leads to as many pointers as the function has parameters, each as docs/abi.md wants it for the type of
    /// its argument; `result` leads to a cell of the type of the result, which is none of the arguments' memory. What the
    /// caller owns afterwards of the result it releases.
    #[inline]
    pub unsafe fn call(&self, result: *mut u8, arguments: *const *mut u8) -> Result<(), NodeError> {
        // SAFETY: the caller's promise.
        unsafe { self.call_native(None, result.cast(), arguments.cast()) }
    }

    /// As [`CompiledCall::call`], through the address of the native code where that is at hand.
    ///
    /// # Safety
    ///
    /// As for [`CompiledCall::call`]; the entry is that of this code.
    #[inline]
    pub(crate) unsafe fn call_native(
        &self,
        entry: Option<unsafe extern "C" fn(*mut u64, *const *mut u64) -> i32>,
        result: *mut u64,
        arguments: *const *mut u64,
    ) -> Result<(), NodeError> {
        // An error that is pending is not this call's: of a call around this one, or of code that the host called
        // itself. It is put aside, since the first error wins.
        let outer = if error_pending() { Some(SavedThreadState::save()) } else { None };
        let status = match entry {
            // SAFETY: the caller's promise.
            Some(entry) => unsafe { entry(result, arguments) },
            None => {
                let (result, arguments) = (result.expose_provenance() as u64, arguments.expose_provenance() as u64);
                // SAFETY: the caller's promise; the code has this signature.
                unsafe { self.unit.code.call_function(result, arguments) }
            }
        };
        let error = if status == 0 { None } else { Some(take_error()) };
        drop(outer);
        match error {
            None => Ok(()),
            Some(error) => Err(error.unwrap_or_else(|| self.without_record())),
        }
    }

    /// An error that nothing was recorded of.
    #[cold]
    fn without_record(&self) -> NodeError {
        NodeError {
            kind: cfunc_models::NodeErrorKind::RuntimeError,
            message: "the call failed and recorded no error".to_owned(),
            site: cfunc_models::SiteId(u32::MAX),
            native_name: self.unit.native_name.to_string(),
        }
    }
}

/// The type of a component in C.
const fn in_c(component: Representation) -> &'static str {
    match component {
        Representation::I8 => "int8_t",
        Representation::I16 => "int16_t",
        Representation::I32 => "int32_t",
        Representation::I64 => "int64_t",
        Representation::I128 => "__int128",
        Representation::F64 => "double",
        Representation::Pointer => "void *",
    }
}

/// What a pointer leads to, in C.
fn cell_in_c(types: &TypeTable, ty: Type, is_result: bool) -> String {
    let name = types.written_name(ty);
    let components = types.components(ty);
    match (types.definition(ty).cell, components.as_slice()) {
        (_, []) => if is_result { "not written" } else { "not looked at" }.to_owned(),
        (CellForm::Container, _) if is_result => format!("void **, the {name}, which the caller owns"),
        (CellForm::Container | CellForm::Object, _) if !is_result => format!("the {name} itself"),
        (CellForm::Place, _) => format!("the struct {name}"),
        (CellForm::Packed(bytes), _) => format!("{bytes} bytes of {name}"),
        (_, [one]) => format!("{} * of {name}", in_c(*one)),
        (_, several) => {
            let fields = several.iter().enumerate().map(|(index, one)| format!("{} c{index};", in_c(*one)));
            format!("struct {{ {} }} * of {name}", fields.collect::<Vec<_>>().join(" "))
        }
    }
}

impl fmt::Debug for CompiledCall {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompiledCall")
            .field("function", &self.function_name())
            .field("signature", &self.signature())
            .field("native_name", &self.unit.native_name)
            .field("backend", &self.unit.backend.name())
            .finish_non_exhaustive()
    }
}
