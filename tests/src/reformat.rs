//! Other ways to write the same source.

/// A way to write a source that changes nothing of what it means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reformatting {
    /// A comment behind every statement that has none, and lines of comments and nothing between statements.
    Comments,
    /// Two blanks for one between words, and blanks within brackets.
    Blanks,
    /// Every level indented twice as far.
    Indentation,
    /// Lines that end as on Windows.
    LineEnds,
    /// Parentheses around what is returned, assigned, tested and gone over, on lines of their own.
    Parentheses,
    /// Texts in the other kind of quotes.
    Quotes,
}

impl Reformatting {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Comments, Self::Blanks, Self::Indentation, Self::LineEnds, Self::Parentheses, Self::Quotes];

    /// The text written so. Texts of several lines are kept as they are.
    pub fn apply(self, text: &str) -> String {
        match self {
            Self::LineEnds => text.replace('\n', "\r\n"),
            Self::Comments => by_line(text, |line| {
                let last = line.pieces.last();
                let tail = if matches!(last, Some(Piece::Comment(_))) { "" } else { "  # as it was" };
                format!("{}{}{tail}\n\n        # of the line above\n", line.indentation, line.joined())
            }),
            Self::Indentation => by_line(text, |line| format!("{0}{0}{1}\n", line.indentation, line.joined())),
            Self::Blanks => by_line(text, |line| {
                let pieces = line.pieces.iter().map(|piece| match piece {
                    Piece::Code(code) => {
                        let code = code.replace(' ', "  ").replace(',', " , ");
                        code.replace('(', "( ").replace(')', " )").replace('[', "[ ").replace(']', " ]")
                    }
                    Piece::Text(text) | Piece::Comment(text) => (*text).to_owned(),
                });
                format!("{}{}\n", line.indentation, pieces.collect::<String>())
            }),
            Self::Quotes => by_line(text, |line| {
                let pieces = line.pieces.iter().map(|piece| match piece {
                    Piece::Text(text) => other_quotes(text),
                    Piece::Code(text) | Piece::Comment(text) => (*text).to_owned(),
                });
                format!("{}{}\n", line.indentation, pieces.collect::<String>())
            }),
            Self::Parentheses => by_line(text, |line| format!("{}{}\n", line.indentation, parenthesized(line))),
        }
    }
}

/// A part of a logical line.
#[derive(Clone, Copy, Debug)]
enum Piece<'a> {
    /// Signs and words.
    Code(&'a str),
    /// A text with its quotes.
    Text(&'a str),
    /// A comment, with its sign.
    Comment(&'a str),
}

/// A statement's head, or a simple statement, with what follows on the line.
struct Line<'a> {
    indentation: &'a str,
    pieces: Vec<Piece<'a>>,
}

impl Line<'_> {
    fn joined(&self) -> String {
        let pieces = self.pieces.iter().map(|piece| match piece {
            Piece::Code(text) | Piece::Text(text) | Piece::Comment(text) => *text,
        });
        pieces.collect()
    }
}

