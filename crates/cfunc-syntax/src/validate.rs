//! What the parser accepts and Python does not.

use cfunc_models::{Diagnostic, Diagnostics, Span, Value, codes};

use crate::ast::{
    ClassDefinition, Expression, ExpressionKind, FunctionDefinition, Intrinsic, Module, Name, Pattern, PatternKind,
    Statement, StatementKind,
};
use crate::validate_names::{check_declarations, check_pattern_names};
use crate::visit::{Visitor, walk_expression, walk_statement, walk_statements};

/// Finds everything in `module` that the grammar allows and Python refuses: targets that cannot be assigned to,
/// statements where they cannot stand, names declared in two ways. Stops at `most` diagnostics.
pub fn validate(module: &Module, diagnostics: &mut Diagnostics, most: usize) {
    validate_pieces(module, diagnostics, most, false);
}

/// As [`validate`]; `broken` says that parts of the module are missing, so that a `return` at column 0 may have lost
/// its function and says nothing new.
pub(crate) fn validate_pieces(module: &Module, diagnostics: &mut Diagnostics, most: usize, broken: bool) {
    let mut validator = Validator { diagnostics, most, broken, scope: Scope::Module, function_depth: 0, loops: 0 };
    validator.future_imports(module);
    walk_statements(&mut validator, &module.body);
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scope {
    Module,
    Class,
    Function,
}

struct Validator<'a> {
    diagnostics: &'a mut Diagnostics,
    most: usize,
    broken: bool,
    scope: Scope,
    function_depth: usize,
    /// Loops of the current scope around this place.
    loops: usize,
}

/// Where an expression is written to.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Assign,
    Delete,
}

