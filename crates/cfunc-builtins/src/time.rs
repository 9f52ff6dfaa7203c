//! `datetime` and `timedelta`: 64-bit nanoseconds, since 1970 in UTC or as such.
//!
//! Python's operators between times, and between a duration and a number, give what they give in Python. Wherever
//! Python defines nothing, a time is an integer of nanoseconds, as in the reference, with a warning.

use cfunc_context::{
    Argument, Loss, LowerContext, LowerError, Operand, Operation, Registrar, RegistrationError, Signature,
    TypingAnswer, TypingContext, exact,
};
use cfunc_ir::{ConvertOperation, FloatCondition, IntegerCondition, Value};
use cfunc_models::{
    CellForm, DataModel, NodeErrorKind, Representation, RuntimeFunction, Type, Value as ConstantValue, codes,
};
use cfunc_syntax::ast::{BinaryOperator, UnaryOperator};

use crate::boolean::integer_truth;
use crate::comparison::{COMPARISONS, compare_integers};
use crate::constants::not_a_constant;
use crate::conversions::{NUMBER_TO_BOOLEAN, lossy_cast};
use crate::emit::{
    BinaryEmitter, INTEGER_DIVISION_BY_ZERO, binary, call, guard_integer_divisor, integer_to_float, python_errors,
    same, unary,
};
use crate::float::guard_divisor;
use crate::integer::{absolute, add, multiply, negate, subtract};
use crate::integer_division::{floor_divide, modulo};
use crate::math_errors::is_finite;
use crate::print::{printed, write};
use crate::time_constructors::OUTSIDE_OF_DURATIONS;

pub(crate) const NANOSECONDS_PER_SECOND: i64 = 1_000_000_000;
pub(crate) const NANOSECONDS_PER_DAY: i64 = 86_400 * NANOSECONDS_PER_SECOND;

const MIXED: Loss = Loss {
    code: codes::TIME_MIXED,
    message: "the number counts nanoseconds",
    hint: "write the number as a duration, such as `timedelta(seconds=1)`",
    refuses_literals: false,
};

const DURATION_TO_FLOAT: Loss = Loss {
    code: codes::TIME_MIXED,
    message: "the number counts nanoseconds, rounded to whole ones",
    hint: "write `.total_seconds()` for the seconds of a duration",
    refuses_literals: false,
};

/// Makes a value of nanoseconds.
type TimeConstructor = fn(i64) -> ConstantValue;

/// The types.
#[derive(Clone, Copy)]
pub(crate) struct Times {
    pub(crate) datetime: Type,
    pub(crate) timedelta: Type,
    pub(crate) zoned: Type,
    pub(crate) zone: Type,
}

impl Times {
    fn contains(self, ty: Type) -> bool {
        [self.datetime, self.timedelta, self.zoned].contains(&ty)
    }
}

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    let model = DataModel::Scalar(Representation::I64);
    let datetime = registrar.define_type("datetime", model.clone(), CellForm::Scalar)?;
    let timedelta = registrar.define_type("timedelta", model, CellForm::Scalar)?;
    registrar.type_name("datetime.datetime", datetime)?;
    registrar.type_name("datetime.timedelta", timedelta)?;
    printed(registrar, datetime, |b, value| write(b, RuntimeFunction::PrintDatetime, &[value]));
    printed(registrar, timedelta, |b, value| write(b, RuntimeFunction::PrintTimedelta, &[value]));
    let (zone, zoned) = crate::time_zoned::define(registrar, datetime, timedelta);
    let times = Times { datetime, timedelta, zoned, zone };
    register_constants(registrar, times);
    crate::boxing_times::register(registrar, datetime, timedelta);
    crate::time_zoned::register(registrar, datetime, zone, zoned);
    register_casts(registrar, times);
    register_arithmetic(registrar, times);
    register_zoned_arithmetic(registrar, times);
    register_mixing(registrar, times);
    crate::time_members::register(registrar, times);
    crate::time_runtime::register(registrar, times);
    crate::time_constructors::register(registrar)
}

