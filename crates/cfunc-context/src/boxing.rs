//! Boxing and unboxing: dynamic values to native ones for a call, and back.
//!
//! A rule is for a specification of types, and the most specific one is in force, as with lowering rules. Unboxing gives a
//! [`NativeValue`], which may be an error and has clean-ups; boxing reads components ([`NativeCells`]) and may fail. Rules
//! of types that are made of others ask the [`BoxingContext`] for those, so that a list knows nothing of its elements.

use std::fmt;
use std::sync::Arc;

use cfunc_models::{DataModel, Representation, Span, Type, TypeTable, Value};
use smallvec::SmallVec;

use crate::native_containers::{ContainerBuilder, NativeContainer, NativeMemory, for_each_item};
use crate::panics::asked;
use crate::{
    ExtensionPanic, ItemsForm, NativeCells, NativeValue, NativeWord, Registry, RuleId, RuleUses, SnapshotForm,
    TypeSpec, UseKind, ValueRole, catch_panics,
};

/// Makes a native value of a type of a dynamic one.
pub type UnboxRule = Arc<dyn Fn(&BoxingContext<'_>, Type, &Value) -> NativeValue + Send + Sync>;

/// Makes a dynamic value of a native one.
pub type BoxRule = Arc<dyn Fn(&BoxingContext<'_>, &NativeCells<'_>) -> Result<Value, BoxError> + Send + Sync>;

/// Gives the one component of a dynamic value, where it is one of the type.
pub type UnboxWord = fn(&Value) -> Option<u64>;

/// Gives the dynamic value of one component.
pub type BoxWord = fn(u64) -> Value;

/// Says why a dynamic value of a kind has no type as an argument, where more is known than that; a sentence.
pub type UntypedRule = Arc<dyn Fn(&Registry, &mut TypeTable, &Value) -> Option<String> + Send + Sync>;

/// Why a native value could not be boxed, in a sentence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoxError {
    /// The sentence.
    pub message: String,
}

impl BoxError {
    /// An error.
    pub fn new(message: impl Into<String>) -> Self {
        Self { message: message.into() }
    }

    /// Says where it is: `element 2`.
    #[must_use]
    pub fn within(self, place: &str) -> Self {
        Self { message: format!("{place}: {}", self.message) }
    }
}

impl fmt::Display for BoxError {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for BoxError {}

/// The rules of a registry for one kind of conversion.
#[derive(Clone)]
pub(crate) struct SpecifiedRules<R> {
    rules: Vec<(TypeSpec, R, RuleId)>,
}

impl<R> Default for SpecifiedRules<R> {
    fn default() -> Self {
        Self { rules: Vec::new() }
    }
}

impl<R> SpecifiedRules<R> {
    /// The rule for the same specification, where there is one.
    pub(crate) fn same(&self, spec: &TypeSpec) -> Option<RuleId> {
        self.rules.iter().find(|(known, ..)| known == spec).map(|(.., rule)| *rule)
    }

    /// The rule that was added last.
    pub(crate) fn latest(&self) -> Option<RuleId> {
        self.rules.last().map(|(.., rule)| *rule)
    }

    pub(crate) fn push(&mut self, spec: TypeSpec, rule: R, id: RuleId) {
        self.rules.push((spec, rule, id));
    }

