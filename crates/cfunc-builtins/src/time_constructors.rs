//! `datetime(…)`, `timedelta(…)` and `timezone(…)`, evaluated at compile time: exact to the nanosecond.

use cfunc_context::{FoldArguments, Registrar, RegistrationError};
use cfunc_models::Value;

use crate::time_zoned::{instant, offset_of, zone};

const NANOSECONDS_PER_MICROSECOND: i128 = 1_000;
const MICROSECONDS_PER_SECOND: i128 = 1_000_000;
const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;
const SECONDS_PER_DAY: i64 = 86_400;

/// Why a datetime needs a zone.
pub(crate) const WITHOUT_ZONE: &str = "a datetime without a time zone names no instant";

/// Of instants that 64 bits do not hold.
pub(crate) const OUTSIDE_OF_INSTANTS: &str =
    "the instant is outside of the years 1678 to 2261 that 64-bit nanoseconds hold";

/// Of durations that 64 bits do not hold.
pub(crate) const OUTSIDE_OF_DURATIONS: &str = "the duration is beyond the 292 years that 64-bit nanoseconds hold";

pub(crate) const DATETIME_PARAMETERS: [&str; 8] =
    ["year", "month", "day", "hour", "minute", "second", "microsecond", "tzinfo"];

/// The parameters of `timedelta` in order, with the microseconds of each.
pub(crate) const TIMEDELTA_PARAMETERS: [(&str, i128); 7] = [
    ("days", 86_400 * MICROSECONDS_PER_SECOND),
    ("seconds", MICROSECONDS_PER_SECOND),
    ("microseconds", 1),
    ("milliseconds", 1_000),
    ("minutes", 60 * MICROSECONDS_PER_SECOND),
    ("hours", 3_600 * MICROSECONDS_PER_SECOND),
    ("weeks", 7 * 86_400 * MICROSECONDS_PER_SECOND),
];

/// The order in which CPython adds the arguments up, which matters for the rounding of floats.
pub(crate) const SUMMATION_ORDER: [usize; 7] = [2, 3, 1, 4, 5, 0, 6];

type Constructor = fn(&FoldArguments<'_>) -> Result<Value, String>;

pub(crate) fn register(registrar: &mut Registrar<'_>) -> Result<(), RegistrationError> {
    let functions: [(&str, Constructor); 4] = [
        ("datetime", datetime),
        ("timedelta", timedelta),
        ("timezone", timezone),
        ("datetime.fromtimestamp", from_timestamp),
    ];
    for (name, function) in functions {
        for path in [name.to_owned(), format!("datetime.{name}")] {
            let callable = registrar.function(&path);
            registrar.fold(callable, function);
        }
    }
    for module in ["", "datetime."] {
        registrar.constant_name(&format!("{module}timezone.utc"), zone(0))?;
        registrar.constant_name(&format!("{module}timedelta.resolution"), Value::Timedelta(1_000))?;
    }
    registrar.constant_name("datetime.UTC", zone(0))
}

/// The arguments in the order of the parameters.
pub(crate) fn ordered<'a, const COUNT: usize>(
    function: &str,
    names: [&str; COUNT],
    arguments: &FoldArguments<'a>,
) -> Result<[Option<&'a Value>; COUNT], String> {
    let mut values = [None; COUNT];
    if arguments.positional.len() > COUNT {
        return Err(format!("{function} takes at most {COUNT} positional arguments"));
    }
    for (slot, value) in values.iter_mut().zip(arguments.positional) {
        *slot = Some(value);
    }
    for (keyword, value) in arguments.keywords {
        let Some(index) = names.iter().position(|name| **name == **keyword) else {
            return Err(format!("{function} has no parameter `{keyword}`"));
        };
        if values[index].replace(value).is_some() {
            return Err(format!("{function} is given `{keyword}` twice"));
        }
    }
    Ok(values)
}

