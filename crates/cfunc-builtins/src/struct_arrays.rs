//! Arrays of fixed length inside of structs: elements by index, length, membership, iteration from both ends.

use cfunc_context::{
    Argument, LowerContext, LowerError, Operand, Operation, Registrar, ResolveError, Signature, TypeSpec, TypingAnswer,
};
use cfunc_ir::{BinaryOperation, IntegerCondition, Value as IrValue};
use cfunc_models::{
    ArrayLayout, Diagnostic, FieldForm, Kept, MemoryLayout, Type, TypeConstructor, TypeTable, Value, codes,
};

use crate::container::{holder, is_within};
use crate::elements::checked_index;
use crate::iteration::{add_iterable, for_each, iteration_of, result_of};
use crate::slice::KIND;
use crate::struct_memory::{Place, load, store};
use crate::structs::is_fixed_address;
use crate::tuple::{NOT_MINE, TupleFamily, too_large};
use crate::tuple_comparison::EQUAL;

/// The longest array that is unpacked: each element is a value of its own then.
const MOST_UNPACKED: usize = 1024;

/// What errors call an element.
const ELEMENT: &str = "an element";

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let arrays = registrar.types_mut().define_constructor(TypeTable::ARRAYS);
    add_iterable(registrar, arrays);
    register_items(registrar, arrays);
    register_unpacking(registrar, arrays, tuples);
    register_iteration(registrar, arrays, ("array iterator", Operation::IterationStart), true);
    register_iteration(registrar, arrays, ("reversed array iterator", Operation::ReversedIterationStart), false);
}

fn array_of(types: &TypeTable, ty: Type) -> Option<&ArrayLayout> {
    types.memory_layout(ty).and_then(MemoryLayout::as_array)
}

/// The type of what is written to an element.
fn written(types: &TypeTable, array: &ArrayLayout) -> Type {
    match array.form {
        FieldForm::Inside => types.kept(array.element).unwrap_or(array.element),
        FieldForm::Address | FieldForm::Cell | FieldForm::Float32 | FieldForm::Integer { .. } => array.element,
    }
}

fn no_array() -> LowerError {
    LowerError::new("an array is needed")
}

/// The element at a position that is inside.
fn element(b: &mut LowerContext<'_, '_>, array: &Operand, position: IrValue) -> Result<Place<'static>, LowerError> {
    let ArrayLayout { element, form, stride, .. } = *array_of(b.types, array.ty).ok_or_else(no_array)?;
    let stride = b.int64(i64::from(stride));
    let distance = b.binary(BinaryOperation::IntegerMultiply, position, stride);
    let address = b.pointer_add(array.value(), distance);
    Ok(Place { address, offset: 0, ty: element, form, name: ELEMENT })
}

/// The element of an index, which may count from the end; fails outside of the array.
fn indexed(b: &mut LowerContext<'_, '_>, operands: &[Operand]) -> Result<Place<'static>, LowerError> {
    let length = array_of(b.types, operands[0].ty).ok_or_else(no_array)?.length;
    let position = checked_index(b, operands[1].value(), i64::from(length), "array index out of range");
    element(b, &operands[0], position)
}

/// The answer to an index that is known, and beyond the array.
fn outside(array: &ArrayLayout, index: &Argument) -> Option<TypingAnswer> {
    let position = match index.constant {
        Some(Value::Integer(position)) => position,
        Some(Value::Boolean(position)) => i64::from(position),
        _ => return None,
    };
    let length = i64::from(array.length);
    if (-length..length).contains(&position) {
        return None;
    }
    let message = format!("the index {position} is beyond an array of {length} elements");
    let diagnostic = Diagnostic::error(codes::NO_RULE, index.span, message);
    let hint = format!("its elements are 0 to {}, or -{length} to -1", length - 1);
    Some(TypingAnswer::Error(Box::new(diagnostic.hint(hint))))
}

