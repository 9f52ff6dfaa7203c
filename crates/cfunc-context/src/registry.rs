//! The frozen table of rules: interned, bucketed by operation, looked up by number while compiling.

use std::borrow::Cow;

use cfunc_models::{Type, TypeConstructor, TypeTable, Value, ValueKind};
use cfunc_syntax::ast::{Member, MemberId, Name};
use foldhash::{HashMap, HashSet};
use smallvec::SmallVec;

use crate::foreign_registration::ForeignSymbols;
use crate::interner::{Interner, KindId, Kinds};
use crate::panics::asked;
use crate::resolve::{Misfit, Place, places};
use crate::rules::{
    AttributeTypingRule, CallableParameter, CastCondition, CastRule, ConstantRule, ConvertMemberRule, ConvertValueRule,
    FoldError, FoldRule, TypeofRule, TypingRule, UnificationRule, UntypedReason, UnwrapRule, ValueRole,
};
use crate::{
    CallableId, Conversion, CopyRule, ExtensionId, FoldArguments, Loss, LoweringRule, Operation, Ownership,
    RegistrationError, Resolution, ResolveError, RuleId, RuleUses, Signature, SnapshotRule, StateLifecycle, TypeSpec,
};

/// What is known of a rule, for dumps and diagnostics.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleInfo {
    /// What it is for: the callable's name and its types.
    pub name: String,
    /// Who registered it.
    pub extension: ExtensionId,
}

/// A typing rule that is a fixed signature.
#[derive(Clone)]
pub(crate) struct Overload {
    pub(crate) signature: Signature,
    pub(crate) rule: RuleId,
    /// The lowering rule of exactly these types, found when the registry is frozen.
    pub(crate) lowering: Option<RuleId>,
}

#[derive(Clone)]
pub(crate) struct Lowering {
    pub(crate) specs: Vec<TypeSpec>,
    pub(crate) rule: RuleId,
}

#[derive(Clone, Default)]
pub(crate) struct CallableData {
    pub(crate) name: String,
    /// Parameters, where keyword arguments are taken.
    pub(crate) parameters: Vec<CallableParameter>,
    pub(crate) overloads: Vec<Overload>,
    pub(crate) typers: Vec<(TypingRule, RuleId)>,
    pub(crate) lowerings: Vec<Lowering>,
    pub(crate) fold: Option<(FoldRule, RuleId)>,
    /// Folds for arguments of a kind of value, before the one for all others.
    pub(crate) kind_folds: Vec<(KindId, FoldRule, RuleId)>,
    /// The operands that calls assign to parts of.
    pub(crate) assigned: SmallVec<[usize; 1]>,
}

/// A conversion between two types.
#[derive(Clone)]
pub struct Cast {
    /// How far it changes a value.
    pub conversion: Conversion,
    /// What it loses, where it is lossy.
    pub loss: Option<Loss>,
    /// The rule's description.
    pub rule: RuleId,
    /// Emits it.
    pub implementation: CastRule,
}

#[derive(Clone)]
pub(crate) struct GenericCast {
    pub(crate) from: TypeSpec,
    pub(crate) to: TypeSpec,
    pub(crate) cast: Cast,
    /// Where the types decide if there is a conversion, and how far it goes.
    pub(crate) condition: Option<CastCondition>,
}

impl GenericCast {
    fn between<'a>(&'a self, registry: &Registry, types: &TypeTable, from: Type, to: Type) -> Option<Cow<'a, Cast>> {
        if !self.from.matches(types, from) || !self.to.matches(types, to) {
            return None;
        }
        let Some(condition) = &self.condition else { return Some(Cow::Borrowed(&self.cast)) };
        let (conversion, loss) = asked(self.cast.rule, None, || condition(registry, types, from, to))?;
        Some(Cow::Owned(Cast { conversion, loss, ..self.cast.clone() }))
    }
}

/// Unifies what the types of two paths are made of, for rules of compound types.
pub struct Unifier<'a> {
    registry: &'a Registry,
    asked: Vec<RuleId>,
}

