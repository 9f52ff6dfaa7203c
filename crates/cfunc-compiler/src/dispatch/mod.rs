//! Plain functions called with dynamic values: compiled once a signature, then found by the kinds of the arguments.

mod builder;
mod container;
mod error;
mod fingerprint;
mod other_tables;
mod parameters;
mod select;
mod settings;
mod specialisation;
mod table;

use std::fmt;
use std::sync::Arc;

use cfunc_context::{CompilationContext, ExtensionPanic, ModuleScope, Registry, catch_panics};
use cfunc_models::{Diagnostics, Type, TypeTable, Value};
use cfunc_syntax::ast::FunctionDefinition;
use cfunc_syntax::{Limits, parse, pick};
use smallvec::SmallVec;

pub use self::builder::DispatcherBuilder;
pub use self::container::Container;
pub use self::error::{CallError, RaisedError};
pub use self::table::LimitPolicy;

use self::fingerprint::{Fingerprint, Uniform};
use self::parameters::{Parameters, Place};
use self::select::Signatures;
use self::settings::Settings;
use self::specialisation::{Arguments, Given, Outcome, Specialisation, signature_key};
use self::table::Table;
use crate::call::{refuse_annotations, refuse_node};
use crate::findings::Findings;
use crate::globals::{HostFunctions, depth_of, with_signature};
use crate::stack::with_stack_for;
use crate::{ArgumentTypes, CompileError, CompileRequest, CompiledCall, InterruptHandle, Source, compile_call};

/// An argument of [`Dispatcher::call_arguments`].
#[derive(Debug)]
pub enum CallArgument<'a> {
    /// A dynamic value. A list or dict among them is changed as the function changes it.
    Value(&'a mut Value),
    /// A container that is passed as it is.
    Container(&'a Container),
}

impl CallArgument<'_> {
    fn given(&mut self) -> Given<'_> {
        match self {
            Self::Value(value) => Given::Value(value),
            Self::Container(container) => Given::Container(container),
        }
    }
}

/// What [`Dispatcher::call_arguments`] gives.
#[derive(Clone, Debug)]
pub enum CallResult {
    /// A dynamic value.
    Value(Value),
    /// A list or dict; where the function gives one of its arguments, that very container.
    Container(Container),
}

impl CallResult {
    /// The dynamic value, of a container what it holds now.
    ///
    /// # Errors
    ///
    /// [`CallError::Box`] where an element cannot be boxed.
    pub fn into_value(self) -> Result<Value, CallError> {
        match self {
            Self::Value(value) => Ok(value),
            Self::Container(container) => container.to_value(),
        }
    }

    /// The container, where it is one.
    pub fn into_container(self) -> Option<Container> {
        match self {
            Self::Value(_) => None,
            Self::Container(container) => Some(container),
        }
    }
}

/// A plain function that is called with dynamic values. It is compiled when arguments of new types come, once for each
/// signature, and may be called from several threads at a time.
///
/// ```
/// use cfunc_compiler::{CompilationContext, Dispatcher, Source, Value, defaults};
///
/// let context = CompilationContext::builder().with(defaults()).build()?;
/// let source = Source::new("scale.py", "def scale(xs, by=2):\n    for i in range(len(xs)):\n        xs[i] *= by\n    return len(xs)\n");
/// let scale = Dispatcher::new(&context, source, "scale")?;
///
/// let mut arguments = [Value::List(vec![Value::Float(1.5), Value::Float(2.0)]), Value::Integer(3)];
/// assert_eq!(scale.call(&mut arguments)?, Value::Integer(2));
/// assert_eq!(arguments[0], Value::List(vec![Value::Float(4.5), Value::Float(6.0)]));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// Lists and dicts are passed as Python passes them: what the function changes is seen in the arguments afterwards, also
/// where the call fails. They are copied into the call and back; a [`Container`] is not.
///
/// A parameter with an annotation that is a type takes values of that type: arguments of others are converted where that
/// loses nothing.
pub struct Dispatcher {
    context: CompilationContext,
    request: CompileRequest,
    name: Box<str>,
    parameters: Parameters,
    /// The types of the source, and those that its parameters are declared of.
    types: Arc<TypeTable>,
    declared: Box<[Option<Type>]>,
    uniform: Uniform,
    signatures: Signatures,
    settings: Settings,
    /// Whether the host wants nothing of the calls.
    is_plain: bool,
    table: Table,
}

impl Dispatcher {
    /// The function of a name of a source, with default options. Nothing is compiled yet.
    ///
    /// # Errors
    ///
    /// [`CallError::Compile`] where the source is not read, or has no such function.
    pub fn new(context: &CompilationContext, source: Source, function: &str) -> Result<Self, CallError> {
        Self::builder(context, CompileRequest::new(source).function(function)).build()
    }

