//! What methods are called on, for those that update it.

use std::collections::HashMap;

use cfunc_context::{BaseKind, BasePlace};
use cfunc_models::Span;
use cfunc_sources::VariableSource;
use cfunc_syntax::ast::{Binding, Expression, ExpressionKind, Name, Statement, StatementKind};
use cfunc_syntax::visit::{Visitor, walk_statement};

use crate::infer::Inference;

/// Names that an assignment of a name gives the value of another one: of each the other, and where the assignment stands.
pub(crate) type SharedNames = HashMap<Name, (Name, Span)>;

/// Collects assignments of names to names.
#[derive(Default)]
struct Assignments {
    found: SharedNames,
}

impl Assignments {
    fn shared(&mut self, first: &Name, second: &Name, span: Span) {
        if first != second {
            self.found.entry(Name::clone(first)).or_insert_with(|| (Name::clone(second), span));
            self.found.entry(Name::clone(second)).or_insert_with(|| (Name::clone(first), span));
        }
    }
}

impl Visitor for Assignments {
    fn statement(&mut self, statement: &Statement) {
        let assigned: &[Expression] = match &statement.kind {
            StatementKind::Assign { targets, .. } => targets,
            StatementKind::AnnotatedAssign { target, .. } => std::slice::from_ref(target),
            _ => &[],
        };
        let value = match &statement.kind {
            StatementKind::Assign { value, .. } | StatementKind::AnnotatedAssign { value: Some(value), .. } => {
                Some(value)
            }
            _ => None,
        };
        let names: Vec<&Name> = assigned.iter().chain(value).filter_map(changing_name).collect();
        for pair in names.windows(2) {
            self.shared(pair[0], pair[1], statement.span);
        }
        walk_statement(self, statement);
    }

    fn expression(&mut self, _expression: &Expression) {}
}

/// The name of a local or state, where the source has it: what handlers add stands for something longer.
fn changing_name(expression: &Expression) -> Option<&Name> {
    let Span { start, end } = expression.span;
    match &expression.kind {
        ExpressionKind::Name { name, binding: Binding::Local(_) | Binding::Variable(_) } => {
            usize::try_from(end - start).is_ok_and(|length| length == name.len()).then_some(name)
        }
        _ => None,
    }
}

impl Inference<'_> {
    /// What a base of a method is in the source, where it has a name.
    pub(crate) fn place_of(&mut self, base: &Expression) -> Option<BasePlace> {
        let kind = match &base.kind {
            ExpressionKind::Name { binding: Binding::Local(local), .. } => {
                if self.parameters.contains(local) {
                    BaseKind::Parameter
                } else {
                    BaseKind::Local
                }
            }
            ExpressionKind::Name { binding: Binding::Variable(variable), .. } => {
                match self.marked.variables.get(*variable).source {
                    VariableSource::State { .. } => BaseKind::State,
                    VariableSource::Input { .. }
                    | VariableSource::Output { .. }
                    | VariableSource::Pointer { .. }
                    | VariableSource::Keyed(_)
                    | VariableSource::Expression(_)
                    | VariableSource::Constant(_) => BaseKind::Fixed,
                }
            }
            ExpressionKind::Name { .. } => BaseKind::Fixed,
            ExpressionKind::Attribute { .. } if dotted(base).is_some() => BaseKind::Attribute,
            _ => return None,
        };
        let name = dotted(base)?;
        let shared = self.shared_with(&name);
        Some(BasePlace { expression: base.clone(), kind, name, shared })
    }

    fn shared_with(&mut self, name: &str) -> Option<(Name, Span)> {
        let marked = self.marked;
        let variables = &marked.variables;
        let shared = self.shared_names.get_or_insert_with(|| {
            let mut assignments = Assignments::default();
            for body in [&marked.start, &marked.body, &marked.stop] {
                body.iter().for_each(|statement| assignments.statement(statement));
            }
            // An input is the host's: every call has another value there.
            let is_input = |name: &Name| {
                let mut all = variables.iter().map(|(_, model)| model);
                all.any(|model| *model.name == **name && matches!(model.source, VariableSource::Input { .. }))
            };
            let mut found = assignments.found;
            found.retain(|name, (other, _)| !is_input(name) && !is_input(other));
            found
        });
        shared.get(name).cloned()
    }
}

/// A name, or attributes of one, as the source has it.
fn dotted(expression: &Expression) -> Option<String> {
    let mut parts = Vec::new();
    let mut inner = expression;
    loop {
        match &inner.kind {
            ExpressionKind::Name { name, .. } => {
                parts.push(&**name);
                parts.reverse();
                return Some(parts.join("."));
            }
            ExpressionKind::Attribute { value, attribute, .. } => {
                parts.push(&**attribute);
                inner = value;
            }
            _ => return None,
        }
    }
}
