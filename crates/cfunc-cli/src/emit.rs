//! `cfunc emit`.

use std::fmt::Write as _;
use std::io::Write;
use std::time::{Duration, Instant};

use cfunc_compiler::ir::{Function, Pass, PassObserver, PassStatistics};
use cfunc_compiler::{CompilationResult, CompileError, Stage};

use crate::arguments::{EmitArguments, EmitKind};
use crate::failure::Failure;
use crate::node;

/// Prints what a stage makes of a node.
pub(crate) fn emit(arguments: &EmitArguments) -> Result<(), Failure> {
    let context = node::context()?;
    let (result, _) = node::compile_node(&context, &arguments.node)?;
    let text = match arguments.kind {
        EmitKind::Transformed => result.dump(Stage::Transformed),
        EmitKind::Types => result.dump(Stage::Types),
        EmitKind::Ir => result.dump(Stage::Ir),
        EmitKind::OptimizedIr => result.dump(Stage::OptimizedIr),
        EmitKind::Passes => passes(&result),
        EmitKind::Clif => result.dump(Stage::Clif),
        EmitKind::Llvm => result.llvm_ir(),
        EmitKind::Asm => result.dump(Stage::Assembly),
        EmitKind::Metadata => result.dump(Stage::Metadata),
    };
    let mut text = text.map_err(|error| Failure::failed(error.to_string()))?;
    if !text.ends_with('\n') {
        text.push('\n');
    }
    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::writing("standard output", &error))
}

/// How often the passes run, for the least time each takes.
const RUNS: usize = 50;

/// What each pass did to each function, and the least time that it took.
fn passes(result: &CompilationResult) -> Result<String, CompileError> {
    let mut watch = Watch::default();
    for _ in 0..RUNS {
        watch.next = 0;
        result.observe_passes(&mut watch)?;
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
