//! The frozen context and its builder.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, OnceLock};

use cfunc_models::{AbiConfig, DataModel, Representation, Type, TypeTable};
use cfunc_sources::{SignatureLayout, SourceCategory, builtin_categories};

use crate::elaboration::Elaborators;
use crate::enumerations::EnumerationMaker;
use crate::panics::asked_host;
use crate::transform::TreeHandlers;
use crate::{
    CallableId, ClassHandler, Conversion, CustomType, ExpressionHandlers, ExpressionNode, Extension, ExtensionId,
    ExtensionPanic, Globals, InputHandler, OutputHandler, PanicSource, PythonFunction, Registrar, RegistrationError,
    Registry, RuleFunction, RuleInfo, SignalProcessor, StatementHandlers, StatementNode, TypeSpec,
};

/// Handlers in the order they are asked.
#[derive(Clone, Default)]
pub(crate) struct Handlers {
    pub(crate) categories: Vec<Arc<dyn SourceCategory>>,
    pub(crate) inputs: Vec<Arc<dyn InputHandler>>,
    pub(crate) outputs: Vec<Arc<dyn OutputHandler>>,
    pub(crate) tree: TreeHandlers,
    pub(crate) elaborators: Elaborators,
    pub(crate) custom_types: Vec<(i32, Arc<dyn CustomType>)>,
    pub(crate) processors: Vec<(ExtensionId, SignalProcessor)>,
    pub(crate) classes: Vec<Arc<dyn ClassHandler>>,
    pub(crate) python: Vec<PythonFunction>,
    pub(crate) rule_functions: Vec<RuleFunction>,
    pub(crate) enumerations: Option<EnumerationMaker>,
    pub(crate) answers_may_change: bool,
}

struct ContextData {
    types: Arc<TypeTable>,
    registry: Registry,
    globals: Globals,
    handlers: Handlers,
    layout: SignatureLayout,
    abi: AbiConfig,
    extensions: Vec<ExtensionId>,
    digest: OnceLock<[u8; 32]>,
    attached: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// Everything that is registered, frozen: immutable, cheap to clone, shared between threads, isolated from others.
#[derive(Clone)]
pub struct CompilationContext {
    data: Arc<ContextData>,
}

impl std::fmt::Debug for CompilationContext {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("CompilationContext").field("extensions", &self.data.extensions).finish_non_exhaustive()
    }
}

impl CompilationContext {
    /// Starts a context with nothing but the built-in source categories.
    pub fn builder() -> ContextBuilder {
        ContextBuilder::default()
    }

    /// Whether two are one context, of which one is a clone of the other.
    pub fn is_same(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.data, &other.data)
    }

    /// All types registered.
    pub fn types(&self) -> &Arc<TypeTable> {
        &self.data.types
    }

    /// All rules registered.
    pub fn registry(&self) -> &Registry {
        &self.data.registry
    }

    /// All global names registered.
    pub fn globals(&self) -> &Globals {
        &self.data.globals
    }

    /// The source categories and the signature they give.
    pub fn layout(&self) -> &SignatureLayout {
        &self.data.layout
    }

    /// The choices of the ABI.
    pub fn abi(&self) -> &AbiConfig {
        &self.data.abi
    }

    /// The extensions it was built with, in order.
    pub fn extensions(&self) -> &[ExtensionId] {
        &self.data.extensions
    }

    /// Readers of parameter annotations, in order.
    pub fn input_handlers(&self) -> &[Arc<dyn InputHandler>] {
        &self.data.handlers.inputs
    }

    /// Readers of return annotations, in order.
    pub fn output_handlers(&self) -> &[Arc<dyn OutputHandler>] {
        &self.data.handlers.outputs
    }

    /// Readers of classes at module level, in order.
    pub fn class_handlers(&self) -> &[Arc<dyn ClassHandler>] {
        &self.data.handlers.classes
    }

    /// The functions that were registered as Python code.
    pub fn python_functions(&self) -> &[PythonFunction] {
        &self.data.handlers.python
    }

    /// The functions of Python code that rules call, by [`cfunc_sources::RuleFunctionId`].
    pub fn rule_functions(&self) -> &[RuleFunction] {
        &self.data.handlers.rule_functions
    }

    /// A hash over what the context brings to every semantic key, made by `compute` when it is first asked for.
    pub fn digest(&self, compute: impl FnOnce() -> [u8; 32]) -> &[u8; 32] {
        self.data.digest.get_or_init(compute)
    }

    /// Whether what is registered may give other answers to the same questions: see [`Registrar::answers_may_change`].
    pub fn answers_may_change(&self) -> bool {
        self.data.handlers.answers_may_change
    }

    /// What who compiles keeps with the context, made when it is first asked for; `None` where something of another type is
    /// kept. It goes with the context, and must not own it.
    pub fn attached<T: Any + Default + Send + Sync>(&self) -> Option<&T> {
        self.data.attached.get_or_init(|| Box::<T>::default()).downcast_ref()
    }

    pub(crate) fn handlers(&self) -> &Handlers {
        &self.data.handlers
    }

    /// The handlers of a kind of expressions.
    pub fn expression_handlers(&self, node: ExpressionNode) -> &ExpressionHandlers {
        &self.data.handlers.tree.expressions[node as usize]
    }

    /// The handlers of a kind of statements.
    pub fn statement_handlers(&self, node: StatementNode) -> &StatementHandlers {
        &self.data.handlers.tree.statements[node as usize]
    }
}

