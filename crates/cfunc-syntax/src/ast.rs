//! The syntax tree: what the parser gives, and what the transformer and its handlers mark.
//!
//! One tree serves both. After parsing every [`ExpressionKind::Name`] is [`Binding::Unresolved`] and every name of an
//! attribute [`Member::Unresolved`]; the transformer binds each name, and writes what has no source form as [`ExpressionKind::Intrinsic`]. Trees are made of our own
//! types so that the parser can be replaced and every `match` is exhaustive.

use std::sync::Arc;

use cfunc_models::{AbiParameterId, Span, Type, Value, VariableId};

use crate::nesting::Height;

/// An identifier.
pub type Name = Arc<str>;

/// A local of the function, by its position in the function's list of locals.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct LocalId(pub u32);

/// A name of the context's global table (functions, modules, classes, constants), by its position there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct GlobalId(pub u32);

/// A function of Python code that the function calls, by its position in the function's list of helpers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct HelperId(pub u32);

/// The name of an attribute or method that something is registered for, by its position among those of the context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct MemberId(pub u32);

/// What the name of an attribute stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Member {
    /// Not looked at yet.
    #[default]
    Unresolved,
    /// A name that attributes or methods of some type are registered for.
    Registered(MemberId),
    /// A name that nothing is registered for; rules for every name may know it.
    Unregistered,
}

impl Member {
    /// The registered name.
    pub const fn registered(self) -> Option<MemberId> {
        match self {
            Self::Registered(id) => Some(id),
            Self::Unresolved | Self::Unregistered => None,
        }
    }
}

/// What a name stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Binding {
    /// Not looked at yet.
    #[default]
    Unresolved,
    /// A local of the function.
    Local(LocalId),
    /// An input, constant, state or output.
    Variable(VariableId),
    /// Something registered with the context.
    Global(GlobalId),
    /// A function of Python code.
    Helper(HelperId),
}

/// One source file.
#[derive(Clone, Debug, PartialEq)]
pub struct Module {
    /// Its statements.
    pub body: Vec<Statement>,
}

/// A function definition.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionDefinition {
    /// Its name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// Decorators, without `@`.
    pub decorators: Vec<Expression>,
    /// Parameters in order.
    pub parameters: Vec<Parameter>,
    /// The annotation after `->`.
    pub returns: Option<Expression>,
    /// Statements, docstring included.
    pub body: Vec<Statement>,
    /// Whether it is `async def`.
    pub is_async: bool,
}

/// How a parameter takes its argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ParameterKind {
    /// Before `/`.
    PositionalOnly,
    /// The ordinary kind.
    PositionalOrKeyword,
    /// `*args`.
    VariadicPositional,
    /// After `*`.
    KeywordOnly,
    /// `**kwargs`.
    VariadicKeyword,
}

/// A parameter of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: Name,
    /// Name and annotation.
    pub span: Span,
    /// How it takes its argument.
    pub kind: ParameterKind,
    /// Its annotation; a string annotation is parsed already.
    pub annotation: Option<Expression>,
    /// Its default.
    pub default: Option<Expression>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq)]
pub struct Statement {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: StatementKind,
    pub(crate) height: Height,
}

impl Statement {
    /// A statement.
    ///
    /// # Panics
    ///
    /// Where more than [`MAXIMUM_NESTING`](cfunc_models::MAXIMUM_NESTING) levels are built on top of each other. In a
    /// handler that becomes a diagnostic of its extension.
    #[track_caller]
    pub fn new(span: Span, kind: StatementKind) -> Self {
        let mut statement = Self::of_source(span, kind);
        statement.height = Height::of_statement(&statement);
        statement
    }

    /// A statement of a source, which is within the limits of its text.
    pub(crate) const fn of_source(span: Span, kind: StatementKind) -> Self {
        Self { span, kind, height: Height::OF_SOURCE }
    }
}

