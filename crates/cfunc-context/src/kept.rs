//! In which type values are kept: bound to a name, put into a tuple, list or dict, returned by a helper.
//!
//! Most are kept as they are. A place in memory of a host is none that a name could keep: what is there changes, or goes
//! away. The table of types says in which type values of a place are kept ([`TypeTable::kept_form`]); a family of types that are made of
//! others says it by a rule.

use std::sync::Arc;

use cfunc_models::{Kept, Type, TypeConstructor, TypeTable};

use crate::panics::asked;
use crate::{Registrar, Registry, RuleId};

/// In which type values of a type of a family are kept, where that is another one. The registry is there for the types
/// that it is made of.
pub type KeptRule = Arc<dyn Fn(&Registry, &mut TypeTable, Type) -> Option<Kept> + Send + Sync>;

impl Registrar<'_> {
    /// Says in which type values of a family are kept, of which the table of types says nothing. There is a conversion
    /// to that type, which is made where a value is bound to a name, put into a display, or returned by a helper.
    pub fn kept_as(
        &mut self,
        constructor: TypeConstructor,
        rule: impl Fn(&Registry, &mut TypeTable, Type) -> Option<Kept> + Send + Sync + 'static,
    ) {
        let name = format!("kept({})", self.types.constructor_name(constructor));
        if let Some(first) = self.registry.kept.get(&constructor).map(|(_, first)| *first) {
            return self.refuse_duplicate(first, name);
        }
        let Some(id) = self.new_rule(name) else { return };
        self.registry.kept.insert(constructor, (Arc::new(rule), id));
    }
}

impl Registry {
    /// In which type values of a type are kept, where that is another one; with the rule that says so, if it is one.
    pub fn kept(&self, types: &mut TypeTable, ty: Type) -> Option<(Kept, Option<RuleId>)> {
        if let Some(kept) = types.kept_form(ty) {
            return Some((kept.clone(), None));
        }
        let (rule, id) = self.kept.get(&types.definition(ty).constructor)?;
        let kept = asked(*id, None, || rule(self, types, ty))?;
        (kept != Kept::As(ty)).then_some((kept, Some(*id)))
    }
}