fn register_items(registrar: &mut Registrar<'_>, arrays: TypeConstructor) {
    let family = || TypeSpec::Constructor(arrays);
    let is_index = |ty: Type| matches!(ty, Type::INT64 | Type::BOOLEAN);
    registrar.type_callable(Operation::GetItem, move |call| {
        let [array, index] = call.arguments else { return NOT_MINE };
        let Some(layout) = array_of(call.types, array.ty) else { return NOT_MINE };
        if call.types.constructor_name(call.types.definition(index.ty).constructor) == KIND {
            let diagnostic = Diagnostic::error(codes::NO_RULE, call.span, "an array of a host has no slices");
            let hint = "unpack it (`first, *rest = …`), or read its elements one by one";
            return TypingAnswer::Error(Box::new(diagnostic.expected("an int as the index").hint(hint)));
        }
        if !is_index(index.ty) {
            return TypingAnswer::No("the index of an array is an int".to_owned());
        }
        if let Some(outside) = outside(layout, index) {
            return outside;
        }
        TypingAnswer::Signature(Signature::new(&[array.ty, Type::INT64], layout.element))
    });
    registrar.lower_builtin(Operation::GetItem, [family(), TypeSpec::Exact(Type::INT64)], |b, _signature, operands| {
        let place = indexed(b, operands)?;
        load(b, &place)
    });
    registrar.type_callable(Operation::SetItem, move |call| {
        let [array, index, _value] = call.arguments else { return NOT_MINE };
        let Some(layout) = array_of(call.types, array.ty) else { return NOT_MINE };
        if !is_index(index.ty) {
            return TypingAnswer::No("the index of an array is an int".to_owned());
        }
        if let Some(outside) = outside(layout, index) {
            return outside;
        }
        if is_fixed_address(call.types, layout.form, layout.element) {
            return TypingAnswer::No("the elements are addresses of structs, which nodes do not assign to".to_owned());
        }
        let written = written(call.types, layout);
        TypingAnswer::Signature(Signature::new(&[array.ty, Type::INT64, written], Type::NONE))
    });
    let specs = [family(), TypeSpec::Exact(Type::INT64), TypeSpec::Any];
    registrar.lower_builtin(Operation::SetItem, specs, |b, signature, operands| {
        let place = indexed(b, operands)?;
        store(b, &place, &operands[2])?;
        Ok(Operand::new(signature.result, &[]))
    });
    registrar.type_callable(Operation::Length, |call| {
        let [array] = call.arguments else { return NOT_MINE };
        let Some(layout) = array_of(call.types, array.ty) else { return NOT_MINE };
        let signature = Signature::new(&[array.ty], Type::INT64);
        TypingAnswer::Known(signature, Value::Integer(i64::from(layout.length)))
    });
    registrar.lower_builtin(Operation::Length, [family()], |b, signature, operands| {
        let length = array_of(b.types, operands[0].ty).ok_or_else(no_array)?.length;
        Ok(Operand::scalar(signature.result, b.int64(i64::from(length))))
    });
    registrar.type_callable(Operation::Contains, |call| {
        let [array, value] = call.arguments else { return NOT_MINE };
        let Some(layout) = array_of(call.types, array.ty) else { return NOT_MINE };
        let (array, element, value) = (array.ty, layout.element, value.ty);
        // The loop that the rule emits needs its type.
        if let Err(reason) = iteration_of(call, Operation::IterationStart, array) {
            return TypingAnswer::No(reason);
        }
        match result_of(call, EQUAL, &[element, value]) {
            Some(_) => TypingAnswer::Signature(Signature::new(&[array, value], Type::BOOLEAN)),
            None => {
                let (element, value) = (call.types.name(element), call.types.name(value));
                TypingAnswer::No(format!("{element} and {value} are not compared"))
            }
        }
    });
    registrar.lower_builtin(Operation::Contains, [family(), TypeSpec::Any], |b, signature, operands| {
        let found = b.declare_variable(cfunc_models::Representation::I8);
        let no = b.boolean(false);
        b.define_variable(found, no);
        let wanted = operands[1].clone();
        for_each(b, &operands[0], move |b, element| {
            let equal = b.call(EQUAL, &[element, wanted.clone()])?.value();
            b.define_variable(found, equal);
            Ok(Some(equal))
        })?;
        Ok(Operand::scalar(signature.result, b.use_variable(found)))
    });
}

