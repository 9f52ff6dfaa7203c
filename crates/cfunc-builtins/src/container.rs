//! What lists and dicts share: memory failures, kinds and tags, and their states in START, EXECUTE and STOP.

use cfunc_context::{
    CallableId, LowerContext, LowerError, Operand, Registrar, Signature, StateCell, TypingAnswer, TypingContext,
};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{
    CellForm, DataModel, NodeErrorKind, Representation, RuntimeFunction, Type, TypeConstructor, TypeTable, Value,
};

use crate::emit::{both, call};
use crate::tuple::NOT_MINE;

/// Where the tag stands in a container, in bytes.
pub(crate) const TAG: i32 = 0;

/// Where the count of its owners stands; below zero in a constant.
const USERS: i32 = 8;

/// Added to address and kind in the tag of a list.
pub(crate) const LIST_MAGIC: i64 = 0x6c69_7374_6366_0000;

/// Added to address and kind in the tag of a dict.
pub(crate) const DICT_MAGIC: i64 = 0x6469_6374_6366_0000;

/// The number in the tags of a type's containers: 24 bits of a hash (FNV-1a) of its name, the same in every process.
pub(crate) fn kind_of(types: &TypeTable, container: Type) -> i64 {
    let name = types.name(container).as_bytes();
    let hash = name
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3));
    i64::try_from((hash >> 24) & 0x00ff_ffff).unwrap_or(0)
}

/// Goes on where the i8 is not 0; else there was no memory, of the process or of the instance.
pub(crate) fn guard_memory(b: &mut LowerContext<'_, '_>, succeeded: IrValue) {
    let (failed, limited, exhausted) = (b.create_cold_block(), b.create_cold_block(), b.create_cold_block());
    let proceed = b.create_block();
    b.branch(succeeded, proceed, failed);
    b.switch_to(failed);
    let kind = call(b, RuntimeFunction::MemoryFailure, &[]);
    let limit = i64::from(NodeErrorKind::MemoryLimit.code());
    let is_limit = b.integer_compare_constant(IntegerCondition::Equal, kind, limit);
    b.branch(is_limit, limited, exhausted);
    b.switch_to(limited);
    b.fail(NodeErrorKind::MemoryLimit, "the containers of the node are larger than its memory cap");
    b.switch_to(exhausted);
    b.fail(NodeErrorKind::MemoryError, "there is no memory for a container");
    b.switch_to(proceed);
}

/// Goes on where a pointer that an allocation gave is not NULL.
pub(crate) fn guard_present(b: &mut LowerContext<'_, '_>, pointer: IrValue) {
    let present = b.integer_compare_constant(IntegerCondition::NotEqual, pointer, 0);
    guard_memory(b, present);
}

/// What makes containers of a family.
#[derive(Clone, Copy)]
pub(crate) struct Family {
    pub(crate) magic: i64,
    pub(crate) class: MemoryClass,
    pub(crate) release: RuntimeFunction,
    /// A new container of a type with the elements of a value; not handed over.
    pub(crate) make: fn(&mut LowerContext<'_, '_>, Type, &Value) -> Result<IrValue, LowerError>,
    /// A new container of the elements of another; NULL where there is no memory.
    pub(crate) copy: fn(&mut LowerContext<'_, '_>, IrValue) -> IrValue,
}

/// Registers who owns containers of a family, and their states.
pub(crate) fn register(registrar: &mut Registrar<'_>, constructor: TypeConstructor, family: Family) {
    registrar.ownership(
        constructor,
        move |b, container| {
            retain(b, family, container.value());
            Ok(container.clone())
        },
        move |b, container| {
            b.call_runtime(family.release, &[container.value()]);
            Ok(())
        },
    );
    registrar.copy_constant(constructor, move |b, constant| {
        let copy = Operand::scalar(constant.ty, (family.copy)(b, constant.value()));
        b.own(&copy);
        guard_present(b, copy.value());
        Ok(copy)
    });
    registrar.state_lifecycle(
        constructor,
        move |b, state| start(b, family, state),
        move |b, state| {
            let container = b.load(Representation::Pointer, state.address, 0, state.class);
            let (present, checked) = (b.create_block(), b.create_block());
            let valid = b.declare_variable(Representation::I8);
            let no = b.boolean(false);
            b.define_variable(valid, no);
            let is_present = b.integer_compare_constant(IntegerCondition::NotEqual, container, 0);
            b.branch(is_present, present, checked);
            b.switch_to(present);
            let tagged = has_tag(b, family, state.ty, container);
            b.define_variable(valid, tagged);
            b.jump(checked, &[]);
            b.switch_to(checked);
            let valid = b.use_variable(valid);
            let message = format!("the slot of the state `{}` holds no {}", state.name, b.types.name(state.ty));
            b.guard(valid, NodeErrorKind::Lifecycle, &message);
            Ok(())
        },
        move |b, state| {
            release_live(b, family, state);
            Ok(())
        },
    );
}

fn start(b: &mut LowerContext<'_, '_>, family: Family, state: &StateCell<'_>) -> Result<(), LowerError> {
    release_live(b, family, state);
    // The slot is empty while the new container is made, which may fail.
    let null = b.zero(Representation::Pointer);
    b.store(null, state.address, 0, state.class);
    let made = Operand::scalar(state.ty, (family.make)(b, state.ty, state.initial)?);
    let taken = b.take(&made)?;
    b.store(taken.value(), state.address, 0, state.class);
    Ok(())
}

