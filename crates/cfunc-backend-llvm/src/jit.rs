//! Linking objects in memory through ORC, and freeing them.
//!
//! Every unit has a library of its own within one session: its symbols are those of the compilation, absolute addresses,
//! and nothing of the process is searched. Clearing the library frees code and data; it is used for a later unit then.

use std::cell::RefCell;
use std::ffi::{CStr, CString, c_char, c_void};
use std::fmt;
use std::ptr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use cfunc_backend::BackendError;
use inkwell::llvm_sys::core::LLVMCreateMemoryBufferWithMemoryRangeCopy;
use inkwell::llvm_sys::error::{LLVMDisposeErrorMessage, LLVMErrorRef, LLVMGetErrorMessage};
use inkwell::llvm_sys::orc2::lljit::{
    LLVMOrcCreateLLJIT, LLVMOrcDisposeLLJIT, LLVMOrcLLJITAddObjectFile, LLVMOrcLLJITGetExecutionSession,
    LLVMOrcLLJITMangleAndIntern, LLVMOrcLLJITRef,
};
use inkwell::llvm_sys::orc2::{
    LLVMJITEvaluatedSymbol, LLVMJITSymbolFlags, LLVMJITSymbolGenericFlags, LLVMOrcAbsoluteSymbols,
    LLVMOrcCJITDylibSearchOrderElement, LLVMOrcCLookupSetElement, LLVMOrcCSymbolMapPair, LLVMOrcCSymbolMapPairs,
    LLVMOrcDisposeMaterializationUnit, LLVMOrcExecutionSessionCreateBareJITDylib, LLVMOrcExecutionSessionLookup,
    LLVMOrcExecutionSessionRef, LLVMOrcExecutionSessionSetErrorReporter, LLVMOrcJITDylibClear, LLVMOrcJITDylibDefine,
    LLVMOrcJITDylibLookupFlags, LLVMOrcJITDylibRef, LLVMOrcLookupKind, LLVMOrcSymbolLookupFlags,
};

use crate::backend::{internal, unavailable};
use crate::symbols::undefined;
use crate::target::initialize;

/// A session of ORC, shared by all units of a backend.
pub(crate) struct Jit {
    lljit: LLVMOrcLLJITRef,
    /// Libraries that hold nothing.
    free: Mutex<Vec<Library>>,
    /// Held while something is linked. A session hands work that is outstanding to whichever thread asks next: without the
    /// lock one thread's code would be linked, and its errors be reported, on another.
    linking: Mutex<()>,
    made: AtomicUsize,
}

/// A library of the session.
struct Library(LLVMOrcJITDylibRef);

// SAFETY: ORC guards its session and libraries with a lock of its own; the pointers stay valid as long as the session.
unsafe impl Send for Library {}
// SAFETY: as above.
unsafe impl Send for Jit {}
// SAFETY: as above.
unsafe impl Sync for Jit {}

impl fmt::Debug for Jit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Jit").field("made", &self.made).finish_non_exhaustive()
    }
}

