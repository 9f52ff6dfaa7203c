//! What the host passes in parameters of its own categories.

use cfunc_models::Representation;

use super::NodeInstance;
use super::slots::Supply;
use crate::AccessError;

/// Gives the word of a parameter, asked before each call.
pub(super) type Supplier = Box<dyn FnMut() -> u64 + Send>;

impl NodeInstance {
    /// Gives the pointer that is passed in a parameter of role [`AbiRole::Custom`](cfunc_models::AbiRole::Custom), in
    /// every phase, from the next call on.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchParameter`]; [`AccessError::TypeMismatch`] where it is no pointer.
    ///
    /// # Safety
    ///
    /// The pointer is what the source category declares of it, from now until the node is dropped or another one is
    /// given, on every thread that the node is called or dropped on.
    pub unsafe fn supply(&mut self, name: &str, pointer: *const u8) -> Result<(), AccessError> {
        let index = self.supplied_parameter(name, Representation::Pointer)?;
        self.slots.words[index] = pointer.expose_provenance() as u64;
        Ok(())
    }

    /// As [`NodeInstance::supply`], with what gives the pointer: it is asked before each call of the code, on the thread
    /// of that call. Its panic is the call's, which then reaches no code.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::supply`].
    ///
    /// # Safety
    ///
    /// Each pointer is what the source category declares of it, until the next one is given or the node is dropped.
    pub unsafe fn supply_with(
        &mut self,
        name: &str,
        mut pointer: impl FnMut() -> *const u8 + Send + 'static,
    ) -> Result<(), AccessError> {
        let index = self.supplied_parameter(name, Representation::Pointer)?;
        self.suppliers.push((index, Box::new(move || pointer().expose_provenance() as u64)));
        Ok(())
    }

    /// Gives the number that is passed in a parameter of role [`AbiRole::Custom`](cfunc_models::AbiRole::Custom) of 64
    /// bits, in every phase, from the next call on.
    ///
    /// # Errors
    ///
    /// [`AccessError::NoSuchParameter`]; [`AccessError::TypeMismatch`] where it is no 64-bit integer.
    pub fn supply_integer(&mut self, name: &str, value: i64) -> Result<(), AccessError> {
        let index = self.supplied_parameter(name, Representation::I64)?;
        self.slots.words[index] = value.cast_unsigned();
        Ok(())
    }

    /// As [`NodeInstance::supply_integer`], with what gives the number: it is asked before each call of the code, on the
    /// thread of that call. Its panic is the call's, which then reaches no code.
    ///
    /// # Errors
    ///
    /// As [`NodeInstance::supply_integer`].
    pub fn supply_integer_with(
        &mut self,
        name: &str,
        mut value: impl FnMut() -> i64 + Send + 'static,
    ) -> Result<(), AccessError> {
        let index = self.supplied_parameter(name, Representation::I64)?;
        self.suppliers.push((index, Box::new(move || value().cast_unsigned())));
        Ok(())
    }

    /// The position of a parameter that the host supplies, which is supplied from now on; what supplied it before does so
    /// no more.
    fn supplied_parameter(&mut self, name: &str, wanted: Representation) -> Result<usize, AccessError> {
        let parameters = self.unit.parameters();
        let found = self.slots.supplied.iter_mut().find(|(index, _)| parameters[*index].name == name);
        let Some((index, supply)) = found else {
            return Err(AccessError::NoSuchParameter(name.to_owned()));
        };
        let representation = parameters[*index].representation;
        if representation != wanted {
            let asked = if wanted == Representation::Pointer { "a pointer" } else { "a 64-bit integer" };
            let ty = representation.to_string();
            return Err(AccessError::TypeMismatch { name: name.to_owned(), ty, asked });
        }
        *supply = Supply::Given;
        let index = *index;
        self.suppliers.retain(|(other, _)| *other != index);
        Ok(index)
    }

    /// Asks for the words of this call.
    #[cold]
    pub(super) fn ask_suppliers(&mut self) {
        for (index, supplier) in &mut self.suppliers {
            self.slots.words[*index] = supplier();
        }
    }
}
