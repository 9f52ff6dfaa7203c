//! The compilation context: everything registered, frozen, and the interfaces that rules and handlers are written
//! against.
//!
//! Types, operators, functions, inputs, outputs and rewrites come into a [`CompilationContext`] through
//! [`Registrar`], given to each [`Extension`] in turn. The compiler's own built-ins are registered the same way. The
//! frozen context is immutable, cheap to clone, and shared between threads.

mod analysis;
mod binding;
mod boxing;
mod boxing_registration;
mod callable;
mod context;
mod contract;
mod custom_type;
mod elaboration;
mod enumerations;
mod extension;
mod failure;
mod fold;
mod foreign;
mod foreign_calls;
mod foreign_registration;
mod globals;
mod guarded;
mod interner;
mod kept;
mod lifecycle;
mod lowering;
mod module;
mod native_containers;
mod native_memory;
mod native_values;
mod ownership;
mod panics;
mod processors;
mod python;
mod registrar;
mod registrar_handlers;
mod registrar_values;
mod registry;
mod resolve;
mod rules;
mod scope;
mod snapshot;
mod transform;
mod uses;

pub use analysis::{
    AnalysisApi, InputHandler, OutputDeclaration, OutputHandler, ParameterDeclaration, bind_by_default,
};
pub use binding::{Bindings, BoundArgument, ObjectTyping};
pub use boxing::{BoxError, BoxRule, BoxWord, Boxing, BoxingContext, UnboxRule, UnboxWord, Unboxing, UntypedRule};
pub use callable::{CallableId, Operation};
pub use context::{CompilationContext, ContextBuilder};
pub use custom_type::{CustomType, StateDeclaration};
pub use elaboration::{
    AssignedPlace, Assignment, AssignmentElaborator, AttributeAccess, AttributeElaborator, BaseKind, BasePlace,
    CallElaborator, HeldValue, InferApi, MethodCall,
};
pub use enumerations::EnumerationDescription;
pub use extension::{Extension, ExtensionId, RegistrationError};
pub use failure::{ErrorClause, ErrorScope, ErrorTarget};
pub use fold::{CONSTANT_HINT, fold_constant, fold_default};
pub use foreign::{CType, ForeignFunction, ForeignStatus, ForeignType, TypeReference};
pub use globals::{GlobalDefinition, Globals, Marker, PythonFunction, TypeFamily, TypeFamilyRule};
pub use kept::KeptRule;
pub use lifecycle::{StateCell, StateLifecycle, StateRule};
pub use lowering::{LowerContext, LowerError, Operand};
pub use module::{ClassApi, ClassDeclaration, ClassHandler, ModuleName, ModuleNameKind};
pub use native_containers::{ContainerBuilder, ContainerCalls, NativeContainer, NativeMemory};
pub use native_memory::{NativeBuffer, NativeWord};
pub use native_values::{NativeCells, NativeValue, PartWriteBack};
pub use ownership::{CopyRule, OwnedComponent, OwnedMark, OwnedValues, Ownership, ReleaseRule};
pub use panics::{ExtensionPanic, PanicSource, ask_handler, catch_panics};
pub use processors::{FunctionInfo, SignalProcessor};
pub use python::{EmittedPython, PythonCode, PythonFunctions, RuleFunction};
pub use registrar::Registrar;
pub use registrar_handlers::PrivateFunction;
pub use registry::{Cast, Registry, RuleInfo, Unifier};
pub use resolve::{Arrangement, Candidate, Resolution, ResolveError};
pub use rules::{
    Argument, AttributeTypingRule, CallableParameter, CastCondition, CastRule, ConstantRule, Conversion,
    ConvertMemberRule, ConvertValueRule, FoldArguments, FoldError, FoldRule, Loss, LoweringRule, RuleId, Signature,
    TypeSpec, TypeofRule, TypingAnswer, TypingContext, TypingRule, UnificationRule, UnwrapRule, ValueRole, ValueSpec,
    exact,
};
pub use scope::{HostGlobals, LifecycleFunction, ModuleNameId, ModuleScope, OtherFunction, ScopeEntry};
pub use snapshot::{ItemPart, ItemsForm, NativeFunction, SnapshotForm, SnapshotRule};
pub use transform::{
    AfterExpression, AfterStatement, BeforeExpression, BeforeStatement, ExpressionHandlers, ExpressionNode, Handler,
    HandlerResult, InputReference, NodeHandlers, StatementHandlers, StatementNode, TransformApi,
};
pub use uses::{RuleUse, RuleUses, SymbolUse, UseKind};
