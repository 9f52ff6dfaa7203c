//! The typed tree: what infer gives and lower reads.

use std::sync::Arc;

use cfunc_context::{Resolution, RuleUses};
use cfunc_models::{AbiParameterId, Diagnostics, FunctionModel, NodeErrorKind, Span, Type, Value, VariableId};
use cfunc_sources::Variables;
use cfunc_syntax::ast::{BooleanOperator, LocalId, Name};
use smallvec::{SmallVec, smallvec};

use crate::rule_helpers::PythonTyper;

/// A place for values of one type: a local at one of its types, or an intermediate value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SlotId(pub u32);

/// What is known of a slot.
#[derive(Clone, Debug, PartialEq)]
pub struct Slot {
    /// The local's name, or what the intermediate value is.
    pub name: Name,
    /// The type of what it holds.
    pub ty: Type,
}

/// An edge where paths meet, by its position in the function's list of edges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EdgeId(pub u32);

/// On an edge, `to` becomes the value of `from`, converted to its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct EdgeConversion {
    /// What is converted.
    pub from: SlotId,
    /// Where it goes.
    pub to: SlotId,
}

/// A function with all types and rules.
#[derive(Clone, Debug)]
pub struct TypedFunction {
    /// What the function declares.
    pub function: FunctionModel,
    /// Its inputs, constants, states and outputs.
    pub variables: Variables,
    /// All slots.
    pub slots: Vec<Slot>,
    /// Conversions by edge.
    pub edges: Vec<Vec<EdgeConversion>>,
    /// By slot, the local that it belongs to, where some [`Selection`] needs to know at run time which slot of the local
    /// was set last.
    pub selected: Vec<Option<LocalId>>,
    /// By local, whether some read needs to know at run time if it is bound.
    pub tracked: Vec<bool>,
    /// What START runs.
    pub start: Vec<TypedStatement>,
    /// What EXECUTE runs.
    pub body: Vec<TypedStatement>,
    /// What STOP runs.
    pub stop: Vec<TypedStatement>,
    /// Uses of rules that the tree does not show: types, conversions and folds of values, unifications.
    pub uses: RuleUses,
    /// Warnings; errors leave no function.
    pub warnings: Diagnostics,
    /// Helpers, once for each combination of argument types that a call gives, by [`SpecialisationId`]; one that no
    /// statement calls may be among them.
    pub helpers: Vec<TypedHelper>,
    /// Types functions of Python code that rules call while they emit.
    pub python: Option<Arc<PythonTyper>>,
    /// Of a plain function that a host calls: how. It has no phases then.
    pub call: Option<TypedCall>,
}

/// How a host calls a plain function.
#[derive(Clone, Debug)]
pub struct TypedCall {
    /// Which of the helpers it is.
    pub function: SpecialisationId,
    /// One for each parameter.
    pub arguments: Vec<CallArgument>,
    /// The type of what it gives, as a cell holds it: of a copy of a struct, the struct.
    pub result: Type,
    /// What it gives, where nothing is left of it at run time.
    pub constant: Option<Value>,
}

/// An argument of a plain function that a host calls.
#[derive(Clone, Debug)]
pub struct CallArgument {
    /// The type of what the host gives; of its default, where it gives nothing.
    pub given: Type,
    /// The type of the parameter, which that is converted to.
    pub taken: Type,
    /// Its default, where the host gives nothing.
    pub default: Option<Value>,
}

/// A helper for arguments of certain types, by its position in the function's list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct SpecialisationId(pub u32);

/// A helper for arguments of certain types.
#[derive(Clone, Debug)]
pub struct TypedHelper {
    /// The slots that arguments go to, in the order of the parameters.
    pub parameters: Vec<SlotId>,
    /// Where the result is when the body has ended.
    pub result: SlotId,
    /// Its name, slots, edges and body.
    pub function: TypedFunction,
    /// Whether the spans in it are of another text than the source that is compiled.
    pub is_foreign: bool,
}

/// A statement.
#[derive(Clone, Debug)]
pub struct TypedStatement {
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TypedStatementKind,
}

