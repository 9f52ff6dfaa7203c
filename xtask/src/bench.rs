//! `cargo xtask bench`: builds what is measured, and runs the benches of the package `cfunc-bench`.

use std::path::Path;

use anyhow::Result;
use clap::ValueEnum;

use crate::step::CargoStep;

/// Options of `cargo xtask bench`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct BenchArguments {
    /// What to measure.
    #[arg(default_value = "all")]
    part: BenchPart,
    /// Measure less, and leave docs/benchmarks.md as it is.
    #[arg(long)]
    quick: bool,
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
    /// Compilation on two threads, beside two processes.
    Threads,
    /// An equal request while its result lives.
    Repeat,
    /// All of it.
    All,
}

/// Measures, prints, and writes docs/benchmarks.md.
///
/// # Errors
///
/// Something does not build, or cannot be measured.
pub(crate) fn run(root: &Path, arguments: &BenchArguments) -> Result<()> {
    steps(arguments).iter().try_for_each(|step| step.run(root))
}

fn steps(arguments: &BenchArguments) -> Vec<CargoStep> {
    let mut steps = Vec::new();
    // On its own, as users build it: what the benches depend on besides must not change its features.
    if matches!(arguments.part, BenchPart::Run | BenchPart::All) {
        steps.push(CargoStep::new("the command line tool", "build --release --package cfunc-cli"));
    }
    let name = arguments.part.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned());
    let mut measure = format!("run --release --package cfunc-bench -- {name}");
    for (option, given) in [(" --quick", arguments.quick), (" --no-peer", arguments.no_peer)] {
        measure.push_str(if given { option } else { "" });
    }
    steps.push(CargoStep::new("benches", &measure));
    steps
}

#[cfg(test)]
mod tests {
    use super::{BenchArguments, BenchPart, steps};

    fn commands(part: BenchPart, quick: bool) -> Vec<String> {
        let steps = steps(&BenchArguments { part, quick, no_peer: quick });
        steps.into_iter().map(|step| step.arguments.join(" ")).collect()
    }

    #[test]
    fn options_reach_the_benches() {
        assert_eq!(commands(BenchPart::Tick, true), ["run --release --package cfunc-bench -- tick --quick --no-peer"]);
        assert_eq!(
            commands(BenchPart::All, false),
            ["build --release --package cfunc-cli", "run --release --package cfunc-bench -- all"]
        );
    }
}
