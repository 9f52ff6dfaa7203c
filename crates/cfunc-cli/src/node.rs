//! From what the command line says to a compiled node.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

use cfunc_compiler::{
    Backend, BackendError, CompilationContext, CompilationOptions, CompilationResult, CompileError, CompileRequest,
    Diagnostic, Severity, Source, TargetCpu, backends, codes, compile, decorated_functions,
};

use crate::arguments::{EngineArgument, Format, NodeArguments, OptionArguments};
use crate::constant::{parse_constant, split_assignment};
use crate::failure::Failure;
use crate::message;

/// How a build comes to LLVM.
pub(crate) const LLVM_HINT: &str =
    "; builds of cfunc with `--features llvm`, on machines with LLVM 22 (`apt-get install libllvm22`), have LLVM";

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

    let options = options(&arguments.options)?;
    let mut request = CompileRequest::new(source.clone()).function(function).options(options);
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
    let result = compile(context, &request).map_err(|error| refused(&error, &bound, arguments.options.format))?;
    let elapsed = start.elapsed();
    tell_ignored(result.backend_name(), &result.ignored_options());
    message::diagnostics(&source, result.warnings(), arguments.options.format);
    Ok((result, elapsed))
}

/// Reports why nothing was compiled.
pub(crate) fn refused(error: &CompileError, bound: &[&str], format: Format) -> Failure {
    message::compile_error(error, format);
    if is_of_the_command(error, bound) { Failure::ReportedUsage } else { Failure::Reported }
}

/// Says which of the options do nothing on an engine.
pub(crate) fn tell_ignored(engine: &str, ignored: &[&str]) {
    if !ignored.is_empty() {
        let named: Vec<String> = ignored.iter().map(|option| format!("--{}", option.replace('_', "-"))).collect();
        message::line(&format!("note: the engine `{engine}` does nothing for {}", named.join(", ")));
    }
}

/// What the command line says of how to compile.
pub(crate) fn options(arguments: &OptionArguments) -> Result<CompilationOptions, Failure> {
    let target_cpu = arguments.target_cpu.as_deref().map(target_cpu).transpose()?;
    Ok(CompilationOptions {
        error_model: arguments.error_model.into(),
        checked_integers: arguments.checked_integers,
        missing_key: arguments.missing_key.into(),
        interruptible: arguments.interruptible,
        fastmath: arguments.fastmath,
        force_inline: arguments.force_inline,
        optimization_level: arguments.optimization_level.into(),
        target_cpu: target_cpu.unwrap_or_default(),
        passes: arguments.passes.into(),
        pass_limit: arguments.pass_limit,
        ..CompilationOptions::default()
    })
}

/// A processor of `NAME,+FEATURE,-FEATURE`.
fn target_cpu(text: &str) -> Result<TargetCpu, Failure> {
    let (name, features) = text.split_once(',').unwrap_or((text, ""));
    if name.is_empty() || name.starts_with(['+', '-']) {
        return Err(Failure::usage(format!("--target-cpu {text}: a processor's name comes first, such as x86-64-v3")));
    }
    Ok(TargetCpu::Named { name: name.to_owned(), features: features.to_owned() })
}

/// Whether all errors are of what the command line says: the function, values for constants, the engine.
pub(crate) fn is_of_the_command(error: &CompileError, bound: &[&str]) -> bool {
    let (source, diagnostics) = match error {
        CompileError::Diagnostics { source, diagnostics } => (source, diagnostics),
        // Of the engine, or of the processor, that was asked for.
        CompileError::Backend(BackendError::Unsupported { .. } | BackendError::Unavailable { .. }) => return true,
        CompileError::Backend(_) | CompileError::Internal(_) => return false,
    };
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
    let missing = match argument {
        EngineArgument::Llvm => LLVM_HINT,
        EngineArgument::Cranelift | EngineArgument::Interpreter => "",
    };
    let (name, present_names) = (argument.name(), names.join(", "));
    let message = format!("the engine `{name}` is not in this build, which has: {present_names}{missing}");
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
