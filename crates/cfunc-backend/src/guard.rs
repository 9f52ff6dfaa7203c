//! Panics of code generators.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::BackendError;

/// Runs the code generator of a backend; a panic inside it becomes an error, as hosts must never see one. What a panic leaves
/// half-done must be lost with it, which is the backend's to see to.
///
/// # Errors
///
/// Those of `work`; [`BackendError::Internal`] with what the panic said.
pub fn guard_generator<T>(
    backend: &'static str,
    work: impl FnOnce() -> Result<T, BackendError>,
) -> Result<T, BackendError> {
    catch_unwind(AssertUnwindSafe(work))
        .unwrap_or_else(|payload| Err(BackendError::Internal { backend, message: message(&*payload).to_owned() }))
}

fn message(payload: &(dyn Any + Send)) -> &str {
    if let Some(text) = payload.downcast_ref::<&str>() {
        text
    } else if let Some(text) = payload.downcast_ref::<String>() {
        text
    } else {
        "the code generator panicked"
    }
}

#[cfg(test)]
mod tests {
    use super::guard_generator;
    use crate::BackendError;

    #[test]
    fn panics_are_errors_with_what_they_said() {
        let number = std::hint::black_box(3);
        let found = guard_generator::<()>("some", || panic!("lost {number}"));
        assert_eq!(found, Err(BackendError::Internal { backend: "some", message: "lost 3".to_owned() }));
        assert_eq!(guard_generator("some", || Ok(number)), Ok(3));
    }
}