impl TypedStatement {
    /// What it evaluates: the value that it stores, or the test that decides.
    pub fn value(&self) -> Option<&TypedExpression> {
        match &self.kind {
            TypedStatementKind::Evaluate(value)
            | TypedStatementKind::SetSlot { value, .. }
            | TypedStatementKind::StoreVariable { value, .. }
            | TypedStatementKind::If { test: value, .. }
            | TypedStatementKind::Loop { test: value, .. }
            | TypedStatementKind::Assert { test: value, .. } => Some(value),
            TypedStatementKind::Break(_)
            | TypedStatementKind::Continue(_)
            | TypedStatementKind::Return
            | TypedStatementKind::ReturnResult(_)
            | TypedStatementKind::Raise { .. }
            | TypedStatementKind::Reraise { .. }
            | TypedStatementKind::Try(_)
            | TypedStatementKind::Unbind(_)
            | TypedStatementKind::Leave { .. } => None,
        }
    }

    /// The blocks that stand under it, for walks that ask nothing of how control goes from one to another: those of a `try`
    /// before its clauses, and `finally` last, with what each way out of it does.
    pub fn blocks(&self) -> SmallVec<[&[Self]; 4]> {
        match &self.kind {
            TypedStatementKind::If { body, or_else, .. } | TypedStatementKind::Loop { body, or_else, .. } => {
                smallvec![body.as_slice(), or_else.as_slice()]
            }
            TypedStatementKind::Try(parts) => {
                let mut blocks: SmallVec<[&[Self]; 4]> = smallvec![parts.body.as_slice(), parts.or_else.as_slice()];
                blocks.extend(parts.handlers.iter().map(|handler| handler.body.as_slice()));
                if let Some(finally) = &parts.finally {
                    blocks.push(&finally.body);
                    blocks.extend(finally.exits.iter().map(Vec::as_slice));
                }
                blocks
            }
            _ => SmallVec::new(),
        }
    }
}

/// What a statement is.
#[derive(Clone, Debug)]
pub enum TypedStatementKind {
    /// Evaluates for effects.
    Evaluate(TypedExpression),
    /// Gives a slot a value; the local it belongs to, if any, is bound from here on.
    SetSlot {
        /// Which slot.
        slot: SlotId,
        /// The local that is bound by it.
        local: Option<LocalId>,
        /// Of the slot's type.
        value: TypedExpression,
    },
    /// Writes a state, or an output and its flag; the value is of the variable's type.
    StoreVariable {
        /// Which variable.
        variable: VariableId,
        /// Of the variable's type.
        value: TypedExpression,
    },
    /// Two ways.
    If {
        /// A truth value.
        test: TypedExpression,
        /// When it holds.
        body: Vec<TypedStatement>,
        /// When it does not.
        or_else: Vec<TypedStatement>,
        /// From the end of `body` to what follows.
        body_edge: EdgeId,
        /// From the end of `or_else` to what follows.
        else_edge: EdgeId,
    },
    /// A loop: the test runs before each round.
    Loop {
        /// From before the loop to the first test.
        entry_edge: EdgeId,
        /// A truth value.
        test: TypedExpression,
        /// A round.
        body: Vec<TypedStatement>,
        /// From the end of `body` to the next test.
        back_edge: EdgeId,
        /// When the test fails.
        or_else: Vec<TypedStatement>,
        /// From the end of `or_else` to what follows.
        exit_edge: EdgeId,
    },
    /// To what follows the innermost loop.
    Break(EdgeId),
    /// To the next test of the innermost loop.
    Continue(EdgeId),
    /// Ends the phase.
    Return,
    /// Ends a helper; the edge gives its result.
    ReturnResult(EdgeId),
    /// Fails.
    Raise {
        /// The kind of the class that is raised.
        kind: NodeErrorKind,
        /// What it says; may be empty.
        message: String,
    },
    /// Fails again with what a clause around the statement stopped.
    Reraise {
        /// Which of the clauses around it, from the outermost.
        clause: u32,
    },
    /// Fails where the test does not hold.
    Assert {
        /// A truth value.
        test: TypedExpression,
        /// What the failure says; may be empty.
        message: String,
    },
    /// From here on a local is not bound.
    Unbind(LocalId),
    /// `try`.
    Try(Box<TypedTry>),
    /// Leaves the innermost `try` with `finally`: runs that, then what the exit says.
    Leave {
        /// Its position in [`TypedFinally::exits`].
        exit: u32,
    },
}

