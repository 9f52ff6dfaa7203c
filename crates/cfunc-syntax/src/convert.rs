//! From the parser's tree to ours.
//!
//! What nodes do not have becomes an `Unsupported` node: it may stand in a function that nobody compiles.

use std::collections::HashSet;

use cfunc_models::{Diagnostic, Diagnostics, Span, Value, codes};
use num_bigint::BigInt;
use num_traits::ToPrimitive;
use rustpython_parser::ast as parser_ast;
use rustpython_parser::ast::{Constant, Expr, Ranged, Stmt};
use rustpython_parser::text_size::TextRange;

use crate::ast::{
    BinaryOperator, Binding, BooleanOperator, ClassDefinition, CompareOperator, ExceptHandler, Expression,
    ExpressionKind, FunctionDefinition, ImportAlias, Keyword, MatchCase, Member, Name, Parameter, ParameterKind,
    Statement, StatementKind, UnaryOperator,
};
use crate::identifiers::normalized;
use crate::limits::Limits;
use crate::nesting::Height;
use crate::parse::{offset, parse_annotation};

/// Converts trees of one source.
pub(crate) struct Converter<'a> {
    pub(crate) source: &'a str,
    limits: &'a Limits,
    diagnostics: &'a mut Diagnostics,
    /// Set inside string annotations whose text is not the source's: every span is the string's.
    fixed_span: Option<Span>,
}

impl<'a> Converter<'a> {
    pub(crate) fn new(source: &'a str, limits: &'a Limits, diagnostics: &'a mut Diagnostics) -> Self {
        Self { source, limits, diagnostics, fixed_span: None }
    }

    pub(crate) fn span(&self, range: TextRange) -> Span {
        self.fixed_span.unwrap_or_else(|| Span::new(range.start().into(), range.end().into()))
    }

    pub(crate) fn statements(&mut self, suite: Vec<Stmt>) -> Vec<Statement> {
        let mut statements = Vec::with_capacity(suite.len());
        // Blocks nest: a loop takes less of the stack than the adapters of an iterator do.
        for statement in suite {
            statements.push(self.statement(statement));
        }
        statements
    }

    fn statement(&mut self, statement: Stmt) -> Statement {
        let span = self.span(statement.range());
        // Each kind with blocks apart from the others, to keep the frames of what nests small.
        let kind = match statement {
            Stmt::If(statement) => return self.if_chain(statement),
            Stmt::For(statement) => self.for_loop(statement),
            Stmt::While(statement) => self.while_loop(statement),
            Stmt::Try(statement) => self.try_statement(statement),
            Stmt::Match(statement) => self.match_statement(statement),
            other => self.other_statement(other, span),
        };
        Statement { span, kind, height: Height::OF_SOURCE }
    }

    /// An `if` with its `elif`s, without recursion: chains are long.
    fn if_chain(&mut self, first: parser_ast::StmtIf) -> Statement {
        let mut branches = Vec::new();
        let mut next = Some(first);
        let mut rest = Vec::new();
        while let Some(statement) = next.take() {
            let span = self.span(statement.range);
            let test = self.expression(*statement.test);
            let body = self.statements(statement.body);
            branches.push((span, test, body));
            let mut or_else = statement.orelse;
            match or_else.pop() {
                Some(Stmt::If(nested)) if or_else.is_empty() => next = Some(nested),
                Some(last) => {
                    or_else.push(last);
                    rest = self.statements(or_else);
                }
                None => {}
            }
        }
        let mut result: Option<Statement> = None;
        let mut or_else = rest;
        for (span, test, body) in branches.into_iter().rev() {
            if let Some(inner) = result.take() {
                or_else = vec![inner];
            }
            result = Some(Statement::of_source(
                span,
                StatementKind::If { test, body, or_else: std::mem::take(&mut or_else) },
            ));
        }
        result.unwrap_or_else(|| Statement::of_source(Span::default(), StatementKind::Pass))
    }

