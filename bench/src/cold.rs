//! From the start of a process to what its first tick gives: the command line tool, a host in Rust, the peer.

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::peer::{PACKAGE, scratch};
use crate::report::{Part, Table};
use crate::run::tool;
use crate::settings::Settings;
use crate::statistics::{Spread, digits};

/// How many times faster than the peer both of ours are.
const GOAL: f64 = 100.0;

/// The rows of the input of the command line tool.
const ROWS: &str = "price\n100.0\n101.5\n99.25\n";

/// A process that is started.
struct Start {
    name: String,
    command: Command,
    /// Whether it is one of ours, which the goal is for.
    is_ours: bool,
}

/// Measures cold starts.
///
/// # Errors
///
/// A program of ours is not built or fails.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let mut part = Part::new("cold", "Cold process to first tick");
    part.paragraph(format!(
        "Milliseconds from the start of a process to the line that it prints of its first tick; the files are in the caches of \
         the kernel. `cfunc run` compiles `examples/nodes/ema.py` and goes over three rows; the host in Rust is \
         `crates/cfunc-compiler/examples/first_tick.rs`; the peer, `{PACKAGE}`, imports itself, compiles the same node and calls it \
         once (`bench/peer/first_tick.py`), beside what its process does before. All of them start in turn, in each round."
    ));
    let (mut starts, notes) = starts(settings)?;
    let mut samples: Vec<Vec<f64>> = starts.iter().map(|_| Vec::new()).collect();
    for round in 0..=settings.cold_rounds {
        for (start, times) in starts.iter_mut().zip(&mut samples) {
            let time = first_line(&mut start.command).with_context(|| start.name.clone())?;
            // The first one brings the files into memory.
            if round > 0 {
                times.push(time);
            }
        }
    }
    let peer = starts.iter().position(|start| start.name == PEER).map(|index| samples[index].clone());
    let mut table = Table::new(&["process", "milliseconds", "times faster than the peer"]);
    let mut least = f64::INFINITY;
    for (start, times) in starts.iter().zip(&samples) {
        let ratio = peer.as_ref().filter(|_| start.is_ours).and_then(|peer| {
            let ratios: Vec<f64> = peer.iter().zip(times).map(|(peer, own)| peer / own).collect();
            Spread::of(&ratios)
        });
        least = least.min(ratio.map_or(least, |ratio| ratio.median));
        let time = Spread::of(times).context("no rounds")?;
        eprintln!("cold {}: {time} ms", start.name);
        let ratio = ratio.map_or_else(|| "-".to_owned(), |ratio| ratio.to_string());
        table.row([start.name.clone(), time.to_string(), ratio]);
    }
    part.table(&table);
    if peer.is_some() {
        let goal = format!(
            "cold process to first tick, `cfunc run` and a host in Rust {GOAL} times faster than the peer, each"
        );
        let reached = part.goal(goal, digits(least), least >= GOAL);
        part.paragraph(format!(
            "Goal: {GOAL} times faster than the peer, each; measured {}: {reached}.",
            digits(least)
        ));
    }
    notes.iter().for_each(|note| part.paragraph(note));
    Ok(part)
}

/// The row of the peer's whole start.
const PEER: &str = "the peer: import, compilation, a call";

/// What is started, and what is missing.
fn starts(settings: &Settings) -> Result<(Vec<Start>, Vec<String>)> {
    let mut notes = Vec::new();
    let input = scratch(&settings.target)?.join("first.csv");
    fs::write(&input, ROWS).with_context(|| format!("writing {}", input.display()))?;
    let mut run = Command::new(tool()?);
    run.arg("run").arg(settings.root.join("examples/nodes/ema.py")).arg("--input").arg(&input).arg("--const=alpha=0.1");
    let mut starts = vec![Start { name: "`cfunc run`".to_owned(), command: run, is_ours: true }];
    for (what, file) in [
        ("a host in Rust", host()?),
        ("a host in Rust, interpreter", variant(settings, "interpreter")),
        ("a host in Rust, LLVM", variant(settings, "llvm")),
    ] {
        if file.exists() {
            let is_ours = what == "a host in Rust";
            starts.push(Start { name: what.to_owned(), command: Command::new(file), is_ours });
        }
    }
    ensure!(starts.len() > 1, "the host is missing: cargo build --release -p cfunc-compiler --example first_tick");
    let script = settings.root.join("bench/peer/first_tick.py");
    match &settings.peer {
        Some(peer) => {
            for (name, argument) in [
                (PEER, None),
                ("of that, Python", Some("nothing")),
                ("Python and `import numba`", Some("numba")),
                ("Python and the import of the peer", Some("numba_cfunc_compiler")),
            ] {
                let mut command = Command::new(peer.python());
                command.arg(&script).args(argument);
                starts.push(Start { name: name.to_owned(), command, is_ours: false });
            }
        }
        None => {
            let note = settings.peer_note.as_deref().unwrap_or_default();
            notes.push(format!("The peer was not measured: {note}."));
        }
    }
    Ok((starts, notes))
}

/// The host, as it is built beside this program.
pub(crate) fn host() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.with_file_name("examples").join(format!("first_tick{}", std::env::consts::EXE_SUFFIX)))
}

/// The host with other engines, where `cargo xtask bench` has put it.
pub(crate) fn variant(settings: &Settings, engine: &str) -> PathBuf {
    settings.target.join("bench").join(format!("first_tick-{engine}"))
}

/// Milliseconds to the first line that a process prints.
fn first_line(command: &mut Command) -> Result<f64> {
    let begin = Instant::now();
    let mut process = command.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().context("starting it")?;
    let mut lines = BufReader::new(process.stdout.take().context("its output")?);
    let mut line = String::new();
    lines.read_line(&mut line)?;
    let time = begin.elapsed().as_secs_f64() * 1e3;
    // What it prints besides is read, so that it can end.
    std::io::copy(&mut lines, &mut std::io::sink())?;
    let status = process.wait()?;
    ensure!(status.success() && !line.is_empty(), "it ended with {status} and printed {line:?}");
    Ok(time)
}
