//! Containers that two states would hold: a state owns what it holds, however it came there.
//!
//! Goes through the typed statements in the order in which they run, and notes which containers each owned component of a
//! slot, and each state, may have; loops until nothing new comes to their heads. What cannot be told apart counts as one
//! container. An operation on a container gives another one; one on what has containers in it, such as a tuple or an
//! iteration, may give one of those.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use cfunc_context::{CompilationContext, Operation, Resolution};
use cfunc_models::{Diagnostic, Span, Type, TypeTable, Value, VariableId, codes};
use cfunc_sources::{VariableSource, Variables};
use cfunc_syntax::ast::Name;

use crate::typed::{
    EdgeConversion, EdgeId, Fallback, Selection, Slot, SlotId, SpecialisationId, TypedExpression, TypedExpressionKind,
    TypedHelper, TypedStatement, TypedStatementKind, TypedTry,
};

/// How many statements are gone through at most. Beyond it nothing more is found, and what is shared is safe still: at run
/// time containers count their users.
const MOST_STATEMENTS: usize = 200_000;

/// Which container, as far as it is told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Container {
    /// What a state had at first.
    Initial(VariableId),
    /// A constant, of which a call has one value, by its number.
    Constant(u32),
    /// Of a helper: a component of an argument.
    Argument(u32, u32),
    /// What an expression made when it ran last.
    Made(u32),
    /// What it made before.
    Earlier(u32),
}

type Containers = BTreeSet<Container>;

/// What each owned component of a value may be.
type Parts = Vec<Containers>;

/// What slots and states may have.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Holders {
    slots: BTreeMap<SlotId, Parts>,
    states: BTreeMap<VariableId, Containers>,
}

impl Holders {
    fn join(&mut self, other: &Self) {
        for (slot, parts) in &other.slots {
            join_parts(self.slots.entry(*slot).or_default(), parts);
        }
        for (state, containers) in &other.states {
            self.states.entry(*state).or_default().extend(containers);
        }
    }

    fn all(&mut self) -> impl Iterator<Item = &mut Containers> {
        self.slots.values_mut().flatten().chain(self.states.values_mut())
    }
}

fn join_parts(parts: &mut Parts, others: &[Containers]) {
    if parts.len() < others.len() {
        parts.resize(others.len(), Containers::new());
    }
    for (part, other) in parts.iter_mut().zip(others) {
        part.extend(other);
    }
}

fn join(place: &mut Option<Holders>, other: Option<Holders>) {
    match (place.as_mut(), other) {
        (Some(place), Some(other)) => place.join(&other),
        (None, other) => *place = other,
        (Some(_), None) => {}
    }
}

/// A function whose bodies are looked at.
#[derive(Clone, Copy)]
pub(crate) struct Examined<'a> {
    pub(crate) context: &'a CompilationContext,
    pub(crate) types: &'a TypeTable,
    pub(crate) variables: &'a Variables,
    pub(crate) slots: &'a [Slot],
    pub(crate) edges: &'a [Vec<EdgeConversion>],
    pub(crate) helpers: &'a [TypedHelper],
}

/// The diagnostics of the bodies of a function: each names a state that would get the container of another one.
pub(crate) fn shared_containers(function: Examined<'_>, bodies: [&[TypedStatement]; 3]) -> Vec<Diagnostic> {
    let states = function
        .variables
        .iter()
        .filter(|(_, model)| matches!(model.source, VariableSource::State { .. }) && function.is_container(model.ty));
    let states: BTreeMap<VariableId, Containers> =
        states.map(|(id, _)| (id, Containers::from([Container::Initial(id)]))).collect();
    if states.len() < 2 {
        return Vec::new();
    }
    let mut known = Known::default();
    for body in bodies {
        let now = Holders { slots: BTreeMap::new(), states: states.clone() };
        let mut walk = Walk::new(function, now, &mut known);
        walk.block(body);
    }
    known.found.into_values().collect()
}

