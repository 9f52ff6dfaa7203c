//! docs/diagnostics.md: the pages of all codes, as `cfunc explain` prints them one by one.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

/// Where the pages are, a file a code.
pub(crate) const PAGES: &str = "crates/cfunc-models/pages";

/// The document made of them.
pub(crate) const DOCUMENT: &str = "docs/diagnostics.md";

const INTRODUCTION: &str = "\
# Diagnostics

What the compiler says of sources, by code: E for errors, W for warnings. `cfunc explain E0101` prints one of these pages.
`cargo xtask bless` makes this document of the pages in `crates/cfunc-models/pages`.

Codes are stable: a code is never used for something else. E00xx are limits and syntax, E01xx names, E02xx annotations and
states, E03xx types and operations, E04xx constructs and constants, E05xx outputs, E06xx bound values, E09xx extensions;
W00xx are conversions that lose something, W01xx is what has no use. Extensions have codes of their own, with other
prefixes.

";

/// Writes the document anew.
///
/// # Errors
///
/// A page cannot be read, or the document not be written.
pub(crate) fn write(root: &Path) -> Result<()> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(root.join(PAGES)).context(PAGES)? {
        let path = entry.context(PAGES)?.path();
        pages.push(fs::read_to_string(&path).with_context(|| path.display().to_string())?);
    }
    fs::write(root.join(DOCUMENT), document(pages)).context(DOCUMENT)
}

/// The document of some pages, in any order.
pub(crate) fn document(mut pages: Vec<String>) -> String {
    pages.sort();
    let mut text = INTRODUCTION.to_owned();
    text.push_str("| code | title |\n| --- | --- |\n");
    for page in &pages {
        let heading = page.lines().next().unwrap_or_default().trim_start_matches("# ");
        let (code, title) = heading.split_once(": ").unwrap_or((heading, ""));
        let anchor: String = heading
            .to_lowercase()
            .chars()
            .filter(|character| character.is_alphanumeric() || matches!(character, ' ' | '-' | '_'))
            .map(|character| if character == ' ' { '-' } else { character })
            .collect();
        text.push_str(&format!("| [{code}](#{anchor}) | {title} |\n"));
    }
    for page in &pages {
        // The document's own title is the only heading of the first level.
        text.push_str("\n#");
        text.push_str(page);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::{INTRODUCTION, document};

    #[test]
    fn pages_are_sorted_and_listed() {
        let pages = ["# W0001: float truncated\n\nb\n", "# E0101: unknown name\n\na\n"];
        let text = document(pages.map(str::to_owned).to_vec());
        let expected = "| code | title |\n| --- | --- |\n| [E0101](#e0101-unknown-name) | unknown name |\n\
                        | [W0001](#w0001-float-truncated) | float truncated |\n\n## E0101: unknown name\n\na\n\n\
                        ## W0001: float truncated\n\nb\n";
        assert_eq!(text.strip_prefix(INTRODUCTION), Some(expected));
    }
}
