//! Containers of compiled code as rules make and read them: through the native functions that their type's rule names
//! ([`crate::SnapshotForm::Items`]), which whoever runs code finds and calls.

use std::fmt;
use std::sync::Arc;

use cfunc_models::{Representation, Type, TypeTable};
use smallvec::SmallVec;

use crate::native_values::{NativeCells, NativeValue};
use crate::{BoxError, ItemsForm, NativeBuffer, NativeWord};

/// Bytes of items that are read or appended at once, about.
const CHUNK_BYTES: usize = 4096;

/// The native functions of a family of containers.
///
/// # Safety
///
/// `make` gives a container with one owner, which the other functions take, on any thread.
pub unsafe trait ContainerCalls: Send + Sync {
    /// How its items lie in memory.
    fn form(&self) -> &ItemsForm;

    /// The address of an empty container with one owner.
    ///
    /// # Errors
    ///
    /// Why there is none: no memory.
    fn make(&self) -> Result<u64, String>;

    /// Adds items at the end. Whether they are there: not where one cannot be, such as a key that is there already.
    ///
    /// # Errors
    ///
    /// That there is no memory.
    ///
    /// # Safety
    ///
    /// The container lives, and so many items lie at an address, aligned to 16.
    unsafe fn append(&self, container: u64, items: u64, count: usize) -> Result<bool, String>;

    /// Copies up to so many items to an address, from a cursor on that is 0 at first and moves. How many; 0 at the end.
    ///
    /// # Safety
    ///
    /// As for `append`; there is room for the items.
    unsafe fn read(&self, container: u64, cursor: &mut i64, items: u64, count: usize) -> usize;

    /// An owner less.
    ///
    /// # Safety
    ///
    /// The container lives, and the caller is one of its owners, and is none afterwards.
    unsafe fn release(&self, container: u64);
}

/// What rules need of whoever runs code.
pub trait NativeMemory {
    /// The functions of the containers of a type.
    ///
    /// # Errors
    ///
    /// Why values of the type are not made and read as containers.
    fn containers(&self, types: &TypeTable, ty: Type) -> Result<Arc<dyn ContainerCalls>, String>;

    /// The address of an object of the host's, by its name.
    fn object(&self, name: &str) -> Option<u64>;

    /// The name of an object of the host's, by its address.
    fn object_at(&self, address: u64) -> Option<&str>;
}

/// A container of compiled code, of which this is an owner.
pub struct NativeContainer {
    calls: Arc<dyn ContainerCalls>,
    address: u64,
}

impl NativeContainer {
    /// A container that native code gave away.
    ///
    /// # Safety
    ///
    /// The address is that of a live container of the functions' family, one owner of which this becomes.
    pub unsafe fn from_owned(calls: Arc<dyn ContainerCalls>, address: u64) -> Self {
        Self { calls, address }
    }

    /// Begins one of about so many items.
    ///
    /// # Errors
    ///
    /// That there is no memory.
    pub fn build(types: &TypeTable, calls: Arc<dyn ContainerCalls>, count: usize) -> Result<ContainerBuilder, String> {
        let container = Self { address: calls.make()?, calls };
        let form = container.calls.form();
        let (leaves, size) = (leaves(types, form), form.size as usize);
        let most = (CHUNK_BYTES / size.max(1)).clamp(1, count.max(1));
        Ok(ContainerBuilder { buffer: NativeBuffer::zeroed(most * size), leaves, container, size, most, filled: 0 })
    }

    /// Its address, as a component.
    pub const fn word(&self) -> NativeWord {
        NativeWord::address(self.address)
    }

