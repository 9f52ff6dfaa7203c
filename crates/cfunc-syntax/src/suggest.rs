//! Near names, for hints.

/// The candidate nearest to `name`, where one is near enough to be what was meant: by swaps, insertions, deletions
/// and replacements of characters, at most one for every three characters; the first of equals. A candidate that
/// differs only in case always counts as near.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let name: Vec<char> = name.chars().take(MOST_CHARACTERS).collect();
    let most = name.len().div_ceil(3).max(1);
    let lower = lowercase(&name);
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let characters: Vec<char> = candidate.chars().take(MOST_CHARACTERS).collect();
        if characters == name || characters.len().abs_diff(name.len()) > most {
            continue;
        }
        let distance = if lowercase(&characters) == lower { 0 } else { distance(&name, &characters) };
        // Everything replaced is nothing in common.
        let near = distance <= most && distance < name.len().max(characters.len());
        if near && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

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
    use super::closest;

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
    fn long_names_take_no_time() {
        let long = "a".repeat(1_000_000);
        assert_eq!(closest(&long, ["b"]), None);
    }
}
