//! Which CLIF type, condition and memory access stand for those of our IR.

use std::borrow::Cow;

use cfunc_ir::{FloatCondition, IntegerCondition, MemoryClass, Signature};
use cfunc_models::Representation;
use cranelift_codegen::ir::condcodes::{FloatCC, IntCC};
use cranelift_codegen::ir::{
    AbiParam, AliasRegionData, Function, MemFlagsData, Signature as ClifSignature, Type, types,
};
use cranelift_codegen::isa::CallConv;

/// The CLIF type of a representation; truth values are I8 in both.
pub(crate) const fn clif_type(representation: Representation) -> Type {
    match representation {
        Representation::I8 => types::I8,
        Representation::I16 => types::I16,
        Representation::I32 => types::I32,
        Representation::I64 | Representation::Pointer => types::I64,
        Representation::I128 => types::I128,
        Representation::F64 => types::F64,
    }
}

/// The CLIF signature. Compilers of C differ in who extends narrow integers, so whoever is called from here gets them
/// extended (`extend_parameters`), whoever calls here need not, and results are always extended.
pub(crate) fn clif_signature(signature: &Signature, convention: CallConv, extend_parameters: bool) -> ClifSignature {
    let extended = |representation: Representation| {
        let parameter = AbiParam::new(clif_type(representation));
        match representation {
            Representation::I8 | Representation::I16 | Representation::I32 => parameter.sext(),
            _ => parameter,
        }
    };
    let mut result = ClifSignature::new(convention);
    for representation in &signature.parameters {
        result.params.push(if extend_parameters {
            extended(*representation)
        } else {
            AbiParam::new(clif_type(*representation))
        });
    }
    for representation in &signature.results {
        result.returns.push(extended(*representation));
    }
    result
}

pub(crate) const fn integer_condition(condition: IntegerCondition) -> IntCC {
    match condition {
        IntegerCondition::Equal => IntCC::Equal,
        IntegerCondition::NotEqual => IntCC::NotEqual,
        IntegerCondition::SignedLess => IntCC::SignedLessThan,
        IntegerCondition::SignedLessOrEqual => IntCC::SignedLessThanOrEqual,
        IntegerCondition::SignedGreater => IntCC::SignedGreaterThan,
        IntegerCondition::SignedGreaterOrEqual => IntCC::SignedGreaterThanOrEqual,
        IntegerCondition::UnsignedLess => IntCC::UnsignedLessThan,
        IntegerCondition::UnsignedLessOrEqual => IntCC::UnsignedLessThanOrEqual,
        IntegerCondition::UnsignedGreater => IntCC::UnsignedGreaterThan,
        IntegerCondition::UnsignedGreaterOrEqual => IntCC::UnsignedGreaterThanOrEqual,
    }
}

pub(crate) const fn float_condition(condition: FloatCondition) -> FloatCC {
    match condition {
        FloatCondition::Equal => FloatCC::Equal,
        FloatCondition::NotEqual => FloatCC::NotEqual,
        FloatCondition::Less => FloatCC::LessThan,
        FloatCondition::LessOrEqual => FloatCC::LessThanOrEqual,
        FloatCondition::Greater => FloatCC::GreaterThan,
        FloatCondition::GreaterOrEqual => FloatCC::GreaterThanOrEqual,
        FloatCondition::Unordered => FloatCC::Unordered,
        FloatCondition::Ordered => FloatCC::Ordered,
    }
}

/// The flags of accesses to a class of memory; each class is an alias region of its own, `Any` is in none.
///
/// Accesses neither trap nor are misaligned, by the rules of the IR. They stay where they are: none may move above the
/// branch that protects it, since the host may pass NULL for what a path does not use. Cranelift uses `readonly` only
/// together with `can_move`, and treats loads of one region without stores between them as equal anyway, so `readonly`
/// would gain nothing for memory that is not written during a call.
pub(crate) fn memory_flags(function: &mut Function, class: MemoryClass) -> MemFlagsData {
    let region = match class {
        MemoryClass::Any => None,
        _ => Some(
            function
                .dfg
                .alias_regions
                .insert(AliasRegionData { user_id: class as u32, description: Cow::Borrowed(class.name()) }),
        ),
    };
    MemFlagsData::trusted().with_alias_region(region)
}
