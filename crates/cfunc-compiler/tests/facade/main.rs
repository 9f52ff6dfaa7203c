//! The facade from outside, as hosts use it.

mod boxing;
mod boxing_values;
mod call_entry;
mod common;
mod contract;
mod custom_types;
mod derived_enumerations;
mod derived_structs;
mod dispatch;
mod dispatch_containers;
mod dispatch_signatures;
mod dispatch_threads;
mod effects;
mod end_to_end;
mod enumerations;
mod errors;
mod extension;
mod foreign;
mod foreign_calls;
mod handlers;
mod handlers_order;
mod host;
mod host_types;
mod key;
mod modules;
mod nesting;
mod operations;
mod panics;
mod python;
#[cfg(feature = "cranelift")]
mod raw_abi;
mod snapshot;
mod sources;
mod struct_addresses;
mod structs;
mod threads;
