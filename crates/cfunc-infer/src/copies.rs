//! Names that hold a copy of a place whose parts are assigned to later: in Python they would see it.
//!
//! Goes through the typed statements in the order in which they run, through loops in several rounds: what one round copies,
//! the next one may assign to. Both arms of a branch are gone through, one after the other. A helper is gone through once,
//! where it is called first: what it assigns to parts of, its callers do.

use std::collections::{BTreeSet, HashMap};
use std::rc::Rc;

use cfunc_models::{Diagnostic, FieldForm, Span, Type, VariableId, codes};
use cfunc_sources::Variables;
use cfunc_syntax::ast::{LocalId, Name};
use smallvec::{SmallVec, smallvec};

use crate::infer::MOST_WARNINGS;
use crate::sharing::Examined;
use crate::typed::{
    Slot, SlotId, SpecialisationId, TypedExpression, TypedExpressionKind, TypedStatement, TypedStatementKind,
};

/// What a place is, or lies in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Root {
    Variable(VariableId),
    /// Of a helper, by its position.
    Parameter(usize),
}

/// The fields that lead from a root to what lies in it, elements of arrays without a name; `None` where it is not known
/// where that is: behind an address, and where it is one of several.
type Path = Option<SmallVec<[Option<Name>; 2]>>;

/// A name that holds a copy.
struct Copied {
    of: Root,
    path: Path,
    local: LocalId,
    slot: SlotId,
    span: Span,
}

/// What is known over all bodies and helpers.
struct Known<'a> {
    function: Examined<'a>,
    /// The parameters that a helper assigns to parts of; none while it is gone through.
    helpers: HashMap<SpecialisationId, Rc<BTreeSet<usize>>>,
    found: Vec<Diagnostic>,
}

struct Walk<'a, 'k> {
    known: &'k mut Known<'a>,
    /// Those of the body.
    variables: &'a Variables,
    slots: &'a [Slot],
    /// The slots of a helper's parameters.
    parameters: &'a [SlotId],
    copied: Vec<Copied>,
    /// Slots that hold places.
    places: Vec<(SlotId, Root)>,
    /// The parameters that were assigned to in part.
    assigned: BTreeSet<usize>,
    /// Whether a loop is gone through again that the statement stands in.
    in_loop: bool,
    /// Whether nothing is said: the text is another one than the source.
    is_silent: bool,
}

/// The warnings for the bodies of a function, and for the helpers that they call.
pub(crate) fn stale_copies<'a>(function: Examined<'a>, bodies: [&'a [TypedStatement]; 3]) -> Vec<Diagnostic> {
    let is_place = |ty: Type| function.types.kept_form(ty).is_some();
    let has_place = |slots: &[Slot], of: &[SlotId]| of.iter().any(|slot| is_place(slots[slot.0 as usize].ty));
    if !function.variables.iter().any(|(_, model)| is_place(model.ty))
        && !function.helpers.iter().any(|helper| has_place(&helper.function.slots, &helper.parameters))
    {
        return Vec::new();
    }
    let mut known = Known { function, helpers: HashMap::new(), found: Vec::new() };
    for body in bodies {
        Walk::new(&mut known, (function.variables, function.slots), &[]).block(body);
    }
    known.found
}

impl<'a, 'k> Walk<'a, 'k> {
    fn new(
        known: &'k mut Known<'a>,
        (variables, slots): (&'a Variables, &'a [Slot]),
        parameters: &'a [SlotId],
    ) -> Self {
        let places = parameters.iter().enumerate().map(|(position, slot)| (*slot, Root::Parameter(position))).collect();
        Self {
            known,
            variables,
            slots,
            parameters,
            copied: Vec::new(),
            places,
            assigned: BTreeSet::new(),
            in_loop: false,
            is_silent: false,
        }
    }

    fn is_place(&self, ty: Type) -> bool {
        self.known.function.types.kept_form(ty).is_some()
    }