impl Unifier<'_> {
    /// The one type for values of two.
    pub fn unify(&mut self, types: &mut TypeTable, left: Type, right: Type) -> Option<Type> {
        let (ty, rule) = self.registry.unify_by(self, types, left, right)?;
        self.asked.extend(rule);
        Some(ty)
    }
}

/// Every rule of a context.
#[derive(Clone, Default)]
pub struct Registry {
    /// What is wrong with registrations that have no result of their own; told when the context is built.
    pub(crate) problems: Vec<RegistrationError>,
    pub(crate) rules: Vec<RuleInfo>,
    /// Implementations by rule; `None` for rules that lower nothing.
    pub(crate) implementations: Vec<Option<LoweringRule>>,
    pub(crate) callables: Vec<CallableData>,
    pub(crate) exact: HashMap<(CallableId, SmallVec<[Type; 3]>), u32>,
    /// The names of attributes and methods, by [`MemberId`].
    pub(crate) members: Interner,
    pub(crate) attributes: HashMap<(TypeConstructor, MemberId), CallableId>,
    pub(crate) methods: HashMap<(TypeConstructor, MemberId), CallableId>,
    pub(crate) setters: HashMap<(TypeConstructor, MemberId), CallableId>,
    pub(crate) generic_attributes: HashMap<TypeConstructor, GenericAttribute>,
    pub(crate) generic_setters: HashMap<TypeConstructor, GenericAttribute>,
    pub(crate) casts: HashMap<(Type, Type), Cast>,
    /// The targets of `casts` by their source, and whether they lose nothing; made when the registry is frozen.
    pub(crate) cast_targets: HashMap<Type, Vec<(Type, bool)>>,
    pub(crate) generic_casts: Vec<GenericCast>,
    pub(crate) unifications: HashMap<(Type, Type), (Type, RuleId)>,
    pub(crate) unification_rules: Vec<(UnificationRule, RuleId)>,
    pub(crate) unwraps: HashMap<TypeConstructor, UnwrapRule>,
    /// In which type values are kept, by family.
    pub(crate) kept: HashMap<TypeConstructor, (crate::kept::KeptRule, RuleId)>,
    pub(crate) transients: HashSet<TypeConstructor>,
    /// Types that a declaration completes.
    pub(crate) incomplete: HashSet<TypeConstructor>,
    /// Callables that change none of their operands and keep none.
    pub(crate) readers: HashSet<CallableId>,
    /// Callables whose folds know what values of registered types are.
    pub(crate) record_folds: HashSet<CallableId>,
    /// Why values of a kind have no type.
    pub(crate) untyped: Vec<(KindId, UntypedReason)>,
    /// Callables whose first argument may be written in brackets.
    pub(crate) bracketed: HashSet<CallableId>,
    /// How a call gets a value of its own of a constant that it may change, by family.
    pub(crate) constant_copies: HashMap<TypeConstructor, (CopyRule, RuleId)>,
    pub(crate) constants: HashMap<TypeConstructor, (ConstantRule, RuleId)>,
    /// Code of states in the phases, by family.
    pub(crate) lifecycles: HashMap<TypeConstructor, StateLifecycle>,
    /// How states are saved, by family.
    pub(crate) snapshots: HashMap<TypeConstructor, (SnapshotRule, RuleId)>,
    /// Copying and releasing, by family of pointer types.
    pub(crate) ownerships: HashMap<TypeConstructor, Ownership>,
    pub(crate) value_conversions: HashMap<TypeConstructor, (ConvertValueRule, RuleId)>,
    pub(crate) member_conversions: HashMap<TypeConstructor, (ConvertMemberRule, RuleId)>,
    pub(crate) kinds: Kinds,
    /// How values are boxed and unboxed.
    pub(crate) boxing: crate::boxing::BoxingRules,
    /// By the number of the kind, and for every value; the latest last.
    pub(crate) typeof_rules: Vec<Vec<(TypeofRule, RuleId)>>,
    pub(crate) typeof_any: Vec<(TypeofRule, RuleId)>,
    /// The type that a rule gives all values.
    pub(crate) uniform_kinds: Vec<(RuleId, Type)>,
    /// Functions of hosts, by symbol.
    pub(crate) foreign: ForeignSymbols,
    /// Families of integers that are unsigned in C.
    pub(crate) unsigned_families: HashSet<TypeConstructor>,
}

