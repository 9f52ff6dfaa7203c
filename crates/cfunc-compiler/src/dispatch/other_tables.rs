//! Types of one table as types of another one, on the same context.

use cfunc_models::{DataModel, Field, Type, TypeTable};

/// Whether values of two types are the same: not by their names alone, since sources may give a name other meanings.
pub(super) fn is_same(types: &TypeTable, ty: Type, others: &TypeTable, other: Type) -> bool {
    let (one, two) = (types.definition(ty), others.definition(other));
    // Of a table that both are made on.
    if std::ptr::eq(one, two) {
        return true;
    }
    let both = |pair: (Type, Type)| is_same(types, pair.0, others, pair.1);
    let is_model_same = match (&one.model, &two.model) {
        (DataModel::Fields(fields), DataModel::Fields(of_other)) => {
            fields.len() == of_other.len()
                && fields
                    .iter()
                    .zip(of_other)
                    .all(|(field, other)| field.name == other.name && both((field.ty, other.ty)))
        }
        (one, two) => one == two,
    };
    one.name == two.name
        && types.constructor_name(one.constructor) == others.constructor_name(two.constructor)
        && one.cell == two.cell
        && one.members == two.members
        && one.aliases == two.aliases
        // Layouts of memory are of types of their table, which are not compared.
        && one.memory.is_none()
        && two.memory.is_none()
        && is_model_same
        && one.parameters.len() == two.parameters.len()
        && one.parameters.iter().copied().zip(two.parameters.iter().copied()).all(both)
        && match (one.set_of, two.set_of) {
            (Some(members), Some(of_other)) => both((members, of_other)),
            (None, None) => true,
            _ => false,
        }
}

/// A type of one table in another one: that of its name where it is the same, or made of types that both know.
pub(super) fn import(types: &mut TypeTable, from: &TypeTable, ty: Type) -> Option<Type> {
    let definition = from.definition(ty);
    if let Some(known) = types.lookup(&definition.name)
        && is_same(types, known, from, ty)
    {
        return Some(known);
    }
    if definition.parameters.is_empty() || definition.memory.is_some() || definition.set_of.is_some() {
        return None;
    }
    let parameters: Vec<Type> =
        definition.parameters.iter().map(|part| import(types, from, *part)).collect::<Option<_>>()?;
    let model = match &definition.model {
        DataModel::Fields(fields) => {
            let fields = fields.iter().map(|field| Some(Field { ty: import(types, from, field.ty)?, ..field.clone() }));
            DataModel::Fields(fields.collect::<Option<_>>()?)
        }
        model @ (DataModel::Empty | DataModel::Scalar(_)) => model.clone(),
    };
    Some(types.apply(definition.constructor, &parameters, &definition.name, model, definition.cell))
}