/// Collects extensions, then freezes what they register.
#[derive(Default)]
pub struct ContextBuilder {
    extensions: Vec<Arc<dyn Extension>>,
    abi: AbiConfig,
    unwanted: Vec<UnwantedRules>,
    answers_may_change: bool,
}

/// Whether a rule is to be left out.
type IsUnwanted = dyn Fn(&RuleInfo) -> bool + Send + Sync;

/// Rules to be left out.
pub(crate) struct UnwantedRules {
    is_unwanted: Box<IsUnwanted>,
    /// Whether there was one.
    found: bool,
}

impl UnwantedRules {
    pub(crate) fn includes(&mut self, rule: &RuleInfo) -> bool {
        let unwanted = asked_host("a condition of `without_rule`", || (self.is_unwanted)(rule));
        self.found |= unwanted;
        unwanted
    }
}

impl ContextBuilder {
    /// Adds an extension; they register in the order they are added.
    #[must_use]
    pub fn with(mut self, extension: impl Extension + 'static) -> Self {
        self.extensions.push(Arc::new(extension));
        self
    }

    /// Sets the choices of the ABI.
    #[must_use]
    pub fn abi(mut self, abi: AbiConfig) -> Self {
        self.abi = abi;
        self
    }

    /// Leaves out every rule that this holds for: signatures, typing closures, lowering rules, casts, constants, generic
    /// attributes, types of values, unifications, conversions and folds of
    /// values. What used one resolves to another rule or to none, as if it had never been registered.
    ///
    /// For tests of what depends on a rule, and for hosts that restrict what nodes may do. Names are those of
    /// [`crate::Registry::rules`]: `+(int, int) -> int` types, `+(int, int)` lowers, `cast(int -> float)` converts,
    /// `typeof(int)`, `unify(int, float) -> float`, `convert(int)`, `fold(+)` and `fold(+, datetime)` are about what is
    /// known at compile time; `.width(Interval)`, `.scale()(Interval)` and `.width =(Interval, float)` are of attributes
    /// and methods, `Interval.*` of every attribute, `truth value(Interval)` and `subscript(Series, int)` of operations
    /// that have no sign, `copy(Series)` and `release(Series)` of owned values, which are left out together.
    ///
    /// A rule of another extension is replaced so: it is left out by its name and extension, and another registered. The
    /// build fails where nothing is left out, which a name that is written wrong would hide. Rules are no part of the semantic key; the IR that they emit is.
    #[must_use]
    pub fn without_rule(mut self, unwanted: impl Fn(&RuleInfo) -> bool + Send + Sync + 'static) -> Self {
        self.unwanted.push(UnwantedRules { is_unwanted: Box::new(unwanted), found: false });
        self
    }

    /// Says that what is registered may give other answers to the same questions, as [`Registrar::answers_may_change`] does
    /// for an extension: nothing compiled in this context is shared.
    #[must_use]
    pub fn answers_may_change(mut self) -> Self {
        self.answers_may_change = true;
        self
    }