    fn block(&mut self, statements: &'a [TypedStatement]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &'a TypedStatement) {
        if let Some(value) = statement.value() {
            self.expression(value);
        }
        match &statement.kind {
            TypedStatementKind::SetSlot { slot, local, value } => self.set(*slot, *local, value),
            // The name keeps what was there before: in Python too, where the state is another object then.
            TypedStatementKind::StoreVariable { variable, .. } => {
                self.copied.retain(|copied| copied.of != Root::Variable(*variable));
            }
            TypedStatementKind::Unbind(local) => self.copied.retain(|copied| copied.local != *local),
            // Not at every level at once, which would double the work with every level: of what is gone through again, inner
            // loops are gone through once.
            TypedStatementKind::Loop { test, body, .. } if !self.in_loop => {
                self.in_loop = true;
                self.block(body);
                self.expression(test);
                self.block(body);
                self.in_loop = false;
            }
            _ => {}
        }
        statement.blocks().into_iter().for_each(|block| self.block(block));
    }

    fn set(&mut self, slot: SlotId, local: Option<LocalId>, value: &TypedExpression) {
        if let Some(local) = local {
            self.copied.retain(|copied| copied.local != local);
        }
        if self.is_place(value.ty) {
            let roots = self.roots(value);
            self.places.retain(|(held, _)| *held != slot);
            self.places.extend(roots.into_iter().map(|of| (slot, of)));
            return;
        }
        let mut bound = value;
        while let TypedExpressionKind::Sequence { value, .. } = &bound.kind {
            bound = value;
        }
        if let (TypedExpressionKind::Cast(place), Some(local)) = (&bound.kind, local) {
            let (roots, path) = (self.roots(place), self.path(place));
            let copies = roots.into_iter().map(|of| Copied { of, path: path.clone(), local, slot, span: bound.span });
            self.copied.extend(copies);
        }
    }

    /// Goes through what is evaluated, in its order.
    fn expression(&mut self, value: &'a TypedExpression) {
        if let TypedExpressionKind::Sequence { statements, .. } = &value.kind {
            self.block(statements);
        }
        value.operands().into_iter().for_each(|operand| self.expression(operand));
        match &value.kind {
            TypedExpressionKind::Call { resolution, arguments } => {
                let registry = self.known.function.context.registry();
                for operand in registry.assigned_operands(resolution) {
                    if let Some(place) = arguments.get(resolution.argument_of(*operand)) {
                        let path = match (&resolution.callable, &resolution.attribute) {
                            (None, Some(field)) => self.field_path(place, field),
                            _ => self.path(place),
                        };
                        self.assigned((place, path), value.span, None);
                    }
                }
            }
            TypedExpressionKind::HelperCall { helper, arguments, positions } => {
                let name = self.known.function.helpers.get(helper.0 as usize);
                let name = name.map(|helper| &*helper.function.function.name);
                for parameter in self.assigned_by(*helper).iter() {
                    if let Some(place) = positions.get(*parameter).and_then(|position| arguments.get(*position)) {
                        self.assigned((place, self.path(place)), value.span, name);
                    }
                }
            }
            _ => {}
        }
    }

    /// The parameters that a helper assigns to parts of.
    fn assigned_by(&mut self, helper: SpecialisationId) -> Rc<BTreeSet<usize>> {
        if let Some(assigned) = self.known.helpers.get(&helper) {
            return Rc::clone(assigned);
        }
        self.known.helpers.insert(helper, Rc::default());
        let Some(typed) = self.known.function.helpers.get(helper.0 as usize) else { return Rc::default() };
        let function = &typed.function;
        let mut walk = Walk::new(self.known, (&function.variables, &function.slots), &typed.parameters);
        walk.is_silent = typed.is_foreign;
        walk.block(&function.body);
        let assigned = Rc::new(walk.assigned);
        self.known.helpers.insert(helper, Rc::clone(&assigned));
        assigned
    }

