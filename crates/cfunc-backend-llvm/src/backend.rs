//! The backend's front: options in, code or text out, errors as values.

use std::any::Any;
use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cfunc_backend::{
    Backend, BackendError, CodeText, CompiledCode, NativeEntry, SymbolTable, call_native, is_node_signature,
};
use cfunc_ir::{Module, RelocationTarget};
use cfunc_models::CompilationOptions;
use inkwell::context::Context;
use inkwell::module::Module as LlvmModule;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{FileType, TargetMachine};

use crate::constants::object_symbol;
use crate::jit::{Jit, LinkedCode};
use crate::libcalls::libcalls;
use crate::module::{build, entry_name};
use crate::target::{pipeline, with_machine};
use crate::trampoline::{add_trampoline, trampoline_name};

/// Makes machine code with LLVM. Holds the session that code is linked in; make one and share it.
pub struct LlvmBackend {
    jit: Arc<Jit>,
}

impl LlvmBackend {
    /// The backend's name.
    pub const NAME: &'static str = "llvm";

    /// A backend for this host.
    ///
    /// # Errors
    ///
    /// [`BackendError::Unavailable`] where LLVM cannot link code here.
    pub fn new() -> Result<Self, BackendError> {
        Ok(Self { jit: Arc::new(Jit::new()?) })
    }
}

impl fmt::Debug for LlvmBackend {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("LlvmBackend").finish()
    }
}

impl Backend for LlvmBackend {
    fn name(&self) -> &'static str {
        Self::NAME
    }

    fn compile(
        &self,
        module: &Module,
        symbols: &SymbolTable,
        options: &CompilationOptions,
    ) -> Result<Arc<dyn CompiledCode>, BackendError> {
        let unit = guarded(|| {
            let symbols = resolve(module, symbols)?;
            let entry = module.entry.ok_or_else(|| internal("the module has no entry"))?;
            let name = entry_name(module)?.to_owned();
            let signature = &module.function(entry).signature;
            let has_trampoline = !is_node_signature(signature);
            let object = with_machine(options, |machine| {
                let context = Context::create();
                let made = optimized(&context, module, machine, options, has_trampoline)?;
                let buffer = machine.write_to_memory_buffer(&made, FileType::Object);
                let buffer = buffer.map_err(|error| internal(error.to_string_lossy()))?;
                // Context and module end here; the bytes are all that is left.
                Ok(buffer.as_slice().to_vec())
            })?;
            let mut names = vec![name.clone()];
            if has_trampoline {
                names.push(trampoline_name(&name));
            }
            let code = self.jit.link(&object, &symbols, &names)?;
            Ok(CompiledUnit { code })
        })?;
        Ok(Arc::new(unit))
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        guarded(|| {
            with_machine(options, |machine| {
                let context = Context::create();
                let made = optimized(&context, module, machine, options, false)?;
                match kind {
                    CodeText::Intermediate => Ok(made.print_to_string().to_string_lossy().into_owned()),
                    CodeText::Assembly => {
                        let buffer = machine.write_to_memory_buffer(&made, FileType::Assembly);
                        let buffer = buffer.map_err(|error| internal(error.to_string_lossy()))?;
                        let text = String::from_utf8_lossy(buffer.as_slice());
                        Ok(text.trim_end_matches('\0').to_owned())
                    }
                }
            })
        })
    }
}

/// The module after LLVM's passes.
fn optimized<'ctx>(
    context: &'ctx Context,
    source: &Module,
    machine: &TargetMachine,
    options: &CompilationOptions,
    has_trampoline: bool,
) -> Result<LlvmModule<'ctx>, BackendError> {
    let module = build(context, source, machine, options)?;
    if let (true, Some(entry)) = (has_trampoline, source.entry) {
        add_trampoline(context, &module, entry_name(source)?, &source.function(entry).signature)?;
    }
    // A module that is not valid would crash the process in a pass.
    module.verify().map_err(|error| internal(error.to_string_lossy()))?;
    let passes = PassBuilderOptions::create();
    passes.set_loop_vectorization(true);
    passes.set_loop_slp_vectorization(true);
    passes.set_loop_interleaving(true);
    passes.set_loop_unrolling(true);
    let run = module.run_passes(pipeline(options.optimization_level), machine, passes);
    run.map_err(|error| internal(error.to_string_lossy()))?;
    Ok(module)
}

