//! Every operation of a typed function, with the rules that type and lower it.

use cfunc_context::{Registry, Resolution, RuleId, RuleInfo, RuleUses, UseKind};
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

/// A use of rules: an operation, call, conversion or constant of a function, or what was asked of a value known at
/// compile time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ResolvedOperation<'a> {
    /// What the rules were used for.
    pub kind: UseKind,
    /// Where it stands; a conversion where paths meet has the place of the statement that makes them meet.
    pub span: Span,
    /// What it is, as diagnostics say it: `+`, `math.sqrt`, `.width`; for all but operations the name
    /// of the kind: `cast`, `constant`, `typeof`, `unify`, `convert`, `fold`, `copy`, `release`, `unbox`, `box`.
    pub name: String,
    /// The types of its parameters and its result: `(int, float) -> float`. The result of a fold is typed by itself.
    pub signature: String,
    /// The rule that typed it; of all but operations, the one rule.
    pub typed_by: RuleReference<'a>,
    /// The rule that lowers it.
    pub lowered_by: RuleReference<'a>,
    /// Whether its value is known at compile time. An operation is emitted by its rules all the same; left out, the value
    /// would stand in its place.
    pub is_known: bool,
}

impl TypedFunction {
    /// The operations, calls, conversions and constants in the order of the source, phases START, EXECUTE, STOP, then
    /// those of the helpers, each once for its types.
    pub fn operations<'a>(&'a self, types: &'a TypeTable, registry: &'a Registry) -> Vec<ResolvedOperation<'a>> {
        let mut walk = Walk { function: self, types, registry, found: Vec::new(), helpers: Vec::new() };
        for body in [&self.start, &self.body, &self.stop] {
            walk.statements(body);
        }
        walk.helpers.extend(self.call.iter().map(|call| call.function));
        let mut next = 0;
        while let Some(helper) = walk.helpers.get(next).and_then(|id| self.helpers.get(id.0 as usize)) {
            walk.function = &helper.function;
            walk.statements(&helper.function.body);
            next += 1;
        }
        walk.found
    }
}

/// Recorded uses of rules, with what the rules are.
pub fn recorded_operations<'a>(
    types: &'a TypeTable,
    registry: &'a Registry,
    uses: &RuleUses,
) -> Vec<ResolvedOperation<'a>> {
    let each = uses.iter().map(|(used, operands, result)| {
        let name = match (used.kind, used.callable) {
            (UseKind::Operation, Some(callable)) => registry.callable_name(callable).to_owned(),
            (kind, _) => kind.name().to_owned(),
        };
        let rule = |id| RuleReference { id, info: registry.rule(id) };
        ResolvedOperation {
            kind: used.kind,
            span: used.span,
            name,
            signature: signature(types, operands, result),
            typed_by: rule(used.typing),
            lowered_by: rule(used.lowering),
            // Types, conversions and folds are of values that are known.
            is_known: matches!(used.kind, UseKind::Typeof | UseKind::Convert | UseKind::Fold),
        }
    });
    each.collect()
}

fn signature(types: &TypeTable, parameters: &[Type], result: Type) -> String {
    let parameters: Vec<&str> = parameters.iter().map(|ty| types.name(*ty)).collect();
    format!("({}) -> {}", parameters.join(", "), types.name(result))
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
    fn add(
        &mut self,
        (kind, span): (UseKind, Span),
        name: String,
        (parameters, result): (&[Type], Type),
        rules: (RuleId, RuleId),
        is_known: bool,
    ) {
        let signature = signature(self.types, parameters, result);
        let rule = |id| RuleReference { id, info: self.registry.rule(id) };
        let (typed_by, lowered_by) = (rule(rules.0), rule(rules.1));
        self.found.push(ResolvedOperation { kind, span, name, signature, typed_by, lowered_by, is_known });
    }

    fn add_one(&mut self, kind: UseKind, span: Span, signature: (&[Type], Type), rule: RuleId, is_known: bool) {
        self.add((kind, span), kind.name().to_owned(), signature, (rule, rule), is_known);
    }

    fn operation(&mut self, span: Span, resolution: &Resolution, is_known: bool) {
        let name = match (&resolution.attribute, resolution.callable) {
            (Some(attribute), _) => format!(".{attribute}"),
            (None, Some(callable)) => self.registry.callable_name(callable).to_owned(),
            (None, None) => self.registry.rule(resolution.typing).name.clone(),
        };
        let signature = (&*resolution.signature.parameters, resolution.signature.result);
        let rules = (resolution.typing, resolution.lowering);
        self.add((UseKind::Operation, span), name, signature, rules, is_known);
    }

    fn cast(&mut self, span: Span, from: Type, to: Type, is_known: bool) {
        if from == to {
            return;
        }
        if let Some(cast) = self.registry.cast(self.types, from, to) {
            self.add_one(UseKind::Cast, span, (&[from], to), cast.rule, is_known);
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
            TypedStatementKind::Return
            | TypedStatementKind::Raise { .. }
            | TypedStatementKind::Reraise { .. }
            | TypedStatementKind::Unbind(_)
            | TypedStatementKind::Leave { .. } => {}
            TypedStatementKind::Assert { test, .. } => self.expression(test),
            TypedStatementKind::Try(parts) => {
                self.statements(&parts.body);
                for handler in &parts.handlers {
                    self.statements(&handler.body);
                    self.edge(span, handler.edge);
                }
                self.statements(&parts.or_else);
                self.edge(span, parts.body_edge);
                if let Some(finally) = &parts.finally {
                    self.statements(&finally.body);
                    finally.exits.iter().for_each(|exit| self.statements(exit));
                }
            }
        }
    }

    fn expression(&mut self, expression: &TypedExpression) {
        let (span, ty, is_known) = (expression.span, expression.ty, expression.constant.is_some());
        match &expression.kind {
            TypedExpressionKind::Constant(_) => {
                if let Some((_, rule)) = self.registry.constant(self.types, ty) {
                    self.add_one(UseKind::Constant, span, (&[], ty), rule, true);
                }
            }
            TypedExpressionKind::Slot(_)
            | TypedExpressionKind::Variable(_)
            | TypedExpressionKind::AbiElement { .. }
            | TypedExpressionKind::AbiParameter(_) => {}
            TypedExpressionKind::AbiElementAt { index, .. } | TypedExpressionKind::InputAt { index, .. } => {
                self.expression(index);
            }
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
            TypedExpressionKind::ShortCircuit { left, truth, right, edges, .. } => {
                self.expression(left);
                if let Some(truth) = truth {
                    if let Some(tested) = truth.signature.parameters.first() {
                        self.cast(left.span, left.ty, *tested, false);
                    }
                    self.operation(left.span, truth, false);
                }
                self.cast(left.span, left.ty, ty, false);
                self.expression(right);
                edges.iter().flatten().for_each(|edge| self.edge(span, *edge));
            }
            TypedExpressionKind::Conditional { test, body, or_else, edges } => {
                [test, body, or_else].into_iter().for_each(|part| self.expression(part));
                edges.iter().flatten().for_each(|edge| self.edge(span, *edge));
            }
            TypedExpressionKind::Sequence { statements, value } => {
                self.statements(statements);
                self.expression(value);
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
