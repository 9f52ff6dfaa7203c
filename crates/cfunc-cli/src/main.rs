//! The `cfunc` command; see the library of the same package.

use std::process::ExitCode;

fn main() -> ExitCode {
    cfunc_cli::run_command(std::env::args_os())
}