impl Examined<'_> {
    fn is_container(&self, ty: Type) -> bool {
        self.context.registry().constant_copy(self.types, ty).is_some()
    }

    /// The types of the owned components of a type.
    fn components(&self, ty: Type) -> Vec<Type> {
        self.context.registry().owned_components(self.types, ty).iter().map(|component| component.ty).collect()
    }
}

/// What is known over all bodies.
#[derive(Default)]
struct Known {
    /// What helpers give, of their arguments and of what they make.
    results: HashMap<SpecialisationId, Parts>,
    /// Numbers of what makes containers: where, and of a call of a helper also which.
    sites: HashMap<(usize, Option<Container>), u32>,
    constants: HashMap<Name, u32>,
    /// By place and state, so that no round of a loop says it again.
    found: BTreeMap<(u32, u32, VariableId), Diagnostic>,
    visited: usize,
}

impl Known {
    fn site(&mut self, place: &TypedExpression, inner: Option<Container>) -> u32 {
        let next = u32::try_from(self.sites.len()).unwrap_or(u32::MAX);
        *self.sites.entry((std::ptr::from_ref(place) as usize, inner)).or_insert(next)
    }

    fn constant(&mut self, name: &Name) -> Container {
        let next = u32::try_from(self.constants.len()).unwrap_or(u32::MAX);
        Container::Constant(*self.constants.entry(Name::clone(name)).or_insert(next))
    }
}

#[derive(Default)]
struct LoopFrame {
    breaks: Option<Holders>,
    continues: Option<Holders>,
}

struct Walk<'a, 'k> {
    function: Examined<'a>,
    known: &'k mut Known,
    /// `None` where the statement is not reached.
    now: Option<Holders>,
    loops: Vec<LoopFrame>,
    /// For each `try` around the statement, what anything had since it was entered.
    failing: Vec<Holders>,
    /// For each `try` with `finally`, what anything has where a jump leaves it.
    leaving: Vec<Option<Holders>>,
    /// What came to the heads of loops so far: an inner loop begins with it when an outer one goes round again.
    heads: HashMap<usize, Holders>,
    /// States that got something since the last check, and where.
    stored: Vec<(VariableId, Span)>,
}

impl<'a, 'k> Walk<'a, 'k> {
    fn new(function: Examined<'a>, now: Holders, known: &'k mut Known) -> Self {
        Self {
            function,
            known,
            now: Some(now),
            loops: Vec::new(),
            failing: Vec::new(),
            leaving: Vec::new(),
            heads: HashMap::new(),
            stored: Vec::new(),
        }
    }

    // Statements.

    fn block(&mut self, statements: &[TypedStatement]) {
        for (index, statement) in statements.iter().enumerate() {
            self.known.visited += 1;
            if self.now.is_none() || self.known.visited > MOST_STATEMENTS {
                return;
            }
            self.statement(statement);
            // States that change places hold one container for a moment, in which nothing else happens.
            let goes_on = statements.get(index + 1).is_some_and(|next| {
                matches!(&next.kind, TypedStatementKind::StoreVariable { value, .. }
                    if matches!(value.kind, TypedExpressionKind::Slot(_)))
            });
            if !goes_on {
                self.check();
            }
        }
    }

