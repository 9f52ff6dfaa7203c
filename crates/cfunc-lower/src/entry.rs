//! The entry of a plain function that a host calls: `int32_t f(void *result, void *const *arguments)`.
//!
//! It reads the cells of the arguments, calls the function as a helper, and writes what that gives. Arguments are borrowed;
//! the caller owns the result.

use cfunc_context::{LowerError, Operand, Operation};
use cfunc_infer::{CallArgument, TypedCall};
use cfunc_ir::{MemoryClass, Signature, Value};
use cfunc_models::{CellForm, Representation, RuntimeFunction, Type};

use crate::cells::{POINTER_SIZE, byte_offset};
use crate::frame::Lowering;

/// What the entry returns: 0, or 1 where an error was recorded.
const STATUS: Representation = Representation::I32;

/// The position of the result's address among the parameters.
const RESULT: usize = 0;
/// The position of the array of arguments.
const ARGUMENTS: usize = 1;

/// The signature of such an entry.
pub(crate) fn signature() -> Signature {
    Signature::new(&[Representation::Pointer, Representation::Pointer], &[STATUS])
}

impl Lowering<'_, '_> {
    /// Emits the entry.
    pub(crate) fn call(&mut self, call: &TypedCall) -> Result<(), LowerError> {
        let mark = self.owned.mark();
        let array = self.builder.parameter(ARGUMENTS);
        let mut operands = Vec::with_capacity(call.arguments.len());
        for (index, argument) in (0u32..).zip(&call.arguments) {
            let given = match &argument.default {
                Some(value) => self.default_argument(argument, value)?,
                None => self.load_argument(array, index, argument.given)?,
            };
            operands.push(if argument.given == argument.taken { given } else { self.cast(given, argument.taken)? });
        }
        let value = self.call_helper(call.function, &operands)?;
        self.store_result(call.result, &value)?;
        self.end_statement(mark)?;
        self.rules().release_all()?;
        let done = self.builder.integer_constant(STATUS, 0);
        self.builder.return_values(&[done]);
        if let Some(block) = self.error_target.exit() {
            self.builder.switch_to(block);
            let site = self.builder.function().block(block).parameters[0];
            self.rules().release_all()?;
            let descriptor = self.builder.module().unit_descriptor();
            let descriptor = self.builder.data_address(descriptor, 0);
            self.builder.call_runtime(RuntimeFunction::ErrorRaise, &[descriptor, site]);
            let failed = self.builder.integer_constant(STATUS, 1);
            self.builder.return_values(&[failed]);
        }
        Ok(())
    }

    /// The value of a default: one for each call, where the function may change it.
    fn default_argument(
        &mut self,
        argument: &CallArgument,
        value: &cfunc_models::Value,
    ) -> Result<Operand, LowerError> {
        let constant = self.rules().constant(argument.given, value)?;
        match self.context.registry().constant_copy(self.types, argument.given) {
            Some((copy, rule)) => self.rules().within_rule(rule, |rules| copy(rules, &constant)),
            None => Ok(constant),
        }
    }

    fn load_argument(&mut self, array: Value, index: u32, ty: Type) -> Result<Operand, LowerError> {
        if self.types.components(ty).is_empty() {
            return Ok(Operand { ty, values: Default::default() });
        }
        let offset = byte_offset(index, POINTER_SIZE)?;
        let cell = self.builder.load(Representation::Pointer, array, offset, MemoryClass::Slot);
        match self.types.definition(ty).cell {
            CellForm::Container | CellForm::Object => Ok(Operand::scalar(ty, cell)),
            _ => self.load_cell(ty, cell, MemoryClass::Input),
        }
    }

    fn store_result(&mut self, ty: Type, value: &Operand) -> Result<(), LowerError> {
        let address = self.builder.parameter(RESULT);
        if self.types.definition(ty).cell == CellForm::Place {
            let place = Operand::scalar(ty, address);
            self.rules().call(Operation::CopyInto, &[place, value.clone()])?;
            return Ok(());
        }
        // There is nothing in the cell that would be released.
        let taken = self.take(value)?;
        self.store_cell(&taken, address, MemoryClass::Output);
        Ok(())
    }
}
