//! The classes of exceptions that nodes raise and stop.

use cfunc_context::{Registrar, RegistrationError};
use cfunc_models::NodeErrorKind;

/// Other names of classes.
const ALIASES: [(&str, NodeErrorKind); 2] =
    [("IOError", NodeErrorKind::OSError), ("EnvironmentError", NodeErrorKind::OSError)];

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    for kind in NodeErrorKind::ALL.iter().filter(|kind| kind.is_catchable()) {
        registrar.exception_class(kind.name(), *kind)?;
    }
    ALIASES.iter().try_for_each(|(name, kind)| registrar.exception_class(name, *kind))
}
