//! From byte offsets to lines and columns.

use crate::Span;

/// A position as people count it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LineColumn {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters (Unicode scalar values), from 1.
    pub column: u32,
}

/// Line starts of one source text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LineIndex {
    starts: Vec<u32>,
}

impl LineIndex {
    /// Indexes the lines of `source`; lines end with `\n`, `\r\n` or `\r`.
    pub fn new(source: &str) -> Self {
        let bytes = source.as_bytes();
        let mut starts = vec![0];
        for (index, byte) in bytes.iter().enumerate() {
            let ends_line = *byte == b'\n' || (*byte == b'\r' && bytes.get(index + 1) != Some(&b'\n'));
            if ends_line {
                starts.push(u32::try_from(index + 1).unwrap_or(u32::MAX));
            }
        }
        Self { starts }
    }

    /// Line and column of a byte offset; an offset past the end counts as the end.
    pub fn position(&self, source: &str, offset: u32) -> LineColumn {
        let line = self.starts.partition_point(|start| *start <= offset).saturating_sub(1);
        let start = self.starts[line] as usize;
        let end = source.floor_char_boundary((offset as usize).min(source.len()));
        // From the start of the line, so that the cost is not that of the whole source.
        let column = source.get(start..end).map_or(0, |before| before.chars().count());
        LineColumn {
            line: u32::try_from(line + 1).unwrap_or(u32::MAX),
            column: u32::try_from(column + 1).unwrap_or(u32::MAX),
        }
    }

    /// The byte range of a line (from 1), without its line ending; empty where there is no such line.
    pub fn line_span(&self, source: &str, line: u32) -> Span {
        let index = line.saturating_sub(1) as usize;
        let Some(start) = self.starts.get(index).copied() else {
            return Span::default();
        };
        let end = self.starts.get(index + 1).copied().unwrap_or(u32::try_from(source.len()).unwrap_or(u32::MAX));
        let text = Span::new(start, end).text(source).trim_end_matches(['\r', '\n']);
        Span::new(start, start + u32::try_from(text.len()).unwrap_or(0))
    }

    /// The number of lines.
    pub fn line_count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::{LineColumn, LineIndex};

    #[test]
    fn positions_count_characters() {
        let source = "a\né = x\r\nb";
        let index = LineIndex::new(source);
        assert_eq!(index.position(source, 0), LineColumn { line: 1, column: 1 });
        assert_eq!(index.position(source, 5), LineColumn { line: 2, column: 3 });
        assert_eq!(index.position(source, 10), LineColumn { line: 3, column: 1 });
        assert_eq!(index.line_span(source, 2).text(source), "é = x");
    }
}