thread_local! {
    /// What ORC said on this thread, which links on the thread that asks.
    static REPORTED: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// Keeps what ORC would print: why something failed whose result says no more than that.
extern "C" fn report(_context: *mut c_void, error: LLVMErrorRef) {
    // SAFETY: ORC hands the error over.
    if let Some(message) = unsafe { taken(error) } {
        let _ended = REPORTED.try_with(|reported| reported.borrow_mut().push(message));
    }
}

/// The text of an error, which it ends; `None` for success.
///
/// # Safety
///
/// `error` is success, or an error that nothing has taken yet.
unsafe fn taken(error: LLVMErrorRef) -> Option<String> {
    if error.is_null() {
        return None;
    }
    // SAFETY: it is an error that is taken here.
    let message = unsafe { LLVMGetErrorMessage(error) };
    // SAFETY: LLVM gives a text that ends with a zero.
    let text = unsafe { CStr::from_ptr(message) }.to_string_lossy().into_owned();
    // SAFETY: the text is this function's to free.
    unsafe { LLVMDisposeErrorMessage(message) };
    Some(text)
}

/// What a lookup found, or why it did not.
type Found = Result<Vec<u64>, String>;

/// Takes the result of a lookup.
extern "C" fn receive(error: LLVMErrorRef, pairs: LLVMOrcCSymbolMapPairs, count: usize, context: *mut c_void) {
    // SAFETY: the error is handed over to this function.
    let found: Found = match unsafe { taken(error) } {
        Some(message) => Err(message),
        None => {
            let pairs = if count == 0 { ptr::NonNull::dangling().as_ptr() } else { pairs };
            // SAFETY: ORC gives so many pairs, which live during the call.
            let pairs = unsafe { std::slice::from_raw_parts(pairs, count) };
            Ok(pairs.iter().map(|pair| pair.Sym.Address).collect())
        }
    };
    // SAFETY: the context is the sender that `lookup` has given away; this is called once.
    let sender = unsafe { Box::from_raw(context.cast::<Sender<Found>>()) };
    // Nobody waits only where `lookup` panicked.
    let _unheard = sender.send(found);
}

impl Jit {
    /// A session for the processor that this runs on.
    pub(crate) fn new() -> Result<Self, BackendError> {
        initialize();
        let mut lljit = ptr::null_mut();
        // SAFETY: without a builder ORC takes its defaults; the result is written where there is no error.
        let error = unsafe { LLVMOrcCreateLLJIT(&raw mut lljit, ptr::null_mut()) };
        // SAFETY: nothing has taken the error.
        if let Some(message) = unsafe { taken(error) } {
            return Err(unavailable(message));
        }
        let jit = Self { lljit, free: Mutex::new(Vec::new()), linking: Mutex::new(()), made: AtomicUsize::new(0) };
        // SAFETY: the session lives, and the function needs no context.
        unsafe { LLVMOrcExecutionSessionSetErrorReporter(jit.session(), report, ptr::null_mut()) };
        Ok(jit)
    }

    fn session(&self) -> LLVMOrcExecutionSessionRef {
        // SAFETY: the session lives as long as `self`.
        unsafe { LLVMOrcLLJITGetExecutionSession(self.lljit) }
    }

    fn library(&self) -> Library {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner).pop();
        free.unwrap_or_else(|| {
            let name = format!("unit.{}\0", self.made.fetch_add(1, Ordering::Relaxed));
            // SAFETY: the session lives, and the name ends with a zero; no other library is called so.
            Library(unsafe {
                LLVMOrcExecutionSessionCreateBareJITDylib(self.session(), name.as_ptr().cast::<c_char>())
            })
        })
    }

    /// Links objects against symbols at addresses and each other; gives the addresses of the names asked for.
    ///
    /// # Errors
    ///
    /// [`Unlinked::Undefined`] where an object needs symbols that are not given; [`BackendError::Internal`].
    pub(crate) fn link(
        self: &Arc<Self>,
        objects: &[Vec<u8>],
        symbols: &[(String, u64)],
        names: &[String],
    ) -> Result<LinkedCode, Unlinked> {
        // From here on dropping the code clears the library, on errors as well.
        let mut code = LinkedCode {
            jit: Arc::clone(self),
            library: self.library(),
            addresses: Vec::new(),
            size: objects.iter().map(Vec::len).sum(),
        };
        self.define(&code.library, symbols)?;
        for object in objects {
            let bytes = object.as_ptr().cast::<c_char>();
            // SAFETY: the bytes are copied; the name is a text.
            let buffer = unsafe { LLVMCreateMemoryBufferWithMemoryRangeCopy(bytes, object.len(), c"unit".as_ptr()) };
            if buffer.is_null() {
                return Err(internal("no memory for an object").into());
            }
            // SAFETY: session and library live; the buffer is handed over.
            let error = unsafe { LLVMOrcLLJITAddObjectFile(self.lljit, code.library.0, buffer) };
            // SAFETY: nothing has taken the error.
            if let Some(message) = unsafe { taken(error) } {
                return Err(internal(message).into());
            }
        }
        code.addresses = self.lookup(&code.library, names)?;
        Ok(code)
    }

    fn intern(&self, name: &str) -> Result<inkwell::llvm_sys::orc2::LLVMOrcSymbolStringPoolEntryRef, BackendError> {
        let name = CString::new(name).map_err(|_| internal(format_args!("the symbol {name:?} holds a zero")))?;
        // SAFETY: the session lives, and the name is a text.
        Ok(unsafe { LLVMOrcLLJITMangleAndIntern(self.lljit, name.as_ptr()) })
    }

    fn define(&self, library: &Library, symbols: &[(String, u64)]) -> Result<(), BackendError> {
        let flags = LLVMJITSymbolGenericFlags::LLVMJITSymbolGenericFlagsExported as u8
            | LLVMJITSymbolGenericFlags::LLVMJITSymbolGenericFlagsCallable as u8;
        let mut pairs = symbols
            .iter()
            .map(|(name, address)| {
                let flags = LLVMJITSymbolFlags { GenericFlags: flags, TargetFlags: 0 };
                let symbol = LLVMJITEvaluatedSymbol { Address: *address, Flags: flags };
                Ok(LLVMOrcCSymbolMapPair { Name: self.intern(name)?, Sym: symbol })
            })
            .collect::<Result<Vec<_>, BackendError>>()?;
        // SAFETY: the pairs are read, and the names handed over.
        let unit = unsafe { LLVMOrcAbsoluteSymbols(pairs.as_mut_ptr(), pairs.len()) };
        // SAFETY: the library lives; the unit is handed over where there is no error.
        let error = unsafe { LLVMOrcJITDylibDefine(library.0, unit) };
        // SAFETY: nothing has taken the error.
        match unsafe { taken(error) } {
            None => Ok(()),
            Some(message) => {
                // SAFETY: the library did not take it.
                unsafe { LLVMOrcDisposeMaterializationUnit(unit) };
                Err(internal(message))
            }
        }
    }

    /// Addresses of names in a library; links what defines them.
    fn lookup(&self, library: &Library, names: &[String]) -> Result<Vec<u64>, Unlinked> {
        let mut addresses = Vec::with_capacity(names.len());
        let _alone = self.linking.lock().unwrap_or_else(PoisonError::into_inner);
        let _ended = REPORTED.try_with(RefCell::take);
        // One at a time: what comes back is in an order of its own.
        for name in names {
            let mut order = [LLVMOrcCJITDylibSearchOrderElement {
                JD: library.0,
                JDLookupFlags: LLVMOrcJITDylibLookupFlags::LLVMOrcJITDylibLookupFlagsMatchAllSymbols,
            }];
            let mut symbols = [LLVMOrcCLookupSetElement {
                Name: self.intern(name)?,
                LookupFlags: LLVMOrcSymbolLookupFlags::LLVMOrcSymbolLookupFlagsRequiredSymbol,
            }];
            let (sender, receiver) = mpsc::channel::<Found>();
            let sender = Box::into_raw(Box::new(sender));
            // SAFETY: session and library live; the lists are read during the call and the name is handed over; `receive`
            // gets the sender, on whatever thread it runs, and is called once.
            unsafe {
                LLVMOrcExecutionSessionLookup(
                    self.session(),
                    LLVMOrcLookupKind::LLVMOrcLookupKindStatic,
                    order.as_mut_ptr(),
                    order.len(),
                    symbols.as_mut_ptr(),
                    symbols.len(),
                    receive,
                    sender.cast::<c_void>(),
                );
            }
            let found = receiver.recv().map_err(|_| internal("a lookup without an answer"))?;
            let found = found.map_err(|message| {
                let reported = REPORTED.try_with(RefCell::take).unwrap_or_default();
                match reported.iter().chain([&message]).find_map(|message| missing(message)) {
                    Some(symbols) => Unlinked::Undefined(symbols),
                    None => internal(format_args!("{message} {}", reported.join(" "))).into(),
                }
            })?;
            addresses.extend(found);
        }
        if addresses.len() != names.len() {
            return Err(internal("a lookup with another number of answers").into());
        }
        Ok(addresses)
    }
}

