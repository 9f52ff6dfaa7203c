//! The unit descriptor: the block of data by which the C runtime knows the error sites of a compiled unit.
//!
//! Layout (`cfunc_runtime.h` says the same): little-endian 32-bit numbers, offsets from the start of the block, no
//! alignment, no relocations.
//!
//! | offset | field |
//! | --- | --- |
//! | 0 | magic, [`UnitDescriptor::MAGIC`] |
//! | 4 | version, [`UnitDescriptor::VERSION`] |
//! | 8 | offset of the native name |
//! | 12 | number of error sites |
//! | 16 + 8 * site | kind ([`NodeErrorKind::code`](crate::NodeErrorKind::code)) |
//! | 20 + 8 * site | offset of the message |
//! | after the sites | the strings, UTF-8, each NUL-terminated |

use std::collections::HashMap;

use crate::ErrorSite;

/// Encoder of unit descriptors.
#[derive(Clone, Copy, Debug)]
pub struct UnitDescriptor;

impl UnitDescriptor {
    /// First field of a descriptor.
    pub const MAGIC: u32 = 0x4346_4E55;
    /// Second field of a descriptor.
    pub const VERSION: u32 = 1;
    /// Bytes of a native name in the error record, the NUL included (`CFUNC_ERROR_NAME_CAPACITY`).
    pub const NAME_CAPACITY: usize = 128;
    /// Bytes of a message in the error record, the NUL included (`CFUNC_ERROR_MESSAGE_CAPACITY`).
    pub const MESSAGE_CAPACITY: usize = 512;

    /// The descriptor of a function with this exported name, whose [`SiteId`](crate::SiteId) numbers index `sites`.
    ///
    /// Equal inputs give equal bytes. Equal messages are stored once, and no more of a string than the error record
    /// holds. A NUL within a string becomes U+FFFD, since the strings end at the first NUL.
    pub fn encode(native_name: &str, sites: &[ErrorSite]) -> Vec<u8> {
        let header = 16 + sites.len() * 8;
        let mut strings = Strings {
            start: header,
            // The empty string comes first: offsets that 32 bits cannot hold fall back to it.
            bytes: vec![0],
            offsets: HashMap::new(),
        };
        let mut block = Vec::with_capacity(header);
        let mut write = |value: u32| block.extend_from_slice(&value.to_le_bytes());
        write(Self::MAGIC);
        write(Self::VERSION);
        write(strings.offset(native_name, Self::NAME_CAPACITY));
        // A site beyond 32 bits has no SiteId, so nothing refers to it.
        write(u32::try_from(sites.len()).unwrap_or(u32::MAX));
        for site in sites {
            write(site.kind.code().cast_unsigned());
            write(strings.offset(&site.message, Self::MESSAGE_CAPACITY));
        }
        block.append(&mut strings.bytes);
        block
    }
}

/// The strings of a descriptor in the making.
struct Strings {
    /// Offset of the first string in the block.
    start: usize,
    bytes: Vec<u8>,
    offsets: HashMap<String, u32>,
}

impl Strings {
    /// The offset of a string, which is added if it is new.
    fn offset(&mut self, text: &str, capacity: usize) -> u32 {
        let text = text.replace('\0', "\u{FFFD}");
        let text = &text[..text.floor_char_boundary(capacity - 1)];
        if let Some(&offset) = self.offsets.get(text) {
            return offset;
        }
        let empty = u32::try_from(self.start).unwrap_or(0);
        let Ok(offset) = u32::try_from(self.start + self.bytes.len()) else {
            return empty;
        };
        if text.is_empty() {
            return empty;
        }
        self.bytes.extend_from_slice(text.as_bytes());
        self.bytes.push(0);
        self.offsets.insert(text.to_owned(), offset);
        offset
    }
}

#[cfg(test)]
mod tests {
    use super::UnitDescriptor;
    use crate::{ErrorSite, NodeErrorKind, Span};

    fn site(kind: NodeErrorKind, message: &str) -> ErrorSite {
        ErrorSite { kind, message: message.to_owned(), span: Span::default() }
    }

    fn number(block: &[u8], offset: usize) -> u32 {
        u32::from_le_bytes(block[offset..offset + 4].try_into().unwrap())
    }

    fn string(block: &[u8], offset: u32) -> &str {
        let bytes = &block[offset as usize..];
        let length = bytes.iter().position(|&byte| byte == 0).unwrap();
        std::str::from_utf8(&bytes[..length]).unwrap()
    }

    #[test]
    fn fields_and_strings() {
        let sites = [
            site(NodeErrorKind::IndexError, "list index out of range"),
            site(NodeErrorKind::Interrupted, ""),
            site(NodeErrorKind::ValueError, "list index out of range"),
            site(NodeErrorKind::Exception, "a\0b"),
        ];
        let block = UnitDescriptor::encode("_gc_numba_0", &sites);
        assert_eq!(&block[..4], b"UNFC");
        assert_eq!(number(&block, 4), 1);
        assert_eq!(string(&block, number(&block, 8)), "_gc_numba_0");
        assert_eq!(number(&block, 12), 4);
        for (index, message) in
            ["list index out of range", "", "list index out of range", "a\u{FFFD}b"].into_iter().enumerate()
        {
            let entry = 16 + 8 * index;
            assert_eq!(number(&block, entry), sites[index].kind.code().cast_unsigned());
            assert_eq!(string(&block, number(&block, entry + 4)), message);
        }
        assert_eq!(number(&block, 20), number(&block, 36), "equal messages share their bytes");
    }

    #[test]
    fn long_strings_are_cut_between_characters() {
        let block = UnitDescriptor::encode("n", &[site(NodeErrorKind::KeyError, &"€".repeat(1000))]);
        let message = string(&block, number(&block, 20));
        assert_eq!(message, "€".repeat(170), "510 of 511 bytes");
    }
}
