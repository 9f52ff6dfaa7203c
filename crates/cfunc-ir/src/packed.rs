//! Integers in memory of fewer bytes than their representation has.

use cfunc_models::Representation;

use crate::{BinaryOperation, ConvertOperation, FunctionBuilder, MemoryClass, Value};

/// The accesses that a packed integer is read and written by, lowest bytes first: offset in bytes and representation of
/// each, aligned to its size where the first is to `alignment`.
fn pieces(bytes: u32, alignment: u32) -> impl Iterator<Item = (u32, Representation)> {
    let mut offset = 0;
    std::iter::from_fn(move || {
        let representation = match (bytes - offset).min(alignment) {
            0 => return None,
            1 => Representation::I8,
            2 | 3 => Representation::I16,
            4..=7 => Representation::I32,
            _ => Representation::I64,
        };
        let piece = (offset, representation);
        offset += representation.size();
        Some(piece)
    })
}

impl FunctionBuilder<'_> {
    /// Reads an integer of so many bytes, the lowest first, at an address that is aligned to `alignment`, a power of two;
    /// the bits above are 0. No byte beyond is read. The representation has more than `bytes` bytes.
    pub fn load_packed(
        &mut self,
        (representation, bytes): (Representation, u32),
        (address, offset): (Value, i32),
        alignment: u32,
        class: MemoryClass,
    ) -> Value {
        let mut whole: Option<Value> = None;
        for (at, piece) in pieces(bytes, alignment) {
            let loaded = self.load(piece, address, offset + at.cast_signed(), class);
            let wide = self.convert(ConvertOperation::ZeroExtend, loaded, representation);
            whole = Some(match whole {
                None => wide,
                Some(lower) => {
                    let count = self.integer_constant(representation, i64::from(8 * at));
                    let moved = self.binary(BinaryOperation::ShiftLeft, wide, count);
                    self.binary(BinaryOperation::BitOr, lower, moved)
                }
            });
        }
        match whole {
            Some(whole) => whole,
            None => self.integer_constant(representation, 0),
        }
    }

    /// Writes the lowest bytes of an integer, and no byte beyond; as [`FunctionBuilder::load_packed`].
    pub fn store_packed(
        &mut self,
        (value, bytes): (Value, u32),
        (address, offset): (Value, i32),
        alignment: u32,
        class: MemoryClass,
    ) {
        let representation = self.representation(value);
        for (at, piece) in pieces(bytes, alignment) {
            let moved = if at == 0 {
                value
            } else {
                let count = self.integer_constant(representation, i64::from(8 * at));
                self.binary(BinaryOperation::ShiftRightUnsigned, value, count)
            };
            let narrow = self.convert(ConvertOperation::Truncate, moved, piece);
            self.store(narrow, address, offset + at.cast_signed(), class);
        }
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::Representation::{I8, I16, I32, I64};

    use super::pieces;

    #[test]
    fn pieces_are_aligned_and_cover_all_bytes() {
        for bytes in 1..16u32 {
            for alignment in [1, 2, 4, 8] {
                let mut end = 0;
                for (offset, piece) in pieces(bytes, alignment) {
                    assert_eq!(offset, end);
                    assert!(piece.size() <= alignment && offset % piece.size() == 0, "{bytes} {alignment}");
                    end += piece.size();
                }
                assert_eq!(end, bytes);
            }
        }
        assert_eq!(pieces(3, 2).collect::<Vec<_>>(), [(0, I16), (2, I8)]);
        assert_eq!(pieces(15, 8).collect::<Vec<_>>(), [(0, I64), (8, I32), (12, I16), (14, I8)]);
    }
}
