//! Instructions of LLVM's optimised intermediate representation, ours and the peer's, and of container nodes those that a
//! tick executes.

use std::collections::HashMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompilationContext, CompilationResult};
use serde::Deserialize;

use crate::cases::{self, Case};
use crate::compile::context;
use crate::count::{self, Cases};
use crate::engines::Engine;
use crate::host::{Host, function};
use crate::instructions::of_peer;
use crate::ir_text::Definitions;
use crate::peer::{self, Peer};
use crate::peer_code::PeerCode;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::{digits, geometric_mean};

/// The share of scalar cases that have no more instructions than the peer's, in percent.
const GOAL: f64 = 95.0;

/// What the runtime's containers begin with.
const CONTAINERS: [&str; 3] = ["cfunc_list_", "cfunc_dict_", "cfunc_release"];

/// A line that the peer's process prints.
#[derive(Deserialize)]
struct Answer {
    name: String,
    symbol: Option<String>,
    text: Option<String>,
    object: Option<PathBuf>,
    error: Option<String>,
}

/// Figures of a scalar case.
struct Row<'case> {
    name: &'case str,
    ours: usize,
    theirs: usize,
}

/// Counts in the text of scalar cases.
///
/// # Errors
///
/// There is no LLVM or no peer.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let context = context()?;
    let [llvm, _] = Engine::llvm().map_err(|reason| anyhow!("LLVM is needed: {reason}"))?;
    let mut part = Part::plain("ir-parity", "Scalar cases");
    scalars(settings, &context, &llvm, peer_of(settings)?, &mut part)?;
    Ok(part)
}

/// Counts what ticks of cases with containers execute.
///
/// # Errors
///
/// There is no LLVM, no peer, or no callgrind.
pub(crate) fn run_containers(settings: &Settings) -> Result<Part> {
    let mut part = Part::plain("ir-parity-containers", "Cases with lists and dicts");
    containers(settings, peer_of(settings)?, &mut part)?;
    Ok(part)
}

fn peer_of(settings: &Settings) -> Result<&Peer> {
    let note = settings.peer_note.clone().unwrap_or_default();
    settings.peer.as_ref().with_context(|| format!("the peer is needed: {note}"))
}

