//! The command line.

use std::path::PathBuf;

use cfunc_compiler::{ErrorModel, MissingKey, OptimizationLevel, PassLevel};
use clap::{Args, Parser, Subcommand, ValueEnum};

/// Runs, checks, shows and replays compiled Python nodes.
///
/// Exit status: 0 for success, 1 when the node, the data or a case failed, 2 when the command could not be carried out
/// as it was written. CFUNC_LOG sets a filter for the log of the compiler's stages, for instance CFUNC_LOG=debug.
#[derive(Debug, Parser)]
#[command(name = "cfunc", version)]
pub(crate) struct Arguments {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Compiles a node and runs it over the rows of a CSV file.
    Run(RunArguments),
    /// Reports what is wrong with the node functions of a file.
    Check(CheckArguments),
    /// Calls a plain function with values.
    Call(CallArguments),
    /// Prints what a stage of the compiler makes of a node, or of a plain function.
    Emit(EmitArguments),
    /// Explains a code of a diagnostic; without one, lists them all.
    Explain(ExplainArguments),
    /// Runs recorded cases on every engine and compares.
    Replay(ReplayArguments),
}

/// What to compile, and how.
#[derive(Args, Debug)]
pub(crate) struct NodeArguments {
    /// The source file, with the node's name where it holds several nodes.
    #[arg(value_name = "FILE.py[::FUNCTION]")]
    pub(crate) node: String,
    /// Binds a constant parameter: a number, true, false, an ISO time, a duration (5s, 250ms), [1, 2] or {1: 2.5}.
    #[arg(long = "const", value_name = "NAME=VALUE")]
    pub(crate) constants: Vec<String>,
    /// The decorator that makes a function a node, and leaves the others helpers; without it annotations say so.
    #[arg(long, value_name = "NAME")]
    pub(crate) decorator: Option<String>,
    #[command(flatten)]
    pub(crate) options: OptionArguments,
}

/// How to compile, and on which engine.
#[derive(Args, Debug)]
pub(crate) struct OptionArguments {
    /// What division by zero and the like do.
    #[arg(long, value_name = "MODEL", default_value = "numpy")]
    pub(crate) error_model: ErrorModelArgument,
    /// Makes int64 overflow a node error instead of wrapping.
    #[arg(long)]
    pub(crate) checked_integers: bool,
    /// What reading a missing key of a dict does.
    #[arg(long, value_name = "WHAT", default_value = "error")]
    pub(crate) missing_key: MissingKeyArgument,
    /// Makes loops look for interruption.
    #[arg(long)]
    pub(crate) interruptible: bool,
    /// Which passes run over the compiler's intermediate representation.
    #[arg(long, value_name = "LEVEL", default_value = "fast")]
    pub(crate) passes: PassesArgument,
    /// Stops the passes after that many changes, to find the one that breaks something.
    #[arg(long, value_name = "CHANGES")]
    pub(crate) pass_limit: Option<u64>,
    /// The engine that runs the node: Cranelift without it.
    #[arg(long, value_name = "ENGINE")]
    pub(crate) engine: Option<EngineArgument>,
    /// How much the engine works on its code.
    #[arg(long, value_name = "LEVEL", default_value = "speed")]
    pub(crate) optimization_level: LevelArgument,
    /// Lets LLVM reorder arithmetic of floats, which changes results in their last digits.
    #[arg(long)]
    pub(crate) fastmath: bool,
    /// Makes LLVM inline all functions of the node, and those of lists and dicts.
    #[arg(long)]
    pub(crate) force_inline: bool,
    /// The processor that LLVM makes code for, by its own name, with features to add or leave out: x86-64-v3,+avx512f,-fma.
    /// Without it this one. Code that this one lacks instructions for ends the process that runs it.
    #[arg(long, value_name = "NAME[,±FEATURE]…")]
    pub(crate) target_cpu: Option<String>,
    /// How diagnostics are printed, to standard error.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
}

