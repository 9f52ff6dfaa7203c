//! Slices: `lower:upper:step` of a subscript, as values.

use cfunc_context::{Operation, Registrar, Signature, TypeSpec, TypingAnswer};
use cfunc_models::{CellForm, DataModel, Field, Type, TypeConstructor, TypeTable, Value};

/// The kind of constant slices, and the names of their parts.
pub(crate) const KIND: &str = "slice";
const PARTS: [&str; 3] = ["start", "stop", "step"];

/// The family of slices: three parts, each an int or None.
#[derive(Clone, Copy)]
pub(crate) struct SliceFamily {
    pub(crate) constructor: TypeConstructor,
}

impl SliceFamily {
    pub(crate) fn is_slice(self, types: &TypeTable, ty: Type) -> bool {
        types.definition(ty).constructor == self.constructor
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> SliceFamily {
    let slices = SliceFamily { constructor: registrar.types_mut().define_constructor(KIND) };
    registrar.type_callable(Operation::MakeSlice, move |call| {
        let index = |ty: Type| match ty {
            Type::BOOLEAN => Some(Type::INT64),
            Type::INT64 | Type::NONE => Some(ty),
            _ => None,
        };
        let parts: Option<Vec<Type>> = call.arguments.iter().map(|argument| index(argument.ty)).collect();
        let Some(parts) = parts.filter(|parts| parts.len() == PARTS.len()) else {
            return TypingAnswer::No("the parts of a slice are ints, or left out".to_owned());
        };
        let names: Vec<&str> = parts.iter().map(|ty| call.types.name(*ty)).collect();
        let name = format!("{KIND}[{}]", names.join(", "));
        let field = |(name, ty): (&&str, &Type)| Field { name: (*name).to_owned(), ty: *ty };
        let fields = PARTS.iter().zip(&parts).map(field).collect();
        let ty = call.types.apply(slices.constructor, &parts, &name, DataModel::Fields(fields), CellForm::None);
        TypingAnswer::Signature(Signature::new(&parts, ty))
    });
    registrar.lower_builtin(
        Operation::MakeSlice,
        [TypeSpec::Any, TypeSpec::Any, TypeSpec::Any],
        |b, signature, operands| Ok(b.make(signature.result, operands)),
    );
    registrar.fold(Operation::MakeSlice, |arguments| {
        let parts = PARTS.iter().zip(arguments.positional);
        Ok(Value::Record(KIND.to_owned(), parts.map(|(name, value)| ((*name).to_owned(), value.clone())).collect()))
    });
    slices
}

/// The indices that a constant slice chooses of a sequence of a length, in order; `None` where it is no slice or its
/// step is zero.
pub(crate) fn slice_indices(slice: &Value, length: usize) -> Option<Vec<usize>> {
    let Value::Record(kind, parts) = slice else { return None };
    let part = |index: usize| match parts.get(index) {
        Some((_, Value::Integer(value))) => Some(i128::from(*value)),
        Some((_, Value::Boolean(value))) => Some(i128::from(*value)),
        _ => None,
    };
    let step = part(2).unwrap_or(1);
    if kind != KIND || step == 0 {
        return None;
    }
    let length = i128::try_from(length).ok()?;
    let (lowest, highest) = if step < 0 { (-1, length - 1) } else { (0, length) };
    let bound = |given: Option<i128>, otherwise: i128| match given {
        Some(value) if value < 0 => (value + length).max(lowest),
        Some(value) => value.min(highest),
        None => otherwise,
    };
    let (first, last) = if step < 0 { (highest, lowest) } else { (lowest, highest) };
    let (mut index, end) = (bound(part(0), first), bound(part(1), last));
    let mut indices = Vec::new();
    while (step > 0 && index < end) || (step < 0 && index > end) {
        indices.push(usize::try_from(index).ok()?);
        index += step;
    }
    Some(indices)
}

#[cfg(test)]
mod tests {
    use cfunc_models::Value;

    use super::slice_indices;

    fn indices(parts: [Option<i64>; 3], length: usize) -> Option<Vec<usize>> {
        let part = |value: Option<i64>| (String::new(), value.map_or(Value::None, Value::Integer));
        slice_indices(&Value::Record("slice".to_owned(), parts.map(part).into()), length)
    }

    #[test]
    fn slices_choose_what_python_chooses() {
        type Case = ([Option<i64>; 3], usize, &'static [usize]);
        let expected: [Case; 9] = [
            ([None, None, None], 3, &[0, 1, 2]),
            ([Some(1), None, None], 3, &[1, 2]),
            ([None, Some(-1), None], 3, &[0, 1]),
            ([None, None, Some(-1)], 3, &[2, 1, 0]),
            ([Some(-100), Some(100), Some(2)], 5, &[0, 2, 4]),
            ([Some(3), Some(0), Some(-2)], 5, &[3, 1]),
            ([Some(i64::MAX), Some(i64::MIN), Some(i64::MIN)], 2, &[1]),
            ([Some(2), Some(1), None], 5, &[]),
            ([None, None, Some(i64::MAX)], 2, &[0]),
        ];
        for (parts, length, chosen) in expected {
            assert_eq!(indices(parts, length).as_deref(), Some(chosen), "{parts:?} of {length}");
        }
        assert_eq!(indices([None, None, Some(0)], 2), None);
    }
}
