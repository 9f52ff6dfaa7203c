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
mod engines;
mod foreign_calls;
mod host;
mod instructions;
mod ir_parity;
mod ir_text;
mod machine;
mod memory;
mod orderbook;
mod passes;
mod peer;
mod peer_code;
mod report;
mod rules;
mod run;
mod scale;
mod scale_sources;
mod settings;
mod stages;
mod statistics;
mod tick;
mod tick_cases;
mod tick_rust;

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
    /// Instructions of optimised IR beside the peer's; writes docs/llvm-parity.md.
    IrParity,
    /// The command line tool over files.
    Run,
    /// Memory over many compilations.
    Memory,
    /// All of it.
    All,
    /// The process whose memory is measured; prints sizes.
    #[value(hide = true)]
    Worker,
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
    /// How many functions the memory process compiles, or how many lines the counted function has.
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
    /// Of the process whose instructions are counted: cases with containers alone.
    #[arg(long, hide = true)]
    container_cases: bool,
}

fn main() -> Result<()> {
    let arguments = Arguments::parse();
    if arguments.part == Choice::Worker {
        return memory::work(arguments.size.context("how many functions")?);
    }
    if arguments.part == Choice::Stages {
        let shape = arguments.only.as_deref().context("which shape")?;
        return stages::work(shape, usize::try_from(arguments.size.context("how many lines")?)?);
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
        return count::work(&settings, cases, arguments.passes.as_deref());
    }
    let wants = |part| arguments.part == part || arguments.part == Choice::All;
    let with_peer =
        [Choice::Compile, Choice::Tick, Choice::Instructions, Choice::IrParity, Choice::Containers, Choice::Dispatcher];
    if !arguments.no_peer && with_peer.into_iter().any(wants) {
        match Peer::install(&settings.target, &root.join("bench/peer"), settings.recompilations()) {
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
         `containers`, `orderbook`, `dispatcher`, `run`, `memory` one.",
    );
    publish(machine, &document)?;
    let parts: [(Choice, Measure); 10] = [
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
    ];
    for (_, measure) in parts.into_iter().filter(|(part, _)| wants(*part)) {
        publish(measure(&settings)?, &document)?;
    }
    if arguments.part == Choice::IrParity {
        for measure in [ir_parity::run, ir_parity::run_containers] {
            publish(measure(&settings)?, &root.join("docs/llvm-parity.md"))?;
        }
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
