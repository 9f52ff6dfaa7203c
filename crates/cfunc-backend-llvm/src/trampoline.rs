//! Calling entries by a list of words.

use cfunc_backend::{BackendError, is_function_signature, is_node_signature};
use cfunc_ir::Signature;
use cfunc_models::Representation;
use inkwell::AddressSpace;
use inkwell::context::Context;
use inkwell::module::{Linkage, Module};
use inkwell::values::{BasicMetadataValueEnum, BasicValueEnum};

use crate::backend::internal;
use crate::types::value_type;

/// Whether an entry is called through a trampoline.
pub(crate) fn needs_trampoline(signature: &Signature) -> bool {
    !is_node_signature(signature) && !is_function_signature(signature)
}

/// What the trampoline of an entry is called.
pub(crate) fn trampoline_name(entry: &str) -> String {
    format!("{entry}.words")
}

/// Adds a function that takes the address of the entry's argument words, and calls the entry with them. A 128-bit
/// parameter is the sign extension of its word.
pub(crate) fn add_trampoline<'ctx>(
    context: &'ctx Context,
    module: &Module<'ctx>,
    entry: &str,
    signature: &Signature,
) -> Result<(), BackendError> {
    let callee = module.get_function(entry).ok_or_else(|| internal("the module has no entry"))?;
    let pointer = context.ptr_type(AddressSpace::default());
    let ty = context.void_type().fn_type(&[pointer.into()], false);
    let function = module.add_function(&trampoline_name(entry), ty, Some(Linkage::External));
    let words = function.get_nth_param(0).map(BasicValueEnum::into_pointer_value);
    let words = words.ok_or_else(|| internal("a function without its parameter"))?;
    let builder = context.create_builder();
    builder.position_at_end(context.append_basic_block(function, ""));
    let mut arguments: Vec<BasicMetadataValueEnum<'ctx>> = Vec::with_capacity(signature.parameters.len());
    for (index, representation) in (0..).zip(&signature.parameters) {
        let position = context.i64_type().const_int(index, false);
        // SAFETY: the index is a number of words.
        let address = unsafe { builder.build_gep(context.i64_type(), words, &[position], "") }.map_err(internal)?;
        let ty = value_type(context, *representation);
        let argument = match representation {
            Representation::I64 | Representation::F64 | Representation::Pointer => {
                builder.build_load(ty, address, "").map_err(internal)?
            }
            Representation::I8 | Representation::I16 | Representation::I32 | Representation::I128 => {
                let word = builder.build_load(context.i64_type(), address, "").map_err(internal)?.into_int_value();
                let target = ty.into_int_type();
                let argument = if *representation == Representation::I128 {
                    builder.build_int_s_extend(word, target, "")
                } else {
                    builder.build_int_truncate(word, target, "")
                };
                argument.map_err(internal)?.into()
            }
        };
        arguments.push(argument.into());
    }
    builder.build_direct_call(callee, &arguments, "").map_err(internal)?;
    builder.build_return(None).map_err(internal)?;
    Ok(())
}
