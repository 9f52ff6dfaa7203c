//! Where failures go: to the clauses of the `try` statements around an operation, else to the exit of the function.
//!
//! A failure is the number of its error site, an i32 that every target block takes as its parameter. The kind of most
//! sites is known when they are emitted, so that they branch straight to the first clause that stops them. A site that
//! is known at run time only (an error raised again, or one that a called function returned) goes through a block that
//! compares its kind, read from the unit descriptor, with what the clauses stop.

use cfunc_ir::{BinaryOperation, Block, ConvertOperation, FunctionBuilder, IntegerCondition, MemoryClass, Value};
use cfunc_models::{NodeErrorKind, Representation};
use smallvec::SmallVec;

/// Bytes before the first entry of a unit descriptor's sites.
const SITES_OFFSET: u32 = 16;
/// Bytes of an entry, as a power of two.
const SITE_SIZE_SHIFT: i64 = 3;

/// Where failures go. What lowers statements pushes a scope for each part of a `try` that it is inside of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ErrorTarget {
    /// From the outermost to the innermost.
    scopes: Vec<ErrorScope>,
    /// Where what nothing stops goes.
    exit: Option<Block>,
}

/// What a `try` does with failures inside of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ErrorScope {
    /// `except` clauses: each stops errors of some classes.
    Clauses {
        /// The classes that each clause stops, in order, and its block once a failure goes there.
        clauses: Vec<ErrorClause>,
        /// The block for sites that are known at run time only, once one goes there.
        dispatch: Option<Block>,
    },
    /// `finally`: every failure comes by.
    Finally {
        /// The block, once a failure goes there.
        block: Option<Block>,
    },
}

/// One `except` clause.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ErrorClause {
    /// The classes that it stops, with all that are derived from them.
    pub kinds: SmallVec<[NodeErrorKind; 2]>,
    /// Where it starts, once a failure goes there.
    pub block: Option<Block>,
}

impl ErrorClause {
    /// Whether it stops errors of a kind.
    fn stops(&self, kind: NodeErrorKind) -> bool {
        self.kinds.iter().any(|class| class.covers(kind))
    }
}

impl ErrorTarget {
    /// Enters the part of a `try` whose failures the clauses of these classes stop.
    pub fn push_clauses(&mut self, clauses: impl IntoIterator<Item = SmallVec<[NodeErrorKind; 2]>>) {
        let clauses = clauses.into_iter().map(|kinds| ErrorClause { kinds, block: None }).collect();
        self.scopes.push(ErrorScope::Clauses { clauses, dispatch: None });
    }

    /// Enters the part of a `try` that its `finally` follows.
    pub fn push_finally(&mut self) {
        self.scopes.push(ErrorScope::Finally { block: None });
    }

    /// Leaves the innermost part; its blocks have failures going to them and are still to be emitted.
    pub fn pop(&mut self) -> Option<ErrorScope> {
        self.scopes.pop()
    }

    /// The block of what nothing stops, where there is such a failure; it is still to be emitted.
    pub fn exit(&self) -> Option<Block> {
        self.exit
    }

    /// The block that a failure goes to: of a kind, or of a site that is known at run time only.
    pub fn block(&mut self, builder: &mut FunctionBuilder<'_>, kind: Option<NodeErrorKind>) -> Block {
        for scope in self.scopes.iter_mut().rev() {
            let target = match (scope, kind) {
                (ErrorScope::Finally { block }, _) => block,
                (ErrorScope::Clauses { dispatch, .. }, None) => dispatch,
                (ErrorScope::Clauses { clauses, .. }, Some(kind)) => {
                    match clauses.iter_mut().find(|clause| clause.stops(kind)) {
                        Some(clause) => &mut clause.block,
                        None => continue,
                    }
                }
            };
            return *target.get_or_insert_with(|| site_block(builder));
        }
        *self.exit.get_or_insert_with(|| site_block(builder))
    }

    /// Emits, into the current block, the choice among clauses by the kind of a site; what none stops goes on outwards.
    /// The scope of the clauses has been left.
    pub fn emit_dispatch(&mut self, builder: &mut FunctionBuilder<'_>, clauses: &mut [ErrorClause], site: Value) {
        let kind = site_kind(builder, site);
        for clause in clauses {
            let block = *clause.block.get_or_insert_with(|| site_block(builder));
            let stopped = stops(builder, clause, kind);
            let next = builder.create_cold_block();
            builder.branch_with(stopped, (block, &[site]), (next, &[]));
            builder.switch_to(next);
        }
        let outwards = self.block(builder, None);
        builder.jump(outwards, &[site]);
    }
}

/// A block that takes the number of a site.
fn site_block(builder: &mut FunctionBuilder<'_>) -> Block {
    let block = builder.create_cold_block();
    builder.add_block_parameter(block, Representation::I32);
    // Who lowers the statement fills it, not the rule that fails.
    builder.fill_later(block);
    block
}

/// The kind of a site, by its number: an i32.
fn site_kind(builder: &mut FunctionBuilder<'_>, site: Value) -> Value {
    let descriptor = builder.module().unit_descriptor();
    let sites = builder.data_address(descriptor, 0);
    let site = builder.convert(ConvertOperation::ZeroExtend, site, Representation::I64);
    let shift = builder.int64(SITE_SIZE_SHIFT);
    let offset = builder.binary(BinaryOperation::ShiftLeft, site, shift);
    let entry = builder.pointer_add(sites, offset);
    builder.load(Representation::I32, entry, SITES_OFFSET.cast_signed(), MemoryClass::Constant)
}

/// Whether a clause stops errors of a kind that is known at run time: i8 of 0 or 1.
fn stops(builder: &mut FunctionBuilder<'_>, clause: &ErrorClause, kind: Value) -> Value {
    if clause.kinds.contains(&NodeErrorKind::Exception) {
        // Those that nothing stops have the highest numbers.
        let first = i64::from(NodeErrorKind::Interrupted.code());
        return builder.integer_compare_constant(IntegerCondition::SignedLess, kind, first);
    }
    let mut stopped = builder.boolean(false);
    for stops in NodeErrorKind::ALL.iter().filter(|kind| clause.stops(**kind)) {
        let equal = builder.integer_compare_constant(IntegerCondition::Equal, kind, i64::from(stops.code()));
        stopped = builder.binary(BinaryOperation::BitOr, stopped, equal);
    }
    stopped
}
