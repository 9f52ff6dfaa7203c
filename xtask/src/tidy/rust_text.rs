//! Rust and C text, split into code and comments, line by line.
//!
//! Checks look for words in code or in comments; what stands in a string literal is neither.

/// One line of a source file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Line {
    /// The code; the contents of literals are left out.
    pub(super) code: String,
    /// The comments, with their markers.
    pub(super) comment: String,
}

/// The lines of a text, in order; lifetimes and character literals are told apart as in Rust.
pub(super) fn split(text: &str) -> Vec<Line> {
    let mut splitter = Splitter { rest: text, lines: vec![Line::default()] };
    splitter.run();
    splitter.lines
}

/// Number of the first line (1-based) that begins the unit tests at the end of a file; one past the end without any.
pub(super) fn first_test_line(lines: &[Line]) -> usize {
    let is_test_module = |index: usize| {
        lines[index].code.trim() == "#[cfg(test)]"
            && lines[index + 1..]
                .iter()
                .map(|line| line.code.trim())
                .find(|code| !code.is_empty() && !code.starts_with("#["))
                .is_some_and(|code| code.starts_with("mod ") && code.ends_with('{'))
    };
    (0..lines.len()).find(|index| is_test_module(*index)).map_or(lines.len() + 1, |index| index + 1)
}

struct Splitter<'a> {
    rest: &'a str,
    lines: Vec<Line>,
}

impl Splitter<'_> {
    fn run(&mut self) {
        while let Some(character) = self.rest.chars().next() {
            if self.rest.starts_with("//") {
                let end = self.rest.find('\n').unwrap_or(self.rest.len());
                self.comment(end);
            } else if self.rest.starts_with("/*") {
                let end = block_comment_length(self.rest);
                self.comment(end);
            } else if let Some(length) = raw_string_length(self.rest) {
                self.literal(length);
            } else if character == '"' {
                self.literal(quoted_length(self.rest, '"'));
            } else if character == '\'' && is_character_literal(self.rest) {
                self.literal(quoted_length(self.rest, '\''));
            } else if character.is_alphanumeric() || character == '_' {
                // A word in one go, so that the `r` at its end begins no raw string.
                let end = self.rest.find(|c: char| !c.is_alphanumeric() && c != '_').unwrap_or(self.rest.len());
                let (word, rest) = self.rest.split_at(end);
                self.last().code.push_str(word);
                self.rest = rest;
            } else {
                self.advance_code(character);
            }
        }
    }

    fn last(&mut self) -> &mut Line {
        if self.lines.is_empty() {
            self.lines.push(Line::default());
        }
        let index = self.lines.len() - 1;
        &mut self.lines[index]
    }

    fn advance_code(&mut self, character: char) {
        if character == '\n' {
            self.lines.push(Line::default());
        } else {
            self.last().code.push(character);
        }
        self.rest = &self.rest[character.len_utf8()..];
    }

    fn comment(&mut self, length: usize) {
        let (comment, rest) = self.rest.split_at(length);
        for (index, part) in comment.split('\n').enumerate() {
            if index > 0 {
                self.lines.push(Line::default());
            }
            self.last().comment.push_str(part);
        }
        self.rest = rest;
    }

    /// A literal leaves a pair of quotes behind, and its line ends.
    fn literal(&mut self, length: usize) {
        let (literal, rest) = self.rest.split_at(length);
        self.last().code.push_str("\"\"");
        for _ in literal.matches('\n') {
            self.lines.push(Line::default());
        }
        self.rest = rest;
    }
}

/// Rust's block comments nest.
fn block_comment_length(text: &str) -> usize {
    let mut depth = 0usize;
    let mut at = 0;
    while at < text.len() {
        let rest = &text[at..];
        if rest.starts_with("/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with("*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    text.len()
}

/// The length of a raw string at the start of the text: `r"…"`, `br#"…"#`.
fn raw_string_length(text: &str) -> Option<usize> {
    let prefix = ["br", "cr", "r"].into_iter().find(|prefix| text.starts_with(prefix))?;
    let after = &text[prefix.len()..];
    let hashes = after.len() - after.trim_start_matches('#').len();
    if !after[hashes..].starts_with('"') {
        return None;
    }
    let open = prefix.len() + hashes + 1;
    let close = format!("\"{}", "#".repeat(hashes));
    Some(text[open..].find(&close).map_or(text.len(), |at| open + at + close.len()))
}

/// The length of a literal with escapes, its quotes included.
fn quoted_length(text: &str, quote: char) -> usize {
    let mut characters = text.char_indices().skip(1);
    while let Some((at, character)) = characters.next() {
        if character == '\\' {
            characters.next();
        } else if character == quote {
            return at + 1;
        }
    }
    text.len()
}

/// Whether a single quote begins a character literal and no lifetime: `'a'`, `'\n'`, but not `'a>`.
fn is_character_literal(text: &str) -> bool {
    let mut characters = text.chars().skip(1);
    match characters.next() {
        Some('\\') => true,
        Some(_) => characters.next() == Some('\''),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::{first_test_line, split};

    fn code(text: &str) -> Vec<String> {
        split(text).into_iter().map(|line| line.code).collect()
    }

    fn comments(text: &str) -> Vec<String> {
        split(text).into_iter().map(|line| line.comment).collect()
    }

    #[test]
    fn comments_and_code_are_apart() {
        let text = "let a = 1; // one\n/* two\nthree */ let b = 2;\n";
        assert_eq!(code(text), ["let a = 1; ", "", " let b = 2;", ""]);
        assert_eq!(comments(text), ["// one", "/* two", "three */", ""]);
    }

    #[test]
    fn block_comments_nest() {
        assert_eq!(code("/* a /* b */ c */ d"), [" d"]);
        assert_eq!(code("/* open"), [""]);
    }

    #[test]
    fn literals_are_left_out() {
        assert_eq!(code(r#"f("unsafe // \" x", 'u', b"y")"#), [r#"f("", "", b"")"#]);
        assert_eq!(code("r#\"a \" b\"# + r\"c\" + br##\"d\"##"), ["\"\" + \"\" + \"\""]);
        assert_eq!(code("\"a\nb\" c"), ["\"\"", " c"]);
        assert_eq!(code("\"open"), ["\"\""]);
    }

    #[test]
    fn lifetimes_are_no_literals() {
        assert_eq!(code("fn f<'a>(x: &'a str) { '\\'' }"), ["fn f<'a>(x: &'a str) { \"\" }"]);
        assert_eq!(code("'static 'x'"), ["'static \"\""]);
    }

    #[test]
    fn words_that_end_in_r_begin_no_raw_string() {
        assert_eq!(code("for r in error\"x\""), ["for r in error\"\""]);
    }

    #[test]
    fn unit_tests_end_a_file() {
        let lines = split("fn f() {}\n#[cfg(test)]\nimpl F {}\n\n#[cfg(test)]\nmod tests {\n}\n");
        assert_eq!(first_test_line(&lines), 5);
        let lines = split("fn f() {}\n#[cfg(test)]\nmod tests;\n");
        assert_eq!(first_test_line(&lines), 5, "a module in a file of its own begins no tests here");
    }
}
