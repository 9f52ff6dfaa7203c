//! Benches of the cfunc compiler: compilation, ticks, order books, the command line tool, memory.
//!
//! `cargo xtask bench` builds what is measured and starts this program, which prints its results and writes them to
//! docs/benchmarks.md, docs/benchmarks.json and docs/plots.

mod bare;
mod cases;
mod check;
mod clock;
mod cold;
mod compile;
mod containers;
mod containers_rust;
mod count;
mod dispatch;
mod engine_times;
mod engines;
mod figures;
mod foreign_calls;
mod goals;
mod host;
mod instructions;
mod ir_parity;
mod ir_text;
mod large;
mod large_host;
mod large_rust;
mod machine;
mod memory;
mod nodes;
mod options;
mod orderbook;
mod passes;
mod peer;
mod peer_code;
mod plot;
mod plots;
mod publish;
mod python;
mod repeat;
mod report;
mod rules;
mod run;
mod scale;
mod scale_sources;
mod settings;
mod size;
mod stages;
mod statistics;
mod threads;
mod tick;
mod tick_cases;
mod tick_rust;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};

use count::Cases;
use peer::Peer;
use publish::Publisher;
use report::Part;
use settings::Settings;

/// What is measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Choice {
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
    /// Instructions that calls execute.
    Instructions,
    /// What each pass gains and costs; writes docs/passes.md.
    Passes,
    /// Instructions of optimised IR beside the peer's; writes docs/llvm-parity.md.
    IrParity,
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
    /// The process whose memory is measured; prints sizes.
    #[value(hide = true)]
    Worker,
    /// The process that keeps many nodes; prints sizes.
    #[value(hide = true)]
    Nodes,
    /// The process that compiles on so many threads.
    #[value(hide = true)]
    Job,
    /// The process whose instructions are counted.
    #[value(hide = true)]
    Count,
    /// The process whose instructions are counted by stage.
    #[value(hide = true)]
    Stages,
}

