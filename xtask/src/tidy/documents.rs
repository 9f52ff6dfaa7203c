//! Checks on all text files, and on the links of the documents.

use std::collections::HashMap;

use super::Violation;
use super::workspace::{File, Workspace};
use crate::diagnostics_page;

/// Line ends are LF, and the last line has one.
pub(super) fn line_ends(file: &File) -> Vec<Violation> {
    let mut violations = Vec::new();
    if let Some(index) = file.text.lines().position(|line| line.ends_with('\r')) {
        violations.push(Violation::new(&file.path, index + 1, "line ends with CR LF: results differ between machines"));
    } else if let Some(at) = file.text.find('\r') {
        let line = file.text[..at].matches('\n').count() + 1;
        violations.push(Violation::new(&file.path, line, "a carriage return"));
    }
    if !file.text.is_empty() && !file.text.ends_with('\n') {
        violations.push(Violation::new(&file.path, 0, "the last line has no end"));
    }
    violations
}

/// No path of a developer's machine: nobody else has it.
pub(super) fn machine_paths(file: &File) -> Vec<Violation> {
    // Written in parts, or this file would be the first to be found.
    let marks = [concat!("/wo", "rk/"), concat!("../sha", "red"), concat!("/ho", "me/"), concat!("/ro", "ot/")];
    let mut violations = Vec::new();
    for (index, line) in file.text.lines().enumerate() {
        for mark in marks {
            let found = line.match_indices(mark).any(|(at, _)| {
                // Part of a longer path or an address, such as a folder of that name, is no machine's.
                let before = line[..at].chars().next_back();
                !before
                    .is_some_and(|character| character.is_alphanumeric() || matches!(character, '_' | '-' | '.' | '}'))
            });
            if found {
                violations.push(Violation::new(&file.path, index + 1, format!("{mark} is a path of one machine")));
            }
        }
    }
    violations
}

/// docs/diagnostics.md is what its pages make.
pub(super) fn diagnostics(workspace: &Workspace) -> Vec<Violation> {
    let is_page = |file: &&File| file.path.starts_with(diagnostics_page::PAGES);
    let pages: Vec<String> = workspace.files.iter().filter(is_page).map(|file| file.text.clone()).collect();
    if pages.is_empty() || workspace.text(diagnostics_page::DOCUMENT) == Some(&diagnostics_page::document(pages)) {
        return Vec::new();
    }
    let message = format!("is not what the pages in {} make: `cargo xtask bless` writes it", diagnostics_page::PAGES);
    vec![Violation::new(diagnostics_page::DOCUMENT, 0, message)]
}

/// Links of a document lead to files and headings that exist.
pub(super) fn links(file: &File, workspace: &Workspace) -> Vec<Violation> {
    let mut violations = Vec::new();
    for (line, target) in link_targets(&file.text) {
        if target.contains("://") || target.starts_with("mailto:") {
            continue;
        }
        let (path, anchor) = target.split_once('#').unwrap_or((&target, ""));
        let path = if path.is_empty() { file.path.clone() } else { resolve(&file.path, path) };
        if !workspace.exists(&path) {
            violations.push(Violation::new(&file.path, line, format!("link to {target}: there is no {path}")));
        } else if !anchor.is_empty() && path.ends_with(".md") {
            let text = workspace.text(&path).unwrap_or_default();
            if !heading_anchors(text).iter().any(|known| known == anchor) {
                violations.push(Violation::new(&file.path, line, format!("link to {target}: no heading #{anchor}")));
            }
        }
    }
    violations
}

/// Targets of `[text](target)` outside of code, with their lines.
fn link_targets(text: &str) -> Vec<(usize, String)> {
    let mut targets = Vec::new();
    for (index, line) in prose_lines(text) {
        let line = without_code_spans(line);
        for (at, _) in line.match_indices("](") {
            let rest = &line[at + 2..];
            if let Some(end) = rest.find(')') {
                let target = rest[..end].split_whitespace().next().unwrap_or_default();
                targets.push((index + 1, target.to_owned()));
            }
        }
    }
    targets
}

/// Lines outside of fenced code blocks, with their indices.
fn prose_lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let mut fenced = false;
    text.lines().enumerate().filter(move |(_, line)| {
        let is_fence = line.trim_start().starts_with("```");
        fenced ^= is_fence;
        !fenced && !is_fence
    })
}