    fn statement(&mut self, statement: &TypedStatement) {
        match &statement.kind {
            TypedStatementKind::SetSlot { slot, value, .. } => {
                let parts = self.value(value);
                self.set(*slot, parts);
            }
            TypedStatementKind::StoreVariable { variable, value } => {
                let parts = self.value(value);
                self.store(*variable, parts, value.span);
            }
            TypedStatementKind::If { test, body, or_else, body_edge, else_edge } => {
                self.value(test);
                let before = self.now.clone();
                self.block(body);
                self.edge(*body_edge);
                let after = std::mem::replace(&mut self.now, before);
                self.block(or_else);
                self.edge(*else_edge);
                join(&mut self.now, after);
            }
            TypedStatementKind::Loop { entry_edge, test, body, back_edge, or_else, exit_edge } => {
                self.edge(*entry_edge);
                self.rounds(std::ptr::from_ref(statement) as usize, (test, body), *back_edge);
                let breaks = self.loops.pop().and_then(|frame| frame.breaks);
                self.block(or_else);
                self.edge(*exit_edge);
                join(&mut self.now, breaks);
            }
            TypedStatementKind::Try(attempt) => self.attempt(attempt),
            TypedStatementKind::Break(edge) => {
                self.edge(*edge);
                let now = self.now.take();
                if let Some(frame) = self.loops.last_mut() {
                    join(&mut frame.breaks, now);
                }
            }
            TypedStatementKind::Continue(edge) => {
                self.edge(*edge);
                let now = self.now.take();
                if let Some(frame) = self.loops.last_mut() {
                    join(&mut frame.continues, now);
                }
            }
            TypedStatementKind::Leave { .. } => {
                let now = self.now.take();
                if let Some(leaving) = self.leaving.last_mut() {
                    join(leaving, now);
                }
            }
            TypedStatementKind::ReturnResult(edge) => {
                self.edge(*edge);
                let now = self.now.take();
                // What a helper returns counts as a way out of a loop around its body.
                if let Some(outermost) = self.loops.first_mut() {
                    join(&mut outermost.breaks, now);
                }
            }
            TypedStatementKind::Return | TypedStatementKind::Raise { .. } | TypedStatementKind::Reraise { .. } => {
                self.now = None;
            }
            TypedStatementKind::Evaluate(value) | TypedStatementKind::Assert { test: value, .. } => {
                self.value(value);
            }
            TypedStatementKind::Unbind(_) => {}
        }
    }

    /// The rounds of a loop, until nothing new comes to its head; then what holds where its test fails. The frame stays.
    fn rounds(&mut self, place: usize, (test, body): (&TypedExpression, &[TypedStatement]), back_edge: EdgeId) {
        let Some(mut head) = self.now.take() else {
            return self.loops.push(LoopFrame::default());
        };
        if let Some(before) = self.heads.get(&place) {
            head.join(before);
        }
        loop {
            self.loops.push(LoopFrame::default());
            self.now = Some(head.clone());
            self.value(test);
            let tested = self.now.clone();
            self.block(body);
            self.edge(back_edge);
            let continues = self.loops.last_mut().and_then(|frame| frame.continues.take());
            join(&mut self.now, continues);
            let mut next = head.clone();
            if let Some(end) = &self.now {
                next.join(end);
            }
            if next == head || self.known.visited > MOST_STATEMENTS {
                self.now = tested;
                break;
            }
            self.loops.pop();
            head = next;
        }
        self.heads.insert(place, head);
    }

    fn attempt(&mut self, attempt: &TypedTry) {
        let Some(before) = self.now.clone() else { return };
        if attempt.finally.is_some() {
            self.leaving.push(None);
        }
        self.failing.push(before);
        self.block(&attempt.body);
        let failed = self.failing.last().cloned();
        self.block(&attempt.or_else);
        self.edge(attempt.body_edge);
        let mut end = self.now.take();
        for handler in &attempt.handlers {
            self.now.clone_from(&failed);
            handler.selections.iter().for_each(|selection| self.select(selection));
            self.block(&handler.body);
            self.edge(handler.edge);
            join(&mut end, self.now.take());
        }
        let anything = self.failing.pop();
        self.now = end;
        let Some(finally) = &attempt.finally else { return };
        let goes_on = self.now.is_some();
        join(&mut self.now, anything);
        let left = self.leaving.pop().flatten();
        join(&mut self.now, left);
        finally.selections.iter().for_each(|selection| self.select(selection));
        self.block(&finally.body);
        let after = self.now.take();
        for exit in &finally.exits {
            self.now.clone_from(&after);
            self.block(exit);
        }
        self.now = after.filter(|_| goes_on);
    }

    fn select(&mut self, selection: &Selection) {
        let mut parts = Parts::new();
        for from in &selection.from {
            let held = self.adapted(self.held(*from), self.slot_type(selection.to));
            join_parts(&mut parts, &held);
        }
        self.set(selection.to, parts);
    }

