//! Statements: control flow as blocks.

use cfunc_context::LowerError;
use cfunc_infer::{EdgeId, TypedExpression, TypedStatement, TypedStatementKind};
use cfunc_models::Span;

use crate::frame::{LoopBlocks, Lowering};

/// The parts of a loop.
struct LoopParts<'a> {
    span: Span,
    test: &'a TypedExpression,
    body: &'a [TypedStatement],
    back_edge: EdgeId,
    or_else: &'a [TypedStatement],
    exit_edge: EdgeId,
}

impl Lowering<'_, '_> {
    pub(crate) fn statements(&mut self, statements: &[TypedStatement]) -> Result<(), LowerError> {
        statements.iter().try_for_each(|statement| self.statement(statement))
    }

    fn statement(&mut self, statement: &TypedStatement) -> Result<(), LowerError> {
        self.span = statement.span;
        let mark = self.owned.mark();
        match &statement.kind {
            TypedStatementKind::Evaluate(value) => {
                self.expression(value)?;
            }
            TypedStatementKind::SetSlot { slot, local, value } => {
                let operand = self.expression(value)?;
                self.write_slot(*slot, &operand)?;
                if let Some(local) = local {
                    self.note_bound(*local);
                }
            }
            TypedStatementKind::StoreVariable { variable, value } => {
                let operand = self.expression(value)?;
                self.store_variable(*variable, &operand)?;
            }
            TypedStatementKind::If { test, body, or_else, body_edge, else_edge } => {
                self.branch(test, (body, *body_edge), (or_else, *else_edge))?;
            }
            TypedStatementKind::Loop { entry_edge, test, body, back_edge, or_else, exit_edge } => {
                self.edge(*entry_edge)?;
                let parts = LoopParts {
                    span: statement.span,
                    test,
                    body,
                    back_edge: *back_edge,
                    or_else,
                    exit_edge: *exit_edge,
                };
                self.repeat(&parts)?;
            }
            TypedStatementKind::Break(edge) => {
                self.edge(*edge)?;
                let exit = self.innermost_loop()?.exit;
                self.builder.jump(exit, &[]);
            }
            TypedStatementKind::Continue(edge) => {
                self.edge(*edge)?;
                let head = self.innermost_loop()?.head;
                self.builder.jump(head, &[]);
            }
            TypedStatementKind::Return => self.return_here(),
            TypedStatementKind::ReturnResult(edge) => {
                self.edge(*edge)?;
                let exit = self.exit_block()?;
                self.builder.jump(exit, &[]);
            }
            TypedStatementKind::Raise { kind, message } => self.rules().fail(*kind, message),
            TypedStatementKind::Reraise { clause } => self.raise_again(*clause)?,
            TypedStatementKind::Assert { test, message } => self.assert(test, message)?,
            TypedStatementKind::Unbind(local) => self.note_unbound(*local),
            TypedStatementKind::Try(parts) => self.try_statement(parts)?,
            TypedStatementKind::Leave { exit } => self.leave(*exit)?,
        }
        self.end_statement(mark)
    }

    fn innermost_loop(&self) -> Result<LoopBlocks, LowerError> {
        self.loops.last().copied().ok_or_else(|| LowerError::new("a jump out of no loop"))
    }

    fn branch(
        &mut self,
        test: &TypedExpression,
        body: (&[TypedStatement], EdgeId),
        or_else: (&[TypedStatement], EdgeId),
    ) -> Result<(), LowerError> {
        let (taken, not_taken, join) =
            (self.builder.create_block(), self.builder.create_block(), self.builder.create_block());
        let mark = self.owned.mark();
        self.condition(test, taken, not_taken)?;
        let [taken, not_taken] = self.end_test(mark, [taken, not_taken])?;
        for (block, (statements, edge)) in [(taken, body), (not_taken, or_else)] {
            self.builder.switch_to(block);
            self.statements(statements)?;
            if !self.builder.is_terminated() {
                self.edge(edge)?;
                self.builder.jump(join, &[]);
            }
        }
        self.builder.switch_to(join);
        Ok(())
    }

    fn repeat(&mut self, parts: &LoopParts<'_>) -> Result<(), LowerError> {
        let (head, round) = (self.builder.create_block(), self.builder.create_block());
        let (done, exit) = (self.builder.create_block(), self.builder.create_block());
        self.builder.jump(head, &[]);
        self.builder.switch_to(head);
        let mark = self.owned.mark();
        self.condition(parts.test, round, done)?;
        let [round, done] = self.end_test(mark, [round, done])?;
        self.builder.switch_to(round);
        self.span = parts.span.head();
        self.poll();
        self.loops.push(LoopBlocks { head, exit });
        let body = self.statements(parts.body);
        self.loops.pop();
        body?;
        if !self.builder.is_terminated() {
            self.edge(parts.back_edge)?;
            self.builder.jump(head, &[]);
        }
        self.builder.switch_to(done);
        self.statements(parts.or_else)?;
        if !self.builder.is_terminated() {
            self.edge(parts.exit_edge)?;
            self.builder.jump(exit, &[]);
        }
        self.builder.switch_to(exit);
        Ok(())
    }
}
