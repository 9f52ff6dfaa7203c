//! The constructs that nodes do not have, or do not have yet: one table.

use cfunc_models::{Diagnostic, Span, codes};
use cfunc_syntax::ast::{ExpressionKind, StatementKind};

/// How a construct is called, and what to do instead.
pub(crate) struct Refusal {
    construct: &'static str,
    hint: Option<&'static str>,
}

const fn refusal(construct: &'static str, hint: &'static str) -> Option<Refusal> {
    Some(Refusal { construct, hint: Some(hint) })
}

impl Refusal {
    pub(crate) fn diagnostic(&self, span: Span) -> Diagnostic {
        let message = format!("{} is not supported in a node", self.construct);
        let diagnostic = Diagnostic::error(codes::UNSUPPORTED, span, message);
        diagnostic.hint(self.hint.unwrap_or("write it with statements and expressions that nodes have"))
    }
}

/// Why a statement is refused, where it is.
pub(crate) fn refused_statement(kind: &StatementKind) -> Option<Refusal> {
    match kind {
        StatementKind::FunctionDefinition(_) => {
            refusal("a function definition", "write its statements where it is called")
        }
        StatementKind::ClassDefinition(_) => {
            refusal("a class definition", "keep each value in a local or a state of its own")
        }
        StatementKind::Import(_) | StatementKind::ImportFrom { .. } => {
            refusal("an import", "move the import to the top of the module")
        }
        StatementKind::Nonlocal(_) => refusal("`nonlocal`", "a node has no enclosing function"),
        StatementKind::Delete(targets)
            if targets.iter().any(|target| !matches!(target.kind, ExpressionKind::Subscript { .. })) =>
        {
            refusal("`del` of anything but a subscript", "leave it out: locals end with the call")
        }
        StatementKind::Unsupported(construct) => Some(Refusal { construct, hint: statement_hint(construct) }),
        StatementKind::Return(_)
        | StatementKind::Assign { .. }
        | StatementKind::AugmentedAssign { .. }
        | StatementKind::AnnotatedAssign { .. }
        | StatementKind::For { .. }
        | StatementKind::While { .. }
        | StatementKind::If { .. }
        | StatementKind::Try { .. }
        | StatementKind::Raise { .. }
        | StatementKind::Assert { .. }
        | StatementKind::Expression(_)
        | StatementKind::Pass
        | StatementKind::Break
        | StatementKind::Continue
        | StatementKind::Match { .. }
        | StatementKind::Delete(_)
        | StatementKind::Global(_) => None,
    }
}

/// Why an expression is refused, where it is.
pub(crate) fn refused_expression(kind: &ExpressionKind) -> Option<Refusal> {
    match kind {
        ExpressionKind::Unsupported(construct) => Some(Refusal { construct, hint: expression_hint(construct) }),
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
        | ExpressionKind::List(_)
        | ExpressionKind::Dict(_)
        | ExpressionKind::Walrus { .. }
        | ExpressionKind::Starred(_)
        | ExpressionKind::Sequence(_)
        | ExpressionKind::Intrinsic { .. } => None,
    }
}

/// What to do instead of a statement that the parser names.
fn statement_hint(construct: &str) -> Option<&'static str> {
    match construct {
        "`async for`" => Some("a node is called once a tick and never waits: use `for`"),
        "`with`" | "`async with`" => Some("write the statements of its block without it"),
        "`except*`" => Some("use `except`: a node raises one error at a time"),
        "a function with type parameters" => Some("write its statements where it is called"),
        "a class with type parameters" | "a class with keyword arguments" => {
            Some("keep each value in a local or a state of its own")
        }
        _ => None,
    }
}

/// What to do instead of an expression that the parser names, where nodes have something that does the same.
fn expression_hint(construct: &str) -> Option<&'static str> {
    match construct {
        "`lambda`" => Some("write the expression where it is used"),
        "a set" => Some("compare with each value: `x == 1 or x == 2`"),
        "a list comprehension" => Some("fill a list in a `for` loop, with `append`"),
        "a dict comprehension" => Some("fill a dict in a `for` loop"),
        "a set comprehension" => Some("fill a dict in a `for` loop: its keys are a set"),
        "a generator expression" => Some("write a `for` loop that computes one value"),
        "an f-string" => Some("nodes make no text; `print(x, y)` writes values"),
        "`await`" => Some("a node is called once a tick and never waits"),
        "`yield`" | "`yield from`" => Some("`return` a value, and keep what the next tick needs in a state"),
        "`...`" => Some("write `pass` for a statement that does nothing"),
        "a complex number" => Some("keep the real and the imaginary part in two floats"),
        _ => None,
    }
}

/// `**value` in a call.
pub(crate) const DOUBLE_STARRED: Option<Refusal> = refusal("`**` before an argument", "name the arguments one by one");
