//! Attributes and methods of times.

use cfunc_context::{LowerContext, Operand, Registrar};
use cfunc_ir::{BinaryOperation, Value};
use cfunc_models::{RuntimeFunction, Type};

use crate::emit::{UnaryEmitter, call, unary};
use crate::integer_division::{floor_divide, modulo};
use crate::time::{NANOSECONDS_PER_DAY, NANOSECONDS_PER_SECOND, Times};

const NANOSECONDS_PER_MICROSECOND: i64 = 1_000;
const NANOSECONDS_PER_MINUTE: i64 = 60 * NANOSECONDS_PER_SECOND;
const NANOSECONDS_PER_HOUR: i64 = 60 * NANOSECONDS_PER_MINUTE;

/// Computes a member of a datetime from the days since 1970 and the nanoseconds of the day, in local time.
type LocalEmitter = fn(&mut LowerContext<'_, '_>, Value, Value) -> Value;

pub(crate) fn register(registrar: &mut Registrar<'_>, times: Times) {
    let timedelta = registrar.types().definition(times.timedelta).constructor;
    let method = registrar.method(timedelta, "total_seconds");
    unary(registrar, method, times.timedelta, Type::FLOAT64, seconds);
    let attributes: [(&str, UnaryEmitter); 3] = [
        ("days", |b, time| quotient(b, time, NANOSECONDS_PER_DAY)),
        ("seconds", |b, time| part(b, time, NANOSECONDS_PER_DAY, NANOSECONDS_PER_SECOND)),
        ("microseconds", |b, time| part(b, time, NANOSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND)),
    ];
    for (name, emitter) in attributes {
        let attribute = registrar.attribute(timedelta, name);
        unary(registrar, attribute, times.timedelta, Type::INT64, emitter);
    }
    for ty in [times.datetime, times.zoned] {
        register_datetime(registrar, times, ty);
    }
    let zone = registrar.types().definition(times.zone).constructor;
    let method = registrar.method(zone, "utcoffset");
    for argument in [times.datetime, Type::NONE] {
        registrar.builtin(method, &[times.zone, argument], times.timedelta, |_b, signature, operands| {
            Ok(Operand::scalar(signature.result, operands[0].value()))
        });
    }
}

fn register_datetime(registrar: &mut Registrar<'_>, times: Times, ty: Type) {
    let constructor = registrar.types().definition(ty).constructor;
    let attributes: [(&str, LocalEmitter); 7] = [
        ("year", |b, days, _| {
            let date = call(b, RuntimeFunction::DatetimeDate, &[days]);
            quotient(b, date, 512)
        }),
        ("month", |b, days, _| {
            let date = call(b, RuntimeFunction::DatetimeDate, &[days]);
            part(b, date, 512, 32)
        }),
        ("day", |b, days, _| {
            let date = call(b, RuntimeFunction::DatetimeDate, &[days]);
            part(b, date, 32, 1)
        }),
        ("hour", |b, _, rest| quotient(b, rest, NANOSECONDS_PER_HOUR)),
        ("minute", |b, _, rest| part(b, rest, NANOSECONDS_PER_HOUR, NANOSECONDS_PER_MINUTE)),
        ("second", |b, _, rest| part(b, rest, NANOSECONDS_PER_MINUTE, NANOSECONDS_PER_SECOND)),
        ("microsecond", |b, _, rest| part(b, rest, NANOSECONDS_PER_SECOND, NANOSECONDS_PER_MICROSECOND)),
    ];
    let mut members: Vec<_> =
        attributes.map(|(name, emitter)| (registrar.attribute(constructor, name), emitter)).into();
    let methods: [(&str, LocalEmitter); 3] = [
        ("weekday", |b, days, _| weekday(b, days)),
        ("isoweekday", |b, days, _| {
            let weekday = weekday(b, days);
            plus(b, weekday, 1)
        }),
        ("toordinal", |b, days, _| plus(b, days, 719_163)),
    ];
    members.extend(methods.map(|(name, emitter)| (registrar.method(constructor, name), emitter)));
    for (callable, emitter) in members {
        registrar.builtin(callable, &[ty], Type::INT64, move |b, signature, operands| {
            let (days, rest) = local_time(b, &operands[0]);
            Ok(Operand::scalar(signature.result, emitter(b, days, rest)))
        });
    }
    let attribute = registrar.attribute(constructor, "fold");
    registrar
        .builtin(attribute, &[ty], Type::INT64, |b, signature, _| Ok(Operand::scalar(signature.result, b.int64(0))));

    let method = registrar.method(constructor, "timestamp");
    registrar.builtin(method, &[ty], Type::FLOAT64, |b, signature, operands| {
        let timestamp = seconds(b, operands[0].values[0]);
        Ok(Operand::scalar(signature.result, timestamp))
    });
    for (callable, result) in [
        (registrar.attribute(constructor, "tzinfo"), times.zone),
        (registrar.method(constructor, "utcoffset"), times.timedelta),
    ] {
        registrar.builtin(callable, &[ty], result, |b, signature, operands| {
            let offset = offset(b, &operands[0]);
            Ok(Operand::scalar(signature.result, offset))
        });
    }
    let method = registrar.method(constructor, "astimezone");
    registrar.builtin(method, &[ty, times.zone], times.zoned, |_b, signature, operands| {
        Ok(Operand::new(signature.result, &[operands[0].values[0], operands[1].value()]))
    });
}

