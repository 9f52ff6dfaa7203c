//! The backend's front: options in, code or text out, errors as values.

use std::collections::HashSet;
use std::fmt;
use std::sync::Arc;

use cfunc_backend::{Backend, BackendError, CodeText, CompiledCode, SymbolTable, guard_generator};
use cfunc_ir::Module;
use cfunc_models::CompilationOptions;
use inkwell::module::Module as LlvmModule;
use inkwell::passes::PassBuilderOptions;
use inkwell::targets::{FileType, TargetMachine};

use crate::expansion::expand;
use crate::jit::{Jit, Unlinked};
use crate::module::{build, entry_name};
use crate::processors::check_runs_here;
use crate::runtime;
use crate::session::Session;
use crate::size::for_code;
use crate::symbols::{addresses, declarations, set_apart};
use crate::target::{pipeline, with_machine};
use crate::trampoline::{add_trampoline, needs_trampoline, trampoline_name};
use crate::unit::{Calling, CompiledUnit};

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

    /// A module of IR after LLVM's passes, as bitcode: what [`CodeText::Intermediate`] is the text of.
    ///
    /// # Errors
    ///
    /// [`BackendError`], as where code is made.
    pub fn bitcode(&self, module: &Module, options: &CompilationOptions) -> Result<Vec<u8>, BackendError> {
        guarded(|| with_optimized(module, options, |_, made, _| Ok(made.write_bitcode_to_memory().as_slice().to_vec())))
    }

    /// The session that code is linked in.
    pub(crate) const fn jit(&self) -> &Arc<Jit> {
        &self.jit
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
        check_runs_here(&options.target_cpu)?;
        let unit = guarded(|| {
            let mut symbols = addresses(module, symbols)?;
            // What bodies of the runtime call that were inlined.
            let mut of_runtime = Vec::new();
            let entry = module.entry.ok_or_else(|| internal("the module has no entry"))?;
            let name = entry_name(module)?.to_owned();
            let signature = &module.function(entry).signature;
            let has_trampoline = needs_trampoline(signature);
            let object = with_machine(options, |machine| {
                let session = Session::new();
                let made = build(&session, module, machine, options)?;
                for (id, external) in module.host_functions() {
                    set_apart(&made, &external.symbol, id.index());
                }
                let has_runtime = link_runtime(&session, &made, options)?;
                if has_trampoline {
                    add_trampoline(&session, &made, &name, signature)?;
                }
                optimize(&made, machine, options, has_runtime)?;
                if has_runtime {
                    let known: HashSet<&str> = symbols.iter().map(|(symbol, _)| symbol.as_str()).collect();
                    let inlined = declarations(&made).into_iter().filter(|symbol| !known.contains(symbol.as_str()));
                    of_runtime = inlined.filter_map(|symbol| Some((runtime::address(&symbol)?, symbol))).collect();
                }
                // Context and module end here; the bytes are all that is left.
                emit_unit(&session, &made, options, machine, FileType::Object)
            })?;
            symbols.extend(of_runtime.into_iter().map(|(address, symbol)| (symbol, address)));
            let mut names = vec![name.clone()];
            if has_trampoline {
                names.push(trampoline_name(&name));
            }
            let code = self.jit.link(&[object], &symbols, &names).map_err(Unlinked::into_error)?;
            Ok(CompiledUnit::new(Arc::new(code), 0, Calling::of(signature, 1)))
        })?;
        Ok(Arc::new(unit))
    }

    fn text(&self, module: &Module, options: &CompilationOptions, kind: CodeText) -> Result<String, BackendError> {
        guarded(|| {
            with_optimized(module, options, |session, made, machine| match kind {
                CodeText::Intermediate => Ok(made.print_to_string().to_string_lossy().into_owned()),
                CodeText::Assembly => {
                    let bytes = emit_unit(session, made, options, machine, FileType::Assembly)?;
                    Ok(String::from_utf8_lossy(&bytes).trim_end_matches('\0').to_owned())
                }
            })
        })
    }

    fn ignored_options(&self, _options: &CompilationOptions) -> Vec<&'static str> {
        Vec::new()
    }
}

