//! Every operation of a typed function, with the rules that type and lower it.

use cfunc_context::{Delegation, Registry, Resolution, RuleId, RuleInfo, Signature};
use cfunc_models::{Span, Type, TypeTable};

use crate::typed::{
    EdgeId, Fallback, SlotId, SpecialisationId, TypedExpression, TypedExpressionKind, TypedFunction, TypedStatement,
    TypedStatementKind,
};

/// A rule of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RuleReference<'a> {
    /// Its position among the rules of the context.
    pub id: RuleId,
    /// Its name, and the extension that registered it.
    pub info: &'a RuleInfo,
}

/// An operation, call, conversion or constant of a function, and the rules it was resolved to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedOperation<'a> {
    /// Where it stands; a conversion where paths meet has the place of the statement that makes them meet.
    pub span: Span,
    /// What it is, as diagnostics say it: `+`, `math.sqrt`, `.width`; `cast`, `constant`.
    pub name: String,
    /// The types of its parameters and its result: `(int, float) -> float`.
    pub signature: String,
    /// The rule that typed it; of conversions and constants, the one that lowers them.
    pub typed_by: RuleReference<'a>,
    /// The rule that lowers it.
    pub lowered_by: RuleReference<'a>,
    /// Whether its value is known at compile time: without its rules it is a constant.
    pub is_known: bool,
}

impl TypedFunction {
    /// Every operation in the order of the source, phases START, EXECUTE, STOP; then those of the helpers, each once for
    /// its types; then what rules left to other rules, as
    /// lowering found it.
    pub fn operations<'a>(
        &'a self,
        types: &'a TypeTable,
        registry: &'a Registry,
        delegations: &[Delegation],
    ) -> Vec<ResolvedOperation<'a>> {
        let mut walk = Walk { function: self, types, registry, found: Vec::new(), helpers: Vec::new() };
        for body in [&self.start, &self.body, &self.stop] {
            walk.statements(body);
        }
        let mut next = 0;
        while let Some(helper) = walk.helpers.get(next).and_then(|id| self.helpers.get(id.0 as usize)) {
            walk.function = &helper.function;
            walk.statements(&helper.function.body);
            next += 1;
        }
        for delegation in delegations {
            walk.operation(delegation.span, &delegation.resolution, false);
            for (from, to) in delegation.arguments.iter().zip(&delegation.resolution.signature.parameters) {
                walk.cast(delegation.span, *from, *to, false);
            }
        }
        walk.found
    }
}

struct Walk<'a> {
    function: &'a TypedFunction,
    types: &'a TypeTable,
    registry: &'a Registry,
    found: Vec<ResolvedOperation<'a>>,
    /// The helpers that are called, in order of their first call.
    helpers: Vec<SpecialisationId>,
}

