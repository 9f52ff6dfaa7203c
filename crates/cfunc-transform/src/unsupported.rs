//! The constructs that nodes do not have, or do not have yet: one table.

use cfunc_models::{Diagnostic, Span, codes};
use cfunc_syntax::ast::{ExpressionKind, StatementKind};

/// How a construct is called, and what to do instead.
pub(crate) struct Refusal {
    construct: &'static str,
    hint: &'static str,
}

const fn refusal(construct: &'static str, hint: &'static str) -> Option<Refusal> {
    Some(Refusal { construct, hint })
}

impl Refusal {
    pub(crate) fn diagnostic(&self, span: Span) -> Diagnostic {
        let message = format!("{} is not supported in a node", self.construct);
        Diagnostic::error(codes::UNSUPPORTED, span, message).hint(self.hint)
    }
}

/// Why a statement is refused, where it is.
pub(crate) fn refused_statement(kind: &StatementKind) -> Option<Refusal> {
    match kind {
        StatementKind::FunctionDefinition(_) => {
            refusal("a function definition", "define helper functions at the top of the module")
        }
        StatementKind::ClassDefinition(_) => refusal("a class definition", "define classes at the top of the module"),
        StatementKind::Import(_) | StatementKind::ImportFrom { .. } => {
            refusal("an import", "move the import to the top of the module")
        }
        StatementKind::Nonlocal(_) => refusal("`nonlocal`", "a node has no enclosing function"),
        StatementKind::Assert { .. } => refusal("`assert`", "test the condition with `if`"),
        StatementKind::Raise { .. } => refusal("`raise`", "use `return` to end the tick"),
        StatementKind::Try { .. } => refusal("`try`", "test with `if` before what may fail"),
        StatementKind::Match { .. } => refusal("`match`", "use `if` and `elif`"),
        StatementKind::Delete(_) => refusal("`del`", "leave it out: locals end with the call"),
        StatementKind::Unsupported(construct) => refusal(construct, "write it with `if`, `for` and `while`"),
        StatementKind::Return(_)
        | StatementKind::Assign { .. }
        | StatementKind::AugmentedAssign { .. }
        | StatementKind::AnnotatedAssign { .. }
        | StatementKind::For { .. }
        | StatementKind::While { .. }
        | StatementKind::If { .. }
        | StatementKind::Expression(_)
        | StatementKind::Pass
        | StatementKind::Break
        | StatementKind::Continue
        | StatementKind::Global(_) => None,
    }
}

/// Why an expression is refused, where it is.
pub(crate) fn refused_expression(kind: &ExpressionKind) -> Option<Refusal> {
    match kind {
        ExpressionKind::List(_) => refusal("a list literal", "use a tuple"),
        ExpressionKind::Dict(_) => refusal("a dict literal", "use `if` and `elif`, or a tuple"),
        ExpressionKind::Starred(_) => STARRED,
        ExpressionKind::Unsupported(construct) => {
            refusal(construct, "write it with statements: `if`, `for`, assignments")
        }
        ExpressionKind::Constant(_)
        | ExpressionKind::Name { .. }
        | ExpressionKind::Attribute { .. }
        | ExpressionKind::Call { .. }
        | ExpressionKind::Unary { .. }
        | ExpressionKind::Binary { .. }
        | ExpressionKind::Boolean { .. }
        | ExpressionKind::Compare { .. }
        | ExpressionKind::Conditional { .. }
        | ExpressionKind::Subscript { .. }
        | ExpressionKind::Slice { .. }
        | ExpressionKind::Tuple(_)
        | ExpressionKind::Walrus { .. }
        | ExpressionKind::Intrinsic { .. } => None,
    }
}

/// `*value` in a call, a tuple or a target.
pub(crate) const STARRED: Option<Refusal> = refusal("`*` before a value", "name the elements one by one");

/// `**value` in a call.
pub(crate) const DOUBLE_STARRED: Option<Refusal> = refusal("`**` before an argument", "name the arguments one by one");