fn scalars(
    settings: &Settings,
    context: &CompilationContext,
    llvm: &Engine,
    peer: &Peer,
    part: &mut Part,
) -> Result<()> {
    let found = cases::all_cases(&settings.corpus)?;
    let mut answers = answers(settings, peer, &found)?;
    let mut rows = Vec::new();
    let (mut with_containers, mut not_peer, mut not_ours) = (0_usize, 0_usize, 0_usize);
    let mut different = Vec::new();
    for case in &found {
        let result = match llvm.compile(context, &case.request) {
            Ok(result) => result,
            // Cases may be of refusals, and of what needs types of tests.
            Err(_) => {
                not_ours += 1;
                continue;
            }
        };
        let text = result.llvm_ir().map_err(|error| anyhow!("{}: {error}", case.name))?;
        let ours = Definitions::of(&text);
        if CONTAINERS.iter().any(|prefix| ours.mentions(prefix)) {
            with_containers += 1;
            continue;
        }
        let answer = answers.remove(&case.path.display().to_string()).context("the peer's process skipped a case")?;
        let (Some(symbol), Some(their_text), Some(object)) = (&answer.symbol, &answer.text, &answer.object) else {
            ensure!(answer.error.is_some(), "neither code nor an error of the peer for {}", case.name);
            not_peer += 1;
            continue;
        };
        if case.has_errors || !gives_the_same(&result, case, object, symbol)? {
            different.push(format!("`{}`", case.name));
            continue;
        }
        let theirs = Definitions::of(their_text);
        // What the C function calls, for as long as it is not inlined there.
        let body = symbol.strip_prefix("cfunc.").and_then(|name| theirs.instructions(name));
        let theirs = body.or_else(|| theirs.instructions(symbol)).with_context(|| format!("{symbol} is missing"))?;
        let ours = ours.instructions(result.native_name()).context("the exported function is missing")?;
        rows.push(Row { name: &case.name, ours, theirs });
    }
    part.paragraph(
        "Instructions in the text of a function after LLVM's passes at O3, of all recorded cases of numbers and times that \
         both compile and that give the same outputs and states on their rows: in `CompilationResult::llvm_ir` here, in the optimised module of its compilation there. One rule \
         counts both: every instruction of the function, and of the functions that its module defines for it, each \
         once; not labels, not further lines of one instruction, no records for debuggers, and no calls that stand for \
         no machine code (`llvm.dbg`, `llvm.lifetime`, `llvm.assume`, `llvm.experimental.noalias.scope.decl`). Ours is the \
         exported function. Theirs is the one with the node's body: the C function that hosts call, a wrapper around it of \
         some four instructions and a call, is left out, in their favour.",
    );
    let no_more = rows.iter().filter(|row| row.ours <= row.theirs).count();
    let share = 100.0 * no_more as f64 / rows.len().max(1) as f64;
    let mean = geometric_mean(rows.iter().map(|row| row.ours as f64 / row.theirs as f64));
    let mut table = Table::new(&["", "measured", ""]);
    table.row(["cases that both compile, to the same results".to_owned(), rows.len().to_string(), String::new()]);
    let (goal, measured) =
        (format!("no more instructions than the peer's, goal {GOAL:.0} %"), format!("{no_more}, {} %", digits(share)));
    let reached = part.goal(goal.clone(), measured.clone(), share >= GOAL);
    table.row([goal, measured, reached.to_owned()]);
    table.row(["ours to theirs, geometric mean".to_owned(), mean.map_or_else(String::new, digits), String::new()]);
    part.table(&table);
    part.paragraph("Cases with more instructions here; what explains them stands below.");
    let mut more = Table::new(&["case", "ours", "peer", "ours to peer"]);
    let ratio = |row: &Row<'_>| row.ours as f64 / row.theirs as f64;
    let mut worse: Vec<&Row<'_>> = rows.iter().filter(|row| row.ours > row.theirs).collect();
    worse.sort_by(|left, right| ratio(right).total_cmp(&ratio(left)));
    for row in worse {
        more.row([format!("`{}`", row.name), row.ours.to_string(), row.theirs.to_string(), digits(ratio(row))]);
    }
    part.table(&more);
    part.paragraph(format!(
        "Not compared: {not_peer} cases that the peer does not compile, {with_containers} that hold lists or dicts in \
         locals, {} that are compiled with more than a context of signals here.",
        not_ours
    ));
    part.paragraph(format!(
        "Nor compared are those that do not give the same, as a row ends in a node error here, or is undefined or another \
         value there: {}.",
        different.join(", ")
    ));
    part.paragraph("All cases, ours and theirs:");
    let all: Vec<String> = rows.iter().map(|row| format!("`{}` {} {}", row.name, row.ours, row.theirs)).collect();
    part.paragraph(format!("{}.", all.join(", ")));
    Ok(())
}

/// Whether the peer's code gives what ours does on the rows of a case.
fn gives_the_same(result: &CompilationResult, case: &Case, object: &Path, symbol: &str) -> Result<bool> {
    let theirs = PeerCode::of_object(object, symbol).with_context(|| case.name.clone())?;
    let ours = function(result.function_pointer().context("no native code")?);
    let host = Host::new(result)?;
    // What is undefined there may end the process, so it runs in one of its own.
    // SAFETY: this process has one thread.
    let child = unsafe { libc::fork() };
    ensure!(child >= 0, "no process for {}", case.name);
    if child == 0 {
        // SAFETY: the host was made for this node, which both functions are of; both are alive. The process ends without
        // anything of the other.
        unsafe {
            let same = host.outcomes(ours, &case.rows) == host.outcomes(theirs.function(), &case.rows);
            libc::_exit(i32::from(!same));
        }
    }
    let mut status = 0;
    // SAFETY: the child is this process's.
    let ended = unsafe { libc::waitpid(child, &raw mut status, 0) };
    ensure!(ended == child, "the process for {} is lost", case.name);
    Ok(status == 0)
}