    fn simple(&mut self, statement: Stmt) -> StatementKind {
        match statement {
            Stmt::Return(statement) => StatementKind::Return(self.optional_expression(statement.value)),
            Stmt::Assign(statement) => StatementKind::Assign {
                targets: self.expressions(statement.targets),
                value: self.expression(*statement.value),
            },
            Stmt::AugAssign(statement) => StatementKind::AugmentedAssign {
                target: self.expression(*statement.target),
                operator: binary_operator(statement.op),
                value: self.expression(*statement.value),
            },
            Stmt::AnnAssign(statement) => StatementKind::AnnotatedAssign {
                target: self.expression(*statement.target),
                annotation: self.annotation(*statement.annotation),
                value: self.optional_expression(statement.value),
            },
            // As `pass` it does nothing.
            Stmt::Expr(statement) if is_ellipsis(&statement.value) => StatementKind::Pass,
            Stmt::Expr(statement) => StatementKind::Expression(self.expression(*statement.value)),
            Stmt::Pass(_) => StatementKind::Pass,
            Stmt::Break(_) => StatementKind::Break,
            Stmt::Continue(_) => StatementKind::Continue,
            Stmt::Assert(statement) => StatementKind::Assert {
                test: self.expression(*statement.test),
                message: self.optional_expression(statement.msg),
            },
            Stmt::Raise(statement) => StatementKind::Raise {
                exception: self.optional_expression(statement.exc),
                cause: self.optional_expression(statement.cause),
            },
            Stmt::Delete(statement) => StatementKind::Delete(self.expressions(statement.targets)),
            Stmt::AsyncFor(_) => StatementKind::Unsupported("`async for`"),
            Stmt::With(_) => StatementKind::Unsupported("`with`"),
            Stmt::AsyncWith(_) => StatementKind::Unsupported("`async with`"),
            Stmt::TryStar(_) => StatementKind::Unsupported("`except*`"),
            Stmt::TypeAlias(_) => StatementKind::Unsupported("a `type` statement"),
            Stmt::FunctionDef(_)
            | Stmt::AsyncFunctionDef(_)
            | Stmt::ClassDef(_)
            | Stmt::For(_)
            | Stmt::While(_)
            | Stmt::If(_)
            | Stmt::Try(_)
            | Stmt::Match(_)
            | Stmt::Import(_)
            | Stmt::ImportFrom(_)
            | Stmt::Global(_)
            | Stmt::Nonlocal(_) => StatementKind::Unsupported("this statement"),
        }
    }

    fn other_statement(&mut self, statement: Stmt, span: Span) -> StatementKind {
        match statement {
            Stmt::FunctionDef(_) | Stmt::AsyncFunctionDef(_) => self.function(statement, span),
            Stmt::ClassDef(definition) => self.class(definition, span),
            Stmt::Import(_) | Stmt::ImportFrom(_) | Stmt::Global(_) | Stmt::Nonlocal(_) => self.names(statement),
            other => self.simple(other),
        }
    }

    fn for_loop(&mut self, statement: parser_ast::StmtFor) -> StatementKind {
        StatementKind::For {
            target: self.expression(*statement.target),
            iterable: self.expression(*statement.iter),
            body: self.statements(statement.body),
            or_else: self.statements(statement.orelse),
        }
    }

    fn while_loop(&mut self, statement: parser_ast::StmtWhile) -> StatementKind {
        StatementKind::While {
            test: self.expression(*statement.test),
            body: self.statements(statement.body),
            or_else: self.statements(statement.orelse),
        }
    }

    fn try_statement(&mut self, statement: parser_ast::StmtTry) -> StatementKind {
        StatementKind::Try {
            body: self.statements(statement.body),
            handlers: self.handlers(statement.handlers),
            or_else: self.statements(statement.orelse),
            finally: self.statements(statement.finalbody),
        }
    }

    fn match_statement(&mut self, statement: parser_ast::StmtMatch) -> StatementKind {
        let mut subject = self.expression(*statement.subject);
        // The parser gives a bare tuple the range of the whole statement.
        if let ExpressionKind::Tuple(elements) = &subject.kind
            && subject.span == self.span(statement.range)
            && let (Some(first), Some(last)) = (elements.first(), elements.last())
        {
            subject.span = first.span.cover(last.span);
        }
        let cases = statement.cases.into_iter().map(|case| MatchCase {
            pattern: self.pattern(case.pattern),
            guard: self.optional_expression(case.guard),
            body: self.statements(case.body),
        });
        StatementKind::Match { subject, cases: cases.collect() }
    }

    fn handlers(&mut self, handlers: Vec<parser_ast::ExceptHandler>) -> Vec<ExceptHandler> {
        handlers
            .into_iter()
            .map(|handler| {
                let parser_ast::ExceptHandler::ExceptHandler(handler) = handler;
                ExceptHandler {
                    span: self.span(handler.range),
                    exception: self.optional_expression(handler.type_),
                    name: handler.name.as_ref().map(name),
                    body: self.statements(handler.body),
                }
            })
            .collect()
    }