/// The attributes of a family that are known by name only when a node names them.
#[derive(Clone)]
pub(crate) struct GenericAttribute {
    pub(crate) typing: AttributeTypingRule,
    pub(crate) rule: RuleId,
}

impl Registry {
    pub(crate) fn with_operations() -> Self {
        let callables = Operation::all()
            .map(|operation| CallableData { name: operation.name().to_owned(), ..CallableData::default() })
            .collect();
        Self { callables, ..Self::default() }
    }

    pub(crate) fn callable(&self, id: CallableId) -> &CallableData {
        &self.callables[id.0 as usize]
    }

    pub(crate) fn callable_mut(&mut self, id: CallableId) -> &mut CallableData {
        &mut self.callables[id.0 as usize]
    }

    /// As a user would say it.
    pub fn callable_name(&self, id: CallableId) -> &str {
        &self.callable(id).name
    }

    /// Whether any rule is registered for a callable.
    pub fn has_rules(&self, callable: impl Into<CallableId>) -> bool {
        let data = self.callable(callable.into());
        !data.overloads.is_empty() || !data.typers.is_empty()
    }

    /// The names of the rules that lower a callable, in the order of their registration.
    pub fn lowerings_of(&self, callable: CallableId) -> impl Iterator<Item = &str> {
        self.callable(callable).lowerings.iter().map(|lowering| &*self.rule(lowering.rule).name)
    }

    /// What is known of a rule.
    pub fn rule(&self, id: RuleId) -> &RuleInfo {
        &self.rules[id.0 as usize]
    }

    /// Every rule with its id. Of several rules for the same types the latest is in force, the others are listed too.
    pub fn rules(&self) -> impl Iterator<Item = (RuleId, &RuleInfo)> {
        (0u32..).map(RuleId).zip(&self.rules)
    }

    /// The implementation of a lowering rule.
    ///
    /// # Panics
    ///
    /// When the rule is none that lowers; resolutions name those alone.
    pub fn lowering(&self, id: RuleId) -> &LoweringRule {
        self.implementations[id.0 as usize].as_ref().expect("a resolution names a rule that lowers")
    }