/// Rewrites each logical line; empty ones are dropped.
fn by_line(text: &str, rewrite: impl Fn(&Line<'_>) -> String) -> String {
    let mut written = String::new();
    let mut rest = text;
    while !rest.is_empty() {
        let end = logical_end(rest);
        let (line, behind) = rest.split_at(end);
        rest = behind;
        let line = line.trim_end_matches('\n');
        let code = line.trim_start_matches(' ');
        if !code.trim().is_empty() {
            let indentation = &line[..line.len() - code.len()];
            written.push_str(&rewrite(&Line { indentation, pieces: pieces(code) }));
        }
    }
    written
}

/// Where the logical line at the front of a text ends, its line end included.
fn logical_end(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut end = 0;
    while let Some(next) = text[end..].chars().next() {
        let piece = &text[end..];
        match next {
            '"' | '\'' => end += text_length(piece),
            '#' => end += piece.find('\n').unwrap_or(piece.len()),
            '\\' => end += (1 + piece[1..].chars().next().map_or(0, char::len_utf8)).min(piece.len()),
            '\n' if depth == 0 => return end + 1,
            _ => {
                depth = match next {
                    '(' | '[' | '{' => depth + 1,
                    ')' | ']' | '}' => depth.saturating_sub(1),
                    _ => depth,
                };
                end += next.len_utf8();
            }
        }
    }
    end
}

/// The length of the text literal at the front, from quote to quote.
fn text_length(text: &str) -> usize {
    let quote = if text.len() >= 3 && text[1..].starts_with(&text[..1].repeat(2)) { &text[..3] } else { &text[..1] };
    let mut end = quote.len();
    while !text[end..].is_empty() && !text[end..].starts_with(quote) {
        let character = |at: usize| text[at..].chars().next().map_or(0, char::len_utf8);
        end += if text[end..].starts_with('\\') { 1 + character(end + 1) } else { character(end) };
    }
    (end + quote.len()).min(text.len())
}

/// The pieces of a logical line.
fn pieces(line: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = line;
    while !rest.is_empty() {
        let code = rest.find(['"', '\'', '#']).unwrap_or(rest.len());
        if code > 0 {
            pieces.push(Piece::Code(&rest[..code]));
        }
        rest = &rest[code..];
        let length = match rest.chars().next() {
            Some('#') => rest.find('\n').unwrap_or(rest.len()),
            Some(_) => text_length(rest),
            None => break,
        };
        let piece = &rest[..length];
        pieces.push(if piece.starts_with('#') { Piece::Comment(piece) } else { Piece::Text(piece) });
        rest = &rest[length..];
    }
    pieces
}

/// A text literal in the other kind of quotes, where its contents need no change for that.
fn other_quotes(literal: &str) -> String {
    let other = if literal.starts_with('"') { "'" } else { "\"" };
    let quotes = if literal.len() >= 6 && literal[1..].starts_with(&literal[..1].repeat(2)) { 3 } else { 1 };
    let contents = &literal[quotes..literal.len() - quotes];
    if contents.contains(['"', '\'', '\\']) {
        return literal.to_owned();
    }
    format!("{0}{contents}{0}", other.repeat(quotes))
}

/// A line with parentheses around the expression that ends it.
fn parenthesized(line: &Line<'_>) -> String {
    let text = line.joined();
    let has_comment = line.pieces.iter().any(|piece| matches!(piece, Piece::Comment(_)));
    let has_colon = text.ends_with(':');
    let wrap = |head: &str, expression: &str, tail: &str| format!("{head}(\n  {expression}  # here\n\n){tail}");
    if has_comment || text.contains('\n') || text.contains('*') || text.contains("yield") {
        return text;
    }
    for head in ["return ", "assert "] {
        if let Some(expression) = text.strip_prefix(head)
            && (head == "return " || !expression.contains(','))
        {
            return wrap(head, expression, "");
        }
    }
    if has_colon {
        let body = &text[..text.len() - 1];
        for head in ["if ", "elif ", "while "] {
            if let Some(expression) = body.strip_prefix(head) {
                return wrap(head, expression, ":");
            }
        }
        if let Some((head, expression)) = body.split_once(" in ").filter(|(head, _)| head.starts_with("for ")) {
            return wrap(&format!("{head} in "), expression, ":");
        }
        return text;
    }
    // The last `=` outside of brackets ends the targets.
    let mut depth = 0_usize;
    let mut place = None;
    let mut start = 0;
    for piece in &line.pieces {
        let (Piece::Code(code) | Piece::Text(code) | Piece::Comment(code)) = piece;
        if let Piece::Code(code) = piece {
            for (at, sign) in code.char_indices() {
                match sign {
                    '(' | '[' | '{' => depth += 1,
                    ')' | ']' | '}' => depth = depth.saturating_sub(1),
                    '=' if depth == 0 && code[at..].starts_with("= ") && code[..at].ends_with([' ', '+', '-']) => {
                        place = Some(start + at + 2);
                    }
                    _ => {}
                }
            }
        }
        start += code.len();
    }
    let keyword = |word: &str| text.starts_with(word);
    match place {
        Some(place) if !["def ", "class ", "@", "if ", "for ", "while ", "case "].into_iter().any(keyword) => {
            wrap(&text[..place], &text[place..], "")
        }
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::Reformatting;

    #[track_caller]
    fn check(way: Reformatting, text: &str, expected: &str) {
        assert_eq!(way.apply(text), expected);
    }

    #[test]
    fn each_way_changes_what_it_says() {
        check(Reformatting::Quotes, "x = 'a' + \"b'\"  # 'c'\n", "x = \"a\" + \"b'\"  # 'c'\n");
        check(Reformatting::Quotes, "\"\"\"a\n# b\"\"\"\n", "'''a\n# b'''\n");
        check(Reformatting::Blanks, "if x:\n  y = f(a,'b c')\n", "if  x:\n  y  =  f( a , 'b c' )\n");
        check(Reformatting::Indentation, "if x:\n  f(a,\n b)\n", "if x:\n    f(a,\n b)\n");
        check(Reformatting::Parentheses, "x = y = 1 + (z := 2)\n", "x = y = (\n  1 + (z := 2)  # here\n\n)\n");
        check(Reformatting::Parentheses, "for i in range(3):\n", "for i in (\n  range(3)  # here\n\n):\n");
        check(Reformatting::Comments, "x = '#'\n", "x = '#'  # as it was\n\n        # of the line above\n");
        check(Reformatting::LineEnds, "x\ny\n", "x\r\ny\r\n");
    }
}
