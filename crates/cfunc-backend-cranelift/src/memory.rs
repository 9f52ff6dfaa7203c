//! Memory for code: recycled, never writable and executable at once.
//!
//! On Linux small units live in `shared_memory`. What follows is for larger ones, for other systems, and for where that
//! is not allowed.
//!
//! Asking the system for a mapping per compilation costs more than the copy into it, and threads that do so wait for
//! each other in the kernel. So memory comes in chunks of 64 pages that stay mapped; a bit per page says whether it is
//! in use. A unit gets whole pages, since making a page writable again would stop other code on it. Chunks without
//! units are kept up to a small number and unmapped beyond that; units larger than a chunk have a mapping of their own.

use std::ptr::NonNull;
use std::sync::{Mutex, MutexGuard, PoisonError};

use cfunc_backend::BackendError;
use region::{Allocation, Protection};

use crate::backend::internal;
#[cfg(target_os = "linux")]
use crate::shared_memory::SharedMemory;

/// How many chunks without units stay mapped, for the next compilation.
const EMPTY_CHUNKS_KEPT: usize = 4;

/// The number of slots or pages of a chunk: the bits of its maps.
pub(crate) const SLOTS: usize = 64;

static POOL: Mutex<Pool> = Mutex::new(Pool { chunks: Vec::new(), first_with_room: 0, empty: 0 });

/// Memory that is to be filled; not both writable and executable.
#[derive(Debug)]
pub(crate) struct WritableMemory(Pages);

/// Memory that holds code and constants; readable and executable. Freed on drop, when nothing may call into them.
#[derive(Debug)]
pub(crate) struct ExecutableMemory(Pages);

impl WritableMemory {
    /// Memory for so many bytes, aligned to 1 KiB at least.
    pub(crate) fn allocate(size: usize) -> Result<Self, BackendError> {
        #[cfg(target_os = "linux")]
        if let Some(shared) = SharedMemory::allocate(size) {
            return Ok(Self(Pages { base: shared.base(), size: shared.size(), place: Place::Shared(shared) }));
        }
        Self::allocate_pages(size)
    }

    fn allocate_pages(size: usize) -> Result<Self, BackendError> {
        let page = region::page::size();
        let count = size.max(1).div_ceil(page);
        if count > SLOTS {
            let mut mapping = Mapping(map(count * page)?);
            let base = base(&mut mapping.0)?;
            return Ok(Self(Pages { base, size: count * page, place: Place::Own(mapping) }));
        }
        let (pages, executable) = lock().take(count, page)?;
        if executable {
            // SAFETY: these pages were handed out to nobody else, and the code that was in them has been freed.
            unsafe { region::protect(pages.base.as_ptr(), pages.size, Protection::READ_WRITE) }.map_err(internal)?;
        }
        Ok(Self(pages))
    }

    /// The address at which the code will run.
    pub(crate) fn address(&self) -> u64 {
        self.0.base.as_ptr().expose_provenance() as u64
    }

    /// Fills the memory and makes it executable.
    pub(crate) fn publish(self, bytes: &[u8]) -> Result<ExecutableMemory, BackendError> {
        let pages = &self.0;
        if bytes.len() > pages.size {
            return Err(internal("the code does not fit its memory"));
        }
        let address = pages.base.as_ptr();
        match &pages.place {
            #[cfg(target_os = "linux")]
            Place::Shared(shared) => shared.write(bytes).map_err(internal)?,
            Place::Own(_) | Place::Chunk { .. } => {
                // SAFETY: the pages are writable, ours alone, and at least as long as `bytes`, which lies elsewhere.
                unsafe { std::ptr::copy_nonoverlapping(bytes.as_ptr(), address, bytes.len()) };
                // SAFETY: the pages are ours alone; from here on nothing writes them until they are freed.
                unsafe { region::protect(address, pages.size, Protection::READ_EXECUTE) }.map_err(internal)?;
            }
        }
        // SAFETY: the range is mapped.
        unsafe { wasmtime_internal_jit_icache_coherence::clear_cache(address.cast(), bytes.len()) }
            .map_err(internal)?;
        wasmtime_internal_jit_icache_coherence::pipeline_flush_mt().map_err(internal)?;
        Ok(ExecutableMemory(self.0))
    }
}