    /// A part of a place is assigned to, by a helper perhaps.
    fn assigned(&mut self, (place, path): (&TypedExpression, Path), span: Span, helper: Option<&str>) {
        let written = self.roots(place);
        if written.is_empty() {
            return;
        }
        self.assigned.extend(written.iter().filter_map(|root| match root {
            Root::Parameter(position) => Some(*position),
            Root::Variable(_) => None,
        }));
        let (stale, other): (Vec<Copied>, Vec<Copied>) = std::mem::take(&mut self.copied)
            .into_iter()
            .partition(|copied| written.contains(&copied.of) && meet(&copied.path, &path));
        self.copied = other;
        let found = &mut self.known.found;
        for Copied { of, path, slot, span: copy, .. } in stale {
            if self.is_silent || found.len() >= MOST_WARNINGS || found.iter().any(|known| known.span == copy) {
                continue;
            }
            let slot_name = |slot: SlotId| &self.slots[slot.0 as usize].name;
            let (name, of) = match of {
                Root::Variable(variable) => (slot_name(slot), &*self.variables.get(variable).name),
                Root::Parameter(position) => (slot_name(slot), &**slot_name(self.parameters[position])),
            };
            let of = path.into_iter().flatten().fold(of.to_owned(), |of, field| match field {
                Some(field) => format!("{of}.{field}"),
                None => format!("{of}[…]"),
            });
            let message = format!("`{name}` holds a copy of `{of}`, which is assigned to in part later");
            let note = match helper {
                Some(helper) => format!("here, in `{helper}`, which the name does not see"),
                None => "here, which the name does not see".to_owned(),
            };
            let diagnostic = Diagnostic::warning(codes::STALE_COPY, copy, message).note(span, note);
            found.push(diagnostic.hint(format!("read `{of}` itself where its latest values are meant")));
        }
    }

    /// How a place is found from its root.
    fn path(&self, place: &TypedExpression) -> Path {
        match &place.kind {
            TypedExpressionKind::Variable(_) => Some(SmallVec::new()),
            TypedExpressionKind::Slot(slot) if self.parameters.contains(slot) => Some(SmallVec::new()),
            TypedExpressionKind::Sequence { value, .. } => self.path(value),
            TypedExpressionKind::Call { resolution, arguments } => {
                let base = arguments.get(resolution.argument_of(0))?;
                if let Some(field) = &resolution.attribute {
                    return self.field_path(base, field);
                }
                let parts = self.known.function.types.memory_layout(base.ty)?.parts();
                let is_inside = parts.first().is_some_and(|part| part.form != FieldForm::Address);
                let mut path = self.path(base).filter(|_| is_inside)?;
                path.push(None);
                Some(path)
            }
            _ => None,
        }
    }

    fn field_path(&self, base: &TypedExpression, field: &Name) -> Path {
        let layout = self.known.function.types.memory_layout(base.ty)?.as_struct()?;
        let mut path = self.path(base)?;
        path.push(Some(Name::clone(field)));
        (layout.field(field)?.form != FieldForm::Address).then_some(path)
    }

    /// What a place is, or lies in; several where it may be one of them.
    fn roots(&self, place: &TypedExpression) -> SmallVec<[Root; 1]> {
        match &place.kind {
            _ if !self.is_place(place.ty) => SmallVec::new(),
            TypedExpressionKind::Variable(variable) => smallvec![Root::Variable(*variable)],
            TypedExpressionKind::Slot(slot) => {
                self.places.iter().filter(|(held, _)| held == slot).map(|(_, root)| *root).collect()
            }
            TypedExpressionKind::Sequence { value, .. } => self.roots(value),
            TypedExpressionKind::Conditional { body, or_else, .. } => {
                let mut roots = self.roots(body);
                roots.extend(self.roots(or_else));
                roots
            }
            // A field or element that is a place.
            TypedExpressionKind::Call { resolution, arguments } => {
                arguments.get(resolution.argument_of(0)).map_or_else(SmallVec::new, |base| self.roots(base))
            }
            _ => SmallVec::new(),
        }
    }
}

/// Whether one of two places of one root may be the other, or lie in it.
fn meet(one: &Path, other: &Path) -> bool {
    let (Some(one), Some(other)) = (one, other) else { return true };
    one.iter().zip(other).all(|(one, other)| one == other || one.is_none() || other.is_none())
}
