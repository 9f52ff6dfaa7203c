//! Linking modules of LLVM: those that are made here, and bitcode of a host's functions.

use cfunc_models::RuntimeFunction;
use inkwell::attributes::{Attribute, AttributeLoc};
use inkwell::basic_block::BasicBlock;
use inkwell::llvm_sys::comdat::LLVMSetComdat;
use inkwell::llvm_sys::core::{LLVMGetCalledValue, LLVMGetModuleInlineAsm, LLVMIsAInlineAsm};
use inkwell::llvm_sys::linker::LLVMLinkModules2;
use inkwell::llvm_sys::prelude::LLVMTypeRef;
use inkwell::memory_buffer::MemoryBuffer;
use inkwell::module::{Linkage, Module};
use inkwell::types::AsTypeRef;
use inkwell::values::{AsValueRef, FunctionValue, InstructionOpcode, InstructionValue};

use crate::aliases::{aliases, chosen_when_loaded, make_alias_internal, written};
use crate::constants::OBJECT;
use crate::libcalls::is_libcall;
use crate::session::Session;

/// What compilers write on functions that keeps them from being inlined into code for another processor, by text.
const TEXT_ATTRIBUTES: [&str; 4] = ["target-cpu", "target-features", "tune-cpu", "probe-stack"];

/// What keeps functions from being inlined at all.
const NO_INLINING: [&str; 2] = ["noinline", "optnone"];

/// What a compiler knows of narrow arguments that it was passed. Not every compiler passes them so.
const EXTENSIONS: [&str; 2] = ["signext", "zeroext"];

/// Lists of functions that must run before or after all others, which nothing here does.
const LIFE_CYCLE: [&str; 2] = ["llvm.global_ctors", "llvm.global_dtors"];

/// What LLVM takes for a table of addresses wherever it is named, which code that is loaded has not.
const TABLE_OF_LINKERS: &[u8] = b"_GLOBAL_OFFSET_TABLE_";

/// Where an object has such lists.
const LIFE_CYCLE_SECTIONS: [&str; 5] = [".init_array", ".fini_array", ".preinit_array", ".ctors", ".dtors"];

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
    /// Whether the bitcode has assembly in functions, which the linker does not look into.
    pub(crate) has_assembly: bool,
}

/// Bitcode as a module of its own.
///
/// # Errors
///
/// Why it is none, or none for this machine.
pub(crate) fn parse<'ctx>(session: &'ctx Session, like: &Module<'_>, bitcode: &[u8]) -> Result<Module<'ctx>, String> {
    let buffer = MemoryBuffer::create_from_memory_range_copy(bitcode, "bitcode");
    let foreign = Module::parse_bitcode_from_buffer(&buffer, &**session);
    let foreign = foreign.map_err(|error| error.to_string_lossy().into_owned())?;
    if let Some(message) = session.take_messages().into_iter().next() {
        return Err(message);
    }
    foreign.verify().map_err(|error| error.to_string_lossy().into_owned())?;
    check_target(like, &foreign)?;
    foreign.set_triple(&like.get_triple());
    foreign.set_data_layout(&like.get_data_layout());
    Ok(foreign)
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
    let foreign = parse(session, module, bitcode)?;
    check_life_cycle(&foreign)?;
    let functions: Vec<FunctionValue<'_>> =
        foreign.get_functions().filter(|function| function.count_basic_blocks() > 0).collect();
    for value in foreign.get_functions().map(FunctionValue::as_global_value).chain(foreign.get_globals()) {
        if value.get_name().to_bytes() == TABLE_OF_LINKERS {
            return Err("it has a symbol by the name of a table that linkers make, `_GLOBAL_OFFSET_TABLE_`".to_owned());
        }
    }
    for function in foreign.get_functions() {
        let name = function.get_name().to_string_lossy();
        // What it defines LLVM would call for its own; what it declares would reach the host's function of this name.
        if is_libcall(&name) && (function.count_basic_blocks() > 0 || declared(&name)) {
            return Err(format!("`{name}` is a function of C that LLVM calls by itself: give the host's another name"));
        }
    }
    let check_type = |name: &str, ty: LLVMTypeRef| {
        let called = module.get_function(name).filter(|_| declared(name));
        match called.map(|called| called.get_type().as_type_ref()) {
            Some(called) if called != ty => {
                Err(format!("`{name}` is {}, and nodes call it as {}", written(ty), written(called)))
            }
            _ => Ok(()),
        }
    };
    for function in &functions {
        prepare(session, *function);
        check_type(&function.get_name().to_string_lossy(), function.get_type().as_type_ref())?;
    }
    let aliases = aliases(&foreign);
    for alias in &aliases {
        check_type(&alias.name, alias.ty)?;
        if is_libcall(&alias.name) {
            return Err(format!("`{}` is a function of C that LLVM calls by itself", alias.name));
        }
    }
    let is_own = |linkage: Linkage| matches!(linkage, Linkage::Internal | Linkage::Private | Linkage::Appending);
    let functions = functions.iter().map(|function| function.as_global_value());
    let variables = foreign.get_globals().filter(|global| !global.is_declaration());
    let of_others = functions.chain(variables).filter(|value| !is_own(value.get_linkage()));
    let of_others: Vec<(String, bool)> = of_others
        .map(|value| {
            // What is there for inlining alone is not defined, and takes the place of calls all the same.
            let is_defined = value.get_linkage() != Linkage::AvailableExternally;
            (value.get_name().to_string_lossy().into_owned(), is_defined)
        })
        .chain(aliases.into_iter().filter(|alias| alias.is_exported).map(|alias| (alias.name, true)))
        .collect();
    for (name, _) in &of_others {
        if name.starts_with(OBJECT) {
            return Err(format!("it defines `{name}`: objects of the host are those of the symbol table"));
        }
        let prefix = RuntimeFunction::PREFIX;
        if name.starts_with(prefix) {
            return Err(format!("it defines `{name}`: names that begin with `{prefix}` are those of the runtime"));
        }
    }
    let defined = of_others.into_iter().filter_map(|(name, is_defined)| is_defined.then_some(name)).collect();
    let has_assembly = foreign.get_functions().any(has_assembly);
    let linked = module.clone();
    merge(session, &linked, foreign)?;
    linked.verify().map_err(|error| error.to_string_lossy().into_owned())?;
    Ok(Linked { module: linked, defined, has_assembly })
}

