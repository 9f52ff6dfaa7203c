//! Benches of the cfunc compiler: compilation, ticks, order books, the command line tool, memory.
//!
//! `cargo xtask bench` builds what is measured and starts this program, which prints its results and writes them to
//! docs/benchmarks.md.

mod bare;
mod cases;
mod clock;
mod compile;
mod containers;
mod containers_rust;
mod count;
mod dispatch;
mod foreign_calls;
mod host;
mod instructions;
mod machine;
mod memory;
mod nodes;
mod orderbook;
mod passes;
mod peer;
mod repeat;
mod report;
mod rules;
mod run;
mod scale;
mod scale_sources;
mod settings;
mod stages;
mod statistics;
mod threads;
mod tick;

use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use clap::{Parser, ValueEnum};

use count::Cases;
use peer::Peer;
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

/// Measures one part.
type Measure = fn(&Settings) -> Result<Part>;

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
    /// Of the growth, measure functions of this shape only, and write nothing down.
    #[arg(long)]
    only: Option<String>,
    /// Of the process whose instructions are counted: the passes, instead of the default ones.
    #[arg(long, hide = true)]
    passes: Option<String>,
    /// Of the process whose instructions are counted: cases with containers too.
    #[arg(long, hide = true)]
    more_cases: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.part == Choice::Worker {
        return memory::work(arguments.size.context("how many functions")?);
    }
    if arguments.part == Choice::Nodes {
        return nodes::work(
            arguments.only.as_deref().context("which engine")?,
            arguments.size.context("how many nodes")?,
        );
    }
    if arguments.part == Choice::Stages {
        let shape = arguments.only.as_deref().context("which shape")?;
        return stages::work(shape, usize::try_from(arguments.size.context("how many lines")?)?);
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().context("this package lies in the workspace")?;
    let mut settings = Settings::new(root.to_path_buf(), target_folder()?, arguments.quick);
    settings.only = arguments.only.clone();
    if arguments.part == Choice::Count {
        let cases = if arguments.more_cases { Cases::ForPasses } else { Cases::Scalar };
        return count::work(&settings, cases, arguments.passes.as_deref());
    }
    if arguments.part == Choice::Job {
        return threads::work(&settings, arguments.size.context("how many threads")?);
    }
    let wants = |part| arguments.part == part || arguments.part == Choice::All;
    let with_peer =
        [Choice::Compile, Choice::Tick, Choice::Instructions, Choice::Containers, Choice::Dispatcher, Choice::Memory];
    if !arguments.no_peer && with_peer.into_iter().any(wants) {
        match Peer::install(&settings.target, &root.join("bench/peer"), settings.peer_effort()) {
            Ok(peer) => (settings.peer, settings.peer_note) = (Some(peer), None),
            Err(error) => settings.peer_note = Some(format!("{error:#}")),
        }
    }
    let document = root.join("docs/benchmarks.md");
    let publish = |part: Part, document: &Path| {
        println!("{}", part.text());
        if settings.quick || settings.only.is_some() { Ok(()) } else { report::write(document, &part) }
    };
    let mut machine = Part::new("machine", "Machine");
    machine.table(&machine::describe());
    machine.paragraph(
        "`cargo xtask bench` measures all parts; `cargo xtask bench compile`, `rules`, `scale`, `tick`, `instructions`, \
         `containers`, `orderbook`, `dispatcher`, `run`, `memory`, `threads`, `repeat` one.",
    );
    publish(machine, &document)?;
    let parts: [(Choice, Measure); 12] = [
        (Choice::Compile, compile::run),
        (Choice::Rules, rules::run),
        (Choice::Scale, scale::run),
        (Choice::Tick, tick::run),
        (Choice::Instructions, instructions::run),
        (Choice::Containers, containers::run),
        (Choice::Dispatcher, dispatch::run),
        (Choice::Orderbook, orderbook::run),
        (Choice::Run, run::run),
        (Choice::Memory, memory::run),
        (Choice::Threads, threads::run),
        (Choice::Repeat, repeat::run),
    ];
    for (_, measure) in parts.into_iter().filter(|(part, _)| wants(*part)) {
        publish(measure(&settings)?, &document)?;
    }
    if wants(Choice::Passes) {
        publish(passes::run(&settings)?, &root.join("docs/passes.md"))?;
    }
    Ok(())
}

/// Cargo's target folder, which this program lies in: `target/release/cfunc-bench`.
fn target_folder() -> Result<PathBuf> {
    let own = std::env::current_exe()?;
    Ok(own.ancestors().nth(2).context("this program lies in the target folder")?.to_path_buf())
}