/// Runs `work` on a module of IR as LLVM has it after its passes.
fn with_optimized<T>(
    module: &Module,
    options: &CompilationOptions,
    work: impl FnOnce(&Session, &LlvmModule<'_>, &TargetMachine) -> Result<T, BackendError>,
) -> Result<T, BackendError> {
    with_machine(options, |machine| {
        let session = Session::new();
        let made = build(&session, module, machine, options)?;
        let has_runtime = link_runtime(&session, &made, options)?;
        optimize(&made, machine, options, has_runtime)?;
        work(&session, &made, machine)
    })
}

/// Puts bodies of the runtime's functions into a module where options ask for it and this build has them: whether it did.
fn link_runtime(session: &Session, made: &LlvmModule<'_>, options: &CompilationOptions) -> Result<bool, BackendError> {
    let is_linked = options.force_inline && runtime::is_here();
    if is_linked {
        runtime::link(session, made)?;
    }
    Ok(is_linked)
}

/// Verifies a module, runs LLVM's passes over it, and drops the bodies of the runtime's functions that are left.
pub(crate) fn optimize(
    module: &LlvmModule<'_>,
    machine: &TargetMachine,
    options: &CompilationOptions,
    has_runtime: bool,
) -> Result<(), BackendError> {
    // A module that is not valid would crash the process in a pass.
    module.verify().map_err(|error| internal(error.to_string_lossy()))?;
    let passes = PassBuilderOptions::create();
    passes.set_loop_vectorization(true);
    passes.set_loop_slp_vectorization(true);
    passes.set_loop_interleaving(true);
    passes.set_loop_unrolling(true);
    let run = module.run_passes(pipeline(options.optimization_level), machine, passes);
    run.map_err(|error| internal(error.to_string_lossy()))?;
    if has_runtime { runtime::drop_bodies(module, machine) } else { Ok(()) }
}

/// An object or assembly of the module of one unit. What is so large that LLVM's best code generator takes long for it is
/// made by the quick one.
fn emit_unit(
    session: &Session,
    module: &LlvmModule<'_>,
    options: &CompilationOptions,
    machine: &TargetMachine,
    form: FileType,
) -> Result<Vec<u8>, BackendError> {
    match for_code(module, options) {
        Some(quick) => with_machine(&quick, |machine| emit(session, module, machine, form)),
        None => emit(session, module, machine, form),
    }
}

/// An object or assembly of a module; the module is not what it was afterwards.
fn emit(
    session: &Session,
    module: &LlvmModule<'_>,
    machine: &TargetMachine,
    form: FileType,
) -> Result<Vec<u8>, BackendError> {
    let bytes = generate(module, machine, form)?;
    session.check()?;
    Ok(bytes)
}

/// The same, for who looks at what the session was told of it: that assembly is wrong, if anything.
pub(crate) fn generate(
    module: &LlvmModule<'_>,
    machine: &TargetMachine,
    form: FileType,
) -> Result<Vec<u8>, BackendError> {
    expand(module, machine)?;
    let buffer = machine.write_to_memory_buffer(module, form);
    let buffer = buffer.map_err(|error| internal(error.to_string_lossy()))?;
    Ok(buffer.as_slice().to_vec())
}

/// Runs the code generator; a panic inside it becomes an error, as hosts must never see one.
pub(crate) fn guarded<T>(work: impl FnOnce() -> Result<T, BackendError>) -> Result<T, BackendError> {
    // What a panic leaves half-done is lost with it.
    guard_generator(LlvmBackend::NAME, work)
}

/// An error that is a bug of the compiler.
pub(crate) fn internal(message: impl fmt::Display) -> BackendError {
    BackendError::Internal { backend: LlvmBackend::NAME, message: message.to_string() }
}

/// An error of a machine that the backend cannot serve.
pub(crate) fn unavailable(reason: impl fmt::Display) -> BackendError {
    BackendError::Unavailable { backend: LlvmBackend::NAME, reason: reason.to_string() }
}