    fn names(&mut self, statement: Stmt) -> StatementKind {
        match statement {
            Stmt::Import(statement) => StatementKind::Import(self.aliases(statement.names)),
            Stmt::ImportFrom(statement) => {
                let level = statement.level.map_or(0, |level| level.to_usize());
                let mut module = ".".repeat(level);
                if let Some(name) = &statement.module {
                    module.push_str(name.as_str());
                }
                StatementKind::ImportFrom { module, names: self.aliases(statement.names) }
            }
            Stmt::Global(statement) => StatementKind::Global(statement.names.iter().map(name).collect()),
            Stmt::Nonlocal(statement) => StatementKind::Nonlocal(statement.names.iter().map(name).collect()),
            other => self.simple(other),
        }
    }

    fn aliases(&mut self, aliases: Vec<parser_ast::Alias>) -> Vec<ImportAlias> {
        aliases
            .into_iter()
            .map(|alias| ImportAlias {
                span: self.span(alias.range),
                name: name(&alias.name),
                alias: alias.asname.as_ref().map(name),
            })
            .collect()
    }

    fn function(&mut self, statement: Stmt, span: Span) -> StatementKind {
        let is_async = matches!(statement, Stmt::AsyncFunctionDef(_));
        let (identifier, arguments, body, decorators, returns, type_parameters) = match statement {
            Stmt::FunctionDef(definition) => (
                definition.name,
                definition.args,
                definition.body,
                definition.decorator_list,
                definition.returns,
                definition.type_params,
            ),
            Stmt::AsyncFunctionDef(definition) => (
                definition.name,
                definition.args,
                definition.body,
                definition.decorator_list,
                definition.returns,
                definition.type_params,
            ),
            other => return self.simple(other),
        };
        if !type_parameters.is_empty() {
            return StatementKind::Unsupported("a function with type parameters");
        }
        let name_span = self.name_span(span, "def", &identifier);
        StatementKind::FunctionDefinition(Box::new(FunctionDefinition {
            name: name(&identifier),
            name_span,
            decorators: self.expressions(decorators),
            parameters: self.parameters(*arguments, name_span),
            returns: returns.map(|annotation| self.annotation(*annotation)),
            body: self.statements(body),
            is_async,
        }))
    }

    fn class(&mut self, definition: parser_ast::StmtClassDef, span: Span) -> StatementKind {
        if !definition.type_params.is_empty() {
            return StatementKind::Unsupported("a class with type parameters");
        }
        if !definition.keywords.is_empty() {
            return StatementKind::Unsupported("a class with keyword arguments");
        }
        StatementKind::ClassDefinition(Box::new(ClassDefinition {
            name: name(&definition.name),
            name_span: self.name_span(span, "class", &definition.name),
            decorators: self.expressions(definition.decorator_list),
            bases: self.expressions(definition.bases),
            body: self.statements(definition.body),
        }))
    }

    /// The name behind `keyword` in the head of a definition; the parser keeps no range for it.
    fn name_span(&self, definition: Span, keyword: &str, name: &str) -> Span {
        let text = definition.text(self.source);
        let find = || {
            let after_keyword = text.find(keyword)? + keyword.len();
            let start = after_keyword + text.get(after_keyword..)?.find(name)?;
            Some(definition.start + offset(start))
        };
        let start = find().unwrap_or(definition.start);
        Span::new(start, start + offset(name.len()))
    }

    fn parameters(&mut self, arguments: parser_ast::Arguments, place: Span) -> Vec<Parameter> {
        let mut parameters = Vec::new();
        for (kind, list) in [
            (ParameterKind::PositionalOnly, arguments.posonlyargs),
            (ParameterKind::PositionalOrKeyword, arguments.args),
        ] {
            for argument in list {
                parameters.push(self.parameter(kind, argument.def, argument.default));
            }
        }
        if let Some(argument) = arguments.vararg {
            parameters.push(self.parameter(ParameterKind::VariadicPositional, *argument, None));
        }
        for argument in arguments.kwonlyargs {
            parameters.push(self.parameter(ParameterKind::KeywordOnly, argument.def, argument.default));
        }
        if let Some(argument) = arguments.kwarg {
            parameters.push(self.parameter(ParameterKind::VariadicKeyword, *argument, None));
        }
        self.refuse_repetition(parameters.iter().map(|parameter| (&parameter.name, parameter.span)), |name| {
            format!("two parameters are named `{name}`")
        });
        if parameters.len() > self.limits.parameters {
            self.diagnostics.push(
                Diagnostic::error(
                    codes::LIMIT_COUNT,
                    place,
                    format!("a function with {} parameters", parameters.len()),
                )
                .expected(format!("at most {}", self.limits.parameters))
                .hint("split the node into several"),
            );
        }
        parameters
    }

