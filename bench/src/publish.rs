//! Where results go: to the standard output, to the documents, or into a comparison with the stored ones.

use std::fs;
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;

use crate::check::{self, Comparison};
use crate::figures::Results;
use crate::report::{self, Part, Table};
use crate::settings::Settings;
use crate::{REGRESSIONS, goals, machine, part_names, plots};

/// What becomes of results.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Mode {
    /// They are printed.
    Print,
    /// They are written down too.
    Write,
    /// They are printed, and compared with what is written.
    Check,
}

/// Takes what parts found.
pub(crate) struct Publisher {
    mode: Mode,
    docs: PathBuf,
    date: String,
    results: Results,
    comparisons: Vec<Comparison>,
    not_stored: Vec<&'static str>,
    notes: Vec<String>,
    failures: Vec<String>,
    times: Vec<(String, Duration)>,
}

impl Publisher {
    /// For a run with these settings.
    ///
    /// # Errors
    ///
    /// The stored results are none of ours.
    pub(crate) fn new(settings: &Settings, check: bool) -> Result<Self> {
        let mode = match (check, settings.quick || settings.only.is_some()) {
            (true, _) => Mode::Check,
            (false, true) => Mode::Print,
            (false, false) => Mode::Write,
        };
        let docs = settings.root.join("docs");
        let stored = Results::load(&docs.join("benchmarks.json"))?;
        // What is only printed is of this run alone.
        let results = if mode == Mode::Print { Results::default() } else { stored };
        Ok(Self {
            mode,
            docs,
            date: machine::date(),
            results,
            comparisons: Vec::new(),
            not_stored: Vec::new(),
            notes: Vec::new(),
            failures: Vec::new(),
            times: Vec::new(),
        })
    }

    /// What it was measured on.
    ///
    /// # Errors
    ///
    /// The document cannot be written.
    pub(crate) fn machine(&self, table: Table) -> Result<()> {
        let mut part = Part::plain("machine", "Machine");
        part.table(&table);
        part.paragraph(
            "`cargo xtask bench` measures all parts, and `cargo xtask bench PART` one; the line below the title of a part is its \
             command. `--quick` measures less and writes nothing down, `--no-peer` leaves the peer out, `--check` compares \
             the ratios with those of `docs/benchmarks.json`.",
        );
        self.print_and(&part, |part| report::write(&self.docs.join("benchmarks.md"), part))
    }

    /// What a part found. In a check, a part that seems worse is measured again.
    ///
    /// # Errors
    ///
    /// A document cannot be written, or the part not be measured again.
    pub(crate) fn publish(&mut self, mut part: Part, again: impl FnOnce() -> Result<Part>) -> Result<()> {
        plots::add_to(&mut part);
        println!("{}", part.text());
        match self.mode {
            Mode::Print => {
                self.results.take(&part, &self.date);
                Ok(())
            }
            Mode::Write => {
                report::write(&self.docs.join("benchmarks.md"), &part)?;
                self.results.take(&part, &self.date);
                self.results.store(&self.docs.join("benchmarks.json"))?;
                plots::write(&self.docs.join("plots"), part.name(), &self.results)?;
                report::write(&self.docs.join("benchmarks.md"), &self.goals())
            }
            Mode::Check => {
                let Some(stored) = self.results.parts.get(part.name()) else {
                    self.not_stored.push(part.name());
                    return Ok(());
                };
                let mut comparison = check::compare(part.name(), stored, part.figures());
                if !comparison.regressions.is_empty() {
                    eprintln!("{}: {} ratios seem worse; once more", part.name(), comparison.regressions.len());
                    let second = check::compare(part.name(), stored, again()?.figures());
                    comparison = check::confirmed(&comparison, second);
                }
                self.comparisons.push(comparison);
                Ok(())
            }
        }
    }

    /// The goals of all parts, or of those that are only printed.
    fn goals(&self) -> Part {
        let is_wanted = |name: &String| self.mode != Mode::Print || self.results.parts.contains_key(name);
        let order: Vec<String> = part_names().into_iter().filter(is_wanted).collect();
        let other = match self.mode {
            Mode::Print => String::new(),
            // A document that is not there has no goals.
            _ => fs::read_to_string(self.docs.join(goals::OTHER_DOCUMENT)).unwrap_or_default(),
        };
        goals::part(&self.results, &order, &goals::of_document(&other))
    }

    /// What a part found that is in a document of its own.
    ///
    /// # Errors
    ///
    /// The document cannot be written.
    pub(crate) fn other(&self, part: &Part, document: &str) -> Result<()> {
        self.print_and(part, |part| report::write(&self.docs.join(document), part))
    }

    fn print_and(&self, part: &Part, write: impl FnOnce(&Part) -> Result<()>) -> Result<()> {
        println!("{}", part.text());
        if self.mode == Mode::Write { write(part) } else { Ok(()) }
    }

    /// Something that was left out, which is no failure.
    pub(crate) fn note(&mut self, note: String) {
        eprintln!("note: {note}");
        self.notes.push(note);
    }

    /// Something that could not be measured and should have been.
    pub(crate) fn failed(&mut self, failure: String) {
        eprintln!("error: {failure}");
        self.failures.push(failure);
    }

    /// How long a part took.
    pub(crate) fn took(&mut self, part: &str, time: Duration) {
        eprintln!("-- {part}: {:.1} s", time.as_secs_f64());
        self.times.push((part.to_owned(), time));
    }

    /// The end of the run: what to know of it, and its exit status.
    ///
    /// # Errors
    ///
    /// A part could not be measured.
    pub(crate) fn finish(self) -> Result<ExitCode> {
        let seconds = |time: &Duration| time.as_secs_f64();
        let parts: Vec<String> = self.times.iter().map(|(name, time)| format!("{name} {:.0}", seconds(time))).collect();
        let whole: f64 = self.times.iter().map(|(_, time)| seconds(time)).sum();
        eprintln!("measured in {whole:.0} s: {}", parts.join(", "));
        self.notes.iter().for_each(|note| println!("note: {note}"));
        if self.mode == Mode::Print && self.results.parts.values().any(|part| !part.goals.is_empty()) {
            println!("{}", self.goals().text());
        }
        anyhow::ensure!(self.failures.is_empty(), "{}", self.failures.join("; "));
        if self.mode != Mode::Check {
            return Ok(ExitCode::SUCCESS);
        }
        print!("{}", check::summary(&self.comparisons, &self.not_stored, "in two runs"));
        let is_worse = self.comparisons.iter().any(|comparison| !comparison.regressions.is_empty());
        Ok(if is_worse { ExitCode::from(REGRESSIONS) } else { ExitCode::SUCCESS })
    }
}
