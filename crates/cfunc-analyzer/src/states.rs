//! States: `name: State[type] = initial`, anywhere in the body.

use std::cmp::Reverse;
use std::sync::Arc;

use cfunc_context::{HandlerResult, ModuleScope, StateDeclaration, ValueRole, fold_constant};
use cfunc_models::{CellForm, Diagnostic, Span, StateModel, Type, Value, codes};
use cfunc_syntax::ast::{Expression, ExpressionKind, FunctionDefinition, Name, Statement, StatementKind};
use foldhash::HashMap;

use crate::analyze::Analyzer;
use crate::unknown::is_reported;

/// The global name that marks the declaration of a state.
const STATE_MARKER: &str = "State";

/// A declaration as it is written.
struct Declaration<'a> {
    target: &'a Expression,
    annotation: &'a Expression,
    /// What stands in the brackets; `None` for a bare `State`.
    inner: Option<&'a Expression>,
    value: Option<&'a Expression>,
    span: Span,
}

fn is_state_marker(scope: &ModuleScope<'_>, annotation: &Expression) -> bool {
    let marker = scope.definition_of(annotation).and_then(|definition| definition.marker.as_ref());
    marker.is_some_and(|marker| *marker.0 == *STATE_MARKER)
}

/// What stands in the brackets of a state's annotation, `None` for a bare `State`; `None` for other annotations.
pub(crate) fn state_annotation<'a>(
    scope: &ModuleScope<'_>,
    annotation: &'a Expression,
) -> Option<Option<&'a Expression>> {
    match &annotation.kind {
        ExpressionKind::Subscript { value, index } if is_state_marker(scope, value) => Some(Some(index)),
        _ => is_state_marker(scope, annotation).then_some(None),
    }
}

/// The declarations in the order of the text; nested functions and classes are scopes of their own.
fn declarations<'a>(scope: &ModuleScope<'_>, body: &'a [Statement]) -> Vec<Declaration<'a>> {
    let mut found = Vec::new();
    let mut stack: Vec<&Statement> = body.iter().rev().collect();
    while let Some(statement) = stack.pop() {
        if let StatementKind::AnnotatedAssign { target, annotation, value } = &statement.kind
            && let Some(inner) = state_annotation(scope, annotation)
        {
            found.push(Declaration { target, annotation, inner, value: value.as_ref(), span: statement.span });
        }
        for block in blocks(statement).into_iter().rev() {
            stack.extend(block.iter().rev());
        }
    }
    found
}

/// The blocks inside a statement that belong to the same scope.
fn blocks(statement: &Statement) -> Vec<&[Statement]> {
    match &statement.kind {
        StatementKind::For { body, or_else, .. }
        | StatementKind::While { body, or_else, .. }
        | StatementKind::If { body, or_else, .. } => vec![body, or_else],
        StatementKind::Try { body, handlers, or_else, finally } => {
            let handlers = handlers.iter().map(|handler| &*handler.body);
            std::iter::once(&**body).chain(handlers).chain([&**or_else, &**finally]).collect()
        }
        StatementKind::Match { cases, .. } => cases.iter().map(|case| &*case.body).collect(),
        _ => Vec::new(),
    }
}

