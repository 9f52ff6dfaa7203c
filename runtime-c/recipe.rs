//! Parser of recipe.txt, shared by the build script of cfunc-runtime and by `cargo xtask build-runtime`.

use std::path::{Path, PathBuf};

/// What recipe.txt says; paths are absolute or relative as the folder given to [`Recipe::read`] is.
pub(crate) struct Recipe {
    /// Files of the library.
    pub(crate) sources: Vec<PathBuf>,
    /// Those of them whose functions code that calls them may hold in the place of calls.
    pub(crate) inlined: Vec<PathBuf>,
    /// Headers that only the sources see.
    pub(crate) private_headers: Vec<PathBuf>,
    /// Headers that hosts include.
    pub(crate) public_headers: Vec<PathBuf>,
    /// Folders of headers.
    pub(crate) include_folders: Vec<PathBuf>,
    /// Flags of every build, those about warnings included.
    pub(crate) flags: Vec<String>,
    /// Further flags of builds that accept no warning.
    pub(crate) strict_flags: Vec<String>,
    /// Libraries that the runtime stands on.
    pub(crate) libraries: Vec<String>,
    /// Files of the C tests.
    pub(crate) tests: Vec<PathBuf>,
}

impl Recipe {
    /// Reads recipe.txt in the folder of the C runtime; the error is a sentence for the developer.
    pub(crate) fn read(folder: &Path) -> Result<Self, String> {
        let path = folder.join("recipe.txt");
        let text = std::fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
        let mut recipe = Self {
            sources: Vec::new(),
            inlined: Vec::new(),
            private_headers: Vec::new(),
            public_headers: Vec::new(),
            include_folders: Vec::new(),
            flags: Vec::new(),
            strict_flags: Vec::new(),
            libraries: Vec::new(),
            tests: Vec::new(),
        };
        for (index, line) in text.lines().enumerate() {
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let wrong = || format!("{}:{}: not understood: {line}", path.display(), index + 1);
            let (keyword, value) = line.split_once(' ').ok_or_else(wrong)?;
            let value = value.trim();
            match keyword {
                "source" => recipe.sources.push(folder.join(value)),
                "inlined" => recipe.inlined.push(folder.join(value)),
                "private" => recipe.private_headers.push(folder.join(value)),
                "public" => recipe.public_headers.push(folder.join(value)),
                "include" => recipe.include_folders.push(folder.join(value)),
                "flag" | "warning" => recipe.flags.push(value.to_owned()),
                "strict" => recipe.strict_flags.push(value.to_owned()),
                "library" => recipe.libraries.push(value.to_owned()),
                "test" => recipe.tests.push(folder.join(value)),
                _ => return Err(wrong()),
            }
        }
        Ok(recipe)
    }
}
