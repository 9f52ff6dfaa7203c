//! Boxing and unboxing of members of enumerations, and of sets of them.

use cfunc_context::{BoxError, NativeValue, NativeWord, Registrar, TypeSpec};
use cfunc_models::{DataModel, Representation, Type, TypeConstructor, TypeTable, Value};

use crate::boxing_scalars::expected;
use crate::enumeration::{member_recorded, member_value};

/// Members are given as records of their class, and where a signature says the type, by name or value too.
pub(crate) fn register_family(registrar: &mut Registrar<'_>, family: TypeConstructor) {
    registrar.unbox_value(TypeSpec::Constructor(family), |context, ty, value| {
        let definition = context.types().definition(ty);
        let member = |wanted: i64| {
            let found = definition.members.iter().find(|(_, number)| *number == wanted);
            found.map(|(_, number)| *number)
        };
        let number = match value {
            Value::Record(class, _) if *class == definition.name => {
                member_recorded(definition, value).map(|(_, number)| *number)
            }
            Value::Integer(number) => member(*number),
            Value::Text(text) => definition.member_written(text).map(|(_, number)| *number),
            other => return expected(&definition.name, other),
        };
        let word = number.and_then(|number| NativeWord::integer(representation(context.types(), ty), number));
        match word {
            Some(word) => NativeValue::scalar(word),
            None => NativeValue::error(format!("{value} is no member of {}", definition.name)),
        }
    });
    registrar.box_value(TypeSpec::Constructor(family), |context, cells| {
        let types = context.types();
        let (definition, number) = (types.definition(cells.ty()), cells.integer());
        // A host may have written anything into a cell.
        match definition.members.iter().find(|(_, known)| *known == number) {
            Some((name, _)) => Ok(member_value(types, cells.ty(), name, number)),
            None => Err(BoxError::new(format!("{number} is the value of no member of {}", definition.name))),
        }
    });
}

/// Sets are given as [`Value::set_of_members`]; where a signature says the type, as lists or tuples of members too.
pub(crate) fn register_sets(registrar: &mut Registrar<'_>, family: TypeConstructor) {
    registrar.unbox_value(TypeSpec::Constructor(family), |context, ty, value| {
        match context.types().set_bits(ty, value) {
            Some(bits) => {
                let word = NativeWord::int128(bits.cast_signed());
                NativeValue::scalar(word.truncated(representation(context.types(), ty)))
            }
            None => NativeValue::error(format!("{value} is no set of type {}", context.types().name(ty))),
        }
    });
    registrar.box_value(TypeSpec::Constructor(family), |context, cells| {
        let types = context.types();
        let members = types.definition(cells.ty()).set_of.ok_or_else(|| BoxError::new("it is no set"))?;
        Ok(Value::set_of_members(types.name(members), cells.word().bits()))
    });
}

fn representation(types: &TypeTable, ty: Type) -> Representation {
    match types.definition(ty).model {
        DataModel::Scalar(representation) => representation,
        DataModel::Empty | DataModel::Fields(_) => Representation::I64,
    }
}