impl Validator<'_> {
    fn report(&mut self, diagnostic: Diagnostic) {
        if self.diagnostics.len() < self.most {
            self.diagnostics.push(diagnostic);
        }
    }

    fn misplaced(&mut self, span: Span, message: &str, hint: &str) {
        self.report(Diagnostic::error(codes::INVALID_PLACE, span, message).hint(hint));
    }

    fn in_scope(&mut self, scope: Scope, visit: impl FnOnce(&mut Self)) {
        let outer = (self.scope, self.loops, self.function_depth);
        self.scope = scope;
        self.loops = 0;
        self.function_depth += usize::from(scope == Scope::Function);
        visit(self);
        (self.scope, self.loops, self.function_depth) = outer;
    }

    fn loop_body(&mut self, body: &[Statement], or_else: &[Statement]) {
        self.loops += 1;
        walk_statements(self, body);
        self.loops -= 1;
        walk_statements(self, or_else);
    }

    fn future_imports(&mut self, module: &Module) {
        let mut beginning = true;
        for (index, statement) in module.body.iter().enumerate() {
            let docstring = index == 0
                && matches!(
                    &statement.kind,
                    StatementKind::Expression(Expression { kind: ExpressionKind::Constant(Value::Text(_)), .. })
                );
            let future = matches!(
                &statement.kind,
                StatementKind::ImportFrom { module, .. } if module == "__future__"
            );
            if future && !beginning {
                self.misplaced(
                    statement.span,
                    "an import from `__future__` must be the first statement",
                    "move it to the top of the source",
                );
            }
            beginning = beginning && (future || docstring);
        }
    }

    fn function(&mut self, function: &FunctionDefinition) {
        for decorator in &function.decorators {
            self.expression(decorator);
        }
        for parameter in &function.parameters {
            let parts = [&parameter.annotation, &parameter.default];
            for part in parts.into_iter().flatten() {
                // `*args: *Ts` is Python's.
                match &part.kind {
                    ExpressionKind::Starred(inner) => self.expression(inner),
                    _ => self.expression(part),
                }
            }
        }
        if let Some(returns) = &function.returns {
            self.expression(returns);
        }
        self.in_scope(Scope::Function, |validator| {
            let (diagnostics, most) = (&mut *validator.diagnostics, validator.most);
            check_declarations(&function.parameters, &function.body, validator.function_depth, &mut |diagnostic| {
                if diagnostics.len() < most {
                    diagnostics.push(diagnostic);
                }
            });
            walk_statements(validator, &function.body);
        });
    }

    fn simple_target(&mut self, target: &Expression, what: &str) {
        match &target.kind {
            ExpressionKind::Name { .. } => {}
            ExpressionKind::Attribute { .. } | ExpressionKind::Subscript { .. } => {
                walk_expression(self, target);
            }
            ExpressionKind::Tuple(_) | ExpressionKind::List(_) => self.report(
                Diagnostic::error(codes::ASSIGNMENT_TARGET, target.span, format!("{what} takes one target"))
                    .expected("a name, an attribute or a subscript")
                    .hint("write one statement for each"),
            ),
            _ => self.target(target, Place::Assign, false),
        }
    }

    /// A target with its parts; `starred` where it is an element of a tuple or list.
    fn target(&mut self, target: &Expression, place: Place, starred: bool) {
        match &target.kind {
            ExpressionKind::Name { .. } => {}
            ExpressionKind::Attribute { .. } | ExpressionKind::Subscript { .. } => {
                walk_expression(self, target);
            }
            ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
                let mut stars = 0;
                for element in elements {
                    if matches!(element.kind, ExpressionKind::Starred(_)) && place == Place::Assign {
                        stars += 1;
                        if stars == 2 {
                            self.report(
                                Diagnostic::error(
                                    codes::ASSIGNMENT_TARGET,
                                    element.span,
                                    "two starred targets in one assignment",
                                )
                                .expected("at most one `*`")
                                .hint("one `*` takes everything the others leave"),
                            );
                        }
                    }
                    self.target(element, place, true);
                }
            }
            ExpressionKind::Starred(inner) if starred && place == Place::Assign => {
                self.target(inner, place, false);
            }
            ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. } => {}
            ExpressionKind::Starred(_) if place == Place::Assign => self.report(
                Diagnostic::error(
                    codes::ASSIGNMENT_TARGET,
                    target.span,
                    "a starred target must stand in a tuple or list",
                )
                .expected("a target without `*`")
                .hint("write a comma behind it"),
            ),
            other => {
                let verb = match place {
                    Place::Assign => "assign to",
                    Place::Delete => "delete",
                };
                let mut diagnostic = Diagnostic::error(
                    codes::ASSIGNMENT_TARGET,
                    target.span,
                    format!("cannot {verb} {}", describe(other)),
                )
                .expected("a name, an attribute, a subscript, or a tuple of them");
                diagnostic =
                    diagnostic.hint(if matches!(other, ExpressionKind::Compare { .. }) || is_arithmetic(other) {
                        "write `==` to compare"
                    } else {
                        match place {
                            Place::Assign => "assign to a name of its own",
                            Place::Delete => "leave the `del` out",
                        }
                    });
                self.report(diagnostic);
                walk_expression(self, target);
            }
        }
    }

    /// Elements of a display or arguments of a call: starred ones may stand there.
    fn elements(&mut self, elements: &[Expression]) {
        for element in elements {
            match &element.kind {
                ExpressionKind::Starred(inner) => self.expression(inner),
                _ => self.expression(element),
            }
        }
    }

    fn cases(&mut self, statement: &Statement) {
        let StatementKind::Match { cases, .. } = &statement.kind else {
            return;
        };
        for (index, case) in cases.iter().enumerate() {
            if index + 1 < cases.len() && case.guard.is_none() && is_irrefutable(&case.pattern) {
                self.misplaced(
                    case.pattern.span,
                    "this pattern matches everything, so the cases below are never reached",
                    "move it to the end",
                );
            }
            if matches!(case.pattern.kind, PatternKind::Star(_)) {
                self.star_outside(&case.pattern);
            }
            let (diagnostics, most) = (&mut *self.diagnostics, self.most);
            check_pattern_names(&case.pattern, &mut |diagnostic| {
                if diagnostics.len() < most {
                    diagnostics.push(diagnostic);
                }
            });
        }
    }

    fn star_outside(&mut self, pattern: &Pattern) {
        self.misplaced(pattern.span, "a starred pattern must stand in a sequence", "write brackets around it");
    }

    // Apart from the walk over statements, to keep its frames small.

    #[inline(never)]
    fn nonlocal(&mut self, names: &[Name], span: Span) {
        // Inside a function the declarations are checked with the names it binds.
        if self.function_depth == 0 {
            let message = format!("`nonlocal` outside of a function: `{}`", names.join("`, `"));
            let diagnostic = Diagnostic::error(codes::INVALID_PLACE, span, message);
            self.report(diagnostic.hint("leave it out: at module level every name is global"));
        }
    }

    #[inline(never)]
    fn class(&mut self, class: &ClassDefinition) {
        for decorator in &class.decorators {
            self.expression(decorator);
        }
        self.elements(&class.bases);
        self.in_scope(Scope::Class, |validator| {
            walk_statements(validator, &class.body);
        });
    }
}

