//! From arguments to an exit status.

use std::ffi::OsString;
use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::format::FmtSpan;

use crate::arguments::{Arguments, Command};
use crate::failure::Failure;
use crate::{call, check, emit, explain, replay, run};

/// The environment variable with the filter of the log.
const LOG_VARIABLE: &str = "CFUNC_LOG";

/// Runs the command with the arguments of a process, its own name first.
///
/// Results go to standard output, everything else to standard error. The exit status is 0 for success, 1 when the node,
/// the data or a case failed, 2 when the command could not be carried out as it was written.
pub fn run_command(arguments: impl IntoIterator<Item = OsString>) -> ExitCode {
    let arguments = match Arguments::try_parse_from(arguments) {
        Ok(arguments) => arguments,
        Err(error) => {
            // Nothing can be said where the streams are closed.
            let _ = error.print();
            return ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2));
        }
    };
    match start_log().and_then(|()| dispatch(arguments.command)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.report(),
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Run(arguments) => run::run(&arguments),
        Command::Check(arguments) => check::check(&arguments),
        Command::Call(arguments) => call::call(&arguments),
        Command::Emit(arguments) => emit::emit(&arguments),
        Command::Explain(arguments) => explain::explain(&arguments),
        Command::Replay(arguments) => replay::command(&arguments.paths),
    }
}

/// Writes the log of the compiler's stages to standard error where the variable asks for it.
fn start_log() -> Result<(), Failure> {
    let Some(value) = std::env::var_os(LOG_VARIABLE).filter(|value| !value.is_empty()) else {
        return Ok(());
    };
    let filter = value
        .to_str()
        .ok_or_else(|| "it is not UTF-8".to_owned())
        .and_then(|text| EnvFilter::try_new(text).map_err(|error| error.to_string()))
        .map_err(|error| Failure::usage(format!("{LOG_VARIABLE} is not a filter: {error}")))?;
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_span_events(FmtSpan::CLOSE)
        .with_writer(std::io::stderr)
        // Who reads the log may go away; saying that it cannot be written could not be written either.
        .log_internal_errors(false)
        .with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr()))
        .try_init()
        .map_err(|error| Failure::failed(format!("the log cannot start: {error}")))
}
