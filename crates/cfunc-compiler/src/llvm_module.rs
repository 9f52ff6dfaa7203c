//! Modules of many results, put together by a host.

use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

use cfunc_backend::{BackendError, CompiledCode, SymbolTable};
use cfunc_backend_llvm::{ModuleAssembly, ModuleError};
use cfunc_ir::Module;
use cfunc_models::CompilationOptions;

use crate::engines::llvm;
use crate::unit::Unit;
use crate::{CompilationResult, CompileError, CompiledCall, InstantiateError, NodeInstance};

/// Results in one module of LLVM: added, linked with bodies of the host's functions, optimised together once, then loaded
/// or written. Lives on one thread; what it was loaded as does not.
///
/// ```no_run
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let (results, bitcode): (Vec<cfunc_compiler::CompilationResult>, Vec<u8>) = (Vec::new(), Vec::new());
/// use cfunc_compiler::{CompilationOptions, LlvmModule};
///
/// let mut module = LlvmModule::new(&CompilationOptions::default())?;
/// for result in &results {
///     module.add(result)?;
/// }
/// module.link_ffi_bitcode(&bitcode, true)?;
/// module.optimize()?;
/// let loaded = module.load()?;
/// let node = loaded.instantiate(&results[0])?;
/// # Ok(())
/// # }
/// ```
pub struct LlvmModule {
    assembly: ModuleAssembly,
    /// What was added, by native name.
    added: HashMap<String, Added>,
}

/// A function that is in a module.
#[derive(Clone)]
struct Added {
    /// The whole hash of its result, which says nothing of addresses.
    hash: [u8; 32],
    /// The functions and the objects of the host that it uses, with the addresses that its code has of them.
    functions: Vec<(String, Option<usize>)>,
    objects: Vec<(String, Option<usize>)>,
}

impl Added {
    fn new(hash: [u8; 32], module: &Module, symbols: &SymbolTable) -> Self {
        let functions = module.host_functions().map(|(_, external)| external.symbol.as_str());
        let functions = functions.map(|symbol| (symbol.to_owned(), function_address(symbols, symbol)));
        let objects = module.host_objects().map(|name| (name.to_owned(), object_address(symbols, name)));
        Self { hash, functions: functions.collect(), objects: objects.collect() }
    }

    /// What keeps a result from running on this function: that it is of another meaning, or has other addresses.
    fn difference(&self, unit: &Unit) -> Option<String> {
        if self.hash != unit.hash {
            return Some("the module has another function of this name".to_owned());
        }
        let is_other =
            |(symbol, address): &&(String, Option<usize>)| function_address(&unit.symbols, symbol) != *address;
        if let Some((symbol, _)) = self.functions.iter().find(is_other) {
            return Some(format!("the one in the module calls another function by the symbol `{symbol}`"));
        }
        let is_other = |(name, address): &&(String, Option<usize>)| object_address(&unit.symbols, name) != *address;
        let (name, _) = self.objects.iter().find(is_other)?;
        Some(format!("the one in the module has another object by the name `{name}`"))
    }
}

fn function_address(symbols: &SymbolTable, symbol: &str) -> Option<usize> {
    symbols.lookup(symbol).map(<*const u8>::addr)
}

fn object_address(symbols: &SymbolTable, name: &str) -> Option<usize> {
    symbols.object(name).map(<*const u8>::addr)
}

impl LlvmModule {
    /// An empty module, to be optimised at the level and for the processor of the options, which say nothing else here:
    /// what code may be, as `fastmath`, the options of each result say.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Backend`] where there is no LLVM, or it makes no code for the processor.
    pub fn new(options: &CompilationOptions) -> Result<Self, ModuleError> {
        Ok(Self { assembly: ModuleAssembly::new(llvm()?, options)?, added: HashMap::new() })
    }

    /// Adds the function of a result, whichever backend made its code. One that is in the module already stays as it is.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Conflict`] where the module holds another function of the same native name, or knows a function or an
    /// object of the host that the result uses as another than the result does. One source that is compiled twice, with an
    /// object at two addresses, has one native name, and is two functions: each is for a module of its own.
    /// [`ModuleError::Optimized`].
    pub fn add(&mut self, result: &CompilationResult) -> Result<(), ModuleError> {
        self.add_unit(&result.unit)
    }

    /// As [`LlvmModule::add`], of a function that hosts call; [`LoadedLlvmModule::code`] has its code.
    ///
    /// # Errors
    ///
    /// As there.
    pub fn add_call(&mut self, call: &CompiledCall) -> Result<(), ModuleError> {
        self.add_unit(&call.unit)
    }

    fn add_unit(&mut self, unit: &Unit) -> Result<(), ModuleError> {
        if let Some(added) = self.added.get(&*unit.native_name) {
            let conflict = |reason| ModuleError::Conflict { function: unit.native_name.to_string(), reason };
            return added.difference(unit).map_or(Ok(()), |reason| Err(conflict(reason)));
        }
        let module = &unit.products().map_err(backend_error)?.module;
        self.assembly.add(module, &unit.symbols, unit.options())?;
        self.added.insert(unit.native_name.to_string(), Added::new(unit.hash, module, &unit.symbols));
        Ok(())
    }

    /// Makes functions and objects of the host known that bitcode calls and no result does.
    pub fn provide(&mut self, symbols: &SymbolTable) {
        self.assembly.provide(symbols);
    }

