//! The facade from outside, as hosts use it.

mod common;
mod end_to_end;
mod errors;
mod extension;
mod key;
#[cfg(feature = "cranelift")]
mod raw_abi;
mod threads;