/// Whether a function has assembly in it.
fn has_assembly(function: FunctionValue<'_>) -> bool {
    let calls = |instruction: &InstructionValue<'_>| {
        matches!(instruction.get_opcode(), InstructionOpcode::Call | InstructionOpcode::CallBr)
    };
    function.get_basic_block_iter().flat_map(BasicBlock::get_instructions).filter(calls).any(|call| {
        // SAFETY: it is a call, which has what it calls.
        !unsafe { LLVMIsAInlineAsm(LLVMGetCalledValue(call.as_value_ref())) }.is_null()
    })
}

/// Refuses bitcode for another kind of machine. What says nothing of it is for any.
fn check_target(module: &Module<'_>, foreign: &Module<'_>) -> Result<(), String> {
    let (own, other) = (module.get_triple(), foreign.get_triple());
    let (own, other) = (own.as_str().to_string_lossy(), other.as_str().to_string_lossy());
    // Who sells it and which C library there is make no difference to calls.
    let kind = |triple: &str| {
        let mut parts = triple.split('-');
        let architecture = parts.next().unwrap_or("").to_owned();
        (architecture, triple.split('-').any(|part| part == "linux"))
    };
    if !other.is_empty() && kind(&own) != kind(&other) {
        return Err(format!("it is for {other}, and the module for {own}"));
    }
    // A module without a layout would get that of no machine in particular.
    let layout = |module: &Module<'_>| module.get_data_layout().as_str().to_string_lossy().into_owned();
    let (own, other) = (layout(module), layout(foreign));
    if !other.is_empty() && own != other {
        return Err(format!("it lays data out as {other}, and the module as {own}"));
    }
    Ok(())
}

/// Refuses code that must run by itself, what each thread has of its own, and what is not known before code is loaded or
/// assembled: code that is loaded cannot have them.
fn check_life_cycle(foreign: &Module<'_>) -> Result<(), String> {
    if let Some(name) = chosen_when_loaded(foreign) {
        return Err(format!("`{name}` is chosen by a function when code is loaded (ifunc)"));
    }
    let mut length = 0;
    // SAFETY: the module lives; the length is written.
    let _text = unsafe { LLVMGetModuleInlineAsm(foreign.as_mut_ptr(), &raw mut length) };
    if length > 0 {
        return Err("it has assembly outside of functions, whose symbols nobody knows".to_owned());
    }
    for global in foreign.get_globals() {
        let name = global.get_name().to_string_lossy();
        let section = global.get_section().map(|section| section.to_string_lossy().into_owned()).unwrap_or_default();
        let is_in_section = LIFE_CYCLE_SECTIONS.iter().any(|known| section.starts_with(known));
        if LIFE_CYCLE.contains(&&*name) || is_in_section {
            return Err(format!("it has code that must run by itself, before or after all other ({name})"));
        }
        if global.is_thread_local() {
            return Err(format!("`{name}` is a variable of each thread, which code that is loaded cannot have"));
        }
    }
    Ok(())
}

/// Takes off a function what binds it to a processor.
pub(crate) fn unbind(function: FunctionValue<'_>) {
    for name in TEXT_ATTRIBUTES {
        function.remove_string_attribute(AttributeLoc::Function, name);
    }
}

/// Makes a function of bitcode one that is inlined wherever it is called.
fn prepare(session: &Session, function: FunctionValue<'_>) {
    unbind(function);
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
        } else {
            make_alias_internal(module, symbol);
        }
    }
}
