//! What every local is bound to at a point of the program.
//!
//! One mutable environment with a log of changes: a branch costs what it changes, not what there is.

use std::collections::HashSet;

use cfunc_syntax::ast::LocalId;

use crate::typed::{EdgeId, SlotId};
use crate::ways::Ways;

/// What a local is bound to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// No path binds it.
    Never,
    /// Some paths bind it, all to this slot.
    Maybe(SlotId),
    /// Every path binds it to this slot.
    Always(SlotId),
    /// Paths bind it to slots of types that are not one; wrong only where it is read.
    Conflict(SlotId, SlotId),
}

impl Bound {
    pub(crate) const fn slot(self) -> Option<SlotId> {
        match self {
            Self::Never | Self::Conflict(..) => None,
            Self::Maybe(slot) | Self::Always(slot) => Some(slot),
        }
    }
}

#[derive(Clone, Copy, Debug)]
struct State {
    bound: Bound,
    /// When it was last bound or joined.
    since: u32,
    /// Since when it is so: when it was bound, or when what came after was undone.
    current_since: u32,
    /// The length of the log right after the entry that noted what it was before, 0 where there is none.
    entry: usize,
}

/// A point in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// A `try` that was entered: where what failures saw begins.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TryMark(usize);

/// A point that a loop goes back to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct RestartMark {
    log: usize,
    journal: usize,
    last_failure: u32,
    time: u32,
}

/// What a local was bound to where something could fail.
#[derive(Clone, Copy, Debug)]
struct Seen {
    local: LocalId,
    bound: Bound,
    /// How many of the `try` statements around it, from the outermost, the failure was in.
    tries: usize,
}

/// What changed since a mark, by local; each local once, ascending.
pub(crate) type Changes = Vec<(LocalId, Bound)>;

#[derive(Debug)]
pub(crate) struct Environment {
    states: Vec<State>,
    log: Vec<(LocalId, State)>,
    /// The loops around this point: when each was entered, and the locals whose value at its head was asked for.
    loops: Vec<(u32, HashSet<LocalId>)>,
    time: u32,
    /// When each `try` around this point was entered.
    tries: Vec<u32>,
    /// What failures inside of them saw. What a local is bound to is noted when that changes.
    journal: Vec<Seen>,
    /// When something could fail last.
    last_failure: u32,
    /// The locals that were bound, or whose binding was undone, in the loops around this point, in that order.
    touched: Vec<LocalId>,
    /// Whether control gets here at all.
    pub(crate) reachable: bool,
}

impl Environment {
    pub(crate) fn new(locals: usize) -> Self {
        Self {
            states: vec![State { bound: Bound::Never, since: 0, current_since: 0, entry: 0 }; locals],
            log: Vec::new(),
            loops: Vec::new(),
            time: 1,
            tries: Vec::new(),
            journal: Vec::new(),
            last_failure: 0,
            touched: Vec::new(),
            reachable: true,
        }
    }

    /// One more local, which nothing binds yet.
    pub(crate) fn add_local(&mut self) {
        self.states.push(State { bound: Bound::Never, since: 0, current_since: 0, entry: 0 });
    }

    /// What a local is bound to; the loops at whose head it was the same remember that it was asked for.
    pub(crate) fn read(&mut self, local: LocalId) -> Bound {
        let State { bound, since, .. } = self.states[local.0 as usize];
        for (entered, consulted) in self.loops.iter_mut().rev() {
            if *entered < since {
                break;
            }
            consulted.insert(local);
        }
        bound
    }

    pub(crate) fn enter_loop(&mut self) {
        self.loops.push((self.time, HashSet::new()));
    }

    /// The locals whose value at the head of the innermost loop was asked for, by a read or a join.
    pub(crate) fn leave_loop(&mut self) -> HashSet<LocalId> {
        let consulted = self.loops.pop().map(|(_, consulted)| consulted).unwrap_or_default();
        if self.loops.is_empty() {
            self.touched.clear();
        }
        consulted
    }

    pub(crate) fn peek(&self, local: LocalId) -> Bound {
        self.states[local.0 as usize].bound
    }

    pub(crate) fn bind(&mut self, local: LocalId, bound: Bound) {
        self.time += 1;
        self.note(local);
        if !self.loops.is_empty() {
            self.touched.push(local);
        }
        let state = &mut self.states[local.0 as usize];
        self.log.push((local, *state));
        *state = State { bound, since: self.time, current_since: self.time, entry: self.log.len() };
    }

