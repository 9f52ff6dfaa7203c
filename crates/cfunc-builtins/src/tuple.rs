//! Tuples: their types, display, elements, slices, concatenation, length, truth and membership.
//!
//! A tuple is its elements, each of a type of its own, held as the components of all of them. Its length is part of the
//! type, so a constant index chooses an element when the node is compiled. An index that is known at run time only needs
//! elements of one type.

use cfunc_context::{
    Argument, Conversion, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError, Registry,
    Signature, TypeSpec, TypingAnswer, TypingContext, ValueSpec,
};
use cfunc_models::{
    CellForm, DataModel, Diagnostic, Field, NodeErrorKind, Span, Type, TypeConstructor, TypeTable, Value, codes,
};
use cfunc_syntax::ast::BinaryOperator;

use crate::elements::element_at;
use crate::emit::either;
use crate::slice::{SliceFamily, slice_indices};

/// How many parts a tuple may have, those of its elements counted with them: what a node's code grows with.
const MOST_PARTS: usize = 1_024;

/// How deep tuples and what may be None may be nested, so that a loop cannot nest them without end.
const MOST_DEPTH: usize = 24;

/// The family of all tuples.
#[derive(Clone, Copy)]
pub(crate) struct TupleFamily {
    pub(crate) constructor: TypeConstructor,
}

impl TupleFamily {
    pub(crate) fn define(registrar: &mut Registrar<'_>) -> Self {
        Self { constructor: registrar.types_mut().define_constructor("tuple") }
    }

    /// The type of tuples of these elements; `None` where it would be too large.
    pub(crate) fn of(self, types: &mut TypeTable, elements: &[Type]) -> Option<Type> {
        let fits = elements.iter().try_fold(1usize, |sum, ty| Some(sum + parts_of(types, *ty, MOST_DEPTH)?));
        fits.filter(|parts| *parts <= MOST_PARTS)?;
        let names: Vec<&str> = elements.iter().map(|ty| types.name(*ty)).collect();
        let name = if names.is_empty() { "tuple[()]".to_owned() } else { format!("tuple[{}]", names.join(", ")) };
        let field = |(index, ty): (usize, &Type)| Field { name: index.to_string(), ty: *ty };
        let fields = elements.iter().enumerate().map(field).collect();
        Some(types.apply(self.constructor, elements, &name, DataModel::Fields(fields), CellForm::None))
    }

    /// The types of the elements, where a type is of tuples.
    pub(crate) fn elements(self, types: &TypeTable, ty: Type) -> Option<&[Type]> {
        let definition = types.definition(ty);
        (definition.constructor == self.constructor).then_some(&*definition.parameters)
    }

    /// The type of tuples of as many elements, all of the one type that those of a tuple have in common.
    pub(crate) fn homogeneous(self, call: &mut TypingContext<'_>, ty: Type) -> Option<(Type, Type)> {
        let elements = self.elements(call.types, ty)?.to_vec();
        let (first, rest) = elements.split_first()?;
        let element = rest.iter().try_fold(*first, |common, ty| call.unify(common, *ty))?;
        Some((self.of(call.types, &vec![element; elements.len()])?, element))
    }
}

/// How many parts a type has; `None` where it is nested deeper than allowed.
fn parts_of(types: &TypeTable, ty: Type, depth: usize) -> Option<usize> {
    let depth = depth.checked_sub(1)?;
    types.definition(ty).parameters.iter().try_fold(1usize, |sum, ty| Some(sum + parts_of(types, *ty, depth)?))
}

/// The elements of a tuple, or the fields of another value.
pub(crate) fn parts(b: &LowerContext<'_, '_>, operand: &Operand) -> Vec<Operand> {
    let DataModel::Fields(fields) = &b.types.definition(operand.ty).model else { return Vec::new() };
    let mut first = 0;
    let part = |field: &Field| {
        let count = b.types.components(field.ty).len();
        first += count;
        Operand::new(field.ty, &operand.values[first - count..first])
    };
    fields.iter().map(part).collect()
}

