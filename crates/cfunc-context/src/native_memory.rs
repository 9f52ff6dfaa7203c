//! Memory that native code is given the address of, and the words that native values are made of.

use cfunc_models::Representation;

/// One component of a native value: as many bits as its representation has, the others are 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct NativeWord(u128);

impl NativeWord {
    /// An integer of 64 bits.
    #[inline]
    pub const fn int64(value: i64) -> Self {
        Self(value.cast_unsigned() as u128)
    }

    /// A double.
    #[inline]
    pub const fn float64(value: f64) -> Self {
        Self(value.to_bits() as u128)
    }

    /// A truth value: one byte of 0 or 1.
    #[inline]
    pub const fn boolean(value: bool) -> Self {
        Self(value as u128)
    }

    /// The bits of an integer of 128 bits.
    pub const fn int128(value: i128) -> Self {
        Self(value.cast_unsigned())
    }

    /// An address. Who makes one answers for what native code finds there.
    pub const fn address(address: u64) -> Self {
        Self(address as u128)
    }

    /// An integer of a representation; `None` where it does not fit, or the representation is none of integers.
    pub fn integer(representation: Representation, value: i64) -> Option<Self> {
        let fits = match representation {
            Representation::I8 => i8::try_from(value).is_ok(),
            Representation::I16 => i16::try_from(value).is_ok(),
            Representation::I32 => i32::try_from(value).is_ok(),
            Representation::I64 => true,
            Representation::I128 => return Some(Self::int128(value.into())),
            Representation::F64 | Representation::Pointer => false,
        };
        fits.then_some(Self::int64(value).truncated(representation))
    }

    /// Its lowest bits, as many as a representation has.
    #[must_use]
    pub const fn truncated(self, representation: Representation) -> Self {
        Self(self.0 & (u128::MAX >> (128 - 8 * representation.size())))
    }

    /// All bits.
    pub const fn bits(self) -> u128 {
        self.0
    }

    /// As an integer of 64 bits.
    #[inline]
    pub const fn as_int64(self) -> i64 {
        #[expect(clippy::cast_possible_truncation, reason = "words of 64 bits have zeros above them")]
        {
            (self.0 as u64).cast_signed()
        }
    }

    /// As an integer of a representation of at most 64 bits, with its sign.
    pub const fn as_integer(self, representation: Representation) -> i64 {
        match representation.size() {
            size @ 1..=7 => {
                let unused = 64 - 8 * size;
                self.as_int64() << unused >> unused
            }
            _ => self.as_int64(),
        }
    }

    /// As a double.
    #[inline]
    pub const fn as_float64(self) -> f64 {
        f64::from_bits(self.as_int64().cast_unsigned())
    }

    /// As a truth value: any bit that is set makes it true.
    #[inline]
    pub const fn as_boolean(self) -> bool {
        self.0 != 0
    }

    /// Writes it to the first bytes of memory, as many as its representation has.
    ///
    /// # Panics
    ///
    /// Where there are fewer.
    #[inline]
    pub fn write(self, representation: Representation, memory: &mut [u8]) {
        let size = representation.size() as usize;
        let bytes = self.0.to_ne_bytes();
        let bytes = if cfg!(target_endian = "big") { &bytes[16 - size..] } else { &bytes[..size] };
        memory[..size].copy_from_slice(bytes);
    }

    /// Reads one from the first bytes of memory.
    ///
    /// # Panics
    ///
    /// Where there are fewer than its representation has.
    #[inline]
    pub fn read(representation: Representation, memory: &[u8]) -> Self {
        let size = representation.size() as usize;
        let mut bytes = [0; 16];
        let place = if cfg!(target_endian = "big") { &mut bytes[16 - size..] } else { &mut bytes[..size] };
        place.copy_from_slice(&memory[..size]);
        Self(u128::from_ne_bytes(bytes))
    }
}

/// Zeroed bytes, aligned to 16, which native code may be given the address of while this lives. It may be moved.
#[derive(Debug)]
pub struct NativeBuffer {
    words: Vec<u128>,
    bytes: usize,
}

impl NativeBuffer {
    /// So many bytes.
    pub fn zeroed(bytes: usize) -> Self {
        Self { words: vec![0; bytes.div_ceil(16).max(1)], bytes }
    }

    /// Where the bytes begin: good for native code to read and write until [`NativeBuffer::bytes_mut`] is called.
    pub fn address(&mut self) -> u64 {
        self.words.as_mut_ptr().expose_provenance() as u64
    }

    /// What is there now.
    pub fn bytes(&self) -> &[u8] {
        // SAFETY: the words are at least as many bytes, all of which are initialised.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.bytes) }
    }

    /// What is there now, to be changed.
    pub fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; every byte is a value of a word.
        unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast(), self.bytes) }
    }
}

#[cfg(test)]
mod tests {
    use cfunc_models::Representation;

    use super::{NativeBuffer, NativeWord};

    #[test]
    fn words_come_back_from_memory() {
        let mut memory = [0xaau8; 16];
        for (representation, value) in [
            (Representation::I8, -3),
            (Representation::I16, i64::from(i16::MIN)),
            (Representation::I32, 70_000),
            (Representation::I64, i64::MIN),
        ] {
            let word = NativeWord::integer(representation, value).expect("it fits");
            word.write(representation, &mut memory);
            let read = NativeWord::read(representation, &memory);
            assert_eq!((read, read.as_integer(representation)), (word, value));
        }
        assert_eq!(NativeWord::integer(Representation::I16, 40_000), None);
        assert_eq!(NativeWord::integer(Representation::F64, 0), None);
        let large = NativeWord::int128(-1);
        large.write(Representation::I128, &mut memory);
        assert_eq!(NativeWord::read(Representation::I128, &memory), large);
        assert_eq!(NativeWord::float64(-0.0).as_float64().to_bits(), (-0.0f64).to_bits());
    }

    #[test]
    fn buffers_are_zeroed_and_aligned() {
        let mut buffer = NativeBuffer::zeroed(20);
        assert_eq!(buffer.address() % 16, 0);
        assert_eq!(buffer.bytes(), [0; 20]);
        buffer.bytes_mut()[19] = 1;
        assert_eq!(buffer.bytes()[19], 1);
    }
}
