//! `cargo xtask bench`: builds what is measured, and runs the benches of the package `cfunc-bench`.

use std::fs;
use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};
use clap::ValueEnum;

use crate::step::{self, CargoStep};

/// Options of `cargo xtask bench`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct BenchArguments {
    /// What to measure.
    #[arg(default_value = "all")]
    part: BenchPart,
    /// Measure less, in five minutes beside what is built, and leave docs/benchmarks.md as it is.
    #[arg(long)]
    quick: bool,
    /// Compare ratios with those of docs/benchmarks.json, quickly unless a part is named, and write nothing down. The exit
    /// status is 0 where none is worse beyond the noise, 3 where some are, 1 where something does not build or run.
    #[arg(long)]
    check: bool,
    /// Leave the peer out, which pip installs into the target folder otherwise.
    #[arg(long)]
    no_peer: bool,
}

/// A part of the benches.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum BenchPart {
    /// From source text to callable pointer.
    Compile,
    /// Compilation with many registered rules that match nothing.
    Rules,
    /// Growth of each stage with the length of functions and files.
    Scale,
    /// Calls of compiled functions.
    Tick,
    /// Calls of functions with lists and dicts.
    Containers,
    /// Calls of plain functions with dynamic values.
    Dispatcher,
    /// Nodes on order books, and calls of a host's functions.
    Orderbook,
    /// Instructions that calls execute; needs valgrind.
    Instructions,
    /// What each pass gains and costs; needs valgrind, and writes docs/passes.md.
    Passes,
    /// The command line tool over files.
    Run,
    /// Memory over many compilations, and that of many nodes.
    Memory,
    /// From the start of a process to its first tick.
    Cold,
    /// Larger nodes, as users write them.
    Large,
    /// What options cost.
    Options,
    /// What must be shipped.
    Size,
    /// Compilation on two threads, beside two processes.
    Threads,
    /// An equal request while its result lives.
    Repeat,
    /// All of it.
    All,
}

/// Where there is no LLVM, the benches build with its feature all the same, and say so.
const RUN: &str = "run --release --package cfunc-bench --features cfunc-bench/llvm --";

/// The exit status where a check found ratios that are worse beyond the noise.
const REGRESSIONS: i32 = 3;

/// Counts instructions of LLVM's intermediate representation beside the peer's, and writes docs/llvm-parity.md.
///
/// # Errors
///
/// Something does not build, or there is no LLVM, no peer or no valgrind.
pub(crate) fn run_ir_parity(root: &Path) -> Result<()> {
    CargoStep::new("parity of intermediate representations", &format!("{RUN} ir-parity")).run(root)
}

/// Measures, prints, and writes docs/benchmarks.md, docs/benchmarks.json and docs/plots; or compares with them.
///
/// # Errors
///
/// Something does not build, or cannot be measured.
pub(crate) fn run(root: &Path, arguments: &BenchArguments) -> Result<ExitCode> {
    for step in builds(arguments) {
        step.cargo.run(root)?;
        if let Some((from, to)) = step.keep {
            let target = step::target_folder(root);
            let folder = target.join("bench");
            fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
            let (from, to) = (target.join("release").join(from), folder.join(to));
            fs::copy(&from, &to).with_context(|| format!("copying {}", from.display()))?;
        }
    }
    let begin = Instant::now();
    let benches = measuring(arguments);
    println!("$ cargo {}", benches.join(" "));
    let status = Command::new(step::cargo()).args(&benches).current_dir(root).status().context("starting cargo")?;
    println!("-- benches: {:.1} s", begin.elapsed().as_secs_f64());
    match status.code() {
        Some(0) => Ok(ExitCode::SUCCESS),
        Some(REGRESSIONS) => Ok(ExitCode::from(REGRESSIONS as u8)),
        _ => bail!("the benches ended with {status}"),
    }
}

/// A build, and what of it is put aside before the next one takes its place.
#[derive(Debug)]
struct Build {
    cargo: CargoStep,
    keep: Option<(&'static str, &'static str)>,
}

