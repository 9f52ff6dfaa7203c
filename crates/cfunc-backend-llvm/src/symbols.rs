//! The symbols that code needs, and where they are.

use cfunc_backend::{BackendError, SymbolTable};
use cfunc_ir::Module;
use inkwell::module::{Linkage, Module as LlvmModule};
use inkwell::values::{BasicValue, FunctionValue, GlobalValue};

use crate::constants::object_symbol;
use crate::libcalls::libcalls;

/// The symbols that a module of IR may need, each with its address: those of the runtime, the functions of the host by the
/// names that [`set_apart`] leaves them, its objects, and what LLVM may call by itself.
///
/// # Errors
///
/// [`BackendError::UndefinedSymbol`].
pub(crate) fn addresses(module: &Module, symbols: &SymbolTable) -> Result<Vec<(String, u64)>, BackendError> {
    let mut found: Vec<(String, u64)> = Vec::with_capacity(module.externals.len() + 20);
    for (number, external) in module.externals.iter().enumerate() {
        let address = symbols.address(external).ok_or_else(|| undefined(&external.symbol))?;
        let is_host = external.runtime.is_none();
        let name = if is_host { set_apart_name(number) } else { external.symbol.clone() };
        found.push((name, exposed(address)));
    }
    for name in module.host_objects() {
        let address = symbols.object(name).ok_or_else(|| undefined(name))?;
        found.push((object_symbol(name), exposed(address)));
    }
    found.extend(own_addresses());
    // ORC refuses a list with a name twice.
    found.sort_unstable();
    found.dedup_by(|one, other| one.0 == other.0);
    Ok(found)
}

/// What LLVM may call by itself.
pub(crate) fn own_addresses() -> impl Iterator<Item = (String, u64)> {
    libcalls().into_iter().map(|(symbol, address)| (symbol.to_owned(), exposed(address)))
}

/// The symbols that a module uses and does not define: what is there for inlining alone is not defined.
pub(crate) fn declarations(module: &LlvmModule<'_>) -> Vec<String> {
    let name = |text: &std::ffi::CStr| text.to_string_lossy().into_owned();
    let is_used = |value: GlobalValue<'_>| value.as_pointer_value().get_first_use().is_some();
    let functions = module.get_functions().filter(|function: &FunctionValue<'_>| {
        let is_defined = function.count_basic_blocks() > 0 && function.get_linkage() != Linkage::AvailableExternally;
        !is_defined && function.get_intrinsic_id() == 0 && is_used(function.as_global_value())
    });
    let globals = module.get_globals().filter(|global| global.is_declaration() && is_used(*global));
    functions.map(|function| name(function.get_name())).chain(globals.map(|global| name(global.get_name()))).collect()
}

/// The error for a symbol without an address.
pub(crate) fn undefined(symbol: &str) -> BackendError {
    BackendError::UndefinedSymbol { symbol: symbol.to_owned() }
}

/// An address as a number.
pub(crate) fn exposed(address: *const u8) -> u64 {
    address.expose_provenance() as u64
}

/// Gives a function of the host that a module calls a name that means nothing, neither to LLVM, which may call another of
/// its name by itself, nor to linkers.
pub(crate) fn set_apart(module: &LlvmModule<'_>, symbol: &str, number: usize) {
    if let Some(function) = module.get_function(symbol).filter(|function| function.count_basic_blocks() == 0) {
        function.as_global_value().set_name(&set_apart_name(number));
    }
}

/// The name that [`set_apart`] leaves a function.
pub(crate) fn set_apart_name(number: usize) -> String {
    format!("cfunc_external_{number}")
}

/// Whether a name is more than a name to linkers: one that they define themselves, or one with a version.
pub(crate) fn is_special_to_linkers(symbol: &str) -> bool {
    const DEFINED: [&str; 12] = [
        "_GLOBAL_OFFSET_TABLE_",
        "_PROCEDURE_LINKAGE_TABLE_",
        "_DYNAMIC",
        "_TLS_MODULE_BASE_",
        "__ehdr_start",
        "__executable_start",
        "__dso_handle",
        "__bss_start",
        "_edata",
        "_end",
        "_init",
        "_fini",
    ];
    DEFINED.contains(&symbol) || symbol.contains('@') || symbol.starts_with('\u{1}')
}
