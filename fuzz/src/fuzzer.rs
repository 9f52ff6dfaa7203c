//! The property: engines agree to the bit, and with the oracle.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Result;
use cfunc_compiler::{Backend, CompilationContext, backends_at_all_levels, defaults};

use crate::constructs::{Construct, Form, Table};
use crate::containers;
use crate::engines::{EngineOutcome, run};
use crate::host::HostTypes;
use crate::oracle::Oracle;
use crate::outcome::difference;
use crate::program::{OPTIONAL_PARTS, PLAIN, has_word, lifecycle_probe, part_probes, probes, surrounding_words};
use crate::sets;
use crate::structs;
use crate::tree::{ConstructId, Program};

/// In which way a program fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum FailureKind {
    /// The compiler refuses a program that is well typed.
    Refused,
    /// The compiler reports a bug of its own, or panics.
    Internal,
    /// A call on an engine does not end.
    Endless,
    /// Two engines differ.
    Engines,
    /// The engines agree with each other, not with CPython.
    Oracle,
    /// The oracle cannot run it, or an instance has not the cells of the program.
    Harness,
}

/// A program that fails, and how.
#[derive(Clone, Debug)]
pub struct Failure {
    /// In which way.
    pub kind: FailureKind,
    /// What differs.
    pub message: String,
}

impl Failure {
    /// Whether two failures look like one: refusals with the same code, or results that differ between the same.
    pub fn is_like(&self, other: &Self) -> bool {
        // The first message without the names in it, which become others.
        let reason = |failure: &Self| -> String {
            let first = failure.message.split(';').next().unwrap_or_default();
            first.split('`').step_by(2).collect()
        };
        self.kind == other.kind && (self.kind != FailureKind::Refused || reason(self) == reason(other))
    }
}

/// A construct that the compiler does not take, with the reason.
#[derive(Clone, Debug)]
pub struct Unsupported {
    /// The construct's name.
    pub name: &'static str,
    /// What the compiler says.
    pub reason: String,
}

/// Engines and oracle, and the constructs that the compiler takes.
#[derive(Debug)]
pub struct Fuzzer {
    /// All constructs.
    pub table: Table,
    /// Whether the compiler takes each.
    pub enabled: Vec<bool>,
    /// Those that it does not take.
    pub unsupported: Vec<Unsupported>,
    context: CompilationContext,
    /// What every program runs on.
    engines: Vec<Arc<dyn Backend>>,
    /// What programs take turns on beside.
    others: Vec<Arc<dyn Backend>>,
    turn: usize,
    oracle: Option<Oracle>,
    deadline: Duration,
}

/// The time that a call has. Loops are bounded, so that any takes milliseconds, and the machine may be loaded.
const DEADLINE: Duration = Duration::from_secs(5);

/// The context that programs are compiled in: the built-ins, signals, and the types of the fuzzer.
///
/// # Errors
///
/// They do not register together.
pub fn context() -> Result<CompilationContext> {
    Ok(CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(HostTypes).build()?)
}

/// The message of the node error for what Python leaves open: CPython goes on, or skips entries, by how its table happens
/// to be laid out.
const LEFT_OPEN: &str = "dictionary keys changed during iteration";

/// What an error says, and what a program holds that is refused for it rightly.
///
/// Generated indices may be constants that no array has. `isinstance` is a constant of the signature: what raises or
/// returns under it may do so always, and what follows a loop of it is then reached by no path on which the loop ran.
const RIGHTLY_REFUSED: [(&str, &str); 2] =
    [("is beyond an array of", "["), ("is read before it is bound", "isinstance(")];

/// Whether all errors of a refused program, one after the other, are such.
fn is_rightly_refused(source: &str, errors: &str) -> bool {
    errors
        .split("; ")
        .all(|error| RIGHTLY_REFUSED.iter().any(|(message, cause)| error.contains(message) && source.contains(cause)))
}

