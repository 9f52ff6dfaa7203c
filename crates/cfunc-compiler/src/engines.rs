//! The engines of this build.

use std::sync::{Arc, OnceLock};

use cfunc_backend::{AtLevel, Backend, BackendError};
use cfunc_backend_interp::Interpreter;
#[cfg(feature = "llvm")]
use cfunc_backend_llvm::LlvmBackend;
use cfunc_models::OptimizationLevel;

/// The engine that is used where a request names none: Cranelift where it is in the build, else LLVM where that is, else the
/// interpreter. One for the whole process, since engines hold what they have learnt of the machine and nothing else.
///
/// # Errors
///
/// [`BackendError::Unavailable`] where the engine cannot work on this machine.
pub fn default_backend() -> Result<Arc<dyn Backend>, BackendError> {
    #[cfg(feature = "cranelift")]
    return Ok(cranelift());
    #[cfg(all(feature = "llvm", not(feature = "cranelift")))]
    return llvm_backend();
    #[cfg(not(any(feature = "cranelift", feature = "llvm")))]
    Ok(interpreter())
}

/// Every engine of this build that works on this machine, the interpreter first.
pub fn backends() -> Vec<Arc<dyn Backend>> {
    static ENGINES: OnceLock<Vec<Arc<dyn Backend>>> = OnceLock::new();
    let engines = ENGINES.get_or_init(|| {
        vec![
            interpreter(),
            #[cfg(feature = "cranelift")]
            cranelift(),
        ]
    });
    let engines = engines.iter().map(Arc::clone);
    #[cfg(feature = "llvm")]
    let engines = engines.chain(llvm_backend().ok());
    engines.collect()
}

/// [`backends`], each besides at the other levels at which its code is made another way: what tests go through of operations,
/// types and nodes that must do the same on every engine. Names of these are those of the engine and the level.
pub fn backends_at_all_levels() -> Vec<Arc<dyn Backend>> {
    const OTHERS: [(&str, &str, OptimizationLevel); 3] = [
        ("cranelift-none", "cranelift", OptimizationLevel::None),
        ("llvm-none", "llvm", OptimizationLevel::None),
        ("llvm-quick", "llvm", OptimizationLevel::Quick),
    ];
    let mut engines = backends();
    for (name, engine, level) in OTHERS {
        let engine = engines.iter().find(|known| known.name() == engine).cloned();
        engines.extend(engine.map(|engine| Arc::new(AtLevel::new(name, engine, level)) as Arc<dyn Backend>));
    }
    engines
}

fn interpreter() -> Arc<dyn Backend> {
    static ENGINE: OnceLock<Arc<dyn Backend>> = OnceLock::new();
    Arc::clone(ENGINE.get_or_init(|| Arc::new(Interpreter::new())))
}

#[cfg(feature = "cranelift")]
fn cranelift() -> Arc<dyn Backend> {
    static ENGINE: OnceLock<Arc<dyn Backend>> = OnceLock::new();
    Arc::clone(ENGINE.get_or_init(|| Arc::new(cfunc_backend_cranelift::CraneliftBackend::new())))
}

/// The LLVM engine of the process, made when it is first asked for.
///
/// # Errors
///
/// [`BackendError::Unavailable`] where this build found no LLVM, or where it does not work here.
#[cfg(feature = "llvm")]
pub fn llvm_backend() -> Result<Arc<dyn Backend>, BackendError> {
    Ok(Arc::clone(llvm()?) as Arc<dyn Backend>)
}

/// The same, as what it is.
#[cfg(feature = "llvm")]
pub(crate) fn llvm() -> Result<&'static Arc<LlvmBackend>, BackendError> {
    static ENGINE: OnceLock<Result<Arc<LlvmBackend>, BackendError>> = OnceLock::new();
    ENGINE.get_or_init(|| Ok(Arc::new(LlvmBackend::new()?))).as_ref().map_err(Clone::clone)
}
