//! The typed SSA intermediate representation: blocks with parameters, explicit memory, explicit failure.
//!
//! Rules are lowered to it through [`FunctionBuilder`]; backends and the interpreter read it. It knows
//! representations ([`cfunc_models::Representation`]), never the types of the source language.
//!
//! ```
//! use cfunc_ir::{BinaryOperation, FunctionBuilder, Module, Signature};
//! use cfunc_models::Representation;
//!
//! let mut module = Module::new();
//! let signature = Signature::new(&[Representation::I64], &[Representation::I64]);
//! let mut builder = FunctionBuilder::new(&mut module, "double", signature);
//! let argument = builder.parameter(0);
//! let sum = builder.binary(BinaryOperation::IntegerAdd, argument, argument);
//! builder.return_values(&[sum]);
//! let function = builder.finish();
//! assert_eq!(module.function(function).name, "double");
//! ```

#![forbid(unsafe_code)]

mod builder;
mod dominators;
mod encode;
mod entity;
mod function;
mod function_parser;
mod function_verifier;
mod instruction;
mod lexer;
mod module;
mod numbering;
mod packed;
mod parser;
mod passes;
mod placement;
mod printer;
mod ssa;
#[doc(hidden)]
pub mod testing;
mod verifier;

pub use builder::{Checkpoint, FunctionBuilder, Misuse};
pub use encode::encode_canonical;
pub use entity::{Block, DataId, ExternalId, FunctionId, Instruction, StackSlot, Value, Variable};
pub use function::{BlockData, Function, Signature, StackSlotData, ValueDefinition};
pub use instruction::{
    BinaryOperation, Callee, ConvertOperation, FloatCondition, InstructionData, IntegerCondition, JumpTarget,
    MemoryClass, TargetProperty, Terminator, UnaryOperation,
};
pub use module::{DataObject, External, Module, Relocation, RelocationTarget};
pub use parser::{ParseError, parse_module};
pub use passes::{Pass, PassError, PassLevel, PassObserver, PassStatistics, Pipeline};
pub use verifier::{MAXIMUM_FRAME_SIZE, VerifierError, VerifierErrors, verify};
