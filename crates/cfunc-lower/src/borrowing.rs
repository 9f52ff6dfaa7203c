//! Slots that borrow: parameters of a function whose caller holds the arguments until the call is over, and intermediate
//! values that are such a parameter. They need no owner of their own, so neither copies nor exits that release them.

use cfunc_infer::{SlotId, TypedExpression, TypedExpressionKind, TypedHelper, TypedStatement, TypedStatementKind};
use smallvec::SmallVec;

/// By slot, whether all that is ever in it is an argument. A slot that anything else is assigned to, on whatever path, does
/// not borrow: what it holds later has to be released.
pub(crate) fn borrowing_slots(helper: &TypedHelper) -> Vec<bool> {
    let function = &helper.function;
    let mut found = Writes { counts: vec![0; function.slots.len()], copies: Vec::new() };
    for conversion in function.edges.iter().flatten() {
        found.write(conversion.to);
    }
    found.statements(&function.body);
    let mut borrows = vec![false; function.slots.len()];
    for slot in &helper.parameters {
        borrows[slot.0 as usize] = found.counts[slot.0 as usize] == 0;
    }
    // A copy of a copy stands after it where it is the only assignment of its slot.
    for (to, from) in found.copies {
        borrows[to.0 as usize] |= borrows[from.0 as usize] && found.counts[to.0 as usize] == 1;
    }
    borrows
}

/// How often slots are assigned to, and from which other slots.
struct Writes {
    counts: Vec<u32>,
    copies: Vec<(SlotId, SlotId)>,
}

impl Writes {
    fn write(&mut self, slot: SlotId) {
        self.counts[slot.0 as usize] += 1;
    }

    fn statements(&mut self, statements: &[TypedStatement]) {
        for statement in statements {
            statement.value().into_iter().for_each(|value| self.expression(value));
            match &statement.kind {
                TypedStatementKind::SetSlot { slot, value, .. } => {
                    self.write(*slot);
                    if let TypedExpressionKind::Slot(from) = &value.kind {
                        self.copies.push((*slot, *from));
                    }
                }
                TypedStatementKind::Try(parts) => {
                    let handlers = parts.handlers.iter().flat_map(|handler| &handler.selections);
                    let finally = parts.finally.iter().flat_map(|finally| &finally.selections);
                    handlers.chain(finally).for_each(|selection| self.write(selection.to));
                }
                _ => {}
            }
            statement.blocks().into_iter().for_each(|block| self.statements(block));
        }
    }

    fn expression(&mut self, expression: &TypedExpression) {
        let mut pending: SmallVec<[&TypedExpression; 8]> = SmallVec::new();
        pending.push(expression);
        while let Some(expression) = pending.pop() {
            if let TypedExpressionKind::Sequence { statements, .. } = &expression.kind {
                self.statements(statements);
            }
            pending.extend(expression.operands());
        }
    }
}
