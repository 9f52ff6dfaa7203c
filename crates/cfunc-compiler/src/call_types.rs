//! The types that a plain function is compiled for.

use cfunc_context::ModuleScope;
use cfunc_models::{Diagnostic, Diagnostics, Span, Type, TypeTable, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition, StatementKind};
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
    /// Types of a table that was made on the source's own; `None` stands for a default.
    Types(Box<TypeTable>, Vec<Option<Type>>),
}

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

    /// Types of a table on that of the source's [`ModuleScope::types`]; `None` stands for a default.
    pub(crate) fn of_source(types: TypeTable, arguments: Vec<Option<Type>>) -> Self {
        Self { form: Form::Types(Box::new(types), arguments) }
    }

    /// The types for a function of a source; the table is one that they are of. What is wrong is reported at the
    /// function's name.
    pub(crate) fn resolve(
        &self,
        scope: &ModuleScope<'_>,
        definition: &FunctionDefinition,
    ) -> Result<(TypeTable, Vec<Option<Type>>), Diagnostics> {
        match &self.form {
            Form::Registered(arguments) => Ok((scope.types().clone(), arguments.iter().copied().map(Some).collect())),
            Form::Types(types, arguments) => Ok(((**types).clone(), arguments.clone())),
            Form::Text(text) => {
                let mut types = scope.types().clone();
                let arguments = resolve_text(scope, &mut types, text, definition.name_span)?;
                Ok((types, arguments.into_iter().map(Some).collect()))
            }
        }
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

/// The type of an annotation, or None.
pub(crate) fn type_of(scope: &ModuleScope<'_>, types: &mut TypeTable, annotation: &Expression) -> Option<Type> {
    match &annotation.kind {
        ExpressionKind::Constant(Value::None) => Some(Type::NONE),
        _ => scope.type_of(types, annotation),
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
        type_of(scope, types, part).ok_or_else(|| {
            let message = format!("`{}` is no type that is known here", print_expression(part));
            wrong(codes::UNKNOWN_ANNOTATION, message)
        })
    });
    found.collect()
}
