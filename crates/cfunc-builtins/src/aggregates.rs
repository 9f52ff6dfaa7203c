//! `sum`, `min`, `max`, `any` and `all` over everything that can be iterated, and `divmod`.
//!
//! Tuples are gone through when the node is compiled, element by element, so that theirs may be of several types;
//! everything else by the operations of iterations.

use cfunc_context::{
    CallableParameter, LowerContext, LowerError, Operand, Operation, Registrar, Signature, TypeSpec, TypingAnswer,
};
use cfunc_ir::Value as IrValue;
use cfunc_models::{Diagnostic, NodeErrorKind, Representation, Type, codes};
use cfunc_syntax::ast::{BinaryOperator, CompareOperator};

use crate::emit::{both, either};
use crate::iteration::{ITERABLES, for_each, iteration_of, result_of};
use crate::tuple::{NOT_MINE, TupleFamily, parts, too_large};

const ADD: Operation = Operation::Binary(BinaryOperator::Add);

pub(crate) fn register(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    register_sum(registrar, tuples);
    register_extreme(registrar, tuples, "min", CompareOperator::Less);
    register_extreme(registrar, tuples, "max", CompareOperator::Greater);
    register_quantifier(registrar, tuples, "any", true);
    register_quantifier(registrar, tuples, "all", false);
    register_divmod(registrar, tuples);
}

/// What is gone through by the operations of iterations.
fn iterables(registrar: &mut Registrar<'_>) -> TypeSpec {
    TypeSpec::Class(registrar.types_mut().define_class(ITERABLES))
}

fn register_sum(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    let function = registrar.function("sum");
    registrar.parameters(
        function,
        [CallableParameter::required("iterable"), CallableParameter::with_default("start", 0i64)],
    );
    registrar.type_callable(function, move |call| {
        let [iterable, start] = call.arguments else {
            return TypingAnswer::No("it takes what is added up, and a start".to_owned());
        };
        let (iterable, start) = (iterable.ty, start.ty);
        if let Some(elements) = tuples.elements(call.types, iterable).map(<[Type]>::to_vec) {
            let sum = elements.iter().try_fold(start, |sum, element| result_of(call, ADD, &[sum, *element]));
            return match sum {
                Some(sum) => TypingAnswer::Signature(Signature::new(&[iterable, start], sum)),
                None => TypingAnswer::No("its elements are not added".to_owned()),
            };
        }
        let element = match iteration_of(call, Operation::IterationStart, iterable) {
            Ok((_, element)) => element,
            Err(reason) => return TypingAnswer::No(reason),
        };
        // The sum is of one type from the start on.
        let mut sum = start;
        loop {
            let added = result_of(call, ADD, &[sum, element]);
            let wider = added.and_then(|added| call.unify(sum, added));
            match wider {
                Some(wider) if wider == sum => {
                    return TypingAnswer::Signature(Signature::new(&[iterable, sum], sum));
                }
                // A type that was left does not come back: unification widens.
                Some(wider) if call.unify(wider, sum) == Some(wider) => sum = wider,
                _ => return TypingAnswer::No("its elements are not added".to_owned()),
            }
        }
    });
    let specs = [TypeSpec::Constructor(tuples.constructor), TypeSpec::Any];
    registrar.lower_builtin(function, specs, |b, _signature, operands| {
        let elements = parts(b, &operands[0]);
        elements.into_iter().try_fold(operands[1].clone(), |sum, element| b.call(ADD, &[sum, element]))
    });
    let iterable = iterables(registrar);
    registrar.lower_builtin(function, [iterable, TypeSpec::Any], sum_one_by_one);
}

/// Adds what is iterated to a start of the type of the sum.
pub(crate) fn sum_one_by_one(
    b: &mut LowerContext<'_, '_>,
    signature: &Signature,
    operands: &[Operand],
) -> Result<Operand, LowerError> {
    let sum = Place::declare(b, &operands[1]);
    for_each(b, &operands[0], |b, element| {
        let so_far = sum.read(b);
        let added = b.call(ADD, &[so_far, element])?;
        let added = b.cast(added, signature.result)?;
        sum.write(b, &added);
        Ok(None)
    })?;
    Ok(sum.read(b))
}

