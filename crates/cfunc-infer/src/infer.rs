//! The driver: one function, its three bodies.

use std::collections::HashMap;

use cfunc_context::{CompilationContext, RuleId, RuleUses};
use cfunc_models::{Diagnostic, Diagnostics, Type, TypeTable};
use cfunc_sources::MarkedFunction;
use cfunc_syntax::ast::{LocalId, Name, Statement};

use crate::environment::{Bound, Environment, Mark};
use crate::loops::LoopFrame;
use crate::typed::{EdgeConversion, EdgeId, Slot, SlotId, TypedFunction, TypedStatement};

/// Types a function. Options choose among ways to emit code; they do not change types, so none are taken.
///
/// # Errors
///
/// All diagnostics that can be found in one run, when an error is among them.
pub fn infer(
    context: &CompilationContext,
    types: &mut TypeTable,
    marked: MarkedFunction,
) -> Result<TypedFunction, Diagnostics> {
    let locals = marked.locals.len();
    let mut inference = Inference {
        context,
        types,
        marked: &marked,
        environment: Environment::new(locals),
        slots: Vec::new(),
        local_slots: vec![Vec::new(); locals],
        edges: Vec::new(),
        tracked: vec![false; locals],
        loops: Vec::new(),
        assumptions: HashMap::new(),
        diagnostics: Vec::new(),
        uses: RuleUses::default(),
        resolved_rules: Vec::new(),
    };
    let start = inference.body(&marked.start);
    let body = inference.body(&marked.body);
    let stop = inference.body(&marked.stop);
    let Inference { slots, edges, tracked, diagnostics, uses, .. } = inference;
    let mut found = Diagnostics::new();
    diagnostics.into_iter().for_each(|diagnostic| found.push(diagnostic));
    if found.has_errors() {
        return Err(found);
    }
    let MarkedFunction { function, variables, .. } = marked;
    Ok(TypedFunction { function, variables, slots, edges, tracked, start, body, stop, uses, warnings: found })
}

/// The state of one inference.
pub(crate) struct Inference<'a> {
    pub(crate) context: &'a CompilationContext,
    pub(crate) types: &'a mut TypeTable,
    pub(crate) marked: &'a MarkedFunction,
    pub(crate) environment: Environment,
    slots: Vec<Slot>,
    /// The slots of each local, one a type.
    local_slots: Vec<Vec<SlotId>>,
    edges: Vec<Vec<EdgeConversion>>,
    pub(crate) tracked: Vec<bool>,
    pub(crate) loops: Vec<LoopFrame>,
    /// What was found to hold at the head of a loop, by the loop's statement; kept between rounds of outer loops so
    /// that nested loops cost their changes, not a product of rounds.
    pub(crate) assumptions: HashMap<usize, Vec<(LocalId, Bound)>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// Uses of rules that the tree does not show.
    pub(crate) uses: RuleUses,
    /// The rules of what stands in the tree, in the order in which it was typed, so that those of a round that is given
    /// up are known.
    pub(crate) resolved_rules: Vec<RuleId>,
}

/// Where a round of a loop starts.
pub(crate) struct RestartPoint {
    mark: Mark,
    diagnostics: usize,
    edges: usize,
    pub(crate) uses: usize,
    resolved_rules: usize,
}

impl Inference<'_> {
    fn body(&mut self, statements: &[Statement]) -> Vec<TypedStatement> {
        let mark = self.environment.mark();
        let mut typed = Vec::with_capacity(statements.len());
        self.statements(statements, &mut typed);
        self.environment.rollback(mark);
        self.environment.reachable = true;
        typed
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        self.diagnostics.push(diagnostic);
    }

    pub(crate) fn type_name(&self, ty: Type) -> &str {
        self.types.name(ty)
    }

    // Slots.

    pub(crate) fn new_slot(&mut self, name: &str, ty: Type) -> SlotId {
        let slot = SlotId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(Slot { name: Name::from(name), ty });
        slot
    }

    /// The slot of a local at a type.
    pub(crate) fn local_slot(&mut self, local: LocalId, ty: Type) -> SlotId {
        let existing = &self.local_slots[local.0 as usize];
        if let Some(slot) = existing.iter().find(|slot| self.slots[slot.0 as usize].ty == ty) {
            return *slot;
        }
        let slot = SlotId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(Slot { name: Name::clone(&self.marked.locals[local.0 as usize].name), ty });
        self.local_slots[local.0 as usize].push(slot);
        slot
    }

    pub(crate) fn slot_type(&self, slot: SlotId) -> Type {
        self.slots[slot.0 as usize].ty
    }

    // Edges.

    pub(crate) fn new_edge(&mut self) -> EdgeId {
        self.edges.push(Vec::new());
        EdgeId(u32::try_from(self.edges.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn convert_on(&mut self, edge: EdgeId, from: Bound, to: Bound) {
        if let (Some(from), Some(to)) = (from.slot(), to.slot())
            && from != to
        {
            self.edges[edge.0 as usize].push(EdgeConversion { from, to });
        }
    }

    // Going back, when a loop's assumption did not hold.

    pub(crate) fn restart_point(&self) -> RestartPoint {
        RestartPoint {
            mark: self.environment.mark(),
            diagnostics: self.diagnostics.len(),
            edges: self.edges.len(),
            uses: self.uses.len(),
            resolved_rules: self.resolved_rules.len(),
        }
    }

    pub(crate) fn restart(&mut self, point: &RestartPoint) {
        self.environment.rollback(point.mark);
        self.environment.reachable = true;
        self.diagnostics.truncate(point.diagnostics);
        self.edges.truncate(point.edges);
        // What was asked may have led to the types that the next round assumes.
        self.uses.give_up(point.uses);
        for rule in self.resolved_rules.drain(point.resolved_rules..) {
            self.uses.ask(rule);
        }
    }
}
