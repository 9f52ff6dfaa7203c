//! Steps: commands that are announced, timed, and end the run when they fail.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

/// A command of Cargo, as data, so that lists of steps can be read and tested.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct CargoStep {
    /// What it is for, in a few words.
    pub(crate) title: String,
    /// Arguments after `cargo`.
    pub(crate) arguments: Vec<String>,
    /// Variables set for it.
    pub(crate) variables: Vec<(&'static str, String)>,
}

impl CargoStep {
    /// A step without variables; the arguments are separated by blanks.
    pub(crate) fn new(title: impl Into<String>, arguments: &str) -> Self {
        Self {
            title: title.into(),
            arguments: arguments.split_whitespace().map(str::to_owned).collect(),
            variables: Vec::new(),
        }
    }

    /// The step with a variable set.
    pub(crate) fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((variable, value.into()));
        self
    }

    /// Runs it in the workspace; its output goes where ours goes.
    ///
    /// # Errors
    ///
    /// Cargo cannot be started, or ends with a failure.
    pub(crate) fn run(&self, root: &Path) -> Result<()> {
        timed(&self.title, || {
            let variables: String = self.variables.iter().map(|(name, value)| format!("{name}='{value}' ")).collect();
            println!("$ {variables}cargo {}", self.arguments.join(" "));
            let status = Command::new(cargo())
                .args(&self.arguments)
                .envs(self.variables.iter().map(|(name, value)| (name, value)))
                .current_dir(root)
                .status()
                .context("starting cargo")?;
            if !status.success() {
                bail!("{}: cargo ended with {status}", self.title);
            }
            Ok(())
        })
    }
}

/// Announces a step, runs it, and prints how long it took.
pub(crate) fn timed(title: &str, step: impl FnOnce() -> Result<()>) -> Result<()> {
    println!("\n== {title}");
    let begin = Instant::now();
    step()?;
    println!("-- {title}: {:.1} s", begin.elapsed().as_secs_f64());
    Ok(())
}

/// The Cargo that runs this program.
pub(crate) fn cargo() -> OsString {
    std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into())
}

/// Where Cargo puts its results.
pub(crate) fn target_folder(root: &Path) -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), |folder| root.join(folder))
}

#[cfg(test)]
mod tests {
    use super::{CargoStep, timed};

    #[test]
    fn a_failing_step_is_an_error() {
        let folder = tempfile::tempdir().expect("a folder");
        let step = CargoStep::new("no such command", "this-command-does-not-exist");
        assert!(step.run(folder.path()).is_err());
        assert!(CargoStep::new("version", "--version").run(folder.path()).is_ok());
    }

    #[test]
    fn timing_passes_errors_on() {
        assert!(timed("fails", || anyhow::bail!("no")).is_err());
    }
}
