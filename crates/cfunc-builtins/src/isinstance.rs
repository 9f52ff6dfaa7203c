//! `isinstance`: decided by types when the node is compiled, but for what may be None.

use cfunc_context::{Operand, Registrar, RegistrationError, Signature, TypeSpec, TypingAnswer};
use cfunc_models::{Type, TypeTable, Value};

use crate::optional::{OptionalFamily, presence};
use crate::tuple::TupleFamily;

pub(crate) fn register(
    registrar: &mut Registrar<'_>,
    tuples: TupleFamily,
    optionals: OptionalFamily,
) -> Result<(), RegistrationError> {
    registrar.constant_name("tuple", Value::type_object("tuple"))?;
    let object = registrar.types().definition(Type::OBJECT).constructor;
    // A type as an argument: it is looked at when the node is compiled, and is nothing at run time.
    registrar.lower_constant(object, |_b, ty, _value| Ok(Operand::new(ty, &[])));

    let function = registrar.function("isinstance");
    registrar.type_callable(function, move |call| {
        let [value, class] = call.arguments else {
            return TypingAnswer::No("it takes a value and a type".to_owned());
        };
        let Some(names) = class.constant.as_ref().and_then(class_names) else {
            return TypingAnswer::No("its second argument is a type, or a tuple of types".to_owned());
        };
        let signature = Signature::new(&[value.ty, class.ty], Type::BOOLEAN);
        let is_one = |ty: Type| names.iter().any(|name| is_instance(call.types, tuples, ty, name));
        let held = optionals.inner(call.types, value.ty);
        let (there, absent) = (is_one(held.unwrap_or(value.ty)), is_one(Type::NONE));
        if held.is_none() || there == absent {
            return TypingAnswer::Known(signature, Value::Boolean(there));
        }
        TypingAnswer::Signature(signature)
    });
    registrar.lower_builtin(function, [TypeSpec::Any, TypeSpec::Any], move |b, signature, operands| {
        let names = b.known(1).and_then(class_names).unwrap_or_default();
        let ty = operands[0].ty;
        let held = optionals.inner(b.types, ty).unwrap_or(ty);
        let is_one = names.iter().any(|name| is_instance(b.types, tuples, held, name));
        let none_is_one = names.iter().any(|name| is_instance(b.types, tuples, Type::NONE, name));
        let present = presence(b, optionals, &operands[0]);
        let result = match (is_one, none_is_one) {
            _ if held == ty => b.boolean(is_one),
            (true, false) => present,
            (false, true) => b.logical_not(present),
            (same, _) => b.boolean(same),
        };
        Ok(Operand::scalar(signature.result, result))
    });
    Ok(())
}

/// The names of the types that a value stands for; `None` where it is none.
fn class_names(value: &Value) -> Option<Vec<String>> {
    match value {
        Value::Tuple(values) => {
            let names: Option<Vec<Vec<String>>> = values.iter().map(class_names).collect();
            Some(names?.concat())
        }
        Value::None => Some(vec!["None".to_owned()]),
        other => other.type_name().map(|name| vec![name.to_owned()]),
    }
}

/// Whether values of a type are instances of the type of a name; a bool is an int, as in Python.
fn is_instance(types: &TypeTable, tuples: TupleFamily, ty: Type, name: &str) -> bool {
    let base = |expected: Type| name == types.name(expected);
    match ty {
        Type::BOOLEAN if base(Type::INT64) => true,
        _ if tuples.elements(types, ty).is_some() => name == "tuple",
        _ => base(ty),
    }
}
