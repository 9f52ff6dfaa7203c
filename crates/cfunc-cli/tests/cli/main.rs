//! The `cfunc` command, run as a process.

mod call;
mod check;
mod common;
mod emit;
mod main_job;
mod replay;
mod run;
mod run_errors;
mod snapshot;
