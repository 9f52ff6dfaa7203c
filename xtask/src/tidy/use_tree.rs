//! The paths that `use` declarations bring in, written out in full.

use super::rust_text::Line;

/// A path of a `use` declaration: `use a::{b, c::*};` has two, `a::b` and `a::c::*`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct UsedPath {
    /// The line on which the declaration begins, 1-based.
    pub(super) line: usize,
    /// The path, without blanks and without `as`.
    pub(super) path: String,
}

/// All paths of all `use` declarations.
pub(super) fn used_paths(lines: &[Line]) -> Vec<UsedPath> {
    let mut paths = Vec::new();
    let mut index = 0;
    while index < lines.len() {
        let Some(begin) = declaration(&lines[index].code) else {
            index += 1;
            continue;
        };
        let line = index + 1;
        let mut text = begin.to_owned();
        while !text.contains(';') && index + 1 < lines.len() {
            index += 1;
            text.push(' ');
            text.push_str(&lines[index].code);
        }
        index += 1;
        let tree = text.split(';').next().unwrap_or_default();
        expand("", tree, &mut |path| paths.push(UsedPath { line, path }));
    }
    paths
}

/// What follows `use` on a line that begins a declaration.
fn declaration(code: &str) -> Option<&str> {
    let mut code = code.trim_start();
    if let Some(rest) = code.strip_prefix("pub") {
        code = rest.trim_start();
        if let Some(rest) = code.strip_prefix('(') {
            code = rest.split_once(')')?.1.trim_start();
        }
    }
    code.strip_prefix("use ")
}

/// Writes the paths of a tree out; the trees of real code nest a few levels.
fn expand(prefix: &str, tree: &str, emit: &mut impl FnMut(String)) {
    let tree = tree.trim();
    let Some(open) = tree.find('{') else {
        let path = tree.split(" as ").next().unwrap_or_default();
        let path: String = path.chars().filter(|character| !character.is_whitespace()).collect();
        if !path.is_empty() {
            emit(format!("{prefix}{}", path.trim_start_matches("::")));
        }
        return;
    };
    let group = tree[open + 1..].trim_end();
    let inner = group.strip_suffix('}').unwrap_or(group);
    let head: String = tree[..open].chars().filter(|character| !character.is_whitespace()).collect();
    let prefix = format!("{prefix}{}", head.trim_start_matches("::"));
    for part in split_top_level(inner) {
        expand(&prefix, part, emit);
    }
}

/// Splits at the commas outside of braces.
fn split_top_level(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut begin) = (0usize, 0);
    for (at, character) in text.char_indices() {
        match character {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&text[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[begin..]);
    parts
}

#[cfg(test)]
mod tests {
    use super::used_paths;
    use crate::tidy::rust_text::split;

    fn paths(text: &str) -> Vec<(usize, String)> {
        used_paths(&split(text)).into_iter().map(|used| (used.line, used.path)).collect()
    }

    #[test]
    fn trees_are_written_out() {
        let found = paths("use a::{b, c::{d as e, f::*},\n    self};\npub(crate) use g::h;\nlet user = 1;\n");
        let expected = ["a::b", "a::c::d", "a::c::f::*", "a::self"];
        assert_eq!(found[..4].iter().map(|(_, path)| path.as_str()).collect::<Vec<_>>(), expected);
        assert!(found[..4].iter().all(|(line, _)| *line == 1));
        assert_eq!(found[4..], [(3, "g::h".to_owned())]);
    }

    #[test]
    fn declarations_that_never_end_are_read_to_the_end() {
        assert_eq!(paths("use a::{b,\n c").len(), 2);
    }
}
