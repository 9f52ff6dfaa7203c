//! Memory for small units on Linux: an anonymous file, mapped readable and executable, and written by system call.
//!
//! Changing the protection of pages makes every processor that runs a thread of the process drop what it knows of
//! them, which costs more than compiling once two threads do it. A file needs no such change: no mapping of it is ever
//! writable, and code gets into it by `pwrite`. Units need not fill pages either. A chunk has 64 slots; a bit per slot
//! says whether it is in use.
//!
//! After a fork both processes map the same file, so neither may write into it any more: a fork starts a new file.
//! What lives in the old one keeps its mapping until its last unit is dropped. (A child forked while another thread
//! compiles must not compile itself, as with every lock.)

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, FromRawFd};
use std::os::unix::fs::FileExt;
use std::ptr::NonNull;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::memory::{SLOTS, free_run, run_mask};

/// The size of a slot in bytes: a small node's code fits.
const SLOT: usize = 1024;

/// The size of a chunk in bytes, a multiple of any page size.
const CHUNK: usize = SLOT * SLOTS;

/// How many chunks without units stay mapped.
const EMPTY_CHUNKS_KEPT: usize = 16;

static POOL: Mutex<Option<Pool>> = Mutex::new(None);

/// How often this process or an ancestor forked; the pool of another count must not be written.
static FORKS: AtomicU32 = AtomicU32::new(0);

/// Whether the system refused an anonymous file or an executable mapping of it; it will again.
static REFUSED: AtomicBool = AtomicBool::new(false);

/// Slots of one owner, given back on drop.
#[derive(Debug)]
pub(crate) struct SharedMemory {
    mapping: Arc<Mapping>,
    file: Arc<File>,
    forks: u32,
    chunk: usize,
    mask: u64,
}

impl SharedMemory {
    /// Memory for so many bytes; `None` where it is too much for a chunk, or the system does not allow it.
    pub(crate) fn allocate(size: usize) -> Option<Self> {
        let count = size.max(1).div_ceil(SLOT);
        if count > SLOTS || REFUSED.load(Ordering::Relaxed) {
            return None;
        }
        match take(count) {
            Ok(memory) => Some(memory),
            Err(_) => {
                REFUSED.store(true, Ordering::Relaxed);
                None
            }
        }
    }

    /// Where the memory begins.
    pub(crate) fn base(&self) -> NonNull<u8> {
        let start = self.mask.trailing_zeros() as usize * SLOT;
        // SAFETY: the slots of the mask are within the mapping.
        unsafe { self.mapping.0.add(start) }
    }

    /// The size in bytes.
    pub(crate) fn size(&self) -> usize {
        self.mask.count_ones() as usize * SLOT
    }

    /// Puts bytes at the beginning; there are at most as many as the size.
    pub(crate) fn write(&self, bytes: &[u8]) -> io::Result<()> {
        let offset = self.chunk * CHUNK + self.mask.trailing_zeros() as usize * SLOT;
        self.file.write_all_at(bytes, offset as u64)
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        let mut guard = lock();
        if let Some(pool) = &mut *guard
            && pool.forks == self.forks
        {
            pool.give_back(self.chunk, self.mask);
        }
    }
}

/// A chunk's mapping, unmapped with its last owner: the pool or a unit.
#[derive(Debug)]
struct Mapping(NonNull<u8>);

// SAFETY: a mapping belongs to the process, not to a thread, and is never written through.
unsafe impl Send for Mapping {}
// SAFETY: as above.
unsafe impl Sync for Mapping {}

impl Mapping {
    fn new(file: &File, chunk: usize) -> io::Result<Self> {
        let offset = libc::off_t::try_from(chunk * CHUNK).map_err(io::Error::other)?;
        // SAFETY: a new mapping at an address that the system chooses touches nothing that exists.
        let address = unsafe {
            libc::mmap(
                std::ptr::null_mut(),
                CHUNK,
                libc::PROT_READ | libc::PROT_EXEC,
                libc::MAP_SHARED,
                file.as_raw_fd(),
                offset,
            )
        };
        if address == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        NonNull::new(address.cast()).map(Self).ok_or_else(|| io::Error::other("a mapping at address zero"))
    }
}