    /// Reports names that stand twice. The parser compares them as they are written; two spellings may be one name.
    fn refuse_repetition<'n>(
        &mut self,
        names: impl Iterator<Item = (&'n Name, Span)>,
        message: impl Fn(&Name) -> String,
    ) {
        let mut seen = HashSet::new();
        for (name, span) in names {
            if !seen.insert(name) {
                self.diagnostics.push(
                    Diagnostic::error(codes::DUPLICATE_NAME, span, message(name)).hint("give each a name of its own"),
                );
            }
        }
    }

    fn parameter(&mut self, kind: ParameterKind, argument: parser_ast::Arg, default: Option<Box<Expr>>) -> Parameter {
        Parameter {
            name: name(&argument.arg),
            span: self.span(argument.range),
            kind,
            annotation: argument.annotation.map(|annotation| self.annotation(*annotation)),
            default: self.optional_expression(default),
        }
    }

    /// An annotation; one that is written as a string is parsed. A string that is not an expression stays a string.
    fn annotation(&mut self, annotation: Expr) -> Expression {
        let Expr::Constant(parser_ast::ExprConstant { value: Constant::Str(text), range, .. }) = &annotation else {
            return self.expression(annotation);
        };
        let span = self.span(*range);
        let written = span.text(self.source);
        let inner = ["\"\"\"", "'''", "\"", "'"].into_iter().find_map(|quotes| {
            written
                .strip_prefix(quotes)
                .and_then(|rest| rest.strip_suffix(quotes))
                .filter(|inner| *inner == text)
                .map(|_| span.start + offset(quotes.len()))
        });
        let trimmed = text.trim_start();
        let start = inner.unwrap_or(span.start) + offset(text.len() - trimmed.len());
        let Some(parsed) = parse_annotation(trimmed.trim_end(), start, self.limits) else {
            return self.expression(annotation);
        };
        let outer = self.fixed_span;
        if inner.is_none() {
            self.fixed_span = outer.or(Some(span));
        }
        let expression = self.expression(parsed);
        self.fixed_span = outer;
        expression
    }

    fn expressions(&mut self, expressions: Vec<Expr>) -> Vec<Expression> {
        let mut converted = Vec::with_capacity(expressions.len());
        for expression in expressions {
            converted.push(self.expression(expression));
        }
        converted
    }

    fn boxed(&mut self, expression: Expr) -> Box<Expression> {
        Box::new(self.expression(expression))
    }

    fn optional_expression(&mut self, expression: Option<Box<Expr>>) -> Option<Expression> {
        expression.map(|expression| self.expression(*expression))
    }

    fn optional_boxed(&mut self, expression: Option<Box<Expr>>) -> Option<Box<Expression>> {
        expression.map(|expression| self.boxed(*expression))
    }

    /// Converts an expression.
    pub(crate) fn expression(&mut self, expression: Expr) -> Expression {
        let span = self.span(expression.range());
        let kind = match expression {
            Expr::Call(call) => self.call(call),
            Expr::UnaryOp(operation) => self.unary(operation),
            Expr::Compare(comparison) => self.comparison(comparison),
            Expr::Dict(dict) => self.dict(dict),
            Expr::BoolOp(operation) => self.boolean(operation),
            other => self.operation(other),
        };
        Expression { span, kind, height: Height::OF_SOURCE }
    }

    fn boolean(&mut self, operation: parser_ast::ExprBoolOp) -> ExpressionKind {
        let operator = match operation.op {
            parser_ast::BoolOp::And => BooleanOperator::And,
            parser_ast::BoolOp::Or => BooleanOperator::Or,
        };
        ExpressionKind::Boolean { operator, values: self.expressions(operation.values) }
    }

