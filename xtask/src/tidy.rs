//! `cargo xtask tidy`: the rules of the workspace that compiler and clippy do not know.
//!
//! Each check is a function from a part of the [`Workspace`] to violations. CONTRIBUTING.md says what they are for.

mod crates;
mod documents;
mod licences;
mod rust_text;
mod sources;
mod unsafe_code;
mod use_tree;
mod workspace;

use std::fmt;
use std::path::Path;

use anyhow::{Result, bail};

use workspace::Workspace;

/// One place where a rule is broken.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Violation {
    /// The file, relative to the root.
    path: String,
    /// The line, 1-based; 0 for the file as a whole.
    line: usize,
    /// What is wrong, and why it is a rule.
    message: String,
}

impl Violation {
    fn new(path: impl Into<String>, line: usize, message: impl Into<String>) -> Self {
        Self { path: path.into(), line, message: message.into() }
    }
}

impl fmt::Display for Violation {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => write!(formatter, "{}: {}", self.path, self.message),
            line => write!(formatter, "{}:{line}: {}", self.path, self.message),
        }
    }
}

/// Checks the whole workspace and prints every violation.
///
/// # Errors
///
/// A rule is broken, or the workspace cannot be read.
pub(crate) fn run(root: &Path) -> Result<()> {
    let workspace = Workspace::read(root)?;
    let violations = check(&workspace)?;
    for violation in &violations {
        println!("{violation}");
    }
    if !violations.is_empty() {
        bail!("{} violations", violations.len());
    }
    println!("tidy: {} packages and {} files are in order", workspace.members.len(), workspace.files.len());
    Ok(())
}

/// All checks, in order; the result is sorted by place.
fn check(workspace: &Workspace) -> Result<Vec<Violation>> {
    let mut violations = Vec::new();

    violations.extend(crates::names(&workspace.members));
    violations.extend(crates::arrows(&workspace.members));
    violations.extend(crates::wrapped_dependencies(&workspace.members));
    violations.extend(crates::code_map(&workspace.members, workspace.text(crates::CODE_MAP).unwrap_or_default()));
    violations
        .extend(licences::check(&workspace.packages, workspace.text(licences::CONFIGURATION).unwrap_or_default())?);

    violations.extend(documents::diagnostics(workspace));

    for file in &workspace.files {
        violations.extend(documents::line_ends(file));
        violations.extend(documents::machine_paths(file));
        violations.extend(sources::length(file));
        violations.extend(sources::unfinished(file));
        if file.is_rust() {
            violations.extend(sources::globs(file));
            violations.extend(sources::silenced(file));
            violations.extend(sources::outside_world(file));
            violations.extend(sources::wrapped_names(file));
            violations.extend(sources::concrete_types(file));
            violations.extend(unsafe_code::check(file));
        }
        if file.path.ends_with(".md") {
            violations.extend(documents::links(file, workspace));
        }
    }

    violations.sort();
    violations.dedup();
    Ok(violations)
}

#[cfg(test)]
mod tests {
    use super::{Violation, check};
    use crate::tidy::workspace::{File, Package, Workspace};

    #[test]
    fn violations_read_as_compilers_print_them() {
        assert_eq!(Violation::new("a.rs", 3, "no").to_string(), "a.rs:3: no");
        assert_eq!(Violation::new("a.rs", 0, "no").to_string(), "a.rs: no");
    }

    fn workspace(library: &str) -> Workspace {
        Workspace {
            members: vec![Package::new("cfunc-models", "crates/cfunc-models", &[])],
            packages: Vec::new(),
            files: vec![
                File::new("docs/architecture.md", "- `cfunc-models`: data\n"),
                File::new("deny.toml", "[licenses]\nallow = [\"MIT\"]\n"),
                File::new("crates/cfunc-models/src/lib.rs", library),
            ],
            entries: Vec::new(),
        }
    }

    #[test]
    fn a_workspace_in_order_has_no_violations() {
        assert_eq!(check(&workspace("//! Data.\n")).expect("readable"), []);
    }

    #[test]
    fn a_violation_of_each_source_check_is_found() {
        let source = "use cfunc_ir::*;\n#[allow(unused)]\nfn f() { println!(); unsafe { g() } }\n// FIXME\n";
        let found = check(&workspace(source)).expect("readable");
        let lines: Vec<usize> = found.iter().map(|violation| violation.line).collect();
        assert_eq!(lines, [1, 2, 3, 3, 4], "{found:?}");
    }
}
