//! Times as people write them: instants as nanoseconds since 1970-01-01T00:00:00 UTC, durations as nanoseconds.

use jiff::civil::DateTime;
use jiff::fmt::strtime::BrokenDownTime;
use jiff::fmt::temporal::{DateTimeParser, DateTimePrinter};
use jiff::tz::Offset;
use jiff::{Timestamp, Zoned};

const PARSER: DateTimeParser = DateTimeParser::new();
const PRINTER: DateTimePrinter = DateTimePrinter::new();

const NANOSECONDS_PER_SECOND: i128 = 1_000_000_000;

/// Why a text is not a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TimeProblem {
    /// It is not in the expected form.
    Form,
    /// It is a time, but not between the years 1677 and 2262, where nanoseconds fit 64 bits.
    Range,
}

/// The format that `--time-format` names, with the directives of strptime.
#[derive(Clone, Debug)]
pub(crate) struct TimeFormat {
    text: String,
}

impl TimeFormat {
    /// Checks that the format has no unknown directive and says year, month and day.
    pub(crate) fn new(text: &str) -> Result<Self, String> {
        // An instant whose every field differs from its default, so that reading it back shows what is missing.
        let sample = Timestamp::from_second(1_004_665_445).map_err(|error| error.to_string())?;
        let sample = Zoned::new(sample, jiff::tz::TimeZone::UTC);
        let printed = jiff::fmt::strtime::format(text, &sample)
            .map_err(|error| format!("`{text}` is not a time format: {error}"))?;
        let format = Self { text: text.to_owned() };
        let read = BrokenDownTime::parse(text, &printed)
            .and_then(|time| format.instant(&time))
            .map_err(|error| format!("`{text}` does not name an instant: {error}"))?;
        if read.strftime("%F").to_string() != sample.strftime("%F").to_string() {
            return Err(format!("`{text}` does not name a day: a format needs year, month and day"));
        }
        Ok(format)
    }

    /// The format as given.
    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Nanoseconds of a text in this format; without an offset in the format, the text is in UTC.
    pub(crate) fn parse(&self, text: &[u8]) -> Result<i64, TimeProblem> {
        let time = BrokenDownTime::parse(&self.text, text).map_err(|_| TimeProblem::Form)?;
        nanoseconds(self.instant(&time).map_err(|_| TimeProblem::Form)?)
    }

    fn instant(&self, time: &BrokenDownTime) -> Result<Timestamp, jiff::Error> {
        if time.offset().is_some() || time.timestamp().is_some() {
            return time.to_timestamp();
        }
        Offset::UTC.to_timestamp(time.to_datetime()?)
    }
}

/// Nanoseconds of an ISO 8601 date or date and time; without an offset it is in UTC.
pub(crate) fn parse_iso(text: &[u8]) -> Result<i64, TimeProblem> {
    let separator = text.iter().position(|byte| matches!(byte, b'T' | b't' | b' '));
    let has_offset =
        separator.is_some_and(|index| text[index..].iter().any(|byte| matches!(byte, b'Z' | b'z' | b'+' | b'-')));
    // An annotation such as [Europe/Berlin] is not ISO 8601, and this build knows no time zones.
    if text.contains(&b'[') {
        return Err(TimeProblem::Form);
    }
    let timestamp = if has_offset {
        PARSER.parse_timestamp(text).map_err(|_| TimeProblem::Form)?
    } else {
        let civil: DateTime = PARSER.parse_datetime(text).map_err(|_| TimeProblem::Form)?;
        Offset::UTC.to_timestamp(civil).map_err(|_| TimeProblem::Range)?
    };
    nanoseconds(timestamp)
}

fn nanoseconds(timestamp: Timestamp) -> Result<i64, TimeProblem> {
    i64::try_from(timestamp.as_nanosecond()).map_err(|_| TimeProblem::Range)
}

/// Appends an instant as ISO 8601 in UTC, with as many digits of the second as it needs.
pub(crate) fn write_instant(nanoseconds: i64, output: &mut Vec<u8>) {
    match Timestamp::from_nanosecond(i128::from(nanoseconds)) {
        // Writing to a vector cannot fail, and every i64 of nanoseconds is within jiff's years.
        Ok(timestamp) => PRINTER.print_timestamp(&timestamp, output).unwrap_or_default(),
        Err(_) => output.extend_from_slice(nanoseconds.to_string().as_bytes()),
    }
}

