//! Helpers: functions of Python code, typed once for each combination of argument types.

use std::borrow::Cow;

use cfunc_context::{ExtensionPanic, catch_panics};
use cfunc_models::{DataModel, Diagnostic, Severity, Span, Type, Value, codes};
use cfunc_sources::MarkedHelper;
use cfunc_syntax::ast::{Expression, HelperId, Keyword, Name, ParameterKind};
use foldhash::{HashMap, HashSet};

use crate::elaborate::Elaborations;
use crate::environment::{Bound, Environment};
use crate::infer::Inference;
use crate::typed::{
    EdgeId, SlotId, SpecialisationId, TypedExpression, TypedExpressionKind, TypedFunction, TypedHelper, TypedStatement,
    TypedStatementKind,
};

/// How many combinations of helpers and argument types one compilation has at most.
const MAXIMUM_SPECIALISATIONS: usize = 1_000;

/// How deep helpers call each other at most; what [`crate::infer`] takes of the stack grows with it.
pub const MAXIMUM_HELPER_NESTING: usize = 32;

/// How many callers a diagnostic inside of a helper names.
const NAMED_CALLERS: usize = 3;

/// The type of an argument, and its value where nothing is left of it at run time.
pub(crate) type ArgumentKey = (Type, Option<Value>);

/// What typing a helper for some argument types gave.
#[derive(Clone)]
pub(crate) struct Outcome {
    arguments: Vec<ArgumentKey>,
    /// `None` where an error is among the diagnostics.
    pub(crate) helper: Option<SpecialisationId>,
    pub(crate) result: Type,
    /// The value of the result, where nothing is left of it at run time.
    pub(crate) constant: Option<Value>,
    pub(crate) diagnostics: Vec<Diagnostic>,
}

/// The helpers typed so far.
#[derive(Default)]
pub(crate) struct Specialisations {
    outcomes: HashMap<HelperId, Vec<Outcome>>,
    count: usize,
    pub(crate) typed: Vec<TypedHelper>,
    /// The helpers that are being typed, each called by the one before it, with the place of the call.
    active: Vec<(HelperId, Span)>,
}

/// A `return` of a helper.
#[derive(Clone)]
pub(crate) struct ReturnPath {
    edge: EdgeId,
    slot: SlotId,
    span: Span,
    constant: Option<Value>,
}

