//! Evaluating expressions at compile time, by the registered folds.

use cfunc_models::{Diagnostic, Span, Value, codes};
use cfunc_syntax::ast::{BooleanOperator, Expression, ExpressionKind, FunctionDefinition, Name, UnaryOperator};
use cfunc_syntax::integer_range;

use crate::{CallableId, FoldArguments, ModuleScope, Operation, ScopeEntry};

/// What to do about an evaluation at compile time that fails.
pub const CONSTANT_HINT: &str = "this is evaluated at compile time: give it arguments that it has a value for";

/// A value, or why the evaluation fails; `None` where an expression is not one that can be evaluated.
type Folded = Option<Result<Value, Box<Diagnostic>>>;

/// The value of an expression that is made of literals, registered constants, constants of the module, and operations
/// and functions that can be evaluated at compile time. `None` where it is not such an expression.
///
/// # Errors
///
/// A diagnostic where it is one and its evaluation fails.
pub fn fold_constant(scope: &ModuleScope<'_>, expression: &Expression) -> Folded {
    within_range(fold_constant_at(scope, expression, None), expression.span)
}

/// The value of a parameter's default: names are what they stand for where the function is defined.
///
/// # Errors
///
/// As [`fold_constant`].
pub fn fold_default(scope: &ModuleScope<'_>, function: &FunctionDefinition, default: &Expression) -> Folded {
    within_range(fold_constant_at(scope, default, Some(function.name_span.start)), default.span)
}

/// A value that a node can hold; ints beyond 64 bits are Python's, on the way to it.
pub(crate) fn within_range(folded: Folded, span: Span) -> Folded {
    match folded? {
        Ok(value) if value.is_too_large() => Some(Err(Box::new(integer_range(span)))),
        other => Some(other),
    }
}

/// The value of an expression after the statements before an offset in the source; it may hold ints beyond 64 bits.
pub(crate) fn fold_constant_at(scope: &ModuleScope<'_>, expression: &Expression, offset: Option<u32>) -> Folded {
    Folder { scope, offset }.fold(expression)
}

struct Folder<'a, 'context> {
    scope: &'a ModuleScope<'context>,
    offset: Option<u32>,
}

impl Folder<'_, '_> {
    fn fold(&self, expression: &Expression) -> Folded {
        match &expression.kind {
            ExpressionKind::Constant(value) => Some(Ok(value.clone())),
            ExpressionKind::Name { .. } => {
                let type_object = || {
                    let definition = self.scope.definition_of(expression).filter(|definition| definition.ty.is_some());
                    definition.map(|definition| Value::type_object(&definition.name))
                };
                self.scope.value_at(expression, self.offset).cloned().or_else(type_object).map(Ok)
            }
            ExpressionKind::Attribute { value, attribute, .. } => match self.scope.value_at(expression, self.offset) {
                Some(value) => Some(Ok(value.clone())),
                None => self.field(value, attribute),
            },
            ExpressionKind::Unary { operator: UnaryOperator::Not, operand } => Some(match self.truth(operand)? {
                Ok(value) => Ok(Value::Boolean(!value)),
                Err(diagnostic) => Err(diagnostic),
            }),
            ExpressionKind::Unary { operator, operand } => {
                self.apply(expression, Operation::Unary(*operator).id(), &[&**operand], &[])
            }
            ExpressionKind::Binary { operator, left, right } => {
                self.apply(expression, Operation::Binary(*operator).id(), &[&**left, &**right], &[])
            }
            ExpressionKind::Compare { left, rest } => match rest.as_slice() {
                [(operator, right)] => {
                    self.apply(expression, Operation::Compare(*operator).id(), &[&**left, right], &[])
                }
                _ => None,
            },
            ExpressionKind::Boolean { operator, values } => {
                let (last, before) = values.split_last()?;
                for value in before {
                    match self.truth(value)? {
                        Ok(truth) if truth == (*operator == BooleanOperator::Or) => return self.fold(value),
                        Ok(_) => {}
                        Err(diagnostic) => return Some(Err(diagnostic)),
                    }
                }
                self.fold(last)
            }
            ExpressionKind::Conditional { test, body, or_else } => match self.truth(test)? {
                Ok(true) => self.fold(body),
                Ok(false) => self.fold(or_else),
                Err(diagnostic) => Some(Err(diagnostic)),
            },
            ExpressionKind::Subscript { value, index } => {
                self.apply(expression, Operation::GetItem.id(), &[&**value, &**index], &[])
            }
            ExpressionKind::Call { function, arguments, keywords } => {
                let (function, in_brackets) = match &function.kind {
                    ExpressionKind::Subscript { value, index } => (value, Some(&**index)),
                    _ => (function, None),
                };
                let Some(ScopeEntry::Global(id)) = self.scope.resolve_at(function, self.offset) else { return None };
                let callable = self.scope.context().globals().get(id).callable?;
                if in_brackets.is_some() && !self.scope.context().registry().takes_type_in_brackets(callable) {
                    return None;
                }
                let positional: Vec<&Expression> = in_brackets.into_iter().chain(arguments).collect();
                let named: Option<Vec<(Name, &Expression)>> = keywords
                    .iter()
                    .map(|keyword| Some((Name::clone(keyword.name.as_ref()?), &keyword.value)))
                    .collect();
                self.apply(expression, callable, &positional, &named?)
            }
            ExpressionKind::Tuple(elements) => self.all(elements, Value::Tuple),
            ExpressionKind::List(elements) => self.all(elements, Value::List),
            ExpressionKind::Dict(entries) => {
                let mut values: Vec<(Value, Value)> = Vec::new();
                for (key, value) in entries {
                    let (key, value) = match (self.fold(key.as_ref()?)?, self.fold(value)?) {
                        (Ok(key), Ok(value)) => (key, value),
                        (Err(diagnostic), _) | (_, Err(diagnostic)) => return Some(Err(diagnostic)),
                    };
                    match values.iter_mut().find(|(known, _)| known.same_bits(&key)) {
                        Some((_, known)) => *known = value,
                        None => values.push((key, value)),
                    }
                }
                Some(Ok(Value::Dict(values)))
            }
            _ => None,
        }
    }