/// Variables of the components of a value.
struct Place {
    ty: Type,
    variables: Vec<cfunc_ir::Variable>,
}

impl Place {
    fn declare(b: &mut LowerContext<'_, '_>, initial: &Operand) -> Self {
        let declare = |value: &IrValue| {
            let representation = b.representation(*value);
            b.declare_variable(representation)
        };
        let place = Self { ty: initial.ty, variables: initial.values.iter().map(declare).collect() };
        place.write(b, initial);
        place
    }

    fn write(&self, b: &mut LowerContext<'_, '_>, operand: &Operand) {
        for (variable, value) in self.variables.iter().zip(&operand.values) {
            b.define_variable(*variable, *value);
        }
    }

    fn read(&self, b: &mut LowerContext<'_, '_>) -> Operand {
        let values: Vec<IrValue> = self.variables.iter().map(|variable| b.use_variable(*variable)).collect();
        Operand::new(self.ty, &values)
    }
}

/// `min` and `max` of one argument: of its elements, the first of equal ones.
fn register_extreme(registrar: &mut Registrar<'_>, tuples: TupleFamily, name: &'static str, operator: CompareOperator) {
    let function = registrar.function(name);
    let comparison = Operation::Compare(operator);
    registrar.type_callable(function, move |call| {
        if let Some((keyword, _)) = call.keywords.first() {
            return TypingAnswer::No(match &**keyword {
                "default" => format!("it takes no `default`: ask for the length first, `{name}(x) if len(x) else 0`"),
                "key" => "it takes no `key`: keep the best so far in a loop".to_owned(),
                other => format!("it has no parameter `{other}`"),
            });
        }
        let [iterable] = call.arguments else { return NOT_MINE };
        let iterable = iterable.ty;
        let (taken, element) = if tuples.elements(call.types, iterable).is_some_and(<[Type]>::is_empty) {
            let message = format!("{name}() arg is an empty sequence");
            let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, call.span, message);
            return TypingAnswer::Error(Box::new(diagnostic.hint("give it a tuple that has elements")));
        } else if tuples.elements(call.types, iterable).is_some() {
            match tuples.homogeneous(call, iterable) {
                Some(found) => found,
                None => return TypingAnswer::No("its elements are not of one type".to_owned()),
            }
        } else {
            match iteration_of(call, Operation::IterationStart, iterable) {
                Ok((_, element)) => (iterable, element),
                Err(reason) => return TypingAnswer::No(reason),
            }
        };
        match result_of(call, comparison, &[element, element]) {
            Some(_) => TypingAnswer::Signature(Signature::new(&[taken], element)),
            None => TypingAnswer::No(format!("values of type {} have no order", call.types.name(element))),
        }
    });
    let better = move |b: &mut LowerContext<'_, '_>, candidate: &Operand, taken: &Operand| {
        let better = b.call(comparison, &[candidate.clone(), taken.clone()])?.value();
        let pairs = candidate.values.iter().zip(&taken.values);
        let values: Vec<IrValue> = pairs.map(|(candidate, taken)| b.select(better, *candidate, *taken)).collect();
        Ok::<Operand, LowerError>(Operand::new(taken.ty, &values))
    };
    registrar.lower_builtin(function, [TypeSpec::Constructor(tuples.constructor)], move |b, _signature, operands| {
        let mut elements = parts(b, &operands[0]).into_iter();
        let first = elements.next().ok_or_else(|| LowerError::new(format!("{name} of no elements")))?;
        elements.try_fold(first, |taken, candidate| better(b, &candidate, &taken))
    });
    let iterable = iterables(registrar);
    registrar.lower_builtin(function, [iterable], move |b, signature, operands| {
        let types = b.types;
        let zeros: Vec<IrValue> =
            types.components(signature.result).iter().map(|component| b.zero(*component)).collect();
        let taken = Place::declare(b, &Operand::new(signature.result, &zeros));
        let none = b.boolean(false);
        let some = Place::declare(b, &Operand::scalar(Type::BOOLEAN, none));
        for_each(b, &operands[0], |b, candidate| {
            // The first is taken without a comparison.
            let (compared, stored) = (b.create_block(), b.create_block());
            let so_far = taken.read(b);
            taken.write(b, &candidate);
            let any = some.read(b).value();
            b.branch(any, compared, stored);
            b.switch_to(compared);
            let chosen = better(b, &candidate, &so_far)?;
            taken.write(b, &chosen);
            b.jump(stored, &[]);
            b.switch_to(stored);
            let yes = b.boolean(true);
            some.write(b, &Operand::scalar(Type::BOOLEAN, yes));
            Ok(None)
        })?;
        let any = some.read(b).value();
        b.guard(any, NodeErrorKind::ValueError, &format!("{name}() arg is an empty sequence"));
        Ok(taken.read(b))
    });
}

