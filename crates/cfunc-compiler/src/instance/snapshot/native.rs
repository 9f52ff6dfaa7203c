//! The items of containers in snapshots.

use cfunc_backend::SymbolTable;
use cfunc_context::{ContainerCalls, ItemsForm, NativeBuffer};
use cfunc_models::{NodeErrorKind, TypeTable};

use super::bytes::Reader;
use super::layout::Layout;
use crate::SnapshotError;
use crate::native::ContainerFunctions;

/// Bytes of items that are read or appended at once, about.
const CHUNK_BYTES: usize = 4096;

/// How containers of a type are read and made.
#[derive(Debug)]
pub(super) struct Items {
    layout: Layout,
    functions: ContainerFunctions,
}

impl Items {
    /// From what the type's rule says; else why not.
    pub(super) fn new(types: &TypeTable, form: &ItemsForm, symbols: &SymbolTable) -> Result<Self, String> {
        let mut layout = Layout::sized(form.size as usize);
        for part in &form.parts {
            layout.add(types, part.ty, part.offset as usize, part.extended);
        }
        Ok(Self { layout, functions: ContainerFunctions::new(form.clone(), symbols)? })
    }

    /// What items hold.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    fn chunk(&self) -> NativeBuffer {
        NativeBuffer::zeroed((CHUNK_BYTES / self.layout.size()).max(1) * self.layout.size())
    }

    /// Appends the number of items (64 bits) and the items to a snapshot.
    ///
    /// # Safety
    ///
    /// The address is that of a live container of the type.
    pub(super) unsafe fn save(&self, container: u64, sink: &mut Vec<u8>) {
        let start = sink.len();
        sink.extend(0u64.to_le_bytes());
        let size = self.layout.size();
        let mut buffer = self.chunk();
        let most = buffer.bytes().len() / size;
        let (mut cursor, mut count) = (0i64, 0u64);
        loop {
            // SAFETY: the caller's promise; the buffer has room for as many items.
            let read = unsafe { self.functions.read(container, &mut cursor, buffer.address(), most) };
            if read == 0 {
                break;
            }
            for item in buffer.bytes()[..read * size].chunks_exact(size) {
                self.layout.save(item, sink);
            }
            count += read as u64;
        }
        sink[start..start + 8].copy_from_slice(&count.to_le_bytes());
    }

    /// Makes a container of the items that come next.
    pub(super) fn restore(&self, reader: &mut Reader<'_>) -> Result<Made<'_>, RestoreError> {
        let count = reader.u64()?;
        // So many items are there, or nothing is made: damaged numbers ask for no memory.
        let bytes = usize::try_from(count).ok().and_then(|count| count.checked_mul(self.layout.saved()));
        let mut items = match bytes {
            Some(bytes) if bytes <= reader.left() => Reader::new(reader.take(bytes)?),
            _ => return Err(SnapshotError::damaged("it ends early").into()),
        };
        let no_memory = |_: String| RestoreError::NoMemory(self.functions.failure());
        let container = self.functions.make().map_err(no_memory)?;
        let made = Made { items: self, container };
        let size = self.layout.size();
        let mut buffer = self.chunk();
        while items.left() > 0 {
            let mut filled = 0usize;
            for item in buffer.bytes_mut().chunks_exact_mut(size) {
                if items.left() == 0 {
                    break;
                }
                item.fill(0);
                self.layout.restore(&mut items, item)?;
                filled += 1;
            }
            // SAFETY: the container was made just now; the buffer holds as many items.
            if !unsafe { self.functions.append(container, buffer.address(), filled) }.map_err(no_memory)? {
                return Err(SnapshotError::damaged("an item cannot be where it is").into());
            }
        }
        Ok(made)
    }

    /// Lets go of a container.
    ///
    /// # Safety
    ///
    /// The address is that of a live container of the type, of which the caller is an owner, and is none afterwards.
    pub(super) unsafe fn release(&self, container: u64) {
        // SAFETY: the caller's promise.
        unsafe { self.functions.release(container) };
    }
}

/// A container that nothing owns yet but this.
pub(super) struct Made<'a> {
    items: &'a Items,
    container: u64,
}

impl Made<'_> {
    /// Its address; who asks is the owner now.
    pub(super) fn keep(self) -> u64 {
        let container = self.container;
        std::mem::forget(self);
        container
    }
}

impl Drop for Made<'_> {
    fn drop(&mut self) {
        // SAFETY: the container was made for this, and is given away by `keep` alone.
        unsafe { self.items.release(self.container) };
    }
}

/// Why a container was not made.
pub(super) enum RestoreError {
    /// [`NodeErrorKind::MemoryError`] or [`NodeErrorKind::MemoryLimit`].
    NoMemory(NodeErrorKind),
    Snapshot(SnapshotError),
}

impl From<SnapshotError> for RestoreError {
    fn from(error: SnapshotError) -> Self {
        Self::Snapshot(error)
    }
}
