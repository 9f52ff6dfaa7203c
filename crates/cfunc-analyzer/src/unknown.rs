//! Annotations that nothing registered understands: where exactly, and what may have been meant.

use cfunc_context::{ModuleNameKind, ModuleScope, ScopeEntry};
use cfunc_models::{Diagnostic, DiagnosticCode, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, Intrinsic, Name};
use cfunc_syntax::visit::{Visitor, walk_expression};
use cfunc_syntax::{closest, is_python_builtin};

use crate::analyze::Analyzer;
use crate::states::state_annotation;

/// Finds the first name that stands for nothing.
struct UnknownName<'a, 'scope> {
    scope: &'a ModuleScope<'scope>,
    found: Option<(Name, Expression)>,
}

impl UnknownName<'_, '_> {
    /// Why a name of the module stands for nothing, where it is one that does.
    fn problem(&self, expression: &Expression) -> Option<&Diagnostic> {
        problem_of(self.scope, expression)
    }
}

/// Why a name that the module binds stands for nothing.
fn problem_of<'a>(scope: &'a ModuleScope<'_>, expression: &Expression) -> Option<&'a Diagnostic> {
    let Some(ScopeEntry::Module(id)) = scope.resolve(expression) else { return None };
    match &scope.own(id).kind {
        ModuleNameKind::Unknown(reason) => Some(reason),
        ModuleNameKind::Value | ModuleNameKind::Function(_) | ModuleNameKind::Foreign(_) | ModuleNameKind::Class(_) => {
            None
        }
    }
}

impl Visitor for UnknownName<'_, '_> {
    fn expression(&mut self, expression: &Expression) {
        let known = matches!(self.scope.resolve(expression), Some(ScopeEntry::Global(_) | ScopeEntry::Module(_)));
        if self.found.is_some() || known && self.problem(expression).is_none() {
            return;
        }
        match &expression.kind {
            ExpressionKind::Name { name, .. } => self.found = Some((Name::clone(name), expression.clone())),
            // `module.Signall`: the module may be known, its attribute is not.
            ExpressionKind::Attribute { attribute, .. } => {
                self.found = Some((Name::clone(attribute), expression.clone()));
            }
            _ => walk_expression(self, expression),
        }
    }
}

/// Whether a part of an expression was reported, so that nothing more is to be said of the whole.
pub(crate) fn is_reported(expression: &Expression) -> bool {
    struct Finder(bool);
    impl Visitor for Finder {
        fn expression(&mut self, expression: &Expression) {
            self.0 |= matches!(expression.kind, ExpressionKind::Intrinsic { intrinsic: Intrinsic::Reported, .. });
            if !self.0 {
                walk_expression(self, expression);
            }
        }
    }
    let mut finder = Finder(false);
    finder.expression(expression);
    finder.0
}

impl Analyzer<'_, '_> {
    /// Reports the annotation of `what`, or the name in it that stands for nothing.
    pub(crate) fn unknown_annotation(
        &mut self,
        code: DiagnosticCode,
        annotation: &Expression,
        what: &str,
        expected: &str,
    ) {
        let mut finder = UnknownName { scope: self.scope, found: None };
        finder.expression(annotation);
        if let Some((name, place)) = finder.found {
            if let Some(reason) = problem_of(self.scope, &place) {
                let message = format!("the annotation of {what} cannot use `{name}`: {}", reason.message);
                let mut diagnostic = Diagnostic::error(code, place.span, message).note(reason.span, "bound here");
                diagnostic.expected.clone_from(&reason.expected);
                diagnostic.hint.clone_from(&reason.hint);
                return self.report(diagnostic);
            }
            let message = format!("the annotation of {what} uses the unknown name `{name}`");
            let diagnostic = Diagnostic::error(code, place.attribute_span(), message);
            let near = if is_python_builtin(&name) { None } else { closest(&name, annotation_names(self.scope)) };
            let hint = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => self.known_names(),
            };
            self.report(diagnostic.expected(expected).hint(hint));
            return;
        }
        if let Some((span, reason)) = self.scope.type_problem(self.types, annotation) {
            let message = format!("the annotation of {what}: {reason}");
            let diagnostic = Diagnostic::error(code, span, message).expected(expected);
            return self.report(diagnostic.hint(ModuleScope::TYPE_PROBLEM_HINT));
        }
        let message = format!("nothing registered understands the annotation of {what}");
        let diagnostic = Diagnostic::error(code, annotation.span, message);
        self.report(if state_annotation(self.scope, annotation).is_some() {
            diagnostic.hint("a state is declared in the body: `name: State[<type>] = <initial>`")
        } else {
            diagnostic.expected(expected).hint(self.known_names())
        });
    }

    /// What may stand in an annotation, as a hint.
    fn known_names(&self) -> String {
        const SHOWN: usize = 10;
        let names = complete_names(self.scope);
        let globals = self.scope.context().globals();
        let is_module = |name: &str| globals.lookup(name).is_some_and(|id| !globals.get(id).members.is_empty());
        let shown = names.iter().filter(|name| !name.contains('.') && !is_module(name));
        let shown: Vec<String> = shown.take(SHOWN).map(|name| format!("`{name}`")).collect();
        match shown.as_slice() {
            [] => "the extension that brings such annotations must be part of the context".to_owned(),
            _ => format!("annotations are made of registered names: {}", shown.join(", ")),
        }
    }
}

/// Names that mean something in annotations, in a fixed order.
fn annotation_names<'a>(scope: &'a ModuleScope<'_>) -> Vec<&'a str> {
    let mut names = complete_names(scope);
    let globals = scope.context().globals();
    names.extend(globals.names().filter(|name| {
        let definition = globals.lookup(name).map(|id| globals.get(id));
        definition.is_some_and(|definition| definition.family.is_some() || definition.argument_family.is_some())
    }));
    names.sort_unstable();
    names
}

/// Those that need no type in brackets.
fn complete_names<'a>(scope: &'a ModuleScope<'_>) -> Vec<&'a str> {
    let globals = scope.context().globals();
    let mut names: Vec<&str> = globals
        .names()
        .filter(|name| {
            globals.lookup(name).map(|id| globals.get(id)).is_some_and(|definition| {
                definition.ty.is_some() || definition.marker.is_some() || !definition.members.is_empty()
            })
        })
        .collect();
    names.sort_unstable();
    names
}

/// Warns of the annotation of a plain function, which need not mean anything here, where it is nearly a name that does.
pub(crate) fn misspelled_annotation(
    scope: &ModuleScope<'_>,
    annotation: &Expression,
    what: &str,
) -> Option<Diagnostic> {
    let mut finder = UnknownName { scope, found: None };
    finder.expression(annotation);
    let (name, place) = finder.found?;
    let is_elsewhere = is_python_builtin(&name) || scope.resolve(&place).is_some();
    if is_elsewhere || !matches!(place.kind, ExpressionKind::Name { .. }) {
        return None;
    }
    let near = closest(&name, annotation_names(scope))?;
    let message = format!("the annotation of {what} says nothing: `{name}` is unknown");
    let diagnostic = Diagnostic::warning(codes::MISSPELLED_ANNOTATION, place.span, message);
    Some(diagnostic.hint(format!("did you mean `{near}`?")))
}
