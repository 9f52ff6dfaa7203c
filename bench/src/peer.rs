//! The peer: numba-cfunc-compiler in a virtual environment, one process a case.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde::Deserialize;

use crate::cases::Case;

/// What pip installs.
pub(crate) const PACKAGE: &str = "numba-cfunc-compiler==0.3.1";

/// What a process of the peer prints; times in nanoseconds.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub(crate) enum PeerFigures {
    /// It compiled and ran.
    Measured {
        /// The first compilation of the process.
        first: f64,
        /// Later ones.
        later: Vec<f64>,
    },
    /// It did not compile.
    Failed {
        /// Why.
        error: String,
    },
}

/// The installed peer.
pub(crate) struct Peer {
    python: PathBuf,
    scripts: PathBuf,
    /// How often a case is compiled after the first time.
    recompilations: usize,
}

impl Peer {
    /// The peer, installed if it is not there yet.
    ///
    /// # Errors
    ///
    /// Python, pip or the C compiler cannot do their part.
    pub(crate) fn install(target: &Path, sources: &Path, recompilations: usize) -> Result<Self> {
        let environment = target.join("bench-venv");
        let python = environment.join("bin/python3");
        let known = run(Command::new(&python).args(["-c", "import numba_cfunc_compiler"])).is_ok();
        if !known {
            eprintln!("installing {PACKAGE} into {}", environment.display());
            run(Command::new("python3").args(["-m", "venv"]).arg(&environment))?;
            run(Command::new(&python).args(["-m", "pip", "install", "--quiet", PACKAGE]))?;
        }
        Ok(Self { python, scripts: sources.to_path_buf(), recompilations })
    }

    /// Its interpreter.
    pub(crate) fn python(&self) -> &Path {
        &self.python
    }

    /// Figures of a case, from a process of its own.
    ///
    /// # Errors
    ///
    /// The process does not give figures.
    pub(crate) fn measure(&self, case: &Case) -> Result<PeerFigures> {
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join("measure.py")).arg(&case.path).arg(self.recompilations.to_string());
        let printed = run(&mut command)?;
        serde_json::from_str(&printed).with_context(|| format!("the peer printed {printed:?} for {}", case.name))
    }

    /// Writes the machine code of a case as an object file, and its cells; gives the symbol of the C function. The code is for
    /// this processor, or for what callgrind has of it.
    ///
    /// # Errors
    ///
    /// The peer does not compile it.
    pub(crate) fn emit(&self, case: &Case, object: &Path, cells: &Path, for_callgrind: bool) -> Result<String> {
        let mut command = Command::new(&self.python);
        command.arg(self.scripts.join("emit.py")).arg(&case.path).arg(object).arg(cells);
        if for_callgrind && cfg!(target_arch = "x86_64") {
            // The features of the host are taken unless some are named.
            command.env("NUMBA_CPU_NAME", "x86-64-v3").env("NUMBA_CPU_FEATURES", "+avx2");
        }
        Ok(run(&mut command)?.trim().to_owned())
    }
}

/// The loop that calls nodes as a shared library, for processes of Python.
///
/// # Errors
///
/// The C compiler cannot make it.
pub(crate) fn driver(target: &Path, sources: &Path) -> Result<PathBuf> {
    let driver = target.join("libcfunc-bench-driver.so");
    let source = sources.join("driver.c");
    run(Command::new("cc").args(["-O2", "-shared", "-fPIC", "-o"]).arg(&driver).arg(source))?;
    Ok(driver)
}

/// What a command prints, where it succeeds.
pub(crate) fn run(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("starting {:?}", command.get_program()))?;
    if !output.status.success() {
        let error = String::from_utf8_lossy(&output.stderr);
        bail!("{:?} ended with {}: {}", command.get_program(), output.status, error.trim());
    }
    Ok(String::from_utf8(output.stdout)?)
}

/// The folder that large and temporary files go to.
///
/// # Errors
///
/// It cannot be made.
pub(crate) fn scratch(target: &Path) -> Result<PathBuf> {
    let folder = target.join("bench");
    fs::create_dir_all(&folder).with_context(|| format!("making {}", folder.display()))?;
    Ok(folder)
}
