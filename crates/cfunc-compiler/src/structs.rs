//! Rust types as structs of nodes, and as fields of them.

use cfunc_models::{DescribedStruct, FieldType, StructReference};

/// Rust types that structs of nodes are: `#[derive(CfuncStruct)]` on a `#[repr(C)]` struct implements it.
///
/// # Safety
///
/// The description says what the type has in memory: name, offset and form of each field, size and alignment. The type
/// has the layout of C, and any bytes are a value of it, but for truth values, which are 0 or 1.
pub unsafe trait CfuncStruct: DescribedStruct + Copy {}

#[diagnostic::on_unimplemented(
    message = "`{Self}` is no field of a struct of nodes",
    note = "an enum with `#[derive(CfuncEnum)]` is held by `Member<{Self}>`, a set of its members by `MemberSet<{Self}>`; a \
            struct has `#[derive(CfuncStruct)]`; texts, 128-bit integers, `usize` and references have no form in nodes"
)]
/// Rust types that fields of structs are.
///
/// # Safety
///
/// The description says how the type lies in memory; any bytes are a value of it, but for truth values, which are 0 or
/// 1.
pub unsafe trait CfuncField: Copy + 'static {
    /// How it lies in memory, and what nodes see of it.
    fn field_type() -> FieldType;
}

macro_rules! fields {
    ($($rust:ty => $form:ident),*) => {
        $(
            // SAFETY: the form is that of the type.
            unsafe impl CfuncField for $rust {
                fn field_type() -> FieldType {
                    FieldType::$form
                }
            }
        )*
    };
}

fields! {
    i8 => Int8, i16 => Int16, i32 => Int32, i64 => Int64, u8 => UInt8, u16 => UInt16, u32 => UInt32, u64 => UInt64,
    f32 => Float32, f64 => Float64, bool => Boolean
}

// SAFETY: as its elements, one after the other.
unsafe impl<T: CfuncField, const LENGTH: usize> CfuncField for [T; LENGTH] {
    fn field_type() -> FieldType {
        // A length beyond 32 bits is refused where the description is registered.
        FieldType::Array(Box::new(T::field_type()), u32::try_from(LENGTH).unwrap_or(u32::MAX))
    }
}

// SAFETY: an address, NULL among them.
unsafe impl<T: CfuncStruct> CfuncField for *const T {
    fn field_type() -> FieldType {
        FieldType::Pointer(StructReference::of::<T>())
    }
}

// SAFETY: an address, NULL among them.
unsafe impl<T: CfuncStruct> CfuncField for *mut T {
    fn field_type() -> FieldType {
        FieldType::Pointer(StructReference::of::<T>())
    }
}

// SAFETY: an address, or NULL where there is none.
unsafe impl<T: CfuncStruct> CfuncField for Option<std::ptr::NonNull<T>> {
    fn field_type() -> FieldType {
        FieldType::Nullable(StructReference::of::<T>())
    }
}

/// The promises of `#[derive(CfuncStruct)]`, which expands to it after it made sure of them.
#[doc(hidden)]
#[macro_export]
macro_rules! __promise_struct {
    ($name:ident) => {
        // SAFETY: offsets, size and alignment are the compiler's own, each field's form is that of its type, the struct
        // has the layout of C, and any bytes are a value of every field.
        unsafe impl $crate::CfuncStruct for $name {}

        // SAFETY: as above.
        unsafe impl $crate::CfuncField for $name {
            fn field_type() -> $crate::FieldType {
                $crate::FieldType::Struct($crate::StructReference::of::<Self>())
            }
        }

        // SAFETY: what nodes have by this name is of the layout that functions of it are registered with, which is this
        // type's; any bytes are a value of every field.
        unsafe impl $crate::ForeignObject for $name {
            const TYPE: &'static str = <$name as $crate::DescribedStruct>::NAME;

            fn reference() -> $crate::TypeReference {
                $crate::TypeReference::Struct($crate::StructReference::of::<Self>())
            }
        }

        impl $crate::private::StructCell for $name {}
    };
}
