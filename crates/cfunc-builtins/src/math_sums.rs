//! Functions of the module `math` over many numbers: lengths, exact sums, products.

use cfunc_context::{
    CallableParameter, Conversion, LowerContext, LowerError, Operand, Registrar, Signature, TypeSpec, TypingAnswer,
    TypingContext,
};
use cfunc_ir::{BinaryOperation, IntegerCondition, MemoryClass, Value};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type};

use crate::emit::{call, guard_overflow, python_errors};
use crate::sequences::{Elements, elements, for_each};

/// Sizes of what the C runtime adds and multiplies in: CFUNC_SUM_SIZE and CFUNC_PRODUCT_SIZE.
const SUM_SIZE: u32 = 280;
const PRODUCT_SIZE: u32 = 16;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    register_hypot(registrar);
    register_dist(registrar);
    register_fsum(registrar);
    register_prod(registrar);
}

fn register_hypot(registrar: &mut Registrar<'_>) {
    let function = registrar.function("math.hypot");
    registrar.type_callable(function, |call| {
        if let Some((keyword, _)) = call.keywords.first() {
            return TypingAnswer::No(format!("it takes no keyword argument `{keyword}`"));
        }
        let arguments = call.arguments;
        if let Some(other) = arguments.iter().find(|argument| !converts_to_float(call, argument.ty)) {
            return TypingAnswer::No(format!("{} does not convert to float", call.types.name(other.ty)));
        }
        TypingAnswer::Signature(Signature::new(&vec![Type::FLOAT64; call.arguments.len()], Type::FLOAT64))
    });
    let specs = [TypeSpec::VariableArguments(Box::new(TypeSpec::Exact(Type::FLOAT64)))];
    registrar.lower_builtin(function, specs, |b, signature, operands| {
        let sides: Vec<Value> = operands.iter().map(Operand::value).collect();
        let length = length(b, &sides);
        Ok(Operand::scalar(signature.result, length))
    });
}

/// The distance of two tuples of as many numbers.
fn register_dist(registrar: &mut Registrar<'_>) {
    let function = registrar.function("math.dist");
    registrar.type_callable(function, |call| {
        let ([p, q], []) = (call.arguments, call.keywords) else {
            return TypingAnswer::No("it takes two points".to_owned());
        };
        let (p, q) = (p.ty, q.ty);
        let mut counts = Vec::new();
        for point in [p, q] {
            match elements(call, point) {
                Some(Elements::Each(types)) if types.iter().all(|ty| converts_to_float(call, *ty)) => {
                    counts.push(types.len());
                }
                _ => return TypingAnswer::No(format!("{} is no tuple of numbers", call.types.name(point))),
            }
        }
        if counts[0] != counts[1] {
            return TypingAnswer::No("both points must have the same number of dimensions".to_owned());
        }
        TypingAnswer::Signature(Signature::new(&[p, q], Type::FLOAT64))
    });
    registrar.lower_builtin(function, [TypeSpec::Any, TypeSpec::Any], |b, signature, operands| {
        let mut points: [Vec<Value>; 2] = Default::default();
        for (point, operand) in points.iter_mut().zip(operands) {
            for_each(b, operand, |b, element| {
                point.push(b.cast(element, Type::FLOAT64)?.value());
                Ok(())
            })?;
        }
        let [p, q] = points;
        let sides: Vec<Value> =
            p.iter().zip(&q).map(|(p, q)| b.binary(BinaryOperation::FloatSubtract, *p, *q)).collect();
        let length = length(b, &sides);
        Ok(Operand::scalar(signature.result, length))
    });
}

/// The exact sum of numbers, rounded once.
fn register_fsum(registrar: &mut Registrar<'_>) {
    let function = registrar.function("math.fsum");
    registrar.type_callable(function, |call| {
        let ([sequence], []) = (call.arguments, call.keywords) else {
            return TypingAnswer::No("it takes a sequence of numbers".to_owned());
        };
        let ty = sequence.ty;
        match elements(call, ty) {
            Some(elements) if elements.all(|ty| converts_to_float(call, ty)) => {
                TypingAnswer::Signature(Signature::new(&[ty], Type::FLOAT64))
            }
            _ => TypingAnswer::No(format!("{} is no sequence of numbers", call.types.name(ty))),
        }
    });
    registrar.lower_builtin(function, [TypeSpec::Any], |b, signature, operands| {
        let slot = b.create_stack_slot(SUM_SIZE, 8);
        let state = b.stack_address(slot);
        b.call_runtime(RuntimeFunction::SumStart, &[state]);
        for_each(b, &operands[0], |b, element| {
            let value = b.cast(element, Type::FLOAT64)?.value();
            b.call_runtime(RuntimeFunction::SumAdd, &[state, value]);
            Ok(())
        })?;
        if python_errors(b) {
            let status = call(b, RuntimeFunction::SumStatus, &[state]);
            for (failure, kind, message) in [
                (1, NodeErrorKind::OverflowError, "intermediate overflow in fsum"),
                (2, NodeErrorKind::ValueError, "-inf + inf in fsum"),
            ] {
                let failure = b.integer_constant(Representation::I32, failure);
                let fine = b.integer_compare(IntegerCondition::NotEqual, status, failure);
                b.guard(fine, kind, message);
            }
        }
        let sum = call(b, RuntimeFunction::SumResult, &[state]);
        Ok(Operand::scalar(signature.result, sum))
    });
}

