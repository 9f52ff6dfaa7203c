//! What handlers of the syntax tree are written against.

use std::sync::Arc;

use cfunc_models::{
    AbiParameterId, Diagnostic, FunctionModel, LifecyclePhase, Span, Type, TypeTable, Value, VariableId,
};
use cfunc_sources::{KeyedInputs, KeyedSpan, VariableModel, VariableSource, Variables};
use cfunc_syntax::ast::{Expression, ExpressionKind, GlobalId, Statement, StatementKind};

use crate::{CompilationContext, ExtensionId, GlobalDefinition};

/// What a handler gives, or what is wrong with the node that it is for.
pub type HandlerResult<T> = Result<T, Box<Diagnostic>>;

/// The kinds of expressions that handlers are registered for. A handler is asked where a value is read: what is assigned
/// to is seen by handlers of the statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ExpressionNode {
    /// `f(x)`, `x.m(y)`.
    Call,
    /// `x[i]`.
    Subscript,
    /// `x.a`; of `x.a()` too, where no handler of calls answered.
    Attribute,
    /// `a < b`, `a < b < c`, `a in b`.
    Compare,
    /// `x`.
    Name,
}

/// The kinds of statements that handlers are registered for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum StatementNode {
    /// An expression for its effects.
    Expression,
    /// `return`.
    Return,
    /// `a = b`, and `a: T = b` unless it declares a state.
    Assign,
    /// `a += b`.
    AugmentedAssign,
    /// `for`.
    For,
}

/// How many kinds of expressions handlers are registered for.
const EXPRESSION_NODES: usize = 5;
/// How many kinds of statements handlers are registered for.
const STATEMENT_NODES: usize = 5;

impl ExpressionNode {
    /// The kind of an expression, where handlers are registered for it.
    pub const fn of(kind: &ExpressionKind) -> Option<Self> {
        match kind {
            ExpressionKind::Call { .. } => Some(Self::Call),
            ExpressionKind::Subscript { .. } => Some(Self::Subscript),
            ExpressionKind::Attribute { .. } => Some(Self::Attribute),
            ExpressionKind::Compare { .. } => Some(Self::Compare),
            ExpressionKind::Name { .. } => Some(Self::Name),
            _ => None,
        }
    }
}

impl StatementNode {
    /// The kind of a statement, where handlers are registered for it.
    pub const fn of(kind: &StatementKind) -> Option<Self> {
        match kind {
            StatementKind::Expression(_) => Some(Self::Expression),
            StatementKind::Return(_) => Some(Self::Return),
            StatementKind::Assign { .. } | StatementKind::AnnotatedAssign { value: Some(_), .. } => Some(Self::Assign),
            StatementKind::AugmentedAssign { .. } => Some(Self::AugmentedAssign),
            StatementKind::For { .. } => Some(Self::For),
            _ => None,
        }
    }
}

/// An input that an expression reads.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum InputReference<'e> {
    /// This one.
    Input(VariableId),
    /// One of a container, at an index that is known at run time.
    Element {
        /// The container.
        container: VariableId,
        /// Where the inputs of the container lie.
        span: KeyedSpan,
        /// The index, as the source has it.
        index: &'e Expression,
    },
}

/// What a handler may ask and do while a function is transformed.
pub trait TransformApi {
    /// What the function declares.
    fn function(&self) -> &FunctionModel;

    /// The types known so far, which those of variables are of.
    fn types(&self) -> &TypeTable;

    /// The context that the function is compiled in.
    fn context(&self) -> &CompilationContext;

    /// The phase whose body is transformed; `None` in a helper, which has no variables and no parameters of the ABI.
    fn phase(&self) -> Option<LifecyclePhase>;

    /// The inputs, states, constants and outputs of the function.
    fn variables(&self) -> &Variables;

    /// The input, state or constant that a name expression stands for.
    fn variable_of(&self, expression: &Expression) -> Option<(VariableId, &VariableModel)>;

    /// The container of inputs that a name expression stands for. Which inputs it has is known in every phase, also in
    /// those in which none of them is read.
    fn container_of(&self, expression: &Expression) -> Option<&KeyedInputs>;

