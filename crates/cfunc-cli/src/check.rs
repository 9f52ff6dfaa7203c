//! `cfunc check`.

use cfunc_compiler::{Severity, node_functions};

use crate::arguments::CheckArguments;
use crate::failure::Failure;
use crate::{message, node};

/// Reports the diagnostics of every node function of a file.
pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let context = node::context()?;
    let source = node::read_source(&arguments.file)?;
    let diagnostics = cfunc_compiler::check(&context, &source);
    message::diagnostics(&source, &diagnostics);
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let functions = node_functions(&context, &source).map(|names| names.len()).unwrap_or_default();
    message::line(&format!(
        "{}: {}, {}, {}",
        source.name(),
        counted(functions, "node function"),
        counted(errors, "error"),
        counted(warnings, "warning")
    ));
    if errors > 0 { Err(Failure::Reported) } else { Ok(()) }
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
