//! What every local is bound to at a point of the program.
//!
//! One mutable environment with a log of changes: a branch costs what it changes, not what there is.

use std::collections::HashSet;

use cfunc_syntax::ast::LocalId;

use crate::typed::SlotId;

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
}

/// A point in the log.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark(usize);

/// What changed since a mark, by local; each local once, ascending.
pub(crate) type Changes = Vec<(LocalId, Bound)>;

#[derive(Debug)]
pub(crate) struct Environment {
    states: Vec<State>,
    log: Vec<(LocalId, State)>,
    /// The loops around this point: when each was entered, and the locals whose value at its head was asked for.
    loops: Vec<(u32, HashSet<LocalId>)>,
    time: u32,
    /// Whether control gets here at all.
    pub(crate) reachable: bool,
}

impl Environment {
    pub(crate) fn new(locals: usize) -> Self {
        Self {
            states: vec![State { bound: Bound::Never, since: 0 }; locals],
            log: Vec::new(),
            loops: Vec::new(),
            time: 1,
            reachable: true,
        }
    }

    /// What a local is bound to; the loops at whose head it was the same remember that it was asked for.
    pub(crate) fn read(&mut self, local: LocalId) -> Bound {
        let State { bound, since } = self.states[local.0 as usize];
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
        self.loops.pop().map(|(_, consulted)| consulted).unwrap_or_default()
    }

    pub(crate) fn peek(&self, local: LocalId) -> Bound {
        self.states[local.0 as usize].bound
    }

    pub(crate) fn bind(&mut self, local: LocalId, bound: Bound) {
        self.time += 1;
        let state = &mut self.states[local.0 as usize];
        self.log.push((local, *state));
        *state = State { bound, since: self.time };
    }

    pub(crate) fn mark(&self) -> Mark {
        Mark(self.log.len())
    }

    /// The locals that changed since a mark, with what they are bound to now.
    pub(crate) fn changes_since(&self, mark: Mark) -> Changes {
        let mut locals: Vec<LocalId> = self.log[mark.0..].iter().map(|(local, _)| *local).collect();
        locals.sort_unstable();
        locals.dedup();
        locals.into_iter().map(|local| (local, self.peek(local))).collect()
    }

    /// Undoes everything since a mark.
    pub(crate) fn rollback(&mut self, mark: Mark) {
        while self.log.len() > mark.0 {
            if let Some((local, state)) = self.log.pop() {
                self.states[local.0 as usize] = state;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use cfunc_syntax::ast::LocalId;

    use super::{Bound, Environment};
    use crate::typed::SlotId;

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
