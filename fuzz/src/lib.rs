//! Differential fuzzing: generates well-typed programs, runs them on every engine of the compiler and on CPython, and
//! compares after each tick. docs/fuzzing.md says what is compared and how.

mod call_run;
mod calls;
mod case;
mod constructs;
mod containers;
mod control;
mod coverage;
mod engines;
mod errors;
mod expressions;
mod fuzzer;
mod generator;
mod host;
mod kind;
mod numbers;
mod oracle;
mod outcome;
mod program;
mod random;
mod sets;
mod shape;
mod shrink;
mod statements;
mod structs;
mod tree;
mod values;

pub use calls::{Argument, Call, Parameter, Plain};
pub use case::{CaseFiles, case_files, describe_ticks};
pub use constructs::{Construct, Form, Table};
pub use coverage::Coverage;
pub use engines::{EngineOutcome, request, run};
pub use fuzzer::{Failure, FailureKind, Fuzzer, Unsupported, context};
pub use generator::Generator;
pub use host::{HostTypes, value};
pub use kind::Kind;
pub use oracle::Oracle;
pub use outcome::{CallOutcome, difference, show};
pub use program::{PLAIN, generate, probes};
pub use random::Random;
pub use shape::Shape;
pub use shrink::shrink;
pub use tree::{Cell, Clause, ConstructId, Expression, Function, NODE, Piece, Program, Statement, Tick};
