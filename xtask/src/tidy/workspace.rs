//! What tidy looks at: packages from `cargo metadata`, and the text files of the working tree.

use std::collections::HashSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

use super::crates::FOLDERS;

/// Folders that hold results or tools' own data, by name.
const SKIPPED_FOLDERS: &[&str] = &["target", ".git", "__pycache__"];

/// Endings of files that are read as text.
const TEXT_ENDINGS: &[&str] = &["rs", "c", "h", "md", "toml", "py", "json", "txt", "yml", "yaml", "sh", "cfunc"];

/// Files without an ending that are read as text.
const TEXT_NAMES: &[&str] = &[".ci/run", ".gitignore"];

/// A package of the workspace.
#[derive(Clone, Debug)]
pub(super) struct Package {
    /// Its name.
    pub(super) name: String,
    /// Its folder, relative to the root.
    pub(super) folder: String,
    /// What it depends on.
    pub(super) dependencies: Vec<Dependency>,
}

/// A dependency of a package of the workspace.
#[derive(Clone, Debug)]
pub(super) struct Dependency {
    /// The name of the package that it depends on.
    pub(super) name: String,
    /// Whether only its tests, benches and examples do.
    pub(super) development: bool,
}

/// Any package of the dependency graph, with its licence.
#[derive(Clone, Debug)]
pub(super) struct LicensedPackage {
    /// Its name.
    pub(super) name: String,
    /// Its version.
    pub(super) version: String,
    /// Its licence expression, if it states one.
    pub(super) licence: Option<String>,
}

/// A text file.
#[derive(Clone, Debug)]
pub(super) struct File {
    /// Its path, relative to the root, with slashes.
    pub(super) path: String,
    /// What it holds.
    pub(super) text: String,
}

/// All that tidy looks at.
#[derive(Debug)]
pub(super) struct Workspace {
    /// Its own packages.
    pub(super) members: Vec<Package>,
    /// All packages of the dependency graph, its own included.
    pub(super) packages: Vec<LicensedPackage>,
    /// Its text files, sorted by path.
    pub(super) files: Vec<File>,
    /// Paths of all files and folders, text or not.
    pub(super) entries: Vec<String>,
}

impl Workspace {
    /// Reads metadata and files.
    ///
    /// # Errors
    ///
    /// Cargo fails, or a file cannot be read as UTF-8.
    pub(super) fn read(root: &Path) -> Result<Self> {
        let metadata = MetadataCommand::new()
            .manifest_path(root.join("Cargo.toml"))
            .other_options(["--all-features".to_owned()])
            .exec()
            .context("cargo metadata")?;
        let mut files = Vec::new();
        let mut entries = Vec::new();
        walk(root, "", &mut files, &mut entries)?;
        files.sort_by(|left, right| left.path.cmp(&right.path));
        Ok(Self { members: members(&metadata), packages: packages(&metadata), files, entries })
    }

    /// The text of a file, by its path relative to the root.
    pub(super) fn text(&self, path: &str) -> Option<&str> {
        self.files.iter().find(|file| file.path == path).map(|file| file.text.as_str())
    }

    /// Whether there is a file or folder of that path.
    pub(super) fn exists(&self, path: &str) -> bool {
        path.is_empty() || self.entries.iter().any(|entry| entry == path) || self.text(path).is_some()
    }
}

impl File {
    /// A file by path and text.
    pub(super) fn new(path: impl Into<String>, text: impl Into<String>) -> Self {
        Self { path: path.into(), text: text.into() }
    }

    /// Whether it is Rust.
    pub(super) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// The name of the package it belongs to; of files outside of all packages the first folder.
    pub(super) fn package(&self) -> &str {
        let path = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        let within = |folder: &str| path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'));
        let folder = path.split_once('/').map_or("", |(folder, _)| folder);
        FOLDERS.iter().find(|(_, known)| within(known)).map_or(folder, |(name, _)| name)
    }

    /// Whether the whole file is for tests, benches, examples or building only.
    pub(super) fn is_beside_the_library(&self) -> bool {
        let inside = self.path.strip_prefix("crates/").unwrap_or(&self.path);
        inside.split('/').skip(1).any(|part| matches!(part, "tests" | "benches" | "examples" | "tests.rs" | "build.rs"))
    }
}

fn members(metadata: &Metadata) -> Vec<Package> {
    let root = &metadata.workspace_root;
    let mut members: Vec<Package> = metadata
        .workspace_packages()
        .into_iter()
        .map(|package| {
            let folder = package.manifest_path.parent().unwrap_or(root);
            let folder = folder.strip_prefix(root).unwrap_or(folder);
            let dependencies = package
                .dependencies
                .iter()
                .map(|dependency| Dependency {
                    name: dependency.name.clone(),
                    development: dependency.kind == DependencyKind::Development,
                })
                .collect();
            Package { name: package.name.to_string(), folder: folder.as_str().replace('\\', "/"), dependencies }
        })
        .collect();
    members.sort_by(|left, right| left.name.cmp(&right.name));
    members
}

