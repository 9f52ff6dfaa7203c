//! Cells: where inputs, states and outputs live.

use cfunc_context::{LowerError, Operand};
use cfunc_ir::{ConvertOperation, IntegerCondition, MemoryClass, Value};
use cfunc_models::{AbiParameterId, AbiRole, CellForm, Representation, Type, VariableId};
use cfunc_sources::VariableSource;
use smallvec::SmallVec;

use crate::frame::Lowering;

/// Size of a pointer in bytes.
const POINTER_SIZE: u32 = 8;

impl Lowering<'_, '_> {
    /// Reads a cell, where the source reads it and nowhere else: what a path does not use may be NULL.
    pub(crate) fn load_variable(&mut self, variable: VariableId) -> Result<Operand, LowerError> {
        let model = self.function.variables.get(variable);
        let (parameter, index, class) = match &model.source {
            VariableSource::Input { parameter, index } => (*parameter, *index, MemoryClass::Input),
            VariableSource::State { parameter, index } => (*parameter, *index, MemoryClass::State),
            VariableSource::Output { parameter, index, .. } => (*parameter, *index, MemoryClass::Output),
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
            VariableSource::Constant(_) => Err(LowerError::new(format!("`{}` has no cell", model.name))),
        }
    }

    /// Writes a cell; for an output, marks it as ticked too.
    pub(crate) fn store_variable(&mut self, variable: VariableId, operand: &Operand) -> Result<(), LowerError> {
        let model = self.function.variables.get(variable);
        match &model.source {
            VariableSource::State { .. } => {
                let class = self.state_class(model.ty);
                let address = self.variable_address(variable)?;
                self.replace_cell(operand, address, class)?;
            }
            VariableSource::Output { ticked, index, .. } => {
                let address = self.variable_address(variable)?;
                self.replace_cell(operand, address, MemoryClass::Output)?;
                let one = self.builder.boolean(true);
                let (flags, offset) = (self.abi(*ticked), byte_offset(*index, 1)?);
                self.builder.store(one, flags, offset, MemoryClass::OutputTicked);
            }
            VariableSource::Input { .. } | VariableSource::Constant(_) => {
                return Err(LowerError::new(format!("`{}` is not written", model.name)));
            }
        }
        Ok(())
    }

    fn slot_pointer(&mut self, parameter: AbiParameterId, index: u32) -> Result<Value, LowerError> {
        let array = self.abi(parameter);
        let offset = byte_offset(index, POINTER_SIZE)?;
        Ok(self.builder.load(Representation::Pointer, array, offset, MemoryClass::Slot))
    }

    pub(crate) fn load_cell(&mut self, ty: Type, address: Value, class: MemoryClass) -> Result<Operand, LowerError> {
        let components = self.types.components(ty);
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
        let model = &self.context.layout().parameters()[parameter.0 as usize];
        let components = self.types.components(ty);
        let (Some(element), [component]) = (model.element, components.as_slice()) else {
            return Err(LowerError::new(format!("`{}` has no elements of type {}", model.name, self.types.name(ty))));
        };
        let class = match model.role {
            AbiRole::OutputTicked => MemoryClass::OutputTicked,
            _ => MemoryClass::HostFlag,
        };
        let (array, offset) = (self.abi(parameter), byte_offset(index, element.size())?);
        let loaded = self.builder.load(element, array, offset, class);
        let value = if self.types.definition(ty).cell == CellForm::Truth {
            self.builder.integer_compare_constant(IntegerCondition::NotEqual, loaded, 0)
        } else if element == *component {
            loaded
        } else if element.is_integer() && component.is_integer() && element.size() < component.size() {
            self.builder.convert(ConvertOperation::SignExtend, loaded, *component)
        } else {
            return Err(LowerError::new(format!("an element of `{}` is no {}", model.name, self.types.name(ty))));
        };
        Ok(Operand::scalar(ty, value))
    }
}

fn byte_offset(index: u32, size: u32) -> Result<i32, LowerError> {
    let offset = index.checked_mul(size).and_then(|offset| i32::try_from(offset).ok());
    offset.ok_or_else(|| LowerError::new("more cells than an offset of 32 bits reaches"))
}