/// The offset of the local time of a datetime.
fn offset(b: &mut LowerContext<'_, '_>, datetime: &Operand) -> Value {
    match datetime.values.as_slice() {
        [_, offset] => *offset,
        _ => b.int64(0),
    }
}

/// Days since 1970 and nanoseconds of the day, which do not overflow where the sum of instant and offset would.
pub(crate) fn local_time(b: &mut LowerContext<'_, '_>, datetime: &Operand) -> (Value, Value) {
    let instant = datetime.values[0];
    let days = quotient(b, instant, NANOSECONDS_PER_DAY);
    let rest = part(b, instant, NANOSECONDS_PER_DAY, 1);
    let offset = offset(b, datetime);
    if b.integer_constant_of(offset) == Some(0) {
        return (days, rest);
    }
    let moved = b.binary(BinaryOperation::IntegerAdd, rest, offset);
    let carried = quotient(b, moved, NANOSECONDS_PER_DAY);
    let days = b.binary(BinaryOperation::IntegerAdd, days, carried);
    let rest = part(b, moved, NANOSECONDS_PER_DAY, 1);
    (days, rest)
}

fn weekday(b: &mut LowerContext<'_, '_>, days: Value) -> Value {
    // The first day of 1970 was a Thursday.
    let days = plus(b, days, 3);
    part(b, days, 7, 1)
}

fn plus(b: &mut LowerContext<'_, '_>, value: Value, constant: i64) -> Value {
    let constant = b.int64(constant);
    b.binary(BinaryOperation::IntegerAdd, value, constant)
}

fn seconds(b: &mut LowerContext<'_, '_>, time: Value) -> Value {
    let unit = b.int64(NANOSECONDS_PER_SECOND);
    call(b, RuntimeFunction::IntegerQuotient, &[time, unit])
}

pub(crate) fn quotient(b: &mut LowerContext<'_, '_>, time: Value, unit: i64) -> Value {
    let unit = b.int64(unit);
    floor_divide(b, time, unit)
}

/// How many of a unit are in what is left of whole cycles.
pub(crate) fn part(b: &mut LowerContext<'_, '_>, time: Value, cycle: i64, unit: i64) -> Value {
    let cycle = b.int64(cycle);
    let rest = modulo(b, time, cycle);
    if unit == 1 { rest } else { quotient(b, rest, unit) }
}
