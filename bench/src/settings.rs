//! What to measure, how long, and where things are.

use std::path::PathBuf;

use crate::peer::Peer;

/// Settings of a run.
pub(crate) struct Settings {
    /// The root of the workspace.
    pub(crate) root: PathBuf,
    /// Cargo's target folder.
    pub(crate) target: PathBuf,
    /// The recorded cases.
    pub(crate) corpus: PathBuf,
    /// Whether less is measured, and nothing written down.
    pub(crate) quick: bool,
    /// The peer, where it is to be measured and is there.
    pub(crate) peer: Option<Peer>,
    /// Why the peer is not measured.
    pub(crate) peer_note: Option<String>,
    /// Of the recorded cases, each of so many is compiled: all by 1.
    pub(crate) compile_every: usize,
    /// Rounds of compilations.
    pub(crate) compile_rounds: usize,
    /// Rounds of compilations of the longest functions; shorter ones have more.
    pub(crate) scale_rounds: usize,
    /// The only shape whose growth is measured.
    pub(crate) only: Option<String>,
    /// Rounds of calls.
    pub(crate) tick_rounds: usize,
    /// Slices of calls in a round.
    pub(crate) tick_slices: usize,
    /// Rounds of calls of functions with containers.
    pub(crate) container_rounds: usize,
    /// Runs over the events of the order books.
    pub(crate) orderbook_rounds: usize,
    /// Events of such a run.
    pub(crate) orderbook_events: usize,
    /// Rounds of calls with and without an option.
    pub(crate) option_rounds: usize,
    /// Starts of processes that compile and run one node.
    pub(crate) cold_rounds: usize,
    /// Starts of the command line tool.
    pub(crate) run_rounds: usize,
    /// Rows of the generated file.
    pub(crate) generated_rows: u64,
    /// Functions that are compiled, run and dropped.
    pub(crate) functions: u64,
    /// Nodes that are kept.
    pub(crate) nodes: u64,
    /// Nodes of the peer that are kept.
    pub(crate) peer_nodes: u64,
    /// Rounds of compilations on two threads.
    pub(crate) thread_rounds: usize,
}

impl Settings {
    /// The settings for a workspace, without the peer.
    pub(crate) fn new(root: PathBuf, target: PathBuf, quick: bool) -> Self {
        let corpus = root.join("tests/corpus");
        let choose = |thorough: usize, quick_one: usize| if quick { quick_one } else { thorough };
        Self {
            root,
            target,
            corpus,
            quick,
            peer: None,
            peer_note: Some("it was not asked for".to_owned()),
            compile_every: choose(1, 3),
            compile_rounds: choose(60, 12),
            scale_rounds: choose(5, 1),
            only: None,
            tick_rounds: choose(31, 7),
            tick_slices: choose(128, 32),
            container_rounds: choose(25, 7),
            orderbook_rounds: choose(11, 3),
            orderbook_events: choose(1_000_000, 100_000),
            option_rounds: choose(24, 8),
            cold_rounds: choose(15, 3),
            run_rounds: choose(20, 10),
            generated_rows: if quick { 1_000_000 } else { 10_000_000 },
            functions: if quick { 10_000 } else { 100_000 },
            nodes: 10_000,
            peer_nodes: if quick { 20 } else { 200 },
            thread_rounds: choose(101, 21),
        }
    }

    /// How often the peer compiles a case after the first time.
    pub(crate) fn recompilations(&self) -> usize {
        if self.quick { 2 } else { 7 }
    }
}
