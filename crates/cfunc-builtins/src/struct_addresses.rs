//! Addresses of structs that may be NULL, which is None: tested, followed, kept under names as they are.
//!
//! A value is the address. Its fields are those of the struct there, which it is where a struct is needed; NULL is a node
//! error then. Nodes make no addresses: they come from memory of the host, and None.

use cfunc_context::{
    Conversion, LowerContext, Operand, Operation, Registrar, Registry, Signature, TypeSpec, TypingAnswer, exact,
};
use cfunc_ir::IntegerCondition;
use cfunc_models::{Kept, NodeErrorKind, Representation, Type, TypeConstructor, TypeTable, Value};

use crate::struct_memory::{layout_of, load, load_copy, store};
use crate::structs::{field_of, no_field, place_of, written_type};
use crate::tuple::NOT_MINE;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let addresses = registrar.types_mut().define_constructor(TypeTable::ADDRESSES);
    let family = || TypeSpec::Constructor(addresses);
    register_fields(registrar, addresses);
    crate::boxing_structs::register_addresses(registrar, addresses);
    // Methods are those of what is there.
    registrar.unwrap_with(addresses, |types, ty| types.place_of_address(ty));
    let condition = |_registry: &Registry, types: &TypeTable, from, to| {
        let place = types.place_of_address(from)?;
        (to == place || types.kept_form(place) == Some(&Kept::As(to))).then_some((Conversion::Safe, None))
    };
    registrar.lower_cast_where(family(), TypeSpec::Any, condition, |b, from, to, operand| {
        let place = b.types.place_of_address(from).unwrap_or(to);
        let found = followed(b, &operand, place);
        if to == place { Ok(found) } else { load_copy(b, &found, to) }
    });
    registrar.lower_cast(exact(Type::NONE), family(), Conversion::Safe, |b, _from, to, _operand| {
        let null = b.zero(Representation::Pointer);
        Ok(Operand::scalar(to, null))
    });
    registrar.lower_constant(addresses, |b, ty, _none| {
        let null = b.zero(Representation::Pointer);
        Ok(Operand::scalar(ty, null))
    });
    registrar.convert_compound(addresses, |_registry, _types, _ty, value| {
        matches!(value, Value::None).then_some(Value::None)
    });
    registrar.type_callable(Operation::Truth, |call| match call.arguments {
        [address] if call.types.place_of_address(address.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[address.ty], Type::BOOLEAN))
        }
        _ => NOT_MINE,
    });
    registrar.lower_builtin(Operation::Truth, [family()], |b, signature, operands| {
        Ok(Operand::scalar(signature.result, is_there(b, &operands[0])))
    });
}

/// Whether an address is not NULL.
pub(crate) fn is_there(b: &mut LowerContext<'_, '_>, address: &Operand) -> cfunc_ir::Value {
    b.integer_compare_constant(IntegerCondition::NotEqual, address.value(), 0)
}

/// The place at an address; TypeError for None.
fn followed(b: &mut LowerContext<'_, '_>, address: &Operand, place: Type) -> Operand {
    let present = is_there(b, address);
    let message = format!("None where a value of type {} is needed", b.types.name(place));
    b.guard(present, NodeErrorKind::TypeError, &message);
    Operand::scalar(place, address.value())
}

fn register_fields(registrar: &mut Registrar<'_>, addresses: TypeConstructor) {
    registrar.lower_getattr_generic(
        addresses,
        |types, address, name| field_of(types, types.place_of_address(address)?, name).map(|field| field.ty),
        |b, _signature, address, name| {
            let place = b.types.place_of_address(address.ty).ok_or_else(|| no_field(name))?;
            let place = followed(b, address, place);
            let field = layout_of(b.types, place.ty)?.field(name).ok_or_else(|| no_field(name))?;
            load(b, &place_of(field, &place))
        },
    );
    registrar.lower_setattr_generic(
        addresses,
        |types, address, name| written_type(types, field_of(types, types.place_of_address(address)?, name)?),
        |b, address, name, value| {
            let place = b.types.place_of_address(address.ty).ok_or_else(|| no_field(name))?;
            let place = followed(b, address, place);
            let field = layout_of(b.types, place.ty)?.field(name).ok_or_else(|| no_field(name))?;
            store(b, &place_of(field, &place), value)
        },
    );
}
