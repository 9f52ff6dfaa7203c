//! What was reported of targets is taken out of the tree, so that no later pass says it again.

use crate::ast::{Expression, ExpressionKind, Intrinsic, Statement, StatementKind};

/// What stands for an expression that was reported.
pub(crate) const REPORTED: ExpressionKind =
    ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, arguments: Vec::new() };

/// Puts [`REPORTED`] in the place of every target that cannot be assigned to. Only for trees that have errors.
pub(crate) fn settle(statements: &mut [Statement]) {
    let mut blocks = vec![statements];
    while let Some(block) = blocks.pop() {
        for statement in block {
            if let StatementKind::AnnotatedAssign { target: place, .. } = &mut statement.kind
                && let ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) = &mut place.kind
            {
                // The names are still bound.
                let targets = std::mem::take(elements);
                let value = Expression::of_source(place.span, REPORTED);
                statement.kind = StatementKind::Assign { targets, value };
            }
            match &mut statement.kind {
                StatementKind::Assign { targets, .. } => targets.iter_mut().for_each(target),
                StatementKind::AugmentedAssign { target: place, .. } => match &place.kind {
                    ExpressionKind::Tuple(_) | ExpressionKind::List(_) => place.kind = REPORTED,
                    _ => target(place),
                },
                StatementKind::AnnotatedAssign { target: place, .. } => target(place),
                StatementKind::For { target: place, body, or_else, .. } => {
                    target(place);
                    blocks.extend([body.as_mut_slice(), or_else]);
                }
                StatementKind::While { body, or_else, .. } | StatementKind::If { body, or_else, .. } => {
                    blocks.extend([body.as_mut_slice(), or_else]);
                }
                StatementKind::Try { body, handlers, or_else, finally } => {
                    blocks.extend([body.as_mut_slice(), or_else, finally]);
                    blocks.extend(handlers.iter_mut().map(|handler| handler.body.as_mut_slice()));
                }
                StatementKind::Match { cases, .. } => {
                    blocks.extend(cases.iter_mut().map(|case| case.body.as_mut_slice()));
                }
                StatementKind::FunctionDefinition(function) => blocks.push(&mut function.body),
                StatementKind::ClassDefinition(class) => blocks.push(&mut class.body),
                StatementKind::Return(_)
                | StatementKind::Expression(_)
                | StatementKind::Pass
                | StatementKind::Break
                | StatementKind::Continue
                | StatementKind::Assert { .. }
                | StatementKind::Raise { .. }
                | StatementKind::Delete(_)
                | StatementKind::Import(_)
                | StatementKind::ImportFrom { .. }
                | StatementKind::Global(_)
                | StatementKind::Nonlocal(_)
                | StatementKind::Unsupported(_) => {}
            }
        }
    }
}

fn target(place: &mut Expression) {
    match &mut place.kind {
        ExpressionKind::Name { .. } | ExpressionKind::Attribute { .. } | ExpressionKind::Subscript { .. } => {}
        ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
            for element in elements {
                match &mut element.kind {
                    // Right for Python; whether it is supported is said later.
                    ExpressionKind::Starred(inner) => target(inner),
                    _ => target(element),
                }
            }
        }
        // A star outside of a tuple: its name is bound as without it.
        ExpressionKind::Starred(inner) => {
            target(inner);
            let inner = std::mem::replace(&mut inner.kind, REPORTED);
            place.kind = inner;
        }
        _ => place.kind = REPORTED,
    }
}