    fn edge(&mut self, edge: EdgeId) {
        let edges = self.function.edges;
        for EdgeConversion { from, to } in edges.get(edge.0 as usize).into_iter().flatten() {
            let parts = self.adapted(self.held(*from), self.slot_type(*to));
            self.set(*to, parts);
        }
    }

    // What slots and states have.

    fn slot_type(&self, slot: SlotId) -> Type {
        self.function.slots.get(slot.0 as usize).map_or(Type::NONE, |slot| slot.ty)
    }

    fn held(&self, slot: SlotId) -> Parts {
        self.now.as_ref().and_then(|now| now.slots.get(&slot)).cloned().unwrap_or_default()
    }

    fn set(&mut self, slot: SlotId, parts: Parts) {
        let Some(now) = &mut self.now else { return };
        if parts.is_empty() && !now.slots.contains_key(&slot) {
            return;
        }
        for failing in &mut self.failing {
            join_parts(failing.slots.entry(slot).or_default(), &parts);
        }
        now.slots.insert(slot, parts);
    }

    fn store(&mut self, variable: VariableId, parts: Parts, span: Span) {
        let Some(now) = &mut self.now else { return };
        if !now.states.contains_key(&variable) {
            return;
        }
        let held: Containers = parts.into_iter().flatten().collect();
        for failing in &mut self.failing {
            failing.states.entry(variable).or_default().extend(&held);
        }
        now.states.insert(variable, held);
        self.stored.push((variable, span));
    }

