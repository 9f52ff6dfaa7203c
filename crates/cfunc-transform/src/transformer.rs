//! The one entry, and what the parts share.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostic, Diagnostics, FunctionModel, LocalModel, Span, VariableId};
use cfunc_sources::{MarkedFunction, VariableSource, Variables};
use cfunc_syntax::ast::{
    Binding, Expression, ExpressionKind, FunctionDefinition, Intrinsic, LocalId, Name, Statement, StatementKind,
};
use cfunc_syntax::builders;
use cfunc_syntax::visit::assigned_names;

/// Diagnostics after which no more are looked for; each costs time that grows with the number of names.
const MOST_DIAGNOSTICS: usize = 100;

pub(crate) struct Transformer<'a> {
    pub(crate) scope: &'a ModuleScope<'a>,
    pub(crate) function: FunctionModel,
    pub(crate) variables: Variables,
    /// Where the targets of state declarations stand.
    pub(crate) declarations: HashSet<Span>,
    pub(crate) locals: Vec<LocalModel>,
    pub(crate) local_ids: HashMap<Name, LocalId>,
    /// Locals of returned values, by position.
    pub(crate) returned: Vec<LocalId>,
    pub(crate) diagnostics: Diagnostics,
    /// Whether handlers are asked: not in what a handler answered.
    pub(crate) asks_handlers: bool,
    /// The names after `as` of the `except` clauses around the current statement.
    pub(crate) exception_names: Vec<Name>,
    /// The `finally` blocks that follow the current statement when it leaves the function.
    pub(crate) finally_depth: usize,
    /// The `finally` blocks that the current statement is in.
    pub(crate) inside_finally: usize,
    /// Handlers that are being asked at this moment, one inside of the other.
    pub(crate) nested_handlers: usize,
}

/// Binds the names of a function and marks what its statements stand for.
///
/// The diagnostics hold errors and warnings; with an error the function is not fit to be compiled, though every part
/// that is right stands in it.
pub fn transform(
    scope: &ModuleScope<'_>,
    definition: &FunctionDefinition,
    function: FunctionModel,
) -> (MarkedFunction, Diagnostics) {
    let variables = scope.context().layout().create_variables(&function);
    let declarations = function.states.iter().map(|state| state.span).collect();
    let mut transformer = Transformer {
        scope,
        function,
        variables,
        declarations,
        locals: Vec::new(),
        local_ids: HashMap::new(),
        returned: Vec::new(),
        diagnostics: Diagnostics::new(),
        asks_handlers: true,
        exception_names: Vec::new(),
        finally_depth: 0,
        inside_finally: 0,
        nested_handlers: 0,
    };
    let mut source = definition.body.as_slice();
    if let Some((first, rest)) = source.split_first()
        && is_constant_statement(first)
    {
        source = rest;
    }
    transformer.add_locals(source);
    let mut body = transformer.block(source.to_vec());
    if body.is_empty() {
        body.push(builders::pass(definition.name_span));
    }
    transformer.diagnostics.sort();
    let Transformer { function, variables, locals, diagnostics, .. } = transformer;
    (MarkedFunction { function, variables, locals, start: Vec::new(), body, stop: Vec::new() }, diagnostics)
}

/// What stands for an expression that was reported.
pub(crate) const REPORTED: ExpressionKind =
    ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, arguments: Vec::new() };

/// Whether a statement is a constant that does nothing: a docstring, `...`.
pub(crate) fn is_constant_statement(statement: &Statement) -> bool {
    matches!(&statement.kind, StatementKind::Expression(Expression { kind: ExpressionKind::Constant(_), .. }))
}

impl Transformer<'_> {
    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        if !self.is_full() {
            self.diagnostics.push(diagnostic);
        }
    }

    /// Whether enough is wrong to look no further. What comes after it is left as it is.
    pub(crate) fn is_full(&self) -> bool {
        self.diagnostics.len() >= MOST_DIAGNOSTICS && self.diagnostics.has_errors()
    }

    /// Reports what is wrong with an expression and puts something in its place that nothing is said of again.
    pub(crate) fn refuse(&mut self, expression: &mut Expression, diagnostic: Diagnostic) {
        self.report(diagnostic);
        expression.kind = REPORTED;
    }

    fn add_locals(&mut self, body: &[Statement]) {
        for name in assigned_names(body) {
            if !self.is_state(&name) && !self.is_reported(&name) {
                let shadows = self.variables.lookup(&name);
                self.add_local(name, shadows);
            }
        }
    }

    pub(crate) fn add_local(&mut self, name: Name, shadows: Option<VariableId>) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.push(LocalModel { name: Arc::clone(&name), shadows });
        self.local_ids.insert(name, id);
        id
    }

    pub(crate) fn is_state(&self, name: &str) -> bool {
        let variable = self.variables.lookup(name).map(|id| self.variables.get(id));
        variable.is_some_and(|variable| matches!(variable.source, VariableSource::State { .. }))
    }

    /// What a name stands for inside of the function: a local, else a variable.
    pub(crate) fn own_binding(&self, name: &str) -> Option<Binding> {
        let local = self.local_ids.get(name).copied().map(Binding::Local);
        local.or_else(|| self.variables.lookup(name).map(Binding::Variable))
    }
}
