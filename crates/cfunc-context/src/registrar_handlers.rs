//! Registering handlers: what reads declarations and rewrites the tree.

use std::sync::Arc;

use cfunc_models::Value;
use cfunc_sources::SourceCategory;
use cfunc_syntax::ast::{Expression, GlobalId, Statement};

use crate::guarded::{Guarded, RegisteredCategory};
use crate::transform::{Handler, HandlerResult};
use crate::{
    CallableId, ClassHandler, ExpressionNode, InputHandler, OutputHandler, Registrar, StatementNode, TransformApi,
};

/// A function that handlers call and no source can name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PrivateFunction {
    /// What calls name: [`TransformApi::registered`] makes an expression of it.
    pub global: GlobalId,
    /// What rules are registered for.
    pub callable: CallableId,
}

impl Registrar<'_> {
    /// Adds a source category. Its id, order, parameters and init filter are asked for here, once.
    pub fn source_category(&mut self, category: impl SourceCategory + 'static) {
        let category = RegisteredCategory::new(self.extension.clone(), category);
        self.handlers.categories.push(Arc::new(category));
    }

    /// Adds a reader of parameter annotations; those registered first are asked first, all before plain types.
    pub fn input_handler(&mut self, handler: impl InputHandler + 'static) {
        self.handlers.inputs.push(Arc::new(Guarded { extension: self.extension.clone(), inner: handler }));
    }

    /// Adds a reader of return annotations; those registered first are asked first.
    pub fn output_handler(&mut self, handler: impl OutputHandler + 'static) {
        self.handlers.outputs.push(Arc::new(Guarded { extension: self.extension.clone(), inner: handler }));
    }

    /// Adds a reader of classes at module level; those registered first are asked first.
    pub fn class_handler(&mut self, handler: impl ClassHandler + 'static) {
        self.handlers.classes.push(Arc::new(Guarded { extension: self.extension.clone(), inner: handler }));
    }

    /// A function that no source can name: handlers call it by [`TransformApi::registered`], rules are registered for its
    /// callable. The label is for diagnostics and dumps; two functions may have the same.
    pub fn private_function(&mut self, label: &str) -> PrivateFunction {
        let callable = self.new_callable(label);
        let global = self.globals.define_private(label);
        self.globals.definitions[global.0 as usize].callable = Some(callable);
        PrivateFunction { global, callable }
    }

    /// A constant that no source can name: handlers read it by [`TransformApi::registered`].
    pub fn private_constant(&mut self, label: &str, value: impl Into<Value>) -> GlobalId {
        let global = self.globals.define_private(label);
        self.globals.definitions[global.0 as usize].value = Some(value.into());
        global
    }

    /// Adds a handler that is asked before an expression is transformed. Lower priorities are asked first; the first
    /// answer other than `None` stands, and neither the transformer nor handlers after it see the expression.
    ///
    /// What stands in for it is one expression; statements that go with it are put before it by
    /// [`builders::sequence`](cfunc_syntax::builders::sequence) and run where and as often as the expression is
    /// evaluated. In the answer unbound names are bound, but no handler is asked: parts of the source that are passed on
    /// go through [`TransformApi::transform`].
    pub fn before_expression(
        &mut self,
        node: ExpressionNode,
        priority: i32,
        handler: impl Fn(&mut dyn TransformApi, &Expression) -> HandlerResult<Option<Expression>> + Send + Sync + 'static,
    ) {
        let handlers = &mut self.handlers.tree.expressions[node as usize].before;
        Handler::add(handlers, &self.extension, priority, Arc::new(handler));
    }

    /// Adds a handler that is asked after an expression was transformed, unless one that was asked before it answered.
    /// It gets the expression of the source and what became of it, and gives what becomes of that; the next handler, of
    /// the same or a higher priority, gets what this one gave.
    pub fn after_expression(
        &mut self,
        node: ExpressionNode,
        priority: i32,
        handler: impl Fn(&mut dyn TransformApi, &Expression, Expression) -> HandlerResult<Expression>
        + Send
        + Sync
        + 'static,
    ) {
        let handlers = &mut self.handlers.tree.expressions[node as usize].after;
        Handler::add(handlers, &self.extension, priority, Arc::new(handler));
    }

    /// Adds a handler that is asked before a statement is transformed; as [`Registrar::before_expression`], with any
    /// number of statements as the answer.
    pub fn before_statement(
        &mut self,
        node: StatementNode,
        priority: i32,
        handler: impl Fn(&mut dyn TransformApi, &Statement) -> HandlerResult<Option<Vec<Statement>>> + Send + Sync + 'static,
    ) {
        let handlers = &mut self.handlers.tree.statements[node as usize].before;
        Handler::add(handlers, &self.extension, priority, Arc::new(handler));
    }

    /// Adds a handler that is asked after a statement was transformed; as [`Registrar::after_expression`].
    pub fn after_statement(
        &mut self,
        node: StatementNode,
        priority: i32,
        handler: impl Fn(&mut dyn TransformApi, &Statement, Vec<Statement>) -> HandlerResult<Vec<Statement>>
        + Send
        + Sync
        + 'static,
    ) {
        let handlers = &mut self.handlers.tree.statements[node as usize].after;
        Handler::add(handlers, &self.extension, priority, Arc::new(handler));
    }
}
