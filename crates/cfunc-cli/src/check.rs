//! `cfunc check`.

use std::io::Write;

use cfunc_compiler::{Diagnostics, Severity, Source, check_decorated, decorated_functions};

use crate::arguments::{CheckArguments, Format};
use crate::failure::Failure;
use crate::json::JsonLines;
use crate::{message, node};

/// Reports the diagnostics of every node function of a file.
pub(crate) fn check(arguments: &CheckArguments) -> Result<(), Failure> {
    let context = node::context()?;
    let source = node::read_source(&arguments.file)?;
    let decorator = arguments.decorator.as_deref();
    let diagnostics = check_decorated(&context, &source, decorator);
    match arguments.format {
        Format::Text => message::diagnostics(&source, &diagnostics, Format::Text),
        Format::Json => print_json(&source, &diagnostics)?,
    }
    let errors = diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).count();
    let warnings = diagnostics.len() - errors;
    let mut counts = vec![counted(errors, "error"), counted(warnings, "warning")];
    // How many there are is not known of a source that cannot be parsed.
    let functions = decorated_functions(&context, &source, decorator);
    if let Ok(functions) = &functions {
        counts.insert(0, counted(functions.len(), "node function"));
    }
    message::line(&format!("{}: {}", source.name(), counts.join(", ")));
    if functions.is_ok_and(|functions| functions.is_empty()) && errors == 0 {
        message::line("plain functions are checked for the types of a call: `cfunc call` does so");
    }
    if let Some(first) = diagnostics.iter().next().filter(|_| arguments.format == Format::Text) {
        message::line(&format!("`cfunc explain {}` tells more of a code", first.code.id));
    }
    if errors > 0 || (arguments.deny_warnings && warnings > 0) { Err(Failure::Reported) } else { Ok(()) }
}

fn print_json(source: &Source, diagnostics: &Diagnostics) -> Result<(), Failure> {
    let lines = JsonLines::new(source);
    let text: String = diagnostics.iter().map(|diagnostic| lines.line(diagnostic) + "\n").collect();
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::writing("standard output", &error))
}

fn counted(count: usize, what: &str) -> String {
    format!("{count} {what}{}", if count == 1 { "" } else { "s" })
}