/// What the peer says of cases, by path, from one process for all of them.
fn answers(settings: &Settings, peer: &Peer, cases: &[Case]) -> Result<HashMap<String, Answer>> {
    let script = settings.root.join("bench/peer/ir.py");
    let folder = peer::scratch(&settings.target)?;
    let printed =
        peer::run(Command::new(peer.python()).arg(script).arg(folder).args(cases.iter().map(|case| &case.path)))?;
    let answers = printed.lines().map(|line| {
        let answer: Answer = serde_json::from_str(line).context("a line of the peer's process")?;
        Ok((answer.name.clone(), answer))
    });
    answers.collect()
}

fn containers(settings: &Settings, peer: &Peer, part: &mut Part) -> Result<()> {
    let found = cases::container_cases(&settings.corpus)?;
    let [first, second] = Cases::Containers.calls();
    let optimized = count::count(settings, Cases::Containers, Some(count::LLVM))?;
    let cranelift = count::count(settings, Cases::Containers, None)?;
    let mut table = Table::new(&["case", "LLVM O3", "Cranelift", "peer", "LLVM O3 to peer", "Cranelift to peer"]);
    let (mut of_llvm, mut of_cranelift) = (Vec::new(), Vec::new());
    let mut left_out = Vec::new();
    for ours in &optimized {
        let case = found.iter().find(|case| case.name == ours.name).context("a case that was counted")?;
        let other = cranelift.iter().find(|other| other.name == ours.name).context("a case that both engines count")?;
        let theirs = match of_peer(settings, peer, case, Cases::Containers) {
            Ok(theirs) => theirs,
            Err(_) => {
                left_out.push(format!("`{}`", case.name));
                continue;
            }
        };
        eprintln!("{}: {:.0}, {:.0}, peer {theirs:.0}", case.name, ours.tick, other.tick);
        of_llvm.push((&case.name, ours.tick / theirs));
        of_cranelift.push((&case.name, other.tick / theirs));
        table.row([
            format!("`{}`", case.name),
            digits(ours.tick),
            digits(other.tick),
            digits(theirs),
            digits(ours.tick / theirs),
            digits(other.tick / theirs),
        ]);
    }
    part.paragraph(format!(
        "Recorded cases with lists or dicts in their states, on whose rows nothing goes wrong: instructions that a call of \
         EXECUTE executes, with all that it calls, counted by valgrind's callgrind as the difference of runs of {second} \
         and of {first} calls. The peer's is its optimised module, linked with lists and dicts of its run time, which are \
         compiled of the sources that its package ships, at -O3. Both are made for `x86-64-v3` on x86-64, which is what \
         callgrind shows to programs that ask."
    ));
    let mut goals = Table::new(&["", "measured"]);
    for (name, ratios) in [("LLVM O3", &of_llvm), ("Cranelift", &of_cranelift)] {
        let mean = geometric_mean(ratios.iter().map(|(_, ratio)| *ratio)).map_or_else(String::new, digits);
        goals.row([format!("{name} to peer, geometric mean of {} cases", ratios.len()), mean]);
        let more: Vec<String> = ratios
            .iter()
            .filter(|(_, ratio)| *ratio > 1.0)
            .map(|(name, ratio)| format!("`{name}` {}", digits(*ratio)))
            .collect();
        goals.row([
            format!("{name}: more instructions than the peer's"),
            format!("{}: {}", more.len(), more.join(", ")),
        ]);
    }
    part.table(&goals);
    part.table(&table);
    if !left_out.is_empty() {
        part.paragraph(format!(
            "The peer's were not counted, as it does not compile them or they take more than a minute: {}.",
            left_out.join(", ")
        ));
    }
    Ok(())
}
