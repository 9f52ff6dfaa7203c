//! Code of a type's own in the phases of a node's life: where its states are made, checked and let go.

use std::sync::Arc;

use cfunc_ir::{MemoryClass, Value as IrValue};
use cfunc_models::{Type, TypeConstructor, TypeTable, Value};

use crate::{LowerContext, LowerError, Registrar, Registry, RuleId};

/// A state whose type has code for a phase.
#[derive(Clone, Copy, Debug)]
pub struct StateCell<'a> {
    /// The state's name, for messages.
    pub name: &'a str,
    /// Its type.
    pub ty: Type,
    /// Where its cell is; of a container, the element of the host's array.
    pub address: IrValue,
    /// The class of that memory.
    pub class: MemoryClass,
    /// The value it starts with.
    pub initial: &'a Value,
}

/// Emits code for a state in one phase.
pub type StateRule = Arc<dyn Fn(&mut LowerContext<'_, '_>, &StateCell<'_>) -> Result<(), LowerError> + Send + Sync>;

/// The code of a family of types for the states of it.
#[derive(Clone)]
pub struct StateLifecycle {
    /// Runs in START, before the node's own start body, and before that of states declared to come after.
    pub start: StateRule,
    /// Runs at the beginning of EXECUTE, and of STOP where the node has a stop body, which does not run where this fails.
    pub execute: StateRule,
    /// Runs in STOP, after the node's own stop body.
    pub stop: StateRule,
    /// The rule that says so.
    pub rule: RuleId,
}

impl Registrar<'_> {
    /// Gives the states of a family of types code for START, for the beginning of EXECUTE, and for STOP: to make what the
    /// cell holds, to check it, to let it go. In slot order; in STOP in the opposite one. A guard that fails in START or
    /// EXECUTE ends the call; STOP may not fail, so that what comes after it is let go too. A stop body of the node finds its
    /// states checked by the code for EXECUTE. Ownership hooks of the type,
    /// if there are any, do not release such a state: its STOP does.
    pub fn state_lifecycle(
        &mut self,
        constructor: TypeConstructor,
        start: impl Fn(&mut LowerContext<'_, '_>, &StateCell<'_>) -> Result<(), LowerError> + Send + Sync + 'static,
        execute: impl Fn(&mut LowerContext<'_, '_>, &StateCell<'_>) -> Result<(), LowerError> + Send + Sync + 'static,
        stop: impl Fn(&mut LowerContext<'_, '_>, &StateCell<'_>) -> Result<(), LowerError> + Send + Sync + 'static,
    ) {
        let name = format!("lifecycle({})", self.types.constructor_name(constructor));
        let Some(rule) = self.new_rule(name) else { return };
        let lifecycle =
            StateLifecycle { start: Arc::new(start), execute: Arc::new(execute), stop: Arc::new(stop), rule };
        self.registry.lifecycles.insert(constructor, lifecycle);
    }
}

impl Registry {
    /// The code of a type for the states of it.
    pub fn state_lifecycle(&self, types: &TypeTable, ty: Type) -> Option<&StateLifecycle> {
        if self.lifecycles.is_empty() {
            return None;
        }
        self.lifecycles.get(&types.definition(ty).constructor)
    }
}
