//! What the transformer gives: the function with every name bound.

use cfunc_models::{FunctionModel, LocalModel, Span, Value};
use cfunc_syntax::ast::{Expression, HelperId, LocalId, Name, ParameterKind, Statement};

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
    /// The annotations of locals that the analyzer did not read, since they are those of a helper or of START and STOP, by
    /// where their targets stand.
    pub annotations: Vec<(Span, Expression)>,
    /// What START runs.
    pub start: Vec<Statement>,
    /// What EXECUTE runs.
    pub body: Vec<Statement>,
    /// What STOP runs.
    pub stop: Vec<Statement>,
    /// The functions of Python code that the bodies call, directly or not, by [`cfunc_syntax::ast::HelperId`].
    pub helpers: Vec<MarkedHelper>,
    /// Those that rules call.
    pub of_rules: RuleHelpers,
}

/// A function of Python code that rules call, by its position among those of a context.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleFunctionId(pub u32);

/// The functions of Python code that rules call.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RuleHelpers {
    /// They, and those that they call, by [`cfunc_syntax::ast::HelperId`].
    pub helpers: Vec<MarkedHelper>,
    /// Which helper each is; one that the module was to define and does not is missing.
    pub functions: Vec<(RuleFunctionId, HelperId)>,
    /// What is wrong with one of them, told where a rule calls one.
    pub problem: Option<String>,
}

impl MarkedFunction {
    /// A function without statements.
    pub fn new(function: FunctionModel, variables: Variables) -> Self {
        Self {
            function,
            variables,
            locals: Vec::new(),
            annotations: Vec::new(),
            start: Vec::new(),
            body: Vec::new(),
            stop: Vec::new(),
            helpers: Vec::new(),
            of_rules: RuleHelpers::default(),
        }
    }
}

/// A plain function of Python code, typed for each call.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkedHelper {
    /// Its parameters in order; each is one of its locals.
    pub parameters: Vec<HelperParameter>,
    /// The local that is the returned value.
    pub result: LocalId,
    /// Its name, locals and body, in which `return` carries values.
    pub function: MarkedFunction,
    /// Whether the spans in it are of another text than the source that is compiled.
    pub is_foreign: bool,
}

/// A parameter of a helper.
#[derive(Clone, Debug, PartialEq)]
pub struct HelperParameter {
    /// Its name.
    pub name: Name,
    /// Where it stands.
    pub span: Span,
    /// How it takes its argument.
    pub kind: ParameterKind,
    /// The local that it is.
    pub local: LocalId,
    /// Its value where no argument is given.
    pub default: Option<Value>,
}

/// A plain function that a host calls, and all that it calls.
#[derive(Clone, Debug, PartialEq)]
pub struct MarkedCall {
    /// Its name.
    pub name: Name,
    /// Where its name stands.
    pub span: Span,
    /// Which of the helpers it is.
    pub function: HelperId,
    /// It, and the functions of Python code that it calls, directly or not, by [`cfunc_syntax::ast::HelperId`].
    pub helpers: Vec<MarkedHelper>,
    /// Those that rules call.
    pub of_rules: RuleHelpers,
}