/// What a statement is.
#[derive(Clone, Debug, PartialEq)]
pub enum StatementKind {
    /// `def`.
    FunctionDefinition(Box<FunctionDefinition>),
    /// `class`.
    ClassDefinition(Box<ClassDefinition>),
    /// `return`.
    Return(Option<Expression>),
    /// `a = b = value`.
    Assign {
        /// Targets from left to right.
        targets: Vec<Expression>,
        /// What is assigned.
        value: Expression,
    },
    /// `target += value`.
    AugmentedAssign {
        /// A name, attribute or subscript.
        target: Expression,
        /// The operator without `=`.
        operator: BinaryOperator,
        /// The right operand.
        value: Expression,
    },
    /// `target: annotation = value`.
    AnnotatedAssign {
        /// What is declared.
        target: Expression,
        /// Its annotation; a string annotation is parsed already.
        annotation: Expression,
        /// Its value.
        value: Option<Expression>,
    },
    /// `for`.
    For {
        /// What each element is assigned to.
        target: Expression,
        /// What is iterated.
        iterable: Expression,
        /// The loop's body.
        body: Vec<Statement>,
        /// What runs when no `break` ended the loop.
        or_else: Vec<Statement>,
    },
    /// `while`.
    While {
        /// The condition.
        test: Expression,
        /// The loop's body.
        body: Vec<Statement>,
        /// What runs when no `break` ended the loop.
        or_else: Vec<Statement>,
    },
    /// `if`; an `elif` is an `if` alone in `or_else`.
    If {
        /// The condition.
        test: Expression,
        /// When it holds.
        body: Vec<Statement>,
        /// When it does not.
        or_else: Vec<Statement>,
    },
    /// An expression for its effects.
    Expression(Expression),
    /// `pass`.
    Pass,
    /// `break`.
    Break,
    /// `continue`.
    Continue,
    /// `assert`.
    Assert {
        /// The condition.
        test: Expression,
        /// The message.
        message: Option<Expression>,
    },
    /// `raise`.
    Raise {
        /// What is raised; `None` raises again what is being handled.
        exception: Option<Expression>,
        /// After `from`.
        cause: Option<Expression>,
    },
    /// `try`.
    Try {
        /// What may fail.
        body: Vec<Statement>,
        /// `except` clauses in order.
        handlers: Vec<ExceptHandler>,
        /// When nothing failed.
        or_else: Vec<Statement>,
        /// Always.
        finally: Vec<Statement>,
    },
    /// `match`.
    Match {
        /// What is matched.
        subject: Expression,
        /// `case` clauses in order.
        cases: Vec<MatchCase>,
    },
    /// `del`.
    Delete(Vec<Expression>),
    /// `import a.b as c`.
    Import(Vec<ImportAlias>),
    /// `from a.b import c as d`.
    ImportFrom {
        /// The module, with leading dots; empty for `from . import`.
        module: String,
        /// Names in order; `*` stands as a name.
        names: Vec<ImportAlias>,
    },
    /// `global`.
    Global(Vec<Name>),
    /// `nonlocal`.
    Nonlocal(Vec<Name>),
    /// What nodes do not have: `with`, `async for` …; named as a user would say it.
    Unsupported(&'static str),
}

/// A class definition.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassDefinition {
    /// Its name.
    pub name: Name,
    /// Where the name stands.
    pub name_span: Span,
    /// Decorators, without `@`.
    pub decorators: Vec<Expression>,
    /// Base classes.
    pub bases: Vec<Expression>,
    /// Statements.
    pub body: Vec<Statement>,
}

/// One `except` clause.
#[derive(Clone, Debug, PartialEq)]
pub struct ExceptHandler {
    /// Where it stands.
    pub span: Span,
    /// The class or tuple of classes; `None` for a bare `except`.
    pub exception: Option<Expression>,
    /// After `as`.
    pub name: Option<Name>,
    /// What runs.
    pub body: Vec<Statement>,
}

/// One `case` clause.
#[derive(Clone, Debug, PartialEq)]
pub struct MatchCase {
    /// The pattern.
    pub pattern: Pattern,
    /// After `if`.
    pub guard: Option<Expression>,
    /// What runs.
    pub body: Vec<Statement>,
}

/// A pattern of a `case` clause.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: PatternKind,
}

