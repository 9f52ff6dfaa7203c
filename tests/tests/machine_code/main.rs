//! Machine code of every engine and level for modules that are written by hand: operations, memory, control flow, calls,
//! linking, ownership.

#[cfg(target_os = "linux")]
mod conventions;
mod operations;
mod support;
mod units;
