//! Enumerations that an extension registers, as a module's class of them would be.

use std::sync::Arc;

use cfunc_models::{Type, Value};

use crate::{Registrar, RegistrationError};

/// An enumeration that is registered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EnumerationDescription {
    /// Its name, as source code has it; dotted where it is in a module.
    pub name: String,
    /// Its members in order, with their values. A second name of a value is another name of the first member.
    pub members: Vec<(String, i64)>,
    /// Whether its members count as integers, as those of an `IntEnum`.
    pub counts: bool,
}

/// Defines the type of an enumeration, and gives the values of its members by name, aliases too.
pub(crate) type EnumerationMaker = Arc<
    dyn Fn(&mut Registrar<'_>, &EnumerationDescription) -> Result<(Type, Vec<(String, Value)>), RegistrationError>
        + Send
        + Sync,
>;

impl Registrar<'_> {
    /// Registers an `Enum` class: source code uses it as one of its own module, `Side.BUY`, `Side(1)`, `Signal[Side]`. A
    /// second name of a value is an alias.
    ///
    /// # Errors
    ///
    /// Where a name is taken or given twice, a value does not fit the width of enums ([`Registrar::abi`]), there are no
    /// members, or no extension before this one brings enumerations, as the built-in types do.
    pub fn enumeration<'m>(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Type, RegistrationError> {
        self.describe_enumeration(name, members, false)
    }

    /// As [`Registrar::enumeration`], of an `IntEnum` class, whose members count as integers.
    ///
    /// # Errors
    ///
    /// As for [`Registrar::enumeration`].
    pub fn integer_enumeration<'m>(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = (&'m str, i64)>,
    ) -> Result<Type, RegistrationError> {
        self.describe_enumeration(name, members, true)
    }

    /// Says how enumerations that later extensions register are defined: their type and the values of their members.
    pub fn enumerations_by(
        &mut self,
        maker: impl Fn(
            &mut Registrar<'_>,
            &EnumerationDescription,
        ) -> Result<(Type, Vec<(String, Value)>), RegistrationError>
        + Send
        + Sync
        + 'static,
    ) {
        self.handlers.enumerations = Some(Arc::new(maker));
    }

    fn describe_enumeration<'m>(
        &mut self,
        name: &str,
        members: impl IntoIterator<Item = (&'m str, i64)>,
        counts: bool,
    ) -> Result<Type, RegistrationError> {
        let members: Vec<(String, i64)> =
            members.into_iter().map(|(member, value)| (member.to_owned(), value)).collect();
        let wrong = |reason: String| Err(RegistrationError::Enumeration { name: name.to_owned(), reason });
        if members.is_empty() {
            return wrong("it has no members".to_owned());
        }
        for (position, (member, _)) in members.iter().enumerate() {
            if member.is_empty() || member.contains('.') {
                return wrong(format!("`{member}` is no name of a member"));
            }
            if members[..position].iter().any(|(known, _)| known == member) {
                return wrong(format!("two members have the name `{member}`"));
            }
        }
        let Some(maker) = self.handlers.enumerations.clone() else {
            return wrong("no extension before this one brings enumerations".to_owned());
        };
        if self.types.lookup(name).is_some() {
            return Err(RegistrationError::DuplicateType(name.to_owned()));
        }
        let (ty, values) = maker(self, &EnumerationDescription { name: name.to_owned(), members, counts })?;
        self.type_name(name, ty)?;
        for (member, value) in values {
            self.constant_name(&format!("{name}.{member}"), value)?;
        }
        Ok(ty)
    }
}