/// Year, month, day, hour, minute, second and microsecond of an instant in UTC.
pub(crate) fn civil(nanoseconds: i64) -> [i64; 7] {
    // Every i64 of nanoseconds is within jiff's years.
    let instant = Timestamp::from_nanosecond(i128::from(nanoseconds)).unwrap_or_default();
    let time = Offset::UTC.to_datetime(instant);
    let parts = [time.month(), time.day(), time.hour(), time.minute(), time.second()].map(i64::from);
    let [month, day, hour, minute, second] = parts;
    [time.year().into(), month, day, hour, minute, second, i64::from(time.subsec_nanosecond()) / 1_000]
}

/// Nanoseconds of a duration: one or more decimal numbers with a unit each (`5s`, `250ms`, `1h30m`, `-1.5d`).
///
/// Units are `w`, `d`, `h`, `m` or `min`, `s`, `ms`, `us`, `ns`. `None` where the text is not a duration, is finer than a
/// nanosecond, or does not fit 64 bits.
pub(crate) fn parse_duration(text: &str) -> Option<i64> {
    let (negative, mut rest) = sign(text);
    let mut total = 0i128;
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let number =
            rest.len() - rest.trim_start_matches(|letter: char| letter.is_ascii_digit() || letter == '.').len();
        let (amount, after) = rest.split_at(number);
        let letters =
            after.len() - after.trim_start_matches(|letter: char| !letter.is_ascii_digit() && letter != '.').len();
        let (unit, after) = after.split_at(letters);
        let unit = match unit.trim() {
            "w" => 7 * 86_400 * NANOSECONDS_PER_SECOND,
            "d" => 86_400 * NANOSECONDS_PER_SECOND,
            "h" => 3_600 * NANOSECONDS_PER_SECOND,
            "m" | "min" => 60 * NANOSECONDS_PER_SECOND,
            "s" => NANOSECONDS_PER_SECOND,
            "ms" => 1_000_000,
            "us" | "µs" | "μs" => 1_000,
            "ns" => 1,
            _ => return None,
        };
        total = total.checked_add(decimal(amount, unit)?)?;
        rest = after;
    }
    i64::try_from(if negative { -total } else { total }).ok()
}

/// Nanoseconds of a plain decimal number of seconds.
pub(crate) fn parse_seconds(text: &str) -> Option<i64> {
    let (negative, rest) = sign(text);
    let total = decimal(rest, NANOSECONDS_PER_SECOND)?;
    i64::try_from(if negative { -total } else { total }).ok()
}