fn timezone(arguments: &FoldArguments<'_>) -> Result<Value, String> {
    let [offset, name] = ordered("timezone", ["offset", "name"], arguments)?;
    if !matches!(name, None | Some(Value::None | Value::Text(_))) {
        return Err("the name of a timezone is a text".to_owned());
    }
    match offset {
        Some(Value::Timedelta(offset)) => {
            let day = i128::from(SECONDS_PER_DAY) * NANOSECONDS_PER_SECOND;
            if i128::from(*offset).abs() >= day {
                return Err("the offset of a timezone is less than a day".to_owned());
            }
            Ok(zone(*offset))
        }
        _ => Err("timezone takes an offset: timezone(timedelta(hours=2))".to_owned()),
    }
}

fn timedelta(arguments: &FoldArguments<'_>) -> Result<Value, String> {
    let values = ordered("timedelta", TIMEDELTA_PARAMETERS.map(|(name, _)| name), arguments)?;
    let mut microseconds = 0_i128;
    let mut broken = 0.0_f64;
    for index in SUMMATION_ORDER {
        let (name, factor) = TIMEDELTA_PARAMETERS[index];
        match values[index] {
            None => {}
            Some(Value::Integer(count)) => microseconds += i128::from(*count) * factor,
            Some(Value::Boolean(count)) => microseconds += i128::from(*count) * factor,
            Some(Value::Float(count)) => {
                let (whole, rest) = split_float(name, *count, factor)?;
                microseconds += whole;
                broken += rest;
            }
            Some(other) => return Err(format!("`{name}` of timedelta is a number, not {}", other.kind())),
        }
    }
    microseconds += round_half_even(broken, microseconds);
    i64::try_from(microseconds * NANOSECONDS_PER_MICROSECOND)
        .map(Value::Timedelta)
        .map_err(|_| OUTSIDE_OF_DURATIONS.to_owned())
}

/// A float of a unit as whole microseconds and the broken rest.
#[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
#[expect(clippy::cast_precision_loss, reason = "the factors are below 2**53")]
fn split_float(name: &str, count: f64, factor: i128) -> Result<(i128, f64), String> {
    // Below this, products of integers stay exact; beyond it no duration is in range.
    const LIMIT: f64 = 1e18;
    if count.is_nan() || count.abs() >= LIMIT {
        return Err(format!("`{name}` of timedelta is out of range"));
    }
    let whole = count.trunc() as i128 * factor;
    let broken = count.fract() * factor as f64;
    Ok((whole + broken.trunc() as i128, broken.fract()))
}

/// The broken microseconds as whole ones, such that half of one makes the sum even.
#[expect(clippy::cast_possible_truncation, reason = "at most one microsecond for each of seven arguments")]
fn round_half_even(broken: f64, microseconds: i128) -> i128 {
    let whole = broken.round();
    if (whole - broken).abs() == 0.5 {
        let odd = if microseconds % 2 == 0 { 0.0 } else { 1.0 };
        return (2.0 * ((broken + odd) * 0.5).round() - odd) as i128;
    }
    whole as i128
}

