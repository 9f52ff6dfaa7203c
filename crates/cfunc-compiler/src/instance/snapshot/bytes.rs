//! The bytes of a snapshot: its header and checksum, and what they are read and written by.

use sha2::{Digest, Sha256};

use crate::SnapshotError;

const MAGIC: [u8; 8] = *b"cfuncsnp";
const VERSION: u32 = 1;
/// Magic, version, phase, semantic hash, schema hash, length of the whole, number of sections.
const HEADER_BYTES: usize = 8 + 4 + 4 + 32 + 32 + 8 + 4;
/// A SHA-256 over all before it.
const CHECKSUM_BYTES: usize = 32;
/// Where the length of the whole stands.
const LENGTH_OFFSET: usize = 80;
/// The sections, in order.
const SECTIONS: [u32; 2] = [1, 2];

/// What stands in front of the sections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    /// 0: created, 1: started, 2: stopped.
    pub(super) phase: u32,
    /// The whole hash of the function.
    pub(super) semantic: [u8; 32],
    /// The hash of the descriptions of its states.
    pub(super) schema: [u8; 32],
}

/// A snapshot of a header and the contents of the two sections.
pub(super) fn assemble(header: &Header, sections: [&[u8]; 2]) -> Vec<u8> {
    let contents: usize = sections.iter().map(|section| 12 + section.len()).sum();
    let length = HEADER_BYTES + contents + CHECKSUM_BYTES;
    let mut bytes = Vec::with_capacity(length);
    bytes.extend(MAGIC);
    bytes.extend(VERSION.to_le_bytes());
    bytes.extend(header.phase.to_le_bytes());
    bytes.extend(header.semantic);
    bytes.extend(header.schema);
    bytes.extend((length as u64).to_le_bytes());
    put_u32(&mut bytes, SECTIONS.len());
    for (id, section) in SECTIONS.into_iter().zip(sections) {
        bytes.extend(id.to_le_bytes());
        bytes.extend((section.len() as u64).to_le_bytes());
        bytes.extend_from_slice(section);
    }
    let checksum = Sha256::digest(&bytes);
    bytes.extend(checksum);
    bytes
}

