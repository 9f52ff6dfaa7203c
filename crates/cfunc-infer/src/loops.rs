//! Loops: what holds at the head is assumed, checked at every back edge, and widened until it holds.

use std::collections::{HashMap, HashSet};

use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::{LocalId, Statement};

use crate::environment::{Bound, Changes, Mark};
use crate::infer::Inference;
use crate::typed::{EdgeId, TypedExpression, TypedStatement, TypedStatementKind};
use crate::ways::{Difference, Run, Ways};

/// How often a loop is typed at most; the built-in types settle in three rounds a local, all at once.
const MAXIMUM_ROUNDS: u32 = 256;

/// The edges that leave or repeat a loop while it is being typed.
#[derive(Debug, Default)]
pub(crate) struct LoopFrame {
    pub(crate) breaks: Ways,
    pub(crate) continues: Ways,
}

/// What the back edges of a loop bring to its head.
struct Widened {
    /// Whether the loop has to be typed again.
    again: bool,
    /// Locals that only hold what was reported.
    reported: Changes,
}

/// What types the parts of a loop; called again when an assumption did not hold.
pub(crate) struct LoopParts<'s> {
    pub(crate) span: Span,
    /// The loop's statement, by its place in memory: its identity while it is typed.
    pub(crate) identity: usize,
    pub(crate) or_else: &'s [Statement],
}

