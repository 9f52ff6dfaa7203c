//! Evaluating expressions at compile time, by the registered folds.

use cfunc_models::{Diagnostic, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, Name};

use crate::{CallableId, FoldArguments, ModuleScope, Operation};

/// What to do about an evaluation at compile time that fails.
pub const CONSTANT_HINT: &str = "this is evaluated at compile time: give it arguments that it has a value for";

/// The value of an expression that is made of literals, registered constants, and operations and functions that can be
/// evaluated at compile time. `None` where it is not such an expression.
///
/// # Errors
///
/// A diagnostic where it is one and its evaluation fails.
pub fn fold_constant(scope: &ModuleScope<'_>, expression: &Expression) -> Option<Result<Value, Box<Diagnostic>>> {
    match &expression.kind {
        ExpressionKind::Constant(value) => Some(Ok(value.clone())),
        ExpressionKind::Name { .. } | ExpressionKind::Attribute { .. } => {
            let definition = scope.definition_of(expression)?;
            let type_object = || definition.ty.map(|_| Value::type_object(&definition.name));
            definition.value.clone().or_else(type_object).map(Ok)
        }
        ExpressionKind::Unary { operator, operand } => {
            apply(scope, expression, Operation::Unary(*operator).id(), &[&**operand], &[])
        }
        ExpressionKind::Binary { operator, left, right } => {
            apply(scope, expression, Operation::Binary(*operator).id(), &[&**left, &**right], &[])
        }
        ExpressionKind::Call { function, arguments, keywords } => {
            let callable = scope.definition_of(function)?.callable?;
            let positional: Vec<&Expression> = arguments.iter().collect();
            let named: Option<Vec<(Name, &Expression)>> =
                keywords.iter().map(|keyword| Some((Name::clone(keyword.name.as_ref()?), &keyword.value))).collect();
            apply(scope, expression, callable, &positional, &named?)
        }
        ExpressionKind::Tuple(elements) => fold_all(scope, elements).map(|values| values.map(Value::Tuple)),
        ExpressionKind::List(elements) => fold_all(scope, elements).map(|values| values.map(Value::List)),
        ExpressionKind::Dict(entries) => {
            let mut values: Vec<(Value, Value)> = Vec::new();
            for (key, value) in entries {
                let (key, value) = match (fold_constant(scope, key.as_ref()?)?, fold_constant(scope, value)?) {
                    (Ok(key), Ok(value)) => (key, value),
                    (Err(diagnostic), _) | (_, Err(diagnostic)) => return Some(Err(diagnostic)),
                };
                values.push((key, value));
            }
            Some(Ok(Value::Dict(values)))
        }
        _ => None,
    }
}

fn fold_all(scope: &ModuleScope<'_>, elements: &[Expression]) -> Option<Result<Vec<Value>, Box<Diagnostic>>> {
    let mut values = Vec::with_capacity(elements.len());
    for element in elements {
        match fold_constant(scope, element)? {
            Ok(value) => values.push(value),
            Err(diagnostic) => return Some(Err(diagnostic)),
        }
    }
    Some(Ok(values))
}

fn apply(
    scope: &ModuleScope<'_>,
    expression: &Expression,
    callable: CallableId,
    positional: &[&Expression],
    keywords: &[(Name, &Expression)],
) -> Option<Result<Value, Box<Diagnostic>>> {
    let registry = scope.context().registry();
    if !registry.is_foldable(callable) {
        return None;
    }
    let mut values = Vec::new();
    for argument in positional {
        match fold_constant(scope, argument)? {
            Ok(value) => values.push(value),
            Err(diagnostic) => return Some(Err(diagnostic)),
        }
    }
    let mut named = Vec::new();
    for (name, argument) in keywords {
        match fold_constant(scope, argument)? {
            Ok(value) => named.push((Name::clone(name), value)),
            Err(diagnostic) => return Some(Err(diagnostic)),
        }
    }
    let arguments = FoldArguments { positional: &values, keywords: &named };
    let result = scope.evaluate(callable, &arguments, expression.span)?;
    Some(result.map_err(|message| {
        Box::new(Diagnostic::error(codes::CONSTANT_VALUE, expression.span, message).hint(CONSTANT_HINT))
    }))
}
