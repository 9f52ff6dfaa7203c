//! Extensions: bundles of registrations.

use std::fmt;

use crate::Registrar;

/// Who registered something; id and version enter the semantic key.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ExtensionId {
    /// A short name, unique in a context.
    pub name: &'static str,
    /// Raised with every change of meaning.
    pub version: u32,
}

impl ExtensionId {
    /// The id of a name and version.
    pub const fn new(name: &'static str, version: u32) -> Self {
        Self { name, version }
    }
}

impl fmt::Display for ExtensionId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}@{}", self.name, self.version)
    }
}

/// Registers types, rules and handlers; without effect before a context is built with it.
pub trait Extension: Send + Sync {
    /// Who it is.
    fn id(&self) -> ExtensionId;

    /// Registers everything it brings.
    ///
    /// # Errors
    ///
    /// [`RegistrationError`] where what it brings contradicts itself or what is there already.
    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError>;
}

/// A registration that cannot be.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Two extensions of one name.
    #[error("two extensions have the name `{0}`")]
    DuplicateExtension(&'static str),
    /// Source categories that cannot stand beside each other.
    #[error("{0}")]
    Layout(#[from] cfunc_sources::LayoutError),
    /// A global name that exists already.
    #[error("the name `{0}` is registered already")]
    DuplicateGlobal(String),
    /// A type name that exists already.
    #[error("the type `{0}` is registered already")]
    DuplicateType(String),
    /// A rule that can never apply: `VariableArguments` before the last specification.
    #[error("{0}: variable arguments are the last specification")]
    VariableArgumentsNotLast(String),
    /// What else an extension finds wrong.
    #[error("{0}")]
    Other(String),
}
