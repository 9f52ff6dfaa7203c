//! How deep trees may be, so that dropping, cloning, comparing and walking one never needs more stack than there is.
//!
//! Trees of sources are within the [limits](crate::Limits) of their texts, for which there is room. What is built on top
//! of them is counted, and refused beyond [`MAXIMUM_NESTING`] levels. Nodes can be changed in place, which no count sees:
//! who is handed a tree by others walks it no deeper than there is room for, and takes what is deeper apart by
//! [`dismantle`].

use cfunc_models::{MAXIMUM_NESTING, Span, TOO_DEEP, Value};

use crate::ast::{Expression, ExpressionKind, Statement, StatementKind};
use crate::builders;
use crate::visit::{Visitor, walk_expression, walk_statement};
use crate::visit_mut::{VisitorMut, walk_expression_mut, walk_statement_mut};

/// How many levels a statement counts as: it takes the stack of so many expressions.
const STATEMENT: u32 = 3;

/// How many levels of nodes were built on top of each other, the node itself counted; 0 for one of a source. It tells
/// nothing of what the node means, so that all are equal.
#[derive(Clone, Copy)]
pub(crate) struct Height(u32);

impl PartialEq for Height {
    fn eq(&self, _other: &Self) -> bool {
        true
    }
}

/// Trees that are equal look equal.
impl std::fmt::Debug for Height {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("_")
    }
}

impl Height {
    pub(crate) const OF_SOURCE: Self = Self(0);

    /// # Panics
    ///
    /// Where it is beyond what there is room for.
    #[track_caller]
    pub(crate) fn of_expression(expression: &Expression) -> Self {
        let mut tallest = Tallest(0);
        walk_expression(&mut tallest, expression);
        Self(tallest.0 + 1).checked()
    }

    /// # Panics
    ///
    /// Where it is beyond what there is room for.
    #[track_caller]
    pub(crate) fn of_statement(statement: &Statement) -> Self {
        let mut tallest = Tallest(0);
        walk_statement(&mut tallest, statement);
        Self(tallest.0 + STATEMENT).checked()
    }

    #[track_caller]
    fn checked(self) -> Self {
        assert!(self.0 <= MAXIMUM_NESTING, "{TOO_DEEP}");
        self
    }
}

/// The greatest height of the nodes right under one.
struct Tallest(u32);

impl Visitor for Tallest {
    fn statement(&mut self, statement: &Statement) {
        self.0 = self.0.max(statement.height.0);
    }

    fn expression(&mut self, expression: &Expression) {
        self.0 = self.0.max(expression.height.0);
    }
}

/// Whether an expression is nested deeper than [`MAXIMUM_NESTING`], as one is that was changed in place. Looks no deeper
/// than that.
pub fn is_too_deep(expression: &Expression) -> bool {
    let mut depth = Depth { left: MAXIMUM_NESTING, reached: false };
    depth.expression(expression);
    depth.reached
}

struct Depth {
    left: u32,
    reached: bool,
}

impl Depth {
    fn within(&mut self, look: impl FnOnce(&mut Self)) {
        if self.left == 0 || self.reached {
            self.reached = true;
            return;
        }
        self.left -= 1;
        look(self);
        self.left += 1;
    }
}

impl Visitor for Depth {
    fn statement(&mut self, statement: &Statement) {
        self.within(|depth| walk_statement(depth, statement));
    }

    fn expression(&mut self, expression: &Expression) {
        self.within(|depth| walk_expression(depth, expression));
    }
}

/// Drops a tree of any depth, without recursion.
pub fn dismantle(expression: Expression) {
    Parts { expressions: vec![expression], statements: Vec::new() }.take_apart();
}

/// Drops a statement of any depth, without recursion.
pub fn dismantle_statement(statement: Statement) {
    Parts { expressions: Vec::new(), statements: vec![statement] }.take_apart();
}

/// Parts of trees that are still to be taken apart.
struct Parts {
    expressions: Vec<Expression>,
    statements: Vec<Statement>,
}

