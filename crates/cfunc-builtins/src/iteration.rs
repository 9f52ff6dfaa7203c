//! Iteration of tuples, and `enumerate`, `zip` and `reversed` over everything that can be iterated.
//!
//! A type joins by registering the operations of iterations: start, test, value, step, and start from the end for
//! `reversed`; and its family, for `sum` and the like, by joining the class `iterable`. `enumerate` is `zip` of a counter and what is enumerated.

use cfunc_context::{
    Argument, CallableParameter, LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec,
    TypingAnswer, TypingContext,
};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value as IrValue};
use cfunc_models::{CellForm, DataModel, Diagnostic, Field, Representation, Type, TypeConstructor, TypeTable, codes};

use crate::elements::{MOST_SELECTED, element_at, in_memory, load_element};
use crate::emit::both;
use crate::tuple::{NOT_MINE, TupleFamily, parts, too_large};

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    register_tuples(registrar, tuples);
    let counter = register_counter(registrar);
    register_zip(registrar, tuples, counter);
    register_reversed(registrar);
}

/// The class of families that functions of iterables go through by the operations of iterations. A family joins by
/// being added to it; tuples are gone through when the node is compiled, and are not in it.
pub(crate) const ITERABLES: &str = "iterable";

/// Adds a family to the iterables.
pub(crate) fn add_iterable(registrar: &mut Registrar<'_>, constructor: TypeConstructor) {
    let class = registrar.types_mut().define_class(ITERABLES);
    registrar.types_mut().add_to_class(class, constructor);
}

/// What an operation gives for operands of types, or why it is not defined for them.
fn outcome(call: &mut TypingContext<'_>, operation: Operation, operands: &[Type]) -> Result<Type, String> {
    let argument = |ty: &Type| Argument { ty: *ty, constant: None, span: call.span };
    let arguments: Vec<Argument> = operands.iter().map(argument).collect();
    match call.resolve(operation, &arguments) {
        Ok(resolution) => Ok(resolution.signature.result),
        Err(error) => Err(call.describe(&error)),
    }
}

/// What an operation gives for operands of types, where it is defined.
pub(crate) fn result_of(call: &mut TypingContext<'_>, operation: Operation, operands: &[Type]) -> Option<Type> {
    outcome(call, operation, operands).ok()
}

/// The types of an iteration over a type, of its state and of its elements; else why there is none.
pub(crate) fn iteration_of(
    call: &mut TypingContext<'_>,
    start: Operation,
    iterable: Type,
) -> Result<(Type, Type), String> {
    let state = outcome(call, start, &[iterable])?;
    outcome(call, Operation::IterationHasNext, &[state])?;
    let next = outcome(call, Operation::IterationAdvance, &[state])?;
    let value = outcome(call, Operation::IterationValue, &[state])?;
    if next == state {
        return Ok((state, value));
    }
    Err(format!("the iteration of {} changes its type", call.types.name(iterable)))
}

/// A member of a family that holds a value of each parameter.
fn product(types: &mut TypeTable, constructor: TypeConstructor, family: &str, parameters: &[Type]) -> Type {
    let names: Vec<&str> = parameters.iter().map(|ty| types.name(*ty)).collect();
    let name = format!("{family}[{}]", names.join(", "));
    let field = |(index, ty): (usize, &Type)| Field { name: index.to_string(), ty: *ty };
    let fields = parameters.iter().enumerate().map(field).collect();
    types.apply(constructor, parameters, &name, DataModel::Fields(fields), CellForm::None)
}

/// Calls a function with each element of an iterable until it says that it has seen enough, by an i8.
pub(crate) fn for_each(
    b: &mut LowerContext<'_, '_>,
    iterable: &Operand,
    mut element: impl FnMut(&mut LowerContext<'_, '_>, Operand) -> Result<Option<IrValue>, LowerError>,
) -> Result<(), LowerError> {
    let state = b.call(Operation::IterationStart, std::slice::from_ref(iterable))?;
    let ty = state.ty;
    let variables: Vec<_> = state
        .values
        .iter()
        .map(|value| {
            let representation = b.representation(*value);
            b.declare_variable(representation)
        })
        .collect();
    let define = |b: &mut LowerContext<'_, '_>, state: &Operand| {
        for (variable, value) in variables.iter().zip(&state.values) {
            b.define_variable(*variable, *value);
        }
    };
    define(b, &state);
    let (head, round, next, done) = (b.create_block(), b.create_block(), b.create_block(), b.create_block());
    b.jump(head, &[]);
    b.switch_to(head);
    let values: Vec<IrValue> = variables.iter().map(|variable| b.use_variable(*variable)).collect();
    let state = [Operand::new(ty, &values)];
    let more = b.call(Operation::IterationHasNext, &state)?.value();
    b.branch(more, round, done);
    b.switch_to(round);
    b.poll();
    let value = b.call(Operation::IterationValue, &state)?;
    match element(b, value)? {
        Some(enough) => b.branch(enough, done, next),
        None => b.jump(next, &[]),
    }
    b.switch_to(next);
    let advanced = b.call(Operation::IterationAdvance, &state)?;
    define(b, &advanced);
    b.jump(head, &[]);
    b.switch_to(done);
    Ok(())
}