/// `try`.
#[derive(Clone, Debug)]
pub struct TypedTry {
    /// What may fail.
    pub body: Vec<TypedStatement>,
    /// Clauses in order: the first that stops an error does.
    pub handlers: Vec<TypedHandler>,
    /// When the body got to its end.
    pub or_else: Vec<TypedStatement>,
    /// From the end of `or_else` to what follows.
    pub body_edge: EdgeId,
    /// What runs in any case.
    pub finally: Option<TypedFinally>,
}

/// Where control comes from the middle of a block: a slot of a local becomes the value of whichever of several slots the
/// local was given last, converted to its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Selection {
    /// The local.
    pub local: LocalId,
    /// The slots that it may have been given last, `to` perhaps among them.
    pub from: Vec<SlotId>,
    /// The slot that it is in from here on.
    pub to: SlotId,
}

/// An `except` clause.
#[derive(Clone, Debug)]
pub struct TypedHandler {
    /// The classes of errors that it stops.
    pub kinds: Vec<NodeErrorKind>,
    /// What happens before `body`.
    pub selections: Vec<Selection>,
    /// What runs then.
    pub body: Vec<TypedStatement>,
    /// From the end of `body` to what follows.
    pub edge: EdgeId,
}

/// `finally`.
#[derive(Clone, Debug)]
pub struct TypedFinally {
    /// What happens before `body`.
    pub selections: Vec<Selection>,
    /// Locals of `selections` that `body` binds; the others are afterwards in the slot that they were in before.
    pub rebound: Vec<LocalId>,
    /// What runs.
    pub body: Vec<TypedStatement>,
    /// What runs after it where the `try` was left by [`TypedStatementKind::Leave`]; each ends in a jump.
    pub exits: Vec<Vec<TypedStatement>>,
}

/// An expression.
#[derive(Clone, Debug)]
pub struct TypedExpression {
    /// Its type.
    pub ty: Type,
    /// Where it stands.
    pub span: Span,
    /// What it is.
    pub kind: TypedExpressionKind,
    /// Its value, where it is known at compile time.
    pub constant: Option<Value>,
}

impl TypedExpression {
    /// The expressions that stand under it, in the order in which they are evaluated; of a sequence the value alone, which
    /// its statements stand before.
    pub fn operands(&self) -> SmallVec<[&Self; 4]> {
        match &self.kind {
            TypedExpressionKind::Constant(_)
            | TypedExpressionKind::Slot(_)
            | TypedExpressionKind::Variable(_)
            | TypedExpressionKind::AbiElement { .. }
            | TypedExpressionKind::AbiParameter(_)
            | TypedExpressionKind::CheckedSlot { fallback: Fallback::Error, .. } => SmallVec::new(),
            TypedExpressionKind::CheckedSlot { fallback: Fallback::Value(operand), .. }
            | TypedExpressionKind::AbiElementAt { index: operand, .. }
            | TypedExpressionKind::InputAt { index: operand, .. }
            | TypedExpressionKind::Cast(operand)
            | TypedExpressionKind::Sequence { value: operand, .. }
            | TypedExpressionKind::Not(operand) => smallvec![&**operand],
            TypedExpressionKind::Call { arguments, .. } | TypedExpressionKind::HelperCall { arguments, .. } => {
                arguments.iter().collect()
            }
            TypedExpressionKind::ShortCircuit { left, right, .. } => smallvec![&**left, &**right],
            TypedExpressionKind::Conditional { test, body, or_else, .. } => smallvec![&**test, &**body, &**or_else],
            TypedExpressionKind::Comparisons { first, rest } => {
                std::iter::once(&**first).chain(rest.iter().map(|comparison| &comparison.right)).collect()
            }
        }
    }
}