impl Parts {
    fn take_apart(mut self) {
        loop {
            if let Some(mut expression) = self.expressions.pop() {
                walk_expression_mut(&mut self, &mut expression);
            } else if let Some(mut statement) = self.statements.pop() {
                match &mut statement.kind {
                    StatementKind::FunctionDefinition(function) => self.statements.append(&mut function.body),
                    StatementKind::ClassDefinition(class) => self.statements.append(&mut class.body),
                    _ => walk_statement_mut(&mut self, &mut statement),
                }
            } else {
                return;
            }
        }
    }
}

impl VisitorMut for Parts {
    fn statement(&mut self, statement: &mut Statement) {
        self.statements.push(std::mem::replace(statement, builders::pass(Span::default())));
    }

    fn expression(&mut self, expression: &mut Expression) {
        if !matches!(expression.kind, ExpressionKind::Constant(_) | ExpressionKind::Name { .. }) {
            self.expressions.push(std::mem::replace(expression, builders::constant(Span::default(), Value::None)));
        }
    }
}

#[cfg(test)]
mod tests {
    use std::panic::catch_unwind;

    use cfunc_models::{MAXIMUM_NESTING, Span};

    use super::{STATEMENT, dismantle, dismantle_statement, is_too_deep};
    use crate::ast::{Expression, ExpressionKind, StatementKind, UnaryOperator};
    use crate::{builders, print_expression, print_statements};

    const HERE: Span = Span { start: 0, end: 0 };

    fn negated(operand: Expression) -> Expression {
        builders::unary(HERE, UnaryOperator::Negate, operand)
    }

    /// A tree that was changed in place, level by level.
    fn grown(levels: u32) -> Expression {
        let mut tree = builders::name(HERE, "x");
        for _ in 0..levels {
            let mut outer = builders::constant(HERE, 1);
            outer.kind = ExpressionKind::Unary { operator: UnaryOperator::Negate, operand: Box::new(tree) };
            tree = outer;
        }
        tree
    }

    /// What is built is refused before anything that recurses could overflow.
    #[test]
    fn built_expressions_stay_within_the_stack() {
        let tallest = (1..MAXIMUM_NESTING).fold(builders::name(HERE, "x"), |tree, _| negated(tree));
        assert!(!is_too_deep(&tallest));
        let copy = tallest.clone();
        assert!(tallest == copy);
        assert_eq!(print_expression(&tallest).len(), MAXIMUM_NESTING as usize);
        assert!(!format!("{copy:?}").is_empty());
        let refused = catch_unwind(|| negated(tallest)).expect_err("it is one level too deep");
        assert_eq!(refused.downcast_ref::<String>().map(String::as_str), Some(cfunc_models::TOO_DEEP));
    }

    #[test]
    fn built_statements_stay_within_the_stack() {
        let nested = |statement| builders::if_statement(HERE, builders::constant(HERE, true), vec![statement], vec![]);
        let tallest = (1..MAXIMUM_NESTING / STATEMENT).fold(builders::pass(HERE), |inner, _| nested(inner));
        let copy = tallest.clone();
        assert!(tallest == copy);
        assert!(!print_statements(std::slice::from_ref(&tallest)).is_empty());
        assert!(catch_unwind(|| nested(tallest)).is_err());
    }

    #[test]
    fn what_was_changed_in_place_is_taken_apart() {
        assert!(!is_too_deep(&grown(MAXIMUM_NESTING - 1)));
        let deep = grown(1_000_000);
        assert!(is_too_deep(&deep));
        dismantle(deep);
        let mut deep = builders::pass(HERE);
        for _ in 0..1_000_000 {
            let mut outer = builders::pass(HERE);
            let (test, body) = (builders::constant(HERE, true), vec![deep]);
            outer.kind = StatementKind::While { test, body, or_else: Vec::new() };
            deep = outer;
        }
        dismantle_statement(deep);
    }
}
