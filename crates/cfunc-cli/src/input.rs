//! Reading rows of a CSV file with memory that stays flat.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use csv::{ByteRecord, Reader, ReaderBuilder};

use crate::cell::shown;
use crate::failure::Failure;

const BUFFER_SIZE: usize = 1 << 17;

/// The rows of a file, one at a time.
pub(crate) struct Rows {
    name: String,
    reader: Reader<Box<dyn Read>>,
    columns: usize,
    header: ByteRecord,
    record: ByteRecord,
    row: u64,
    size: Option<u64>,
}

impl Rows {
    /// Opens a file, or standard input for `-`, and reads the header.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let cannot_read = |error| Failure::usage(format!("cannot read {}: {error}", path.display()));
        if path.as_os_str() == "-" {
            return Self::new("standard input".to_owned(), Box::new(std::io::stdin().lock()), None);
        }
        let file = File::open(path).map_err(cannot_read)?;
        let metadata = file.metadata().map_err(cannot_read)?;
        if metadata.is_dir() {
            return Err(Failure::usage(format!("cannot read {}: it is a folder", path.display())));
        }
        Self::new(path.display().to_string(), Box::new(file), metadata.is_file().then_some(metadata.len()))
    }

    fn new(name: String, source: Box<dyn Read>, size: Option<u64>) -> Result<Self, Failure> {
        // Rows of other lengths are read as well, so that the message about them is ours.
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).buffer_capacity(BUFFER_SIZE).from_reader(source);
        let mut header = ByteRecord::new();
        let found =
            reader.read_byte_record(&mut header).map_err(|error| Failure::failed(format!("{name}: {error}")))?;
        if !found {
            return Err(Failure::failed(format!(
                "{name} is empty: expected a header row with the names of the columns"
            )));
        }
        Ok(Self { name, reader, columns: header.len(), header, record: ByteRecord::new(), row: 0, size })
    }

    /// The name of the file, for messages.
    pub(crate) fn name(&self) -> &str {
        &self.name
    }

    /// The names of the columns.
    pub(crate) fn header(&self) -> Vec<&[u8]> {
        self.header.iter().collect()
    }

    /// The size of the file in bytes, where it is known.
    pub(crate) fn size(&self) -> Option<u64> {
        self.size
    }

    /// Bytes read so far.
    pub(crate) fn position(&self) -> u64 {
        self.reader.position().byte()
    }

    /// The number of the current row, from 1.
    pub(crate) fn row(&self) -> u64 {
        self.row
    }

    /// Goes to the next row; `false` at the end. Lines without a character are no rows.
    #[inline]
    pub(crate) fn advance(&mut self) -> Result<bool, Failure> {
        match self.reader.read_byte_record(&mut self.record) {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(error) => return Err(Failure::failed(format!("{}: row {}: {error}", self.name, self.row + 1))),
        }
        self.row += 1;
        if self.record.len() == self.columns { Ok(true) } else { Err(self.ragged()) }
    }

    /// A cell of the current row, without the white space around it.
    #[inline]
    pub(crate) fn cell(&self, column: usize) -> &[u8] {
        self.record.get(column).unwrap_or_default().trim_ascii()
    }

    /// The failure of a cell of the current row.
    pub(crate) fn bad_cell(&self, column: usize, expected: impl std::fmt::Display) -> Failure {
        Failure::failed(format!(
            "{}: row {}{}, column {}: expected {expected}, found {}",
            self.name,
            self.row,
            self.line(),
            shown(self.header.get(column).unwrap_or_default().trim_ascii()),
            shown(self.cell(column))
        ))
    }

    fn ragged(&self) -> Failure {
        let cells = |count| format!("{count} cell{}", if count == 1 { "" } else { "s" });
        Failure::failed(format!(
            "{}: row {}{}: expected {}, as in the header, found {}",
            self.name,
            self.row,
            self.line(),
            cells(self.columns),
            self.record.len()
        ))
    }

    fn line(&self) -> String {
        self.record.position().map(|position| format!(" (line {})", position.line())).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use std::io::Cursor;

    use super::Rows;
    use crate::failure::Failure;

    fn rows(text: &'static str) -> Result<Rows, Failure> {
        Rows::new("a.csv".to_owned(), Box::new(Cursor::new(text)), None)
    }

    #[track_caller]
    fn cells(text: &'static str) -> Vec<Vec<String>> {
        let mut rows = rows(text).expect("a header");
        let mut all = vec![rows.header().iter().map(|name| String::from_utf8_lossy(name).into_owned()).collect()];
        while rows.advance().expect("good rows") {
            all.push((0..rows.columns).map(|column| String::from_utf8_lossy(rows.cell(column)).into_owned()).collect());
        }
        all
    }

    #[track_caller]
    fn message(text: &'static str) -> String {
        let failure = rows(text).and_then(|mut rows| {
            while rows.advance()? {}
            Ok(())
        });
        match failure {
            Err(Failure::Failed(message)) => message,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn forms_of_files() {
        let expected = vec![vec!["x", "y"], vec!["1", "2"], vec!["3", "a,\"b"]];
        for text in [
            "x,y\n1,2\n3,\"a,\"\"b\"\n",
            "x,y\r\n1,2\r\n3,\"a,\"\"b\"\r\n",
            "\u{feff}x,y\n1, 2\n3,\"a,\"\"b\"",
            "\"x\",\"y\"\n\n\"1\",\"2\"\n\n3,\"a,\"\"b\"\n\n",
        ] {
            assert_eq!(cells(text), expected, "{text:?}");
        }
        assert_eq!(cells("x\n1\n\"\"\n2\n"), [["x"], ["1"], [""], ["2"]]);
        assert_eq!(cells("x,y\n"), [["x", "y"]]);
    }

    #[test]
    fn what_is_wrong_with_files() {
        assert_eq!(message(""), "a.csv is empty: expected a header row with the names of the columns");
        assert_eq!(message("x,y\n1,2\n3\n"), "a.csv: row 2 (line 3): expected 2 cells, as in the header, found 1");
        assert_eq!(message("x\n1,2\n"), "a.csv: row 1 (line 2): expected 1 cell, as in the header, found 2");
    }
}
