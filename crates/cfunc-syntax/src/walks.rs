//! What visitors that read a tree and visitors that change it go by: which parts a node has, and in which order.

/// Defines the walks of a visitor: its trait; `mut` where it changes nodes; the names of the walks; what is done with
/// definitions of functions and classes, which are scopes of their own.
macro_rules! walks {
    (
        $visitor:ident,
        [$($mutable:tt)?],
        [
            $walk_statements:ident,
            $walk_expressions:ident,
            $walk_statement:ident,
            $walk_expression:ident,
            $walk_pattern:ident
        ],
        $nested:path $(,)?
    ) => {
        /// Shows each statement of a list to `visitor`.
        pub fn $walk_statements<V: $visitor + ?Sized>(visitor: &mut V, statements: &$($mutable)? [Statement]) {
            for statement in statements {
                visitor.statement(statement);
            }
        }

        /// Shows each expression to `visitor`.
        pub(crate) fn $walk_expressions<'a, V: $visitor + ?Sized>(
            visitor: &mut V,
            expressions: impl IntoIterator<Item = &'a $($mutable)? Expression>,
        ) {
            for expression in expressions {
                visitor.expression(expression);
            }
        }

        /// Shows the parts of a statement to `visitor`.
        pub fn $walk_statement<V: $visitor + ?Sized>(visitor: &mut V, statement: &$($mutable)? Statement) {
            match &$($mutable)? statement.kind {
                StatementKind::FunctionDefinition(_) | StatementKind::ClassDefinition(_) => $nested(visitor, statement),
                StatementKind::Return(value) => $walk_expressions(visitor, value),
                StatementKind::Assign { targets, value } => {
                    $walk_expressions(visitor, targets);
                    visitor.expression(value);
                }
                StatementKind::AugmentedAssign { target, value, .. } => {
                    visitor.expression(target);
                    visitor.expression(value);
                }
                StatementKind::AnnotatedAssign { target, annotation, value } => {
                    visitor.expression(target);
                    visitor.expression(annotation);
                    $walk_expressions(visitor, value);
                }
                StatementKind::For { target, iterable, body, or_else } => {
                    visitor.expression(target);
                    visitor.expression(iterable);
                    $walk_statements(visitor, body);
                    $walk_statements(visitor, or_else);
                }
                StatementKind::While { test, body, or_else } | StatementKind::If { test, body, or_else } => {
                    visitor.expression(test);
                    $walk_statements(visitor, body);
                    $walk_statements(visitor, or_else);
                }
                StatementKind::Expression(value) => visitor.expression(value),
                StatementKind::Assert { test, message } => {
                    visitor.expression(test);
                    $walk_expressions(visitor, message);
                }
                StatementKind::Raise { exception, cause } => {
                    $walk_expressions(visitor, exception);
                    $walk_expressions(visitor, cause);
                }
                StatementKind::Try { body, handlers, or_else, finally } => {
                    $walk_statements(visitor, body);
                    for handler in handlers {
                        $walk_expressions(visitor, &$($mutable)? handler.exception);
                        $walk_statements(visitor, &$($mutable)? handler.body);
                    }
                    $walk_statements(visitor, or_else);
                    $walk_statements(visitor, finally);
                }
                StatementKind::Match { subject, cases } => {
                    visitor.expression(subject);
                    for case in cases {
                        visitor.pattern(&$($mutable)? case.pattern);
                        $walk_expressions(visitor, &$($mutable)? case.guard);
                        $walk_statements(visitor, &$($mutable)? case.body);
                    }
                }
                StatementKind::Delete(targets) => $walk_expressions(visitor, targets),
                StatementKind::Pass
                | StatementKind::Break
                | StatementKind::Continue
                | StatementKind::Import(_)
                | StatementKind::ImportFrom { .. }
                | StatementKind::Global(_)
                | StatementKind::Nonlocal(_)
                | StatementKind::Unsupported(_) => {}
            }
        }

        /// Shows the operands of an expression to `visitor`.
        pub fn $walk_expression<V: $visitor + ?Sized>(visitor: &mut V, expression: &$($mutable)? Expression) {
            match &$($mutable)? expression.kind {
                ExpressionKind::Constant(_) | ExpressionKind::Name { .. } | ExpressionKind::Unsupported(_) => {}
                ExpressionKind::Attribute { value, .. } | ExpressionKind::Starred(value) => {
                    visitor.expression(value);
                }
                ExpressionKind::Unary { operand, .. } => visitor.expression(operand),
                ExpressionKind::Call { function, arguments, keywords } => {
                    visitor.expression(function);
                    $walk_expressions(visitor, arguments);
                    for keyword in keywords {
                        visitor.expression(&$($mutable)? keyword.value);
                    }
                }
                ExpressionKind::Binary { left, right, .. } => {
                    visitor.expression(left);
                    visitor.expression(right);
                }
                ExpressionKind::Compare { left, rest } => {
                    visitor.expression(left);
                    for (_, operand) in rest {
                        visitor.expression(operand);
                    }
                }
                ExpressionKind::Conditional { test, body, or_else } => {
                    visitor.expression(body);
                    visitor.expression(test);
                    visitor.expression(or_else);
                }
                ExpressionKind::Subscript { value, index } => {
                    visitor.expression(value);
                    visitor.expression(index);
                }
                ExpressionKind::Slice { lower, upper, step } => {
                    for bound in [lower, upper, step].into_iter().flatten() {
                        visitor.expression(bound);
                    }
                }
                ExpressionKind::Boolean { values, .. }
                | ExpressionKind::Tuple(values)
                | ExpressionKind::List(values)
                | ExpressionKind::Intrinsic { arguments: values, .. } => $walk_expressions(visitor, values),
                ExpressionKind::Dict(entries) => {
                    for (key, value) in entries {
                        $walk_expressions(visitor, key);
                        visitor.expression(value);
                    }
                }
                ExpressionKind::Walrus { target, value } => {
                    visitor.expression(target);
                    visitor.expression(value);
                }
                ExpressionKind::Sequence(sequence) => {
                    $walk_statements(visitor, &$($mutable)? sequence.statements);
                    visitor.expression(&$($mutable)? sequence.value);
                }
            }
        }

        /// Shows the parts of a pattern to `visitor`.
        pub fn $walk_pattern<V: $visitor + ?Sized>(visitor: &mut V, pattern: &$($mutable)? Pattern) {
            match &$($mutable)? pattern.kind {
                PatternKind::Value(value) => visitor.expression(value),
                PatternKind::As(inner, target) => {
                    visitor.pattern(inner);
                    visitor.expression(target);
                }
                PatternKind::Capture(Some(target)) | PatternKind::Star(Some(target)) => visitor.expression(target),
                PatternKind::Or(patterns) | PatternKind::Sequence(patterns) => {
                    for pattern in patterns {
                        visitor.pattern(pattern);
                    }
                }
                PatternKind::Singleton(_)
                | PatternKind::Capture(None)
                | PatternKind::Star(None)
                | PatternKind::Unsupported(_) => {}
            }
        }
    };
}
pub(crate) use walks;
