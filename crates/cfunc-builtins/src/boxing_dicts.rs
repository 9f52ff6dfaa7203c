//! Boxing and unboxing of dicts. A dict that a call changed is written back entry by entry, in its order.

use std::collections::HashMap;
use std::sync::Arc;

use cfunc_context::{
    BoxError, BoxingContext, NativeCells, NativeContainer, NativeValue, NativeWord, Registrar, Registry, RuleUses,
    TypeSpec,
};
use cfunc_models::{Type, TypeTable, Value};

use crate::boxing_scalars::expected;
use crate::dict::{DictFamily, not_kept};

pub(crate) fn register(registrar: &mut Registrar<'_>, dicts: DictFamily) {
    let family = || TypeSpec::Constructor(dicts.constructor);
    registrar.unbox_value(family(), move |context, ty, value| match unbox(context, ty, value) {
        Ok(dict) | Err(dict) => dict,
    });
    registrar.box_value(family(), |context, cells| {
        let mut entries = Vec::new();
        context.for_each_item(cells, &mut |item| {
            entries.push((context.box_value(&item[0])?, context.box_value(&item[1])?));
            Ok(())
        })?;
        Ok(Value::Dict(entries))
    });
    registrar.explain_untyped("dict", |registry, types, value| match value {
        Value::Dict(entries) => Some(untyped(registry, types, entries)),
        _ => None,
    });
}

fn types_of(types: &TypeTable, dict: Type) -> Option<(Type, Type)> {
    match *types.definition(dict).parameters {
        [key, value] => Some((key, value)),
        _ => None,
    }
}

/// A native dict, or why there is none.
fn unbox(context: &BoxingContext<'_>, ty: Type, value: &Value) -> Result<NativeValue, NativeValue> {
    let Value::Dict(entries) = value else { return Err(expected(context.types().name(ty), value)) };
    let (keys, values) = types_of(context.types(), ty).ok_or_else(|| NativeValue::error("it is no dict"))?;
    let (unbox_key, unbox_value) =
        (context.unboxing(keys).map_err(NativeValue::error)?, context.unboxing(values).map_err(NativeValue::error)?);
    let mut native: Vec<(NativeValue, NativeValue)> = Vec::with_capacity(entries.len());
    let mut positions: HashMap<NativeWord, usize> = HashMap::with_capacity(entries.len());
    // What is wrong, with all clean-ups so far.
    let failed = |native: Vec<(NativeValue, NativeValue)>, error: NativeValue| {
        let mut failed = NativeValue::default();
        for (key, value) in native {
            failed.hold(key);
            failed.hold(value);
        }
        failed.take_over(error);
        Err(failed)
    };
    for (key, value) in entries {
        let native_key = unbox_key.apply(context, key);
        if native_key.is_error() {
            return failed(native, native_key.within(&format!("the key {key}")));
        }
        let native_value = unbox_value.apply(context, value);
        if native_value.is_error() {
            let error = native_value.within(&format!("the value of {key}"));
            return failed(native, error);
        }
        let word = native_key.words().first().copied().unwrap_or_default();
        // The last value of a key stays, in the place of the first: keys may be one where they become one type.
        match positions.get(&word) {
            Some(position) => native[*position].1 = native_value,
            None => {
                positions.insert(word, native.len());
                native.push((native_key, native_value));
            }
        }
    }
    let mut dict = context.container(ty, native.len()).map_err(NativeValue::error)?;
    let mut held = NativeValue::default();
    for (key, value) in native {
        dict.push(&[&key, &value]).map_err(NativeValue::error)?;
        held.hold(key);
        held.hold(value);
    }
    let dict = Arc::new(dict.finish().map_err(NativeValue::error)?);
    let mut native = NativeValue::container(Arc::clone(&dict));
    native.hold(held);
    Ok(native.with_write_back(move |context, value| write_back(context, &dict, value)))
}

fn write_back(context: &BoxingContext<'_>, dict: &NativeContainer, value: &mut Value) -> Result<(), BoxError> {
    let Value::Dict(entries) = value else { return Err(BoxError::new("the argument is a dict no more")) };
    let same = |value: &Value, cells: &NativeCells<'_>| {
        let was = context.unbox(cells.ty(), value);
        !was.is_error() && was.words() == cells.words()
    };
    let mut length = 0;
    dict.for_each(context.types(), &mut |item: &[NativeCells<'_>]| {
        let [key, value] = item else { return Err(BoxError::new("an entry of a dict is a key and a value")) };
        match entries.get_mut(length) {
            Some(entry) => {
                if !same(&entry.0, key) {
                    entry.0 = context.box_value(key)?;
                }
                if !same(&entry.1, value) {
                    entry.1 = context.box_value(value)?;
                }
            }
            None => entries.push((context.box_value(key)?, context.box_value(value)?)),
        }
        length += 1;
        Ok(())
    })?;
    entries.truncate(length);
    Ok(())
}

/// Why a dict has no type as an argument.
fn untyped(registry: &Registry, types: &mut TypeTable, entries: &[(Value, Value)]) -> String {
    let mut both: Option<(Type, Type)> = None;
    for (key, value) in entries {
        let typed = |types: &mut TypeTable, what: &str, value: &Value| {
            registry.type_of_argument(types, value).map_err(|reason| format!("{what} {key}: {reason}"))
        };
        let found = typed(types, "the key", key).and_then(|of_key| Ok((of_key, typed(types, "the value of", value)?)));
        let (of_key, of_value) = match found {
            Ok(found) => found,
            Err(reason) => return reason,
        };
        let Some((keys, values)) = both else {
            both = Some((of_key, of_value));
            continue;
        };
        let mut unify = |left, right| registry.unify(types, left, right, &mut RuleUses::default()).map(|found| found.0);
        match (unify(keys, of_key), unify(values, of_value)) {
            (Some(keys), Some(values)) => both = Some((keys, values)),
            (None, _) => return format!("the key {key} has no type in common with those before it"),
            (_, None) => return format!("the value of {key} has no type in common with those before it"),
        }
    }
    match both {
        Some((key, value)) => not_kept(types, key, value),
        None => "an empty dict has no types of its own: a signature or an annotation must say them".to_owned(),
    }
}
