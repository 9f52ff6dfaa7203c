//! Rules: how an operation or function is typed and lowered for given types.

use std::borrow::Cow;
use std::sync::Arc;

use cfunc_models::{Diagnostic, DiagnosticCode, Span, Type, TypeClass, TypeConstructor, TypeTable, Value};
use cfunc_syntax::ast::Name;
use smallvec::SmallVec;

use crate::{LowerContext, LowerError, Operand};

/// A rule of a registry, by its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RuleId(pub(crate) u32);

/// The concrete types of an operation: what arguments are cast to, and what comes out.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Signature {
    /// The type each argument is cast to, in order.
    pub parameters: SmallVec<[Type; 3]>,
    /// The type of the result.
    pub result: Type,
}

impl Signature {
    /// A signature.
    pub fn new(parameters: &[Type], result: Type) -> Self {
        Self { parameters: parameters.into(), result }
    }
}

/// A type specification of a rule.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum TypeSpec {
    /// One type.
    Exact(Type),
    /// Every type of a family.
    Constructor(TypeConstructor),
    /// Every type of a class of families.
    Class(TypeClass),
    /// Every type.
    Any,
    /// Any number of arguments, each as said; the last specification alone.
    VariableArguments(Box<TypeSpec>),
}

impl TypeSpec {
    /// Whether a type is one of the specified.
    pub fn matches(&self, types: &TypeTable, ty: Type) -> bool {
        match self {
            Self::Exact(expected) => *expected == ty,
            Self::Constructor(constructor) => types.definition(ty).constructor == *constructor,
            Self::Class(class) => types.is_in_class(*class, ty),
            Self::Any => true,
            Self::VariableArguments(each) => each.matches(types, ty),
        }
    }

    /// How specific it is; greater is more.
    pub(crate) fn specificity(&self) -> u32 {
        match self {
            Self::Exact(_) => 8,
            Self::Constructor(_) => 6,
            Self::Class(_) => 4,
            Self::Any => 2,
            Self::VariableArguments(each) => each.specificity() - 1,
        }
    }
}

/// The specification of one type.
pub const fn exact(ty: Type) -> TypeSpec {
    TypeSpec::Exact(ty)
}

/// An argument as a typing rule sees it.
#[derive(Clone, Debug, PartialEq)]
pub struct Argument {
    /// Its type.
    pub ty: Type,
    /// Its value, where it is known at compile time.
    pub constant: Option<Value>,
    /// Where it stands.
    pub span: Span,
}

/// What a typing rule may ask.
pub struct TypingContext<'a> {
    /// The types known so far; rules may add members of families.
    pub types: &'a mut TypeTable,
    /// The arguments in order.
    pub arguments: &'a [Argument],
    /// The keyword arguments.
    pub keywords: &'a [(Name, Argument)],
    /// Where the operation stands.
    pub span: Span,
    pub(crate) registry: &'a crate::Registry,
    pub(crate) uses: &'a mut crate::RuleUses,
}

impl<'a> TypingContext<'a> {
    /// The rules for another operation or function, as for this one.
    ///
    /// # Errors
    ///
    /// Why there are none; [`TypingContext::describe`] says it in a sentence.
    pub fn resolve(
        &mut self,
        callable: impl Into<crate::CallableId>,
        arguments: &[Argument],
    ) -> Result<crate::Resolution, crate::ResolveError> {
        let resolution = self.registry.resolve(self.types, callable.into(), arguments, &[], self.span, self.uses)?;
        self.uses.ask(resolution.typing);
        self.uses.ask(resolution.lowering);
        for (argument, parameter) in arguments.iter().zip(&resolution.signature.parameters) {
            if argument.ty != *parameter {
                let _conversion = self.cast(argument.ty, *parameter);
            }
        }
        Ok(resolution)
    }

    /// The one type for values of two, where there is one.
    pub fn unify(&mut self, left: Type, right: Type) -> Option<Type> {
        let (ty, rule) = self.registry.unify(self.types, left, right, self.uses)?;
        rule.into_iter().for_each(|rule| self.uses.ask(rule));
        Some(ty)
    }

    /// The conversion between two types, where there is one.
    pub fn cast(&mut self, from: Type, to: Type) -> Option<Cow<'a, crate::Cast>> {
        let cast = self.registry.cast(self.types, from, to)?;
        self.uses.ask(cast.rule);
        Some(cast)
    }

    /// Why there are no rules, in one sentence.
    pub fn describe(&self, error: &crate::ResolveError) -> String {
        error.describe(self.types, self.registry)
    }
}

/// What a typing rule says.
#[derive(Clone, Debug, PartialEq)]
pub enum TypingAnswer {
    /// The operation is defined so. Parameters stand for positional arguments, then keyword arguments in order, and are as
    /// many. One that has places for the positional arguments alone does not take the keyword arguments, which counts as
    /// [`TypingAnswer::No`]; any other number is an error of the rule (`E0901`).
    Signature(Signature),
    /// So too, and the types alone say what the result is: the length of a tuple, say.
    Known(Signature, Value),
    /// Not by this rule; why, for the list of candidates, which an empty reason keeps out of it.
    No(String),
    /// Nor by any other: this is wrong.
    Error(Box<Diagnostic>),
}

