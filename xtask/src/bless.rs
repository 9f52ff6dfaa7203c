//! `cargo xtask bless`: golden files written anew from what the tests get, and docs/diagnostics.md from its pages.

use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::{Metadata, MetadataCommand};

use crate::diagnostics_page;
use crate::step::CargoStep;

/// The crate whose expectations rewrite themselves.
const GOLDEN_CRATE: &str = "expect-test";

/// Options of `cargo xtask bless`.
#[derive(clap::Args, Clone, Debug)]
pub(crate) struct BlessArguments {
    /// Only the documents that are made of other files; no test runs.
    #[arg(long)]
    documents: bool,
}

/// Writes the documents, and runs the tests of the packages that have golden files, with the variable that makes the files follow the results.
/// Read the difference before committing it.
///
/// # Errors
///
/// A test fails for another reason than its expectation, or Cargo cannot be started.
pub(crate) fn run(root: &Path, arguments: &BlessArguments) -> Result<()> {
    diagnostics_page::write(root)?;
    if arguments.documents {
        return Ok(());
    }
    let metadata = MetadataCommand::new().manifest_path(root.join("Cargo.toml")).no_deps().exec()?;
    step(&packages_with_golden_files(&metadata)).run(root).context("a test fails even when blessed")
}

/// Packages of the workspace that depend on the golden-file crate, by name.
fn packages_with_golden_files(metadata: &Metadata) -> Vec<String> {
    let mut names: Vec<String> = metadata
        .packages
        .iter()
        .filter(|package| package.dependencies.iter().any(|dependency| dependency.name == GOLDEN_CRATE))
        .map(|package| package.name.to_string())
        .collect();
    names.sort();
    names
}

fn step(packages: &[String]) -> CargoStep {
    let mut step = CargoStep::new("golden files", "test").with("UPDATE_EXPECT", "1");
    for package in packages {
        step.arguments.push("--package".to_owned());
        step.arguments.push(package.clone());
    }
    step
}

#[cfg(test)]
mod tests {
    use super::{packages_with_golden_files, step};
    use cargo_metadata::MetadataCommand;

    #[test]
    fn packages_are_found_by_their_dependency() {
        let metadata = MetadataCommand::new()
            .manifest_path(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml"))
            .no_deps()
            .exec()
            .expect("the workspace is readable");
        let packages = packages_with_golden_files(&metadata);
        assert!(packages.iter().any(|name| name == "cfunc-ir"), "{packages:?}");
        assert!(!packages.iter().any(|name| name == "xtask"), "{packages:?}");
    }

    #[test]
    fn the_variable_is_set() {
        let step = step(&["one".to_owned(), "two".to_owned()]);
        assert_eq!(step.arguments, ["test", "--package", "one", "--package", "two"]);
        assert_eq!(step.variables, [("UPDATE_EXPECT", "1".to_owned())]);
    }
}
