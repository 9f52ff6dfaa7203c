//! `datetime(…)`, `timedelta(…)` and `timezone(…)` of arguments that are known when the node runs.
//!
//! What Python refuses is a node error in every error model, as is what 64-bit nanoseconds do not hold. Calls of
//! constants alone are evaluated at compile time, and refused there.

use cfunc_context::{
    Argument, CallableParameter, LowerContext, Operand, Registrar, Signature, TypeSpec, TypingAnswer, TypingContext,
};
use cfunc_ir::{BinaryOperation, ConvertOperation, FloatCondition, IntegerCondition, UnaryOperation, Value as IrValue};
use cfunc_models::{Diagnostic, NodeErrorKind, Representation, RuntimeFunction, Type, Value, codes};

use crate::emit::{both, call};
use crate::math_errors::is_finite;
use crate::math_sums::array;
use crate::time::{NANOSECONDS_PER_DAY, Times};
use crate::time_constructors::{
    DATETIME_PARAMETERS, OUTSIDE_OF_DURATIONS, OUTSIDE_OF_INSTANTS, SUMMATION_ORDER, TIMEDELTA_PARAMETERS, WITHOUT_ZONE,
};
use crate::time_members::{local_time, part, quotient};
use crate::time_zoned::offset_of;

const MICROSECONDS_PER_DAY: i64 = 86_400_000_000;

/// The most microseconds, and the fewest but for their sign, whose nanoseconds are in 64 bits.
const LARGEST_MICROSECONDS: i64 = i64::MAX / 1_000;

pub(crate) fn register(registrar: &mut Registrar<'_>, times: Times) {
    for module in ["", "datetime."] {
        register_timedelta(registrar, times, &format!("{module}timedelta"));
        register_datetime(registrar, times, &format!("{module}datetime"));
        register_timezone(registrar, times, &format!("{module}timezone"));
        register_from_timestamp(registrar, times, &format!("{module}datetime.fromtimestamp"));
    }
    for ty in [times.datetime, times.zoned] {
        register_replace(registrar, times, ty);
    }
}

/// Whether the call is evaluated at compile time, or refused there.
fn is_constant(call: &TypingContext<'_>) -> bool {
    let keywords = call.keywords.iter().map(|(_, argument)| argument);
    call.arguments.iter().chain(keywords).all(|argument| argument.constant.is_some())
}

fn evaluated() -> TypingAnswer {
    TypingAnswer::No("its arguments are known at compile time, but not taken".to_owned())
}

/// The type that a number is passed as.
fn number_type(ty: Type) -> Option<Type> {
    match ty {
        Type::BOOLEAN | Type::INT64 => Some(Type::INT64),
        Type::FLOAT64 => Some(Type::FLOAT64),
        _ => None,
    }
}

fn wrong_type(call: &TypingContext<'_>, argument: &Argument, parameter: &str, expected: &str) -> TypingAnswer {
    let found = call.types.name(argument.ty);
    TypingAnswer::No(format!("`{parameter}` is {expected}, not {found}"))
}

fn register_timedelta(registrar: &mut Registrar<'_>, times: Times, path: &str) {
    let callable = registrar.function(path);
    let parameters = TIMEDELTA_PARAMETERS.map(|(name, _)| CallableParameter::with_default(name, 0_i64));
    registrar.parameters(callable, parameters);
    registrar.type_callable(callable, move |call| {
        if is_constant(call) || call.arguments.len() != TIMEDELTA_PARAMETERS.len() {
            return evaluated();
        }
        let mut parameters = [Type::INT64; 7];
        for ((argument, parameter), (name, _)) in call.arguments.iter().zip(&mut parameters).zip(TIMEDELTA_PARAMETERS) {
            match number_type(argument.ty) {
                Some(ty) => *parameter = ty,
                None => return wrong_type(call, argument, name, "a number"),
            }
        }
        TypingAnswer::Signature(Signature::new(&parameters, times.timedelta))
    });
    registrar.lower_builtin(callable, [const { TypeSpec::Any }; 7], |b, signature, operands| {
        let mut floats = 0;
        let mut words = Vec::with_capacity(operands.len());
        for (position, index) in SUMMATION_ORDER.into_iter().enumerate() {
            let word = operands[index].value();
            if operands[index].ty == Type::FLOAT64 {
                floats |= 1 << position;
                guard_finite(b, word);
            }
            words.push(word);
        }
        let array = array(b, &words);
        let floats = b.int64(floats);
        let duration = call(b, RuntimeFunction::TimedeltaMake, &[array, floats]);
        let fits = b.integer_compare_constant(IntegerCondition::NotEqual, duration, i64::MIN);
        b.guard(fits, NodeErrorKind::OverflowError, OUTSIDE_OF_DURATIONS);
        Ok(Operand::scalar(signature.result, duration))
    });
}