/// An owner more of a container. Emitted, as a call would have all be read again that is known of the container.
fn retain(b: &mut LowerContext<'_, '_>, family: Family, container: IrValue) {
    let (counted, done) = (b.create_block(), b.create_block());
    let users = b.load(Representation::I64, container, USERS, family.class);
    let is_counted = b.integer_compare_constant(IntegerCondition::SignedGreater, users, 0);
    b.branch(is_counted, counted, done);
    b.switch_to(counted);
    let one = b.int64(1);
    let more = b.binary(BinaryOperation::IntegerAdd, users, one);
    b.store(more, container, USERS, family.class);
    b.jump(done, &[]);
    b.switch_to(done);
}

/// Whether a container is of a family and type.
fn has_tag(b: &mut LowerContext<'_, '_>, family: Family, ty: Type, container: IrValue) -> IrValue {
    let tag = b.load(Representation::I64, container, TAG, family.class);
    let kind = kind_of(b.types, ty);
    let offset = b.int64(family.magic + kind);
    let expected = b.pointer_add(container, offset);
    let zero = b.zero(Representation::Pointer);
    let found = b.pointer_add(zero, tag);
    b.integer_compare(IntegerCondition::Equal, found, expected)
}

/// Releases the container that a slot holds, where it holds one of the state's type; the slot is NULL then.
fn release_live(b: &mut LowerContext<'_, '_>, family: Family, state: &StateCell<'_>) {
    let container = b.load(Representation::Pointer, state.address, 0, state.class);
    let (present, live, done) = (b.create_block(), b.create_block(), b.create_block());
    let is_present = b.integer_compare_constant(IntegerCondition::NotEqual, container, 0);
    b.branch(is_present, present, done);
    b.switch_to(present);
    let tagged = has_tag(b, family, state.ty, container);
    b.branch(tagged, live, done);
    b.switch_to(live);
    b.call_runtime(family.release, &[container]);
    let null = b.zero(Representation::Pointer);
    b.store(null, state.address, 0, state.class);
    b.jump(done, &[]);
    b.switch_to(done);
}

/// A member of a family of iterations or views: its fields are a container and what else is given.
pub(crate) fn holder(
    types: &mut TypeTable,
    constructor: TypeConstructor,
    family: &str,
    container: Type,
    numbers: &[&str],
) -> Type {
    let field = |name: &str, ty| cfunc_models::Field { name: name.to_owned(), ty };
    let mut fields = vec![field("container", container)];
    fields.extend(numbers.iter().map(|name| field(name, Type::INT64)));
    let name = format!("{family}[{}]", types.name(container));
    types.apply(constructor, &[container], &name, DataModel::Fields(fields.into()), CellForm::None)
}

/// An index as a position from 0 in a container of a length; fails with IndexError outside of it.
pub(crate) fn checked_position(
    b: &mut LowerContext<'_, '_>,
    index: IrValue,
    length: IrValue,
    message: &str,
) -> IrValue {
    let position = from_end(b, index, length);
    let inside = b.integer_compare(IntegerCondition::UnsignedLess, position, length);
    b.guard(inside, NodeErrorKind::IndexError, message);
    position
}

/// An index that counts from the end where it is negative, as one that counts from the start.
pub(crate) fn from_end(b: &mut LowerContext<'_, '_>, index: IrValue, length: IrValue) -> IrValue {
    match b.integer_constant_of(index) {
        Some(constant) if constant >= 0 => return index,
        Some(_) => return b.binary(BinaryOperation::IntegerAdd, index, length),
        None => {}
    }
    let negative = b.integer_compare_constant(IntegerCondition::SignedLess, index, 0);
    let from_end = b.binary(BinaryOperation::IntegerAdd, index, length);
    b.select(negative, from_end, index)
}

/// Whether an i64 is at least 0 and below another.
pub(crate) fn is_within(b: &mut LowerContext<'_, '_>, position: IrValue, length: IrValue) -> IrValue {
    let not_negative = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, position, 0);
    let below = b.integer_compare(IntegerCondition::SignedLess, position, length);
    both(b, not_negative, below)
}

/// Whether a container takes what converts so: as a cell does, with a warning where something is lost, but for a float
/// as an int, which would be cut.
pub(crate) fn is_stored(cast: &cfunc_context::Cast) -> bool {
    cast.loss.is_none_or(|loss| !loss.refuses_literals)
}

/// Types an operation or method of containers by the type of the container, where `answer` knows that type. The other
/// arguments must be, or convert to, what the signature has after it.
pub(crate) fn type_method(
    registrar: &mut Registrar<'_>,
    callable: impl Into<CallableId>,
    answer: impl Fn(&mut TypingContext<'_>, Type) -> Option<Signature> + Send + Sync + 'static,
) {
    registrar.type_callable(callable, move |call| {
        let Some(container) = call.arguments.first().map(|argument| argument.ty) else { return NOT_MINE };
        let Some(signature) = answer(call, container) else { return NOT_MINE };
        if let Some((name, _)) = call.keywords.first() {
            return TypingAnswer::No(format!("it takes no keyword argument `{name}`"));
        }
        let given = call.arguments.len();
        if signature.parameters.len() != given {
            let (takes, given) = (signature.parameters.len() - 1, given - 1);
            return TypingAnswer::No(format!("it takes {takes} arguments, not {given}"));
        }
        for position in 1..given {
            let (found, wanted) = (call.arguments[position].ty, signature.parameters[position]);
            let fits = found == wanted || call.cast(found, wanted).is_some_and(|cast| is_stored(&cast));
            if !fits {
                let (found, wanted) = (call.types.name(found), call.types.name(wanted));
                return TypingAnswer::No(format!("{found} does not convert to {wanted}"));
            }
        }
        TypingAnswer::Signature(signature)
    });
}
