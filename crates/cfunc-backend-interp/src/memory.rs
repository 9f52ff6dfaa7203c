//! All that is unsafe: memory, foreign calls, the error record.
//!
//! Addresses in registers are plain numbers. Memory whose address the IR can take exposes its provenance, and accesses
//! take it back.

use std::alloc::{Layout, alloc, dealloc, handle_alloc_error};
use std::collections::BTreeMap;
use std::ptr::{NonNull, with_exposed_provenance, with_exposed_provenance_mut};

use cfunc_models::{ErrorSite, RuntimeFunction, SiteId, UnitDescriptor};
use smallvec::SmallVec;

use crate::arithmetic::low_word;
use crate::foreign::ForeignFunction;

/// No object lies below this address.
const FIRST_ADDRESS: u64 = 4096;

/// Memory that the interpreter owns, aligned to 16, freed on drop. It has interior mutability: the IR may write to it
/// while the buffer is shared.
#[derive(Debug)]
pub(crate) struct Buffer {
    start: NonNull<u8>,
    layout: Layout,
    size: usize,
}

// SAFETY: the buffer owns its memory; who reads or writes it by address answers for races, as `Memory` says.
unsafe impl Send for Buffer {}
// SAFETY: as above; the methods read nothing but the address.
unsafe impl Sync for Buffer {}

impl Buffer {
    /// Memory of these bytes.
    pub(crate) fn new(contents: &[u8]) -> Self {
        let buffer = Self::filled(contents.len(), 0);
        // SAFETY: the new memory has room for the contents, and nothing else knows it.
        unsafe {
            buffer.start.copy_from_nonoverlapping(NonNull::from(contents).cast(), contents.len());
        }
        buffer
    }

    /// Memory of `size` times the same byte.
    pub(crate) fn filled(size: usize, byte: u8) -> Self {
        let reserved = size.max(1).next_multiple_of(16);
        let layout = Layout::from_size_align(reserved, 16).expect("objects are far smaller than memory");
        // SAFETY: the layout is not empty.
        let Some(start) = NonNull::new(unsafe { alloc(layout) }) else { handle_alloc_error(layout) };
        // SAFETY: the memory was just allocated with this size.
        unsafe { start.write_bytes(byte, layout.size()) };
        Self { start, layout, size }
    }

    /// The address of the first byte.
    pub(crate) fn address(&self) -> u64 {
        self.start.as_ptr().expose_provenance() as u64
    }

    /// The size in bytes.
    pub(crate) fn size(&self) -> usize {
        self.size
    }

    /// Puts a word at an offset; before the code runs.
    pub(crate) fn put_word(&mut self, offset: usize, word: u64) {
        assert!(
            offset.checked_add(8).is_some_and(|end| end <= self.layout.size()),
            "a relocation lies within its object"
        );
        // SAFETY: the 8 bytes lie within the memory, as just checked, which nobody else uses yet.
        unsafe {
            self.start.add(offset).copy_from_nonoverlapping(NonNull::from(&word.to_ne_bytes()).cast(), 8);
        }
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        // SAFETY: allocated in `filled` with this layout, and freed once.
        unsafe { dealloc(self.start.as_ptr(), self.layout) }
    }
}

/// What a running program may access: all memory, where a caller answers for it, or only what it owns.
pub(crate) struct Memory {
    /// The ends of the accessible ranges by their starts; `None` where a caller answers.
    ranges: Option<BTreeMap<u64, u64>>,
}

impl Memory {
    /// Access to whatever the program computes as an address.
    ///
    /// # Safety
    ///
    /// Every address that the program loads from or stores to, or gives to a function that does, is null, misaligned, or
    /// valid for that at that time, without data races.
    pub(crate) unsafe fn of_host() -> Self {
        Self { ranges: None }
    }

    /// Access to nothing but what [`Memory::add`] names; foreign functions are not called.
    pub(crate) fn own() -> Self {
        Self { ranges: Some(BTreeMap::new()) }
    }

    /// Gives access to a buffer, until [`Memory::remove`]. Safe because a program that frees it first ends its access.
    pub(crate) fn add(&mut self, buffer: &Buffer) {
        if let Some(ranges) = &mut self.ranges {
            let start = buffer.address();
            ranges.insert(start, start + buffer.size() as u64);
        }
    }