/// The symbols that the module may need, each with its address.
fn resolve(module: &Module, symbols: &SymbolTable) -> Result<Vec<(String, u64)>, BackendError> {
    let undefined = |symbol: &str| BackendError::UndefinedSymbol { symbol: symbol.to_owned() };
    let exposed = |address: *const u8| address.expose_provenance() as u64;
    let mut found: Vec<(String, u64)> = Vec::with_capacity(module.externals.len() + 10);
    for external in &module.externals {
        let address = symbols.address(external).ok_or_else(|| undefined(&external.symbol))?;
        found.push((external.symbol.clone(), exposed(address)));
    }
    for relocation in module.data.iter().flat_map(|object| &object.relocations) {
        if let RelocationTarget::Object(name) = &relocation.target {
            let address = symbols.object(name).ok_or_else(|| undefined(name))?;
            found.push((object_symbol(name), exposed(address)));
        }
    }
    for (symbol, address) in libcalls() {
        found.push((symbol.to_owned(), exposed(address)));
    }
    // What a host registered goes before what LLVM itself would call by that name.
    let mut seen = std::collections::HashSet::new();
    found.retain(|(symbol, _)| seen.insert(symbol.clone()));
    Ok(found)
}

/// Runs the code generator; a panic inside it becomes an error, as hosts must never see one.
fn guarded<T>(work: impl FnOnce() -> Result<T, BackendError>) -> Result<T, BackendError> {
    // What a panic leaves half-done is lost with it.
    catch_unwind(AssertUnwindSafe(work)).unwrap_or_else(|payload| Err(internal(message(&*payload))))
}

fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "the code generator panicked"
    }
}

/// An error that is a bug of the compiler.
pub(crate) fn internal(message: impl fmt::Display) -> BackendError {
    BackendError::Internal { backend: LlvmBackend::NAME, message: message.to_string() }
}

/// An error of a machine that the backend cannot serve.
pub(crate) fn unavailable(reason: impl fmt::Display) -> BackendError {
    BackendError::Unavailable { backend: LlvmBackend::NAME, reason: reason.to_string() }
}

/// Finished code of one module: the address of the entry, and of the trampoline where one is needed.
struct CompiledUnit {
    code: LinkedCode,
}

impl CompiledUnit {
    fn address(&self, index: usize) -> Option<*const u8> {
        let address = usize::try_from(*self.code.addresses.get(index)?).ok()?;
        Some(std::ptr::with_exposed_provenance(address))
    }
}

impl fmt::Debug for CompiledUnit {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("CompiledUnit")
            .field("entry", &self.address(0))
            .field("size", &self.code.size)
            .finish_non_exhaustive()
    }
}

impl CompiledCode for CompiledUnit {
    fn entry_address(&self) -> Option<*const u8> {
        self.address(0)
    }

    fn size(&self) -> usize {
        self.code.size
    }

    unsafe fn call(&self, arguments: &[u64]) {
        match (self.address(0), self.address(1)) {
            (_, Some(trampoline)) => {
                type Trampoline = unsafe extern "C" fn(*const u64);
                // SAFETY: the trampoline was made with this signature, and lives as long as `self`.
                let trampoline = unsafe { std::mem::transmute::<*const u8, Trampoline>(trampoline) };
                // SAFETY: it reads as many words as the entry has parameters; the caller vouches for them.
                unsafe { trampoline(arguments.as_ptr()) };
            }
            (Some(entry), None) => {
                // SAFETY: the entry has the signature of compiled nodes, and lives as long as `self`; the caller
                // vouches for the arguments.
                let called = unsafe { call_native(NativeEntry(entry), arguments) };
                debug_assert!(called, "as many arguments as the entry has parameters");
            }
            (None, None) => debug_assert!(false, "linked code has an entry"),
        }
    }
}
