//! `try`, `raise` and `assert`: which errors, and what locals are bound to where they are stopped.
//!
//! A failure leaves the middle of a block, without an edge that could convert values. A handler therefore sees a local
//! bound to what every place that may fail saw it bound to: always the same slot, or some slot on some paths, or slots of
//! several types. Where these have one type in common, the handler begins with a selection: which slot was set last is
//! known at run time, and its value is converted. `finally` is typed once, in what all ways into it have in common; each
//! way on from it has its own bindings again, but for those that `finally` made.

use cfunc_models::{Diagnostic, NodeErrorKind, Span, Type, Value, codes};
use cfunc_syntax::ast::{
    Binding, ExceptHandler, Expression, ExpressionKind, Intrinsic, LocalId, Name, Statement, StatementKind,
};

use crate::environment::{Bound, Changes, Mark, TryMark};
use crate::infer::Inference;
use crate::typed::{
    EdgeId, Selection, SlotId, TypedFinally, TypedHandler, TypedStatement, TypedStatementKind, TypedTry,
};

/// The parts of a `try`.
pub(crate) struct TryParts<'s> {
    pub(crate) body: &'s [Statement],
    pub(crate) handlers: &'s [ExceptHandler],
    pub(crate) or_else: &'s [Statement],
    pub(crate) finally: &'s [Statement],
}

/// A `try` with `finally` whose other parts are being typed.
#[derive(Debug)]
pub(crate) struct FinallyFrame {
    /// How many loops are around it.
    loops: usize,
    /// Where it was entered.
    mark: Mark,
    /// The jumps that leave it.
    pub(crate) exits: Vec<PendingExit>,
}

/// A jump that runs a `finally` first.
#[derive(Debug)]
pub(crate) struct PendingExit {
    statement: Statement,
    /// What was bound since the `try` was entered.
    changes: Changes,
}

/// What locals are bound to where control comes from several places.
#[derive(Debug, Default)]
struct Met {
    changes: Changes,
    selections: Vec<Selection>,
}

/// What runs because of an error.
#[derive(Debug)]
pub(crate) enum Handling {
    /// A clause, with the local after `as`.
    Clause(Option<LocalId>),
    /// A `finally`, which runs without errors too.
    Finally,
}