fn guard_finite(b: &mut LowerContext<'_, '_>, value: IrValue) {
    let is_number = b.float_compare(FloatCondition::Ordered, value, value);
    b.guard(is_number, NodeErrorKind::ValueError, "cannot convert float NaN to integer");
    let finite = is_finite(b, value);
    b.guard(finite, NodeErrorKind::OverflowError, "cannot convert float infinity to integer");
}

/// The type of what is made in a zone: constants of UTC need no offset.
fn datetime_type(times: Times, zone: &Argument) -> Type {
    if zone.constant.as_ref().and_then(offset_of) == Some(0) { times.datetime } else { times.zoned }
}

fn without_zone(call: &TypingContext<'_>, parameter: &str) -> TypingAnswer {
    let diagnostic = Diagnostic::error(codes::CONSTANT_VALUE, call.span, WITHOUT_ZONE);
    TypingAnswer::Error(Box::new(diagnostic.hint(format!("add `{parameter}=timezone.utc`"))))
}

fn register_datetime(registrar: &mut Registrar<'_>, times: Times, path: &str) {
    let callable = registrar.function(path);
    let parameters = DATETIME_PARAMETERS.iter().enumerate().map(|(index, name)| match index {
        0..3 => CallableParameter::required(name),
        3..7 => CallableParameter::with_default(name, 0_i64),
        _ => CallableParameter::with_default(name, Value::None),
    });
    registrar.parameters(callable, parameters.chain([CallableParameter::with_default("fold", 0_i64)]));
    registrar.type_callable(callable, move |call| {
        let [fields @ .., zone, fold] = call.arguments else { return evaluated() };
        if is_constant(call) || fields.len() != 7 {
            return evaluated();
        }
        if let Some(answer) = refused_field(call, fields) {
            return answer;
        }
        if zone.ty == Type::NONE {
            return without_zone(call, "tzinfo");
        }
        if zone.ty != times.zone {
            return wrong_type(call, zone, "tzinfo", "a timezone");
        }
        if number_type(fold.ty) != Some(Type::INT64) {
            return wrong_type(call, fold, "fold", "an int");
        }
        let mut parameters = vec![Type::INT64; 7];
        parameters.extend([times.zone, Type::INT64]);
        TypingAnswer::Signature(Signature::new(&parameters, datetime_type(times, zone)))
    });
    let mut specs = vec![TypeSpec::Exact(Type::INT64); 7];
    specs.extend([TypeSpec::Exact(times.zone), TypeSpec::Exact(Type::INT64)]);
    registrar.lower_builtin(callable, specs, |b, signature, operands| {
        let fields = [0, 1, 2, 3, 4, 5, 6].map(|index| operands[index].value());
        let (offset, fold) = (operands[7].value(), operands[8].value());
        guard_field(b, fold, 0, 1, "fold must be either 0 or 1");
        let microseconds = local_microseconds(b, fields);
        let instant = instant(b, microseconds, offset);
        Ok(datetime_operand(signature.result, instant, offset, b))
    });
}

fn datetime_operand(ty: Type, instant: IrValue, offset: IrValue, b: &LowerContext<'_, '_>) -> Operand {
    match b.types.components(ty).len() {
        1 => Operand::scalar(ty, instant),
        _ => Operand::new(ty, &[instant, offset]),
    }
}

fn refused_field(call: &TypingContext<'_>, fields: &[Argument]) -> Option<TypingAnswer> {
    let wrong =
        |(argument, _): &(&Argument, &str)| argument.ty != Type::NONE && number_type(argument.ty) != Some(Type::INT64);
    let (argument, name) = fields.iter().zip(DATETIME_PARAMETERS).find(wrong)?;
    Some(wrong_type(call, argument, name, "an int"))
}

