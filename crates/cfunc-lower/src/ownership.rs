//! Who owns what: slots, results of several paths, cells, and the exits that release them.
//!
//! Types without owned components pass through here without an instruction more.

use cfunc_context::{LowerError, Operand, OwnedComponent, OwnedMark};
use cfunc_infer::SlotId;
use cfunc_ir::{Block, IntegerCondition, MemoryClass, Value, Variable};
use cfunc_models::{AbiRole, CellForm, LifecyclePhase, Representation, Type, VariableId};
use cfunc_sources::VariableSource;
use smallvec::SmallVec;

use crate::frame::Lowering;

/// Where an owned value that a slot holds was read, and what the slot held then.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Origin {
    pub(crate) value: Value,
    pub(crate) slot: SlotId,
    pub(crate) component: usize,
}

impl Lowering<'_, '_> {
    pub(crate) fn owned_components(&self, ty: Type) -> SmallVec<[OwnedComponent; 1]> {
        self.context.registry().owned_components(self.types, ty)
    }

    /// Remembers what was read from a slot, so that writing it back changes nothing: a step of an iteration holds the
    /// container that it goes through.
    pub(crate) fn note_origins(&mut self, slot: SlotId, operand: &Operand) {
        for component in self.owned_components(operand.ty) {
            let value = operand.values[component.index];
            self.origins.push(Origin { value, slot, component: component.index });
        }
    }

    /// The values that a slot gets, owned by it. What it held is released at the end of the statement: until then it may
    /// be in use.
    pub(crate) fn displace(
        &mut self,
        slot: SlotId,
        variables: &[Variable],
        operand: &Operand,
    ) -> Result<SmallVec<[Value; 2]>, LowerError> {
        let mut values = operand.values.clone();
        if self.borrowing.get(slot.0 as usize).copied().unwrap_or(false) {
            return Ok(values);
        }
        for component in self.owned_components(operand.ty) {
            let value = operand.values[component.index];
            let is_own =
                |origin: &Origin| origin.value == value && origin.slot == slot && origin.component == component.index;
            if self.origins.iter().any(is_own) {
                continue;
            }
            let variable = variables[component.index];
            if !self.lasting.contains(&variable) {
                self.lasting.push(variable);
                self.owned.note_lasting(variable, component.ty);
            }
            let part = Operand::scalar(component.ty, value);
            values[component.index] = self.rules().take(&part)?.value();
            let old = self.builder.use_variable(variable);
            self.rules().own(&Operand::scalar(component.ty, old));
            self.origins.retain(|origin| origin.slot != slot || origin.component != component.index);
        }
        Ok(values)
    }

    /// What one of several paths gives, with an owner that the join takes over.
    pub(crate) fn take(&mut self, operand: &Operand) -> Result<Operand, LowerError> {
        if self.owned_components(operand.ty).is_empty() {
            return Ok(operand.clone());
        }
        self.rules().take(operand)
    }

    /// What was made since a mark is released here.
    pub(crate) fn end_statement(&mut self, mark: OwnedMark) -> Result<(), LowerError> {
        self.origins.clear();
        if self.owned.mark() == mark {
            return Ok(());
        }
        if !self.builder.is_terminated() {
            self.rules().release_since(mark)?;
        }
        self.rules().forget_since(mark);
        Ok(())
    }

    /// What a test made is released on both ways that it may go on; gives where these go on then.
    pub(crate) fn end_test(&mut self, mark: OwnedMark, ways: [Block; 2]) -> Result<[Block; 2], LowerError> {
        self.origins.clear();
        if self.owned.mark() == mark {
            return Ok(ways);
        }
        let mut ends = ways;
        for block in &mut ends {
            self.builder.switch_to(*block);
            self.rules().release_since(mark)?;
            *block = self.builder.current_block();
        }
        self.rules().forget_since(mark);
        Ok(ends)
    }