impl Fuzzer {
    /// A fuzzer of the compiler as it is, on the interpreter, the default engine, and one of the others and of the levels of
    /// all, which [`Fuzzer::take_turn`] chooses. Without an oracle engines are compared with each
    /// other alone.
    ///
    /// # Errors
    ///
    /// There is no context, or a probe cannot be run.
    pub fn new(oracle: Option<Oracle>) -> Result<Self> {
        let mut engines = backends_at_all_levels();
        let others = engines.split_off(engines.len().min(2));
        let mut fuzzer = Self::with(context()?, engines, oracle)?;
        fuzzer.others = others;
        Ok(fuzzer)
    }

    /// A fuzzer of a context and engines of one's own.
    ///
    /// # Errors
    ///
    /// A probe cannot be run.
    pub fn with(context: CompilationContext, engines: Vec<Arc<dyn Backend>>, oracle: Option<Oracle>) -> Result<Self> {
        let table = Table::new();
        let enabled = vec![true; table.constructs().len()];
        let mut fuzzer = Self {
            table,
            enabled,
            unsupported: Vec::new(),
            context,
            engines,
            others: Vec::new(),
            turn: 0,
            oracle,
            deadline: DEADLINE,
        };
        fuzzer.probe()?;
        Ok(fuzzer)
    }

    /// Puts other engines and another context to the same constructs.
    pub fn replace(&mut self, context: CompilationContext, engines: Vec<Arc<dyn Backend>>) {
        (self.context, self.engines) = (context, engines);
        self.others.clear();
    }

    /// Runs programs on the engine besides whose turn a seed is, until the next call.
    pub fn take_turn(&mut self, seed: u64) {
        let count = self.others.len().max(1) as u64;
        // Plain functions have every fourth seed: neither they nor nodes may meet the same engines only.
        let turn = (seed / PLAIN + seed % PLAIN) % count;
        self.turn = usize::try_from(turn).unwrap_or(0);
    }

    /// Leaves lists and dicts out of programs: an engine that does wrong on purpose would write where they are not.
    pub fn without_containers(&mut self) {
        let names = containers::EXPRESSIONS.iter().chain(containers::STATEMENTS).map(|construct| construct.name);
        let parts = ["module list constant", "module dict constant", "list state", "dict state"];
        let calls = ["argument of a list", "argument of a dict", "result of a list", "result of a dict"];
        let numbers = ["list of numbers", "dict of numbers"];
        for name in names.chain(parts).chain(calls).chain(numbers) {
            self.enabled[self.table.id(name)] = false;
        }
    }

    /// Leaves sets of members of enums out of programs, which then have more of everything else.
    pub fn without_sets(&mut self) {
        let names = sets::EXPRESSIONS.iter().chain(sets::STATEMENTS).map(|construct| construct.name);
        for name in names.chain(["module set constant", "cell of a set", "argument of a set", "result of a set"]) {
            self.enabled[self.table.id(name)] = false;
        }
    }

    /// Leaves what a host brings out of programs, structs above all.
    pub fn without_structs(&mut self) {
        let names = structs::EXPRESSIONS.iter().chain(structs::STATEMENTS).map(|construct| construct.name);
        let calls = ["argument of a struct", "result of a struct", "argument of an enum", "result of an enum"];
        for name in names.chain(["cell of a struct", "cell of an enum"]).chain(calls) {
            self.enabled[self.table.id(name)] = false;
        }
    }

    /// Gives each call so much time, after which it counts as endless.
    pub fn set_deadline(&mut self, deadline: Duration) {
        self.deadline = deadline;
    }

    /// Compiles the smallest programs of each construct, and takes those out that are refused.
    fn probe(&mut self) -> Result<()> {
        let is_part = |construct: &Construct| matches!(construct.form, Form::Part);
        for id in 0..self.table.constructs().len() {
            if !is_part(self.table.get(id)) {
                let programs = probes(&self.table, id);
                self.probe_with(id, &programs)?;
            }
        }
        // Parts come with whatever is taken.
        for name in OPTIONAL_PARTS {
            self.enabled[self.table.id(name)] = false;
        }
        let taken = self.enabled.clone();
        for name in OPTIONAL_PARTS {
            let id = self.table.id(name);
            let mut with = taken.clone();
            with[id] = true;
            let programs = part_probes(&self.table, &with, id);
            self.enabled[id] = true;
            self.probe_with(id, &programs)?;
            if ["start body", "stop body"].contains(name) && self.enabled[id] && !self.runs_lifecycle(id)? {
                // Functions beside the node may stand in a source without being run.
                self.enabled[id] = false;
                self.unsupported.push(Unsupported { name, reason: "it is not run".to_owned() });
            }
        }
        for (word, part) in surrounding_words() {
            let uses = |construct: &Construct| match construct.form {
                Form::Expression { text, .. } => has_word(text, word),
                Form::Statement(_) | Form::Part => false,
            };
            let mut constructs = self.table.constructs().iter().zip(&self.enabled);
            if !constructs.any(|(construct, enabled)| *enabled && uses(construct)) {
                self.enabled[self.table.id(part)] = false;
            }
        }
        Ok(())
    }

