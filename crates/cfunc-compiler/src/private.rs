//! What derives expand to; nothing that is written by hand.

use crate::CfuncField;

pub use crate::instance::StructCell;

/// A pointer to anything.
pub trait Pointer {}

impl<T> Pointer for *const T {}

impl<T> Pointer for *mut T {}

/// The type is one of a field.
pub const fn is_field<T: CfuncField>() {}

/// The type is a pointer.
pub const fn is_pointer<T: Pointer>() {}