/// What a read of a local does on paths that did not bind it.
#[derive(Clone, Debug)]
pub enum Fallback {
    /// A node error UnboundLocalError.
    Error,
    /// The value of the input or constant of the same name, of the expression's type.
    Value(Box<TypedExpression>),
}

/// One comparison of a chain.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// The rules.
    pub resolution: Resolution,
    /// Whether the result is negated: `not in`.
    pub negated: bool,
    /// Whether the right operand comes first: `in`.
    pub swapped: bool,
    /// The right operand, not converted yet.
    pub right: TypedExpression,
}

/// What an expression is.
#[derive(Clone, Debug)]
pub enum TypedExpressionKind {
    /// A value known at compile time, of the expression's type.
    Constant(Value),
    /// The value of a slot.
    Slot(SlotId),
    /// The value of a slot that some path did not set, converted to the expression's type.
    CheckedSlot {
        /// Which slot.
        slot: SlotId,
        /// The local whose flag tells.
        local: LocalId,
        /// What happens where it is not bound.
        fallback: Fallback,
    },
    /// The value of an input or state.
    Variable(VariableId),
    /// An element of an array that the host passes.
    AbiElement {
        /// The array.
        parameter: AbiParameterId,
        /// The element's index.
        index: u32,
    },
    /// An element of such an array at an index known at run time.
    AbiElementAt {
        /// The array.
        parameter: AbiParameterId,
        /// The index of the first element.
        first: u32,
        /// How many there are.
        length: u32,
        /// An int.
        index: Box<TypedExpression>,
    },
    /// A parameter of the compiled function.
    AbiParameter(AbiParameterId),
    /// The input of a container at an index known at run time.
    InputAt {
        /// The container.
        container: VariableId,
        /// An int.
        index: Box<TypedExpression>,
    },
    /// An operation or call; the arguments are of the types of the signature.
    Call {
        /// The rules.
        resolution: Resolution,
        /// The arguments.
        arguments: Vec<TypedExpression>,
    },
    /// A call of a helper.
    HelperCall {
        /// The helper for these types.
        helper: SpecialisationId,
        /// The arguments in the order of their evaluation.
        arguments: Vec<TypedExpression>,
        /// For each parameter, the position of its argument.
        positions: Vec<usize>,
    },
    /// The operand converted to the expression's type.
    Cast(Box<TypedExpression>),
    /// `a and b`, `a or b`; the result is one of the operands, converted to the expression's type.
    ShortCircuit {
        /// The operator.
        operator: BooleanOperator,
        /// The left operand, of a type of its own.
        left: Box<TypedExpression>,
        /// The rules for the truth of the left operand; `None` where it is a truth value already.
        truth: Option<Resolution>,
        /// The right operand, of the expression's type.
        right: Box<TypedExpression>,
        /// Where the right operand binds names: from the left operand alone, and from the right one.
        edges: Option<[EdgeId; 2]>,
    },
    /// `body if test else or_else`; both of the expression's type.
    Conditional {
        /// A truth value.
        test: Box<TypedExpression>,
        /// When it holds.
        body: Box<TypedExpression>,
        /// When it does not.
        or_else: Box<TypedExpression>,
        /// Where one of the two binds names: from the first, and from the second.
        edges: Option<[EdgeId; 2]>,
    },
    /// Statements, none of which leaves the expression, then a value: of an assignment expression, and of operands that
    /// are used more than once.
    Sequence {
        /// What is done first.
        statements: Vec<TypedStatement>,
        /// The value, of the expression's type.
        value: Box<TypedExpression>,
    },
    /// `a < b < c`: truth values joined by `and`, each operand evaluated once.
    Comparisons {
        /// The first operand, not converted yet.
        first: Box<TypedExpression>,
        /// Two or more comparisons.
        rest: Vec<Comparison>,
    },
    /// The negation of a truth value.
    Not(Box<TypedExpression>),
}