#[derive(Args, Debug)]
pub(crate) struct RunArguments {
    #[command(flatten)]
    pub(crate) node: NodeArguments,
    /// The CSV file with a header row; `-` reads standard input.
    #[arg(long, value_name = "FILE")]
    pub(crate) input: PathBuf,
    /// Feeds an input from a column of another name.
    #[arg(long = "column", value_name = "INPUT=COLUMN")]
    pub(crate) columns: Vec<String>,
    /// Where the outputs go; standard output without it.
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
    /// Reads no more than that many rows.
    #[arg(long, value_name = "ROWS")]
    pub(crate) limit: Option<u64>,
    /// What a node error does: end the run, or count it and go on.
    #[arg(long, value_name = "WHAT", default_value = "stop")]
    pub(crate) on_error: OnError,
    /// Ends each call that takes longer with a node error, which a loop of it sees at its next look at the clock.
    #[arg(long, value_name = "MILLISECONDS", requires = "interruptible")]
    pub(crate) deadline: Option<u64>,
    /// Begins where the run ended that wrote this snapshot of the same node, instead of with START.
    #[arg(long, value_name = "FILE")]
    pub(crate) restore: Option<PathBuf>,
    /// Takes a snapshot of another version of the node, or with other constants, where the states are the same.
    #[arg(long, requires = "restore")]
    pub(crate) compatible: bool,
    /// Writes what the node remembers after the last row, to go on from there with --restore.
    #[arg(long, value_name = "FILE")]
    pub(crate) snapshot_out: Option<PathBuf>,
    /// The form of datetime columns, as for strptime, for instance %m/%d/%Y; ISO 8601 without it.
    #[arg(long, value_name = "FORMAT")]
    pub(crate) time_format: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct CallArguments {
    /// The source file, with the function's name where it holds several.
    #[arg(value_name = "FILE.py[::FUNCTION]")]
    pub(crate) function: String,
    /// Arguments as Python writes them: 1, 2.5, '[1, 2]', '(1, True)', '{1: 2.5}', Side.BUY; by name as `by=2`. Times and
    /// durations as for --const.
    #[arg(value_name = "ARGUMENT", allow_negative_numbers = true)]
    pub(crate) arguments: Vec<String>,
    /// Takes arguments as JSON, and writes the result, or the error, and what became of the arguments as one JSON object.
    #[arg(long)]
    pub(crate) json: bool,
    /// Prints what became of the arguments too, each on a line of its own, by the parameter's name.
    #[arg(long, conflicts_with = "json")]
    pub(crate) show_arguments: bool,
    /// Compiles the function for these types, which the arguments are converted to: '(float, list[int])'.
    #[arg(long, value_name = "TYPES")]
    pub(crate) signature: Option<String>,
    /// Ends the call with an error where it takes longer, which a loop of it sees at its next look at the clock.
    #[arg(long, value_name = "MILLISECONDS", requires = "interruptible")]
    pub(crate) deadline: Option<u64>,
    #[command(flatten)]
    pub(crate) options: OptionArguments,
}

#[derive(Args, Debug)]
pub(crate) struct CheckArguments {
    /// The source file.
    #[arg(value_name = "FILE.py")]
    pub(crate) file: PathBuf,
    /// The decorator that makes a function a node, and leaves the others helpers; without it annotations say so.
    #[arg(long, value_name = "NAME")]
    pub(crate) decorator: Option<String>,
    /// How diagnostics are printed: text to standard error, JSON to standard output.
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub(crate) format: Format,
    /// Ends with status 1 where there are warnings.
    #[arg(long)]
    pub(crate) deny_warnings: bool,
}

#[derive(Args, Debug)]
pub(crate) struct ExplainArguments {
    /// The code, such as E0101.
    #[arg(value_name = "CODE")]
    pub(crate) code: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct EmitArguments {
    #[command(flatten)]
    pub(crate) node: NodeArguments,
    /// What to print.
    #[arg(long, value_name = "KIND")]
    pub(crate) kind: EmitKind,
    /// Takes the function for a plain one, with arguments of these types: '(float, list[int])'.
    #[arg(long, value_name = "TYPES", conflicts_with_all = ["constants", "decorator"])]
    pub(crate) signature: Option<String>,
}

#[derive(Args, Debug)]
pub(crate) struct ReplayArguments {
    /// Folders with cases, searched to any depth, or single case files.
    #[arg(value_name = "DIR", required = true)]
    pub(crate) paths: Vec<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum OnError {
    /// Ends the run with exit status 1.
    Stop,
    /// Counts the error and goes on.
    Skip,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people: the source lines, underlined.
    Text,
    /// For editors: one JSON object a line for each diagnostic.
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ErrorModelArgument {
    /// Integer division by zero gives 0, float division infinities and nan.
    Numpy,
    /// As Python: a node error.
    Python,
}

impl From<ErrorModelArgument> for ErrorModel {
    fn from(argument: ErrorModelArgument) -> Self {
        match argument {
            ErrorModelArgument::Numpy => Self::Numpy,
            ErrorModelArgument::Python => Self::Python,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum PassesArgument {
    /// None.
    None,
    /// Those that pay for themselves in the time of the backend.
    Fast,
    /// All.
    Full,
}

impl From<PassesArgument> for PassLevel {
    fn from(argument: PassesArgument) -> Self {
        match argument {
            PassesArgument::None => Self::None,
            PassesArgument::Fast => Self::Fast,
            PassesArgument::Full => Self::Full,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum LevelArgument {
    /// Not at all.
    None,
    /// Little: with LLVM, its cheap passes and its fast code generator.
    Quick,
    /// Code that runs fast.
    Speed,
}

impl From<LevelArgument> for OptimizationLevel {
    fn from(argument: LevelArgument) -> Self {
        match argument {
            LevelArgument::None => Self::None,
            LevelArgument::Quick => Self::Quick,
            LevelArgument::Speed => Self::Speed,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum MissingKeyArgument {
    /// A node error of kind KeyError.
    Error,
    /// The zero of the value type.
    Zero,
}

impl From<MissingKeyArgument> for MissingKey {
    fn from(argument: MissingKeyArgument) -> Self {
        match argument {
            MissingKeyArgument::Error => Self::Error,
            MissingKeyArgument::Zero => Self::Zero,
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EngineArgument {
    /// Runs the compiler's intermediate representation itself.
    Interpreter,
    /// Machine code from Cranelift.
    Cranelift,
    /// Machine code from LLVM, in builds with the feature `llvm`.
    Llvm,
}

impl EngineArgument {
    /// The name that the backend has.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Interpreter => "interpreter",
            Self::Cranelift => "cranelift",
            Self::Llvm => "llvm",
        }
    }
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum EmitKind {
    /// The source after all handlers ran.
    Transformed,
    /// The type of every expression.
    Types,
    /// The compiler's intermediate representation, as it is lowered.
    Ir,
    /// The compiler's intermediate representation, after the passes.
    OptimizedIr,
    /// What each pass did to it, and how long it took.
    Passes,
    /// Cranelift's intermediate representation, optimised.
    Clif,
    /// LLVM's intermediate representation, optimised, whichever engine is chosen.
    Llvm,
    /// Machine code.
    Asm,
    /// What a host needs to know.
    Metadata,
}