impl Inference<'_> {
    /// A call of a helper.
    pub(crate) fn helper_call(
        &mut self,
        id: HelperId,
        arguments: &[Expression],
        keywords: &[Keyword],
        span: Span,
    ) -> TypedExpression {
        let mut typed: Vec<TypedExpression> = arguments.iter().map(|argument| self.expression(argument)).collect();
        let mut names: Vec<&Name> = Vec::new();
        for keyword in keywords {
            let value = self.expression(&keyword.value);
            if let Some(name) = &keyword.name {
                names.push(name);
                typed.push(value);
            }
        }
        let Some(helper) = self.helpers.get(id.0 as usize) else { return self.poison(span, Type::OBJECT) };
        let positions = match self.arrange(helper, arguments.len(), &names, &mut typed, span) {
            Ok(positions) => positions,
            Err(diagnostic) => {
                self.report(*diagnostic);
                return self.poison(span, Type::OBJECT);
            }
        };
        if typed.iter().any(|value| self.is_poison(value)) {
            return self.poison(span, Type::OBJECT);
        }
        let arguments: Vec<ArgumentKey> = positions
            .iter()
            .map(|position| {
                let value = &typed[*position];
                (value.ty, value.constant.clone().filter(|_| self.is_empty(value.ty)))
            })
            .collect();
        let Some(outcome) = self.specialise(id, arguments, span) else { return self.poison(span, Type::OBJECT) };
        for diagnostic in &outcome.diagnostics {
            let mut diagnostic = diagnostic.clone();
            if helper.is_foreign {
                // What it underlines is of another text.
                let name = &helper.function.function.name;
                diagnostic.message = format!("in `{name}`: {}", diagnostic.message);
                diagnostic.span = span;
                diagnostic.notes.clear();
            } else if diagnostic.notes.len() < NAMED_CALLERS {
                let types: Vec<&str> = outcome.arguments.iter().map(|(ty, _)| self.types.name(*ty)).collect();
                diagnostic = diagnostic.note(span, format!("called here with ({})", types.join(", ")));
            }
            self.report(diagnostic);
        }
        let Some(specialisation) = outcome.helper else { return self.poison(span, Type::OBJECT) };
        self.environment.may_fail();
        let kind = TypedExpressionKind::HelperCall { helper: specialisation, arguments: typed, positions };
        TypedExpression { ty: outcome.result, span, kind, constant: outcome.constant }
    }

    /// Whether nothing is left of a value of a type at run time.
    fn is_empty(&self, ty: Type) -> bool {
        self.types.definition(ty).model == DataModel::Empty
    }

    /// For each parameter the position of its argument; defaults are added to the arguments.
    fn arrange(
        &mut self,
        helper: &MarkedHelper,
        positional: usize,
        keywords: &[&Name],
        arguments: &mut Vec<TypedExpression>,
        span: Span,
    ) -> Result<Vec<usize>, Box<Diagnostic>> {
        let function = &helper.function.function;
        let parameters = &helper.parameters;
        let wrong = |message: String| {
            let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, span, message);
            let diagnostic = diagnostic.expected(format!("`{}`", signature(helper)));
            let diagnostic = diagnostic.hint("give each parameter without a default one argument");
            Box::new(if helper.is_foreign { diagnostic } else { diagnostic.note(function.span, "defined here") })
        };
        let by_position = parameters.iter().filter(|parameter| parameter.kind != ParameterKind::KeywordOnly).count();
        if positional > by_position {
            let count = |number: usize| if number == 1 { "one".to_owned() } else { number.to_string() };
            return Err(wrong(format!(
                "`{}` takes {} by position, {} {} given",
                function.name,
                if by_position == 0 { "no argument".to_owned() } else { format!("at most {}", count(by_position)) },
                count(positional),
                if positional == 1 { "is" } else { "are" },
            )));
        }
        for name in keywords {
            let known = parameters
                .iter()
                .any(|parameter| parameter.name == **name && parameter.kind != ParameterKind::PositionalOnly);
            if !known {
                return Err(wrong(format!("`{}` takes no keyword argument `{name}`", function.name)));
            }
        }
        let mut positions = Vec::with_capacity(parameters.len());
        let mut next = 0;
        for parameter in parameters {
            let keyword = keywords
                .iter()
                .position(|name| **name == parameter.name && parameter.kind != ParameterKind::PositionalOnly);
            let given = (parameter.kind != ParameterKind::KeywordOnly && next < positional).then_some(next);
            next += usize::from(given.is_some());
            positions.push(match (given, keyword) {
                (Some(_), Some(_)) => {
                    return Err(wrong(format!("`{}` is given `{}` twice", function.name, parameter.name)));
                }
                (Some(position), None) => position,
                (None, Some(keyword)) => positional + keyword,
                (None, None) => {
                    let Some(default) = &parameter.default else {
                        let message = format!("`{}` is given no argument for `{}`", function.name, parameter.name);
                        return Err(wrong(message));
                    };
                    arguments.push(self.constant(default.clone(), span.head()));
                    arguments.len() - 1
                }
            });
        }
        Ok(positions)
    }

    /// The helper for these arguments, typed on first use. `None` where that was refused and reported.
    pub(crate) fn specialise(&mut self, id: HelperId, arguments: Vec<ArgumentKey>, span: Span) -> Option<Outcome> {
        let same = |known: &ArgumentKey, given: &ArgumentKey| {
            known.0 == given.0
                && match (&known.1, &given.1) {
                    (Some(known), Some(given)) => known.same_bits(given),
                    (None, None) => true,
                    _ => false,
                }
        };
        let known = self.specialisations.outcomes.get(&id).into_iter().flatten();
        let equal = |outcome: &&Outcome| {
            outcome.arguments.len() == arguments.len()
                && outcome.arguments.iter().zip(&arguments).all(|(known, given)| same(known, given))
        };
        if let Some(outcome) = known.clone().find(equal) {
            return Some(outcome.clone());
        }
        if let Some(first) = self.specialisations.active.iter().position(|(active, _)| *active == id) {
            self.recursion(first, id, span);
            return None;
        }
        let limit = if self.specialisations.count >= MAXIMUM_SPECIALISATIONS {
            Some(format!("helpers are called with more than {MAXIMUM_SPECIALISATIONS} combinations of types in all"))
        } else if self.uses.nesting() >= MAXIMUM_HELPER_NESTING {
            Some(format!("helpers call each other more than {MAXIMUM_HELPER_NESTING} deep"))
        } else {
            None
        };
        if let Some(message) = limit {
            let diagnostic = Diagnostic::error(codes::LIMIT_COUNT, span, message);
            self.report(diagnostic.hint("write fewer helpers, or give them arguments of fewer types"));
            return None;
        }
        self.specialisations.count += 1;
        self.specialisations.active.push((id, span));
        let is_foreign = self.helpers.get(id.0 as usize).is_some_and(|helper| helper.is_foreign);
        let outcome = catch_panics(|| self.type_helper(id, arguments)).unwrap_or_else(|panic| {
            // Places in it are of another text.
            let place = if is_foreign { Some(span) } else { panic.span };
            ExtensionPanic { span: place, ..panic }.resume()
        });
        self.specialisations.active.pop();
        let outcome = outcome?;
        self.specialisations.outcomes.entry(id).or_default().push(outcome.clone());
        Some(outcome)
    }

    fn recursion(&mut self, first: usize, id: HelperId, span: Span) {
        let cycle = self.specialisations.active.split_at(first).1;
        let name = |id: HelperId| &*self.helpers[id.0 as usize].function.function.name;
        let names: Vec<&str> = cycle.iter().map(|(id, _)| name(*id)).chain([name(id)]).collect();
        let message = format!("`{}` calls itself: {}", name(id), names.join(" -> "));
        let mut diagnostic = Diagnostic::error(codes::RECURSION, span, message)
            .expected("calls whose depth is known at compile time")
            .hint("write it as a loop");
        for (called, place) in cycle.iter().skip(1) {
            diagnostic = diagnostic.note(*place, format!("`{}` is called here", name(*called)));
        }
        self.report(diagnostic);
    }

    fn type_helper(&mut self, id: HelperId, arguments: Vec<ArgumentKey>) -> Option<Outcome> {
        let helper = self.helpers.get(id.0 as usize)?;
        let marked = &helper.function;
        let mut inner = Inference {
            context: self.context,
            scope: self.scope,
            types: &mut *self.types,
            marked,
            locals: Cow::Borrowed(&marked.locals),
            elaborations: Elaborations::default(),
            environment: Environment::new(marked.locals.len()),
            slots: Vec::new(),
            local_slots: vec![Vec::new(); marked.locals.len()],
            edges: Vec::new(),
            tracked: vec![false; marked.locals.len()],
            selected: vec![false; marked.locals.len()],
            loops: Vec::new(),
            assumptions: HashMap::default(),
            diagnostics: Vec::new(),
            helpers: self.helpers,
            specialisations: &mut *self.specialisations,
            result: Some(helper.result),
            returns: Vec::new(),
            known_slots: HashMap::default(),
            computed: HashSet::default(),
            parameters: helper.parameters.iter().map(|parameter| parameter.local).collect(),
            shared_names: None,
            finallies: Vec::new(),
            handling: Vec::new(),
            local_names: None,
            uses: self.uses.nested(),
            resolved_rules: Vec::new(),
        };
        let parameters = inner.bind_parameters(helper, &arguments);
        let mut body = Vec::new();
        inner.statements(&marked.body, &mut body);
        if inner.environment.reachable {
            let none = inner.constant(Value::None, marked.function.span);
            inner.return_result(none, &mut body);
        }
        let (slot, constant) = inner.unify_returns(helper);
        let result = inner.slot_type(slot);
        let selected = inner.selected_slots();
        let Inference { slots, edges, tracked, diagnostics, uses, .. } = inner;
        // What an earlier stage reported has no type here.
        let failed = (result == Type::OBJECT && constant.is_none())
            || diagnostics.iter().any(|diagnostic| diagnostic.severity == Severity::Error);
        let specialisation = (!failed).then(|| {
            let function = TypedFunction {
                function: marked.function.clone(),
                variables: marked.variables.clone(),
                slots,
                edges,
                selected,
                tracked,
                start: Vec::new(),
                body,
                stop: Vec::new(),
                uses,
                warnings: cfunc_models::Diagnostics::new(),
                helpers: Vec::new(),
                python: None,
                call: None,
            };
            let typed = &mut self.specialisations.typed;
            typed.push(TypedHelper { parameters, result: slot, function, is_foreign: helper.is_foreign });
            SpecialisationId(u32::try_from(typed.len() - 1).unwrap_or(u32::MAX))
        });
        Some(Outcome { arguments, helper: specialisation, result, constant, diagnostics })
    }

    fn bind_parameters(&mut self, helper: &MarkedHelper, arguments: &[ArgumentKey]) -> Vec<SlotId> {
        let mut slots = Vec::with_capacity(arguments.len());
        for (parameter, (ty, value)) in helper.parameters.iter().zip(arguments) {
            let slot = match value {
                // A slot of its own: what is assigned to the parameter later is of another value.
                Some(value) => {
                    let slot = self.new_slot(&parameter.name, *ty);
                    self.known_slots.insert(slot, value.clone());
                    slot
                }
                None => self.local_slot(parameter.local, *ty),
            };
            self.environment.bind(parameter.local, Bound::Always(slot));
            slots.push(slot);
        }
        slots
    }

    /// `return` with a value.
    pub(crate) fn return_result(&mut self, value: TypedExpression, out: &mut Vec<TypedStatement>) {
        let Some(result) = self.result else { return };
        let value = self.keep(value, "the result of a helper");
        self.refuse_object(&value);
        let (span, constant) = (value.span, value.constant.clone());
        let slot = self.local_slot(result, value.ty);
        out.push(TypedStatement { span, kind: TypedStatementKind::SetSlot { slot, local: None, value } });
        let edge = self.new_edge();
        self.returns.push(ReturnPath { edge, slot, span, constant });
        out.push(TypedStatement { span, kind: TypedStatementKind::ReturnResult(edge) });
        self.environment.reachable = false;
    }

    /// The slot that all returned values are converted to, and its value where nothing is left of it at run time.
    fn unify_returns(&mut self, helper: &MarkedHelper) -> (SlotId, Option<Value>) {
        let result = helper.result;
        let returns = self.returns.clone();
        let Some((first, rest)) = returns.split_first() else {
            // It never returns: every path ends in an error, or in none.
            return (self.local_slot(result, Type::NONE), Some(Value::None));
        };
        let mut joined = Bound::Always(first.slot);
        for path in rest {
            let before = joined;
            joined = self.join(result, before, Bound::Always(path.slot), path.span);
            if let (Bound::Conflict(..), Some(slot)) = (joined, before.slot()) {
                let (one, other) = (self.slot_type(slot), self.slot_type(path.slot));
                let name = &helper.function.function.name;
                let message = format!(
                    "`{name}` returns {} on one path and {} on another",
                    self.type_name(one),
                    self.type_name(other)
                );
                let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, path.span, message)
                    .expected("one type on all paths, or types that widen to one")
                    .hint("return values of one type, or convert on one of the paths")
                    .note(first.span, "the other path");
                self.report(diagnostic);
                return (first.slot, None);
            }
        }
        let slot = joined.slot().unwrap_or(first.slot);
        for path in &returns {
            self.convert_on(path.edge, Bound::Always(path.slot), Bound::Always(slot));
        }
        let same = |constant: &Option<Value>| match (constant, &first.constant) {
            (Some(value), Some(first)) => value.same_bits(first),
            _ => false,
        };
        let known = self.is_empty(self.slot_type(slot)) && returns.iter().all(|path| same(&path.constant));
        (slot, first.constant.clone().filter(|_| known))
    }

    /// A helper that is not called where it is named.
    pub(crate) fn uncalled_helper(&mut self, name: &str, span: Span) -> TypedExpression {
        let diagnostic = Diagnostic::error(codes::NOT_A_VALUE, span, format!("`{name}` is a function, not a value"));
        self.report(diagnostic.hint(format!("call it: `{name}(…)`")));
        self.poison(span, Type::OBJECT)
    }
}

/// The parameters as they are written: `f(a, b=2, *, c)`.
fn signature(helper: &MarkedHelper) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut before = ParameterKind::PositionalOnly;
    for (index, parameter) in helper.parameters.iter().enumerate() {
        if parameter.kind != before {
            if before == ParameterKind::PositionalOnly && index > 0 {
                parts.push("/".to_owned());
            }
            if parameter.kind == ParameterKind::KeywordOnly {
                parts.push("*".to_owned());
            }
            before = parameter.kind;
        }
        parts.push(match &parameter.default {
            Some(default) => format!("{}={default}", parameter.name),
            None => parameter.name.to_string(),
        });
    }
    format!("{}({})", helper.function.function.name, parts.join(", "))
}

/// Leaves out what was said before: a helper that several places call says the same to each.
pub(crate) fn without_repetitions(diagnostics: Vec<Diagnostic>) -> Vec<Diagnostic> {
    let mut seen = HashSet::default();
    diagnostics
        .into_iter()
        .filter(|diagnostic| seen.insert((diagnostic.span, diagnostic.code.id, diagnostic.message.clone())))
        .collect()
}