pub(crate) fn too_large(span: Span) -> TypingAnswer {
    let message = format!("a tuple of more than {MOST_PARTS} parts, or nested more than {MOST_DEPTH} deep");
    let diagnostic = Diagnostic::error(codes::LIMIT_COUNT, span, message);
    TypingAnswer::Error(Box::new(diagnostic.hint("compute the elements where they are used")))
}

pub(crate) const NOT_MINE: TypingAnswer = TypingAnswer::No(String::new());

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily, slices: SliceFamily) {
    register_types(registrar, tuples);
    register_display(registrar, tuples);
    register_subscript(registrar, tuples, slices);
    register_unpacking(registrar, tuples);
    register_concatenation(registrar, tuples);
    register_size(registrar, tuples);
    register_membership(registrar, tuples);
}

/// The names of the family in annotations of plain functions: no cell of a node holds a tuple.
pub(crate) fn register_annotations(
    registrar: &mut Registrar<'_>,
    tuples: TupleFamily,
) -> Result<(), RegistrationError> {
    for name in ["tuple", "Tuple", "typing.Tuple"] {
        registrar.argument_family(name, move |types, elements| {
            let elements: Option<Vec<Type>> = elements.iter().map(|element| types.kept(*element)).collect();
            let tuple = elements.and_then(|elements| tuples.of(types, &elements));
            tuple.ok_or_else(|| "the tuple has too many elements, or elements that no tuple holds".to_owned())
        })?;
    }
    Ok(())
}

fn register_types(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let family = || TypeSpec::Constructor(tuples.constructor);
    registrar.type_of_compound(ValueSpec::kind("tuple"), move |registry, types, value, role| {
        let Value::Tuple(values) = value else { return None };
        let elements: Option<Vec<Type>> = values
            .iter()
            .map(|value| {
                let (ty, _) = registry.type_of(types, value, role)?;
                types.kept(ty)
            })
            .collect();
        tuples.of(types, &elements?)
    });
    registrar.lower_constant(tuples.constructor, |b, ty, value| {
        let types = b.types;
        let elements = &types.definition(ty).parameters;
        let Value::Tuple(values) = value else { return Err(crate::constants::not_a_constant("tuple", value)) };
        if elements.len() != values.len() {
            return Err(crate::constants::not_a_constant(types.name(ty), value));
        }
        let parts: Result<Vec<Operand>, LowerError> =
            elements.iter().zip(values).map(|(ty, value)| b.constant(*ty, value)).collect();
        Ok(b.make(ty, &parts?))
    });
    registrar.unify_compound(move |unifier, types, left, right| {
        let left = tuples.elements(types, left)?.to_vec();
        let right = tuples.elements(types, right)?.to_vec();
        if left.len() != right.len() {
            return None;
        }
        let pairs = left.iter().zip(&right);
        let elements: Option<Vec<Type>> = pairs.map(|(left, right)| unifier.unify(types, *left, *right)).collect();
        tuples.of(types, &elements?)
    });
    let condition = move |registry: &Registry, types: &TypeTable, from, to| {
        let (from, to) = (tuples.elements(types, from)?, tuples.elements(types, to)?);
        if from.len() != to.len() {
            return None;
        }
        let mut furthest = Conversion::Promotion;
        for (from, to) in from.iter().zip(to).filter(|(from, to)| from != to) {
            let conversion = registry.cast(types, *from, *to)?.conversion;
            if conversion == Conversion::Lossy {
                return None;
            }
            furthest = furthest.max(conversion);
        }
        Some((furthest, None))
    };
    registrar.lower_cast_where(family(), family(), condition, |b, _from, to, operand| {
        let types = b.types;
        let wanted = &types.definition(to).parameters;
        let given = parts(b, &operand);
        let cast: Result<Vec<Operand>, LowerError> =
            given.into_iter().zip(wanted).map(|(part, ty)| b.cast(part, *ty)).collect();
        Ok(b.make(to, &cast?))
    });
}

