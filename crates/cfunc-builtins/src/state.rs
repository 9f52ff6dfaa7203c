//! The marker of state declarations, `x: State[int] = 0`; the analyzer reads what it means.

use cfunc_context::{Registrar, RegistrationError};

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    registrar.marker("State")
}
