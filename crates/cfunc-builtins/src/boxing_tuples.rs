//! Boxing and unboxing of tuples, and of what may be None.

use cfunc_context::{
    BoxError, BoxingContext, NativeCells, NativeValue, NativeWord, PartWriteBack, Registrar, TypeSpec,
};
use cfunc_models::{Type, Value};

use crate::boxing_scalars::expected;
use crate::optional::OptionalFamily;
use crate::tuple::TupleFamily;

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily, optionals: OptionalFamily) {
    let family = || TypeSpec::Constructor(tuples.constructor);
    registrar.unbox_value(family(), unbox_tuple);
    registrar.box_value(family(), |context, cells| Ok(Value::Tuple(elements(context, &cells.fields())?)));
    registrar.explain_untyped("tuple", |registry, types, value| {
        let Value::Tuple(values) = value else { return None };
        let reason = values.iter().enumerate().find_map(|(index, value)| {
            let reason = registry.type_of_argument(types, value).err()?;
            Some(format!("element {index}: {reason}"))
        });
        reason.or_else(|| Some("it has too many elements, or is nested too deeply".to_owned()))
    });

    let family = || TypeSpec::Constructor(optionals.constructor());
    registrar.unbox_value(family(), move |context, ty, value| {
        let Some(inner) = optionals.inner(context.types(), ty) else {
            return NativeValue::error("nothing is optional");
        };
        if *value == Value::None {
            let count = context.types().components(ty).len();
            return NativeValue::components(std::iter::repeat_n(NativeWord::default(), count));
        }
        let mut optional = NativeValue::scalar(NativeWord::boolean(true));
        match optional.take_over(context.unbox(inner, value)) {
            None => optional,
            Some(part) => optional.with_write_back(move |context, value| part.apply(context, value)),
        }
    });
    registrar.box_value(family(), |context, cells| match &cells.fields()[..] {
        [present, value] if present.word().as_boolean() => context.box_value(value),
        _ => Ok(Value::None),
    });
}

fn unbox_tuple(context: &BoxingContext<'_>, ty: Type, value: &Value) -> NativeValue {
    let definition = context.types().definition(ty);
    let Value::Tuple(values) = value else { return expected(&definition.name, value) };
    let wanted = &definition.parameters;
    if values.len() != wanted.len() {
        return NativeValue::error(format!("{} expected, not a tuple of {} elements", definition.name, values.len()));
    }
    let mut tuple = NativeValue::default();
    let mut parts: Vec<(usize, PartWriteBack)> = Vec::new();
    for (index, (ty, value)) in wanted.iter().zip(values).enumerate() {
        let element = context.unbox(*ty, value);
        if element.is_error() {
            tuple.take_over(element.within(&format!("element {index}")));
            return tuple;
        }
        parts.extend(tuple.take_over(element).map(|part| (index, part)));
    }
    if parts.is_empty() {
        return tuple;
    }
    tuple.with_write_back(move |context, value| {
        let Value::Tuple(values) = value else { return Err(BoxError::new("the argument is a tuple no more")) };
        for (index, part) in parts {
            if let Some(value) = values.get_mut(index) {
                part.apply(context, value).map_err(|error| error.within(&format!("element {index}")))?;
            }
        }
        Ok(())
    })
}

fn elements(context: &BoxingContext<'_>, fields: &[NativeCells<'_>]) -> Result<Vec<Value>, BoxError> {
    context.box_parts(fields).map_err(|(index, error)| error.within(&format!("element {index}")))
}
