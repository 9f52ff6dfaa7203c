//! What the transformer gives: the function with every name bound.

use cfunc_models::{FunctionModel, LocalModel};
use cfunc_syntax::ast::Statement;

use crate::Variables;

/// A function whose names are bound: what infer reads.
///
/// In the bodies every [`cfunc_syntax::ast::ExpressionKind::Name`] is bound to a local, a variable or a global; states
/// are declared nowhere; outputs are written by [`cfunc_syntax::ast::Intrinsic::StoreOutput`] alone, and `return`
/// carries no value.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkedFunction {
    /// What the function declares.
    pub function: FunctionModel,
    /// Its inputs, constants, states and outputs.
    pub variables: Variables,
    /// Its locals, by [`cfunc_syntax::ast::LocalId`].
    pub locals: Vec<LocalModel>,
    /// What START runs.
    pub start: Vec<Statement>,
    /// What EXECUTE runs.
    pub body: Vec<Statement>,
    /// What STOP runs.
    pub stop: Vec<Statement>,
}
