//! Bodies of functions of the C runtime, which are inlined in the place of calls.
//!
//! The runtime of the process holds the memory account, the allocator and the error record, of which there is one. So the
//! bodies are there for inlining alone: what is not inlined calls the process's own function, and so do functions that need
//! a variable of the runtime.

use cfunc_backend::BackendError;
use cfunc_models::RuntimeFunction;
use inkwell::GlobalVisibility;
use inkwell::llvm_sys::core::{
    LLVMGetBasicBlockParent, LLVMGetFirstUse, LLVMGetInstructionParent, LLVMGetNextUse, LLVMGetUser, LLVMIsAConstant,
    LLVMIsAInstruction,
};
use inkwell::llvm_sys::prelude::LLVMValueRef;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::TargetMachine;
use inkwell::values::{AsValueRef, FunctionValue};

use crate::backend::{internal, unavailable};
use crate::bitcode::{merge, unbind};
use crate::libcalls::is_libcall;
use crate::session::Session;
use crate::symbols::exposed;

/// Bitcode of the sources that the recipe of the runtime names.
#[cfg(cfunc_runtime_bitcode)]
const BITCODE: &[&[u8]] = &include!(concat!(env!("OUT_DIR"), "/runtime_bitcode.rs"));
#[cfg(not(cfunc_runtime_bitcode))]
const BITCODE: &[&[u8]] = &[];

/// Whether there are bodies in this build.
pub(crate) const fn is_here() -> bool {
    !BITCODE.is_empty()
}

/// The address of a function of the runtime that nodes or other functions of the runtime call.
pub(crate) fn address(symbol: &str) -> Option<u64> {
    let known = RuntimeFunction::from_symbol(symbol).map(cfunc_runtime::address);
    known.or_else(|| cfunc_runtime::internal_address(symbol)).map(exposed)
}

/// Puts the bodies into a module, for every call that it has or gets.
///
/// # Errors
///
/// [`BackendError::Unavailable`] in builds without bodies.
pub(crate) fn link(session: &Session, module: &Module<'_>) -> Result<(), BackendError> {
    if !is_here() {
        let reason =
            "this build found no clang 22, which makes bitcode of the C runtime; install clang-22 and build again";
        return Err(unavailable(reason));
    }
    let runtime = session.create_module("runtime");
    runtime.set_triple(&module.get_triple());
    runtime.set_data_layout(&module.get_data_layout());
    for bytes in BITCODE {
        let buffer = MemoryBuffer::create_from_memory_range_copy(bytes, "runtime");
        let part = Module::parse_bitcode_from_buffer(&buffer, &**session);
        let part = part.map_err(|error| internal(error.to_string_lossy()))?;
        part.set_triple(&module.get_triple());
        part.set_data_layout(&module.get_data_layout());
        merge(session, &runtime, part).map_err(internal)?;
    }
    keep_apart(&runtime)?;
    let mut names = Vec::new();
    for function in defined(&runtime) {
        unbind(function);
        if is_own(function) {
            continue;
        }
        let name = function.get_name().to_string_lossy();
        if let Some(declared) = module.get_function(&name)
            && declared.get_type() != function.get_type()
        {
            return Err(internal(format_args!("the runtime has `{name}` with other types than code calls it with")));
        }
        function.as_global_value().set_visibility(GlobalVisibility::Default);
        if address(&name).is_none() {
            function.set_linkage(Linkage::Internal);
            continue;
        }
        names.push(name.into_owned());
    }
    merge(session, module, runtime).map_err(internal)?;
    // Linking leaves out what is there for inlining alone and nothing calls yet, so that it becomes that now.
    for function in names.iter().filter_map(|name| module.get_function(name)) {
        function.set_linkage(Linkage::AvailableExternally);
    }
    Ok(())
}

/// Drops the bodies that are left when all is inlined: what calls them calls the process's.
pub(crate) fn drop_bodies(module: &Module<'_>, machine: &TargetMachine) -> Result<(), BackendError> {
    let run = module.run_passes("elim-avail-extern,globaldce", machine, PassBuilderOptions::create());
    run.map_err(|error| internal(error.to_string_lossy()))
}

fn defined<'ctx>(module: &Module<'ctx>) -> Vec<FunctionValue<'ctx>> {
    module.get_functions().filter(|function| function.count_basic_blocks() > 0).collect()
}

/// Whether a function is of one source alone.
fn is_own(function: FunctionValue<'_>) -> bool {
    matches!(function.get_linkage(), Linkage::Internal | Linkage::Private)
}

/// Takes the bodies of those functions that need what the process has once: a variable, or a function that is not known
/// outside of the runtime.
fn keep_apart(runtime: &Module<'_>) -> Result<(), BackendError> {
    let mut pending: Vec<LLVMValueRef> = Vec::new();
    for global in runtime.get_globals() {
        let is_value = global.is_constant() && global.has_unnamed_addr() && !global.is_declaration();
        if !is_value {
            users(global.as_value_ref(), &mut pending);
        }
    }
    for function in runtime.get_functions().filter(|function| function.count_basic_blocks() == 0) {
        let name = function.get_name().to_string_lossy();
        if function.get_intrinsic_id() == 0 && !is_libcall(&name) && address(&name).is_none() {
            users(function.as_value_ref(), &mut pending);
        }
    }
    let mut apart: Vec<LLVMValueRef> = Vec::new();
    while let Some(user) = pending.pop() {
        if apart.contains(&user) {
            continue;
        }
        apart.push(user);
        // SAFETY: `users` finds functions.
        let function = unsafe { FunctionValue::new(user) }.ok_or_else(|| internal("a use outside of functions"))?;
        if is_own(function) {
            // Nobody outside could call it.
            users(user, &mut pending);
        }
    }
    for function in defined(runtime).into_iter().filter(|function| apart.contains(&function.as_value_ref())) {
        if is_own(function) {
            continue;
        }
        // A declaration of its own, which is not bound to be in the same object as code that calls it.
        let name = function.get_name().to_string_lossy().into_owned();
        function.as_global_value().set_name("apart");
        let declared = runtime.add_function(&name, function.get_type(), Some(Linkage::External));
        function.replace_all_uses_with(declared);
        // SAFETY: nothing uses the function any more, and nobody here names it again.
        unsafe { function.delete() };
    }
    Ok(())
}

/// Adds the functions whose code uses a value, through constants as well.
fn users(value: LLVMValueRef, found: &mut Vec<LLVMValueRef>) {
    // SAFETY: the value lives, and so do its uses and users, while nothing is changed.
    let mut next = unsafe { LLVMGetFirstUse(value) };
    while !next.is_null() {
        // SAFETY: it is a use of a value that lives.
        let (user, following) = unsafe { (LLVMGetUser(next), LLVMGetNextUse(next)) };
        // SAFETY: a user is a value.
        if !unsafe { LLVMIsAInstruction(user) }.is_null() {
            // SAFETY: it is an instruction, which is in a block of a function.
            found.push(unsafe { LLVMGetBasicBlockParent(LLVMGetInstructionParent(user)) });
        // SAFETY: a user is a value.
        } else if !unsafe { LLVMIsAConstant(user) }.is_null() {
            users(user, found);
        }
        next = following;
    }
}
