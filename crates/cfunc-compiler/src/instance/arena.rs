//! One allocation for everything whose address generated code is given.

use std::ptr::NonNull;

/// Alignment of the arena, that of the widest cell.
const ALIGNMENT: usize = 16;

/// Bytes as they lie in an arena.
#[derive(Clone, Copy)]
#[repr(C, align(16))]
struct Block([u8; ALIGNMENT]);

/// Zeroed memory at a fixed address. It is reached through raw pointers alone, since generated code keeps pointers into
/// it that no borrow knows of.
pub(super) struct Arena {
    start: NonNull<Block>,
    blocks: usize,
}

impl Arena {
    /// Zeroed memory of at least so many bytes.
    pub(super) fn zeroed(bytes: usize) -> Self {
        let blocks = bytes.div_ceil(ALIGNMENT).max(1);
        let memory = vec![Block([0; ALIGNMENT]); blocks].into_boxed_slice();
        let start = NonNull::from(Box::leak(memory)).cast();
        Self { start, blocks }
    }

    /// The address at an offset in bytes.
    ///
    /// # Panics
    ///
    /// When the offset is beyond the end.
    pub(super) fn at(&self, offset: usize) -> *mut u8 {
        assert!(offset <= self.blocks * ALIGNMENT, "an offset within the arena");
        // SAFETY: the offset is within the allocation, or one past its end.
        unsafe { self.start.as_ptr().cast::<u8>().add(offset) }
    }
}

impl Drop for Arena {
    fn drop(&mut self) {
        let memory = std::ptr::slice_from_raw_parts_mut(self.start.as_ptr(), self.blocks);
        // SAFETY: the slice was leaked from a box of this length, and nothing uses it any more: the arena's owner ends.
        drop(unsafe { Box::from_raw(memory) });
    }
}

/// Hands out the offsets of an arena that is to be made.
#[derive(Default)]
pub(super) struct ArenaPlan {
    bytes: usize,
}

impl ArenaPlan {
    /// The offset of a piece of so many bytes.
    pub(super) fn reserve(&mut self, bytes: usize, alignment: usize) -> usize {
        let offset = self.bytes.next_multiple_of(alignment.clamp(1, ALIGNMENT));
        self.bytes = offset + bytes;
        offset
    }

    pub(super) fn build(&self) -> Arena {
        Arena::zeroed(self.bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::{ALIGNMENT, ArenaPlan};

    #[test]
    fn pieces_are_aligned_and_apart() {
        let mut plan = ArenaPlan::default();
        assert_eq!(plan.reserve(1, 1), 0);
        assert_eq!(plan.reserve(8, 8), 8);
        assert_eq!(plan.reserve(16, 16), 16);
        assert_eq!(plan.reserve(3, 8), 32);
        let arena = plan.build();
        assert_eq!(arena.at(0).addr() % ALIGNMENT, 0);
        // SAFETY: the last reserved byte is within the arena.
        assert_eq!(unsafe { arena.at(34).read() }, 0);
    }
}
