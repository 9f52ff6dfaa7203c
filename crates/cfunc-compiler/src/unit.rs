//! What was compiled: what results, calls and instances share.

use std::collections::HashSet;
use std::fmt::Write;
use std::sync::{Arc, OnceLock};

use cfunc_backend::{Backend, CodeText, CompiledCode, SymbolTable};
use cfunc_context::CompilationContext;
use cfunc_infer::{ResolvedOperation, RuleReference, TypedCall, TypedFunction, recorded_operations};
use cfunc_ir::{Module, PassObserver};
use cfunc_lower::{Lowered, lower};
use cfunc_models::{
    AbiParameter, AbiParameterId, AbiRole, CompilationOptions, Diagnostics, FunctionModel, InputModel, Span, Type,
    TypeTable, UnitDescriptor,
};
use cfunc_runtime::NodeError;
use cfunc_sources::{VariableModel, VariableSource};

use crate::build::pipeline;
use crate::instance::SnapshotPlan;
use crate::key::KEY_DIGITS;
use crate::reuse::order::Order;
use crate::reuse::products::Products;
use crate::reuse::shared::forget;
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
    /// What it was compiled from.
    pub(crate) order: Arc<Order>,
    /// How deeply the source nests.
    pub(crate) depth: usize,
    pub(crate) types: TypeTable,
    /// What the function declares.
    pub(crate) function: FunctionModel,
    /// Of a plain function: how a host calls it.
    pub(crate) call: Option<Arc<TypedCall>>,
    /// By site, where in the source it is.
    pub(crate) site_spans: Box<[Span]>,
    /// What the stages made, where it is kept or was asked for.
    pub(crate) products: OnceLock<Box<Products>>,
    pub(crate) hash: [u8; 32],
    pub(crate) native_name: Box<str>,
    pub(crate) backend: Arc<dyn Backend>,
    pub(crate) code: Arc<dyn CompiledCode>,
    pub(crate) metadata: Metadata,
    pub(crate) warnings: Diagnostics,
    pub(crate) inputs: Vec<InputModel>,
    /// Of each input the array of its cell, and the position in it.
    pub(crate) places: Vec<(AbiParameterId, u32)>,
    pub(crate) output_types: Box<[Type]>,
    /// The host's functions, for those that save states.
    pub(crate) symbols: Arc<SymbolTable>,
    /// How instances are saved, found out when one is first.
    pub(crate) snapshot_plan: OnceLock<Box<SnapshotPlan>>,
    /// By which equal requests find it, where they do.
    pub(crate) fingerprint: OnceLock<u64>,
}

impl Drop for Unit {
    fn drop(&mut self) {
        forget(self);
    }
}

impl Unit {
    pub(crate) fn function(&self) -> &FunctionModel {
        &self.function
    }

    pub(crate) fn source(&self) -> &Source {
        &self.order.request.source
    }

    pub(crate) fn options(&self) -> &CompilationOptions {
        &self.order.request.options
    }

    /// The end of the native name.
    pub(crate) fn semantic_key(&self) -> &str {
        &self.native_name[self.native_name.len() - KEY_DIGITS..]
    }

    pub(crate) fn parameters(&self) -> &[AbiParameter] {
        self.context.layout().parameters()
    }

    /// The module as it was before the passes. Lowering gives the same each time, so it is not kept.
    fn unoptimized(&self) -> Result<Module, CompileError> {
        let typed = &self.products()?.typed;
        let Lowered { mut module, .. } = with_stack_for(self.depth, || {
            lower(&self.context, &self.types, self.options(), typed)
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
        let span = self.site_spans.get(error.site.0 as usize)?;
        let position = self.source().position(*span);
        Some((self.source().name(), position.line, position.column))
    }

    pub(crate) fn operations(&self) -> Result<Vec<ResolvedOperation<'_>>, CompileError> {
        let products = self.products()?;
        let mut operations = products.typed.operations(&self.types, self.context.registry());
        operations.extend(self.recorded_operations(products));
        Ok(operations)
    }

    /// What was recorded of rules beside the tree.
    fn recorded_operations<'a>(&'a self, products: &'a Products) -> impl Iterator<Item = ResolvedOperation<'a>> {
        let all = [&products.declared, &products.typed.uses, &products.lowered];
        all.into_iter().flat_map(|uses| recorded_operations(&self.types, self.context.registry(), uses))
    }

    pub(crate) fn provisional_rules(&self) -> Result<Vec<RuleReference<'_>>, CompileError> {
        let products = self.products()?;
        let mut rules = [products.typed.uses.provisional(), products.lowered.provisional()].concat();
        rules.sort_unstable();
        rules.dedup();
        let registry = self.context.registry();
        Ok(rules.into_iter().map(|id| RuleReference { id, info: registry.rule(id) }).collect())
    }

    pub(crate) fn dump(&self, stage: Stage) -> Result<String, CompileError> {
        let unit = self;
        let code_text = |kind| Ok(unit.backend.text(&unit.products()?.module, unit.options(), kind)?);
        match stage {
            Stage::Transformed => Ok(unit.products()?.transformed.clone()),
            Stage::Types => {
                let products = unit.products()?;
                let mut text = products.typed.dump(&unit.types, unit.context.registry());
                for (index, used) in self.recorded_operations(products).enumerate() {
                    if index == 0 {
                        text.push_str("beside:\n");
                    }
                    let position = unit.source().position(used.span);
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
            Stage::OptimizedIr => Ok(unit.products()?.module.to_string()),
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
        let run = pipeline(self.options()).run_observed(&mut module, observer);
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
