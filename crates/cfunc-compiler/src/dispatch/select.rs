//! Which signature a call is of: the types of its arguments, or the one of those that were given that they convert to best.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use cfunc_context::{Conversion, ModuleScope};
use cfunc_models::{CellForm, Diagnostics, Type, TypeTable, Value};
use cfunc_syntax::ast::FunctionDefinition;

use super::specialisation::{Given, Specialisation};
use super::{Arranged, Dispatcher};
use crate::{ArgumentTypes, CallError};

/// The signatures that were given.
#[derive(Debug)]
pub(crate) struct Signatures {
    pub(crate) all: Vec<Box<[Type]>>,
    /// Whether calls are for these alone.
    pub(crate) is_closed: bool,
}

impl Signatures {
    /// The signatures as types of a table.
    pub(crate) fn resolve(
        scope: &ModuleScope<'_>,
        types: &mut TypeTable,
        definition: &FunctionDefinition,
        given: &[ArgumentTypes],
        is_closed: bool,
    ) -> Result<Self, Diagnostics> {
        let mut all = Vec::with_capacity(given.len());
        for one in given {
            all.push(one.resolve_in(scope, types, definition)?.into());
        }
        Ok(Self { all, is_closed })
    }
}

/// How far a type is from another one that its values are given for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Distance {
    Same,
    Promotion,
    Safe,
    /// The values say whether they fit: of a container, what has no type.
    Unknown,
}

impl Dispatcher {
    /// The specialisation for arguments, compiled where it is not there.
    pub(super) fn select(&self, arguments: &Arranged<'_>) -> Result<Arc<Specialisation>, CallError> {
        let mut types = TypeTable::layer(&self.types);
        let mut own = Vec::with_capacity(arguments.0.len());
        for (index, argument) in arguments.0.iter().enumerate() {
            own.push(self.type_of(&mut types, index, argument)?);
        }
        let signature = if self.signatures.is_closed { Some(self.best(&types, &own, arguments)?) } else { None };
        let chosen = signature.map(|index| &*self.signatures.all[index]);
        let mut given = Vec::with_capacity(own.len());
        for (index, (ty, argument)) in own.into_iter().zip(&arguments.0).enumerate() {
            let wanted = chosen.and_then(|signature| signature.get(index).copied());
            given.push(self.given(&types, index, (ty, argument), wanted)?);
        }
        self.specialisation(types, given, signature, false)
    }

