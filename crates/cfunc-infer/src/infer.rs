//! The driver: one function, its three bodies.

use std::borrow::Cow;
use std::sync::Arc;

use cfunc_context::{CompilationContext, ModuleScope, PythonFunctions, RuleId, RuleUses, ValueRole};
use cfunc_models::{Diagnostic, Diagnostics, LocalModel, Severity, Span, Type, TypeTable, Value};
use cfunc_sources::{MarkedFunction, MarkedHelper};
use cfunc_syntax::ast::{HelperId, LocalId, Name, Statement};
use foldhash::{HashMap, HashSet};

use crate::copies::stale_copies;
use crate::elaborate::Elaborations;
use crate::environment::{Bound, Environment, RestartMark};
use crate::exceptions::{FinallyFrame, Handling};
use crate::helpers::{ReturnPath, Specialisations, without_repetitions};
use crate::loops::LoopFrame;
use crate::places::SharedNames;
use crate::rule_helpers::PythonTyper;
use crate::sharing::{Examined, shared_containers};
use crate::typed::{EdgeConversion, EdgeId, Slot, SlotId, TypedFunction, TypedStatement};

/// Diagnostics after which no more warnings are kept.
pub(crate) const MOST_WARNINGS: usize = 1_000;

/// Types a function. Options choose among ways to emit code; they do not change types, so none are taken.
///
/// # Errors
///
/// All diagnostics that can be found in one run, when an error is among them.
pub fn infer(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    mut marked: MarkedFunction,
) -> Result<TypedFunction, Diagnostics> {
    let context = scope.context();
    let locals = marked.locals.len();
    let registry = context.registry();
    let mut type_of = |value: &Value| registry.type_of(types, value, ValueRole::Constant).map(|(ty, _)| ty);
    marked.variables.type_constants(&mut type_of);
    for helper in marked.helpers.iter_mut().chain(&mut marked.of_rules.helpers) {
        helper.function.variables.type_constants(&mut type_of);
    }
    let python = PythonTyper::new(context, std::mem::take(&mut marked.of_rules)).map(Arc::new);
    let functions = python.clone().map(|typer| typer as Arc<dyn PythonFunctions>);
    let mut specialisations = Specialisations::default();
    let mut inference = Inference {
        context,
        scope: Some(scope),
        types,
        marked: &marked,
        locals: Cow::Borrowed(&marked.locals),
        elaborations: Elaborations::default(),
        environment: Environment::new(locals),
        slots: Vec::new(),
        local_slots: vec![Vec::new(); locals],
        edges: Vec::new(),
        tracked: vec![false; locals],
        selected: vec![false; locals],
        loops: Vec::new(),
        finallies: Vec::new(),
        handling: Vec::new(),
        local_names: None,
        assumptions: HashMap::default(),
        diagnostics: Vec::new(),
        helpers: &marked.helpers,
        specialisations: &mut specialisations,
        result: None,
        returns: Vec::new(),
        known_slots: HashMap::default(),
        computed: HashSet::default(),
        parameters: Vec::new(),
        shared_names: None,
        uses: RuleUses::default().with_python(functions),
        resolved_rules: Vec::new(),
    };
    let start = inference.body(&marked.start);
    let body = inference.body(&marked.body);
    let stop = inference.body(&marked.stop);
    let selected = inference.selected_slots();
    let Inference { slots, edges, tracked, diagnostics, mut uses, .. } = inference;
    let mut found = Diagnostics::new();
    without_repetitions(diagnostics).into_iter().for_each(|diagnostic| found.push(diagnostic));
    let helpers = specialisations.typed;
    if !found.has_errors() {
        let variables = &marked.variables;
        let function = Examined { context, types, variables, slots: &slots, edges: &edges, helpers: &helpers };
        shared_containers(function, [&start, &body, &stop]).into_iter().for_each(|diagnostic| found.push(diagnostic));
        stale_copies(function, [&start, &body, &stop]).into_iter().for_each(|diagnostic| found.push(diagnostic));
    }
    if found.has_errors() {
        return Err(found);
    }
    let MarkedFunction { function, variables, .. } = marked;
    for helper in &helpers {
        uses.append(&helper.function.uses);
    }
    Ok(TypedFunction {
        function,
        variables,
        slots,
        edges,
        selected,
        tracked,
        start,
        body,
        stop,
        uses,
        warnings: found,
        helpers,
        python,
        call: None,
    })
}

