//! `cfunc explain`.

use std::io::Write;

use cfunc_compiler::{DIAGNOSTIC_CODES, closest, diagnostic_page};

use crate::arguments::ExplainArguments;
use crate::failure::Failure;

/// Prints the page of a code, or the list of all codes.
pub(crate) fn explain(arguments: &ExplainArguments) -> Result<(), Failure> {
    let text = match &arguments.code {
        Some(code) => page(code)?.to_owned(),
        None => DIAGNOSTIC_CODES.iter().map(|code| format!("{}  {}\n", code.id, code.title)).collect(),
    };
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::writing("standard output", &error))
}

fn page(code: &str) -> Result<&'static str, Failure> {
    let wanted = code.to_uppercase();
    diagnostic_page(&wanted).ok_or_else(|| {
        let hint = match closest(&wanted, DIAGNOSTIC_CODES.iter().map(|known| known.id)) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "`cfunc explain` lists all".to_owned(),
        };
        Failure::usage(format!("there is no code `{code}`: {hint}"))
    })
}
