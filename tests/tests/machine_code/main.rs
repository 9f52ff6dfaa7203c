//! Machine code of every engine and level for modules that are written by hand: operations, memory, control flow, calls,
//! linking, ownership.

#[cfg(target_os = "linux")]
mod conventions;
mod differential;
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
mod frames;
mod operations;
mod support;
mod units;