    /// The input that an expression reads: a name of one, or one of a container of inputs.
    fn input_of<'e>(&self, expression: &'e Expression) -> Option<InputReference<'e>>;

    /// The variable of an output, by its position.
    fn output(&self, position: u32) -> Option<VariableId>;

    /// A parameter of the compiled function, by name, where its category is there in this phase. `None` in a helper, which
    /// is a function of its own: a handler that needs the parameter refuses the call there.
    fn abi_parameter(&self, name: &str) -> Option<AbiParameterId>;

    /// What a name or dotted name stands for, where it is registered and no local of the function.
    fn definition_of(&self, expression: &Expression) -> Option<&GlobalDefinition>;

    /// The value of an expression, where it is known before types are: made of literals, constants of the module, globals
    /// handed to the compile, bound constants.
    fn value_of(&self, expression: &Expression) -> Option<Value>;

    /// What stands for something registered, whatever the source binds its name to.
    fn registered(&self, id: GlobalId, span: Span) -> Expression;

    /// As [`TransformApi::registered`], by the dotted name that it was registered under.
    fn registered_name(&self, path: &str, span: Span) -> Option<Expression>;

    /// A local that the source does not name, to be assigned and read.
    fn new_local(&mut self, hint: &str, span: Span) -> Expression;

    /// A variable of the handler's own, in a category's memory or as a constant; a name that no source can write keeps it
    /// apart from others.
    fn new_variable(&mut self, name: &str, ty: Type, source: VariableSource) -> VariableId;

    /// What reads a variable.
    fn variable(&self, variable: VariableId, span: Span) -> Expression;

    /// Transforms a part as the transformer itself would, handlers included.
    fn transform(&mut self, expression: Expression) -> Expression;

    /// Transforms statements as the transformer itself would, handlers included.
    fn transform_statements(&mut self, statements: Vec<Statement>) -> Vec<Statement>;

    /// Reports an error or warning and goes on.
    fn report(&mut self, diagnostic: Diagnostic);
}

/// What stands for an expression that was not transformed yet; `None` passes it on.
pub type BeforeExpression =
    Arc<dyn Fn(&mut dyn TransformApi, &Expression) -> HandlerResult<Option<Expression>> + Send + Sync>;
/// What becomes of a transformed expression, which is given with the one that the source has.
pub type AfterExpression =
    Arc<dyn Fn(&mut dyn TransformApi, &Expression, Expression) -> HandlerResult<Expression> + Send + Sync>;
/// What stands for a statement that was not transformed yet; `None` passes it on.
pub type BeforeStatement =
    Arc<dyn Fn(&mut dyn TransformApi, &Statement) -> HandlerResult<Option<Vec<Statement>>> + Send + Sync>;
/// What becomes of the transformed statements of one, which is given as the source has it.
pub type AfterStatement =
    Arc<dyn Fn(&mut dyn TransformApi, &Statement, Vec<Statement>) -> HandlerResult<Vec<Statement>> + Send + Sync>;

/// A handler, and who registered it.
pub struct Handler<F> {
    /// Lower ones are asked first; of equal ones those registered first.
    pub priority: i32,
    /// Who registered it.
    pub extension: ExtensionId,
    /// What is asked.
    pub handle: F,
}

impl<F> Handler<F> {
    /// Registers a handler; the list is sorted when the context is built.
    pub(crate) fn add(handlers: &mut Vec<Self>, extension: &ExtensionId, priority: i32, handle: F) {
        handlers.push(Self { priority, extension: extension.clone(), handle });
    }

    /// Puts a list in the order in which it is asked.
    pub(crate) fn sort(handlers: &mut [Self]) {
        handlers.sort_by_key(|handler| handler.priority);
    }
}

impl<F: Clone> Clone for Handler<F> {
    fn clone(&self) -> Self {
        Self { priority: self.priority, extension: self.extension.clone(), handle: self.handle.clone() }
    }
}

/// The handlers of one kind of nodes, each list in the order in which it is asked.
pub struct NodeHandlers<B, A> {
    /// Asked before the transformer goes on by itself: the first answer stands.
    pub before: Vec<Handler<B>>,
    /// Asked after it, each with what the one before it gave; not where one of `before` answered.
    pub after: Vec<Handler<A>>,
}

impl<B, A> NodeHandlers<B, A> {
    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.before.is_empty() && self.after.is_empty()
    }
}

impl<B, A> Default for NodeHandlers<B, A> {
    fn default() -> Self {
        Self { before: Vec::new(), after: Vec::new() }
    }
}

impl<B: Clone, A: Clone> Clone for NodeHandlers<B, A> {
    fn clone(&self) -> Self {
        Self { before: self.before.clone(), after: self.after.clone() }
    }
}

/// The handlers of one kind of expressions.
pub type ExpressionHandlers = NodeHandlers<BeforeExpression, AfterExpression>;
/// The handlers of one kind of statements.
pub type StatementHandlers = NodeHandlers<BeforeStatement, AfterStatement>;

/// The handlers of the syntax tree, by the kind of node.
#[derive(Clone, Default)]
pub(crate) struct TreeHandlers {
    pub(crate) expressions: [ExpressionHandlers; EXPRESSION_NODES],
    pub(crate) statements: [StatementHandlers; STATEMENT_NODES],
}

impl TreeHandlers {
    /// Puts each list in the order in which it is asked.
    pub(crate) fn sort(&mut self) {
        for handlers in &mut self.expressions {
            Handler::sort(&mut handlers.before);
            Handler::sort(&mut handlers.after);
        }
        for handlers in &mut self.statements {
            Handler::sort(&mut handlers.before);
            Handler::sort(&mut handlers.after);
        }
    }
}