/// What a pattern is.
#[derive(Clone, Debug, PartialEq)]
pub enum PatternKind {
    /// A value compared by `==`: a literal or a dotted name.
    Value(Expression),
    /// `None`, `True` or `False`, compared by `is`.
    Singleton(Value),
    /// `_`, or a name with what it stands for.
    Capture(Option<Expression>),
    /// `pattern as name`.
    As(Box<Pattern>, Expression),
    /// `a | b`.
    Or(Vec<Pattern>),
    /// `(a, b)` or `[a, b]`.
    Sequence(Vec<Pattern>),
    /// `*rest` or `*_` in a sequence.
    Star(Option<Expression>),
    /// Mapping and class patterns; named as a user would say it.
    Unsupported(&'static str),
}

/// One name of an import.
#[derive(Clone, Debug, PartialEq)]
pub struct ImportAlias {
    /// Where it stands.
    pub span: Span,
    /// The imported name, dotted.
    pub name: Name,
    /// After `as`.
    pub alias: Option<Name>,
}

/// An expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expression {
    /// Where it stands; for what a handler made, what it was made from.
    pub span: Span,
    /// What it is.
    pub kind: ExpressionKind,
    pub(crate) height: Height,
}

impl Expression {
    /// An expression.
    ///
    /// # Panics
    ///
    /// Where more than [`MAXIMUM_NESTING`](cfunc_models::MAXIMUM_NESTING) levels are built on top of each other. In a
    /// handler that becomes a diagnostic of its extension.
    #[track_caller]
    pub fn new(span: Span, kind: ExpressionKind) -> Self {
        let mut expression = Self::of_source(span, kind);
        expression.height = Height::of_expression(&expression);
        expression
    }

    /// An expression of a source, which is within the limits of its text.
    pub(crate) const fn of_source(span: Span, kind: ExpressionKind) -> Self {
        Self { span, kind, height: Height::OF_SOURCE }
    }

    /// For an attribute the place of its name, which ends where the expression ends; else the whole span.
    pub fn attribute_span(&self) -> Span {
        match &self.kind {
            ExpressionKind::Attribute { value, attribute, .. } => {
                let length = u32::try_from(attribute.len()).unwrap_or(u32::MAX);
                Span::new(self.span.end.saturating_sub(length).max(value.span.end).min(self.span.end), self.span.end)
            }
            _ => self.span,
        }
    }
}

