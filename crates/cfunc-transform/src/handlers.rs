//! Asking handlers: what stands for a node, and what becomes of it.

use cfunc_context::{CompilationContext, ExpressionNode, ExtensionId, HandlerResult, StatementNode, ask_handler};
use cfunc_models::{Diagnostic, Span, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, Statement, StatementKind};

use crate::transformer::Transformer;

/// How often handlers of an extension may be asked about one place inside of each other: more often than what stands
/// there can be rewritten to something that other handlers are for.
const ASKED_AGAIN: usize = 16;

impl<'a> Transformer<'a> {
    /// The kind of an expression, where handlers are to be asked about it.
    pub(crate) fn asked_expression(&self, kind: &ExpressionKind) -> Option<ExpressionNode> {
        let node = ExpressionNode::of(kind).filter(|_| self.asks_handlers)?;
        (!self.context().expression_handlers(node).is_empty()).then_some(node)
    }

    /// The kind of a statement, where handlers are to be asked about it.
    pub(crate) fn asked_statement(&self, statement: &Statement) -> Option<StatementNode> {
        let node = StatementNode::of(&statement.kind).filter(|_| self.asks_handlers)?;
        if let StatementKind::AnnotatedAssign { target, .. } = &statement.kind
            && self.declarations.contains(&target.span)
        {
            return None;
        }
        (!self.context().statement_handlers(node).is_empty()).then_some(node)
    }

