//! The reference engine: runs the IR itself on real memory.
//!
//! It shares nothing with the code generators, so that tests can hold their results against it. Every operation is
//! written once, in plain Rust, over 128-bit registers.
//!
//! What the IR leaves undefined is a bug of the compiler. Here it is a [`Fault`]: division by zero, an access through
//! null or a misaligned address, a terminator that says it cannot be reached. A fault ends the call and is recorded in
//! the runtime as a node error of kind RuntimeError whose message names the instruction; under
//! [`Interpreter::strict`] it panics.
//!
//! ```
//! use cfunc_backend_interp::run_function;
//!
//! let text = "
//!     fn0 = function \"triple\" (i64) -> (i64) {
//!     block0(v0: i64):
//!         v1: i64 = iconst 3
//!         v2: i64 = imul v0, v1
//!         return v2
//!     }
//! ";
//! let module = cfunc_ir::parse_module(text)?;
//! let function = cfunc_ir::FunctionId::from_index(0);
//! assert_eq!(run_function(&module, function, &[14]), [42]);
//! # Ok::<(), cfunc_ir::ParseError>(())
//! ```

mod arithmetic;
mod code;
mod fault;
mod foreign;
mod interpreter;
mod machine;
mod memory;
mod program;
mod run;

pub use fault::Fault;
pub use interpreter::Interpreter;
pub use run::{run_function, try_run_function};
