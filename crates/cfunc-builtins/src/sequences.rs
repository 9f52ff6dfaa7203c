//! What functions over all elements of a value see of it: a tuple, or whatever else is iterated over.

use cfunc_context::{Argument, LowerContext, LowerError, Operand, Operation, TypingContext};
use cfunc_ir::Value;
use cfunc_models::{DataModel, Type, TypeTable};

/// The elements of a value.
pub(crate) enum Elements {
    /// As many as there are types.
    Each(Vec<Type>),
    /// Any number of one type.
    All(Type),
}

impl Elements {
    /// Whether something holds for every type of an element.
    pub(crate) fn all(&self, mut holds: impl FnMut(Type) -> bool) -> bool {
        match self {
            Self::Each(types) => types.iter().all(|ty| holds(*ty)),
            Self::All(ty) => holds(*ty),
        }
    }
}

/// The types of the elements, where a type is of tuples.
fn tuple_elements(types: &TypeTable, ty: Type) -> Option<&[Type]> {
    let definition = types.definition(ty);
    (types.constructor_name(definition.constructor) == "tuple").then_some(&*definition.parameters)
}

/// The elements of a value of a type; `None` where it has none.
pub(crate) fn elements(call: &mut TypingContext<'_>, ty: Type) -> Option<Elements> {
    if let Some(types) = tuple_elements(call.types, ty) {
        return Some(Elements::Each(types.to_vec()));
    }
    let mut resolved = |operation: Operation, ty| {
        let argument = Argument { ty, constant: None, span: call.span };
        Some(call.resolve(operation, &[argument]).ok()?.signature.result)
    };
    let state = resolved(Operation::IterationStart, ty)?;
    resolved(Operation::IterationValue, state).map(Elements::All)
}

/// Emits what is done with each element, for the elements of a tuple one after the other, else in a loop.
pub(crate) fn for_each(
    b: &mut LowerContext<'_, '_>,
    operand: &Operand,
    mut body: impl FnMut(&mut LowerContext<'_, '_>, Operand) -> Result<(), LowerError>,
) -> Result<(), LowerError> {
    let types = b.types;
    if tuple_elements(types, operand.ty).is_some()
        && let DataModel::Fields(fields) = &types.definition(operand.ty).model
    {
        let mut first = 0;
        for field in fields {
            let count = types.components(field.ty).len();
            body(b, Operand::new(field.ty, &operand.values[first..first + count]))?;
            first += count;
        }
        return Ok(());
    }
    let start = b.call(Operation::IterationStart, std::slice::from_ref(operand))?;
    let (head, inside, done) = (b.create_block(), b.create_block(), b.create_block());
    let components = types.components(start.ty);
    let state: Vec<Value> = components.iter().map(|component| b.add_block_parameter(head, *component)).collect();
    let state = Operand::new(start.ty, &state);
    b.jump(head, &start.values);
    b.switch_to(head);
    let more = b.call(Operation::IterationHasNext, std::slice::from_ref(&state))?.value();
    b.branch(more, inside, done);
    b.switch_to(inside);
    b.poll();
    let element = b.call(Operation::IterationValue, std::slice::from_ref(&state))?;
    let next = b.call(Operation::IterationAdvance, std::slice::from_ref(&state))?;
    body(b, element)?;
    b.jump(head, &next.values);
    b.switch_to(done);
    Ok(())
}