/// The product of numbers, from `start` on: of ints alone an int, which does not wrap.
fn register_prod(registrar: &mut Registrar<'_>) {
    let function = registrar.function("math.prod");
    registrar.parameters(
        function,
        [CallableParameter::required("iterable"), CallableParameter::with_default("start", 1_i64)],
    );
    registrar.type_callable(function, |call| {
        let [sequence, start] = call.arguments else {
            return TypingAnswer::No("it takes a sequence of numbers, and a start".to_owned());
        };
        let (ty, start) = (sequence.ty, start.ty);
        let Some(elements) = elements(call, ty) else {
            return TypingAnswer::No(format!("{} is no sequence of numbers", call.types.name(ty)));
        };
        let integer = |ty| [Type::INT64, Type::BOOLEAN].contains(&ty);
        let result = if integer(start) && elements.all(integer) {
            Type::INT64
        } else if converts_to_float(call, start) && elements.all(|ty| converts_to_float(call, ty)) {
            Type::FLOAT64
        } else {
            return TypingAnswer::No("it multiplies numbers".to_owned());
        };
        let start = if integer(start) { Type::INT64 } else { Type::FLOAT64 };
        TypingAnswer::Signature(Signature::new(&[ty, start], result))
    });
    registrar.lower_builtin(function, [TypeSpec::Any, TypeSpec::Any], |b, signature, operands| {
        let product = if signature.result == Type::INT64 {
            integer_product(b, &operands[0], operands[1].value())?
        } else {
            float_product(b, &operands[0], operands[1].clone())?
        };
        Ok(Operand::scalar(signature.result, product))
    });
}

fn integer_product(b: &mut LowerContext<'_, '_>, sequence: &Operand, start: Value) -> Result<Value, LowerError> {
    let slot = b.create_stack_slot(PRODUCT_SIZE, 8);
    let state = b.stack_address(slot);
    b.call_runtime(RuntimeFunction::ProductStart, &[state]);
    b.call_runtime(RuntimeFunction::ProductMultiply, &[state, start]);
    for_each(b, sequence, |b, element| {
        let value = b.cast(element, Type::INT64)?.value();
        b.call_runtime(RuntimeFunction::ProductMultiply, &[state, value]);
        Ok(())
    })?;
    let fits = call(b, RuntimeFunction::ProductFits, &[state]);
    let none = b.integer_constant(Representation::I32, 0);
    let fits = b.integer_compare(IntegerCondition::NotEqual, fits, none);
    guard_overflow(b, fits);
    Ok(call(b, RuntimeFunction::ProductResult, &[state]))
}

/// Left to right, as floats from the first float on.
fn float_product(b: &mut LowerContext<'_, '_>, sequence: &Operand, start: Operand) -> Result<Value, LowerError> {
    let product = b.declare_variable(Representation::F64);
    let start = b.cast(start, Type::FLOAT64)?.value();
    b.define_variable(product, start);
    for_each(b, sequence, |b, element| {
        let factor = b.cast(element, Type::FLOAT64)?.value();
        let before = b.use_variable(product);
        let after = b.binary(BinaryOperation::FloatMultiply, before, factor);
        b.define_variable(product, after);
        Ok(())
    })?;
    Ok(b.use_variable(product))
}

/// Whether a type is, or converts without loss to, float.
fn converts_to_float(call: &mut TypingContext<'_>, ty: Type) -> bool {
    ty == Type::FLOAT64 || call.cast(ty, Type::FLOAT64).is_some_and(|cast| cast.conversion != Conversion::Lossy)
}

/// The length of a vector; CPython has no errors here either.
fn length(b: &mut LowerContext<'_, '_>, sides: &[Value]) -> Value {
    if let [x, y] = sides {
        return call(b, RuntimeFunction::MathHypot, &[*x, *y]);
    }
    let array = array(b, sides);
    let count = b.int64(i64::try_from(sides.len()).unwrap_or(i64::MAX));
    call(b, RuntimeFunction::MathNorm, &[array, count])
}

/// The address of words in a stack slot.
pub(crate) fn array(b: &mut LowerContext<'_, '_>, words: &[Value]) -> Value {
    let size = u32::try_from(words.len() * 8).unwrap_or(u32::MAX).max(8);
    let slot = b.create_stack_slot(size, 8);
    let address = b.stack_address(slot);
    for (offset, word) in (0..).step_by(8).zip(words) {
        b.store(*word, address, offset, MemoryClass::Stack);
    }
    address
}