/// What an expression is.
#[derive(Clone, Debug, PartialEq)]
pub enum ExpressionKind {
    /// A literal: None, bool, int, float, str; after the transformer also times and bound constants.
    Constant(Value),
    /// A name, with what it stands for.
    Name {
        /// The name.
        name: Name,
        /// What it stands for.
        binding: Binding,
    },
    /// `value.attribute`.
    Attribute {
        /// The base.
        value: Box<Expression>,
        /// The attribute's name.
        attribute: Name,
        /// What the name stands for.
        member: Member,
    },
    /// `function(arguments, keyword=…)`.
    Call {
        /// What is called.
        function: Box<Expression>,
        /// Positional arguments; `*x` is a [`ExpressionKind::Starred`].
        arguments: Vec<Expression>,
        /// Keyword arguments.
        keywords: Vec<Keyword>,
    },
    /// `-x`, `not x` …
    Unary {
        /// The operator.
        operator: UnaryOperator,
        /// The operand.
        operand: Box<Expression>,
    },
    /// `a + b` …
    Binary {
        /// The operator.
        operator: BinaryOperator,
        /// The left operand.
        left: Box<Expression>,
        /// The right operand.
        right: Box<Expression>,
    },
    /// `a and b and c`: a run of one operator.
    Boolean {
        /// The operator.
        operator: BooleanOperator,
        /// Two or more operands.
        values: Vec<Expression>,
    },
    /// `a < b <= c`.
    Compare {
        /// The first operand.
        left: Box<Expression>,
        /// Operators and the operands right of them; one or more.
        rest: Vec<(CompareOperator, Expression)>,
    },
    /// `body if test else or_else`.
    Conditional {
        /// The condition.
        test: Box<Expression>,
        /// When it holds.
        body: Box<Expression>,
        /// When it does not.
        or_else: Box<Expression>,
    },
    /// `value[index]`.
    Subscript {
        /// The base.
        value: Box<Expression>,
        /// The index; a [`ExpressionKind::Tuple`] for `a[b, c]`.
        index: Box<Expression>,
    },
    /// `lower:upper:step` inside a subscript.
    Slice {
        /// Before the first colon.
        lower: Option<Box<Expression>>,
        /// After it.
        upper: Option<Box<Expression>>,
        /// After the second colon.
        step: Option<Box<Expression>>,
    },
    /// `(a, b)`.
    Tuple(Vec<Expression>),
    /// `[a, b]`.
    List(Vec<Expression>),
    /// `{a: b}`; `None` as a key is `**b`.
    Dict(Vec<(Option<Expression>, Expression)>),
    /// `target := value`.
    Walrus {
        /// A name.
        target: Box<Expression>,
        /// Its value.
        value: Box<Expression>,
    },
    /// `*value`.
    Starred(Box<Expression>),
    /// Statements, then a value, where an expression stands: made by handlers. They run as often as the expression is
    /// evaluated, in its place, and none of them leaves it.
    Sequence(Box<Sequence>),
    /// What has no source form: made by the transformer and by handlers, through the builders.
    Intrinsic {
        /// Which one.
        intrinsic: Intrinsic,
        /// Its operands.
        arguments: Vec<Expression>,
    },
    /// What nodes do not have: `lambda`, `yield`, comprehensions …; named as a user would say it.
    Unsupported(&'static str),
}

/// Statements, then a value.
#[derive(Clone, Debug, PartialEq)]
pub struct Sequence {
    /// What is done first.
    pub statements: Vec<Statement>,
    /// The value.
    pub value: Expression,
}

/// An operation without a source form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Intrinsic {
    /// The element at a fixed index of an array that the host passes: `input_ticked[2]`. No operands.
    AbiElement {
        /// The parameter that points at the array.
        parameter: AbiParameterId,
        /// The element's index.
        index: u32,
        /// The type the element is read as.
        ty: Type,
    },
    /// The element of such an array at an index that is known at run time: of `length` elements from `first` on, counted
    /// from their end where it is negative; a node error IndexError beyond them. Operands are the index, and as int
    /// constants the index of the first element and the length.
    AbiElementAt {
        /// The parameter that points at the array.
        parameter: AbiParameterId,
        /// The type the element is read as.
        ty: Type,
    },
    /// A parameter of the compiled function itself. No operands.
    AbiParameter {
        /// Which one.
        parameter: AbiParameterId,
        /// The type it is read as, of one value of the parameter's representation.
        ty: Type,
    },
    /// The input at an index that is known at run time, of a container of inputs that lie in one array side by side;
    /// counted from their end where it is negative; a node error IndexError beyond them. One operand, the index.
    InputAt {
        /// The container's variable.
        variable: VariableId,
    },
    /// A value that inference holds for what an elaborator answered: the base or an argument of what it was asked about.
    /// No operands.
    Held(u32),
    /// Writes the operand to an output's cell and marks it as ticked. A statement.
    StoreOutput {
        /// The output's variable.
        variable: VariableId,
    },
    /// Writes the operand to the outputs: the elements of a tuple to one each in order, another value to the first. What
    /// is None leaves its output as it is. A statement.
    StoreOutputs,
    /// The operand, a constant, is what operators of literals and bound constants were evaluated to: no literal itself.
    Folded,
    /// Stands for what was wrong and is reported, so that the rest can be looked at. No operands; never in a function
    /// that is compiled.
    Reported,
}

/// `name=value` in a call.
#[derive(Clone, Debug, PartialEq)]
pub struct Keyword {
    /// Where it stands.
    pub span: Span,
    /// The name; `None` for `**value`.
    pub name: Option<Name>,
    /// The value.
    pub value: Expression,
}

macro_rules! operators {
    ($(#[$doc:meta])* $type:ident { $($variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum $type { $(#[doc = concat!("`", $text, "`")] $variant,)* }

        impl $type {
            /// Every operator.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it is written.
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }
        }
    };
}

operators! {
    /// Operators of one operand.
    UnaryOperator { Negate = "-", Plus = "+", Invert = "~", Not = "not", }
}
operators! {
    /// Operators of two operands that are always evaluated.
    BinaryOperator {
        Add = "+", Subtract = "-", Multiply = "*", Divide = "/", FloorDivide = "//", Modulo = "%", Power = "**",
        LeftShift = "<<", RightShift = ">>", BitAnd = "&", BitOr = "|", BitXor = "^", MatrixMultiply = "@",
    }
}
operators! {
    /// Operators whose right operand may not be evaluated.
    BooleanOperator { And = "and", Or = "or", }
}
operators! {
    /// Comparisons.
    CompareOperator {
        Equal = "==", NotEqual = "!=", Less = "<", LessOrEqual = "<=", Greater = ">", GreaterOrEqual = ">=",
        Is = "is", IsNot = "is not", In = "in", NotIn = "not in",
    }
}
