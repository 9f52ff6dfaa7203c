//! The backend alone: what it asks of LLVM, what it refuses, and what it does on several threads.

mod addresses;
mod attributes;
mod expansion;
mod processors;
#[cfg(cfunc_llvm)]
mod refusals;
mod size;
mod support;
mod symbols;
mod threads;