fn register_constants(registrar: &mut Registrar<'_>, times: Times) {
    for (kind, ty) in [("datetime", times.datetime), ("timedelta", times.timedelta)] {
        registrar.type_of_kind(kind, ty);
    }
    let makers: [(Type, TimeConstructor); 2] =
        [(times.datetime, ConstantValue::Datetime), (times.timedelta, ConstantValue::Timedelta)];
    for (ty, make) in makers {
        let constructor = registrar.types().definition(ty).constructor;
        registrar.convert_value(constructor, move |value| nanoseconds_of(value, &make(0)).map(make));
        registrar.lower_constant(constructor, move |b, ty, value| match nanoseconds_of(value, &make(0)) {
            Some(nanoseconds) => Ok(Operand::scalar(ty, b.int64(nanoseconds))),
            None => Err(not_a_constant(b.types.name(ty), value)),
        });
    }
}

/// The nanoseconds of a time of the same kind as `like`, or of a number, truncated.
fn nanoseconds_of(value: &ConstantValue, like: &ConstantValue) -> Option<i64> {
    match (value, like) {
        (ConstantValue::Record(..), ConstantValue::Datetime(_)) => {
            crate::time_zoned::parts_of(value).map(|(nanoseconds, _)| nanoseconds)
        }
        (ConstantValue::Datetime(nanoseconds), ConstantValue::Datetime(_))
        | (ConstantValue::Timedelta(nanoseconds), ConstantValue::Timedelta(_))
        | (ConstantValue::Integer(nanoseconds), _) => Some(*nanoseconds),
        (ConstantValue::Float(nanoseconds), _) => {
            let whole = nanoseconds.trunc();
            let limit = -(i64::MIN as f64);
            #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
            (-limit..limit).contains(&whole).then_some(whole as i64)
        }
        _ => None,
    }
}

fn register_casts(registrar: &mut Registrar<'_>, times: Times) {
    let (integer, float) = (Type::INT64, Type::FLOAT64);
    for time in [times.datetime, times.timedelta] {
        lossy_cast(registrar, time, integer, MIXED, same);
        lossy_cast(registrar, integer, time, MIXED, same);
        let loss = if time == times.timedelta { DURATION_TO_FLOAT } else { MIXED };
        lossy_cast(registrar, time, float, loss, integer_to_float);
        lossy_cast(registrar, float, time, MIXED, saturated);
        lossy_cast(registrar, time, Type::BOOLEAN, NUMBER_TO_BOOLEAN, integer_truth);
        registrar.unify(time, integer, integer);
        registrar.unify(time, float, float);
        unary(registrar, Operation::Truth, time, Type::BOOLEAN, integer_truth);
        for (name, result) in [("int", integer), ("float", float), ("bool", Type::BOOLEAN)] {
            let function = registrar.function(name);
            let emitter = match name {
                "int" => same,
                "float" => integer_to_float,
                _ => integer_truth,
            };
            unary(registrar, function, time, result, emitter);
        }
    }
    lossy_cast(registrar, times.datetime, times.timedelta, MIXED, same);
    lossy_cast(registrar, times.timedelta, times.datetime, MIXED, same);
    registrar.unify(times.datetime, times.timedelta, integer);
    register_zoned_casts(registrar, times);
}

/// As an instant of UTC.
fn register_zoned_casts(registrar: &mut Registrar<'_>, times: Times) {
    let Times { datetime, timedelta, zoned, .. } = times;
    for to in [Type::INT64, Type::FLOAT64, Type::BOOLEAN, timedelta] {
        let loss = if to == Type::BOOLEAN { NUMBER_TO_BOOLEAN } else { MIXED };
        registrar.lower_lossy_cast(exact(zoned), exact(to), loss, move |b, _from, to, operand| {
            b.cast(Operand::scalar(datetime, operand.values[0]), to)
        });
    }
    registrar.unify(zoned, Type::INT64, Type::INT64);
    registrar.unify(zoned, Type::FLOAT64, Type::FLOAT64);
    registrar.unify(zoned, timedelta, Type::INT64);
    let truth = Operation::Truth.id();
    let functions = ["int", "float", "bool"].map(|name| registrar.function(name));
    let results = [Type::BOOLEAN, Type::INT64, Type::FLOAT64, Type::BOOLEAN];
    for (callable, result) in [truth].into_iter().chain(functions).zip(results) {
        registrar.builtin(callable, &[zoned], result, move |b, _signature, operands| {
            b.call(callable, &[Operand::scalar(datetime, operands[0].values[0])])
        });
    }
}

