//! Boxing and unboxing of lists. A list that a call changed is written back element by element: those that are as they
//! were stay the values that they are.

use std::sync::Arc;

use cfunc_context::{
    BoxError, BoxingContext, NativeCells, NativeContainer, NativeValue, NativeWord, Registrar, Registry, RuleUses,
    TypeSpec,
};
use cfunc_models::{Type, TypeTable, Value};

use crate::boxing_scalars::expected;
use crate::list::{ListFamily, not_kept};

pub(crate) fn register(registrar: &mut Registrar<'_>, lists: ListFamily) {
    let family = || TypeSpec::Constructor(lists.constructor);
    registrar.unbox_value(family(), move |context, ty, value| match unbox(context, lists, ty, value) {
        Ok(list) | Err(list) => list,
    });
    registrar.box_value(family(), move |context, cells| {
        let element = element_of(context, lists, cells.ty())?;
        let boxing = context.boxing(element)?;
        let mut values = Vec::new();
        let word = boxing.word();
        context.for_each_item(cells, &mut |item| {
            values.push(match word {
                #[expect(clippy::cast_possible_truncation, reason = "words have at most 64 bits")]
                Some(word) => word(item[0].word().bits() as u64),
                None => boxing.apply(context, &item[0]).map_err(at(values.len()))?,
            });
            Ok(())
        })?;
        Ok(Value::List(values))
    });
    registrar.explain_untyped("list", |registry, types, value| match value {
        Value::List(values) => Some(untyped(registry, types, values)),
        _ => None,
    });
}

fn element_of(context: &BoxingContext<'_>, lists: ListFamily, list: Type) -> Result<Type, BoxError> {
    lists.element(context.types(), list).ok_or_else(|| BoxError::new("it is no list"))
}

fn at(index: usize) -> impl Fn(BoxError) -> BoxError {
    move |error| error.within(&format!("element {index}"))
}

/// A native list, or why there is none.
fn unbox(context: &BoxingContext<'_>, lists: ListFamily, ty: Type, value: &Value) -> Result<NativeValue, NativeValue> {
    let Value::List(values) = value else { return Err(expected(context.types().name(ty), value)) };
    let element = element_of(context, lists, ty).map_err(|error| NativeValue::error(error.message))?;
    let unboxing = context.unboxing(element).map_err(NativeValue::error)?;
    let mut list = context.container(ty, values.len()).map_err(NativeValue::error)?;
    // What elements leave to be cleaned up is cleaned up with the list.
    let mut held = NativeValue::default();
    let word = unboxing.word();
    for (index, value) in values.iter().enumerate() {
        if let (Some(word), false) = (word, matches!(value, Value::Record(..) | Value::Host(_)))
            && let Some(bits) = word(value)
        {
            list.push_words(&[NativeWord::address(bits)]).map_err(NativeValue::error)?;
            continue;
        }
        let element = unboxing.apply(context, value);
        if element.is_error() {
            held.take_over(element.within(&format!("element {index}")));
            return Err(held);
        }
        list.push(&[&element]).map_err(NativeValue::error)?;
        held.hold(element);
    }
    let list = Arc::new(list.finish().map_err(NativeValue::error)?);
    let mut native = NativeValue::container(Arc::clone(&list));
    native.hold(held);
    Ok(native.with_write_back(move |context, value| write_back(context, element, &list, value)))
}

fn write_back(
    context: &BoxingContext<'_>,
    element: Type,
    list: &NativeContainer,
    value: &mut Value,
) -> Result<(), BoxError> {
    let Value::List(values) = value else { return Err(BoxError::new("the argument is a list no more")) };
    let (unboxing, boxing) = (context.unboxing(element).map_err(BoxError::new)?, context.boxing(element)?);
    let mut length = 0;
    list.for_each(context.types(), &mut |item: &[NativeCells<'_>]| {
        let cells = &item[0];
        match values.get_mut(length) {
            Some(before) => {
                let is_other = matches!(before, Value::Record(..) | Value::Host(_));
                if let Some(bits) = unboxing.word().filter(|_| !is_other).and_then(|word| word(before))
                    && cells.words() == [NativeWord::address(bits)]
                {
                    length += 1;
                    return Ok(());
                }
                let was = unboxing.apply(context, before);
                if was.is_error() || was.words() != cells.words() {
                    *before = boxing.apply(context, cells).map_err(at(length))?;
                }
            }
            None => values.push(boxing.apply(context, cells).map_err(at(length))?),
        }
        length += 1;
        Ok(())
    })?;
    values.truncate(length);
    Ok(())
}

/// Why a list has no type as an argument.
fn untyped(registry: &Registry, types: &mut TypeTable, values: &[Value]) -> String {
    let mut element: Option<Type> = None;
    for (index, value) in values.iter().enumerate() {
        let ty = match registry.type_of_argument(types, value) {
            Ok(ty) => ty,
            Err(reason) => return format!("element {index}: {reason}"),
        };
        let Some(so_far) = element else {
            element = Some(ty);
            continue;
        };
        match registry.unify(types, so_far, ty, &mut RuleUses::default()) {
            Some((both, _)) => element = Some(both),
            None => {
                let (before, here) = (types.name(so_far), types.name(ty));
                return format!("element {index} is of type {here}, which has no type in common with {before}");
            }
        }
    }
    match element {
        Some(element) => not_kept(types, element),
        None => "an empty list has no type of its own: a signature or an annotation must say it".to_owned(),
    }
}
