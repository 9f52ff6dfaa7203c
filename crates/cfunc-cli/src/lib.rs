//! The `cfunc` command: runs, calls, checks, shows and replays compiled Python code.
//!
//! [`run_command`] is the whole command; [`replay`] reads recorded cases and runs them, for the command and for tests.

pub mod replay;

mod arguments;
mod call;
mod cell;
mod check;
mod command;
mod constant;
mod emit;
mod explain;
mod failure;
mod header;
mod input;
mod json;
mod members;
mod message;
mod node;
mod number;
mod output;
mod progress;
mod repr;
mod run;
mod slots;
mod snapshot;
mod summary;
mod time;
mod values_json;

pub use command::run_command;
