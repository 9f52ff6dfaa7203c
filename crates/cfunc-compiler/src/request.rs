//! What is to be compiled, and how.

use std::sync::Arc;

use cfunc_backend::{Backend, SymbolTable};
use cfunc_context::{AnalysisApi, Bindings, BoundArgument};
use cfunc_models::{CompilationOptions, HostObject, LifecyclePhase, Span, Type, Value};
use cfunc_syntax::ParseOutcome;
use cfunc_syntax::ast::{FunctionDefinition, Statement};

use crate::Source;

/// What [`compile`](crate::compile) is to compile: a function of a source, values for its constants, options.
#[derive(Clone, Debug)]
pub struct CompileRequest {
    pub(crate) source: Source,
    pub(crate) function: Option<String>,
    pub(crate) bindings: Bindings,
    pub(crate) options: CompilationOptions,
    pub(crate) backend: Option<Arc<dyn Backend>>,
    pub(crate) symbols: Arc<SymbolTable>,
    pub(crate) parsed: Option<Arc<ParseOutcome>>,
    pub(crate) signature: Option<String>,
    pub(crate) decorator: Option<String>,
    pub(crate) global_values: Vec<(String, Value)>,
    pub(crate) global_functions: Vec<(String, Source)>,
    /// Bodies of START and STOP that the host adds, as the functions that they are.
    pub(crate) bodies: Vec<(LifecyclePhase, FunctionDefinition)>,
    pub(crate) reuse: bool,
    pub(crate) keep_stages: bool,
}

impl CompileRequest {
    /// The only function of a source, with no constants bound, default options and the default backend.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            function: None,
            bindings: Bindings::default(),
            options: CompilationOptions::default(),
            backend: None,
            symbols: Arc::new(SymbolTable::new()),
            parsed: None,
            signature: None,
            decorator: None,
            global_values: Vec::new(),
            global_functions: Vec::new(),
            bodies: Vec::new(),
            reuse: true,
            keep_stages: false,
        }
    }

    /// Names the function. Needed where the source holds more than one node, or several functions and no node.
    #[must_use]
    pub fn function(mut self, name: impl Into<String>) -> Self {
        self.function = Some(name.into());
        self
    }

    /// Binds a constant parameter. Of several values for one name the last counts.
    #[must_use]
    pub fn constant(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.bindings.bind(name, BoundArgument::Value(value.into()));
        self
    }

    /// Binds an object of the host's own to a parameter: an edge, a channel. The input handler of the parameter sees it,
    /// and the signal processors do. It is no part of the semantic key; what the handler makes of it is.
    #[must_use]
    pub fn object(mut self, name: impl Into<String>, object: HostObject) -> Self {
        self.bindings.bind(name, BoundArgument::Object(object));
        self
    }

    /// Says how the type of the values of such an object is found, for handlers whose annotations leave it open.
    #[must_use]
    pub fn type_of_objects(
        mut self,
        typing: impl Fn(&mut AnalysisApi<'_>, &HostObject) -> Option<Type> + Send + Sync + 'static,
    ) -> Self {
        self.bindings.set_object_typing(Arc::new(typing));
        self
    }

    /// Gives the tree of the source, which is then not parsed again. Its spans are offsets into the source's text.
    #[must_use]
    pub fn parsed(mut self, outcome: Arc<ParseOutcome>) -> Self {
        self.parsed = Some(outcome);
        self
    }

    /// Declares parameters and outputs in the place of what the function's own annotations say, as Python writes them:
    /// `(x: Signal[int], k: int = 3) -> Signal[float]`.
    #[must_use]
    pub fn signature(mut self, signature: impl Into<String>) -> Self {
        self.signature = Some(signature.into());
        self
    }

    /// Names the decorator that makes a function a node: functions with it are nodes, which helpers and nodes do not
    /// call, and all others are helpers. Without it annotations say what is a node. A name without dots is the last part
    /// of what decorates: `node` of `@framework.node`.
    #[must_use]
    pub fn decorator(mut self, name: impl Into<String>) -> Self {
        self.decorator = Some(name.into());
        self
    }

    /// Makes a value known under a name, as if the source had assigned it before its first line. Of several values for
    /// one name the last counts.
    #[must_use]
    pub fn global(mut self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        self.global_values.push((name.into(), value.into()));
        self
    }

    /// Makes the function of a name known that another source defines, to be called as a helper. That source may hold
    /// constants, imports and other functions for it.
    #[must_use]
    pub fn global_function(mut self, name: impl Into<String>, source: Source) -> Self {
        self.global_functions.push((name.into(), source));
        self
    }

    /// Adds the statements that START runs, after containers are there. They see the node's states and constants and the
    /// names of its module; their spans are offsets into the source's text. A node has one such body, be it from here or
    /// of its source.
    #[must_use]
    pub fn start_body(self, statements: Vec<Statement>) -> Self {
        self.body(LifecyclePhase::Start, statements)
    }

    /// Adds the statements that STOP runs, before containers go; as [`CompileRequest::start_body`] otherwise.
    #[must_use]
    pub fn stop_body(self, statements: Vec<Statement>) -> Self {
        self.body(LifecyclePhase::Stop, statements)
    }

    fn body(mut self, phase: LifecyclePhase, body: Vec<Statement>) -> Self {
        let name = if phase == LifecyclePhase::Start { "start_body" } else { "stop_body" };
        let definition = FunctionDefinition {
            name: name.into(),
            name_span: body.first().map_or_else(Span::default, |first| first.span.head()),
            decorators: Vec::new(),
            parameters: Vec::new(),
            returns: None,
            body,
            is_async: false,
        };
        self.bodies.push((phase, definition));
        self
    }

    /// Sets the options.
    #[must_use]
    pub fn options(mut self, options: CompilationOptions) -> Self {
        self.options = options;
        self
    }

    /// Sets the backend.
    #[must_use]
    pub fn backend(mut self, backend: Arc<dyn Backend>) -> Self {
        self.backend = Some(backend);
        self
    }

    /// Gives the addresses of the host's own functions that registered rules call.
    #[must_use]
    pub fn symbols(mut self, symbols: Arc<SymbolTable>) -> Self {
        self.symbols = symbols;
        self
    }

    /// Whether a result that lives, of an equal request in the same context, may be given instead of a new one: it may, at
    /// first. Equal is all that decides what a result is: the text and the name of the source, the function, signature,
    /// decorator and globals, constants by their bits, options, the engine, the addresses of symbols, the tree where one is
    /// given. Requests that bind objects of the host, or add bodies, are not compared, and those of contexts whose
    /// [answers may change](crate::Registrar::answers_may_change) are not either. Handlers and rules are not asked for what is
    /// shared; warnings are those of the first compilation. Errors are not kept.
    ///
    /// Instances of a shared result have states of their own, as those of any result.
    #[must_use]
    pub const fn reuse(mut self, reuse: bool) -> Self {
        self.reuse = reuse;
        self
    }

    /// Whether the result keeps what the stages before the backend made, the typed tree and the intermediate representation,
    /// several times as much memory as the rest. Without it, as at first, what needs them
    /// ([`dump`](crate::CompilationResult::dump), [`operations`](crate::CompilationResult::operations), modules of LLVM)
    /// makes them again. Results that cannot be made again, those of requests with objects of the host, keep them anyway.
    #[must_use]
    pub const fn keep_stages(mut self, keep_stages: bool) -> Self {
        self.keep_stages = keep_stages;
        self
    }

    /// The source.
    pub fn source(&self) -> &Source {
        &self.source
    }
}
