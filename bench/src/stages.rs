//! Instructions of each stage, counted by callgrind: what the clock shows beside them is the machine's memory.

use std::fs;
use std::hint::black_box;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompileRequest, Interpreter, Observer, Source, compile, compile_observed};

use crate::compile::context;
use crate::scale_sources::Shape;

/// The lines of the function that is compiled before anything is counted.
const WARM_UP: usize = 50;

/// Whether callgrind can be asked.
pub(crate) fn is_available() -> bool {
    let version = Command::new("valgrind").arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status();
    version.is_ok_and(|status| status.success())
}

/// Counts the instructions of each stage, in their order, for one compilation of a function in a process of its own.
///
/// # Errors
///
/// The process fails.
pub(crate) fn count(shape: &Shape, lines: usize, stages: &[&str]) -> Result<Vec<f64>> {
    let folder = std::env::temp_dir().join(format!("cfunc-bench-{}", std::process::id()));
    fs::create_dir_all(&folder)?;
    let counted = count_in(&folder, shape, lines, stages);
    fs::remove_dir_all(&folder)?;
    counted
}

fn count_in(folder: &std::path::Path, shape: &Shape, lines: usize, stages: &[&str]) -> Result<Vec<f64>> {
    let file = folder.join("counts");
    let mut command = Command::new("valgrind");
    command.arg("--tool=callgrind").arg(format!("--callgrind-out-file={}", file.display()));
    command.args(["--zero-before=*stages::stage_begins*", "--dump-before=*stages::stage_ends*"]);
    command.arg(std::env::current_exe()?).args(["stages", &lines.to_string(), "--only", shape.name]);
    let output = command.output().context("starting valgrind")?;
    ensure!(output.status.success(), "valgrind: {}", String::from_utf8_lossy(&output.stderr));
    let names = String::from_utf8(output.stdout)?;
    let mut counts = vec![0.0; stages.len()];
    for (number, name) in (1..).zip(names.lines()) {
        let dump: PathBuf = folder.join(format!("counts.{number}"));
        let text = fs::read_to_string(&dump).with_context(|| format!("reading {}", dump.display()))?;
        let total = text.lines().find_map(|line| line.strip_prefix("totals:").or(line.strip_prefix("summary:")));
        let total: f64 = total.with_context(|| format!("no sum of stage {name}"))?.trim().parse()?;
        if let Some(index) = stages.iter().position(|stage| *stage == name) {
            counts[index] += total;
        }
    }
    Ok(counts)
}

/// What the process does: compiles a function and prints the names of the stages that end, in their order.
///
/// # Errors
///
/// The source does not compile.
pub(crate) fn work(shape: &str, lines: usize) -> Result<()> {
    let context = context()?;
    let shape = Shape::named(shape).with_context(|| format!("no shape is called {shape}"))?;
    let request = |lines| {
        let request = CompileRequest::new(Source::new("scale.py", shape.source(lines))).function("f").reuse(false);
        request.backend(Arc::new(Interpreter::new()))
    };
    // What a process does once is no part of a stage.
    compile(&context, &request(WARM_UP)).map_err(|error| anyhow!("{error}"))?;
    let mut names = Names::default();
    compile_observed(&context, &request(lines), &mut names).map_err(|error| anyhow!("{error}"))?;
    names.0.iter().for_each(|name| println!("{name}"));
    Ok(())
}

#[derive(Default)]
struct Names(Vec<&'static str>);

impl Observer for Names {
    fn begin(&mut self, _stage: &'static str) {
        stage_begins();
    }

    fn end(&mut self, stage: &'static str) {
        stage_ends();
        self.0.push(stage);
    }
}

/// Callgrind begins to count anew where this is called.
#[inline(never)]
fn stage_begins() {
    black_box(1);
}

/// Callgrind writes down what it counted where this is called.
#[inline(never)]
fn stage_ends() {
    black_box(2);
}