impl ExecutableMemory {
    /// The address of a byte of it.
    pub(crate) fn at(&self, offset: u32) -> Option<*const u8> {
        let offset = offset as usize;
        // SAFETY: the offset is within the pages.
        (offset < self.0.size).then(|| unsafe { self.0.base.as_ptr().add(offset) }.cast_const())
    }
}

/// Whole pages of one owner, returned to where they came from on drop.
#[derive(Debug)]
struct Pages {
    base: NonNull<u8>,
    size: usize,
    place: Place,
}

// SAFETY: the pages have one owner, which may be any thread; what is read and run in them is immutable once
// published, and before that only its owner writes.
unsafe impl Send for Pages {}
// SAFETY: as above; a shared reference gives out addresses only.
unsafe impl Sync for Pages {}

/// Where pages come from.
#[derive(Debug)]
enum Place {
    /// A mapping of their own, unmapped on drop.
    Own(#[expect(dead_code, reason = "held for its drop")] Mapping),
    /// Slots of the shared pool.
    #[cfg(target_os = "linux")]
    Shared(SharedMemory),
    /// A chunk of the pool, and which of its pages.
    Chunk { chunk: usize, mask: u64 },
}

impl Drop for Pages {
    fn drop(&mut self) {
        if let Place::Chunk { chunk, mask } = self.place {
            lock().give_back(chunk, mask);
        }
    }
}

struct Mapping(Allocation);

impl std::fmt::Debug for Mapping {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(formatter, "Mapping({} bytes)", self.0.len())
    }
}

// SAFETY: a mapping belongs to the process, not to a thread.
unsafe impl Send for Mapping {}

/// Chunks and what is free in them.
struct Pool {
    /// `None` where a chunk was unmapped.
    chunks: Vec<Option<Chunk>>,
    /// All chunks before this one are full or unmapped.
    first_with_room: usize,
    /// How many chunks hold no unit.
    empty: usize,
}

struct Chunk {
    mapping: Mapping,
    /// Pages that are handed out.
    used: u64,
    /// Pages that were made executable when they were last handed out.
    executable: u64,
}

impl Pool {
    /// Free pages, and whether they must be made writable first.
    fn take(&mut self, count: usize, page: usize) -> Result<(Pages, bool), BackendError> {
        let found = (self.first_with_room..self.chunks.len()).find_map(|index| {
            let chunk = self.chunks[index].as_ref()?;
            Some((index, free_run(chunk.used, count)?))
        });
        let (index, start) = match found {
            Some(found) => found,
            None => (self.add_chunk(page)?, 0),
        };
        let Some(chunk) = self.chunks[index].as_mut() else {
            return Err(internal("a chunk of code memory is missing"));
        };
        let mask = run_mask(start, count);
        if chunk.used == 0 {
            self.empty -= 1;
        }
        let executable = chunk.executable & mask != 0;
        chunk.used |= mask;
        chunk.executable |= mask;
        let base = base(&mut chunk.mapping.0)?;
        // SAFETY: `start` is one of the chunk's pages.
        let base = unsafe { base.add(start * page) };
        while self.is_full(self.first_with_room) {
            self.first_with_room += 1;
        }
        let pages = Pages { base, size: count * page, place: Place::Chunk { chunk: index, mask } };
        Ok((pages, executable))
    }

    fn is_full(&self, index: usize) -> bool {
        match self.chunks.get(index) {
            Some(Some(chunk)) => chunk.used == u64::MAX,
            Some(None) => true,
            None => false,
        }
    }

    fn add_chunk(&mut self, page: usize) -> Result<usize, BackendError> {
        let chunk = Some(Chunk { mapping: Mapping(map(SLOTS * page)?), used: 0, executable: 0 });
        self.empty += 1;
        match self.chunks.iter().position(Option::is_none) {
            Some(index) => {
                self.chunks[index] = chunk;
                self.first_with_room = self.first_with_room.min(index);
                Ok(index)
            }
            None => {
                self.chunks.push(chunk);
                Ok(self.chunks.len() - 1)
            }
        }
    }

