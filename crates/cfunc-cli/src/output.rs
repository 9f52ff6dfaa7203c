//! Writing rows of a CSV file.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use cfunc_compiler::Value;

use crate::cell::{write_quoted, write_value};
use crate::failure::Failure;

const BUFFER_SIZE: usize = 1 << 17;

/// The rows written, collected into large pieces.
pub(crate) struct RowWriter {
    name: String,
    sink: Box<dyn Write>,
    buffer: Vec<u8>,
    row_start: usize,
    row_has_value: bool,
    rows: u64,
}

impl RowWriter {
    /// Writes to a file, which is created or emptied, or to standard output.
    pub(crate) fn open(path: Option<&Path>) -> Result<Self, Failure> {
        let (name, sink): (String, Box<dyn Write>) = match path {
            Some(path) => {
                let file = File::create(path)
                    .map_err(|error| Failure::usage(format!("cannot write {}: {error}", path.display())))?;
                (path.display().to_string(), Box::new(file))
            }
            None => ("standard output".to_owned(), Box::new(std::io::stdout().lock())),
        };
        Ok(Self::new(name, sink))
    }

    fn new(name: String, sink: Box<dyn Write>) -> Self {
        Self { name, sink, buffer: Vec::with_capacity(BUFFER_SIZE + 4096), row_start: 0, row_has_value: false, rows: 0 }
    }

    /// Rows written so far, without the header.
    pub(crate) fn rows(&self) -> u64 {
        self.rows
    }

    /// Writes the header: `row`, then the names of the outputs.
    pub(crate) fn header(&mut self, names: &[String]) -> Result<(), Failure> {
        self.buffer.extend_from_slice(b"row");
        for name in names {
            self.buffer.push(b',');
            write_quoted(name.as_bytes(), &mut self.buffer);
        }
        self.buffer.push(b'\n');
        self.write_if_full()
    }

    /// Starts the output of a data row, given by its number from 1.
    #[inline]
    pub(crate) fn begin(&mut self, row: u64) {
        self.row_start = self.buffer.len();
        self.row_has_value = false;
        self.buffer.extend_from_slice(itoa::Buffer::new().format(row).as_bytes());
    }

    /// Adds the next output; `None` where it did not tick.
    #[inline]
    pub(crate) fn value(&mut self, value: Option<&Value>) {
        self.buffer.push(b',');
        if let Some(value) = value {
            self.row_has_value = true;
            write_value(value, &mut self.buffer);
        }
    }

    /// Ends the row, which is left out where nothing ticked.
    #[inline]
    pub(crate) fn end(&mut self) -> Result<(), Failure> {
        if !self.row_has_value {
            self.buffer.truncate(self.row_start);
            return Ok(());
        }
        self.buffer.push(b'\n');
        self.rows += 1;
        self.write_if_full()
    }

    fn write_if_full(&mut self) -> Result<(), Failure> {
        if self.buffer.len() >= BUFFER_SIZE { self.write() } else { Ok(()) }
    }

    /// Hands everything over to the file.
    pub(crate) fn finish(&mut self) -> Result<(), Failure> {
        self.write()?;
        self.sink.flush().map_err(|error| Failure::writing(&self.name, &error))
    }

    fn write(&mut self) -> Result<(), Failure> {
        let written = self.sink.write_all(&self.buffer);
        self.buffer.clear();
        written.map_err(|error| Failure::writing(&self.name, &error))
    }
}
