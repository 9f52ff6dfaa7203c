//! Options of one compilation.

/// What division by zero and the like do.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum ErrorModel {
    /// As Numba's `numpy` model: integer division by zero gives 0, float division infinities and nan.
    #[default]
    Numpy,
    /// As Python: a node error.
    Python,
}

/// What reading a missing key of a dict does.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum MissingKey {
    /// A node error of kind KeyError.
    #[default]
    Error,
    /// The zero of the value type, as in the peer.
    Zero,
}

/// How much work goes into the machine code.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum OptimizationLevel {
    /// None: for debugging the compiler.
    None,
    /// Code soon: a backend whose best code takes long does less. One whose code is there at once treats it as `Speed`.
    Quick,
    /// The default: good code. Of functions so large that it would take seconds, backends make code with less work: Cranelift
    /// from 3,000 instructions on, LLVM from 2,000 loads, stores and calls without a branch between them on or 25,000
    /// instructions, after its passes, where code is generated as for `Quick`.
    #[default]
    Speed,
}

/// The processor that code is made for.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum TargetCpu {
    /// The one that this runs on, with all that it can do.
    #[default]
    Host,
    /// One by the backend's name for it, such as `x86-64-v3`, for code that goes elsewhere. Code that is called here must be
    /// of a processor that this one is as good as: the caller's duty, since backends cannot tell what a name stands for. An
    /// instruction that this processor has not got ends the process (SIGILL). Features that are named with `+` and that this
    /// processor lacks are an error where code is made to run here.
    Named {
        /// The name.
        name: String,
        /// What to add and leave out, such as `+avx2,-fma`; empty for what the processor has.
        features: String,
    },
}

/// Which passes run over the intermediate representation before the backend gets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum PassLevel {
    /// None: for debugging the compiler.
    None,
    /// The default: those that pay for themselves in the time of the backend.
    #[default]
    Fast,
    /// All that make code faster.
    Full,
}

/// Options of one compilation. Those of the first group change meaning and enter the semantic key.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub struct CompilationOptions {
    /// What division by zero and the like do.
    pub error_model: ErrorModel,
    /// Whether int64 overflow is a node error of kind OverflowError instead of wrapping.
    pub checked_integers: bool,
    /// What reading a missing key does.
    pub missing_key: MissingKey,
    /// Whether loops poll for interruption.
    pub interruptible: bool,
    /// Whether the backend may reorder float operations; a backend that does not is free to ignore it.
    pub fastmath: bool,

    /// Whether helpers are always inlined; changes no result, and does not enter the key.
    pub force_inline: bool,
    /// How much work goes into the machine code; changes no result, and does not enter the key.
    pub optimization_level: OptimizationLevel,
    /// The processor that code is made for; changes no result, and does not enter the key.
    pub target_cpu: TargetCpu,
    /// Which passes run over the intermediate representation; changes no result, and does not enter the key.
    pub passes: PassLevel,
    /// After how many changes the passes stop, for finding the one that breaks something; `None` for no limit. Changes no
    /// result, and does not enter the key.
    pub pass_limit: Option<u64>,
    /// Whether the IR and the backend's own IR are verified; always on in debug builds.
    pub verify: bool,
}
