//! What the parser's errors say to a user.

use cfunc_models::{Diagnostic, Span, codes};
use rustpython_parser::{ParseError, ParseErrorType, Tok};

use crate::messages_lexical::lexical;
use crate::parse::offset;
use crate::scan::Scan;

/// For errors of which nothing more is known.
pub(crate) const ANY_HINT: &str = "an operator, a comma or a bracket before it may be missing or too many";

/// What is known around an error.
pub(crate) struct Context<'a> {
    pub(crate) source: &'a str,
    /// The innermost bracket open where parsing stopped.
    pub(crate) open_bracket: Option<Span>,
    pub(crate) scanned: &'a Scan,
}

impl Context<'_> {
    /// The word or sign that begins at `start`.
    pub(crate) fn word(&self, start: u32) -> Span {
        let rest = self.source.get(start as usize..).unwrap_or("");
        let is_word = |character: char| character.is_alphanumeric() || character == '_';
        let length = match rest.chars().next() {
            Some(first) if is_word(first) => rest.find(|character| !is_word(character)).unwrap_or(rest.len()),
            Some('\n' | '\r') | None => 0,
            Some(first) => first.len_utf8(),
        };
        Span::new(start, start + offset(length))
    }

    pub(crate) fn at_line_start(&self, position: u32) -> bool {
        let before = self.source.get(..position as usize).unwrap_or("");
        before.is_empty() || before.ends_with(['\n', '\r']) || before.len() == self.source.len()
    }

    /// The character that ends at `end`.
    pub(crate) fn character_before(&self, end: u32) -> Span {
        let length =
            self.source.get(..end as usize).and_then(|text| text.chars().next_back()).map_or(0, char::len_utf8);
        Span::new(end - offset(length), end)
    }

    /// The last string before `position` that does not end.
    pub(crate) fn unterminated(&self, position: u32) -> Option<Span> {
        self.scanned.unterminated.iter().rev().find(|string| string.start <= position).copied()
    }

    /// Where nothing but the end is left, the end of the text before it.
    fn end(&self, position: u32) -> Span {
        let text = self.source.get(..position as usize).unwrap_or("");
        let end = offset(text.trim_end().len());
        Span::new(end, end)
    }
}

/// The diagnostic for an error of the parser.
pub(crate) fn describe(error: &ParseError, context: &Context<'_>) -> Diagnostic {
    let start = u32::from(error.offset).min(offset(context.source.len()));
    let syntax = |span, message: String| Diagnostic::error(codes::SYNTAX, span, message);
    match &error.error {
        ParseErrorType::Eof => end_of_source(start, context),
        ParseErrorType::ExtraToken(token) => unexpected(token, None, start, context),
        ParseErrorType::InvalidToken => syntax(context.word(start), "invalid syntax".to_owned()).hint(ANY_HINT),
        ParseErrorType::UnrecognizedToken(token, expected) => unexpected(token, expected.as_deref(), start, context),
        ParseErrorType::Lexical(error) => lexical(error, start, context),
    }
}

pub(crate) fn end_of_source(start: u32, context: &Context<'_>) -> Diagnostic {
    if let Some(open) = context.open_bracket {
        return never_closed(open, context);
    }
    if let Some(string) = context.unterminated(start) {
        return string_without_end(string);
    }
    Diagnostic::error(codes::SYNTAX, context.end(start), "the source ends in the middle of a statement")
        .expected("the rest of the statement")
        .hint("finish the statement, or leave it out")
}

fn never_closed(open: Span, context: &Context<'_>) -> Diagnostic {
    let bracket = open.text(context.source);
    let closing = match bracket {
        "(" => ")",
        "[" => "]",
        _ => "}",
    };
    Diagnostic::error(codes::SYNTAX, open, format!("`{bracket}` is never closed"))
        .expected(format!("`{closing}`"))
        .hint(format!("write `{closing}` where what the bracket holds ends"))
}