fn packages(metadata: &Metadata) -> Vec<LicensedPackage> {
    metadata
        .packages
        .iter()
        .map(|package| LicensedPackage {
            name: package.name.to_string(),
            version: package.version.to_string(),
            licence: package.license.clone(),
        })
        .collect()
}

/// Collects the files below a folder. Links are not followed: what they lead to is met at its own place.
fn walk(root: &Path, folder: &str, files: &mut Vec<File>, entries: &mut Vec<String>) -> Result<()> {
    let absolute = root.join(folder);
    let listing = fs::read_dir(&absolute).with_context(|| format!("listing {}", absolute.display()))?;
    let skipped: HashSet<&str> = SKIPPED_FOLDERS.iter().copied().collect();
    for entry in listing {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let path = if folder.is_empty() { name.clone() } else { format!("{folder}/{name}") };
        let kind = entry.file_type()?;
        if kind.is_dir() {
            if !skipped.contains(name.as_str()) {
                entries.push(path.clone());
                walk(root, &path, files, entries)?;
            }
        } else if kind.is_file() {
            entries.push(path.clone());
            if is_text(&path) {
                let bytes = fs::read(entry.path()).with_context(|| format!("reading {path}"))?;
                let text = String::from_utf8(bytes).with_context(|| format!("{path} is not UTF-8"))?;
                files.push(File::new(path, text));
            }
        }
    }
    Ok(())
}

fn is_text(path: &str) -> bool {
    let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
    TEXT_ENDINGS.contains(&ending) || TEXT_NAMES.contains(&path)
}

#[cfg(test)]
impl Package {
    /// A package for tests of checks; a dependency that begins with `+` is of development.
    pub(super) fn new(name: &str, folder: &str, dependencies: &[&str]) -> Self {
        let dependencies = dependencies
            .iter()
            .map(|name| Dependency {
                name: name.trim_start_matches('+').to_owned(),
                development: name.starts_with('+'),
            })
            .collect();
        Self { name: name.to_owned(), folder: folder.to_owned(), dependencies }
    }
}

#[cfg(test)]
mod tests {
    use super::{File, Workspace, walk};
    use std::path::Path;

    #[test]
    fn places_of_files() {
        let file = File::new("crates/cfunc-ir/src/lib.rs", "");
        assert_eq!(file.package(), "cfunc-ir");
        assert!(file.is_rust() && !file.is_beside_the_library());
        assert!(File::new("crates/cfunc-ir/tests/a.rs", "").is_beside_the_library());
        assert!(File::new("crates/cfunc-runtime/build.rs", "").is_beside_the_library());
        assert_eq!(File::new("tests/src/lib.rs", "").package(), "cfunc-tests");
        assert!(!File::new("tests/src/lib.rs", "").is_beside_the_library());
        let example = File::new("examples/record-pointer/tests/nodes.rs", "");
        assert_eq!(example.package(), "cfunc-example-record-pointer");
        assert!(example.is_beside_the_library());
        assert!(!File::new("examples/record-pointer/src/lib.rs", "").is_beside_the_library());
        assert_eq!(File::new("examples/nodes/ema.py", "").package(), "examples");
        assert_eq!(File::new("README.md", "").package(), "");
    }

    #[test]
    fn results_and_links_are_left_out() {
        let folder = tempfile::tempdir().expect("a folder");
        for path in ["target/a.rs", "src/b.rs", "src/c.bin"] {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().expect("a parent")).expect("created");
            std::fs::write(path, "text").expect("written");
        }
        #[cfg(unix)]
        std::os::unix::fs::symlink(folder.path().join("src"), folder.path().join("link")).expect("linked");
        let (mut files, mut entries) = (Vec::new(), Vec::new());
        walk(folder.path(), "", &mut files, &mut entries).expect("readable");
        assert_eq!(files.iter().map(|file| file.path.as_str()).collect::<Vec<_>>(), ["src/b.rs"]);
        entries.sort();
        assert_eq!(entries, ["src", "src/b.rs", "src/c.bin"]);
    }

    #[test]
    fn the_workspace_itself_is_readable() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace");
        let workspace = Workspace::read(root).expect("readable");
        assert!(workspace.members.iter().any(|member| member.name == "xtask" && member.folder == "xtask"));
        assert!(workspace.text("Cargo.toml").is_some());
        assert!(workspace.packages.len() > workspace.members.len());
    }
}
