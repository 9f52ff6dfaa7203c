//! A light scan over source text: where statements of column 0 begin, strings that do not end, numbers that are too
//! long to be worth parsing. It knows strings, comments, brackets and line joins, and nothing else.

use cfunc_models::Span;

/// What the scan found.
#[derive(Debug, Default)]
pub(crate) struct Scan {
    /// Ranges that can be parsed on their own, covering the whole text: a statement of column 0 each, with its
    /// decorators and its block.
    pub(crate) pieces: Vec<Span>,
    /// Where strings begin that do not end.
    pub(crate) unterminated: Vec<Span>,
    /// Numbers of more characters than asked for.
    pub(crate) long_numbers: Vec<Span>,
}

/// How a line of column 0 begins.
#[derive(Clone, Copy, PartialEq, Eq)]
enum LineStart {
    /// `@`: goes on with the next line.
    Decorator,
    /// `elif`, `else`, `except`, `finally`: belongs to what stands before.
    Continuation,
    /// `def`, `class`, `async`: begins a piece even inside brackets, where it cannot stand.
    Definition,
    Other,
}

/// Whether a run of digits (or letters of a hexadecimal number) longer than `limit` stands anywhere.
pub(crate) fn has_long_run(source: &str, limit: usize) -> bool {
    let mut run = 0_usize;
    source.bytes().any(|byte| {
        run = if byte.is_ascii_alphanumeric() || byte == b'_' { run + 1 } else { 0 };
        run > limit
    })
}

/// Scans `source`; numbers longer than `limit` characters are reported.
pub(crate) fn scan(source: &str, limit: usize) -> Scan {
    let mut scanner = Scanner {
        bytes: source.as_bytes(),
        position: if source.starts_with('\u{feff}') { 3 } else { 0 },
        limit,
        brackets: 0,
        joined: false,
        starts: vec![0],
        after_decorator: true,
        found: Scan::default(),
    };
    // What precedes the first statement belongs to the first piece, so the first start is dropped in favour of 0.
    while scanner.position < scanner.bytes.len() {
        scanner.line();
    }
    let mut pieces = Vec::with_capacity(scanner.starts.len());
    let ends = scanner.starts.iter().skip(1).copied().chain([scanner.bytes.len()]);
    for (start, end) in scanner.starts.iter().zip(ends) {
        pieces.push(span(*start, end));
    }
    Scan { pieces, ..scanner.found }
}

fn span(start: usize, end: usize) -> Span {
    let offset = |value| u32::try_from(value).unwrap_or(u32::MAX);
    Span::new(offset(start), offset(end))
}

struct Scanner<'a> {
    bytes: &'a [u8],
    position: usize,
    limit: usize,
    brackets: usize,
    /// The line before ended in a backslash.
    joined: bool,
    starts: Vec<usize>,
    after_decorator: bool,
    found: Scan,
}

impl Scanner<'_> {
    fn peek(&self, ahead: usize) -> Option<u8> {
        self.bytes.get(self.position + ahead).copied()
    }

    /// Reads one physical line, and those that a string on it spans.
    fn line(&mut self) {
        let start = self.position;
        while matches!(self.peek(0), Some(b' ' | b'\t' | b'\x0c')) {
            self.position += 1;
        }
        let blank = matches!(self.peek(0), None | Some(b'#' | b'\n' | b'\r'));
        // A byte order mark is not indentation.
        let first_column = self.position == start;
        if first_column && !blank && !self.joined {
            self.column_zero(start);
        }
        self.joined = false;
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\n' | b'\r' => {
                    self.newline();
                    return;
                }
                b'#' => {
                    while !matches!(self.peek(0), None | Some(b'\n' | b'\r')) {
                        self.position += 1;
                    }
                }
                b'\\' => {
                    self.position += 1;
                    if matches!(self.peek(0), Some(b'\n' | b'\r')) {
                        self.newline();
                        self.joined = true;
                        return;
                    }
                }
                b'"' | b'\'' => self.string(byte),
                b'(' | b'[' | b'{' => {
                    self.brackets += 1;
                    self.position += 1;
                }
                b')' | b']' | b'}' => {
                    self.brackets = self.brackets.saturating_sub(1);
                    self.position += 1;
                }
                b'0'..=b'9' => self.word(true),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.. => self.word(false),
                _ => self.position += 1,
            }
        }
    }

    fn newline(&mut self) {
        let carriage = self.peek(0) == Some(b'\r');
        self.position += 1;
        if carriage && self.peek(0) == Some(b'\n') {
            self.position += 1;
        }
    }

    fn word(&mut self, number: bool) {
        let start = self.position;
        while matches!(self.peek(0), Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' | 0x80..)) {
            self.position += 1;
        }
        if number && self.position - start > self.limit {
            self.found.long_numbers.push(span(start, self.position));
        }
    }

    fn string(&mut self, quote: u8) {
        let start = self.position;
        let triple = self.peek(1) == Some(quote) && self.peek(2) == Some(quote);
        self.position += if triple { 3 } else { 1 };
        while let Some(byte) = self.peek(0) {
            match byte {
                b'\\' => {
                    self.position += 1;
                    if matches!(self.peek(0), Some(b'\n' | b'\r')) {
                        self.newline();
                    } else if self.peek(0).is_some() {
                        self.position += 1;
                    }
                }
                b'\n' | b'\r' if !triple => {
                    self.found.unterminated.push(span(start, self.position));
                    return;
                }
                _ if byte == quote && !triple => {
                    self.position += 1;
                    return;
                }
                _ if byte == quote && self.peek(1) == Some(quote) && self.peek(2) == Some(quote) => {
                    self.position += 3;
                    return;
                }
                _ => self.position += 1,
            }
        }
        self.found.unterminated.push(span(start, start + if triple { 3 } else { 1 }));
    }

    /// A line that begins at column 0.
    fn column_zero(&mut self, start: usize) {
        let kind = line_start(&self.bytes[start..]);
        if self.brackets > 0 {
            if kind != LineStart::Definition {
                return;
            }
            self.brackets = 0;
        }
        if kind != LineStart::Continuation && !self.after_decorator {
            self.starts.push(start);
        }
        self.after_decorator = kind == LineStart::Decorator;
    }
}

fn line_start(bytes: &[u8]) -> LineStart {
    let end = bytes.iter().position(|byte| !byte.is_ascii_alphabetic()).unwrap_or(bytes.len());
    match &bytes[..end] {
        b"" if bytes.first() == Some(&b'@') => LineStart::Decorator,
        b"elif" | b"else" | b"except" | b"finally" => LineStart::Continuation,
        b"def" | b"class" | b"async" if bytes.get(end) == Some(&b' ') => LineStart::Definition,
        _ => LineStart::Other,
    }
}