/// Decides the types of an operation.
pub type TypingRule = Arc<dyn Fn(&mut TypingContext<'_>) -> TypingAnswer + Send + Sync>;

/// Emits IR for an operation. Arguments have the types of the signature's parameters, the result has its result type.
pub type LoweringRule =
    Arc<dyn Fn(&mut LowerContext<'_, '_>, &Signature, &[Operand]) -> Result<Operand, LowerError> + Send + Sync>;

/// Emits IR for a conversion from the first type to the second.
pub type CastRule =
    Arc<dyn Fn(&mut LowerContext<'_, '_>, Type, Type, Operand) -> Result<Operand, LowerError> + Send + Sync>;

/// Emits IR for a constant of a type.
pub type ConstantRule =
    Arc<dyn Fn(&mut LowerContext<'_, '_>, Type, &Value) -> Result<Operand, LowerError> + Send + Sync>;

/// Converts a value to a type, where the type accepts it: for bound constants and initial states. `None`: not accepted.
pub type ConvertValueRule = Arc<dyn Fn(&crate::Registry, &TypeTable, Type, &Value) -> Option<Value> + Send + Sync>;

/// Converts a value to one type of a family, where the type accepts it. `None`: not accepted.
pub type ConvertMemberRule = Arc<dyn Fn(&TypeTable, Type, &Value) -> Option<Value> + Send + Sync>;

/// The type of two when paths meet; `None`: not by this rule. The unifier is for the types that theirs are made of.
pub type UnificationRule =
    Arc<dyn Fn(&mut crate::Unifier<'_>, &mut TypeTable, Type, Type) -> Option<Type> + Send + Sync>;

/// Whether a conversion between members of families is there for two types, how far it changes a value, and what it
/// loses.
pub type CastCondition =
    Arc<dyn Fn(&crate::Registry, &TypeTable, Type, Type) -> Option<(Conversion, Option<Loss>)> + Send + Sync>;

/// The type that a value of another stands for where nothing is defined for its own: of what may be None, say.
pub type UnwrapRule = Arc<dyn Fn(&TypeTable, Type) -> Option<Type> + Send + Sync>;

/// What a dynamic value is typed for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ValueRole {
    /// A constant of the source or of the context, or one bound to a parameter.
    Constant,
    /// An argument of a call with dynamic values.
    Argument,
}

/// Which dynamic values a rule is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum ValueSpec {
    /// Values of a kind ([`Value::kind`]): `int`, `tuple`, the name of a registered type.
    Kind(String),
    /// Every value.
    Any,
}

impl ValueSpec {
    /// The values of a kind.
    pub fn kind(kind: &str) -> Self {
        Self::Kind(kind.to_owned())
    }
}

/// Why a value of a kind has no type, and what to do about it.
pub(crate) type UntypedReason = Arc<dyn Fn(&mut TypeTable, &Value) -> Option<(String, String)> + Send + Sync>;

/// The type of a dynamic value; `None`: not by this rule. The registry is there for the values that it is made of.
pub type TypeofRule = Arc<dyn Fn(&crate::Registry, &mut TypeTable, &Value, ValueRole) -> Option<Type> + Send + Sync>;

/// The type of an attribute by its name; `None`: there is none of that name. For a read the type of the result, for a
/// write the type of what is written.
pub type AttributeTypingRule = Arc<dyn Fn(&mut TypeTable, Type, &str) -> Option<Type> + Send + Sync>;

/// A parameter of a callable that takes keyword arguments.
#[derive(Clone, Debug, PartialEq)]
pub struct CallableParameter {
    /// Its name.
    pub name: String,
    /// Its value where no argument is given.
    pub default: Option<Value>,
}

impl CallableParameter {
    /// A parameter that every call gives.
    pub fn required(name: &str) -> Self {
        Self { name: name.to_owned(), default: None }
    }

    /// A parameter with a default.
    pub fn with_default(name: &str, default: impl Into<Value>) -> Self {
        Self { name: name.to_owned(), default: Some(default.into()) }
    }
}

/// Constant arguments of a call that is evaluated at compile time.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldArguments<'a> {
    /// Positional arguments; all, where the callable names its parameters and the call fits them.
    pub positional: &'a [Value],
    /// Keyword arguments, of callables that do not name their parameters.
    pub keywords: &'a [(Name, Value)],
    /// Whether numbers are Python's own, as where a source is read: ints have no bounds
    /// ([`Value::LargeInteger`]), an int to a negative power is a float, and what raises is an error. Else they are what
    /// generated code has in the default error model.
    pub exact: bool,
}

/// Why a call cannot be evaluated at compile time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FoldError {
    /// What is wrong, for the user.
    pub message: String,
    /// What to do about it, where more is known than that the arguments are wrong.
    pub hint: Option<String>,
}

impl From<String> for FoldError {
    fn from(message: String) -> Self {
        Self { message, hint: None }
    }
}

/// Evaluates an operation on constants; the error is a message for the user.
pub type FoldRule = Arc<dyn Fn(&FoldArguments<'_>) -> Result<Value, String> + Send + Sync>;

/// How far a conversion changes a value; the order in which overloads are preferred.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Conversion {
    /// To a wider type of the same kind: bool to int.
    Promotion,
    /// To another kind, keeping the value as well as it can: int to float.
    Safe,
    /// Where a cell or an argument asks for it and the value may change: float to int. Never chosen by overloads.
    Lossy,
}

/// What a lossy conversion loses, for the warning where one is inserted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Loss {
    /// The code of the warning.
    pub code: DiagnosticCode,
    /// What happens: "the fraction is dropped".
    pub message: &'static str,
    /// What to write where it is meant, or instead: "write `int(…)` where it is meant".
    pub hint: &'static str,
    /// Whether a literal is refused (`E0302`) instead.
    pub refuses_literals: bool,
}
