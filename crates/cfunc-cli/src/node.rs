//! From what the command line says to a compiled node.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cfunc_compiler::{
    Backend, CompilationContext, CompilationOptions, CompilationResult, CompileError, CompileRequest, Diagnostic,
    Severity, Source, backends, codes, compile, decorated_functions,
};

use crate::arguments::{EngineArgument, NodeArguments, OptionArguments};
use crate::constant::{parse_constant, split_assignment};
use crate::failure::Failure;
use crate::message;

/// The context of every command: the built-ins and signals.
pub(crate) fn context() -> Result<CompilationContext, Failure> {
    CompilationContext::builder()
        .with(cfunc_compiler::defaults())
        .with(cfunc_signals::extension())
        .build()
        .map_err(|error| Failure::failed(format!("internal error of the compiler: {error}")))
}

/// Reads a source file.
pub(crate) fn read_source(path: &Path) -> Result<Source, Failure> {
    let bytes =
        std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        let line =
            1 + error.as_bytes()[..error.utf8_error().valid_up_to()].iter().filter(|byte| **byte == b'\n').count();
        Failure::failed(format!("{}:{line}: the source is not UTF-8", path.display()))
    })?;
    Ok(Source::new(path.display().to_string(), text))
}

/// Compiles the node of the command line, prints its warnings, and says how long compiling took.
pub(crate) fn compile_node(
    context: &CompilationContext,
    arguments: &NodeArguments,
) -> Result<(CompilationResult, Duration), Failure> {
    let (path, function) = split_node(&arguments.node);
    let mut constants: Vec<(&str, _)> = Vec::new();
    for argument in &arguments.constants {
        let (name, text) = split_assignment(argument).map_err(|error| Failure::usage(format!("--const: {error}")))?;
        if constants.iter().any(|(other, _)| *other == name) {
            return Err(Failure::usage(format!("--const: `{name}` is given twice")));
        }
        let value = parse_constant(text).map_err(|error| Failure::usage(format!("--const {name}: {error}")))?;
        constants.push((name, value));
    }
    let engine = arguments.options.engine.map(engine).transpose()?;
    let source = read_source(&path)?;
    let function = match function {
        Some(function) => function.to_owned(),
        None => only_function(context, &source, arguments)?,
    };

    let mut request = CompileRequest::new(source.clone()).function(function).options(options(&arguments.options));
    let bound: Vec<&str> = constants.iter().map(|(name, _)| *name).collect();
    for (name, value) in constants {
        request = request.constant(name, value);
    }
    if let Some(decorator) = &arguments.decorator {
        request = request.decorator(decorator);
    }
    if let Some(engine) = engine {
        request = request.backend(engine);
    }
    let start = Instant::now();
    let result = compile(context, &request).map_err(|error| {
        message::compile_error(&error, arguments.options.format);
        if is_of_the_command(&error, &bound) { Failure::ReportedUsage } else { Failure::Reported }
    })?;
    let elapsed = start.elapsed();
    message::diagnostics(&source, result.warnings(), arguments.options.format);
    Ok((result, elapsed))
}

/// What the command line says of how to compile.
pub(crate) fn options(arguments: &OptionArguments) -> CompilationOptions {
    CompilationOptions {
        error_model: arguments.error_model.into(),
        checked_integers: arguments.checked_integers,
        missing_key: arguments.missing_key.into(),
        interruptible: arguments.interruptible,
        passes: arguments.passes.into(),
        pass_limit: arguments.pass_limit,
        ..CompilationOptions::default()
    }
}

/// Whether all errors are of what the command line says: the function, or values for constants.
pub(crate) fn is_of_the_command(error: &CompileError, bound: &[&str]) -> bool {
    let CompileError::Diagnostics { source, diagnostics } = error else { return false };
    let is_of_it = |diagnostic: &Diagnostic| match diagnostic.code {
        codes::FUNCTION_NOT_FOUND | codes::UNKNOWN_CONSTANT | codes::MISSING_CONSTANT => true,
        // Of a default value it is the source's.
        codes::CONSTANT_TYPE => {
            let place = diagnostic.span.text(source.text());
            let name = place.split(|character: char| !character.is_alphanumeric() && character != '_').next();
            name.is_some_and(|name| bound.contains(&name))
        }
        _ => false,
    };
    diagnostics.iter().filter(|diagnostic| diagnostic.severity == Severity::Error).all(is_of_it)
}

/// Splits `FILE.py::FUNCTION`; a path may hold colons.
pub(crate) fn split_node(node: &str) -> (PathBuf, Option<&str>) {
    match node.rsplit_once("::") {
        Some((path, function)) if !path.is_empty() && !function.contains(['/', '\\', '.']) => {
            (PathBuf::from(path), Some(function))
        }
        _ => (PathBuf::from(node), None),
    }
}

pub(crate) fn engine(argument: EngineArgument) -> Result<Arc<dyn Backend>, Failure> {
    let present = backends();
    let names: Vec<_> = present.iter().map(|backend| backend.name()).collect();
    let message = format!("the engine `{}` is not in this build, which has: {}", argument.name(), names.join(", "));
    present.into_iter().find(|backend| backend.name() == argument.name()).ok_or(Failure::Usage(message))
}

fn only_function(context: &CompilationContext, source: &Source, arguments: &NodeArguments) -> Result<String, Failure> {
    let node = &arguments.node;
    let functions = decorated_functions(context, source, arguments.decorator.as_deref()).map_err(|diagnostics| {
        message::diagnostics(source, &diagnostics, arguments.options.format);
        Failure::Reported
    })?;
    match functions.as_slice() {
        [only] => Ok(only.clone()),
        [] => Err(Failure::failed(format!("{node} defines no node function"))),
        several => Err(Failure::usage(format!(
            "{node} defines {} node functions: write {node}::NAME with one of {}",
            several.len(),
            several.join(", ")
        ))),
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;

    use super::split_node;

    #[test]
    fn nodes_split() {
        assert_eq!(split_node("a.py"), (PathBuf::from("a.py"), None));
        assert_eq!(split_node("a.py::f"), (PathBuf::from("a.py"), Some("f")));
        assert_eq!(split_node("dir::x/a.py"), (PathBuf::from("dir::x/a.py"), None));
        assert_eq!(split_node("dir::x/a.py::f"), (PathBuf::from("dir::x/a.py"), Some("f")));
        assert_eq!(split_node("a.py::"), (PathBuf::from("a.py"), Some("")));
    }
}
