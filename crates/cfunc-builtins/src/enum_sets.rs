//! Sets of members of an enumeration: their types, how they are made, constants, membership.
//!
//! A set is an integer with a bit for each member, at the position that the member's value is: a value as an int is, and
//! not an object that two names could share. Members that come from cells may be any integer; one that is no position
//! within the width is in no set, and is not put into one.

use cfunc_context::{
    Argument, CallableId, ExpressionNode, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError,
    Signature, TypeSpec, TypingAnswer, TypingContext, ValueSpec,
};
use cfunc_ir::{BinaryOperation, ConvertOperation, IntegerCondition, Value as IrValue};
use cfunc_models::{
    AbiConfig, Diagnostic, NodeErrorKind, Representation, Type, TypeConstructor, TypeTable, Value, codes,
};
use cfunc_syntax::ast::ExpressionKind;
use cfunc_syntax::builders;

use crate::emit::both;
use crate::enumeration::{number_of, widened};
use crate::enumeration_class::ClassFamily;
use crate::tuple::NOT_MINE;

/// The name of the family, and of the function that makes sets.
pub(crate) const NAME: &str = Value::SET_KIND;

/// The family of sets; the parameter of each is the type of the members.
#[derive(Clone, Copy)]
pub(crate) struct SetFamily {
    pub(crate) constructor: TypeConstructor,
    classes: ClassFamily,
}

