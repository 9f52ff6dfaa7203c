//! Expressions.

use cfunc_context::Operation;
use cfunc_models::{Diagnostic, Span, Type, Value, VariableId, codes};
use cfunc_sources::VariableSource;
use cfunc_syntax::ast::{
    Binding, BooleanOperator, CompareOperator, Expression, ExpressionKind, Intrinsic, LocalId, Statement, UnaryOperator,
};

use crate::arms::{ArmEdges, sequence};
use crate::coerce::argument;
use crate::environment::Bound;
use crate::infer::Inference;
use crate::typed::{Comparison, Fallback, TypedExpression, TypedExpressionKind};

/// For constructs that have no hint of their own.
pub(crate) const UNSUPPORTED_HINT: &str = "write it with statements and expressions that nodes have";

impl Inference<'_> {
    /// Types an expression; what is wrong is reported, and something stands in for it.
    pub(crate) fn expression(&mut self, expression: &Expression) -> TypedExpression {
        let span = expression.span;
        let typed = self.expression_kind(expression, span);
        if !matches!(typed.kind, TypedExpressionKind::Constant(_) | TypedExpressionKind::Slot(_)) {
            self.environment.may_fail();
        }
        typed
    }

    fn expression_kind(&mut self, expression: &Expression, span: Span) -> TypedExpression {
        match &expression.kind {
            ExpressionKind::Constant(value) => self.constant(value.clone(), span),
            ExpressionKind::Name { name, binding } => match binding {
                Binding::Local(local) => self.local(*local, span),
                Binding::Variable(variable) => self.variable(*variable, span),
                Binding::Global(global) => self.global_value(*global, span),
                Binding::Helper(_) => self.uncalled_helper(name, span),
                Binding::Unresolved => {
                    let diagnostic = Diagnostic::error(codes::UNKNOWN_NAME, span, format!("unknown name `{name}`"));
                    self.report(diagnostic.hint("assign it first, or make it a parameter"));
                    self.poison(span, Type::OBJECT)
                }
            },
            ExpressionKind::Attribute { value, attribute, member } => self.attribute(value, (attribute, *member), span),
            ExpressionKind::Call { function, arguments, keywords } => self.call(function, arguments, keywords, span),
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => {
                let operand = self.condition(operand);
                self.negation(operand, span)
            }
            ExpressionKind::Unary { operator, operand } => {
                let operand = self.expression(operand);
                self.apply(Operation::Unary(*operator).id(), vec![operand], Vec::new(), span)
            }
            ExpressionKind::Binary { operator, left, right } => {
                let left = self.expression(left);
                let right = self.expression(right);
                self.apply(Operation::Binary(*operator).id(), vec![left, right], Vec::new(), span)
            }
            ExpressionKind::Boolean { operator, values } => self.boolean(*operator, values, span),
            ExpressionKind::Compare { left, rest } => self.compare(left, rest, span),
            ExpressionKind::Conditional { test, body, or_else } => self.conditional(test, body, or_else, span),
            ExpressionKind::Subscript { value, index } => {
                let value = self.expression(value);
                let index = self.expression(index);
                self.apply(Operation::GetItem.id(), vec![value, index], Vec::new(), span)
            }
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::AbiElement { parameter, index, ty }, .. } => {
                let kind = TypedExpressionKind::AbiElement { parameter: *parameter, index: *index };
                TypedExpression { ty: *ty, span, kind, constant: None }
            }
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::AbiElementAt { parameter, ty }, arguments } => {
                let [index, first, length] = arguments.as_slice() else { return self.poison(span, *ty) };
                let bound = |argument: &Expression| match argument.kind {
                    ExpressionKind::Constant(Value::Integer(bound)) => u32::try_from(bound).unwrap_or(0),
                    _ => 0,
                };
                let (parameter, first, length) = (*parameter, bound(first), bound(length));
                let index = Box::new(self.index(Some(index), span));
                let kind = TypedExpressionKind::AbiElementAt { parameter, first, length, index };
                TypedExpression { ty: *ty, span, kind, constant: None }
            }
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::AbiParameter { parameter, ty }, .. } => {
                TypedExpression { ty: *ty, span, kind: TypedExpressionKind::AbiParameter(*parameter), constant: None }
            }
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::InputAt { variable }, arguments } => {
                let index = Box::new(self.index(arguments.first(), span));
                let ty = self.marked.variables.get(*variable).ty;
                let kind = TypedExpressionKind::InputAt { container: *variable, index };
                TypedExpression { ty, span, kind, constant: None }
            }
            ExpressionKind::Sequence(parts) => self.sequence(&parts.statements, &parts.value, span),
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Held(number), .. } => self.held_value(*number, span),
            ExpressionKind::Intrinsic {
                intrinsic: Intrinsic::StoreOutput { .. } | Intrinsic::StoreOutputs, ..
            } => self.unsupported("an output store inside an expression", span),
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Folded, arguments } => match arguments.as_slice() {
                [Expression { kind: ExpressionKind::Constant(value), .. }] => {
                    self.computed.insert(span);
                    self.constant(value.clone(), span)
                }
                _ => self.poison(span, Type::OBJECT),
            },
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. } => self.poison(span, Type::OBJECT),
            ExpressionKind::Slice { lower, upper, step } => {
                let parts = [lower, upper, step].map(|part| match part {
                    Some(part) => self.expression(part),
                    None => self.constant(Value::None, span.head()),
                });
                self.apply(Operation::MakeSlice.id(), parts.into(), Vec::new(), span)
            }
            ExpressionKind::Tuple(elements) => {
                let elements = self.elements(elements);
                let elements = self.keep_all(elements, "a tuple");
                self.apply(Operation::MakeTuple.id(), elements, Vec::new(), span)
            }
            ExpressionKind::List(elements) => {
                let elements = self.elements(elements);
                let elements = self.keep_all(elements, "a list");
                self.apply(Operation::MakeList.id(), elements, Vec::new(), span)
            }
            ExpressionKind::Dict(entries) => {
                let mut operands = Vec::with_capacity(2 * entries.len());
                for (key, value) in entries {
                    let key = match key {
                        Some(key) => self.expression(key),
                        None => self.unsupported("`**` in a dict", span),
                    };
                    operands.push(key);
                    operands.push(self.expression(value));
                }
                let operands = self.keep_all(operands, "a dict");
                self.apply(Operation::MakeDict.id(), operands, Vec::new(), span)
            }
            ExpressionKind::Walrus { target, value } => self.walrus(target, value, span),
            ExpressionKind::Starred(_) => self.unsupported("`*` before a value", span),
            ExpressionKind::Unsupported(what) => self.unsupported(what, span),
        }
    }

    /// Statements that a handler put in front of a value.
    fn sequence(&mut self, statements: &[Statement], value: &Expression, span: Span) -> TypedExpression {
        let mut typed = Vec::new();
        self.statements(statements, &mut typed);
        // A value that control does not get to is typed all the same: it says what the expression is.
        self.environment.reachable = true;
        let value = self.expression(value);
        // Its value may be known, what the statements do is not.
        TypedExpression { constant: None, ..sequence(typed, value, span) }
    }

    /// The index of an intrinsic, as an int.
    fn index(&mut self, index: Option<&Expression>, span: Span) -> TypedExpression {
        match index {
            Some(index) => {
                let index = self.expression(index);
                if self.is_poison(&index) {
                    return self.poison(index.span, Type::INT64);
                }
                self.coerce(index, Type::INT64, "an index")
            }
            None => self.poison(span, Type::INT64),
        }
    }

    pub(crate) fn unsupported(&mut self, what: &str, span: Span) -> TypedExpression {
        let diagnostic = Diagnostic::error(codes::UNSUPPORTED, span, format!("{what} is not supported here"));
        self.report(diagnostic.hint(UNSUPPORTED_HINT));
        self.poison(span, Type::OBJECT)
    }

    /// A read of a local.
    fn local(&mut self, local: LocalId, span: Span) -> TypedExpression {
        let model = &self.locals[local.0 as usize];
        let (name, shadows) = (model.name.clone(), model.shadows);
        match self.environment.read(local) {
            Bound::Always(slot) if self.known_slots.contains_key(&slot) => {
                let value = self.known_slots[&slot].clone();
                let constant = Some(value.clone());
                let kind = TypedExpressionKind::Constant(value);
                TypedExpression { ty: self.slot_type(slot), span, kind, constant }
            }
            Bound::Always(slot) | Bound::Maybe(slot) if self.slot_type(slot) == Type::OBJECT => {
                // Only what was reported is kept so.
                self.poison(span, Type::OBJECT)
            }
            Bound::Always(slot) => {
                let kind = TypedExpressionKind::Slot(slot);
                TypedExpression { ty: self.slot_type(slot), span, kind, constant: None }
            }
            Bound::Maybe(slot) => {
                self.tracked[local.0 as usize] = true;
                let slot_type = self.slot_type(slot);
                let Some(variable) = shadows else {
                    let kind = TypedExpressionKind::CheckedSlot { slot, local, fallback: Fallback::Error };
                    return TypedExpression { ty: slot_type, span, kind, constant: None };
                };
                let below = self.variable(variable, span);
                let Some(ty) = self.unify(slot_type, below.ty, span) else {
                    return self.conflict(&name, slot_type, below.ty, span);
                };
                self.note_cast(slot_type, ty);
                let below = self.coerce(below, ty, "the local of its name");
                let kind = TypedExpressionKind::CheckedSlot { slot, local, fallback: Fallback::Value(Box::new(below)) };
                TypedExpression { ty, span, kind, constant: None }
            }
            Bound::Never => match shadows {
                Some(variable) => self.variable(variable, span),
                None => {
                    let message = format!("the local `{name}` is read before it is bound");
                    let diagnostic = Diagnostic::error(codes::UNBOUND_LOCAL, span, message)
                        .expected("an assignment on some path to here")
                        .hint(format!("assign `{name}` before this line"));
                    self.report(diagnostic);
                    self.poison(span, Type::OBJECT)
                }
            },
            Bound::Conflict(first, second) => {
                let (first, second) = (self.slot_type(first), self.slot_type(second));
                let reported = self.conflict(&name, first, second, span);
                // In a loop the paths may have one type in the next round, with what comes of this read.
                match self.context.registry().unify(self.types, first, second, &mut self.uses) {
                    Some((ty, _)) => {
                        let kind = TypedExpressionKind::Slot(self.local_slot(local, ty));
                        TypedExpression { ty, span, kind, constant: None }
                    }
                    None => reported,
                }
            }
        }
    }

    fn conflict(&mut self, name: &str, first: Type, second: Type, span: Span) -> TypedExpression {
        let (first, second) = (self.type_name(first), self.type_name(second));
        let message = format!("`{name}` is of type {first} on one path and of type {second} on another");
        let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, span, message)
            .expected("one type on all paths, or types that widen to one")
            .hint("use two names, or convert on one of the paths");
        self.report(diagnostic);
        self.poison(span, Type::OBJECT)
    }

    /// A read of an input, state or constant.
    pub(crate) fn variable(&mut self, variable: VariableId, span: Span) -> TypedExpression {
        let model = self.marked.variables.get(variable);
        let ty = model.ty;
        match &model.source {
            // What is owned may be changed: its value is that of the constant at the beginning of a call alone.
            VariableSource::Constant(_) if self.context.registry().constant_copy(self.types, ty).is_some() => {
                TypedExpression { ty, span, kind: TypedExpressionKind::Variable(variable), constant: None }
            }
            VariableSource::Constant(value) => {
                let value = value.clone();
                let constant = Some(value.clone());
                TypedExpression { ty, span, kind: TypedExpressionKind::Constant(value), constant }
            }
            VariableSource::Keyed(_) | VariableSource::Expression(_) => {
                // The transformer puts something in their place.
                self.unsupported("a container of inputs as a value", span)
            }
            VariableSource::Input { .. }
            | VariableSource::State { .. }
            | VariableSource::Output { .. }
            | VariableSource::Pointer { .. } => {
                TypedExpression { ty, span, kind: TypedExpressionKind::Variable(variable), constant: None }
            }
        }
    }

    pub(crate) fn negation(&mut self, operand: TypedExpression, span: Span) -> TypedExpression {
        let constant = match operand.constant {
            Some(Value::Boolean(value)) => Some(Value::Boolean(!value)),
            _ => None,
        };
        TypedExpression { ty: Type::BOOLEAN, span, kind: TypedExpressionKind::Not(Box::new(operand)), constant }
    }

    /// An expression of which only the truth matters: operands of `and` and `or` need not be of one type.
    pub(crate) fn condition(&mut self, expression: &Expression) -> TypedExpression {
        if let ExpressionKind::Boolean { operator, values } = &expression.kind {
            let (typed, edges) = self.operands(values, expression.span, Self::condition);
            return Self::chain(*operator, typed, edges, expression.span);
        }
        let typed = self.expression(expression);
        self.truth(typed)
    }

    /// Truth values joined from the right.
    pub(crate) fn chain(
        operator: BooleanOperator,
        values: Vec<TypedExpression>,
        edges: Vec<ArmEdges>,
        span: Span,
    ) -> TypedExpression {
        let mut values = values.into_iter().rev();
        let last = values.next();
        let joined = values.zip(edges).fold(last, |right, (left, edges)| {
            let right = Box::new(right?);
            let span = left.span.cover(span);
            let kind = TypedExpressionKind::ShortCircuit { operator, left: Box::new(left), truth: None, right, edges };
            Some(TypedExpression { ty: Type::BOOLEAN, span, kind, constant: None })
        });
        joined.unwrap_or(TypedExpression {
            ty: Type::BOOLEAN,
            span,
            kind: TypedExpressionKind::Constant(Value::Boolean(operator == BooleanOperator::And)),
            constant: None,
        })
    }

    /// `and` and `or` as values: one of the operands, all converted to one type.
    fn boolean(&mut self, operator: BooleanOperator, values: &[Expression], span: Span) -> TypedExpression {
        let (typed, edges) = self.operands(values, span, Self::expression);
        let mut typed = typed.into_iter().rev();
        let Some(mut right) = typed.next() else { return self.poison(span, Type::OBJECT) };
        for (left, edges) in typed.zip(edges) {
            if self.is_poison(&left) || self.is_poison(&right) {
                right = self.poison(span, Type::OBJECT);
                continue;
            }
            let Some(ty) = self.unify(left.ty, right.ty, span) else {
                let (_, poisoned) = self.unify_expressions(left, right, span);
                right = poisoned;
                continue;
            };
            let truth = if left.ty == Type::BOOLEAN {
                None
            } else {
                match self.resolve_truth(&left) {
                    Some(resolution) => Some(resolution),
                    None => {
                        right = self.poison(span, Type::OBJECT);
                        continue;
                    }
                }
            };
            self.note_cast(left.ty, ty);
            let converted = Box::new(self.coerce(right, ty, "the common type"));
            let span = left.span.cover(span);
            let kind =
                TypedExpressionKind::ShortCircuit { operator, left: Box::new(left), truth, right: converted, edges };
            right = TypedExpression { ty, span, kind, constant: None };
        }
        right
    }

    fn compare(&mut self, left: &Expression, rest: &[(CompareOperator, Expression)], span: Span) -> TypedExpression {
        let first = self.expression(left);
        // Operands are evaluated as they stand; a known one may as well come second.
        let in_order = |operator: CompareOperator| first.constant.is_some() || !comparison(operator).2;
        if let [(operator, right)] = rest
            && in_order(*operator)
        {
            let right = self.expression(right);
            let (operation, negated, swapped) = comparison(*operator);
            let order: Option<&[usize]> = if swapped { Some(&[1, 0]) } else { None };
            let result = self.apply_in_order(operation.id(), vec![first, right], order, Vec::new(), span);
            return if negated && !self.is_poison(&result) { self.negation(result, span) } else { result };
        }
        let mut comparisons = Vec::with_capacity(rest.len());
        let mut previous = argument(&first);
        let mut wrong = self.is_poison(&first);
        let mut marks = Vec::new();
        for (operator, right) in rest {
            marks.push(self.environment.mark());
            let right = self.expression(right);
            let next = argument(&right);
            let (operation, negated, swapped) = comparison(*operator);
            if self.is_poison(&right) || wrong {
                wrong = true;
                continue;
            }
            let arguments = if swapped { [next.clone(), previous] } else { [previous, next.clone()] };
            let at = left.span.cover(right.span);
            let resolved =
                self.context.registry().resolve(self.types, operation.id(), &arguments, &[], at, &mut self.uses);
            match resolved {
                Ok(resolution) => {
                    self.note_resolved(&resolution);
                    for (argument, wanted) in arguments.iter().zip(&resolution.signature.parameters) {
                        self.note_cast(argument.ty, *wanted);
                    }
                    comparisons.push(Comparison { resolution, negated, swapped, right });
                }
                Err(error) => {
                    self.report_resolution(&error, at);
                    wrong = true;
                }
            }
            previous = next;
        }
        // The first two operands are always evaluated.
        let edges = self.meet_operands(&marks[1..], span);
        if wrong {
            return self.poison(span, Type::BOOLEAN);
        }
        if edges.iter().any(Option::is_some) {
            return self.comparisons_that_bind(first, comparisons, edges, span);
        }
        let kind = TypedExpressionKind::Comparisons { first: Box::new(first), rest: comparisons };
        TypedExpression { ty: Type::BOOLEAN, span, kind, constant: None }
    }
}

/// The operation of a comparison, whether its result is negated, and whether the right operand comes first.
fn comparison(operator: CompareOperator) -> (Operation, bool, bool) {
    match operator {
        CompareOperator::In => (Operation::Contains, false, true),
        CompareOperator::NotIn => (Operation::Contains, true, true),
        CompareOperator::IsNot => (Operation::Compare(CompareOperator::Is), true, false),
        other => (Operation::Compare(other), false, false),
    }
}
