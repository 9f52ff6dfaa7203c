//! The one entry, and what the parts share.

use std::sync::Arc;

use cfunc_context::{ExtensionId, ModuleScope};
use cfunc_models::{
    AbiRole, Diagnostic, Diagnostics, FunctionModel, LifecyclePhase, LocalModel, Span, TypeTable, VariableId, codes,
};
use cfunc_sources::{InitFilter, MarkedFunction, VariableSource, Variables};
use cfunc_syntax::ast::{
    Binding, Expression, ExpressionKind, FunctionDefinition, Intrinsic, LocalId, Name, Statement, StatementKind,
};
use cfunc_syntax::builders;
use cfunc_syntax::visit::assigned_names;
use foldhash::{HashMap, HashSet};

use crate::aliases::Alias;
use crate::helpers::{Helpers, transform_helpers, transform_rule_helpers};

/// What is being transformed.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// The node's body.
    Execute,
    /// The body of START or STOP.
    Lifecycle(LifecyclePhase),
    /// A helper.
    Helper,
}

/// Diagnostics after which no more are looked for; each costs time that grows with the number of names.
const MOST_DIAGNOSTICS: usize = 100;

pub(crate) struct Transformer<'a> {
    pub(crate) scope: &'a ModuleScope<'a>,
    /// The types that declarations are of.
    pub(crate) types: &'a TypeTable,
    /// That of the module that is compiled, which knows what the host and extensions bring.
    pub(crate) root: &'a ModuleScope<'a>,
    pub(crate) function: FunctionModel,
    pub(crate) variables: Variables,
    /// Where the targets of state declarations stand.
    pub(crate) declarations: HashSet<Span>,
    pub(crate) locals: Vec<LocalModel>,
    /// The annotations of locals that the analyzer does not read, by where their targets stand.
    pub(crate) annotations: Vec<(Span, Expression)>,
    pub(crate) local_ids: HashMap<Name, LocalId>,
    /// Locals that stand for functions.
    pub(crate) aliases: HashMap<Name, Alias>,
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
    /// Whose handlers are being asked at this moment, and about what, one inside of the other.
    pub(crate) asking: Vec<(&'a ExtensionId, Span)>,
    /// Whose answer is being worked on.
    pub(crate) answering: Option<&'a ExtensionId>,
    /// How deep in the tree the current node is.
    pub(crate) nesting: usize,
    /// The variables whose expressions are being put in the place of their names.
    pub(crate) expanding: Vec<VariableId>,
    /// Whether it was reported that the tree is too deep.
    pub(crate) reported_depth: bool,
    pub(crate) role: Role,
    /// Of a helper, the names of the node's variables, which it does not see.
    pub(crate) of_node: Arc<HashSet<Name>>,
    /// Helpers that were met.
    pub(crate) helpers: Helpers<'a>,
}

/// Binds the names of a function and marks what its statements stand for, with the bodies of its START and STOP and the
/// helpers that they call.
///
/// The diagnostics hold errors and warnings; with an error the function is not fit to be compiled, though every part
/// that is right stands in it.
pub fn transform<'a>(
    scope: &'a ModuleScope<'a>,
    types: &'a TypeTable,
    definition: &FunctionDefinition,
    function: FunctionModel,
) -> (MarkedFunction, Diagnostics) {
    let layout = scope.context().layout();
    let variables = layout.create_variables(&function);
    let misplaced = layout.misplaced(&function, &variables).map(|(variable, parameter)| {
        let (category, name) = (&variable.category, &variable.name);
        let message = format!(
            "the source category `{category}` puts its variable `{name}` into `{}`, which keeps no such cells",
            parameter.name
        );
        let diagnostic = Diagnostic::error(codes::EXTENSION, definition.name_span, message);
        diagnostic
            .expected("a parameter of role `Cells` or `Custom`, or a state or output that is there")
            .hint("this is a mistake in the extension of that category, not in this function")
    });
    let mut clashes = clashes(&function, &variables);
    clashes.extend(unlike_copy(scope, types, &function, &variables));
    let mut transformer = Transformer::new((scope, types), function, variables, Role::Execute);
    misplaced.into_iter().chain(clashes).for_each(|diagnostic| transformer.report(diagnostic));
    let source = statements_of(&definition.body);
    transformer.add_locals(source);
    let mut body = transformer.block(source.to_vec());
    if body.is_empty() {
        body.push(builders::pass(definition.name_span));
    }
    let start = transformer.lifecycle(LifecyclePhase::Start);
    let stop = transformer.lifecycle(LifecyclePhase::Stop);
    let Transformer { function, variables, locals, annotations, helpers, mut diagnostics, .. } = transformer;
    let helpers = transform_helpers((scope, types), helpers, &variables, &mut diagnostics);
    let of_rules = transform_rule_helpers(scope, types);
    diagnostics.sort();
    (MarkedFunction { function, variables, locals, annotations, start, body, stop, helpers, of_rules }, diagnostics)
}