// Tuples.

fn register_tuples(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    const FAMILY: &str = "tuple iterator";
    let iterators = registrar.types_mut().define_constructor(FAMILY);
    let memory =
        registrar.types_mut().define("elements of a tuple", DataModel::Scalar(Representation::Pointer), CellForm::None);
    // The parameter is the type of the tuple, whose elements are of one type.
    let iterator = move |types: &mut TypeTable, tuple: Type, count: usize| {
        let held = if count > MOST_SELECTED { memory } else { tuple };
        let fields = [("index", Type::INT64), ("elements", held)];
        let fields = fields.map(|(name, ty)| Field { name: name.to_owned(), ty }).into();
        let name = format!("{FAMILY}[{}]", types.name(tuple));
        types.apply(iterators, &[tuple], &name, DataModel::Fields(fields), CellForm::None)
    };
    for operation in [Operation::IterationStart, Operation::ReversedIterationStart] {
        registrar.type_callable(operation, move |call| {
            let [tuple] = call.arguments else { return NOT_MINE };
            let Some(count) = tuples.elements(call.types, tuple.ty).map(<[Type]>::len) else { return NOT_MINE };
            let all = if count == 0 { Some(tuple.ty) } else { tuples.homogeneous(call, tuple.ty).map(|(all, _)| all) };
            let Some(all) = all else {
                let name = call.types.name(tuple.ty);
                let message = format!("the elements of {name} are not of one type, so they are not iterated over");
                let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, call.span, message);
                let diagnostic = diagnostic.expected("elements of types that become one, such as int and float");
                return TypingAnswer::Error(Box::new(diagnostic.hint("use each element by its index")));
            };
            let result = iterator(call.types, all, count);
            TypingAnswer::Signature(Signature::new(&[all], result))
        });
        registrar.lower_builtin(
            operation,
            [TypeSpec::Constructor(tuples.constructor)],
            move |b, signature, operands| {
                let mut elements = parts(b, &operands[0]);
                if operation == Operation::ReversedIterationStart {
                    elements.reverse();
                }
                let index = Operand::scalar(Type::INT64, b.int64(0));
                let held = if elements.len() > MOST_SELECTED {
                    let (address, _) = in_memory(b, elements[0].ty, &elements);
                    Operand::scalar(memory, address)
                } else {
                    b.make(operands[0].ty, &elements)
                };
                Ok(b.make(signature.result, &[index, held]))
            },
        );
    }
    let tuple_of = move |types: &TypeTable, state: Type| {
        let definition = types.definition(state);
        (definition.constructor == iterators).then(|| definition.parameters.first().copied()).flatten()
    };
    let element_of = move |types: &TypeTable, state: Type| {
        let tuple = tuple_of(types, state)?;
        Some(tuples.elements(types, tuple)?.first().copied().unwrap_or(Type::NONE))
    };
    registrar.type_callable(Operation::IterationHasNext, move |call| match call.arguments {
        [state] if tuple_of(call.types, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], Type::BOOLEAN))
        }
        _ => NOT_MINE,
    });
    registrar.type_callable(Operation::IterationValue, move |call| match call.arguments {
        [state] => element_of(call.types, state.ty)
            .map_or(NOT_MINE, |element| TypingAnswer::Signature(Signature::new(&[state.ty], element))),
        _ => NOT_MINE,
    });
    registrar.type_callable(Operation::IterationAdvance, move |call| match call.arguments {
        [state] if tuple_of(call.types, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], state.ty))
        }
        _ => NOT_MINE,
    });
    let family = || [TypeSpec::Constructor(iterators)];
    registrar.lower_builtin(Operation::IterationHasNext, family(), move |b, signature, operands| {
        let types = b.types;
        let tuple = tuple_of(types, operands[0].ty).unwrap_or(Type::NONE);
        let count = i64::try_from(types.definition(tuple).parameters.len()).unwrap_or(i64::MAX);
        let more = b.integer_compare_constant(IntegerCondition::SignedLess, operands[0].values[0], count);
        Ok(Operand::scalar(signature.result, more))
    });
    registrar.lower_builtin(Operation::IterationValue, family(), move |b, signature, operands| {
        let fields = parts(b, &operands[0]);
        let position = fields[0].value();
        if fields[1].ty == memory {
            // It is in static data or on the stack.
            return Ok(load_element(b, signature.result, fields[1].value(), MemoryClass::Any, position));
        }
        let elements = parts(b, &fields[1]);
        Ok(element_at(b, signature.result, &elements, position))
    });
    registrar.lower_builtin(Operation::IterationAdvance, family(), |b, signature, operands| {
        let one = b.int64(1);
        let mut values = operands[0].values.clone();
        values[0] = b.binary(BinaryOperation::IntegerAdd, values[0], one);
        Ok(Operand::new(signature.result, &values))
    });
}

