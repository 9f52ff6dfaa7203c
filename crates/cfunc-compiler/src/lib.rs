//! Compiles annotated Python functions into native C-callable functions.
//!
//! A framework builds a [`CompilationContext`] from extensions once, [`compile`]s the functions of its users in it, and
//! runs each result through a [`NodeInstance`], or calls [`CompilationResult::function_pointer`] with arrays of its own.
//!
//! ```
//! use cfunc_compiler::{CompilationContext, CompileRequest, Source};
//!
//! let context = CompilationContext::builder()
//!     .with(cfunc_compiler::defaults())
//!     .with(cfunc_signals::extension())
//!     .build()?;
//! let text = "
//! def ema(x: Signal[float], alpha: float) -> Signal[float]:
//!     average: State[float] = 0.0
//!     average = alpha * x + (1.0 - alpha) * average
//!     return average
//! ";
//! let request = CompileRequest::new(Source::new("ema.py", text)).constant("alpha", 0.5);
//! let result = cfunc_compiler::compile(&context, &request)?;
//!
//! let mut node = result.instantiate()?;
//! let (x, out) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
//! node.start()?;
//! for price in [8.0, 4.0] {
//!     node.set(x, price);
//!     node.execute()?;
//! }
//! assert_eq!(node.ticked(out), Some(4.0));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Functions without signals and states are called with dynamic values: a [`Dispatcher`] compiles them for the types that
//! come, [`compile_call`] for given ones; a [`Container`] is a list or dict passed without a copy. See docs/calling.md.
//!
//! Each stage of [`compile`] runs in a `tracing` span of its name at debug level; [`compile_observed`] tells an
//! [`Observer`] besides. Nothing here prints, reads files or the clock. Types, operators and inputs come from extensions,
//! which depend on this crate alone: [`Extension`], [`Registrar`], handler traits, the tree in [`ast`], the IR in [`ir`].
//!
//! Features: `cranelift` (default) brings the Cranelift backend, `llvm` the LLVM backend and modules of many functions. The
//! default backend is Cranelift, else LLVM, else the [`Interpreter`], which is always there.

mod build;
mod call;
mod call_types;
mod compile;
mod current;
mod dispatch;
#[cfg(doctest)]
mod documents;
mod engines;
mod enumerations;
mod error;
mod evaluate;
mod findings;
mod foreign;
mod foreign_symbols;
mod globals;
mod instance;
mod key;
mod llvm;
#[cfg(feature = "llvm")]
mod llvm_module;
mod metadata;
mod native;
mod print;
#[doc(hidden)]
pub mod private;
mod request;
mod result;
mod reuse;
mod source;
mod stack;
mod structs;
mod unit;

