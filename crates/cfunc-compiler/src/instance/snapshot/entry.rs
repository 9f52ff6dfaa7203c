//! Entries of the sections: a description, and the data of a state or input.

use super::bytes::{Reader, put_block};
use crate::SnapshotError;

/// An entry that is being written.
pub(super) struct Entry {
    /// Where its data begins.
    start: usize,
}

impl Entry {
    /// Writes the description (after its length in 32 bits), and leaves place for the length of the data (64 bits).
    pub(super) fn begin(sink: &mut Vec<u8>, description: &[u8]) -> Self {
        put_block(sink, description);
        sink.extend(0u64.to_le_bytes());
        Self { start: sink.len() }
    }

    /// The data is written.
    pub(super) fn end(self, sink: &mut [u8]) {
        let length = (sink.len() - self.start) as u64;
        sink[self.start - 8..self.start].copy_from_slice(&length.to_le_bytes());
    }
}

/// An entry of a snapshot.
#[derive(Clone, Copy, Debug)]
pub(super) struct SavedEntry<'a> {
    pub(super) description: &'a [u8],
    pub(super) data: Reader<'a>,
}

/// The entries of a section: their number (32 bits), then each.
pub(super) fn entries(mut section: Reader<'_>) -> Result<Vec<SavedEntry<'_>>, SnapshotError> {
    let count = section.u32()?;
    // Nothing is reserved: the number may be any.
    let mut entries = Vec::new();
    for _ in 0..count {
        let description = section.block()?;
        let length = usize::try_from(section.u64()?).map_err(|_| SnapshotError::damaged("it ends early"))?;
        entries.push(SavedEntry { description, data: Reader::new(section.take(length)?) });
    }
    section.end()?;
    Ok(entries)
}

/// `name: type` of a description; `None` where it is none.
pub(super) fn describe(description: &[u8]) -> Option<String> {
    let mut reader = Reader::new(description);
    let (name, ty) = (reader.block().ok()?, reader.block().ok()?);
    Some(format!("{}: {}", String::from_utf8_lossy(name), String::from_utf8_lossy(ty)))
}

#[cfg(test)]
mod tests {
    use super::{Entry, describe, entries};
    use crate::instance::snapshot::bytes::{Reader, put_text, put_u32};

    #[test]
    fn entries_come_back_and_end_where_they_say() {
        let mut description = Vec::new();
        put_text(&mut description, "total");
        put_text(&mut description, "list[int]");
        let mut section = Vec::new();
        put_u32(&mut section, 2);
        for data in [&b"abc"[..], b""] {
            let entry = Entry::begin(&mut section, &description);
            section.extend(data);
            entry.end(&mut section);
        }
        let mut found = entries(Reader::new(&section)).expect("they are whole");
        assert_eq!(describe(found[1].description).as_deref(), Some("total: list[int]"));
        assert_eq!(found[0].data.take(3), Ok(&b"abc"[..]));
        assert_eq!((found[1].data.left(), found.len()), (0, 2));
        for length in 0..section.len() {
            assert!(entries(Reader::new(&section[..length])).is_err(), "{length} bytes");
        }
        section[0] = 255;
        assert!(entries(Reader::new(&section)).is_err());
        assert_eq!(describe(&[9, 0, 0, 0]), None);
    }
}