    /// Reports what two states hold since the last check.
    fn check(&mut self) {
        let stored = std::mem::take(&mut self.stored);
        let Some(now) = &self.now else { return };
        for (variable, span) in stored {
            let Some(held) = now.states.get(&variable) else { continue };
            let mut others = now.states.iter().filter(|(other, _)| **other != variable);
            let Some((other, _)) = others.find(|(_, containers)| !containers.is_disjoint(held)) else { continue };
            let variables = self.function.variables;
            let (name, other) = (&variables.get(variable).name, &variables.get(*other).name);
            let message = format!("the states `{name}` and `{other}` would hold one container");
            let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, span, message)
                .expected("a container that no other state has")
                .hint(format!("give `{name}` a copy: `copy()`"));
            self.known.found.entry((span.start, span.end, variable)).or_insert(diagnostic);
        }
    }

    /// What an expression made is another container than what it made before.
    fn make(&mut self, site: u32) -> Containers {
        let (made, earlier) = (Container::Made(site), Container::Earlier(site));
        for containers in self.now.iter_mut().flat_map(Holders::all) {
            if containers.remove(&made) {
                containers.insert(earlier);
            }
        }
        for containers in self.failing.iter_mut().flat_map(Holders::all) {
            if containers.contains(&made) {
                containers.insert(earlier);
            }
        }
        Containers::from([made])
    }

    // Expressions.

    /// Runs an expression, and gives what its owned components may be.
    fn value(&mut self, value: &TypedExpression) -> Parts {
        match &value.kind {
            TypedExpressionKind::Slot(slot) => self.held(*slot),
            TypedExpressionKind::CheckedSlot { slot, fallback, .. } => {
                let mut parts = self.adapted(self.held(*slot), value.ty);
                if let Fallback::Value(below) = fallback {
                    let below = self.value(below);
                    join_parts(&mut parts, &below);
                }
                parts
            }
            TypedExpressionKind::Variable(variable) => self.variable(*variable),
            TypedExpressionKind::Conditional { test, body, or_else, edges } => {
                self.value(test);
                let before = self.now.clone();
                let mut parts = self.value(body);
                edges.iter().for_each(|edges| self.edge(edges[0]));
                let after = std::mem::replace(&mut self.now, before);
                let other = self.value(or_else);
                edges.iter().for_each(|edges| self.edge(edges[1]));
                join(&mut self.now, after);
                join_parts(&mut parts, &other);
                parts
            }
            TypedExpressionKind::ShortCircuit { left, right, edges, .. } => {
                let left = self.value(left);
                let mut parts = self.adapted(left, value.ty);
                let mut before = self.now.clone();
                std::mem::swap(&mut before, &mut self.now);
                edges.iter().for_each(|edges| self.edge(edges[0]));
                std::mem::swap(&mut before, &mut self.now);
                let right = self.value(right);
                edges.iter().for_each(|edges| self.edge(edges[1]));
                join(&mut self.now, before);
                join_parts(&mut parts, &right);
                parts
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.block(statements);
                self.value(value)
            }
            TypedExpressionKind::Call { resolution, arguments } => {
                let given: Vec<Parts> = arguments.iter().map(|argument| self.value(argument)).collect();
                self.result(value, resolution, arguments, &given)
            }
            TypedExpressionKind::HelperCall { helper, arguments, positions } => {
                let given: Vec<Parts> = arguments.iter().map(|argument| self.value(argument)).collect();
                self.helper_result(value, *helper, &given, positions)
            }
            TypedExpressionKind::Cast(operand) => {
                let parts = self.value(operand);
                if parts.is_empty() { self.made(value) } else { self.adapted(parts, value.ty) }
            }
            TypedExpressionKind::Constant(_) => self.made(value),
            TypedExpressionKind::AbiElementAt { index, .. } | TypedExpressionKind::InputAt { index, .. } => {
                self.value(index);
                Parts::new()
            }
            TypedExpressionKind::Comparisons { first, rest } => {
                self.value(first);
                rest.iter().for_each(|comparison| {
                    self.value(&comparison.right);
                });
                Parts::new()
            }
            TypedExpressionKind::Not(operand) => {
                self.value(operand);
                Parts::new()
            }
            TypedExpressionKind::AbiElement { .. } | TypedExpressionKind::AbiParameter(_) => Parts::new(),
        }
    }

    fn variable(&mut self, variable: VariableId) -> Parts {
        let model = self.function.variables.get(variable);
        if let Some(held) = self.now.as_ref().and_then(|now| now.states.get(&variable)) {
            return vec![held.clone()];
        }
        if matches!(model.source, VariableSource::Constant(_)) && self.function.is_container(model.ty) {
            return vec![Containers::from([self.known.constant(&Name::from(&*model.name))])];
        }
        Parts::new()
    }

    /// Containers that nothing else has, one for each owned component.
    fn made(&mut self, value: &TypedExpression) -> Parts {
        let count = self.function.components(value.ty).len();
        (0..count)
            .map(|component| {
                let component = Container::Argument(0, u32::try_from(component).unwrap_or(u32::MAX));
                let site = self.known.site(value, Some(component));
                self.make(site)
            })
            .collect()
    }

    /// The components of a value that is converted to a type.
    fn adapted(&self, parts: Parts, ty: Type) -> Parts {
        let count = self.function.components(ty).len();
        if parts.is_empty() || parts.len() == count {
            return parts;
        }
        let all: Containers = parts.into_iter().flatten().collect();
        vec![all; count]
    }

    /// What a call gives: of tuples what they are made of, or what is taken out; else what is among the arguments'
    /// components; else something new.
    fn result(
        &mut self,
        value: &TypedExpression,
        resolution: &Resolution,
        arguments: &[TypedExpression],
        given: &[Parts],
    ) -> Parts {
        let wanted = self.function.components(value.ty);
        if wanted.is_empty() {
            return Parts::new();
        }
        let is = |operation: Operation| resolution.callable == Some(operation.id());
        if is(Operation::MakeTuple) || is(Operation::Unpack) || is(Operation::UnpackStarred) {
            let parts: Parts = given.iter().flatten().cloned().collect();
            if parts.len() == wanted.len() {
                return parts;
            }
        }
        if is(Operation::GetItem)
            && let Some(parts) = self.element(arguments, given, wanted.len())
        {
            return parts;
        }
        let mut parts = vec![Containers::new(); wanted.len()];
        let is_container = self.function.is_container(value.ty);
        for (argument, given) in arguments.iter().zip(given) {
            if is_container && self.function.is_container(argument.ty) {
                continue;
            }
            for (ty, held) in self.function.components(argument.ty).iter().zip(given) {
                for (part, _) in parts.iter_mut().zip(&wanted).filter(|(_, wanted)| *wanted == ty) {
                    part.extend(held);
                }
            }
        }
        if parts.iter().all(Containers::is_empty) { self.made(value) } else { parts }
    }

    /// The components of an element of a constant index, where those of the whole are those of its parameters in order.
    fn element(&self, arguments: &[TypedExpression], given: &[Parts], count: usize) -> Option<Parts> {
        let ([base, index], [parts, ..]) = (arguments, given) else { return None };
        let Some(Value::Integer(index)) = index.constant else { return None };
        let elements = &self.function.types.definition(base.ty).parameters;
        let length = i64::try_from(elements.len()).ok()?;
        let index = usize::try_from(if index < 0 { index.checked_add(length)? } else { index }).ok()?;
        let counts: Vec<usize> = elements.iter().map(|ty| self.function.components(*ty).len()).collect();
        if self.function.is_container(base.ty)
            || counts.iter().sum::<usize>() != parts.len()
            || counts.get(index) != Some(&count)
        {
            return None;
        }
        let first: usize = counts.iter().take(index).sum();
        parts.get(first..first + count).map(<[Containers]>::to_vec)
    }

    fn helper_result(
        &mut self,
        call: &TypedExpression,
        helper: SpecialisationId,
        given: &[Parts],
        positions: &[usize],
    ) -> Parts {
        if self.function.components(call.ty).is_empty() {
            return Parts::new();
        }
        let results = self.results_of(helper);
        let mut parts = Parts::with_capacity(results.len());
        for result in &results {
            let mut part = Containers::new();
            for container in result {
                match *container {
                    Container::Argument(parameter, component) => {
                        let position = positions.get(parameter as usize).copied();
                        let argument = position.and_then(|position| given.get(position));
                        let held = argument.and_then(|argument| argument.get(component as usize));
                        part.extend(held.into_iter().flatten());
                    }
                    Container::Constant(_) | Container::Initial(_) => {
                        part.insert(*container);
                    }
                    Container::Made(_) | Container::Earlier(_) => {
                        let site = self.known.site(call, Some(*container));
                        part.insert(Container::Made(site));
                    }
                }
            }
            parts.push(part);
        }
        let made: Containers =
            parts.iter().flatten().filter(|container| matches!(container, Container::Made(_))).copied().collect();
        let results = results.iter().flatten();
        let inner: Vec<u32> = results
            .filter(|container| matches!(container, Container::Made(_) | Container::Earlier(_)))
            .map(|container| self.known.site(call, Some(*container)))
            .filter(|site| made.contains(&Container::Made(*site)))
            .collect();
        for site in inner {
            self.make(site);
        }
        parts
    }

    /// What a helper gives, of its arguments; nothing calls itself.
    fn results_of(&mut self, helper: SpecialisationId) -> Parts {
        if let Some(known) = self.known.results.get(&helper) {
            return known.clone();
        }
        let Some(typed) = self.function.helpers.get(helper.0 as usize) else { return Parts::new() };
        let function = Examined {
            variables: &typed.function.variables,
            slots: &typed.function.slots,
            edges: &typed.function.edges,
            ..self.function
        };
        let mut now = Holders::default();
        for (parameter, slot) in (0u32..).zip(&typed.parameters) {
            let ty = function.slots.get(slot.0 as usize).map_or(Type::NONE, |slot| slot.ty);
            let parts = (0u32..).zip(function.components(ty));
            let parts = parts.map(|(component, _)| Containers::from([Container::Argument(parameter, component)]));
            now.slots.insert(*slot, parts.collect());
        }
        let mut walk = Walk::new(function, now, self.known);
        // The ways out of the body meet as those out of a loop do.
        walk.loops.push(LoopFrame::default());
        walk.block(&typed.function.body);
        let returned = walk.loops.pop().and_then(|frame| frame.breaks);
        let parts = returned.and_then(|returned| returned.slots.get(&typed.result).cloned()).unwrap_or_default();
        self.known.results.insert(helper, parts.clone());
        parts
    }
}
