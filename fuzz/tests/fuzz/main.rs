//! The fuzzer, time-boxed; that it finds planted bugs; that it reaches every construct.

mod agreement;
mod planted;
mod rows;

use cfunc_fuzz::Oracle;

/// CPython; `None` where there is none and nobody asks for one.
fn oracle() -> Option<Oracle> {
    match Oracle::start() {
        Ok(oracle) => Some(oracle),
        Err(error) => {
            assert!(std::env::var_os("CFUNC_REQUIRE_PYTHON").is_none(), "{error:#}");
            eprintln!("not compared with CPython: {error:#}");
            None
        }
    }
}
