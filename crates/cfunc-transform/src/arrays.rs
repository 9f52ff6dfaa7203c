//! The arrays of the ABI that source code may read by name: `input_ticked[0]`.

use cfunc_models::{AbiParameterId, Diagnostic, Span, Type, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, Intrinsic, UnaryOperator};

use crate::transformer::{Role, Transformer};

/// An array that source code may read.
#[derive(Clone, Copy)]
pub(crate) struct Array {
    parameter: AbiParameterId,
    /// How many elements it has for this function.
    length: u32,
}

impl Transformer<'_> {
    /// The array of a name that no name of the function hides.
    pub(crate) fn array_of(&self, name: &str) -> Option<Array> {
        if self.role != Role::Execute || self.own_binding(name).is_some() || self.is_module_name(name) {
            return None;
        }
        let layout = self.scope.context().layout();
        let parameter = layout.lookup(name)?;
        layout.parameters().get(parameter.0 as usize)?.element?;
        if let Some(length) = layout.array_length(parameter, &self.function, &self.variables) {
            return Some(Array { parameter, length });
        }
        // The host's own array has an element for each variable of the category.
        let category = layout.category_of(parameter)?.id();
        let owned = self.variables.iter().filter(|(_, variable)| *variable.category == *category).count();
        Some(Array { parameter, length: u32::try_from(owned).unwrap_or(u32::MAX) })
    }

    /// The array that a subscript reads.
    pub(crate) fn subscripted_array<'a>(&self, subscript: &'a Expression) -> Option<(&'a str, Array)> {
        match &subscript.kind {
            ExpressionKind::Subscript { value, .. } => match &value.kind {
                ExpressionKind::Name { name, .. } => self.array_of(name).map(|array| (&**name, array)),
                _ => None,
            },
            _ => None,
        }
    }

    pub(crate) fn bare_array(&self, name: &str, span: Span) -> Diagnostic {
        let message = format!("`{name}` is an array of flags, not a value");
        Diagnostic::error(codes::NOT_A_VALUE, span, message).hint(format!("read one element: `{name}[0]`"))
    }

    /// An element read as int, as the bytes of the array are.
    pub(crate) fn array_element(&mut self, expression: &mut Expression) -> bool {
        let Some((name, Array { parameter, length })) = self.subscripted_array(expression) else { return false };
        let ExpressionKind::Subscript { index, .. } = &expression.kind else { return false };
        let place = index.span;
        let diagnostic = match literal(index) {
            Some(position) => match u32::try_from(position).ok().filter(|position| *position < length) {
                Some(index) => {
                    let intrinsic = Intrinsic::AbiElement { parameter, index, ty: Type::INT64 };
                    expression.kind = ExpressionKind::Intrinsic { intrinsic, arguments: Vec::new() };
                    return true;
                }
                None => {
                    let message = format!("`{name}` has no element {position}");
                    let expected = match length {
                        0 => "none: the function has nothing that it tells of".to_owned(),
                        1 => "0".to_owned(),
                        _ => format!("0 to {}", length - 1),
                    };
                    Diagnostic::error(codes::LITERAL_RANGE, place, message)
                        .expected(expected)
                        .hint("elements are numbered in the order of the parameters, from 0")
                }
            },
            None => {
                let message = format!("`{name}` is read at an index that is known at run time only");
                Diagnostic::error(codes::UNSUPPORTED, place, message)
                    .expected("an int literal")
                    .hint("write an `if` for each element")
            }
        };
        self.refuse(expression, diagnostic);
        true
    }
}

/// The value of an int literal, with its sign.
fn literal(expression: &Expression) -> Option<i64> {
    match &expression.kind {
        ExpressionKind::Constant(Value::Integer(value)) => Some(*value),
        ExpressionKind::Unary { operator: UnaryOperator::Negate, operand } => match &operand.kind {
            ExpressionKind::Constant(Value::Integer(value)) => value.checked_neg(),
            _ => None,
        },
        _ => None,
    }
}
