//! Registering what is said of values that are known when a node is compiled.

use std::sync::Arc;

use cfunc_models::{Type, TypeTable, Value};

use crate::globals::TypeFamily;
use crate::panics::asked_part;
use crate::{CallableId, Registrar, RegistrationError};

/// How deep brackets of the name of a type may be nested.
const MOST_BRACKETS: usize = 16;

impl Registrar<'_> {
    /// The type of a name: one that is registered, or of a family, with the types in its brackets, as in an annotation:
    /// `EnumSet[Flag]`. `None` where the name is not known, or the family has no such type.
    pub fn named_type(&mut self, name: &str) -> Option<Type> {
        self.type_within(name.trim(), 0)
    }

    fn type_within(&mut self, name: &str, depth: usize) -> Option<Type> {
        if let Some(known) = self.types.lookup(name) {
            return Some(known);
        }
        let (family, inside) = name.strip_suffix(']')?.split_once('[').filter(|_| depth < MOST_BRACKETS)?;
        let family = self.globals.get(self.globals.lookup(family.trim())?).family.clone()?;
        let mut parameters = Vec::new();
        let (mut open, mut start) = (0_usize, 0);
        for (index, character) in inside.char_indices() {
            match character {
                '[' => open += 1,
                ']' => open = open.checked_sub(1)?,
                ',' if open == 0 => {
                    parameters.push(self.type_within(inside[start..index].trim(), depth + 1)?);
                    start = index + 1;
                }
                _ => {}
            }
        }
        parameters.push(self.type_within(inside[start..].trim(), depth + 1)?);
        (family.0)(self.types, &parameters).ok()
    }

    /// As [`Registrar::type_family`], for annotations and signatures of plain functions alone: of types whose values are
    /// arguments, but lie in no cell, as tuples.
    ///
    /// # Errors
    ///
    /// Where the name is such a family already.
    pub fn argument_family(
        &mut self,
        name: &str,
        rule: impl Fn(&mut TypeTable, &[Type]) -> Result<Type, String> + Send + Sync + 'static,
    ) -> Result<(), RegistrationError> {
        let family = self.family(rule);
        let id = self.globals.define(name);
        if self.globals.definitions[id.0 as usize].argument_family.replace(family).is_some() {
            return Err(RegistrationError::DuplicateGlobal(name.to_owned()));
        }
        Ok(())
    }

    /// The rule of a family, guarded as the extension's.
    pub(crate) fn family(
        &self,
        rule: impl Fn(&mut TypeTable, &[Type]) -> Result<Type, String> + Send + Sync + 'static,
    ) -> TypeFamily {
        let extension = self.extension.clone();
        TypeFamily(Arc::new(move |types: &mut TypeTable, of: &[Type]| {
            asked_part("a type family", &extension, || rule(types, of))
        }))
    }

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