impl Drop for Mapping {
    fn drop(&mut self) {
        // SAFETY: the mapping is ours, of this size, and has no other owner.
        let result = unsafe { libc::munmap(self.0.as_ptr().cast(), CHUNK) };
        debug_assert_eq!(result, 0);
    }
}

/// The file and the chunks of one process between forks.
struct Pool {
    file: Arc<File>,
    forks: u32,
    /// By position in the file; `None` where a chunk was unmapped.
    chunks: Vec<Option<Chunk>>,
    /// All chunks before this one are full.
    first_with_room: usize,
    /// How many chunks hold no unit.
    empty: usize,
}

struct Chunk {
    mapping: Arc<Mapping>,
    /// Slots that are handed out.
    used: u64,
}

fn take(count: usize) -> io::Result<SharedMemory> {
    let mut guard = lock();
    let forks = FORKS.load(Ordering::Relaxed);
    if guard.as_ref().is_some_and(|pool| pool.forks != forks) {
        *guard = None;
    }
    let pool = match &mut *guard {
        Some(pool) => pool,
        none => none.insert(Pool::new(forks)?),
    };
    pool.take(count)
}

impl Pool {
    fn new(forks: u32) -> io::Result<Self> {
        watch_forks()?;
        Ok(Self { file: Arc::new(anonymous_file()?), forks, chunks: Vec::new(), first_with_room: 0, empty: 0 })
    }

    fn take(&mut self, count: usize) -> io::Result<SharedMemory> {
        let found = (self.first_with_room..self.chunks.len()).find_map(|index| {
            let chunk = self.chunks[index].as_ref()?;
            Some((index, free_run(chunk.used, count)?))
        });
        let (index, start) = match found {
            Some(found) => found,
            None => (self.add_chunk()?, 0),
        };
        let Some(chunk) = self.chunks[index].as_mut() else {
            return Err(io::Error::other("a chunk of code memory is missing"));
        };
        if chunk.used == 0 {
            self.empty -= 1;
        }
        let mask = run_mask(start, count);
        chunk.used |= mask;
        let memory = SharedMemory {
            mapping: Arc::clone(&chunk.mapping),
            file: Arc::clone(&self.file),
            forks: self.forks,
            chunk: index,
            mask,
        };
        while let Some(Some(Chunk { used: u64::MAX, .. })) = self.chunks.get(self.first_with_room) {
            self.first_with_room += 1;
        }
        Ok(memory)
    }

    fn add_chunk(&mut self) -> io::Result<usize> {
        let gap = self.chunks.iter().position(Option::is_none);
        let index = gap.unwrap_or(self.chunks.len());
        if gap.is_none() {
            self.file.set_len(((index + 1) * CHUNK) as u64)?;
            self.chunks.push(None);
        }
        self.first_with_room = self.first_with_room.min(index);
        self.chunks[index] = Some(Chunk { mapping: Arc::new(Mapping::new(&self.file, index)?), used: 0 });
        self.empty += 1;
        Ok(index)
    }

    fn give_back(&mut self, index: usize, mask: u64) {
        let Some(chunk) = self.chunks.get_mut(index).and_then(Option::as_mut) else {
            return;
        };
        chunk.used &= !mask;
        self.first_with_room = self.first_with_room.min(index);
        if chunk.used != 0 {
            return;
        }
        if self.empty < EMPTY_CHUNKS_KEPT {
            self.empty += 1;
            return;
        }
        self.chunks[index] = None;
        let mode = libc::FALLOC_FL_PUNCH_HOLE | libc::FALLOC_FL_KEEP_SIZE;
        let (offset, length) = ((index * CHUNK) as libc::off_t, CHUNK as libc::off_t);
        // Where it fails, the file keeps its pages until the chunk is used again.
        // SAFETY: this frees pages of our file that no unit uses.
        let _kept = unsafe { libc::fallocate(self.file.as_raw_fd(), mode, offset, length) };
    }
}

fn lock() -> MutexGuard<'static, Option<Pool>> {
    // Nothing panics between changes that belong together, so a poisoned pool is still consistent.
    POOL.lock().unwrap_or_else(PoisonError::into_inner)
}