/// The state of one inference.
pub(crate) struct Inference<'a> {
    pub(crate) context: &'a CompilationContext,
    /// The names of the module that is compiled; `None` for functions that rules call, which are typed apart from it.
    pub(crate) scope: Option<&'a ModuleScope<'a>>,
    pub(crate) types: &'a mut TypeTable,
    pub(crate) marked: &'a MarkedFunction,
    /// The locals of the function, and those that elaborators added.
    pub(crate) locals: Cow<'a, [LocalModel]>,
    pub(crate) elaborations: Elaborations,
    pub(crate) environment: Environment,
    pub(crate) slots: Vec<Slot>,
    /// The slots of each local, one a type.
    pub(crate) local_slots: Vec<Vec<SlotId>>,
    pub(crate) edges: Vec<Vec<EdgeConversion>>,
    pub(crate) tracked: Vec<bool>,
    /// By local, whether some selection is made among its slots.
    pub(crate) selected: Vec<bool>,
    pub(crate) loops: Vec<LoopFrame>,
    /// The `try` statements with `finally` around the current statement, which leaves through them.
    pub(crate) finallies: Vec<FinallyFrame>,
    /// The clauses and `finally` blocks that the current statement is in.
    pub(crate) handling: Vec<Handling>,
    /// The locals by name, once a clause needs them.
    pub(crate) local_names: Option<HashMap<Name, LocalId>>,
    /// What was found to hold at the head of a loop, by the loop's statement; kept between rounds of outer loops so
    /// that nested loops cost their changes, not a product of rounds.
    pub(crate) assumptions: HashMap<usize, Vec<(LocalId, Bound)>>,
    pub(crate) diagnostics: Vec<Diagnostic>,
    /// The helpers that may be called.
    pub(crate) helpers: &'a [MarkedHelper],
    pub(crate) specialisations: &'a mut Specialisations,
    /// Of a helper, the local that is its result.
    pub(crate) result: Option<LocalId>,
    pub(crate) returns: Vec<ReturnPath>,
    /// Values of slots that nothing is left of at run time.
    pub(crate) known_slots: HashMap<SlotId, Value>,
    /// Where constants stand that operators were evaluated to: they are no literals.
    pub(crate) computed: HashSet<Span>,
    /// The locals that are parameters of the helper.
    pub(crate) parameters: Vec<LocalId>,
    /// The names that assignments give one value, once a method that updates its base asks for them.
    pub(crate) shared_names: Option<SharedNames>,
    /// Uses of rules that the tree does not show.
    pub(crate) uses: RuleUses,
    /// The rules of what stands in the tree, in the order in which it was typed, so that those of a round that is given
    /// up are known.
    pub(crate) resolved_rules: Vec<RuleId>,
}

/// Where a round of a loop starts.
pub(crate) struct RestartPoint {
    environment: RestartMark,
    diagnostics: usize,
    edges: usize,
    returns: usize,
    /// How many jumps leave the innermost `try` with `finally`.
    exits: usize,
    pub(crate) uses: usize,
    resolved_rules: usize,
}

