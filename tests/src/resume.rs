//! Going on from a snapshot in the middle of a case, in this process or another.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::fmt::Write;
use std::path::Path;
use std::sync::Arc;

use cfunc_cli::replay::{CaseInputs, case_request};
use cfunc_compiler::{Backend, CompilationContext, CompilationResult, NodeInstance, backends_at_all_levels, compile};

/// A case on one engine.
pub struct ResumableCase {
    inputs: CaseInputs,
    result: CompilationResult,
}

impl ResumableCase {
    /// The case given by the path of its JSON file.
    ///
    /// # Errors
    ///
    /// What cannot be read or compiled.
    pub fn new(context: &CompilationContext, path: &Path, engine: Arc<dyn Backend>) -> Result<Self, String> {
        let request = case_request(path)?.backend(engine);
        let result = compile(context, &request).map_err(|error| error.to_string())?;
        Ok(Self { inputs: CaseInputs::read(path)?, result })
    }

    /// What was compiled.
    pub fn result(&self) -> &CompilationResult {
        &self.result
    }

    /// How many ticks the case has.
    pub fn ticks(&self) -> usize {
        self.inputs.ticks()
    }

    /// An instance that nothing happened to.
    ///
    /// # Panics
    ///
    /// Where the node's variables have no cells.
    pub fn instance(&self) -> NodeInstance {
        self.result.instantiate().expect("cases have cells")
    }

    /// Runs one tick, from 0; gives the node error, or what ticked, to the bit, in words.
    ///
    /// # Panics
    ///
    /// Where the instance does not take the case's inputs.
    pub fn tick(&self, tick: usize, instance: &mut NodeInstance) -> String {
        self.inputs.set(tick, instance).expect("the case is of this node");
        match instance.execute() {
            Err(error) => format!("{}: {}", error.kind.name(), error.message),
            Ok(()) => {
                let outputs = 0..self.result.outputs().len();
                format!("{:?}", outputs.map(|index| instance.output_value(index)).collect::<Vec<_>>())
            }
        }
    }

    /// What the scalar states hold, in words.
    pub fn states(&self, instance: &NodeInstance) -> String {
        let states = 0..self.result.states().len();
        format!("{:?}", states.map(|index| instance.state_value(index)).collect::<Vec<_>>())
    }

    /// Restores a snapshot that was taken before a tick, in a new instance, runs the ticks from there on, and stops: a line
    /// a tick, then the states.
    ///
    /// # Errors
    ///
    /// Why the snapshot is refused.
    ///
    /// # Panics
    ///
    /// Where STOP fails.
    pub fn resumed(&self, tick: usize, snapshot: &[u8]) -> Result<String, String> {
        let mut instance = self.instance();
        instance.restore(snapshot).map_err(|error| error.to_string())?;
        let mut text = String::new();
        for tick in tick..self.ticks() {
            text.push_str(&self.tick(tick, &mut instance));
            text.push('\n');
        }
        text.push_str(&self.states(&instance));
        instance.stop().expect("STOP succeeds");
        Ok(text)
    }
}

/// Where a case is to be resumed: what one process tells another, a line each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResumeJob {
    /// The engine's name.
    pub engine: String,
    /// The tick that comes next, from 0.
    pub tick: usize,
    /// The snapshot from before it.
    pub snapshot: Vec<u8>,
    /// The path of the case's JSON file.
    pub case: String,
}

impl ResumeJob {
    /// As a line.
    pub fn line(&self) -> String {
        let mut line = format!("{} {} ", self.engine, self.tick);
        for byte in &self.snapshot {
            // Writing to a String does not fail.
            let _infallible = write!(line, "{byte:02x}");
        }
        line.push(' ');
        line.push_str(&self.case);
        line
    }

    /// From a line.
    pub fn parse(line: &str) -> Option<Self> {
        let mut parts = line.splitn(4, ' ');
        let (engine, tick) = (parts.next()?.to_owned(), parts.next()?.parse().ok()?);
        let digits = parts.next()?.as_bytes();
        let snapshot = digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok());
        Some(Self { engine, tick, snapshot: snapshot.collect::<Option<_>>()?, case: parts.next()?.to_owned() })
    }

    /// Does it: the line that says what came out, or what went wrong. Cases are compiled once for all jobs.
    pub fn run(&self, context: &CompilationContext, cases: &mut ResumableCases) -> String {
        let outcome = match cases.entry((self.engine.clone(), self.case.clone())) {
            Entry::Occupied(entry) => Ok(entry.into_mut()),
            Entry::Vacant(entry) => {
                let engine = backends_at_all_levels().into_iter().find(|engine| engine.name() == self.engine);
                let case = engine.ok_or_else(|| "no such engine".to_owned());
                let case = case.and_then(|engine| ResumableCase::new(context, Path::new(&self.case), engine));
                case.map(|case| entry.insert(case))
            }
        };
        format!("{:?}", outcome.and_then(|case| case.resumed(self.tick, &self.snapshot)))
    }
}

/// Compiled cases by engine and path.
pub type ResumableCases = HashMap<(String, String), ResumableCase>;
