//! `abs`, `min`, `max`, `pow`, `round`, `len`, and `real` and `imag` of numbers.

use cfunc_context::{
    Argument, CallableId, CallableParameter, LowerContext, Operand, Operation, Registrar, Signature, TypeSpec,
    TypingAnswer, TypingContext,
};
use cfunc_ir::{BinaryOperation, ConvertOperation, FloatCondition, IntegerCondition, UnaryOperation, Value as IrValue};
use cfunc_models::{NodeErrorKind, Representation, RuntimeFunction, Type, Value};
use cfunc_syntax::ast::{BinaryOperator, CompareOperator};

use crate::conversions::float_to_integer;
use crate::emit::{boolean_to_integer, call, either, guard_overflow, python_errors, same, unary};
use crate::math_errors::finite_unless_given;
use crate::math_integers::power_modulo;

pub(crate) fn register(registrar: &mut Registrar<'_>) {
    let function = registrar.function("abs");
    unary(registrar, function, Type::INT64, Type::INT64, crate::integer::absolute);
    unary(registrar, function, Type::FLOAT64, Type::FLOAT64, |b, value| b.unary(UnaryOperation::FloatAbsolute, value));

    select_extreme(registrar, "min", CompareOperator::Less);
    select_extreme(registrar, "max", CompareOperator::Greater);
    register_power(registrar);
    let length = registrar.function("len");
    delegate(registrar, length, 1, Operation::Length);
    delegate(registrar, Operation::MatchValue.id(), 2, Operation::Compare(CompareOperator::Equal));
    register_round(registrar);
    register_parts(registrar);
}

/// `pow` of two is the operator; with a modulus it is of integers alone.
fn register_power(registrar: &mut Registrar<'_>) {
    let function = registrar.function("pow");
    registrar.parameters(
        function,
        [
            CallableParameter::required("base"),
            CallableParameter::required("exp"),
            CallableParameter::with_default("mod", Value::None),
        ],
    );
    let operation = Operation::Binary(BinaryOperator::Power);
    registrar.type_callable(function, move |call| {
        let [base, exponent, rest @ ..] = call.arguments else {
            return TypingAnswer::No("it takes two or three arguments".to_owned());
        };
        match rest {
            [] => {}
            [modulus] if modulus.ty == Type::NONE => {}
            [modulus] => {
                let integers = [base, exponent, modulus].iter().all(|argument| is_integer(argument.ty));
                if integers {
                    return TypingAnswer::Signature(Signature::new(&[Type::INT64; 3], Type::INT64));
                }
                return TypingAnswer::No("with a modulus it takes integers".to_owned());
            }
            _ => return TypingAnswer::No("it takes two or three arguments".to_owned()),
        }
        let operands = [base.clone(), exponent.clone()];
        match call.resolve(operation, &operands) {
            Ok(resolution) => {
                let mut signature = resolution.signature;
                signature.parameters.extend(rest.iter().map(|modulus| modulus.ty));
                TypingAnswer::Signature(signature)
            }
            Err(error) => TypingAnswer::No(call.describe(&error)),
        }
    });
    registrar.lower_builtin(function, [TypeSpec::Any, TypeSpec::Any], move |b, _signature, operands| {
        b.call(operation, operands)
    });
    let specs = [TypeSpec::Any, TypeSpec::Any, TypeSpec::Exact(Type::NONE)];
    registrar.lower_builtin(function, specs, move |b, _signature, operands| b.call(operation, &operands[..2]));
    let specs = [const { TypeSpec::Exact(Type::INT64) }; 3];
    registrar.lower_builtin(function, specs, |b, signature, operands| {
        let [base, exponent, modulus] = [0, 1, 2].map(|index| operands[index].value());
        let power = power_modulo(b, base, exponent, modulus);
        Ok(Operand::scalar(signature.result, power))
    });
}

fn is_integer(ty: Type) -> bool {
    ty == Type::INT64 || ty == Type::BOOLEAN
}

/// Makes a function do what an operation does, for whatever types that is defined.
fn delegate(registrar: &mut Registrar<'_>, function: CallableId, count: usize, operation: Operation) {
    registrar.type_callable(function, move |call| {
        if call.arguments.len() != count || !call.keywords.is_empty() {
            return TypingAnswer::No(format!("it takes {count} positional arguments"));
        }
        match call.resolve(operation, call.arguments) {
            Ok(resolution) => match resolution.known {
                Some(value) => TypingAnswer::Known(resolution.signature, *value),
                None => TypingAnswer::Signature(resolution.signature),
            },
            Err(error) => TypingAnswer::No(call.describe(&error)),
        }
    });
    let specs = vec![TypeSpec::Any; count];
    registrar.lower_builtin(function, specs, move |b, _signature, operands| b.call(operation, operands));
}

/// Registers a function that takes the first argument, or each later one that compares so with what is taken already.
fn select_extreme(registrar: &mut Registrar<'_>, name: &str, operator: CompareOperator) {
    let function = registrar.function(name);
    let comparison = Operation::Compare(operator);
    registrar.type_callable(function, move |call| type_extreme(call, comparison.id()));
    let specs = [TypeSpec::Any, TypeSpec::Any, TypeSpec::VariableArguments(Box::new(TypeSpec::Any))];
    registrar.lower_builtin(function, specs, move |b, _signature, operands| {
        let (first, rest) = operands.split_first().ok_or_else(|| missing_arguments(name_of(operator)))?;
        let mut taken = first.clone();
        for operand in rest {
            let better = b.call(comparison, &[operand.clone(), taken.clone()])?.value();
            let pairs = operand.values.iter().zip(&taken.values);
            let values: Vec<IrValue> =
                pairs.map(|(candidate, current)| b.select(better, *candidate, *current)).collect();
            taken = Operand::new(taken.ty, &values);
        }
        Ok(taken)
    });
}