impl Visitor for Validator<'_> {
    fn statement(&mut self, statement: &Statement) {
        let span = statement.span;
        match &statement.kind {
            StatementKind::FunctionDefinition(function) => self.function(function),
            StatementKind::ClassDefinition(class) => {
                self.class(class);
            }
            StatementKind::Return(value) => {
                if self.scope == Scope::Class || (self.scope == Scope::Module && !self.broken) {
                    self.misplaced(span, "`return` outside of a function", "indent it into the function it belongs to");
                }
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            StatementKind::Assign { targets, value } => {
                for target in targets {
                    self.target(target, Place::Assign, false);
                }
                self.expression(value);
            }
            StatementKind::AugmentedAssign { target, value, .. } => {
                self.simple_target(target, "an assignment with an operator");
                self.expression(value);
            }
            StatementKind::AnnotatedAssign { target, annotation, value } => {
                self.simple_target(target, "an annotation");
                self.expression(annotation);
                if let Some(value) = value {
                    self.expression(value);
                }
            }
            StatementKind::For { target, iterable, body, or_else } => {
                self.target(target, Place::Assign, false);
                self.expression(iterable);
                self.loop_body(body, or_else);
            }
            StatementKind::While { test, body, or_else } => {
                self.expression(test);
                self.loop_body(body, or_else);
            }
            StatementKind::Break | StatementKind::Continue => {
                if self.loops == 0 && !(self.broken && self.scope == Scope::Module) {
                    let word = if matches!(statement.kind, StatementKind::Break) {
                        "`break` outside of a loop"
                    } else {
                        "`continue` outside of a loop"
                    };
                    self.misplaced(span, word, "it ends or repeats a `for` or `while` around it");
                }
            }
            StatementKind::Delete(targets) => {
                for target in targets {
                    self.target(target, Place::Delete, false);
                }
            }
            StatementKind::Try { handlers, .. } => {
                for handler in handlers.iter().rev().skip(1) {
                    if handler.exception.is_none() {
                        self.misplaced(
                            handler.span.head(),
                            "a bare `except` must be the last",
                            "move it below the others",
                        );
                    }
                }
                walk_statement(self, statement);
            }
            StatementKind::ImportFrom { names, .. } => {
                if self.scope != Scope::Module && names.iter().any(|alias| &*alias.name == "*") {
                    self.misplaced(span, "`import *` stands at module level only", "import the names that are used");
                }
            }
            StatementKind::Nonlocal(names) => {
                self.nonlocal(names, span);
            }
            StatementKind::Match { .. } => {
                self.cases(statement);
                walk_statement(self, statement);
            }
            StatementKind::If { .. }
            | StatementKind::Expression(_)
            | StatementKind::Pass
            | StatementKind::Assert { .. }
            | StatementKind::Raise { .. }
            | StatementKind::Import(_)
            | StatementKind::Global(_)
            | StatementKind::Unsupported(_) => walk_statement(self, statement),
        }
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            ExpressionKind::Starred(inner) => {
                self.misplaced(
                    expression.span,
                    "`*` is not allowed here",
                    "it stands before arguments and in tuples and lists",
                );
                self.expression(inner);
            }
            ExpressionKind::Tuple(elements) | ExpressionKind::List(elements) => {
                self.elements(elements);
            }
            ExpressionKind::Call { function, arguments, keywords } => {
                self.expression(function);
                self.elements(arguments);
                for keyword in keywords {
                    self.expression(&keyword.value);
                }
            }
            ExpressionKind::Walrus { target, value } => {
                if !matches!(target.kind, ExpressionKind::Name { .. }) {
                    self.report(
                        Diagnostic::error(
                            codes::ASSIGNMENT_TARGET,
                            target.span,
                            format!("`:=` cannot assign to {}", describe(&target.kind)),
                        )
                        .expected("a name")
                        .hint("assign with `=` in a statement of its own"),
                    );
                }
                self.expression(value);
            }
            _ => walk_expression(self, expression),
        }
    }

    fn pattern(&mut self, pattern: &Pattern) {
        match &pattern.kind {
            PatternKind::Sequence(patterns) => {
                let mut stars = 0;
                for pattern in patterns {
                    if matches!(pattern.kind, PatternKind::Star(_)) {
                        stars += 1;
                        if stars == 2 {
                            self.misplaced(
                                pattern.span,
                                "two starred patterns in one sequence",
                                "one `*` takes everything the others leave",
                            );
                        }
                    } else {
                        self.pattern(pattern);
                    }
                }
            }
            PatternKind::Or(patterns) => {
                for (index, pattern) in patterns.iter().enumerate() {
                    if matches!(pattern.kind, PatternKind::Star(_)) {
                        self.star_outside(pattern);
                    }
                    if index + 1 < patterns.len() && is_irrefutable(pattern) {
                        self.misplaced(
                            pattern.span,
                            "this pattern matches everything, so the alternatives behind it are never reached",
                            "move it to the end",
                        );
                    }
                    self.pattern(pattern);
                }
            }
            PatternKind::As(inner, _) => {
                if matches!(inner.kind, PatternKind::Star(_)) {
                    self.star_outside(inner);
                }
                self.pattern(inner);
            }
            PatternKind::Value(value) => self.expression(value),
            PatternKind::Singleton(_)
            | PatternKind::Capture(_)
            | PatternKind::Star(_)
            | PatternKind::Unsupported(_) => {}
        }
    }
}

