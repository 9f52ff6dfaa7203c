//! Snapshots of a node in files.

use std::ffi::OsString;
use std::path::Path;

use cfunc_compiler::{NodeInstance, SnapshotError};

use crate::failure::Failure;

/// Reads a file.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|error| Failure::usage(format!("cannot read {}: {error}", path.display())))
}

/// Puts what a file holds into a node, which is started then.
pub(crate) fn restore(instance: &mut NodeInstance, path: &Path, bytes: &[u8], compatible: bool) -> Result<(), Failure> {
    let restored = if compatible { instance.restore_compatible(bytes) } else { instance.restore(bytes) };
    restored.map_err(|error| {
        let hint = match error {
            SnapshotError::OtherFunction { .. } => "; with --compatible it is taken where the states are the same",
            _ => "",
        };
        Failure::failed(format!("{}: {error}{hint}", path.display()))
    })?;
    if instance.is_started() {
        Ok(())
    } else {
        Err(Failure::failed(format!("{}: the snapshot is of a node that is not started", path.display())))
    }
}

/// Writes a node to a file, which is whole or as it was before.
pub(crate) fn write(instance: &NodeInstance, path: &Path) -> Result<(), Failure> {
    let bytes = instance.snapshot().map_err(|error| Failure::failed(error.to_string()))?;
    let mut partial = OsString::from(path);
    partial.push(".partial");
    let written = std::fs::write(&partial, bytes).and_then(|()| std::fs::rename(&partial, path));
    written.map_err(|error| {
        // Where it cannot be removed either, nothing is left to do.
        let _ = std::fs::remove_file(&partial);
        Failure::usage(format!("cannot write {}: {error}", path.display()))
    })
}