    /// Registers everything and freezes it.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] of the first extension that cannot be registered.
    pub fn build(mut self) -> Result<CompilationContext, RegistrationError> {
        check_widths(&self.abi)?;
        let mut types = TypeTable::new();
        let mut registry = Registry::with_operations();
        let mut globals = Globals::default();
        let mut handlers = Handlers {
            categories: builtin_categories(),
            answers_may_change: self.answers_may_change,
            ..Handlers::default()
        };
        let mut extensions: Vec<ExtensionId> = Vec::new();
        for extension in &self.extensions {
            let unnamed = ExtensionId::new("an extension without an id", 0);
            let id = registered(&unnamed, || Ok(extension.id()))?;
            if extensions.iter().any(|other| other.name == id.name) {
                return Err(RegistrationError::DuplicateExtension(id.name));
            }
            extensions.push(id.clone());
            let mut registrar = Registrar {
                extension: id.clone(),
                types: &mut types,
                registry: &mut registry,
                globals: &mut globals,
                handlers: &mut handlers,
                unwanted: &mut self.unwanted,
                abi: &self.abi,
            };
            registered(&id, || extension.register(&mut registrar))?;
            if let Some(problem) = registry.problems.pop() {
                return Err(problem);
            }
        }
        if let Some(position) = self.unwanted.iter().position(|unwanted| !unwanted.found) {
            return Err(RegistrationError::NoRuleLeftOut(position));
        }
        freeze(&mut registry, &types)?;
        handlers.tree.sort();
        handlers.elaborators.sort();
        handlers.custom_types.sort_by_key(|(priority, _)| *priority);
        let layout = SignatureLayout::new(handlers.categories.clone())?;
        Ok(CompilationContext {
            data: Arc::new(ContextData {
                types: types.freeze(),
                registry,
                globals,
                handlers,
                layout,
                abi: self.abi,
                extensions,
                digest: OnceLock::new(),
                attached: OnceLock::new(),
            }),
        })
    }
}

/// Refuses widths that no cell has.
fn check_widths(abi: &AbiConfig) -> Result<(), RegistrationError> {
    let wrong = |what, width, expected| Err(RegistrationError::CellWidth { what, width, expected });
    if abi.enum_representation().is_none() {
        return wrong("enums", abi.enum_width, "8, 16, 32 or 64");
    }
    if abi.enumset_forms().is_none() {
        return wrong("sets of enums", abi.enumset_width, "a multiple of 8 from 8 to 128");
    }
    Ok(())
}

/// What an extension gives while it is registered; its panic is an error too, for the context is given up with it.
fn registered<T>(
    extension: &ExtensionId,
    ask: impl FnOnce() -> Result<T, RegistrationError>,
) -> Result<T, RegistrationError> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|payload| {
        let unnamed = PanicSource::Part { what: "`Extension::register`", extension: extension.clone() };
        let ExtensionPanic { source, message, .. } = ExtensionPanic::of(unnamed, payload);
        let who = match source {
            PanicSource::Part { what, extension } => format!("{what} of `{extension}`"),
            PanicSource::Host(what) => what.to_owned(),
            PanicSource::Rule(_) => format!("a rule that `{extension}` asks"),
        };
        Err(RegistrationError::Panicked { who, message })
    })
}

/// Whether values of a type are several IR values and nothing else: no pointer leads to memory that could change.
pub(crate) fn is_copied(types: &TypeTable, ty: Type) -> bool {
    let is_made_of_fields = matches!(types.definition(ty).model, DataModel::Fields(_));
    is_made_of_fields && !types.components(ty).contains(&Representation::Pointer)
}

/// Checks specifications, and finds the lowering rule of every fixed signature once.
fn freeze(registry: &mut Registry, types: &TypeTable) -> Result<(), RegistrationError> {
    for ty in types.all() {
        let constructor = types.definition(ty).constructor;
        if let Some(hooks) = registry.ownerships.get(&constructor)
            && registry.ownership(types, ty).is_none()
        {
            let (rule, ty) = (registry.rule(hooks.copy_rule).name.clone(), types.name(ty).to_owned());
            return Err(RegistrationError::NotOwned { rule, ty });
        }
        if let Some(setter) = registry.generic_setters.get(&constructor)
            && is_copied(types, ty)
        {
            return Err(RegistrationError::SetterOfValues(registry.rule(setter.rule).name.clone()));
        }
    }
    for ((from, to), cast) in &registry.casts {
        registry.cast_targets.entry(*from).or_default().push((*to, cast.conversion != Conversion::Lossy));
    }
    let mut exact = std::mem::take(&mut registry.exact);
    let mut found = Vec::new();
    for (index, data) in (0u32..).zip(&registry.callables) {
        let callable = CallableId(index);
        for lowering in &data.lowerings {
            let before_last = lowering.specs.split_last().map_or(&[][..], |(_, before)| before);
            if before_last.iter().any(|spec| matches!(spec, TypeSpec::VariableArguments(_))) {
                let name = registry.rule(lowering.rule).name.clone();
                return Err(RegistrationError::VariableArgumentsNotLast(name));
            }
        }
        for (position, overload) in (0u32..).zip(&data.overloads) {
            // The latest registration of one and the same signature is the one in force.
            exact.insert((callable, overload.signature.parameters.clone()), position);
            let lowering = registry.resolve_lowering(types, callable, data, &overload.signature).ok();
            found.push((callable, position, lowering));
        }
    }
    for (callable, position, lowering) in found {
        registry.callable_mut(callable).overloads[position as usize].lowering = lowering;
    }
    registry.exact = exact;
    Ok(())
}