fn register_display(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    registrar.type_callable(Operation::MakeTuple, move |call| {
        if let Some(wrong) = call.arguments.iter().find(|argument| argument.ty == Type::OBJECT) {
            let kind = wrong.constant.as_ref().map_or("this", Value::kind);
            return TypingAnswer::No(format!("a value of kind {kind} is known at compile time only"));
        }
        let elements: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
        match tuples.of(call.types, &elements) {
            Some(ty) => TypingAnswer::Signature(Signature::new(&elements, ty)),
            None => too_large(call.span),
        }
    });
    let any = TypeSpec::VariableArguments(Box::new(TypeSpec::Any));
    registrar
        .lower_builtin(Operation::MakeTuple, [any], |b, signature, operands| Ok(b.make(signature.result, operands)));
    let function = registrar.function("tuple");
    registrar.type_callable(function, move |call| {
        let is_tuple = |argument: &Argument| tuples.elements(call.types, argument.ty).is_some();
        match call.arguments {
            [tuple] if call.keywords.is_empty() && is_tuple(tuple) => {
                TypingAnswer::Signature(Signature::new(&[tuple.ty], tuple.ty))
            }
            _ => TypingAnswer::No("it takes a tuple: a tuple has as many elements as its type says".to_owned()),
        }
    });
    registrar.lower_builtin(function, [TypeSpec::Constructor(tuples.constructor)], |_b, _signature, operands| {
        Ok(operands[0].clone())
    });
}

/// The value of an index that is known at compile time.
fn known_index(value: Option<&Value>) -> Option<i64> {
    match value {
        Some(Value::Integer(index)) => Some(*index),
        Some(Value::Boolean(index)) => Some(i64::from(*index)),
        _ => None,
    }
}

/// The position that an index means in a sequence of a length; negative ones count from the end.
pub(crate) fn position(index: i64, length: usize) -> Option<usize> {
    let length = i64::try_from(length).ok()?;
    let index = if index < 0 { index.checked_add(length)? } else { index };
    usize::try_from(index).ok().filter(|_| index < length)
}

fn register_subscript(registrar: &mut Registrar<'_>, tuples: TupleFamily, slices: SliceFamily) {
    registrar.type_callable(Operation::GetItem, move |call| type_subscript(call, tuples, slices));
    let specs = [TypeSpec::Constructor(tuples.constructor), TypeSpec::Any];
    registrar.lower_builtin(Operation::GetItem, specs, move |b, signature, operands| {
        let elements = parts(b, &operands[0]);
        if slices.is_slice(b.types, operands[1].ty) {
            let indices = b.known(1).and_then(|slice| slice_indices(slice, elements.len()));
            let indices = indices.ok_or_else(|| LowerError::new("the bounds of a slice of a tuple are not known"))?;
            let chosen: Vec<Operand> = indices.iter().map(|index| elements[*index].clone()).collect();
            return Ok(b.make(signature.result, &chosen));
        }
        if let Some(index) = known_index(b.known(1)) {
            let position = position(index, elements.len());
            return position
                .map(|position| elements[position].clone())
                .ok_or_else(|| LowerError::new("an index of a tuple is out of range"));
        }
        let length = i64::try_from(elements.len()).unwrap_or(i64::MAX);
        let index = crate::elements::checked_index(b, operands[1].value(), length, "tuple index out of range");
        Ok(element_at(b, signature.result, &elements, index))
    });
    registrar.fold_kind(Operation::GetItem, "tuple", |arguments| fold_subscript(arguments.positional));
    registrar.fold(Operation::MakeTuple, |arguments| Ok(Value::Tuple(arguments.positional.to_vec())));
}

fn fold_subscript(values: &[Value]) -> Result<Value, String> {
    let [Value::Tuple(elements), index] = values else { return Err("a tuple has elements by index".to_owned()) };
    if let Some(indices) = slice_indices(index, elements.len()) {
        return Ok(Value::Tuple(indices.into_iter().map(|index| elements[index].clone()).collect()));
    }
    let index = known_index(Some(index)).ok_or("the index of a tuple is an int or a slice")?;
    let position = position(index, elements.len());
    position.map(|position| elements[position].clone()).ok_or_else(|| "tuple index out of range".to_owned())
}

