//! When a value that came out counts as the expected one.

use cfunc_compiler::Value;

/// How far a float may be off; every other value must be the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tolerance {
    /// The same bits, where any nan is any other.
    Exact,
    /// At most so many doubles away.
    UnitsInLastPlace(u64),
}

impl Tolerance {
    /// Reads `exact` or `ulp:N`.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.strip_prefix("ulp:") {
            Some(count) => {
                count.parse().map(Self::UnitsInLastPlace).map_err(|_| format!("compare: `{text}` is not known"))
            }
            None if text == "exact" => Ok(Self::Exact),
            None => Err(format!("compare: `{text}` is not known")),
        }
    }

    /// Whether two values agree. Integers and times are compared by their count, since the kinds of the slots are
    /// compared apart.
    pub(super) fn agree(self, expected: &Value, got: &Value) -> bool {
        match (expected, got) {
            (Value::Float(expected), Value::Float(got)) => self.floats_agree(*expected, *got),
            _ => match (count(expected), count(got)) {
                (Some(expected), Some(got)) => expected == got,
                _ => expected.same_bits(got),
            },
        }
    }

    fn floats_agree(self, expected: f64, got: f64) -> bool {
        if expected.is_nan() || got.is_nan() {
            return expected.is_nan() && got.is_nan();
        }
        match self {
            Self::Exact => expected.to_bits() == got.to_bits(),
            Self::UnitsInLastPlace(limit) => ordinal(expected).abs_diff(ordinal(got)) <= limit,
        }
    }
}

fn count(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(value) | Value::Datetime(value) | Value::Timedelta(value) => Some(*value),
        _ => None,
    }
}

/// The position of a double among all doubles by size; both zeros are at 0.
fn ordinal(value: f64) -> i64 {
    let magnitude = (value.to_bits() & !(1 << 63)).cast_signed();
    if value.is_sign_negative() { -magnitude } else { magnitude }
}

#[cfg(test)]
mod tests {
    use super::Tolerance;
    use cfunc_compiler::Value;

    #[test]
    fn tolerances_parse() {
        assert_eq!(Tolerance::parse("exact"), Ok(Tolerance::Exact));
        assert_eq!(Tolerance::parse("ulp:4"), Ok(Tolerance::UnitsInLastPlace(4)));
        for text in ["", "ulp", "ulp:", "ulp:-1", "Exact"] {
            assert!(Tolerance::parse(text).is_err(), "{text}");
        }
    }

    #[test]
    fn values_agree() {
        let float = |value| Value::Float(value);
        let (exact, two) = (Tolerance::Exact, Tolerance::UnitsInLastPlace(2));
        let next = 1.0f64.next_up();
        for (tolerance, expected, got, agree) in [
            (exact, float(1.0), float(1.0), true),
            (exact, float(1.0), float(next), false),
            (exact, float(0.0), float(-0.0), false),
            (exact, float(f64::NAN), float(-f64::NAN), true),
            (two, float(1.0), float(next.next_up()), true),
            (two, float(1.0), float(next.next_up().next_up()), false),
            (two, float(f64::from_bits(1)), float(-f64::from_bits(1)), true),
            (two, float(f64::MAX), float(f64::NAN), false),
            (two, float(f64::MAX), float(f64::INFINITY), true),
            (exact, Value::Integer(1), float(1.0), false),
            (exact, Value::Integer(1), Value::Boolean(true), false),
            (exact, Value::Boolean(true), Value::Boolean(true), true),
            (exact, Value::Datetime(3), Value::Datetime(3), true),
            (exact, Value::Datetime(3), Value::Datetime(4), false),
            (two, Value::Integer(3), Value::Integer(4), false),
        ] {
            assert_eq!(tolerance.agree(&expected, &got), agree, "{expected} {got}");
        }
    }
}