    // Failures.

    /// Notes that something here may fail: a handler around it then sees what is bound now.
    pub(crate) fn may_fail(&mut self) {
        self.last_failure = self.time;
    }

    /// Notes what a local is bound to, where a failure saw it, before that changes.
    fn note(&mut self, local: LocalId) {
        let State { bound, current_since, .. } = self.states[local.0 as usize];
        if self.last_failure < current_since {
            return;
        }
        let tries = self.tries.partition_point(|entered| *entered <= self.last_failure);
        if tries > 0 {
            self.journal.push(Seen { local, bound, tries });
        }
    }

    /// Enters the part of a `try` whose failures come together.
    pub(crate) fn enter_try(&mut self) -> TryMark {
        self.time += 1;
        self.tries.push(self.time);
        TryMark(self.journal.len())
    }

    /// Leaves it, after all that it changed was undone. Everything that failures in it saw a local bound to, ascending
    /// by local; locals that were always bound as they are now may be missing.
    pub(crate) fn leave_try(&mut self, mark: TryMark) -> Changes {
        self.tries.pop();
        let depth = self.tries.len();
        let inside = self.journal[mark.0..].iter().filter(|seen| seen.tries > depth);
        let mut found: Changes = inside.map(|seen| (seen.local, seen.bound)).collect();
        found.sort_by_key(|(local, _)| *local);
        found.dedup();
        if depth == 0 {
            self.journal.clear();
        }
        found
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.log.len())
    }

    /// The locals that changed since a mark, with what they are bound to now.
    pub(crate) fn changes_since(&self, mark: Mark) -> Changes {
        // What a local was bound to at the mark stands in its first entry since then: the others are passed over before
        // anything is sorted, as a long loop that is often left binds the same locals again and again.
        let mut changes: Changes = Vec::new();
        for (local, before) in &self.log[mark.0..] {
            if before.entry <= mark.0 {
                changes.push((*local, self.peek(*local)));
            }
        }
        changes.sort_unstable_by_key(|(local, _)| *local);
        changes
    }

    /// Ways from here, where the innermost loop was just entered, to another point.
    pub(crate) fn ways(&self) -> Ways {
        Ways::from_here(self.time, self.touched.len())
    }

    /// Adds the way that gets there from this point.
    pub(crate) fn add_way(&self, ways: &mut Ways, edge: EdgeId) {
        ways.add(edge, &self.touched, |local| {
            let State { bound, since, .. } = self.states[local.0 as usize];
            (bound, since)
        });
    }

    /// Undoes everything since a mark.
    pub(crate) fn rollback(&mut self, mark: Mark) {
        self.time += 1;
        while self.log.len() > mark.0 {
            let Some((local, state)) = self.log.pop() else { return };
            self.note(local);
            if !self.loops.is_empty() {
                self.touched.push(local);
            }
            self.states[local.0 as usize] = State { current_since: self.time, ..state };
        }
    }

    /// Where a loop may go back to.
    pub(crate) fn restart_mark(&self) -> RestartMark {
        let (log, journal) = (self.log.len(), self.journal.len());
        RestartMark { log, journal, last_failure: self.last_failure, time: self.time }
    }

    /// Goes back: what failures saw since then may be wrong, and is seen again.
    pub(crate) fn restart(&mut self, mark: RestartMark) {
        self.rollback(Mark(mark.log));
        self.journal.truncate(mark.journal);
        self.last_failure = mark.last_failure;
        if self.tries.is_empty() {
            return;
        }
        for state in self.states.iter_mut().filter(|state| state.current_since > mark.time) {
            // When exactly it became so again is lost: failures since it was bound count as if they had seen it.
            state.current_since = state.since;
        }
    }
}

#[cfg(test)]
mod tests {
    use cfunc_syntax::ast::LocalId;

    use super::{Bound, Environment};
    use crate::typed::{EdgeId, SlotId};