impl Choice {
    /// Its name on the command line.
    fn name(self) -> String {
        self.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

/// Measures one part.
type Measure = fn(&Settings) -> Result<Part>;

/// The parts of docs/benchmarks.md.
const PARTS: [(Choice, Measure); 16] = [
    (Choice::Compile, compile::run),
    (Choice::Cold, cold::run),
    (Choice::Rules, rules::run),
    (Choice::Scale, scale::run),
    (Choice::Tick, tick::run),
    (Choice::Instructions, instructions::run),
    (Choice::Containers, containers::run),
    (Choice::Large, large::run),
    (Choice::Options, options::run),
    (Choice::Dispatcher, dispatch::run),
    (Choice::Orderbook, orderbook::run),
    (Choice::Run, run::run),
    (Choice::Memory, memory::run),
    (Choice::Size, size::run),
    (Choice::Threads, threads::run),
    (Choice::Repeat, repeat::run),
];

/// The names of the parts, in the order in which they are measured.
fn part_names() -> Vec<String> {
    PARTS.map(|(part, _)| part.name()).to_vec()
}

/// Benches of the cfunc compiler.
#[derive(Debug, Parser)]
#[command(name = "cfunc-bench")]
struct Arguments {
    /// What to measure.
    #[arg(default_value = "all")]
    part: Choice,
    /// How many functions or nodes the memory process compiles, lines the counted function has, threads compile.
    #[arg(hide = true)]
    size: Option<u64>,
    /// Measure less, and write nothing down.
    #[arg(long)]
    quick: bool,
    /// Leave the peer out.
    #[arg(long)]
    no_peer: bool,
    /// Compare the ratios with those of docs/benchmarks.json, and write nothing down: the exit status is 3 where some are
    /// worse beyond the noise, twice in a row.
    #[arg(long)]
    check: bool,
    /// Of the growth, measure functions of this shape only, and write nothing down.
    #[arg(long)]
    only: Option<String>,
    /// Of the process whose instructions are counted: the passes, instead of the default ones.
    #[arg(long, hide = true)]
    passes: Option<String>,
    /// Of the process whose instructions are counted: cases with containers too.
    #[arg(long, hide = true)]
    more_cases: bool,
    /// Of the process whose instructions are counted: cases with containers alone.
    #[arg(long, hide = true)]
    container_cases: bool,
}

/// The parts in which the peer is measured.
const WITH_PEER: [Choice; 10] = [
    Choice::Compile,
    Choice::Cold,
    Choice::Tick,
    Choice::Instructions,
    Choice::IrParity,
    Choice::Containers,
    Choice::Large,
    Choice::Dispatcher,
    Choice::Memory,
    Choice::Size,
];

/// The exit status of a check that found regressions.
const REGRESSIONS: u8 = 3;

fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    if arguments.part == Choice::Worker {
        memory::work(arguments.size.context("how many functions")?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.part == Choice::Nodes {
        let engine = arguments.only.as_deref().context("which engine")?;
        nodes::work(engine, arguments.size.context("how many nodes")?)?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.part == Choice::Stages {
        let shape = arguments.only.as_deref().context("which shape")?;
        stages::work(shape, usize::try_from(arguments.size.context("how many lines")?)?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this package lies in the workspace")?;
    let mut settings = Settings::new(root.to_path_buf(), target_folder()?, arguments.quick);
    settings.only = arguments.only.clone();
    if arguments.part == Choice::Count {
        let cases = match (arguments.more_cases, arguments.container_cases) {
            (true, _) => Cases::ForPasses,
            (false, true) => Cases::Containers,
            (false, false) => Cases::Scalar,
        };
        count::work(&settings, cases, arguments.passes.as_deref())?;
        return Ok(ExitCode::SUCCESS);
    }
    if arguments.part == Choice::Job {
        threads::work(&settings, arguments.size.context("how many threads")?)?;
        return Ok(ExitCode::SUCCESS);
    }
    let wants = |part| arguments.part == part || arguments.part == Choice::All;
    if !arguments.no_peer && WITH_PEER.into_iter().any(wants) {
        match Peer::install(&settings.target, &root.join("bench/peer"), settings.recompilations()) {
            Ok(peer) => (settings.peer, settings.peer_note) = (Some(peer), None),
            Err(error) => settings.peer_note = Some(format!("{error:#}")),
        }
    }
    let mut publisher = Publisher::new(&settings, arguments.check)?;
    // A part without the peer does not know its versions, which others were measured with.
    if settings.peer.is_some() || arguments.part == Choice::All {
        publisher.machine(machine::describe(settings.peer.as_ref()))?;
    }
    for (part, measure) in PARTS.into_iter().filter(|(part, _)| wants(*part)) {
        let name = part.name();
        let begin = Instant::now();
        if part == Choice::Instructions {
            if arguments.quick && arguments.part == Choice::All {
                publisher
                    .note(format!("{name} was not measured: that takes minutes, `cargo xtask bench {name}` does it"));
                continue;
            }
            if !stages::is_available() {
                publisher.note(format!("{name} was not measured: valgrind is not installed"));
                continue;
            }
        }
        // The other parts are measured all the same.
        match measure(&settings) {
            Ok(found) => publisher.publish(found, || measure(&settings))?,
            Err(error) => publisher.failed(format!("{name} was not measured: {error:#}")),
        }
        publisher.took(&name, begin.elapsed());
    }
    // Documents of their own. This one is written by its own command alone.
    if arguments.part == Choice::IrParity {
        for measure in [ir_parity::run, ir_parity::run_containers] {
            publisher.other(&measure(&settings)?, "llvm-parity.md")?;
        }
    }
    // It takes too long for a quick look.
    if arguments.part == Choice::Passes || wants(Choice::Passes) && !arguments.quick && !arguments.check {
        if stages::is_available() {
            publisher.other(&passes::run(&settings)?, "passes.md")?;
        } else {
            publisher.note("passes was not measured: valgrind is not installed".to_owned());
        }
    }
    publisher.finish()
}

/// Cargo's target folder, which this program lies in: `target/release/cfunc-bench`.
fn target_folder() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.ancestors().nth(2).context("this program lies in the target folder")?.to_path_buf())
}
