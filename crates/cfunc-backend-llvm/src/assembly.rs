//! A module of many functions, put together by a host.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use cfunc_backend::{BackendError, CompiledCode, SymbolTable};
use cfunc_ir::{Module, Signature};
use cfunc_models::{CompilationOptions, Effects, OptimizationLevel};
use inkwell::module::{Linkage, Module as LlvmModule};
use inkwell::targets::{FileType, TargetMachine};
use inkwell::types::AsTypeRef;

use crate::aliases::aliases;
use crate::backend::{generate, guarded, internal, optimize};
use crate::bitcode::{Linked, link, make_internal, merge, parse};
use crate::jit::{Jit, LinkedCode, Unlinked};
use crate::libcalls::is_libcall;
use crate::module::{build, entry_name};
use crate::processors::check_runs_here;
use crate::runtime;
use crate::session::Session;
use crate::symbols::{
    declarations, exposed, is_special_to_linkers, own_addresses, set_apart, set_apart_name, undefined,
};
use crate::target::with_machine;
use crate::trampoline::{add_trampoline, needs_trampoline, trampoline_name};
use crate::types::function_type;
use crate::unit::{Calling, CompiledUnit};
use crate::{LlvmBackend, ModuleError};

/// Functions of many units in one module of LLVM: they are optimised together, with bodies of a host's functions where it
/// has bitcode of them, and loaded or written as one. Lives on one thread; what it was loaded as does not.
pub struct ModuleAssembly {
    /// Before the session, which it is of.
    module: LlvmModule<'static>,
    session: Session,
    jit: Arc<Jit>,
    options: CompilationOptions,
    entries: Vec<Entry>,
    /// The host's functions that units declare, and those of the runtime.
    externals: HashMap<String, External>,
    /// The addresses of other symbols: the host's objects by the names that LLVM has for them, and what bitcode may call.
    provided: HashMap<String, u64>,
    /// What bitcode defines for the module alone. Units that are added later call it too, so it is known outside until then.
    internal: Vec<String>,
    is_optimized: bool,
    /// Whether a unit asks for bodies of the runtime's functions.
    wants_runtime: bool,
    has_runtime: bool,
}

/// A function in the objects that bitcode is tried out with.
const TRIAL: &str = "cfunc_trial";

/// What stands where something is that is linked, and never run.
static LINKED: u64 = 0;

/// A function that the module exports.
struct Entry {
    name: String,
    signature: Signature,
}

/// A function outside.
#[derive(PartialEq, Eq)]
struct External {
    address: u64,
    signature: Signature,
    effects: Effects,
    is_runtime: bool,
}