    /// Leaves, and expressions of fixed operands; apart from [`Self::expression`] to keep the frames of both small.
    fn operation(&mut self, expression: Expr) -> ExpressionKind {
        match expression {
            Expr::Constant(constant) => self.constant(constant.value),
            Expr::Name(expression) => unbound(&expression),
            Expr::Attribute(expression) => ExpressionKind::Attribute {
                value: self.boxed(*expression.value),
                attribute: name(&expression.attr),
                member: Member::Unresolved,
            },
            Expr::BinOp(operation) => ExpressionKind::Binary {
                operator: binary_operator(operation.op),
                left: self.boxed(*operation.left),
                right: self.boxed(*operation.right),
            },
            Expr::Subscript(expression) => {
                ExpressionKind::Subscript { value: self.boxed(*expression.value), index: self.boxed(*expression.slice) }
            }
            Expr::IfExp(expression) => ExpressionKind::Conditional {
                test: self.boxed(*expression.test),
                body: self.boxed(*expression.body),
                or_else: self.boxed(*expression.orelse),
            },
            Expr::NamedExpr(expression) => {
                ExpressionKind::Walrus { target: self.boxed(*expression.target), value: self.boxed(*expression.value) }
            }
            Expr::Slice(expression) => ExpressionKind::Slice {
                lower: self.optional_boxed(expression.lower),
                upper: self.optional_boxed(expression.upper),
                step: self.optional_boxed(expression.step),
            },
            Expr::Tuple(expression) => ExpressionKind::Tuple(self.expressions(expression.elts)),
            Expr::List(expression) => ExpressionKind::List(self.expressions(expression.elts)),
            Expr::Starred(expression) => ExpressionKind::Starred(self.boxed(*expression.value)),
            Expr::Lambda(_) => ExpressionKind::Unsupported("`lambda`"),
            Expr::Set(_) => ExpressionKind::Unsupported("a set"),
            Expr::ListComp(_) => ExpressionKind::Unsupported("a list comprehension"),
            Expr::SetComp(_) => ExpressionKind::Unsupported("a set comprehension"),
            Expr::DictComp(_) => ExpressionKind::Unsupported("a dict comprehension"),
            Expr::GeneratorExp(_) => ExpressionKind::Unsupported("a generator expression"),
            Expr::Await(_) => ExpressionKind::Unsupported("`await`"),
            Expr::Yield(_) => ExpressionKind::Unsupported("`yield`"),
            Expr::YieldFrom(_) => ExpressionKind::Unsupported("`yield from`"),
            Expr::FormattedValue(_) | Expr::JoinedStr(_) => ExpressionKind::Unsupported("an f-string"),
            Expr::Call(_) | Expr::UnaryOp(_) | Expr::Compare(_) | Expr::Dict(_) | Expr::BoolOp(_) => {
                ExpressionKind::Unsupported("this expression")
            }
        }
    }

    fn call(&mut self, call: parser_ast::ExprCall) -> ExpressionKind {
        let function = self.boxed(*call.func);
        let arguments = self.expressions(call.args);
        let keywords: Vec<Keyword> = call
            .keywords
            .into_iter()
            .map(|keyword| Keyword {
                span: self.span(keyword.range),
                name: keyword.arg.as_ref().map(name),
                value: self.expression(keyword.value),
            })
            .collect();
        let named = keywords.iter().filter_map(|keyword| Some((keyword.name.as_ref()?, keyword.span)));
        self.refuse_repetition(named, |name| format!("the keyword argument `{name}` is given twice"));
        ExpressionKind::Call { function, arguments, keywords }
    }

    fn unary(&mut self, operation: parser_ast::ExprUnaryOp) -> ExpressionKind {
        let operator = match operation.op {
            parser_ast::UnaryOp::USub => UnaryOperator::Negate,
            parser_ast::UnaryOp::UAdd => UnaryOperator::Plus,
            parser_ast::UnaryOp::Invert => UnaryOperator::Invert,
            parser_ast::UnaryOp::Not => UnaryOperator::Not,
        };
        // The least integer has no literal of its own: its digits alone are out of range.
        if operator == UnaryOperator::Negate
            && let Expr::Constant(constant) = &*operation.operand
            && let Constant::Int(value) = &constant.value
            && value.to_i64().is_none()
        {
            return integer(&-value);
        }
        ExpressionKind::Unary { operator, operand: self.boxed(*operation.operand) }
    }