    /// Gives every item, of each the values that it is made of.
    ///
    /// # Errors
    ///
    /// The first of `each`.
    pub fn for_each(
        &self,
        types: &TypeTable,
        each: &mut dyn FnMut(&[NativeCells<'_>]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        // SAFETY: the container lives, for this is an owner.
        unsafe { for_each_item(types, &*self.calls, self.address, each) }
    }
}

impl Drop for NativeContainer {
    fn drop(&mut self) {
        // SAFETY: the container was made for this or given to it, and this owns it no more.
        unsafe { self.calls.release(self.address) };
    }
}

impl fmt::Debug for NativeContainer {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("NativeContainer").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Gives every item of a container.
///
/// # Safety
///
/// The container lives, and nothing changes it meanwhile but `each`.
pub(crate) unsafe fn for_each_item(
    types: &TypeTable,
    calls: &dyn ContainerCalls,
    container: u64,
    each: &mut dyn FnMut(&[NativeCells<'_>]) -> Result<(), BoxError>,
) -> Result<(), BoxError> {
    let form = calls.form();
    let (leaves, size) = (leaves(types, form), form.size as usize);
    let most = (CHUNK_BYTES / size.max(1)).max(1);
    let mut buffer = NativeBuffer::zeroed(most * size);
    let counts: SmallVec<[usize; 2]> = form.parts.iter().map(|part| types.components(part.ty).len()).collect();
    let mut cursor = 0;
    loop {
        // SAFETY: the caller's promise; the buffer has room for as many items.
        let count = unsafe { calls.read(container, &mut cursor, buffer.address(), most) };
        if count == 0 {
            return Ok(());
        }
        for item in buffer.bytes()[..count.min(most) * size].chunks_exact(size) {
            let words: SmallVec<[NativeWord; 4]> =
                leaves.iter().map(|leaf| NativeWord::read(leaf.representation, &item[leaf.offset..])).collect();
            let mut rest = &words[..];
            let parts: SmallVec<[NativeCells<'_>; 2]> = form
                .parts
                .iter()
                .zip(&counts)
                .map(|(part, count)| {
                    let (words, after) = rest.split_at(*count);
                    rest = after;
                    // Items are plain data, as the registry checks.
                    NativeCells::plain(types, part.ty, words)
                })
                .collect();
            each(&parts)?;
        }
    }
}

/// One component of an item.
#[derive(Clone, Copy)]
struct Leaf {
    offset: usize,
    representation: Representation,
    extended: bool,
}

fn leaves(types: &TypeTable, form: &ItemsForm) -> SmallVec<[Leaf; 4]> {
    let mut leaves = SmallVec::new();
    for part in &form.parts {
        let (offsets, _) = types.layout(part.ty);
        for (representation, offset) in types.components(part.ty).into_iter().zip(offsets) {
            leaves.push(Leaf { offset: (part.offset + offset) as usize, representation, extended: part.extended });
        }
    }
    leaves
}

/// A container that is being filled. It is let go with this.
pub struct ContainerBuilder {
    container: NativeContainer,
    leaves: SmallVec<[Leaf; 4]>,
    buffer: NativeBuffer,
    size: usize,
    /// Items that the buffer has room for, and has.
    most: usize,
    filled: usize,
}

impl ContainerBuilder {
    /// Adds an item at the end, of the values that it is made of, none of which is an error.
    ///
    /// # Errors
    ///
    /// That there is no memory, or that items before cannot be where they are.
    pub fn push(&mut self, parts: &[&NativeValue]) -> Result<(), String> {
        match parts {
            [one] => self.push_words(one.words()),
            several => {
                let words: SmallVec<[NativeWord; 4]> = several.iter().flat_map(|part| part.words()).copied().collect();
                self.push_words(&words)
            }
        }
    }

    /// As [`ContainerBuilder::push`], for the components of an item.
    ///
    /// # Errors
    ///
    /// As [`ContainerBuilder::push`].
    pub fn push_words(&mut self, words: &[NativeWord]) -> Result<(), String> {
        if self.filled == self.most {
            self.flush()?;
        }
        let item = &mut self.buffer.bytes_mut()[self.filled * self.size..][..self.size];
        let mut count = 0;
        for (leaf, word) in self.leaves.iter().zip(words) {
            count += 1;
            if leaf.extended {
                let wide = NativeWord::int64(word.as_integer(leaf.representation));
                wide.write(Representation::I64, &mut item[leaf.offset..]);
            } else {
                word.write(leaf.representation, &mut item[leaf.offset..]);
            }
        }
        if count != self.leaves.len() {
            return Err(format!("an item of {} components is given {count}", self.leaves.len()));
        }
        self.filled += 1;
        Ok(())
    }

    fn flush(&mut self) -> Result<(), String> {
        if self.filled == 0 {
            return Ok(());
        }
        // SAFETY: the container lives; as many items are in the buffer.
        let added = unsafe { self.container.calls.append(self.container.address, self.buffer.address(), self.filled)? };
        self.filled = 0;
        self.buffer.bytes_mut().fill(0);
        if added { Ok(()) } else { Err("an item cannot be where it is: a key is there twice".to_owned()) }
    }

    /// The container with all that was added.
    ///
    /// # Errors
    ///
    /// As [`ContainerBuilder::push`].
    pub fn finish(mut self) -> Result<NativeContainer, String> {
        self.flush()?;
        Ok(self.container)
    }
}

impl fmt::Debug for ContainerBuilder {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("ContainerBuilder").field("container", &self.container).finish_non_exhaustive()
    }
}
