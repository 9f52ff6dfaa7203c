//! Memory of a process that keeps many compiled nodes of different sources, each with an instance.

use std::process::Command;
use std::sync::Arc;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{Backend, CompileRequest, Source, backends, compile};

use crate::compile::context;
use crate::memory::{resident, source};
use crate::peer::{PACKAGE, Peer, run as run_command};
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::digits;

/// KiB a node on Cranelift.
const GOAL: f64 = 12_000.0 / 1_024.0;

/// The engine that the goal is for.
const DEFAULT_ENGINE: &str = "cranelift";

/// Nodes that are compiled and dropped before memory is looked at first.
const WARM_UP: u64 = 200;

/// Adds what a node takes on each engine, and with the peer.
///
/// # Errors
///
/// A process fails.
pub(crate) fn add_to(part: &mut Part, settings: &Settings) -> Result<()> {
    let nodes = settings.nodes;
    part.paragraph(format!(
        "A process that compiles {} nodes of different sources, makes an instance of each, runs it for three ticks, and \
         keeps all of them: growth of its resident memory since {WARM_UP} others were compiled and dropped, a node.",
        digits(nodes as f64)
    ));
    let mut table = Table::new(&["engine", "nodes", "KiB a node", "goal"]);
    for engine in ["cranelift", "interpreter"] {
        let mut command = Command::new(std::env::current_exe()?);
        let printed = run_command(command.args(["nodes", &nodes.to_string(), "--only", engine]))?;
        let growth = growth(&printed)? / nodes as f64;
        let goal = if engine == DEFAULT_ENGINE {
            let goal =
                format!("memory a node of {} that are kept, Cranelift, under 12,000 bytes", digits(nodes as f64));
            let reached = part.goal(goal, digits(growth * 1_024.0), growth < GOAL);
            format!("under {} (12,000 bytes): {reached}", digits(GOAL))
        } else {
            "-".to_owned()
        };
        table.row([engine.to_owned(), digits(nodes as f64), digits(growth), goal]);
    }
    if let Some(peer) = &settings.peer {
        let count = settings.peer_nodes;
        match with_peer(peer, settings, count) {
            Ok(growth) => table.row([format!("`{PACKAGE}`"), count.to_string(), digits(growth), "-".to_owned()]),
            Err(error) => part.paragraph(format!("The peer was not measured: {error:#}.")),
        }
    } else if let Some(note) = &settings.peer_note {
        part.paragraph(format!("The peer was not measured: {note}."));
    }
    part.table(&table);
    Ok(())
}

/// KiB a node of the peer.
fn with_peer(peer: &Peer, settings: &Settings, count: u64) -> Result<f64> {
    let script = settings.root.join("bench/peer/nodes.py");
    let printed = run_command(Command::new(peer.python()).arg(script).arg(count.to_string()))?;
    Ok(growth(&printed)? / count as f64)
}

/// The difference of the two sizes that a process printed.
fn growth(printed: &str) -> Result<f64> {
    let sizes: Vec<f64> = printed.lines().map(str::parse).collect::<Result<_, _>>().context("a size")?;
    let [before, after] = sizes[..] else { anyhow::bail!("the process printed {printed:?}") };
    Ok(after - before)
}

/// What the process does: prints its resident memory in KiB, before and after.
///
/// # Errors
///
/// A source does not compile or run.
pub(crate) fn work(engine: &str, nodes: u64) -> Result<()> {
    let engine = backends().into_iter().find(|backend| backend.name() == engine).context("no such engine")?;
    let context = context()?;
    let node = |number: u64| -> Result<_> {
        let request = CompileRequest::new(Source::new("generated.py", source(number)));
        let request = request.backend(Arc::clone(&engine) as Arc<dyn Backend>);
        let result = compile(&context, &request).map_err(|error| anyhow!("{error}"))?;
        let mut node = result.instantiate()?;
        let (input, output) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
        node.start().map_err(|error| anyhow!("{error:?}"))?;
        for value in [1.0, 2.0, 3.0] {
            node.set(input, value);
            node.execute().map_err(|error| anyhow!("{error:?}"))?;
            ensure!(node.ticked(output).is_some(), "function {number} did not tick");
        }
        Ok((result, node))
    };
    for number in 0..WARM_UP {
        node(nodes + 1 + number)?;
    }
    let mut kept = Vec::with_capacity(usize::try_from(nodes)?);
    println!("{}", resident()?);
    for number in 1..=nodes {
        kept.push(node(number)?);
    }
    println!("{}", resident()?);
    drop(kept);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::growth;

    #[test]
    fn growth_is_the_difference_of_two_sizes() {
        assert_eq!(growth("100\n350\n").expect("two sizes"), 250.0);
        assert!(growth("100\n").is_err());
        assert!(growth("100\nx\n").is_err());
    }
}
