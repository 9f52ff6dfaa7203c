//! Cells: where inputs, states and outputs live.

use cfunc_context::{LowerError, Operand, Operation};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, MemoryClass, Value};
use cfunc_models::{AbiParameterId, AbiRole, CellForm, NodeErrorKind, Representation, Type, VariableId};
use cfunc_sources::{KeyedSpan, VariableSource};
use smallvec::SmallVec;

use crate::frame::Lowering;

/// Size of a pointer in bytes.
pub(crate) const POINTER_SIZE: u32 = 8;

impl Lowering<'_, '_> {
    /// Reads a cell, where the source reads it and nowhere else: what a path does not use may be NULL.
    pub(crate) fn load_variable(&mut self, variable: VariableId) -> Result<Operand, LowerError> {
        let model = self.function.variables.get(variable);
        let (parameter, index, class) = match &model.source {
            VariableSource::Input { parameter, index } => (*parameter, *index, MemoryClass::Input),
            VariableSource::State { parameter, index } => (*parameter, *index, MemoryClass::State),
            VariableSource::Output { parameter, index, .. } => (*parameter, *index, MemoryClass::Output),
            VariableSource::Pointer { parameter, index } => {
                let address = self.slot_pointer(*parameter, *index)?;
                return Ok(Operand::scalar(model.ty, address));
            }
            VariableSource::Keyed(_) | VariableSource::Expression(_) => {
                return Err(LowerError::new(format!("`{}` is no value by itself", model.name)));
            }
            VariableSource::Constant(value) => {
                if let Some(own) = self.own_constants.get(&variable) {
                    return Ok(Operand::scalar(model.ty, self.builder.use_variable(*own)));
                }
                return self.rules().constant(model.ty, value);
            }
        };
        let ty = model.ty;
        if class == MemoryClass::State {
            let address = self.variable_address(variable)?;
            return self.load_cell(ty, address, self.state_class(ty));
        }
        let address = self.slot_pointer(parameter, index)?;
        if self.types.definition(ty).cell == CellForm::Object {
            return Ok(Operand::scalar(ty, address));
        }
        self.load_cell(ty, address, class)
    }

    /// Where the cell of an input, state or output is; of a container it is the element of the array itself.
    pub(crate) fn variable_address(&mut self, variable: VariableId) -> Result<Value, LowerError> {
        let model = self.function.variables.get(variable);
        match &model.source {
            VariableSource::State { parameter, index }
                if self.types.definition(model.ty).cell == CellForm::Container =>
            {
                let (array, offset) = (self.abi(*parameter), byte_offset(*index, POINTER_SIZE)?);
                let offset = self.builder.int64(i64::from(offset));
                Ok(self.builder.pointer_add(array, offset))
            }
            VariableSource::Input { parameter, index }
            | VariableSource::State { parameter, index }
            | VariableSource::Output { parameter, index, .. } => self.slot_pointer(*parameter, *index),
            VariableSource::Pointer { .. }
            | VariableSource::Keyed(_)
            | VariableSource::Expression(_)
            | VariableSource::Constant(_) => Err(LowerError::new(format!("`{}` has no cell", model.name))),
        }
    }

    /// Writes a cell; for an output, marks it as ticked too.
    pub(crate) fn store_variable(&mut self, variable: VariableId, operand: &Operand) -> Result<(), LowerError> {
        let model = self.function.variables.get(variable);
        match &model.source {
            VariableSource::State { .. } => {
                let class = self.state_class(model.ty);
                let address = self.variable_address(variable)?;
                self.assign_cell(model.ty, operand, address, class)?;
            }
            VariableSource::Output { ticked, index, .. } => {
                let address = self.variable_address(variable)?;
                self.assign_cell(model.ty, operand, address, MemoryClass::Output)?;
                let one = self.builder.boolean(true);
                let (flags, offset) = (self.abi(*ticked), byte_offset(*index, 1)?);
                self.builder.store(one, flags, offset, MemoryClass::OutputTicked);
            }
            VariableSource::Input { .. }
            | VariableSource::Pointer { .. }
            | VariableSource::Keyed(_)
            | VariableSource::Expression(_)
            | VariableSource::Constant(_) => {
                return Err(LowerError::new(format!("`{}` is not written", model.name)));
            }
        }
        Ok(())
    }