    /// The most specific rule for a type. An error are two that are equally specific: a type of two classes.
    fn of(&self, types: &TypeTable, ty: Type) -> Result<Option<(&R, RuleId)>, (RuleId, RuleId)> {
        let matching = || self.rules.iter().filter(|(spec, ..)| spec.matches(types, ty));
        let Some(most) = matching().map(|(spec, ..)| spec.specificity()).max() else { return Ok(None) };
        let mut best = matching().filter(|(spec, ..)| spec.specificity() == most);
        match (best.next(), best.next()) {
            (Some((.., first)), Some((.., second))) => Err((*first, *second)),
            (Some((_, rule, id)), None) => Ok(Some((rule, *id))),
            (None, _) => Ok(None),
        }
    }
}

/// The rules of boxing and unboxing of a registry.
#[derive(Clone, Default)]
pub(crate) struct BoxingRules {
    pub(crate) unboxes: SpecifiedRules<UnboxRule>,
    /// For records and objects of the host of a kind, before those above.
    pub(crate) kind_unboxes: Vec<(crate::interner::KindId, SpecifiedRules<UnboxRule>)>,
    pub(crate) boxes: SpecifiedRules<BoxRule>,
    /// What of the rules needs nothing but the value.
    pub(crate) unbox_words: Vec<(RuleId, UnboxWord)>,
    pub(crate) box_words: Vec<(RuleId, BoxWord)>,
    /// By the kind of value.
    pub(crate) untyped: Vec<(crate::interner::KindId, UntypedRule, RuleId)>,
}

/// How values of one type are unboxed: a rule that was looked up once.
#[derive(Clone)]
pub struct Unboxing {
    ty: Type,
    components: usize,
    /// `None` where there are rules for kinds of values alone.
    rule: Option<(UnboxRule, RuleId)>,
    /// The rules for records and objects of the host of a kind.
    kinds: Vec<(crate::interner::KindId, UnboxRule, RuleId)>,
    /// What of the rule needs nothing but the value.
    word: Option<UnboxWord>,
}

impl Unboxing {
    /// The type.
    pub const fn ty(&self) -> Type {
        self.ty
    }

    /// What gives the one component of values that are no records and no objects of the host, where there is that
    /// ([`crate::Registrar::unbox_word`]). Where it gives none, [`Unboxing::apply`] says why. Its panics go on as they are.
    pub const fn word(&self) -> Option<UnboxWord> {
        self.word
    }

    /// The native value of a dynamic one; an error where it is none of the type. The panic of a rule goes on as an
    /// [`crate::ExtensionPanic`], for [`crate::catch_panics`].
    #[inline]
    pub fn apply(&self, context: &BoxingContext<'_>, value: &Value) -> NativeValue {
        if !self.kinds.is_empty() && matches!(value, Value::Record(..) | Value::Host(_)) {
            let kind = context.registry.kinds.of(value);
            if let Some((_, rule, id)) = self.kinds.iter().find(|(known, ..)| Some(*known) == kind) {
                return self.apply_rule(context, value, rule, *id);
            }
        }
        match &self.rule {
            Some((rule, id)) => self.apply_rule(context, value, rule, *id),
            None => {
                let (name, kind) = (context.types.name(self.ty), value.kind());
                NativeValue::error(format!("no rule unboxes a value of kind {kind} as one of type {name}"))
            }
        }
    }

    #[inline]
    fn apply_rule(&self, context: &BoxingContext<'_>, value: &Value, rule: &UnboxRule, id: RuleId) -> NativeValue {
        let mut native = asked(id, None, || rule(context, self.ty, value));
        native.of_rule(id);
        if native.words().len() != self.components && !native.is_error() {
            return wrong_components(context, self, id, &native);
        }
        native
    }
}

#[cold]
fn wrong_components(context: &BoxingContext<'_>, unboxing: &Unboxing, id: RuleId, native: &NativeValue) -> NativeValue {
    NativeValue::error(format!(
        "{} answers with {} components, where {} has {}",
        context.registry.describe_rule(id),
        native.words().len(),
        context.types.name(unboxing.ty),
        unboxing.components,
    ))
}

impl fmt::Debug for Unboxing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Unboxing").field("ty", &self.ty).finish_non_exhaustive()
    }
}

/// How values of one type are boxed: a rule that was looked up once.
#[derive(Clone)]
pub struct Boxing {
    ty: Type,
    rule: BoxRule,
    id: RuleId,
    /// What of the rule needs nothing but the bits.
    word: Option<BoxWord>,
}

impl Boxing {
    /// What gives the value of the one component, where there is that ([`crate::Registrar::box_word`]). Its panics go on as
    /// they are.
    pub const fn word(&self) -> Option<BoxWord> {
        self.word
    }

    /// The type.
    pub const fn ty(&self) -> Type {
        self.ty
    }

    /// The rule.
    pub const fn rule(&self) -> RuleId {
        self.id
    }

