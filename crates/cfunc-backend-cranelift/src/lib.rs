//! Cranelift backend of the cfunc compiler: machine code for the host in well under a tenth of a millisecond.
//!
//! [`CraneliftBackend`] translates IR one to one into CLIF, lets Cranelift make machine code of it, and lays code and
//! static data of a module into one piece of recycled memory. It links that piece itself: the handful of relocations
//! that remain are written before the memory becomes executable, so that nothing is ever writable and executable at
//! once, and freeing is a matter of dropping the last owner.
//!
//! Hosts are x86-64 and AArch64, little-endian, with 64-bit pointers; elsewhere the backend reports itself as
//! unavailable. No unwind tables are made: nothing may unwind through generated code.
//!
//! ```
//! use cfunc_backend::{Backend, SymbolTable};
//! use cfunc_backend_cranelift::CraneliftBackend;
//! use cfunc_ir::{BinaryOperation, FunctionBuilder, Module, Signature};
//! use cfunc_models::{CompilationOptions, Representation};
//!
//! let mut module = Module::new();
//! let signature = Signature::new(&[Representation::I64], &[Representation::I64]);
//! let mut builder = FunctionBuilder::new(&mut module, "double", signature);
//! let argument = builder.parameter(0);
//! let sum = builder.binary(BinaryOperation::IntegerAdd, argument, argument);
//! builder.return_values(&[sum]);
//! module.entry = Some(builder.finish());
//!
//! let backend = CraneliftBackend::new();
//! let code = backend.compile(&module, &SymbolTable::new(), &CompilationOptions::default())?;
//! let address = code.entry_address().expect("native code");
//! // SAFETY: the entry has this signature, and `code` outlives the call.
//! let double = unsafe { std::mem::transmute::<*const u8, extern "C" fn(i64) -> i64>(address) };
//! assert_eq!(double(21), 42);
//! # Ok::<(), cfunc_backend::BackendError>(())
//! ```

mod backend;
mod compile;
mod frames;
mod image;
mod isa;
mod libcalls;
mod memory;
mod operations;
mod placing;
mod preserving;
#[cfg(target_os = "linux")]
mod shared_memory;
mod trampoline;
mod translate;
mod unit;

pub use backend::CraneliftBackend;
