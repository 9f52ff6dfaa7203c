//! The machine that code is made for, and how much work goes into it.

use std::cell::RefCell;
use std::sync::Once;

use cfunc_backend::BackendError;
use cfunc_models::{CompilationOptions, OptimizationLevel, TargetCpu};
use inkwell::OptimizationLevel as CodegenLevel;
use inkwell::targets::{CodeModel, InitializationConfig, RelocMode, Target, TargetMachine};

use crate::backend::{internal, unavailable};
use crate::processors;

/// What tells machines of this host apart.
#[derive(Clone, Debug, PartialEq, Eq)]
struct MachineKey {
    level: OptimizationLevel,
    cpu: TargetCpu,
}

/// How many machines a thread keeps.
const KEPT_MACHINES: usize = 4;

thread_local! {
    /// The machines that this thread has made; LLVM lets only one thread at a time use one.
    static MACHINES: RefCell<Vec<(MachineKey, TargetMachine)>> = const { RefCell::new(Vec::new()) };
}

/// The passes of LLVM for a level, in the language of its pass manager.
pub(crate) const fn pipeline(level: OptimizationLevel) -> &'static str {
    match level {
        OptimizationLevel::None => "default<O0>",
        OptimizationLevel::Quick => "default<O1>",
        // Loops are peeled before the passes of O3, which peel them only after they have looked at what loops end with: a
        // sum over a range but for one number is computed at once where that number's round stands before the loop.
        OptimizationLevel::Speed => "function(loop(loop-unroll-full)),default<O3>",
    }
}

/// Runs `work` with the machine of the options.
pub(crate) fn with_machine<T>(
    options: &CompilationOptions,
    work: impl FnOnce(&TargetMachine) -> Result<T, BackendError>,
) -> Result<T, BackendError> {
    let key = MachineKey { level: options.optimization_level, cpu: options.target_cpu.clone() };
    // Taken out while it is in use: `work` may panic.
    let kept = MACHINES.try_with(|machines| {
        let mut machines = machines.try_borrow_mut().ok()?;
        let position = machines.iter().position(|(known, _)| *known == key)?;
        Some(machines.swap_remove(position).1)
    });
    let machine = match kept.ok().flatten() {
        Some(machine) => machine,
        None => machine(&key)?,
    };
    let result = work(&machine);
    let _ended = MACHINES.try_with(|machines| {
        if let Ok(mut machines) = machines.try_borrow_mut() {
            machines.truncate(KEPT_MACHINES - 1);
            machines.insert(0, (key, machine));
        }
    });
    result
}

fn machine(key: &MachineKey) -> Result<TargetMachine, BackendError> {
    initialize();
    let triple = TargetMachine::get_default_triple();
    let target = Target::from_triple(&triple).map_err(|error| unavailable(error.to_string_lossy()))?;
    let (cpu, features) = match &key.cpu {
        TargetCpu::Host => (
            TargetMachine::get_host_cpu_name().to_string_lossy().into_owned(),
            TargetMachine::get_host_cpu_features().to_string_lossy().into_owned(),
        ),
        TargetCpu::Named { name, features } => {
            processors::check(name, features)?;
            (name.clone(), features.clone())
        }
    };
    let level = match key.level {
        OptimizationLevel::None | OptimizationLevel::Quick => CodegenLevel::None,
        OptimizationLevel::Speed => CodegenLevel::Aggressive,
    };
    let made = target.create_target_machine(&triple, &cpu, &features, level, RelocMode::PIC, CodeModel::Small);
    made.ok_or_else(|| internal(format_args!("LLVM makes no code for the processor {cpu}")))
}

/// Makes the target of this host known to LLVM, once.
pub(crate) fn initialize() {
    static DONE: Once = Once::new();
    DONE.call_once(|| {
        let config = InitializationConfig { asm_parser: true, asm_printer: true, ..InitializationConfig::default() };
        #[cfg(target_arch = "x86_64")]
        Target::initialize_x86(&config);
        #[cfg(target_arch = "aarch64")]
        Target::initialize_aarch64(&config);
    });
}
