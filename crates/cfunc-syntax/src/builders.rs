//! Small constructors of nodes, for handlers and passes. Each takes the span of what it was made from.
//!
//! They refuse to build more than [`MAXIMUM_NESTING`](cfunc_models::MAXIMUM_NESTING) levels on top of each other, as
//! [`Expression::new`] does: by a panic, which becomes a diagnostic of the extension where a handler builds so.

use cfunc_models::{AbiParameterId, Span, Type, Value, VariableId};

use crate::ast::{
    BinaryOperator, Binding, BooleanOperator, CompareOperator, Expression, ExpressionKind, Intrinsic, Keyword, Member,
    Name, Sequence, Statement, StatementKind, UnaryOperator,
};

#[track_caller]
fn expression(span: Span, kind: ExpressionKind) -> Expression {
    Expression::new(span, kind)
}

#[track_caller]
fn statement(span: Span, kind: StatementKind) -> Statement {
    Statement::new(span, kind)
}

/// `name`, not bound to anything yet.
pub fn name(span: Span, name: impl Into<Name>) -> Expression {
    bound_name(span, name, Binding::Unresolved)
}

/// `name`, with what it stands for.
pub fn bound_name(span: Span, name: impl Into<Name>, binding: Binding) -> Expression {
    expression(span, ExpressionKind::Name { name: name.into(), binding })
}

/// A literal.
pub fn constant(span: Span, value: impl Into<Value>) -> Expression {
    expression(span, ExpressionKind::Constant(value.into()))
}

/// `value.attribute`, whose name is not looked up yet: the transformer does it, as for all that a handler answers.
pub fn attribute(span: Span, value: Expression, attribute: impl Into<Name>) -> Expression {
    expression(
        span,
        ExpressionKind::Attribute { value: Box::new(value), attribute: attribute.into(), member: Member::Unresolved },
    )
}

/// `function(arguments)`.
pub fn call(span: Span, function: Expression, arguments: Vec<Expression>) -> Expression {
    call_with_keywords(span, function, arguments, Vec::new())
}

/// `function(arguments, name=value)`.
pub fn call_with_keywords(
    span: Span,
    function: Expression,
    arguments: Vec<Expression>,
    keywords: Vec<Keyword>,
) -> Expression {
    expression(span, ExpressionKind::Call { function: Box::new(function), arguments, keywords })
}

/// `name=value` of a call.
pub fn keyword(span: Span, name: impl Into<Name>, value: Expression) -> Keyword {
    Keyword { span, name: Some(name.into()), value }
}

/// `-operand` …
pub fn unary(span: Span, operator: UnaryOperator, operand: Expression) -> Expression {
    expression(span, ExpressionKind::Unary { operator, operand: Box::new(operand) })
}

/// `left + right` …
pub fn binary(span: Span, left: Expression, operator: BinaryOperator, right: Expression) -> Expression {
    expression(span, ExpressionKind::Binary { operator, left: Box::new(left), right: Box::new(right) })
}

/// `a and b and c`. With one value that value, with none the value of an empty run: True for `and`, False for `or`.
pub fn boolean(span: Span, operator: BooleanOperator, mut values: Vec<Expression>) -> Expression {
    match values.len() {
        0 => constant(span, operator == BooleanOperator::And),
        1 => values.swap_remove(0),
        _ => expression(span, ExpressionKind::Boolean { operator, values }),
    }
}

/// `left < right` …
pub fn compare(span: Span, left: Expression, operator: CompareOperator, right: Expression) -> Expression {
    expression(span, ExpressionKind::Compare { left: Box::new(left), rest: vec![(operator, right)] })
}

/// `body if test else or_else`.
pub fn conditional(span: Span, test: Expression, body: Expression, or_else: Expression) -> Expression {
    expression(
        span,
        ExpressionKind::Conditional { test: Box::new(test), body: Box::new(body), or_else: Box::new(or_else) },
    )
}

/// `value[index]`.
pub fn subscript(span: Span, value: Expression, index: Expression) -> Expression {
    expression(span, ExpressionKind::Subscript { value: Box::new(value), index: Box::new(index) })
}

/// `(a, b)`.
pub fn tuple(span: Span, elements: Vec<Expression>) -> Expression {
    expression(span, ExpressionKind::Tuple(elements))
}

/// `[a, b]`.
pub fn list(span: Span, elements: Vec<Expression>) -> Expression {
    expression(span, ExpressionKind::List(elements))
}