    /// Links bodies of the host's functions, compiled to bitcode: calls of them become the bodies, whatever their compiler
    /// said of inlining and of processors. `internalize` keeps their symbols within the module; else the object exports
    /// them. Results may be added before and after.
    ///
    /// The bodies are trusted: they must do what the functions of the same symbols do that the results know, and keep to the
    /// effects that were declared of them.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Bitcode`] where it cannot be read or linked, is for another architecture, has variables of threads,
    /// code that runs by itself or that is chosen when it is loaded, assembly that is wrong or outside of functions, or
    /// defines a function with other types than results call it with or one of the runtime. The module is as it was then,
    /// and its calls reach the functions outside.
    ///
    /// Bitcode that is damaged, not merely cut off or of another kind, can end the process inside LLVM: give it what a
    /// compiler wrote.
    pub fn link_ffi_bitcode(&mut self, bitcode: &[u8], internalize: bool) -> Result<(), ModuleError> {
        self.assembly.link_bitcode(bitcode, internalize)
    }

    /// As [`LlvmModule::link_ffi_bitcode`], for hosts that go on without the bodies: what kept them out is given and logged
    /// as a warning, and calls reach the functions outside. Bodies are kept out as well that need a symbol which is not known
    /// by then: add the results and [provide](LlvmModule::provide) what the bodies call before.
    pub fn link_ffi_bitcode_or_call(&mut self, bitcode: &[u8], internalize: bool) -> Option<ModuleError> {
        let refused = self.assembly.link_complete_bitcode(bitcode, internalize).err()?;
        tracing::warn!("functions of the host are called, not inlined: {refused}");
        Some(refused)
    }

    /// Links bodies of the functions of the C runtime for lists, dicts and structs, which this build has as bitcode: calls
    /// become the bodies where that makes code better. Results that were compiled with `force_inline` need no call of this:
    /// the bodies are linked for them, and inlined wherever these results call them.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Backend`] with [`BackendError::Unavailable`](crate::BackendError::Unavailable) in builds that found no
    /// clang: what to install is in its text. The module is as it was.
    pub fn link_runtime(&mut self) -> Result<(), ModuleError> {
        self.assembly.link_runtime()
    }

    /// Optimises the module, once. Nothing is added or linked afterwards.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Optimized`] the second time.
    pub fn optimize(&mut self) -> Result<(), ModuleError> {
        self.assembly.optimize()
    }

    /// The module as text, as it is now.
    pub fn ir(&self) -> String {
        self.assembly.text()
    }

    /// The module as bitcode, as it is now.
    pub fn bitcode(&self) -> Vec<u8> {
        self.assembly.bitcode()
    }

    /// An object file of the module as it is now, which exports the functions by their native names.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Backend`] where LLVM makes no code, or a function of the host has a name that is special to linkers;
    /// [`ModuleError::Bitcode`] where the assembly of bitcode is wrong.
    pub fn object(&self) -> Result<Vec<u8>, ModuleError> {
        self.assembly.object()
    }

    /// The module as it is now as code to run. What is added to the module afterwards is not in it.
    ///
    /// # Errors
    ///
    /// [`ModuleError::Undefined`] where bitcode needs symbols that nothing [provides](LlvmModule::provide);
    /// [`ModuleError::Bitcode`] where its assembly is wrong; [`ModuleError::Backend`] where the options name a feature that
    /// this processor has not.
    pub fn load(&self) -> Result<LoadedLlvmModule, ModuleError> {
        let units = self.assembly.load()?;
        Ok(LoadedLlvmModule { shared: Arc::new(Loaded { units, added: self.added.clone() }) })
    }
}

/// Why what the stages made of a function is not there again.
fn backend_error(error: CompileError) -> BackendError {
    match error {
        CompileError::Backend(error) => error,
        other => BackendError::Internal { backend: "llvm", message: other.to_string() },
    }
}

impl fmt::Debug for LlvmModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LlvmModule").field("functions", &self.added.len()).finish_non_exhaustive()
    }
}

/// Code of a module. Cheap to clone; the code lives as long as any clone or instance.
#[derive(Clone)]
pub struct LoadedLlvmModule {
    shared: Arc<Loaded>,
}

struct Loaded {
    units: HashMap<String, Arc<dyn CompiledCode>>,
    added: HashMap<String, Added>,
}

impl LoadedLlvmModule {
    /// The address of a function by its native name, under the ABI of compiled nodes. Valid while this, a clone or an
    /// instance lives.
    pub fn function_pointer(&self, native_name: &str) -> Option<*const u8> {
        self.code(native_name)?.entry_address()
    }

    /// The code of a function by its native name; it keeps that of the whole module alive.
    pub fn code(&self, native_name: &str) -> Option<&Arc<dyn CompiledCode>> {
        self.shared.units.get(native_name)
    }

    /// A node of a result that runs on the code of this module.
    ///
    /// # Errors
    ///
    /// [`InstantiateError::NotInModule`] for a result that was not added, or uses a function or an object of the host at
    /// another address than the one that was; else as [`CompilationResult::instantiate`].
    pub fn instantiate(&self, result: &CompilationResult) -> Result<NodeInstance, InstantiateError> {
        let unit = &result.unit;
        let added = self.shared.added.get(&*unit.native_name);
        let difference = added.map_or_else(|| Some("it was not added".to_owned()), |added| added.difference(unit));
        let refused = |reason| InstantiateError::NotInModule { native_name: unit.native_name.to_string(), reason };
        if let Some(reason) = difference {
            return Err(refused(reason));
        }
        let code = self.code(&unit.native_name).ok_or_else(|| refused("it has no code".to_owned()))?;
        NodeInstance::with_code(Arc::clone(unit), Arc::clone(code))
    }
}

impl fmt::Debug for LoadedLlvmModule {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LoadedLlvmModule").field("functions", &self.shared.units.len()).finish_non_exhaustive()
    }
}