impl Analyzer<'_, '_> {
    /// The states in slot order: by size of the slot, largest first, then by name in code-point order.
    pub(crate) fn states(&mut self, definition: &FunctionDefinition) -> Vec<StateModel> {
        let mut seen: HashMap<Name, (Span, &str)> = HashMap::default();
        for parameter in &definition.parameters {
            seen.insert(Arc::clone(&parameter.name), (parameter.span, "the parameter of that name"));
        }
        let mut states = Vec::new();
        for declaration in declarations(self.scope, &definition.body) {
            let ExpressionKind::Name { name, .. } = &declaration.target.kind else {
                let diagnostic = self.invalid(declaration.target.span, "a state is declared for a name alone");
                self.report(diagnostic.hint("write `name: State[<type>] = <initial>`"));
                continue;
            };
            if let Some((span, what)) = seen.get(name) {
                let message = format!("the state `{name}` has a name that is taken");
                let diagnostic = self.invalid(declaration.target.span, message).note(*span, *what);
                self.report(diagnostic.hint("give the state a name of its own"));
                continue;
            }
            seen.insert(Arc::clone(name), (declaration.target.span, "the first declaration"));
            match self.state(name, &declaration) {
                Some(state) => states.push(state),
                None => self.reported.names.push(Arc::clone(name)),
            }
        }
        // UTF-8 sorts by bytes as it does by code points.
        states.sort_by(|left, right| {
            let key = |state: &StateModel| Reverse(self.types.slot_size(state.ty));
            key(left).cmp(&key(right)).then_with(|| left.name.cmp(&right.name))
        });
        states
    }

    fn invalid(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::error(codes::STATE_DECLARATION, span, message)
    }

    fn state(&mut self, name: &Name, declaration: &Declaration<'_>) -> Option<StateModel> {
        let custom = match self.custom_state(name, declaration) {
            Ok(custom) => custom,
            Err(diagnostic) => {
                self.report(*diagnostic);
                return None;
            }
        };
        if let Some(StateDeclaration { ty, initial }) = custom {
            return Some(StateModel { name: Arc::clone(name), span: declaration.target.span, ty, initial });
        }
        let ty = self.state_type(name, declaration);
        let Some(value) = declaration.value else {
            let diagnostic = self.invalid(declaration.span, format!("the state `{name}` has no initial value"));
            self.report(diagnostic.hint("add `= <initial>`: what the state holds before the first tick"));
            return self.assumed(name, declaration, ty?);
        };
        let Some(initial) = self.initial(name, ty, value) else { return self.assumed(name, declaration, ty?) };
        Some(StateModel { name: Arc::clone(name), span: declaration.target.span, ty: ty?, initial })
    }