    /// A dispatcher of the function of a request, with its options, backend and globals.
    pub fn builder(context: &CompilationContext, request: CompileRequest) -> DispatcherBuilder {
        DispatcherBuilder::new(context, request)
    }

    fn build(builder: DispatcherBuilder) -> Result<Self, CallError> {
        let DispatcherBuilder { context, mut request, signatures, is_closed, limit, settings } = builder;
        if is_closed && signatures.is_empty() {
            let message = "calls are for given signatures alone, and none is given".to_owned();
            return Err(CallError::Typing { argument: None, message });
        }
        if request.parsed.is_none() {
            request.parsed = Some(Arc::new(parse(request.source.text(), &Limits::default())));
        }
        let read = with_scope(&context, &request, |scope, definition| {
            let mut types = scope.types().clone();
            let annotations = definition.parameters.iter().map(|parameter| parameter.annotation.as_ref());
            let declared = annotations.map(|annotation| scope.argument_type_of(&mut types, annotation?)).collect();
            let wrong = refuse_annotations(scope, &mut types, definition);
            if !wrong.is_empty() {
                return Err(wrong);
            }
            let signatures = Signatures::resolve(scope, &mut types, definition, &signatures, is_closed)?;
            let name: Box<str> = (*definition.name).into();
            Ok((name, Parameters::new(definition), types, declared, signatures))
        });
        let (name, parameters, types, declared, signatures) = read?;
        request.function = Some(name.to_string());
        if parameters.are_open {
            // No call fits a function that takes any number of arguments, and compiling it says so.
            let refused = compile_call(&context, &request, &ArgumentTypes::registered(&[]));
            refused.map_err(|error| CallError::Compile(Arc::new(error)))?;
        }
        let dispatcher = Self {
            uniform: Uniform::new(context.registry()),
            context,
            request,
            name,
            parameters,
            types: types.freeze(),
            declared,
            signatures,
            is_plain: settings.is_plain(),
            settings,
            table: Table::new(limit.filter(|_| !is_closed)),
        };
        for index in 0..dispatcher.signatures.all.len() {
            let given = dispatcher.signatures.all[index].iter().copied().map(Some);
            dispatcher.specialisation(TypeTable::layer(&dispatcher.types), given.collect(), Some(index), true)?;
        }
        Ok(dispatcher)
    }

    /// Calls the function with arguments by position.
    ///
    /// # Errors
    ///
    /// [`CallError`] says which there are. What the call changed of lists and dicts until it failed is in the arguments.
    #[inline]
    pub fn call(&self, arguments: &mut [Value]) -> Result<Value, CallError> {
        let (given, count) = (arguments.len(), self.parameters.all.len());
        if given <= self.parameters.by_position
            && given >= self.parameters.least
            && let Some(fingerprint) = Fingerprint::of_values(arguments)
            && let Some(fingerprint) = fingerprint.with_defaults(count - given)
        {
            let called = self.table.with_kinds(fingerprint, |found| match found.call_words(arguments, self.is_plain) {
                Some(outcome) => outcome,
                None => value_of(found.run(arguments, &self.settings, false)),
            });
            if let Some(outcome) = called {
                return outcome;
            }
        }
        self.call_with(arguments, &mut [])
    }

    /// Calls the function with arguments by position and by keyword. Parameters that get none have their defaults.
    ///
    /// # Errors
    ///
    /// As [`Dispatcher::call`].
    pub fn call_with(&self, arguments: &mut [Value], keywords: &mut [(&str, Value)]) -> Result<Value, CallError> {
        let names: SmallVec<[&str; 4]> = keywords.iter().map(|(name, _)| *name).collect();
        let places = self.parameters.arrange(&self.name, arguments.len(), &names)?;
        let mut positional: SmallVec<[Option<&mut Value>; 8]> = arguments.iter_mut().map(Some).collect();
        let mut by_keyword: SmallVec<[Option<&mut Value>; 8]> =
            keywords.iter_mut().map(|(_, value)| Some(value)).collect();
        let arranged = places.iter().map(|place| {
            let value = match place {
                Place::Position(index) => positional[*index].take(),
                Place::Keyword(index) => by_keyword[*index].take(),
                Place::Default => None,
            };
            value.map_or(Given::Default, Given::Value)
        });
        value_of(self.invoke(&mut Arranged(arranged.collect()), false))
    }

