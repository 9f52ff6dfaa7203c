//! Targets: the host with the settings of a compilation, built once and shared.

use std::sync::{Arc, OnceLock};

use cfunc_backend::BackendError;
use cfunc_models::{CompilationOptions, OptimizationLevel};
use cranelift_codegen::isa::TargetIsa;
use cranelift_codegen::settings::{self, Configurable};

use crate::backend::{internal, unavailable};

/// From how many IR instructions of one function on registers are allocated in a single pass. The default allocator
/// makes better code, but its time grows faster than the function: beyond this it would dominate everything else.
const SINGLE_PASS_FROM: usize = 3_000;

/// From how many IR instructions of one function on the optimiser is left out. It computes values where they are used,
/// in every branch that uses them once more: a long function that is left in many places becomes as much code as the
/// square of its length. Our own passes have run by then.
const UNOPTIMIZED_FROM: usize = 3_000;

/// What sets one target apart from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TargetKind {
    optimize: bool,
    verify: bool,
    single_pass: bool,
}

impl TargetKind {
    /// The target for a function of so many IR instructions.
    pub(crate) fn new(options: &CompilationOptions, instructions: usize) -> Self {
        let optimize = match options.optimization_level {
            OptimizationLevel::None => false,
            OptimizationLevel::Quick | OptimizationLevel::Speed => instructions < UNOPTIMIZED_FROM,
        };
        Self {
            optimize,
            verify: options.verify || cfg!(debug_assertions),
            single_pass: !optimize || instructions >= SINGLE_PASS_FROM,
        }
    }

    /// The same without the optimiser.
    pub(crate) const fn unoptimized(self) -> Self {
        Self { optimize: false, ..self }
    }

    /// Whether registers are allocated in a single pass.
    pub(crate) const fn is_single_pass(self) -> bool {
        self.single_pass
    }

    const fn index(self) -> usize {
        (self.optimize as usize) | (self.verify as usize) << 1 | (self.single_pass as usize) << 2
    }
}

/// The targets of a backend, each built when it is first asked for.
#[derive(Default)]
pub(crate) struct Targets {
    targets: [OnceLock<Result<Arc<dyn TargetIsa>, BackendError>>; 8],
}

impl Targets {
    /// The target of a kind.
    pub(crate) fn get(&self, kind: TargetKind) -> Result<&dyn TargetIsa, BackendError> {
        match self.targets[kind.index()].get_or_init(|| build(kind)) {
            Ok(target) => Ok(&**target),
            Err(error) => Err(error.clone()),
        }
    }
}

fn build(kind: TargetKind) -> Result<Arc<dyn TargetIsa>, BackendError> {
    if !cfg!(any(target_arch = "x86_64", target_arch = "aarch64")) || !cfg!(target_endian = "little") {
        return Err(unavailable("it makes code for x86-64 and little-endian AArch64 hosts only"));
    }
    let yes_or_no = |value: bool| if value { "true" } else { "false" };
    let mut builder = settings::builder();
    for (name, value) in [
        ("opt_level", if kind.optimize { "speed" } else { "none" }),
        ("enable_verifier", yes_or_no(kind.verify)),
        ("regalloc_algorithm", if kind.single_pass { "single_pass" } else { "backtracking" }),
        // Code is linked to the addresses of this process, and external functions may be anywhere in it.
        ("is_pic", "false"),
        ("use_colocated_libcalls", "false"),
        ("unwind_info", "false"),
        // A frame larger than a page must touch the guard page of the stack instead of jumping over it.
        ("enable_probestack", "true"),
        ("probestack_strategy", "inline"),
        // Functions that only this module calls may return more values than there are registers for.
        ("enable_multi_ret_implicit_sret", "true"),
        // 128-bit parameters on Windows.
        ("enable_llvm_abi_extensions", "true"),
    ] {
        builder.set(name, value).map_err(internal)?;
    }
    cranelift_native::builder().map_err(unavailable)?.finish(settings::Flags::new(builder)).map_err(internal)
}