    /// The type that an argument is given as, where a signature wants one; `None` for a default.
    fn given(
        &self,
        types: &TypeTable,
        index: usize,
        (own, argument): (Typed, &Given<'_>),
        wanted: Option<Type>,
    ) -> Result<Option<Type>, CallError> {
        let target = wanted.or(self.declared[index]);
        let (ty, target) = match (own, target) {
            (Typed::Default, _) => return Ok(None),
            (Typed::Untyped(_), Some(target)) => return Ok(Some(target)),
            (Typed::Untyped(message), None) => return Err(self.typing(index, message)),
            (Typed::Of(ty), None) => return Ok(Some(ty)),
            (Typed::Of(ty), Some(target)) => (ty, target),
        };
        // What does not convert natively may be unboxed as what the parameter takes: an element of a list at a time.
        let converts = self.distance(types, ty, target).is_some_and(|far| far < Distance::Unknown);
        match argument {
            Given::Container(container) if !converts => {
                let expected = types.written_name(target);
                let message = format!("{expected} expected, not a container of type {}", container.type_name());
                Err(self.typing(index, message))
            }
            // Code that was compiled ahead does, where the value is unboxed as one of its type.
            Given::Value(value) if converts && !(wanted.is_some() && self.is_unboxed_as(types, target, value)) => {
                Ok(Some(ty))
            }
            Given::Container(_) => Ok(Some(ty)),
            Given::Value(_) | Given::Default => Ok(Some(target)),
        }
    }

    /// Whether the rule of a type is known to unbox a value: where it needs nothing but the value.
    fn is_unboxed_as(&self, types: &TypeTable, ty: Type, value: &Value) -> bool {
        if matches!(value, Value::Record(..) | Value::Host(_)) {
            return false;
        }
        let unboxing = self.context.registry().unboxing(types, ty);
        let word = unboxing.ok().and_then(|unboxing| unboxing.word());
        // A panic is told where the value is unboxed.
        word.is_some_and(|word| catch_unwind(AssertUnwindSafe(|| word(value))).is_ok_and(|word| word.is_some()))
    }

    fn type_of(&self, types: &mut TypeTable, index: usize, argument: &Given<'_>) -> Result<Typed, CallError> {
        Ok(match argument {
            Given::Default => Typed::Default,
            Given::Value(value) => match self.context.registry().type_of_argument(types, value) {
                Ok(ty) => Typed::Of(ty),
                Err(message) => Typed::Untyped(message),
            },
            Given::Container(container) => {
                if !container.context().is_same(&self.context) {
                    let message = "the container is of another context".to_owned();
                    return Err(self.typing(index, message));
                }
                let ty = container.type_in(types);
                let message = || format!("a container of type {} of another source", container.type_name());
                Typed::Of(ty.ok_or_else(|| self.typing(index, message()))?)
            }
        })
    }

    /// The signature that arguments fit best; of several the first.
    fn best(&self, types: &TypeTable, own: &[Typed], arguments: &Arranged<'_>) -> Result<usize, CallError> {
        let distances = |signature: &[Type]| -> Option<Vec<Distance>> {
            if signature.len() > own.len() {
                return None;
            }
            let wanted = signature.iter().copied().map(Some).chain(std::iter::repeat(None));
            let each = own.iter().zip(&arguments.0).zip(wanted).map(|((own, argument), wanted)| match (own, wanted) {
                (Typed::Default, _) => Some(Distance::Same),
                (Typed::Of(ty), Some(wanted)) => {
                    let distance = self.distance(types, *ty, wanted);
                    // The elements of a container are not looked at one by one.
                    let is_open = matches!(argument, Given::Container(_)) && distance == Some(Distance::Unknown);
                    distance.filter(|_| !is_open)
                }
                (Typed::Untyped(_), Some(_)) => Some(Distance::Unknown),
                (Typed::Of(_) | Typed::Untyped(_), None) => None,
            });
            each.collect()
        };
        // Fewer conversions of the worst kind, then of the next: an int for a float is worse than any number of promotions.
        let cost = |each: &[Distance]| {
            let count = |of: Distance| each.iter().filter(|one| **one == of).count();
            [count(Distance::Unknown), count(Distance::Safe), count(Distance::Promotion)]
        };
        let fitting = self.signatures.all.iter().enumerate();
        let fitting = fitting.filter_map(|(index, signature)| Some((cost(&distances(signature)?), index)));
        let best = fitting.min();
        best.map(|(_, index)| index).ok_or_else(|| {
            let given: Vec<Option<Type>> = own.iter().map(Typed::ty).collect();
            self.no_signature(types, &given)
        })
    }

    fn distance(&self, types: &TypeTable, from: Type, to: Type) -> Option<Distance> {
        if from == to {
            return Some(Distance::Same);
        }
        match self.context.registry().cast(types, from, to).map(|cast| cast.conversion) {
            Some(Conversion::Promotion) => Some(Distance::Promotion),
            Some(Conversion::Safe) => Some(Distance::Safe),
            Some(Conversion::Lossy) => None,
            None => {
                let (from, to) = (types.definition(from), types.definition(to));
                let alike = from.constructor == to.constructor && to.cell == CellForm::Container;
                alike.then_some(Distance::Unknown)
            }
        }
    }

    fn typing(&self, index: usize, message: String) -> CallError {
        let argument = self.parameters.all.get(index).map(|parameter| parameter.name.to_string());
        CallError::Typing { argument, message }
    }

    pub(super) fn no_signature(&self, types: &TypeTable, given: &[Option<Type>]) -> CallError {
        let list = |types: &TypeTable, all: &mut dyn Iterator<Item = Option<Type>>| {
            let names: Vec<&str> = all.map(|ty| ty.map_or("...", |ty| types.written_name(ty))).collect();
            format!("({})", names.join(", "))
        };
        let known = self.signatures.all.iter();
        let known: Vec<String> =
            known.map(|signature| list(&self.types, &mut signature.iter().copied().map(Some))).collect();
        let message = format!(
            "`{}` is compiled for {} alone, and {} is none that converts to one",
            self.name,
            known.join(", "),
            list(types, &mut given.iter().copied())
        );
        CallError::Typing { argument: None, message }
    }
}

/// What is known of the type of an argument.
#[derive(Clone, Debug)]
enum Typed {
    Of(Type),
    /// It has none by itself; why.
    Untyped(String),
    Default,
}

impl Typed {
    const fn ty(&self) -> Option<Type> {
        match self {
            Self::Of(ty) => Some(*ty),
            Self::Untyped(_) | Self::Default => None,
        }
    }
}