impl Inference<'_> {
    /// Types a loop. `test` gives the test, `body` a round, each in the environment of the head.
    pub(crate) fn looped(
        &mut self,
        parts: &LoopParts<'_>,
        mut test: impl FnMut(&mut Self) -> TypedExpression,
        mut body: impl FnMut(&mut Self, &mut Vec<TypedStatement>),
        out: &mut Vec<TypedStatement>,
    ) {
        let mut head: Changes = Vec::new();
        if let Some(known) = self.assumptions.get(&parts.identity).cloned() {
            for (local, bound) in known {
                let entry = self.environment.read(local);
                let joined = self.join(local, entry, bound, parts.span);
                if joined != entry {
                    head.push((local, joined));
                }
            }
        }
        let mut point = self.restart_point();
        let mut rounds = 0;
        loop {
            rounds += 1;
            let entry_edge = self.new_edge();
            let back_edge = self.new_edge();
            let exit_edge = self.new_edge();
            for (local, bound) in &head {
                let entry = self.environment.peek(*local);
                self.convert_on(entry_edge, entry, *bound);
                self.environment.bind(*local, *bound);
            }
            let mark = self.environment.mark();
            // A loop may be interrupted in every round.
            self.environment.may_fail();
            self.environment.enter_loop();
            let [breaks, continues] = [self.environment.ways(), self.environment.ways()];
            self.loops.push(LoopFrame { breaks, continues });
            let typed_test = test(self);
            let after_test = self.environment.changes_since(mark);
            let mut typed_body = Vec::new();
            body(self, &mut typed_body);
            let frame = self.loops.pop().unwrap_or_default();
            let mut backs = frame.continues;
            if self.environment.reachable {
                self.environment.add_way(&mut backs, back_edge);
            }
            let consulted = self.environment.leave_loop();
            self.environment.rollback(mark);
            self.environment.reachable = true;
            let typed_uses = self.uses.len();
            let Widened { again, reported } = self.widen(&mut head, &backs, &consulted, parts.span);
            if again && rounds < MAXIMUM_ROUNDS {
                self.assumptions.insert(parts.identity, head.clone());
                // The next round assumes what the edges were unified to: that is no assumption of this one alone.
                let widening = self.uses.split_off(typed_uses);
                self.restart(&point);
                self.uses.append(&widening);
                point.uses = self.uses.len();
                continue;
            }
            if rounds == MAXIMUM_ROUNDS {
                let message = "the types in this loop do not settle: a rule of an extension does not widen";
                let diagnostic = Diagnostic::error(codes::EXTENSION, parts.span, message);
                self.report(diagnostic.hint("its unification must lead to a type that unifies with itself"));
            }
            // The assumption holds, but for locals that nothing in the loop asked for: they become what all edges
            // agree on. Every path out of the loop starts from there.
            for (local, bound) in &head {
                let before = self.environment.peek(*local);
                if before != *bound {
                    self.convert_on(entry_edge, before, *bound);
                    self.environment.bind(*local, *bound);
                }
            }
            if !head.is_empty() {
                self.assumptions.insert(parts.identity, head);
            }
            for (local, bound) in reported {
                self.environment.bind(local, bound);
            }
            let (edges, backs) = backs.by_local();
            for (local, runs) in backs.iter() {
                let to = self.environment.peek(local);
                for Run { ways, bound } in runs {
                    // What a way did not change is in the slot of the head.
                    self.convert_on_all(&edges[ways], bound.unwrap_or(to), to);
                }
            }
            let mark = self.environment.mark();
            for (local, bound) in after_test {
                self.environment.bind(local, bound);
            }
            let typed_else = self.loop_exit(parts, frame.breaks, exit_edge, &typed_test, mark);
            out.push(TypedStatement {
                span: parts.span,
                kind: TypedStatementKind::Loop {
                    entry_edge,
                    test: typed_test,
                    body: typed_body,
                    back_edge,
                    or_else: typed_else,
                    exit_edge,
                },
            });
            return;
        }
    }

    /// Joins what the back edges bring into the head.
    fn widen(&mut self, head: &mut Changes, backs: &Ways, consulted: &HashSet<LocalId>, span: Span) -> Widened {
        let mut widened = Widened { again: false, reported: Vec::new() };
        // Many ways back bring many locals each: none is searched for in a list.
        let mut positions: HashMap<LocalId, usize> =
            head.iter().enumerate().map(|(position, (local, _))| (*local, position)).collect();
        for Difference { local, bound, .. } in backs.differences() {
            let Some(bound) = bound else { continue };
            let position = positions.get(local).copied();
            let assumed = position.map_or_else(|| self.environment.read(*local), |position| head[position].1);
            if bound.slot().is_some_and(|slot| self.slot_type(slot) == Type::OBJECT) {
                // What was reported in this round is no reason for another one, in which it may be right.
                if assumed == Bound::Never {
                    widened.reported.push((*local, *bound));
                }
                continue;
            }
            let joined = self.join(*local, assumed, *bound, span);
            if joined == assumed {
                continue;
            }
            widened.again |= consulted.contains(local);
            match position {
                Some(position) => head[position].1 = joined,
                None => {
                    positions.insert(*local, head.len());
                    head.push((*local, joined));
                }
            }
        }
        widened
    }

    /// Types the `else` of a loop, and joins it with the breaks.
    fn loop_exit(
        &mut self,
        parts: &LoopParts<'_>,
        mut breaks: Ways,
        exit_edge: EdgeId,
        test: &TypedExpression,
        mark: Mark,
    ) -> Vec<TypedStatement> {
        let always = test.constant == Some(Value::Boolean(true));
        let mut typed_else = Vec::new();
        self.environment.reachable = !always;
        if !always {
            self.statements(parts.or_else, &mut typed_else);
        }
        if self.environment.reachable {
            breaks.add_whole(exit_edge, &self.environment.changes_since(mark));
        }
        self.environment.rollback(mark);
        self.meet_ways(breaks, parts.span);
        typed_else
    }

    /// Goes on from where several paths meet: each is an edge and what changed on it since their common point, which
    /// is where the environment stands.
    pub(crate) fn meet(&mut self, paths: &[(EdgeId, Changes)], span: Span) {
        self.meet_ways(Ways::of(paths), span);
    }

    fn meet_ways(&mut self, ways: Ways, span: Span) {
        let (edges, locals) = ways.by_local();
        self.environment.reachable = !edges.is_empty();
        for (local, runs) in locals.iter() {
            let before = self.environment.peek(local);
            let bounds = runs.clone().map(|run| run.bound.unwrap_or(before));
            if bounds.clone().any(|bound| bound == before) {
                // What was before is asked for, as by a read.
                self.environment.read(local);
            }
            let joined = bounds.reduce(|joined, bound| self.join(local, joined, bound, span)).unwrap_or(before);
            for Run { ways, bound } in runs {
                self.convert_on_all(&edges[ways], bound.unwrap_or(before), joined);
            }
            self.environment.bind(local, joined);
        }
    }
}
