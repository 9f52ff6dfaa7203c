//! The frozen table of rules: interned, bucketed by operation, without look-ups by text while compiling operations.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_models::{Type, TypeConstructor, TypeTable, Value};
use smallvec::SmallVec;

use crate::rules::{CastRule, ConstantRule, ConvertValueRule, FoldRule, TypeofRule, TypingRule, UnificationRule};
use crate::{CallableId, Conversion, ExtensionId, Loss, LoweringRule, Operation, RuleId, Signature, TypeSpec};

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
    /// Parameter names, where keyword arguments are taken.
    pub(crate) parameter_names: Vec<String>,
    pub(crate) overloads: Vec<Overload>,
    pub(crate) typers: Vec<(TypingRule, RuleId)>,
    pub(crate) lowerings: Vec<Lowering>,
    pub(crate) fold: Option<FoldRule>,
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
    pub(crate) casts: HashMap<(Type, Type), Cast>,
    pub(crate) generic_casts: Vec<GenericCast>,
    pub(crate) unifications: HashMap<(Type, Type), Type>,
    pub(crate) unification_rules: Vec<UnificationRule>,
    pub(crate) constants: HashMap<TypeConstructor, ConstantRule>,
    pub(crate) value_conversions: HashMap<TypeConstructor, ConvertValueRule>,
    pub(crate) typeof_rules: Vec<TypeofRule>,
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

    /// What is known of a rule.
    pub fn rule(&self, id: RuleId) -> &RuleInfo {
        &self.rules[id.0 as usize]
    }

    /// Every rule with its id.
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
        self.constants.get(&types.definition(ty).constructor)
    }

    /// A value as one of a type, where the type accepts it: what is bound to a constant parameter or is a state's
    /// initial value.
    pub fn convert_value(&self, types: &TypeTable, ty: Type, value: &Value) -> Option<Value> {
        self.value_conversions.get(&types.definition(ty).constructor).and_then(|rule| rule(value))
    }

    /// The type of a dynamic value: the first rule that knows it.
    pub fn type_of(&self, types: &mut TypeTable, value: &Value) -> Option<Type> {
        self.typeof_rules.iter().find_map(|rule| rule(types, value))
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

    /// The compile-time evaluation of a callable.
    pub fn fold(&self, callable: CallableId) -> Option<&FoldRule> {
        self.callable(callable).fold.as_ref()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.debug_struct("Registry").field("rules", &self.rules.len()).finish_non_exhaustive()
    }
}
