//! Containers through the native functions that their type's rule names.

use std::ffi::c_void;

use cfunc_backend::SymbolTable;
use cfunc_context::{ItemsForm, NativeFunction};
use cfunc_models::{NodeErrorKind, RuntimeFunction, TypeTable};
use cfunc_runtime::invoke;

use super::bytes::Reader;
use super::layout::Layout;
use crate::SnapshotError;

/// Bytes of items that are read or appended at once, about.
const CHUNK_BYTES: usize = 4096;

/// A native function of integers and pointers that gives one, or nothing.
#[derive(Clone, Copy, Debug)]
enum Function {
    Runtime(RuntimeFunction),
    Host(HostFunction),
}

/// The address of a function of the host's.
#[derive(Clone, Copy, Debug)]
struct HostFunction(*const u8);

// SAFETY: who registered the function vouches for every thread that runs the code it belongs to.
unsafe impl Send for HostFunction {}
// SAFETY: as above.
unsafe impl Sync for HostFunction {}

impl Function {
    fn resolve(function: &NativeFunction, symbols: &SymbolTable) -> Result<Self, String> {
        match function {
            NativeFunction::Runtime(function) => Ok(Self::Runtime(*function)),
            NativeFunction::Symbol(symbol) => {
                let address = symbols.lookup(symbol);
                let address = address.ok_or_else(|| format!("the host has not registered the function `{symbol}`"))?;
                Ok(Self::Host(HostFunction(address)))
            }
        }
    }

    /// Calls it. What comes back of a function that gives less than 64 bits has anything above them.
    ///
    /// # Safety
    ///
    /// The function is of the signature that the arguments are for, and pointers among them are what it expects.
    unsafe fn call(self, arguments: &[u64]) -> u64 {
        let address = match self {
            // SAFETY: the caller's promise.
            Self::Runtime(function) => return unsafe { invoke(function, arguments) },
            Self::Host(HostFunction(address)) => address,
        };
        type F0 = unsafe extern "C" fn() -> u64;
        type F1 = unsafe extern "C" fn(u64) -> u64;
        type F2 = unsafe extern "C" fn(u64, u64) -> u64;
        type F3 = unsafe extern "C" fn(u64, u64, u64) -> u64;
        type F4 = unsafe extern "C" fn(u64, u64, u64, u64) -> u64;
        match *arguments {
            // SAFETY: the caller's promise; words and pointers are passed alike on 64-bit targets.
            [] => unsafe { std::mem::transmute::<*const u8, F0>(address)() },
            // SAFETY: as above.
            [a] => unsafe { std::mem::transmute::<*const u8, F1>(address)(a) },
            // SAFETY: as above.
            [a, b] => unsafe { std::mem::transmute::<*const u8, F2>(address)(a, b) },
            // SAFETY: as above.
            [a, b, c] => unsafe { std::mem::transmute::<*const u8, F3>(address)(a, b, c) },
            // SAFETY: as above.
            [a, b, c, d] => unsafe { std::mem::transmute::<*const u8, F4>(address)(a, b, c, d) },
            // Forms with more arguments are refused when they are looked up.
            _ => 0,
        }
    }
}

/// How containers of a type are read and made.
#[derive(Debug)]
pub(super) struct Items {
    layout: Layout,
    make: Function,
    make_arguments: Vec<u64>,
    read: Function,
    append: Function,
    release: Function,
}

impl Items {
    /// From what the type's rule says; else why not.
    pub(super) fn new(types: &TypeTable, form: &ItemsForm, symbols: &SymbolTable) -> Result<Self, String> {
        let mut layout = Layout::sized(form.size as usize);
        for part in &form.parts {
            layout.add(types, part.ty, part.offset as usize, part.extended);
        }
        Ok(Self {
            layout,
            make: Function::resolve(&form.make, symbols)?,
            make_arguments: form.make_arguments.iter().map(|word| word.cast_unsigned()).collect(),
            read: Function::resolve(&form.read, symbols)?,
            append: Function::resolve(&form.append, symbols)?,
            release: Function::resolve(&form.release, symbols)?,
        })
    }

    /// What items hold.
    pub(super) fn layout(&self) -> &Layout {
        &self.layout
    }

    fn chunk(&self) -> Buffer {
        Buffer::zeroed((CHUNK_BYTES / self.layout.size()).max(1) * self.layout.size())
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
            let cursor_address = (&raw mut cursor).expose_provenance() as u64;
            // SAFETY: the caller's promise; the buffer has room for as many items.
            let read = unsafe { self.read.call(&[container, cursor_address, buffer.address(), most as u64]) };
            let read = usize::try_from(read.cast_signed()).unwrap_or(0).min(most);
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
        // SAFETY: the rule of the type gives the arguments of the function.
        let container = unsafe { self.make.call(&self.make_arguments) };
        if container == 0 {
            return Err(RestoreError::NoMemory(self.failure()));
        }
        let made = Made { items: self, container };
        let size = self.layout.size();
        let mut buffer = self.chunk();
        while items.left() > 0 {
            let mut filled = 0;
            for item in buffer.bytes_mut().chunks_exact_mut(size) {
                if items.left() == 0 {
                    break;
                }
                item.fill(0);
                self.layout.restore(&mut items, item)?;
                filled += 1;
            }
            // SAFETY: the container was made just now; the buffer holds as many items.
            let appended = unsafe { self.append.call(&[container, buffer.address(), filled]) };
            match (appended & 0xff) as u8 as i8 {
                0 => return Err(RestoreError::NoMemory(self.failure())),
                result if result < 0 => {
                    return Err(SnapshotError::damaged("an item cannot be where it is").into());
                }
                _ => {}
            }
        }
        Ok(made)
    }

    /// Why there was no memory just now.
    fn failure(&self) -> NodeErrorKind {
        match self.make {
            Function::Runtime(_) => memory_failure(),
            Function::Host(_) => NodeErrorKind::MemoryError,
        }
    }

    /// Lets go of a container.
    ///
    /// # Safety
    ///
    /// The address is that of a live container of the type, of which the caller is an owner, and is none afterwards.
    pub(super) unsafe fn release(&self, container: u64) {
        // SAFETY: the caller's promise.
        unsafe { self.release.call(&[container]) };
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

/// Why the latest allocation of the runtime failed on this thread.
fn memory_failure() -> NodeErrorKind {
    // SAFETY: the function takes nothing.
    let code = unsafe { invoke(RuntimeFunction::MemoryFailure, &[]) };
    i32::try_from(code).ok().and_then(NodeErrorKind::from_code).unwrap_or(NodeErrorKind::MemoryError)
}

/// Bytes aligned to 16, which native functions are given the address of.
struct Buffer {
    words: Vec<u128>,
    bytes: usize,
}

impl Buffer {
    fn zeroed(bytes: usize) -> Self {
        Self { words: vec![0; bytes.div_ceil(16).max(1)], bytes }
    }

    fn address(&mut self) -> u64 {
        self.words.as_mut_ptr().cast::<c_void>().expose_provenance() as u64
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: the words are at least as many bytes, all of which are initialised.
        unsafe { std::slice::from_raw_parts(self.words.as_ptr().cast(), self.bytes) }
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        // SAFETY: as above; every byte is a value of a word.
        unsafe { std::slice::from_raw_parts_mut(self.words.as_mut_ptr().cast(), self.bytes) }
    }
}
