//! CPython as the oracle: one process that runs many programs.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use anyhow::{Context, Result, bail};
use serde::Deserialize;
use serde_json::{Map, Value as Json, json};

use crate::calls::{Argument, Call, Plain};
use crate::host::classes;
use crate::outcome::CallOutcome;
use crate::tree::{NODE, Program};

const SCRIPT: &str =
    concat!(include_str!("oracle_host.py"), include_str!("oracle.py"), include_str!("oracle_calls.py"));

/// A running oracle.
#[derive(Debug)]
pub struct Oracle {
    child: Child,
    input: ChildStdin,
    answers: Receiver<String>,
}

/// The time that an answer may take.
const PATIENCE: Duration = Duration::from_secs(20);

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
        let (sender, answers) = channel();
        // A pipe has no timeout: a thread waits for lines, until the oracle ends.
        std::thread::spawn(move || {
            for line in BufReader::new(output).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Ok(Self { child, input, answers })
    }

    /// What a program gives.
    ///
    /// # Errors
    ///
    /// The oracle cannot run it, or not in time, or has ended: a mistake of the generator or of the oracle. One that takes
    /// too long is started anew.
    pub fn run(&mut self, program: &Program) -> Result<Vec<CallOutcome>> {
        let mut line = serde_json::to_string(&request(program))?;
        line.push('\n');
        self.input.write_all(line.as_bytes())?;
        self.input.flush()?;
        let Ok(answer) = self.answers.recv_timeout(PATIENCE) else {
            *self = Self::start()?;
            bail!("the oracle does not answer within {PATIENCE:?}");
        };
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

/// A call of a plain function; nothing for one that has an argument which cannot be taken.
fn call(plain: &Plain, call: &Call) -> Json {
    let argument = |argument: &Argument| {
        let words = argument.shape.words(&argument.value, argument.is_converted);
        json!([argument.keyword, argument.shape.json(), words, argument.same_as])
    };
    match call.spoiled {
        Some(_) => Json::Null,
        None => json!({
            "arguments": call.arguments.iter().map(argument).collect::<Vec<_>>(),
            "result": plain.result_shape(call).json(),
        }),
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
        // A plain function is as any helper is.
        "function": if program.plain.is_some() { "" } else { NODE },
        "called": NODE,
        "calls": program.plain.as_ref().map(|plain| plain.calls.iter().map(|one| call(plain, one)).collect::<Vec<_>>()),
        "inputs": program.inputs.iter().map(|cell| json!([cell.name, cell.kind.name()])).collect::<Vec<_>>(),
        "outputs": program.outputs.iter().map(|cell| json!([cell.name, cell.kind.name()])).collect::<Vec<_>>(),
        "states": states,
        "constants":
            program.constants.iter().map(|cell| json!([cell.name, cell.kind.name(), cell.value])).collect::<Vec<_>>(),
        "python_errors": program.python_errors,
        "checked": program.checked_integers,
        "ticks": ticks,
        "classes": classes(),
    })
}