/// The header and the sections of a snapshot whose frame is whole.
pub(super) fn disassemble(bytes: &[u8]) -> Result<(Header, [Reader<'_>; 2]), SnapshotError> {
    let start = &bytes[..bytes.len().min(MAGIC.len())];
    if bytes.is_empty() || *start != MAGIC[..start.len()] {
        return Err(SnapshotError::NotASnapshot);
    }
    let mut reader = Reader::new(bytes);
    reader.take(MAGIC.len())?;
    // Whatever else a snapshot of another version has is not known.
    let version = reader.u32()?;
    if version != VERSION {
        return Err(SnapshotError::Version { found: version, known: VERSION });
    }
    let header = Header { phase: reader.u32()?, semantic: reader.array()?, schema: reader.array()? };
    debug_assert_eq!(bytes.len() - reader.rest.len(), LENGTH_OFFSET);
    let length = reader.u64()?;
    if length > bytes.len() as u64 {
        return Err(SnapshotError::damaged("it ends early"));
    }
    if length < bytes.len() as u64 {
        return Err(SnapshotError::damaged("something follows its end"));
    }
    let Some((contents, checksum)) = bytes.split_last_chunk::<CHECKSUM_BYTES>() else {
        return Err(SnapshotError::damaged("it ends early"));
    };
    if *Sha256::digest(contents) != *checksum {
        return Err(SnapshotError::damaged("its checksum is wrong"));
    }
    // What is read so far lies before the checksum, or the length was wrong.
    let mut reader = Reader { rest: contents.get(HEADER_BYTES - 4..).unwrap_or_default() };
    if reader.u32()? as usize != SECTIONS.len() {
        return Err(SnapshotError::damaged("it has other sections"));
    }
    let mut section = |id: u32| {
        if reader.u32()? != id {
            return Err(SnapshotError::damaged("it has other sections"));
        }
        let length = reader.u64()?;
        let length = usize::try_from(length).map_err(|_| SnapshotError::damaged("it ends early"))?;
        Ok(Reader::new(reader.take(length)?))
    };
    let sections = [section(SECTIONS[0])?, section(SECTIONS[1])?];
    reader.end()?;
    if header.phase > 2 {
        return Err(SnapshotError::damaged("it is of no phase of a node"));
    }
    Ok((header, sections))
}

/// Writes a number of things; there are never more than its 32 bits hold.
pub(super) fn put_u32(sink: &mut Vec<u8>, number: usize) {
    sink.extend(u32::try_from(number).unwrap_or(u32::MAX).to_le_bytes());
}

/// Writes bytes after their number.
pub(super) fn put_block(sink: &mut Vec<u8>, bytes: &[u8]) {
    put_u32(sink, bytes.len());
    sink.extend_from_slice(bytes);
}

/// Writes a text as UTF-8 after its length in bytes.
pub(super) fn put_text(sink: &mut Vec<u8>, text: &str) {
    put_block(sink, text.as_bytes());
}

/// Bytes that are read from the front; nothing is read beyond their end.
#[derive(Clone, Copy, Debug)]
pub(super) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    /// How many bytes are left.
    pub(super) fn left(&self) -> usize {
        self.rest.len()
    }

    pub(super) fn take(&mut self, count: usize) -> Result<&'a [u8], SnapshotError> {
        let (taken, rest) = self.rest.split_at_checked(count).ok_or_else(|| SnapshotError::damaged("it ends early"))?;
        self.rest = rest;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let (taken, rest) = self.rest.split_first_chunk().ok_or_else(|| SnapshotError::damaged("it ends early"))?;
        self.rest = rest;
        Ok(*taken)
    }

    pub(super) fn u8(&mut self) -> Result<u8, SnapshotError> {
        Ok(u8::from_le_bytes(self.array()?))
    }

    pub(super) fn u32(&mut self) -> Result<u32, SnapshotError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, SnapshotError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// Bytes after their number.
    pub(super) fn block(&mut self) -> Result<&'a [u8], SnapshotError> {
        let count = self.u32()?;
        self.take(count as usize)
    }

    /// Nothing is left.
    pub(super) fn end(&self) -> Result<(), SnapshotError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(SnapshotError::damaged("a section is longer than what it holds"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, Reader, assemble, disassemble};
    use crate::SnapshotError;

    const HEADER: Header = Header { phase: 1, semantic: [7; 32], schema: [9; 32] };

    #[test]
    fn a_frame_comes_back() {
        let bytes = assemble(&HEADER, [b"states", b""]);
        let (header, mut sections) = disassemble(&bytes).expect("it is whole");
        assert_eq!(header, HEADER);
        assert_eq!(sections[0].take(6).expect("six bytes"), b"states");
        assert!(sections.iter().all(|section| section.end().is_ok()));
    }

    #[test]
    fn every_cut_and_every_changed_byte_is_found() {
        let bytes = assemble(&HEADER, [b"states", b"inputs"]);
        for length in 0..bytes.len() {
            assert!(disassemble(&bytes[..length]).is_err(), "{length} bytes");
        }
        for index in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[index] ^= 0x10;
            assert!(disassemble(&changed).is_err(), "byte {index}");
        }
        let mut longer = bytes.clone();
        longer.push(0);
        assert!(disassemble(&longer).is_err());
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert_eq!(disassemble(b"").err(), Some(SnapshotError::NotASnapshot));
        assert_eq!(disassemble(b"PNG").err(), Some(SnapshotError::NotASnapshot));
        let mut other = assemble(&HEADER, [b"", b""]);
        other[8] = 200;
        assert_eq!(disassemble(&other).err(), Some(SnapshotError::Version { found: 200, known: 1 }));
    }

    #[test]
    fn a_reader_stays_within_its_bytes() {
        let mut reader = Reader::new(&[255, 255, 255, 255, 1]);
        assert!(reader.block().is_err());
        assert_eq!(reader.left(), 1);
        assert!(reader.u32().is_err());
        assert_eq!(reader.u8(), Ok(1));
        assert_eq!(reader.end(), Ok(()));
    }
}
