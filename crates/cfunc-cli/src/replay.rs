//! Recorded cases: a node with its inputs, and what must come out, run on every engine.
//!
//! A case is a Python file with a JSON file of the same name beside it; docs/cases.md describes both.
//! [`find_cases`] lists the cases of folders, [`replay_case`] runs one on a list of engines and gives what differs.

mod case;
mod compare;
mod engine;
mod find;
mod json;

use std::fmt;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use cfunc_compiler::{Backend, CompilationContext, CompileRequest, NodeInstance, PassLevel, Source, backends};

pub use find::find_cases;

use crate::failure::Failure;
use crate::{message, node};

/// Something that came out of a case and should not have.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CaseFailure {
    /// The case: the path of its JSON file.
    pub case: PathBuf,
    /// The engine; `None` where the case itself is at fault.
    pub engine: Option<String>,
    /// The tick, from 1; `None` where it is not about one tick.
    pub tick: Option<usize>,
    /// What was compared.
    pub subject: String,
    /// What should have come out.
    pub expected: String,
    /// What came out.
    pub got: String,
}

impl fmt::Display for CaseFailure {
    /// `CASE [ENGINE] tick N: SUBJECT: expected …, got …`, without what is not known.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.case.display())?;
        if let Some(engine) = &self.engine {
            write!(formatter, " [{engine}]")?;
        }
        if let Some(tick) = self.tick {
            write!(formatter, " tick {tick}")?;
        }
        write!(formatter, ": {}: expected {}, got {}", self.subject, self.expected, self.got)
    }
}

/// What compiles a case, given by the path of its JSON file, on the default engine.
///
/// # Errors
///
/// A message that says what cannot be read, or is not known.
pub fn case_request(path: &Path) -> Result<CompileRequest, String> {
    let source = path.with_extension("py");
    let text = read(&source)?;
    case_request_with(path, Source::new(source.display().to_string(), text))
}

/// As [`case_request`], with another source in the place of the one beside the JSON file.
///
/// # Errors
///
/// As [`case_request`].
pub fn case_request_with(path: &Path, source: Source) -> Result<CompileRequest, String> {
    let case = case::Case::read(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(case.request(source))
}

/// What goes into a case, tick by tick, for whoever runs its node otherwise than [`replay_case`].
#[derive(Debug)]
pub struct CaseInputs {
    case: case::Case,
}

impl CaseInputs {
    /// Of the case given by the path of its JSON file.
    ///
    /// # Errors
    ///
    /// As [`case_request`].
    pub fn read(path: &Path) -> Result<Self, String> {
        let case = case::Case::read(&read(path)?).map_err(|error| format!("{}: {error}", path.display()))?;
        Ok(Self { case })
    }

    /// How many ticks there are.
    pub fn ticks(&self) -> usize {
        self.case.ticks.len()
    }

    /// Puts the values and flags of a tick, from 0, into the inputs of an instance of the case's node.
    ///
    /// # Errors
    ///
    /// A message, where there is no such tick or the instance is of another node.
    pub fn set(&self, tick: usize, instance: &mut NodeInstance) -> Result<(), String> {
        let tick = self.case.ticks.get(tick).ok_or_else(|| format!("there is no tick {tick}"))?;
        engine::set_inputs(tick, instance)
    }
}

fn read(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: {error}", path.display()))
}

/// Runs a case, given by the path of its JSON file, on each of the engines. It passed where nothing is returned.
///
/// Whatever cannot be read, or is not known, is a failure of the case.
pub fn replay_case(context: &CompilationContext, path: &Path, engines: &[Arc<dyn Backend>]) -> Vec<CaseFailure> {
    replay_case_with(context, path, engines, PassLevel::default())
}

/// As [`replay_case`], with the passes of a level.
pub fn replay_case_with(
    context: &CompilationContext,
    path: &Path,
    engines: &[Arc<dyn Backend>],
    passes: PassLevel,
) -> Vec<CaseFailure> {
    let unreadable = |expected: &str, got: String| CaseFailure {
        case: path.to_owned(),
        engine: None,
        tick: None,
        subject: "the case".to_owned(),
        expected: expected.to_owned(),
        got,
    };
    let case = match std::fs::read_to_string(path) {
        Ok(text) => case::Case::read(&text),
        Err(error) => return vec![unreadable("a readable JSON file", error.to_string())],
    };
    let case = match case {
        Ok(case) => case.with_passes(passes),
        Err(error) => return vec![unreadable("a case as in docs/cases.md", error)],
    };
    let source_path = path.with_extension("py");
    let source = match std::fs::read_to_string(&source_path) {
        Ok(text) => Source::new(source_path.display().to_string(), text),
        Err(error) => return vec![unreadable("a readable Python file beside it", error.to_string())],
    };
    let mut failures = Vec::new();
    if engines.is_empty() {
        failures.push(unreadable("an engine to run it on", "none".to_owned()));
    }
    for engine in engines {
        for mismatch in engine::run(context, &case, &source, engine) {
            failures.push(CaseFailure {
                case: path.to_owned(),
                engine: Some(engine.name().to_owned()),
                tick: mismatch.tick,
                subject: mismatch.subject,
                expected: mismatch.expected,
                got: mismatch.got,
            });
        }
    }
    failures
}

/// `cfunc replay`: failures on standard output, then the line `N passed, N failed`.
pub(crate) fn command(paths: &[PathBuf]) -> Result<(), Failure> {
    let context = node::context()?;
    let cases = find_cases(paths).map_err(Failure::Usage)?;
    let engines = backends();
    let (mut passed, mut failed) = (0usize, 0usize);
    let mut text = String::new();
    for case in &cases {
        let failures = replay_case(&context, case, &engines);
        if failures.is_empty() {
            passed += 1;
        } else {
            failed += 1;
        }
        for failure in failures {
            text.push_str(&format!("{failure}\n"));
        }
        print(&text)?;
        text.clear();
    }
    if cases.is_empty() {
        message::error("no case was found: a case is a .json file with a .py file of the same name");
    }
    print(&format!("{passed} passed, {failed} failed\n"))?;
    if failed > 0 || passed == 0 { Err(Failure::Reported) } else { Ok(()) }
}

fn print(text: &str) -> Result<(), Failure> {
    use std::io::Write;

    let mut output = std::io::stdout().lock();
    output
        .write_all(text.as_bytes())
        .and_then(|()| output.flush())
        .map_err(|error| Failure::writing("standard output", &error))
}