/// The line with the contents of `code` left out.
fn without_code_spans(line: &str) -> String {
    line.split('`').enumerate().map(|(index, part)| if index % 2 == 0 { part } else { "``" }).collect()
}

/// A path relative to the file that holds it, as a path from the root.
fn resolve(from: &str, path: &str) -> String {
    let mut parts: Vec<&str> = from.split('/').collect();
    parts.pop();
    for part in path.trim_end_matches('/').split('/') {
        match part {
            "." | "" => {}
            // Above the root stays visible, and is found nowhere.
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            _ => parts.push(part),
        }
    }
    parts.join("/")
}

/// The anchors of a document's headings, numbered where they repeat.
fn heading_anchors(text: &str) -> Vec<String> {
    let mut seen: HashMap<String, usize> = HashMap::new();
    prose_lines(text)
        .filter(|(_, line)| line.starts_with('#'))
        .map(|(_, line)| {
            let anchor: String = line
                .trim_start_matches('#')
                .trim()
                .to_lowercase()
                .chars()
                .filter_map(|character| match character {
                    ' ' => Some('-'),
                    '-' | '_' => Some(character),
                    _ => character.is_alphanumeric().then_some(character),
                })
                .collect();
            let count = seen.entry(anchor.clone()).or_insert(0);
            *count += 1;
            if *count == 1 { anchor } else { format!("{anchor}-{}", *count - 1) }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{heading_anchors, line_ends, links, machine_paths, resolve};
    use crate::tidy::workspace::{File, Workspace};

    #[test]
    fn other_line_ends_are_found() {
        assert_eq!(line_ends(&File::new("a", "one\ntwo\n")), []);
        assert_eq!(line_ends(&File::new("a", "one\ntwo\r\n"))[0].line, 2);
        assert_eq!(line_ends(&File::new("a", "one\rtwo\n")).len(), 1);
        assert_eq!(line_ends(&File::new("a", "one")).len(), 1);
        assert_eq!(line_ends(&File::new("a", "")), []);
    }

    #[test]
    fn paths_of_a_machine_are_found() {
        let planted = format!("fine\nsee {}x and {}\n", concat!("/wo", "rk/"), concat!("../sha", "red"));
        assert_eq!(machine_paths(&File::new("a", planted)).len(), 2);
        let longer = format!("the folder net{}a\n", concat!("/wo", "rk/"));
        assert_eq!(machine_paths(&File::new("a", longer)), []);
    }

    fn workspace() -> Workspace {
        let files = vec![File::new("docs/a.md", "# One two\n"), File::new("README.md", "# Read\n")];
        let entries = ["docs", "docs/a.md", "README.md", "LICENSE"].map(str::to_owned).to_vec();
        Workspace { members: Vec::new(), packages: Vec::new(), files, entries }
    }

    #[test]
    fn links_that_lead_somewhere_pass() {
        let text = "[a](docs/a.md) [b](docs/a.md#one-two) [c](LICENSE) [d](https://x.y) [e](#here) `[f](no)`\n# Here\n\
            ```\n[g](no)\n```\n";
        assert_eq!(links(&File::new("new.md", text), &workspace()).len(), 1, "new.md itself is not of the workspace");
        assert_eq!(links(&File::new("docs/a.md", "[r](../README.md#read) [o](#one-two)\n"), &workspace()), []);
    }

    #[test]
    fn links_that_lead_nowhere_are_found() {
        let found = links(&File::new("README.md", "\n[a](gone.md) [b](docs/a.md#three) [c](../x)\n"), &workspace());
        assert_eq!(found.iter().map(|violation| violation.line).collect::<Vec<_>>(), [2, 2, 2]);
    }

    #[test]
    fn anchors_are_made_as_forges_make_them() {
        let text = "# A `b`, c: d\n## Same\n```\n# code\n```\n## Same\n";
        assert_eq!(heading_anchors(text), ["a-b-c-d", "same", "same-1"]);
        assert_eq!(resolve("docs/a.md", "../x/./y.md"), "x/y.md");
        assert_eq!(resolve("a.md", "../y.md"), "../y.md");
    }
}
