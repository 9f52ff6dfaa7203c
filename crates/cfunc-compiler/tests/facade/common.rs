//! What the tests share: contexts, sources, engines.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationResult, CompileError, CompileRequest, Source, backends, compile, defaults,
};

/// An exponential moving average.
pub(crate) const EMA: &str = "
def ema(x: Signal[float], alpha: float) -> Signal[float]:
    average: State[float] = 0.0
    average = alpha * x + (1.0 - alpha) * average
    return average
";

/// A context with the built-ins and signals.
pub(crate) fn context() -> CompilationContext {
    CompilationContext::builder()
        .with(defaults())
        .with(cfunc_signals::extension())
        .build()
        .expect("the extensions fit together")
}

/// The only function of a text, as it is compiled by default.
pub(crate) fn request(text: &str) -> CompileRequest {
    CompileRequest::new(Source::new("node.py", text))
}

/// Compiles, and shows the diagnostics where that fails.
#[track_caller]
pub(crate) fn compiled(request: &CompileRequest) -> CompilationResult {
    let result: Result<_, CompileError> = compile(&context(), request);
    match result {
        Ok(result) => result,
        Err(error) => panic!("{error}"),
    }
}

/// Runs a test on every engine of this build.
pub(crate) fn on_every_engine(test: impl Fn(Arc<dyn Backend>)) {
    let engines = backends();
    assert!(!engines.is_empty());
    engines.into_iter().for_each(test);
}