impl Walk<'_> {
    fn add(&mut self, span: Span, name: String, signature: &Signature, rules: (RuleId, RuleId), is_known: bool) {
        let parameters: Vec<&str> = signature.parameters.iter().map(|ty| self.types.name(*ty)).collect();
        let signature = format!("({}) -> {}", parameters.join(", "), self.types.name(signature.result));
        let rule = |id| RuleReference { id, info: self.registry.rule(id) };
        let (typed_by, lowered_by) = (rule(rules.0), rule(rules.1));
        self.found.push(ResolvedOperation { span, name, signature, typed_by, lowered_by, is_known });
    }

    fn operation(&mut self, span: Span, resolution: &Resolution, is_known: bool) {
        let name = match (&resolution.attribute, resolution.callable) {
            (Some(attribute), _) => format!(".{attribute}"),
            (None, Some(callable)) => self.registry.callable_name(callable).to_owned(),
            (None, None) => self.registry.rule(resolution.typing).name.clone(),
        };
        self.add(span, name, &resolution.signature, (resolution.typing, resolution.lowering), is_known);
    }

    fn cast(&mut self, span: Span, from: Type, to: Type, is_known: bool) {
        if from == to {
            return;
        }
        if let Some(cast) = self.registry.cast(self.types, from, to) {
            self.add(span, "cast".to_owned(), &Signature::new(&[from], to), (cast.rule, cast.rule), is_known);
        }
    }

    fn slot_type(&self, slot: SlotId) -> Type {
        self.function.slots[slot.0 as usize].ty
    }

    fn edge(&mut self, span: Span, edge: EdgeId) {
        for conversion in &self.function.edges[edge.0 as usize] {
            self.cast(span, self.slot_type(conversion.from), self.slot_type(conversion.to), false);
        }
    }

    fn statements(&mut self, statements: &[TypedStatement]) {
        statements.iter().for_each(|statement| self.statement(statement));
    }

    fn statement(&mut self, statement: &TypedStatement) {
        let span = statement.span;
        match &statement.kind {
            TypedStatementKind::Evaluate(value)
            | TypedStatementKind::SetSlot { value, .. }
            | TypedStatementKind::StoreVariable { value, .. } => self.expression(value),
            TypedStatementKind::If { test, body, or_else, body_edge, else_edge } => {
                self.expression(test);
                self.statements(body);
                self.edge(span, *body_edge);
                self.statements(or_else);
                self.edge(span, *else_edge);
            }
            TypedStatementKind::Loop { entry_edge, test, body, back_edge, or_else, exit_edge } => {
                self.edge(span, *entry_edge);
                self.expression(test);
                self.statements(body);
                self.edge(span, *back_edge);
                self.statements(or_else);
                self.edge(span, *exit_edge);
            }
            TypedStatementKind::Break(edge)
            | TypedStatementKind::Continue(edge)
            | TypedStatementKind::ReturnResult(edge) => self.edge(span, *edge),
            TypedStatementKind::Return => {}
        }
    }

    fn expression(&mut self, expression: &TypedExpression) {
        let (span, ty, is_known) = (expression.span, expression.ty, expression.constant.is_some());
        match &expression.kind {
            TypedExpressionKind::Constant(_) => {
                if let Some(rule) = self.registry.constant_rule(self.types, ty) {
                    self.add(span, "constant".to_owned(), &Signature::new(&[], ty), (rule, rule), true);
                }
            }
            TypedExpressionKind::Slot(_)
            | TypedExpressionKind::Variable(_)
            | TypedExpressionKind::AbiElement { .. } => {}
            TypedExpressionKind::CheckedSlot { slot, fallback, .. } => {
                self.cast(span, self.slot_type(*slot), ty, false);
                if let Fallback::Value(below) = fallback {
                    self.expression(below);
                }
            }
            TypedExpressionKind::Call { resolution, arguments } => {
                arguments.iter().for_each(|argument| self.expression(argument));
                self.operation(span, resolution, is_known);
            }
            TypedExpressionKind::HelperCall { helper, arguments, .. } => {
                arguments.iter().for_each(|argument| self.expression(argument));
                if !self.helpers.contains(helper) {
                    self.helpers.push(*helper);
                }
            }
            TypedExpressionKind::Cast(operand) => {
                self.expression(operand);
                self.cast(span, operand.ty, ty, is_known);
            }
            TypedExpressionKind::ShortCircuit { left, truth, right, .. } => {
                self.expression(left);
                if let Some(truth) = truth {
                    if let Some(tested) = truth.signature.parameters.first() {
                        self.cast(left.span, left.ty, *tested, false);
                    }
                    self.operation(left.span, truth, false);
                }
                self.cast(left.span, left.ty, ty, false);
                self.expression(right);
            }
            TypedExpressionKind::Conditional { test, body, or_else } => {
                [test, body, or_else].into_iter().for_each(|part| self.expression(part));
            }
            TypedExpressionKind::Comparisons { first, rest } => {
                self.expression(first);
                let mut left = &**first;
                for comparison in rest {
                    let right = &comparison.right;
                    self.expression(right);
                    let operands = if comparison.swapped { [right, left] } else { [left, right] };
                    for (operand, wanted) in operands.into_iter().zip(&comparison.resolution.signature.parameters) {
                        self.cast(operand.span, operand.ty, *wanted, false);
                    }
                    self.operation(first.span.cover(right.span), &comparison.resolution, false);
                    left = right;
                }
            }
            TypedExpressionKind::Not(operand) => self.expression(operand),
        }
    }
}