fn type_subscript(call: &mut TypingContext<'_>, tuples: TupleFamily, slices: SliceFamily) -> TypingAnswer {
    let [tuple, index] = call.arguments else { return NOT_MINE };
    let Some(elements) = tuples.elements(call.types, tuple.ty).map(<[Type]>::to_vec) else { return NOT_MINE };
    let error = |diagnostic: Diagnostic| TypingAnswer::Error(Box::new(diagnostic));
    if slices.is_slice(call.types, index.ty) {
        let Some(slice) = &index.constant else {
            let message = "the bounds of a slice of a tuple are known at run time only";
            let diagnostic = Diagnostic::error(codes::NO_RULE, index.span, message);
            let diagnostic = diagnostic.expected("constants, known at compile time as the length of the tuple is");
            return error(diagnostic.hint("take the elements one by one"));
        };
        let Some(indices) = slice_indices(slice, elements.len()) else {
            return error(
                Diagnostic::error(codes::CONSTANT_VALUE, index.span, "slice step cannot be zero")
                    .hint("leave the step out, or make it 1 or -1"),
            );
        };
        let chosen: Vec<Type> = indices.iter().map(|index| elements[*index]).collect();
        return match tuples.of(call.types, &chosen) {
            Some(result) => TypingAnswer::Signature(Signature::new(&[tuple.ty, index.ty], result)),
            None => too_large(call.span),
        };
    }
    if ![Type::INT64, Type::BOOLEAN].contains(&index.ty) {
        return TypingAnswer::No("the index of a tuple is an int or a slice".to_owned());
    }
    if let Some(known) = known_index(index.constant.as_ref()) {
        return match position(known, elements.len()) {
            Some(position) => TypingAnswer::Signature(Signature::new(&[tuple.ty, Type::INT64], elements[position])),
            None => {
                let message = format!("a tuple of {} elements has no element {known}", elements.len());
                let hint = match elements.len() {
                    0 => "the tuple is empty".to_owned(),
                    length => format!("indices go from -{length} to {}", length - 1),
                };
                error(Diagnostic::error(codes::LITERAL_RANGE, index.span, message).hint(hint))
            }
        };
    }
    match tuples.homogeneous(call, tuple.ty) {
        Some((all, element)) => TypingAnswer::Signature(Signature::new(&[all, Type::INT64], element)),
        None => {
            let name = call.types.name(tuple.ty);
            let message =
                format!("the elements of {name} are not of one type, and the index is known at run time only");
            let diagnostic = Diagnostic::error(codes::NO_UNIFICATION, call.span, message);
            let diagnostic = diagnostic.expected("an index that is known at compile time, or elements of one type");
            error(diagnostic.hint("test the index with `if`, and use a constant one in each branch"))
        }
    }
}

fn register_unpacking(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let count = |argument: &Argument| known_index(argument.constant.as_ref()).and_then(|n| usize::try_from(n).ok());
    let family = TypeSpec::Constructor(tuples.constructor);
    registrar.type_callable(Operation::Unpack, move |call| {
        let [tuple, targets] = call.arguments else { return NOT_MINE };
        let Some(elements) = tuples.elements(call.types, tuple.ty) else { return NOT_MINE };
        match count(targets) {
            Some(targets) if targets == elements.len() => {
                TypingAnswer::Signature(Signature::new(&[tuple.ty, call.arguments[1].ty], tuple.ty))
            }
            Some(targets) => wrong_count(call.span, elements.len(), &count_of(targets, "target")),
            None => NOT_MINE,
        }
    });
    let specs = [family.clone(), TypeSpec::Any];
    registrar.lower_builtin(Operation::Unpack, specs, |_b, _signature, operands| Ok(operands[0].clone()));
    registrar.type_callable(Operation::UnpackStarred, move |call| {
        let [tuple, before, after] = call.arguments else { return NOT_MINE };
        let Some(elements) = tuples.elements(call.types, tuple.ty).map(<[Type]>::to_vec) else { return NOT_MINE };
        let (Some(before), Some(after)) = (count(before), count(after)) else { return NOT_MINE };
        let Some(end) = elements.len().checked_sub(after).filter(|end| *end >= before) else {
            return wrong_count(call.span, elements.len(), &format!("{} or more targets", before + after));
        };
        let Some(rest) = tuples.of(call.types, &elements[before..end]) else { return too_large(call.span) };
        let mut targets = elements[..before].to_vec();
        targets.push(rest);
        targets.extend_from_slice(&elements[end..]);
        let parameters: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
        match tuples.of(call.types, &targets) {
            Some(result) => TypingAnswer::Signature(Signature::new(&parameters, result)),
            None => too_large(call.span),
        }
    });
    let specs = [family, TypeSpec::Any, TypeSpec::Any];
    // The components of the starred target are those of its elements, in their place.
    registrar.lower_builtin(Operation::UnpackStarred, specs, |_b, signature, operands| {
        Ok(Operand::new(signature.result, &operands[0].values))
    });
}

