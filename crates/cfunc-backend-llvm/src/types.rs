//! Which type of LLVM stands for a representation, and which type for a signature.

use cfunc_ir::Signature;
use cfunc_models::Representation;
use inkwell::AddressSpace;
use inkwell::context::Context;
use inkwell::types::{BasicMetadataTypeEnum, BasicType, BasicTypeEnum, FunctionType};
use smallvec::SmallVec;

/// The type of a representation; truth values are i8 in both.
pub(crate) fn value_type<'ctx>(context: &'ctx Context, representation: Representation) -> BasicTypeEnum<'ctx> {
    match representation {
        Representation::I8 => context.i8_type().into(),
        Representation::I16 => context.i16_type().into(),
        Representation::I32 => context.i32_type().into(),
        Representation::I64 => context.i64_type().into(),
        Representation::I128 => context.i128_type().into(),
        Representation::F64 => context.f64_type().into(),
        Representation::Pointer => context.ptr_type(AddressSpace::default()).into(),
    }
}

/// The type of a function. Several results are a struct: two words of it are returned in the registers in which C returns
/// such a struct.
pub(crate) fn function_type<'ctx>(context: &'ctx Context, signature: &Signature) -> FunctionType<'ctx> {
    let parameters: SmallVec<[BasicMetadataTypeEnum<'ctx>; 8]> =
        signature.parameters.iter().map(|parameter| value_type(context, *parameter).into()).collect();
    match signature.results.as_slice() {
        [] => context.void_type().fn_type(&parameters, false),
        [result] => value_type(context, *result).fn_type(&parameters, false),
        results => {
            let fields: SmallVec<[BasicTypeEnum<'ctx>; 4]> =
                results.iter().map(|result| value_type(context, *result)).collect();
            context.struct_type(&fields, false).fn_type(&parameters, false)
        }
    }
}

/// Whether a C compiler extends such an integer to a word where it passes it.
pub(crate) const fn is_narrow(representation: Representation) -> bool {
    matches!(representation, Representation::I8 | Representation::I16 | Representation::I32)
}
