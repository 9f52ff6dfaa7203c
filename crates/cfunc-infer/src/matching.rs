//! `match`: cases as tests in order. What the type of the subject decides is decided here; a case that it can never
//! match is left out.

use cfunc_context::Operation;
use cfunc_models::{Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::{Binding, BooleanOperator, Expression, ExpressionKind, MatchCase, Pattern, PatternKind};
use cfunc_syntax::visit::{Visitor, walk_expression};

use crate::arms::sequence;
use crate::infer::Inference;
use crate::typed::{TypedExpression, TypedExpressionKind, TypedStatement, TypedStatementKind};

impl Inference<'_> {
    /// A `match` statement.
    pub(crate) fn matched(
        &mut self,
        subject: &Expression,
        cases: &[MatchCase],
        span: Span,
        out: &mut Vec<TypedStatement>,
    ) {
        let subject = self.expression(subject);
        let subject = if self.is_poison(&subject) { subject } else { self.hold(subject, out) };
        self.cases(&subject, cases, span, out);
    }

    /// The first case that matches, else nothing.
    fn cases(&mut self, subject: &TypedExpression, cases: &[MatchCase], span: Span, out: &mut Vec<TypedStatement>) {
        let Some((case, rest)) = cases.split_first() else { return };
        let test = self.pattern_test(&case.pattern, subject);
        let known = known(&test);
        if known == Some(false) {
            return self.cases(subject, rest, span, out);
        }
        let test = match &case.guard {
            None if known == Some(true) => {
                self.captures(&case.pattern, subject, out);
                return self.statements(&case.body, out);
            }
            None => test,
            Some(guard) => {
                // Captures are bound where the pattern matches, also if the guard then does not hold.
                let mark = self.environment.mark();
                let mut statements = Vec::new();
                self.captures(&case.pattern, subject, &mut statements);
                let guard = self.condition(guard);
                let guarded = sequence(statements, guard, case.pattern.span);
                if known == Some(true) {
                    guarded
                } else {
                    let edges = self.meet_skipped(mark, case.pattern.span);
                    Self::chain(BooleanOperator::And, vec![test, guarded], vec![edges], case.pattern.span)
                }
            }
        };
        let (body_edge, else_edge) = (self.new_edge(), self.new_edge());
        let mark = self.environment.mark();
        let mut paths = Vec::with_capacity(2);
        let mut body = Vec::new();
        // What the guard assigns to a name comes after what the pattern binds it to.
        let rebound = case.guard.as_ref().map(walrus_targets).unwrap_or_default();
        self.captures_but(&rebound, &case.pattern, subject, &mut body);
        self.statements(&case.body, &mut body);
        if self.environment.reachable {
            paths.push((body_edge, self.environment.changes_since(mark)));
        }
        self.environment.rollback(mark);
        self.environment.reachable = true;
        let mut or_else = Vec::new();
        self.cases(subject, rest, span, &mut or_else);
        if self.environment.reachable {
            paths.push((else_edge, self.environment.changes_since(mark)));
        }
        self.environment.rollback(mark);
        self.meet(&paths, span);
        out.push(TypedStatement { span, kind: TypedStatementKind::If { test, body, or_else, body_edge, else_edge } });
    }

    /// Whether a value matches a pattern; a constant where its type says so.
    fn pattern_test(&mut self, pattern: &Pattern, value: &TypedExpression) -> TypedExpression {
        let span = pattern.span;
        if self.is_poison(value) {
            return self.poison(span, Type::BOOLEAN);
        }
        match &pattern.kind {
            PatternKind::Value(expected) => {
                let expected = self.expression(expected);
                let operands = vec![value.clone(), expected];
                self.apply(Operation::MatchValue.id(), operands, Vec::new(), span)
            }
            PatternKind::Singleton(Value::Boolean(expected)) => self.truth_test(*expected, value, span),
            PatternKind::Singleton(_) => self.is_none(value),
            PatternKind::Capture(_) | PatternKind::Star(_) => Self::known(true, span),
            PatternKind::As(inner, _) => self.pattern_test(inner, value),
            PatternKind::Or(patterns) => {
                let tests = patterns.iter().map(|pattern| self.pattern_test(pattern, value)).collect();
                joined(BooleanOperator::Or, tests, span)
            }
            PatternKind::Sequence(patterns) => self.sequence_test(patterns, value, span),
            // The transformer says what is not supported.
            PatternKind::Unsupported(_) => self.poison(span, Type::BOOLEAN),
        }
    }

    /// `case True` and `case False` match truth values alone, as `is` does.
    fn truth_test(&mut self, expected: bool, value: &TypedExpression, span: Span) -> TypedExpression {
        let held = self.context.registry().unwrapped(self.types, value.ty);
        if held.unwrap_or(value.ty) != Type::BOOLEAN {
            return Self::known(false, span);
        }
        let truth = self.coerce(value.clone(), Type::BOOLEAN, "what is matched");
        let truth = if expected { truth } else { self.negation(truth, span) };
        if held.is_none() {
            return truth;
        }
        let absent = self.is_none(value);
        let present = self.negation(absent, span);
        joined(BooleanOperator::And, vec![present, truth], span)
    }

    /// The elements of a value that the patterns of a sequence stand for, with the positions of the patterns; `None`
    /// where a value of its type never matches.
    fn pattern_elements(&mut self, patterns: &[Pattern], value: &TypedExpression) -> Option<Vec<TypedExpression>> {
        let star = patterns.iter().position(|pattern| matches!(pattern.kind, PatternKind::Star(_)));
        let count = self.element_count(value)?;
        let unpacked = match star {
            Some(star) if count + 1 >= patterns.len() => {
                let counts = [star, patterns.len() - star - 1];
                self.unpacked(Operation::UnpackStarred, value.clone(), &counts, value.span)
            }
            None if count == patterns.len() => value.clone(),
            _ => return None,
        };
        Some((0..patterns.len()).map(|index| self.element(&unpacked, index, patterns[index].span)).collect())
    }

    fn sequence_test(&mut self, patterns: &[Pattern], value: &TypedExpression, span: Span) -> TypedExpression {
        if value.ty != Type::NONE && self.element_count(value).is_none() {
            let name = self.type_name(value.ty);
            let message = format!("a value of type {name} is no sequence: `len` or `unpacking` is not defined for it");
            let diagnostic = Diagnostic::error(codes::NO_RULE, span, message).expected("a tuple");
            self.report(diagnostic.hint("match a tuple, or remove the case"));
            return self.poison(span, Type::BOOLEAN);
        }
        let Some(elements) = self.pattern_elements(patterns, value) else { return Self::known(false, span) };
        let mut tests = Vec::with_capacity(patterns.len() + 1);
        if self.may_be_none(value) {
            let absent = self.is_none(value);
            tests.push(self.negation(absent, span));
        }
        for (pattern, element) in patterns.iter().zip(&elements) {
            tests.push(self.pattern_test(pattern, element));
        }
        joined(BooleanOperator::And, tests, span)
    }

    /// Binds what a pattern captures of a value that matches it.
    fn captures(&mut self, pattern: &Pattern, value: &TypedExpression, out: &mut Vec<TypedStatement>) {
        self.captures_but(&[], pattern, value, out);
    }

    /// Binds what a pattern captures of a value that matches it, but for some names.
    fn captures_but(
        &mut self,
        left_out: &[Binding],
        pattern: &Pattern,
        value: &TypedExpression,
        out: &mut Vec<TypedStatement>,
    ) {
        let is_left_out = |target: &Expression| matches!(&target.kind, ExpressionKind::Name { binding, .. } if left_out.contains(binding));
        match &pattern.kind {
            PatternKind::Capture(Some(target)) | PatternKind::Star(Some(target)) => {
                if !is_left_out(target) {
                    self.assign(target, value.clone(), out);
                }
            }
            PatternKind::As(inner, target) => {
                self.captures_but(left_out, inner, value, out);
                if !is_left_out(target) {
                    self.assign(target, value.clone(), out);
                }
            }
            PatternKind::Sequence(patterns) if captures_any(pattern) => {
                let elements = if self.is_poison(value) {
                    vec![value.clone(); patterns.len()]
                } else {
                    self.pattern_elements(patterns, value).unwrap_or_default()
                };
                for (pattern, element) in patterns.iter().zip(&elements) {
                    self.captures_but(left_out, pattern, element, out);
                }
            }
            PatternKind::Or(patterns) if captures_any(pattern) => self.alternatives(left_out, patterns, value, out),
            PatternKind::Or(_)
            | PatternKind::Sequence(_)
            | PatternKind::Value(_)
            | PatternKind::Singleton(_)
            | PatternKind::Capture(None)
            | PatternKind::Star(None)
            | PatternKind::Unsupported(_) => {}
        }
    }

    /// Binds what the first alternative that matches captures; one of them does.
    fn alternatives(
        &mut self,
        left_out: &[Binding],
        patterns: &[Pattern],
        value: &TypedExpression,
        out: &mut Vec<TypedStatement>,
    ) {
        let Some((pattern, rest)) = patterns.split_first() else { return };
        let test = self.pattern_test(pattern, value);
        match known(&test) {
            Some(false) => return self.alternatives(left_out, rest, value, out),
            _ if rest.is_empty() => return self.captures_but(left_out, pattern, value, out),
            Some(true) => return self.captures_but(left_out, pattern, value, out),
            None => {}
        }
        let (body_edge, else_edge) = (self.new_edge(), self.new_edge());
        let mark = self.environment.mark();
        let (mut body, mut or_else) = (Vec::new(), Vec::new());
        self.captures_but(left_out, pattern, value, &mut body);
        let taken = (body_edge, self.environment.changes_since(mark));
        self.environment.rollback(mark);
        self.alternatives(left_out, rest, value, &mut or_else);
        let other = (else_edge, self.environment.changes_since(mark));
        self.environment.rollback(mark);
        self.meet(&[taken, other], pattern.span);
        let span = pattern.span;
        out.push(TypedStatement { span, kind: TypedStatementKind::If { test, body, or_else, body_edge, else_edge } });
    }
}

