//! What a pass works on: one function, and what it must know of the module around it.

use std::rc::Rc;

use cfunc_models::Effects;

use crate::dominators::DominatorTree;
use crate::passes::changes::Changes;
use crate::{Callee, External, Function, InstructionData, MemoryClass, Module, Value};

/// One function in the hands of a pass.
pub(crate) struct Subject<'a> {
    /// The function.
    pub(crate) function: &'a mut Function,
    /// The external functions of the module.
    pub(crate) externals: &'a [External],
    /// The functions that stand before it, which have been through the passes.
    pub(crate) callees: &'a [Function],
    /// What calls of these may do.
    pub(crate) callee_effects: &'a [Effects],
    /// The budget.
    pub(crate) changes: &'a mut Changes,
    /// The dominator tree, where the edges have not changed since it was made.
    pub(crate) tree: &'a mut Option<Rc<DominatorTree>>,
}

impl Subject<'_> {
    /// The dominator tree. Who changes edges between blocks that can be reached says so with
    /// [`Subject::flow_changed`].
    pub(crate) fn tree(&mut self) -> Rc<DominatorTree> {
        Rc::clone(self.tree.get_or_insert_with(|| Rc::new(DominatorTree::new(self.function))))
    }

    /// Edges or blocks are others now.
    pub(crate) fn flow_changed(&mut self) {
        *self.tree = None;
    }

    /// What a call may do.
    pub(crate) fn effects(&self, callee: Callee) -> Effects {
        effects_of(self.externals, self.callee_effects, callee)
    }
}

/// What a call may do; of functions that are not known yet, anything.
pub(crate) fn effects_of(externals: &[External], callee_effects: &[Effects], callee: Callee) -> Effects {
    match callee {
        Callee::External(external) => externals[external.index()].effects,
        Callee::Function(function) => callee_effects.get(function.index()).copied().unwrap_or(Effects::Writes),
    }
}

/// What a call of a finished function may do. A function that may run without end counts as one that writes, so that no
/// call of it is dropped or moved.
pub(crate) fn summary(module: &Module, function: &Function, callee_effects: &[Effects]) -> Effects {
    let mut position = vec![u32::MAX; function.blocks.len()];
    for (index, block) in (0..).zip(&function.layout) {
        position[block.index()] = index;
    }
    let mut effects = Effects::Pure;
    for (index, block) in (0u32..).zip(&function.layout) {
        let data = function.block(*block);
        for instruction in &data.instructions {
            let found = match function.instruction(*instruction) {
                InstructionData::Store { .. } => Effects::Writes,
                InstructionData::Load { class: MemoryClass::Constant, .. } => Effects::Pure,
                InstructionData::Load { .. } => Effects::Reads,
                InstructionData::Call { callee, .. } => effects_of(&module.externals, callee_effects, *callee),
                _ => Effects::Pure,
            };
            effects = effects.and(found);
            if effects == Effects::Writes {
                return effects;
            }
        }
        // An edge against the order of the layout may close a loop.
        let mut targets = data.terminator.iter().flat_map(|terminator| terminator.targets());
        if targets.any(|target| position[target.block.index()] <= index) {
            return Effects::Writes;
        }
    }
    effects
}

/// Whether memory of a class is the same during the whole call.
pub(crate) const fn is_never_written(class: MemoryClass) -> bool {
    matches!(class, MemoryClass::Slot | MemoryClass::Input | MemoryClass::HostFlag | MemoryClass::Constant)
}

/// Whether calls that neither read nor write cells and slots leave memory of a class alone.
pub(crate) const fn is_cell_or_slot(class: MemoryClass) -> bool {
    is_never_written(class)
        || matches!(
            class,
            MemoryClass::ContainerSlot | MemoryClass::State | MemoryClass::Output | MemoryClass::OutputTicked
        )
}

/// Whether an instruction may go away where its results are not used.
pub(crate) fn is_droppable(data: &InstructionData, effects: impl Fn(Callee) -> Effects) -> bool {
    match data {
        InstructionData::Store { .. } => false,
        InstructionData::Call { callee, .. } => !effects(*callee).writes(),
        _ => true,
    }
}

/// Whether an instruction depends on its operands alone and touches no memory. Division is such a one, but has no
/// result for all operands.
pub(crate) const fn is_pure(data: &InstructionData) -> bool {
    !matches!(data, InstructionData::Store { .. } | InstructionData::Load { .. } | InstructionData::Call { .. })
}

/// Whether a value is that of a constant integer, and which.
pub(crate) fn integer_of(function: &Function, value: Value) -> Option<i64> {
    match function.defining_instruction(value)? {
        InstructionData::IntegerConstant { value, .. } => Some(*value),
        _ => None,
    }
}
