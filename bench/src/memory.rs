//! Memory of a process that compiles, runs and drops many functions, and of one that keeps them.

use std::fs;
use std::process::Command;

use anyhow::{Context as _, Result, anyhow, ensure};
use cfunc_compiler::{CompileRequest, Source, compile};

use crate::compile::context;
use crate::nodes;
use crate::peer::run as run_command;
use crate::report::{Part, Table};
use crate::settings::Settings;
use crate::statistics::digits;

/// At how many points memory is looked at.
const POINTS: u64 = 10;

/// Growth that counts as none, as a share.
const SHARE_GOAL: f64 = 0.02;

/// Growth that counts as none, in KiB.
const SIZE_GOAL: f64 = 1024.0;

/// Measures memory in a process of its own, where nothing else was allocated before.
///
/// # Errors
///
/// The process fails.
pub(crate) fn run(settings: &Settings) -> Result<Part> {
    let functions = settings.functions;
    let mut command = Command::new(std::env::current_exe()?);
    let printed = run_command(command.args(["worker", &functions.to_string()]))?;
    let points: Vec<f64> = printed.lines().map(str::parse).collect::<Result<_, _>>().context("a size")?;
    let (Some(first), Some(last)) = (points.first(), points.last()) else {
        anyhow::bail!("the process printed nothing");
    };
    let growth = last - first;
    let reached = growth < SIZE_GOAL || growth / first < SHARE_GOAL;
    let mut part = Part::new("memory", "Memory");
    part.paragraph(format!(
        "One process compiles {} functions of different sources, runs each for three ticks and drops it. Resident memory \
         along the way:",
        digits(functions as f64)
    ));
    let mut table = Table::new(&["functions so far", "resident KiB"]);
    for (index, point) in (1_u64..).zip(&points) {
        table.row([digits((functions / POINTS * index) as f64), digits(*point)]);
    }
    part.table(&table);
    let bound = format!("under {} KiB or {} %", digits(SIZE_GOAL), SHARE_GOAL * 100.0);
    let size = format!("{growth} KiB ({:.2} %)", growth / first * 100.0);
    let goal = format!("growth over {} functions that are compiled and dropped, {bound}", digits(functions as f64));
    let verdict = part.goal(goal, size.clone(), reached);
    part.paragraph(format!(
        "Growth from the first point, which is after the warm-up, to the last: {size}, goal {bound}: {verdict}."
    ));
    nodes::add_to(&mut part, settings)?;
    Ok(part)
}

/// What the process does: prints its resident memory at each point, in KiB.
///
/// # Errors
///
/// A source does not compile or run.
pub(crate) fn work(functions: u64) -> Result<()> {
    let context = context()?;
    for number in 1..=functions {
        let request = CompileRequest::new(Source::new("generated.py", source(number)));
        let result = compile(&context, &request).map_err(|error| anyhow!("{error}"))?;
        let mut node = result.instantiate()?;
        let (input, output) = (node.input::<f64>("x")?, node.output::<f64>(0)?);
        node.start().map_err(|error| anyhow!("{error:?}"))?;
        for value in [1.0, 2.0, 3.0] {
            node.set(input, value);
            node.execute().map_err(|error| anyhow!("{error:?}"))?;
            ensure!(node.ticked(output).is_some(), "function {number} did not tick");
        }
        drop((node, result));
        if number % (functions / POINTS) == 0 {
            println!("{}", resident()?);
        }
    }
    Ok(())
}

/// A source unlike any other one.
pub(crate) fn source(number: u64) -> String {
    format!(
        "def node_{number}(x: Signal[float]) -> Signal[float]:\n    \
             y: State[float] = 0.0\n    \
             count: State[int] = {number}\n    \
             count += 1\n    \
             y = 0.25 * x + 0.75 * y\n    \
             if count % 2 == 0:\n        \
                 return y + {number}.5\n    \
             return y\n"
    )
}

/// Resident memory of this process in KiB.
pub(crate) fn resident() -> Result<u64> {
    let status = fs::read_to_string("/proc/self/status").context("memory is measured on Linux only")?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    Ok(line.trim().trim_end_matches("kB").trim().parse()?)
}

#[cfg(test)]
mod tests {
    use super::{resident, source};

    #[test]
    fn sources_differ() {
        assert_ne!(source(1), source(2));
        assert!(source(7).lines().skip(1).all(|line| line.starts_with("    ")));
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn memory_is_known() {
        assert!(resident().expect("known") > 100);
    }
}
