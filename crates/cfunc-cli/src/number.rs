//! Numbers as text, as Python prints and reads them.

/// Appends the shortest digits that read back as the same double, in the form of Python's `repr`.
pub(crate) fn write_float(value: f64, output: &mut Vec<u8>) {
    if value.is_nan() {
        output.extend_from_slice(b"nan");
    } else if value.is_infinite() {
        output.extend_from_slice(if value > 0.0 { b"inf".as_slice() } else { b"-inf" });
    } else {
        let mut buffer = zmij::Buffer::new();
        let text = buffer.format_finite(value);
        if value != 0.0 && value.abs() < 1e-4 {
            write_small(text, output)
        } else {
            output.extend_from_slice(text.as_bytes())
        }
    }
}

/// Below 0.0001 Python has changed to exponents already, of two digits at least.
fn write_small(text: &str, output: &mut Vec<u8>) {
    let (sign, magnitude) = text.strip_prefix('-').map_or(("", text), |magnitude| ("-", magnitude));
    output.extend_from_slice(sign.as_bytes());
    if let Some((first, rest)) = magnitude.strip_prefix("0.0000").and_then(|digits| digits.split_at_checked(1)) {
        output.extend_from_slice(first.as_bytes());
        if !rest.is_empty() {
            output.push(b'.');
            output.extend_from_slice(rest.as_bytes());
        }
        output.extend_from_slice(b"e-05");
    } else if let Some((digits, exponent)) = magnitude.split_once("e-") {
        output.extend_from_slice(digits.as_bytes());
        output.extend_from_slice(if exponent.len() < 2 { b"e-0" } else { b"e-" });
        output.extend_from_slice(exponent.as_bytes());
    } else {
        output.extend_from_slice(magnitude.as_bytes());
    }
}

/// Appends an integer.
pub(crate) fn write_integer(value: i64, output: &mut Vec<u8>) {
    output.extend_from_slice(itoa::Buffer::new().format(value).as_bytes());
}

/// Reads a double; `nan`, `inf` and `infinity` in any case are doubles too.
pub(crate) fn parse_float(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Reads a decimal integer with an optional sign.
pub(crate) fn parse_integer(text: &[u8]) -> Result<i64, IntegerProblem> {
    let (negative, digits) = match text {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] => (false, digits),
        digits => (false, digits),
    };
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return Err(IntegerProblem::Form);
    }
    // Counted downwards, since the smallest integer has no positive counterpart.
    let mut value = 0i64;
    for digit in digits {
        value = value
            .checked_mul(10)
            .and_then(|value| value.checked_sub(i64::from(digit - b'0')))
            .ok_or(IntegerProblem::Range)?;
    }
    if negative { Ok(value) } else { value.checked_neg().ok_or(IntegerProblem::Range) }
}

/// Why a text is not an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum IntegerProblem {
    /// It is not a decimal integer.
    Form,
    /// It does not fit 64 bits.
    Range,
}

/// Reads a truth value: `true`, `false` (also as Python and spreadsheets write them), `1`, `0`.
pub(crate) fn parse_boolean(text: &[u8]) -> Option<bool> {
    match text {
        b"true" | b"True" | b"TRUE" | b"1" => Some(true),
        b"false" | b"False" | b"FALSE" | b"0" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::process::{Command, Stdio};

    use super::{IntegerProblem, parse_boolean, parse_float, parse_integer, write_float};

    fn float(value: f64) -> String {
        let mut text = Vec::new();
        write_float(value, &mut text);
        String::from_utf8(text).expect("numbers are ASCII")
    }

    #[test]
    fn floats_print_as_in_python() {
        for (value, text) in [
            (1.0, "1.0"),
            (-0.0, "-0.0"),
            (0.1, "0.1"),
            (1e16, "1e+16"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1.5e16, "1.5e+16"),
            (0.0001, "0.0001"),
            (0.00001, "1e-05"),
            (1.25e-5, "1.25e-05"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (f64::NAN, "nan"),
            (f64::NEG_INFINITY, "-inf"),
        ] {
            assert_eq!(float(value), text);
        }
    }

    /// Doubles of every exponent, printed by Python and by us.
    #[test]
    fn many_floats_print_as_in_python() {
        let mut values = Vec::new();
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        for exponent in 0..2047u64 {
            for _ in 0..4 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                values.push(f64::from_bits((exponent << 52) | (state >> 12) | (state & (1 << 63))));
            }
            values.push(f64::from_bits(exponent << 52));
        }
        values.extend((-30..30).map(|power| 10f64.powi(power)));
        let mut python = Command::new("python3")
            .args(["-c", "import sys, struct\nfor line in sys.stdin: print(repr(struct.unpack('<d', struct.pack('<Q', int(line)))[0]))"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("python3 is needed by the tests");
        let bits: String = values.iter().map(|value| format!("{}\n", value.to_bits())).collect();
        let mut input = python.stdin.take().expect("standard input is a pipe");
        let writer = std::thread::spawn(move || input.write_all(bits.as_bytes()));
        let output = python.wait_with_output().expect("python3 ran");
        writer.join().expect("the writer ran").expect("python3 reads its input");
        let text = String::from_utf8(output.stdout).expect("ASCII");
        assert_eq!(text.lines().count(), values.len());
        for (line, value) in text.lines().zip(&values) {
            assert_eq!(float(*value), line);
        }
    }

    #[test]
    fn integers() {
        assert_eq!(parse_integer(b"42"), Ok(42));
        assert_eq!(parse_integer(b"+7"), Ok(7));
        assert_eq!(parse_integer(b"-9223372036854775808"), Ok(i64::MIN));
        assert_eq!(parse_integer(b"9223372036854775807"), Ok(i64::MAX));
        assert_eq!(parse_integer(b"9223372036854775808"), Err(IntegerProblem::Range));
        for text in ["", "-", "1.0", "1e3", "0x10", "1_000", " 1"] {
            assert_eq!(parse_integer(text.as_bytes()), Err(IntegerProblem::Form), "{text}");
        }
    }

    #[test]
    fn other_cells() {
        assert_eq!(parse_float(b"1.5e3"), Some(1500.0));
        assert_eq!(parse_float(b"-inf"), Some(f64::NEG_INFINITY));
        assert!(parse_float(b"nan").is_some_and(f64::is_nan));
        assert_eq!(parse_float(b"1,5"), None);
        assert_eq!(parse_float(b""), None);
        assert_eq!(parse_float(b"\xff"), None);
        assert_eq!(parse_boolean(b"true"), Some(true));
        assert_eq!(parse_boolean(b"0"), Some(false));
        assert_eq!(parse_boolean(b"yes"), None);
    }
}