    /// The conversion between two types, where there is one.
    pub fn cast(&self, types: &TypeTable, from: Type, to: Type) -> Option<Cow<'_, Cast>> {
        self.casts.get(&(from, to)).map(Cow::Borrowed).or_else(|| {
            self.generic_casts
                .iter()
                .filter_map(|generic| Some((generic, generic.between(self, types, from, to)?)))
                .max_by_key(|(generic, _)| generic.from.specificity() + generic.to.specificity())
                .map(|(_, cast)| cast)
        })
    }

    /// Whether values of a type are used where they are made, and not kept in locals.
    pub fn is_transient(&self, types: &TypeTable, ty: Type) -> bool {
        self.transients.contains(&types.definition(ty).constructor)
    }

    /// The type that a value of this one stands for where nothing is defined for its own.
    pub fn unwrapped(&self, types: &TypeTable, ty: Type) -> Option<Type> {
        self.unwraps.get(&types.definition(ty).constructor).and_then(|rule| rule(types, ty))
    }

    /// What the name of an attribute or method stands for. The transformer asks once for each that a source holds; the
    /// tables below are asked with the number.
    pub fn member(&self, name: &str) -> Member {
        self.members.find(name).map_or(Member::Unregistered, |number| Member::Registered(MemberId(number)))
    }

    /// The callable that reads an attribute of a type: one operand, the value.
    pub fn attribute(&self, types: &TypeTable, ty: Type, member: Member) -> Option<CallableId> {
        let own = self.attributes.get(&(types.definition(ty).constructor, member.registered()?)).copied();
        own.or_else(|| self.attribute(types, self.stands_for(types, ty)?, member))
    }

    /// The callable that writes an attribute of a type: operands are the value and what is written.
    pub fn setter(&self, types: &TypeTable, ty: Type, member: Member) -> Option<CallableId> {
        self.setters.get(&(types.definition(ty).constructor, member.registered()?)).copied()
    }

    /// The rules for reading an attribute that nothing is registered for by name.
    pub fn generic_attribute(&self, types: &mut TypeTable, ty: Type, name: &Name) -> Option<Resolution> {
        let Some(generic) = self.generic_attributes.get(&types.definition(ty).constructor) else {
            let held = self.unwrapped(types, ty)?;
            return self.generic_attribute(types, held, name);
        };
        let result = asked(generic.rule, None, || (generic.typing)(types, ty, name))?;
        let signature = Signature::new(&[ty], result);
        Some(Resolution::of_attribute(signature, generic.rule, name))
    }

    /// The rules for writing an attribute that nothing is registered for by name.
    pub fn generic_setter(&self, types: &mut TypeTable, ty: Type, name: &Name) -> Option<Resolution> {
        let generic = self.generic_setters.get(&types.definition(ty).constructor)?;
        let written = asked(generic.rule, None, || (generic.typing)(types, ty, name))?;
        let signature = Signature::new(&[ty, written], Type::NONE);
        Some(Resolution::of_attribute(signature, generic.rule, name))
    }

    /// The operands that an operation or call assigns to parts of: what has the attribute or element that is assigned to,
    /// else what [`Registrar::assigns_to`](crate::Registrar::assigns_to) says.
    pub fn assigned_operands(&self, resolution: &Resolution) -> &[usize] {
        const FIRST: &[usize] = &[0];
        let Some(callable) = resolution.callable else {
            let is_setter = self.generic_setters.values().any(|setter| setter.rule == resolution.typing);
            return if is_setter { FIRST } else { &[] };
        };
        let assignments = [Operation::SetItem, Operation::DeleteItem, Operation::CopyInto];
        if assignments.iter().any(|operation| operation.id() == callable) {
            return FIRST;
        }
        &self.callable(callable).assigned
    }

    /// The callable of a method of a type: operands are the value and the arguments.
    pub fn method(&self, types: &TypeTable, ty: Type, member: Member) -> Option<CallableId> {
        let own = self.methods.get(&(types.definition(ty).constructor, member.registered()?)).copied();
        own.or_else(|| self.method(types, self.stands_for(types, ty)?, member))
    }

    /// The type whose attributes and methods a value has beside its own, after a conversion to it: of a copy, that of the
    /// place, which it is put into.
    fn stands_for(&self, types: &TypeTable, ty: Type) -> Option<Type> {
        self.unwrapped(types, ty).or_else(|| types.place_of_copy(ty))
    }

    /// Names of the attributes and methods of a type, to suggest near ones.
    pub fn member_names<'a>(&'a self, types: &'a TypeTable, ty: Type) -> Vec<&'a str> {
        let constructor = types.definition(ty).constructor;
        let all = self.attributes.keys().chain(self.methods.keys());
        let mut names: Vec<&str> =
            all.filter(|(owner, _)| *owner == constructor).map(|(_, member)| self.members.text(member.0)).collect();
        if let Some((place, layout)) = types.struct_of(ty) {
            names.extend(layout.fields.iter().map(|field| field.name.as_str()));
            if place != ty {
                names.extend(self.member_names(types, place));
            }
        }
        if let Some(there) = types.place_of_address(ty) {
            names.extend(self.member_names(types, there));
        }
        names.sort_unstable();
        names.dedup();
        names
    }

    /// The rule for constants of a type, and its implementation.
    pub fn constant(&self, types: &TypeTable, ty: Type) -> Option<(&ConstantRule, RuleId)> {
        self.constants.get(&types.definition(ty).constructor).map(|(implementation, rule)| (implementation, *rule))
    }

    /// A value as one of a type, where the type accepts it: what is bound to a constant parameter or is a state's
    /// initial value. With the rule that says so.
    pub fn convert_value(&self, types: &TypeTable, ty: Type, value: &Value) -> Option<(Value, RuleId)> {
        let constructor = types.definition(ty).constructor;
        let (converted, rule) = match self.member_conversions.get(&constructor) {
            Some((convert, rule)) => (asked(*rule, None, || convert(types, ty, value)), rule),
            None => {
                let (convert, rule) = self.value_conversions.get(&constructor)?;
                (asked(*rule, None, || convert(self, types, ty, value)), rule)
            }
        };
        // A constant may be made of an object of the host, but is none.
        Some((converted.filter(|value| !value.has_host_object())?, *rule))
    }

    /// The rule by which a type accepts values.
    pub(crate) fn conversion_rule(&self, types: &TypeTable, ty: Type) -> Option<RuleId> {
        let constructor = types.definition(ty).constructor;
        let of_members = self.member_conversions.get(&constructor).map(|(_, rule)| *rule);
        of_members.or_else(|| self.value_conversions.get(&constructor).map(|(_, rule)| *rule))
    }

    /// Whether a declaration completes the type of a value.
    pub fn is_incomplete(&self, types: &TypeTable, ty: Type) -> bool {
        self.incomplete.contains(&types.definition(ty).constructor)
    }

    /// Whether a callable neither changes its operands nor keeps them.
    pub fn is_reader(&self, callable: CallableId) -> bool {
        self.readers.contains(&callable)
    }

    /// How a call gets a value of its own of a constant of a type, and the rule that says so.
    pub fn constant_copy(&self, types: &TypeTable, ty: Type) -> Option<(&CopyRule, RuleId)> {
        self.constant_copies.get(&types.definition(ty).constructor).map(|(copy, rule)| (copy, *rule))
    }

    /// The type of a dynamic value: by the rules for its kind, then by those for every value; of each, the latest
    /// registered first. With the rule that says so.
    pub fn type_of(&self, types: &mut TypeTable, value: &Value, role: ValueRole) -> Option<(Type, RuleId)> {
        if let Some(found) = value.built_in_kind().ok().and_then(|kind| self.uniform(kind)) {
            return Some(found);
        }
        // Nothing of an object of the host could be in a semantic key.
        if role == ValueRole::Constant && value.has_host_object() {
            return None;
        }
        let kind = self.kinds.of(value);
        let of_kind = kind.and_then(|kind| self.typeof_rules.get(kind.index())).into_iter().flatten().rev();
        let mut rules = of_kind.chain(self.typeof_any.iter().rev());
        rules.find_map(|(typeof_rule, rule)| {
            let ty = asked(*rule, None, || typeof_rule(self, types, value, role))?;
            Some((ty, *rule))
        })
    }

    /// The type of all values of a built-in kind, where it depends on nothing else.
    pub fn type_of_kind(&self, kind: ValueKind) -> Option<Type> {
        self.uniform(kind).map(|(ty, _)| ty)
    }

    /// With the rule that says so.
    fn uniform(&self, kind: ValueKind) -> Option<(Type, RuleId)> {
        let (_, latest) = self.typeof_rules.get(kind as usize)?.last()?;
        self.uniform_kinds.iter().find(|(rule, _)| rule == latest).map(|(rule, ty)| (*ty, *rule))
    }

    /// Why a value has no type, and what to do about it, where more is known than that no rule gives one.
    pub fn why_no_type(&self, types: &mut TypeTable, value: &Value) -> Option<(String, String)> {
        let kind = self.kinds.of(value)?;
        self.untyped.iter().rev().filter(|(known, _)| *known == kind).find_map(|(_, reason)| reason(types, value))
    }

    /// The one type for values of two when paths meet, with the rule that says so; none is asked where they are one.
    /// `uses` gets the rules that were asked for the types that theirs are made of.
    pub fn unify(
        &self,
        types: &mut TypeTable,
        left: Type,
        right: Type,
        uses: &mut RuleUses,
    ) -> Option<(Type, Option<RuleId>)> {
        let mut unifier = Unifier { registry: self, asked: Vec::new() };
        let found = self.unify_by(&mut unifier, types, left, right);
        unifier.asked.into_iter().for_each(|rule| uses.ask(rule));
        found
    }

    fn unify_by(
        &self,
        unifier: &mut Unifier<'_>,
        types: &mut TypeTable,
        left: Type,
        right: Type,
    ) -> Option<(Type, Option<RuleId>)> {
        if left == right {
            return Some((left, None));
        }
        let fixed = self.unifications.get(&(left, right)).or_else(|| self.unifications.get(&(right, left)));
        if let Some((ty, rule)) = fixed {
            return Some((*ty, Some(*rule)));
        }
        self.unification_rules.iter().find_map(|(unify, rule)| {
            let before = unifier.asked.len();
            let ty = asked(*rule, None, || {
                unify(unifier, types, left, right).or_else(|| {
                    unifier.asked.truncate(before);
                    unify(unifier, types, right, left)
                })
            })?;
            Some((ty, Some(*rule)))
        })
    }

    /// The compile-time evaluation of a callable for values of no kind that has a rule of its own.
    pub fn fold(&self, callable: CallableId) -> Option<&FoldRule> {
        self.callable(callable).fold.as_ref().map(|(fold, _)| fold)
    }

    /// Whether `name[T](…)` of a callable is `name(T, …)`.
    pub(crate) fn takes_type_in_brackets(&self, callable: CallableId) -> bool {
        self.bracketed.contains(&callable)
    }

    /// Whether a callable can be evaluated at compile time, for some arguments at least.
    pub fn is_foldable(&self, callable: CallableId) -> bool {
        let data = self.callable(callable);
        data.fold.is_some() || !data.kind_folds.is_empty()
    }

    /// Rules for all values know of no kinds of an extension: their messages would say what the node may not do, where it
    /// may, but not at compile time.
    fn fold_error(
        &self,
        callable: CallableId,
        arguments: &FoldArguments<'_>,
        special: bool,
        message: String,
    ) -> FoldError {
        let record = arguments.positional.iter().find(|value| matches!(value, Value::Record(..)));
        match record {
            Some(record) if !special && self.has_rules(callable) && !self.record_folds.contains(&callable) => {
                let (name, kind) = (self.callable_name(callable), record.kind());
                FoldError {
                    message: format!("`{name}` of a value of kind `{kind}` cannot be evaluated at compile time"),
                    hint: Some("begin with another value, and do it in the first tick".to_owned()),
                }
            }
            _ => FoldError::from(message),
        }
    }

    /// What a callable gives for constants, or what is wrong with them: by the rule for the kind of an argument, the
    /// latest registered first, else by the rule for all values. Where the callable names its parameters, keyword
    /// arguments and defaults come to their places first, as they do for typing rules. With the rule; `None` where there
    /// is none.
    pub fn evaluate(
        &self,
        callable: CallableId,
        arguments: &FoldArguments<'_>,
    ) -> Option<(Result<Value, FoldError>, RuleId)> {
        let data = self.callable(callable);
        let of_kind = |wanted: KindId| {
            let keywords = arguments.keywords.iter().map(|(_, value)| value);
            arguments.positional.iter().chain(keywords).any(|value| self.kinds.of(value) == Some(wanted))
        };
        let special = data.kind_folds.iter().rev().find(|(kind, ..)| of_kind(*kind));
        let (fold, rule) = match special {
            Some((_, fold, rule)) => (fold, rule),
            None => data.fold.as_ref().map(|(fold, rule)| (fold, rule))?,
        };
        let fold = |arguments: &FoldArguments<'_>| asked(*rule, None, || fold(arguments));
        let folded = match places(data, arguments.positional.len(), arguments.keywords) {
            Ok(None) => {
                fold(arguments).map_err(|message| self.fold_error(callable, arguments, special.is_some(), message))
            }
            Ok(Some(places)) => {
                let values: Vec<Value> = places
                    .iter()
                    .map(|place| match place {
                        Place::Default(_, default) => Value::clone(default),
                        Place::Given(position) => match position.checked_sub(arguments.positional.len()) {
                            None => arguments.positional[*position].clone(),
                            Some(keyword) => arguments.keywords[keyword].1.clone(),
                        },
                    })
                    .collect();
                fold(&FoldArguments { positional: &values, keywords: &[], exact: arguments.exact })
                    .map_err(FoldError::from)
            }
            Err(Misfit { reason, hint }) => {
                let error = ResolveError::Arguments { callable, arguments: Vec::new(), reason, hint: hint.clone() };
                Err(FoldError { message: error.describe(&TypeTable::new(), self), hint: Some(hint) })
            }
        };
        Some((folded, *rule))
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Registry").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}