    /// Ends the access to a buffer that is about to be freed.
    pub(crate) fn remove(&mut self, buffer: &Buffer) {
        if let Some(ranges) = &mut self.ranges {
            ranges.remove(&buffer.address());
        }
    }

    /// Whether nothing but [`Memory::add`]ed buffers may be accessed.
    pub(crate) fn is_own(&self) -> bool {
        self.ranges.is_some()
    }

    fn check(&self, address: u64, size: u32) -> Result<(), &'static str> {
        if address < FIRST_ADDRESS {
            return Err("access through a null pointer");
        }
        if !address.is_multiple_of(u64::from(size)) {
            return Err("access through a misaligned address");
        }
        self.check_range(address, u64::from(size))
    }

    fn check_range(&self, address: u64, size: u64) -> Result<(), &'static str> {
        let Some(ranges) = &self.ranges else {
            return Ok(());
        };
        let inside = ranges
            .range(..=address)
            .next_back()
            .is_some_and(|(_, end)| address.checked_add(size).is_some_and(|last| last <= *end));
        if inside {
            return Ok(());
        }
        Err("access outside of the program's own memory")
    }

    /// Reads 1, 2, 4, 8 or 16 bytes.
    pub(crate) fn load(&self, address: u64, size: u32) -> Result<u128, &'static str> {
        self.check(address, size)?;
        let address = address as usize;
        // SAFETY: the address is aligned and not null; it lies within live memory of our own, or `of_host`'s caller
        // answers for it.
        Ok(unsafe {
            match size {
                1 => u128::from(with_exposed_provenance::<u8>(address).read()),
                2 => u128::from(with_exposed_provenance::<u16>(address).read()),
                4 => u128::from(with_exposed_provenance::<u32>(address).read()),
                8 => u128::from(with_exposed_provenance::<u64>(address).read()),
                _ => with_exposed_provenance::<u128>(address).read(),
            }
        })
    }

    /// Writes the low 1, 2, 4, 8 or 16 bytes.
    pub(crate) fn store(&mut self, address: u64, size: u32, bits: u128) -> Result<(), &'static str> {
        self.check(address, size)?;
        let address = address as usize;
        let word = low_word(bits);
        let bytes = word.to_le_bytes();
        let half = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        // SAFETY: as for `load`.
        unsafe {
            match size {
                1 => with_exposed_provenance_mut::<u8>(address).write(bytes[0]),
                2 => with_exposed_provenance_mut::<u16>(address).write(u16::from_le_bytes([bytes[0], bytes[1]])),
                4 => with_exposed_provenance_mut::<u32>(address).write(half),
                8 => with_exposed_provenance_mut::<u64>(address).write(word),
                _ => with_exposed_provenance_mut::<u128>(address).write(bits),
            }
        }
        Ok(())
    }

    /// Calls a function of the C runtime with as many words as it has parameters.
    pub(crate) fn call_runtime(&self, function: RuntimeFunction, arguments: &[u64]) -> Result<u64, &'static str> {
        if self.is_own() {
            // Own memory alone: the functions without pointers are safe, the others are not called.
            return cfunc_runtime::call_pure(function, arguments)
                .ok_or("call of a function that takes pointers, without a host's memory");
        }
        // SAFETY: the signature was compared with the function's description; `of_host`'s caller answers for pointers.
        Ok(unsafe { cfunc_runtime::invoke(function, arguments) })
    }

    /// Calls a registered function.
    pub(crate) fn call_foreign(
        &self,
        function: &ForeignFunction,
        arguments: &[u128],
    ) -> Result<SmallVec<[u128; 2]>, &'static str> {
        if self.is_own() {
            return Err("call of a foreign function, without a host's memory");
        }
        // SAFETY: who registered the function said that it has this signature; `of_host`'s caller answers for pointers.
        Ok(unsafe { function.call(arguments) })
    }
}

/// Records the node error of a site in the runtime.
pub(crate) fn record_error(function: &str, site: ErrorSite) {
    let descriptor = UnitDescriptor::encode(function, &[site]);
    // SAFETY: a whole descriptor, readable during the call; the runtime copies what it keeps.
    unsafe { cfunc_runtime::raise_error(descriptor.as_ptr(), SiteId(0)) }
}
