//! Type inference: a type for every expression and binding, a rule for every operation.
//!
//! A marked function goes in, a [`TypedFunction`] comes out: control flow as in the source, every operation resolved
//! once to the rules that type and lower it, every conversion explicit. A local may change its type along
//! straight-line code: each pair of a local and a type is a slot of its own, and where paths meet with different types
//! the edges carry conversions. Nothing here knows a concrete type or operator; rules do.

mod arms;
mod call;
mod coerce;
mod copies;
mod dump;
mod elaborate;
mod entry;
mod environment;
mod exceptions;
mod expression;
mod helpers;
mod infer;
mod kept;
mod loops;
mod matching;
mod members;
mod operations;
mod outputs;
mod places;
mod rule_helpers;
mod sharing;
mod statement;
mod typed;
mod unpacking;
mod ways;

pub use entry::{CallParameter, infer_call};
pub use helpers::MAXIMUM_HELPER_NESTING;
pub use infer::infer;
pub use operations::{ResolvedOperation, RuleReference, recorded_operations};
pub use rule_helpers::{PythonTyper, TypedRuleFunction};
pub use typed::{
    CallArgument, Comparison, EdgeConversion, EdgeId, Fallback, Selection, Slot, SlotId, SpecialisationId, TypedCall,
    TypedExpression, TypedExpressionKind, TypedFinally, TypedFunction, TypedHandler, TypedHelper, TypedStatement,
    TypedStatementKind, TypedTry,
};
