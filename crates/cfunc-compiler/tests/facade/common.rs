//! What the tests share: contexts, sources, engines.

use std::sync::Arc;

use cfunc_compiler::{
    Backend, CompilationContext, CompilationResult, CompileError, CompileRequest, Extension, ExtensionId, Registrar,
    RegistrationError, Source, backends_at_all_levels, compile, defaults,
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
    let engines = backends_at_all_levels();
    assert!(!engines.is_empty());
    engines.into_iter().for_each(test);
}

/// An extension of a closure, `probe@3`.
pub(crate) struct With<F>(pub(crate) F);

impl<F> Extension for With<F>
where
    F: Fn(&mut Registrar<'_>) -> Result<(), RegistrationError> + Send + Sync,
{
    fn id(&self) -> ExtensionId {
        ExtensionId::new("probe", 3)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        (self.0)(registrar)
    }
}

/// A context with the built-ins, signals, and an extension of a closure.
#[track_caller]
pub(crate) fn context_with(
    register: impl Fn(&mut Registrar<'_>) -> Result<(), RegistrationError> + Send + Sync + 'static,
) -> CompilationContext {
    build_with(register).expect("the extensions fit together")
}

/// As [`context_with`], where it may fail.
pub(crate) fn build_with(
    register: impl Fn(&mut Registrar<'_>) -> Result<(), RegistrationError> + Send + Sync + 'static,
) -> Result<CompilationContext, RegistrationError> {
    CompilationContext::builder().with(defaults()).with(cfunc_signals::extension()).with(With(register)).build()
}

/// What a node of the input `x` gives on every engine.
#[track_caller]
pub(crate) fn gives(context: &CompilationContext, request: &CompileRequest, x: i64, expected: i64) {
    on_every_engine(|engine| {
        let result = compile(context, &request.clone().backend(engine)).unwrap_or_else(|error| panic!("{error}"));
        let mut node = result.instantiate().expect("ints have cells");
        let (input, output) = (node.input::<i64>("x").expect("an int"), node.output::<i64>(0).expect("an int"));
        node.start().expect("START");
        node.set(input, x);
        node.execute().expect("a tick");
        assert_eq!(node.ticked(output), Some(expected), "{}", request.source().text());
    });
}

/// What is wrong with the only function of a text.
#[track_caller]
pub(crate) fn refused(context: &CompilationContext, text: &str) -> String {
    compile(context, &request(text)).expect_err("it is wrong").to_string()
}

/// A node of these statements.
pub(crate) fn body(line: &str) -> String {
    format!("def f(x: Signal[int]) -> Signal[int]:\n    {line}\n")
}