    /// Calls the function with arguments by position, containers among them. A list or dict comes out as a container.
    ///
    /// # Errors
    ///
    /// As [`Dispatcher::call`]; [`CallError::Typing`] for a container of another context, or of another type than the
    /// parameter takes: containers are never converted.
    pub fn call_arguments(&self, arguments: &mut [CallArgument<'_>]) -> Result<CallResult, CallError> {
        self.call_arguments_with(arguments, &mut [])
    }

    /// As [`Dispatcher::call_arguments`], with arguments by keyword too.
    ///
    /// # Errors
    ///
    /// As [`Dispatcher::call_arguments`].
    pub fn call_arguments_with(
        &self,
        arguments: &mut [CallArgument<'_>],
        keywords: &mut [(&str, CallArgument<'_>)],
    ) -> Result<CallResult, CallError> {
        let names: SmallVec<[&str; 4]> = keywords.iter().map(|(name, _)| *name).collect();
        let places = self.parameters.arrange(&self.name, arguments.len(), &names)?;
        let mut positional: SmallVec<[Option<Given<'_>>; 8]> =
            arguments.iter_mut().map(|one| Some(one.given())).collect();
        let mut by_keyword: SmallVec<[Option<Given<'_>>; 8]> =
            keywords.iter_mut().map(|(_, one)| Some(one.given())).collect();
        let arranged = places.iter().map(|place| {
            let given = match place {
                Place::Position(index) => positional[*index].take(),
                Place::Keyword(index) => by_keyword[*index].take(),
                Place::Default => None,
            };
            given.unwrap_or(Given::Default)
        });
        match self.invoke(&mut Arranged(arranged.collect()), true)? {
            Outcome::Value(value) => Ok(CallResult::Value(value)),
            Outcome::Container(container) => Ok(CallResult::Container(container)),
        }
    }

    /// Compiles the function for types now, rather than when a call needs it: `"(float, list[int])"`, or types of the
    /// context.
    ///
    /// # Errors
    ///
    /// [`CallError::Compile`]; [`CallError::Limit`] where there may be no more; [`CallError::Unbox`] and
    /// [`CallError::Box`] where values of its types have no rules; [`CallError::Typing`] where calls are for given
    /// signatures alone, and this is none of them.
    pub fn compile(&self, types: impl Into<ArgumentTypes>) -> Result<Specialised, CallError> {
        let types = types.into();
        let (table, given) = with_scope(&self.context, &self.request, |scope, definition| {
            let mut table = TypeTable::layer(&self.types);
            let given = types.resolve_in(scope, &mut table, definition)?;
            Ok((table, given.into_iter().map(Some).collect::<Vec<_>>()))
        })?;
        let signature = match self.signatures.is_closed {
            false => None,
            true => {
                let found = self.signatures.all.iter().position(|known| {
                    known.iter().zip(&given).all(|(known, given)| given.is_none_or(|given| given == *known))
                });
                Some(found.ok_or_else(|| self.no_signature(&table, &given))?)
            }
        };
        let specialisation = self.specialisation(table, given, signature, false)?;
        Ok(Specialised { compiled: specialisation.compiled.clone() })
    }

    /// Compiles the function for types of the context now; as [`Dispatcher::compile`].
    ///
    /// # Errors
    ///
    /// As [`Dispatcher::compile`].
    pub fn compile_types(&self, types: &[Type]) -> Result<Specialised, CallError> {
        self.compile(types)
    }

    /// A container of a dynamic value, for this function: also of types that its source defines.
    ///
    /// # Errors
    ///
    /// [`CallError::Typing`] and [`CallError::Unbox`]: why there is none.
    pub fn container(&self, value: &Value) -> Result<Container, CallError> {
        let mut types = TypeTable::layer(&self.types);
        let registry = self.context.registry();
        let outcome = catch_panics(|| {
            let ty = registry.type_of_argument(&mut types, value);
            let ty = ty.map_err(|message| CallError::Typing { argument: None, message })?;
            Container::of_type(&self.context, types, ty, value)
        });
        outcome.unwrap_or_else(|panic| Err(panicked(registry, &panic)))
    }

    /// What the function is compiled for now, in the order of compilation.
    pub fn specialisations(&self) -> Vec<Specialised> {
        self.table.all().iter().map(|one| Specialised { compiled: one.compiled.clone() }).collect()
    }

    /// How often the function was compiled, or compiling it was tried.
    pub fn compilations(&self) -> u64 {
        self.table.compilations()
    }

    /// The name of the function.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The names of its parameters, in order.
    pub fn parameters(&self) -> impl Iterator<Item = &str> {
        self.parameters.all.iter().map(|parameter| &*parameter.name)
    }

    /// The context that it is compiled in.
    pub const fn context(&self) -> &CompilationContext {
        &self.context
    }

    /// What interrupts the calls, from any thread; `None` where that was not asked for. A request ends one call, and is
    /// used up by it.
    pub fn interrupt_handle(&self) -> Option<InterruptHandle> {
        self.settings.interrupt.clone().map(InterruptHandle::new)
    }

    /// Calls with one argument or default a parameter.
    fn invoke(&self, arguments: &mut Arranged<'_>, keeps: bool) -> Result<Outcome, CallError> {
        let found = catch_panics(|| self.select(arguments));
        let found = found.unwrap_or_else(|panic| Err(panicked(self.context.registry(), &panic)))?;
        self.table.note_use(&found);
        found.run(arguments, &self.settings, keeps)
    }

    /// The specialisation for types; which of the signatures it is of, where calls are for those alone.
    fn specialisation(
        &self,
        types: TypeTable,
        given: Vec<Option<Type>>,
        signature: Option<usize>,
        is_kept: bool,
    ) -> Result<Arc<Specialisation>, CallError> {
        let count = self.parameters.all.len();
        let chosen = signature.and_then(|index| self.signatures.all.get(index));
        let taken = (0..count).map(|index| self.declared[index].or_else(|| chosen?.get(index).copied()));
        let given = given.into_iter().chain(std::iter::repeat(None)).take(count);
        let all: Vec<(Option<Type>, Option<Type>)> = given.zip(taken).collect();
        self.table.get_or_compile(signature_key(&types, &all), |key| {
            let types = ArgumentTypes::of_source(types, all);
            let compiled = compile_call(&self.context, &self.request, &types);
            let compiled = compiled.map_err(|error| CallError::Compile(Arc::new(error)))?;
            Specialisation::new(compiled, key, &self.uniform, is_kept)
        })
    }
}

/// Reads the source of a request, of which something is asked.
fn with_scope<T: Send>(
    context: &CompilationContext,
    request: &CompileRequest,
    ask: impl FnOnce(&ModuleScope<'_>, &FunctionDefinition) -> Result<T, Diagnostics> + Send,
) -> Result<T, CallError> {
    let read = || -> Result<T, CompileError> {
        let outcome = match &request.parsed {
            Some(outcome) => Arc::clone(outcome),
            None => Arc::new(parse(request.source.text(), &Limits::default())),
        };
        let functions = HostFunctions::parse(request)?;
        let depth = functions.depth(context).max(depth_of(context, &outcome));
        with_stack_for(depth, move || {
            let mut found = Findings { source: &request.source, diagnostics: Diagnostics::new() };
            found.all_of(outcome.diagnostics.clone())?;
            let picked = found.of(pick(&outcome.module, request.function.as_deref()))?;
            let declared =
                found.of(request.signature.as_deref().map(|text| with_signature(picked, text)).transpose())?;
            let definition = declared.as_ref().unwrap_or(picked);
            let foreign = functions.scopes(context);
            let globals = functions.globals(context, &foreign, request);
            let mut scope = ModuleScope::with_globals(context, &outcome.module, &globals);
            if let Some(name) = &request.decorator {
                scope.set_node_decorator(name.as_str().into());
            }
            found.all_of(refuse_node(&scope, request, definition))?;
            found.of(ask(&scope, definition))
        })
    };
    let outcome = catch_panics(read).map_err(|panic| panicked(context.registry(), &panic))?;
    outcome.map_err(|error| CallError::Compile(Arc::new(error)))
}

/// The value of a call that was asked for one.
fn value_of(outcome: Result<Outcome, CallError>) -> Result<Value, CallError> {
    match outcome? {
        Outcome::Value(value) => Ok(value),
        Outcome::Container(container) => container.to_value(),
    }
}

/// What is to be told of a rule that panicked.
#[cold]
pub(crate) fn panicked(registry: &Registry, panic: &ExtensionPanic) -> CallError {
    CallError::Extension(format!("{}: it panicked: {}", panic.describe(registry), panic.message))
}

/// The arguments of a call, one a parameter.
pub(crate) struct Arranged<'a>(pub(crate) SmallVec<[Given<'a>; 8]>);

impl Arguments for Arranged<'_> {
    fn get(&mut self, index: usize) -> Given<'_> {
        match self.0.get_mut(index) {
            Some(Given::Value(value)) => Given::Value(value),
            Some(Given::Container(container)) => Given::Container(container),
            Some(Given::Default) | None => Given::Default,
        }
    }
}

/// What a function is compiled for.
#[derive(Clone, Debug)]
pub struct Specialised {
    compiled: CompiledCall,
}

impl Specialised {
    /// The types of arguments and result: `(float, list[int]) -> float`. A default is written as `...`.
    pub fn signature(&self) -> String {
        self.compiled.signature()
    }

    /// The type of the result, by its name.
    pub fn result_type(&self) -> &str {
        self.compiled.types().written_name(self.compiled.result_type())
    }

    /// The compiled function: its native name, key, code and intermediate forms.
    pub const fn compiled(&self) -> &CompiledCall {
        &self.compiled
    }
}

impl fmt::Debug for Dispatcher {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Dispatcher")
            .field("name", &self.name)
            .field("specialisations", &self.specialisations())
            .finish_non_exhaustive()
    }
}