impl SetFamily {
    /// The type of the members, where a type is one of sets.
    pub(crate) fn member(self, types: &TypeTable, ty: Type) -> Option<Type> {
        let definition = types.definition(ty);
        definition.set_of.filter(|_| definition.constructor == self.constructor)
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>, classes: ClassFamily) -> Result<SetFamily, RegistrationError> {
    let sets = SetFamily { constructor: registrar.types_mut().define_constructor(NAME), classes };
    registrar.unsigned_in_c(sets.constructor);
    let abi = registrar.abi().clone();
    registrar.type_family(NAME, move |types, parameters| match parameters {
        [members] => types.enum_set(sets.constructor, *members, &abi),
        _ => Err(format!("`{NAME}` takes one type, that of the members")),
    })?;
    register_values(registrar, sets);
    crate::boxing_enums::register_sets(registrar, sets.constructor);
    register_creation(registrar, sets);
    register_membership(registrar, sets);
    crate::enum_set_operations::register(registrar, sets);
    crate::enum_set_methods::register(registrar, sets);
    crate::enum_set_folds::register(registrar);
    Ok(sets)
}

/// What to do about an enum of whose members there are no sets.
const NUMBER_MEMBERS: &str = "number the members from 0 on";

fn no_sets(class: &str, reason: &str) -> String {
    format!("there are no sets of members of `{class}`: {reason}")
}

// Values.

fn register_values(registrar: &mut Registrar<'_>, sets: SetFamily) {
    let abi = registrar.abi().clone();
    registrar.type_of_value(ValueSpec::kind(NAME), move |types, value, _role| {
        let (class, _) = value.known_set()?;
        let members = types.lookup(class)?;
        types.enum_set(sets.constructor, members, &abi).ok()
    });
    let abi = registrar.abi().clone();
    registrar.why_no_type(NAME, move |types, value| {
        let (class, _) = value.known_set()?;
        let members = types.lookup(class)?;
        let reason = types.enum_set(sets.constructor, members, &abi).err()?;
        Some((no_sets(class, &reason), NUMBER_MEMBERS.to_owned()))
    });
    registrar.convert_member_value(sets.constructor, move |types, ty, value| {
        let members = sets.member(types, ty)?;
        let bits = types.set_bits(ty, value)?;
        Some(Value::set_of_members(types.name(members), bits))
    });
    registrar.lower_constant(sets.constructor, |b, ty, value| {
        let types = b.types;
        let bits = types.set_bits(ty, value);
        let bits = bits.ok_or_else(|| LowerError::new(format!("{value} is no set of type {}", types.name(ty))))?;
        let constant = bits_constant(b, types.components(ty)[0], bits);
        Ok(Operand::scalar(ty, constant))
    });
}

/// The constant of these bits.
pub(crate) fn bits_constant(b: &mut LowerContext<'_, '_>, representation: Representation, bits: u128) -> IrValue {
    let unused = 128 - 8 * representation.size();
    let signed = bits.cast_signed() << unused >> unused;
    if let Ok(constant) = i64::try_from(signed) {
        return b.integer_constant(representation, constant);
    }
    // No constant of the IR has more than 64 bits.
    let word = |bits: u128| (bits as u64).cast_signed();
    let high = b.integer_constant(representation, word(bits >> 64));
    let half = b.integer_constant(representation, 64);
    let high = b.binary(BinaryOperation::ShiftLeft, high, half);
    let low = b.int64(word(bits));
    let low = b.convert(ConvertOperation::ZeroExtend, low, representation);
    b.binary(BinaryOperation::BitOr, high, low)
}

// Making sets.

fn register_creation(registrar: &mut Registrar<'_>, sets: SetFamily) {
    let function = registrar.function(NAME);
    // `EnumSet[Flag](…)` is `EnumSet(Flag, …)`.
    registrar.before_expression(ExpressionNode::Call, 0, move |api, call| {
        let ExpressionKind::Call { function: callee, arguments, keywords } = &call.kind else { return Ok(None) };
        let ExpressionKind::Subscript { value, index } = &callee.kind else { return Ok(None) };
        if api.definition_of(value).is_none_or(|definition| definition.callable != Some(function)) {
            return Ok(None);
        }
        let mut all = vec![(**index).clone()];
        all.extend(arguments.iter().cloned());
        let call = builders::call_with_keywords(call.span, (**value).clone(), all, keywords.clone());
        Ok(Some(api.transform(call)))
    });
    registrar.type_in_brackets(function);
    let abi = registrar.abi().clone();
    registrar.type_callable(function, move |call| type_creation(call, sets, &abi));
    let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
    registrar.lower_builtin(function, [any], move |b, signature, operands| {
        let set = signature.result;
        let types = b.types;
        let representation = types.components(set)[0];
        let zero = b.zero(representation);
        let mut made = Operand::scalar(set, zero);
        for operand in operands {
            if operand.ty == set {
                made = operand.clone();
            } else if sets.member(types, set) == Some(operand.ty) {
                made = add(b, &made, operand);
            }
        }
        Ok(made)
    });
    let width = registrar.abi().enumset_width;
    registrar.fold_records(function, move |arguments| {
        let mut class: Option<String> = None;
        let mut bits = 0u128;
        for value in arguments.positional {
            let of = match (value.known_set(), value, value.type_name()) {
                (Some((class, known)), ..) => {
                    bits |= known;
                    class
                }
                (None, _, Some(class)) => class,
                (None, Value::Record(class, _), None) => {
                    let position = number_of(value).and_then(|number| u32::try_from(number).ok());
                    let position = position.filter(|position| *position < width);
                    let bit = position.and_then(|position| 1u128.checked_shl(position));
                    bits |= bit.ok_or_else(|| {
                        format!("{value} is no member of a set of {width} bits, which are from 0 to {}", width - 1)
                    })?;
                    class
                }
                _ => return Err(format!("{NAME} takes members of an enum")),
            };
            match &class {
                Some(class) if class != of => {
                    return Err(format!("{NAME} takes members of one enum, and not of `{class}` and `{of}`"));
                }
                _ => class = Some(of.to_owned()),
            }
        }
        match class {
            Some(class) if arguments.keywords.is_empty() => Ok(Value::set_of_members(&class, bits)),
            Some(_) => Err(format!("{NAME} takes no keyword arguments")),
            None => Err(format!("{NAME} takes an enum, or members of one")),
        }
    });
}

fn type_creation(call: &mut TypingContext<'_>, sets: SetFamily, abi: &AbiConfig) -> TypingAnswer {
    let no = |reason: &str| TypingAnswer::No(reason.to_owned());
    let Some((first, rest)) = call.arguments.split_first() else {
        return no("it takes an enum, for the empty set of its members, or members of one");
    };
    if !call.keywords.is_empty() {
        return no("it takes no keyword arguments");
    }
    if sets.member(call.types, first.ty).is_some() {
        return match rest {
            [] => TypingAnswer::Signature(Signature::new(&[first.ty], first.ty)),
            _ => no("beside a set it takes nothing"),
        };
    }
    let members = sets.classes.member(call.types, first.ty).unwrap_or(first.ty);
    if call.types.definition(members).members.is_empty() {
        return no("it takes an enum, for the empty set of its members, or members of one");
    }
    let is_member = |argument: &Argument| argument.ty == members;
    if let Some(other) = rest.iter().find(|argument| !is_member(argument)) {
        let (name, wanted) = (call.types.name(other.ty), call.types.name(members));
        return TypingAnswer::No(format!("one of its arguments is of type {name}, and not a member of {wanted}"));
    }
    let parameters: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
    match call.types.enum_set(sets.constructor, members, abi) {
        Ok(set) => TypingAnswer::Signature(Signature::new(&parameters, set)),
        Err(reason) => {
            let message = no_sets(call.types.name(members), &reason);
            TypingAnswer::Error(Box::new(
                Diagnostic::error(codes::TYPE_MISMATCH, call.span, message)
                    .expected("an enum whose values are the positions of bits")
                    .hint(NUMBER_MEMBERS),
            ))
        }
    }
}

// Membership.

/// The position of a member's bit in 64 bits, and whether it is within the width.
fn position(b: &mut LowerContext<'_, '_>, set: Type, member: &Operand) -> (IrValue, IrValue) {
    let position = widened(b, member.value());
    let width = i64::from(b.types.set_width(set));
    let inside = match b.integer_constant_of(position) {
        Some(known) => b.boolean((0..width).contains(&known)),
        None => b.integer_compare_constant(IntegerCondition::UnsignedLess, position, width),
    };
    (position, inside)
}

/// A position as what a value of a representation is shifted by.
fn shift_count(b: &mut LowerContext<'_, '_>, position: IrValue, representation: Representation) -> IrValue {
    if let Some(known) = b.integer_constant_of(position) {
        // Where it is beyond the width the shift is of no use.
        return b.integer_constant(representation, known & 127);
    }
    match representation {
        Representation::I64 => position,
        Representation::I128 => b.convert(ConvertOperation::ZeroExtend, position, representation),
        narrow => b.convert(ConvertOperation::Truncate, position, narrow),
    }
}

/// The set of one member, which is within the width; of another one it is some set.
fn single(b: &mut LowerContext<'_, '_>, set: Type, position: IrValue) -> IrValue {
    let representation = b.types.components(set)[0];
    if let Some(known) = b.integer_constant_of(position) {
        let bit = u32::try_from(known).ok().and_then(|known| 1u128.checked_shl(known)).unwrap_or(0);
        return bits_constant(b, representation, bit);
    }
    let one = b.integer_constant(representation, 1);
    let count = shift_count(b, position, representation);
    b.binary(BinaryOperation::ShiftLeft, one, count)
}

/// Whether a member is in a set; one that no set has a bit for is not.
pub(crate) fn contains(b: &mut LowerContext<'_, '_>, set: &Operand, member: &Operand) -> IrValue {
    let (position, inside) = position(b, set.ty, member);
    let representation = b.types.components(set.ty)[0];
    let count = shift_count(b, position, representation);
    let moved = b.binary(BinaryOperation::ShiftRightUnsigned, set.value(), count);
    let low = match representation {
        Representation::I8 => moved,
        _ => b.convert(ConvertOperation::Truncate, moved, Representation::I8),
    };
    let one = b.boolean(true);
    let bit = b.binary(BinaryOperation::BitAnd, low, one);
    both(b, inside, bit)
}

/// A set and a member more; ValueError for one that no set has a bit for.
pub(crate) fn add(b: &mut LowerContext<'_, '_>, set: &Operand, member: &Operand) -> Operand {
    let (position, inside) = position(b, set.ty, member);
    if b.integer_constant_of(inside) != Some(1) {
        let width = b.types.set_width(set.ty);
        let message = format!("the value is of no member of a set, which are from 0 to {}", width - 1);
        b.guard(inside, NodeErrorKind::ValueError, &message);
    }
    let bit = single(b, set.ty, position);
    Operand::scalar(set.ty, b.binary(BinaryOperation::BitOr, set.value(), bit))
}

/// A set without a member, which need not be in it.
pub(crate) fn discard(b: &mut LowerContext<'_, '_>, set: &Operand, member: &Operand) -> Operand {
    let (position, inside) = position(b, set.ty, member);
    let bit = single(b, set.ty, position);
    let rest = without(b, set.value(), bit);
    Operand::scalar(set.ty, b.select(inside, rest, set.value()))
}

/// A set without a member; KeyError where it is not in it.
pub(crate) fn remove(b: &mut LowerContext<'_, '_>, set: &Operand, member: &Operand) -> Operand {
    let found = contains(b, set, member);
    b.guard(found, NodeErrorKind::KeyError, "the set has no such member");
    discard(b, set, member)
}

/// The bits of a value that another one does not have.
pub(crate) fn without(b: &mut LowerContext<'_, '_>, left: IrValue, right: IrValue) -> IrValue {
    let others = b.unary(cfunc_ir::UnaryOperation::IntegerNot, right);
    b.binary(BinaryOperation::BitAnd, left, others)
}

/// Types an operation or method on a set and one of its members.
pub(crate) fn type_with_member(
    registrar: &mut Registrar<'_>,
    sets: SetFamily,
    callable: impl Into<CallableId>,
    result: impl Fn(Type) -> Type + Send + Sync + 'static,
) {
    registrar.type_callable(callable, move |call| {
        let Some(set) = call.arguments.first().map(|argument| argument.ty) else { return NOT_MINE };
        let Some(member) = sets.member(call.types, set) else { return NOT_MINE };
        match call.arguments {
            [_, value] if value.ty == member => TypingAnswer::Signature(Signature::new(&[set, member], result(set))),
            [_, value] => {
                let (name, wanted) = (call.types.name(value.ty), call.types.name(member));
                TypingAnswer::No(format!("a value of type {name} is no member of {wanted}"))
            }
            _ => TypingAnswer::No(format!("it takes one member of {}", call.types.name(member))),
        }
    });
}

fn register_membership(registrar: &mut Registrar<'_>, sets: SetFamily) {
    let method = registrar.method(sets.constructor, "contains");
    for callable in [Operation::Contains.id(), method] {
        type_with_member(registrar, sets, callable, |_set| Type::BOOLEAN);
        let specs = [TypeSpec::Constructor(sets.constructor), TypeSpec::Any];
        registrar.lower_builtin(callable, specs, |b, signature, operands| {
            Ok(Operand::scalar(signature.result, contains(b, &operands[0], &operands[1])))
        });
    }
}
