//! LLVM backend of the cfunc compiler: the same IR through LLVM's optimiser.
//!
//! [`LlvmBackend`] translates a module of IR one to one into a module of LLVM, optimises it, makes an object in memory of
//! it and links that through ORC. The context and the module are gone when the code is there; the code goes with its last
//! owner. It takes about ten times as long as the default backend, and is for code that runs long.
//!
//! The library of LLVM 22 is found when this crate is built. Where it is not there, [`LlvmBackend`] reports itself as
//! unavailable, and everything else works; `apt-get install libllvm22` brings it on Debian.
//!
//! Hosts are x86-64 and AArch64 with Linux. Nothing may unwind through generated code.

#[cfg(cfunc_llvm)]
mod aliases;
#[cfg(cfunc_llvm)]
mod assembly;
#[cfg(cfunc_llvm)]
mod attributes;
#[cfg(cfunc_llvm)]
mod backend;
#[cfg(cfunc_llvm)]
mod bitcode;
#[cfg(cfunc_llvm)]
mod constants;
mod error;
#[cfg(cfunc_llvm)]
mod expansion;
#[cfg(cfunc_llvm)]
mod jit;
#[cfg(cfunc_llvm)]
mod libcalls;
#[cfg(cfunc_llvm)]
mod memory;
#[cfg(cfunc_llvm)]
mod module;
#[cfg(cfunc_llvm)]
mod processors;
#[cfg(cfunc_llvm)]
mod runtime;
#[cfg(cfunc_llvm)]
mod session;
#[cfg(cfunc_llvm)]
mod size;
#[cfg(cfunc_llvm)]
mod symbols;
#[cfg(cfunc_llvm)]
mod target;
#[cfg(cfunc_llvm)]
mod trampoline;
#[cfg(cfunc_llvm)]
mod translate;
#[cfg(cfunc_llvm)]
mod types;
#[cfg(not(cfunc_llvm))]
mod unavailable;
#[cfg(cfunc_llvm)]
mod unit;

#[cfg(cfunc_llvm)]
pub use assembly::ModuleAssembly;
#[cfg(cfunc_llvm)]
pub use backend::LlvmBackend;
pub use error::ModuleError;
#[cfg(not(cfunc_llvm))]
pub use unavailable::{LlvmBackend, ModuleAssembly};
