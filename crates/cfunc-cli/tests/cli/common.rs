//! The command as a process, files in a folder of their own, and Python beside it.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use tempfile::TempDir;

/// What a process gave.
#[derive(Debug)]
pub(crate) struct Outcome {
    pub(crate) status: i32,
    pub(crate) output: String,
    pub(crate) errors: String,
}

impl From<Output> for Outcome {
    fn from(output: Output) -> Self {
        Self {
            status: output.status.code().expect("the process was not killed"),
            output: String::from_utf8(output.stdout).expect("the output is UTF-8"),
            errors: String::from_utf8(output.stderr).expect("messages are UTF-8"),
        }
    }
}

/// A folder for the files of one test.
pub(crate) struct Folder {
    folder: TempDir,
}

impl Folder {
    pub(crate) fn new() -> Self {
        Self { folder: TempDir::new().expect("a folder for temporary files") }
    }

    /// A folder with a node in `node.py` and rows in `data.csv`.
    pub(crate) fn with(node: &str, data: impl AsRef<[u8]>) -> Self {
        let folder = Self::new();
        folder.write("node.py", node);
        folder.write("data.csv", data);
        folder
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().expect("a path in the folder")).expect("the folder can be made");
        std::fs::write(path, content).expect("the file can be written");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).expect("the file can be read")
    }

    /// The command with this folder as its working directory.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_cfunc"));
        command.args(arguments).current_dir(self.folder.path()).env_remove("CFUNC_LOG").stdin(Stdio::null());
        command
    }

    /// Runs the command.
    pub(crate) fn cfunc(&self, arguments: &[&str]) -> Outcome {
        self.command(arguments).output().expect("the command starts").into()
    }

    /// `cfunc run node.py --input data.csv` with more arguments.
    pub(crate) fn run(&self, more: &[&str]) -> Outcome {
        self.cfunc(&[&["run", "node.py", "--input", "data.csv"], more].concat())
    }
}

/// A file of the repository.
pub(crate) fn repository(path: &str) -> String {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    root.canonicalize().expect("the repository").join(path).display().to_string()
}
