//! Locals that are other names of functions: `smallest = min`, and then `smallest(x, y)`.

use cfunc_context::{ModuleNameKind, ScopeEntry};
use cfunc_syntax::ast::{Expression, ExpressionKind, Name, Statement, StatementKind};
use cfunc_syntax::visit::assigned_names;
use foldhash::HashMap;

use crate::names::root;
use crate::transformer::Transformer;

/// A local that stands for a function from its assignment on.
pub(crate) struct Alias {
    /// The function as it is written.
    function: Expression,
    /// Where the assignment ends.
    bound: u32,
}

impl Transformer<'_> {
    /// Finds the locals of a body that are bound to a function once, by a statement that no path goes around.
    pub(crate) fn find_aliases(&mut self, body: &[Statement]) {
        let candidates: Vec<(Name, Alias)> = body
            .iter()
            .filter_map(|statement| {
                let (name, function) = assignment(statement)?;
                let is_own = self.own_binding(name).is_some() || self.is_state(name) || self.is_reported(name);
                (!is_own && self.is_function(function)).then(|| {
                    let alias = Alias { function: function.clone(), bound: statement.span.end };
                    (Name::clone(name), alias)
                })
            })
            .collect();
        if candidates.is_empty() {
            return;
        }
        let mut bindings: HashMap<Name, usize> = HashMap::default();
        for statement in body {
            for name in assigned_names(std::slice::from_ref(statement)) {
                // What a compound statement binds may be bound there more than once.
                *bindings.entry(name).or_default() += if assignment(statement).is_some() { 1 } else { 2 };
            }
        }
        // A function's own name is not hidden by another local.
        let is_once = |(name, alias): &(Name, Alias)| {
            bindings.get(name) == Some(&1)
                && root(&alias.function).is_some_and(|(root, _)| !bindings.contains_key(root))
        };
        self.aliases.extend(candidates.into_iter().filter(is_once));
    }

    /// Whether a statement is the one that makes a name that of a function.
    pub(crate) fn is_alias(&self, statement: &Statement) -> bool {
        assignment(statement)
            .and_then(|(name, _)| self.aliases.get(name))
            .is_some_and(|alias| alias.bound == statement.span.end)
    }

    /// The function that a name stands for at a place.
    pub(crate) fn alias(&self, name: &str, offset: u32) -> Option<ExpressionKind> {
        let alias = self.aliases.get(name).filter(|alias| alias.bound <= offset)?;
        Some(alias.function.kind.clone())
    }

    /// Whether an expression names a function, registered or of the module, that is no value or type besides.
    fn is_function(&self, expression: &Expression) -> bool {
        if let Some(id) = self.global_of(expression) {
            let definition = self.scope.context().globals().get(id);
            return definition.callable.is_some()
                && definition.value.is_none()
                && definition.ty.is_none()
                && definition.exception.is_none();
        }
        let ExpressionKind::Name { name, .. } = &expression.kind else { return false };
        if self.own_binding(name).is_some() {
            return false;
        }
        match self.scope.lookup(name) {
            Some(ScopeEntry::Module(id)) => {
                matches!(&self.scope.own(id).kind, ModuleNameKind::Function(_) | ModuleNameKind::Foreign(_))
            }
            _ => false,
        }
    }
}

/// The name and the value of `name = value`.
fn assignment(statement: &Statement) -> Option<(&Name, &Expression)> {
    let StatementKind::Assign { targets, value } = &statement.kind else { return None };
    match (targets.as_slice(), &value.kind) {
        (
            [Expression { kind: ExpressionKind::Name { name, .. }, .. }],
            ExpressionKind::Name { .. } | ExpressionKind::Attribute { .. },
        ) => Some((name, value)),
        _ => None,
    }
}