    /// What the first custom type that knows a state makes of it.
    fn custom_state(&mut self, name: &Name, declaration: &Declaration<'_>) -> HandlerResult<Option<StateDeclaration>> {
        let Some(inner) = declaration.inner else { return Ok(None) };
        for custom in self.scope.context().custom_types() {
            if let Some(found) = custom.parse_state(&mut self.api(), name, inner, declaration.value)? {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// A state whose initial value was reported, with some value of its type.
    fn assumed(&self, name: &Name, declaration: &Declaration<'_>, ty: Type) -> Option<StateModel> {
        let initial = self.some_value(ty)?;
        Some(StateModel { name: Arc::clone(name), span: declaration.target.span, ty, initial })
    }

    fn state_type(&mut self, name: &Name, declaration: &Declaration<'_>) -> Option<Type> {
        let Some(inner) = declaration.inner else {
            let diagnostic = self.invalid(declaration.annotation.span, format!("the state `{name}` has no type"));
            self.report(diagnostic.expected("`State[<type>]`").hint("name the type of the state in brackets"));
            return None;
        };
        let family = self.scope.definition_of(inner).is_some_and(|definition| definition.family.is_some());
        if let Some(value) = declaration.value.filter(|_| family) {
            return self.member_of_family(name, inner, value);
        }
        let Some(ty) = self.scope.type_of(self.types, inner) else {
            let what = format!("the state `{name}`");
            self.unknown_annotation(codes::STATE_DECLARATION, inner, &what, "a registered type");
            return None;
        };
        if matches!(self.types.definition(ty).cell, CellForm::None | CellForm::Object) {
            let message = format!("a value of type `{}` cannot be a state", self.types.name(ty));
            let diagnostic = self.invalid(inner.span, message);
            self.report(
                diagnostic
                    .expected("a type that a cell holds")
                    .hint("keep the numbers it is made of in states of their own"),
            );
            return None;
        }
        Some(ty)
    }

    fn unknown_initial(&mut self, name: &Name, value: &Expression) {
        let message = format!("the initial value of `{name}` is not known at compile time");
        let diagnostic = self.invalid(value.span, message);
        let hint = "begin with a literal, and assign to the state in the first tick";
        self.report(diagnostic.expected("an expression made of literals and constants").hint(hint));
    }

    /// The type of a state that is declared by a family alone, `State[NumbaList]`: that of its initial value.
    fn member_of_family(&mut self, name: &Name, inner: &Expression, value: &Expression) -> Option<Type> {
        let folded = match fold_constant(self.scope, value) {
            Some(Ok(folded)) => folded,
            // What is wrong with it is reported with the value.
            Some(Err(_)) => return None,
            None => {
                if !is_reported(value) {
                    self.unknown_initial(name, value);
                }
                return None;
            }
        };
        let registry = self.scope.context().registry();
        let found = registry.type_of(self.types, &folded, ValueRole::Constant).map(|(ty, _)| ty);
        let found = found.filter(|ty| self.types.definition(*ty).cell == CellForm::Container);
        if found.is_none() {
            let message = format!("the type of the state `{name}` is not complete");
            let diagnostic = self.invalid(inner.span, message);
            let hint = match &inner.kind {
                ExpressionKind::Name { name: family, .. } => format!("write them in brackets: `State[{family}[…]]`"),
                _ => "write them in brackets, such as `State[list[int]]`".to_owned(),
            };
            let expected = "the types of what it holds, or an initial value that says them";
            self.report(diagnostic.expected(expected).hint(hint));
        }
        found
    }

    /// The types of annotated locals that registered annotations give, by where their targets stand.
    pub(crate) fn annotated(&mut self, definition: &FunctionDefinition) -> Vec<(Span, Type)> {
        let mut found = Vec::new();
        let mut stack: Vec<&Statement> = definition.body.iter().collect();
        while let Some(statement) = stack.pop() {
            if let StatementKind::AnnotatedAssign { target, annotation, value: Some(_) } = &statement.kind
                && let Some(ty) = self.scope.type_of(self.types, annotation)
            {
                found.push((target.span, ty));
            }
            stack.extend(blocks(statement).into_iter().flatten());
        }
        found
    }

    /// The initial value, converted to the type where that is known.
    fn initial(&mut self, name: &Name, ty: Option<Type>, value: &Expression) -> Option<Value> {
        let folded = match fold_constant(self.scope, value) {
            Some(Ok(folded)) => folded,
            Some(Err(diagnostic)) => {
                self.report(*diagnostic);
                return None;
            }
            None if is_reported(value) => return None,
            // Where the type is unknown, what makes its values most likely is too.
            None if ty.is_none() => return None,
            None => {
                self.unknown_initial(name, value);
                return None;
            }
        };
        let ty = ty?;
        let converted = self.scope.convert_value(self.types, ty, &folded, value.span);
        if converted.is_none() {
            let message = format!("the initial value of `{name}` is of type `{}`", folded.kind());
            let diagnostic = self.invalid(value.span, message);
            let diagnostic = diagnostic.expected(format!("a value of type `{}`", self.types.name(ty)));
            self.report(diagnostic.hint("write such a value, or change the type of the state"));
        }
        converted.map(|value| self.cell_value(ty, value))
    }

    /// What the cell holds: of a record in a scalar cell, as the members of enumerations are, its `value`; of a set its bits
    /// as an integer.
    fn cell_value(&self, ty: Type, value: Value) -> Value {
        if let Some(bits) = self.types.set_bits(ty, &value) {
            return Value::integer(Some(bits.cast_signed()));
        }
        match value {
            Value::Record(name, fields) if self.types.definition(ty).cell == CellForm::Scalar => {
                match fields.iter().find(|(field, _)| field == "value") {
                    Some((_, value)) => value.clone(),
                    None => Value::Record(name, fields),
                }
            }
            other => other,
        }
    }
}