    /// The dynamic value of a native one of the type. Panics go on as with [`Unboxing::apply`].
    ///
    /// # Errors
    ///
    /// Why there is none.
    #[inline]
    pub fn apply(&self, context: &BoxingContext<'_>, cells: &NativeCells<'_>) -> Result<Value, BoxError> {
        asked(self.id, None, || (self.rule)(context, cells))
    }
}

impl fmt::Debug for Boxing {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Boxing").field("ty", &self.ty).field("rule", &self.id).finish_non_exhaustive()
    }
}

/// What boxing and unboxing rules may ask.
#[derive(Clone, Copy)]
pub struct BoxingContext<'a> {
    registry: &'a Registry,
    types: &'a TypeTable,
    memory: &'a dyn NativeMemory,
}

impl<'a> BoxingContext<'a> {
    /// For values of these types, in the memory of whoever runs code.
    pub const fn new(registry: &'a Registry, types: &'a TypeTable, memory: &'a dyn NativeMemory) -> Self {
        Self { registry, types, memory }
    }

    /// All types.
    pub const fn types(&self) -> &'a TypeTable {
        self.types
    }

    /// All rules.
    pub const fn registry(&self) -> &'a Registry {
        self.registry
    }

    /// The native value of a dynamic one, by the rule of a type.
    pub fn unbox(&self, ty: Type, value: &Value) -> NativeValue {
        match self.unboxing(ty) {
            Ok(unboxing) => unboxing.apply(self, value),
            Err(message) => NativeValue::error(message),
        }
    }

    /// The rule that unboxes values of a type, to be used for many.
    ///
    /// # Errors
    ///
    /// That there is none, in a sentence.
    pub fn unboxing(&self, ty: Type) -> Result<Unboxing, String> {
        self.registry.unboxing(self.types, ty)
    }

    /// The dynamic value of a native one, by the rule of its type.
    ///
    /// # Errors
    ///
    /// Why there is none.
    pub fn box_value(&self, cells: &NativeCells<'_>) -> Result<Value, BoxError> {
        self.boxing(cells.ty())?.apply(self, cells)
    }

    /// The dynamic values of the parts that a value is made of, in order. Where one cannot be boxed, or its rule panics,
    /// those after it are boxed all the same: a rule is given a counted pointer to keep, which is lost where nobody asks it.
    ///
    /// # Errors
    ///
    /// Which part is the first that there is no value of, and why.
    pub fn box_parts(&self, parts: &[NativeCells<'_>]) -> Result<Vec<Value>, (usize, BoxError)> {
        let mut values = Vec::with_capacity(parts.len());
        let mut first: Option<Result<(usize, BoxError), ExtensionPanic>> = None;
        for (index, part) in parts.iter().enumerate() {
            match catch_panics(|| self.box_value(part)) {
                Ok(Ok(value)) => values.push(value),
                Ok(Err(error)) => _ = first.get_or_insert(Ok((index, error))),
                Err(panic) => _ = first.get_or_insert(Err(panic)),
            }
        }
        match first {
            None => Ok(values),
            Some(Ok(error)) => Err(error),
            Some(Err(panic)) => panic.resume(),
        }
    }

    /// The rule that boxes values of a type, to be used for many.
    ///
    /// # Errors
    ///
    /// That there is none, in a sentence.
    pub fn boxing(&self, ty: Type) -> Result<Boxing, BoxError> {
        self.registry.boxing(self.types, ty).map_err(BoxError::new)
    }

    /// Begins a container of a type, of about so many items.
    ///
    /// # Errors
    ///
    /// Why there is none: no memory, or values of the type are no containers of items.
    pub fn container(&self, ty: Type, count: usize) -> Result<ContainerBuilder, String> {
        NativeContainer::build(self.types, self.memory.containers(self.types, ty)?, count)
    }

    /// Gives every item of a container, of each the values that it is made of: of a list the element, of a dict key and
    /// value.
    ///
    /// # Errors
    ///
    /// The first of `each`; that the value is no container, or none is there (its address is NULL).
    pub fn for_each_item(
        &self,
        container: &NativeCells<'_>,
        each: &mut dyn FnMut(&[NativeCells<'_>]) -> Result<(), BoxError>,
    ) -> Result<(), BoxError> {
        let calls = self.memory.containers(self.types, container.ty()).map_err(BoxError::new)?;
        match container.word().bits() as u64 {
            0 => Err(BoxError::new("there is no container: its address is NULL")),
            // SAFETY: cells are made for values that are there, by whoever vouches for it; the type is one of containers.
            address => unsafe { for_each_item(self.types, &*calls, address, each) },
        }
    }

    /// The address of an object of the host's, by the name that the host registered it under.
    pub fn object(&self, name: &str) -> Option<NativeWord> {
        self.memory.object(name).map(NativeWord::address)
    }

    /// The name of an object of the host's, by its address.
    pub fn object_at(&self, address: NativeWord) -> Option<&'a str> {
        self.memory.object_at(address.as_int64().cast_unsigned())
    }

    /// Lets go of a value that native code gave away, with all containers in it: those whose families say how they are
    /// released. Of other pointers nothing is known; the box rule of such a type is given the value to keep.
    ///
    /// # Safety
    ///
    /// The words are the components of a value of the type, which the caller owns, and does not own afterwards.
    pub unsafe fn release(&self, ty: Type, words: &[NativeWord]) {
        match &self.types.definition(ty).model {
            DataModel::Empty => {}
            DataModel::Scalar(Representation::Pointer) => {
                let address = words.first().map_or(0, |word| word.as_int64().cast_unsigned());
                if address != 0
                    && let Ok(calls) = self.memory.containers(self.types, ty)
                {
                    // SAFETY: the caller's promise: a container of the type's family, owned by the caller.
                    unsafe { calls.release(address) };
                }
            }
            DataModel::Scalar(_) => {}
            DataModel::Fields(fields) => {
                let mut rest = words;
                for field in fields {
                    let count = self.types.components(field.ty).len().min(rest.len());
                    let (part, after) = rest.split_at(count);
                    rest = after;
                    if self.types.components(field.ty).contains(&Representation::Pointer) {
                        // SAFETY: the caller's promise holds for each part.
                        unsafe { self.release(field.ty, part) };
                    }
                }
            }
        }
    }
}

impl fmt::Debug for BoxingContext<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("BoxingContext").finish_non_exhaustive()
    }
}

