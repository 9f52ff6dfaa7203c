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
    #[error(
        "the name `{0}` is registered already: give one of the two another name, such as one with a dot before it, or leave \
         out the extension that brings the other"
    )]
    DuplicateGlobal(String),
    /// A type name that exists already.
    #[error(
        "the type `{0}` is registered already: give one of the two another name, or leave out the extension that brings the \
         other"
    )]
    DuplicateType(String),
    /// A rule that can never apply: `VariableArguments` before the last specification.
    #[error("{0}: variable arguments are the last specification")]
    VariableArgumentsNotLast(String),
    /// Two rules for the same.
    #[error("`{rule}` is registered by `{first}` and by `{second}`: leave one out with `without_rule`")]
    DuplicateRule {
        /// The rule's name.
        rule: String,
        /// Who registered it first.
        first: ExtensionId,
        /// Who registered it again.
        second: ExtensionId,
    },
    /// A conversion of [`Conversion::Lossy`](crate::Conversion::Lossy) that does not say what it loses.
    #[error("{0}: a lossy conversion is registered by `lower_lossy_cast`, which says what it loses")]
    LossyCast(String),
    /// Parameters of a callable that no call could fit, or some twice.
    #[error("the parameters of `{callable}`: {reason}")]
    Parameters {
        /// Whose parameters.
        callable: String,
        /// What is wrong with them.
        reason: String,
    },
    /// Ownership hooks of a type that is not held as one pointer.
    #[error("{rule}: a value of type {ty} is not one pointer, and nothing owns it")]
    NotOwned {
        /// The rule's name.
        rule: String,
        /// The type.
        ty: String,
    },
    /// One of the two ownership hooks of a family is left out: values would leak, or be released twice.
    #[error("of `copy({0})` and `release({0})` one alone is left out: leave out both or none")]
    HalfOwnership(String),
    /// A rule that writes an attribute of values that are copied, so that nothing would change.
    #[error("{0}: values of the type are copied, so that writing an attribute changes nothing")]
    SetterOfValues(String),
    /// A condition given to [`without_rule`](crate::ContextBuilder::without_rule) that holds for no rule.
    #[error("condition {0} of `without_rule` holds for no rule that is registered (counted from 0)")]
    NoRuleLeftOut(usize),
    /// A width of the ABI's configuration that no cell has.
    #[error("{what} of {width} bits are not supported: the width is {expected}")]
    CellWidth {
        /// What has the width.
        what: &'static str,
        /// The width in bits.
        width: u32,
        /// The widths that there are.
        expected: &'static str,
    },
    /// An enumeration that is registered, and cannot be.
    #[error("the enum `{name}`: {reason}")]
    Enumeration {
        /// Its name.
        name: String,
        /// What is wrong with it.
        reason: String,
    },
    /// The extension, or what it was asked while it registered, panicked.
    #[error("{who} panicked: {message}")]
    Panicked {
        /// What it was, and whose.
        who: String,
        /// What the panic says.
        message: String,
    },
    /// What else an extension finds wrong.
    #[error("{0}")]
    Other(String),
}
