//! Diagnostics for editors: one JSON object a line.

use cfunc_compiler::{Diagnostic, LineIndex, Severity, Source, Span};
use serde::Serialize;

/// One diagnostic. The fields are described in docs/command.md, and none of them is ever renamed.
#[derive(Serialize)]
struct Entry<'a> {
    severity: &'static str,
    code: &'static str,
    title: &'static str,
    message: &'a str,
    expected: Option<&'a str>,
    hint: Option<&'a str>,
    file: &'a str,
    start: Position,
    end: Position,
    notes: Vec<Note<'a>>,
}

#[derive(Serialize)]
struct Note<'a> {
    message: &'a str,
    start: Position,
    end: Position,
}

/// A place, in every unit that an editor may count in.
#[derive(Serialize)]
struct Position {
    /// From 1.
    line: u32,
    /// In characters (Unicode scalar values), from 1.
    column: u32,
    /// In bytes of UTF-8, from 1.
    column_utf8: u32,
    /// In code units of UTF-16, from 1.
    column_utf16: u32,
    /// In bytes from the start of the file, from 0.
    offset: u32,
}

/// Writes diagnostics of one source as JSON.
pub(crate) struct JsonLines<'a> {
    source: &'a Source,
    index: LineIndex,
}

impl<'a> JsonLines<'a> {
    pub(crate) fn new(source: &'a Source) -> Self {
        Self { source, index: LineIndex::new(source.text()) }
    }

    /// One line, without its end.
    pub(crate) fn line(&self, diagnostic: &Diagnostic) -> String {
        let (start, end) = self.range(diagnostic.span);
        let entry = Entry {
            severity: match diagnostic.severity {
                Severity::Error => "error",
                Severity::Warning => "warning",
            },
            code: diagnostic.code.id,
            title: diagnostic.code.title,
            message: &diagnostic.message,
            expected: diagnostic.expected.as_deref(),
            hint: diagnostic.hint.as_deref(),
            file: self.source.name(),
            start,
            end,
            notes: diagnostic
                .notes
                .iter()
                .map(|note| {
                    let (start, end) = self.range(note.span);
                    Note { message: &note.message, start, end }
                })
                .collect(),
        };
        serde_json::to_string(&entry).unwrap_or_default()
    }

    fn range(&self, span: Span) -> (Position, Position) {
        (self.position(span.start), self.position(span.end.max(span.start)))
    }

    fn position(&self, offset: u32) -> Position {
        let text = self.source.text();
        let offset = text.floor_char_boundary((offset as usize).min(text.len()));
        let offset = u32::try_from(offset).unwrap_or(u32::MAX);
        let place = self.index.position(text, offset);
        let line = self.index.line_span(text, place.line);
        let before = Span::new(line.start, offset).text(text);
        let column = |length: usize| u32::try_from(length + 1).unwrap_or(u32::MAX);
        Position {
            line: place.line,
            column: place.column,
            column_utf8: column(before.len()),
            column_utf16: column(before.encode_utf16().count()),
            offset,
        }
    }
}

#[cfg(test)]
mod tests {
    use cfunc_compiler::{Diagnostic, Source, Span, codes};
    use serde_json::{Value, json};

    use super::JsonLines;

    #[test]
    fn columns_in_every_unit() {
        // é is two bytes and one unit, 𝄞 four bytes and two units.
        let source = Source::new("a.py", "x = 1\ny = 'é𝄞' + z\n");
        let start = u32::try_from(source.text().find('z').expect("z")).expect("small");
        let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, Span::new(start, start + 1), "the name `z`")
            .expected("a name")
            .note(Span::new(0, 1), "here");
        let line = JsonLines::new(&source).line(&diagnostic);
        let value: Value = serde_json::from_str(&line).expect("JSON");
        let at = |column, utf8, utf16, offset| json!({"line": 2, "column": column, "column_utf8": utf8, "column_utf16": utf16, "offset": offset});
        assert_eq!(value["start"], at(12, 16, 13, 21));
        assert_eq!(value["end"], at(13, 17, 14, 22));
        assert_eq!(value["notes"][0]["start"]["offset"], 0);
        for (field, expected) in [
            ("severity", json!("error")),
            ("code", json!("E0101")),
            ("title", json!("unknown name")),
            ("message", json!("the name `z`")),
            ("expected", json!("a name")),
            ("hint", Value::Null),
            ("file", json!("a.py")),
        ] {
            assert_eq!(value[field], expected, "{field}");
        }
        assert!(!line.contains('\n'));
    }

    #[test]
    fn spans_that_do_not_fit_do_no_harm() {
        for (text, span) in
            [("", Span::new(0, 0)), ("é", Span::new(1, 1)), ("x", Span::new(5, 9)), ("x\n", Span::new(2, 1))]
        {
            let source = Source::new("a.py", text);
            let line = JsonLines::new(&source).line(&Diagnostic::error(codes::SYNTAX, span, "wrong"));
            assert!(serde_json::from_str::<Value>(&line).is_ok(), "{line}");
        }
    }
}
