//! Unpacking: values to several targets, and `*value` among elements and arguments.

use cfunc_context::{Operation, Resolution, ResolveError};
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind};

use crate::arms::sequence;
use crate::coerce::argument;
use crate::infer::Inference;
use crate::typed::{TypedExpression, TypedExpressionKind, TypedStatement};

impl Inference<'_> {
    /// Types elements of a display or arguments of a call; `*value` stands for as many as its type says.
    pub(crate) fn elements(&mut self, elements: &[Expression]) -> Vec<TypedExpression> {
        let mut typed = Vec::with_capacity(elements.len());
        for element in elements {
            match &element.kind {
                ExpressionKind::Starred(value) => self.starred(value, element.span, &mut typed),
                _ => typed.push(self.expression(element)),
            }
        }
        typed
    }

    fn starred(&mut self, value: &Expression, span: Span, typed: &mut Vec<TypedExpression>) {
        let value = self.expression(value);
        if self.is_poison(&value) {
            typed.push(value);
            return;
        }
        let Some(count) = self.element_count(&value) else {
            let name = self.type_name(value.ty);
            let message = format!("how many values `*` stands for is not known: this is of type {name}");
            let diagnostic = Diagnostic::error(codes::UNSUPPORTED, span, message).expected("a tuple");
            self.report(diagnostic.hint("name the values one by one"));
            typed.push(self.poison(span, Type::OBJECT));
            return;
        };
        let mut statements = Vec::new();
        let held = self.hold(value, &mut statements);
        for index in 0..count {
            let element = self.element(&held, index, span);
            // The first one brings the value that all are taken from.
            typed.push(sequence(std::mem::take(&mut statements), element, span));
        }
    }

    /// How many elements a value is unpacked to, where its type says so.
    pub(crate) fn element_count(&mut self, value: &TypedExpression) -> Option<usize> {
        let registry = self.context.registry();
        let described = argument(value);
        let length = registry.resolve_if_defined(
            self.types,
            Operation::Length.id(),
            std::slice::from_ref(&described),
            value.span,
            &mut self.uses,
        )?;
        self.ask(&length);
        let Some(Value::Integer(length)) = length.known.as_deref().cloned() else { return None };
        let mut count = described.clone();
        (count.ty, count.constant) =
            (self.constant(Value::Integer(length), value.span).ty, Some(Value::Integer(length)));
        let operands = [described, count];
        let unpack = Operation::Unpack.id();
        let unpacked = registry.resolve_if_defined(self.types, unpack, &operands, value.span, &mut self.uses)?;
        self.ask(&unpacked);
        usize::try_from(length).ok()
    }

    /// Notes rules whose answer decides what is typed, and which stand nowhere in the tree.
    fn ask(&mut self, resolution: &Resolution) {
        self.uses.ask(resolution.typing);
        self.uses.ask(resolution.lowering);
    }

    /// The element of a constant index.
    pub(crate) fn element(&mut self, value: &TypedExpression, index: usize, span: Span) -> TypedExpression {
        let position = Value::Integer(i64::try_from(index).unwrap_or(i64::MAX));
        let position = self.constant(position, span);
        let element = self.apply(Operation::GetItem.id(), vec![value.clone(), position], Vec::new(), span);
        match (&value.kind, &element.constant) {
            // The whole is not made again for each of its elements.
            (TypedExpressionKind::Constant(_), Some(constant)) => self.constant(constant.clone(), span),
            _ => element,
        }
    }

    /// Assigns the elements of a value to targets, from left to right.
    pub(crate) fn unpack(
        &mut self,
        targets: &[Expression],
        value: TypedExpression,
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        let star = targets.iter().position(|target| matches!(target.kind, ExpressionKind::Starred(_)));
        let counts = match star {
            Some(star) => vec![star, targets.len() - star - 1],
            None => vec![targets.len()],
        };
        let operation = if star.is_some() { Operation::UnpackStarred } else { Operation::Unpack };
        let unpacked = self.unpacked(operation, value, &counts, span);
        let held = if self.is_poison(&unpacked) { unpacked } else { self.hold(unpacked, out) };
        for (index, target) in targets.iter().enumerate() {
            let element = if self.is_poison(&held) { held.clone() } else { self.element(&held, index, target.span) };
            match &target.kind {
                ExpressionKind::Starred(target) => self.assign(target, element, out),
                _ => self.assign(target, element, out),
            }
        }
    }

    /// A value as one with an element for each target.
    pub(crate) fn unpacked(
        &mut self,
        operation: Operation,
        value: TypedExpression,
        counts: &[usize],
        span: Span,
    ) -> TypedExpression {
        if self.is_poison(&value) {
            return value;
        }
        let at = span.cover(value.span);
        let counts = counts.iter().map(|count| Value::Integer(i64::try_from(*count).unwrap_or(i64::MAX)));
        let mut operands = vec![value];
        for count in counts {
            operands.push(self.constant(count, span));
        }
        let described: Vec<_> = operands.iter().map(argument).collect();
        let registry = self.context.registry();
        match registry.resolve(self.types, operation.id(), &described, &[], at, &mut self.uses) {
            Ok(resolution) => self.resolved(resolution, operation.name(), operands, at, None),
            Err(ResolveError::NoRule { .. }) => {
                let name = self.type_name(operands[0].ty);
                let message = format!("a value of type {name} cannot be unpacked");
                let diagnostic = Diagnostic::error(codes::NO_RULE, at, message).expected("a tuple");
                self.report(diagnostic.hint("assign it to one name"));
                self.poison(at, Type::OBJECT)
            }
            Err(error) => {
                self.report_resolution(&error, at);
                self.poison(at, Type::OBJECT)
            }
        }
    }
}
