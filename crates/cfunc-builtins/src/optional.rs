//! `None` as a value among others: what is of one type or None, tests by `is`, and comparison with None.

use cfunc_context::{
    Argument, Conversion, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError, Registry,
    Signature, TypeSpec, TypingAnswer, TypingContext, exact,
};
use cfunc_ir::Value as IrValue;
use cfunc_models::{
    CellForm, DataModel, Field, NodeErrorKind, Representation, Type, TypeConstructor, TypeTable, Value,
};
use cfunc_syntax::ast::CompareOperator;

use crate::emit::{both, either};
use crate::struct_addresses::is_there;
use crate::tuple::{NOT_MINE, parts};
use crate::tuple_comparison::EQUAL;

/// The family of what may be None: whether it is there, then the value, which is zero where it is not.
#[derive(Clone, Copy)]
pub(crate) struct OptionalFamily {
    constructor: TypeConstructor,
}

impl OptionalFamily {
    /// The family.
    pub(crate) const fn constructor(self) -> TypeConstructor {
        self.constructor
    }

    /// The type of values of a type or None.
    pub(crate) fn of(self, types: &mut TypeTable, ty: Type) -> Option<Type> {
        if ty == Type::NONE || self.may_be_none(types, ty) {
            return Some(ty);
        }
        if ty == Type::OBJECT {
            return None;
        }
        let ty = types.kept(ty)?;
        let name = format!("Optional[{}]", types.written_name(ty));
        let fields = [("present", Type::BOOLEAN), ("value", ty)];
        let fields = fields.map(|(name, ty)| Field { name: name.to_owned(), ty }).into();
        Some(types.apply(self.constructor, &[ty], &name, DataModel::Fields(fields), CellForm::None))
    }

    /// Whether values of a type are tested for None when the node runs: these, and addresses that may be NULL.
    fn may_be_none(self, types: &TypeTable, ty: Type) -> bool {
        self.inner(types, ty).is_some() || types.place_of_address(ty).is_some()
    }

