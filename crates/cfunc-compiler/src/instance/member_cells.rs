//! Members of Rust enums, and sets of them, in cells.

use cfunc_models::{Type, TypeTable};

use super::cell::{CellKind, CellValue, bit, sealed};
use crate::{CfuncEnum, Member, MemberNumber, MemberSet};

/// Whether a type is the enumeration that a Rust enum is.
fn is_of<T: CfuncEnum>(types: &TypeTable, ty: Type) -> bool {
    let definition = types.definition(ty);
    definition.name == T::NAME
        && definition.members.len() == T::MEMBERS.len()
        && definition.members.iter().zip(T::MEMBERS).all(|((name, value), known)| (name.as_str(), *value) == *known)
}

impl<T: CfuncEnum> sealed::Sealed for Member<T> {
    const KINDS: u32 = bit(match T::Number::BYTES {
        1 => CellKind::Int8,
        2 => CellKind::Int16,
        4 => CellKind::Int32,
        _ => CellKind::Int64,
    });
    type Memory = T::Number;

    fn fingerprint(types: &TypeTable, ty: Type) -> Option<u64> {
        is_of::<T>(types, ty).then_some(0)
    }

    #[inline]
    fn from_memory(memory: T::Number) -> Self {
        Self::from_number(memory)
    }

    #[inline]
    fn into_memory(self) -> T::Number {
        self.number()
    }
}

impl<T: CfuncEnum> CellValue for Member<T> {}

impl<T: CfuncEnum> sealed::Sealed for MemberSet<T> {
    const KINDS: u32 = bit(CellKind::Int128);
    type Memory = u128;

    fn fingerprint(types: &TypeTable, ty: Type) -> Option<u64> {
        types.definition(ty).set_of.is_some_and(|members| is_of::<T>(types, members)).then_some(0)
    }

    #[inline]
    fn from_memory(memory: u128) -> Self {
        Self::from_bits(memory)
    }

    #[inline]
    fn into_memory(self) -> u128 {
        self.bits()
    }
}

impl<T: CfuncEnum> CellValue for MemberSet<T> {}