fn anonymous_file() -> io::Result<File> {
    let name = c"cfunc-code";
    // Newer kernels want to be told that the file itself is never run as a program; older ones do not know the flag.
    for flags in [libc::MFD_CLOEXEC | libc::MFD_NOEXEC_SEAL, libc::MFD_CLOEXEC] {
        // SAFETY: the name is a C string.
        let descriptor = unsafe { libc::memfd_create(name.as_ptr(), flags) };
        if descriptor >= 0 {
            // SAFETY: the descriptor is open and nobody else owns it.
            return Ok(unsafe { File::from_raw_fd(descriptor) });
        }
    }
    Err(io::Error::last_os_error())
}

/// Counts forks from now on, in parents and children alike.
fn watch_forks() -> io::Result<()> {
    static WATCHED: AtomicBool = AtomicBool::new(false);
    extern "C" fn count() {
        FORKS.fetch_add(1, Ordering::Relaxed);
    }
    if WATCHED.swap(true, Ordering::Relaxed) {
        return Ok(());
    }
    // SAFETY: the handler only changes an atomic number, which is allowed between fork and exec.
    match unsafe { libc::pthread_atfork(None, Some(count), Some(count)) } {
        0 => Ok(()),
        code => Err(io::Error::from_raw_os_error(code)),
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{Mutex, MutexGuard, PoisonError};

    use super::{CHUNK, SLOT, SharedMemory};

    /// These tests run one at a time, so that no thread holds the pool's lock while another forks.
    fn alone() -> MutexGuard<'static, ()> {
        static ALONE: Mutex<()> = Mutex::new(());
        ALONE.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(memory: &SharedMemory, length: usize) -> Vec<u8> {
        // SAFETY: the memory is mapped and readable, and nothing writes it meanwhile.
        unsafe { std::slice::from_raw_parts(memory.base().as_ptr(), length) }.to_vec()
    }

    #[test]
    fn slots_hold_what_is_written_while_others_come_and_go() {
        let _alone = alone();
        let Some(probe) = SharedMemory::allocate(1) else {
            return;
        };
        assert_eq!(probe.size(), SLOT);
        assert!(SharedMemory::allocate(CHUNK + 1).is_none());
        let mut held = Vec::new();
        for index in 0..3_000_usize {
            let size = [1, 300, SLOT, SLOT + 1, 5 * SLOT, CHUNK][index % 6];
            let bytes: Vec<u8> = (0..size).map(|at| (at * 7 + index) as u8).collect();
            let memory = SharedMemory::allocate(size).unwrap();
            memory.write(&bytes).unwrap();
            held.push((memory, bytes));
            if held.len() > 40 {
                held.swap_remove(index % 40);
            }
        }
        for (memory, bytes) in &held {
            assert_eq!(read(memory, bytes.len()), *bytes);
        }
    }

    #[test]
    fn memory_is_executable_and_never_writable() {
        let _alone = alone();
        let Some(memory) = SharedMemory::allocate(1) else {
            return;
        };
        let region = region::query(memory.base().as_ptr()).unwrap();
        assert_eq!(region.protection(), region::Protection::READ_EXECUTE);
    }

    #[test]
    fn a_child_process_does_not_write_into_its_parents_memory() {
        let _alone = alone();
        let Some(memory) = SharedMemory::allocate(64) else {
            return;
        };
        memory.write(&[1; 64]).unwrap();
        let freed = SharedMemory::allocate(64).unwrap();
        freed.write(&[2; 64]).unwrap();
        drop(freed);
        // SAFETY: the child only takes and writes memory of this module, then exits at once.
        let child = unsafe { libc::fork() };
        if child == 0 {
            let fresh = SharedMemory::allocate(64);
            let separate = fresh.as_ref().is_some_and(|fresh| {
                !std::sync::Arc::ptr_eq(&fresh.file, &memory.file)
                    && fresh.write(&[3; 64]).is_ok()
                    && read(fresh, 64) == [3; 64]
                    && read(&memory, 64) == [1; 64]
            });
            // SAFETY: ends the child without running what belongs to the parent.
            unsafe { libc::_exit(if separate { 0 } else { 1 }) };
        }
        assert!(child > 0);
        let after = SharedMemory::allocate(64).unwrap();
        assert!(!std::sync::Arc::ptr_eq(&after.file, &memory.file));
        let mut status = 0;
        // SAFETY: waits for the child that was made above.
        assert_eq!(unsafe { libc::waitpid(child, &raw mut status, 0) }, child);
        assert_eq!(status, 0);
        assert_eq!(read(&memory, 64), [1; 64]);
    }
}