    /// What a type is where it is not None, where it may be None.
    pub(crate) fn inner(self, types: &TypeTable, ty: Type) -> Option<Type> {
        let definition = types.definition(ty);
        (definition.constructor == self.constructor).then(|| definition.parameters.first().copied()).flatten()
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> OptionalFamily {
    let optionals = OptionalFamily { constructor: registrar.types_mut().define_constructor("Optional") };
    registrar.unwrap_with(optionals.constructor, move |types, ty| optionals.inner(types, ty));
    registrar.unify_compound(move |unifier, types, left, right| {
        if left == Type::NONE {
            return optionals.of(types, right);
        }
        let left = optionals.inner(types, left)?;
        let right = optionals.inner(types, right).unwrap_or(right);
        let both = unifier.unify(types, left, right)?;
        optionals.of(types, both)
    });
    register_casts(registrar, optionals);
    register_identity(registrar, optionals);
    register_truth(registrar, optionals);
    register_equality(registrar, optionals);
    optionals
}

/// The names of the family in annotations of plain functions, beside `int | None`.
pub(crate) fn register_annotations(
    registrar: &mut Registrar<'_>,
    optionals: OptionalFamily,
) -> Result<(), RegistrationError> {
    for name in ["Optional", "typing.Optional"] {
        registrar.argument_family(name, move |types, parameters| match parameters {
            [ty] => {
                optionals.of(types, *ty).ok_or_else(|| format!("what is of type {} is never None", types.name(*ty)))
            }
            _ => Err(format!("`{name}` takes one type")),
        })?;
    }
    Ok(())
}

fn register_casts(registrar: &mut Registrar<'_>, optionals: OptionalFamily) {
    let family = || TypeSpec::Constructor(optionals.constructor);
    registrar.lower_cast(exact(Type::NONE), family(), Conversion::Safe, |b, _from, to, _operand| Ok(absent(b, to)));
    let condition = move |registry: &Registry, types: &TypeTable, from, to| {
        let inner = optionals.inner(types, to)?;
        if from == Type::NONE || optionals.inner(types, from).is_some() {
            return None;
        }
        if from == inner {
            return Some((Conversion::Promotion, None));
        }
        let conversion = registry.cast(types, from, inner)?.conversion;
        (conversion != Conversion::Lossy).then_some((Conversion::Safe, None))
    };
    registrar.lower_cast_where(TypeSpec::Any, family(), condition, move |b, _from, to, operand| {
        let inner = optionals.inner(b.types, to).ok_or_else(|| LowerError::new("nothing is optional here"))?;
        let value = b.cast(operand, inner)?;
        let present = Operand::scalar(Type::BOOLEAN, b.boolean(true));
        Ok(b.make(to, &[present, value]))
    });
    let condition = move |registry: &Registry, types: &TypeTable, from, to| {
        let inner = optionals.inner(types, from)?;
        if to == Type::NONE || optionals.inner(types, to).is_some() {
            return None;
        }
        if to == inner {
            return Some((Conversion::Promotion, None));
        }
        let cast = registry.cast(types, inner, to)?;
        Some((cast.conversion, cast.loss))
    };
    registrar.lower_cast_where(family(), TypeSpec::Any, condition, |b, _from, to, operand| {
        let fields = parts(b, &operand);
        let [present, value] = &fields[..] else { return Err(LowerError::new("nothing is optional here")) };
        let message = format!("None where a value of type {} is needed", b.types.name(value.ty));
        b.guard(present.value(), NodeErrorKind::TypeError, &message);
        b.cast(value.clone(), to)
    });
    let condition = move |registry: &Registry, types: &TypeTable, from, to| {
        let (from, to) = (optionals.inner(types, from)?, optionals.inner(types, to)?);
        let conversion = registry.cast(types, from, to)?.conversion;
        (conversion != Conversion::Lossy).then_some((conversion, None))
    };
    registrar.lower_cast_where(family(), family(), condition, move |b, _from, to, operand| {
        let fields = parts(b, &operand);
        let [present, value] = &fields[..] else { return Err(LowerError::new("nothing is optional here")) };
        let (value, inner) = (value.clone(), optionals.inner(b.types, to).unwrap_or(Type::NONE));
        // What is not there is not converted, which may fail.
        choose(
            b,
            present.value(),
            to,
            |b| {
                let value = b.cast(value, inner)?;
                let present = Operand::scalar(Type::BOOLEAN, b.boolean(true));
                Ok(b.make(to, &[present, value]))
            },
            |b| Ok(absent(b, to)),
        )
    });
}

/// What is not there.
fn absent(b: &mut LowerContext<'_, '_>, ty: Type) -> Operand {
    let types = b.types;
    let values: Vec<IrValue> = types.components(ty).iter().map(|component| b.zero(*component)).collect();
    Operand::new(ty, &values)
}

/// One of two values of a type by an i8; only the one is computed.
fn choose(
    b: &mut LowerContext<'_, '_>,
    condition: IrValue,
    ty: Type,
    if_true: impl FnOnce(&mut LowerContext<'_, '_>) -> Result<Operand, LowerError>,
    if_false: impl FnOnce(&mut LowerContext<'_, '_>) -> Result<Operand, LowerError>,
) -> Result<Operand, LowerError> {
    let types = b.types;
    let components = types.components(ty);
    let variables: Vec<_> =
        components.iter().map(|component: &Representation| b.declare_variable(*component)).collect();
    let (taken, not_taken, join) = (b.create_block(), b.create_block(), b.create_block());
    let define = |b: &mut LowerContext<'_, '_>, operand: &Operand| {
        for (variable, value) in variables.iter().zip(&operand.values) {
            b.define_variable(*variable, *value);
        }
        b.jump(join, &[]);
    };
    b.branch(condition, taken, not_taken);
    b.switch_to(taken);
    let operand = if_true(b)?;
    define(b, &operand);
    b.switch_to(not_taken);
    let operand = if_false(b)?;
    define(b, &operand);
    b.switch_to(join);
    let values: Vec<IrValue> = variables.iter().map(|variable| b.use_variable(*variable)).collect();
    Ok(Operand::new(ty, &values))
}

/// Whether a value is there: of what may be None its flag, None never, everything else always.
pub(crate) fn presence(b: &mut LowerContext<'_, '_>, optionals: OptionalFamily, operand: &Operand) -> IrValue {
    match optionals.inner(b.types, operand.ty) {
        Some(_) => operand.values[0],
        None if b.types.place_of_address(operand.ty).is_some() => is_there(b, operand),
        None => b.boolean(operand.ty != Type::NONE),
    }
}

/// The value of what may be None, without a look at whether it is there.
fn value_of(b: &LowerContext<'_, '_>, optionals: OptionalFamily, operand: &Operand) -> Operand {
    match optionals.inner(b.types, operand.ty) {
        Some(inner) => Operand::new(inner, &operand.values[1..]),
        None => operand.clone(),
    }
}

/// `x is None`.
fn register_identity(registrar: &mut Registrar<'_>, optionals: OptionalFamily) {
    let identity = Operation::Compare(CompareOperator::Is);
    registrar.type_callable(identity, move |call| {
        let [left, right] = call.arguments else { return NOT_MINE };
        let (left, right) = (left.ty, right.ty);
        let tested = match (left, right) {
            (Type::NONE, tested) | (tested, Type::NONE) => tested,
            _ => {
                let reason = "only None and members of one enumeration are compared by identity; write `==`";
                return TypingAnswer::No(reason.to_owned());
            }
        };
        let signature = Signature::new(&[left, right], Type::BOOLEAN);
        match optionals.may_be_none(call.types, tested) {
            true => TypingAnswer::Signature(signature),
            false => TypingAnswer::Known(signature, Value::Boolean(tested == Type::NONE)),
        }
    });
    let none = || exact(Type::NONE);
    for specs in [[none(), TypeSpec::Any], [TypeSpec::Any, none()], [none(), none()]] {
        registrar.lower_builtin(identity, specs, move |b, signature, operands| {
            let [left, right] = [0, 1].map(|index: usize| presence(b, optionals, &operands[index]));
            // One of the two is None.
            let any = either(b, left, right);
            Ok(Operand::scalar(signature.result, b.logical_not(any)))
        });
    }
}

fn register_truth(registrar: &mut Registrar<'_>, optionals: OptionalFamily) {
    registrar.type_callable(Operation::Truth, move |call| {
        let [tested] = call.arguments else { return NOT_MINE };
        let tested = tested.ty;
        let Some(inner) = optionals.inner(call.types, tested) else { return NOT_MINE };
        match crate::iteration::result_of(call, Operation::Truth, &[inner]) {
            Some(result) => TypingAnswer::Signature(Signature::new(&[tested], result)),
            None => NOT_MINE,
        }
    });
    let family = TypeSpec::Constructor(optionals.constructor);
    registrar.lower_builtin(Operation::Truth, [family], move |b, signature, operands| {
        let present = operands[0].values[0];
        let value = value_of(b, optionals, &operands[0]);
        choose(
            b,
            present,
            signature.result,
            |b| b.call(Operation::Truth, &[value]),
            |b| Ok(Operand::scalar(signature.result, b.boolean(false))),
        )
    });
}

/// None equals None alone.
fn register_equality(registrar: &mut Registrar<'_>, optionals: OptionalFamily) {
    for operator in [CompareOperator::Equal, CompareOperator::NotEqual] {
        let operation = Operation::Compare(operator);
        registrar.type_callable(operation, move |call| type_equality(call, optionals, operator));
        let (family, none) = (|| TypeSpec::Constructor(optionals.constructor), || exact(Type::NONE));
        // Each pair of which one may be None, so that the most specific is one.
        let pairs = [
            [family(), TypeSpec::Any],
            [TypeSpec::Any, family()],
            [family(), family()],
            [none(), TypeSpec::Any],
            [TypeSpec::Any, none()],
            [none(), none()],
            [family(), none()],
            [none(), family()],
        ];
        for specs in pairs {
            registrar.lower_builtin(operation, specs, move |b, signature, operands| {
                let equal = are_equal(b, optionals, operands)?;
                let result = if operator == CompareOperator::Equal { equal } else { b.logical_not(equal) };
                Ok(Operand::scalar(signature.result, result))
            });
        }
    }
}

fn are_equal(
    b: &mut LowerContext<'_, '_>,
    optionals: OptionalFamily,
    operands: &[Operand],
) -> Result<IrValue, LowerError> {
    let [left, right] = [0, 1].map(|index: usize| presence(b, optionals, &operands[index]));
    let pair = [0, 1].map(|index: usize| value_of(b, optionals, &operands[index]));
    if pair.iter().any(|operand| operand.ty == Type::NONE) {
        let any = either(b, left, right);
        return Ok(b.logical_not(any));
    }
    let there = both(b, left, right);
    let equal = choose(
        b,
        there,
        Type::BOOLEAN,
        |b| b.call(EQUAL, &pair),
        |b| {
            let any = either(b, left, right);
            Ok(Operand::scalar(Type::BOOLEAN, b.logical_not(any)))
        },
    )?;
    Ok(equal.value())
}

fn type_equality(call: &mut TypingContext<'_>, optionals: OptionalFamily, operator: CompareOperator) -> TypingAnswer {
    let [left, right] = call.arguments else { return NOT_MINE };
    let (left, right) = (left.ty, right.ty);
    let inner = [left, right].map(|ty| optionals.inner(call.types, ty));
    let signature = Signature::new(&[left, right], Type::BOOLEAN);
    let same = |equal: bool| Value::Boolean(equal == (operator == CompareOperator::Equal));
    match (left, right) {
        (Type::NONE, Type::NONE) => return TypingAnswer::Known(signature, same(true)),
        (Type::NONE, tested) | (tested, Type::NONE) if !optionals.may_be_none(call.types, tested) => {
            return TypingAnswer::Known(signature, same(false));
        }
        (Type::NONE, _) | (_, Type::NONE) => return TypingAnswer::Signature(signature),
        _ if inner == [None, None] => return NOT_MINE,
        _ => {}
    }
    let argument = |ty| Argument { ty, constant: None, span: call.span };
    let pair = [argument(inner[0].unwrap_or(left)), argument(inner[1].unwrap_or(right))];
    match call.resolve(EQUAL, &pair) {
        Ok(_) => TypingAnswer::Signature(signature),
        Err(error) => TypingAnswer::No(call.describe(&error)),
    }
}