// `zip` and `enumerate`.

/// The numbers from a start on, for `enumerate`.
fn register_counter(registrar: &mut Registrar<'_>) -> Type {
    let counter = registrar.types_mut().define("counter", DataModel::Scalar(Representation::I64), CellForm::None);
    registrar
        .builtin(Operation::IterationStart, &[counter], counter, |_b, _signature, operands| Ok(operands[0].clone()));
    registrar.builtin(Operation::IterationHasNext, &[counter], Type::BOOLEAN, |b, signature, _operands| {
        Ok(Operand::scalar(signature.result, b.boolean(true)))
    });
    registrar.builtin(Operation::IterationValue, &[counter], Type::INT64, |_b, signature, operands| {
        Ok(Operand::scalar(signature.result, operands[0].value()))
    });
    registrar.builtin(Operation::IterationAdvance, &[counter], counter, |b, signature, operands| {
        let one = b.int64(1);
        Ok(Operand::scalar(signature.result, b.binary(BinaryOperation::IntegerAdd, operands[0].value(), one)))
    });
    counter
}

fn register_zip(registrar: &mut Registrar<'_>, tuples: TupleFamily, counter: Type) {
    const FAMILY: &str = "zip";
    let zips = registrar.types_mut().define_constructor(FAMILY);
    registrar.transient(zips);
    add_iterable(registrar, zips);
    let zip = move |call: &mut TypingContext<'_>, iterables: &[Type]| {
        for iterable in iterables {
            iteration_of(call, Operation::IterationStart, *iterable).map_err(TypingAnswer::No)?;
        }
        match tuples.of(call.types, iterables) {
            Some(_) => Ok(product(call.types, zips, FAMILY, iterables)),
            None => Err(too_large(call.span)),
        }
    };
    let function = registrar.function(FAMILY);
    registrar.type_callable(function, move |call| {
        if call.arguments.is_empty() || !call.keywords.is_empty() {
            return TypingAnswer::No("it takes one or more positional arguments".to_owned());
        }
        let iterables: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
        match zip(call, &iterables) {
            Ok(result) => TypingAnswer::Signature(Signature::new(&iterables, result)),
            Err(answer) => answer,
        }
    });
    let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
    registrar.lower_builtin(function, [any], |b, signature, operands| Ok(b.make(signature.result, operands)));

    let function = registrar.function("enumerate");
    registrar.parameters(
        function,
        [CallableParameter::required("iterable"), CallableParameter::with_default("start", 0i64)],
    );
    registrar.type_callable(function, move |call| {
        let [iterable, start] = call.arguments else {
            return TypingAnswer::No("it takes what is enumerated, and a start".to_owned());
        };
        let iterable = iterable.ty;
        if ![Type::INT64, Type::BOOLEAN].contains(&start.ty) {
            return TypingAnswer::No("the start is an int".to_owned());
        }
        match zip(call, &[counter, iterable]) {
            Ok(result) => TypingAnswer::Signature(Signature::new(&[iterable, Type::INT64], result)),
            Err(answer) => answer,
        }
    });
    registrar.lower_builtin(function, [TypeSpec::Any, TypeSpec::Any], move |b, signature, operands| {
        let start = Operand::scalar(counter, operands[1].value());
        Ok(b.make(signature.result, &[start, operands[0].clone()]))
    });
    register_zip_iteration(registrar, tuples, zips);
}

