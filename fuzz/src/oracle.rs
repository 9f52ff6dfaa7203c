//! CPython as the oracle: one process that runs many programs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::outcome::CallOutcome;
use crate::tree::{NODE, Program};

const SCRIPT: &str = include_str!("oracle.py");

/// A running oracle.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

#[derive(Deserialize)]
struct Answer {
    results: Option<Vec<CallOutcome>>,
    fatal: Option<String>,
}

impl Oracle {
    /// Starts `python3`.
    ///
    /// # Errors
    ///
    /// It cannot be run, or is older than 3.11.
    pub fn start() -> Result<Self> {
        let version = Command::new("python3")
            .args(["-c", "import sys; print(sys.version_info >= (3, 11))"])
            .output()
            .context("python3 cannot be run")?;
        if version.stdout.trim_ascii() != b"True" {
            bail!("python3 is older than 3.11");
        }
        let mut child = Command::new("python3")
            .args(["-S", "-c", SCRIPT])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("python3 cannot be run")?;
        let (Some(input), Some(output)) = (child.stdin.take(), child.stdout.take()) else { bail!("no pipes") };
        Ok(Self { child, input, output: BufReader::new(output) })
    }

    /// What a program gives.
    ///
    /// # Errors
    ///
    /// The oracle cannot run it: a mistake of the generator or of the oracle.
    pub fn run(&mut self, program: &Program) -> Result<Vec<CallOutcome>> {
        let mut line = serde_json::to_string(&request(program))?;
        line.push('\n');
        self.input.write_all(line.as_bytes())?;
        self.input.flush()?;
        let mut answer = String::new();
        self.output.read_line(&mut answer)?;
        let answer: Answer = serde_json::from_str(&answer).with_context(|| format!("the oracle says {answer:?}"))?;
        match answer.results {
            Some(results) => Ok(results),
            None => bail!("the oracle cannot run the program: {}", answer.fatal.unwrap_or_default()),
        }
    }
}

impl Drop for Oracle {
    fn drop(&mut self) {
        // It may have ended already.
        let _ended = self.child.kill();
        let _waited = self.child.wait();
    }
}

fn request(program: &Program) -> Json {
    let states: Map<String, Json> = program
        .states
        .iter()
        .map(|(state, initial)| (state.name.clone(), json!([state.kind.name(), initial])))
        .collect();
    let ticks: Vec<Json> = program
        .ticks
        .iter()
        .map(|tick| json!({"values": tick.values, "ticked": tick.ticked, "valid": tick.valid}))
        .collect();
    json!({
        "source": program.oracle_source(),
        "function": NODE,
        "inputs": program.inputs.iter().map(|cell| json!([cell.name, cell.kind.name()])).collect::<Vec<_>>(),
        "outputs": program.outputs.iter().map(|cell| json!([cell.name, cell.kind.name()])).collect::<Vec<_>>(),
        "states": states,
        "constants":
            program.constants.iter().map(|cell| json!([cell.name, cell.kind.name(), cell.value])).collect::<Vec<_>>(),
        "python_errors": program.python_errors,
        "checked": program.checked_integers,
        "ticks": ticks,
    })
}
