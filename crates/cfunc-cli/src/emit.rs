//! `cfunc emit`.

use std::io::Write;

use crate::arguments::EmitArguments;
use crate::failure::Failure;
use crate::node;

/// Prints what a stage makes of a node.
pub(crate) fn emit(arguments: &EmitArguments) -> Result<(), Failure> {
    let context = node::context()?;
    let (result, _) = node::compile_node(&context, &arguments.node)?;
    let mut text = result.dump(arguments.kind.into()).map_err(|error| Failure::failed(error.to_string()))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::writing("standard output", &error))
}
