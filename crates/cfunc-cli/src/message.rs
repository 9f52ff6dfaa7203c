//! Messages and diagnostics on standard error.

use std::borrow::Cow;
use std::io::{IsTerminal, Write};
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Element, Group, Level, Renderer, Snippet};
use cfunc_compiler::{CompileError, Diagnostic, Diagnostics, LineIndex, Severity, Source, Span};

use crate::arguments::Format;
use crate::json::JsonLines;

/// Prints an error.
pub(crate) fn error(message: &str) {
    line(&format!("error: {message}"));
}

/// Prints a line.
pub(crate) fn line(text: &str) {
    // Nothing can be said where standard error is closed.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Prints why a compilation failed.
pub(crate) fn compile_error(error: &CompileError, format: Format) {
    match error {
        CompileError::Diagnostics { source, diagnostics } => self::diagnostics(source, diagnostics, format),
        other => self::error(&other.to_string()),
    }
}

/// Prints diagnostics to standard error: with the source lines they are about, or as JSON.
pub(crate) fn diagnostics(source: &Source, diagnostics: &Diagnostics, format: Format) {
    if format == Format::Json {
        let lines = JsonLines::new(source);
        diagnostics.iter().for_each(|diagnostic| line(&lines.line(diagnostic)));
        return;
    }
    let colours = std::io::stderr().is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let renderer = if colours { Renderer::styled() } else { Renderer::plain() };
    let index = LineIndex::new(source.text());
    for diagnostic in diagnostics {
        line(&render(&renderer, source, &index, diagnostic));
    }
}

fn render(renderer: &Renderer, source: &Source, index: &LineIndex, diagnostic: &Diagnostic) -> String {
    // One long line makes a snippet that nobody can read, and rendering costs by its length.
    const LONGEST_LINE: usize = 2_000;
    let level = match diagnostic.severity {
        Severity::Error => Level::ERROR,
        Severity::Warning => Level::WARNING,
    };
    let primary = clamp(source.text(), diagnostic.span);
    let longest = std::iter::once(&diagnostic.span)
        .chain(diagnostic.notes.iter().map(|note| &note.span))
        .map(|span| line_length(source.text(), &clamp(source.text(), *span)))
        .max();
    if longest.is_some_and(|length| length > LONGEST_LINE) {
        return diagnostic.render(source.name(), source.text());
    }
    let label = diagnostic.expected.as_ref().map(|expected| format!("expected {expected}"));
    // Rendering costs by the length of the text: only the lines around the places are given to it.
    let notes: Vec<Range<usize>> = diagnostic.notes.iter().map(|note| clamp(source.text(), note.span)).collect();
    let first = notes.iter().map(|range| range.start).fold(primary.start, usize::min);
    let last = notes.iter().map(|range| range.end).fold(primary.end, usize::max);
    let line_of = |offset: usize| index.position(source.text(), u32::try_from(offset).unwrap_or(u32::MAX)).line;
    let start = index.line_span(source.text(), line_of(first)).start as usize;
    let end = (index.line_span(source.text(), line_of(last)).end as usize).max(last);
    let window = with_line_feeds(&source.text()[start..end]);
    let within = |range: Range<usize>| range.start - start..range.end - start;
    let snippet = Snippet::source(&*window)
        .path(source.name())
        .line_start(line_of(first) as usize)
        .annotation(AnnotationKind::Primary.span(within(primary)).label(label))
        .annotations(
            diagnostic
                .notes
                .iter()
                .zip(notes)
                .map(|(note, range)| AnnotationKind::Context.span(within(range)).label(note.message.as_str())),
        );
    let mut group: Group<'_> = level.primary_title(diagnostic.message.as_str()).id(diagnostic.code.id).element(snippet);
    if let Some(hint) = &diagnostic.hint {
        group = group.element(Element::from(Level::HELP.message(hint.as_str())));
    }
    renderer.render(&[group])
}

/// The range of a span, within the text and on character boundaries.
fn clamp(text: &str, span: Span) -> Range<usize> {
    let boundary = |offset: u32| text.floor_char_boundary((offset as usize).min(text.len()));
    let start = boundary(span.start);
    start..boundary(span.end).max(start)
}

/// Bytes of the longest line that a range touches.
fn line_length(text: &str, range: &Range<usize>) -> usize {
    let ends = ['\n', '\r'];
    let start = text[..range.start].rfind(ends).map_or(0, |index| index + 1);
    let end = text[range.end..].find(ends).map_or(text.len(), |index| range.end + index);
    text[start..end].split(ends).map(str::len).max().unwrap_or(0)
}

/// The text with a line feed for each carriage return that ends a line alone, at the same offsets: the renderer knows
/// no other line ends.
fn with_line_feeds(text: &str) -> Cow<'_, str> {
    let mut bytes = Cow::Borrowed(text.as_bytes());
    for index in 0..text.len() {
        if bytes[index] == b'\r' && text.as_bytes().get(index + 1) != Some(&b'\n') {
            bytes.to_mut()[index] = b'\n';
        }
    }
    match bytes {
        Cow::Borrowed(_) => Cow::Borrowed(text),
        // One ASCII character took the place of another.
        Cow::Owned(bytes) => String::from_utf8(bytes).map_or(Cow::Borrowed(text), Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use annotate_snippets::Renderer;
    use cfunc_compiler::{Diagnostic, LineIndex, Source, Span};

    use super::render as render_with;

    fn render(renderer: &Renderer, source: &Source, diagnostic: &Diagnostic) -> String {
        render_with(renderer, source, &LineIndex::new(source.text()), diagnostic)
    }

    fn diagnostic(span: Span) -> Diagnostic {
        let code = cfunc_compiler::codes::FUNCTION_NOT_FOUND;
        Diagnostic::error(code, span, "something is wrong").expected("another thing").hint("write another thing")
    }

    #[test]
    fn a_carriage_return_alone_ends_a_line() {
        let text = render(&Renderer::plain(), &Source::new("a.py", "x = 1\ry = 2\r"), &diagnostic(Span::new(10, 11)));
        assert!(text.contains("a.py:2:5"), "{text}");
    }

    #[test]
    fn a_diagnostic_shows_its_line() {
        let text = render(&Renderer::plain(), &Source::new("a.py", "x = 1\ny = é\n"), &diagnostic(Span::new(10, 12)));
        for part in ["something is wrong", "a.py:2:5", "y = é", "expected another thing", "help: write another thing"]
        {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    #[test]
    fn notes_around_a_place_are_shown_with_their_lines() {
        let source = Source::new("a.py", "one = 1\ntwo = 2\nthree = 3\nfour = 4\n");
        let diagnostic =
            diagnostic(Span::new(16, 21)).note(Span::new(8, 11), "before").note(Span::new(26, 30), "after");
        let text = render(&Renderer::plain(), &source, &diagnostic);
        for part in ["a.py:3:1", "2 | two = 2", "--- before", "3 | three = 3", "4 | four = 4", "---- after"] {
            assert!(text.contains(part), "{part} in {text}");
        }
        assert!(!text.contains("one = 1"), "{text}");
    }

    #[test]
    fn spans_that_do_not_fit_do_no_harm() {
        for (source, span) in
            [("", Span::new(0, 0)), ("é", Span::new(1, 1)), ("x", Span::new(5, 9)), ("x\n", Span::new(2, 1))]
        {
            let text = render(&Renderer::plain(), &Source::new("a.py", source), &diagnostic(span));
            assert!(text.contains("something is wrong"), "{text}");
        }
    }

    #[test]
    fn long_lines_are_not_shown() {
        let source = "(".repeat(100_000);
        let text = render(&Renderer::plain(), &Source::new("a.py", source), &diagnostic(Span::new(50_000, 50_001)));
        assert!(text.len() < 1_000 && text.contains("a.py:1:50001"), "{text}");
    }
}