    fn give_back(&mut self, index: usize, mask: u64) {
        let Some(chunk) = self.chunks.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        chunk.used &= !mask;
        if chunk.used == 0 {
            if self.empty >= EMPTY_CHUNKS_KEPT {
                self.chunks[index] = None;
                return;
            }
            self.empty += 1;
        }
        self.first_with_room = self.first_with_room.min(index);
    }
}

fn lock() -> MutexGuard<'static, Pool> {
    // Nothing panics between changes that belong together, so a poisoned pool is still consistent.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A readable and writable mapping.
fn map(size: usize) -> Result<Allocation, BackendError> {
    region::alloc(size, Protection::READ_WRITE).map_err(internal)
}

fn base(mapping: &mut Allocation) -> Result<NonNull<u8>, BackendError> {
    NonNull::new(mapping.as_mut_ptr()).ok_or_else(|| internal("a mapping at address zero"))
}

/// The lowest position of `count` zero bits in a row; `count` is 1 to 64.
pub(crate) fn free_run(used: u64, count: usize) -> Option<usize> {
    let mut starts = !used;
    // Bit n of `starts` says that the bits n to n + length - 1 are free.
    let mut length = 1;
    while length < count {
        let step = length.min(count - length);
        starts &= starts >> step;
        length += step;
    }
    (starts != 0).then(|| starts.trailing_zeros() as usize)
}

/// `count` bits from `start` on; `count` is 1 to 64.
pub(crate) fn run_mask(start: usize, count: usize) -> u64 {
    (u64::MAX >> (SLOTS - count)) << start
}

#[cfg(test)]
mod tests {
    use super::{WritableMemory, free_run, run_mask};

    #[test]
    fn free_runs_are_found() {
        assert_eq!(free_run(0, 64), Some(0));
        assert_eq!(free_run(1, 64), None);
        assert_eq!(free_run(u64::MAX, 1), None);
        assert_eq!(free_run(0b1011, 1), Some(2));
        assert_eq!(free_run(0b1011, 2), Some(4));
        assert_eq!(free_run(1 << 40, 41), None);
        assert_eq!(free_run(1 << 40, 40), Some(0));
        assert_eq!(free_run(1 << 20, 43), Some(21));
        for count in 1..=64 {
            for start in 0..=64 - count {
                let used = !run_mask(start, count);
                assert_eq!(free_run(used, count), Some(start), "{count} from {start}");
                assert_eq!(run_mask(start, count).count_ones() as usize, count);
            }
        }
    }

    #[test]
    fn memory_holds_what_is_published() {
        let page = region::page::size();
        let mut held = Vec::new();
        for size in [1, 100, page, page + 1, 3 * page, 64 * page, 64 * page + 1, 200 * page] {
            let bytes: Vec<u8> = (0..size).map(|index| (index * 7 + size) as u8).collect();
            let memory = WritableMemory::allocate_pages(size).unwrap();
            assert_eq!(memory.address() % page as u64, 0);
            held.push((memory.publish(&bytes).unwrap(), bytes));
        }
        // Every other one is dropped and its pages are used again, which must not touch those that live.
        let mut index = 0;
        held.retain(|_| {
            index += 1;
            index % 2 == 0
        });
        let more: Vec<_> =
            (0..200).map(|_| WritableMemory::allocate_pages(64).unwrap().publish(&[0xcc; 64]).unwrap()).collect();
        for (memory, bytes) in &held {
            for (offset, expected) in bytes.iter().enumerate() {
                let address = memory.at(u32::try_from(offset).unwrap()).unwrap();
                // SAFETY: the memory is mapped and readable.
                assert_eq!(unsafe { address.read() }, *expected);
            }
        }
        drop(more);
    }

    #[test]
    fn memory_is_not_executable_while_writable() {
        let memory = WritableMemory::allocate_pages(8).unwrap();
        let address = std::ptr::with_exposed_provenance::<u8>(memory.address() as usize);
        let before = region::query(address).unwrap().protection();
        assert_eq!(before, region::Protection::READ_WRITE);
        let memory = memory.publish(&[0; 8]).unwrap();
        let after = region::query(memory.at(0).unwrap()).unwrap().protection();
        assert_eq!(after, region::Protection::READ_EXECUTE);
    }
}
