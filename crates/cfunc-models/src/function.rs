//! What a function declares: parameters, outputs, states.

use std::sync::Arc;

use crate::{Span, Type, Value};

/// A variable that lives outside of the function's own locals: an input, a constant, a state, an output.
/// An index into the variables that the source categories made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct VariableId(pub u32);

/// A parameter of the source function, as some handler or type understood it.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterModel {
    /// Its name.
    pub name: Arc<str>,
    /// Where its name and annotation stand.
    pub span: Span,
    /// The type of its value.
    pub ty: Type,
    /// The id of the source category that makes its variable: `constant`, `signal` …
    pub category: Arc<str>,
    /// Its bound value, converted to its type, for constants.
    pub value: Option<Value>,
}

/// An input, in the order of the parameters, as a category's metadata describes it.
#[derive(Clone, Debug, PartialEq)]
pub struct InputModel {
    /// Its name.
    pub name: Arc<str>,
    /// The type of its cell.
    pub ty: Type,
}

/// One output.
#[derive(Clone, Debug, PartialEq)]
pub struct OutputModel {
    /// Its name; `None` for a single output.
    pub name: Option<Arc<str>>,
    /// The type of its cell.
    pub ty: Type,
}

/// One state, as declared.
#[derive(Clone, Debug, PartialEq)]
pub struct StateModel {
    /// Its name.
    pub name: Arc<str>,
    /// Where it is declared.
    pub span: Span,
    /// The type of its cell.
    pub ty: Type,
    /// What the host puts into the cell before START.
    pub initial: Value,
}

/// One local name of a function.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalModel {
    /// Its name.
    pub name: Arc<str>,
    /// What a path that did not bind it reads: an input or a constant of the same name, or nothing.
    pub shadows: Option<VariableId>,
    /// Whether it only passes a returned value on: what a place holds is copied where it is stored, and not before.
    pub passes_on: bool,
}

/// Declarations that are wrong and were reported. Their names stand for values that nothing is known of, so that the
/// rest of the function can still be looked at.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReportedDeclarations {
    /// Parameters and states.
    pub names: Vec<Arc<str>>,
    /// Whether the outputs are among them: how many there are, and of what types, is not known.
    pub outputs: bool,
}

/// All that a function declares.
#[derive(Clone, Debug, PartialEq)]
pub struct FunctionModel {
    /// Its name.
    pub name: Arc<str>,
    /// Where its name stands.
    pub span: Span,
    /// Parameters in order.
    pub parameters: Vec<ParameterModel>,
    /// Outputs in order.
    pub outputs: Vec<OutputModel>,
    /// Whether the outputs are named ones.
    pub named_outputs: bool,
    /// The types of annotated locals, by where the annotation's target stands: for values whose type a declaration
    /// completes, such as `[]`.
    pub annotated: Vec<(Span, Type)>,
    /// States in slot order: by size of the slot in bytes, largest first, then by name in code-point order.
    pub states: Vec<StateModel>,
    /// What could not be understood; empty for a function that is right.
    pub reported: ReportedDeclarations,
}
