//! Panics of rules and handlers: a mistake of an extension, told with its name, in the place of the end of the host's
//! process.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use cfunc_models::{Diagnostic, Span, codes};

use crate::transform::HandlerResult;
use crate::{ExtensionId, RuleId};

/// A rule that panicked while names were bound or types inferred.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RulePanic {
    /// Which rule: of those that asked each other, the innermost.
    pub rule: RuleId,
    /// Where the operation stands that it was asked for, where it was one.
    pub span: Option<Span>,
    /// What the panic says.
    pub message: String,
}

impl RulePanic {
    /// The panic of a rule, from what it unwound with; where a rule that it asked panicked, that one's.
    pub fn of(rule: RuleId, payload: Box<dyn Any + Send>) -> Self {
        match payload.downcast::<Self>() {
            Ok(inner) => *inner,
            Err(payload) => Self { rule, span: None, message: message(&*payload).to_owned() },
        }
    }

    /// Unwinds further.
    pub fn resume(self) -> ! {
        resume_unwind(Box::new(self))
    }
}

/// Asks a rule; where it panics, that goes on as a [`RulePanic`].
pub(crate) fn asked<T>(rule: RuleId, span: Option<Span>, ask: impl FnOnce() -> T) -> T {
    // What the rule left half done is given up with the compilation.
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or_else(|payload| {
        let panic = RulePanic::of(rule, payload);
        RulePanic { span: panic.span.or(span), ..panic }.resume()
    })
}

fn message(payload: &(dyn Any + Send)) -> &str {
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
        if payload.is::<RulePanic>() {
            resume_unwind(payload);
        }
        let message = format!("{what} of `{extension}` panicked: {}", message(&*payload));
        let hint = "the extension that registers it must be mended";
        Err(Box::new(Diagnostic::error(codes::EXTENSION, span, message).hint(hint)))
    })
}

/// Does what asks rules. Panics of others than rules go on.
///
/// # Errors
///
/// The panic of a rule.
pub fn catch_rules<T>(work: impl FnOnce() -> T) -> Result<T, RulePanic> {
    catch_unwind(AssertUnwindSafe(work)).map_err(|payload| match payload.downcast::<RulePanic>() {
        Ok(panic) => *panic,
        Err(payload) => resume_unwind(payload),
    })
}