fn wrong_count(span: Span, values: usize, targets: &str) -> TypingAnswer {
    let message = format!("{} for {targets}", count_of(values, "value"));
    let diagnostic = Diagnostic::error(codes::ASSIGNMENT_TARGET, span, message);
    let diagnostic = diagnostic.expected("as many values as targets");
    TypingAnswer::Error(Box::new(diagnostic.hint("add a target for each value; `*rest` takes what is left")))
}

fn count_of(number: usize, what: &str) -> String {
    match number {
        0 => format!("no {what}s"),
        1 => format!("one {what}"),
        _ => format!("{number} {what}s"),
    }
}

fn register_concatenation(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let family = || TypeSpec::Constructor(tuples.constructor);
    let add = Operation::Binary(BinaryOperator::Add);
    registrar.type_callable(add, move |call| {
        let [left, right] = call.arguments else { return NOT_MINE };
        let (left, right) = (left.ty, right.ty);
        let both = tuples.elements(call.types, left).zip(tuples.elements(call.types, right));
        let Some(elements) = both.map(|(left, right)| [left, right].concat()) else { return NOT_MINE };
        match tuples.of(call.types, &elements) {
            Some(result) => TypingAnswer::Signature(Signature::new(&[left, right], result)),
            None => too_large(call.span),
        }
    });
    registrar.lower_builtin(add, [family(), family()], |b, signature, operands| Ok(b.make(signature.result, operands)));

    let multiply = Operation::Binary(BinaryOperator::Multiply);
    registrar.type_callable(multiply, move |call| {
        let [left, right] = call.arguments else { return NOT_MINE };
        let (tuple, count) = match (tuples.elements(call.types, left.ty), tuples.elements(call.types, right.ty)) {
            (Some(_), None) => (left, right),
            (None, Some(_)) => (right, left),
            _ => return NOT_MINE,
        };
        let Some(count) = known_index(count.constant.as_ref()) else {
            let message = "a tuple is repeated a number of times that is known at run time only";
            let diagnostic = Diagnostic::error(codes::NO_RULE, count.span, message);
            let diagnostic = diagnostic.expected("a constant, known at compile time as the length of the tuple is");
            return TypingAnswer::Error(Box::new(diagnostic.hint("go through it that many times in a loop")));
        };
        let elements = tuples.elements(call.types, tuple.ty).map(<[Type]>::to_vec).unwrap_or_default();
        let count = usize::try_from(count.max(0)).unwrap_or(usize::MAX);
        if elements.len().saturating_mul(count) > MOST_PARTS {
            return too_large(call.span);
        }
        // Nothing any number of times is nothing.
        let repeated = if elements.is_empty() { elements } else { elements.repeat(count) };
        let parameters = [left.ty, right.ty];
        match tuples.of(call.types, &repeated) {
            Some(result) => TypingAnswer::Signature(Signature::new(&parameters, result)),
            None => too_large(call.span),
        }
    });
    for (specs, tuple) in [([family(), TypeSpec::Any], 0), ([TypeSpec::Any, family()], 1)] {
        registrar.lower_builtin(multiply, specs, move |b, signature, operands| {
            let given = b.types.definition(operands[tuple].ty).parameters.len();
            let wanted = b.types.definition(signature.result).parameters.len();
            let times = wanted.checked_div(given).unwrap_or(0);
            Ok(b.make(signature.result, &vec![operands[tuple].clone(); times]))
        });
    }
}

