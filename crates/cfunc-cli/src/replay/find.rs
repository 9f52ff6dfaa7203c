//! Cases on disk.

use std::path::{Path, PathBuf};

/// The JSON files of the cases under folders, at any depth, and those named themselves; sorted, each once.
///
/// Within a folder every `.json` file is a case. Links to folders are not followed.
///
/// # Errors
///
/// A message with the path that cannot be read, or that is neither a folder nor a `.json` file.
pub fn find_cases<P: AsRef<Path>>(paths: &[P]) -> Result<Vec<PathBuf>, String> {
    let mut cases = Vec::new();
    for path in paths {
        let path = path.as_ref();
        let metadata = std::fs::metadata(path).map_err(|error| format!("cannot read {}: {error}", path.display()))?;
        if metadata.is_dir() {
            search(path, &mut cases)?;
        } else if is_case(path) {
            cases.push(path.to_owned());
        } else {
            return Err(format!("{} is neither a folder nor a .json file", path.display()));
        }
    }
    cases.sort();
    cases.dedup();
    Ok(cases)
}

fn search(folder: &Path, cases: &mut Vec<PathBuf>) -> Result<(), String> {
    // A list of what is still to be searched instead of recursion, whose depth the disk would decide.
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        let cannot_read = |error| format!("cannot read {}: {error}", folder.display());
        for entry in std::fs::read_dir(&folder).map_err(cannot_read)? {
            let entry = entry.map_err(cannot_read)?;
            let path = entry.path();
            if entry.file_type().map_err(cannot_read)?.is_dir() {
                folders.push(path);
            } else if is_case(&path) {
                cases.push(path);
            }
        }
    }
    Ok(())
}

fn is_case(path: &Path) -> bool {
    path.extension().is_some_and(|extension| extension == "json")
}