impl Registry {
    /// The rule that unboxes values of a type.
    ///
    /// # Errors
    ///
    /// That there is none, in a sentence.
    pub fn unboxing(&self, types: &TypeTable, ty: Type) -> Result<Unboxing, String> {
        let mut kinds = Vec::new();
        for (kind, rules) in &self.boxing.kind_unboxes {
            match self.boxing_rule(rules, types, ty) {
                Ok(Some((rule, id))) => kinds.push((*kind, Arc::clone(rule), id)),
                Ok(None) => {}
                Err(ambiguous) => return Err(ambiguous),
            }
        }
        let rule = self.boxing_rule(&self.boxing.unboxes, types, ty)?;
        let rule = rule.map(|(rule, id)| (Arc::clone(rule), id));
        if rule.is_none() && kinds.is_empty() {
            return Err(format!("no rule unboxes values of type {}", types.name(ty)));
        }
        let components = types.components(ty);
        let is_word = matches!(components.as_slice(), [one] if one.size() <= 8);
        let words = self.boxing.unbox_words.iter().filter(|_| is_word);
        let word =
            rule.as_ref().and_then(|(_, id)| words.clone().find(|(known, _)| known == id).map(|(_, word)| *word));
        Ok(Unboxing { ty, components: components.len(), rule, kinds, word })
    }

    /// The rule that boxes values of a type.
    ///
    /// # Errors
    ///
    /// That there is none, in a sentence.
    pub fn boxing(&self, types: &TypeTable, ty: Type) -> Result<Boxing, String> {
        match self.boxing_rule(&self.boxing.boxes, types, ty)? {
            Some((rule, id)) => {
                let is_word = matches!(types.components(ty).as_slice(), [one] if one.size() <= 8);
                let word = self.boxing.box_words.iter().find(|(known, _)| *known == id && is_word);
                Ok(Boxing { ty, rule: Arc::clone(rule), id, word: word.map(|(_, value)| *value) })
            }
            None => Err(format!("no rule boxes values of type {}", types.name(ty))),
        }
    }

