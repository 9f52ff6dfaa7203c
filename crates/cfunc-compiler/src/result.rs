//! What a compilation gives.

use std::fmt;
use std::sync::Arc;

use cfunc_backend::CompiledCode;
use cfunc_context::CompilationContext;
use cfunc_infer::{ResolvedOperation, RuleReference};
use cfunc_ir::PassObserver;
use cfunc_models::{
    AbiParameter, CompilationOptions, Diagnostics, FunctionModel, InputModel, OutputModel, StateModel, Type, TypeTable,
};
use cfunc_runtime::NodeError;

use crate::unit::{Stage, Unit};
use crate::{CompileError, InstantiateError, Metadata, NodeInstance, Source};

/// A compiled function: its code, and all that a host needs to run it. Cheap to clone; the code lives as long as any
/// clone or instance.
#[derive(Clone)]
pub struct CompilationResult {
    pub(crate) unit: Arc<Unit>,
}

impl CompilationResult {
    /// The address of the function, under the ABI of compiled nodes; `None` where the backend gives no native code.
    /// Valid while this result, a clone or an instance lives.
    pub fn function_pointer(&self) -> Option<*const u8> {
        self.unit.code.entry_address()
    }

    /// The code itself, for hosts that own slots and call it through any backend.
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

    /// What the function declares.
    pub fn function(&self) -> &FunctionModel {
        self.unit.function()
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

    /// The types that all handles of this result are of.
    pub fn types(&self) -> &TypeTable {
        &self.unit.types
    }

    /// The parameters of the compiled function, in order.
    pub fn parameters(&self) -> &[AbiParameter] {
        self.unit.parameters()
    }

    /// The inputs of all extension categories, in the order of their slots.
    pub fn inputs(&self) -> &[InputModel] {
        &self.unit.inputs
    }

    /// The outputs, in the order of their slots.
    pub fn outputs(&self) -> &[OutputModel] {
        &self.unit.function().outputs
    }

    /// The types of the outputs, in the order of their slots.
    pub fn output_types(&self) -> &[Type] {
        &self.unit.output_types
    }

    /// Names and types of the outputs, where they are named.
    pub fn named_outputs(&self) -> Option<Vec<(&str, Type)>> {
        let function = self.unit.function();
        let named = function.outputs.iter().map(|output| (output.name.as_deref().unwrap_or(""), output.ty));
        function.named_outputs.then(|| named.collect())
    }

    /// The states, in the order of their slots.
    pub fn states(&self) -> &[StateModel] {
        &self.unit.function().states
    }

    /// What a host needs to know besides.
    pub fn metadata(&self) -> &Metadata {
        &self.unit.metadata
    }

    /// What may not be meant as it was written. [`CompilationResult::rendered_warnings`] says where, too.
    pub fn warnings(&self) -> &Diagnostics {
        &self.unit.warnings
    }

    /// The warnings as a compiler prints them, with the place and the line of the source of each; empty where there are
    /// none.
    pub fn rendered_warnings(&self) -> String {
        self.unit.warnings.render(self.unit.source().name(), self.unit.source().text())
    }

    /// Where in the source an error of this function happened: the source's name, line and column, both from 1.
    /// `None` for errors of other functions, and for those that no operation of the source raised.
    pub fn error_position(&self, error: &NodeError) -> Option<(&str, u32, u32)> {
        self.unit.error_position(error)
    }

    /// The context it was compiled in.
    pub fn context(&self) -> &CompilationContext {
        &self.unit.context
    }

    /// Every use of rules, with the rules and the extensions they are of: operations, conversions and constants in the
    /// order of the source; types, conversions and folds of values, and unifications; then what rules left to other
    /// rules.
    ///
    /// # Errors
    ///
    /// As [`CompilationResult::dump`].
    pub fn operations(&self) -> Result<Vec<ResolvedOperation<'_>>, CompileError> {
        self.unit.operations()
    }

    /// The rules that were asked on the way to those of [`CompilationResult::operations`], each once: by typing rules,
    /// and for types that a loop was assumed to have before it turned out to have others. Without one of them the
    /// function may be typed otherwise, or just as it is.
    ///
    /// # Errors
    ///
    /// As [`CompilationResult::dump`].
    pub fn provisional_rules(&self) -> Result<Vec<RuleReference<'_>>, CompileError> {
        self.unit.provisional_rules()
    }

    /// The product of a stage as text. What the stages before the backend made is not kept unless the request
    /// [asked for it](crate::CompileRequest::keep_stages); it is made again here, once.
    ///
    /// # Errors
    ///
    /// [`CompileError::Backend`] where the backend has no such text; [`CompileError::Internal`] where the function becomes
    /// another one the second time, which rules and handlers do that give other answers each time and
    /// [do not say so](crate::Registrar::answers_may_change).
    pub fn dump(&self, stage: Stage) -> Result<String, CompileError> {
        self.unit.dump(stage)
    }

    /// Runs the passes of the options once more over the function as it is lowered, and tells an observer of each.
    ///
    /// # Errors
    ///
    /// [`CompileError::Internal`] where what worked once does not again.
    pub fn observe_passes(&self, observer: &mut dyn PassObserver) -> Result<(), CompileError> {
        self.unit.observe_passes(observer)
    }

    /// A node of its own: cells, flags and states for this function, which keep the code alive.
    ///
    /// # Errors
    ///
    /// [`InstantiateError`] where a variable is of a type that no instance can hold.
    pub fn instantiate(&self) -> Result<NodeInstance, InstantiateError> {
        NodeInstance::new(Arc::clone(&self.unit))
    }
}

impl fmt::Debug for CompilationResult {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompilationResult")
            .field("function", &self.unit.function().name)
            .field("native_name", &self.unit.native_name)
            .field("backend", &self.unit.backend.name())
            .finish_non_exhaustive()
    }
}
