//! Registering what is said of values that are known when a node is compiled.

use std::sync::Arc;

use cfunc_models::{TypeTable, Value};

use crate::{CallableId, Registrar};

impl Registrar<'_> {
    /// `name[T](…)` is `name(T, …)` where a function is evaluated at compile time. In the bodies of functions a rewrite
    /// says so ([`Registrar::before_expression`]).
    pub fn type_in_brackets(&mut self, callable: impl Into<CallableId>) {
        self.registry.bracketed.insert(callable.into());
    }

    /// Says why some values of a kind ([`Value::kind`]) have no type, where [`Registrar::type_of_value`] gives none: the
    /// reason as a sentence without a stop, and what to do about it.
    pub fn why_no_type(
        &mut self,
        kind: &str,
        reason: impl Fn(&mut TypeTable, &Value) -> Option<(String, String)> + Send + Sync + 'static,
    ) {
        let kind = self.registry.kinds.intern(kind);
        self.registry.untyped.push((kind, Arc::new(reason)));
    }
}
