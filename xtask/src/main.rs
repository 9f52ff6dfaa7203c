//! `cargo xtask <command>`: everything a developer runs beside `cargo build` and `cargo test`.

mod bench;
mod bless;
mod build_runtime;
mod ci;
mod consumers;
mod diagnostics_page;
mod nightly;
mod step;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context as _, Result};
use clap::{Parser, Subcommand};

use bench::BenchArguments;
use bless::BlessArguments;
use build_runtime::BuildRuntimeArguments;
use nightly::NightlyArguments;

/// Helper commands of the workspace.
#[derive(Debug, Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Build the C runtime as libraries for C and C++ hosts.
    BuildRuntime(BuildRuntimeArguments),
    /// Check the rules of the workspace that compiler and clippy do not know.
    Tidy,
    /// Run what continuous integration runs after the tests.
    Ci,
    /// Measure, and write docs/benchmarks.md, or compare with it.
    Bench(BenchArguments),
    /// Count instructions of LLVM's intermediate representation beside the peer's, and write docs/llvm-parity.md.
    IrParity,
    /// Write golden files anew from what the tests get, and the documents that are made of other files.
    Bless(BlessArguments),
    /// Run what takes too long for every change: sanitizers, all feature combinations, long property tests.
    Nightly(NightlyArguments),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<ExitCode> {
    let root = workspace_root()?;
    match command {
        Command::BuildRuntime(arguments) => build_runtime::run(&arguments),
        Command::Tidy => tidy::run(&root),
        Command::Ci => ci::run(&root),
        Command::Bench(arguments) => return bench::run(&root, &arguments),
        Command::IrParity => bench::run_ir_parity(&root),
        Command::Bless(arguments) => bless::run(&root, &arguments),
        Command::Nightly(arguments) => nightly::run(&root, &arguments),
    }?;
    Ok(ExitCode::SUCCESS)
}

/// The folder of the root manifest; this package lies directly in it.
fn workspace_root() -> Result<PathBuf> {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().map(Path::to_path_buf).context("xtask lies in the workspace")
}