    pub(crate) fn context(&self) -> &'a CompilationContext {
        self.scope.context()
    }

    /// Puts the answer of the first handler that has one in the place of an expression.
    pub(crate) fn before_expression(&mut self, node: ExpressionNode, expression: &mut Expression) -> bool {
        for handler in &self.context().expression_handlers(node).before {
            let extension = &handler.extension;
            let answer = self.asked(extension, expression.span, |api| (handler.handle)(api, expression));
            match answer {
                Ok(None) => {}
                Ok(Some(mut answer)) => {
                    self.without_handlers(extension, |transformer| transformer.expression(&mut answer));
                    *expression = answer;
                    return true;
                }
                Err(diagnostic) => {
                    self.refuse(expression, *diagnostic);
                    return true;
                }
            }
        }
        false
    }

    /// Gives a transformed expression to the handlers that are asked after it.
    pub(crate) fn after_expression(
        &mut self,
        node: ExpressionNode,
        original: &Expression,
        expression: &mut Expression,
    ) {
        for handler in &self.context().expression_handlers(node).after {
            if expression.kind == crate::transformer::REPORTED {
                return;
            }
            let extension = &handler.extension;
            let given = expression.clone();
            match self.asked(extension, original.span, |api| (handler.handle)(api, original, given)) {
                Ok(mut answer) => {
                    self.without_handlers(extension, |transformer| transformer.expression(&mut answer));
                    *expression = answer;
                }
                Err(diagnostic) => return self.refuse(expression, *diagnostic),
            }
        }
    }

    /// The answer of the first handler that has one for a statement, transformed.
    pub(crate) fn before_statement(&mut self, node: StatementNode, statement: &Statement) -> Option<Vec<Statement>> {
        for handler in &self.context().statement_handlers(node).before {
            let extension = &handler.extension;
            match self.asked(extension, statement.span, |api| (handler.handle)(api, statement)) {
                Ok(None) => {}
                Ok(Some(statements)) => return Some(self.answered_statements(extension, statements)),
                Err(diagnostic) => {
                    self.report(*diagnostic);
                    return Some(Vec::new());
                }
            }
        }
        None
    }

    /// Gives the transformed statements of one to the handlers that are asked after it.
    pub(crate) fn after_statement(
        &mut self,
        node: StatementNode,
        original: &Statement,
        mut statements: Vec<Statement>,
    ) -> Vec<Statement> {
        for handler in &self.context().statement_handlers(node).after {
            let extension = &handler.extension;
            match self.asked(extension, original.span, |api| (handler.handle)(api, original, statements)) {
                Ok(answer) => statements = self.answered_statements(extension, answer),
                Err(diagnostic) => {
                    self.report(*diagnostic);
                    return Vec::new();
                }
            }
        }
        statements
    }

    /// Puts what a custom type has for an assigned value in its place. Of several targets, `a = b = value`, the first for
    /// which it has something counts: all of them are given one value.
    pub(crate) fn custom_assignment(&mut self, targets: &[Expression], value: &mut Expression) -> bool {
        if !self.asks_handlers || !self.context().has_custom_types() {
            return false;
        }
        for custom in self.context().custom_types() {
            let asked = targets.iter().map(|target| custom.lower_assignment(self, target, value));
            match asked.filter_map(Result::transpose).next().transpose() {
                Ok(None) => {}
                Ok(Some(mut answer)) => {
                    let asked = std::mem::replace(&mut self.asks_handlers, false);
                    self.expression(&mut answer);
                    self.asks_handlers = asked;
                    *value = answer;
                    return true;
                }
                Err(diagnostic) => {
                    self.refuse(value, *diagnostic);
                    return true;
                }
            }
        }
        false
    }

    fn answered_statements(&mut self, extension: &'a ExtensionId, statements: Vec<Statement>) -> Vec<Statement> {
        let mut handled = Vec::new();
        if !statements.is_empty() {
            self.without_handlers(extension, |transformer| handled = transformer.block(statements));
        }
        handled
    }

    /// Asks a handler. Its panic is a diagnostic that names its extension: it must not end the host's process.
    fn asked<T>(
        &mut self,
        extension: &'a ExtensionId,
        span: Span,
        ask: impl FnOnce(&mut Self) -> HandlerResult<T>,
    ) -> HandlerResult<T> {
        let again = self.asking.iter().filter(|asked| **asked == (extension, span)).count();
        if again >= ASKED_AGAIN {
            let message = format!("a handler of `{extension}` asks for its own node again and again");
            let hint = "the handler must transform parts of the node, not the node itself";
            return Err(Box::new(Diagnostic::error(codes::EXTENSION, span, message).hint(hint)));
        }
        let (asking, nesting) = (self.asking.len(), self.nesting);
        let (asks, answering) = (self.asks_handlers, self.answering);
        self.asking.push((extension, span));
        let answer = ask_handler("a handler", extension, span, || ask(self));
        // After a panic they may be as it left them.
        self.asking.truncate(asking);
        self.nesting = nesting;
        (self.asks_handlers, self.answering) = (asks, answering);
        answer
    }

    /// Works on what a handler answered.
    fn without_handlers(&mut self, extension: &'a ExtensionId, work: impl FnOnce(&mut Self)) {
        let asked = std::mem::replace(&mut self.asks_handlers, false);
        let answering = self.answering.replace(extension);
        work(self);
        self.answering = answering;
        self.asks_handlers = asked;
    }

    /// Goes one level deeper into the tree; `false`, and reported once, where handlers made it deeper than later stages
    /// have room for.
    pub(crate) fn descend(&mut self, span: Span) -> bool {
        if self.nesting < self.scope.maximum_depth() {
            self.nesting += 1;
            return true;
        }
        if !std::mem::replace(&mut self.reported_depth, true) {
            let message = match self.answering.or_else(|| self.asking.last().map(|(extension, _)| *extension)) {
                Some(extension) => format!("what a handler of `{extension}` answers is nested too deeply here"),
                None => "the function is nested too deeply".to_owned(),
            };
            let diagnostic = Diagnostic::error(codes::LIMIT_NESTING, span, message);
            self.report(diagnostic.hint("keep inner parts in locals of their own"));
        }
        false
    }

    /// Reports a statement of a sequence that would leave the expression it stands in.
    pub(crate) fn refuse_leaving(&mut self, statements: &[Statement]) -> bool {
        let Some(span) = leaves(statements, false) else { return false };
        let message = match self.answering {
            Some(extension) => format!("a handler of `{extension}` answers with statements that leave an expression"),
            None => "statements in an expression leave it".to_owned(),
        };
        let diagnostic = Diagnostic::error(codes::EXTENSION, span, message);
        self.report(diagnostic.expected("no `return`, and no `break` or `continue` of a loop around the expression"));
        true
    }
}

/// Where statements leave what they stand in.
fn leaves(statements: &[Statement], in_loop: bool) -> Option<Span> {
    statements.iter().find_map(|statement| match &statement.kind {
        StatementKind::Return(_) => Some(statement.span),
        StatementKind::Break | StatementKind::Continue => (!in_loop).then_some(statement.span),
        StatementKind::For { body, or_else, .. } | StatementKind::While { body, or_else, .. } => {
            leaves(body, true).or_else(|| leaves(or_else, in_loop))
        }
        StatementKind::If { body, or_else, .. } => leaves(body, in_loop).or_else(|| leaves(or_else, in_loop)),
        StatementKind::Try { body, handlers, or_else, finally } => {
            let blocks = [body, or_else, finally].into_iter().map(|block| leaves(block, in_loop));
            let handlers = handlers.iter().map(|handler| leaves(&handler.body, in_loop));
            blocks.chain(handlers).find_map(|span| span)
        }
        StatementKind::Match { cases, .. } => cases.iter().find_map(|case| leaves(&case.body, in_loop)),
        _ => None,
    })
}