    /// The field of a record: `Side.BUY.value`.
    fn field(&self, value: &Expression, attribute: &str) -> Folded {
        match self.fold(value)? {
            Ok(Value::Record(_, fields)) => {
                fields.into_iter().find(|(name, _)| name == attribute).map(|(_, value)| Ok(value))
            }
            Ok(_) => None,
            Err(diagnostic) => Some(Err(diagnostic)),
        }
    }

    fn truth(&self, expression: &Expression) -> Option<Result<bool, Box<Diagnostic>>> {
        match self.apply(expression, Operation::Truth.id(), &[expression], &[])? {
            Ok(Value::Boolean(value)) => Some(Ok(value)),
            Ok(_) => None,
            Err(diagnostic) => Some(Err(diagnostic)),
        }
    }

    fn all(&self, elements: &[Expression], make: fn(Vec<Value>) -> Value) -> Folded {
        let mut values = Vec::with_capacity(elements.len());
        for element in elements {
            match self.fold(element)? {
                Ok(value) => values.push(value),
                Err(diagnostic) => return Some(Err(diagnostic)),
            }
        }
        Some(Ok(make(values)))
    }

    fn apply(
        &self,
        expression: &Expression,
        callable: CallableId,
        positional: &[&Expression],
        keywords: &[(Name, &Expression)],
    ) -> Folded {
        if !self.scope.context().registry().is_foldable(callable) {
            return None;
        }
        let mut values = Vec::new();
        for argument in positional {
            match self.fold(argument)? {
                Ok(value) => values.push(value),
                Err(diagnostic) => return Some(Err(diagnostic)),
            }
        }
        let mut named = Vec::new();
        for (name, argument) in keywords {
            match self.fold(argument)? {
                Ok(value) => named.push((Name::clone(name), value)),
                Err(diagnostic) => return Some(Err(diagnostic)),
            }
        }
        let arguments = FoldArguments { positional: &values, keywords: &named, exact: true };
        let result = self.scope.evaluate(callable, &arguments, expression.span)?;
        Some(result.map_err(|error| {
            let hint = error.hint.as_deref().unwrap_or(CONSTANT_HINT);
            Box::new(Diagnostic::error(codes::CONSTANT_VALUE, expression.span, error.message).hint(hint))
        }))
    }
}
