//! Statements.

use std::fmt::Arguments;
use std::sync::Arc;

use cfunc_context::{AssignedPlace, Operation};
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_sources::VariableSource;
use cfunc_syntax::ast::{
    BinaryOperator, Binding, Expression, ExpressionKind, Intrinsic, LocalId, Statement, StatementKind,
};

use crate::arms::known_by_types;
use crate::environment::Bound;
use crate::exceptions::TryParts;
use crate::expression::UNSUPPORTED_HINT;
use crate::infer::Inference;
use crate::loops::LoopParts;
use crate::typed::{SlotId, TypedExpression, TypedExpressionKind, TypedStatement, TypedStatementKind};

impl Inference<'_> {
    /// Types statements in order; what control does not get to is left out.
    pub(crate) fn statements(&mut self, statements: &[Statement], out: &mut Vec<TypedStatement>) {
        for statement in statements {
            if !self.environment.reachable {
                return;
            }
            self.statement(statement, out);
        }
    }

    fn statement(&mut self, statement: &Statement, out: &mut Vec<TypedStatement>) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::Pass | StatementKind::Global(_) => {}
            StatementKind::Return(value) => {
                if self.leave_finally(statement, out) {
                    return;
                }
                if self.result.is_some() {
                    let value = match value {
                        Some(value) => self.expression(value),
                        None => self.constant(Value::None, span),
                    };
                    return self.return_result(value, out);
                }
                if let Some(value) = value {
                    self.returned_stores(value, out);
                }
                out.push(TypedStatement { span, kind: TypedStatementKind::Return });
                self.environment.reachable = false;
            }
            StatementKind::Assign { targets, value } => self.assign_all(targets, value, span, out),
            StatementKind::AugmentedAssign { target, operator, value } => {
                self.augmented(target, *operator, value, span, out);
            }
            StatementKind::AnnotatedAssign { target, value: Some(value), .. } => {
                self.assign_all(std::slice::from_ref(target), value, span, out);
            }
            StatementKind::AnnotatedAssign { value: None, .. } => {}
            StatementKind::If { test, body, or_else } => self.branch(test, body, or_else, span, out),
            StatementKind::While { test, body, or_else } => {
                let parts = LoopParts { span, identity: std::ptr::from_ref(statement).addr(), or_else };
                self.looped(
                    &parts,
                    |inference| inference.condition(test),
                    |inference, round| inference.statements(body, round),
                    out,
                );
            }
            StatementKind::For { target, iterable, body, or_else } => {
                let parts = LoopParts { span, identity: std::ptr::from_ref(statement).addr(), or_else };
                self.iterate(&parts, target, iterable, body, out);
            }
            StatementKind::Expression(expression) => self.evaluate(expression, out),
            StatementKind::Break | StatementKind::Continue if self.leave_finally(statement, out) => {}
            StatementKind::Break => {
                let edge = self.new_edge();
                if let Some(frame) = self.loops.last_mut() {
                    self.environment.add_way(&mut frame.breaks, edge);
                }
                out.push(TypedStatement { span, kind: TypedStatementKind::Break(edge) });
                self.environment.reachable = false;
            }
            StatementKind::Continue => {
                let edge = self.new_edge();
                if let Some(frame) = self.loops.last_mut() {
                    self.environment.add_way(&mut frame.continues, edge);
                }
                out.push(TypedStatement { span, kind: TypedStatementKind::Continue(edge) });
                self.environment.reachable = false;
            }
            StatementKind::Assert { test, message } => self.assert(test, message.as_ref(), span, out),
            StatementKind::Raise { exception, cause } => {
                self.raise(exception.as_ref(), cause.as_ref(), span, out);
            }
            StatementKind::Try { body, handlers, or_else, finally } => {
                self.try_statement(&TryParts { body, handlers, or_else, finally }, span, out);
            }
            StatementKind::Match { subject, cases } => self.matched(subject, cases, span, out),
            StatementKind::Delete(targets) => {
                for target in targets {
                    self.delete(target, out);
                }
            }
            StatementKind::Import(_) | StatementKind::ImportFrom { .. } => {
                self.unsupported_statement("import inside a function", span);
            }
            StatementKind::FunctionDefinition(_) => self.unsupported_statement("a function inside a function", span),
            StatementKind::ClassDefinition(_) => self.unsupported_statement("a class inside a function", span),
            StatementKind::Nonlocal(_) => self.unsupported_statement("nonlocal", span),
            StatementKind::Unsupported(what) => self.unsupported_statement(what, span),
        }
    }

    fn unsupported_statement(&mut self, what: &str, span: Span) {
        let diagnostic = Diagnostic::error(codes::UNSUPPORTED, span, format!("{what} is not supported here"));
        self.report(diagnostic.hint(UNSUPPORTED_HINT));
    }

    /// The outputs that a `return` stores when it leaves the function.
    fn returned_stores(&mut self, value: &Expression, out: &mut Vec<TypedStatement>) {
        let ExpressionKind::Tuple(stores) = &value.kind else {
            // The transformer writes outputs by stores; a value here is of a function that has none.
            self.unsupported("a returned value", value.span);
            return;
        };
        stores.iter().for_each(|store| self.evaluate(store, out));
    }

    fn evaluate(&mut self, expression: &Expression, out: &mut Vec<TypedStatement>) {
        let span = expression.span;
        if let ExpressionKind::Intrinsic { intrinsic: Intrinsic::StoreOutput { variable }, arguments } =
            &expression.kind
        {
            let Some(value) = arguments.first() else { return };
            let value = self.expression(value);
            self.store_variable(*variable, value, span, out);
            return;
        }
        if let ExpressionKind::Intrinsic { intrinsic: Intrinsic::StoreOutputs, arguments } = &expression.kind {
            let Some(value) = arguments.first() else { return };
            let value = self.expression(value);
            self.store_outputs(value, span, out);
            return;
        }
        // A constant alone, such as a docstring, has no effect and may be of a kind that is no value.
        if !matches!(expression.kind, ExpressionKind::Constant(_)) {
            let value = self.expression(expression);
            out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(value) });
        }
    }

    pub(crate) fn store_variable(
        &mut self,
        variable: cfunc_models::VariableId,
        value: TypedExpression,
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        if self.is_poison(&value) {
            return;
        }
        let model = self.marked.variables.get(variable);
        let name = Arc::clone(&model.name);
        let what_for = match &model.source {
            VariableSource::State { .. } => format_args!("the state `{name}`"),
            VariableSource::Output { .. } => format_args!("the output `{name}`"),
            VariableSource::Input { .. }
            | VariableSource::Pointer { .. }
            | VariableSource::Keyed(_)
            | VariableSource::Expression(_)
            | VariableSource::Constant(_) => {
                let message = format!("`{}` cannot be assigned to", model.name);
                let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, span, message);
                self.report(diagnostic.expected("a local, a state or an output").hint("assign to a name of its own"));
                return;
            }
        };
        let ty = model.ty;
        let is_output = matches!(model.source, VariableSource::Output { .. });
        if let TypedExpressionKind::Variable(other) = value.kind
            && other != variable
            && matches!(model.source, VariableSource::State { .. })
            && matches!(self.marked.variables.get(other).source, VariableSource::State { .. })
            && self.context.registry().constant_copy(self.types, ty).is_some()
        {
            let other = &self.marked.variables.get(other).name;
            let message = format!("the states `{name}` and `{other}` would hold one container");
            let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, value.span, message);
            let hint = format!("give `{name}` a copy: `{other}.copy()`");
            self.report(diagnostic.hint(hint));
            return;
        }
        if matches!(model.source, VariableSource::Output { .. }) && value.ty != ty && self.may_be_none(&value) {
            // None leaves an output as it is.
            self.unless_none(value, out, |inference, value, body| {
                let value = inference.stored(value, ty, what_for);
                body.push(TypedStatement { span, kind: TypedStatementKind::StoreVariable { variable, value } });
            });
            return;
        }
        if is_output && self.refused_on_return(ty, &value, what_for) {
            return;
        }
        let value = self.stored(value, ty, what_for);
        out.push(TypedStatement { span, kind: TypedStatementKind::StoreVariable { variable, value } });
    }

    /// A value as a cell of a type takes it: of the type, or of the one that values of it are kept in.
    fn stored(&mut self, value: TypedExpression, ty: Type, what_for: Arguments<'_>) -> TypedExpression {
        if value.ty == ty {
            return value;
        }
        let kept = self.types.kept(ty).unwrap_or(ty);
        self.coerce(value, kept, what_for)
    }

    /// Reports a value that the custom type of an output does not take.
    fn refused_on_return(&mut self, declared: Type, value: &TypedExpression, what_for: Arguments<'_>) -> bool {
        if value.ty == declared || !self.context.has_custom_types() {
            return false;
        }
        let mut custom = self.context.custom_types();
        let accepts = custom.find_map(|custom| custom.accepts_on_return(self.types, declared, value.ty));
        if accepts != Some(false) {
            return false;
        }
        let (found, expected) = (self.type_name(value.ty), self.type_name(declared));
        let message = format!("this is of type {found}, which an output of type {expected} does not take");
        let diagnostic = Diagnostic::error(codes::TYPE_MISMATCH, value.span, message);
        let diagnostic = diagnostic.expected(format!("{expected} for {what_for}"));
        self.report(diagnostic.hint("give a value of that type, or change the declared type"));
        true
    }

    // Assignments.

    fn assign_all(&mut self, targets: &[Expression], value: &Expression, span: Span, out: &mut Vec<TypedStatement>) {
        if let [target] = targets
            && let (Some(names), ExpressionKind::Tuple(values)) = (elements(target), &value.kind)
            && !names.iter().chain(values).any(|element| matches!(element.kind, ExpressionKind::Starred(_)))
        {
            self.assign_tuple(names, values, span, out);
            return;
        }
        let typed = self.expression(value);
        if let [target] = targets {
            self.assign(target, typed, out);
            return;
        }
        let kept = self.keep(typed, "a name");
        let held = self.hold(kept, out);
        for target in targets {
            self.assign(target, held.clone(), out);
        }
    }

    /// `a, b = x, y`: all values, then all targets from left to right.
    fn assign_tuple(
        &mut self,
        targets: &[Expression],
        values: &[Expression],
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        if targets.len() != values.len() {
            let message = format!("{} values for {} targets", values.len(), targets.len());
            self.report(
                Diagnostic::error(codes::ASSIGNMENT_TARGET, span, message)
                    .expected("as many values as targets")
                    .hint("write one value for each target"),
            );
            return;
        }
        let mut held = Vec::with_capacity(values.len());
        for value in values {
            let typed = self.expression(value);
            let kept = self.keep(typed, "a name");
            held.push(self.hold(kept, out));
        }
        for (target, value) in targets.iter().zip(held) {
            self.assign(target, value, out);
        }
    }

    /// Puts a value into a slot of its own, unless it is a constant, so that it can be used more than once and later.
    pub(crate) fn hold(&mut self, value: TypedExpression, out: &mut Vec<TypedStatement>) -> TypedExpression {
        if matches!(value.kind, TypedExpressionKind::Constant(_)) {
            return value;
        }
        let (ty, span) = (value.ty, value.span);
        let slot = self.new_slot("held", ty);
        out.push(TypedStatement { span, kind: TypedStatementKind::SetSlot { slot, local: None, value } });
        TypedExpression { ty, span, kind: TypedExpressionKind::Slot(slot), constant: None }
    }

    /// Assigns a typed value to a target.
    pub(crate) fn assign(&mut self, target: &Expression, value: TypedExpression, out: &mut Vec<TypedStatement>) {
        let span = target.span;
        match &target.kind {
            ExpressionKind::Name { binding: Binding::Local(local), name } => {
                let value = self.elaborated_value(AssignedPlace::Local(name), value, span);
                self.bind_local(*local, value, span, out);
            }
            ExpressionKind::Name { binding: Binding::Variable(variable), name } => {
                let place = AssignedPlace::State(name, self.marked.variables.get(*variable).ty);
                let value = self.elaborated_value(place, value, span);
                self.store_variable(*variable, value, span, out);
            }
            ExpressionKind::Subscript { value: base, index } => {
                // The value comes before the place, and fails before it.
                let is_read = matches!(value.kind, TypedExpressionKind::Slot(_) | TypedExpressionKind::Variable(_));
                let value = if is_read { value } else { self.hold(value, out) };
                let base = self.expression(base);
                let index = self.expression(index);
                self.set_item([value, base, index], span, out);
            }
            ExpressionKind::Attribute { value: base, attribute, member } => {
                let base = self.expression(base);
                let stored = self.set_attribute(base, (attribute, *member), value, span);
                out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(stored) });
            }
            ExpressionKind::Tuple(targets) | ExpressionKind::List(targets) => self.unpack(targets, value, span, out),
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. } => {}
            _ => {
                let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, span, "this cannot be assigned to");
                self.report(
                    diagnostic.expected("a name, an attribute or a subscript").hint("assign to a name of its own"),
                );
            }
        }
    }

    /// The type that the annotation of a target gives.
    fn declared(&mut self, target: Span) -> Option<Type> {
        let marked = self.marked;
        let known = marked.function.annotated.iter().find(|(annotated, _)| *annotated == target).map(|(_, ty)| *ty);
        known.or_else(|| {
            let (_, annotation) = marked.annotations.iter().find(|(annotated, _)| *annotated == target)?;
            self.scope?.type_of(self.types, annotation)
        })
    }

    /// A value of an incomplete type as one of the type that the name is declared of, or that it has.
    fn completed(&mut self, local: LocalId, value: TypedExpression, span: Span) -> TypedExpression {
        let declared = self.declared(span);
        let held = match self.environment.read(local) {
            Bound::Always(slot) | Bound::Maybe(slot) => Some(self.slot_type(slot)),
            Bound::Never | Bound::Conflict(..) => None,
        };
        if let Some(ty) = declared.or(held.filter(|held| *held != Type::OBJECT)) {
            let name = self.locals[local.0 as usize].name.clone();
            return self.coerce(value, ty, format_args!("the local `{name}`"));
        }
        let name = self.locals[local.0 as usize].name.clone();
        let message = format!("what `{name}` is to hold is not known from an empty display");
        let hint = format!("annotate it: `{name}: list[int] = []`, `{name}: dict[int, float] = {{}}`");
        self.report(Diagnostic::error(codes::NOT_A_VALUE, value.span, message).hint(hint));
        self.poison(value.span, Type::OBJECT)
    }

    /// Reports a value that is known at compile time only, where it is to be kept.
    pub(crate) fn refuse_object(&mut self, value: &TypedExpression) {
        if value.ty == Type::OBJECT && !self.is_poison(value) {
            let registry = self.context.registry();
            if let Some((message, hint)) =
                value.constant.as_ref().and_then(|constant| registry.why_no_type(self.types, constant))
            {
                self.report(Diagnostic::error(codes::NOT_A_VALUE, value.span, message).hint(hint));
                return;
            }
            let kind = value.constant.as_ref().map_or("this", |constant| constant.kind());
            let message = format!("a value of kind {kind} is known at compile time only and cannot be kept in a local");
            self.report(Diagnostic::error(codes::NOT_A_VALUE, value.span, message).hint("write it where it is used"));
        }
    }

    fn bind_local(&mut self, local: LocalId, value: TypedExpression, span: Span, out: &mut Vec<TypedStatement>) {
        let value = match self.context.registry().is_incomplete(self.types, value.ty) {
            true => self.completed(local, value, span),
            false => value,
        };
        let value = match self.locals[local.0 as usize].passes_on {
            true => value,
            false => self.keep(value, "a name"),
        };
        self.refuse_object(&value);
        if self.context.registry().is_transient(self.types, value.ty) {
            let name = self.type_name(value.ty);
            let message = format!("a value of type {name} is used where it stands, and not kept in a local");
            self.report(Diagnostic::error(codes::NOT_A_VALUE, value.span, message).hint("write it where it is used"));
        }
        // What was reported still binds the name, so that its reads are not reported too.
        let slot = self.local_slot(local, value.ty);
        out.push(TypedStatement { span, kind: TypedStatementKind::SetSlot { slot, local: Some(local), value } });
        self.environment.bind(local, Bound::Always(slot));
    }

    fn augmented(
        &mut self,
        target: &Expression,
        operator: BinaryOperator,
        value: &Expression,
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        if let ExpressionKind::Subscript { value: base, index } = &target.kind {
            // Base and index are evaluated once, before the value.
            let base = self.expression(base);
            let base = self.hold(base, out);
            let index = self.expression(index);
            let index = self.hold(index, out);
            let current =
                self.apply(Operation::GetItem.id(), vec![base.clone(), index.clone()], Vec::new(), target.span);
            let operand = self.expression(value);
            let result = self.apply(Operation::Binary(operator).id(), vec![current, operand], Vec::new(), span);
            self.set_item([result, base, index], span, out);
            return;
        }
        if let ExpressionKind::Attribute { value: base, attribute, member } = &target.kind {
            let name = (attribute, *member);
            // The base is evaluated once, before the value.
            let base = self.expression(base);
            let base = self.hold(base, out);
            let current = self.attribute_of(base.clone(), name, target.span);
            let operand = self.expression(value);
            let result = self.apply(Operation::Binary(operator).id(), vec![current, operand], Vec::new(), span);
            let stored = self.set_attribute(base, name, result, span);
            out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(stored) });
            return;
        }
        let current = self.expression(target);
        let operand = self.expression(value);
        let result = self.apply(Operation::Binary(operator).id(), vec![current, operand], Vec::new(), span);
        self.assign(target, result, out);
    }

    /// `base[index] = value`: value, base and index, in the order in which they are evaluated.
    fn set_item(&mut self, given: [TypedExpression; 3], span: Span, out: &mut Vec<TypedStatement>) {
        let stored = match self.set_item_answer(&given, span) {
            Some(answer) => self.elaborated(answer, given.into(), "the assignment to an element", span),
            None => self.apply_in_order(Operation::SetItem.id(), given.into(), Some(&[1, 2, 0]), Vec::new(), span),
        };
        out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(stored) });
    }

    fn delete(&mut self, target: &Expression, out: &mut Vec<TypedStatement>) {
        let span = target.span;
        let ExpressionKind::Subscript { value: base, index } = &target.kind else {
            self.unsupported_statement("`del` of anything but a subscript", span);
            return;
        };
        let base = self.expression(base);
        let index = self.expression(index);
        let deleted = self.apply(Operation::DeleteItem.id(), vec![base, index], Vec::new(), span);
        out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(deleted) });
    }

    // Control flow.

    fn branch(
        &mut self,
        test: &Expression,
        body: &[Statement],
        or_else: &[Statement],
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        let test = self.condition(test);
        if let Some(holds) = known_by_types(&test) {
            // The other way may be wrong for these types, and is not gone.
            out.push(TypedStatement { span, kind: TypedStatementKind::Evaluate(test) });
            self.statements(if holds { body } else { or_else }, out);
            return;
        }
        let (body_edge, else_edge) = (self.new_edge(), self.new_edge());
        let mark = self.environment.mark();
        let mut paths = Vec::with_capacity(2);
        let mut arm = |inference: &mut Self, statements: &[Statement], edge| {
            let mut typed = Vec::new();
            inference.statements(statements, &mut typed);
            if inference.environment.reachable {
                paths.push((edge, inference.environment.changes_since(mark)));
            }
            inference.environment.rollback(mark);
            inference.environment.reachable = true;
            typed
        };
        let body = arm(self, body, body_edge);
        let or_else = arm(self, or_else, else_edge);
        self.meet(&paths, span);
        out.push(TypedStatement { span, kind: TypedStatementKind::If { test, body, or_else, body_edge, else_edge } });
    }

    /// `for`: the iteration's state is a slot; a round takes the next value and steps.
    fn iterate(
        &mut self,
        parts: &LoopParts<'_>,
        target: &Expression,
        iterable: &Expression,
        body: &[Statement],
        out: &mut Vec<TypedStatement>,
    ) {
        let iterable = self.expression(iterable);
        let span = iterable.span;
        let start = self.apply(Operation::IterationStart.id(), vec![iterable], Vec::new(), span);
        if self.is_poison(&start) {
            // The body is still looked at, with a target that everything can be done to.
            let mut ignored = Vec::new();
            let unknown = self.poison(span, Type::OBJECT);
            self.assign(target, unknown, &mut ignored);
            return;
        }
        let ty = start.ty;
        let slot = self.new_slot("iteration", ty);
        out.push(TypedStatement { span, kind: TypedStatementKind::SetSlot { slot, local: None, value: start } });
        let state = |slot: SlotId| TypedExpression { ty, span, kind: TypedExpressionKind::Slot(slot), constant: None };
        self.looped(
            parts,
            |inference| inference.apply(Operation::IterationHasNext.id(), vec![state(slot)], Vec::new(), span),
            |inference, round| {
                let value = inference.apply(Operation::IterationValue.id(), vec![state(slot)], Vec::new(), span);
                // Of a tuple target or a state, the value is needed after the step.
                let value = inference.hold(value, round);
                let next = inference.apply(Operation::IterationAdvance.id(), vec![state(slot)], Vec::new(), span);
                let kind = TypedStatementKind::SetSlot { slot, local: None, value: next };
                round.push(TypedStatement { span, kind });
                inference.assign(target, value, round);
                inference.statements(body, round);
            },
            out,
        );
    }
}

/// The elements of a tuple or list target.
fn elements(target: &Expression) -> Option<&[Expression]> {
    match &target.kind {
        ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => Some(elements),
        _ => None,
    }
}
