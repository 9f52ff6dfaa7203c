//! Selections: which slot of a local was set last, where control comes from the middle of a block.

use cfunc_context::LowerError;
use cfunc_infer::{Selection, SlotId};
use cfunc_ir::{IntegerCondition, Value, Variable};
use cfunc_models::Representation;
use cfunc_syntax::ast::LocalId;

use crate::frame::Lowering;

impl Lowering<'_, '_> {
    /// The variable that says which slot of a local was set last.
    pub(crate) fn last_set(&mut self, local: LocalId) -> Variable {
        if let Some(variable) = self.set_last.get(&local) {
            return *variable;
        }
        let variable = self.builder.declare_variable(Representation::I32);
        self.set_last.insert(local, variable);
        variable
    }

    /// What that variable holds for a slot; 0 is for none.
    pub(crate) fn slot_number(&mut self, slot: SlotId) -> Value {
        self.builder.integer_constant(Representation::I32, i64::from(slot.0) + 1)
    }

    /// Converts what each local was set to last. A local that was not set is left alone: its reads are checked.
    pub(crate) fn selections(&mut self, selections: &[Selection]) -> Result<(), LowerError> {
        for Selection { local, from, to } in selections {
            let last = self.last_set(*local);
            let found = self.builder.use_variable(last);
            let done = self.builder.create_block();
            let wanted = self.function.slots[to.0 as usize].ty;
            for slot in from.iter().filter(|slot| *slot != to) {
                let (taken, next) = (self.builder.create_block(), self.builder.create_block());
                let number = i64::from(slot.0) + 1;
                let is_last = self.builder.integer_compare_constant(IntegerCondition::Equal, found, number);
                self.builder.branch(is_last, taken, next);
                self.builder.switch_to(taken);
                let mark = self.owned.mark();
                let value = self.read_slot(*slot);
                let converted = self.cast(value, wanted)?;
                self.write_slot(*to, &converted)?;
                self.end_statement(mark)?;
                self.builder.jump(done, &[]);
                self.builder.switch_to(next);
            }
            self.builder.jump(done, &[]);
            self.builder.switch_to(done);
        }
        Ok(())
    }

    /// Remembers which slots were set last before selections.
    pub(crate) fn saved_selections(&mut self, selections: &[Selection]) -> Vec<(LocalId, Variable)> {
        let mut saved = Vec::with_capacity(selections.len());
        for selection in selections {
            let last = self.last_set(selection.local);
            let value = self.builder.use_variable(last);
            let variable = self.builder.declare_variable(Representation::I32);
            self.builder.define_variable(variable, value);
            saved.push((selection.local, variable));
        }
        saved
    }

    /// After `finally`, locals that it did not bind are again what they were before it.
    pub(crate) fn restore_selections(&mut self, saved: &[(LocalId, Variable)], rebound: &[LocalId]) {
        for (local, variable) in saved.iter().filter(|(local, _)| !rebound.contains(local)) {
            let value = self.builder.use_variable(*variable);
            let last = self.last_set(*local);
            self.builder.define_variable(last, value);
        }
    }
}
