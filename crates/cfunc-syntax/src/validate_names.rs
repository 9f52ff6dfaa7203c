//! Names that are declared in two ways: `global` and `nonlocal`, and the captures of patterns.

use std::collections::{BTreeSet, HashMap, HashSet};

use cfunc_models::{Diagnostic, Span, codes};

use crate::ast::{Expression, ExpressionKind, Name, Parameter, Pattern, PatternKind, Statement, StatementKind};
use crate::visit::target_names;
use crate::visit::{Visitor, assigned_names, walk_expression, walk_statement, walk_statements};

/// Checks the `global` and `nonlocal` statements of one function body. `depth` counts the functions around this
/// place, this one included.
pub(crate) fn check_declarations(
    parameters: &[Parameter],
    body: &[Statement],
    depth: usize,
    report: &mut dyn FnMut(Diagnostic),
) {
    let mut finder = Finder::default();
    walk_statements(&mut finder, body);
    if finder.declarations.is_empty() {
        return;
    }
    let mut uses = Uses {
        wanted: finder.declarations.iter().flat_map(|declaration| declaration.names.iter().cloned()).collect(),
        first: HashMap::new(),
        annotated: HashSet::new(),
    };
    walk_statements(&mut uses, body);
    let mut kinds: HashMap<&Name, &'static str> = HashMap::new();
    for declaration in &finder.declarations {
        let word = declaration.word;
        for name in &declaration.names {
            let error = |message: String| Diagnostic::error(codes::INVALID_PLACE, declaration.span, message);
            if let Some(parameter) = parameters.iter().find(|parameter| parameter.name == *name) {
                report(
                    error(format!("`{name}` is a parameter and declared `{word}`"))
                        .note(parameter.span, "the parameter")
                        .hint(format!("leave the `{word}` out, or give the parameter another name")),
                );
            } else if let Some(place) = uses.first.get(name).filter(|place| **place < declaration.span) {
                report(
                    error(format!("`{name}` is used before it is declared `{word}`"))
                        .note(*place, "the first use")
                        .hint(format!("move the `{word}` to the top of the function")),
                );
            } else if uses.annotated.contains(name) {
                report(
                    error(format!("`{name}` is annotated, so it cannot be declared `{word}`"))
                        .hint(format!("leave the annotation or the `{word}` out")),
                );
            } else if word == "nonlocal" && depth < 2 && &**name != "__class__" {
                report(
                    error(format!("no function around this one binds `{name}`"))
                        .hint("leave the `nonlocal` out: a name that is assigned is a local"),
                );
            }
            if kinds.insert(name, word).is_some_and(|other| other != word) {
                report(
                    error(format!("`{name}` is declared both `global` and `nonlocal`")).hint("leave one of them out"),
                );
            }
        }
    }
}

struct Declaration {
    span: Span,
    word: &'static str,
    names: Vec<Name>,
}

/// Finds the declarations of one scope.
#[derive(Default)]
struct Finder {
    declarations: Vec<Declaration>,
}

impl Visitor for Finder {
    fn statement(&mut self, statement: &Statement) {
        let (word, names) = match &statement.kind {
            StatementKind::Global(names) => ("global", names),
            StatementKind::Nonlocal(names) => ("nonlocal", names),
            // Scopes of their own.
            StatementKind::FunctionDefinition(_) | StatementKind::ClassDefinition(_) => return,
            _ => return walk_statement(self, statement),
        };
        self.declarations.push(Declaration { span: statement.span, word, names: names.clone() });
    }

    // Expressions hold no statements.
    fn expression(&mut self, _: &Expression) {}
}

/// Finds where the wanted names are first used or bound.
struct Uses {
    wanted: HashSet<Name>,
    first: HashMap<Name, Span>,
    annotated: HashSet<Name>,
}

impl Uses {
    fn add(&mut self, name: &Name, span: Span) {
        if self.wanted.contains(name) {
            self.first.entry(name.clone()).or_insert(span);
        }
    }
}

impl Visitor for Uses {
    fn statement(&mut self, statement: &Statement) {
        match &statement.kind {
            StatementKind::FunctionDefinition(_) | StatementKind::ClassDefinition(_) => {
                for name in assigned_names(std::slice::from_ref(statement)) {
                    self.add(&name, statement.span);
                }
            }
            StatementKind::Import(_) | StatementKind::ImportFrom { .. } => {
                for name in assigned_names(std::slice::from_ref(statement)) {
                    self.add(&name, statement.span);
                }
            }
            StatementKind::Try { handlers, .. } => {
                for handler in handlers {
                    if let Some(name) = &handler.name {
                        self.add(name, handler.span);
                    }
                }
                walk_statement(self, statement);
            }
            StatementKind::AnnotatedAssign { target, .. } => {
                if let ExpressionKind::Name { name, .. } = &target.kind {
                    self.annotated.insert(name.clone());
                }
                walk_statement(self, statement);
            }
            _ => walk_statement(self, statement),
        }
    }

    fn expression(&mut self, expression: &Expression) {
        if let ExpressionKind::Name { name, .. } = &expression.kind {
            self.add(name, expression.span);
        }
        walk_expression(self, expression);
    }
}

/// Checks the names that a pattern captures: each once, and every alternative the same ones.
pub(crate) fn check_pattern_names(pattern: &Pattern, report: &mut dyn FnMut(Diagnostic)) {
    pattern_names(pattern, report);
}

fn pattern_names(pattern: &Pattern, report: &mut dyn FnMut(Diagnostic)) -> BTreeSet<Name> {
    let mut names = BTreeSet::new();
    match &pattern.kind {
        PatternKind::Capture(Some(target)) | PatternKind::Star(Some(target)) => {
            names.extend(target_names(target));
        }
        PatternKind::As(inner, target) => {
            names = pattern_names(inner, report);
            for name in target_names(target) {
                capture(&mut names, &name, pattern.span, report);
            }
        }
        PatternKind::Sequence(patterns) => {
            for pattern in patterns {
                for name in pattern_names(pattern, report) {
                    capture(&mut names, &name, pattern.span, report);
                }
            }
        }
        PatternKind::Or(patterns) => {
            for (index, pattern) in patterns.iter().enumerate() {
                let found = pattern_names(pattern, report);
                if index == 0 {
                    names = found;
                } else if found != names {
                    report(
                        Diagnostic::error(
                            codes::INVALID_PLACE,
                            pattern.span,
                            "the alternatives of a pattern capture different names",
                        )
                        .hint("capture the same names in each, or write two cases"),
                    );
                }
            }
        }
        PatternKind::Value(_)
        | PatternKind::Singleton(_)
        | PatternKind::Capture(None)
        | PatternKind::Star(None)
        | PatternKind::Unsupported(_) => {}
    }
    names
}

fn capture(names: &mut BTreeSet<Name>, name: &Name, span: Span, report: &mut dyn FnMut(Diagnostic)) {
    if !names.insert(name.clone()) {
        report(
            Diagnostic::error(codes::DUPLICATE_NAME, span, format!("the pattern captures `{name}` twice"))
                .hint("capture the second under another name, and compare them with `if` behind the pattern"),
        );
    }
}