/// What is built, beside the benches.
fn builds(arguments: &BenchArguments) -> Vec<Build> {
    let wants = |parts: &[BenchPart]| arguments.part == BenchPart::All || parts.contains(&arguments.part);
    let build = |title: &str, arguments: &str| Build { cargo: CargoStep::new(title, arguments), keep: None };
    let mut builds = Vec::new();
    // On their own, as users build them: what the benches depend on besides must not change their features.
    if wants(&[BenchPart::Run, BenchPart::Cold, BenchPart::Size]) {
        builds.push(build("the command line tool", "build --release --package cfunc-cli"));
    }
    let host = "build --release --package cfunc-compiler --example first_tick";
    // The other engines take minutes to build, and a quick run does without them.
    if wants(&[BenchPart::Cold, BenchPart::Size]) && !arguments.quick && !arguments.check {
        for (features, kept) in [("", "first_tick-interpreter"), (" --features llvm", "first_tick-llvm")] {
            let command = format!("{host} --no-default-features{features}");
            let cargo = CargoStep::new(format!("a host in Rust: {kept}"), &command);
            builds.push(Build { cargo, keep: Some(("examples/first_tick", kept)) });
        }
    }
    if wants(&[BenchPart::Cold, BenchPart::Size]) {
        builds.push(build("a host in Rust", host));
    }
    // Apart from the run, whose time is that of the benches alone.
    builds.push(build("benches", "build --release --package cfunc-bench --features cfunc-bench/llvm"));
    builds
}

/// What Cargo is given to measure.
fn measuring(arguments: &BenchArguments) -> Vec<String> {
    let name = arguments.part.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    // A comparison is quick unless a part is named: then it measures as what is stored was measured.
    let quick = arguments.quick || arguments.check && arguments.part == BenchPart::All;
    let options = [(" --quick", quick), (" --no-peer", arguments.no_peer), (" --check", arguments.check)];
    let options: String = options.iter().filter(|(_, given)| *given).map(|(option, _)| *option).collect();
    let command = format!("{RUN} {name}{options}");
    command.split_whitespace().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::{BenchArguments, BenchPart, RUN, builds, measuring};

    fn arguments(part: BenchPart) -> BenchArguments {
        BenchArguments { part, quick: false, no_peer: false, check: false }
    }

    fn built(arguments: &BenchArguments) -> Vec<String> {
        builds(arguments).into_iter().map(|build| build.cargo.arguments.join(" ")).collect()
    }

    #[test]
    fn options_reach_the_benches() {
        let quick = BenchArguments { quick: true, no_peer: true, ..arguments(BenchPart::Tick) };
        assert_eq!(measuring(&quick).join(" "), format!("{RUN} tick --quick --no-peer"));
        assert_eq!(measuring(&arguments(BenchPart::All)).join(" "), format!("{RUN} all"));
    }

    /// Variants of the program's own enumeration, as the command line has them, without those that it hides.
    fn parts_of_the_program() -> Vec<String> {
        let text = include_str!("../../bench/src/main.rs");
        let body = text.split_once("enum Choice {").expect("the choice").1.split_once("\n}").expect("its end").0;
        let (mut parts, mut is_hidden) = (Vec::new(), false);
        for line in body.lines().map(str::trim) {
            if line.contains("hide = true") {
                is_hidden = true;
            } else if let Some(name) = line.strip_suffix(',') {
                let words = name.char_indices().flat_map(|(index, letter)| {
                    let dash = (letter.is_uppercase() && index > 0).then_some('-');
                    dash.into_iter().chain(letter.to_lowercase())
                });
                if !std::mem::take(&mut is_hidden) {
                    parts.push(words.collect());
                }
            }
        }
        parts
    }

    #[test]
    fn every_part_of_the_program_can_be_asked_for() {
        let parts = parts_of_the_program();
        assert!(parts.len() > 15 && parts.contains(&"dispatcher".to_owned()), "{parts:?}");
        // This one has a command of its own.
        for part in parts.iter().filter(|part| *part != "ir-parity") {
            assert!(BenchPart::from_str(part, false).is_ok(), "cargo xtask bench does not have {part}");
        }
        for part in BenchPart::value_variants() {
            let name = part.to_possible_value().expect("a name").get_name().to_owned();
            assert!(parts.contains(&name), "the program does not have {name}");
        }
    }

    #[test]
    fn checks_are_quick_unless_a_part_is_named() {
        let check = |part| measuring(&BenchArguments { check: true, ..arguments(part) }).join(" ");
        assert!(check(BenchPart::All).ends_with("all --quick --check"));
        assert!(check(BenchPart::Tick).ends_with("tick --check"));
    }

    #[test]
    fn a_part_builds_what_it_measures() {
        assert_eq!(built(&arguments(BenchPart::Tick)).len(), 1);
        // What both parts measure does not hang on which was asked for before.
        for part in [BenchPart::Cold, BenchPart::Size] {
            assert_eq!(built(&arguments(part)), built(&arguments(BenchPart::All)));
        }
        let all = builds(&arguments(BenchPart::All));
        assert_eq!(all.len(), 5);
        // The default host is built last, and is the one that stays.
        assert_eq!(all.iter().filter_map(|build| build.keep).count(), 2);
        assert!(all[3].keep.is_none());
        let quick = BenchArguments { quick: true, ..arguments(BenchPart::All) };
        assert!(builds(&quick).iter().all(|build| build.keep.is_none()));
    }
}