    /// Whether a start or stop body changes a state.
    fn runs_lifecycle(&self, construct: ConstructId) -> Result<bool> {
        let program = lifecycle_probe(&self.table, construct);
        let EngineOutcome::Ran(calls) = run(&self.context, &program, &self.engines[0], self.deadline)? else {
            return Ok(false);
        };
        Ok(calls.last().is_some_and(|call| call.states.first() != Some(&vec![0])))
    }

    fn probe_with(&mut self, id: ConstructId, programs: &[Program]) -> Result<()> {
        let mut refusal = None;
        for program in programs {
            match run(&self.context, program, &self.engines[0], self.deadline)? {
                // What the compiler does wrong is for the programs to show.
                EngineOutcome::Ran(_) | EngineOutcome::Internal(_) | EngineOutcome::Endless(_) => return Ok(()),
                EngineOutcome::Refused(reason) => {
                    refusal.get_or_insert(reason);
                }
            }
        }
        self.enabled[id] = false;
        let reason = refusal.unwrap_or_else(|| "no probe has it".to_owned());
        self.unsupported.push(Unsupported { name: self.table.get(id).name, reason });
        Ok(())
    }

    /// The program of a seed.
    pub fn generate(&self, seed: u64) -> Program {
        crate::program::generate(&self.table, &self.enabled, seed)
    }

    /// Runs a program everywhere; `None` where all agree.
    pub fn check(&mut self, program: &Program) -> Option<Failure> {
        let mut first = None;
        for engine in self.engines.iter().chain(self.others.get(self.turn)) {
            let outcome = match run(&self.context, program, engine, self.deadline) {
                Ok(EngineOutcome::Ran(calls)) => calls,
                Ok(EngineOutcome::Refused(message)) if is_rightly_refused(&program.source(), &message) => return None,
                Ok(EngineOutcome::Refused(message)) => return Some(Failure { kind: FailureKind::Refused, message }),
                Ok(EngineOutcome::Internal(message)) => return Some(Failure { kind: FailureKind::Internal, message }),
                Ok(EngineOutcome::Endless(message)) => return Some(Failure { kind: FailureKind::Endless, message }),
                Err(error) => return Some(Failure { kind: FailureKind::Harness, message: format!("{error:#}") }),
            };
            match &first {
                None => first = Some(outcome),
                Some(first) => {
                    if let Some(message) = difference(program, first, &outcome, false) {
                        return Some(Failure { kind: FailureKind::Engines, message });
                    }
                }
            }
        }
        let (first, oracle) = (first?, self.oracle.as_mut()?);
        if first.iter().any(|call| call.message.as_deref() == Some(LEFT_OPEN)) {
            return None;
        }
        match oracle.run(program) {
            Ok(expected) => difference(program, &first, &expected, true)
                .map(|message| Failure { kind: FailureKind::Oracle, message }),
            Err(error) => Some(Failure { kind: FailureKind::Harness, message: format!("{error:#}") }),
        }
    }

    /// What CPython gives for a program.
    ///
    /// # Errors
    ///
    /// There is no oracle, or it cannot run the program.
    pub fn expected(&mut self, program: &Program) -> Result<Vec<crate::outcome::CallOutcome>> {
        match &mut self.oracle {
            Some(oracle) => oracle.run(program),
            None => anyhow::bail!("there is no oracle"),
        }
    }
}
