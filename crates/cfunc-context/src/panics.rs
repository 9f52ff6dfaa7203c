//! Panics of rules, handlers and whatever else an extension brings: a mistake of the extension, told with its name, in
//! the place of the end of the host's process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use cfunc_models::{Diagnostic, Span, TOO_DEEP, codes};

use crate::transform::HandlerResult;
use crate::{ExtensionId, Registry, RuleId};

/// Whose panic it was.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PanicSource {
    /// Of a rule: of those that asked each other, the innermost.
    Rule(RuleId),
    /// Of another part of an extension.
    Part {
        /// What it is: `a source category`.
        what: &'static str,
        /// Whose it is.
        extension: ExtensionId,
    },
    /// Of a function that the host gave: what it is.
    Host(&'static str),
}

/// The panic of what is not the compiler's, on its way to a diagnostic.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExtensionPanic {
    /// Whose it was.
    pub source: PanicSource,
    /// Where the operation stands that it was asked for, where it was one.
    pub span: Option<Span>,
    /// What the panic says.
    pub message: String,
}

impl ExtensionPanic {
    /// A panic, from what it unwound with; where another part that it asked panicked, that one's.
    pub fn of(source: PanicSource, payload: Box<dyn Any + Send>) -> Self {
        match payload.downcast::<Self>() {
            Ok(inner) => *inner,
            Err(payload) => Self { source, span: None, message: message(&*payload).to_owned() },
        }
    }

    /// Unwinds further.
    pub fn resume(self) -> ! {
        resume_unwind(Box::new(self))
    }

    /// Who panicked, in words.
    pub fn describe(&self, registry: &Registry) -> String {
        match &self.source {
            PanicSource::Rule(rule) => registry.describe_rule(*rule),
            PanicSource::Part { what, extension } => format!("{what} of `{extension}`"),
            PanicSource::Host(what) => (*what).to_owned(),
        }
    }

    /// What is to be told of it: where the operation stands, else at `place`.
    pub fn diagnostic(&self, registry: &Registry, place: Span) -> Diagnostic {
        let (who, span) = (self.describe(registry), self.span.unwrap_or(place));
        if self.message == TOO_DEEP {
            return too_deep(&who, span);
        }
        let hint = match self.source {
            PanicSource::Rule(_) => "a rule of an extension does not hold to its contract",
            PanicSource::Part { .. } => MEND,
            PanicSource::Host(_) => "the host that gives it must mend it",
        };
        let separator = if matches!(self.source, PanicSource::Rule(_)) { ": it" } else { "" };
        Diagnostic::error(codes::EXTENSION, span, format!("{who}{separator} panicked: {}", self.message)).hint(hint)
    }
}

const MEND: &str = "the extension that registers it must be mended";

/// What is said of a tree or type that someone nests deeper than any stage has room for.
fn too_deep(who: &str, span: Span) -> Diagnostic {
    let message = format!("what {who} builds is nested too deeply");
    Diagnostic::error(codes::LIMIT_NESTING, span, message).hint("keep inner parts in locals of their own")
}

/// Asks a rule; where it panics, that goes on as an [`ExtensionPanic`].
pub(crate) fn asked<T>(rule: RuleId, span: Option<Span>, ask: impl FnOnce() -> T) -> T {
    asked_of(|| PanicSource::Rule(rule), span, ask)
}

/// Asks another part of an extension; where it panics, that goes on as an [`ExtensionPanic`].
pub(crate) fn asked_part<T>(what: &'static str, extension: &ExtensionId, ask: impl FnOnce() -> T) -> T {
    asked_of(|| PanicSource::Part { what, extension: extension.clone() }, None, ask)
}

/// Asks a function of the host; where it panics, that goes on as an [`ExtensionPanic`].
pub(crate) fn asked_host<T>(what: &'static str, ask: impl FnOnce() -> T) -> T {
    asked_of(|| PanicSource::Host(what), None, ask)
}

fn asked_of<T>(source: impl FnOnce() -> PanicSource, span: Option<Span>, ask: impl FnOnce() -> T) -> T {
    // What it left half done is given up with the compilation.
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|payload| {
        let panic = ExtensionPanic::of(source(), payload);
        ExtensionPanic { span: panic.span.or(span), ..panic }.resume()
    })
}

pub(crate) fn message(payload: &(dyn Any + Send)) -> &str {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message")
}

/// Asks a handler of an extension. `what` it is stands in the diagnostic: `a handler`.
///
/// # Errors
///
/// What the handler finds wrong; that it panicked, at `span`. The panic of a rule that it asks goes on.
pub fn ask_handler<T>(
    what: &str,
    extension: &ExtensionId,
    span: Span,
    ask: impl FnOnce() -> HandlerResult<T>,
) -> HandlerResult<T> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|payload| {
        if payload.is::<ExtensionPanic>() {
            resume_unwind(payload);
        }
        let message = message(&*payload);
        if message == TOO_DEEP {
            return Err(Box::new(too_deep(&format!("{what} of `{extension}`"), span)));
        }
        let message = format!("{what} of `{extension}` panicked: {message}");
        Err(Box::new(Diagnostic::error(codes::EXTENSION, span, message).hint(MEND)))
    })
}

/// Does what asks rules and other parts of extensions. Panics of others go on.
///
/// # Errors
///
/// The panic of such a part.
pub fn catch_panics<T>(work: impl FnOnce() -> T) -> Result<T, ExtensionPanic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<ExtensionPanic>() {
        Ok(panic) => *panic,
        Err(payload) => resume_unwind(payload),
    })
}