/// What a test gives, where it is known.
fn known(test: &TypedExpression) -> Option<bool> {
    match test.constant {
        Some(Value::Boolean(holds)) => Some(holds),
        _ => None,
    }
}

/// Tests joined by `and` or `or`, without those that are known to change nothing.
fn joined(operator: BooleanOperator, tests: Vec<TypedExpression>, span: Span) -> TypedExpression {
    let decides = operator == BooleanOperator::Or;
    if tests.iter().any(|test| known(test) == Some(decides)) {
        return Inference::known(decides, span);
    }
    let tests: Vec<TypedExpression> = tests.into_iter().filter(|test| known(test).is_none()).collect();
    let edges = vec![None; tests.len().saturating_sub(1)];
    let mut joined = Inference::chain(operator, tests, edges, span);
    if matches!(joined.kind, TypedExpressionKind::Constant(Value::Boolean(_))) {
        joined.constant = Some(Value::Boolean(!decides));
    }
    joined
}

/// What assignment expressions in an expression assign to.
fn walrus_targets(expression: &Expression) -> Vec<Binding> {
    struct Targets(Vec<Binding>);

    impl Visitor for Targets {
        fn expression(&mut self, expression: &Expression) {
            if let ExpressionKind::Walrus { target, .. } = &expression.kind
                && let ExpressionKind::Name { binding, .. } = &target.kind
            {
                self.0.push(*binding);
            }
            walk_expression(self, expression);
        }
    }

    let mut targets = Targets(Vec::new());
    targets.expression(expression);
    targets.0
}

fn captures_any(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Capture(target) | PatternKind::Star(target) => target.is_some(),
        PatternKind::As(..) => true,
        PatternKind::Or(patterns) | PatternKind::Sequence(patterns) => patterns.iter().any(captures_any),
        PatternKind::Value(_) | PatternKind::Singleton(_) | PatternKind::Unsupported(_) => false,
    }
}
