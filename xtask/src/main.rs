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

#[cfg(test)]
mod tests {
    use clap::Parser as _;

    use super::Arguments;

    /// What documents name in code as a command of this program, without what they leave to the reader: words in capitals.
    fn commands(text: &str) -> Vec<String> {
        let spans = text.split('`').skip(1).step_by(2).map(|span| span.split_whitespace().collect::<Vec<_>>());
        let commands = spans.filter(|words| words.starts_with(&["cargo", "xtask"]) && words.len() > 2);
        let named = |word: &&str| word.contains(|letter: char| letter.is_lowercase());
        commands.map(|words| words.into_iter().filter(named).collect::<Vec<_>>().join(" ")).collect()
    }

    #[test]
    fn commands_that_documents_name_are_there() {
        for (document, text, least) in [
            ("docs/benchmarks.md", include_str!("../../docs/benchmarks.md"), 16),
            ("docs/llvm-parity.md", include_str!("../../docs/llvm-parity.md"), 1),
            ("docs/passes.md", include_str!("../../docs/passes.md"), 1),
            ("CONTRIBUTING.md", include_str!("../../CONTRIBUTING.md"), 5),
            ("README.md", include_str!("../../README.md"), 0),
        ] {
            let found = commands(text);
            assert!(found.len() >= least, "{document}: {found:?}");
            for command in found {
                let words = command.split(' ').skip(1);
                let parsed = Arguments::try_parse_from(words);
                assert!(parsed.is_ok(), "{document} names `{command}`: {}", parsed.expect_err("refused"));
            }
        }
    }
}