/// `any` and `all`: the truth value that decides, or the other where no element has it.
fn register_quantifier(registrar: &mut Registrar<'_>, tuples: TupleFamily, name: &'static str, decides: bool) {
    let function = registrar.function(name);
    registrar.type_callable(function, move |call| {
        let [iterable] = call.arguments else { return TypingAnswer::No("it takes one argument".to_owned()) };
        let iterable = iterable.ty;
        if !call.keywords.is_empty() {
            return TypingAnswer::No("it takes no keyword arguments".to_owned());
        }
        let elements = match tuples.elements(call.types, iterable).map(<[Type]>::to_vec) {
            Some(elements) => elements,
            None => match iteration_of(call, Operation::IterationStart, iterable) {
                Ok((_, element)) => vec![element],
                Err(reason) => return TypingAnswer::No(reason),
            },
        };
        match elements.iter().all(|element| result_of(call, Operation::Truth, &[*element]).is_some()) {
            true => TypingAnswer::Signature(Signature::new(&[iterable], Type::BOOLEAN)),
            false => TypingAnswer::No("its elements have no truth value".to_owned()),
        }
    });
    registrar.lower_builtin(function, [TypeSpec::Constructor(tuples.constructor)], move |b, signature, operands| {
        let mut result = b.boolean(!decides);
        for element in parts(b, &operands[0]) {
            let truth = b.call(Operation::Truth, &[element])?.value();
            result = if decides { either(b, result, truth) } else { both(b, result, truth) };
        }
        Ok(Operand::scalar(signature.result, result))
    });
    let iterable = iterables(registrar);
    registrar.lower_builtin(function, [iterable], move |b, signature, operands| {
        let result = b.declare_variable(Representation::I8);
        let undecided = b.boolean(!decides);
        b.define_variable(result, undecided);
        for_each(b, &operands[0], |b, element| {
            let truth = b.call(Operation::Truth, &[element])?.value();
            b.define_variable(result, truth);
            Ok(Some(if decides { truth } else { b.logical_not(truth) }))
        })?;
        let result = b.use_variable(result);
        Ok(Operand::scalar(signature.result, result))
    });
}

fn register_divmod(registrar: &mut Registrar<'_>, tuples: TupleFamily) {
    const PARTS: [Operation; 2] =
        [Operation::Binary(BinaryOperator::FloorDivide), Operation::Binary(BinaryOperator::Modulo)];
    let function = registrar.function("divmod");
    registrar.type_callable(function, move |call| {
        let [left, right] = call.arguments else { return TypingAnswer::No("it takes two arguments".to_owned()) };
        let operands = [left.ty, right.ty];
        if !call.keywords.is_empty() {
            return TypingAnswer::No("it takes no keyword arguments".to_owned());
        }
        let [quotient, rest] = PARTS.map(|operation| result_of(call, operation, &operands));
        let Some((quotient, rest)) = quotient.zip(rest) else {
            return TypingAnswer::No("`//` and `%` are not defined for them".to_owned());
        };
        match tuples.of(call.types, &[quotient, rest]) {
            Some(result) => TypingAnswer::Signature(Signature::new(&operands, result)),
            None => too_large(call.span),
        }
    });
    registrar.lower_builtin(function, [TypeSpec::Any, TypeSpec::Any], |b, signature, operands| {
        let [quotient, rest] = PARTS;
        let parts = [b.call(quotient, operands)?, b.call(rest, operands)?];
        Ok(b.make(signature.result, &parts))
    });
}
