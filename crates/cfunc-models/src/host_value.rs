//! Objects of a host's own, as the compiler hands them on.

use std::any::Any;
use std::fmt;
use std::panic::{RefUnwindSafe, UnwindSafe};
use std::sync::Arc;

/// An object of the host's own: an edge, a channel, a column. The compiler hands it to handlers, processors and rules and
/// knows nothing of it; what of it changes the meaning of a function, they say by the type and the value that they give.
/// The object itself is no part of the semantic key. Two are equal where they are one object.
#[derive(Clone)]
pub struct HostObject(Arc<dyn Any + Send + Sync>);

impl HostObject {
    /// An object.
    pub fn new(object: impl Any + Send + Sync) -> Self {
        Self(Arc::new(object))
    }

    /// An object that the host shares.
    pub fn shared(object: Arc<dyn Any + Send + Sync>) -> Self {
        Self(object)
    }

    /// The object, where it is a `T`.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.0.downcast_ref()
    }
}

// Values are caught with panics all over the compiler. It does not look into objects, so that none of its own invariants can be
// seen broken through one; what a panic of the host's own code leaves in its object is the host's, as with a lock.
impl UnwindSafe for HostObject {}
impl RefUnwindSafe for HostObject {}

impl PartialEq for HostObject {
    fn eq(&self, other: &Self) -> bool {
        std::ptr::addr_eq(Arc::as_ptr(&self.0), Arc::as_ptr(&other.0))
    }
}

impl Eq for HostObject {}

impl fmt::Debug for HostObject {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("HostObject")
    }
}

/// An object of the host's own as a dynamic value: an argument or the result of a call. Its kind says which rules type,
/// unbox and box it, as the name of a record's type does. It is no constant: nothing of it could be in a semantic key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostValue {
    kind: Arc<str>,
    object: HostObject,
}

impl HostValue {
    /// An object of a kind.
    pub fn new(kind: impl Into<Arc<str>>, object: HostObject) -> Self {
        Self { kind: kind.into(), object }
    }

    /// What rules are registered for.
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// The object.
    pub const fn object(&self) -> &HostObject {
        &self.object
    }

    /// The object, where it is a `T`.
    pub fn downcast_ref<T: Any>(&self) -> Option<&T> {
        self.object.downcast_ref()
    }
}

impl fmt::Display for HostValue {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "<{}>", self.kind)
    }
}