    fn assign_cell(
        &mut self,
        ty: Type,
        operand: &Operand,
        address: Value,
        class: MemoryClass,
    ) -> Result<(), LowerError> {
        if self.types.definition(ty).cell != CellForm::Place {
            return self.replace_cell(operand, address, class);
        }
        // What lies there changes; the place stays.
        let place = Operand::scalar(ty, address);
        self.rules().call(Operation::CopyInto, &[place, operand.clone()])?;
        Ok(())
    }

    fn slot_pointer(&mut self, parameter: AbiParameterId, index: u32) -> Result<Value, LowerError> {
        let array = self.abi(parameter);
        let offset = byte_offset(index, POINTER_SIZE)?;
        Ok(self.builder.load(Representation::Pointer, array, offset, MemoryClass::Slot))
    }

    pub(crate) fn load_cell(&mut self, ty: Type, address: Value, class: MemoryClass) -> Result<Operand, LowerError> {
        if self.types.definition(ty).cell == CellForm::Place {
            // The slot's pointer is the value.
            return Ok(Operand::scalar(ty, address));
        }
        let components = self.types.components(ty);
        if let CellForm::Packed(bytes) = self.types.definition(ty).cell {
            let (form, alignment) = ((components[0], u32::from(bytes)), CellForm::packed_alignment(bytes));
            return Ok(Operand::scalar(ty, self.builder.load_packed(form, (address, 0), alignment, class)));
        }
        let (offsets, _) = self.types.layout(ty);
        let mut values = SmallVec::new();
        for (component, offset) in components.iter().zip(offsets) {
            let offset = byte_offset(offset, 1)?;
            let loaded = self.builder.load(*component, address, offset, class);
            values.push(match self.types.definition(ty).cell {
                CellForm::Truth => self.builder.integer_compare_constant(IntegerCondition::NotEqual, loaded, 0),
                _ => loaded,
            });
        }
        Ok(Operand { ty, values })
    }

    pub(crate) fn store_cell(&mut self, operand: &Operand, address: Value, class: MemoryClass) {
        if let CellForm::Packed(bytes) = self.types.definition(operand.ty).cell {
            let (value, alignment) = ((operand.value(), u32::from(bytes)), CellForm::packed_alignment(bytes));
            return self.builder.store_packed(value, (address, 0), alignment, class);
        }
        let (offsets, _) = self.types.layout(operand.ty);
        for (value, offset) in operand.values.iter().zip(offsets) {
            self.builder.store(*value, address, i32::try_from(offset).unwrap_or(i32::MAX), class);
        }
    }

    /// Reads an element of an array that the host passes.
    pub(crate) fn load_abi_element(
        &mut self,
        parameter: AbiParameterId,
        index: u32,
        ty: Type,
    ) -> Result<Operand, LowerError> {
        let element = self.abi_element(parameter, ty)?;
        let (array, offset) = (self.abi(parameter), byte_offset(index, element.size())?);
        self.load_element(parameter, array, offset, ty)
    }

    /// Reads an element at an index known at run time, of `length` elements from `first` on.
    pub(crate) fn load_abi_element_at(
        &mut self,
        parameter: AbiParameterId,
        (first, length): (u32, u32),
        index: Value,
        ty: Type,
    ) -> Result<Operand, LowerError> {
        let element = self.abi_element(parameter, ty)?;
        let start = byte_offset(first, element.size())?;
        let offset = self.checked_offset(index, length, element.size());
        let array = self.abi(parameter);
        let address = self.builder.pointer_add(array, offset);
        self.load_element(parameter, address, start, ty)
    }