fn saturated(b: &mut LowerContext<'_, '_>, value: Value) -> Value {
    b.convert(ConvertOperation::FloatToSignedSaturating, value, Representation::I64)
}

fn register_arithmetic(registrar: &mut Registrar<'_>, times: Times) {
    let Times { datetime, timedelta, .. } = times;
    let (integer, float) = (Type::INT64, Type::FLOAT64);
    let mut rule = |operator, left, right, result, emitter| {
        binary(registrar, Operation::Binary(operator), [left, right], result, emitter);
    };
    rule(BinaryOperator::Add, datetime, timedelta, datetime, add);
    rule(BinaryOperator::Add, timedelta, datetime, datetime, add);
    rule(BinaryOperator::Add, timedelta, timedelta, timedelta, add);
    rule(BinaryOperator::Subtract, datetime, timedelta, datetime, subtract);
    rule(BinaryOperator::Subtract, datetime, datetime, timedelta, subtract);
    rule(BinaryOperator::Subtract, timedelta, timedelta, timedelta, subtract);
    rule(BinaryOperator::Multiply, timedelta, integer, timedelta, multiply);
    rule(BinaryOperator::Multiply, integer, timedelta, timedelta, multiply);
    rule(BinaryOperator::Multiply, timedelta, float, timedelta, scale);
    rule(BinaryOperator::Multiply, float, timedelta, timedelta, |b, factor, time| scale(b, time, factor));
    rule(BinaryOperator::FloorDivide, timedelta, integer, timedelta, floor_divide);
    rule(BinaryOperator::FloorDivide, timedelta, timedelta, integer, floor_divide);
    rule(BinaryOperator::Modulo, timedelta, timedelta, timedelta, modulo);
    rule(BinaryOperator::Divide, timedelta, integer, timedelta, |b, time, divisor| {
        guard_integer_divisor(b, divisor, INTEGER_DIVISION_BY_ZERO);
        call(b, RuntimeFunction::TimedeltaDivide, &[time, divisor])
    });
    rule(BinaryOperator::Divide, timedelta, float, timedelta, |b, time, divisor| {
        guard_divisor(b, divisor, INTEGER_DIVISION_BY_ZERO);
        guard_ratio(b, time, divisor, RuntimeFunction::TimedeltaDivideFloatFits);
        call(b, RuntimeFunction::TimedeltaDivideFloat, &[time, divisor])
    });
    rule(BinaryOperator::Divide, timedelta, timedelta, float, |b, time, divisor| {
        guard_integer_divisor(b, divisor, "division by zero");
        call(b, RuntimeFunction::IntegerQuotient, &[time, divisor])
    });
    unary(registrar, Operation::Unary(UnaryOperator::Negate), timedelta, timedelta, negate);
    unary(registrar, Operation::Unary(UnaryOperator::Plus), timedelta, timedelta, same);
    let function = registrar.function("abs");
    unary(registrar, function, timedelta, timedelta, absolute);
    compare_integers(registrar, datetime);
    compare_integers(registrar, timedelta);
}

fn scale(b: &mut LowerContext<'_, '_>, time: Value, factor: Value) -> Value {
    guard_ratio(b, time, factor, RuntimeFunction::TimedeltaScaleFits);
    call(b, RuntimeFunction::TimedeltaScale, &[time, factor])
}

