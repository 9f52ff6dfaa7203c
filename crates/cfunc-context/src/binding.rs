//! What a host binds to the parameters of a function: values, and objects of its own.

use std::fmt;
use std::sync::Arc;

use cfunc_models::{HostObject, Type, Value};
use indexmap::IndexMap;

use crate::AnalysisApi;

/// What is bound to a parameter.
#[derive(Clone, Debug)]
pub enum BoundArgument {
    /// A value.
    Value(Value),
    /// An object of the host's own.
    Object(HostObject),
}

/// Gives the type of the values of an object, where the host knows one.
pub type ObjectTyping = Arc<dyn Fn(&mut AnalysisApi<'_>, &HostObject) -> Option<Type> + Send + Sync>;

/// What is bound to the parameters of one function.
#[derive(Clone, Default)]
pub struct Bindings {
    arguments: IndexMap<String, BoundArgument>,
    object_typing: Option<ObjectTyping>,
    may_be_unbound: bool,
}

impl fmt::Debug for Bindings {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Bindings").field("arguments", &self.arguments).finish_non_exhaustive()
    }
}

impl Bindings {
    /// Nothing bound, for a look at a function without a host: what is missing is no error.
    pub fn unbound() -> Self {
        Self { may_be_unbound: true, ..Self::default() }
    }

    /// Binds an argument; of several of one name the last counts.
    pub fn bind(&mut self, name: impl Into<String>, argument: BoundArgument) {
        self.arguments.insert(name.into(), argument);
    }

    /// Says how the types of objects are found.
    pub fn set_object_typing(&mut self, typing: ObjectTyping) {
        self.object_typing = Some(typing);
    }

    /// What is bound to a parameter.
    pub fn get(&self, name: &str) -> Option<&BoundArgument> {
        self.arguments.get(name)
    }

    /// The object that is bound to a parameter.
    pub fn object(&self, name: &str) -> Option<&HostObject> {
        match self.get(name) {
            Some(BoundArgument::Object(object)) => Some(object),
            Some(BoundArgument::Value(_)) | None => None,
        }
    }

    /// The names that something is bound to, in the order of binding.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.arguments.keys().map(String::as_str)
    }

    /// The names with what is bound to them, in the order of binding.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (&str, &BoundArgument)> {
        self.arguments.iter().map(|(name, argument)| (name.as_str(), argument))
    }

    /// Whether a function is looked at without a host: what is not bound is then no error.
    pub const fn may_be_unbound(&self) -> bool {
        self.may_be_unbound
    }

    /// How the types of objects are found, where the host says it.
    pub fn object_typing(&self) -> Option<&ObjectTyping> {
        self.object_typing.as_ref()
    }
}