    /// Reads the input at an index known at run time.
    pub(crate) fn load_input_at(&mut self, container: VariableId, index: Value) -> Result<Operand, LowerError> {
        let variables = &self.function.variables;
        let Some(KeyedSpan { parameter, first, length, ty }) = variables.keyed_span(container) else {
            let name = &variables.get(container).name;
            return Err(LowerError::new(format!("the inputs of `{name}` do not lie side by side")));
        };
        let start = byte_offset(first, POINTER_SIZE)?;
        let offset = self.checked_offset(index, length, POINTER_SIZE);
        let array = self.abi(parameter);
        let slot = self.builder.pointer_add(array, offset);
        let cell = self.builder.load(Representation::Pointer, slot, start, MemoryClass::Slot);
        if self.types.definition(ty).cell == CellForm::Object {
            return Ok(Operand::scalar(ty, cell));
        }
        self.load_cell(ty, cell, MemoryClass::Input)
    }

    /// The offset in bytes of an index, which counts from the end where it is negative; fails beyond the ends.
    fn checked_offset(&mut self, index: Value, length: u32, size: u32) -> Value {
        let count = self.builder.int64(i64::from(length));
        let is_negative = self.builder.integer_compare_constant(IntegerCondition::SignedLess, index, 0);
        let from_end = self.builder.binary(BinaryOperation::IntegerAdd, index, count);
        let position = self.builder.select(is_negative, from_end, index);
        // A position below 0 is beyond every length, as an unsigned number.
        let inside = self.builder.integer_compare(IntegerCondition::UnsignedLess, position, count);
        self.rules().guard(inside, NodeErrorKind::IndexError, "index out of range");
        let size = self.builder.int64(i64::from(size));
        self.builder.binary(BinaryOperation::IntegerMultiply, position, size)
    }

    /// A parameter of the compiled function as a value.
    pub(crate) fn abi_value(&mut self, parameter: AbiParameterId, ty: Type) -> Result<Operand, LowerError> {
        let model = &self.context.layout().parameters()[parameter.0 as usize];
        let value = self.abi(parameter);
        if self.types.components(ty).as_slice() == [model.representation] {
            return Ok(Operand::scalar(ty, value));
        }
        Err(LowerError::new(format!("the parameter `{}` is no {}", model.name, self.types.name(ty))))
    }

    /// How the elements of an array are held, where they can be of a type.
    fn abi_element(&self, parameter: AbiParameterId, ty: Type) -> Result<Representation, LowerError> {
        let model = &self.context.layout().parameters()[parameter.0 as usize];
        match (model.element, self.types.components(ty).len()) {
            (Some(element), 1) => Ok(element),
            _ => Err(LowerError::new(format!("`{}` has no elements of type {}", model.name, self.types.name(ty)))),
        }
    }

    fn load_element(
        &mut self,
        parameter: AbiParameterId,
        address: Value,
        offset: i32,
        ty: Type,
    ) -> Result<Operand, LowerError> {
        let element = self.abi_element(parameter, ty)?;
        let model = &self.context.layout().parameters()[parameter.0 as usize];
        let component = self.types.components(ty)[0];
        let class = match model.role {
            AbiRole::OutputTicked => MemoryClass::OutputTicked,
            _ => MemoryClass::HostFlag,
        };
        let loaded = self.builder.load(element, address, offset, class);
        let value = if self.types.definition(ty).cell == CellForm::Truth {
            self.builder.integer_compare_constant(IntegerCondition::NotEqual, loaded, 0)
        } else if element == component {
            loaded
        } else if element.is_integer() && component.is_integer() && element.size() < component.size() {
            self.builder.convert(ConvertOperation::SignExtend, loaded, component)
        } else {
            return Err(LowerError::new(format!("an element of `{}` is no {}", model.name, self.types.name(ty))));
        };
        Ok(Operand::scalar(ty, value))
    }
}

pub(crate) fn byte_offset(index: u32, size: u32) -> Result<i32, LowerError> {
    let offset = index.checked_mul(size).and_then(|offset| i32::try_from(offset).ok());
    offset.ok_or_else(|| LowerError::new("more cells than an offset of 32 bits reaches"))
}
