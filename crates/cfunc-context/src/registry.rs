//! The frozen table of rules: interned, bucketed by operation, without look-ups by text while compiling operations.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_models::{Type, TypeConstructor, TypeTable, Value};
use smallvec::SmallVec;

use crate::rules::{
    AttributeTypingRule, CallableParameter, CastRule, ConstantRule, ConvertMemberRule, ConvertValueRule, FoldRule, TypeofRule, TypingRule,
    UnificationRule, ValueRole,
};
use crate::{
    CallableId, Conversion, ExtensionId, FoldArguments, Loss, LoweringRule, Operation, Resolution, RuleId, Signature,
    TypeSpec,
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
    pub(crate) fold: Option<FoldRule>,
    /// Folds for arguments of a kind of value, before the one for all others.
    pub(crate) kind_folds: Vec<(String, FoldRule)>,
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
}

/// Every rule of a context.
#[derive(Clone, Default)]
pub struct Registry {
    pub(crate) rules: Vec<RuleInfo>,
    /// Implementations by rule; `None` for rules that lower nothing.
    pub(crate) implementations: Vec<Option<LoweringRule>>,
    pub(crate) callables: Vec<CallableData>,
    pub(crate) exact: HashMap<(CallableId, SmallVec<[Type; 3]>), u32>,
    pub(crate) attributes: HashMap<(TypeConstructor, Arc<str>), CallableId>,
    pub(crate) methods: HashMap<(TypeConstructor, Arc<str>), CallableId>,
    pub(crate) setters: HashMap<(TypeConstructor, Arc<str>), CallableId>,
    pub(crate) generic_attributes: HashMap<TypeConstructor, GenericAttribute>,
    pub(crate) generic_setters: HashMap<TypeConstructor, GenericAttribute>,
    pub(crate) casts: HashMap<(Type, Type), Cast>,
    pub(crate) generic_casts: Vec<GenericCast>,
    pub(crate) unifications: HashMap<(Type, Type), Type>,
    pub(crate) unification_rules: Vec<UnificationRule>,
    pub(crate) constants: HashMap<TypeConstructor, (ConstantRule, RuleId)>,
    pub(crate) value_conversions: HashMap<TypeConstructor, ConvertValueRule>,
    pub(crate) member_conversions: HashMap<TypeConstructor, ConvertMemberRule>,
    /// By kind, and for every value; the latest first.
    pub(crate) typeof_rules: HashMap<String, Vec<TypeofRule>>,
    pub(crate) typeof_any: Vec<TypeofRule>,
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
    pub fn cast(&self, types: &TypeTable, from: Type, to: Type) -> Option<&Cast> {
        self.casts.get(&(from, to)).or_else(|| {
            self.generic_casts
                .iter()
                .filter(|generic| generic.from.matches(types, from) && generic.to.matches(types, to))
                .max_by_key(|generic| generic.from.specificity() + generic.to.specificity())
                .map(|generic| &generic.cast)
        })
    }

    /// The callable that reads an attribute of a type: one operand, the value.
    pub fn attribute(&self, types: &TypeTable, ty: Type, name: &str) -> Option<CallableId> {
        let constructor = types.definition(ty).constructor;
        // The key is borrowed only in part; attributes are few and reads of them rare enough for the copy.
        self.attributes.get(&(constructor, Arc::from(name))).copied()
    }

    /// The callable that writes an attribute of a type: operands are the value and what is written.
    pub fn setter(&self, types: &TypeTable, ty: Type, name: &str) -> Option<CallableId> {
        let constructor = types.definition(ty).constructor;
        self.setters.get(&(constructor, Arc::from(name))).copied()
    }

    /// The rules for reading an attribute that nothing is registered for by name.
    pub fn generic_attribute(&self, types: &mut TypeTable, ty: Type, name: &str) -> Option<Resolution> {
        let generic = self.generic_attributes.get(&types.definition(ty).constructor)?;
        let result = (generic.typing)(types, ty, name)?;
        let signature = Signature::new(&[ty], result);
        Some(Resolution::of_attribute(signature, generic.rule, name))
    }