    fn comparison(&mut self, comparison: parser_ast::ExprCompare) -> ExpressionKind {
        ExpressionKind::Compare {
            left: self.boxed(*comparison.left),
            rest: comparison
                .ops
                .into_iter()
                .zip(comparison.comparators)
                .map(|(operator, operand)| (compare_operator(operator), self.expression(operand)))
                .collect(),
        }
    }

    fn dict(&mut self, dict: parser_ast::ExprDict) -> ExpressionKind {
        ExpressionKind::Dict(
            dict.keys
                .into_iter()
                .zip(dict.values)
                .map(|(key, value)| (key.map(|key| self.expression(key)), self.expression(value)))
                .collect(),
        )
    }

    fn constant(&mut self, constant: Constant) -> ExpressionKind {
        match constant {
            Constant::None => ExpressionKind::Constant(Value::None),
            Constant::Bool(value) => ExpressionKind::Constant(Value::Boolean(value)),
            Constant::Str(value) => ExpressionKind::Constant(Value::Text(value)),
            Constant::Float(value) => ExpressionKind::Constant(Value::Float(value)),
            Constant::Int(value) => integer(&value),
            Constant::Bytes(_) => ExpressionKind::Unsupported("a bytes literal"),
            Constant::Complex { .. } => ExpressionKind::Unsupported("a complex number"),
            Constant::Ellipsis => ExpressionKind::Unsupported("`...`"),
            // The parser's optimizer makes these; it is not run.
            Constant::Tuple(_) => ExpressionKind::Unsupported("a constant tuple"),
        }
    }
}

/// An integer of any size: beyond 64 bits it may be part of what is evaluated at compile time.
fn integer(value: &BigInt) -> ExpressionKind {
    ExpressionKind::Constant(Value::integer(value.to_i128()))
}

/// The diagnostic for an integer that a node cannot hold.
pub fn integer_range(span: Span) -> Diagnostic {
    Diagnostic::error(codes::LITERAL_RANGE, span, "this integer does not fit into 64 bits")
        .expected(format!("a value from {} to {}", i64::MIN, i64::MAX))
        .hint("write it as a float, with `.0` behind it")
}

/// The name of an identifier.
pub(crate) fn name(identifier: &parser_ast::Identifier) -> Name {
    normalized(identifier.as_str())
}

fn binary_operator(operator: parser_ast::Operator) -> BinaryOperator {
    match operator {
        parser_ast::Operator::Add => BinaryOperator::Add,
        parser_ast::Operator::Sub => BinaryOperator::Subtract,
        parser_ast::Operator::Mult => BinaryOperator::Multiply,
        parser_ast::Operator::MatMult => BinaryOperator::MatrixMultiply,
        parser_ast::Operator::Div => BinaryOperator::Divide,
        parser_ast::Operator::Mod => BinaryOperator::Modulo,
        parser_ast::Operator::Pow => BinaryOperator::Power,
        parser_ast::Operator::LShift => BinaryOperator::LeftShift,
        parser_ast::Operator::RShift => BinaryOperator::RightShift,
        parser_ast::Operator::BitOr => BinaryOperator::BitOr,
        parser_ast::Operator::BitXor => BinaryOperator::BitXor,
        parser_ast::Operator::BitAnd => BinaryOperator::BitAnd,
        parser_ast::Operator::FloorDiv => BinaryOperator::FloorDivide,
    }
}

fn compare_operator(operator: parser_ast::CmpOp) -> CompareOperator {
    match operator {
        parser_ast::CmpOp::Eq => CompareOperator::Equal,
        parser_ast::CmpOp::NotEq => CompareOperator::NotEqual,
        parser_ast::CmpOp::Lt => CompareOperator::Less,
        parser_ast::CmpOp::LtE => CompareOperator::LessOrEqual,
        parser_ast::CmpOp::Gt => CompareOperator::Greater,
        parser_ast::CmpOp::GtE => CompareOperator::GreaterOrEqual,
        parser_ast::CmpOp::Is => CompareOperator::Is,
        parser_ast::CmpOp::IsNot => CompareOperator::IsNot,
        parser_ast::CmpOp::In => CompareOperator::In,
        parser_ast::CmpOp::NotIn => CompareOperator::NotIn,
    }
}

fn is_ellipsis(expression: &Expr) -> bool {
    matches!(expression, Expr::Constant(constant) if matches!(constant.value, Constant::Ellipsis))
}

fn unbound(expression: &parser_ast::ExprName) -> ExpressionKind {
    ExpressionKind::Name { name: name(&expression.id), binding: Binding::Unresolved }
}
