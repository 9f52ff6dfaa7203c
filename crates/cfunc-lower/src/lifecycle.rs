//! States whose types have code of their own in the phases.

use cfunc_context::{LowerError, StateCell};
use cfunc_models::{LifecyclePhase, Span, VariableId};
use cfunc_sources::VariableSource;

use crate::frame::Lowering;

impl Lowering<'_, '_> {
    /// The states with code of their own, in slot order; each with its position.
    fn lifecycle_states(&self) -> Vec<(VariableId, usize)> {
        let mut found = Vec::new();
        for (id, model) in self.function.variables.iter() {
            if let VariableSource::State { index, .. } = &model.source
                && self.context.registry().state_lifecycle(self.types, model.ty).is_some()
            {
                found.push((id, *index as usize));
            }
        }
        found.sort_by_key(|(_, index)| *index);
        found
    }

    pub(crate) fn has_lifecycles(&self) -> bool {
        !self.lifecycle_states().is_empty()
    }

    /// What comes before the body of a phase. A body of STOP finds its states checked as one of EXECUTE does: START may
    /// have failed before it made them.
    pub(crate) fn enter_phase(&mut self, phase: LifecyclePhase, has_body: bool) -> Result<(), LowerError> {
        let phase = match phase {
            LifecyclePhase::Stop if !has_body => return Ok(()),
            LifecyclePhase::Stop => LifecyclePhase::Execute,
            LifecyclePhase::Start | LifecyclePhase::Execute => phase,
        };
        for (variable, index) in self.lifecycle_states() {
            self.run_lifecycle(phase, variable, index)?;
        }
        Ok(())
    }

    /// What comes after the body of STOP, and whatever the body does.
    pub(crate) fn leave_states(&mut self) -> Result<(), LowerError> {
        for (variable, index) in self.lifecycle_states().into_iter().rev() {
            let outer = std::mem::take(&mut self.error_target);
            let left = self.run_lifecycle(LifecyclePhase::Stop, variable, index);
            let nowhere = std::mem::replace(&mut self.error_target, outer);
            left?;
            if nowhere.exit().is_some() {
                let name = self.types.name(self.function.variables.get(variable).ty);
                return Err(LowerError::new(format!("the rule for the states of {name} can fail in STOP")));
            }
        }
        Ok(())
    }

    fn run_lifecycle(&mut self, phase: LifecyclePhase, variable: VariableId, index: usize) -> Result<(), LowerError> {
        let function = self.function;
        let model = function.variables.get(variable);
        let (context, types) = (self.context, self.types);
        let Some(lifecycle) = context.registry().state_lifecycle(types, model.ty) else { return Ok(()) };
        let Some(state) = function.function.states.get(index) else {
            return Err(LowerError::new(format!("there is no state of position {index}")));
        };
        let outer: Span = std::mem::replace(&mut self.span, state.span);
        let address = self.variable_address(variable)?;
        let class = self.state_class(model.ty);
        let cell = StateCell { name: &model.name, ty: model.ty, address, class, initial: &state.initial };
        let rule = match phase {
            LifecyclePhase::Start => &lifecycle.start,
            LifecyclePhase::Execute => &lifecycle.execute,
            LifecyclePhase::Stop => &lifecycle.stop,
        };
        let mark = self.owned.mark();
        self.rules().within_rule(lifecycle.rule, |rules| rule(rules, &cell))?;
        self.end_statement(mark)?;
        self.span = outer;
        Ok(())
    }
}