/// `a, b = levels`, `first, *rest = levels`: the elements as a tuple, of which tuples know the rest.
fn register_unpacking(registrar: &mut Registrar<'_>, arrays: TypeConstructor, tuples: TupleFamily) {
    for operation in [Operation::Unpack, Operation::UnpackStarred] {
        registrar.type_callable(operation, move |call| {
            let Some((array, counts)) = call.arguments.split_first() else { return NOT_MINE };
            let Some(layout) = array_of(call.types, array.ty) else { return NOT_MINE };
            let (element, length) = (layout.element, layout.length as usize);
            let element = match call.types.kept_form(element) {
                None => element,
                Some(Kept::As(kept)) => *kept,
                Some(Kept::Not(reason)) => return TypingAnswer::No(reason.clone()),
            };
            if length > MOST_UNPACKED {
                return too_large(call.span);
            }
            let Some(all) = tuples.of(call.types, &vec![element; length]) else { return too_large(call.span) };
            let mut unpacked = vec![Argument { ty: all, constant: None, span: array.span }];
            unpacked.extend_from_slice(counts);
            match call.resolve(operation, &unpacked) {
                Ok(resolution) => {
                    let parameters: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
                    TypingAnswer::Signature(Signature::new(&parameters, resolution.signature.result))
                }
                Err(ResolveError::Diagnostic(diagnostic)) => TypingAnswer::Error(diagnostic),
                Err(error) => TypingAnswer::No(call.describe(&error)),
            }
        });
        let counts = if operation == Operation::Unpack { 1 } else { 2 };
        let mut specs = vec![TypeSpec::Constructor(arrays)];
        specs.extend(std::iter::repeat_n(TypeSpec::Any, counts));
        registrar.lower_builtin(operation, specs, |b, signature, operands| {
            let array = operands[0].clone();
            let ArrayLayout { element: ty, form, stride, length, .. } =
                *array_of(b.types, array.ty).ok_or_else(no_array)?;
            let kept = b.types.kept(ty).unwrap_or(ty);
            // The components of the starred target are those of its elements, in their place.
            let mut values = Vec::new();
            for position in 0..length {
                let place = Place { address: array.value(), offset: position * stride, ty, form, name: ELEMENT };
                let element = load(b, &place)?;
                values.extend_from_slice(&b.cast(element, kept)?.values);
            }
            Ok(Operand::new(signature.result, &values))
        });
    }
}

fn register_iteration(
    registrar: &mut Registrar<'_>,
    arrays: TypeConstructor,
    (family, start): (&'static str, Operation),
    forward: bool,
) {
    let iterators = registrar.types_mut().define_constructor(family);
    let gone_through = move |types: &TypeTable, state: Type| {
        let definition = types.definition(state);
        (definition.constructor == iterators).then(|| definition.parameters.first().copied()).flatten()
    };
    registrar.type_callable(start, move |call| {
        let [array] = call.arguments else { return NOT_MINE };
        let array = array.ty;
        if array_of(call.types, array).is_none() {
            return NOT_MINE;
        }
        let iterator = holder(call.types, iterators, family, array, &["position"]);
        TypingAnswer::Signature(Signature::new(&[array], iterator))
    });
    registrar.lower_builtin(start, [TypeSpec::Constructor(arrays)], move |b, signature, operands| {
        let length = array_of(b.types, operands[0].ty).ok_or_else(no_array)?.length;
        let first = b.int64(if forward { 0 } else { i64::from(length) - 1 });
        Ok(Operand::new(signature.result, &[operands[0].value(), first]))
    });
    for (operation, result) in [(Operation::IterationHasNext, Some(Type::BOOLEAN)), (Operation::IterationAdvance, None)]
    {
        registrar.type_callable(operation, move |call| match call.arguments {
            [state] if gone_through(call.types, state.ty).is_some() => {
                TypingAnswer::Signature(Signature::new(&[state.ty], result.unwrap_or(state.ty)))
            }
            _ => NOT_MINE,
        });
    }
    registrar.type_callable(Operation::IterationValue, move |call| {
        let [state] = call.arguments else { return NOT_MINE };
        let array = gone_through(call.types, state.ty).and_then(|array| array_of(call.types, array));
        array.map_or(NOT_MINE, |array| TypingAnswer::Signature(Signature::new(&[state.ty], array.element)))
    });
    let specs = || [TypeSpec::Constructor(iterators)];
    registrar.lower_builtin(Operation::IterationHasNext, specs(), move |b, signature, operands| {
        let array = gone_through(b.types, operands[0].ty).ok_or_else(no_array)?;
        let length = array_of(b.types, array).ok_or_else(no_array)?.length;
        let (position, length) = (operands[0].values[1], b.int64(i64::from(length)));
        let more = match forward {
            true => b.integer_compare(IntegerCondition::SignedLess, position, length),
            false => is_within(b, position, length),
        };
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.lower_builtin(Operation::IterationValue, specs(), move |b, _signature, operands| {
        let array = gone_through(b.types, operands[0].ty).ok_or_else(no_array)?;
        let array = Operand::scalar(array, operands[0].values[0]);
        let place = element(b, &array, operands[0].values[1])?;
        load(b, &place)
    });
    registrar.lower_builtin(Operation::IterationAdvance, specs(), move |b, signature, operands| {
        let one = b.int64(1);
        let step = if forward { BinaryOperation::IntegerAdd } else { BinaryOperation::IntegerSubtract };
        let next = b.binary(step, operands[0].values[1], one);
        Ok(Operand::new(signature.result, &[operands[0].values[0], next]))
    });
}
