//! A context of LLVM whose errors are results.

use std::cell::RefCell;
use std::ffi::{CStr, c_void};
use std::ops::Deref;

use cfunc_backend::BackendError;
use inkwell::context::Context;
use inkwell::llvm_sys::LLVMDiagnosticSeverity;
use inkwell::llvm_sys::core::{
    LLVMContextSetDiagnosticHandler, LLVMDisposeMessage, LLVMGetDiagInfoDescription, LLVMGetDiagInfoSeverity,
};
use inkwell::llvm_sys::prelude::LLVMDiagnosticInfoRef;

use crate::backend::internal;

/// A context that keeps what LLVM says is wrong. Without a handler LLVM prints it, and ends the process.
pub(crate) struct Session {
    /// Before the messages, which its handler writes to.
    context: Context,
    messages: Box<RefCell<Vec<String>>>,
}

impl Session {
    pub(crate) fn new() -> Self {
        let session = Self { context: Context::create(), messages: Box::default() };
        let place = (&raw const *session.messages).cast_mut().cast::<c_void>();
        // SAFETY: the context lives; the handler takes what it is given here, which lives longer than the context.
        unsafe { LLVMContextSetDiagnosticHandler(session.context.raw(), Some(keep), place) };
        session
    }

    /// What was said since it was last asked for.
    pub(crate) fn take_messages(&self) -> Vec<String> {
        std::mem::take(&mut *self.messages.borrow_mut())
    }

    /// Fails where LLVM said that something is wrong, though the call that it said it in may have succeeded.
    pub(crate) fn check(&self) -> Result<(), BackendError> {
        let messages = self.take_messages();
        if messages.is_empty() { Ok(()) } else { Err(internal(messages.join("; "))) }
    }
}

impl Deref for Session {
    type Target = Context;

    fn deref(&self) -> &Context {
        &self.context
    }
}

/// Keeps the text of an error; warnings and remarks are dropped.
extern "C" fn keep(info: LLVMDiagnosticInfoRef, messages: *mut c_void) {
    // SAFETY: LLVM gives what it has to say, which lives during the call.
    let severity = unsafe { LLVMGetDiagInfoSeverity(info) };
    if severity != LLVMDiagnosticSeverity::LLVMDSError {
        return;
    }
    // SAFETY: as above; the text is this function's to free.
    let description = unsafe { LLVMGetDiagInfoDescription(info) };
    // SAFETY: LLVM gives a text that ends with a zero.
    let text = unsafe { CStr::from_ptr(description) }.to_string_lossy().into_owned();
    // SAFETY: the text was made for this function.
    unsafe { LLVMDisposeMessage(description) };
    // SAFETY: it is the place that the handler was set with, which lives as long as the context; nobody borrows it while
    // LLVM runs.
    unsafe { &*messages.cast::<RefCell<Vec<String>>>() }.borrow_mut().push(text);
}
