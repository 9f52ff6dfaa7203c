//! Second names of functions and variables, and names that stand for what is chosen when code is loaded.

use std::ffi::c_char;

use inkwell::llvm_sys::LLVMLinkage;
use inkwell::llvm_sys::core::{
    LLVMGetFirstGlobalAlias, LLVMGetFirstGlobalIFunc, LLVMGetLinkage, LLVMGetNamedGlobalAlias, LLVMGetNextGlobalAlias,
    LLVMGetValueName2, LLVMGlobalGetValueType, LLVMPrintTypeToString, LLVMSetLinkage,
};
use inkwell::llvm_sys::prelude::{LLVMTypeRef, LLVMValueRef};
use inkwell::module::Module;

/// A second name.
pub(crate) struct Alias {
    pub(crate) name: String,
    /// The type of what it names.
    pub(crate) ty: LLVMTypeRef,
    /// Whether others than its module see it.
    pub(crate) is_exported: bool,
}

/// The second names of a module.
pub(crate) fn aliases(module: &Module<'_>) -> Vec<Alias> {
    let mut found = Vec::new();
    // SAFETY: the module lives.
    let mut next = unsafe { LLVMGetFirstGlobalAlias(module.as_mut_ptr()) };
    while !next.is_null() {
        // SAFETY: it is an alias of a module that lives.
        let (ty, linkage) = unsafe { (LLVMGlobalGetValueType(next), LLVMGetLinkage(next)) };
        let is_exported = !matches!(linkage, LLVMLinkage::LLVMInternalLinkage | LLVMLinkage::LLVMPrivateLinkage);
        found.push(Alias { name: name_of(next), ty, is_exported });
        // SAFETY: as above; nothing is changed meanwhile.
        next = unsafe { LLVMGetNextGlobalAlias(next) };
    }
    found
}

/// A name of the module for what a function chooses when code is loaded, if there is one.
pub(crate) fn chosen_when_loaded(module: &Module<'_>) -> Option<String> {
    // SAFETY: the module lives.
    let first = unsafe { LLVMGetFirstGlobalIFunc(module.as_mut_ptr()) };
    (!first.is_null()).then(|| name_of(first))
}

/// Keeps a second name within its module, where the module has one of this name.
pub(crate) fn make_alias_internal(module: &Module<'_>, name: &str) {
    // SAFETY: the module lives, and the name has this length.
    let alias = unsafe { LLVMGetNamedGlobalAlias(module.as_mut_ptr(), name.as_ptr().cast::<c_char>(), name.len()) };
    if !alias.is_null() {
        // SAFETY: the alias lives.
        unsafe { LLVMSetLinkage(alias, LLVMLinkage::LLVMInternalLinkage) };
    }
}

/// A type as LLVM writes it.
pub(crate) fn written(ty: LLVMTypeRef) -> String {
    // SAFETY: the type lives as long as its context.
    let text = unsafe { LLVMPrintTypeToString(ty) };
    // SAFETY: LLVM gives a text that ends with a zero.
    let written = unsafe { std::ffi::CStr::from_ptr(text) }.to_string_lossy().into_owned();
    // SAFETY: the text was made for this function.
    unsafe { inkwell::llvm_sys::core::LLVMDisposeMessage(text) };
    written
}

fn name_of(value: LLVMValueRef) -> String {
    let mut length = 0;
    // SAFETY: the value lives, and LLVM gives its name with the length.
    let bytes = unsafe { std::slice::from_raw_parts(LLVMGetValueName2(value, &raw mut length).cast::<u8>(), length) };
    String::from_utf8_lossy(bytes).into_owned()
}
