//! Containers that two states would hold: a state owns what it holds, also where it came by way of a local.
//!
//! Goes through the typed statements once, in the order in which they run, and notes which container each local and each
//! state may have. What only a further round of a loop would bring together is not seen; it is safe at run time, where
//! containers count their users.

use std::collections::{BTreeMap, BTreeSet};

use cfunc_context::CompilationContext;
use cfunc_models::{Diagnostic, TypeTable, VariableId, codes};
use cfunc_sources::{VariableSource, Variables};

use crate::typed::{SlotId, TypedExpression, TypedExpressionKind, TypedStatement, TypedStatementKind};

/// Which container, as far as it is told apart: what a state had at first, or what a statement made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Container {
    Initial(VariableId),
    Made(u32),
}

type Containers = BTreeSet<Container>;

/// What slots and states may have; those that are not here have something that nothing else has.
#[derive(Clone, Debug, Default)]
struct Holders {
    slots: BTreeMap<SlotId, Containers>,
    states: BTreeMap<VariableId, Containers>,
}

struct Walk<'a> {
    variables: &'a Variables,
    now: Holders,
    found: Vec<Diagnostic>,
    made: u32,
}

/// The diagnostics of a body: each names a state that would get the container of another one.
pub(crate) fn shared_containers(
    context: &CompilationContext,
    types: &TypeTable,
    variables: &Variables,
    body: &[TypedStatement],
) -> Vec<Diagnostic> {
    let is_container = |ty| context.registry().constant_copy(types, ty).is_some();
    let states = variables
        .iter()
        .filter(|(_, model)| matches!(model.source, VariableSource::State { .. }) && is_container(model.ty));
    let states: BTreeMap<VariableId, Containers> =
        states.map(|(id, _)| (id, Containers::from([Container::Initial(id)]))).collect();
    if states.len() < 2 {
        return Vec::new();
    }
    let now = Holders { slots: BTreeMap::new(), states };
    let mut walk = Walk { variables, now, found: Vec::new(), made: 0 };
    walk.block(body);
    walk.found
}

impl Walk<'_> {
    /// Whether what follows a block is reached from its end.
    fn block(&mut self, statements: &[TypedStatement]) -> bool {
        statements.iter().all(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &TypedStatement) -> bool {
        match &statement.kind {
            TypedStatementKind::SetSlot { slot, value, .. } => {
                let held = self.containers(value);
                self.now.slots.insert(*slot, held);
            }
            TypedStatementKind::StoreVariable { variable, value } => self.store(*variable, value),
            TypedStatementKind::If { body, or_else, .. } => {
                let before = self.now.clone();
                let goes_on = self.block(body);
                let after = std::mem::replace(&mut self.now, before);
                return self.block_beside(or_else, goes_on.then_some(after));
            }
            TypedStatementKind::Loop { body, or_else, .. } => {
                let before = self.now.clone();
                if self.block(body) {
                    self.join(before);
                } else {
                    self.now = before;
                }
                // Also where the rest is left, `break` may lead behind the loop.
                self.block(or_else);
            }
            TypedStatementKind::Try(attempt) => {
                let before = self.now.clone();
                let mut goes_on = self.block(&attempt.body);
                let mut failed = self.now.clone();
                std::mem::swap(&mut failed, &mut self.now);
                self.join(before);
                std::mem::swap(&mut failed, &mut self.now);
                goes_on = goes_on && self.block(&attempt.or_else);
                for handler in &attempt.handlers {
                    let after = std::mem::replace(&mut self.now, failed.clone());
                    goes_on = self.block_beside(&handler.body, goes_on.then_some(after));
                }
                if let Some(finally) = &attempt.finally {
                    goes_on &= self.block(&finally.body);
                }
                return goes_on;
            }
            TypedStatementKind::Break(_)
            | TypedStatementKind::Continue(_)
            | TypedStatementKind::Return
            | TypedStatementKind::ReturnResult(_)
            | TypedStatementKind::Raise { .. }
            | TypedStatementKind::Reraise { .. }
            | TypedStatementKind::Leave { .. } => return false,
            TypedStatementKind::Evaluate(_) | TypedStatementKind::Assert { .. } | TypedStatementKind::Unbind(_) => {}
        }
        true
    }

    /// A block that runs where others did not, whose end has been reached with `other`, if it was.
    fn block_beside(&mut self, statements: &[TypedStatement], other: Option<Holders>) -> bool {
        match (self.block(statements), other) {
            (true, Some(other)) => self.join(other),
            (false, Some(other)) => self.now = other,
            (goes_on, None) => return goes_on,
        }
        true
    }

    fn join(&mut self, other: Holders) {
        for (slot, containers) in other.slots {
            self.now.slots.entry(slot).or_default().extend(containers);
        }
        for (state, containers) in other.states {
            self.now.states.entry(state).or_default().extend(containers);
        }
    }

    fn store(&mut self, variable: VariableId, value: &TypedExpression) {
        let held = self.containers(value);
        if !self.now.states.contains_key(&variable) {
            return;
        }
        let mut others = self.now.states.iter().filter(|(other, _)| **other != variable);
        if let Some((other, _)) = others.find(|(_, containers)| !containers.is_disjoint(&held)) {
            let (name, other) = (&self.variables.get(variable).name, &self.variables.get(*other).name);
            let message = format!("the states `{name}` and `{other}` would hold one container");
            let hint = format!("give `{name}` a copy: `copy()`");
            self.found.push(Diagnostic::error(codes::ASSIGNMENT_TARGET, value.span, message).hint(hint));
        }
        self.now.states.insert(variable, held);
    }

    /// The containers that an expression may be.
    fn containers(&mut self, value: &TypedExpression) -> Containers {
        match &value.kind {
            TypedExpressionKind::Slot(slot) | TypedExpressionKind::CheckedSlot { slot, .. } => {
                self.now.slots.get(slot).cloned().unwrap_or_default()
            }
            TypedExpressionKind::Variable(variable) => self.now.states.get(variable).cloned().unwrap_or_default(),
            TypedExpressionKind::Conditional { body, or_else, .. } => {
                let mut both = self.containers(body);
                both.extend(self.containers(or_else));
                both
            }
            TypedExpressionKind::ShortCircuit { left, right, .. } => {
                let mut both = self.containers(left);
                both.extend(self.containers(right));
                both
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.block(statements);
                self.containers(value)
            }
            TypedExpressionKind::Call { .. } | TypedExpressionKind::Cast(_) | TypedExpressionKind::Constant(_) => {
                self.made += 1;
                Containers::from([Container::Made(self.made)])
            }
            TypedExpressionKind::AbiElement { .. }
            | TypedExpressionKind::HelperCall { .. }
            | TypedExpressionKind::Comparisons { .. }
            | TypedExpressionKind::Not(_) => Containers::new(),
        }
    }
}