fn sign(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

/// A decimal number times a unit, where that is a whole number.
fn decimal(text: &str, unit: i128) -> Option<i128> {
    const MOST_DIGITS: usize = 30;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    let digits_only = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits_only(whole) || !digits_only(fraction) {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    if whole.len() > MOST_DIGITS || fraction.len() > MOST_DIGITS {
        return None;
    }
    let number = |text: &str| if text.is_empty() { Some(0) } else { text.parse::<i128>().ok() };
    let scale = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let scaled = number(fraction)?.checked_mul(unit)?;
    if scaled % scale != 0 {
        return None;
    }
    number(whole)?.checked_mul(unit)?.checked_add(scaled / scale)
}

/// Appends a duration as seconds, with as many digits as it needs: `1.5s`.
pub(crate) fn write_duration(nanoseconds: i64, output: &mut Vec<u8>) {
    let magnitude = nanoseconds.unsigned_abs();
    let (seconds, fraction) = (magnitude / 1_000_000_000, magnitude % 1_000_000_000);
    if nanoseconds < 0 {
        output.push(b'-');
    }
    output.extend_from_slice(itoa::Buffer::new().format(seconds).as_bytes());
    if fraction != 0 {
        output.push(b'.');
        let digits = format!("{fraction:09}");
        output.extend_from_slice(digits.trim_end_matches('0').as_bytes());
    }
    output.push(b's');
}

#[cfg(test)]
mod tests {
    use super::{TimeFormat, TimeProblem, parse_duration, parse_iso, parse_seconds, write_duration, write_instant};

    fn instant(nanoseconds: i64) -> String {
        let mut text = Vec::new();
        write_instant(nanoseconds, &mut text);
        String::from_utf8(text).expect("times are ASCII")
    }

    fn duration(nanoseconds: i64) -> String {
        let mut text = Vec::new();
        write_duration(nanoseconds, &mut text);
        String::from_utf8(text).expect("durations are ASCII")
    }

    #[test]
    fn iso_times() {
        for (text, expected) in [
            ("1970-01-01", 0),
            ("1970-01-01T00:00:01Z", 1_000_000_000),
            ("1970-01-01 00:00:01", 1_000_000_000),
            ("1970-01-01T00:00:00.000000001", 1),
            ("1970-01-01T01:00:00+01:00", 0),
            ("1969-12-31T23:59:59.5Z", -500_000_000),
            ("2020-01-01T00:00:00-05:00", 1_577_854_800_000_000_000),
            ("19700102", 86_400_000_000_000),
        ] {
            assert_eq!(parse_iso(text.as_bytes()), Ok(expected), "{text}");
        }
        for text in
            ["", "x", "1970-13-01", "1970-02-30", "1970-01-01T00:00:00[Europe/Berlin]", "1970-01-01T", "1/4/1999"]
        {
            assert_eq!(parse_iso(text.as_bytes()), Err(TimeProblem::Form), "{text}");
        }
        assert_eq!(parse_iso(b"1600-01-01"), Err(TimeProblem::Range));
        assert_eq!(parse_iso(b"2300-01-01T00:00:00Z"), Err(TimeProblem::Range));
    }

    #[test]
    fn instants_print_and_read_back() {
        assert_eq!(instant(0), "1970-01-01T00:00:00Z");
        assert_eq!(instant(915_408_000_000_000_000), "1999-01-04T00:00:00Z");
        assert_eq!(instant(500_000_000), "1970-01-01T00:00:00.5Z");
        assert_eq!(instant(-1), "1969-12-31T23:59:59.999999999Z");
        for nanoseconds in [i64::MIN, -1, 0, 1, 123_456_789, i64::MAX] {
            assert_eq!(parse_iso(instant(nanoseconds).as_bytes()), Ok(nanoseconds));
        }
    }

    #[test]
    fn formats() {
        let format = TimeFormat::new("%m/%d/%Y").expect("a format");
        assert_eq!(format.parse(b"1/4/1999"), Ok(915_408_000_000_000_000));
        assert_eq!(format.parse(b"01/04/1999"), Ok(915_408_000_000_000_000));
        assert_eq!(format.parse(b"1999-01-04"), Err(TimeProblem::Form));
        assert_eq!(format.parse(b"1/4/1999 "), Err(TimeProblem::Form));
        assert_eq!(format.parse(b"1/4/1500"), Err(TimeProblem::Range));
        let format = TimeFormat::new("%Y-%m-%d %H:%M:%S%z").expect("a format");
        assert_eq!(format.parse(b"1970-01-01 01:00:00+0100"), Ok(0));
        let format = TimeFormat::new("%s").expect("a format");
        assert_eq!(format.parse(b"12"), Ok(12_000_000_000));
        for text in ["%H:%M", "%!", "abc", "%Y", ""] {
            assert!(TimeFormat::new(text).is_err(), "{text}");
        }
    }

    #[test]
    fn durations() {
        for (text, expected) in [
            ("5s", Some(5_000_000_000)),
            ("250ms", Some(250_000_000)),
            ("2h", Some(7_200_000_000_000)),
            ("1d", Some(86_400_000_000_000)),
            ("-1.5s", Some(-1_500_000_000)),
            ("1h30m", Some(5_400_000_000_000)),
            ("1h 30min", Some(5_400_000_000_000)),
            ("3ns", Some(3)),
            ("0.5us", Some(500)),
            ("0.5ns", None),
            ("5", None),
            ("s", None),
            ("", None),
            ("-", None),
            ("1.2.3s", None),
            ("5x", None),
            ("1000000w", None),
            ("99999999999999999999999999999999999999999s", None),
        ] {
            assert_eq!(parse_duration(text), expected, "{text}");
        }
        assert_eq!(parse_seconds("1.5"), Some(1_500_000_000));
        assert_eq!(parse_seconds("-2"), Some(-2_000_000_000));
        assert_eq!(parse_seconds("1e3"), None);
        assert_eq!(parse_seconds("."), None);
    }

    #[test]
    fn durations_print_and_read_back() {
        for (nanoseconds, text) in [
            (1_500_000_000, "1.5s"),
            (0, "0s"),
            (-250_000_000, "-0.25s"),
            (1, "0.000000001s"),
            (i64::MIN, "-9223372036.854775808s"),
        ] {
            assert_eq!(duration(nanoseconds), text);
            assert_eq!(parse_duration(text), Some(nanoseconds));
        }
    }
}