fn datetime(arguments: &FoldArguments<'_>) -> Result<Value, String> {
    // `fold` chooses between two readings of a local time; a fixed offset has one.
    let (positional, mut fold) = match arguments.positional {
        [before @ .., fold] if before.len() == DATETIME_PARAMETERS.len() => (before, Some(fold)),
        positional => (positional, None),
    };
    let keywords: Vec<_> = arguments
        .keywords
        .iter()
        .filter(|(name, value)| {
            let is_fold = **name == *"fold";
            if is_fold {
                fold = Some(value);
            }
            !is_fold
        })
        .cloned()
        .collect();
    if !matches!(fold, None | Some(Value::Integer(0 | 1) | Value::Boolean(_))) {
        return Err("`fold` of datetime is 0 or 1".to_owned());
    }
    let arguments = FoldArguments { positional, keywords: &keywords, exact: false };
    let values = ordered("datetime", DATETIME_PARAMETERS, &arguments)?;
    let mut fields = [0_i64; 7];
    for (index, field) in fields.iter_mut().enumerate() {
        let name = DATETIME_PARAMETERS[index];
        *field = match values[index] {
            Some(Value::Integer(value)) => *value,
            Some(Value::Boolean(value)) => i64::from(*value),
            Some(other) => return Err(format!("`{name}` of datetime is an integer, not {}", other.kind())),
            None if index < 3 => return Err(format!("datetime needs a {name}")),
            None => 0,
        };
    }
    let offset = offset_of_zone("tzinfo", values[7])?;
    let [year, month, day, hour, minute, second, microsecond] = fields;
    check(year, 1, 9999, "year is in 1..9999")?;
    check(month, 1, 12, "month is in 1..12")?;
    check(day, 1, days_in_month(year, month), "day is out of range for the month")?;
    check(hour, 0, 23, "hour is in 0..23")?;
    check(minute, 0, 59, "minute is in 0..59")?;
    check(second, 0, 59, "second is in 0..59")?;
    check(microsecond, 0, 999_999, "microsecond is in 0..999999")?;
    let seconds = days_since_1970(year, month, day) * SECONDS_PER_DAY + hour * 3_600 + minute * 60 + second;
    let nanoseconds = i128::from(seconds) * NANOSECONDS_PER_SECOND
        + i128::from(microsecond) * NANOSECONDS_PER_MICROSECOND
        - i128::from(offset);
    instant_of(nanoseconds, offset)
}

fn instant_of(nanoseconds: i128, offset: i64) -> Result<Value, String> {
    i64::try_from(nanoseconds)
        .map(|nanoseconds| instant(nanoseconds, offset))
        .map_err(|_| OUTSIDE_OF_INSTANTS.to_owned())
}

fn offset_of_zone(parameter: &str, value: Option<&Value>) -> Result<i64, String> {
    match value {
        None | Some(Value::None) => Err(format!("{WITHOUT_ZONE}; add `{parameter}=timezone.utc`")),
        Some(zone) => offset_of(zone)
            .ok_or_else(|| format!("`{parameter}` of datetime is `timezone.utc` or `timezone(timedelta(…))`")),
    }
}

/// The instant of seconds since 1970, in a zone; fractions are rounded to the microsecond, half to even.
fn from_timestamp(arguments: &FoldArguments<'_>) -> Result<Value, String> {
    let [timestamp, zone] = ordered("fromtimestamp", ["timestamp", "tz"], arguments)?;
    let offset = offset_of_zone("tz", zone)?;
    let microseconds = match timestamp {
        Some(Value::Integer(seconds)) => i128::from(*seconds) * MICROSECONDS_PER_SECOND,
        Some(Value::Boolean(seconds)) => i128::from(*seconds) * MICROSECONDS_PER_SECOND,
        #[expect(clippy::cast_possible_truncation, reason = "the range is checked")]
        Some(Value::Float(seconds)) if seconds.abs() < 1e12 => {
            let fraction = (seconds.fract() * 1e6).round_ties_even();
            seconds.trunc() as i128 * MICROSECONDS_PER_SECOND + fraction as i128
        }
        Some(Value::Float(_)) => return Err(OUTSIDE_OF_INSTANTS.to_owned()),
        _ => return Err("fromtimestamp takes a number of seconds".to_owned()),
    };
    instant_of(microseconds * NANOSECONDS_PER_MICROSECOND, offset)
}

fn check(value: i64, lowest: i64, highest: i64, message: &str) -> Result<(), String> {
    if (lowest..=highest).contains(&value) { Ok(()) } else { Err(format!("{message}, not {value}")) }
}

const fn is_leap_year(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

const fn days_in_month(year: i64, month: i64) -> i64 {
    match month {
        2 if is_leap_year(year) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01 to a date of the proleptic Gregorian calendar.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let past = year - 1;
    let leap_days = past.div_euclid(4) - past.div_euclid(100) + past.div_euclid(400);
    let months: i64 = (1..month).map(|month| days_in_month(year, month)).sum();
    const DAYS_BEFORE_1970: i64 = 719_162;
    past * 365 + leap_days + months + day - 1 - DAYS_BEFORE_1970
}
