//! Executed instructions, as callgrind counts them: the process that it watches, and what it reports.
//!
//! The process calls what is counted in a function that callgrind is told of; after each return of it, it writes
//! a report of its own, so that one process counts many things.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, bail, ensure};
use cfunc_compiler::ir::{Module, Pass, Pipeline};
use cfunc_compiler::{
    Backend, BackendError, CodeText, CompilationOptions, CompilationResult, CompiledCode, CraneliftBackend, PassLevel,
    SymbolTable, compile,
};

use crate::cases::{cases_for_passes, container_cases, scalar_cases};
use crate::compile::context;
use crate::engines::Engine;
use crate::host::{EMPTY, Host, call_counted, function};
use crate::peer::run;
use crate::settings::Settings;

/// Compilations before those that are counted, which warm caches and scratch.
const WARM: u32 = 3;

/// Compilations that are counted.
const COMPILATIONS: u32 = 4;

/// Which cases a process counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cases {
    /// The scalar ones, in long runs: what the peer is compared on.
    Scalar,
    /// Those that passes are weighed on, in runs that containers which grow with each tick can take.
    ForPasses,
    /// Those with containers that the peer is compared on, in such runs.
    Containers,
}

impl Cases {
    /// The two numbers of calls whose difference counts.
    pub(crate) const fn calls(self) -> [usize; 2] {
        match self {
            Self::Scalar => [2_000, 12_000],
            Self::ForPasses | Self::Containers => [200, 800],
        }
    }
}

/// What was counted of a case.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Counted {
    /// `category/name`.
    pub(crate) name: String,
    /// Instructions of one compilation, where passes are weighed.
    pub(crate) compilation: Option<f64>,
    /// Instructions of one EXECUTE.
    pub(crate) tick: f64,
}

/// The passes that stand for the default ones before LLVM.
pub(crate) const LLVM: &str = "llvm";

/// Counts, in a process of its own, for the default passes, for those that [`pipeline`] finds, or for [`LLVM`].
///
/// # Errors
///
/// Callgrind is missing, or the process fails.
pub(crate) fn count(settings: &Settings, cases: Cases, passes: Option<&str>) -> Result<Vec<Counted>> {
    let mut arguments = vec!["count".to_owned()];
    match cases {
        Cases::Scalar => {}
        Cases::ForPasses => arguments.push("--more-cases".to_owned()),
        Cases::Containers => arguments.push("--container-cases".to_owned()),
    }
    if let Some(passes) = passes {
        arguments.extend(["--passes".to_owned(), passes.to_owned()]);
    }
    let own = std::env::current_exe()?;
    let (printed, reports) = callgrind(settings, "cfunc_bench_call", &own, &arguments, None)?;
    let names: Vec<&str> = printed.lines().collect();
    let each = if cases == Cases::ForPasses { 5 } else { 4 };
    ensure!(reports.len() == each * names.len(), "{} reports of {} cases", reports.len(), names.len());
    let calls = cases.calls();
    let counted = names.iter().zip(reports.chunks_exact(each)).map(|(name, reports)| {
        let (compilation, ticks) = reports.split_at(each - 4);
        let compilation = compilation.first().map(|count| *count as f64 / f64::from(COMPILATIONS));
        Counted { name: (*name).to_owned(), compilation, tick: of_node(ticks, calls) }
    });
    Ok(counted.collect())
}

/// Instructions of one call of a node, from reports of runs with the node and without, for each number of calls.
pub(crate) fn of_node(reports: &[u64], calls: [usize; 2]) -> f64 {
    let each = |first: u64, second: u64| (second as f64 - first as f64) / (calls[1] - calls[0]) as f64;
    // The node that does nothing returns, which the other does too.
    each(reports[0], reports[2]) - each(reports[1], reports[3]) + 1.0
}

/// Seconds that a program may take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Seconds(pub(crate) u32);

