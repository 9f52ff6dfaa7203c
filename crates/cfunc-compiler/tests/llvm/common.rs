//! What the tests share.

use cfunc_compiler::{
    BackendError, CompilationContext, CompilationResult, CompileRequest, Extension, ExtensionId, Registrar,
    RegistrationError, Source, compile, defaults, llvm_backend,
};

/// Whether there is an LLVM; if not, it says so.
pub(crate) fn is_available() -> bool {
    match llvm_backend() {
        Ok(_) => true,
        Err(BackendError::Unavailable { reason, .. }) => {
            eprintln!("left out: {reason}");
            false
        }
        Err(error) => panic!("{error}"),
    }
}

/// A context with the built-ins and signals.
pub(crate) fn context() -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.build().expect("the extensions fit together")
}

/// A context with what a closure registers besides.
pub(crate) fn context_with(
    register: impl Fn(&mut Registrar<'_>) -> Result<(), RegistrationError> + Send + Sync + 'static,
) -> CompilationContext {
    let builder = CompilationContext::builder().with(defaults()).with(cfunc_signals::extension());
    builder.with(With(register)).build().expect("the extensions fit together")
}

/// An extension of a closure.
struct With<F>(F);

impl<F> Extension for With<F>
where
    F: Fn(&mut Registrar<'_>) -> Result<(), RegistrationError> + Send + Sync,
{
    fn id(&self) -> ExtensionId {
        ExtensionId::new("probe", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        (self.0)(registrar)
    }
}

/// The only function of a text.
pub(crate) fn request(text: &str) -> CompileRequest {
    CompileRequest::new(Source::new("node.py", text))
}

/// Compiles, and shows the diagnostics where that fails.
#[track_caller]
pub(crate) fn compiled(context: &CompilationContext, request: &CompileRequest) -> CompilationResult {
    compile(context, request).unwrap_or_else(|error| panic!("{error}"))
}

/// The body of a function in the text of a module.
#[track_caller]
pub(crate) fn body<'a>(text: &'a str, name: &str) -> &'a str {
    let head = format!("@{name}(");
    let start = text.match_indices("define ").map(|(at, _)| at).find(|at| {
        let line = text[*at..].lines().next().unwrap_or("");
        line.contains(&head)
    });
    let rest = &text[start.unwrap_or_else(|| panic!("{name} is not defined in\n{text}"))..];
    &rest[..rest.find("\n}").expect("a body ends")]
}

/// The calls in a text, other than of what LLVM has instructions for.
pub(crate) fn calls(text: &str) -> Vec<&str> {
    text.lines().filter(|line| line.contains("call ") && !line.contains("@llvm.")).collect()
}