    #[test]
    fn rollback_restores_and_changes_are_listed_once() {
        let mut environment = Environment::new(2);
        environment.bind(LocalId(1), Bound::Always(SlotId(0)));
        let mark = environment.mark();
        environment.bind(LocalId(1), Bound::Always(SlotId(1)));
        environment.bind(LocalId(1), Bound::Always(SlotId(2)));
        environment.bind(LocalId(0), Bound::Maybe(SlotId(3)));
        let expected = vec![(LocalId(0), Bound::Maybe(SlotId(3))), (LocalId(1), Bound::Always(SlotId(2)))];
        assert_eq!(environment.changes_since(mark), expected);
        environment.rollback(mark);
        assert_eq!(environment.peek(LocalId(1)), Bound::Always(SlotId(0)));
        assert_eq!(environment.peek(LocalId(0)), Bound::Never);
    }

    #[test]
    fn ways_of_a_loop_hold_what_differs_from_the_way_before() {
        const LOCALS: u32 = 50;
        let mut environment = Environment::new(LOCALS as usize + 1);
        environment.bind(LocalId(0), Bound::Always(SlotId(0)));
        environment.enter_loop();
        let mut ways = environment.ways();
        for local in 1..=LOCALS {
            let mark = environment.mark();
            environment.bind(LocalId(0), Bound::Always(SlotId(local)));
            environment.add_way(&mut ways, EdgeId(local));
            environment.rollback(mark);
            environment.bind(LocalId(local), Bound::Always(SlotId(local)));
        }
        environment.add_way(&mut ways, EdgeId(0));
        let written = 3 * LOCALS as usize;
        let found = ways.differences().len();
        assert!(found <= written, "{found} differences of what was bound and undone {written} times");
        let (edges, locals) = ways.by_local();
        let edges = edges.len();
        assert_eq!(edges, LOCALS as usize + 1);
        for (local, runs) in locals.iter() {
            let expected: Vec<(usize, usize, Option<Bound>)> = if local == LocalId(0) {
                let each = (1..=LOCALS).map(|at| (at as usize - 1, at as usize, Some(Bound::Always(SlotId(at)))));
                each.chain([(edges - 1, edges, None)]).collect()
            } else {
                let bound = Some(Bound::Always(SlotId(local.0)));
                vec![(0, local.0 as usize, None), (local.0 as usize, edges, bound)]
            };
            let found: Vec<_> = runs.map(|run| (run.ways.start, run.ways.end, run.bound)).collect();
            assert_eq!(found, expected, "of {local:?}");
        }
        environment.leave_loop();
    }

    #[test]
    fn failures_see_what_was_bound_when_they_happened() {
        let mut environment = Environment::new(3);
        environment.bind(LocalId(0), Bound::Always(SlotId(0)));
        let (mark, outer) = (environment.mark(), environment.enter_try());
        environment.bind(LocalId(0), Bound::Always(SlotId(1)));
        let (inner_mark, inner) = (environment.mark(), environment.enter_try());
        environment.may_fail();
        environment.bind(LocalId(0), Bound::Always(SlotId(2)));
        environment.bind(LocalId(1), Bound::Always(SlotId(3)));
        environment.bind(LocalId(2), Bound::Always(SlotId(4)));
        environment.bind(LocalId(1), Bound::Always(SlotId(5)));
        environment.may_fail();
        environment.bind(LocalId(2), Bound::Always(SlotId(6)));
        environment.rollback(inner_mark);
        let always = |local, slot| (LocalId(local), Bound::Always(SlotId(slot)));
        let never = |local| (LocalId(local), Bound::Never);
        let seen = environment.leave_try(inner);
        for wanted in [always(0, 1), always(0, 2), never(1), always(1, 5), never(2), always(2, 4)] {
            assert!(seen.contains(&wanted), "{wanted:?} in {seen:?}");
        }
        assert_eq!(seen.len(), 6, "{seen:?}");
        environment.rollback(mark);
        let seen_outside = environment.leave_try(outer);
        assert_eq!(seen_outside, seen, "what local 0 was before, nothing that could fail saw");
    }

    #[test]
    fn a_loop_remembers_reads_of_its_head_alone() {
        let mut environment = Environment::new(2);
        environment.bind(LocalId(0), Bound::Always(SlotId(0)));
        environment.enter_loop();
        environment.read(LocalId(0));
        environment.bind(LocalId(1), Bound::Always(SlotId(1)));
        environment.enter_loop();
        environment.read(LocalId(1));
        assert!(environment.leave_loop().contains(&LocalId(1)));
        let outer = environment.leave_loop();
        assert!(outer.contains(&LocalId(0)) && !outer.contains(&LocalId(1)));
    }
}
