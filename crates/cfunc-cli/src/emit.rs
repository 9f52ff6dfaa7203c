//! `cfunc emit`.

use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

use cfunc_compiler::ir::{Function, Pass, PassObserver, PassStatistics};
use cfunc_compiler::{
    BackendError, CompilationContext, CompilationResult, CompileError, CompileRequest, CompiledCall, Stage,
    compile_call,
};

use crate::arguments::{EmitArguments, EmitKind, NodeArguments};
use crate::failure::Failure;
use crate::{message, node};

/// Prints what a stage makes of a node, or of a plain function.
pub(crate) fn emit(arguments: &EmitArguments) -> Result<(), Failure> {
    let context = node::context()?;
    let compiled = match &arguments.signature {
        None => Compiled::Node(node::compile_node(&context, &arguments.node)?.0),
        Some(types) => Compiled::Call(compiled_call(&context, &arguments.node, types)?),
    };
    let text = match arguments.kind {
        EmitKind::Transformed => compiled.dump(Stage::Transformed),
        EmitKind::Types => compiled.dump(Stage::Types),
        EmitKind::Ir => compiled.dump(Stage::Ir),
        EmitKind::OptimizedIr => compiled.dump(Stage::OptimizedIr),
        EmitKind::Passes => passes(&compiled),
        EmitKind::Clif => compiled.dump(Stage::Clif),
        EmitKind::Llvm => compiled.llvm_ir(),
        EmitKind::Asm => compiled.dump(Stage::Assembly),
        EmitKind::Metadata => compiled.dump(Stage::Metadata),
    };
    let mut text = text.map_err(|error| match (&error, arguments.kind) {
        (CompileError::Backend(BackendError::Unavailable { .. }), EmitKind::Llvm) if !cfg!(feature = "llvm") => {
            Failure::usage(format!("--kind llvm: LLVM is not in this build{}", node::LLVM_HINT))
        }
        (CompileError::Backend(BackendError::Unavailable { .. } | BackendError::NoSuchText { .. }), _) => {
            Failure::usage(error.to_string())
        }
        _ => Failure::failed(error.to_string()),
    })?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::writing("standard output", &error))
}

/// Compiles a plain function for types of arguments.
fn compiled_call(
    context: &CompilationContext,
    arguments: &NodeArguments,
    types: &str,
) -> Result<CompiledCall, Failure> {
    let (path, function) = node::split_node(&arguments.node);
    let source = node::read_source(&path)?;
    let mut request = CompileRequest::new(source.clone()).options(node::options(&arguments.options)?);
    if let Some(function) = function {
        request = request.function(function);
    }
    if let Some(engine) = arguments.options.engine.map(node::engine).transpose()? {
        request = request.backend(engine);
    }
    let format = arguments.options.format;
    let call = compile_call(context, &request, &types.into()).map_err(|error| node::refused(&error, &[], format))?;
    message::diagnostics(&source, call.warnings(), format);
    node::tell_ignored(call.backend_name(), &call.ignored_options());
    Ok(call)
}

/// What was compiled: both have the same stages.
enum Compiled {
    Node(CompilationResult),
    Call(CompiledCall),
}

impl Compiled {
    fn dump(&self, stage: Stage) -> Result<String, CompileError> {
        match self {
            Self::Node(result) => result.dump(stage),
            Self::Call(call) => call.dump(stage),
        }
    }

    fn llvm_ir(&self) -> Result<String, CompileError> {
        match self {
            Self::Node(result) => result.llvm_ir(),
            Self::Call(call) => call.llvm_ir(),
        }
    }

    fn observe_passes(&self, observer: &mut dyn PassObserver) -> Result<(), CompileError> {
        match self {
            Self::Node(result) => result.observe_passes(observer),
            Self::Call(call) => call.observe_passes(observer),
        }
    }
}

/// How often the passes run, for the least time each takes.
const RUNS: usize = 50;

/// What each pass did to each function, and the least time that it took.
fn passes(compiled: &Compiled) -> Result<String, CompileError> {
    let mut watch = Watch::default();
    for _ in 0..RUNS {
        watch.next = 0;
        compiled.observe_passes(&mut watch)?;
    }
    let mut text = format!(
        "{:<14} {:<12} {:>14} {:>14} {:>8} {:>12}\n",
        "function", "pass", "instructions", "afterwards", "changes", "microseconds"
    );
    for run in &watch.runs {
        let statistics = run.statistics;
        let _infallible = writeln!(
            text,
            "{:<14} {:<12} {:>14} {:>14} {:>8} {:>12.2}",
            run.function,
            run.pass.name(),
            statistics.instructions_before,
            statistics.instructions_after,
            statistics.changes,
            run.time.as_secs_f64() * 1e6,
        );
    }
    let total: Duration = watch.runs.iter().map(|run| run.time).sum();
    let _infallible = writeln!(text, "in all {:.2} microseconds", total.as_secs_f64() * 1e6);
    Ok(text)
}

/// One pass over one function.
struct PassRun {
    pass: Pass,
    function: String,
    statistics: PassStatistics,
    time: Duration,
}

/// Reads the clock around every pass.
#[derive(Default)]
struct Watch {
    runs: Vec<PassRun>,
    /// Which run comes next.
    next: usize,
    started: Option<Instant>,
}

impl PassObserver for Watch {
    fn begin(&mut self, _pass: Pass, _function: &Function) {
        self.started = Some(Instant::now());
    }

    fn end(&mut self, pass: Pass, function: &Function, statistics: PassStatistics) {
        let time = self.started.map_or(Duration::ZERO, |started| started.elapsed());
        match self.runs.get_mut(self.next) {
            Some(run) => run.time = run.time.min(time),
            None => self.runs.push(PassRun { pass, function: function.name.clone(), statistics, time }),
        }
        self.next += 1;
    }
}
