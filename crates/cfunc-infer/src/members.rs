//! Attributes, methods and members of modules that are not there: what there is instead.

use cfunc_context::Resolution;
use cfunc_models::{Diagnostic, Span, Type, codes};
use cfunc_syntax::ast::{Expression, Member, Name};
use cfunc_syntax::closest;
use smallvec::SmallVec;

use crate::infer::Inference;
use crate::typed::TypedExpression;

/// How many names a hint lists.
const LISTED_NAMES: usize = 8;

/// What was asked for of a value's member.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// `x.a`.
    Read,
    /// `x.a()`.
    Call,
    /// `x.a = v`.
    Write,
}

impl Inference<'_> {
    pub(crate) fn unknown_member(
        &mut self,
        ty: Type,
        (name, member): (&Name, Member),
        span: Span,
        access: Access,
    ) -> TypedExpression {
        let registry = self.context.registry();
        let type_name = self.type_name(ty);
        let kind = match access {
            Access::Read => "attribute",
            Access::Call => "method",
            Access::Write => "attribute to assign to:",
        };
        let is_method = registry.method(self.types, ty, member).is_some();
        let is_attribute = registry.attribute(self.types, ty, member).is_some();
        let names = registry.member_names(self.types, ty);
        let hint = match access {
            Access::Read if is_method => format!("it is a method: call it, `{name}()`"),
            Access::Call if is_attribute => "it is an attribute: leave the brackets out".to_owned(),
            Access::Write if is_attribute => "it can be read only".to_owned(),
            Access::Write if self.types.is_copy(ty) => {
                let place = self.types.written_name(ty);
                format!(
                    "a name holds a copy, which does not change: assign a whole `{place}(…)`, or to the field of a state"
                )
            }
            Access::Write if names.contains(&&**name) => "it can be read only".to_owned(),
            _ => near_or_all(name, &names, &format!("a value of type {type_name}")),
        };
        let message = format!("{type_name} has no {kind} `{name}`");
        self.report(Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, span, message).hint(hint));
        self.poison(span, Type::OBJECT)
    }

    /// The arguments of a call that it assigns to parts of.
    pub(crate) fn changed_arguments(&self, resolution: &Resolution) -> SmallVec<[usize; 2]> {
        // The operation of an attribute has a place already.
        if resolution.callable.is_none() {
            return SmallVec::new();
        }
        let operands = self.context.registry().assigned_operands(resolution);
        operands.iter().map(|operand| resolution.argument_of(*operand)).collect()
    }

    /// Whether a value becomes a struct in memory of its own, where a place is needed.
    pub(crate) fn is_no_place(&self, value: &TypedExpression, place: Type) -> bool {
        value.ty != place
            && self.types.memory_layout(place).is_some()
            && self.types.place_of_address(value.ty).is_none()
            && !self.is_poison(value)
    }

    /// Says that a call would change a copy, which nobody would see.
    pub(crate) fn copy_is_changed(&mut self, value: &TypedExpression, place: Type, name: &str) -> TypedExpression {
        let place_name = self.type_name(place);
        let message = format!("`{name}` changes this {place_name}, and it is a copy, which does not change");
        let hint = "a name, a tuple and a list hold copies: give it the state, the input, or the field of one itself";
        let expected = format!("the {place_name} itself, where it lies");
        self.report(Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, value.span, message).expected(expected).hint(hint));
        self.poison(value.span, place)
    }

    pub(crate) fn unknown_global_member(&mut self, value: &Expression, name: &str, span: Span) -> TypedExpression {
        let Some(id) = self.global_of(value) else { return self.poison(span, Type::OBJECT) };
        let definition = self.context.globals().get(id);
        let mut names: Vec<&str> = definition.members.keys().map(|key| &**key).collect();
        names.sort_unstable();
        let owner = format!("`{}`", definition.name);
        let message = format!("{owner} has no `{name}`");
        let hint = near_or_all(name, &names, &owner);
        self.report(Diagnostic::error(codes::UNKNOWN_ATTRIBUTE, span, message).hint(hint));
        self.poison(span, Type::OBJECT)
    }
}

/// The name that may have been meant, or the first of those there are.
fn near_or_all(name: &str, names: &[&str], owner: &str) -> String {
    if let Some(near) = closest(name, names.iter().copied()) {
        return format!("did you mean `{near}`?");
    }
    let listed: Vec<String> = names.iter().take(LISTED_NAMES).map(|name| format!("`{name}`")).collect();
    match (listed.as_slice(), names.len() > LISTED_NAMES) {
        ([], _) => format!("{owner} has no attributes or methods"),
        (_, true) => format!("{owner} has {}, … ", listed.join(", ")).trim_end().to_owned(),
        (_, false) => format!("{owner} has {} alone", listed.join(", ")),
    }
}