/// `(target := value)`.
pub fn walrus(span: Span, target: Expression, value: Expression) -> Expression {
    expression(span, ExpressionKind::Walrus { target: Box::new(target), value: Box::new(value) })
}

/// The element at a fixed index of an array that the host passes.
pub fn abi_element(span: Span, parameter: AbiParameterId, index: u32, ty: Type) -> Expression {
    expression(
        span,
        ExpressionKind::Intrinsic { intrinsic: Intrinsic::AbiElement { parameter, index, ty }, arguments: Vec::new() },
    )
}

/// The element at an index known at run time, of `length` elements from `first` on, of an array that the host passes.
pub fn abi_element_at(
    span: Span,
    parameter: AbiParameterId,
    (first, length): (u32, u32),
    ty: Type,
    index: Expression,
) -> Expression {
    let intrinsic = Intrinsic::AbiElementAt { parameter, ty };
    let arguments = vec![index, constant(span, i64::from(first)), constant(span, i64::from(length))];
    expression(span, ExpressionKind::Intrinsic { intrinsic, arguments })
}

/// A parameter of the compiled function, such as a pointer to what the host keeps for all nodes.
pub fn abi_parameter(span: Span, parameter: AbiParameterId, ty: Type) -> Expression {
    let intrinsic = Intrinsic::AbiParameter { parameter, ty };
    expression(span, ExpressionKind::Intrinsic { intrinsic, arguments: Vec::new() })
}

/// The input at an index known at run time, of a container of inputs.
pub fn input_at(span: Span, variable: VariableId, index: Expression) -> Expression {
    let intrinsic = Intrinsic::InputAt { variable };
    expression(span, ExpressionKind::Intrinsic { intrinsic, arguments: vec![index] })
}

/// A value that inference holds for an elaborator.
pub fn held(span: Span, number: u32) -> Expression {
    expression(span, ExpressionKind::Intrinsic { intrinsic: Intrinsic::Held(number), arguments: Vec::new() })
}

/// Statements, then a value, in the place of an expression: they run as often as it is evaluated, in its place. The value
/// alone where there are none.
pub fn sequence(span: Span, statements: Vec<Statement>, value: Expression) -> Expression {
    if statements.is_empty() {
        return value;
    }
    expression(span, ExpressionKind::Sequence(Box::new(Sequence { statements, value })))
}

/// Writes `value` to the output and marks it as ticked.
pub fn store_output(span: Span, variable: VariableId, value: Expression) -> Statement {
    let intrinsic = expression(
        span,
        ExpressionKind::Intrinsic { intrinsic: Intrinsic::StoreOutput { variable }, arguments: vec![value] },
    );
    expression_statement(intrinsic)
}

/// Writes `value` to the outputs: the elements of a tuple to one each, another value to the first.
pub fn store_outputs(span: Span, value: Expression) -> Statement {
    let kind = ExpressionKind::Intrinsic { intrinsic: Intrinsic::StoreOutputs, arguments: vec![value] };
    expression_statement(expression(span, kind))
}

/// `target = value`.
pub fn assign(span: Span, target: Expression, value: Expression) -> Statement {
    statement(span, StatementKind::Assign { targets: vec![target], value })
}

/// `target += value` …
pub fn augmented_assign(span: Span, target: Expression, operator: BinaryOperator, value: Expression) -> Statement {
    statement(span, StatementKind::AugmentedAssign { target, operator, value })
}

/// An expression for its effects; its span is the expression's.
pub fn expression_statement(value: Expression) -> Statement {
    statement(value.span, StatementKind::Expression(value))
}

/// `if test:` with its branches.
pub fn if_statement(span: Span, test: Expression, body: Vec<Statement>, or_else: Vec<Statement>) -> Statement {
    statement(span, StatementKind::If { test, body, or_else })
}

/// `while test:`.
pub fn while_statement(span: Span, test: Expression, body: Vec<Statement>) -> Statement {
    statement(span, StatementKind::While { test, body, or_else: Vec::new() })
}

/// `for target in iterable:`.
pub fn for_statement(span: Span, target: Expression, iterable: Expression, body: Vec<Statement>) -> Statement {
    statement(span, StatementKind::For { target, iterable, body, or_else: Vec::new() })
}

/// `return value`.
pub fn return_statement(span: Span, value: Option<Expression>) -> Statement {
    statement(span, StatementKind::Return(value))
}

/// `pass`.
pub fn pass(span: Span) -> Statement {
    statement(span, StatementKind::Pass)
}
