//! Calling entries whose signature is not that of compiled nodes.

use cfunc_ir::Signature;
use cfunc_models::Representation;
use cranelift_codegen::cursor::{Cursor, FuncCursor};
use cranelift_codegen::ir::{
    AbiParam, ExtFuncData, ExternalName, Function, InstBuilder, MemFlagsData, Signature as ClifSignature, types,
};
use cranelift_codegen::isa::CallConv;

use crate::image::Symbol;
use crate::operations::{clif_signature, clif_type};

/// Makes `function` one that takes the address of the entry's argument words, and calls the entry with them. A 128-bit
/// parameter is the sign extension of its word.
pub(crate) fn build(function: &mut Function, entry: u32, signature: &Signature, convention: CallConv) {
    function.signature = ClifSignature::new(convention);
    function.signature.params.push(AbiParam::new(types::I64));
    let callee_signature = function.import_signature(clif_signature(signature, convention, false));
    let name = function.declare_imported_user_function(Symbol::Function(entry).name());
    let callee = function.import_function(ExtFuncData {
        name: ExternalName::user(name),
        signature: callee_signature,
        colocated: true,
        patchable: false,
    });
    let block = function.dfg.make_block();
    let words = function.dfg.append_block_param(block, types::I64);
    let mut cursor = FuncCursor::new(function);
    cursor.insert_block(block);
    let mut arguments = Vec::with_capacity(signature.parameters.len());
    let mut offset = 0_i32;
    for representation in &signature.parameters {
        let flags = MemFlagsData::trusted();
        let argument = match representation {
            Representation::I128 => {
                let word = cursor.ins().load(types::I64, flags, words, offset);
                cursor.ins().sextend(types::I128, word)
            }
            Representation::I8 | Representation::I16 | Representation::I32 => {
                let word = cursor.ins().load(types::I64, flags, words, offset);
                cursor.ins().ireduce(clif_type(*representation), word)
            }
            Representation::I64 | Representation::F64 | Representation::Pointer => {
                cursor.ins().load(clif_type(*representation), flags, words, offset)
            }
        };
        arguments.push(argument);
        offset = offset.saturating_add(8);
    }
    cursor.ins().call(callee, &arguments);
    cursor.ins().return_(&[]);
}