/// Names that a category gives to a variable where another variable has it: reads would find the one or the other.
fn clashes(function: &FunctionModel, variables: &Variables) -> Vec<Diagnostic> {
    let declared = |name: &str| {
        let parameters = function.parameters.iter().map(|parameter| (&parameter.name, parameter.span));
        let states = function.states.iter().map(|state| (&state.name, state.span));
        let mut spans = parameters.chain(states).filter(|(known, _)| ***known == *name).map(|(_, span)| span);
        (spans.next(), spans.next())
    };
    let clashes = variables.clashes().iter().filter_map(|(name, hidden, found)| {
        let [hidden, found] = [hidden, found].map(|id| &*variables.get(*id).category);
        // What the source declares twice is reported where it does.
        let (place, None) = declared(name) else { return None };
        let message = if hidden == found {
            format!("the source category `{found}` gives the name `{name}` to two variables")
        } else {
            format!("the source categories `{hidden}` and `{found}` both have a variable `{name}`")
        };
        let diagnostic = Diagnostic::error(codes::EXTENSION, place.unwrap_or(function.span), message);
        Some(diagnostic.expected("one variable of a name").hint(match place {
            Some(_) => "give it another name here, or leave out the extension that brings the other one",
            None => "an extension that brings one of them must be mended, or left out",
        }))
    });
    clashes.collect()
}

/// The first variable that shares the cell of another one and would read it as something else.
fn unlike_copy(
    scope: &ModuleScope<'_>,
    types: &TypeTable,
    function: &FunctionModel,
    variables: &Variables,
) -> Option<Diagnostic> {
    let declared = function.parameters.len() + function.states.len() + function.outputs.len();
    // Without variables of extensions there are no copies.
    if variables.len() <= declared {
        return None;
    }
    let mut places = HashMap::default();
    let held = |ty| (types.components(ty), types.definition(ty).cell);
    let (first, second) = variables.iter().find_map(|(_, variable)| {
        let VariableSource::Input { parameter, index } = variable.source else { return None };
        let role = scope.context().layout().parameters().get(parameter.0 as usize)?.role;
        let first = *places.entry((parameter, index)).or_insert(variable);
        (role == AbiRole::Cells && held(first.ty) != held(variable.ty)).then_some((first, variable))
    })?;
    let [first_type, second_type] = [first, second].map(|variable| types.name(variable.ty));
    let message = format!(
        "the source category `{}` reads the cell of `{}`, of type {first_type}, as `{}` of type {second_type}",
        second.category, first.name, second.name
    );
    let diagnostic = Diagnostic::error(codes::EXTENSION, function.span, message);
    let diagnostic = diagnostic.expected("one type, or types that are held alike, for all variables of a cell");
    Some(diagnostic.hint("this is a mistake in the extension of that category, not in this function"))
}

/// The statements of a body without its docstring.
pub(crate) fn statements_of(body: &[Statement]) -> &[Statement] {
    match body.split_first() {
        Some((first, rest)) if is_constant_statement(first) => rest,
        _ => body,
    }
}

/// What stands for an expression that was reported.
pub(crate) const REPORTED: ExpressionKind =
    ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, arguments: Vec::new() };

/// Whether a statement is a constant that does nothing: a docstring, `...`.
pub(crate) fn is_constant_statement(statement: &Statement) -> bool {
    matches!(&statement.kind, StatementKind::Expression(Expression { kind: ExpressionKind::Constant(_), .. }))
}

impl<'a> Transformer<'a> {
    pub(crate) fn new(
        (scope, types): (&'a ModuleScope<'a>, &'a TypeTable),
        function: FunctionModel,
        variables: Variables,
        role: Role,
    ) -> Self {
        let declarations = function.states.iter().map(|state| state.span).collect();
        Self {
            scope,
            types,
            root: scope,
            function,
            variables,
            declarations,
            locals: Vec::new(),
            annotations: Vec::new(),
            local_ids: HashMap::default(),
            aliases: HashMap::default(),
            returned: Vec::new(),
            diagnostics: Diagnostics::new(),
            asks_handlers: true,
            exception_names: Vec::new(),
            finally_depth: 0,
            inside_finally: 0,
            asking: Vec::new(),
            answering: None,
            nesting: 0,
            expanding: Vec::new(),
            reported_depth: false,
            role,
            of_node: Arc::default(),
            helpers: Helpers::default(),
        }
    }

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

    pub(crate) fn add_locals(&mut self, body: &[Statement]) {
        self.find_aliases(body);
        for name in assigned_names(body) {
            // Of a helper, parameters are locals already.
            let is_bound = self.is_state(&name)
                || self.is_reported(&name)
                || self.local_ids.contains_key(&name)
                || self.aliases.contains_key(&name);
            if !is_bound {
                let shadows = self.variables.lookup(&name);
                self.add_local(name, shadows);
            }
        }
    }

    pub(crate) fn add_local(&mut self, name: Name, shadows: Option<VariableId>) -> LocalId {
        let id = LocalId(u32::try_from(self.locals.len()).unwrap_or(u32::MAX));
        self.locals.push(LocalModel { name: Arc::clone(&name), shadows, passes_on: false });
        self.local_ids.insert(name, id);
        id
    }

    pub(crate) fn is_state(&self, name: &str) -> bool {
        let variable = self.variables.lookup(name).map(|id| self.variables.get(id));
        variable.is_some_and(|variable| matches!(variable.source, VariableSource::State { .. }))
    }

    /// The phase of the body, where a variable is not there in it.
    pub(crate) fn absent_in(&self, binding: Binding) -> Option<LifecyclePhase> {
        match (self.role, binding) {
            (Role::Lifecycle(phase), Binding::Variable(id)) => {
                (self.variables.get(id).init_filter != InitFilter::Always).then_some(phase)
            }
            _ => None,
        }
    }

    /// What a name stands for inside of the function: a local, else a variable.
    pub(crate) fn own_binding(&self, name: &str) -> Option<Binding> {
        let local = self.local_ids.get(name).copied().map(Binding::Local);
        local.or_else(|| self.variables.lookup(name).map(Binding::Variable))
    }
}
