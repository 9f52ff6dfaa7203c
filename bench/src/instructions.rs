//! Instructions that a call executes, ours and the peer's.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::cases::{self, Case};
use crate::count::{self, Cases, Seconds, callgrind, of_node};
use crate::peer::{self, Peer};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::digits;

/// How many times the peer's instructions ours may be, in the geometric mean.
const GOAL: f64 = 1.15;

/// Counts.
///
/// # Errors
///
/// Callgrind is missing, or something does not compile.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let mut part = Part::new("instructions", "Instructions");
    let [first, second] = Cases::Scalar.calls().map(|calls| digits(calls as f64));
    part.paragraph(format!(
        "Instructions that a call of EXECUTE executes, counted by valgrind's callgrind over the recorded rows: the \
         difference of runs of {second} and of {first} calls, and from it the same for a node that only returns, so that \
         neither start-up nor the calling loop counts. Ours is the code in memory that the process compiled with Cranelift. The peer's \
         is linked into a small program: the optimised module of its compilation, written as an object file by the target machine of \
         its own engine, with the function that a host calls. On x86-64 both are made for `x86-64-v3`, which is what callgrind \
         shows to programs that ask, as it cannot run AVX-512."
    ));
    let counted = count::count(settings, Cases::Scalar, None)?;
    let cases = cases::scalar_cases(&settings.corpus)?;
    let mut table = Table::new(&["case", "Cranelift", "peer", "Cranelift to peer"]);
    let mut logarithms = Vec::new();
    let mut left_out = Vec::new();
    for ours in &counted {
        let case = cases.iter().find(|case| case.name == ours.name).context("a case that was counted")?;
        let theirs = match &settings.peer {
            Some(peer) => match of_peer(settings, peer, case, Cases::Scalar) {
                Ok(figure) => Some(figure),
                Err(error) => {
                    left_out.push(format!("`{}` ({error:#})", case.name));
                    None
                }
            },
            None => None,
        };
        logarithms.extend(theirs.map(|theirs| (ours.tick / theirs).ln()));
        let number = |value: Option<f64>| value.map_or_else(|| "-".to_owned(), digits);
        table.row([
            format!("`{}`", ours.name),
            digits(ours.tick),
            number(theirs),
            number(theirs.map(|theirs| ours.tick / theirs)),
        ]);
    }
    part.table(&table);
    if !logarithms.is_empty() {
        let mean = (logarithms.iter().sum::<f64>() / logarithms.len() as f64).exp();
        let goal = format!("instructions of a tick, Cranelift to peer, geometric mean at most {GOAL}");
        let reached = part.goal(goal, digits(mean), mean <= GOAL);
        part.paragraph(format!("Geometric mean of the ratios: **{}**, goal at most {GOAL}: {reached}.", digits(mean)));
    }
    if let Some(note) = &settings.peer_note {
        part.paragraph(format!("The peer was not measured: {note}."));
    }
    if !left_out.is_empty() {
        part.paragraph(format!("The peer's were not counted of: {}.", left_out.join(", ")));
    }
    Ok(part)
}

/// What counting one case of the peer may take: some of its containers take longer with every call.
const MOST: Seconds = Seconds(60);

/// Instructions of one call of the peer's code.
///
/// # Errors
///
/// The peer does not compile it, its code does not link alone or takes more than a minute, or callgrind is missing.
pub(crate) fn of_peer(settings: &Settings, peer: &Peer, case: &Case, which: Cases) -> Result<f64> {
    let folder = peer::scratch(&settings.target)?;
    let (object, cells) = (folder.join("peer.o"), folder.join("peer.cells"));
    let symbol = peer.emit(case, &object, &cells, true)?;
    let program = folder.join("peer-count");
    let sources = settings.root.join("bench/peer");
    let mut link = Command::new("cc");
    // The object is made for an engine that places code and data where it likes.
    link.args(["-O2", "-no-pie", "-Wl,-z,now", "-Wl,--unresolved-symbols=ignore-all"]);
    link.arg(format!("-DPEER_SYMBOL=\"{symbol}\"")).arg("-o").arg(&program);
    link.args([sources.join("count.c"), sources.join("driver.c"), object]);
    if which != Cases::Scalar {
        link.args(containers_of_peer(settings, peer)?);
    }
    peer::run(link.arg("-lm"))?;
    let calls = which.calls();
    let mut arguments = vec![cells.display().to_string()];
    arguments.extend(calls.map(|calls| calls.to_string()));
    let (_, reports) = callgrind(settings, "cfunc_bench_drive", &program, &arguments, Some(MOST))?;
    anyhow::ensure!(reports.len() == 4, "{} reports", reports.len());
    Ok(of_node(&reports, calls))
}

/// Lists and dicts of the peer's run time, of the sources that its package ships, as object files.
fn containers_of_peer(settings: &Settings, peer: &Peer) -> Result<Vec<PathBuf>> {
    let folder = peer::scratch(&settings.target)?;
    let ask =
        "import sysconfig, numba, os; print(sysconfig.get_paths()['include']); print(os.path.dirname(numba.__file__))";
    let answer = peer::run(Command::new(peer.python()).args(["-c", ask]))?;
    let [include, package] = answer.lines().collect::<Vec<_>>()[..] else {
        bail!("Python printed {answer:?}");
    };
    let sources = Path::new(package).join("cext");
    let mut objects = Vec::new();
    for name in ["dictobject", "listobject", "utils"] {
        let object = folder.join(format!("peer-{name}.o"));
        if !object.exists() {
            let mut compiler = Command::new("cc");
            compiler.args(["-O3", "-w", "-c", "-I", include, "-o"]).arg(&object);
            peer::run(compiler.arg("-I").arg(&sources).arg(sources.join(name).with_extension("c")))?;
        }
        objects.push(object);
    }
    Ok(objects)
}
