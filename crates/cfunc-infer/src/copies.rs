//! Names that hold a copy of a place whose parts are assigned to later: in Python they would see it.
//!
//! Goes through the typed statements in the order in which they run, through loops in several rounds: what one round copies,
//! the next one may assign to. Both arms of a branch are gone through, one after the other.

use cfunc_models::{Diagnostic, Span, Type, TypeTable, VariableId, codes};
use cfunc_sources::Variables;
use cfunc_syntax::ast::LocalId;

use crate::infer::MOST_WARNINGS;
use crate::typed::{Slot, SlotId, TypedExpression, TypedExpressionKind, TypedStatement, TypedStatementKind};

/// A name that holds a copy.
struct Copied {
    of: VariableId,
    local: LocalId,
    slot: SlotId,
    span: Span,
}

struct Walk<'a> {
    types: &'a TypeTable,
    variables: &'a Variables,
    slots: &'a [Slot],
    copied: Vec<Copied>,
    /// Slots that hold places.
    places: Vec<(SlotId, VariableId)>,
    /// Whether a loop is gone through again that the statement stands in.
    in_loop: bool,
    found: Vec<Diagnostic>,
}

/// The warnings for a body.
pub(crate) fn stale_copies(
    types: &TypeTable,
    variables: &Variables,
    slots: &[Slot],
    body: &[TypedStatement],
) -> Vec<Diagnostic> {
    let has_kept = |ty: Type| types.kept_form(ty).is_some();
    if !variables.iter().any(|(_, model)| has_kept(model.ty)) {
        return Vec::new();
    }
    let mut walk =
        Walk { types, variables, slots, copied: Vec::new(), places: Vec::new(), in_loop: false, found: Vec::new() };
    walk.block(body);
    walk.found
}

impl Walk<'_> {
    fn block(&mut self, statements: &[TypedStatement]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &TypedStatement) {
        match &statement.kind {
            TypedStatementKind::SetSlot { slot, local, value } => self.set(*slot, *local, value),
            // The name keeps what was there before: in Python too, where the state is another object then.
            TypedStatementKind::StoreVariable { variable, .. } => self.copied.retain(|copied| copied.of != *variable),
            TypedStatementKind::Evaluate(value) => self.evaluated(value),
            TypedStatementKind::Unbind(local) => self.copied.retain(|copied| copied.local != *local),
            // Not at every level at once, which would double the work with every level: of what is gone through again, inner
            // loops are gone through once.
            TypedStatementKind::Loop { body, .. } if !self.in_loop => {
                self.in_loop = true;
                self.block(body);
                self.block(body);
                self.in_loop = false;
            }
            _ => {}
        }
        statement.blocks().into_iter().for_each(|block| self.block(block));
    }

    fn set(&mut self, slot: SlotId, local: Option<LocalId>, value: &TypedExpression) {
        if let TypedExpressionKind::Sequence { statements, .. } = &value.kind {
            self.block(statements);
        }
        if let Some(local) = local {
            self.copied.retain(|copied| copied.local != local);
        }
        match (&value.kind, local) {
            (TypedExpressionKind::Cast(place), Some(local)) if self.types.kept_form(place.ty).is_some() => {
                if let Some(of) = self.root(place) {
                    self.copied.push(Copied { of, local, slot, span: value.span });
                }
            }
            _ if self.types.kept_form(value.ty).is_some() => {
                self.places.retain(|(held, _)| *held != slot);
                self.places.extend(self.root(value).map(|of| (slot, of)));
            }
            _ => {}
        }
    }

    /// What is evaluated for what it does: an assignment to a part, perhaps.
    fn evaluated(&mut self, value: &TypedExpression) {
        let TypedExpressionKind::Call { resolution, arguments } = &value.kind else { return };
        let writes = value.ty == Type::NONE && (resolution.attribute.is_some() || arguments.len() == 3);
        // Value, then base.
        let Some(base) = arguments.get(1).filter(|_| writes) else { return };
        let Some(written) = self.root(base) else { return };
        let (stale, other): (Vec<Copied>, Vec<Copied>) =
            std::mem::take(&mut self.copied).into_iter().partition(|copied| copied.of == written);
        self.copied = other;
        for Copied { slot, span, .. } in stale {
            let of = &self.variables.get(written).name;
            let name = &self.slots[slot.0 as usize].name;
            let message = format!("`{name}` holds a copy of `{of}`, which is assigned to in part later");
            let diagnostic = Diagnostic::warning(codes::STALE_COPY, span, message);
            let diagnostic = diagnostic.note(value.span, "here, which the name does not see");
            if self.found.len() >= MOST_WARNINGS || self.found.iter().any(|known| known.span == span) {
                continue;
            }
            self.found.push(diagnostic.hint(format!("read `{of}` itself where its latest values are meant")));
        }
    }

    /// The variable that a place is, or lies in.
    fn root(&self, place: &TypedExpression) -> Option<VariableId> {
        match &place.kind {
            TypedExpressionKind::Variable(variable) => self.types.kept_form(place.ty).is_some().then_some(*variable),
            TypedExpressionKind::Slot(slot) => {
                self.places.iter().find(|(held, _)| held == slot).map(|(_, variable)| *variable)
            }
            // A field or element that is a place.
            TypedExpressionKind::Call { arguments, .. } if self.types.kept_form(place.ty).is_some() => {
                self.root(arguments.first()?)
            }
            _ => None,
        }
    }
}