pub(crate) fn block_missing_at(start: u32, context: &Context<'_>) -> Diagnostic {
    Diagnostic::error(codes::SYNTAX, context.word(start), "an indented block is missing here")
        .expected("a statement, indented deeper than the line above")
        .hint("indent the statements that belong to the line above; `pass` stands for none")
}

fn is_statement_keyword(token: &Tok) -> bool {
    matches!(
        token,
        Tok::Def
            | Tok::Class
            | Tok::Return
            | Tok::Import
            | Tok::While
            | Tok::Pass
            | Tok::Raise
            | Tok::Try
            | Tok::With
            | Tok::Assert
            | Tok::Del
            | Tok::Global
            | Tok::Nonlocal
            | Tok::Break
            | Tok::Continue
            | Tok::Elif
            | Tok::Except
            | Tok::Finally
    )
}

pub(crate) fn string_without_end(string: Span) -> Diagnostic {
    Diagnostic::error(codes::SYNTAX, string, "this string does not end")
        .expected("the same quotes that began it")
        .hint("close it on its line; a text of several lines begins and ends with three quotes")
}

fn unexpected(token: &Tok, expected: Option<&str>, start: u32, context: &Context<'_>) -> Diagnostic {
    let syntax = |span, message: String| Diagnostic::error(codes::SYNTAX, span, message);
    let block_missing = expected == Some("Indent");
    // A statement cannot stand inside brackets: the bracket is what is wrong.
    if is_statement_keyword(token)
        && let Some(open) = context.open_bracket
    {
        return never_closed(open, context);
    }
    let mut diagnostic = match token {
        _ if block_missing => {
            return block_missing_at(start, context);
        }
        Tok::Indent => {
            let span = context
                .source
                .get(start as usize..)
                .map_or(0, |rest| rest.len() - rest.trim_start_matches([' ', '\t', '\x0c']).len());
            return syntax(Span::new(start, start + offset(span)), "unexpected indentation".to_owned())
                .hint("indent the line like the one above it");
        }
        Tok::Dedent | Tok::EndOfFile => {
            syntax(context.end(start), "the block ends in the middle of a statement".to_owned())
                .hint("finish the statement, or leave it out")
        }
        Tok::Newline => {
            let end = context.end(start);
            let mut diagnostic = syntax(end, "the line ends in the middle of a statement".to_owned());
            if expected.is_none() && lacks_colon(context.source, start) {
                diagnostic = diagnostic.expected("`:`");
                diagnostic.hint("a `:` at the end of the line may be missing")
            } else {
                diagnostic.hint("finish the statement on this line, or put brackets around what goes on below")
            }
        }
        Tok::Equal => syntax(context.word(start), "`=` is not expected here".to_owned()).hint("write `==` to compare"),
        Tok::String { .. } => syntax(context.word(start), "a string is not expected here".to_owned())
            .hint("an operator or a comma before it may be missing"),
        _ => {
            let span = context.word(start);
            syntax(span, format!("`{}` is not expected here", span.text(context.source))).hint(ANY_HINT)
        }
    };
    if let Some(expected) = expected {
        let expected = match expected.trim_matches('"') {
            "\\n" => "the end of the line".to_owned(),
            "name" => "a name".to_owned(),
            other => format!("`{other}`"),
        };
        if *token != Tok::Equal {
            diagnostic = diagnostic.hint(format!("write {expected} here"));
        }
        diagnostic = diagnostic.expected(expected);
    }
    diagnostic
}

/// Whether the line that ends at `end` begins as a compound statement and does not end in a colon.
fn lacks_colon(source: &str, end: u32) -> bool {
    let text = source.get(..end as usize).unwrap_or("").trim_end();
    let line = text.rsplit(['\n', '\r']).next().unwrap_or("").trim_start();
    let word = line.split(|character: char| !character.is_ascii_alphabetic()).next().unwrap_or("");
    const COMPOUND: [&str; 13] =
        ["if", "elif", "else", "for", "while", "def", "class", "try", "except", "finally", "with", "match", "case"];
    COMPOUND.contains(&word) && !line.ends_with(':')
}
