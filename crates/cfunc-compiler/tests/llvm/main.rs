//! What LLVM makes of results, alone and in modules of many. Where this build found no LLVM, each test passes at once:
//! `CFUNC_REQUIRE_LLVM` makes that an error of the build.

mod addresses;
mod bitcode;
mod common;
mod module;
mod results;
mod runtime;
