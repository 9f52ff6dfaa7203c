//! `try`, `raise` and `assert`: blocks that failures branch to.
//!
//! A `finally` is emitted once. Each way into it leaves in a variable how to go on: 0 at the end of the `try`, 1 with
//! the error that is under way, from 2 on with one of the jumps that leave the `try`.

use cfunc_context::{ErrorScope, LowerError};
use cfunc_infer::{TypedExpression, TypedFinally, TypedHandler, TypedTry};
use cfunc_ir::{Block, IntegerCondition, Value, Variable};
use cfunc_models::{NodeErrorKind, Representation};

use crate::frame::Lowering;

/// How a `finally` goes on: at the end of the `try`.
const GOES_ON: i64 = 0;
/// With the error that is under way.
const FAILS: i64 = 1;
/// With the first of the jumps.
const FIRST_EXIT: i64 = 2;

/// A `finally` that jumps out of its `try` go to.
#[derive(Clone, Copy, Debug)]
pub(crate) struct FinallyBlock {
    block: Block,
    /// How it goes on.
    way: Variable,
    /// Whether something gets there.
    used: bool,
}

impl Lowering<'_, '_> {
    pub(crate) fn raise_again(&mut self, clause: u32) -> Result<(), LowerError> {
        let Some(site) = self.handled.get(clause as usize).copied() else {
            return Err(LowerError::new("an error is raised again where none was stopped"));
        };
        self.rules().propagate(site);
        Ok(())
    }

    pub(crate) fn assert(&mut self, test: &TypedExpression, message: &str) -> Result<(), LowerError> {
        let (holds, fails) = (self.builder.create_block(), self.builder.create_cold_block());
        let mark = self.owned.mark();
        self.condition(test, holds, fails)?;
        let [holds, fails] = self.end_test(mark, [holds, fails])?;
        self.builder.switch_to(fails);
        self.rules().fail(NodeErrorKind::AssertionError, message);
        self.builder.switch_to(holds);
        Ok(())
    }

    pub(crate) fn try_statement(&mut self, parts: &TypedTry) -> Result<(), LowerError> {
        let after = self.builder.create_block();
        match &parts.finally {
            None => self.clauses(parts, after)?,
            Some(finally) => self.followed(parts, finally, after)?,
        }
        self.builder.switch_to(after);
        Ok(())
    }

    /// Body, clauses and `else`; the ends of all go on with a block.
    fn clauses(&mut self, parts: &TypedTry, after: Block) -> Result<(), LowerError> {
        self.error_target.push_clauses(parts.handlers.iter().map(|handler| handler.kinds.as_slice().into()));
        let body = self.statements(&parts.body);
        let scope = self.error_target.pop();
        body?;
        if !self.builder.is_terminated() {
            self.statements(&parts.or_else)?;
        }
        self.end_with(after, Some(parts.body_edge))?;
        let Some(ErrorScope::Clauses { mut clauses, dispatch }) = scope else {
            return Err(LowerError::new("the parts of a `try` are not nested"));
        };
        if let Some(block) = dispatch {
            self.builder.switch_to(block);
            let site = self.site_of(block);
            self.error_target.emit_dispatch(&mut self.builder, &mut clauses, site);
        }
        for (handler, clause) in parts.handlers.iter().zip(clauses) {
            // A clause that no failure goes to is not emitted.
            if let Some(block) = clause.block {
                self.clause(handler, block, after)?;
            }
        }
        Ok(())
    }

    fn clause(&mut self, handler: &TypedHandler, block: Block, after: Block) -> Result<(), LowerError> {
        self.builder.switch_to(block);
        self.rules().release_temporaries()?;
        self.selections(&handler.selections)?;
        self.handled.push(self.site_of(block));
        let body = self.statements(&handler.body);
        self.handled.pop();
        body?;
        self.end_with(after, Some(handler.edge))
    }

    /// A `try` with `finally`.
    fn followed(&mut self, parts: &TypedTry, finally: &TypedFinally, after: Block) -> Result<(), LowerError> {
        let frame = FinallyBlock {
            block: self.builder.create_block(),
            way: self.builder.declare_variable(Representation::I32),
            used: false,
        };
        let completed = self.builder.create_block();
        self.finallies.push(frame);
        self.error_target.push_finally();
        let inside = self.clauses(parts, completed);
        let scope = self.error_target.pop();
        let frame = self.finallies.pop().unwrap_or(frame);
        inside?;

        self.builder.switch_to(completed);
        self.enter_finally(frame, GOES_ON);
        let under_way = self.builder.declare_variable(Representation::I32);
        let failed = match scope {
            Some(ErrorScope::Finally { block }) => block,
            _ => return Err(LowerError::new("the parts of a `try` are not nested")),
        };
        if let Some(block) = failed {
            self.builder.switch_to(block);
            let site = self.site_of(block);
            self.builder.define_variable(under_way, site);
            self.rules().release_temporaries()?;
            self.enter_finally(frame, FAILS);
        }

        self.builder.switch_to(frame.block);
        let saved = self.saved_selections(&finally.selections);
        self.selections(&finally.selections)?;
        self.statements(&finally.body)?;
        if self.builder.is_terminated() {
            return Ok(());
        }
        self.restore_selections(&saved, &finally.rebound);
        if failed.is_some() {
            let next = self.way_on(frame.way, FAILS, true);
            let site = self.builder.use_variable(under_way);
            self.rules().propagate(site);
            self.builder.switch_to(next);
        }
        if frame.used {
            for (way, exit) in (FIRST_EXIT..).zip(&finally.exits) {
                let next = self.way_on(frame.way, way, false);
                self.statements(exit)?;
                self.builder.switch_to(next);
            }
        }
        self.end_with(after, None)
    }

    /// Jumps out of the innermost `try` with `finally`.
    pub(crate) fn leave(&mut self, exit: u32) -> Result<(), LowerError> {
        let Some(frame) = self.finallies.last_mut() else {
            return Err(LowerError::new("a jump out of no `try`"));
        };
        frame.used = true;
        let frame = *frame;
        self.enter_finally(frame, FIRST_EXIT + i64::from(exit));
        Ok(())
    }

    fn enter_finally(&mut self, frame: FinallyBlock, way: i64) {
        let way = self.builder.integer_constant(Representation::I32, way);
        self.builder.define_variable(frame.way, way);
        self.builder.jump(frame.block, &[]);
    }

    /// Goes on here where `finally` was entered in one way; the block for the other ways.
    fn way_on(&mut self, variable: Variable, way: i64, rare: bool) -> Block {
        let taken = if rare { self.builder.create_cold_block() } else { self.builder.create_block() };
        let next = self.builder.create_block();
        let found = self.builder.use_variable(variable);
        let is_taken = self.builder.integer_compare_constant(IntegerCondition::Equal, found, way);
        self.builder.branch(is_taken, taken, next);
        self.builder.switch_to(taken);
        next
    }

    /// Ends a part of a `try`, where control gets to its end.
    fn end_with(&mut self, after: Block, edge: Option<cfunc_infer::EdgeId>) -> Result<(), LowerError> {
        if !self.builder.is_terminated() {
            if let Some(edge) = edge {
                self.edge(edge)?;
            }
            self.builder.jump(after, &[]);
        }
        Ok(())
    }

    /// The number of the site that a failure gave a block.
    fn site_of(&self, block: Block) -> Value {
        self.builder.function().block(block).parameters[0]
    }
}
