//! Near names, for hints.

/// The candidate nearest to `name`, where one is near enough to be what was meant: by swaps, insertions, deletions
/// and replacements of characters, one for names of up to four characters, else at most one for every three. Of equals
/// one that begins with the same character is preferred, then the first. A candidate that differs only in case always
/// counts as near.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(MOST_CHARACTERS).collect();
    let most = (name.len() / 3).max(1);
    let lower = lowercase(&name);
    let mut best: Option<((usize, bool), &str)> = None;
    for candidate in candidates {
        let characters: Vec<char> = candidate.chars().take(MOST_CHARACTERS).collect();
        if characters == name || characters.len().abs_diff(name.len()) > most {
            continue;
        }
        let distance = if lowercase(&characters) == lower { 0 } else { distance(&name, &characters) };
        // Everything replaced is nothing in common.
        let near = distance <= most && distance < name.len().max(characters.len());
        let rank = (distance, characters.first() != name.first());
        if near && best.is_none_or(|(least, _)| rank < least) {
            best = Some((rank, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Whether `name` is a function or class that Python has without an import. One that is not registered is not
/// misspelled, so nothing near is meant.
pub fn is_python_builtin(name: &str) -> bool {
    PYTHON_BUILTINS.binary_search(&name).is_ok()
}

/// In the order of [`str`]. Exceptions, and what only an interactive session has, are left out.
const PYTHON_BUILTINS: &[&str] = &[
    "__import__",
    "abs",
    "aiter",
    "all",
    "anext",
    "any",
    "ascii",
    "bin",
    "bool",
    "breakpoint",
    "bytearray",
    "bytes",
    "callable",
    "chr",
    "classmethod",
    "compile",
    "complex",
    "delattr",
    "dict",
    "dir",
    "divmod",
    "enumerate",
    "eval",
    "exec",
    "filter",
    "float",
    "format",
    "frozenset",
    "getattr",
    "globals",
    "hasattr",
    "hash",
    "help",
    "hex",
    "id",
    "input",
    "int",
    "isinstance",
    "issubclass",
    "iter",
    "len",
    "list",
    "locals",
    "map",
    "max",
    "memoryview",
    "min",
    "next",
    "object",
    "oct",
    "open",
    "ord",
    "pow",
    "print",
    "property",
    "range",
    "repr",
    "reversed",
    "round",
    "set",
    "setattr",
    "slice",
    "sorted",
    "staticmethod",
    "str",
    "sum",
    "super",
    "tuple",
    "type",
    "vars",
    "zip",
];

/// Longer names are compared by their beginning: the work grows with the square of it.
const MOST_CHARACTERS: usize = 64;

fn lowercase(characters: &[char]) -> Vec<char> {
    characters.iter().flat_map(|character| character.to_lowercase()).collect()
}

/// Damerau-Levenshtein distance, each place edited at most once.
fn distance(left: &[char], right: &[char]) -> usize {
    let mut before_last: Vec<usize> = Vec::new();
    let mut last: Vec<usize> = (0..=right.len()).collect();
    for (row, first) in left.iter().enumerate() {
        let mut current = Vec::with_capacity(right.len() + 1);
        current.push(row + 1);
        for (column, second) in right.iter().enumerate() {
            let replaced = last[column] + usize::from(first != second);
            let mut least = replaced.min(last[column + 1] + 1).min(current[column] + 1);
            let swapped = row > 0 && column > 0 && *first == right[column - 1] && left[row - 1] == *second;
            if swapped {
                least = least.min(before_last[column - 1] + 1);
            }
            current.push(least);
        }
        before_last = std::mem::replace(&mut last, current);
    }
    last[right.len()]
}

#[cfg(test)]
mod tests {
    use super::{PYTHON_BUILTINS, closest, is_python_builtin};

    #[test]
    fn near_names() {
        let names = ["average", "total", "window", "set_output", "x"];
        for (name, expected) in [
            ("averge", Some("average")),
            ("avreage", Some("average")),
            ("Total", Some("total")),
            ("setoutput", Some("set_output")),
            ("windows", Some("window")),
            ("volume", None),
            ("y", None),
            ("", None),
            ("total", None),
        ] {
            assert_eq!(closest(name, names), expected, "{name}");
        }
    }

    #[test]
    fn short_names_are_near_by_one_character() {
        assert_eq!(closest("list", ["int"]), None);
        assert_eq!(closest("print", ["int"]), None);
        assert_eq!(closest("inp", ["int"]), Some("int"));
        assert_eq!(closest("pi", ["xi", "pa"]), Some("pa"), "the same first character is preferred");
    }

    #[test]
    fn builtins_are_found() {
        assert!(PYTHON_BUILTINS.is_sorted());
        assert!(is_python_builtin("print") && is_python_builtin("zip") && !is_python_builtin("prnt"));
    }

    #[test]
    fn long_names_take_no_time() {
        let long = "a".repeat(1_000_000);
        assert_eq!(closest(&long, ["b"]), None);
    }
}
