//! Processes of Python that measure what they are asked for, a line at a time.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;

use crate::peer;
use crate::settings::Settings;

/// Such a process. It ends when this goes, as there are no more questions then.
pub(crate) struct Python {
    process: Child,
    questions: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

/// What a script that runs a node says first: a number that all results decide, of CPython and of the peer.
#[derive(Deserialize)]
pub(crate) struct Digests {
    pub(crate) python: u64,
    pub(crate) peer: Option<u64>,
    /// Why there is none of the peer.
    pub(crate) error: Option<String>,
}

impl Python {
    /// Starts a script of `bench/peer` that runs a node over rows of cells. It is given the node's file, more `before`, the
    /// file of the rows, the driver, whether the peer is to be measured, and more `after`.
    ///
    /// # Errors
    ///
    /// It does not start, or has no digests.
    pub(crate) fn of_node(
        settings: &Settings,
        (script, node): (&str, &Path),
        rows: &[u64],
        before: &[&str],
        (with_peer, after): (bool, &[&str]),
    ) -> Result<(Self, Digests)> {
        let sources = settings.root.join("bench/peer");
        let driver = peer::driver(&settings.target, &sources)?;
        let file = peer::scratch(&settings.target)?.join("rows");
        let bytes: Vec<u8> = rows.iter().flat_map(|cell| cell.to_ne_bytes()).collect();
        fs::write(&file, bytes).with_context(|| format!("writing {}", file.display()))?;
        let interpreter = settings.peer.as_ref().map_or(Path::new("python3"), |peer| peer.python());
        let mut command = Command::new(interpreter);
        command.arg(sources.join(script)).arg(node).args(before).args([&file, &driver]);
        command.arg(if with_peer { "1" } else { "0" }).args(after);
        let mut process = Self::start(&mut command)?;
        let line = process.line()?;
        let digests = serde_json::from_str(&line).with_context(|| format!("Python printed {line:?}"))?;
        Ok((process, digests))
    }

    /// Nanoseconds a call of `python` or `peer`, the median of slices.
    ///
    /// # Errors
    ///
    /// As [`Python::ask`].
    pub(crate) fn measure(&mut self, engine: &str, first: usize, calls: usize, slices: usize) -> Result<f64> {
        self.ask(&format!("{engine} {first} {calls} {slices}"))
    }

    /// Starts what a command says.
    ///
    /// # Errors
    ///
    /// It does not start.
    pub(crate) fn start(command: &mut Command) -> Result<Self> {
        let mut process = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().context("starting Python")?;
        let questions = process.stdin.take();
        let answers = BufReader::new(process.stdout.take().context("the process has an output")?);
        Ok(Self { process, questions, answers })
    }

    /// The next line that it prints.
    ///
    /// # Errors
    ///
    /// It has ended.
    pub(crate) fn line(&mut self) -> Result<String> {
        let mut line = String::new();
        ensure!(self.answers.read_line(&mut line)? > 0, "Python has ended; what it said of that is above");
        Ok(line)
    }

    /// Nanoseconds that it answers a question with.
    ///
    /// # Errors
    ///
    /// It has ended, or answers with something else.
    pub(crate) fn ask(&mut self, question: &str) -> Result<f64> {
        let questions = self.questions.as_mut().context("the process listens")?;
        writeln!(questions, "{question}")?;
        questions.flush()?;
        let line = self.line()?;
        line.trim().parse().with_context(|| format!("Python answered {line:?} to {question:?}"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        // How it ends changes nothing that was measured.
        self.questions = None;
        let _status = self.process.wait();
    }
}