fn register_size(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let count = move |call: &TypingContext<'_>| match call.arguments {
        [tuple] => tuples.elements(call.types, tuple.ty).map(|elements| (tuple.ty, elements.len())),
        _ => None,
    };
    registrar.type_callable(Operation::Length, move |call| match count(call) {
        Some((ty, count)) => TypingAnswer::Known(
            Signature::new(&[ty], Type::INT64),
            Value::Integer(i64::try_from(count).unwrap_or(i64::MAX)),
        ),
        None => NOT_MINE,
    });
    let family = || [TypeSpec::Constructor(tuples.constructor)];
    registrar.lower_builtin(Operation::Length, family(), |b, signature, operands| {
        let count = b.types.definition(operands[0].ty).parameters.len();
        let count = b.int64(i64::try_from(count).unwrap_or(i64::MAX));
        Ok(Operand::scalar(signature.result, count))
    });
    registrar.type_callable(Operation::Truth, move |call| match count(call) {
        Some((ty, count)) => TypingAnswer::Known(Signature::new(&[ty], Type::BOOLEAN), Value::Boolean(count > 0)),
        None => NOT_MINE,
    });
    registrar.lower_builtin(Operation::Truth, family(), |b, signature, operands| {
        let some = !b.types.definition(operands[0].ty).parameters.is_empty();
        Ok(Operand::scalar(signature.result, b.boolean(some)))
    });
}

/// Whether a value can be compared by `==` with every element of a tuple; the reason why not.
fn comparable(call: &mut TypingContext<'_>, elements: &[Type], value: Type) -> Result<(), String> {
    let argument = |ty| Argument { ty, constant: None, span: call.span };
    let pairs: Vec<[Argument; 2]> = elements.iter().map(|ty| [argument(*ty), argument(value)]).collect();
    for pair in pairs {
        let found = call.resolve(crate::tuple_comparison::EQUAL, &pair);
        found.map_err(|error| call.describe(&error))?;
    }
    Ok(())
}

fn register_membership(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let count = registrar.method(tuples.constructor, "count");
    let index = registrar.method(tuples.constructor, "index");
    let contains = Operation::Contains.id();
    for (callable, result) in [(contains, Type::BOOLEAN), (count, Type::INT64), (index, Type::INT64)] {
        registrar.type_callable(callable, move |call| {
            let [tuple, value] = call.arguments else { return NOT_MINE };
            let (tuple, value) = (tuple.ty, value.ty);
            let Some(elements) = tuples.elements(call.types, tuple).map(<[Type]>::to_vec) else { return NOT_MINE };
            match comparable(call, &elements, value) {
                Ok(()) => TypingAnswer::Signature(Signature::new(&[tuple, value], result)),
                Err(reason) => TypingAnswer::No(reason),
            }
        });
    }
    let specs = || [TypeSpec::Constructor(tuples.constructor), TypeSpec::Any];
    registrar.lower_builtin(contains, specs(), |b, signature, operands| {
        let mut found = b.boolean(false);
        for equal in equalities(b, operands)? {
            found = either(b, found, equal);
        }
        Ok(Operand::scalar(signature.result, found))
    });
    registrar.lower_builtin(count, specs(), |b, signature, operands| {
        let mut count = b.int64(0);
        for equal in equalities(b, operands)? {
            let one = crate::emit::boolean_to_integer(b, equal);
            count = b.binary(cfunc_ir::BinaryOperation::IntegerAdd, count, one);
        }
        Ok(Operand::scalar(signature.result, count))
    });
    registrar.lower_builtin(index, specs(), |b, signature, operands| {
        let equal = equalities(b, operands)?;
        let (mut found, mut first) = (b.boolean(false), b.int64(0));
        // From the end, so that the first of several stays.
        for (position, equal) in (0i64..).zip(equal).collect::<Vec<_>>().into_iter().rev() {
            let position = b.int64(position);
            first = b.select(equal, position, first);
            found = either(b, found, equal);
        }
        b.guard(found, NodeErrorKind::ValueError, "tuple.index(x): x not in tuple");
        Ok(Operand::scalar(signature.result, first))
    });
}

/// Whether each element of a tuple equals a value.
fn equalities(b: &mut LowerContext<'_, '_>, operands: &[Operand]) -> Result<Vec<cfunc_ir::Value>, LowerError> {
    let elements = parts(b, &operands[0]);
    let equal = |element: Operand| {
        b.call(crate::tuple_comparison::EQUAL, &[element, operands[1].clone()]).map(|result| result.value())
    };
    elements.into_iter().map(equal).collect()
}