/// Runs a program under callgrind; gives what it printed, and the instructions of each return of a function. (Of two
/// functions, callgrind would count the first alone.)
///
/// # Errors
///
/// Callgrind is missing, or the program fails or takes longer than it may.
pub(crate) fn callgrind(
    settings: &Settings,
    function: &str,
    program: &Path,
    arguments: &[String],
    most: Option<Seconds>,
) -> Result<(String, Vec<u64>)> {
    let folder = crate::peer::scratch(&settings.target)?.join(format!("callgrind-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let out = folder.join("out");
    let mut command = match most {
        Some(Seconds(most)) => {
            let mut command = Command::new("timeout");
            command.arg(most.to_string()).arg("valgrind");
            command
        }
        None => Command::new("valgrind"),
    };
    // Memory of code is recycled, and mapped from a file, which callgrind takes for code that stays.
    command.args(["--tool=callgrind", "--quiet", "--smc-check=all"]);
    command.arg(format!("--toggle-collect={function}")).arg(format!("--dump-after={function}"));
    command.arg(format!("--callgrind-out-file={}", out.display())).arg(program).args(arguments);
    let printed = run(&mut command).context("valgrind's callgrind counts instructions")?;
    let mut reports = Vec::new();
    while let Ok(report) = fs::read_to_string(numbered(&out, reports.len() + 1)) {
        let total = report.lines().find_map(|line| line.strip_prefix("totals: "));
        reports.push(total.context("a report without a total")?.trim().parse()?);
    }
    fs::remove_dir_all(&folder)?;
    Ok((printed, reports))
}

fn numbered(out: &Path, number: usize) -> PathBuf {
    out.with_extension(number.to_string())
}

/// What the process does: compiles and drives each case, and prints its name.
///
/// # Errors
///
/// A case cannot be read or compiled.
pub(crate) fn work(settings: &Settings, cases: Cases, passes: Option<&str>) -> Result<()> {
    let context = context()?;
    let llvm = match passes {
        Some(LLVM) => Some(Engine::llvm().map_err(|reason| anyhow!("{reason}"))?),
        _ => None,
    };
    let backend = match passes {
        Some(name) if llvm.is_none() => {
            Some(Arc::new(WithPasses { pipeline: pipeline(name)?, engine: CraneliftBackend::new() }))
        }
        _ => None,
    };
    let found = match cases {
        Cases::Scalar => scalar_cases(&settings.corpus)?,
        Cases::ForPasses => cases_for_passes(&settings.corpus)?,
        Cases::Containers => container_cases(&settings.corpus)?,
    };
    for case in found {
        let mut request = case.request.clone();
        if let Some(backend) = &backend {
            let options = CompilationOptions { passes: PassLevel::None, ..CompilationOptions::default() };
            request = request.options(options).backend(Arc::clone(backend) as Arc<dyn Backend>);
        }
        let compiled = || match &llvm {
            Some([optimized, _]) => optimized.compile(&context, &request),
            None => compile(&context, &request).map_err(|error| anyhow!("{}: {error}", case.name)),
        };
        // What is not compiled yet is no case for passes either.
        let Ok(result) = compiled() else {
            continue;
        };
        if cases == Cases::ForPasses {
            for _ in 1..WARM {
                drop(compiled()?);
            }
            let mut results = Vec::new();
            call_counted(|| results.extend((0..COMPILATIONS).map(|_| compiled())));
            results.into_iter().try_for_each(|result| result.map(drop))?;
        }
        for calls in cases.calls() {
            drive(&result, &case.rows, calls)?;
        }
        println!("{}", case.name);
    }
    Ok(())
}

fn drive(result: &CompilationResult, rows: &[u64], calls: usize) -> Result<()> {
    let node = function(result.function_pointer().context("no native code")?);
    let host = Host::new(result)?;
    // SAFETY: the host was made for the node, whose code is alive; the other function touches nothing.
    unsafe {
        host.start(node);
        call_counted(|| _ = host.drive(node, rows, calls));
        host.stop(node);
        call_counted(|| _ = host.drive(EMPTY, rows, calls));
    }
    Ok(())
}

/// The machine code engine behind passes of one's own.
#[derive(Debug)]
struct WithPasses {
    pipeline: Pipeline,
    engine: CraneliftBackend,
}

/// Passes by name: `none`, `fast`, `full`, or one of these, `-without-` and the pass that is left out of it.
fn pipeline(name: &str) -> Result<Pipeline> {
    let (level, without) = name.split_once("-without-").unzip();
    let level = match level.unwrap_or(name) {
        "none" => PassLevel::None,
        "fast" => PassLevel::Fast,
        "full" => PassLevel::Full,
        _ => bail!("no passes are called {name}"),
    };
    let Some(without) = without else { return Ok(Pipeline::of(level)) };
    let pass = Pass::from_name(without).with_context(|| format!("no pass is called {without}"))?;
    Ok(Pipeline::of(level).without(pass))
}

impl WithPasses {
    fn passed(&self, module: &Module) -> Result<Module, BackendError> {
        let mut module = module.clone();
        self.pipeline
            .run(&mut module)
            .map_err(|error| BackendError::Internal { backend: self.name(), message: error.to_string() })?;
        Ok(module)
    }
}

impl Backend for WithPasses {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        self.engine.compile(&self.passed(module)?, symbols, options)
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        self.engine.text(&self.passed(module)?, options, kind)
    }

    fn ignored_options(&self, options: &CompilationOptions) -> Vec<&'static str> {
        self.engine.ignored_options(options)
    }
}

#[cfg(test)]
mod tests {
    use super::of_node;

    #[test]
    fn the_loop_cancels() {
        // Ten instructions of the loop and one of the empty node a call, seven of the node, a hundred once.
        assert_eq!(of_node(&[100 + 2 * 17, 100 + 2 * 11, 100 + 5 * 17, 100 + 5 * 11], [2, 5]), 7.0);
    }
}
