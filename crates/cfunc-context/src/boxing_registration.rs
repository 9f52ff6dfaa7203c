//! Registering how values are boxed and unboxed.

use std::sync::Arc;

use cfunc_models::{Type, TypeTable, Value, ValueKind};

use crate::boxing::SpecifiedRules;
use crate::{
    BoxError, BoxWord, BoxingContext, NativeCells, NativeValue, NativeWord, Registrar, RegistrationError, Registry,
    TypeSpec, UnboxRule, UnboxWord,
};

impl Registrar<'_> {
    /// Makes native values of dynamic ones, for arguments of calls with dynamic values. The rule is given the type that is
    /// wanted. What it answers has as many components as the type, or is an error that says why the value is none of the
    /// type; clean-ups that it adds run after the call, or where the call does not happen. The most specific rule for a type is used.
    pub fn unbox_value(
        &mut self,
        spec: TypeSpec,
        rule: impl Fn(&BoxingContext<'_>, Type, &Value) -> NativeValue + Send + Sync + 'static,
    ) {
        let name = format!("unbox({})", self.describe(&spec));
        if self.refused(&spec, &name) {
            return;
        }
        if let Some(first) = self.registry.boxing.unboxes.same(&spec) {
            return self.refuse_duplicate(first, name);
        }
        let Some(id) = self.new_rule(name) else { return };
        self.registry.boxing.unboxes.push(spec, Arc::new(rule), id);
    }

    /// As [`Registrar::unbox_value`], for a type of one component of at most 64 bits whose values need nothing but the dynamic
    /// value, as numbers are: `word` gives its bits, with zeros above those of the component. Where it gives none the
    /// other rule is asked, which says why. Calls with such arguments do without what rules cost otherwise.
    pub fn unbox_word(
        &mut self,
        spec: TypeSpec,
        word: UnboxWord,
        otherwise: impl Fn(&BoxingContext<'_>, Type, &Value) -> NativeValue + Send + Sync + 'static,
    ) {
        let next = self.registry.rules.len();
        self.unbox_value(spec, move |context, ty, value| match word(value) {
            Some(bits) => NativeValue::scalar(NativeWord::address(bits)),
            None => otherwise(context, ty, value),
        });
        // It may have been refused, or left out.
        if self.registry.rules.len() > next
            && let Some(rule) = self.registry.boxing.unboxes.latest()
        {
            self.registry.boxing.unbox_words.push((rule, word));
        }
    }

    /// As [`Registrar::box_value`], for a type of one component of at most 64 bits of which all bits are a value: `value` is
    /// given the bits, with zeros above those of the component.
    pub fn box_word(&mut self, spec: TypeSpec, value: BoxWord) {
        let next = self.registry.rules.len();
        #[expect(clippy::cast_possible_truncation, reason = "the component has at most 64 bits")]
        self.box_value(spec, move |_context, cells| Ok(value(cells.word().bits() as u64)));
        if self.registry.rules.len() > next
            && let Some(rule) = self.registry.boxing.boxes.latest()
        {
            self.registry.boxing.box_words.push((rule, value));
        }
    }

    /// As [`Registrar::unbox_value`], for records and objects of the host of a kind alone ([`Value::kind`]): how an object
    /// of a class of the host becomes a value of a type that has rules for other values already, such as a list. The build
    /// refuses the kinds that are built in.
    pub fn unbox_kind(
        &mut self,
        kind: &str,
        spec: TypeSpec,
        rule: impl Fn(&BoxingContext<'_>, Type, &Value) -> NativeValue + Send + Sync + 'static,
    ) {
        let name = format!("unbox({kind} as {})", self.describe(&spec));
        if self.refused(&spec, &name) {
            return;
        }
        if ValueKind::ALL.iter().any(|known| known.name() == kind) {
            return self
                .refuse(RegistrationError::Other(format!("{name}: values of kind {kind} have no rules of their own")));
        }
        let kind = self.registry.kinds.intern(kind);
        let known = self.registry.boxing.kind_unboxes.iter().find(|(known, _)| *known == kind);
        if let Some(first) = known.and_then(|(_, rules)| rules.same(&spec)) {
            return self.refuse_duplicate(first, name);
        }
        let Some(id) = self.new_rule(name) else { return };
        let all = &mut self.registry.boxing.kind_unboxes;
        match all.iter_mut().find(|(known, _)| *known == kind) {
            Some((_, rules)) => rules.push(spec, Arc::new(rule), id),
            None => {
                let mut rules = SpecifiedRules::default();
                rules.push(spec, Arc::new(rule) as UnboxRule, id);
                all.push((kind, rules));
            }
        }
    }

    /// Makes dynamic values of native ones, for results of calls with dynamic values, and for what a call changed. The
    /// value is let go after the rule, where it is made of plain data and containers; an object of another kind of
    /// pointers is the rule's to keep or let go. The most specific rule for a type is used.
    pub fn box_value(
        &mut self,
        spec: TypeSpec,
        rule: impl Fn(&BoxingContext<'_>, &NativeCells<'_>) -> Result<Value, BoxError> + Send + Sync + 'static,
    ) {
        let name = format!("box({})", self.describe(&spec));
        if self.refused(&spec, &name) {
            return;
        }
        if let Some(first) = self.registry.boxing.boxes.same(&spec) {
            return self.refuse_duplicate(first, name);
        }
        let Some(id) = self.new_rule(name) else { return };
        self.registry.boxing.boxes.push(spec, Arc::new(rule), id);
    }

    /// Says why values of a kind have no type as arguments of a call, where more is known than that: what is wrong with
    /// the value, and what to do about it.
    pub fn explain_untyped(
        &mut self,
        kind: &str,
        rule: impl Fn(&Registry, &mut TypeTable, &Value) -> Option<String> + Send + Sync + 'static,
    ) {
        let Some(id) = self.new_rule(format!("untyped({kind})")) else { return };
        let kind = self.registry.kinds.intern(kind);
        self.registry.boxing.untyped.push((kind, Arc::new(rule), id));
    }

    fn refused(&mut self, spec: &TypeSpec, name: &str) -> bool {
        let variable = matches!(spec, TypeSpec::VariableArguments(_));
        if variable {
            self.refuse(RegistrationError::Other(format!(
                "{name}: a rule is for one value, not for any number of them"
            )));
        }
        variable
    }
}
