//! Conversions: to a given type, to a truth value, of two to one.

use std::fmt::Display;

use cfunc_context::{Argument, Conversion, Operation, Resolution, UseKind};
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::LocalId;

use crate::environment::Bound;
use crate::infer::Inference;
use crate::typed::{TypedExpression, TypedExpressionKind};

impl Inference<'_> {
    /// What two bindings of a local are where paths meet.
    pub(crate) fn join(&mut self, local: LocalId, left: Bound, right: Bound, span: Span) -> Bound {
        use Bound::{Always, Conflict, Maybe, Never};
        if left == right {
            return left;
        }
        let (left_slot, right_slot) = match (left, right) {
            (Conflict(first, second), _) | (_, Conflict(first, second)) => return Conflict(first, second),
            (Never, other) | (other, Never) => return other.slot().map_or(Never, Maybe),
            (Always(left) | Maybe(left), Always(right) | Maybe(right)) => (left, right),
        };
        let (left_type, right_type) = (self.slot_type(left_slot), self.slot_type(right_slot));
        let unified = match (left_type, right_type) {
            // What was reported says nothing of the type: the other path does. In a loop the report may be of a round
            // that is typed again, with what this path brings.
            (Type::OBJECT, other) | (other, Type::OBJECT) => Some(other),
            _ => self.unify(left_type, right_type, span),
        };
        // Edges convert to the common type: without the casts there is none.
        let registry = self.context.registry();
        let casts =
            |from: Type, to: Type| from == to || from == Type::OBJECT || registry.cast(self.types, from, to).is_some();
        let Some(ty) = unified.filter(|ty| casts(left_type, *ty) && casts(right_type, *ty)) else {
            return Conflict(left_slot, right_slot);
        };
        self.note_cast(left_type, ty);
        self.note_cast(right_type, ty);
        let slot = self.local_slot(local, ty);
        match (left, right) {
            (Always(_), Always(_)) => Always(slot),
            _ => Maybe(slot),
        }
    }

    /// A value as one of a type. Constants are converted at once; a lossy conversion warns, or is refused for literals.
    /// What for completes "expected … for": "the state `n`".
    pub(crate) fn coerce(&mut self, expression: TypedExpression, ty: Type, what_for: impl Display) -> TypedExpression {
        if expression.ty == ty {
            return expression;
        }
        let registry = self.context.registry();
        let Some(cast) = registry.cast(self.types, expression.ty, ty) else {
            let (found, expected) = (self.type_name(expression.ty), self.type_name(ty));
            let diagnostic = Diagnostic::error(
                codes::TYPE_MISMATCH,
                expression.span,
                format!("this is of type {found}, which does not convert to {expected}"),
            )
            .expected(format!("{expected} for {what_for}"))
            .hint("give a value of that type, or change the declared type");
            self.report(diagnostic);
            return self.poison(expression.span, ty);
        };
        if let Some(loss) = cast.loss {
            let (found, expected) = (self.type_name(expression.ty).to_owned(), self.type_name(ty).to_owned());
            if loss.refuses_literals && is_literal(&expression) && !self.computed.contains(&expression.span) {
                let diagnostic = Diagnostic::error(
                    codes::TYPE_MISMATCH,
                    expression.span,
                    format!("a literal of type {found} where {expected} is needed"),
                )
                .expected(format!("{expected} for {what_for}"))
                .hint(format!("write a literal of type {expected}, or change the declared type"));
                self.report(diagnostic);
                return self.poison(expression.span, ty);
            }
            let message = format!("{found} becomes {expected} for {what_for}: {}", loss.message);
            let diagnostic = Diagnostic::warning(loss.code, expression.span, message);
            self.report(diagnostic.hint(loss.hint));
        }
        let span = expression.span;
        let converted = match (&expression.constant, cast.conversion) {
            (Some(value), Conversion::Promotion | Conversion::Safe) => registry.convert_value(self.types, ty, value),
            _ => None,
        };
        self.resolved_rules.push(cast.rule);
        if let Some((_, rule)) = converted {
            self.uses.add(UseKind::Convert, rule, span, &[expression.ty], ty);
        }
        let constant = converted.map(|(value, _)| value);
        let kind = match (&constant, &expression.kind) {
            (Some(value), TypedExpressionKind::Constant(_)) => {
                // The conversion stays for the constant alone, of which no operation is left.
                self.uses.add(UseKind::Cast, cast.rule, span, &[expression.ty], ty);
                TypedExpressionKind::Constant(value.clone())
            }
            _ => {
                self.environment.may_fail();
                TypedExpressionKind::Cast(Box::new(expression))
            }
        };
        TypedExpression { ty, span, kind, constant }
    }

    /// What stands in for an expression that was reported: a value of a type, so that typing goes on.
    pub(crate) fn poison(&self, span: Span, ty: Type) -> TypedExpression {
        TypedExpression { ty, span, kind: TypedExpressionKind::Constant(Value::None), constant: None }
    }

    /// The truth value of an expression.
    pub(crate) fn truth(&mut self, expression: TypedExpression) -> TypedExpression {
        if expression.ty == Type::BOOLEAN {
            return expression;
        }
        let span = expression.span;
        if self.is_poison(&expression) {
            return self.poison(span, Type::BOOLEAN);
        }
        match self.resolve_truth(&expression) {
            Some(resolution) => {
                let constant = match &expression.constant {
                    Some(value) => self.fold_unary(Operation::Truth.id(), (value, expression.ty), span),
                    None => None,
                };
                let name = self.context.registry().callable_name(Operation::Truth.id());
                self.resolved(resolution, name, vec![expression], span, constant)
            }
            None => self.poison(span, Type::BOOLEAN),
        }
    }

    /// The rules for the truth of an expression; reported where there are none.
    pub(crate) fn resolve_truth(&mut self, expression: &TypedExpression) -> Option<Resolution> {
        let argument = argument(expression);
        let (registry, span) = (self.context.registry(), expression.span);
        match registry.resolve(self.types, Operation::Truth.id(), &[argument], &[], span, &mut self.uses) {
            Ok(resolution) => {
                self.note_resolved(&resolution);
                if let Some(tested) = resolution.signature.parameters.first() {
                    self.note_cast(expression.ty, *tested);
                }
                Some(resolution)
            }
            Err(error) => {
                self.report_resolution(&error, expression.span);
                None
            }
        }
    }

    /// The one type of two values, with both converted to it; reported where there is none.
    pub(crate) fn unify_expressions(
        &mut self,
        left: TypedExpression,
        right: TypedExpression,
        span: Span,
    ) -> (TypedExpression, TypedExpression) {
        if left.ty == right.ty {
            return (left, right);
        }
        if self.is_poison(&left) {
            return (self.poison(left.span, right.ty), right);
        }
        if self.is_poison(&right) {
            let ty = left.ty;
            return (left, self.poison(right.span, ty));
        }
        let Some(ty) = self.unify(left.ty, right.ty, span) else {
            let (first, second) = (self.type_name(left.ty), self.type_name(right.ty));
            let message = format!("the result is of type {first} or {second}, which are not one type");
            let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, span, message)
                .expected("values of one type, or of types that widen to one")
                .hint("convert one of them");
            self.report(diagnostic);
            let ty = left.ty;
            return (left, self.poison(right.span, ty));
        };
        (self.coerce(left, ty, "the common type"), self.coerce(right, ty, "the common type"))
    }

    /// The one type for values of two; the rule is recorded.
    pub(crate) fn unify(&mut self, left: Type, right: Type, span: Span) -> Option<Type> {
        let (ty, rule) = self.context.registry().unify(self.types, left, right, &mut self.uses)?;
        if let Some(rule) = rule {
            self.uses.add(UseKind::Unify, rule, span, &[left, right], ty);
        }
        Some(ty)
    }

    /// Notes the rules of an operation that stands in the tree.
    pub(crate) fn note_resolved(&mut self, resolution: &Resolution) {
        self.resolved_rules.extend([resolution.typing, resolution.lowering]);
    }

    /// Notes the rule of a conversion that stands in the tree.
    pub(crate) fn note_cast(&mut self, from: Type, to: Type) {
        if from != to
            && let Some(cast) = self.context.registry().cast(self.types, from, to)
        {
            self.resolved_rules.push(cast.rule);
        }
    }

    /// Whether an expression stands in for one that was reported.
    pub(crate) fn is_poison(&self, expression: &TypedExpression) -> bool {
        if let TypedExpressionKind::Sequence { value, .. } = &expression.kind {
            return self.is_poison(value);
        }
        expression.constant.is_none()
            && expression.ty != Type::NONE
            && matches!(expression.kind, TypedExpressionKind::Constant(Value::None))
    }
}

/// An expression as typing rules see it.
pub(crate) fn argument(expression: &TypedExpression) -> Argument {
    Argument { ty: expression.ty, constant: expression.constant.clone(), span: expression.span }
}

/// Whether it is written as a literal, with a sign perhaps. Bound constants are no literals.
fn is_literal(expression: &TypedExpression) -> bool {
    match &expression.kind {
        TypedExpressionKind::Constant(_) => expression.constant.is_some(),
        TypedExpressionKind::Call { arguments, .. } => {
            expression.constant.is_some() && arguments.len() == 1 && is_literal(&arguments[0])
        }
        _ => false,
    }
}