/// The iteration of a zip has a state of each; it ends with the first that ends.
fn register_zip_iteration(registrar: &mut Registrar<'_>, tuples: TupleFamily, zips: TypeConstructor) {
    const FAMILY: &str = "zip iterator";
    let iterators = registrar.types_mut().define_constructor(FAMILY);
    registrar.type_callable(Operation::IterationStart, move |call| {
        let [zip] = call.arguments else { return NOT_MINE };
        let zip = zip.ty;
        let Some(iterables) = members(call.types, zips, zip) else { return NOT_MINE };
        let states: Option<Vec<Type>> =
            iterables.iter().map(|iterable| result_of(call, Operation::IterationStart, &[*iterable])).collect();
        let Some(states) = states else { return NOT_MINE };
        let result = product(call.types, iterators, FAMILY, &states);
        TypingAnswer::Signature(Signature::new(&[zip], result))
    });
    registrar.lower_builtin(Operation::IterationStart, [TypeSpec::Constructor(zips)], |b, signature, operands| {
        let states = each(b, Operation::IterationStart, &operands[0])?;
        Ok(b.make(signature.result, &states))
    });
    registrar.type_callable(Operation::IterationHasNext, move |call| match call.arguments {
        [state] if members(call.types, iterators, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], Type::BOOLEAN))
        }
        _ => NOT_MINE,
    });
    registrar.type_callable(Operation::IterationAdvance, move |call| match call.arguments {
        [state] if members(call.types, iterators, state.ty).is_some() => {
            TypingAnswer::Signature(Signature::new(&[state.ty], state.ty))
        }
        _ => NOT_MINE,
    });
    registrar.type_callable(Operation::IterationValue, move |call| {
        let [state] = call.arguments else { return NOT_MINE };
        let state = state.ty;
        let Some(states) = members(call.types, iterators, state) else { return NOT_MINE };
        let values: Option<Vec<Type>> =
            states.iter().map(|state| result_of(call, Operation::IterationValue, &[*state])).collect();
        let Some(values) = values else { return NOT_MINE };
        match tuples.of(call.types, &values) {
            Some(result) => TypingAnswer::Signature(Signature::new(&[state], result)),
            None => too_large(call.span),
        }
    });
    let family = || [TypeSpec::Constructor(iterators)];
    registrar.lower_builtin(Operation::IterationHasNext, family(), |b, signature, operands| {
        let mut all = b.boolean(true);
        for more in each(b, Operation::IterationHasNext, &operands[0])? {
            all = both(b, all, more.value());
        }
        Ok(Operand::scalar(signature.result, all))
    });
    for operation in [Operation::IterationValue, Operation::IterationAdvance] {
        registrar.lower_builtin(operation, family(), move |b, signature, operands| {
            let results = each(b, operation, &operands[0])?;
            Ok(b.make(signature.result, &results))
        });
    }
}

fn members(types: &TypeTable, constructor: TypeConstructor, ty: Type) -> Option<Vec<Type>> {
    let definition = types.definition(ty);
    (definition.constructor == constructor).then(|| definition.parameters.to_vec())
}

/// What an operation gives for each part of a value.
fn each(b: &mut LowerContext<'_, '_>, operation: Operation, operand: &Operand) -> Result<Vec<Operand>, LowerError> {
    parts(b, operand).into_iter().map(|part| b.call(operation, &[part])).collect()
}

// `reversed`.

fn register_reversed(registrar: &mut Registrar<'_>) {
    const FAMILY: &str = "reversed";
    let family = registrar.types_mut().define_constructor(FAMILY);
    registrar.transient(family);
    add_iterable(registrar, family);
    let function = registrar.function(FAMILY);
    registrar.type_callable(function, move |call| {
        let [iterable] = call.arguments else { return TypingAnswer::No("it takes one argument".to_owned()) };
        let iterable = iterable.ty;
        if !call.keywords.is_empty() {
            return TypingAnswer::No("it takes no keyword arguments".to_owned());
        }
        if let Err(reason) = iteration_of(call, Operation::ReversedIterationStart, iterable) {
            return TypingAnswer::No(reason);
        }
        let result = product(call.types, family, FAMILY, &[iterable]);
        TypingAnswer::Signature(Signature::new(&[iterable], result))
    });
    registrar.lower_builtin(function, [TypeSpec::Any], |b, signature, operands| Ok(b.make(signature.result, operands)));
    registrar.type_callable(Operation::IterationStart, move |call| {
        let [reversed] = call.arguments else { return NOT_MINE };
        let reversed = reversed.ty;
        let Some(iterable) = members(call.types, family, reversed) else { return NOT_MINE };
        match result_of(call, Operation::ReversedIterationStart, &iterable) {
            Some(state) => TypingAnswer::Signature(Signature::new(&[reversed], state)),
            None => NOT_MINE,
        }
    });
    registrar.lower_builtin(Operation::IterationStart, [TypeSpec::Constructor(family)], |b, _signature, operands| {
        let iterable = parts(b, &operands[0]);
        b.call(Operation::ReversedIterationStart, &iterable)
    });
}
