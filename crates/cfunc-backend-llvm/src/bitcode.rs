//! Linking modules of LLVM: those that are made here, and bitcode of a host's functions.

use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::llvm_sys::comdat::LLVMSetComdat;
use inkwell::llvm_sys::linker::LLVMLinkModules2;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::values::{AsValueRef, FunctionValue};

use crate::session::Session;

/// What compilers write on functions that keeps them from being inlined into code for another processor, by text.
const TEXT_ATTRIBUTES: [&str; 4] = ["target-cpu", "target-features", "tune-cpu", "probe-stack"];

/// What keeps functions from being inlined at all.
const NO_INLINING: [&str; 2] = ["noinline", "optnone"];

/// What a compiler knows of narrow arguments that it was passed. Not every compiler passes them so.
const EXTENSIONS: [&str; 2] = ["signext", "zeroext"];

/// Lists of functions that must run before or after all others, which nothing here does.
const LIFE_CYCLE: [&str; 2] = ["llvm.global_ctors", "llvm.global_dtors"];

/// Moves all that `from` holds into `into`.
///
/// # Errors
///
/// What LLVM says is wrong; `into` may hold a part of it then.
pub(crate) fn merge(session: &Session, into: &Module<'_>, from: Module<'_>) -> Result<(), String> {
    let source = from.as_mut_ptr();
    std::mem::forget(from);
    // SAFETY: both are of the session; the source is handed over, also where it fails.
    let failed = unsafe { LLVMLinkModules2(into.as_mut_ptr(), source) } != 0;
    let messages = session.take_messages();
    if failed || !messages.is_empty() {
        return Err(if messages.is_empty() { "LLVM does not say why".to_owned() } else { messages.join("; ") });
    }
    Ok(())
}

/// A module with bitcode in it.
pub(crate) struct Linked<'ctx> {
    pub(crate) module: Module<'ctx>,
    /// The symbols that the bitcode defines.
    pub(crate) defined: Vec<String>,
}

/// A copy of a module with bitcode linked into it, whose functions are inlined wherever they are called.
///
/// # Errors
///
/// Why it cannot be.
pub(crate) fn link<'ctx>(
    session: &Session,
    module: &Module<'ctx>,
    bitcode: &[u8],
    declared: &dyn Fn(&str) -> bool,
) -> Result<Linked<'ctx>, String> {
    let buffer = MemoryBuffer::create_from_memory_range_copy(bitcode, "bitcode");
    let foreign = Module::parse_bitcode_from_buffer(&buffer, &**session);
    let foreign = foreign.map_err(|error| error.to_string_lossy().into_owned())?;
    if let Some(message) = session.take_messages().into_iter().next() {
        return Err(message);
    }
    foreign.verify().map_err(|error| error.to_string_lossy().into_owned())?;
    let (own, other) = (architecture(module), architecture(&foreign));
    if !other.is_empty() && own != other {
        return Err(format!("it is for {other}, and the module for {own}"));
    }
    foreign.set_triple(&module.get_triple());
    foreign.set_data_layout(&module.get_data_layout());
    for name in LIFE_CYCLE {
        if foreign.get_global(name).is_some() {
            return Err(format!("it has code that must run by itself, before or after all other ({name})"));
        }
    }
    if let Some(global) = foreign.get_globals().find(|global| global.is_thread_local()) {
        let name = global.get_name().to_string_lossy();
        return Err(format!("`{name}` is a variable of each thread, which code that is loaded cannot have"));
    }
    let functions: Vec<FunctionValue<'_>> =
        foreign.get_functions().filter(|function| function.count_basic_blocks() > 0).collect();
    for function in &functions {
        prepare(session, *function);
        let name = function.get_name().to_string_lossy();
        if let Some(called) = module.get_function(&name).filter(|_| declared(&name))
            && called.get_type() != function.get_type()
        {
            let (expected, found) = (called.get_type(), function.get_type());
            return Err(format!("`{name}` is {found}, and nodes call it as {expected}"));
        }
    }
    let is_kept = |linkage: Linkage| {
        !matches!(linkage, Linkage::Internal | Linkage::Private | Linkage::AvailableExternally | Linkage::Appending)
    };
    let functions = functions.iter().filter(|function| is_kept(function.get_linkage()));
    let functions = functions.map(|function| function.get_name().to_string_lossy().into_owned());
    let variables = foreign.get_globals().filter(|global| !global.is_declaration() && is_kept(global.get_linkage()));
    let variables = variables.map(|global| global.get_name().to_string_lossy().into_owned());
    let defined = functions.chain(variables).collect();
    let linked = module.clone();
    merge(session, &linked, foreign)?;
    linked.verify().map_err(|error| error.to_string_lossy().into_owned())?;
    Ok(Linked { module: linked, defined })
}

/// The first part of a module's triple.
fn architecture(module: &Module<'_>) -> String {
    let triple = module.get_triple();
    let triple = triple.as_str().to_string_lossy();
    triple.split('-').next().unwrap_or("").to_owned()
}

/// Makes a function of bitcode one that is inlined wherever it is called.
fn prepare(session: &Session, function: FunctionValue<'_>) {
    for name in TEXT_ATTRIBUTES {
        function.remove_string_attribute(AttributeLoc::Function, name);
    }
    for name in NO_INLINING {
        function.remove_enum_attribute(AttributeLoc::Function, Attribute::get_named_enum_kind_id(name));
    }
    for parameter in 0..function.count_params() {
        for name in EXTENSIONS {
            function.remove_enum_attribute(AttributeLoc::Param(parameter), Attribute::get_named_enum_kind_id(name));
        }
    }
    let inlined = session.create_enum_attribute(Attribute::get_named_enum_kind_id("alwaysinline"), 0);
    function.add_attribute(AttributeLoc::Function, inlined);
}

/// Keeps symbols within their module.
pub(crate) fn make_internal(module: &Module<'_>, symbols: &[String]) {
    for symbol in symbols {
        let function = module.get_function(symbol).map(FunctionValue::as_global_value);
        if let Some(value) = function.or_else(|| module.get_global(symbol)) {
            // SAFETY: the value lives; none is of a group of symbols of which a linker keeps one.
            unsafe { LLVMSetComdat(value.as_value_ref(), std::ptr::null_mut()) };
            value.set_linkage(Linkage::Internal);
        }
    }
}
