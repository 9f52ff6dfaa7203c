//! Lowering: a typed function to a module of IR, through the rules that infer resolved.
//!
//! What is here is control flow, cells and the frame of the compiled function: the lifecycle dispatch, the ticked
//! flags, the error exit. Every operation is emitted by its registered rule; nothing here knows a concrete type.

mod borrowing;
mod cells;
mod condition;
mod entry;
mod exceptions;
mod expression;
mod frame;
mod helpers;
mod lifecycle;
mod own_constants;
mod ownership;
mod rule_helpers;
mod selection;
mod statement;

pub use frame::{Lowered, blame, lower};