/// The module outlives what it was made with.
///
/// # Safety
///
/// The session that the module is of lives until the module is dropped.
unsafe fn kept(module: LlvmModule<'_>) -> LlvmModule<'static> {
    // SAFETY: the types differ in the lifetime alone, and the caller keeps the session.
    unsafe { std::mem::transmute::<LlvmModule<'_>, LlvmModule<'static>>(module) }
}

impl ModuleAssembly {
    /// An empty module, to be optimised at the level and for the processor of the options, which say nothing else.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Backend`] where LLVM makes no code for the processor.
    pub fn new(backend: &LlvmBackend, options: &CompilationOptions) -> Result<Self, ModuleError> {
        let made = guarded(|| {
            let session = Session::new();
            let module = session.create_module("cfunc");
            with_machine(options, |machine| {
                module.set_triple(&machine.get_triple());
                module.set_data_layout(&machine.get_target_data().get_data_layout());
                Ok(())
            })?;
            // SAFETY: both become fields of one value, which drops the module first.
            let module = unsafe { kept(module) };
            Ok(Self {
                module,
                session,
                jit: Arc::clone(backend.jit()),
                options: options.clone(),
                entries: Vec::new(),
                externals: HashMap::new(),
                provided: HashMap::new(),
                internal: Vec::new(),
                is_optimized: false,
                wants_runtime: false,
                has_runtime: false,
            })
        });
        Ok(made?)
    }

    /// Adds the functions and the data of a unit, which exports its entry. Of the options, those count that say what code may
    /// be: `fastmath` and `force_inline`.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Conflict`] where the module has a function of this name, or knows a function or an object of the host
    /// as another than the unit does.
    pub fn add(
        &mut self,
        unit: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<(), ModuleError> {
        self.unfinished()?;
        let entry = unit.entry.ok_or_else(|| internal("the module has no entry"))?;
        let name = entry_name(unit)?;
        let conflict = |reason: String| ModuleError::Conflict { function: name.to_owned(), reason };
        if self.is_defined(name) || self.externals.contains_key(name) {
            return Err(conflict("the module has a function of this name".to_owned()));
        }
        let externals = self.new_externals(unit, symbols).map_err(|refusal| refusal.into_error(name))?;
        let provided = self.new_objects(unit, symbols).map_err(|refusal| refusal.into_error(name))?;
        guarded(|| {
            let made = with_machine(&self.options, |machine| build(&self.session, unit, machine, options))?;
            made.verify().map_err(|error| internal(error.to_string_lossy()))?;
            merge(&self.session, &self.module, made).map_err(internal)
        })?;
        self.wants_runtime |= options.force_inline && runtime::is_here();
        self.externals.extend(externals);
        self.provided.extend(provided);
        self.entries.push(Entry { name: name.to_owned(), signature: unit.function(entry).signature.clone() });
        Ok(())
    }

    /// Makes functions and objects of the host known, for bitcode that calls functions which no unit does.
    pub fn provide(&mut self, symbols: &SymbolTable) {
        for symbol in symbols.symbols() {
            if let Some(address) = symbols.lookup(symbol) {
                self.provided.entry(symbol.to_owned()).or_insert_with(|| exposed(address));
            }
        }
    }

    /// Links bodies of the host's functions, which are inlined wherever they are called. `internalize` keeps their symbols
    /// within the module; else it exports them.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Bitcode`] where LLVM cannot read or link it, or its functions are not those that are called.
    pub fn link_bitcode(&mut self, bitcode: &[u8], internalize: bool) -> Result<(), ModuleError> {
        let linked = self.linked(bitcode)?;
        if linked.has_assembly {
            // What is wrong with it shows when code is made.
            self.trial_object(bitcode)?;
        }
        self.take(linked, internalize);
        Ok(())
    }

    /// As [`ModuleAssembly::link_bitcode`], of bodies that need no symbol but those that the module knows by now.
    ///
    /// # Errors
    ///
    /// As there; [`ModuleError::Undefined`].
    pub fn link_complete_bitcode(&mut self, bitcode: &[u8], internalize: bool) -> Result<(), ModuleError> {
        let linked = self.linked(bitcode)?;
        let object = self.trial_object(bitcode)?;
        self.trial_link(&linked, object)?;
        self.take(linked, internalize);
        Ok(())
    }

    /// A copy of the module with bitcode in it.
    fn linked(&self, bitcode: &[u8]) -> Result<Linked<'static>, ModuleError> {
        self.unfinished()?;
        let declared = |symbol: &str| self.externals.contains_key(symbol);
        guarded(|| Ok(link(&self.session, &self.module, bitcode, &declared)))?.map_err(ModuleError::Bitcode)
    }

    fn take(&mut self, linked: Linked<'static>, internalize: bool) {
        self.module = linked.module;
        if internalize {
            self.internal.extend(linked.defined);
        }
    }

    /// An object of bitcode alone, made quickly, with an empty function [`TRIAL`] in it.
    fn trial_object(&self, bitcode: &[u8]) -> Result<Vec<u8>, ModuleError> {
        let options = CompilationOptions { optimization_level: OptimizationLevel::Quick, ..self.options.clone() };
        let made = guarded(|| {
            with_machine(&options, |machine| {
                let parsed = parse(&self.session, &self.module, bitcode).map_err(internal)?;
                let ty = self.session.void_type().fn_type(&[], false);
                let function = parsed.add_function(TRIAL, ty, Some(Linkage::External));
                let builder = self.session.create_builder();
                builder.position_at_end(self.session.append_basic_block(function, ""));
                builder.build_return(None).map_err(internal)?;
                Ok(generate(&parsed, machine, FileType::Object))
            })
        })?;
        self.told(made)
    }

    /// What was made, or what LLVM said is wrong. It says so of assembly, which bitcode alone has.
    fn told(&self, made: Result<Vec<u8>, BackendError>) -> Result<Vec<u8>, ModuleError> {
        let mut messages = self.session.take_messages();
        messages.dedup();
        if messages.is_empty() {
            return Ok(made?);
        }
        Err(ModuleError::Bitcode(format!("its assembly is wrong: {}", messages.join("; "))))
    }

    /// Links an object of bitcode with what `linked`, the module with the bitcode in it, has or knows.
    fn trial_link(&self, linked: &Linked<'static>, object: Vec<u8>) -> Result<(), ModuleError> {
        let Linked { module: linked, defined, .. } = linked;
        let mut known: HashMap<String, u64> = self.provided.clone();
        known.extend(self.externals.iter().map(|(symbol, external)| (symbol.clone(), external.address)));
        known.extend(own_addresses());
        // Nothing of this runs: any address will do for what the module defines.
        let somewhere = exposed((&raw const LINKED).cast());
        let functions = linked.get_functions().map(|function| function.as_global_value());
        let values = functions.chain(linked.get_globals()).filter(|value| !value.is_declaration());
        // What has no name is of the module alone, and what is there for inlining alone is elsewhere.
        let values = values.filter(|value| value.get_linkage() != Linkage::AvailableExternally);
        let names = values.map(|value| value.get_name().to_string_lossy().into_owned());
        for name in names.filter(|name| !name.is_empty()) {
            known.entry(name).or_insert(somewhere);
        }
        known.extend(aliases(linked).into_iter().map(|alias| (alias.name, somewhere)));
        if self.has_runtime {
            let of_runtime =
                declarations(linked).into_iter().filter_map(|symbol| Some((runtime::address(&symbol)?, symbol)));
            known.extend(of_runtime.map(|(address, symbol)| (symbol, address)));
        }
        for symbol in defined {
            known.remove(symbol);
        }
        let known: Vec<(String, u64)> = known.into_iter().collect();
        let code = guarded(|| Ok(self.jit.link(&[object], &known, &[TRIAL.to_owned()])))?;
        code.map(drop).map_err(unlinked)
    }

    /// Links bodies of the functions of the C runtime for lists, dicts and structs. Calls become the bodies where that makes
    /// code better, and all of them in units that ask for `force_inline`, which links the bodies by itself.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`] in builds without bitcode of the runtime.
    pub fn link_runtime(&mut self) -> Result<(), ModuleError> {
        self.unfinished()?;
        if !self.has_runtime {
            let linked = self.module.clone();
            guarded(|| runtime::link(&self.session, &linked))?;
            self.module = linked;
            self.has_runtime = true;
        }
        Ok(())
    }

    /// Optimises the module, once; nothing is added any more.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Optimized`] the second time.
    pub fn optimize(&mut self) -> Result<(), ModuleError> {
        self.unfinished()?;
        if self.wants_runtime {
            self.link_runtime()?;
        }
        make_internal(&self.module, &self.internal);
        guarded(|| {
            with_machine(&self.options, |machine| optimize(&self.module, machine, &self.options, self.has_runtime))
        })?;
        self.is_optimized = true;
        Ok(())
    }

    /// The module as text, as it is now.
    pub fn text(&self) -> String {
        self.module.print_to_string().to_string_lossy().into_owned()
    }

    /// The module as bitcode, as it is now.
    pub fn bitcode(&self) -> Vec<u8> {
        self.module.write_bitcode_to_memory().as_slice().to_vec()
    }

    /// An object file of the module as it is now; what it needs keeps its symbols.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Backend`] where LLVM makes no code, or where a function of the host has the name of one of C that LLVM
    /// calls by itself, or one that linkers give a meaning: linkers know one function by a name. [`ModuleError::Bitcode`]
    /// where the assembly of bitcode is wrong.
    pub fn object(&self) -> Result<Vec<u8>, ModuleError> {
        let refused = |whose: &str, symbol: &str| {
            let feature = format!("objects that call a function of the host by the name `{symbol}`, which {whose}");
            Err(BackendError::Unsupported { backend: LlvmBackend::NAME, feature }.into())
        };
        if let Some(symbol) = self.externals.keys().find(|symbol| is_libcall(symbol)) {
            return refused("C has", symbol);
        }
        if let Some(symbol) = self.externals.keys().find(|symbol| is_special_to_linkers(symbol)) {
            return refused("means something to linkers", symbol);
        }
        guarded(|| with_machine(&self.options, |machine| Ok(self.object_of(&self.copy(), machine))))?
    }

    /// Code of the module as it is now: each function by its native name.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Undefined`] where the module calls what no unit declares and nothing provides; [`ModuleError::Bitcode`]
    /// where the assembly of bitcode is wrong; [`BackendError::Unsupported`] where the options name a feature that this
    /// processor has not.
    pub fn load(&self) -> Result<HashMap<String, Arc<dyn CompiledCode>>, ModuleError> {
        check_runs_here(&self.options.target_cpu)?;
        let code = guarded(|| with_machine(&self.options, |machine| Ok(self.code(machine))))??;
        let code = Arc::new(code);
        let mut next_trampoline = self.entries.len();
        let mut units: HashMap<String, Arc<dyn CompiledCode>> = HashMap::with_capacity(self.entries.len());
        for (entry, Entry { name, signature }) in self.entries.iter().enumerate() {
            let calling = Calling::of(signature, next_trampoline);
            next_trampoline += usize::from(needs_trampoline(signature));
            units.insert(name.clone(), Arc::new(CompiledUnit::new(Arc::clone(&code), entry, calling)));
        }
        Ok(units)
    }

    /// The module as it is now as linked code: of each entry, then of the trampolines of those that have one.
    fn code(&self, machine: &TargetMachine) -> Result<LinkedCode, ModuleError> {
        // Functions of the host by any other name: some names mean something to LLVM, or to who links the object.
        let apart: HashMap<&str, usize> = self.externals.keys().map(String::as_str).zip(0..).collect();
        let symbols = self.addresses(&apart)?;
        let module = self.copy();
        for (symbol, number) in &apart {
            if !self.externals[*symbol].is_runtime {
                set_apart(&module, symbol, *number);
            }
        }
        let mut objects = vec![self.object_of(&module, machine)?];
        let with_trampoline: Vec<&Entry> =
            self.entries.iter().filter(|entry| needs_trampoline(&entry.signature)).collect();
        if !with_trampoline.is_empty() {
            objects.push(self.trampolines(&with_trampoline, machine)?);
        }
        let names = self.entries.iter().map(|entry| entry.name.clone());
        let trampolines = with_trampoline.iter().map(|entry| trampoline_name(&entry.name));
        let names: Vec<String> = names.chain(trampolines).collect();
        self.jit.link(&objects, &symbols, &names).map_err(unlinked)
    }

    fn unfinished(&self) -> Result<(), ModuleError> {
        if self.is_optimized { Err(ModuleError::Optimized) } else { Ok(()) }
    }

    /// A copy of the module, for the code generator, which changes what it is given.
    fn copy(&self) -> LlvmModule<'static> {
        let copy = self.module.clone();
        make_internal(&copy, &self.internal);
        copy
    }

    fn is_defined(&self, name: &str) -> bool {
        self.module.get_function(name).is_some_and(|function| function.count_basic_blocks() > 0)
            || self.module.get_global(name).is_some()
            || aliases(&self.module).iter().any(|alias| alias.name == name)
    }

    /// The functions outside that a unit declares and the module does not.
    fn new_externals(&self, unit: &Module, symbols: &SymbolTable) -> Result<Vec<(String, External)>, Refusal> {
        let mut found = Vec::new();
        for external in &unit.externals {
            let address = symbols.address(external).ok_or_else(|| undefined(&external.symbol))?;
            let declared = External {
                address: exposed(address),
                signature: external.signature.clone(),
                effects: external.effects,
                is_runtime: external.runtime.is_some(),
            };
            match self.externals.get(&external.symbol) {
                Some(known) if *known != declared => {
                    return Err(Refusal::Conflict(format!(
                        "it calls another function by the symbol `{}`, or knows other types or effects of it, than what the \
                         module holds",
                        external.symbol
                    )));
                }
                Some(_) => {}
                None if self.entries.iter().any(|entry| entry.name == external.symbol) => {
                    return Err(Refusal::Conflict(format!(
                        "it calls a function of the host by the name of one in the module, `{}`",
                        external.symbol
                    )));
                }
                None if !self.fits(&external.symbol, &external.signature) => {
                    return Err(Refusal::Conflict(format!(
                        "it calls `{}` with other types than the bitcode has it with",
                        external.symbol
                    )));
                }
                None if is_libcall(&external.symbol) && self.module.get_function(&external.symbol).is_some() => {
                    return Err(Refusal::Conflict(format!(
                        "it calls a function of the host by the name `{}`, by which bitcode calls one of C",
                        external.symbol
                    )));
                }
                None => found.push((external.symbol.clone(), declared)),
            }
        }
        Ok(found)
    }

    /// Whether what the module has under a symbol can be called so.
    fn fits(&self, symbol: &str, signature: &Signature) -> bool {
        let ty = function_type(&self.session, signature);
        let function = self.module.get_function(symbol);
        self.module.get_global(symbol).is_none()
            && function.is_none_or(|function| function.get_type() == ty)
            && aliases(&self.module).iter().all(|alias| alias.name != symbol || alias.ty == ty.as_type_ref())
    }

    /// The objects of the host that a unit names and the module does not.
    fn new_objects(&self, unit: &Module, symbols: &SymbolTable) -> Result<Vec<(String, u64)>, Refusal> {
        let mut found = Vec::new();
        for name in unit.host_objects() {
            let address = exposed(symbols.object(name).ok_or_else(|| undefined(name))?);
            let symbol = crate::constants::object_symbol(name);
            match self.provided.get(&symbol) {
                Some(known) if *known != address => {
                    return Err(Refusal::Conflict(format!(
                        "its object `{name}` is another than the one of this name in the module"
                    )));
                }
                _ => found.push((symbol, address)),
            }
        }
        Ok(found)
    }

    /// The symbols that the module needs, with their addresses; functions of the host by the names that their numbers give.
    fn addresses(&self, apart: &HashMap<&str, usize>) -> Result<Vec<(String, u64)>, ModuleError> {
        let mut found: Vec<(String, u64)> = own_addresses().collect();
        let is_own = |symbol: &str| found.iter().any(|(known, _)| known == symbol);
        let (mut needed, mut undefined) = (Vec::new(), Vec::new());
        for symbol in declarations(&self.module) {
            match (self.externals.get(&symbol), self.provided.get(&symbol)) {
                (Some(external), _) if external.is_runtime => needed.push((symbol, external.address)),
                (Some(external), _) => needed.push((set_apart_name(apart[&*symbol]), external.address)),
                // What the host provides goes before what LLVM calls: bitcode calls the C library by these names too.
                (None, _) if is_own(&symbol) => {}
                (None, Some(address)) => needed.push((symbol, *address)),
                (None, None) => match runtime::address(&symbol).filter(|_| self.has_runtime) {
                    Some(address) => needed.push((symbol, address)),
                    None => undefined.push(symbol),
                },
            }
        }
        if !undefined.is_empty() {
            return Err(unlinked(Unlinked::Undefined(undefined)));
        }
        // LLVM calls functions by itself for operations in bitcode that nodes have not, such as wider arithmetic.
        let is_known = |symbol: &str| found.iter().chain(&needed).any(|(known, _)| known == symbol);
        let provided = self.provided.iter().filter(|(symbol, _)| !is_known(symbol));
        let provided: Vec<(String, u64)> = provided.map(|(symbol, address)| (symbol.clone(), *address)).collect();
        found.extend(needed);
        found.extend(provided);
        Ok(found)
    }

    fn object_of(&self, module: &LlvmModule<'_>, machine: &TargetMachine) -> Result<Vec<u8>, ModuleError> {
        // A module that is not valid would crash the process in the code generator.
        module.verify().map_err(|error| internal(error.to_string_lossy()))?;
        self.told(generate(module, machine, FileType::Object))
    }

    /// An object with the trampolines of entries: they are for calls from here, and no part of the module.
    fn trampolines(&self, entries: &[&Entry], machine: &TargetMachine) -> Result<Vec<u8>, ModuleError> {
        let module = self.session.create_module("trampolines");
        module.set_triple(&machine.get_triple());
        module.set_data_layout(&machine.get_target_data().get_data_layout());
        for entry in entries {
            let ty = function_type(&self.session, &entry.signature);
            module.add_function(&entry.name, ty, Some(Linkage::External));
            add_trampoline(&self.session, &module, &entry.name, &entry.signature)?;
        }
        self.object_of(&module, machine)
    }
}

impl fmt::Debug for ModuleAssembly {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("ModuleAssembly")
            .field("functions", &self.entries.len())
            .field("is_optimized", &self.is_optimized)
            .finish_non_exhaustive()
    }
}

/// Why objects are not linked, as an error of the module.
fn unlinked(reason: Unlinked) -> ModuleError {
    match reason {
        Unlinked::Backend(error) => error.into(),
        Unlinked::Undefined(mut symbols) => {
            symbols.sort_unstable();
            symbols.dedup();
            ModuleError::Undefined { symbols }
        }
    }
}

/// Why a unit is not added.
enum Refusal {
    Backend(BackendError),
    Conflict(String),
}

impl From<BackendError> for Refusal {
    fn from(error: BackendError) -> Self {
        Self::Backend(error)
    }
}

impl Refusal {
    fn into_error(self, function: &str) -> ModuleError {
        match self {
            Self::Backend(error) => error.into(),
            Self::Conflict(reason) => ModuleError::Conflict { function: function.to_owned(), reason },
        }
    }
}