pub use cfunc_backend::{
    AtLevel, Backend, BackendError, CodeText, CompiledCode, NativeEntry, SymbolTable, call_native,
};
#[cfg(feature = "cranelift")]
pub use cfunc_backend_cranelift::CraneliftBackend;
pub use cfunc_backend_interp::Interpreter;
#[cfg(feature = "llvm")]
pub use cfunc_backend_llvm::{LlvmBackend, ModuleError};
pub use cfunc_builtins::{Defaults, RegisterStructs, defaults, register_all};
pub use cfunc_context::{
    AnalysisApi, Argument, Arrangement, AssignedPlace, Assignment, AttributeAccess, AttributeTypingRule, BaseKind,
    BasePlace, Bindings, BoundArgument, BoxError, BoxRule, BoxWord, Boxing, BoxingContext, CType, CallableId,
    CallableParameter, Candidate, Cast, CastRule, ClassApi, ClassDeclaration, ClassHandler, CompilationContext,
    ConstantRule, ContainerBuilder, ContainerCalls, ContextBuilder, Conversion, ConvertValueRule, CopyRule, CustomType,
    EnumerationDescription, ErrorTarget, ExpressionNode, Extension, ExtensionId, FoldArguments, FoldError, FoldRule,
    ForeignFunction, ForeignStatus, ForeignType, FunctionInfo, GlobalDefinition, Globals, HandlerResult, HeldValue,
    InferApi, InputHandler, InputReference, ItemPart, ItemsForm, Loss, LowerContext, LowerError, LoweringRule, Marker,
    MethodCall, ModuleScope, NativeBuffer, NativeCells, NativeContainer, NativeFunction, NativeMemory, NativeValue,
    NativeWord, ObjectTyping, Operand, Operation, OutputDeclaration, OutputHandler, OwnedComponent, OwnedMark,
    OwnedValues, Ownership, ParameterDeclaration, PartWriteBack, PrivateFunction, Registrar, RegistrationError,
    Registry, ReleaseRule, Resolution, ResolveError, RuleId, RuleInfo, RuleUse, RuleUses, ScopeEntry, SignalProcessor,
    Signature, SnapshotForm, SnapshotRule, StateDeclaration, StatementNode, TransformApi, TypeReference, TypeSpec,
    TypeofRule, TypingAnswer, TypingContext, TypingRule, UnboxRule, UnboxWord, Unboxing, UnificationRule, UntypedRule,
    UseKind, ValueRole, ValueSpec, bind_by_default, exact,
};
pub use cfunc_derive::{CfuncEnum, CfuncStruct};
pub use cfunc_infer::{ResolvedOperation, RuleReference};
pub use cfunc_ir as ir;
pub use cfunc_models::{
    AbiConfig, AbiParameter, AbiParameterId, AbiRole, ArrayLayout, CellForm, CompilationOptions, DIAGNOSTIC_CODES,
    DataModel, DescribedStruct, Diagnostic, DiagnosticCode, DiagnosticNote, Diagnostics, Effects, ErrorModel,
    ErrorSite, Field, FieldDescription, FieldForm, FieldType, FunctionDescription, FunctionModel, HostObject,
    HostValue, InputModel, Kept, LifecyclePhase, LineColumn, LineIndex, LocalModel, MemoryLayout, MemoryPart,
    MetadataMap, MetadataValue, MissingKey, NodeErrorKind, OptimizationLevel, OutputModel, ParameterModel, PassLevel,
    ReportedDeclarations, Representation, RuntimeFunction, Severity, SiteId, Span, Spanned, StateModel,
    StructDescription, StructField, StructLayout, StructReference, TargetCpu, Type, TypeClass, TypeConstructor,
    TypeDefinition, TypeTable, UnitDescriptor, Value, VariableId, codes, diagnostic_page,
};
pub use cfunc_runtime::{
    Allocator, MemoryAccount, MemoryCounters, NodeError, SavedThreadState, clear_error, error_pending, take_error,
};
pub use cfunc_sources::{
    CONSTANT_CATEGORY, InitFilter, KeyedInputs, KeyedNames, KeyedSpan, LIFECYCLE_CATEGORY, LayoutError, MarkedFunction,
    OUTPUT_CATEGORY, STATE_CATEGORY, SignatureLayout, SourceCategory, VariableFactory, VariableModel, VariableSource,
    Variables,
};
pub use cfunc_syntax::{Limits, ParseOutcome, ast, builders, closest, parse, visit, visit_mut};

pub use call::{CompiledCall, compile_call, compile_call_observed};
pub use call_types::ArgumentTypes;
pub use compile::{Observer, check, check_decorated, compile, compile_observed, decorated_functions, node_functions};
pub use current::{EnteredContext, current, enter};
pub use dispatch::{
    CallArgument, CallError, CallResult, Container, Dispatcher, DispatcherBuilder, LimitPolicy, RaisedError,
    Specialised,
};
#[cfg(feature = "llvm")]
pub use engines::llvm_backend;
pub use engines::{backends, backends_at_all_levels, default_backend};
pub use enumerations::{CfuncEnum, Member, MemberNumber, MemberSet, RegisterEnumerations};
pub use error::{AccessError, CompileError, InstantiateError, SnapshotError};
pub use evaluate::evaluate;
pub use foreign::{BorrowedMemory, ForeignArgument, ForeignError, ForeignObject, ForeignResult};
#[doc(hidden)]
pub use foreign::{ForeignOutcome, thunk as foreign_thunk};
pub use instance::{CellValue, Datetime, InputHandle, InterruptHandle, NodeInstance, OutputHandle, Timedelta};
#[cfg(feature = "llvm")]
pub use llvm_module::{LlvmModule, LoadedLlvmModule};
pub use metadata::Metadata;
pub use request::CompileRequest;
pub use result::CompilationResult;
pub use source::Source;
pub use structs::{CfuncField, CfuncStruct};
pub use unit::Stage;