/// `replace(…)`: with the fields that are given, and the others as they are in local time.
fn register_replace(registrar: &mut Registrar<'_>, times: Times, ty: Type) {
    let constructor = registrar.types().definition(ty).constructor;
    let method = registrar.method(constructor, "replace");
    let names = ["self"].into_iter().chain(DATETIME_PARAMETERS);
    let parameters: Vec<_> = names
        .map(|name| match name {
            "self" => CallableParameter::required(name),
            _ => CallableParameter::with_default(name, Value::None),
        })
        .collect();
    registrar.parameters(method, parameters);
    registrar.type_callable(method, move |call| {
        let [_, fields @ .., zone] = call.arguments else {
            return TypingAnswer::No("it takes fields of a datetime".to_owned());
        };
        if let Some(answer) = refused_field(call, fields) {
            return answer;
        }
        let as_passed = |argument: &Argument| if argument.ty == Type::NONE { Type::NONE } else { Type::INT64 };
        let mut parameters = vec![ty];
        parameters.extend(fields.iter().map(as_passed));
        let result = match zone.ty {
            Type::NONE => ty,
            _ if zone.ty == times.zone => datetime_type(times, zone),
            _ => return wrong_type(call, zone, "tzinfo", "a timezone"),
        };
        parameters.push(zone.ty);
        TypingAnswer::Signature(Signature::new(&parameters, result))
    });
    registrar.lower_builtin(method, vec![TypeSpec::Any; 9], |b, signature, operands| {
        let (days, rest) = local_time(b, &operands[0]);
        let date = call(b, RuntimeFunction::DatetimeDate, &[days]);
        let second = 1_000_000_000;
        let parts = [
            quotient(b, date, 512),
            part(b, date, 512, 32),
            part(b, date, 32, 1),
            quotient(b, rest, 3_600 * second),
            part(b, rest, 3_600 * second, 60 * second),
            part(b, rest, 60 * second, second),
            part(b, rest, second, 1_000),
        ];
        let mut fields = parts;
        for (field, operand) in fields.iter_mut().zip(&operands[1..8]) {
            if let [given] = operand.values.as_slice() {
                *field = *given;
            }
        }
        let offset = match (operands[8].values.as_slice(), operands[0].values.as_slice()) {
            ([given], _) | ([], [_, given]) => *given,
            _ => b.int64(0),
        };
        let microseconds = local_microseconds(b, fields);
        let mut instant = instant(b, microseconds, offset);
        if operands[7].values.is_empty() {
            // What is less than a microsecond stays as well.
            let below = part(b, rest, 1_000, 1);
            instant = b.binary(BinaryOperation::IntegerAdd, instant, below);
        }
        Ok(datetime_operand(signature.result, instant, offset, b))
    });
}

fn guard_field(b: &mut LowerContext<'_, '_>, value: IrValue, lowest: i64, highest: i64, message: &str) {
    if b.integer_constant_of(value).is_some_and(|constant| (lowest..=highest).contains(&constant)) {
        return;
    }
    let lowest = b.int64(lowest);
    let highest = b.int64(highest);
    guard_between(b, value, lowest, highest, message);
}

fn guard_between(b: &mut LowerContext<'_, '_>, value: IrValue, lowest: IrValue, highest: IrValue, message: &str) {
    let not_below = b.integer_compare(IntegerCondition::SignedGreaterOrEqual, value, lowest);
    let not_above = b.integer_compare(IntegerCondition::SignedLessOrEqual, value, highest);
    let valid = both(b, not_below, not_above);
    b.guard(valid, NodeErrorKind::ValueError, message);
}

/// Microseconds since 1970 of year, month, day, hour, minute, second and microsecond, each checked.
fn local_microseconds(b: &mut LowerContext<'_, '_>, fields: [IrValue; 7]) -> IrValue {
    let [year, month, day, hour, minute, second, microsecond] = fields;
    guard_field(b, year, 1, 9999, "year is out of range");
    guard_field(b, month, 1, 12, "month must be in 1..12");
    let first = b.int64(1);
    let last = call(b, RuntimeFunction::DatetimeMonthLength, &[year, month]);
    guard_between(b, day, first, last, "day is out of range for month");
    guard_field(b, hour, 0, 23, "hour must be in 0..23");
    guard_field(b, minute, 0, 59, "minute must be in 0..59");
    guard_field(b, second, 0, 59, "second must be in 0..59");
    guard_field(b, microsecond, 0, 999_999, "microsecond must be in 0..999999");
    let days = call(b, RuntimeFunction::DatetimeDays, &[year, month, day]);
    let mut sum = microsecond;
    for (count, unit) in
        [(second, 1_000_000), (minute, 60_000_000), (hour, 3_600_000_000), (days, MICROSECONDS_PER_DAY)]
    {
        let unit = b.int64(unit);
        let part = b.binary(BinaryOperation::IntegerMultiply, count, unit);
        sum = b.binary(BinaryOperation::IntegerAdd, sum, part);
    }
    sum
}

/// Nanoseconds in UTC of microseconds of local time; the latter are far from the ends of 64 bits.
fn instant(b: &mut LowerContext<'_, '_>, local: IrValue, offset: IrValue) -> IrValue {
    let whole = quotient(b, offset, 1_000);
    let below = part(b, offset, 1_000, 1);
    let microseconds = b.binary(BinaryOperation::IntegerSubtract, local, whole);
    // Strictly above the lowest, so that an offset below a microsecond may be taken off.
    let lowest = b.integer_compare_constant(IntegerCondition::SignedGreater, microseconds, -LARGEST_MICROSECONDS);
    let highest = b.integer_compare_constant(IntegerCondition::SignedLessOrEqual, microseconds, LARGEST_MICROSECONDS);
    let fits = both(b, lowest, highest);
    b.guard(fits, NodeErrorKind::OverflowError, OUTSIDE_OF_INSTANTS);
    let unit = b.int64(1_000);
    let nanoseconds = b.binary(BinaryOperation::IntegerMultiply, microseconds, unit);
    b.binary(BinaryOperation::IntegerSubtract, nanoseconds, below)
}