    /// The rule for a type, where there is one.
    ///
    /// # Errors
    ///
    /// That two are equally specific.
    fn boxing_rule<'a, R>(
        &self,
        rules: &'a SpecifiedRules<R>,
        types: &TypeTable,
        ty: Type,
    ) -> Result<Option<(&'a R, RuleId)>, String> {
        rules.of(types, ty).map_err(|(first, second)| {
            let (first, second) = (self.describe_rule(first), self.describe_rule(second));
            format!("{first} and {second} are equally specific for {}", types.name(ty))
        })
    }

    /// Records that values of a type are unboxed, and those that they are made of, for a function at a place.
    pub fn note_unboxing(&self, types: &TypeTable, ty: Type, span: Span, uses: &mut RuleUses) {
        self.note_boxing_rule(UseKind::Unbox, &self.boxing.unboxes, types, (ty, span), uses);
    }

    /// Records that values of a type are boxed, and those that they are made of, for a function at a place.
    pub fn note_boxing(&self, types: &TypeTable, ty: Type, span: Span, uses: &mut RuleUses) {
        self.note_boxing_rule(UseKind::Box, &self.boxing.boxes, types, (ty, span), uses);
    }

    fn note_boxing_rule<R>(
        &self,
        kind: UseKind,
        rules: &SpecifiedRules<R>,
        types: &TypeTable,
        (ty, span): (Type, Span),
        uses: &mut RuleUses,
    ) {
        let mut seen: SmallVec<[Type; 8]> = SmallVec::new();
        let mut waiting: SmallVec<[Type; 8]> = SmallVec::from_slice(&[ty]);
        while let Some(ty) = waiting.pop() {
            if seen.contains(&ty) {
                continue;
            }
            seen.push(ty);
            if let Ok(Some((_, rule))) = rules.of(types, ty) {
                uses.add(kind, rule, span, &[ty], ty);
            }
            let definition = types.definition(ty);
            waiting.extend(definition.parameters.iter().rev().copied());
            match (&definition.model, types.struct_of(ty)) {
                (_, Some((_, layout))) => waiting.extend(layout.fields.iter().rev().map(|field| field.ty)),
                (DataModel::Fields(fields), None) => waiting.extend(fields.iter().rev().map(|field| field.ty)),
                (DataModel::Empty | DataModel::Scalar(_), None) => {}
            }
        }
    }

    /// Why a dynamic value has no type as an argument, in a sentence.
    pub fn explain_untyped(&self, types: &mut TypeTable, value: &Value) -> String {
        let kind = self.kinds.of(value);
        let mut rules = self.boxing.untyped.iter().filter(|(of, ..)| Some(*of) == kind).rev();
        let reason = rules.find_map(|(_, rule, id)| asked(*id, None, || rule(self, types, value)));
        let reason = reason.or_else(|| self.why_no_type(types, value).map(|(reason, _hint)| reason));
        reason.unwrap_or_else(|| format!("a value of kind {} has no type as an argument", value.kind()))
    }

    /// The type of a dynamic value as an argument of a call.
    ///
    /// # Errors
    ///
    /// Why it has none, in a sentence.
    pub fn type_of_argument(&self, types: &mut TypeTable, value: &Value) -> Result<Type, String> {
        match self.type_of(types, value, ValueRole::Argument) {
            Some((ty, _)) => Ok(ty),
            None => Err(self.explain_untyped(types, value)),
        }
    }
}

impl Registry {
    /// How containers of a type are made, read and let go.
    ///
    /// # Errors
    ///
    /// Why they are not, in a sentence.
    pub fn items_form(&self, types: &TypeTable, ty: Type) -> Result<ItemsForm, String> {
        match self.snapshot_form(types, ty) {
            SnapshotForm::Items(items) => Ok(items),
            SnapshotForm::Plain => Err(format!("values of type {} are no containers", types.name(ty))),
            SnapshotForm::Refused(reason) => Err(format!("values of type {}: {reason}", types.name(ty))),
        }
    }
}
