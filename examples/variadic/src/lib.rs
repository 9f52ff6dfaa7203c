//! Functions of any number of arguments, and of arguments by name with defaults, written against the facade alone.
//!
//! - `maximum(*xs)`: the greatest of one or more numbers; an int where all are;
//! - `clamp_all(lo, hi, *xs)`: the sum of the numbers, each moved into the bounds first;
//! - `clamp(x, lo=0.0, hi=1.0)`: one number moved into the bounds, which may be given by name.

use cfunc_compiler::ir::{BinaryOperation, FloatCondition, IntegerCondition, Value as IrValue};
use cfunc_compiler::{
    CallableParameter, Conversion, Extension, ExtensionId, LowerContext, LowerError, Operand, Registrar,
    RegistrationError, Signature, Type, TypeSpec, TypingAnswer, TypingContext, exact,
};

/// The extension that brings `maximum`, `clamp_all` and `clamp`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Variadic;

impl Extension for Variadic {
    fn id(&self) -> ExtensionId {
        ExtensionId::new("example.variadic", 1)
    }

    fn register(&self, registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
        register_maximum(registrar);
        register_clamp_all(registrar);
        register_clamp(registrar);
        Ok(())
    }
}

/// Any number of arguments of one type.
fn each(ty: Type) -> TypeSpec {
    TypeSpec::VariableArguments(Box::new(exact(ty)))
}

fn register_maximum(registrar: &mut Registrar<'_>) {
    let function = registrar.function("maximum");
    registrar.type_callable(function, type_maximum);
    registrar.lower_builtin(function, [each(Type::INT64)], |b, signature, operands| {
        greatest(b, signature, operands, |b, candidate, taken| {
            b.integer_compare(IntegerCondition::SignedGreater, candidate, taken)
        })
    });
    registrar.lower_builtin(function, [each(Type::FLOAT64)], |b, signature, operands| {
        greatest(b, signature, operands, |b, candidate, taken| {
            b.float_compare(FloatCondition::Greater, candidate, taken)
        })
    });
}

/// One or more numbers, all converted to the type that fits each of them.
fn type_maximum(call: &mut TypingContext<'_>) -> TypingAnswer {
    if let Some(refusal) = refuse_keywords(call) {
        return refusal;
    }
    let Some((first, rest)) = call.arguments.split_first() else {
        return TypingAnswer::No("it takes one or more numbers".to_owned());
    };
    let mut common = first.ty;
    for argument in rest {
        let Some(unified) = call.unify(common, argument.ty) else {
            let (left, right) = (call.types.name(common), call.types.name(argument.ty));
            return TypingAnswer::No(format!("{left} and {right} have no common type"));
        };
        common = unified;
    }
    // A truth value is an int where the greatest is asked for.
    let common = if common == Type::BOOLEAN { Type::INT64 } else { common };
    if common != Type::INT64 && common != Type::FLOAT64 {
        return TypingAnswer::No(format!("{} is no number", call.types.name(common)));
    }
    TypingAnswer::Signature(Signature::new(&vec![common; call.arguments.len()], common))
}

fn refuse_keywords(call: &TypingContext<'_>) -> Option<TypingAnswer> {
    let (name, _) = call.keywords.first()?;
    Some(TypingAnswer::No(format!("it takes no keyword argument `{name}`")))
}

fn greatest(
    b: &mut LowerContext<'_, '_>,
    signature: &Signature,
    operands: &[Operand],
    greater: fn(&mut LowerContext<'_, '_>, IrValue, IrValue) -> IrValue,
) -> Result<Operand, LowerError> {
    let greatest = operands.iter().map(Operand::value).reduce(|taken, candidate| {
        let better = greater(b, candidate, taken);
        b.select(better, candidate, taken)
    });
    let greatest = greatest.ok_or_else(|| LowerError::new("maximum is typed for one or more numbers"))?;
    Ok(Operand::scalar(signature.result, greatest))
}

fn register_clamp_all(registrar: &mut Registrar<'_>) {
    let float = Type::FLOAT64;
    let function = registrar.function("clamp_all");
    registrar.type_callable(function, |call| {
        if let Some(refusal) = refuse_keywords(call) {
            return refusal;
        }
        if call.arguments.len() < 2 {
            return TypingAnswer::No("it takes `lo`, `hi` and any number of values".to_owned());
        }
        for argument in call.arguments {
            let cast = call.cast(argument.ty, Type::FLOAT64);
            let converts = cast.is_some_and(|cast| cast.conversion != Conversion::Lossy);
            if argument.ty != Type::FLOAT64 && !converts {
                return TypingAnswer::No(format!("{} does not convert to float", call.types.name(argument.ty)));
            }
        }
        TypingAnswer::Signature(Signature::new(&vec![Type::FLOAT64; call.arguments.len()], Type::FLOAT64))
    });
    registrar.lower_builtin(function, [exact(float), exact(float), each(float)], |b, signature, operands| {
        let [lo, hi, values @ ..] = operands else {
            return Err(LowerError::new("clamp_all is typed for two or more numbers"));
        };
        let mut sum = b.float64(0.0);
        for value in values {
            let clamped = clamped(b, value.value(), lo.value(), hi.value());
            sum = b.binary(BinaryOperation::FloatAdd, sum, clamped);
        }
        Ok(Operand::scalar(signature.result, sum))
    });
}

fn register_clamp(registrar: &mut Registrar<'_>) {
    let function = registrar.function("clamp");
    registrar.parameters(
        function,
        [
            CallableParameter::required("x"),
            CallableParameter::with_default("lo", 0.0),
            CallableParameter::with_default("hi", 1.0),
        ],
    );
    registrar.builtin(function, &[Type::FLOAT64; 3], Type::FLOAT64, |b, signature, operands| {
        let result = clamped(b, operands[0].value(), operands[1].value(), operands[2].value());
        Ok(Operand::scalar(signature.result, result))
    });
}

/// The value, or the bound that it is beyond.
fn clamped(b: &mut LowerContext<'_, '_>, value: IrValue, lo: IrValue, hi: IrValue) -> IrValue {
    let below = b.float_compare(FloatCondition::Less, value, lo);
    let raised = b.select(below, lo, value);
    let above = b.float_compare(FloatCondition::Greater, raised, hi);
    b.select(above, hi, raised)
}
