//! Handles to cells, checked once.

use std::marker::PhantomData;

/// An input of a node as a `T`, for every instance of the result that it was asked of. Used with an instance of another
/// result it means the input at the same position, which is checked to be of a fitting type.
#[derive(Debug)]
pub struct InputHandle<T> {
    pub(super) index: u32,
    /// Of a struct, what tells its layout from others.
    pub(super) fingerprint: u64,
    pub(super) ty: PhantomData<fn() -> T>,
}

/// An output of a node as a `T`; as for [`InputHandle`].
#[derive(Debug)]
pub struct OutputHandle<T> {
    pub(super) index: u32,
    /// Of a struct, what tells its layout from others.
    pub(super) fingerprint: u64,
    pub(super) ty: PhantomData<fn() -> T>,
}

// Derived ones would ask the same of `T`.
impl<T> Clone for InputHandle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for InputHandle<T> {}

impl<T> Clone for OutputHandle<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for OutputHandle<T> {}