    /// Stores a value of owned components into a cell, which held others; these are released at the end of the statement.
    pub(crate) fn replace_cell(
        &mut self,
        operand: &Operand,
        address: Value,
        class: MemoryClass,
    ) -> Result<(), LowerError> {
        let owned = self.owned_components(operand.ty);
        if owned.is_empty() {
            self.store_cell(operand, address, class);
            return Ok(());
        }
        let taken = self.rules().take(operand)?;
        let (offsets, _) = self.types.layout(operand.ty);
        let mut old = Vec::with_capacity(owned.len());
        for component in &owned {
            let offset = i32::try_from(offsets[component.index]).unwrap_or(i32::MAX);
            let value = self.builder.load(Representation::Pointer, address, offset, class);
            old.push(Operand::scalar(component.ty, value));
        }
        self.store_cell(&taken, address, class);
        for value in &old {
            self.rules().own(value);
        }
        Ok(())
    }

    /// Ends a frame: every return of it goes through one block that releases what the frame owns.
    pub(crate) fn release_at_returns(&mut self, phase: LifecyclePhase, cells: bool) -> Result<(), LowerError> {
        let returns = std::mem::take(&mut self.returns);
        let leaves = phase == LifecyclePhase::Stop && self.has_lifecycles();
        if (self.owned.is_empty() && !cells && !leaves) || returns.is_empty() {
            return Ok(());
        }
        let exit = self.builder.create_block();
        for block in returns {
            self.builder.reopen(block);
            self.builder.jump(exit, &[]);
        }
        self.builder.switch_to(exit);
        self.rules().release_all()?;
        if cells {
            self.release_cells()?;
        }
        if leaves {
            self.leave_states()?;
        }
        self.builder.return_values(&[]);
        Ok(())
    }

    /// Whether cells of the function own what they hold.
    pub(crate) fn owns_cells(&self) -> bool {
        let variables = self.function.variables.iter();
        variables.map(|(_, model)| model).any(|model| self.is_owning_cell(&model.source, model.ty))
    }

    fn is_owning_cell(&self, source: &VariableSource, ty: Type) -> bool {
        matches!(source, VariableSource::State { .. } | VariableSource::Output { .. })
            && !self.owned_components(ty).is_empty()
            && self.context.registry().state_lifecycle(self.types, ty).is_none()
    }

    /// Releases what states and outputs hold: at the end of STOP. A host may pass no arrays of outputs in that phase.
    pub(crate) fn release_cells(&mut self) -> Result<(), LowerError> {
        let owning: Vec<VariableId> = self
            .function
            .variables
            .iter()
            .filter(|(_, model)| self.is_owning_cell(&model.source, model.ty))
            .map(|(id, _)| id)
            .collect();
        for variable in owning {
            let model = self.function.variables.get(variable);
            let ty = model.ty;
            let (parameter, class) = match &model.source {
                VariableSource::Output { parameter, .. } => (*parameter, MemoryClass::Output),
                VariableSource::State { parameter, .. } => (*parameter, MemoryClass::State),
                _ => continue,
            };
            let optional = self.context.layout().parameters()[parameter.0 as usize].role == AbiRole::Outputs;
            let done = self.builder.create_block();
            if optional {
                let array = self.abi(parameter);
                self.go_on_unless_null(array, done);
            }
            let address = self.variable_address(variable)?;
            if optional {
                self.go_on_unless_null(address, done);
            }
            let held = self.load_cell(ty, address, class)?;
            self.rules().release(&held)?;
            let (offsets, _) = self.types.layout(ty);
            let null = self.builder.zero(Representation::Pointer);
            for component in self.owned_components(ty) {
                let offset = i32::try_from(offsets[component.index]).unwrap_or(i32::MAX);
                self.builder.store(null, address, offset, class);
            }
            self.builder.jump(done, &[]);
            self.builder.switch_to(done);
        }
        Ok(())
    }

    fn go_on_unless_null(&mut self, pointer: Value, otherwise: Block) {
        let next = self.builder.create_block();
        let is_present = self.builder.integer_compare_constant(IntegerCondition::NotEqual, pointer, 0);
        self.builder.branch(is_present, next, otherwise);
        self.builder.switch_to(next);
    }

    /// The class of the memory that a state is in.
    pub(crate) fn state_class(&self, ty: Type) -> MemoryClass {
        match self.types.definition(ty).cell {
            CellForm::Container => MemoryClass::ContainerSlot,
            _ => MemoryClass::State,
        }
    }
}