fn register_timezone(registrar: &mut Registrar<'_>, times: Times, path: &str) {
    let callable = registrar.function(path);
    let parameters = [CallableParameter::required("offset"), CallableParameter::with_default("name", Value::None)];
    registrar.parameters(callable, parameters);
    registrar.type_callable(callable, move |call| {
        let [offset, name] = call.arguments else { return evaluated() };
        if is_constant(call) {
            return evaluated();
        }
        if offset.ty != times.timedelta {
            return wrong_type(call, offset, "offset", "a timedelta");
        }
        if ![Type::NONE, Type::TEXT].contains(&name.ty) {
            return wrong_type(call, name, "name", "a text");
        }
        TypingAnswer::Signature(Signature::new(&[times.timedelta, name.ty], times.zone))
    });
    let specs = [TypeSpec::Exact(times.timedelta), TypeSpec::Any];
    registrar.lower_builtin(callable, specs, |b, signature, operands| {
        let offset = operands[0].value();
        let largest = NANOSECONDS_PER_DAY - 1;
        let message = "offset must be a timedelta strictly between -timedelta(hours=24) and timedelta(hours=24)";
        guard_field(b, offset, -largest, largest, message);
        Ok(Operand::scalar(signature.result, offset))
    });
}

fn register_from_timestamp(registrar: &mut Registrar<'_>, times: Times, path: &str) {
    let callable = registrar.function(path);
    let parameters = [CallableParameter::required("timestamp"), CallableParameter::with_default("tz", Value::None)];
    registrar.parameters(callable, parameters);
    registrar.type_callable(callable, move |call| {
        let [timestamp, zone] = call.arguments else { return evaluated() };
        if is_constant(call) {
            return evaluated();
        }
        let Some(number) = number_type(timestamp.ty) else {
            return wrong_type(call, timestamp, "timestamp", "a number");
        };
        if zone.ty == Type::NONE {
            return without_zone(call, "tz");
        }
        if zone.ty != times.zone {
            return wrong_type(call, zone, "tz", "a timezone");
        }
        TypingAnswer::Signature(Signature::new(&[number, times.zone], datetime_type(times, zone)))
    });
    for (number, emitter) in
        [(Type::INT64, whole_seconds as fn(&mut LowerContext<'_, '_>, IrValue) -> _), (Type::FLOAT64, float_seconds)]
    {
        let specs = [TypeSpec::Exact(number), TypeSpec::Exact(times.zone)];
        registrar.lower_builtin(callable, specs, move |b, signature, operands| {
            let microseconds = emitter(b, operands[0].value());
            let utc = b.int64(0);
            let instant = instant(b, microseconds, utc);
            Ok(datetime_operand(signature.result, instant, operands[1].value(), b))
        });
    }
}

/// Fails where seconds are so many that their microseconds might overflow.
fn guard_seconds(b: &mut LowerContext<'_, '_>, seconds: IrValue) {
    const LIMIT: i64 = 1 << 40; // beyond all instants, as seconds
    let lowest = b.integer_compare_constant(IntegerCondition::SignedGreater, seconds, -LIMIT);
    let highest = b.integer_compare_constant(IntegerCondition::SignedLess, seconds, LIMIT);
    let fits = both(b, lowest, highest);
    b.guard(fits, NodeErrorKind::OverflowError, OUTSIDE_OF_INSTANTS);
}

fn whole_seconds(b: &mut LowerContext<'_, '_>, seconds: IrValue) -> IrValue {
    guard_seconds(b, seconds);
    let unit = b.int64(1_000_000);
    b.binary(BinaryOperation::IntegerMultiply, seconds, unit)
}

fn float_seconds(b: &mut LowerContext<'_, '_>, seconds: IrValue) -> IrValue {
    guard_finite(b, seconds);
    let whole = b.unary(UnaryOperation::FloatTruncate, seconds);
    let fraction = b.binary(BinaryOperation::FloatSubtract, seconds, whole);
    let unit = b.float64(1e6);
    let fraction = b.binary(BinaryOperation::FloatMultiply, fraction, unit);
    let fraction = b.unary(UnaryOperation::FloatNearest, fraction);
    let mut integer = |value| b.convert(ConvertOperation::FloatToSignedSaturating, value, Representation::I64);
    let (whole, fraction) = (integer(whole), integer(fraction));
    let microseconds = whole_seconds(b, whole);
    b.binary(BinaryOperation::IntegerAdd, microseconds, fraction)
}
