//! Ways from one point to another, by what each binds.
//!
//! A long loop may be left, or gone on with, at many places, and each way there has bound nearly what the way before it
//! had. So a way is noted by how it differs from the one before: all ways together take as much as was bound between
//! them, not each as much as was bound since the loop began.

use std::ops::Range;

use cfunc_syntax::ast::LocalId;

use crate::environment::{Bound, Changes};
use crate::typed::EdgeId;

/// From which way on a local is bound to what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Difference {
    pub(crate) local: LocalId,
    /// The number of the way.
    pub(crate) way: u32,
    /// `None` where it is bound to what it was at the first point.
    pub(crate) bound: Option<Bound>,
}

/// Ways that leave one point and meet in another, in the order in which they were found.
#[derive(Debug, Default)]
pub(crate) struct Ways {
    /// When the first point was.
    since: u32,
    /// How much of what was touched the ways so far know.
    read: usize,
    edges: Vec<EdgeId>,
    /// By way and local, each of a way once.
    differences: Vec<Difference>,
}

/// Consecutive ways that bind a local to the same.
#[derive(Clone, Debug)]
pub(crate) struct Run {
    pub(crate) ways: Range<usize>,
    /// `None` where it is bound to what it was at the first point.
    pub(crate) bound: Option<Bound>,
}

/// Ways, by local.
pub(crate) struct ByLocal {
    differences: Vec<Difference>,
    ways: usize,
}

impl Ways {
    /// No ways yet from a point of which it is known when it was, and what was touched until then.
    pub(crate) fn from_here(since: u32, touched: usize) -> Self {
        Self { since, read: touched, ..Self::default() }
    }

    /// Adds a way by what was touched since the first point, and what locals are bound to now and since when.
    pub(crate) fn add(&mut self, edge: EdgeId, touched: &[LocalId], now: impl Fn(LocalId) -> (Bound, u32)) {
        let way = self.add_edge(edge);
        let from = self.differences.len();
        // Ways before this one know what was touched until then.
        for local in touched.get(self.read..).unwrap_or_default() {
            let (bound, since) = now(*local);
            let bound = (since > self.since).then_some(bound);
            self.differences.push(Difference { local: *local, way, bound });
        }
        self.read = touched.len();
        self.settle(from);
    }

    /// Ways by all that each changed since the first point.
    pub(crate) fn of(paths: &[(EdgeId, Changes)]) -> Self {
        let mut ways = Self::default();
        let mut previous: &[(LocalId, Bound)] = &[];
        for (edge, changes) in paths {
            let way = ways.add_edge(*edge);
            let from = ways.differences.len();
            ways.differences.extend(changes.iter().map(|(local, bound)| Difference {
                local: *local,
                way,
                bound: Some(*bound),
            }));
            ways.differences.extend(previous.iter().map(|(local, _)| Difference { local: *local, way, bound: None }));
            ways.settle(from);
            previous = changes;
        }
        ways
    }

    /// Adds a way by all that it changed since the first point.
    pub(crate) fn add_whole(&mut self, edge: EdgeId, changes: &Changes) {
        let way = self.add_edge(edge);
        let from = self.differences.len();
        let mut known: Vec<LocalId> = self.differences.iter().map(|difference| difference.local).collect();
        known.sort_unstable();
        known.dedup();
        self.differences.extend(changes.iter().map(|(local, bound)| Difference {
            local: *local,
            way,
            bound: Some(*bound),
        }));
        self.differences.extend(known.into_iter().map(|local| Difference { local, way, bound: None }));
        self.settle(from);
    }

    /// Adds a way; gives its number.
    fn add_edge(&mut self, edge: EdgeId) -> u32 {
        self.edges.push(edge);
        u32::try_from(self.edges.len() - 1).unwrap_or(u32::MAX)
    }

    /// Orders the differences from an index on, which are of one way, by local, and keeps the first of each.
    fn settle(&mut self, from: usize) {
        self.differences[from..].sort_by_key(|difference| difference.local);
        let mut kept = from;
        for index in from..self.differences.len() {
            if index == from || self.differences[index].local != self.differences[kept - 1].local {
                self.differences[kept] = self.differences[index];
                kept += 1;
            }
        }
        self.differences.truncate(kept);
    }

    /// What each way binds a local to that differs from the way before it, by way.
    pub(crate) fn differences(&self) -> &[Difference] {
        &self.differences
    }

    /// The edges at the ends of the ways, and the ways by local.
    pub(crate) fn by_local(mut self) -> (Vec<EdgeId>, ByLocal) {
        // Stable: those of one local stay in the order of the ways.
        self.differences.sort_by_key(|difference| difference.local);
        let ways = self.edges.len();
        (self.edges, ByLocal { differences: self.differences, ways })
    }
}

impl ByLocal {
    /// Each local that some way changed, ascending, with what the ways bind it to: runs that cover all ways.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (LocalId, impl Iterator<Item = Run> + Clone + '_)> {
        self.differences.chunk_by(|one, next| one.local == next.local).map(|differences| {
            let first = Difference { bound: None, way: 0, ..differences[0] };
            let starts = (differences[0].way > 0).then_some(first).into_iter().chain(differences.iter().copied());
            let ends = starts.clone().skip(1).map(|difference| difference.way as usize).chain([self.ways]);
            let runs = starts.zip(ends).map(|(begin, end)| Run { ways: begin.way as usize..end, bound: begin.bound });
            (differences[0].local, runs)
        })
    }
}