const fn name_of(operator: CompareOperator) -> &'static str {
    if matches!(operator, CompareOperator::Less) { "min" } else { "max" }
}

fn missing_arguments(name: &str) -> cfunc_context::LowerError {
    cfunc_context::LowerError::new(format!("{name} needs arguments"))
}

fn type_extreme(call: &mut TypingContext<'_>, comparison: CallableId) -> TypingAnswer {
    if !call.keywords.is_empty() {
        // What `min` and `max` of one argument say of them holds here too.
        return TypingAnswer::No(String::new());
    }
    if call.arguments.len() < 2 {
        return TypingAnswer::No("it takes two or more positional arguments".to_owned());
    }
    let mut unified = call.arguments[0].ty;
    for argument in &call.arguments[1..] {
        match call.unify(unified, argument.ty) {
            Some(ty) => unified = ty,
            None => {
                let (left, right) = (call.types.name(unified), call.types.name(argument.ty));
                return TypingAnswer::No(format!("{left} and {right} have no common type"));
            }
        }
    }
    let argument = Argument { ty: unified, constant: None, span: call.span };
    let arguments = [argument.clone(), argument];
    match call.resolve(comparison, &arguments) {
        Ok(_) => TypingAnswer::Signature(Signature::new(&vec![unified; call.arguments.len()], unified)),
        Err(error) => TypingAnswer::No(call.describe(&error)),
    }
}

fn register_round(registrar: &mut Registrar<'_>) {
    let function = registrar.function("round");
    let parameters = [CallableParameter::required("number"), CallableParameter::required("ndigits")];
    registrar.parameters(function, parameters);
    let (integer, float) = (Type::INT64, Type::FLOAT64);
    unary(registrar, function, integer, integer, same);
    unary(registrar, function, float, integer, round_to_integer);
    let scalar = |signature: &Signature, value| Ok(Operand::scalar(signature.result, value));
    registrar.builtin(function, &[integer, Type::NONE], integer, move |_b, signature, operands| {
        scalar(signature, operands[0].value())
    });
    registrar.builtin(function, &[float, Type::NONE], integer, move |b, signature, operands| {
        let rounded = round_to_integer(b, operands[0].value());
        scalar(signature, rounded)
    });
    registrar.builtin(function, &[integer, integer], integer, move |b, signature, operands| {
        let value = operands[0].value();
        let rounded = call(b, RuntimeFunction::IntegerRound, &[value, operands[1].value()]);
        if b.options.checked_integers {
            // Rounding keeps the sign or gives 0, unless it wrapped.
            let signs = b.binary(BinaryOperation::BitXor, value, rounded);
            let keeps = b.integer_compare_constant(IntegerCondition::SignedGreaterOrEqual, signs, 0);
            let vanishes = b.integer_compare_constant(IntegerCondition::Equal, rounded, 0);
            let fits = either(b, keeps, vanishes);
            guard_overflow(b, fits);
        }
        scalar(signature, rounded)
    });
    registrar.builtin(function, &[float, integer], float, move |b, signature, operands| {
        let value = operands[0].value();
        let rounded = call(b, RuntimeFunction::FloatRoundDigits, &[value, operands[1].value()]);
        if python_errors(b) {
            let proper = finite_unless_given(b, &[value], rounded);
            b.guard(proper, NodeErrorKind::OverflowError, "rounded value too large to represent");
        }
        scalar(signature, rounded)
    });
}

fn round_to_integer(b: &mut LowerContext<'_, '_>, value: IrValue) -> IrValue {
    let rounded = b.unary(UnaryOperation::FloatNearest, value);
    float_to_integer(b, rounded)
}

fn register_parts(registrar: &mut Registrar<'_>) {
    for (ty, part) in [(Type::BOOLEAN, Type::INT64), (Type::INT64, Type::INT64), (Type::FLOAT64, Type::FLOAT64)] {
        let constructor = registrar.types().definition(ty).constructor;
        let real = registrar.attribute(constructor, "real");
        unary(registrar, real, ty, part, if ty == Type::BOOLEAN { boolean_to_integer } else { same });
        let conjugate = registrar.method(constructor, "conjugate");
        unary(registrar, conjugate, ty, part, if ty == Type::BOOLEAN { boolean_to_integer } else { same });
        let imaginary = registrar.attribute(constructor, "imag");
        unary(registrar, imaginary, ty, part, |b, value| {
            let float = b.representation(value) == Representation::F64;
            b.zero(if float { Representation::F64 } else { Representation::I64 })
        });
    }
}

/// Whether a value is a number; for `math.isnan`.
pub(crate) fn is_nan(b: &mut LowerContext<'_, '_>, value: IrValue) -> IrValue {
    b.float_compare(FloatCondition::Unordered, value, value)
}

/// The greatest integer not above a value, the least not below, or the one towards zero: by the rounding given.
pub(crate) fn rounded_to_integer(b: &mut LowerContext<'_, '_>, value: IrValue, rounding: UnaryOperation) -> IrValue {
    if rounding == UnaryOperation::FloatTruncate && !python_errors(b) {
        // The conversion truncates by itself.
        return b.convert(ConvertOperation::FloatToSignedSaturating, value, Representation::I64);
    }
    let rounded = b.unary(rounding, value);
    float_to_integer(b, rounded)
}
