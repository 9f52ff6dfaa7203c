//! The types that a plain function is compiled for.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostic, Diagnostics, Span, Type, TypeTable, codes};
use cfunc_syntax::ast::{ExpressionKind, FunctionDefinition, StatementKind};
use cfunc_syntax::{Limits, parse, print_expression};

/// The types of the arguments that a plain function is compiled for, in the order of its parameters. Parameters that are
/// left out at the end have their defaults.
#[derive(Clone, Debug)]
pub struct ArgumentTypes {
    form: Form,
}

#[derive(Clone, Debug)]
enum Form {
    Text(String),
    /// Types of the context.
    Registered(Vec<Type>),
    /// Types of a table that was made on the source's own: of what is given, and of what that is converted to where an
    /// annotation does not say it.
    OfSource(Box<TypeTable>, Vec<GivenAndTaken>),
}

/// The type of what is given for a parameter, `None` for its default; and the type that it is converted to, where it is
/// known.
pub(crate) type GivenAndTaken = (Option<Type>, Option<Type>);

impl ArgumentTypes {
    /// Types as annotations write them, with the names of the source: `(float, list[int])`. They are read when a function
    /// is compiled for them.
    pub fn parse(text: impl Into<String>) -> Self {
        Self { form: Form::Text(text.into()) }
    }

    /// Types of the context itself.
    pub fn registered(arguments: &[Type]) -> Self {
        Self { form: Form::Registered(arguments.to_vec()) }
    }

    /// Types of a table that was made on the source's own.
    pub(crate) fn of_source(types: TypeTable, arguments: Vec<GivenAndTaken>) -> Self {
        Self { form: Form::OfSource(Box::new(types), arguments) }
    }

    /// Whether they can be told from others: types of a table of their own are not looked into.
    pub(crate) const fn can_be_compared(&self) -> bool {
        !matches!(self.form, Form::OfSource(..))
    }

    /// Whether others are the same types, written alike.
    pub(crate) fn is_same(&self, other: &Self) -> bool {
        match (&self.form, &other.form) {
            (Form::Text(own), Form::Text(other)) => own == other,
            (Form::Registered(own), Form::Registered(other)) => own == other,
            _ => false,
        }
    }

    /// The types for a function of a source; the table is one that they are of. What is wrong is reported at the
    /// function's name.
    pub(crate) fn resolve(
        &self,
        scope: &ModuleScope<'_>,
        definition: &FunctionDefinition,
    ) -> Result<(TypeTable, Vec<GivenAndTaken>), Diagnostics> {
        if let Form::OfSource(types, arguments) = &self.form {
            return Ok(((**types).clone(), arguments.clone()));
        }
        let mut types = scope.types().clone();
        let given = self.resolve_in(scope, &mut types, definition)?;
        Ok((types, given.into_iter().map(|ty| (Some(ty), None)).collect()))
    }

    /// The types as those of a table on that of the source's.
    pub(crate) fn resolve_in(
        &self,
        scope: &ModuleScope<'_>,
        types: &mut TypeTable,
        definition: &FunctionDefinition,
    ) -> Result<Vec<Type>, Diagnostics> {
        let given = match &self.form {
            Form::Text(text) => resolve_text(scope, types, text, definition.name_span)?,
            Form::Registered(arguments) => arguments.clone(),
            Form::OfSource(_, arguments) => arguments.iter().filter_map(|(given, _)| *given).collect(),
        };
        let (name, count) = (&definition.name, definition.parameters.len());
        if given.len() <= count {
            return Ok(given);
        }
        let plural = if count == 1 { "parameter" } else { "parameters" };
        let message = format!("{} types are given for `{name}`, which has {count} {plural}", given.len());
        let diagnostic = Diagnostic::error(codes::CALL_ARGUMENTS, definition.name_span, message);
        Err(diagnostic.expected("at most a type for each parameter").into())
    }
}

impl From<&str> for ArgumentTypes {
    fn from(text: &str) -> Self {
        Self::parse(text)
    }
}

impl From<&[Type]> for ArgumentTypes {
    fn from(arguments: &[Type]) -> Self {
        Self::registered(arguments)
    }
}

impl From<String> for ArgumentTypes {
    fn from(text: String) -> Self {
        Self::parse(text)
    }
}

fn resolve_text(
    scope: &ModuleScope<'_>,
    types: &mut TypeTable,
    text: &str,
    span: Span,
) -> Result<Vec<Type>, Diagnostics> {
    let wrong = |code, message: String| {
        let diagnostic = Diagnostic::error(code, span, message).expected("types in parentheses: `(float, list[int])`");
        Diagnostics::from(diagnostic)
    };
    let outcome = parse(&format!("signature = {text}\n"), &Limits::default());
    if let Some(problem) = outcome.diagnostics.iter().next() {
        return Err(wrong(codes::SYNTAX, format!("the types `{text}`: {}", problem.message)));
    }
    let value = match outcome.module.body.as_slice() {
        [statement] => match &statement.kind {
            StatementKind::Assign { value, targets, .. } if targets.len() == 1 => Some(value),
            _ => None,
        },
        _ => None,
    };
    let Some(value) = value else {
        return Err(wrong(codes::SYNTAX, format!("`{text}` is no list of types")));
    };
    let parts = match &value.kind {
        ExpressionKind::Tuple(parts) => parts.as_slice(),
        _ => std::slice::from_ref(value),
    };
    let found = parts.iter().map(|part| {
        scope.argument_type_of(types, part).ok_or_else(|| {
            let written = print_expression(part);
            let message = match scope.type_problem(types, part) {
                Some((_, reason)) => format!("`{written}` is no type here: {reason}"),
                None => format!("`{written}` is no type that is known here"),
            };
            wrong(codes::UNKNOWN_ANNOTATION, message)
        })
    });
    found.collect()
}
