//! What was compiled: what results, calls and instances share.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use cfunc_backend::{Backend, CodeText, CompiledCode, SymbolTable};
use cfunc_context::{CompilationContext, RuleUses};
use cfunc_infer::{ResolvedOperation, RuleReference, TypedFunction, recorded_operations};
use cfunc_ir::{Module, PassObserver};
use cfunc_lower::{Lowered, lower};
use cfunc_models::{
    AbiParameter, AbiParameterId, AbiRole, CompilationOptions, Diagnostics, FunctionModel, InputModel, Type, TypeTable,
    UnitDescriptor,
};
use cfunc_runtime::NodeError;
use cfunc_sources::{VariableModel, VariableSource};

use crate::build::pipeline;
use crate::instance::SnapshotPlan;
use crate::stack::with_stack_for;
use crate::{CompileError, Metadata, Source};

/// A stage whose product [`CompilationResult::dump`](crate::CompilationResult::dump) can show.
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

    pub(crate) fn error_position(&self, error: &NodeError) -> Option<(&str, u32, u32)> {
        // The error record keeps no more of the name.
        let name = &self.native_name;
        let kept = name.floor_char_boundary(UnitDescriptor::NAME_CAPACITY - 1);
        if error.native_name != name[..kept] {
            return None;
        }
        let site = self.module.sites.get(error.site.0 as usize)?;
        let position = self.source.position(site.span);
        Some((self.source.name(), position.line, position.column))
    }

    pub(crate) fn operations(&self) -> Vec<ResolvedOperation<'_>> {
        let unit = self;
        let mut operations = unit.typed.operations(&unit.types, unit.context.registry());
        operations.extend(self.recorded_operations());
        operations
    }

    /// What was recorded of rules beside the tree.
    fn recorded_operations(&self) -> impl Iterator<Item = ResolvedOperation<'_>> {
        let unit = self;
        let all = [&unit.declared, &unit.typed.uses, &unit.lowered];
        all.into_iter().flat_map(|uses| recorded_operations(&unit.types, unit.context.registry(), uses))
    }

    pub(crate) fn provisional_rules(&self) -> Vec<RuleReference<'_>> {
        let unit = self;
        let mut rules = [unit.typed.uses.provisional(), unit.lowered.provisional()].concat();
        rules.sort_unstable();
        rules.dedup();
        let registry = unit.context.registry();
        rules.into_iter().map(|id| RuleReference { id, info: registry.rule(id) }).collect()
    }

    pub(crate) fn dump(&self, stage: Stage) -> Result<String, CompileError> {
        let unit = self;
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

    pub(crate) fn observe_passes(&self, observer: &mut dyn PassObserver) -> Result<(), CompileError> {
        let mut module = self.unoptimized()?;
        let run = pipeline(&self.options).run_observed(&mut module, observer);
        run.map(drop).map_err(|error| CompileError::Internal(error.to_string()))
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
