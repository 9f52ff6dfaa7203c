//! From a module of IR to a module of LLVM: declarations, data, then bodies.

use std::collections::HashMap;

use cfunc_backend::BackendError;
use cfunc_ir::{External, Module};
use cfunc_models::{CompilationOptions, Representation};
use inkwell::attributes::AttributeLoc;
use inkwell::builder::Builder;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module as LlvmModule};
use inkwell::targets::TargetMachine;
use inkwell::values::{FunctionValue, GlobalValue};

use crate::attributes::Attributes;
use crate::backend::internal;
use crate::memory::MemoryMetadata;
use crate::translate::translate;
use crate::types::{function_type, is_narrow};

/// A module of LLVM that is being made from one of IR.
pub(crate) struct ModuleBuilder<'ctx, 'ir> {
    pub(crate) context: &'ctx Context,
    pub(crate) source: &'ir Module,
    pub(crate) options: &'ir CompilationOptions,
    pub(crate) module: LlvmModule<'ctx>,
    pub(crate) builder: Builder<'ctx>,
    pub(crate) attributes: Attributes<'ctx>,
    pub(crate) memory: MemoryMetadata<'ctx>,
    /// Functions of the module by number.
    pub(crate) functions: Vec<FunctionValue<'ctx>>,
    /// Functions outside by number.
    pub(crate) externals: Vec<FunctionValue<'ctx>>,
    /// Data objects by number.
    pub(crate) data: Vec<GlobalValue<'ctx>>,
    /// Intrinsics of LLVM that the module uses, by name.
    pub(crate) intrinsics: HashMap<&'static str, FunctionValue<'ctx>>,
}

/// A module with its functions and data; the entry has its native name, everything else is the module's own.
pub(crate) fn build<'ctx>(
    context: &'ctx Context,
    source: &Module,
    machine: &TargetMachine,
    options: &CompilationOptions,
) -> Result<LlvmModule<'ctx>, BackendError> {
    let name = entry_name(source)?;
    let module = context.create_module(name);
    module.set_triple(&machine.get_triple());
    module.set_data_layout(&machine.get_target_data().get_data_layout());
    let reference = context;
    let mut builder = ModuleBuilder {
        context: reference,
        source,
        options,
        module,
        builder: context.create_builder(),
        attributes: Attributes::new(reference),
        memory: MemoryMetadata::new(reference),
        functions: Vec::with_capacity(source.functions.len()),
        externals: Vec::with_capacity(source.externals.len()),
        data: Vec::with_capacity(source.data.len()),
        intrinsics: HashMap::new(),
    };
    builder.declare(name);
    builder.define_data()?;
    for function in 0..source.functions.len() {
        translate(&mut builder, function)?;
    }
    Ok(builder.module)
}

/// The symbol of a module's entry.
pub(crate) fn entry_name(source: &Module) -> Result<&str, BackendError> {
    let entry = source.entry.ok_or_else(|| internal("the module has no entry"))?;
    Ok(source.native_name.as_deref().unwrap_or(&source.function(entry).name))
}

impl<'ctx> ModuleBuilder<'ctx, '_> {
    /// Declares every function, those outside first: their symbols are given, and names of the module's own give way.
    fn declare(&mut self, entry_name: &str) {
        for external in &self.source.externals {
            let function = self.declare_external(external);
            self.externals.push(function);
        }
        for (index, function) in self.source.functions.iter().enumerate() {
            let ty = function_type(self.context, &function.signature);
            let is_entry = self.source.entry.is_some_and(|entry| entry.index() == index);
            let declared = if is_entry {
                self.module.add_function(entry_name, ty, Some(Linkage::External))
            } else {
                let name = format!("function.{index}.{}", function.name);
                self.module.add_function(&name, ty, Some(Linkage::Internal))
            };
            self.attributes.add(declared, &["nounwind"]);
            if !is_entry && self.options.force_inline {
                self.attributes.add(declared, &["alwaysinline"]);
            }
            if is_entry && function.signature.results.first().is_some_and(|result| is_narrow(*result)) {
                // Compilers of C differ in who extends narrow results: whoever is called does it here.
                declared.add_attribute(AttributeLoc::Return, self.attributes.named("signext"));
            }
            self.functions.push(declared);
        }
    }

    fn declare_external(&self, external: &External) -> FunctionValue<'ctx> {
        let ty = function_type(self.context, &external.signature);
        let function = self.module.add_function(&external.symbol, ty, Some(Linkage::External));
        self.attributes.add_effects(function, external.effects);
        for (position, parameter) in (0..).zip(&external.signature.parameters) {
            if is_narrow(*parameter) {
                function.add_attribute(AttributeLoc::Param(position), self.attributes.named("signext"));
            }
        }
        function
    }

    /// The declaration of an intrinsic for doubles, and for i64 beside where it takes one.
    pub(crate) fn intrinsic(
        &mut self,
        name: &'static str,
        overloads: &[Representation],
    ) -> Result<FunctionValue<'ctx>, BackendError> {
        if let Some(known) = self.intrinsics.get(name) {
            return Ok(*known);
        }
        let types: Vec<_> =
            overloads.iter().map(|overload| crate::types::value_type(self.context, *overload)).collect();
        let found = inkwell::intrinsics::Intrinsic::find(name);
        let declared = found.and_then(|intrinsic| intrinsic.get_declaration(&self.module, &types));
        let declared = declared.ok_or_else(|| internal(format_args!("LLVM has no intrinsic {name}")))?;
        self.intrinsics.insert(name, declared);
        Ok(declared)
    }
}