fn is_irrefutable(pattern: &Pattern) -> bool {
    match &pattern.kind {
        PatternKind::Capture(_) => true,
        PatternKind::As(inner, _) => is_irrefutable(inner),
        PatternKind::Or(patterns) => patterns.iter().any(is_irrefutable),
        _ => false,
    }
}

fn is_arithmetic(kind: &ExpressionKind) -> bool {
    matches!(kind, ExpressionKind::Binary { .. } | ExpressionKind::Unary { .. } | ExpressionKind::Boolean { .. })
}

/// An expression as a user would say it.
fn describe(kind: &ExpressionKind) -> &'static str {
    match kind {
        ExpressionKind::Constant(Value::None) => "None",
        ExpressionKind::Constant(Value::Boolean(true)) => "True",
        ExpressionKind::Constant(Value::Boolean(false)) => "False",
        ExpressionKind::Constant(_) => "a literal",
        ExpressionKind::Name { .. } => "a name",
        ExpressionKind::Attribute { .. } => "an attribute",
        ExpressionKind::Call { .. } => "the result of a call",
        ExpressionKind::Unary { .. } | ExpressionKind::Binary { .. } | ExpressionKind::Boolean { .. } => {
            "the result of an operation"
        }
        ExpressionKind::Compare { .. } => "a comparison",
        ExpressionKind::Conditional { .. } => "a conditional expression",
        ExpressionKind::Subscript { .. } => "a subscript",
        ExpressionKind::Slice { .. } => "a slice",
        ExpressionKind::Tuple(_) => "a tuple",
        ExpressionKind::List(_) => "a list",
        ExpressionKind::Dict(_) => "a dict",
        ExpressionKind::Walrus { .. } => "a named expression",
        ExpressionKind::Starred(_) => "a starred expression",
        ExpressionKind::Sequence(_) | ExpressionKind::Intrinsic { .. } => "an intrinsic",
        ExpressionKind::Unsupported(what) => what,
    }
}