impl Inference<'_> {
    // raise and assert.

    pub(crate) fn raise(
        &mut self,
        exception: Option<&Expression>,
        cause: Option<&Expression>,
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        let kind = match exception {
            None => self.raise_again(None, span),
            Some(exception) => self.raised(exception),
        };
        if let Some(cause) = cause.filter(|cause| !matches!(cause.kind, ExpressionKind::Constant(Value::None))) {
            // An error has no cause here; what is written must still be an exception.
            let _raised = self.raised(cause);
        }
        self.environment.may_fail();
        if let Some(kind) = kind {
            out.push(TypedStatement { span, kind });
        }
        self.environment.reachable = false;
    }

    fn raised(&mut self, exception: &Expression) -> Option<TypedStatementKind> {
        match &exception.kind {
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. } => None,
            ExpressionKind::Name { binding: Binding::Local(local), .. }
                if self
                    .handling
                    .iter()
                    .any(|handling| matches!(handling, Handling::Clause(Some(name)) if name == local)) =>
            {
                self.raise_again(Some(*local), exception.span)
            }
            ExpressionKind::Call { function, arguments, keywords } => {
                let kind = self.exception_class(function)?;
                let message = match (arguments.as_slice(), keywords.as_slice()) {
                    ([], []) => String::new(),
                    ([message], []) => self.message(message)?,
                    // Python shows several as the tuple that they are.
                    (messages, []) => {
                        let messages: Option<Vec<Value>> =
                            messages.iter().map(|message| self.known_message(message)).collect();
                        message_of_several(&messages?)
                    }
                    _ => {
                        let message = format!("`{}` takes no keyword arguments", kind.name());
                        let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, exception.span, message);
                        let diagnostic = diagnostic.expected("no argument, or a text that is known at compile time");
                        self.report(diagnostic.hint("write the text alone"));
                        return None;
                    }
                };
                Some(TypedStatementKind::Raise { kind, message })
            }
            _ => {
                let kind = self.exception_class(exception)?;
                Some(TypedStatementKind::Raise { kind, message: String::new() })
            }
        }
    }

    /// `raise` alone, or of the name of a clause.
    fn raise_again(&mut self, name: Option<LocalId>, span: Span) -> Option<TypedStatementKind> {
        let mut clause = None;
        let mut count = 0;
        for handling in &self.handling {
            match handling {
                Handling::Clause(local) => {
                    if name.is_none() || *local == name {
                        clause = Some(count);
                    }
                    count += 1;
                }
                Handling::Finally => {}
            }
        }
        if name.is_none() && matches!(self.handling.last(), Some(Handling::Finally)) {
            let message = "`raise` alone in a `finally`, which also runs where there is no error";
            let diagnostic = Diagnostic::error(codes::UNSUPPORTED, span, message);
            self.report(diagnostic.hint("leave it out: an error that nothing stops goes on after `finally`"));
            return None;
        }
        let Some(clause) = clause else {
            let (kind, message) = (NodeErrorKind::RuntimeError, "No active exception to reraise".to_owned());
            return Some(TypedStatementKind::Raise { kind, message });
        };
        Some(TypedStatementKind::Reraise { clause })
    }

    /// The kind of a class of exceptions; reported where the expression is none.
    fn exception_class(&mut self, expression: &Expression) -> Option<NodeErrorKind> {
        if matches!(expression.kind, ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. }) {
            return None;
        }
        let kind = self.global_of(expression).and_then(|id| self.context.globals().get(id).exception);
        if kind.is_none() {
            let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, expression.span, "this is no class of exceptions");
            let diagnostic = diagnostic.expected("a class such as `ValueError`");
            self.report(diagnostic.hint("name one of Python's exception classes"));
        }
        kind
    }

    /// The text of a message, which is known at compile time.
    fn message(&mut self, expression: &Expression) -> Option<String> {
        match self.known_message(expression)? {
            Value::Text(text) => Some(text),
            value => Some(value.to_string()),
        }
    }

    fn known_message(&mut self, expression: &Expression) -> Option<Value> {
        let typed = self.expression(expression);
        match &typed.constant {
            Some(value) => Some(value.clone()),
            None if self.is_poison(&typed) => None,
            None => {
                let message = "the message of an error is computed at run time";
                let diagnostic = Diagnostic::error(codes::UNSUPPORTED, typed.span, message);
                let diagnostic = diagnostic.expected("a text that is known at compile time");
                self.report(diagnostic.hint("write a literal, and `print` the values that matter"));
                None
            }
        }
    }

    pub(crate) fn assert(
        &mut self,
        test: &Expression,
        message: Option<&Expression>,
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        let test = self.condition(test);
        let message = message.map_or(Some(String::new()), |message| self.message(message));
        let Some(message) = message else { return };
        self.environment.may_fail();
        if test.constant == Some(Value::Boolean(false)) {
            let kind = TypedStatementKind::Raise { kind: NodeErrorKind::AssertionError, message };
            out.push(TypedStatement { span, kind });
            self.environment.reachable = false;
            return;
        }
        out.push(TypedStatement { span, kind: TypedStatementKind::Assert { test, message } });
    }

    // try.

    /// Leaves through a `finally`, where the jump has one in its way.
    pub(crate) fn leave_finally(&mut self, statement: &Statement, out: &mut Vec<TypedStatement>) -> bool {
        let loops = self.loops.len();
        let Some(frame) = self.finallies.last() else { return false };
        if !matches!(statement.kind, StatementKind::Return(_)) && loops > frame.loops {
            return false;
        }
        let changes = self.environment.changes_since(frame.mark);
        let exit = u32::try_from(frame.exits.len()).unwrap_or(u32::MAX);
        if let Some(frame) = self.finallies.last_mut() {
            frame.exits.push(PendingExit { statement: statement.clone(), changes });
        }
        out.push(TypedStatement { span: statement.span, kind: TypedStatementKind::Leave { exit } });
        self.environment.reachable = false;
        true
    }

    pub(crate) fn try_statement(&mut self, parts: &TryParts<'_>, span: Span, out: &mut Vec<TypedStatement>) {
        let mark = self.environment.mark();
        let outer = (!parts.finally.is_empty()).then(|| {
            self.finallies.push(FinallyFrame { loops: self.loops.len(), mark, exits: Vec::new() });
            self.environment.enter_try()
        });
        let inner = self.environment.enter_try();
        let mut body = Vec::new();
        self.statements(parts.body, &mut body);
        let after_body = self.environment.reachable.then(|| self.environment.changes_since(mark));
        self.environment.rollback(mark);
        let seen = self.environment.leave_try(inner);
        let mut paths = Vec::with_capacity(1 + parts.handlers.len());

        let body_edge = self.new_edge();
        let mut or_else = Vec::new();
        if let Some(changes) = after_body {
            self.environment.reachable = true;
            self.bind_all(&changes);
            self.statements(parts.or_else, &mut or_else);
            if self.environment.reachable {
                paths.push((body_edge, self.environment.changes_since(mark)));
            }
            self.environment.rollback(mark);
        }
        let seen = self.combine_seen(seen, span);
        let handlers = parts.handlers.iter().map(|handler| self.handler(handler, &seen, mark, &mut paths)).collect();
        self.meet(&paths, span);
        let finally = outer.map(|entered| self.finally(parts.finally, mark, entered, span));
        let typed = TypedTry { body, handlers, or_else, body_edge, finally };
        out.push(TypedStatement { span, kind: TypedStatementKind::Try(Box::new(typed)) });
    }

    fn handler(
        &mut self,
        handler: &ExceptHandler,
        seen: &Met,
        mark: Mark,
        paths: &mut Vec<(EdgeId, Changes)>,
    ) -> TypedHandler {
        let kinds = self.stopped_kinds(handler.exception.as_ref());
        let edge = self.new_edge();
        let mut body = Vec::new();
        self.environment.reachable = true;
        self.bind_all(&seen.changes);
        let name = handler.name.as_ref().and_then(|name| self.local_of_name(name));
        let unbind = |inference: &mut Self, body: &mut Vec<TypedStatement>| {
            if let Some(local) = name
                && inference.environment.peek(local) != Bound::Never
            {
                inference.environment.bind(local, Bound::Never);
                body.push(TypedStatement { span: handler.span.head(), kind: TypedStatementKind::Unbind(local) });
            }
        };
        unbind(self, &mut body);
        self.handling.push(Handling::Clause(name));
        self.statements(&handler.body, &mut body);
        self.handling.pop();
        if self.environment.reachable {
            // As in Python, the name is gone after the clause, whatever was assigned to it.
            unbind(self, &mut body);
            paths.push((edge, self.environment.changes_since(mark)));
        }
        self.environment.rollback(mark);
        TypedHandler { kinds, selections: seen.selections.clone(), body, edge }
    }

    /// The classes of errors that a clause stops.
    fn stopped_kinds(&mut self, exception: Option<&Expression>) -> Vec<NodeErrorKind> {
        let Some(exception) = exception else { return vec![NodeErrorKind::Exception] };
        match &exception.kind {
            ExpressionKind::Tuple(classes) => {
                let mut kinds = Vec::new();
                for class in classes {
                    kinds.extend(self.exception_class(class));
                }
                kinds
            }
            _ => self.exception_class(exception).into_iter().collect(),
        }
    }

    fn finally(&mut self, statements: &[Statement], mark: Mark, entered: TryMark, span: Span) -> TypedFinally {
        let normal = self.environment.reachable.then(|| self.environment.changes_since(mark));
        self.environment.rollback(mark);
        let seen = self.environment.leave_try(entered);
        let exits = self.finallies.pop().map(|frame| frame.exits).unwrap_or_default();

        let failing = self.combine_seen(seen, span);
        let mut ways: Vec<Changes> = vec![failing.changes];
        ways.extend(normal.clone());
        ways.extend(exits.iter().map(|exit| exit.changes.clone()));
        let entry = self.common_bindings(&ways, &failing.selections, span);
        self.environment.reachable = true;
        self.bind_all(&entry.changes);
        let inside = self.environment.mark();
        let mut body = Vec::new();
        self.handling.push(Handling::Finally);
        self.statements(statements, &mut body);
        self.handling.pop();
        let completes = self.environment.reachable;
        if completes {
            // The error that it ran for goes on from its end, and sees what it bound.
            self.environment.may_fail();
        }
        let changed = self.environment.changes_since(inside);
        self.environment.rollback(mark);

        let mut typed_exits = Vec::with_capacity(exits.len());
        for exit in exits {
            let mut after = Vec::new();
            if completes {
                self.environment.reachable = true;
                self.bind_all(&exit.changes);
                self.bind_all(&changed);
                self.statements(std::slice::from_ref(&exit.statement), &mut after);
                self.environment.rollback(mark);
            }
            typed_exits.push(after);
        }
        if let Some(normal) = &normal {
            self.bind_all(normal);
            self.bind_all(&changed);
        }
        self.environment.reachable = completes && normal.is_some();
        let is_selected = |local: &LocalId| entry.selections.iter().any(|selection| selection.local == *local);
        let rebound = changed.iter().map(|(local, _)| *local).filter(is_selected).collect();
        TypedFinally { selections: entry.selections, rebound, body, exits: typed_exits }
    }

    // Bindings.

    fn bind_all(&mut self, changes: &Changes) {
        for (local, bound) in changes {
            self.environment.bind(*local, *bound);
        }
    }

    /// What a handler knows of each local, of all that failures saw of it.
    fn combine_seen(&mut self, seen: Changes, span: Span) -> Met {
        let mut met = Met::default();
        let mut seen = seen.into_iter().peekable();
        while let Some((local, bound)) = seen.next() {
            // What it was before is asked for, as by a read: it may be one of them.
            self.environment.read(local);
            let mut bounds = vec![bound];
            while let Some((_, next)) = seen.next_if(|(next, _)| *next == local) {
                bounds.push(next);
            }
            self.select(local, &bounds, Vec::new(), span, &mut met);
        }
        met
    }

    /// What several ways have in common, each by what it changed since the point where the environment stands; the first
    /// is what failures saw, which may be several slots already.
    fn common_bindings(&mut self, ways: &[Changes], failing: &[Selection], span: Span) -> Met {
        let mut locals: Vec<LocalId> = ways.iter().flatten().map(|(local, _)| *local).collect();
        locals.sort_unstable();
        locals.dedup();
        let mut met = Met::default();
        let mut positions = vec![0; ways.len()];
        for local in locals {
            let before = self.environment.read(local);
            let mut bounds = Vec::with_capacity(ways.len());
            for (way, position) in ways.iter().zip(&mut positions) {
                bounds.push(match way.get(*position) {
                    Some((changed, bound)) if *changed == local => {
                        *position += 1;
                        *bound
                    }
                    _ => before,
                });
            }
            let selected = failing.iter().find(|selection| selection.local == local);
            let from = selected.map(|selection| selection.from.clone()).unwrap_or_default();
            self.select(local, &bounds, from, span, &mut met);
        }
        met
    }

    /// Binds a local to what it is where control comes from several places, none of which converts it; `from` is what
    /// it may be in besides.
    fn select(&mut self, local: LocalId, bounds: &[Bound], mut from: Vec<SlotId>, span: Span, met: &mut Met) {
        from.extend(bounds.iter().filter_map(|bound| bound.slot()));
        // What was reported has no value.
        from.retain(|slot| self.slot_type(*slot) != Type::OBJECT);
        from.sort_unstable();
        from.dedup();
        let mut joined = bounds[0];
        for bound in &bounds[1..] {
            joined = self.join(local, joined, *bound, span);
        }
        met.changes.push((local, joined));
        if let Some(to) = joined.slot()
            && from.iter().any(|slot| *slot != to)
        {
            self.selected[local.0 as usize] = true;
            met.selections.push(Selection { local, from, to });
        }
    }

    fn local_of_name(&mut self, name: &Name) -> Option<LocalId> {
        let marked = self.marked;
        let names = self.local_names.get_or_insert_with(|| {
            (0u32..).zip(&marked.locals).map(|(id, local)| (Name::clone(&local.name), LocalId(id))).collect()
        });
        names.get(name).copied()
    }
}

/// The message of an exception with several arguments: their tuple.
fn message_of_several(arguments: &[Value]) -> String {
    let shown: Vec<String> = arguments
        .iter()
        .map(|argument| match argument {
            Value::Text(text) => quoted(text),
            other => other.to_string(),
        })
        .collect();
    format!("({})", shown.join(", "))
}

/// A text as Python's `repr` shows it.
fn quoted(text: &str) -> String {
    let quote = if text.contains('\'') && !text.contains('"') { '"' } else { '\'' };
    let mut shown = String::from(quote);
    for character in text.chars() {
        match character {
            '\\' => shown.push_str("\\\\"),
            '\n' => shown.push_str("\\n"),
            '\r' => shown.push_str("\\r"),
            '\t' => shown.push_str("\\t"),
            _ if character == quote => shown.extend(['\\', quote]),
            _ => shown.push(character),
        }
    }
    shown.push(quote);
    shown
}
