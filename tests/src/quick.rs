//! Engines for tests that compile much.

use std::sync::Arc;

use cfunc_compiler::{AtLevel, Backend, OptimizationLevel, backends};

/// Every engine of this build at a level at which code is there soon, for tests that compile much and are not about code.
pub fn engines_that_are_quick() -> Vec<Arc<dyn Backend>> {
    let quick = |engine: Arc<dyn Backend>| match engine.name() {
        "llvm" => Arc::new(AtLevel::new("llvm-quick", engine, OptimizationLevel::Quick)) as Arc<dyn Backend>,
        _ => engine,
    };
    backends().into_iter().map(quick).collect()
}