impl<'a> Inference<'a> {
    /// One that types helpers alone, the one with an id first.
    pub(crate) fn of_helpers(
        (context, scope): (&'a CompilationContext, Option<&'a ModuleScope<'a>>),
        types: &'a mut TypeTable,
        (helpers, id): (&'a [MarkedHelper], HelperId),
        specialisations: &'a mut Specialisations,
        uses: RuleUses,
    ) -> Self {
        let marked = &helpers[id.0 as usize].function;
        Self {
            context,
            scope,
            types,
            marked,
            locals: Cow::Borrowed(&marked.locals),
            elaborations: Elaborations::default(),
            environment: Environment::new(0),
            slots: Vec::new(),
            local_slots: Vec::new(),
            edges: Vec::new(),
            tracked: Vec::new(),
            selected: Vec::new(),
            loops: Vec::new(),
            finallies: Vec::new(),
            handling: Vec::new(),
            local_names: None,
            assumptions: HashMap::default(),
            diagnostics: Vec::new(),
            helpers,
            specialisations,
            result: None,
            returns: Vec::new(),
            known_slots: HashMap::default(),
            computed: HashSet::default(),
            parameters: Vec::new(),
            shared_names: None,
            uses,
            resolved_rules: Vec::new(),
        }
    }
}

impl Inference<'_> {
    fn body(&mut self, statements: &[Statement]) -> Vec<TypedStatement> {
        let mark = self.environment.mark();
        let mut typed = Vec::with_capacity(statements.len());
        self.statements(statements, &mut typed);
        self.environment.rollback(mark);
        self.environment.reachable = true;
        typed
    }

    pub(crate) fn report(&mut self, diagnostic: Diagnostic) {
        // Errors keep the function from being compiled: none is lost.
        if diagnostic.severity == Severity::Error || self.diagnostics.len() < MOST_WARNINGS {
            self.diagnostics.push(diagnostic);
        }
    }

    pub(crate) fn type_name(&self, ty: Type) -> &str {
        self.types.written_name(ty)
    }

    // Slots.

    /// The local of each slot of those that selections are made of.
    pub(crate) fn selected_slots(&self) -> Vec<Option<LocalId>> {
        let mut locals = vec![None; self.slots.len()];
        for (index, slots) in (0u32..).zip(&self.local_slots).filter(|(index, _)| self.selected[*index as usize]) {
            slots.iter().for_each(|slot| locals[slot.0 as usize] = Some(LocalId(index)));
        }
        locals
    }

    pub(crate) fn new_slot(&mut self, name: &str, ty: Type) -> SlotId {
        let slot = SlotId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(Slot { name: Name::from(name), ty });
        slot
    }

    /// The slot of a local at a type.
    pub(crate) fn local_slot(&mut self, local: LocalId, ty: Type) -> SlotId {
        let existing = &self.local_slots[local.0 as usize];
        if let Some(slot) = existing.iter().find(|slot| self.slots[slot.0 as usize].ty == ty) {
            return *slot;
        }
        let slot = SlotId(u32::try_from(self.slots.len()).unwrap_or(u32::MAX));
        self.slots.push(Slot { name: Name::clone(&self.locals[local.0 as usize].name), ty });
        self.local_slots[local.0 as usize].push(slot);
        slot
    }

    pub(crate) fn slot_type(&self, slot: SlotId) -> Type {
        self.slots[slot.0 as usize].ty
    }

    // Edges.

    pub(crate) fn new_edge(&mut self) -> EdgeId {
        self.edges.push(Vec::new());
        EdgeId(u32::try_from(self.edges.len() - 1).unwrap_or(u32::MAX))
    }

    pub(crate) fn convert_on_all(&mut self, edges: &[EdgeId], from: Bound, to: Bound) {
        // Many edges convert nothing: they are not looked at one by one.
        if from.slot() != to.slot() {
            edges.iter().for_each(|edge| self.convert_on(*edge, from, to));
        }
    }

    pub(crate) fn convert_on(&mut self, edge: EdgeId, from: Bound, to: Bound) {
        if let (Some(from), Some(to)) = (from.slot(), to.slot())
            && from != to
        {
            self.edges[edge.0 as usize].push(EdgeConversion { from, to });
        }
    }

    // Going back, when a loop's assumption did not hold.

    pub(crate) fn restart_point(&self) -> RestartPoint {
        RestartPoint {
            environment: self.environment.restart_mark(),
            diagnostics: self.diagnostics.len(),
            edges: self.edges.len(),
            returns: self.returns.len(),
            exits: self.finallies.last().map_or(0, |frame| frame.exits.len()),
            uses: self.uses.len(),
            resolved_rules: self.resolved_rules.len(),
        }
    }

    pub(crate) fn restart(&mut self, point: &RestartPoint) {
        self.environment.restart(point.environment);
        self.environment.reachable = true;
        self.diagnostics.truncate(point.diagnostics);
        self.edges.truncate(point.edges);
        self.returns.truncate(point.returns);
        if let Some(frame) = self.finallies.last_mut() {
            frame.exits.truncate(point.exits);
        }
        // What was asked may have led to the types that the next round assumes.
        self.uses.give_up(point.uses);
        for rule in self.resolved_rules.drain(point.resolved_rules..) {
            self.uses.ask(rule);
        }
    }
}