    /// The rules for writing an attribute that nothing is registered for by name.
    pub fn generic_setter(&self, types: &mut TypeTable, ty: Type, name: &str) -> Option<Resolution> {
        let generic = self.generic_setters.get(&types.definition(ty).constructor)?;
        let written = (generic.typing)(types, ty, name)?;
        let signature = Signature::new(&[ty, written], Type::NONE);
        Some(Resolution::of_attribute(signature, generic.rule, name))
    }

    /// The callable of a method of a type: operands are the value and the arguments.
    pub fn method(&self, types: &TypeTable, ty: Type, name: &str) -> Option<CallableId> {
        let constructor = types.definition(ty).constructor;
        self.methods.get(&(constructor, Arc::from(name))).copied()
    }

    /// Names of the attributes and methods of a type, to suggest near ones.
    pub fn member_names(&self, types: &TypeTable, ty: Type) -> Vec<&str> {
        let constructor = types.definition(ty).constructor;
        let all = self.attributes.keys().chain(self.methods.keys());
        let mut names: Vec<&str> = all.filter(|(owner, _)| *owner == constructor).map(|(_, name)| &**name).collect();
        names.sort_unstable();
        names
    }

    /// The rule for constants of a type.
    pub fn constant(&self, types: &TypeTable, ty: Type) -> Option<&ConstantRule> {
        self.constants.get(&types.definition(ty).constructor).map(|(implementation, _)| implementation)
    }

    /// Which rule makes constants of a type.
    pub fn constant_rule(&self, types: &TypeTable, ty: Type) -> Option<RuleId> {
        self.constants.get(&types.definition(ty).constructor).map(|(_, rule)| *rule)
    }

    /// A value as one of a type, where the type accepts it: what is bound to a constant parameter or is a state's
    /// initial value.
    pub fn convert_value(&self, types: &TypeTable, ty: Type, value: &Value) -> Option<Value> {
        let constructor = types.definition(ty).constructor;
        match self.member_conversions.get(&constructor) {
            Some(rule) => rule(types, ty, value),
            None => self.value_conversions.get(&constructor).and_then(|rule| rule(value)),
        }
    }

    /// The type of a dynamic value: by the rules for its kind, then by those for every value; of each, the latest
    /// registered first.
    pub fn type_of(&self, types: &mut TypeTable, value: &Value, role: ValueRole) -> Option<Type> {
        let of_kind = self.typeof_rules.get(value.kind()).into_iter().flatten().rev();
        of_kind.chain(self.typeof_any.iter().rev()).find_map(|rule| rule(types, value, role))
    }

    /// The one type for values of two when paths meet.
    pub fn unify(&self, types: &mut TypeTable, left: Type, right: Type) -> Option<Type> {
        if left == right {
            return Some(left);
        }
        let fixed = self.unifications.get(&(left, right)).or_else(|| self.unifications.get(&(right, left)));
        if let Some(ty) = fixed {
            return Some(*ty);
        }
        self.unification_rules.iter().find_map(|rule| rule(types, left, right).or_else(|| rule(types, right, left)))
    }

    /// The compile-time evaluation of a callable for values of no kind that has a rule of its own.
    pub fn fold(&self, callable: CallableId) -> Option<&FoldRule> {
        self.callable(callable).fold.as_ref()
    }

    /// Whether a callable can be evaluated at compile time, for some arguments at least.
    pub fn is_foldable(&self, callable: CallableId) -> bool {
        let data = self.callable(callable);
        data.fold.is_some() || !data.kind_folds.is_empty()
    }

    /// What a callable gives for constants, or a message for the user: by the rule for the kind of an argument, the
    /// latest registered first, else by the rule for all values. `None` where there is no rule.
    pub fn evaluate(&self, callable: CallableId, arguments: &FoldArguments<'_>) -> Option<Result<Value, String>> {
        let data = self.callable(callable);
        let of_kind = |kind: &str| {
            let keywords = arguments.keywords.iter().map(|(_, value)| value);
            arguments.positional.iter().chain(keywords).any(|value| value.kind() == kind)
        };
        let special = data.kind_folds.iter().rev().find(|(kind, _)| of_kind(kind)).map(|(_, fold)| fold);
        special.or(data.fold.as_ref()).map(|fold| fold(arguments))
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Registry").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}
