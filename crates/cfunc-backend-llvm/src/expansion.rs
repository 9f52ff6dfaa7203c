//! What LLVM's code generators make long code of though the processor has better, put in their words.
//!
//! This comes after the passes, which know more of the operations themselves: it is part of making machine code, and no part
//! of a module's text.

use cfunc_backend::BackendError;
use inkwell::IntPredicate;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::intrinsics::Intrinsic;
use inkwell::module::{Linkage, Module};
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::TargetMachine;
use inkwell::values::{BasicValue, BasicValueEnum, CallSiteValue, FunctionValue};

use crate::backend::internal;
use crate::translate::mark_rare;

/// The conversion of doubles to integers that saturates.
const CONVERSION: &str = "llvm.fptosi.sat.i64.f64";

/// The instruction of x86-64 that gives the smallest integer for what is no 64-bit integer.
const X86_CONVERSION: &str = "llvm.x86.sse2.cvttsd2si64";

/// Rewrites a module, which is about to become machine code.
pub(crate) fn expand(module: &Module<'_>, machine: &TargetMachine) -> Result<(), BackendError> {
    let is_x86 = machine.get_triple().as_str().to_bytes().starts_with(b"x86_64");
    // With AVX10.2 it is one instruction.
    let has_own = machine.get_feature_string().to_bytes().windows(8).any(|name| name == b"+avx10.2");
    let used = module.get_function(CONVERSION).filter(|conversion| is_used(*conversion));
    match used {
        Some(conversion) if is_x86 && !has_own => {
            expand_conversion(module, conversion)?;
            let run = module.run_passes("always-inline", machine, PassBuilderOptions::create());
            run.map_err(|error| internal(error.to_string_lossy()))
        }
        _ => Ok(()),
    }
}

fn is_used(function: FunctionValue<'_>) -> bool {
    function.as_global_value().as_pointer_value().get_first_use().is_some()
}

/// A conversion takes the processor's instruction and jumps where that gave the smallest integer, which is rare; LLVM
/// compares with both ends of the range and chooses, each time, which whoever waits for the result waits for too.
fn expand_conversion<'ctx>(module: &Module<'ctx>, conversion: FunctionValue<'ctx>) -> Result<(), BackendError> {
    let context = module.get_context();
    let found = Intrinsic::find(X86_CONVERSION).and_then(|found| found.get_declaration(module, &[]));
    let instruction = found.ok_or_else(|| internal(format_args!("LLVM has no intrinsic {X86_CONVERSION}")))?;
    let expanded = module.add_function("convert", conversion.get_type(), Some(Linkage::Internal));
    for name in ["alwaysinline", "nounwind"] {
        let attribute = context.create_enum_attribute(Attribute::get_named_enum_kind_id(name), 0);
        expanded.add_attribute(AttributeLoc::Function, attribute);
    }
    conversion.replace_all_uses_with(expanded);

    let builder = context.create_builder();
    let [entry, rare, end] = ["", "rare", "end"].map(|name| context.append_basic_block(expanded, name));
    let operand = expanded.get_first_param().ok_or_else(|| internal("a conversion of nothing"))?;
    let result_of = |called: CallSiteValue<'ctx>| -> Result<BasicValueEnum<'ctx>, BackendError> {
        called.try_as_basic_value().basic().ok_or_else(|| internal("a conversion to nothing"))
    };
    let integer = context.i64_type();

    builder.position_at_end(entry);
    let vector = context.f64_type().vec_type(2).get_poison();
    let zero = context.i32_type().const_zero();
    let vector = builder.build_insert_element(vector, operand, zero, "").map_err(internal)?;
    let converted = builder.build_direct_call(instruction, &[vector.into()], "").map_err(internal)?;
    let converted = result_of(converted)?;
    let smallest = integer.const_int(i64::MIN.cast_unsigned(), true);
    let is_rare =
        builder.build_int_compare(IntPredicate::EQ, converted.into_int_value(), smallest, "").map_err(internal)?;
    let branch = builder.build_conditional_branch(is_rare, rare, end).map_err(internal)?;
    mark_rare(context, branch, true);

    builder.position_at_end(rare);
    let saturated = builder.build_direct_call(conversion, &[operand.into()], "").map_err(internal)?;
    let saturated = result_of(saturated)?;
    builder.build_unconditional_branch(end).map_err(internal)?;

    builder.position_at_end(end);
    let result = builder.build_phi(integer, "").map_err(internal)?;
    result.add_incoming(&[(&converted, entry), (&saturated, rare)]);
    builder.build_return(Some(&result.as_basic_value())).map_err(internal)?;
    Ok(())
}