/// Fails, in Python's error model, where a float is no ratio of integers, and where what it gives does not fit.
fn guard_ratio(b: &mut LowerContext<'_, '_>, time: Value, number: Value, fits: RuntimeFunction) {
    if !python_errors(b) {
        return;
    }
    let is_number = b.float_compare(FloatCondition::Ordered, number, number);
    b.guard(is_number, NodeErrorKind::ValueError, "cannot convert NaN to integer ratio");
    let finite = is_finite(b, number);
    b.guard(finite, NodeErrorKind::OverflowError, "cannot convert Infinity to integer ratio");
    let fits = call(b, fits, &[time, number]);
    let fits = b.integer_compare_constant(IntegerCondition::NotEqual, fits, 0);
    b.guard(fits, NodeErrorKind::OverflowError, OUTSIDE_OF_DURATIONS);
}

/// A zoned datetime that is moved by a duration keeps its zone.
fn register_zoned_arithmetic(registrar: &mut Registrar<'_>, times: Times) {
    let Times { timedelta, zoned, .. } = times;
    for (operator, left, right, emitter) in [
        (BinaryOperator::Add, zoned, timedelta, add as BinaryEmitter),
        (BinaryOperator::Add, timedelta, zoned, add),
        (BinaryOperator::Subtract, zoned, timedelta, subtract),
    ] {
        let operation = Operation::Binary(operator);
        registrar.builtin(operation, &[left, right], zoned, move |b, signature, operands| {
            let moved = emitter(b, operands[0].values[0], operands[1].values[0]);
            let offset = operands.iter().find_map(|operand| operand.values.get(1).copied());
            let offset = offset.ok_or_else(|| LowerError::new("a zoned datetime has an offset"))?;
            Ok(Operand::new(signature.result, &[moved, offset]))
        });
    }
}

/// Types what Python leaves undefined as the same operation on nanoseconds.
fn register_mixing(registrar: &mut Registrar<'_>, times: Times) {
    let binary = BinaryOperator::ALL.iter().copied().filter(|operator| *operator != BinaryOperator::MatrixMultiply);
    let binary = binary.map(Operation::Binary);
    let unary = [UnaryOperator::Negate, UnaryOperator::Plus, UnaryOperator::Invert].map(Operation::Unary);
    let comparisons = COMPARISONS.map(|(operator, _, _)| Operation::Compare(operator));
    for operation in binary.chain(unary).chain(comparisons) {
        registrar.type_callable(operation, move |call| type_mixed(call, times, operation));
    }
}

fn type_mixed(call: &mut TypingContext<'_>, times: Times, operation: Operation) -> TypingAnswer {
    let types: Vec<Type> = call.arguments.iter().map(|argument| argument.ty).collect();
    let number = |ty: &Type| [Type::BOOLEAN, Type::INT64, Type::FLOAT64].contains(ty);
    let is_mixed = types.iter().any(|ty| times.contains(*ty))
        && types.iter().all(|ty| times.contains(*ty) || number(ty))
        && call.keywords.is_empty();
    if !is_mixed {
        return TypingAnswer::No("no operand is a time".to_owned());
    }
    // A truth value beside a duration is an integer there too, which Python defines, and a zoned datetime an instant.
    let promote = |ty: Type| match ty {
        Type::BOOLEAN => Type::INT64,
        zoned if zoned == times.zoned => times.datetime,
        other => other,
    };
    let promoted: Vec<Type> = types.iter().copied().map(promote).collect();
    if promoted != types
        && let Some(signature) = resolve(call, operation, &promoted)
    {
        return TypingAnswer::Signature(signature);
    }
    let as_number = if types.contains(&Type::FLOAT64) { Type::FLOAT64 } else { Type::INT64 };
    match resolve(call, operation, &vec![as_number; types.len()]) {
        Some(signature) => TypingAnswer::Signature(signature),
        None => TypingAnswer::No("not defined for numbers either".to_owned()),
    }
}

fn resolve(call: &mut TypingContext<'_>, operation: Operation, types: &[Type]) -> Option<Signature> {
    let span = call.span;
    let arguments: Vec<Argument> = types.iter().map(|ty| Argument { ty: *ty, constant: None, span }).collect();
    call.resolve(operation, &arguments).ok().map(|resolution| resolution.signature)
}
