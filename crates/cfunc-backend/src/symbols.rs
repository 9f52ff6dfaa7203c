//! Where external functions and objects are.

use std::collections::HashMap;

use cfunc_ir::External;

/// Addresses of external functions by symbol, those of the C runtime and what a host registered; and of objects of the
/// host, which have names of their own.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SymbolTable {
    registered: HashMap<String, Address>,
    objects: HashMap<String, Address>,
}

/// The address of a function.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Address(*const u8);

// SAFETY: a function's address may be known to every thread; whether calling it there is right is the duty of
// who registers it, as `register` says.
unsafe impl Send for Address {}
// SAFETY: as above.
unsafe impl Sync for Address {}

impl SymbolTable {
    /// The functions of the C runtime alone.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a function of the host's.
    ///
    /// # Safety
    ///
    /// `address` is a function of the C calling convention, of the signature that rules declare for it, which lives as
    /// long as any code that calls it, and may be called from every thread that runs such code.
    pub unsafe fn register(&mut self, symbol: &str, address: *const u8) {
        self.registered.insert(symbol.to_owned(), Address(address));
    }

    /// The address of an external function of a module: the runtime's first, which are known by number.
    pub fn address(&self, external: &External) -> Option<*const u8> {
        match external.runtime {
            Some(function) => Some(cfunc_runtime::address(function)),
            None => self.lookup(&external.symbol),
        }
    }

    /// Adds an object of the host's, which nodes know by a name.
    ///
    /// # Safety
    ///
    /// `address` is what the functions take it for that nodes call with it, an object of the opaque type that the name is
    /// bound as, which lives as long as any code that names it, and may be used on every thread that runs such code.
    pub unsafe fn register_object(&mut self, name: &str, address: *const u8) {
        self.objects.insert(name.to_owned(), Address(address));
    }

    /// The address of an object of the host's.
    pub fn object(&self, name: &str) -> Option<*const u8> {
        self.objects.get(name).map(|address| address.0)
    }

    /// The symbols of the host's functions, in no order.
    pub fn symbols(&self) -> impl Iterator<Item = &str> {
        self.registered.keys().map(String::as_str)
    }

    /// The names of the host's objects, in no order.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        self.objects.keys().map(String::as_str)
    }

    /// The address of a function of the host's.
    pub fn lookup(&self, symbol: &str) -> Option<*const u8> {
        self.registered.get(symbol).map(|address| address.0)
    }
}
