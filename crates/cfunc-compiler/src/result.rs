//! What a compilation gives.

use std::collections::HashSet;
use std::fmt::{self, Write};
use std::sync::{Arc, OnceLock};

use cfunc_backend::{Backend, CodeText, CompiledCode, SymbolTable};
use cfunc_context::{CompilationContext, RuleUses};
use cfunc_infer::{ResolvedOperation, RuleReference, TypedFunction, recorded_operations};
use cfunc_ir::{Module, PassObserver};
use cfunc_lower::{Lowered, lower};
use cfunc_models::{
    AbiParameter, AbiParameterId, AbiRole, CompilationOptions, Diagnostics, FunctionModel, InputModel, OutputModel,
    StateModel, Type, TypeTable, UnitDescriptor,
};
use cfunc_runtime::NodeError;
use cfunc_sources::{VariableModel, VariableSource};

use crate::compile::pipeline;
use crate::instance::SnapshotPlan;
use crate::stack::with_stack_for;
use crate::{CompileError, InstantiateError, Metadata, NodeInstance, Source};

/// A stage whose product [`CompilationResult::dump`] can show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stage {
    /// The function after all handlers ran, as Python text.
    Transformed,
    /// The type and the rules of every expression, then what other rules were used for, at which line and column: types,
    /// conversions and folds of values, unifications, and what rules left to other rules.
    Types,
    /// The intermediate representation as it is lowered, which the semantic key is over.
    Ir,
    /// The intermediate representation after the passes, which the backend gets.
    OptimizedIr,
    /// The backend's own intermediate representation, optimised: CLIF.
    Clif,
    /// Machine code, disassembled.
    Assembly,
    /// The metadata, a line an entry.
    Metadata,
}

/// One compiled unit: what its results and instances share.
pub(crate) struct Unit {
    pub(crate) context: CompilationContext,
    pub(crate) source: Source,
    /// How deeply the source nests.
    pub(crate) depth: usize,
    pub(crate) types: TypeTable,
    pub(crate) options: CompilationOptions,
    pub(crate) transformed: String,
    pub(crate) typed: TypedFunction,
    /// The rules that declarations used.
    pub(crate) declared: RuleUses,
    /// The rules that other rules used to lower operations.
    pub(crate) lowered: RuleUses,
    /// What the backend got.
    pub(crate) module: Module,
    pub(crate) hash: [u8; 32],
    pub(crate) semantic_key: String,
    pub(crate) native_name: String,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) code: Arc<dyn CompiledCode>,
    pub(crate) metadata: Metadata,
    pub(crate) warnings: Diagnostics,
    pub(crate) inputs: Vec<InputModel>,
    pub(crate) output_types: Vec<Type>,
    /// The host's functions, for those that save states.
    pub(crate) symbols: Arc<SymbolTable>,
    /// How instances are saved, found out when one is first.
    pub(crate) snapshot_plan: OnceLock<SnapshotPlan>,
}

impl Unit {
    pub(crate) fn function(&self) -> &FunctionModel {
        &self.typed.function
    }

    pub(crate) fn parameters(&self) -> &[AbiParameter] {
        self.context.layout().parameters()
    }

    /// The module as it was before the passes. Lowering gives the same each time, so it is not kept.
    fn unoptimized(&self) -> Result<Module, CompileError> {
        let Lowered { mut module, .. } = with_stack_for(self.depth, || {
            lower(&self.context, &self.types, &self.options, &self.typed)
                .map_err(|_| CompileError::Internal("what was lowered once is not again".to_owned()))
        })?;
        module.name_unit(&self.native_name);
        Ok(module)
    }
}

