//! Expressions of which not every part is evaluated: what names are bound to where their paths meet.

use cfunc_models::{Span, Type, Value};
use cfunc_syntax::ast::{BooleanOperator, Expression};

use crate::environment::Mark;
use crate::infer::Inference;
use crate::typed::{Comparison, EdgeId, TypedExpression, TypedExpressionKind, TypedStatement, TypedStatementKind};

/// The edges of two ways through an expression, where one of them binds names.
pub(crate) type ArmEdges = Option<[EdgeId; 2]>;

impl Inference<'_> {
    /// Types operands each of which is evaluated only if those before it were. The edges are for joining the operands
    /// from the last on.
    pub(crate) fn operands(
        &mut self,
        values: &[Expression],
        span: Span,
        one: fn(&mut Self, &Expression) -> TypedExpression,
    ) -> (Vec<TypedExpression>, Vec<ArmEdges>) {
        let mut marks = Vec::with_capacity(values.len());
        let mut typed = Vec::with_capacity(values.len());
        for value in values {
            marks.push(self.environment.mark());
            typed.push(one(self, value));
        }
        (typed, self.meet_operands(marks.get(1..).unwrap_or_default(), span))
    }

    /// Joins, from the last on, the path that ends before each mark with the one that goes on.
    pub(crate) fn meet_operands(&mut self, marks: &[Mark], span: Span) -> Vec<ArmEdges> {
        marks.iter().rev().map(|mark| self.meet_skipped(*mark, span)).collect()
    }

    /// Joins the path that ended at a mark with the one that went on to here.
    pub(crate) fn meet_skipped(&mut self, mark: Mark, span: Span) -> ArmEdges {
        let changes = self.environment.changes_since(mark);
        if changes.is_empty() {
            return None;
        }
        self.environment.rollback(mark);
        let [skipped, taken] = [self.new_edge(), self.new_edge()];
        self.meet(&[(skipped, Vec::new()), (taken, changes)], span);
        Some([skipped, taken])
    }

    /// `body if test else or_else`.
    pub(crate) fn conditional(
        &mut self,
        test: &Expression,
        body: &Expression,
        or_else: &Expression,
        span: Span,
    ) -> TypedExpression {
        let test = self.condition(test);
        if let Some(holds) = known_by_types(&test) {
            // The other way may be wrong for these types, and is not gone.
            let value = self.expression(if holds { body } else { or_else });
            let statements = vec![TypedStatement { span: test.span, kind: TypedStatementKind::Evaluate(test) }];
            return sequence(statements, value, span);
        }
        let mark = self.environment.mark();
        let body = self.expression(body);
        let body_changes = self.environment.changes_since(mark);
        self.environment.rollback(mark);
        let or_else = self.expression(or_else);
        let else_changes = self.environment.changes_since(mark);
        self.environment.rollback(mark);
        let edges = if body_changes.is_empty() && else_changes.is_empty() {
            None
        } else {
            let [first, second] = [self.new_edge(), self.new_edge()];
            self.meet(&[(first, body_changes), (second, else_changes)], span);
            Some([first, second])
        };
        let (body, or_else) = self.unify_expressions(body, or_else, span);
        let ty = body.ty;
        let kind = TypedExpressionKind::Conditional {
            test: Box::new(test),
            body: Box::new(body),
            or_else: Box::new(or_else),
            edges,
        };
        TypedExpression { ty, span, kind, constant: None }
    }

    /// `(target := value)`.
    pub(crate) fn walrus(&mut self, target: &Expression, value: &Expression, span: Span) -> TypedExpression {
        let value = self.expression(value);
        let value = self.keep(value, "a name");
        let mut statements = Vec::new();
        let held = self.hold(value, &mut statements);
        self.assign(target, held.clone(), &mut statements);
        sequence(statements, held, span)
    }

    /// `a < b < (c := d)`: operands are held, so that each comparison is an expression of its own.
    pub(crate) fn comparisons_that_bind(
        &mut self,
        first: TypedExpression,
        rest: Vec<Comparison>,
        edges: Vec<ArmEdges>,
        span: Span,
    ) -> TypedExpression {
        let mut left = first;
        let last = rest.len().saturating_sub(1);
        let mut parts = Vec::with_capacity(rest.len());
        for (index, Comparison { mut resolution, negated, swapped, right }) in rest.into_iter().enumerate() {
            let mut next = right.clone();
            let mut right = right;
            if index < last {
                let mut statements = Vec::new();
                next = self.hold(right, &mut statements);
                right = sequence(statements, next.clone(), next.span);
            }
            let at = left.span.cover(right.span);
            if swapped {
                let arrangement = cfunc_context::Arrangement { defaults: Vec::new(), positions: vec![1, 0] };
                resolution.arrangement = Some(Box::new(arrangement));
            }
            let name = resolution.callable.map_or("", |callable| self.context.registry().callable_name(callable));
            let compared = self.resolved(resolution, name, vec![left, right], at, None);
            parts.push(if negated { self.negation(compared, at) } else { compared });
            left = next;
        }
        Self::chain(BooleanOperator::And, parts, edges, span)
    }

    /// A truth value that is known.
    pub(crate) fn known(holds: bool, span: Span) -> TypedExpression {
        let value = Value::Boolean(holds);
        let kind = TypedExpressionKind::Constant(value.clone());
        TypedExpression { ty: Type::BOOLEAN, span, kind, constant: Some(value) }
    }
}

/// Statements, then a value; the value alone where there are none.
pub(crate) fn sequence(statements: Vec<TypedStatement>, value: TypedExpression, span: Span) -> TypedExpression {
    if statements.is_empty() {
        return value;
    }
    let (ty, constant) = (value.ty, value.constant.clone());
    TypedExpression { ty, span, kind: TypedExpressionKind::Sequence { statements, value: Box::new(value) }, constant }
}

/// What a test gives, where the types of its operands alone say it: `x is None` of an int.
pub(crate) fn known_by_types(test: &TypedExpression) -> Option<bool> {
    match &test.kind {
        TypedExpressionKind::Not(operand) => known_by_types(operand).map(|holds| !holds),
        TypedExpressionKind::Call { resolution, .. } => match resolution.known.as_deref() {
            Some(Value::Boolean(holds)) => Some(*holds),
            _ => None,
        },
        _ => None,
    }
}