/// Why objects are not linked.
pub(crate) enum Unlinked {
    /// What is wrong with them or this machine.
    Backend(BackendError),
    /// Symbols that nobody gave.
    Undefined(Vec<String>),
}

impl From<BackendError> for Unlinked {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl Unlinked {
    /// As an error of one unit: the first symbol is enough.
    pub(crate) fn into_error(self) -> BackendError {
        match self {
            Self::Backend(error) => error,
            Self::Undefined(symbols) => undefined(symbols.first().map_or("", String::as_str)),
        }
    }
}

/// The symbols that ORC says it does not find: those that LLVM itself calls for operations in bitcode, as what code declares
/// is looked for before.
fn missing(message: &str) -> Option<Vec<String>> {
    let symbols = message.split_once("Symbols not found: [")?.1.split_once(']')?.0;
    Some(symbols.split(',').map(|symbol| symbol.trim().to_owned()).collect())
}

impl Drop for Jit {
    fn drop(&mut self) {
        // SAFETY: nothing holds code of the session any more: each unit holds the session.
        let error = unsafe { LLVMOrcDisposeLLJIT(self.lljit) };
        // SAFETY: nothing has taken the error; there is nobody to tell.
        let _message = unsafe { taken(error) };
    }
}

/// Code and data of one unit, freed with it.
pub(crate) struct LinkedCode {
    jit: Arc<Jit>,
    library: Library,
    /// The addresses of the names asked for, in their order.
    pub(crate) addresses: Vec<u64>,
    /// Bytes of the object.
    pub(crate) size: usize,
}

// SAFETY: the code is finished: nothing writes it any more, any thread may run it, and any may free it.
unsafe impl Sync for LinkedCode {}

impl Drop for LinkedCode {
    fn drop(&mut self) {
        // SAFETY: the library lives as long as the session; nobody runs its code any more, as its owner ends.
        let error = unsafe { LLVMOrcJITDylibClear(self.library.0) };
        // SAFETY: nothing has taken the error.
        if unsafe { taken(error) }.is_none() {
            let library = Library(self.library.0);
            self.jit.free.lock().unwrap_or_else(PoisonError::into_inner).push(library);
        }
    }
}