/// The variables that live in the cells of a category, with their places: the inputs, in slot order. Of several in one
/// place, copies under other names, the first has the slot.
pub(crate) fn inputs<'a>(
    parameters: &'a [AbiParameter],
    typed: &'a TypedFunction,
) -> impl Iterator<Item = (AbiParameterId, u32, &'a VariableModel)> {
    let mut places = HashSet::new();
    typed.variables.iter().filter_map(move |(_, variable)| match variable.source {
        VariableSource::Input { parameter, index }
        | VariableSource::State { parameter, index }
        | VariableSource::Pointer { parameter, index } => {
            let role = parameters.get(parameter.0 as usize)?.role;
            let is_slot = role == AbiRole::Cells && places.insert((parameter, index));
            is_slot.then_some((parameter, index, variable))
        }
        VariableSource::Output { .. }
        | VariableSource::Keyed(_)
        | VariableSource::Expression(_)
        | VariableSource::Constant(_) => None,
    })
}

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
        &self.unit.semantic_key
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
        &self.unit.source
    }

    /// The options it was compiled with.
    pub fn options(&self) -> &CompilationOptions {
        &self.unit.options
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
        self.unit.warnings.render(self.unit.source.name(), self.unit.source.text())
    }

    /// Where in the source an error of this function happened: the source's name, line and column, both from 1.
    /// `None` for errors of other functions, and for those that no operation of the source raised.
    pub fn error_position(&self, error: &NodeError) -> Option<(&str, u32, u32)> {
        // The error record keeps no more of the name.
        let name = &self.unit.native_name;
        let kept = name.floor_char_boundary(UnitDescriptor::NAME_CAPACITY - 1);
        if error.native_name != name[..kept] {
            return None;
        }
        let site = self.unit.module.sites.get(error.site.0 as usize)?;
        let position = self.unit.source.position(site.span);
        Some((self.unit.source.name(), position.line, position.column))
    }

    /// The context it was compiled in.
    pub fn context(&self) -> &CompilationContext {
        &self.unit.context
    }

    /// Every use of rules, with the rules and the extensions they are of: operations, conversions and constants in the
    /// order of the source; types, conversions and folds of values, and unifications; then what rules left to other
    /// rules.
    pub fn operations(&self) -> Vec<ResolvedOperation<'_>> {
        let unit = &self.unit;
        let mut operations = unit.typed.operations(&unit.types, unit.context.registry());
        operations.extend(self.recorded_operations());
        operations
    }

    /// What was recorded of rules beside the tree.
    fn recorded_operations(&self) -> impl Iterator<Item = ResolvedOperation<'_>> {
        let unit = &self.unit;
        let all = [&unit.declared, &unit.typed.uses, &unit.lowered];
        all.into_iter().flat_map(|uses| recorded_operations(&unit.types, unit.context.registry(), uses))
    }

    /// The rules that were asked on the way to those of [`CompilationResult::operations`], each once: by typing rules,
    /// and for types that a loop was assumed to have before it turned out to have others. Without one of them the
    /// function may be typed otherwise, or just as it is.
    pub fn provisional_rules(&self) -> Vec<RuleReference<'_>> {
        let unit = &self.unit;
        let mut rules = [unit.typed.uses.provisional(), unit.lowered.provisional()].concat();
        rules.sort_unstable();
        rules.dedup();
        let registry = unit.context.registry();
        rules.into_iter().map(|id| RuleReference { id, info: registry.rule(id) }).collect()
    }

    /// The product of a stage as text.
    ///
    /// # Errors
    ///
    /// [`CompileError::Backend`] where the backend has no such text.
    pub fn dump(&self, stage: Stage) -> Result<String, CompileError> {
        let unit = &self.unit;
        let code_text = |kind| Ok(unit.backend.text(&unit.module, &unit.options, kind)?);
        match stage {
            Stage::Transformed => Ok(unit.transformed.clone()),
            Stage::Types => {
                let mut text = unit.typed.dump(&unit.types, unit.context.registry());
                for (index, used) in self.recorded_operations().enumerate() {
                    if index == 0 {
                        text.push_str("beside:\n");
                    }
                    let position = unit.source.position(used.span);
                    let (typed, lowered) = (used.typed_by.info, used.lowered_by.info);
                    // Writing to a String does not fail.
                    let _infallible = write!(
                        text,
                        "    {}:{} {}{}: {} [{}]",
                        position.line, position.column, used.name, used.signature, typed.name, typed.extension
                    );
                    if used.typed_by != used.lowered_by {
                        let _infallible = write!(text, ", lowered by {} [{}]", lowered.name, lowered.extension);
                    }
                    text.push('\n');
                }
                Ok(text)
            }
            Stage::Ir => Ok(unit.unoptimized()?.to_string()),
            Stage::OptimizedIr => Ok(unit.module.to_string()),
            Stage::Clif => code_text(CodeText::Intermediate),
            Stage::Assembly => code_text(CodeText::Assembly),
            Stage::Metadata => {
                let mut text = String::new();
                // Writing to a String does not fail.
                let _infallible = unit.metadata.lines(&unit.types, &mut text);
                Ok(text)
            }
        }
    }

    /// Runs the passes of the options once more over the function as it is lowered, and tells an observer of each.
    ///
    /// # Errors
    ///
    /// [`CompileError::Internal`] where what worked once does not again.
    pub fn observe_passes(&self, observer: &mut dyn PassObserver) -> Result<(), CompileError> {
        let mut module = self.unit.unoptimized()?;
        let run = pipeline(&self.unit.options).run_observed(&mut module, observer);
        run.map(drop).map_err(|error| CompileError::Internal(error.to_string()))
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
